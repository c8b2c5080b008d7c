//! A request is a task on one of several current-thread runtimes, each on a CPU of its own where
//! there are enough; no task and no connection ever moves to another.
//!
//! The first runtime takes the arrivals and hands them round in turn, as a server does whose first
//! thread accepts for all.

use std::sync::Arc;
use std::thread::JoinHandle;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use scenario::{ModelKind, OptionKind, OptionSpec, Options};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{Model, one_per_cpu, runtime};
use crate::transport::Reactor;
use crate::trial::{AsyncArrivals, Job, Ticket};
use crate::workload::Workload;
use crate::{Error, Result};

pub(crate) struct ThreadPerCore;

impl Model for ThreadPerCore {
    fn kind(&self) -> ModelKind {
        ModelKind {
            kind: "thread-per-core",
            summary: "a request is a task on one of several current-thread runtimes, its fetches a tokio::join!; an epoll per core",
            options: &[OptionSpec {
                key: "workers",
                kind: OptionKind::Count { min: 1, max: 1024 },
                doc: "runtimes, a thread each, each on a CPU of its own where there are enough (default: one per CPU)",
            }],
        }
    }

    fn event_loops(&self, options: &Options) -> Option<usize> {
        Some(options.count("workers").unwrap_or_else(one_per_cpu))
    }

    fn drive(&self, options: &Options, job: Job) -> Result<()> {
        let workers = options.count("workers").unwrap_or_else(one_per_cpu);
        let threads = job.threads();
        // The first is the model's own thread.
        if !threads.admit(workers as u64 - 1) {
            return Ok(());
        }
        let current_thread = || runtime::of("thread-per-core", 1, &threads, |_| {});
        let Some(first) = current_thread()? else { return Ok(()) };
        let (arrivals, mut workloads) = job.asynchronous_each(first.handle(), workers)?;
        let Some(workload) = workloads.pop() else { return Ok(()) };
        let cpus = Cpus::of(workers);
        let mut cores = Vec::new();
        for (number, workload) in workloads.into_iter().enumerate() {
            let Some(runtime) = current_thread()? else { return Ok(()) };
            cores.push(Core::start(runtime, workload, cpus.nth(number + 1))?);
        }
        Cpus::stay_on(cpus.nth(0));
        let doors = cores.iter().map(|core| core.door.clone()).collect();
        first.block_on(dispatch(arrivals, workload, doors));
        // What is still in flight ends with its runtime.
        first.shutdown_background();
        for Core { door, thread } in cores {
            drop(door);
            // A panic has been printed by its own thread; its requests stay without an end.
            drop(thread.join());
        }
        Ok(())
    }
}

/// A core but the first.
struct Core {
    door: UnboundedSender<Ticket>,
    thread: JoinHandle<()>,
}

impl Core {
    fn start(
        runtime: Runtime,
        workload: Arc<Workload<Reactor>>,
        cpu: Option<usize>,
    ) -> Result<Self> {
        let (door, tickets) = unbounded_channel();
        let thread = std::thread::Builder::new()
            .name("core".to_owned())
            .spawn(move || {
                Cpus::stay_on(cpu);
                runtime.block_on(take(tickets, workload));
                runtime.shutdown_background();
            })
            .map_err(|error| Error::Start {
                model: "thread-per-core",
                what: "thread",
                problem: error.to_string(),
            })?;
        Ok(Self { door, thread })
    }
}

/// Hands arrivals round: to this core, then to each other one.
async fn dispatch(
    mut arrivals: AsyncArrivals,
    workload: Arc<Workload<Reactor>>,
    doors: Vec<UnboundedSender<Ticket>>,
) {
    let mut turn = 0;
    while let Some(ticket) = arrivals.next().await {
        match doors.get(turn) {
            // Its core lives until its door is dropped.
            Some(door) => drop(door.send(ticket)),
            None => start(&workload, ticket),
        }
        turn = if turn == doors.len() { 0 } else { turn + 1 };
    }
}

async fn take(mut tickets: UnboundedReceiver<Ticket>, workload: Arc<Workload<Reactor>>) {
    while let Some(ticket) = tickets.recv().await {
        start(&workload, ticket);
    }
}

fn start(workload: &Arc<Workload<Reactor>>, ticket: Ticket) {
    let workload = Arc::clone(workload);
    tokio::spawn(async move {
        workload.begin(&ticket);
        let (first, second) = tokio::join!(workload.fetch(&ticket, 0), workload.fetch(&ticket, 1));
        workload.finish_in_task(&ticket, [first, second]).await;
    });
}

/// The CPUs to keep to, if there is one for each core.
struct Cpus(Vec<usize>);

impl Cpus {
    fn of(cores: usize) -> Self {
        let set = sched_getaffinity(None).ok();
        let allowed: Vec<usize> = set.map_or_else(Vec::new, |set| {
            (0..CpuSet::MAX_CPU).filter(|&cpu| set.is_set(cpu)).collect()
        });
        Self(if allowed.len() >= cores { allowed } else { Vec::new() })
    }

    fn nth(&self, core: usize) -> Option<usize> {
        self.0.get(core).copied()
    }

    /// Keeps the calling thread on this CPU; one that the kernel refuses is done without.
    fn stay_on(cpu: Option<usize>) {
        if let Some(cpu) = cpu {
            let mut set = CpuSet::new();
            set.set(cpu);
            let _ = sched_setaffinity(None, &set);
        }
    }
}
