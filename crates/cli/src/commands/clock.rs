//! `touchstone clock`: when a term ends in a calendar, and how that comes about.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::error::Category;
use touchstone_cases::clock::{Calendars, Question, due, explain};

use crate::input::{Line, Lines};
use crate::policy_files;

/// Say when a term ends in a calendar, and how that comes about.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
    /// Calendars, instead of those in this binary
    #[arg(long, value_name = "DIR", global = true)]
    calendars: Option<PathBuf>,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Print when each term ends, in the calendar's zone
    ///
    /// One line out for each line in, in order. A bad line, also a blank one, is answered with
    /// `error` and reported with its number; the rest goes on and the exit code is 1.
    Due {
        /// JSON Lines with `calendar`, `start` (RFC 3339), `duration`, `unit` (minute, hour,
        /// business_hour, calendar_day, business_day, week, month), and perhaps `roll`
        /// (next_business_day) and `pauses` ([[from, to], …]); `-` or nothing reads standard input
        file: Option<PathBuf>,
    },
    /// Print how the end of each term comes about
    Explain {
        /// The same lines as for `due`
        file: Option<PathBuf>,
        /// In which language
        #[arg(long, value_enum, default_value_t = Language::En)]
        lang: Language,
    },
    /// Print the calendars, the years they cover, and who says so
    Calendars,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Language {
    /// Simplified Chinese
    Zh,
    /// English
    En,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let calendars = calendars(args.calendars.as_deref())?;
    match &args.command {
        Command::Due { file } => answer(file.as_deref(), |asked, out| {
            let (calendar, term, pauses) = asked.parts(&calendars)?;
            let end = calendar.show(due(calendar, asked.start, term, &pauses)?);
            serde_json::to_writer(&mut *out, &serde_json::json!({ "due": end }))?;
            Ok(writeln!(out)?)
        }),
        Command::Explain { file, lang } => {
            answer(file.as_deref(), |asked, out| tell(&calendars, asked, *lang, out))
        }
        Command::Calendars => list(&calendars),
    }
}

fn calendars(folder: Option<&Path>) -> anyhow::Result<Calendars> {
    let loaded = match folder {
        None => Calendars::built_in(),
        Some(folder) => {
            let files = policy_files::files_in(folder)?;
            Calendars::load(files.iter().map(|it| (it.path.as_str(), it.text.as_str())))
        }
    };
    loaded.map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("the calendars are refused:\n{}", lines.join("\n"))
    })
}

type Out<'a> = BufWriter<io::StdoutLock<'a>>;

/// Goes through the lines; what one of them cannot be answered with is its error.
fn answer(
    file: Option<&Path>,
    mut tell: impl FnMut(&Question, &mut Out<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<ExitCode> {
    let mut lines = Lines::open(file)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut bad = false;
    loop {
        if lines.must_wait() {
            out.flush()?;
        }
        let Some(line) = lines.next_of_all()? else { break };
        let asked = match line {
            Line::Text(bytes) => question(bytes),
            Line::TooLong(length) => Err(anyhow::anyhow!("{length} bytes are more than a line may have")),
        };
        if let Err(reason) = asked.and_then(|asked| tell(&asked, &mut out)) {
            bad = true;
            lines.say(&format!("touchstone: line {}: {reason:#}", lines.number()));
            serde_json::to_writer(&mut out, &serde_json::json!({ "error": format!("{reason:#}") }))?;
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(ExitCode::from(u8::from(bad)))
}

/// What a line asks. A blank one is bad too, so that answers and lines keep the same numbers.
fn question(line: &[u8]) -> anyhow::Result<Question> {
    anyhow::ensure!(!line.trim_ascii().is_empty(), "the line is empty");
    serde_json::from_slice(line).map_err(|cause| {
        // The line has a number of its own, in the file.
        let reason = cause.to_string().replace(" at line 1 column ", ", at column ");
        match cause.classify() {
            Category::Data => anyhow::anyhow!(reason),
            _ => anyhow::anyhow!("this is not JSON: {reason}"),
        }
    })
}

fn tell(
    calendars: &Calendars,
    asked: &Question,
    language: Language,
    out: &mut Out<'_>,
) -> anyhow::Result<()> {
    let (calendar, term, pauses) = asked.parts(calendars)?;
    let (end, reasons) = explain(calendar, asked.start, term, &pauses)?;
    let (start, end) = (calendar.show(asked.start), calendar.show(end));
    let (name, zone, term) = (calendar.name(), calendar.zone_name(), term.say());
    match language {
        Language::Zh => {
            writeln!(out, "{}，{}（{zone}）\n  起算 {start}", term.zh, name.zh)?;
            reasons.iter().try_for_each(|it| writeln!(out, "  {}", it.say().zh))?;
            Ok(writeln!(out, "  截止 {end}")?)
        }
        Language::En => {
            writeln!(out, "{} in {} ({zone})\n  starts {start}", term.en, name.en)?;
            reasons.iter().try_for_each(|it| writeln!(out, "  {}", it.say().en))?;
            Ok(writeln!(out, "  ends   {end}")?)
        }
    }
}

fn list(calendars: &Calendars) -> anyhow::Result<ExitCode> {
    let mut out = io::stdout().lock();
    for calendar in calendars.iter() {
        let (first, last) = calendar.years();
        let (id, name, zone) = (calendar.id(), calendar.name(), calendar.zone_name());
        writeln!(out, "{id}  {} ({}), {zone}, {first} to {last}", name.en, name.zh)?;
        for source in calendar.sources() {
            writeln!(out, "    {source}")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
