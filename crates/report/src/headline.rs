//! The report in one sentence or two: the answer to the question that the scenario asks; who
//! served how much, and up to where it makes no odds.

use crate::analysis::metric::{LATENCY_P99, THROUGHPUT};
use crate::analysis::{Analysis, Comparison, Peak, Place, Point, Series};
use crate::findings;
use crate::findings::alike::{self, Sure, groups};
use crate::format::{self, NBSP};
use crate::sentence::{Sentence, Span};
use crate::stats::{Decision, LEAST_EFFECT, LEAST_REPEATS, PairedRatio};

/// The headline. It names no winner without an interval that bears it out.
pub fn headline(analysis: &Analysis) -> Vec<Span> {
    let Some(best) = analysis.baseline() else { return nothing(analysis).done() };
    let Some(peak) = best.peak() else { return nothing(analysis).done() };
    if let Some(answer) = findings::answer(analysis) {
        if !compares(analysis) {
            return untrusted(answer, analysis).done();
        }
        let rest = throughput(analysis, best, &peak);
        return answer.text(" ").then(rest).done();
    }
    throughput(analysis, best, &peak).done()
}

/// Whether, beside the answer to a question of the scenario's own, the models' throughputs are
/// worth a sentence: they are not over a sweep, at one level, or where all are alike.
fn compares(analysis: &Analysis) -> bool {
    let all = analysis.distinct().count();
    let grid = analysis.distinct().any(|series| series.value.is_some());
    let same = |own: &alike::Alike<'_>| own.everywhere(analysis) && own.models.len() == all;
    analysis.axis().is_load()
        && !grid
        && analysis.one_level().is_none()
        && !groups(analysis).iter().any(same)
}

/// Who served how much, and up to where it makes no odds.
fn throughput(analysis: &Analysis, best: &Series, peak: &Peak<'_>) -> Sentence {
    if analysis.open() {
        return untrusted(open(analysis), analysis);
    }
    if !analysis.axis().is_load() {
        return untrusted(likeness(swept(analysis), analysis), analysis);
    }
    let sentence = Sentence::new()
        .text(format!("{} ", cores(analysis)))
        .model(best.index)
        .text(format!(" served up to {}{NBSP}requests/s", format::kilo(peak.throughput.median)));
    let others = analysis.rivals();
    if others.is_empty() && analysis.distinct().count() == 1 {
        let level = analysis.axis().title(peak.point.level);
        return sentence.text(format!(", at {level}."));
    }
    let sentence = beside(sentence, analysis, &others);
    untrusted(likeness(sentence, analysis), analysis)
}

/// Who keeps up with what, the most first; what happens past it.
fn open(analysis: &Analysis) -> Sentence {
    let sentence = Sentence::new().text(format!("{} ", cores(analysis)));
    if analysis.staged() {
        return staged(sentence, analysis);
    }
    let mut kept: Vec<(&Series, f64)> = analysis
        .series
        .iter()
        .filter(|series| series.again.is_none())
        .filter_map(|series| Some((series, series.capacity()?.offered_rps)))
        .collect();
    kept.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut sentence = sentence;
    for (at, (series, rps)) in kept.iter().enumerate() {
        let rate = format::kilo(*rps);
        sentence = if at == 0 {
            sentence
                .model(series.index)
                .text(format!(" kept up with {rate}{NBSP}requests/s offered"))
        } else {
            sentence.text(", ").model(series.index).text(format!(" with {rate}"))
        };
    }
    if kept.is_empty() {
        sentence = sentence.text("no model kept up with the lowest rate offered");
    }
    sentence = sentence.text(".");
    if analysis.series.iter().any(|series| series.overload_rps().is_some()) {
        let own =
            if analysis.series.len() > 1 { "Past its capacity a model’s" } else { "Past it" };
        return sentence.text(format!(
            " {own} latency grows with the length of the run: there is no steady state."
        ));
    }
    sentence.text(" No rate offered was too much.")
}

/// A sweep at one load: what each model served at the ends of it; of categories the least and the
/// most.
fn swept(analysis: &Analysis) -> Sentence {
    const MOST: usize = 4;
    let axis = analysis.axis();
    let load = axis.fixed_load().map_or_else(String::new, |load| format!(", at {load}"));
    let mut sentence = Sentence::new().text(format!("{}{load}, ", cores(analysis)));
    let models: Vec<&Series> = analysis.baseline().into_iter().chain(analysis.rivals()).collect();
    for (at, series) in models.iter().take(MOST).enumerate() {
        let rps = |point: &Point| point.median(&THROUGHPUT).unwrap_or(0.0);
        let by = |a: &&Point, b: &&Point| rps(a).total_cmp(&rps(b));
        let ends = if axis.categories() {
            (series.trusted_points().max_by(by), series.trusted_points().min_by(by))
        } else {
            (series.trusted_points().next(), series.trusted_points().next_back())
        };
        let (Some(a), Some(b)) = ends else { continue };
        let joint = if at == 0 { "" } else { "; " };
        let unit = if at == 0 { format!("{NBSP}requests/s") } else { String::new() };
        let figure = |point: &Point| format::kilo(rps(point));
        // Values on a scale are said in full once; words each time.
        let place = |point: &Point| match at {
            0 => axis.amid(point.level),
            _ if axis.categories() => axis.amid(point.level),
            _ => format!("at {}", axis.word(point.level)),
        };
        let second = |point: &Point| {
            if axis.categories() {
                axis.amid(point.level)
            } else {
                format!("at {}", axis.word(point.level))
            }
        };
        sentence = sentence.text(joint).model(series.index);
        let alike = (rps(a) / rps(b)).ln().abs() < LEAST_EFFECT.ln();
        sentence = sentence.text(if a.level.to_bits() == b.level.to_bits() {
            format!(" served {}{unit} {}", figure(a), place(a))
        } else if alike {
            let name = axis.swept_name().unwrap_or_default();
            let whatever =
                if at == 0 { format!(", whatever the {name}") } else { " throughout".into() };
            format!(" served {}{unit}{whatever}", figure(a))
        } else {
            format!(" served {}{unit} {}, {} {}", figure(a), place(a), figure(b), second(b))
        });
    }
    sentence.text(".")
}

/// A run in stages: the p99 over all of them, by model.
fn staged(mut sentence: Sentence, analysis: &Analysis) -> Sentence {
    let mut all: Vec<(&Series, f64)> = analysis
        .distinct()
        .filter_map(|series| Some((series, series.peak()?.point.median(&LATENCY_P99)?)))
        .collect();
    all.sort_by(|a, b| a.1.total_cmp(&b.1));
    for (at, (series, ms)) in all.iter().enumerate() {
        let ms = format::millis(*ms);
        sentence = if at == 0 {
            sentence
                .text("over all stages ")
                .model(series.index)
                .text(format!(" answered 99{NBSP}% of requests within {ms}"))
        } else {
            sentence.text(", ").model(series.index).text(format!(" within {ms}"))
        };
    }
    sentence.text(if all.is_empty() { "no stage gave a p99." } else { "." })
}

fn nothing(analysis: &Analysis) -> Sentence {
    Sentence::new().text(match analysis.ended() {
        0 => "No trial ended: there is nothing to report yet.".to_owned(),
        1 => "The one trial gave no figure to be trusted.".to_owned(),
        n => {
            let n = format::count(n as f64);
            format!("None of the {n} trials gave a figure to be trusted.")
        }
    })
}

fn cores(analysis: &Analysis) -> String {
    match analysis.run.environment.client_cpus.len() {
        0 | 1 => "On one core".to_owned(),
        n => format!("On {n} cores"),
    }
}

/// The other models' peaks: those it differs from with the ratio, then the rest.
fn beside(mut sentence: Sentence, analysis: &Analysis, others: &[&Series]) -> Sentence {
    let compared: Vec<(&Series, Option<&Comparison>)> = others
        .iter()
        .map(|other| (*other, analysis.comparison(&THROUGHPUT, other.index, Place::Peaks)))
        .collect();
    let by = |wanted: Decision| -> Vec<(&Series, &Comparison)> {
        let with = compared.iter().filter_map(|(other, comparison)| Some((*other, (*comparison)?)));
        with.filter(|(_, comparison)| comparison.decision == wanted).collect()
    };
    let different = by(Decision::Different);
    for (at, (other, comparison)) in different.iter().enumerate() {
        let joint = match at {
            0 => ": ",
            at if at + 1 == different.len() => " and ",
            _ => ", ",
        };
        let times = format::ratio(comparison.ratio.ratio);
        let peak = other.peak().map_or(0.0, |peak| peak.throughput.median);
        sentence = sentence
            .text(format!("{joint}{times} as many as "))
            .model(other.index)
            .text(format!(" ({})", format::kilo(peak)));
    }
    sentence = sentence.text(".");
    let rest = [
        (Decision::Alike, "Alike: "),
        (Decision::NotToldApart, "Not told apart from it: "),
        (Decision::NotEnoughRepeats, "Too few repeats to call a difference: "),
        (Decision::CutShort, "Cut short by the mock, at least: "),
    ];
    for (decision, words) in rest {
        let found = by(decision);
        for (at, (other, comparison)) in found.iter().enumerate() {
            let joint = if at == 0 { format!(" {words}") } else { ", ".to_owned() };
            sentence = peak_of(sentence.text(joint), other);
            if decision == Decision::NotEnoughRepeats {
                sentence = sentence.text(in_repeats(&comparison.ratio));
            }
        }
        if !found.is_empty() {
            sentence = sentence.text(".");
        }
    }
    if by(Decision::NotEnoughRepeats).is_empty() {
        return sentence;
    }
    sentence.text(cure(analysis))
}

/// What few repeats say, without a claim: ` (2.27× to 2.31× over 2 repeats)`; nothing of one.
fn in_repeats(ratio: &PairedRatio) -> String {
    let (low, high) = ratio.range;
    let n = ratio.pairs.len();
    match (format::ratio(low), format::ratio(high)) {
        _ if n < 2 => String::new(),
        (low, high) if low == high => format!(" ({low} in each of {n}{NBSP}repeats)"),
        (low, high) => format!(" ({low} to {high} over {n}{NBSP}repeats)"),
    }
}

/// What would allow a call: more repeats, or those that were lost.
fn cure(analysis: &Analysis) -> String {
    let planned = analysis.run.scenario.repeats as usize;
    if planned < LEAST_REPEATS {
        return format!(" It takes {LEAST_REPEATS} repeats or more.");
    }
    format!(
        " It takes {LEAST_REPEATS} that are to be trusted: more repeats would make up for those lost."
    )
}

fn peak_of(sentence: Sentence, series: &Series) -> Sentence {
    let peak = series.peak().map_or(0.0, |peak| peak.throughput.median);
    sentence.model(series.index).text(format!(" {}", format::kilo(peak)))
}

/// Models that ran, yet gave no throughput to be trusted.
fn untrusted(sentence: Sentence, analysis: &Analysis) -> Sentence {
    let models: Vec<usize> = analysis
        .series
        .iter()
        .filter(|series| !series.points.is_empty() && series.peak().is_none())
        .map(|series| series.index)
        .collect();
    if models.is_empty() {
        return sentence;
    }
    sentence.text(" Nothing to be trusted came from ").models(&models).text(".")
}

/// Up to where the models are alike, if they are anywhere.
fn likeness(sentence: Sentence, analysis: &Analysis) -> Sentence {
    let Some(group) = groups(analysis).into_iter().find(|group| group.sure == Sure::Alike) else {
        return sentence;
    };
    let sentence = if !analysis.axis().is_load() {
        sentence.text(" At every value ")
    } else if analysis.levels().last().is_some_and(|last| *last <= group.level) {
        sentence.text(" At every level ")
    } else {
        let level = analysis.axis().title(group.level);
        sentence.text(format!(" Up to {level} "))
    };
    match (group.models.len(), analysis.distinct().count()) {
        (2, 2) => sentence.text("the two were alike."),
        (models, all) if models == all => sentence.text(format!("all {all} were alike.")),
        _ => sentence.models(&group.models).text(" were alike."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sentence::to_text;
    use crate::testing::Fixture;

    fn of(fixture: Fixture) -> String {
        let analysis = fixture.analysis();
        format::plain(&to_text(&headline(&analysis), &analysis, str::to_owned))
    }

    #[test]
    fn two_models_with_their_ratio_and_where_they_are_alike() {
        let text = of(Fixture::high_latency().models(&["tokio", "thread-per-request"]));
        assert!(text.starts_with("On one core tokio served up to 7."), "{text}");
        assert!(text.contains("× as many as thread-per-request (2."), "{text}");
        assert!(text.ends_with("k). Up to 256 in flight the two were alike."), "{text}");
    }

    #[test]
    fn many_models() {
        let text = of(Fixture::high_latency());
        assert!(text.contains("× as many as rayon-256 (1.1"), "{text}");
        assert!(text.contains("× as many as rayon (4."), "{text}");
        assert!(text.contains("tokio and thread-per-request were alike"), "{text}");
    }

    #[test]
    fn no_winner_without_an_interval() {
        let text = of(Fixture::high_latency().keep(|row| row.repeat == 0));
        assert!(text.contains("Too few repeats to call a difference: "), "{text}");
        assert!(!text.contains("as many"), "{text}");
    }

    #[test]
    fn a_lost_repeat_leaves_the_range_and_what_would_cure_it() {
        let mut fixture = Fixture::high_latency().models(&["tokio", "thread-per-request"]);
        for row in &mut fixture.rows {
            if row.model == "thread-per-request" && row.repeat == 1 {
                row.verdict = measurement::row::Verdict::UpstreamLimited;
            }
        }
        let text = of(fixture);
        assert!(
            text.contains("Too few repeats to call a difference: thread-per-request 2."),
            "{text}"
        );
        assert!(!text.contains("as many"), "{text}");
        assert!(text.contains("2 repeats). It takes 3 that are to be trusted"), "{text}");
    }

    #[test]
    fn a_model_without_a_trusted_figure_is_named() {
        let mut fixture = Fixture::high_latency().models(&["tokio", "rayon"]);
        for row in fixture.rows.iter_mut().filter(|row| row.model == "rayon") {
            row.verdict = measurement::row::Verdict::Inconsistent;
        }
        let text = of(fixture);
        assert!(text.ends_with("k requests/s. Nothing to be trusted came from rayon."), "{text}");
    }

    #[test]
    fn of_one_model_and_of_none() {
        let text = of(Fixture::high_latency().models(&["tokio"]));
        assert!(text.ends_with("requests/s, at 1,024 in flight."), "{text}");
        let mut cut = Fixture::high_latency().models(&["tokio", "thread-per-request"]);
        for row in cut.rows.iter_mut().filter(|row| row.model == "thread-per-request") {
            if row.concurrency >= Some(512) {
                row.verdict = measurement::row::Verdict::UpstreamLimited;
            }
        }
        let text = of(cut);
        assert!(
            text.contains(". Cut short by the mock, at least: thread-per-request 1."),
            "{text}"
        );
        assert!(!text.contains("as many"), "{text}");
        let text = of(Fixture::high_latency().all_failed());
        assert_eq!(text, "None of the 72 trials gave a figure to be trusted.");
        let text = of(Fixture::high_latency().keep(|_| false));
        assert_eq!(text, "No trial ended: there is nothing to report yet.");
    }
}
