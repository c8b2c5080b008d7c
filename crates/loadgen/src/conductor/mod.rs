//! Runs the trials of a plan one after the other, each in fresh child processes, and keeps what
//! they yield. The conductor itself makes no load.

pub(crate) mod child;
pub(crate) mod cpus;
pub(crate) mod lab;
pub(crate) mod place;
pub(crate) mod post;
pub(crate) mod priority;

mod added;
mod again;
mod description;
mod interrupt;
mod loopback;
mod neighbours;
mod process;
mod records;
mod trial;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use measurement::derive::{Identity, MockCpus, blank};
use measurement::directory::RunDirectory;
use measurement::histograms::TrialHistograms;
use measurement::hurdles::WorkRate;
use measurement::row::TrialRow;
use measurement::run::{RunInfo, RunStatus};
use measurement::scheduling::Scheduling;
use scenario::plan::Timing;
use scenario::{Plan, PlannedTrial, Scenario};

use crate::calibrate::work;
use crate::terminal::in_words;
use crate::terminal::progress::Bar;
use added::{Added, Next};
use cpus::Split;
use interrupt::Interrupt;
use neighbours::Neighbours;
use post::Post;
use priority::Standing;

/// What to conduct.
pub(crate) struct Settings<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) plan: &'a Plan,
    pub(crate) split: &'a Split,
    /// Positions of the models that run.
    pub(crate) models: &'a [usize],
    /// Where to keep what was recorded of every request, if anywhere.
    pub(crate) records: Option<&'a Path>,
    /// How much CPU work a microsecond is, once that is measured.
    pub(crate) work_rate: Option<WorkRate>,
}

impl Settings<'_> {
    /// A trial's own scenario: of a sweep, the one at its value.
    fn scenario_of(&self, planned: &PlannedTrial) -> &Scenario {
        self.scenario.at(planned.sweep)
    }

    /// The mock's CPUs in a trial.
    fn mock_of(&self, planned: &PlannedTrial) -> MockCpus {
        self.split.mock(self.scenario_of(planned))
    }

    /// Whether any trial asks for CPU work.
    fn works(&self) -> bool {
        let trials = &self.plan.trials;
        trials.iter().any(|planned| self.scenario_of(planned).combine.spins())
    }

    /// The lengths in force for a trial.
    fn timing_of(&self, planned: &PlannedTrial) -> Timing {
        self.plan.timing_at(self.scenario, planned.sweep)
    }

    /// Which trial it is.
    fn identity(&self, planned: &PlannedTrial) -> Identity {
        Identity {
            model_index: planned.model_index,
            level_index: planned.level_index,
            level: planned.level,
            timing: self.timing_of(planned),
            repeat: planned.repeat,
            attempt: planned.attempt,
            order: planned.order as u32,
        }
    }
}

/// How a run ended.
pub(crate) struct Ended {
    pub(crate) directory: PathBuf,
    pub(crate) status: RunStatus,
    pub(crate) failure: Option<String>,
    /// What became of the precision asked for, if one was.
    pub(crate) precision: Option<String>,
}

/// Runs every trial. Only what keeps the run from starting is an error: a trial that goes wrong
/// is a row, and a run that cannot go on keeps what it has.
pub(crate) fn conduct(settings: &Settings, place: &place::Place, bar: &mut Bar) -> Result<Ended> {
    let interrupt = Interrupt::install()?;
    measurement::limits::raise_descriptors();
    loopback::check()?;
    let mut directory = RunDirectory::create(&place.path)
        .context("cannot make the run directory; --out DIR names another place")?;
    place.link_latest();
    let work_rate = work_rate(settings, &interrupt)?;
    let settings = &Settings { work_rate, ..*settings };
    let mut run = description::of(settings, scheduling(settings, &interrupt)?);
    directory.write_run(&run)?;
    // The conductor's few redraws go to the mock's CPU, never to the client's.
    cpus::pin(&settings.split.upstream)?;
    let began = Instant::now();
    let outcome = trials(settings, bar, &interrupt, &mut directory, &mut run);
    run.elapsed_s = began.elapsed().as_secs_f64();
    run.ended = Some(jiff::Timestamp::now().to_string());
    run.status = match &outcome {
        Err(_) => RunStatus::Failed,
        Ok(_) if interrupt.raised() => RunStatus::Interrupted,
        Ok(_) => RunStatus::Complete,
    };
    let (precision, failure) = match outcome {
        Ok(precision) => (precision, None),
        Err(error) => (None, Some(in_words(&error))),
    };
    run.failure = failure;
    if let Err(error) = directory.write_run(&run) {
        // What went wrong first says more: a full disk refuses this file as well.
        run.failure.get_or_insert_with(|| in_words(&error.into()));
        run.status = RunStatus::Failed;
    }
    Ok(Ended {
        directory: directory.path().to_owned(),
        status: run.status,
        failure: run.failure,
        precision,
    })
}

/// How much CPU work a microsecond is, where a trial asks for some: measured once, with nothing
/// else running. Ctrl-C is left to the first trial to notice.
fn work_rate(settings: &Settings, interrupt: &Interrupt) -> Result<Option<WorkRate>> {
    if !settings.works() {
        return Ok(None);
    }
    let post = work::post(settings.split);
    match process::answer("child-work", "the measurement of CPU work", &post, interrupt) {
        Ok(text) => work::read(&text).map(Some),
        Err(_) if interrupt.raised() => Ok(None),
        Err(error) => Err(error),
    }
}

/// How client and mock will stand beside others: tried by a child that does nothing else. Ctrl-C is
/// left to the first trial to notice.
fn scheduling(settings: &Settings, interrupt: &Interrupt) -> Result<Option<Scheduling>> {
    let split = settings.split;
    let trials = || settings.plan.trials.iter();
    let mocks = || trials().map(|planned| split.mock_standing(settings.scenario_of(planned)));
    if split.client_standing() == Standing::Ordinary {
        let asked = mocks().any(|standing| standing != Standing::Ordinary);
        return Ok(Some(Scheduling::Shared { mock_first: asked && priority::to_be_had() }));
    }
    let post = Post::new(&split.client, split.client_standing());
    match process::answer("child-post", "the child that tries priorities", &post, interrupt) {
        Ok(text) => Ok(Some(Scheduling::First {
            client_only: mocks().any(|standing| standing == Standing::Ordinary),
            standing: post::read(&text)?,
        })),
        Err(_) if interrupt.raised() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Runs trial after trial until the plan's end or an interrupt, then those again that the machine
/// spoilt, then repeats of everything until the precision asked for is reached, or its cap. Returns
/// what became of that.
fn trials(
    settings: &Settings,
    bar: &mut Bar,
    interrupt: &Interrupt,
    directory: &mut RunDirectory,
    run: &mut RunInfo,
) -> Result<Option<String>> {
    let neighbours = Neighbours::join();
    let (mut ran, mut rows): (Vec<PlannedTrial>, Vec<TrialRow>) = (Vec::new(), Vec::new());
    let mut repeats = settings.plan.timing.repeats;
    let mut due = settings.plan.trials.clone();
    loop {
        for mut planned in due {
            // Whatever was added or left out before it: what runs next is next.
            planned.order = rows.len();
            if neighbours.present() && !run.notes.iter().any(|note| note == SHARED) {
                run.notes.push(SHARED.to_owned());
                bar.say(&format!("note: {SHARED}"));
                directory.write_run(run)?;
            }
            let (row, histograms) = one(settings, bar, interrupt, rows.len(), &planned);
            if interrupt.raised() {
                // The trial was cut short by us: it is no row.
                return Ok(None);
            }
            directory.append(&row, histograms.as_ref())?;
            rows.push(row);
            ran.push(planned);
        }
        // All attempts at them included.
        run.repeats_done = settings.plan.timing.precision.map(|_| repeats);
        let Added { trials, why } = match added::next(settings, run, (&ran, &rows), repeats) {
            Next::Nothing => return Ok(None),
            Next::Reached(words) | Next::Cap(words) => return Ok(Some(words)),
            Next::Again(added) => added,
            Next::Repeat(added) => {
                repeats += 1;
                run.trials_planned += added.trials.len() as u32;
                added
            }
        };
        bar.say(&why);
        bar.add(settings.scenario, settings.plan, &trials);
        directory.write_run(run)?;
        due = trials;
    }
}

/// What a run says that had neighbours.
const SHARED: &str = "another run was under way at the same time and shared the CPUs";

/// One trial, whatever becomes of it.
fn one(
    settings: &Settings,
    bar: &Bar,
    interrupt: &Interrupt,
    position: usize,
    planned: &PlannedTrial,
) -> (TrialRow, Option<TrialHistograms>) {
    trial::run(settings, interrupt, planned, &mut |live| {
        bar.show(position, planned, live);
    })
    .unwrap_or_else(|error| {
        let mut row = blank(settings.scenario_of(planned), &settings.identity(planned));
        row.reason = in_words(&error);
        (row, None)
    })
}
