//! `levels` of a `[[model]]`: some of the load's levels, as positions among them.

use crate::diagnostic::Class;
use crate::error::Result;
use crate::keys::{Key, Shape};
use crate::tree::Node;
use crate::types::{Load, LoadShape};

pub(super) const LEVELS: Key = Key::optional(
    "levels",
    Shape::Schema(schema),
    "the load's levels that this model runs at; default: all of them",
);

fn schema() -> serde_json::Value {
    serde_json::json!({
        "type": "array",
        "minItems": 1,
        "uniqueItems": true,
        "items": { "type": "integer", "minimum": 1 },
    })
}

/// Positions among the load's ascending levels, ascending.
pub(super) fn read(node: &Node, load: &Load) -> Result<Vec<usize>> {
    let LoadShape::Closed { concurrency } = &load.shape;
    let items = node.items("an array of levels")?;
    if items.is_empty() {
        return Err(node
            .refuse("`levels` has no level: the model would not run")
            .label("expected at least one of the load's levels")
            .into());
    }
    let mut positions = Vec::with_capacity(items.len());
    for item in items {
        let level = item.count("a level", 1, u64::from(u32::MAX))? as u32;
        let Ok(position) = concurrency.binary_search(&level) else {
            return Err(item
                .refuse(format!("the load has no level {level}"))
                .label("expected one of the load's levels")
                .help(format!("the levels are {}", named(concurrency)))
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

fn named(levels: &[u32]) -> String {
    levels.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}
