//! The log and the snapshot, for anyone: `GET /log/…`. Whatever can change says so to caches,
//! whatever cannot is kept by them for a year; every origin may read it.

use std::net::{IpAddr, SocketAddr};

use axum::Json;
use axum::body::Body;
use axum::extract::{ConnectInfo, FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use schemars::JsonSchema;
use serde::Serialize;
use touchstone_signed_log::TilePath;
use touchstone_types::Moment;

use super::ledger::{File, Ledger, Listed};
use super::proofs::{self, NoProof};
use super::publish::signatures;
use crate::api::error::ApiError;
use crate::ctx::Ctx;

const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";

/// It will never be anything else.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// A cache may keep it and must ask whether it is still that.
const ASK_FIRST: &str = "public, no-cache";

/// A route that every page on the web may read.
pub(crate) fn for_all(route: MethodRouter<Ctx>) -> MethodRouter<Ctx> {
    route.layer(axum::middleware::map_response(open_to_all))
}

async fn open_to_all(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("etag"));
    let cross = HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(cross, HeaderValue::from_static("cross-origin"));
    response
}

/// Anybody; who asks too often has to wait.
pub(crate) struct Visitor;

impl FromRequestParts<Ctx> for Visitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, ctx: &Ctx) -> Result<Self, ApiError> {
        let from: Option<&ConnectInfo<SocketAddr>> = parts.extensions.get();
        let address = from.map_or(IpAddr::from([0, 0, 0, 0]), |it| it.0.ip());
        let taken = ctx.callers.visitors.take(address, 1, ctx.clock.now());
        taken.map(|()| Visitor).map_err(|wait| ApiError::TooMany { wait: wait.0 })
    }
}

fn ledger(ctx: &Ctx) -> Result<&Ledger, ApiError> {
    ctx.registry.ledger().map(|it| &**it).ok_or(ApiError::NotFound)
}

/// An answer with a tag, or "still the same" to whoever has it.
fn tagged(asked: &HeaderMap, tag: &str, kind: &'static str, body: impl Into<Body>) -> Response {
    let tag = format!("\"{tag}\"");
    let has = asked.get(header::IF_NONE_MATCH).and_then(|it| it.to_str().ok());
    let same = has.is_some_and(|it| it.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let about = [(header::ETAG, tag), (header::CACHE_CONTROL, ASK_FIRST.to_owned())];
    if same {
        return (StatusCode::NOT_MODIFIED, about).into_response();
    }
    (about, [(header::CONTENT_TYPE, kind)], body.into()).into_response()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn tag_of(text: &str) -> String {
    use sha2::{Digest, Sha256};
    hex(&Sha256::digest(text.as_bytes())[..16])
}

/// `GET /log/checkpoint`
pub(crate) async fn checkpoint(
    _: Visitor,
    State(ctx): State<Ctx>,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    let listed = ctx.registry.now();
    let seen = listed.checkpoint.as_ref().ok_or(ApiError::NotFound)?;
    let text = seen.note.to_string();
    Ok(tagged(&asked, &tag_of(&text), TEXT, text.clone()))
}

/// `GET /log/tile/…`: hashes, or `entries/…`.
pub(crate) async fn tile(
    _: Visitor,
    State(ctx): State<Ctx>,
    Path(path): Path<String>,
) -> Result<Response, ApiError> {
    let ledger = ledger(&ctx)?;
    let path: TilePath = format!("tile/{path}").parse().map_err(|_| ApiError::NotFound)?;
    // What was not checked yet is not served.
    let whole = TilePath::in_tree(path.level(), path.index(), ctx.registry.now().size);
    if whole.is_none_or(|it| it.width() < path.width()) {
        return Err(ApiError::NotFound);
    }
    let found = proofs::tile(&ledger.store, &path).await.map_err(ApiError::store)?;
    let bytes = found.ok_or(ApiError::NotFound)?;
    Ok(([(header::CONTENT_TYPE, BYTES), (header::CACHE_CONTROL, FOR_EVER)], bytes).into_response())
}

fn file(listed: &Listed) -> Result<&File, ApiError> {
    listed.file.as_deref().ok_or(ApiError::NotFound)
}

/// `GET /log/snapshot`
pub(crate) async fn snapshot(
    _: Visitor,
    State(ctx): State<Ctx>,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    let listed = ctx.registry.now();
    let file = file(&listed)?;
    let tag = file.taken.sha256.to_string();
    Ok(tagged(&asked, &tag, BYTES, axum::body::Bytes::from_owner(std::sync::Arc::clone(&file.bytes))))
}

/// `GET /log/snapshot.statement`: the leaf that vouches for the snapshot.
pub(crate) async fn snapshot_statement(
    _: Visitor,
    State(ctx): State<Ctx>,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    let leaf = statement_of(file(&ctx.registry.now())?);
    let text = String::from_utf8_lossy(&leaf).into_owned();
    Ok(tagged(&asked, &tag_of(&text), "application/json", text.clone()))
}

/// The leaf that vouches for a snapshot.
pub(crate) fn statement_of(file: &File) -> Vec<u8> {
    touchstone_registry::Statement::Snapshot(file.taken.clone()).to_leaf()
}

/// `GET /log/snapshot.proof`
pub(crate) async fn snapshot_proof(
    _: Visitor,
    State(ctx): State<Ctx>,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    let place = file(&ctx.registry.now())?.statement;
    prove(&ctx, place, &asked).await
}

/// `GET /log/proof/{index}`
pub(crate) async fn proof(
    _: Visitor,
    State(ctx): State<Ctx>,
    Path(index): Path<String>,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    let index: u64 = index.parse().map_err(|_| ApiError::NotFound)?;
    prove(&ctx, index, &asked).await
}

async fn prove(ctx: &Ctx, index: u64, asked: &HeaderMap) -> Result<Response, ApiError> {
    let text = proof_text(ctx, index).await?;
    Ok(tagged(asked, &tag_of(&text), TEXT, text.clone()))
}

/// The tlog-proof of a leaf against the newest checkpoint, with the leaf as its `extra`. Checked
/// before it is given out.
pub(crate) async fn proof_text(ctx: &Ctx, index: u64) -> Result<String, ApiError> {
    let (ledger, listed) = (ledger(ctx)?, ctx.registry.now());
    let seen = listed.checkpoint.as_ref().ok_or(ApiError::NotFound)?;
    if index >= listed.size {
        return Err(ApiError::NotFound);
    }
    let leaves = ledger.store.leaves(index, 1).await.map_err(ApiError::store)?;
    let leaf = leaves.into_iter().next().ok_or(ApiError::NotFound)?.bytes;
    let made = proofs::of_leaf(&ledger.store, index, listed.size, &seen.note, leaf.clone()).await;
    let proof = made.map_err(|cause| match cause {
        NoProof::Store(cause) => ApiError::store(cause),
        NoProof::Proof(cause) => ApiError::Internal(cause.into()),
    })?;
    proof.verify(&leaf, &ledger.keys.public(), &[], 0).map_err(|cause| ApiError::Internal(cause.into()))?;
    Ok(proof.to_string())
}

/// Who signs the log, and who watches it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct KeysShown {
    /// The name of the log.
    origin: String,
    /// Its public keys, as C2SP signed-note writes them; the one in use first.
    log: Vec<String>,
    /// Who was asked to cosign.
    witnesses: Vec<WitnessShown>,
    /// How many of them must have signed for an answer to be believed.
    quorum: usize,
    /// How many signed the newest checkpoint.
    signed: usize,
    /// How many leaves the newest checkpoint has; 0 if nothing was published.
    size: u64,
    /// When the newest snapshot was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshot: Option<Moment>,
}

/// A witness.
#[derive(Serialize, JsonSchema)]
struct WitnessShown {
    /// Its public key.
    key: String,
    /// Whether its signature is under the newest checkpoint.
    signed: bool,
    /// What it said last: `signed`, `refused`, `unreachable`, or `not_asked`.
    said: &'static str,
}

/// What `GET /log/keys` says.
pub(crate) fn keys_of(ctx: &Ctx, ledger: &Ledger) -> KeysShown {
    let listed = ctx.registry.now();
    let seen = listed.checkpoint.as_deref();
    let witness = |it: &super::settings::Witness| {
        let said = ctx.registry.witnesses().and_then(|(asked, _)| asked.said(&it.url));
        WitnessShown {
            key: it.key.to_string(),
            signed: seen.is_some_and(|seen| seen.note.signatures().iter().any(|by| by.is_by(&it.key))),
            said: said.map_or("not_asked", super::witnesses::Said::name),
        }
    };
    KeysShown {
        origin: ledger.origin().to_owned(),
        log: ledger.keys.public().iter().map(ToString::to_string).collect(),
        witnesses: ledger.keys.witnesses.iter().map(witness).collect(),
        quorum: ledger.keys.quorum,
        signed: seen.map_or(0, |seen| signatures(ledger, seen)),
        size: listed.size,
        snapshot: listed.at(),
    }
}

/// `GET /log/keys`
pub(crate) async fn keys(_: Visitor, State(ctx): State<Ctx>) -> Result<Response, ApiError> {
    let shown = keys_of(&ctx, ledger(&ctx)?);
    Ok(([(header::CACHE_CONTROL, ASK_FIRST)], Json(shown)).into_response())
}
