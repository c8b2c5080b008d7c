//! What can go wrong at an upstream: a registry, one entry per kind of fault.
//!
//! `faults = [{ status = 503, rate = "1%" }, { hang = true, rate = "1%" }]`; `errors = "1%"` is
//! short for status 500, `hangs = "1%"` for hang. At most one fault meets a request, so the
//! rates of an upstream add up to 100 % at most.

use crate::diagnostic::{Class, listed};
use crate::draw::FaultKind;
use crate::error::Result;
use crate::keys::{Key, Section, Shape};
use crate::tree::{Node, Value};
use crate::types::Fault;
use crate::units::percentage_text;

/// Every kind of fault, by the key that selects it.
pub const FAULTS: &[FaultEntry] = &[
    FaultEntry {
        key: Key::optional(
            "status",
            Shape::Count { min: 400, max: 599 },
            "answered, after its delay, with this HTTP status",
        ),
        short: Some(Key::optional(
            "errors",
            Shape::Percentage,
            "share of requests answered with status 500",
        )),
        short_kind: FaultKind::Status(500),
        example: r#"{ status = 503, rate = "1%" }"#,
        parse: |node| Ok(FaultKind::Status(node.count("an HTTP status", 400, 599)? as u16)),
    },
    FaultEntry {
        key: Key::optional("hang", Shape::Flag, "never answered"),
        short: Some(Key::optional("hangs", Shape::Percentage, "share of requests never answered")),
        short_kind: FaultKind::Hang,
        example: r#"{ hang = true, rate = "1%" }"#,
        parse: |node| {
            if node.flag()? {
                return Ok(FaultKind::Hang);
            }
            Err(node.refuse("`hang = false` is no fault").label("expected true").into())
        },
    },
];

/// One entry of [`FAULTS`].
#[derive(Clone, Copy)]
pub struct FaultEntry {
    /// The key that selects it, inside a table of `faults`.
    pub key: Key,
    /// The key in `[upstream.…]` that is short for it, if any.
    pub short: Option<Key>,
    /// What the short form stands for.
    pub short_kind: FaultKind,
    /// An element of `faults` that uses it, in TOML.
    pub example: &'static str,
    parse: fn(&Node) -> Result<FaultKind>,
}

impl std::fmt::Debug for FaultEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FaultEntry").field("key", &self.key.name).finish_non_exhaustive()
    }
}

impl FaultKind {
    /// The fault in words: `status 500`, `hang`.
    pub fn describe(self) -> String {
        match self {
            Self::Status(status) => format!("status {status}"),
            Self::Hang => "hang".to_owned(),
        }
    }
}

impl Fault {
    /// The fault and its rate in words: `status 500 at 0.5 %`.
    pub fn describe(&self) -> String {
        format!("{} at {}", self.kind.describe(), percentage_text(self.rate))
    }
}

/// The rate of a fault.
pub(crate) const RATE: Key = Key::required("rate", Shape::Percentage, "share of requests it meets");

/// The faults of an upstream: short forms first, then `faults` in file order.
pub(crate) fn read(section: Section<'_>) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    let mut sum = 0.0;
    let mut add = |kind: FaultKind, rate: &Node| -> Result<()> {
        let share = rate.percentage()?;
        sum += share;
        // A little over 1 is rounding: 33.3 % + 33.3 % + 33.4 %.
        if sum > 1.0 + 1e-9 {
            let title = format!("the faults of an upstream add up to {}", percentage_text(sum));
            return Err(rate.refuse(title).label("expected 100 % at most in sum").into());
        }
        if share > 0.0 {
            faults.push(Fault { kind, rate: share });
        }
        Ok(())
    };
    for entry in FAULTS {
        if let Some(rate) = entry.short.and_then(|short| section.get(short.name)) {
            add(entry.short_kind, rate)?;
        }
    }
    if let Some(list) = section.get("faults") {
        for item in list.items("an array of faults")? {
            let (kind, rate) = one(item)?;
            add(kind, rate)?;
        }
    }
    Ok(faults)
}

fn one(item: &Node) -> Result<(FaultKind, &Node)> {
    let keys: Vec<Key> = FAULTS.iter().map(|entry| entry.key).collect();
    if !matches!(item.value, Value::Table(_)) {
        return Err(item
            .wrong_type("a table for a fault")
            .help(format!("for example {}", FAULTS[0].example))
            .into());
    }
    let section = Section::open(item, "a fault", &[&[RATE], &keys])?;
    let mut found =
        FAULTS.iter().filter_map(|entry| section.get(entry.key.name).map(|node| (entry, node)));
    let Some((entry, node)) = found.next() else {
        let names = listed(FAULTS.iter().map(|entry| entry.key.name));
        return Err(item
            .place
            .error(Class::Missing, "the fault does not say what goes wrong")
            .label("no fault in here")
            .help(format!("the faults are {names}"))
            .into());
    };
    if let Some((_, second)) = found.next() {
        return Err(second
            .place
            .error(Class::Conflict, "two faults in one table")
            .label("the second fault")
            .help("give each a table, with a rate, of its own")
            .into());
    }
    Ok(((entry.parse)(node)?, section.need("rate")?))
}
