//! What a request costs under each model, as a ratio to the cheapest: CPU, memory while it is in
//! flight, context switches.

use super::{Finding, Rule, at_level, evidence};
use crate::analysis::metric::{CPU_PER_REQUEST, SWITCHES_PER_REQUEST};
use crate::analysis::{Analysis, Comparison, Metric, Series};
use crate::format::{self, Unit};
use crate::sentence::Sentence;
use crate::stats::Decision;

use super::versus::trusted;

pub(super) const RULE: Rule = Rule {
    key: "costs",
    doc: "CPU, memory in flight and context switches of each model as ratios to the cheapest",
    find,
};

/// Peak resident memory above the baseline ÷ mean requests in flight.
const MEMORY_IN_FLIGHT: Metric = Metric {
    key: "rss_bytes_per_request_in_flight",
    name: "memory per request in flight",
    unit: Unit::Bytes,
    of: |row| {
        let in_flight = row.inflight_mean.filter(|mean| *mean > 0.0)?;
        Some(row.rss_peak_bytes? as f64 / in_flight)
    },
};

/// The costs, each with the fewest models it takes to be worth a sentence: of two models the
/// finding on memory says it already, with the kernel's own beside it.
const COSTS: [(Metric, &str, usize); 3] = [
    (CPU_PER_REQUEST, "CPU per request", 2),
    (MEMORY_IN_FLIGHT, "Resident memory per request in flight", 3),
    (SWITCHES_PER_REQUEST, "Context switches per request", 2),
];

fn find(analysis: &Analysis) -> Vec<Finding> {
    COSTS.iter().filter_map(|(metric, name, least)| of(analysis, metric, name, *least)).collect()
}

fn of(analysis: &Analysis, metric: &Metric, name: &str, least: usize) -> Option<Finding> {
    let at = |level: f64| -> Vec<(&Series, f64)> {
        let value = |series| Some((series, trusted(series, level)?.median(metric)?));
        analysis.distinct().filter_map(value).filter(|(_, value)| *value > 0.0).collect()
    };
    // The last of the levels with the most models.
    let level = analysis.levels().into_iter().max_by_key(|level| at(*level).len())?;
    let mut models = at(level);
    if models.len() < least {
        return None;
    }
    models.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (cheapest, dearer) = models.split_first()?;
    let mut ratios: Vec<Comparison> = dearer
        .iter()
        .filter_map(|(own, _)| analysis.compare(metric, own.index, cheapest.0.index, level))
        .collect();
    ratios.sort_by(|a, b| a.ratio.ratio.total_cmp(&b.ratio.ratio));
    let most = ratios.last()?;
    let mut sentence = Sentence::new()
        .text(format!("{name} at {}, the cheapest first: ", at_level(analysis, level)))
        .model(cheapest.0.index)
        .text(format!(" {}", metric.show(cheapest.1)));
    for own in &ratios {
        let remark = match own.decision {
            Decision::Alike => "; alike",
            Decision::NotToldApart => "; no difference to call",
            Decision::Different | Decision::NotEnoughRepeats | Decision::CutShort => "",
        };
        sentence = sentence
            .text("; ")
            .model(own.of)
            .text(format!(" {}", format::ratio(own.ratio.ratio)))
            .muted(format!("({}{remark})", evidence(&own.ratio)));
    }
    let sentence = sentence.text(".").muted(format!("Exploratory.{}", queued(cheapest.0, level)));
    Some(Finding {
        key: RULE.key,
        figure: format::ratio(most.ratio.ratio),
        sentence: sentence.done(),
        different: most.decision == Decision::Different,
    })
}

/// That most requests of a small pool only wait for a worker, which costs little memory.
fn queued(series: &Series, level: f64) -> String {
    let small = series.pool_threads().is_some_and(|threads| f64::from(threads) < level / 2.0);
    let words = format!(
        " Most of what {} has in flight only waits for a worker, which costs little.",
        series.model.label
    );
    if small { words } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn every_model_stands_against_the_cheapest() {
        let analysis = Fixture::high_latency().analysis();
        let found: Vec<String> =
            find(&analysis).iter().map(|own| format::plain(&own.text(&analysis))).collect();
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(
            found[0].starts_with("CPU per request at N = 512, the cheapest first: tokio 4"),
            "{}",
            found[0]
        );
        assert!(found[0].contains("× (95 %: ") && found[0].matches("; ").count() >= 3);
        assert!(found[1].contains("memory per request in flight at N = 512"), "{}", found[1]);
        let two = Fixture::high_latency().models(&["tokio", "thread-per-request"]).analysis();
        assert_eq!(find(&two).len(), 2, "of two models another finding tells of memory");
        assert!(find(&Fixture::high_latency().models(&["tokio"]).analysis()).is_empty());
    }
}
