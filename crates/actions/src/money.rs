use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use touchstone_types::Amount;

/// An amount of one currency, as `"12.50 USDT"` writes it; compared as a decimal, never as a float.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    amount: Amount<'static>,
    currency: String, // Invariant: 2 to 12 capital letters and digits.
}

/// The text is no amount with a currency.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no amount such as \"100 USDT\"")]
pub struct BadMoney(String);

impl Money {
    /// How much, as written.
    #[must_use]
    pub fn amount(&self) -> &str {
        self.amount.as_str()
    }

    /// Of what.
    #[must_use]
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// Whether it is of the same currency and not more.
    #[must_use]
    pub fn within(&self, limit: &Money) -> bool {
        self.currency == limit.currency && compare(self.amount(), limit.amount()) != Ordering::Greater
    }
}

/// Compares decimals digit by digit.
fn compare(one: &str, other: &str) -> Ordering {
    let parts = |text: &'_ str| {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        (whole.trim_start_matches('0').to_owned(), fraction.trim_end_matches('0').to_owned())
    };
    let ((a, a_fraction), (b, b_fraction)) = (parts(one), parts(other));
    a.len().cmp(&b.len()).then_with(|| a.cmp(&b)).then_with(|| a_fraction.cmp(&b_fraction))
}

impl FromStr for Money {
    type Err = BadMoney;
    fn from_str(text: &str) -> Result<Self, BadMoney> {
        let bad = || BadMoney(text.to_owned());
        let (amount, currency) = text.trim().split_once(' ').ok_or_else(bad)?;
        let amount = Amount::parse(amount.to_owned()).map_err(|_| bad())?;
        let currency = currency.trim();
        let fits = (2..=12).contains(&currency.len())
            && currency.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit());
        if fits { Ok(Self { amount, currency: currency.to_owned() }) } else { Err(bad()) }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn other_currencies_are_never_within() {
        let money = |text: &str| text.parse::<Money>().unwrap();
        assert!(money("100.00 USDT").within(&money("100 USDT")));
        assert!(money("0099.999999999999999999 USDT").within(&money("100 USDT")));
        assert!(!money("100.000000000000000001 USDT").within(&money("100 USDT")));
        assert!(!money("1 USDC").within(&money("100 USDT")));
        for bad in ["", "100", "USDT", "-1 USDT", "1e3 USDT", "1 usdt", "1 U", "1,000 USDT", "1 US DT"] {
            assert!(bad.parse::<Money>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn decimals_compare_as_whole_numbers_of_their_smallest_part(a in 0u64..10_000_000, b in 0u64..10_000_000) {
            let text = |n: u64| format!("{}.{:04}", n / 10_000, n % 10_000);
            prop_assert_eq!(compare(&text(a), &text(b)), a.cmp(&b));
        }
    }
}
