//! How good is the model on sources that it never saw? Trains on the first files, then judges
//! the files behind `--unseen` by the model of all sources, and each source of scams in the
//! first files by a model without it. Genuine text of the unseen files sets the thresholds.
//!
//! `cargo run --release -p touchstone-train --example measure -- TRAIN… --unseen FILES… [--out MODEL]`

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use touchstone_language::model::{Model, Score};
use touchstone_language::{Lexicon, Reading};
use touchstone_text::{Folded, fold};
use touchstone_train::{Options, Row, Step, measure, train};

/// Of each unseen source, label and language of scams at most so many cases are judged.
const MOST: usize = 1_200;

fn main() -> Result<(), Box<dyn Error>> {
    let mut files: Vec<String> = std::env::args().skip(1).collect();
    let out = files.iter().position(|it| it == "--out").map(|at| files.split_off(at));
    let split = files.iter().position(|it| it == "--unseen").unwrap_or(files.len());
    let policy = touchstone_policy::Policy::load(touchstone_policy::default_files())
        .map_err(|problems| format!("{problems:?}"))?;
    let lexicon = Lexicon::build(policy.phrases())?;
    let rows = read_all(&files[..split])?;
    let started = Instant::now();
    let report = |step| match step {
        Step::Trained(done, all) => eprintln!("{done} of {all} models"),
        Step::Read(..) => {}
    };
    let about = "the written corpus and the training pool: see docs/model.md".to_owned();
    let trained = train(&rows, &lexicon, &Options { about, ..Options::default() }, &report)?;
    if let Some(file) = out.as_ref().and_then(|it| it.get(1)) {
        std::fs::write(file, trained.model.write())?;
    }
    println!("{} rows, {} grams, {:.0?}", rows.len(), trained.grams, started.elapsed());

    let unseen = thin(read_all(files.get(split + 1..).unwrap_or_default())?);
    let started = Instant::now();
    let mut scores = judge(&Arc::new(trained.model), &lexicon, &unseen);
    let texts: usize = unseen.iter().map(|row| row.texts.len()).sum();
    println!("{texts} unseen texts judged in {:.2?}", started.elapsed());
    let held_out = rows.iter().zip(&trained.held_out).filter(|(row, score)| row.scam && score.is_some());
    let mut all = unseen;
    for (row, score) in held_out {
        all.push(Row { source: format!("held out: {}", row.source), ..row.clone() });
        scores.push(*score);
    }
    for it in measure(&all, &scores, &[0.005, 0.001]) {
        let shares: Vec<String> = it.flagged.iter().map(|share| format!("{:.1}", 100.0 * share)).collect();
        let label = if it.scam { "scam" } else { "benign" };
        println!("{label} | {} | {} | {} | {}", it.source, it.lang, it.cases, shares.join(" | "));
    }
    Ok(())
}

fn judge(model: &Arc<Model>, lexicon: &Lexicon, rows: &[Row]) -> Vec<Option<Score>> {
    let bound = model.bind(lexicon.findings());
    let (mut folded, mut reading) = (Folded::new(), Reading::new());
    let mut one = |text: &str| {
        fold(text, &mut folded);
        lexicon.read(&folded, &mut reading);
        bound.score(&folded, &reading)
    };
    rows.iter()
        .map(|row| row.texts.iter().map(|it| one(&it.text)).max_by(|a, b| a.0.total_cmp(&b.0)))
        .collect()
}

/// Evenly over each source, so that none decides the thresholds.
fn thin(rows: Vec<Row>) -> Vec<Row> {
    let mut sources: BTreeMap<(bool, String, String), Vec<Row>> = BTreeMap::new();
    for row in rows {
        let lang = if row.scam { row.lang.clone() } else { String::new() };
        sources.entry((row.scam, row.source.clone(), lang)).or_default().push(row);
    }
    let evenly = |it: Vec<Row>| {
        let step = it.len().div_ceil(MOST).max(1);
        it.into_iter().step_by(step)
    };
    sources.into_values().flat_map(evenly).collect()
}

fn read_all(files: &[String]) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut rows = Vec::new();
    for file in files {
        let name = Path::new(file).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let set = name.split('.').next().unwrap_or_default();
        for line in lines(file)? {
            rows.extend(Row::parse(line?.as_bytes(), set, 1.0)?);
        }
    }
    Ok(rows)
}

type Lines = Box<dyn Iterator<Item = std::io::Result<String>>>;

fn lines(file: &str) -> Result<Lines, Box<dyn Error>> {
    let mut magic = [0; 2];
    let gzip = File::open(file)?.read(&mut magic)? == 2 && magic == [0x1F, 0x8B];
    let opened = File::open(file)?;
    Ok(match gzip {
        true => Box::new(BufReader::new(flate2::read::MultiGzDecoder::new(opened)).lines()),
        false => Box::new(BufReader::new(opened).lines()),
    })
}
