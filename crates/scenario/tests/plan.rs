//! Plans: every point once per repeat, shuffled in blocks, sized by the upstreams' waits.

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use common::{VALID, kinds, parse, with_latencies};
use scenario::plan::{Timing, again, block};
use scenario::{Level, Plan, PlannedTrial, Scenario};

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[test]
fn every_point_runs_once_in_every_block() -> Outcome {
    let scenario = parse(VALID, &[])?;
    let plan = Plan::of(&scenario, false, 2);
    assert_eq!(plan.trials.len(), 3 * 3 * 3);
    for (repeat, block) in plan.trials.chunks(9).enumerate() {
        assert!(block.iter().all(|trial| trial.repeat as usize == repeat));
        let points: BTreeSet<_> =
            block.iter().map(|trial| (trial.model_index, trial.level_index)).collect();
        assert_eq!(points.len(), 9);
        assert!(
            block
                .iter()
                .all(|trial| trial.level == Level::Concurrency([1, 8, 64][trial.level_index]))
        );
    }
    assert!(plan.trials.iter().enumerate().all(|(order, trial)| trial.order == order));
    Ok(())
}

#[test]
fn levels_of_a_model_that_is_left_out_need_not_be_there() -> Outcome {
    let overrides = ["model.tokio.levels=[64]", "load.concurrency=[2, 4]"];
    let refused = parse(VALID, &overrides).err().ok_or("tokio runs at 64, which is not there")?;
    assert!(refused.to_string().contains("no level 64"), "{refused}");
    let only = |label: &str| {
        let overrides = overrides.map(str::to_owned);
        let only = [label.to_owned()];
        Scenario::parse_only(Path::new("s.toml"), VALID, &overrides, &only, &kinds())
    };
    let rayon = only("rayon-256")?;
    assert_eq!(rayon.models.len(), 3, "models keep their places");
    assert_eq!(rayon.models[2].levels, None);
    assert!(only("tokio").is_err(), "one that runs is held to its levels");
    Ok(())
}

#[test]
fn a_model_runs_at_the_levels_it_states() -> Outcome {
    let scenario = parse(VALID, &["model.tokio.levels=[64, 8]"])?;
    assert_eq!(scenario.models[2].levels, Some(vec![1, 2]), "positions, ascending");
    let plan = Plan::of(&scenario, false, 2);
    assert_eq!(plan.trials.len(), 3 * 8);
    assert!(plan.trials.iter().all(|trial| (trial.model_index, trial.level_index) != (2, 0)));
    assert!(plan.trials.iter().enumerate().all(|(order, trial)| trial.order == order));
    Ok(())
}

#[test]
fn a_precision_adds_blocks_after_those_planned() -> Outcome {
    let scenario = parse(VALID, &["load.precision=2%"])?;
    let plan = Plan::of(&scenario, false, 2);
    let precision = plan.timing.precision.ok_or("stated")?;
    assert_eq!((precision.half_width, precision.max_repeats), (0.02, 15));
    assert_eq!(plan.trials.len(), 3 * 9);
    assert_eq!(plan.estimate_most, Some(plan.estimate * 5));
    let next = block(&scenario, 3);
    assert!(next.iter().enumerate().all(|(at, trial)| trial.order == 27 + at && trial.repeat == 3));
    assert_eq!(block(&scenario, 1), plan.trials[9..18], "a pure function of the repeat");
    let quick = Plan::of(&scenario, true, 2);
    assert_eq!((quick.timing.precision, quick.estimate_most), (None, None));
    let capped = parse(VALID, &["load.precision=2%", "load.max_repeats=4"])?;
    assert_eq!(capped.load.precision.map(|precision| precision.max_repeats), Some(4));
    Ok(())
}

#[test]
fn trials_run_again_are_the_same_trials_in_an_order_of_their_own() -> Outcome {
    let scenario = parse(VALID, &[])?;
    let plan = Plan::of(&scenario, false, 2);
    assert_eq!((plan.timing.reruns, Timing::of(&scenario, true).reruns), (2, 0));
    let spoilt = &plan.trials[3..15];
    let once = again(&scenario, spoilt, 27);
    assert!(
        once.iter().enumerate().all(|(at, trial)| (trial.order, trial.attempt) == (27 + at, 2))
    );
    let point = |trial: &PlannedTrial| (trial.model_index, trial.level_index, trial.repeat);
    let set = |trials: &[PlannedTrial]| trials.iter().map(point).collect::<BTreeSet<_>>();
    assert_eq!(set(&once), set(spoilt));
    let order = |trials: &[PlannedTrial]| trials.iter().map(point).collect::<Vec<_>>();
    assert_ne!(order(&once), order(spoilt), "shuffled");
    assert_eq!(again(&scenario, spoilt, 27), once, "a pure function");
    let twice = again(&scenario, &once, 39);
    assert!(twice.iter().all(|trial| trial.attempt == 3));
    assert_ne!(order(&twice), order(&once));
    Ok(())
}

#[test]
fn the_order_depends_on_the_seed_alone() -> Outcome {
    let points = |overrides: &[&str]| -> Result<Vec<(usize, usize)>, scenario::Error> {
        let plan = Plan::of(&parse(VALID, overrides)?, false, 2);
        Ok(plan.trials.iter().map(|trial| (trial.model_index, trial.level_index)).collect())
    };
    assert_eq!(points(&[])?, points(&["load.duration=5s", "upstream.api1.latency=1ms"])?);
    assert_ne!(points(&[])?, points(&["seed=8"])?);
    Ok(())
}

#[test]
fn a_quick_run_is_shorter_and_has_the_same_points() -> Outcome {
    let scenario = parse(VALID, &[])?;
    let (full, quick) = (Plan::of(&scenario, false, 1), Plan::of(&scenario, true, 1));
    assert!(quick.quick && quick.estimate < full.estimate);
    assert_eq!(quick.trials, full.trials[..9], "the first block");
    let timing = Timing::of(&scenario, true);
    assert_eq!(timing, quick.timing);
    assert_eq!(
        (timing.warmup, timing.duration),
        (Duration::from_millis(250), Duration::from_millis(800))
    );
    let tiny = parse(VALID, &["load.duration=100ms", "load.warmup=0s"])?;
    let timing = Timing::of(&tiny, true);
    assert_eq!((timing.warmup, timing.duration), (Duration::ZERO, Duration::from_millis(100)));
    Ok(())
}

#[test]
fn waits_follow_the_laws_and_the_timeout() -> Outcome {
    let fixed = parse(&with_latencies("'50ms'", "'20ms'", ""), &[])?;
    assert_eq!(fixed.mean_wait(0), Duration::from_millis(50));
    assert_eq!(fixed.mean_waits(3).sum, Duration::from_millis(70));
    assert_eq!(fixed.p99_upstream(), Duration::from_millis(50));

    let late = parse(&with_latencies("'50ms'", "'20ms'", ""), &["combine.timeout=30ms"])?;
    assert_eq!(late.mean_wait(0), Duration::from_millis(30));
    assert_eq!(late.p99_upstream(), Duration::from_millis(30));

    let hanging =
        parse(&with_latencies("'50ms'", "'20ms'", "hangs = '1%'"), &["combine.timeout=400ms"])?;
    assert_eq!(hanging.p99_upstream(), Duration::from_millis(400));
    // Mean of 50 ms where neither leg hangs (0.99²), else 400 ms; 4096 ids.
    let expected_s = 0.99 * 0.99 * 0.050 + (1.0 - 0.99 * 0.99) * 0.400;
    let sd_s = 0.350 * (0.0199_f64 * 0.9801 / 4096.0).sqrt();
    assert!((hanging.mean_wait(0).as_secs_f64() - expected_s).abs() < 4.0 * sd_s);

    // E[max] of two uniforms on (0, 30 ms) is 20 ms.
    let uniform = "{ uniform = { min = '0s', max = '30ms' } }";
    let pair = parse(&with_latencies(uniform, uniform, ""), &[])?;
    assert!(
        (pair.mean_wait(0).as_secs_f64() - 0.020).abs()
            < 4.0 * 0.030 * (1.0_f64 / 18.0 / 4096.0).sqrt()
    );
    assert_ne!(pair.mean_wait(0), pair.mean_wait(1));
    Ok(())
}

#[test]
fn records_suffice_for_what_the_waits_allow_and_no_more() -> Outcome {
    let second = Duration::from_secs(1);
    let of = |scenario: &Scenario, places, client_cpus| {
        let timing = Timing { duration: second, ..Timing::of(scenario, false) };
        scenario.record_capacity(Level::Concurrency(places), &timing, client_cpus)
    };
    let fixed = parse(&with_latencies("'50ms'", "'20ms'", ""), &["load.warmup=2s"])?;
    assert_eq!(of(&fixed, 100, 1), [5_000 + 800 + 1024, 2_500 + 800 + 1024]);
    let instant = parse(&with_latencies("'0s'", "'0s'", ""), &[])?;
    assert_eq!(of(&instant, 1, 2)[1], 300_000 + 8 + 1024);
    let refused = parse(&with_latencies("'0s'", "'0s'", ""), &["load.duration=10min"]);
    assert!(refused.is_err_and(|error| error.to_string().contains("request records")));
    Ok(())
}

#[test]
fn a_pool_is_expected_to_take_longer() -> Outcome {
    let scenario = parse(VALID, &["model.1.threads=1", "load.concurrency=[64]"])?;
    let plan = Plan::of(&scenario, false, 1);
    let of = |model| {
        let trial = plan.trials.iter().find(|trial| trial.model_index == model);
        trial.map(|trial| trial.estimate(&scenario, plan.timing, 1))
    };
    let (pool, tokio) = (of(1).ok_or("planned")?, of(2).ok_or("planned")?);
    assert_eq!(pool.window, scenario.load.duration * 4, "capped");
    assert_eq!(tokio.window, scenario.load.duration);
    let total: Duration =
        plan.trials.iter().map(|trial| trial.estimate(&scenario, plan.timing, 1).total()).sum();
    assert!(total.abs_diff(plan.estimate) < Duration::from_secs(1));
    Ok(())
}

#[test]
fn cpu_work_is_expected_to_bound_the_throughput() -> Outcome {
    let latencies = with_latencies("'5ms'", "'5ms'", "");
    let keys = ["load.concurrency=[400]", "load.duration=2s"];
    let cooldown = |besides: &str, cpus| -> Result<Duration, Box<dyn std::error::Error>> {
        let scenario = parse(&latencies, &[keys[0], keys[1], besides])?;
        let plan = Plan::of(&scenario, false, cpus);
        let trial = plan.trials.first().ok_or("planned")?;
        Ok(trial.estimate(&scenario, plan.timing, cpus).cooldown)
    };
    // 400 in flight take a generation to end: 400 × the work ÷ the CPUs.
    assert_eq!(cooldown("combine.work=1ms", 1)?, Duration::from_millis(400));
    assert_eq!(cooldown("combine.work=1ms", 2)?, Duration::from_millis(200));
    assert_eq!(cooldown("combine.work=0us", 1)?, Duration::from_millis(5));
    Ok(())
}
