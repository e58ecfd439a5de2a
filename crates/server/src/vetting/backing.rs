//! Who stands behind an application, as the pages of applicants, officers and everybody show it.

use touchstone_registry::ProofMethod;
use touchstone_registry::vetting::{Backing, Record, Stage, Standing, backing, consents};
use touchstone_store::KeptApplication;
use touchstone_types::Moment;

use super::{flow, proofs};
use crate::console::shell::Shell;
use crate::console::show::minutes;
use crate::ctx::Ctx;

/// One place where the listed organisation can say that the application is its own.
pub(crate) struct ConsentStep {
    pub(crate) method: &'static str,
    pub(crate) title: String,
    pub(crate) domain: String,
    pub(crate) place: String,
}

/// How an application stands with the organisation it names.
pub(crate) struct BackingView {
    /// The organisation's id.
    pub(crate) organisation: String,
    /// In words.
    pub(crate) text: String,
    /// Whether that is enough.
    pub(crate) good: bool,
    /// Officers' published reasons: who, when, why.
    pub(crate) reasons: Vec<(String, String, String)>,
    /// What the applicant can do about it, while something can be done.
    pub(crate) steps: Vec<ConsentStep>,
    /// The text to put there.
    pub(crate) value: String,
}

/// The most domains that are offered; a large organisation has hundreds.
const DOMAINS: usize = 8;

/// How it stands; `None` where there is nothing to say: the organisation is brought along.
pub(crate) fn view(ctx: &Ctx, s: &Shell, kept: &KeptApplication, now: Moment) -> Option<BackingView> {
    let record = &kept.record;
    let listed = ctx.registry.now();
    let standing = flow::standing(&listed.registry, &record.wanted.organisation, now);
    let reasons: Vec<_> = record
        .reviews
        .iter()
        .filter(|it| !it.instead.is_empty())
        .map(|it| (it.officer.clone(), minutes(it.at), it.instead.clone()))
        .collect();
    let ended = matches!(record.stage, Stage::Published | Stage::Refused);
    // What ended is shown as it was decided: the organisation is listed by then, if only by this.
    let how = match backing(record, &standing, now, &ctx.desk.terms) {
        Backing::Nobody if ended && record.consent.is_some() => Backing::Consented,
        Backing::Nobody if ended && reasons.len() == 2 => Backing::Reasoned,
        Backing::Founding | Backing::Nobody if ended => return None,
        Backing::Founding if reasons.is_empty() => return None,
        other => other,
    };
    let consent = record.consent.as_ref().map(|it| it.domain.clone());
    let domain = consent.or_else(|| record.wanted.host()).unwrap_or_default();
    let text = match how {
        Backing::Consented => s.t1("backing-consented", "domain", domain.as_str()),
        Backing::Reasoned | Backing::Founding => s.t("backing-reasoned"),
        Backing::Nobody => s.t("backing-nobody"),
    };
    let open = how == Backing::Nobody && !ended;
    Some(BackingView {
        organisation: record.wanted.organisation.clone(),
        text,
        good: how != Backing::Nobody,
        reasons,
        steps: if open { steps(s, &standing) } else { Vec::new() },
        value: kept.nonce.clone(),
    })
}

fn steps(s: &Shell, standing: &Standing) -> Vec<ConsentStep> {
    let ways = [ProofMethod::DnsTxt, ProofMethod::WellKnown];
    let domains = standing.domains.iter().take(DOMAINS);
    domains
        .flat_map(|domain| {
            ways.into_iter().map(|method| ConsentStep {
                method: method.name(),
                title: s.t(&format!("prove-{}", method.name().replace('_', "-"))),
                domain: domain.clone(),
                place: proofs::consent_place(domain, method),
            })
        })
        .collect()
}

/// Whether officers are asked why they do without the organisation's word: it is listed and has
/// not given it, or may be listed by the time that this is.
pub(crate) fn asks_officers(record: &Record, standing: &Standing, ctx: &Ctx, now: Moment) -> bool {
    match backing(record, standing, now, &ctx.desk.terms) {
        Backing::Nobody => true,
        Backing::Founding => record.wanted.describes.is_none(),
        Backing::Consented | Backing::Reasoned => false,
    }
}

/// The place that was named, if it is one of the organisation's.
pub(crate) fn place(standing: &Standing, domain: &str, method: &str) -> Option<(String, ProofMethod)> {
    let method = ProofMethod::from_name(method).filter(|it| consents(*it))?;
    let domain = standing.domains.iter().find(|it| **it == *domain)?;
    Some((domain.clone(), method))
}
