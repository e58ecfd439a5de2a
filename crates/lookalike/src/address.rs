//! Blockchain addresses: people compare the first and the last few characters, so impostors make
//! addresses that agree there.
//!
//! An address resembles an official one if its head and tail agree in at least three characters
//! each and in enough together, or one of them in that many alone, or if it differs in at most
//! three characters. How many are enough grows with the number of officials, so that chance
//! agreement stays below one in 100,000 (Tsuchiya et al., "Blockchain Address Poisoning",
//! USENIX Security 2025, describe the attack).

use crate::index::{Index, Resemblance, Tier};
use crate::techniques::Techniques;

/// Addresses by their first and by their last characters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses {
    entries: Vec<(Alphabet, Box<[u8]>, u32)>,
    by_head: Vec<(u64, u32)>,
    by_tail: Vec<(u64, u32)>,
    /// Characters of head and tail that must agree, in hexadecimal.
    enough: usize,
}

/// Agreement is looked for where this many characters at one end are the same.
const END: usize = 3;

/// Longer ones are no address of any chain we know.
const MAX_LEN: usize = 128;

/// In what an address is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Alphabet {
    /// Ethereum and its like: case is only a checksum.
    Hex,
    /// Bitcoin's younger addresses, Cosmos, Cardano (BIP 173): all in one case.
    Bech32,
    /// Bitcoin's older addresses, Tron, Solana.
    #[default]
    Base58,
}

impl Alphabet {
    /// What so many characters are worth in hexadecimal ones, whole ones counted.
    fn worth(self, characters: usize) -> usize {
        match self {
            Self::Hex => characters,
            Self::Bech32 => characters * 5 / 4,
            Self::Base58 => characters * 3 / 2,
        }
    }
}

/// The part that tells addresses apart, without what all addresses of the chain begin with.
fn body(text: &str) -> Option<(&str, Alphabet)> {
    let text = text.trim().rsplit(':').next()?; // CAIP-10 names the chain before it.
    if text.len() < 20 || text.len() > MAX_LEN || !text.is_ascii() {
        return None;
    }
    if let Some(body) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return Some((body, Alphabet::Hex));
    }
    if let Some(body) = bech32_body(text) {
        return Some((body, Alphabet::Bech32));
    }
    // The version: always T with Tron, 1 or 3 with Bitcoin. Solana's addresses are longer.
    const VERSIONED: usize = 35;
    let has_version = text.len() <= VERSIONED && text.starts_with(['T', '1', '3']);
    Some((if has_version { &text[1..] } else { text }, Alphabet::Base58))
}

/// What follows the chain's name, the digit 1, and Bitcoin's version.
fn bech32_body(text: &str) -> Option<&str> {
    const LETTERS: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const LONGEST_NAME: usize = 10;
    let at = text.find('1').filter(|at| (2..=LONGEST_NAME).contains(at))?;
    let (name, data) = (&text[..at], &text[at + 1..]);
    let one_case =
        !text.bytes().any(|it| it.is_ascii_uppercase()) || !text.bytes().any(|it| it.is_ascii_lowercase());
    let fits = one_case
        && name.bytes().all(|it| it.is_ascii_alphabetic())
        && data.bytes().all(|it| LETTERS.contains(&it.to_ascii_lowercase()));
    let is_bitcoin = ["bc", "tb", "ltc"].iter().any(|it| name.eq_ignore_ascii_case(it));
    fits.then_some(if is_bitcoin { data.get(1..)? } else { data })
}

fn end_key(characters: impl Iterator<Item = u8>) -> u64 {
    characters.take(END).fold(1, |key, c| key << 8 | u64::from(c))
}

impl Addresses {
    pub(crate) fn add(&mut self, text: &str, official: u32) {
        let Some((body, alphabet)) = body(text) else { return };
        let mut bytes = body.as_bytes().to_vec();
        if alphabet != Alphabet::Base58 {
            bytes.make_ascii_lowercase();
        }
        self.entries.push((alphabet, bytes.into(), official));
    }

    /// Sorts the ends, and says how many characters are enough among `officials`.
    pub(crate) fn finish(&mut self, _officials: usize) {
        self.enough = match self.entries.len() {
            0..=2_000 => 7,
            2_001..=30_000 => 8,
            30_001..=300_000 => 9,
            _ => 10,
        };
        for (at, (_, body, _)) in self.entries.iter().enumerate() {
            let Ok(at) = u32::try_from(at) else { break };
            self.by_head.push((end_key(body.iter().copied()), at));
            self.by_tail.push((end_key(body.iter().rev().copied()), at));
        }
        self.by_head.sort_unstable();
        self.by_tail.sort_unstable();
    }
}

/// How two addresses agree.
struct Agreement {
    head: usize,
    tail: usize,
    differing: usize,
}

fn compare(a: &[u8], b: &[u8]) -> Agreement {
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let differing = match a.len() == b.len() {
        true => a.iter().zip(b).filter(|(x, y)| x != y).count(),
        false => usize::MAX,
    };
    Agreement { head, tail, differing }
}

impl Index {
    pub(crate) fn closest_address(&self, candidate: &str) -> Option<Resemblance> {
        let (body, alphabet) = body(candidate)?;
        let mut buffer = [0u8; MAX_LEN];
        let bytes = buffer.get_mut(..body.len())?;
        for (to, from) in bytes.iter_mut().zip(body.bytes()) {
            *to = if alphabet == Alphabet::Base58 { from } else { from.to_ascii_lowercase() };
        }
        let bytes = &*bytes;
        let known = &self.addresses;
        let ends = [
            (&known.by_head, end_key(bytes.iter().copied())),
            (&known.by_tail, end_key(bytes.iter().rev().copied())),
        ];
        let mut best: Option<Resemblance> = None;
        for (list, key) in ends {
            let from = list.partition_point(|it| it.0 < key);
            for (_, at) in list[from..].iter().take_while(|it| it.0 == key) {
                let (written, other, official) = &known.entries[*at as usize];
                if *written != alphabet {
                    continue;
                }
                let found = judge(compare(other, bytes), alphabet, known.enough, *official);
                if found.map(|it| it.closeness) > best.map(|it| it.closeness) {
                    best = found;
                }
            }
        }
        best
    }
}

fn judge(it: Agreement, alphabet: Alphabet, enough: usize, official: u32) -> Option<Resemblance> {
    let found = |closeness, tier, techniques| Some(Resemblance { official, closeness, tier, techniques });
    if it.differing == 0 {
        return found(1.0, Tier::Act, Techniques::SAME);
    }
    let (head, tail) = (alphabet.worth(it.head), alphabet.worth(it.tail));
    let sum = head + tail;
    let mut techniques = Techniques::NONE;
    if it.head >= 3 {
        techniques |= Techniques::SAME_HEAD;
    }
    if it.tail >= 3 {
        techniques |= Techniques::SAME_TAIL;
    }
    if it.differing <= 3 {
        return found(0.99, Tier::Act, techniques | Techniques::REPLACED);
    }
    #[allow(clippy::cast_precision_loss)] // At most 128.
    let closeness = (0.9 + 0.01 * (sum.saturating_sub(enough)) as f32).min(0.99);
    if it.head >= 3 && it.tail >= 3 && sum >= enough || head.max(tail) >= enough.max(8) {
        return found(closeness, Tier::Act, techniques);
    }
    if it.head >= 3 && it.tail >= 3 && sum + 1 >= enough || head.max(tail) + 1 >= enough {
        return found(0.7, Tier::Review, techniques);
    }
    None
}
