//! The command line.

use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::commands::compare::CompareArguments;

/// A load-testing lab that answers, with figures, how a service should wait.
#[derive(Debug, Parser)]
#[command(
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    arg_required_else_help = true
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    #[command(flatten)]
    pub(crate) run: RunArguments,
}

/// Runs a scenario: mock upstreams, trials, report.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
pub(crate) struct RunArguments {
    /// The scenario to run
    #[arg(value_name = "SCENARIO.toml", required = true)]
    pub(crate) scenario: Option<PathBuf>,

    /// A first look: one repeat, short trials, the same levels
    #[arg(long)]
    pub(crate) quick: bool,

    /// Write the run into DIR itself instead of results/SCENARIO/START/
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// Run only the model of this label (repeatable); the default is all of the scenario's
    #[arg(long = "model", value_name = "LABEL")]
    pub(crate) models: Vec<String>,

    /// Override a key of the scenario, as in load.duration=10s (repeatable)
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) overrides: Vec<String>,

    /// Show no progress bar
    #[arg(long)]
    pub(crate) no_progress: bool,

    /// Print the verdict as JSON on stdout
    #[arg(long)]
    pub(crate) json: bool,

    /// Write each chart as PNG too
    #[arg(long)]
    pub(crate) png: bool,

    /// Keep what was recorded of every request, as one CSV file per trial in DIR
    #[arg(long, value_name = "DIR", hide = true)]
    pub(crate) records: Option<PathBuf>,
}

/// Renders the report of a run again.
#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    /// The run directory
    #[arg(value_name = "RUN_DIR")]
    pub(crate) dir: PathBuf,

    /// Compare the others with the model of this label (default: the highest peak throughput)
    #[arg(long, value_name = "LABEL")]
    pub(crate) baseline: Option<String>,

    /// Level of the charts and findings of one level, as the report words it: 1024, 800/s, "5 ms"
    /// (default: the highest at which the models are to be trusted)
    #[arg(long, value_name = "N")]
    pub(crate) level: Option<String>,

    /// Draw only these charts, by the names of their files
    #[arg(long, value_name = "CHART,…", value_delimiter = ',')]
    pub(crate) charts: Vec<String>,

    /// Write each chart as PNG too
    #[arg(long)]
    pub(crate) png: bool,

    /// Print the verdict as JSON on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

/// What else it can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Validate scenarios, print the plan and how long it will take; runs nothing
    Check {
        /// The scenarios
        #[arg(value_name = "SCENARIO.toml", required = true)]
        scenarios: Vec<PathBuf>,
        /// Override a key, as in load.duration=10s (repeatable)
        #[arg(long = "set", value_name = "KEY=VALUE")]
        overrides: Vec<String>,
        /// Plan for a quick run
        #[arg(long)]
        quick: bool,
        /// Draw each upstream's latency law and its percentiles
        #[arg(long)]
        plot: bool,
    },
    /// Render the report again from a run directory, without running
    Report(ReportArguments),
    /// Compare two runs of one scenario, before and after: ratios with intervals, models matched by
    /// label and points by level
    Compare(CompareArguments),
    /// Only the mock, until Ctrl-C; prints a `name http://ADDRESS` line per upstream
    Upstream {
        /// The scenario whose upstreams to serve
        #[arg(value_name = "SCENARIO.toml")]
        scenario: PathBuf,
        /// Override a key, as in upstream.api1.latency=5ms (repeatable)
        #[arg(long = "set", value_name = "KEY=VALUE")]
        overrides: Vec<String>,
        /// Address to listen on
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
        bind: std::net::IpAddr,
        /// Port of the first upstream; the others follow it (default: whichever are free)
        #[arg(long, value_name = "PORT")]
        port: Option<u16>,
    },
    /// The concurrency models and their options
    Models,
    /// JSON Schema of the scenario file, for editors
    Schema,
    /// Measure what this machine can do: up to which rate and below which latency results mean
    /// nothing. Takes under 30 s; later runs pick it up
    Calibrate {
        /// Set the CPU split, as in cpus.client=0 (repeatable)
        #[arg(long = "set", value_name = "KEY=VALUE")]
        overrides: Vec<String>,
        /// Print the calibration as JSON
        #[arg(long)]
        json: bool,
    },
    /// A child of the conductor: one small measurement
    #[command(hide = true)]
    ChildProbe,
    /// A child of the conductor: how much CPU work a microsecond is
    #[command(hide = true)]
    ChildWork,
    /// A child of the conductor: which priority the OS grants
    #[command(hide = true)]
    ChildPost,
    /// A child of the conductor: one trial
    #[command(hide = true)]
    ChildTrial,
    /// A child of the conductor: the mock
    #[command(hide = true)]
    ChildUpstream,
}

/// The arguments; what is wrong with them ends the program, as `clap` says it. A second word
/// without a flag it would call a subcommand, which is no help to whoever misspelt the first.
pub(crate) fn parse() -> Arguments {
    Arguments::try_parse().unwrap_or_else(|error| {
        let first = first_word(std::env::args().skip(1));
        match (error.kind(), error.get(ContextKind::InvalidSubcommand), first) {
            (ErrorKind::ArgumentConflict, Some(ContextValue::String(second)), Some(first)) => {
                let text = too_many(&first, second);
                Arguments::command().error(ErrorKind::ArgumentConflict, text).exit()
            }
            _ => error.exit(),
        }
    })
}

/// The first word that is neither a flag nor the value of one.
fn first_word(arguments: impl Iterator<Item = String>) -> Option<String> {
    let command = Arguments::command();
    let takes_value = |argument: &str| {
        let flag = argument.strip_prefix("--");
        command.get_arguments().any(|known| {
            known.get_long().is_some_and(|long| flag == Some(long))
                && known.get_action().takes_values()
        })
    };
    let mut value = false;
    for argument in arguments {
        if !value && !argument.starts_with('-') {
            return Some(argument);
        }
        value = takes_value(&argument);
    }
    None
}

fn too_many(first: &str, second: &str) -> String {
    if Path::new(first).extension().is_some() {
        format!("a run is of one scenario, {first}; what is \"{second}\"?")
    } else {
        no_such_command(first)
    }
}

/// What to say of a word that stands where a scenario or a command should.
pub(crate) fn no_such_command(word: &str) -> String {
    let known = Arguments::command();
    let known = known.get_subcommands().filter(|command| !command.is_hide_set());
    let known: Vec<&str> = known.map(clap::Command::get_name).collect();
    format!(
        "\"{word}\" is neither a scenario file nor a command; the commands are {}",
        known.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_is_no_flag_and_no_value() {
        let first = |line: &str| first_word(line.split(' ').map(str::to_owned));
        assert_eq!(first("--out d chek a.toml").as_deref(), Some("chek"));
        assert_eq!(first("--quick --set=a=b a.toml b.toml").as_deref(), Some("a.toml"));
        assert_eq!(first("--model tokio"), None);
    }

    #[test]
    fn a_word_that_is_no_command_is_told_them() {
        assert!(too_many("chek", "a.toml").starts_with("\"chek\" is neither"));
        assert!(too_many("chek", "a.toml").contains("check, report"));
        assert!(!no_such_command("x").contains("child"), "hidden ones stay so");
        assert!(too_many("a.toml", "b.toml").contains("one scenario"));
    }
}
