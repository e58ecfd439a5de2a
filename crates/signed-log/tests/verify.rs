//! A whole log is recomputed, and the first thing that is wrong is named.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

use proptest::prelude::*;
use touchstone_signed_log::{
    Checkpoint, Cosigner, Fault, Held, Level, Note, Proof, ProofTextError, SigningKey, Tile, TilePath, Tiles,
    Unproven, append, root, verify_log, witness,
};

const ORIGIN: &str = "log.example";

fn entry(index: u64) -> Vec<u8> {
    format!("entry {index}").into_bytes()
}

fn log(size: u64) -> (Held, Checkpoint) {
    let mut held = Held::new();
    held.extend(append(&Held::new(), 0, &(0..size).map(entry).collect::<Vec<_>>()).unwrap());
    let checkpoint = Checkpoint::new(ORIGIN, size, root(&held, size).unwrap());
    (held, checkpoint)
}

#[test]
fn every_entry_is_given_once_and_in_order() {
    for size in [0, 1, 2, 255, 256, 257, 511, 512, 1000, 66_000] {
        let (held, checkpoint) = log(size);
        let mut next = 0;
        verify_log(&held, &checkpoint, None, |index, bytes| {
            assert_eq!((index, bytes), (next, &entry(next)[..]));
            next += 1;
        })
        .unwrap();
        assert_eq!(next, size);
    }
}

#[test]
fn a_log_is_verified_from_every_older_checkpoint() {
    let (held, checkpoint) = log(600);
    for size in 0..=600 {
        let known = log(size).1;
        verify_log(&held, &checkpoint, Some(&known), |_, _| ()).unwrap();
        let lie = Checkpoint { root: touchstone_signed_log::leaf_hash(b"lie"), ..known };
        let fault = verify_log(&held, &checkpoint, Some(&lie), |_, _| ()).unwrap_err();
        assert!(matches!(fault, Fault::Split { size: at, .. } if at == size), "{size}: {fault}");
    }
    let longer = log(601).1;
    let fault = verify_log(&held, &checkpoint, Some(&longer), |_, _| ()).unwrap_err();
    assert_eq!(fault, Fault::Rewound { known: 601, found: 600 });
    let foreign = Checkpoint { origin: "log.other".to_owned(), ..log(5).1 };
    assert!(matches!(verify_log(&held, &checkpoint, Some(&foreign), |_, _| ()), Err(Fault::Origin { .. })));
}

#[test]
fn a_log_that_let_its_partial_tiles_go_is_whole() {
    let (mut held, _) = log(300);
    let (full, _) = log(512);
    for (path, bytes) in full.iter() {
        held.keep(Tile { path: *path, bytes: bytes.to_vec() });
    }
    for path in ["tile/0/001.p/44", "tile/entries/001.p/44"] {
        held.drop_tile(&path.parse().unwrap()).unwrap();
    }
    verify_log(&held, &log(300).1, None, |_, _| ()).unwrap();
    assert_eq!(root(&held, 300).unwrap(), log(300).1.root);
    let more = append(&held, 300, &[entry(300)]).unwrap();
    held.extend(more);
    assert_eq!(root(&held, 301).unwrap(), log(301).1.root);
}

#[test]
fn a_checkpoint_for_another_tree_is_told_from_a_damaged_copy() {
    let (held, checkpoint) = log(600);
    let signed = Checkpoint { root: log(601).1.root, ..checkpoint };
    assert!(matches!(verify_log(&held, &signed, None, |_, _| ()), Err(Fault::Root { .. })));
}

fn flip(held: &Held, path: &TilePath, bit: usize) -> Held {
    let mut held = held.clone();
    let mut bytes = held.tile(path).unwrap();
    bytes[bit / 8] ^= 1 << (bit % 8);
    held.keep(Tile { path: *path, bytes });
    held
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_flipped_bit_in_any_file_is_found_and_blamed_on_that_file(
        size in 1u64..1200, file in any::<prop::sample::Index>(), bit in any::<prop::sample::Index>(),
    ) {
        let (held, checkpoint) = log(size);
        let paths: Vec<TilePath> = held.iter().map(|(path, _)| *path).collect();
        let path = paths[file.index(paths.len())];
        let damaged = flip(&held, &path, bit.index(held.tile(&path).unwrap().len() * 8));
        let blamed = match verify_log(&damaged, &checkpoint, None, |_, _| ()).unwrap_err() {
            Fault::Altered { path, index } => {
                prop_assert_eq!(index / 256, path.index());
                path
            }
            Fault::Bundle { path, .. } | Fault::Damaged { path, .. } => path,
            other => panic!("{other}"),
        };
        prop_assert_eq!(blamed, path);
    }

    #[test]
    fn a_missing_file_is_named(size in 1u64..1200, file in any::<prop::sample::Index>()) {
        let (mut held, checkpoint) = log(size);
        let paths: Vec<TilePath> = held.iter().map(|(path, _)| *path).collect();
        let path = paths[file.index(paths.len())];
        held.drop_tile(&path).unwrap();
        let fault = verify_log(&held, &checkpoint, None, |_, _| ()).unwrap_err();
        prop_assert!(fault.to_string().contains(&path.to_string()), "{}", fault);
    }
}

#[test]
fn a_proof_proves_its_entry_without_the_log_and_nothing_else() {
    let key = SigningKey::from_seed(ORIGIN, &[7; 32]).unwrap();
    let cosigner = Cosigner::from_seed("w.example", &[8; 32]).unwrap();
    let (held, checkpoint) = log(300);
    let mut note = checkpoint.sign(&[&key]).unwrap();
    note.add(cosigner.cosign(note.text(), 1_700_000_000)).unwrap();
    let (keys, witnesses) = ([key.verifier().clone()], [cosigner.verifier().clone()]);
    for extra in [None, Some(entry(77))] {
        let text = Proof::make(&held, 77, 300, &note, extra).unwrap().to_string();
        let proof: Proof = text.parse().unwrap();
        assert_eq!(proof.to_string(), text);
        let seen = proof.verify(&entry(77), &keys, &witnesses, 1).unwrap();
        assert_eq!((seen.checkpoint.size, seen.witnesses[0].time), (300, Some(1_700_000_000)));
        assert!(matches!(
            proof.verify(&entry(78), &keys, &witnesses, 1),
            Err(Unproven::NotInLog { index: 77, .. })
        ));
        assert!(matches!(proof.verify(&entry(77), &witnesses, &[], 0), Err(Unproven::NotTrusted(_))));
        let moved: Proof = text.replace("index 77", "index 76").parse().unwrap();
        assert!(moved.verify(&entry(77), &keys, &witnesses, 1).is_err());
    }
    // The only entry of a log of one needs no path.
    let (one, checkpoint) = log(1);
    let proof = Proof::make(&one, 0, 1, &checkpoint.sign(&[&key]).unwrap(), None).unwrap();
    assert!(proof.to_string().starts_with("c2sp.org/tlog-proof@v1\nindex 0\n\nlog.example\n1\n"));
    proof.to_string().parse::<Proof>().unwrap().verify(&entry(0), &keys, &[], 0).unwrap();
}

/// After the cases of transparency-dev/formats.
#[test]
fn what_is_no_proof_is_refused() {
    let key = SigningKey::from_seed(ORIGIN, &[7; 32]).unwrap();
    let note = log(2).1.sign(&[&key]).unwrap();
    let hash = log(2).1.root;
    let head = "c2sp.org/tlog-proof@v1";
    let cases = [
        (format!("wrong-header\nindex 0\n\n{note}"), ProofTextError::Head),
        (format!("{head}\nextra !!notbase64!!\nindex 0\n\n{note}"), ProofTextError::Extra),
        (format!("{head}\n\n\n{note}"), ProofTextError::Index),
        (format!("{head}\nindex notanumber\n\n{note}"), ProofTextError::Index),
        (format!("{head}\nindex -5\n\n{note}"), ProofTextError::Index),
        (format!("{head}\nindex 05\n\n{note}"), ProofTextError::Index),
        (format!("{head}\nindex 0\nextra AAAA\n\n{note}"), ProofTextError::Path),
        (format!("{head}\nindex 0\n!!notbase64!!\n\n{note}"), ProofTextError::Path),
        (format!("{head}\nindex 0\n{hash}{hash}\n\n{note}"), ProofTextError::Path),
        (format!("{head}\nindex 0\n{}\n{note}", format!("{hash}\n").repeat(65)), ProofTextError::Path),
        (format!("{head}\nindex 0\n"), ProofTextError::Path),
        (format!("{head}\nindex 0\n{}", "a".repeat(600 * 1024)), ProofTextError::TooLong),
    ];
    for (text, expected) in cases {
        assert_eq!(text.parse::<Proof>().unwrap_err(), expected, "{}", &text[..text.len().min(80)]);
    }
    let unsigned = format!("{head}\nindex 0\n\nlog.example\n1\n{hash}\n");
    assert!(matches!(unsigned.parse::<Proof>(), Err(ProofTextError::Checkpoint(_))));
}

/// The example request of tlog-witness, whose checkpoint is that of tlog-cosignature.
const REQUEST: &str = "old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
";

#[test]
fn the_published_request_to_a_witness_is_read_and_written_back() {
    let request: witness::Request = REQUEST.parse().unwrap();
    assert_eq!((request.old, request.proof.len(), request.checkpoint.signatures().len()), (20_852_014, 4, 2));
    assert_eq!(request.to_string(), REQUEST);
    let answer = "— witness.example/w1 CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==\n";
    assert_eq!(witness::cosignatures(answer).unwrap()[0].name(), "witness.example/w1");
    assert_eq!(Level::Hashes(0), "tile/0/000".parse::<TilePath>().unwrap().level());
}

#[test]
fn what_is_no_request_is_refused() {
    let line = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n";
    let cases = [
        String::new(),
        REQUEST.replace("old ", "new "),
        REQUEST.replace("old 2", "old 02"),
        REQUEST.replace("old 20852014", "old -1"),
        REQUEST.replace("/0=\n\n", "/0=\n"),
        REQUEST.replace(line, "x\n"),
        REQUEST.replace(line, &line.repeat(61)),
        REQUEST.replace("— ", "- "),
    ];
    for text in cases {
        assert!(text.parse::<witness::Request>().is_err(), "{text}");
    }
    assert!(
        REQUEST.replace(line, &line.repeat(60)).parse::<witness::Request>().is_ok(),
        "63 lines are allowed"
    );
    assert!(Note::parse(b"").is_err());
}
