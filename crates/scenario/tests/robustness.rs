//! Nothing panics, whatever the bytes: a valid scenario is cut, spliced and salted.

mod common;

use common::{VALID, parse, with_latencies};
use proptest::prelude::*;
use scenario::plan::Timing;
use scenario::{Plan, Schedule, units};

/// Pieces that are likely to reach odd corners when put in at random.
const SALT: &[&str] = &[
    "",
    "\"",
    "'",
    "\"\"\"",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    ".",
    ",",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "\0",
    "\u{feff}",
    "\u{1f980}",
    "é",
    "\u{202e}",
    "\u{300}",
    "-",
    "1e999",
    "nan",
    "-inf",
    "0x",
    "1_0",
    "99999999999999999999999999999999999999999999",
    "true",
    "1979-05-27",
    "#",
    "\\",
    "\\u0000",
    "percentiles",
    "mixture",
    "p99.99",
    "[model]",
    "upstream.x = 1\n",
    "latency = { mixture = [] }\n",
];

/// Parses, and uses what was accepted or draws what was refused, in both renderings.
fn exercise(text: &str, overrides: &[&str]) {
    match parse(text, overrides) {
        Ok(scenario) => {
            for swept in scenario.sweep.iter().flat_map(|sweep| &sweep.scenarios) {
                let again: Vec<&str> = swept.overrides.iter().map(String::as_str).collect();
                let upstreams = parse(text, &again).map(|again| format!("{:?}", again.upstreams));
                assert_eq!(upstreams.ok(), Some(format!("{:?}", swept.upstreams)));
            }
            let timing = Timing::of(&scenario, true);
            for level in scenario.levels() {
                let _ = scenario.record_capacity(level, &timing, 2);
                let schedule = scenario.trial_schedule(level, &timing, 1);
                assert!(
                    schedule
                        .iter()
                        .flat_map(Schedule::dues)
                        .take(100)
                        .is_sorted_by_key(|due| due.at_ns)
                );
            }
            if scenario.load.repeats <= 10 {
                let _ = Plan::of(&scenario, true, 1);
            }
        }
        Err(scenario::Error::Invalid(diagnostic)) => {
            assert!(diagnostic.render(false).starts_with("error: "));
            assert!(!diagnostic.render(true).is_empty());
            let (line, column) = diagnostic.line_column();
            assert!(line >= 1 && column >= 1);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn boundary_before(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|&byte| text.is_char_boundary(byte)).unwrap_or(0)
}

fn boundary(text: &str, at: prop::sample::Index) -> usize {
    boundary_before(text, at.index(text.len() + 1))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn salted_scenarios_do_not_panic(
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(), 0_usize..12, prop::sample::select(SALT)), 1..4),
    ) {
        let mut text = VALID.to_owned();
        for (at, cut, salt) in edits {
            let start = boundary(&text, at);
            let end = boundary_before(&text, (start + cut).min(text.len()));
            text.replace_range(start..end, salt);
        }
        exercise(&text, &[]);
    }

    #[test]
    fn mutated_bytes_do_not_panic(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = VALID.as_bytes().to_vec();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        exercise(&String::from_utf8_lossy(&bytes), &[]);
    }

    #[test]
    fn cut_and_repeated_scenarios_do_not_panic(
        a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>(),
    ) {
        let (a, b) = (boundary(VALID, a), boundary(VALID, b));
        exercise(&VALID[..a], &[]);
        exercise(&[&VALID[..a], &VALID[b..]].concat(), &[]);
    }

    #[test]
    fn overrides_do_not_panic(
        key in prop::sample::select(vec![
            "load.duration", "load.concurrency", "model.0.threads", "upstream.api1.latency", "model",
            "upstream", "slo.p99", "upstream.api2.faults.0.rate", "load.concurrency.0", "title", "seed", "",
        ]),
        value in "\\PC{0,12}|[0-9]{1,5}(ms|s|%|KiB)|\\[[0-9, ]{0,9}\\]|\\{ (fixed|max|uniform) = .{0,9} \\}",
        noise in "\\PC{0,3}",
    ) {
        exercise(VALID, &[&format!("{key}{noise}={value}")]);
        exercise(VALID, &[&format!("{noise}{value}")]);
    }

    #[test]
    fn laws_do_not_panic(number in any::<f64>(), digits in "[0-9]{1,25}(\\.[0-9]{1,5})?(ns|us|ms|s|h)") {
        for law in [
            format!("{{ pareto = {{ scale = '{digits}', alpha = {number:?} }} }}"),
            format!("{{ lognormal = {{ median = '{digits}', sigma = {number:?} }} }}"),
            format!("{{ normal = {{ mean = '1ms', sd = '{digits}' }} }}"),
            format!("{{ exponential = {{ mean = '{digits}' }}, max = '1s' }}"),
            format!("{{ mixture = [{{ weight = {number:?}, fixed = '{digits}' }}, {{ weight = 1, fixed = '1ms' }}] }}"),
            format!("{{ percentiles = {{ p50 = '1us', p{} = '{digits}' }} }}", digits.len()),
        ] {
            exercise(&with_latencies(&law, &law, ""), &[]);
        }
    }

    #[test]
    fn units_do_not_panic(text in "\\PC{0,12}|[0-9.]{0,30}[a-zA-Zµ%/]{0,4}|[0-9,-]{0,12}") {
        if let Ok(duration) = units::parse_duration(&text) {
            let _ = units::duration_text(duration);
        }
        if let Ok(bytes) = units::parse_size(&text) {
            let _ = units::size_text(bytes);
        }
        let _ = (units::parse_rate(&text), units::parse_percentage(&text));
        if let Ok(cpus) = units::parse_cpu_list(&text) {
            prop_assert_eq!(units::parse_cpu_list(&units::cpu_list_text(&cpus)), Ok(cpus));
        }
    }

    #[test]
    fn printed_durations_parse_to_the_same_within_rounding(ns in 1_u64..59_000_000_000) {
        let duration = std::time::Duration::from_nanos(ns);
        let again = units::parse_duration(&units::duration_text(duration));
        prop_assert!(again.is_ok_and(|again| again.abs_diff(duration).as_secs_f64() <= 5.1e-4 * duration.as_secs_f64()));
    }
}

proptest! {
    // Every case is read many times.
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sweeps_do_not_panic(
        key in prop::sample::select(vec![
            "upstream.api1.latency", "upstream.api1", "upstream.api2.faults.0.rate", "combine.timeout",
            "model.rayon-256.threads", "model.0.threads", "model.tokio", "mock.timer", "load.duration", "",
        ]),
        values in prop::collection::vec(
            "[0-9]{1,4}|'[0-9]{1,3}(ms|s|%|KiB)'|'\\PC{0,6}'|\\{ (fixed|stall) = '[0-9]{1,4}ms' \\}|'(std|lean|tokio)'|\\[\\]",
            0..4),
        noise in "|\\PC{0,3}|\\.'.{0,3}'",
    ) {
        let (key, values) = (format!("{key}{noise}"), values.join(", "));
        exercise(&format!("{VALID}\n[sweep]\nkey = {key:?}\nvalues = [{values}]\n"), &[]);
        exercise(VALID, &[&format!("sweep={{ key = {key:?}, values = [{values}] }}")]);
    }
}

#[test]
fn deep_nesting_is_refused_and_not_recursed_into() {
    for depth in [3, 10, 200, 100_000] {
        exercise(&format!("seed = {}1{}", "[".repeat(depth), "]".repeat(depth)), &[]);
        exercise(&format!("{}a = 1", "a.".repeat(depth)), &[]);
        exercise(&format!("seed = {}1", "{a = ".repeat(depth)), &[]);
        exercise(VALID, &[&format!("{}a=1", "a.".repeat(depth))]);
        let mixture = format!(
            "{}{{ fixed = '1ms' }}{}",
            "{ mixture = [{ weight = 1, ".repeat(depth),
            "}] }".repeat(depth)
        );
        exercise(
            &with_latencies(
                &mixture.replace("1, { fixed = '1ms' }", "1, fixed = '1ms'"),
                "'1ms'",
                "",
            ),
            &[],
        );
    }
}
