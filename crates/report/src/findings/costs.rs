//! What a request costs under each model, as a ratio to the cheapest: CPU, memory, context switches.

use super::cells::trusted;
use super::{Finding, Rule, at_level, brief, peers};
use crate::analysis::metric::{
    CPU_PER_REQUEST, INFLIGHT_MEAN, KERNEL_MEMORY, RSS_PEAK, SWITCHES_PER_REQUEST,
};
use crate::analysis::{Analysis, Comparison, Metric, Series};
use crate::format;
use crate::sentence::Sentence;
use crate::stats::Decision;

pub(super) const RULE: Rule = Rule {
    key: "costs",
    doc: "CPU, memory and context switches of each model as ratios to the cheapest",
    find,
    answer: None,
};

const COSTS: [(Metric, &str); 3] = [
    (CPU_PER_REQUEST, "CPU per request"),
    (RSS_PEAK, "Peak memory above the baseline"),
    (SWITCHES_PER_REQUEST, "Context switches per request"),
];

/// Share of its requests in flight below which a closed loop's memory is said to be of fewer.
const FEWER: f64 = 0.9;

fn find(analysis: &Analysis) -> Vec<Finding> {
    let groups = peers(analysis);
    COSTS.iter().filter_map(|(metric, name)| of(analysis, &groups, metric, name)).collect()
}

/// Of the group with the most models at one level, or of all where none is larger: in a grid
/// costs at other values are of other requests.
fn of(
    analysis: &Analysis,
    groups: &[Vec<&Series>],
    metric: &Metric,
    name: &str,
) -> Option<Finding> {
    let mut sentence = Sentence::new().text(format!("{name}, the least first, "));
    let mut most: Option<Comparison> = None;
    for group in groups {
        let Some(costs) = Costs::of(analysis, group, metric) else { continue };
        let joint = if most.is_some() { "; " } else { "" };
        sentence = if joint.is_empty() { sentence } else { sentence.text(joint) };
        sentence = costs.say(sentence, analysis, metric);
        let dearest = costs.ratios.last()?;
        if most.as_ref().is_none_or(|other| other.ratio.ratio < dearest.ratio.ratio) {
            most = Some(dearest.clone());
        }
    }
    let most = most?;
    Some(Finding {
        key: RULE.key,
        figure: format::ratio(most.ratio.ratio),
        sentence: sentence.text(".").done(),
        different: most.decision == Decision::Different,
    })
}

/// One cost of models that may be set beside each other, at the last of the levels with the most
/// of them.
struct Costs<'a> {
    level: f64,
    cheapest: (&'a Series, f64),
    /// The others over the cheapest, the least first.
    ratios: Vec<Comparison>,
}

impl<'a> Costs<'a> {
    fn of(analysis: &Analysis, group: &[&'a Series], metric: &Metric) -> Option<Self> {
        let at = |level: f64| -> Vec<(&'a Series, f64)> {
            let value =
                |series: &&'a Series| Some((*series, trusted(series, level)?.median(metric)?));
            group.iter().filter_map(value).filter(|(_, value)| *value > 0.0).collect()
        };
        let levels = analysis.single_levels().into_iter().rev();
        let level = levels.max_by_key(|level| at(*level).len())?;
        let mut models = at(level);
        models.sort_by(|a, b| a.1.total_cmp(&b.1));
        let (cheapest, dearer) = models.split_first()?;
        let over =
            |own: &(&Series, f64)| analysis.compare(metric, own.0.index, cheapest.0.index, level);
        let mut ratios: Vec<Comparison> = dearer.iter().filter_map(over).collect();
        ratios.sort_by(|a, b| a.ratio.ratio.total_cmp(&b.ratio.ratio));
        (!ratios.is_empty()).then_some(Self { level, cheapest: *cheapest, ratios })
    }

    fn say(&self, sentence: Sentence, analysis: &Analysis, metric: &Metric) -> Sentence {
        let series = |index: usize| analysis.series.get(index);
        let mut sentence = sentence
            .text(format!("at {}: ", at_level(analysis, self.level)))
            .model(self.cheapest.0.index)
            .text(format!(" {}", metric.show(self.cheapest.1)))
            .text(self.beside(self.cheapest.0, metric));
        for own in &self.ratios {
            let beside = series(own.of).map(|series| self.beside(series, metric));
            let value = (metric.key == RSS_PEAK.key)
                .then(|| series(own.of)?.point(self.level)?.median(metric))
                .flatten()
                .map_or_else(String::new, |value| format!(", {}", metric.show(value)));
            sentence = sentence
                .text("; ")
                .model(own.of)
                .text(format!(
                    " {}{value}{}",
                    format::ratio(own.ratio.ratio),
                    beside.unwrap_or_default()
                ))
                .muted(format!("({})", brief(&own.ratio, own.decision)));
        }
        sentence
    }

    /// For memory: what the kernel keeps for the model's threads and sockets, that requests which
    /// only wait for a worker cost little, and how many there were where the closed loop could not
    /// keep its number in flight: they cost nothing before they start.
    fn beside(&self, series: &Series, metric: &Metric) -> String {
        if metric.key != RSS_PEAK.key {
            return String::new();
        }
        let point = series.point(self.level);
        let kernel = point.and_then(|point| point.median(&KERNEL_MEMORY)).unwrap_or_default();
        let kernel =
            (kernel > 0.0).then(|| format!(" + {} of the kernel’s", format::bytes(kernel)));
        let workers = series.pool_threads().map(f64::from);
        let in_flight = point.and_then(|point| point.rows.first()?.concurrency).map(f64::from);
        let queued = workers.zip(in_flight).is_some_and(|(workers, n)| workers < n / 2.0);
        let queued = if queued { ", most of its requests only queued" } else { "" };
        let mean = point.and_then(|point| point.median(&INFLIGHT_MEAN));
        let fewer = in_flight.zip(mean).filter(|(wanted, mean)| mean / wanted < FEWER).map(
            |(wanted, mean)| {
                format!(
                    ", with {} of {} requests in flight",
                    format::count(mean),
                    format::count(wanted)
                )
            },
        );
        format!("{}{queued}{}", kernel.unwrap_or_default(), fewer.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use measurement::row::TrialRow;

    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn every_model_stands_against_the_cheapest() {
        let analysis = Fixture::high_latency().analysis();
        let found: Vec<String> =
            find(&analysis).iter().map(|own| format::plain(&own.text(&analysis))).collect();
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(
            found[0].starts_with("CPU per request, the least first, at N = 512: tokio 4"),
            "{}",
            found[0]
        );
        assert!(found[0].contains("× (95 %: ") && found[0].matches("; ").count() >= 3);
        assert!(found[1].contains("most of its requests only queued"), "{}", found[1]);
        assert!(!found[1].contains("requests in flight"), "{}", found[1]);
        assert!(find(&Fixture::high_latency().models(&["tokio"]).analysis()).is_empty());
    }

    #[test]
    fn memory_of_fewer_requests_than_asked_for_says_so() {
        let mut fixture = Fixture::high_latency();
        let of_threads = |row: &&mut TrialRow| row.model == "thread-per-request";
        for row in fixture.rows.iter_mut().filter(of_threads) {
            row.inflight_mean = Some(100.0);
        }
        let analysis = fixture.analysis();
        let memory = find(&analysis).get(1).map(|own| own.text(&analysis));
        let memory = memory.expect("memory is told");
        assert!(memory.contains("with 100 of 512 requests in flight"), "{memory}");
    }
}
