//! Domains, links and e-mail addresses: each part of them that a reader is led by is judged as
//! a name, and knows where it stood.

use std::borrow::Cow;

use crate::closest::{Judged, Place, Scratch, Zone, better};
use crate::hosts;
use crate::index::{Hosts, Index, Kind, Resemblance, Tier};
use crate::score::{OBSERVATION_COUNT, Seen};
use crate::techniques::Techniques;

/// What nobody does by chance.
const DISGUISES: Techniques = Techniques::CONFUSABLE
    .or(Techniques::STYLED)
    .or(Techniques::INVISIBLE)
    .or(Techniques::BIDI)
    .or(Techniques::FLIPPED)
    .or(Techniques::USER_INFO);

/// What happens by chance between names that have nothing to do with one another.
const TYPOS: Techniques = Techniques::REPEATED
    .or(Techniques::DROPPED)
    .or(Techniques::INSERTED)
    .or(Techniques::SWAPPED)
    .or(Techniques::VOWEL)
    .or(Techniques::KEYBOARD)
    .or(Techniques::BIT_FLIP)
    .or(Techniques::REPLACED);

/// Is the host, or a domain above it, in the list?
fn is_below(host: &str, list: &Hosts) -> bool {
    let mut rest = host;
    while !list.is_empty() {
        if list.contains(rest) {
            return true;
        }
        let Some(dot) = rest.find('.') else { break };
        rest = &rest[dot + 1..];
    }
    false
}

impl Index {
    pub(crate) fn judge_link(&self, candidate: &str, scratch: &mut Scratch) -> Option<Judged> {
        let mut link = std::mem::take(&mut scratch.link);
        link.read(candidate);
        scratch.link = link;
        let (host, path_is_shared) = (scratch.link.host.as_str(), scratch.link.shared);
        if let Some(official) = self.owner(host) {
            let is_itself = self.domains.contains_key(host.trim_start_matches("www."));
            if !path_is_shared {
                return is_itself.then(|| same(official));
            }
        }
        if (is_below(host, &self.owned) || hosts::is_delivery(host)) && !path_is_shared {
            return None;
        }
        let is_known = is_below(host, &self.known) && !path_is_shared;
        let free = scratch.link.free || path_is_shared;
        let mut best = None;
        for zone in [Zone::Domain, Zone::Subdomain, Zone::User, Zone::Path] {
            let found = self.judge_zone(zone, free, scratch);
            best = better(best, found);
        }
        best.filter(|it| !is_known || it.resemblance.techniques.intersects(DISGUISES))
    }

    fn judge_zone(&self, zone: Zone, free: bool, scratch: &mut Scratch) -> Option<Judged> {
        let link = &scratch.link;
        let label = link.host[link.registrable..link.suffix].trim_end_matches('.');
        let below = link.host[..link.registrable].trim_end_matches('.');
        let below =
            below.strip_prefix("www").filter(|it| it.is_empty() || it.starts_with('.')).unwrap_or(below);
        let part = match zone {
            Zone::Domain if !link.shared => label,
            Zone::Subdomain if !below.is_empty() && !link.shared => &link.host[..link.suffix],
            Zone::User => link.user.as_str(),
            Zone::Path if link.shared => link.path.trim_start_matches("/view").trim_matches('/'),
            _ => "",
        };
        if part.is_empty() {
            return None;
        }
        let mut text = std::mem::take(&mut scratch.text);
        text.clear();
        text.push_str(part);
        let place = Place { zone, free, punycode: scratch.link.punycode };
        let mut found = self.judge_name(&text, place, Kind::Domain, scratch);
        scratch.text = text;
        if zone != Zone::Domain {
            return found;
        }
        if let Some(found) = found.as_mut() {
            self.compare_suffix(found, scratch);
        }
        // A well-known domain is no typing error of another. One that reads the same, or holds the whole name, is judged
        // like any other, and so is what stands to the left of it or behind it.
        let registrable = &scratch.link.host[scratch.link.registrable..];
        found.filter(|it| {
            let techniques = it.resemblance.techniques;
            !techniques.intersects(TYPOS)
                || techniques.intersects(DISGUISES)
                || !hosts::is_well_known(registrable)
        })
    }

    /// The same name under the same ending, or under another?
    fn compare_suffix(&self, found: &mut Judged, scratch: &Scratch) {
        let Some(official) = self.official(found.resemblance.official) else { return };
        let suffix = match official.kind {
            Kind::Domain => hosts::suffix_of(&official.text).0,
            _ => 0,
        };
        let is_same = suffix > 0 && &official.text[official.text.len() - suffix..] == scratch.link.suffix();
        let techniques = &mut found.resemblance.techniques;
        if !is_same && !techniques.intersects(Techniques::ADDED | Techniques::ROLE) {
            *techniques |= Techniques::SUFFIX;
        }
        if techniques.is_empty() {
            *techniques = Techniques::SEPARATOR; // token-im.com: the dot is what differs.
        }
    }

    /// Whose domain it is, or a domain above it.
    pub(crate) fn owner(&self, host: &str) -> Option<u32> {
        let mut rest = host;
        loop {
            if let Some(official) = self.domains.get(rest) {
                return Some(*official);
            }
            rest = &rest[rest.find('.')? + 1..];
        }
    }

    pub(crate) fn judge_mail(&self, candidate: &str, scratch: &mut Scratch) -> Option<Judged> {
        let (shown, address) = match (candidate.rfind('<'), candidate.rfind('>')) {
            (Some(from), Some(to)) if from < to => (&candidate[..from], &candidate[from + 1..to]),
            _ => ("", candidate),
        };
        let (local, domain) = address.trim().rsplit_once('@').unwrap_or((address, ""));
        let host = lower(domain);
        if self.owner(&host).is_some() && !hosts::is_mailbox(&host) {
            return self.official_with(address).map(same);
        }
        let mut best = None;
        if !shown.trim().is_empty() {
            let place = Place { zone: Zone::Displayed, ..Place::default() };
            best = self.judge_name(shown.trim_matches(['"', ' ']), place, Kind::Email, scratch);
            best = better(self.judge_shown(shown), best);
        }
        if hosts::is_mailbox(&host) {
            let place = Place { zone: Zone::LocalPart, free: true, punycode: false };
            let found = self.judge_name(local, place, Kind::Email, scratch);
            return better(best, found);
        }
        better(best, self.judge_link(domain, scratch))
    }

    /// An official address or domain that is shown as the name of another address.
    fn judge_shown(&self, shown: &str) -> Option<Judged> {
        let mut words = shown.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '(' | ')'));
        let official = words.find_map(|word| {
            let host = word.rsplit('@').next().filter(|it| it.contains('.'))?; // A domain, not a name.
            self.owner(&lower(host))
        })?;
        let mut judged = same(official);
        judged.resemblance.closeness = 0.995;
        judged.resemblance.techniques = Techniques::DISPLAYED;
        Some(judged)
    }

    fn official_with(&self, address: &str) -> Option<u32> {
        let at = self
            .officials
            .iter()
            .position(|it| it.kind == Kind::Email && it.text.eq_ignore_ascii_case(address));
        at.and_then(|it| u32::try_from(it).ok())
    }
}

/// In lower case; most are already.
fn lower(text: &str) -> Cow<'_, str> {
    if text.chars().any(char::is_uppercase) { text.to_lowercase().into() } else { text.into() }
}

fn same(official: u32) -> Judged {
    let mut observed = [0.0; OBSERVATION_COUNT];
    observed[Seen::Always as usize] = 1.0;
    observed[Seen::ExactAlone as usize] = 1.0;
    let resemblance = Resemblance { official, closeness: 1.0, tier: Tier::Act, techniques: Techniques::SAME };
    Judged { resemblance, observed, fits: true }
}
