//! Are blockchain addresses listed as bad, or imitations?
//!
//! A poisoned address is made to be taken for one the user knows: the ends that wallets show
//! are the same, the middle is not.

use std::ops::Range;

use touchstone_lookalike::Kind;
use touchstone_policy::{FeatureValue, ListKind};
use touchstone_registry::IdentityKind;
use touchstone_types::{Data, Likeness, LikenessStep, Name};

use super::identity::{Match, is_official};
use super::{Look, lists};
use crate::compared::Compared;
use crate::signals::{Known, Raise, Signals};

/// Raises what is wrong with the addresses of an event.
pub(crate) fn check(look: Look<'_>, compared: &mut Compared, signals: &mut Signals) {
    let text = look.event.data.text().unwrap_or_default();
    for (address, span) in look.text.addresses(text) {
        one(look, address, "text", Some((text, span)), compared, signals);
    }
    match &look.event.data {
        Data::TransferRequested(transfer) => {
            let address = transfer.to.address();
            one(look, address, "transfer.to", None, compared, signals);
            recent(look, address, signals);
        }
        Data::ApprovalRequested(approval) => {
            one(look, approval.spender.address(), "approval.spender", None, compared, signals);
        }
        _ => {}
    }
}

fn one(
    look: Look<'_>,
    address: &str,
    field: &'static str,
    place: Option<(&str, Range<usize>)>,
    compared: &mut Compared,
    signals: &mut Signals,
) {
    if is_official(look, IdentityKind::Address, address) {
        return;
    }
    lists::check(look, ListKind::Address, address, field, place.clone(), signals);
    let directory = look.facts.registry;
    let Some(resemblance) = compared.closest(directory, address, Kind::Address) else { return };
    let found = Match { candidate: address, kind: Kind::Address, resemblance };
    let likeness = found.likeness(look);
    let official = likeness.official.clone();
    let brand = directory.holder(resemblance.official).map(|it| it.name.en.as_str());
    let known = Known { official: Some(&official), brand, address: Some(address), ..Known::default() };
    let id = look.policy.ids.address_imitates_official;
    signals.raise(
        look.policy,
        Raise { place, known, likeness: Some(likeness), ..Raise::new(id, address, field) },
    );
}

/// Compares the address with those the same user has paid before.
fn recent(look: Look<'_>, address: &str, signals: &mut Signals) {
    let paid = look.policy.ids.paid.iter().filter_map(|at| match look.facts.features.get(usize::from(*at)) {
        Some(FeatureValue::Texts(texts)) => Some(texts.iter().copied()),
        _ => None,
    });
    let known: Vec<&str> = paid.flatten().map(without_chain).collect();
    if known.iter().any(|it| same(it, address)) {
        return;
    }
    let Some(copied) = known.iter().find(|it| looks_like(address, it)) else { return };
    let likeness = Box::new(Likeness {
        official: (*copied).to_owned(),
        brand: String::new(),
        candidate: address.to_owned(),
        closeness: closeness(address, copied),
        techniques: vec!["address_ends".into()],
        alignment: align(copied, address),
    });
    let id = look.policy.ids.address_imitates_recent;
    let known = Known { official: Some(copied), address: Some(address), ..Known::default() };
    let details = vec![(Name::from("paid_before"), (*copied).to_owned())];
    let raise = Raise { known, details, likeness: Some(likeness), ..Raise::new(id, address, "transfer.to") };
    signals.raise(look.policy, raise);
}

fn without_chain(account: &str) -> &str {
    account.rsplit_once(':').map_or(account, |(_, address)| address)
}

/// What is in every address of its kind says nothing: `0x`, the `T` of Tron, `bc1q`.
fn body(address: &str) -> &str {
    let rest = ["0x", "0X", "bc1q", "bc1p", "tb1q"].iter().find_map(|head| address.strip_prefix(head));
    rest.or_else(|| address.strip_prefix('T').filter(|_| address.len() == 34)).unwrap_or(address)
}

fn is_hex(address: &str) -> bool {
    address.starts_with("0x") || address.starts_with("0X")
}

fn equal(address: &str) -> impl Fn(u8, u8) -> bool {
    let hex = is_hex(address);
    move |a, b| if hex { a.eq_ignore_ascii_case(&b) } else { a == b }
}

fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).all(|(x, y)| equal(a)(x, y))
}

/// How many characters at the head and at the tail are the same.
fn ends(a: &str, b: &str) -> (usize, usize) {
    let (a_body, b_body) = (body(a).as_bytes(), body(b).as_bytes());
    let is_same = equal(a);
    let head = a_body.iter().zip(b_body).take_while(|(x, y)| is_same(**x, **y)).count();
    let tail = a_body.iter().rev().zip(b_body.iter().rev()).take_while(|(x, y)| is_same(**x, **y)).count();
    (head, tail)
}

/// Whether one address would be taken for the other, which it is not. A random pair of
/// hexadecimal addresses does so about once in ten million.
pub(crate) fn looks_like(a: &str, b: &str) -> bool {
    if is_hex(a) != is_hex(b) || same(a, b) || !a.is_ascii() || !b.is_ascii() {
        return false;
    }
    let (head, tail) = ends(a, b);
    let one_off = a.len() == b.len() && {
        let is_same = equal(a);
        a.bytes().zip(b.bytes()).filter(|(x, y)| !is_same(*x, *y)).count() == 1
    };
    one_off || (head >= 3 && tail >= 3 && head + tail >= 7) || head >= 8 || tail >= 8
}

fn closeness(a: &str, b: &str) -> f32 {
    let (head, tail) = ends(a, b);
    let length = body(a).len().max(body(b).len()).max(1);
    // Wallets show the ends: they are most of what a person compares.
    (0.8 + 0.2 * (head + tail).min(length) as f32 / length as f32).min(0.999)
}

/// Head, middle and tail side by side.
fn align(known: &str, candidate: &str) -> Vec<LikenessStep> {
    let (head, tail) = ends(known, candidate);
    let shared = body(known).len().min(body(candidate).len());
    let tail = tail.min(shared - head.min(shared));
    let cut = |address: &str| {
        let start = address.len() - body(address).len() + head;
        let end = (address.len() - tail).max(start);
        (address[..start].to_owned(), address[start..end].to_owned(), address[end..].to_owned())
    };
    let (a, b) = (cut(known), cut(candidate));
    let step = |official: String, candidate: String, technique: Option<&str>| LikenessStep {
        official,
        candidate,
        technique: technique.map(Name::from),
    };
    [step(a.0, b.0, None), step(a.1, b.1, Some("other_middle")), step(a.2, b.2, None)]
        .into_iter()
        .filter(|it| !(it.official.is_empty() && it.candidate.is_empty()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &str = "0x44E9625868059ad8cf7fd7b1997f04579af4a587";

    #[test]
    fn an_address_with_the_ends_of_a_known_one_looks_like_it() {
        for (address, alike) in [
            ("0x44e91111111111111111111111111111111aa587", true),
            ("0x44e1111111111111111111111111111111111587", false),
            ("0x44e11111111111111111111111111111111fa587", true),
            ("0x44e9625811111111111111111111111111111111", true),
            ("0x1111111111111111111111111111111179af4a587", true),
            ("0x44e9625868059ad8cf7fd7b1997f04579af4a586", true),
            ("0x44e9625868059ad8cf7fd7b1997f04579af4a587", false),
            ("0x9999999999999999999999999999999999999999", false),
            ("44e9625868059ad8cf7fd7b1997f04579af4a586", false),
        ] {
            assert_eq!(looks_like(address, KNOWN), alike, "{address}");
        }
        assert!(looks_like("TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE", "TQn9aaaaaaaaaaaaaaaaaaaaaaaaaabLSE"));
        assert!(!looks_like("TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE", "Tqn9aaaaaaaaaaaaaaaaaaaaaaaaaablse"));
    }

    #[test]
    fn the_pieces_side_by_side_cover_both_addresses() {
        for candidate in
            ["0x44e91111111111111111111111111111111aa587", "0x44e9625868059ad8cf7fd7b1997f04579af4a586"]
        {
            let steps = align(KNOWN, candidate);
            assert_eq!(steps.iter().map(|it| it.official.as_str()).collect::<String>(), KNOWN);
            assert_eq!(steps.iter().map(|it| it.candidate.as_str()).collect::<String>(), candidate);
        }
    }
}
