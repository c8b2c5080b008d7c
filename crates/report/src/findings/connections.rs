//! What a connection per fetch costs, against kept ones; and whether that is more than the choice
//! of model costs.

use super::cells::{Cell, Said, by_model};
use super::{Finding, Rule, brief};
use crate::analysis::metric::{ADDED_P50, CPU_PER_REQUEST, THROUGHPUT};
use crate::analysis::{Analysis, Metric, Point};
use crate::format;
use crate::sentence::Sentence;
use crate::stats::Decision;

pub(super) const RULE: Rule = Rule {
    key: "connections",
    doc: "what a connection per fetch costs against kept ones, and against the choice of model",
    find,
    answer: Some(answer),
};

const KEY: &str = "combine.connections";

/// A model at both ways of connecting, at the highest load where both are trusted.
struct Both<'a> {
    kept: Cell<'a>,
    own: Cell<'a>,
}

fn find(analysis: &Analysis) -> Vec<Finding> {
    let models = by_model(analysis);
    let both: Vec<Both<'_>> = models.iter().filter_map(|cells| Both::of(cells)).collect();
    costs(&both).into_iter().chain(against_the_model(analysis, &both)).collect()
}

/// Asked where both ways of connecting are measured.
fn answer(analysis: &Analysis) -> Option<Sentence> {
    let models = by_model(analysis);
    let both: Vec<Both<'_>> = models.iter().filter_map(|cells| Both::of(cells)).collect();
    let mut sentence = Sentence::new().text("A connection per fetch costs ");
    let mut joint = "";
    for own in &both {
        let Some((cpu, rate)) = own.ratio(&CPU_PER_REQUEST).zip(own.ratio(&THROUGHPUT)) else {
            continue;
        };
        let what = if joint.is_empty() { " the CPU of a kept one" } else { " the CPU" };
        sentence = sentence
            .text(joint)
            .model(own.own.series)
            .text(format!(" {}{what}", format::ratio(cpu.ratio.ratio)))
            .muted(format!("({})", brief(&cpu.ratio, cpu.decision)))
            .text(format!(", at {}", rate.times(" the throughput")));
        joint = "; ";
    }
    if joint.is_empty() {
        return None;
    }
    let Some(first) = versus_model(&both).into_iter().next() else {
        return Some(sentence.text("."));
    };
    Some(sentence.text(format!(". At {} {}.", load(analysis), first.claim())))
}

/// What each model pays for a connection per fetch, in a sentence.
fn costs(both: &[Both<'_>]) -> Option<Finding> {
    let mut sentence = Sentence::new().text("A connection per fetch costs ");
    let mut first: Option<Said> = None;
    let mut different = false;
    for own in both {
        let Some((cpu, rate)) = own.ratio(&CPU_PER_REQUEST).zip(own.ratio(&THROUGHPUT)) else {
            continue;
        };
        let show = |point: &Point, metric: &Metric| point.median(metric).map(|v| metric.show(v));
        let against = |metric: &Metric| {
            let both = show(own.own.point, metric).zip(show(own.kept.point, metric));
            both.map(|(own, kept)| format!("{own} against {kept}")).unwrap_or_default()
        };
        let joint = if first.is_none() { "" } else { "; " };
        let what = if first.is_none() { " the CPU of a kept one" } else { " the CPU" };
        let times = format::ratio(cpu.ratio.ratio);
        sentence = sentence
            .text(joint)
            .model(own.own.series)
            .text(format!(" {times}{what}, {} a request", against(&CPU_PER_REQUEST)))
            .muted(format!("({})", brief(&cpu.ratio, cpu.decision)))
            .text(format!(", at {} the throughput", format::ratio(rate.ratio.ratio)))
            .muted(format!("({})", brief(&rate.ratio, rate.decision)));
        let added = against(&ADDED_P50);
        if !added.is_empty() {
            sentence = sentence.text(format!(", with a median added latency of {added}"));
        }
        different |= cpu.different() || rate.different();
        first.get_or_insert(cpu);
    }
    Some(Finding {
        key: RULE.key,
        figure: format::ratio(first?.ratio.ratio),
        sentence: sentence.text(".").done(),
        different,
    })
}

fn load(analysis: &Analysis) -> &str {
    analysis.axis().fixed_load().unwrap_or("this load")
}

impl<'a> Both<'a> {
    fn of(cells: &[Cell<'a>]) -> Option<Self> {
        let at = |value: &'static str| {
            let trusted = cells.iter().rev().filter(|cell| cell.point.trusted());
            trusted.filter(move |cell| cell.swept_at(KEY) == Some(value))
        };
        at("per-request").find_map(|own| {
            let kept = at("keep-alive").find(|kept| kept.same_load(own))?;
            Some(Self { kept: *kept, own: *own })
        })
    }

    fn ratio(&self, metric: &Metric) -> Option<Said> {
        Said::of(metric, self.own.point, self.kept.point)
    }
}

/// The CPU that a connection per fetch adds to the cheapest model, against what another model adds
/// to it with kept connections.
struct VersusModel {
    best: usize,
    other: usize,
    /// Means over the repeats, µs of CPU a request.
    connection_us: f64,
    model_us: f64,
    /// Connection over model.
    said: Said,
}

fn versus_model(both: &[Both<'_>]) -> Vec<VersusModel> {
    let cpu = |cell: &Cell<'_>| cell.point.median(&CPU_PER_REQUEST);
    let cheapest = both.iter().min_by(|a, b| {
        cpu(&a.kept).unwrap_or(f64::MAX).total_cmp(&cpu(&b.kept).unwrap_or(f64::MAX))
    });
    let Some(best) = cheapest else { return Vec::new() };
    let others = both.iter().filter(|other| other.kept.series != best.kept.series);
    others.filter_map(|other| VersusModel::of(best, other)).collect()
}

impl VersusModel {
    fn of(best: &Both<'_>, other: &Both<'_>) -> Option<Self> {
        // In a grid a model's ways of connecting are series of their own.
        if !best.kept.same_load(&other.kept) {
            return None;
        }
        let of_connection = more(best.own.point, best.kept.point)?;
        let of_model = more(other.kept.point, best.kept.point)?;
        let mean = |values: &[(u32, f64)]| {
            values.iter().map(|(_, value)| value).sum::<f64>() / values.len() as f64
        };
        Some(Self {
            best: best.kept.series,
            other: other.kept.series,
            connection_us: mean(&of_connection),
            model_us: mean(&of_model),
            said: Said::over(&of_connection, &of_model)?,
        })
    }

    fn claim(&self) -> &'static str {
        match self.said.decision {
            Decision::Different if self.said.ratio.ratio > 1.0 => {
                "a connection per fetch costs more CPU than the choice of model"
            }
            Decision::Different => "the choice of model costs more CPU than a connection per fetch",
            Decision::Alike => "a connection per fetch costs as much CPU as the choice of model",
            Decision::NotToldApart | Decision::NotEnoughRepeats | Decision::CutShort => {
                "whether a connection per fetch or the choice of model costs more CPU is not to be said"
            }
        }
    }
}

fn against_the_model(analysis: &Analysis, both: &[Both<'_>]) -> Option<Finding> {
    let all = versus_model(both);
    let first = all.first()?;
    let mut sentence = Sentence::new()
        .text(format!(
            "At {} a connection per fetch adds {} of CPU to a request under ",
            load(analysis),
            CPU_PER_REQUEST.show(first.connection_us)
        ))
        .model(first.best);
    for own in &all {
        sentence = sentence
            .text("; going over to ")
            .model(own.other)
            .text(format!(
                " adds {}, so that connections cost {} what the model does",
                CPU_PER_REQUEST.show(own.model_us),
                format::ratio(own.said.ratio.ratio)
            ))
            .muted(format!("({})", brief(&own.said.ratio, own.said.decision)))
            .text(format!(": {}", own.claim()));
    }
    Some(Finding {
        key: RULE.key,
        figure: format::ratio(first.said.ratio.ratio),
        sentence: sentence.text(".").done(),
        different: first.said.different(),
    })
}

/// How much more CPU a request takes, by repeat; `None` where it is not more in every one.
fn more(of: &Point, over: &Point) -> Option<Vec<(u32, f64)>> {
    let (of, over) = (of.estimate(&CPU_PER_REQUEST)?, over.estimate(&CPU_PER_REQUEST)?);
    let both = of.repeats.iter().filter_map(|&(repeat, value)| {
        let other = over.repeats.iter().find(|(of, _)| *of == repeat)?;
        Some((repeat, value - other.1))
    });
    let more: Vec<(u32, f64)> = both.collect();
    (!more.is_empty() && more.iter().all(|(_, value)| *value > 0.0)).then_some(more)
}
