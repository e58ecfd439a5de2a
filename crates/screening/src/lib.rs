//! Is this event dangerous, and why?
