//! Quantities as people write and read them: durations, sizes, rates, percentages, CPU lists.
//!
//! Parsing is pure text to number and knows nothing of files; a [`Refusal`] says what is wrong
//! with the text, and the reader of the scenario adds the place. Printing is for people
//! (`120 ms`, `1 KiB`): what is printed parses again, but may have been rounded.

mod cpus;
mod duration;
mod rate;
mod size;

use std::fmt;

pub use cpus::{cpu_list_text, parse_cpu_list};
pub use duration::{duration_text, parse_duration};
pub use rate::{parse_percentage, parse_rate, percentage_text, rate_text};
pub use size::{parse_size, size_text};

/// Why a text is not the quantity it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Refusal {
    /// What is wrong, as a fragment: `"m" is not a unit of time`.
    pub problem: String,
    /// What would be right, as a sentence.
    pub help: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

impl Refusal {
    fn new(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Splits `1.5 ms` into 1.5 and `ms`. Signs and exponents are refused: a quantity here is
/// never negative, and `1e3s` is more often a slip than a wish.
fn split_number<'a>(text: &'a str, example: &str) -> Result<(f64, &'a str), Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::new("it is empty").help(format!("write for example \"{example}\"")));
    }
    if let Some(rest) = text.strip_prefix('-')
        && rest.starts_with(|c: char| c.is_ascii_digit())
    {
        return Err(Refusal::new("it is negative").help(format!("write for example \"{example}\"")));
    }
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let number: f64 = match digits.parse() {
        Ok(number) if digits.starts_with(|c: char| c.is_ascii_digit()) => number,
        _ => {
            return Err(Refusal::new("it does not start with a number")
                .help(format!("write for example \"{example}\"")));
        }
    };
    if !number.is_finite() {
        return Err(Refusal::new("the number is too large"));
    }
    Ok((number, unit.trim_start()))
}

/// A number with at most `decimals` decimals, without trailing zeros.
fn trimmed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}
