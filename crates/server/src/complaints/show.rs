//! A packet made ready for reading, in the reader's language.

use touchstone_cases::Whose;
use touchstone_cases::charter::{Confidence, Source};
use touchstone_cases::complaint::{
    About, Field, Filled, Longer, Packet, PacketClock, Sent, Stage, Stand, length, local_time,
};
use touchstone_types::{Bilingual, Moment};

use crate::console::i18n::Lang;
use crate::console::shell::Shell;

/// The zone of a place, as the calendars have it.
pub(super) type Zone = jiff::tz::TimeZone;

/// A packet in a list.
pub(super) struct Line {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) about: String,
    pub(super) missing: usize,
    pub(super) stage: Option<String>,
    pub(super) contact: Vec<(String, String)>,
    pub(super) sure: String,
    pub(super) clock: Option<(&'static str, String)>,
    pub(super) sent: Option<String>,
}

/// A packet as a document.
pub(super) struct Paper {
    pub(super) channel: String,
    pub(super) name: String,
    pub(super) other_name: String,
    pub(super) reference: String,
    pub(super) police_reference: Option<String>,
    pub(super) made: String,
    pub(super) stage: Option<String>,
    pub(super) contact: Vec<(String, String)>,
    pub(super) hours: Option<String>,
    pub(super) sure: String,
    pub(super) is_unsure: bool,
    pub(super) warnings: Vec<String>,
    pub(super) notes: Vec<String>,
    pub(super) not_for: String,
    pub(super) produces: String,
    pub(super) own_form: bool,
    pub(super) fields: Vec<FieldView>,
    pub(super) missing: usize,
    pub(super) clocks: Vec<ClockView>,
    pub(super) sources: Vec<String>,
    pub(super) sent: Vec<String>,
}

/// A field as it is shown.
pub(super) struct FieldView {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) other: String,
    pub(super) state: &'static str,
    pub(super) said: String,
    pub(super) lines: Vec<String>,
    pub(super) hand: Option<String>,
    pub(super) question: Option<String>,
}

/// A term as it is shown.
pub(super) struct ClockView {
    pub(super) class: &'static str,
    pub(super) title: String,
    pub(super) whose: String,
    pub(super) stand: String,
    pub(super) length: String,
    pub(super) longer: Vec<String>,
    pub(super) conflict: Option<String>,
    pub(super) notes: Vec<String>,
    pub(super) sure: String,
    pub(super) sources: Vec<String>,
}

fn sure(s: &Shell, confidence: Confidence) -> String {
    s.t(match confidence {
        Confidence::A => "packet-sure-a",
        Confidence::B => "packet-sure-b",
        Confidence::C => "packet-sure-c",
    })
}

fn contact(packet: &Packet, s: &Shell) -> Vec<(String, String)> {
    let name = |kind: &str| match kind {
        "phone" => s.t("packet-phone"),
        "url" => s.t("packet-web"),
        other => other.to_owned(),
    };
    packet.contact.iter().map(|(kind, value)| (name(kind), value.clone())).collect()
}

fn stage(packet: &Packet, s: &Shell, zone: &Zone) -> Option<String> {
    match packet.stage {
        Stage::Now => None,
        Stage::AfterFirm { from: Some(from) } => {
            Some(s.t1("packet-after-firm-from", "at", local_time(zone, from)))
        }
        Stage::AfterFirm { from: None } => Some(s.t("packet-after-firm")),
    }
}

fn was_sent(it: &Sent, s: &Shell, zone: &Zone) -> String {
    let at = local_time(zone, it.at);
    let by = it.by.as_str();
    match &it.under {
        Some(under) => s.lang.text_with(
            "packet-was-sent-under",
            &[("at", at.into()), ("by", by.into()), ("under", under.as_str().into())],
        ),
        None => s.lang.text_with("packet-was-sent", &[("at", at.into()), ("by", by.into())]),
    }
}

/// A packet in a list.
pub(super) fn line(packet: &Packet, s: &Shell, zone: &Zone, base: &str) -> Line {
    let about = match packet.about {
        About::Police => "packet-about-police",
        About::Money => "packet-about-money",
        About::Content => "packet-about-content",
        About::Firm => "packet-about-firm",
    };
    // What is late goes before what runs.
    let late = packet.clocks.iter().find(|it| matches!(it.stand, Stand::Breached { .. }));
    let runs = packet.clocks.iter().find(|it| matches!(it.stand, Stand::Running { .. }));
    let clock = late.or(runs).map(|it| {
        let (class, stand) = stand(&it.stand, s, zone);
        (class, format!("{} · {stand}", s.lang.of(&it.title)))
    });
    Line {
        href: format!("{base}/{}", packet.channel),
        name: s.lang.of(&packet.name).to_owned(),
        about: s.t(about),
        missing: packet.missing().count(),
        stage: stage(packet, s, zone),
        contact: contact(packet, s),
        sure: sure(s, packet.confidence),
        clock,
        sent: packet.sent.last().map(|it| was_sent(it, s, zone)),
    }
}

/// A packet as a document.
pub(super) fn paper(packet: &Packet, s: &Shell, zone: &Zone, now: Moment) -> Paper {
    let said = |it: &Bilingual| s.lang.of(it).to_owned();
    let all = |list: &[Bilingual]| list.iter().map(said).collect::<Vec<_>>();
    let joined = |list: &[Bilingual]| all(list).join(&s.t("list-comma"));
    Paper {
        channel: packet.channel.clone(),
        name: said(&packet.name),
        other_name: s.lang.other().of(&packet.name).to_owned(),
        reference: packet.reference.clone(),
        police_reference: packet.police_reference.clone(),
        made: local_time(zone, now),
        stage: stage(packet, s, zone),
        contact: contact(packet, s),
        hours: packet.hours.clone(),
        sure: sure(s, packet.confidence),
        is_unsure: packet.confidence == Confidence::C,
        warnings: all(&packet.warnings),
        notes: all(&packet.notes),
        not_for: joined(&packet.not_for),
        produces: joined(&packet.produces),
        own_form: packet.own_form,
        fields: packet.fields.iter().map(|it| field(it, s, zone)).collect(),
        missing: packet.missing().count(),
        clocks: packet.clocks.iter().map(|it| clock(it, s, zone)).collect(),
        sources: packet.sources.iter().map(|it| source(it, s)).collect(),
        sent: packet.sent.iter().map(|it| was_sent(it, s, zone)).collect(),
    }
}

fn field(it: &Field, s: &Shell, zone: &Zone) -> FieldView {
    let (state, said) = match it.state {
        Filled::Whole => ("whole", "packet-field-whole"),
        Filled::Partly => ("partly", "packet-field-partly"),
        Filled::Missing => ("missing", "packet-field-missing"),
        Filled::ByHand => ("by-hand", "packet-field-by-hand"),
    };
    let hand = it.by_hand.as_ref().map(|(by, at)| {
        let by = if by.is_empty() { s.t("packet-the-victim") } else { by.clone() };
        s.lang.text_with("packet-filled-by", &[("by", by.into()), ("at", local_time(zone, *at).into())])
    });
    FieldView {
        id: it.id.clone(),
        label: s.lang.of(&it.label).to_owned(),
        other: s.lang.other().of(&it.label).to_owned(),
        state,
        said: s.t(said),
        lines: s.lang.of(&it.value).lines().map(str::to_owned).collect(),
        hand,
        question: it.question.as_ref().map(|it| s.lang.of(it).to_owned()),
    }
}

fn stand(it: &Stand, s: &Shell, zone: &Zone) -> (&'static str, String) {
    let at = |key, at: Moment| s.t1(key, "at", local_time(zone, at));
    match it {
        Stand::Running { due: Some(due), .. } => ("running", at("packet-clock-running", *due)),
        Stand::Running { due: None, .. } => ("running", s.t("packet-clock-no-date")),
        Stand::Paused { since } => ("paused", at("packet-clock-paused", *since)),
        Stand::Met { at: when } => ("met", at("packet-clock-met", *when)),
        Stand::Breached { at: when } => ("breached", at("packet-clock-breached", *when)),
        Stand::NotStarted { starts } => {
            let all: Vec<String> = starts
                .iter()
                .map(|it| s.t(&format!("packet-starts-{}", it.as_str().replace('_', "-"))))
                .collect();
            ("waiting", s.t1("packet-clock-waits", "for", all.join(&s.t("list-comma"))))
        }
        Stand::Advice { reason } => {
            ("advice", s.t1("packet-clock-advice", "why", s.lang.of(reason).to_owned()))
        }
    }
}

fn longer(it: &Longer, lang: Lang, s: &Shell) -> String {
    let when = lang.of(&it.when);
    match (it.to, it.plus) {
        (Some(to), _) => {
            let to = length(to);
            s.lang.text_with("packet-longer-to", &[("length", lang.of(&to).into()), ("when", when.into())])
        }
        (None, Some(plus)) => {
            let plus = length(plus);
            s.lang
                .text_with("packet-longer-plus", &[("length", lang.of(&plus).into()), ("when", when.into())])
        }
        (None, None) => when.to_owned(),
    }
}

fn clock(it: &PacketClock, s: &Shell, zone: &Zone) -> ClockView {
    let (class, stand) = stand(&it.stand, s, zone);
    let whose = match it.whose {
        Whose::Ours => "packet-whose-ours",
        Whose::Firm => "packet-whose-firm",
        Whose::Victim => "packet-whose-victim",
        Whose::Authority => "packet-whose-authority",
    };
    let length = it.duration.map(|it| s.lang.of(&length(it)).to_owned());
    ClockView {
        class,
        title: s.lang.of(&it.title).to_owned(),
        whose: s.t(whose),
        stand,
        length: length.unwrap_or_else(|| s.t("packet-no-number")),
        longer: it.longer.iter().map(|it| longer(it, s.lang, s)).collect(),
        conflict: it.conflict.as_ref().map(|it| s.lang.of(it).to_owned()),
        notes: it.notes.iter().map(|it| s.lang.of(it).to_owned()).collect(),
        sure: sure(s, it.confidence),
        sources: it.sources.iter().map(|it| source(it, s)).collect(),
    }
}

/// Where something was read. It is shown, not linked: pages of authorities are imitated too.
fn source(it: &Source, s: &Shell) -> String {
    match it.url.strip_prefix("recall:") {
        Some(of) => s.t1("packet-source-recall", "of", of.to_owned()),
        None => it.url.clone(),
    }
}
