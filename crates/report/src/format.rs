//! Figures for people: the one place that decides digits, units and separators.
//!
//! Every function returns a short text whose figure and unit are glued by a non-breaking space
//! ([`NBSP`]), so that no renderer breaks a line between them; [`plain`] turns those into spaces
//! where a terminal or a text file wants them. Not here: `trials.csv` and `verdict.json`, which
//! carry figures for machines, unrounded.

use crate::stats::LEAST_EFFECT;

/// U+00A0, between a figure and its unit.
pub const NBSP: char = '\u{a0}';

/// What stands for a figure that was not measured.
pub const MISSING: &str = "–";

/// What kind of quantity a figure is: decides its unit and digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Per second: `21.2k/s`.
    Rate,
    /// Milliseconds in, the fitting unit out: `1.7 s`, `120 ms`, `42.5 µs`.
    Milliseconds,
    /// Microseconds in, the fitting unit out.
    Microseconds,
    /// Bytes in: `62 MB`.
    Bytes,
    /// A whole number: `1,024`.
    Count,
    /// A number per request, to three digits: `7.1`, `0.09`.
    PerRequest,
    /// A share of 1: `93 %`.
    Share,
}

impl Unit {
    /// The value in this unit, for people.
    pub fn show(self, value: f64) -> String {
        match self {
            Self::Rate => rate(value),
            Self::Milliseconds => millis(value),
            Self::Microseconds => millis(value / 1e3),
            Self::Bytes => bytes(value),
            Self::Count => count(value),
            Self::PerRequest => number(value),
            Self::Share => percent(value),
        }
    }
}

/// A rate per second, short: `21.2k/s`, `366/s`, `19.4/s`.
pub fn rate(per_second: f64) -> String {
    format!("{}/s", kilo(per_second))
}

/// A rate per second in full: `21,210/s`; below 100 with one decimal, `19.4/s`.
pub fn rate_full(per_second: f64) -> String {
    if per_second.abs() < 99.95 {
        format!("{}/s", trimmed(per_second, 1))
    } else {
        format!("{}/s", count(per_second))
    }
}

/// Three digits with a k or M behind thousands: `21.2k`, `2.58k`, `366`, `19.4`, `0.52`.
pub fn kilo(value: f64) -> String {
    // The borders lie where rounding to three digits would reach the next unit.
    match value.abs() {
        size if size >= 999_500.0 => format!("{}M", digits(value / 1e6)),
        size if size >= 999.5 => format!("{}k", digits(value / 1e3)),
        _ => digits(value),
    }
}

/// A time given in milliseconds, in the unit that suits it: `1.7 s`, `120 ms`, `5.4 ms`,
/// `366 µs`, `42.5 µs`.
pub fn millis(ms: f64) -> String {
    match ms.abs() {
        size if size >= 9_950.0 => glued(&count(ms / 1e3), "s"),
        size if size >= 999.5 => glued(&fixed(ms / 1e3, 1), "s"),
        size if size >= 9.95 => glued(&count(ms), "ms"),
        size if size >= 0.9995 => glued(&fixed(ms, 1), "ms"),
        size if size >= 0.000_999_5 || size == 0.0 => glued(&digits(ms * 1e3), "µs"),
        _ => glued(&digits(ms * 1e6), "ns"),
    }
}

/// A time given in milliseconds to three digits, where two figures close together are compared:
/// `50.3 ms`, `1.74 s`.
pub fn millis_fine(ms: f64) -> String {
    match ms.abs() {
        size if size >= 999.5 => glued(&digits(ms / 1e3), "s"),
        size if size >= 0.9995 => glued(&digits(ms), "ms"),
        _ => millis(ms),
    }
}

/// A time given in microseconds, in the unit that suits it.
pub fn micros(us: f64) -> String {
    millis(us / 1e3)
}

/// A time given in seconds, as people say it: `4.2 s`, `48 s`, `3 min 20 s`, `1 h 5 min`.
pub fn elapsed(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    match whole {
        0..60 => millis(seconds.max(0.0) * 1e3),
        60..3600 => format!("{} {}", glued(&(whole / 60).to_string(), "min"), {
            glued(&(whole % 60).to_string(), "s")
        }),
        _ => format!("{} {}", glued(&(whole / 3600).to_string(), "h"), {
            glued(&(whole / 60 % 60).to_string(), "min")
        }),
    }
}

/// A size in bytes, decimal units: `62 MB`, `1.7 GB`, `412 kB`, `96 B`.
pub fn bytes(bytes: f64) -> String {
    match bytes.abs() {
        size if size >= 999.5e6 => glued(&short(bytes / 1e9), "GB"),
        size if size >= 999.5e3 => glued(&short(bytes / 1e6), "MB"),
        size if size >= 999.5 => glued(&short(bytes / 1e3), "kB"),
        _ => glued(&count(bytes), "B"),
    }
}

/// A whole number with thousands separators: `1,024`.
pub fn count(value: f64) -> String {
    let rounded = value.round();
    if !rounded.is_finite() || rounded.abs() >= 1e18 {
        return format!("{value}");
    }
    let text = format!("{:.0}", rounded.abs());
    let mut out = String::with_capacity(text.len() + text.len() / 3 + 1);
    if rounded < 0.0 {
        out.push('-');
    }
    for (at, digit) in text.chars().enumerate() {
        if at > 0 && (text.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A share of 1 as a percentage: `93 %`, `2.3 %`, `0.02 %`. Never rounds up to a false 100 %
/// nor down to a false 0 %.
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    let text = match value.abs() {
        size if size > 99.0 && size < 100.0 => trimmed((value * 10.0).trunc() / 10.0, 1),
        size if size >= 9.95 || size == 0.0 => count(value),
        size if size >= 0.095 => trimmed(value, 1),
        size if size >= 0.005 => fixed(value, 2),
        _ => "<0.01".to_owned(),
    };
    glued(&text, "%")
}

/// Words with a capital, as a sentence begins.
pub fn capital(words: &str) -> String {
    let mut rest = words.chars();
    rest.next().map_or(String::new(), |first| first.to_uppercase().chain(rest).collect())
}

/// A ratio: `8.2×`, `10.4×`, `26×`, and below 2 with two decimals, `1.02×`, `0.86×`. One that falls
/// just short of [`LEAST_EFFECT`] never rounds up to it: `1.049×`.
pub fn ratio(ratio: f64) -> String {
    let effect = ratio.max(ratio.recip());
    let short = (LEAST_EFFECT - 0.005..LEAST_EFFECT).contains(&effect);
    let text = match ratio.abs() {
        _ if short && ratio > 1.0 => fixed((ratio * 1e3).floor() / 1e3, 3),
        _ if short => fixed((ratio * 1e3).ceil() / 1e3, 3),
        size if size >= 19.95 => count(ratio),
        size if size >= 1.995 => fixed(ratio, 1),
        size if size >= 0.0995 => fixed(ratio, 2),
        _ => digits(ratio),
    };
    format!("{text}×")
}

/// An interval of ratios, or of anything without a unit: `5.67 to 11.9`, `35 to 225`. One that leaves
/// out 1 by a little shows it: `1.002 to 1.20`.
pub fn interval((low, high): (f64, f64)) -> String {
    let whole = if low >= 15.0 { count } else { digits };
    let show = |end: f64| {
        let finer = || [3, 4].map(|decimals| fixed(end, decimals)).into_iter();
        match whole(end) {
            one if one == "1.00" && (low > 1.0 || high < 1.0) => {
                finer().find(|text| text.trim_end_matches('0') != "1.").unwrap_or(one)
            }
            text => text,
        }
    };
    format!("{} to {}", show(low), show(high)).replace(' ', &NBSP.to_string())
}

/// A plain number to three digits, trailing zeros of a fraction dropped: `7.1`, `0.09`, `405`.
pub fn number(value: f64) -> String {
    let text = match value.abs() {
        size if size >= 99.95 => return count(value),
        size if size >= 0.995 => fixed(value, 1),
        size if size >= 0.0095 || size == 0.0 => fixed(value, 2),
        _ => digits(value),
    };
    without_trailing_zeros(&text)
}

/// A UTC time of RFC 3339 as people read it: `22 November 2026, 15:26 UTC`; any other text as it is.
pub fn date(rfc3339: &str) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let read = || {
        let (day, time) = rfc3339.strip_suffix('Z')?.split_once('T')?;
        let mut parts = day.splitn(3, '-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let month = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
        let day: u8 = day.parse().ok()?;
        Some(format!("{day}{NBSP}{month} {year}, {}{NBSP}UTC", time.get(..5)?))
    };
    read().unwrap_or_else(|| rfc3339.to_owned())
}

/// A list for a sentence: `a`, `a and b`, `a, b and c`.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The text with ordinary spaces in place of non-breaking ones.
pub fn plain(text: &str) -> String {
    text.replace(NBSP, " ")
}

/// Three significant digits: `42.5`, `366`, `2.58`, `0.0123`, `1,204`.
pub fn digits(value: f64) -> String {
    match value.abs() {
        size if size >= 99.95 => count(value),
        size if size >= 9.995 => fixed(value, 1),
        size if size >= 0.9995 || size == 0.0 => fixed(value, if size == 0.0 { 0 } else { 2 }),
        // `log10` of a subnormal is about -323: the cast is safe, the width bounded.
        size => fixed(value, (2 - size.log10().floor() as i32).clamp(0, 12) as usize),
    }
}

fn glued(figure: &str, unit: &str) -> String {
    format!("{figure}{NBSP}{unit}")
}

fn fixed(value: f64, decimals: usize) -> String {
    format!("{value:.decimals$}")
}

/// Two digits or a whole number: `1.7`, `62`.
fn short(value: f64) -> String {
    if value.abs() >= 9.95 { count(value) } else { fixed(value, 1) }
}

fn trimmed(value: f64, decimals: usize) -> String {
    without_trailing_zeros(&fixed(value, decimals))
}

fn without_trailing_zeros(text: &str) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(String, &str)]) {
        for (seen, expected) in cases {
            assert_eq!(plain(seen), *expected);
        }
    }

    #[test]
    fn rates_have_three_digits() {
        check(&[
            (rate(21_210.0), "21.2k/s"),
            (rate(2_577.0), "2.58k/s"),
            (rate(999.4), "999/s"),
            (rate(999.6), "1.00k/s"),
            (rate(19.42), "19.4/s"),
            (rate(0.0), "0/s"),
            (rate(1_250_000.0), "1.25M/s"),
            (rate_full(21_210.4), "21,210/s"),
            (rate_full(19.96), "20/s"),
        ]);
    }

    #[test]
    fn times_take_the_fitting_unit_also_at_its_borders() {
        check(&[
            (millis(1_700.0), "1.7 s"),
            (millis(12_345.0), "12 s"),
            (millis(999.6), "1.0 s"),
            (millis(120.4), "120 ms"),
            (millis(9.96), "10 ms"),
            (millis(5.43), "5.4 ms"),
            (millis(0.9999), "1.0 ms"),
            (millis(0.366), "366 µs"),
            (millis(0.0425), "42.5 µs"),
            (millis(0.0), "0 µs"),
            (micros(42.5), "42.5 µs"),
            (millis_fine(50.34), "50.3 ms"),
            (elapsed(200.0), "3 min 20 s"),
            (elapsed(3_900.0), "1 h 5 min"),
            (elapsed(48.2), "48 s"),
        ]);
    }

    #[test]
    fn sizes_counts_shares_and_ratios() {
        check(&[
            (bytes(62.4e6), "62 MB"),
            (bytes(1.7e9), "1.7 GB"),
            (bytes(96.0), "96 B"),
            (count(1_024.0), "1,024"),
            (count(-1_234_567.0), "-1,234,567"),
            (count(999.0), "999"),
            (percent(0.93), "93 %"),
            (percent(0.9996), "99.9 %"),
            (percent(1.0), "100 %"),
            (percent(0.023), "2.3 %"),
            (percent(0.000_01), "<0.01 %"),
            (percent(0.0), "0 %"),
            (ratio(8.2), "8.2×"),
            (ratio(10.43), "10.4×"),
            (ratio(26.2), "26×"),
            (ratio(1.02), "1.02×"),
            (ratio(0.86), "0.86×"),
            (capital("µ is not alone"), "Μ is not alone"),
            (capital(""), ""),
            (ratio(1.0496), "1.049×"),
            (ratio(1.05), "1.05×"),
            (ratio(0.9525), "0.953×"),
            (ratio(0.952), "0.95×"),
            (interval((5.671, 11.92)), "5.67 to 11.9"),
            (interval((35.2, 225.1)), "35 to 225"),
            (interval((1.0023, 1.2)), "1.002 to 1.20"),
            (interval((0.8, 0.99997)), "0.800 to 1.00"),
            (interval((0.8, 0.9996)), "0.800 to 0.9996"),
            (interval((0.9996, 1.004)), "1.00 to 1.00"),
            (number(7.1), "7.1"),
            (number(0.09), "0.09"),
            (number(3.0), "3"),
            (digits(0.01234), "0.0123"),
        ]);
    }

    #[test]
    fn dates_are_read_and_other_text_is_left() {
        check(&[
            (date("2026-11-22T15:26:58.154825669Z"), "22 November 2026, 15:26 UTC"),
            (date("2000-01-01T00:00:00Z"), "1 January 2000, 00:00 UTC"),
            (date("2026-13-22T15:26:58Z"), "2026-13-22T15:26:58Z"),
            (date("yesterday"), "yesterday"),
        ]);
    }

    #[test]
    fn lists_read_as_sentences_do() {
        let words =
            |n: usize| ["a", "b", "c"][..n].iter().map(|&w| w.to_owned()).collect::<Vec<_>>();
        assert_eq!(list(&words(1)), "a");
        assert_eq!(list(&words(2)), "a and b");
        assert_eq!(list(&words(3)), "a, b and c");
    }
}
