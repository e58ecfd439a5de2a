//! Are links, mail addresses, handles and numbers listed as bad, or imitations?

use std::ops::Range;

use touchstone_language::entities::EntityKind;
use touchstone_policy::ListKind;
use touchstone_registry::{IdentityKind, host_of, normal};
use touchstone_types::Data;

use super::identity::{Match, is_official};
use super::{Look, lists};
use crate::likeness::{Kind, Scratch, Tier};
use crate::signals::{Known, Raise, Signals};

/// Raises what is wrong with whatever the event points to.
pub(crate) fn check(look: Look<'_>, scratch: &mut Scratch, signals: &mut Signals) {
    let text = look.event.data.text().unwrap_or_default();
    for host in look.text.hosts() {
        domain(look, &host.name, "text", Some((text, host.span.clone())), scratch, signals);
    }
    for entity in &look.text.entities {
        let (kind, identity) = match entity.kind {
            EntityKind::Handle => (Kind::Handle, IdentityKind::Handle),
            EntityKind::Email => (Kind::Email, IdentityKind::Email),
            EntityKind::Phone => (Kind::Phone, IdentityKind::Phone),
            _ => continue,
        };
        let Some(value) = text.get(entity.span.clone()) else { continue };
        let place = Some((text, entity.span.clone()));
        lists::check(look, ListKind::Text, value.trim_start_matches('@'), "text", place.clone(), signals);
        if !is_official(look, identity, value) {
            resembles(look, value, kind, "text", place, scratch, signals);
        }
    }
    match &look.event.data {
        Data::ApprovalRequested(approval) => {
            if let Some(site) = &approval.site {
                let host = host_of(site);
                let name = normal(IdentityKind::Domain, host);
                domain(look, name.as_deref().unwrap_or(host), "approval.site", None, scratch, signals);
            }
        }
        Data::CallStarted(call) => {
            if let Some(number) = &call.number
                && !is_official(look, IdentityKind::Phone, number)
            {
                resembles(look, number, Kind::Phone, "call.number", None, scratch, signals);
            }
        }
        Data::ClientSeen(client) if !is_official(look, IdentityKind::App, &client.package) => {
            resembles(look, &client.package, Kind::Package, "client.package", None, scratch, signals);
        }
        _ => {}
    }
}

/// A domain: free if somebody official owns it, else looked up and compared.
fn domain(
    look: Look<'_>,
    host: &str,
    field: &'static str,
    place: Option<(&str, Range<usize>)>,
    scratch: &mut Scratch,
    signals: &mut Signals,
) {
    if look.facts.registry.registry().owner_of(host).is_some() {
        return;
    }
    lists::check(look, ListKind::Domain, host, field, place.clone(), signals);
    resembles(look, host, Kind::Domain, field, place, scratch, signals);
}

fn resembles(
    look: Look<'_>,
    candidate: &str,
    kind: Kind,
    field: &'static str,
    place: Option<(&str, Range<usize>)>,
    scratch: &mut Scratch,
    signals: &mut Signals,
) {
    let directory = look.facts.registry;
    let Some(resemblance) = directory.index().closest(candidate, kind, scratch) else { return };
    let id = match resemblance.tier {
        Tier::Act => look.policy.ids.points_to_imitation,
    };
    let found = Match { candidate, resemblance };
    let likeness = found.likeness(look);
    let official = likeness.official.clone();
    let known = Known {
        official: Some(&official),
        brand: directory.holder(resemblance.official).map(|it| it.name.en.as_str()),
        candidate: Some(candidate),
        link: Some(candidate),
        site: Some(candidate),
        ..Known::default()
    };
    signals.raise(
        look.policy,
        Raise { place, known, likeness: Some(likeness), ..Raise::new(id, candidate, field) },
    );
}
