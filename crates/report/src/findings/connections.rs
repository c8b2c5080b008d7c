//! What a connection per fetch costs, against kept ones; and whether that is more than the choice
//! of model costs.

use super::cells::{Cell, Said, by_model};
use super::{Finding, Rule};
use crate::analysis::metric::{ADDED_P50, CPU_PER_REQUEST, THROUGHPUT};
use crate::analysis::{Analysis, Metric, Point};
use crate::format;
use crate::sentence::Sentence;
use crate::stats::Decision;

pub(super) const RULE: Rule = Rule {
    key: "connections",
    doc: "what a connection per fetch costs against kept ones, and against the choice of model",
    find,
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
    let costs = both.iter().filter_map(Both::cost);
    costs.chain(against_the_model(analysis, &both)).collect()
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

    fn cost(&self) -> Option<Finding> {
        let cpu = self.ratio(&CPU_PER_REQUEST)?;
        let throughput = self.ratio(&THROUGHPUT)?;
        let show = |point: &Point, metric: &Metric| point.median(metric).map(|v| metric.show(v));
        let added = show(self.kept.point, &ADDED_P50).zip(show(self.own.point, &ADDED_P50));
        let added = added.map_or_else(String::new, |(kept, own)| {
            format!("; the median of the added latency goes from {kept} to {own}")
        });
        let from = show(self.kept.point, &CPU_PER_REQUEST)?;
        let to = show(self.own.point, &CPU_PER_REQUEST)?;
        let sentence = Sentence::new()
            .text("A connection per fetch under ")
            .model(self.own.series)
            .text(format!(
                ": {} the CPU per request of kept connections, {from} to {to}; {} the \
                 throughput{added}.",
                cpu.figure(),
                throughput.figure()
            ))
            .muted(format!("CPU {}; throughput {}", cpu.evidence(), throughput.evidence()));
        Some(Finding {
            key: RULE.key,
            figure: format::ratio(cpu.ratio.ratio),
            sentence: sentence.done(),
            different: cpu.different() || throughput.different(),
        })
    }
}

/// The CPU that a connection per fetch adds to the cheapest model, against what each other model
/// adds to it with kept connections.
fn against_the_model(analysis: &Analysis, both: &[Both<'_>]) -> Vec<Finding> {
    let cpu = |cell: &Cell<'_>| cell.point.median(&CPU_PER_REQUEST);
    let cheapest = both.iter().min_by(|a, b| {
        cpu(&a.kept).unwrap_or(f64::MAX).total_cmp(&cpu(&b.kept).unwrap_or(f64::MAX))
    });
    let Some(best) = cheapest else { return Vec::new() };
    let others = both.iter().filter(|other| other.kept.series != best.kept.series);
    others.filter_map(|other| of_pair(analysis, best, other)).collect()
}

fn of_pair(analysis: &Analysis, best: &Both<'_>, other: &Both<'_>) -> Option<Finding> {
    // In a grid a model's ways of connecting are series of their own.
    if !best.kept.same_load(&other.kept) {
        return None;
    }
    let of_connection = more(best.own.point, best.kept.point)?;
    let of_model = more(other.kept.point, best.kept.point)?;
    let said = Said::over(&of_connection, &of_model)?;
    let claim = match said.decision {
        Decision::Different if said.ratio.ratio > 1.0 => "the connection costs more than the model",
        Decision::Different => "the model costs more than the connection",
        Decision::Alike => "the connection costs as much as the model",
        Decision::NotToldApart | Decision::NotEnoughRepeats | Decision::CutShort => {
            "which of the two costs more is not to be said"
        }
    };
    let mean = |values: &[(u32, f64)]| {
        values.iter().map(|(_, value)| value).sum::<f64>() / values.len() as f64
    };
    let sentence = Sentence::new()
        .text(format!("A connection per fetch adds {} of CPU to a request under ", {
            CPU_PER_REQUEST.show(mean(&of_connection))
        }))
        .model(best.kept.series)
        .text("; with kept connections ")
        .model(other.kept.series)
        .text(format!(
            " takes {} more than it: {claim} at {}.",
            CPU_PER_REQUEST.show(mean(&of_model)),
            analysis.axis().fixed_load().unwrap_or("this load")
        ))
        .muted(said.evidence());
    Some(Finding {
        key: RULE.key,
        figure: format::ratio(said.ratio.ratio),
        sentence: sentence.done(),
        different: said.different(),
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
