//! One file per command.

mod calibrate;
mod check;
pub(crate) mod compare;
mod models;
mod place;
mod report;
mod run;
mod upstream;

use anyhow::Result;

use crate::cli::{Arguments, Command};
use crate::conductor::{child, post};
use crate::exit::Exit;

/// Does what the command line says.
pub(crate) fn dispatch(arguments: Arguments) -> Result<Exit> {
    match arguments.command {
        None => run::run(&arguments.run),
        Some(Command::Check { scenarios, overrides, quick, plot }) => {
            check::check(&scenarios, &overrides, quick, plot)
        }
        Some(Command::Report(arguments)) => report::again(&arguments),
        Some(Command::Compare(arguments)) => compare::compare(&arguments),
        Some(Command::Upstream { scenario, overrides, bind, port }) => {
            upstream::upstream(&scenario, &overrides, bind, port)
        }
        Some(Command::Models) => models::models(),
        Some(Command::Schema) => models::schema(),
        Some(Command::Calibrate { overrides, json }) => calibrate::calibrate(&overrides, json),
        Some(Command::ChildProbe) => crate::calibrate::child(),
        Some(Command::ChildWork) => crate::calibrate::work::child(),
        Some(Command::ChildPost) => post::child(),
        Some(Command::ChildTrial) => child::trial(),
        Some(Command::ChildUpstream) => child::upstream(),
    }
}
