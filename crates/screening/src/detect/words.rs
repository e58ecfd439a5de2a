//! What is being asked of the user, and what a user is about to give away.

use touchstone_language::secrets::SecretKind;
use touchstone_policy::FeatureValue;
use touchstone_types::{Data, Name};

use super::Look;
use crate::Opinion;
use crate::signals::{Known, Raise, Signals};

/// Raises what the policy's phrases found.
pub(crate) fn phrases(look: Look<'_>, signals: &mut Signals) {
    let text = look.event.data.text().unwrap_or_default();
    for hit in look.text.phrases.hits() {
        let Some(spec) = look.policy.phrase(hit.finding) else { continue };
        let known = Known { words: text.get(hit.span.clone()), ..Known::default() };
        let place = Some((text, hit.span.clone()));
        let raise = Raise { share: hit.score, place, known, ..Raise::new(Some(spec.id), "", "text") };
        signals.raise(look.policy, raise);
    }
}

/// Below this probability a text is as good as any other.
const LIKELY: f32 = 0.9;
/// The probability at which the finding has its whole weight.
const SURELY: f32 = 0.999;

/// The share of its weight that the model's finding has: a third for each factor of ten in
/// the odds from nine to one on; none if it is not found.
#[must_use]
pub(crate) fn share_of(probability: f32) -> Option<f32> {
    let odds = |it: f32| (it / (1.0 - it)).log10();
    let share = || (odds(probability.min(SURELY)) / odds(SURELY)).min(1.0);
    (probability >= LIKELY).then(share)
}

/// Raises what the language model holds of the text. It adds to what the phrases found: they
/// say what is asked, it says how much the whole reads like a scam.
pub(crate) fn model(look: Look<'_>, signals: &mut Signals) {
    let Some(share) = share_of(look.text.likelihood.0) else { return };
    let raise = Raise { share, ..Raise::new(look.policy.ids.reads_like_scam, "", "text") };
    signals.raise(look.policy, raise);
}

/// Raises what a language model outside the house said, where it speaks for a scam.
pub(crate) fn opinion(look: Look<'_>, signals: &mut Signals) {
    let Some(opinion) = look.facts.opinion.filter(|it| it.scam >= Opinion::SPEAKS_FROM) else { return };
    let details = vec![
        (Name::from("model"), opinion.model.to_owned()),
        (Name::from("because"), opinion.why.to_owned()),
    ];
    let id = look.policy.ids.second_opinion;
    let raise = Raise { share: opinion.scam, details, ..Raise::new(id, "", "text") };
    signals.raise(look.policy, raise);
}

/// The least certainty with which a secret is held to be one.
const SURE: f32 = 0.6;
/// From here on a checksum or a plain word speaks for it.
const CERTAIN: f32 = 0.9;

/// Raises secrets in a user's own message to a stranger. What official accounts send (codes,
/// say) is not looked at; what is sent to them is, because they never ask for it.
pub(crate) fn secrets(look: Look<'_>, signals: &mut Signals) {
    let Data::MessageSent(message) = &look.event.data else { return };
    let registry = look.facts.registry.registry();
    if registry.is_listed(&look.event.source, &message.sender.id, look.facts.now).is_some() {
        return;
    }
    let to_listed = message
        .recipient
        .as_ref()
        .is_some_and(|it| registry.is_listed(&look.event.source, &it.id, look.facts.now).is_some());
    if is_last_part(look) {
        let place = Some((&*message.text, 0..message.text.len()));
        let raise = Raise { place, ..Raise::new(look.policy.ids.sends_phrase_in_parts, "", "text") };
        signals.raise(look.policy, raise);
    }
    if look.text.secrets.iter().any(|it| it.certainty < SURE) {
        signals.raise(look.policy, Raise::new(look.policy.ids.may_send_secret, "", "text"));
    }
    for secret in look.text.secrets.iter().filter(|it| it.certainty >= SURE) {
        // Support that is listed may have to see a paper; nobody ever has to see a key.
        let is_paper =
            matches!(secret.kind, SecretKind::IdNumber | SecretKind::Passport | SecretKind::CardNumber);
        if to_listed && is_paper {
            continue;
        }
        let at = SecretKind::ALL.iter().position(|kind| *kind == secret.kind);
        let id = at.and_then(|at| look.policy.ids.sends[at]);
        // The secret itself goes nowhere: the sentence and the details do not repeat it.
        let place = Some((&*message.text, secret.span.clone()));
        let share = if secret.certainty >= CERTAIN { 1.0 } else { secret.certainty };
        let raise = Raise { share, place, ..Raise::new(id, "", "text") };
        signals.raise(look.policy, raise);
    }
}

/// A phrase of twelve words, one of them forgotten.
const PHRASE: i64 = 11;

/// Whether the message is nothing but words of a recovery phrase, and makes one together with
/// what the sender sent here before. Only how many there were is remembered.
fn is_last_part(look: Look<'_>) -> bool {
    let before = look.policy.ids.phrase_words.and_then(|at| look.facts.features.get(usize::from(at)));
    let words = i64::from(look.text.phrase_words);
    matches!(before, Some(FeatureValue::Int(before)) if *before > 0 && words > 0 && before + words >= PHRASE)
}
