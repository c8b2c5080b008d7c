//! CPU work beside waiting: who does the most of it, and whether it matters who.

use super::{Finding, Rule, at_level, brief, reciprocal};
use crate::analysis::metric::{CPU_PER_REQUEST, THROUGHPUT};
use crate::analysis::{Analysis, Comparison, Place, Point, Series};
use crate::format;
use crate::sentence::Sentence;
use crate::stats::Decision;

pub(super) const RULE: Rule = Rule {
    key: "cpu_work",
    doc: "CPU work in a request: who has the highest throughput at each value, and who comes up to it",
    find,
    answer: Some(answer),
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    ends(analysis).iter().map(|value| value.say(analysis)).collect()
}

/// Asked where work is swept: who serves how much where there is least of it, and most.
fn answer(analysis: &Analysis) -> Option<Sentence> {
    if analysis.axis().is_load() {
        return None;
    }
    let ends = ends(analysis);
    let mut sentence = Sentence::new();
    for (at, value) in ends.iter().enumerate() {
        sentence = if at == 0 { sentence } else { sentence.text(" ") };
        sentence = sentence.then(value.words(analysis));
    }
    (!ends.is_empty()).then_some(sentence)
}

/// The least and the most work there is; at one value, or over loads, that alone at the highest
/// load.
fn ends(analysis: &Analysis) -> Vec<Value<'_>> {
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
    let mut values: Vec<Value<'_>> =
        levels.into_iter().filter_map(|level| Value::at(analysis, level)).collect();
    if values.len() > 2 {
        values.drain(1..values.len() - 1);
    }
    values
}

/// The models at one value of the work.
struct Value<'a> {
    level: f64,
    best: &'a Series,
    highest_rps: f64,
    alike: Vec<usize>,
    unclear: Vec<usize>,
    /// The best over the others.
    less: Vec<Comparison>,
}

impl<'a> Value<'a> {
    fn at(analysis: &'a Analysis, level: f64) -> Option<Self> {
        let trusted = |series: &Series| series.point(level).is_some_and(Point::trusted);
        let rps = |series: &Series| series.point(level)?.median(&THROUGHPUT);
        let mut here: Vec<(&Series, f64)> = analysis
            .distinct()
            .filter(|series| trusted(series))
            .filter_map(|series| Some((series, rps(series)?)))
            .collect();
        here.sort_by(|a, b| b.1.total_cmp(&a.1));
        let ((best, highest_rps), rivals) =
            here.split_first().filter(|(_, rivals)| !rivals.is_empty())?;
        let (mut alike, mut unclear, mut less) = (Vec::new(), Vec::new(), Vec::new());
        for (rival, _) in rivals {
            // The primary comparison where there is one, so that no two findings differ.
            let primary = analysis.comparison(&THROUGHPUT, rival.index, Place::Level(level));
            let own = primary.filter(|own| own.of == best.index).cloned();
            let own = own.or_else(|| analysis.compare(&THROUGHPUT, best.index, rival.index, level));
            match own.map(|own| (own.decision, own)) {
                Some((Decision::Alike, _)) => alike.push(rival.index),
                Some((Decision::NotToldApart, _)) => unclear.push(rival.index),
                Some((_, own)) => less.push(own),
                None => {}
            }
        }
        Some(Self { level, best, highest_rps: *highest_rps, alike, unclear, less })
    }

    fn say(&self, analysis: &Analysis) -> Finding {
        Finding {
            key: RULE.key,
            figure: format::rate(self.highest_rps),
            sentence: self.words(analysis).done(),
            different: self.less.iter().any(|own| own.decision == Decision::Different),
        }
    }

    /// Who serves how much, who comes up to it, and who does not.
    fn words(&self, analysis: &Analysis) -> Sentence {
        let sentence = Sentence::new()
            .text(format!("At {} ", at_level(analysis, self.level)))
            .model(self.best.index)
            .text(format!(" serves {}{}", format::rate(self.highest_rps), self.work()));
        self.below(self.equals(sentence)).text(".")
    }

    /// Who comes up to the best.
    fn equals(&self, mut sentence: Sentence) -> Sentence {
        let kinds = [
            (&self.alike, [" serves alike", " serve alike"]),
            (&self.unclear, [" is not told apart from it", " are not told apart from it"]),
        ];
        for (models, words) in kinds {
            if !models.is_empty() {
                let words = words[usize::from(models.len() > 1)];
                sentence = sentence.text("; ").models(models).text(words);
            }
        }
        sentence
    }

    /// Who does not, with what share of it.
    fn below(&self, mut sentence: Sentence) -> Sentence {
        for own in &self.less {
            let ratio = reciprocal(&own.ratio);
            sentence = sentence
                .text("; ")
                .model(own.over)
                .text(format!(" serves {} as much", format::ratio(ratio.ratio)))
                .muted(format!("({})", brief(&ratio, own.decision)));
        }
        sentence
    }

    /// What the work is of all CPU time that a request costs the model.
    fn work(&self) -> String {
        let share = self.best.point(self.level).and_then(|point| {
            let row = point.rows_used().next()?;
            let asked_us = row.hurdles.as_ref()?.work.as_ref()?.asked_us;
            let cpu_us = point.median(&CPU_PER_REQUEST).filter(|cpu_us| *cpu_us > 0.0)?;
            Some((asked_us / cpu_us).min(1.0)).filter(|share| *share > 0.0)
        });
        share.map_or_else(String::new, |share| {
            format!(" (work is {} of a request’s CPU)", format::percent(share))
        })
    }
}

#[cfg(test)]
mod tests {
    use measurement::hurdles::{Hurdles, WorkFigures};

    use super::super::all;
    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn the_ends_have_their_highest_throughput_and_who_is_below() {
        let mut fixture = Fixture::swept();
        for row in &mut fixture.rows {
            let work = WorkFigures { asked_us: 100.0, iterations: 1, ..WorkFigures::default() };
            row.hurdles = Some(Hurdles { work: Some(work), ..Hurdles::default() });
        }
        let analysis = fixture.analysis();
        let found: Vec<_> =
            all(&analysis).into_iter().filter(|finding| finding.key == RULE.key).collect();
        assert_eq!(found.len(), 2);
        for finding in found {
            let text = format::plain(&finding.text(&analysis));
            assert!(text.starts_with("At CPU work = "), "{text}");
            assert!(text.contains("of a request’s CPU"), "{text}");
        }
    }

    #[test]
    fn without_work_nothing_is_said() {
        let analysis = Fixture::high_latency().analysis();
        assert!(find(&analysis).is_empty());
    }
}
