//! Runs that renderers tend to trip over.

use measurement::row::{TrialRow, Verdict};
use measurement::run::RunStatus;

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
        ("one-level-many", one_level_many()),
        ("one-repeat", base().keep(|row| row.repeat == 0)),
        ("one-trial", base().keep(|row| row.repeat == 0 && row.order == 0)),
        ("two-repeats", base().keep(|row| row.repeat < 2)),
        ("all-failed", base().all_failed()),
        ("no-rows", base().keep(|_| false)),
        ("untrusted-model", untrusted_model()),
        ("many-models", many_models(8)),
        ("twenty-models", many_models(20)),
        ("hundred-trials", hundred_trials()),
        ("every-kind", every_kind()),
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
        ("latency-grid", Fixture::latency_grid()),
        ("own-levels", Fixture::c10k()),
        ("timeouts-at-a-level", timeouts()),
        ("no-latency", no_latency()),
        ("interrupted", interrupted()),
        ("exhausted-only", exhausted_only()),
        ("hostile-words", hostile_words()),
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

/// Eight models with long labels at one level.
fn one_level_many() -> Fixture {
    many_models(8).keep(|row| row.concurrency == Some(64))
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
        // A model of its own, not the same again under another name.
        info.options.insert("variant".to_owned(), at.to_string());
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

/// Twenty models at five levels, once each.
fn hundred_trials() -> Fixture {
    many_models(20).keep(|row| row.repeat == 0 && row.concurrency != Some(1))
}

/// A model of each kind there is and three more of one.
fn every_kind() -> Fixture {
    const MODELS: [&str; 11] = [
        "tokio",
        "thread-per-request",
        "rayon",
        "thread-pool",
        "tokio-spawn-blocking",
        "thread-per-core",
        "tokio-blocking",
        "tokio-rayon",
        "rayon-64",
        "rayon-128",
        "rayon-256",
    ];
    let mut fixture = many_models(MODELS.len());
    let models = &mut fixture.run.scenario.models;
    for (model, label) in models.iter_mut().zip(MODELS) {
        model.kind = label.trim_end_matches(|c: char| c == '-' || c.is_ascii_digit()).to_owned();
        label.clone_into(&mut model.label);
    }
    for row in &mut fixture.rows {
        MODELS[row.model_index as usize].clone_into(&mut row.model);
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

/// At one level nothing came back in time: every request failed, at the deadline.
fn timeouts() -> Fixture {
    let mut fixture = Fixture::flaky();
    let deadline_ms = fixture.run.scenario.timeout_ms;
    for row in fixture.rows.iter_mut().filter(|row| row.concurrency == Some(256)) {
        let requests = (256.0 * 2.0 * 1e3 / deadline_ms) as u64;
        let late = |figure: Option<f64>| figure.map(|_| deadline_ms + 0.3);
        (row.requests, row.ok, row.degraded, row.failed) = (requests, 0, 0, requests);
        row.errors.clear();
        row.errors.insert("timeout".to_owned(), 2 * requests);
        row.throughput_rps = Some(requests as f64 / 2.0);
        row.goodput_rps = Some(0.0);
        row.latency_mean_ms = late(row.latency_mean_ms);
        row.latency_p50_ms = late(row.latency_p50_ms);
        row.latency_p90_ms = late(row.latency_p90_ms);
        (row.latency_p99_ms, row.latency_p999_ms) = (None, None);
        row.latency_max_ms = late(row.latency_max_ms);
    }
    fixture
}

/// Upstreams that answer at once, seen through a clock that ticks too seldom.
fn no_latency() -> Fixture {
    let mut fixture = Fixture::high_latency();
    for row in &mut fixture.rows {
        for figure in [
            &mut row.latency_mean_ms,
            &mut row.latency_p50_ms,
            &mut row.latency_p90_ms,
            &mut row.latency_p99_ms,
            &mut row.latency_p999_ms,
            &mut row.latency_max_ms,
            &mut row.added_mean_ms,
            &mut row.added_p50_ms,
            &mut row.added_p99_ms,
            &mut row.floor_mean_ms,
            &mut row.floor_p50_ms,
            &mut row.floor_p99_ms,
        ] {
            *figure = figure.map(|_| 0.0);
        }
        // N ÷ 0: no ideal.
        (row.ideal_rps, row.efficiency, row.pool_ceiling_rps) = (None, None, None);
    }
    fixture
}

/// Ended by Ctrl-C after the first repeat's twenty trials.
fn interrupted() -> Fixture {
    let mut fixture = Fixture::high_latency().keep(|row| row.order < 20);
    fixture.run.status = RunStatus::Interrupted;
    fixture
}

/// The OS refused threads in every trial: no figure but the count reached.
fn exhausted_only() -> Fixture {
    let mut fixture = Fixture::high_latency().all_failed();
    for row in &mut fixture.rows {
        super::exhaust(row);
        row.verdict = Verdict::Exhausted;
    }
    fixture
}

/// Labels, title and reasons as nobody should write them: markup, right-to-left, emoji, no spaces.
fn hostile_words() -> Fixture {
    let mut fixture = Fixture::flaky();
    let words = [
        "<script>alert('x')</script>",
        "\u{5d7}\u{5d5}\u{5d8} \u{5dc}\u{5db}\u{5dc} \u{5d1}\u{5e7}\u{5e9}\u{5d4} (\u{5de}\u{5d4}\u{5d9}\u{5e8})",
        "\u{1f980}\u{1f980} tokio \u{1f469}\u{200d}\u{1f4bb} | *a* `b` [c](d)",
        "onewordthatneverendsandhasnospaceinitatallonewordthatneverendsandhasnospaceinitatall",
    ];
    let labels: Vec<String> =
        fixture.run.scenario.models.iter().map(|model| model.label.clone()).collect();
    let label = |own: &str| labels.iter().zip(words).find(|(l, _)| *l == own).map(|(_, word)| word);
    for model in &mut fixture.run.scenario.models {
        if let Some(word) = label(&model.label) {
            word.clone_into(&mut model.label);
        }
    }
    for row in &mut fixture.rows {
        if let Some(word) = label(&row.model) {
            word.clone_into(&mut row.model);
        }
        if !row.reason.is_empty() {
            row.reason = format!("{} & {}", row.reason, words.join(" "));
        }
    }
    fixture.run.scenario.title = words.join(" \u{202e}");
    fixture.run.scenario.reason = Some(words.concat().repeat(4));
    fixture
}
