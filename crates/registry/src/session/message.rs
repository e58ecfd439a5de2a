//! Messages that were sent, so that one that is pasted can be told from one that was not.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use touchstone_types::{Lapse, Moment};
use unicode_normalization::UnicodeNormalization;

use super::signed::text_of;
use super::{Bytes32, NotVerified, SessionsKey, Signed, key_of};

/// How far a clock may be behind the server's before a message is from the future.
const CLOCKS_DIFFER: Lapse = Lapse::from_secs(120);

/// What the sessions key signs for each message that is sent to a user: an entry in that user's
/// inbox. The text is not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Whose inbox; see [`inbox_of`].
    pub inbox: Bytes32,
    /// Number in this inbox, from 1 without gaps.
    pub n: u64,
    /// The session in which it was sent.
    pub session: String,
    /// When.
    pub at: Moment,
    /// 32 random bytes.
    pub salt: Bytes32,
    /// See [`message_hash`].
    pub hash: Bytes32,
    /// SHA-256 of the signed text of the entry before; zeros before the first.
    pub previous: Bytes32,
}

/// A message that is about to be sent.
#[derive(Clone, Copy, Debug)]
pub struct MessageDraft<'a> {
    /// Whose inbox.
    pub inbox: Bytes32,
    /// The session in which it is sent.
    pub session: &'a str,
    /// When.
    pub at: Moment,
    /// 32 random bytes.
    pub salt: Bytes32,
    /// What is sent.
    pub text: &'a str,
}

impl Message {
    /// The entry that follows `last` in the same inbox: its number and text as signed.
    #[must_use]
    pub fn after(last: Option<(u64, &str)>, draft: &MessageDraft<'_>) -> Self {
        let (n, previous) = match last {
            Some((n, text)) => (n + 1, sha256(text)),
            None => (1, Bytes32([0; 32])),
        };
        Self {
            inbox: draft.inbox,
            n,
            session: draft.session.to_owned(),
            at: draft.at,
            salt: draft.salt,
            hash: message_hash(&draft.inbox, &draft.salt, draft.text),
            previous,
        }
    }

    /// The text to be signed with the sessions key.
    #[must_use]
    pub fn text(&self) -> String {
        text_of(self)
    }
}

fn sha256(text: &str) -> Bytes32 {
    Bytes32(Sha256::digest(text.as_bytes()).into())
}

/// The name of a user's inbox: SHA-256 of `touchstone inbox 1`, a line feed and the operator's
/// id of the user. The user's app knows its own and need not believe what it is told.
#[must_use]
pub fn inbox_of(user: &str) -> Bytes32 {
    let mut sum = Sha256::new();
    sum.update(b"touchstone inbox 1\n");
    sum.update(user.as_bytes());
    Bytes32(sum.finalize().into())
}

/// SHA-256 of `touchstone text 1`, a line feed, the inbox, the salt and the text as compared:
/// Unicode form C, every end of line a line feed, no space at the end of a line or around the
/// whole. What copying changes does not count; one other letter does.
#[must_use]
pub fn message_hash(inbox: &Bytes32, salt: &Bytes32, text: &str) -> Bytes32 {
    let mut sum = Sha256::new();
    sum.update(b"touchstone text 1\n");
    sum.update(inbox.0);
    sum.update(salt.0);
    sum.update(compared(text).as_bytes());
    Bytes32(sum.finalize().into())
}

/// Spaces that copying adds or loses. Spelt out, because languages differ in what is a space.
const SPACES: [char; 4] = [' ', '\t', '\u{a0}', '\u{3000}'];

fn compared(text: &str) -> String {
    let text: String = text.nfc().collect();
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = text.split('\n').map(|line| line.trim_end_matches(SPACES)).collect();
    let joined = lines.join("\n");
    joined.trim_matches(|c| c == '\n' || SPACES.contains(&c)).to_owned()
}

/// Reads an inbox, oldest entry first; it may start at any number, and must have no gap.
///
/// # Errors
/// The first thing that is wrong with any entry: then none of them counts.
pub fn read_inbox(
    entries: &[Signed],
    inbox: &Bytes32,
    keys: &[SessionsKey],
    now: Moment,
) -> Result<Vec<Message>, NotVerified> {
    let mut read: Vec<Message> = Vec::with_capacity(entries.len());
    for (at, entry) in entries.iter().enumerate() {
        let message: Message = entry.read("message")?;
        key_of(entry, keys, message.at).map_err(|why| why.unwrap_or(NotVerified::MessageForged))?;
        if message.inbox != *inbox {
            return Err(NotVerified::OtherInbox);
        }
        if message.at > now + CLOCKS_DIFFER {
            return Err(NotVerified::FromTheFuture);
        }
        let before = at.checked_sub(1).and_then(|at| Some((read.get(at)?, entries.get(at)?)));
        let follows = match before {
            Some((last, signed)) => {
                last.n.checked_add(1) == Some(message.n) && message.previous == sha256(&signed.text)
            }
            None => message.n != 1 || message.previous == Bytes32([0; 32]),
        };
        if !follows {
            return Err(NotVerified::ChainBroken);
        }
        read.push(message);
    }
    Ok(read)
}

/// The newest message of the inbox that has this text.
#[must_use]
pub fn find_message<'a>(messages: &'a [Message], text: &str) -> Option<&'a Message> {
    messages.iter().rev().find(|it| message_hash(&it.inbox, &it.salt, text) == it.hash)
}
