//! Memoryless latencies, as of a server that is done at any instant with the same likelihood.

use super::read::section;
use super::{Context, Distribution, Law, LawKind, text};
use crate::error::Result;
use crate::keys::{Key, Shape};
use crate::tree::Node;

pub(super) const KIND: LawKind = LawKind {
    name: "exponential",
    summary: "memoryless: the law of queueing textbooks",
    parameters: &[Key::required("mean", Shape::Duration, "the mean latency")],
    example: r#"{ exponential = { mean = "20ms" } }"#,
    parse,
    schema: crate::schema::parameters,
};

#[derive(Debug)]
struct Exponential {
    mean_ns: f64,
}

impl Distribution for Exponential {
    fn quantile_ns(&self, u: f64) -> f64 {
        -self.mean_ns * (-u).ln_1p()
    }

    fn cdf(&self, ns: f64) -> f64 {
        if ns <= 0.0 { 0.0 } else { -(-ns / self.mean_ns).exp_m1() }
    }

    fn mean_ns(&self) -> Option<f64> {
        Some(self.mean_ns)
    }

    fn describe(&self) -> String {
        format!("exponential, mean {}", text(self.mean_ns))
    }
}

fn parse(node: &Node, _: &Context<'_>) -> Result<Law> {
    let section = section(node, &KIND)?;
    Ok(Law::new(Exponential { mean_ns: section.need("mean")?.positive_latency_ns()? }))
}
