//! `touchstone train`: makes a language model from labelled lines, and says how good it is on
//! sources that it never saw.

use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use comfy_table::{CellAlignment, Table, presets::UTF8_HORIZONTAL_ONLY};
use indicatif::{ProgressBar, ProgressStyle};
use touchstone_train::{Measured, Options, Row, Step, Trained};

use super::evaluate::cases;
use crate::out::say;
use crate::policy_files;

/// Train the language model.
///
/// A line is JSON with `label` (scam or benign; spam is left out), `text` or `turns` (`role`,
/// `text`), perhaps `lang` and `source`. Labels are lines as `GET /v1/labels` exports them:
/// what reviewers decided. The same files give the same model, byte for byte. Then each source
/// of scams is judged by a model that never saw it, and the table says how much of it was
/// caught. A line that cannot be read is reported with its number and the rest is used; the
/// exit code is then 1.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Labelled lines, plain or gzip
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Reviewers' decisions, as exported
    #[arg(long, value_name = "FILE")]
    labels: Vec<PathBuf>,
    /// How much a reviewer's decision counts beside another line
    #[arg(long, default_value_t = 3.0, value_name = "TIMES")]
    label_weight: f32,
    /// Where to write the model
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// What is said of the training in the model
    #[arg(long, default_value = "", value_name = "TEXT")]
    about: String,
    /// Shares of genuine text that may be alarmed, in percent
    #[arg(long, value_delimiter = ',', default_values_t = [0.5, 0.1], value_name = "PERCENT")]
    alarms: Vec<f64>,
    /// Policy whose phrases the model reads, instead of the one in this binary
    #[arg(long, value_name = "DIR")]
    policy: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(
        args.label_weight.is_finite() && args.label_weight > 0.0,
        "--label-weight is a number above 0"
    );
    let policy = policy_files::load(args.policy.as_deref())?;
    let (mut rows, mut bad) = (Vec::new(), 0);
    for (files, weight) in [(&args.files, 1.0), (&args.labels, args.label_weight)] {
        for file in files {
            bad += read(file, weight, &mut rows)?;
        }
    }
    let progress = progress();
    let options = Options { about: args.about.clone(), threads: threads(), ..Options::default() };
    let trained = touchstone_train::train(&rows, policy.lexicon(), &options, &|step| show(&progress, step))?;
    progress.finish_and_clear();
    save(&args.out, &trained)?;
    print(&touchstone_train::measure(&rows, &trained.held_out, &share(&args.alarms)), &args.alarms)?;
    say!(
        "{} rows, {} grams with a weight; model {} written to {}",
        rows.len(),
        trained.grams,
        trained.model.id(),
        args.out.display()
    )?;
    Ok(ExitCode::from(u8::from(bad > 0)))
}

fn share(percent: &[f64]) -> Vec<f64> {
    percent.iter().map(|it| it / 100.0).collect()
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, |it| it.get().min(8))
}

/// Adds the rows of a file; gives how many lines could not be read.
fn read(file: &Path, weight: f32, rows: &mut Vec<Row>) -> anyhow::Result<usize> {
    let name = file.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
    let set = name.split('.').next().unwrap_or_default();
    let mut bad = 0;
    cases::lines(file, |number, line| match Row::parse(line, set, weight) {
        Ok(row) => rows.extend(row),
        Err(reason) => {
            bad += 1;
            eprintln!("touchstone: {}:{number}: {reason}", file.display());
        }
    })?;
    Ok(bad)
}

/// The old file stays whole until the new one is.
fn save(out: &Path, trained: &Trained) -> anyhow::Result<()> {
    let mut beside = out.as_os_str().to_owned();
    beside.push(".part");
    fs::write(&beside, trained.model.write()).with_context(|| format!("cannot write {}", out.display()))?;
    fs::rename(&beside, out).with_context(|| format!("cannot write {}", out.display()))
}

fn progress() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {elapsed}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn show(bar: &ProgressBar, step: Step) {
    let (what, done, all) = match step {
        Step::Read(done, all) => ("reading", done, all),
        Step::Trained(done, all) => ("training", done, all),
    };
    bar.set_message(what);
    bar.set_length(all as u64);
    bar.set_position(done as u64);
}

fn print(measured: &[Measured], alarms: &[f64]) -> std::io::Result<()> {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    let heads = alarms.iter().map(|it| format!("% at {it} %"));
    let fixed = ["label", "source held out", "lang", "cases"].map(str::to_owned);
    table.set_header(fixed.into_iter().chain(heads));
    for it in measured {
        let label = if it.scam { "scam" } else { "benign" };
        let fixed = [label.to_owned(), it.source.clone(), it.lang.clone(), it.cases.to_string()];
        table
            .add_row(fixed.into_iter().chain(it.flagged.iter().map(|share| format!("{:.1}", 100.0 * share))));
    }
    table.column_iter_mut().skip(3).for_each(|it| it.set_cell_alignment(CellAlignment::Right));
    say!("{table}")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use touchstone_language::model::Model;

    use super::*;

    fn args(folder: &Path, files: &[&str], labels: &[&str]) -> Args {
        let path = |it: &&str| folder.join(it);
        Args {
            files: files.iter().map(path).collect(),
            labels: labels.iter().map(path).collect(),
            label_weight: 3.0,
            out: folder.join("out.model"),
            about: "a test".to_owned(),
            alarms: vec![0.5],
            policy: None,
        }
    }

    #[test]
    fn a_model_is_written_bad_lines_are_left_out_and_the_same_files_give_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        for source in ["one", "two"] {
            let mut file = fs::File::create(folder.path().join(format!("{source}.jsonl"))).unwrap();
            for nth in 0..40 {
                for (label, text) in
                    [("scam", "pay the release fee now"), ("benign", "see you at the lake at nine")]
                {
                    let line = serde_json::json!({"label": label, "text": format!("{text} {nth}"), "source": source});
                    writeln!(file, "{line}").unwrap();
                }
            }
        }
        let label =
            r#"{"seq":1,"label":"scam","at":"2026-01-01T00:00:00Z","event":{"data":{"text":"pay the fee"}}}"#;
        fs::write(folder.path().join("labels.jsonl"), format!("{label}\nnonsense\n")).unwrap();

        let clean = args(folder.path(), &["one.jsonl", "two.jsonl"], &[]);
        assert_eq!(run(&clean).unwrap(), ExitCode::SUCCESS);
        let first = fs::read(&clean.out).unwrap();
        assert_eq!(run(&clean).unwrap(), ExitCode::SUCCESS);
        assert_eq!(fs::read(&clean.out).unwrap(), first);
        assert_eq!(Model::read(&first).unwrap().about(), "a test");

        let reviewed = args(folder.path(), &["one.jsonl", "two.jsonl"], &["labels.jsonl"]);
        assert_eq!(run(&reviewed).unwrap(), ExitCode::from(1));
        assert_ne!(fs::read(&reviewed.out).unwrap(), first);
    }

    #[test]
    fn labels_of_one_kind_are_refused_and_nothing_is_written() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("one.jsonl"), "{\"label\":\"scam\",\"text\":\"pay\"}\n").unwrap();
        let args = args(folder.path(), &["one.jsonl"], &[]);
        assert!(run(&args).unwrap_err().to_string().contains("both are needed"));
        assert!(!args.out.exists());
    }
}
