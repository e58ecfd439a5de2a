//! The caller: what it was told, and why a call failed.

use std::net::SocketAddr;
use std::time::Duration;

use crate::mail::{MailSettings, Post};
use crate::{dns, fetch};

/// How calls are made.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which name servers are asked for proofs; those of the machine if there are none.
    pub resolvers: Vec<SocketAddr>,
    /// Whether addresses in one's own network may be called, and plain `http` with them: for
    /// tests, and for services of the operator. Nobody from outside should choose an address then.
    pub allow_private: bool,
    /// How long one call may take, from asking to the whole answer.
    pub timeout: Duration,
    /// Through which server letters go; without it none are sent.
    pub mail: Option<MailSettings>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { resolvers: Vec::new(), allow_private: false, timeout: Duration::from_secs(10), mail: None }
    }
}

/// Why nobody can be called.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// This machine trusts nobody, so nobody can prove who they are. Next: install the system's
    /// root certificates (`ca-certificates` on Debian).
    #[error("no root certificates are installed on this machine")]
    Roots,
    /// Next: give `smtps://HOST[:PORT]`, `smtp://HOST[:PORT]` (which asks for STARTTLS), or plain
    /// `smtp://` on this machine.
    #[error("{0:?} is no address of a mail server")]
    MailServer(String),
    /// Next: give an address such as `Support <support@wallet.example>`.
    #[error("{0:?} is no sender's address")]
    Sender(String),
    /// The TLS library refused what it was given.
    #[error("letters cannot be encrypted")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why a call did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// It is no name or address that can be called. Next: correct it.
    #[error("{0:?} cannot be called")]
    BadAddress(String),
    /// It leads into one's own network. Next: nothing; the operator may allow it.
    #[error("{0} is not on the public network")]
    Private(String),
    /// No answer in time. Next: try later.
    #[error("no answer within the time limit")]
    Timeout,
    /// There is nobody of that name. Next: correct it, or wait until it is known.
    #[error("{0} is not known in the domain name system")]
    NotFound(String),
    /// The answer is larger than may be.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(u64),
    /// It could not be reached, or said what makes no sense. Next: try later.
    #[error("the call failed: {0}")]
    Failed(String),
    /// The operator set no server for this.
    #[error("no {0} is set up")]
    NotSetUp(&'static str),
}

impl CallError {
    /// A word for pages and metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            CallError::BadAddress(_) => "bad_address",
            CallError::Private(_) => "private",
            CallError::Timeout => "timeout",
            CallError::NotFound(_) => "not_found",
            CallError::TooLarge(_) => "too_large",
            CallError::Failed(_) => "failed",
            CallError::NotSetUp(_) => "not_set_up",
        }
    }
}

/// Makes calls. Cloning it gives another hand on the same connections.
#[derive(Clone)]
pub struct Caller {
    resolvers: Vec<SocketAddr>,
    timeout: Duration,
    pub(crate) allow_private: bool,
    /// None where this machine has no root certificates: then only plain calls are possible.
    pub(crate) web: fetch::Web,
    pub(crate) post: Option<Post>,
}

impl Caller {
    /// Makes ready; calls nobody yet.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        let Settings { resolvers, allow_private, timeout, mail } = settings;
        let post = mail.map(|it| Post::new(&it, timeout)).transpose()?;
        let resolvers = if resolvers.is_empty() { dns::of_this_machine() } else { resolvers };
        let web = fetch::Web::new(timeout, allow_private);
        Ok(Self { resolvers, timeout, allow_private, web, post })
    }

    /// The TXT records of a name, each as one text; none if the name or the record does not exist.
    ///
    /// # Errors
    /// [`CallError`] if no server gave an answer that fits the question.
    pub fn txt(&self, name: &str) -> Result<Vec<String>, CallError> {
        dns::txt(name, &self.resolvers, self.timeout)
    }
}
