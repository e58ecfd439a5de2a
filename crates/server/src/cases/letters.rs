//! Letters to victims who gave an address: that there is news, and nothing else. No link, as
//! impostors send links; nothing of the case, as mail is read by others.

use touchstone_connectors::Letter;

use super::{Open, Receipt};
use crate::console::i18n::Lang;
use crate::ctx::Ctx;

/// The report was received; of one that was sent again that was said.
pub(crate) fn received(ctx: &Ctx, receipt: &Receipt) {
    if !receipt.again {
        send(ctx, &receipt.open, "letter-report-subject", "letter-report-text");
    }
}

/// A person wrote to the victim, or closed the case.
pub(crate) fn news(ctx: &Ctx, open: &Open) {
    send(ctx, open, "letter-subject", "letter-text");
}

/// Nobody waits for it, and nothing fails with it: the page says the same.
fn send(ctx: &Ctx, open: &Open, subject: &str, text: &str) {
    let Some(to) = open.report.contact.email.clone().filter(|_| ctx.desk.caller.can_mail()) else { return };
    let lang = Lang::from_tag(&open.report.language).unwrap_or(Lang::En);
    let of = |key: &str| lang.text_with(key, &[("reference", open.row.reference.as_str().into())]);
    let (subject, text) = (of(subject), of(text));
    let (ctx, reference) = (ctx.clone(), open.row.reference.clone());
    tokio::task::spawn_blocking(move || {
        let letter = Letter { to: &to, subject: &subject, text: &text };
        if let Err(error) = ctx.desk.caller.mail(&letter) {
            // A word only: what the mail server says has the address in it.
            tracing::warn!(%reference, error = error.name(), "a letter to a victim could not be sent");
        }
    });
}
