//! Which bound binds each model at its highest level to be trusted: the smallest of what its pool,
//! its CPU and the upstreams' own time allow.

use super::{Finding, Rule, at_level};
use crate::analysis::metric::{CPU_PER_REQUEST, CPU_UTILISATION, THROUGHPUT};
use crate::analysis::{Analysis, Metric, Point, Series};
use crate::format;
use crate::sentence::Sentence;

pub(super) const RULE: Rule = Rule {
    key: "binding",
    doc: "which bound binds each model at its highest trusted level: pool, CPU, upstreams, OS",
    find,
};

/// Share of the smallest bound from which that bound explains what is reached.
const EXPLAINS: f64 = 0.85;

/// The bound of an open loop that keeps up.
const OFFERED: &str = "the offered rate";

/// CPU use from which a ceiling follows from the CPU time of a request: below it idle costs are
/// spread over few requests.
const HALF_BUSY: f64 = 0.5;

/// What a bound of one kind allows.
struct Ceiling {
    rps: f64,
    /// `its CPU`.
    name: &'static str,
    /// `1 core ÷ 302 µs a request`.
    how: String,
}

impl Ceiling {
    /// `its CPU allows`; an offered rate is no more than offered.
    fn allows(&self) -> String {
        if self.name == OFFERED { "is offered".to_owned() } else { format!("{} allows", self.name) }
    }
}

fn find(analysis: &Analysis) -> Vec<Finding> {
    if analysis.staged() {
        return Vec::new();
    }
    analysis.distinct().filter_map(|series| of(analysis, series)).collect()
}

fn of(analysis: &Analysis, series: &Series) -> Option<Finding> {
    let point = series.trusted_points().next_back()?;
    let reached = point.median(&THROUGHPUT).filter(|rps| *rps > 0.0)?;
    let mut ceilings = ceilings(analysis, series, point);
    ceilings.sort_by(|a, b| a.rps.total_cmp(&b.rps));
    let (least, rest) = ceilings.split_first()?;
    let share = reached / least.rps;
    let explained = share >= EXPLAINS;
    let start = if explained {
        Sentence::new().text(format!("Of what {} is what ", least.allows()))
    } else {
        Sentence::new().text(format!("Of its lowest known bound, {}, is what ", least.name))
    };
    let at = at_level(analysis, point.level);
    let mut sentence = start.model(series.index).text(format!(
        " reaches at {at}: {} of {} ({}).",
        format::rate(reached),
        format::rate(least.rps),
        least.how
    ));
    if explained {
        let more: Vec<String> =
            rest.iter().map(|own| format!("{} {}", own.name, format::rate(own.rps))).collect();
        let would = if more.is_empty() {
            String::new()
        } else {
            format!("; more would be {}", format::list(&more))
        };
        sentence = sentence.text(format!(" That binds it{would}."));
    } else {
        let busy = point.median(&CPU_UTILISATION).map(format::percent);
        let busy = busy.map_or(String::new(), |busy| format!("; its CPU is {busy} busy"));
        sentence = sentence.text(format!(" No bound that is measured explains the rest{busy}."));
    }
    Some(Finding {
        key: RULE.key,
        figure: format::percent(share),
        sentence: sentence.muted(beyond(analysis, series, point)).done(),
        different: true,
    })
}

/// What ends the model above its highest level to be trusted.
fn beyond(analysis: &Analysis, series: &Series, point: &Point) -> String {
    let above = series.points.iter().find(|other| other.level > point.level);
    let Some(above) = above.filter(|_| analysis.axis().is_load()) else { return String::new() };
    let most = above.rows.iter().filter_map(|row| row.exhausted.as_ref());
    most.max_by_key(|out| out.reached).map_or(String::new(), |out| {
        format!(
            "at {} the OS ends it: no {} beyond {}",
            at_level(analysis, above.level),
            out.resource,
            format::count(out.reached as f64)
        )
    })
}

/// What each bound that is known allows at a point, requests per second.
fn ceilings(analysis: &Analysis, series: &Series, point: &Point) -> Vec<Ceiling> {
    let median_of = |of: fn(&measurement::row::TrialRow) -> Option<f64>| {
        let values: Vec<f64> = point.rows_used().filter_map(of).filter(|rps| *rps > 0.0).collect();
        crate::stats::median(&values)
    };
    let mut all = Vec::new();
    // In open loop the offer stands where a closed loop has its ideal.
    let ideal = if analysis.open() {
        median_of(|row| row.offered_rps)
    } else {
        median_of(|row| row.ideal_rps)
    };
    if let Some(rps) = ideal {
        let (name, how) = if analysis.open() {
            (OFFERED, "the schedule".to_owned())
        } else {
            let mean = median_of(|row| row.floor_mean_ms).map(format::millis);
            let how = mean.map_or("N ÷ their own time".to_owned(), |mean| format!("N ÷ {mean}"));
            ("the upstreams’ own time", how)
        };
        all.push(Ceiling { rps, name, how });
    }
    if let Some(rps) = median_of(|row| row.pool_ceiling_rps) {
        let workers = series.pool_threads().map_or("its workers".to_owned(), |threads| {
            let plural = if threads == 1 { "worker" } else { "workers" };
            format!("{} {plural}", format::count(f64::from(threads)))
        });
        all.push(Ceiling { rps, name: "its pool", how: format!("{workers} ÷ blocked time") });
    }
    let trusted = |metric: &Metric| point.median(metric).filter(|value| *value > 0.0);
    let cpus = point.rows.iter().map(|row| row.client_cpus).max().unwrap_or(0);
    if let (Some(cost), Some(busy)) = (trusted(&CPU_PER_REQUEST), trusted(&CPU_UTILISATION))
        && busy >= HALF_BUSY
        && cpus > 0
    {
        let cores = if cpus == 1 { "1 core".to_owned() } else { format!("{cpus} cores") };
        all.push(Ceiling {
            rps: f64::from(cpus) * 1e6 / cost,
            name: "its CPU",
            how: format!("{cores} ÷ {} a request", format::micros(cost)),
        });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn each_model_is_bound_by_the_least_it_has() {
        let analysis = Fixture::high_latency().analysis();
        let found: Vec<String> =
            find(&analysis).iter().map(|own| format::plain(&own.text(&analysis))).collect();
        assert_eq!(found.len(), 4, "{found:?}");
        let of = |at: usize| found[at].as_str();
        assert!(
            of(0).starts_with(
                "Of what the upstreams’ own time allows is what tokio reaches at N = 1,024:"
            ),
            "{}",
            of(0)
        );
        assert!(
            of(1).starts_with(
                "Of what its CPU allows is what thread-per-request reaches at N = 512:"
            ),
            "{}",
            of(1)
        );
        assert!(
            of(1).ends_with("at N = 1,024 the OS ends it: no threads beyond 2,400"),
            "{}",
            of(1)
        );
        assert!(of(2).starts_with("Of what its pool allows is what rayon reaches at"), "{}", of(2));
        assert!(
            of(2).contains(
                "(1 worker ÷ blocked time). That binds it; more would be the upstreams’ own time"
            ),
            "{}",
            of(2)
        );
    }

    #[test]
    fn what_no_bound_explains_is_said_to_be_so() {
        let mut fixture = Fixture::high_latency().models(&["tokio"]);
        for row in &mut fixture.rows {
            row.throughput_rps = row.throughput_rps.map(|rps| rps * 0.5);
            row.cpu_utilisation = Some(0.3);
        }
        let analysis = fixture.analysis();
        let text = format::plain(&find(&analysis)[0].text(&analysis));
        assert!(
            text.contains("No bound that is measured explains the rest; its CPU is 30 % busy."),
            "{text}"
        );
    }
}
