//! The signed log of who is official: described here, done in [`crate::registry`].

use axum::routing::get;
use serde_json::json;

use super::endpoint::{Content, Endpoint, Parameter, query};
use crate::ctx::Ctx;
use crate::registry::{changes, serve};

const TEXT: &str = "text/plain";

pub(super) fn endpoints() -> Vec<Endpoint> {
    let open = |path, id, summary, description, answer: Content, handler| Endpoint {
        method: "get",
        path,
        id,
        summary,
        description,
        scope: None,
        parameters: Vec::new(),
        bodies: Vec::new(),
        answers: vec![answer],
        problems: &["not_found", "too_many"],
        handler: serve::for_all(handler),
    };
    let count = || json!({ "type": "integer", "minimum": 0 });
    let mut all = vec![
        open(
            "/v1/registry/changes",
            "registry_changes",
            ("官方名录的新变化", "What is new in the registry"),
            "Entries of the signed log in their order: who is listed, renewed, voided, revoked. Ask again with \
             `next` as `after`. docs/registry.md says what each statement means.",
            Content::of::<changes::Changes>("application/json"),
            get(changes::changes),
        ),
        open(
            "/log/keys",
            "log_keys",
            ("日志的公钥与见证者", "Who signs the log, and who watches it"),
            "Take keys from here once, keep them, and notice when they change.",
            Content::of::<serve::KeysShown>("application/json"),
            get(serve::keys),
        ),
        open(
            "/log/checkpoint",
            "log_checkpoint",
            ("日志的最新检查点", "The newest checkpoint of the log"),
            "A signed note (C2SP tlog-checkpoint) with the cosignatures of witnesses. The tiles are at \
             `/log/tile/…` as C2SP tlog-tiles says.",
            Content::text(TEXT),
            get(serve::checkpoint),
        ),
        open(
            "/log/snapshot",
            "log_snapshot",
            ("整个名录的快照", "The whole registry as one file"),
            "For apps that check offline: docs/snapshot.md. Believe it only with `/log/snapshot.proof`.",
            Content::schema("application/octet-stream", json!({ "type": "string", "format": "binary" })),
            get(serve::snapshot),
        ),
        open(
            "/log/snapshot.statement",
            "log_snapshot_statement",
            ("为快照作证的那条记录", "The entry that vouches for the snapshot"),
            "How many entries the snapshot is made of, its SHA-256, and when it was taken.",
            Content::schema("application/json", json!({ "type": "object" })),
            get(serve::snapshot_statement),
        ),
        open(
            "/log/snapshot.proof",
            "log_snapshot_proof",
            ("快照的离线证明", "The proof of the snapshot"),
            "A C2SP tlog-proof of that entry, which is its `extra`; the cosigned checkpoint is inside.",
            Content::text(TEXT),
            get(serve::snapshot_proof),
        ),
        open(
            "/log/proof/{index}",
            "log_proof",
            ("某条记录的离线证明", "The proof of one entry"),
            "A C2SP tlog-proof of the entry at that place against the newest checkpoint.",
            Content::text(TEXT),
            get(serve::proof),
        ),
    ];
    for it in &mut all {
        it.parameters = match it.path {
            "/v1/registry/changes" => vec![
                query("after", "From this place on: how many entries the caller has", count()),
                query("limit", "How many at most, up to 1000; 256 if absent", count()),
            ],
            "/log/proof/{index}" => {
                vec![Parameter {
                    name: "index",
                    place: "path",
                    about: "Place in the log, from 0",
                    schema: count(),
                }]
            }
            _ => Vec::new(),
        };
    }
    all
}

/// A route that OpenAPI has no way to describe: its parameter has slashes.
pub(super) fn tiles() -> axum::Router<Ctx> {
    axum::Router::new().route("/log/tile/{*path}", serve::for_all(get(serve::tile)))
}
