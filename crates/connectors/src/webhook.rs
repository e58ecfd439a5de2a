//! JSON to an address that somebody gave us, signed so that they know it is from us.
//!
//! Headers and signature are those of the Standard Webhooks specification (v1, HMAC-SHA-256):
//! `webhook-id`, `webhook-timestamp`, `webhook-signature`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use touchstone_types::Moment;

use crate::{CallError, Caller};

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

impl Caller {
    /// Posts signed JSON. The same `id` again says that it is the same message.
    ///
    /// # Errors
    /// [`CallError`] unless the other side answers with a success.
    pub fn webhook(&self, to: &Webhook, id: &str, at: Moment, json: &[u8]) -> Result<(), CallError> {
        let seconds = at.as_micros().div_euclid(1_000_000);
        let signature = sign(&to.secret, id, seconds, json);
        let seconds = seconds.to_string();
        let headers = [
            ("content-type", "application/json"),
            ("webhook-id", id),
            ("webhook-timestamp", &seconds),
            ("webhook-signature", &signature),
        ];
        match self.post(&to.url, &headers, json)?.status {
            200..300 => Ok(()),
            status => Err(CallError::Failed(format!("status {status}"))),
        }
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
    fn the_vector_of_the_specification_is_signed_alike() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = br#"{"test": 2432232314}"#;
        let signed = sign(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
