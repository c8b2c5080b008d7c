//! What binds each model: the smallest of what its pool, its CPU and the upstreams' own time (or
//! the offer) allow; where the operating system or the mock ends it instead.
//!
//! One finding per kind of bound. From where on a pool or the CPU binds is the lowest level that
//! reaches the throughput of the highest to within 5 %.

use measurement::row::{LoadKind, TrialRow, Verdict};

use super::{Finding, Rule, at_level, brief};
use crate::analysis::metric::{CPU_PER_REQUEST, THREADS_PEAK, THROUGHPUT};
use crate::analysis::{
    Analysis, Bound, Point, Series, busy, cores_had, cores_words, cpu_ceiling_rps,
};
use crate::format;
use crate::sentence::Sentence;
use crate::stats::{Decision, LEAST_EFFECT, decide, median, paired_ratio};

pub(super) const RULE: Rule = Rule {
    key: "binding",
    doc: "which bound binds each model: pool, CPU, upstreams, the operating system, the mock",
    find,
    answer: None,
};

/// Share of the smallest bound from which that bound explains what is reached.
const EXPLAINS: f64 = 0.85;

/// What may bind a model, in the order of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Cpu,
    Pool,
    /// The upstreams' own time; in an open loop the offer.
    Given,
    /// None that is measured.
    Unknown,
}

/// What a bound of one kind allows.
struct Ceiling {
    kind: Kind,
    rps: f64,
    /// `1 core ÷ 302 µs a request`.
    how: String,
}

/// A model with what binds it.
struct Bind<'a> {
    series: &'a Series,
    /// Where it is looked at: the highest level to be trusted.
    point: &'a Point,
    kind: Kind,
    reached_rps: f64,
    /// The smallest, then the others.
    ceilings: Vec<Ceiling>,
    /// Of a pool: all trials that filled it, which the figure is of.
    full: Option<Full>,
}

fn find(analysis: &Analysis) -> Vec<Finding> {
    if analysis.staged() {
        return Vec::new();
    }
    let all: Vec<Bind<'_>> =
        analysis.distinct().filter_map(|series| Bind::of(analysis, series)).collect();
    let kinds = [Kind::Cpu, Kind::Pool, Kind::Given, Kind::Unknown];
    let bound = kinds.into_iter().filter_map(|kind| {
        let own: Vec<&Bind<'_>> = all.iter().filter(|own| own.kind == kind).collect();
        of_kind(analysis, &own)
    });
    bound.chain(exhausted(analysis)).chain(by_the_mock(analysis)).collect()
}

impl<'a> Bind<'a> {
    fn of(analysis: &Analysis, series: &'a Series) -> Option<Self> {
        let point = series.trusted_points().next_back()?;
        let mut reached_rps = point.median(&THROUGHPUT).filter(|rps| *rps > 0.0)?;
        let mut ceilings = ceilings(analysis, series, point);
        ceilings.sort_by(|a, b| a.rps.total_cmp(&b.rps));
        let least = ceilings.first_mut()?;
        let mut full = None;
        // One trial of a small pool ends but a handful of requests: all that filled it together.
        if least.kind == Kind::Pool
            && !series.swept
            && let Some(all) = Full::of(analysis, series)
        {
            (reached_rps, least.rps) = (all.throughput_rps, all.ceiling_rps);
            least.how = pool_words(series, least.rps);
            full = Some(all);
        }
        let kind = if reached_rps >= EXPLAINS * least.rps { least.kind } else { Kind::Unknown };
        // A sweep of the pool's own size has a finding of its own.
        let own = kind == Kind::Pool && series.swept && series.pool_threads().is_none();
        (!own).then_some(Self { series, point, kind, reached_rps, ceilings, full })
    }

    fn share(&self) -> String {
        format::percent(self.reached_rps / self.ceilings[0].rps)
    }

    /// `at N = 2,048`.
    fn place(&self, analysis: &Analysis) -> String {
        match &self.full {
            Some(full) if full.level < self.point.level => {
                format!("from {} on, all levels together", at_level(analysis, full.level))
            }
            _ => format!("at {}", at_level(analysis, self.point.level)),
        }
    }

    /// `4.12k/s (1 core ÷ 242 µs a request)`.
    fn cap(&self) -> String {
        let least = &self.ceilings[0];
        format!("{} ({})", format::rate(least.rps), least.how)
    }

    /// What else is to be known of it, after the level.
    fn rest(&self, analysis: &Analysis, sentence: Sentence) -> Sentence {
        match self.kind {
            Kind::Cpu | Kind::Pool => self.knee(analysis, sentence),
            Kind::Given => {
                let more = |ceiling: &Ceiling| {
                    let name = if ceiling.kind == Kind::Pool { "pool" } else { "CPU" };
                    format!("its {name} would allow {}", format::rate(ceiling.rps))
                };
                let more: Vec<String> = self.ceilings[1..].iter().map(more).collect();
                if more.is_empty() {
                    return sentence;
                }
                sentence.text(format!(" ({})", format::list(&more)))
            }
            Kind::Unknown => match busy(self.point) {
                Some(busy) => sentence.text(format!(" (its CPU {} busy)", format::percent(busy))),
                None => sentence,
            },
        }
    }

    /// From which level on it binds, and what more load does then.
    fn knee(&self, analysis: &Analysis, sentence: Sentence) -> Sentence {
        if !analysis.axis().is_load() {
            return sentence;
        }
        let last = self.point;
        let near = |point: &&Point| {
            let both = point.median(&THROUGHPUT).zip(last.median(&THROUGHPUT));
            both.is_some_and(|(here, top)| here * LEAST_EFFECT >= top)
        };
        let from = self.series.trusted_points().rev().take_while(near).last();
        let Some(from) = from.filter(|from| from.level < last.level) else { return sentence };
        let repeats = |point: &Point| point.estimate(&THROUGHPUT).map(|own| own.repeats);
        let both = repeats(last).zip(repeats(from));
        let Some(ratio) = both.and_then(|(last, from)| paired_ratio(&last, &from)) else {
            return sentence;
        };
        let decision = decide(&ratio, None);
        let more = if analysis.open() { "a higher offer" } else { "more in flight" };
        let cut = decision == Decision::Different && ratio.ratio < 1.0;
        sentence
            .text(format!(
                "; beyond {} {more} {}: {} at {}",
                at_level(analysis, from.level),
                if cut { "costs throughput" } else { "buys nothing" },
                format::ratio(ratio.ratio),
                analysis.axis().word(last.level),
            ))
            .muted(format!("({})", brief(&ratio, decision)))
    }
}

/// The models that a bound of one kind binds, in a sentence.
fn of_kind(analysis: &Analysis, all: &[&Bind<'_>]) -> Option<Finding> {
    let (first, others) = all.split_first()?;
    let least = &first.ceilings[0];
    let known = if first.kind == Kind::Unknown { "its lowest known bound, " } else { "" };
    let rate = format::rate(least.rps);
    let what = match least.kind {
        Kind::Given if analysis.open() => format!("{rate} offered"),
        Kind::Cpu => format!("{rate} that its CPU allows ({})", least.how),
        Kind::Pool => format!("{rate} that its pool allows ({})", least.how),
        Kind::Given | Kind::Unknown => {
            format!("{rate} that the upstreams’ own time allows ({})", least.how)
        }
    };
    // In an open loop the offer is the place.
    let place = first.place(analysis);
    let offered = first.kind == Kind::Given && analysis.open();
    let at = if offered { String::new() } else { format!(", {place}") };
    let mut sentence = Sentence::new()
        .model(first.series.index)
        .text(format!(" reaches {} of {known}the {what}{at}", first.share()));
    sentence = first.rest(analysis, sentence);
    for other in others {
        sentence =
            sentence.text("; ").model(other.series.index).text(format!(" {}", other.share()));
        if other.cap() != first.cap() {
            sentence = sentence.text(format!(" of {}", other.cap()));
        }
        let own = other.place(analysis);
        if own != place {
            sentence = sentence.text(format!(" {own}"));
        }
        sentence = other.rest(analysis, sentence);
    }
    let end = match first.kind {
        Kind::Unknown if stalls(analysis) => {
            ". The stall, left out of the upstreams’ own time, is part of the rest."
        }
        Kind::Unknown => ". No bound that is measured explains the rest.",
        _ => ".",
    };
    Some(Finding {
        key: RULE.key,
        figure: first.share(),
        sentence: sentence.text(end).muted(remarks(all)).done(),
        different: first.kind != Kind::Given,
    })
}

/// What makes the shares coarse or low.
fn remarks(all: &[&Bind<'_>]) -> String {
    let few = all.iter().filter_map(|own| {
        let n = own.full.as_ref()?.completions;
        (1.0..1_000.0).contains(&n).then_some((own, n))
    });
    few.min_by(|a, b| a.1.total_cmp(&b.1)).map_or_else(String::new, |(own, n)| {
        format!(
            "{} ended {} requests in all: their own draws and the windows’ edges move its share by several percent.",
            own.series.model.label,
            format::count(n)
        )
    })
}

/// Whether an upstream stalls on purpose, which the ideal of a closed loop leaves out.
fn stalls(analysis: &Analysis) -> bool {
    let mut upstreams = analysis.run.scenario.upstreams.iter();
    !analysis.open() && upstreams.any(|own| own.latency.contains("stalls"))
}

/// What each bound that is known allows at a point, requests per second.
fn ceilings(analysis: &Analysis, series: &Series, point: &Point) -> Vec<Ceiling> {
    let median_of = |of: fn(&TrialRow) -> Option<f64>| {
        let values: Vec<f64> = point.rows_used().filter_map(of).filter(|rps| *rps > 0.0).collect();
        median(&values)
    };
    let mut all = Vec::new();
    let mut push = |kind, rps, how| all.push(Ceiling { kind, rps, how });
    // In open loop the offer stands where a closed loop has its ideal.
    if analysis.open() {
        if let Some(rps) = median_of(|row| row.offered_rps) {
            push(Kind::Given, rps, "the schedule".to_owned());
        }
    } else if let Some(rps) = median_of(|row| row.ideal_rps) {
        let mean = median_of(|row| row.floor_mean_ms).map(format::millis);
        push(Kind::Given, rps, format!("N ÷ {}", mean.as_deref().unwrap_or("their own time")));
    }
    if let Some(rps) = median_of(|row| row.pool_ceiling_rps) {
        push(Kind::Pool, rps, pool_words(series, rps));
    }
    if let Some((rps, cores)) = cpu_ceiling_rps(point).zip(cores_had(point)) {
        let cost = format::micros(cores * 1e6 / rps);
        let threads = point.median(&THREADS_PEAK);
        let cpus = point.rows.iter().map(|row| row.client_cpus).max().unwrap_or(0);
        let only = threads.is_some_and(|threads| threads < f64::from(cpus));
        let why = if only { ", all that its threads can use," } else { "" };
        debug_assert!(point.median(&CPU_PER_REQUEST).is_some(), "the ceiling rests on it");
        push(Kind::Cpu, rps, format!("{}{why} ÷ {cost} a request", cores_words(cores)));
    }
    all
}

/// `256 workers ÷ 221 ms blocked a request`.
fn pool_words(series: &Series, rps: f64) -> String {
    match series.pool_threads() {
        Some(1) => format!(
            "1 worker ÷ {} blocked a request, one fetch after the other",
            format::millis(1e3 / rps)
        ),
        Some(threads) => format!(
            "{} workers ÷ {} blocked a request",
            format::count(f64::from(threads)),
            format::millis(f64::from(threads) * 1e3 / rps)
        ),
        None => "its workers ÷ blocked time".to_owned(),
    }
}

/// What a pool did over all trusted trials that could have filled it: as many requests in flight
/// as workers.
struct Full {
    /// The lowest level of them.
    level: f64,
    throughput_rps: f64,
    ceiling_rps: f64,
    completions: f64,
}

impl Full {
    fn of(analysis: &Analysis, series: &Series) -> Option<Self> {
        let threads = f64::from(series.pool_threads()?);
        let fills = |point: &&Point| analysis.load() == LoadKind::Closed && point.level >= threads;
        let (mut completions, mut allowed, mut seconds) = (0.0, 0.0, 0.0);
        for row in series.trusted_points().filter(fills).flat_map(Point::rows_used) {
            let window = row.throughput_rps.zip(row.pool_ceiling_rps).zip(row.duration_s);
            if let Some(((throughput, ceiling), duration)) = window {
                completions += throughput * duration;
                allowed += ceiling * duration;
                seconds += duration;
            }
        }
        let level = series.trusted_points().find(fills)?.level;
        (seconds > 0.0 && allowed > 0.0).then(|| Self {
            level,
            throughput_rps: completions / seconds,
            ceiling_rps: allowed / seconds,
            completions,
        })
    }
}

/// The models that the operating system ended, with the count reached.
fn exhausted(analysis: &Analysis) -> Option<Finding> {
    let ended = analysis.distinct().filter_map(|series| {
        let at = series.points.iter().find(|point| point.verdict == Verdict::Exhausted)?;
        let most = at.rows.iter().filter_map(|row| row.exhausted.as_ref());
        Some((series, at, most.max_by_key(|out| (out.reached, out.in_flight))))
    });
    let mut sentence = Sentence::new();
    let (mut figure, mut limits) = (String::new(), Vec::new());
    for (series, point, most) in ended {
        let level = at_level(analysis, point.level);
        let joint = if figure.is_empty() { "" } else { "; " };
        sentence = sentence.text(joint).model(series.index);
        let (reached, words) = if let Some(out) = most {
            let limit = format!("Limit: {}.", out.because);
            if !limits.contains(&limit) {
                limits.push(limit);
            }
            let (resource, reached) = (&out.resource, format::count(out.reached as f64));
            let in_flight = format::count(out.in_flight as f64);
            let words = format!(
                " ends below {level}: with {in_flight} requests in flight {reached} {resource} are in use, and it may have no more"
            );
            (format!("{reached} {resource}"), words)
        } else {
            let reason = point.reason.trim_end_matches('.');
            (analysis.axis().word(point.level), format!(" ends below {level}: {reason}"))
        };
        sentence = sentence.text(words);
        figure = if figure.is_empty() { reached } else { figure };
    }
    (!figure.is_empty()).then(|| Finding {
        key: RULE.key,
        figure,
        sentence: sentence.text(".").muted(limits.join(" ")).done(),
        different: true,
    })
}

/// The models that the mock ended: they reach at least what was measured.
fn by_the_mock(analysis: &Analysis) -> Option<Finding> {
    let mut sentence = Sentence::new();
    let mut figure = None;
    for series in analysis.distinct().filter(|series| series.bound() == Bound::Upstream) {
        let peak = series.peak();
        let above = peak.as_ref().map_or(0.0, |peak| peak.point.level);
        let late =
            |point: &&Point| point.verdict == Verdict::UpstreamLimited && point.level > above;
        let Some(point) = series.points.iter().find(late) else { continue };
        let from = at_level(analysis, point.level);
        let (rps, words) = match &peak {
            Some(peak) => (
                Some(peak.throughput.median),
                format!(" at {}, and from {from} on", at_level(analysis, peak.point.level)),
            ),
            None => (point.median(&THROUGHPUT), format!(" at {from}, where")),
        };
        let Some(rps) = rps else { continue };
        sentence = if figure.is_some() { sentence.text("; ") } else { sentence };
        sentence = sentence.model(series.index).text(format!(
            " reaches at least {}{words} the mock did not keep up",
            format::rate(rps)
        ));
        figure.get_or_insert(format::rate(rps));
    }
    Some(Finding {
        key: RULE.key,
        figure: figure?,
        sentence: sentence.text(": the figures there say nothing of the model.").done(),
        different: true,
    })
}

#[cfg(test)]
mod tests;
