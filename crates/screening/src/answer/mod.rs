//! Is this really support? One question, one of four answers.
//!
//! The way through: [`answer`] reads the query once, [`parts`] cuts out whatever can be looked
//! up in it, [`look`] asks the registry about each part and lays imitations beside what they
//! imitate, and the whole is weighed in [`weigh`]: what is asked for outranks who is listed.
//!
//! Always true here:
//! - Pure, and bounded: a query is read once, and at most [`MAX_ITEMS`] parts are looked up.
//! - No answer says "safe". The best one says what is on the list, and what the list cannot say.
//! - A request that no real support makes outranks every listing beside it.
//! - The whole is "listed" only if everything found in it is: a real link may stand beside a
//!   false number.
//! - Every answer says how real support is reached.

mod look;
mod parts;
mod words;

use schemars::JsonSchema;
use serde::Serialize;
use touchstone_language::secrets::SecretKind;
use touchstone_registry::{Fact, Organisation};
use touchstone_text::Tricks;
use touchstone_types::{Bilingual, Data, Event, Likeness, MessageSent, Moment, Name, Span, Str};

use crate::detect::{Look, contradictions, words as asked};
use crate::reading::Text;
use crate::signals::Signals;
use crate::{Directory, Facts, Policy};

/// The longest query, in bytes: some twenty pages. More is refused, not read in part, because
/// what is asked for could stand in the part left out.
pub const MAX_QUERY_BYTES: usize = 1 << 16;

/// How many parts of a query are looked up. What comes after them is counted, and the answer
/// says so: it is never "listed" then.
pub const MAX_ITEMS: usize = 50;

/// The four answers, from the mildest to the gravest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nobody who is listed vouches for it.
    Unknown,
    /// It is on the list of official identities.
    Listed,
    /// It was on the list and no longer is.
    Revoked,
    /// It imitates a listed identity, or does what real support never does.
    Contradicted,
}

impl Standing {
    /// Every answer, from the mildest to the gravest.
    pub const ALL: [Standing; 4] =
        [Standing::Unknown, Standing::Listed, Standing::Revoked, Standing::Contradicted];

    /// The name in JSON and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Standing::Unknown => "unknown",
            Standing::Listed => "listed",
            Standing::Revoked => "revoked",
            Standing::Contradicted => "contradicted",
        }
    }
}

/// What kind of thing was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// A name, when nothing else is in the query.
    Name,
    /// A public account name.
    Handle,
    /// A web address.
    Link,
    /// A domain.
    Domain,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// An account on a blockchain.
    Address,
    /// An app by its package name.
    App,
    /// A file or a certificate by its SHA-256.
    Hash,
}

/// Why an item got its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It is listed.
    Listed,
    /// A listed organisation has this name; a name alone proves nothing.
    NameOnly,
    /// A listed organisation owns the domain and answers nobody from it.
    OwnedDomain,
    /// It was withdrawn by its organisation.
    Revoked,
    /// Its listing ended and was not renewed.
    Lapsed,
    /// Its listing was suspended, because what was vouched for changed.
    Voided,
    /// Its listing begins later.
    NotYet,
    /// It imitates a listed identity.
    Imitates,
    /// It is somewhat like a listed identity, which alone says little.
    Resembles,
    /// It is on a list of known fraud.
    Blocklisted,
    /// Nobody who is listed has a phone line.
    NoPhoneLine,
    /// It ends in a domain that is listed, but is itself not listed.
    ListedDomain,
    /// It is no domain name: its encoding is broken.
    Undecodable,
    /// Nothing is known of it.
    Unknown,
}

/// What a listing says.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Listing {
    /// Whose it is: the organisation's id.
    pub organisation: String,
    /// The organisation's name.
    pub name: Bilingual,
    /// What is listed, as the organisation writes it.
    pub shown: String,
    /// The kind of identity, as registry files name it.
    pub kind: String,
    /// The platform on which it is meant; the same name elsewhere is somebody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub purposes: Vec<String>,
    /// What a support agent does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The languages a support agent speaks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// Listed since then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Moment>,
    /// Listed until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
    /// When the listing ended, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Moment>,
    /// Why it ended, in the organisation's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<Bilingual>,
    /// The newest version of an app without known faults.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest_safe: Option<String>,
    /// Number of its statement in the signed log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_index: Option<u64>,
}

/// One thing in the query, and what is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Item {
    /// As it stands in the query.
    pub text: String,
    /// Where, in characters of the query without the white space around it.
    pub span: Span,
    /// What it is.
    pub kind: ItemKind,
    /// The answer about it alone.
    pub standing: Standing,
    /// Why.
    pub reason: Reason,
    /// The answer in words.
    pub sentence: Bilingual,
    /// The listing, for what is or was listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listing: Option<Listing>,
    /// What it imitates or resembles, piece by piece.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub likeness: Option<Box<Likeness>>,
}

/// Something said or asked in the query, as the policy names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sign {
    /// The finding's name.
    pub name: Name,
    /// Where in the query, in characters; its whole, if it is about the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// What it means for a person.
    pub sentence: Bilingual,
}

/// A published fact that the query contradicts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Denied {
    /// The organisation's id.
    pub organisation: String,
    /// The fact, as registry files name it.
    pub fact: String,
    /// The fact as a sentence.
    pub sentence: Bilingual,
}

/// How real support of one organisation is reached, and what it never does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Support {
    /// The organisation's id.
    pub organisation: String,
    /// Its name.
    pub name: Bilingual,
    /// The real ways in.
    pub ways_in: Vec<Bilingual>,
    /// What it says it never does.
    pub never: Vec<Bilingual>,
}

/// What is known of a query.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Answer {
    /// The answer about the whole.
    pub standing: Standing,
    /// The answer in a sentence.
    pub headline: Bilingual,
    /// What it asks for that no real support asks for.
    pub forbidden: Vec<Sign>,
    /// Published facts that it contradicts.
    pub denied: Vec<Denied>,
    /// Everything that was looked up, in the order of the query.
    pub items: Vec<Item>,
    /// How many more things there were that were not looked up.
    pub not_looked_up: u32,
    /// What else was noticed, the gravest first.
    pub signs: Vec<Sign>,
    /// How the text was written so as to be read as something else.
    pub tricks: Vec<Name>,
    /// Whether the query itself holds something that should be shown to nobody.
    pub holds_secret: bool,
    /// How real support is reached.
    pub support: Vec<Support>,
    /// What to do now.
    pub advice: Vec<Bilingual>,
    /// The moment that the answer is about.
    pub at: Moment,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing to look up. Next: ask again with what was received.
    #[error("there is nothing to look up: paste a name, link, number, address or message")]
    Empty,
    /// More than [`MAX_QUERY_BYTES`]. Next: send the part that matters.
    #[error("{0} bytes are more than {MAX_QUERY_BYTES}: paste only the part in question")]
    TooLong(usize),
}

/// What is known of a handle, name, link, domain, mail address, phone number, chain address,
/// app, hash, or a message with any of these in it. Pure: the same arguments give the same
/// answer.
///
/// # Errors
/// A [`Refusal`] where there is nothing to look up, or too much.
pub fn answer(query: &str, directory: &Directory, policy: &Policy, now: Moment) -> Result<Answer, Refusal> {
    if query.len() > MAX_QUERY_BYTES {
        return Err(Refusal::TooLong(query.len()));
    }
    let query = query.trim();
    let event = event_of(query, now);
    let mut text = Text::default();
    text.read(&event, policy);
    if text.folded.text().trim().is_empty() {
        return Err(Refusal::Empty);
    }
    let facts = Facts::new(now, directory);
    let mut signals = Signals::default();
    let look = Look { event: &event, text: &text, facts: &facts, policy };
    asked::phrases(look, &mut signals);
    asked::model(look, &mut signals);
    let (parts, not_looked_up) = parts::find(query, &text.entities, directory.registry());
    let mut eye = look::Eye::new(look, query);
    let items = parts.iter().map(|part| eye.item(part)).collect();
    Ok(Weighing { look, signals: &signals, items, not_looked_up }.answer())
}

/// The query as somebody's message: who sent it is what the asker wants to know.
fn event_of(query: &str, now: Moment) -> Event<'_> {
    Event {
        source: Str::from("check"),
        id: Str::from("check"),
        kind: Str::from("message.sent"),
        time: now,
        data: Data::MessageSent(MessageSent { text: Str::from(query), ..MessageSent::default() }),
    }
}

/// What no real support asks for, by the findings that show it being asked.
const FORBIDDEN: [&str; 9] = [
    "asks_for_recovery_phrase",
    "asks_for_private_key",
    "asks_for_code",
    "asks_for_password",
    "asks_for_card",
    "asks_for_remote_control",
    "asks_for_fee",
    "asks_for_transfer",
    "asks_to_scan_or_sign",
];

/// How many other signs are told.
const MAX_SIGNS: usize = 6;

/// Everything that the whole is weighed by.
struct Weighing<'a> {
    look: Look<'a>,
    signals: &'a Signals,
    items: Vec<Item>,
    not_looked_up: u32,
}

impl<'a> Weighing<'a> {
    fn answer(self) -> Answer {
        let (forbidden, signs) = self.signs();
        let concerned = self.concerned();
        let denied: Vec<Denied> = concerned.iter().flat_map(|it| self.denied(it)).collect();
        let standing = self.standing(&forbidden, &denied);
        let tricks = self.tricks();
        let holds_secret = self.look.text.secrets.iter().any(|it| {
            let own = !matches!(it.kind, SecretKind::OneTimeCode);
            own && it.certainty >= SURE
        });
        let ways = self.support(&concerned);
        let headline = words::headline(standing, &forbidden, &denied, &self.items, self.not_looked_up);
        let advice = words::advice(standing, !forbidden.is_empty(), holds_secret);
        Answer {
            standing,
            headline,
            forbidden,
            denied,
            items: self.items,
            not_looked_up: self.not_looked_up,
            signs,
            tricks,
            holds_secret,
            support: ways,
            advice,
            at: self.look.facts.now,
        }
    }

    /// What is asked for against all rules, and what else was noticed.
    fn signs(&self) -> (Vec<Sign>, Vec<Sign>) {
        let mut found: Vec<_> = self.signals.all.iter().map(|it| &it.finding).collect();
        found.sort_by(|a, b| (b.weight, &a.name, &a.span).cmp(&(a.weight, &b.name, &b.span)));
        let mut told: Vec<&Name> = Vec::new();
        let (mut forbidden, mut signs) = (Vec::new(), Vec::new());
        for finding in found {
            if told.contains(&&finding.name) {
                continue;
            }
            told.push(&finding.name);
            let sign =
                Sign { name: finding.name.clone(), span: finding.span, sentence: finding.sentence.clone() };
            if FORBIDDEN.contains(&&*finding.name) {
                forbidden.push(sign);
            } else if signs.len() < MAX_SIGNS {
                signs.push(sign);
            }
        }
        (forbidden, signs)
    }

    /// The organisations that the query is about: those whose identities are in it or imitated
    /// in it, the one that it names, or the only one that there is.
    fn concerned(&self) -> Vec<&'a Organisation> {
        let registry = self.look.facts.registry.registry();
        let mut ids: Vec<&str> = Vec::new();
        for item in &self.items {
            let brand = item.likeness.as_ref().map(|it| it.brand.as_str());
            ids.extend(item.listing.as_ref().map(|it| it.organisation.as_str()).or(brand));
        }
        let mut found: Vec<&Organisation> = Vec::new();
        let named = self.look.facts.registry.meant_in(self.look.text.folded.text());
        let of_items = ids.into_iter().filter_map(|id| registry.organisation(id));
        let only = match registry.organisations() {
            [only] => Some(only),
            _ => None,
        };
        for organisation in of_items.chain(named).chain(only) {
            if !found.iter().any(|it| it.id == organisation.id) && found.len() < MAX_CONCERNED {
                found.push(organisation);
            }
        }
        found
    }

    /// What the organisation says it never does, and is done here.
    fn denied(&self, organisation: &Organisation) -> Vec<Denied> {
        let mut facts = contradictions::contradicted(self.look, organisation.facts, self.signals);
        let listed = |it: &Item| it.kind == ItemKind::Phone && it.standing == Standing::Listed;
        let phones = self.items.iter().filter(|it| it.kind == ItemKind::Phone);
        let a_strange_number = phones.clone().count() > 0 && !phones.clone().any(listed);
        // A number on its own may be anybody's; beside the organisation's name it claims to be
        // its line.
        if organisation.facts.has(Fact::HasNoPhoneLine) && a_strange_number && self.is_named(organisation) {
            facts.push(Fact::HasNoPhoneLine);
        }
        let deny = |fact: &Fact| Denied {
            organisation: organisation.id.to_string(),
            fact: fact.name().to_owned(),
            sentence: words::fact(organisation, *fact),
        };
        facts.iter().map(deny).collect()
    }

    fn is_named(&self, organisation: &Organisation) -> bool {
        let named = self.look.facts.registry.meant_in(self.look.text.folded.text());
        let by_item = |it: &Item| {
            it.kind != ItemKind::Phone
                && (it.listing.as_ref().is_some_and(|it| it.organisation == *organisation.id)
                    || it.likeness.as_ref().is_some_and(|it| it.brand == *organisation.id))
        };
        named.is_some_and(|it| it.id == organisation.id) || self.items.iter().any(by_item)
    }

    fn standing(&self, forbidden: &[Sign], denied: &[Denied]) -> Standing {
        if !forbidden.is_empty() || !denied.is_empty() {
            return Standing::Contradicted;
        }
        let gravest = self.items.iter().map(|it| it.standing).max().unwrap_or(Standing::Unknown);
        let all_listed =
            self.not_looked_up == 0 && self.items.iter().all(|it| it.standing == Standing::Listed);
        match gravest {
            Standing::Listed if !all_listed => Standing::Unknown,
            gravest => gravest,
        }
    }

    fn tricks(&self) -> Vec<Name> {
        let meant = Tricks::INVISIBLE | Tricks::BIDI | Tricks::CONFUSABLE | Tricks::STYLED | Tricks::FLIPPED;
        let used = self.look.text.folded.tricks();
        let each = used.names().filter(|name| meant.names().any(|it| it == *name));
        each.map(Name::from).collect()
    }

    /// The ways in of whom the query concerns; of everybody, where there are few; else none
    /// but those that the advice tells.
    fn support(&self, concerned: &[&Organisation]) -> Vec<Support> {
        let directory = self.look.facts.registry;
        let all = directory.registry().organisations();
        let whose: Vec<&Organisation> = match concerned {
            [] if all.len() <= MAX_CONCERNED => all.iter().collect(),
            [] => Vec::new(),
            some => some.to_vec(),
        };
        whose.into_iter().map(|it| words::support(it, directory, self.look.facts.now)).collect()
    }
}

/// Of how many organisations an answer speaks.
const MAX_CONCERNED: usize = 3;

/// The least certainty with which a secret is held to be one.
const SURE: f32 = 0.6;
