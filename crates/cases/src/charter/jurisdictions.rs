//! `jurisdictions.json` and `clocks.toml`: authorities, their forms, and the terms of law, each
//! with its source and how sure it is. What is not sure enough to start a clock is kept as advice.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use touchstone_types::Bilingual;

use super::desk::Desk;
use super::{CharterProblem, File};
use crate::clock::{Calendars, Roll, Term, Unit};
use crate::rule::{PausePolicy, Percent, Rule, StopsOn, Trigger, Whose};

/// How sure a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Confidence {
    /// The text of the rule, or the authority's own page, was read.
    A,
    /// A solid secondary source, or a primary text read in part.
    B,
    /// To be checked before anything relies on it.
    C,
}

impl Confidence {
    /// Whether it may start a clock.
    #[must_use]
    pub const fn is_solid(self) -> bool {
        matches!(self, Confidence::A | Confidence::B)
    }

    /// `A`, `B` or `C`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Confidence::A => "A",
            Confidence::B => "B",
            Confidence::C => "C",
        }
    }
}

/// Where a record comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its address; `recall:…` where there is none.
    pub url: String,
    /// What is read there.
    pub note: Option<String>,
    /// `primary`, `secondary`, `mirror`, `blog` or `recall`.
    pub kind: String,
}

/// A length of time as laws give it; none at all means at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Length {
    /// How many.
    pub n: u32,
    /// Of what.
    pub unit: Unit,
}

/// A longer term in certain cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// Then it is this long, from the start.
    pub to: Option<Length>,
    /// Then it is so much longer.
    pub plus: Option<Length>,
    /// In which cases.
    pub when: String,
}

/// Another term for another kind of case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Which kind.
    pub case: String,
    /// How long it is then.
    pub duration: Length,
}

/// An authority or body to turn to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// Short name, unique.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `phone`, `url` and the like.
    #[serde(default)]
    pub contact: BTreeMap<String, String>,
    /// When it can be reached.
    pub hours: Option<String>,
    /// What it takes on.
    pub accepts: Vec<String>,
    /// What it does not.
    #[serde(default)]
    pub not_for: Vec<String>,
    /// Who is covered by it.
    #[serde(default)]
    pub covers: Vec<String>,
    /// What its form asks for.
    #[serde(default)]
    pub required_fields: Vec<String>,
    /// What its form lets one leave out.
    pub optional_ok: Option<String>,
    /// What it hands out.
    #[serde(default)]
    pub produces: Vec<String>,
    /// Whether the firm must be asked first.
    #[serde(default)]
    pub firm_first: bool,
    /// How soon it responds: a length, or words.
    pub response: Option<serde_json::Value>,
    /// What that response is.
    pub response_kind: Option<String>,
    /// Up to what it decides.
    pub limit: Option<String>,
    /// What to beware of.
    pub warning: Option<String>,
    /// What is not certain.
    pub caveat: Option<String>,
    /// What else to know.
    pub note: Option<String>,
    /// Where this comes from.
    pub sources: Vec<Source>,
    /// How sure it is.
    pub confidence: Confidence,
}

/// A form that the law lays down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormTemplate {
    /// Short name.
    pub id: String,
    /// What it asks for, in order.
    pub fields: Vec<String>,
    /// Where this comes from.
    pub sources: Vec<Source>,
    /// How sure it is.
    pub confidence: Confidence,
}

/// Whoever issued an asset and can freeze it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// Short name.
    pub id: String,
    /// Symbol of the asset.
    pub asset: String,
    /// Who may ask.
    pub who_can_ask: String,
    /// On what ground it freezes.
    pub freeze_basis: String,
    /// Whether it can give back what it froze.
    pub can_burn_and_reissue: bool,
    /// What it wants to see.
    pub packet: Vec<String>,
    /// What is known of its practice.
    pub stats: Option<String>,
    /// Where this comes from.
    pub sources: Vec<Source>,
    /// How sure it is.
    pub confidence: Confidence,
}

/// Why a term of law starts no clock here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// Its source was not good enough (confidence C).
    NotSure,
    /// It is a duty without a number of days.
    NoNumber,
    /// It is proposed or agreed, but not yet law.
    NotInForce,
    /// What starts it does not happen in a case.
    NoTrigger,
    /// There is no calendar for the place.
    NoCalendar,
}

impl Advice {
    /// Why, for people.
    #[must_use]
    pub fn reason(self) -> Bilingual {
        let (zh, en) = match self {
            Advice::NotSure => (
                "来源还不够可靠，只作参考，不计时",
                "the source is not solid enough: shown as advice, not timed",
            ),
            Advice::NoNumber => {
                ("法律规定了义务，但没有规定天数", "the law sets a duty without a number of days")
            }
            Advice::NotInForce => ("尚未生效", "not yet in force"),
            Advice::NoTrigger => {
                ("起算的事情发生在别处，这里看不到", "what starts it happens elsewhere and is not seen here")
            }
            Advice::NoCalendar => ("还没有当地的工作日历", "there is no calendar of that place yet"),
        };
        Bilingual { zh: zh.to_owned(), en: en.to_owned() }
    }
}

/// A term that the law sets to a firm, an authority or a victim.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LegalClock {
    /// Short name, unique.
    pub id: String,
    /// What it measures, for people.
    pub title: Bilingual,
    /// Whose duty it measures.
    pub whose: Whose,
    /// Which firms it binds; empty for terms that are not a firm's.
    pub applies_to: Vec<String>,
    /// What starts it, as the source has it.
    pub trigger: String,
    /// What has to be done.
    pub kind: String,
    /// How long it is; `None` for a duty without a number.
    pub duration: Option<Length>,
    /// Longer in certain cases. The clock runs by the shorter one.
    pub extensions: Vec<Extension>,
    /// Other terms for other kinds of case.
    pub variants: Vec<Variant>,
    /// Where sources contradict each other: what the others say.
    pub conflict: Option<String>,
    /// What follows it, as the source has it.
    pub then: Option<serde_json::Value>,
    /// Channels to turn to when it is breached.
    pub on_breach: Vec<String>,
    /// Whether it is law: `in_force`, `proposed`, …
    pub status: Option<String>,
    /// Since when.
    pub effective_from: Option<String>,
    /// What else to know, in the words of the source.
    pub notes: Vec<String>,
    /// What the answer must contain.
    pub must_contain: Vec<String>,
    /// Where this comes from.
    pub sources: Vec<Source>,
    /// How sure it is.
    pub confidence: Confidence,
    /// Why it starts no clock; `None` if it does.
    pub advice: Option<Advice>,
    /// The rules by which its clock runs, one for each thing that starts it; empty for advice.
    #[serde(skip)]
    pub rules: Vec<Arc<Rule>>,
}

impl LegalClock {
    /// Whether it concerns a case at a firm of these kinds: the victim's and the authorities' own
    /// terms always do.
    #[must_use]
    pub fn applies_to_any(&self, firm_kinds: &[String]) -> bool {
        self.whose != Whose::Firm || self.applies_to.iter().any(|it| firm_kinds.contains(it))
    }
}

/// A place with rules of its own.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Jurisdiction {
    /// Short name, such as `EU`.
    pub id: String,
    /// Name for people.
    pub name: Bilingual,
    /// Its calendar, if there is one.
    pub calendar: Option<String>,
    /// Authorities and bodies to turn to.
    pub channels: Vec<Channel>,
    /// Terms: the firm's, then the authorities', then the victim's.
    pub clocks: Vec<LegalClock>,
    /// Forms that the law lays down.
    pub form_templates: Vec<FormTemplate>,
    /// What else to know.
    pub notes: Vec<String>,
}

/// Everything that is known of authorities and the law.
#[derive(Clone, Debug)]
pub struct Jurisdictions {
    places: Vec<Jurisdiction>,
    issuers: Vec<Issuer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    #[serde(rename = "meta")]
    _meta: serde::de::IgnoredAny,
    jurisdictions: Vec<ListedPlace>,
    issuers: Vec<Issuer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedPlace {
    id: String,
    name: String,
    calendar: String,
    channels: Vec<Channel>,
    firm_clocks: Vec<ListedClock>,
    #[serde(default)]
    authority_clocks: Vec<ListedClock>,
    #[serde(default)]
    victim_clocks: Vec<ListedClock>,
    #[serde(default)]
    form_templates: Vec<FormTemplate>,
    #[serde(default)]
    notes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedClock {
    id: String,
    #[serde(default)]
    applies_to: Vec<String>,
    trigger: String,
    kind: String,
    duration: Option<Length>,
    #[serde(default)]
    extensions: Vec<Extension>,
    #[serde(default)]
    variants: Vec<Variant>,
    conflict: Option<String>,
    then: Option<serde_json::Value>,
    #[serde(default)]
    on_breach: Vec<String>,
    status: Option<String>,
    effective_from: Option<String>,
    note: Option<String>,
    also: Option<String>,
    counting: Option<String>,
    #[serde(default)]
    must_contain: Vec<String>,
    sources: Vec<Source>,
    confidence: Confidence,
}

/// What `clocks.toml` says of a term.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Timing {
    title: Bilingual,
    starts: Vec<Trigger>,
    stops: StopsOn,
    whose: Option<Whose>,
    roll: Option<Roll>,
}

impl Jurisdictions {
    /// All places, in the order of the file.
    #[must_use]
    pub fn all(&self) -> &[Jurisdiction] {
        &self.places
    }

    /// The place of that id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Jurisdiction> {
        self.places.iter().find(|it| it.id == id)
    }

    /// The term of that id, and where it is law.
    #[must_use]
    pub fn clock(&self, id: &str) -> Option<(&Jurisdiction, &LegalClock)> {
        let of = |place| Jurisdiction::clock(place, id).map(|it| (place, it));
        self.places.iter().find_map(of)
    }

    /// Those who issued an asset and can freeze it.
    #[must_use]
    pub fn issuers(&self) -> &[Issuer] {
        &self.issuers
    }

    pub(super) fn read(
        json: File<'_>,
        timings: File<'_>,
        desk: &Desk,
        calendars: &Calendars,
    ) -> Result<Self, Vec<CharterProblem>> {
        let listed: Listed = serde_json::from_str(json.text)
            .map_err(|cause| vec![json.problem(cause.line(), cause.to_string())])?;
        let mut timing: BTreeMap<String, Timing> = timings.toml().map_err(|it| vec![it])?;
        let mut reading =
            Reading { json, timings, desk, calendars, timing: &mut timing, problems: Vec::new() };
        let mut places: Vec<Jurisdiction> = Vec::new();
        for place in listed.jurisdictions {
            if places.iter().any(|it| it.id == place.id) {
                reading.about(&place.id, format!("{} is there twice", place.id));
            }
            places.push(reading.place(place));
        }
        let mut problems = reading.problems;
        for id in timing.keys() {
            problems.push(
                timings.about(&format!("[{id}]"), format!("there is no term `{id}` in jurisdictions.json")),
            );
        }
        if problems.is_empty() { Ok(Self { places, issuers: listed.issuers }) } else { Err(problems) }
    }
}

impl Jurisdiction {
    /// The term of that id.
    #[must_use]
    pub fn clock(&self, id: &str) -> Option<&LegalClock> {
        self.clocks.iter().find(|it| it.id == id)
    }

    /// The authority or body of that id.
    #[must_use]
    pub fn channel(&self, id: &str) -> Option<&Channel> {
        self.channels.iter().find(|it| it.id == id)
    }
}

struct Reading<'a> {
    json: File<'a>,
    timings: File<'a>,
    desk: &'a Desk,
    calendars: &'a Calendars,
    timing: &'a mut BTreeMap<String, Timing>,
    problems: Vec<CharterProblem>,
}

impl Reading<'_> {
    fn about(&mut self, id: &str, reason: String) {
        self.problems.push(self.json.about(&format!("\"{id}\""), reason));
    }

    fn place(&mut self, listed: ListedPlace) -> Jurisdiction {
        let ListedPlace { id, name, channels, form_templates, notes, .. } = listed;
        let zh = self.desk.places.get(&id).cloned();
        if zh.is_none() {
            self.about(&id, format!("{id} has no Chinese name under [jurisdictions] of desk.toml"));
        }
        let calendar = self.desk.calendars.get(&listed.calendar).unwrap_or(&listed.calendar).clone();
        let calendar = Some(calendar).filter(|it| self.calendars.get(it).is_ok());
        let sorted = [
            (Whose::Firm, listed.firm_clocks),
            (Whose::Authority, listed.authority_clocks),
            (Whose::Victim, listed.victim_clocks),
        ];
        let mut clocks: Vec<LegalClock> = Vec::new();
        for (whose, listed) in sorted {
            for clock in listed {
                let clock = self.clock(clock, whose, calendar.as_deref());
                if let Some(lost) =
                    clock.on_breach.iter().find(|it| !channels.iter().any(|one| one.id == **it))
                {
                    let reason = format!("{} leads to `{lost}`, which is no channel of {id}", clock.id);
                    self.about(&clock.id, reason);
                }
                clocks.push(clock);
            }
        }
        let name = Bilingual { zh: zh.unwrap_or_default(), en: name };
        Jurisdiction { id, name, calendar, channels, clocks, form_templates, notes }
    }

    fn clock(&mut self, listed: ListedClock, whose: Whose, calendar: Option<&str>) -> LegalClock {
        let timing = self.timing.remove(&listed.id).unwrap_or_else(|| {
            let reason = format!("clocks.toml says nothing of `{}`", listed.id);
            self.problems.push(self.timings.problem(1, reason));
            Timing {
                title: Bilingual::default(),
                starts: vec![],
                stops: StopsOn::Done,
                whose: None,
                roll: None,
            }
        });
        if listed.sources.is_empty() {
            self.about(&listed.id, format!("{} has no source", listed.id));
        }
        let advice = advice(&listed, &timing, calendar);
        let whose = timing.whose.unwrap_or(whose);
        let mut clock = LegalClock {
            id: listed.id,
            title: timing.title,
            whose,
            applies_to: listed.applies_to,
            trigger: listed.trigger,
            kind: listed.kind,
            duration: listed.duration,
            extensions: listed.extensions,
            variants: listed.variants,
            conflict: listed.conflict,
            then: listed.then,
            on_breach: listed.on_breach,
            status: listed.status,
            effective_from: listed.effective_from,
            notes: [listed.note, listed.also, listed.counting].into_iter().flatten().collect(),
            must_contain: listed.must_contain,
            sources: listed.sources,
            confidence: listed.confidence,
            advice,
            rules: Vec::new(),
        };
        if let (None, Some(calendar), Some(length)) = (advice, calendar, clock.duration) {
            let term = Term { duration: length.n, unit: length.unit, roll: timing.roll };
            let rule = |trigger: &Trigger| Arc::new(rule(&clock, *trigger, timing.stops, term, calendar));
            clock.rules = timing.starts.iter().map(rule).collect();
        }
        clock
    }
}

/// Why a term starts no clock, if it does not.
fn advice(clock: &ListedClock, timing: &Timing, calendar: Option<&str>) -> Option<Advice> {
    let status = clock.status.as_deref().unwrap_or("in_force");
    if !clock.confidence.is_solid() {
        Some(Advice::NotSure)
    } else if !matches!(status, "in_force" | "expected_practice") {
        Some(Advice::NotInForce)
    } else if clock.duration.is_none_or(|it| it.n == 0) {
        Some(Advice::NoNumber)
    } else if timing.starts.is_empty() {
        Some(Advice::NoTrigger)
    } else if calendar.is_none() {
        Some(Advice::NoCalendar)
    } else {
        None
    }
}

fn rule(clock: &LegalClock, trigger: Trigger, stops_on: StopsOn, term: Term, calendar: &str) -> Rule {
    let source = clock.sources.first().map_or("", |it| it.url.as_str());
    let sure = clock.confidence.as_str();
    Rule {
        name: clock.id.as_str().into(),
        title: clock.title.clone(),
        source: Bilingual {
            zh: format!("{source}（可信度 {sure}）"),
            en: format!("{source} (confidence {sure})"),
        },
        whose: clock.whose,
        trigger,
        stops_on,
        term,
        calendar: calendar.into(),
        // The law does not wait for the victim's answer, unless it says so; none of these does.
        pause: PausePolicy::Never,
        warnings: [50, 80].into_iter().filter_map(Percent::new).collect(),
    }
}
