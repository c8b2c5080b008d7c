//! Every law draws what its functions say: goodness of fit, caps included, and the draws' luck.

mod common;

use std::collections::HashSet;
use std::path::Path;

use common::{kinds, parse, with_latencies};
use scenario::law::{LAWS, Law, LawKind};
use scenario::{Draws, FaultKind, Phase, Scenario};

type Outcome = Result<(), Box<dyn std::error::Error>>;

const DRAWS: u64 = 100_000;

/// Largest Kolmogorov–Smirnov distance accepted: exceeded by chance once in a million times
/// (2 exp(−2 n D²) = 10⁻⁶). The seed is fixed, so that a failure is no accident of the day.
const MAX_DISTANCE: f64 = 0.0085;

/// A scenario whose first upstream has this latency, next to a file of recorded latencies.
fn scenario_with(latency: &str) -> Result<Scenario, Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let mut rows = vec!["id,latency_ms".to_owned()];
    rows.extend((1..=500).map(|i| format!("{i},{}", f64::from(i * i) / 100.0)));
    std::fs::write(folder.path().join("recorded.csv"), rows.join("\n"))?;
    let text = with_latencies(latency, "'1ms'", "");
    Ok(Scenario::parse(&folder.path().join("s.toml"), &text, &[], &kinds())?)
}

/// Distance between the requested delays of many ids and the law's cumulative function. Delays
/// are whole nanoseconds: P(delay ≤ k) = F(k + 1/2), which makes the comparison exact at jumps.
fn distance(scenario: &Scenario) -> f64 {
    let upstream = &scenario.upstreams[0];
    let draws = Draws::new(scenario.seed, 0, 0, upstream);
    let mut delays: Vec<u128> =
        (0..DRAWS).map(|i| draws.draw(Phase::Window.id(i)).delay.as_nanos()).collect();
    delays.sort_unstable();
    let mut worst: f64 = 0.0;
    let mut seen = 0;
    for group in delays.chunk_by(|a, b| a == b) {
        let below = upstream.latency.cdf(group[0] as f64 - 0.5);
        worst = worst.max((f64::from(seen) / DRAWS as f64 - below).abs());
        seen += group.len() as u32;
        let upto = upstream.latency.cdf(group[0] as f64 + 0.5);
        worst = worst.max((f64::from(seen) / DRAWS as f64 - upto).abs());
    }
    worst
}

/// The cumulative function and the quantile function are inverses of each other.
fn inverses(law: &Law) -> Result<(), String> {
    for i in 1..2000 {
        let u = f64::from(i) / 2000.0;
        let ns = law.quantile_ns(u) as f64;
        // The latency is rounded to a whole nanosecond: one on either side.
        if law.cdf(ns + 1.0) < u - 1e-6 || law.cdf(ns - 1.0) > u + 1e-6 {
            return Err(format!("{}: at {u}, {ns} ns, {}", law.describe(), law.cdf(ns)));
        }
    }
    Ok(())
}

#[test]
fn every_law_fits_with_and_without_caps() -> Outcome {
    let more = [
        r#"{ lognormal = { median = "10ms", sigma = 1.2 } }"#,
        r#"{ normal = { mean = "0s", sd = "10ms" } }"#,
        r#"{ normal = { mean = "500ms", sd = "1ms" } }"#,
        r#"{ pareto = { scale = "1ms", alpha = 0.8 } }"#,
        r#"{ percentiles = { p50 = "40ms", p999 = "2s" } }"#,
        r#"{ mixture = [{ weight = "50%", lognormal = { p50 = "10ms", p99 = "50ms" }, max = "30ms" }, { weight = "50%", uniform = { min = "5ms", max = "500ms" } }, { weight = "10%", mixture = [{ weight = 1, fixed = "7ms" }] }] }"#,
    ];
    for example in LAWS.iter().map(|law| law.example).chain(more) {
        let plain = scenario_with(example)?;
        assert!(distance(&plain) < MAX_DISTANCE, "{example}: {}", distance(&plain));
        inverses(&plain.upstreams[0].latency)?;
        let law = &plain.upstreams[0].latency;
        let caps = [law.quantile_ns(0.2), law.quantile_ns(0.7)];
        let [min, max] = caps.map(|ns| format!("\"{ns}ns\""));
        let latency = example.trim_end().trim_end_matches('}').to_owned();
        let capped = if example.contains("max = \"10s\"") {
            continue; // the pareto example has its cap already
        } else {
            scenario_with(&format!("{latency}, min = {min}, max = {max} }}"))?
        };
        assert!(distance(&capped) < MAX_DISTANCE, "{example} capped: {}", distance(&capped));
        inverses(&capped.upstreams[0].latency)?;
        let draws = Draws::new(1, 0, 0, &capped.upstreams[0]);
        for i in 0..1000 {
            let ns = draws.draw(i).delay.as_nanos();
            assert!((u128::from(caps[0])..=u128::from(caps[1])).contains(&ns), "{example}");
        }
    }
    Ok(())
}

#[test]
fn caps_may_stand_among_the_parameters() -> Outcome {
    let inside = scenario_with(r#"{ lognormal = { p50 = "80ms", p99 = "400ms", max = "1s" } }"#)?;
    let beside = scenario_with(r#"{ lognormal = { p50 = "80ms", p99 = "400ms" }, max = "1s" }"#)?;
    let words = "lognormal, p50 80 ms, p99 400 ms, at most 1 s";
    assert_eq!(inside.upstreams[0].latency.describe(), words);
    assert_eq!(beside.upstreams[0].latency.describe(), words);
    let uniform =
        scenario_with(r#"{ uniform = { min = "1ms", max = "9ms" }, min = "2ms", max = "5ms" }"#)?;
    assert_eq!(
        uniform.upstreams[0].latency.describe(),
        "uniform, 1 ms to 9 ms, at least 2 ms, at most 5 ms"
    );
    Ok(())
}

/// Quantiles worked out by hand from each law's textbook formula.
#[test]
fn quantiles_are_those_of_the_formulas() -> Outcome {
    for (latency, u, ns) in [
        ("'120ms'", 0.3, 120e6),
        ("{ uniform = { min = '10ms', max = '20ms' } }", 0.25, 12.5e6),
        ("{ exponential = { mean = '10ms' } }", 0.5, 6_931_471.8),
        ("{ lognormal = { p50 = '80ms', p99 = '400ms' } }", 0.5, 80e6),
        ("{ lognormal = { p50 = '80ms', p99 = '400ms' } }", 0.99, 400e6),
        ("{ lognormal = { median = '10ms', sigma = 1 } }", 0.841_344_746, 27_182_818.3),
        ("{ normal = { mean = '500ms', sd = '10ms' } }", 0.975, 519_599_639.8),
        // Half-normal: the quantile of 0.5 is 0.674489750 sd.
        ("{ normal = { mean = '0s', sd = '10ms' } }", 0.5, 6_744_897.5),
        ("{ pareto = { scale = '20ms', alpha = 2 } }", 0.75, 40e6),
        ("{ percentiles = { p50 = '40ms', p90 = '80ms', p999 = '1s' } }", 0.7, 60e6),
        ("{ percentiles = { p50 = '40ms', p90 = '80ms', p999 = '1s' } }", 0.999, 1e9),
        ("{ percentiles = { p50 = '40ms', p90 = '80ms', p999 = '1s' } }", 0.2, 40e6),
        ("{ percentiles = { min = '0s', p50 = '40ms', 'p99.9' = '1s' } }", 0.25, 20e6),
        ("{ mixture = [{ weight = 3, fixed = '1ms' }, { weight = 1, fixed = '9ms' }] }", 0.74, 1e6),
        ("{ mixture = [{ weight = 3, fixed = '1ms' }, { weight = 1, fixed = '9ms' }] }", 0.76, 9e6),
        ("{ replay = { file = 'recorded.csv', column = 'latency_ms' } }", 0.5, 625e6),
    ] {
        let found = scenario_with(latency)?.upstreams[0].latency.quantile_ns(u) as f64;
        assert!((found - ns).abs() < 1.0 + 1e-8 * ns, "{latency} at {u}: {found}, not {ns}");
    }
    Ok(())
}

#[test]
fn means_in_closed_form_agree_with_the_draws() -> Outcome {
    for law in LAWS {
        let scenario = scenario_with(law.example)?;
        let Some(mean_ns) = scenario.upstreams[0].latency.mean_ns() else { continue };
        let draws = Draws::new(3, 0, 0, &scenario.upstreams[0]);
        let sum: f64 = (0..DRAWS).map(|i| draws.draw(i).delay.as_nanos() as f64).sum();
        let off = (sum / DRAWS as f64 / mean_ns - 1.0).abs();
        assert!(off < 0.02, "{}: {off}", law.name);
    }
    Ok(())
}

#[test]
fn the_registry_is_sound() -> Outcome {
    let names: HashSet<&str> = LAWS.iter().map(|law| law.name).collect();
    assert_eq!(names.len(), LAWS.len(), "names are unique");
    for LawKind { name, summary, parameters, example, .. } in LAWS {
        assert!(!summary.is_empty() && parameters.iter().all(|key| !key.doc.is_empty()), "{name}");
        assert!(scenario_with(example)?.upstreams[0].latency.describe().contains(name), "{name}");
    }
    for fault in scenario::FAULTS {
        let list = format!("faults = [{}]", fault.example);
        let scenario = parse(&with_latencies("'1ms'", "'1ms'", &list), &[])?;
        assert!(scenario.upstreams[0].faults[0].describe().ends_with(" at 1 %"));
    }
    Ok(())
}

#[test]
fn draws_depend_on_the_id_and_not_on_the_order() -> Outcome {
    let text = with_latencies(
        "{ exponential = { mean = '10ms' } }",
        "{ exponential = { mean = '10ms' } }",
        "errors = '10%'",
    );
    let scenario = parse(&text, &[])?;
    let draws = Draws::new(5, 0, 0, &scenario.upstreams[0]);
    let forwards: Vec<_> = (0..2000).map(|id| draws.draw(id)).collect();
    let again = Draws::new(5, 0, 0, &scenario.upstreams[0]);
    let mut backwards: Vec<_> = (0..2000).rev().map(|id| again.draw(id)).collect();
    backwards.reverse();
    assert_eq!(forwards, backwards);
    let same = |other: Draws<'_>| {
        (0..2000).filter(|&id| other.draw(id).delay == forwards[id as usize].delay).count()
    };
    assert_eq!(same(Draws::new(6, 0, 0, &scenario.upstreams[0])), 0, "another seed");
    assert_eq!(same(Draws::new(5, 1, 0, &scenario.upstreams[0])), 0, "another repeat");
    assert_eq!(same(Draws::new(5, 0, 1, &scenario.upstreams[1])), 0, "another upstream");
    Ok(())
}

/// Pinned: runs of one seed stay comparable from version to version.
#[test]
fn draws_of_a_seed_are_pinned() -> Outcome {
    let scenario = parse(
        &with_latencies("{ uniform = { min = '0s', max = '1s' } }", "'1ms'", "errors = '50%'"),
        &[],
    )?;
    let draws = Draws::new(1, 0, 0, &scenario.upstreams[0]);
    let seen: Vec<(u64, bool)> = (0..4)
        .map(|id| draws.draw(id))
        .map(|draw| (draw.delay.as_nanos() as u64, draw.fault.is_some()))
        .collect();
    assert_eq!(
        seen,
        [(191_336_703, true), (308_121_141, false), (445_220_436, false), (622_439_058, true)]
    );
    Ok(())
}

#[test]
fn the_two_legs_and_the_fault_are_independent() -> Outcome {
    let uniform = "{ uniform = { min = '0s', max = '1s' } }";
    let scenario = parse(&with_latencies(uniform, uniform, "errors = '50%'"), &[])?;
    let one = Draws::new(1, 0, 0, &scenario.upstreams[0]);
    let two = Draws::new(1, 0, 1, &scenario.upstreams[1]);
    let (mut legs, mut faults) = (0.0, 0.0);
    for id in 0..DRAWS {
        let (a, b) = (one.draw(id), two.draw(id));
        let centred = a.delay.as_secs_f64() - 0.5;
        legs += centred * (b.delay.as_secs_f64() - 0.5);
        faults += centred * if a.fault.is_some() { 0.5 } else { -0.5 };
    }
    let n = DRAWS as f64;
    // Standard deviations of the two sums, were they independent: each term's is 1/12, 1/√48.
    assert!(legs.abs() < 5.0 * n.sqrt() / 12.0, "{legs}");
    assert!(faults.abs() < 5.0 * (n / 48.0).sqrt(), "{faults}");
    Ok(())
}

#[test]
fn faults_come_at_their_rates() -> Outcome {
    let faults = "errors = '2%'\nhangs = '1%'\nfaults = [{ status = 503, rate = '5%' }]";
    let scenario = parse(&with_latencies("'1ms'", "'1ms'", faults), &[])?;
    let draws = Draws::new(9, 2, 0, &scenario.upstreams[0]);
    for (kind, rate) in
        [(FaultKind::Status(500), 0.02), (FaultKind::Hang, 0.01), (FaultKind::Status(503), 0.05)]
    {
        let met = (0..DRAWS).filter(|&id| draws.draw(id).fault == Some(kind)).count() as f64;
        let n = DRAWS as f64;
        assert!((met - n * rate).abs() < 5.0 * (n * rate * (1.0 - rate)).sqrt(), "{kind:?}: {met}");
    }
    let sure = parse(&with_latencies("'1ms'", "'1ms'", "errors = '100%'"), &[])?;
    let draws = Draws::new(9, 2, 0, &sure.upstreams[0]);
    assert!((0..DRAWS).all(|id| draws.draw(id).fault == Some(FaultKind::Status(500))));
    Ok(())
}

#[test]
fn a_heavy_tail_ends_at_a_day() -> Outcome {
    let scenario = scenario_with("{ pareto = { scale = '1s', alpha = 0.01 } }")?;
    let law = &scenario.upstreams[0].latency;
    assert_eq!(law.quantile_ns(1.0 - 1e-16), 86_400_000_000_000);
    assert!(law.cdf(86_400e9) >= 1.0);
    Ok(())
}

#[test]
fn recorded_latencies_may_have_units_of_their_own() -> Outcome {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("r.csv"), "took,n\n 10ms ,1\n,2\n1.5s,3\n")?;
    let text = with_latencies("{ replay = { file = 'r.csv', column = 'took' } }", "'1ms'", "");
    let scenario = Scenario::parse(&folder.path().join("s.toml"), &text, &[], &kinds())?;
    assert_eq!(scenario.upstreams[0].latency.quantile_ns(0.4), 10_000_000);
    assert_eq!(scenario.upstreams[0].latency.quantile_ns(0.6), 1_500_000_000);
    let elsewhere = Scenario::parse(Path::new("nowhere/s.toml"), &text, &[], &kinds());
    assert!(elsewhere.is_err());
    Ok(())
}
