//! The tree against another implementation, at every size up to 300, and bit by bit.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;
use touchstone_signed_log::{
    Builder, Hash, Held, append, consistency, empty_root, inclusion, leaf_hash, root, verify_consistency,
    verify_inclusion,
};

const SIZES: u64 = 300;

fn entry(index: u64) -> Vec<u8> {
    format!("entry {index}").into_bytes()
}

/// A log that has seen every size up to `size`, as one that publishes each entry at once.
fn log(size: u64) -> Held {
    let mut held = Held::new();
    for index in 0..size {
        let tiles = append(&held, index, &[entry(index)]).unwrap();
        held.extend(tiles);
    }
    held
}

fn oracle(size: u64) -> MemoryBackedTree<Sha256, Vec<u8>> {
    let mut tree = MemoryBackedTree::new();
    (0..size).for_each(|it| tree.push(entry(it)));
    tree
}

fn hashes(bytes: &[u8]) -> Vec<Hash> {
    bytes.chunks(32).map(|it| Hash(it.try_into().unwrap())).collect()
}

#[test]
fn roots_and_proofs_are_those_of_another_implementation() {
    let held = log(SIZES);
    for size in 1..=SIZES {
        let theirs = oracle(size);
        assert_eq!(root(&held, size).unwrap().0[..], theirs.root().as_bytes()[..], "root of {size}");
        for index in [0, size / 3, size / 2, size - 1] {
            let ours = inclusion(&held, index, size).unwrap();
            assert_eq!(ours, hashes(theirs.prove_inclusion(index as usize).as_bytes()), "{index} in {size}");
        }
        for old in [1, size / 3, size / 2, size - 1] {
            if old == 0 || old == size {
                continue;
            }
            let ours = consistency(&held, old, size).unwrap();
            let added = (size - old) as usize;
            assert_eq!(ours, hashes(theirs.prove_consistency(added).as_bytes()), "{old} to {size}");
        }
    }
}

#[test]
fn every_inclusion_proof_of_every_size_holds() {
    let held = log(SIZES);
    for size in 1..=SIZES {
        let root = root(&held, size).unwrap();
        for index in 0..size {
            let path = inclusion(&held, index, size).unwrap();
            verify_inclusion(&leaf_hash(&entry(index)), index, size, &path, &root).unwrap();
            // Not at another place, not in another size, not with a hash more or less.
            let leaf = leaf_hash(&entry(index));
            assert!(verify_inclusion(&leaf, index ^ 1, size, &path, &root).is_err() || size == 1);
            assert!(verify_inclusion(&leaf, index, size, &path, &empty_root()).is_err());
            assert!(verify_inclusion(&leaf, index, size, &[&path[..], &[root]].concat(), &root).is_err());
            if let Some((_, less)) = path.split_last() {
                assert!(verify_inclusion(&leaf, index, size, less, &root).is_err());
            }
        }
    }
}

#[test]
fn every_consistency_proof_between_all_sizes_holds() {
    let held = log(SIZES);
    let roots: Vec<Hash> = (0..=SIZES).map(|it| root(&held, it).unwrap()).collect();
    for new in 0..=SIZES {
        for old in 0..=new {
            let path = consistency(&held, old, new).unwrap();
            let (of_old, of_new) = (roots[old as usize], roots[new as usize]);
            verify_consistency(old, &of_old, new, &of_new, &path).unwrap();
            if old > 0 {
                let other = leaf_hash(b"another history");
                assert!(verify_consistency(old, &other, new, &of_new, &path).is_err());
                assert!(verify_consistency(old, &of_old, new, &other, &path).is_err());
            }
            assert!(
                verify_consistency(old, &of_old, new, &of_new, &[&path[..], &[of_new]].concat()).is_err()
            );
        }
    }
}

#[test]
fn a_proof_beyond_the_tree_is_refused_and_not_made() {
    let held = log(5);
    let root = root(&held, 5).unwrap();
    assert!(inclusion(&held, 5, 5).is_err());
    assert!(inclusion(&held, u64::MAX, 5).is_err());
    assert!(consistency(&held, 6, 5).is_err());
    assert!(verify_inclusion(&root, 0, 0, &[], &root).is_err());
    assert!(verify_inclusion(&root, u64::MAX, u64::MAX, &[root; 64], &root).is_err());
    assert!(verify_consistency(3, &root, u64::MAX, &root, &[root; 64]).is_err());
}

#[test]
fn a_log_of_three_levels_is_the_same_grown_at_once_and_in_pieces() {
    const SIZE: u64 = 66_000; // Level 2 begins at 65,536.
    let all: Vec<Vec<u8>> = (0..SIZE).map(entry).collect();
    let mut at_once = Held::new();
    at_once.extend(append(&Held::new(), 0, &all).unwrap());
    let mut pieces = Held::new();
    let mut size = 0;
    for piece in [1, 255, 256, 300, 40_000, 24_723, 1, 464] {
        let new = append(&pieces, size, &all[size as usize..size as usize + piece]).unwrap();
        pieces.extend(new);
        size += piece as u64;
    }
    assert_eq!(size, SIZE);
    let whole = root(&at_once, SIZE).unwrap();
    assert_eq!(whole, root(&pieces, SIZE).unwrap());
    let mut tree = Builder::new();
    all.iter().for_each(|it| tree.push(it, &mut |_| ()).unwrap());
    assert_eq!(whole, tree.root());
    assert_eq!(whole.0[..], oracle(SIZE).root().as_bytes()[..]);
    for index in [0, 255, 256, 65_535, 65_536, SIZE - 1] {
        let path = inclusion(&pieces, index, SIZE).unwrap();
        verify_inclusion(&leaf_hash(&entry(index)), index, SIZE, &path, &whole).unwrap();
    }
    for old in [1, 256, 557, 65_536, 65_999] {
        let before = root(&log_of(&all[..old as usize]), old).unwrap();
        let path = consistency(&at_once, old, SIZE).unwrap();
        verify_consistency(old, &before, SIZE, &whole, &path).unwrap();
    }
}

fn log_of(entries: &[Vec<u8>]) -> Held {
    let mut held = Held::new();
    held.extend(append(&Held::new(), 0, entries).unwrap());
    held
}

proptest! {
    #[test]
    fn no_flipped_bit_of_an_inclusion_proof_goes_unseen(
        size in 2u64..300, index in any::<prop::sample::Index>(), byte in any::<prop::sample::Index>(), bit in 0u8..8,
    ) {
        let held = log_of(&(0..size).map(entry).collect::<Vec<_>>());
        let index = index.index(size as usize) as u64;
        let root = root(&held, size).unwrap();
        let path = inclusion(&held, index, size).unwrap();
        let mut bytes: Vec<u8> = path.iter().flat_map(|it| it.0).collect();
        bytes.extend(leaf_hash(&entry(index)).0);
        bytes.extend(root.0);
        let at = byte.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let all = hashes(&bytes);
        let (path, ends) = all.split_at(all.len() - 2);
        prop_assert!(verify_inclusion(&ends[0], index, size, path, &ends[1]).is_err());
    }

    #[test]
    fn no_flipped_bit_of_a_consistency_proof_goes_unseen(
        new in 2u64..300, old in any::<prop::sample::Index>(), byte in any::<prop::sample::Index>(), bit in 0u8..8,
    ) {
        let held = log_of(&(0..new).map(entry).collect::<Vec<_>>());
        let old = 1 + old.index(new as usize - 1) as u64;
        let of_old = root(&log_of(&(0..old).map(entry).collect::<Vec<_>>()), old).unwrap();
        let mut bytes: Vec<u8> = consistency(&held, old, new).unwrap().iter().flat_map(|it| it.0).collect();
        bytes.extend(of_old.0);
        bytes.extend(root(&held, new).unwrap().0);
        let at = byte.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let all = hashes(&bytes);
        let (path, ends) = all.split_at(all.len() - 2);
        prop_assert!(verify_consistency(old, &ends[0], new, &ends[1], path).is_err());
    }
}
