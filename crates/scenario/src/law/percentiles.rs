//! A law stated by its percentiles, as a dashboard shows them.
//!
//! Between two stated percentiles latencies are evenly spread (the quantile function is linear,
//! hence monotone). Below the lowest and above the highest nothing is made up: the law ends
//! there, unless `min` and `max` say where it ends.

use super::{Context, Distribution, Law, LawKind, text};
use crate::diagnostic::{Class, Diagnostic};
use crate::error::Result;
use crate::keys::{Key, Shape};
use crate::tree::{Entry, Node, Value};

pub(super) const KIND: LawKind = LawKind {
    name: "percentiles",
    summary: "given by its percentiles, as a dashboard shows them: p50, p90, p99, p999, …; evenly spread in between",
    parameters: &[
        Key::optional(
            "min",
            Shape::Duration,
            "the shortest latency; without it the lowest percentile is the shortest",
        ),
        Key::optional(
            "max",
            Shape::Duration,
            "the longest latency; without it the highest percentile is the longest",
        ),
    ],
    example: r#"{ percentiles = { min = "10ms", p50 = "40ms", p90 = "90ms", p99 = "250ms", p999 = "1s" } }"#,
    parse,
    schema,
};

#[derive(Debug)]
struct Percentiles {
    /// Share and latency in nanoseconds, both ascending; at least one.
    points: Vec<(f64, f64)>,
    words: String,
}

impl Distribution for Percentiles {
    fn quantile_ns(&self, u: f64) -> f64 {
        let after = self.points.partition_point(|(share, _)| *share < u);
        let above = self.points.get(after);
        let below = after.checked_sub(1).and_then(|i| self.points.get(i));
        match (below, above) {
            (Some((u0, ns0)), Some((u1, ns1))) => ns0 + (ns1 - ns0) * (u - u0) / (u1 - u0),
            (Some((_, ns)), None) | (None, Some((_, ns))) => *ns,
            (None, None) => 0.0,
        }
    }

    fn cdf(&self, ns: f64) -> f64 {
        let after = self.points.partition_point(|(_, point)| *point <= ns);
        let above = self.points.get(after);
        let below = after.checked_sub(1).and_then(|i| self.points.get(i));
        match (below, above) {
            (Some((u0, ns0)), Some((u1, ns1))) => u0 + (u1 - u0) * (ns - ns0) / (ns1 - ns0),
            (None, _) => 0.0,
            (_, None) => 1.0,
        }
    }

    fn mean_ns(&self) -> Option<f64> {
        let (first, last) = (self.points.first()?, self.points.last()?);
        let between: f64 = self
            .points
            .windows(2)
            .map(|pair| (pair[1].0 - pair[0].0) * f64::midpoint(pair[0].1, pair[1].1))
            .sum();
        Some(first.0 * first.1 + between + (1.0 - last.0) * last.1)
    }

    fn describe(&self) -> String {
        self.words.clone()
    }
}

fn parse(node: &Node, _: &Context<'_>) -> Result<Law> {
    let Value::Table(table) = &node.value else {
        return Err(node
            .wrong_type("a table of percentiles")
            .help(format!("for example {}", KIND.example))
            .into());
    };
    let mut points = Vec::with_capacity(table.entries.len());
    for entry in &table.entries {
        points.push((share(entry)?, entry.node.latency_ns()?, entry));
    }
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    if points.is_empty() {
        return Err(node
            .place
            .error(Class::Missing, "percentiles has no percentile")
            .label("none in here")
            .help(format!("for example {}", KIND.example))
            .into());
    }
    for pair in points.windows(2) {
        let ((share0, ns0, first), (share1, ns1, second)) = (&pair[0], &pair[1]);
        if share0 >= share1 {
            return Err(second
                .key_place
                .error(
                    Class::Conflict,
                    format!("`{}` and `{}` are the same percentile", first.key, second.key),
                )
                .label("stated again")
                .into());
        }
        if ns0 > ns1 {
            let title = format!(
                "percentiles: {} at {} is below {} at {}",
                second.key,
                text(*ns1),
                first.key,
                text(*ns0)
            );
            return Err(second
                .node
                .refuse(title)
                .label(format!("expected at least {}", text(*ns0)))
                .into());
        }
    }
    let named: Vec<String> =
        points.iter().map(|(_, ns, entry)| format!("{} {}", entry.key, text(*ns))).collect();
    let words = format!("percentiles, {}", named.join(", "));
    Ok(Law::new(Percentiles {
        points: points.iter().map(|(share, ns, _)| (*share, *ns)).collect(),
        words,
    }))
}

/// The share a key stands for: `p50` 0.5, `p999` and `p99.9` 0.999, `p5` 0.05.
fn share(entry: &Entry) -> Result<f64> {
    match entry.key.as_str() {
        "min" => return Ok(0.0),
        "max" => return Ok(1.0),
        _ => {}
    }
    let digits =
        entry.key.strip_prefix('p').filter(|digits| !digits.is_empty() && digits.len() <= 12);
    let Some(digits) =
        digits.filter(|digits| digits.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
    else {
        return Err(not_a_percentile(entry).into());
    };
    let percent = if digits.contains('.') || digits.len() <= 2 {
        digits.to_owned()
    } else {
        format!("{}.{}", &digits[..2], &digits[2..])
    };
    match percent.parse::<f64>() {
        // Through text rather than a division, so that p999 is the float nearest to 0.999.
        Ok(percent) if percent > 0.0 && percent < 100.0 && digits != "100" => {
            Ok(format!("{percent}e-2").parse().unwrap_or(percent / 100.0))
        }
        _ => Err(not_a_percentile(entry).into()),
    }
}

fn not_a_percentile(entry: &Entry) -> Diagnostic {
    entry
        .key_place
        .error(Class::Unknown, format!("`{}` is not a percentile", entry.key))
        .label("expected p50, p90, p99, p999, …")
        .help(
            "digits after the first two are decimals: p999 is 99.9 %; the ends are `min` and `max`",
        )
}

fn schema(kind: &LawKind) -> serde_json::Value {
    let mut schema = crate::schema::parameters(kind);
    schema["patternProperties"] =
        serde_json::json!({ "^p[0-9]+(\\.[0-9]+)?$": crate::schema::shape(&Shape::Duration) });
    schema["minProperties"] = 1.into();
    schema
}
