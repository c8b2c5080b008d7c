//! A timerfd of CLOCK_MONOTONIC that the event loop can wait for.
//!
//! tokio's own timers count in milliseconds; a timerfd counts in nanoseconds, is set to an
//! absolute time, and is not widened by the thread's timer slack.

use std::cell::Cell;
use std::io;
use std::os::fd::OwnedFd;
use std::task::{Context, Poll};

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// No time at all: the alarm is not set.
const UNSET: u64 = u64::MAX;

/// One alarm clock.
pub(super) struct Alarm {
    fd: AsyncFd<OwnedFd>,
    /// When it goes off.
    set_ns: Cell<u64>,
}

impl Alarm {
    /// An alarm that is not set. Needs a tokio runtime with its I/O driver.
    #[expect(
        unsafe_code,
        reason = "tokio has no safe way to wait for a descriptor it doesn't know"
    )]
    pub(super) fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let fd = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        // SAFETY: an `OwnedFd` always gives the one open descriptor it owns, and this one stays
        // inside the `AsyncFd` until both are dropped.
        let fd = unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE)? };
        Ok(Self { fd, set_ns: Cell::new(UNSET) })
    }

    /// Sees to it that the alarm goes off at `at_ns` and not before. False when that failed.
    pub(super) fn set(&self, at_ns: u64) -> bool {
        if self.set_ns.get() == at_ns {
            return true;
        }
        // A time of zero would disarm it.
        let at_ns = at_ns.max(1);
        let at = Timespec {
            tv_sec: (at_ns / 1_000_000_000).cast_signed(),
            tv_nsec: (at_ns % 1_000_000_000).cast_signed(),
        };
        let once = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value: at };
        let done = timerfd_settime(self.fd.get_ref(), TimerfdTimerFlags::ABSTIME, &once).is_ok();
        debug_assert!(done, "a timerfd takes any time in range");
        self.set_ns.set(if done { at_ns } else { UNSET });
        done
    }

    /// Sees to it that the alarm goes off at `at_ns` or before. False when that failed.
    pub(super) fn advance(&self, at_ns: u64) -> bool {
        self.set_ns.get() <= at_ns || self.set(at_ns)
    }

    /// Whether it has gone off; it is then no longer set.
    ///
    /// The count of expirations is never read: the loop is told of edges, every expiration is
    /// one, and setting the alarm resets the count.
    pub(super) fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        match self.fd.poll_read_ready(cx) {
            Poll::Ready(Ok(mut guard)) => guard.clear_ready(),
            // The loop is shutting down; the driver ends with it.
            Poll::Ready(Err(_)) | Poll::Pending => return Poll::Pending,
        }
        self.set_ns.set(UNSET);
        Poll::Ready(())
    }
}
