//! A timerfd on the model's own runtime, for a dispatcher that is a task.
//!
//! tokio's timers count in milliseconds and round up; a timerfd counts in nanoseconds, is set to
//! an absolute time, and is not widened by the thread's timer slack.

use std::future::poll_fn;
use std::os::fd::OwnedFd;
use std::task::{Context, Poll};

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::runtime::Handle;

use crate::{Error, Result};

/// One alarm clock.
pub(super) struct Alarm {
    fd: AsyncFd<OwnedFd>,
    /// When it goes off, if it is set.
    set_ns: Option<u64>,
}

impl Alarm {
    /// An alarm that is not set, waited for by this runtime's I/O driver.
    pub(super) fn new(runtime: &Handle) -> Result<Self> {
        let refused = |problem: String| Error::Setup(format!("no timer for arrivals: {problem}"));
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let fd = timerfd_create(TimerfdClockId::Monotonic, flags)
            .map_err(|error| refused(error.to_string()))?;
        let _inside = runtime.enter();
        #[expect(unsafe_code, reason = "tokio has no safe way to wait for this descriptor")]
        // SAFETY: an `OwnedFd` always gives the one open descriptor it owns, and this one stays
        // inside the `AsyncFd` until both are dropped.
        let fd = unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) };
        Ok(Self { fd: fd.map_err(|error| refused(error.to_string()))?, set_ns: None })
    }

    /// Resolves at `at_ns` (CLOCK_MONOTONIC) or, where the kernel refuses, at once: the caller
    /// looks at the clock and asks again.
    pub(super) async fn until(&mut self, at_ns: u64) {
        if self.set_ns != Some(at_ns) && !self.set(at_ns) {
            return tokio::task::yield_now().await;
        }
        poll_fn(|cx| self.poll(cx)).await;
    }

    /// Sets the alarm, only ever to another time than it is set to: a system call saved.
    fn set(&mut self, at_ns: u64) -> bool {
        // A time of zero would disarm it.
        let at_ns = at_ns.max(1);
        let at = Timespec {
            tv_sec: (at_ns / 1_000_000_000).cast_signed(),
            tv_nsec: (at_ns % 1_000_000_000).cast_signed(),
        };
        let once = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value: at };
        let done = timerfd_settime(self.fd.get_ref(), TimerfdTimerFlags::ABSTIME, &once).is_ok();
        debug_assert!(done, "a timerfd takes any time in range");
        self.set_ns = done.then_some(at_ns);
        done
    }

    /// The count of expirations is never read: the driver tells of edges, every expiration is
    /// one, and setting the alarm resets the count.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.fd.poll_read_ready(cx) {
            Poll::Ready(Ok(mut guard)) => guard.clear_ready(),
            // The runtime is shutting down, and the dispatcher with it.
            Poll::Ready(Err(_)) | Poll::Pending => return Poll::Pending,
        }
        self.set_ns = None;
        Poll::Ready(())
    }
}

#[cfg(test)]
mod tests {
    use measurement::clock::now_ns;
    use tokio::runtime::Builder;

    use super::*;

    #[test]
    fn it_goes_off_at_its_time_and_not_before() {
        let runtime = Builder::new_current_thread().enable_io().build().unwrap();
        let mut alarm = Alarm::new(runtime.handle()).unwrap();
        runtime.block_on(async {
            for wait_ns in [3_000_000, 50_000, 0, 1_000_000] {
                let at_ns = now_ns() + wait_ns;
                // An expiration of an earlier setting may end a wait early, never late for good.
                while now_ns() < at_ns {
                    alarm.until(at_ns).await;
                }
            }
            alarm.until(1).await;
        });
    }
}
