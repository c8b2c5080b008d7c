//! The logarithm of the latency is normal: the usual shape of a healthy service with a tail.

use super::read::section;
use super::standard_normal::{cdf, quantile, z99};
use super::{Context, Distribution, Law, LawKind, text};
use crate::diagnostic::Class;
use crate::error::Result;
use crate::keys::{Key, Section, Shape};
use crate::tree::Node;

pub(super) const KIND: LawKind = LawKind {
    name: "lognormal",
    summary: "a body and a tail: the usual shape of a service's latency",
    parameters: &[
        Key::optional("p50", Shape::Duration, "the median; with `p99`"),
        Key::optional("p99", Shape::Duration, "the 99th percentile, above `p50`"),
        Key::optional("median", Shape::Duration, "the median; with `sigma`"),
        Key::optional("sigma", Shape::Positive, "the standard deviation of ln(latency)"),
    ],
    example: r#"{ lognormal = { p50 = "80ms", p99 = "400ms" } }"#,
    parse,
    schema,
};

#[derive(Debug)]
struct Lognormal {
    median_ns: f64,
    sigma: f64,
    words: String,
}

impl Distribution for Lognormal {
    fn quantile_ns(&self, u: f64) -> f64 {
        self.median_ns * (self.sigma * quantile(u)).exp()
    }

    fn cdf(&self, ns: f64) -> f64 {
        if ns <= 0.0 { 0.0 } else { cdf((ns / self.median_ns).ln() / self.sigma) }
    }

    fn mean_ns(&self) -> Option<f64> {
        Some(self.median_ns * (0.5 * self.sigma * self.sigma).exp())
    }

    fn describe(&self) -> String {
        self.words.clone()
    }
}

fn parse(node: &Node, _: &Context<'_>) -> Result<Law> {
    let section = section(node, &KIND)?;
    let quantiles = section.get("p50").or(section.get("p99"));
    let moments = section.get("median").or(section.get("sigma"));
    match (quantiles, moments) {
        (Some(_), Some(second)) => Err(second
            .place
            .error(Class::Conflict, "lognormal is given in two ways at once")
            .label("the other way")
            .help("give either `p50` and `p99`, or `median` and `sigma`")
            .into()),
        (_, Some(_)) => from_sigma(node, section),
        _ => from_quantiles(node, section),
    }
}

fn from_quantiles(node: &Node, section: Section<'_>) -> Result<Law> {
    let (p50, p99) = (both(node, section, "p50")?, both(node, section, "p99")?);
    let (p50_ns, p99_ns) = (p50.positive_latency_ns()?, p99.positive_latency_ns()?);
    if p99_ns <= p50_ns {
        let title = format!("lognormal: p99, {}, is not above p50, {}", text(p99_ns), text(p50_ns));
        return Err(p99
            .refuse(title)
            .label("expected more than `p50`")
            .help("for a latency that never varies, write `fixed`")
            .into());
    }
    let sigma = (p99_ns / p50_ns).ln() / z99();
    let words = format!("lognormal, p50 {}, p99 {}", text(p50_ns), text(p99_ns));
    Ok(Law::new(Lognormal { median_ns: p50_ns, sigma, words }))
}

fn from_sigma(node: &Node, section: Section<'_>) -> Result<Law> {
    let median_ns = both(node, section, "median")?.positive_latency_ns()?;
    let sigma_node = both(node, section, "sigma")?;
    let sigma = sigma_node.positive("sigma")?;
    if sigma > 10.0 {
        return Err(sigma_node
            .refuse(format!("lognormal: {} is too large for sigma", sigma_node.found()))
            .label("expected 10 at most")
            .help("sigma is the standard deviation of ln(latency); services have 0.2 to 2")
            .into());
    }
    let words = format!("lognormal, median {}, sigma {sigma}", text(median_ns));
    Ok(Law::new(Lognormal { median_ns, sigma, words }))
}

/// A parameter that one of the two ways needs.
fn both<'a>(node: &Node, section: Section<'a>, key: &str) -> Result<&'a Node> {
    section.get(key).ok_or_else(|| {
        node.place
            .error(Class::Missing, format!("lognormal has no `{key}`"))
            .label(format!("`{key}` is missing in here"))
            .help("give either `p50` and `p99`, or `median` and `sigma`")
            .into()
    })
}

fn schema(kind: &LawKind) -> serde_json::Value {
    let mut schema = crate::schema::parameters(kind);
    schema["oneOf"] =
        serde_json::json!([{ "required": ["p50", "p99"] }, { "required": ["median", "sigma"] }]);
    schema
}
