//! The reference of what policies may use, made from the tables that check them.

use std::fmt::Write;

use touchstone_types::{Check, EventKind};

use crate::feature::FeatureKind;
use crate::finding::Placeholder;
use crate::inputs::KindSet;
use crate::schema::Field;

/// The functions and operators of conditions: as written, and what they give.
const LANGUAGE: [(&str, &str); 14] = [
    ("`a && b`, `a \\|\\| b`, `!a`", "bool; unknown only if the known side does not decide"),
    ("`a == b`, `a != b`", "bool; both sides of one type"),
    ("`a < b`, `a <= b`, `a > b`, `a >= b`", "bool; numbers, strings, timestamps, durations"),
    ("`a in [\"x\", \"y\"]`, `a in [1, 2]`, `a in links`", "bool"),
    ("`a + b`, `a - b`", "numbers; timestamp ± duration; timestamp − timestamp = duration"),
    ("`condition ? a : b`", "a or b, which have one type"),
    ("`found.NAME`", "bool; never unknown"),
    ("`feature.NAME`", "int, duration or list of strings; unknown if there is no memory of it"),
    ("`has(field)`, `has(feature.NAME)`", "bool: whether it is known"),
    ("`list(\"NAME\", string)`, `list(\"NAME\", links)`", "bool: whether it, or one of them, is on the list"),
    ("`size(text)`, `size(links)`", "int; characters of a string, items of a list"),
    ("`text.startsWith(\"x\")`, `.endsWith(…)`, `.contains(…)`", "bool"),
    ("`duration(\"15m\")`", "duration: a whole number and s, m, h or d"),
    ("`// …`", "a comment up to the end of the line"),
];

/// Everything that conditions, features and sentences may name, as Markdown.
#[must_use]
pub fn reference() -> String {
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    let _ = write_all(&mut out);
    out
}

fn write_all(out: &mut String) -> std::fmt::Result {
    heading(out, "Fields", &["field", "type", "in", "what it is"])?;
    for field in Field::all() {
        let kinds = kinds(field.kinds());
        writeln!(out, "| `{}` | {} | {kinds} | {} |", field.name(), field.of_type(), field.about())?;
    }
    heading(out, "Conditions", &["written", "gives"])?;
    for (written, gives) in LANGUAGE {
        writeln!(out, "| {written} | {gives} |")?;
    }
    heading(out, "Features", &["kind", "gives", "takes"])?;
    for (kind, name) in FeatureKind::ALL {
        let takes = match kind {
            FeatureKind::Sequence => "`[[feature.step]]` with `on`, `where`, `by`; `window`",
            FeatureKind::Sum => "`on`, `by`, `where`, `of`, `window`",
            _ if kind.takes_of() => "`on`, `by`, `where`, `of`, `window`, `limit`",
            _ => "`on`, `by`, `where`, `window`",
        };
        writeln!(out, "| `{name}` | {} | {takes} |", kind.gives())?;
    }
    heading(out, "Places in sentences", &["place", "what it is", "if not known"])?;
    for place in Placeholder::ALL {
        let (zh, en) = place.otherwise();
        writeln!(out, "| `{{{}}}` | {} | {zh}, {en} |", place.name(), place.about())?;
    }
    heading(out, "Events", &["type"])?;
    for kind in EventKind::ALL {
        writeln!(out, "| `{}` |", kind.name())?;
    }
    heading(out, "Checks", &["check"])?;
    for check in Check::ALL {
        writeln!(out, "| `{}` |", check.name())?;
    }
    Ok(())
}

fn heading(out: &mut String, title: &str, columns: &[&str]) -> std::fmt::Result {
    writeln!(out, "\n### {title}\n\n| {} |\n|{}", columns.join(" | "), "---|".repeat(columns.len()))
}

fn kinds(set: KindSet) -> String {
    if set == KindSet::ALL {
        return "every event".to_owned();
    }
    set.iter().map(|kind| format!("`{}`", kind.name())).collect::<Vec<_>>().join(", ")
}
