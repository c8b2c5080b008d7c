//! Whether every throughput is known as well as the scenario asks.
//!
//! The conductor asks the same after every whole repeat, to know whether another is due. A point
//! that is not to be trusted, or where the OS ran out of something, holds up nothing: more
//! repeats would not mend it. Stopping once an interval is narrow makes it a little too narrow
//! (optional stopping); the least number of repeats keeps that small.

use measurement::row::Verdict;

use crate::analysis::Analysis;
use crate::analysis::metric::THROUGHPUT;
use crate::format;
use crate::stats::half_width;

/// The precision asked for, and what became of it at every point.
#[derive(Debug, Clone, PartialEq)]
pub struct Precision {
    /// Widest half of an interval asked for, as a share.
    pub wanted: f64,
    /// Every point with a row, by model and level.
    pub points: Vec<Known>,
}

/// How well the throughput of one point is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Known {
    /// Position in `Analysis::series`.
    pub model: usize,
    /// Where.
    pub level: f64,
    /// Rows that enter the interval.
    pub trusted: usize,
    /// Half of the 95 % interval, as a share; `None` without one.
    pub half_width: Option<f64>,
    /// Whether the run waits for this point.
    pub waited_for: bool,
}

impl Precision {
    /// `None` where the run asks for none.
    pub fn of(analysis: &Analysis) -> Option<Self> {
        let wanted = analysis.run.scenario.precision?;
        let points = analysis.series.iter().flat_map(|series| {
            series.points.iter().map(|point| {
                let interval = point.estimate(&THROUGHPUT).and_then(|estimate| estimate.interval);
                Known {
                    model: series.index,
                    level: point.level,
                    trusted: point.rows.len() - point.untrusted_rows(),
                    half_width: interval.map(half_width),
                    waited_for: point.trusted() && point.verdict != Verdict::Exhausted,
                }
            })
        });
        Some(Self { wanted, points: points.collect() })
    }

    /// Whether no point is left to wait for.
    pub fn reached(&self) -> bool {
        self.points.iter().all(|point| !point.waited_for || self.narrow(point))
    }

    /// Points still wider than asked, the widest first; those without an interval before all.
    pub fn wide(&self) -> Vec<&Known> {
        self.by_width(|point| point.waited_for && !self.narrow(point))
    }

    /// The point whose interval is the widest of those waited for.
    pub fn widest(&self) -> Option<&Known> {
        self.by_width(|point| point.waited_for).first().copied()
    }

    /// Points that hold up nothing, since they are not to be trusted.
    pub fn left_out(&self) -> usize {
        self.points.iter().filter(|point| !point.waited_for).count()
    }

    /// How far it has come, in plain words: `tokio at N = 64 is known to ±3.1 %, ±2 % is asked
    /// for`.
    pub fn sentence(&self, analysis: &Analysis) -> String {
        let Some(widest) = self.widest() else {
            return "no point is to be trusted".to_owned();
        };
        let model = &analysis.series[widest.model].model.label;
        let known = match widest.half_width {
            Some(half_width) => format!("is known to {}", plus_minus(half_width)),
            None => format!("has {} trials to be trusted, too few for an interval", widest.trusted),
        };
        let more = match self.wide().len() {
            0 | 1 => String::new(),
            n => format!(", {} more are too wide", n - 1),
        };
        let text = format!(
            "the throughput of {model} at {} {known}{more}; {} is asked for",
            analysis.axis().at(widest.level),
            plus_minus(self.wanted),
        );
        format::plain(&text)
    }

    fn narrow(&self, point: &Known) -> bool {
        point.half_width.is_some_and(|half_width| half_width <= self.wanted)
    }

    fn by_width(&self, keep: impl Fn(&Known) -> bool) -> Vec<&Known> {
        let mut points: Vec<&Known> = self.points.iter().filter(|point| keep(point)).collect();
        let width = |point: &Known| point.half_width.unwrap_or(f64::INFINITY);
        points.sort_by(|a, b| width(b).total_cmp(&width(a)));
        points
    }
}

/// `±2 %`.
pub fn plus_minus(share: f64) -> String {
    format!("±{}", format::percent(share))
}

/// How many repeats a run has: `3 repeats`, or `7 repeats (3 to 15, for ±2 %)`.
pub fn repeats(analysis: &Analysis) -> String {
    let scenario = &analysis.run.scenario;
    let done = analysis.run.repeats_done.unwrap_or(scenario.repeats);
    let number = if done == 1 { "1 repeat".to_owned() } else { format!("{done} repeats") };
    match scenario.precision.zip(scenario.max_repeats) {
        None => number,
        Some((wanted, most)) => {
            format!("{number} ({} to {most}, for {})", scenario.repeats, plus_minus(wanted))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    fn of(mut fixture: Fixture, wanted: f64) -> (Precision, Analysis) {
        fixture.run.scenario.precision = Some(wanted);
        fixture.run.scenario.max_repeats = Some(15);
        let analysis = fixture.analysis();
        (Precision::of(&analysis).expect("asked for"), analysis)
    }

    #[test]
    fn a_run_that_asks_for_none_has_none() {
        assert_eq!(Precision::of(&Fixture::high_latency().analysis()), None);
    }

    #[test]
    fn points_not_to_be_trusted_hold_up_nothing() {
        let two = Fixture::high_latency().models(&["tokio", "thread-per-request"]);
        let (precision, _) = of(two, 0.5);
        assert!(precision.reached());
        assert_eq!(precision.left_out(), 1, "an exhausted one");
        let (nothing, analysis) = of(Fixture::high_latency().all_failed(), 0.02);
        assert!(nothing.reached() && nothing.widest().is_none());
        assert_eq!(nothing.sentence(&analysis), "no point is to be trusted");
    }

    #[test]
    fn the_widest_point_is_named() {
        let (precision, analysis) = of(Fixture::high_latency().models(&["tokio"]), 0.000_1);
        assert!(!precision.reached());
        let wide = precision.wide();
        assert_eq!(Some(&wide[0]), precision.widest().as_ref());
        assert!(wide.windows(2).all(|pair| pair[0].half_width >= pair[1].half_width));
        let text = precision.sentence(&analysis);
        assert!(text.starts_with("the throughput of tokio at N = "), "{text}");
        assert!(text.ends_with("more are too wide; ±0.01 % is asked for"), "{text}");
    }

    #[test]
    fn a_point_with_two_trusted_rows_is_waited_for() {
        let two = Fixture::high_latency().models(&["rayon-256"]).keep(|row| row.repeat < 3);
        let (precision, analysis) = of(two, 0.5);
        let point =
            precision.points.iter().find(|point| point.level as u32 == 8).expect("has rows");
        assert_eq!((point.trusted, point.half_width, point.waited_for), (2, None, true));
        assert!(!precision.reached());
        assert!(precision.sentence(&analysis).contains("has 2 trials to be trusted"));
    }
}
