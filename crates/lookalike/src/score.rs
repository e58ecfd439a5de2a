//! From what was observed to how close it is: a logistic model over named observations, fitted
//! on the open cases by `examples/measure.rs` and read from `data/weights.tsv`.

use std::sync::LazyLock;

macro_rules! observations {
    ($($constant:ident $name:literal),+ $(,)?) => {
        /// One observation of the model.
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, dead_code)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(usize)]
        pub(crate) enum Seen { $($constant),+ }

        /// The names of the observations, in their order.
        pub const OBSERVATIONS: &[&str] = &[$($name),+];
    };
}

observations! {
    Always "always",
    // How the name at the heart was written, and what came with it: one of these holds.
    ExactAlone "exact_alone", ExactDigits "exact_digits", ExactWeak "exact_weak", ExactRole "exact_role",
    ExactApart "exact_apart", ExactGlued "exact_glued",
    DisguisedAlone "disguised_alone", DisguisedDigits "disguised_digits", DisguisedWeak "disguised_weak",
    DisguisedRole "disguised_role", DisguisedApart "disguised_apart", DisguisedGlued "disguised_glued",
    OneAlone "one_alone", OneDigits "one_digits", OneWeak "one_weak", OneRole "one_role", OneApart "one_apart",
    OneGlued "one_glued",
    TwoAlone "two_alone", TwoDigits "two_digits", TwoWeak "two_weak", TwoRole "two_role", TwoApart "two_apart",
    TwoGlued "two_glued",
    // The differences.
    Looks "looks", Repeated "repeated", Dropped "dropped", Inserted "inserted", Swapped "swapped", Vowel "vowel",
    Keyboard "keyboard", BitFlip "bit_flip", Replaced "replaced", Sound "sound", Shape "shape", Split "split",
    Initial "initial", Small "small", OtherHan "other_han", FirstLetter "first_letter", LastLetter "last_letter",
    // The tricks.
    Invisible "invisible", Styled "styled", Marks "marks", Confusable "confusable", Wide "wide",
    Separated "separated", SeparatedEdited "separated_edited", Decorated "decorated",
    // The name itself.
    Length "length", LongExact "long_exact", OneShort "one_under_6", OneSix "one_6", OneSeven "one_7", OneEight "one_8",
    OneLong "one_over_8",
    TwoShort "two_under_8", TwoEight "two_8_9", TwoLong "two_over_9",
    Common "common", Short "short", CommonEdited "common_edited", ShortEdited "short_edited",
    CommonRole "common_with_role", ShortRole "short_with_role", CommonTrick "common_tricked", ShortTrick "short_tricked",
    Stranger "stranger_than_official", Ordinary "edited_into_a_word", Ease "edited_ease", PersonName "edited_into_a_person",
    Residue "residue", ResidueEase "residue_ease",
    ResidueWords "residue_words", OwnEaseBeside "own_ease_beside", OwnEaseAlone "own_ease_alone",
    OwnEaseEdited "own_ease_edited", OwnBits "own_bits", MoreBits "more_bits", Crowd "crowd",
    Crossing "crossing",
    HanDropped "han_dropped", Han "han", HanTwo "han_two", HanEdited "han_edited", HanTwoEdited "han_two_edited", HanRatio "han_changed",
    // Where it stood.
    Domain "domain", OtherSuffix "other_suffix", SameSuffix "same_suffix", Subdomain "subdomain", Embedded "embedded",
    Path "path", User "user_info", LocalPart "local_part", Free "free_host", Punycode "punycode", Package "package",
    Displayed "displayed", DomainEdited "domain_edited", CommonDomain "common_domain", ShortDomain "short_domain",
}

/// How many observations there are.
pub const OBSERVATION_COUNT: usize = OBSERVATIONS.len();

/// What was observed, by number; see [`OBSERVATIONS`].
pub type Observed = [f32; OBSERVATION_COUNT];

/// The model: a weight for each observation, and the closeness from which each tier begins.
struct Model {
    weights: Observed,
    act: f32,
    review: f32,
}

static MODEL: LazyLock<Model> = LazyLock::new(|| {
    let mut model = Model { weights: [0.0; OBSERVATION_COUNT], act: 0.9, review: 0.5 };
    for line in include_str!("../data/weights.tsv").lines().filter(|line| !line.starts_with('#')) {
        let Some((name, value)) = line.split_once('\t') else { continue };
        let Ok(value) = value.trim().parse() else { continue };
        match name {
            "act_from" => model.act = value,
            "review_from" => model.review = value,
            _ => {
                if let Some(at) = OBSERVATIONS.iter().position(|it| *it == name) {
                    model.weights[at] = value;
                }
            }
        }
    }
    model
});

/// 0 to 1.
pub(crate) fn closeness(observed: &Observed) -> f32 {
    let sum: f32 = observed.iter().zip(&MODEL.weights).map(|(value, weight)| value * weight).sum();
    1.0 / (1.0 + (-sum).exp())
}

/// From this closeness on the name alone is reason enough to act.
pub(crate) fn act_from() -> f32 {
    MODEL.act
}

/// From this closeness on a person should look.
pub(crate) fn review_from() -> f32 {
    MODEL.review
}
