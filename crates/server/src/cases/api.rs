//! `/v1/reports`: the same report and the same case for apps and the command line.
//!
//! No key is needed, as a victim must not need one; with a key that may write reports, the
//! operator vouches for whose account it is.

use std::net::SocketAddr;

use axum::Json;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Path, Query, Request, State};
use axum::http::HeaderMap;
use axum::routing::{get, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use touchstone_accounts::Scope;
use touchstone_cases::report::RawReport;
use touchstone_cases::{Clock, ClockState, Life, Offer, PlanStep, Report, first_hour, plan};
use touchstone_store::StepDone;
use touchstone_types::Bilingual;

use super::drafts::clean_name;
use super::victim::key;
use super::{By, FlowError, Incoming, Intake, Open, Told, flow, freeze, letters, shown};
use crate::api::auth;
use crate::api::endpoint::{Content, Endpoint, Parameter, query};
use crate::api::error::{ApiError, BadField};
use crate::api::read;
use crate::console::i18n::Lang;
use crate::ctx::Ctx;

const JSON: &str = "application/json";
/// The largest report without its files, in bytes.
const REPORT_BYTES: usize = 512 * 1024;
/// The longest user id and idempotency key, in bytes.
const ID: usize = 256;

const ABOUT: &str = "Opens a case. Only `kind` and `story` are needed. Answers with the reference, the secret link (the \
     only way in; keep it), what to do within the hour, who has the case, and by when what comes next. All that is wrong is \
     said at once, field by field, in Chinese and English (`fields`), and nothing is kept. Recovery phrases, keys and codes \
     are masked before anything is kept (`masked`). Needs no key; limited by address. With a key that has the scope \
     `reports:write`, `user` is believed to be the account's owner. With `Idempotency-Key` the same report sent again, byte \
     for byte, gives the same case.";

/// What the router needs to know of these doors.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    let token = || Parameter {
        name: "token",
        place: "path",
        about: "The last part of the secret link. A wrong one and another case's are answered alike.",
        schema: json!({ "type": "string", "minLength": 1 }),
    };
    let case = || vec![Content::of::<CaseShown>(JSON)];
    vec![
        Endpoint {
            method: "post",
            path: "/v1/reports",
            id: "report",
            summary: ("报告被骗或被盗", "Report fraud or theft"),
            description: ABOUT,
            scope: None,
            parameters: vec![Parameter {
                name: "Idempotency-Key",
                place: "header",
                about: "Something random that names this report; at most 256 bytes.",
                schema: json!({ "type": "string" }),
            }],
            bodies: vec![Content { example: Some(example()), ..Content::schema(JSON, schema()) }],
            answers: vec![Content::of::<ReceiptShown>(JSON)],
            problems: &[
                "bad_request",
                "no_key",
                "missing_scope",
                "too_slow",
                "too_large",
                "bad_fields",
                "too_many",
            ],
            handler: post(report),
        },
        Endpoint {
            method: "get",
            path: "/v1/reports/{token}",
            id: "reported",
            summary: ("案件进展", "How the case stands"),
            description: "What the victim's page shows: who has it, what is next and by when, time limits with what each is \
                 based on, plan, timeline, files, who read it.",
            scope: None,
            parameters: vec![token()],
            bodies: Vec::new(),
            answers: case(),
            problems: &["not_found"],
            handler: get(one),
        },
        Endpoint {
            method: "post",
            path: "/v1/reports/{token}/messages",
            id: "report_message",
            summary: ("给处理人员写信", "Write to whoever has the case"),
            description: "Starts the time to answer anew; opens a closed case again.",
            scope: None,
            parameters: vec![token()],
            bodies: vec![Content {
                example: Some(json!({ "text": "They wrote again." })),
                ..Content::of::<Message>(JSON)
            }],
            answers: case(),
            problems: &["bad_request", "not_found", "too_slow", "too_large", "bad_fields", "too_many"],
            handler: post(message),
        },
        Endpoint {
            method: "post",
            path: "/v1/reports/{token}/files",
            id: "report_file",
            summary: ("提交一个文件", "Hand in a file"),
            description: "The body is the file. Pictures, video, sound, PDF, text and archives are taken.",
            scope: None,
            parameters: vec![
                token(),
                query("name", "What the file is called.", json!({ "type": "string", "maxLength": 150 })),
            ],
            bodies: vec![Content::schema(
                "application/octet-stream",
                json!({ "type": "string", "format": "binary" }),
            )],
            answers: vec![Content::of::<FileShown>(JSON)],
            problems: &["bad_request", "not_found", "too_slow", "too_large", "bad_fields", "too_many"],
            handler: post(file).layer(DefaultBodyLimit::disable()), // Read with the limit of the configuration.
        },
    ]
}

fn example() -> Value {
    json!({
        "kind": "stolen_wallet",
        "language": "en",
        "country": "SG",
        "happened_from": "2026-11-22T14:30:00+08:00",
        "story": "A support account asked me to install an app; an hour later my USDT was gone.",
        "losses": [{ "asset": "USDT", "chain": "tron", "amount": "1250.50" }],
        "contact": { "email": "reader@mail.example" },
    })
}

/// The body of a report. The types that read it know nothing of schemas; a test holds the two
/// together.
fn schema() -> Value {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let list = |about: &str, properties: Value| {
        let items = json!({ "type": "object", "properties": properties, "additionalProperties": false });
        json!({ "type": "array", "maxItems": 100, "description": about, "items": items })
    };
    json!({
        "type": "object",
        "required": ["kind", "story"],
        "additionalProperties": false,
        "properties": {
            "kind": { "type": "string", "enum": touchstone_cases::Kind::ALL.map(|it| it.as_str()) },
            "language": text("What the victim reads: `zh`, `en`, or another of two letters."),
            "country": text("Where the victim lives: two letters (ISO 3166-1), `UK` or `EU`."),
            "happened_from": text("When it began: RFC 3339, or local time such as `2026-11-22T14:30` or `2026-11-22`."),
            "happened_until": text("When it ended, in the same forms."),
            "time_zone": text("The time zone of local times (IANA name); that of the country if left out."),
            "story": { "type": "string", "minLength": 1, "description": "What happened, in the victim's words." },
            "losses": list("What is gone.", json!({
                "asset": text("A symbol or name."),
                "chain": text("A CAIP-2 id or a name."),
                "amount": text("A decimal number."),
                "token_contract": text("The contract of a rare token."),
            })),
            "addresses": list("Addresses that play a part.", json!({
                "text": text("The address."),
                "chain": text("The chain, if known."),
                "whose": { "type": "string", "enum": ["mine", "theirs", "unknown", ""] },
            })),
            "transactions": list("Transactions that play a part.", json!({
                "id": text("The transaction's id."),
                "chain": text("The chain, if known."),
            })),
            "suspects": list("Accounts of whoever did it.", json!({
                "platform": text("Such as `telegram`."),
                "account": text("A handle, number or link."),
                "name": text("The name that was shown."),
            })),
            "account": text("The victim's account at the operator."),
            "contact": {
                "type": "object",
                "additionalProperties": false,
                "properties": { "name": text("Name."), "email": text("E-mail address."), "phone": text("Telephone number.") },
            },
            "wallet": text("The wallet that was used."),
            "device_compromised": { "type": ["boolean", "null"] },
            "police_reference": text("The number of the police report."),
            "answers": {
                "type": "object",
                "description": "Answers to further questions, by the name of the question.",
                "additionalProperties": { "type": "string" },
            },
            "user": text("The operator's own id of the user; only with a key that may write reports."),
        },
    })
}

/// What whoever reported is told at once.
#[derive(Debug, Serialize, JsonSchema)]
struct ReceiptShown {
    /// The secret link: the only way into the case. Told here and never again.
    link: String,
    /// The token in it.
    token: String,
    /// Kinds of secrets that were in the report and are not kept.
    masked: Vec<&'static str>,
    /// What to do within the hour, in order.
    first_hour: Vec<StepShown>,
    /// How the case stands.
    case: CaseShown,
}

/// A case as its victim sees it.
#[derive(Debug, Serialize, JsonSchema)]
struct CaseShown {
    /// What people call it.
    reference: String,
    /// What happened.
    kind: &'static str,
    /// When it was reported.
    opened: String,
    /// How far up it is: `agent`, `lead`, `complaints_officer`, `outside`.
    level: &'static str,
    /// Who has it, by the name under which the victim knows them; none: everybody on duty, or it is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    /// What comes next; none once it is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<NextShown>,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<ClosedShown>,
    /// Time limits, with what each is based on.
    clocks: Vec<ClockShown>,
    /// What the victim does, to be ticked.
    plan: Vec<StepShown>,
    /// What happened, oldest first: the last 300 entries.
    timeline: Vec<EntryShown>,
    /// Files.
    files: Vec<FileShown>,
    /// Kinds of secrets that were in the message just sent and are not kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    masked: Vec<&'static str>,
}

/// What comes next.
#[derive(Debug, Serialize, JsonSchema)]
struct NextShown {
    /// As a word.
    task: &'static str,
    /// In words.
    text: Bilingual,
    /// By when; then the case goes up by itself.
    by: String,
}

/// How it ended.
#[derive(Debug, Serialize, JsonSchema)]
struct ClosedShown {
    outcome: &'static str,
    /// In the words that the victim was told.
    reason: String,
    /// By whom, by the name under which the victim knows them.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    at: String,
}

/// A time limit.
#[derive(Debug, Serialize, JsonSchema)]
struct ClockShown {
    rule: String,
    title: Bilingual,
    /// `ours`, `firm`, `victim`, `authority`.
    whose: &'static str,
    /// `running`, `paused`, `stopped`, `breached`.
    state: &'static str,
    started: String,
    /// None: a person has to set it.
    due: Option<String>,
    /// The law or promise that it comes from, and how sure that is.
    source: Bilingual,
    calendar: String,
    /// When it stood still.
    pauses: Vec<(String, String)>,
}

/// A step of the plan.
#[derive(Debug, Serialize, JsonSchema)]
struct StepShown {
    id: String,
    title: Bilingual,
    text: Bilingual,
    #[serde(skip_serializing_if = "Option::is_none")]
    needs: Option<Bilingual>,
    /// When it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    done: Option<String>,
}

/// An entry of the timeline.
#[derive(Debug, Serialize, JsonSchema)]
struct EntryShown {
    n: i64,
    at: String,
    kind: &'static str,
    /// `victim`, `staff`, `system`, `key`.
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    detail: Value,
}

/// A file of the case.
#[derive(Debug, Serialize, JsonSchema)]
struct FileShown {
    n: i64,
    name: String,
    /// In bytes.
    size: u64,
    sha256: String,
    at: String,
}

/// What the victim writes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Message {
    /// At most 64 KiB.
    #[schemars(length(min = 1))]
    text: String,
}

/// A bad body. What was in it is not repeated: it could be a secret.
fn no_json(error: &serde_json::Error) -> ApiError {
    let what = match error.classify() {
        serde_json::error::Category::Data => "the body has a field that is not known or of another type",
        _ => "the body is no JSON",
    };
    ApiError::BadRequest(format!("{what}: line {}, column {}", error.line(), error.column()))
}

fn said(field: &str, code: &'static str, key: &str, values: &[(&'static str, String)]) -> ApiError {
    let of = |lang: Lang| {
        let values: Vec<_> = values.iter().map(|(name, it)| (*name, it.as_str().into())).collect();
        lang.text_with(key, &values)
    };
    let message = Bilingual { zh: of(Lang::Zh), en: of(Lang::En) };
    ApiError::BadFields(vec![BadField { field: field.to_owned(), code, given: String::new(), message }])
}

async fn report(
    State(ctx): State<Ctx>,
    from: ConnectInfo<SocketAddr>,
    request: Request,
) -> Result<Json<ReceiptShown>, ApiError> {
    let (parts, body) = request.into_parts();
    let sender = sender(&ctx, &parts.headers, &from).await?;
    let bytes = read(body, &parts.headers, REPORT_BYTES, ctx.config.limits.body_seconds).await?;
    let (raw, user) = parsed(&bytes)?;
    if user.is_some() && sender.is_none() {
        return Err(ApiError::NoKey); // Who says whose account it is must be able to know.
    }
    let now = ctx.clock.now();
    let wrong = |errors: Vec<_>| ApiError::BadFields(errors.into_iter().map(BadField::from).collect());
    let report = Report::parse(&raw, now, &ctx.cases.charter).map_err(wrong)?;
    if sender.is_none() {
        let may = ctx.cases.may_report(from.0.ip(), now);
        may.map_err(|wait| ApiError::TooMany { wait: wait.0 })?;
    }
    let once = once(&parts.headers, sender.as_deref(), &bytes)?;
    let by = sender.map_or(By::Victim, By::Key);
    let receipt =
        flow::report(&ctx, report, Intake { channel: "api", by, user, files: Vec::new(), once }).await?;
    letters::received(&ctx, &receipt);
    Ok(Json(ReceiptShown {
        link: format!("{}/case/{}", ctx.config.public_url(), receipt.link_token),
        token: receipt.link_token.clone(),
        masked: receipt.masked.clone(),
        first_hour: steps(&ctx, &receipt.open, &receipt.first_hour, &[]),
        case: shown_case(&ctx, &receipt.open, receipt.masked.clone()).await?,
    }))
}

/// The public part of the key, if one was brought; a wrong one is an error.
async fn sender(
    ctx: &Ctx,
    headers: &HeaderMap,
    from: &ConnectInfo<SocketAddr>,
) -> Result<Option<String>, ApiError> {
    if !headers.contains_key(axum::http::header::AUTHORIZATION) {
        return Ok(None);
    }
    let key = auth::key(ctx, headers, Some(from), Scope::ReportsWrite).await?;
    Ok(Some(key.id.clone()))
}

fn parsed(bytes: &[u8]) -> Result<(RawReport, Option<String>), ApiError> {
    let mut value: Value = serde_json::from_slice(bytes).map_err(|it| no_json(&it))?;
    if !value.is_object() {
        return Err(ApiError::BadRequest("the body is no JSON object".to_owned()));
    }
    let user = match value.as_object_mut().and_then(|it| it.remove("user")) {
        None | Some(Value::Null) => None,
        Some(Value::String(user)) if user.len() <= ID && !user.trim().is_empty() => Some(user),
        Some(_) => return Err(ApiError::BadRequest(format!("`user` is a text of 1 to {ID} bytes"))),
    };
    let raw = serde_json::from_value(value.clone()).map_err(|_| {
        let what = misfit(&value, &schema(), "");
        ApiError::BadRequest(what.unwrap_or_else(|| "the body is no report".to_owned()))
    })?;
    Ok((raw, user))
}

/// The first field that the schema does not know, or that is of another type. What is in it is not
/// repeated: it could be a secret.
fn misfit(value: &Value, schema: &Value, at: &str) -> Option<String> {
    let is = |kind: &str| match value {
        Value::Null => kind == "null",
        Value::Bool(_) => kind == "boolean",
        Value::Number(_) => kind == "number",
        Value::String(_) => kind == "string",
        Value::Array(_) => kind == "array",
        Value::Object(_) => kind == "object",
    };
    let kinds = &schema["type"];
    let kinds: Vec<&str> = match kinds.as_array() {
        Some(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        None => kinds.as_str().into_iter().collect(),
    };
    if !kinds.iter().any(|it| is(it)) {
        return Some(format!("`{at}` is of another type; expected: {}", kinds.join(" or ")));
    }
    let beneath = |name: &str| {
        let name: String = name.chars().take(80).collect();
        if at.is_empty() { name } else { format!("{at}.{name}") }
    };
    match value {
        Value::Object(fields) => fields.iter().find_map(|(name, it)| {
            let known = schema["properties"].get(name).unwrap_or(&schema["additionalProperties"]);
            let at = beneath(name);
            if known.is_object() { misfit(it, known, &at) } else { Some(format!("there is no field `{at}`")) }
        }),
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(n, it)| misfit(it, &schema["items"], &beneath(&n.to_string())))
        }
        _ => None,
    }
}

/// What a report that is sent again is known by. What it says is part of that: nobody who hits upon
/// another's key gets the link to their case, and no report is swallowed by an earlier one.
fn once(headers: &HeaderMap, sender: Option<&str>, body: &[u8]) -> Result<Option<[u8; 32]>, ApiError> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    if key.is_empty() || key.len() > ID {
        return Err(ApiError::BadRequest(format!("`Idempotency-Key` has 1 to {ID} bytes")));
    }
    let hash = Sha256::new().chain_update("api report\n").chain_update(sender.unwrap_or_default());
    let hash = hash.chain_update("\n").chain_update(Sha256::digest(key.as_bytes()));
    Ok(Some(hash.chain_update(body).finalize().into()))
}

async fn one(State(ctx): State<Ctx>, Path(token): Path<String>) -> Result<Json<CaseShown>, ApiError> {
    let open = flow::open_by_link(&ctx, &token).await?;
    Ok(Json(shown_case(&ctx, &open, Vec::new()).await?))
}

async fn message(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    from: ConnectInfo<SocketAddr>,
    request: Request,
) -> Result<Json<CaseShown>, ApiError> {
    let (parts, body) = request.into_parts();
    let open = flow::open_by_link(&ctx, &token).await?;
    may_write(&ctx, &from)?;
    let limit = 6 * flow::LONGEST_TEXT + 64; // Every character escaped.
    let bytes = read(body, &parts.headers, limit, ctx.config.limits.body_seconds).await?;
    let message: Message = serde_json::from_slice(&bytes).map_err(|it| no_json(&it))?;
    match flow::write(&ctx, open.row.id, &message.text).await {
        Ok((open, masked)) => Ok(Json(shown_case(&ctx, &open, masked).await?)),
        Err(FlowError::EmptyText) => Err(said("text", "required", "case-write-empty", &[])),
        Err(FlowError::TextTooLong) => {
            Err(said("text", "too_long", "case-write-long", &[("n", flow::LONGEST_TEXT.to_string())]))
        }
        Err(error) => Err(error.into()),
    }
}

fn may_write(ctx: &Ctx, from: &ConnectInfo<SocketAddr>) -> Result<(), ApiError> {
    let may = ctx.cases.may_write(from.0.ip(), ctx.clock.now());
    may.map_err(|wait| ApiError::TooMany { wait: wait.0 })
}

/// What the file is called.
#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    name: String,
}

async fn file(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    Query(named): Query<Named>,
    from: ConnectInfo<SocketAddr>,
    request: Request,
) -> Result<Json<FileShown>, ApiError> {
    let (parts, body) = request.into_parts();
    let open = flow::open_by_link(&ctx, &token).await?;
    may_write(&ctx, &from)?;
    let name = clean_name(&named.name);
    let limit = ctx.config.cases.file_bytes;
    let bytes = read(body, &parts.headers, limit, 10 * ctx.config.limits.body_seconds).await?.to_vec();
    let file = Incoming { name: name.clone(), bytes };
    let doing = super::Doing::new(touchstone_cases::Event::Written).files(vec![file]);
    let values = [("name", name.clone()), ("n", ctx.config.cases.files_per_case.to_string())];
    let open = match flow::happen(&ctx, open.row.id, &By::Victim, doing).await {
        Ok(open) => open,
        Err(FlowError::EmptyFile) => return Err(said("file", "file_empty", "report-file-empty", &values)),
        Err(FlowError::WrongFileKind) => return Err(said("file", "file_kind", "report-file-kind", &values)),
        Err(FlowError::TooManyFiles { .. }) => {
            return Err(said("file", "too_many_files", "report-file-too-many", &values));
        }
        Err(error) => return Err(error.into()),
    };
    let kept = flow::files(&ctx, &open.row).await?.into_iter().next_back().ok_or(ApiError::NotFound)?;
    Ok(Json(file_shown(kept)))
}

fn file_shown(it: super::FileView) -> FileShown {
    FileShown { n: it.n, name: it.name, size: it.size, sha256: it.hash, at: it.at.to_string() }
}

fn both(key: &str) -> Bilingual {
    Bilingual { zh: Lang::Zh.text(key), en: Lang::En.text(key) }
}

async fn shown_case(ctx: &Ctx, open: &Open, masked: Vec<&'static str>) -> Result<CaseShown, ApiError> {
    let after = (open.row.entries - 300).max(0);
    let told = flow::timeline(ctx, &open.row, after, 400).await?;
    let done = ctx.store.case_steps(open.row.id).await.map_err(ApiError::store)?;
    let charter = &ctx.cases.charter;
    let all = [first_hour(&open.report, charter), plan(&open.report, charter)].concat();
    let name = shown::person(ctx, open).await?;
    let (owner, closed) = match &open.case.life {
        Life::Open { .. } => (name, None),
        Life::Closed(it) => {
            let (outcome, reason) = (it.outcome().as_str(), it.reason().to_owned());
            (None, Some(ClosedShown { outcome, reason, by: name, at: it.told().to_string() }))
        }
    };
    Ok(CaseShown {
        reference: open.row.reference.clone(),
        kind: open.report.kind.as_str(),
        opened: open.row.opened.to_string(),
        level: open.case.level.as_str(),
        owner,
        next: open.next().map(|next| NextShown {
            task: next.task.as_str(),
            text: both(&key("task", next.task.as_str())),
            by: next.by.to_string(),
        }),
        closed,
        clocks: open.case.clocks.iter().map(clock).collect(),
        plan: steps(ctx, open, &all, &done),
        timeline: told.into_iter().filter_map(Told::for_victim).map(entry).collect(),
        files: flow::files(ctx, &open.row)
            .await?
            .into_iter()
            .filter(|it| it.visible)
            .map(file_shown)
            .collect(),
        masked,
    })
}

fn clock(it: &Clock) -> ClockShown {
    ClockShown {
        rule: it.rule.name.to_string(),
        title: it.rule.title.clone(),
        whose: it.rule.whose.as_str(),
        state: match it.state {
            ClockState::Running => "running",
            ClockState::Paused(_) => "paused",
            ClockState::Stopped(_) => "stopped",
            ClockState::Breached(_) => "breached",
        },
        started: it.started.to_string(),
        due: it.due.map(|it| it.to_string()),
        source: it.rule.source.clone(),
        calendar: it.rule.calendar.to_string(),
        pauses: it.pauses.iter().map(|(from, to)| (from.to_string(), to.to_string())).collect(),
    }
}

fn steps(ctx: &Ctx, open: &Open, plan: &[PlanStep], done: &[StepDone]) -> Vec<StepShown> {
    // A plan that says to press a button says what else to do where there is none.
    let instead = freeze::instead(ctx, open).map(both);
    let shown = |it: &PlanStep| {
        let instead = instead.as_ref().filter(|_| it.offer == Some(Offer::Freeze));
        StepShown {
            id: it.id.clone(),
            title: it.title.clone(),
            text: instead.unwrap_or(&it.text).clone(),
            needs: it.needs.clone().filter(|_| instead.is_none()),
            done: done.iter().find(|tick| tick.step == it.id).map(|tick| tick.at.to_string()),
        }
    };
    plan.iter().map(shown).collect()
}

fn entry(it: Told) -> EntryShown {
    let name = match &it.by {
        By::Staff { name, .. } => Some(name.clone()),
        _ => None,
    };
    EntryShown {
        n: it.n,
        at: it.at.to_string(),
        kind: it.kind.name(),
        by: it.by.kind(),
        name,
        text: it.text,
        detail: if it.detail == json!({}) { Value::Null } else { it.detail },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_names_every_field_that_is_read_and_no_other() {
        let full = RawReport {
            losses: vec![Default::default()],
            addresses: vec![Default::default()],
            transactions: vec![Default::default()],
            suspects: vec![Default::default()],
            ..RawReport::default()
        };
        fn names(value: &Value) -> Vec<String> {
            value.as_object().map(|it| it.keys().cloned().collect()).unwrap_or_default()
        }
        let (read, schema) = (serde_json::to_value(full).unwrap(), schema());
        let mut described = names(&schema["properties"]);
        described.retain(|it| it != "user");
        assert_eq!(described, names(&read));
        for list in ["losses", "addresses", "transactions", "suspects"] {
            assert_eq!(
                names(&schema["properties"][list]["items"]["properties"]),
                names(&read[list][0]),
                "{list}"
            );
        }
        assert_eq!(names(&schema["properties"]["contact"]["properties"]), names(&read["contact"]));
    }

    #[test]
    fn the_example_is_a_report() {
        let (raw, user) = parsed(example().to_string().as_bytes()).unwrap();
        assert!(user.is_none() && !raw.story.is_empty());
        assert!(parsed(b"{\"stroy\": \"\"}").is_err() && parsed(b"[]").is_err() && parsed(b"{").is_err());
        for (body, detail) in [
            (r#"{"kind":"other","nope":"a secret"}"#, "there is no field `nope`"),
            (r#"{"kind":1}"#, "`kind` is of another type; expected: string"),
            (r#"{"losses":[{},{"foo":1}]}"#, "there is no field `losses.1.foo`"),
            (r#"{"losses":["a secret"]}"#, "`losses.0` is of another type; expected: object"),
            (r#"{"answers":{"how_paid":["a secret"]}}"#, "`answers.how_paid` is of another type"),
            (r#"{"device_compromised":"yes","user":"u"}"#, "expected: boolean or null"),
        ] {
            let said = format!("{:?}", parsed(body.as_bytes()).unwrap_err());
            assert!(said.contains(detail) && !said.contains("a secret"), "{body}: {said}");
        }
    }
}
