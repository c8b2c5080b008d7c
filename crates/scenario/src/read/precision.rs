//! `precision` and `max_repeats` of `[load]`: repeats are added until the throughputs are known
//! that well. Deliberately not here: adding them.

use super::load::MAX_REPEATS;
use crate::diagnostic::Class;
use crate::error::Result;
use crate::keys::{Key, Section, Shape};
use crate::load::Precision;

pub(super) const PRECISION: Key = Key::optional(
    "precision",
    Shape::Percentage,
    "repeats are added until the 95 % interval of every throughput is this narrow on either side, or max_repeats is reached",
);

pub(super) const MOST: Key = Key::optional(
    "max_repeats",
    Shape::Count { min: LEAST_REPEATS, max: MAX_REPEATS },
    "with precision: most trials per model and level; default five times repeats",
);

/// Fewest repeats that an interval is computed from.
const LEAST_REPEATS: u64 = 3;
/// Most repeats for each stated one, where nothing else is stated.
const DEFAULT_FACTOR: u32 = 5;
/// Finer is asked of no machine: the clocks and the scheduler of an idle one scatter more.
const FINEST: f64 = 0.001;
const COARSEST: f64 = 0.5;

pub(super) fn read(section: &Section<'_>, repeats: u32) -> Result<Option<Precision>> {
    let most = section.get("max_repeats");
    let Some(node) = section.get("precision") else {
        return match most {
            None => Ok(None),
            Some(most) => Err(most
                .place
                .error(Class::Conflict, "`max_repeats` without `precision`")
                .label("there is nothing to add repeats for")
                .help("state `precision = \"2%\"`, or only `repeats`")
                .into()),
        };
    };
    let half_width = node.percentage()?;
    if !(FINEST..=COARSEST).contains(&half_width) {
        return Err(node
            .refuse(format!("{} is no precision to wait for", node.shown()))
            .label("expected 0.1% to 50%")
            .into());
    }
    if u64::from(repeats) < LEAST_REPEATS {
        return Err(node
            .place
            .error(Class::Conflict, format!("`precision` needs {LEAST_REPEATS} repeats or more"))
            .label(format!("`repeats` is {repeats}: that gives no interval"))
            .help("raise `repeats`; with a precision it is the least number")
            .into());
    }
    let default = repeats.saturating_mul(DEFAULT_FACTOR).min(MAX_REPEATS as u32);
    let max_repeats = match most {
        None => default,
        Some(most) => most.count("max_repeats", LEAST_REPEATS, MAX_REPEATS)? as u32,
    };
    match most {
        Some(most) if max_repeats < repeats => Err(most
            .place
            .error(Class::Conflict, format!("`max_repeats` is less than `repeats`, {repeats}"))
            .label(format!("expected {repeats} or more"))
            .into()),
        _ => Ok(Some(Precision { half_width, max_repeats })),
    }
}
