//! Letters, through the operator's own mail server.

use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{SmtpTransport, Transport};

use crate::{CallError, Caller, SettingsError};

/// Through which server letters go.
#[derive(Clone, PartialEq, Eq)]
pub struct MailSettings {
    /// `smtps://HOST[:PORT]` (465), or `smtp://HOST[:PORT]` (587), which asks for STARTTLS except
    /// on this machine.
    pub server: String,
    /// Who writes, such as `Wallet <registry@wallet.example>`.
    pub from: String,
    /// Name and password there, if it asks for them.
    pub login: Option<(String, String)>,
}

impl std::fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "letters from {} through {}", self.from, self.server) // Never the password.
    }
}

/// One letter, plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter<'a> {
    /// To whom: one address.
    pub to: &'a str,
    /// What it is about, one line.
    pub subject: &'a str,
    /// What it says.
    pub text: &'a str,
}

/// A mail server that is set up.
#[derive(Clone)]
pub(crate) struct Post {
    transport: SmtpTransport,
    from: Mailbox,
}

impl Post {
    pub(crate) fn new(settings: &MailSettings, timeout: Duration) -> Result<Self, SettingsError> {
        let from = settings.from.parse().map_err(|_| SettingsError::Sender(settings.from.clone()))?;
        let (host, port, tls) = server(&settings.server)?;
        let mut builder = SmtpTransport::builder_dangerous(&host).port(port).tls(tls).timeout(Some(timeout));
        if let Some((name, password)) = &settings.login {
            builder = builder.credentials(Credentials::new(name.clone(), password.clone()));
        }
        Ok(Self { transport: builder.build(), from })
    }
}

/// Host, port, and how the way there is encrypted.
fn server(address: &str) -> Result<(String, u16, Tls), SettingsError> {
    let wrong = || SettingsError::MailServer(address.to_owned());
    let (scheme, rest) = address.split_once("://").ok_or_else(wrong)?;
    let uri: ureq::http::uri::Authority = rest.trim_end_matches('/').parse().map_err(|_| wrong())?;
    let host = uri.host().trim_matches(['[', ']']).to_owned();
    if host.is_empty() || uri.as_str().contains('@') {
        return Err(wrong());
    }
    let is_here = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|it| it.is_loopback());
    let (tls, port) = match scheme {
        "smtps" => (Tls::Wrapper(encryption(&host)?), 465),
        "smtp" if is_here => (Tls::None, 25),
        "smtp" => (Tls::Required(encryption(&host)?), 587),
        _ => return Err(wrong()),
    };
    Ok((host, uri.port_u16().unwrap_or(port), tls))
}

fn encryption(host: &str) -> Result<TlsParameters, SettingsError> {
    if rustls_native_certs::load_native_certs().certs.is_empty() {
        return Err(SettingsError::Roots);
    }
    TlsParameters::new(host.to_owned()).map_err(|it| SettingsError::Tls(it.into()))
}

impl Caller {
    /// Whether letters can be sent.
    #[must_use]
    pub fn can_mail(&self) -> bool {
        self.post.is_some()
    }

    /// Hands a letter to the mail server.
    ///
    /// # Errors
    /// [`CallError`] if it is not set up, the address is none, or the server did not take it.
    pub fn mail(&self, letter: &Letter<'_>) -> Result<(), CallError> {
        let post = self.post.as_ref().ok_or(CallError::NotSetUp("mail server"))?;
        let to: Mailbox = letter.to.parse().map_err(|_| CallError::BadAddress(letter.to.to_owned()))?;
        let message = Message::builder()
            .from(post.from.clone())
            .to(to)
            .subject(letter.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.to_owned())
            .map_err(|it| CallError::Failed(it.to_string()))?;
        match post.transport.send(&message) {
            Ok(_) => Ok(()),
            Err(cause) if cause.is_timeout() => Err(CallError::Timeout),
            Err(cause) => Err(CallError::Failed(cause.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::{SocketAddr, TcpListener};

    use super::*;
    use crate::Settings;

    /// A mail server for one letter; gives back what it was told.
    fn server_for_one() -> (SocketAddr, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap());
            stream.write_all(b"220 here\r\n").unwrap();
            let (mut told, mut in_letter) = (String::new(), false);
            loop {
                let mut line = String::new();
                if lines.read_line(&mut line).unwrap() == 0 {
                    return told;
                }
                told.push_str(&line);
                match line.trim_end() {
                    "DATA" => {
                        in_letter = true;
                        stream.write_all(b"354 go on\r\n").unwrap();
                    }
                    "." => {
                        stream.write_all(b"250 taken\r\n").unwrap();
                        return told;
                    }
                    _ if in_letter => {}
                    it if it.starts_with("EHLO") => stream.write_all(b"250 here\r\n").unwrap(),
                    _ => stream.write_all(b"250 ok\r\n").unwrap(),
                }
            }
        });
        (address, thread)
    }

    fn settings(server: &str) -> MailSettings {
        MailSettings {
            server: server.to_owned(),
            from: "Wallet <registry@wallet.example>".to_owned(),
            login: None,
        }
    }

    #[test]
    fn a_letter_reaches_the_mail_server() {
        let (at, told) = server_for_one();
        let mail = Some(settings(&format!("smtp://{at}")));
        let caller = Caller::new(Settings { mail, ..Settings::default() }).unwrap();
        let letter = Letter { to: "help@wallet.example", subject: "验证码 Code", text: "482910\n" };
        caller.mail(&letter).unwrap();
        let told = told.join().unwrap();
        assert!(told.contains("RCPT TO:<help@wallet.example>") && told.contains("482910"), "{told}");
        let bad = Letter { to: "nobody\r\nBcc: x@y.example", ..letter };
        assert!(matches!(caller.mail(&bad), Err(CallError::BadAddress(_))));
    }

    #[test]
    fn a_mail_server_elsewhere_is_spoken_to_in_cipher_only() {
        assert!(matches!(server("smtp://localhost").unwrap().2, Tls::None));
        if rustls_native_certs::load_native_certs().certs.is_empty() {
            return; // A machine without roots refuses; there is nothing more to see.
        }
        assert!(matches!(server("smtp://mail.example").unwrap(), (_, 587, Tls::Required(_))));
        assert!(matches!(server("smtps://mail.example").unwrap(), (_, 465, Tls::Wrapper(_))));
        for bad in ["mail.example", "http://mail.example", "smtp://", "smtp://a:b@mail.example"] {
            assert!(matches!(server(bad), Err(SettingsError::MailServer(_))), "{bad}");
        }
    }

    #[test]
    fn a_password_is_not_written_anywhere() {
        let mut it = settings("smtp://localhost");
        it.login = Some(("me".to_owned(), "hunter2hunter2".to_owned()));
        assert!(!format!("{it:?}").contains("hunter2"));
    }
}
