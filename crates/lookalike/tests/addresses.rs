//! Addresses that agree with an official one where people look.

#![allow(clippy::unwrap_used)] // Helpers of tests.

use touchstone_lookalike::{Background, Index, Kind, Official, Scratch, Techniques, Tier};

const HEX: &[u8] = b"0123456789abcdef";
const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// What addresses begin with, their letters, and how many follow.
const CHAINS: [(&str, &str, &[u8], usize); 6] = [
    ("Ethereum", "0x", HEX, 40),
    ("Tron", "T", BASE58, 33),
    ("Bitcoin, base58", "1", BASE58, 33),
    ("Bitcoin, bech32", "bc1q", BECH32, 38),
    ("Solana", "", BASE58, 44),
    ("Cosmos", "cosmos1", BECH32, 38),
];

/// The characters of an address from a counter: the same ones every time.
fn body(letters: &[u8], length: usize, number: u64) -> Vec<u8> {
    let mut state = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x1234_5678;
    let mut next = || {
        state = (state ^ state >> 29).wrapping_mul(0xD6E8_FEB8_6659_FD93).wrapping_add(1);
        letters[(state >> 33) as usize % letters.len()]
    };
    (0..length).map(|_| next()).collect()
}

fn written(start: &str, body: &[u8]) -> String {
    format!("{start}{}", std::str::from_utf8(body).unwrap())
}

fn index(start: &str, letters: &[u8], length: usize, officials: u64) -> Index {
    let official = |number| Official {
        brand: "it".into(),
        kind: Kind::Address,
        text: written(start, &body(letters, length, number)).into(),
    };
    Index::build((0..officials).map(official), &Background::new())
}

/// Another address with the first `head` and the last `tail` characters of this one.
fn poison(letters: &[u8], original: &[u8], head: usize, tail: usize) -> Vec<u8> {
    let next = |it: u8| letters[(letters.iter().position(|b| *b == it).unwrap() + 5) % letters.len()];
    let end = original.len() - tail;
    let changed = |(at, it): (usize, &u8)| if (head..end).contains(&at) { next(*it) } else { *it };
    original.iter().enumerate().map(changed).collect()
}

fn tier(index: &Index, candidate: &str) -> Option<Tier> {
    index.closest(candidate, Kind::Address, &mut Scratch::default()).map(|it| it.tier)
}

#[test]
fn the_same_ends_are_seen_on_every_chain() {
    for (chain, start, letters, length) in CHAINS {
        let index = index(start, letters, length, 10_000);
        for number in (0..10_000).step_by(397) {
            let original = body(letters, length, number);
            for (head, tail) in [(4, 4), (5, 5), (6, 4), (8, 0), (0, 8), (12, 3)] {
                let candidate = written(start, &poison(letters, &original, head, tail));
                assert_eq!(tier(&index, &candidate), Some(Tier::Act), "{chain} {head}+{tail} {candidate}");
            }
            let least = written(start, &poison(letters, &original, 3, 4));
            assert!(tier(&index, &least).is_some(), "{chain} 3+4 {least}");
            let mut one_off = original.clone();
            one_off[length / 2] = poison(letters, &original, 0, 0)[length / 2];
            assert_eq!(
                tier(&index, &written(start, &one_off)),
                Some(Tier::Act),
                "{chain}, one character off"
            );
        }
    }
}

#[test]
fn chance_agreement_is_no_alarm_on_any_chain() {
    for (chain, start, letters, length) in CHAINS {
        let index = index(start, letters, length, 10_000);
        let found = (1 << 40..(1 << 40) + 20_000u64)
            .filter_map(|number| tier(&index, &written(start, &body(letters, length, number))));
        let (act, review) = found.fold((0, 0), |it, tier| match tier {
            Tier::Act => (it.0 + 1, it.1),
            Tier::Review => (it.0, it.1 + 1),
        });
        // 7 hexadecimal digits agree by chance with one of 10,000 in 20,000 * 3.7e-5 cases a way to split.
        assert!(act <= 1 && review <= 12, "{chain}: {act} and {review} of 20,000");
    }
}

#[test]
fn the_more_officials_the_more_must_agree() {
    for (officials, head, tail, expected) in [
        (100, 3, 4, Some(Tier::Act)),
        (10_000, 3, 4, Some(Tier::Review)),
        (10_000, 4, 4, Some(Tier::Act)),
        (100_000, 3, 4, None),
        (100_000, 4, 4, Some(Tier::Review)),
        (100_000, 5, 4, Some(Tier::Act)),
    ] {
        let index = index("0x", HEX, 40, officials);
        let candidate = written("0x", &poison(HEX, &body(HEX, 40, 7), head, tail));
        assert_eq!(tier(&index, &candidate), expected, "{head}+{tail} among {officials}");
    }
}

#[test]
fn the_case_of_hexadecimal_digits_says_nothing() {
    let index = index("0x", HEX, 40, 10);
    let plain = written("0x", &body(HEX, 40, 3));
    let shouted = format!("0x{}", plain[2..].to_uppercase());
    let alike = format!("0x{}", written("", &poison(HEX, &body(HEX, 40, 3), 5, 4)).to_uppercase());
    let found = |text: &str| index.closest(text, Kind::Address, &mut Scratch::default());
    assert_eq!(found(&shouted).map(|it| it.techniques), Some(Techniques::SAME));
    assert_eq!(found(&format!("eip155:1:{plain}")).map(|it| it.techniques), Some(Techniques::SAME));
    assert!(found(&alike).unwrap().techniques.contains(Techniques::SAME_HEAD));
}

/// Look-alike and intended address of confirmed transfers (see `data/README.md`).
#[test]
fn addresses_that_people_really_paid_are_seen() {
    for line in include_str!("data/poisonings.tsv").lines() {
        let (alike, intended) = line.split_once('\t').unwrap();
        let official = Official { brand: "it".into(), kind: Kind::Address, text: intended.into() };
        let index = Index::build([official], &Background::new());
        assert_eq!(tier(&index, alike), Some(Tier::Act), "{alike}");
    }
}
