//! What titles say: who leads, by how much, and up to where the models are alike.
//!
//! Titles follow the comparisons of the analysis and the findings' groups: no lead without an interval
//! that leaves out 1, alike only where the comparison says so. The model compared with is the closest
//! rival, so that no title beats a straw man.

use crate::analysis::metric::THROUGHPUT;
use crate::analysis::{Analysis, Comparison, Metric, Place, Point, Series, keeps_up};
use crate::findings::alike::{self, Sure};
use crate::format;
use crate::stats::Decision;

/// The series that have any trusted point.
pub(crate) fn measured(analysis: &Analysis) -> Vec<&Series> {
    analysis.distinct().filter(|series| series.trusted_points().next().is_some()).collect()
}

/// The model with the second highest peak throughput; the first of equals.
pub(crate) fn rival(analysis: &Analysis) -> Option<&Series> {
    analysis.rivals().into_iter().next()
}

/// The baseline's lead over its rival, peak over peak, if it may be called one.
pub(crate) fn lead(analysis: &Analysis) -> Option<&Comparison> {
    analysis
        .comparison(&THROUGHPUT, rival(analysis)?.index, Place::Peaks)
        .filter(|comparison| comparison.decision == Decision::Different)
}

/// Up to where baseline and rival are alike in throughput.
pub(crate) struct Likeness {
    /// The level.
    pub(crate) level: f64,
    /// `the two`, `all`, or `it and tokio-2` where others part earlier: the baseline and its rival.
    pub(crate) who: String,
    /// `are alike`, or what fewer repeats allow to say.
    pub(crate) how: &'static str,
}

/// See [`Likeness`]; `None` where they differ from the start or cannot be told apart.
pub(crate) fn likeness(analysis: &Analysis) -> Option<Likeness> {
    let rival = rival(analysis)?;
    let groups = alike::groups(analysis);
    let group = groups.iter().find(|group| group.models.contains(&rival.index))?;
    let how = match group.sure {
        Sure::Alike => "are alike",
        Sure::WithinRange => "are within 5\u{a0}%",
        Sure::NotToldApart => return None,
    };
    let who = match measured(analysis).len() {
        2 => "the two".to_owned(),
        count if groups.len() == 1 && group.models.len() == count => "all".to_owned(),
        _ => format!("it and {}", rival.model.label),
    };
    Some(Likeness { level: group.level, who, how })
}

impl Likeness {
    /// `up to 64 in flight the two are alike`.
    pub(crate) fn clause(&self, analysis: &Analysis) -> String {
        let first =
            analysis.levels().first().is_some_and(|first| first.to_bits() == self.level.to_bits());
        if !analysis.axis().is_load() {
            return format!("at every value {} {}", self.who, self.how);
        }
        let reach = if first { "at" } else { "up to" };
        format!("{reach} {} {} {}", analysis.axis().title(self.level), self.who, self.how)
    }
}

/// Baseline and rival by one metric, at the highest level where both are trusted and have it.
pub(crate) struct Versus<'a> {
    /// Where.
    pub(crate) level: f64,
    /// The baseline and its median.
    pub(crate) best: (&'a Series, f64),
    /// The rival and its median.
    pub(crate) rival: (&'a Series, f64),
}

/// See [`Versus`].
pub(crate) fn versus<'a>(analysis: &'a Analysis, metric: &Metric) -> Option<Versus<'a>> {
    let (best, rival) = (analysis.baseline()?, rival(analysis)?);
    analysis.single_levels().into_iter().find_map(|level| {
        let best_value = trusted_median(best, level, metric)?;
        let rival_value = trusted_median(rival, level, metric)?;
        Some(Versus { level, best: (best, best_value), rival: (rival, rival_value) })
    })
}

/// The models with the most and the least of a metric, at the highest level where all that have it
/// somewhere are trusted with it.
pub(crate) struct Extremes<'a> {
    /// Where.
    pub(crate) level: f64,
    /// The model with the least, and its median.
    pub(crate) least: (&'a Series, f64),
    /// The model with the most, and its median.
    pub(crate) most: (&'a Series, f64),
    /// Most ÷ least, exploratory.
    pub(crate) comparison: Option<Comparison>,
}

/// See [`Extremes`]; `None` with fewer than two models that have the metric.
pub(crate) fn extremes<'a>(analysis: &'a Analysis, metric: &Metric) -> Option<Extremes<'a>> {
    let base = analysis.baseline();
    let having: Vec<&Series> = analysis
        .distinct()
        .filter(|series| base.is_none_or(|base| analysis.comparable(base, series)))
        .filter(|s| s.trusted_points().any(|p| p.median(metric).is_some()))
        .collect();
    if having.len() < 2 {
        return None;
    }
    let at = |level: f64| -> Vec<(&'a Series, f64)> {
        having.iter().filter_map(|s| Some((*s, trusted_median(s, level, metric)?))).collect()
    };
    // The highest of the levels with the most models: of equals `max_by_key` keeps the last.
    let level = analysis.single_levels().into_iter().rev().max_by_key(|level| at(*level).len())?;
    if at(level).len() < 2 {
        return None;
    }
    let mut here = at(level);
    here.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (least, most) = (*here.first()?, *here.last()?);
    let comparison = analysis.compare(metric, most.0.index, least.0.index, level);
    Some(Extremes { level, least, most, comparison })
}

impl Extremes<'_> {
    /// `10.4×`, if it may be called a difference.
    pub(crate) fn ratio(&self) -> Option<String> {
        let comparison = self.comparison.as_ref()?;
        (comparison.decision == Decision::Different).then(|| format::ratio(comparison.ratio.ratio))
    }

    /// ` (95 % interval 8.3 to 13.1)`, or nothing.
    pub(crate) fn interval(&self) -> String {
        let interval = self.comparison.as_ref().and_then(|c| c.ratio.interval);
        interval.map_or(String::new(), |i| format!(" (95\u{a0}% interval {})", format::interval(i)))
    }
}

fn trusted_median(series: &Series, level: f64, metric: &Metric) -> Option<f64> {
    series.point(level).filter(|point| point.trusted() && steady(point))?.median(metric)
}

/// Whether figures of a point mean anything beyond this run: in an open loop, where offers are not
/// kept up with, they grow with its length.
pub(crate) fn steady(point: &Point) -> bool {
    keeps_up(point) != Some(false)
}

/// `tokio’s`, `threads’`.
pub(crate) fn possessive(label: &str) -> String {
    if label.ends_with('s') { format!("{label}’") } else { format!("{label}’s") }
}

/// The level for charts of one level: of those where the most models are trusted and have what the
/// chart shows, the highest. A model that runs twice counts twice, drawn or not: at one level for all
/// charts.
pub(crate) fn shared_level(analysis: &Analysis, has: impl Fn(&Point) -> bool) -> Option<f64> {
    let having = |level: f64| {
        let points = analysis.series.iter().filter_map(|series| series.point(level));
        points.filter(|point| point.trusted() && has(point)).count()
    };
    let levels = analysis.single_levels().into_iter().rev().filter(|level| having(*level) > 0);
    // Of equals `max_by_key` keeps the last.
    levels.max_by_key(|level| having(*level))
}

/// Why that level, for a subtitle; `shown` models have what the chart shows.
pub(crate) fn why_level(analysis: &Analysis, shown: usize) -> String {
    let all = analysis.series.len();
    let what = if analysis.series.iter().any(|s| s.value.is_some()) { "lines" } else { "models" };
    if analysis.level_chosen() {
        return "as chosen".to_owned();
    }
    let place =
        if analysis.axis().is_load() { "the highest level" } else { "the last value" }.to_owned();
    match shown {
        _ if analysis.levels().len() == 1 => "the only level".to_owned(),
        1 if all == 1 => format!("{place} to be trusted"),
        2 if all == 2 => format!("{place} at which both {what} are to be trusted"),
        _ if shown == all => format!("{place} at which all {all} {what} are to be trusted"),
        _ => format!("{place} at which as many as {shown} of {all} {what} are to be trusted"),
    }
}

/// `tokio keeps up with 2.00k/s offered, threads with 1.00k/s`, in an open loop.
pub(crate) fn capacities(analysis: &Analysis) -> Option<String> {
    let mut all: Vec<(&Series, f64)> = analysis
        .series
        .iter()
        .filter(|series| series.again.is_none())
        .filter_map(|series| Some((series, series.capacity()?.offered_rps)))
        .collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1));
    let say = |(series, rps): &(&Series, f64)| {
        let most = if series.overload_rps().is_none() { "all of " } else { "" };
        (series.model.label.clone(), format!("{most}{}", format::rate(*rps)))
    };
    match all.as_slice() {
        [] => None,
        [one] => {
            let (label, rate) = say(one);
            Some(format!("{label} keeps up with {rate} offered"))
        }
        [best, .., least] => {
            let ((a, x), (b, y)) = (say(best), say(least));
            Some(if x == y {
                format!("{a} and {b} both keep up with {x} offered")
            } else {
                format!("{a} keeps up with {x} offered, {b} with {y}")
            })
        }
    }
}
