//! The scenario files that ship with the program, and what a valid file reads as.

mod common;

use std::path::{Path, PathBuf};
use std::time::Duration;

use common::{MODELS, VALID, kinds, parse};
use scenario::{
    Connections, Error, Fault, FaultKind, GuardKind, Level, LoadShape, ModelKind, OptionKind,
    OptionSpec, OptionValue, Plan, Scenario, SharedState, SizeLaw, Timer, schema,
};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

/// A kind that only shipped scenarios use.
const THREAD_POOL: ModelKind = ModelKind {
    kind: "thread-pool",
    summary: "two jobs on a fixed pool",
    options: &[OptionSpec {
        key: "threads",
        kind: OptionKind::Pool { min: 1, max: 4096, default: None },
        doc: "workers",
    }],
};

#[test]
fn every_shipped_scenario_is_valid_and_says_what_it_shows() -> Outcome {
    let mut kinds = kinds();
    kinds.models.push(THREAD_POOL);
    let options = &[];
    kinds.models.push(ModelKind { kind: "tokio-rayon", summary: "shipped", options });
    let guards = ["atomic", "rwlock", "async-mutex", "channel"];
    kinds.guards.extend(guards.map(|name| GuardKind { name, summary: "shipped" }));
    let mut count = 0;
    for entry in std::fs::read_dir(shipped())? {
        let path = entry?.path();
        if path.extension() != Some("toml".as_ref()) {
            continue;
        }
        let scenario = Scenario::load(&path, &[], &kinds)?;
        assert!(scenario.text.starts_with("# What it shows: "), "{path:?} opens with its purpose");
        let plan = Plan::of(&scenario, false, 1);
        assert!(plan.estimate < Duration::from_secs(220), "{path:?} takes {:?}", plan.estimate);
        let quick = Plan::of(&scenario, true, 1);
        assert!(quick.estimate < Duration::from_secs(55), "{path:?}: {:?}", quick.estimate);
        count += 1;
    }
    assert!(count >= 3);
    Ok(())
}

#[test]
fn high_latency_reads_as_written() -> Outcome {
    let scenario = Scenario::load(&shipped().join("high_latency.toml"), &[], &kinds())?;
    assert_eq!(scenario.name, "high_latency");
    assert_eq!(scenario.upstreams[0].latency.describe(), "lognormal, p50 80 ms, p99 400 ms");
    assert_eq!(scenario.upstreams[1].latency.describe(), "fixed 120 ms");
    let labels: Vec<&str> = scenario.models.iter().map(|model| model.label.as_str()).collect();
    assert_eq!(labels, ["tokio", "thread-per-request", "rayon", "rayon-256", "tokio-again"]);
    Ok(())
}

#[test]
fn everything_stated_is_read() -> Outcome {
    let scenario = parse(VALID, &[])?;
    assert_eq!(scenario.title, "A valid one");
    assert_eq!(scenario.reason.as_deref(), Some("to be varied"));
    assert_eq!(scenario.seed, 7);
    assert_eq!(scenario.upstreams[0].name, "api1");
    assert_eq!(scenario.upstreams[0].body, SizeLaw::fixed(1024));
    assert_eq!(scenario.upstreams[0].faults, [Fault { kind: FaultKind::Status(500), rate: 0.005 }]);
    assert_eq!(scenario.upstreams[1].faults[1], Fault { kind: FaultKind::Hang, rate: 0.02 });
    assert_eq!(scenario.combine.timeout, Duration::from_secs(5));
    assert_eq!(scenario.combine.connections, Connections::KeepAlive);
    assert_eq!(scenario.load.shape, LoadShape::Closed { concurrency: vec![1, 8, 64] });
    assert_eq!(scenario.load.repeats, 3);
    assert_eq!(scenario.models[1].options.count("threads"), Some(256));
    assert_eq!(scenario.mock.timer, Some(Timer::Hybrid));
    assert_eq!(scenario.slo.as_ref().and_then(|slo| slo.errors), Some(0.001));
    assert_eq!(scenario.cpus.upstream.as_deref(), Some(&[1, 2, 3, 5][..]));
    Ok(())
}

#[test]
fn upstreams_keep_the_order_of_the_file() -> Outcome {
    let swapped = VALID.replace("api1", "zebra").replace("api2", "ant");
    let scenario = parse(&swapped, &[])?;
    assert_eq!(scenario.upstreams[0].name, "zebra");
    assert_eq!(scenario.upstreams[1].name, "ant");
    Ok(())
}

#[test]
fn what_is_left_out_has_its_default() -> Outcome {
    let text = "upstream.a.latency = '1ms'\nupstream.b = { latency = '2ms' }\n\
                load.concurrency = [64, 1, 8]\nmodel = [{ kind = 'rayon' }, { kind = 'rayon', threads = 8 }]\n";
    let scenario = parse(text, &[])?;
    assert_eq!(scenario.title, "scenario");
    assert_eq!(scenario.seed, 1);
    assert_eq!(scenario.combine.timeout, Duration::from_secs(5));
    assert_eq!(scenario.load.warmup, Duration::from_secs(1));
    assert_eq!(scenario.load.duration, Duration::from_secs(2));
    assert_eq!(scenario.levels(), [1, 8, 64].map(Level::Concurrency), "levels are sorted");
    let labels: Vec<&str> = scenario.models.iter().map(|model| model.label.as_str()).collect();
    assert_eq!(labels, ["rayon", "rayon threads=8"]);
    assert_eq!(scenario.slo, None);
    assert_eq!(scenario.checks, scenario::Checks::default());
    Ok(())
}

#[test]
fn a_star_stands_for_both_upstreams() -> Outcome {
    let each = |scenario: &Scenario| -> Vec<String> {
        scenario.upstreams.iter().map(|upstream| upstream.latency.describe()).collect()
    };
    let set = parse(VALID, &["upstream.*.latency=5ms"])?;
    let five = set.upstreams[0].latency.describe();
    assert_eq!(each(&set), [five.clone(), five.clone()]);
    let sweep = "sweep={ key = \"upstream.*.latency\", values = [\"5ms\", \"1s\"] }";
    let swept = parse(VALID, &[sweep])?;
    let first = swept.at(Some(0));
    assert_eq!(each(first), [five.clone(), five.clone()]);
    assert_ne!(each(swept.at(Some(1))), [five.clone(), five]);
    // As whoever runs the trial reads it.
    let overrides: Vec<&str> = first.overrides.iter().map(String::as_str).collect();
    assert_eq!(each(&parse(VALID, &overrides)?), each(first));
    assert!(parse(VALID, &[sweep, "upstream.*.latency=1ms"]).is_err(), "no trial has it");
    Ok(())
}

#[test]
fn shared_state_is_read_with_its_defaults() -> Outcome {
    let shared = |text: &str| -> Result<_, Error> {
        let set = format!("combine.shared_state={text}");
        Ok(parse(VALID, &[&set])?.combine.shared_state)
    };
    let state = |hold, write_ratio, keys| {
        let hold = Duration::from_micros(hold);
        Some(SharedState { guard: "mutex".to_owned(), hold, write_ratio, keys })
    };
    assert_eq!(parse(VALID, &[])?.combine.shared_state, None);
    assert_eq!(shared("{ guard = \"mutex\" }")?, state(5, 0.2, 1024));
    let all = "{ guard = \"mutex\", hold = \"1ms\", write_ratio = \"50%\", keys = 7 }";
    assert_eq!(shared(all)?, state(1_000, 0.5, 7));
    Ok(())
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_taken() -> Outcome {
    let text = format!("\u{feff}{}", VALID.replace('\n', "\r\n"));
    assert_eq!(parse(&text, &[])?.title, "A valid one");
    Ok(())
}

#[test]
fn overrides_reach_every_place() -> Outcome {
    let scenario = parse(
        VALID,
        &[
            "load.duration=10s",
            "load.concurrency=[2, 4]",
            "load.concurrency.0=3",
            "model.0.threads=lean",
            "model.rayon-256.threads=8",
            "model.tokio.workers = 2",
            "upstream.api1.latency=5ms",
            "upstream.api2.latency={ uniform = { min = \"1ms\", max = \"2ms\" } }",
            "upstream.api2.faults.1.rate=3%",
            "mock.timer=tokio",
            "title=\"quoted\"",
            "slo.\"p99\"=1s",
            "checks.hold_error=10%",
            "checks.turn_p99=2ms",
        ],
    )?;
    assert_eq!(scenario.load.duration, Duration::from_secs(10));
    assert_eq!(scenario.levels(), [3, 4].map(Level::Concurrency));
    assert_eq!(scenario.models[0].options.word("threads"), Some("lean"));
    assert_eq!(scenario.models[1].options.count("threads"), Some(8));
    assert_eq!(scenario.models[2].options.0.get("workers"), Some(&OptionValue::Count(2)));
    assert_eq!(scenario.upstreams[0].latency.describe(), "fixed 5 ms");
    assert_eq!(scenario.upstreams[1].latency.describe(), "uniform, 1 ms to 2 ms");
    assert_eq!(scenario.upstreams[1].faults[1].describe(), "hang at 3 %");
    assert_eq!(scenario.mock.timer, Some(Timer::Tokio));
    assert_eq!(scenario.title, "quoted");
    assert_eq!(scenario.overrides.len(), 14);
    let changed: Vec<&str> = scenario.checks.changed().iter().map(|changed| changed.key).collect();
    assert_eq!(changed, ["hold_error", "turn_p99"]);
    let made =
        parse(&VALID.replace("[slo]\np99 = \"700ms\"\nerrors = \"0.1%\"\n", ""), &["slo.p99=1s"])?;
    assert_eq!(made.slo.and_then(|slo| slo.p99), Some(Duration::from_secs(1)));
    Ok(())
}

#[test]
fn the_schema_covers_the_registries() {
    let schema = schema(&kinds());
    let text = schema.to_string();
    for law in scenario::law::LAWS {
        assert!(text.contains(&format!("\"{}\":", law.name)), "{}", law.name);
    }
    for fault in scenario::FAULTS {
        assert!(text.contains(&format!("\"{}\":", fault.key.name)), "{}", fault.key.name);
    }
    for model in MODELS {
        assert!(text.contains(&format!("\"const\":\"{}\"", model.kind)), "{}", model.kind);
    }
    for guard in kinds().guards {
        assert!(text.contains(&format!("\"const\":\"{}\"", guard.name)), "{}", guard.name);
    }
    for threshold in scenario::THRESHOLDS {
        let key = &schema["properties"]["checks"]["properties"][threshold.key.name];
        assert_eq!(key["description"], threshold.key.doc);
    }
    assert_eq!(schema["required"], serde_json::json!(["upstream", "load", "model"]));
    assert_eq!(schema["properties"]["load"]["properties"]["repeats"]["type"], "integer");
}

#[test]
fn the_page_on_scenarios_names_every_threshold_with_its_default() -> Outcome {
    let readme = std::fs::read_to_string(shipped().join("README.md"))?;
    for threshold in scenario::THRESHOLDS {
        let key = format!("`{}`", threshold.key.name);
        let row = readme.lines().find(|line| line.starts_with('|') && line.contains(&key));
        let row = row.ok_or_else(|| format!("{key} has no row"))?;
        let default = threshold.key.doc.rsplit("default ").next().unwrap_or_default();
        assert!(row.contains(&format!("\"{default}\"")), "{key}: {default} in {row}");
    }
    Ok(())
}

#[test]
fn the_page_on_scenarios_states_every_law_as_the_parser_takes_it() -> Outcome {
    let page = std::fs::read_to_string(shipped().join("README.md"))?;
    let laws = page.lines().skip_while(|line| !line.starts_with("| latency |")).skip(2);
    let laws = laws.map_while(|line| line.strip_prefix("| `")?.split("` |").next());
    let mut stated = Vec::new();
    for law in laws {
        // A recording is a file of its own: what is wrong with the path comes after the law.
        let setting = format!("upstream.api2.latency={law}");
        match parse(VALID, &[&setting]) {
            Err(error) if law.contains("replay") => {
                assert!(error.to_string().contains("latency.csv"), "{law}: {error}");
            }
            outcome => {
                outcome.map_err(|error| format!("{law}: {error}"))?;
            }
        }
        stated.push(law);
    }
    for law in scenario::law::LAWS {
        let named = stated.iter().any(|stated| stated.contains(&format!("{} =", law.name)));
        assert!(named, "{} is not on the page", law.name);
    }
    Ok(())
}
