//! TXT records, asked of a resolver (RFC 1035): over UDP, and over TCP where the answer is cut.
//!
//! Always true here:
//! - An answer counts only if it comes from the server asked, to the port it was asked from,
//!   with the random number of the question and the question itself.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE};

use crate::CallError;

/// How often one server is asked before the next.
const TRIES: u32 = 2;

/// The longest answer over UDP that is read, in bytes.
const DATAGRAM: usize = 4096;

/// The most records and bytes of text that are kept of an answer.
const MAX_RECORDS: usize = 100;

/// What `/etc/resolv.conf` names; the resolver of this machine if it names none.
pub(crate) fn of_this_machine() -> Vec<SocketAddr> {
    let text = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    let found = name_servers(&text);
    if found.is_empty() { vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 53))] } else { found }
}

fn name_servers(text: &str) -> Vec<SocketAddr> {
    text.lines()
        .filter_map(|line| line.trim().strip_prefix("nameserver")?.trim().parse().ok())
        .map(|ip| SocketAddr::new(ip, 53))
        .collect()
}

pub(crate) fn txt(name: &str, servers: &[SocketAddr], timeout: Duration) -> Result<Vec<String>, CallError> {
    let bad = || CallError::BadAddress(name.to_owned());
    let parsed = Name::new(name).map_err(|_| bad())?;
    if name.is_empty() || !name.is_ascii() || parsed.get_labels().is_empty() {
        return Err(bad());
    }
    let end = Instant::now() + timeout;
    let turns = u32::try_from(servers.len()).unwrap_or(u32::MAX).saturating_mul(TRIES).max(1);
    let patience = (timeout / turns).max(Duration::from_millis(200));
    let mut last = CallError::NotSetUp("resolver");
    for _ in 0..TRIES {
        for server in servers {
            match ask(&parsed, *server, patience.min(end.saturating_duration_since(Instant::now()))) {
                Ok(found) => return Ok(found),
                Err(error) => last = error,
            }
        }
    }
    Err(last)
}

fn ask(name: &Name<'_>, server: SocketAddr, patience: Duration) -> Result<Vec<String>, CallError> {
    if patience.is_zero() {
        return Err(CallError::Timeout);
    }
    let id = random()?;
    let question = Question::new(name.clone(), QTYPE::TYPE(TYPE::TXT), QCLASS::CLASS(CLASS::IN), false);
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    packet.questions.push(question);
    let bytes = packet.build_bytes_vec().map_err(|it| failed(&it))?;
    let end = Instant::now() + patience;
    let answer = over_udp(&bytes, id, name, server, end)?;
    match read(&answer, id, name)? {
        Reading::Whole(found) => Ok(found),
        Reading::Cut => match read(&over_tcp(&bytes, server, end)?, id, name)? {
            Reading::Whole(found) => Ok(found),
            Reading::Cut => Err(CallError::Failed("a cut answer over TCP".to_owned())),
        },
    }
}

/// The first datagram that answers the question; others may be forged and are passed over.
fn over_udp(
    bytes: &[u8],
    id: u16,
    name: &Name<'_>,
    server: SocketAddr,
    end: Instant,
) -> Result<Vec<u8>, CallError> {
    // Port 0: the system picks a random one. Connected, so that it drops what others send.
    let here: SocketAddr =
        if server.is_ipv4() { (Ipv4Addr::UNSPECIFIED, 0).into() } else { (Ipv6Addr::UNSPECIFIED, 0).into() };
    let socket = UdpSocket::bind(here).map_err(|it| broken(&it))?;
    socket.connect(server).map_err(|it| broken(&it))?;
    socket.send(bytes).map_err(|it| broken(&it))?;
    let mut buffer = vec![0; DATAGRAM];
    loop {
        socket.set_read_timeout(Some(left(end)?)).map_err(|it| broken(&it))?;
        let length = socket.recv(&mut buffer).map_err(|it| broken(&it))?;
        let answer = buffer.get(..length).unwrap_or_default();
        if belongs(answer, id, name) {
            return Ok(answer.to_vec());
        }
    }
}

fn over_tcp(bytes: &[u8], server: SocketAddr, end: Instant) -> Result<Vec<u8>, CallError> {
    let mut stream = TcpStream::connect_timeout(&server, left(end)?).map_err(|it| broken(&it))?;
    stream.set_write_timeout(Some(left(end)?)).map_err(|it| broken(&it))?;
    let length = u16::try_from(bytes.len()).map_err(|it| failed(&it))?;
    let mut whole = length.to_be_bytes().to_vec();
    whole.extend_from_slice(bytes);
    stream.write_all(&whole).map_err(|it| broken(&it))?;
    let mut prefix = [0; 2];
    fill(&mut stream, &mut prefix, end)?;
    let mut answer = vec![0; usize::from(u16::from_be_bytes(prefix))];
    fill(&mut stream, &mut answer, end)?;
    Ok(answer)
}

/// Reads until the buffer is full; however slowly the bytes come, it ends in time.
fn fill(stream: &mut TcpStream, buffer: &mut [u8], end: Instant) -> Result<(), CallError> {
    let mut done = 0;
    while let Some(rest) = buffer.get_mut(done..).filter(|it| !it.is_empty()) {
        stream.set_read_timeout(Some(left(end)?)).map_err(|it| broken(&it))?;
        match stream.read(rest).map_err(|it| broken(&it))? {
            0 => return Err(CallError::Failed("the server hung up".to_owned())),
            length => done += length,
        }
    }
    Ok(())
}

enum Reading {
    Whole(Vec<String>),
    Cut,
}

fn belongs(answer: &[u8], id: u16, name: &Name<'_>) -> bool {
    Packet::parse(answer).is_ok_and(|it| answers(&it, id, name))
}

fn answers(packet: &Packet<'_>, id: u16, name: &Name<'_>) -> bool {
    packet.id() == id
        && packet.has_flags(PacketFlag::RESPONSE)
        && matches!(packet.questions.as_slice(), [it]
            if it.qtype == QTYPE::TYPE(TYPE::TXT) && same(&it.qname, name))
}

fn same(one: &Name<'_>, other: &Name<'_>) -> bool {
    one.to_string().eq_ignore_ascii_case(&other.to_string())
}

fn read(answer: &[u8], id: u16, name: &Name<'_>) -> Result<Reading, CallError> {
    let packet = Packet::parse(answer).map_err(|it| failed(&it))?;
    if !answers(&packet, id, name) {
        return Err(CallError::Failed("an answer to another question".to_owned()));
    }
    if packet.has_flags(PacketFlag::TRUNCATION) {
        return Ok(Reading::Cut);
    }
    match packet.rcode() {
        RCODE::NoError => {}
        RCODE::NameError => return Ok(Reading::Whole(Vec::new())),
        other => return Err(CallError::Failed(format!("the resolver said {other:?}"))),
    }
    // Records under another name are those that an alias (CNAME) led to; the resolver followed it.
    let texts = packet.answers.iter().filter_map(|it| match &it.rdata {
        RData::TXT(txt) => String::try_from(txt.clone()).ok(), // What is no UTF-8 proves nothing.
        _ => None,
    });
    Ok(Reading::Whole(texts.take(MAX_RECORDS).collect()))
}

fn random() -> Result<u16, CallError> {
    let mut bytes = [0; 2];
    getrandom::fill(&mut bytes).map_err(|it| failed(&it))?;
    Ok(u16::from_be_bytes(bytes))
}

fn left(end: Instant) -> Result<Duration, CallError> {
    let left = end.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(CallError::Timeout) } else { Ok(left) }
}

fn broken(cause: &std::io::Error) -> CallError {
    match cause.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => CallError::Timeout,
        _ => failed(cause),
    }
}

fn failed(cause: &dyn std::fmt::Display) -> CallError {
    CallError::Failed(cause.to_string())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use simple_dns::ResourceRecord;
    use simple_dns::rdata::TXT;

    use super::*;

    fn reply(query: &[u8], texts: &[&str], change: impl FnOnce(&mut Packet<'_>)) -> Vec<u8> {
        let mut packet = Packet::parse(query).unwrap().into_reply();
        let asked = packet.questions[0].qname.clone();
        for text in texts {
            let data = RData::TXT(TXT::try_from(*text).unwrap());
            packet.answers.push(ResourceRecord::new(asked.clone(), CLASS::IN, 60, data));
        }
        change(&mut packet);
        packet.build_bytes_vec().unwrap()
    }

    /// A server that answers one datagram with what `answer` makes of it.
    fn server(answer: impl FnOnce(&[u8]) -> Vec<Vec<u8>> + Send + 'static) -> SocketAddr {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        std::thread::spawn(move || {
            let mut buffer = [0; 512];
            let (length, from) = socket.recv_from(&mut buffer).unwrap();
            for packet in answer(&buffer[..length]) {
                socket.send_to(&packet, from).unwrap();
            }
        });
        address
    }

    const NAME: &str = "_touchstone.wallet.example";
    const SHORT: Duration = Duration::from_secs(2);

    #[test]
    fn texts_are_read_whole_however_they_are_cut() {
        let long = "x".repeat(700);
        let wanted = long.clone();
        let at = server(move |query| vec![reply(query, &["touchstone=abc", &long], |_| ())]);
        assert_eq!(txt(NAME, &[at], SHORT).unwrap(), ["touchstone=abc".to_owned(), wanted]);
    }

    #[test]
    fn a_name_that_does_not_exist_has_no_texts() {
        let at = server(|query| vec![reply(query, &[], |it| *it.rcode_mut() = RCODE::NameError)]);
        assert!(txt(NAME, &[at], SHORT).unwrap().is_empty());
    }

    #[test]
    fn forged_answers_are_passed_over() {
        let at = server(|query| {
            let forged = reply(query, &["forged"], |it| it.set_id(it.id().wrapping_add(1)));
            let other = reply(query, &["forged"], |it| {
                it.questions[0].qname = Name::new("evil.example").unwrap();
            });
            let mut echoed = query.to_vec();
            echoed.truncate(query.len());
            vec![b"junk".to_vec(), forged, other, echoed, reply(query, &["true"], |_| ())]
        });
        assert_eq!(txt(NAME, &[at], SHORT).unwrap(), ["true"]);
    }

    #[test]
    fn a_cut_answer_is_asked_for_again_over_tcp() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let udp = UdpSocket::bind(address).unwrap();
        std::thread::spawn(move || {
            let mut buffer = [0; 512];
            let (length, from) = udp.recv_from(&mut buffer).unwrap();
            let cut = reply(&buffer[..length], &[], |it| it.set_flags(PacketFlag::TRUNCATION));
            udp.send_to(&cut, from).unwrap();
            let (mut stream, _) = listener.accept().unwrap();
            let mut prefix = [0; 2];
            stream.read_exact(&mut prefix).unwrap();
            let mut query = vec![0; usize::from(u16::from_be_bytes(prefix))];
            stream.read_exact(&mut query).unwrap();
            let answer = reply(&query, &["over tcp"], |_| ());
            stream.write_all(&u16::try_from(answer.len()).unwrap().to_be_bytes()).unwrap();
            stream.write_all(&answer).unwrap();
        });
        assert_eq!(txt(NAME, &[address], SHORT).unwrap(), ["over tcp"]);
    }

    #[test]
    fn a_server_that_says_nothing_is_waited_for_only_so_long_and_the_next_is_asked() {
        let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
        let silent_at = silent.local_addr().unwrap();
        let at = server(|query| vec![reply(query, &["second"], |_| ())]);
        assert_eq!(txt(NAME, &[silent_at, at], SHORT).unwrap(), ["second"]);
        let started = Instant::now();
        let refused = txt(NAME, &[silent_at], Duration::from_millis(500)).unwrap_err();
        assert!(matches!(refused, CallError::Timeout), "{refused}");
        assert!(started.elapsed() < SHORT);
    }

    #[test]
    fn what_is_no_name_is_not_asked_for() {
        let long = format!("{}.example", "a".repeat(64));
        for bad in ["", "钱包.example", long.as_str()] {
            assert!(matches!(txt(bad, &[], SHORT), Err(CallError::BadAddress(_))), "{bad}");
        }
    }

    #[test]
    fn name_servers_are_read_from_the_systems_file() {
        let text = "# made by hand\nsearch example\nnameserver 9.9.9.9\n nameserver ::1\nnameserver x\n";
        let wanted: [SocketAddr; 2] = ["9.9.9.9:53".parse().unwrap(), "[::1]:53".parse().unwrap()];
        assert_eq!(name_servers(text), wanted);
    }
}
