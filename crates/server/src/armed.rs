//! What events are judged by: the live policy, who is official, and a candidate beside it.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use touchstone_language::model::Model;
use touchstone_screening::{Directory, Policy};

use crate::config::Config;

/// What events are judged by. Never changes; it is replaced as a whole.
#[derive(Clone)]
pub struct Armed {
    /// Gives the verdicts.
    pub policy: Arc<Policy>,
    /// Who is official.
    pub directory: Arc<Directory>,
    /// Judges the same events and only watches.
    pub candidate: Option<Arc<Policy>>,
    /// The language models of every policy that is put to use.
    pub models: Models,
}

/// Which language models policies judge with.
#[derive(Clone, Debug)]
pub struct Models {
    /// The one whose findings count.
    pub live: Arc<Model>,
    /// One that only watches: its findings are kept beside the verdict, as those of rules in shadow.
    pub shadow: Option<Arc<Model>>,
}

impl Default for Models {
    /// The one in the program, and none that watches.
    fn default() -> Self {
        Self { live: Model::built_in(), shadow: None }
    }
}

impl Models {
    /// The models that the configuration names.
    ///
    /// # Errors
    /// A file that cannot be read, or is no model of this version; nothing starts with another
    /// model than it was told.
    pub fn of(config: &Config) -> std::io::Result<Self> {
        let read = |file: &PathBuf| {
            let wrong = |cause: &dyn std::fmt::Display| {
                std::io::Error::other(format!("the model {} is refused: {cause}", file.display()))
            };
            let bytes = std::fs::read(file).map_err(|cause| wrong(&cause))?;
            Model::read(&bytes).map(Arc::new).map_err(|cause| wrong(&cause))
        };
        let live = config.model.as_ref().map_or_else(|| Ok(Model::built_in()), read)?;
        Ok(Self { live, shadow: config.shadow_model.as_ref().map(read).transpose()? })
    }

    /// The policy with these models.
    #[must_use]
    pub fn arm(&self, policy: Policy) -> Policy {
        let policy = policy.with_model(&self.live);
        match &self.shadow {
            Some(shadow) => policy.with_shadow_model(shadow),
            None => policy,
        }
    }
}

/// What events are judged by at the moment, for whoever shows it.
#[derive(Clone)]
pub struct Live(Arc<RwLock<Arc<Armed>>>);

impl Live {
    /// Starts with this.
    #[must_use]
    pub fn new(armed: Arc<Armed>) -> Self {
        Self(Arc::new(RwLock::new(armed)))
    }

    /// What is in use now.
    #[must_use]
    pub fn now(&self) -> Arc<Armed> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Shows another one from now on.
    pub(crate) fn set(&self, armed: Arc<Armed>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = armed;
    }
}
