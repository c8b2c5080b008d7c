//! `[load]`.

use std::time::Duration;

use serde_json::json;

use super::{precision, rates};
use crate::diagnostic::{Class, listed};
use crate::error::Result;
use crate::keys::{Key, Section, Shape};
use crate::load::{Arrivals, Level, Load, LoadShape};
use crate::plan::Timing;
use crate::tree::{Entry, Node};
use crate::types::Scenario;
use crate::units::{duration_text, size_text};
use crate::waits::{MAX_RECORD_BYTES, RECORD_BYTES};

const LOAD: &[Key] = &[
    Key::optional(
        "concurrency",
        Shape::Schema(concurrency_schema),
        "closed loop: requests in flight, one trial each; no duplicates, any order (levels are sorted)",
    ),
    Key::optional(
        "rate",
        Shape::Schema(rates::rate_schema),
        "open loop: requests per second, one trial each; no duplicates, any order (levels are sorted)",
    ),
    Key::optional(
        "stages",
        Shape::Schema(rates::stages_schema),
        "open loop: the rate over one trial, in steps { rate, for } and ramps { ramp_to, for }",
    ),
    Key::optional(
        "arrivals",
        Shape::Word(ARRIVALS),
        "open loop: poisson (as independent users arrive; the default) or constant gaps",
    ),
    Key::optional(
        "max_in_flight",
        Shape::Count { min: 1, max: MAX_CONCURRENCY },
        "open loop: an arrival while so many requests are in flight is shed and counted; default 10000",
    ),
    Key::optional("warmup", Shape::Duration, "least length of the warm-up; default 1s"),
    Key::optional(
        "duration",
        Shape::Duration,
        "least length of the measured window; default 2s; stages bring their own",
    ),
    Key::optional(
        "repeats",
        Shape::Count { min: 1, max: MAX_REPEATS },
        "trials per model and level; default 3",
    ),
    precision::PRECISION,
    precision::MOST,
    Key::optional(
        "reruns",
        Shape::Count { min: 0, max: MAX_RERUNS },
        "how often a trial that is not to be trusted because of the machine is run again at most, with the same draws; default 2",
    ),
];

/// The keys that pace the load: exactly one is stated.
const PACES: [&str; 3] = ["concurrency", "rate", "stages"];

const ARRIVALS: &[&str] = &["poisson", "constant"];

/// Enough that no service that answers reaches it, few enough for descriptors and memory.
const DEFAULT_MAX_IN_FLIGHT: u32 = 10_000;

pub(super) const MAX_REPEATS: u64 = 1_000;
const DEFAULT_RERUNS: u32 = 2;
/// What fails so often is no hiccup of the machine.
const MAX_RERUNS: u64 = 5;
pub(super) const MAX_LEVELS: usize = 100;
const MAX_CONCURRENCY: u64 = 1_000_000;
const MAX_WINDOW: Duration = Duration::from_secs(60 * 60);
pub(super) const MIN_WINDOW: Duration = Duration::from_millis(10);

/// The schema of the section.
pub(crate) fn schema() -> serde_json::Value {
    let mut schema = crate::schema::section(LOAD);
    schema["oneOf"] = json!(PACES.map(|pace| json!({ "required": [pace] })));
    schema
}

fn concurrency_schema() -> serde_json::Value {
    json!({
        "type": "array",
        "minItems": 1,
        "maxItems": MAX_LEVELS,
        "uniqueItems": true,
        "items": { "type": "integer", "minimum": 1, "maximum": MAX_CONCURRENCY },
    })
}

pub(super) fn read(node: &Node) -> Result<Load> {
    let section = Section::open(node, "[load]", &[LOAD])?;
    let repeats =
        section.get("repeats").map_or(Ok(3), |node| node.count("repeats", 1, MAX_REPEATS))? as u32;
    let shape = shape(section, pace(section)?)?;
    let stated = section.get("duration").map(|node| window(node, MIN_WINDOW)).transpose()?;
    let duration = match shape.stages() {
        [] => stated.unwrap_or(Duration::from_secs(2)),
        stages => stages.iter().map(|stage| stage.length).sum(),
    };
    Ok(Load {
        shape,
        duration,
        warmup: section
            .get("warmup")
            .map_or(Ok(Duration::from_secs(1)), |node| window(node, Duration::ZERO))?,
        repeats,
        precision: precision::read(&section, repeats)?,
        reruns: match section.get("reruns") {
            Some(node) => node.count("reruns", 0, MAX_RERUNS)? as u32,
            None => DEFAULT_RERUNS,
        },
    })
}

/// The one key that paces the load.
fn pace(section: Section<'_>) -> Result<&Entry> {
    let mut stated: Vec<&Entry> = PACES.iter().filter_map(|key| section.entry(key)).collect();
    stated.sort_by_key(|entry| entry.key_place.order());
    let Some(first) = stated.first() else {
        return Err(section
            .place()
            .error(Class::Missing, "[load] says neither how many nor how often")
            .label(format!("expected one of {}", listed(PACES)))
            .help("closed loop: concurrency = [1, 8, 64]")
            .help("open loop: rate = [\"100/s\", \"1000/s\"]")
            .into());
    };
    if let Some(second) = stated.get(1) {
        return Err(second
            .key_place
            .error(
                Class::Conflict,
                format!("`{}` and `{}` exclude each other", first.key, second.key),
            )
            .label("the load is paced a second time")
            .and(&first.key_place, "and here a first time")
            .help("a run is of one kind; put the other into a scenario of its own")
            .into());
    }
    Ok(first)
}

fn shape(section: Section<'_>, pace: &Entry) -> Result<LoadShape> {
    if pace.key == "concurrency" {
        refuse_beside(
            section,
            pace,
            "arrivals",
            "in a closed loop a completion starts the next request",
        )?;
        refuse_beside(
            section,
            pace,
            "max_in_flight",
            "in a closed loop `concurrency` is how many are in flight",
        )?;
        return Ok(LoadShape::Closed { concurrency: concurrency(&pace.node)? });
    }
    let arrivals = match section.get("arrivals") {
        Some(node) if node.word("arrivals", ARRIVALS)? == "constant" => Arrivals::Constant,
        _ => Arrivals::Poisson,
    };
    let max_in_flight = match section.get("max_in_flight") {
        Some(node) => node.count("requests in flight", 1, MAX_CONCURRENCY)? as u32,
        None => DEFAULT_MAX_IN_FLIGHT,
    };
    if pace.key == "rate" {
        let rates_rps = rates::rates(&pace.node)?;
        return Ok(LoadShape::Open { rates_rps, arrivals, max_in_flight });
    }
    refuse_beside(section, pace, "duration", "the window is as long as its stages together")?;
    let stages = rates::stages(&pace.node)?;
    let length: Duration = stages.iter().map(|stage| stage.length).sum();
    refuse_too_long(&pace.node, "the stages together", length)?;
    Ok(LoadShape::Stages { stages, arrivals, max_in_flight })
}

/// Refuses a key that says nothing beside the one that paces the load.
fn refuse_beside(section: Section<'_>, pace: &Entry, key: &str, why: &str) -> Result<()> {
    let Some(entry) = section.entry(key) else { return Ok(()) };
    Err(entry
        .key_place
        .error(Class::Conflict, format!("`{key}` has no meaning beside `{}`: {why}", pace.key))
        .label("not with this load")
        .and(&pace.key_place, "which is paced here")
        .help(format!("leave out `{key}`"))
        .into())
}

fn window(node: &Node, min: Duration) -> Result<Duration> {
    let window = node.duration_from(min)?;
    refuse_too_long(node, &node.found(), window)?;
    Ok(window)
}

fn refuse_too_long(node: &Node, what: &str, length: Duration) -> Result<()> {
    if length <= MAX_WINDOW {
        return Ok(());
    }
    let verb = if what.starts_with("the stages") { "are" } else { "is" };
    Err(node
        .refuse(format!("{what} {verb} too long for one trial"))
        .label(format!("expected {} at most", duration_text(MAX_WINDOW)))
        .into())
}

/// The levels, ascending. Their order in the file carries no meaning, since trials are shuffled:
/// any order is taken. A level stated twice is a slip, since repeats are `repeats`.
fn concurrency(node: &Node) -> Result<Vec<u32>> {
    let example = "for example concurrency = [1, 8, 64]";
    let items = node.items("an array of whole numbers").map_err(|error| match error {
        crate::Error::Invalid(diagnostic) => diagnostic.help(example).into(),
        other => other,
    })?;
    refuse_count(node, "concurrency", items.len(), example)?;
    let mut levels: Vec<u32> = Vec::with_capacity(items.len());
    for item in items {
        let level = item.count("a concurrency", 1, MAX_CONCURRENCY)? as u32;
        if levels.contains(&level) {
            return Err(twice(item, Level::Concurrency(level)));
        }
        levels.push(level);
    }
    levels.sort_unstable();
    Ok(levels)
}

/// Refuses no level, and too many.
pub(super) fn refuse_count(node: &Node, key: &str, levels: usize, example: &str) -> Result<()> {
    if levels == 0 {
        return Err(node
            .refuse(format!("`{key}` has no level"))
            .label("expected at least one")
            .help(example)
            .into());
    }
    if levels > MAX_LEVELS {
        return Err(node
            .refuse(format!("`{key}` has {levels} levels"))
            .label(format!("expected {MAX_LEVELS} at most"))
            .into());
    }
    Ok(())
}

/// An error: this level has been stated before.
pub(super) fn twice(item: &Node, level: Level) -> crate::Error {
    item.place
        .error(Class::Conflict, format!("the level {level} is stated twice"))
        .label("stated before")
        .help("to run a level several times, set `repeats`")
        .into()
}

/// Refuses a load whose request records would not fit the stated bound of memory.
pub(super) fn refuse_too_large(scenario: &Scenario, load: &Node) -> Result<()> {
    let client_cpus = scenario.cpus.client.as_ref().map_or(1, Vec::len);
    // The highest level needs most.
    let Some(level) = scenario.levels().last().copied() else { return Ok(()) };
    let timing = Timing::of(scenario, false);
    let [warmup, window] = scenario.record_capacity(level, &timing, client_cpus);
    let stages = !scenario.load.shape.stages().is_empty();
    let (phase, key, length, records) = if warmup > window {
        ("a warm-up", "`warmup`", timing.settle(), warmup)
    } else {
        ("a window", if stages { "the stages" } else { "`duration`" }, timing.duration, window)
    };
    let bytes = records as u64 * RECORD_BYTES;
    if bytes <= MAX_RECORD_BYTES {
        return Ok(());
    }
    let level = match level {
        Level::Concurrency(places) => format!("at concurrency {places}"),
        Level::Rate(_) => format!("at {level}"),
        Level::Stages => "in these stages".to_owned(),
    };
    let section = Section::open(load, "[load]", &[LOAD])?;
    Err(pace(section)?
        .node
        .refuse(format!(
            "{level}, {phase} of {} may need {records} request records, {}",
            duration_text(length),
            size_text(bytes >> 20 << 20),
        ))
        .label(format!("expected to need {} at most", size_text(MAX_RECORD_BYTES)))
        .help(format!("shorten {key}, or lower the {}", if stages { "rates" } else { "level" }))
        .into())
}
