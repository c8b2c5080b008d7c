//! Queues with Poisson arrivals: M/M/c (Erlang 1917) and M/G/1 (Pollaczek 1930, Khinchine 1932).
//!
//! Formulas as in Kleinrock, "Queueing Systems" I (1975), sections 3.5, 5.6 and 5.7. Times and
//! rates in whatever unit, the same throughout.

/// The queue M/M/c: Poisson arrivals, exponential service, c servers, first in, first out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mmc {
    /// Arrivals per unit of time.
    pub arrival_rate: f64,
    /// Mean service time.
    pub service_mean: f64,
    /// Servers.
    pub servers: u32,
}

impl Mmc {
    /// Share of the servers' time in use; the formulas below hold under 1.
    pub fn utilisation(&self) -> f64 {
        self.offered() / f64::from(self.servers)
    }

    /// Erlang C: the probability that an arrival finds every server busy.
    ///
    /// From Erlang B by its stable recursion B(k) = a·B(k−1) ÷ (k + a·B(k−1)).
    pub fn wait_probability(&self) -> f64 {
        let offered = self.offered();
        let blocking = (1..=self.servers).fold(1.0, |blocking, servers| {
            offered * blocking / (f64::from(servers) + offered * blocking)
        });
        blocking / (1.0 - self.utilisation() * (1.0 - blocking))
    }

    /// Mean time in the queue.
    pub fn mean_wait(&self) -> f64 {
        self.wait_probability() / self.drain_rate()
    }

    /// Mean time from arrival to the end of service.
    pub fn mean_response(&self) -> f64 {
        self.mean_wait() + self.service_mean
    }

    /// P(time in the queue > t): an atom at zero, exponential beyond it.
    pub fn wait_exceeds(&self, t: f64) -> f64 {
        if t < 0.0 { 1.0 } else { self.wait_probability() * (-self.drain_rate() * t).exp() }
    }

    /// The time in the queue that a share `q` of the arrivals stays within.
    pub fn wait_quantile(&self, q: f64) -> f64 {
        let waiting = self.wait_probability();
        if 1.0 - q >= waiting { 0.0 } else { (waiting / (1.0 - q)).ln() / self.drain_rate() }
    }

    /// P(response > t): the wait and an independent exponential service, one after the other.
    pub fn response_exceeds(&self, t: f64) -> f64 {
        let (waiting, drain, rate) =
            (self.wait_probability(), self.drain_rate(), 1.0 / self.service_mean);
        let both = if ((drain - rate) / rate).abs() < 1e-9 {
            (1.0 + rate * t) * (-rate * t).exp()
        } else {
            (drain * (-rate * t).exp() - rate * (-drain * t).exp()) / (drain - rate)
        };
        (1.0 - waiting) * (-rate * t).exp() + waiting * both
    }

    /// The response that a share `q` of (0, 1) of the requests stays within.
    pub fn response_quantile(&self, q: f64) -> f64 {
        let mut high = self.service_mean;
        while self.response_exceeds(high) > 1.0 - q {
            high *= 2.0;
        }
        let mut low = 0.0;
        for _ in 0..100 {
            let middle = f64::midpoint(low, high);
            if self.response_exceeds(middle) > 1.0 - q {
                low = middle;
            } else {
                high = middle;
            }
        }
        high
    }

    /// Mean number of servers that the arrivals ask for, in erlangs.
    fn offered(&self) -> f64 {
        self.arrival_rate * self.service_mean
    }

    /// How much faster all servers together work than requests arrive.
    fn drain_rate(&self) -> f64 {
        f64::from(self.servers) / self.service_mean - self.arrival_rate
    }
}

/// Mean time in the queue of M/G/1: Poisson arrivals, independent service times of any law, given
/// by their mean and the mean of their square: λ·E\[S²\] ÷ 2(1 − ρ).
pub fn pollaczek_khinchine(arrival_rate: f64, service_mean: f64, service_square_mean: f64) -> f64 {
    arrival_rate * service_square_mean / (2.0 * (1.0 - arrival_rate * service_mean))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(value: f64, expected: f64, relative: f64) {
        assert!((value / expected - 1.0).abs() < relative, "{value} is not {expected}");
    }

    #[test]
    fn one_server_is_the_textbook_mm1() {
        let queue = Mmc { arrival_rate: 0.8, service_mean: 1.0, servers: 1 };
        close(queue.wait_probability(), 0.8, 1e-12);
        close(queue.mean_wait(), 4.0, 1e-12);
        close(queue.mean_response(), 5.0, 1e-12);
        // The response of M/M/1 is exponential.
        close(queue.response_quantile(0.99), 5.0 * 100_f64.ln(), 1e-9);
        close(queue.response_exceeds(5.0), (-1.0_f64).exp(), 1e-12);
    }

    /// Erlang C as tabulated: 8 erlangs on 10 servers, 20 on 24, 0.5 on 2.
    #[test]
    fn erlang_c_agrees_with_its_definition() {
        for (offered, servers) in [(8.0, 10), (20.0, 24), (0.5, 2)] {
            let queue = Mmc { arrival_rate: offered, service_mean: 1.0, servers };
            // C = (a^c/c!)/(1−ρ) ÷ (Σ a^k/k! + (a^c/c!)/(1−ρ)).
            let (mut term, mut sum) = (1.0, 0.0);
            for k in 0..servers {
                sum += term;
                term *= offered / f64::from(k + 1);
            }
            let last = term / (1.0 - queue.utilisation());
            close(queue.wait_probability(), last / (sum + last), 1e-12);
        }
        let known = Mmc { arrival_rate: 8.0, service_mean: 1.0, servers: 10 };
        assert!((known.wait_probability() - 0.4092).abs() < 1e-4, "{known:?}");
    }

    #[test]
    fn the_law_of_the_wait_has_its_mean() {
        let queue = Mmc { arrival_rate: 3.4, service_mean: 1.0, servers: 4 };
        let step = 1e-3;
        let integral = |exceeds: &dyn Fn(f64) -> f64| -> f64 {
            (0..100_000).map(|i| exceeds((f64::from(i) + 0.5) * step) * step).sum()
        };
        close(integral(&|t| queue.wait_exceeds(t)), queue.mean_wait(), 1e-5);
        close(integral(&|t| queue.response_exceeds(t)), queue.mean_response(), 1e-5);
        for q in [0.5, 0.9, 0.99] {
            close(queue.response_exceeds(queue.response_quantile(q)), 1.0 - q, 1e-9);
        }
        close(queue.wait_exceeds(queue.wait_quantile(0.99)), 0.01, 1e-12);
        assert_eq!(queue.wait_quantile(0.1).to_bits(), 0.0_f64.to_bits(), "most do not wait");
    }

    #[test]
    fn exponential_service_is_a_special_case() {
        let queue = Mmc { arrival_rate: 0.7, service_mean: 1.0, servers: 1 };
        close(pollaczek_khinchine(0.7, 1.0, 2.0), queue.mean_wait(), 1e-12);
        // Service that never varies halves the wait.
        close(pollaczek_khinchine(0.7, 1.0, 1.0), queue.mean_wait() / 2.0, 1e-12);
    }
}
