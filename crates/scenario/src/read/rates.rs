//! The open loop's part of `[load]`: rates and stages.

use serde_json::json;

use super::load::{MAX_LEVELS, MIN_WINDOW, refuse_count, twice};
use crate::diagnostic::Class;
use crate::error::Result;
use crate::keys::{Key, Section, Shape};
use crate::load::{Level, Stage};
use crate::schema::shape;
use crate::tree::{Node, Value};
use crate::units::rate_text;

const STAGE: &[Key] = &[
    Key::optional("rate", Shape::Rate, "a constant rate"),
    Key::optional(
        "ramp_to",
        Shape::Rate,
        "a rate reached in a straight line from where the stage before ended; from 0/s in the first",
    ),
    Key::required("for", Shape::Duration, "how long the stage lasts"),
];

/// Highest rate: far above what one process sends.
const MAX_RPS: f64 = 1e6;

const RATE_EXAMPLE: &str = "for example rate = [\"100/s\", \"1000/s\"]";
const STAGES_EXAMPLE: &str = "for example stages = [{ rate = \"100/s\", for = \"10s\" }, { ramp_to = \"1000/s\", for = \"30s\" }]";

pub(super) fn rate_schema() -> serde_json::Value {
    let rate = shape(&Shape::Rate);
    let many = json!({
        "type": "array", "minItems": 1, "maxItems": MAX_LEVELS, "uniqueItems": true, "items": rate,
    });
    json!({ "anyOf": [rate, many] })
}

pub(super) fn stages_schema() -> serde_json::Value {
    let mut stage = crate::schema::section(STAGE);
    stage["oneOf"] = json!([{ "required": ["rate"] }, { "required": ["ramp_to"] }]);
    json!({ "type": "array", "minItems": 1, "maxItems": MAX_LEVELS, "items": stage })
}

/// The rates of `rate`, ascending: an array of them, or a single one.
pub(super) fn rates(node: &Node) -> Result<Vec<f64>> {
    let items = match &node.value {
        Value::Array(items) => items.as_slice(),
        Value::Table(_) => {
            return Err(node.wrong_type("an array of rates").help(RATE_EXAMPLE).into());
        }
        _ => std::slice::from_ref(node),
    };
    refuse_count(node, "rate", items.len(), RATE_EXAMPLE)?;
    let mut rates: Vec<f64> = Vec::with_capacity(items.len());
    for item in items {
        let rps = rate(item)?;
        if rps == 0.0 {
            return Err(item
                .refuse(format!("{} brings no request", item.shown()))
                .label("expected a rate above 0/s")
                .into());
        }
        if rates.iter().any(|other| other.to_bits() == rps.to_bits()) {
            return Err(twice(item, Level::Rate(rps)));
        }
        rates.push(rps);
    }
    rates.sort_unstable_by(f64::total_cmp);
    Ok(rates)
}

fn rate(node: &Node) -> Result<f64> {
    let rps = node.rate()?;
    if rps > MAX_RPS {
        return Err(node
            .refuse(format!("{} is too high", node.shown()))
            .label(format!("expected {} at most", rate_text(MAX_RPS)))
            .into());
    }
    Ok(rps)
}

/// The stages of `stages`; a ramp begins where the stage before ended.
pub(super) fn stages(node: &Node) -> Result<Vec<Stage>> {
    let items = node.items("an array of stages").map_err(|error| match error {
        crate::Error::Invalid(diagnostic) => diagnostic.help(STAGES_EXAMPLE).into(),
        other => other,
    })?;
    if items.is_empty() || items.len() > MAX_LEVELS {
        return Err(node
            .refuse(format!("`stages` has {} stages", items.len()))
            .label(format!("expected 1 to {MAX_LEVELS}"))
            .help(STAGES_EXAMPLE)
            .into());
    }
    let mut stages: Vec<Stage> = Vec::with_capacity(items.len());
    for item in items {
        let stood_rps = stages.last().map_or(0.0, |stage| stage.to_rps);
        stages.push(stage(item, stood_rps)?);
    }
    if stages.iter().map(Stage::expected).sum::<f64>() == 0.0 {
        return Err(node
            .refuse("the stages bring no request")
            .label("expected a rate above 0/s in one of them")
            .into());
    }
    Ok(stages)
}

fn stage(node: &Node, stood_rps: f64) -> Result<Stage> {
    if !matches!(node.value, Value::Table(_)) {
        return Err(node.wrong_type("a table for a stage").help(STAGES_EXAMPLE).into());
    }
    let section = Section::open(node, "a stage", &[STAGE])?;
    let length = section.need("for")?.duration_from(MIN_WINDOW)?;
    match (section.entry("rate"), section.entry("ramp_to")) {
        (Some(step), None) => {
            let rps = rate(&step.node)?;
            Ok(Stage { from_rps: rps, to_rps: rps, length })
        }
        (None, Some(ramp)) => Ok(Stage { from_rps: stood_rps, to_rps: rate(&ramp.node)?, length }),
        (None, None) => Err(node
            .place
            .error(Class::Missing, "the stage has no rate")
            .label("expected `rate` or `ramp_to`")
            .help(STAGES_EXAMPLE)
            .into()),
        (Some(step), Some(ramp)) => Err(ramp
            .key_place
            .error(Class::Conflict, "a stage is a step or a ramp, not both")
            .label("a ramp")
            .and(&step.key_place, "a step")
            .help("give each a stage of its own")
            .into()),
    }
}
