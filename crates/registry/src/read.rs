//! Reading the two forms of the list.
//!
//! The full form has one record a line:
//! `{"record":"organisation","id":"acme","name":{"zh":"…","en":"Acme"},"facts":["never_writes_first"],"ways_in":[{"zh":"…","en":"…"}]}`,
//! `{"record":"identity","organisation":"acme","kind":"handle","value":"acme_help","platform":"chat","account":"u1","from":"2026-01-01T00:00:00Z"}`,
//! which may also have `chain`, `purposes`, `until`, `revoked` with `reason` (`{"zh","en"}`), `voided` (`{"at","reason"}`),
//! for an app `certificate`, `files` (SHA-256) and `newest_safe`, for an agent `role` and `languages`;
//! `{"record":"owner","organisation":"acme","domains":["acme-cdn.example"]}`.
//! The simple form has one brand a line, of which only `brand` must be there:
//! `{"brand":"acme","domains":[…],"handles":[…],"names":[…],"zh":[…],"accounts":[{"platform","id","handle","display_name"}],
//! "addresses":["eip155:1:0x…"],"emails":[…],"phones":["+…"],"packages":[…],"facts":[…],"ways_in":[{"zh","en"}]}`.
//! Both may stand in one file. Empty lines are skipped, unknown fields too.

use std::collections::hash_map::Entry;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use touchstone_types::{Bilingual, Moment};

use crate::statement::VoidReason;
use crate::{Digest, Fact, FactSet, Identity, IdentityKind, Organisation, Registry, normal};

/// Why a list was refused: every bad line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct RegistryError(pub Vec<BadLine>);

/// One line that says nothing we understand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct BadLine {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

#[derive(Deserialize)]
struct Line {
    record: Option<Record>,
    // The simple form.
    brand: Option<String>,
    #[serde(default)]
    domains: Vec<String>,
    #[serde(default)]
    handles: Vec<String>,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    zh: Vec<String>,
    #[serde(default)]
    accounts: Vec<ListedAccount>,
    #[serde(default)]
    addresses: Vec<String>,
    #[serde(default)]
    emails: Vec<String>,
    #[serde(default)]
    phones: Vec<String>,
    #[serde(default)]
    packages: Vec<String>,
    // The full form.
    id: Option<String>,
    name: Option<Bilingual>,
    #[serde(default)]
    facts: Vec<String>,
    #[serde(default)]
    ways_in: Vec<Bilingual>,
    organisation: Option<String>,
    kind: Option<String>,
    value: Option<String>,
    platform: Option<String>,
    account: Option<String>,
    chain: Option<String>,
    #[serde(default)]
    purposes: Vec<String>,
    from: Option<Moment>,
    until: Option<Moment>,
    revoked: Option<Moment>,
    reason: Option<Bilingual>,
    voided: Option<Void>,
    certificate: Option<Digest>,
    #[serde(default)]
    files: Vec<Digest>,
    newest_safe: Option<String>,
    #[serde(default)]
    languages: Vec<String>,
    role: Option<String>,
}

/// A listing that does not count until it is proved again.
#[derive(Deserialize, Serialize)]
pub(crate) struct Void {
    pub(crate) at: Moment,
    pub(crate) reason: VoidReason,
}

#[derive(Deserialize)]
struct ListedAccount {
    platform: String,
    id: String,
    handle: Option<String>,
    display_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Record {
    Organisation,
    Identity,
    Owner,
}

impl Registry {
    /// Reads a list in either form, or a mix of both.
    ///
    /// # Errors
    /// [`RegistryError`] names every bad line; nothing is half-read.
    pub fn from_json_lines(text: &str) -> Result<Self, RegistryError> {
        let mut registry = Registry::default();
        let mut bad = Vec::new();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let read = serde_json::from_str::<Line>(line).map_err(|cause| cause.to_string());
            if let Err(reason) = read.and_then(|line| registry.take(line)) {
                bad.push(BadLine { line: at + 1, reason });
            }
        }
        if bad.is_empty() { Ok(registry) } else { Err(RegistryError(bad)) }
    }

    fn take(&mut self, line: Line) -> Result<(), String> {
        match (&line.record, &line.brand) {
            (Some(Record::Organisation), _) => self.take_organisation(line),
            (Some(Record::Identity), _) => self.take_identity(line),
            (Some(Record::Owner), _) => {
                let holder = self.known(line.organisation.as_deref())?;
                self.own(holder, &line.domains)
            }
            (None, Some(_)) => self.take_brand(line),
            (None, None) => Err("neither `record` nor `brand` is given".to_owned()),
        }
    }

    fn take_organisation(&mut self, line: Line) -> Result<(), String> {
        let id = line.id.ok_or("an organisation needs an `id`")?;
        let facts = facts(&line.facts)?;
        let name = line.name.unwrap_or_else(|| Bilingual { zh: id.clone(), en: id.clone() });
        let holder = self.add_organisation(Organisation {
            id: id.into(),
            name,
            facts,
            ways_in: line.ways_in,
            owned_domains: Vec::new(),
        })?;
        self.own(holder, &line.domains)
    }

    fn take_identity(&mut self, line: Line) -> Result<(), String> {
        let organisation = self.known(line.organisation.as_deref())?;
        let kind = line.kind.as_deref().ok_or("an identity needs a `kind`")?;
        let kind = IdentityKind::from_name(kind).ok_or_else(|| {
            let known: Vec<_> = IdentityKind::ALL.iter().map(|kind| kind.name()).collect();
            format!("unknown kind `{kind}`; known are {}", known.join(", "))
        })?;
        if line.account.is_some() != line.platform.is_some() {
            return Err("`platform` and `account` belong together".to_owned());
        }
        let shared = |text: Option<String>| text.map(Arc::<str>::from);
        self.add_identity(
            &line.value.ok_or("an identity needs a `value`")?,
            Identity {
                platform: shared(line.platform),
                account: shared(line.account),
                chain: shared(line.chain),
                purposes: line.purposes.into_iter().map(Arc::from).collect(),
                from: line.from,
                until: line.until,
                revoked: line.revoked,
                revoked_because: line.reason.map(Arc::new),
                voided: line.voided.map(|it| (it.at, it.reason)),
                certificate: line.certificate,
                files: line.files,
                newest_safe: shared(line.newest_safe),
                languages: line.languages.into_iter().map(Arc::from).collect(),
                role: shared(line.role),
                ..plain(organisation, kind)
            },
        )
    }

    fn take_brand(&mut self, line: Line) -> Result<(), String> {
        let brand = line.brand.unwrap_or_default();
        let shown = line.names.first().cloned().unwrap_or_else(|| brand.clone());
        let holder = match self.by_id.get(brand.as_str()) {
            Some(at) => *at,
            None => self.add_organisation(Organisation {
                id: brand.into(),
                name: Bilingual { zh: line.zh.first().cloned().unwrap_or_else(|| shown.clone()), en: shown },
                facts: facts(&line.facts)?,
                ways_in: line.ways_in,
                owned_domains: Vec::new(),
            })?,
        };
        let lists = [
            (IdentityKind::Domain, &line.domains),
            (IdentityKind::Handle, &line.handles),
            (IdentityKind::DisplayName, &line.names),
            (IdentityKind::DisplayName, &line.zh),
            (IdentityKind::Email, &line.emails),
            (IdentityKind::Phone, &line.phones),
            (IdentityKind::App, &line.packages),
        ];
        for (kind, values) in lists {
            for value in values {
                self.add_identity(value, plain(holder, kind))?;
            }
        }
        for address in &line.addresses {
            let (chain, value) = address.rsplit_once(':').unwrap_or(("", address));
            let chain = (!chain.is_empty()).then(|| Arc::from(chain));
            self.add_identity(value, Identity { chain, ..plain(holder, IdentityKind::Address) })?;
        }
        line.accounts.iter().try_for_each(|account| self.take_account(holder, account))
    }

    /// One account of a brand: its handle and its name, each bound to the account's id.
    fn take_account(&mut self, holder: u32, account: &ListedAccount) -> Result<(), String> {
        let names =
            [(IdentityKind::Handle, &account.handle), (IdentityKind::DisplayName, &account.display_name)];
        if names.iter().all(|(_, name)| name.is_none()) {
            return Err(format!("account `{}` has neither handle nor display name", account.id));
        }
        for (kind, name) in names {
            let Some(name) = name else { continue };
            let identity = Identity {
                platform: Some(account.platform.as_str().into()),
                account: Some(account.id.as_str().into()),
                ..plain(holder, kind)
            };
            self.add_identity(name, identity)?;
        }
        Ok(())
    }

    fn known(&self, id: Option<&str>) -> Result<u32, String> {
        let id = id.ok_or("`organisation` is missing")?;
        self.by_id
            .get(id)
            .copied()
            .ok_or_else(|| format!("organisation `{id}` is not listed on an earlier line"))
    }

    fn add_organisation(&mut self, organisation: Organisation) -> Result<u32, String> {
        if organisation.id.trim().is_empty() {
            return Err("the id of an organisation must not be empty".to_owned());
        }
        let at = u32::try_from(self.organisations.len()).map_err(|_| "too many organisations")?;
        match self.by_id.entry(Arc::clone(&organisation.id)) {
            Entry::Occupied(_) => Err(format!("organisation `{}` is listed twice", organisation.id)),
            Entry::Vacant(place) => {
                place.insert(at);
                self.organisations.push(organisation);
                Ok(at)
            }
        }
    }

    fn add_identity(&mut self, value: &str, identity: Identity) -> Result<(), String> {
        let kind = identity.kind;
        let compared = normal(kind, value)
            .ok_or_else(|| format!("`{value}` is no {}", kind.name().replace('_', " ")))?;
        let identity = Identity { value: Arc::from(&*compared), shown: value.trim().into(), ..identity };
        let at = u32::try_from(self.identities.len()).map_err(|_| "too many identities")?;
        if kind == IdentityKind::Domain && identity.revoked.is_none() {
            self.claim(identity.organisation, &identity.value)?;
        }
        self.insert(at, identity);
        Ok(())
    }

    fn own(&mut self, holder: u32, domains: &[String]) -> Result<(), String> {
        for domain in domains {
            let value =
                normal(IdentityKind::Domain, domain).ok_or_else(|| format!("`{domain}` is no domain"))?;
            let value: Arc<str> = Arc::from(&*value);
            self.claim(holder, &value)?;
            if let Some(organisation) = self.organisations.get_mut(holder as usize) {
                organisation.owned_domains.push(value);
            }
        }
        Ok(())
    }

    fn claim(&mut self, holder: u32, domain: &Arc<str>) -> Result<(), String> {
        match self.owners.insert(Arc::clone(domain), holder) {
            Some(other) if other != holder => {
                let other = self.organisations.get(other as usize).map_or("another", |it| &it.id);
                Err(format!("domain `{domain}` is already listed for `{other}`"))
            }
            _ => Ok(()),
        }
    }
}

fn facts(names: &[String]) -> Result<FactSet, String> {
    names.iter().try_fold(FactSet::default(), |set, name| {
        Fact::from_name(name).map(|fact| set.with(fact)).ok_or_else(|| {
            let known: Vec<_> = Fact::ALL.iter().map(|fact| fact.name()).collect();
            format!("unknown fact `{name}`; known are {}", known.join(", "))
        })
    })
}

fn plain(organisation: u32, kind: IdentityKind) -> Identity {
    Identity {
        organisation,
        kind,
        value: Arc::from(""),
        shown: Arc::from(""),
        platform: None,
        account: None,
        chain: None,
        purposes: Vec::new(),
        from: None,
        until: None,
        revoked: None,
        id: None,
        index: None,
        changed: None,
        proved: None,
        voided: None,
        revoked_because: None,
        certificate: None,
        files: Vec::new(),
        newest_safe: None,
        languages: Vec::new(),
        role: None,
    }
}
