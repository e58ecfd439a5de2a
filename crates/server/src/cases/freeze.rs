//! Freezing one's own account from the page of the case, in one step.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use touchstone_actions::{Permit, Power, Who};

use super::victim::{At, StepView, Wall};
use super::{FlowError, Open, flow, mine};
use crate::actions::{self, ActionError, Mode, VictimWish};
use crate::console::shell::Shell;
use crate::console::web;
use crate::ctx::Ctx;

/// What the page offers and shows of actions.
pub(crate) struct Panel {
    /// Whether the button is there.
    pub(crate) offered: bool,
    /// What it says and does, in a sentence.
    pub(crate) lead: String,
    /// What was asked for already.
    pub(crate) list: Vec<Asked>,
}

impl Panel {
    /// The plan, which says to press the button: where there is none, it says what to do instead.
    pub(super) fn told_in(&self, mut steps: Vec<StepView>) -> Vec<StepView> {
        if !self.offered && self.list.is_empty() {
            for step in steps.iter_mut().filter(|it| it.offer == "freeze") {
                step.text.clone_from(&self.lead);
                step.needs = None;
            }
        }
        steps
    }
}

/// An action, as the victim sees it.
pub(crate) struct Asked {
    pub(crate) what: String,
    pub(crate) state: String,
    pub(crate) class: &'static str,
    pub(crate) since: At,
    pub(crate) until: Option<At>,
    pub(crate) simulated: bool,
}

/// What is said in the place of the button where it is not there for good; the message's key.
pub(super) fn instead(ctx: &Ctx, open: &Open) -> Option<&'static str> {
    let named = open.row.user_ref.is_some() || open.report.account.is_some();
    match ctx.actions.mode() {
        Mode::Off => Some("case-freeze-off"),
        _ if !named => Some("case-freeze-no-account"),
        _ => None,
    }
}

/// What the page offers and shows.
pub(super) async fn panel(ctx: &Ctx, s: &Shell, wall: &Wall, open: &Open) -> Result<Panel, FlowError> {
    let kept = match actions::of_case(ctx, open.row.id).await {
        Ok(kept) => kept,
        Err(ActionError::Flow(cause)) => return Err(cause),
        Err(cause) => {
            tracing::error!(%cause, "the actions of a case cannot be shown");
            Vec::new()
        }
    };
    let theirs = |it: &actions::ActionView| !it.simulated || it.by == "victim";
    let holds = kept.iter().any(|it| it.by == "victim" && it.may_be_undone);
    let who = Who::Victim { confirmed: open.row.user_ref.is_some() };
    let authority = &ctx.actions.authority;
    let instead = instead(ctx, open);
    let may = authority.permit(&who, &Power::Freeze) == Permit::Alone;
    let offered = may && instead.is_none() && !holds && open.case.is_open();
    let hours = authority.lasts(&who, &Power::Freeze).map_or(0, |it| it.as_secs() / 3_600);
    let lead = match instead {
        Some(key) => s.t(key),
        None if authority.permit(&who, &Power::RevokeSessions) == Permit::Alone => {
            s.n("case-freeze-lead-all", hours)
        }
        None => s.n("case-freeze-lead", hours),
    };
    let list = kept.into_iter().filter(theirs).map(|it| Asked {
        what: s.power(it.kind),
        state: s.action_state(it.state),
        class: match it.state {
            "acknowledged" => "good",
            "refused" | "dead" => "bad",
            _ => "",
        },
        since: wall.at(it.since),
        // Who was logged out is: only a freeze ends.
        until: it.until.filter(|_| it.kind == "freeze").map(|it| wall.at(it)),
        simulated: it.simulated,
    });
    Ok(Panel { offered, lead, list: list.collect() })
}

/// `POST /case/{token}/freeze`: freezes the account and, where that is the victim's to do, logs everybody out.
pub(super) async fn freeze(
    State(ctx): State<Ctx>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let done = async {
        let open = flow::open_by_link(&ctx, &token).await?;
        let confirmed = open.row.user_ref.is_some();
        actions::by_victim(&ctx, &open, VictimWish::Freeze).await?;
        let may = ctx.actions.authority.permit(&Who::Victim { confirmed }, &Power::RevokeSessions);
        if may == Permit::Alone {
            actions::by_victim(&ctx, &open, VictimWish::RevokeSessions).await?;
        }
        Ok(())
    };
    let to = |query: &str| {
        let to = format!("/case/{}?{query}#freeze", web::encoded(&token));
        Redirect::to(&to).into_response()
    };
    match done.await {
        Ok(()) => to("said=froze"),
        Err(ActionError::Flow(cause)) => mine::failed(&headers, &cause),
        Err(error) => to(&format!("wrong={}", error.text_key())),
    }
}
