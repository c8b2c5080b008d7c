//! Laws of sizes: how large an upstream's bodies are.
//!
//! Fewer than the laws of latency, and not the same: a size is a whole number of bytes inside
//! hard bounds, a latency any time up to a day. What is here is one value and three entries in
//! [`SIZE_LAWS`], whose quantile function turns an id's luck into its size.

use serde_json::{Value as Json, json};

use crate::diagnostic::{Class, listed};
use crate::error::Result;
use crate::keys::{Key, Section, Shape};
use crate::law::standard_normal;
use crate::schema::{section, shape};
use crate::tree::{Node, Value};
use crate::units::size_text;

/// Every law of sizes, by the word that selects it: `body = { <key> = … }`.
pub const SIZE_LAWS: &[SizeLawKind] = &[
    SizeLawKind {
        key: Key::required(
            "fixed",
            Shape::Size,
            "always the same size; a bare size is short for it",
        ),
        example: r#"{ fixed = "1KiB" }"#,
        parse: |node, bounds| Ok(SizeLaw::fixed(bounds.read(node)?)),
    },
    SizeLawKind {
        key: Key::required(
            "uniform",
            Shape::Schema(|| section(UNIFORM)),
            "every size between two bounds equally likely",
        ),
        example: r#"{ uniform = { min = "512B", max = "8KiB" } }"#,
        parse: uniform,
    },
    SizeLawKind {
        key: Key::required(
            "lognormal",
            Shape::Schema(|| section(LOGNORMAL)),
            "a body and a tail: the usual shape of documents' sizes",
        ),
        example: r#"{ lognormal = { p50 = "2KiB", p99 = "64KiB", max = "1MiB" } }"#,
        parse: lognormal,
    },
];

const UNIFORM: &[Key] = &[
    Key::required("min", Shape::Size, "the smallest size"),
    Key::required("max", Shape::Size, "the largest size"),
];

const LOGNORMAL: &[Key] = &[
    Key::required("p50", Shape::Size, "the median"),
    Key::required("p99", Shape::Size, "the 99th percentile, above `p50`"),
    Key::optional("min", Shape::Size, "a size drawn below this becomes this"),
    Key::optional("max", Shape::Size, "a size drawn above this becomes this; default 16MiB"),
];

/// One entry of [`SIZE_LAWS`].
#[derive(Clone, Copy)]
pub struct SizeLawKind {
    /// The word, and what it looks like.
    pub key: Key,
    /// A value of `body` that uses it, in TOML.
    pub example: &'static str,
    parse: fn(&Node, Bounds) -> Result<SizeLaw>,
}

impl std::fmt::Debug for SizeLawKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SizeLawKind").field("key", &self.key.name).finish_non_exhaustive()
    }
}

/// A distribution of sizes in whole bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct SizeLaw(Sizes);

#[derive(Debug, Clone, PartialEq)]
enum Sizes {
    Fixed(u64),
    Uniform(Bounds),
    Lognormal { p50: u64, p99: u64, sigma: f64, bounds: Bounds },
}

impl SizeLaw {
    /// Always this size.
    pub const fn fixed(bytes: u64) -> Self {
        Self(Sizes::Fixed(bytes))
    }

    /// Every size from the smaller to the larger of the two equally likely.
    pub fn uniform(one: u64, other: u64) -> Self {
        Self(Sizes::Uniform(Bounds { min: one.min(other), max: one.max(other) }))
    }

    /// The size, if it never varies.
    pub const fn as_fixed(&self) -> Option<u64> {
        match self.0 {
            Sizes::Fixed(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The size in bytes that a share `u` of (0, 1) stays below.
    pub fn quantile_bytes(&self, u: f64) -> u64 {
        match &self.0 {
            Sizes::Fixed(bytes) => *bytes,
            Sizes::Uniform(Bounds { min, max }) => {
                (min + (u * ((max - min) as f64 + 1.0)) as u64).min(*max)
            }
            Sizes::Lognormal { p50, sigma, bounds, .. } => {
                let bytes = *p50 as f64 * (sigma * standard_normal::quantile(u)).exp();
                (bytes.round() as u64).clamp(bounds.min, bounds.max)
            }
        }
    }

    /// No draw is larger than this, in bytes.
    pub fn largest_bytes(&self) -> u64 {
        self.quantile_bytes(1.0 - f64::EPSILON / 2.0)
    }

    /// The mean in bytes, to the nearest whole one.
    pub fn mean_bytes(&self) -> u64 {
        match &self.0 {
            Sizes::Fixed(bytes) => *bytes,
            Sizes::Uniform(Bounds { min, max }) => u64::midpoint(*min, *max),
            Sizes::Lognormal { p50, sigma, bounds, .. } => {
                capped_lognormal_mean(*p50 as f64, *sigma, *bounds).round() as u64
            }
        }
    }

    /// The law in words: `1 KiB`, `uniform, 512 B to 8 KiB`.
    pub fn describe(&self) -> String {
        match &self.0 {
            Sizes::Fixed(bytes) => size_text(*bytes),
            Sizes::Uniform(Bounds { min, max }) => {
                format!("uniform, {} to {}", size_text(*min), size_text(*max))
            }
            Sizes::Lognormal { p50, p99, bounds, .. } => format!(
                "lognormal, p50 {}, p99 {}, {} to {}",
                size_text(*p50),
                size_text(*p99),
                size_text(bounds.min),
                size_text(bounds.max),
            ),
        }
    }
}

/// The mean of a lognormal law whose tails are moved to the bounds: what lies at each bound, and
/// between them the partial expectation (Johnson, Kotz & Balakrishnan, §14.3).
fn capped_lognormal_mean(median: f64, sigma: f64, bounds: Bounds) -> f64 {
    let (min, max) = (bounds.min as f64, bounds.max as f64);
    let z = |bytes: f64| (bytes / median).ln() / sigma;
    let cdf = standard_normal::cdf;
    let between = cdf(z(max) - sigma) - cdf(z(min) - sigma);
    min * cdf(z(min)) + median * (0.5 * sigma * sigma).exp() * between + max * cdf(-z(max))
}

/// The smallest and the largest size in bytes, both allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) min: u64,
    pub(crate) max: u64,
}

impl Bounds {
    fn read(self, node: &Node) -> Result<u64> {
        node.size(self.min, self.max)
    }
}

/// Reads a size, or a table that names one law of sizes; all sizes lie within `bounds`.
pub(crate) fn read(node: &Node, bounds: Bounds) -> Result<SizeLaw> {
    let Value::Table(table) = &node.value else {
        return bounds.read(node).map(SizeLaw::fixed);
    };
    let keys: Vec<Key> = SIZE_LAWS.iter().map(|kind| Key { required: false, ..kind.key }).collect();
    let section = Section::open(node, "a law of sizes", &[&keys])?;
    if let Some(second) = table.entries.get(1) {
        let title =
            format!("two laws for one size: `{}` and `{}`", table.entries[0].key, second.key);
        return Err(second.key_place.error(Class::Conflict, title).label("the second law").into());
    }
    for kind in SIZE_LAWS {
        if let Some(value) = section.get(kind.key.name) {
            return (kind.parse)(value, bounds);
        }
    }
    let names = listed(SIZE_LAWS.iter().map(|kind| kind.key.name));
    Err(node
        .place
        .error(Class::Missing, "the size names no law")
        .label("no law in here")
        .help(format!("the laws of sizes are {names}"))
        .into())
}

/// The JSON Schema of what [`read`] takes.
pub(crate) fn schema() -> Json {
    let laws = SIZE_LAWS.iter().map(|kind| section(&[kind.key]));
    json!({ "anyOf": [shape(&Shape::Size), { "oneOf": laws.collect::<Vec<_>>() }] })
}

fn uniform(node: &Node, bounds: Bounds) -> Result<SizeLaw> {
    let section = Section::open(node, "uniform", &[UNIFORM])?;
    let (min, max) = (section.need("min")?, section.need("max")?);
    let drawn = Bounds { min: bounds.read(min)?, max: bounds.read(max)? };
    in_order("uniform", drawn, max)?;
    Ok(SizeLaw(Sizes::Uniform(drawn)))
}

fn lognormal(node: &Node, bounds: Bounds) -> Result<SizeLaw> {
    let section = Section::open(node, "lognormal", &[LOGNORMAL])?;
    let p99_node = section.need("p99")?;
    let (p50, p99) = (bounds.read(section.need("p50")?)?, bounds.read(p99_node)?);
    if p99 <= p50 {
        let title =
            format!("lognormal: p99, {}, is not above p50, {}", size_text(p99), size_text(p50));
        return Err(p99_node
            .refuse(title)
            .label("expected more than `p50`")
            .help("for a size that never varies, write it alone")
            .into());
    }
    let cap = |key: &str, default: u64| section.get(key).map_or(Ok(default), |n| bounds.read(n));
    let drawn = Bounds { min: cap("min", bounds.min)?, max: cap("max", bounds.max)? };
    if let Some(cap) = section.get("max").or(section.get("min")) {
        in_order("lognormal", drawn, cap)?;
    }
    let sigma = (p99 as f64 / p50 as f64).ln() / standard_normal::z99();
    Ok(SizeLaw(Sizes::Lognormal { p50, p99, sigma, bounds: drawn }))
}

fn in_order(law: &str, drawn: Bounds, place: &Node) -> Result<()> {
    let Bounds { min, max } = drawn;
    if min <= max {
        return Ok(());
    }
    let title = format!("{law}: max, {}, is below min, {}", size_text(max), size_text(min));
    Err(place.refuse(title).label("expected at least `min`").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laws() -> Vec<SizeLaw> {
        let lognormal = |min, max| {
            let sigma = 4_f64.ln() / standard_normal::z99();
            SizeLaw(Sizes::Lognormal { p50: 2_000, p99: 8_000, sigma, bounds: Bounds { min, max } })
        };
        vec![
            SizeLaw::fixed(1_024),
            SizeLaw::uniform(512, 8_192),
            SizeLaw::uniform(100, 103),
            SizeLaw::uniform(7, 7),
            lognormal(50, 16 << 20),
            lognormal(1_500, 4_000),
        ]
    }

    #[test]
    fn means_and_largest_sizes_agree_with_the_quantiles() {
        for law in laws() {
            let n = 200_000;
            let sizes = (0..n).map(|i| law.quantile_bytes((f64::from(i) + 0.5) / f64::from(n)));
            let sizes: Vec<u64> = sizes.collect();
            assert!(sizes.is_sorted(), "{law:?}");
            assert!(sizes.iter().all(|size| *size <= law.largest_bytes()), "{law:?}");
            let mean = sizes.iter().sum::<u64>() as f64 / f64::from(n);
            let off = (mean - law.mean_bytes() as f64).abs();
            assert!(off <= 0.51 + 1e-4 * mean, "{law:?}: {mean} {}", law.mean_bytes());
        }
    }

    #[test]
    fn every_size_of_a_uniform_law_is_as_likely_as_another() {
        let law = SizeLaw::uniform(100, 103);
        let sizes: Vec<u64> = [0.001, 0.249, 0.251, 0.499, 0.501, 0.749, 0.751, 0.999]
            .map(|u| law.quantile_bytes(u))
            .into();
        assert_eq!(sizes, [100, 100, 101, 101, 102, 102, 103, 103]);
    }

    #[test]
    fn lognormal_sizes_have_their_percentiles() {
        let law = &laws()[4];
        assert_eq!((law.quantile_bytes(0.5), law.quantile_bytes(0.99)), (2_000, 8_000));
        let capped = &laws()[5];
        assert_eq!((capped.quantile_bytes(1e-9), capped.largest_bytes()), (1_500, 4_000));
    }
}
