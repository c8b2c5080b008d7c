//! Bodies and manners of an upstream: what a file's keys mean, and the sizes drawn by id.

mod common;

use common::{parse, with_latencies};
use scenario::{Draws, Framing, SIZE_LAWS, Scenario, SizeLaw};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn with(extra: &str) -> scenario::Result<Scenario> {
    parse(&with_latencies("'1ms'", "'1ms'", extra), &[])
}

fn sizes(scenario: &Scenario, seed: u64, ids: impl Iterator<Item = u64>) -> Vec<u64> {
    let draws = Draws::new(seed, 0, 0, &scenario.upstreams[0]);
    ids.map(|id| draws.draw(id).body_bytes).collect()
}

#[test]
fn every_law_of_sizes_fits_its_quantiles() -> Outcome {
    for kind in SIZE_LAWS {
        let scenario = with(&format!("body = {}", kind.example))
            .map_err(|error| format!("{}: {error}", kind.key.name))?;
        let law = &scenario.upstreams[0].body;
        let mut drawn = sizes(&scenario, 1, 0..100_000);
        drawn.sort_unstable();
        // Kolmogorov-Smirnov at the deciles: 1.63/sqrt(n) is exceeded once in a hundred seeds.
        for decile in 1..10 {
            let u = f64::from(decile) / 10.0;
            let at = |u: f64| drawn[(u * drawn.len() as f64) as usize];
            let size = law.quantile_bytes(u);
            assert!((at(u - 0.0052)..=at(u + 0.0052)).contains(&size), "{law:?} at {u}");
        }
        assert!(drawn.last().is_some_and(|size| *size <= law.largest_bytes()), "{law:?}");
    }
    Ok(())
}

#[test]
fn sizes_depend_on_seed_and_id_and_leave_the_delays_alone() -> Outcome {
    let scenario = with("body = { uniform = { min = '512B', max = '8KiB' } }")?;
    let forward = sizes(&scenario, 5, 0..1_000);
    let mut backward = sizes(&scenario, 5, (0..1_000).rev());
    backward.reverse();
    assert_eq!(forward, backward);
    let other = sizes(&scenario, 6, 0..1_000);
    assert!(forward.iter().zip(&other).filter(|(a, b)| a == b).count() < 10);
    assert!(forward.iter().all(|size| (512..=8_192).contains(size)));

    let spread = "{ uniform = { min = '1ms', max = '9ms' } }";
    let fixed = parse(&with_latencies(spread, spread, "body = '1KiB'"), &[])?;
    let varied = "body = { lognormal = { p50 = '1KiB', p99 = '9KiB' } }";
    let varied = parse(&with_latencies(spread, spread, varied), &[])?;
    for id in 0..1_000 {
        let draw = |scenario: &Scenario| Draws::new(5, 0, 0, &scenario.upstreams[0]).draw(id);
        assert_eq!(draw(&fixed).delay, draw(&varied).delay);
        assert_eq!(draw(&fixed).body_bytes, 1_024);
    }
    Ok(())
}

#[test]
fn sizes_and_delays_of_an_id_are_independent() -> Outcome {
    let spread = "{ uniform = { min = '1ms', max = '9ms' } }";
    let text =
        with_latencies(spread, spread, "body = { uniform = { min = '1KiB', max = '9KiB' } }");
    let scenario = parse(&text, &[])?;
    let draws = Draws::new(3, 0, 0, &scenario.upstreams[0]);
    let n = 50_000;
    let both = (0..n).filter(|&id| {
        let draw = draws.draw(id);
        draw.delay.as_micros() > 5_000 && draw.body_bytes > 5_120
    });
    // A quarter, give or take four standard deviations.
    let share = both.count() as f64 / n as f64;
    assert!((share - 0.25).abs() < 0.008, "{share}");
    Ok(())
}

#[test]
fn manners_are_read_and_told() -> Outcome {
    let plain = with("")?;
    let upstream = &plain.upstreams[0];
    assert_eq!(upstream.body, SizeLaw::fixed(1_024));
    assert_eq!((upstream.framing, upstream.close_after), (Framing::ContentLength, None));
    assert!(upstream.manners().is_empty());

    for (text, close_after) in [
        ("'keep-alive'", None),
        ("'close'", Some(1)),
        ("{ close-after = 1 }", Some(1)),
        ("{ close-after = 100 }", Some(100)),
    ] {
        let scenario = with(&format!("framing = 'chunked'\nconnections = {text}"))?;
        let upstream = &scenario.upstreams[0];
        assert_eq!(upstream.framing, Framing::Chunked);
        assert_eq!(upstream.close_after.map(u32::from), close_after, "{text}");
        let told = match close_after {
            None => "chunked bodies".to_owned(),
            Some(1) => "chunked bodies, closes after every answer".to_owned(),
            Some(after) => format!("chunked bodies, closes after {after} answers"),
        };
        assert_eq!(upstream.manners().join(", "), told);
    }
    let scenario = with("body = { uniform = { min = '512B', max = '8KiB' } }")?;
    assert_eq!(scenario.upstreams[0].body.describe(), "uniform, 512 B to 8 KiB");
    assert_eq!(scenario.upstreams[0].body.mean_bytes(), 4_352);
    let scenario = with("stall = { at = '1s', for = '500ms' }")?;
    assert_eq!(scenario.upstreams[0].manners(), ["stalls for 500 ms, 1 s into the window"]);
    Ok(())
}

#[test]
fn the_schema_has_the_keys() {
    let schema = scenario::schema(&common::kinds());
    let keys = &schema["properties"]["upstream"]["additionalProperties"]["properties"];
    assert_eq!(keys["framing"]["enum"], serde_json::json!(["content-length", "chunked"]));
    let body = keys["body"].to_string();
    for kind in SIZE_LAWS {
        assert!(body.contains(&format!("\"{}\":", kind.key.name)), "{}", kind.key.name);
    }
    assert!(keys["connections"].to_string().contains("close-after"));
}
