//! A PostgreSQL server of our own for the length of a test run.
//!
//! It lives in a fresh temporary folder, listens on a free port of 127.0.0.1 and on nothing
//! else, and goes when it is dropped. PostgreSQL refuses to run as root; then it runs as
//! `postgres` if that user exists, else as `nobody`.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail, ensure};

use crate::install::is_root;

/// A running server; stopped and deleted on drop.
pub(crate) struct Server {
    folder: PathBuf,
    bin: PathBuf,
    user: Option<&'static str>,
    port: u16,
}

impl Server {
    /// Makes a cluster and starts it.
    pub(crate) fn start() -> Result<Self> {
        let bin = bin_folder().context("no PostgreSQL server found (initdb)")?;
        let unique = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos();
        let folder =
            std::env::temp_dir().join(format!("touchstone-postgres-{}-{unique}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let user = if is_root() { Some(unprivileged_user()) } else { None };
        if let Some(user) = user {
            let owned = Command::new("chown").arg(user).arg(&folder).status()?;
            ensure!(owned.success(), "cannot give {} to {user}", folder.display());
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let server = Self { folder, bin, user, port };
        // A password would only be written beside what it guards: the server is ours and local.
        server.run(
            "initdb",
            &["--auth=trust", "--username=touchstone", "--encoding=UTF8", "--no-locale", "--no-sync"],
        )?;
        // It lives as long as the tests: nothing of it has to outlive a power cut.
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200 \
             -c fsync=off -c full_page_writes=off"
        );
        server.run("pg_ctl", &["--wait", "--silent", "--log=server.log", "-o", &options, "start"])?;
        Ok(server)
    }

    /// Where databases may be made.
    pub(crate) fn url(&self) -> String {
        format!("postgres://touchstone@127.0.0.1:{}/postgres", self.port)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<()> {
        let program = self.bin.join(program);
        let mut command = match self.user {
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(&program);
                command
            }
            None => Command::new(&program),
        };
        // What the server says stays in its log; pg_ctl must not inherit a pipe that the server keeps open.
        let said = self.folder.join("said.txt");
        let output = std::fs::File::create(&said)?;
        let status = command
            .args(arguments)
            .env("PGDATA", self.data())
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .status()
            .with_context(|| format!("cannot run {}", program.display()))?;
        if !status.success() {
            let said = std::fs::read_to_string(&said).unwrap_or_default();
            let log = std::fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
            bail!("{} failed ({status})\n{said}\n{log}", program.display());
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.run("pg_ctl", &["--silent", "--mode=immediate", "stop"]) {
            eprintln!("PostgreSQL did not stop: {error:#}");
        }
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            eprintln!("cannot delete {}: {error}", self.folder.display());
        }
    }
}

/// The newest server's programs: Debian keeps them out of the path.
fn bin_folder() -> Option<PathBuf> {
    let version = |folder: &Path| folder.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|it| it.path());
    let newest = debian.filter(|folder| folder.join("bin/initdb").is_file()).max_by_key(|it| version(it));
    newest.map(|folder| folder.join("bin")).or_else(|| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|folder| folder.join("initdb").is_file())
    })
}

fn unprivileged_user() -> &'static str {
    let exists = Command::new("id").arg("postgres").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if exists.is_ok_and(|status| status.success()) { "postgres" } else { "nobody" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_starts_listens_and_leaves_nothing_behind() {
        if bin_folder().is_none() {
            eprintln!("left out: no PostgreSQL server on this machine");
            return;
        }
        let server = Server::start().unwrap();
        let (folder, port) = (server.folder.clone(), server.port);
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        drop(server);
        assert!(!folder.exists());
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    }
}
