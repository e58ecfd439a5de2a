//! What the tests need from the system, and how to get it on Debian and Ubuntu.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

/// Something a machine must have, the packages that bring it, and how to see that it is there.
struct Need {
    what: &'static str,
    packages: &'static [&'static str],
    present: fn() -> bool,
}

const NEEDS: &[Need] = &[
    Need { what: "PostgreSQL server", packages: &["postgresql"], present: has_postgres },
    Need { what: "headless Chromium", packages: &["chromium"], present: || on_path("chromium") },
    Need { what: "ChromeDriver", packages: &["chromium-driver"], present: || on_path("chromedriver") },
    Need { what: "Chinese fonts", packages: &["fonts-noto-cjk"], present: has_chinese_font },
];

fn on_path(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

fn has_postgres() -> bool {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    on_path("initdb") || debian.into_iter().any(|version| version.path().join("bin/initdb").is_file())
}

fn has_chinese_font() -> bool {
    Path::new("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").is_file()
}

/// What could not be had, so that the tests that need it are left out and said to be.
#[derive(Default)]
pub(crate) struct Missing(Vec<&'static str>);

impl Missing {
    pub(crate) fn any_of(&self, words: &[&str]) -> bool {
        self.0.iter().any(|what| words.iter().any(|word| what.contains(word)))
    }
}

/// Installs what is missing where it may; says plainly what it cannot and how to.
///
/// In CI (`CI=true`) a missing need is an error, so that no test is left out unseen.
pub(crate) fn needs() -> Result<Missing> {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !(need.present)()).collect();
    if missing.is_empty() {
        eprintln!(
            "everything is there: {}",
            NEEDS.iter().map(|need| need.what).collect::<Vec<_>>().join(", ")
        );
        return Ok(Missing::default());
    }
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages.iter().copied()).collect();
    eprintln!("missing: {}", missing.iter().map(|need| need.what).collect::<Vec<_>>().join(", "));
    apt_install(&packages);
    let still: Vec<&'static str> =
        missing.iter().filter(|need| !(need.present)()).map(|need| need.what).collect();
    if still.is_empty() {
        return Ok(Missing::default());
    }
    let how = format!(
        "could not install: {}. On Debian or Ubuntu: sudo apt-get install {}",
        still.join(", "),
        packages.join(" ")
    );
    if std::env::var_os("CI").is_some() {
        bail!("{how}");
    }
    eprintln!("{how}\nThe tests that need them are left out this time.");
    Ok(Missing(still))
}

fn apt_install(packages: &[&str]) {
    if !on_path("apt-get") {
        eprintln!("this machine has no apt-get");
        return;
    }
    let apt = |arguments: &[&str]| {
        // As root directly; otherwise through sudo if it asks for no password.
        let mut command = if is_root() {
            Command::new("apt-get")
        } else {
            let mut sudo = Command::new("sudo");
            sudo.args(["-n", "apt-get"]);
            sudo
        };
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()).status()
    };
    eprintln!("apt-get install {}", packages.join(" "));
    for arguments in
        [&["update", "-q"][..], &[&["install", "-y", "-q", "--no-install-recommends"], packages].concat()]
    {
        match apt(arguments) {
            Ok(status) if status.success() => {}
            Ok(status) => eprintln!("apt-get {} ended with {status}", arguments[0]),
            Err(cause) => eprintln!("apt-get {}: {cause}", arguments[0]),
        }
    }
}

/// Whether this process may do anything (user id 0).
pub(crate) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
