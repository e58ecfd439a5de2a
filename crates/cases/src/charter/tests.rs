use super::*;
#[test]
fn the_charter_that_comes_with_this_version_is_whole() {
    let charter = Charter::built_in().unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert_eq!(charter.jurisdictions().all().len(), 11);
}
