//! The head of the page: what ran, the answer in a sentence, the table of models.

use std::fmt::Write as _;

use measurement::row::LoadKind;
use measurement::run::{Environment, RunStatus};

use super::parts;
use crate::analysis::{Analysis, Axis, connections, law, swept_words};
use crate::charts::drawing::svg::escape;
use crate::format;
use crate::headline::headline;
use crate::precision;
use crate::slo::Slo;
use crate::verdict::{TableRow, Verdict};

pub(super) fn render(analysis: &Analysis, verdict: &Verdict) -> String {
    let mut out = String::from("<header id=\"verdict\">");
    let _ = writeln!(
        out,
        "<h1>{}</h1>\n<p class=\"meta\">{}</p>",
        escape(&analysis.run.scenario.title),
        meta(analysis)
    );
    if let Some(reason) = &analysis.run.scenario.reason {
        let _ = writeln!(out, "<p class=\"meta\"><b>Why:</b> {}</p>", escape(reason));
    }
    for warning in warnings(analysis) {
        let _ = writeln!(out, "<p class=\"warn\">{}</p>", escape(&warning));
    }
    let _ = writeln!(
        out,
        "<p class=\"verdict\">{}</p>",
        parts::sentence(analysis, &headline(analysis))
    );
    out.push_str(&table(analysis, &verdict.table()));
    out.push_str("</header>\n");
    out
}

/// What ran, where and when, in one line.
fn meta(analysis: &Analysis) -> String {
    let (run, environment) = (&analysis.run, &analysis.run.environment);
    let scenario = &run.scenario;
    let load = match scenario.load {
        LoadKind::Closed => "closed loop",
        LoadKind::Open => "open loop",
    };
    let levels: Vec<String> =
        scenario.levels.iter().map(|l| Axis::loads(scenario.load).word(*l)).collect();
    let range = match levels.as_slice() {
        [] => String::new(),
        [_] if analysis.staged() => format!(", stages: {}", scenario.stages.join(", ")),
        [_] => format!(", at {}", Axis::loads(scenario.load).at(scenario.levels[0])),
        [first, .., last] => format!(", {} levels from {first} to {last}", levels.len()),
    };
    let repeats = precision::repeats(analysis);
    let upstreams: Vec<String> =
        scenario.upstreams.iter().map(|u| format!("{} {}", u.name, law(scenario, u))).collect();
    let machine = machine(environment);
    let parts = [
        format!("{load}{range}"),
        swept_words(run).unwrap_or_default(),
        upstreams.join(", "),
        format!(
            "timeout {}, connections {}",
            format::millis(scenario.timeout_ms),
            connections(scenario)
        ),
        repeats,
        format!("seed {}", scenario.seed),
        machine,
        crate::charts::split(analysis).to_lowercase(),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|part| !part.is_empty()).map(|part| escape(part)).collect();
    format!(
        "<b>{}</b>, {} · {}",
        escape(&scenario.name),
        escape(&crate::charts::date(&run.started)),
        parts.join(" · ")
    )
}

/// The machine in a few words.
pub(super) fn machine(environment: &Environment) -> String {
    format!(
        "{}, {} CPUs{}, Linux {}",
        environment.cpu_model,
        environment.cpus,
        environment.hypervisor.as_ref().map(|h| format!(" under {h}")).unwrap_or_default(),
        environment.kernel
    )
}

fn warnings(analysis: &Analysis) -> Vec<String> {
    let run = &analysis.run;
    let mut warnings = Vec::new();
    let of = format!("{} of {} planned trials", analysis.ended(), run.trials_planned);
    match run.status {
        RunStatus::Complete => {}
        RunStatus::Running => warnings.push(format!("The run has not ended: {of} so far.")),
        RunStatus::Interrupted => warnings.push(format!("The run was interrupted: {of}.")),
        RunStatus::Failed => {
            let why = run.failure.as_deref().unwrap_or("no reason given");
            warnings.push(format!("The run failed after {of}: {why}."));
        }
    }
    if run.quick {
        warnings.push("A quick run (--quick): short trials, one repeat; for a first look, not for conclusions.".to_owned());
    }
    if !run.scenario.overrides.is_empty() {
        warnings.push(format!(
            "Overridden on the command line: {}.",
            run.scenario.overrides.join(", ")
        ));
    }
    warnings
}

/// The one column of figures whose cells may wrap.
const SLO_HEADING: &str = "meets SLO up to";
/// The same over a sweep.
const SLO_SWEPT: &str = "meets SLO at";

/// The columns: heading, and whether it is left-aligned.
fn headings(analysis: &Analysis, slo: bool) -> Vec<(String, bool)> {
    let (highest, at) = heads(analysis);
    let mut headings = vec![
        ("model", true),
        (highest, false),
        (&at, false),
        ("p50 there", false),
        ("p99 there", false),
    ];
    if analysis.open() {
        headings.extend([("shed there", false), ("lag p99 there", false)]);
    }
    headings.extend([("CPU per request", false), ("threads", false), ("peak memory", false)]);
    if slo {
        headings.push((if analysis.axis().is_load() { SLO_HEADING } else { SLO_SWEPT }, false));
    }
    headings.extend([("bound by", true), ("flags", true)]);
    headings.into_iter().map(|(heading, left)| (heading.to_owned(), left)).collect()
}

/// Headings of the throughput and of its level.
pub(crate) fn heads(analysis: &Analysis) -> (&'static str, String) {
    let axis = analysis.axis();
    match analysis.load() {
        _ if analysis.staged() => ("achieved", "over".to_owned()),
        _ if !axis.is_load() => ("highest throughput", format!("at {}", axis.heading())),
        LoadKind::Closed => ("highest throughput", "at N".to_owned()),
        LoadKind::Open => ("achieved", "highest rate kept up with".to_owned()),
    }
}

fn table(analysis: &Analysis, rows: &[TableRow]) -> String {
    let slo = Slo::of(analysis);
    let headings = headings(analysis, slo.is_some());
    let mut out = String::from(
        "<div class=\"scroll\" role=\"region\" aria-label=\"Verdict by model\" tabindex=\"0\"><table class=\"top\" role=\"table\"><caption class=\"hidden\">The models at their highest throughput</caption><thead role=\"rowgroup\"><tr role=\"row\">",
    );
    for (heading, left) in &headings {
        let class = if *left { " class=\"l\"" } else { "" };
        let _ =
            write!(out, "<th scope=\"col\" role=\"columnheader\"{class}>{}</th>", escape(heading));
    }
    out.push_str("</tr></thead>\n<tbody role=\"rowgroup\">");
    let most = |of: fn(&TableRow) -> Option<f64>| rows.iter().filter_map(of).fold(0.0, f64::max);
    let (fastest, dearest) = (most(|row| row.throughput_rps), most(|row| row.cpu_us));
    let met = slo.as_ref().map(|slo| slo_cells(analysis, slo));
    for row in rows {
        let met = met.as_ref().and_then(|met| met.get(row.model));
        out.push_str(&model_row(row, (fastest, dearest), met, &headings, analysis.open()));
    }
    out.push_str("</tbody></table></div>\n");
    let repeats = analysis.run.repeats_done.unwrap_or(analysis.run.scenario.repeats);
    let medians = if repeats > 1 {
        format!("Medians of up to {repeats} repeats. ")
    } else {
        "One repeat. ".to_owned()
    };
    let objective = slo.map(|slo| format!(" SLO: {}.", slo.words())).unwrap_or_default();
    out.push_str(&parts::note(&format!("{medians}Bars start at zero. Memory is the client process’s, above what it had before load.{objective}")));
    if rows.iter().any(|row| row.flags.iter().any(|flag| flag.doubt)) {
        out.push_str("<p class=\"note\">Dashed flags: points or repeats left out; why stands under <a href=\"#health\">Run health</a>.</p>\n");
    }
    out
}

fn slo_cells(analysis: &Analysis, slo: &Slo) -> Vec<String> {
    let mut cells = vec![format::MISSING.to_owned(); analysis.series.len()];
    for result in slo.results(analysis) {
        let Some(cell) = cells.get_mut(result.model) else { continue };
        *cell = match result.met {
            Some(_) if !analysis.axis().is_load() => {
                format!("{} of {} values", result.values, result.judged)
            }
            Some(met) => format!(
                "{} ({})",
                analysis.axis().word(met.level),
                format::rate(met.throughput_rps)
            ),
            None if result.judged == 0 => "not judged".to_owned(),
            None => "no level".to_owned(),
        };
    }
    cells
}

fn model_row(
    row: &TableRow,
    (fastest, dearest): (f64, f64),
    met: Option<&String>,
    headings: &[(String, bool)],
    open: bool,
) -> String {
    let bar = |value: Option<f64>, most: f64| match value {
        Some(value) if most > 0.0 => format!(
            "<span class=\"bar\" style=\"--c:var(--m{});--w:{:.1}%\"></span>",
            row.look.colour,
            100.0 * value / most
        ),
        _ => String::new(),
    };
    let big = |text: &str, bar: String| format!("<span class=\"n\">{}</span>{bar}", escape(text));
    let mut cells = vec![
        big(&row.throughput, bar(row.throughput_rps, fastest)),
        escape(&row.level),
        escape(&row.p50),
        escape(&row.p99),
    ];
    if open {
        cells.extend([escape(&row.shed), escape(&row.lag)]);
    }
    cells.extend([
        big(&row.cpu, bar(row.cpu_us, dearest)),
        escape(&row.threads),
        escape(&row.memory),
    ]);
    cells.extend(met.map(|met| escape(met)));
    cells.push(escape(&row.bound));
    cells.push(flags(row));
    let mut out = format!(
        "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">{}</th>",
        parts::named(row.look, &row.label)
    );
    for (cell, (heading, left)) in cells.iter().zip(&headings[1..]) {
        let class = match heading.as_str() {
            SLO_HEADING | SLO_SWEPT => "",
            _ if *left => "l",
            _ => "fig",
        };
        let _ = write!(
            out,
            "<td role=\"cell\" class=\"{class}\" data-l=\"{}\">{cell}</td>",
            escape(heading)
        );
    }
    out.push_str("</tr>\n");
    out
}

fn flags(row: &TableRow) -> String {
    if row.flags.is_empty() {
        return "<small>none</small>".to_owned();
    }
    let pills = row.flags.iter().map(|flag| {
        let text = escape(&flag.text);
        if flag.doubt {
            format!("<a class=\"pill doubt\" href=\"#health\">{text}</a>")
        } else {
            format!("<span class=\"pill\">{text}</span>")
        }
    });
    format!("<span>{}</span>", pills.collect::<Vec<_>>().join(" "))
}
