//! `[[model]]`: kinds from the registry handed in, options by their specification, labels.

use std::time::Duration;

use super::model_levels::{self, LEVELS};
use crate::diagnostic::{Class, nearest};
use crate::error::Result;
use crate::keys::{Key, Section, Shape, unknown};
use crate::load::Load;
use crate::model::{ModelKind, ModelSpec, OptionKind, OptionSpec, OptionValue, Options};
use crate::tree::{Node, Value, quoted};
use crate::units::{duration_text, size_text};

const LABEL: Key = Key::optional(
    "label",
    Shape::Text,
    "name in charts and tables; default: the kind, with its options where two would clash",
);

const KIND: Key = Key::required("kind", Shape::Text, "which model");
const MAX_MODELS: usize = 64;
const MAX_LABEL_CHARS: usize = 40;
const EXAMPLE: &str = "each model is a table: [[model]], then kind = \"tokio\"";

/// The keys of a `[[model]]` of this kind, besides `kind`.
pub(crate) fn model_keys(kind: &ModelKind) -> Vec<Key> {
    let option = |spec: &OptionSpec| Key::optional(spec.key, shape(spec.kind), spec.doc);
    [LABEL, LEVELS].into_iter().chain(kind.options.iter().map(option)).collect()
}

fn shape(kind: OptionKind) -> Shape {
    match kind {
        OptionKind::Count { min, max } | OptionKind::Pool { min, max, .. } => {
            Shape::Count { min, max }
        }
        OptionKind::Word(words) => Shape::Word(words),
        OptionKind::Size { .. } => Shape::Size,
        OptionKind::Duration => Shape::Duration,
    }
}

/// The models. `levels` of those that are not among `only` (empty: all are) are not read.
pub(super) fn read(
    node: &Node,
    kinds: &[ModelKind],
    load: &Load,
    only: &[String],
) -> Result<Vec<ModelSpec>> {
    let Value::Array(items) = &node.value else {
        return Err(node.wrong_type("an array of tables [[model]]").help(EXAMPLE).into());
    };
    if items.is_empty() || items.len() > MAX_MODELS {
        return Err(node
            .refuse(format!("the scenario has {} models", items.len()))
            .label(format!("expected 1 to {MAX_MODELS}"))
            .help(EXAMPLE)
            .into());
    }
    let mut models = Vec::with_capacity(items.len());
    for item in items {
        models.push(one(item, kinds)?);
    }
    let runs = |label: &str| only.is_empty() || only.iter().any(|one| one == label);
    let own_levels: Vec<Option<&Node>> = models.iter().map(|model| model.levels).collect();
    let mut labelled = label(items, models)?;
    for (model, node) in labelled.iter_mut().zip(own_levels) {
        if let Some(node) = node.filter(|_| runs(&model.label)) {
            model.levels = Some(model_levels::read(node, load)?);
        }
    }
    Ok(labelled)
}

/// A model whose label may still be unstated, and whose levels are still to be read.
struct Unlabelled<'a> {
    kind: &'static str,
    label: Option<String>,
    options: Options,
    levels: Option<&'a Node>,
}

fn one<'a>(item: &'a Node, kinds: &[ModelKind]) -> Result<Unlabelled<'a>> {
    let Value::Table(table) = &item.value else {
        return Err(item.wrong_type("a table [[model]]").help(EXAMPLE).into());
    };
    let names: Vec<&str> = kinds.iter().map(|kind| kind.kind).collect();
    let Some(entry) = table.get("kind") else {
        // A misspelt `kind` is better reported as such: the sections' own check does.
        let every: Vec<Key> = kinds.iter().flat_map(model_keys).collect();
        Section::open(item, "[[model]]", &[&[KIND], &every])?;
        return Err(item.place.error(Class::Missing, "[[model]] has no `kind`").into());
    };
    let word = entry.node.text("a string for a model's kind")?;
    let Some(kind) = kinds.iter().find(|kind| kind.kind == word) else {
        let near = nearest(word, names.iter().copied());
        let suggestion =
            near.map_or_else(String::new, |near| format!(", did you mean \"{near}\"?"));
        return Err(unknown(&entry.node.place, "model", word, &names)
            .retitle(format!("unknown model {}{suggestion}", quoted(word)))
            .into());
    };
    let keys = model_keys(kind);
    let section =
        Section::open(item, &format!("[[model]] of kind {}", kind.kind), &[&[KIND], &keys])?;
    let mut options = Options::default();
    for spec in kind.options {
        if let Some(node) = section.get(spec.key) {
            options.0.insert(spec.key.to_owned(), option(node, spec)?);
        }
    }
    let label = section.get("label").map(read_label).transpose()?;
    Ok(Unlabelled { kind: kind.kind, label, options, levels: section.get("levels") })
}

fn option(node: &Node, spec: &OptionSpec) -> Result<OptionValue> {
    Ok(match spec.kind {
        OptionKind::Count { min, max } | OptionKind::Pool { min, max, .. } => {
            OptionValue::Count(node.count(&format!("`{}`", spec.key), min, max)?)
        }
        OptionKind::Word(words) => {
            OptionValue::Word(node.word(&format!("`{}`", spec.key), words)?.to_owned())
        }
        OptionKind::Size { min, max } => OptionValue::Bytes(node.size(min, max)?),
        OptionKind::Duration => OptionValue::Duration(node.duration_from(Duration::ZERO)?),
    })
}

fn read_label(node: &Node) -> Result<String> {
    let label = node.line("a label")?;
    if label.chars().count() > MAX_LABEL_CHARS {
        return Err(node
            .refuse("the label is too long")
            .label(format!("expected {MAX_LABEL_CHARS} characters at most"))
            .into());
    }
    Ok(label)
}

/// Gives every model its label: as stated, else the kind, else the kind with its options.
fn label(items: &[Node], models: Vec<Unlabelled<'_>>) -> Result<Vec<ModelSpec>> {
    let plain: Vec<String> = models
        .iter()
        .map(|model| model.label.clone().unwrap_or_else(|| model.kind.to_owned()))
        .collect();
    let mut labelled: Vec<ModelSpec> = Vec::with_capacity(models.len());
    for (position, (model, item)) in models.into_iter().zip(items).enumerate() {
        let clashes = plain
            .iter()
            .enumerate()
            .any(|(other, label)| other != position && *label == plain[position]);
        let label = match &model.label {
            Some(label) => label.clone(),
            None if clashes => with_options(model.kind, &model.options),
            None => model.kind.to_owned(),
        };
        if labelled.iter().any(|earlier| earlier.label == label) {
            let place = match &item.value {
                Value::Table(table) => table
                    .get("label")
                    .or(table.get("kind"))
                    .map_or(&item.place, |entry| &entry.node.place),
                _ => &item.place,
            };
            return Err(place
                .error(Class::Conflict, format!("two models are called {}", quoted(&label)))
                .label("the second one")
                .help("give it a `label` of its own")
                .into());
        }
        let Unlabelled { kind, options, .. } = model;
        labelled.push(ModelSpec { kind: kind.to_owned(), label, options, levels: None });
    }
    Ok(labelled)
}

/// `rayon threads=256`.
fn with_options(kind: &str, options: &Options) -> String {
    let options = options.0.iter().map(|(key, value)| format!(" {key}={value}"));
    [kind.to_owned()].into_iter().chain(options).collect()
}

impl std::fmt::Display for OptionValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Word(word) => f.write_str(word),
            Self::Bytes(bytes) => f.write_str(&size_text(*bytes)),
            Self::Duration(duration) => f.write_str(&duration_text(*duration)),
        }
    }
}
