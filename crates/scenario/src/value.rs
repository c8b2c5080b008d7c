//! Reading one value: type, unit and range, each refusal with its place.

use std::time::Duration;

use crate::diagnostic::{Class, Diagnostic};
use crate::error::Result;
use crate::keys::unknown;
use crate::tree::{Node, Value, quoted};
use crate::units::{self, Refusal, duration_text, size_text};

/// Longest duration a scenario may state: a day. Sums of a few of them overflow nothing.
pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Node {
    /// A diagnostic: something else was expected than this type of value.
    pub(crate) fn wrong_type(&self, expected: &str) -> Diagnostic {
        self.place
            .error(Class::Type, format!("expected {expected}, found {}", self.found()))
            .label(format!("expected {expected}"))
    }

    /// A diagnostic: right type, wrong value.
    pub(crate) fn refuse(&self, title: impl Into<String>) -> Diagnostic {
        self.place.error(Class::Value, title)
    }

    pub(crate) fn text(&self, expected: &str) -> Result<&str> {
        match &self.value {
            Value::Text(text) => Ok(text),
            _ => Err(self.wrong_type(expected).into()),
        }
    }

    /// A line of text for people: not blank, no control characters.
    pub(crate) fn line(&self, expected: &str) -> Result<String> {
        let text = self.text(&format!("a string for {expected}"))?;
        if text.trim().is_empty() {
            return Err(self.refuse(format!("{expected} must not be empty")).label("empty").into());
        }
        if text.chars().any(char::is_control) {
            return Err(self
                .refuse(format!("{expected} must be one line of plain text"))
                .label("has control characters")
                .into());
        }
        Ok(text.trim().to_owned())
    }

    /// One of `words`.
    pub(crate) fn word(&self, what: &str, words: &'static [&'static str]) -> Result<&'static str> {
        let text = self.text(&format!("a string for {what}"))?;
        match words.iter().find(|word| **word == text) {
            Some(word) => Ok(word),
            None => {
                Err(unknown(&self.place, &format!("{what} {}", quoted(text)), text, words).into())
            }
        }
    }

    pub(crate) fn flag(&self) -> Result<bool> {
        match self.value {
            Value::Flag(flag) => Ok(flag),
            _ => Err(self.wrong_type("true or false").into()),
        }
    }

    /// A whole number in `min..=max`.
    pub(crate) fn count(&self, what: &str, min: u64, max: u64) -> Result<u64> {
        let expected = format!("{what} from {min} to {max}");
        let Value::Integer(number, _) = &self.value else {
            return Err(self.wrong_type(&format!("{what}, a whole number")).into());
        };
        match number.and_then(|number| u64::try_from(number).ok()) {
            Some(number) if (min..=max).contains(&number) => Ok(number),
            _ => Err(self
                .refuse(format!("expected {expected}, found {}", self.found()))
                .label(format!("expected {expected}"))
                .into()),
        }
    }

    /// A finite number above 0, whole or not.
    pub(crate) fn positive(&self, what: &str) -> Result<f64> {
        let number = match &self.value {
            Value::Integer(Some(number), _) => *number as f64,
            Value::Float(number, _) => *number,
            Value::Integer(None, _) => f64::INFINITY,
            _ => return Err(self.wrong_type(&format!("{what}, a number")).into()),
        };
        if number > 0.0 && number < 1e15 {
            return Ok(number);
        }
        let expected = format!("{what} above 0 and below 1e15");
        Err(self
            .refuse(format!("expected {expected}, found {}", self.found()))
            .label(format!("expected {expected}"))
            .into())
    }

    pub(crate) fn items(&self, expected: &str) -> Result<&[Node]> {
        match &self.value {
            Value::Array(items) => Ok(items),
            _ => Err(self.wrong_type(expected).into()),
        }
    }

    /// A duration of at least `min`, at most a day.
    pub(crate) fn duration_from(&self, min: Duration) -> Result<Duration> {
        let duration = self.quantity("a duration", "80ms", "ms", units::parse_duration)?;
        if duration < min {
            let expected = format!("at least {}", duration_text(min));
            return Err(self
                .refuse(format!("{} is too short", self.shown()))
                .label(format!("expected {expected}"))
                .into());
        }
        if duration > DAY {
            return Err(self
                .refuse(format!("{} is too long", self.shown()))
                .label("expected a day at most")
                .into());
        }
        Ok(duration)
    }

    /// Any duration up to a day.
    pub(crate) fn duration(&self) -> Result<Duration> {
        self.duration_from(Duration::ZERO)
    }

    /// A latency in nanoseconds.
    pub(crate) fn latency_ns(&self) -> Result<f64> {
        self.duration().map(|duration| duration.as_nanos() as f64)
    }

    /// A latency above 0, in nanoseconds.
    pub(crate) fn positive_latency_ns(&self) -> Result<f64> {
        self.duration_from(Duration::from_nanos(1)).map(|duration| duration.as_nanos() as f64)
    }

    /// A size in `min..=max` bytes.
    pub(crate) fn size(&self, min: u64, max: u64) -> Result<u64> {
        let bytes = self.quantity("a size", "1KiB", "KiB", units::parse_size)?;
        if (min..=max).contains(&bytes) {
            return Ok(bytes);
        }
        let expected = format!("{} to {}", size_text(min), size_text(max));
        let wrong = if bytes < min { "small" } else { "large" };
        Err(self
            .refuse(format!("{} is too {wrong}", self.shown()))
            .label(format!("expected {expected}"))
            .into())
    }

    /// A percentage as a share of 1.
    pub(crate) fn percentage(&self) -> Result<f64> {
        self.quantity("a percentage", "0.5%", "%", units::parse_percentage)
    }

    /// A rate in events per second.
    pub(crate) fn rate(&self) -> Result<f64> {
        self.quantity("a rate", "100/s", "/s", units::parse_rate)
    }

    /// A list of CPUs, each of them among the `allowed` ones.
    pub(crate) fn cpu_list(&self, allowed: Option<&[usize]>) -> Result<Vec<usize>> {
        let cpus = self.quantity("a CPU list", "0-3,5", "", units::parse_cpu_list)?;
        let Some(allowed) = allowed else { return Ok(cpus) };
        match cpus.iter().find(|cpu| !allowed.contains(cpu)) {
            None => Ok(cpus),
            Some(cpu) => {
                let error = self.refuse(format!("this process may not use CPU {cpu}"));
                let these = units::cpu_list_text(allowed);
                Err(error.label(format!("expected CPUs among {these}")).into())
            }
        }
    }

    /// A string with a unit. A bare number is answered with what it would be as a string.
    fn quantity<T>(
        &self,
        what: &str,
        example: &str,
        unit: &str,
        parse: fn(&str) -> std::result::Result<T, Refusal>,
    ) -> Result<T> {
        match &self.value {
            Value::Text(text) => parse(text).map_err(|refusal| {
                let title = format!("{} is not {what}: {}", quoted(text), refusal.problem);
                let error =
                    self.refuse(title).label(format!("expected {what} such as \"{example}\""));
                match refusal.help {
                    Some(help) => error.help(help).into(),
                    None => error.into(),
                }
            }),
            Value::Float(number, _) if unit == "%" && (0.0..=1.0).contains(number) => {
                let percent = units::percentage_text(*number).replace(' ', "");
                let help = format!("{what} is a string: did you mean \"{percent}\"?");
                Err(self.wrong_type(&format!("{what} such as \"{example}\"")).help(help).into())
            }
            Value::Integer(_, written) | Value::Float(_, written)
                if written.len() < 20 && written.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                let help = format!("{what} is a string: did you mean \"{written}{unit}\"?");
                Err(self.wrong_type(&format!("{what} such as \"{example}\"")).help(help).into())
            }
            _ => Err(self.wrong_type(&format!("{what} such as \"{example}\"")).into()),
        }
    }
}
