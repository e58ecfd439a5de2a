//! What the templates are given: plain data, made ready to be shown.
//!
//! Nothing here asks anything; the handlers gather, these show.

use askama::Template;

use super::chart::{Bar, Bars, Spark};
use super::shell::Shell;
use super::shown::{Mark, Marked, Shown};

/// A finding in a row of a list.
#[derive(Clone, Debug)]
pub(crate) struct Chip {
    pub(crate) name: String,
    pub(crate) weight: u32,
}

/// One verdict in a list.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) anchor: String,
    pub(crate) href: String,
    pub(crate) time: String,
    pub(crate) clock: String,
    pub(crate) decision: &'static str,
    pub(crate) score: u32,
    pub(crate) kind: String,
    pub(crate) name: Option<String>,
    pub(crate) handle: Option<String>,
    pub(crate) text: String,
    pub(crate) chips: Vec<Chip>,
    pub(crate) needs_person: bool,
    pub(crate) reviewed: Option<&'static str>,
}

impl Row {
    /// Who acted, as they call themselves.
    pub(crate) fn from(&self) -> String {
        match self.name.as_deref().filter(|name| !name.trim().is_empty()).or(self.handle.as_deref()) {
            Some(name) => Shown(name).to_string(),
            None => "—".to_owned(),
        }
    }

    /// What was written.
    pub(crate) fn shown_text(&self) -> Shown<'_> {
        Shown(&self.text)
    }
}

/// A label with a value that others may have written.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) marks: Vec<Mark>,
}

impl Fact {
    /// A fact without marks.
    pub(crate) fn new(label: String, value: impl Into<String>) -> Self {
        Self { label, value: value.into(), marks: Vec::new() }
    }

    /// Its value, contained.
    pub(crate) fn shown(&self) -> Marked<'_> {
        Marked { text: &self.value, marks: &self.marks }
    }
}

/// A line of the sum.
#[derive(Clone, Debug)]
pub(crate) struct SumLine {
    pub(crate) number: usize,
    pub(crate) colour: usize,
    pub(crate) name: String,
    pub(crate) sentence: String,
    pub(crate) weight: u32,
    pub(crate) strong: bool,
    pub(crate) words: Option<String>,
    pub(crate) details: Vec<(String, String)>,
}

/// A resemblance laid out letter by letter.
#[derive(Clone, Debug)]
pub(crate) struct LikenessView {
    pub(crate) official: String,
    pub(crate) candidate: String,
    pub(crate) brand: String,
    pub(crate) percent: u32,
    pub(crate) steps: Vec<StepView>,
}

/// One piece of it.
#[derive(Clone, Debug)]
pub(crate) struct StepView {
    pub(crate) official: String,
    pub(crate) candidate: String,
    pub(crate) technique: Option<String>,
}

/// A check that was done, not done, or not needed.
#[derive(Clone, Debug)]
pub(crate) struct CheckView {
    pub(crate) label: String,
    pub(crate) class: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) reason: Option<String>,
}

/// One verdict, explained.
#[derive(Clone, Debug)]
pub(crate) struct VerdictView {
    pub(crate) source: String,
    pub(crate) id: String,
    pub(crate) href: String,
    pub(crate) kind: String,
    pub(crate) time: String,
    pub(crate) decision: &'static str,
    pub(crate) score: u32,
    pub(crate) quote: Option<Fact>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) sum: Vec<SumLine>,
    pub(crate) turning: Option<String>,
    pub(crate) likenesses: Vec<LikenessView>,
    pub(crate) checks: Vec<CheckView>,
    pub(crate) shadow: Vec<(String, u32)>,
    pub(crate) needs_person: bool,
    pub(crate) hold: Option<String>,
}

/// An account or a conversation beside the verdict.
#[derive(Clone, Debug)]
pub(crate) struct PersonView {
    pub(crate) title: String,
    pub(crate) flags: Vec<String>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) href: Option<String>,
}

/// One tab of a filter.
#[derive(Clone, Debug)]
pub(crate) struct Tab {
    pub(crate) href: String,
    pub(crate) label: String,
    pub(crate) here: bool,
}

/// A number at the top of a page.
#[derive(Clone, Debug)]
pub(crate) struct Stat {
    pub(crate) value: String,
    pub(crate) label: String,
}

/// One option of several.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) about: String,
    pub(crate) here: bool,
}

/// `/console`
#[derive(Template)]
#[template(path = "live.html")]
pub(crate) struct LivePage {
    pub(crate) s: Shell,
    pub(crate) stats: Vec<Stat>,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) stream: String,
    pub(crate) list: Vec<Row>,
    pub(crate) older: Option<String>,
}

/// A row by itself, for the stream.
#[derive(Template)]
#[template(path = "live_row.html")]
pub(crate) struct LiveRow<'a> {
    pub(crate) s: &'a Shell,
    pub(crate) row: &'a Row,
}

/// `/console/verdicts/{source}/{id}`
#[derive(Template)]
#[template(path = "verdict.html")]
pub(crate) struct VerdictPage {
    pub(crate) s: Shell,
    pub(crate) verdict: VerdictView,
    pub(crate) review_href: Option<String>,
    pub(crate) people: Vec<PersonView>,
    pub(crate) others: Vec<Row>,
    pub(crate) origin: Vec<Fact>,
    pub(crate) campaign: Option<String>,
}

/// One entry of the queue.
pub(crate) struct QueueItem {
    pub(crate) href: String,
    pub(crate) here: bool,
    pub(crate) row: Row,
    pub(crate) holder: Option<String>,
    pub(crate) state: Option<&'static str>,
}

/// The entry that is open.
pub(crate) struct OpenReview {
    pub(crate) verdict: VerdictView,
    pub(crate) action: String,
    pub(crate) mine: bool,
    pub(crate) lock_class: &'static str,
    pub(crate) lock_text: String,
}

/// How a finding did, by the labels of reviewers.
pub(crate) struct PrecisionLine {
    pub(crate) name: String,
    pub(crate) confirmed: u64,
    pub(crate) overturned: u64,
    pub(crate) precision: String,
    pub(crate) recall: String,
}

/// `/console/reviews`
#[derive(Template)]
#[template(path = "reviews.html")]
pub(crate) struct ReviewsPage {
    pub(crate) s: Shell,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) list: Vec<QueueItem>,
    pub(crate) open: Option<OpenReview>,
    pub(crate) precision: Vec<PrecisionLine>,
}

/// Near-duplicates as one.
pub(crate) struct CampaignView {
    pub(crate) href: String,
    pub(crate) text: String,
    pub(crate) decision: &'static str,
    pub(crate) score: u32,
    pub(crate) messages: u64,
    pub(crate) senders: u64,
    pub(crate) people: u64,
    pub(crate) first: String,
    pub(crate) last: String,
    pub(crate) decided: Option<&'static str>,
}

impl CampaignView {
    /// The text as a whole.
    pub(crate) fn whole(&self) -> Marked<'_> {
        Marked { text: &self.text, marks: &[] }
    }
}

/// `/console/campaigns`
#[derive(Template)]
#[template(path = "campaigns.html")]
pub(crate) struct CampaignsPage {
    pub(crate) s: Shell,
    pub(crate) list: Vec<CampaignView>,
}

/// `/console/campaigns/{id}`
#[derive(Template)]
#[template(path = "campaign.html")]
pub(crate) struct CampaignPage {
    pub(crate) s: Shell,
    pub(crate) it: CampaignView,
    pub(crate) list: Vec<Row>,
}

/// The live policy in a line.
pub(crate) struct PolicyView {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) hash: String,
    pub(crate) warn: u32,
    pub(crate) hold: u32,
    pub(crate) block: u32,
}

/// A rule with what became of it.
pub(crate) struct RuleView {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) status: &'static str,
    pub(crate) owner: String,
    pub(crate) weight: u32,
    pub(crate) hits: u64,
    pub(crate) bars: Vec<Bar>,
    pub(crate) confirmed: u64,
    pub(crate) overturned: u64,
    pub(crate) precision: String,
    pub(crate) recall: String,
    pub(crate) when: Option<String>,
    pub(crate) facts: Vec<Fact>,
}

impl RuleView {
    /// A thumbnail of its hits.
    pub(crate) fn spark(&self) -> String {
        let counts: Vec<u64> = self.bars.iter().map(|bar| bar.count).collect();
        Spark { title: &self.title, counts: &counts }.to_string()
    }

    /// Its hits a day.
    pub(crate) fn chart(&self, s: &Shell) -> String {
        let title = format!("{}: {}", s.t("chart-hits"), self.title);
        let description = s.n("chart-hits-text", self.hits);
        Bars { title: &title, description: &description, bars: &self.bars }.to_string()
    }
}

/// A rule that watches without acting.
pub(crate) struct ShadowView {
    pub(crate) name: String,
    pub(crate) hits: u64,
    pub(crate) weight: u32,
    pub(crate) alone: String,
}

/// A policy that judges beside the live one: what it would decide, on how many events it
/// differs in that way, and where they are listed.
pub(crate) struct CandidateView {
    pub(crate) hash: String,
    pub(crate) lines: Vec<(&'static str, String, String)>,
}

/// `/console/rules`
#[derive(Template)]
#[template(path = "rules.html")]
pub(crate) struct RulesPage {
    pub(crate) s: Shell,
    pub(crate) policy: PolicyView,
    pub(crate) candidate: Option<CandidateView>,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) list: Vec<RuleView>,
    pub(crate) shadows: Vec<ShadowView>,
}

/// `/console/rules/{name}`
#[derive(Template)]
#[template(path = "rule.html")]
pub(crate) struct RulePage {
    pub(crate) s: Shell,
    pub(crate) rule: RuleView,
    pub(crate) list: Vec<Row>,
}

/// `/console/search`
#[derive(Template)]
#[template(path = "search.html")]
pub(crate) struct SearchPage {
    pub(crate) s: Shell,
    pub(crate) query: String,
    pub(crate) kinds: Vec<Choice>,
    pub(crate) list: Vec<Row>,
    pub(crate) more: bool,
}

/// One act of staff.
pub(crate) struct AuditLine {
    pub(crate) time: String,
    pub(crate) who: String,
    pub(crate) act: String,
    pub(crate) target: String,
    pub(crate) details: String,
}

/// `/console/audit`
#[derive(Template)]
#[template(path = "audit.html")]
pub(crate) struct AuditPage {
    pub(crate) s: Shell,
    pub(crate) chain: Option<bool>,
    pub(crate) list: Vec<AuditLine>,
    pub(crate) older: Option<String>,
}

/// One member of staff.
pub(crate) struct StaffView {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) login: String,
    pub(crate) active: bool,
    pub(crate) me: bool,
    pub(crate) choices: Vec<Choice>,
    pub(crate) guard: String,
}

impl StaffView {
    /// The roles they have, in words.
    pub(crate) fn roles(&self) -> Vec<String> {
        self.choices.iter().filter(|it| it.here).map(|it| it.label.clone()).collect()
    }
}

/// `/console/people`
#[derive(Template)]
#[template(path = "people.html")]
pub(crate) struct PeoplePage {
    pub(crate) s: Shell,
    pub(crate) invite: Option<String>,
    pub(crate) problem: Option<String>,
    pub(crate) list: Vec<StaffView>,
    pub(crate) roles: Vec<Choice>,
}

/// One API key.
pub(crate) struct KeyView {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) prefix: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) made: String,
    pub(crate) used: Option<String>,
    pub(crate) revoked: bool,
}

/// `/console/keys`
#[derive(Template)]
#[template(path = "api_keys.html")]
pub(crate) struct KeysPage {
    pub(crate) s: Shell,
    pub(crate) fresh: Option<String>,
    pub(crate) problem: Option<String>,
    pub(crate) list: Vec<KeyView>,
    pub(crate) scopes: Vec<Choice>,
}

/// One session.
pub(crate) struct SessionView {
    pub(crate) id: String,
    pub(crate) agent: String,
    pub(crate) address: String,
    pub(crate) began: String,
    pub(crate) seen: String,
    pub(crate) here: bool,
}

/// One passkey.
pub(crate) struct PasskeyView {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) made: String,
}

/// A new secret for codes.
pub(crate) struct TotpView {
    pub(crate) qr: String,
    pub(crate) secret: String,
}

/// `/console/account`
#[derive(Template)]
#[template(path = "account.html")]
pub(crate) struct AccountPage {
    pub(crate) s: Shell,
    pub(crate) login: String,
    pub(crate) roles: String,
    pub(crate) problem: Option<String>,
    pub(crate) sessions: Vec<SessionView>,
    pub(crate) passkeys: Vec<PasskeyView>,
    pub(crate) has_password: bool,
    pub(crate) has_totp: bool,
    pub(crate) totp: Option<TotpView>,
}

/// `/console/login`
#[derive(Template)]
#[template(path = "login.html")]
pub(crate) struct LoginPage {
    pub(crate) s: Shell,
    pub(crate) problem: Option<String>,
    pub(crate) login: String,
    pub(crate) next: String,
    pub(crate) open: bool,
}

/// `/console/setup/{token}`
#[derive(Template)]
#[template(path = "setup.html")]
pub(crate) struct SetupPage {
    pub(crate) s: Shell,
    pub(crate) token: String,
    pub(crate) role: String,
    pub(crate) problem: Option<String>,
    pub(crate) name: String,
    pub(crate) login: String,
    pub(crate) open: bool,
    pub(crate) totp: TotpView,
}

/// A page that says one thing.
#[derive(Template)]
#[template(path = "message.html")]
pub(crate) struct MessagePage {
    pub(crate) s: Shell,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) href: String,
    pub(crate) link: String,
}

/// `/about`
#[derive(Template)]
#[template(path = "landing.html")]
pub(crate) struct LandingPage {
    pub(crate) s: Shell,
}

/// A prepared conversation.
pub(crate) struct SceneView {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) here: bool,
}

/// How old the impostor's account is.
pub(crate) struct AgeView {
    pub(crate) days: u32,
    pub(crate) label: String,
    pub(crate) here: bool,
}

/// Who the newcomer plays.
pub(crate) struct PersonaView {
    pub(crate) name: String,
    pub(crate) handle: String,
}

/// One line of the playground with its verdict.
pub(crate) struct LineView {
    pub(crate) impostor: bool,
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) marks: Vec<Mark>,
    pub(crate) decision: &'static str,
    pub(crate) score: u32,
    pub(crate) sum: Vec<SumLine>,
    pub(crate) sentences: Vec<String>,
    pub(crate) turning: Option<String>,
    pub(crate) last: bool,
}

impl LineView {
    /// The text with the words marked.
    pub(crate) fn marked(&self) -> Marked<'_> {
        Marked { text: &self.text, marks: &self.marks }
    }
}

/// `/playground`
#[derive(Template)]
#[template(path = "playground.html")]
pub(crate) struct PlaygroundPage {
    pub(crate) s: Shell,
    pub(crate) problem: Option<String>,
    pub(crate) scenes: Vec<SceneView>,
    pub(crate) scene_left: Option<u64>,
    pub(crate) state: String,
    pub(crate) persona: PersonaView,
    pub(crate) ages: Vec<AgeView>,
    pub(crate) lines: Vec<LineView>,
    pub(crate) stopped: bool,
    pub(crate) reported: Option<String>,
    pub(crate) support: Option<Vec<(String, String)>>,
}
