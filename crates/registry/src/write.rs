//! Writing the list in the full form that [`Registry::from_json_lines`] reads.

use std::sync::Arc;

use serde::Serialize;
use touchstone_types::{Bilingual, Moment};

use crate::read::Void;
use crate::{Digest, Fact, Identity, IdentityKind, Registry};

#[derive(Serialize)]
#[serde(tag = "record", rename_all = "lowercase")]
enum Line<'a> {
    Organisation {
        id: &'a str,
        name: &'a Bilingual,
        facts: Vec<Fact>,
        ways_in: &'a [Bilingual],
        domains: &'a [Arc<str>],
    },
    Identity(IdentityLine<'a>),
}

#[derive(Serialize)]
struct IdentityLine<'a> {
    organisation: &'a str,
    kind: IdentityKind,
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chain: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<Digest>,
    #[serde(skip_serializing_if = "<[Digest]>::is_empty")]
    files: &'a [Digest],
    #[serde(skip_serializing_if = "Option::is_none")]
    newest_safe: Option<&'a str>,
    #[serde(skip_serializing_if = "<[Arc<str>]>::is_empty")]
    purposes: &'a [Arc<str>],
    #[serde(skip_serializing_if = "<[Arc<str>]>::is_empty")]
    languages: &'a [Arc<str>],
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    voided: Option<Void>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a Bilingual>,
}

impl Registry {
    /// The list in the full form: organisations, then identities, each in their order. Read
    /// again, it lists the same for as long; ids, places in the log and proofs stay in the log
    /// (a listing whose re-proof is due before its end is written with that earlier end).
    #[must_use]
    pub fn to_json_lines(&self) -> String {
        let organisations = self.organisations().iter().map(|it| Line::Organisation {
            id: &it.id,
            name: &it.name,
            facts: it.facts.iter().collect(),
            ways_in: &it.ways_in,
            domains: &it.owned_domains,
        });
        let identities = self
            .identities()
            .iter()
            .filter_map(|it| Some(Line::Identity(identity_line(&self.holder(it)?.id, it))));
        let mut text = String::new();
        for line in organisations.chain(identities) {
            // Strings and numbers only: nothing in it can fail to be written.
            text.push_str(&serde_json::to_string(&line).unwrap_or_default());
            text.push('\n');
        }
        text
    }
}

fn identity_line<'a>(organisation: &'a str, it: &'a Identity) -> IdentityLine<'a> {
    IdentityLine {
        organisation,
        kind: it.kind,
        value: &it.shown,
        platform: it.platform.as_deref(),
        account: it.account.as_deref(),
        chain: it.chain.as_deref(),
        certificate: it.certificate,
        files: &it.files,
        newest_safe: it.newest_safe.as_deref(),
        purposes: &it.purposes,
        languages: &it.languages,
        role: it.role.as_deref(),
        from: it.from,
        until: it.ends().map(|(end, _)| end),
        voided: it.voided.map(|(at, reason)| Void { at, reason }),
        revoked: it.revoked,
        reason: it.revoked_because.as_deref(),
    }
}
