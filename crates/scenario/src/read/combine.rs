//! `[combine]`: what one request does.

use std::time::Duration;

use super::shared_state;
use crate::combine::{Blocking, Combine, Connections, Via};
use crate::error::Result;
use crate::keys::{Key, Section, Shape};
use crate::kinds::GuardKind;
use crate::tree::Node;
use crate::units::duration_text;

const CONNECTIONS: &[&str] = &["keep-alive", "per-request"];
const VIA: &[&str] = &["inline", "spawn-blocking"];

/// Longest CPU work, and longest blocking call, of one request: beyond this a trial has no
/// requests to speak of.
const MOST: Duration = Duration::from_secs(10);
const MOST_EVERY: u64 = 1_000_000_000;

const COMBINE: &[Key] = &[
    Key::optional(
        "timeout",
        Shape::Duration,
        "deadline of each fetch over connect, response and body; default 5s",
    ),
    Key::optional(
        "connections",
        Shape::Word(CONNECTIONS),
        "whether a fetch may reuse a connection; default keep-alive",
    ),
    Key::optional(
        "work",
        Shape::Duration,
        "CPU work of every request once both answers are there, as long as this on an idle CPU, at most 10s; default 0us",
    ),
    Key::optional(
        "blocking",
        Shape::Schema(|| crate::schema::section(BLOCKING)),
        "a blocking call in some requests, for example { every = 100, duration = \"20ms\", via = \"inline\" }",
    ),
    Key::optional(
        "shared_state",
        Shape::Schema(shared_state::schema),
        "a table of which every request reads or writes an entry after its CPU work, for example { guard = \"mutex\", hold = \"5us\" }",
    ),
];

const BLOCKING: &[Key] = &[
    Key::required(
        "every",
        Shape::Count { min: 1, max: MOST_EVERY },
        "the requests whose number is a multiple of this block; 1: all",
    ),
    Key::required("duration", Shape::Duration, "for how long, at most 10s"),
    Key::optional(
        "via",
        Shape::Word(VIA),
        "inline (default): on the thread that runs the request; spawn-blocking: on the runtime's pool for that",
    ),
];

/// Reads the section, or says what holds without one. `guards` are those that it may name.
pub(super) fn read(node: Option<&Node>, guards: &[GuardKind]) -> Result<Combine> {
    let mut combine = Combine::default();
    let Some(node) = node else { return Ok(combine) };
    let section = Section::open(node, "[combine]", &[COMBINE])?;
    if let Some(timeout) = section.get("timeout") {
        combine.timeout = timeout.duration_from(Duration::from_millis(1))?;
    }
    if let Some(connections) = section.get("connections") {
        let word = connections.word("connections", CONNECTIONS)?;
        combine.connections =
            if word == "per-request" { Connections::PerRequest } else { Connections::KeepAlive };
    }
    if let Some(work) = section.get("work") {
        combine.work = at_most(work, Duration::ZERO)?;
    }
    combine.blocking = section.get("blocking").map(blocking).transpose()?;
    let shared_state = section.get("shared_state");
    combine.shared_state = shared_state.map(|node| shared_state::read(node, guards)).transpose()?;
    Ok(combine)
}

/// The schema of the section.
pub(super) fn schema() -> serde_json::Value {
    crate::schema::section(COMBINE)
}

fn blocking(node: &Node) -> Result<Blocking> {
    let section = Section::open(node, "blocking", &[BLOCKING])?;
    let via = section.get("via").map(|via| via.word("via", VIA)).transpose()?;
    Ok(Blocking {
        every: section.need("every")?.count("every", 1, MOST_EVERY)?,
        duration: at_most(section.need("duration")?, Duration::from_micros(1))?,
        via: if via == Some("spawn-blocking") { Via::SpawnBlocking } else { Via::Inline },
    })
}

/// A duration that one request may take up.
pub(super) fn at_most(node: &Node, least: Duration) -> Result<Duration> {
    let duration = node.duration_from(least)?;
    if duration > MOST {
        return Err(node
            .refuse(format!("{} is too long for one request", node.shown()))
            .label(format!("expected {} at most", duration_text(MOST)))
            .into());
    }
    Ok(duration)
}
