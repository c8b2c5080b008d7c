//! Made-up sweeps: one thing varied at one load, or at several.

use measurement::hurdles::{Hurdles, SharedFigures};
use measurement::row::{Exhausted, Swept, TrialRow, Verdict};
use measurement::run::SweepInfo;

use super::Fixture;
use super::environment::run_info;
use super::shape::{Shape, row};

/// Values for people with their positions.
type Values<'a> = &'a [(&'a str, f64)];

/// CPU work in the combine at 64 in flight, under four models.
pub(super) fn work() -> Fixture {
    let values =
        [("200 us", 0.2), ("1 ms", 1.0), ("5 ms", 5.0), ("20 ms", 20.0), ("100 ms", 100.0)];
    let shapes = [Shape::tokio(), Shape::threads(), Shape::pool("rayon-256", 256)];
    let with_work = |shape: &Shape, at: usize| shape.clone().working(values[at].1 * 1e3);
    of("combine.work", &values, &[64], &shapes, with_work)
}

/// Guards of shared state: words, which nothing lies between.
pub(super) fn guards() -> Fixture {
    let names = ["none", "mutex", "rwlock", "sharded", "atomic", "channel", "async-mutex"];
    let cost_us = [0.0, 250.0, 260.0, 30.0, 15.0, 120.0, 320.0];
    let values: Vec<(&str, f64)> =
        names.iter().enumerate().map(|(at, name)| (*name, (1_u64 << at) as f64)).collect();
    let shapes = [Shape::tokio(), Shape::threads()];
    let guarded = |shape: &Shape, at: usize| shape.clone().working(cost_us[at]);
    let mut fixture = of("combine.shared_state.guard", &values, &[256], &shapes, guarded);
    for row in &mut fixture.rows {
        let at = row.swept.as_ref().map_or(0, |swept| swept.index as usize);
        let shared = SharedFigures {
            guard: names[at].to_owned(),
            reads: row.requests / 2,
            writes: row.requests - row.requests / 2,
            wait_mean_us: Some(0.05 + cost_us[at]),
            wait_p50_us: Some(0.04 + cost_us[at] / 2.0),
            wait_p99_us: Some(0.2 + cost_us[at] * 8.0),
            wait_max_us: Some(1.0 + cost_us[at] * 20.0),
            hold_mean_us: Some(5.0),
        };
        row.hurdles = Some(Hurdles { shared: Some(shared), ..Hurdles::default() });
    }
    fixture
}

/// Kept connections and one per fetch, at 64 in flight.
pub(super) fn connections() -> Fixture {
    let values = [("keep-alive", 1.0), ("per-request", 2.0)];
    let shapes = [Shape::tokio(), Shape::threads()];
    let opening = |shape: &Shape, at: usize| shape.clone().working([0.0, 70.0][at]);
    of("combine.connections", &values, &[64], &shapes, opening)
}

/// 100 in flight at a short latency to 9,000 at a long one; threads end before the latter.
pub(super) fn c10k() -> Fixture {
    let values = [("11 ms", 11.0), ("111 ms", 111.0), ("1 s", 1000.0)];
    let own = [100, 1000, 9000];
    let shapes = [Shape::tokio(), Shape::threads()];
    let slow = |shape: &Shape, _: usize| shape.clone();
    let mut fixture = of("upstream.*.latency", &values, &own, &shapes, slow);
    fixture.rows.retain(|row| row.swept.as_ref().is_some_and(|s| s.index == row.level_index));
    for (order, row) in fixture.rows.iter_mut().enumerate() {
        row.order = order as u32;
    }
    fixture.run.trials_planned = fixture.rows.len() as u32;
    if let Some(sweep) = &mut fixture.run.scenario.sweep {
        sweep.levels = own.iter().map(|level| vec![f64::from(*level)]).collect();
    }
    for row in &mut fixture.rows {
        let latency_s = row.swept.as_ref().map_or(1.0, |swept| swept.position / 1e3);
        let n = f64::from(row.concurrency.unwrap_or(1));
        let rate = (n / latency_s).min(9_500.0);
        (row.verdict, row.throughput_rps) = (Verdict::Valid, Some(rate));
        row.reason.clear();
        row.held_mean = Some(2.0 * rate * latency_s);
        let dearer = if n > 1000.0 { 1.2 } else { 1.0 };
        row.cpu_us_per_request = row.cpu_us_per_request.map(|us| us * dearer);
        if row.kind == "thread-per-request" && n > 1000.0 {
            row.verdict = Verdict::Exhausted;
            "no threads beyond 13,106".clone_into(&mut row.reason);
            row.exhausted = Some(Exhausted {
                resource: "threads".to_owned(),
                reached: 13_104,
                limit: 13_106,
                because: "80 % of 16382, a quarter of vm.max_map_count".to_owned(),
                in_flight: 4_368,
            });
        }
    }
    fixture
}

/// Threads of rayon's pool, beside tokio, whose scenario is the same at every value.
pub(super) fn pool() -> Fixture {
    let values = [("4", 4.0), ("16", 16.0), ("64", 64.0), ("256", 256.0), ("1024", 1024.0)];
    let shapes = [Shape::pool("rayon", 4), Shape::tokio()];
    let sized = |shape: &Shape, at: usize| match shape.pool {
        Some(_) => Shape::pool(&shape.label, values[at].1 as u32),
        None => shape.clone(),
    };
    let mut fixture = of("model.rayon.threads", &values, &[512], &shapes, sized);
    if let Some(sweep) = &mut fixture.run.scenario.sweep {
        sweep.models = vec!["rayon".to_owned()];
    }
    fixture
}

/// Upstream latency at several loads: values have floors and ideals of their own.
pub(super) fn latency_grid() -> Fixture {
    let values = [("1 ms", 1.0), ("10 ms", 10.0), ("100 ms", 100.0)];
    let shapes = [Shape::tokio(), Shape::threads()];
    let same = |shape: &Shape, _: usize| shape.clone();
    let mut fixture = of("upstream.*.latency", &values, &[8, 64, 512], &shapes, same);
    for row in &mut fixture.rows {
        let latency_ms = row.swept.as_ref().map_or(100.0, |swept| swept.position);
        slowed(row, latency_ms / 100.0);
    }
    fixture
}

/// The same with waits so many times as long, as far as CPU lets it.
fn slowed(row: &mut TrialRow, times: f64) {
    let scale = |value: &mut Option<f64>, by: f64| *value = value.map(|value| value * by);
    let busy = row.cpu_utilisation.unwrap_or(0.5) / times;
    let slower = if busy > 0.95 { busy / 0.95 } else { 1.0 };
    for value in [&mut row.throughput_rps, &mut row.goodput_rps] {
        scale(value, 1.0 / (times * slower));
    }
    scale(&mut row.ideal_rps, 1.0 / times);
    for value in [&mut row.floor_mean_ms, &mut row.floor_p50_ms, &mut row.floor_p99_ms] {
        scale(value, times);
    }
    for value in [
        &mut row.latency_mean_ms,
        &mut row.latency_p50_ms,
        &mut row.latency_p90_ms,
        &mut row.latency_p99_ms,
        &mut row.latency_p999_ms,
        &mut row.latency_max_ms,
    ] {
        scale(value, times * slower);
    }
    row.cpu_utilisation = Some(busy.min(0.95));
    row.efficiency = row.throughput_rps.zip(row.ideal_rps).map(|(rate, ideal)| rate / ideal);
}

/// The same work at several loads: each model and value is a series.
pub(super) fn grid() -> Fixture {
    let values = [("200 us", 0.2), ("5 ms", 5.0)];
    let shapes = [Shape::tokio(), Shape::threads()];
    let with_work = |shape: &Shape, at: usize| shape.clone().working(values[at].1 * 1e3);
    of("combine.work", &values, &[1, 8, 64, 256], &shapes, with_work)
}

fn of(
    key: &str,
    values: Values<'_>,
    levels: &[u32],
    shapes: &[Shape],
    at: impl Fn(&Shape, usize) -> Shape,
) -> Fixture {
    let mut run = run_info(shapes);
    let scenario = &mut run.scenario;
    "made_up_sweep".clone_into(&mut scenario.name);
    scenario.levels = levels.iter().copied().map(f64::from).collect();
    scenario.sweep = Some(SweepInfo {
        key: key.to_owned(),
        values: values.iter().map(|(value, _)| (*value).to_owned()).collect(),
        positions: values.iter().map(|(_, position)| *position).collect(),
        models: shapes.iter().map(|shape| shape.label.clone()).collect(),
        levels: Vec::new(),
        label: None,
    });
    let mut rows: Vec<TrialRow> = Vec::new();
    for repeat in 0..3 {
        for (model, shape) in shapes.iter().enumerate() {
            for (index, (value, position)) in values.iter().enumerate() {
                for (level, &concurrency) in levels.iter().enumerate() {
                    let mut row = row(&at(shape, index), concurrency, repeat);
                    row.scenario.clone_from(&scenario.name);
                    row.model_index = model as u32;
                    row.level_index = level as u32;
                    row.order = rows.len() as u32;
                    row.swept = Some(Swept {
                        key: key.to_owned(),
                        index: index as u32,
                        value: (*value).to_owned(),
                        position: *position,
                    });
                    rows.push(row);
                }
            }
        }
    }
    run.trials_planned = rows.len() as u32;
    Fixture { run, rows }
}
