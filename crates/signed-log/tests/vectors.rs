//! The tree of RFC 6962 as published, and our tiles in the hands of another implementation.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

use std::cell::Cell;

use tlog_tiles::{HashReader as _, TileHashReader, TileReader};
use touchstone_signed_log::{
    Held, Level, TilePath, Tiles, append, consistency, empty_root, inclusion, leaf_hash, root,
};

/// The tree of eight leaves that the tests of certificate-transparency (Google, 2013) and of every
/// implementation since use, and its roots from 0 to 8 leaves.
const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn the_published_tree_has_its_published_roots() {
    assert_eq!(empty_root().0[..], unhex(ROOTS[0]));
    let leaves: Vec<Vec<u8>> = LEAVES.iter().map(|it| unhex(it)).collect();
    for (size, expected) in ROOTS.iter().enumerate() {
        let mut held = Held::new();
        held.extend(append(&Held::new(), 0, &leaves[..size]).unwrap());
        assert_eq!(root(&held, size as u64).unwrap().0[..], unhex(expected), "{size} leaves");
    }
}

/// Our tiles, asked for by the other implementation in its own words.
struct Lent {
    held: Held,
    read: Cell<usize>,
}

impl TileReader for Lent {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        self.read.set(self.read.get() + tiles.len());
        let ours = |it: &tlog_tiles::Tile| {
            // Its paths name the height, which tlog-tiles fixes at 8 and leaves out.
            let path: TilePath = it.path().replace("tile/8/", "tile/").parse().unwrap();
            assert_eq!(path.level(), Level::Hashes(it.level()));
            assert_eq!((path.index(), u32::from(path.width())), (it.level_index(), it.width()));
            self.held.tile(&path).unwrap()
        };
        Ok(tiles.iter().map(ours).collect())
    }

    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}

#[test]
fn another_implementation_reads_our_tiles_and_proves_alike() {
    const SIZE: u64 = 70_000; // The example of tlog-tiles: 273 full tiles, one of 112, one full and one of 17, one of 1.
    let entries: Vec<Vec<u8>> = (0..SIZE).map(|it| format!("entry {it}").into_bytes()).collect();
    let mut held = Held::new();
    held.extend(append(&Held::new(), 0, &entries).unwrap());
    let count = |level| held.iter().filter(|(path, _)| path.level() == Level::Hashes(level)).count();
    assert_eq!((count(0), count(1), count(2)), (274, 2, 1));
    for path in ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1", "tile/entries/273.p/112"] {
        assert!(held.tile(&path.parse().unwrap()).is_ok(), "{path}");
    }
    let ours = root(&held, SIZE).unwrap();
    let lent = Lent { held, read: Cell::new(0) };
    let reader = TileHashReader::new(SIZE, tlog_tiles::Hash(ours.0), &lent);
    assert_eq!(tlog_tiles::tree_hash(SIZE, &reader).unwrap().0, ours.0);
    for index in [0, 255, 256, 65_535, 65_536, 69_999] {
        let theirs = tlog_tiles::prove_record(SIZE, index, &reader).unwrap();
        let path = inclusion(&lent.held, index, SIZE).unwrap();
        assert_eq!(
            theirs.iter().map(|it| it.0).collect::<Vec<_>>(),
            path.iter().map(|it| it.0).collect::<Vec<_>>()
        );
        let leaf = reader.read_hashes(&[tlog_tiles::stored_hash_index(0, index)]).unwrap();
        assert_eq!(leaf[0].0, leaf_hash(&entries[index as usize]).0);
    }
    for old in [1, 255, 256, 1000, 65_536, 69_999] {
        let theirs = tlog_tiles::prove_tree(SIZE, old, &reader).unwrap();
        let path = consistency(&lent.held, old, SIZE).unwrap();
        assert_eq!(
            theirs.iter().map(|it| it.0).collect::<Vec<_>>(),
            path.iter().map(|it| it.0).collect::<Vec<_>>()
        );
    }
    assert!(lent.read.get() > 20);
}

#[test]
fn the_names_of_tiles_are_those_of_the_specification() {
    let path = TilePath::new(Level::Hashes(0), 1_234_067, 256).unwrap();
    assert_eq!(path.to_string(), "tile/0/x001/x234/067");
    let cases =
        ["tile/0/000", "tile/6/000.p/255", "tile/entries/x001/000", "tile/0/x001/x234/067.p/1", "tile/1/999"];
    for text in cases {
        assert_eq!(text.parse::<TilePath>().unwrap().to_string(), text);
    }
    let bad = [
        "",
        "tile",
        "tile/0",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/x000",
        "tile/00/000",
        "tile/7/000",
        "tile/63/000",
        "tile/-1/000",
        "tile/0/001/000",
        "tile/0/x001/x000",
        "tile/data/000",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/+00",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/entries/../000",
        "tile/0/000.p/",
        "tile/0/٠٠٠",
    ];
    for text in bad {
        assert!(text.parse::<TilePath>().is_err(), "{text:?}");
    }
}
