//! Comparing any candidate of any kind: no panic, and what is drawn covers both strings.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use touchstone_lookalike::{Background, Index, Kind, Official, Scratch};

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let official = |kind, text: &str| Official { brand: "tallowpay".into(), kind, text: text.into() };
    let officials = [
        official(Kind::DisplayName, "Tallowpay Support"),
        official(Kind::DisplayName, "塔罗支付客服"),
        official(Kind::Handle, "tallowpay"),
        official(Kind::Domain, "tallowpay.com"),
        official(Kind::Email, "help@tallowpay.com"),
        official(Kind::Phone, "+44 20 7946 0123"),
        official(Kind::Address, "0x52908400098527886E0F7030069857D2E4169EE7"),
        official(Kind::Package, "com.tallowpay.wallet"),
    ];
    Index::build(officials, &Background::new())
});

const KINDS: [Kind; 9] = [
    Kind::Handle,
    Kind::DisplayName,
    Kind::Domain,
    Kind::Url,
    Kind::Email,
    Kind::Phone,
    Kind::Address,
    Kind::Package,
    Kind::Avatar,
];

fuzz_target!(|input: (u8, &str)| {
    let kind = KINDS[usize::from(input.0) % KINDS.len()];
    let candidate = input.1;
    let mut scratch = Scratch::default();
    if let Some(found) = INDEX.closest(candidate, kind, &mut scratch) {
        let drawn = INDEX.align(candidate, kind, &found);
        let right: String = drawn.iter().map(|it| it.candidate.as_str()).collect();
        assert_eq!(right, candidate);
    }
});
