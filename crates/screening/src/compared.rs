//! What names and pictures resemble, remembered: the same senders write again and again.
//!
//! Always true here:
//! - An answer is the one that [`Index::closest`](touchstone_lookalike::Index::closest) would
//!   give afresh; only the time differs.
//! - An answer about one directory is never given about another.
//! - Bounded, and nothing is allocated after the beginning: the oldest of two answers that fall
//!   into one drawer makes room.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use touchstone_lookalike::{Kind, Resemblance, Scratch};

use crate::Directory;
use crate::directory::Stamp;

/// Longer names are compared each time: few are, and none of them twice.
const LONGEST_NAME: usize = 64;
/// A picture's hash in its longer form.
const LONGEST_PICTURE: usize = 257;

/// About 3 MB, for 16,000 senders with two names each.
const NAMES: usize = 32_768;
/// About 0.6 MB.
const PICTURES: usize = 2_048;

/// Compares with what is official, and remembers the answers.
#[derive(Default)]
pub(crate) struct Compared {
    scratch: Scratch,
    /// What the answers are about.
    about: Option<Stamp>,
    names: Memo<LONGEST_NAME>,
    pictures: Memo<LONGEST_PICTURE>,
}

impl Compared {
    /// One that remembers; the default one, for a single event, does not.
    pub(crate) fn remembering() -> Self {
        Self::with_places(NAMES, PICTURES)
    }

    fn with_places(names: usize, pictures: usize) -> Self {
        Self { names: Memo::new(names), pictures: Memo::new(pictures), ..Self::default() }
    }

    /// What the candidate resembles most of all that is official.
    pub(crate) fn closest(
        &mut self,
        directory: &Directory,
        candidate: &str,
        kind: Kind,
    ) -> Option<Resemblance> {
        let Self { scratch, about, names, pictures } = self;
        if about.as_ref() != Some(directory.stamp()) {
            names.clear();
            pictures.clear();
            *about = Some(directory.stamp().clone());
        }
        let mut fresh = || directory.index().closest(candidate, kind, scratch);
        match kind {
            // Found in a table, in less time than it would take to remember.
            Kind::Phone | Kind::Address => fresh(),
            _ if directory.index().is_empty() => None,
            Kind::Avatar => pictures.answer(kind, candidate, fresh),
            _ => names.answer(kind, candidate, fresh),
        }
    }
}

/// Answers by kind and text, in drawers of two places: the newer one is in the first.
#[derive(Default)]
struct Memo<const LONGEST: usize> {
    places: Vec<Place<LONGEST>>,
}

#[derive(Clone, Copy)]
struct Place<const LONGEST: usize> {
    /// None in an empty place.
    kind: Option<Kind>,
    len: u16,
    text: [u8; LONGEST],
    found: Option<Resemblance>,
}

impl<const LONGEST: usize> Place<LONGEST> {
    const EMPTY: Self = Self { kind: None, len: 0, text: [0; LONGEST], found: None };

    fn holds(&self, kind: Kind, text: &str) -> bool {
        self.kind == Some(kind) && self.text.get(..usize::from(self.len)) == Some(text.as_bytes())
    }
}

impl<const LONGEST: usize> Memo<LONGEST> {
    /// With so many places, in twos.
    fn new(places: usize) -> Self {
        Self { places: vec![Place::EMPTY; places] }
    }

    fn clear(&mut self) {
        self.places.fill(Place::EMPTY);
    }

    /// What was answered before, or what `fresh` answers now.
    fn answer(
        &mut self,
        kind: Kind,
        text: &str,
        fresh: impl FnOnce() -> Option<Resemblance>,
    ) -> Option<Resemblance> {
        let drawers = self.places.len() / 2;
        if text.len() > LONGEST || drawers == 0 {
            return fresh();
        }
        #[allow(clippy::cast_possible_truncation)] // The lower bits are as good as any.
        let at = FixedState::default().hash_one((kind, text)) as usize % drawers;
        let [newer, older] = &mut self.places[2 * at..2 * at + 2] else { return fresh() };
        if let Some(known) = [&*newer, &*older].into_iter().find(|it| it.holds(kind, text)) {
            return known.found;
        }
        let found = fresh();
        *older = *newer;
        newer.text[..text.len()].copy_from_slice(text.as_bytes());
        newer.len = u16::try_from(text.len()).unwrap_or(u16::MAX);
        newer.kind = Some(kind);
        newer.found = found;
        found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use touchstone_registry::Registry;

    use super::*;

    const TALLOW: &str = "8d31c4f06be2975a13f8c05e9a7746bd20e1b83c5df4690a7c92e5388b1fd604";
    const VERDEXO: &str = "41f79a02ce85d36b7e10b94df2630c58a9d4176e03bb8f2c65e0794ad8513fb2";

    fn directory(brand: &str, picture: &str) -> Directory {
        let line = format!(
            r#"{{"brand":"{brand}","domains":["{brand}.example"],"handles":["{brand}_support"],"names":["{brand} Support"],"zh":["{brand}官方客服"]}}"#
        );
        let picture = format!(
            r#"{{"record":"identity","organisation":"{brand}","kind":"avatar","value":"{picture}"}}"#
        );
        Directory::new(Registry::from_json_lines(&format!("{line}\n{picture}\n")).unwrap())
    }

    fn any_candidate() -> impl Strategy<Value = (Kind, String)> {
        let kinds = [Kind::Handle, Kind::DisplayName, Kind::Domain, Kind::Url, Kind::Email, Kind::Package];
        let names = prop_oneof![
            // Few enough that they come again, near enough that some resemble.
            "(tallowpay|ta11owpay|verdexo|verd3xo|lantern)(_support|\\.example| help)?",
            "https://(tallowpay|verdexo)-help\\.example/[ab]{0,80}",
            "\\PC{0,12}",
        ];
        let pictures = (prop::sample::select(vec![TALLOW, VERDEXO]), "[0-9a-f]{1,4}")
            .prop_map(|(known, head)| (Kind::Avatar, format!("{head}{}", &known[head.len()..])));
        prop_oneof![4 => (prop::sample::select(kinds.to_vec()), names), 1 => pictures]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn an_answer_is_what_it_would_be_afresh(
            steps in prop::collection::vec((any::<prop::sample::Index>(), any_candidate()), 1..60),
            places in prop::sample::select(vec![2usize, 8, 1024]),
        ) {
            let directories =
                [directory("tallowpay", TALLOW), directory("verdexo", VERDEXO), Directory::empty()];
            let mut compared = Compared::with_places(places, places);
            for (which, (kind, candidate)) in steps {
                // Mostly one and the same directory, as between two updates of a registry.
                let directory = &directories[[0, 0, 0, 0, 1, 1, 1, 2][which.index(8)]];
                let fresh = directory.index().closest(&candidate, kind, &mut Scratch::default());
                prop_assert_eq!(compared.closest(directory, &candidate, kind), fresh);
                prop_assert_eq!(compared.closest(directory, &candidate, kind), fresh);
            }
        }
    }

    #[test]
    fn what_is_compared_here_resembles_something() {
        let (tallow, verdexo) = (directory("tallowpay", TALLOW), directory("verdexo", VERDEXO));
        let mut compared = Compared::remembering();
        for (name, kind) in [("ta11owpay_support", Kind::Handle), (TALLOW, Kind::Avatar)] {
            assert!(compared.closest(&tallow, name, kind).is_some(), "{name}");
            assert!(compared.closest(&verdexo, name, kind).is_none(), "{name}");
            assert!(compared.closest(&tallow, name, kind).is_some(), "{name}");
        }
    }

    #[test]
    fn a_name_is_compared_once_until_others_take_its_place() {
        let mut memo = Memo::<8>::new(2);
        let mut times = 0;
        let mut ask = |kind, text: &str| {
            let before = times;
            memo.answer(kind, text, || {
                times += 1;
                None
            });
            times > before
        };
        assert!(ask(Kind::Handle, "first"));
        assert!(!ask(Kind::Handle, "first"));
        assert!(ask(Kind::DisplayName, "first"), "another kind is another question");
        assert!(!ask(Kind::Handle, "first"));
        assert!(ask(Kind::Handle, "second"));
        assert!(!ask(Kind::Handle, "second"));
        assert!(ask(Kind::Handle, "first"), "two places, three names");
        for _ in 0..2 {
            assert!(ask(Kind::Handle, "much too long"), "what does not fit is not kept");
        }
    }

    #[test]
    fn without_places_nothing_is_kept() {
        let mut times = 0;
        for _ in 0..2 {
            Memo::<8>::default().answer(Kind::Handle, "name", || {
                times += 1;
                None
            });
        }
        assert_eq!(times, 2);
        let one = directory("tallowpay", TALLOW);
        let found = Compared::default().closest(&one, "tallowpay_support", Kind::Handle);
        assert_eq!(found, one.index().closest("tallowpay_support", Kind::Handle, &mut Scratch::default()));
    }
}
