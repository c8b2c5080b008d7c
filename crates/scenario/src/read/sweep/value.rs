//! The values of a sweep: as words, as places on an axis, and as TOML.

use crate::tree::{Node, Value};
use crate::units::{
    duration_text, parse_duration, parse_percentage, parse_rate, parse_size, percentage_text,
    rate_text, size_text,
};

/// Longest value in words.
const MAX_CHARS: usize = 60;

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Milliseconds,
    Bytes,
    PerSecond,
    Share,
    One,
}

/// The values for people, no two alike.
pub(super) fn texts(values: &[Node]) -> Vec<String> {
    let words: Vec<String> = values.iter().map(|value| shortened(words(value))).collect();
    let alike = |text: &String| words.iter().filter(|other| *other == text).count() > 1;
    let either = |(at, text): (usize, &String)| {
        // Rounded or cut to the same: then as it is written, and which it is.
        let written = || format!("{} ({})", shortened(plain(&toml(&values[at]))), at + 1);
        if alike(text) { written() } else { text.clone() }
    };
    words.iter().enumerate().map(either).collect()
}

/// Where the values stand on an axis: as numbers where all are of one unit, positive and
/// ascending, else evenly apart on a logarithmic axis.
pub(super) fn positions(values: &[Node]) -> Vec<f64> {
    let numbers: Option<Vec<(Unit, f64)>> = values.iter().map(number).collect();
    let numbers = numbers.filter(|numbers| {
        let ascending =
            numbers.windows(2).all(|pair| pair[0].0 == pair[1].0 && pair[0].1 < pair[1].1);
        ascending && numbers.iter().all(|(_, number)| number.is_finite() && *number > 0.0)
    });
    match numbers {
        Some(numbers) => numbers.into_iter().map(|(_, number)| number).collect(),
        None => (0..values.len() as u32).map(|at| f64::from(at).exp2()).collect(),
    }
}

/// Whether two values say the same: `10ms` and `0.01s` do.
pub(super) fn same(a: &Node, b: &Node) -> bool {
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a == b,
        _ => toml(a) == toml(b),
    }
}

/// The value as one line of TOML.
pub(super) fn toml(node: &Node) -> String {
    match &node.value {
        Value::Text(text) => basic_string(text),
        Value::Integer(Some(number), _) => number.to_string(),
        Value::Integer(None, written) | Value::Float(_, written) | Value::Date(written) => {
            written.clone()
        }
        Value::Flag(flag) => flag.to_string(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(toml).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Table(table) => {
            let entry = |entry: &crate::tree::Entry| {
                format!("{} = {}", basic_string(&entry.key), toml(&entry.node))
            };
            let entries: Vec<String> = table.entries.iter().map(entry).collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

fn basic_string(text: &str) -> String {
    let escaped = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04X}", u32::from(c)),
        c => c.to_string(),
    };
    let inside: String = text.chars().map(escaped).collect();
    format!("\"{inside}\"")
}

/// A number with its unit: a bare one, or a string with a unit.
fn number(node: &Node) -> Option<(Unit, f64)> {
    match &node.value {
        Value::Integer(Some(number), _) => Some((Unit::One, *number as f64)),
        Value::Float(number, _) => Some((Unit::One, *number)),
        Value::Text(text) => quantity(text).map(|(unit, number, _)| (unit, number)),
        _ => None,
    }
}

/// A string with a unit: which, how much, and in words. No unit belongs to two of them.
fn quantity(text: &str) -> Option<(Unit, f64, String)> {
    if let Ok(duration) = parse_duration(text) {
        let ms = duration.as_secs_f64() * 1e3;
        return Some((Unit::Milliseconds, ms, duration_text(duration)));
    }
    if let Ok(bytes) = parse_size(text) {
        return Some((Unit::Bytes, bytes as f64, size_text(bytes)));
    }
    if let Ok(per_second) = parse_rate(text) {
        return Some((Unit::PerSecond, per_second, rate_text(per_second)));
    }
    let share = parse_percentage(text).ok()?;
    Some((Unit::Share, share, percentage_text(share)))
}

/// `5 ms`, `16`, `spawn-blocking`; of a table `lognormal p50 80 ms, p99 400 ms`.
fn words(node: &Node) -> String {
    match &node.value {
        Value::Text(text) => quantity(text).map_or_else(|| plain(text), |(.., words)| words),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join("; "),
        Value::Table(table) => {
            let entry = |entry: &crate::tree::Entry| {
                format!("{} {}", plain(&entry.key), words(&entry.node))
            };
            table.entries.iter().map(entry).collect::<Vec<_>>().join(", ")
        }
        _ => toml(node),
    }
}

/// On one line.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn shortened(text: String) -> String {
    if text.chars().count() <= MAX_CHARS {
        return text;
    }
    text.chars().take(MAX_CHARS - 1).chain(['…']).collect()
}
