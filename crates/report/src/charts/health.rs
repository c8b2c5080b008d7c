//! Run health by trial, in the order they ran: the mock's hold error, stolen CPU and CPU pressure,
//! each against its threshold.

use std::fmt::Write as _;

use measurement::row::TrialRow;
use measurement::run::NoiseLimits;

use super::drawing::layout::Layout;
use super::drawing::multiples::{Across, Cell, Kind, Multiples, Quantity, Trace};
use super::prose::{notes, words};
use super::{Chart, DataTable, Drawing, Outcome, TableGroup, TableRow};
use crate::analysis::{Analysis, Series};
use crate::format::{self, Unit};

/// The chart.
pub(super) const CHART: Chart =
    Chart { key: "trials-health", section: "Run health by trial", short: "Health by trial", draw };

/// More models than this are left to the table.
const MOST: usize = 8;

/// A sign of health of a trial.
struct Sign {
    name: &'static str,
    titles: [&'static str; 2],
    unit: Unit,
    of: fn(&TrialRow, &NoiseLimits) -> Option<f64>,
    /// Where it begins to matter.
    threshold: fn(&NoiseLimits) -> f64,
}

const SIGNS: [Sign; 3] = [
    Sign {
        name: "hold error p99, of what is allowed",
        titles: ["Mock’s hold error p99, of what is allowed", "Hold error, of allowed"],
        unit: Unit::Share,
        of: hold_error,
        threshold: |_| 1.0,
    },
    Sign {
        name: "CPU stolen",
        titles: ["CPU time stolen by the host", "CPU stolen"],
        unit: Unit::Share,
        of: |row, _| row.steal,
        threshold: |limits| limits.noise,
    },
    Sign {
        name: "CPU pressure of others",
        titles: ["CPU pressure beyond the client’s own", "CPU pressure of others"],
        unit: Unit::Share,
        of: pressure_of_others,
        threshold: |limits| limits.noise,
    },
];

/// What the check on it used of its allowance.
fn hold_error(row: &TrialRow, _: &NoiseLimits) -> Option<f64> {
    row.checks.iter().find(|check| check.name.contains("hold error"))?.of_threshold
}

/// CPU pressure is of the whole machine; what the client's own threads can have made of it is left
/// out. `None` where the client used up its CPUs: then no other is needed for it.
fn pressure_of_others(row: &TrialRow, limits: &NoiseLimits) -> Option<f64> {
    if row.cpu_utilisation.is_none_or(|used| used >= limits.saturated_cpu) {
        return None;
    }
    let own =
        row.thread_runnable_ms.zip(row.throughput_rps).map_or(0.0, |(ms, rps)| ms * rps / 1e3);
    row.pressure.map(|pressure| (pressure - own).max(0.0))
}

fn draw(analysis: &Analysis) -> Outcome {
    let signs: Vec<&Sign> = SIGNS.iter().filter(|sign| worst(analysis, sign).is_some()).collect();
    if signs.is_empty() {
        return Outcome::LeftOut(
            "no trial recorded hold errors, stolen CPU time or CPU pressure".to_owned(),
        );
    }
    if signs.iter().all(|sign| over(analysis, sign).0 == 0) {
        return Outcome::LeftOut(calm(analysis, &signs));
    }
    let multiples = multiples(analysis, &signs);
    let (Some(wide), Some(narrow)) = (multiples.plot(Layout::WIDE), multiples.plot(Layout::NARROW))
    else {
        return Outcome::LeftOut("nothing of it is above zero".to_owned());
    };
    let mut remarks = vec![
        "A hold error over its threshold refuses the trial; stolen CPU and pressure are noted and refuse nothing".to_owned(),
    ];
    remarks.extend(notes::twins(analysis));
    if drawn(analysis).count() > MOST {
        remarks.push(format!("Drawn: the first {MOST} models; all are in the table"));
    }
    Outcome::Drawn(Box::new(Drawing {
        title: title(analysis, &signs),
        subtitle: "One mark a trial, in the order they ran; hollow: not to be trusted; dashed: the threshold".to_owned(),
        context: words::context(analysis),
        desc: desc(analysis, &signs),
        wide,
        narrow,
        notes: remarks,
        doubts: notes::doubts(analysis),
        source: words::source(analysis),
        table: table(analysis, &signs),
    }))
}

/// The series that ran.
fn models(analysis: &Analysis) -> impl Iterator<Item = &Series> {
    analysis.series.iter().filter(|series| !series.points.is_empty())
}

/// Those with a row of their own.
fn drawn(analysis: &Analysis) -> impl Iterator<Item = &Series> {
    models(analysis).filter(|series| series.again.is_none())
}

fn limits(analysis: &Analysis) -> NoiseLimits {
    analysis.run.scenario.noise_limits
}

/// The trials of a model, by position in the run from 1, with a sign.
fn marks<'a>(
    series: &'a Series,
    sign: &Sign,
    limits: &NoiseLimits,
) -> Vec<(&'a TrialRow, f64, f64)> {
    let rows = series.points.iter().flat_map(|point| &point.rows);
    let value =
        |row: &'a TrialRow| Some((row, f64::from(row.order) + 1.0, (sign.of)(row, limits)?));
    rows.filter_map(value).filter(|(.., value)| value.is_finite()).collect()
}

fn multiples(analysis: &Analysis, signs: &[&Sign]) -> Multiples {
    let last = analysis.rows.iter().map(|row| row.order).max().unwrap_or(0);
    let span = (0.0, f64::from(last) + 2.0);
    let mut cells = Vec::new();
    let limits = limits(analysis);
    for series in drawn(analysis).take(MOST) {
        for (quantity, sign) in signs.iter().enumerate() {
            let (trusted, doubtful): (Vec<_>, Vec<_>) = marks(series, sign, &limits)
                .into_iter()
                .partition(|(row, ..)| row.verdict.trusted());
            let trace = |marks: &[(&TrialRow, f64, f64)], kind| Trace {
                points: marks.iter().map(|(_, at, value)| (*at, *value)).collect(),
                kind,
            };
            let threshold = Trace {
                points: [span.0, span.1].map(|x| (x, (sign.threshold)(&limits))).to_vec(),
                kind: Kind::Asked,
            };
            cells.push(Cell {
                model: (series.look, series.model.label.clone()),
                headed: quantity == 0,
                quantity,
                traces: vec![
                    threshold,
                    trace(&trusted, Kind::Mark),
                    trace(&doubtful, Kind::HollowMark),
                ],
            });
        }
    }
    let quantity = |sign: &&Sign| Quantity {
        titles: sign.titles.map(str::to_owned).to_vec(),
        unit: sign.unit,
        log: false,
    };
    Multiples {
        quantities: signs.iter().map(quantity).collect(),
        cells,
        columns: signs.len(),
        span,
        across: Across::Trials,
    }
}

/// The largest value of a sign over all trials.
fn worst(analysis: &Analysis, sign: &Sign) -> Option<f64> {
    let limits = limits(analysis);
    let values = analysis.rows.iter().filter_map(|row| (sign.of)(row, &limits));
    let values = values.filter(|value| value.is_finite());
    values.reduce(f64::max)
}

/// Trials over a sign's threshold, and those that have it.
fn over(analysis: &Analysis, sign: &Sign) -> (usize, usize) {
    let limits = limits(analysis);
    let values: Vec<f64> = analysis.rows.iter().filter_map(|row| (sign.of)(row, &limits)).collect();
    let most = (sign.threshold)(&limits);
    (values.iter().filter(|value| **value > most).count(), values.len())
}

fn title(analysis: &Analysis, signs: &[&Sign]) -> String {
    let parts: Vec<String> = signs
        .iter()
        .filter_map(|sign| {
            let (over, all) = over(analysis, sign);
            (over > 0).then(|| format!("{} in {over} of {all}", short(sign)))
        })
        .collect();
    format!("Over their thresholds: {} trials", format::list(&parts))
}

/// How far all trials stay below every threshold.
fn calm(analysis: &Analysis, signs: &[&Sign]) -> String {
    let most = |sign: &&Sign| {
        let most = worst(analysis, sign).map(|value| sign.unit.show(value)).unwrap_or_default();
        let limit = sign.unit.show((sign.threshold)(&limits(analysis)));
        format!("{} at most {most} (threshold {limit})", sign.name)
    };
    let figures: Vec<String> = signs.iter().map(most).collect();
    format!("no trial is over a threshold: {}", figures.join(", "))
}

fn short(sign: &Sign) -> &'static str {
    match sign.name.split_once(' ') {
        Some(("hold", _)) => "the mock’s hold error",
        Some(("CPU", "stolen")) => "stolen CPU",
        _ => "CPU pressure",
    }
}

fn desc(analysis: &Analysis, signs: &[&Sign]) -> String {
    let mut text = "Signs of health of every trial in the order they ran.".to_owned();
    for sign in signs {
        let (over, all) = over(analysis, sign);
        let most = worst(analysis, sign).map(|value| sign.unit.show(value)).unwrap_or_default();
        let limit = sign.unit.show((sign.threshold)(&limits(analysis)));
        let _ =
            write!(text, " {}: at most {most}; over {limit} in {over} of {all} trials.", sign.name);
    }
    text
}

/// A group per model, a row per trial.
fn table(analysis: &Analysis, signs: &[&Sign]) -> DataTable {
    let limits = limits(analysis);
    let row = |row: &TrialRow| {
        let level = analysis.axis().place(row);
        let mut cells = vec![
            level.map_or(format::MISSING.to_owned(), |level| analysis.axis().word(level)),
            crate::trust::repeat(row),
            (row.order + 1).to_string(),
        ];
        cells.extend(signs.iter().map(|sign| {
            (sign.of)(row, &limits)
                .map_or(format::MISSING.to_owned(), |value| sign.unit.show(value))
        }));
        TableRow { cells, trusted: row.verdict.trusted() }
    };
    let groups = models(analysis).map(|series| TableGroup {
        model: series.look,
        label: series.model.label.clone(),
        rows: series.points.iter().flat_map(|point| &point.rows).map(row).collect(),
    });
    let mut columns = vec![analysis.axis().heading().to_owned()];
    columns.extend(["repeat", "order"].map(str::to_owned));
    columns.extend(signs.iter().map(|sign| sign.name.to_owned()));
    DataTable { columns, groups: groups.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    fn drawn(fixture: Fixture) -> Drawing {
        match draw(&fixture.analysis()) {
            Outcome::Drawn(drawing) => *drawing,
            Outcome::LeftOut(why) => panic!("left out: {why}"),
        }
    }

    #[test]
    fn what_is_over_its_threshold_is_counted_in_the_title() {
        let Outcome::LeftOut(calm) = draw(&Fixture::high_latency().analysis()) else {
            panic!("drawn, with nothing to see");
        };
        assert!(calm.starts_with("no trial is over a threshold: CPU stolen at most "), "{calm}");
        let mut fixture = Fixture::high_latency();
        for row in &mut fixture.rows {
            row.checks[1].name = "mock: hold error".to_owned();
            row.checks[1].of_threshold = Some(if row.order < 2 { 1.5 } else { 0.4 });
        }
        fixture.rows[3].steal = Some(0.2);
        let loud = drawn(fixture);
        assert_eq!(
            loud.title,
            "Over their thresholds: the mock’s hold error in 2 of 72 and stolen CPU in 1 of 72 trials"
        );
        assert_eq!(loud.table.groups.iter().map(|group| group.rows.len()).sum::<usize>(), 72);
    }

    #[test]
    fn pressure_of_a_full_client_is_its_own() {
        let row =
            TrialRow { pressure: Some(0.4), cpu_utilisation: Some(0.95), ..TrialRow::default() };
        let limits = NoiseLimits::default();
        assert_eq!(pressure_of_others(&row, &limits), None);
        let row = TrialRow { cpu_utilisation: Some(0.5), ..row };
        assert_eq!(pressure_of_others(&row, &limits), Some(0.4));
        let row = TrialRow { cpu_utilisation: Some(0.95), ..row };
        let wider = NoiseLimits { saturated_cpu: 0.97, ..limits };
        assert_eq!(pressure_of_others(&row, &wider), Some(0.4), "the scenario's own threshold");
    }

    #[test]
    fn nothing_recorded_draws_nothing() {
        let failed = Fixture::high_latency().all_failed().analysis();
        assert!(matches!(draw(&failed), Outcome::LeftOut(_)));
    }
}
