//! A policy made ready to judge: its phrases in one automaton, its names looked up once.

use std::sync::Arc;

use touchstone_language::model::{Bound, Model};
use touchstone_language::secrets::SecretKind;
use touchstone_language::{Lexicon, LexiconError};
use touchstone_policy::schema::{IntField, TextField};
use touchstone_policy::{FeatureKind, FindingSpec, KeyField, Problem, SourceFile};
use touchstone_registry::Fact;
use touchstone_types::PolicyHash;

/// A loaded policy with everything that screening makes of it. Never changes; share it in an
/// `Arc` and swap the `Arc`.
pub struct Policy {
    core: Arc<touchstone_policy::Policy>,
    lexicon: Lexicon,
    /// The policy's number for each finding of the lexicon.
    phrases: Vec<Option<u16>>,
    /// What says how likely a text is a scam.
    model: Bound,
    /// Another one, which is asked beside it and changes nothing.
    shadow: Option<Bound>,
    pub(crate) ids: Ids,
}

/// The findings that this room raises itself, by number; none if the policy does not know them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ids {
    /// An account's name, handle or picture copies an official one.
    pub(crate) imitates_official: Option<u16>,
    /// The same, less surely.
    pub(crate) resembles_official: Option<u16>,
    /// An account's picture copies an official one.
    pub(crate) copies_picture: Option<u16>,
    /// A link, mail address or handle in the text copies an official one.
    pub(crate) points_to_imitation: Option<u16>,
    /// The same, less surely.
    pub(crate) points_to_resemblance: Option<u16>,
    /// An app calls itself like an official one.
    pub(crate) untrusted_client: Option<u16>,
    /// A chain address copies an official one.
    pub(crate) address_imitates_official: Option<u16>,
    /// A chain address copies one the user has paid before.
    pub(crate) address_imitates_recent: Option<u16>,
    /// The language model holds a text to be a scam.
    pub(crate) reads_like_scam: Option<u16>,
    /// A language model outside the house takes the text for part of a scam.
    pub(crate) second_opinion: Option<u16>,
    /// Somebody in the organisation's name does what it says it never does.
    pub(crate) contradicts_official: Option<u16>,
    /// What may be a secret, if somebody has just asked for one.
    pub(crate) may_send_secret: Option<u16>,
    /// A recovery phrase, with what was sent before.
    pub(crate) sends_phrase_in_parts: Option<u16>,
    /// The feature that holds how many words of one were sent before.
    pub(crate) phrase_words: Option<u16>,
    /// By [`SecretKind`].
    pub(crate) sends: [Option<u16>; SecretKind::ALL.len()],
    /// For each fact the findings that contradict it.
    pub(crate) denied_by: Vec<(Fact, Vec<u16>)>,
    /// Findings that say who somebody claims to be.
    pub(crate) claims: Vec<u16>,
    /// The `recent` features that hold whom the user has paid.
    pub(crate) paid: Vec<u16>,
}

/// What each fact denies, by the findings that show it being done.
const DENIES: &[(Fact, &[&str])] = &[
    (Fact::NeverAsksForRecoveryPhrase, &["asks_for_recovery_phrase", "asks_for_private_key"]),
    (Fact::NeverAsksForCode, &["asks_for_code", "asks_for_password"]),
    (Fact::NeverAsksForTransfer, &["asks_for_transfer", "asks_for_fee"]),
    (Fact::NeverAsksForRemoteControl, &["asks_for_remote_control"]),
    (Fact::NeverAsksToInstall, &["asks_to_install"]),
    (Fact::NeverMovesChannel, &["moves_to_other_channel"]),
    (Fact::NeverAsksForApproval, &["asks_to_scan_or_sign", "asks_to_connect_wallet"]),
    (Fact::CannotFreezeWallet, &["threatens_freeze"]),
];

/// The findings by which somebody claims to speak for an organisation.
const CLAIMS: &[&str] = &["claims_support", "claims_authority"];

impl Policy {
    /// Loads and arms the files of a policy.
    ///
    /// # Errors
    /// Every [`Problem`] with its file, line and hint; nothing is half-armed.
    pub fn load(files: Vec<SourceFile>) -> Result<Self, Vec<Problem>> {
        Self::arm(Arc::new(touchstone_policy::Policy::load(files)?))
    }

    /// Compiles the phrases of a loaded policy and looks its names up.
    ///
    /// # Errors
    /// A [`Problem`] for phrases that mean nothing or whose finding is not in the catalogue.
    pub fn arm(core: Arc<touchstone_policy::Policy>) -> Result<Self, Vec<Problem>> {
        let lexicon = Lexicon::build(core.phrases()).map_err(|cause| vec![phrase_problem(&cause)])?;
        let phrases = lexicon.findings().iter().map(|name| core.finding_id(name)).collect();
        let ids = Ids::of(&core);
        let model = Model::built_in().bind(lexicon.findings());
        Ok(Self { core, lexicon, phrases, model, shadow: None, ids })
    }

    /// The same policy with another language model than the one in the program.
    #[must_use]
    pub fn with_model(mut self, model: &Arc<Model>) -> Self {
        self.model = model.bind(self.lexicon.findings());
        self
    }

    /// The same policy with a second language model in shadow: verdicts say what it would have
    /// found, and are what they are without it.
    #[must_use]
    pub fn with_shadow_model(mut self, model: &Arc<Model>) -> Self {
        self.shadow = Some(model.bind(self.lexicon.findings()));
        self
    }

    /// The language model that is live.
    #[must_use]
    pub fn model(&self) -> &Bound {
        &self.model
    }

    /// The language model that is in shadow.
    #[must_use]
    pub fn shadow_model(&self) -> Option<&Bound> {
        self.shadow.as_ref()
    }

    /// The policy as loaded.
    #[must_use]
    pub fn core(&self) -> &Arc<touchstone_policy::Policy> {
        &self.core
    }

    /// Its phrases.
    #[must_use]
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// Which policy this is.
    #[must_use]
    pub fn hash(&self) -> PolicyHash {
        self.core.hash()
    }

    /// The catalogue's entry for a finding of the lexicon.
    pub(crate) fn phrase(&self, number: u16) -> Option<&FindingSpec> {
        let id = self.phrases.get(usize::from(number)).copied().flatten()?;
        self.core.finding(id)
    }
}

impl std::fmt::Debug for Policy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Policy").field("id", &self.core.id()).field("hash", &self.core.hash()).finish()
    }
}

impl Ids {
    fn of(core: &touchstone_policy::Policy) -> Self {
        let all = |names: &[&str]| names.iter().filter_map(|name| core.finding_id(name)).collect();
        let paid = core.features().iter().filter(|spec| {
            let to = [TextField::TransferTo, TextField::TransferToAddress];
            spec.kind == FeatureKind::Recent && to.iter().any(|to| spec.of == Some(KeyField::Text(*to)))
        });
        Self {
            imitates_official: core.finding_id("imitates_official"),
            resembles_official: core.finding_id("resembles_official"),
            copies_picture: core.finding_id("copies_picture"),
            points_to_imitation: core.finding_id("points_to_imitation"),
            points_to_resemblance: core.finding_id("points_to_resemblance"),
            untrusted_client: core.finding_id("untrusted_client"),
            address_imitates_official: core.finding_id("address_imitates_official"),
            address_imitates_recent: core.finding_id("address_imitates_recent"),
            reads_like_scam: core.finding_id("reads_like_scam"),
            second_opinion: core.finding_id("second_opinion"),
            contradicts_official: core.finding_id("contradicts_official"),
            may_send_secret: core.finding_id("may_send_secret"),
            sends_phrase_in_parts: core.finding_id("sends_phrase_in_parts"),
            phrase_words: core
                .features()
                .iter()
                .find(|spec| spec.number == Some(IntField::PhraseWords))
                .map(|it| it.index),
            sends: SecretKind::ALL.map(|kind| core.finding_id(&format!("sends_{}", kind.name()))),
            denied_by: DENIES.iter().map(|(fact, names)| (*fact, all(names))).collect(),
            claims: all(CLAIMS),
            paid: paid.map(|spec| spec.index).collect(),
        }
    }
}

fn phrase_problem(cause: &LexiconError) -> Problem {
    Problem { file: "phrases".to_owned(), line: 0, column: 0, message: cause.to_string(), hint: None }
}
