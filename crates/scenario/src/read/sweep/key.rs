//! The key of a sweep: what may be swept, and where it is.

use crate::diagnostic::{Class, Diagnostic, Place, listed, nearest};
use crate::error::Result;
use crate::overrides::{self, Segment};
use crate::tree::{Node, Value, quoted};
use crate::types::Scenario;

/// What may be swept, by its first part.
const FIRST: [&str; 4] = ["upstream", "combine", "mock", "model"];
const EXAMPLE: &str = "for example key = \"upstream.api1.latency\"";
const ALLOWED: &str = "a sweep may vary `upstream.NAME.KEY` (of both: `upstream.*.KEY`), `combine.KEY`, `mock.KEY` or `model.LABEL.OPTION`";

/// Keys of a `[[model]]` that say which model it is, or at which levels it runs.
const NOT_OPTIONS: [&str; 3] = ["kind", "label", "levels"];

/// A key that may be swept.
#[derive(Debug)]
pub(super) struct SweptKey {
    /// As stated.
    pub(super) text: String,
    /// Its parts, each with its place.
    pub(super) segments: Vec<Segment>,
    /// Where the whole stands.
    pub(super) place: Place,
    /// The same as an override names it: a model by its position.
    pub(super) canonical: String,
    /// The model whose option it is.
    pub(super) model: Option<usize>,
}

impl SweptKey {
    /// Reads the key of a sweep of the scenario `root`.
    pub(super) fn read(node: &Node, root: &Node) -> Result<Self> {
        let text = node.text("a string for the key of a sweep").map_err(|error| match error {
            crate::Error::Invalid(diagnostic) => diagnostic.help(EXAMPLE).into(),
            other => other,
        })?;
        let place = |piece| node.place.within(text, piece);
        let segments = overrides::split(text, &node.place, place, EXAMPLE)?;
        let mut key = Self {
            text: text.trim().to_owned(),
            place: node.place.clone(),
            canonical: String::new(),
            model: None,
            segments,
        };
        key.model = key.check(root)?;
        key.canonical = key.canonical();
        Ok(key)
    }

    /// Refuses what may not be swept; finds the model whose option it is.
    fn check(&self, root: &Node) -> Result<Option<usize>> {
        let names: Vec<&str> = self.segments.iter().map(|segment| segment.name.as_str()).collect();
        match names[..] {
            ["combine" | "mock", _, ..] => Ok(None),
            ["upstream", _, _, ..] => self.known_upstream(root).map(|()| None),
            ["model", _, option] if NOT_OPTIONS.contains(&option) => {
                let title = format!("a sweep may not vary `{option}` of a model");
                Err(self.segments[2].place.error(Class::Value, title).label(ALLOWED).into())
            }
            ["model", _, _] => self.known_model(root),
            [first @ ("upstream" | "model"), _] => Err(self.too_short(first, names[1]).into()),
            [first] if FIRST.contains(&first) => Err(self.too_short(first, "").into()),
            ["model", .., option] => Err(self.too_long(root, option).into()),
            [first, ..] => Err(self.not_of_these(first).into()),
            [] => Err(self.not_swept().label("expected a key").help(EXAMPLE).into()),
        }
    }

    fn not_swept(&self) -> Diagnostic {
        self.place.error(Class::Value, format!("a sweep may not vary `{}`", self.text))
    }

    /// A diagnostic: a whole section is named where one of its keys should be.
    fn too_short(&self, first: &str, second: &str) -> Diagnostic {
        let help = match (first, second) {
            ("upstream", "") => EXAMPLE.to_owned(),
            ("upstream", name) => format!("for example key = \"upstream.{name}.latency\""),
            ("model", "") => "for example key = \"model.rayon.threads\"".to_owned(),
            ("model", name) => {
                format!(
                    "name an option: key = \"model.{name}.OPTION\"; `loadgen models` lists them"
                )
            }
            ("combine", _) => "for example key = \"combine.timeout\"".to_owned(),
            _ => "for example key = \"mock.timer\"".to_owned(),
        };
        self.not_swept().label("expected one key of it").help(help)
    }

    /// A diagnostic: too many parts for a model's option, as a label with dots makes.
    fn too_long(&self, root: &Node, option: &str) -> Diagnostic {
        let error = self.not_swept();
        let names: Vec<&str> = self.segments.iter().map(|segment| segment.name.as_str()).collect();
        let label = names[1..names.len() - 1].join(".");
        let labelled = |item: &Node| {
            let label_of = child(item, "label");
            label_of.is_some_and(|node| matches!(&node.value, Value::Text(text) if *text == label))
        };
        match child(root, "model").map(|node| &node.value) {
            Some(Value::Array(items)) if items.iter().any(labelled) => error
                .label("a label with dots needs quotes")
                .help(format!("write key = 'model.\"{label}\".{option}'")),
            _ => error.label("an option of a model has no parts"),
        }
    }

    /// A diagnostic: the first part is none of those that may vary.
    fn not_of_these(&self, first: &str) -> Diagnostic {
        let error = self.not_swept();
        if first == "load" {
            let help = "several levels of `concurrency` or `rate` vary the load";
            return error.label("the load is not swept").help(help).help(ALLOWED);
        }
        match nearest(first, FIRST) {
            Some(near) => error.label(format!("did you mean `{near}`?")).help(ALLOWED),
            None => error.label("not what a sweep may vary").help(ALLOWED),
        }
    }

    /// Refuses an upstream that is not there: the sweep would make a third one.
    fn known_upstream(&self, root: &Node) -> Result<()> {
        let Some(Node { value: Value::Table(table), .. }) = child(root, "upstream") else {
            return Ok(());
        };
        let Segment { name, place } = &self.segments[1];
        if name == overrides::EVERY || table.get(name).is_some() {
            return Ok(());
        }
        let known: Vec<&str> = table.entries.iter().map(|entry| entry.key.as_str()).collect();
        let label = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "no upstream of this name".to_owned(),
        };
        Err(place
            .error(Class::Unknown, format!("there is no upstream {}", quoted(name)))
            .label(label)
            .help(format!("there are {}", listed(known)))
            .into())
    }

    /// The model that is named by its label, its kind or its position.
    fn known_model(&self, root: &Node) -> Result<Option<usize>> {
        let Some(Node { value: Value::Array(items), .. }) = child(root, "model") else {
            return Ok(None);
        };
        overrides::position(items, &self.segments[1]).map(Some)
    }

    /// As an override has it: parts quoted where they need be, a model by its position.
    fn canonical(&self) -> String {
        let part = |(at, segment): (usize, &Segment)| match self.model {
            Some(position) if at == 1 => position.to_string(),
            _ if segment.name.contains('"') => format!("'{}'", segment.name),
            _ if segment.name.contains(['.', ' ', '\'', '=']) => format!("\"{}\"", segment.name),
            _ => segment.name.clone(),
        };
        self.segments.iter().enumerate().map(part).collect::<Vec<_>>().join(".")
    }

    /// Refuses a `--set` of the swept key itself, which no trial would see.
    pub(super) fn refuse_override(&self, stated: &Node) -> Result<()> {
        if !stated.place.is_override() {
            return Ok(());
        }
        Err(stated
            .place
            .error(Class::Conflict, format!("`{}` is swept: no trial has this value", self.text))
            .label("set here")
            .and(&self.place, "swept here")
            .help("to run with this value alone, add --set sweep=false")
            .help("to sweep other values, write --set 'sweep.values=[…]'")
            .into())
    }

    /// Refuses a sweep that would change a label, which tells models apart.
    pub(super) fn refuse_other_label(
        &self,
        base: &Scenario,
        swept: &Scenario,
        value: &str,
    ) -> Result<()> {
        let pairs = base.models.iter().zip(&swept.models);
        let Some((_, other)) = pairs.clone().find(|(base, swept)| base.label != swept.label) else {
            return Ok(());
        };
        let title = format!("at {value} the model would be called {}", quoted(&other.label));
        Err(self
            .place
            .error(Class::Conflict, title)
            .label("this option is part of its label")
            .help("give the model a `label` of its own")
            .into())
    }
}

fn child<'a>(root: &'a Node, key: &str) -> Option<&'a Node> {
    let Value::Table(table) = &root.value else { return None };
    table.get(key).map(|entry| &entry.node)
}
