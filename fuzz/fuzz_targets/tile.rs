#![no_main]

use libfuzzer_sys::fuzz_target;
use touchstone_signed_log::{
    Checkpoint, Held, Tile, TilePath, append, bundle, consistency, entries, inclusion, leaf_hash, root,
    verify_consistency, verify_inclusion, verify_log,
};

// A log of the bytes, with one of its files replaced by other bytes.
fuzz_target!(|input: (Vec<Vec<u8>>, u8, u8, Vec<u8>, String)| {
    let (mut all, repeat, which, bytes, name) = input;
    if let Ok(path) = name.parse::<TilePath>() {
        assert_eq!(path.to_string(), name);
    }
    for width in [1, 2, 255, 256] {
        if let Ok(found) = entries(&bytes, width) {
            assert_eq!(found.len(), usize::from(width));
            assert!(bytes.starts_with(&bundle(&found).unwrap()));
        }
    }
    if let Some(first) = all.first().cloned() {
        all.extend(std::iter::repeat_n(first, usize::from(repeat) * 2));
    }
    let size = all.len() as u64;
    let mut held = Held::new();
    held.extend(append(&Held::new(), 0, &all).unwrap());
    let checkpoint = Checkpoint::new("log.example", size, root(&held, size).unwrap());
    assert_eq!(verify_log(&held, &checkpoint, None, |_, _| ()), Ok(()));
    if size == 0 {
        return;
    }
    let at = u64::from(which) % size;
    let path = inclusion(&held, at, size).unwrap();
    verify_inclusion(&leaf_hash(&all[at as usize]), at, size, &path, &checkpoint.root).unwrap();
    let path = consistency(&held, at, size).unwrap();
    let mut before = Held::new();
    before.extend(append(&Held::new(), 0, &all[..at as usize]).unwrap());
    verify_consistency(at, &root(&before, at).unwrap(), size, &checkpoint.root, &path).unwrap();

    let paths: Vec<TilePath> = held.iter().map(|(path, _)| *path).collect();
    let path = paths[usize::from(which) % paths.len()];
    let before = held.drop_tile(&path).unwrap();
    let is_same = bytes == before;
    held.keep(Tile { path, bytes });
    let outcome = verify_log(&held, &checkpoint, None, |_, _| ());
    assert_eq!(outcome.is_ok(), is_same, "{path}: {outcome:?}");
    let _ = (root(&held, size), inclusion(&held, at, size), append(&held, size, &[b"more"]));
});
