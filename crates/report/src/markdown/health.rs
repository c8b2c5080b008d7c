//! The closing sections: how far to trust the run, the machine, how to run it again.

use std::fmt::Write as _;

use super::escape::escaped;
use super::table::{Align, Table};
use crate::analysis::Analysis;
use crate::analysis::metric::{HOLD_ERROR_P50, HOLD_ERROR_P99, Metric};
use crate::format;
use crate::remarks::remarks;
use crate::stats::median;
use crate::trust::{LeftOut, again, checks, doubts, id_columns, id_mismatches, ids};

/// Headings and paragraphs, in order.
pub(super) fn sections(analysis: &Analysis) -> Vec<String> {
    let mut parts = vec!["## How far to trust this".to_owned(), sum(analysis)];
    parts.extend(doubt_table(analysis));
    parts.extend(check_table(analysis));
    parts.extend(id_table(analysis));
    parts.extend(remark_list(analysis));
    parts.extend(["## Machine".to_owned(), machine(analysis)]);
    parts.extend(super::calibration::sections(analysis));
    parts.extend(["## Run it again".to_owned(), command(analysis)]);
    parts
}

fn sum(analysis: &Analysis) -> String {
    let (all, trusted) = (analysis.ended(), analysis.trusted_rows());
    let planned = analysis.run.trials_planned;
    let mut text = format!(
        "{} of {} planned trials ended; {} of those are to be trusted.",
        format::count(all as f64),
        format::count(f64::from(planned)),
        format::count(trusted as f64)
    );
    let held = |metric: &Metric, pick: fn(&[f64]) -> Option<f64>| {
        let values: Vec<f64> = analysis.rows.iter().filter_map(|row| (metric.of)(row)).collect();
        pick(&values).map(format::micros)
    };
    let worst = |values: &[f64]| values.iter().copied().max_by(f64::total_cmp);
    if let (Some(typical), Some(worst)) =
        (held(&HOLD_ERROR_P50, median), held(&HOLD_ERROR_P99, worst))
    {
        let _ = write!(
            text,
            " The mock held responses {typical} longer than asked (p50 of the median trial; p99 \
             of the worst {worst})."
        );
    }
    if let Some(again) = again(analysis) {
        let _ = write!(text, " {again}");
    }
    text
}

fn doubt_table(analysis: &Analysis) -> Option<String> {
    let level = analysis.axis().heading();
    let mut table = Table::new(&[
        ("model", Align::Left),
        (level, Align::Right),
        ("verdict", Align::Left),
        ("trials against it", Align::Right),
        ("left out", Align::Left),
        ("reason", Align::Left),
    ]);
    for doubt in doubts(analysis) {
        table.row(vec![
            escaped(&doubt.series.model.label),
            analysis.axis().word(doubt.point.level),
            doubt.verdict.name().to_owned(),
            format!("{} of {}", doubt.rows, doubt.point.rows.len()),
            match doubt.left_out {
                LeftOut::Point => "the point",
                LeftOut::Repeats => "those trials",
                LeftOut::Attempts => "those, run again",
            }
            .to_owned(),
            escaped(doubt.reason),
        ]);
    }
    (!table.is_empty()).then(|| table.render())
}

fn check_table(analysis: &Analysis) -> Option<String> {
    let mut table = Table::new(&[
        ("check", Align::Left),
        ("threshold", Align::Left),
        ("held", Align::Right),
        ("failed", Align::Right),
        ("not checked", Align::Right),
        ("worst trial", Align::Left),
    ]);
    for check in checks(analysis) {
        table.row(vec![
            escaped(&check.name),
            escaped(&check.threshold),
            check.passed.to_string(),
            check.failed.to_string(),
            check.not_checked.to_string(),
            escaped(&check.worst),
        ]);
    }
    (!table.is_empty()).then(|| table.render())
}

fn id_table(analysis: &Analysis) -> Option<String> {
    let accounts = ids(analysis);
    let mut columns = vec![("upstream", Align::Left), ("phase", Align::Left)];
    columns.extend(id_columns(accounts.first()?).map(|(heading, _)| (heading, Align::Right)));
    let mut table = Table::new(&columns);
    for account in &accounts {
        let mut cells = vec![escaped(&account.upstream), escaped(&account.phase)];
        cells.extend(id_columns(account).map(|(_, count)| format::count(count as f64)));
        table.row(cells);
    }
    let lines: Vec<String> =
        id_mismatches(analysis).iter().map(|line| format!("- {}", escaped(line))).collect();
    if lines.is_empty() {
        return Some(table.render());
    }
    Some(format!("{}\n\n{}", table.render().trim_end(), lines.join("\n")))
}

fn remark_list(analysis: &Analysis) -> Option<String> {
    let lines: Vec<String> = remarks(analysis)
        .into_iter()
        .map(|remark| format!("- {} ({})", escaped(&remark.words), escaped(&remark.trials)))
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn machine(analysis: &Analysis) -> String {
    let machine = &analysis.run.environment;
    let cpus = |list: &[usize]| {
        let words: Vec<String> = list.iter().map(usize::to_string).collect();
        if words.is_empty() { "any".to_owned() } else { words.join(", ") }
    };
    let under =
        machine.hypervisor.as_ref().map(|name| format!(" under {name}")).unwrap_or_default();
    let revision =
        machine.revision.as_ref().map(|hash| format!(", revision {hash}")).unwrap_or_default();
    let mut table = Table::new(&[("what", Align::Left), ("value", Align::Left)]);
    let mut row = |what: &str, value: String| table.row(vec![what.to_owned(), escaped(&value)]);
    row("CPU", format!("{} × {}{under}", machine.cpus, machine.cpu_model));
    row(
        "CPU split",
        format!(
            "client on {}; mock on {}",
            cpus(&machine.client_cpus),
            cpus(&machine.upstream_cpus)
        ),
    );
    row("Scheduling", machine.scheduling_words());
    row("Kernel", format!("Linux {}, clock {}", machine.kernel, machine.clocksource));
    row("Memory", format::bytes(machine.memory_bytes as f64));
    row(
        "Limits",
        format!(
            "{} descriptors; {} threads ({})",
            format::count(machine.descriptors as f64),
            format::count(machine.thread_limit as f64),
            machine.thread_limit_because
        ),
    );
    row("Mock's timer", analysis.run.scenario.timer.clone());
    row("loadgen", format!("{}{revision}; {}", machine.version, machine.build));
    table.render()
}

fn command(analysis: &Analysis) -> String {
    let run = &analysis.run;
    let words: Vec<String> = run.argv.iter().skip(1).map(|word| shell(word)).collect();
    format!(
        "```sh\ncargo run -p loadgen -- {}\n```\n\nScenario `{}`, hash `{}`, seed {}; it took {}.",
        words.join(" "),
        run.scenario.name.replace('`', "'"),
        run.scenario.hash.replace('`', "'"),
        run.scenario.seed,
        format::elapsed(run.elapsed_s)
    )
}

/// A word of a command line, quoted where a shell would take it apart.
fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
