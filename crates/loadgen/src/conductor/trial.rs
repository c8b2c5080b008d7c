//! One trial seen from outside: start the mock, start the trial, collect both, derive the row.

use std::io::BufRead;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use measurement::derive;
use measurement::exchange::MockLog;
use measurement::histograms::TrialHistograms;
use measurement::output::TrialOutput;
use measurement::row::TrialRow;
use scenario::{PlannedTrial, Timer};

use super::Settings;
use super::child::{ChildPlan, ProgressLine, Ready, Role};
use super::interrupt::Interrupt;
use super::post::Post;
use super::process::Process;
use super::records;
use crate::terminal::progress::Live;

/// Runs one trial in fresh children and derives its row.
pub(super) fn run(
    settings: &Settings,
    interrupt: &Interrupt,
    planned: &PlannedTrial,
    tell: &mut dyn FnMut(&Live),
) -> Result<(TrialRow, Option<TrialHistograms>)> {
    let mut mock = start_mock(settings, interrupt, planned)?;
    let addresses = mock_ready(&mut mock)?;
    let output = trial(settings, interrupt, planned, addresses, mock.pid(), tell);
    // The mock hands over its log whatever became of the trial: it must be read to its end.
    mock.close_stdin();
    let log = MockLog::read_from(mock.stdout()).context("the mock's log");
    let mock_ended = mock.wait();
    let output = output?;
    let log = log.map_err(|error| mock_ended.err().unwrap_or(error))?;
    if let Some(folder) = settings.records {
        records::keep(folder, planned.order, &output, &log)?;
    }
    let (scenario, identity) = (settings.scenario_of(planned), settings.identity(planned));
    let (mut row, histograms) =
        derive::row(scenario, &identity, &output, &log, settings.mock_of(planned));
    if log.accept_refused > 0 {
        row.notes.push(format!(
            "the mock was refused {} descriptors for new connections",
            log.accept_refused
        ));
    }
    Ok((row, histograms))
}

fn start_mock(
    settings: &Settings,
    interrupt: &Interrupt,
    planned: &PlannedTrial,
) -> Result<Process> {
    let (split, scenario) = (settings.split, settings.scenario_of(planned));
    let role = Role::Upstream { timer: timer_word(split.timer(scenario)).to_owned() };
    let post = Post::new(&split.upstream, split.mock_standing(scenario));
    let plan = ChildPlan::new(settings, planned, post, role);
    Process::start("child-upstream", "the mock", &plan, interrupt)
}

fn mock_ready(mock: &mut Process) -> Result<[SocketAddr; 2]> {
    let mut line = String::new();
    mock.stdout().read_line(&mut line).context("waiting for the mock")?;
    if line.is_empty() {
        mock.wait()?;
        bail!("the mock ended before it was ready");
    }
    let ready: Ready = serde_json::from_str(&line)
        .with_context(|| format!("the mock said {line:?} instead of its addresses"))?;
    ready.addresses.try_into().map_err(|_| anyhow!("the mock serves another number of upstreams"))
}

fn trial(
    settings: &Settings,
    interrupt: &Interrupt,
    planned: &PlannedTrial,
    addresses: [SocketAddr; 2],
    upstream_pid: u32,
    tell: &mut dyn FnMut(&Live),
) -> Result<TrialOutput> {
    let role = Role::Trial {
        model: planned.model_index,
        level: planned.level_index,
        addresses,
        upstream_pid,
    };
    let post = Post::new(&settings.split.client, settings.split.client_standing());
    let plan = ChildPlan::new(settings, planned, post, role);
    let mut child = Process::start("child-trial", "the trial", &plan, interrupt)?;
    let output = follow(&mut child, tell);
    let ended = child.wait();
    match (output, ended) {
        (Ok(output), Ok(())) => Ok(output),
        // What the child said of its own end explains a broken stream better than the stream.
        (_, Err(error)) | (Err(error), Ok(())) => Err(error),
    }
}

/// Follows the trial's progress until its account comes.
fn follow(child: &mut Process, tell: &mut dyn FnMut(&Live)) -> Result<TrialOutput> {
    let mut last = (Duration::ZERO, 0);
    let mut line = String::new();
    loop {
        line.clear();
        if child.stdout().read_line(&mut line).context("the trial's stream")? == 0 {
            bail!("the trial ended without a result");
        }
        let Ok(progress) = serde_json::from_str::<ProgressLine>(&line) else {
            return Ok(TrialOutput::read(&line, child.stdout())?);
        };
        let elapsed = Duration::from_secs_f64(progress.elapsed_s.max(0.0));
        let seconds = (elapsed.saturating_sub(last.0)).as_secs_f64();
        let rate_rps = if seconds > 0.0 {
            progress.ended.saturating_sub(last.1) as f64 / seconds
        } else {
            0.0
        };
        last = (elapsed, progress.ended);
        tell(&Live { elapsed, rate_rps, phase: progress.phase });
    }
}

/// A timer's word in a scenario file.
pub(super) fn timer_word(timer: Timer) -> &'static str {
    match timer {
        Timer::Hybrid => "hybrid",
        Timer::Timerfd => "timerfd",
        Timer::Tokio => "tokio",
    }
}
