//! Answers in words, Chinese and English: calm, and never more certain than the list is.

use touchstone_registry::{Fact, IdentityKind, Organisation};
use touchstone_types::{Bilingual, Likeness, Moment};

use super::{Denied, Item, ItemKind, Listing, Reason, Sign, Standing, Support};
use crate::Directory;

/// A text longer than this is cut where it is quoted.
const LONGEST_QUOTE: usize = 80;
/// How many ways in are made of an organisation's listed identities.
const MAX_WAYS: usize = 5;

fn say(zh: impl Into<String>, en: impl Into<String>) -> Bilingual {
    Bilingual { zh: zh.into(), en: en.into() }
}

/// What a sentence about an item may name.
pub(super) struct Told<'a> {
    pub(super) kind: ItemKind,
    pub(super) text: &'a str,
    pub(super) listing: Option<&'a Listing>,
    pub(super) organisation: Option<&'a Bilingual>,
    pub(super) likeness: Option<&'a Likeness>,
    pub(super) source: Option<&'a str>,
}

/// The answer about one item.
pub(super) fn item(reason: Reason, told: &Told<'_>) -> Bilingual {
    let what = quote(told.text);
    let nobody = say("", "");
    let name = told.organisation.unwrap_or(&nobody);
    let official = told.likeness.map(|it| quote(&it.official)).unwrap_or_default();
    match reason {
        Reason::Listed => listed(&what, name, told),
        Reason::NameOnly => say(
            format!("“{what}”是{}使用的名称。名称谁都可以取：请再查对方的账号、链接或号码。", name.zh),
            format!(
                "“{what}” is a name that {} uses. Anyone can take a name: check the account, link or number behind it.",
                name.en
            ),
        ),
        Reason::OwnedDomain => say(
            format!("“{what}”属于{}，但{}不从这个域名回复用户。", name.zh, name.zh),
            format!("“{what}” belongs to {}, which does not answer users from it.", name.en),
        ),
        Reason::Revoked => ended(&what, name, told, "已被撤销", "was withdrawn"),
        Reason::Voided => {
            ended(&what, name, told, "因账号有变已暂停", "was suspended because the account changed")
        }
        Reason::Lapsed => ended(&what, name, told, "已过期，没有续期", "ended and was not renewed"),
        Reason::NotYet => say(
            format!("“{what}”已由{}登记，但还没有生效。", name.zh),
            format!("“{what}” was entered by {} and is not in force yet.", name.en),
        ),
        Reason::Imitates => say(
            format!("“{what}”在模仿{}的“{official}”，但不是它。", name.zh),
            format!("“{what}” imitates “{official}” of {}, and is not it.", name.en),
        ),
        Reason::Resembles => say(
            format!("“{what}”不在名单上。它与{}的“{official}”有些相似，请仔细比对。", name.zh),
            format!(
                "“{what}” is not listed. It is somewhat like “{official}” of {}: compare them closely.",
                name.en
            ),
        ),
        Reason::Blocklisted => {
            let source = told.source.unwrap_or_default();
            say(
                format!("“{what}”在已知诈骗名单上（来源：{source}）。"),
                format!("“{what}” is on a list of known fraud (source: {source})."),
            )
        }
        Reason::NoPhoneLine => say(
            format!("名单上的机构都没有电话客服，所以“{what}”不是它们的客服电话。"),
            format!("Nobody on the list has a phone line, so “{what}” is not their support."),
        ),
        Reason::ListedDomain => say(
            format!(
                "“{what}”的域名属于{}，但这个邮箱不在名单上。发件地址可以伪造，请不要只凭它相信来信。",
                name.zh
            ),
            format!(
                "The domain of “{what}” belongs to {}, but this address is not listed. Senders can be forged: do not trust a letter for its address.",
                name.en
            ),
        ),
        Reason::Undecodable => say(
            format!("“{what}”不是有效的域名，编码无法还原。请不要打开。"),
            format!("“{what}” is no valid domain: its encoding cannot be read. Do not open it."),
        ),
        Reason::Unknown => say(
            format!("“{what}”不在名单上，我们对它一无所知。"),
            format!("“{what}” is not listed; nothing is known of it."),
        ),
    }
}

fn listed(what: &str, name: &Bilingual, told: &Told<'_>) -> Bilingual {
    let platform = told.listing.and_then(|it| it.platform.as_deref());
    let (on_zh, on_en) = match platform {
        Some(it) => (
            format!("（仅指在 {it} 上的账号，别处同名的是别人）"),
            format!(" (its account on {it}; the same name elsewhere is somebody else)"),
        ),
        None => Default::default(),
    };
    let kind = kind(told.kind);
    say(
        format!("“{what}”在名单上，是{}的{}{on_zh}。", name.zh, kind.zh),
        format!("“{what}” is listed as {} of {}{on_en}.", kind.en, name.en),
    )
}

fn ended(what: &str, name: &Bilingual, told: &Told<'_>, zh: &str, en: &str) -> Bilingual {
    let when = told.listing.and_then(|it| it.ended).map(day);
    let (zh_when, en_when) =
        when.map_or_else(Default::default, |day| (format!("（{day}）"), format!(" on {day}")));
    let because = told.listing.and_then(|it| it.because.as_ref());
    let (zh_why, en_why) = because.map_or_else(Default::default, |it| {
        (format!("原因：{}。", it.zh), format!(" The reason: {}.", it.en))
    });
    say(
        format!("“{what}”曾是{}的官方身份，{zh}{zh_when}，现在不再有效。{zh_why}", name.zh),
        format!("“{what}” was official for {}; it {en}{en_when} and no longer counts.{en_why}", name.en),
    )
}

fn kind(kind: ItemKind) -> Bilingual {
    match kind {
        ItemKind::Name => say("名称", "a name"),
        ItemKind::Handle => say("官方账号", "an official account"),
        ItemKind::Link | ItemKind::Domain => say("官方网站", "an official site"),
        ItemKind::Email => say("官方邮箱", "an official mail address"),
        ItemKind::Phone => say("官方电话", "an official phone number"),
        ItemKind::Address => say("官方收款地址", "an official address"),
        ItemKind::App => say("官方应用", "an official app"),
        ItemKind::Hash => say("官方应用的文件或证书", "a file or certificate of an official app"),
    }
}

/// The day of a moment, in UTC.
fn day(moment: Moment) -> String {
    let text = moment.to_string();
    text.get(..10).map_or(text.clone(), str::to_owned)
}

/// The text as it is quoted: cut, and with nothing in it that cannot be seen.
pub(super) fn quote(text: &str) -> String {
    let mut quoted: String =
        text.chars().take(LONGEST_QUOTE).map(|c| if is_hidden(c) { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(LONGEST_QUOTE).is_some() {
        quoted.push('…');
    }
    quoted
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// A fact as a whole sentence. Many an organisation's name says already that it is support.
pub(super) fn fact(organisation: &Organisation, fact: Fact) -> Bilingual {
    let words = fact.sentence();
    say(format!("{}{}。", organisation.name.zh, words.zh), format!("{} {}.", organisation.name.en, words.en))
}

/// The answer about the whole.
pub(super) fn headline(
    standing: Standing,
    forbidden: &[Sign],
    denied: &[Denied],
    items: &[Item],
    not_looked_up: u32,
) -> Bilingual {
    let has = |reason: Reason| items.iter().any(|it| it.reason == reason);
    let some_listed = items.iter().any(|it| it.standing == Standing::Listed);
    match standing {
        Standing::Contradicted if !forbidden.is_empty() => say(
            "不要照做：它要的东西，真正的客服从不会要。",
            "Do not do it: it asks for what real support never asks for.",
        ),
        Standing::Contradicted if has(Reason::Imitates) => {
            say("不是官方：它在模仿官方身份。", "Not official: it imitates an official identity.")
        }
        Standing::Contradicted if has(Reason::Blocklisted) => {
            say("请停下：其中有已知的诈骗信息。", "Stop: something in it is known fraud.")
        }
        Standing::Contradicted if !denied.is_empty() || has(Reason::NoPhoneLine) => say(
            "与官方公开的说明相反：真正的客服不会这样做。",
            "It contradicts what is published: real support does not do this.",
        ),
        Standing::Contradicted => say("与名单相矛盾。", "It contradicts the list."),
        Standing::Revoked => say("曾经是官方，现在不再有效。", "It was official and no longer is."),
        Standing::Listed if items.iter().all(|it| it.reason == Reason::NameOnly) => say(
            "官方有这个名称，但名称谁都可以取。",
            "There is such an official name, but anyone can take a name.",
        ),
        Standing::Listed => say("在官方名单上。", "It is on the official list."),
        Standing::Unknown if some_listed && not_looked_up > 0 => say(
            "内容太多，没有全部核对：不能当作官方。",
            "There is too much in it; not everything was looked up. Do not take it for official.",
        ),
        Standing::Unknown if some_listed => say(
            "只有一部分在名单上：真链接旁边也可以放假号码。",
            "Only part of it is listed: a real link may stand beside a false number.",
        ),
        Standing::Unknown if items.is_empty() => say(
            "里面没有可以在名单上查对的内容。",
            "There is nothing in it that could be looked up on the list.",
        ),
        Standing::Unknown => say("不知道：名单上没有它。", "Unknown: it is not on the list."),
    }
}

/// What to do now, the most urgent first.
pub(super) fn advice(standing: Standing, forbidden: bool, holds_secret: bool) -> Vec<Bilingual> {
    let mut lines = Vec::new();
    if holds_secret {
        lines.push(say(
            "您粘贴的内容里像是有助记词、私钥或密码。我们没有保存它，但请不要再粘贴到任何地方；若已发给别人，请马上转移资产、修改密码。",
            "What you pasted seems to hold a recovery phrase, key or password. We did not keep it, but do not paste it anywhere again; if somebody has it, move your assets and change the password now.",
        ));
    }
    match standing {
        Standing::Contradicted => lines.extend([
            say("停止回复，不要点链接、转账或安装软件。", "Stop replying. Open no link, send no money, install nothing."),
            say("从您自己打开的应用或官网联系客服，不用对方给的方式。", "Reach support from the app or site that you open yourself, not the way you were given."),
        ]),
        Standing::Revoked => lines.push(say(
            "不要再通过它联系。请改用下面的官方入口。",
            "Do not use it any more. Use the ways in below.",
        )),
        Standing::Listed => lines.push(say(
            "名单只说明这是谁的，不说明现在和您说话的是谁。请自己打开官方入口，而不是跟着消息走。",
            "The list says whose it is, not who is talking to you now. Open the official way in yourself instead of following a message.",
        )),
        Standing::Unknown => lines.push(say(
            "没查到不等于是真的，也不等于是假的。涉及账号和钱，请先从官方入口核实。",
            "Not found means neither real nor fake. Where accounts or money are concerned, check through the official way in first.",
        )),
    }
    if forbidden {
        lines.push(say(
            "如果已经给了对方：立刻改密码、转移资产、联系官方冻结，并保留聊天记录。",
            "If you already gave it: change passwords and move assets now, ask the official support to freeze, and keep the chat.",
        ));
    }
    lines.push(say(
        "无论对方是谁，都不要告诉他助记词、私钥、密码或验证码。",
        "Whoever it is: do not tell them a recovery phrase, private key, password or code.",
    ));
    lines
}

/// How an organisation's support is reached: what it says itself, else what is listed.
pub(super) fn support(organisation: &Organisation, directory: &Directory, now: Moment) -> Support {
    let mut ways_in = organisation.ways_in.clone();
    if ways_in.is_empty() {
        ways_in = listed_ways(organisation, directory, now);
    }
    Support {
        organisation: organisation.id.to_string(),
        name: organisation.name.clone(),
        ways_in,
        never: organisation.facts.iter().map(Fact::sentence).collect(),
    }
}

fn listed_ways(organisation: &Organisation, directory: &Directory, now: Moment) -> Vec<Bilingual> {
    let mut ways = Vec::new();
    for identity in directory.identities_of(&organisation.id).filter(|it| it.in_force(now)) {
        let shown = &identity.shown;
        let on = identity.platform.as_deref();
        ways.push(match (identity.kind, on) {
            (IdentityKind::Domain, _) => say(format!("网站：{shown}"), format!("Site: {shown}")),
            (IdentityKind::Email, _) => say(format!("邮箱：{shown}"), format!("Mail: {shown}")),
            (IdentityKind::Phone, _) => say(format!("电话：{shown}"), format!("Phone: {shown}")),
            (IdentityKind::App, _) => say(format!("应用：{shown}"), format!("App: {shown}")),
            (IdentityKind::Handle, Some(on)) => {
                say(format!("{on} 上的账号：@{shown}"), format!("Account on {on}: @{shown}"))
            }
            _ => continue,
        });
        if ways.len() == MAX_WAYS {
            break;
        }
    }
    ways
}
