//! The door through which requests reach a model: a dispatcher that asks the load, waits, and
//! hands out tickets. A blocking model's dispatcher is a thread, an async model's is a task.

use std::sync::Arc;
use std::time::{Duration, Instant};

use measurement::clock::now_ns;

use super::counters::{Counters, Ticket};
use crate::load::{Load, Next};

/// Hands out tickets until the trial ends; then waits for what is still in flight.
pub(crate) struct Arrivals {
    load: Box<dyn Load>,
    counters: Arc<Counters>,
}

/// What the dispatcher does next.
enum Step {
    Start(Ticket),
    Wait { until_ns: Option<u64> },
    Done,
}

impl Arrivals {
    pub(super) fn new(load: Box<dyn Load>, counters: Arc<Counters>) -> Self {
        Self { load, counters }
    }

    /// The next request, from a thread of its own; `None`: the trial is over and nothing is left
    /// in flight that could be waited for.
    pub(crate) fn next_blocking(&mut self) -> Option<Ticket> {
        self.counters.dispatch_from_this_thread();
        loop {
            match self.step_before_waiting() {
                Step::Start(ticket) => return Some(ticket),
                Step::Done => return None,
                Step::Wait { until_ns: None } => std::thread::park(),
                Step::Wait { until_ns: Some(until_ns) } => {
                    std::thread::park_timeout(until(until_ns));
                }
            }
        }
    }

    /// The next request, from a task on the model's runtime; `None` as above.
    pub(crate) async fn next(&mut self) -> Option<Ticket> {
        loop {
            match self.step_before_waiting() {
                Step::Start(ticket) => return Some(ticket),
                Step::Done => return None,
                Step::Wait { until_ns: None } => self.counters.woken().await,
                Step::Wait { until_ns: Some(until_ns) } => {
                    let deadline = (Instant::now() + until(until_ns)).into();
                    let _ = tokio::time::timeout_at(deadline, self.counters.woken()).await;
                }
            }
        }
    }

    /// A wait is only begun after it was announced and the question asked once more: a completion
    /// in between is then either seen here or wakes the dispatcher.
    fn step_before_waiting(&mut self) -> Step {
        if let step @ (Step::Start(_) | Step::Done) = self.step() {
            return step;
        }
        self.counters.set_waiting(true);
        let step = self.step();
        if !matches!(step, Step::Wait { .. }) {
            self.counters.set_waiting(false);
        }
        step
    }

    fn step(&mut self) -> Step {
        let in_flight = self.counters.in_flight();
        let now_ns = now_ns();
        let Some(phase) = self.counters.phase() else {
            let until_ns = self.counters.drain_until_ns();
            return if in_flight == 0 || now_ns >= until_ns {
                Step::Done
            } else {
                Step::Wait { until_ns: Some(until_ns) }
            };
        };
        match self.load.next(now_ns, in_flight) {
            Next::Start { intended_ns } => {
                Step::Start(self.counters.start(phase, intended_ns, now_ns))
            }
            Next::Wait { until_ns } => Step::Wait { until_ns },
        }
    }
}

fn until(at_ns: u64) -> Duration {
    Duration::from_nanos(at_ns.saturating_sub(now_ns()))
}
