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
    entries: Vec<(Box<[u8]>, u32)>,
    by_head: Vec<(u64, u32)>,
    by_tail: Vec<(u64, u32)>,
    /// Characters of head and tail that must agree, in hexadecimal.
    enough: usize,
}

/// Agreement is looked for where this many characters at one end are the same.
const END: usize = 3;

/// Longer ones are no address of any chain we know.
const MAX_LEN: usize = 128;

fn is_hex(address: &[u8]) -> bool {
    address.starts_with(b"0x") && address[2..].iter().all(u8::is_ascii_hexdigit)
}

/// The part that tells addresses apart: without `0x`, lower case where case says nothing.
fn body(text: &str) -> Option<(&str, bool)> {
    let text = text.trim().rsplit(':').next()?; // CAIP-10 names the chain before it.
    if text.len() < 20 || text.len() > MAX_LEN || !text.is_ascii() {
        return None;
    }
    let hex = text.starts_with("0x") || text.starts_with("0X");
    Some((if hex { &text[2..] } else { text }, hex))
}

fn end_key(characters: impl Iterator<Item = u8>) -> u64 {
    characters.take(END).fold(1, |key, c| key << 8 | u64::from(c))
}

impl Addresses {
    pub(crate) fn add(&mut self, text: &str, official: u32) {
        let Some((body, hex)) = body(text) else { return };
        let mut bytes: Vec<u8> = if hex { b"0x".to_vec() } else { Vec::new() };
        bytes.extend(body.bytes().map(|it| if hex { it.to_ascii_lowercase() } else { it }));
        self.entries.push((bytes.into(), official));
    }

    /// Sorts the ends, and says how many characters are enough among `officials`.
    pub(crate) fn finish(&mut self, _officials: usize) {
        self.enough = match self.entries.len() {
            0..=2_000 => 7,
            2_001..=30_000 => 8,
            30_001..=300_000 => 9,
            _ => 10,
        };
        for (at, (address, _)) in self.entries.iter().enumerate() {
            let Ok(at) = u32::try_from(at) else { break };
            let body = if is_hex(address) { &address[2..] } else { address };
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
        let (body, hex) = body(candidate)?;
        let mut buffer = [0u8; MAX_LEN];
        let bytes = buffer.get_mut(..body.len())?;
        for (to, from) in bytes.iter_mut().zip(body.bytes()) {
            *to = if hex { from.to_ascii_lowercase() } else { from };
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
                let (address, official) = &known.entries[*at as usize];
                if address.starts_with(b"0x") != hex {
                    continue;
                }
                let other = if hex { &address[2..] } else { address };
                let found = judge(compare(other, bytes), hex, known.enough, *official);
                if found.map(|it| it.closeness) > best.map(|it| it.closeness) {
                    best = found;
                }
            }
        }
        best
    }
}

fn judge(it: Agreement, hex: bool, enough: usize, official: u32) -> Option<Resemblance> {
    let found = |closeness, tier, techniques| Some(Resemblance { official, closeness, tier, techniques });
    if it.differing == 0 {
        return found(1.0, Tier::Act, Techniques::SAME);
    }
    // One base58 character says as much as about one and a half hexadecimal ones.
    let worth = |characters: usize| if hex { characters } else { characters * 3 / 2 };
    let (head, tail) = (worth(it.head), worth(it.tail));
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
