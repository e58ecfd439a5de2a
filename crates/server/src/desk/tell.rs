//! What a case holds, as the page shows it; and what is said when something was not done.

use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use touchstone_accounts::Permission;
use touchstone_cases::report::{Belongs, Loss};
use touchstone_store::{Deed, Member, StoreError};

use super::case;
use super::rows::{Names, worded};
use super::views::{FileView, Told};
use crate::cases::{By, FlowError, Open, by_staff, flow};
use crate::console::shell::Shell;
use crate::console::staff::{Instead, Staff, busy, failed, not_allowed, not_found};
use crate::console::views::Fact;
use crate::ctx::Ctx;

/// The page for a failure that no form can mend.
pub(super) fn page(s: &Shell, error: FlowError) -> Instead {
    match error {
        FlowError::NotFound => not_found(s.clone()).into(),
        FlowError::NeedsReason => not_allowed(s.clone()).into(),
        FlowError::Store(error) => busy(s, &error).into(),
        error => {
            tracing::error!(%error, "a case could not be shown");
            busy(s, &StoreError::Conflict("a case could not be shown")).into()
        }
    }
}

/// What is said beside a form whose act was not done.
pub(super) fn problem(s: &Shell, error: &FlowError) -> String {
    s.t(match error {
        FlowError::EmptyText => "desk-problem-empty",
        FlowError::NoReason(_) => "desk-problem-reason",
        FlowError::IsClosed => "desk-problem-closed",
        FlowError::NoSuchColleague => "desk-problem-person",
        FlowError::TextTooLong => "desk-problem-long",
        _ => "desk-problem-busy",
    })
}

/// A case for somebody whose page of it is open: that they look was noted when they opened it. Who
/// comes to a file or a form without having opened the page is noted now.
pub(super) async fn enter(ctx: &Ctx, member: &Member, reference: &str) -> Result<Open, FlowError> {
    let open = flow::open_by_reference(ctx, reference).await?;
    match flow::was_let_in(ctx, member, &open).await? {
        true => Ok(open),
        false => flow::open_for_staff(ctx, member, reference, None).await,
    }
}

/// The name under which the victim knows somebody.
pub(super) async fn public_name(ctx: &Ctx, member: &Member) -> String {
    match by_staff(ctx, member).await {
        Ok(By::Staff { name, .. }) => name,
        _ => String::new(),
    }
}

/// What was reported.
pub(super) fn told(ctx: &Ctx, s: &Shell, open: &Open) -> Told {
    Told {
        story: open.report.story.clone(),
        losses: open.report.losses.iter().map(|it| loss(ctx, s, it)).collect(),
        facts: facts(ctx, s, open),
        lists: lists(ctx, s, open),
    }
}

fn chain_name(ctx: &Ctx, s: &Shell, id: Option<&str>) -> String {
    let Some(id) = id else { return String::new() };
    ctx.cases.charter.chain(id).map_or_else(|| id.to_owned(), |it| s.lang.of(&it.name).to_owned())
}

fn loss(ctx: &Ctx, s: &Shell, it: &Loss) -> String {
    let amount = it.amount.clone().unwrap_or_else(|| s.t("desk-loss-unknown"));
    match chain_name(ctx, s, it.chain.as_deref()) {
        chain if chain.is_empty() => format!("{amount} {}", it.asset),
        chain => format!("{amount} {} · {chain}", it.asset),
    }
}

/// A time on the victim's wall, with where that is.
const ZONED: &str = "%Y-%m-%d %H:%M (UTC%:z)";

fn facts(ctx: &Ctx, s: &Shell, open: &Open) -> Vec<Fact> {
    let report = &open.report;
    let mut facts = Vec::new();
    let mut add = |key: &str, value: Option<String>| {
        if let Some(value) = value.filter(|it| !it.is_empty()) {
            facts.push(Fact::new(s.t(key), value));
        }
    };
    let local = |at| case::local(at, ctx.cases.charter.zone_of(report.jurisdiction.as_deref()), ZONED);
    let happened = match (report.happened_from, report.happened_until) {
        (Some(from), Some(until)) if from != until => Some(format!("{} – {}", local(from), local(until))),
        (from, until) => from.or(until).map(local),
    };
    add("desk-happened", happened);
    add("desk-country", report.country.clone());
    add("desk-wallet", report.wallet.clone());
    let device = |yes: bool| s.t(if yes { "desk-device-yes" } else { "desk-device-no" });
    add("desk-device", report.device_compromised.map(device));
    let contact = [&report.contact.name, &report.contact.email, &report.contact.phone];
    let contact: Vec<&str> = contact.into_iter().filter_map(|it| it.as_deref()).collect();
    add("desk-contact", Some(contact.join(" · ")));
    let (account, how) = match (&open.row.user_ref, &report.account) {
        (Some(confirmed), _) => (Some(confirmed), "desk-account-confirmed"),
        (None, claimed) => (claimed.as_ref(), "desk-account-claimed"),
    };
    add("desk-account", account.map(|it| format!("{it} ({})", s.t(how))));
    add("desk-police", report.police_reference.clone());
    facts.extend(report.answers.iter().map(|(name, answer)| Fact::new(name.clone(), answer.clone())));
    facts
}

fn lists(ctx: &Ctx, s: &Shell, open: &Open) -> Vec<(String, Vec<String>)> {
    let report = &open.report;
    let place = |chain: &Option<String>| match chain_name(ctx, s, chain.as_deref()) {
        chain if chain.is_empty() => chain,
        chain => format!(" · {chain}"),
    };
    let whose = |it: Belongs| worded(s, "address", it.as_str());
    let addresses =
        report.addresses.iter().map(|it| format!("{} ({}{})", it.text, whose(it.whose), place(&it.chain)));
    let transactions = report.transactions.iter().map(|it| format!("{}{}", it.id, place(&it.chain)));
    let suspects = report.suspects.iter().map(|it| {
        let parts = [it.platform.as_deref(), Some(it.account.as_str()), it.name.as_deref()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    });
    [
        ("desk-suspects", suspects.collect::<Vec<_>>()),
        ("desk-addresses", addresses.collect()),
        ("desk-transactions", transactions.collect()),
    ]
    .into_iter()
    .filter(|(_, list)| !list.is_empty())
    .map(|(key, list)| (s.t(key), list))
    .collect()
}

/// The media types that are shown as pictures: no script runs in them.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/// A file as it is listed.
pub(super) fn file(s: &Shell, names: &Names, reference: &str, it: crate::cases::FileView) -> FileView {
    FileView {
        href: format!("/console/cases/{reference}/files/{}", it.n),
        size: size(it.size),
        is_image: PICTURES.contains(&it.kind.as_str()),
        by: match it.by.as_str() {
            "staff" => names.of(&it.login),
            "victim" => s.t("desk-by-victim"),
            "key" => s.t("desk-by-key"),
            _ => s.t("desk-by-system"),
        },
        at: it.at.to_string(),
        hash: it.hash.chars().take(16).collect(),
        name: it.name,
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KiB", bytes / 1_024),
        _ => format!("{}.{} MiB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
    }
}

/// How a file is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    show: Option<u8>,
}

/// `GET /console/cases/{reference}/files/{n}`: to be kept; a picture may be looked at. A browser
/// believes its type, runs nothing in it and keeps no copy.
pub(super) async fn fetch(
    State(ctx): State<Ctx>,
    Path((reference, n)): Path<(String, i64)>,
    Query(wanted): Query<Wanted>,
    staff: Staff,
) -> Result<Response, Instead> {
    staff.must(Permission::WorkCases)?;
    let s = &staff.shell;
    let fail = |error: FlowError| page(s, error);
    let open = enter(&ctx, &staff.member, &reference).await.map_err(fail)?;
    let (file, bytes) = flow::file(&ctx, &open.row, n).await.map_err(fail)?;
    let shown = wanted.show.is_some() && PICTURES.contains(&file.kind.as_str());
    if !shown {
        let detail = n.to_string();
        let deed = Deed {
            at: ctx.clock.now(),
            by: staff.login(),
            act: "case.file_taken",
            object: &open.row.reference,
            detail: &detail,
        };
        ctx.store.audit(&deed).await.map_err(failed(s))?;
    }
    let how = if shown { "inline" } else { "attachment" };
    let name = crate::console::web::encoded(&file.name);
    let kind = if shown { file.kind } else { "application/octet-stream".to_owned() };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, format!("{how}; filename*=UTF-8''{name}")),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        for (bytes, text) in [(3, "3 B"), (2_048, "2 KiB"), (20 * 1_048_576, "20.0 MiB")] {
            assert_eq!(size(bytes), text);
        }
    }
}
