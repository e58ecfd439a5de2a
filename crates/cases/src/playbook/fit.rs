//! Which playbook fits a report: its kind first, then its words, then its form.

use std::cmp::Reverse;

use super::{Playbook, Playbooks, Sign};
use crate::report::{Kind, Report};

/// The kind counts most: the victim chose it. A word counts more than a sign of the form, which
/// many reports have.
const FOR_KIND: u32 = 6;
const FOR_WORD: u32 = 4;
const MOST_WORDS: usize = 3;
const FOR_SIGN: u32 = 1;

/// What a report says, as far as it helps to choose.
#[derive(Clone, Debug)]
pub struct Hints<'a> {
    /// The kind that the victim chose.
    pub kind: Kind,
    /// What they wrote: story, answers, names of suspects.
    pub texts: Vec<&'a str>,
    /// What the form shows.
    pub signs: Vec<Sign>,
}

impl<'a> Hints<'a> {
    /// What helps in a report.
    #[must_use]
    pub fn of(report: &'a Report) -> Self {
        let suspects = report.suspects.iter().filter_map(|it| it.name.as_deref());
        let answers = report.answers.values().map(String::as_str);
        let texts = [report.story.as_str()]
            .into_iter()
            .chain(report.wallet.as_deref())
            .chain(suspects)
            .chain(answers);
        let lost = !report.losses.is_empty() || !report.transactions.is_empty();
        let signs = [
            (Sign::Suspect, !report.suspects.is_empty()),
            (Sign::Transaction, !report.transactions.is_empty()),
            (Sign::Loss, lost),
            (Sign::NoLoss, !lost),
            (Sign::DeviceCompromised, report.device_compromised == Some(true)),
            (Sign::Account, report.account.is_some()),
        ];
        let signs = signs.into_iter().filter(|(_, shows)| *shows).map(|(sign, _)| sign).collect();
        Self { kind: report.kind, texts: texts.collect(), signs }
    }
}

impl Playbook {
    /// How well it fits: 0 if neither the kind nor a word speaks for it.
    fn fits(&self, hints: &Hints<'_>, folded: &str) -> u32 {
        let kind = match self.kinds.iter().position(|it| *it == hints.kind) {
            Some(0) => FOR_KIND + 1,
            Some(_) => FOR_KIND,
            None => 0,
        };
        let words = self.words.iter().filter(|it| said(folded, it)).count().min(MOST_WORDS);
        if kind == 0 && words == 0 {
            return 0;
        }
        let signs = self.signs.iter().filter(|it| hints.signs.contains(it)).count();
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        kind + FOR_WORD * count(words) + FOR_SIGN * count(signs)
    }
}

impl Playbooks {
    /// The playbooks that fit a report, best first.
    #[must_use]
    pub fn for_report(&self, report: &Report) -> Vec<&Playbook> {
        self.fitting(&Hints::of(report))
    }

    /// The playbooks that fit, best first; of equals the one with fewer kinds, which says more.
    #[must_use]
    pub fn fitting(&self, hints: &Hints<'_>) -> Vec<&Playbook> {
        let folded = folded(&hints.texts.join("\n"));
        let mut fitting: Vec<(u32, &Playbook)> =
            self.iter().map(|it| (it.fits(hints, &folded), it)).filter(|(fits, _)| *fits > 0).collect();
        fitting.sort_by_key(|(fits, it)| (Reverse(*fits), it.kinds.len(), it.id.clone()));
        fitting.into_iter().map(|(_, it)| it).collect()
    }
}

/// Lower case, white space as one blank.
pub(super) fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Whether a word stands in the text: a Latin one begins where a word begins, so that "ice" is
/// not found in "police"; it may go on, as "scam" in "scammer".
fn said(text: &str, word: &str) -> bool {
    let latin = word.starts_with(|c: char| c.is_ascii_alphanumeric());
    text.match_indices(word)
        .any(|(at, _)| !latin || !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric()))
}
