//! What blocking calls inside some requests did to all others, and what they must do to them on
//! one event loop.
//!
//! The loop is a queue with one place: a call keeps it from its end less its duration to its end,
//! and whoever is due, or whose last answer comes, in that time waits for its end. Where a second
//! call is waiting by then, because its request's answer came before, that is waited for as well.
//! So what each other request must wait follows from this trial's own times. Requests with a fetch
//! that was not answered are left out, and those whose answers came after the window, when nobody
//! notes any more who blocks.

use scenario::{Blocking, Phase, Via};

use super::facts::{Facts, mean};
use super::percentile::percentile;
use crate::exchange::{Exchange, Fate};
use crate::hurdles::BlockingFigures;
use crate::record::RequestRecord;
use crate::row::TrialRow;

/// A request counts as held up when it takes this share of the blocking time longer than one that
/// nobody holds up: a fifth of what a held-up request waits on average, and far above a machine's
/// own scatter.
const BOUND: f64 = 0.1;

/// Fewest requests that nobody holds up to compare with.
const FEWEST: usize = 20;

/// A blocking call on the event loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "a unit stands in every name, here as elsewhere")]
struct Block {
    /// Its request's last answer came, where that is known.
    came_ns: Option<u64>,
    /// It was made.
    began_ns: u64,
    /// It has returned.
    until_ns: u64,
}

/// A request that does not block.
#[derive(Debug, Clone, Copy)]
struct Other {
    /// When it was due, and its last answer came.
    turns_ns: [u64; 2],
    added_ns: u64,
}

impl Facts<'_> {
    /// The window's blocking calls and what came of them, into the row; nothing where none was
    /// asked for.
    pub(super) fn fill_blocking(&self, row: &mut TrialRow) {
        let Some(blocking) = self.scenario.combine.blocking else { return };
        let one_loop = self.account.besides.event_loops == Some(1);
        let blocks = if one_loop && blocking.via == Via::Inline {
            self.blocks(&blocking)
        } else {
            Vec::new()
        };
        let others = self.others(&blocking);
        let seen = Seen::of(&others, &blocks, blocking.duration.as_nanos() as f64 * BOUND);
        let blocked =
            |(id, record): &(usize, &RequestRecord)| blocks_at(&blocking, *id) && record.is_ended();
        let expected = |value| if one_loop && blocking.via == Via::Inline { value } else { None };
        row.hurdles.get_or_insert_default().blocking = Some(BlockingFigures {
            via: blocking.via.name().to_owned(),
            every: blocking.every,
            duration_ms: blocking.duration.as_secs_f64() * 1e3,
            blocked: self.records.iter().enumerate().filter(blocked).count() as u64,
            expected_share: expected(seen.expected_share),
            held_up_share: seen.held_up_share,
            expected_mean_ms: expected(seen.expected_mean_ms),
            held_up_mean_ms: seen.added_mean_ms,
            unheld_mean_ms: seen.unheld_mean_ms,
            unheld_p50_ms: seen.unheld_p50_ms,
        });
    }

    /// Every blocking call that was noted, in order.
    fn blocks(&self, blocking: &Blocking) -> Vec<Block> {
        let length_ns = blocking.duration.as_nanos() as u64;
        let block = |record: &RequestRecord, came_ns: Option<u64>| {
            let until_ns = record.ended_ns.saturating_sub(record.wait_ns + record.hold_ns);
            Block { came_ns, began_ns: until_ns.saturating_sub(length_ns), until_ns }
        };
        let ended = |records: &'_ [RequestRecord]| {
            let all = records.iter().copied().enumerate();
            all.filter(|(id, record)| blocks_at(blocking, *id) && record.is_ended())
                .collect::<Vec<_>>()
        };
        let before = ended(self.warmup).into_iter().map(|(_, record)| block(&record, None));
        let inside = ended(self.records).into_iter();
        let inside = inside.map(|(id, record)| block(&record, self.came_ns(id)));
        let mut blocks: Vec<Block> = before.chain(inside).collect();
        blocks.sort_unstable_by_key(|block| block.until_ns);
        blocks
    }

    fn others(&self, blocking: &Blocking) -> Vec<Other> {
        let to_ns = self.window.end.at_ns;
        let all = self.records.iter().enumerate();
        all.filter(|(id, record)| !blocks_at(blocking, *id) && record.is_ended())
            .filter_map(|(id, record)| {
                let came_ns = self.came_ns(id).filter(|&came_ns| came_ns < to_ns)?;
                let due_ns = record.ended_ns.saturating_sub(self.response_ns(id, record));
                let added_ns = self.added_ns(id, record)?;
                Some(Other { turns_ns: [due_ns, came_ns], added_ns })
            })
            .collect()
    }

    /// When the last answer to a request of the window left the mock, if both were answered.
    fn came_ns(&self, id: usize) -> Option<u64> {
        let left = |exchange: &Exchange| exchange.received_ns.saturating_add(exchange.held_ns);
        let answered = |exchange: &&Exchange| exchange.fate == Fate::Answered;
        let [first, second] =
            self.seen.each_ref().map(|seen| seen.get(id).filter(answered).map(left));
        Some(first?.max(second?))
    }
}

/// Whether the request of this number in its phase blocks.
fn blocks_at(blocking: &Blocking, id: usize) -> bool {
    Phase::index(id as u64).is_multiple_of(blocking.every.max(1))
}

/// What was seen of the others, and what they must have waited.
#[derive(Debug, PartialEq)]
struct Seen {
    expected_share: Option<f64>,
    expected_mean_ms: Option<f64>,
    held_up_share: Option<f64>,
    added_mean_ms: Option<f64>,
    unheld_mean_ms: Option<f64>,
    unheld_p50_ms: Option<f64>,
}

impl Seen {
    /// `blocks` in order; who is held up for at most `bound_ns` is not.
    fn of(others: &[Other], blocks: &[Block], bound_ns: f64) -> Self {
        let queue = Queue::of(blocks);
        let waits: Vec<u64> = others
            .iter()
            .map(|other| other.turns_ns.iter().map(|&at_ns| queue.wait_ns(at_ns)).sum())
            .collect();
        let added: Vec<u64> = others.iter().map(|other| other.added_ns).collect();
        let free = waits.iter().zip(&added).filter(|(wait_ns, _)| **wait_ns == 0);
        let mut unheld: Vec<u64> = free.map(|(_, added_ns)| *added_ns).collect();
        unheld.sort_unstable();
        if unheld.len() < FEWEST {
            unheld.clear();
        }
        let usual_ns = percentile(&unheld, 0, 0.5).map(|ns| ns as f64);
        let share = |values: &[u64], above_ns: f64| {
            let above = values.iter().filter(|&&ns| ns as f64 > above_ns).count();
            (!values.is_empty()).then(|| above as f64 / values.len() as f64)
        };
        let ms = |ns: f64| ns / 1e6;
        Self {
            expected_share: share(&waits, bound_ns),
            expected_mean_ms: mean(&waits).map(ms),
            held_up_share: usual_ns.and_then(|usual_ns| share(&added, usual_ns + bound_ns)),
            added_mean_ms: mean(&added).map(ms),
            unheld_mean_ms: mean(&unheld).map(ms),
            unheld_p50_ms: usual_ns.map(ms),
        }
    }
}

/// When the loop is free again, as one looks at it at some time.
#[derive(Debug)]
struct Queue {
    /// From this time (first) on until the next: all calls known by then have returned at (second).
    free_ns: Vec<(u64, u64)>,
}

impl Queue {
    fn of(blocks: &[Block]) -> Self {
        debug_assert!(blocks.is_sorted_by_key(|block| block.until_ns), "in order");
        let mut busy_ns = 0;
        let known = |block: &Block| {
            // A call that finds the loop free is made when its turn comes, and not before.
            let queued = block.came_ns.filter(|&came_ns| came_ns < busy_ns);
            busy_ns = block.until_ns;
            (queued.unwrap_or(block.began_ns).min(block.began_ns), block.until_ns)
        };
        let mut free_ns: Vec<(u64, u64)> = blocks.iter().map(known).collect();
        free_ns.sort_unstable();
        let mut latest_ns = 0;
        for (_, until_ns) in &mut free_ns {
            latest_ns = latest_ns.max(*until_ns);
            *until_ns = latest_ns;
        }
        Self { free_ns }
    }

    /// How long what comes at this time waits for the calls before it.
    fn wait_ns(&self, at_ns: u64) -> u64 {
        let before = self.free_ns.partition_point(|&(came_ns, _)| came_ns <= at_ns);
        let last = before.checked_sub(1).and_then(|last| self.free_ns.get(last));
        last.map_or(0, |&(_, free_ns)| free_ns.saturating_sub(at_ns))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{MS, START, Trial, exchange, record};
    use super::*;
    use crate::output::Besides;

    #[test]
    fn who_comes_before_the_end_waits_for_it() {
        let block = |came_ns, until_ns| Block { came_ns, began_ns: until_ns - 20, until_ns };
        let blocks = [block(Some(90), 120), block(Some(110), 140), block(None, 320)];
        let queue = Queue::of(&blocks);
        let waits = [99, 100, 105, 110, 139, 140, 299, 310, 320].map(|at_ns| queue.wait_ns(at_ns));
        // At 99 the loop was free, and at 105 nobody was next: what came then went first.
        assert_eq!(waits, [0, 20, 15, 30, 1, 0, 0, 10, 0]);
        assert_eq!(Queue::of(&[]).wait_ns(5), 0);
    }

    /// One event loop; request 0 of every 50 blocks for 20 ms. Requests are due every 11 ms and
    /// their answers come 10 ms later.
    fn trial(via: &str) -> Trial {
        let mut trial = Trial::sound();
        let blocking =
            format!("combine.blocking={{ every = 50, duration = \"20ms\", via = \"{via}\" }}");
        trial.overrides = vec![blocking];
        trial.output.account.besides = Besides { event_loops: Some(1), ..Besides::default() };
        trial.output.window = (0..100).map(record).collect();
        trial.log.exchanges = (0..100)
            .flat_map(|id| {
                let received_ns = START + id * 11 * MS;
                [0, 1].map(|leg| Exchange { received_ns, ..exchange(id, leg) })
            })
            .collect();
        trial
    }

    fn figures(trial: &Trial) -> BlockingFigures {
        trial.row().hurdles.and_then(|hurdles| hurdles.blocking).expect("asked for")
    }

    #[test]
    fn the_share_held_up_follows_from_the_trials_own_times() {
        let mut trial = trial("inline");
        // Request 0's answers come at 10 ms, its call returns at 30: requests 1 (due at 11, answer
        // at 21) and 2 (due at 22) fall into it. Request 50 in the same way: 51 and 52.
        for blocker in [0, 50] {
            trial.output.window[blocker].ended_ns += 19 * MS;
        }
        let seen = figures(&trial);
        assert_eq!((seen.blocked, seen.every, seen.via.as_str()), (2, 50, "inline"));
        // Of 98 others the last has its answer at the window's end or after, and is left out.
        let others = 97.0;
        let held_up = 4.0;
        let close = |value: Option<f64>, expected: f64| {
            assert!(value.is_some_and(|value| (value - expected).abs() < 1e-9), "{value:?}");
        };
        close(seen.expected_share, held_up / others);
        // 19 + 9 ms of request 1, 8 of request 2, twice.
        close(seen.expected_mean_ms, 2.0 * (19.0 + 9.0 + 8.0) / others);
        // They were not held up, as it happens: each took its 11 ms, 1 more than held.
        close(seen.held_up_share, 0.0);
        close(seen.unheld_p50_ms, 1.0);
    }

    #[test]
    fn nothing_is_expected_where_nobody_shares_the_thread() {
        let mut threads = trial("inline");
        threads.output.account.besides.event_loops = None;
        let mut two = trial("inline");
        two.output.account.besides.event_loops = Some(2);
        for trial in [threads, two, trial("spawn-blocking")] {
            let seen = figures(&trial);
            assert_eq!((seen.expected_share, seen.expected_mean_ms), (None, None));
            assert_eq!(seen.held_up_share, Some(0.0));
        }
    }

    #[test]
    fn who_was_held_up_is_seen_against_who_was_not() {
        let mut trial = trial("spawn-blocking");
        for late in [7, 9, 13] {
            trial.output.window[late].ended_ns += 3 * MS;
        }
        // Within a tenth of 20 ms of the usual: not held up.
        trial.output.window[20].ended_ns += 2 * MS;
        let seen = figures(&trial);
        assert_eq!(seen.held_up_share, Some(3.0 / 97.0));
    }
}
