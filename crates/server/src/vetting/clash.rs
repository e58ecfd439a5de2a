//! What an application resembles among what is listed.

use touchstone_lookalike::{Index, Kind, Scratch};
use touchstone_registry::vetting::{Clash, Wanted};
use touchstone_registry::{IdentityKind, Registry, Status};
use touchstone_types::{LikenessStep, Moment};

/// What is listed for others and looks like what is wanted, the closest first.
pub(crate) fn look(registry: &Registry, index: &Index, wanted: &Wanted, now: Moment) -> Vec<Clash> {
    let mut found: Vec<Clash> = Vec::new();
    if let Some(organisation) = taken(registry, wanted, now) {
        found.push(Clash { organisation, value: wanted.value.clone(), closeness: 1.0 });
    }
    if let Some((clash, _)) = nearest(index, wanted)
        && !found.iter().any(|it| it.organisation == clash.organisation)
    {
        found.push(clash);
    }
    found
}

/// Another organisation that has exactly this listed, or had and may prove it again.
pub(crate) fn taken(registry: &Registry, wanted: &Wanted, now: Moment) -> Option<String> {
    let same_value = registry.find(wanted.kind, &wanted.value);
    let same_account = match (&wanted.platform, &wanted.account) {
        (Some(platform), Some(account)) => Some(registry.accounts_of(platform, account)),
        _ => None,
    };
    let same_value = same_value.filter(|it| it.platform.as_deref() == wanted.platform.as_deref());
    same_value
        .chain(same_account.into_iter().flatten())
        .filter(|it| !matches!(it.status(now), Status::Revoked { .. }))
        .filter_map(|it| registry.holder(it))
        .find(|it| *it.id != *wanted.organisation)
        .map(|it| it.id.to_string())
}

/// How the value differs from what it resembles most, letter by letter.
pub(crate) fn drawn(index: &Index, wanted: &Wanted) -> Option<(Clash, Vec<LikenessStep>)> {
    nearest(index, wanted)
}

fn nearest(index: &Index, wanted: &Wanted) -> Option<(Clash, Vec<LikenessStep>)> {
    let kind = kind(wanted.kind)?;
    let found = index.closest(&wanted.value, kind, &mut Scratch::default())?;
    let official = index.official(found.official)?;
    if *official.brand == *wanted.organisation {
        return None;
    }
    let clash = Clash {
        organisation: official.brand.to_string(),
        value: official.text.to_string(),
        closeness: found.closeness,
    };
    Some((clash, index.align(&wanted.value, kind, &found)))
}

fn kind(kind: IdentityKind) -> Option<Kind> {
    Some(match kind {
        IdentityKind::Handle => Kind::Handle,
        IdentityKind::DisplayName => Kind::DisplayName,
        IdentityKind::Domain => Kind::Domain,
        IdentityKind::Email => Kind::Email,
        IdentityKind::Phone => Kind::Phone,
        IdentityKind::Address => Kind::Address,
        IdentityKind::App => Kind::Package,
        IdentityKind::Avatar => Kind::Avatar,
        IdentityKind::Agent => return None,
    })
}
