//! `[sweep]`: the whole scenario is read once per value, with the value put at the swept key.
//!
//! A value keeps its place in the file, so that a wrong one is reported there; a wrong key is
//! reported at the string that names it. What whoever runs a trial needs of a swept scenario is in
//! its overrides: the value, and `sweep=false`.

mod key;
mod levels;
mod value;

use std::sync::Arc;

use serde_json::json;

use super::{Given, TOP};
use crate::diagnostic::Class;
use crate::error::{Error, Result};
use crate::keys::{Key, ROOT, Section, Shape};
use crate::overrides;
use crate::sweep::{Sweep, Swept};
use crate::tree::{Node, Value};
use crate::types::Scenario;
use key::SweptKey;

const SWEEP: &[Key] = &[
    Key::required(
        "key",
        Shape::Text,
        "what varies, dotted: upstream.NAME.KEY (of both: upstream.*.KEY), combine.KEY, mock.KEY or model.LABEL.OPTION",
    ),
    Key::required(
        "values",
        Shape::Schema(values_schema),
        "1 to 32 values, as the key takes them; each runs at every load level under every model, unless `levels` says otherwise",
    ),
    levels::LEVELS,
    Key::optional(
        "label",
        Shape::Text,
        "what varies, for the report: \"latency of the payment service\"; default: the key in words",
    ),
];

const MAX_VALUES: usize = 32;
/// Most trials of a repeat: a grid beyond is a slip, and would take days.
const MAX_POINTS: usize = 10_000;
const EXAMPLE: &str = "for example values = [\"1ms\", \"10ms\", \"100ms\"]";

/// The schema of the section.
pub(super) fn schema() -> serde_json::Value {
    json!({ "anyOf": [crate::schema::section(SWEEP), { "const": false }] })
}

fn values_schema() -> serde_json::Value {
    json!({ "type": "array", "minItems": 1, "maxItems": MAX_VALUES, "uniqueItems": true })
}

/// The scenario that a tree says, with one more of each value of its sweep, if it has one.
pub(super) fn read(root: &Node, given: &Given<'_>) -> Result<Scenario> {
    let top = Section::open(root, ROOT, &[TOP])?;
    let node = match top.get("sweep") {
        None | Some(Node { value: Value::Flag(false), .. }) => return Scenario::of(root, given),
        Some(node) => node,
    };
    let section = Section::open(node, "[sweep]", &[SWEEP])?;
    let key = SweptKey::read(section.need("key")?, root)?;
    let values = values(section.need("values")?)?;
    // A key that the file leaves to the sweep alone has its first value elsewhere.
    let mut scenario = match overrides::find(root, &key.segments) {
        Some(stated) => {
            key.refuse_override(stated)?;
            Scenario::of(root, given)?
        }
        None => first(root, given, &key, &values[0])?,
    };
    refuse_grid(section.need("values")?, &scenario, values.len())?;
    let levels = section.get("levels").map(|node| levels::read(node, &scenario, values));
    let label = section.get("label").map(|label| label.line("the label of a sweep"));
    let (levels, label) = (levels.transpose()?, label.transpose()?);
    let texts = value::texts(values);
    let positions = value::positions(values);
    let mut scenarios = Vec::with_capacity(values.len());
    for (index, node) in values.iter().enumerate() {
        let mut swept = at(root, given, &key, node)?;
        key.refuse_other_label(&scenario, &swept, &texts[index])?;
        swept.overrides.push(format!("{}={}", key.canonical, value::toml(node)));
        swept.overrides.push("sweep=false".to_owned());
        let (text, position) = (texts[index].clone(), positions[index]);
        swept.swept = Some(Swept { key: key.text.clone(), index, text, position });
        scenarios.push(Arc::new(swept));
    }
    scenario.sweep = Some(Sweep { key: key.text, label, model: key.model, scenarios, levels });
    Ok(scenario)
}

/// The scenario of a file that leaves the swept key to the sweep: that of its first value. What is
/// wrong without it, too, is not the value's doing.
fn first(root: &Node, given: &Given<'_>, key: &SweptKey, value: &Node) -> Result<Scenario> {
    at(root, given, key, value).map_err(|error| match (error, Scenario::of(root, given)) {
        (Error::Invalid(with), Err(Error::Invalid(without))) if with.title() == without.title() => {
            Error::Invalid(without)
        }
        (error, _) => error,
    })
}

/// The scenario with this value at the swept key.
fn at(root: &Node, given: &Given<'_>, key: &SweptKey, value: &Node) -> Result<Scenario> {
    let mut root = root.clone();
    let read = overrides::put(&mut root, &key.segments, value.clone())
        .and_then(|()| Scenario::of(&root, given));
    read.map_err(|error| match error {
        Error::Invalid(diagnostic) if !diagnostic.is_at(&key.place) => {
            diagnostic.at_value(&value.place, "at this value of the sweep").into()
        }
        other => other,
    })
}

/// The values: at least one, not too many, none twice.
fn values(node: &Node) -> Result<&[Node]> {
    let Value::Array(values) = &node.value else {
        return Err(node.wrong_type("an array of values").help(EXAMPLE).into());
    };
    if values.is_empty() || values.len() > MAX_VALUES {
        return Err(node
            .refuse(format!("the sweep has {} values", values.len()))
            .label(format!("expected 1 to {MAX_VALUES}"))
            .help(EXAMPLE)
            .into());
    }
    for (at, item) in values.iter().enumerate() {
        let Some(earlier) = values[..at].iter().find(|earlier| value::same(earlier, item)) else {
            continue;
        };
        return Err(item
            .place
            .error(Class::Conflict, format!("the sweep has the value {} twice", item.shown()))
            .label("stated before")
            .and(&earlier.place, "here")
            .help("to run a value several times, set `repeats` in [load]")
            .into());
    }
    Ok(values)
}

/// Refuses a grid of values, levels and models that nobody would wait for.
fn refuse_grid(values: &Node, scenario: &Scenario, count: usize) -> Result<()> {
    let levels = scenario.levels().len();
    let points = scenario.models.len() * levels * count;
    if points <= MAX_POINTS {
        return Ok(());
    }
    Err(values
        .refuse(format!("{count} values at {levels} levels make {points} trials a repeat"))
        .label(format!("expected to make {MAX_POINTS} at most"))
        .help("sweep at a few levels: one is often enough")
        .into())
}
