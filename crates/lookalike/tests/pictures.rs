//! Hashes of pictures agree with the reference, and stay near under what impostors do.

#![allow(clippy::unwrap_used)] // Helpers of tests.

use touchstone_lookalike::avatar::Hash;
use touchstone_lookalike::picture::Picture;
use touchstone_lookalike::{Background, Index, Kind, Official, Scratch, Tier};

/// Width, height and pixels of a binary PPM file.
fn read(file: &str) -> (usize, usize, Vec<u8>) {
    let bytes = std::fs::read(format!("{}/tests/data/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut fields = bytes.splitn(4, |b| b.is_ascii_whitespace());
    let mut number = || std::str::from_utf8(fields.next().unwrap()).unwrap().to_owned();
    assert_eq!(number(), "P6");
    let (width, height) = (number().parse().unwrap(), number().parse().unwrap());
    let pixels = bytes[bytes.len() - width * height * 3..].to_vec();
    (width, height, pixels)
}

/// The hash as others give it, without what only this crate knows.
fn plain(hash: Hash) -> Hash {
    Hash { detail: None, ..hash }
}

fn picture(file: &str) -> Picture {
    let (width, height, pixels) = read(file);
    Picture::from_rgb(width, height, &pixels).unwrap()
}

/// Is the pixel in the circle about (centre, centre)?
fn is_within(x: usize, y: usize, centre: usize, radius: usize) -> bool {
    x.abs_diff(centre).pow(2) + y.abs_diff(centre).pow(2) <= radius * radius
}

#[test]
fn hashes_agree_with_the_reference() {
    for (file, expected) in [
        ("square-128x128.ppm", "d8f8f1eec0f4a84f0e37022a078f63f0b36e2ed596621e1d33e6239c4e9c9b22"),
        ("shrink-a-lot.ppm", "d0f8f1ccc0f4a84d0a370a3a228f67f0b36e2ed5b6623e1d33e6339c4e9c9b22"),
    ] {
        let (hash, quality) = picture(file).hash();
        let expected: Hash = expected.parse().unwrap();
        // Decoders of JPEG differ in a few pixels, which may turn a bit next to the median.
        assert!(hash.distance(expected) <= 4, "{file}: {} bits from the reference", hash.distance(expected));
        assert_eq!(quality, 100, "{file}");
    }
}

#[test]
fn a_copied_picture_is_seen_after_the_usual_edits() {
    let original = picture("square-128x128.ppm");
    let officials = original.variants().into_iter().map(|hash| Official {
        brand: "tallowpay".into(),
        kind: Kind::Avatar,
        text: hash.to_string().into(),
    });
    let index = Index::build(officials, &Background::new());
    let (width, height, pixels) = read("square-128x128.ppm");
    let edit = |pixel: &dyn Fn(usize, usize) -> (usize, usize, Option<u8>)| {
        let mut edited = Vec::new();
        for at in 0..width * height {
            let (x, y, shade) = pixel(at % width, at / width);
            let from = (y.min(height - 1) * width + x.min(width - 1)) * 3;
            edited.extend((0..3).map(|it| shade.unwrap_or(pixels[from + it])));
        }
        Picture::from_rgb(width, height, &edited).unwrap().hash().0
    };
    let edits: [(&str, Hash); 6] = [
        ("as it is", edit(&|x, y| (x, y, None))),
        ("mirrored", edit(&|x, y| (width - 1 - x, y, None))),
        ("on its side", edit(&|x, y| (y, width - 1 - x, None))),
        ("cut by six in a hundred", edit(&|x, y| (8 + x * 112 / 128, 8 + y * 112 / 128, None))),
        ("with a badge", edit(&|x, y| (x, y, is_within(x, y, 104, 20).then_some(90)))),
        ("rounded", edit(&|x, y| (x, y, (!is_within(x, y, 64, 64)).then_some(255)))),
    ];
    for (what, hash) in edits {
        let found = index.closest(&hash.to_string(), Kind::Avatar, &mut Scratch::default());
        assert_eq!(found.map(|it| it.tier), Some(Tier::Act), "{what}");
    }
    let other = picture("q0122.ppm").hash().0;
    assert_eq!(
        index.closest(&other.to_string(), Kind::Avatar, &mut Scratch::default()).map(|it| it.tier),
        None
    );
}

#[test]
fn what_is_no_picture_is_refused() {
    assert!(Picture::from_rgb(2, 2, &[0; 12]).is_err());
    assert!(Picture::from_rgb(8, 8, &[0; 12]).is_err());
    for text in [
        "xyz",
        &"0".repeat(63),
        &format!("{}-", "0".repeat(64)),
        &format!("{}-{}", "0".repeat(64), "g".repeat(192)),
    ] {
        assert!(text.parse::<Hash>().is_err(), "{text}");
    }
}

#[test]
fn a_hash_is_read_as_it_is_written() {
    let hash = picture("square-128x128.ppm").hash().0;
    assert_eq!(hash.to_string().len(), 64 + 1 + 192);
    assert_eq!(hash.to_string().parse(), Ok(hash));
    assert_eq!(plain(hash).to_string(), hash.to_string()[..64]);
    assert_eq!(hash.to_string()[..64].parse(), Ok(plain(hash)));
}

#[test]
fn the_turned_hash_is_the_hash_of_the_turned_picture() {
    let (width, height, pixels) = read("square-128x128.ppm");
    let turned = picture("square-128x128.ppm").hash().0.turned();
    for (turn, expected) in turned.into_iter().enumerate() {
        let mut drawn = Vec::new();
        for at in 0..width * height {
            let (x, y) = (at % width, at / width);
            let x = if turn & 1 > 0 { width - 1 - x } else { x };
            let y = if turn & 2 > 0 { height - 1 - y } else { y };
            let (x, y) = if turn & 4 > 0 { (y, x) } else { (x, y) };
            drawn.extend_from_slice(&pixels[(y * width + x) * 3..][..3]);
        }
        let hash = Picture::from_rgb(width, height, &drawn).unwrap().hash().0;
        assert!(hash.distance(expected) < 32, "turn {turn}: {} bits", hash.distance(expected));
        let (found, made) = (hash.detail.unwrap().edges.0, expected.detail.unwrap().edges.0);
        let differing: u32 = found.iter().zip(made).map(|(a, b)| (a ^ b).count_ones()).sum();
        assert!(differing <= 32, "turn {turn}: {differing} edges");
    }
}

#[test]
fn one_listed_hash_is_enough_for_a_mirrored_or_inverted_copy() {
    let original = picture("square-128x128.ppm").hash().0;
    let text: std::sync::Arc<str> = plain(original).to_string().into();
    let official = Official { brand: "tallowpay".into(), kind: Kind::Avatar, text };
    let index = Index::build([official], &Background::new());
    let inverted = Hash { pdq: original.pdq.map(|it| !it), detail: original.detail };
    for copy in original.turned().into_iter().chain([inverted]) {
        for hash in [copy, plain(copy)] {
            let found = index.closest(&hash.to_string(), Kind::Avatar, &mut Scratch::default());
            assert_eq!(found.map(|it| it.tier), Some(Tier::Act), "{hash}");
        }
    }
}
