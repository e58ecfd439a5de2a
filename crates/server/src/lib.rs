//! What runs? The shell that gathers, asks the core once, saves, and shows.
