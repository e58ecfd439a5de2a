//! JSON to an address that somebody gave us, signed so that they know it is from us.
//!
//! Headers and signature are those of the Standard Webhooks specification (v1, HMAC-SHA-256):
//! `webhook-id`, `webhook-timestamp`, `webhook-signature`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use touchstone_types::Moment;

use crate::{Answer, CallError, Caller};

/// Where to post, and the secret that both sides know.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its address, `https`.
    pub url: String,
    /// The shared secret, as bytes.
    pub secret: Vec<u8>,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a webhook to {}", self.url) // Never the secret.
    }
}

/// The signature of a body: `v1,` and base64 of the HMAC over `id.seconds.body`.
#[must_use]
pub fn sign(secret: &[u8], id: &str, seconds: i64, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        return String::new(); // Cannot be: HMAC takes a key of any length.
    };
    mac.update(format!("{id}.{seconds}.").as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// Whether one of the signatures in the header `webhook-signature` is over exactly this: compared in
/// constant time. Whether the time is near enough is the caller's to say.
#[must_use]
pub fn verify(secret: &[u8], id: &str, seconds: i64, body: &[u8], header: &str) -> bool {
    let fits = |signature: &str| {
        let Some(Ok(given)) = signature.strip_prefix("v1,").map(|it| STANDARD.decode(it)) else {
            return false;
        };
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return false };
        mac.update(format!("{id}.{seconds}.").as_bytes());
        mac.update(body);
        mac.verify_slice(&given).is_ok()
    };
    header.split(' ').any(fits)
}

/// The text is no secret of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a webhook's secret is `whsec_` and base64 of 24 to 64 random bytes")]
pub struct BadSecret;

/// Reads a secret as the specification writes it: `whsec_` and base64 of 24 to 64 bytes.
///
/// # Errors
/// [`BadSecret`] for anything else.
pub fn read_secret(text: &str) -> Result<Vec<u8>, BadSecret> {
    let digits = text.trim().strip_prefix("whsec_").ok_or(BadSecret)?;
    let bytes = STANDARD.decode(digits).map_err(|_| BadSecret)?;
    if (24..=64).contains(&bytes.len()) { Ok(bytes) } else { Err(BadSecret) }
}

/// The same, written.
#[must_use]
pub fn write_secret(bytes: &[u8]) -> String {
    format!("whsec_{}", STANDARD.encode(bytes))
}

impl Caller {
    /// Posts signed JSON. The same `id` again says that it is the same message.
    ///
    /// # Errors
    /// [`CallError`] unless the other side answers with a success.
    pub fn webhook(&self, to: &Webhook, id: &str, at: Moment, json: &[u8]) -> Result<(), CallError> {
        match self.signed(to, id, at, json)?.status {
            200..300 => Ok(()),
            status => Err(CallError::Failed(format!("status {status}"))),
        }
    }

    /// The same, where the answer matters.
    ///
    /// # Errors
    /// [`CallError`] if there is none; a status that is no success is an answer and no error.
    pub fn signed(&self, to: &Webhook, id: &str, at: Moment, json: &[u8]) -> Result<Answer, CallError> {
        let seconds = at.as_micros().div_euclid(1_000_000);
        let signature = sign(&to.secret, id, seconds, json);
        let seconds = seconds.to_string();
        let headers = [
            ("content-type", "application/json"),
            ("webhook-id", id),
            ("webhook-timestamp", &seconds),
            ("webhook-signature", &signature),
        ];
        self.post(&to.url, &headers, json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_covers_id_time_and_body() {
        let one = sign(b"secret", "msg_1", 1_700_000_000, b"{}");
        assert!(one.starts_with("v1,") && one.len() == 47, "{one}");
        assert_eq!(one, sign(b"secret", "msg_1", 1_700_000_000, b"{}"));
        for other in [
            sign(b"Secret", "msg_1", 1_700_000_000, b"{}"),
            sign(b"secret", "msg_2", 1_700_000_000, b"{}"),
            sign(b"secret", "msg_1", 1_700_000_001, b"{}"),
            sign(b"secret", "msg_1", 1_700_000_000, b"{ }"),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn what_was_signed_verifies_and_nothing_else_does() {
        let good = sign(b"secret", "msg_1", 7, b"{}");
        assert!(verify(b"secret", "msg_1", 7, b"{}", &good));
        assert!(verify(b"secret", "msg_1", 7, b"{}", &format!("v1,AAAA v2,x {good}")), "one of several");
        for (secret, id, at, body) in [
            (&b"Secret"[..], "msg_1", 7, &b"{}"[..]),
            (b"secret", "msg_2", 7, b"{}"),
            (b"secret", "msg_1", 8, b"{}"),
            (b"secret", "msg_1", 7, b"[]"),
        ] {
            assert!(!verify(secret, id, at, body, &good));
        }
        for header in ["", "v1,", "v1,AAAA", &good[3..], "v1"] {
            assert!(!verify(b"secret", "msg_1", 7, b"{}", header), "{header}");
        }
    }

    #[test]
    fn a_secret_is_read_as_it_is_written() {
        assert_eq!(read_secret(&format!("{}\n", write_secret(&[7; 32]))), Ok(vec![7; 32]));
        for bad in ["", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_*"] {
            assert_eq!(read_secret(bad), Err(BadSecret), "{bad}");
        }
    }

    #[test]
    fn the_vector_of_the_specification_is_signed_alike() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = br#"{"test": 2432232314}"#;
        let signed = sign(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
