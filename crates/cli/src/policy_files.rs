//! The files of a policy: the default one from inside the binary, or a folder.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use touchstone_language::model::Model;
use touchstone_policy::{Problem, SourceFile, default_files};
use touchstone_screening::Policy;

/// Every `.toml` file of a folder and the folders in it.
pub(crate) fn files_in(folder: &Path) -> anyhow::Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    collect(folder, folder, &mut files)?;
    anyhow::ensure!(!files.is_empty(), "{} has no .toml file", folder.display());
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) -> anyhow::Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            let text =
                fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            files.push(SourceFile { path: name, text });
        }
    }
    Ok(())
}

/// The files in a folder, or those of the default policy.
pub(crate) fn read(folder: Option<&Path>) -> anyhow::Result<Vec<SourceFile>> {
    folder.map_or_else(|| Ok(default_files()), files_in)
}

/// The policy in a folder, or the default one, ready to judge.
pub(crate) fn load(folder: Option<&Path>) -> anyhow::Result<Policy> {
    compile(folder, read(folder)?)
}

/// A language model from a file, or the one in this binary.
pub(crate) fn model(file: Option<&Path>) -> anyhow::Result<Arc<Model>> {
    let Some(file) = file else { return Ok(Model::built_in()) };
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(Arc::new(Model::read(&bytes).with_context(|| format!("{} is refused", file.display()))?))
}

/// These files, ready to judge; a refusal names the folder that they came from.
pub(crate) fn compile(folder: Option<&Path>, files: Vec<SourceFile>) -> anyhow::Result<Policy> {
    Policy::load(files).map_err(|problems| refusal(folder, &problems))
}

/// Every problem of a policy that was refused, a line each.
fn refusal(folder: Option<&Path>, problems: &[Problem]) -> anyhow::Error {
    let name = folder.map_or_else(|| "the default policy".to_owned(), |it| it.display().to_string());
    let lines: Vec<String> = problems.iter().map(|it| format!("  {it}")).collect();
    anyhow::anyhow!("{name} is refused:\n{}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_inside_the_binary_is_the_one_in_the_repository() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/default");
        assert_eq!(default_files(), files_in(&folder).unwrap());
        let loaded = load(None).unwrap();
        assert!(!loaded.core().rules().is_empty() && !loaded.lexicon().is_empty());
    }

    #[test]
    fn a_damaged_model_is_refused_with_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("m.model");
        let mut bytes = Model::built_in().write();
        fs::write(&file, &bytes).unwrap();
        assert_eq!(model(Some(&file)).unwrap().id(), Model::built_in().id());
        bytes[100] ^= 1;
        fs::write(&file, &bytes).unwrap();
        let error = format!("{:#}", model(Some(&file)).unwrap_err());
        assert!(error.contains("m.model") && error.contains("damaged"), "{error}");
    }

    #[test]
    fn a_policy_that_does_not_compile_is_refused_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("policy.toml"), "id = 7\n").unwrap();
        let error = load(Some(folder.path())).unwrap_err().to_string();
        assert!(error.contains("policy.toml:1"), "{error}");
        assert!(load(Some(Path::new("/nowhere/at/all"))).is_err());
    }
}
