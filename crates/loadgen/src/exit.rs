//! Exit status: what a caller's script can tell from a run.

use std::process::ExitCode;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// The run failed, or no trial is valid.
    Failed,
    /// Wrong usage, or a scenario that is wrong.
    Usage,
    /// Done, but every model missed the `[slo]`.
    SloMissed,
    /// Done, but a run compared with an earlier one is worse.
    Regressed,
    /// Interrupted; what had ended is kept.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::Failed => Self::from(1),
            Exit::Usage => Self::from(2),
            Exit::SloMissed | Exit::Regressed => Self::from(3),
            Exit::Interrupted => Self::from(130),
        }
    }
}

/// Something the user has to change: the scenario, a flag, a path.
#[derive(Debug)]
pub(crate) struct UsageError(pub(crate) String);

impl std::fmt::Display for UsageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

/// The status an error ends the program with.
pub(crate) fn of(error: &anyhow::Error) -> Exit {
    let choice = error.downcast_ref().is_some_and(|e| matches!(e, report::Error::Choice { .. }));
    if choice || error.is::<UsageError>() || error.is::<scenario::Error>() {
        Exit::Usage
    } else {
        Exit::Failed
    }
}
