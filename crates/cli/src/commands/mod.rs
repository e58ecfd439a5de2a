//! One module for each command. `run` gives the exit code: 0 done, 1 done but something
//! in the input was bad or a check failed, 2 (as an error) could not be done.

pub(crate) mod backtest;
pub(crate) mod check;
pub(crate) mod classify;
pub(crate) mod clock;
pub(crate) mod evaluate;
pub(crate) mod key;
pub(crate) mod log;
pub(crate) mod lookalike;
pub(crate) mod policy;
pub(crate) mod receiver;
pub(crate) mod registry;
pub(crate) mod rehearse;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod schema;
pub(crate) mod screen;
pub(crate) mod serve;
pub(crate) mod train;
pub(crate) mod witness;
