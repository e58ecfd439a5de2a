//! A headless Chromium, driven by the WebDriver protocol (W3C) through chromedriver: JSON over
//! HTTP on loopback, as much of it as these tests need.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How long something may take to appear.
const PATIENCE: Duration = Duration::from_secs(60);
/// The key under which the protocol names elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one window.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts chromedriver and a fresh Chromium that speaks this language.
    pub(crate) fn start(language: &str) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let program = std::env::var("TOUCHSTONE_CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".to_owned());
        let driver = Command::new(&program)
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{program} does not start: {error}"));
        let profile = tempfile::tempdir().unwrap();
        let mut browser = Self { driver, port, session: String::new(), _profile: profile };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < PATIENCE, "chromedriver does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        let args = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(), // The tests run as root in a container.
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--no-first-run".to_owned(),
            "--hide-scrollbars".to_owned(),
            "--force-device-scale-factor=1".to_owned(),
            "--window-size=1360,900".to_owned(),
            format!("--lang={language}"),
            format!("--accept-lang={language}"),
            format!("--user-data-dir={}", browser._profile.path().display()),
        ];
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "args": args, "prefs": { "intl.accept_languages": language } },
            "goog:loggingPrefs": { "browser": "ALL" },
        }}});
        let made = loop {
            match browser.call("POST", "/session", &wanted) {
                Ok(made) => break made,
                // It listens a moment before it answers; on a busy machine that is a long moment.
                Err(error) if error.starts_with("chromedriver:") && began.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(250));
                }
                Err(error) => panic!("no session: {error}"),
            }
        };
        browser.session = format!("/session/{}", made["sessionId"].as_str().unwrap());
        browser.resize(1360, 900);
        browser
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let broken = |error: std::io::Error| format!("chromedriver: {error}");
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).map_err(broken)?;
        stream.set_read_timeout(Some(Duration::from_secs(60))).map_err(broken)?;
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost:{}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            self.port,
            body.len()
        );
        stream.write_all(head.as_bytes()).map_err(broken)?;
        let mut stream = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).map_err(broken)?;
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut answer = vec![0; length];
        stream.read_exact(&mut answer).map_err(broken)?;
        let answer: Value = serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
        match answer["value"].get("error") {
            Some(error) if error.is_string() => Err(format!("{error}: {}", answer["value"]["message"])),
            _ => Ok(answer["value"].clone()),
        }
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        self.call("POST", &format!("{}{path}", self.session), body)
    }

    fn get(&self, path: &str) -> Value {
        self.call("GET", &format!("{}{path}", self.session), &Value::Null)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Goes to an address.
    pub(crate) fn go(&self, url: &str) {
        self.post("/url", &json!({ "url": url })).unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    /// The address now.
    pub(crate) fn url(&self) -> String {
        self.get("/url").as_str().unwrap_or_default().to_owned()
    }

    /// Runs a function body in the page.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": [] }))
            .unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Runs the body of an asynchronous function in the page, as a module would; does not wait.
    pub(crate) fn run_later(&self, script: &str) {
        self.run(&format!(
            "(async () => {{ {script} }})().catch((cause) => console.error(cause)); return true"
        ));
    }

    /// Waits until a function body gives true.
    pub(crate) fn until(&self, what: &str, script: &str) {
        let began = Instant::now();
        loop {
            let held = self.post("/execute/sync", &json!({ "script": script, "args": [] }));
            if held.as_ref().is_ok_and(|it| it == &Value::Bool(true)) {
                return;
            }
            if began.elapsed() > PATIENCE {
                self.shoot_to(&std::env::temp_dir().join("touchstone-browser-failed.png"));
                panic!("not seen: {what} at {} ({held:?})\n{}", self.url(), self.text());
            }
            std::thread::sleep(Duration::from_millis(60));
        }
    }

    fn element(&self, selector: &str) -> String {
        let began = Instant::now();
        loop {
            match self.post("/element", &json!({ "using": "css selector", "value": selector })) {
                Ok(found) => return found[ELEMENT].as_str().unwrap().to_owned(),
                Err(error) if began.elapsed() > PATIENCE => {
                    panic!("no {selector} at {}: {error}\n{}", self.url(), self.text())
                }
                Err(_) => std::thread::sleep(Duration::from_millis(60)),
            }
        }
    }

    /// Does something to what the selector finds first, and again while a page that is just
    /// being replaced takes the element away.
    fn on(&self, selector: &str, what: &str, act: impl Fn(&str) -> Result<Value, String>) {
        let began = Instant::now();
        loop {
            match act(&self.element(selector)) {
                Ok(_) => return,
                Err(error) if fleeting(&error) && began.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(60));
                }
                Err(error) => panic!("{what} {selector} at {}: {error}", self.url()),
            }
        }
    }

    /// Clicks what the selector finds first.
    pub(crate) fn click(&self, selector: &str) {
        self.on(selector, "click", |element| {
            let there = json!({ ELEMENT: element });
            let script = "arguments[0].scrollIntoView({ block: 'center' })";
            self.post("/execute/sync", &json!({ "script": script, "args": [there] }))?;
            self.post(&format!("/element/{element}/click"), &json!({}))
        });
    }

    /// Clicks what leads to another page, or to the same one anew, and waits until it is there:
    /// what is looked for next cannot be found on the page that was left.
    pub(crate) fn leave(&self, selector: &str) {
        self.run("document.documentElement.dataset.left = 'yes'");
        self.click(selector);
        self.until(
            "the next page",
            "return document.readyState === 'complete' && !('left' in document.documentElement.dataset)",
        );
    }

    /// Writes into a field, in place of what is there.
    pub(crate) fn fill(&self, selector: &str, text: &str) {
        self.on(selector, "fill", |element| {
            self.post(&format!("/element/{element}/clear"), &json!({}))?;
            self.post(&format!("/element/{element}/value"), &json!({ "text": text }))
        });
    }

    /// Presses keys where the focus is.
    pub(crate) fn press(&self, keys: &str) {
        let actions: Vec<Value> = keys
            .chars()
            .flat_map(|key| {
                [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })]
            })
            .collect();
        self.post("/actions", &json!({ "actions": [{ "type": "key", "id": "keys", "actions": actions }] }))
            .unwrap();
    }

    /// All the text a reader sees.
    pub(crate) fn text(&self) -> String {
        self.run("return document.body ? document.body.innerText : ''")
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Waits until the page says so.
    pub(crate) fn sees(&self, text: &str) {
        self.until(text, &format!("return document.body.innerText.includes({})", Value::from(text)));
    }

    /// Waits until the address ends so.
    pub(crate) fn arrives(&self, path: &str) {
        self.until(path, &format!("return location.pathname.endsWith({})", Value::from(path)));
    }

    /// What the browser's console has said since the last time: warnings and errors.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let said = self.post("/se/log", &json!({ "type": "browser" })).unwrap();
        let said = said.as_array().cloned().unwrap_or_default();
        said.iter()
            .filter(|it| matches!(it["level"].as_str(), Some("SEVERE" | "WARNING")))
            .map(|it| it["message"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Sets the size of the window's inside, as a phone or a desk has it.
    pub(crate) fn resize(&self, width: u32, height: u32) {
        self.cdp(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 }),
        );
    }

    /// What the system wishes for colours.
    pub(crate) fn prefer(&self, scheme: &str) {
        self.cdp(
            "Emulation.setEmulatedMedia",
            json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] }),
        );
    }

    /// Forgets what the network once gave; what pages and workers keep themselves stays.
    pub(crate) fn forget_cache(&self) {
        self.cdp("Network.clearBrowserCache", json!({}));
    }

    /// How far ahead of the time the clock of every page goes that is opened from now on.
    pub(crate) fn advance(&self, by: Duration) {
        let script = format!("const now = Date.now; Date.now = () => now() + {};", by.as_millis());
        self.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }));
    }

    fn cdp(&self, command: &str, params: Value) {
        self.post("/goog/cdp/execute", &json!({ "cmd": command, "params": params })).unwrap();
    }

    /// Gives the browser a device with passkeys whose owner always agrees.
    pub(crate) fn add_authenticator(&self) {
        let device = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true, "isUserConsenting": true,
        });
        self.post("/webauthn/authenticator", &device).unwrap();
    }

    /// Forgets all cookies.
    pub(crate) fn forget(&self) {
        self.call("DELETE", &format!("{}/cookie", self.session), &Value::Null).unwrap();
    }

    /// Agrees to the question in a box.
    pub(crate) fn agree(&self) {
        let began = Instant::now();
        while self.post("/alert/accept", &json!({})).is_err() {
            assert!(began.elapsed() < PATIENCE, "no question");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// A picture of the window.
    pub(crate) fn shoot_to(&self, path: &std::path::Path) {
        let picture = self.get("/screenshot");
        std::fs::write(path, base64(picture.as_str().unwrap_or_default())).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let _ = self.call("DELETE", &self.session, &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Whether the protocol's error may be over in a moment.
fn fleeting(error: &str) -> bool {
    ["stale element reference", "element click intercepted", "element not interactable"]
        .iter()
        .any(|it| error.starts_with(&format!("\"{it}\"")))
}

fn base64(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'=').map(digit).collect();
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    for chunk in digits.chunks(4) {
        let word =
            chunk.iter().enumerate().fold(0_u32, |word, (at, it)| word | u32::from(*it) << (18 - 6 * at));
        bytes.extend_from_slice(&word.to_be_bytes()[1..chunk.len()]);
    }
    bytes
}
