//! `[upstream.NAME]`: exactly two.

use std::path::Path;

use crate::diagnostic::Class;
use crate::error::Result;
use crate::fault;
use crate::keys::{Key, Section, Shape};
use crate::law;
use crate::tree::{Entry, Node, Value};
use crate::types::Upstream;

pub(crate) const UPSTREAM: &[Key] = &[
    Key::required(
        "latency",
        Shape::Schema(crate::schema::latency),
        "how long a response is kept back: a duration or a law",
    ),
    Key::optional("body", Shape::Size, "size of the response body, a JSON document; default 1KiB"),
    Key::optional(
        "faults",
        Shape::Schema(crate::schema::faults),
        "what goes wrong, each with a rate; at most one meets a request",
    ),
];

/// What an upstream may be called: it is a path segment, a column, a label.
pub(crate) const NAME_PATTERN: &str = "^[A-Za-z0-9_-]{1,64}$";

const NEEDED: usize = 2;
/// A body is JSON that says whose and which it is; this much, and the name, holds it.
const MIN_BODY_BYTES: u64 = 40;
const MAX_BODY_BYTES: u64 = 16 << 20;
const DEFAULT_BODY_BYTES: usize = 1024;

pub(super) fn read(node: &Node, folder: &Path) -> Result<Vec<Upstream>> {
    let Value::Table(table) = &node.value else {
        return Err(node.wrong_type("tables [upstream.NAME]").help(EXAMPLE).into());
    };
    if let Some(stray) =
        table.entries.iter().find(|entry| !matches!(entry.node.value, Value::Table(_)))
    {
        return Err(stray
            .node
            .wrong_type(&format!("a table [upstream.{}]", stray.key))
            .help(EXAMPLE)
            .into());
    }
    let mut upstreams = Vec::with_capacity(NEEDED);
    for entry in &table.entries {
        upstreams.push(one(entry, folder)?);
    }
    if table.entries.len() == NEEDED {
        return Ok(upstreams);
    }
    let names: Vec<&str> = table.entries.iter().map(|entry| entry.key.as_str()).collect();
    let found = match names.len() {
        0 => "none".to_owned(),
        count => format!("{count} ({})", names.join(", ")),
    };
    let (place, label) = match table.entries.get(NEEDED).or(table.entries.last()) {
        Some(entry) if table.entries.len() > NEEDED => (&entry.key_place, "one too many"),
        Some(entry) => (&entry.key_place, "the only one"),
        None => (&node.place, "none in here"),
    };
    Err(place
        .error(
            Class::Missing,
            format!("the combine workload needs exactly {NEEDED} upstreams, found {found}"),
        )
        .label(label)
        .help(EXAMPLE)
        .into())
}

const EXAMPLE: &str = "each upstream is a table: [upstream.api1], then latency = \"80ms\"";

fn one(entry: &Entry, folder: &Path) -> Result<Upstream> {
    let name = &entry.key;
    let valid = (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if !valid {
        return Err(entry
            .key_place
            .error(Class::Value, format!("{} cannot name an upstream", crate::tree::quoted(name)))
            .label("expected letters, digits, `_` and `-`, 64 at most")
            .into());
    }
    let shorts: Vec<Key> = fault::FAULTS.iter().filter_map(|entry| entry.short).collect();
    let section = Section::open(&entry.node, &format!("[upstream.{name}]"), &[UPSTREAM, &shorts])?;
    let context = law::Context { folder, depth: 0 };
    Ok(Upstream {
        name: name.clone(),
        latency: law::read(section.need("latency")?, &context)?,
        body_bytes: section.get("body").map_or(Ok(DEFAULT_BODY_BYTES), |body| {
            body.size(MIN_BODY_BYTES + name.len() as u64, MAX_BODY_BYTES)
                .map(|bytes| bytes as usize)
        })?,
        faults: fault::read(section)?,
    })
}
