//! `touchstone log`: reads a log as any follower would, and believes nothing that is not signed or proven.

mod copy;
mod source;
pub(super) mod trust;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use copy::Copying;
use indicatif::{ProgressBar, ProgressStyle};
use source::Source;
use touchstone_signed_log::{
    Fault, Level, Seen, TileError, TilePath, Tiles, WIDTH, entries, fetch, inclusion, leaf_hash, root,
    verify_inclusion, verify_log,
};
use trust::{Trust, Verdict};

use super::registry::Place;

use crate::out::say;

/// Read and verify a public log
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Recompute the whole log from its entries and say whether anything was changed
    Verify {
        #[command(flatten)]
        of: Of,
        /// A checkpoint that was kept earlier: the log must continue it
        #[arg(long, value_name = "FILE")]
        since: Option<PathBuf>,
        /// Keep the verified checkpoint here, for the next `--since`
        #[arg(long, value_name = "FILE")]
        keep: Option<PathBuf>,
    },
    /// Verify the log and keep a copy of it in a folder, which any web server can carry. Done again, it
    /// goes on from there and the log must continue the copy
    Copy {
        #[command(flatten)]
        of: Of,
        /// The folder
        #[arg(value_name = "FOLDER")]
        to: PathBuf,
    },
    /// Write the log of this database into a folder, as files that any web server can carry
    Export {
        #[command(flatten)]
        place: Place,
        /// Where to; what is there already and cannot change is left alone
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Show the checkpoint, who signed it, and entries, each proven to be in the log
    Show {
        #[command(flatten)]
        of: Of,
        /// Show entries from this one on; without it the last ones
        #[arg(long, value_name = "INDEX")]
        from: Option<u64>,
        /// How many entries
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(0..=10_000))]
        count: u64,
    },
}

/// Which log, and whose word counts.
#[derive(clap::Args)]
struct Of {
    /// Where the log is: `https://…/log`, or a directory with the same files
    #[arg(value_name = "URL|DIR")]
    source: String,
    /// A key of the log (`name+id+base64`); two while one is being replaced. Without any, the keys
    /// are taken from the log itself, which proves nothing about whose it is
    #[arg(long, value_name = "VKEY")]
    key: Vec<String>,
    /// A witness whose word counts
    #[arg(long, value_name = "VKEY")]
    witness: Vec<String>,
    /// How many of the witnesses must have seen the checkpoint; all of them if absent
    #[arg(long, value_name = "N")]
    quorum: Option<usize>,
}

/// Nothing is wrong: 0. Something is wrong with the log: 1. It could not be found out: 2.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let of = match &args.what {
        What::Verify { of, .. } | What::Copy { of, .. } | What::Show { of, .. } => of,
        What::Export { place, folder } => return export(place, folder),
    };
    let source = Source::open(&of.source)?;
    let trust = Trust::from(of, &source)?;
    let note = source.checkpoint()?;
    let seen = match trust.open(&note) {
        Verdict::Believed(seen) => seen,
        Verdict::Not(why) => return Ok(wrong(&why)),
    };
    let before = match &args.what {
        What::Verify { since, .. } => since.clone(),
        What::Copy { to, .. } => Some(to.join("checkpoint")).filter(|it| it.exists()),
        What::Show { .. } | What::Export { .. } => None,
    };
    let known = match before.map(|it| trust.open_known(&it)).transpose()? {
        Some(Verdict::Believed(known)) => Some(known),
        Some(Verdict::Not(why)) => return Ok(wrong(&why)),
        None => None,
    };
    match &args.what {
        What::Verify { keep, .. } => {
            let code = verify(&source, &source, &seen, known.as_deref(), &trust)?;
            if let (Some(path), true) = (keep, code == ExitCode::SUCCESS) {
                std::fs::write(path, seen.note.to_string())
                    .with_context(|| format!("the checkpoint cannot be kept in {}", path.display()))?;
            }
            Ok(code)
        }
        What::Copy { to, .. } => {
            let copying = Copying::new(&source, to);
            let code = verify(&source, &copying, &seen, known.as_deref(), &trust)?;
            if code == ExitCode::SUCCESS {
                copying.keep(&seen.note.to_string(), source.keys()?.as_deref())?;
                say!("Kept in {}.", to.display())?;
            }
            Ok(code)
        }
        What::Show { from, count, .. } => show(&source, &seen, *from, *count),
        What::Export { place, folder } => export(place, folder),
    }
}

fn export(place: &Place, folder: &std::path::Path) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(async {
        let (store, config) = place.store().await?;
        let witnesses = config.log.map(|it| it.witnesses).unwrap_or_default();
        let done = touchstone_server::registry::export(&store, &witnesses, folder).await?;
        store.close().await;
        anyhow::Ok(done)
    })?;
    say!(
        "{} entries are in {}: {} files written, {} were there already",
        done.size,
        folder.display(),
        done.written,
        done.kept
    )?;
    Ok(ExitCode::SUCCESS)
}

fn wrong(why: &str) -> ExitCode {
    eprintln!("NOT VERIFIED: {why}");
    ExitCode::from(1)
}

/// Recomputes the log, read through `reader`, and says what came of it.
fn verify(
    source: &Source,
    reader: &impl Tiles,
    seen: &Seen,
    known: Option<&Seen>,
    trust: &Trust,
) -> anyhow::Result<ExitCode> {
    let checkpoint = &seen.checkpoint;
    let bar = ProgressBar::new(checkpoint.size)
        .with_style(ProgressStyle::with_template("{bar:40} {pos}/{len} entries  {eta}")?);
    let mut bytes = 0usize;
    let outcome = verify_log(reader, checkpoint, known.map(|it| &it.checkpoint), |index, entry| {
        bytes += entry.len();
        if index % 256 == 0 {
            bar.set_position(index);
        }
    });
    bar.finish_and_clear();
    match outcome {
        Ok(()) => {}
        Err(Fault::Tile(error @ TileError::Unreadable { .. })) => {
            return Err(anyhow::Error::new(error).context(format!("the log at {source} could not be read")));
        }
        Err(fault) => return Ok(wrong(&explain(&fault, known, seen))),
    }
    say!("VERIFIED: {} entries ({bytes} bytes) amount to what was signed.", checkpoint.size)?;
    summary(seen)?;
    if let Some(known) = known {
        say!("It continues the checkpoint of {} entries that was kept.", known.checkpoint.size)?;
    }
    if trust.keys_are_its_own {
        say!(
            "The keys came from the log itself: it fits together, but that does not say whose it is. \
             Give --key with a key that reached you another way."
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What a fault means for the person who reads it.
fn explain(fault: &Fault, known: Option<&Seen>, seen: &Seen) -> String {
    let mut why = fault.to_string();
    let mut cause = std::error::Error::source(fault);
    while let Some(error) = cause {
        why += &format!(": {error}");
        cause = error.source();
    }
    let meaning = match fault {
        Fault::Split { .. } => "The log signed two histories. Keep both checkpoints: together they prove it.",
        Fault::Rewound { .. } => {
            "Entries that were published are gone. Keep the old checkpoint: it proves that they were there."
        }
        Fault::Altered { .. } => "Somebody changed an entry after it was signed.",
        Fault::Damaged { .. } | Fault::Bundle { .. } | Fault::Tile(_) => {
            "The files of this copy are damaged; another copy of the log may be whole."
        }
        Fault::Root { .. } => "Entries were changed, added or left out after the checkpoint was signed.",
        Fault::Origin { .. } | Fault::Size(_) => "",
    };
    let both = matches!(fault, Fault::Split { .. } | Fault::Rewound { .. });
    match known {
        Some(known) if both => {
            format!("{why}.\n{meaning}\n\nThe known checkpoint:\n{}\nThis one:\n{}", known.note, seen.note)
        }
        _ => format!("{why}.\n{meaning}"),
    }
}

fn summary(seen: &Seen) -> std::io::Result<()> {
    let checkpoint = &seen.checkpoint;
    say!("origin  {}", checkpoint.origin)?;
    say!("size    {}", checkpoint.size)?;
    say!("root    {}", checkpoint.root)?;
    for signed in &seen.log {
        say!("log     {}", signed.key)?;
    }
    for signed in &seen.witnesses {
        let time = signed.time.and_then(|it| i64::try_from(it).ok());
        let time = time.and_then(|it| jiff::Timestamp::from_second(it).ok());
        say!("witness {} at {}", signed.key, time.map_or_else(|| "?".to_owned(), |it| it.to_string()))?;
    }
    let known = seen.log.len() + seen.witnesses.len();
    let others = seen.note.signatures().len().saturating_sub(known);
    if others > 0 {
        say!("others  {others} signatures by keys that are not known here")?;
    }
    if seen.witnesses.is_empty() {
        say!("witness none that is known here: only the log says that it shows the same to all")?;
    }
    Ok(())
}

fn show(source: &Source, seen: &Seen, from: Option<u64>, count: u64) -> anyhow::Result<ExitCode> {
    summary(seen)?;
    let (size, signed) = (seen.checkpoint.size, seen.checkpoint.root);
    if root(source, size)? != signed {
        return Ok(wrong("the tiles do not amount to the signed root"));
    }
    let first = from.unwrap_or(size.saturating_sub(count)).min(size);
    let mut last = None;
    for index in first..first.saturating_add(count).min(size) {
        let entry = entry(source, &mut last, index, size)?;
        let path = inclusion(source, index, size)?;
        if let Err(error) = verify_inclusion(&leaf_hash(&entry), index, size, &path, &signed) {
            return Ok(wrong(&format!("entry {index} was altered: {error}")));
        }
        say!("{index}\t{}", String::from_utf8_lossy(&entry).escape_default_controls())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// One entry; the bundle it is in is kept until one of another is asked for.
fn entry(source: &Source, last: &mut Option<Bundle>, index: u64, size: u64) -> anyhow::Result<Vec<u8>> {
    let path = TilePath::in_tree(Level::Entries, index / u64::from(WIDTH), size).context("beyond the log")?;
    if last.as_ref().is_none_or(|it| it.0 != path) {
        let (bytes, width) = fetch(source, &path)?;
        *last = Some((path, bytes, width));
    }
    let (_, bytes, width) = last.as_ref().context("no bundle")?;
    let all = entries(bytes, *width).with_context(|| path.to_string())?;
    Ok(all.get((index % u64::from(WIDTH)) as usize).context("beyond its bundle")?.to_vec())
}

/// A bundle that was read, and how many entries it has.
type Bundle = (TilePath, Vec<u8>, u16);

/// What is printed must not move the cursor.
trait Controls {
    fn escape_default_controls(&self) -> String;
}

impl Controls for str {
    fn escape_default_controls(&self) -> String {
        let mut shown = String::with_capacity(self.len());
        for c in self.chars() {
            if c.is_control() { shown.extend(c.escape_default()) } else { shown.push(c) }
        }
        shown
    }
}
