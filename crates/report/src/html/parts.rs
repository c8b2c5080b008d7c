//! Pieces of markup that sections share: model names, sentences, tables. All text is escaped here.

use std::fmt::Write as _;

use crate::analysis::Analysis;
use crate::charts::drawing::svg::escape;
use crate::charts::{Ink, outline, shape};
use crate::format;
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

/// A remark below something; what it puts between backticks is code.
pub(super) fn note(text: &str) -> String {
    let words = prose(text.trim_end_matches('.'));
    let pieces: Vec<&str> = words.split('`').collect();
    let mut out = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        // The last of an even count stands after a backtick that nothing closes.
        let code = at % 2 == 1 && at + 1 < pieces.len();
        let _ = if code {
            write!(out, "<code>{piece}</code>")
        } else if at % 2 == 1 {
            write!(out, "`{piece}")
        } else {
            write!(out, "{piece}")
        };
    }
    format!("<p class=\"note\">{out}.</p>\n")
}

/// Words from a result: escaped, with figures that no line break parts from their unit.
pub(super) fn prose(text: &str) -> String {
    const UNITS: [&str; 10] = ["%", "ms", "µs", "ns", "s", "KiB", "kB", "MB", "GB", "MiB"];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(' ') {
        out.push_str(before);
        let figure = before.ends_with(|c: char| c.is_ascii_digit());
        let next = after.split(|c: char| c != '%' && !c.is_alphabetic()).next().unwrap_or("");
        out.push(if figure && UNITS.contains(&next) { format::NBSP } else { ' ' });
        rest = after;
    }
    out.push_str(rest);
    escape(&out)
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
///
/// One with sentences would be far wider than a telephone: there each row becomes a card, each cell
/// led by the heading of its column. Its parts bear their roles, which such a style takes away.
pub(super) struct Table<'a> {
    columns: Vec<Column<'a>>,
    body: String,
    open: bool,
    cards: bool,
}

impl<'a> Table<'a> {
    /// An empty table.
    pub(super) fn new(columns: Vec<Column<'a>>) -> Self {
        let cards = columns.iter().any(|column| column.kind == Kind::Sentence);
        Self { columns, body: String::new(), open: false, cards }
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
            let _ = write!(self.body, "<tbody{}>", self.role("rowgroup"));
            self.open = true;
        }
        let class = if trusted { "" } else { " class=\"no\"" };
        let _ = write!(self.body, "<tr{class}{}>", self.role("row"));
        for (at, (cell, column)) in cells.iter().zip(&self.columns).enumerate() {
            let class = column.kind.class();
            let _ = if at == 0 {
                let class = if column.kind == Kind::Sentence { class } else { "" };
                write!(self.body, "<th scope=\"row\"{class}{}>{cell}</th>", self.role("rowheader"))
            } else if self.cards && cell.is_empty() {
                write!(self.body, "<td role=\"cell\"></td>")
            } else if self.cards {
                let heading = escape(column.heading);
                write!(
                    self.body,
                    "<td{class} role=\"cell\" data-l=\"{heading}\"><span>{cell}</span></td>"
                )
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
            let (role, heading) = (self.role("columnheader"), escape(column.heading));
            let _ = write!(head, "<th scope=\"col\"{class}{role}>{heading}</th>");
        }
        let caption = escape(caption);
        let class = if self.cards { "cards" } else { class };
        format!(
            "<div class=\"scroll\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\"><table class=\"{class}\"{}>\
             <caption class=\"hidden\">{caption}</caption><thead{}><tr{}>{head}</tr></thead>\n{}</table></div>\n",
            self.role("table"),
            self.role("rowgroup"),
            self.role("row"),
            self.body
        )
    }

    /// The role of a part, where the style of cards would take it away.
    fn role(&self, role: &str) -> String {
        if self.cards { format!(" role=\"{role}\"") } else { String::new() }
    }

    fn close(&mut self) {
        if self.open {
            self.body.push_str("</tbody>\n");
            self.open = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_break_parts_a_figure_from_its_unit() {
        assert_eq!(
            prose("p99 1.04 × what is < 2 %, or 3 ms; 4 sets and 5 s"),
            "p99 1.04 × what is &lt; 2\u{a0}%, or 3\u{a0}ms; 4 sets and 5\u{a0}s"
        );
    }

    #[test]
    fn code_in_a_remark() {
        assert_eq!(
            note("so: `a < b`, or `c"),
            "<p class=\"note\">so: <code>a &lt; b</code>, or `c.</p>\n"
        );
    }
}
