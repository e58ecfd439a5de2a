//! Proofs of live conversations: the chain of keys, every way in which it does not hold, and the
//! vectors that other implementations pass too. `TOUCHSTONE_BLESS=1 cargo test -p
//! touchstone-registry --test sessions` rewrites `vectors/sessions.json`.

#![allow(clippy::unwrap_used, reason = "a test may end at once")]

use proptest::prelude::*;
use serde_json::{Value, json};
use touchstone_registry::session::{
    AgentKey, Bytes32, Expected, ListedAgent, Message, MessageDraft, NotVerified, Proof, Session,
    SessionsKey, Signed, find_message, inbox_of, message_hash, read_inbox, verify,
};
use touchstone_signed_log::SigningKey;
use touchstone_types::{Lapse, Moment};

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

fn now() -> Moment {
    at("2026-11-21T08:30:00Z")
}

fn minutes(count: u64) -> Lapse {
    Lapse::from_secs(60 * count)
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed("test", &[seed; 32]).unwrap()
}

fn public(key: &SigningKey) -> Bytes32 {
    Bytes32(*key.verifier().public())
}

fn sign(key: &SigningKey, text: String) -> Signed {
    let signature = key.sign_bytes(text.as_bytes());
    Signed::new(text, &signature)
}

/// Everything that there is to one conversation, good as it stands.
#[derive(Clone)]
struct Scene {
    log_key: u8,
    held_key: u8,
    keys: Vec<SessionsKey>,
    agents: Vec<ListedAgent>,
    certificate: AgentKey,
    session: Session,
    now: Moment,
    nonce: Bytes32,
    case: Option<String>,
    channel: Option<String>,
}

fn good() -> Scene {
    let purposes: Vec<String> = vec!["answers tickets".into(), "explains fees".into()];
    Scene {
        log_key: 1,
        held_key: 2,
        keys: vec![SessionsKey {
            key: public(&key(1)),
            from: at("2026-11-01T00:00:00Z"),
            until: at("2026-12-01T00:00:00Z"),
        }],
        agents: vec![ListedAgent {
            name: "林静 Lin".into(),
            role: "support agent".into(),
            purposes: purposes.clone(),
            from: Some(at("2026-06-01T00:00:00Z")),
            until: Some(at("2027-06-01T00:00:00Z")),
            revoked: None,
        }],
        certificate: AgentKey {
            agent: "林静 Lin".into(),
            key: public(&key(2)),
            from: at("2026-11-21T08:25:00Z"),
            until: at("2026-11-21T09:25:00Z"),
        },
        session: Session {
            session: "5f1d".into(),
            case: "C-2041".into(),
            channel: "phone".into(),
            agent: "林静 Lin".into(),
            role: "support agent".into(),
            purposes: purposes[..1].to_vec(),
            from: at("2026-11-21T08:25:00Z"),
            expiry: at("2026-11-21T08:55:00Z"),
            user_nonce: Bytes32([7; 32]),
        },
        now: now(),
        nonce: Bytes32([7; 32]),
        case: Some("C-2041".into()),
        channel: Some("phone".into()),
    }
}

impl Scene {
    fn proof(&self) -> Proof {
        Proof {
            agent_key: sign(&key(self.log_key), self.certificate.text()),
            session: sign(&key(self.held_key), self.session.text()),
        }
    }

    fn expected(&self) -> Expected<'_> {
        Expected {
            now: self.now,
            user_nonce: self.nonce,
            case: self.case.as_deref(),
            channel: self.channel.as_deref(),
            keys: &self.keys,
            agents: &self.agents,
        }
    }

    fn verify(&self) -> Result<Session, NotVerified> {
        verify(&self.proof(), &self.expected())
    }
}

/// Each refusal, by the one change to a good scene that brings it about.
fn spoilt() -> Vec<(&'static str, NotVerified, Scene)> {
    type Spoil = fn(&mut Scene);
    let all: Vec<(&'static str, NotVerified, Spoil)> = vec![
        ("the session is for nothing", NotVerified::Malformed("purposes"), |it| it.session.purposes.clear()),
        ("the log's key is not in force yet", NotVerified::SessionsKeyNotYet, |it| {
            it.keys[0].from = at("2026-11-21T08:31:00Z")
        }),
        ("the log's key has expired", NotVerified::SessionsKeyExpired, |it| it.keys[0].until = it.now),
        ("the log names no such key", NotVerified::AgentKeyForged, |it| it.log_key = 9),
        ("the log names no key at all", NotVerified::AgentKeyForged, |it| it.keys.clear()),
        ("the agent's key is not in force yet", NotVerified::AgentKeyNotYet, |it| {
            it.certificate.from = at("2026-11-21T08:30:01Z")
        }),
        ("the agent's key has expired", NotVerified::AgentKeyExpired, |it| it.certificate.until = it.now),
        ("the agent's key is for a day", NotVerified::AgentKeyTooLong, |it| {
            it.certificate.until = at("2026-11-22T08:25:00Z")
        }),
        ("the agent's key ends before it begins", NotVerified::AgentKeyTooLong, |it| {
            it.certificate.until = at("2026-11-21T08:00:00Z")
        }),
        ("somebody else signed the session", NotVerified::SessionForged, |it| it.held_key = 3),
        ("the log's key signed the session itself", NotVerified::SessionForged, |it| it.held_key = 1),
        ("the certificate is another agent's", NotVerified::OtherAgent, |it| {
            it.certificate.agent = "Mei".into()
        }),
        ("nobody of that name is listed", NotVerified::AgentNotListed, |it| {
            it.agents[0].name = "林静".into()
        }),
        ("the agent is not listed yet", NotVerified::AgentNotListed, |it| {
            it.agents[0].from = Some(at("2026-11-21T08:30:01Z"))
        }),
        ("the agent's listing has lapsed", NotVerified::AgentNotListed, |it| {
            it.agents[0].until = Some(it.now)
        }),
        ("the agent was revoked", NotVerified::AgentRevoked, |it| it.agents[0].revoked = Some(it.now)),
        ("the role is another", NotVerified::RoleNotListed, |it| it.session.role = "security officer".into()),
        ("a purpose is not listed", NotVerified::PurposeNotListed, |it| {
            it.session.purposes.push("moves funds".into())
        }),
        ("the nonce is another user's", NotVerified::OtherUser, |it| it.nonce = Bytes32([8; 32])),
        ("the case is another", NotVerified::OtherCase, |it| it.case = Some("C-2042".into())),
        ("the channel is another", NotVerified::OtherChannel, |it| it.channel = Some("chat".into())),
        ("the session is for three hours", NotVerified::SessionTooLong, |it| {
            it.session.expiry = at("2026-11-21T11:25:00Z")
        }),
        ("the session ends before it begins", NotVerified::SessionTooLong, |it| {
            it.session.expiry = at("2026-11-21T08:20:00Z")
        }),
        ("the session outlives the key", NotVerified::OutlivesKey, |it| {
            it.session.expiry = at("2026-11-21T09:25:01Z")
        }),
        ("the session begins before the key", NotVerified::OutlivesKey, |it| {
            it.session.from = at("2026-11-21T08:24:59Z")
        }),
        ("the session has not begun", NotVerified::SessionNotYet, |it| {
            it.session.from = at("2026-11-21T08:30:01Z")
        }),
        ("the session is over", NotVerified::SessionExpired, |it| it.session.expiry = it.now),
    ];
    let spoil = |(name, why, change): (&'static str, NotVerified, Spoil)| {
        let mut scene = good();
        change(&mut scene);
        (name, why, scene)
    };
    all.into_iter().map(spoil).collect()
}

#[test]
fn a_good_proof_verifies_and_says_what_was_signed() {
    assert_eq!(good().verify(), Ok(good().session));
    let mut other = good();
    (other.case, other.channel) = (None, None);
    assert!(
        other.verify().is_ok(),
        "an app that knows neither case nor channel still learns who and what for"
    );
    let mut rotated = good();
    rotated.keys.insert(0, SessionsKey { key: public(&key(8)), ..rotated.keys[0] });
    assert!(rotated.verify().is_ok(), "two keys overlap while one takes the other's place");
}

#[test]
fn every_wrong_thing_has_its_own_answer() {
    for (name, why, scene) in spoilt() {
        assert_eq!(scene.verify(), Err(why), "{name}");
    }
}

#[test]
fn every_answer_has_its_own_words_in_both_languages() {
    let mut seen = std::collections::BTreeSet::new();
    for why in NotVerified::ALL {
        let words = why.sentence();
        assert!(words.zh.ends_with('。') && words.en.ends_with('.'), "{why:?}");
        assert!(
            seen.insert(why.name().to_owned()) && seen.insert(words.zh) && seen.insert(words.en),
            "{why:?}"
        );
    }
}

#[test]
fn only_the_one_form_of_a_text_is_read() {
    let scene = good();
    let proof = scene.proof();
    let refused = |text: String| {
        let altered = Proof { session: sign(&key(2), text), ..proof.clone() };
        verify(&altered, &scene.expected())
    };
    let text = scene.session.text();
    assert!(refused(text.clone()).is_ok());
    for other in [
        text.replace("\",\"", "\", \""),
        text.replace("touchstone session 1", "touchstone session 2"),
        text.replacen('\n', "\n\n", 1),
        text.replacen('{', "{\"case\":\"C-1\",", 1),
        text.replace("2026-11-21T08:25:00Z", "2026-11-21T08:25:00.0Z"),
        text.replace("2026-11-21T08:25:00Z", "2026-11-21T16:25:00+08:00"),
        text.replace("\"role\"", "\"Role\""),
        format!("{text}\n"),
        "x".repeat(10_000),
        String::new(),
    ] {
        assert_eq!(refused(other.clone()), Err(NotVerified::Malformed("session")), "{other}");
    }
    let crossed = Proof { agent_key: proof.session.clone(), session: proof.agent_key.clone() };
    assert_eq!(verify(&crossed, &scene.expected()), Err(NotVerified::Malformed("agent_key")));
    let bare = Proof { session: Signed { signature: String::new(), ..proof.session.clone() }, ..proof };
    assert_eq!(verify(&bare, &scene.expected()), Err(NotVerified::SessionForged));
}

proptest! {
    #[test]
    fn no_altered_byte_verifies(place in 0..400_usize, flip in 1..=255_u8, part in 0..4_usize) {
        let scene = good();
        let mut proof = scene.proof();
        let field = match part {
            0 => &mut proof.agent_key.text,
            1 => &mut proof.agent_key.signature,
            2 => &mut proof.session.text,
            _ => &mut proof.session.signature,
        };
        let mut bytes = field.clone().into_bytes();
        let place = place % bytes.len();
        bytes[place] ^= flip;
        let Ok(altered) = String::from_utf8(bytes) else { return Ok(()) };
        *field = altered;
        prop_assert!(verify(&proof, &scene.expected()).is_err());
    }

    #[test]
    fn a_key_that_is_not_in_force_never_verifies(offset in -200_000_i64..200_000) {
        let mut scene = good();
        scene.now = Moment::from_micros(now().as_micros() + offset * 1_000_000).unwrap();
        let held = scene.certificate.from <= scene.now && scene.now < scene.certificate.until;
        let session = scene.session.from <= scene.now && scene.now < scene.session.expiry;
        prop_assert_eq!(scene.verify().is_ok(), held && session);
        scene.keys[0].until = scene.now;
        prop_assert!(scene.verify().is_err());
    }

    #[test]
    fn a_session_for_another_users_nonce_never_verifies(nonce in any::<[u8; 32]>()) {
        let mut scene = good();
        scene.nonce = Bytes32(nonce);
        let expected = if nonce == [7; 32] { Ok(scene.session.clone()) } else { Err(NotVerified::OtherUser) };
        prop_assert_eq!(scene.verify(), expected);
    }

    #[test]
    fn whoever_holds_no_key_of_the_chain_proves_nothing(log_key in 2..=255_u8, held_key in 3..=255_u8) {
        let forged = Scene { log_key, ..good() };
        prop_assert_eq!(forged.verify(), Err(NotVerified::AgentKeyForged));
        let forged = Scene { held_key, ..good() };
        prop_assert_eq!(forged.verify(), Err(NotVerified::SessionForged));
    }

    #[test]
    fn one_other_letter_is_another_message(text in "[a-z ]{1,40}", place in 0..40_usize, letter in "[A-Z0-9]") {
        let (inbox, salt) = (inbox_of("u"), Bytes32([3; 32]));
        let mut letters: Vec<char> = text.chars().collect();
        let place = place % letters.len();
        letters[place] = letter.chars().next().unwrap();
        let altered: String = letters.iter().collect();
        prop_assert_ne!(message_hash(&inbox, &salt, &text), message_hash(&inbox, &salt, &altered));
        prop_assert_ne!(message_hash(&inbox, &salt, &text), message_hash(&inbox_of("v"), &salt, &text));
    }
}

const SENT: [&str; 3] = [
    "您好，您的工单 C-2041 已由林静接手。",
    "Your case is with Lin. We will never ask for your recovery phrase.",
    "第一行  \r\n第二行\r\n",
];

fn inbox() -> Vec<Signed> {
    let mut last: Option<(u64, String)> = None;
    let mut entries = Vec::new();
    for (n, text) in SENT.into_iter().enumerate() {
        let draft = MessageDraft {
            inbox: inbox_of("u-17"),
            session: "5f1d",
            at: at("2026-11-21T08:26:00Z") + minutes(n as u64),
            salt: Bytes32([u8::try_from(n).unwrap() + 50; 32]),
            text,
        };
        let message = Message::after(last.as_ref().map(|(n, text)| (*n, text.as_str())), &draft);
        let signed = sign(&key(1), message.text());
        last = Some((message.n, signed.text.clone()));
        entries.push(signed);
    }
    entries
}

#[test]
fn what_was_sent_is_found_and_what_was_altered_is_not() {
    let read = read_inbox(&inbox(), &inbox_of("u-17"), &good().keys, now()).unwrap();
    for (n, text) in SENT.into_iter().enumerate() {
        assert_eq!(find_message(&read, text).map(|it| it.n), Some(n as u64 + 1));
        assert_eq!(find_message(&read, &format!("\n {text}\u{3000}\n")).map(|it| it.n), Some(n as u64 + 1));
        assert_eq!(find_message(&read, &text.replacen(['。', '.', '行'], "!", 1)), None);
    }
    assert_eq!(find_message(&read, "第一行\n第二行").map(|it| it.n), Some(3));
    assert_eq!(find_message(&read, ""), None);
}

/// Each refusal of an inbox, by the one change that brings it about.
fn spoilt_inboxes() -> Vec<(&'static str, NotVerified, Vec<Signed>)> {
    let good = inbox();
    let with = |change: &dyn Fn(&mut Vec<Signed>)| {
        let mut entries = good.clone();
        change(&mut entries);
        entries
    };
    vec![
        ("one is missing in the middle", NotVerified::ChainBroken, with(&|it| drop(it.remove(1)))),
        ("two changed places", NotVerified::ChainBroken, with(&|it| it.swap(1, 2))),
        ("one is there twice", NotVerified::ChainBroken, with(&|it| it.insert(1, it[1].clone()))),
        (
            "a time was altered",
            NotVerified::MessageForged,
            with(&|it| it[1].text = it[1].text.replace("08:27", "08:28")),
        ),
        (
            "another key signed",
            NotVerified::MessageForged,
            with(&|it| it[0] = sign(&key(4), it[0].text.clone())),
        ),
        (
            "a session among messages",
            NotVerified::Malformed("message"),
            with(&|it| it[0] = self::good().proof().session),
        ),
        (
            "sent after the key expired",
            NotVerified::SessionsKeyExpired,
            with(&|it| it[2] = sign(&key(1), it[2].text.replace("2026-11-21", "2026-12-21"))),
        ),
        (
            "sent tomorrow",
            NotVerified::FromTheFuture,
            with(&|it| it[2] = sign(&key(1), it[2].text.replace("2026-11-21", "2026-11-22"))),
        ),
    ]
}

#[test]
fn an_inbox_with_one_wrong_entry_is_refused_whole() {
    let keys = good().keys;
    for (name, why, entries) in spoilt_inboxes() {
        assert_eq!(read_inbox(&entries, &inbox_of("u-17"), &keys, now()), Err(why), "{name}");
    }
    assert_eq!(read_inbox(&inbox(), &inbox_of("u-18"), &keys, now()), Err(NotVerified::OtherInbox));
    assert_eq!(read_inbox(&[], &inbox_of("u-17"), &keys, now()), Ok(vec![]));
    let tail = read_inbox(&inbox()[1..], &inbox_of("u-17"), &keys, now()).unwrap();
    assert_eq!(tail.len(), 2, "the newest entries can be read without the old ones");
}

fn case(name: &str, scene: &Scene, expect: &str) -> Value {
    json!({
        "name": name, "now": scene.now, "user_nonce": scene.nonce, "case": scene.case, "channel": scene.channel,
        "keys": scene.keys, "agents": scene.agents, "proof": scene.proof(), "expect": expect,
    })
}

fn vectors() -> Value {
    let mut sessions = vec![case("all is well", &good(), "verified")];
    sessions.extend(spoilt().iter().map(|(name, why, scene)| case(name, scene, why.name())));
    let keys = good().keys;
    let one = |name: &str, entries: &[Signed], text: &str, expect: Value| json!({ "name": name, "now": now(), "inbox": inbox_of("u-17"), "keys": keys, "entries": entries, "text": text, "expect": expect });
    let mut messages = vec![
        one("as it was sent", &inbox(), SENT[0], json!(1)),
        one("copied with other ends of lines", &inbox(), " 第一行\n第二行 ", json!(3)),
        one("a space more in the middle", &inbox(), &SENT[1].replace(". ", ".  "), json!(null)),
        one(
            "one letter more",
            &inbox(),
            "Your case is with Lina. We will never ask for your recovery phrase.",
            json!(null),
        ),
        one("nothing was ever sent", &[], SENT[0], json!(null)),
    ];
    messages.extend(
        spoilt_inboxes().iter().map(|(name, why, entries)| one(name, entries, SENT[0], json!(why.name()))),
    );
    let hashes: Vec<Value> = ["é", "e\u{301}", "a\tb\t\r\nc", "\u{a0}x\u{3000}", ""]
        .into_iter()
        .map(|text| {
            let (inbox, salt) = (inbox_of("用户"), Bytes32([1; 32]));
            json!({ "user": "用户", "inbox": inbox, "salt": salt, "text": text, "hash": message_hash(&inbox, &salt, text) })
        })
        .collect();
    json!({
        "about": "Proofs of live conversations; see docs/sessions.md. `expect` is `verified` or the name of a refusal; for messages the number of the entry that matches, null for none, or the name of a refusal. Seeds of the keys: 32 times the byte 1 (sessions), 2 (agent).",
        "sessions": sessions, "messages": messages, "hashes": hashes,
    })
}

#[test]
fn the_vectors_are_as_reviewed() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/sessions.json");
    let now = serde_json::to_string_pretty(&vectors()).unwrap() + "\n";
    if std::env::var_os("TOUCHSTONE_BLESS").is_some() {
        std::fs::write(path, &now).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == now, "the vectors changed: other implementations must be told");
}
