//! `/console/announcements`: notices to everybody, written by one, agreed to by another where it
//! matters most, published in the log and withdrawn there.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use touchstone_accounts::Permission;
use touchstone_registry::Statement;
use touchstone_registry::statement::{Announcement as Stated, Severity};
use touchstone_store::{Announcement, AnnouncementState, StoreError};
use touchstone_types::{Bilingual, Lapse, Moment};

use super::flow::seconds;
use crate::console::shell::Shell;
use crate::console::staff::{Fields, Instead, Sent, Staff, done, failed};
use crate::console::web;
use crate::ctx::Ctx;
use crate::keys;
use crate::registry;

/// How many announcements are shown.
const SHOWN: usize = 200;

/// An announcement as the pages show it.
struct Card {
    id: String,
    severity: String,
    title: String,
    text: String,
    other_title: String,
    other_text: String,
    by: String,
    changed: String,
    /// `draft`, `published`, `withdrawn`, `dropped`.
    state: &'static str,
    approvals: Vec<String>,
    log_index: Option<u64>,
    until: Option<String>,
    /// Whether somebody else has to agree before it is published.
    needs: bool,
    /// Whether the one who looks may agree to it.
    can_agree: bool,
}

impl Card {
    fn of(s: &Shell, me: &str, may_agree: bool, it: Announcement) -> Self {
        let (lang, other) = (s.lang, s.lang.other());
        let draft = it.state == AnnouncementState::Draft;
        Self {
            needs: draft && needs_another(&it),
            can_agree: draft && may_agree && it.made_by != me && !it.approvals.iter().any(|by| by == me),
            title: lang.of(&it.title).to_owned(),
            text: lang.of(&it.text).to_owned(),
            other_title: other.of(&it.title).to_owned(),
            other_text: other.of(&it.text).to_owned(),
            state: match it.state {
                AnnouncementState::Draft => "draft",
                AnnouncementState::Published => "published",
                AnnouncementState::Withdrawn => "withdrawn",
                AnnouncementState::Dropped => "dropped",
            },
            id: it.id,
            severity: it.severity,
            by: it.made_by,
            changed: it.changed.to_string(),
            approvals: it.approvals,
            log_index: it.log_index,
            until: it.until.as_ref().map(Moment::to_string),
        }
    }
}

/// What is urgent makes people act at once: two people answer for it.
fn needs_another(it: &Announcement) -> bool {
    it.severity == Severity::Urgent.name() && it.approvals.is_empty()
}

#[derive(Template)]
#[template(path = "announcements.html")]
struct ListPage {
    s: Shell,
    has_log: bool,
    list: Vec<Card>,
    organisations: Vec<(String, String)>,
    severities: Vec<&'static str>,
    problem: Option<String>,
    fields: [String; 4],
}

#[derive(Template)]
#[template(path = "announcement.html")]
struct OnePage {
    s: Shell,
    it: Card,
    has_log: bool,
    may_write: bool,
}

/// `GET /console/announcements`
pub(super) async fn list(State(ctx): State<Ctx>, staff: Staff) -> Result<Response, Instead> {
    list_page(&ctx, staff, None, [const { String::new() }; 4]).await
}

async fn list_page(
    ctx: &Ctx,
    staff: Staff,
    problem: Option<String>,
    fields: [String; 4],
) -> Result<Response, Instead> {
    staff.must(Permission::WriteAnnouncement)?;
    let may_agree = staff.may(Permission::ApproveAnnouncement);
    let me = staff.login().to_owned();
    let s = staff.at("announcements");
    let list = ctx.store.announcements(SHOWN).await.map_err(failed(&s))?;
    let list = list.into_iter().map(|it| Card::of(&s, &me, may_agree, it)).collect();
    let listed = ctx.registry.now();
    let organisations = listed.registry.organisations().iter();
    let organisations = organisations.map(|it| (it.id.to_string(), s.lang.of(&it.name).to_owned())).collect();
    let severities = Severity::ALL.iter().map(|it| it.name()).collect();
    let has_log = ctx.registry.ledger().is_some();
    Ok(web::page(StatusCode::OK, &ListPage { s, has_log, list, organisations, severities, problem, fields }))
}

/// `POST /console/announcements`: keeps a draft, if it could be published as it stands.
pub(super) async fn draft(State(ctx): State<Ctx>, sent: Sent) -> Result<Response, Instead> {
    sent.staff.must(Permission::WriteAnnouncement)?;
    let now = seconds(ctx.clock.now());
    let made = read(&sent.fields, sent.staff.login(), now);
    let problem = match &made {
        Ok(it) => Statement::Announcement(stated(it, now)).check().err().map(|cause| cause.to_string()),
        Err(what) => Some((*what).to_owned()),
    };
    let known = |it: &Announcement| ctx.registry.now().registry.organisation(&it.organisation).is_some();
    match (made, problem) {
        (Ok(it), None) if known(&it) => {
            ctx.store.draft_announcement(&it).await.map_err(failed(&sent.staff.shell))?;
            Ok(done(&format!("/console/announcements/{}", it.id), "announcement-kept", None, None))
        }
        (_, problem) => {
            let said = sent.staff.shell.t1("announcement-bad", "why", problem.unwrap_or_default());
            let fields = ["title_zh", "title_en", "text_zh", "text_en"];
            let fields = fields.map(|name| sent.fields.raw(name).to_owned());
            list_page(&ctx, sent.staff, Some(said), fields).await
        }
    }
}

fn read(fields: &Fields, by: &str, now: Moment) -> Result<Announcement, &'static str> {
    let text = |name: &str| fields.get(name).replace("\r\n", "\n");
    let severity = Severity::from_name(fields.get("severity")).ok_or("severity")?;
    let random: [u8; 4] = keys::random().map_err(|_| "randomness")?;
    let tail: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let days: u64 = fields.get("days").parse().unwrap_or(0);
    Ok(Announcement {
        id: format!("{}-{tail}", &now.to_string()[..10]),
        severity: severity.name().to_owned(),
        organisation: fields.get("organisation").to_owned(),
        title: Bilingual { zh: text("title_zh"), en: text("title_en") },
        text: Bilingual { zh: text("text_zh"), en: text("text_en") },
        until: (days > 0).then(|| now + Lapse::from_secs(days.min(3_650) * 86_400)),
        made_by: by.to_owned(),
        made: now,
        state: AnnouncementState::Draft,
        changed: now,
        log_index: None,
        approvals: Vec::new(),
    })
}

fn stated(it: &Announcement, at: Moment) -> Stated {
    Stated {
        id: it.id.clone(),
        severity: Severity::from_name(&it.severity).unwrap_or(Severity::Notice),
        title: it.title.clone(),
        text: it.text.clone(),
        organisation: it.organisation.clone(),
        at,
        until: it.until.filter(|until| at < *until),
    }
}

/// `GET /console/announcements/{id}`: as readers will see it.
pub(super) async fn one(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    staff: Staff,
) -> Result<Response, Instead> {
    staff.must(Permission::WriteAnnouncement)?;
    let (may_agree, me) = (staff.may(Permission::ApproveAnnouncement), staff.login().to_owned());
    let s = staff.at("announcements");
    let it = ctx.store.announcement(&id).await.map_err(failed(&s))?;
    let it = Card::of(&s, &me, may_agree, it);
    let has_log = ctx.registry.ledger().is_some();
    Ok(web::page(StatusCode::OK, &OnePage { s, it, has_log, may_write: true }))
}

/// `POST /console/announcements/{id}/approve`
pub(super) async fn approve(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Instead> {
    sent.staff.must(Permission::ApproveAnnouncement)?;
    let agreed = ctx.store.approve_announcement(&id, sent.staff.login(), ctx.clock.now()).await;
    said(&sent, &id, agreed, "announcement-agreed")
}

/// `POST /console/announcements/{id}/drop`
pub(super) async fn discard(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Instead> {
    sent.staff.must(Permission::WriteAnnouncement)?;
    let (from, to) = (AnnouncementState::Draft, AnnouncementState::Dropped);
    let moved = ctx.store.move_announcement(&id, from, to, None, sent.staff.login(), ctx.clock.now()).await;
    match moved {
        Ok(()) => Ok(done("/console/announcements", "announcement-dropped", None, None)),
        other => said(&sent, &id, other, "announcement-dropped"),
    }
}

fn said(sent: &Sent, id: &str, outcome: Result<(), StoreError>, key: &str) -> Result<Response, Instead> {
    let here = format!("/console/announcements/{id}");
    match outcome {
        Ok(()) => Ok(done(&here, key, None, None)),
        Err(StoreError::Conflict(_)) => Ok(done(&here, "announcement-changed", None, None)),
        Err(error) => Err(failed(&sent.staff.shell)(error)),
    }
}

/// `POST /console/announcements/{id}/publish`
pub(super) async fn publish(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Instead> {
    sent.staff.must(Permission::WriteAnnouncement)?;
    let it = ctx.store.announcement(&id).await.map_err(failed(&sent.staff.shell))?;
    if needs_another(&it) {
        return Ok(done(&format!("/console/announcements/{id}"), "announcement-needs-another", None, None));
    }
    let now = ctx.clock.now();
    let statement = Statement::Announcement(stated(&it, now));
    into_log(&ctx, &sent, &it, AnnouncementState::Published, statement).await
}

/// `POST /console/announcements/{id}/withdraw`: says so in the log; what was said stays there.
pub(super) async fn withdraw(
    State(ctx): State<Ctx>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Instead> {
    sent.staff.must(Permission::WriteAnnouncement)?;
    let it = ctx.store.announcement(&id).await.map_err(failed(&sent.staff.shell))?;
    let now = ctx.clock.now();
    let reason: String = sent.fields.get("reason").chars().take(500).collect();
    if reason.is_empty() {
        return Ok(done(&format!("/console/announcements/{id}"), "reason-needed", None, None));
    }
    let statement = Statement::Announcement(withdrawal(&it, &reason, now));
    into_log(&ctx, &sent, &it, AnnouncementState::Withdrawn, statement).await
}

/// What takes an announcement back: one with its id and `.withdrawn` behind it.
fn withdrawal(it: &Announcement, reason: &str, at: Moment) -> Stated {
    let short = |text: &str| text.chars().take(50).collect::<String>();
    Stated {
        id: format!("{}{}", it.id, super::bulletin::WITHDRAWN),
        severity: Severity::Notice,
        title: Bilingual {
            zh: format!("已撤回：{}", short(&it.title.zh)),
            en: format!("Withdrawn: {}", short(&it.title.en)),
        },
        text: Bilingual { zh: reason.to_owned(), en: reason.to_owned() },
        organisation: it.organisation.clone(),
        at,
        until: None,
    }
}

/// Puts a statement into the log and notes where. First the state is moved, so that of two who
/// press the button one publishes; if the log then refuses, it is moved back.
async fn into_log(
    ctx: &Ctx,
    sent: &Sent,
    it: &Announcement,
    to: AnnouncementState,
    statement: Statement,
) -> Result<Response, Instead> {
    let (s, by, now) = (&sent.staff.shell, sent.staff.login(), ctx.clock.now());
    let here = format!("/console/announcements/{}", it.id);
    let from = match to {
        AnnouncementState::Withdrawn => AnnouncementState::Published,
        _ => AnnouncementState::Draft,
    };
    if it.state != from {
        return Ok(done(&here, "announcement-changed", None, None));
    }
    if let Err(error) = ctx.store.move_announcement(&it.id, from, to, None, by, now).await {
        return said(sent, &it.id, Err(error), "announcement-changed");
    }
    match registry::publish(ctx, vec![statement], by).await {
        Ok(places) => {
            if let Some(place) = places.first() {
                ctx.store.place_announcement(&it.id, *place).await.map_err(failed(s))?;
            }
            Ok(done(&here, "announcement-in-log", None, None))
        }
        Err(error) => {
            tracing::error!(
                error = format!("{:#}", anyhow::Error::from(error)),
                "an announcement is not in the log"
            );
            ctx.store.move_announcement(&it.id, to, from, None, by, now).await.map_err(failed(s))?;
            Ok(done(&here, "announcement-not-published", None, None))
        }
    }
}
