//! Remarks of single trials, each sentence once: with the range of its figures, how many trials make
//! it, and where those are. Deliberately not here: remarks on the whole run, which stand as they are.

use crate::analysis::Analysis;
use crate::format;

/// More models than this are counted rather than named.
const MOST_NAMED: usize = 3;
/// More levels than this are told by the first and the last.
const MOST_LEVELS: usize = 4;

/// One remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The sentence; a figure that differs between trials is a range.
    pub words: String,
    /// How many trials make it, and where: `6 trials: tokio at N = 1,024 and 2,048`.
    pub trials: String,
}

/// The trials that make a remark.
struct Group<'a> {
    /// The words between figures; one more than figures.
    words: Vec<&'a str>,
    /// The figures of each trial.
    figures: Vec<Vec<&'a str>>,
    /// Position of the series and level of each trial.
    places: Vec<(usize, f64)>,
}

/// The remarks of the trials in the order they come up.
pub fn remarks(analysis: &Analysis) -> Vec<Remark> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for series in &analysis.series {
        for point in &series.points {
            for note in point.rows.iter().flat_map(|row| &row.notes) {
                let (words, figures) = parts(note);
                let place = (series.index, point.level);
                match groups.iter_mut().find(|group| group.words == words) {
                    Some(group) => {
                        group.figures.push(figures);
                        group.places.push(place);
                    }
                    None => {
                        groups.push(Group { words, figures: vec![figures], places: vec![place] });
                    }
                }
            }
        }
    }
    let remark = |group: &Group<'_>| Remark {
        words: group.sentence(),
        trials: format!(
            "{}: {}",
            match group.places.len() {
                1 => "1 trial".to_owned(),
                count => format!("{} trials", format::count(count as f64)),
            },
            group.place(analysis)
        ),
    };
    groups.iter().map(remark).collect()
}

impl Group<'_> {
    fn sentence(&self) -> String {
        let mut out = String::new();
        for (at, words) in self.words.iter().enumerate() {
            out.push_str(words);
            let mut own: Vec<&str> =
                self.figures.iter().filter_map(|figures| figures.get(at).copied()).collect();
            own.sort_by(|a, b| value(a).total_cmp(&value(b)));
            own.dedup();
            match own.as_slice() {
                [] => {}
                [one] => out.push_str(one),
                [one, other] => out.extend([*one, " or ", other]),
                [least, .., most] => out.extend([*least, " to ", most]),
            }
        }
        out
    }

    fn place(&self, analysis: &Analysis) -> String {
        let mut models: Vec<usize> = self.places.iter().map(|(model, _)| *model).collect();
        models.dedup();
        let levels = |of: Option<usize>| {
            let here = self.places.iter().filter(|(model, _)| of.is_none_or(|own| own == *model));
            let mut levels: Vec<f64> = here.map(|(_, level)| *level).collect();
            levels.sort_by(f64::total_cmp);
            levels.dedup();
            match levels.as_slice() {
                [first, .., last] if levels.len() > MOST_LEVELS => {
                    format!("{} to {}", analysis.axis().at(*first), analysis.axis().word(*last))
                }
                few => analysis.axis().at_each(few),
            }
        };
        if models.len() > MOST_NAMED {
            return format!("{} models, {}", models.len(), levels(None));
        }
        let label = |at: usize| analysis.series[at].model.label.clone();
        let each: Vec<String> = models.iter().map(|at| levels(Some(*at))).collect();
        if each.windows(2).all(|pair| pair[0] == pair[1]) {
            let labels: Vec<String> = models.iter().map(|at| label(*at)).collect();
            return format!("{}, {}", format::list(&labels), each[0]);
        }
        let named: Vec<String> =
            models.iter().zip(&each).map(|(at, each)| format!("{}, {each}", label(*at))).collect();
        named.join("; ")
    }
}

/// A sentence as words and figures in turn. A figure is digits that no word begins or goes on with:
/// `p99` and `tokio-2` have none.
fn parts(text: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut words, mut figures) = (Vec::new(), Vec::new());
    let (mut from, mut at) = (0, 0);
    while let Some(found) = text[at..].find(|c: char| c.is_ascii_digit()) {
        let begin = at + found;
        let rest = &text[begin..];
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','));
        let figure = rest[..end.unwrap_or(rest.len())].trim_end_matches(['.', ',']);
        let bound = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '-');
        let after = rest[figure.len()..].chars().next();
        if !bound(text[..begin].chars().next_back()) && !bound(after) {
            words.push(&text[from..begin]);
            figures.push(figure);
            from = begin + figure.len();
        }
        at = begin + figure.len();
    }
    words.push(&text[from..]);
    (words, figures)
}

fn value(figure: &str) -> f64 {
    figure.replace(',', "").parse().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn the_same_sentence_with_other_figures_is_said_once() {
        let mut fixture = Fixture::high_latency();
        let mut nth = 0;
        for row in &mut fixture.rows {
            if row.model == "tokio" && row.concurrency >= Some(512) {
                row.notes.push(format!(
                    "on average {} of {:?} requests, p99 aside",
                    500 + nth,
                    row.concurrency.unwrap_or(0)
                ));
                nth += 1;
            }
            if row.model == "rayon" && row.repeat == 0 && row.concurrency == Some(8) {
                row.notes.push("2 % of CPU time stolen".to_owned());
            }
        }
        let found = remarks(&fixture.analysis());
        let plain = |text: &str| format::plain(text);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[0].words, "on average 500 to 505 of 512 or 1024 requests, p99 aside");
        assert_eq!(plain(&found[0].trials), "6 trials: tokio, N = 512 and 1,024");
        assert_eq!(found[1].words, "2 % of CPU time stolen");
        assert_eq!(plain(&found[1].trials), "1 trial: rayon, N = 8");
    }

    #[test]
    fn figures_are_told_from_names() {
        assert_eq!(
            parts("p99 of tokio-2: 1,024.5 ms, 3."),
            (vec!["p99 of tokio-2: ", " ms, ", "."], vec!["1,024.5", "3"])
        );
        assert_eq!(parts(""), (vec![""], vec![]));
        assert_eq!(parts("7"), (vec!["", ""], vec!["7"]));
    }

    #[test]
    fn many_models_are_counted() {
        let mut fixture = Fixture::high_latency();
        for row in &mut fixture.rows {
            row.notes.push("the window's cap came first".to_owned());
        }
        let found = remarks(&fixture.analysis());
        assert_eq!(found.len(), 1);
        assert!(found[0].trials.contains("4 models"), "{found:?}");
    }
}
