//! Always the same latency.

use super::{Context, Distribution, Law, LawKind, text};
use crate::error::Result;
use crate::keys::Shape;
use crate::tree::Node;

pub(super) const KIND: LawKind = LawKind {
    name: "fixed",
    summary: "always the same latency; a bare duration is short for it",
    parameters: &[],
    example: r#"{ fixed = "120ms" }"#,
    parse,
    schema: |_| crate::schema::shape(&Shape::Duration),
};

#[derive(Debug)]
struct Fixed {
    ns: f64,
}

impl Distribution for Fixed {
    fn quantile_ns(&self, _: f64) -> f64 {
        self.ns
    }

    fn cdf(&self, ns: f64) -> f64 {
        if ns >= self.ns { 1.0 } else { 0.0 }
    }

    fn mean_ns(&self) -> Option<f64> {
        Some(self.ns)
    }

    fn describe(&self) -> String {
        format!("fixed {}", text(self.ns))
    }
}

pub(super) fn parse(node: &Node, _: &Context<'_>) -> Result<Law> {
    Ok(Law::new(Fixed { ns: node.latency_ns()? }))
}
