//! Mean-value analysis of a closed network: customers who think, then queue for c servers.
//!
//! Reiser and Lavenberg, "Mean-value analysis of closed multichain queuing networks" (Journal of
//! the ACM 27, 1980), for one class, a delay station and a station of several servers with
//! exponential service. Exact, by induction over the number of customers: an arrival sees the
//! network as it is with one customer less. The probability of an empty station comes from the
//! network without that station, which keeps it exact where one minus the others would cancel
//! (Reiser, "Mean-value analysis and convolution method for queue-dependent servers in closed
//! queueing networks", Performance Evaluation 1, 1981).

/// The closed network's means. Times and rates in whatever unit, the same throughout.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Closed {
    /// Completions per unit of time.
    pub throughput: f64,
    /// Mean time from arrival at the servers to the end of service.
    pub response: f64,
    /// Mean number of customers at the servers, waiting or served.
    pub at_servers: f64,
}

/// The network of `customers` (at least one) who each think for `think_mean`, then need one of
/// `servers` (at least one) for `service_mean`, exponential.
///
/// Without thinking the throughput holds for service of any law: with as many customers as
/// servers or more no server ever rests, with fewer nobody ever waits.
pub fn mva(customers: u32, think_mean: f64, service_mean: f64, servers: u32) -> Closed {
    debug_assert!(customers > 0 && servers > 0, "somebody comes and somebody serves");
    let busy = |at_station: usize| at_station.min(servers as usize) as f64;
    // Probabilities of 0, 1, … customers at the servers, with `n` customers in all.
    let mut share = vec![1.0];
    let mut means = Closed { throughput: 0.0, response: 0.0, at_servers: 0.0 };
    for n in 1..=customers as usize {
        let response: f64 =
            (1..=n).map(|found| found as f64 * service_mean / busy(found) * share[found - 1]).sum();
        let throughput = n as f64 / (think_mean + response);
        // Without the servers, n customers would go round n ÷ think times per unit.
        let nobody = share[0] * throughput * think_mean / n as f64;
        let mut next = Vec::with_capacity(n + 1);
        next.push(nobody);
        next.extend((1..=n).map(|k| service_mean / busy(k) * throughput * share[k - 1]));
        share = next;
        means = Closed { throughput, response, at_servers: throughput * response };
    }
    means
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(value: f64, expected: f64) {
        assert!((value / expected - 1.0).abs() < 1e-9, "{value} is not {expected}");
    }

    /// The same network as a birth-and-death process (machines that fail and are repaired), solved
    /// directly: in state k, n − k think, min(k, c) are served.
    fn birth_and_death(n: u32, think: f64, service: f64, servers: u32) -> Closed {
        let mut weights = vec![1.0_f64];
        for k in 1..=n {
            let up = f64::from(n - k + 1) / think;
            let down = f64::from(k.min(servers)) / service;
            weights.push(weights[k as usize - 1] * up / down);
        }
        let total: f64 = weights.iter().sum();
        let mean = |of: &dyn Fn(u32) -> f64| -> f64 {
            weights.iter().zip(0..).map(|(weight, k)| weight / total * of(k)).sum()
        };
        let throughput = mean(&|k| f64::from(k.min(servers)) / service);
        let at_servers = mean(&f64::from);
        Closed { throughput, response: at_servers / throughput, at_servers }
    }

    #[test]
    fn agrees_with_the_birth_and_death_process() {
        for (n, think, service, servers) in [
            (1, 2.0, 1.0, 1),
            (7, 2.0, 1.0, 1),
            (40, 9.0, 1.0, 4),
            (300, 5.0, 0.2, 8),
            (3, 1.0, 1.0, 5),
        ] {
            let (ours, direct) =
                (mva(n, think, service, servers), birth_and_death(n, think, service, servers));
            close(ours.throughput, direct.throughput);
            close(ours.response, direct.response);
            close(ours.at_servers, direct.at_servers);
        }
    }

    #[test]
    fn without_thinking_the_servers_are_the_limit() {
        let busy = mva(32, 0.0, 0.005, 4);
        close(busy.throughput, 800.0);
        close(busy.response, 0.04);
        let spare = mva(3, 0.0, 0.005, 4);
        close(spare.throughput, 600.0);
        close(spare.response, 0.005);
    }
}
