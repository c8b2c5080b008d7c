//! `--set KEY=VALUE`: puts a value into the tree before anything is read from it.
//!
//! The value keeps its place in the `--set` text, so that a wrong one is reported there. A sweep
//! puts its values at its key by the same means, with their places in the file.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Class, Diagnostic, OVERRIDE, Place, Source, listed, nearest};
use crate::error::Result;
use crate::tree::{Entry, Node, Table, Value, quoted};

/// A part of a key that stands for every key of its table: `upstream.*.latency`.
pub(crate) const EVERY: &str = "*";
/// Most parts a dotted key may have: deeper than any scenario, shallow enough to recurse over.
const MAX_PARTS: usize = 16;

/// Applies one override to the root of the tree.
///
/// KEY is dotted (`load.duration`); a part with dots or spaces in it may be quoted. Inside an
/// array of tables a part is a position from 0, or the element's `label`, `name` or `kind`; `*` is
/// every key of a table.
/// VALUE is TOML where it parses as a TOML value, else a string: `10s` needs no quotes.
pub(crate) fn apply(root: &mut Node, text: &str) -> Result<()> {
    let source = Arc::new(Source { origin: OVERRIDE.to_owned(), text: text.to_owned() });
    let whole = Place::new(Arc::clone(&source), 0..text.len());
    let Some(equals) = text.find('=') else {
        return Err(whole
            .error(Class::Override, "a --set needs the form KEY=VALUE")
            .label("there is no `=`")
            .help("for example --set load.duration=10s")
            .into());
    };
    let place = |span| Place::new(Arc::clone(&source), span);
    let help = "for example --set load.duration=10s";
    let segments = split(&text[..equals], &whole, place, help)?;
    put(root, &segments, value(&source, equals + 1))
}

/// The value where the parts of a key lead, if there is one; of several the first.
pub(crate) fn find<'a>(root: &'a Node, segments: &[Segment]) -> Option<&'a Node> {
    let Some((first, rest)) = segments.split_first() else { return Some(root) };
    match &root.value {
        Value::Table(table) if first.name == EVERY => {
            let found = table.entries.iter().map(|entry| find(&entry.node, rest));
            found.collect::<Option<Vec<_>>>()?.first().copied()
        }
        Value::Table(table) => find(&table.get(&first.name)?.node, rest),
        Value::Array(items) => find(items.get(position(items, first).ok()?)?, rest),
        _ => None,
    }
}

/// One part of a dotted key.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) name: String,
    pub(crate) place: Place,
}

/// Puts `value` where the parts of a key lead, making tables that are missing on the way.
pub(crate) fn put(root: &mut Node, segments: &[Segment], value: Node) -> Result<()> {
    let Some((first, rest)) = segments.split_first() else {
        *root = value;
        return Ok(());
    };
    match &mut root.value {
        Value::Table(table) if first.name == EVERY && !table.entries.is_empty() => {
            table.entries.iter_mut().try_for_each(|entry| put(&mut entry.node, rest, value.clone()))
        }
        _ => put(step(root, first, || Value::Table(Table::default()))?, rest, value),
    }
}

fn value(source: &Arc<Source>, offset: usize) -> Node {
    let text = &source.text[offset..];
    let start = offset + (text.len() - text.trim_start().len());
    Node::parse_value(source, start).unwrap_or_else(|| Node {
        value: Value::Text(text.trim().to_owned()),
        place: Place::new(Arc::clone(source), start..start + text.trim().len()),
    })
}

/// The parts of a dotted key, at least one: a part with dots or spaces in it may be quoted.
/// `place` turns a span of the key into a place, `whole` is that of all of it, and `help` an
/// example of what would be right.
pub(crate) fn split(
    text: &str,
    whole: &Place,
    place: impl Fn(Range<usize>) -> Place,
    help: &str,
) -> Result<Vec<Segment>> {
    let mut segments = Vec::new();
    let mut start = 0;
    let mut quote = None;
    let end = text.len();
    for (at, c) in text.char_indices().chain([(end, '.')]) {
        match quote {
            Some(open) if at < end && c != open => {}
            Some(_) if at < end => quote = None,
            _ if c == '"' || c == '\'' => quote = Some(c),
            _ if c == '.' => {
                let place = place(start..at);
                let name = unquoted(text[start..at].trim()).to_owned();
                if name.is_empty() {
                    return Err(place
                        .error(Class::Override, "a part of the key is empty")
                        .label("expected a key here")
                        .help(help)
                        .into());
                }
                segments.push(Segment { name, place });
                start = at + 1;
            }
            _ => {}
        }
    }
    if segments.len() > MAX_PARTS {
        return Err(whole.error(Class::Override, "the key has too many parts").into());
    }
    Ok(segments)
}

/// The part itself: without its quotes, the inner ones left.
fn unquoted(part: &str) -> &str {
    let pair = |quote| part.strip_prefix(quote)?.strip_suffix(quote);
    pair('"').or(pair('\'')).unwrap_or(part)
}

/// The node that `segment` names inside `parent`, made if a table lacks it.
fn step<'a>(parent: &'a mut Node, segment: &Segment, new: fn() -> Value) -> Result<&'a mut Node> {
    let found = parent.found();
    match &mut parent.value {
        Value::Table(table) => {
            if table.get(&segment.name).is_none() {
                table.entries.push(Entry {
                    key: segment.name.clone(),
                    key_place: segment.place.clone(),
                    node: Node { value: new(), place: segment.place.clone() },
                });
            }
            let entry = table.get_mut(&segment.name);
            entry.map(|entry| &mut entry.node).ok_or_else(|| nothing_inside(segment, &found).into())
        }
        Value::Array(items) => {
            let position = position(items, segment)?;
            items.get_mut(position).ok_or_else(|| nothing_inside(segment, &found).into())
        }
        _ => Err(nothing_inside(segment, &found).into()),
    }
}

fn nothing_inside(segment: &Segment, found: &str) -> Diagnostic {
    segment
        .place
        .error(Class::Override, format!("cannot set `{}` inside {found}", segment.name))
        .label(format!("what precedes it is {found}, which has no keys"))
}

/// The element that a number, label, name or kind stands for.
pub(crate) fn position(items: &[Node], segment: &Segment) -> Result<usize> {
    let count = items.len();
    if let Ok(position) = segment.name.parse::<usize>() {
        if position < count {
            return Ok(position);
        }
        return Err(segment
            .place
            .error(Class::Override, format!("there is no element {position}"))
            .label(format!("the array has {count}, counted from 0"))
            .into());
    }
    for key in ["label", "name", "kind"] {
        let found: Vec<usize> = (0..count)
            .filter(|&at| names(&items[at], key).is_some_and(|name| name == segment.name))
            .collect();
        // Without a label of its own an element is called by its kind.
        let unlabelled: Vec<usize> =
            found.iter().copied().filter(|&at| names(&items[at], "label").is_none()).collect();
        match (&found[..], &unlabelled[..]) {
            ([], _) => {}
            ([position], _) | (_, [position]) => return Ok(*position),
            _ => {
                let title = format!("several elements have {key} {}", quoted(&segment.name));
                return Err(segment
                    .place
                    .error(Class::Override, title)
                    .label("which one is meant?")
                    .help("write its position, from 0, or give each a `label`")
                    .into());
            }
        }
    }
    let known: Vec<&str> = items
        .iter()
        .flat_map(|item| ["label", "name", "kind"].into_iter().filter_map(|key| names(item, key)))
        .collect();
    let error = segment
        .place
        .error(Class::Override, format!("no element is called {}", quoted(&segment.name)))
        .label(match nearest(&segment.name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "write a label, or a position from 0".to_owned(),
        });
    Err(if known.is_empty() {
        error.into()
    } else {
        error.help(format!("there are {}", listed(known))).into()
    })
}

fn names<'a>(item: &'a Node, key: &str) -> Option<&'a str> {
    let Value::Table(table) = &item.value else { return None };
    match &table.get(key)?.node.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}
