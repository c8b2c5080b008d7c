//! `levels` of `[sweep]`: at which of the load's levels each value runs, one entry per value.
//!
//! A value whose upstreams take ninety times as long needs ninety times as many requests in flight
//! for the same rate: such values belong together in pairs, and not in a grid.

use crate::diagnostic::Class;
use crate::error::Result;
use crate::keys::{Key, Shape};
use crate::load::Level;
use crate::read::model_levels;
use crate::tree::{Node, Value};
use crate::types::Scenario;

use super::MAX_VALUES;

pub(super) const LEVELS: Key = Key::optional(
    "levels",
    Shape::Schema(schema),
    "the load's level that each value runs at, or an array of levels: one entry per value; default: all levels at every value",
);

const EXAMPLE: &str = "for example levels = [100, 9000], or levels = [[1, 100], [9000]]";

fn schema() -> serde_json::Value {
    let entry = [model_levels::level_schema(), model_levels::schema()];
    serde_json::json!({
        "type": "array",
        "minItems": 1,
        "maxItems": MAX_VALUES,
        "items": { "anyOf": entry },
    })
}

/// Per value the positions of its levels among the load's ascending ones, ascending.
pub(super) fn read(node: &Node, scenario: &Scenario, values: &[Node]) -> Result<Vec<Vec<usize>>> {
    model_levels::refuse_stages(node, &scenario.load)?;
    let Value::Array(entries) = &node.value else {
        return Err(node.wrong_type("an array with the levels of each value").help(EXAMPLE).into());
    };
    if entries.len() != values.len() {
        return Err(node
            .refuse(format!(
                "the sweep has {} values, and levels for {}",
                values.len(),
                entries.len()
            ))
            .label("expected one entry per value")
            .help(EXAMPLE)
            .into());
    }
    let own: Vec<Vec<usize>> =
        entries.iter().map(|entry| of_value(entry, scenario)).collect::<Result<_>>()?;
    refuse_idle_levels(node, scenario, &own)?;
    Ok(own)
}

/// A level by itself, or several.
fn of_value(entry: &Node, scenario: &Scenario) -> Result<Vec<usize>> {
    match &entry.value {
        Value::Array(levels) if levels.is_empty() => Err(entry
            .refuse("a value has no level: it would not run")
            .label("expected at least one of the load's levels")
            .into()),
        Value::Array(_) => model_levels::read(entry, &scenario.load),
        _ => model_levels::positions(std::slice::from_ref(entry), &scenario.load),
    }
}

/// Refuses a level of the load that no value runs at: it would be stated for nothing.
fn refuse_idle_levels(node: &Node, scenario: &Scenario, own: &[Vec<usize>]) -> Result<()> {
    let levels = scenario.levels();
    let idle: Vec<Level> = (0..levels.len())
        .filter(|at| !own.iter().any(|levels| levels.contains(at)))
        .map(|at| levels[at])
        .collect();
    if idle.is_empty() {
        return Ok(());
    }
    Err(node
        .place
        .error(
            Class::Conflict,
            format!("no value of the sweep runs at level {}", model_levels::named(&idle)),
        )
        .label("expected each of the load's levels at some value")
        .help("take it out of [load], or name it here")
        .into())
}
