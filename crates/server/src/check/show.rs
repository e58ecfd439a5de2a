//! From an answer to what the page shows of it.

use touchstone_screening::answer::{Answer, Item, ItemKind, Reason, Standing};

use crate::console::shell::Shell;
use crate::console::show::{likeness, minutes};
use crate::console::views::LikenessView;

/// An answer, ready to be laid out.
pub(super) struct AnswerView {
    /// `listed`, `contradicted`, `revoked`, `unknown`; `name` where only a name is listed.
    pub(super) class: &'static str,
    pub(super) icon: &'static str,
    /// The answer in a word.
    pub(super) word: String,
    pub(super) headline: String,
    pub(super) forbidden: Vec<String>,
    pub(super) denied: Vec<String>,
    pub(super) items: Vec<ItemView>,
    /// How many more there were, in words.
    pub(super) more: Option<String>,
    pub(super) tricks: Option<String>,
    pub(super) signs: Vec<String>,
    pub(super) support: Vec<SupportView>,
    pub(super) advice: Vec<String>,
}

/// One thing that was looked up.
pub(super) struct ItemView {
    pub(super) class: &'static str,
    pub(super) icon: &'static str,
    pub(super) word: String,
    pub(super) text: String,
    pub(super) kind: String,
    /// The kind of identity and the value that the browser looks up itself.
    pub(super) looked_up: Option<(&'static str, String)>,
    pub(super) sentence: String,
    pub(super) facts: Vec<(String, String)>,
    pub(super) likeness: Option<LikenessView>,
}

/// How real support is reached.
pub(super) struct SupportView {
    pub(super) name: String,
    pub(super) ways: Vec<String>,
    pub(super) never: Vec<String>,
}

/// Makes an answer ready.
pub(super) fn view(s: &Shell, answer: &Answer) -> AnswerView {
    let of = |it| s.lang.of(it).to_owned();
    let name_only = !answer.items.is_empty() && answer.items.iter().all(|it| it.reason == Reason::NameOnly);
    let (class, icon) = look(answer.standing, name_only && answer.standing == Standing::Listed);
    let word = s.t(&format!("ask-word-{class}"));
    AnswerView {
        class,
        icon,
        word,
        headline: of(&answer.headline),
        forbidden: answer.forbidden.iter().map(|it| of(&it.sentence)).collect(),
        denied: answer.denied.iter().map(|it| of(&it.sentence)).collect(),
        items: answer.items.iter().map(|it| item(s, it)).collect(),
        more: (answer.not_looked_up > 0).then(|| s.n("ask-more", u64::from(answer.not_looked_up))),
        tricks: (!answer.tricks.is_empty()).then(|| s.t("ask-tricks")),
        signs: answer.signs.iter().map(|it| of(&it.sentence)).collect(),
        support: answer
            .support
            .iter()
            .map(|it| SupportView {
                name: of(&it.name),
                ways: it.ways_in.iter().map(of).collect(),
                never: it.never.iter().map(of).collect(),
            })
            .collect(),
        advice: answer.advice.iter().map(of).collect(),
    }
}

/// Colour and drawing: never the colour alone.
fn look(standing: Standing, name_only: bool) -> (&'static str, &'static str) {
    match standing {
        Standing::Listed if name_only => ("name", "question"),
        Standing::Listed => ("listed", "check"),
        Standing::Contradicted => ("contradicted", "stop"),
        Standing::Revoked => ("revoked", "x"),
        Standing::Unknown => ("unknown", "question"),
    }
}

fn item(s: &Shell, item: &Item) -> ItemView {
    let (class, icon) = look(item.standing, item.reason == Reason::NameOnly);
    let mut facts = Vec::new();
    if let Some(listing) = &item.listing {
        let mut fact = |key: &str, value: Option<String>| {
            facts.extend(value.filter(|it| !it.is_empty()).map(|it| (s.t(key), it)));
        };
        fact("ask-purposes", Some(listing.purposes.join(s.t("ask-comma").as_str())));
        fact("ask-role", listing.role.clone());
        fact("ask-languages", Some(listing.languages.join(s.t("ask-comma").as_str())));
        fact("ask-platform", listing.platform.clone());
        fact("ask-since", listing.since.map(minutes));
        fact("ask-until", listing.until.filter(|_| item.standing == Standing::Listed).map(minutes));
        fact("ask-ended", listing.ended.map(minutes));
        fact("ask-newest-safe", listing.newest_safe.clone());
        fact("ask-log-index", listing.log_index.map(|it| it.to_string()));
    }
    ItemView {
        class,
        icon,
        word: s.t(&format!("ask-word-{class}")),
        text: item.text.clone(),
        kind: s.t(&format!("ask-kind-{}", kind_name(item.kind))),
        looked_up: looked_up(item),
        sentence: s.lang.of(&item.sentence).to_owned(),
        facts,
        likeness: item.likeness.as_deref().map(likeness),
    }
}

fn kind_name(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Name => "name",
        ItemKind::Handle => "handle",
        ItemKind::Link => "link",
        ItemKind::Domain => "domain",
        ItemKind::Email => "email",
        ItemKind::Phone => "phone",
        ItemKind::Address => "address",
        ItemKind::App => "app",
        ItemKind::Hash => "hash",
    }
}

/// What the browser can look up by itself in the snapshot it keeps.
fn looked_up(item: &Item) -> Option<(&'static str, String)> {
    let listing = item.listing.as_ref().filter(|it| !it.shown.is_empty())?;
    let kind = ["handle", "domain", "email", "phone", "address", "app"];
    let kind = kind.into_iter().find(|kind| *kind == listing.kind)?;
    Some((kind, listing.shown.clone()))
}
