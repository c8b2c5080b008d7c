//! Outlines in a page, made small: each corner is told from the one before, as SVG allows.
//!
//! ```text
//! <path d="M101.5 200.5L103.5 203.5L99.5 203.5Z"/>    as drawn
//! <path d="m101.5 200.5 2 3-4 0z"/>                   in a page
//! ```
//!
//! Coordinates are tenths, and stay exact: nothing is rounded here. What is not understood stays as
//! it was.

use std::fmt::Write as _;

/// The body of a page with its paths told so, its polylines and polygons as paths.
pub(super) fn shortened(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find("<p") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find('>').map_or(rest.len(), |at| at + 1);
        let (tag, after) = rest.split_at(end);
        out.push_str(&element(tag).unwrap_or_else(|| tag.to_owned()));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The opening tag of a shape, shortened.
fn element(tag: &str) -> Option<String> {
    let (name, _) = tag[1..].split_once(' ')?;
    let (attribute, closed) = match name {
        "path" => (" d=\"", false),
        "polyline" => (" points=\"", false),
        "polygon" => (" points=\"", true),
        _ => return None,
    };
    // The closing tag of another kind of element would have to change too.
    if name != "path" && !tag.ends_with("/>") {
        return None;
    }
    let from = tag.find(attribute)? + attribute.len();
    let to = from + tag[from..].find('"')?;
    let steps =
        if name == "path" { commands(&tag[from..to])? } else { corners(&tag[from..to], closed)? };
    let before = &tag[1 + name.len()..from - attribute.len()];
    Some(format!("<path{before} d=\"{}\"{}", told(&steps), &tag[to + 1..]))
}

/// A step of a pen, places in tenths.
enum Step {
    Move(i64, i64),
    Line(i64, i64),
    Close,
}

/// The steps of path data made of moves, lines and ends.
fn commands(data: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let ((mut x, mut y), mut start) = ((0, 0), (0, 0));
    let mut rest = data;
    while let Some(letter) = rest.chars().next() {
        let end = rest[1..].find(|c: char| c.is_ascii_alphabetic()).map_or(rest.len(), |at| at + 1);
        let numbers: Vec<i64> = rest[1..end]
            .split([' ', ','])
            .filter(|n| !n.is_empty())
            .map(tenths)
            .collect::<Option<_>>()?;
        rest = &rest[end..];
        match (letter, numbers.as_slice()) {
            ('M' | 'L', [a, b]) => (x, y) = (*a, *b),
            ('l', [a, b]) => (x, y) = (x + a, y + b),
            ('H', [a]) => x = *a,
            ('V', [b]) => y = *b,
            ('Z', []) => (x, y) = start,
            _ => return None,
        }
        steps.push(match letter {
            'M' => {
                start = (x, y);
                Step::Move(x, y)
            }
            'Z' => Step::Close,
            _ => Step::Line(x, y),
        });
    }
    matches!(steps.first(), Some(Step::Move(..))).then_some(steps)
}

/// The steps along `x,y x,y …`.
fn corners(points: &str, closed: bool) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    for point in points.split_whitespace() {
        let (x, y) = point.split_once(',')?;
        let (x, y) = (tenths(x)?, tenths(y)?);
        steps.push(if steps.is_empty() { Step::Move(x, y) } else { Step::Line(x, y) });
    }
    if closed {
        steps.push(Step::Close);
    }
    (steps.len() > 1).then_some(steps)
}

/// A number in tenths, if it is a whole count of them.
fn tenths(text: &str) -> Option<i64> {
    let value = text.parse::<f64>().ok()? * 10.0;
    let whole = value.round();
    ((value - whole).abs() < 1e-6 && whole.abs() < 1e9).then_some(whole as i64)
}

/// Path data, every step from the place before; pairs after a move or a line need no letter.
fn told(steps: &[Step]) -> String {
    let mut out = String::new();
    let ((mut x, mut y), mut start) = ((0, 0), (0, 0));
    let mut letter = ' ';
    for step in steps {
        let (to, next) = match *step {
            Step::Move(a, b) => {
                start = (a, b);
                (start, 'm')
            }
            Step::Line(a, b) if b == y => ((a, b), 'h'),
            Step::Line(a, b) if a == x => ((a, b), 'v'),
            Step::Line(a, b) => ((a, b), 'l'),
            Step::Close => (start, 'z'),
        };
        let (dx, dy) = (to.0 - x, to.1 - y);
        (x, y) = to;
        // A line after a move or a line is told by its figures alone.
        if !(next == letter && next != 'm' || next == 'l' && letter == 'm') {
            out.push(next);
        }
        letter = next;
        match next {
            'h' => push(&mut out, dx),
            'v' => push(&mut out, dy),
            'z' => {}
            _ => {
                push(&mut out, dx);
                push(&mut out, dy);
            }
        }
    }
    out
}

/// A number of tenths; parted from what it follows only where it would run into it.
fn push(out: &mut String, tenths: i64) {
    let follows = out.ends_with(|c: char| c.is_ascii_digit());
    if follows && tenths >= 0 {
        out.push(' ');
    }
    let sign = if tenths < 0 { "-" } else { "" };
    let (whole, part) = (tenths.abs() / 10, tenths.abs() % 10);
    let _ = match (whole, part) {
        (_, 0) => write!(out, "{sign}{whole}"),
        (0, _) => write!(out, "{sign}.{part}"),
        _ => write!(out, "{sign}{whole}.{part}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_are_told_from_the_one_before() {
        let body = "<p>a</p><path d=\"M101.5 200.5L103.5 203.5L99.5 204ZM1 2H5V9l-1 0.5\" class=\"A\"><title>M1 2</title></path>";
        assert_eq!(
            shortened(body),
            "<p>a</p><path d=\"m101.5 200.5 2 3-4 .5zm-100.5-198.5h4v7l-1 .5\" class=\"A\"><title>M1 2</title></path>"
        );
    }

    #[test]
    fn polylines_and_polygons_become_paths() {
        assert_eq!(
            shortened(
                "<polyline fill=\"none\" points=\"8370,1366 891,1338 891,1340 \"/><polygon points=\"1,2 3,4\"/>"
            ),
            "<path fill=\"none\" d=\"m8370 1366-7479-28v2\"/><path d=\"m1 2 2 2z\"/>"
        );
    }

    #[test]
    fn what_is_not_understood_stays() {
        for body in [
            "<path d=\"M1 2A3 3 0 0 1 4 5\"/>",
            "<path d=\"M1.25 2L3 4\"/>",
            "<polygon points=\"1,2 3,4\"><title>x</title></polygon>",
            "<p",
            "<polyline points=\"\"/>",
        ] {
            assert_eq!(shortened(body), body);
        }
    }
}
