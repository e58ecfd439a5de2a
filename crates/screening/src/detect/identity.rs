//! Does a name, handle or picture imitate an official identity?

use touchstone_lookalike::{Kind, Resemblance, Tier};
use touchstone_registry::{IdentityKind, Organisation};
use touchstone_types::{Account, Data, Likeness, Name};

use super::Look;
use crate::compared::Compared;
use crate::signals::{Known, Raise, Signals};

/// One name that was compared, and what it resembles.
pub(crate) struct Match<'a> {
    pub(crate) candidate: &'a str,
    pub(crate) kind: Kind,
    pub(crate) resemblance: Resemblance,
}

impl<'a> Match<'a> {
    /// What is known of the match, for whoever reads the finding.
    pub(crate) fn likeness(&self, look: Look<'_>) -> Box<Likeness> {
        let index = look.facts.registry.index();
        let official = index.official(self.resemblance.official);
        Box::new(Likeness {
            official: official.map(|it| it.text.to_string()).unwrap_or_default(),
            brand: official.map(|it| it.brand.to_string()).unwrap_or_default(),
            candidate: self.candidate.to_owned(),
            closeness: self.resemblance.closeness,
            techniques: self.resemblance.techniques.names().map(Name::from).collect(),
            alignment: index.align(self.candidate, self.kind, &self.resemblance),
        })
    }

    /// Surer first: the tier, then the closeness.
    pub(crate) fn beats(&self, other: Option<&Match<'_>>) -> bool {
        let rank = |it: &Match<'_>| (it.resemblance.tier == Tier::Act, it.resemblance.closeness);
        other.is_none_or(|other| rank(self) > rank(other))
    }
}

/// Raises what the account of who acts resembles, and gives the organisation it copies.
/// A listed account copies nobody: it is asked about by its id, not by its name.
pub(crate) fn check<'a>(
    look: Look<'a>,
    compared: &mut Compared,
    signals: &mut Signals,
) -> Option<&'a Organisation> {
    let actor = shown_actor(look)?;
    let directory = look.facts.registry;
    if directory.registry().is_listed(&look.event.source, &actor.id, look.facts.now).is_some() {
        return None;
    }
    let names = [
        (&actor.handle, Kind::Handle, "actor.handle"),
        (&actor.display_name, Kind::DisplayName, "actor.display_name"),
    ];
    let mut best: Option<(Match<'a>, &'static str)> = None;
    for (name, kind, field) in names {
        let Some(candidate) = name.as_deref() else { continue };
        let Some(resemblance) = compared.closest(directory, candidate, kind) else { continue };
        let found = Match { candidate, kind, resemblance };
        // Two names of one account are one signal: the surer one is shown.
        if found.beats(best.as_ref().map(|(it, _)| it)) {
            best = Some((found, field));
        }
    }
    let by_picture = picture(look, actor, compared, signals);
    let Some((found, field)) = best else { return by_picture };
    let ids = &look.policy.ids;
    let id = match found.resemblance.tier {
        Tier::Act => ids.imitates_official,
        Tier::Review => ids.resembles_official,
    };
    let holder = directory.holder(found.resemblance.official);
    let likeness = found.likeness(look);
    let official = likeness.official.clone();
    let brand = holder.map(|it| it.name.en.as_str());
    let known =
        Known { official: Some(&official), brand, candidate: Some(found.candidate), ..Known::default() };
    let place = Some((found.candidate, 0..found.candidate.len()));
    let raise = Raise { place, known, likeness: Some(likeness), ..Raise::new(id, "account", field) };
    signals.raise(look.policy, raise);
    holder
}

/// Who acts, where others see the account.
fn shown_actor<'a>(look: Look<'a>) -> Option<&'a Account<'a>> {
    match &look.event.data {
        Data::MessageSent(_)
        | Data::ProfileChanged(_)
        | Data::AccountCreated(_)
        | Data::ContactAdded(_)
        | Data::CallStarted(_) => look.event.data.actor(),
        _ => None,
    }
}

/// Raises a picture that copies an official one.
fn picture<'a>(
    look: Look<'a>,
    actor: &'a Account<'a>,
    compared: &mut Compared,
    signals: &mut Signals,
) -> Option<&'a Organisation> {
    let candidate = actor.avatar.as_ref()?.pdq.as_deref()?;
    let directory = look.facts.registry;
    let resemblance = compared.closest(directory, candidate, Kind::Avatar)?;
    let holder = directory.holder(resemblance.official);
    let known = Known { brand: holder.map(|it| it.name.en.as_str()), ..Known::default() };
    let likeness = Match { candidate, kind: Kind::Avatar, resemblance }.likeness(look);
    let id = look.policy.ids.copies_picture;
    let raise = Raise { known, likeness: Some(likeness), ..Raise::new(id, "account", "actor.avatar") };
    signals.raise(look.policy, raise);
    holder
}

/// Whether a handle in a text is an official one itself.
pub(crate) fn is_official(look: Look<'_>, kind: IdentityKind, value: &str) -> bool {
    look.facts.registry.registry().official(kind, value, look.facts.now).is_some()
}
