//! The conductor's machinery for whoever needs a child or a single trial, and no run directory.

use anyhow::{Result, bail};
use measurement::row::{TrialRow, Verdict};
use scenario::{Plan, PlannedTrial, Scenario};

use super::cpus::{self, Split};
use super::interrupt::Interrupt;
use super::loopback;
use super::neighbours::Neighbours;
use super::post::Posted;
use super::process;
use super::{Settings, trial};

/// Children and trials on one CPU split, until Ctrl-C.
pub(crate) struct Lab<'a> {
    split: &'a Split,
    interrupt: Interrupt,
    neighbours: Neighbours,
}

impl<'a> Lab<'a> {
    /// Handles Ctrl-C from now on, and takes the conductor's place on the mock's CPUs.
    pub(crate) fn open(split: &'a Split) -> Result<Self> {
        let interrupt = Interrupt::install()?;
        measurement::limits::raise_descriptors();
        loopback::check()?;
        cpus::pin(&split.upstream)?;
        Ok(Self { split, interrupt, neighbours: Neighbours::join() })
    }

    /// Whether Ctrl-C came.
    pub(crate) fn interrupted(&self) -> bool {
        self.interrupt.raised()
    }

    /// Whether a run is under way beside this.
    pub(crate) fn has_neighbours(&self) -> bool {
        self.neighbours.present()
    }

    /// The CPU split.
    pub(crate) fn split(&self) -> &Split {
        self.split
    }

    /// Runs this program as `command` with a plan on its stdin; returns what it printed.
    pub(crate) fn child(
        &self,
        command: &str,
        name: &'static str,
        plan: &impl Posted,
    ) -> Result<String> {
        process::answer(command, name, plan, &self.interrupt)
    }

    /// Runs one trial in fresh children. One that failed, or whose books do not balance, is an
    /// error; whatever else its verdict is, its row is returned.
    pub(crate) fn trial(
        &self,
        scenario: &Scenario,
        plan: &Plan,
        planned: &PlannedTrial,
    ) -> Result<TrialRow> {
        let settings = Settings {
            scenario,
            plan,
            split: self.split,
            models: &[planned.model_index],
            records: None,
            work_rate: None,
        };
        let (row, _) = trial::run(&settings, &self.interrupt, planned, &mut |_| {})?;
        if matches!(row.verdict, Verdict::Failed | Verdict::Inconsistent | Verdict::Exhausted) {
            bail!("{}: {}", row.verdict.name(), row.reason);
        }
        Ok(row)
    }
}
