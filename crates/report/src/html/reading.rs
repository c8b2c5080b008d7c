//! How to read the page, the machine, and the scenario as it was written.

use std::fmt::Write as _;

use measurement::row::LoadKind;

use super::parts;
use crate::analysis::Analysis;
use crate::charts::drawing::svg::escape;
use crate::format;

/// What only an open loop has.
const OPEN: [(&str, &str); 3] = [
    (
        "Response, service, lag",
        "Response: completion less the time a request was due, the headline; service: completion less dispatch; lag: dispatch less due.",
    ),
    (
        "Kept up with",
        "At most 1 % of what was due in the window is missing, or what its edges cut, and neither CPU nor pool is full. Past that latency grows with the length of the run: there is no steady state.",
    ),
    (
        "Shed",
        "Due, and not started because as many as max-in-flight were under way: no part of latency, shown as an outcome.",
    ),
];

/// How to read.
pub(super) fn render(analysis: &Analysis) -> String {
    let load = match analysis.load() {
        _ if !analysis.axis().is_load() => (
            analysis.axis().heading(),
            "What the sweep varies, value by value; the load is the same at all of them. Where values are words, nothing lies between two of them: a thin line only holds together what is one model’s.",
        ),
        LoadKind::Closed => (
            "N",
            "Requests in flight. In a closed loop each completion starts the next request, so a slow model also asks for less.",
        ),
        LoadKind::Open => (
            "Offered",
            "Requests start on a schedule, whatever became of earlier ones; latency counts from when a request was due.",
        ),
    };
    let entries = [
        (
            "Request",
            "One unit of work: two fetches at once, both JSON bodies parsed, one JSON document made. ok: both fetched; degraded: one; failed: none.",
        ),
        load,
        (
            "Marks",
            "Point at one for its exact figures and repeats; or go to a chart with Tab and from mark to mark with the arrow keys. The table under each chart has them all.",
        ),
        (
            "Faint dots",
            "One repeat each, at its exact place: where repeats agree they merge into one mark.",
        ),
        (
            "Band",
            "95 % t interval of the mean of logs over the repeats, with three repeats or more. It is narrow only if they agree.",
        ),
        (
            "Hollow",
            "Not to be trusted; the reason stands under Run health. Never part of a title, a finding or a verdict.",
        ),
        (
            "×",
            "The operating system had, or would have had, no more threads, descriptors or ports to give.",
        ),
        (
            "Grey area",
            "What nothing can reach: above the ideal that the upstream’s own time allows, below the time it held.",
        ),
        (
            "Ceiling",
            "Dotted: the model’s cores ÷ CPU per request at its peak, or its pool’s workers ÷ time a request blocks one, whichever is lower.",
        ),
        (
            "Floor",
            "The longer of the two held times of every request that was measured, never more than the timeout.",
        ),
        (
            "Added latency",
            "Request latency less that floor, request by request: what the model and the machine added.",
        ),
        (
            "p99",
            "99 of 100 requests took at most this long. Printed where at least 10 requests lie beyond it; pooled: over the requests of all repeats together, where one trial has too few. An interval from ranks takes requests as independent: under saturation they are not, and it is too narrow.",
        ),
        (
            "Alike",
            "The effect is below 5 % and its whole interval within 10 %. A difference is called only if the interval leaves out 1, corrected for many comparisons, and the effect is 5 % or more.",
        ),
    ];
    let open: &[(&str, &str)] = if analysis.open() { &OPEN } else { &[] };
    let all: Vec<(&str, String)> =
        entries.iter().chain(open).map(|(term, text)| (*term, (*text).to_owned())).collect();
    parts::section("reading", "How to read", &list(&all))
}

/// The scenario as text, the models and the machine.
pub(super) fn scenario(analysis: &Analysis) -> String {
    let (run, environment) = (&analysis.run, &analysis.run.environment);
    let mut body = String::new();
    let _ = writeln!(
        body,
        "<details open=\"\"><summary>{}.toml</summary>\n<pre tabindex=\"0\" role=\"region\" aria-label=\"The scenario\"><code>{}</code></pre></details>",
        escape(&run.scenario.name),
        escape(&run.scenario.text)
    );
    let cpus = |list: &[usize]| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let entries = [
        ("Command", run.argv.join(" ")),
        ("Took", format::elapsed(run.elapsed_s)),
        ("Hash", format!("{} (scenario and overrides)", run.scenario.hash)),
        (
            "CPUs",
            format!(
                "client {}; mock {}; {} online",
                cpus(&environment.client_cpus),
                cpus(&environment.upstream_cpus),
                environment.cpus
            ),
        ),
        ("Scheduling", environment.scheduling_words()),
        ("Memory", format::bytes(environment.memory_bytes as f64)),
        ("Kernel", format!("{}, clock source {}", environment.kernel, environment.clocksource)),
        (
            "Limits",
            format!(
                "{} descriptors; {} threads, {}",
                format::count(environment.descriptors as f64),
                format::count(environment.thread_limit as f64),
                environment.thread_limit_because
            ),
        ),
        ("Mock’s timer", run.scenario.timer.clone()),
        (
            "Program",
            format!(
                "loadgen {}{}, {}",
                environment.version,
                environment.revision.as_ref().map(|r| format!(" ({r})")).unwrap_or_default(),
                environment.build
            ),
        ),
    ];
    body.push_str(&list(&entries));
    body.push_str("<h3>Models</h3>\n<dl>");
    for series in &analysis.series {
        let options: Vec<String> =
            series.model.options.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        let options =
            if options.is_empty() { String::new() } else { format!(" ({})", options.join(", ")) };
        let text = escape(&format!("{}: {}{options}", series.model.kind, series.model.summary));
        let _ = write!(
            body,
            "<dt>{}</dt><dd>{text}</dd>",
            parts::named(series.look, &series.model.label)
        );
    }
    body.push_str("</dl>\n");
    parts::section("scenario", "Scenario and machine", &body)
}

fn list(entries: &[(&str, String)]) -> String {
    let mut out = String::from("<dl>");
    for (term, text) in entries {
        let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", escape(term), escape(text));
    }
    out.push_str("</dl>\n");
    out
}
