//! `cargo xtask demo`: from a clone to judged messages with one command.
//!
//! Builds the binary, starts it on a fresh SQLite file under `.local/demo`, replays
//! `corpus/events/demo.jsonl` against the demo organisation of `corpus/registry/demo.jsonl`,
//! prints where to look, and waits for Ctrl-C.

use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use crate::step::{Steps, cargo, root, shown};

const DEFAULT_PORT: u16 = 8787;
const START_LIMIT: Duration = Duration::from_secs(30);
const STOP_LIMIT: Duration = Duration::from_secs(15);

struct Place {
    binary: PathBuf,
    database: String,
    address: String,
}

/// `--exit` ends after the replay instead of waiting, for trying the demo in a script.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || flag.store(true, Ordering::SeqCst))?;

    let mut steps = Steps::new(4);
    steps.run("build Touchstone (the first time takes some minutes)", || {
        shown(cargo().args(["build", "--package", "touchstone-cli"]))
    })?;
    let place = fresh_place()?;
    let (mut server, setup) = steps.run("start on an embedded SQLite file", || start(&place, &stop))?;
    let played = steps.run("replay a day of sample events", || replay(&place));
    if let Err(error) = played {
        stop_server(&mut server);
        return Err(error);
    }
    eprintln!("\n[4/4] look around");
    // By name: passkeys belong to a host name, and an address is none.
    println!("{}", guide(&place.address.replace("127.0.0.1", "localhost"), &setup));
    if arguments.iter().any(|it| it == "--exit") {
        stop_server(&mut server);
        return Ok(());
    }
    while !stop.load(Ordering::SeqCst) {
        if let Some(status) = server.try_wait()? {
            bail!("the server ended by itself ({status})");
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    stop_server(&mut server);
    steps.finish("stopped cleanly");
    Ok(())
}

fn fresh_place() -> Result<Place> {
    let folder = root().join(".local/demo");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    std::fs::create_dir_all(&folder)?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    Ok(Place {
        binary: target.join("debug/touchstone"),
        database: format!("sqlite:{}", folder.join("touchstone.db").display()),
        address: format!("127.0.0.1:{}", free_port()),
    })
}

/// The usual port if it is free, else any free one.
fn free_port() -> u16 {
    let bound = TcpListener::bind(("127.0.0.1", DEFAULT_PORT)).or_else(|_| TcpListener::bind("127.0.0.1:0"));
    bound.and_then(|listener| listener.local_addr()).map_or(DEFAULT_PORT, |address| address.port())
}

/// Starts the server; gives it and the first-run set-up link that it printed.
fn start(place: &Place, stop: &AtomicBool) -> Result<(Child, String)> {
    let log = Path::new(place.database.trim_start_matches("sqlite:")).with_file_name("server.log");
    let output = std::fs::File::create(&log)?;
    let mut server = Command::new(&place.binary)
        .current_dir(root())
        .args(["serve", "--database", &place.database, "--listen", &place.address])
        .args(["--registry", "corpus/registry/demo.jsonl"])
        .stdout(Stdio::from(output.try_clone()?))
        .stderr(Stdio::from(output))
        .spawn()
        .context("cannot start the server")?;
    let begun = Instant::now();
    loop {
        // The link is the last thing that is printed: whoever has it finds the server listening.
        let setup = setup_link(&text_of(&log));
        if let (Some(setup), Ok(_)) = (setup, TcpStream::connect(&place.address)) {
            return Ok((server, setup));
        }
        if let Some(status) = server.try_wait()? {
            bail!("the server ended at once ({status}); it said:\n{}", text_of(&log));
        }
        if stop.load(Ordering::SeqCst) || begun.elapsed() > START_LIMIT {
            stop_server(&mut server);
            bail!("no set-up link within {} s; the server said:\n{}", START_LIMIT.as_secs(), text_of(&log));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The first-run link in what the server printed, once its line is whole.
fn setup_link(said: &str) -> Option<String> {
    let whole = &said[..=said.rfind('\n')?];
    whole.split_whitespace().find(|word| word.contains("/console/setup/")).map(str::to_owned)
}

fn text_of(path: &Path) -> String {
    let mut text = String::new();
    if let Ok(mut file) = std::fs::File::open(path) {
        let _ = file.read_to_string(&mut text); // A log that cannot be read is shown as empty.
    }
    text
}

fn replay(place: &Place) -> Result<()> {
    let output = Command::new(&place.binary)
        .args(["key", "create", "--database", &place.database, "--name", "demo", "--scope", "events:write"])
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "no API key could be made ({})", output.status);
    let key = String::from_utf8(output.stdout)?;
    shown(
        Command::new(&place.binary)
            .current_dir(root())
            .args([
                "replay",
                "corpus/events/demo.jsonl",
                "--now",
                "--to",
                &format!("http://{}", place.address),
            ])
            .env("TOUCHSTONE_KEY", key.trim()),
    )
}

fn guide(address: &str, setup: &str) -> String {
    format!(
        "
  Touchstone is running.

    Playground (be the impostor)   http://{address}/playground
    Console: make your log-in      {setup}
    Console                        http://{address}/console
    API to try                     http://{address}/docs
    Metrics                        http://{address}/metrics

  Ctrl-C stops it. The next demo starts afresh.
"
    )
}

fn stop_server(server: &mut Child) {
    // Asks as a terminal would, so that the server writes what it has to; insists only if it does not listen.
    let asked = Command::new("kill").args(["-INT", &server.id().to_string()]).status();
    let begun = Instant::now();
    while asked.is_ok() && begun.elapsed() < STOP_LIMIT {
        if matches!(server.try_wait(), Ok(Some(_))) {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    eprintln!("the server did not stop within {} s and is ended", STOP_LIMIT.as_secs());
    let _ = server.kill(); // It may have ended in between.
    let _ = server.wait();
}
