//! How does it read, under the tricks? Folding, with the way back to the original.
//!
//! The way through: [`fold`] reads a text once, character by character ([`reading`]), word
//! by word (a word that mixes alphabets is read in one of them), and takes out what was
//! put between letters that belong together. [`Folded`] holds the text as it reads, and
//! knows for every part of it where it came from and what had been done to it.
//!
//! Always true here:
//! - Any text of any length is folded in time and memory proportional to its length.
//! - Folding what is folded changes nothing.
//! - Buffers are reused: after the first texts nothing is allocated.
//! - A word written in one alphabet stays in it: Russian stays Russian.

mod fold;
mod join;
mod table;
mod tricks;

pub use fold::{Folded, fold};
pub use table::{Reading, is_han, reading, simplify};
pub use tricks::Tricks;
