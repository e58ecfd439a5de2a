//! What official support never does, as published facts.

use touchstone_types::Bilingual;

macro_rules! facts {
    ($($variant:ident $name:literal $zh:literal $en:literal),+ $(,)?) => {
        /// One thing that an organisation says its support never does, or cannot do. Published
        /// with its identities, it is evidence against whoever does it in its name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Fact { $(#[doc = $en] $variant),+ }

        impl Fact {
            /// Every fact, in a fixed order.
            pub const ALL: &'static [Fact] = &[$(Fact::$variant),+];

            /// The name in registry files and rules.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Fact::$variant => $name),+ }
            }

            /// The fact of that name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Fact::$variant),)+ _ => None }
            }

            /// The fact as a half sentence that follows the organisation's name.
            #[must_use]
            pub fn sentence(self) -> Bilingual {
                match self { $(Fact::$variant => Bilingual { zh: $zh.to_owned(), en: $en.to_owned() }),+ }
            }
        }

        crate::names::by_name!(Fact, "a fact");
    };
}

facts! {
    NeverWritesFirst "never_writes_first" "从不主动私信用户" "never writes to users first",
    HasNoPhoneLine "has_no_phone_line" "没有电话客服" "has no phone line",
    NeverAsksForRecoveryPhrase "never_asks_for_recovery_phrase" "从不索要助记词或私钥" "never asks for a recovery phrase or private key",
    NeverAsksForCode "never_asks_for_code" "从不索要验证码或密码" "never asks for a code or password",
    NeverAsksForTransfer "never_asks_for_transfer" "从不要求用户转账或交费" "never asks users to transfer money or pay a fee",
    NeverAsksForRemoteControl "never_asks_for_remote_control" "从不要求共享屏幕或远程控制" "never asks to share a screen or for remote control",
    NeverAsksToInstall "never_asks_to_install" "从不在聊天里要求安装软件" "never asks in a chat to install software",
    NeverMovesChannel "never_moves_channel" "从不要求换到别的聊天软件" "never asks to move to another channel",
    NeverAsksForApproval "never_asks_for_approval" "从不要求连接钱包或签名授权" "never asks to connect a wallet or sign an approval",
    CannotFreezeWallet "cannot_freeze_wallet" "无法冻结用户自己保管的钱包" "cannot freeze a wallet that users keep themselves",
}

/// A set of facts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FactSet(u16);

impl FactSet {
    /// Whether the fact is in the set.
    #[must_use]
    pub fn has(self, fact: Fact) -> bool {
        self.0 & (1 << fact as u16) != 0
    }

    /// The set with the fact added.
    #[must_use]
    pub fn with(self, fact: Fact) -> Self {
        Self(self.0 | 1 << fact as u16)
    }

    /// What is in the set, in the order of [`Fact::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Fact> {
        Fact::ALL.iter().copied().filter(move |fact| self.has(*fact))
    }
}
