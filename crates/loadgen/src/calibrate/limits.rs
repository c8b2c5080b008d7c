//! From the figures: up to which rate and below which latency results mean nothing. Pure.

use std::fmt::Write as _;

use measurement::calibration::Calibration;
use report::format;

/// Share of its CPUs up to which the mock's answers are taken for punctual.
const MOCK_SHARE: f64 = 0.85;
/// Share of its CPUs up to which a client is not taken for saturated.
const CLIENT_SHARE: f64 = 0.90;

/// Fills in the limits and what they rest on.
pub(super) fn conclude(calibration: &mut Calibration) {
    let (rate, rate_words) = highest_rate(calibration);
    let (latency, latency_words) = least_latency(calibration);
    calibration.highest_rate_rps = rate;
    calibration.least_latency_us = latency;
    calibration.limits = vec![format::plain(&rate_words), format::plain(&latency_words)];
}

/// The rate at which the mock or the fastest client reaches its share.
fn highest_rate(calibration: &Calibration) -> (Option<f64>, String) {
    const CLIENT: &str = "client-ceiling/";
    let mock = calibration.figure("mock-ceiling").map(|figure| figure.p50 / 2.0 * MOCK_SHARE);
    let clients = calibration.figures.iter().filter(|figure| figure.failed.is_none());
    let fastest = clients
        .filter_map(|figure| Some((figure.name.strip_prefix(CLIENT)?, figure.p50 * CLIENT_SHARE)))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    let (Some(mock), Some((model, client))) = (mock, fastest) else {
        return (None, "Up to which rate results mean something is not known.".to_owned());
    };
    let at_client = format!("the fastest client ({model}) uses 90 % of its CPUs");
    let words = if client <= mock {
        format!(
            "Up to {} requests/s: there {at_client}; the mock would use 85 % of its own at {}.",
            format::kilo(client),
            format::kilo(mock)
        )
    } else {
        format!(
            "Up to {} requests/s: there the mock uses 85 % of its CPUs, and beyond it the figures \
             are the mock's; {at_client} at {}.",
            format::kilo(mock),
            format::kilo(client)
        )
    };
    (Some(mock.min(client)), words)
}

/// What waking up there and back and the mock's own lateness amount to: an idle machine has it, a
/// busy one has not, so that a difference of that size may be the machine's.
fn least_latency(calibration: &Calibration) -> (Option<f64>, String) {
    let (Some(wake), Some(hold)) =
        (calibration.figure("wake-up/tcp"), calibration.figure("hold-error"))
    else {
        return (None, "Below which latency results mean nothing is not known.".to_owned());
    };
    let least = 2.0 * wake.p50 + hold.p50.max(0.0);
    let mut words = format!(
        "Differences in latency below {} are the machine's: a CPU wakes up on the way there and \
         on the way back ({} each), and the mock holds {} too long.",
        format::micros(least),
        format::micros(wake.p50),
        format::micros(hold.p50.max(0.0)),
    );
    if let Some(added) = calibration.figure("added/tokio").filter(|added| added.p50 > 0.0) {
        let _ = write!(
            words,
            " Of the {} that tokio adds at 1 in flight, that is {}.",
            format::micros(added.p50),
            format::percent((least / added.p50).min(1.0)),
        );
    }
    (Some(least), words)
}

#[cfg(test)]
mod tests {
    use measurement::calibration::CalibrationFigure;

    use super::*;

    fn concluded(figures: &[(&str, f64)]) -> Calibration {
        let figure = |&(name, p50): &(&str, f64)| CalibrationFigure {
            name: name.to_owned(),
            p50,
            ..CalibrationFigure::default()
        };
        let figures = figures.iter().map(figure).collect();
        let mut calibration = Calibration { figures, ..Calibration::default() };
        conclude(&mut calibration);
        calibration
    }

    #[test]
    fn the_side_that_is_full_first_sets_the_rate() {
        let client = concluded(&[
            ("mock-ceiling", 100_000.0),
            ("client-ceiling/threads", 5_000.0),
            ("client-ceiling/tokio", 20_000.0),
        ]);
        assert_eq!(client.highest_rate_rps.map(f64::round), Some(18_000.0));
        assert!(client.limits[0].contains("the fastest client (tokio)"), "{:?}", client.limits);
        let mock = concluded(&[("mock-ceiling", 20_000.0), ("client-ceiling/tokio", 20_000.0)]);
        assert_eq!(mock.highest_rate_rps.map(f64::round), Some(8_500.0));
        assert!(mock.limits[0].contains("the figures are the mock's"), "{:?}", mock.limits);
    }

    #[test]
    fn both_ways_and_the_mock_make_the_least_latency() {
        let of = [("wake-up/tcp", 60.0), ("hold-error", 5.0), ("added/tokio", 250.0)];
        let calibration = concluded(&of);
        assert_eq!(calibration.least_latency_us, Some(125.0));
        assert!(calibration.limits[1].ends_with("that is 50 %."), "{:?}", calibration.limits);
    }

    #[test]
    fn what_failed_limits_nothing_and_is_not_guessed() {
        let mut calibration = concluded(&[("mock-ceiling", 1.0), ("wake-up/tcp", 1.0)]);
        assert_eq!((calibration.highest_rate_rps, calibration.least_latency_us), (None, None));
        calibration.figures[0].failed = Some("why".to_owned());
        assert!(calibration.figure("mock-ceiling").is_none());
    }
}
