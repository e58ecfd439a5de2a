//! What is on a block list.

use std::ops::Range;

use touchstone_policy::{BlockList, ListEntry, ListKind};
use touchstone_types::{Data, Name};

use super::Look;
use crate::signals::{Known, Raise, Signals};

/// Raises the finding of every list of that kind that has the value. `place` is the text it
/// stands in, with its bytes there.
pub(crate) fn check(
    look: Look<'_>,
    kind: ListKind,
    value: &str,
    field: &'static str,
    place: Option<(&str, Range<usize>)>,
    signals: &mut Signals,
) {
    for (list, entry) in entries(look, kind, value) {
        let source = entry.source.as_deref().unwrap_or(&list.source);
        let known = match kind {
            ListKind::Domain => Known { link: Some(value), list: Some(source), ..Known::default() },
            ListKind::Address => Known { address: Some(value), list: Some(source), ..Known::default() },
            ListKind::Text => Known { candidate: Some(value), list: Some(source), ..Known::default() },
        };
        let details = vec![
            (Name::from("list"), list.name.to_string()),
            (Name::from("entry"), entry.value.to_string()),
            (Name::from("source"), source.to_owned()),
        ];
        let raise =
            Raise { place: place.clone(), known, details, ..Raise::new(list.finding, &entry.value, field) };
        signals.raise(look.policy, raise);
    }
}

/// Every list of that kind that has the value, with its entry.
pub(crate) fn entries<'a>(
    look: Look<'a>,
    kind: ListKind,
    value: &str,
) -> impl Iterator<Item = (&'a BlockList, &'a ListEntry)> {
    let lists = look.policy.core().lists().iter().map(|it| &**it);
    lists
        .filter(move |list| list.kind == kind && list.finding.is_some())
        .filter_map(move |list| Some((list, list.find(value, look.facts.now)?)))
}

/// Looks up the names, numbers and hashes of an event that are no link and no address.
pub(crate) fn names(look: Look<'_>, signals: &mut Signals) {
    let mut one = |value: Option<&str>, field: &'static str| {
        if let Some(value) = value {
            check(look, ListKind::Text, value, field, None, signals);
        }
    };
    if let Some(actor) = look.event.data.actor() {
        one(actor.handle.as_deref(), "actor.handle");
    }
    match &look.event.data {
        Data::CallStarted(call) => one(call.number.as_deref(), "call.number"),
        Data::ClientSeen(client) => {
            one(Some(&client.package), "client.package");
            one(client.certificate_sha256.as_deref(), "client.certificate_sha256");
            one(client.file_sha256.as_deref(), "client.file_sha256");
        }
        Data::MessageSent(message) => {
            message.attachments.iter().for_each(|file| one(file.sha256.as_deref(), "message.attachments"));
        }
        _ => {}
    }
}
