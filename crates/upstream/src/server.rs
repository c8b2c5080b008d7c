//! The mock as a whole: listeners bound, workers started, stopped and merged.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use measurement::exchange::MockLog;
use scenario::{FaultKind, Timer, Upstream};
use tokio::sync::{oneshot, watch};

use crate::connection::Limits;
use crate::ledger::Counters;
use crate::stall::Stalls;
use crate::stats::Stats;
use crate::worker::{self, Leavings, Shared};
use crate::{Error, listen, turns};

/// What to serve, and how.
#[derive(Debug, Clone)]
pub struct Config {
    /// One listening port each, in this order; their position also seeds their draws.
    pub upstreams: Vec<Upstream>,
    /// Seed of the draws.
    pub seed: u64,
    /// Repeat of the draws, from 0.
    pub repeat: u32,
    /// The delay queue's clockwork.
    pub timer: Timer,
    /// Threads, each with an event loop; 0 counts as 1.
    pub workers: usize,
    /// Address to listen on.
    pub bind: IpAddr,
    /// A port for each upstream; `None`: whichever are free.
    pub ports: Option<Vec<u16>>,
    /// Keep an entry of every request for [`Report::log`]. It grows by 64 bytes a request;
    /// without it the mock's memory is bounded by its connections.
    pub keep_log: bool,
    /// Turns of the event loop longer than this are counted apart in the log.
    pub long_turn: Duration,
}

/// What a mock hands over when it has stopped.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Every request and what the event loops did; only counts where no log was kept.
    pub log: MockLog,
    /// The ledger.
    pub stats: Stats,
}

/// Serves until `stop` resolves, on this thread and `workers - 1` others; `ready` is told the
/// addresses, in the order of the upstreams, once connections to them succeed; it runs on an
/// event loop, so it must not itself wait for an answer. `stop` is awaited on a thread of its own,
/// inside a tokio runtime with everything enabled.
///
/// At the end listeners and connections close at once; what was still held is logged as pending.
pub fn serve(
    config: &Config,
    ready: impl FnOnce(&[SocketAddr]),
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<Report, Error> {
    serve_within(Limits::default(), config, ready, stop)
}

/// [`serve`] with other limits than usual, for tests of them.
pub(crate) fn serve_within(
    limits: Limits,
    config: &Config,
    ready: impl FnOnce(&[SocketAddr]),
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<Report, Error> {
    check(config)?;
    let workers = config.workers.max(1);
    let (addresses, mut listeners) = bind(config, workers)?;
    let shared = Arc::new(Shared {
        upstreams: config.upstreams.clone(),
        seed: config.seed,
        repeat: config.repeat,
        timer: config.timer,
        keep_log: config.keep_log,
        long_turn: config.long_turn,
        limits,
        stalls: Stalls::new(&config.upstreams),
        uncounted: config.upstreams.iter().map(|_| 0.into()).collect(),
        counters: (0..workers).map(|_| Counters::new(&config.upstreams)).collect(),
        addresses,
    });
    let first = listeners.remove(0);
    let (stopping, stopped) = watch::channel(());
    let others = Others::start(&shared, listeners, &stopped)?;
    // Dropped on every way out, which ends the thread that waits for `stop`.
    let (_serving, over) = oneshot::channel();
    wait_apart(stop, over, stopping)?;
    let ready = || ready(&shared.addresses);
    let left = worker::run(Arc::clone(&shared), 0, first, ready, closed(stopped));
    let mut leavings = vec![left.map_err(Error::EventLoop)?];
    leavings.extend(others.join()?);
    Ok(report(&shared, leavings))
}

/// Waits for the caller's `stop` on a thread and a runtime of its own, where it may use what it
/// likes: the workers' runtimes have no timers, which would cost every turn of their loops.
/// Drops `stopping` when `stop` resolves, or when the mock is `over` without it.
fn wait_apart(
    stop: impl Future<Output = ()> + Send + 'static,
    over: oneshot::Receiver<()>,
    stopping: watch::Sender<()>,
) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(Error::EventLoop)?;
    let wait = move || {
        runtime.block_on(async {
            tokio::select! {
                () = stop => {}
                _ = over => {}
            }
        });
        drop(stopping);
    };
    thread::Builder::new().name("mock-stop".to_owned()).spawn(wait).map_err(Error::Thread)?;
    Ok(())
}

/// Resolves once the channel's sender is gone.
async fn closed(mut stopped: watch::Receiver<()>) {
    while stopped.changed().await.is_ok() {}
}

fn check(config: &Config) -> Result<(), Error> {
    let upstreams = config.upstreams.len();
    if upstreams > 256 {
        return Err(Error::TooManyUpstreams(upstreams));
    }
    if let Some(ports) = &config.ports
        && ports.len() != upstreams
    {
        return Err(Error::Ports { ports: ports.len(), upstreams });
    }
    for upstream in &config.upstreams {
        for fault in &upstream.faults {
            if let FaultKind::Status(status) = fault.kind
                && !(200..=999).contains(&status)
            {
                return Err(Error::Status { upstream: upstream.name.clone(), status });
            }
        }
    }
    Ok(())
}

/// The addresses by upstream, and the listeners by worker, then upstream.
fn bind(
    config: &Config,
    workers: usize,
) -> Result<(Vec<SocketAddr>, Vec<Vec<TcpListener>>), Error> {
    let mut addresses = Vec::new();
    let mut by_worker: Vec<Vec<TcpListener>> = (0..workers).map(|_| Vec::new()).collect();
    for position in 0..config.upstreams.len() {
        let port = config.ports.as_ref().map_or(0, |ports| ports[position]);
        let wanted = SocketAddr::new(config.bind, port);
        let listeners = listen::listeners(wanted, workers)?;
        let source = |source| Error::Listen { address: wanted, source };
        addresses.push(listeners[0].local_addr().map_err(source)?);
        for (own, listener) in by_worker.iter_mut().zip(listeners) {
            own.push(listener);
        }
    }
    Ok((addresses, by_worker))
}

/// The workers besides the one on the caller's thread.
struct Others(Vec<thread::JoinHandle<io::Result<Leavings>>>);

impl Others {
    fn start(
        shared: &Arc<Shared>,
        listeners: Vec<Vec<TcpListener>>,
        stopped: &watch::Receiver<()>,
    ) -> Result<Self, Error> {
        let mut others = Self(Vec::new());
        for (listeners, index) in listeners.into_iter().zip(1..) {
            let (up, is_up) = mpsc::channel();
            let (shared, stop) = (Arc::clone(shared), closed(stopped.clone()));
            let ready = move || {
                let _ = up.send(());
            };
            let work = move || worker::run(shared, index, listeners, ready, stop);
            let thread = thread::Builder::new().name(format!("mock-{index}")).spawn(work);
            let thread = thread.map_err(Error::Thread)?;
            if is_up.recv().is_err() {
                // It ended without having come up, and says why.
                Self(vec![thread]).join()?;
            } else {
                others.0.push(thread);
            }
        }
        Ok(others)
    }

    fn join(self) -> Result<Vec<Leavings>, Error> {
        let mut all = Vec::new();
        for (thread, index) in self.0.into_iter().zip(1..) {
            let left = thread.join().map_err(|_| Error::Worker(index))?;
            all.push(left.map_err(Error::EventLoop)?);
        }
        Ok(all)
    }
}

fn report(shared: &Shared, leavings: Vec<Leavings>) -> Report {
    let stats = shared.stats();
    let (logs, slots): (Vec<_>, Vec<_>) =
        leavings.into_iter().map(|left| (left.log, left.slots)).unzip();
    let log = MockLog {
        exchanges: logs.into_iter().flatten().flatten().collect(),
        loop_slots: turns::merge(slots),
        connections: stats.connections,
        bad_requests: stats.bad_requests,
        accept_refused: stats.accept_refused,
    };
    Report { log, stats }
}
