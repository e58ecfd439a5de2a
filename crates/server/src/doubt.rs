//! Asks a language model about the few texts that the policy is unsure of, before they are
//! judged for the log.
//!
//! The way through: a request's events are looked at once without memory; of those with some
//! points and no hold yet, as many as there are places are asked about at the same time. What
//! comes back in time goes with the event to the judge, and into the log with its verdict.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use touchstone_opinion::{AskError, Asker, Opinion, Settings, SettingsError};
use touchstone_screening::{Facts, Scratch, screen_with};
use touchstone_types::{Decision, Event, Moment};

use crate::armed::Armed;
use crate::ingest::body::Line;
use crate::metrics::{Kind, Metrics};

/// Whom to ask for a second opinion, and how much.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecondOpinion {
    /// The base of an endpoint that speaks the chat-completions protocol; `https`, or on this
    /// machine.
    pub url: String,
    /// The model's name there.
    pub model: String,
    /// A file that holds the endpoint's key.
    #[serde(default)]
    pub key_file: Option<std::path::PathBuf>,
    /// Texts with as many points and no hold are in doubt.
    #[serde(default = "from")]
    pub from: u32,
    /// How long an answer may take, in milliseconds.
    #[serde(default = "timeout_millis")]
    pub timeout_millis: u64,
    /// Questions a minute at most.
    #[serde(default = "per_minute")]
    pub per_minute: u32,
    /// Questions at the same time at most.
    #[serde(default = "at_once")]
    pub at_once: usize,
    /// Answers that are kept and given again for the same text.
    #[serde(default = "cache")]
    pub cache: usize,
}

fn from() -> u32 {
    10
}

fn timeout_millis() -> u64 {
    800
}

fn per_minute() -> u32 {
    60
}

fn at_once() -> usize {
    4
}

fn cache() -> usize {
    10_000
}

/// Why nobody can be asked.
#[derive(Debug, thiserror::Error)]
pub enum DoubtError {
    /// Next: mend the address.
    #[error("second_opinion.url")]
    Settings(#[from] SettingsError),
    /// Next: make the key's file readable.
    #[error("second_opinion.key_file cannot be read")]
    Key(#[from] std::io::Error),
}

/// What was said of each event of a request; nothing of most.
pub(crate) type Opinions = Vec<Option<Opinion>>;

/// Asks when in doubt.
#[derive(Clone)]
pub struct Doubt {
    asker: Arc<Asker>,
    places: Arc<Semaphore>,
    from: u32,
    metrics: Metrics,
}

impl Doubt {
    /// Makes ready to ask.
    ///
    /// # Errors
    /// [`DoubtError`].
    pub fn new(wanted: &SecondOpinion, metrics: Metrics) -> Result<Self, DoubtError> {
        let key = wanted.key_file.as_ref().map(std::fs::read_to_string).transpose()?;
        let asker = Asker::new(Settings {
            url: wanted.url.clone(),
            model: wanted.model.clone(),
            key: key.map(|it| it.trim().to_owned()),
            timeout: Duration::from_millis(wanted.timeout_millis),
            per_minute: wanted.per_minute,
            cache: wanted.cache,
        })?;
        let places = Arc::new(Semaphore::new(wanted.at_once.clamp(1, 256)));
        Ok(Self { asker: Arc::new(asker), places, from: wanted.from, metrics })
    }

    /// The model that is asked.
    pub(crate) fn model(&self) -> &str {
        self.asker.model()
    }

    /// What is said of a request's events, within the time limit.
    pub(crate) async fn opinions(
        &self,
        armed: Arc<Armed>,
        body: &Bytes,
        lines: &[Line],
        now: Moment,
    ) -> Opinions {
        let mut opinions = vec![None; lines.len()];
        let (own, all, from) = (body.clone(), lines.to_vec(), self.from);
        let doubtful = tokio::task::spawn_blocking(move || doubtful(&armed, &own, &all, from, now)).await;
        let mut questions = JoinSet::new();
        for (at, text) in doubtful.unwrap_or_default() {
            let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
                self.count("crowded");
                continue;
            };
            let asker = Arc::clone(&self.asker);
            questions.spawn_blocking(move || {
                let said = asker.ask(&text);
                drop(place);
                (at, said)
            });
        }
        // Each question ends by itself within its time limit.
        while let Some(said) = questions.join_next().await {
            let Ok((at, said)) = said else { continue };
            self.count(said.as_ref().map_or_else(AskError::name, |_| "answered"));
            if let Err(AskError::Failed(reason)) = &said {
                tracing::warn!(reason, "no second opinion");
            }
            opinions[at] = said.ok();
        }
        opinions
    }

    fn count(&self, kind: &'static str) {
        self.metrics.second_opinions.get_or_create(&Kind { kind }).inc();
    }
}

/// The texts that are in doubt, with the number of their event in the request.
fn doubtful(armed: &Armed, body: &[u8], lines: &[Line], from: u32, now: Moment) -> Vec<(usize, String)> {
    let mut scratch = Scratch::new();
    let in_doubt = |(at, line): (usize, &Line)| {
        let event = Event::parse(&body[line.at.clone()]).ok()?;
        let text = event.data.text().filter(|it| !it.is_empty())?;
        let verdict = screen_with(&mut scratch, &event, &Facts::new(now, &armed.directory), &armed.policy);
        let is_open = matches!(verdict.decision, Decision::Allow | Decision::Warn);
        (is_open && verdict.score >= from).then(|| (at, text.to_owned()))
    };
    lines.iter().enumerate().filter_map(in_doubt).collect()
}
