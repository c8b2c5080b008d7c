//! Open loop: which offered rates a model keeps up with.
//!
//! A rate is kept up with where the completions of the window fall short of what was due by 1 % at
//! most, or by no more than the window's edges can cut (requests that were in flight at its start
//! complete in it, those in flight at its end do not), the model is not saturated, and no queue
//! of requests due grows.

use measurement::row::{LoadKind, TrialRow, Verdict};

use super::metric::{LATENCY_P99, Metric, SERVICE_P99, THROUGHPUT, UNCORRECTED_P99};
use super::{Analysis, Point, Series};
use crate::stats::{PairedRatio, median, paired_ratio};

/// Share of what was due that may be missing.
const SHORTFALL: f64 = 0.01;

/// The highest offered rate that a model keeps up with.
#[derive(Debug, Clone, Copy)]
pub struct Capacity<'a> {
    /// Where.
    pub point: &'a Point,
    /// Offered, requests per second.
    pub offered_rps: f64,
    /// Achieved there, requests per second.
    pub achieved_rps: f64,
    /// The next rate tried, which it does not keep up with; `None`: the levels end.
    pub fails_at_rps: Option<f64>,
}

impl Series {
    /// The highest offered rate kept up with, with none below it that is not; `None` in a closed
    /// loop, and where the lowest rate is too much.
    pub fn capacity(&self) -> Option<Capacity<'_>> {
        let judged: Vec<(&Point, bool)> =
            self.points.iter().filter_map(|point| Some((point, keeps_up(point)?))).collect();
        let (point, _) = judged.iter().take_while(|(_, kept)| *kept).last()?;
        let fails = judged.iter().find(|(_, kept)| !kept).map(|(point, _)| point.level);
        Some(Capacity {
            point,
            offered_rps: point.level,
            achieved_rps: point.median(&THROUGHPUT)?,
            fails_at_rps: fails,
        })
    }

    /// The lowest offered rate it does not keep up with: from there on latency grows with the
    /// length of the run, and there is no steady state.
    pub fn overload_rps(&self) -> Option<f64> {
        self.points.iter().find(|point| keeps_up(point) == Some(false)).map(|point| point.level)
    }
}

impl Analysis {
    /// Whether the load is a schedule.
    pub fn open(&self) -> bool {
        self.load() == LoadKind::Open
    }
}

/// Whether a point keeps up with what is offered; `None` in a closed loop, and where that cannot
/// be judged: the point is not to be trusted for a reason that is not the model's.
pub fn keeps_up(point: &Point) -> Option<bool> {
    let short = shortfall(point)?;
    let grows = |row: &&TrialRow| row.open.as_ref().is_some_and(|open| open.queue_grows);
    if 2 * point.rows_used().filter(grows).count() > point.rows_used().count() {
        return Some(false);
    }
    match point.verdict {
        Verdict::Valid => Some(short.held()),
        // Not steady: the backlog that grows is just what overload looks like.
        Verdict::Saturated | Verdict::Exhausted => Some(false),
        Verdict::Unsteady if !short.held() => Some(false),
        _ => None,
    }
}

/// What is missing of what was due.
struct Shortfall {
    due: f64,
    achieved: f64,
    edges: f64,
}

/// What a client without a schedule leaves out of a point's p99.
#[derive(Debug, Clone)]
pub struct Omission {
    /// p99 of the response, from when requests were due, ms.
    pub response_ms: f64,
    /// p99 that such a client reports, ms.
    pub reported_ms: f64,
    /// From when it counts: to be read after "from" and "counted from".
    pub from: &'static str,
    /// Response ÷ reported.
    pub ratio: PairedRatio,
}

/// Response against uncorrected time of a point (against service time, where the run does not say
/// when its models began requests): medians over the repeats that have both, so that like is put
/// against like. Of percentiles pooled over repeats there is no pair, and no answer.
pub fn omission(point: &Point) -> Option<Omission> {
    let p99 = |metric: &Metric| -> Vec<(u32, f64)> {
        let of = |row: &TrialRow| Some((row.repeat, (metric.of)(row)?));
        point.rows_used().filter_map(of).collect()
    };
    let responses = p99(&LATENCY_P99);
    let (reported, from) = match p99(&UNCORRECTED_P99) {
        none if none.is_empty() => (p99(&SERVICE_P99), "their dispatch"),
        begun => (begun, "when the model began them"),
    };
    let ratio = paired_ratio(&responses, &reported)?;
    let middle = |of: &[(u32, f64)]| {
        let paired =
            of.iter().filter(|(repeat, _)| ratio.pairs.iter().any(|(own, _)| own == repeat));
        median(&paired.map(|&(_, value)| value).collect::<Vec<_>>())
    };
    Some(Omission {
        response_ms: middle(&responses)?,
        reported_ms: middle(&reported)?,
        from,
        ratio,
    })
}

impl Shortfall {
    fn held(&self) -> bool {
        self.due - self.achieved <= (SHORTFALL * self.due).max(self.edges)
    }
}

fn shortfall(point: &Point) -> Option<Shortfall> {
    let mut sum = Shortfall { due: 0.0, achieved: 0.0, edges: 0.0 };
    let mut variance = 0.0;
    for row in point.rows_used() {
        let duration = row.duration_s?;
        sum.due += due(row, duration)?;
        sum.achieved += row.throughput_rps? * duration;
        // Both edges cut a number of requests that scatters like the number in flight.
        variance += 2.0 * row.inflight_mean.unwrap_or(0.0);
    }
    sum.edges = 2.0 * variance.sqrt();
    (sum.due > 0.0).then_some(sum)
}

/// Requests due in the window: counted, or by the rate.
fn due(row: &TrialRow, duration_s: f64) -> Option<f64> {
    if row.load != LoadKind::Open {
        return None;
    }
    match &row.open {
        Some(open) if open.due > 0 => Some(open.due as f64),
        _ => row.offered_rps.map(|rps| rps * duration_s),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Fixture;

    #[test]
    fn a_model_keeps_up_until_it_is_saturated() {
        let analysis = Fixture::open().analysis();
        let capacity = |at: usize| analysis.series[at].capacity().expect("keeps up somewhere");
        let (tokio, threads) = (capacity(0), capacity(1));
        assert!(tokio.offered_rps > threads.offered_rps);
        assert!(threads.achieved_rps > 0.98 * threads.offered_rps);
        assert_eq!(threads.fails_at_rps, analysis.series[1].overload_rps());
        assert!(threads.fails_at_rps.is_some_and(|rps| rps > threads.offered_rps));
        let closed = Fixture::high_latency().analysis();
        assert!(closed.series[0].capacity().is_none() && closed.series[0].overload_rps().is_none());
    }

    #[test]
    fn what_is_left_out_is_told_by_the_latest_clock_that_a_run_has() {
        let mut fixture = Fixture::open();
        let of = |fixture: &Fixture| {
            let analysis = fixture.clone().analysis();
            super::omission(&analysis.series[0].points[0]).expect("every row has a p99")
        };
        let old = of(&fixture);
        assert_eq!(old.from, "their dispatch");
        assert!((old.ratio.ratio - old.response_ms / old.reported_ms).abs() < 0.05, "{old:?}");
        for row in &mut fixture.rows {
            let latency_ms = row.latency_p99_ms;
            let open = row.open.as_mut().expect("an open loop");
            open.uncorrected.p99_ms = latency_ms.map(|ms| ms / 8.0);
        }
        let new = of(&fixture);
        assert_eq!(new.from, "when the model began them");
        assert!((new.ratio.ratio - 8.0).abs() < 1e-9 && new.ratio.interval.is_some(), "{new:?}");
        let closed = Fixture::high_latency().analysis();
        assert!(super::omission(&closed.series[0].points[0]).is_none());
    }
}
