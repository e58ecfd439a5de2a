//! By what a command judges: the flags that several commands share.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use touchstone_registry::Registry;
use touchstone_screening::{Directory, Policy};
use touchstone_types::Moment;

use crate::policy_files;

/// Whom and what to judge by.
#[derive(Default, clap::Args)]
pub(crate) struct JudgedBy {
    /// Who is official, as JSON Lines
    #[arg(long, value_name = "FILE")]
    registry: Option<PathBuf>,
    /// Policy to judge by, instead of the one in this binary
    #[arg(long, value_name = "DIR")]
    policy: Option<PathBuf>,
    /// Language model to judge by, instead of the one in this binary
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

impl JudgedBy {
    /// The policy with its model.
    pub(crate) fn policy(&self) -> anyhow::Result<Policy> {
        let model = policy_files::model(self.model.as_deref())?;
        Ok(policy_files::load(self.policy.as_deref())?.with_model(&model))
    }

    /// The same with another model.
    pub(crate) fn with_model(&self, model: PathBuf) -> Self {
        Self { registry: self.registry.clone(), policy: self.policy.clone(), model: Some(model) }
    }

    /// Who is official; without a file, nobody is.
    pub(crate) fn directory(&self) -> anyhow::Result<Directory> {
        directory(self.registry.as_deref())
    }
}

/// Reads who is official from a file.
pub(crate) fn registry(file: &Path) -> anyhow::Result<Registry> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    Registry::from_json_lines(&text).with_context(|| format!("{} is refused", file.display()))
}

/// Reads who is official; without a file, nobody is.
pub(crate) fn directory(file: Option<&Path>) -> anyhow::Result<Directory> {
    let Some(file) = file else { return Ok(Directory::empty()) };
    Ok(Directory::new(registry(file)?))
}

/// What time it is.
pub(crate) fn now() -> anyhow::Result<Moment> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    Ok(Moment::from_micros(i64::try_from(since.as_micros())?)?)
}
