//! The text as a tree of values that know their place.
//!
//! toml's own tree borrows the text and cannot hold values from several texts; this one is
//! owned, keeps tables in file order, and takes overrides ([`crate::overrides`]).

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Class, Place, Source};
use crate::error::Result;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) place: Place,
}

#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(String),
    /// As written; `None` beyond 128 bits.
    Integer(Option<i128>, String),
    Float(f64, String),
    Flag(bool),
    Date(String),
    Array(Vec<Node>),
    Table(Table),
}

/// A table in file order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    pub(crate) entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_place: Place,
    pub(crate) node: Node,
}

impl Table {
    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.key == key)
    }
}

impl Node {
    /// Parses a whole document; the root is a table.
    pub(crate) fn parse(source: &Arc<Source>) -> Result<Self> {
        let document = DeTable::parse(&source.text).map_err(|error| syntax(source, &error))?;
        let span = document.span();
        let place = Place::new(Arc::clone(source), span);
        Ok(Self { value: table(source, 0, document.into_inner()), place })
    }

    /// Parses `text`, which starts at byte `offset` of the source, as one TOML value; `None` if
    /// it is none.
    pub(crate) fn parse_value(source: &Arc<Source>, offset: usize) -> Option<Self> {
        let text = source.text.get(offset..)?;
        DeValue::parse(text).ok().map(|value| node(source, offset, value))
    }

    /// The value itself, for messages: a string in quotes, else what [`Self::found`] says.
    pub(crate) fn shown(&self) -> String {
        match &self.value {
            Value::Text(text) => quoted(text),
            _ => self.found(),
        }
    }

    /// What the value is, for messages: `the integer 5`, `a table`.
    pub(crate) fn found(&self) -> String {
        match &self.value {
            Value::Text(text) => format!("the string {}", quoted(text)),
            Value::Integer(_, written) => format!("the integer {}", shortened(written)),
            Value::Float(_, written) => format!("the float {}", shortened(written)),
            Value::Flag(flag) => format!("the boolean {flag}"),
            Value::Date(written) => format!("the date {written}"),
            Value::Array(_) => "an array".to_owned(),
            Value::Table(_) => "a table".to_owned(),
        }
    }
}

/// A string of the file as messages show it: quoted, control characters escaped, not too long.
pub(crate) fn quoted(text: &str) -> String {
    // Quotes inside are readable as they are.
    let mut shown = text.escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'");
    if shown.chars().count() > 60 {
        shown = shown.chars().take(57).chain("...".chars()).collect();
    }
    format!("\"{shown}\"")
}

fn shortened(written: &str) -> String {
    if written.len() <= 40 {
        written.to_owned()
    } else {
        format!(
            "{}... ({} characters)",
            written.chars().take(20).collect::<String>(),
            written.len()
        )
    }
}

fn syntax(source: &Arc<Source>, error: &toml::de::Error) -> crate::Error {
    let end = source.text.len();
    let place = Place::new(Arc::clone(source), error.span().unwrap_or(end..end));
    let message = error.message().lines().collect::<Vec<_>>().join(", ");
    let twice = message.starts_with("duplicate key");
    let diagnostic =
        place.error(Class::Syntax, format!("not valid TOML: {message}")).label(message);
    if !twice {
        return diagnostic.into();
    }
    diagnostic.help("it stands further up already; a key or a [table] may stand once, only [[tables]] repeat").into()
}

fn node(source: &Arc<Source>, offset: usize, value: Spanned<DeValue<'_>>) -> Node {
    let span = value.span();
    let place = Place::new(
        Arc::clone(source),
        span.start.saturating_add(offset)..span.end.saturating_add(offset),
    );
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(integer) => Value::Integer(
            i128::from_str_radix(integer.as_str(), integer.radix()).ok(),
            integer.to_string(),
        ),
        DeValue::Float(float) => {
            Value::Float(float.as_str().parse().unwrap_or(f64::NAN), float.as_str().to_owned())
        }
        DeValue::Boolean(flag) => Value::Flag(flag),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(items) => {
            Value::Array(items.into_iter().map(|item| node(source, offset, item)).collect())
        }
        DeValue::Table(entries) => table(source, offset, entries),
    };
    Node { value, place }
}

fn table(source: &Arc<Source>, offset: usize, table: DeTable<'_>) -> Value {
    let mut entries: Vec<Entry> = table
        .into_iter()
        .map(|(key, value)| {
            let span = key.span();
            Entry {
                key_place: Place::new(
                    Arc::clone(source),
                    span.start.saturating_add(offset)..span.end.saturating_add(offset),
                ),
                key: key.into_inner().into_owned(),
                node: node(source, offset, value),
            }
        })
        .collect();
    // toml keeps tables by key; which upstream comes first is told by the file.
    entries.sort_by_key(|entry| entry.key_place.start());
    Value::Table(Table { entries })
}
