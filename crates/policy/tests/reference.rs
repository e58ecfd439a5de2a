//! `docs/policy.md` says what the code says. `TOUCHSTONE_BLESS=1` rewrites its reference.

use std::fs;
use std::path::Path;

use touchstone_policy::reference;

const BEGIN: &str = "<!-- reference: begin -->\n";
const END: &str = "<!-- reference: end -->";

#[test]
fn the_documented_reference_is_the_one_in_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/policy.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (written, after) = rest.split_once(END).unwrap();
    if std::env::var_os("TOUCHSTONE_BLESS").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{}\n{END}{after}", reference())).unwrap();
        return;
    }
    assert!(written.trim() == reference().trim(), "run `TOUCHSTONE_BLESS=1 cargo test -p touchstone-policy`");
}
