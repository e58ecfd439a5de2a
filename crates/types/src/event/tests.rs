use std::borrow::Cow;

use proptest::prelude::*;

use super::*;

const MESSAGE: &str = r#"{"specversion":"1.0","id":"m-1","source":"chat","type":"message.sent","time":"2026-11-21T08:30:00Z",
 "data":{"sender":{"id":"u7","handle":"help_desk","created_at":"2026-11-19T00:00:00Z","flags":["bot","admirer"]},
 "recipient":{"id":"u8","person":"p8"},"conversation":{"id":"c1","kind":"direct","started_by":"u7","mutual":false},
 "text":"hello","later":{"deep":[1,2]}},"more":1}"#;

fn message(event: &Event<'_>) -> MessageSent<'static> {
    match serde_json::to_string(match &event.data {
        Data::MessageSent(it) => it,
        other => panic!("not a message: {other:?}"),
    }) {
        Ok(text) => serde_json::from_str(Box::leak(text.into_boxed_str())).unwrap(),
        Err(cause) => panic!("{cause}"),
    }
}

#[test]
fn a_message_is_read_and_unknown_fields_do_not_matter() {
    let event = Event::parse(MESSAGE.as_bytes()).unwrap();
    assert_eq!(event.data.kind(), Some(EventKind::MessageSent));
    assert_eq!(event.data.text(), Some("hello"));
    let sender = event.data.actor().unwrap();
    assert!(sender.flags.has(Flag::Bot) && !sender.flags.has(Flag::Staff));
    assert_eq!(event.data.user().unwrap().identity(), "p8");
    assert!(matches!(&event.id.0, Cow::Borrowed(_)), "strings without escapes are borrowed");
}

#[test]
fn data_may_come_before_type() {
    let late = r#"{"data":{"sender":{"id":"u7"},"text":"a\nb"},"id":"1","source":"s","time":"2026-11-21T08:30:00Z","type":"message.sent"}"#;
    assert_eq!(Event::parse(late.as_bytes()).unwrap().data.text(), Some("a\nb"));
}

#[test]
fn what_a_message_says_survives_being_written_and_read() {
    let event = Event::parse(MESSAGE.as_bytes()).unwrap();
    assert_eq!(Data::MessageSent(message(&event)), event.data);
}

#[test]
fn an_unknown_type_is_no_error() {
    let event = Event::parse(
        br#"{"id":"1","source":"s","type":"poll.opened","time":"2026-11-21T08:30:00Z","data":{"x":[[[]]]}}"#,
    )
    .unwrap();
    assert_eq!(event.data, Data::Unknown);
    assert_eq!(event.kind, "poll.opened");
}

#[test]
fn bad_events_are_refused_with_a_reason() {
    let nested = format!(
        r#"{{"id":"1","source":"s","type":"x","time":"2026-11-21T08:30:00Z","data":{}{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert!(Event::parse(nested.as_bytes()).is_ok(), "the data of an unknown type is skipped at any depth");
    for (bad, reason) in [
        (&b"\xff\xfe{}"[..], "UTF-8"),
        (b"", "EOF"),
        (b"[]", "an event"),
        (br#"{"id":"1","source":"s","time":"2026-11-21T08:30:00Z"}"#, "type"),
        (br#"{"id":"","source":"s","type":"x","time":"2026-11-21T08:30:00Z"}"#, "`id`"),
        (br#"{"id":"1","id":"2","source":"s","type":"x","time":"2026-11-21T08:30:00Z"}"#, "duplicate field `id`"),
        (br#"{"id":"1","source":"s","type":"message.sent","time":"2026-11-21T08:30:00Z"}"#, "data"),
        (br#"{"id":"1","source":"s","type":"message.sent","time":"2026-13-21T08:30:00Z","data":{}}"#, "RFC 3339"),
        (br#"{"id":"1","source":"s","type":"message.sent","time":"2026-11-21T08:30:00Z","data":{"sender":{"id":"a","id":"b"}}}"#, "duplicate field `id`"),
        (br#"{"id":"1","source":"s","type":"transfer.requested","time":"2026-11-21T08:30:00Z","data":{"account":{"id":"a"},"to":"eip155:1:0xab","amount":"-1","asset":"ETH"}}"#, "amount"),
    ] {
        let error = Event::parse(bad).unwrap_err().to_string();
        assert!(error.contains(reason), "{error:?} should mention {reason:?}");
    }
    assert!(matches!(Event::parse(&vec![b' '; MAX_EVENT_BYTES + 1]), Err(EventError::TooLarge(_))));
}

#[test]
fn the_schema_names_every_kind() {
    let schema = serde_json::to_string(&Event::json_schema()).unwrap();
    for kind in EventKind::ALL {
        assert!(schema.contains(&format!("\"const\":\"{}\"", kind.name())), "{}", kind.name());
        assert_eq!(EventKind::from_name(kind.name()), Some(*kind));
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Event::parse(&bytes);
    }

    #[test]
    fn any_text_comes_back_as_it_was(text in "\\PC*") {
        let json = serde_json::json!({"id":"1","source":"s","type":"message.sent","time":"2026-11-21T08:30:00Z","data":{"sender":{"id":"a"},"text":text}}).to_string();
        let event = Event::parse(json.as_bytes()).unwrap();
        prop_assert_eq!(event.data.text(), Some(&*text));
    }
}
