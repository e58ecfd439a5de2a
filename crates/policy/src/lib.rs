//! What follows from what was found? Rules, weights and features, as data.
