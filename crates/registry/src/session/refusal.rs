//! Why a conversation or a message is not proven, each with its own sentence.

use touchstone_types::Bilingual;

macro_rules! refusals {
    ($($variant:ident $name:literal $zh:literal $en:literal),+ $(,)?) => {
        /// Why a proof does not hold. Next, always: end the conversation, and come back by the
        /// way that the app shows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
        pub enum NotVerified {
            /// A part of the proof is not in its one form.
            #[error("malformed: {0}")]
            Malformed(&'static str),
            $(#[doc = $en] #[error($en)] $variant,)+
        }

        impl NotVerified {
            /// Every reason, in a fixed order.
            pub const ALL: &'static [NotVerified] = &[NotVerified::Malformed("proof"), $(NotVerified::$variant),+];

            /// The name in test vectors, on the wire and in the words of the pages.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self { NotVerified::Malformed(_) => "malformed", $(NotVerified::$variant => $name),+ }
            }

            /// What a person reads.
            #[must_use]
            pub fn sentence(&self) -> Bilingual {
                let (zh, en) = match self {
                    NotVerified::Malformed(_) => ("证明的内容不完整或格式不对，无法核对。", "The proof is incomplete or not in its proper form; it cannot be checked."),
                    $(NotVerified::$variant => ($zh, $en)),+
                };
                Bilingual { zh: zh.to_owned(), en: en.to_owned() }
            }
        }
    };
}

refusals! {
    SessionsKeyNotYet "sessions_key_not_yet" "签发证明的密钥尚未生效。" "The key behind this proof is not in force yet.",
    SessionsKeyExpired "sessions_key_expired" "签发证明的密钥已经过期。" "The key behind this proof has expired.",
    AgentKeyForged "agent_key_forged" "这位客服的密钥不是由公开日志里的密钥签发的。" "This agent's key was not signed by a key that the public log names.",
    AgentKeyNotYet "agent_key_not_yet" "这位客服的密钥尚未生效。" "This agent's key is not in force yet.",
    AgentKeyExpired "agent_key_expired" "这位客服的密钥已经过期。" "This agent's key has expired.",
    AgentKeyTooLong "agent_key_too_long" "这位客服的密钥期限超出允许的范围。" "This agent's key was made for longer than is allowed.",
    SessionForged "session_forged" "会话内容与签名不符，可能被人改动过。" "What is said of this conversation does not match its signature; it may have been altered.",
    OtherAgent "other_agent" "签名的人与自称的客服不是同一人。" "The one who signed is not the agent that is named.",
    AgentNotListed "agent_not_listed" "官方名录里没有这位客服。" "This agent is not listed.",
    AgentRevoked "agent_revoked" "这位客服已从官方名录中撤销。" "This agent's listing has been revoked.",
    RoleNotListed "role_not_listed" "对方自称的职务与官方名录不符。" "The role given is not the one that is listed.",
    PurposeNotListed "purpose_not_listed" "对方要办的事不在其职责范围内。" "This agent is not listed for what the conversation is said to be about.",
    OtherUser "other_user" "这份证明是给另一位用户的，不是给您的。" "This proof was made for another user, not for you.",
    OtherCase "other_case" "这份证明属于另一件事。" "This proof belongs to another case.",
    OtherChannel "other_channel" "这份证明属于另一种联系方式。" "This proof belongs to another channel.",
    SessionTooLong "session_too_long" "会话期限超出允许的范围。" "This conversation was signed for longer than is allowed.",
    OutlivesKey "outlives_key" "会话期限超出了客服密钥的期限。" "This conversation would outlast the agent's key.",
    SessionNotYet "session_not_yet" "这次会话尚未开始。" "This conversation has not begun yet.",
    SessionExpired "session_expired" "这次会话已经到期。" "This conversation has expired.",
    MessageForged "message_forged" "消息记录与签名不符，可能被人改动过。" "The record of a message does not match its signature; it may have been altered.",
    OtherInbox "other_inbox" "这份消息记录属于另一位用户。" "This record of messages belongs to another user.",
    ChainBroken "chain_broken" "消息记录不连续，中间少了或换过内容。" "The record of messages has a gap: something was taken out or replaced.",
    FromTheFuture "from_the_future" "消息记录上的时间还没有到。" "The record of a message bears a time that has not come yet.",
}
