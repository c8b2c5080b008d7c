//! Sizes: `"512B"`, `"1KiB"`, `"10kB"`.

use super::{Refusal, split_number, trimmed};

const UNITS: &[(&str, u64)] = &[
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

const LISTED: &str = "the units are B, kB, MB, GB (powers of 1000), KiB, MiB, GiB (powers of 1024)";

/// Parses a size in bytes: a number, then a unit of `B kB MB GB KiB MiB GiB`.
///
/// `KB` and `K` are refused, since nobody can tell which of the two kilobytes is meant.
pub fn parse_size(text: &str) -> Result<u64, Refusal> {
    let (number, unit) = split_number(text, "1KiB")?;
    let Some((_, unit_bytes)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        return Err(unknown_unit(number, unit));
    };
    let bytes = number * *unit_bytes as f64;
    if bytes >= (1_u64 << 53) as f64 {
        return Err(Refusal::new("the size is too large"));
    }
    if bytes.fract() != 0.0 {
        return Err(Refusal::new("it is not a whole number of bytes"));
    }
    Ok(bytes as u64)
}

fn unknown_unit(number: f64, unit: &str) -> Refusal {
    let number = trimmed(number, 9);
    if unit.is_empty() {
        return Refusal::new("it has no unit")
            .help(format!("did you mean \"{number}B\" or \"{number}KiB\"? {LISTED}"));
    }
    let problem = Refusal::new(format!("\"{unit}\" is not a unit of size"));
    match unit {
        "K" | "KB" | "k" | "kb" | "Kb" | "kib" => problem.help(format!(
            "did you mean \"{number}KiB\" (1024 each) or \"{number}kB\" (1000 each)?"
        )),
        "M" | "m" | "mb" | "Mb" | "mib" => problem.help(format!(
            "did you mean \"{number}MiB\" (1024² each) or \"{number}MB\" (1000² each)?"
        )),
        "b" | "byte" | "bytes" => problem.help(format!("did you mean \"{number}B\"? {LISTED}")),
        _ => problem.help(LISTED),
    }
}

/// A size for people: `512 B`, `1 KiB`, `10 kB`, `1.5 MiB`; two decimals at most. Whole thousands
/// print in powers of 1000, all else in powers of 1024.
pub fn size_text(bytes: u64) -> String {
    let decimal = bytes.is_multiple_of(1000) && !bytes.is_multiple_of(1024);
    let (step, units) =
        if decimal { (1000.0, ["kB", "MB", "GB"]) } else { (1024.0, ["KiB", "MiB", "GiB"]) };
    let mut value = bytes as f64;
    let mut unit = "B";
    for larger in units {
        if value < step {
            break;
        }
        value /= step;
        unit = larger;
    }
    format!("{} {unit}", trimmed(value, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_parse() {
        for (text, bytes) in
            [("0B", 0), ("1KiB", 1024), ("64KiB", 65_536), ("10kB", 10_000), ("1.5 MiB", 1_572_864)]
        {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn ambiguous_and_broken_sizes_are_refused() {
        assert!(
            parse_size("1KB")
                .unwrap_err()
                .help
                .is_some_and(|h| h.contains("\"1KiB\"") && h.contains("\"1kB\""))
        );
        assert!(parse_size("1024").unwrap_err().help.is_some_and(|h| h.contains("\"1024B\"")));
        for text in ["1.5B", "999999999999GiB", "-1B", "x", "1 furlong"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_print() {
        for (bytes, text) in [
            (0, "0 B"),
            (512, "512 B"),
            (1024, "1 KiB"),
            (10_000, "10 kB"),
            (1_572_864, "1.5 MiB"),
            (1 << 40, "1024 GiB"),
        ] {
            assert_eq!(size_text(bytes), text);
        }
    }
}
