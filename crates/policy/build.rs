//! Puts the default policy into the crate, so that the one binary starts without files.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root =
        Path::new(&env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("../../policies/default");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    toml_files(&root, &mut files)?;
    files.sort();
    let mut list = String::from("&[\n");
    for file in &files {
        println!("cargo::rerun-if-changed={}", file.display());
        let name = file.strip_prefix(&root).map_err(io::Error::other)?.to_string_lossy().replace('\\', "/");
        list.push_str(&format!(
            "({name:?}, include_str!({:?})),\n",
            file.canonicalize()?.display().to_string()
        ));
    }
    list.push_str("]\n");
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?).join("default_policy.rs");
    fs::write(out, list)
}

fn toml_files(folder: &Path, into: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            println!("cargo::rerun-if-changed={}", path.display());
            toml_files(&path, into)?;
        } else if path.extension().is_some_and(|it| it == "toml") {
            into.push(path);
        }
    }
    Ok(())
}
