//! What the parts of a running trial share: the window's boundaries, the counters, the records.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use measurement::clock::now_ns;
use measurement::record::RequestRecord;
use scenario::Phase;

use super::doorbell::Doorbell;
use super::records::Records;
use super::stamps::{RequestWatch, Stamps};

/// One request on its way: where it counts, and when it was due and dispatched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticket {
    /// Its id on the wire.
    pub(crate) id: u64,
    /// When it was handed to the model.
    pub(crate) started_ns: u64,
}

/// Counters and records of one trial. Arrivals are counted by the one dispatcher, ends by whoever
/// ends a request; nothing here takes a lock.
///
/// A request belongs to the phase in which it was *due*: before `window_from_ns`, before
/// `window_to_ns`, or after both. A closed loop learns these when its supervisor says so, an open
/// loop knows them from the start; until then they are [`NOT_YET`].
#[derive(Debug)]
pub(crate) struct Counters {
    window_from_ns: AtomicU64,
    window_to_ns: AtomicU64,
    stopped: AtomicBool,
    /// Until when, once nothing starts any more, what is in flight is waited for.
    drain_until_ns: AtomicU64,
    /// When the counters began; times in sums are counted from here.
    began_ns: u64,
    /// When the load began; 0 before that.
    load_began_ns: AtomicU64,
    /// Recorded requests that start, counted before their time is summed; `started` comes after.
    starting: AtomicU64,
    started: [AtomicU64; 3],
    /// Arrivals that were due and not started.
    shed: [AtomicU64; 3],
    started_sum_ns: AtomicU64,
    /// Requests that have ended, counted after their time is summed.
    ended: AtomicU64,
    ended_sum_ns: AtomicU64,
    /// Recorded requests that end, counted before their time is summed.
    ended_by_phase: [AtomicU64; 3],
    bell: Doorbell,
    records: [Records; 3],
    stamps: Stamps,
    recording: bool,
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

/// A boundary that is not known yet: everything lies before it.
const NOT_YET: u64 = u64::MAX;
/// How often a tally is read again, at most, until nobody was writing meanwhile.
const TRIES: u32 = 1_000;
/// What is waited before that: a writer that was taken off the reader's CPU goes on.
const AGAIN: Duration = Duration::from_micros(20);

impl Counters {
    /// Room for so many records of each phase. Without `recording` requests are only counted as
    /// they start and end, which the load needs.
    pub(crate) fn new(capacity: [usize; 3], recording: bool) -> Self {
        Self {
            window_from_ns: AtomicU64::new(NOT_YET),
            window_to_ns: AtomicU64::new(NOT_YET),
            stopped: AtomicBool::new(false),
            drain_until_ns: AtomicU64::new(0),
            records: capacity.map(|count| Records::new(if recording { count } else { 0 })),
            began_ns: now_ns(),
            load_began_ns: AtomicU64::new(0),
            starting: AtomicU64::new(0),
            started: Default::default(),
            shed: Default::default(),
            started_sum_ns: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            ended_sum_ns: AtomicU64::new(0),
            ended_by_phase: Default::default(),
            bell: Doorbell::default(),
            stamps: Stamps::new(capacity[1], recording),
            recording,
        }
    }

    /// The load begins at `now_ns`; its window's ends, where they are known beforehand.
    pub(super) fn begin(&self, now_ns: u64, window_ns: Option<(u64, u64)>) {
        if let Some((from_ns, to_ns)) = window_ns {
            self.window_to_ns.store(to_ns, Ordering::Release);
            self.window_from_ns.store(from_ns, Ordering::Release);
        }
        self.load_began_ns.store(now_ns, Ordering::Release);
    }

    /// When the load began, once it has.
    pub(super) fn load_began_ns(&self) -> Option<u64> {
        Some(self.load_began_ns.load(Ordering::Acquire)).filter(|&ns| ns > 0)
    }

    /// The phase that a request due at this time belongs to.
    pub(super) fn phase_at(&self, due_ns: u64) -> Phase {
        if due_ns < self.window_from_ns.load(Ordering::Acquire) {
            Phase::Warmup
        } else if due_ns < self.window_to_ns.load(Ordering::Acquire) {
            Phase::Window
        } else {
            Phase::Cooldown
        }
    }

    /// What is due from now on belongs to the window.
    pub(super) fn begin_window(&self) {
        self.window_from_ns.store(now_ns(), Ordering::Release);
    }

    /// What is due from now on belongs to the cool-down.
    pub(super) fn end_window(&self) {
        self.window_to_ns.store(now_ns(), Ordering::Release);
    }

    /// Nothing starts any more; the dispatcher waits for what is in flight, at most for `drain`.
    pub(crate) fn stop(&self, drain: Duration) {
        self.drain_until_ns.store(now_ns() + drain.as_nanos() as u64, Ordering::Release);
        self.stopped.store(true, Ordering::SeqCst);
        self.bell.ring();
    }

    /// Once nothing starts any more: until when the dispatcher waits for what is in flight.
    pub(crate) fn drain_until_ns(&self) -> Option<u64> {
        let stopped = self.stopped.load(Ordering::SeqCst);
        stopped.then(|| self.drain_until_ns.load(Ordering::Acquire))
    }

    /// Starts a request: counts it in the phase it was due in and notes its times. Called by the
    /// dispatcher alone.
    pub(crate) fn start(&self, intended_ns: u64, started_ns: u64) -> Ticket {
        let phase = self.phase_at(intended_ns);
        let number = phase_number(phase);
        let index = self.arrived(number);
        if self.recording {
            self.records[number].start(index, intended_ns, started_ns);
            // The dispatcher alone writes it.
            self.starting.store(self.starting.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
            self.started_sum_ns.fetch_add(started_ns - self.began_ns, Ordering::Release);
        }
        self.started[number].fetch_add(1, Ordering::Release);
        Ticket { id: phase.id(index), started_ns }
    }

    /// Counts an arrival that does not start; its number stays its own. Called by the dispatcher
    /// alone.
    pub(super) fn shed(&self, intended_ns: u64) {
        let number = phase_number(self.phase_at(intended_ns));
        self.records[number].start(self.arrived(number), intended_ns, 0);
        self.shed[number].fetch_add(1, Ordering::Release);
    }

    /// Arrivals of a phase that the dispatcher has dealt with: started and shed.
    fn arrived(&self, number: usize) -> u64 {
        self.started[number].load(Ordering::Acquire) + self.shed[number].load(Ordering::Acquire)
    }

    /// The model's own unit runs its first instruction of a request: the one clock read that this
    /// costs every recorded request, sampled or not.
    pub(crate) fn begun(&self, id: u64) {
        if self.recording {
            let at_ns = now_ns();
            self.records_of(id).begun(Phase::index(id), at_ns);
            self.stamps.of(id).began(at_ns);
        }
    }

    /// One of several jobs of a request begins: the first counts. The time budget of such a
    /// request starts with its fetch, whose own job may be another.
    pub(crate) fn begun_job(&self, id: u64) {
        if self.recording {
            self.records_of(id).begun_first(Phase::index(id), now_ns);
        }
    }

    /// Where this request is to stamp its points, if it is sampled.
    pub(crate) fn watch(&self, id: u64) -> RequestWatch<'_> {
        self.stamps.of(id)
    }

    /// Whether requests are recorded.
    pub(crate) fn is_recording(&self) -> bool {
        self.recording
    }

    /// Ends a request: notes its record, counts it, and lets the dispatcher know.
    pub(crate) fn end(&self, ticket: &Ticket, record: &RequestRecord) {
        let number = number_of(ticket.id);
        self.records[number].end(Phase::index(ticket.id), record);
        self.ended_by_phase[number].fetch_add(1, Ordering::Release);
        self.ended_sum_ns.fetch_add(record.ended_ns - self.began_ns, Ordering::Release);
        self.count_end();
    }

    /// Counts a request that has ended, and lets the dispatcher know.
    pub(crate) fn count_end(&self) {
        self.ended.fetch_add(1, Ordering::SeqCst);
        self.bell.completion();
    }

    /// Requests under way, as the dispatcher sees them.
    pub(crate) fn in_flight(&self) -> u64 {
        self.started_in_all().saturating_sub(self.ended.load(Ordering::SeqCst))
    }

    /// Requests started, by phase: warm-up, window, cool-down.
    pub(crate) fn started(&self) -> [u64; 3] {
        [0, 1, 2].map(|number| self.started[number].load(Ordering::Acquire))
    }

    /// Arrivals shed, likewise.
    pub(crate) fn shed_by_phase(&self) -> [u64; 3] {
        [0, 1, 2].map(|number| self.shed[number].load(Ordering::Acquire))
    }

    /// Requests ended, by the phase they belong to.
    pub(crate) fn ended_by_phase(&self) -> [u64; 3] {
        [0, 1, 2].map(|number| self.ended_by_phase[number].load(Ordering::Acquire))
    }

    /// Requests ended so far.
    pub(crate) fn ended(&self) -> u64 {
        self.ended.load(Ordering::Acquire)
    }

    /// Requests of the window that have not ended.
    pub(crate) fn window_in_flight(&self) -> u64 {
        let window = phase_number(Phase::Window);
        let ended = self.ended_by_phase[window].load(Ordering::Acquire);
        self.started[window].load(Ordering::Acquire).saturating_sub(ended)
    }

    /// Whether the window has no room for another record, or all it was to have has arrived.
    pub(crate) fn is_full(&self, phase: Phase) -> bool {
        let number = phase_number(phase);
        self.recording && self.arrived(number) >= self.records[number].capacity() as u64
    }

    /// All counters now.
    ///
    /// A count and its sum of times are two words: read while a request is in the one and not yet in
    /// the other, ∫ in-flight dt is off by all the time since the counters began. So it is read again
    /// until no request was starting or ending meanwhile.
    pub(crate) fn tally(&self) -> Tally {
        for _ in 0..TRIES {
            let (tally, settled) = self.read();
            if settled {
                return tally;
            }
            std::thread::sleep(AGAIN);
        }
        self.read().0
    }

    /// All counters, and whether they belong together. Who starts or ends a request counts it on
    /// either side of the sum. Where the count made last, read first, equals the one made first, read
    /// last, nobody was in between.
    fn read(&self) -> (Tally, bool) {
        let (ended, ended_sum) =
            (self.ended.load(Ordering::Acquire), self.ended_sum_ns.load(Ordering::Acquire));
        let (started, started_sum) =
            (self.started_in_all(), self.started_sum_ns.load(Ordering::Acquire));
        let at_ns = now_ns();
        let ending: u64 = self.ended_by_phase().iter().sum();
        let starting = self.starting.load(Ordering::Acquire);
        let settled = !self.recording || (ending, starting) == (ended, started);
        let elapsed = i128::from(at_ns - self.began_ns);
        let in_flight_ns = elapsed * (i128::from(started) - i128::from(ended))
            - i128::from(started_sum)
            + i128::from(ended_sum);
        (Tally { at_ns, started, ended, in_flight_ns }, settled)
    }

    /// When the counters began.
    pub(crate) fn began_ns(&self) -> u64 {
        self.began_ns
    }

    /// The records of a phase (0 to 2), as far as its requests have arrived.
    pub(crate) fn records(&self, which: usize) -> (&Records, usize) {
        let arrived = self.arrived(which) as usize;
        (&self.records[which], arrived.min(self.records[which].capacity()))
    }

    fn records_of(&self, id: u64) -> &Records {
        &self.records[number_of(id)]
    }

    /// The stamps of the window, and of how many requests.
    pub(crate) fn stamps(&self) -> (&Stamps, usize) {
        (&self.stamps, self.stamps.count(self.records(1).1))
    }

    /// How the dispatcher waits.
    pub(super) fn bell(&self) -> &Doorbell {
        &self.bell
    }

    fn started_in_all(&self) -> u64 {
        self.started.iter().map(|count| count.load(Ordering::Acquire)).sum()
    }
}

/// Where the phase of a request stands.
fn number_of(id: u64) -> usize {
    phase_number(Phase::of(id).unwrap_or(Phase::Uncounted))
}

/// Where a phase stands: warm-up, window, all else.
pub(super) fn phase_number(phase: Phase) -> usize {
    match phase {
        Phase::Warmup => 0,
        Phase::Window => 1,
        Phase::Cooldown | Phase::Uncounted => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_is_not_settled_while_a_request_is_in_a_sum_and_not_in_its_count() {
        const SECOND: u64 = 1_000_000_000;
        let counters = Counters { began_ns: now_ns() - SECOND, ..Counters::new([0; 3], true) };
        let now_ns = counters.began_ns + SECOND;
        let settled = |expected_in_flight: i128| {
            let (tally, settled) = counters.read();
            let since_ns = i128::from(tally.at_ns - now_ns);
            assert!(!settled || tally.in_flight_ns == expected_in_flight * since_ns, "{tally:?}");
            settled
        };
        assert!(settled(0));
        // What `start` does, up to where the dispatcher may lose its CPU.
        counters.starting.store(1, Ordering::Relaxed);
        assert!(!settled(0));
        counters.started_sum_ns.fetch_add(SECOND, Ordering::Release);
        assert!(!settled(0), "the time of one start more: off by a second");
        counters.started[0].fetch_add(1, Ordering::Release);
        assert!(settled(1));
        // Likewise `end`.
        counters.ended_by_phase[0].fetch_add(1, Ordering::Release);
        assert!(!settled(1));
        counters.ended_sum_ns.fetch_add(SECOND, Ordering::Release);
        assert!(!settled(1), "the time of one end more");
        counters.count_end();
        assert!(settled(0));
        // Both in one go leave nothing open.
        let ticket = counters.start(now_ns, now_ns);
        assert!(settled(1));
        counters.end(&ticket, &RequestRecord { ended_ns: now_ns, ..RequestRecord::default() });
        assert!(settled(0));
        assert_eq!(counters.tally().ended, 2);
    }
}
