//! What the victim does, in order: the first hour, and the plan on the case page.

use serde::{Deserialize, Serialize};
use touchstone_types::Bilingual;

use crate::charter::{Charter, CharterProblem, File};
use crate::report::{Kind, Report};
use crate::words::words;

words! {
    /// What the page offers together with a step.
    Offer {
        /// The button that freezes the account.
        Freeze = "freeze",
        /// Handing in files.
        Evidence = "evidence",
        /// The list of what is gone.
        Loss = "loss",
        /// The number of the police report.
        Police = "police",
        /// Making the complaint in form.
        Complaint = "complaint",
    }
}

words! {
    /// What must be so for a step to be of use.
    When {
        /// The victim named an account at the operator.
        HasAccount = "has_account",
        /// A wallet of their own plays a part, or may.
        HasWallet = "has_wallet",
        /// Something is gone.
        HasLoss = "has_loss",
        /// The device may be in other hands.
        DeviceCompromised = "device_compromised",
        /// The police were not told yet.
        NoPoliceReference = "no_police_reference",
        /// Something is gone that its issuer can freeze.
        HasIssuer = "has_issuer",
    }
}

/// One step for the victim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanStep {
    /// Short name, unique in its list.
    pub id: String,
    /// Its place, from 1.
    pub order: u32,
    /// What to do, in a few words.
    pub title: Bilingual,
    /// How, and why.
    pub text: Bilingual,
    /// What to have at hand.
    pub needs: Option<Bilingual>,
    /// What the page offers with it.
    pub offer: Option<Offer>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanFile {
    first_hour: Vec<Entry>,
    step: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    #[serde(default)]
    kinds: Vec<Kind>,
    when: Option<When>,
    does: Option<Offer>,
    title: Bilingual,
    text: Bilingual,
    needs: Option<Bilingual>,
}

/// Both lists, as the file has them.
#[derive(Debug)]
pub(crate) struct Plans {
    first_hour: Vec<Entry>,
    steps: Vec<Entry>,
}

impl Plans {
    pub(crate) fn read(it: PlanFile, file: File<'_>) -> Result<Self, Vec<CharterProblem>> {
        let mut problems = Vec::new();
        for (name, list) in [("first_hour", &it.first_hour), ("step", &it.step)] {
            for (at, entry) in list.iter().enumerate() {
                let mut wrong =
                    |reason: String| problems.push(file.about(&format!("\"{}\"", entry.id), reason));
                if list[..at].iter().any(|it| it.id == entry.id) {
                    wrong(format!("{name} `{}` is there twice", entry.id));
                }
                let blank = |it: &Bilingual| it.zh.trim().is_empty() || it.en.trim().is_empty();
                if blank(&entry.title) || blank(&entry.text) || entry.needs.as_ref().is_some_and(blank) {
                    wrong(format!("{name} `{}` must be in Chinese and English", entry.id));
                }
            }
            for kind in Kind::ALL {
                let fits =
                    |it: &Entry| it.when.is_none() && (it.kinds.is_empty() || it.kinds.contains(&kind));
                if !list.iter().any(fits) {
                    problems.push(file.problem(1, format!("no {name} is certain for `{kind}`")));
                }
            }
        }
        if problems.is_empty() {
            Ok(Self { first_hour: it.first_hour, steps: it.step })
        } else {
            Err(problems)
        }
    }
}

/// What to do within the first hour, in order; never empty.
#[must_use]
pub fn first_hour(report: &Report, charter: &Charter) -> Vec<PlanStep> {
    chosen(&charter.plans().first_hour, report, charter)
}

/// The plan on the case page, in order; never empty.
#[must_use]
pub fn plan(report: &Report, charter: &Charter) -> Vec<PlanStep> {
    chosen(&charter.plans().steps, report, charter)
}

fn chosen(entries: &[Entry], report: &Report, charter: &Charter) -> Vec<PlanStep> {
    let fits = |it: &&Entry| {
        (it.kinds.is_empty() || it.kinds.contains(&report.kind))
            && it.when.is_none_or(|it| so(it, report, charter))
    };
    let step = |(order, it): (u32, &Entry)| PlanStep {
        id: it.id.clone(),
        order,
        title: it.title.clone(),
        text: it.text.clone(),
        needs: it.needs.clone(),
        offer: it.does,
    };
    (1..).zip(entries.iter().filter(fits)).map(step).collect()
}

fn so(when: When, report: &Report, charter: &Charter) -> bool {
    match when {
        When::HasAccount => report.account.is_some(),
        // A phrase or key that leaked is that of a wallet; of an emptied account it is not known.
        When::HasWallet => {
            report.wallet.is_some()
                || report.kind == Kind::LeakedSecret
                || !report.addresses.is_empty()
                || report.losses.iter().any(|it| it.chain.is_some())
        }
        When::HasLoss => !report.losses.is_empty(),
        When::DeviceCompromised => report.device_compromised == Some(true),
        When::NoPoliceReference => report.police_reference.is_none(),
        When::HasIssuer => report
            .losses
            .iter()
            .any(|it| it.chain.is_some() && charter.asset(&it.asset).is_some_and(|it| it.issuer.is_some())),
    }
}
