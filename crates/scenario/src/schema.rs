//! The JSON Schema of a scenario file, made of the lists that the parser works from.

use serde_json::{Map, Value as Json, json};

use crate::fault::{FAULTS, RATE};
use crate::keys::{Key, Shape};
use crate::kinds::Kinds;
use crate::law::{CAPS, LAWS, LawKind, PART};
use crate::model::ModelKind;
use crate::read::{NAME_PATTERN, TOP, UPSTREAM, guard_schema, model_keys};

/// The JSON Schema (draft 2020-12) of a scenario file that may name these kinds.
pub fn schema(kinds: &Kinds) -> Json {
    let mut schema = section(TOP);
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    schema["title"] = "loadgen scenario".into();
    let doc = schema["properties"]["model"]["description"].take();
    schema["properties"]["model"] = json!({
        "description": doc,
        "type": "array",
        "minItems": 1,
        "items": { "oneOf": kinds.models.iter().map(model).collect::<Vec<_>>() },
    });
    let shared = &mut schema["properties"]["combine"]["properties"]["shared_state"]["properties"];
    let doc = shared["guard"]["description"].take();
    shared["guard"] = guard_schema(&kinds.guards);
    shared["guard"]["description"] = doc;
    schema["$defs"] = json!({ "latency": latency_definition(), "part": law_table(PART) });
    schema
}

/// The schema of a table with these keys and no others.
pub(crate) fn section(keys: &[Key]) -> Json {
    let properties: Map<String, Json> =
        keys.iter().map(|key| (key.name.to_owned(), property(key))).collect();
    let required: Vec<&str> = keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    let mut schema =
        json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn property(key: &Key) -> Json {
    let mut schema = shape(&key.shape);
    schema["description"] = key.doc.into();
    schema
}

/// The schema of a value of this shape.
pub(crate) fn shape(shape: &Shape) -> Json {
    let number = r"^\s*[0-9]+(\.[0-9]*)?\s*";
    match shape {
        Shape::Text => json!({ "type": "string" }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Count { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Shape::Positive => json!({ "type": "number", "exclusiveMinimum": 0 }),
        Shape::Word(words) => json!({ "enum": words }),
        Shape::Duration => {
            json!({ "type": "string", "pattern": format!("{number}(ns|us|µs|μs|ms|s|min|h)\\s*$"), "examples": ["80ms"] })
        }
        Shape::Size => {
            json!({ "type": "string", "pattern": format!("{number}(B|kB|MB|GB|KiB|MiB|GiB)\\s*$"), "examples": ["1KiB"] })
        }
        Shape::Percentage => {
            json!({ "type": "string", "pattern": format!("{number}%\\s*$"), "examples": ["0.5%"] })
        }
        Shape::Rate => {
            json!({ "type": "string", "pattern": format!("{number}/(s|min|h)\\s*$"), "examples": ["100/s"] })
        }
        Shape::CpuList => {
            json!({ "type": "string", "pattern": r"^\s*[0-9]+(\s*[-,]\s*[0-9]+)*\s*$", "examples": ["0-3,5"] })
        }
        Shape::Schema(schema) => schema(),
    }
}

/// The schema of a law that takes a table of parameters; caps stand among them, unless the law
/// has parameters of those names itself.
pub(crate) fn parameters(kind: &LawKind) -> Json {
    let mut keys = kind.parameters.to_vec();
    keys.extend(CAPS.iter().filter(|cap| kind.parameters.iter().all(|key| key.name != cap.name)));
    section(&keys)
}

/// The schema of a table that names one law, with caps and the keys of `besides`.
fn law_table(besides: &[Key]) -> Json {
    let laws = LAWS.iter().map(|kind| {
        let mut table = section(&CAPS.iter().chain(besides).copied().collect::<Vec<_>>());
        let mut law = (kind.schema)(kind);
        law["description"] = kind.summary.into();
        table["properties"][kind.name] = law;
        let required: Vec<&str> = besides
            .iter()
            .filter(|key| key.required)
            .map(|key| key.name)
            .chain([kind.name])
            .collect();
        table["required"] = json!(required);
        table
    });
    json!({ "oneOf": laws.collect::<Vec<_>>() })
}

/// A latency, by reference.
pub(crate) fn latency() -> Json {
    json!({ "$ref": "#/$defs/latency" })
}

fn latency_definition() -> Json {
    json!({ "anyOf": [shape(&Shape::Duration), law_table(&[])] })
}

/// The table of upstreams.
pub(crate) fn upstreams() -> Json {
    let shorts = FAULTS.iter().filter_map(|entry| entry.short);
    let keys: Vec<Key> = UPSTREAM.iter().copied().chain(shorts).collect();
    json!({
        "type": "object",
        "minProperties": 2,
        "maxProperties": 2,
        "propertyNames": { "pattern": NAME_PATTERN },
        "additionalProperties": section(&keys),
    })
}

/// The list of faults of an upstream.
pub(crate) fn faults() -> Json {
    let fault = |key: Key| section(&[Key { required: true, ..key }, RATE]);
    json!({ "type": "array", "items": { "oneOf": FAULTS.iter().map(|entry| fault(entry.key)).collect::<Vec<_>>() } })
}

fn model(kind: &ModelKind) -> Json {
    let mut schema = section(&model_keys(kind));
    schema["description"] = kind.summary.into();
    schema["properties"]["kind"] = json!({ "const": kind.kind });
    schema["required"] = json!(["kind"]);
    schema
}
