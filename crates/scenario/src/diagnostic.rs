//! Diagnostics: what is wrong, where, and what would be right, drawn as rustc draws them.
//!
//! Lives here: the text an error points into, the place, and the drawing. Deliberately not here:
//! any knowledge of what a scenario should contain.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

/// One thing wrong with a scenario, with its place. `Display` draws it in plain text.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    class: Class,
    title: String,
    place: Place,
    label: String,
    /// Another place that has to do with it, and what it says.
    other: Option<(Place, String)>,
    help: Vec<String>,
}

/// What sort of thing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The text is not UTF-8 or not TOML.
    Syntax,
    /// A key, model, law, or fault that does not exist.
    Unknown,
    /// Something that must be there is not.
    Missing,
    /// A number where a string belongs, and the like.
    Type,
    /// Of the right type, and not acceptable.
    Value,
    /// Stated twice, or two statements that exclude each other.
    Conflict,
    /// A file named in the scenario cannot be used.
    File,
    /// A `--set` that names no place in the scenario.
    Override,
}

impl Diagnostic {
    /// What sort of thing is wrong.
    pub fn class(&self) -> Class {
        self.class
    }

    /// The first line, without place or suggestion.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Line and column of the place, from 1; columns count characters.
    pub fn line_column(&self) -> (usize, usize) {
        self.place.line_column()
    }

    /// Draws the diagnostic, with terminal colours if asked for.
    pub fn render(&self, colour: bool) -> String {
        let source = &self.place.source;
        let mut group = Group::with_title(Level::ERROR.primary_title(self.title.as_str()));
        if source.text.trim().is_empty() {
            group = group.element(Origin::path(source.origin.as_str()).line(1).char_column(1));
        } else {
            let annotation =
                AnnotationKind::Primary.span(self.place.drawn()).label(self.label.as_str());
            let mut snippet = Snippet::source(source.text.as_str())
                .path(source.origin.as_str())
                .annotation(annotation);
            let mut elsewhere = None;
            if let Some((place, label)) = &self.other {
                let annotation = AnnotationKind::Context.span(place.drawn()).label(label.as_str());
                if place.source == *source {
                    snippet = snippet.annotation(annotation);
                } else {
                    let other = Snippet::source(place.source.text.as_str());
                    elsewhere =
                        Some(other.path(place.source.origin.as_str()).annotation(annotation));
                }
            }
            group = group.element(snippet).elements(elsewhere);
        }
        group = group.elements(self.help.iter().map(|help| Level::HELP.message(help.as_str())));
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }

    /// Says, under the caret, what was expected.
    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Shows another place that has to do with it.
    pub(crate) fn and(mut self, place: &Place, label: impl Into<String>) -> Self {
        self.other = Some((place.clone(), label.into()));
        self
    }

    /// Whether it points into this place.
    pub(crate) fn is_at(&self, place: &Place) -> bool {
        self.place.is_inside(place)
    }

    /// Shows where a value stands that it came of, unless the place is in there already.
    pub(crate) fn at_value(self, value: &Place, label: &str) -> Self {
        if self.is_at(value) {
            self
        } else if self.other.is_none() {
            self.and(value, label)
        } else {
            self.help(label)
        }
    }

    /// Words the first line anew.
    pub(crate) fn retitle(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Adds a line that helps.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

/// The origin of what comes from the command line.
pub(crate) const OVERRIDE: &str = "--set";

/// A text that values come from: the scenario file, or one `--set`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// The file's path, or `--set`.
    pub(crate) origin: String,
    /// The text that spans count bytes of.
    pub(crate) text: String,
}

/// Where in a source a value stands.
#[derive(Clone)]
pub(crate) struct Place {
    source: Arc<Source>,
    span: Range<usize>,
}

impl Place {
    pub(crate) fn new(source: Arc<Source>, span: Range<usize>) -> Self {
        Self { source, span }
    }

    /// A diagnostic about this place.
    pub(crate) fn error(&self, class: Class, title: impl Into<String>) -> Diagnostic {
        Diagnostic {
            class,
            title: title.into(),
            place: self.clone(),
            label: String::new(),
            other: None,
            help: Vec::new(),
        }
    }

    /// Byte at which the place starts: orders values of one source as in the file.
    pub(crate) fn start(&self) -> usize {
        self.span.start
    }

    /// Orders places as they came: the file from top to bottom, then what overrides it.
    pub(crate) fn order(&self) -> (bool, usize) {
        (self.is_override(), self.span.start)
    }

    /// Whether it comes from the command line.
    pub(crate) fn is_override(&self) -> bool {
        self.source.origin == OVERRIDE
    }

    /// The place of a piece of a string that stands here, where it is written as it reads; else
    /// the whole.
    pub(crate) fn within(&self, text: &str, piece: Range<usize>) -> Self {
        let written = self.source.text.get(self.span.clone());
        let span = match written.and_then(|written| written.find(text)) {
            Some(at) => self.span.start + at + piece.start..self.span.start + at + piece.end,
            None => self.span.clone(),
        };
        Self::new(Arc::clone(&self.source), span)
    }

    fn is_inside(&self, outer: &Self) -> bool {
        let spans = (&self.span, &outer.span);
        self.source == outer.source
            && (spans.1.start..=spans.1.end).contains(&spans.0.start)
            && spans.0.end <= spans.1.end
    }

    /// The span with its end cut at the first line's end, on character boundaries and inside the
    /// text: a caret under a whole table says less than one under its first line.
    fn drawn(&self) -> Range<usize> {
        let text = self.source.text.as_str();
        let start = floor_boundary(text, self.span.start);
        let end = floor_boundary(text, self.span.end).max(start);
        let first_line = text[start..end].find(['\n', '\r']).map_or(end, |length| start + length);
        start..first_line
    }

    fn line_column(&self) -> (usize, usize) {
        let before = &self.source.text[..self.drawn().start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.line_column();
        write!(f, "{}:{line}:{column}", self.source.origin)
    }
}

/// The last character boundary at or before byte `at`.
fn floor_boundary(text: &str, at: usize) -> usize {
    let inside = at.min(text.len());
    (0..=inside).rev().find(|&byte| text.is_char_boundary(byte)).unwrap_or(0)
}

/// The candidate nearest to `word`, if near enough to be what was meant.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let begins = |candidate: &str| lower.len() >= 3 && candidate.starts_with(&lower);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, candidate), candidate))
        .filter(|(distance, candidate)| {
            let length = candidate.chars().count();
            *distance < length && *distance <= (length / 3).max(1) || begins(candidate)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `a, b, c`, each in backticks.
pub(crate) fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found_and_far_ones_not() {
        let models = ["thread-per-request", "rayon", "tokio"];
        assert_eq!(nearest("tokyo", models), Some("tokio"));
        assert_eq!(nearest("TOKIO", models), Some("tokio"));
        assert_eq!(nearest("thread-per-requests", models), Some("thread-per-request"));
        assert_eq!(nearest("goroutine", models), None);
        assert_eq!(nearest("Thread", models), Some("thread-per-request"));
        assert_eq!(nearest("to", models), None);
        assert_eq!(nearest("", ["a"]), None);
    }

    #[test]
    fn any_span_draws() {
        let source = Arc::new(Source { origin: "x".into(), text: "é\r\nab\n".into() });
        for start in 0..12 {
            for end in 0..12 {
                let place = Place::new(Arc::clone(&source), start..end);
                assert!(place.error(Class::Value, "t").render(false).contains("x:"));
            }
        }
    }
}
