//! A request is two jobs on a fixed pool of threads, its two fetches; the job that ends later
//! combines.
//!
//! The queue is unbounded and first in, first out: jobs begin in the order their requests arrived,
//! the first fetch before the second. So with one upstream that answers at once, the pool is the
//! textbook queue with as many servers as threads.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use scenario::{ModelKind, OptionKind, OptionSpec, Options};

use super::{Model, STACK};
use crate::http::Fetched;
use crate::transport::Poll2;
use crate::trial::{Job, Ticket};
use crate::workload::Workload;
use crate::{Error, Result};

pub(crate) struct ThreadPool;

/// How long a thread may take from the end of its last request to its own end. One that is still
/// in a fetch then is left to end with the process: nothing waits for that fetch any more.
const GRACE: Duration = Duration::from_millis(200);

impl Model for ThreadPool {
    fn kind(&self) -> ModelKind {
        ModelKind {
            kind: "thread-pool",
            summary: "a request is two jobs on a fixed pool of threads, the later one combines; a thread each waits in poll(2)",
            options: &[
                OptionSpec {
                    key: "threads",
                    kind: OptionKind::Pool { min: 1, max: 4096, default: None },
                    doc: "threads of the pool (default: one per CPU)",
                },
                STACK,
            ],
        }
    }

    fn drive(&self, options: &Options, job: Job) -> Result<()> {
        let threads = self.pool_workers(options).unwrap_or(1);
        if !job.threads().admit(threads as u64) {
            return Ok(());
        }
        // The arrivals come from outside the pool, as a server's accept loop would.
        let (mut arrivals, workload) = job.blocking()?;
        let queue = Arc::new(Queue::default());
        let stack_bytes = options.bytes(STACK.key);
        let started: Result<Vec<_>> =
            (0..threads).map(|_| worker(&queue, &workload, stack_bytes)).collect();
        if started.is_ok() {
            while let Some(ticket) = arrivals.next_blocking() {
                queue.push(ticket);
            }
        }
        queue.close();
        let workers = started?;
        if queue.wait_until_left(threads) {
            for worker in workers {
                // A panic has been printed by its own thread; its request stays without an end.
                let _ = worker.join();
            }
        }
        Ok(())
    }
}

fn worker(
    queue: &Arc<Queue>,
    workload: &Arc<Workload<Poll2>>,
    stack_bytes: Option<usize>,
) -> Result<JoinHandle<()>> {
    let (queue, workload) = (Arc::clone(queue), Arc::clone(workload));
    let mut builder = std::thread::Builder::new().name("pool".to_owned());
    if let Some(bytes) = stack_bytes {
        builder = builder.stack_size(bytes);
    }
    builder
        .spawn(move || {
            while let Some(fetch) = queue.pop() {
                fetch.run(&workload);
            }
        })
        .map_err(|error| Error::Start {
            model: "thread-pool",
            what: "pool",
            problem: error.to_string(),
        })
}

/// One job: a fetch of a request.
struct Fetch {
    request: Arc<Request>,
    leg: usize,
}

/// What the two jobs of a request share.
struct Request {
    ticket: Ticket,
    /// What the job that ended first has fetched.
    first: Mutex<Option<Fetched>>,
}

impl Fetch {
    fn run(self, workload: &Workload<Poll2>) {
        let Self { request, leg } = self;
        workload.begin_job(&request.ticket);
        let own = workload.fetch(&request.ticket, leg);
        let mut first = request.first.lock().unwrap_or_else(PoisonError::into_inner);
        match first.take() {
            None => *first = Some(own),
            Some(other) => {
                drop(first);
                let fetched = if leg == 0 { [own, other] } else { [other, own] };
                workload.finish(&request.ticket, fetched);
            }
        }
    }
}

/// The jobs that no thread has begun.
#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    jobs: Condvar,
    left: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Fetch>,
    closed: bool,
    /// Threads waiting for a job.
    idle: usize,
    /// Threads that have left the closed queue.
    left: usize,
}

impl Queue {
    /// Queues both fetches of a request.
    fn push(&self, ticket: Ticket) {
        let request = Arc::new(Request { ticket, first: Mutex::new(None) });
        let mut state = self.lock();
        state.jobs.push_back(Fetch { request: Arc::clone(&request), leg: 0 });
        state.jobs.push_back(Fetch { request, leg: 1 });
        let idle = state.idle;
        drop(state);
        // Nobody idle, nobody to wake: a busy thread looks here before it waits.
        for _ in 0..idle.min(2) {
            self.jobs.notify_one();
        }
    }

    /// The next job; waits for one. `None`: the queue is closed, and the caller counted as gone.
    fn pop(&self) -> Option<Fetch> {
        let mut state = self.lock();
        loop {
            if let Some(fetch) = state.jobs.pop_front() {
                return Some(fetch);
            }
            if state.closed {
                state.left += 1;
                self.left.notify_one();
                return None;
            }
            state.idle += 1;
            state = self.jobs.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    /// Ends the pool. Jobs that nobody has begun are dropped: their requests were given up.
    fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.jobs.clear();
        drop(state);
        self.jobs.notify_all();
    }

    /// Waits a while until all `threads` have left the closed queue, and says whether they have.
    fn wait_until_left(&self, threads: usize) -> bool {
        let ended = self.left.wait_timeout_while(self.lock(), GRACE, |state| state.left < threads);
        ended.unwrap_or_else(PoisonError::into_inner).0.left >= threads
    }

    /// A panic elsewhere leaves the state whole: it is changed by single pushes, pops and counts.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(id: u64) -> Ticket {
        Ticket { id, started_ns: 1 }
    }

    #[test]
    fn jobs_leave_in_the_order_they_came_until_the_queue_closes() {
        let queue = Queue::default();
        queue.push(ticket(7));
        queue.push(ticket(8));
        let taken = [(); 3].map(|()| queue.pop().map(|fetch| (fetch.request.ticket.id, fetch.leg)));
        assert_eq!(taken, [Some((7, 0)), Some((7, 1)), Some((8, 0))]);
        queue.close();
        assert!(queue.pop().is_none(), "what nobody has begun is dropped");
        assert!(queue.wait_until_left(1));
        assert!(!queue.wait_until_left(2), "the other thread is still in a fetch");
    }

    /// Every job reaches a thread once, whoever waits for whom.
    #[test]
    fn waiting_threads_take_every_job_once() {
        let queue = Arc::new(Queue::default());
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let queue = Arc::clone(&queue);
                std::thread::spawn(move || {
                    let mut taken = Vec::new();
                    while let Some(fetch) = queue.pop() {
                        taken.push((fetch.request.ticket.id, fetch.leg));
                    }
                    taken
                })
            })
            .collect();
        (0..2_000).for_each(|id| queue.push(ticket(id)));
        while !queue.lock().jobs.is_empty() {
            std::thread::yield_now();
        }
        queue.close();
        let mut taken: Vec<_> = threads.into_iter().flat_map(|t| t.join().unwrap()).collect();
        taken.sort_unstable();
        let expected: Vec<_> = (0..2_000).flat_map(|id| [(id, 0), (id, 1)]).collect();
        assert_eq!(taken, expected);
    }
}
