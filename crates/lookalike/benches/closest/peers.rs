//! The usual ways of finding lookalikes, written from their descriptions; what they find is
//! measured by `examples/measure --peers`.

use std::collections::HashSet;

use crate::names;

pub(crate) const ALL: [&str; 4] = ["skeleton", "edit_distance", "tolerance", "enumerated"];

/// Does a name resemble one of the official strings in that way?
pub(crate) fn way(name: &str, officials: usize) -> Box<dyn Fn(&str) -> bool> {
    let texts: Vec<String> = names::officials(officials).iter().map(|it| it.text.to_lowercase()).collect();
    match name {
        // UTS #39: equal when every character is replaced by the one it is confused with.
        "skeleton" => {
            let known: HashSet<String> = texts.iter().map(|it| skeleton(it)).collect();
            Box::new(move |candidate| known.contains(&skeleton(candidate)))
        }
        // Edit distance of at most two to any.
        "edit_distance" => Box::new(move |candidate| {
            texts
                .iter()
                .any(|it| it.len().abs_diff(candidate.len()) <= 2 && strsim::osa_distance(it, candidate) <= 2)
        }),
        // As MetaMask's detector: without the last label, a tolerance, every string in turn.
        "tolerance" => {
            let labels: Vec<String> = texts.iter().map(|it| label(it).to_owned()).collect();
            Box::new(move |candidate| {
                let candidate = label(candidate);
                labels.iter().any(|it| strsim::levenshtein(it, candidate) <= 2)
            })
        }
        // As typomania: all typos of the candidate that one slip makes are looked up.
        _ => {
            let known: HashSet<String> = texts.into_iter().collect();
            Box::new(move |candidate| slips(candidate).any(|it| known.contains(&it)))
        }
    }
}

fn skeleton(text: &str) -> String {
    unicode_security::skeleton(text).collect()
}

fn label(text: &str) -> &str {
    text.rsplit_once('.').map_or(text, |it| it.0)
}

/// Omissions, repetitions, swaps and neighbouring keys.
fn slips(text: &str) -> impl Iterator<Item = String> {
    const ROWS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
    let letters: Vec<char> = text.chars().collect();
    let with = |letters: &[char], at: usize, width: usize, new: &[char]| -> String {
        letters[..at].iter().chain(new).chain(&letters[(at + width).min(letters.len())..]).collect()
    };
    (0..letters.len()).flat_map(move |at| {
        let one = letters[at];
        let mut found = vec![with(&letters, at, 1, &[]), with(&letters, at, 1, &[one, one])];
        if let Some(next) = letters.get(at + 1) {
            found.push(with(&letters, at, 2, &[*next, one]));
        }
        for row in ROWS {
            let Some(place) = row.chars().position(|key| key == one) else { continue };
            for neighbour in [place.wrapping_sub(1), place + 1].iter().filter_map(|it| row.chars().nth(*it)) {
                found.push(with(&letters, at, 1, &[neighbour]));
            }
        }
        found
    })
}
