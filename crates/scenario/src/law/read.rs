//! Reading `latency = …`: a string, or a table whose one law name selects the entry.

use std::path::Path;

use super::caps::{self, CAPS};
use super::{LAWS, Law, LawKind, fixed};
use crate::diagnostic::{Class, listed};
use crate::error::Result;
use crate::keys::{Key, Section, unknown};
use crate::tree::{Entry, Node, Value};

/// Deepest nesting of mixtures.
const MAX_DEPTH: usize = 4;

/// What a law's parser may need besides its value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    /// Relative paths start here: the scenario's folder.
    pub(crate) folder: &'a Path,
    /// How many mixtures this law is inside of.
    pub(crate) depth: usize,
}

/// Opens the table of a law's parameters. Caps may stand among them, unless the law has
/// parameters of those names itself.
pub(super) fn section<'a>(node: &'a Node, kind: &LawKind) -> Result<Section<'a>> {
    let caps = if has_own_caps(kind) { &[] } else { CAPS };
    Section::open(node, kind.name, &[kind.parameters, caps])
}

fn has_own_caps(kind: &LawKind) -> bool {
    kind.parameters.iter().any(|key| CAPS.iter().any(|cap| cap.name == key.name))
}

/// Reads a law with its caps.
pub(crate) fn read(node: &Node, context: &Context<'_>) -> Result<Law> {
    read_with(node, context, &[])
}

/// Reads a law from a table in which the keys of `besides` may stand too.
pub(super) fn read_with(node: &Node, context: &Context<'_>, besides: &[Key]) -> Result<Law> {
    if context.depth > MAX_DEPTH {
        return Err(node
            .refuse("mixtures are nested too deep")
            .label(format!("at most {MAX_DEPTH} deep"))
            .into());
    }
    let table = match &node.value {
        Value::Text(_) => return fixed::parse(node, context),
        Value::Table(table) => table,
        _ => {
            return Err(node
                .wrong_type("a latency")
                .help("a latency is a duration, \"120ms\", or a law, { lognormal = { p50 = \"80ms\", p99 = \"400ms\" } }")
                .into());
        }
    };
    let mut law: Option<(&Entry, &LawKind)> = None;
    for entry in &table.entries {
        if CAPS.iter().chain(besides).any(|key| key.name == entry.key) {
            continue;
        }
        let Some(kind) = LAWS.iter().find(|kind| kind.name == entry.key) else {
            return Err(unknown_law(entry, besides).into());
        };
        if let Some((first, _)) = law {
            return Err(entry
                .key_place
                .error(
                    Class::Conflict,
                    format!("two laws for one latency: `{}` and `{}`", first.key, entry.key),
                )
                .label("the second law")
                .help("to draw from several laws, use `mixture`")
                .into());
        }
        law = Some((entry, kind));
    }
    let Some((entry, kind)) = law else {
        let names = listed(LAWS.iter().map(|kind| kind.name));
        return Err(node
            .place
            .error(Class::Missing, "the latency names no law")
            .label("no law in here")
            .help(format!("the laws are {names}"))
            .into());
    };
    let law = (kind.parse)(&entry.node, context)?;
    let inside = if has_own_caps(kind) { None } else { Some(&entry.node) };
    caps::apply(law, inside, node)
}

fn unknown_law(entry: &Entry, besides: &[Key]) -> crate::diagnostic::Diagnostic {
    let names: Vec<&str> = LAWS
        .iter()
        .map(|kind| kind.name)
        .chain(CAPS.iter().map(|key| key.name))
        .chain(besides.iter().map(|key| key.name))
        .collect();
    unknown(&entry.key_place, &format!("latency law `{}`", entry.key), &entry.key, &names)
}
