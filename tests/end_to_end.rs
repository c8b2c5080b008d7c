//! Tests of the whole program, through its binary: real processes, real sockets, real files.
//!
//! They hold on a slow and noisy machine: no test asserts that something is quick, and a trial may
//! come out `upstream-limited` or `saturated`. What no noise excuses is a ledger that does not
//! balance, a trial that fails, a figure below what the mock's delays allow, a process left over.

mod bench;
mod budget;
mod calibrate;
mod compare;
mod crashes;
mod generator;
mod hurdles;
mod ledger;
mod limits;
mod messages;
mod omission;
mod precision;
mod priorities;
mod processes;
mod reruns;
mod runs;
mod shared;
mod stalls;
mod sweeps;
