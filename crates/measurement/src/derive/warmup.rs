//! Completions before the window: whether the warm-up was long enough shows there.

use super::Facts;

/// Most slices kept: twice the window.
const MOST: u64 = 20;

/// Completions by slice of the warm-up, in the order of time. Slices are as long as a tenth of the
/// window and end where it begins; a last one that the warm-up does not fill is left out.
pub(super) fn completions(facts: &Facts<'_>) -> Vec<u64> {
    let (from, to) = (facts.window.start.at_ns, facts.window.end.at_ns);
    let length = to.saturating_sub(from) / 10;
    let warmup = from.saturating_sub(facts.account.load_ns.0);
    let Some(slices) = warmup.checked_div(length).map(|whole| whole.min(MOST)) else {
        return Vec::new();
    };
    let mut counts = vec![0_u64; slices as usize];
    let ended = facts.warmup.iter().filter(|record| record.is_ended() && record.ended_ns < from);
    for record in ended {
        // Slices before the window's start, from 0.
        let before = (from - 1 - record.ended_ns) / length;
        if before < slices {
            counts[(slices - 1 - before) as usize] += 1;
        }
    }
    counts
}
