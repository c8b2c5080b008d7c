//! A power-law tail: rare latencies of any length.

use super::read::section;
use super::{Context, Distribution, Law, LawKind, text};
use crate::error::Result;
use crate::keys::{Key, Shape};
use crate::tree::Node;

pub(super) const KIND: LawKind = LawKind {
    name: "pareto",
    summary: "a power-law tail: rare latencies of any length; cap it with `max`",
    parameters: &[
        Key::required("scale", Shape::Duration, "the shortest latency"),
        Key::required(
            "alpha",
            Shape::Positive,
            "the tail's exponent: the smaller, the heavier; the mean is finite above 1",
        ),
    ],
    example: r#"{ pareto = { scale = "20ms", alpha = 1.5, max = "10s" } }"#,
    parse,
    schema: crate::schema::parameters,
};

#[derive(Debug)]
struct Pareto {
    scale_ns: f64,
    alpha: f64,
}

impl Distribution for Pareto {
    fn quantile_ns(&self, u: f64) -> f64 {
        self.scale_ns * (-(-u).ln_1p() / self.alpha).exp()
    }

    fn cdf(&self, ns: f64) -> f64 {
        if ns <= self.scale_ns { 0.0 } else { 1.0 - (self.scale_ns / ns).powf(self.alpha) }
    }

    fn mean_ns(&self) -> Option<f64> {
        (self.alpha > 1.0).then(|| self.scale_ns * self.alpha / (self.alpha - 1.0))
    }

    fn describe(&self) -> String {
        format!("pareto, scale {}, alpha {}", text(self.scale_ns), self.alpha)
    }
}

fn parse(node: &Node, _: &Context<'_>) -> Result<Law> {
    let section = section(node, &KIND)?;
    let scale_ns = section.need("scale")?.positive_latency_ns()?;
    let alpha = section.need("alpha")?.positive("alpha")?;
    Ok(Law::new(Pareto { scale_ns, alpha }))
}
