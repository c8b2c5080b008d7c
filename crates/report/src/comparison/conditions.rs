//! What differs between two runs besides their figures: scenario, machine, program.

use std::fmt::Write as _;

use measurement::run::{Environment, RunInfo, RunStatus, ScenarioInfo};

use super::diff::Diff;
use super::{RunComparison, Side};
use crate::format;
use crate::load::Run;

/// How much a difference says against comparing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// Another scenario or another machine: apples and pears.
    Grave,
    /// Moves figures, and may be what is being compared.
    Matters,
    /// To know.
    Note,
}

/// Something that differs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Condition {
    /// What: `kernel`.
    pub what: String,
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
    /// How much it says against comparing.
    pub weight: Weight,
}

/// Lines of a scenario shown at most, on each side.
const MOST_LINES: usize = 6;

/// What differs, the gravest first.
pub(super) fn between(before: &Run, after: &Run) -> Vec<Condition> {
    let mut found = Found::default();
    found.scenarios(&before.info.scenario, &after.info.scenario);
    found.machines(&before.info.environment, &after.info.environment);
    found.programs(&before.info, &after.info);
    // Stable: within one weight the order above stays.
    found.0.sort_by_key(|condition| condition.weight);
    found.0
}

/// Plain warnings where the comparison is of apples and pears.
pub(super) fn warnings(compared: &RunComparison) -> Vec<String> {
    let of = |what: &str| {
        let grave = |c: &&Condition| c.weight == Weight::Grave && c.what.starts_with(what);
        compared.conditions.iter().any(|condition| grave(&condition))
    };
    let mut warnings = Vec::new();
    if of("scenario") {
        warnings.push(
            "The two runs are of different scenarios: a ratio tells of the scenario as much as of the program."
                .to_owned(),
        );
    }
    if of("machine") {
        warnings.push(
            "The two runs are from different machines: a ratio tells of the machine as much as of the program."
                .to_owned(),
        );
    }
    if of("CPU split") {
        warnings.push(
            "The two runs had different CPUs for client or mock: a ratio tells of the split as much as of the program."
                .to_owned(),
        );
    }
    if of("build") {
        warnings.push(
            "The two programs were built with different profiles: a ratio tells of the compiler’s optimisation too."
                .to_owned(),
        );
    }
    if compared.same_run() {
        warnings.push("Both are the same run: every ratio is 1 and says nothing.".to_owned());
    }
    let (before, after) = (notes(&compared.before), notes(&compared.after));
    for (side, own, others) in
        [(&compared.before, &before, &after), (&compared.after, &after, &before)]
    {
        let alone = own.iter().filter(|note| !others.contains(note));
        warnings.extend(alone.map(|note| said(&format!("Of {} alone", side.name), note)));
    }
    warnings
}

/// What both runs say of themselves: it makes neither of them the better one.
pub(super) fn of_both(compared: &RunComparison) -> Vec<String> {
    let after = notes(&compared.after);
    let both = notes(&compared.before).into_iter().filter(|note| after.contains(note));
    both.map(|note| said("Of both runs", note)).collect()
}

fn said(whose: &str, note: &str) -> String {
    format!("{whose}: {}.", note.trim_end_matches('.'))
}

/// Remarks of a run on itself and on reading it.
fn notes(side: &Side) -> Vec<&str> {
    side.notes.iter().chain(&side.info.notes).map(String::as_str).collect()
}

#[derive(Default)]
struct Found(Vec<Condition>);

impl Found {
    /// Notes a difference, if it is one.
    fn put(&mut self, what: &str, before: String, after: String, weight: Weight) {
        if before != after {
            self.0.push(Condition { what: what.to_owned(), before, after, weight });
        }
    }

    fn scenarios(&mut self, a: &ScenarioInfo, b: &ScenarioInfo) {
        self.put("scenario name", a.name.clone(), b.name.clone(), Weight::Note);
        if a.hash != b.hash {
            self.texts(a, b);
        }
        self.put("seed", a.seed.to_string(), b.seed.to_string(), Weight::Note);
        self.put("mock’s timer", a.timer.clone(), b.timer.clone(), Weight::Matters);
        for model in &a.models {
            if let Some(other) = b.models.iter().find(|other| other.label == model.label) {
                let (own, others) = (options(model), options(other));
                self.put(&format!("model {}", model.label), own, others, Weight::Matters);
            }
        }
    }

    /// The scenario texts and what the command lines set on top.
    fn texts(&mut self, a: &ScenarioInfo, b: &ScenarioInfo) {
        for (what, diff) in [
            ("scenario text", Diff::of(&a.text, &b.text)),
            ("scenario overrides", Diff::of(&a.overrides.join("\n"), &b.overrides.join("\n"))),
        ] {
            let weight = if diff.harmless() { Weight::Note } else { Weight::Grave };
            self.put(what, shown(&diff.before), shown(&diff.after), weight);
        }
    }

    fn machines(&mut self, a: &Environment, b: &Environment) {
        let machine = |e: &Environment| {
            let hypervisor = e.hypervisor.as_ref().map(|h| format!(" under {h}"));
            format!("{}, {} CPUs{}", e.cpu_model.trim(), e.cpus, hypervisor.unwrap_or_default())
        };
        self.put("machine", machine(a), machine(b), Weight::Grave);
        self.put("CPU split", split(a), split(b), Weight::Grave);
        self.put("scheduling", a.scheduling_words(), b.scheduling_words(), Weight::Matters);
        // The same machine states a few pages more or less after a boot.
        let memory = |e: &Environment| format::bytes(e.memory_bytes as f64);
        self.put("memory", memory(a), memory(b), Weight::Note);
        self.put("kernel", a.kernel.clone(), b.kernel.clone(), Weight::Matters);
        self.put("clock source", a.clocksource.clone(), b.clocksource.clone(), Weight::Matters);
        let limits = |e: &Environment| {
            let (files, threads) = (e.descriptors as f64, e.thread_limit as f64);
            format!("{} descriptors, {} threads", format::count(files), format::count(threads))
        };
        self.put("limits", limits(a), limits(b), Weight::Note);
    }

    fn programs(&mut self, a: &RunInfo, b: &RunInfo) {
        let (own, other) = (&a.environment, &b.environment);
        let build = |e: &Environment| e.build.split(',').next().unwrap_or_default().to_owned();
        if build(own) == build(other) {
            self.put("compiler", own.build.clone(), other.build.clone(), Weight::Matters);
        } else {
            self.put("build", own.build.clone(), other.build.clone(), Weight::Grave);
        }
        let program = |e: &Environment| {
            let revision = e.revision.as_ref().map(|revision| format!(" ({revision})"));
            format!("{}{}", e.version, revision.unwrap_or_default())
        };
        self.put("revision", program(own), program(other), Weight::Matters);
        let quick = |info: &RunInfo| if info.quick { "shortened by --quick" } else { "whole" };
        self.put("length", quick(a).to_owned(), quick(b).to_owned(), Weight::Matters);
        self.put("status", status(a.status), status(b.status), Weight::Note);
        self.put("started", format::date(&a.started), format::date(&b.started), Weight::Note);
    }
}

/// A model's kind and stated options.
fn options(model: &measurement::run::ModelInfo) -> String {
    let options: Vec<String> =
        model.options.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    if options.is_empty() {
        return model.kind.clone();
    }
    format!("{}, {}", model.kind, options.join(", "))
}

fn split(environment: &Environment) -> String {
    let list =
        |cpus: &[usize]| cpus.iter().map(ToString::to_string).collect::<Vec<String>>().join(",");
    format!("client {}, mock {}", list(&environment.client_cpus), list(&environment.upstream_cpus))
}

/// A few lines on one: `latency = "5ms"; body = "1KiB"`.
fn shown(lines: &[String]) -> String {
    if lines.is_empty() {
        return format::MISSING.to_owned();
    }
    let mut text = lines.iter().take(MOST_LINES).cloned().collect::<Vec<_>>().join("; ");
    if lines.len() > MOST_LINES {
        let _ = write!(text, "; … and {} more lines", lines.len() - MOST_LINES);
    }
    text
}

fn status(status: RunStatus) -> String {
    match status {
        RunStatus::Running => "not ended",
        RunStatus::Complete => "complete",
        RunStatus::Interrupted => "interrupted",
        RunStatus::Failed => "failed",
    }
    .to_owned()
}
