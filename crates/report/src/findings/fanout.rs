//! What waiting for the slower of two does to the tail: the pair's p99 against each upstream's own.

use measurement::row::{LegFigures, TrialRow};

use super::cells::Said;
use super::{Finding, Rule, alike, brief};
use crate::analysis::metric::LATENCY_P99;
use crate::analysis::{Analysis, Point};
use crate::format;
use crate::sentence::Sentence;
use crate::stats::{LEAST_EFFECT, median};

pub(super) const RULE: Rule = Rule {
    key: "fanout",
    doc: "the p99 of a request, which waits for the slower upstream, against that of either",
    find,
    answer: Some(answer),
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    // Of the realised draws alone: that holds whatever the load is, so the highest serves best.
    let mut levels = analysis.levels().into_iter().rev();
    levels.find_map(|level| at(analysis, level)).into_iter().collect()
}

/// Asked where the models are alike at every level: then the tail is what there is to say.
fn answer(analysis: &Analysis) -> Option<Sentence> {
    let all = analysis.distinct().count();
    let alike = alike::groups(analysis);
    alike.iter().find(|own| own.everywhere(analysis) && own.models.len() == all)?;
    let tail = analysis.levels().into_iter().rev().find_map(|level| Tail::at(analysis, level))?;
    let sentence = tail
        .start(Sentence::new())
        .text(format!(": {} the mean of the two", format::ratio(tail.said.ratio.ratio)));
    let sentence = sentence.muted(format!("({})", brief(&tail.said.ratio, tail.said.decision)));
    let sentence =
        tail.models(sentence.text(". No model changes that: with what each adds it is "));
    Some(sentence.text(format!(
        " at {}; in throughput they are alike at every level.",
        analysis.axis().at(tail.level)
    )))
}

/// The tails of one level, where the pair's p99 is beyond both legs'.
struct Tail<'a> {
    level: f64,
    points: Vec<(usize, &'a Point)>,
    /// p99 of the slower of both delays, ms.
    pair_ms: f64,
    names: [String; 2],
    p99_ms: [f64; 2],
    /// The pair's over the mean of the legs'.
    said: Said,
}

impl<'a> Tail<'a> {
    fn at(analysis: &'a Analysis, level: f64) -> Option<Self> {
        let points: Vec<(usize, &Point)> = analysis
            .distinct()
            .filter_map(|series| Some((series.index, series.point(level)?)))
            .filter(|(_, point)| point.trusted())
            .collect();
        let pair_ms = analysis.floor_p99_ms(level)?;
        let of = |at| leg(&points, at, |leg| leg.held_p99_ms);
        let p99_ms = [of(0)?, of(1)?];
        if p99_ms.iter().any(|own| pair_ms < own * LEAST_EFFECT) {
            return None;
        }
        let names = rows(&points).find_map(|row| match row.legs.as_slice() {
            [a, b] => Some([a.upstream.clone(), b.upstream.clone()]),
            _ => None,
        })?;
        let said = points.iter().find_map(|(_, point)| tail_ratio(point))?;
        Some(Self { level, points, pair_ms, names, p99_ms, said })
    }

    fn start(&self, sentence: Sentence) -> Sentence {
        sentence.text(format!(
            "The slower of two answers has a p99 of {}, {} alone {}, {} {}",
            format::millis(self.pair_ms),
            self.names[0],
            format::millis(self.p99_ms[0]),
            self.names[1],
            format::millis(self.p99_ms[1]),
        ))
    }

    /// `102 ms under tokio, 103 ms under thread-per-request`.
    fn models(&self, mut sentence: Sentence) -> Sentence {
        let mut joint = "";
        for (index, point) in &self.points {
            let Some(value) = point.median(&LATENCY_P99) else { continue };
            let words = format!("{joint}{} under ", LATENCY_P99.show(value));
            sentence = sentence.text(words).model(*index);
            joint = ", ";
        }
        sentence
    }
}

fn rows<'a>(points: &[(usize, &'a Point)]) -> impl Iterator<Item = &'a TrialRow> {
    points.iter().flat_map(|(_, point)| point.rows_used())
}

/// The median of a figure of one upstream.
fn leg(points: &[(usize, &Point)], at: usize, of: fn(&LegFigures) -> Option<f64>) -> Option<f64> {
    median(&rows(points).filter_map(|row| of(row.legs.get(at)?)).collect::<Vec<_>>())
}

fn at(analysis: &Analysis, level: f64) -> Option<Finding> {
    let tail = Tail::at(analysis, level)?;
    let own = [0, 1].map(|at| leg(&tail.points, at, |leg| leg.held_pair_p99_ms));
    let alike = alike_words(same_law(rows(&tail.points)), own);
    let sentence = tail
        .start(Sentence::new())
        .text(format!(": {} the mean of the two", format::ratio(tail.said.ratio.ratio)))
        .muted(format!("({})", brief(&tail.said.ratio, tail.said.decision)))
        .text(format!(".{alike} No model can change that."));
    Some(Finding {
        key: RULE.key,
        figure: format::ratio(tail.said.ratio.ratio),
        sentence: sentence.done(),
        different: tail.said.different(),
    })
}

/// Where the law has each leg's p99.5, and where the realised draws had it.
fn alike_words(law: Option<f64>, own: [Option<f64>; 2]) -> String {
    let (Some(law), [Some(a), Some(b)]) = (law, own) else { return String::new() };
    format!(
        " Of two with one law it must lie where each has its p99.5: {} by the law, {} and {} as \
         measured.",
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
