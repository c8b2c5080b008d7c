//! `shared_state` of `[combine]`: a table that every request reads or writes.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::combine::at_most;
use crate::combine::SharedState;
use crate::diagnostic::nearest;
use crate::error::Result;
use crate::keys::{Key, Section, Shape, unknown};
use crate::kinds::GuardKind;
use crate::tree::{Node, quoted};

/// Most entries of the table: some tens of MiB.
const MOST_KEYS: u64 = 1 << 20;

const SHARED_STATE: &[Key] = &[
    // The schema's builder, which knows the guards, lists them.
    Key::required("guard", Shape::Text, "what keeps requests apart, for example \"mutex\""),
    Key::optional(
        "hold",
        Shape::Duration,
        "CPU work with the entry in hand, as long as this on an idle CPU, at most 10s; default 5us",
    ),
    Key::optional("write_ratio", Shape::Percentage, "share of requests that write; default 20%"),
    Key::optional(
        "keys",
        Shape::Count { min: 1, max: MOST_KEYS },
        "entries of the table; a request's own follows from its id; default 1024",
    ),
];

/// Reads the table; `guards` are those that it may name.
pub(super) fn read(node: &Node, guards: &[GuardKind]) -> Result<SharedState> {
    let section = Section::open(node, "shared_state", &[SHARED_STATE])?;
    let hold = section.get("hold").map(|hold| at_most(hold, Duration::ZERO)).transpose()?;
    let writes = section.get("write_ratio").map(Node::percentage).transpose()?;
    let keys = section.get("keys").map(|keys| keys.count("keys", 1, MOST_KEYS)).transpose()?;
    Ok(SharedState {
        guard: guard(section.need("guard")?, guards)?,
        hold: hold.unwrap_or(Duration::from_micros(5)),
        write_ratio: writes.unwrap_or(0.2),
        keys: keys.unwrap_or(1024) as u32,
    })
}

fn guard(node: &Node, guards: &[GuardKind]) -> Result<String> {
    let word = node.text("a string for a guard")?;
    if guards.iter().any(|guard| guard.name == word) {
        return Ok(word.to_owned());
    }
    let names: Vec<&str> = guards.iter().map(|guard| guard.name).collect();
    let near = nearest(word, names.iter().copied());
    let suggestion = near.map_or_else(String::new, |near| format!(", did you mean \"{near}\"?"));
    Err(unknown(&node.place, "guard", word, &names)
        .retitle(format!("unknown guard {}{suggestion}", quoted(word)))
        .into())
}

/// The schema of the table without any guard.
pub(super) fn schema() -> Json {
    crate::schema::section(SHARED_STATE)
}

/// The schema of a guard that is one of these, each with its line.
pub(crate) fn guard_schema(guards: &[GuardKind]) -> Json {
    let one = |guard: &GuardKind| json!({ "const": guard.name, "description": guard.summary });
    json!({ "oneOf": guards.iter().map(one).collect::<Vec<_>>() })
}
