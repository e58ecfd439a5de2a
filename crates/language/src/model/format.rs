//! Model files: a head, a checksum, then the weights. Little-endian throughout.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `TSTNMODL` |
//! | 4 | version |
//! | 32 | SHA-256 of all that follows |
//! | 4 | bits of a place: the table has `1 << bits` places |
//! | 4 × 2 | step and bias, as floats |
//! | 4 | fewest grams |
//! | 4, then 8 each | points of the curve: score and share |
//! | 4, then text | what it was trained on |
//! | 4, then 1 + name + 4 each | tactics: length of the name, name, weight |
//! | 4 each | pairs of tactics, a triangle |
//! | 2 each | places of the table: tag, weight in steps |

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use touchstone_types::Name;

use super::{Model, Weights, place};

/// The version that this program reads and writes.
pub const VERSION: u32 = 1;

const MAGIC: &[u8; 8] = b"TSTNMODL";
const HEAD: usize = 8 + 4 + 32;
/// No table is larger: 16 MB.
const MOST_BITS: u32 = 23;
const MOST_TACTICS: usize = 512;

/// Why bytes are no model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Something else than a model file.
    #[error("this is no model file")]
    NoModel,
    /// Made by another version of the program: train it again.
    #[error("the model is of version {0}, this program reads version {VERSION}")]
    Version(u32),
    /// The checksum does not fit: fetch the file again.
    #[error("the model file is damaged")]
    Damaged,
    /// The checksum fits and the content makes no sense.
    #[error("the model makes no sense: {0}")]
    Senseless(&'static str),
}

impl Model {
    /// Reads a model file.
    ///
    /// # Errors
    /// [`ModelError`] for anything that [`Self::write`] has not made.
    pub fn read(bytes: &[u8]) -> Result<Self, ModelError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(ModelError::NoModel)?;
        let mut head = Bytes(rest);
        let version = head.u32()?;
        if version != VERSION {
            return Err(ModelError::Version(version));
        }
        let sum = head.take(32)?;
        let actual: [u8; 32] = Sha256::digest(head.0).into();
        if *sum != actual {
            return Err(ModelError::Damaged);
        }
        body(&mut head, &actual)
    }

    /// The bytes of a model file.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let body = self.body();
        let mut bytes = Vec::with_capacity(HEAD + body.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&Sha256::digest(&body));
        bytes.extend_from_slice(&body);
        bytes
    }

    /// Packs weights into a table of `1 << bits` places. Where two grams want one place the
    /// heavier has it; weights are rounded to 127 steps.
    #[must_use]
    pub fn pack(weights: &Weights, bits: u32) -> Self {
        let bits = bits.min(MOST_BITS);
        let heaviest = weights.grams.values().fold(0.0_f32, |most, it| most.max(it.abs()));
        let step = if heaviest > 0.0 { heaviest / 127.0 } else { 1.0 };
        let mut slots = vec![0_u16; 1 << bits];
        for (gram, weight) in &weights.grams {
            let steps = (weight / step).round().clamp(-127.0, 127.0) as i8;
            let (at, tag) = place(*gram, bits);
            if steps != 0 && steps.unsigned_abs() > (slots[at] as u8 as i8).unsigned_abs() {
                slots[at] = tag << 8 | u16::from(steps as u8);
            }
        }
        let mut model = Self {
            slots,
            bits,
            step,
            bias: weights.bias,
            fewest: weights.fewest,
            tactics: weights.tactics.clone(),
            pairs: triangle(weights.tactics.len(), &weights.pairs),
            curve: weights.curve.clone(),
            about: weights.about.clone(),
            id: [0; 8],
        };
        model.id = id(&Sha256::digest(model.body()).into());
        model
    }

    /// What the checksum is over.
    fn body(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64 + 2 * self.slots.len() + 4 * self.pairs.len());
        let mut word = |it: [u8; 4]| bytes.extend_from_slice(&it);
        word(self.bits.to_le_bytes());
        word(self.step.to_le_bytes());
        word(self.bias.to_le_bytes());
        word(self.fewest.to_le_bytes());
        word((self.curve.len() as u32).to_le_bytes());
        for (score, share) in &self.curve {
            word(score.to_le_bytes());
            word(share.to_le_bytes());
        }
        word((self.about.len() as u32).to_le_bytes());
        bytes.extend_from_slice(self.about.as_bytes());
        bytes.extend_from_slice(&(self.tactics.len() as u32).to_le_bytes());
        for (name, weight) in &self.tactics {
            bytes.push(name.len().min(255) as u8);
            bytes.extend_from_slice(&name.as_bytes()[..name.len().min(255)]);
            bytes.extend_from_slice(&weight.to_le_bytes());
        }
        self.pairs.iter().for_each(|it| bytes.extend_from_slice(&it.to_le_bytes()));
        self.slots.iter().for_each(|it| bytes.extend_from_slice(&it.to_le_bytes()));
        bytes
    }
}

fn triangle(tactics: usize, pairs: &BTreeMap<(usize, usize), f32>) -> Vec<f32> {
    let all = (0..tactics).flat_map(|high| (0..high).map(move |low| (low, high)));
    all.map(|pair| pairs.get(&pair).copied().unwrap_or(0.0)).collect()
}

fn id(sum: &[u8; 32]) -> [u8; 8] {
    std::array::from_fn(|at| sum[at])
}

fn body(bytes: &mut Bytes<'_>, sum: &[u8; 32]) -> Result<Model, ModelError> {
    let wrong = |what| Err(ModelError::Senseless(what));
    let bits = bytes.u32()?;
    let (step, bias, fewest) = (bytes.float()?, bytes.float()?, bytes.u32()?);
    if bits > MOST_BITS {
        return wrong("its table is too large");
    }
    let curve = curve(bytes)?;
    let length = bytes.u32()? as usize;
    let about = match std::str::from_utf8(bytes.take(length)?) {
        Ok(about) => about.to_owned(),
        Err(_) => return wrong("its description is no text"),
    };
    let tactics = tactics(bytes)?;
    let count = tactics.len() * tactics.len().saturating_sub(1) / 2;
    let pairs = (0..count).map(|_| bytes.float()).collect::<Result<Vec<_>, _>>()?;
    if pairs.iter().any(|it| *it < 0.0) {
        return wrong("a tactic lowers the score");
    }
    let table = bytes.take(2 << bits)?;
    if !bytes.0.is_empty() {
        return wrong("something follows its end");
    }
    let slots = table.chunks_exact(2).map(|it| u16::from_le_bytes([it[0], it[1]])).collect();
    Ok(Model { slots, bits, step, bias, fewest, tactics, pairs, curve, about, id: id(sum) })
}

fn curve(bytes: &mut Bytes<'_>) -> Result<Vec<(f32, f32)>, ModelError> {
    let mut curve: Vec<(f32, f32)> = Vec::new();
    for _ in 0..bytes.u32()? {
        let (score, share) = (bytes.float()?, bytes.float()?);
        let rises = curve.last().is_none_or(|last| last.0 < score && last.1 <= share);
        if !rises || !(0.0..=1.0).contains(&share) {
            return Err(ModelError::Senseless("its curve falls"));
        }
        curve.push((score, share));
    }
    Ok(curve)
}

fn tactics(bytes: &mut Bytes<'_>) -> Result<Vec<(Name, f32)>, ModelError> {
    let count = bytes.u32()? as usize;
    if count > MOST_TACTICS {
        return Err(ModelError::Senseless("it has too many tactics"));
    }
    let mut tactics = Vec::with_capacity(count);
    for _ in 0..count {
        let length = usize::from(bytes.take(1)?[0]);
        let name = std::str::from_utf8(bytes.take(length)?)
            .map_err(|_| ModelError::Senseless("a tactic's name is no text"))?;
        let weight = bytes.float()?;
        if weight < 0.0 {
            return Err(ModelError::Senseless("a tactic lowers the score"));
        }
        tactics.push((Name::from(name), weight));
    }
    Ok(tactics)
}

/// What is left to read.
struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take(&mut self, length: usize) -> Result<&'b [u8], ModelError> {
        let (taken, rest) =
            self.0.split_at_checked(length).ok_or(ModelError::Senseless("it ends too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array(&mut self) -> Result<[u8; 4], ModelError> {
        let taken = self.take(4)?;
        Ok([taken[0], taken[1], taken[2], taken[3]])
    }

    fn u32(&mut self) -> Result<u32, ModelError> {
        self.array().map(u32::from_le_bytes)
    }

    fn float(&mut self) -> Result<f32, ModelError> {
        let float = f32::from_le_bytes(self.array()?);
        if float.is_finite() { Ok(float) } else { Err(ModelError::Senseless("a weight is no number")) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn model() -> Model {
        let weights = Weights {
            grams: (0..300_u64)
                .map(|it| (it.wrapping_mul(0x9E37_79B9_7F4A_7C15), it as f32 / 100.0 - 1.5))
                .collect(),
            tactics: ["a", "b", "c"].map(|name| (Name::from(name), 0.25)).to_vec(),
            pairs: [((0, 2), 0.5), ((1, 2), 1.5)].into(),
            bias: -2.5,
            fewest: 16,
            curve: vec![(-1.0, 0.1), (1.0, 0.9)],
            about: "numbers, 数字".to_owned(),
        };
        Model::pack(&weights, 12)
    }

    #[test]
    fn what_is_written_is_read_again() {
        let model = model();
        let read = Model::read(&model.write()).unwrap();
        assert_eq!(read, model);
        assert_eq!((read.pair(2, 1), read.pair(0, 2), read.pair(0, 1)), (1.5, 0.5, 0.0));
        assert_eq!(Model::read(&Model::mute().write()).unwrap(), Model::mute());
    }

    #[test]
    fn weights_keep_their_sign_and_nearly_their_size() {
        let model = model();
        for nth in [0_u64, 30, 270, 299] {
            let gram = nth.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let weight = model.weight(gram) as f32 * model.step;
            assert!((weight - (nth as f32 / 100.0 - 1.5)).abs() <= model.step, "{nth}: {weight}");
        }
        assert_eq!(model.weight(12_345), 0);
    }

    #[test]
    fn other_files_other_versions_and_damage_are_refused() {
        let good = model().write();
        assert_eq!(Model::read(b"nonsense"), Err(ModelError::NoModel));
        let mut other = good.clone();
        other[8] = 9;
        assert_eq!(Model::read(&other), Err(ModelError::Version(9)));
        for at in [12, 60, good.len() - 1] {
            let mut damaged = good.clone();
            damaged[at] ^= 1;
            assert_eq!(Model::read(&damaged), Err(ModelError::Damaged), "byte {at}");
        }
        for end in [0, 7, 11, 43, 44, 100, good.len() - 1] {
            assert!(Model::read(&good[..end]).is_err(), "{end} bytes");
        }
    }

    /// As a file that was made with bad intent: the checksum fits.
    fn sealed(body: &[u8]) -> Vec<u8> {
        let head = [&MAGIC[..], &VERSION.to_le_bytes(), &Sha256::digest(body)].concat();
        [&head[..], body].concat()
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_fail(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Model::read(&body);
            let _ = Model::read(&sealed(&body));
        }

        #[test]
        fn a_changed_body_is_refused_or_read(at in 0_usize..400, to in any::<u8>()) {
            let mut body = model().write()[HEAD..].to_vec();
            let at = at % body.len();
            body[at] = to;
            if let Ok(model) = Model::read(&sealed(&body)) {
                prop_assert!(Model::read(&model.write()).is_ok());
            }
        }
    }
}
