//! From what came in to what can be trusted, with everything that is wrong said at once.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use touchstone_types::{Amount, Lapse, Moment};

use super::forms::Fit;
use super::{
    Address, Belongs, Contact, FieldError, Form, Kind, Loss, RawContact, RawLoss, RawReport, Report, Suspect,
    Transaction,
};
use crate::charter::{Chain, Charter};

/// How many characters each text may have.
const STORY: usize = 20_000;
const ANSWER: usize = 4_000;
const LINE: usize = 300;
/// How many entries each list may have.
const ENTRIES: usize = 100;
/// How much of what was given is repeated.
const REPEATED: usize = 80;
/// More than there is in the world.
const MOST_USD: f64 = 1e15;
/// How far the clock of a victim's device may be ahead.
const AHEAD: Lapse = Lapse::from_secs(600);
/// Before 2000-01-01 nothing happened that a report is about.
const EARLIEST: i64 = 946_684_800_000_000;

impl Report {
    /// Checks a report that came in at `now`.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the fields.
    pub fn parse(raw: &RawReport, now: Moment, charter: &Charter) -> Result<Self, Vec<FieldError>> {
        let mut read = Reader { charter, now, errors: Vec::new() };
        let kind = read.kind(&raw.kind);
        let (language, country) = (read.language(&raw.language), read.country(&raw.country));
        let jurisdiction = country.as_deref().and_then(|it| charter.jurisdiction_of(it)).map(str::to_owned);
        let zone = read.zone(&raw.time_zone, jurisdiction.as_deref());
        let happened_from = read.date("happened_from", &raw.happened_from, &zone, Time::MIN);
        let happened_until = read.date("happened_until", &raw.happened_until, &zone, LAST_MINUTE);
        if let (Some(from), Some(until)) = (happened_from, happened_until)
            && until < from
        {
            read.wrong("happened_until", "until_before_from", &raw.happened_until, "");
        }
        let report = Self {
            kind: kind.unwrap_or(Kind::Other), // Not reached: an unknown kind is an error.
            language,
            country,
            jurisdiction,
            happened_from,
            // A date alone means the whole of that day, which may not be over.
            happened_until: happened_until.map(|it| it.min(now)),
            story: read.story(&raw.story),
            losses: read.each("losses", &raw.losses, Reader::loss),
            addresses: read.each("addresses", &raw.addresses, |read, at, it| {
                read.address(at, &it.text, &it.chain, &it.whose)
            }),
            transactions: read.each("transactions", &raw.transactions, |read, at, it| {
                read.transaction(at, &it.id, &it.chain)
            }),
            suspects: read.each("suspects", &raw.suspects, |read, at, it| {
                read.suspect(at, &it.platform, &it.account, &it.name)
            }),
            account: read.line("account", &raw.account),
            contact: read.contact(&raw.contact),
            wallet: read.line("wallet", &raw.wallet),
            device_compromised: raw.device_compromised,
            police_reference: read.line("police_reference", &raw.police_reference),
            answers: read.answers(raw),
        };
        if read.errors.is_empty() { Ok(report) } else { Err(read.errors) }
    }
}

const LAST_MINUTE: Time = Time::constant(23, 59, 0, 0);

struct Reader<'a> {
    charter: &'a Charter,
    now: Moment,
    errors: Vec<FieldError>,
}

impl<'a> Reader<'a> {
    fn wrong(&mut self, field: &str, code: &'static str, given: &str, wanted: &str) {
        let given = given.trim();
        let mut repeated: String = given.chars().take(REPEATED).collect();
        if repeated.len() < given.len() {
            repeated.push('…');
        }
        self.errors.push(FieldError {
            field: field.to_owned(),
            code,
            given: repeated,
            wanted: wanted.to_owned(),
        });
    }

    /// A text without control characters but line ends; too long a one is an error.
    fn text(&mut self, field: &str, text: &str, most: usize) -> Option<String> {
        let clean: String = text.chars().filter(|it| !it.is_control() || matches!(it, '\n' | '\t')).collect();
        let clean = clean.trim();
        if clean.chars().count() > most {
            self.wrong(field, "too_long", clean, &most.to_string());
        }
        (!clean.is_empty()).then(|| clean.to_owned())
    }

    fn line(&mut self, field: &str, text: &str) -> Option<String> {
        self.text(field, text, LINE).map(|it| it.replace(['\n', '\t'], " "))
    }

    fn story(&mut self, text: &str) -> String {
        let story = self.text("story", text, STORY);
        if story.is_none() {
            self.wrong("story", "required", "", "");
        }
        story.unwrap_or_default()
    }

    fn kind(&mut self, text: &str) -> Option<Kind> {
        let kind = Kind::parse(text.trim());
        match kind {
            Some(_) => {}
            None if text.trim().is_empty() => self.wrong("kind", "required", "", ""),
            None => self.wrong("kind", "unknown_kind", text, &Kind::ALL.map(Kind::as_str).join(", ")),
        }
        kind
    }

    /// Two or three letters; what comes after them says which script or place, which we do not need.
    fn language(&mut self, text: &str) -> String {
        let lower = text.trim().to_lowercase();
        let first = lower.split(['-', '_']).next().unwrap_or_default();
        match first {
            "" => "en".to_owned(),
            it if matches!(it.len(), 2 | 3) && it.bytes().all(|it| it.is_ascii_lowercase()) => it.to_owned(),
            _ => {
                self.wrong("language", "unknown_language", text, "");
                String::new()
            }
        }
    }

    fn country(&mut self, text: &str) -> Option<String> {
        let upper = text.trim().to_uppercase();
        if upper.is_empty() {
            return None;
        }
        if upper.len() == 2 && upper.bytes().all(|it| it.is_ascii_uppercase()) {
            return Some(upper);
        }
        self.wrong("country", "unknown_country", text, "");
        None
    }

    fn zone(&mut self, text: &str, jurisdiction: Option<&str>) -> TimeZone {
        let text = text.trim();
        if text.is_empty() {
            return self.charter.zone_of(jurisdiction);
        }
        TimeZone::get(text).unwrap_or_else(|_| {
            self.wrong("time_zone", "unknown_time_zone", text, "");
            TimeZone::UTC
        })
    }

    /// RFC 3339, a local date and time, or a local date, which stands for that time of the day.
    fn date(&mut self, field: &str, text: &str, zone: &TimeZone, time: Time) -> Option<Moment> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let alone = text.parse::<Date>().ok().filter(|_| text.len() == 10);
        let local = match alone {
            Some(date) => Some(date.to_datetime(time)),
            None => text.parse::<DateTime>().ok().filter(|_| !text.ends_with(['Z', 'z', ']'])),
        };
        // A text with an offset reads as a local time too, but means what it says. People may leave
        // out the seconds and the colon, which programs may not.
        let exact = text.parse::<Timestamp>().ok();
        let exact = exact.and_then(|it| Moment::from_micros(it.as_microsecond()).ok());
        let of_local = |it: DateTime| {
            let stamp = zone.to_ambiguous_timestamp(it).compatible().ok()?;
            Moment::from_micros(stamp.as_microsecond()).ok()
        };
        let Some(at) = exact.or_else(|| local.and_then(of_local)) else {
            self.wrong(field, "bad_date", text, "");
            return None;
        };
        // Today is no date in the future, though its last minute is.
        let first = alone.and_then(|it| of_local(it.to_datetime(Time::MIN))).unwrap_or(at);
        if first > self.now + AHEAD {
            self.wrong(field, "date_in_future", text, "");
        } else if at.as_micros() < EARLIEST {
            self.wrong(field, "date_too_early", text, "");
        }
        Some(at)
    }

    fn each<R, P>(
        &mut self,
        list: &str,
        raw: &[R],
        read: impl Fn(&mut Self, &str, &R) -> Option<P>,
    ) -> Vec<P> {
        if raw.len() > ENTRIES {
            self.wrong(list, "too_many", &raw.len().to_string(), &ENTRIES.to_string());
        }
        let entries = raw.iter().take(ENTRIES).enumerate();
        entries.filter_map(|(at, it)| read(self, &format!("{list}.{at}"), it)).collect()
    }

    /// The chain of that name; none if none was given or it is not known, which is an error.
    fn chain(&mut self, at: &str, text: &str) -> Option<&'a Chain> {
        let text = text.trim();
        let charter = self.charter;
        let chain = charter.chain(text);
        if chain.is_none() && !text.is_empty() {
            let known: Vec<&str> = charter.chains().iter().map(|it| it.name.en.as_str()).collect();
            self.wrong(&format!("{at}.chain"), "unknown_chain", text, &known.join(", "));
        }
        chain
    }

    fn loss(&mut self, at: &str, raw: &RawLoss) -> Option<Loss> {
        let RawLoss { asset, chain, amount, token_contract } = raw;
        if [asset, chain, amount, token_contract].into_iter().all(|it| it.trim().is_empty()) {
            return None; // An empty row of the form.
        }
        let chain = self.chain(at, chain);
        let known = self.charter.asset(asset);
        let token_contract = self.contract(at, token_contract, chain);
        let name = self.line(&format!("{at}.asset"), asset);
        match (&name, known) {
            (None, _) => self.wrong(&format!("{at}.asset"), "required", "", ""),
            (Some(given), None) if token_contract.is_none() => {
                self.wrong(&format!("{at}.asset"), "unknown_asset", given, "");
            }
            _ => {}
        }
        let amount = self.amount(&format!("{at}.amount"), amount);
        let number = amount.as_deref().and_then(|it| Amount::parse(it).ok()).map(|it| it.to_f64());
        // A token that gives itself the name of another is not worth as much.
        let price =
            known.filter(|it| token_contract.is_none() || it.chains.len() == 1).map(|it| it.rough_usd);
        // Whole dollars, which any reader of JSON reads as they were written.
        let rough_usd = price.zip(number).map(|(price, number)| (price * number).round().min(MOST_USD));
        // An asset that is at home on one chain alone is on that one.
        let home = known.filter(|it| it.chains.len() == 1).and_then(|it| it.chains.first().cloned());
        Some(Loss {
            asset: known.map_or_else(|| name.unwrap_or_default(), |it| it.symbol.clone()),
            chain: chain.map(|it| it.id.clone()).or(home),
            amount,
            token_contract,
            rough_usd,
        })
    }

    fn contract(&mut self, at: &str, text: &str, chain: Option<&Chain>) -> Option<String> {
        let field = format!("{at}.token_contract");
        let text = self.line(&field, text)?;
        match chain {
            None => self.wrong(&format!("{at}.chain"), "chain_needed", "", ""),
            Some(chain) => self.fit(&field, &text, chain),
        }
        Some(text)
    }

    fn amount(&mut self, field: &str, text: &str) -> Option<String> {
        // Digits are often grouped by commas or spaces.
        let digits: String = text.trim().chars().filter(|it| !matches!(it, ' ' | '_' | '\u{a0}')).collect();
        if digits.is_empty() {
            return None;
        }
        let digits = if grouped(&digits) { digits.replace(',', "") } else { digits };
        match Amount::parse(digits.clone()) {
            Err(_) => self.wrong(field, "bad_amount", text, ""),
            Ok(amount) if amount.as_str().bytes().all(|it| matches!(it, b'0' | b'.')) => {
                self.wrong(field, "amount_is_zero", text, "");
            }
            Ok(_) => {}
        }
        Some(digits)
    }

    fn address(&mut self, at: &str, text: &str, chain: &str, whose: &str) -> Option<Address> {
        let field = format!("{at}.text");
        let chain = self.chain(at, chain);
        let text = self.line(&field, text)?;
        let belongs = Belongs::parse(whose.trim());
        if belongs.is_none() && !whose.trim().is_empty() {
            let known = Belongs::ALL.map(Belongs::as_str).join(", ");
            self.wrong(&format!("{at}.whose"), "unknown_whose", whose, &known);
        }
        let whose = belongs.unwrap_or(Belongs::Unknown);
        if let Some(chain) = chain {
            self.fit(&field, &text, chain);
            return Some(Address { text, chain: Some(chain.id.clone()), form: chain.form, whose });
        }
        let with = |fit| Form::ALL.into_iter().find(|it| it.address(&text) == fit);
        match (with(Fit::Yes), with(Fit::Checksum)) {
            (Some(form), _) => Some(Address { chain: self.only_chain(&text), text, form, whose }),
            (None, slip) => {
                let code = if slip.is_some() { "bad_checksum" } else { "bad_address" };
                self.wrong(&field, code, &text, "");
                None
            }
        }
    }

    /// The chain that alone has such addresses.
    fn only_chain(&self, text: &str) -> Option<String> {
        let mut chains = self.charter.chains().iter().filter(|it| it.form.address(text) == Fit::Yes);
        chains.next().filter(|_| chains.next().is_none()).map(|it| it.id.clone())
    }

    /// Says what is wrong with an address that should be on that chain.
    fn fit(&mut self, field: &str, text: &str, chain: &Chain) {
        let code = match chain.form.address(text) {
            Fit::Yes => return,
            Fit::Checksum => "bad_checksum",
            Fit::No => "bad_address",
        };
        let fits = |it: &&Chain| it.form != chain.form && it.form.address(text) == Fit::Yes;
        let charter = self.charter;
        let others: Vec<&str> = charter.chains().iter().filter(fits).map(|it| it.name.en.as_str()).collect();
        match others.is_empty() {
            true => self.wrong(field, code, text, ""),
            false => self.wrong(field, "address_of_other_chain", text, &others.join(", ")),
        }
    }

    fn transaction(&mut self, at: &str, id: &str, chain: &str) -> Option<Transaction> {
        let field = format!("{at}.id");
        let chain = self.chain(at, chain);
        let id = self.line(&field, id)?;
        let fits = match chain {
            Some(chain) => chain.form.transaction(&id),
            None => Form::ALL.into_iter().any(|it| it.transaction(&id)),
        };
        if !fits {
            self.wrong(&field, "bad_transaction", &id, "");
        }
        Some(Transaction { id, chain: chain.map(|it| it.id.clone()) })
    }

    fn suspect(&mut self, at: &str, platform: &str, account: &str, name: &str) -> Option<Suspect> {
        let platform = self.line(&format!("{at}.platform"), platform).map(|it| it.to_lowercase());
        let account = self.line(&format!("{at}.account"), account);
        let name = self.line(&format!("{at}.name"), name);
        if account.is_none() && name.is_none() {
            // A platform alone says nothing; the form may have it chosen already.
            return None;
        }
        // Often only the name that was shown is known.
        let account = account.or_else(|| name.clone()).unwrap_or_default();
        Some(Suspect { platform, account, name })
    }

    fn contact(&mut self, raw: &RawContact) -> Contact {
        let contact = Contact {
            name: self.line("contact.name", &raw.name),
            email: self.line("contact.email", &raw.email),
            phone: self.line("contact.phone", &raw.phone),
        };
        if let Some(email) = contact.email.as_deref().filter(|it| !is_email(it)) {
            self.wrong("contact.email", "bad_email", email, "");
        }
        if let Some(phone) = contact.phone.as_deref().filter(|it| !is_phone(it)) {
            self.wrong("contact.phone", "bad_phone", phone, "");
        }
        contact
    }

    fn answers(&mut self, raw: &RawReport) -> std::collections::BTreeMap<String, String> {
        if raw.answers.len() > ENTRIES {
            self.wrong("answers", "too_many", &raw.answers.len().to_string(), &ENTRIES.to_string());
        }
        let mut answers = std::collections::BTreeMap::new();
        for (name, text) in raw.answers.iter().take(ENTRIES) {
            let plain = |it: u8| it.is_ascii_alphanumeric() || b"_-.".contains(&it);
            if name.is_empty() || name.len() > 80 || !name.bytes().all(plain) {
                self.wrong("answers", "bad_answer_name", name, "");
            } else if let Some(text) = self.text(&format!("answers.{name}"), text, ANSWER) {
                answers.insert(name.clone(), text);
            }
        }
        answers
    }
}

/// Whether the commas stand where they group thousands: `1,250,000.5`.
fn grouped(digits: &str) -> bool {
    let whole = digits.split('.').next().unwrap_or_default();
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    whole.contains(',') && (1..=3).contains(&first.len()) && groups.all(|it| it.len() == 3)
}

fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.rsplit_once('@') else { return false };
    let bad = |it: char| it.is_whitespace() || it == '@' || it == ',' || it == ';';
    let labels = |it: &str| it.split('.').count() >= 2 && it.split('.').all(|label| !label.is_empty());
    !name.is_empty()
        && !text.contains(char::is_whitespace)
        && !name.chars().any(bad)
        && !host.chars().any(bad)
        && labels(host)
}

fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let fits =
        |(at, it): (usize, char)| it.is_ascii_digit() || "-() .".contains(it) || (at == 0 && it == '+');
    (5..=18).contains(&digits) && text.chars().enumerate().all(fits)
}
