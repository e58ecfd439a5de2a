//! One suite on both engines. SQLite always; PostgreSQL when `TOUCHSTONE_TEST_POSTGRES` is the
//! URL of a server on which databases may be made (`postgres://postgres@127.0.0.1:5433/postgres`).
//! Each test has a database of its own.

#![allow(clippy::unwrap_used, clippy::panic)] // The helpers of the tests are tests too; the lint knows only `#[test]`.

#[path = "suite/accounts.rs"]
mod accounts;
#[path = "suite/actions.rs"]
mod actions;
#[path = "suite/applications.rs"]
mod applications;
#[path = "suite/audit.rs"]
mod audit;
#[path = "suite/cases.rs"]
mod cases;
#[path = "suite/conversations.rs"]
mod conversations;
#[path = "suite/drafts.rs"]
mod drafts;
#[path = "suite/engine.rs"]
mod engine;
#[path = "suite/ledger.rs"]
mod ledger;
#[path = "suite/log.rs"]
mod log;
#[path = "suite/policies.rs"]
mod policies;
#[path = "suite/reviews.rs"]
mod reviews;
#[path = "suite/shifts.rs"]
mod shifts;
#[path = "suite/transparency.rs"]
mod transparency;
#[path = "suite/verdicts.rs"]
mod verdicts;
