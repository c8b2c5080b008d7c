//! What makes time pass for the delay queue, and times the event loop's turns as it does.

use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use super::DelayQueue;
use crate::clock::now_ns;
use crate::worker::Worker;

/// Fires deadlines for as long as the worker lives.
///
/// Before a deadline that is closer than the queue's lead it spins, giving every other task (and
/// the sockets) a turn between two looks at the clock: a spin that did not yield would starve the
/// very requests it has just woken.
pub(crate) async fn drive(worker: Rc<Worker>) {
    let queue = &worker.queue;
    loop {
        let now = now_ns();
        queue.fire(now);
        let next = queue.next_ns();
        let spin = next.is_some_and(|deadline| deadline - now <= queue.lead_ns);
        if spin || worker.probe_wanted.take() {
            turn(&worker, now).await;
        } else {
            sleep(queue, next).await;
        }
    }
}

/// Lets everything else that is ready run once, and records how long that took.
async fn turn(worker: &Worker, started_ns: u64) {
    let before = worker.activity.get();
    tokio::task::yield_now().await;
    let idle = worker.activity.get() == before;
    worker.turns.borrow_mut().record(started_ns, now_ns(), idle, worker.counters());
}

/// Sleeps until the lead before `next`, or until roused.
async fn sleep(queue: &DelayQueue, next: Option<u64>) {
    if let Some(deadline) = next
        && !queue.alarm.set(deadline.saturating_sub(queue.lead_ns))
    {
        return tokio::task::yield_now().await;
    }
    let mut registered = false;
    poll_fn(|cx| {
        if queue.alarm.poll(cx).is_ready() {
            queue.sleeper.set(None);
            return Poll::Ready(());
        }
        // Whoever rouses the driver takes its waker: gone the second time means roused.
        if registered && queue.sleeper.take().is_none() {
            return Poll::Ready(());
        }
        registered = true;
        queue.sleeper.set(Some(cx.waker().clone()));
        Poll::Pending
    })
    .await;
}
