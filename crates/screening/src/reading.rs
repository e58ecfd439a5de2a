//! One event's text, read once for everybody who looks at it.

use std::ops::Range;

use touchstone_language::entities::{Entity, EntityKind};
use touchstone_language::model::Bound;
use touchstone_language::secrets::Secret;
use touchstone_language::{Reading, entities, fingerprint, secrets};
use touchstone_registry::{IdentityKind, normal};
use touchstone_text::{Folded, fold};
use touchstone_types::{ConversationKind, Data, Event};

use crate::Policy;

/// What a text says and points to. Buffers are used again for the next text.
#[derive(Default)]
pub(crate) struct Text {
    pub(crate) folded: Folded,
    pub(crate) phrases: Reading,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) entities: Vec<Entity>,
    hosts: Vec<Host>,
    used: usize,
    /// Of the text; 0 if it has none.
    pub(crate) fingerprint: u64,
    /// How many words of a recovery phrase it is, if it is nothing else.
    pub(crate) phrase_words: u16,
    /// How likely a scam it is, by the live model and by the one in shadow.
    pub(crate) likelihood: (f32, Option<f32>),
}

/// A host that a text or a site points to.
#[derive(Default)]
pub(crate) struct Host {
    /// Lower case, IDNA ASCII where the text had something else.
    pub(crate) name: String,
    /// Where the link stands in the text.
    pub(crate) span: Range<usize>,
}

impl Text {
    /// Reads the text of the event, if it has one.
    pub(crate) fn read(&mut self, event: &Event<'_>, policy: &Policy) {
        self.used = 0;
        self.fingerprint = 0;
        self.phrase_words = 0;
        self.likelihood = (0.0, None);
        self.secrets.clear();
        self.entities.clear();
        let text = event.data.text().unwrap_or_default();
        fold(text, &mut self.folded);
        policy.lexicon().read(&self.folded, &mut self.phrases);
        if text.is_empty() {
            return;
        }
        let ask = |model: &Bound| model.probability(&self.folded, &self.phrases);
        self.likelihood = (ask(policy.model()), policy.shadow_model().map(ask));
        entities::find(text, &mut self.entities);
        self.find_hosts(text);
        if goes_to_a_stranger(event) {
            secrets::find(text, &self.folded, &mut self.secrets);
            self.phrase_words = secrets::words_of_a_phrase(text, &self.folded).min(24) as u16;
            self.fingerprint = fingerprint(&self.folded);
        }
    }

    /// The hosts of links and mail addresses, each once, in the order of the text.
    pub(crate) fn hosts(&self) -> &[Host] {
        &self.hosts[..self.used]
    }

    /// Chain addresses with their place.
    pub(crate) fn addresses<'t>(&self, text: &'t str) -> impl Iterator<Item = (&'t str, Range<usize>)> {
        let is_address = |kind| {
            use EntityKind as Kind;
            matches!(kind, Kind::EvmAddress | Kind::TronAddress | Kind::BitcoinAddress | Kind::SolanaAddress)
        };
        self.entities
            .iter()
            .filter(move |it| is_address(it.kind))
            .filter_map(move |it| Some((text.get(it.span.clone())?, it.span.clone())))
    }

    fn find_hosts(&mut self, text: &str) {
        for entity in &self.entities {
            let Some(host) = entity.host(text) else { continue };
            if self.hosts[..self.used].iter().any(|known| *known.name == *host) {
                continue;
            }
            if self.hosts.len() == self.used {
                self.hosts.push(Host::default());
            }
            let place = &mut self.hosts[self.used];
            place.name.clear();
            // A host that is no domain name (an IP address) is kept as it is written.
            match normal(IdentityKind::Domain, &host) {
                Some(name) => place.name.push_str(&name),
                None => place.name.push_str(&host),
            }
            place.span = entity.span.clone();
            self.used += 1;
        }
    }
}

/// Whether the event is a message to somebody who is not known to be a contact. A user's own
/// secrets are nobody else's business between friends, and many get the same greeting.
pub(crate) fn goes_to_a_stranger(event: &Event<'_>) -> bool {
    match &event.data {
        Data::MessageSent(message) => !message
            .conversation
            .as_ref()
            .is_some_and(|it| it.mutual == Some(true) && it.kind == ConversationKind::Direct),
        Data::ContactAdded(_) => true,
        _ => false,
    }
}

/// Strings that are borrowed for the time of one event; up to `N` do not allocate.
pub(crate) struct Strings<'a, const N: usize = 16> {
    few: [&'a str; N],
    used: usize,
    many: Vec<&'a str>,
}

impl<const N: usize> Default for Strings<'_, N> {
    fn default() -> Self {
        Strings { few: [""; N], used: 0, many: Vec::new() }
    }
}

impl<'a, const N: usize> FromIterator<&'a str> for Strings<'a, N> {
    fn from_iter<I: IntoIterator<Item = &'a str>>(all: I) -> Self {
        let mut strings = Strings::default();
        all.into_iter().for_each(|text| strings.push(text));
        strings
    }
}

impl<'a, const N: usize> Strings<'a, N> {
    pub(crate) fn push(&mut self, text: &'a str) {
        if let Some(place) = self.few.get_mut(self.used) {
            *place = text;
            self.used += 1;
        } else {
            if self.many.is_empty() {
                self.many.extend(self.few);
            }
            self.many.push(text);
        }
    }

    pub(crate) fn as_slice(&self) -> &[&'a str] {
        if self.many.is_empty() { &self.few[..self.used] } else { &self.many }
    }
}
