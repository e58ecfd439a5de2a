//! `/console/cases`: the queue, by harm and then by deadline.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use touchstone_accounts::{Permission, one_may};
use touchstone_cases::Kind;
use touchstone_store::{CaseRow, DeskCursor, DeskFilter, Member, Session, StoreError, Whose};
use touchstone_types::Moment;

use super::left::without_time;
use super::rows::{Drawing, Names};
use super::views::{CountedTab, Line, Picker, QueuePage, QueuePart};
use super::{LOOK, calls};
use crate::cases::{FlowError, flow, levels_of};
use crate::console::shell::Shell;
use crate::console::staff::{Instead, Staff, failed, still_there};
use crate::console::views::Choice;
use crate::console::web;
use crate::ctx::Ctx;
use crate::stream::{self, Look};

/// How many cases a page shows.
const PAGE: usize = 50;
/// How many cases are looked at to fill a page of those that ask for one's skills; the link to
/// the next page goes on from there.
const LOOKED_AT: usize = 1_000;
/// How many of them are unsealed for it at most.
const UNSEALED: usize = 200;
/// Of one's own cases no more are counted.
const COUNTED: usize = 200;

/// What is wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    tab: String,
    find: String,
    kind: String,
    language: String,
    jurisdiction: String,
    chain: String,
    after: String,
}

const TABS: [&str; 6] = ["mine", "skills", "duty", "overdue", "all", "closed"];

impl Wanted {
    /// The tab; of an unknown name all open cases.
    fn tab(&self) -> &'static str {
        TABS.into_iter().find(|it| *it == self.tab).unwrap_or("all")
    }

    fn is_filtered(&self) -> bool {
        [&self.find, &self.kind, &self.language, &self.jurisdiction, &self.chain]
            .iter()
            .any(|it| !it.is_empty())
    }

    fn filter(&self, me: &str, now: Moment) -> DeskFilter {
        let some = |it: &String| Some(it.clone()).filter(|it| !it.is_empty());
        DeskFilter {
            owner: match self.tab() {
                "mine" => Some(Whose::Of(me.to_owned())),
                "duty" => Some(Whose::Nobodys),
                _ => None,
            },
            overdue_at: (self.tab() == "overdue").then_some(now),
            kind: some(&self.kind),
            language: some(&self.language),
            jurisdiction: some(&self.jurisdiction),
            chain: some(&self.chain),
            ..DeskFilter::default()
        }
    }

    /// The address of this list, after that case.
    fn address(&self, after: &str) -> String {
        let mut address = format!("/console/cases?tab={}", self.tab());
        for (name, value) in [
            ("kind", self.kind.as_str()),
            ("language", &self.language),
            ("jurisdiction", &self.jurisdiction),
            ("chain", &self.chain),
            ("after", after),
        ] {
            if !value.is_empty() {
                address.push_str(&format!("&{name}={}", web::encoded(value)));
            }
        }
        address
    }
}

/// Some cases, and after which to go on.
struct Found {
    rows: Vec<CaseRow>,
    next: Option<String>,
}

async fn found(ctx: &Ctx, wanted: &Wanted, reader: &Reader) -> Result<Found, StoreError> {
    match wanted.tab() {
        "closed" => closed(ctx, wanted).await,
        "skills" => suiting(ctx, wanted, reader).await,
        _ => {
            let after = DeskCursor::parse(&wanted.after);
            let filter = wanted.filter(&reader.login, ctx.clock.now());
            let mut rows = ctx.store.desk(&filter, after.as_ref(), PAGE + 1).await?;
            let more = rows.len() > PAGE;
            rows.truncate(PAGE);
            let next = rows.last().filter(|_| more).and_then(DeskCursor::after).map(|it| it.text());
            Ok(Found { rows, next })
        }
    }
}

/// Those that the reader may open without a reason because of what they can do.
async fn suiting(ctx: &Ctx, wanted: &Wanted, reader: &Reader) -> Result<Found, StoreError> {
    let mut found = Found { rows: Vec::new(), next: None };
    if reader.skills.is_empty() {
        return Ok(found);
    }
    let filter = wanted.filter(&reader.login, ctx.clock.now());
    let mut after = DeskCursor::parse(&wanted.after);
    let mut unsealed = 0;
    for _ in 0..LOOKED_AT / 100 {
        let rows = ctx.store.desk(&filter, after.as_ref(), 100).await?;
        let last = rows.len() < 100;
        for row in rows {
            after = DeskCursor::after(&row);
            if suits(ctx, reader, &row, &mut unsealed).await? {
                found.rows.push(row);
            }
            if found.rows.len() == PAGE || unsealed == UNSEALED {
                found.next = after.map(|it| it.text());
                return Ok(found);
            }
        }
        if last {
            return Ok(found);
        }
    }
    found.next = after.map(|it| it.text());
    Ok(found)
}

/// Whether the reader may open a case because of what they can do. The wallet is sealed with the
/// report, which is read only for somebody who knows wallets and where nothing else decides.
async fn suits(ctx: &Ctx, reader: &Reader, row: &CaseRow, unsealed: &mut usize) -> Result<bool, StoreError> {
    if !reader.levels.contains(&row.standing.level) {
        return Ok(false);
    }
    if super::rows::suits(&ctx.cases.charter, &reader.skills, row) {
        return Ok(true);
    }
    let language = format!("language:{}", row.language);
    if !reader.knows_wallets() || !reader.skills.contains(&language) {
        return Ok(false);
    }
    *unsealed += 1;
    match flow::open(ctx, row.id).await {
        Ok(open) => Ok(flow::asks_for(ctx, &open, &reader.skills)),
        Err(FlowError::Store(error)) => Err(error),
        Err(error) => {
            tracing::error!(%error, reference = row.reference, "a case could not be read");
            Ok(false)
        }
    }
}

async fn closed(ctx: &Ctx, wanted: &Wanted) -> Result<Found, StoreError> {
    let before = wanted
        .after
        .split_once('-')
        .and_then(|(at, id)| Some((Moment::from_micros(at.parse().ok()?).ok()?, id.parse().ok()?)));
    let fits = |it: &CaseRow| {
        (wanted.kind.is_empty() || it.kind == wanted.kind)
            && (wanted.language.is_empty() || it.language == wanted.language)
            && (wanted.jurisdiction.is_empty() || it.jurisdiction == wanted.jurisdiction)
            && (wanted.chain.is_empty() || it.chains.contains(&wanted.chain))
    };
    let rows = ctx.store.closed_cases(before, PAGE + 1).await?;
    let last = rows.get(PAGE - 1).filter(|_| rows.len() > PAGE);
    let next = last.and_then(|it| Some(format!("{}-{}", it.standing.closed?.as_micros(), it.id)));
    Ok(Found { rows: rows.into_iter().take(PAGE).filter(fits).collect(), next })
}

/// Who reads the queue.
struct Reader {
    login: String,
    skills: Vec<String>,
    levels: Vec<u8>,
}

impl Reader {
    async fn of(ctx: &Ctx, member: &Member) -> Result<Self, StoreError> {
        let skills = ctx.store.skills(member.id).await?;
        Ok(Self { login: member.login.clone(), skills, levels: levels_of(&member.roles) })
    }

    fn knows_wallets(&self) -> bool {
        self.skills.iter().any(|it| it.starts_with("wallet:"))
    }
}

/// What the page shows and the stream sends again.
struct Shown {
    tabs: Vec<CountedTab>,
    list: Vec<Line>,
    next: Option<String>,
}

async fn shown(ctx: &Ctx, s: &Shell, wanted: &Wanted, reader: &Reader) -> Result<Shown, StoreError> {
    let now = ctx.clock.now();
    let names = Names::read(ctx).await?;
    let drawing = Drawing { ctx, s, names: &names, me: &reader.login, now };
    let found = found(ctx, wanted, reader).await?;
    let list = found.rows.iter().map(|row| drawing.line(row)).collect();
    Ok(Shown { tabs: tabs(ctx, s, wanted, reader, now).await?, list, next: found.next })
}

async fn tabs(
    ctx: &Ctx,
    s: &Shell,
    wanted: &Wanted,
    reader: &Reader,
    now: Moment,
) -> Result<Vec<CountedTab>, StoreError> {
    let counts = ctx.store.desk_counts(now).await?;
    let own = DeskFilter { owner: Some(Whose::Of(reader.login.clone())), ..DeskFilter::default() };
    let mine = ctx.store.desk(&own, None, COUNTED).await?.len();
    let count = |tab: &str| match tab {
        "mine" if mine == COUNTED => format!("{COUNTED}+"),
        "mine" => mine.to_string(),
        "duty" => counts.nobodys.to_string(),
        "overdue" => counts.overdue.to_string(),
        "all" => counts.level.iter().sum::<u64>().to_string(),
        _ => String::new(),
    };
    let tab = |name: &&'static str| CountedTab {
        href: format!("/console/cases?tab={name}"),
        label: s.t(&format!("desk-tab-{name}")),
        count: count(name),
        here: wanted.tab() == *name,
        alarming: *name == "overdue" && counts.overdue > 0,
    };
    Ok(TABS.iter().map(tab).collect())
}

/// `GET /console/cases`
pub(super) async fn queue(
    State(ctx): State<Ctx>,
    Query(wanted): Query<Wanted>,
    staff: Staff,
) -> Result<Response, Instead> {
    staff.must(Permission::WorkCases)?;
    let (member, leads) = (staff.member.clone(), staff.may(Permission::LeadCases));
    let s = staff.at("cases");
    let reference = wanted.find.trim().to_uppercase();
    if !reference.is_empty()
        && let Ok(found) = ctx.store.case_by_reference(&reference).await
    {
        return Ok(Redirect::to(&format!("/console/cases/{}", found.row.reference)).into_response());
    }
    let on_duty = ctx.store.duty(member.id, ctx.clock.now()).await.map_err(failed(&s))?.is_some();
    let reader = Reader::of(&ctx, &member).await.map_err(failed(&s))?;
    let mut shown = shown(&ctx, &s, &wanted, &reader).await.map_err(failed(&s))?;
    if !reference.is_empty() {
        (shown.list, shown.next) = (Vec::new(), None);
    }
    let page = QueuePage {
        tabs: shown.tabs,
        tab: wanted.tab().to_owned(),
        pickers: pickers(&ctx, &s, &wanted),
        find: wanted.find.clone(),
        filtered: wanted.is_filtered(),
        empty: empty(&s, &wanted),
        next: shown.next.map(|after| wanted.address(&after)),
        first: (!wanted.after.is_empty()).then(|| wanted.address("")),
        stream: if reference.is_empty() {
            wanted.address(&wanted.after).replacen("cases?", "cases/stream?", 1)
        } else {
            String::new()
        },
        list: shown.list,
        short: if leads { crate::staffing::warnings(&ctx, &s).await } else { Vec::new() },
        on_duty,
        s,
    };
    Ok(web::page(StatusCode::OK, &page))
}

/// What is said where nothing is.
fn empty(s: &Shell, wanted: &Wanted) -> (String, String) {
    if !wanted.find.trim().is_empty() {
        return (s.t1("desk-not-found", "reference", wanted.find.trim()), s.t("desk-empty-filter-text"));
    }
    let name = if wanted.is_filtered() { "filter" } else { wanted.tab() };
    (s.t(&format!("desk-empty-{name}")), s.t(&format!("desk-empty-{name}-text")))
}

fn pickers(ctx: &Ctx, s: &Shell, wanted: &Wanted) -> Vec<Picker> {
    let choice = |name: &str, label: String, here: &str| Choice {
        name: name.to_owned(),
        label,
        about: String::new(),
        here: here == name,
    };
    let charter = &ctx.cases.charter;
    let kinds = Kind::ALL
        .iter()
        .map(|it| choice(it.as_str(), super::rows::worded(s, "kind", it.as_str()), &wanted.kind));
    let languages = ["zh", "en"].map(|it| choice(it, s.t(&format!("desk-language-{it}")), &wanted.language));
    let places =
        charter.jurisdictions().all().iter().map(|it| choice(&it.id, it.id.clone(), &wanted.jurisdiction));
    let chains =
        charter.chains().iter().map(|it| choice(&it.id, s.lang.of(&it.name).to_owned(), &wanted.chain));
    let picker = |name, choices| Picker { name, label: s.t(&format!("desk-filter-{name}")), choices };
    vec![
        picker("kind", kinds.collect()),
        picker("language", languages.to_vec()),
        picker("jurisdiction", places.collect()),
        picker("chain", chains.collect()),
    ]
}

/// `GET /console/cases/stream`: the tabs, the list and the calls, whenever they change.
pub(super) async fn live(
    State(ctx): State<Ctx>,
    Query(wanted): Query<Wanted>,
    staff: Staff,
) -> Result<Response, Instead> {
    staff.must(Permission::WorkCases)?;
    let session = staff.session.clone();
    let s = staff.at("cases");
    let followed = stream::follow(&ctx, ctx.cases.watch(), LOOK, move |ctx: Ctx| {
        let (s, wanted, session) = (s.clone(), wanted.clone(), session.clone());
        async move { look(&ctx, s, &wanted, &session).await.unwrap_or(Look::Busy) }
    });
    followed.map_err(|error| error.into_response().into())
}

/// What of a queue that lies open is to be seen now.
async fn look(ctx: &Ctx, mut s: Shell, wanted: &Wanted, session: &Session) -> Result<Look, StoreError> {
    let member = still_there(ctx, session).await?.filter(|it| one_may(&it.roles, Permission::WorkCases));
    let Some(member) = member else { return Ok(Look::Gone) };
    let shown = shown(ctx, &s, wanted, &Reader::of(ctx, &member).await?).await?;
    s.calls = calls::open(ctx, &member).await?;
    let empty = empty(&s, wanted);
    let part = QueuePart { s: &s, tabs: &shown.tabs, list: &shown.list, empty: &empty };
    let html = part.render().ok().and_then(|part| Some(part + &calls::part(&s)?));
    Ok(html.map_or(Look::Busy, |data| Look::Now { what: without_time(&data), data }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tab_asks_for_what_it_says() {
        let now = Moment::from_micros(5).unwrap();
        let filter = |tab: &str| Wanted { tab: tab.into(), ..Wanted::default() }.filter("ann", now);
        assert_eq!(filter("mine").owner, Some(Whose::Of("ann".into())));
        assert_eq!(filter("duty").owner, Some(Whose::Nobodys));
        assert_eq!(filter("overdue").overdue_at, Some(now));
        assert_eq!(filter("rubbish"), DeskFilter::default());
    }

    #[test]
    fn the_next_page_keeps_the_filter() {
        let wanted = Wanted { tab: "duty".into(), chain: "eip155:1".into(), ..Wanted::default() };
        assert_eq!(wanted.address("3-1-2"), "/console/cases?tab=duty&chain=eip155%3A1&after=3-1-2");
    }
}
