//! Titles of a sweep: what the swept value does to a figure from one end of its range to the other,
//! model by model. Of words, which have no ends, from the value with the least to that with the most.

use crate::analysis::{Analysis, Metric, Point, Series};
use crate::format;
use crate::stats::{Decision, decide, paired_ratio};

use super::takeaway;

/// What a sweep does to a figure of one model.
struct Effect<'a> {
    series: &'a Series,
    change: Change,
}

enum Change {
    /// Times as much, to be called a difference.
    Grows(f64),
    /// Times less, to be called a difference; told as the share that is gone.
    Falls(f64),
    /// Alike, or the very same.
    Stays,
    /// Different or not: the repeats do not say.
    Unclear,
    /// Too few repeats for an interval: the figures themselves.
    Figures(String),
    /// Not to be trusted at one of the two values, or not measured; why, in words.
    Ends(&'static str),
}

impl Change {
    /// Whether a title is to tell it: a change of so much at least, or figures without a test.
    fn telling(&self, least: f64) -> bool {
        match self {
            Self::Grows(times) | Self::Falls(times) => *times >= least,
            Self::Figures(_) => true,
            Self::Stays | Self::Unclear | Self::Ends(_) => false,
        }
    }
}

/// Of several figures at once a title tells those that change by half at least.
const TELLING: f64 = 1.5;
/// Models that end closer together than this are not set apart.
const APART: f64 = 1.2;

/// `From 8 threads of rayon to 128 throughput grows 15.5× under rayon, stays the same under tokio`;
/// `None` where the load lies across, no model has the figure at two values, or the repeats tell
/// no change and no likeness: then a title is of one value.
pub(crate) fn title(analysis: &Analysis, metric: &Metric, name: &str) -> Option<String> {
    let axis = analysis.axis();
    let (from, to) = ends(analysis, metric).filter(|_| !axis.is_load())?;
    let effects = effects(analysis, metric, (from, to));
    let telling = effects.iter().any(|effect| effect.change.telling(1.0));
    let measured = || effects.iter().filter(|e| !matches!(e.change, Change::Ends(_)));
    let same = measured().next().is_some()
        && measured().all(|effect| matches!(effect.change, Change::Stays));
    if !(telling || same) {
        return None;
    }
    let last = furthest(analysis, metric, &effects, to).unwrap_or_default();
    Some(format!("{} {}{last}", axis.range(from, to), said(&effects, name)))
}

/// The same of the first of these figures that covers the whole sweep, or of the first at all.
pub(crate) fn title_of_one(analysis: &Analysis, metrics: &[(Metric, &str)]) -> Option<String> {
    let levels = analysis.levels();
    let whole = |(metric, _): &&(Metric, &str)| {
        let ends = ends(analysis, metric).map(|(a, b)| (a.to_bits(), b.to_bits()));
        let all = levels.first().zip(levels.last()).map(|(a, b)| (a.to_bits(), b.to_bits()));
        analysis.axis().categories() || ends == all
    };
    let first = metrics.iter().find(whole).or(metrics.first())?;
    title(analysis, &first.0, first.1)
}

/// The same of several figures in one title, each that changes by half at least.
pub(crate) fn titles(analysis: &Analysis, metrics: &[(Metric, &str)]) -> Option<String> {
    let axis = analysis.axis();
    let (from, to) = metrics.iter().find_map(|(metric, _)| ends(analysis, metric))?;
    if axis.is_load() {
        return None;
    }
    let said: Vec<String> = metrics
        .iter()
        .map(|(metric, name)| (effects(analysis, metric, (from, to)), name))
        .filter(|(effects, _)| effects.iter().any(|effect| effect.change.telling(TELLING)))
        .map(|(effects, name)| said(&effects, name))
        .collect();
    (!said.is_empty()).then(|| format!("{} {}", axis.range(from, to), said.join("; ")))
}

/// Where all models go the same way: how far apart they end.
fn furthest<'a>(
    analysis: &Analysis,
    metric: &Metric,
    effects: &[Effect<'a>],
    to: f64,
) -> Option<String> {
    let grow = effects.iter().all(|e| matches!(e.change, Change::Grows(_)));
    let fall = effects.iter().all(|e| matches!(e.change, Change::Falls(_)));
    if effects.len() < 3 || !(grow || fall) || analysis.axis().categories() {
        return None;
    }
    let value = |e: &Effect<'a>| Some((e.series, median(e.series, to, metric)?));
    let mut ranked: Vec<(&Series, f64)> = effects.iter().filter_map(value).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    let (most, least) = (ranked.first()?, ranked.last()?);
    let say = |of: &(&Series, f64)| format!("{} under {}", metric.show(of.1), of.0.model.label);
    (most.1 > least.1 * APART).then(|| format!("; it ends at {}, {}", say(most), say(least)))
}

/// The two values that effects are told between.
fn ends(analysis: &Analysis, metric: &Metric) -> Option<(f64, f64)> {
    let measured = takeaway::measured(analysis);
    let has = |level: &f64| measured.iter().any(|s| median(s, *level, metric).is_some());
    let levels: Vec<f64> = analysis.levels().into_iter().filter(has).collect();
    let (from, to) = (*levels.first()?, *levels.last()?);
    if from.to_bits() == to.to_bits() {
        return None;
    }
    if !analysis.axis().categories() || levels.len() == 2 {
        return Some((from, to));
    }
    // Between words: where the model that is moved most has least and most.
    let spans = measured.iter().filter_map(|series| {
        let values: Vec<(f64, f64)> =
            levels.iter().filter_map(|at| Some((*at, median(series, *at, metric)?))).collect();
        let least = values.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
        let most = values.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
        Some((least.0, most.0, most.1 / least.1.max(f64::MIN_POSITIVE)))
    });
    let widest = spans.max_by(|a, b| a.2.total_cmp(&b.2))?;
    (widest.0.to_bits() != widest.1.to_bits()).then_some((widest.0, widest.1))
}

fn median(series: &Series, level: f64, metric: &Metric) -> Option<f64> {
    series.point(level).filter(|point| point.trusted())?.median(metric)
}

fn effects<'a>(analysis: &'a Analysis, metric: &Metric, (from, to): (f64, f64)) -> Vec<Effect<'a>> {
    let of = |series: &'a Series| {
        let (a, b) = (series.point(from), series.point(to));
        if a.is_none() && b.is_none() {
            return None;
        }
        let change = match (a, b) {
            (Some(a), Some(b)) if a.trusted() && b.trusted() => change(metric, a, b)?,
            (_, Some(point)) | (Some(point), _) if !point.trusted() => Change::Ends(why(point)),
            _ => return None,
        };
        Some(Effect { series, change })
    };
    analysis.distinct().filter_map(of).collect()
}

/// What stands in the way of a figure.
fn why(point: &Point) -> &'static str {
    match point.verdict {
        measurement::row::Verdict::Exhausted => "does not get there",
        _ => "is not to be trusted there",
    }
}

fn change(metric: &Metric, from: &Point, to: &Point) -> Option<Change> {
    let (a, b) = (from.estimate(metric)?, to.estimate(metric)?);
    if a.median.to_bits() == b.median.to_bits() {
        return Some(Change::Stays);
    }
    let Some(ratio) = paired_ratio(&b.repeats, &a.repeats) else {
        return Some(Change::Unclear);
    };
    Some(match decide(&ratio, None) {
        Decision::Different if ratio.ratio >= 1.0 => Change::Grows(ratio.ratio),
        Decision::Different => Change::Falls(ratio.ratio.recip()),
        Decision::Alike => Change::Stays,
        Decision::NotToldApart => Change::Unclear,
        Decision::NotEnoughRepeats | Decision::CutShort => {
            Change::Figures(format!("{} to {}", metric.show(a.median), metric.show(b.median)))
        }
    })
}

/// `throughput grows 15.5× under rayon, stays under tokio`.
fn said(effects: &[Effect<'_>], name: &str) -> String {
    let verb = |one: &'static str, several: &'static str| {
        if name.split(" per ").next().is_some_and(|n| n.ends_with('s')) { several } else { one }
    };
    let all = effects.len();
    let mut clauses: Vec<String> = Vec::new();
    let grows: Vec<(&Effect<'_>, f64)> = effects
        .iter()
        .filter_map(|e| if let Change::Grows(times) = e.change { Some((e, times)) } else { None })
        .collect();
    let falls: Vec<(&Effect<'_>, f64)> = effects
        .iter()
        .filter_map(|e| if let Change::Falls(times) = e.change { Some((e, times)) } else { None })
        .collect();
    clauses.extend(moved(verb("grows", "grow"), &grows));
    clauses.extend(moved(verb("falls", "fall"), &falls));
    let figures = effects.iter().filter_map(|e| match &e.change {
        Change::Figures(figures) => Some(format!("{figures} under {}", e.series.model.label)),
        _ => None,
    });
    let figures: Vec<String> = figures.collect();
    if !figures.is_empty() {
        clauses.push(format!("{} from {}", verb("goes", "go"), figures.join(", ")));
    }
    let labels = |of: fn(&Change) -> bool| -> Vec<String> {
        let here = effects.iter().filter(|e| of(&e.change));
        here.map(|e| e.series.model.label.clone()).collect()
    };
    let stays = labels(|change| matches!(change, Change::Stays));
    if !stays.is_empty() {
        clauses.push(format!("{} {}", verb("stays the same", "stay the same"), under(&stays, all)));
    }
    let unclear = labels(|change| matches!(change, Change::Unclear));
    if !unclear.is_empty() {
        clauses.push(format!("with no change to call {}", under(&unclear, all)));
    }
    if clauses.is_empty() {
        return String::new();
    }
    let ends: Vec<String> = effects
        .iter()
        .filter_map(|e| match e.change {
            Change::Ends(why) => Some(format!("; {} {why}", e.series.model.label)),
            _ => None,
        })
        .collect();
    format!("{name} {}{}", clauses.join(", "), ends.concat())
}

/// `grows 15.5× under rayon`; of more than two models `grows 2.1× under a to 15.5× under b`.
fn moved(verb: &str, effects: &[(&Effect<'_>, f64)]) -> Option<String> {
    let mut sorted = effects.to_vec();
    sorted.sort_by(|a, b| a.1.total_cmp(&b.1));
    let say = |(effect, times): &(&Effect<'_>, f64)| {
        let by = match effect.change {
            Change::Falls(_) => format!("by {}", format::percent(1.0 - times.recip())),
            _ => format::ratio(*times),
        };
        format!("{by} under {}", effect.series.model.label)
    };
    Some(match sorted.as_slice() {
        [] => return None,
        [one] => format!("{verb} {}", say(one)),
        [least, most] => format!("{verb} {}, {}", say(most), say(least)),
        [least, .., most] => {
            let most = say(most);
            let most = most.strip_prefix("by ").unwrap_or(&most);
            format!("{verb} {} to {most}", say(least))
        }
    })
}

/// `under both models`, `under rayon and tokio`.
fn under(labels: &[String], all: usize) -> String {
    match labels.len() {
        2 if all == 2 => "under both models".to_owned(),
        count if count == all && count > 2 => format!("under all {count} models"),
        _ => format!("under {}", format::list(labels)),
    }
}
