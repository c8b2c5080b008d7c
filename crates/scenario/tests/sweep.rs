//! `[sweep]`: what each value makes of the scenario, and that whoever gets its overrides reads
//! the same.

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use common::{VALID, kinds, parse};
use scenario::plan::block;
use scenario::{Plan, Scenario, schema};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn with_sweep(key: &str, values: &str) -> String {
    format!("{VALID}\n[sweep]\nkey = {key}\nvalues = {values}\n")
}

fn swept(key: &str, values: &str) -> Result<Scenario, scenario::Error> {
    parse(&with_sweep(key, values), &[])
}

/// Texts and positions of the values.
fn axis(scenario: &Scenario) -> Vec<(String, f64)> {
    let scenarios = scenario.sweep.iter().flat_map(|sweep| &sweep.scenarios);
    let values = scenarios.filter_map(|scenario| scenario.swept.as_ref());
    values.map(|value| (value.text.clone(), value.position)).collect()
}

/// What a scenario says, apart from where it came from.
fn meaning(scenario: &Scenario) -> String {
    let plain = Scenario { overrides: Vec::new(), sweep: None, swept: None, ..scenario.clone() };
    format!("{plain:?}")
}

/// Keys and values of every sort.
const SWEEPS: &[(&str, &str)] = &[
    ("'upstream.api1.latency'", "['1ms', '10ms', { uniform = { min = '1ms', max = '2ms' } }]"),
    ("'upstream.api1.latency.lognormal.p99'", "['200ms', '300ms']"),
    ("'upstream.api2.latency.percentiles.\"p99.9\"'", "[]"),
    ("'upstream.api2.faults.1.rate'", "['0%', '3%']"),
    ("'upstream.api2.faults'", "[[], [{ hang = true, rate = '1%' }]]"),
    ("'upstream.api1.stall'", "[{ at = '1s', for = '100ms' }, { at = '1s', for = '0.2s' }]"),
    ("'combine.timeout'", "['1s', '2s']"),
    ("'combine.blocking.via'", "[]"),
    ("'combine.blocking'", "[{ every = 10, duration = '1ms', via = 'inline' }]"),
    ("'mock.timer'", "['timerfd', 'tokio']"),
    ("'model.rayon-256.threads'", "[8, 16, 4]"),
    ("'model.\"rayon-256\".threads'", "[1, 2]"),
    ("'model.thread-per-request.threads'", "['std', 'lean']"),
    ("'model.2.patience'", "['1ms', '2ms']"),
    ("'model . rayon . stack'", "['64KiB', '128KiB']"),
];

#[test]
fn every_value_is_a_scenario_that_its_overrides_say_again() -> Outcome {
    for (key, values) in SWEEPS.iter().filter(|(_, values)| *values != "[]") {
        let scenario = swept(key, values).map_err(|error| format!("{key}: {error}"))?;
        let sweep = scenario.sweep.as_ref().ok_or("a sweep")?;
        let mut seen = BTreeSet::new();
        for (index, one) in sweep.scenarios.iter().enumerate() {
            let value = one.swept.as_ref().ok_or("which value it is")?;
            assert_eq!((value.index, &value.key), (index, &sweep.key));
            assert!(value.position > 0.0 && !value.text.is_empty(), "{value:?}");
            assert!(one.sweep.is_none());
            let path = std::path::Path::new("scenario.toml");
            let again = Scenario::parse(path, &one.text, &one.overrides, &kinds())
                .map_err(|error| format!("{key} {:?}: {error}", one.overrides))?;
            assert_eq!(meaning(&again), meaning(one), "{key}");
            assert!(again.sweep.is_none() && again.swept.is_none());
            seen.insert(meaning(one));
        }
        assert_eq!(seen.len(), sweep.scenarios.len(), "{key}: every value differs");
    }
    Ok(())
}

#[test]
fn the_base_is_the_file_without_its_sweep_or_with_the_first_value() -> Outcome {
    let scenario = swept("'upstream.api1.latency'", "['1ms', '10ms']")?;
    assert_eq!(meaning(&scenario), meaning(&parse(&scenario.text, &["sweep=false"])?));
    assert_eq!(scenario.upstreams[0].latency.describe(), "lognormal, p50 80 ms, p99 400 ms");
    let at = |value| scenario.at(value).upstreams[0].latency.describe();
    assert_eq!(at(Some(0)), "fixed 1 ms");
    assert_eq!(at(Some(1)), "fixed 10 ms");
    assert_eq!(at(None), scenario.upstreams[0].latency.describe());

    let unstated = with_sweep("'upstream.api2.latency'", "['3ms', '4ms']")
        .replace("latency = \"120ms\"\n", "");
    let scenario = parse(&unstated, &[])?;
    assert_eq!(scenario.upstreams[1].latency.describe(), "fixed 3 ms");
    assert_eq!(scenario.at(Some(1)).upstreams[1].latency.describe(), "fixed 4 ms");
    Ok(())
}

#[test]
fn values_stand_where_their_numbers_say() -> Outcome {
    let at = |key, values| swept(key, values).map(|scenario| axis(&scenario));
    let owned = |pairs: &[(&str, f64)]| -> Vec<(String, f64)> {
        pairs.iter().map(|&(text, position)| (text.to_owned(), position)).collect()
    };
    assert_eq!(
        at("'upstream.api1.latency'", "['200us', '0.01s', '1s']")?,
        owned(&[("200 us", 0.2), ("10 ms", 10.0), ("1 s", 1000.0)]),
    );
    assert_eq!(
        at("'model.rayon-256.threads'", "[4, 0x10, 1_000]")?,
        owned(&[("4", 4.0), ("16", 16.0), ("1000", 1000.0)]),
    );
    assert_eq!(
        at("'upstream.api1.body'", "['1KiB', '2KiB']")?,
        owned(&[("1 KiB", 1024.0), ("2 KiB", 2048.0)]),
    );
    assert_eq!(
        at("'upstream.api1.errors'", "['1%', '2.5%']")?,
        owned(&[("1 %", 0.01), ("2.5 %", 0.025)])
    );
    // Zero, not ascending, and words: one beside the other.
    assert_eq!(at("'upstream.api1.errors'", "['0%', '2%']")?, owned(&[("0 %", 1.0), ("2 %", 2.0)]));
    assert_eq!(
        at("'model.rayon-256.threads'", "[8, 16, 4]")?,
        owned(&[("8", 1.0), ("16", 2.0), ("4", 4.0)]),
    );
    assert_eq!(
        at("'mock.timer'", "['tokio', 'timerfd', 'hybrid']")?,
        owned(&[("tokio", 1.0), ("timerfd", 2.0), ("hybrid", 4.0)]),
    );
    assert_eq!(
        at("'upstream.api1.latency'", "['1ms', { uniform = { min = '1ms', max = '2ms' } }]")?,
        owned(&[("1 ms", 1.0), ("uniform min 1 ms, max 2 ms", 2.0)]),
    );
    // Too alike to tell apart in words.
    let close = at("'upstream.api1.latency'", "['1.00001ms', '1.00002ms']")?;
    assert_ne!(close[0].0, close[1].0);
    Ok(())
}

#[test]
fn a_sweep_is_overridden_like_every_other_key() -> Outcome {
    let text = with_sweep("'upstream.api1.latency'", "['1ms', '10ms']");
    let texts = |overrides: &[&str]| -> Result<Vec<String>, scenario::Error> {
        Ok(axis(&parse(&text, overrides)?).into_iter().map(|(text, _)| text).collect())
    };
    assert_eq!(texts(&["sweep.values=[\"5ms\"]"])?, ["5 ms"]);
    assert_eq!(texts(&["sweep.values.1=5ms"])?, ["1 ms", "5 ms"]);
    assert_eq!(texts(&["sweep.key=combine.timeout"])?, ["1 ms", "10 ms"]);
    assert_eq!(texts(&["sweep=false"])?, Vec::<String>::new());
    let added = parse(VALID, &["sweep={ key = 'combine.timeout', values = ['1s', '2s'] }"])?;
    assert_eq!(axis(&added).len(), 2);
    let one = parse(&text, &["sweep=false", "upstream.api1.latency=7ms"])?;
    assert_eq!(one.upstreams[0].latency.describe(), "fixed 7 ms");
    Ok(())
}

#[test]
fn a_model_is_named_by_its_label_or_where_it_has_none_by_its_kind() -> Outcome {
    let model = |key: &str, text: &str| -> Result<Option<usize>, scenario::Error> {
        let text = format!("{text}\n[sweep]\nkey = {key}\nvalues = [8, 16]\n");
        Ok(parse(&text, &[])?.sweep.and_then(|sweep| sweep.model))
    };
    assert_eq!(model("'model.rayon-256.threads'", VALID)?, Some(1));
    assert_eq!(model("'model.rayon.threads'", VALID)?, Some(1), "the only one of its kind");
    let two = format!("{VALID}\n[[model]]\nkind = \"rayon\"\n");
    assert_eq!(model("'model.rayon.threads'", &two)?, Some(3), "the one without a label");
    let odd = VALID.replace("rayon-256", "a pool, 2.5x = \\\"big\\\"");
    assert_eq!(model("'model.''a pool, 2.5x = \"big\"''.threads'", &odd).ok(), None);
    let key = r#""model.'a pool, 2.5x = \"big\"'.threads""#;
    assert_eq!(model(key, &odd)?, Some(1));
    assert_eq!(swept("'combine.timeout'", "['1s']")?.sweep.and_then(|sweep| sweep.model), None);
    Ok(())
}

#[test]
fn every_value_runs_at_every_level_under_every_model_in_every_block() -> Outcome {
    let scenario = swept("'model.rayon-256.threads'", "[8, 16, 4, 2]")?;
    let plan = Plan::of(&scenario, false, 2);
    assert_eq!(plan.trials.len(), 3 * 3 * 4 * 3);
    for (repeat, trials) in plan.trials.chunks(36).enumerate() {
        let points: BTreeSet<_> = trials
            .iter()
            .map(|trial| (trial.model_index, trial.level_index, trial.sweep))
            .collect();
        assert_eq!(points.len(), 36);
        assert!(points.iter().all(|(.., value)| value.is_some_and(|value| value < 4)));
        assert_eq!(block(&scenario, repeat as u32), trials);
        let swept: Vec<_> = trials.iter().map(|trial| trial.sweep).collect();
        assert!(!swept.is_sorted(), "shuffled");
    }
    assert!(plan.trials.iter().enumerate().all(|(order, trial)| trial.order == order));
    let quick = Plan::of(&scenario, true, 2);
    assert_eq!(quick.trials, plan.trials[..36]);
    Ok(())
}

#[test]
fn a_value_may_have_levels_of_its_own() -> Outcome {
    let text = with_sweep("'upstream.api1.latency'", "['1ms', '10ms', '80ms']");
    let text = format!("{text}levels = [[8, 1], 8, 64]\nlabel = 'latency of the payments'\n");
    let scenario = parse(&text, &[])?;
    let plan = Plan::of(&scenario, false, 2);
    let points: BTreeSet<_> = plan
        .trials
        .iter()
        .filter(|trial| trial.model_index == 0)
        .map(|trial| (trial.sweep, trial.level_index))
        .collect();
    let expected = [(Some(0), 0), (Some(0), 1), (Some(1), 1), (Some(2), 2)];
    assert_eq!(points, BTreeSet::from(expected));
    assert_eq!(plan.trials.len(), 4 * 3 * 3);
    let sweep = scenario.sweep.as_ref().ok_or("a sweep")?;
    assert_eq!(sweep.label.as_deref(), Some("latency of the payments"));
    // Whoever runs a trial reads a scenario without the sweep: all levels keep their positions.
    assert!(sweep.scenarios.iter().all(|one| one.levels() == scenario.levels()));
    Ok(())
}

#[test]
fn estimates_and_warm_ups_are_those_of_the_value() -> Outcome {
    let text = with_sweep("'upstream.api2.latency'", "['1ms', '3s']");
    let scenario = parse(&text, &["upstream.api2.faults=[]"])?;
    for (quick, expected) in [(false, Duration::from_secs(3)), (true, Duration::from_millis(1500))]
    {
        let plan = Plan::of(&scenario, quick, 1);
        assert_eq!(plan.timing_at(&scenario, Some(1)).upstream_p99, expected);
        assert!(plan.timing_at(&scenario, Some(0)).upstream_p99 < expected);
        assert_eq!(plan.timing_at(&scenario, None), plan.timing);
    }
    let plan = Plan::of(&scenario, false, 1);
    let total = |value| -> Duration {
        let trials = plan.trials.iter().filter(|trial| trial.sweep == Some(value));
        let timing = plan.timing_at(&scenario, Some(value));
        trials.map(|trial| trial.estimate(&scenario, timing, 1).total()).sum()
    };
    assert!(total(1) > total(0) * 2);
    assert!((total(0) + total(1)).abs_diff(plan.estimate) < Duration::from_secs(1));

    let pools = swept("'model.rayon-256.threads'", "[1, 256]")?;
    let plan = Plan::of(&pools, false, 1);
    let window = |value| {
        let busiest = |trial: &&scenario::PlannedTrial| {
            (trial.model_index, trial.level_index, trial.sweep) == (1, 2, Some(value))
        };
        let trial = plan.trials.iter().find(busiest);
        trial.map(|trial| trial.estimate(&pools, plan.timing, 1).window)
    };
    assert_eq!(window(0), Some(pools.load.duration * 4), "capped");
    assert_eq!(window(1), Some(pools.load.duration));
    Ok(())
}

#[test]
fn the_schema_knows_sweeps() {
    let schema = schema(&kinds());
    let sweep = &schema["properties"]["sweep"]["anyOf"];
    assert_eq!(sweep[0]["required"], serde_json::json!(["key", "values"]));
    assert_eq!(sweep[0]["properties"]["values"]["maxItems"], 32);
    assert_eq!(sweep[1]["const"], false);
}
