//! Where is it kept? The only SQL.
