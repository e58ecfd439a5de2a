//! `cargo xtask demo`: from a clone to judged messages with one command.
//!
//! Builds the binary, begins a signed log in a fresh SQLite file under `.local/demo` and brings
//! the demo organisation of `corpus/registry/demo.jsonl` into it, plays the written desk of
//! `corpus/cases`, starts a witness and the server, replays `corpus/events/demo.jsonl`, prints
//! where to look and how to verify the log, and waits for Ctrl-C.

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

/// The keys are of the demo only, and made anew each time.
const PASSPHRASE: &str = "for the demo and nothing else";
/// Between the server and the receiver beside it, both on loopback.
const ACTIONS_SECRET: &str = "whsec_Zm9yIHRoZSBkZW1vIGFuZCBub3RoaW5nIGVsc2UgISE=";

struct Place {
    binary: PathBuf,
    folder: PathBuf,
    database: String,
    address: String,
    witness: String,
    receiver: String,
}

/// A log that was begun: the public keys of it and of its witness.
struct Log {
    key: String,
    witness: String,
}

/// A desk that is busy: how a newcomer gets in, and a line for each case as `touchstone rehearse`
/// prints it.
struct Desk {
    setup: String,
    cases: Vec<String>,
}

impl Desk {
    /// A link of one of the written cases: the victim's (2) or the one that may be shared (3).
    fn link(&self, id: &str, which: usize) -> &str {
        let case = self.cases.iter().find(|it| it.split(' ').next() == Some(id));
        case.and_then(|it| it.split(' ').nth(which)).unwrap_or("(not in the script)")
    }
}

impl Place {
    fn touchstone(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.current_dir(root());
        command
    }

    fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }
}

/// `--exit` ends after the replay instead of waiting, for trying the demo in a script.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || flag.store(true, Ordering::SeqCst))?;

    let mut steps = Steps::new(6);
    steps.run("build Touchstone (the first time takes some minutes)", || {
        shown(cargo().args(["build", "--package", "touchstone-cli"]))
    })?;
    let place = fresh_place()?;
    let log = steps.run("begin a signed log of who is official", || begin_log(&place))?;
    let desk =
        steps.run("play four weeks of a busy desk, sixty-three written cases", || fill_desk(&place))?;
    let mut witness = start_witness(&place, &log)?;
    let mut receiver = start_receiver(&place).inspect_err(|_| stop_server(&mut witness))?;
    let exit = arguments.iter().any(|it| it == "--exit");
    let ended = run_server(&mut steps, &place, &log, &desk, &stop, exit);
    stop_server(&mut witness);
    stop_server(&mut receiver);
    ended?;
    steps.finish("stopped cleanly");
    Ok(())
}

fn run_server(
    steps: &mut Steps,
    place: &Place,
    log: &Log,
    desk: &Desk,
    stop: &AtomicBool,
    exit: bool,
) -> Result<()> {
    let mut server = steps.run("start on an embedded SQLite file", || start(place, stop))?;
    let played = steps.run("replay a day of sample events", || replay(place));
    if let Err(error) = played {
        stop_server(&mut server);
        return Err(error);
    }
    eprintln!("\n[6/6] look around");
    // By name: passkeys belong to a host name, and an address is none.
    let address = place.address.replace("127.0.0.1", "localhost");
    println!("{}", guide(&address, &place.binary, desk, log));
    while !exit && !stop.load(Ordering::SeqCst) {
        if let Some(status) = server.try_wait()? {
            bail!("the server ended by itself ({status})");
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    stop_server(&mut server);
    Ok(())
}

/// Makes the keys of a log and of its witness, and brings the demo organisation into the log.
fn begin_log(place: &Place) -> Result<Log> {
    std::fs::write(place.file("passphrase"), PASSPHRASE)?;
    let passphrase = place.file("passphrase");
    let said = |command: &mut Command| -> Result<String> {
        let output = command.stderr(Stdio::piped()).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    };
    let witness =
        said(place.touchstone().args(["witness", "init", "--name", "witness.lantern.example"]).args([
            "--key",
            &place.file("witness.key"),
            "--state",
            &place.file("witness.state"),
            "--passphrase-file",
            &passphrase,
        ]))?;
    let config = format!(
        "database = {:?}\nlisten = {:?}\n\n[log]\nkey = {:?}\nsessions_key = {:?}\npassphrase_file = {:?}\nquorum = 1\n\
         witnesses = [{{ url = \"http://{}\", vkey = {witness:?} }}]\n\n\
         [actions]\nurl = \"http://{}/\"\nsecret_file = {:?}\n\n\
         [cases]\nfirm_name = \"Lantern Wallet\"\nfirm_kinds = [\"CASP\", \"FCA_firm\", \"DPT_service_provider\"]\n",
        place.database,
        place.address,
        place.file("log.key"),
        place.file("sessions.key"),
        passphrase,
        place.witness,
        place.receiver,
        place.file("actions.secret"),
    );
    std::fs::write(place.file("actions.secret"), format!("{ACTIONS_SECRET}\n"))?;
    std::fs::write(place.file("touchstone.toml"), config)?;
    let config = place.file("touchstone.toml");
    let key = said(place.touchstone().args([
        "registry",
        "init",
        "--origin",
        "log.lantern.example",
        "--config",
        &config,
    ]))?;
    let imported = said(place.touchstone().args([
        "registry",
        "import",
        "corpus/registry/demo.jsonl",
        "--config",
        &config,
    ]))?;
    eprintln!("{imported}");
    Ok(Log { key, witness })
}

/// Plays the written desk into the database that the server then finds.
fn fill_desk(place: &Place) -> Result<Desk> {
    let output = place
        .touchstone()
        .args(["rehearse", "corpus/cases", "--config", &place.file("touchstone.toml")])
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "the written desk could not be played ({})", output.status);
    let said = String::from_utf8(output.stdout)?;
    std::fs::write(place.file("cases.txt"), &said)?;
    let mut lines = said.lines().map(str::to_owned);
    let setup = lines.next().context("no set-up link was printed")?;
    Ok(Desk { setup, cases: lines.collect() })
}

/// In the place of the operator's own systems: it freezes accounts and says that it did.
fn start_receiver(place: &Place) -> Result<Child> {
    let output = std::fs::File::create(place.file("receiver.log"))?;
    place
        .touchstone()
        .args(["receiver", "--listen", &place.receiver, "--state", &place.file("receiver.state")])
        .args(["--secret-file", &place.file("actions.secret")])
        .stdout(Stdio::from(output.try_clone()?))
        .stderr(Stdio::from(output))
        .spawn()
        .context("cannot start the receiver")
}

fn start_witness(place: &Place, log: &Log) -> Result<Child> {
    let output = std::fs::File::create(place.file("witness.log"))?;
    place
        .touchstone()
        .args(["witness", "--listen", &place.witness, "--log", &log.key])
        .args(["--key", &place.file("witness.key"), "--state", &place.file("witness.state")])
        .args(["--passphrase-file", &place.file("passphrase")])
        .stdout(Stdio::null())
        .stderr(Stdio::from(output))
        .spawn()
        .context("cannot start the witness")
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
        address: format!("127.0.0.1:{}", free_port(DEFAULT_PORT)),
        witness: format!("127.0.0.1:{}", free_port(DEFAULT_PORT + 1)),
        receiver: format!("127.0.0.1:{}", free_port(DEFAULT_PORT + 2)),
        folder,
    })
}

/// The usual port if it is free, else any free one.
fn free_port(usual: u16) -> u16 {
    let bound = TcpListener::bind(("127.0.0.1", usual)).or_else(|_| TcpListener::bind("127.0.0.1:0"));
    bound.and_then(|listener| listener.local_addr()).map_or(usual, |address| address.port())
}

/// Starts the server and waits until it listens.
fn start(place: &Place, stop: &AtomicBool) -> Result<Child> {
    let log = Path::new(place.database.trim_start_matches("sqlite:")).with_file_name("server.log");
    let output = std::fs::File::create(&log)?;
    let mut server = Command::new(&place.binary)
        .current_dir(root())
        .args(["serve", "--config", &place.file("touchstone.toml")])
        .stdout(Stdio::from(output.try_clone()?))
        .stderr(Stdio::from(output))
        .spawn()
        .context("cannot start the server")?;
    let begun = Instant::now();
    loop {
        // The console's address is the last thing that is printed.
        if says_where(&text_of(&log)) && TcpStream::connect(&place.address).is_ok() {
            return Ok(server);
        }
        if let Some(status) = server.try_wait()? {
            bail!("the server ended at once ({status}); it said:\n{}", text_of(&log));
        }
        if stop.load(Ordering::SeqCst) || begun.elapsed() > START_LIMIT {
            stop_server(&mut server);
            bail!(
                "it does not listen after {} s; the server said:\n{}",
                START_LIMIT.as_secs(),
                text_of(&log)
            );
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Whether the server has printed where its console is.
fn says_where(said: &str) -> bool {
    said.split_whitespace().any(|word| word.ends_with("/console"))
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

fn guide(address: &str, binary: &Path, desk: &Desk, log: &Log) -> String {
    let Log { key, witness } = log;
    let setup = &desk.setup;
    let (answered, frozen, packet) =
        (desk.link("zh-ring-1", 2), desk.link("en-number-taken", 2), desk.link("zh-packet", 2));
    let touchstone = binary.strip_prefix(root()).unwrap_or(binary).display();
    format!(
        "
  Touchstone is running.

  Begin with these two

    Be the impostor                http://{address}/playground
    Make your log-in for the desk  {setup}

  A victim's side

    Report something               http://{address}/report
    A case that is answered        {answered}
    One whose account to freeze    {frozen}
    One that nobody answered       {packet}
    Its papers for the police      {packet}/packets
    (all of them: .local/demo/cases.txt)

  The desk's side (after your log-in; go on duty there to be given cases)

    Console                        http://{address}/console
    Queue                          http://{address}/console/cases
    Enough people?                 http://{address}/console/staffing
    What became of freezes         http://{address}/console/actions

  In public, and for programs

    Who is official                http://{address}/registry
    What became of the reports     http://{address}/transparency
    API to try                     http://{address}/docs
    Metrics                        http://{address}/metrics

  Check it yourself, with the server or without it:

    {touchstone} log verify http://{address}/log --key {key} --witness {witness}
    {touchstone} log export .local/log --config .local/demo/touchstone.toml
    {touchstone} log verify .local/log --key {key} --witness {witness}

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
