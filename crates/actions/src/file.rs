//! How `authority.toml` is written, and what is wrong with one that cannot be used.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de};
use touchstone_accounts::Role;
use touchstone_types::Lapse;

use crate::{Money, PowerName};

/// Why a file gives nobody any authority.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAuthority {
    /// It is not TOML, or has a key, a role or a power that is not known; says where.
    #[error("{0}")]
    Syntax(String),
    /// It is of a later version.
    #[error("version {0} of this file is not known here; this program reads version 1")]
    Version(u32),
    /// What is written of one power and one holder contradicts itself.
    #[error("{place}: {what}")]
    Grant {
        /// Which power and whose, as the file's path of keys.
        place: String,
        /// What is wrong, and what to write.
        what: &'static str,
    },
}

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    version: u32,
    #[serde(deserialize_with = "lapse")]
    pub(crate) second_within: Lapse,
    pub(crate) powers: BTreeMap<PowerName, BTreeMap<Role, Written>>,
    pub(crate) victim: Victims,
    pub(crate) operator: Operator,
}

/// What a role may do with a power, as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    #[serde(default, deserialize_with = "maybe_lapse")]
    lasts: Option<Lapse>,
    people: Option<u8>,
    #[serde(default, deserialize_with = "money")]
    alone_up_to: Vec<Money>,
    #[serde(default, deserialize_with = "money")]
    two_up_to: Vec<Money>,
}

/// What victims may do.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Victims {
    pub(crate) confirmed: Victim,
    pub(crate) unconfirmed: Victim,
}

/// What a victim may do: nothing that is not named here.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Victim {
    #[serde(default, deserialize_with = "maybe_lapse")]
    pub(crate) freeze: Option<Lapse>,
    #[serde(default, deserialize_with = "maybe_lapse")]
    pub(crate) revoke_sessions: Option<Lapse>,
    #[serde(default)]
    pub(crate) times_a_day: Option<u32>,
}

/// What the operator's own systems may do.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Operator {
    pub(crate) unfreeze: bool,
}

/// What a role may do with a power, checked.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// How long what is done lasts.
    pub(crate) lasts: Option<Lapse>,
    /// Whether one person is enough; of refunds the limits say.
    pub(crate) alone: bool,
    /// How much one person may give; refunds only.
    pub(crate) alone_up_to: Vec<Money>,
    /// How much two may give; refunds only.
    pub(crate) two_up_to: Vec<Money>,
}

/// The longest that anything may last: what is longer is for a court.
const LONGEST: Lapse = Lapse::from_secs(90 * 86_400);
/// The shortest: less than a call may take.
const SHORTEST: Lapse = Lapse::from_secs(60);

impl File {
    /// Reads the text; what is written of roles is checked by [`Written::checked`].
    pub(crate) fn read(text: &str) -> Result<Self, BadAuthority> {
        let file: File = toml::from_str(text).map_err(|cause| BadAuthority::Syntax(cause.to_string()))?;
        if file.version != 1 {
            return Err(BadAuthority::Version(file.version));
        }
        let victims = [("confirmed", &file.victim.confirmed), ("unconfirmed", &file.victim.unconfirmed)];
        for (name, victim) in victims {
            let lengths = [("freeze", victim.freeze), ("revoke_sessions", victim.revoke_sessions)];
            for (power, lasts) in lengths {
                if lasts.is_some_and(|it| !in_bounds(it)) {
                    return Err(bad(&format!("victim.{name}.{power}"), BOUNDS));
                }
            }
            if victim.times_a_day == Some(0) {
                let what = "`times_a_day` is at least 1; to allow nothing, leave the powers out";
                return Err(bad(&format!("victim.{name}"), what));
            }
        }
        if !in_bounds(file.second_within) {
            return Err(bad("second_within", BOUNDS));
        }
        Ok(file)
    }
}

const BOUNDS: &str = "a time is between 1m and 90d";

fn in_bounds(lapse: Lapse) -> bool {
    (SHORTEST..=LONGEST).contains(&lapse)
}

fn bad(place: &str, what: &'static str) -> BadAuthority {
    BadAuthority::Grant { place: place.to_owned(), what }
}

impl Written {
    /// What it says, if that makes sense of the power.
    pub(crate) fn checked(self, power: PowerName, role: Role) -> Result<Grant, BadAuthority> {
        let bad = |what| Err(bad(&format!("powers.{power}.{role}"), what));
        let Written { lasts, people, alone_up_to, two_up_to } = self;
        if power == PowerName::Refund {
            if lasts.is_some() || people.is_some() {
                return bad("of a refund the limits say who may, not `lasts` or `people`");
            }
            if alone_up_to.is_empty() && two_up_to.is_empty() {
                return bad("a refund has a limit: `alone_up_to` or `two_up_to`");
            }
            let less = |two: &Money| alone_up_to.iter().any(|one| !one.within(two) && two.within(one));
            if two_up_to.iter().any(less) {
                return bad("two people may not give less than one of them alone");
            }
            if twice(&alone_up_to) || twice(&two_up_to) {
                return bad("a currency has one limit");
            }
            return Ok(Grant { lasts: None, alone: false, alone_up_to, two_up_to });
        }
        if !alone_up_to.is_empty() || !two_up_to.is_empty() {
            return bad("only a refund has an amount");
        }
        match (power.lapses(), lasts) {
            (true, None) => return bad("it lapses by itself: say how long it `lasts`, such as \"24h\""),
            (true, Some(lasts)) if !in_bounds(lasts) => return bad(BOUNDS),
            (false, Some(_)) => return bad("it does not lapse: `lasts` has no meaning here"),
            _ => {}
        }
        let alone = match people {
            None | Some(1) => true,
            Some(2) => false,
            Some(_) => return bad("`people` is 1 or 2"),
        };
        Ok(Grant { lasts, alone, alone_up_to, two_up_to })
    }
}

fn twice(limits: &[Money]) -> bool {
    limits.iter().enumerate().any(|(at, it)| limits[..at].iter().any(|no| no.currency() == it.currency()))
}

fn lapse<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Lapse, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
}

fn maybe_lapse<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Lapse>, D::Error> {
    lapse(deserializer).map(Some)
}

fn money<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Money>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|it| it.parse().map_err(de::Error::custom)).collect()
}
