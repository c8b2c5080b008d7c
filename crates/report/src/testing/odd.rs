//! Runs that renderers tend to trip over.

use measurement::row::{TrialRow, Verdict};

use super::Fixture;

/// Every made-up run with a short name.
pub fn all() -> Vec<(&'static str, Fixture)> {
    let base = Fixture::high_latency;
    vec![
        ("plain", base()),
        ("flaky", Fixture::flaky()),
        ("two-models", base().models(&["tokio", "thread-per-request"])),
        ("one-model", base().models(&["tokio"])),
        ("one-level", base().keep(|row| row.concurrency == Some(64))),
        ("one-repeat", base().keep(|row| row.repeat == 0)),
        ("one-trial", base().keep(|row| row.repeat == 0 && row.order == 0)),
        ("two-repeats", base().keep(|row| row.repeat < 2)),
        ("all-failed", base().all_failed()),
        ("no-rows", base().keep(|_| false)),
        ("untrusted-model", untrusted_model()),
        ("many-models", many_models(8)),
        ("twenty-models", many_models(20)),
        ("six-decades", six_decades()),
        ("coinciding", coinciding()),
        ("zeros", zeros()),
        ("open", Fixture::open()),
        ("open-one-model", Fixture::open().models(&["thread-per-request"])),
        ("open-one-repeat", Fixture::open().keep(|row| row.repeat == 0)),
        ("staged", Fixture::staged()),
        ("swept", Fixture::swept()),
        ("guards", Fixture::guards()),
        ("pool-size", Fixture::pool_size()),
        ("grid", Fixture::grid()),
    ]
}

/// No point of thread-per-request is to be trusted.
fn untrusted_model() -> Fixture {
    let mut fixture = Fixture::high_latency();
    for row in fixture.rows.iter_mut().filter(|row| row.model == "thread-per-request") {
        row.verdict = Verdict::Inconsistent;
        "3 ids answered that were never sent".clone_into(&mut row.reason);
    }
    fixture
}

/// So many models with long labels, close to each other.
fn many_models(count: usize) -> Fixture {
    let mut fixture = Fixture::high_latency();
    let own: Vec<TrialRow> =
        fixture.rows.iter().filter(|row| row.model == "tokio").cloned().collect();
    let model = fixture.run.scenario.models[0].clone();
    fixture.run.scenario.models.clear();
    fixture.rows.clear();
    for at in 0..count {
        let label = format!("thread-per-request, variant {at} with <a long> label & more");
        let mut info = model.clone();
        info.label.clone_from(&label);
        fixture.run.scenario.models.push(info);
        for row in &own {
            let factor = 1.0 - 0.03 * at as f64;
            let mut row = row.clone();
            row.model.clone_from(&label);
            row.model_index = at as u32;
            row.throughput_rps = row.throughput_rps.map(|rps| rps * factor);
            row.latency_p99_ms = row.latency_p99_ms.map(|ms| ms / factor);
            row.cpu_us_per_request = row.cpu_us_per_request.map(|us| us / factor);
            fixture.rows.push(row);
        }
    }
    fixture
}

/// Levels from 1 to a million, figures over six decades.
fn six_decades() -> Fixture {
    let mut fixture = Fixture::high_latency();
    let place = |n: u32| {
        super::LEVELS.iter().take_while(|level| **level != n).fold(1.0, |decade, _| decade * 10.0)
    };
    fixture.run.scenario.levels = (0..6).map(|k| 10_f64.powi(k)).collect();
    for row in &mut fixture.rows {
        let n = row.concurrency.unwrap_or(1);
        let decade: f64 = place(n);
        let stretch = decade / f64::from(n);
        row.concurrency = Some(decade as u32);
        for figure in [
            &mut row.throughput_rps,
            &mut row.ideal_rps,
            &mut row.latency_p99_ms,
            &mut row.added_p99_ms,
        ] {
            *figure = figure.map(|value| value * stretch);
        }
    }
    fixture
}

/// Every model measured exactly the same.
fn coinciding() -> Fixture {
    let mut fixture = Fixture::high_latency();
    let own: Vec<TrialRow> =
        fixture.rows.iter().filter(|row| row.model == "tokio").cloned().collect();
    for row in &mut fixture.rows {
        let twin = own.iter().find(|o| o.concurrency == row.concurrency && o.repeat == row.repeat);
        if let Some(twin) = twin {
            *row =
                TrialRow { model: row.model.clone(), model_index: row.model_index, ..twin.clone() };
        }
    }
    fixture
}

/// Figures that have no place on a log axis.
fn zeros() -> Fixture {
    let mut fixture = Fixture::high_latency();
    for row in &mut fixture.rows {
        row.added_p50_ms =
            row.added_p50_ms.map(|_| if row.concurrency == Some(1) { -0.01 } else { 0.0 });
        if row.concurrency == Some(8) {
            row.throughput_rps = Some(0.0);
            row.latency_p50_ms = Some(0.0);
            row.cpu_us_per_request = Some(0.0);
        }
    }
    fixture
}
