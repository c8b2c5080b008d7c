//! One trial: one model under one load, with its phases, in the process it is called in.
//!
//! The calling thread becomes the supervisor: it keeps the phases, reads the accounts at the
//! window's two ends, and sleeps in between. The model runs on a thread beside it.

mod alarm;
mod arrivals;
mod counters;
mod doorbell;
mod naps;
mod records;
mod stamps;
mod supervisor;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use measurement::limits;
use measurement::output::{Account, Counts, write_head, write_words};
use scenario::{Connections, ModelSpec, Scenario, TrialLoad};
use tokio::runtime::Handle;

pub(crate) use arrivals::{Arrivals, AsyncArrivals};
pub(crate) use counters::{Counters, Ticket};
pub(crate) use stamps::LegWatch;

use self::alarm::Alarm;
use crate::admission::{Exhaustion, Threads};
use crate::http::Sockets;
use crate::hurdles::{BlockingPool, Hurdles, MOST_BLOCKING_THREADS};
use crate::load::Load;
use crate::models::{self, Model};
use crate::nesting::Nesting;
use crate::transport::{Poll2, Reactor, Transport};
use crate::workload::{Upstreams, Workload};
use crate::{Error, Result};

/// What to run.
#[derive(Debug, Clone)]
pub struct TrialSpec {
    /// The model and its options.
    pub model: ModelSpec,
    /// What paces it.
    pub load: TrialLoad,
    /// Where the two upstreams listen, in the scenario's order.
    pub addresses: [SocketAddr; 2],
    /// The mock's process, whose CPU time is read at the window's ends.
    pub upstream_pid: Option<u32>,
    /// Least length of the warm-up.
    pub warmup: Duration,
    /// Least length of the window.
    pub duration: Duration,
    /// Mean of the longer wait of a request: starts are spread over one of these.
    pub mean_wait: Duration,
    /// The larger p99 of the two upstreams.
    pub upstream_p99: Duration,
    /// Closed loop: records to make room for, in warm-up and window.
    pub capacity: [usize; 2],
    /// Iterations of CPU work that an idle CPU of the client does in a microsecond: what turns
    /// the scenario's times into work. Without meaning where it asks for none.
    pub iterations_per_us: f64,
    /// Whether requests are recorded and the process is sampled as it runs. Off only to find out
    /// what that costs: such a trial has its account, and nothing to check it by.
    pub recording: bool,
}

/// What is told while a trial runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// `warm-up`, `window`, `cool-down`.
    pub phase: &'static str,
    /// Requests ended so far.
    pub ended: u64,
    /// Requests in flight.
    pub in_flight: u64,
    /// Since the load began.
    pub elapsed: Duration,
}

/// A finished trial, its records still in place.
pub struct Finished {
    account: Account,
    counters: Arc<Counters>,
}

/// Runs one trial of `scenario`; `progress` is called a few times a second.
pub fn run(
    scenario: &Scenario,
    spec: &TrialSpec,
    progress: &mut dyn FnMut(Progress),
) -> Result<Finished> {
    let model = models::find(&spec.model.kind)?;
    let exhaustion = Arc::new(Exhaustion::new(limits::sockets()));
    let sockets = Sockets::new(limits::sockets().limit);
    let threads = Arc::new(Threads::new(limits::threads(), Arc::clone(&exhaustion)));
    let [first, second] = scenario.upstreams.as_slice() else {
        return Err(Error::Setup("the combine workload takes two upstreams".to_owned()));
    };
    let upstreams = Upstreams {
        names: [first.name.clone(), second.name.clone()],
        addresses: spec.addresses,
        keep_alive: scenario.combine.connections == Connections::KeepAlive,
        timeout: scenario.combine.timeout,
        sockets,
        exhaustion,
        hurdles: Arc::new(Hurdles::new(scenario, spec.iterations_per_us, &threads)?),
    };
    let counters = Arc::new(Counters::new(capacity(spec), spec.recording));
    let account =
        supervisor::Supervisor::new(spec, &upstreams, &threads, &counters).run(model, progress)?;
    Ok(Finished { account, counters })
}

/// Records to make room for, by phase. A schedule is counted out: there is room for all that will
/// be due in its warm-up and window, and for what is due just after, which starts before the
/// supervisor has read its accounts.
fn capacity(spec: &TrialSpec) -> [usize; 3] {
    const AFTER_NS: u64 = 250_000_000;
    let TrialLoad::Open(schedule) = &spec.load else {
        return [spec.capacity[0], spec.capacity[1], 0];
    };
    let until_ns = schedule.window_ns().end.saturating_add(AFTER_NS);
    let mut counts = [0; 3];
    for due in schedule.dues().take_while(|due| due.at_ns < until_ns) {
        counts[counters::phase_number(due.phase)] += 1;
    }
    counts
}

impl Finished {
    /// The account.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Writes account, records and stamps in the form [`measurement::output::TrialOutput::read`] reads.
    pub fn write_to(&self, out: &mut impl Write) -> Result<()> {
        let phases = [0, 1, 2].map(|phase| self.counters.records(phase));
        let (stamps, sampled) = self.counters.stamps();
        let [warmup, window, cooldown] = phases.map(|(_, count)| count);
        let every = stamps.every();
        let counts = Counts { warmup, window, cooldown, stamps: sampled, every };
        write_head(out, &self.account, counts)?;
        for (records, count) in phases {
            for index in 0..count {
                write_words(out, &records.words(index))?;
            }
        }
        for index in 0..sampled {
            write_words(out, &stamps.words(index))?;
        }
        out.flush()?;
        Ok(())
    }
}

/// What a model is given to run: its door and its workload, for the way it waits.
pub(crate) struct Job {
    load: Box<dyn Load>,
    upstreams: Upstreams,
    counters: Arc<Counters>,
    threads: Arc<Threads>,
    nesting: Arc<Nesting>,
}

impl Job {
    /// Threads of this trial, to be asked before any is started.
    pub(crate) fn threads(&self) -> Arc<Threads> {
        Arc::clone(&self.threads)
    }

    /// Where a model notes how requests nest on its workers' stacks.
    pub(crate) fn nesting(&self) -> Arc<Nesting> {
        Arc::clone(&self.nesting)
    }

    /// For a model whose threads wait.
    pub(crate) fn blocking(self) -> Result<(Arrivals, Arc<Workload<Poll2>>)> {
        let workload = self.workload(0)?;
        Ok((self.arrivals(), workload))
    }

    /// For a model whose tasks wait, on this runtime.
    pub(crate) fn asynchronous(
        self,
        runtime: &Handle,
    ) -> Result<(AsyncArrivals, Arc<Workload<Reactor>>)> {
        let workload = self.workload(MOST_BLOCKING_THREADS)?;
        Ok((self.arrivals_on(runtime)?, workload))
    }

    /// The same with so many workloads: connections of its own for each of several runtimes.
    pub(crate) fn asynchronous_each(
        self,
        runtime: &Handle,
        count: usize,
    ) -> Result<(AsyncArrivals, Vec<Arc<Workload<Reactor>>>)> {
        let one = |_| self.workload(MOST_BLOCKING_THREADS);
        let workloads = (0..count).map(one).collect::<Result<_>>()?;
        Ok((self.arrivals_on(runtime)?, workloads))
    }

    /// For a model whose requests are tasks on this runtime, and whose fetches block a thread; the
    /// runtime has at most so many for blocking calls.
    pub(crate) fn blocking_tasks(
        self,
        runtime: &Handle,
        most_blocking_threads: u64,
    ) -> Result<(AsyncArrivals, Arc<Workload<Poll2>>)> {
        let workload = self.workload(most_blocking_threads)?;
        Ok((self.arrivals_on(runtime)?, workload))
    }

    fn workload<T: Transport>(&self, most_blocking_threads: u64) -> Result<Arc<Workload<T>>> {
        let pool = BlockingPool::new(self.threads(), most_blocking_threads);
        Workload::new(&self.upstreams, Arc::clone(&self.counters), pool)
    }

    fn arrivals_on(self, runtime: &Handle) -> Result<AsyncArrivals> {
        let alarm = Alarm::new(runtime)?;
        Ok(self.arrivals().with_alarm(alarm))
    }

    fn arrivals(self) -> Arrivals {
        Arrivals::new(self.load, self.counters)
    }
}

/// Runs the model to the end of its arrivals, on a thread of its own.
fn drive(model: &'static dyn Model, spec: &ModelSpec, job: Job) -> Result<()> {
    model.drive(&spec.options, job)
}
