//! What the mock did inside the window, as figures of the row.

use super::facts::Facts;
use super::pairing::Seen;
use super::percentile::{percentile, supports};
use crate::exchange::Fate;
use crate::row::TrialRow;

impl Facts<'_> {
    /// What the mock did, into the row.
    pub(super) fn fill_upstream(&self, row: &mut TrialRow) {
        let count = |wanted: fn(Fate) -> bool| {
            let all = self.seen.iter().flat_map(Seen::exchanges);
            Some(all.filter(|exchange| wanted(exchange.fate)).count() as u64)
        };
        row.ids.clone_from(&self.ids);
        row.upstream_received = count(|_| true);
        row.upstream_answered = count(|fate| fate == Fate::Answered);
        row.upstream_cpu_s = self
            .window
            .end
            .upstream_cpu_ns
            .zip(self.window.start.upstream_cpu_ns)
            .map(|(end, start)| end.saturating_sub(start) as f64 / 1e9);
        let mut errors: Vec<u64> = self.hold_errors().into_iter().map(|(error, _)| error).collect();
        errors.sort_unstable();
        row.hold_errors = errors.iter().copied().collect();
        for slot in self.loop_slots() {
            row.loop_turns.merge(&slot.turns_by_size);
        }
        let at = |q: f64| {
            let value = supports(errors.len(), q).then(|| percentile(&errors, 0, q)).flatten();
            value.map(|ns| ns as f64 / 1e3)
        };
        row.hold_error_p50_us = at(0.5);
        row.hold_error_p99_us = at(0.99);
    }
}
