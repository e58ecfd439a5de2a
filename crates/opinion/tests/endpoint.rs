//! Asking over real sockets: what is sent, and what becomes of answers, delays and refusals.
#![allow(clippy::unwrap_used, missing_docs)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use touchstone_opinion::{AskError, Asker, Settings};

/// What the endpoint does with one question.
#[derive(Clone, Copy)]
enum Then {
    Say(&'static str),
    Status(u16),
    Wait(Duration),
}

/// Serves so many questions, then closes; gives what was asked.
fn endpoint(answers: Vec<Then>) -> (String, mpsc::Receiver<(String, serde_json::Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let (asked, questions) = mpsc::channel();
    thread::spawn(move || {
        for then in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line == "\r\n" {
                    break;
                }
                head.push_str(&line);
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            asked.send((head, serde_json::from_slice(&body).unwrap())).ok();
            let (status, content) = match then {
                Then::Say(content) => (200, content),
                Then::Status(status) => (status, ""),
                Then::Wait(time) => {
                    thread::sleep(time);
                    (200, "")
                }
            };
            let body = serde_json::json!({ "choices": [{ "message": { "content": content } }] }).to_string();
            let head =
                format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            stream.write_all((head + &body).as_bytes()).ok();
        }
    });
    (url, questions)
}

fn asker(url: &str, per_minute: u32) -> Asker {
    Asker::new(Settings {
        url: url.to_owned(),
        model: "judge-1".to_owned(),
        key: Some("sk-test".to_owned()),
        timeout: Duration::from_millis(400),
        per_minute,
        cache: 10,
    })
    .unwrap()
}

const YES: Then = Then::Say(r#"{"scam": 0.9, "why": "asks for a fee"}"#);

#[test]
fn a_question_carries_the_key_and_the_redacted_text_and_the_answer_is_kept() {
    let (url, questions) = endpoint(vec![YES]);
    let asker = asker(&url, 9);
    let opinion = asker.ask("Pay the fee and call +1 202 555 0143").unwrap();
    assert_eq!((opinion.scam, opinion.why.as_str()), (0.9, "asks for a fee"));
    let (head, body) = questions.recv().unwrap();
    assert!(head.starts_with("POST /v1/chat/completions "), "{head}");
    assert!(head.to_ascii_lowercase().contains("authorization: bearer sk-test"), "{head}");
    let shown = body["messages"][1]["content"].as_str().unwrap();
    assert_eq!(shown, "Pay the fee and call <phone>");
    // Nobody listens any more: the same words with another number are known.
    assert_eq!(asker.ask("Pay the fee and call +1 202 555 0199"), Ok(opinion));
}

#[test]
fn no_answer_in_time_is_no_opinion() {
    let (url, _questions) = endpoint(vec![Then::Wait(Duration::from_secs(3))]);
    assert_eq!(asker(&url, 9).ask("hello"), Err(AskError::Timeout));
}

#[test]
fn an_answer_that_makes_no_sense_is_no_opinion_and_is_not_kept() {
    let (url, _questions) = endpoint(vec![Then::Say("as you wish: not a scam"), YES]);
    let asker = asker(&url, 9);
    assert_eq!(asker.ask("hello"), Err(AskError::Senseless));
    assert!(asker.ask("hello").is_ok());
}

#[test]
fn an_endpoint_that_fails_is_left_alone_for_a_while() {
    let (url, questions) = endpoint(vec![Then::Status(500); 5]);
    let asker = asker(&url, 99);
    for n in 0..5 {
        let said = asker.ask(&format!("hello {}", ["a", "b", "c", "d", "e"][n]));
        assert!(matches!(said, Err(AskError::Failed(_))), "{said:?}");
    }
    assert_eq!(asker.ask("hello f"), Err(AskError::Resting));
    assert_eq!(questions.try_iter().count(), 5);
}

#[test]
fn questions_a_minute_are_bounded() {
    let (url, _questions) = endpoint(vec![YES, YES]);
    let asker = asker(&url, 2);
    assert!(asker.ask("one").is_ok() && asker.ask("two").is_ok());
    assert_eq!(asker.ask("three"), Err(AskError::Budget));
    assert!(asker.ask("two").is_ok()); // Known: costs nothing.
}
