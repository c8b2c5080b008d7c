//! The normal law, conditioned on being positive.

use super::read::section;
use super::standard_normal::{cdf, density, quantile, upper_quantile};
use super::{Context, Distribution, Law, LawKind, text};
use crate::error::Result;
use crate::keys::{Key, Shape};
use crate::tree::Node;

pub(super) const KIND: LawKind = LawKind {
    name: "normal",
    summary: "the bell curve, cut at 0 (what would be negative is drawn anew)",
    parameters: &[
        Key::required("mean", Shape::Duration, "the centre of the bell, before the cut"),
        Key::required("sd", Shape::Duration, "its standard deviation, before the cut"),
    ],
    example: r#"{ normal = { mean = "50ms", sd = "30ms" } }"#,
    parse,
    schema: crate::schema::parameters,
};

#[derive(Debug)]
struct Normal {
    mean_ns: f64,
    sd_ns: f64,
    /// The share that the cut takes away, at most a half.
    cut: f64,
}

impl Distribution for Normal {
    fn quantile_ns(&self, u: f64) -> f64 {
        // Above the middle by the upper tail, which does not lose digits near 1.
        let below = self.cut + u * (1.0 - self.cut);
        let z = if below <= 0.5 {
            quantile(below)
        } else {
            upper_quantile((1.0 - u) * (1.0 - self.cut))
        };
        self.mean_ns + self.sd_ns * z
    }

    fn cdf(&self, ns: f64) -> f64 {
        if ns <= 0.0 {
            return 0.0;
        }
        (cdf((ns - self.mean_ns) / self.sd_ns) - self.cut) / (1.0 - self.cut)
    }

    fn mean_ns(&self) -> Option<f64> {
        // Mean of a truncated normal law (Johnson, Kotz & Balakrishnan, §13.10.1).
        Some(self.mean_ns + self.sd_ns * density(self.mean_ns / self.sd_ns) / (1.0 - self.cut))
    }

    fn describe(&self) -> String {
        format!("normal, mean {}, sd {}, cut at 0", text(self.mean_ns), text(self.sd_ns))
    }
}

fn parse(node: &Node, _: &Context<'_>) -> Result<Law> {
    let section = section(node, &KIND)?;
    let mean_ns = section.need("mean")?.latency_ns()?;
    let sd_ns = section.need("sd")?.positive_latency_ns()?;
    Ok(Law::new(Normal { mean_ns, sd_ns, cut: cdf(-mean_ns / sd_ns) }))
}
