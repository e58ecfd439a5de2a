use sha2::{Digest, Sha256};
use webauthn_rs::prelude::{
    Passkey, PasskeyAuthentication, PasskeyRegistration, Url, Uuid, Webauthn, WebauthnBuilder, WebauthnError,
};

/// Passkeys (WebAuthn) of the staff at one address of the console.
///
/// Each way has two halves: `start_…` gives what the browser is asked and what is kept until it
/// answers; `finish_…` takes both. What goes out, is kept and is stored is JSON.
pub struct Passkeys {
    webauthn: Webauthn,
}

/// A question to the browser.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// For `navigator.credentials.create` or `.get`: JSON with a field `publicKey`.
    pub question: String,
    /// To be kept by the server until the answer comes, and used once.
    pub state: String,
}

/// Why a passkey was not made or not accepted.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// The console's address does not fit passkeys. Next: correct the configuration. They need
    /// `https://` and a domain, or `http://localhost`.
    #[error("passkeys do not work at this address")]
    Address(#[source] Option<WebauthnError>),
    /// The answer does not fit the question, or the key is not the owner's. Next: try again.
    #[error("the passkey was not accepted")]
    Refused(#[source] WebauthnError),
    /// What came or what was stored is no such JSON.
    #[error("the passkey data cannot be read")]
    Json(#[from] serde_json::Error),
}

impl Passkeys {
    /// For a console at `origin`, such as `https://touchstone.example` or
    /// `http://localhost:8700`; `name` is shown by the browser.
    ///
    /// # Errors
    /// [`PasskeyError::Address`].
    pub fn at(origin: &str, name: &str) -> Result<Self, PasskeyError> {
        let url = Url::parse(origin).map_err(|_| PasskeyError::Address(None))?;
        let domain = url.domain().ok_or(PasskeyError::Address(None))?.to_owned();
        let webauthn = WebauthnBuilder::new(&domain, &url)
            .map(|it| it.rp_name(name))
            .and_then(WebauthnBuilder::build)
            .map_err(|cause| PasskeyError::Address(Some(cause)))?;
        Ok(Self { webauthn })
    }

    /// Asks the browser for a new passkey; `existing` are the stored ones of the same member,
    /// so that a device is not registered twice.
    ///
    /// # Errors
    /// [`PasskeyError`].
    pub fn start_registration(
        &self,
        member: i64,
        login: &str,
        name: &str,
        existing: &[String],
    ) -> Result<Challenge, PasskeyError> {
        let known = passkeys(existing)?.iter().map(|it| it.cred_id().clone()).collect();
        let (question, state) = self
            .webauthn
            .start_passkey_registration(handle(member), login, name, Some(known))
            .map_err(PasskeyError::Refused)?;
        challenge(&question, &state)
    }

    /// Takes the browser's answer (JSON); gives the passkey to be stored.
    ///
    /// # Errors
    /// [`PasskeyError`].
    pub fn finish_registration(&self, answer: &str, state: &str) -> Result<String, PasskeyError> {
        let state: PasskeyRegistration = serde_json::from_str(state)?;
        let answer = serde_json::from_str(answer)?;
        let made =
            self.webauthn.finish_passkey_registration(&answer, &state).map_err(PasskeyError::Refused)?;
        Ok(serde_json::to_string(&made)?)
    }

    /// Asks the browser to prove one of the stored passkeys of a member.
    ///
    /// # Errors
    /// [`PasskeyError`].
    pub fn start_authentication(&self, stored: &[String]) -> Result<Challenge, PasskeyError> {
        let (question, state) =
            self.webauthn.start_passkey_authentication(&passkeys(stored)?).map_err(PasskeyError::Refused)?;
        challenge(&question, &state)
    }

    /// Takes the browser's answer (JSON). Gives which of `stored` was proven, by its place, and
    /// what is to be stored in its stead: its counter may have risen.
    ///
    /// # Errors
    /// [`PasskeyError`].
    pub fn finish_authentication(
        &self,
        answer: &str,
        state: &str,
        stored: &[String],
    ) -> Result<(usize, String), PasskeyError> {
        let state: PasskeyAuthentication = serde_json::from_str(state)?;
        let answer = serde_json::from_str(answer)?;
        let result =
            self.webauthn.finish_passkey_authentication(&answer, &state).map_err(PasskeyError::Refused)?;
        for (place, mut passkey) in passkeys(stored)?.into_iter().enumerate() {
            if passkey.update_credential(&result).is_some() {
                return Ok((place, serde_json::to_string(&passkey)?));
            }
        }
        Err(PasskeyError::Refused(WebauthnError::CredentialNotFound))
    }
}

fn passkeys(stored: &[String]) -> Result<Vec<Passkey>, PasskeyError> {
    stored.iter().map(|it| Ok(serde_json::from_str(it)?)).collect()
}

fn challenge(
    question: &impl serde::Serialize,
    state: &impl serde::Serialize,
) -> Result<Challenge, PasskeyError> {
    Ok(Challenge { question: serde_json::to_string(question)?, state: serde_json::to_string(state)? })
}

/// The id by which a device knows the member: the same each time, and nothing but an id.
fn handle(member: i64) -> Uuid {
    let sum: [u8; 32] = Sha256::new()
        .chain_update("touchstone member 1\n")
        .chain_update(member.to_be_bytes())
        .finalize()
        .into();
    Uuid::from_bytes(std::array::from_fn(|at| sum[at]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_is_asked_for_this_place_and_the_state_reads_back() {
        let passkeys = Passkeys::at("http://localhost:8700", "Touchstone").unwrap();
        let asked = passkeys.start_registration(7, "ann", "Ann", &[]).unwrap();
        let question: serde_json::Value = serde_json::from_str(&asked.question).unwrap();
        assert_eq!(question["publicKey"]["rp"]["id"], "localhost");
        assert_eq!(question["publicKey"]["user"]["name"], "ann");
        assert!(serde_json::from_str::<PasskeyRegistration>(&asked.state).is_ok());
        let again = passkeys.start_registration(7, "ann", "Ann", &[]).unwrap();
        assert_ne!(asked.state, again.state); // A challenge is asked once.
        assert_eq!(handle(7), handle(7));
        assert_ne!(handle(7), handle(8));
    }

    #[test]
    fn nonsense_is_refused() {
        let passkeys = Passkeys::at("https://desk.example", "Touchstone").unwrap();
        let asked = passkeys.start_registration(7, "ann", "Ann", &[]).unwrap();
        assert!(matches!(passkeys.finish_registration("{}", &asked.state), Err(PasskeyError::Json(_))));
        assert!(matches!(passkeys.start_authentication(&["x".into()]), Err(PasskeyError::Json(_))));
        for bad in ["desk.example", "https://192.0.2.7", "not a url"] {
            assert!(matches!(Passkeys::at(bad, "Touchstone"), Err(PasskeyError::Address(_))), "{bad}");
        }
    }
}
