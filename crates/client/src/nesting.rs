//! How requests stack up on the workers of a pool whose waiting workers take other jobs, and for
//! how long: kept by the workers themselves, without a lock between them.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

use measurement::clock::now_ns;

/// Workers that share no counter; more than that share in turn.
const SLOTS: usize = 64;

/// What the workers of one pool note.
#[derive(Debug)]
pub(crate) struct Nesting {
    deepest: AtomicU64,
    nested_ns: [Slot; SLOTS],
}

/// A counter on a cache line of its own.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Slot(AtomicU64);

thread_local! {
    /// Requests on the stack of this worker, whole or one fetch of them.
    static DEPTH: Cell<u64> = const { Cell::new(0) };
}

/// A request, or a fetch of one, on the stack of a worker for as long as this lives.
#[derive(Debug)]
pub(crate) struct Stacked<'a> {
    slot: &'a Slot,
    /// When it came onto a stack that held another already; only then is the clock read.
    since_ns: Option<u64>,
}

impl Nesting {
    /// Nothing noted yet.
    pub(crate) fn new() -> Self {
        Self { deepest: AtomicU64::new(0), nested_ns: std::array::from_fn(|_| Slot::default()) }
    }

    /// A request comes onto the stack of the calling thread, worker number `worker` of the pool.
    pub(crate) fn stack(&self, worker: usize) -> Stacked<'_> {
        let depth = DEPTH.get() + 1;
        DEPTH.set(depth);
        if depth > self.deepest.load(Ordering::Relaxed) {
            self.deepest.fetch_max(depth, Ordering::Relaxed);
        }
        Stacked { slot: &self.nested_ns[worker % SLOTS], since_ns: (depth > 1).then(now_ns) }
    }

    /// Most requests on one stack; `None` where no request ever came onto one.
    pub(crate) fn deepest(&self) -> Option<u64> {
        Some(self.deepest.load(Ordering::Relaxed)).filter(|&depth| depth > 0)
    }

    /// Time for which requests were held up by the one right above them, summed: what lies
    /// further up is a part of that one's time, and counts for it as well.
    pub(crate) fn nested_ns(&self) -> u64 {
        self.nested_ns.iter().map(|slot| slot.0.load(Ordering::Relaxed)).sum()
    }
}

impl Drop for Stacked<'_> {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
        if let Some(since_ns) = self.since_ns {
            let length_ns = now_ns().saturating_sub(since_ns);
            self.slot.0.fetch_add(length_ns, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_what_lies_on_another_counts() {
        let nesting = Nesting::new();
        assert_eq!(nesting.deepest(), None);
        let nap = Duration::from_millis(20);
        let lowest = nesting.stack(0);
        std::thread::sleep(nap);
        assert_eq!(nesting.nested_ns(), 0);
        let middle = nesting.stack(0);
        let top = nesting.stack(0);
        std::thread::sleep(nap);
        drop(top);
        let of_top_ns = nesting.nested_ns();
        assert!(of_top_ns >= 20_000_000, "it holds up the middle one: {of_top_ns}");
        drop(middle);
        let of_both_ns = nesting.nested_ns();
        assert!(of_both_ns >= 2 * of_top_ns, "which holds up the lowest for as long: {of_both_ns}");
        drop(lowest);
        assert_eq!(nesting.nested_ns(), of_both_ns, "the lowest holds up nobody");
        assert_eq!(nesting.deepest(), Some(3));
        // Another stack, another depth.
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let before_ns = nesting.nested_ns();
                drop(nesting.stack(SLOTS + 1));
                assert_eq!(nesting.nested_ns(), before_ns);
            });
        });
    }
}
