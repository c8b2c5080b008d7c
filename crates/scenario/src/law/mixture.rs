//! Several laws, one of which is chosen for each request by weight: fast path and slow path.

use super::read::read_with;
use super::{Context, Distribution, LONGEST_NS, Law, LawKind};
use crate::diagnostic::Class;
use crate::error::Result;
use crate::keys::{Key, Shape};
use crate::tree::{Node, Value};
use crate::units::percentage_text;

pub(super) const KIND: LawKind = LawKind {
    name: "mixture",
    summary: "several laws, chosen by weight for each request: a fast and a slow path",
    parameters: &[],
    example: r#"{ mixture = [ { weight = 9, fixed = "10ms" }, { weight = 1, exponential = { mean = "100ms" } } ] }"#,
    parse,
    schema,
};

/// Keys of one part besides its law and caps.
pub(crate) const PART: &[Key] = &[Key::required(
    "weight",
    Shape::Schema(
        || serde_json::json!({ "anyOf": [crate::schema::shape(&Shape::Positive), crate::schema::shape(&Shape::Percentage)] }),
    ),
    "how often this part is chosen, relative to the others; a number or a percentage",
)];

const MAX_PARTS: usize = 64;

/// Cells of the table that brackets a quantile before bisection.
const CELLS: usize = 512;

#[derive(Debug)]
struct Mixture {
    /// Weight, as a share of 1, and law.
    parts: Vec<(f64, Law)>,
    /// Quantiles at i / CELLS, i = 1 .. CELLS - 1: brackets for bisection, which without them
    /// would start from the whole range for every request.
    brackets_ns: Vec<f64>,
}

impl Mixture {
    fn new(parts: Vec<(f64, Law)>) -> Self {
        let mut mixture = Self { parts, brackets_ns: Vec::new() };
        mixture.brackets_ns =
            (1..CELLS).map(|i| mixture.within_parts(i as f64 / CELLS as f64)).collect();
        mixture
    }

    /// The quantile, bracketed by those of the parts.
    fn within_parts(&self, u: f64) -> f64 {
        let quantiles =
            self.parts.iter().map(|(_, law)| law.0.quantile_ns(u).clamp(0.0, LONGEST_NS));
        let (low, high) =
            quantiles.fold((LONGEST_NS, 0.0_f64), |(low, high), ns| (low.min(ns), high.max(ns)));
        self.bisect(u, low, high)
    }

    /// The least latency whose cdf reaches `u`, to 1/8 ns, known to lie in `low..=high`. Works
    /// where the cdf jumps, unlike methods that follow its slope.
    fn bisect(&self, u: f64, mut low: f64, mut high: f64) -> f64 {
        if self.cdf(low) >= u {
            return low;
        }
        while high - low > 0.125 {
            let middle = f64::midpoint(low, high);
            if middle <= low || middle >= high {
                break;
            }
            if self.cdf(middle) >= u { high = middle } else { low = middle }
        }
        high
    }
}

impl Distribution for Mixture {
    fn quantile_ns(&self, u: f64) -> f64 {
        let cell = (u * CELLS as f64) as usize;
        let low = cell.checked_sub(1).and_then(|i| self.brackets_ns.get(i));
        match (low, self.brackets_ns.get(cell)) {
            (Some(&low), Some(&high)) => self.bisect(u, low, high),
            _ => self.within_parts(u),
        }
    }

    fn cdf(&self, ns: f64) -> f64 {
        self.parts.iter().map(|(weight, law)| weight * law.0.cdf(ns)).sum()
    }

    fn mean_ns(&self) -> Option<f64> {
        self.parts.iter().map(|(weight, law)| law.mean_ns().map(|mean| weight * mean)).sum()
    }

    fn describe(&self) -> String {
        let parts: Vec<String> = self
            .parts
            .iter()
            .map(|(weight, law)| format!("{} {}", percentage_text(*weight), law.describe()))
            .collect();
        format!("mixture ({})", parts.join("; "))
    }
}

fn parse(node: &Node, context: &Context<'_>) -> Result<Law> {
    let items = node.items("an array of weighted laws")?;
    if items.is_empty() || items.len() > MAX_PARTS {
        return Err(node
            .refuse(format!("a mixture of {} parts", items.len()))
            .label(format!("expected 1 to {MAX_PARTS} parts"))
            .help(format!("for example {}", KIND.example))
            .into());
    }
    let inner = Context { depth: context.depth + 1, ..*context };
    let mut parts = Vec::with_capacity(items.len());
    for item in items {
        parts.push((weight(item)?, read_with(item, &inner, PART)?));
    }
    let sum: f64 = parts.iter().map(|(weight, _)| weight).sum();
    for (weight, _) in &mut parts {
        *weight /= sum;
    }
    Ok(Law::new(Mixture::new(parts)))
}

fn weight(part: &Node) -> Result<f64> {
    let Value::Table(table) = &part.value else {
        return Err(part
            .wrong_type("a table with a weight and a law")
            .help(format!("for example {}", KIND.example))
            .into());
    };
    let Some(entry) = table.get("weight") else {
        return Err(part
            .place
            .error(Class::Missing, "a part of the mixture has no `weight`")
            .label("`weight` is missing in here")
            .into());
    };
    match entry.node.value {
        Value::Text(_) => match entry.node.percentage()? {
            weight if weight > 0.0 => Ok(weight),
            _ => Err(entry
                .node
                .refuse("a weight must be above 0")
                .label("expected more than 0 %")
                .into()),
        },
        _ => entry.node.positive("a weight"),
    }
}

fn schema(_: &LawKind) -> serde_json::Value {
    serde_json::json!({
        "type": "array",
        "minItems": 1,
        "maxItems": MAX_PARTS,
        "items": { "$ref": "#/$defs/part" },
    })
}
