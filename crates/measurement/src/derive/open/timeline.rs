//! The window slice by slice: what was due, shed, completed, in flight, and how long it took.

use std::ops::Range;

use super::super::percentile::{percentile, supports};
use crate::open::TimeSlice;
use crate::record::RequestRecord;

/// What a timeline is made of. Times are CLOCK_MONOTONIC.
pub(super) struct Material<'a> {
    /// The window, by the schedule.
    pub(super) window_ns: Range<u64>,
    pub(super) slice_ns: u64,
    /// When the window's requests were due, ascending.
    pub(super) due_ns: &'a [u64],
    /// The window's records, by id: as many as were dispatched or shed.
    pub(super) records: &'a [RequestRecord],
    /// Records of requests due before and after.
    pub(super) others: [&'a [RequestRecord]; 2],
    /// CPU time used (second) at times (first), ascending.
    pub(super) cpu_ns: &'a [(u64, u64)],
    pub(super) cpus: u32,
}

/// The slices of the window; the last may be shorter.
pub(super) fn of(material: &Material) -> Vec<TimeSlice> {
    let spans = spans(material.window_ns.clone(), material.slice_ns);
    let mut slices: Vec<TimeSlice> = spans
        .iter()
        .map(|span| TimeSlice {
            at_s: (span.start - material.window_ns.start) as f64 / 1e9,
            length_s: length(span) / 1e9,
            cpu: cpu_share(material, span),
            ..TimeSlice::default()
        })
        .collect();
    let inside = |at_ns: u64| {
        let after = at_ns.checked_sub(material.window_ns.start)? / material.slice_ns;
        (at_ns < material.window_ns.end).then_some(after as usize)
    };
    for slice in material.due_ns.iter().filter_map(|&due_ns| inside(due_ns)) {
        slices[slice].due += 1;
    }
    let mut responses: Vec<Vec<u64>> = vec![Vec::new(); slices.len()];
    for record in material.records {
        let Some(slice) = inside(record.intended_ns) else { continue };
        if !record.is_started() {
            slices[slice].shed += 1;
        } else if record.is_ended() {
            responses[slice].push(record.ended_ns.saturating_sub(record.intended_ns));
        }
    }
    let [before, after] = material.others;
    for record in before.iter().chain(material.records).chain(after) {
        if !record.is_started() {
            continue;
        }
        if let Some(slice) = Some(record.ended_ns).filter(|&ns| ns > 0).and_then(inside) {
            slices[slice].completed += 1;
        }
        let until_ns = if record.is_ended() { record.ended_ns } else { u64::MAX };
        let first = inside(record.started_ns.max(material.window_ns.start)).unwrap_or(spans.len());
        for (slice, span) in slices.iter_mut().zip(&spans).skip(first) {
            if span.start >= until_ns {
                break;
            }
            let own = until_ns.min(span.end).saturating_sub(record.started_ns.max(span.start));
            slice.in_flight += own as f64 / length(span);
        }
    }
    for (slice, mut responses) in slices.iter_mut().zip(responses) {
        responses.sort_unstable();
        let all = (slice.due - slice.shed.min(slice.due)) as usize;
        let q = if supports(all, 0.99) { 0.99 } else { 1.0 };
        let missing = all.saturating_sub(responses.len());
        slice.p99_ms = percentile(&responses, missing, q).map(|ns| ns as f64 / 1e6);
    }
    slices
}

fn spans(window_ns: Range<u64>, slice_ns: u64) -> Vec<Range<u64>> {
    let starts = window_ns.clone().step_by(slice_ns.max(1) as usize);
    starts.map(|start| start..(start + slice_ns).min(window_ns.end)).collect()
}

fn length(span: &Range<u64>) -> f64 {
    (span.end - span.start) as f64
}

/// Share of the CPUs used in the span; `None` where it was not watched throughout.
fn cpu_share(material: &Material, span: &Range<u64>) -> Option<f64> {
    let used = used_ns(material.cpu_ns, span.end)? - used_ns(material.cpu_ns, span.start)?;
    Some(used.max(0.0) / (length(span) * f64::from(material.cpus.max(1))))
}

/// CPU time used until `at_ns`, between two readings in proportion. The window's ends are read a
/// moment after they come.
fn used_ns(readings: &[(u64, u64)], at_ns: u64) -> Option<f64> {
    let next = readings.partition_point(|&(read_ns, _)| read_ns <= at_ns);
    let (first, last) = match next {
        0 => (readings.first()?, readings.get(1)?),
        next if next == readings.len() => return None,
        next => (&readings[next - 1], &readings[next]),
    };
    let span = (last.0 - first.0).max(1) as f64;
    let inside = (at_ns as f64 - first.0 as f64) / span;
    // A reading is a difference of two that are taken a moment apart: it may be less than the last.
    Some(first.1 as f64 + inside * (last.1 as f64 - first.1 as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(intended_ns: u64, started_ns: u64, ended_ns: u64) -> RequestRecord {
        RequestRecord { intended_ns, started_ns, ended_ns, ..RequestRecord::default() }
    }

    #[test]
    fn each_figure_falls_into_its_slice() {
        let before = [record(90, 90, 130), record(95, 95, 0)];
        let records = [
            record(100, 100, 150),
            record(140, 0, 0),
            record(150, 160, 220),
            record(190, 205, 260),
            // Due in the last slice, dispatched after the window, never ended.
            record(210, 255, 0),
        ];
        let material = Material {
            window_ns: 100..250,
            slice_ns: 60,
            due_ns: &[100, 140, 150, 190, 210, 245],
            records: &records,
            others: [&before, &[]],
            cpu_ns: &[(90, 0), (130, 20), (190, 80), (251, 80)],
            cpus: 2,
        };
        let slices = of(&material);
        let counts: Vec<_> = slices.iter().map(|s| (s.due, s.shed, s.completed)).collect();
        assert_eq!(counts, [(3, 1, 2), (2, 0, 0), (1, 0, 1)]);
        // Three slices: 60, 60 and 30 long. The request that never ends is in flight in all.
        let in_flight =
            [(30.0 + 60.0 + 50.0) / 60.0, (60.0 + 60.0 + 15.0) / 60.0, (30.0 + 0.0 + 30.0) / 30.0];
        for (slice, expected) in slices.iter().zip(in_flight) {
            assert!((slice.in_flight - expected).abs() < 1e-9, "{slice:?}");
        }
        assert!((slices[2].length_s - 30e-9).abs() < 1e-15);
        // Response counts from when a request was due; with one of two not ended there is no
        // maximum.
        assert_eq!(slices[0].p99_ms, Some(70e-6));
        assert_eq!(slices[1].p99_ms, None);
        assert_eq!(slices[2].p99_ms, None);
        // From 100 to 160: 15 (of 20 until 130) and 30 (half of what came until 190), of 120.
        assert!((slices[0].cpu.expect("watched") - 45.0 / 120.0).abs() < 1e-9);
        assert!((slices[1].cpu.expect("watched") - 30.0 / 120.0).abs() < 1e-9);
        assert_eq!(slices[2].cpu, Some(0.0));
    }

    #[test]
    fn what_was_not_watched_is_not_known() {
        assert_eq!(used_ns(&[], 5), None);
        assert_eq!(used_ns(&[(1, 1)], 5), None);
        assert_eq!(used_ns(&[(10, 0), (20, 10)], 30), None);
        assert_eq!(used_ns(&[(10, 0), (20, 10)], 9), Some(-1.0));
    }

    #[test]
    fn cpu_time_that_seems_to_go_back_is_none() {
        assert_eq!(used_ns(&[(10, 8), (20, 6)], 15), Some(7.0));
        let material = Material {
            window_ns: 10..20,
            slice_ns: 10,
            due_ns: &[],
            records: &[],
            others: [&[], &[]],
            cpu_ns: &[(10, 8), (20, 6), (30, 6)],
            cpus: 1,
        };
        assert_eq!(of(&material)[0].cpu, Some(0.0));
    }
}
