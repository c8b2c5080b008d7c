//! The combine workload as a model sees it: fetch a leg, finish a request.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use measurement::clock::now_ns;
use measurement::record::{LegOutcome, RequestRecord};

use crate::admission::Exhaustion;
use crate::combine::combine;
use crate::executor::block_on;
use crate::http::{Fetched, Sockets, Target};
use crate::hurdles::{BlockingPool, Done, Hurdles};
use crate::transport::{Poll2, Reactor, Transport};
use crate::trial::{Counters, Ticket};

/// Two upstreams, a deadline, and where ended requests are counted.
pub(crate) struct Workload<T: Transport> {
    names: [String; 2],
    targets: [Target<T>; 2],
    timeout: Duration,
    counters: Arc<Counters>,
    hurdles: Arc<Hurdles>,
    blocking_pool: BlockingPool,
}

/// What a workload is made from.
#[derive(Debug, Clone)]
pub(crate) struct Upstreams {
    pub(crate) names: [String; 2],
    pub(crate) addresses: [SocketAddr; 2],
    pub(crate) keep_alive: bool,
    pub(crate) timeout: Duration,
    pub(crate) sockets: Arc<Sockets>,
    pub(crate) exhaustion: Arc<Exhaustion>,
    pub(crate) hurdles: Arc<Hurdles>,
}

impl<T: Transport> Workload<T> {
    /// For requests whose runtime, where they have one, has this pool for blocking calls.
    pub(crate) fn new(
        upstreams: &Upstreams,
        counters: Arc<Counters>,
        blocking_pool: BlockingPool,
    ) -> crate::Result<Arc<Self>> {
        let target = |leg: usize| {
            Target::new(
                &upstreams.names[leg],
                upstreams.addresses[leg],
                upstreams.keep_alive,
                Arc::clone(&upstreams.sockets),
                Arc::clone(&upstreams.exhaustion),
            )
        };
        Ok(Arc::new(Self {
            names: upstreams.names.clone(),
            targets: [target(0)?, target(1)?],
            timeout: upstreams.timeout,
            counters,
            hurdles: Arc::clone(&upstreams.hurdles),
            blocking_pool,
        }))
    }

    /// Says that the request's own unit runs its first instruction.
    pub(crate) fn begin(&self, ticket: &Ticket) {
        self.counters.begun(ticket.id);
    }

    /// The same from each of the jobs of a request that has no unit of its own: the first to say
    /// so begins it.
    pub(crate) fn begin_job(&self, ticket: &Ticket) {
        self.counters.begun_job(ticket.id);
    }

    /// Requests under way, as the dispatcher sees them.
    pub(crate) fn in_flight(&self) -> u64 {
        self.counters.in_flight()
    }

    /// Whether the trial is over, and what is still in flight waited for no longer.
    pub(crate) fn is_given_up(&self) -> bool {
        self.counters.drain_until_ns().is_some_and(|until_ns| now_ns() >= until_ns)
    }

    /// The threads for blocking calls, where requests are tasks on a runtime.
    pub(crate) fn blocking_pool(&self) -> &BlockingPool {
        &self.blocking_pool
    }

    /// Combines two fetched answers and ends the request, all on the calling thread, which is the
    /// request's own.
    pub(crate) fn finish(&self, ticket: &Ticket, fetched: [Fetched; 2]) {
        let mut done = self.combine(ticket, fetched);
        self.hurdles.on_thread(ticket.id, &mut done);
        self.end(ticket, &done);
    }

    /// Combines two fetched answers and ends the request, in a task that shares its thread with
    /// others.
    pub(crate) async fn finish_in_task(&self, ticket: &Ticket, fetched: [Fetched; 2]) {
        self.settle(ticket, self.combine(ticket, fetched)).await;
    }

    /// The CPU part of a request: parses both answers, makes one document, does the work that the
    /// scenario asks for. A model that does it elsewhere goes on with [`Workload::settle`].
    pub(crate) fn combine(&self, ticket: &Ticket, mut fetched: [Fetched; 2]) -> Done {
        self.counters.watch(ticket.id).joined();
        let names = [self.names[0].as_str(), self.names[1].as_str()];
        combine(names, ticket.id, &mut fetched, |document| {
            std::hint::black_box(document);
        });
        let mut done = Done { legs: fetched.map(|fetched| fetched.leg), ..Done::default() };
        self.hurdles.work(&mut done);
        done
    }

    /// What follows the CPU part in a task, to the request's end.
    pub(crate) async fn settle(&self, ticket: &Ticket, mut done: Done) {
        self.hurdles.in_task(ticket.id, &self.blocking_pool, &mut done).await;
        self.end(ticket, &done);
    }

    /// Ends the request.
    fn end(&self, ticket: &Ticket, done: &Done) {
        if !self.counters.is_recording() {
            return self.counters.count_end();
        }
        let record = RequestRecord {
            started_ns: ticket.started_ns,
            ended_ns: now_ns(),
            work_ns: done.work_ns,
            wait_ns: done.wait_ns,
            hold_ns: done.hold_ns,
            wrote: done.wrote,
            legs: done.legs,
            ..RequestRecord::default()
        };
        self.counters.end(ticket, &record);
    }
}

impl Workload<Poll2> {
    /// Fetches a leg; the calling thread waits in `poll(2)`, at most until the deadline.
    pub(crate) fn fetch(&self, ticket: &Ticket, leg: usize) -> Fetched {
        let watch = self.counters.watch(ticket.id).leg(leg);
        watch.began();
        let deadline_ns = now_ns() + self.timeout.as_nanos() as u64;
        block_on(self.targets[leg].fetch(ticket.id, watch), deadline_ns)
            .unwrap_or_else(|_| Fetched::failed(LegOutcome::Timeout))
    }
}

impl Workload<Reactor> {
    /// Fetches a leg; the calling task waits in the runtime's reactor, at most until the deadline.
    pub(crate) async fn fetch(&self, ticket: &Ticket, leg: usize) -> Fetched {
        let watch = self.counters.watch(ticket.id).leg(leg);
        watch.began();
        tokio::time::timeout(self.timeout, self.targets[leg].fetch(ticket.id, watch))
            .await
            .unwrap_or_else(|_| Fetched::failed(LegOutcome::Timeout))
    }
}
