//! A server of its own for a browser, reached as `localhost`, where passkeys work without https.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::net::TcpListener;
use touchstone_accounts::{Role, Scope, Token};
use touchstone_server::registry::LogConfig;
use touchstone_server::{Clock, Config, Ctx, State, SystemClock};
use touchstone_signed_log::{Cost, SealedKey, SigningKey};
use touchstone_store::Store;

use crate::common::{self, http::Client};
use crate::driver::Browser;

const INSPECT: &str = include_str!("inspect.js");

/// How long something on the server may take to become so.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A running server; it stops when this is let go.
pub(crate) struct Site {
    pub(crate) ctx: Ctx,
    pub(crate) port: u16,
    pub(crate) key: String,
    runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

impl Site {
    /// With the clock of the machine.
    pub(crate) fn start() -> Self {
        Self::start_with(Arc::new(SystemClock), |_, _| {})
    }

    /// With another clock and configuration; what the latter names may lie in the folder.
    pub(crate) fn start_with(clock: Arc<dyn Clock>, change: impl FnOnce(&mut Config, &Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("touchstone.db").display());
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (ctx, port, key) = runtime.block_on(async {
            let store = Store::open(&url, clock.now()).await.unwrap();
            let key = touchstone_server::keys::create(&store, "test", Scope::ALL, "test", clock.now())
                .await
                .unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let port = listener.local_addr().unwrap().port();
            let public_url = Some(format!("http://localhost:{port}"));
            let mut config = Config { database: url.clone(), public_url, ..Config::default() };
            config.cases.key_file = Some(folder.path().join("cases.key"));
            change(&mut config, folder.path());
            let ctx = touchstone_server::start(config, store, common::armed(), clock).await.unwrap();
            tokio::spawn(touchstone_server::run(ctx.clone(), listener));
            while ctx.health.state() == State::Replaying {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            (ctx, port, key)
        });
        Self { ctx, port, key, runtime, _folder: folder }
    }

    /// The address of a page.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    /// A connection with the key.
    pub(crate) fn client(&self) -> Client {
        Client::connect(([127, 0, 0, 1], self.port).into()).unwrap().with_key(&self.key)
    }

    /// Does something in the server's runtime.
    pub(crate) fn block_on<F: Future>(&self, what: F) -> F::Output {
        self.runtime.block_on(what)
    }

    /// The link by which the first of the staff comes in, with every role.
    pub(crate) fn first_invitation(&self) -> String {
        let token = self.block_on(touchstone_server::first_invitation(&self.ctx)).unwrap();
        self.at(&format!("/console/setup/{}", token.expect("nobody works here yet")))
    }

    /// A link by which one more comes in.
    pub(crate) fn invitation(&self, roles: &[Role]) -> String {
        let token = Token::from_random(rand::random());
        let invitation = common::invitation(&token, roles, self.ctx.clock.now());
        self.block_on(self.ctx.store.invite(&invitation)).unwrap();
        self.at(&format!("/console/setup/{}", token.text()))
    }

    /// Waits until something on the server is so.
    pub(crate) fn until(&self, what: &str, is: impl Fn() -> bool) {
        let began = Instant::now();
        while !is() {
            assert!(began.elapsed() < PATIENCE, "not so in time: {what}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.ctx.stop.now();
    }
}

/// Keys of a log in the folder, as `touchstone registry init` makes them.
pub(crate) fn log(folder: &Path, origin: &str) -> LogConfig {
    let sessions = format!("{origin}/sessions");
    for (file, name, seed) in [("log.key", origin, 7), ("sessions.key", sessions.as_str(), 8)] {
        let key = SigningKey::from_seed(name, &[seed; 32]).unwrap();
        let sealed = SealedKey::seal(&key, "on paper", [seed; 16], [2; 12], Cost::LEAST).unwrap();
        std::fs::write(folder.join(file), sealed.to_string()).unwrap();
    }
    std::fs::write(folder.join("passphrase"), "on paper\n").unwrap();
    let text = format!(
        "key = {:?}\nsessions_key = {:?}\npassphrase_file = {:?}",
        folder.join("log.key"),
        folder.join("sessions.key"),
        folder.join("passphrase"),
    );
    toml::from_str(&text).unwrap()
}

/// Whether browsers are to be had.
pub(crate) fn wanted() -> bool {
    let wanted = std::env::var_os("TOUCHSTONE_TEST_BROWSER").is_some();
    if !wanted {
        eprintln!("skipped: TOUCHSTONE_TEST_BROWSER is not set");
    }
    wanted
}

/// Nobody is shut out of the page, and the browser has no complaint. A picture goes to `docs/img/`
/// if it is one of those shown there and pictures are wanted; `TOUCHSTONE_SCREENSHOTS=FOLDER`
/// has one of every page.
pub(crate) fn look(browser: &Browser, name: &str, pictures: &[&str]) {
    assert_eq!(browser.run(INSPECT), json!([]), "{name} at {}", browser.url());
    assert_eq!(browser.complaints(), Vec::<String>::new(), "{name} at {}", browser.url());
    let wanted = std::env::var("TOUCHSTONE_SCREENSHOTS").unwrap_or_default();
    let folder = match wanted.as_str() {
        "1" if pictures.contains(&name) => common::repository("docs/img"),
        "" | "1" => return,
        elsewhere => elsewhere.into(),
    };
    std::fs::create_dir_all(&folder).unwrap();
    // A caret that blinks would make each picture another one.
    browser.run("document.activeElement?.blur()");
    std::thread::sleep(Duration::from_millis(150));
    browser.shoot_to(&folder.join(format!("{name}.png")));
}

/// A browser with a phone's window.
pub(crate) fn phone(language: &str) -> Browser {
    let browser = Browser::start(language);
    browser.resize(390, 844);
    browser
}
