//! Charts in a page, made small: what the marks of a chart repeat is said once, in a rule of its own.
//!
//! ```text
//! <circle cx="3" cy="4" r="5" fill="#0072B2" opacity="0.45"/>   as drawn
//! <circle cx="3" cy="4" r="5" class="A"/>   .A{fill:var(--m0);opacity:0.45}   in a page
//! ```
//!
//! Names of rules are capitals, which no other class of the page is made of. Deliberately not here:
//! what a chart looks like, and files, which stand alone and keep their attributes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::paths;

/// The attributes that a rule can hold, as CSS names them too.
const STYLED: [&str; 12] = [
    "fill",
    "stroke",
    "stroke-width",
    "stroke-linejoin",
    "stroke-linecap",
    "stroke-dasharray",
    "opacity",
    "fill-opacity",
    "font-size",
    "font-weight",
    "text-anchor",
    // Of groups alone: a text is turned around a place of its own, which is no CSS.
    "transform",
];

/// The elements of charts that rules are made for.
const SHAPES: [&str; 8] = ["circle", "rect", "path", "line", "polyline", "polygon", "text", "g"];

/// The body of a page with its charts' attributes moved into rules, and the rules; `variable` is the
/// name of the CSS variable of a colour. Markup must be well-formed and quoted as this crate writes it.
pub(super) fn compact(
    body: &str,
    variable: impl Fn(&str) -> Option<&'static str>,
) -> (String, String) {
    let body = unnamed(&paths::shortened(body));
    let body = body.as_str();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for tag in tags(body).filter_map(styled) {
        *counts.entry(tag).or_default() += 1;
    }
    let mut order: Vec<(&str, usize)> = counts.into_iter().collect();
    order.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let names: BTreeMap<&str, String> =
        order.iter().enumerate().map(|(at, (look, _))| (*look, name(at))).collect();
    let mut css = String::new();
    for (look, _) in &order {
        let _ = write!(css, ".{}{{{}}}", names[look], rule(look, &variable));
    }
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    for look in tags(body).filter_map(styled) {
        // `look` is a slice of the body: what lies before it is copied.
        let at = look.as_ptr() as usize - rest.as_ptr() as usize;
        out.push_str(&rest[..at]);
        let _ = write!(out, "class=\"{}\"", names[look]);
        rest = &rest[at + look.len()..];
    }
    out.push_str(rest);
    (out, css)
}

/// The narrow layout of a chart beside the wide one: title and description are the wide one's, and so
/// are the words of its marks where they are the same in the same order; the script looks there.
pub(super) fn beside(wide: &str, narrow: &str, key: &str) -> String {
    let own = format!("{key}-narrow");
    let described = |text: &str| text.find("</desc>").map_or(0, |at| at + "</desc>".len());
    let (head, marks) = narrow.split_at(described(narrow));
    let opening = head.find("><title").map_or(head, |at| &head[..=at]);
    let mut out = opening.replace(&own, &format!("{key}-wide"));
    if titles(marks).eq(titles(&wide[described(wide)..])) {
        let mut rest = marks;
        for title in titles(marks) {
            let at = title.as_ptr() as usize - rest.as_ptr() as usize;
            out.push_str(&rest[..at]);
            out.push_str("<title/>");
            rest = &rest[at + title.len()..];
        }
        out.push_str(rest);
    } else {
        out.push_str(marks);
    }
    out
}

/// Groups without the names of their layers: those tell a file's reader what is what, and a page of
/// nothing.
fn unnamed(body: &str) -> String {
    const NAMED: &str = "<g class=\"";
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some((before, after)) = rest.split_once(NAMED) {
        out.push_str(before);
        out.push_str("<g");
        rest = after.split_once('"').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

/// The titles of marks, with their tags.
fn titles(markup: &str) -> impl Iterator<Item = &str> {
    markup.match_indices("<title>").filter_map(|(at, _)| {
        let end = markup[at..].find("</title>")?;
        Some(&markup[at..at + end + "</title>".len()])
    })
}

/// What stands between the angle brackets of every opening tag of a shape.
fn tags(body: &str) -> impl Iterator<Item = &str> {
    body.match_indices('<').filter_map(|(at, _)| {
        let tag = &body[at + 1..];
        let tag = &tag[..tag.find('>')?];
        let kind = tag.split([' ', '/']).next()?;
        SHAPES.contains(&kind).then_some(tag)
    })
}

/// The run of attributes of a tag that a rule can hold; none where the tag has a class already.
fn styled(tag: &str) -> Option<&str> {
    let (mut from, mut to) = (None, 0);
    let group = tag.starts_with("g ");
    let mut at = tag.find(' ')? + 1;
    while let Some((name, rest)) = tag[at..].split_once("=\"") {
        let end = at + name.len() + 2 + rest.find('"')? + 1;
        if name == "class" {
            return None;
        }
        if STYLED.contains(&name) && (group || name != "transform") {
            from.get_or_insert(at);
            to = end;
        } else if from.is_some() {
            break;
        }
        // A space parts attributes.
        at = (end + 1).min(tag.len());
    }
    Some(&tag[from?..to])
}

/// The rule of a run of attributes.
fn rule(look: &str, variable: &impl Fn(&str) -> Option<&'static str>) -> String {
    let mut out = String::new();
    let mut rest = look;
    while let Some((name, more)) = rest.split_once("=\"") {
        let Some((value, more)) = more.split_once('"') else { break };
        let end = if out.is_empty() { "" } else { ";" };
        let unit = if name == "font-size" { "px" } else { "" };
        let _ = match variable(value) {
            Some(variable) => write!(out, "{end}{name}:var(--{variable})"),
            None => write!(out, "{end}{name}:{value}{unit}"),
        };
        rest = more.trim_start();
    }
    out
}

/// `A`, `B`, … `Z`, `AA`, …
fn name(mut at: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A' + (at % 26) as u8));
        if at < 26 {
            break;
        }
        at = at / 26 - 1;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(colour: &str) -> Option<&'static str> {
        (colour == "#FFFFFF").then_some("bg")
    }

    #[test]
    fn attributes_become_rules_the_most_used_first() {
        let body = "<p>a</p><svg><rect x=\"1\" fill=\"none\"/><circle cx=\"1\" fill=\"#FFFFFF\" stroke-width=\"2\"><title>x</title></circle>\
                    <circle cx=\"2\" fill=\"#FFFFFF\" stroke-width=\"2\"/><g class=\"line\" transform=\"scale(.1)\" opacity=\"1\"></g><g class=\"b\"></g><path class=\"c\" fill=\"none\"/>\
                    <text x=\"1\" font-size=\"12\" transform=\"rotate(1)\">a &lt; b</text><line x1=\"3\"/></svg>";
        let (small, css) = compact(body, variable);
        assert_eq!(
            small,
            "<p>a</p><svg><rect x=\"1\" class=\"B\"/><circle cx=\"1\" class=\"A\"><title>x</title></circle>\
             <circle cx=\"2\" class=\"A\"/><g class=\"D\"></g><g></g><path class=\"c\" fill=\"none\"/>\
             <text x=\"1\" class=\"C\" transform=\"rotate(1)\">a &lt; b</text><line x1=\"3\"/></svg>"
        );
        assert_eq!(
            css,
            ".A{fill:var(--bg);stroke-width:2}.B{fill:none}.C{font-size:12px}.D{transform:scale(.1);opacity:1}"
        );
    }

    #[test]
    fn a_narrow_chart_borrows_words_that_are_the_same() {
        let chart = |class: &str, words: &str| {
            format!(
                "<svg aria-labelledby=\"k-{class}-t k-{class}-d\" class=\"{class}\"><title id=\"k-{class}-t\">T</title><desc id=\"k-{class}-d\">D</desc>\
                 <path><title>{words}</title></path></svg>"
            )
        };
        let same = beside(&chart("wide", "a"), &chart("narrow", "a"), "k");
        assert_eq!(
            same,
            "<svg aria-labelledby=\"k-wide-t k-wide-d\" class=\"narrow\"><path><title/></path></svg>"
        );
        let other = beside(&chart("wide", "a"), &chart("narrow", "b"), "k");
        assert!(other.contains("<title>b</title>"));
    }

    #[test]
    fn names_do_not_repeat() {
        let names: Vec<String> = (0..800).map(name).collect();
        let mut own = names.clone();
        own.sort_unstable();
        own.dedup();
        assert_eq!(own.len(), names.len());
        assert_eq!([&names[25], &names[26], &names[702]], ["Z", "AA", "AAA"]);
    }
}
