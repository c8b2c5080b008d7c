//! Schedules: which request is due when, pinned, and true to the rates that were stated.

mod common;

use std::time::Duration;

use common::{VALID, parse};
use scenario::arrivals::Due;
use scenario::plan::{Plan, Timing};
use scenario::{Level, LoadShape, Phase, Scenario, Schedule, TrialLoad, schema};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// The valid scenario with another load.
fn open(load: &str) -> Result<Scenario, scenario::Error> {
    let closed = "concurrency = [1, 8, 64]\nwarmup = \"1s\"\nduration = \"2s\"";
    assert!(VALID.contains(closed));
    parse(&VALID.replace(closed, load), &[])
}

fn schedule(scenario: &Scenario, level: Level, repeat: u32) -> Schedule {
    let timing = Timing::of(scenario, false);
    scenario.trial_schedule(level, &timing, repeat).expect("an open loop has a schedule")
}

fn of_phase(schedule: &Schedule, phase: Phase) -> Vec<Due> {
    let dues = schedule.dues().skip_while(|due| due.phase != phase);
    dues.take_while(|due| due.phase == phase).collect()
}

/// Pinned: arrivals must not change with a library's version, or runs of one seed would no longer
/// be comparable. From an implementation of `ChaCha8` written independently, gaps −ln(u)/λ.
#[test]
fn poisson_arrivals_are_pinned() -> Outcome {
    let scenario = open("rate = '1000/s'\nwarmup = '1s'\nduration = '2s'")?;
    let schedule = |seed: u64, repeat| {
        let seeded = Scenario { seed, ..scenario.clone() };
        schedule(&seeded, Level::Rate(1000.0), repeat)
    };
    let first = |schedule: &Schedule, phase, count| -> Vec<u64> {
        let start = if phase == Phase::Window { schedule.window_ns().start } else { 0 };
        let dues = schedule.dues().filter(|due| due.phase == phase);
        dues.take(count).map(|due| due.at_ns - start).collect()
    };
    for (seed, repeat, warmup, window) in PINNED {
        let schedule = schedule(seed, repeat);
        assert_eq!(first(&schedule, Phase::Warmup, 4), warmup, "{seed} {repeat}");
        assert_eq!(first(&schedule, Phase::Window, 6), window, "{seed} {repeat}");
    }
    Ok(())
}

const PINNED: [(u64, u32, [u64; 4], [u64; 6]); 3] = [
    (
        1,
        0,
        [859_157, 2_971_575, 4_563_997, 9_178_341],
        [519_638, 2_224_654, 3_186_859, 3_529_516, 3_870_473, 4_075_721],
    ),
    (
        1,
        1,
        [661_596, 1_473_148, 2_214_828, 2_553_811],
        [2_664_184, 2_932_778, 6_658_520, 7_730_678, 7_927_369, 13_588_234],
    ),
    (
        2,
        0,
        [2_276_376, 3_491_045, 6_906_718, 7_385_923],
        [1_654_005, 2_240_447, 3_078_969, 3_134_152, 3_383_356, 4_967_190],
    ),
];

#[test]
fn phases_lie_where_they_are_stated_and_ids_count_in_each() -> Outcome {
    // The upstreams' p99 is the timeout, 5 s, for 2 % of hangs: the warm-up lasts two of them.
    let scenario = open("rate = ['50/s', '400/s']\nwarmup = '1s'\nduration = '2s'")?;
    assert_eq!(scenario.levels(), [50.0, 400.0].map(Level::Rate));
    for level in scenario.levels() {
        let schedule = schedule(&scenario, level, 0);
        assert_eq!(schedule.window_ns(), 10_000_000_000..12_000_000_000);
        let dues: Vec<Due> = schedule.dues().take(10_000).collect();
        assert!(dues.is_sorted_by_key(|due| due.at_ns));
        for phase in [Phase::Warmup, Phase::Window, Phase::Cooldown] {
            let own: Vec<&Due> = dues.iter().filter(|due| due.phase == phase).collect();
            assert!(own.iter().all(|due| schedule.phase_at(due.at_ns) == phase));
            assert!(
                own.iter().enumerate().all(|(number, due)| due.id() == phase.id(number as u64))
            );
        }
        let in_window = of_phase(&schedule, Phase::Window).len() as f64;
        let mean = schedule.offered_rps() * 2.0;
        assert!((in_window - mean).abs() < 5.0 * mean.sqrt(), "{in_window} of {mean}");
        assert!(schedule.record_capacity()[1] as f64 > mean + 8.0 * mean.sqrt());
    }
    Ok(())
}

#[test]
fn the_window_is_the_same_whatever_the_warm_up_and_scales_with_the_rate() -> Outcome {
    let window = |load: &str, level| -> Result<Vec<u64>, scenario::Error> {
        let schedule = schedule(&open(load)?, level, 1);
        let start = schedule.window_ns().start;
        Ok(of_phase(&schedule, Phase::Window).iter().map(|due| due.at_ns - start).collect())
    };
    let short = window("rate = '100/s'\nwarmup = '1s'", Level::Rate(100.0))?;
    let long = window("rate = '100/s'\nwarmup = '20s'", Level::Rate(100.0))?;
    assert_eq!(short, long);
    let double = window("rate = '200/s'\nwarmup = '1s'", Level::Rate(200.0))?;
    assert!(short.iter().zip(&double).all(|(one, other)| one.abs_diff(2 * other) <= 2));
    let one_stage =
        window("stages = [{ rate = '100/s', for = '2s' }]\nwarmup = '1s'", Level::Stages)?;
    assert_eq!(short, one_stage);
    Ok(())
}

#[test]
fn constant_arrivals_are_a_gap_apart_and_as_many_as_arithmetic_says() -> Outcome {
    let load = "rate = '500/s'\narrivals = 'constant'\nwarmup = '1s'\nduration = '4s'";
    let schedule = schedule(&open(load)?, Level::Rate(500.0), 0);
    let dues = of_phase(&schedule, Phase::Window);
    assert_eq!(dues.len(), 2_000);
    assert!(dues.windows(2).all(|pair| (pair[1].at_ns - pair[0].at_ns).abs_diff(2_000_000) <= 1));
    let start = schedule.window_ns().start;
    let second = start + 1_000_000_000..start + 2_000_000_000;
    assert_eq!(dues.iter().filter(|due| second.contains(&due.at_ns)).count(), 500);
    Ok(())
}

const STAGES: &str = "stages = [{ rate = '100/s', for = '2s' }, { ramp_to = '500/s', for = '4s' }, \
    { rate = '0/s', for = '1s' }, { ramp_to = '300/s', for = '1s' }]\nwarmup = '1s'\nmax_in_flight = 7";

#[test]
fn stages_bring_what_the_area_under_the_rate_says() -> Outcome {
    let scenario = open(STAGES)?;
    assert_eq!(scenario.levels(), [Level::Stages]);
    assert_eq!(scenario.load.duration, Duration::from_secs(8));
    let LoadShape::Stages { stages, max_in_flight, .. } = &scenario.load.shape else {
        return Err("not stages".into());
    };
    assert_eq!((stages[1].from_rps, stages[3].from_rps, *max_in_flight), (100.0, 0.0, 7));
    // 200 + 1200 + 0 + 150 in 8 s.
    assert_eq!(scenario.offered_rps(Level::Stages), Some(1550.0 / 8.0));
    let constant = open(&format!("{STAGES}\narrivals = 'constant'"))?;
    for (scenario, exact) in [(&scenario, false), (&constant, true)] {
        let schedule = schedule(scenario, Level::Stages, 0);
        let start = schedule.window_ns().start;
        let dues = of_phase(&schedule, Phase::Window);
        for second in 0..8 {
            let slice = start + second * 1_000_000_000..start + (second + 1) * 1_000_000_000;
            let mean = schedule.expected(slice.start, slice.end);
            let due = dues.iter().filter(|due| slice.contains(&due.at_ns)).count() as f64;
            let bound = if exact { 1.0 } else { 5.0 * mean.sqrt() + f64::EPSILON };
            assert!((due - mean).abs() <= bound, "second {second}: {due} of {mean}");
        }
        let planned = [100.0, 100.0, 150.0, 250.0, 350.0, 450.0, 0.0, 150.0];
        for (second, mean) in planned.into_iter().enumerate() {
            let at = start + second as u64 * 1_000_000_000;
            assert!((schedule.expected(at, at + 1_000_000_000) - mean).abs() < 1e-6);
        }
        assert!((schedule.offered_rps() - 1550.0 / 8.0).abs() < 1e-9);
        assert!((schedule.peak_rps() - 500.0).abs() < 1e-9);
        assert!((schedule.rate_rps_at(start + 4_000_000_000) - 300.0).abs() < 1e-6);
        assert!((schedule.rate_rps_at(0) - 100.0).abs() < 1e-9, "the first rate warms up");
        assert!((schedule.rate_rps_at(u64::MAX / 2) - 300.0).abs() < 1e-9, "the last goes on");
    }
    Ok(())
}

/// Within each second of a ramp from 0, Λ of the arrivals is a process of rate 1: its gaps are
/// exponential, which Kolmogorov and Smirnov's statistic confirms.
#[test]
fn a_ramp_s_arrivals_are_a_poisson_process() -> Outcome {
    let scenario = open("stages = [{ ramp_to = '4000/s', for = '10s' }]\nwarmup = '0s'")?;
    let schedule = schedule(&scenario, Level::Stages, 2);
    let start = schedule.window_ns().start;
    let dues = of_phase(&schedule, Phase::Window);
    let mut gaps: Vec<f64> = dues
        .windows(2)
        .map(|pair| {
            let expected =
                schedule.expected(start, pair[1].at_ns) - schedule.expected(start, pair[0].at_ns);
            1.0 - (-expected).exp()
        })
        .collect();
    gaps.sort_unstable_by(f64::total_cmp);
    let count = gaps.len() as f64;
    let distance = gaps.iter().enumerate().map(|(rank, u)| {
        let rank = rank as f64;
        (u - rank / count).abs().max(((rank + 1.0) / count - u).abs())
    });
    let distance = distance.fold(0.0, f64::max);
    // 1.95 / √n is passed once in a thousand.
    assert!(distance < 1.95 / count.sqrt(), "{distance} with {count} gaps");
    Ok(())
}

#[test]
fn a_quick_run_shortens_stages_and_keeps_their_rates() -> Outcome {
    let scenario = open(STAGES)?;
    let quick = Timing::of(&scenario, true);
    assert_eq!(quick.duration, Duration::from_millis(3_200));
    let schedule = scenario.trial_schedule(Level::Stages, &quick, 0).ok_or("open")?;
    let window = schedule.window_ns();
    assert_eq!(window.end - window.start, 3_200_000_000);
    assert!((schedule.expected(window.start, window.end) - 0.4 * 1550.0).abs() < 1e-6);
    assert!((schedule.rate_rps_at(window.start + 1_600_000_000) - 300.0).abs() < 1e-6);
    assert!((schedule.peak_rps() - 500.0).abs() < 1e-9);
    Ok(())
}

#[test]
fn a_quick_run_leaves_a_stall_its_window() -> Outcome {
    let stalled = "rate = '100/s'\nwarmup = '1s'\nduration = '4s'";
    let scenario = open(stalled)?;
    assert_eq!(Timing::of(&scenario, true).duration, Duration::from_millis(1_600));
    let mut scenario = scenario;
    let (at, length) = (Duration::from_secs(2), Duration::from_secs(1));
    scenario.upstreams[0].stall = Some(scenario::Stall { at, length });
    assert_eq!(Timing::of(&scenario, true).duration, Duration::from_secs(4));
    Ok(())
}

#[test]
fn a_fall_to_nothing_ends_the_load_with_the_window() -> Outcome {
    let load = "stages = [{ rate = '0/s', for = '1s' }, { rate = '200/s', for = '1s' }, { ramp_to = '0/s', for = '1s' }]";
    let scenario = open(load)?;
    let schedule = schedule(&scenario, Level::Stages, 0);
    assert!((schedule.rate_rps_at(0) - 200.0).abs() < 1e-9, "warmed up at the first rate above 0");
    let last = schedule.dues().last().ok_or("some arrive")?;
    assert_eq!(last.phase, Phase::Window);
    assert!(last.at_ns < schedule.window_ns().end);
    Ok(())
}

#[test]
fn every_model_gets_the_same_arrivals_and_every_repeat_its_own() -> Outcome {
    let scenario = open("rate = ['20/s', '100/s']\nwarmup = '1s'\nduration = '2s'")?;
    let plan = Plan::of(&scenario, false, 1);
    assert_eq!(plan.trials.len(), 3 * 2 * 3);
    let first = |repeat| schedule(&scenario, Level::Rate(20.0), repeat).dues().next();
    assert_ne!(first(0), first(1));
    assert!(matches!(
        scenario.trial_load(Level::Rate(20.0), &plan.timing, 0),
        TrialLoad::Open(schedule) if schedule.dues().next() == first(0)
    ));
    let shorter = Plan::of(&scenario, true, 1);
    assert!(shorter.estimate < plan.estimate);
    let window = plan.trials[0].estimate(&scenario, plan.timing, 1).window;
    assert_eq!(window, Duration::from_secs(2), "an open window has its stated length");
    Ok(())
}

#[test]
fn the_schema_wants_exactly_one_pace() {
    let schema = schema(&common::kinds());
    let load = &schema["properties"]["load"];
    let paces: Vec<&str> = load["oneOf"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|pace| pace["required"][0].as_str())
        .collect();
    assert_eq!(paces, ["concurrency", "rate", "stages"]);
    assert_eq!(load["properties"]["stages"]["items"]["required"], serde_json::json!(["for"]));
}
