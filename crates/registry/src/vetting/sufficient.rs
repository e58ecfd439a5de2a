//! What proves control of which kind of identity.

use super::{Wanted, empty};
use crate::{IdentityKind, ProofMethod};

/// The sets of proofs of which one, whole, proves control of such an identity.
///
/// One proof is enough for most kinds. An app needs two: `asset_links`, by which a site says that
/// the app is its own, together with `dns_txt` or `well_known`, by which the applicant shows that
/// the site is theirs.
///
/// An officer's own word is enough only where nothing can be checked by a machine: a name or a
/// picture that belongs to no account, an agent, an address on a chain whose signatures are not
/// read here; and for an app outside Android together with a file on the organisation's site.
#[must_use]
pub fn sufficient(wanted: &Wanted) -> &'static [&'static [ProofMethod]] {
    use ProofMethod as P;
    let on_platform = wanted.platform.is_some();
    match wanted.kind {
        IdentityKind::Domain => &[&[P::DnsTxt], &[P::WellKnown]],
        IdentityKind::Email => &[&[P::MailboxCode]],
        IdentityKind::Phone => &[&[P::PhoneCode]],
        // Whose app it is, the site says; whose site it is, the applicant shows.
        IdentityKind::App => {
            &[&[P::AssetLinks, P::DnsTxt], &[P::AssetLinks, P::WellKnown], &[P::WellKnown, P::OfficerSeen]]
        }
        IdentityKind::Address if signs(wanted.chain.as_deref()) => &[&[P::AddressSignature]],
        IdentityKind::Handle => &[&[P::Posted]],
        IdentityKind::DisplayName | IdentityKind::Avatar if on_platform => &[&[P::Posted]],
        IdentityKind::Address | IdentityKind::DisplayName | IdentityKind::Avatar | IdentityKind::Agent => {
            &[&[P::OfficerSeen]]
        }
    }
}

/// Whether signatures of that chain can be checked here: Ethereum's kind, and Solana's.
fn signs(chain: Option<&str>) -> bool {
    chain.is_some_and(|it| it.starts_with("eip155:") || it.starts_with("solana:"))
}

/// The table of proofs, one line a kind, as docs/vetting.md prints it.
#[must_use]
pub fn table() -> String {
    let rows = [
        ("domain", IdentityKind::Domain, None, None),
        ("e-mail address", IdentityKind::Email, None, None),
        ("phone number", IdentityKind::Phone, None, None),
        ("account on a platform", IdentityKind::Handle, Some("p"), None),
        ("display name or avatar of an account", IdentityKind::DisplayName, Some("p"), None),
        ("display name or avatar alone", IdentityKind::DisplayName, None, None),
        ("address on an `eip155:` or `solana:` chain", IdentityKind::Address, None, Some("eip155:1")),
        ("address on another chain", IdentityKind::Address, None, None),
        ("app", IdentityKind::App, None, None),
        ("support agent", IdentityKind::Agent, None, None),
    ];
    let mut text = String::from("| what | proved by |\n|---|---|\n");
    for (name, kind, platform, chain) in rows {
        let owned = |it: &str| it.to_owned();
        let wanted = Wanted { platform: platform.map(owned), chain: chain.map(owned), ..empty(kind) };
        let sets = sufficient(&wanted).iter().map(|set| {
            let names: Vec<String> = set.iter().map(|it| format!("`{it}`")).collect();
            names.join(" and ")
        });
        text.push_str(&format!("| {name} | {} |\n", sets.collect::<Vec<_>>().join(", or ")));
    }
    text
}
