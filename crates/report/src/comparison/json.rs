//! `compare.json`: the comparison for machines. Field order is key order.

use serde::Serialize;

use super::{Change, Condition, LeftOut, MatchedPoint, Pairing, RunComparison, Side, Told};
use crate::error::{Error, Result};
use crate::stats::Decision;
use crate::verdict::{Figure, rounded};

/// Version of `compare.json`; raised when an older reader would misread it.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct File<'a> {
    schema_version: u32,
    headline: String,
    findings: Vec<ToldText>,
    before: RunText<'a>,
    after: RunText<'a>,
    warnings: Vec<String>,
    differs: &'a [Condition],
    pairing: PairingText<'a>,
    interval: &'static str,
    points: Vec<PointText<'a>>,
    left_out: Vec<LeftOutText<'a>>,
    remarks: Vec<String>,
}

#[derive(Serialize)]
struct ToldText {
    figure: String,
    different: bool,
    text: String,
}

#[derive(Serialize)]
struct RunText<'a> {
    name: &'a str,
    scenario: &'a str,
    hash: &'a str,
    seed: u64,
    started: &'a str,
    revision: Option<&'a str>,
}

#[derive(Serialize)]
struct PairingText<'a> {
    paired: bool,
    because: &'a str,
}

#[derive(Serialize)]
struct PointText<'a> {
    model: &'a str,
    level: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    swept: Option<&'a str>,
    figures: Vec<ChangeText>,
}

#[derive(Serialize)]
struct ChangeText {
    metric: &'static str,
    primary: bool,
    before: Figure,
    after: Figure,
    ratio: f64,
    low: Option<f64>,
    high: Option<f64>,
    range: Option<(f64, f64)>,
    /// Repeats before and after.
    n: (usize, usize),
    decision: Decision,
    /// `better` or `worse`; absent where no difference is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<&'static str>,
}

#[derive(Serialize)]
struct LeftOutText<'a> {
    model: &'a str,
    level: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    swept: Option<&'a str>,
    what: &'static str,
    reason: &'a str,
    lost: bool,
}

pub(super) fn bytes(compared: &RunComparison) -> Result<Vec<u8>> {
    let pairing = match &compared.pairing {
        Pairing::Paired => PairingText { paired: true, because: "same seed and same draws" },
        Pairing::Unpaired(why) => PairingText { paired: false, because: why },
    };
    let file = File {
        schema_version: SCHEMA_VERSION,
        headline: crate::format::plain(&compared.plain(&compared.headline())),
        findings: compared.findings().iter().map(|one| told(compared, one)).collect(),
        before: run(&compared.before),
        after: run(&compared.after),
        warnings: compared.warnings(),
        differs: &compared.conditions,
        pairing,
        interval: "low, high: 95 % t interval of the mean of logs over pairs, or Welch's where not paired; the decision on primary figures is after Holm's correction",
        points: compared.points.iter().map(point).collect(),
        left_out: compared.left_out.iter().map(left_out).collect(),
        remarks: compared.remarks().iter().map(|text| crate::format::plain(text)).collect(),
    };
    let mut bytes = serde_json::to_vec_pretty(&file).map_err(|error| Error::Render {
        output: "compare.json".to_owned(),
        problem: error.to_string(),
    })?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn told(compared: &RunComparison, one: &Told) -> ToldText {
    let text = crate::format::plain(&compared.plain(&one.sentence));
    ToldText { figure: one.figure.clone(), different: one.different, text }
}

fn run(side: &Side) -> RunText<'_> {
    let info = &side.info;
    RunText {
        name: &side.name,
        scenario: &info.scenario.name,
        hash: &info.scenario.hash,
        seed: info.scenario.seed,
        started: &info.started,
        revision: info.environment.revision.as_deref(),
    }
}

fn point(point: &MatchedPoint) -> PointText<'_> {
    PointText {
        model: &point.label,
        level: point.spot.level,
        swept: point.spot.swept.as_deref(),
        figures: point.changes.iter().map(change).collect(),
    }
}

fn change(change: &Change) -> ChangeText {
    let ratio = &change.ratio;
    let called = change.decision == Decision::Different;
    ChangeText {
        metric: change.quantity.metric.key,
        primary: change.quantity.primary,
        before: Figure::of(&change.before),
        after: Figure::of(&change.after),
        ratio: rounded(ratio.ratio),
        low: ratio.interval.map(|(low, _)| rounded(low)),
        high: ratio.interval.map(|(_, high)| rounded(high)),
        range: ratio.range.map(|(low, high)| (rounded(low), rounded(high))),
        n: ratio.repeats,
        decision: change.decision,
        direction: called.then(|| change.words()),
    }
}

fn left_out(out: &LeftOut) -> LeftOutText<'_> {
    LeftOutText {
        model: &out.label,
        level: out.spot.as_ref().map(|spot| spot.level),
        swept: out.spot.as_ref().and_then(|spot| spot.swept.as_deref()),
        what: out.what,
        reason: &out.reason,
        lost: out.lost,
    }
}
