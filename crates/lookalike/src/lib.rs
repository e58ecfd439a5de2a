//! Does this name pretend to be that one?
