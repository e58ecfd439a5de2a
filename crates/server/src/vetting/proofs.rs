//! The ways of proving control: what the applicant has to do, and looking whether it was done.
//!
//! Always true here:
//! - What counts as seen is kept as it was seen.
//! - A code is kept as a hash, holds half an hour, and may be missed five times.
//! - Whom we call is decided by what is applied for and by what is listed, never by a field of the check.

use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use touchstone_connectors::{CallError, Caller, Letter};
use touchstone_registry::vetting::{Wanted, sufficient};
use touchstone_registry::{Digest, ProofMethod, signed_by};
use touchstone_store::{Attempt, KeptApplication, StoreError};
use touchstone_types::Lapse;

use crate::console::i18n::Lang;
use crate::ctx::Ctx;

/// How long a code is taken.
const CODE_HOLDS: Lapse = Lapse::from_secs(30 * 60);
/// How often it may be missed.
const TRIES: u32 = 5;
/// How long after a code was sent another one is.
const CODE_PAUSE: Lapse = Lapse::from_secs(60);

/// What came of a look.
pub(crate) enum Look {
    /// It is there: this was seen.
    Seen(Vec<u8>),
    /// It is not; a word says why, as in `proof-outcome-…`.
    Not(&'static str),
}

/// Every way that belongs to one of the sets which prove such an identity, each once.
pub(crate) fn ways(wanted: &Wanted) -> Vec<ProofMethod> {
    let mut ways: Vec<ProofMethod> = sufficient(wanted).iter().flat_map(|set| set.iter().copied()).collect();
    ways.sort_unstable();
    ways.dedup();
    ways
}

/// Where something has to be put, and what, for people to copy.
pub(crate) fn task(kept: &KeptApplication, method: ProofMethod) -> (String, String) {
    let (wanted, nonce) = (&kept.record.wanted, kept.nonce.clone());
    let host = wanted.host().unwrap_or_default();
    match method {
        ProofMethod::DnsTxt => (format!("_touchstone.{host}"), nonce),
        ProofMethod::WellKnown => (format!("https://{host}/.well-known/touchstone.txt"), nonce),
        ProofMethod::AssetLinks => (
            format!("https://{host}/.well-known/assetlinks.json"),
            wanted.certificate.map(|it| it.to_string()).unwrap_or_default(),
        ),
        ProofMethod::Posted => (wanted.value.clone(), nonce),
        ProofMethod::AddressSignature => (wanted.value.clone(), to_sign(kept)),
        ProofMethod::MailboxCode | ProofMethod::PhoneCode => (wanted.value.clone(), String::new()),
        ProofMethod::OfficerSeen => (String::new(), String::new()),
    }
}

/// The text that the key of an address signs: says what it is for, so that it is good for nothing else.
fn to_sign(kept: &KeptApplication) -> String {
    let wanted = &kept.record.wanted;
    format!("Touchstone: {} is an official address of {}. {}", wanted.value, wanted.organisation, kept.nonce)
}

/// Looks whether something was done. `given` is what the applicant typed: a code or a signature.
///
/// # Errors
/// Those of the store.
pub(crate) async fn look(
    ctx: &Ctx,
    kept: &KeptApplication,
    method: ProofMethod,
    given: &str,
) -> Result<Look, StoreError> {
    let (place, value) = task(kept, method);
    Ok(match method {
        ProofMethod::DnsTxt => {
            let parent = kept.record.wanted.host().unwrap_or_default();
            call(ctx, move |caller| in_dns(caller, &place, &parent, &value)).await
        }
        ProofMethod::WellKnown => call(ctx, move |caller| in_file(caller, &place, &value)).await,
        ProofMethod::AssetLinks => {
            let (app, certificate) = (kept.record.wanted.value.clone(), kept.record.wanted.certificate);
            call(ctx, move |caller| in_asset_links(caller, &place, &app, certificate)).await
        }
        ProofMethod::AddressSignature => signature(kept, given),
        ProofMethod::MailboxCode | ProofMethod::PhoneCode => code(ctx, kept, method, given).await?,
        ProofMethod::Posted => Look::Not("not_posted"),
        ProofMethod::OfficerSeen => Look::Not("officer"),
    })
}

/// Looks whether a listed domain of the organisation says that the application is its own: the
/// same text as the applicant's, so that the organisation knows what it agrees to.
pub(crate) async fn look_for_consent(
    ctx: &Ctx,
    kept: &KeptApplication,
    domain: &str,
    method: ProofMethod,
) -> Look {
    let (nonce, domain) = (kept.nonce.clone(), domain.to_owned());
    let (place, parent) = (consent_place(&domain, method), domain);
    match method {
        ProofMethod::DnsTxt => call(ctx, move |caller| in_dns(caller, &place, &parent, &nonce)).await,
        ProofMethod::WellKnown => call(ctx, move |caller| in_file(caller, &place, &nonce)).await,
        _ => Look::Not("officer"),
    }
}

/// Where a domain says so.
pub(crate) fn consent_place(domain: &str, method: ProofMethod) -> String {
    match method {
        ProofMethod::DnsTxt => format!("_touchstone.{domain}"),
        _ => format!("https://{domain}/.well-known/touchstone.txt"),
    }
}

/// Makes a call on a thread of its own: calls block.
async fn call(ctx: &Ctx, it: impl FnOnce(&Caller) -> Result<Look, CallError> + Send + 'static) -> Look {
    let caller = ctx.desk.caller.clone();
    match tokio::task::spawn_blocking(move || it(&caller)).await {
        Ok(Ok(look)) => look,
        Ok(Err(error)) => Look::Not(error.name()),
        Err(_) => Look::Not("failed"),
    }
}

fn in_dns(caller: &Caller, name: &str, parent: &str, nonce: &str) -> Result<Look, CallError> {
    for name in [name, parent] {
        let texts = caller.txt(name)?;
        if texts.iter().any(|it| it.trim() == nonce) {
            return Ok(Look::Seen(format!("{name} TXT\n{}", texts.join("\n")).into_bytes()));
        }
    }
    Ok(Look::Not("not_there"))
}

fn in_file(caller: &Caller, url: &str, nonce: &str) -> Result<Look, CallError> {
    let answer = caller.get(url)?;
    let text = String::from_utf8_lossy(&answer.body);
    Ok(match answer.status {
        200 if text.lines().any(|it| it.trim() == nonce) => Look::Seen(answer.body),
        200 => Look::Not("not_there"),
        300..400 => Look::Not("redirected"),
        _ => Look::Not("no_file"),
    })
}

fn in_asset_links(
    caller: &Caller,
    url: &str,
    app: &str,
    certificate: Option<Digest>,
) -> Result<Look, CallError> {
    let Some(certificate) = certificate else { return Ok(Look::Not("no_certificate")) };
    let answer = caller.get(url)?;
    if answer.status != 200 {
        return Ok(Look::Not(if (300..400).contains(&answer.status) { "redirected" } else { "no_file" }));
    }
    let found = serde_json::from_slice(&answer.body).is_ok_and(|it| names_app(&it, app, certificate));
    Ok(if found { Look::Seen(answer.body) } else { Look::Not("other_app") })
}

/// Whether a list of Digital Asset Links names the app with that certificate.
fn names_app(links: &Value, app: &str, certificate: Digest) -> bool {
    let is_it = |target: &Value| {
        let prints = target["sha256_cert_fingerprints"].as_array();
        target["namespace"] == "android_app"
            && target["package_name"] == app
            && prints.into_iter().flatten().filter_map(Value::as_str).any(|it| it.parse() == Ok(certificate))
    };
    links.as_array().into_iter().flatten().any(|it| is_it(&it["target"]))
}

fn signature(kept: &KeptApplication, given: &str) -> Look {
    let (wanted, text) = (&kept.record.wanted, to_sign(kept));
    match signed_by::check(wanted.chain.as_deref().unwrap_or_default(), &wanted.value, &text, given) {
        Ok(()) => Look::Seen(format!("{text}\n{}", given.trim()).into_bytes()),
        Err(signed_by::NotSigned::Chain) => Look::Not("chain"),
        Err(signed_by::NotSigned::Address) => Look::Not("address"),
        Err(signed_by::NotSigned::Form) => Look::Not("form"),
        Err(signed_by::NotSigned::OtherKey) => Look::Not("other_key"),
    }
}

fn hash(kept: &KeptApplication, code: &str) -> [u8; 32] {
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    Sha256::digest(format!("{}\n{}\n{digits}", kept.record.id, kept.nonce)).into()
}

/// Without a code, sends one; with one, looks whether it is right.
async fn code(
    ctx: &Ctx,
    kept: &KeptApplication,
    method: ProofMethod,
    given: &str,
) -> Result<Look, StoreError> {
    let (now, id) = (ctx.clock.now(), kept.record.id.as_str());
    let sent = ctx.store.attempts(id).await?.into_iter().find(|it| it.method == method);
    if given.trim().is_empty() {
        if sent.as_ref().is_some_and(|it| it.outcome == "sent" && now.since(it.at) < CODE_PAUSE) {
            return Ok(Look::Not("sent"));
        }
        return send_code(ctx, kept, method).await;
    }
    let Some(sent) = sent else { return Ok(Look::Not("no_code")) };
    let (Some(wanted), Some(expires)) = (sent.code_hash, sent.expires) else {
        return Ok(Look::Not("no_code"));
    };
    if expires <= now {
        return Ok(Look::Not("expired"));
    }
    if !ctx.store.may_try_code(id, method, TRIES).await? {
        return Ok(Look::Not("too_many"));
    }
    // Compared as hashes: how long it takes says nothing of the code.
    if hash(kept, given) != wanted {
        return Ok(Look::Not("wrong_code"));
    }
    let seen = format!("a code sent to {} at {} came back", kept.record.wanted.value, sent.at);
    Ok(Look::Seen(seen.into_bytes()))
}

async fn send_code(ctx: &Ctx, kept: &KeptApplication, method: ProofMethod) -> Result<Look, StoreError> {
    let number: u32 = rand::random_range(0..100_000_000);
    let (code, now) = (format!("{number:08}"), ctx.clock.now());
    let (to, id) = (kept.record.wanted.value.clone(), kept.record.id.clone());
    let spoken = code.clone();
    let outcome = if method == ProofMethod::MailboxCode {
        call(ctx, move |caller| {
            let (subject, text) = letter(&spoken);
            let letter = Letter { to: &to, subject: &subject, text: &text };
            caller.mail(&letter).map(|()| Look::Not("sent"))
        })
        .await
    } else if let Some(phone) = ctx.desk.phone.clone() {
        call(ctx, move |caller| {
            let body = json!({ "phone": to, "code": spoken }).to_string();
            caller.webhook(&phone, &format!("{id}-{}", now.as_micros()), now, body.as_bytes())?;
            Ok(Look::Not("sent"))
        })
        .await
    } else {
        Look::Not("not_set_up")
    };
    if let Look::Not("sent") = outcome {
        let attempt = Attempt {
            method,
            at: now,
            outcome: "sent".to_owned(),
            code_hash: Some(hash(kept, &code)),
            expires: Some(now + CODE_HOLDS),
            tries: 0,
        };
        ctx.store.note_attempt(&kept.record.id, &attempt).await?;
    }
    Ok(outcome)
}

/// Both languages: we do not know who reads this mailbox.
fn letter(code: &str) -> (String, String) {
    let [zh, en] = [Lang::Zh, Lang::En].map(|it| it.text_with("letter-code", &[("code", code.into())]));
    let subject =
        format!("{} · {}", Lang::Zh.text("letter-code-subject"), Lang::En.text("letter-code-subject"));
    (subject, format!("{zh}\n\n{en}\n"))
}

/// Reminds the holder that a proof ends, if there is somebody to remind and a way to.
pub(crate) async fn remind(ctx: &Ctx, kept: &KeptApplication, ends: &str) -> bool {
    if kept.contact.is_empty() || !ctx.desk.caller.can_mail() {
        return false;
    }
    let (caller, to) = (ctx.desk.caller.clone(), kept.contact.clone());
    let (value, ends) = (kept.record.wanted.value.clone(), ends.to_owned());
    let sent = tokio::task::spawn_blocking(move || {
        let say = |lang: Lang| {
            let values = [("value", value.as_str().into()), ("ends", ends.as_str().into())];
            lang.text_with("letter-remind", &values)
        };
        let subject = format!(
            "{} · {}",
            Lang::Zh.text("letter-remind-subject"),
            Lang::En.text("letter-remind-subject")
        );
        let text = format!("{}\n\n{}\n", say(Lang::Zh), say(Lang::En));
        caller.mail(&Letter { to: &to, subject: &subject, text: &text })
    });
    let within = tokio::time::timeout(Duration::from_secs(60), sent).await;
    matches!(within, Ok(Ok(Ok(()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asset_links_name_the_app_by_package_and_certificate() {
        let print =
            "14:6D:E9:83:C5:73:06:50:D8:EE:B9:95:2F:34:FC:64:16:A0:83:42:E6:1D:BE:A8:8A:04:96:B2:3F:CF:44:E5";
        let links = json!([{ "relation": ["delegate_permission/common.handle_all_urls"],
            "target": { "namespace": "android_app", "package_name": "example.lantern", "sha256_cert_fingerprints": [print] } }]);
        let ours: Digest = print.parse().unwrap();
        assert!(names_app(&links, "example.lantern", ours));
        assert!(!names_app(&links, "example.lantem", ours));
        assert!(!names_app(&links, "example.lantern", Digest::of(b"another")));
        assert!(!names_app(&json!({ "target": 1 }), "example.lantern", ours));
    }
}
