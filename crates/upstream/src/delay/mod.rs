//! The delay queue: deadlines in a heap, and who waits for each.
//!
//! Lives here: which deadlines are due, cancelling one, keeping the heap bounded. How the time
//! passes between them is [`driver`]'s, by a [`alarm::Alarm`].

mod alarm;
mod driver;

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::clock::now_ns;
use alarm::Alarm;
pub(crate) use driver::drive;

/// How long before a deadline the hybrid timer wakes to spin. A timerfd alone wakes an idle
/// virtual machine some 0.15 ms late; this covers it, and bounds the spin.
const LEAD_NS: u64 = 200_000;

/// Dead entries the heap may hold beyond as many as live ones before it is rebuilt.
const DEAD_ALLOWED: usize = 1_024;

/// The deadlines of one worker. Single-threaded.
pub(crate) struct DelayQueue {
    inner: RefCell<Inner>,
    alarm: Alarm,
    /// How early the driver wants to be woken.
    lead_ns: u64,
    /// The driver, while it sleeps.
    sleeper: Cell<Option<Waker>>,
}

/// A place in the queue. Give it back: by [`DelayQueue::poll`] once ready, or [`DelayQueue::cancel`].
#[derive(Debug)]
pub(crate) struct Ticket {
    slot: u32,
}

#[derive(Default)]
struct Inner {
    /// Ordered by deadline, then by arrival at the queue; an entry whose serial is no longer its
    /// slot's is dead.
    heap: BinaryHeap<Reverse<Entry>>,
    slots: Vec<Slot>,
    free: Vec<u32>,
    serial: u64,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    deadline_ns: u64,
    serial: u64,
    slot: u32,
}

struct Slot {
    /// Of the entry in the heap; 0 when there is none.
    serial: u64,
    waker: Option<Waker>,
}

impl DelayQueue {
    /// A queue that wakes early and spins (`hybrid`), or at the deadline. Needs a tokio runtime.
    pub(crate) fn new(hybrid: bool) -> io::Result<Self> {
        Ok(Self {
            inner: RefCell::default(),
            alarm: Alarm::new()?,
            lead_ns: if hybrid { LEAD_NS } else { 0 },
            sleeper: Cell::new(None),
        })
    }

    /// Queues a deadline; `waker` is woken once it has passed.
    pub(crate) fn insert(&self, deadline_ns: u64, now_ns: u64, waker: Waker) -> Ticket {
        let (slot, earliest) = self.inner.borrow_mut().insert(deadline_ns, waker);
        if earliest {
            self.expect(deadline_ns, now_ns);
        }
        Ticket { slot }
    }

    /// Whether the deadline has passed *and* the driver has seen it. `Ready` uses the ticket up.
    pub(crate) fn poll(&self, ticket: &Ticket, cx: &Context<'_>) -> Poll<()> {
        let mut inner = self.inner.borrow_mut();
        let slot = &mut inner.slots[ticket.slot as usize];
        if slot.serial == 0 {
            inner.free.push(ticket.slot);
            return Poll::Ready(());
        }
        match &mut slot.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            None => slot.waker = Some(cx.waker().clone()),
        }
        Poll::Pending
    }

    /// Gives a place back before its time. Its entry stays behind, dead, until the heap has too
    /// many of them or its deadline passes.
    #[expect(clippy::needless_pass_by_value, reason = "the place is given up with the ticket")]
    pub(crate) fn cancel(&self, ticket: Ticket) {
        self.inner.borrow_mut().cancel(ticket.slot);
    }

    /// Resolves after `pause`. For tasks that live as long as the worker: dropped early, it
    /// keeps its place.
    pub(crate) async fn sleep(&self, pause: Duration) {
        let now = now_ns();
        let deadline = now.saturating_add(u64::try_from(pause.as_nanos()).unwrap_or(u64::MAX));
        let mut ticket = None;
        poll_fn(|cx| {
            if let Some(ticket) = &ticket {
                return self.poll(ticket, cx);
            }
            ticket = Some(self.insert(deadline, now, cx.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    /// Wakes the driver, if it sleeps.
    pub(crate) fn rouse(&self) {
        if let Some(waker) = self.sleeper.take() {
            waker.wake();
        }
    }

    /// Wakes all whose deadline has passed, earliest first.
    fn fire(&self, now_ns: u64) {
        let mut inner = self.inner.borrow_mut();
        while let Some(waker) = inner.pop_due(now_ns) {
            waker.wake();
        }
    }

    /// The earliest deadline.
    fn next_ns(&self) -> Option<u64> {
        self.inner.borrow_mut().next_ns()
    }

    /// A deadline has become the earliest: sees to it that the driver wakes in time. Setting the
    /// alarm from here spares a sleeping driver a turn of the event loop.
    fn expect(&self, deadline_ns: u64, now_ns: u64) {
        let Some(waker) = self.sleeper.take() else {
            return; // The driver is awake and looks for itself before it sleeps.
        };
        let wake_ns = deadline_ns.saturating_sub(self.lead_ns);
        if wake_ns <= now_ns || !self.alarm.advance(wake_ns) {
            waker.wake();
        } else {
            self.sleeper.set(Some(waker));
        }
    }
}

impl Inner {
    /// The slot taken, and whether its deadline is now the earliest.
    fn insert(&mut self, deadline_ns: u64, waker: Waker) -> (u32, bool) {
        self.serial += 1;
        let filled = Slot { serial: self.serial, waker: Some(waker) };
        let slot = if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = filled;
            slot
        } else {
            self.slots.push(filled);
            (self.slots.len() - 1) as u32
        };
        let earliest =
            self.heap.peek().is_none_or(|Reverse(first)| deadline_ns < first.deadline_ns);
        self.heap.push(Reverse(Entry { deadline_ns, serial: self.serial, slot }));
        (slot, earliest)
    }

    fn cancel(&mut self, slot: u32) {
        self.slots[slot as usize] = Slot { serial: 0, waker: None };
        self.free.push(slot);
        let live = self.slots.len() - self.free.len();
        if self.heap.len() > 2 * live + DEAD_ALLOWED {
            let slots = &self.slots;
            self.heap.retain(|Reverse(entry)| slots[entry.slot as usize].serial == entry.serial);
        }
    }

    /// The waker of the earliest live deadline that has passed.
    fn pop_due(&mut self, now_ns: u64) -> Option<Waker> {
        while self.next_ns()? <= now_ns {
            let Reverse(entry) = self.heap.pop()?;
            let slot = &mut self.slots[entry.slot as usize];
            slot.serial = 0;
            if let Some(waker) = slot.waker.take() {
                return Some(waker);
            }
        }
        None
    }

    /// The earliest live deadline; dead ones before it are dropped.
    fn next_ns(&mut self) -> Option<u64> {
        while let Some(Reverse(entry)) = self.heap.peek() {
            if self.slots[entry.slot as usize].serial == entry.serial {
                return Some(entry.deadline_ns);
            }
            self.heap.pop();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    struct Counter(AtomicUsize);

    impl Wake for Counter {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Wakes whoever is due; how many that were.
    fn fire(inner: &mut Inner, now_ns: u64) -> usize {
        std::iter::from_fn(|| inner.pop_due(now_ns)).map(Waker::wake).count()
    }

    #[test]
    fn deadlines_fire_once_they_are_due_and_once() {
        let woken = Arc::new(Counter(AtomicUsize::new(0)));
        let mut inner = Inner::default();
        // 37 is prime to 100: every deadline from 0 to 99, in no order.
        for index in 0..100 {
            inner.insert(index * 37 % 100, Waker::from(Arc::clone(&woken)));
        }
        for now in 0..100 {
            assert_eq!(inner.next_ns(), Some(now));
            assert_eq!(fire(&mut inner, now), 1, "at {now}");
        }
        assert_eq!((inner.next_ns(), fire(&mut inner, u64::MAX)), (None, 0));
        assert_eq!(woken.0.load(Ordering::Relaxed), 100);
    }

    #[test]
    fn ten_thousand_of_one_deadline_fire_once_each_in_the_order_they_came() {
        let mut inner = Inner::default();
        let woken: Vec<Arc<Counter>> =
            (0..10_000).map(|_| Arc::new(Counter(AtomicUsize::new(0)))).collect();
        for counter in &woken {
            inner.insert(7, Waker::from(Arc::clone(counter)));
        }
        assert_eq!(fire(&mut inner, 6), 0);
        for counter in &woken {
            inner.pop_due(7).expect("one is left").wake();
            assert_eq!(counter.0.load(Ordering::Relaxed), 1, "first come, first woken");
        }
        assert_eq!(inner.next_ns(), None);
    }

    #[test]
    fn only_a_new_earliest_says_so() {
        let mut inner = Inner::default();
        let mut earliest = |deadline| inner.insert(deadline, Waker::noop().clone()).1;
        let said = [50, 60, 50, 40, 70].map(&mut earliest);
        assert_eq!(said, [true, false, false, true, false]);
    }

    #[test]
    fn the_cancelled_never_fire_and_their_slots_serve_again() {
        let mut inner = Inner::default();
        let slots: Vec<u32> =
            (0..10).map(|deadline| inner.insert(deadline, Waker::noop().clone()).0).collect();
        slots.iter().step_by(2).for_each(|slot| inner.cancel(*slot));
        assert_eq!(inner.next_ns(), Some(1));
        for _ in 0..5 {
            inner.insert(100, Waker::noop().clone());
        }
        assert_eq!(inner.slots.len(), 10);
        assert_eq!(fire(&mut inner, 99), 5);
        assert_eq!(fire(&mut inner, 100), 5);
    }

    #[test]
    fn cancelling_without_end_keeps_the_heap_bounded() {
        let mut inner = Inner::default();
        let far = 1 << 60;
        let (kept, _) = inner.insert(far, Waker::noop().clone());
        for index in 0..100_000 {
            let (slot, _) = inner.insert(far + index, Waker::noop().clone());
            inner.cancel(slot);
            assert!(inner.heap.len() <= DEAD_ALLOWED + 4, "{} entries", inner.heap.len());
        }
        assert_eq!(inner.next_ns(), Some(far));
        inner.cancel(kept);
        assert_eq!(inner.next_ns(), None);
    }
}
