//! Does somebody do, in an organisation's name, what it says its support never does?

use touchstone_registry::{Fact, FactSet, Organisation};
use touchstone_types::{ConversationKind, Data, Name};

use super::Look;
use crate::signals::{Known, Raise, Signals};

/// Raises every published fact that the event contradicts, as one finding. `copied` is the
/// organisation whose name or picture the account bears, if any.
pub(crate) fn check(look: Look<'_>, copied: Option<&Organisation>, signals: &mut Signals) {
    let Some(organisation) = copied.or_else(|| claimed(look, signals)) else { return };
    let denied = contradicted(look, organisation.facts, signals);
    if denied.is_empty() {
        return;
    }
    let details = denied
        .iter()
        .map(|fact| (Name::from(fact.name()), format!("{} {}", organisation.name.en, fact.sentence().en)))
        .collect();
    let facts: Vec<_> = denied.iter().map(|fact| fact.sentence().en).collect();
    let words = facts.join(", ");
    let known = Known { brand: Some(&organisation.name.en), words: Some(&words), ..Known::default() };
    let raise = Raise {
        known,
        details,
        ..Raise::new(look.policy.ids.contradicts_official, &organisation.id, "actor")
    };
    signals.raise(look.policy, raise);
}

/// The organisation that an unlisted sender claims to speak for: somebody claims to be
/// support, and the text names it.
fn claimed<'a>(look: Look<'a>, signals: &Signals) -> Option<&'a Organisation> {
    if !look.policy.ids.claims.iter().any(|id| signals.has(*id)) {
        return None;
    }
    let actor = look.event.data.actor()?;
    let registry = look.facts.registry.registry();
    if registry.is_listed(&look.event.source, &actor.id, look.facts.now).is_some() {
        return None;
    }
    look.facts.registry.named_in(look.text.folded.text())
}

/// The facts among these that the event contradicts, by what is done or asked in it.
pub(crate) fn contradicted(look: Look<'_>, facts: FactSet, signals: &Signals) -> Vec<Fact> {
    let by_deed = |fact: Fact| match (fact, &look.event.data) {
        (Fact::NeverWritesFirst, Data::MessageSent(message)) => {
            message.conversation.as_ref().is_some_and(|it| {
                it.kind == ConversationKind::Direct
                    && it.started_by.as_deref() == Some(message.sender.id.as_str())
            })
        }
        (Fact::NeverWritesFirst, Data::ContactAdded(_)) => true,
        (Fact::HasNoPhoneLine, Data::CallStarted(_)) => true,
        (Fact::NeverAsksForRemoteControl, Data::CallStarted(call)) => call.screen_shared,
        _ => false,
    };
    let by_words = |fact: Fact| {
        look.policy
            .ids
            .denied_by
            .iter()
            .any(|(denied, findings)| *denied == fact && findings.iter().any(|id| signals.has(*id)))
    };
    facts.iter().filter(|fact| by_deed(*fact) || by_words(*fact)).collect()
}
