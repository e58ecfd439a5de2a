//! Takes links, domains and e-mail addresses apart.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Hosts on which anybody can have a page, by the page's path.
const SHARED: &[&str] = &[
    "sites.google.com",
    "docs.google.com",
    "drive.google.com",
    "forms.gle",
    "t.me",
    "telegram.me",
    "telegra.ph",
    "medium.com",
    "linktr.ee",
    "github.com",
    "gitlab.com",
    "facebook.com",
    "m.facebook.com",
    "instagram.com",
    "twitter.com",
    "x.com",
    "youtube.com",
    "tiktok.com",
    "discord.gg",
    "discord.com",
    "wa.me",
    "vk.com",
    "linkedin.com",
    "reddit.com",
    "notion.site",
    "notion.so",
    "bit.ly",
    "tinyurl.com",
    "weibo.com",
    "zhihu.com",
    "storage.googleapis.com",
    "ipfs.io",
    "cloudflare-ipfs.com",
    "steemit.com",
    "change.org",
    "trello.com",
];

/// Delivery networks that put the customer's whole host name in front of their own; own list.
const DELIVERY: &[&str] = &[
    "akadns.net",
    "akamai.net",
    "akamaized.net",
    "akamaiedge.net",
    "edgekey.net",
    "edgesuite.net",
    "cdn.cloudflare.net",
    "cdngslb.com",
    "alikunlun.com",
    "kunlunca.com",
    "cdnhwc1.com",
    "qcloudcdn.com",
    "tdnsv5.com",
    "wscdns.com",
    "wsdvs.com",
    "fastly.net",
    "llnwd.net",
    "trafficmanager.net",
    "azureedge.net",
    "azurefd.net",
    "alikunlun.net",
    "volcfcdndvs.com",
    "dnse0.com",
    "dnse1.com",
    "dnse2.com",
    "dnse3.com",
    "dnse4.com",
    "dnse5.com",
    "cdnhwc2.com",
    "cdnhwc3.com",
];

/// Does a delivery network answer there for its customer?
pub(crate) fn is_delivery(host: &str) -> bool {
    DELIVERY.iter().any(|it| host.strip_suffix(it).is_some_and(|rest| rest.ends_with('.')))
}

/// Domains on which anybody can have a mailbox.
const MAILBOXES: &[&str] = &[
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "msn.com",
    "yahoo.com",
    "yahoo.co.jp",
    "icloud.com",
    "me.com",
    "aol.com",
    "proton.me",
    "protonmail.com",
    "mail.ru",
    "yandex.ru",
    "yandex.com",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "web.de",
    "qq.com",
    "foxmail.com",
    "163.com",
    "126.com",
    "yeah.net",
    "sina.com",
    "sina.cn",
    "sohu.com",
    "139.com",
    "189.cn",
    "aliyun.com",
    "naver.com",
    "hanmail.net",
    "daum.net",
    "zoho.com",
    "mail.com",
    "tutanota.com",
    "tuta.io",
    "inbox.lv",
    "rediffmail.com",
    "libero.it",
    "orange.fr",
    "free.fr",
    "uol.com.br",
    "bol.com.br",
    "t-online.de",
    "rambler.ru",
    "bk.ru",
    "list.ru",
    "inbox.ru",
    "fastmail.com",
    "hey.com",
    "ukr.net",
];

/// A host and what surrounds it, as far as a reader is led by it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Link {
    /// In lower case, with punycode decoded and the tricks of defanged links undone.
    pub(crate) host: String,
    /// Where the registrable domain begins in `host`, and where its public suffix does.
    pub(crate) registrable: usize,
    pub(crate) suffix: usize,
    /// What stands before an `@`.
    pub(crate) user: String,
    pub(crate) path: String,
    pub(crate) shared: bool,
    pub(crate) punycode: bool,
    /// The public suffix is one that a hosting company gives out.
    pub(crate) free: bool,
    /// What stood in the host after a sign that looks like `/`.
    pub(crate) disguised: bool,
    spare: String,
}

/// Longer hosts and paths are cut.
const MAX_HOST: usize = 512;

impl Link {
    /// Reads a domain or a link.
    pub(crate) fn read(&mut self, text: &str) {
        for part in [&mut self.host, &mut self.user, &mut self.path, &mut self.spare] {
            part.clear();
        }
        (self.punycode, self.disguised) = (false, false);
        let text = text.trim();
        let scheme = text.find("://").filter(|at| *at <= 8);
        let rest = scheme.map_or(text, |at| &text[at + 3..]);
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (mut authority, path) = rest.split_at(end);
        self.path.push_str(cut(path));
        if let Some(at) = authority.rfind('@') {
            self.user.push_str(cut(&authority[..at]));
            authority = &authority[at + 1..];
        }
        self.read_host(cut(authority));
        self.find_parts();
    }

    fn read_host(&mut self, authority: &str) {
        let port = authority.rfind(':').filter(|at| authority[at + 1..].bytes().all(|b| b.is_ascii_digit()));
        let host = port.map_or(authority, |at| &authority[..at]);
        let plain = host.bytes().all(|it| it.is_ascii() && !matches!(it, b'[' | b']' | b'(' | b')'));
        if plain {
            self.spare.push_str(host);
            self.spare.make_ascii_lowercase();
        }
        for c in if plain { "" } else { host }.chars() {
            match c {
                '[' | ']' | '(' | ')' => {} // example[.]com
                '。' | '．' | '｡' | '․' => self.spare.push('.'),
                '／' | '⁄' | '∕' | '⧸' | '╱' => {
                    self.disguised = true;
                    self.spare.push(c);
                }
                _ => self.spare.extend(c.to_lowercase()),
            }
        }
        while self.spare.ends_with('.') {
            self.spare.pop();
        }
        if self.spare.contains("xn--") && self.spare.split('.').any(|label| label.starts_with("xn--")) {
            self.punycode = true;
            for (at, label) in self.spare.split('.').enumerate() {
                if at > 0 {
                    self.host.push('.');
                }
                match label.strip_prefix("xn--").and_then(idna::punycode::decode_to_string) {
                    Some(decoded) => self.host.push_str(&decoded),
                    None => self.host.push_str(label),
                }
            }
        } else {
            self.host.push_str(&self.spare);
        }
    }

    fn find_parts(&mut self) {
        let (suffix_len, free) = suffix_of(&self.host);
        self.free = free;
        self.suffix = self.host.len() - suffix_len;
        let before = self.host[..self.suffix].trim_end_matches('.');
        self.registrable = before.rfind('.').map_or(0, |at| at + 1);
        self.shared = SHARED.contains(&self.host.trim_start_matches("www."));
        if before.is_empty() {
            (self.suffix, self.registrable) = (self.host.len(), 0);
        }
    }

    /// The public suffix: `com`, `co.uk`, `pages.dev`.
    pub(crate) fn suffix(&self) -> &str {
        &self.host[self.suffix..]
    }
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(MAX_HOST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Can anybody have a mailbox there?
pub(crate) fn is_mailbox(domain: &str) -> bool {
    MAILBOXES.contains(&domain)
}

/// The label of a domain that bears the name: `metamask` of `metamask.io`, `weixin` of `weixin.qq.com`.
pub(crate) fn name_of(domain: &str) -> &str {
    let domain = domain.split("://").last().unwrap_or(domain);
    let host = domain.split(['/', '?', '#']).next().unwrap_or(domain).trim_start_matches("www.");
    let before = host[..host.len() - suffix_of(host).0].trim_end_matches('.');
    before.split('.').next().filter(|it| !it.is_empty()).unwrap_or(host)
}

/// How a rule of the Public Suffix List reads, and whether a company and not a registry made it.
#[derive(Clone, Copy)]
struct Rule {
    wildcard: bool,
    exception: bool,
    private: bool,
}

/// Domains of well-known brands and mail providers; see `tools/domains.py`.
static WELL_KNOWN: LazyLock<HashSet<&'static str, foldhash::fast::FixedState>> =
    LazyLock::new(|| include_str!("../data/domains.txt").lines().collect());

/// Does everybody know that domain, so that it is a typing error of no other?
pub(crate) fn is_well_known(registrable: &str) -> bool {
    WELL_KNOWN.contains(registrable)
}

static SUFFIXES: LazyLock<HashMap<&'static str, Rule, foldhash::fast::FixedState>> = LazyLock::new(|| {
    let mut rules: HashMap<&str, Rule, _> = HashMap::default();
    let mut private = false;
    for line in include_str!("../data/suffixes.txt").lines() {
        if line.starts_with("//") {
            private |= line.contains("BEGIN PRIVATE");
            continue;
        }
        let (name, wildcard, exception) = match (line.strip_prefix("*."), line.strip_prefix('!')) {
            (Some(name), _) => (name, true, false),
            (_, Some(name)) => (name, false, true),
            _ => (line, false, false),
        };
        rules.insert(name, Rule { wildcard, exception, private });
    }
    rules
});

/// The length of a host's public suffix, and whether anybody can have a page below it.
pub(crate) fn suffix_of(host: &str) -> (usize, bool) {
    let mut found = (host.rsplit('.').next().map_or(0, str::len), false);
    let mut below: Option<usize> = None; // Where the label before `at` begins.
    let mut end = host.len();
    while let Some(at) = host[..end].rfind('.').map(|dot| dot + 1).or((end > 0).then_some(0)) {
        let rest = &host[at..];
        if let Some(rule) = SUFFIXES.get(rest) {
            if rule.exception {
                return (below.map_or(0, |it| host.len() - it), rule.private);
            }
            if rule.wildcard {
                let label = host[..at.saturating_sub(1)].rfind('.').map_or(0, |dot| dot + 1);
                found = (host.len() - label, rule.private);
            } else {
                found = (rest.len(), rule.private);
            }
        }
        below = Some(at);
        if at == 0 {
            break;
        }
        end = at - 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_follow_the_public_list() {
        for (host, suffix, free) in [
            ("example.com", "com", false),
            ("example.co.uk", "co.uk", false),
            ("me.pages.dev", "pages.dev", true),
            ("a.b.ck", "b.ck", false),
            ("www.ck", "ck", false),
            ("unknown.zzzz", "zzzz", false),
            ("com", "com", false),
        ] {
            let found = suffix_of(host);
            assert_eq!((&host[host.len() - found.0..], found.1), (suffix, free), "{host}");
        }
    }

    #[test]
    fn a_link_is_taken_apart_as_a_browser_does() {
        let mut link = Link::default();
        link.read("hxxps://user@shop[.]Example.co.uk:8443/path?q#f");
        assert_eq!((link.host.as_str(), link.user.as_str()), ("shop.example.co.uk", "user"));
        assert_eq!(&link.host[link.registrable..], "example.co.uk");
        link.read("xn--bcher-kva.example");
        assert!(link.punycode && link.host == "bücher.example");
    }
}
