//! Sentences with model names marked, so that a page can colour them and a text print them.

use crate::analysis::Analysis;

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// Words.
    Text(String),
    /// The name of a model, by `Series::index`.
    Model(usize),
    /// Words of lesser weight: an interval, a remark.
    Muted(String),
}

/// Builds a sentence span by span.
#[derive(Debug, Clone, Default)]
pub struct Sentence(Vec<Span>);

impl Sentence {
    /// An empty sentence.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends words.
    #[must_use]
    pub fn text(mut self, words: impl AsRef<str>) -> Self {
        match self.0.last_mut() {
            Some(Span::Text(before)) => before.push_str(words.as_ref()),
            _ => self.0.push(Span::Text(words.as_ref().to_owned())),
        }
        self
    }

    /// Appends a model's name.
    #[must_use]
    pub fn model(mut self, index: usize) -> Self {
        self.0.push(Span::Model(index));
        self
    }

    /// Appends names of models as a list: `a, b and c`.
    #[must_use]
    pub fn models(self, indices: &[usize]) -> Self {
        let last = indices.len().saturating_sub(1);
        indices.iter().enumerate().fold(self, |sentence, (at, &index)| {
            let joint = if at == 0 {
                ""
            } else if at == last {
                " and "
            } else {
                ", "
            };
            if joint.is_empty() { sentence.model(index) } else { sentence.text(joint).model(index) }
        })
    }

    /// Appends words of lesser weight, a space before them.
    #[must_use]
    pub fn muted(mut self, words: impl AsRef<str>) -> Self {
        if words.as_ref().is_empty() {
            return self;
        }
        if !self.0.is_empty() {
            self = self.text(" ");
        }
        self.0.push(Span::Muted(words.as_ref().to_owned()));
        self
    }

    /// Appends another sentence.
    #[must_use]
    pub fn then(self, other: Self) -> Self {
        other.0.into_iter().fold(self, |sentence, span| match span {
            Span::Text(words) => sentence.text(words),
            other => Self([sentence.0, vec![other]].concat()),
        })
    }

    /// The spans.
    pub fn done(self) -> Vec<Span> {
        self.0
    }
}

/// The sentence as text; `model` renders a model's label.
pub fn to_text(spans: &[Span], analysis: &Analysis, model: impl Fn(&str) -> String) -> String {
    let label =
        |index: usize| analysis.series.get(index).map_or("?", |series| series.model.label.as_str());
    text_of(spans, |index| model(label(index)))
}

/// The sentence as text; `model` renders the name of a model by its position.
pub fn text_of(spans: &[Span], model: impl Fn(usize) -> String) -> String {
    spans
        .iter()
        .map(|span| match span {
            Span::Text(words) | Span::Muted(words) => words.clone(),
            Span::Model(index) => model(*index),
        })
        .collect()
}
