//! Are links, mail addresses, handles and numbers listed as bad, or imitations?

use std::ops::Range;

use touchstone_language::entities::EntityKind;
use touchstone_lookalike::{Kind, Tier};
use touchstone_policy::ListKind;
use touchstone_registry::{IdentityKind, host_of, normal};
use touchstone_types::Data;

use super::identity::{Match, is_official};
use super::{Look, lists};
use crate::compared::Compared;
use crate::signals::{Known, Raise, Signals};

/// Something that an event points to.
#[derive(Clone)]
struct Pointer<'a> {
    /// As compared.
    candidate: &'a str,
    kind: Kind,
    /// What a finding about it is about: links to one host are one target.
    target: &'a str,
    field: &'static str,
    place: Option<(&'a str, Range<usize>)>,
}

impl<'a> Pointer<'a> {
    fn new(candidate: &'a str, kind: Kind, field: &'static str) -> Self {
        Self { candidate, kind, target: candidate, field, place: None }
    }
}

/// Raises what is wrong with whatever the event points to.
pub(crate) fn check(look: Look<'_>, compared: &mut Compared, signals: &mut Signals) {
    let text = look.event.data.text().unwrap_or_default();
    for host in look.text.hosts() {
        let place = Some((text, host.span.clone()));
        domain(look, Pointer { place, ..Pointer::new(&host.name, Kind::Domain, "text") }, compared, signals);
    }
    for entity in &look.text.entities {
        let Some(value) = text.get(entity.span.clone()) else { continue };
        let place = Some((text, entity.span.clone()));
        let (kind, identity) = match entity.kind {
            EntityKind::Handle => (Kind::Handle, IdentityKind::Handle),
            EntityKind::Email => (Kind::Email, IdentityKind::Email),
            EntityKind::Phone => (Kind::Phone, IdentityKind::Phone),
            EntityKind::Url => {
                // What stands before and after the host can imitate as well: `official@`, `/official/`.
                let host = normal(IdentityKind::Domain, host_of(value));
                let target = host.as_deref().unwrap_or(value);
                if look.facts.registry.registry().owner_of(target).is_none() {
                    let link = Pointer { target, place, ..Pointer::new(value, Kind::Url, "text") };
                    resembles(look, link, compared, signals);
                }
                continue;
            }
            _ => continue,
        };
        lists::check(look, ListKind::Text, value.trim_start_matches('@'), "text", place.clone(), signals);
        if !is_official(look, identity, value) {
            resembles(look, Pointer { place, ..Pointer::new(value, kind, "text") }, compared, signals);
        }
    }
    particulars(look, compared, signals);
}

/// What kinds of event without text point to.
fn particulars(look: Look<'_>, compared: &mut Compared, signals: &mut Signals) {
    match &look.event.data {
        Data::ApprovalRequested(approval) => {
            if let Some(site) = &approval.site {
                let host = host_of(site);
                let name = normal(IdentityKind::Domain, host);
                let host = name.as_deref().unwrap_or(host);
                domain(look, Pointer::new(host, Kind::Domain, "approval.site"), compared, signals);
            }
        }
        Data::CallStarted(call) => {
            if let Some(number) = &call.number
                && !is_official(look, IdentityKind::Phone, number)
            {
                resembles(look, Pointer::new(number, Kind::Phone, "call.number"), compared, signals);
            }
        }
        Data::ClientSeen(client) if !is_official(look, IdentityKind::App, &client.package) => {
            let package = Pointer::new(&client.package, Kind::Package, "client.package");
            resembles(look, package, compared, signals);
        }
        _ => {}
    }
}

/// A domain: free if somebody official owns it, else looked up and compared.
fn domain(look: Look<'_>, pointer: Pointer<'_>, compared: &mut Compared, signals: &mut Signals) {
    if look.facts.registry.registry().owner_of(pointer.candidate).is_some() {
        return;
    }
    lists::check(look, ListKind::Domain, pointer.candidate, pointer.field, pointer.place.clone(), signals);
    resembles(look, pointer, compared, signals);
}

fn resembles(look: Look<'_>, pointer: Pointer<'_>, compared: &mut Compared, signals: &mut Signals) {
    let Pointer { candidate, kind, target, field, place } = pointer;
    let directory = look.facts.registry;
    let Some(resemblance) = compared.closest(directory, candidate, kind) else { return };
    let ids = &look.policy.ids;
    let id = match (resemblance.tier, kind) {
        (Tier::Act, Kind::Package) => ids.untrusted_client,
        (Tier::Act, _) => ids.points_to_imitation,
        (Tier::Review, _) => ids.points_to_resemblance,
    };
    let likeness = Match { candidate, kind, resemblance }.likeness(look);
    let official = likeness.official.clone();
    let known = Known {
        official: Some(&official),
        brand: directory.holder(resemblance.official).map(|it| it.name.en.as_str()),
        candidate: Some(candidate),
        link: Some(target),
        site: Some(target),
        ..Known::default()
    };
    let raise = Raise { place, known, likeness: Some(likeness), ..Raise::new(id, target, field) };
    signals.raise(look.policy, raise);
}
