//! Packets for authorities: put together from a case, looked through and sent by a person.
//!
//! The way through: [`gather`] reads the case and asks `touchstone_cases::complaint`, [`show`]
//! makes a packet ready for reading, [`staff`] is the desk's way to it, [`victim`] the victim's own.
//!
//! Always true here:
//! - Nothing is sent from here: a person sends, and the case records that it was sent.
//! - What is filled in by hand is sealed with the case; a secret in it is masked before.
//! - Who may not see the case sees none of its packets: a wrong link and a foreign one look alike.

mod show;
mod staff;
mod victim;

use askama::Template;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::json;
use touchstone_cases::complaint::{Attachment, Facts, Firm, Hand, Packet, Sent, packets};
use touchstone_store::EntryKind;

use crate::cases::{By, Doing, FlowError, Note, Open, Told, flow, without_secrets};
use crate::console::shell::Shell;
use crate::ctx::Ctx;
use show::Paper;

/// The longest text of a field, in characters.
const LONGEST: usize = 4_000;
/// How many entries are read at once.
const PAGE: usize = 200;

/// The pages of packets for the desk.
pub(crate) fn pages() -> Router<Ctx> {
    Router::new()
        .route("/console/cases/{reference}/complaints", get(staff::list))
        .route("/console/cases/{reference}/complaints/{channel}", get(staff::one))
        .route("/console/cases/{reference}/complaints/{channel}/fill", post(staff::fill))
        .route("/console/cases/{reference}/complaints/{channel}/sent", post(staff::sent))
        .route("/console/cases/{reference}/complaints/{channel}/packet.json", get(staff::json))
        .route("/console/cases/{reference}/complaints/{channel}/packet.html", get(staff::html))
}

/// The pages of packets for victims.
pub(crate) fn of_victims() -> Router<Ctx> {
    Router::new()
        .route("/case/{token}/packets", get(victim::list))
        .route("/case/{token}/packets/{channel}", get(victim::one))
        .route("/case/{token}/packets/{channel}/fill", post(victim::fill))
        .route("/case/{token}/packets/{channel}/packet.json", get(victim::json))
        .route("/case/{token}/packets/{channel}/packet.html", get(victim::html))
}

/// The packets of a case as they are now.
async fn gather(ctx: &Ctx, open: &Open) -> Result<Vec<Packet>, FlowError> {
    let files: Vec<Attachment> = flow::files(ctx, &open.row)
        .await?
        .into_iter()
        .filter(|it| it.visible)
        .map(|it| Attachment { n: it.n, name: it.name, kind: it.kind, sha256: it.hash, at: it.at })
        .collect();
    let (mut filled, mut sent) = (Vec::new(), Vec::new());
    let mut after = 0;
    loop {
        let page = flow::timeline(ctx, &open.row, after, PAGE).await?;
        after = page.last().map_or(after, |it| it.n);
        for it in &page {
            filled.extend(hand(it));
            sent.extend(was_sent(it));
        }
        if page.len() < PAGE {
            break;
        }
    }
    let config = &ctx.config.cases;
    let facts = Facts {
        now: ctx.clock.now(),
        reference: &open.row.reference,
        case: &open.case,
        answered: open.row.standing.answered,
        closed: open.row.standing.closed,
        firm: Firm {
            name: config.firm_name.as_deref(),
            address: config.firm_address.as_deref(),
            kinds: &config.firm_kinds,
        },
        zone: ctx.cases.charter.zone_of(open.report.jurisdiction.as_deref()),
        files: &files,
        filled: &filled,
        sent: &sent,
    };
    Ok(packets(&open.report, &facts, &ctx.cases.charter, &ctx.cases.forms))
}

/// The name under which the victim knows whoever did it; nothing for the victim, who is shown as
/// such in the reader's language.
fn author(by: &By) -> String {
    match by {
        By::Staff { name, .. } => name.clone(),
        By::Victim | By::System | By::Key(_) => String::new(),
    }
}

fn field<'a>(it: &'a Told, name: &str) -> Option<&'a str> {
    it.detail.get(name).and_then(|it| it.as_str())
}

fn hand(it: &Told) -> Option<Hand> {
    if it.kind != EntryKind::PacketFilled {
        return None;
    }
    Some(Hand {
        channel: field(it, "channel")?.to_owned(),
        field: field(it, "field")?.to_owned(),
        text: it.text.clone().unwrap_or_default(),
        by: author(&it.by),
        at: it.at,
    })
}

fn was_sent(it: &Told) -> Option<Sent> {
    if it.kind != EntryKind::PacketSent {
        return None;
    }
    let channel = field(it, "channel")?.to_owned();
    Some(Sent { channel, at: it.at, by: author(&it.by), under: it.text.clone() })
}

/// The packet for that authority.
async fn packet(ctx: &Ctx, open: &Open, channel: &str) -> Result<Packet, FlowError> {
    let all = gather(ctx, open).await?;
    all.into_iter().find(|it| it.channel == channel).ok_or(FlowError::NotFound)
}

/// Fills in a field by hand; what is done in person is not kept.
async fn fill_in(
    ctx: &Ctx,
    open: &Open,
    by: &By,
    channel: &str,
    id: &str,
    text: &str,
) -> Result<(), FlowError> {
    let packet = packet(ctx, open, channel).await?;
    let known = packet.fields.iter().find(|it| it.id == id);
    known.filter(|it| it.state != touchstone_cases::complaint::Filled::ByHand).ok_or(FlowError::NotFound)?;
    let text: String = without_secrets(text.trim()).chars().take(LONGEST).collect();
    let detail = json!({ "channel": channel, "field": id });
    let note = Note { kind: EntryKind::PacketFilled, text: Some(text), detail, visible: false };
    flow::happen(ctx, open.row.id, by, Doing::record(note)).await.map(drop)
}

/// As a file that can be kept and read without this server.
#[derive(Template)]
#[template(path = "packet_file.html")]
struct FilePage<'a> {
    s: &'a Shell,
    it: &'a Paper,
    /// Nobody fills in anything there.
    fill: &'static str,
    css: &'static str,
}

const CSS: &str = include_str!("../../assets/packet.css");

fn as_html(s: &Shell, it: &Paper) -> Response {
    match (FilePage { s, it, fill: "", css: CSS }).render() {
        Ok(html) => {
            download(html, "text/html; charset=utf-8", &format!("{}-{}.html", it.reference, it.channel))
        }
        Err(error) => {
            tracing::error!(%error, "a packet could not be drawn");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn as_json(packet: &Packet) -> Response {
    let name = format!("{}-{}.json", packet.reference, packet.channel);
    match serde_json::to_string_pretty(packet) {
        Ok(text) => download(text, "application/json", &name),
        Err(error) => {
            tracing::error!(%error, "a packet could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Reference and channel are letters, digits and hyphens: they need no escape in a header.
fn download(body: String, kind: &'static str, name: &str) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], body)
        .into_response()
}
