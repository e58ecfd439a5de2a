#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use touchstone_cases::report::{CODES, code};
use touchstone_cases::{Case, Charter, RawReport, Report, first_hour, harm, plan};
use touchstone_types::Moment;

fn charter() -> &'static Charter {
    static ONCE: OnceLock<Charter> = OnceLock::new();
    ONCE.get_or_init(|| Charter::built_in().expect("the charter is whole"))
}

fuzz_target!(|bytes: &[u8]| {
    let _ = Case::from_bytes(bytes).map(|case| case.due());
    let Ok(raw) = serde_json::from_slice::<RawReport>(bytes) else { return };
    let now: Moment = "2026-11-22T08:00:00Z".parse().expect("a time");
    match Report::parse(&raw, now, charter()) {
        Err(wrong) => {
            assert!(!wrong.is_empty());
            for it in wrong {
                assert!(CODES.contains(&it.code) && !code(it.code).zh.is_empty());
                assert!(it.given.chars().count() <= 81);
            }
        }
        Ok(report) => {
            assert!(!report.story.trim().is_empty());
            assert!(!first_hour(&report, charter()).is_empty() && !plan(&report, charter()).is_empty());
            let _ = (report.marks(), harm(&report, now, charter()));
            let written = serde_json::to_vec(&report).expect("a report can be written");
            assert_eq!(serde_json::from_slice::<Report>(&written).expect("and read"), report);
        }
    }
});
