//! `[load]`.

use std::time::Duration;

use super::precision;
use crate::diagnostic::Class;
use crate::error::Result;
use crate::keys::{Key, Section, Shape};
use crate::tree::Node;
use crate::types::{Load, LoadShape, Scenario};
use crate::units::{duration_text, size_text};
use crate::waits::{MAX_RECORD_BYTES, RECORD_BYTES};

pub(crate) const LOAD: &[Key] = &[
    Key::required(
        "concurrency",
        Shape::Schema(concurrency_schema),
        "closed loop: requests in flight, one trial each; no duplicates, any order (levels are sorted)",
    ),
    Key::optional("warmup", Shape::Duration, "least length of the warm-up; default 1s"),
    Key::optional("duration", Shape::Duration, "least length of the measured window; default 2s"),
    Key::optional(
        "repeats",
        Shape::Count { min: 1, max: MAX_REPEATS },
        "trials per model and level; default 3",
    ),
    precision::PRECISION,
    precision::MOST,
];

pub(super) const MAX_REPEATS: u64 = 1_000;
const MAX_LEVELS: usize = 100;
const MAX_CONCURRENCY: u64 = 1_000_000;
const MAX_WINDOW: Duration = Duration::from_secs(60 * 60);

fn concurrency_schema() -> serde_json::Value {
    serde_json::json!({
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
    Ok(Load {
        shape: LoadShape::Closed { concurrency: concurrency(section.need("concurrency")?)? },
        warmup: section
            .get("warmup")
            .map_or(Ok(Duration::from_secs(1)), |node| window(node, Duration::ZERO))?,
        duration: section
            .get("duration")
            .map_or(Ok(Duration::from_secs(2)), |node| window(node, Duration::from_millis(10)))?,
        repeats,
        precision: precision::read(&section, repeats)?,
    })
}

fn window(node: &Node, min: Duration) -> Result<Duration> {
    let window = node.duration_from(min)?;
    if window > MAX_WINDOW {
        return Err(node
            .refuse(format!("{} is too long for one trial", node.found()))
            .label(format!("expected {} at most", duration_text(MAX_WINDOW)))
            .into());
    }
    Ok(window)
}

/// The levels, ascending. Their order in the file carries no meaning, since trials are shuffled:
/// any order is taken. A level stated twice is a slip, since repeats are `repeats`.
fn concurrency(node: &Node) -> Result<Vec<u32>> {
    let example = "for example concurrency = [1, 8, 64]";
    let items = node.items("an array of whole numbers").map_err(|error| match error {
        crate::Error::Invalid(diagnostic) => diagnostic.help(example).into(),
        other => other,
    })?;
    if items.is_empty() {
        return Err(node
            .refuse("`concurrency` has no level")
            .label("expected at least one")
            .help(example)
            .into());
    }
    if items.len() > MAX_LEVELS {
        return Err(node
            .refuse(format!("`concurrency` has {} levels", items.len()))
            .label(format!("expected {MAX_LEVELS} at most"))
            .into());
    }
    let mut levels: Vec<u32> = Vec::with_capacity(items.len());
    for item in items {
        let level = item.count("a concurrency", 1, MAX_CONCURRENCY)? as u32;
        if levels.contains(&level) {
            return Err(item
                .place
                .error(Class::Conflict, format!("the level {level} is stated twice"))
                .label("stated before")
                .help("to run a level several times, set `repeats`")
                .into());
        }
        levels.push(level);
    }
    levels.sort_unstable();
    Ok(levels)
}

/// Refuses a load whose request records would not fit the stated bound of memory.
pub(super) fn refuse_too_large(scenario: &Scenario, load: &Node) -> Result<()> {
    let client_cpus = scenario.cpus.client.as_ref().map_or(1, Vec::len);
    // The highest level needs most.
    let Some(level) = scenario.levels().last().copied() else { return Ok(()) };
    let window = scenario.load.duration;
    let records = scenario.record_capacity(level, window, client_cpus);
    let bytes = records as u64 * RECORD_BYTES;
    if bytes <= MAX_RECORD_BYTES {
        return Ok(());
    }
    let section = Section::open(load, "[load]", &[LOAD])?;
    Err(section
        .need("concurrency")?
        .refuse(format!(
            "at concurrency {level}, a window of {} may need {records} request records, {}",
            duration_text(window),
            size_text(bytes >> 20 << 20),
        ))
        .label(format!("expected to need {} at most", size_text(MAX_RECORD_BYTES)))
        .help("shorten `duration`, or lower the level")
        .into())
}
