//! Peak memory: the process's own, and what the kernel keeps beside it for threads and sockets.

use super::versus::{Versus, trusted};
use super::{Finding, Rule, at_level};
use crate::analysis::Analysis;
use crate::analysis::metric::{KERNEL_MEMORY, RSS_PEAK};
use crate::format;
use crate::sentence::Sentence;

pub(super) const RULE: Rule = Rule {
    key: "memory",
    doc: "peak memory at the highest load where both models are trusted",
    find,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    let Some(versus) = Versus::of(analysis, &RSS_PEAK) else { return Vec::new() };
    let kernel =
        |model: usize| trusted(analysis.series.get(model)?, versus.level)?.median(&KERNEL_MEMORY);
    let beside = match (kernel(versus.rival), kernel(versus.best)) {
        (Some(rival), Some(best)) if rival > 0.0 || best > 0.0 => format!(
            " The kernel's own beside it: {} against {}.",
            format::bytes(rival),
            format::bytes(best)
        ),
        _ => String::new(),
    };
    let sentence = Sentence::new()
        .text(format!(
            "Peak memory at {}: {} under ",
            at_level(analysis, versus.level),
            format::bytes(versus.rival_value)
        ))
        .model(versus.rival)
        .text(format!(" against {} under ", format::bytes(versus.best_value)))
        .model(versus.best);
    let sentence = versus
        .others(sentence, &RSS_PEAK)
        .text(format!(", above the baseline before load.{beside}"))
        .muted(versus.evidence());
    vec![Finding {
        key: RULE.key,
        figure: format::ratio(versus.ratio.ratio),
        sentence: sentence.done(),
        different: versus.different(),
    }]
}
