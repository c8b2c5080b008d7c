//! The made-up run's `run.json`.

use std::collections::BTreeMap;

use measurement::row::LoadKind;
use measurement::run::{
    Environment, ModelInfo, NoiseLimits, RunInfo, RunStatus, SCHEMA_VERSION, ScenarioInfo,
    UpstreamInfo,
};

use super::LEVELS;
use super::shape::Shape;

pub(super) fn run_info(shapes: &[Shape]) -> RunInfo {
    RunInfo {
        schema_version: SCHEMA_VERSION,
        status: RunStatus::Complete,
        failure: None,
        scenario: scenario(shapes),
        quick: false,
        argv: vec!["loadgen".to_owned(), "scenarios/made_up.toml".to_owned()],
        started: "2000-01-01T00:00:00Z".to_owned(),
        ended: Some("2000-01-01T00:03:24Z".to_owned()),
        elapsed_s: 204.0,
        trials_planned: (shapes.len() * LEVELS.len() * 3) as u32,
        environment: environment(),
        notes: Vec::new(),
        calibration: None,
        not_calibrated: None,
        work_rate: None,
        repeats_done: None,
    }
}

fn scenario(shapes: &[Shape]) -> ScenarioInfo {
    let upstream = |name: &str, latency: &str| UpstreamInfo {
        name: name.to_owned(),
        latency: latency.to_owned(),
        body_bytes: 1024,
        faults: Vec::new(),
    };
    ScenarioInfo {
        name: "made_up".to_owned(),
        title: "Made-up figures, for tests only".to_owned(),
        reason: Some("To see whether the renderers work".to_owned()),
        seed: 1,
        text: "title = \"Made-up figures, for tests only\"\n".to_owned(),
        overrides: Vec::new(),
        hash: "0123456789abcdef".to_owned(),
        upstreams: vec![
            upstream("api1", "lognormal, p50 80 ms, p99 400 ms"),
            upstream("api2", "fixed 120 ms"),
        ],
        models: shapes.iter().map(model).collect(),
        levels: LEVELS.iter().map(|&level| f64::from(level)).collect(),
        load: LoadKind::Closed,
        timeout_ms: 5_000.0,
        connections: "keep-alive".to_owned(),
        warmup_ms: 1_000.0,
        duration_ms: 2_000.0,
        repeats: 3,
        timer: "hybrid".to_owned(),
        slo_p99_ms: None,
        slo_errors: None,
        precision: None,
        arrivals: None,
        stages: Vec::new(),
        sweep: None,
        noise_limits: NoiseLimits::default(),
        max_repeats: None,
    }
}

fn model(shape: &Shape) -> ModelInfo {
    let stated = shape.pool.filter(|_| shape.label != shape.kind);
    ModelInfo {
        label: shape.label.clone(),
        kind: shape.kind.to_owned(),
        summary: format!("a made-up {}", shape.kind),
        options: stated
            .map(|threads| BTreeMap::from([("threads".to_owned(), threads.to_string())]))
            .unwrap_or_default(),
        levels: Vec::new(),
    }
}

fn environment() -> Environment {
    Environment {
        cpu_model: "Imaginary CPU".to_owned(),
        hypervisor: Some("KVM".to_owned()),
        cpus: 2,
        client_cpus: vec![0],
        upstream_cpus: vec![1],
        kernel: "0.0.0-made-up".to_owned(),
        memory_bytes: 4_000_000_000,
        clocksource: "tsc".to_owned(),
        descriptors: 20_000,
        thread_limit: 2_400,
        thread_limit_because: "80 % of pid_max 3,000".to_owned(),
        version: "0.0.0".to_owned(),
        revision: None,
        build: "dev, x86_64-unknown-linux-gnu, rustc 0.0.0".to_owned(),
        scheduling: None,
    }
}
