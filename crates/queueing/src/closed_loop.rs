//! The same recursion in a closed loop: each request that ends lets the next one in.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::recursion::{Request, Servers};

/// Start and end of every request of two jobs, in the order they start, in a loop with as many
/// places as `openings_ns` has times. A place opens at its time; when its request has ended, the
/// next one arrives `turnaround_ns` later. Ends with the `requests` (their service times).
///
/// # Panics
///
/// Where there is no server.
pub fn closed(
    servers: usize,
    openings_ns: &[u64],
    turnaround_ns: u64,
    requests: impl IntoIterator<Item = [u64; 2]>,
) -> Vec<Request> {
    let mut servers = Servers::new(servers);
    let mut arrivals: BinaryHeap<_> = openings_ns.iter().copied().map(Reverse).collect();
    let mut served = Vec::new();
    for services_ns in requests {
        // An end comes after the arrival that led to it, so arrivals are taken in order.
        let Some(Reverse(arrival_ns)) = arrivals.pop() else { break };
        let request = servers.serve_pair(arrival_ns, services_ns);
        arrivals.push(Reverse(request.end_ns + turnaround_ns));
        served.push(request);
    }
    served
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_end_lets_the_next_request_in() {
        let served = closed(2, &[0, 5], 1, [[4, 0], [10, 0], [3, 0], [2, 0]]);
        let seen: Vec<_> = served.iter().map(|r| (r.arrival_ns, r.start_ns, r.end_ns)).collect();
        // The first ends at 4; its place is taken again at 5, when the second one opens, too.
        assert_eq!(seen, [(0, 0, 4), (5, 5, 15), (5, 5, 8), (9, 9, 11)]);
    }

    #[test]
    fn with_more_places_than_servers_no_server_rests() {
        let served = closed(3, &[0; 8], 0, std::iter::repeat_n([6, 0], 300));
        let last_ns = served.iter().map(|request| request.end_ns).max();
        assert_eq!(last_ns, Some(300 * 6 / 3), "every server is busy from beginning to end");
    }

    #[test]
    fn no_places_no_requests() {
        assert!(closed(1, &[], 0, [[1, 1]]).is_empty());
    }
}
