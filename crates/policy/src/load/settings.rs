//! Thresholds, holds and checks.

use std::collections::BTreeMap;

use toml::Spanned;
use touchstone_types::{Check, Lapse, Releaser};

use super::Load;
use super::raw::{PolicyFile, RawHold, RawThresholds, Word};
use crate::policy::{ByKind, CheckSpec, FailMode, Thresholds};
use crate::rule::HoldSpec;

const RELEASERS: [(Releaser, &str); 3] =
    [(Releaser::User, "user"), (Releaser::Guardian, "guardian"), (Releaser::Staff, "staff")];

/// A hold that lasts longer would be a block by another name.
const MAX_HOLD: Lapse = Lapse::from_secs(30 * 86_400);

/// A check that takes longer is not in line any more.
const MAX_DEADLINE_MS: u64 = 10_000;

impl Load {
    pub(super) fn thresholds(&mut self, file: usize, settings: &PolicyFile) -> Option<ByKind<Thresholds>> {
        let usual = self.limits(file, &settings.thresholds);
        let special = settings.thresholds_for.iter().filter_map(|(kind, limits)| {
            let (kind, limits) = (self.kind(file, kind), self.limits(file, limits));
            kind.zip(limits)
        });
        let special = special.collect();
        Some(ByKind { usual: usual?, special })
    }

    fn limits(&mut self, file: usize, raw: &Spanned<RawThresholds>) -> Option<Thresholds> {
        let RawThresholds { warn, hold, block } = *raw.get_ref();
        if 0 < warn && warn < hold && hold < block {
            return Some(Thresholds { warn, hold, block });
        }
        self.problem(file, raw, "thresholds must rise: 0 < warn < hold < block", None);
        None
    }

    pub(super) fn holds(&mut self, file: usize, settings: &PolicyFile) -> Option<ByKind<HoldSpec>> {
        let usual = self.hold(file, &settings.hold);
        let special = settings.hold_for.iter().filter_map(|(kind, hold)| {
            let (kind, hold) = (self.kind(file, kind), self.hold(file, hold));
            kind.zip(hold)
        });
        let special = special.collect();
        Some(ByKind { usual: usual?, special })
    }

    pub(super) fn hold(&mut self, file: usize, raw: &RawHold) -> Option<HoldSpec> {
        let duration = self.lapse(file, &raw.duration);
        if duration.is_some_and(|duration| duration > MAX_HOLD) {
            let message = format!("nothing is held longer than {MAX_HOLD}");
            self.problem(file, &raw.duration, message, None);
        }
        let words = raw.release_by.get_ref();
        let release_by: Vec<_> =
            words.iter().filter_map(|word| self.choice(file, word, "releaser", &RELEASERS)).collect();
        if words.is_empty() {
            let message = "somebody must be able to release what is held";
            self.problem(file, &raw.release_by, message, Some("one of user, guardian, staff".to_owned()));
        }
        duration.map(|duration| HoldSpec { duration, release_by })
    }

    pub(super) fn checks(&mut self, file: usize, settings: &PolicyFile) -> Vec<CheckSpec> {
        let all: Vec<_> = Check::ALL.iter().map(|check| (*check, check.name())).collect();
        let mut specs = Vec::new();
        for (name, raw) in &settings.checks {
            let check = self.choice(file, name, "check", &all);
            let fails: Vec<_> = FailMode::ALL.to_vec();
            let fail = self.choice(file, &raw.fail, "fail mode", &fails);
            let millis = *raw.deadline_ms.get_ref();
            if !(1..=MAX_DEADLINE_MS).contains(&millis) {
                let message = format!("a deadline has 1 to {MAX_DEADLINE_MS} milliseconds");
                self.problem(file, &raw.deadline_ms, message, None);
            }
            if let Some((check, fail)) = check.zip(fail) {
                let deadline = Lapse::from_micros(millis.saturating_mul(1_000));
                specs.push(CheckSpec { check, deadline, fail });
            }
        }
        self.missing_checks(file, &settings.checks, &settings.id, &specs);
        specs
    }

    /// Nothing fails open in silence: each check says what follows when it fails.
    fn missing_checks(
        &mut self,
        file: usize,
        written: &BTreeMap<Word, super::raw::RawCheck>,
        at: &Word,
        specs: &[CheckSpec],
    ) {
        for check in Check::ALL {
            let known = specs.iter().any(|spec| spec.check == *check)
                || written.keys().any(|name| name.get_ref() == check.name());
            if !known {
                let hint = format!("add [checks.{}] with deadline_ms and fail", check.name());
                let message = format!("nothing says what follows when the check `{}` fails", check.name());
                self.problem(file, at, message, Some(hint));
            }
        }
    }
}
