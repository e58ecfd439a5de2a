//! What the pages of vetting are given.

use askama::Template;
use touchstone_registry::statement::VoidReason;
use touchstone_registry::vetting::{Stage, Wanted};
use touchstone_registry::{Fact, IdentityKind, Registry, Status};
use touchstone_store::{Attempt, KeptApplication, Objection};
use touchstone_types::Moment;

use super::backing::BackingView;
use super::proofs;
use crate::console::shell::Shell;
use crate::console::show::minutes;
use crate::console::views::{Fact as Line, LikenessView, Tab};

/// One thing that can be chosen.
pub(crate) struct Choice {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) here: bool,
}

/// The form of an application: first what it is, then the rest.
#[derive(Template)]
#[template(path = "registry_form.html")]
pub(crate) struct FormPage {
    pub(crate) s: Shell,
    pub(crate) open: bool,
    pub(crate) problem: Option<String>,
    pub(crate) kinds: Vec<Choice>,
    pub(crate) kind: Option<&'static str>,
    pub(crate) facts: Vec<Choice>,
    pub(crate) given: Vec<(String, String)>,
}

impl FormPage {
    /// What was typed before.
    pub(crate) fn was(&self, name: &str) -> &str {
        self.given.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// Whether that is to be listed.
    pub(crate) fn is(&self, kind: &str) -> bool {
        self.kind == Some(kind)
    }

    /// What kind of text is expected, as a key.
    pub(crate) fn value_hint(&self) -> &'static str {
        match self.kind {
            Some("domain") => "apply-value-hint-domain",
            Some("handle") => "apply-value-hint-handle",
            Some("email") => "apply-value-hint-email",
            Some("phone") => "apply-value-hint-phone",
            Some("address") => "apply-value-hint-address",
            Some("app") => "apply-value-hint-app",
            Some("agent") => "apply-value-hint-agent",
            _ => "apply-value-hint-plain",
        }
    }
}

/// One way of proving control, as a step to take.
pub(crate) struct StepView {
    pub(crate) name: &'static str,
    pub(crate) title: String,
    pub(crate) about: String,
    pub(crate) place: String,
    pub(crate) place_label: String,
    pub(crate) value: String,
    /// `code` or `signature` if something has to be typed.
    pub(crate) typed: Option<&'static str>,
    pub(crate) done: Option<String>,
    pub(crate) outcome: Option<String>,
    pub(crate) outcome_good: bool,
    pub(crate) button: String,
}

impl StepView {
    /// Whether a code has to be typed.
    pub(crate) fn is_code(&self) -> bool {
        self.typed == Some("code")
    }
}

/// The stages that an application goes through, with where it is.
pub(crate) struct StageView {
    pub(crate) label: String,
    /// `done`, `here` or `todo`.
    pub(crate) class: &'static str,
}

impl StageView {
    /// Whether it is there now.
    pub(crate) fn is_here(&self) -> bool {
        self.class == "here"
    }
}

/// An application for the one who made it.
#[derive(Template)]
#[template(path = "registry_application.html")]
pub(crate) struct ApplicationPage {
    pub(crate) s: Shell,
    pub(crate) token: String,
    pub(crate) link: String,
    pub(crate) fresh: bool,
    pub(crate) title: String,
    pub(crate) kind: String,
    pub(crate) stages: Vec<StageView>,
    pub(crate) lead: String,
    pub(crate) reason: Option<String>,
    pub(crate) steps: Vec<StepView>,
    pub(crate) sets: String,
    pub(crate) backing: Option<BackingView>,
    pub(crate) consent: Option<String>,
    pub(crate) may_withdraw: bool,
    pub(crate) facts: Vec<Line>,
}

/// What is on public notice.
pub(crate) struct NoticeView {
    pub(crate) id: String,
    pub(crate) organisation: String,
    pub(crate) kind: String,
    pub(crate) value: String,
    pub(crate) until: String,
}

/// The list of what is on public notice.
#[derive(Template)]
#[template(path = "registry_notices.html")]
pub(crate) struct NoticesPage {
    pub(crate) s: Shell,
    pub(crate) list: Vec<NoticeView>,
}

/// One of them, with the form of an objection.
#[derive(Template)]
#[template(path = "registry_notice.html")]
pub(crate) struct NoticePage {
    pub(crate) s: Shell,
    pub(crate) it: NoticeView,
    pub(crate) backing: Option<BackingView>,
    pub(crate) facts: Vec<Line>,
    pub(crate) said: bool,
    pub(crate) over: bool,
    pub(crate) problem: Option<String>,
}

/// One application in the officers' list.
pub(crate) struct QueueView {
    pub(crate) href: String,
    pub(crate) value: String,
    pub(crate) organisation: String,
    pub(crate) kind: String,
    pub(crate) changed: String,
    pub(crate) note: Option<String>,
    pub(crate) clashes: usize,
}

/// Something an officer has to see.
pub(crate) struct AlertView {
    pub(crate) id: i64,
    pub(crate) href: String,
    pub(crate) title: String,
    pub(crate) detail: String,
    pub(crate) at: String,
}

/// The officers' list.
#[derive(Template)]
#[template(path = "registry_queue.html")]
pub(crate) struct QueuePage {
    pub(crate) s: Shell,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) list: Vec<QueueView>,
    pub(crate) alerts: Vec<AlertView>,
    pub(crate) log: bool,
}

/// A listed identity.
pub(crate) struct ListedView {
    pub(crate) id: Option<String>,
    pub(crate) value: String,
    pub(crate) organisation: String,
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) class: &'static str,
    pub(crate) ends: Option<String>,
    pub(crate) index: Option<u64>,
    pub(crate) may_revoke: bool,
    /// Reasons for which it can be voided by hand: name and words; none if it is void or revoked.
    pub(crate) voids: Vec<(&'static str, String)>,
}

/// Everything listed.
#[derive(Template)]
#[template(path = "registry_listed.html")]
pub(crate) struct ListedPage {
    pub(crate) s: Shell,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) list: Vec<ListedView>,
    pub(crate) query: String,
    pub(crate) more: bool,
}

/// What was seen of one proof.
pub(crate) struct SeenView {
    pub(crate) method: String,
    pub(crate) at: String,
    pub(crate) text: String,
}

/// An objection with its answer.
pub(crate) struct ObjectionView {
    pub(crate) id: i64,
    pub(crate) at: String,
    pub(crate) said: String,
    pub(crate) contact: String,
    pub(crate) answer: Option<String>,
}

/// One application for officers.
#[derive(Template)]
#[template(path = "registry_case.html")]
pub(crate) struct CasePage {
    pub(crate) s: Shell,
    pub(crate) action: String,
    pub(crate) title: String,
    pub(crate) kind: String,
    pub(crate) stages: Vec<StageView>,
    pub(crate) facts: Vec<Line>,
    pub(crate) proofs: Vec<SeenView>,
    pub(crate) clashes: Vec<String>,
    pub(crate) likenesses: Vec<LikenessView>,
    pub(crate) reviews: Vec<(String, String, String)>,
    pub(crate) objections: Vec<ObjectionView>,
    pub(crate) backing: Option<BackingView>,
    pub(crate) asks_instead: bool,
    pub(crate) wait: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) status: Option<ListedView>,
    pub(crate) may_agree: bool,
    pub(crate) may_attest: bool,
    pub(crate) may_refuse: bool,
    pub(crate) blocked: Option<String>,
}

/// A kind of identity in words.
pub(crate) fn kind_name(s: &Shell, kind: IdentityKind) -> String {
    s.t(&format!("identity-{}", kind.name().replace('_', "-")))
}

/// The stages with where an application is.
pub(crate) fn stages(s: &Shell, stage: Stage) -> Vec<StageView> {
    const SHOWN: [Stage; 4] = [Stage::Draft, Stage::Cleared, Stage::Waiting, Stage::Published];
    let at = match stage {
        Stage::Draft => 0,
        Stage::Proved | Stage::Cleared => 1,
        Stage::Reviewed | Stage::Waiting => 2,
        Stage::Published => 4,
        Stage::Refused => 5,
    };
    SHOWN
        .iter()
        .enumerate()
        .map(|(place, it)| StageView {
            label: s.t(&format!("stage-{}", it.name())),
            class: match place.cmp(&at) {
                _ if stage == Stage::Refused => "todo",
                std::cmp::Ordering::Less => "done",
                std::cmp::Ordering::Equal => "here",
                std::cmp::Ordering::Greater => "todo",
            },
        })
        .collect()
}

/// What is applied for, line by line.
pub(crate) fn facts(s: &Shell, wanted: &Wanted) -> Vec<Line> {
    let mut lines = vec![
        Line::new(s.t("apply-organisation"), wanted.organisation.clone()),
        Line::new(kind_name(s, wanted.kind), wanted.value.clone()),
    ];
    let mut add = |key: &str, value: Option<String>| {
        if let Some(value) = value.filter(|it| !it.is_empty()) {
            lines.push(Line::new(s.t(key), value));
        }
    };
    add("apply-platform", wanted.platform.clone());
    add("apply-account", wanted.account.clone());
    add("apply-chain", wanted.chain.clone());
    add("apply-certificate", wanted.certificate.map(|it| it.to_string()));
    add("apply-site", wanted.site.clone());
    add("apply-newest-safe", wanted.newest_safe.clone());
    add("apply-role", wanted.role.clone());
    add("apply-purposes", Some(wanted.purposes.join(" · ")));
    add("apply-languages", Some(wanted.languages.join(", ")));
    if let Some(described) = &wanted.describes {
        add("apply-name", Some(format!("{} · {}", described.name.zh, described.name.en)));
        let facts = described.facts.iter().map(|it| s.lang.of(&it.sentence()).to_owned());
        add("apply-facts", Some(facts.collect::<Vec<_>>().join(" · ")));
        let ways = described.ways_in.iter().map(|it| s.lang.of(it).to_owned());
        add("apply-ways-in", Some(ways.collect::<Vec<_>>().join(" · ")));
    }
    lines
}

/// Facts to choose from.
pub(crate) fn fact_choices(s: &Shell, chosen: &[Fact]) -> Vec<Choice> {
    let choice = |it: &Fact| Choice {
        name: it.name().to_owned(),
        label: s.lang.of(&it.sentence()).to_owned(),
        here: chosen.contains(it),
    };
    Fact::ALL.iter().map(choice).collect()
}

/// The steps that prove an application, with how far each is.
pub(crate) fn steps(s: &Shell, kept: &KeptApplication, attempts: &[Attempt]) -> Vec<StepView> {
    proofs::ways(&kept.record.wanted)
        .into_iter()
        .filter(|it| it.name() != "officer_seen")
        .map(|method| {
            let (place, value) = proofs::task(kept, method);
            let name = method.name();
            let key = name.replace('_', "-");
            let attempt = attempts.iter().find(|it| it.method == method);
            let done = kept.record.proofs.iter().find(|it| it.method == method);
            let sent = attempt.is_some_and(|it| it.outcome == "sent" || it.outcome.ends_with("_code"));
            let typed = match name {
                "address_signature" => Some("signature"),
                "mailbox_code" | "phone_code" if sent => Some("code"),
                _ => None,
            };
            let button = match (name, typed) {
                ("mailbox_code" | "phone_code", None) => "prove-send",
                (_, Some(_)) => "prove-hand-in",
                _ => "prove-check",
            };
            StepView {
                name,
                title: s.t(&format!("prove-{key}")),
                about: s.t(&format!("prove-{key}-about")),
                place,
                place_label: s.t(&format!("prove-{key}-place")),
                value,
                typed,
                done: done.map(|it| minutes(it.at)),
                outcome: attempt.map(|it| outcome(s, &it.outcome)),
                outcome_good: attempt.is_some_and(|it| matches!(it.outcome.as_str(), "proved" | "sent")),
                button: s.t(button),
            }
        })
        .collect()
}

/// What came of a look, in words.
pub(crate) fn outcome(s: &Shell, word: &str) -> String {
    let key = format!("outcome-{}", word.replace('_', "-"));
    if s.lang.has(&key) { s.t(&key) } else { s.lang.text("outcome-failed") }
}

/// How a listed identity stands.
pub(crate) fn listed(
    s: &Shell,
    registry: &Registry,
    it: &touchstone_registry::Identity,
    now: Moment,
) -> ListedView {
    let status = it.status(now);
    let class = match status {
        Status::Listed { .. } => "good",
        Status::NotYet { .. } => "warn",
        Status::Lapsed { .. } | Status::Voided { .. } => "hold",
        Status::Revoked { .. } => "bad",
    };
    let because = status.reason().map(|it| format!(" · {}", s.lang.of(&it))).unwrap_or_default();
    ListedView {
        id: it.id.as_deref().map(str::to_owned),
        value: it.shown.to_string(),
        organisation: registry.holder(it).map(|it| s.lang.of(&it.name).to_owned()).unwrap_or_default(),
        kind: kind_name(s, it.kind),
        status: format!("{}{because}", s.t(&format!("listed-{}", status.name().replace('_', "-")))),
        class,
        ends: it.ends().map(|(at, _)| minutes(at)),
        index: it.index,
        may_revoke: it.id.is_some() && it.revoked.is_none(),
        voids: if it.id.is_some() && it.revoked.is_none() && it.voided.is_none() {
            let words = |it: &VoidReason| s.t(&format!("void-{}", it.name().replace('_', "-")));
            VoidReason::ALL.iter().map(|it| (it.name(), words(it))).collect()
        } else {
            Vec::new()
        },
    }
}

/// Objections as officers see them.
pub(crate) fn objections(list: Vec<Objection>) -> Vec<ObjectionView> {
    list.into_iter()
        .map(|it| ObjectionView {
            id: it.id,
            at: minutes(it.at),
            said: it.said,
            contact: it.contact,
            answer: it.answer.map(|(at, by, text)| format!("{} · {by}: {text}", minutes(at))),
        })
        .collect()
}

/// Why a step cannot be taken, for people.
pub(crate) fn wrong(s: &Shell, why: &touchstone_registry::vetting::NotYet) -> String {
    use touchstone_registry::vetting::NotYet as N;
    match why {
        N::Form(it) => s.t1("wrong-form", "what", it.to_string()),
        N::Unproved => s.t("wrong-unproved"),
        N::Stale => s.t("wrong-stale"),
        N::Taken(by) => s.t1("wrong-taken", "by", by.as_str()),
        N::SameOfficer | N::OwnApplication => s.t("wrong-same-officer"),
        N::NoPasskey => s.t("wrong-no-passkey"),
        N::NeedsReason => s.t("wrong-needs-reason"),
        N::NeedsBacking => s.t("wrong-needs-backing"),
        N::Waiting(until) => s.t1("wrong-waiting", "until", minutes(*until)),
        N::Objections(count) => s.n("wrong-objections", *count),
        N::Contradiction(_) => s.t("wrong-contradiction"),
    }
}
