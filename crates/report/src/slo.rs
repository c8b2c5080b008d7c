//! What the `[slo]` asks, and up to which load each model keeps to it.
//!
//! A level is judged where its point is to be trusted and has every figure asked for. The load a
//! model meets the objective at is the highest level judged to meet it with no miss below: a level
//! that happens to pass above one that failed is not a load to run at. Nor is an offered rate that is
//! not kept up with: its latency is that of a window of this length, and what was shed has none.

use serde::Serialize;

use crate::analysis::metric::{LATENCY_P99, NOT_OK_SHARE, THROUGHPUT};
use crate::analysis::{Analysis, Point, keeps_up};
use crate::format;

/// The objective.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Slo {
    /// Highest acceptable p99 of the request latency, ms.
    pub p99_ms: Option<f64>,
    /// Highest acceptable share of requests that are not `ok`, 0 to 1.
    pub errors: Option<f64>,
}

/// How one model fared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SloResult {
    /// Position in `Analysis::series`.
    pub model: usize,
    /// The highest load that meets the objective, if any does.
    pub met: Option<Met>,
    /// Over a sweep: how many values meet it; there `met` is the last of them.
    pub values: usize,
    /// Levels that could be judged.
    pub judged: usize,
    /// Levels that could not.
    pub not_judged: usize,
}

/// A load that meets the objective.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Met {
    /// The level.
    pub level: f64,
    /// Median throughput there, requests per second.
    pub throughput_rps: f64,
}

impl Slo {
    /// The run's objective, if it states one.
    pub fn of(analysis: &Analysis) -> Option<Self> {
        let scenario = &analysis.run.scenario;
        let slo = Self { p99_ms: scenario.slo_p99_ms, errors: scenario.slo_errors };
        (slo.p99_ms.is_some() || slo.errors.is_some()).then_some(slo)
    }

    /// The objective in words: `p99 ≤ 700 ms and at most 0.1 % not ok`.
    pub fn words(&self) -> String {
        let p99 = self.p99_ms.map(|ms| format!("p99 ≤ {}", format::millis_fine(ms)));
        let errors = self.errors.map(|share| format!("at most {} not ok", format::percent(share)));
        let parts: Vec<String> = [p99, errors].into_iter().flatten().collect();
        format::list(&parts)
    }

    /// How every model fared, in scenario order.
    pub fn results(&self, analysis: &Analysis) -> Vec<SloResult> {
        let of = |series: &crate::analysis::Series| {
            let verdicts: Vec<(f64, Option<bool>)> =
                series.points.iter().map(|point| (point.level, self.met_at(point))).collect();
            let judged = verdicts.iter().filter(|(_, met)| met.is_some()).count();
            let met = verdicts
                .iter()
                .take_while(|(_, met)| series.swept || *met != Some(false))
                .filter(|(_, met)| *met == Some(true))
                .last()
                .and_then(|&(level, _)| {
                    let throughput_rps = series.point(level)?.median(&THROUGHPUT)?;
                    Some(Met { level, throughput_rps })
                });
            let values =
                verdicts.iter().filter(|(_, met)| series.swept && *met == Some(true)).count();
            let not_judged = verdicts.len() - judged;
            SloResult { model: series.index, met, values, judged, not_judged }
        };
        analysis.series.iter().map(of).collect()
    }

    /// Whether a point meets it; `None` where that cannot be judged.
    pub fn met_at(&self, point: &Point) -> Option<bool> {
        if !point.trusted() {
            return None;
        }
        if keeps_up(point) == Some(false) {
            return Some(false);
        }
        let within = |limit: Option<f64>, metric| match limit {
            None => Some(true),
            Some(limit) => point.median(metric).map(|value| value <= limit),
        };
        match (within(self.p99_ms, &LATENCY_P99), within(self.errors, &NOT_OK_SHARE)) {
            // One miss is a miss, whatever the other would have said.
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn the_load_that_meets_it_lies_below_the_first_miss() {
        let analysis = Fixture::flaky().analysis();
        let slo = Slo::of(&analysis).expect("flaky states one");
        assert_eq!(format::plain(&slo.words()), "p99 ≤ 450 ms and at most 5 % not ok");
        let results = slo.results(&analysis);
        let tokio = results[0].met.expect("tokio meets it");
        assert_eq!(tokio.level.to_bits(), 1024_f64.to_bits());
        // One thread of rayon queues from N = 8 on: no p99 of it is that low.
        assert_eq!(results[2].met, None);
        assert!(results.iter().all(|result| result.not_judged > 0), "N = 1 has no p99");
    }

    #[test]
    fn without_an_slo_there_is_nothing_to_meet() {
        assert_eq!(Slo::of(&Fixture::high_latency().analysis()), None);
    }

    #[test]
    fn a_rate_that_is_not_kept_up_with_misses_whatever_its_window_saw() {
        let mut fixture = Fixture::open();
        fixture.run.scenario.slo_errors = Some(1.0);
        let analysis = fixture.analysis();
        let slo = Slo::of(&analysis).expect("stated");
        let results = slo.results(&analysis);
        for (series, result) in analysis.series.iter().zip(&results) {
            let kept = series.capacity().map(|capacity| capacity.offered_rps);
            assert_eq!(result.met.map(|met| met.level), kept, "{}", series.model.label);
        }
        assert!(analysis.series.iter().any(|series| series.overload_rps().is_some()));
    }

    #[test]
    fn a_point_past_the_error_share_misses_also_without_a_p99() {
        let mut fixture = Fixture::flaky().keep(|row| row.concurrency == Some(8));
        fixture.run.scenario.slo_errors = Some(0.001);
        let analysis = fixture.analysis();
        let slo = Slo::of(&analysis).expect("stated");
        assert_eq!(slo.met_at(&analysis.series[0].points[0]), Some(false));
    }
}
