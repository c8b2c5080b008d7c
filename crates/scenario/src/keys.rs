//! Tables whose keys are known: the list that drives parsing, messages and the JSON Schema.
//!
//! A [`Section`] refuses an unknown key before anything else, so that a misspelt key is reported
//! as such and not as the absence of the right one.

use serde_json::Value as Json;

use crate::diagnostic::{Class, Place, listed, nearest};
use crate::error::Result;
use crate::tree::{Entry, Node, Table, Value};

/// One key of a table.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What values it takes.
    pub shape: Shape,
    /// Whether it must be there.
    pub required: bool,
    /// What it means, and its default, in a line.
    pub doc: &'static str,
}

/// The values a key takes.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Any string.
    Text,
    /// `true` or `false`.
    Flag,
    /// A whole number in `min..=max`.
    Count {
        /// Least value.
        min: u64,
        /// Greatest value.
        max: u64,
    },
    /// A number above 0.
    Positive,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A duration, `"80ms"`.
    Duration,
    /// A size, `"1KiB"`.
    Size,
    /// A percentage, `"0.5%"`.
    Percentage,
    /// Events per time, `"100/s"`.
    Rate,
    /// A CPU list, `"0-3,5"`.
    CpuList,
    /// Described by a JSON Schema of its own.
    Schema(fn() -> Json),
}

impl Key {
    /// A key that may be left out.
    pub const fn optional(name: &'static str, shape: Shape, doc: &'static str) -> Self {
        Self { name, shape, required: false, doc }
    }

    /// A key that must be there.
    pub const fn required(name: &'static str, shape: Shape, doc: &'static str) -> Self {
        Self { name, shape, required: true, doc }
    }
}

/// A table opened for reading: every key in it is known, every required one present.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Section<'a> {
    table: &'a Table,
    place: &'a Place,
}

impl<'a> Section<'a> {
    /// Opens `node`; `name` is how messages call it: `[load]`.
    pub(crate) fn open(node: &'a Node, name: &str, keys: &[&[Key]]) -> Result<Self> {
        let Value::Table(table) = &node.value else {
            return Err(node.wrong_type(&format!("a table for {name}")).into());
        };
        let section = Self { table, place: &node.place };
        let known = || keys.iter().flat_map(|keys| keys.iter());
        for entry in &table.entries {
            if !known().any(|key| key.name == entry.key) {
                let names: Vec<&str> = known().map(|key| key.name).collect();
                return Err(unknown(
                    &entry.key_place,
                    &format!("key `{}` in {name}", entry.key),
                    &entry.key,
                    &names,
                )
                .into());
            }
        }
        for key in known() {
            if key.required && table.get(key.name).is_none() {
                let place = table.entries.first().map_or(section.place, |entry| &entry.key_place);
                let place =
                    if name.starts_with('[') || name == ROOT { section.place } else { place };
                return Err(place
                    .error(Class::Missing, format!("{name} has no `{}`", key.name))
                    .label(format!("`{}` is missing here", key.name))
                    .help(format!("`{}`: {}", key.name, key.doc))
                    .into());
            }
        }
        Ok(section)
    }

    /// The value of a key, if present.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// A key and its value, if present.
    pub(crate) fn entry(&self, key: &str) -> Option<&'a Entry> {
        self.table.get(key)
    }

    /// Where the table stands.
    pub(crate) fn place(&self) -> &'a Place {
        self.place
    }

    /// The value of a required key.
    pub(crate) fn need(&self, key: &str) -> Result<&'a Node> {
        self.get(key)
            .ok_or_else(|| self.place.error(Class::Missing, format!("there is no `{key}`")).into())
    }
}

/// How messages call the top of the file.
pub(crate) const ROOT: &str = "the scenario";

/// A diagnostic for a word that is none of `known`: `unknown <what>`, with suggestion and list.
pub(crate) fn unknown(
    place: &Place,
    what: &str,
    word: &str,
    known: &[&str],
) -> crate::diagnostic::Diagnostic {
    let near = nearest(word, known.iter().copied());
    let suggestion = near.map_or_else(String::new, |near| format!(", did you mean `{near}`?"));
    let label =
        near.map_or_else(|| "not known here".to_owned(), |near| format!("did you mean `{near}`?"));
    place
        .error(Class::Unknown, format!("unknown {what}{suggestion}"))
        .label(label)
        .help(format!("known are {}", listed(known.iter().copied())))
}
