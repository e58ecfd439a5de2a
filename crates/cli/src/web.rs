//! Calls to servers: with the root certificates of this machine, and without surprises.

use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// Makes calls to that address: a minute each, at most three redirections.
pub(crate) fn agent(place: &str) -> anyhow::Result<ureq::Agent> {
    let mut config = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(60)))
        .max_redirects(3)
        .user_agent("touchstone");
    if place.starts_with("https://") {
        let found = rustls_native_certs::load_native_certs().certs;
        if found.is_empty() {
            bail!("no root certificates are installed on this machine");
        }
        let roots: RootCerts = found.iter().map(|it| Certificate::from_der(it).to_owned()).into();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        config = config.tls_config(
            TlsConfig::builder().root_certs(roots).unversioned_rustls_crypto_provider(provider).build(),
        );
    }
    Ok(config.build().new_agent())
}
