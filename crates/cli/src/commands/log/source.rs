//! Where a log is read from: a web server or a directory with the same files.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use touchstone_signed_log::{Level, MAX_ENTRY, MAX_NOTE, TileError, TilePath, Tiles, WIDTH};

/// The longest bundle there can be: 256 entries with their lengths.
const MAX_BUNDLE: u64 = WIDTH as u64 * (MAX_ENTRY as u64 + 2);

/// A log's files.
pub(crate) enum Source {
    Directory(PathBuf),
    Web { base: String, agent: ureq::Agent },
}

impl Source {
    pub(crate) fn open(place: &str) -> anyhow::Result<Self> {
        if !place.starts_with("http://") && !place.starts_with("https://") {
            let path = PathBuf::from(place);
            // An export of the server has the log beside other files.
            let inner = path.join("log");
            let is_inner = !path.join("checkpoint").is_file() && inner.join("checkpoint").is_file();
            return Ok(Self::Directory(if is_inner { inner } else { path }));
        }
        // What comes is signed, so it may come in the clear; encrypted it also hides what is asked.
        let base = place.trim_end_matches('/').to_owned();
        Ok(Self::Web { base, agent: crate::web::agent(place)? })
    }

    /// The newest checkpoint, unchecked.
    pub(crate) fn checkpoint(&self) -> anyhow::Result<Vec<u8>> {
        let found = self.read("checkpoint", MAX_NOTE as u64).context("the checkpoint cannot be read")?;
        found.with_context(|| format!("there is no checkpoint at {self}"))
    }

    /// The keys that the log itself names, if it does.
    pub(crate) fn keys(&self) -> anyhow::Result<Option<Vec<u8>>> {
        self.read("keys", 256 * 1024).context("the log's keys cannot be read")
    }

    /// A file of the log; `None` if it is not there.
    fn read(&self, name: &str, most: u64) -> anyhow::Result<Option<Vec<u8>>> {
        match self {
            Self::Directory(path) => read_file(&path.join(name), most),
            Self::Web { base, agent } => match agent.get(format!("{base}/{name}")).call() {
                Ok(mut answer) => Ok(Some(answer.body_mut().with_config().limit(most + 1).read_to_vec()?)),
                Err(ureq::Error::StatusCode(404 | 410)) => Ok(None),
                Err(error) => Err(error.into()),
            },
        }
    }
}

fn read_file(path: &Path, most: u64) -> anyhow::Result<Option<Vec<u8>>> {
    let length = match std::fs::metadata(path) {
        Ok(found) => found.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if length > most {
        bail!("{} is {length} bytes long; such a file has at most {most}", path.display());
    }
    Ok(Some(std::fs::read(path)?))
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Directory(path) => write!(f, "{}", path.display()),
            Self::Web { base, .. } => f.write_str(base),
        }
    }
}

impl Tiles for Source {
    fn tile(&self, path: &TilePath) -> Result<Vec<u8>, TileError> {
        let most = if path.level() == Level::Entries { MAX_BUNDLE } else { 32 * u64::from(WIDTH) };
        match self.read(&path.to_string(), most) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(TileError::Missing(*path)),
            Err(error) => Err(TileError::Unreadable { path: *path, reason: format!("{error:#}") }),
        }
    }
}
