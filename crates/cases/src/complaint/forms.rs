//! `policies/complaints`: which report fits which authority, and where each field of its form is
//! to be found. Data that complaints officers edit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use touchstone_types::Bilingual;

use super::fill::Part;
use crate::charter::{Channel, Charter, Length};
use crate::clock::Unit;
use crate::report::{Kind, Report};

/// What an authority is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A crime.
    Police,
    /// Stopping a payment, and advice.
    Money,
    /// An account, page or message.
    Content,
    /// How the firm behaved.
    Firm,
}

/// A file of `policies/complaints` that says nothing we understand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {reason}")]
pub struct FormProblem {
    /// Which file.
    pub file: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

/// What a field is called, and what fills it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldForm {
    zh: String,
    en: String,
    /// Parts of the report.
    pub(super) from: Vec<Part>,
    /// Whether one of them is enough.
    #[serde(default)]
    pub(super) any: bool,
    /// Whether it is done in person.
    #[serde(default)]
    pub(super) by_hand: bool,
    /// The question that fills it.
    pub(super) ask: String,
}

impl FieldForm {
    pub(super) fn label(&self) -> Bilingual {
        Bilingual { zh: self.zh.clone(), en: self.en.clone() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldFile {
    fields: BTreeMap<String, FieldForm>,
    general: General,
    questions: BTreeMap<String, Bilingual>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct General {
    fields: Vec<String>,
    firm_fields: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelForm {
    zh: String,
    about: About,
    #[serde(default)]
    clocks: Vec<String>,
    #[serde(default)]
    texts: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepts {
    kinds: Option<Vec<Kind>>,
    #[serde(default)]
    needs: Vec<Need>,
    #[serde(default)]
    firm: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Need {
    Loss,
    Suspect,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelFile {
    channels: BTreeMap<String, ChannelForm>,
    accepts: BTreeMap<String, Accepts>,
    texts: BTreeMap<String, String>,
}

/// Which report fits which authority, and how its form is filled.
#[derive(Clone, Debug)]
pub struct Forms {
    fields: BTreeMap<String, FieldForm>,
    questions: BTreeMap<String, Bilingual>,
    general: Vec<String>,
    firm_fields: Vec<String>,
    channels: BTreeMap<String, ChannelForm>,
    accepts: BTreeMap<String, Accepts>,
    texts: BTreeMap<String, String>,
}

const FIELDS: &str = "fields.toml";
const CHANNELS: &str = "channels.toml";

impl Forms {
    /// The forms that come with this version, for the authorities of a charter.
    ///
    /// # Errors
    /// Every authority, field or text of the charter that the forms do not know: an operator who
    /// brings a longer list brings forms for it too.
    pub fn built_in(charter: &Charter) -> Result<Self, Vec<FormProblem>> {
        let fields = include_str!("../../../../policies/complaints/fields.toml");
        let channels = include_str!("../../../../policies/complaints/channels.toml");
        Self::load(fields, channels, charter)
    }

    /// Reads `fields.toml` and `channels.toml`, and checks them against the list of authorities.
    ///
    /// # Errors
    /// Everything that is wrong or missing.
    pub fn load(fields: &str, channels: &str, charter: &Charter) -> Result<Self, Vec<FormProblem>> {
        let bad = |file: &'static str| {
            move |cause: toml::de::Error| vec![FormProblem { file, reason: cause.to_string() }]
        };
        let fields: FieldFile = toml::from_str(fields).map_err(bad(FIELDS))?;
        let channels: ChannelFile = toml::from_str(channels).map_err(bad(CHANNELS))?;
        let forms = Self {
            fields: fields.fields,
            questions: fields.questions,
            general: fields.general.fields,
            firm_fields: fields.general.firm_fields,
            channels: channels.channels,
            accepts: channels.accepts,
            texts: channels.texts,
        };
        let problems = forms.problems(charter);
        if problems.is_empty() { Ok(forms) } else { Err(problems) }
    }

    fn problems(&self, charter: &Charter) -> Vec<FormProblem> {
        let mut problems = Vec::new();
        let mut say = |file, reason| problems.push(FormProblem { file, reason });
        for (id, field) in &self.fields {
            if !self.questions.contains_key(&field.ask) {
                say(FIELDS, format!("the field `{id}` asks `{}`, which is no question", field.ask));
            }
        }
        for id in self.general.iter().chain(&self.firm_fields).filter(|it| !self.fields.contains_key(*it)) {
            say(FIELDS, format!("`{id}` under [general] is no field"));
        }
        for place in charter.jurisdictions().all() {
            for channel in &place.channels {
                let Some(form) = self.channels.get(&channel.id) else {
                    say(CHANNELS, format!("there is no [channels.{}]", channel.id));
                    continue;
                };
                for id in channel.required_fields.iter().filter(|it| !self.fields.contains_key(*it)) {
                    say(FIELDS, format!("there is no field `{id}`, which {} asks for", channel.id));
                }
                for word in channel.accepts.iter().filter(|it| !self.accepts.contains_key(*it)) {
                    say(
                        CHANNELS,
                        format!("[accepts] says nothing of `{word}`, which {} takes on", channel.id),
                    );
                }
                for id in form.clocks.iter().filter(|it| place.clock(it).is_none()) {
                    say(
                        CHANNELS,
                        format!("{} names the term `{id}`, which {} has not", channel.id, place.id),
                    );
                }
                for text in texts(channel).filter(|it| !form.texts.contains_key(*it)) {
                    say(CHANNELS, format!("[channels.{}.texts] has no Chinese for {text:?}", channel.id));
                }
            }
            let clocks = place.clocks.iter().flat_map(|it| {
                let when = it.extensions.iter().map(|it| &it.when);
                let case = it.variants.iter().map(|it| &it.case);
                when.chain(case).chain(&it.conflict).chain(&it.notes).chain(&it.must_contain)
            });
            for text in clocks.filter(|it| !self.texts.contains_key(*it)) {
                say(CHANNELS, format!("[texts] has no Chinese for {text:?}"));
            }
        }
        problems
    }

    /// Whether an authority takes on what was reported, given what the operator is by law.
    pub(super) fn fits(&self, channel: &Channel, report: &Report, firm: &[String]) -> bool {
        let fits = |it: &Accepts| {
            let kind = it.kinds.as_ref().is_none_or(|kinds| kinds.contains(&report.kind));
            let needs = it.needs.iter().all(|need| match need {
                Need::Loss => !report.losses.is_empty(),
                Need::Suspect => !report.suspects.is_empty(),
            });
            kind && needs && (it.firm.is_empty() || it.firm.iter().any(|it| firm.contains(it)))
        };
        channel.accepts.iter().filter_map(|it| self.accepts.get(it)).any(fits)
    }

    /// The fields of an authority's form, and whether they are its own.
    pub(super) fn fields_of<'a>(&'a self, channel: &'a Channel) -> (&'a [String], bool) {
        match (channel.required_fields.is_empty(), self.about(channel)) {
            (false, _) => (&channel.required_fields, true),
            (true, About::Firm) => (&self.firm_fields, false),
            (true, _) => (&self.general, false),
        }
    }

    pub(super) fn field(&self, id: &str) -> Option<&FieldForm> {
        self.fields.get(id)
    }

    /// The question of that name.
    #[must_use]
    pub fn question(&self, name: &str) -> Option<&Bilingual> {
        self.questions.get(name)
    }

    /// An authority in both languages.
    #[must_use]
    pub fn name(&self, channel: &Channel) -> Bilingual {
        let zh = self.channels.get(&channel.id).map_or_else(|| channel.name.clone(), |it| it.zh.clone());
        Bilingual { zh, en: channel.name.clone() }
    }

    pub(super) fn about(&self, channel: &Channel) -> About {
        self.channels.get(&channel.id).map_or(About::Police, |it| it.about)
    }

    pub(super) fn clocks(&self, channel: &Channel) -> &[String] {
        self.channels.get(&channel.id).map_or(&[], |it| &it.clocks)
    }

    /// A text of the list in both languages; as it is where there is no Chinese for it.
    pub(super) fn said(&self, channel: &Channel, text: &str) -> Bilingual {
        let own = self.channels.get(&channel.id).and_then(|it| it.texts.get(text));
        let zh = own.or_else(|| self.texts.get(text)).map_or(text, String::as_str).to_owned();
        Bilingual { zh, en: text.replace('_', " ") }
    }

    /// How soon an authority responds.
    pub(super) fn response(&self, channel: &Channel, response: &serde_json::Value) -> Option<Bilingual> {
        if let Some(text) = response.as_str() {
            return Some(self.said(channel, text));
        }
        let within = serde_json::from_value::<Length>(response.clone()).ok()?;
        let what = channel.response_kind.as_deref().map(|it| self.said(channel, it));
        let what = what.unwrap_or(Bilingual { zh: "答复".to_owned(), en: "response".to_owned() });
        let length = length(within);
        Some(Bilingual {
            zh: format!("{}：{}内", what.zh, length.zh),
            en: format!("{} within {}", what.en, length.en),
        })
    }

    /// Who is covered by an authority.
    pub(super) fn covers(&self, channel: &Channel) -> Bilingual {
        let all: Vec<Bilingual> = channel.covers.iter().map(|it| self.said(channel, it)).collect();
        let join = |of: fn(&Bilingual) -> &str, by| all.iter().map(of).collect::<Vec<_>>().join(by);
        Bilingual {
            zh: format!("适用地区：{}", join(|it| &it.zh, "、")),
            en: format!("For {}", join(|it| &it.en, ", ")),
        }
    }
}

/// The texts of an authority that a person reads.
fn texts(channel: &Channel) -> impl Iterator<Item = &str> {
    let single = [
        &channel.warning,
        &channel.caveat,
        &channel.note,
        &channel.limit,
        &channel.optional_ok,
        &channel.response_kind,
    ];
    let single = single.into_iter().flatten().map(String::as_str);
    let response = channel.response.as_ref().and_then(|it| it.as_str());
    let lists = channel.not_for.iter().chain(&channel.covers).chain(&channel.produces).map(String::as_str);
    single.chain(response).chain(lists)
}

/// A length of time in words.
#[must_use]
pub fn length(it: Length) -> Bilingual {
    let (zh, en) = match it.unit {
        Unit::Minute => ("分钟", "minute"),
        Unit::Hour => ("小时", "hour"),
        Unit::BusinessHour => ("个工作小时", "business hour"),
        Unit::CalendarDay => ("日", "calendar day"),
        Unit::BusinessDay => ("个工作日", "business day"),
        Unit::Week => ("周", "week"),
        Unit::Month => ("个月", "month"),
    };
    if it.n == 0 {
        return Bilingual { zh: "立即".to_owned(), en: "at once".to_owned() };
    }
    let plural = if it.n == 1 { "" } else { "s" };
    Bilingual { zh: format!("{} {zh}", it.n), en: format!("{} {en}{plural}", it.n) }
}
