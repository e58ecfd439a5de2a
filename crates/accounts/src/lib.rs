//! Who may come in, and how well is an account guarded?
