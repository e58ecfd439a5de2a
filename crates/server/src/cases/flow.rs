//! Each thing that can happen to a case, once: read, ask the engine, save all that follows in one
//! transaction, tell who watches.
//!
//! Who comes second in a race reads again: nothing is lost, and nothing is done twice.

use std::time::Duration;

use serde_json::json;
use sha2::{Digest, Sha256};
use touchstone_accounts::Token;
use touchstone_cases::{
    Answer, Case, CasePolicy, Closing, Event, Harm, HarmLevel, Life, Outcome, Owner, Report, Staff, Task,
    advance, first_hour, harm, open as open_case,
};
use touchstone_language::{bands, fingerprint};
use touchstone_store::{
    CaseChange, CaseRow, Deed, EntryKind, KeptCase, Mark, Member, NewCase, NewFile, Standing, StepTick,
    StoreError,
};
use touchstone_text::{Folded, fold};
use touchstone_types::{Lapse, Moment};

pub use super::doing::{Doing, FlowError, Incoming, Intake, Note, Open, Receipt};
use super::drafts::clean_name;
use super::perform::Work;
use super::secrets::Mask;
use super::shown::{self, FileView, Told, letters};
use super::vault::Place;
use super::{By, assigning, kinds, letters, mask};
use crate::ctx::Ctx;
use crate::keys;

/// How often somebody who comes second tries again.
const TRIES: u32 = 24;
/// A look at a case is noted once in so long for each person.
const LOOKS: Lapse = Lapse::from_secs(15 * 60);
/// For so long whoever gave a reason need not give it again.
const REASON_HOLDS: Lapse = Lapse::from_secs(60 * 60);
/// The longest text of one entry, in bytes.
pub const LONGEST_TEXT: usize = 64 * 1024;

/// A report becomes a case: on disk, with an owner where somebody is on duty, and deadlines.
///
/// # Errors
/// [`FlowError`]: then nothing is kept.
pub async fn report(ctx: &Ctx, report: Report, intake: Intake) -> Result<Receipt, FlowError> {
    let now = ctx.clock.now();
    let (report, masked) = masked(&report)?;
    let policy = ctx.cases.charter.policy_for(&report.key(&ctx.config.cases.firm_kinds));
    let opened = open_case(now, &policy);
    for _ in 0..TRIES {
        let (reference, link) = names(ctx, intake.once)?;
        let mut work = Work::new(&ctx.cases, &reference, now);
        let detail = json!({ "channel": intake.channel });
        work.note(&intake.by, &Note::plain(EntryKind::Reported, detail))?;
        work.note(&By::System, &Note::plain(EntryKind::AutoReply, json!({ "what": "receipt" })))?;
        work.steps(&opened.steps, &opened.case, &report)?;
        add_files(ctx, &mut work, &reference, 0, &intake.by, &intake.files)?;
        let case = assign(ctx, &mut work, opened.case.clone(), &report, &policy, now).await?;
        let harm = harm(&report, now, &ctx.cases.charter);
        work.stands(&case, Standing { harm: grade(&harm), score: harm.score, ..Standing::default() });
        let told = told_fingerprint(&report.story);
        work.change.marks = marks(ctx, &report, told);
        let place = Place { reference: &reference, table: "case_reports", n: 0 };
        let bytes = serde_json::to_vec(&report).map_err(FlowError::BadReport)?;
        let status = status_token(ctx, &reference);
        let new = NewCase {
            kind: report.kind.as_str().to_owned(),
            channel: intake.channel.to_owned(),
            language: report.language.clone(),
            jurisdiction: report.jurisdiction.clone().unwrap_or_default(),
            chains: report.chains().into_iter().map(str::to_owned).collect(),
            user_ref: intake.user.clone(),
            fingerprint: told,
            link_hash: link.hash(),
            status_hash: status.hash(),
            report: work.vault().seal(place, &bytes)?,
            change: work.change,
            reference,
        };
        let row = match ctx.store.create_case(&new).await {
            Ok(id) => ctx.store.case_columns(id).await?,
            Err(StoreError::Conflict(_)) => match ctx.store.case_by_link(&link.hash()).await {
                Ok(kept) => return receipt(ctx, &link, opened_from(ctx, kept)?, masked, true),
                Err(StoreError::NotFound) => continue, // The reference was taken: a new one.
                Err(cause) => return Err(cause.into()),
            },
            Err(cause) => return Err(cause.into()),
        };
        ctx.cases.changed();
        return receipt(ctx, &link, Open { row, case, report, policy }, masked, false);
    }
    Err(FlowError::Store(StoreError::Conflict("no free reference was found")))
}

fn receipt(
    ctx: &Ctx,
    link: &Token,
    open: Open,
    masked: Vec<&'static str>,
    again: bool,
) -> Result<Receipt, FlowError> {
    let first_hour = first_hour(&open.report, &ctx.cases.charter);
    Ok(Receipt {
        link_token: link.text(),
        status_token: open.status_token(ctx),
        open,
        first_hour,
        masked,
        again,
    })
}

/// The case of that number.
///
/// # Errors
/// [`FlowError::NotFound`], or those of reading.
pub async fn open(ctx: &Ctx, id: i64) -> Result<Open, FlowError> {
    opened_from(ctx, ctx.store.case(id).await?)
}

/// The case that people call so; for the operator's own programs and for bulk work.
///
/// # Errors
/// [`FlowError::NotFound`], or those of reading.
pub async fn open_by_reference(ctx: &Ctx, reference: &str) -> Result<Open, FlowError> {
    opened_from(ctx, ctx.store.case_by_reference(reference).await?)
}

/// The case that a victim's link opens.
///
/// # Errors
/// [`FlowError::NotFound`] for a wrong one, or those of reading.
pub async fn open_by_link(ctx: &Ctx, token: &str) -> Result<Open, FlowError> {
    opened_from(ctx, ctx.store.case_by_link(&keys::hash(token)).await?)
}

/// The case that a link opens which may be shared. What it shows is the caller's to restrict.
///
/// # Errors
/// [`FlowError::NotFound`] for a wrong one, or those of reading.
pub async fn open_by_status(ctx: &Ctx, token: &str) -> Result<Open, FlowError> {
    opened_from(ctx, ctx.store.case_by_status(&keys::hash(token)).await?)
}

/// A case for somebody of the staff; the look is noted, where the victim sees it, before anything
/// is shown.
///
/// # Errors
/// [`FlowError::NeedsReason`] if it is neither theirs nor what they are there for and they gave no
/// reason; [`FlowError::NotFound`]; those of reading and writing.
pub async fn open_for_staff(
    ctx: &Ctx,
    member: &Member,
    reference: &str,
    reason: Option<&str>,
) -> Result<Open, FlowError> {
    let open = opened_from(ctx, ctx.store.case_by_reference(reference).await?)?;
    let reason = reason.map(str::trim).filter(|it| !it.is_empty());
    if reason.is_some_and(|it| it.len() > LONGEST_TEXT) {
        return Err(FlowError::TextTooLong);
    }
    if reason.is_none() && looked_within(ctx, member, &open.row, LOOKS).await? {
        // Whoever was let in a moment ago turns a page: one line of the timeline, two of the trail.
        let (at, by) = (ctx.clock.now(), member.login.as_str());
        let deed = Deed { at, by, act: "case.viewed", object: reference, detail: "" };
        ctx.store.audit(&deed).await?;
        return Ok(open);
    }
    if reason.is_none() && !may_look(ctx, member, &open).await? {
        return Err(FlowError::NeedsReason);
    }
    let by = shown::by_staff(ctx, member).await?;
    let note = Note { text: reason.map(str::to_owned), ..Note::plain(EntryKind::Viewed, json!({})) };
    let why = reason.unwrap_or_default().to_owned();
    let doing = Doing::record(note).with(move |change| {
        for deed in change.deeds.iter_mut().filter(|it| it.act == "case.viewed") {
            deed.detail.clone_from(&why);
        }
    });
    happen(ctx, open.row.id, &by, doing).await
}

/// Whether [`open_for_staff`] let somebody of the staff in within the hour, and noted it: then they
/// may have what belongs to the page, its files and its forms.
///
/// # Errors
/// Those of reading.
pub async fn was_let_in(ctx: &Ctx, member: &Member, open: &Open) -> Result<bool, FlowError> {
    looked_within(ctx, member, &open.row, REASON_HOLDS).await
}

/// Whether a case asks for what these skills say, so that who has them may open it.
#[must_use]
pub fn asks_for(ctx: &Ctx, open: &Open, skills: &[String]) -> bool {
    assigning::can_do(ctx, &open.report, skills, ctx.clock.now())
}

/// Whether somebody of the staff may go on looking at a page that lies open, which notes nothing: it
/// is what they are there for, or they were let in within the hour.
///
/// # Errors
/// Those of reading.
pub async fn may_look(ctx: &Ctx, member: &Member, open: &Open) -> Result<bool, FlowError> {
    if was_let_in(ctx, member, open).await? {
        return Ok(true);
    }
    Ok(assigning::may_look(ctx, member, &open.row, &open.report, ctx.clock.now()).await?)
}

async fn looked_within(ctx: &Ctx, member: &Member, row: &CaseRow, lapse: Lapse) -> Result<bool, FlowError> {
    let looked = ctx.store.last_look(row.id, &member.login).await?;
    Ok(looked.is_some_and(|at| ctx.clock.now().since(at) < lapse))
}

/// Something happens to a case; gives it as it is then. All that follows is saved at once, or
/// nothing is.
///
/// # Errors
/// [`FlowError`]: then nothing was changed.
pub async fn happen(ctx: &Ctx, id: i64, by: &By, doing: Doing) -> Result<Open, FlowError> {
    check(&doing)?;
    let colleague = colleague(ctx, &doing.event).await?;
    for attempt in 0..TRIES {
        let open = opened_from(ctx, ctx.store.case(id).await?)?;
        if doing.condition.as_ref().is_some_and(|it| !it(&open)) {
            return Err(FlowError::Moved);
        }
        let (version, reference) = (open.row.version, open.row.reference.clone());
        let (change, case) = attempted(ctx, &open, by, &doing, colleague.as_deref()).await?;
        match ctx.store.save_case(id, version, &change).await {
            Ok(_) => {
                ctx.cases.changed();
                tracing::debug!(reference, event = ?std::mem::discriminant(&doing.event), "a case moved");
                let row = ctx.store.case_columns(id).await?;
                return Ok(Open { row, case, ..open });
            }
            Err(StoreError::Conflict(_)) => {
                // Who comes second steps back a little further each time.
                tokio::time::sleep(Duration::from_millis(u64::from(attempt) * 3)).await;
            }
            Err(cause) => return Err(cause.into()),
        }
    }
    Err(FlowError::Store(StoreError::Busy(None)))
}

fn check(doing: &Doing) -> Result<(), FlowError> {
    for text in doing.notes.iter().filter_map(|it| it.text.as_ref()) {
        if text.trim().is_empty() {
            return Err(FlowError::EmptyText);
        }
        if text.len() > LONGEST_TEXT {
            return Err(FlowError::TextTooLong);
        }
    }
    let (Event::Escalated { reason, .. } | Event::HandedOver { reason, .. }) = &doing.event else {
        return Ok(());
    };
    match reason.trim().len() {
        0 => Err(FlowError::EmptyText),
        LONGEST_TEXT.. => Err(FlowError::TextTooLong),
        _ => Ok(()),
    }
}

/// The name under which the victim will know whoever gets the case.
async fn colleague(ctx: &Ctx, event: &Event) -> Result<Option<String>, FlowError> {
    let (Event::HandedOver { to, .. } | Event::Assigned(to)) = event else { return Ok(None) };
    let member = match ctx.store.member_by_login(&to.0).await {
        Ok(member) if assigning::may_have(&member) => member,
        Ok(_) | Err(StoreError::NotFound) => return Err(FlowError::NoSuchColleague),
        Err(cause) => return Err(cause.into()),
    };
    shown::public_name(ctx, &member.login).await.map(Some)
}

/// What an event makes of a case, and all that is to be written.
async fn attempted(
    ctx: &Ctx,
    open: &Open,
    by: &By,
    doing: &Doing,
    colleague: Option<&str>,
) -> Result<(CaseChange, Case), FlowError> {
    let Open { row, case, report, policy } = open;
    let now = ctx.clock.now();
    let mut work = Work::on(&ctx.cases, row, case, now);
    // What time did before comes first.
    let passed = advance(case.clone(), Event::Tick, now, policy);
    work.steps(&passed.steps, &passed.case, report)?;
    let was_open = passed.case.is_open();
    if !was_open
        && by.login().is_some()
        && matches!(doing.event, Event::Answered(_) | Event::Asked(_) | Event::Taken(_) | Event::Closed(_))
    {
        return Err(FlowError::IsClosed);
    }
    let before = passed.case.level;
    let after = advance(passed.case, doing.event.clone(), now, policy);
    let own = if doing.notes.is_empty() { own_note(&doing.event, by, colleague) } else { None };
    for note in doing.notes.iter().chain(&own) {
        work.note(by, note)?;
    }
    if !was_open && after.case.is_open() {
        let detail = json!({ "level": before.as_str() });
        work.note(&By::System, &Note::plain(EntryKind::Reopened, detail))?;
    }
    work.because(&doing.event);
    work.steps(&after.steps, &after.case, report)?;
    add_files(ctx, &mut work, &row.reference, row.files, by, &doing.files)?;
    let case = assign(ctx, &mut work, after.case, report, policy, now).await?;
    let mut standing = row.standing.clone();
    if matches!(doing.event, Event::Answered(Answer::Person(_))) && was_open {
        standing.answered = standing.answered.or(Some(now));
    }
    work.stands(&case, standing);
    let mut change = work.change;
    change.steps = doing
        .steps
        .iter()
        .map(|(step, done)| StepTick { step: step.clone(), done: *done, by: by.clone() })
        .collect();
    change.marks.extend(doing.marks.iter().map(|(kind, text)| mark(ctx, kind, text)));
    // A text that fits every case looks after none.
    if !matches!(
        doing.event,
        Event::Tick | Event::Answered(Answer::Template | Answer::AutoReply | Answer::Generated)
    ) {
        change.settles = by.login().map(str::to_owned);
    }
    for extra in &doing.extra {
        extra(&mut change);
    }
    Ok((change, case))
}

/// What an event writes where its caller wrote nothing.
fn own_note(event: &Event, by: &By, colleague: Option<&str>) -> Option<Note> {
    let name = match by {
        By::Staff { name, .. } => name.as_str(),
        _ => "",
    };
    Some(match event {
        Event::Taken(_) => Note::plain(EntryKind::Taken, json!({ "name": name })),
        Event::Assigned(to) => {
            Note::plain(EntryKind::Assigned, json!({ "login": &*to.0, "name": colleague }))
        }
        Event::HandedOver { to, reason } => Note {
            detail: json!({ "login": &*to.0, "name": colleague }),
            ..Note::text(EntryKind::HandedOver, reason)
        },
        Event::Escalated { reason, .. } => Note::text(EntryKind::Escalated, reason),
        Event::Complained => Note::plain(EntryKind::Complained, json!({})),
        Event::Done(rule) => Note::plain(EntryKind::Step, json!({ "rule": &**rule, "done": true })),
        Event::Happened(fact) => Note::plain(EntryKind::Step, json!({ "fact": fact.as_str() })),
        Event::PacketSent(_) => Note::plain(EntryKind::PacketSent, json!({})),
        Event::Closed(closing) => Note {
            detail: json!({ "outcome": closing.outcome().as_str() }),
            ..Note::text(EntryKind::Closed, closing.reason())
        },
        Event::Written | Event::Answered(_) | Event::Asked(_) | Event::Tick => return None,
    })
}

/// Gives a case that is everybody's to whoever on duty fits best.
async fn assign(
    ctx: &Ctx,
    work: &mut Work<'_>,
    case: Case,
    report: &Report,
    policy: &CasePolicy,
    now: Moment,
) -> Result<Case, FlowError> {
    let Life::Open { owner: Owner::Duty, next } = &case.life else { return Ok(case) };
    let Some(choice) = assigning::choose(ctx, report, case.level, *next, now).await? else { return Ok(case) };
    let name = shown::public_name(ctx, &choice.login).await?;
    let after = advance(case, Event::Assigned(Staff(choice.login.as_str().into())), now, policy);
    work.assigned(&choice.login, json!({ "login": choice.login, "name": name, "why": choice.why }))?;
    work.steps(&after.steps, &after.case, report)?;
    Ok(after.case)
}

/// The victim writes; gives also the kinds of secrets that were masked.
///
/// # Errors
/// [`FlowError`].
pub async fn write(ctx: &Ctx, id: i64, text: &str) -> Result<(Open, Vec<&'static str>), FlowError> {
    let mut mask = Mask::default();
    let text = mask.text(text.trim().to_owned());
    let masked: Vec<&'static str> = mask.taken().into_iter().collect();
    let detail = json!({ "masked": masked });
    let note = Note { detail, ..Note::text(EntryKind::Message, &text) };
    let open = happen(ctx, id, &By::Victim, Doing::new(Event::Written).note(note)).await?;
    Ok((open, masked))
}

/// Somebody of the staff writes: an answer ([`EntryKind::Answer`], which alone stops the answer
/// clock), a question, a text that fits every case, or a note for colleagues.
///
/// # Errors
/// [`FlowError`].
pub async fn answer(ctx: &Ctx, id: i64, by: &By, text: &str, kind: EntryKind) -> Result<Open, FlowError> {
    let Some(staff) = by.login().map(|it| Staff(it.into())) else { return Err(FlowError::NotFound) };
    let event = match kind {
        EntryKind::Answer => Event::Answered(Answer::Person(staff)),
        EntryKind::Asked => Event::Asked(staff),
        EntryKind::Template => Event::Answered(Answer::Template),
        _ => Event::Tick,
    };
    let note = Note::text(kind, text.trim());
    let note = if kind == EntryKind::Note { note.internal() } else { note };
    let open = happen(ctx, id, by, Doing::new(event).note(note)).await?;
    if kind != EntryKind::Note {
        letters::news(ctx, &open);
    }
    Ok(open)
}

/// A file comes in; gives its number within the case.
///
/// # Errors
/// [`FlowError`]: among others a file too large, one too many, or of a kind that is not taken.
pub async fn attach(ctx: &Ctx, id: i64, by: &By, name: &str, bytes: Vec<u8>) -> Result<i64, FlowError> {
    let file = Incoming { name: name.to_owned(), bytes };
    let open = happen(ctx, id, by, Doing::new(Event::Tick).files(vec![file])).await?;
    Ok(open.row.files)
}

/// Somebody of the staff closes a case, with an outcome and a reason that the victim is told.
///
/// # Errors
/// [`FlowError::NoReason`] without a reason, [`FlowError::IsClosed`] if it is closed, others.
pub async fn close(ctx: &Ctx, id: i64, by: &By, outcome: Outcome, reason: &str) -> Result<Open, FlowError> {
    let Some(login) = by.login() else { return Err(FlowError::NotFound) };
    let closing = Closing::new(outcome, reason, Staff(login.into()), ctx.clock.now())?;
    let open = happen(ctx, id, by, Doing::new(Event::Closed(closing))).await?;
    letters::news(ctx, &open);
    Ok(open)
}

/// The timeline of a case, readable, oldest first, after that entry.
///
/// # Errors
/// Those of reading.
pub async fn timeline(ctx: &Ctx, row: &CaseRow, after: i64, limit: usize) -> Result<Vec<Told>, FlowError> {
    let entries = ctx.store.case_entries(row.id, after, limit).await?;
    entries.into_iter().map(|it| shown::told(ctx, &row.reference, it)).collect()
}

/// Who looked at a case, newest first, with their reasons.
///
/// # Errors
/// Those of reading.
pub async fn views(ctx: &Ctx, row: &CaseRow, limit: usize) -> Result<Vec<Told>, FlowError> {
    let entries = ctx.store.case_views(row.id, limit).await?;
    entries.into_iter().map(|it| shown::told(ctx, &row.reference, it)).collect()
}

/// The files of a case, oldest first.
///
/// # Errors
/// Those of reading.
pub async fn files(ctx: &Ctx, row: &CaseRow) -> Result<Vec<FileView>, FlowError> {
    let files = ctx.store.case_files(row.id).await?;
    files.into_iter().map(|it| shown::file_view(ctx, row, it)).collect()
}

/// One file, with what is in it.
///
/// # Errors
/// [`FlowError::NotFound`], or those of reading.
pub async fn file(ctx: &Ctx, row: &CaseRow, n: i64) -> Result<(FileView, Vec<u8>), FlowError> {
    let (file, sealed) = ctx.store.case_file(row.id, n).await?;
    let place = Place { reference: &row.reference, table: "case_file_bodies", n };
    let bytes = ctx.cases.vault.open(place, &sealed)?;
    Ok((shown::file_view(ctx, row, file)?, bytes))
}

/// Cases that nobody has, given to whoever is on duty now; how many. For when somebody comes on
/// duty.
///
/// # Errors
/// Those of reading and writing.
pub async fn share_out(ctx: &Ctx, limit: usize) -> Result<usize, FlowError> {
    let filter = touchstone_store::DeskFilter {
        owner: Some(touchstone_store::Whose::Nobodys),
        ..touchstone_store::DeskFilter::default()
    };
    let mut given = 0;
    for row in ctx.store.desk(&filter, None, limit).await? {
        let open = happen(ctx, row.id, &By::System, Doing::new(Event::Tick)).await?;
        given += usize::from(open.owner().is_some());
    }
    Ok(given)
}

fn opened_from(ctx: &Ctx, kept: KeptCase) -> Result<Open, FlowError> {
    let KeptCase { row, state, report } = kept;
    let place = Place { reference: &row.reference, table: "case_reports", n: 0 };
    let bytes = ctx.cases.vault.open(place, &report)?;
    let report: Report = serde_json::from_slice(&bytes).map_err(FlowError::BadReport)?;
    let case = Case::from_bytes(&state)?;
    let policy = ctx.cases.charter.policy_for(&report.key(&ctx.config.cases.firm_kinds));
    Ok(Open { row, case, report, policy })
}

fn add_files(
    ctx: &Ctx,
    work: &mut Work<'_>,
    reference: &str,
    last: i64,
    by: &By,
    files: &[Incoming],
) -> Result<(), FlowError> {
    let (limit, most) = (ctx.config.cases.files_per_case, ctx.config.cases.file_bytes);
    if usize::try_from(last).unwrap_or(usize::MAX).saturating_add(files.len()) > limit && !files.is_empty() {
        return Err(FlowError::TooManyFiles { limit });
    }
    for (n, file) in (last + 1..).zip(files) {
        if file.bytes.is_empty() {
            return Err(FlowError::EmptyFile);
        }
        if file.bytes.len() > most {
            return Err(FlowError::FileTooLarge { limit: most });
        }
        let kind = kinds::media_type(&file.bytes).ok_or(FlowError::WrongFileKind)?;
        let place = |table| Place { reference, table, n };
        let name = clean_name(&file.name);
        let size = file.bytes.len() as u64;
        let new = NewFile {
            by: by.clone(),
            name: work.vault().seal(place("case_files"), name.as_bytes())?,
            kind: kind.to_owned(),
            size,
            hash: Sha256::digest(&file.bytes).into(),
            body: work.vault().seal(place("case_file_bodies"), &file.bytes)?,
            visible: true,
        };
        work.change.files.push(new);
        let note = Note::plain(EntryKind::File, json!({ "n": n, "kind": kind, "size": size }));
        work.note(by, &Note { text: Some(name), ..note })?;
    }
    Ok(())
}

/// What people call the case, and the token in the victim's link.
fn names(ctx: &Ctx, once: Option<[u8; 32]>) -> Result<(String, Token), FlowError> {
    let drawn = letters(&keys::random::<8>()?);
    let reference = format!("TS-{}-{}", &drawn[..4], &drawn[4..]);
    let link = match once {
        Some(once) => Token::from_random(ctx.cases.vault.derive(b"link", &[&once])),
        None => keys::token()?,
    };
    Ok((reference, link))
}

/// It need not be kept: whoever has the case's page can have it shown again.
pub(super) fn status_token(ctx: &Ctx, reference: &str) -> Token {
    Token::from_random(ctx.cases.vault.derive(b"status", &[reference.as_bytes()]))
}

/// Every text of it, also of fields that are still to come.
fn masked(report: &Report) -> Result<(Report, Vec<&'static str>), FlowError> {
    let mut texts = serde_json::to_value(report).map_err(FlowError::BadReport)?;
    let masked = mask(&mut texts);
    Ok((serde_json::from_value(texts).map_err(FlowError::BadReport)?, masked))
}

fn told_fingerprint(story: &str) -> u64 {
    let mut folded = Folded::new();
    fold(story, &mut folded);
    fingerprint(&folded)
}

fn mark(ctx: &Ctx, kind: &str, text: &str) -> Mark {
    Mark { kind: kind.to_owned(), mark: ctx.cases.vault.mark(kind, text) }
}

/// Suspects, addresses, transactions; and the text by pairs of its bands, so that few texts that
/// are not alike meet there. Which of those that meet are alike, their fingerprints say.
fn marks(ctx: &Ctx, report: &Report, told: u64) -> Vec<Mark> {
    let mut marks: Vec<Mark> =
        report.marks().iter().map(|(kind, text)| mark(ctx, kind.as_str(), text)).collect();
    if told != 0 {
        let bands = bands(told);
        marks.extend(bands.chunks(2).map(|it| mark(ctx, "text", &format!("{it:?}"))));
    }
    marks
}

fn grade(harm: &Harm) -> u8 {
    match harm.level {
        HarmLevel::Critical => 3,
        HarmLevel::High => 2,
        HarmLevel::Normal => 1,
        HarmLevel::Low => 0,
    }
}

/// What comes next, in the words of the engine; none once it is closed.
#[must_use]
pub fn next_task(row: &CaseRow) -> Option<Task> {
    row.standing.next_task.as_deref().and_then(Task::parse)
}
