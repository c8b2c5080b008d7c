//! What waiting for the slower of two does to the tail: the pair's p99 against each upstream's own.

use measurement::row::{LegFigures, TrialRow};

use super::cells::Said;
use super::{Finding, Rule};
use crate::analysis::metric::LATENCY_P99;
use crate::analysis::{Analysis, Point};
use crate::format;
use crate::sentence::Sentence;
use crate::stats::{LEAST_EFFECT, median};

pub(super) const RULE: Rule = Rule {
    key: "fanout",
    doc: "the p99 of a request, which waits for the slower upstream, against that of either",
    find,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    // Of the realised draws alone: that holds whatever the load is, so the highest serves best.
    let mut levels = analysis.levels().into_iter().rev();
    levels.find_map(|level| at(analysis, level)).into_iter().collect()
}

/// At one level, where the pair's p99 is beyond both legs'.
fn at(analysis: &Analysis, level: f64) -> Option<Finding> {
    let points: Vec<(usize, &Point)> = analysis
        .distinct()
        .filter_map(|series| Some((series.index, series.point(level)?)))
        .filter(|(_, point)| point.trusted())
        .collect();
    let rows = || points.iter().flat_map(|(_, point)| point.rows_used());
    let leg = |at: usize, of: fn(&LegFigures) -> Option<f64>| {
        median(&rows().filter_map(|row| of(row.legs.get(at)?)).collect::<Vec<_>>())
    };
    let pair = analysis.floor_p99_ms(level)?;
    let p99 = [leg(0, |leg| leg.held_p99_ms)?, leg(1, |leg| leg.held_p99_ms)?];
    if p99.iter().any(|own| pair < own * LEAST_EFFECT) {
        return None;
    }
    let names = rows().find_map(|row| match row.legs.as_slice() {
        [a, b] => Some([a.upstream.clone(), b.upstream.clone()]),
        _ => None,
    })?;
    let own = [leg(0, |leg| leg.held_pair_p99_ms), leg(1, |leg| leg.held_pair_p99_ms)];
    let alike = alike_words(same_law(rows()), own);
    let said = points.iter().find_map(|(_, point)| tail_ratio(point))?;
    let mut sentence = Sentence::new().text(format!(
        "The slower of two answers has a p99 of {}, {} alone {}, {} {}.{alike} No model can change \
         that; with what each adds the p99 at {} is ",
        format::millis(pair),
        names[0],
        format::millis(p99[0]),
        names[1],
        format::millis(p99[1]),
        analysis.axis().at(level)
    ));
    for (at, (index, point)) in points.iter().enumerate() {
        let Some(value) = point.median(&LATENCY_P99) else { continue };
        let joint = if at == 0 { "" } else { ", " };
        sentence =
            sentence.text(format!("{joint}{} under ", LATENCY_P99.show(value))).model(*index);
    }
    let over = format!("p99 of the slower over the mean of both: {}", said.evidence());
    Some(Finding {
        key: RULE.key,
        figure: format::ratio(said.ratio.ratio),
        sentence: sentence.text(".").muted(over).done(),
        different: said.different(),
    })
}

/// Where the law has each leg's p99.5, and where the realised draws had it.
fn alike_words(law: Option<f64>, own: [Option<f64>; 2]) -> String {
    let (Some(law), [Some(a), Some(b)]) = (law, own) else { return String::new() };
    format!(
        " For two alike legs it must be where each has its p99.5: {} by their law, {} and {} as \
         they came.",
        format::millis(law),
        format::millis(a),
        format::millis(b)
    )
}

/// The p99 of the slower of both delays over the mean of the legs', by repeat: what the upstreams
/// alone make of it, whatever the model.
fn tail_ratio(point: &Point) -> Option<Said> {
    let legs = |row: &TrialRow| match row.legs.as_slice() {
        [a, b] => Some(f64::midpoint(a.held_p99_ms?, b.held_p99_ms?)),
        _ => None,
    };
    let over = |of: fn(&TrialRow) -> Option<f64>| -> Vec<(u32, f64)> {
        point.rows_used().filter_map(|row| Some((row.repeat, of(row)?))).collect()
    };
    let own: Vec<(u32, f64)> =
        point.rows_used().filter_map(|row| Some((row.repeat, legs(row)?))).collect();
    Said::over(&over(|row| row.floor_p99_ms), &own)
}

/// Where each leg has its p99.5 by the law, if both have the same.
fn same_law<'a>(mut rows: impl Iterator<Item = &'a TrialRow>) -> Option<f64> {
    rows.find_map(|row| match row.legs.as_slice() {
        [a, b] if a.law_p99_ms == b.law_p99_ms && a.law_pair_p99_ms == b.law_pair_p99_ms => {
            a.law_pair_p99_ms
        }
        _ => None,
    })
}
