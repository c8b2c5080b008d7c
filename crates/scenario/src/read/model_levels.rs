//! `levels` of a `[[model]]`: some of the load's levels, as positions among them.

use crate::diagnostic::Class;
use crate::error::Result;
use crate::keys::{Key, Shape};
use crate::load::{Level, Load, LoadShape};
use crate::tree::Node;

pub(super) const LEVELS: Key = Key::optional(
    "levels",
    Shape::Schema(schema),
    "the load's levels that this model runs at; default: all of them",
);

fn schema() -> serde_json::Value {
    let rate = crate::schema::shape(&Shape::Rate);
    serde_json::json!({
        "type": "array",
        "minItems": 1,
        "uniqueItems": true,
        "items": { "anyOf": [{ "type": "integer", "minimum": 1 }, rate] },
    })
}

/// Positions among the load's ascending levels, ascending.
pub(super) fn read(node: &Node, load: &Load) -> Result<Vec<usize>> {
    if matches!(load.shape, LoadShape::Stages { .. }) {
        return Err(node
            .place
            .error(Class::Conflict, "`levels` has no meaning where the load has stages")
            .label("there are no levels to choose from")
            .into());
    }
    let items = node.items("an array of levels")?;
    let levels = load.shape.levels();
    if items.is_empty() {
        return Err(node
            .refuse("`levels` has no level: the model would not run")
            .label("expected at least one of the load's levels")
            .into());
    }
    let mut positions = Vec::with_capacity(items.len());
    for item in items {
        let level = match &load.shape {
            LoadShape::Closed { .. } => {
                Level::Concurrency(item.count("a level", 1, u64::from(u32::MAX))? as u32)
            }
            LoadShape::Open { .. } | LoadShape::Stages { .. } => Level::Rate(item.rate()?),
        };
        let Some(position) = levels.iter().position(|other| *other == level) else {
            return Err(item
                .refuse(format!("the load has no level {level}"))
                .label("expected one of the load's levels")
                .help(format!("the levels are {}", named(&levels)))
                .into());
        };
        if positions.contains(&position) {
            return Err(item
                .place
                .error(Class::Conflict, format!("the level {level} is stated twice"))
                .label("stated before")
                .into());
        }
        positions.push(position);
    }
    positions.sort_unstable();
    Ok(positions)
}

fn named(levels: &[Level]) -> String {
    levels.iter().map(Level::to_string).collect::<Vec<_>>().join(", ")
}
