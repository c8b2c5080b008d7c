//! `levels` of a `[[model]]` or of a value of a sweep: some of the load's levels, as positions
//! among them.

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

/// The schema of some of the load's levels.
pub(super) fn schema() -> serde_json::Value {
    serde_json::json!({
        "type": "array",
        "minItems": 1,
        "uniqueItems": true,
        "items": level_schema(),
    })
}

/// The schema of one level.
pub(super) fn level_schema() -> serde_json::Value {
    let rate = crate::schema::shape(&Shape::Rate);
    serde_json::json!({ "anyOf": [{ "type": "integer", "minimum": 1 }, rate] })
}

/// Positions among the load's ascending levels, ascending.
pub(super) fn read(node: &Node, load: &Load) -> Result<Vec<usize>> {
    refuse_stages(node, load)?;
    let items = node.items("an array of levels")?;
    if items.is_empty() {
        return Err(node
            .refuse("`levels` has no level: the model would not run")
            .label("expected at least one of the load's levels")
            .into());
    }
    positions(items, load)
}

/// Refuses `levels` where the load has none to choose from.
pub(super) fn refuse_stages(node: &Node, load: &Load) -> Result<()> {
    if !matches!(load.shape, LoadShape::Stages { .. }) {
        return Ok(());
    }
    Err(node
        .place
        .error(Class::Conflict, "`levels` has no meaning where the load has stages")
        .label("there are no levels to choose from")
        .into())
}

/// Positions of these levels among the load's ascending ones, ascending; none twice.
pub(super) fn positions(items: &[Node], load: &Load) -> Result<Vec<usize>> {
    let mut positions = Vec::with_capacity(items.len());
    for item in items {
        let position = position(item, load)?;
        if positions.contains(&position) {
            let level = load.shape.levels()[position];
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

/// Position of this level among the load's ascending ones.
fn position(item: &Node, load: &Load) -> Result<usize> {
    let levels = load.shape.levels();
    let level = match &load.shape {
        LoadShape::Closed { .. } => {
            Level::Concurrency(item.count("a level", 1, u64::from(u32::MAX))? as u32)
        }
        LoadShape::Open { .. } | LoadShape::Stages { .. } => Level::Rate(item.rate()?),
    };
    levels.iter().position(|other| *other == level).ok_or_else(|| {
        item.refuse(format!("the load has no level {level}"))
            .label("expected one of the load's levels")
            .help(format!("the levels are {}", named(&levels)))
            .into()
    })
}

pub(super) fn named(levels: &[Level]) -> String {
    levels.iter().map(Level::to_string).collect::<Vec<_>>().join(", ")
}
