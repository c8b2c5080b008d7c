//! How the dispatcher waits and is woken, whether it is a thread or a task.
//!
//! A wait is announced before the counters are asked once more, so that a completion in between
//! is either seen or rings. Deliberately not here: what it waits for.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use rustix::thread::futex;
use rustix::time::Timespec;
use tokio::sync::Notify;

/// What wakes the dispatcher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WakeOn {
    /// The next completion.
    Completion,
    /// Only its own deadline, or the end of the load.
    Deadline,
}

/// The dispatcher's doorbell. One dispatcher, many ringers.
#[derive(Debug, Default)]
pub(super) struct Doorbell {
    /// [`AWAKE`], or what the dispatcher waits for; a futex where the dispatcher is a thread.
    state: AtomicU32,
    is_thread: AtomicBool,
    task: Notify,
}

const AWAKE: u32 = 0;
const FOR_COMPLETION: u32 = 1;
const FOR_DEADLINE: u32 = 2;

impl Doorbell {
    /// Announces a wait.
    pub(super) fn announce(&self, wake_on: WakeOn) {
        let state = match wake_on {
            WakeOn::Completion => FOR_COMPLETION,
            WakeOn::Deadline => FOR_DEADLINE,
        };
        self.state.store(state, Ordering::SeqCst);
    }

    /// Takes the announcement back: there is no need to wait.
    pub(super) fn withdraw(&self) {
        self.state.store(AWAKE, Ordering::SeqCst);
    }

    /// Wakes the dispatcher if it waits for a completion; one of several ringers does so.
    pub(super) fn completion(&self) {
        if self.state.load(Ordering::SeqCst) == FOR_COMPLETION
            && self.state.swap(AWAKE, Ordering::SeqCst) != AWAKE
        {
            self.wake();
        }
    }

    /// Wakes the dispatcher, whatever it waits for.
    pub(super) fn ring(&self) {
        self.state.store(AWAKE, Ordering::SeqCst);
        self.wake();
    }

    fn wake(&self) {
        if self.is_thread.load(Ordering::SeqCst) {
            // Fails for no reason that could be helped: the address is ours.
            let _ = futex::wake(&self.state, futex::Flags::PRIVATE, 1);
        } else {
            self.task.notify_one();
        }
    }

    /// Makes the calling thread the dispatcher, and its timers as exact as the kernel has them:
    /// by default it lets a thread sleep 50 us longer than asked.
    pub(super) fn dispatch_from_this_thread(&self) {
        if !self.is_thread.load(Ordering::SeqCst) {
            self.is_thread.store(true, Ordering::SeqCst);
            let _ = rustix::thread::set_current_timer_slack(std::num::NonZeroU64::new(1));
        }
    }

    /// Waits, on the dispatcher's own thread, until a ring after the announcement or until
    /// `until_ns` (CLOCK_MONOTONIC, absolute: a preemption on the way here prolongs nothing). May
    /// return early.
    pub(super) fn wait(&self, until_ns: Option<u64>) {
        let state = self.state.load(Ordering::SeqCst);
        if state == AWAKE {
            return;
        }
        let until = until_ns.map(|ns| Timespec {
            tv_sec: (ns / 1_000_000_000).cast_signed(),
            tv_nsec: (ns % 1_000_000_000).cast_signed(),
        });
        // An interrupted or refused wait is an early return: the caller asks again.
        let flags = futex::Flags::PRIVATE;
        let _ = futex::wait_bitset(&self.state, flags, state, until.as_ref(), NonZeroU32::MAX);
    }

    /// Resolves at a ring, for a dispatcher that is a task.
    pub(super) async fn rung(&self) {
        self.task.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use measurement::clock::now_ns;

    use super::*;

    #[test]
    fn a_ring_between_announcement_and_wait_is_not_lost() {
        let bell = Doorbell::default();
        bell.dispatch_from_this_thread();
        bell.announce(WakeOn::Completion);
        bell.completion();
        bell.wait(None);
        bell.announce(WakeOn::Deadline);
        bell.ring();
        bell.wait(None);
    }

    #[test]
    fn a_thread_wakes_at_its_deadline_and_not_before() {
        let bell = Doorbell::default();
        bell.dispatch_from_this_thread();
        bell.announce(WakeOn::Deadline);
        let until_ns = now_ns() + 20_000_000;
        while now_ns() < until_ns {
            bell.completion();
            bell.wait(Some(until_ns));
        }
        bell.wait(Some(now_ns() - 1));
    }

    #[test]
    fn another_thread_rings() {
        let bell = Arc::new(Doorbell::default());
        bell.dispatch_from_this_thread();
        bell.announce(WakeOn::Deadline);
        let ringer = Arc::clone(&bell);
        let thread = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            ringer.ring();
        });
        while bell.state.load(Ordering::SeqCst) != AWAKE {
            bell.wait(None);
        }
        thread.join().unwrap();
    }
}
