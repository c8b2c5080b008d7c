//! One worker: a thread's event loop, its listeners, and the state that its connections share.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use measurement::exchange::{Exchange, LoopSlot};
use scenario::{Draw, Draws, Phase, Timer, Upstream};
use tokio::runtime::{Builder, LocalOptions};

use crate::body::Template;
use crate::connection::{self, Connections, Limits};
use crate::delay::{self, DelayQueue};
use crate::ledger::{Counters, Log};
use crate::stall::Stalls;
use crate::stats::Stats;
use crate::turns::Turns;

/// How long accepting rests after the OS has refused a connection for want of descriptors.
const ACCEPT_REST: Duration = Duration::from_millis(10);

/// What all workers share; only atomics in it change.
pub(crate) struct Shared {
    pub(crate) upstreams: Vec<Upstream>,
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) seed: u64,
    pub(crate) repeat: u32,
    pub(crate) timer: Timer,
    pub(crate) keep_log: bool,
    pub(crate) long_turn: Duration,
    pub(crate) limits: Limits,
    pub(crate) stalls: Stalls,
    /// By upstream: requests that brought no id.
    pub(crate) uncounted: Vec<AtomicU64>,
    /// By worker.
    pub(crate) counters: Vec<Counters>,
}

impl Shared {
    pub(crate) fn stats(&self) -> Stats {
        Stats::of(&self.upstreams, &self.counters)
    }

    /// The next id of an upstream's own count.
    pub(crate) fn next_id(&self, position: usize) -> u64 {
        Phase::Uncounted.id(self.uncounted[position].fetch_add(1, Relaxed))
    }

    /// What an id meets.
    pub(crate) fn draw(&self, position: usize, id: u64) -> Draw {
        Draws::new(self.seed, self.repeat, position, &self.upstreams[position]).draw(id)
    }
}

/// The state of one worker. It outlives its event loop, whose end writes the last entries.
pub(crate) struct Worker {
    pub(crate) shared: Arc<Shared>,
    index: usize,
    /// By upstream.
    pub(crate) templates: Vec<Rc<Template>>,
    pub(crate) queue: DelayQueue,
    pub(crate) connections: RefCell<Connections>,
    pub(crate) turns: RefCell<Turns>,
    log: RefCell<Log>,
    /// Counts whatever runs besides the delay queue's driver.
    pub(crate) activity: Cell<u64>,
    /// A turn of the loop is to be timed although no deadline is near.
    pub(crate) probe_wanted: Cell<bool>,
    /// The slot of time in which a turn was last asked for.
    probed: Cell<u64>,
    /// What is dropped from now on was not abandoned by its client.
    pub(crate) stopping: Cell<bool>,
}

/// What a worker leaves behind.
pub(crate) struct Leavings {
    pub(crate) log: Vec<Vec<Exchange>>,
    pub(crate) slots: Vec<LoopSlot>,
}

/// Serves on `listeners` (by upstream) until `stop` resolves. `ready` is called once everything
/// that takes descriptors has them: from then on, want of them ends nothing.
pub(crate) fn run(
    shared: Arc<Shared>,
    index: usize,
    listeners: Vec<TcpListener>,
    ready: impl FnOnce(),
    stop: impl Future<Output = ()>,
) -> io::Result<Leavings> {
    let mut builder = Builder::new_current_thread();
    builder.enable_io();
    if shared.timer == Timer::Tokio {
        // Only then: tokio's clockwork is wound at every turn of the event loop.
        builder.enable_time();
    }
    let runtime = builder.build_local(LocalOptions::default())?;
    let worker = runtime.block_on(async {
        let worker = Rc::new(Worker::new(shared, index)?);
        for (position, listener) in listeners.into_iter().enumerate() {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            tokio::task::spawn_local(accept(Rc::clone(&worker), listener, position));
        }
        tokio::task::spawn_local(delay::drive(Rc::clone(&worker)));
        tokio::task::spawn_local(connection::sweep(Rc::clone(&worker)));
        ready();
        stop.await;
        worker.stopping.set(true);
        Ok::<_, io::Error>(worker)
    })?;
    // Drops every task, and with it listeners, connections and what they held.
    drop(runtime);
    let Worker { log, turns, .. } = &*worker;
    Ok(Leavings {
        log: log.replace(Log::new(false)).into_chunks(),
        slots: turns.replace(Turns::new(false, Duration::ZERO)).into_slots(),
    })
}

/// Accepts one upstream's connections. Nothing ends it: what the OS refuses is counted.
async fn accept(worker: Rc<Worker>, listener: tokio::net::TcpListener, position: usize) {
    loop {
        let accepted = listener.accept().await;
        worker.active();
        match accepted {
            Ok((stream, _)) => {
                worker.counters().connections.add();
                connection::serve(&worker, stream, position);
            }
            Err(error) if is_of_the_connection(&error) => {}
            Err(_) => {
                worker.counters().accept_refused.add();
                worker.queue.sleep(ACCEPT_REST).await;
            }
        }
    }
}

/// Whether only the connection about to be accepted failed (it was reset while it waited).
fn is_of_the_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

impl Worker {
    /// Needs a tokio runtime.
    fn new(shared: Arc<Shared>, index: usize) -> io::Result<Self> {
        let template = |upstream: &Upstream| {
            let largest_bytes = upstream.body.largest_bytes() as usize;
            Rc::new(Template::new(&upstream.name, largest_bytes))
        };
        Ok(Self {
            templates: shared.upstreams.iter().map(template).collect(),
            queue: DelayQueue::new(shared.timer == Timer::Hybrid)?,
            connections: RefCell::default(),
            turns: RefCell::new(Turns::new(shared.keep_log, shared.long_turn)),
            log: RefCell::new(Log::new(shared.keep_log)),
            activity: Cell::new(0),
            probe_wanted: Cell::new(false),
            probed: Cell::new(0),
            stopping: Cell::new(false),
            shared,
            index,
        })
    }

    /// This worker's counters, which it alone writes.
    pub(crate) fn counters(&self) -> &Counters {
        &self.shared.counters[self.index]
    }

    pub(crate) fn upstream(&self, position: usize) -> &Upstream {
        &self.shared.upstreams[position]
    }

    /// Notes that something else than the delay queue's driver runs.
    pub(crate) fn active(&self) {
        self.activity.set(self.activity.get().wrapping_add(1));
    }

    /// Asks for a timed turn of the event loop, once in each slot of time that has requests: a
    /// mock without delays has no deadline near which turns would be timed anyway.
    pub(crate) fn probe(&self, now_ns: u64) {
        let slot = now_ns / LoopSlot::LENGTH_NS;
        if self.probed.replace(slot) != slot {
            self.probe_wanted.set(true);
            self.queue.rouse();
        }
    }

    /// Writes down an exchange that has ended.
    pub(crate) fn ended(&self, entry: Exchange) {
        self.counters().ended(&entry);
        self.log.borrow_mut().push(entry);
    }
}
