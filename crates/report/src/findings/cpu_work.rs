//! CPU work beside waiting: who does the most of it, and whether it matters who.

use super::{Finding, Rule, at_level, evidence, reciprocal};
use crate::analysis::metric::{CPU_PER_REQUEST, THROUGHPUT};
use crate::analysis::{Analysis, Comparison, Point, Series};
use crate::format;
use crate::sentence::Sentence;
use crate::stats::Decision;

pub(super) const RULE: Rule = Rule {
    key: "cpu_work",
    doc: "CPU work in a request: who has the highest throughput at each value, and who comes up to it",
    find,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    let works = |row: &measurement::row::TrialRow| {
        row.hurdles.as_ref().is_some_and(|hurdles| hurdles.work.is_some())
    };
    if !analysis.rows.iter().any(works) {
        return Vec::new();
    }
    let all: Vec<&Series> = analysis.distinct().collect();
    let levels = if analysis.axis().is_load() {
        analysis.highest_common_trusted(&all).into_iter().collect()
    } else {
        analysis.levels()
    };
    levels.into_iter().filter_map(|level| at(analysis, level)).collect()
}

/// The models at one value of the work.
fn at(analysis: &Analysis, level: f64) -> Option<Finding> {
    let trusted = |series: &Series| series.point(level).is_some_and(Point::trusted);
    let rps = |series: &Series| series.point(level)?.median(&THROUGHPUT);
    let mut here: Vec<(&Series, f64)> = analysis
        .distinct()
        .filter(|series| trusted(series))
        .filter_map(|series| Some((series, rps(series)?)))
        .collect();
    here.sort_by(|a, b| b.1.total_cmp(&a.1));
    let ((best, highest), rivals) = here.split_first().filter(|(_, rivals)| !rivals.is_empty())?;
    let mut less: Vec<Comparison> = Vec::new();
    let (mut alike, mut unclear) = (Vec::new(), Vec::new());
    for (rival, _) in rivals {
        let Some(comparison) = analysis.compare(&THROUGHPUT, best.index, rival.index, level) else {
            continue;
        };
        match comparison.decision {
            Decision::Alike => alike.push(rival.index),
            Decision::NotToldApart => unclear.push(rival.index),
            Decision::Different | Decision::NotEnoughRepeats | Decision::CutShort => {
                less.push(comparison);
            }
        }
    }
    let mut sentence = Sentence::new()
        .text(format!("The highest throughput at {}, of ", at_level(analysis, level)))
        .model(best.index)
        .text(work_share(best, level));
    for (models, words) in [(&alike, " alike"), (&unclear, " not to be told apart from it")] {
        if !models.is_empty() {
            let verb = if models.len() == 1 { "is" } else { "are" };
            sentence = sentence.text(" ").models(models).text(format!(" {verb}{words}."));
        }
    }
    for (position, comparison) in less.iter().enumerate() {
        let ratio = reciprocal(&comparison.ratio);
        let joint = if position == 0 { " Of it, " } else { "; " };
        sentence = sentence
            .text(joint)
            .model(comparison.over)
            .text(format!(" has {}", format::ratio(ratio.ratio)))
            .muted(format!("({})", evidence(&ratio)));
    }
    if !less.is_empty() {
        sentence = sentence.text(".");
    }
    Some(Finding {
        key: RULE.key,
        figure: format::rate(*highest),
        sentence: sentence.done(),
        different: less.iter().any(|comparison| comparison.decision == Decision::Different),
    })
}

/// What the work is of all CPU time that a request costs the model.
fn work_share(series: &Series, level: f64) -> String {
    let share = series.point(level).and_then(|point| {
        let row = point.rows_used().next()?;
        let asked_us = row.hurdles.as_ref()?.work.as_ref()?.asked_us;
        let cpu_us = point.median(&CPU_PER_REQUEST).filter(|cpu_us| *cpu_us > 0.0)?;
        Some((asked_us, cpu_us, (asked_us / cpu_us).min(1.0)))
    });
    match share {
        Some((asked_us, cpu_us, share)) => format!(
            ": {} of work in {} of CPU per request, {}.",
            format::micros(asked_us),
            format::micros(cpu_us),
            format::percent(share)
        ),
        None => ": no work.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use measurement::hurdles::{Hurdles, WorkFigures};

    use super::super::all;
    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn every_value_has_its_highest_throughput_and_who_is_below() {
        let mut fixture = Fixture::swept();
        let values = fixture.run.scenario.sweep.as_ref().map_or(0, |sweep| sweep.values.len());
        for row in &mut fixture.rows {
            let work = WorkFigures { asked_us: 100.0, iterations: 1, ..WorkFigures::default() };
            row.hurdles = Some(Hurdles { work: Some(work), ..Hurdles::default() });
        }
        let analysis = fixture.analysis();
        let found: Vec<_> =
            all(&analysis).into_iter().filter(|finding| finding.key == RULE.key).collect();
        assert!(!found.is_empty() && found.len() <= values, "{}", found.len());
        for finding in found {
            let text = format::plain(&finding.text(&analysis));
            assert!(text.contains("at CPU work = "), "{text}");
            assert!(text.contains("of CPU per request"), "{text}");
        }
    }

    #[test]
    fn without_work_nothing_is_said() {
        let analysis = Fixture::high_latency().analysis();
        assert!(find(&analysis).is_empty());
    }
}
