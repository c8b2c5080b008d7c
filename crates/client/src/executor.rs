//! Drives one future on one thread, waiting in `poll(2)`.
//!
//! This is how a blocking model waits: the future runs until it has nothing left to do, then the
//! thread parks in `ppoll` on the one socket the future is waiting for, until that is ready or the
//! deadline has passed. There is no event loop and no other task.

use std::cell::Cell;
use std::future::Future;
use std::os::fd::{BorrowedFd, RawFd};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use measurement::clock::now_ns;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// The deadline passed before the future was ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Elapsed;

/// Runs `future` to its end, or until `deadline_ns` (CLOCK_MONOTONIC) has passed.
///
/// A wake from another thread is seen only when the socket or the deadline ends the wait: the
/// futures run here (a fetch over its own connection) are woken by nobody else.
pub(crate) fn block_on<F: Future>(future: F, deadline_ns: u64) -> Result<F::Output, Elapsed> {
    let mut future = pin!(future);
    let flag = FLAG.with(Arc::clone);
    let waker = Waker::from(Arc::clone(&flag));
    let mut cx = Context::from_waker(&waker);
    clear();
    loop {
        flag.0.store(false, Ordering::Relaxed);
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return Ok(output);
        }
        if !flag.0.load(Ordering::Relaxed) {
            wait(deadline_ns)?;
        }
    }
}

/// Says that the current future waits for `fd` to become readable or writable.
pub(crate) fn want(fd: RawFd, interest: PollFlags) {
    SOCKET.with(|socket| {
        let wanted = match socket.get() {
            Some((known, wanted)) if known == fd => wanted,
            _ => PollFlags::empty(),
        };
        socket.set(Some((fd, wanted | interest)));
    });
}

/// Takes the news, if there is any, that the socket waited for is ready for `interest`.
pub(crate) fn take_ready(interest: PollFlags) -> bool {
    READY.with(|ready| {
        let seen = ready.get();
        ready.set(seen - interest);
        seen.intersects(interest)
    })
}

/// Makes the next read try the socket, whatever is known of it.
pub(crate) fn assume_readable() {
    READY.with(|ready| ready.set(ready.get() | PollFlags::IN));
}

/// Forgets what an earlier future of this thread waited for.
pub(crate) fn clear() {
    SOCKET.with(|socket| socket.set(None));
    READY.with(|ready| ready.set(PollFlags::empty()));
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

thread_local! {
    static FLAG: Arc<Flag> = Arc::new(Flag(AtomicBool::new(false)));
    static SOCKET: Cell<Option<(RawFd, PollFlags)>> = const { Cell::new(None) };
    static READY: Cell<PollFlags> = const { Cell::new(PollFlags::empty()) };
}

/// Parks until the wanted socket is ready or the deadline has passed.
fn wait(deadline_ns: u64) -> Result<(), Elapsed> {
    let socket = SOCKET.with(Cell::take);
    loop {
        let left_ns = deadline_ns.saturating_sub(now_ns());
        if left_ns == 0 {
            return Err(Elapsed);
        }
        let timeout = Timespec {
            tv_sec: (left_ns / 1_000_000_000).cast_signed(),
            tv_nsec: (left_ns % 1_000_000_000).cast_signed(),
        };
        let polled = match socket {
            Some((fd, interest)) => {
                #[expect(unsafe_code, reason = "interest is noted by raw descriptor")]
                // SAFETY: the descriptor was noted by a socket inside the future that is pinned
                // while we wait, so it is open for the whole call.
                let fd = unsafe { BorrowedFd::borrow_raw(fd) };
                let mut fds = [PollFd::from_borrowed_fd(fd, interest)];
                let polled = poll(&mut fds, Some(&timeout));
                READY.with(|ready| ready.set(readiness(fds[0].revents(), interest)));
                polled
            }
            None => poll(&mut [], Some(&timeout)),
        };
        match polled {
            Ok(0) => return Err(Elapsed),
            // A failed poll shows as "ready": the read or write then tells what is wrong.
            Err(rustix::io::Errno::INTR) => {}
            Ok(_) | Err(_) => return Ok(()),
        }
    }
}

/// An error or a hang-up makes a socket ready for whatever was waited for.
fn readiness(events: PollFlags, interest: PollFlags) -> PollFlags {
    if events.intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL) {
        interest | events
    } else {
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_future_that_wakes_itself_is_polled_again() {
        let mut polls = 0;
        let future = std::future::poll_fn(|cx| {
            polls += 1;
            if polls < 3 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(polls)
        });
        assert_eq!(block_on(future, now_ns() + 1_000_000_000), Ok(3));
    }

    #[test]
    fn a_future_that_waits_for_nothing_ends_at_its_deadline() {
        let deadline_ns = now_ns() + 20_000_000;
        assert_eq!(block_on(std::future::pending::<()>(), deadline_ns), Err(Elapsed));
        assert!(now_ns() >= deadline_ns);
    }
}
