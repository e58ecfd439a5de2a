//! The pages: what staff, newcomers and passers-by see of it.
//!
//! The way through: a handler gathers from the store, [`show`] makes it ready, [`views`]
//! hold it, the templates in `templates/` lay it out, [`shell`] is what all pages have
//! around them.
//!
//! Always true here:
//! - What others wrote is shown by [`shown`] only: escaped, isolated, nothing hidden.
//! - Pages run no script but ours, from our own files, and load nothing from elsewhere.
//! - A handler without `Staff` or `Sent` among its arguments is public.
//! - Every form of staff carries a token of its session, and a request from another site
//!   changes nothing.
//! - What staff does is in the audit trail.

mod account;
pub(crate) mod assets;
mod campaigns;
mod ceremony;
pub(crate) mod chart;
mod door;
mod house;
pub(crate) mod i18n;
mod icons;
mod live;
mod playground;
mod public;
mod reviews;
mod rules;
mod search;
mod setup;
pub(crate) mod shell;
pub(crate) mod show;
pub(crate) mod shown;
pub(crate) mod staff;
pub(crate) mod views;
pub(crate) mod web;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use axum::routing::{get, post};

pub(crate) use ceremony::Ceremonies;

use crate::ctx::Ctx;

/// The largest form, in bytes: a long conversation in the playground.
const FORM_BYTES: usize = 512 * 1024;

/// All pages.
pub(crate) fn router() -> Router<Ctx> {
    Router::new()
        .merge(crate::check::router())
        .merge(open())
        .merge(work())
        .merge(house_and_own())
        .merge(crate::actions::pages())
        .merge(crate::registry::pages())
        .merge(crate::vetting::pages())
        .merge(crate::staffing::pages())
        .merge(crate::desk::pages())
        .merge(crate::complaints::pages())
        .merge(crate::transparency::pages())
        .layer(from_fn(web::around))
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .route("/assets/{name}", get(assets::serve))
}

/// For everybody.
fn open() -> Router<Ctx> {
    Router::new()
        .route("/about", get(public::landing))
        .route("/preferences", post(public::preferences))
        .route("/playground", get(playground::open).post(playground::step))
        .route("/console/login", get(door::login_page).post(door::login))
        .route("/console/login/passkey/start", post(door::passkey_start))
        .route("/console/login/passkey/finish", post(door::passkey_finish))
        .route("/console/setup/{token}", get(setup::setup_page).post(setup::setup))
        .route("/console/setup/{token}/passkey/start", post(setup::setup_passkey_start))
        .route("/console/setup/{token}/passkey/finish", post(setup::setup_passkey_finish))
}

/// For those who look at verdicts.
fn work() -> Router<Ctx> {
    Router::new()
        .route("/console", get(live::live))
        .route("/console/stream", get(live::stream))
        .route("/console/verdicts/{source}/{id}", get(reviews::verdict))
        .route("/console/verdicts/{source}/{id}/queue", post(reviews::enqueue))
        .route("/console/reviews", get(reviews::queue))
        .route("/console/reviews/next", get(reviews::next))
        .route("/console/reviews/{seq}", get(reviews::open))
        .route("/console/reviews/{seq}/decide", post(reviews::decide))
        .route("/console/reviews/{seq}/release", post(reviews::release))
        .route("/console/acts/{act}/undo", post(reviews::undo))
        .route("/console/labels.jsonl", get(reviews::labels))
        .route("/console/campaigns", get(campaigns::list))
        .route("/console/campaigns/{id}", get(campaigns::one))
        .route("/console/campaigns/{id}/decide", post(campaigns::decide))
        .route("/console/rules", get(rules::list))
        .route("/console/rules/{name}", get(rules::one))
        .route("/console/search", get(search::search))
}

/// For those who look after the house, and for everybody's own account.
fn house_and_own() -> Router<Ctx> {
    Router::new()
        .route("/console/audit", get(house::audit))
        .route("/console/people", get(house::people).post(house::invite))
        .route("/console/people/{id}/roles", post(house::roles))
        .route("/console/people/{id}/disable", post(house::disable))
        .route("/console/people/{id}/enable", post(house::enable))
        .route("/console/keys", get(house::api_keys).post(house::make_key))
        .route("/console/keys/{id}/revoke", post(house::revoke_key))
        .route("/console/account", get(account::account))
        .route("/console/account/sessions/others", post(account::end_others))
        .route("/console/account/sessions/{id}/end", post(account::end_session))
        .route("/console/account/password", post(account::set_password))
        .route("/console/account/passkeys/start", post(account::passkey_start))
        .route("/console/account/passkeys/finish", post(account::passkey_finish))
        .route("/console/account/passkeys/{id}/remove", post(account::remove_passkey))
        .route("/console/logout", post(door::logout))
}
