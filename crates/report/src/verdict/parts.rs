//! The parts of a verdict, made from the analysis one by one.

use std::collections::BTreeMap;

use super::figure::rounded;
use super::{
    BoundVerdict, CapacityVerdict, ComparisonVerdict, Figure, Figures, FindingText, LevelVerdict,
    ModelVerdict, PeakVerdict, RunSummary, SloModel, SloVerdict, SweepVerdict, SweptVerdict,
    TrialCounts,
};
use crate::analysis::{Analysis, Comparison, Place, Series};
use crate::findings::Finding;
use crate::format;
use crate::slo::Slo;

pub(super) fn run_summary(analysis: &Analysis) -> RunSummary {
    let run = &analysis.run;
    RunSummary {
        scenario: run.scenario.name.clone(),
        title: run.scenario.title.clone(),
        hash: run.scenario.hash.clone(),
        seed: run.scenario.seed,
        status: run.status,
        quick: run.quick,
        started: run.started.clone(),
        load: run.scenario.load.name(),
        client_cpus: run.environment.client_cpus.len(),
        sweep: run.scenario.sweep.as_ref().map(|sweep| SweepVerdict {
            key: sweep.key.clone(),
            values: sweep.values.clone(),
            across: !analysis.axis().is_load(),
        }),
        heading: analysis.axis().heading().to_owned(),
    }
}

/// The value that a level of a sweep stands for.
fn swept(analysis: &Analysis, level: f64) -> Option<SweptVerdict> {
    if analysis.axis().is_load() {
        return None;
    }
    let sweep = analysis.run.scenario.sweep.as_ref()?;
    value(analysis, sweep.positions.iter().position(|own| own.to_bits() == level.to_bits())?)
}

/// The value at a position of the sweep.
fn value(analysis: &Analysis, at: usize) -> Option<SweptVerdict> {
    let sweep = analysis.run.scenario.sweep.as_ref()?;
    Some(SweptVerdict { key: sweep.key.clone(), value: sweep.values.get(at)?.clone() })
}

pub(super) fn trial_counts(analysis: &Analysis) -> TrialCounts {
    let mut by_verdict = BTreeMap::new();
    for row in &analysis.rows {
        *by_verdict.entry(row.verdict.name()).or_default() += 1;
    }
    TrialCounts {
        planned: analysis.run.trials_planned,
        ended: analysis.ended(),
        again: analysis.rows.len() - analysis.ended(),
        trusted: analysis.trusted_rows(),
        by_verdict,
    }
}

pub(super) fn model_verdict(analysis: &Analysis, series: &Series) -> ModelVerdict {
    let bound = series.bound();
    ModelVerdict {
        model: series.model.label.clone(),
        kind: series.model.kind.clone(),
        sweep: series.value.and_then(|at| value(analysis, at)),
        peak: series.peak().map(|peak| PeakVerdict {
            level: peak.point.level,
            sweep: swept(analysis, peak.point.level),
            throughput_rps: Figure::of(&peak.throughput),
        }),
        capacity: series.capacity().map(|capacity| CapacityVerdict {
            offered_rps: capacity.offered_rps,
            achieved_rps: rounded(capacity.achieved_rps),
            fails_at_rps: capacity.fails_at_rps,
        }),
        bound: BoundVerdict { by: bound.key(), words: format::plain(&bound.words()) },
        cpu_ceiling_rps: series.cpu_ceiling().map(|ceiling| rounded(ceiling.rps)),
        pool_ceiling_rps: series.pool_ceiling_rps().map(rounded),
        levels: series
            .points
            .iter()
            .map(|point| LevelVerdict {
                level: point.level,
                sweep: swept(analysis, point.level),
                verdict: point.verdict,
                reason: point.reason.clone(),
                trials: point.rows.len(),
                trusted: point.rows.len() - point.untrusted_rows(),
                ideal_rps: analysis.ideal_rps_of(series, point.level).map(rounded),
                floor_p50_ms: analysis.floor_p50_ms_of(series, point.level).map(rounded),
                floor_p99_ms: analysis.floor_p99_ms_of(series, point.level).map(rounded),
                figures: Figures::of(point),
            })
            .collect(),
    }
}

pub(super) fn comparisons(analysis: &Analysis) -> Vec<ComparisonVerdict> {
    let between = analysis.comparisons().iter().map(|c| comparison(analysis, c, false));
    between.chain(analysis.a_a().iter().map(|c| comparison(analysis, c, true))).collect()
}

fn comparison(analysis: &Analysis, comparison: &Comparison, a_a: bool) -> ComparisonVerdict {
    let label = |at: usize| analysis.series[at].model.label.clone();
    ComparisonVerdict {
        metric: comparison.metric.key,
        of: label(comparison.of),
        over: label(comparison.over),
        level: match comparison.place {
            Place::Level(level) => Some(level),
            Place::Peaks => None,
        },
        sweep: match comparison.place {
            Place::Level(level) => swept(analysis, level),
            Place::Peaks => None,
        },
        ratio: Figure::of_ratio(&comparison.ratio),
        decision: comparison.decision,
        a_a,
    }
}

pub(super) fn slo_verdict(objective: Slo, analysis: &Analysis) -> SloVerdict {
    let models = objective.results(analysis).into_iter().map(|result| SloModel {
        model: analysis.series[result.model].model.label.clone(),
        meets_up_to: result.met,
        meets_at_values: (!analysis.axis().is_load()).then_some(result.values),
        judged: result.judged,
        not_judged: result.not_judged,
    });
    SloVerdict { objective, models: models.collect() }
}

pub(super) fn finding_text(analysis: &Analysis, finding: &Finding) -> FindingText {
    FindingText {
        key: finding.key,
        figure: format::plain(&finding.figure),
        text: format::plain(&finding.text(analysis)),
        different: finding.different,
    }
}
