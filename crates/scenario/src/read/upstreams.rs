//! `[upstream.NAME]`: exactly two.

use std::num::NonZeroU32;
use std::path::Path;

use crate::diagnostic::Class;
use crate::error::Result;
use crate::fault;
use crate::keys::{Key, Section, Shape};
use crate::law;
use crate::size_law::{self, Bounds};
use crate::tree::{Entry, Node, Value};
use crate::types::{Framing, Upstream};

pub(crate) const UPSTREAM: &[Key] = &[
    Key::required(
        "latency",
        Shape::Schema(crate::schema::latency),
        "how long a response is kept back: a duration or a law",
    ),
    Key::optional(
        "body",
        Shape::Schema(size_law::schema),
        "size of the response body, a JSON document: a size or a law of sizes; default 1KiB",
    ),
    Key::optional(
        "framing",
        Shape::Word(FRAMINGS),
        "how a body's end is told; default content-length",
    ),
    Key::optional(
        "connections",
        Shape::Schema(connections_schema),
        "whether connections are kept: keep-alive (the default), close (after every answer), { close-after = 100 }",
    ),
    Key::optional(
        "faults",
        Shape::Schema(crate::schema::faults),
        "what goes wrong, each with a rate; at most one meets a request",
    ),
];

/// What an upstream may be called: it is a path segment, a column, a label.
pub(crate) const NAME_PATTERN: &str = "^[A-Za-z0-9_-]{1,64}$";

const FRAMINGS: &[&str] = &["content-length", "chunked"];
const CONNECTIONS: &[&str] = &["keep-alive", "close"];
const CLOSE_AFTER: &[Key] = &[Key::required(
    "close-after",
    Shape::Count { min: 1, max: u32::MAX as u64 },
    "answers after which a connection is closed",
)];

const NEEDED: usize = 2;
/// A body is JSON that says whose and which it is; this much, and the name, holds it.
const MIN_BODY_BYTES: u64 = 40;
const MAX_BODY_BYTES: u64 = 16 << 20;

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
    let mut upstream = Upstream::new(name, law::read(section.need("latency")?, &context)?);
    if let Some(body) = section.get("body") {
        let bounds = Bounds { min: MIN_BODY_BYTES + name.len() as u64, max: MAX_BODY_BYTES };
        upstream.body = size_law::read(body, bounds)?;
    }
    if let Some(framing) = section.get("framing") {
        upstream.framing = match framing.word("framing", FRAMINGS)? {
            "chunked" => Framing::Chunked,
            _ => Framing::ContentLength,
        };
    }
    if let Some(connections) = section.get("connections") {
        upstream.close_after = close_after(connections)?;
    }
    upstream.faults = fault::read(section)?;
    Ok(upstream)
}

/// After how many answers a connection is closed, if ever.
fn close_after(connections: &Node) -> Result<Option<NonZeroU32>> {
    if matches!(connections.value, Value::Table(_)) {
        let section = Section::open(connections, "connections", &[CLOSE_AFTER])?;
        let after = section.need("close-after")?.count("answers", 1, u64::from(u32::MAX))?;
        return Ok(NonZeroU32::new(after as u32));
    }
    Ok(match connections.word("connections", CONNECTIONS)? {
        "close" => Some(NonZeroU32::MIN),
        _ => None,
    })
}

fn connections_schema() -> serde_json::Value {
    let word = crate::schema::shape(&Shape::Word(CONNECTIONS));
    serde_json::json!({ "anyOf": [word, crate::schema::section(CLOSE_AFTER)] })
}
