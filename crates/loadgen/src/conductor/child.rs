//! The conductor's children, seen from inside: `child-trial` and `child-upstream`.
//!
//! A child reads one line of JSON, its plan, from stdin. The mock answers with a line of
//! addresses and, when its stdin closes, with its log; the trial with lines of progress and then
//! with its account and records.

use std::io::{BufWriter, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use client::trial::TrialSpec;
use scenario::plan::Timing;
use scenario::{PlannedTrial, Scenario, Timer};
use serde::{Deserialize, Serialize};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;

use super::Settings;
use super::post::{self, Post, Posted};
use crate::exit::Exit;

/// What a child is to do. The scenario travels as text: both sides parse the same.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ChildPlan {
    path: PathBuf,
    text: String,
    overrides: Vec<String>,
    only: Vec<String>,
    post: Post,
    repeat: u32,
    timing: Lengths,
    /// Iterations of CPU work in a microsecond; 0 where nobody asks.
    iterations_per_us: f64,
    role: Role,
}

/// The lengths in force, nanoseconds: both sides must know the same window.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "a unit stands in every name, here as elsewhere")]
struct Lengths {
    warmup_ns: u64,
    duration_ns: u64,
    upstream_p99_ns: u64,
}

/// Which child it is.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Role {
    Upstream { timer: String },
    Trial { model: usize, level: usize, addresses: [SocketAddr; 2], upstream_pid: u32 },
}

/// The mock's first line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ready {
    pub(super) addresses: Vec<SocketAddr>,
}

/// A line of the trial's progress.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ProgressLine {
    pub(super) phase: String,
    pub(super) ended: u64,
    pub(super) in_flight: u64,
    pub(super) elapsed_s: f64,
}

impl ChildPlan {
    pub(super) fn new(settings: &Settings, planned: &PlannedTrial, post: Post, role: Role) -> Self {
        let scenario = settings.scenario_of(planned);
        let timing = settings.timing_of(planned);
        Self {
            path: scenario.path.clone(),
            text: scenario.text.clone(),
            overrides: scenario.overrides.clone(),
            only: scenario.only.clone(),
            post,
            repeat: planned.repeat,
            timing: Lengths {
                warmup_ns: timing.warmup.as_nanos() as u64,
                duration_ns: timing.duration.as_nanos() as u64,
                upstream_p99_ns: timing.upstream_p99.as_nanos() as u64,
            },
            iterations_per_us: settings.work_rate.map_or(0.0, |rate| rate.iterations_per_us),
            role,
        }
    }

    fn scenario(&self) -> Result<Scenario> {
        let kinds = client::kinds();
        Ok(Scenario::parse_only(&self.path, &self.text, &self.overrides, &self.only, &kinds)?)
    }
}

impl Posted for ChildPlan {
    fn post(&self) -> &Post {
        &self.post
    }
}

/// The trial's process.
pub(crate) fn trial() -> Result<Exit> {
    let plan: ChildPlan = post::receive()?;
    let scenario = plan.scenario()?;
    let Role::Trial { model, level, addresses, upstream_pid } = plan.role else {
        anyhow::bail!("the plan is not a trial's");
    };
    let timing = Timing {
        warmup: Duration::from_nanos(plan.timing.warmup_ns),
        duration: Duration::from_nanos(plan.timing.duration_ns),
        upstream_p99: Duration::from_nanos(plan.timing.upstream_p99_ns),
        ..Timing::of(&scenario, false)
    };
    let levels = scenario.levels();
    let level = *levels.get(level).context("the plan's level is not in the scenario")?;
    let spec = TrialSpec {
        model: scenario
            .models
            .get(model)
            .context("the plan's model is not in the scenario")?
            .clone(),
        load: scenario.trial_load(level, &timing, plan.repeat),
        addresses,
        upstream_pid: Some(upstream_pid),
        warmup: timing.warmup,
        duration: timing.duration,
        mean_wait: scenario.mean_wait(plan.repeat),
        upstream_p99: timing.upstream_p99,
        capacity: scenario.record_capacity(level, &timing, plan.post.cpus.len()),
        iterations_per_us: plan.iterations_per_us,
        recording: true,
    };
    let mut stdout = std::io::stdout();
    let finished = client::trial::run(&scenario, &spec, &mut |progress| {
        let line = ProgressLine {
            phase: progress.phase.to_owned(),
            ended: progress.ended,
            in_flight: progress.in_flight,
            elapsed_s: progress.elapsed.as_secs_f64(),
        };
        // A conductor that does not listen any more will end us by itself.
        if let Ok(mut text) = serde_json::to_vec(&line) {
            text.push(b'\n');
            let _ = stdout.write_all(&text).and_then(|()| stdout.flush());
        }
    })?;
    finished.write_to(&mut BufWriter::with_capacity(1 << 16, std::io::stdout().lock()))?;
    Ok(Exit::Done)
}

/// The mock's process.
pub(crate) fn upstream() -> Result<Exit> {
    let plan: ChildPlan = post::receive()?;
    let scenario = plan.scenario()?;
    let Role::Upstream { timer } = &plan.role else {
        anyhow::bail!("the plan is not a mock's");
    };
    let config = upstream::Config {
        upstreams: scenario.upstreams.clone(),
        seed: scenario.seed,
        repeat: plan.repeat,
        timer: match timer.as_str() {
            "tokio" => Timer::Tokio,
            "timerfd" => Timer::Timerfd,
            _ => Timer::Hybrid,
        },
        workers: plan.post.cpus.len(),
        bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
        ports: None,
        keep_log: true,
        long_turn: scenario.checks.turn_p99,
    };
    let mut announced = Ok(());
    let report =
        upstream::serve(&config, |addresses| announced = announce(addresses), stdin_closed())?;
    announced?;
    let mut stdout = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    report.log.write_to(&mut stdout)?;
    stdout.flush()?;
    Ok(Exit::Done)
}

fn announce(addresses: &[SocketAddr]) -> Result<()> {
    let mut text = serde_json::to_vec(&Ready { addresses: addresses.to_vec() })?;
    text.push(b'\n');
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(&text)?;
    Ok(stdout.flush()?)
}

/// Resolves when the conductor closes our stdin, or is gone.
async fn stdin_closed() {
    let Ok(fd) = rustix::io::dup(rustix::stdio::stdin()) else { return };
    let Ok(mut pipe) = Receiver::from_owned_fd(fd) else { return };
    let mut byte = [0; 64];
    while matches!(pipe.read(&mut byte).await, Ok(count) if count > 0) {}
}
