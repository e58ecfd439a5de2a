//! One verdict, the review queue, and what reviewers decide.

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use touchstone_accounts::Permission;
use touchstone_store::{
    Deed, Label, Quality, Review, ReviewState, Ruling, Seq, StoreError, StoredVerdict, VerdictFilter,
};
use touchstone_types::{EventKey, Lapse, Moment};

use super::show;
use super::staff::{Instead, Sent, Staff, done, failed, not_allowed};
use super::views::{OpenReview, PrecisionLine, QueueItem, ReviewsPage, Tab, VerdictPage};
use super::web;
use crate::ctx::Ctx;

/// How long a verdict stays with the reviewer who opened it.
const HELD_FOR: Lapse = Lapse::from_secs(15 * 60);
/// How many entries of the queue a page shows.
const QUEUE: usize = 100;
/// The longest reason that is kept, in characters.
const REASON: usize = 2_000;

/// `GET /console/verdicts/{source}/{id}`
pub(crate) async fn verdict(
    State(ctx): State<Ctx>,
    Path((source, id)): Path<(String, String)>,
    staff: Staff,
) -> Result<Response, Instead> {
    staff.must(Permission::ReadVerdicts)?;
    let may_review = staff.may(Permission::Review);
    let s = staff.at("live");
    let stored = ctx.store.verdict_on(&EventKey { source, id }).await.map_err(failed(&s))?;
    let review = ctx.store.review(stored.seq).await.map_err(failed(&s))?;
    let others = match &stored.actor {
        Some(actor) => {
            let filter = VerdictFilter { actor: Some(actor.clone()), ..VerdictFilter::default() };
            ctx.store.verdicts(&filter, None, 13).await.map_err(failed(&s))?.items
        }
        None => Vec::new(),
    };
    let page = VerdictPage {
        verdict: show::explain(&s, &stored),
        review_href: review.filter(|_| may_review).map(|review| format!("/console/reviews/{}", review.seq.0)),
        people: show::people(&s, &stored),
        others: others.iter().filter(|it| it.seq != stored.seq).take(12).map(show::row).collect(),
        origin: show::origin(&s, &stored),
        campaign: stored.campaign.as_deref().map(web::encoded),
        s,
    };
    Ok(web::page(StatusCode::OK, &page))
}

/// `POST /console/verdicts/{source}/{id}/queue`
pub(crate) async fn enqueue(
    State(ctx): State<Ctx>,
    Path((source, id)): Path<(String, String)>,
    sent: Sent,
) -> Result<Response, Instead> {
    sent.staff.must(Permission::Review)?;
    let s = &sent.staff.shell;
    let stored = ctx.store.verdict_on(&EventKey { source, id }).await.map_err(failed(s))?;
    let now = ctx.clock.now();
    ctx.store.open_review(stored.seq, now).await.map_err(failed(s))?;
    note(&ctx, sent.staff.login(), "review.open", stored.seq, "", now).await.map_err(failed(s))?;
    Ok(done(&show::href(&stored.key.source, &stored.key.id), "queued", None, None))
}

/// Which part of the queue.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Part {
    part: String,
}

impl Part {
    fn state(&self) -> ReviewState {
        match self.part.as_str() {
            "escalated" => ReviewState::Escalated,
            "done" => ReviewState::Decided,
            _ => ReviewState::Open,
        }
    }
}

/// `GET /console/reviews`
pub(crate) async fn queue(
    State(ctx): State<Ctx>,
    Query(part): Query<Part>,
    staff: Staff,
) -> Result<Response, Instead> {
    page(&ctx, staff, part.state(), None).await
}

/// `GET /console/reviews/{seq}`: opening an undecided one takes it.
pub(crate) async fn open(
    State(ctx): State<Ctx>,
    Path(seq): Path<i64>,
    staff: Staff,
) -> Result<Response, Instead> {
    staff.must(Permission::Review)?;
    let seq = Seq(seq);
    let review = ctx.store.review(seq).await.map_err(failed(&staff.shell))?;
    let review = review.ok_or(StoreError::NotFound).map_err(failed(&staff.shell))?;
    let now = ctx.clock.now();
    if review.state != ReviewState::Decided {
        match ctx.store.hold_review(seq, staff.login(), now, now + HELD_FOR).await {
            Ok(()) | Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(failed(&staff.shell)(error)),
        }
    }
    page(&ctx, staff, review.state, Some(seq)).await
}

/// `GET /console/reviews/next`: takes the first that nobody has.
pub(crate) async fn next(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Instead> {
    staff.must(Permission::Review)?;
    let now = ctx.clock.now();
    let taken =
        ctx.store.hold_next(staff.login(), now, now + HELD_FOR).await.map_err(failed(&staff.shell))?;
    Ok(match taken {
        Some(review) => Redirect::to(&format!("/console/reviews/{}", review.seq.0)).into_response(),
        None => done("/console/reviews", "nothing-left", None, None),
    })
}

async fn page(ctx: &Ctx, staff: Staff, state: ReviewState, opened: Option<Seq>) -> Result<Response, Instead> {
    staff.must(Permission::Review)?;
    let login = staff.login().to_owned();
    let s = staff.at("reviews");
    let now = ctx.clock.now();
    let mut list = Vec::new();
    for review in ctx.store.queue(state, None, QUEUE).await.map_err(failed(&s))? {
        let stored = ctx.store.verdict(review.seq).await.map_err(failed(&s))?;
        list.push(item(&s, &review, &stored, &login, now, opened));
    }
    let open = match opened {
        Some(seq) => Some(open_review(ctx, &s, seq, &login, now).await.map_err(failed(&s))?),
        None => None,
    };
    let quality = ctx.store.quality().await.map_err(failed(&s))?;
    let tabs = [("", "tab-open"), ("escalated", "tab-escalated"), ("done", "tab-done")]
        .iter()
        .map(|(part, label)| Tab {
            href: format!("/console/reviews?part={part}"),
            label: s.t(label),
            here: Part { part: (*part).to_owned() }.state() == state,
        })
        .collect();
    let precision = quality.iter().filter(|it| !it.shadow).map(precision_line).collect();
    Ok(web::page(StatusCode::OK, &ReviewsPage { s, tabs, list, open, precision }))
}

fn item(
    s: &super::shell::Shell,
    review: &Review,
    stored: &StoredVerdict,
    login: &str,
    now: Moment,
    opened: Option<Seq>,
) -> QueueItem {
    let holder = review.holder.as_ref().filter(|it| it.until > now && it.who != login);
    QueueItem {
        href: format!("/console/reviews/{}", review.seq.0),
        here: opened == Some(review.seq),
        row: show::row(stored),
        holder: holder.map(|it| s.t1("held-by", "who", it.who.clone())),
        state: review.label.map(show::label),
    }
}

async fn open_review(
    ctx: &Ctx,
    s: &super::shell::Shell,
    seq: Seq,
    login: &str,
    now: Moment,
) -> Result<OpenReview, StoreError> {
    let stored = ctx.store.verdict(seq).await?;
    let review = ctx.store.review(seq).await?.ok_or(StoreError::NotFound)?;
    let holder = review.holder.filter(|it| it.until > now);
    let (mine, lock_class, lock_text) = match (&review.state, holder) {
        (ReviewState::Decided, _) => {
            let act = ctx.store.acts(Some(seq), 1).await?.into_iter().next();
            let who = act.as_ref().map(|it| it.by.clone()).unwrap_or_default();
            let what = act.map(|it| s.decided(it.ruling.name())).unwrap_or_default();
            let text = s.lang.text_with("lock-done", &[("who", who.into()), ("what", what.into())]);
            (false, "good", text)
        }
        (_, Some(it)) if it.who == login => (true, "", s.t1("lock-mine", "until", show::minutes(it.until))),
        (_, Some(it)) => {
            let values = [("who", it.who.into()), ("until", show::minutes(it.until).into())];
            (false, "warn", s.lang.text_with("lock-theirs", &values))
        }
        (_, None) => (false, "", s.t("lock-none")),
    };
    let action = format!("/console/reviews/{}", seq.0);
    Ok(OpenReview { verdict: show::explain(s, &stored), action, mine, lock_class, lock_text })
}

pub(super) fn precision_line(quality: &Quality) -> PrecisionLine {
    PrecisionLine {
        name: quality.name.clone(),
        confirmed: quality.fraud,
        overturned: quality.benign,
        precision: share(quality.precision()),
        recall: share(quality.recall()),
    }
}

/// A share in per cent, or a dash where there are no labels.
pub(super) fn share(share: Option<f64>) -> String {
    share.map_or_else(|| "—".to_owned(), |it| format!("{:.0}%", it * 100.0))
}

/// What a button of a form says.
pub(super) fn ruling(name: &str) -> Option<Ruling> {
    match name {
        "confirm" => Some(Ruling::Confirm),
        "overturn" => Some(Ruling::Overturn),
        "escalate" => Some(Ruling::Escalate),
        _ => None,
    }
}

/// `POST /console/reviews/{seq}/decide`: decides and goes on to the next.
pub(crate) async fn decide(
    State(ctx): State<Ctx>,
    Path(seq): Path<i64>,
    sent: Sent,
) -> Result<Response, Instead> {
    sent.staff.must(Permission::Review)?;
    let (s, login, here) = (&sent.staff.shell, sent.staff.login(), format!("/console/reviews/{seq}"));
    let Some(ruling) = ruling(sent.fields.get("decision")) else {
        return Ok(Redirect::to(&here).into_response());
    };
    let reason: String = sent.fields.get("reason").chars().take(REASON).collect();
    if ruling != Ruling::Confirm && reason.is_empty() {
        return Ok(done(&here, "reason-needed", None, None));
    }
    let now = ctx.clock.now();
    // Only what one has taken: a form that lay open too long decides nothing.
    let review = ctx.store.review(Seq(seq)).await.map_err(failed(s))?;
    if !review.is_some_and(|it| it.holder.is_some_and(|it| it.who == login && it.until > now)) {
        return Ok(done(&here, "cannot-decide", None, None));
    }
    let act = match ctx.store.decide(ruling, &[Seq(seq)], login, &reason, now).await {
        Ok(act) => act,
        Err(StoreError::Conflict(_)) => return Ok(done(&here, "cannot-decide", None, None)),
        Err(error) => return Err(failed(s)(error)),
    };
    let taken = ctx.store.hold_next(login, now, now + HELD_FOR).await.map_err(failed(s))?;
    let to = taken.map_or("/console/reviews".into(), |it| format!("/console/reviews/{}", it.seq.0));
    Ok(done(&to, &format!("decided-{}", ruling.name()), None, Some(act)))
}

/// `POST /console/reviews/{seq}/release`
pub(crate) async fn release(
    State(ctx): State<Ctx>,
    Path(seq): Path<i64>,
    sent: Sent,
) -> Result<Response, Instead> {
    sent.staff.must(Permission::Review)?;
    ctx.store.release_review(Seq(seq), sent.staff.login()).await.map_err(failed(&sent.staff.shell))?;
    Ok(done("/console/reviews", "released", None, None))
}

/// `POST /console/acts/{act}/undo`: one's own, or with the permission anybody's.
pub(crate) async fn undo(
    State(ctx): State<Ctx>,
    Path(act): Path<i64>,
    sent: Sent,
) -> Result<Response, Instead> {
    sent.staff.must(Permission::Review)?;
    let (s, login) = (&sent.staff.shell, sent.staff.login());
    let acts = ctx.store.acts(None, touchstone_store::MAX_PAGE).await.map_err(failed(s))?;
    let found = acts.into_iter().find(|it| it.id == act).ok_or(StoreError::NotFound).map_err(failed(s))?;
    if found.by != login && !sent.staff.may(Permission::UndoOthers) {
        return Ok(not_allowed(s.clone()));
    }
    let now = ctx.clock.now();
    let (_, back) = match ctx.store.undo(act, login, "", now).await {
        Ok(undone) => undone,
        Err(StoreError::Conflict(_)) => return Ok(done("/console/reviews", "cannot-decide", None, None)),
        Err(error) => return Err(failed(s)(error)),
    };
    if found.events > 1 {
        return Ok(done("/console/campaigns", "bulk-undone", Some(back), None));
    }
    Ok(done("/console/reviews", "undone", None, None))
}

/// `GET /console/labels.jsonl`: what reviewers taught, one case a line.
pub(crate) async fn labels(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Instead> {
    staff.must(Permission::ExportLabels)?;
    let s = &staff.shell;
    let mut out = String::new();
    let mut after = Seq::START;
    loop {
        let page = ctx.store.labels(after, 1_000).await.map_err(failed(s))?;
        for it in &page {
            let event: serde_json::Value = serde_json::from_slice(&it.raw).unwrap_or_default();
            let label = if it.label == Label::Fraud { "scam" } else { "benign" };
            let case = serde_json::json!({ "event": event, "label": label, "source": "review" });
            out.push_str(&case.to_string());
            out.push('\n');
        }
        match page.last() {
            Some(last) if page.len() == 1_000 => after = last.seq,
            _ => break,
        }
    }
    let now = ctx.clock.now();
    let deed = Deed { at: now, by: staff.login(), act: "labels.export", object: "labels", detail: "" };
    ctx.store.audit(&deed).await.map_err(failed(s))?;
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"labels.jsonl\""),
    ];
    Ok((headers, out).into_response())
}

/// Writes an act on one event into the audit trail.
pub(super) async fn note(
    ctx: &Ctx,
    by: &str,
    act: &str,
    seq: Seq,
    detail: &str,
    at: Moment,
) -> Result<(), StoreError> {
    ctx.store.audit(&Deed { at, by, act, object: &seq.0.to_string(), detail }).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_without_labels_are_not_made_up() {
        assert_eq!(share(None), "—");
        assert_eq!(share(Some(0.666)), "67%");
    }

    #[test]
    fn only_a_reviewers_buttons_decide() {
        assert_eq!(ruling("confirm"), Some(Ruling::Confirm));
        assert_eq!(ruling("undo"), None);
    }
}
