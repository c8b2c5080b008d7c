//! The door through which requests reach a model: a dispatcher that asks the load, waits, and
//! hands out tickets. A blocking model's dispatcher is a thread, an async model's is a task.

use std::sync::Arc;

use measurement::clock::now_ns;

use super::alarm::Alarm;
use super::counters::{Counters, Ticket};
use super::doorbell::WakeOn;
use crate::load::{Load, Next};

/// Hands out tickets until the trial ends; then waits for what is still in flight.
pub(crate) struct Arrivals {
    load: Box<dyn Load>,
    counters: Arc<Counters>,
    begun: bool,
}

/// The same, for a dispatcher that is a task.
pub(crate) struct AsyncArrivals {
    arrivals: Arrivals,
    alarm: Alarm,
}

/// What the dispatcher does next.
enum Step {
    Start(Ticket),
    /// Waits for this, but no longer than until the time, if one is given.
    Wait(WakeOn, Option<u64>),
    Done,
}

impl Arrivals {
    pub(super) fn new(load: Box<dyn Load>, counters: Arc<Counters>) -> Self {
        Self { load, counters, begun: false }
    }

    pub(super) fn with_alarm(self, alarm: Alarm) -> AsyncArrivals {
        AsyncArrivals { arrivals: self, alarm }
    }

    /// The next request, from a thread of its own; `None`: the trial is over and nothing is left
    /// in flight that could be waited for.
    pub(crate) fn next_blocking(&mut self) -> Option<Ticket> {
        self.counters.bell().dispatch_from_this_thread();
        loop {
            match self.step_before_waiting() {
                Step::Start(ticket) => return Some(ticket),
                Step::Done => return None,
                Step::Wait(_, until_ns) => self.counters.bell().wait(until_ns),
            }
        }
    }

    /// A wait is only begun after it was announced and the question asked once more: a completion
    /// in between is then either seen here or rings.
    fn step_before_waiting(&mut self) -> Step {
        let step = self.step();
        let Step::Wait(wake_on, _) = step else { return step };
        self.counters.bell().announce(wake_on);
        let step = self.step();
        if !matches!(step, Step::Wait(..)) {
            self.counters.bell().withdraw();
        }
        step
    }

    fn step(&mut self) -> Step {
        loop {
            let in_flight = self.counters.in_flight();
            let now_ns = now_ns();
            if let Some(until_ns) = self.counters.drain_until_ns() {
                return if in_flight == 0 || now_ns >= until_ns {
                    Step::Done
                } else {
                    Step::Wait(WakeOn::Completion, Some(until_ns))
                };
            }
            if !self.begun {
                self.begun = true;
                self.counters.begin(now_ns, self.load.begin(now_ns));
            }
            match self.load.next(now_ns, in_flight) {
                Next::Start { intended_ns } => {
                    return Step::Start(self.counters.start(intended_ns, now_ns));
                }
                Next::Shed { intended_ns } => self.counters.shed(intended_ns),
                Next::WaitForPlace { until_ns } => {
                    return Step::Wait(WakeOn::Completion, until_ns);
                }
                Next::WaitUntil { at_ns } => return Step::Wait(WakeOn::Deadline, Some(at_ns)),
            }
        }
    }
}

impl AsyncArrivals {
    /// The next request, from a task on the model's runtime; `None`: the trial is over and nothing
    /// is left in flight that could be waited for.
    pub(crate) async fn next(&mut self) -> Option<Ticket> {
        let Self { arrivals, alarm } = self;
        // However many are due at once, others get their turn: an accept loop is no different.
        tokio::task::coop::consume_budget().await;
        loop {
            match arrivals.step_before_waiting() {
                Step::Start(ticket) => return Some(ticket),
                Step::Done => return None,
                Step::Wait(_, None) => arrivals.counters.bell().rung().await,
                Step::Wait(_, Some(until_ns)) => {
                    tokio::select! {
                        biased;
                        () = arrivals.counters.bell().rung() => {}
                        () = alarm.until(until_ns) => {}
                    }
                }
            }
        }
    }
}
