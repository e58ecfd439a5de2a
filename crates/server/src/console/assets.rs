//! Style sheets, scripts and the mark: built into the binary, served from `/assets`.
//!
//! Each address carries a hash of the content, so a browser keeps a file for a year and
//! still gets a new one at once. Nothing is loaded from elsewhere.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::icons;

struct Asset {
    name: &'static str,
    kind: &'static str,
    content: &'static str,
}

static ASSETS: &[Asset] = &[
    Asset {
        name: "touchstone.css",
        kind: "text/css; charset=utf-8",
        content: include_str!("../../assets/touchstone.css"),
    },
    Asset {
        name: "pages.css",
        kind: "text/css; charset=utf-8",
        content: include_str!("../../assets/pages.css"),
    },
    Asset {
        name: "listed.css",
        kind: "text/css; charset=utf-8",
        content: include_str!("../../assets/listed.css"),
    },
    Asset {
        name: "vetting.css",
        kind: "text/css; charset=utf-8",
        content: include_str!("../../assets/vetting.css"),
    },
    Asset {
        name: "touchstone.js",
        kind: "text/javascript; charset=utf-8",
        content: include_str!("../../assets/touchstone.js"),
    },
    Asset {
        name: "passkey.js",
        kind: "text/javascript; charset=utf-8",
        content: include_str!("../../assets/passkey.js"),
    },
    Asset {
        name: "sessions.css",
        kind: "text/css; charset=utf-8",
        content: include_str!("../../assets/sessions.css"),
    },
    Asset {
        name: "proofs.js",
        kind: "text/javascript; charset=utf-8",
        content: include_str!("../../assets/proofs.js"),
    },
    Asset {
        name: "session.js",
        kind: "text/javascript; charset=utf-8",
        content: include_str!("../../assets/session.js"),
    },
    Asset {
        name: "desk.js",
        kind: "text/javascript; charset=utf-8",
        content: include_str!("../../assets/desk.js"),
    },
    Asset {
        name: "public.css",
        kind: "text/css; charset=utf-8",
        content: include_str!("../../assets/public.css"),
    },
    Asset {
        name: "packet.css",
        kind: "text/css; charset=utf-8",
        content: include_str!("../../assets/packet.css"),
    },
    Asset {
        name: "check.css",
        kind: "text/css; charset=utf-8",
        content: include_str!("../../assets/check.css"),
    },
    Asset {
        name: "check.js",
        kind: "text/javascript; charset=utf-8",
        content: include_str!("../../assets/check.js"),
    },
    Asset {
        name: "kept.js",
        kind: "text/javascript; charset=utf-8",
        content: include_str!("../../assets/kept.js"),
    },
    Asset {
        name: "verify.js",
        kind: "text/javascript; charset=utf-8",
        content: include_str!("../../assets/verify.js"),
    },
    Asset {
        name: "queue.css",
        kind: "text/css; charset=utf-8",
        content: include_str!("../../assets/queue.css"),
    },
    Asset {
        name: "queue.js",
        kind: "text/javascript; charset=utf-8",
        content: include_str!("../../assets/queue.js"),
    },
    Asset {
        name: "report.css",
        kind: "text/css; charset=utf-8",
        content: include_str!("../../assets/report.css"),
    },
    Asset {
        name: "report.js",
        kind: "text/javascript; charset=utf-8",
        content: include_str!("../../assets/report.js"),
    },
    Asset { name: "mark.svg", kind: "image/svg+xml", content: icons::MARK },
];

static ADDRESSES: LazyLock<Vec<(&'static str, String)>> = LazyLock::new(|| {
    ASSETS
        .iter()
        .map(|asset| (asset.name, format!("/assets/{}?v={}", asset.name, version(&body(asset)))))
        .collect()
});

/// The mark needs a namespace when it stands alone; what a module imports (`from "./name"`) is
/// asked for with its hash too, or a browser would keep an old part of a new module for a year.
fn body(asset: &Asset) -> String {
    if asset.name == "mark.svg" {
        return asset.content.replacen("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ", 1);
    }
    let imported = |it: &&Asset| asset.content.contains(&format!("from \"./{}\"", it.name));
    ASSETS.iter().filter(imported).fold(asset.content.to_owned(), |text, it| {
        let plain = format!("from \"./{}\"", it.name);
        text.replace(&plain, &format!("from \"./{}?v={}\"", it.name, version(&body(it))))
    })
}

fn version(content: &str) -> String {
    Sha256::digest(content.as_bytes()).iter().take(6).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Where a browser gets the file of that name; the empty text if there is none.
pub(crate) fn address(name: &str) -> &'static str {
    ADDRESSES.iter().find(|(known, _)| *known == name).map_or("", |(_, address)| address)
}

/// `GET /assets/{name}`
pub(crate) async fn serve(Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|asset| asset.name == name) {
        Some(asset) => (
            [
                (header::CONTENT_TYPE, asset.kind),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
                (HeaderName::from_static("x-content-type-options"), "nosniff"),
            ],
            body(asset),
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_comes_from_elsewhere_and_nothing_is_evaluated() {
        for asset in ASSETS {
            for bad in ["https://", "eval(", "new Function", "innerHTML", "@import", "url("] {
                assert!(!asset.content.contains(bad), "{} contains {bad}", asset.name);
            }
        }
    }

    #[test]
    fn every_file_that_a_template_asks_for_is_there() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        for entry in std::fs::read_dir(folder).unwrap() {
            let source = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            assert!(!source.contains("style=") && !source.contains("onclick"), "the policy forbids it");
            for piece in source.split(".asset(\"").skip(1) {
                let name = piece.split('"').next().unwrap();
                assert!(address(name).contains("?v="), "{name}");
            }
        }
    }
}
