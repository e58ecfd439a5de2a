//! An event in which nothing is found costs no allocation once the buffers are warm.
//!
//! In a test binary of its own, because the counting allocator counts for the whole process.

#![allow(clippy::unwrap_used)] // A test that cannot go on has failed.

mod common;

use std::fmt::Write;

use common::{event, message, screener};
use serde_json::json;
use touchstone_types::{Decision, Event};

#[test]
fn a_benign_event_costs_no_allocation_after_warm_up() {
    let mut lines = Vec::new();
    for minute in 0..60 {
        let mut time = String::new();
        write!(time, "2026-11-20T08:{minute:02}:00Z").unwrap();
        // Twelve accounts that know each other; nobody is a stranger to many.
        let (from, to) = (minute % 12, (minute * 7 + 1) % 12);
        lines.push(
            message(
                &format!("a{from}"),
                &format!("a{to}"),
                &time,
                "lunch at noon? the usual place by the river",
            )
            .replace("\"mutual\":false", "\"mutual\":true"),
        );
        lines.push(
            message(
                &format!("a{from}"),
                &format!("a{to}"),
                &time,
                "晚上一起吃饭吗，老地方，七点半见，记得带伞",
            )
            .replace("\"mutual\":false", "\"mutual\":true"),
        );
        lines.push(event(
            "login.attempted",
            &time,
            json!({"account": {"id": format!("a{from}")}, "succeeded": true}),
        ));
        lines.push(event(
            "client.seen",
            &time,
            json!({"account": {"id": format!("a{from}")}, "package": "example.app"}),
        ));
    }
    let mut screener = screener();
    // The first line that cost something; all are run whatever the first ones cost.
    let mut run = || {
        let mut costly = None;
        for line in &lines {
            let event = Event::parse(line.as_bytes()).unwrap();
            let counted = allocation_counter::measure(|| {
                let verdict = screener.process(&event, event.time);
                assert_eq!((verdict.decision, verdict.findings.len()), (Decision::Allow, 0));
            });
            if counted.count_total > 0 {
                costly.get_or_insert_with(|| (line.clone(), counted.count_total));
            }
        }
        costly
    };
    assert!(run().is_some(), "the first events fill the buffers, or nothing is measured here");
    for _ in 0..3 {
        let _ = run();
    }
    let mut out = Vec::with_capacity(1 << 20);
    assert_eq!(run(), None);
    // The verdict's bytes neither, when the buffer they go to has room.
    let event = Event::parse(lines[0].as_bytes()).unwrap();
    let verdict = screener.process(&event, event.time);
    let counted = allocation_counter::measure(|| serde_json::to_writer(&mut out, &verdict).unwrap());
    assert_eq!(counted.count_total, 0);
}
