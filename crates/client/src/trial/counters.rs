//! What the parts of a running trial share: the phase, the counters, the records.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::thread::Thread;
use std::time::Duration;

use measurement::clock::now_ns;
use measurement::record::RequestRecord;
use scenario::Phase;
use tokio::sync::Notify;

use super::records::Records;

/// One request on its way: where it counts, and when it was due and dispatched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticket {
    /// Its id on the wire.
    pub(crate) id: u64,
    /// When it was handed to the model.
    pub(crate) started_ns: u64,
}

/// Counters and records of one trial. Starts are counted by the one dispatcher, ends by whoever
/// ends a request; nothing here takes a lock.
#[derive(Debug)]
pub(crate) struct Counters {
    phase: AtomicU8,
    /// Until when, once nothing starts any more, what is in flight is waited for.
    drain_until_ns: AtomicU64,
    /// When the load began; times in sums are counted from here.
    began_ns: u64,
    started: [AtomicU64; 3],
    started_sum_ns: AtomicU64,
    ended: AtomicU64,
    ended_sum_ns: AtomicU64,
    window_ended: AtomicU64,
    dispatcher_waits: AtomicBool,
    door: Door,
    records: [Records; 2],
}

/// How the dispatcher is woken: it is a thread or a task.
#[derive(Debug, Default)]
struct Door {
    thread: OnceLock<Thread>,
    task: Notify,
}

/// Requests that have started and ended, and their times, at one instant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tally {
    pub(crate) at_ns: u64,
    pub(crate) started: u64,
    pub(crate) ended: u64,
    /// ∫ in-flight dt since the load began.
    pub(crate) in_flight_ns: i128,
}

/// The phase number after which nothing starts.
const STOP: u8 = 3;

const PHASES: [Phase; 3] = [Phase::Warmup, Phase::Window, Phase::Cooldown];

impl Counters {
    /// Room for so many records of warm-up and window; the load begins now.
    pub(crate) fn new(warmup_capacity: usize, window_capacity: usize) -> Self {
        let records = [Records::new(warmup_capacity), Records::new(window_capacity)];
        Self {
            phase: AtomicU8::new(0),
            drain_until_ns: AtomicU64::new(0),
            began_ns: now_ns(),
            started: Default::default(),
            started_sum_ns: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            ended_sum_ns: AtomicU64::new(0),
            window_ended: AtomicU64::new(0),
            dispatcher_waits: AtomicBool::new(false),
            door: Door::default(),
            records,
        }
    }

    /// The phase that requests start in now; `None`: nothing starts any more.
    pub(crate) fn phase(&self) -> Option<Phase> {
        PHASES.get(usize::from(self.phase.load(Ordering::Acquire))).copied()
    }

    /// Goes on to the next phase.
    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.store(phase_number(phase) as u8, Ordering::Release);
        self.wake_dispatcher();
    }

    /// Nothing starts any more; the dispatcher waits for what is in flight, at most for `drain`.
    pub(crate) fn stop(&self, drain: Duration) {
        self.drain_until_ns.store(now_ns() + drain.as_nanos() as u64, Ordering::Release);
        self.phase.store(STOP, Ordering::Release);
        self.wake_dispatcher();
    }

    /// Until when the dispatcher waits after [`Counters::stop`].
    pub(super) fn drain_until_ns(&self) -> u64 {
        self.drain_until_ns.load(Ordering::Acquire)
    }

    /// Starts a request in the current phase: counts it and notes its times. Called by the
    /// dispatcher alone.
    pub(crate) fn start(&self, phase: Phase, intended_ns: u64, started_ns: u64) -> Ticket {
        let number = phase_number(phase);
        let index = self.started[number].load(Ordering::Relaxed);
        if let Some(records) = self.records.get(number) {
            records.start(index, intended_ns, started_ns);
        }
        self.started_sum_ns.fetch_add(started_ns - self.began_ns, Ordering::Relaxed);
        self.started[number].store(index + 1, Ordering::Release);
        Ticket { id: phase.id(index), started_ns }
    }

    /// Ends a request: notes its record, counts it, and lets the dispatcher know.
    pub(crate) fn end(&self, ticket: &Ticket, record: &RequestRecord) {
        let phase = Phase::of(ticket.id).unwrap_or(Phase::Uncounted);
        let number = phase_number(phase);
        if let Some(records) = self.records.get(number) {
            records.end(Phase::index(ticket.id), record);
        }
        if phase == Phase::Window {
            self.window_ended.fetch_add(1, Ordering::Release);
        }
        self.ended_sum_ns.fetch_add(record.ended_ns - self.began_ns, Ordering::Relaxed);
        self.ended.fetch_add(1, Ordering::SeqCst);
        if self.dispatcher_waits.load(Ordering::SeqCst) {
            self.wake_dispatcher();
        }
    }

    /// Requests under way, as the dispatcher sees them.
    pub(crate) fn in_flight(&self) -> u64 {
        self.started_in_all().saturating_sub(self.ended.load(Ordering::SeqCst))
    }

    /// Requests started, by phase: warm-up, window, cool-down.
    pub(crate) fn started(&self) -> [u64; 3] {
        [0, 1, 2].map(|number| self.started[number].load(Ordering::Acquire))
    }

    /// Requests ended so far.
    pub(crate) fn ended(&self) -> u64 {
        self.ended.load(Ordering::Acquire)
    }

    /// Requests of the window that have not ended.
    pub(crate) fn window_in_flight(&self) -> u64 {
        let ended = self.window_ended.load(Ordering::Acquire);
        self.started[phase_number(Phase::Window)].load(Ordering::Acquire).saturating_sub(ended)
    }

    /// Whether a phase has no room for another record.
    pub(crate) fn is_full(&self, phase: Phase) -> bool {
        let number = phase_number(phase);
        self.records.get(number).is_some_and(|records| {
            self.started[number].load(Ordering::Acquire) >= records.capacity() as u64
        })
    }

    /// All counters now.
    pub(crate) fn tally(&self) -> Tally {
        let (ended, ended_sum) =
            (self.ended.load(Ordering::Acquire), self.ended_sum_ns.load(Ordering::Acquire));
        let (started, started_sum) =
            (self.started_in_all(), self.started_sum_ns.load(Ordering::Acquire));
        let at_ns = now_ns();
        let elapsed = i128::from(at_ns - self.began_ns);
        let in_flight_ns = elapsed * (i128::from(started) - i128::from(ended))
            - i128::from(started_sum)
            + i128::from(ended_sum);
        Tally { at_ns, started, ended, in_flight_ns }
    }

    /// When the load began.
    pub(crate) fn began_ns(&self) -> u64 {
        self.began_ns
    }

    /// The records of the warm-up (0) and of the window (1), as far as started.
    pub(crate) fn records(&self, which: usize) -> (&Records, usize) {
        let started = self.started[which].load(Ordering::Acquire) as usize;
        (&self.records[which], started.min(self.records[which].capacity()))
    }

    /// Makes the calling thread the one that completions wake.
    pub(super) fn dispatch_from_this_thread(&self) {
        let _ = self.door.thread.set(std::thread::current());
    }

    /// Announces that the dispatcher is about to wait; whoever ends a request after this wakes it.
    /// The caller looks at the counters once more before it does wait.
    pub(super) fn set_waiting(&self, waiting: bool) {
        self.dispatcher_waits.store(waiting, Ordering::SeqCst);
    }

    /// Resolves when a completion or a change of phase wakes the dispatcher.
    pub(super) async fn woken(&self) {
        self.door.task.notified().await;
    }

    fn wake_dispatcher(&self) {
        self.dispatcher_waits.store(false, Ordering::SeqCst);
        match self.door.thread.get() {
            Some(thread) => thread.unpark(),
            None => self.door.task.notify_one(),
        }
    }

    fn started_in_all(&self) -> u64 {
        self.started.iter().map(|count| count.load(Ordering::Acquire)).sum()
    }
}

fn phase_number(phase: Phase) -> usize {
    match phase {
        Phase::Warmup => 0,
        Phase::Window => 1,
        Phase::Cooldown | Phase::Uncounted => 2,
    }
}
