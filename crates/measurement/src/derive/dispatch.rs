//! How long requests waited for their dispatcher.
//!
//! In a closed loop a place falls free when a request ends; the next request is due that moment. Where the model
//! uses all of its CPU the dispatcher, who needs some too, comes late, and a latency counted from
//! dispatch would hide the queue before it (coordinated omission in the small).

use scenario::Level;

use crate::record::RequestRecord;

/// The wait of each request of the window, by id, nanoseconds: from the end that freed its place
/// to its dispatch. With N places the request started as number `s` (from 0) takes the place
/// freed by end number `s - N`; the first N places open on a schedule of their own. In open loop
/// a request is due when it was intended.
pub(super) fn lags_ns(
    level: Level,
    warmup: &[RequestRecord],
    window: &[RequestRecord],
) -> Vec<u64> {
    let Some(places) = level.concurrency() else {
        let lag = |record: &RequestRecord| record.started_ns.saturating_sub(record.intended_ns);
        return window.iter().map(lag).collect();
    };
    let all = || warmup.iter().chain(window);
    let mut ends: Vec<u64> = all().filter(|r| r.is_ended()).map(|r| r.ended_ns).collect();
    ends.sort_unstable();
    let lag = |(number, record): (usize, &RequestRecord)| {
        let freed = number.checked_sub(places as usize).and_then(|end| ends.get(end));
        freed.map_or(0, |freed_ns| record.started_ns.saturating_sub(*freed_ns))
    };
    all().enumerate().map(lag).skip(warmup.len()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_freed_early_and_taken_late_is_a_wait() {
        let record = |started_ns, ended_ns| RequestRecord {
            started_ns,
            ended_ns,
            ..RequestRecord::default()
        };
        let warmup = [record(1, 10), record(2, 14)];
        // The first end (10) frees the place taken at 15, the second (14) the one taken at 14.
        let window = [record(14, 40), record(15, 30), record(31, 0)];
        assert_eq!(lags_ns(Level::Concurrency(2), &warmup, &window), [4, 1, 1]);
    }
}
