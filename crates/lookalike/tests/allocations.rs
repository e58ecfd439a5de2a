//! Comparing a name costs no allocation once the buffers are warm.
//!
//! In a test binary of its own, because the counting allocator counts for the whole process.

#![allow(clippy::unwrap_used)] // A test that cannot go on has failed.

use touchstone_lookalike::{Background, Index, Kind, Official, Scratch};

#[test]
fn a_candidate_costs_no_allocation_after_warm_up() {
    let officials = [
        (Kind::DisplayName, "Tallowpay"),
        (Kind::Domain, "tallowpay.com"),
        (Kind::DisplayName, "塔罗支付"),
        (Kind::Package, "com.tallowpay.wallet"),
        (Kind::Phone, "+44 20 7946 0123"),
        (Kind::Address, "0x52908400098527886E0F7030069857D2E4169EE7"),
    ];
    let officials = officials.map(|(kind, text)| Official { brand: "t".into(), kind, text: text.into() });
    let index = Index::build(officials, &Background::new());
    let candidates = [
        (Kind::Handle, "maria.lopez"),
        (Kind::DisplayName, "Tal1owpay Support"),
        (Kind::DisplayName, "王小明"),
        (Kind::DisplayName, "塔罗支副客服"),
        (Kind::DisplayName, "Tаllowpаy"),
        (Kind::DisplayName, "ʎɐdʍoןןɐʇ"),
        (Kind::Domain, "quiet-river.co.uk"),
        (Kind::Domain, "tallowpay-help.com"),
        (Kind::Url, "https://user@tallowpay.com.login-check.xyz/view/one?two"),
        (Kind::Email, "Tallowpay Help <desk@quiet-river.example>"),
        (Kind::Email, "maria.lopez@gmail.com"),
        (Kind::Package, "com.tal1owpay.wallet"),
        (Kind::Address, "0x52908aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa69EE7"),
    ];
    let mut scratch = Scratch::default();
    for (kind, candidate) in candidates {
        index.closest(candidate, kind, &mut scratch);
    }
    for (kind, candidate) in candidates {
        let counted = allocation_counter::measure(|| {
            index.closest(candidate, kind, &mut scratch);
        });
        assert_eq!(counted.count_total, 0, "{kind:?} {candidate}");
    }
}
