//! What swept keys and their values are called: on axes, in sentences, in titles.
//!
//! Well-known keys have words of their own in one table; others go by their path.

use measurement::run::SweepInfo;

use crate::format::NBSP;

/// What a swept key is called.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KeyWords {
    /// Names the axis: `CPU work per request`, `threads of rayon`.
    pub(crate) name: String,
    /// Heads a column: as short as it may be.
    pub(crate) heading: String,
    /// Before `= 64` in a sentence: `CPU work`, `threads`.
    pub(crate) short: String,
    /// The key as the file has it, where `name` says it in other words.
    pub(crate) path: Option<String>,
    /// A title's opening, `{}` for the value: `With {} of CPU work`.
    opening: String,
    /// Values with an opening of their own.
    own: &'static [(&'static str, &'static str)],
    /// The word for a value of zero.
    zero: Option<&'static str>,
}

/// A well-known key. `NAME` in its path is an upstream's, and stands for it in the words.
struct Known {
    path: &'static str,
    name: &'static str,
    short: &'static str,
    opening: &'static str,
    own: &'static [(&'static str, &'static str)],
}

const fn known(
    path: &'static str,
    [name, short, opening]: [&'static str; 3],
    own: &'static [(&'static str, &'static str)],
) -> Known {
    Known { path, name, short, opening, own }
}

const KNOWN: &[Known] = &[
    known(
        "combine.work",
        ["CPU work per request", "CPU work", "With {} of CPU work"],
        &[("none", "With no CPU work")],
    ),
    known("combine.timeout", ["fetch deadline", "deadline", "With a deadline of {}"], &[]),
    known(
        "combine.connections",
        ["connections", "connections", "With {} connections"],
        &[("per-request", "With a connection per fetch"), ("keep-alive", "With kept connections")],
    ),
    known(
        "combine.blocking.via",
        ["way of the blocking call", "blocking call", "With blocking calls {}"],
        &[
            ("inline", "With inline blocking calls"),
            ("spawn-blocking", "With calls sent to spawn-blocking"),
        ],
    ),
    known(
        "combine.blocking.duration",
        ["length of a blocking call", "blocking call", "With blocking calls of {}"],
        &[],
    ),
    known(
        "combine.blocking.every",
        ["requests per blocking call", "one call in", "With one blocking call in {} requests"],
        &[],
    ),
    known(
        "combine.shared_state.guard",
        ["guard of the shared state", "guard", "With the guard {}"],
        &[
            ("none", "With no guard"),
            ("mutex", "With a mutex"),
            ("rwlock", "With a read-write lock"),
            ("async-mutex", "With an async mutex"),
            ("channel", "With a channel"),
            ("sharded", "With a sharded table"),
            ("atomic", "With an atomic table"),
        ],
    ),
    known(
        "combine.shared_state.hold",
        ["work with the shared state in hand", "hold", "With {} of work in hand"],
        &[("none", "With no work in hand")],
    ),
    known("combine.shared_state.write_ratio", ["share of writes", "writes", "With {} writes"], &[]),
    known(
        "combine.shared_state.keys",
        ["entries of the shared state", "entries", "With {} entries"],
        &[],
    ),
    known(
        "upstream.*.latency",
        ["latency of both upstreams", "upstream latency", "With both upstreams at {}"],
        &[],
    ),
    known("upstream.NAME.latency", ["latency of NAME", "latency of NAME", "With NAME at {}"], &[]),
    known("upstream.*.body", ["body of both answers", "body", "With bodies of {}"], &[]),
    known("upstream.NAME.body", ["body of NAME", "body of NAME", "With {} from NAME"], &[]),
    known("upstream.*.errors", ["errors of both upstreams", "errors", "With {} errors"], &[]),
    known(
        "upstream.NAME.errors",
        ["errors of NAME", "errors of NAME", "With {} errors of NAME"],
        &[],
    ),
    known("upstream.*.hangs", ["hangs of both upstreams", "hangs", "With {} hangs"], &[]),
    known("upstream.NAME.hangs", ["hangs of NAME", "hangs of NAME", "With {} hangs of NAME"], &[]),
    known("mock.timer", ["timer of the mock", "timer", "With the mock’s timer {}"], &[]),
];

/// Options of models whose values count something.
const COUNTS: [&str; 3] = ["threads", "workers", "max_blocking_threads"];

impl KeyWords {
    /// Of a run's sweep; options of models go by the model's label.
    pub(crate) fn of(sweep: &SweepInfo, labels: &[&str]) -> Self {
        let mut words = Self::of_key(&sweep.key, labels);
        if let Some(label) = &sweep.label {
            (words.name, words.short) = (label.clone(), label.clone());
            words.heading.clone_from(label);
            words.path = Some(sweep.key.clone());
            words.opening = format!("At {label} = {{}}");
            words.own = &[];
        }
        words
    }

    /// Of a key alone.
    pub(crate) fn of_key(key: &str, labels: &[&str]) -> Self {
        let own = Self::of_option(key, labels).or_else(|| Self::known(key));
        own.unwrap_or_else(|| Self::of_path(key))
    }

    /// An option of a model, with or without `model.` before its label.
    fn of_option(key: &str, labels: &[&str]) -> Option<Self> {
        let rest = key.strip_prefix("model.").unwrap_or(key);
        let unquoted = rest.replace(['"', '\''], "");
        let of = |label: &str| unquoted.strip_prefix(label)?.strip_prefix('.');
        let (label, option) = labels.iter().find_map(|label| Some((*label, of(label)?)))?;
        let words = option.replace('_', " ");
        let opening = if COUNTS.contains(&option) {
            format!("With {{}} {words} of {label}")
        } else {
            format!("With {words} = {{}} of {label}")
        };
        let name = format!("{words} of {label}");
        Some(Self { opening, heading: name.clone(), ..Self::plain(name, words, None) })
    }

    fn known(key: &str) -> Option<Self> {
        let parts: Vec<&str> = key.split('.').collect();
        let name = if parts.first() == Some(&"upstream") { parts.get(1).copied() } else { None };
        let matches = |known: &&Known| match name {
            Some(name) if name != "*" => known.path.replacen("NAME", name, 1) == key,
            _ => known.path == key,
        };
        let known = KNOWN.iter().find(matches)?;
        let put = |text: &str| text.replace("NAME", name.unwrap_or_default());
        let zero = match known.own {
            [("none", _)] => "none",
            _ => "0",
        };
        Some(Self {
            opening: put(known.opening),
            own: known.own,
            zero: Some(zero),
            ..Self::plain(put(known.name), put(known.short), Some(key.to_owned()))
        })
    }

    fn of_path(key: &str) -> Self {
        let parts: Vec<&str> = key.split('.').collect();
        match parts.as_slice() {
            ["upstream", "*", rest @ ..] if !rest.is_empty() => {
                let rest = rest.join(".");
                Self::plain(format!("{rest} of both upstreams"), rest, None)
            }
            ["upstream", name, rest @ ..] if !rest.is_empty() => {
                let words = format!("{} of {name}", rest.join("."));
                Self::plain(words.clone(), words, None)
            }
            [_, _, .., last] => Self::plain(key.to_owned(), (*last).to_owned(), None),
            _ => Self::plain(key.to_owned(), key.to_owned(), None),
        }
    }

    fn plain(name: String, short: String, path: Option<String>) -> Self {
        let opening = format!("With {short} = {{}}");
        Self { name, heading: short.clone(), short, path, opening, own: &[], zero: None }
    }

    /// A value as sentences and ticks have it: figure and unit stay together.
    pub(crate) fn value(&self, value: &str) -> String {
        match (quantity(value), self.zero) {
            (None, _) => value.to_owned(),
            (Some(0.0), Some(zero)) if !value.contains('%') => zero.to_owned(),
            (Some(_), _) => {
                let micros = value.strip_suffix(" us").map(|figure| format!("{figure} µs"));
                micros.unwrap_or_else(|| value.to_owned()).replace(' ', &NBSP.to_string())
            }
        }
    }

    /// A title's opening at a value in words: `With 10 ms of CPU work`.
    pub(crate) fn opening(&self, word: &str) -> String {
        let own = self.own.iter().find(|(value, _)| *value == word);
        own.map_or_else(|| self.opening.replace("{}", word), |(_, opening)| (*opening).to_owned())
    }
}

/// The figure that a value begins with.
pub(super) fn quantity(value: &str) -> Option<f64> {
    let end = value.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','));
    value[..end.unwrap_or(value.len())].replace(',', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::plain;

    #[test]
    fn keys_are_put_in_words() {
        let named = |key| {
            let words = KeyWords::of_key(key, &["rayon", "tokio-2"]);
            (words.name, words.short)
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(named("combine.work"), pair("CPU work per request", "CPU work"));
        assert_eq!(named("model.rayon.threads"), pair("threads of rayon", "threads"));
        assert_eq!(named("model.\"tokio-2\".workers"), pair("workers of tokio-2", "workers"));
        assert_eq!(
            named("upstream.*.latency"),
            pair("latency of both upstreams", "upstream latency")
        );
        assert_eq!(named("upstream.api1.latency"), pair("latency of api1", "latency of api1"));
        assert_eq!(
            named("upstream.api1.latency.lognormal.p99"),
            pair("latency.lognormal.p99 of api1", "latency.lognormal.p99 of api1")
        );
        assert_eq!(named("combine.shared_state.odd"), pair("combine.shared_state.odd", "odd"));
    }

    #[test]
    fn values_open_titles() {
        let opening = |key, value| {
            let words = KeyWords::of_key(key, &["rayon"]);
            plain(&words.opening(&words.value(value)))
        };
        assert_eq!(opening("combine.work", "100 us"), "With 100 µs of CPU work");
        assert_eq!(opening("combine.work", "0 s"), "With no CPU work");
        assert_eq!(opening("combine.shared_state.guard", "mutex"), "With a mutex");
        assert_eq!(opening("combine.shared_state.guard", "none"), "With no guard");
        assert_eq!(opening("upstream.api1.latency", "0 s"), "With api1 at 0");
        assert_eq!(opening("upstream.api1.errors", "0 %"), "With 0 % errors of api1");
        assert_eq!(opening("model.rayon.threads", "8"), "With 8 threads of rayon");
        assert_eq!(opening("model.rayon.stack", "64 KiB"), "With stack = 64 KiB of rayon");
        assert_eq!(opening("mock.odd", "x"), "With mock.odd = x");
    }
}
