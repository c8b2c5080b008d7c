//! Durations: `"80ms"`, `"1.5s"`, `"200us"`, `"2min"`.

use std::time::Duration;

use super::{Refusal, split_number, trimmed};

/// Units and their nanoseconds, as accepted.
const UNITS: &[(&str, f64)] = &[
    ("ns", 1.0),
    ("us", 1e3),
    ("µs", 1e3),
    ("μs", 1e3),
    ("ms", 1e6),
    ("s", 1e9),
    ("min", 60e9),
    ("h", 3600e9),
];

/// The units as listed to people.
const LISTED: &str = "the units are ns, us, ms, s, min, h";

/// Parses a duration: a number, then a unit of `ns us ms s min h`. Resolution is 1 ns.
///
/// `m` is refused: beside `ms`, where a reader expects latencies, it is a slip more often than
/// it is minutes, and minutes have `min`.
pub fn parse_duration(text: &str) -> Result<Duration, Refusal> {
    let (number, unit) = split_number(text, "80ms")?;
    let Some((_, unit_ns)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(unknown_unit(number, unit));
    };
    let ns = number * unit_ns;
    if ns >= u64::MAX as f64 {
        return Err(Refusal::new("the duration is too long"));
    }
    if number > 0.0 && ns < 0.5 {
        return Err(Refusal::new("it is shorter than 1 ns, the resolution"));
    }
    Ok(Duration::from_nanos(ns.round() as u64))
}

fn unknown_unit(number: f64, unit: &str) -> Refusal {
    let number = trimmed(number, 9);
    if unit.is_empty() {
        return Refusal::new("it has no unit")
            .help(format!("did you mean \"{number}ms\" or \"{number}s\"? {LISTED}"));
    }
    let problem = Refusal::new(format!("\"{unit}\" is not a unit of time"));
    let guess = match unit {
        "m" => {
            return problem.help(format!(
                "did you mean \"{number}ms\"? minutes are \"{number}min\"; {LISTED}"
            ));
        }
        "sec" | "secs" | "second" | "seconds" | "S" => Some("s"),
        "msec" | "millis" | "MS" | "Ms" | "mS" => Some("ms"),
        "usec" | "micros" | "US" => Some("us"),
        "mins" | "minute" | "minutes" => Some("min"),
        "hr" | "hour" | "hours" | "H" => Some("h"),
        _ => None,
    };
    match guess {
        Some(guess) => problem.help(format!("did you mean \"{number}{guess}\"? {LISTED}")),
        None => problem.help(LISTED),
    }
}

/// A duration for people: `850 ns`, `120 ms`, `1.5 s`, `2 min 5 s`, `1 h 10 min`; three decimals
/// at most.
pub fn duration_text(duration: Duration) -> String {
    let ns = duration.as_nanos() as f64;
    let (value, unit) = match ns {
        _ if ns < 999.5 => (ns, "ns"),
        _ if ns < 999_999.5 => (ns / 1e3, "us"),
        _ if ns < 999_999_500.0 => (ns / 1e6, "ms"),
        _ if ns < 59_999_500_000.0 => (ns / 1e9, "s"),
        _ => return long_text((ns / 1e9).round() as u64),
    };
    if ns == 0.0 { "0 s".to_owned() } else { format!("{} {unit}", trimmed(value, 3)) }
}

fn long_text(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes, seconds) {
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_parse() {
        for (text, ns) in [
            ("80ms", 80_000_000),
            ("1.5s", 1_500_000_000),
            ("200us", 200_000),
            ("200µs", 200_000),
            ("7ns", 7),
            ("2min", 120_000_000_000),
            ("1h", 3_600_000_000_000),
            ("0s", 0),
            (" 120 ms ", 120_000_000),
            ("0.1ms", 100_000),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_nanos(ns)), "{text}");
        }
    }

    #[test]
    fn slips_are_refused_with_a_suggestion() {
        for (text, problem, help) in [
            ("80m", "\"m\" is not a unit of time", "\"80ms\""),
            ("80", "it has no unit", "\"80ms\""),
            ("1.5sec", "\"sec\" is not a unit of time", "\"1.5s\""),
            ("-3s", "it is negative", "\"80ms\""),
            ("", "it is empty", "\"80ms\""),
            ("ms", "it does not start with a number", "\"80ms\""),
            ("1.2.3s", "it does not start with a number", "\"80ms\""),
            ("inf", "it does not start with a number", "\"80ms\""),
        ] {
            let refusal = parse_duration(text).unwrap_err();
            assert_eq!(refusal.problem, problem, "{text}");
            assert!(refusal.help.as_deref().is_some_and(|h| h.contains(help)), "{text}: {refusal}");
        }
        assert!(parse_duration("99999999999999999999h").is_err());
        assert!(parse_duration("0.0001ns").is_err());
    }

    #[test]
    fn durations_print_and_parse_again() {
        for (ns, text) in [
            (0, "0 s"),
            (850, "850 ns"),
            (1_500, "1.5 us"),
            (120_000_000, "120 ms"),
            (999_999_999, "1 s"),
            (1_500_000_000, "1.5 s"),
            (125_000_000_000, "2 min 5 s"),
            (4_200_000_000_000, "1 h 10 min"),
        ] {
            assert_eq!(duration_text(Duration::from_nanos(ns)), text);
        }
    }
}
