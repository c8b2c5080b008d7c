//! The exact recursion of a first-in-first-out queue with several servers.
//!
//! Kiefer and Wolfowitz, "On the theory of queues with many servers" (Transactions of the AMS 78,
//! 1955): all that the past leaves behind is when each server falls free. The next job, in order of
//! arrival, takes the server that falls free first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Servers by when they fall free.
#[derive(Debug, Clone)]
pub struct Servers {
    free_ns: BinaryHeap<Reverse<u64>>,
    last_arrival_ns: u64,
}

/// When a job was served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// When it left the queue for a server.
    pub start_ns: u64,
    /// When the server was done with it.
    pub end_ns: u64,
}

/// When a request, which is two jobs, was served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// When it arrived.
    pub arrival_ns: u64,
    /// When its first job left the queue.
    pub start_ns: u64,
    /// When the later of its jobs was done.
    pub end_ns: u64,
}

impl Servers {
    /// `count` idle servers.
    ///
    /// # Panics
    ///
    /// Where there is none: nothing would ever be served.
    pub fn new(count: usize) -> Self {
        assert!(count > 0, "a queue has at least one server");
        Self { free_ns: vec![Reverse(0); count].into(), last_arrival_ns: 0 }
    }

    /// Serves the next job. Jobs come in the order of their arrival.
    pub fn serve(&mut self, arrival_ns: u64, service_ns: u64) -> Span {
        debug_assert!(arrival_ns >= self.last_arrival_ns, "jobs come in order of arrival");
        self.last_arrival_ns = arrival_ns;
        let Some(mut first) = self.free_ns.peek_mut() else {
            unreachable!("there is at least one server")
        };
        let start_ns = arrival_ns.max(first.0);
        let end_ns = start_ns + service_ns;
        first.0 = end_ns;
        Span { start_ns, end_ns }
    }

    /// Serves a request whose two jobs arrive together, the first before the second.
    pub fn serve_pair(&mut self, arrival_ns: u64, services_ns: [u64; 2]) -> Request {
        let [first, second] = services_ns.map(|service_ns| self.serve(arrival_ns, service_ns));
        Request { arrival_ns, start_ns: first.start_ns, end_ns: first.end_ns.max(second.end_ns) }
    }
}

impl Request {
    /// From arrival to the end of its later job.
    pub fn response_ns(&self) -> u64 {
        self.end_ns - self.arrival_ns
    }
}

/// Start and end of every job, given as (arrival, service time) in order of arrival.
pub fn fifo(
    servers: usize,
    jobs: impl IntoIterator<Item = (u64, u64)>,
) -> impl Iterator<Item = Span> {
    let mut servers = Servers::new(servers);
    jobs.into_iter().map(move |(arrival_ns, service_ns)| servers.serve(arrival_ns, service_ns))
}

/// Start and end of every request of two jobs, given as (arrival, service times) in order of
/// arrival.
pub fn pairs(
    servers: usize,
    requests: impl IntoIterator<Item = (u64, [u64; 2])>,
) -> impl Iterator<Item = Request> {
    let mut servers = Servers::new(servers);
    requests
        .into_iter()
        .map(move |(arrival_ns, services_ns)| servers.serve_pair(arrival_ns, services_ns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_wait_for_the_server_that_falls_free_first() {
        let jobs = [(0, 10), (1, 3), (2, 5), (3, 1), (30, 2)];
        let spans: Vec<_> = fifo(2, jobs).map(|span| (span.start_ns, span.end_ns)).collect();
        assert_eq!(spans, [(0, 10), (1, 4), (4, 9), (9, 10), (30, 32)]);
    }

    #[test]
    fn one_server_is_lindleys_recursion() {
        let jobs = [(0_u64, 7_u64), (2, 4), (3, 1), (20, 5), (21, 5)];
        let mut free_ns = 0;
        for (span, (arrival_ns, service_ns)) in fifo(1, jobs).zip(jobs) {
            assert_eq!(span.start_ns, arrival_ns.max(free_ns));
            free_ns = span.start_ns + service_ns;
            assert_eq!(span.end_ns, free_ns);
        }
    }

    #[test]
    fn a_request_is_two_jobs_and_ends_with_the_later() {
        let on = |servers| -> Vec<_> {
            let requests = [(0, [8, 3]), (1, [2, 2])];
            pairs(servers, requests).map(|r| (r.start_ns, r.end_ns, r.response_ns())).collect()
        };
        assert_eq!(on(1), [(0, 11, 11), (11, 15, 14)], "one after the other");
        assert_eq!(on(2), [(0, 8, 8), (3, 7, 6)], "the fast leg's server goes on");
        assert_eq!(on(4), [(0, 8, 8), (1, 3, 2)], "no queue");
    }
}
