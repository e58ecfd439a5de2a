//! Chains and assets, by every word that people use for them.

use std::collections::BTreeMap;

use serde::Deserialize;
use touchstone_types::{Bilingual, Chain as ChainId};

use super::{CharterProblem, File};
use crate::report::Form;

/// A chain that a report may name.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    /// CAIP-2 id.
    pub id: String,
    /// Name for people.
    pub name: Bilingual,
    /// Other words for it.
    #[serde(default)]
    pub also: Vec<String>,
    /// What its addresses and transaction ids look like.
    pub form: Form,
}

/// An asset that a report may name.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asset {
    /// Symbol, such as `USDT`; unique.
    pub symbol: String,
    /// Name for people.
    pub name: Bilingual,
    /// Other words for it.
    #[serde(default)]
    pub also: Vec<String>,
    /// Chains that carry it (CAIP-2); none for money.
    #[serde(default)]
    pub chains: Vec<String>,
    /// What one is worth in US dollars, to one figure: for the order of the queue alone.
    pub rough_usd: f64,
    /// Whether it is money, which no chain carries.
    #[serde(default)]
    pub money: bool,
    /// Who can freeze it, by an id of the issuers in `jurisdictions.json`.
    pub issuer: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    chain: Vec<Chain>,
    asset: Vec<Asset>,
}

#[derive(Debug)]
pub(super) struct Assets {
    chains: Vec<Chain>,
    assets: Vec<Asset>,
    chain_words: BTreeMap<String, usize>,
    asset_words: BTreeMap<String, usize>,
}

impl Assets {
    pub(super) fn read(file: File<'_>) -> Result<Self, Vec<CharterProblem>> {
        let Listed { chain: chains, asset: assets } = file.toml().map_err(|it| vec![it])?;
        let mut problems = Vec::new();
        for chain in chains.iter().filter(|it| ChainId::parse(it.id.as_str()).is_err()) {
            problems
                .push(file.about(&chain.id, format!("`{}` is no CAIP-2 chain such as eip155:1", chain.id)));
        }
        for asset in &assets {
            let mut wrong =
                |reason: String| problems.push(file.about(&format!("\"{}\"", asset.symbol), reason));
            if let Some(it) = asset.chains.iter().find(|it| !chains.iter().any(|chain| chain.id == **it)) {
                wrong(format!("{} names the chain `{it}`, which is not in the list", asset.symbol));
            }
            if asset.money != asset.chains.is_empty() {
                wrong(format!("{} is either money or on a chain", asset.symbol));
            }
            if !(asset.rough_usd.is_finite() && asset.rough_usd > 0.0) {
                wrong(format!("`rough_usd` of {} must be more than nothing", asset.symbol));
            }
        }
        let of_chains = chains.iter().map(|it| (it.id.as_str(), &it.name, &it.also));
        let chain_words = words(of_chains, file, &mut problems);
        let of_assets = assets.iter().map(|it| (it.symbol.as_str(), &it.name, &it.also));
        let asset_words = words(of_assets, file, &mut problems);
        if problems.is_empty() {
            Ok(Self { chains, assets, chain_words, asset_words })
        } else {
            Err(problems)
        }
    }

    pub(super) fn chains(&self) -> &[Chain] {
        &self.chains
    }

    pub(super) fn assets(&self) -> &[Asset] {
        &self.assets
    }

    pub(super) fn chain(&self, text: &str) -> Option<&Chain> {
        self.chain_words.get(&text.trim().to_lowercase()).map(|at| &self.chains[*at])
    }

    pub(super) fn asset(&self, text: &str) -> Option<&Asset> {
        self.asset_words.get(&text.trim().to_lowercase()).map(|at| &self.assets[*at])
    }
}

/// Every word for every entry, lower case. A word for two of them is a problem.
fn words<'a>(
    entries: impl Iterator<Item = (&'a str, &'a Bilingual, &'a Vec<String>)>,
    file: File<'_>,
    problems: &mut Vec<CharterProblem>,
) -> BTreeMap<String, usize> {
    let mut words = BTreeMap::new();
    let mut ids: Vec<&str> = Vec::new();
    for (at, (id, name, also)) in entries.enumerate() {
        ids.push(id);
        let all = [id, &name.zh, &name.en].into_iter().chain(also.iter().map(String::as_str));
        for word in all {
            let before = words.insert(word.to_lowercase(), at).filter(|before| *before != at);
            if let Some(before) = before {
                problems.push(file.about(id, format!("`{word}` stands for both {} and {id}", ids[before])));
            }
        }
    }
    words
}
