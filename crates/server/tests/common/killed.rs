//! `kill -9` for a test that runs in a process of its own.
#![allow(unreachable_pub, clippy::unwrap_used, reason = "a test ends at what it did not expect")]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Runs the test of that name with a variable, and kills it some time after it said so many lines
/// that begin with `acknowledged `; gives what all of them said. A line that the kill cut off is
/// none.
pub fn after(test: &str, (name, value): (&str, &str), lines: usize, moment: Duration) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(name, value)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let (told, seen) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        let (mut all, mut line) = (Vec::new(), String::new());
        while said.read_line(&mut line).is_ok_and(|it| it > 0) {
            let whole = line.split_once("acknowledged ").and_then(|it| it.1.strip_suffix('\n'));
            if let Some(what) = whole {
                all.push(what.to_owned());
                told.send(()).ok();
            }
            line.clear();
        }
        all
    });
    for _ in 0..lines {
        seen.recv_timeout(Duration::from_secs(120)).unwrap();
    }
    std::thread::sleep(moment);
    child.kill().unwrap(); // SIGKILL
    child.wait().unwrap();
    reader.join().unwrap()
}
