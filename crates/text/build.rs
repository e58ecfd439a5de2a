//! Turns `data/fold.tsv` into a two-stage table: a block for every 256 code points that has
//! an entry, and the entries' strings in one pool.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

const TRICKS: [&str; 8] =
    ["invisible", "confusable", "styled", "wide", "marks", "bidi", "traditional", "flipped"];

/// Strings, each kept once.
#[derive(Default)]
struct Pool {
    text: String,
    places: HashMap<String, (usize, usize)>,
}

impl Pool {
    fn place(&mut self, string: &str) -> (usize, usize) {
        if let Some(place) = self.places.get(string) {
            return *place;
        }
        let place = (self.text.len(), string.len());
        self.text.push_str(string);
        self.places.insert(string.to_owned(), place);
        place
    }
}

/// One line of the table as the entry that `table.rs` declares.
fn entry(fields: &[&str], code: u32, pool: &mut Pool) -> Result<String, String> {
    let itself = char::from_u32(code).ok_or("not a character")?.to_string();
    let plain = if fields[1] == "=" { itself.as_str() } else { fields[1] };
    let look = if fields[2] == "-" { "" } else { fields[2] };
    let mut tricks = 0;
    for name in fields[3].split(',').filter(|name| !name.is_empty()) {
        let bit = TRICKS.iter().position(|known| *known == name).ok_or("unknown trick")?;
        tricks |= 1 << bit;
    }
    let (plain, look) = (pool.place(plain), pool.place(look));
    Ok(format!("Entry({}, {}, {}, {}, {tricks})", plain.0, plain.1, look.0, look.1))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=data/fold.tsv");
    println!("cargo:rerun-if-changed=build.rs");
    let (mut pool, mut entries) = (Pool::default(), vec!["Entry(0, 0, 0, 0, 0)".to_owned()]);
    let mut blocks: Vec<[usize; 256]> = vec![[0; 256]];
    let mut stage = vec![0usize; 0x1100];
    for (at, line) in std::fs::read_to_string("data/fold.tsv")?.lines().enumerate() {
        if line.starts_with('#') {
            continue;
        }
        let fields: Vec<&str> = line.split('\t').collect();
        let code = u32::from_str_radix(fields[0], 16)?;
        entries
            .push(entry(&fields, code, &mut pool).map_err(|why| format!("data/fold.tsv:{}: {why}", at + 1))?);
        let block = &mut stage[code as usize >> 8];
        if *block == 0 {
            *block = blocks.len();
            blocks.push([0; 256]);
        }
        blocks[*block][code as usize & 255] = entries.len() - 1;
    }
    let mut out = String::new();
    writeln!(out, "static POOL: &str = {:?};", pool.text)?;
    writeln!(out, "static ENTRIES: [Entry; {}] = [{}];", entries.len(), entries.join(","))?;
    writeln!(out, "static STAGE: [u16; {}] = {stage:?};", stage.len())?;
    writeln!(out, "static BLOCKS: [[u16; 256]; {}] = {blocks:?};", blocks.len())?;
    std::fs::write(Path::new(&std::env::var("OUT_DIR")?).join("table.rs"), out)?;
    Ok(())
}
