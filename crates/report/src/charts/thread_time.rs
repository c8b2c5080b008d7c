//! Where the life of threads goes: thread-time of a request by model, running, runnable and waiting.

use std::fmt::Write as _;

use super::drawing::bars::{self, Bar, Part};
use super::drawing::layout::Layout;
use super::prose::{notes, table, takeaway, words};
use super::{Chart, Drawing, Outcome};
use crate::analysis::metric::{THREAD_RUNNABLE, THREAD_RUNNING, THREAD_WAITING};
use crate::analysis::{Analysis, Metric, Point, Series};
use crate::format::{self, Unit};

/// The chart.
pub(super) const CHART: Chart = Chart {
    key: "thread-time",
    section: "Where the time of threads goes",
    short: "Thread-time",
    draw,
};

/// The parts with what they are called.
const PARTS: [(Metric, &str); 3] =
    [(THREAD_RUNNING, "running"), (THREAD_RUNNABLE, "runnable"), (THREAD_WAITING, "waiting")];

/// What the parts are.
const STATES: &str = "Running: on a CPU; runnable: ready, waiting for a CPU; waiting: for anything else. Idle threads of a pool or runtime count as waiting";

/// One model's thread-time of a request, ms.
struct Life<'a> {
    series: &'a Series,
    parts: [f64; 3],
}

impl Life<'_> {
    fn total(&self) -> f64 {
        self.parts.iter().sum()
    }

    fn waiting(&self) -> String {
        format::percent(self.parts[2] / self.total())
    }
}

fn draw(analysis: &Analysis) -> Outcome {
    let has = |p: &Point| takeaway::steady(p) && parts(p).is_some();
    let Some(level) = takeaway::shared_level(analysis, has) else {
        return Outcome::LeftOut("no trial to be trusted has measured thread-time".to_owned());
    };
    let of = |series| {
        let point = Series::point(series, level)
            .filter(|point| point.trusted() && takeaway::steady(point))?;
        Some(Life { series, parts: parts(point)? })
    };
    let all = analysis.series.iter().filter_map(of).count();
    let lives: Vec<Life<'_>> = analysis.distinct().filter_map(of).collect();
    let bars: Vec<Bar> = lives.iter().map(bar).collect();
    let title = "Thread-time of a request, all its threads together";
    let plot = |layout| bars::plot(&bars, title, Unit::Milliseconds, layout);
    let (Some(wide), Some(narrow)) = (plot(Layout::WIDE), plot(Layout::NARROW)) else {
        return Outcome::LeftOut("no thread-time is above zero".to_owned());
    };
    Outcome::Drawn(Box::new(Drawing {
        title: takeaway_of(analysis, level, &lives),
        subtitle: format!(
            "Thread-time per request {}, {}. Medians of the repeats",
            analysis.axis().amid(level),
            takeaway::why_level(analysis, all),
        ),
        context: words::context(analysis),
        desc: desc(analysis, level, &lives),
        wide,
        narrow,
        notes: std::iter::once(STATES.to_owned()).chain(notes::twins(analysis)).collect(),
        doubts: notes::doubts_at(analysis, level),
        source: words::source(analysis),
        table: table::of_metrics(analysis, &PARTS.map(|(metric, _)| metric)),
    }))
}

/// All three, if the point has them and they add up to something.
fn parts(point: &Point) -> Option<[f64; 3]> {
    let mut parts = [0.0; 3];
    for (part, (metric, _)) in parts.iter_mut().zip(&PARTS) {
        *part = point.median(metric)?.max(0.0);
    }
    (parts.iter().sum::<f64>() > 0.0).then_some(parts)
}

fn bar(life: &Life<'_>) -> Bar {
    let part = |((at, (_, name)), value): ((usize, &(Metric, &str)), &f64)| Part {
        name: (*name).to_owned(),
        value: *value,
        figure: format::millis(*value),
        named: true,
        // Solid, faint, hatched: waiting is where nothing is done.
        texture: [0, 2, 1][at],
    };
    Bar {
        model: life.series.look,
        label: life.series.model.label.clone(),
        remark: format!("{}, {} of it waiting", format::millis(life.total()), life.waiting()),
        parts: PARTS.iter().enumerate().zip(&life.parts).map(part).collect(),
    }
}

fn takeaway_of(analysis: &Analysis, level: f64, lives: &[Life<'_>]) -> String {
    let mut sorted: Vec<&Life<'_>> = lives.iter().collect();
    sorted.sort_by(|a, b| b.total().total_cmp(&a.total()));
    let at = analysis.axis().amid(level);
    match sorted.as_slice() {
        [] => "Thread-time of a request".to_owned(),
        [most, others @ ..] => {
            let head = format!(
                "Under {} {} of thread-life is waiting: {} a request {at}",
                most.series.model.label,
                most.waiting(),
                format::millis(most.total())
            );
            match others.last() {
                Some(least) => format!(
                    "{head}, {} under {}",
                    format::millis(least.total()),
                    least.series.model.label
                ),
                None => head,
            }
        }
    }
}

fn desc(analysis: &Analysis, level: f64, lives: &[Life<'_>]) -> String {
    let mut text =
        format!("Stacked bars from zero, one per model, {}.", analysis.axis().amid(level));
    for life in lives {
        let parts: Vec<String> = PARTS
            .iter()
            .zip(&life.parts)
            .map(|((_, name), value)| format!("{name} {}", format::millis(*value)))
            .collect();
        let _ = write!(text, " {}: {}.", life.series.model.label, format::list(&parts));
    }
    text
}
