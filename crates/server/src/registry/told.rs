//! What followers are told of a statement.

use serde::Serialize;
use touchstone_registry::{Registry, Statement};
use touchstone_store::Notice;
use touchstone_types::{Bilingual, Moment};

/// The identity or organisation that a statement speaks of, and the organisation concerned;
/// both empty where there is none. `registry` knows the statement already.
pub(crate) fn about(statement: &Statement, registry: &Registry) -> (String, String) {
    let of_identity = |id: &str| {
        let identity = registry.identity(id);
        let holder = identity.and_then(|it| registry.holder(it)).map(|it| it.id.to_string());
        (id.to_owned(), holder.unwrap_or_default())
    };
    match statement {
        Statement::Organisation(it) => (it.id.clone(), it.id.clone()),
        Statement::Identity(it) => (it.id.clone(), it.organisation.clone()),
        Statement::Renewed(it) => of_identity(&it.identity),
        Statement::Voided(it) => of_identity(&it.identity),
        Statement::Revoked(it) => of_identity(&it.identity),
        Statement::Announcement(it) => (String::new(), it.organisation.clone()),
        Statement::Key(_) | Statement::Snapshot(_) => Default::default(),
    }
}

/// The body of a message, in the form that the Standard Webhooks specification recommends.
#[derive(Serialize)]
struct Message<'a, T> {
    #[serde(rename = "type")]
    kind: &'a str,
    timestamp: Moment,
    data: T,
}

#[derive(Serialize)]
struct Entry<'a> {
    index: u64,
    organisation: &'a str,
    statement: &'a Statement,
}

fn body<T: Serialize>(kind: &str, timestamp: Moment, data: T) -> String {
    // Strings, numbers and lists only: nothing in it can fail to be written.
    serde_json::to_string(&Message { kind, timestamp, data }).unwrap_or_default()
}

/// Of a new leaf, for everybody who follows.
pub(crate) fn notice(index: u64, statement: &Statement, organisation: String) -> Notice {
    let kind = format!("registry.{}", statement.name());
    let data = Entry { index, organisation: &organisation, statement };
    let body = body(&kind, statement.at(), data);
    Notice { message: format!("entry_{index}"), about: organisation, public: true, body }
}

/// Somebody asks to be listed under something that looks like a brand's own.
#[derive(Clone, Debug, Serialize)]
pub struct Alert {
    /// The kind of identity applied for.
    pub kind: String,
    /// As applied for.
    pub value: String,
    /// The organisation that applies, as it calls itself.
    pub applicant: String,
    /// What of the brand it resembles.
    pub resembles: String,
    /// How, in words.
    pub reason: Bilingual,
    /// Until when the brand may object; none if the waiting time has not begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_until: Option<Moment>,
}

#[derive(Serialize)]
struct Resembles<'a> {
    application: &'a str,
    organisation: &'a str,
    #[serde(flatten)]
    alert: &'a Alert,
}

/// Of an application that resembles what a brand has listed, for that brand's followers only.
pub(crate) fn alert(organisation: &str, application: &str, alert: &Alert, now: Moment) -> Notice {
    let data = Resembles { application, organisation, alert };
    Notice {
        message: format!("application_{application}_{organisation}"),
        about: organisation.to_owned(),
        public: false,
        body: body("application.resembles", now, data),
    }
}

/// `2 identity, 1 revoked`: for the audit trail.
pub(crate) fn counted(statements: &[Statement]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for statement in statements {
        match counts.iter_mut().find(|(name, _)| *name == statement.name()) {
            Some((_, count)) => *count += 1,
            None => counts.push((statement.name(), 1)),
        }
    }
    if counts.is_empty() {
        return "snapshot".to_owned();
    }
    counts.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use touchstone_registry::statement::Revoked;

    use super::*;

    #[test]
    fn a_message_has_type_time_and_data() {
        let at: Moment = "2026-11-22T04:00:00Z".parse().unwrap();
        let reason = Bilingual { zh: "停用".into(), en: "no longer used".into() };
        let statement = Statement::Revoked(Revoked { identity: "lantern-desk".into(), reason, at });
        let notice = notice(7, &statement, "lantern".into());
        assert_eq!(
            (notice.message.as_str(), notice.about.as_str(), notice.public),
            ("entry_7", "lantern", true)
        );
        assert_eq!(
            notice.body,
            r#"{"type":"registry.revoked","timestamp":"2026-11-22T04:00:00Z","data":{"index":7,"organisation":"lantern","statement":{"statement":"revoked","identity":"lantern-desk","reason":{"zh":"停用","en":"no longer used"},"at":"2026-11-22T04:00:00Z"}}}"#
        );
        assert_eq!(counted(&[statement.clone(), statement]), "2 revoked");
        assert_eq!(counted(&[]), "snapshot");
    }
}
