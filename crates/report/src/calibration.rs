//! The machine's calibration as cells and sentences: what the terminal and both pages show of it.

use measurement::calibration::CalibrationFigure;

use crate::format;

/// The median of a figure, for people.
pub fn value(figure: &CalibrationFigure) -> String {
    if figure.failed.is_some() { format::MISSING.to_owned() } else { shown(figure, figure.p50) }
}

/// Its 99th percentile, for people.
pub fn worst(figure: &CalibrationFigure) -> String {
    let p99 = figure.p99.filter(|_| figure.failed.is_none());
    p99.map_or_else(|| format::MISSING.to_owned(), |p99| shown(figure, p99))
}

/// What a figure is, or why it was not measured.
pub(crate) fn meaning(figure: &CalibrationFigure) -> String {
    match &figure.failed {
        None => figure.doc.clone(),
        Some(why) => format!("not measured: {why}"),
    }
}

fn shown(figure: &CalibrationFigure, value: f64) -> String {
    match figure.unit.as_str() {
        "ns" => format!("{}{}ns", format::digits(value), format::NBSP),
        "us" => format::micros(value),
        "/s" => format::rate(value),
        unit => format!("{} {unit}", format::digits(value)),
    }
}

#[cfg(test)]
mod tests {
    use measurement::calibration::Calibration;

    use super::*;
    use crate::output::Report;
    use crate::testing::Fixture;

    #[test]
    fn figures_carry_their_units_and_failures_no_figure() {
        let figure = |unit: &str, p50: f64| CalibrationFigure {
            unit: unit.to_owned(),
            p50,
            p99: Some(2.0 * p50),
            ..CalibrationFigure::default()
        };
        let seen = |unit, p50| {
            let figure = figure(unit, p50);
            format::plain(&format!("{} {}", value(&figure), worst(&figure)))
        };
        assert_eq!(seen("ns", 42.0), "42.0 ns 84.0 ns");
        assert_eq!(seen("us", 142.0), "142 µs 284 µs");
        assert_eq!(seen("/s", 21_200.0), "21.2k/s 42.4k/s");
        let failed = CalibrationFigure { failed: Some("why".to_owned()), ..figure("us", 1.0) };
        assert_eq!(
            (value(&failed), worst(&failed)),
            (format::MISSING.to_owned(), format::MISSING.to_owned())
        );
        assert_eq!(meaning(&failed), "not measured: why");
    }

    /// The summary, the page and the verdict of a made-up run.
    fn pages(change: impl Fn(&mut measurement::run::RunInfo)) -> [String; 3] {
        let mut fixture = Fixture::high_latency();
        change(&mut fixture.run);
        let report = Report::of(fixture.analysis());
        let files = report.render().expect("renders").files;
        ["summary.md", "report.html", "verdict.json"].map(|name| {
            let file = files.iter().find(|(path, _)| path == name).expect("is rendered");
            format::plain(&String::from_utf8_lossy(&file.1))
        })
    }

    #[test]
    fn a_run_from_before_calibrations_says_nothing_of_them() {
        for page in pages(|_| {}) {
            assert!(!page.contains("alibrat") && !page.contains("What this machine can do"));
        }
    }

    #[test]
    fn a_run_without_one_says_so_once() {
        let [summary, page, verdict] =
            pages(|run| run.not_calibrated = Some("not calibrated: see to it".to_owned()));
        assert_eq!(summary.matches("Not calibrated: see to it.").count(), 1);
        assert_eq!(page.matches("Not calibrated: see to it.").count(), 1);
        assert!(!verdict.contains("calibrat"));
    }

    #[test]
    fn a_calibrated_run_shows_limits_and_figures() {
        let figure = |name: &str, failed: Option<&str>| CalibrationFigure {
            name: name.to_owned(),
            doc: "a byte <one way>".to_owned(),
            unit: "us".to_owned(),
            p50: 24.4,
            failed: failed.map(str::to_owned),
            ..CalibrationFigure::default()
        };
        let [summary, page, verdict] = pages(|run| {
            run.calibration = Some(Calibration {
                made: "2000-01-01T00:00:00Z".to_owned(),
                figures: vec![figure("wake-up/tcp", None), figure("broken", Some("no | pipe"))],
                highest_rate_rps: Some(28_600.0),
                limits: vec!["Up to 28.6k requests/s.".to_owned()],
                ..Calibration::default()
            });
        });
        for text in [&summary, &page] {
            assert!(text.contains("Up to 28.6k requests/s."), "{text}");
            assert!(text.contains("24.4 µs") && text.contains("wake-up/tcp"), "{text}");
            assert!(text.contains("1 January 2000, 00:00 UTC"), "{text}");
        }
        assert!(page.contains("a byte &lt;one way&gt;"));
        assert!(summary.contains("not measured: no \\| pipe"), "{summary}");
        assert!(verdict.contains("\"highest_rate_rps\": 28600.0"), "{verdict}");
    }
}
