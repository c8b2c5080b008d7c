//! The page: lines of expected and measured figures, and what each of them says.

use std::fmt::Write as _;
use std::time::Duration;

use measurement::row::Verdict;

use crate::lab::{Lab, Trial};
use crate::stats;

/// A section: what is compared with what, and the lines.
pub(crate) struct Section {
    pub(crate) title: &'static str,
    /// What is expected by which formula, with its source.
    pub(crate) prose: String,
    pub(crate) lines: Vec<Line>,
}

/// One figure.
pub(crate) struct Line {
    case: String,
    quantity: String,
    unit: Unit,
    expected: f64,
    measured: Option<f64>,
    interval: Option<(f64, f64)>,
    allowed: Allowed,
    /// Why nothing is claimed of it, if so.
    excuse: Option<String>,
}

/// How a figure is written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unit {
    Ms,
    PerSecond,
    Count,
}

/// How far measured may be from expected: the larger of a share and an amount in the unit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowed {
    pub(crate) share: f64,
    pub(crate) amount: f64,
}

/// 5 % or 1 ms: what the exact recursions and realised draws are held to.
pub(crate) const CLOSE: Allowed = Allowed { share: 0.05, amount: 1.0 };

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    Within,
    Missed,
    /// Nothing is claimed; why.
    NotClaimed(String),
}

impl Line {
    /// A figure of a trial beside what is expected of it.
    pub(crate) fn of(
        trial: &Trial,
        quantity: &str,
        unit: Unit,
        expected: f64,
        measured: Option<f64>,
    ) -> Self {
        let row = &trial.row;
        let load = match (row.concurrency, row.offered_rps) {
            (Some(places), _) => format!("N = {places}"),
            (None, Some(rps)) => format!("{rps:.0}/s"),
            (None, None) => String::new(),
        };
        let untrusted = (!row.verdict.trusted())
            .then(|| format!("the trial is {}: {}", row.verdict.name(), row.reason));
        let excuse = match row.censored {
            0 => untrusted,
            many => Some(format!("{many} requests of the window never ended")),
        };
        Self {
            case: format!("{}, {load}", row.model),
            quantity: quantity.to_owned(),
            unit,
            expected,
            measured,
            interval: None,
            allowed: CLOSE,
            excuse,
        }
    }

    /// The same line with another bound.
    pub(crate) fn allowed(self, share: f64, amount: f64) -> Self {
        Self { allowed: Allowed { share, amount }, ..self }
    }

    /// The same line with the interval of what was measured.
    pub(crate) fn interval(self, interval: Option<(f64, f64)>) -> Self {
        Self { interval, ..self }
    }

    /// The same line, with more said of its case.
    pub(crate) fn case(self, more: &str) -> Self {
        Self { case: format!("{more}, {}", self.case), ..self }
    }

    /// The same line, which claims nothing where the client's CPU was the limit: the formula knows
    /// nothing of a CPU.
    pub(crate) fn unless_cpu_bound(self, trial: &Trial, limit: f64) -> Self {
        let used = trial.row.cpu_utilisation.unwrap_or(0.0);
        if used >= limit && self.excuse.is_none() {
            let why = format!("the client's CPU is {:.0} % used and sets the limit", used * 100.0);
            return Self { excuse: Some(why), ..self };
        }
        self
    }

    /// The same line, where expected is worked out from what this very trial met, request by
    /// request: a late mock or a queue that still grows changes nothing in that.
    pub(crate) fn by_request(self, trial: &Trial) -> Self {
        let met = matches!(trial.row.verdict, Verdict::UpstreamLimited | Verdict::Unsteady);
        if met && trial.row.censored == 0 { Self { excuse: None, ..self } } else { self }
    }

    fn outcome(&self) -> Outcome {
        match (&self.excuse, self.measured) {
            (Some(why), _) => Outcome::NotClaimed(why.clone()),
            (None, None) => Outcome::NotClaimed("too few requests".to_owned()),
            (None, Some(measured)) => {
                let bound = self.allowed.amount.max(self.allowed.share * self.expected);
                let within = (measured - self.expected).abs() <= bound;
                if within { Outcome::Within } else { Outcome::Missed }
            }
        }
    }
}

/// Mean, p50 and p99 of a trial's latency beside expected ones; `by` says what expects them.
pub(crate) fn latencies(
    trial: &Trial,
    by: &str,
    expected_ms: &[f64],
    measured_ms: &[f64],
) -> Vec<Line> {
    let row = &trial.row;
    let named = |name: &str| if by.is_empty() { name.to_owned() } else { format!("{name}, {by}") };
    let figure = |name: &str, q: f64, measured| {
        Line::of(trial, &named(name), Unit::Ms, stats::percentile(expected_ms, q), measured)
            .interval(stats::percentile_interval(measured_ms, q))
    };
    vec![
        Line::of(trial, &named("mean"), Unit::Ms, stats::mean(expected_ms), row.latency_mean_ms)
            .interval(stats::mean_interval(measured_ms)),
        figure("p50", 0.5, row.latency_p50_ms),
        figure("p99", 0.99, row.latency_p99_ms),
    ]
}

/// How many lines say what.
pub(crate) fn tally(sections: &[Section]) -> String {
    let (mut within, mut missed, mut not_claimed) = (0, 0, 0);
    for line in sections.iter().flat_map(|section| &section.lines) {
        match line.outcome() {
            Outcome::Within => within += 1,
            Outcome::Missed => missed += 1,
            Outcome::NotClaimed(_) => not_claimed += 1,
        }
    }
    format!(
        "{} figures: {within} within their bounds, {missed} missed, {not_claimed} without a claim",
        within + missed + not_claimed
    )
}

/// The whole page.
pub(crate) fn render(sections: &[Section], lab: &Lab, elapsed: Duration) -> String {
    let mut page = String::from("# Validation\n\n");
    // Writing into a string does not fail.
    let _ = writeln!(
        page,
        "Whole trials through the program beside what arithmetic and queueing theory say they must yield. Made by\n\n\
         `cargo bench -p loadgen --bench validation`\n\n\
         in {:.0} s{}. {}.\n",
        elapsed.as_secs_f64(),
        machine(lab),
        tally(sections)
    );
    for note in &lab.notes {
        let _ = writeln!(page, "Note: {note}.\n");
    }
    again(&mut page, lab);
    page.push_str(LEGEND);
    misses(&mut page, sections);
    for section in sections {
        let _ = writeln!(page, "\n## {}\n\n{}\n", section.title, section.prose.trim());
        table(&mut page, &section.lines);
    }
    page
}

const LEGEND: &str = "\
*Interval*: 95 %, of what was measured in its one trial; of means and rates from the means of successive batches, of
percentiles from ranks (which takes requests to be independent, so under queueing it is too narrow). *Ratio*: measured ÷
expected. *Bound*: how far measured may be from expected, the larger of a share and an amount. A line without a claim says
why below its table; it counts neither way. Trials that are not to be trusted make no claim, unless expected is worked out
from what the requests of that very trial met: then a late mock or an unsteady window changes nothing.
";

/// How many trials were run again, and why.
fn again(page: &mut String, lab: &Lab) {
    if lab.again.is_empty() {
        let _ = writeln!(page, "None of {} trials had to be run again.\n", lab.trials);
        return;
    }
    let _ = writeln!(
        page,
        "Of {} trials {} were run again, after the others of their run, because a check refused the one before (never because of a figure below): {}.\n",
        lab.trials,
        lab.again.len(),
        lab.again.join("; ")
    );
}

fn machine(lab: &Lab) -> String {
    lab.environment.as_ref().map_or_else(String::new, |machine| {
        let host =
            machine.hypervisor.as_ref().map_or_else(String::new, |name| format!(" under {name}"));
        format!(
            " on {} × {}{host}, Linux {}, client on CPU {:?}, mock on CPU {:?}; {} build",
            machine.cpus,
            machine.cpu_model,
            machine.kernel,
            machine.client_cpus,
            machine.upstream_cpus,
            machine.build
        )
    })
}

/// Every miss in a sentence, before any table.
fn misses(page: &mut String, sections: &[Section]) {
    let lines =
        sections.iter().flat_map(|section| section.lines.iter().map(move |line| (section, line)));
    for (section, line) in lines.filter(|(_, line)| line.outcome() == Outcome::Missed) {
        let _ = writeln!(
            page,
            "\nMissed: {} of {} ({}): {} measured, {} expected.",
            line.quantity,
            line.case,
            section.title.to_lowercase(),
            line.unit.text(line.measured.unwrap_or(f64::NAN)),
            line.unit.text(line.expected),
        );
    }
}

fn table(page: &mut String, lines: &[Line]) {
    page.push_str(
        "| case | quantity | expected | measured | interval | ratio | bound | within |\n",
    );
    page.push_str("|---|---|---:|---:|---|---:|---|---|\n");
    let mut footnotes: Vec<String> = Vec::new();
    for line in lines {
        let text =
            |value: Option<f64>| value.map_or("–".to_owned(), |value| line.unit.text(value));
        let within = match line.outcome() {
            Outcome::Within => "yes".to_owned(),
            Outcome::Missed => "**no**".to_owned(),
            Outcome::NotClaimed(why) => {
                let known = footnotes.iter().position(|other| *other == why);
                let number = known.unwrap_or_else(|| {
                    footnotes.push(why);
                    footnotes.len() - 1
                });
                format!("– ({})", number + 1)
            }
        };
        let interval = line.interval.map_or("–".to_owned(), |(low, high)| {
            format!("{} to {}", line.unit.number(low), line.unit.number(high))
        });
        let ratio = line.measured.map_or("–".to_owned(), |measured| {
            if line.expected == 0.0 {
                "–".to_owned()
            } else {
                format!("{:.3}", measured / line.expected)
            }
        });
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {interval} | {ratio} | {} | {within} |",
            line.case,
            line.quantity,
            line.unit.text(line.expected),
            text(line.measured),
            line.bound(),
        );
    }
    for (number, why) in (1..).zip(&footnotes) {
        let _ = writeln!(page, "\n({number}) {why}.");
    }
}

impl Line {
    fn bound(&self) -> String {
        let share = format!("{} %", (self.allowed.share * 1e3).round() / 10.0);
        let amount = self.unit.text(self.allowed.amount);
        match (self.allowed.share > 0.0, self.allowed.amount > 0.0) {
            (true, true) => format!("{share} or {amount}"),
            (true, false) => share,
            (false, _) => amount,
        }
    }
}

impl Unit {
    /// A number with three or four digits that mean something.
    fn number(self, value: f64) -> String {
        let digits = match (self, value.abs()) {
            (Self::Count, _) => usize::from(value.fract() != 0.0),
            (_, large) if large >= 1_000.0 => 0,
            (_, middling) if middling >= 100.0 => 1,
            (_, small) if small >= 10.0 => 2,
            _ => 3,
        };
        format!("{value:.digits$}")
    }

    fn text(self, value: f64) -> String {
        match self {
            Self::Ms => format!("{} ms", self.number(value)),
            Self::PerSecond => format!("{}/s", self.number(value)),
            Self::Count => self.number(value),
        }
    }
}
