//! The way between a browser and a server: it can be cut, and somebody on it can change what passes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What happens on the way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passage {
    /// Everything passes.
    Open,
    /// Nothing passes.
    Cut,
    /// The last byte of the snapshot is another one.
    Damaged,
}

/// A way that leads to a port of this machine.
pub(crate) struct Way {
    /// Where it begins.
    pub(crate) port: u16,
    rule: Arc<Mutex<(u16, Passage)>>,
}

impl Way {
    /// Makes an open way to that port, for as long as the process lives.
    pub(crate) fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let rule = Arc::new(Mutex::new((server, Passage::Open)));
        let way = Self { port, rule: Arc::clone(&rule) };
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (server, passage) = *rule.lock().unwrap();
                std::thread::spawn(move || pass(stream, server, passage));
            }
        });
        way
    }

    /// From now on this happens.
    pub(crate) fn set(&self, passage: Passage) {
        self.rule.lock().unwrap().1 = passage;
    }

    /// From now on it leads to this port.
    pub(crate) fn lead_to(&self, server: u16) {
        self.rule.lock().unwrap().0 = server;
    }
}

/// One request and its answer. What breaks on the way is a broken connection to both ends.
fn pass(browser: TcpStream, server: u16, passage: Passage) -> Option<()> {
    if passage == Passage::Cut {
        return browser.shutdown(Shutdown::Both).ok();
    }
    let mut reader = BufReader::new(browser);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        if name == "content-length" {
            length = line.split(':').nth(1)?.trim().parse().ok()?;
        }
        if line == "\r\n" {
            break;
        }
        // Without these every answer comes whole, as it is, and ends with the connection.
        if !["connection", "accept-encoding", "if-none-match"].contains(&name.as_str()) {
            head.push_str(&line);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut upstream = TcpStream::connect(("127.0.0.1", server)).ok()?;
    upstream.write_all(format!("{head}connection: close\r\n\r\n").as_bytes()).ok()?;
    upstream.write_all(&body).ok()?;
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer).ok()?;
    if passage == Passage::Damaged && head.starts_with("GET /log/snapshot ") {
        *answer.last_mut()? ^= 1;
    }
    reader.get_mut().write_all(&answer).ok()
}
