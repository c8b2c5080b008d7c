//! What only an open loop has, against the row's counts.

use crate::open::{Distribution, OpenFigures};
use crate::row::TrialRow;

pub(super) fn contradiction(row: &TrialRow) -> Option<String> {
    let open = row.open.as_ref()?;
    counts(open, row).or_else(|| {
        let times =
            [("service", &open.service), ("uncorrected", &open.uncorrected), ("lag", &open.lag)];
        times.into_iter().find_map(|(name, times)| percentiles(name, times))
    })
}

fn counts(open: &OpenFigures, row: &TrialRow) -> Option<String> {
    let accounted = row.requests.saturating_add(open.shed);
    if open.due != accounted {
        return Some(format!("open.due is {}, but requests + open.shed is {accounted}", open.due));
    }
    let sum = |count: fn(&crate::open::TimeSlice) -> u64| {
        open.timeline.iter().fold(0_u64, |sum, slice| sum.saturating_add(count(slice)))
    };
    let pairs = [("due", open.due, sum(|s| s.due)), ("shed", open.shed, sum(|s| s.shed))];
    let told = !open.timeline.is_empty();
    pairs.into_iter().find(|&(_, all, slices)| told && all != slices).map(|(name, all, slices)| {
        format!("open.{name} is {all}, but the timeline adds up to {slices}")
    })
}

fn percentiles(name: &str, times: &Distribution) -> Option<String> {
    let ascending = [
        ("p50_ms", times.p50_ms),
        ("p90_ms", times.p90_ms),
        ("p99_ms", times.p99_ms),
        ("p999_ms", times.p999_ms),
        ("max_ms", times.max_ms),
    ];
    super::ascending(&ascending).map(|problem| format!("open.{name}: {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::TimeSlice;

    fn sound() -> TrialRow {
        let slice = TimeSlice { due: 50, shed: 5, ..TimeSlice::default() };
        let service =
            Distribution { p50_ms: Some(1.0), max_ms: Some(2.0), ..Distribution::default() };
        let open = OpenFigures {
            due: 100,
            shed: 10,
            service,
            timeline: vec![slice, slice],
            ..OpenFigures::default()
        };
        TrialRow { requests: 90, open: Some(open), ..TrialRow::default() }
    }

    #[test]
    fn an_edited_open_row_is_found() {
        assert_eq!(contradiction(&sound()), None);
        let edits: [fn(&mut OpenFigures); 4] = [
            |open| open.due += 1,
            |open| open.timeline[0].due -= 1,
            |open| open.timeline[1].shed += 1,
            |open| open.service.p50_ms = Some(2.5),
        ];
        for (number, edit) in edits.into_iter().enumerate() {
            let mut row = sound();
            edit(row.open.as_mut().unwrap());
            assert!(contradiction(&row).is_some(), "edit {number}");
        }
    }
}
