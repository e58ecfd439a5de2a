//! Takes links, domains and e-mail addresses apart.

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
        for c in host.chars() {
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
        if self.spare.split('.').any(|label| label.starts_with("xn--")) {
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
        let host = self.host.as_bytes();
        let suffix = psl::suffix(host);
        let suffix_len = suffix.map_or(0, |it| it.as_bytes().len());
        self.free = suffix.is_some_and(|it| it.typ() == Some(psl::Type::Private));
        self.suffix = host.len() - suffix_len;
        let before = self.host[..self.suffix].trim_end_matches('.');
        self.registrable = before.rfind('.').map_or(0, |at| at + 1);
        self.shared = SHARED.contains(&self.host.trim_start_matches("www."));
        if before.is_empty() {
            (self.suffix, self.registrable) = (host.len(), 0);
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
    let suffix = psl::suffix(host.as_bytes()).map_or(0, |it| it.as_bytes().len());
    let before = host[..host.len() - suffix].trim_end_matches('.');
    before.split('.').next().filter(|it| !it.is_empty()).unwrap_or(host)
}
