use crate::source::SourceFile;

/// `policies/default`, as it was when this was built.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/default_policy.rs"));

/// The policy that Touchstone starts with (`policies/default`), for [`crate::Policy::load`].
#[must_use]
pub fn default_files() -> Vec<SourceFile> {
    FILES.iter().map(|(path, text)| SourceFile { path: (*path).into(), text: (*text).into() }).collect()
}
