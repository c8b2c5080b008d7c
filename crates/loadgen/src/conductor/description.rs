//! What `run.json` says of a run before its first trial.

use measurement::row::LoadKind;
use measurement::run::{
    Environment, ModelInfo, NoiseLimits, RunInfo, RunStatus, SCHEMA_VERSION, ScenarioInfo,
    SweepInfo, UpstreamInfo,
};
use measurement::scheduling::Scheduling;
use scenario::units::{duration_text, percentage_text, size_text};
use scenario::{
    Changed, Connections, Fault, Level, ModelSpec, OptionValue, Priority, Scenario, Stage, Sweep,
    Upstream,
};

use super::{Settings, priority, trial::timer_word};
use crate::calibrate::cache;
use crate::environment;

/// The description of a run that is about to begin.
pub(super) fn of(settings: &Settings, scheduling: Option<Scheduling>) -> RunInfo {
    let environment = Environment { scheduling, ..environment::read(settings.split) };
    let calibrated = cache::look(&cache::machine(&environment));
    let (calibration, not_calibrated) = match calibrated {
        Ok(calibration) => (Some(calibration), None),
        Err(why) => (None, Some(why)),
    };
    RunInfo {
        schema_version: SCHEMA_VERSION,
        status: RunStatus::Running,
        failure: None,
        scenario: scenario(settings),
        quick: settings.plan.quick,
        argv: std::env::args().collect(),
        started: jiff::Timestamp::now().to_string(),
        ended: None,
        elapsed_s: 0.0,
        trials_planned: settings.plan.trials.len() as u32,
        environment,
        notes: notes(settings),
        calibration,
        not_calibrated,
        work_rate: settings.work_rate,
        repeats_done: None,
    }
}

/// What of the scenario this run leaves undone, and which thresholds it changes.
fn notes(settings: &Settings) -> Vec<String> {
    let ignored = settings.scenario.load.precision.filter(|_| settings.plan.quick);
    let note = |half_width| {
        format!("--quick: the precision of {} is not waited for", percentage_text(half_width))
    };
    let changed = settings.scenario.checks.changed();
    let ignored = ignored.map(|precision| note(precision.half_width));
    let refused = (asks_to_go_first(settings) && !priority::to_be_had()).then(|| {
        "the OS refuses the mock the high priority that the scenario asks for: it competes for its CPUs as any other process does"
            .to_owned()
    });
    ignored.into_iter().chain(refused).chain(changed.iter().map(Changed::describe)).collect()
}

fn asks_to_go_first(settings: &Settings) -> bool {
    let mut mocks = settings.plan.trials.iter().map(|planned| &settings.scenario_of(planned).mock);
    mocks.any(|mock| mock.priority == Some(Priority::High))
}

fn scenario(settings: &Settings) -> ScenarioInfo {
    let scenario = settings.scenario;
    let timing = &settings.plan.timing;
    let shape = &scenario.load.shape;
    let ms = |duration: std::time::Duration| duration.as_secs_f64() * 1e3;
    ScenarioInfo {
        name: scenario.name.clone(),
        title: scenario.title.clone(),
        reason: scenario.reason.clone(),
        seed: scenario.seed,
        text: scenario.text.clone(),
        overrides: scenario.overrides.clone(),
        hash: hash(&scenario.text, &scenario.overrides),
        upstreams: scenario.upstreams.iter().map(upstream).collect(),
        models: settings.models.iter().map(|&at| model(scenario, &scenario.models[at])).collect(),
        levels: scenario.levels().iter().map(|&level| number(scenario, level)).collect(),
        load: if shape.is_open() { LoadKind::Open } else { LoadKind::Closed },
        timeout_ms: ms(scenario.combine.timeout),
        connections: match scenario.combine.connections {
            Connections::KeepAlive => "keep-alive",
            Connections::PerRequest => "per-request",
        }
        .to_owned(),
        warmup_ms: ms(timing.warmup),
        duration_ms: ms(timing.duration),
        repeats: timing.repeats,
        timer: timer_word(settings.split.timer(scenario)).to_owned(),
        slo_p99_ms: scenario.slo.as_ref().and_then(|slo| slo.p99).map(ms),
        slo_errors: scenario.slo.as_ref().and_then(|slo| slo.errors),
        precision: timing.precision.map(|precision| precision.half_width),
        arrivals: shape.open().map(|(arrivals, _)| arrivals.name().to_owned()),
        stages: shape.stages().iter().map(Stage::to_string).collect(),
        sweep: scenario.sweep.as_ref().map(|sweep| self::sweep(settings, sweep)),
        noise_limits: NoiseLimits {
            noise: scenario.checks.noise,
            saturated_cpu: scenario.checks.saturated_cpu,
        },
        max_repeats: timing.precision.map(|precision| precision.max_repeats),
    }
}

fn sweep(settings: &Settings, sweep: &Sweep) -> SweepInfo {
    let values = || sweep.scenarios.iter().filter_map(|scenario| scenario.swept.as_ref());
    let concerned = |at: &&usize| sweep.model.is_none_or(|model| model == **at);
    let models = settings.models.iter().filter(concerned);
    SweepInfo {
        key: sweep.key.clone(),
        values: values().map(|value| value.text.clone()).collect(),
        positions: values().map(|value| value.position).collect(),
        models: models.map(|&at| settings.scenario.models[at].label.clone()).collect(),
        levels: sweep.levels.iter().flatten().map(|own| own_levels(settings, own)).collect(),
        label: sweep.label.clone(),
    }
}

fn own_levels(settings: &Settings, own: &[usize]) -> Vec<f64> {
    let levels = settings.scenario.levels();
    let level = |at: &usize| Some(number(settings.scenario, *levels.get(*at)?));
    own.iter().filter_map(level).collect()
}

/// A level as a number: places, or requests per second (with stages on average).
fn number(scenario: &Scenario, level: Level) -> f64 {
    let places = level.concurrency().map(f64::from);
    places.or_else(|| scenario.offered_rps(level)).unwrap_or_default()
}

fn upstream(upstream: &Upstream) -> UpstreamInfo {
    UpstreamInfo {
        name: upstream.name.clone(),
        latency: behaviour(upstream),
        body_bytes: upstream.body.mean_bytes(),
        faults: upstream.faults.iter().map(Fault::describe).collect(),
    }
}

/// The law of latencies in words, and whatever else is not as usual.
fn behaviour(upstream: &Upstream) -> String {
    let mut words = vec![upstream.latency.describe()];
    if upstream.body.as_fixed().is_none() {
        words.push(format!("bodies {}", upstream.body.describe()));
    }
    words.extend(upstream.manners());
    words.join("; ")
}

fn model(scenario: &Scenario, spec: &ModelSpec) -> ModelInfo {
    let kinds = client::models::kinds();
    let kind = kinds.iter().find(|kind| kind.kind == spec.kind);
    let text = |value: &OptionValue| match value {
        OptionValue::Count(count) => count.to_string(),
        OptionValue::Word(word) => word.clone(),
        OptionValue::Bytes(bytes) => size_text(*bytes),
        OptionValue::Duration(duration) => duration_text(*duration),
    };
    ModelInfo {
        label: spec.label.clone(),
        kind: spec.kind.clone(),
        summary: kind.map_or("", |kind| kind.summary).to_owned(),
        options: spec.options.0.iter().map(|(key, value)| (key.clone(), text(value))).collect(),
        levels: spec
            .levels
            .iter()
            .flatten()
            .filter_map(|&at| scenario.levels().get(at).copied())
            .map(|level| number(scenario, level))
            .collect(),
    }
}

/// 64-bit FNV-1a over the text and the overrides.
fn hash(text: &str, overrides: &[String]) -> String {
    let parts = std::iter::once(text).chain(overrides.iter().map(String::as_str));
    let bytes = parts.flat_map(|part| part.bytes().chain([0]));
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}
