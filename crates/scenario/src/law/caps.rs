//! `min` and `max` of any law: what lies beyond a cap is moved to the cap.
//!
//! They stand beside the law's name, `{ uniform = { … }, max = "4ms" }`, or among its
//! parameters, `{ lognormal = { p50 = …, p99 = …, max = "1s" } }`, except where the law itself
//! has parameters called `min` and `max` (uniform, percentiles).

use super::{Distribution, Law, text};
use crate::diagnostic::Class;
use crate::error::Result;
use crate::keys::{Key, Shape};
use crate::tree::{Node, Value};

/// The caps of every law.
pub const CAPS: &[Key] = &[
    Key::optional("min", Shape::Duration, "a latency drawn below this becomes this"),
    Key::optional("max", Shape::Duration, "a latency drawn above this becomes this"),
];

#[derive(Debug)]
struct Capped {
    law: Law,
    min_ns: Option<f64>,
    max_ns: Option<f64>,
}

impl Distribution for Capped {
    fn quantile_ns(&self, u: f64) -> f64 {
        let ns = self.law.0.quantile_ns(u);
        let ns = self.min_ns.map_or(ns, |min| ns.max(min));
        self.max_ns.map_or(ns, |max| ns.min(max))
    }

    fn cdf(&self, ns: f64) -> f64 {
        if self.max_ns.is_some_and(|max| ns >= max) {
            1.0
        } else if self.min_ns.is_some_and(|min| ns < min) {
            0.0
        } else {
            self.law.0.cdf(ns)
        }
    }

    fn describe(&self) -> String {
        let mut words = vec![self.law.describe()];
        if let Some(min) = self.min_ns {
            words.push(format!("at least {}", text(min)));
        }
        if let Some(max) = self.max_ns {
            words.push(format!("at most {}", text(max)));
        }
        words.join(", ")
    }
}

/// Caps a law with the `min` and `max` found in either table.
pub(super) fn apply(law: Law, inside: Option<&Node>, beside: &Node) -> Result<Law> {
    let (min, max) = (find("min", inside, beside)?, find("max", inside, beside)?);
    let min_ns = min.map(Node::latency_ns).transpose()?;
    let max_ns = max.map(Node::latency_ns).transpose()?;
    if let (Some(min_ns), Some(max_ns), Some(node)) = (min_ns, max_ns, max)
        && min_ns > max_ns
    {
        let title =
            format!("the cap max, {}, is below the cap min, {}", text(max_ns), text(min_ns));
        return Err(node.refuse(title).label("expected at least `min`").into());
    }
    if min_ns.is_none() && max_ns.is_none() {
        return Ok(law);
    }
    Ok(Law::new(Capped { law, min_ns, max_ns }))
}

fn find<'a>(key: &str, inside: Option<&'a Node>, beside: &'a Node) -> Result<Option<&'a Node>> {
    let inside = inside.and_then(|node| cap(key, node));
    let beside = cap(key, beside);
    if let (Some(_), Some(second)) = (inside, beside) {
        let title = format!("the cap `{key}` is stated twice");
        return Err(second
            .place
            .error(Class::Conflict, title)
            .label("also among the law's parameters")
            .into());
    }
    Ok(inside.or(beside))
}

fn cap<'a>(key: &str, node: &'a Node) -> Option<&'a Node> {
    match &node.value {
        Value::Table(table) => table.get(key).map(|entry| &entry.node),
        _ => None,
    }
}
