//! Notes, keys and checkpoints against published values and against another implementation.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at what it did not expect"
)]

use proptest::prelude::*;
use touchstone_signed_log::{
    Checkpoint, CheckpointError, Cosigner, Hash, KeyError, KeyKind, MAX_NOTE, NotTrusted, Note, NoteError,
    SigningKey, VerifierKey, leaf_hash, open_checkpoint,
};

/// The documentation of golang.org/x/mod/sumdb/note: two keys and a note signed by both.
const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const ENOCH: &str = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const BY_PETER: &str = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
const BY_ENOCH: &str = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=";

/// A checkpoint of a public log with cosignatures by four public witnesses, none of which runs this code.
const ARCHE: &[u8] = include_bytes!("vectors/arche2025h1.checkpoint");
const ARCHE_KEY: &str =
    "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f";
const WITNESSES: [&str; 4] = [
    "transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM",
    "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
    "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv",
];

fn key(text: &str) -> VerifierKey {
    text.parse().unwrap()
}

fn both() -> Vec<u8> {
    format!("{TEXT}\n{BY_PETER}\n{BY_ENOCH}\n").into_bytes()
}

#[test]
fn the_published_note_opens_and_is_signed_again_byte_for_byte() {
    let note = Note::parse(&both()).unwrap();
    assert_eq!(note.text(), TEXT);
    assert_eq!(note.to_string().as_bytes(), both());
    let signers = note.signers(&[key(PETER), key(ENOCH)]).unwrap();
    assert_eq!(signers.iter().map(|it| it.key.name()).collect::<Vec<_>>(), ["PeterNeumann", "EnochRoot"]);
    // The private half is published as well, in the same place: AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz.
    let seed = [
        0x81, 0x0a, 0x14, 0x02, 0xd5, 0x14, 0x6c, 0x8d, 0x84, 0xf2, 0x44, 0x33, 0x30, 0xf5, 0x40, 0x80, 0xeb,
        0xf9, 0x8e, 0xe1, 0x7d, 0x9c, 0x74, 0xf6, 0x25, 0x2f, 0xc5, 0xd5, 0xc7, 0x28, 0x31, 0x73,
    ];
    let peter = SigningKey::from_seed("PeterNeumann", &seed).unwrap();
    assert_eq!(peter.verifier().to_string(), PETER);
    assert_eq!(peter.sign(TEXT).to_string(), BY_PETER);
}

#[test]
fn published_keys_are_read_and_written_alike() {
    let go = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
    for text in [PETER, ENOCH, ARCHE_KEY].iter().chain(&WITNESSES).chain([&go]) {
        assert_eq!(key(text).to_string(), **text);
    }
    assert_eq!(key(WITNESSES[0]).kind(), KeyKind::Cosignature);
}

#[test]
fn a_checkpoint_of_a_public_log_is_seen_by_its_public_witnesses() {
    let witnesses = WITNESSES.map(key);
    let seen = open_checkpoint(ARCHE, &[key(ARCHE_KEY)], &witnesses, 4).unwrap();
    assert_eq!(seen.checkpoint.size, 1_432_088_532);
    assert_eq!(seen.log.len(), 1);
    assert_eq!(seen.witnesses.iter().map(|it| it.time).collect::<Vec<_>>(), [Some(0x6a12_2120); 4]);
    assert_eq!(seen.note.to_string().as_bytes(), ARCHE);
    // The time is signed too.
    let earlier = String::from_utf8(ARCHE.to_vec()).unwrap().replace("2net5wAAAABqEiEg", "2net5wAAAABqEiEf");
    let refused = open_checkpoint(earlier.as_bytes(), &[key(ARCHE_KEY)], &witnesses, 4);
    assert_eq!(refused, Err(NotTrusted::Note(NoteError::Wrong(key(WITNESSES[2])))));
}

#[test]
fn no_flipped_bit_of_a_cosigned_checkpoint_goes_unseen() {
    let witnesses = WITNESSES.map(key);
    for at in 0..ARCHE.len() {
        let mut bytes = ARCHE.to_vec();
        bytes[at] ^= 1;
        // The first signature is of a kind that is not read here, so it alone may change.
        let line = ARCHE[..at].iter().filter(|it| **it == b'\n').count();
        let opened = open_checkpoint(&bytes, &[key(ARCHE_KEY)], &witnesses, 4);
        assert!(opened.is_err() || line == 4, "byte {at}: {:?}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn a_note_by_strangers_is_refused_and_one_wrong_signature_spoils_it() {
    let note = Note::parse(&both()).unwrap();
    let stranger = SigningKey::from_seed("PeterNeumann", &[1; 32]).unwrap();
    let unknown = note.signers(&[stranger.verifier().clone()]).unwrap_err();
    assert_eq!(
        unknown,
        NoteError::Unknown(vec!["PeterNeumann+c74f20a3".into(), "EnochRoot+af0cfe78".into()])
    );
    let altered = String::from_utf8(both()).unwrap().replace("answer", "Answer");
    let altered = Note::parse(altered.as_bytes()).unwrap();
    assert_eq!(altered.signers(&[key(ENOCH)]), Err(NoteError::Wrong(key(ENOCH))));
    // Peter's is right, Enoch's is Peter's under Enoch's name: the whole note goes.
    let mixed = format!("{TEXT}\n{BY_PETER}\n{BY_ENOCH}\n").replace("rwz+eBzmZa0", "rwz+eBzmZa1");
    let mixed = Note::parse(mixed.as_bytes()).unwrap();
    assert_eq!(mixed.signers(&[key(PETER), key(ENOCH)]), Err(NoteError::Wrong(key(ENOCH))));
    assert_eq!(mixed.signers(&[key(PETER)]).unwrap().len(), 1, "whoever does not know Enoch does not mind");
}

#[test]
fn a_signature_that_stands_there_twice_counts_once_and_comes_back_twice() {
    let text = format!("{TEXT}\n{BY_PETER}\n{BY_ENOCH}\n{BY_PETER}\n");
    let note = Note::parse(text.as_bytes()).unwrap();
    assert_eq!(note.to_string(), text);
    assert_eq!(note.signers(&[key(PETER), key(ENOCH)]).unwrap().len(), 2);
}

#[test]
fn what_is_no_note_is_refused() {
    let long = format!("{}\n\n{BY_PETER}\n", "a".repeat(MAX_NOTE));
    let crowd = format!(
        "{TEXT}\n{}",
        (0..65).map(|it| BY_PETER.replace("Peter", &format!("P{it}")) + "\n").collect::<String>()
    );
    let cases = [
        ("nothing", String::new(), NoteError::Form),
        ("no signature", TEXT.to_owned(), NoteError::Form),
        ("no empty line", format!("{TEXT}{BY_PETER}\n"), NoteError::Form),
        ("no new line at the end", format!("{TEXT}\n{BY_PETER}"), NoteError::Form),
        ("a tab in the text", format!("a\tb\n\n{BY_PETER}\n"), NoteError::Form),
        ("a carriage return", format!("a\r\n\n{BY_PETER}\n"), NoteError::Form),
        ("an empty line after", format!("{TEXT}\n{BY_PETER}\n\n"), NoteError::Form),
        ("a hyphen for a dash", format!("{TEXT}\n{}\n", BY_PETER.replace('—', "-")), NoteError::Signature),
        (
            "a name with a plus",
            format!("{TEXT}\n{}\n", BY_PETER.replace("Neumann", "+Neumann")),
            NoteError::Signature,
        ),
        ("a third word", format!("{TEXT}\n{BY_PETER} x\n"), NoteError::Signature),
        (
            "base 64 without its end",
            format!("{TEXT}\n{}\n", BY_PETER.trim_end_matches('=')),
            NoteError::Signature,
        ),
        ("only an id", format!("{TEXT}\n— Peter x08gow==\n"), NoteError::Signature),
        ("too long", long, NoteError::TooLong),
        ("too many", crowd, NoteError::TooLong),
    ];
    for (what, text, expected) in cases {
        assert_eq!(Note::parse(text.as_bytes()), Err(expected), "{what}");
    }
    assert_eq!(Note::parse(b"\xff\n\n\xe2\x80\x94 a AAAAAAA=\n"), Err(NoteError::Form));
}

#[test]
fn what_is_no_key_is_refused() {
    let form = |text: &str| text.parse::<VerifierKey>();
    assert_eq!(form("PeterNeumann"), Err(KeyError::Form));
    assert!(form(&PETER.replace("c74f20a3", "c74f20a4")).unwrap_err().to_string().contains("altered"));
    assert!(matches!(form(&PETER.replace("Peter", "Pieter")), Err(KeyError::Id { .. })));
    assert!(matches!(form(&PETER.replace("c74f20a3", "C74F20A3")), Err(KeyError::Id { .. })), "one spelling");
    assert_eq!(form("a+00000000+Bg=="), Err(KeyError::Kind(6)), "ML-DSA is not read");
    assert!(matches!(form(" +00000000+AQ=="), Err(KeyError::Form | KeyError::Name(_))));
    // The point of order one: every message would be signed.
    let mut weak = [0; 32];
    weak[0] = 1;
    assert_eq!(VerifierKey::new("weak", KeyKind::Note, weak), Err(KeyError::Point));
    for name in ["", "a b", "a+b", "a\nb", "a\u{3000}b", "a\u{0}b"] {
        assert!(SigningKey::from_seed(name, &[1; 32]).is_err(), "{name:?}");
    }
}

#[test]
fn a_checkpoint_has_one_spelling() {
    let root = leaf_hash(b"x");
    let good = format!("log.example\n123\n{root}\nmore\nlines\n");
    let checkpoint: Checkpoint = good.parse().unwrap();
    assert_eq!(checkpoint.extension, ["more", "lines"]);
    assert_eq!(checkpoint.to_string(), good);
    let cases = [
        ("", CheckpointError::Form),
        ("log.example\n123\n", CheckpointError::Form),
        ("\n123\nROOT\n", CheckpointError::Form),
        ("log.example\n0123\nROOT\n", CheckpointError::Size),
        ("log.example\n+123\nROOT\n", CheckpointError::Size),
        ("log.example\n0x7b\nROOT\n", CheckpointError::Size),
        ("log.example\n18446744073709551616\nROOT\n", CheckpointError::Size),
        ("log.example\n99999999999999999\nROOT\n", CheckpointError::Size),
        ("log.example\n123\nAAAA\n", CheckpointError::Root),
        ("log.example\n123\nROOT\n\n", CheckpointError::Form),
        ("log.example\n123\nROOT", CheckpointError::Form),
    ];
    for (text, expected) in cases {
        let text = text.replace("ROOT", &root.to_string());
        assert_eq!(text.parse::<Checkpoint>(), Err(expected), "{text:?}");
    }
    // The last letter before the padding has two unused bits, which must be zero.
    assert!("TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb1=".parse::<Hash>().is_err());
    let tricky = Checkpoint::new("log.example\n5", 1, root);
    assert!(tricky.sign(&[&SigningKey::from_seed("log.example", &[1; 32]).unwrap()]).is_err());
}

#[test]
fn while_a_key_is_replaced_either_key_alone_suffices() {
    let (old, new) = (
        SigningKey::from_seed("log.example", &[1; 32]).unwrap(),
        SigningKey::from_seed("log.example", &[2; 32]).unwrap(),
    );
    let checkpoint = Checkpoint::new("log.example", 1, leaf_hash(b"a"));
    let note = checkpoint.sign(&[&old, &new]).unwrap().to_string();
    for keys in [vec![&old], vec![&new], vec![&old, &new]] {
        let known: Vec<VerifierKey> = keys.iter().map(|it| it.verifier().clone()).collect();
        let seen = open_checkpoint(note.as_bytes(), &known, &[], 0).unwrap();
        assert_eq!((seen.checkpoint, seen.log.len()), (checkpoint.clone(), keys.len()));
    }
    let after = checkpoint.sign(&[&new]).unwrap().to_string();
    let refused = open_checkpoint(after.as_bytes(), &[old.verifier().clone()], &[], 0).unwrap_err();
    assert!(matches!(refused, NotTrusted::Note(NoteError::Unknown(_))));
}

#[test]
fn a_key_of_another_log_and_too_few_witnesses_are_not_enough() {
    let key = SigningKey::from_seed("log.example", &[1; 32]).unwrap();
    let other = Checkpoint::new("log.other", 1, leaf_hash(b"a")).sign(&[&key]).unwrap().to_string();
    let known = [key.verifier().clone()];
    assert!(matches!(open_checkpoint(other.as_bytes(), &known, &[], 0), Err(NotTrusted::Origin { .. })));
    // One witness under two names is one witness.
    let names = ["w.example/1", "w.example/2"].map(|it| Cosigner::from_seed(it, &[3; 32]).unwrap());
    let mut note = Checkpoint::new("log.example", 1, leaf_hash(b"a")).sign(&[&key]).unwrap();
    for witness in &names {
        note.add(witness.cosign(note.text(), 1_700_000_000)).unwrap();
    }
    let witnesses = names.map(|it| it.verifier().clone());
    let text = note.to_string();
    assert!(open_checkpoint(text.as_bytes(), &known, &witnesses, 1).is_ok());
    assert_eq!(
        open_checkpoint(text.as_bytes(), &known, &witnesses, 2),
        Err(NotTrusted::Quorum { found: 1, needed: 2 })
    );
    // A log's key does not count as a witness, nor a witness's as the log.
    assert!(open_checkpoint(text.as_bytes(), &witnesses, &[], 0).is_err());
}

#[test]
fn another_implementation_opens_what_is_signed_here_and_the_other_way_round() {
    use signed_note::{Note as TheirNote, StandardSigner, StandardVerifier, VerifierList};
    let ours = SigningKey::from_seed("log.example/registry", &[9; 32]).unwrap();
    let checkpoint = Checkpoint::new("log.example/registry", 77, leaf_hash(b"a"));
    let mut note = checkpoint.sign(&[&ours]).unwrap();
    let witness = Cosigner::from_seed("w.example", &[3; 32]).unwrap();
    note.add(witness.cosign(note.text(), 1_700_000_000)).unwrap();
    let theirs = TheirNote::from_bytes(note.to_string().as_bytes()).unwrap();
    let verifier = StandardVerifier::new(&ours.verifier().to_string()).unwrap();
    let (verified, others) = theirs.verify(&VerifierList::new(vec![Box::new(verifier)])).unwrap();
    assert_eq!((verified.len(), others.len()), (1, 1));
    let read = tlog_tiles::Checkpoint::from_bytes(theirs.text()).unwrap();
    assert_eq!((read.origin(), read.size(), read.hash().0), ("log.example/registry", 77, checkpoint.root.0));

    let signer =
        StandardSigner::new("PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")
            .unwrap();
    let mut signed = TheirNote::new(b"any\n\ntext\n", &[]).unwrap();
    signed.add_sigs(&[&signer]).unwrap();
    let note = Note::parse(&signed.to_bytes()).unwrap();
    assert_eq!(note.text(), "any\n\ntext\n");
    assert_eq!(note.signers(&[key(PETER)]).unwrap().len(), 1);
}

proptest! {
    #[test]
    fn whatever_is_read_is_written_back_and_nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(note) = Note::parse(&bytes) {
            prop_assert_eq!(note.to_string().into_bytes(), bytes.clone());
        }
        if let Ok(text) = std::str::from_utf8(&bytes) && let Ok(checkpoint) = text.parse::<Checkpoint>() {
            prop_assert_eq!(checkpoint.to_string(), text);
        }
    }

    #[test]
    fn a_note_of_any_lines_comes_back(lines in prop::collection::vec("[^\\p{Cc}]{0,20}", 1..6), seed in any::<[u8; 32]>()) {
        let key = SigningKey::from_seed("k.example", &seed).unwrap();
        let mut note = Note::new(&(lines.join("\n") + "\n")).unwrap();
        note.add(key.sign(note.text())).unwrap();
        let read = Note::parse(note.to_string().as_bytes()).unwrap();
        prop_assert_eq!(&read, &note);
        prop_assert!(read.signers(&[key.verifier().clone()]).is_ok());
    }
}
