//! What users see when a scenario is wrong: one golden file per case in `tests/diagnostics/`.
//!
//! Run with `BLESS=1` to write the files anew, then read every line of the difference.

mod common;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use common::sweeps::WRONG;
use common::{VALID, kinds, parse};
use scenario::{Error, Scenario};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// A case: its name, and what of the valid scenario is replaced by what.
type Edit = (&'static str, &'static str, &'static str);

const LATENCY: &str = r#"{ lognormal = { p50 = "80ms", p99 = "400ms" } }"#;
const MODEL: &str = "[[model]]\nkind = \"tokio\"\nworkers = 1\n";

const CONCURRENCY: &str = "concurrency = [1, 8, 64]";
const STATED: &str = "concurrency = [1, 8, 64]\nwarmup = \"1s\"\nduration = \"2s\"";

/// A line of `[combine]` that another may stand for.
const CONNECTIONS: &str = "connections = \"keep-alive\"";

const EDITS: &[Edit] = &[
    // TOML itself.
    ("toml_unclosed_string", "\"A valid one\"", "\"A valid one"),
    ("toml_duplicate_key", "seed = 7", "seed = 7\nseed = 8"),
    ("toml_duplicate_table", "[slo]", "[load]\nrepeats = 1\n[slo]"),
    ("toml_no_value", "seed = 7", "seed ="),
    // Keys.
    ("key_unknown_top", "seed = 7", "sead = 7"),
    ("key_unknown_load", "concurrency =", "concurency ="),
    ("key_unknown_model", "workers = 1", "worker = 1"),
    ("key_of_another_model", "workers = 1", "threads = 1"),
    ("key_unknown_upstream", "body = \"1KiB\"", "bodies = \"1KiB\""),
    ("key_unknown_law_parameter", "p99 = \"400ms\" } }", "p90 = \"400ms\" } }"),
    ("key_missing_load", "[load]\nconcurrency = [1, 8, 64]", "[load]"),
    ("key_missing_latency", "latency = \"120ms\"", ""),
    ("key_missing_kind", "kind = \"tokio\"", "label = \"t\""),
    ("key_dotted", "[slo]\np99 = \"700ms\"", "slo.p98 = \"700ms\"\n[slo]"),
    (
        "key_inline_table",
        "[combine]\ntimeout = \"5s\"\nconnections = \"keep-alive\"",
        "[combine]\ntimeout = { seconds = 5 }",
    ),
    ("section_not_a_table", "[mock]\ntimer = \"hybrid\"", "[[mock]]\ntimer = \"hybrid\""),
    // Units and numbers.
    ("duration_minutes", "p50 = \"80ms\"", "p50 = \"80m\""),
    ("duration_no_unit", "timeout = \"5s\"", "timeout = \"5\""),
    ("duration_number", "timeout = \"5s\"", "timeout = 5"),
    ("duration_float_nan", "timeout = \"5s\"", "timeout = nan"),
    ("duration_negative", "duration = \"2s\"", "duration = \"-2s\""),
    ("duration_zero_window", "duration = \"2s\"", "duration = \"0s\""),
    ("duration_zero_timeout", "timeout = \"5s\"", "timeout = \"0ms\""),
    ("duration_huge", "timeout = \"5s\"", "timeout = \"99999999999999999999999h\""),
    ("duration_two_days", "latency = \"120ms\"", "latency = \"48h\""),
    ("size_ambiguous", "body = \"1KiB\"", "body = \"1KB\""),
    ("size_too_small", "body = \"1KiB\"", "body = \"1B\""),
    ("percentage_without_sign", "errors = \"0.5%\"", "errors = \"0.5\""),
    ("percentage_number", "errors = \"0.5%\"", "errors = 0.005"),
    ("percentage_above_100", "errors = \"0.5%\"", "errors = \"101%\""),
    ("cpus_backwards", "\"1-3,5\"", "\"3-1\""),
    ("cpus_garbage", "\"1-3,5\"", "\"one\""),
    ("cpus_not_here", "\"1-3,5\"", "\"1-3,9\""),
    ("cpus_number", "client = \"0\"", "client = 0"),
    ("seed_negative", "seed = 7", "seed = -7"),
    ("seed_overflow", "seed = 7", "seed = 99999999999999999999999999999999999999999"),
    ("seed_float", "seed = 7", "seed = 7.5"),
    ("repeats_zero", "repeats = 3", "repeats = 0"),
    ("precision_number", "repeats = 3", "repeats = 3\nprecision = 0.02"),
    ("precision_zero", "repeats = 3", "repeats = 3\nprecision = \"0%\""),
    ("precision_coarse", "repeats = 3", "repeats = 3\nprecision = \"51%\""),
    ("precision_repeats", "repeats = 3", "repeats = 2\nprecision = \"2%\""),
    ("precision_most", "repeats = 3", "repeats = 4\nprecision = \"2%\"\nmax_repeats = 3"),
    ("precision_missing", "repeats = 3", "repeats = 3\nmax_repeats = 9"),
    ("reruns_many", "repeats = 3", "repeats = 3\nreruns = 6"),
    ("reruns_negative", "repeats = 3", "repeats = 3\nreruns = -1"),
    // Text.
    ("title_number", "title = \"A valid one\"", "title = 5"),
    ("title_empty", "title = \"A valid one\"", "title = \"\""),
    ("title_control", "title = \"A valid one\"", "title = \"A\\u0007\\nB\""),
    // What a request does.
    ("work_too_long", "timeout = \"5s\"", "work = \"11s\""),
    ("work_number", "timeout = \"5s\"", "work = 200"),
    ("blocking_word", "timeout = \"5s\"", "blocking = \"20ms\""),
    ("blocking_no_duration", "timeout = \"5s\"", "blocking = { every = 100 }"),
    ("blocking_unknown_key", "timeout = \"5s\"", "blocking = { evry = 100, duration = \"20ms\" }"),
    ("blocking_every_zero", "timeout = \"5s\"", "blocking = { every = 0, duration = \"20ms\" }"),
    ("blocking_zero", "timeout = \"5s\"", "blocking = { every = 1, duration = \"0ms\" }"),
    ("blocking_too_long", "timeout = \"5s\"", "blocking = { every = 1, duration = \"1min\" }"),
    (
        "blocking_via",
        "timeout = \"5s\"",
        "blocking = { every = 1, duration = \"1ms\", via = \"spawn_blocking\" }",
    ),
    ("priority_word", "timer = \"hybrid\"", "priority = \"highest\""),
    // Load.
    ("concurrency_empty", "[1, 8, 64]", "[]"),
    ("concurrency_zero", "[1, 8, 64]", "[0, 8]"),
    ("concurrency_duplicate", "[1, 8, 64]", "[8, 1, 8]"),
    ("concurrency_number", "[1, 8, 64]", "8"),
    ("concurrency_strings", "[1, 8, 64]", "[\"1\"]"),
    ("concurrency_overflow", "[1, 8, 64]", "[4294967296]"),
    ("rate_and_concurrency", "warmup =", "rate = \"100/s\"\nwarmup ="),
    ("rate_and_stages", CONCURRENCY, "stages = [{ rate = \"1/s\", for = \"1s\" }]\nrate = \"1/s\""),
    ("rate_number", CONCURRENCY, "rate = 100"),
    ("rate_no_unit", CONCURRENCY, "rate = [\"100\"]"),
    ("rate_unknown_unit", CONCURRENCY, "rate = \"100/day\""),
    ("rate_empty", CONCURRENCY, "rate = []"),
    ("rate_zero", CONCURRENCY, "rate = [\"10/s\", \"0/s\"]"),
    ("rate_too_high", CONCURRENCY, "rate = \"2000000/s\""),
    ("rate_twice", CONCURRENCY, "rate = [\"60/min\", \"1/s\"]"),
    ("rate_table", CONCURRENCY, "rate = { from = \"1/s\" }"),
    ("rate_records", STATED, "rate = [\"10/s\", \"1000000/s\"]\nduration = \"1min\""),
    ("arrivals_word", CONCURRENCY, "rate = \"100/s\"\narrivals = \"poison\""),
    ("arrivals_in_closed_loop", "warmup =", "arrivals = \"poisson\"\nwarmup ="),
    ("max_in_flight_in_closed_loop", "warmup =", "max_in_flight = 10\nwarmup ="),
    ("max_in_flight_zero", CONCURRENCY, "rate = \"100/s\"\nmax_in_flight = 0"),
    ("stages_and_duration", CONCURRENCY, "stages = [{ rate = \"100/s\", for = \"10s\" }]"),
    ("stages_empty", STATED, "stages = []"),
    ("stages_table", STATED, "stages = { rate = \"100/s\", for = \"10s\" }"),
    ("stages_strings", STATED, "stages = [\"100/s\"]"),
    (
        "stages_silent",
        STATED,
        "stages = [{ rate = \"0/s\", for = \"10s\" }, { ramp_to = \"0/s\", for = \"1s\" }]",
    ),
    (
        "stages_too_long",
        STATED,
        "stages = [{ rate = \"1/s\", for = \"45min\" }, { ramp_to = \"2/s\", for = \"16min\" }]",
    ),
    ("stages_records", STATED, "stages = [{ rate = \"100000/s\", for = \"10min\" }]"),
    ("stage_no_rate", STATED, "stages = [{ for = \"10s\" }]"),
    ("stage_no_length", STATED, "stages = [{ rate = \"100/s\" }]"),
    ("stage_both", STATED, "stages = [{ rate = \"100/s\", ramp_to = \"200/s\", for = \"10s\" }]"),
    ("stage_unknown_key", STATED, "stages = [{ ramp = \"100/s\", for = \"10s\" }]"),
    ("stage_too_short", STATED, "stages = [{ ramp_to = \"100/s\", for = \"1ms\" }]"),
    ("warmup_records", STATED, "rate = \"100000/s\"\nwarmup = \"1h\""),
    // Upstreams.
    (
        "upstream_missing",
        "[upstream.api2]\nlatency = \"120ms\"\nfaults = [{ status = 503, rate = \"1%\" }, { hang = true, rate = \"2%\" }]\n",
        "",
    ),
    ("upstream_third", "[combine]", "[upstream.api3]\nlatency = \"1ms\"\n[combine]"),
    ("upstream_name", "[upstream.api1]", "[upstream.\"api/1\"]"),
    ("upstream_not_nested", "[upstream.api1]", "[upstream]"),
    ("body_law_unknown", "body = \"1KiB\"", "body = { unifrom = \"1KiB\" }"),
    ("body_law_none", "body = \"1KiB\"", "body = {}"),
    (
        "body_law_two",
        "body = \"1KiB\"",
        "body = { fixed = \"1KiB\", uniform = { min = \"1KiB\", max = \"2KiB\" } }",
    ),
    ("body_number", "body = \"1KiB\"", "body = 1024"),
    (
        "body_uniform_backwards",
        "body = \"1KiB\"",
        "body = { uniform = { min = \"2KiB\", max = \"1KiB\" } }",
    ),
    ("body_uniform_half", "body = \"1KiB\"", "body = { uniform = { min = \"2KiB\" } }"),
    (
        "body_uniform_too_small",
        "body = \"1KiB\"",
        "body = { uniform = { min = \"0B\", max = \"1KiB\" } }",
    ),
    (
        "body_lognormal_flat",
        "body = \"1KiB\"",
        "body = { lognormal = { p50 = \"1KiB\", p99 = \"1KiB\" } }",
    ),
    (
        "body_lognormal_caps",
        "body = \"1KiB\"",
        "body = { lognormal = { p50 = \"1KiB\", p99 = \"2KiB\", min = \"2KiB\", max = \"1KiB\" } }",
    ),
    ("framing_word", "body = \"1KiB\"", "framing = \"chunky\""),
    ("upstream_connections_word", "body = \"1KiB\"", "connections = \"closed\""),
    ("upstream_connections_key", "body = \"1KiB\"", "connections = { close_after = 5 }"),
    ("upstream_connections_zero", "body = \"1KiB\"", "connections = { close-after = 0 }"),
    ("stall_text", "body = \"1KiB\"", "stall = \"1s\""),
    ("stall_no_start", "body = \"1KiB\"", "stall = { for = \"1s\" }"),
    ("stall_key", "body = \"1KiB\"", "stall = { at = \"1s\", length = \"1s\" }"),
    ("stall_of_nothing", "body = \"1KiB\"", "stall = { at = \"1s\", for = \"0s\" }"),
    ("stall_after_the_window", "body = \"1KiB\"", "stall = { at = \"1500ms\", for = \"1s\" }"),
    // Laws.
    ("law_unknown", "lognormal", "lognormale"),
    ("law_none", LATENCY, "{ max = \"1s\" }"),
    ("law_two", LATENCY, "{ fixed = \"1ms\", uniform = { min = \"1ms\", max = \"2ms\" } }"),
    ("law_number", LATENCY, "80"),
    ("law_p99_below_p50", "\"400ms\"", "\"40ms\""),
    ("law_half_lognormal", "{ p50 = \"80ms\", p99 = \"400ms\" }", "{ p50 = \"80ms\" }"),
    ("law_lognormal_both_ways", "p99 = \"400ms\" }", "sigma = 1.0 }"),
    ("law_uniform_backwards", LATENCY, "{ uniform = { min = \"2ms\", max = \"1ms\" } }"),
    ("law_exponential_zero", LATENCY, "{ exponential = { mean = \"0s\" } }"),
    ("law_pareto_nan", LATENCY, "{ pareto = { scale = \"1ms\", alpha = nan } }"),
    ("law_pareto_negative", LATENCY, "{ pareto = { scale = \"1ms\", alpha = -1 } }"),
    ("law_percentiles_falling", LATENCY, "{ percentiles = { p50 = \"9ms\", p99 = \"8ms\" } }"),
    ("law_percentiles_key", LATENCY, "{ percentiles = { q50 = \"9ms\" } }"),
    ("law_percentiles_twice", LATENCY, "{ percentiles = { p99 = \"9ms\", p990 = \"9ms\" } }"),
    ("law_mixture_no_weight", LATENCY, "{ mixture = [{ fixed = \"1ms\" }] }"),
    (
        "law_mixture_inside",
        LATENCY,
        "{ mixture = [{ weight = 1, exponential = { mean = \"1m\" } }] }",
    ),
    ("law_replay_no_file", LATENCY, "{ replay = { file = \"nowhere.csv\", column = \"ms\" } }"),
    ("law_caps_crossed", LATENCY, "{ fixed = \"1ms\", min = \"2s\", max = \"1s\" }"),
    // Faults.
    ("fault_sum", "rate = \"1%\"", "rate = \"99%\""),
    ("fault_unknown", "hang = true", "hangs = true"),
    ("fault_none", "status = 503, rate", "rate"),
    ("fault_status", "status = 503", "status = 200"),
    // Models.
    ("model_unknown", "kind = \"tokio\"", "kind = \"tokyo\""),
    (
        "model_not_an_array",
        "[[model]]\nkind = \"thread-per-request\"",
        "[model]\nkind = \"thread-per-request\"",
    ),
    (
        "model_option_word",
        "kind = \"thread-per-request\"",
        "kind = \"thread-per-request\"\nthreads = \"leen\"",
    ),
    ("model_option_range", "workers = 1", "workers = 0"),
    ("model_same_label", "workers = 1", "workers = 1\nlabel = \"rayon-256\""),
    (
        "model_twice",
        MODEL,
        "[[model]]\nkind = \"tokio\"\nworkers = 1\n[[model]]\nkind = \"tokio\"\nworkers = 1\n",
    ),
    ("model_levels_empty", "workers = 1", "workers = 1\nlevels = []"),
    ("model_levels_number", "workers = 1", "workers = 1\nlevels = 8"),
    ("model_levels_other", "workers = 1", "workers = 1\nlevels = [8, 16]"),
    ("model_levels_twice", "workers = 1", "workers = 1\nlevels = [8, 8]"),
    ("mock_timer", "timer = \"hybrid\"", "timer = \"timefd\""),
    // Thresholds.
    ("checks_unknown", "[mock]", "[checks]\nhold_err = \"2%\"\n[mock]"),
    ("checks_unit", "[mock]", "[checks]\nturn_p99 = \"2%\"\n[mock]"),
    ("checks_number", "[mock]", "[checks]\nlittle = 0.05\n[mock]"),
    ("checks_above_100", "[mock]", "[checks]\nupstream_cpu = \"110%\"\n[mock]"),
    // Shared state.
    ("shared_guard_unknown", CONNECTIONS, "shared_state = { guard = \"mutx\" }"),
    ("shared_no_guard", CONNECTIONS, "shared_state = { hold = \"5us\" }"),
    ("shared_guard_number", CONNECTIONS, "shared_state = { guard = 5 }"),
    ("shared_text", CONNECTIONS, "shared_state = \"mutex\""),
    ("shared_unknown_key", CONNECTIONS, "shared_state = { guard = \"mutex\", writes = \"5%\" }"),
    ("shared_hold_too_long", CONNECTIONS, "shared_state = { guard = \"mutex\", hold = \"1min\" }"),
    (
        "shared_writes_number",
        CONNECTIONS,
        "shared_state = { guard = \"mutex\", write_ratio = 0.2 }",
    ),
    ("shared_no_keys", CONNECTIONS, "shared_state = { guard = \"mutex\", keys = 0 }"),
];

/// Cases that are wrong in a `--set`.
const OVERRIDES: &[(&str, &str)] = &[
    ("set_no_equals", "load.duration"),
    ("set_empty_key", "=5"),
    ("set_empty_part", "load..duration=5s"),
    ("set_unknown_key", "load.duratoin=5s"),
    ("set_wrong_value", "load.duration=5m"),
    ("set_second_pace", "load.rate=100/s"),
    ("set_wrong_value_in_array", "load.concurrency=[1, -8]"),
    ("set_inside_a_string", "upstream.api2.latency.fixed=1ms"),
    ("set_model_name", "model.tokyo.workers=1"),
    ("set_model_position", "model.7.workers=1"),
];

/// Cases that are a whole file each.
const WHOLE: &[(&str, &str)] = &[
    (
        "whole_levels_of_stages",
        "upstream.a.latency = '1ms'\nupstream.b.latency = '1ms'\nload.stages = [{ rate = '1/s', for = '5s' }]\nmodel = [{ kind = 'tokio', levels = ['1/s'] }]\n",
    ),
    (
        "whole_level_of_no_rate",
        "upstream.a.latency = '1ms'\nupstream.b.latency = '1ms'\nload.rate = ['60/min', '10/s']\nmodel = [{ kind = 'tokio', levels = ['1/s', '2/s'] }]\n",
    ),
    ("whole_empty", ""),
    ("whole_only_a_comment", "# nothing\n"),
    ("whole_no_load", "[upstream.a]\nlatency = '1ms'\n[upstream.b]\nlatency = '1ms'\n"),
    ("whole_no_upstream", "upstream = {}\nload = { concurrency = [1] }\nmodel = []\n"),
    (
        "whole_upstream_array",
        "[[upstream]]\nname = 'a'\n[load]\nconcurrency = [1]\n[[model]]\nkind = 'tokio'\n",
    ),
    (
        "whole_models_none",
        "upstream.a.latency = '1ms'\nupstream.b.latency = '1ms'\nload.concurrency = [1]\nmodel = []\n",
    ),
    (
        "whole_model_table",
        "upstream.a.latency = '1ms'\nupstream.b.latency = '1ms'\nload.concurrency = [1]\n[model]\nkind = 'tokio'\n",
    ),
    (
        "whole_records",
        "upstream.a.latency = '0s'\nupstream.b.latency = '0s'\nload = { concurrency = [1, 99], duration = '1h' }\nmodel = [{ kind = 'tokio' }]\n",
    ),
];

fn check(name: &str, error: &Error, seen: &mut BTreeSet<String>) -> Result<(), String> {
    let path = golden().join(format!("{name}.txt"));
    let found = format!("{error}\n");
    assert!(seen.insert(format!("{name}.txt")), "{name} is used twice");
    if std::env::var_os("BLESS").is_some() {
        return std::fs::write(&path, found).map_err(|error| error.to_string());
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    if found == expected {
        Ok(())
    } else {
        Err(format!("{name}: expected\n{expected}\nfound\n{found}"))
    }
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics")
}

#[test]
fn every_message_is_as_recorded() -> Outcome {
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for (name, from, to) in EDITS {
        assert!(VALID.contains(from), "{name} edits nothing");
        let Err(error) = parse(&VALID.replacen(from, to, 1), &[]) else {
            wrong.push(format!("{name} was accepted"));
            continue;
        };
        wrong.extend(check(name, &error, &mut seen).err());
    }
    for (name, text) in OVERRIDES {
        match parse(VALID, &[text]) {
            Ok(_) => wrong.push(format!("{name} was accepted")),
            Err(error) => wrong.extend(check(name, &error, &mut seen).err()),
        }
    }
    for (name, added, set) in WRONG {
        let sets: Vec<&str> = [*set].into_iter().filter(|set| !set.is_empty()).collect();
        match parse(&format!("{VALID}\n{added}"), &sets) {
            Ok(_) => wrong.push(format!("{name} was accepted")),
            Err(error) => wrong.extend(check(name, &error, &mut seen).err()),
        }
    }
    for (name, text) in WHOLE {
        match parse(text, &[]) {
            Ok(_) => wrong.push(format!("{name} was accepted")),
            Err(error) => wrong.extend(check(name, &error, &mut seen).err()),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let files: BTreeSet<String> = std::fs::read_dir(golden())?
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_, _>>()?;
    assert_eq!(files, seen, "golden files without a case");
    Ok(())
}

#[test]
fn what_cannot_be_read_is_said_in_one_line() -> Outcome {
    let folder = tempfile::tempdir()?;
    let load = |path: &Path| match Scenario::load(path, &[], &kinds()) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    };
    let missing = folder.path().join("missing.toml");
    assert_eq!(load(&missing), format!("error: there is no scenario file at {missing:?}"));
    assert!(load(folder.path()).contains("is a folder; expected is the path of one"));
    let latin1 = folder.path().join("latin1.toml");
    std::fs::write(&latin1, b"seed = 1\ntitle = \"caf\xe9\"\n")?;
    let message = load(&latin1);
    assert!(message.contains("latin1.toml:2:13") && message.contains("0xe9"), "{message}");
    let long = folder.path().join("long.toml");
    std::fs::write(&long, vec![b'#'; 5 << 20])?;
    assert!(load(&long).contains("is longer than"));
    Ok(())
}

#[test]
fn places_are_told_as_numbers_and_in_colour() -> Outcome {
    let Err(Error::Invalid(diagnostic)) = parse(&VALID.replace("80ms", "80m"), &[]) else {
        return Err("accepted".into());
    };
    assert_eq!(diagnostic.line_column(), (6, 33));
    assert_eq!(diagnostic.class(), scenario::Class::Value);
    assert!(
        diagnostic.render(true).contains('\u{1b}') && !diagnostic.render(false).contains('\u{1b}')
    );
    Ok(())
}
