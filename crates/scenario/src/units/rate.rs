//! Rates (`"100/s"`) and percentages (`"0.5%"`).

use super::{Refusal, split_number, trimmed};

/// Parses a rate as events per second: a number, then `/s`, `/min` or `/h`.
pub fn parse_rate(text: &str) -> Result<f64, Refusal> {
    let (number, unit) = split_number(text, "100/s")?;
    let seconds = match unit {
        "/s" => 1.0,
        "/min" => 60.0,
        "/h" => 3600.0,
        "" => {
            return Err(Refusal::new("it has no unit")
                .help(format!("did you mean \"{}/s\"?", trimmed(number, 9))));
        }
        _ => {
            return Err(Refusal::new(format!("\"{unit}\" is not a unit of rate")).help(format!(
                "did you mean \"{}/s\"? the units are /s, /min, /h",
                trimmed(number, 9)
            )));
        }
    };
    Ok(number / seconds)
}

/// Parses a percentage, 0 % to 100 %, as a share of 1: `"0.5%"` is 0.005.
pub fn parse_percentage(text: &str) -> Result<f64, Refusal> {
    let (number, unit) = split_number(text, "0.5%")?;
    if unit != "%" {
        let problem = if unit.is_empty() {
            "it has no % sign".to_owned()
        } else {
            format!("\"{unit}\" is not %")
        };
        return Err(
            Refusal::new(problem).help(format!("did you mean \"{}%\"?", trimmed(number, 9)))
        );
    }
    if number > 100.0 {
        return Err(Refusal::new("it is more than 100 %"));
    }
    Ok(number / 100.0)
}

/// A rate for people: `100/s`, `0.25/s`.
pub fn rate_text(per_second: f64) -> String {
    format!("{}/s", trimmed(per_second, 3))
}

/// A share of 1 for people: 0.005 is `0.5 %`; four decimals at most.
pub fn percentage_text(share: f64) -> String {
    format!("{} %", trimmed(share * 100.0, 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_percentages_parse() {
        assert_eq!(parse_rate("100/s"), Ok(100.0));
        assert_eq!(parse_rate("90/min"), Ok(1.5));
        assert_eq!(parse_percentage("0.5%"), Ok(0.005));
        assert_eq!(parse_percentage("100 %"), Ok(1.0));
        assert_eq!(parse_percentage("0%"), Ok(0.0));
    }

    #[test]
    fn broken_ones_are_refused() {
        for text in ["100", "100/d", "-1/s", "", "/s"] {
            assert!(parse_rate(text).is_err(), "{text}");
        }
        for text in ["0.5", "101%", "-1%", "%", "1 percent"] {
            assert!(parse_percentage(text).is_err(), "{text}");
        }
    }

    #[test]
    fn they_print() {
        assert_eq!(rate_text(1000.0), "1000/s");
        assert_eq!(percentage_text(0.005), "0.5 %");
        assert_eq!(percentage_text(1.0), "100 %");
    }
}
