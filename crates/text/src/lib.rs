//! How does it read, under the tricks? Folding, with the way back to the original.
