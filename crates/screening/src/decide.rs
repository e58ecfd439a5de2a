//! From findings to a decision: arithmetic on weights, and nothing else.
//!
//! Always true here:
//! - The score is the sum of the weights.
//! - Weak findings never block, however many they are: a block needs one strong finding.
//! - A protected account is never held or blocked by a machine alone: the user is warned and
//!   a person is asked.
//! - A check that could not be done asks for its fail mode's decision, never for less.

use touchstone_policy::Thresholds;
use touchstone_types::{Bilingual, Decision, Finding, Name, Strength, TurningPoint, Unavailable};

/// What a decision depends on besides the findings.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// Of the policy, for this kind of event.
    pub thresholds: Thresholds,
    /// Whether who acts is listed staff, a moderator, or a mutual contact.
    pub protected: bool,
    /// Checks that could not be done.
    pub unavailable: &'a [Unavailable],
}

/// What [`decide`] gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What is to be done.
    pub decision: Decision,
    /// Sum of the weights.
    pub score: u32,
    /// Whether a machine may not do here what the findings ask for.
    pub needs_person: bool,
}

/// One finding's say in the decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Say {
    /// Its weight.
    pub weight: u32,
    /// How much it may decide alone.
    pub strength: Strength,
}

impl From<&Finding> for Say {
    fn from(finding: &Finding) -> Self {
        Self { weight: finding.weight, strength: finding.strength }
    }
}

/// Adds up the findings and compares the sum with the thresholds.
#[must_use]
pub fn decide(findings: impl IntoIterator<Item = Say>, ground: &Ground<'_>) -> Outcome {
    let (mut score, mut strong) = (0u32, false);
    for say in findings {
        score = score.saturating_add(say.weight);
        // A finding without weight supports nothing: it must not lift the cap of others.
        strong |= say.weight > 0 && say.strength == Strength::Strong;
    }
    let Thresholds { warn, hold, block } = ground.thresholds;
    let by_score = match score {
        0 => Decision::Allow,
        score if score >= block => Decision::Block,
        score if score >= hold => Decision::Hold,
        score if score >= warn => Decision::Warn,
        _ => Decision::Allow,
    };
    let by_findings = if strong { by_score } else { by_score.min(Decision::Hold) };
    let by_checks = ground.unavailable.iter().map(|it| it.at_least).max().unwrap_or_default();
    let wanted = by_findings.max(by_checks);
    let allowed = if ground.protected { wanted.min(Decision::Warn) } else { wanted };
    Outcome { decision: allowed, score, needs_person: allowed < wanted }
}

/// The finding without which the decision would have been mildest, if there is one without
/// which it would have been milder at all. `otherwise` gives the decision without the finding
/// of that name, rules woken by it included.
pub(crate) fn turning_point(
    decision: Decision,
    findings: &[Finding],
    mut otherwise: impl FnMut(&Name) -> Decision,
) -> Option<TurningPoint> {
    let mut best: Option<(&Finding, Decision)> = None;
    for (at, finding) in findings.iter().enumerate() {
        if findings[..at].iter().any(|earlier| earlier.name == finding.name) {
            continue;
        }
        let without = otherwise(&finding.name);
        // Findings come heaviest first: of two that would do as much, the heavier is named.
        if without < best.map_or(decision, |(_, milder)| milder) {
            best = Some((finding, without));
        }
    }
    best.map(|(finding, otherwise)| TurningPoint {
        finding: finding.name.clone(),
        otherwise,
        sentence: sentence(finding, decision, otherwise),
    })
}

fn sentence(finding: &Finding, decision: Decision, otherwise: Decision) -> Bilingual {
    let zh = |it: Decision| match it {
        Decision::Allow => "放行",
        Decision::Warn => "仅提醒",
        Decision::Hold => "暂缓",
        Decision::Block => "拦截",
    };
    let en = |it: Decision| match it {
        Decision::Allow => "let through",
        Decision::Warn => "only warned about",
        Decision::Hold => "held",
        Decision::Block => "blocked",
    };
    let (now, then) = (decision, otherwise);
    let trimmed = |text: &str| text.trim_end_matches(['。', '.']).to_owned();
    Bilingual {
        zh: format!(
            "若没有“{}”这一点，处理会是“{}”而不是“{}”。",
            trimmed(&finding.sentence.zh),
            zh(then),
            zh(now)
        ),
        en: format!(
            "Without this it would have been {}, not {}: {}.",
            en(then),
            en(now),
            trimmed(&finding.sentence.en)
        ),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use touchstone_types::Check;

    use super::*;

    const LIMITS: Thresholds = Thresholds { warn: 30, hold: 60, block: 90 };

    fn ground(protected: bool) -> Ground<'static> {
        Ground { thresholds: LIMITS, protected, unavailable: &[] }
    }

    fn weak(weight: u32) -> Say {
        Say { weight, strength: Strength::Weak }
    }

    fn strong(weight: u32) -> Say {
        Say { weight, strength: Strength::Strong }
    }

    fn finding(name: &str, weight: u32) -> Finding {
        let sentence = Bilingual { zh: format!("{name}。"), en: format!("{name}.") };
        let (strength, name) = (Strength::Strong, Name::from(name));
        Finding { name, weight, strength, field: None, span: None, likeness: None, details: vec![], sentence }
    }

    #[test]
    fn the_sum_is_compared_with_the_thresholds() {
        for (says, decision) in [
            (vec![], Decision::Allow),
            (vec![weak(29)], Decision::Allow),
            (vec![weak(15), weak(15)], Decision::Warn),
            (vec![strong(60)], Decision::Hold),
            (vec![strong(90)], Decision::Block),
            (vec![weak(500)], Decision::Hold),
            (vec![weak(500), weak(0), strong(0)], Decision::Hold),
            (vec![weak(89), weak(1)], Decision::Hold),
            (vec![weak(50), weak(50), weak(50)], Decision::Hold),
            (vec![weak(89), strong(1)], Decision::Block),
            (vec![strong(u32::MAX), strong(9)], Decision::Block),
        ] {
            assert_eq!(decide(says.clone(), &ground(false)).decision, decision, "{says:?}");
        }
    }

    #[test]
    fn a_check_that_failed_asks_for_its_fail_mode_and_no_less() {
        let held = [Unavailable { check: Check::Memory, reason: "timeout".into(), at_least: Decision::Hold }];
        let ground = Ground { unavailable: &held, ..ground(false) };
        assert_eq!(decide([], &ground).decision, Decision::Hold);
        assert_eq!(decide([strong(90)], &ground).decision, Decision::Block);
        let protected = Ground { protected: true, ..ground };
        assert_eq!(
            decide([], &protected),
            Outcome { decision: Decision::Warn, score: 0, needs_person: true }
        );
    }

    #[test]
    fn the_turning_point_is_the_finding_that_matters_most() {
        let findings = [finding("a", 50), finding("b", 30), finding("c", 10)];
        let without = |name: &Name| {
            let rest = findings.iter().filter(|it| it.name != *name).map(Say::from);
            decide(rest, &ground(false)).decision
        };
        let point = turning_point(Decision::Block, &findings, without).unwrap();
        assert_eq!((&*point.finding, point.otherwise), ("a", Decision::Warn));
        assert_eq!(point.sentence.zh, "若没有“a”这一点，处理会是“仅提醒”而不是“拦截”。");
        let twice = [finding("a", 95), finding("b", 95)];
        assert_eq!(turning_point(Decision::Block, &twice, |_| Decision::Block), None);
    }

    fn says() -> impl Strategy<Value = Vec<Say>> {
        proptest::collection::vec(
            (0u32..200, any::<bool>())
                .prop_map(|(weight, is)| if is { strong(weight) } else { weak(weight) }),
            0..6,
        )
    }

    proptest! {
        #[test]
        fn another_finding_never_makes_it_milder(says in says(), more in 0u32..200) {
            let before = decide(says.clone(), &ground(false));
            let after = decide(says.into_iter().chain([weak(more)]), &ground(false));
            prop_assert!(after.decision >= before.decision && after.score >= before.score);
        }

        #[test]
        fn the_protected_are_never_held_or_blocked(says in says()) {
            let open = decide(says.clone(), &ground(false));
            let protected = decide(says, &ground(true));
            prop_assert!(protected.decision <= Decision::Warn);
            prop_assert_eq!(protected.needs_person, open.decision > Decision::Warn);
        }

        #[test]
        fn weak_findings_never_block(weights in proptest::collection::vec(any::<u32>(), 0..9)) {
            let says = weights.into_iter().map(weak);
            prop_assert!(decide(says, &ground(false)).decision < Decision::Block);
        }
    }
}
