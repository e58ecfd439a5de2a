//! The written cases of the demo's desk are reports that the form would take.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends at what it did not expect")]

use serde_json::Value;
use touchstone_cases::{Charter, RawReport, Report};
use touchstone_types::Moment;

fn lines(file: &str) -> Vec<Value> {
    let path = format!("{}/../../corpus/cases/{file}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|it| serde_json::from_str(it).unwrap()).collect()
}

#[test]
fn every_written_case_is_a_report_that_the_form_would_take() {
    let charter = Charter::built_in().unwrap();
    let now: Moment = "2026-11-22T08:00:00Z".parse().unwrap();
    for file in ["zh", "en"] {
        for line in lines(file) {
            let raw: RawReport = serde_json::from_value(line["report"].clone()).unwrap();
            let report =
                Report::parse(&raw, now, &charter).unwrap_or_else(|it| panic!("{}: {it:?}", line["id"]));
            assert!(report.jurisdiction.is_some(), "{}", line["id"]);
            assert_eq!(report.language, file, "{}", line["id"]);
        }
    }
}

#[test]
fn the_agents_skills_are_ones_that_there_are() {
    let charter = Charter::built_in().unwrap();
    for agent in lines("desk") {
        for skill in agent["skills"].as_array().unwrap() {
            let (group, value) = skill.as_str().unwrap().split_once(':').unwrap();
            let known = charter.skills().groups().iter().find(|it| it.id == group);
            let values = &known.unwrap_or_else(|| panic!("no group {group}")).values;
            assert!(values.is_empty() || values.iter().any(|it| it == value), "{skill}");
        }
    }
}
