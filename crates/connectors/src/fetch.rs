//! HTTP: small files and small posts.

use std::sync::Arc;
use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use crate::{CallError, Caller, is_public};

/// The most bytes of an answer that are read.
pub const MAX_ANSWER: u64 = 1024 * 1024;

/// What a server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status; a redirect is not followed.
    pub status: u16,
    /// The body, at most [`MAX_ANSWER`] bytes.
    pub body: Vec<u8>,
}

/// Connections for HTTP.
#[derive(Clone)]
pub(crate) struct Web {
    agent: ureq::Agent,
    has_roots: bool,
}

impl Web {
    pub(crate) fn new(timeout: Duration, allow_private: bool) -> Self {
        let found = rustls_native_certs::load_native_certs().certs;
        let roots: Vec<_> = found.iter().map(|it| Certificate::from_der(it).to_owned()).collect();
        let has_roots = !roots.is_empty();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&roots))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(timeout))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(None) // A proxy would look up the name itself, and we could not say where it leads.
            .tls_config(tls)
            .user_agent("touchstone")
            .build();
        let resolver = Guarded { inner: DefaultResolver::default(), allow_private };
        Self { agent: ureq::Agent::with_parts(config, DefaultConnector::default(), resolver), has_roots }
    }
}

/// Looks up names, and refuses to lead into one's own network. Done here, the address that was
/// looked at is the address that is called: a name that answers differently twice gains nothing.
#[derive(Debug)]
struct Guarded {
    inner: DefaultResolver,
    allow_private: bool,
}

impl std::fmt::Debug for Web {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Web")
    }
}

const PRIVATE: &str = "not on the public network";

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        if self.allow_private || found.iter().all(|it| is_public(it.ip())) {
            return Ok(found);
        }
        Err(ureq::Error::Io(std::io::Error::new(std::io::ErrorKind::PermissionDenied, PRIVATE)))
    }
}

impl Caller {
    /// Gets a file.
    ///
    /// # Errors
    /// [`CallError`]; a status that is no success is an answer and no error.
    pub fn get(&self, url: &str) -> Result<Answer, CallError> {
        self.may_call(url)?;
        answer(self.web.agent.get(url).call(), url)
    }

    /// Posts a body with headers.
    ///
    /// # Errors
    /// [`CallError`]; a status that is no success is an answer and no error.
    pub fn post(&self, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer, CallError> {
        self.may_call(url)?;
        let mut request = self.web.agent.post(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request.send(body), url)
    }

    /// Encrypted, or the operator allows calls into the own network.
    fn may_call(&self, url: &str) -> Result<(), CallError> {
        let bad = || CallError::BadAddress(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| bad())?;
        uri.host().filter(|it| !it.is_empty()).ok_or_else(bad)?;
        if uri.authority().is_none_or(|it| it.as_str().contains('@')) {
            return Err(bad());
        }
        match uri.scheme_str() {
            Some("https") if self.web.has_roots => Ok(()),
            Some("https") => Err(CallError::NotSetUp("root certificate")),
            Some("http") if self.allow_private => Ok(()),
            _ => Err(bad()),
        }
    }
}

fn answer(
    response: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    url: &str,
) -> Result<Answer, CallError> {
    let mut response = response.map_err(|it| failed(it, url))?;
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(MAX_ANSWER).read_to_vec();
    Ok(Answer { status, body: body.map_err(|it| failed(it, url))? })
}

fn failed(cause: ureq::Error, url: &str) -> CallError {
    let host = || {
        let uri: Option<Uri> = url.parse().ok();
        uri.and_then(|it| it.host().map(str::to_owned)).unwrap_or_default()
    };
    match cause {
        ureq::Error::Timeout(_) => CallError::Timeout,
        ureq::Error::HostNotFound => CallError::NotFound(host()),
        ureq::Error::BodyExceedsLimit(limit) => CallError::TooLarge(limit),
        ureq::Error::Io(cause) if cause.kind() == std::io::ErrorKind::PermissionDenied => {
            CallError::Private(host())
        }
        other => CallError::Failed(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpListener};

    use super::*;
    use crate::Settings;

    fn caller(allow_private: bool) -> Caller {
        let timeout = Duration::from_secs(2);
        Caller::new(Settings { allow_private, timeout, ..Settings::default() }).unwrap()
    }

    /// Answers one request with these bytes and gives back what was asked.
    fn server(said: Vec<u8>) -> (SocketAddr, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = vec![0; 4096];
            let length = stream.read(&mut asked).unwrap();
            let _ = stream.write_all(&said); // A caller that has enough hangs up.
            String::from_utf8_lossy(&asked[..length]).into_owned()
        });
        (address, thread)
    }

    #[test]
    fn a_small_file_is_fetched() {
        let (at, asked) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nproof".to_vec());
        let found = caller(true).get(&format!("http://{at}/.well-known/touchstone.txt")).unwrap();
        assert_eq!(found, Answer { status: 200, body: b"proof".to_vec() });
        assert!(asked.join().unwrap().starts_with("GET /.well-known/touchstone.txt"));
    }

    #[test]
    fn a_redirect_is_not_followed() {
        let said = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/x\r\ncontent-length: 0\r\n\r\n";
        let (at, _) = server(said.to_vec());
        assert_eq!(caller(true).get(&format!("http://{at}/")).unwrap().status, 302);
    }

    #[test]
    fn an_endless_answer_is_cut_off() {
        let mut said = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        said.resize(3 * 1024 * 1024, b'x');
        let (at, _) = server(said);
        assert!(matches!(caller(true).get(&format!("http://{at}/")), Err(CallError::TooLarge(_))));
    }

    #[test]
    fn nobody_from_outside_makes_us_call_into_our_own_network() {
        let strict = caller(false);
        for private in
            ["https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://169.254.169.254/"]
        {
            let refused = strict.get(private).unwrap_err();
            assert!(matches!(refused, CallError::Private(_)), "{private}: {refused}");
        }
        for bad in ["http://wallet.example/", "ftp://wallet.example/", "wallet.example", "", "https://a@b/"] {
            assert!(matches!(strict.get(bad), Err(CallError::BadAddress(_))), "{bad}");
        }
    }
}
