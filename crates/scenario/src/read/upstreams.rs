//! `[upstream.NAME]`: exactly two.

use std::num::NonZeroU32;
use std::path::Path;
use std::time::Duration;

use crate::diagnostic::Class;
use crate::error::Result;
use crate::fault;
use crate::keys::{Key, Section, Shape};
use crate::law;
use crate::load::Load;
use crate::size_law::{self, Bounds};
use crate::tree::{Entry, Node, Value};
use crate::types::{Framing, Stall, Upstream};
use crate::units::duration_text;

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
    Key::optional(
        "stall",
        Shape::Schema(stall_schema),
        "{ at, for }: a time in which nothing is sent; what falls into it goes at its end",
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

const STALL: &[Key] = &[
    Key::required("at", Shape::Duration, "when it begins, from the start of the measured window"),
    Key::required("for", Shape::Duration, "how long it lasts"),
];

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
    upstream.stall = section.get("stall").map(stall).transpose()?;
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

fn stall(node: &Node) -> Result<Stall> {
    if !matches!(node.value, Value::Table(_)) {
        let example = "for example stall = { at = \"2s\", for = \"1s\" }";
        return Err(node.wrong_type("a table { at, for }").help(example).into());
    }
    let section = Section::open(node, "a stall", &[STALL])?;
    Ok(Stall {
        at: section.need("at")?.duration()?,
        length: section.need("for")?.duration_from(Duration::from_millis(1))?,
    })
}

/// Refuses a stall that would not end inside the window: what it did would not be seen.
pub(super) fn refuse_late_stall(node: &Node, upstreams: &[Upstream], load: &Load) -> Result<()> {
    let Value::Table(table) = &node.value else { return Ok(()) };
    for upstream in upstreams {
        let Some(stall) = upstream.stall.filter(|stall| stall.at + stall.length >= load.duration)
        else {
            continue;
        };
        let entry = table.get(&upstream.name);
        let place = match entry.map(|entry| &entry.node.value) {
            Some(Value::Table(table)) => table.get("stall").map(|entry| &entry.node.place),
            _ => None,
        };
        let (end, window) = (duration_text(stall.at + stall.length), duration_text(load.duration));
        return Err(place
            .unwrap_or(&node.place)
            .error(Class::Conflict, format!("the stall ends {end} into a window of {window}"))
            .label("expected to end inside the window")
            .help("lengthen `duration` in [load], or let the stall begin earlier")
            .into());
    }
    Ok(())
}

fn stall_schema() -> serde_json::Value {
    crate::schema::section(STALL)
}

fn connections_schema() -> serde_json::Value {
    let word = crate::schema::shape(&Shape::Word(CONNECTIONS));
    serde_json::json!({ "anyOf": [word, crate::schema::section(CLOSE_AFTER)] })
}
