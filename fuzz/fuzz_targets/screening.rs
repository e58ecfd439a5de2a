#![no_main]

use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use touchstone_policy::SourceFile;
use touchstone_registry::Registry;
use touchstone_screening::{Directory, Policy, Screener};
use touchstone_types::Event;

static POLICY: LazyLock<Arc<Policy>> = LazyLock::new(|| {
    fn collect(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(root, &path, files);
            } else if path.extension().is_some_and(|ending| ending == "toml") {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                files.push(SourceFile { path: name, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/default");
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    Arc::new(Policy::load(files).unwrap())
});

static DIRECTORY: LazyLock<Arc<Directory>> = LazyLock::new(|| {
    let list = include_str!("../../corpus/registry/demo.jsonl");
    Arc::new(Directory::new(Registry::from_json_lines(list).unwrap()))
});

/// An event, or the bytes as the text, name and handle of a message.
fn wrapped(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    serde_json::json!({
        "id": "1", "source": "pelican", "type": "message.sent", "time": "2026-11-20T08:00:00Z",
        "data": {
            "sender": {"id": "x", "handle": text, "display_name": text},
            "recipient": {"id": "y"}, "conversation": {"id": "c", "mutual": false}, "text": text,
        },
    })
    .to_string()
}

fuzz_target!(|bytes: &[u8]| {
    let wrapped = wrapped(bytes);
    for line in [bytes, wrapped.as_bytes()] {
        let Ok(event) = Event::parse(line) else { continue };
        let verdict = || {
            let mut screener = Screener::new(Arc::clone(&POLICY), Arc::clone(&DIRECTORY));
            (screener.process(&event, event.time), screener.process(&event, event.time))
        };
        let (first, second) = verdict();
        assert_eq!((&first, &second), (&verdict().0, &verdict().1));
        for it in [first, second] {
            assert_eq!(it.score, it.findings.iter().map(|finding| finding.weight).sum::<u32>());
        }
    }
});
