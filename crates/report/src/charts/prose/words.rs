//! Words that charts share: what the dots are, where the run ran, the axis across, the source line.

use measurement::row::LoadKind;
use measurement::run::UpstreamInfo;

use crate::analysis::{Analysis, law};

/// `Dots: n = 3 repeats; line: median; band: 95 % interval (t, on logs)`.
pub(crate) fn repeats(analysis: &Analysis) -> String {
    let counts = analysis.series.iter().flat_map(|s| &s.points).map(|p| p.rows_used().count());
    let (least, most) = counts.fold((usize::MAX, 0), |(low, high), n| (low.min(n), high.max(n)));
    let marks = analysis.axis().categories() || analysis.one_level().is_some();
    let (median, band) =
        if marks { ("full mark: median", "bar") } else { ("line: median", "band") };
    match (least, most) {
        (_, 0) => "Nothing was measured".to_owned(),
        (_, 1) => "One repeat a point: no interval".to_owned(),
        (_, 2) => format!("Dots: n\u{a0}=\u{a0}2 repeats; {median}; too few for an interval"),
        (least, most) => {
            let n = if least == most { format!("{most}") } else { format!("{least} to {most}") };
            format!(
                "Dots: n\u{a0}=\u{a0}{n} repeats; {median}; {band}: 95\u{a0}% interval (t, on logs)"
            )
        }
    }
}

/// Load, upstreams, CPU split, machine.
pub(crate) fn context(analysis: &Analysis) -> String {
    let scenario = &analysis.run.scenario;
    let law = |upstream: &UpstreamInfo| law(scenario, upstream);
    let upstreams: Vec<String> =
        scenario.upstreams.iter().map(|up| format!("{} {}", up.name, law(up))).collect();
    let fetches = match scenario.upstreams.as_slice() {
        [a, b] if law(a) == law(b) => format!("two fetches a request, each {}", law(a)),
        _ => format!("two fetches a request: {}", upstreams.join(", ")),
    };
    let mut load = match scenario.load {
        LoadKind::Closed => "Closed loop",
        LoadKind::Open => "Open loop",
    }
    .to_owned();
    // A swept upstream says so itself.
    if let Some(fixed) = analysis.axis().fixed_load() {
        load = format!("{load}, {fixed}");
    }
    let arrivals = match &scenario.arrivals {
        Some(arrivals) => format!(", {arrivals} arrivals"),
        None => String::new(),
    };
    // The scenario's own words are in the ASCII of its file.
    let fetches = fetches.replace("\u{a0}us", "\u{a0}µs").replace(" us", " µs");
    format!("{load}{arrivals}; {fetches}. {}: {}", split(analysis), machine(analysis))
}

/// `One core for the client, one for the mock`.
pub(crate) fn split(analysis: &Analysis) -> String {
    let environment = &analysis.run.environment;
    let (client, mock) = (&environment.client_cpus, &environment.upstream_cpus);
    if client.iter().any(|cpu| mock.contains(cpu)) {
        return format!("Client and mock share {}", cores(client.len().max(mock.len())));
    }
    let of_mock = if mock.len() == 1 { "one".to_owned() } else { mock.len().to_string() };
    let of_client = crate::format::capital(&cores(client.len()));
    format!("{of_client} for the client, {of_mock} for the mock")
}

fn cores(count: usize) -> String {
    if count == 1 { "one core".to_owned() } else { format!("{count} cores") }
}

/// `AMD EPYC 7763, KVM`.
pub(crate) fn machine(analysis: &Analysis) -> String {
    let environment = &analysis.run.environment;
    let cpu = environment.cpu_model.split_whitespace().collect::<Vec<_>>().join(" ");
    match &environment.hypervisor {
        Some(hypervisor) => format!("{cpu}, {hypervisor}"),
        None => cpu,
    }
}

/// What is across, inside a sentence: `against requests in flight`; of one level `at N = 64`.
pub(crate) fn against(analysis: &Analysis) -> String {
    match analysis.one_level() {
        Some(level) if !analysis.staged() => format!("at {}", analysis.axis().at(level)),
        _ => analysis.axis().against(),
    }
}

/// What latency is: in an open loop it counts from when a request was due.
pub(crate) fn latency(load: LoadKind) -> &'static str {
    match load {
        LoadKind::Closed => "Request latency",
        LoadKind::Open => "Response time (from when a request was due)",
    }
}

/// The source line below a file.
pub(crate) fn source(analysis: &Analysis) -> String {
    let run = &analysis.run;
    let quick = if run.quick { ", --quick" } else { "" };
    let revision = match &run.environment.revision {
        Some(revision) => format!(" ({})", revision.chars().take(10).collect::<String>()),
        None => String::new(),
    };
    format!(
        "Source: loadgen {}{revision}, scenario {}{quick}, seed {}, run of {}",
        run.environment.version,
        run.scenario.name,
        run.scenario.seed,
        date(&run.started)
    )
}

/// The day and minute of an RFC 3339 time, which is in UTC.
pub(crate) fn date(started: &str) -> String {
    match (started.get(..10), started.get(11..16)) {
        (Some(day), Some(minute)) => format!("{day} {minute} UTC"),
        _ => started.to_owned(),
    }
}
