//! Every latency between two bounds equally likely.

use super::read::section;
use super::{Context, Distribution, Law, LawKind, text};
use crate::error::Result;
use crate::keys::{Key, Shape};
use crate::tree::Node;

pub(super) const KIND: LawKind = LawKind {
    name: "uniform",
    summary: "every latency between two bounds equally likely",
    parameters: &[
        Key::required("min", Shape::Duration, "the shortest latency"),
        Key::required("max", Shape::Duration, "the longest latency"),
    ],
    example: r#"{ uniform = { min = "50ms", max = "80ms" } }"#,
    parse,
    schema: crate::schema::parameters,
};

#[derive(Debug)]
struct Uniform {
    min_ns: f64,
    max_ns: f64,
}

impl Distribution for Uniform {
    fn quantile_ns(&self, u: f64) -> f64 {
        self.min_ns + u * (self.max_ns - self.min_ns)
    }

    fn cdf(&self, ns: f64) -> f64 {
        if ns >= self.max_ns {
            1.0
        } else {
            ((ns - self.min_ns) / (self.max_ns - self.min_ns)).max(0.0)
        }
    }

    fn mean_ns(&self) -> Option<f64> {
        Some(f64::midpoint(self.min_ns, self.max_ns))
    }

    fn describe(&self) -> String {
        format!("uniform, {} to {}", text(self.min_ns), text(self.max_ns))
    }
}

fn parse(node: &Node, _: &Context<'_>) -> Result<Law> {
    let section = section(node, &KIND)?;
    let (min, max) = (section.need("min")?, section.need("max")?);
    let (min_ns, max_ns) = (min.latency_ns()?, max.latency_ns()?);
    if max_ns < min_ns {
        let title = format!("uniform: max, {}, is below min, {}", text(max_ns), text(min_ns));
        return Err(max.refuse(title).label("expected at least `min`").into());
    }
    Ok(Law::new(Uniform { min_ns, max_ns }))
}
