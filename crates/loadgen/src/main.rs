//! `loadgen`: from a scenario file to charts and a verdict.
//!
//! ```text
//! command line ─▶ commands::run ─▶ conductor ─▶ child: upstream (the mock)
//!                                      │     └▶ child: trial (one model at one level)
//!                                      ▼
//!                               run directory ─▶ report ─▶ terminal
//! ```
//!
//! Lives here: the command line, child processes, CPU split, progress, exit status. Deliberately
//! not here: load, delays, figures, charts; each has a crate.

mod calibrate;
mod cli;
mod commands;
mod conductor;
mod environment;
mod exit;
mod terminal;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = cli::parse();
    match commands::dispatch(arguments) {
        Ok(exit) => exit.into(),
        Err(error) => {
            let exit = exit::of(&error);
            terminal::complain(&error);
            exit.into()
        }
    }
}
