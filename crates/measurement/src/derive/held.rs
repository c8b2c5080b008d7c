//! What the mock held: how many fetches at once, and how long those of each upstream.

use super::facts::Facts;
use super::pairing::Seen;
use super::percentile::{percentile, supports};
use crate::row::{LegFigures, TrialRow};

/// The quantile that each of two alike, independent legs has where the longer of both has its
/// 99th percentile: P(max ≤ t) = F(t)².
fn pair_p99() -> f64 {
    0.99_f64.sqrt()
}

impl Facts<'_> {
    /// What the mock held, into the row.
    pub(super) fn fill_held(&self, row: &mut TrialRow) {
        row.held_mean = self.held_mean();
        let opened =
            |seen: &Seen<'_>| seen.exchanges().filter(|exchange| exchange.opened).count() as u64;
        row.upstream_connects = Some(self.seen.iter().map(opened).sum());
        row.legs = (0..self.scenario.upstreams.len()).map(|leg| self.leg(leg)).collect();
    }

    /// Time average over the window of the fetches that the mock had received and not yet done
    /// with, those of warm-up and cool-down included.
    fn held_mean(&self) -> Option<f64> {
        let (from, to) = (self.window.start.at_ns, self.window.end.at_ns);
        let inside = self.log.exchanges.iter().map(|exchange| {
            let overlap = exchange.ended_ns.min(to).saturating_sub(exchange.received_ns.max(from));
            u128::from(overlap)
        });
        (to > from).then(|| inside.sum::<u128>() as f64 / (to - from) as f64)
    }

    /// The held times of one upstream's window, each capped at the fetch deadline.
    fn leg(&self, leg: usize) -> LegFigures {
        let upstream = &self.scenario.upstreams[leg];
        let timeout_ns = self.scenario.combine.timeout.as_nanos() as u64;
        let held = self.seen.get(leg).into_iter().flat_map(Seen::exchanges);
        let mut held: Vec<u64> = held.map(|exchange| exchange.held_ns.min(timeout_ns)).collect();
        held.sort_unstable();
        let at = |q: f64| {
            let value = supports(held.len(), q).then(|| percentile(&held, 0, q)).flatten();
            value.map(ms)
        };
        let law = |q: f64| Some(ms(upstream.latency.quantile_ns(q).min(timeout_ns)));
        LegFigures {
            upstream: upstream.name.clone(),
            held_p50_ms: at(0.5),
            held_p99_ms: at(0.99),
            held_p999_ms: at(0.999),
            held_pair_p99_ms: at(pair_p99()),
            law_p99_ms: law(0.99),
            law_pair_p99_ms: law(pair_p99()),
        }
    }
}

fn ms(ns: u64) -> f64 {
    ns as f64 / 1e6
}
