//! What the tests of this crate share: a registry of models, and a scenario to vary.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod sweeps;

use std::path::Path;

use scenario::{GuardKind, Kinds, ModelKind, OptionKind, OptionSpec, Result, Scenario};

/// Kinds with the options that the client's models have.
pub(crate) const MODELS: &[ModelKind] = &[
    ModelKind {
        kind: "thread-per-request",
        summary: "a new thread per request",
        options: &[OptionSpec {
            key: "threads",
            kind: OptionKind::Word(&["std", "lean"]),
            doc: "how threads are made; default std",
        }],
    },
    ModelKind {
        kind: "rayon",
        summary: "a job on a rayon pool",
        options: &[
            OptionSpec {
                key: "threads",
                kind: OptionKind::Pool { min: 1, max: 4096, default: None },
                doc: "workers; default one per CPU",
            },
            OptionSpec {
                key: "stack",
                kind: OptionKind::Size { min: 0, max: 1 << 40 },
                doc: "stack of a worker",
            },
        ],
    },
    ModelKind {
        kind: "tokio",
        summary: "a spawned task",
        options: &[
            OptionSpec {
                key: "workers",
                kind: OptionKind::Count { min: 1, max: 256 },
                doc: "runtime workers; default one per CPU",
            },
            OptionSpec { key: "patience", kind: OptionKind::Duration, doc: "how long it waits" },
        ],
    },
];

/// A valid scenario that uses most of the format.
pub(crate) const VALID: &str = r#"title = "A valid one"
reason = "to be varied"
seed = 7

[upstream.api1]
latency = { lognormal = { p50 = "80ms", p99 = "400ms" } }
body = "1KiB"
errors = "0.5%"

[upstream.api2]
latency = "120ms"
faults = [{ status = 503, rate = "1%" }, { hang = true, rate = "2%" }]

[combine]
timeout = "5s"
connections = "keep-alive"

[load]
concurrency = [1, 8, 64]
warmup = "1s"
duration = "2s"
repeats = 3

[[model]]
kind = "thread-per-request"

[[model]]
kind = "rayon"
threads = 256
label = "rayon-256"

[[model]]
kind = "tokio"
workers = 1

[mock]
timer = "hybrid"

[slo]
p99 = "700ms"
errors = "0.1%"

[cpus]
client = "0"
upstream = "1-3,5"
"#;

/// Parses `text` as the file `scenario.toml`.
pub(crate) fn parse(text: &str, overrides: &[&str]) -> Result<Scenario> {
    let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
    Scenario::parse(Path::new("scenario.toml"), text, &overrides, &kinds())
}

/// A scenario of two upstreams with these latencies (TOML) and `extra` keys in both.
pub(crate) fn with_latencies(latency1: &str, latency2: &str, extra: &str) -> String {
    format!(
        "seed = 11\n[upstream.a]\nlatency = {latency1}\n{extra}\n[upstream.b]\nlatency = {latency2}\n{extra}\n\
         [load]\nconcurrency = [1]\n[[model]]\nkind = \"tokio\"\n"
    )
}

/// The models above, and guards as a program brings them.
pub(crate) fn kinds() -> Kinds {
    let guard = |name| GuardKind { name, summary: "for tests" };
    Kinds {
        models: MODELS.to_vec(),
        guards: ["none", "mutex", "sharded"].map(guard).to_vec(),
        cpus: Some((0..8).collect()),
    }
}
