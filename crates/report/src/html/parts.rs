//! Pieces of markup that sections share: model names, sentences, tables. All text is escaped here.

use std::fmt::Write as _;

use crate::analysis::Analysis;
use crate::charts::drawing::svg::escape;
use crate::charts::{Ink, outline, shape};
use crate::look::Look;
use crate::sentence::Span;

/// Labels up to this long are kept on one line.
pub(super) const SHORT: usize = 24;

/// A model's name in its colour, after its marker.
pub(super) fn model(analysis: &Analysis, index: usize) -> String {
    analysis
        .series
        .get(index)
        .map_or_else(|| "?".to_owned(), |series| named(series.look, &series.model.label))
}

/// The same with the label at hand.
pub(super) fn named(look: Look, label: &str) -> String {
    let short = if label.chars().count() <= SHORT { " short" } else { "" };
    let (line, edge) = (Ink::Line(look), Ink::Line(look).edge());
    let fill = format!("fill=\"{}\" stroke=\"{}\"", line.hex(), edge.hex());
    let mark = outline((6.0, 6.0), shape(look), 4.8, &fill, "");
    format!(
        "<bdi class=\"t{}{short}\"><svg class=\"mk\" viewBox=\"0 0 12 12\" aria-hidden=\"true\">{mark}</svg>{}</bdi>",
        look.colour,
        escape(label)
    )
}

/// A sentence with its models coloured and its lesser words grey.
pub(super) fn sentence(analysis: &Analysis, spans: &[Span]) -> String {
    sentence_of(spans, |index| model(analysis, index))
}

/// The same where `model` gives the markup of a model by its position.
pub(super) fn sentence_of(spans: &[Span], model: impl Fn(usize) -> String) -> String {
    spans
        .iter()
        .map(|span| match span {
            Span::Text(words) => escape(words),
            Span::Model(index) => model(*index),
            Span::Muted(words) => format!("<span class=\"muted\">{}</span>", escape(words)),
        })
        .collect()
}

/// A remark below something.
pub(super) fn note(text: &str) -> String {
    format!("<p class=\"note\">{}.</p>\n", escape(text.trim_end_matches('.')))
}

/// A section with an anchor and a heading.
pub(super) fn section(id: &str, heading: &str, body: &str) -> String {
    format!(
        "<section id=\"{id}\" aria-labelledby=\"{id}-h\"><h2 id=\"{id}-h\">{}</h2>\n{body}</section>\n",
        escape(heading)
    )
}

/// A column of a table.
pub(super) struct Column<'a> {
    /// Its heading.
    pub(super) heading: &'a str,
    /// How its cells stand.
    pub(super) kind: Kind,
}

/// How the cells of a column stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Right-aligned, on one line.
    Figure,
    /// Left-aligned, on one line.
    Word,
    /// Left-aligned, wrapped.
    Sentence,
}

impl Kind {
    fn class(self) -> &'static str {
        match self {
            Self::Figure => "",
            Self::Word => " class=\"l\"",
            Self::Sentence => " class=\"l wrap\"",
        }
    }
}

/// Right-aligned columns with these headings.
pub(super) fn figures<'a>(headings: &[&'a str]) -> Vec<Column<'a>> {
    headings.iter().map(|heading| Column { heading, kind: Kind::Figure }).collect()
}

/// A table under construction: groups of rows under headings, the first cell of a row its header.
pub(super) struct Table<'a> {
    columns: Vec<Column<'a>>,
    body: String,
    open: bool,
}

impl<'a> Table<'a> {
    /// An empty table.
    pub(super) fn new(columns: Vec<Column<'a>>) -> Self {
        Self { columns, body: String::new(), open: false }
    }

    /// Begins a group; `heading` is markup.
    pub(super) fn group(&mut self, heading: &str) {
        self.close();
        let span = self.columns.len();
        let _ = writeln!(
            self.body,
            "<tbody><tr><th class=\"group\" scope=\"rowgroup\" colspan=\"{span}\">{heading}</th></tr>"
        );
        self.open = true;
    }

    /// A row of markup cells; `trusted` rows are not greyed.
    pub(super) fn row(&mut self, cells: &[String], trusted: bool) {
        if !self.open {
            self.body.push_str("<tbody>");
            self.open = true;
        }
        self.body.push_str(if trusted { "<tr>" } else { "<tr class=\"no\">" });
        for (at, (cell, column)) in cells.iter().zip(&self.columns).enumerate() {
            let class = column.kind.class();
            let _ = if at == 0 {
                write!(self.body, "<th scope=\"row\">{cell}</th>")
            } else {
                write!(self.body, "<td{class}>{cell}</td>")
            };
        }
        self.body.push_str("</tr>\n");
    }

    /// The table inside a box that scrolls sideways, reachable by keyboard.
    pub(super) fn done(mut self, caption: &str, class: &str) -> String {
        self.close();
        let mut head = String::new();
        for column in &self.columns {
            let class = if column.kind == Kind::Figure { "" } else { " class=\"l\"" };
            let _ = write!(head, "<th scope=\"col\"{class}>{}</th>", escape(column.heading));
        }
        let caption = escape(caption);
        format!(
            "<div class=\"scroll\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\"><table class=\"{class}\">\
             <caption class=\"hidden\">{caption}</caption><thead><tr>{head}</tr></thead>\n{}</table></div>\n",
            self.body
        )
    }

    fn close(&mut self) {
        if self.open {
            self.body.push_str("</tbody>\n");
            self.open = false;
        }
    }
}
