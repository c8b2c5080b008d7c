//! The combine workload as a model sees it: fetch a leg, finish a request.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use measurement::clock::now_ns;
use measurement::record::{LegOutcome, LegRecord, RequestRecord};

use crate::admission::Exhaustion;
use crate::combine::combine;
use crate::executor::block_on;
use crate::http::{Fetched, Sockets, Target};
use crate::transport::{Poll2, Reactor, Transport};
use crate::trial::{Counters, Ticket};

/// Two upstreams, a deadline, and where ended requests are counted.
pub(crate) struct Workload<T: Transport> {
    names: [String; 2],
    targets: [Target<T>; 2],
    timeout: Duration,
    counters: Arc<Counters>,
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
}

impl<T: Transport> Workload<T> {
    pub(crate) fn new(upstreams: &Upstreams, counters: Arc<Counters>) -> crate::Result<Arc<Self>> {
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
        }))
    }

    /// Says that the request's own unit runs its first instruction, where the model starts one.
    pub(crate) fn begin(&self, ticket: &Ticket) {
        self.counters.watch(ticket.id).began();
    }

    /// Requests under way, as the dispatcher sees them.
    pub(crate) fn in_flight(&self) -> u64 {
        self.counters.in_flight()
    }

    /// Whether the trial is over, and what is still in flight waited for no longer.
    pub(crate) fn is_given_up(&self) -> bool {
        self.counters.drain_until_ns().is_some_and(|until_ns| now_ns() >= until_ns)
    }

    /// Combines two fetched answers and ends the request.
    pub(crate) fn finish(&self, ticket: &Ticket, fetched: [Fetched; 2]) {
        self.end(ticket, self.combine(ticket, fetched));
    }

    /// The CPU work of a request: parses both answers and makes one document. What it says of the
    /// fetches is for [`Workload::end`].
    pub(crate) fn combine(&self, ticket: &Ticket, mut fetched: [Fetched; 2]) -> [LegRecord; 2] {
        self.counters.watch(ticket.id).joined();
        let names = [self.names[0].as_str(), self.names[1].as_str()];
        combine(names, ticket.id, &mut fetched, |document| {
            std::hint::black_box(document);
        });
        fetched.map(|fetched| fetched.leg)
    }

    /// Ends the request.
    pub(crate) fn end(&self, ticket: &Ticket, legs: [LegRecord; 2]) {
        if !self.counters.is_recording() {
            return self.counters.count_end();
        }
        let record = RequestRecord {
            intended_ns: 0,
            started_ns: ticket.started_ns,
            ended_ns: now_ns(),
            legs,
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
