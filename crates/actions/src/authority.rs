use std::collections::BTreeMap;

use touchstone_accounts::Role;
use touchstone_types::{Lapse, Moment};

use crate::deed::{Authorised, Deed, NotAuthorised, Second, Staff, Who};
use crate::file::{BadAuthority, File, Grant, Operator, Victim, Victims};
use crate::{Money, Power, PowerName};

const BUILT_IN: &str = include_str!("../../../policies/authority.toml");

/// Who may do what, as `policies/authority.toml` writes it.
#[derive(Clone, Debug)]
pub struct Authority {
    powers: BTreeMap<PowerName, BTreeMap<Role, Grant>>,
    victim: Victims,
    operator: Operator,
    second_within: Lapse,
}

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permit {
    /// Not at all.
    No,
    /// If another person who has the power agrees.
    WithSecond,
    /// Without asking anybody.
    Alone,
}

/// What somebody may do, and for how long.
#[derive(Clone, Copy)]
struct Leave {
    permit: Permit,
    lasts: Option<Lapse>,
}

impl Authority {
    /// Reads the text of the file.
    ///
    /// # Errors
    /// [`BadAuthority`], with the place: a power that does not exist cannot be given to anybody.
    pub fn load(text: &str) -> Result<Self, BadAuthority> {
        let File { second_within, powers, victim, operator, .. } = File::read(text)?;
        let checked = |(power, roles): (PowerName, BTreeMap<Role, crate::file::Written>)| {
            let roles = roles.into_iter().map(|(role, it)| Ok((role, it.checked(power, role)?)));
            Ok((power, roles.collect::<Result<_, BadAuthority>>()?))
        };
        let powers = powers.into_iter().map(checked).collect::<Result<_, BadAuthority>>()?;
        Ok(Self { powers, victim, operator, second_within })
    }

    /// What holds where the operator wrote nothing else.
    ///
    /// # Errors
    /// Never in a build that passed its tests: they load it.
    pub fn built_in() -> Result<Self, BadAuthority> {
        Self::load(BUILT_IN)
    }

    /// How long what one person asks for waits for the second.
    #[must_use]
    pub fn second_within(&self) -> Lapse {
        self.second_within
    }

    /// How often a day one account may be frozen by victims who did not prove that it is theirs;
    /// none: as often as they like.
    #[must_use]
    pub fn times_a_day(&self, confirmed: bool) -> Option<u32> {
        self.of_victim(confirmed).times_a_day
    }

    fn of_victim(&self, confirmed: bool) -> &Victim {
        if confirmed { &self.victim.confirmed } else { &self.victim.unconfirmed }
    }

    /// Every limit that the file names for refunds, in no order.
    pub(crate) fn limits(&self) -> impl Iterator<Item = &Money> {
        let grants = self.powers.get(&PowerName::Refund).into_iter().flat_map(BTreeMap::values);
        grants.flat_map(|it| it.alone_up_to.iter().chain(&it.two_up_to))
    }

    /// Whether somebody may do it: alone, with a second person, or not.
    #[must_use]
    pub fn permit(&self, who: &Who, power: &Power) -> Permit {
        self.leaves(who, power).map(|it| it.permit).max().unwrap_or(Permit::No)
    }

    /// How long what somebody does would last: alone if they may, else with a second person; none if
    /// they may not, or if it does not lapse.
    #[must_use]
    pub fn lasts(&self, who: &Who, power: &Power) -> Option<Lapse> {
        let permit = self.permit(who, power);
        self.leaves(who, power).filter(|it| it.permit >= permit).filter_map(|it| it.lasts).max()
    }

    /// What each of somebody's roles lets them do.
    fn leaves(&self, who: &Who, power: &Power) -> impl Iterator<Item = Leave> {
        let mut leaves = Vec::new();
        match who {
            Who::Staff(staff) => {
                let of_role = |role| self.powers.get(&power.name()).and_then(|it| it.get(role));
                let grants = staff.roles.iter().filter_map(of_role);
                leaves.extend(grants.map(|it| Leave { permit: it.permit(power), lasts: it.lasts }));
            }
            Who::Victim { confirmed } => {
                let may = self.of_victim(*confirmed);
                let lasts = match power {
                    Power::Freeze => may.freeze,
                    Power::RevokeSessions => may.revoke_sessions,
                    _ => None, // Nothing else can be written for a victim.
                };
                leaves.extend(lasts.map(|it| Leave { permit: Permit::Alone, lasts: Some(it) }));
            }
            Who::Operator(_) if *power == Power::Unfreeze && self.operator.unfreeze => {
                leaves.push(Leave { permit: Permit::Alone, lasts: None });
            }
            Who::Operator(_) => {}
        }
        leaves.into_iter()
    }

    /// Gives leave, or says what is missing.
    ///
    /// # Errors
    /// [`NotAuthorised`].
    pub fn authorise<A: Deed>(
        &self,
        deed: A,
        by: Who,
        second: Option<&Second>,
        now: Moment,
    ) -> Result<Authorised<A>, NotAuthorised> {
        let power = deed.power();
        let needed = match (self.permit(&by, &power), second) {
            (Permit::No, _) => return Err(NotAuthorised::No { who: by.name(), power }),
            (Permit::WithSecond, None) => return Err(NotAuthorised::NeedsSecond(power.name())),
            (_, Some(second)) => {
                self.second_may(&by, second, &power, now)?;
                Permit::WithSecond
            }
            (Permit::Alone, None) => Permit::Alone,
        };
        let lasts = self.leaves(&by, &power).filter(|it| it.permit >= needed).filter_map(|it| it.lasts).max();
        let second = second.map(|it| it.staff.login.clone());
        Ok(Authorised { deed, by, second, given: now, lasts })
    }

    /// Whether the second person is another one, in time, who has the power.
    fn second_may(
        &self,
        first: &Who,
        second: &Second,
        power: &Power,
        now: Moment,
    ) -> Result<(), NotAuthorised> {
        if matches!(first, Who::Staff(Staff { login, .. }) if *login == second.staff.login) {
            return Err(NotAuthorised::SamePerson);
        }
        if now > second.asked + self.second_within {
            return Err(NotAuthorised::Lapsed(second.asked));
        }
        if self.permit(&Who::Staff(second.staff.clone()), power) == Permit::No {
            return Err(NotAuthorised::SecondMayNot {
                who: second.staff.login.clone(),
                power: power.clone(),
            });
        }
        Ok(())
    }
}

impl Grant {
    fn permit(&self, power: &Power) -> Permit {
        let Power::Refund(money) = power else {
            return if self.alone { Permit::Alone } else { Permit::WithSecond };
        };
        let within = |limits: &[Money]| limits.iter().any(|limit| money.within(limit));
        match () {
            () if within(&self.alone_up_to) => Permit::Alone,
            () if within(&self.two_up_to) => Permit::WithSecond,
            () => Permit::No,
        }
    }
}
