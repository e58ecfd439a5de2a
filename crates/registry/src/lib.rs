//! Who is official?
