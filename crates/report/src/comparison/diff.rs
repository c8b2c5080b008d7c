//! The lines in which two scenario texts differ, comments and blanks left out; and models, which are
//! matched one by one.

/// Keys that change how often, at which points or under which name things are measured, and not what
/// is measured at a point: points are matched one by one.
const HARMLESS: [&str; 10] = [
    "title",
    "reason",
    "seed",
    "repeats",
    "max_repeats",
    "precision",
    "reruns",
    "schema",
    "concurrency",
    "values",
];

/// What one text has that the other lacks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Diff {
    /// Lines of the first text alone, in order.
    pub(super) before: Vec<String>,
    /// Lines of the second text alone, in order.
    pub(super) after: Vec<String>,
}

impl Diff {
    /// Of two texts, by a longest common subsequence of their lines.
    pub(super) fn of(before: &str, after: &str) -> Self {
        let (a, b) = (lines(before), lines(after));
        let common = table(&a, &b);
        let (mut i, mut j) = (0, 0);
        let mut diff = Self::default();
        while i < a.len() || j < b.len() {
            if i < a.len() && j < b.len() && a[i] == b[j] {
                (i, j) = (i + 1, j + 1);
            } else if j >= b.len() || (i < a.len() && common[i + 1][j] >= common[i][j + 1]) {
                diff.before.push(a[i].clone());
                i += 1;
            } else {
                diff.after.push(b[j].clone());
                j += 1;
            }
        }
        diff
    }

    /// Whether nothing differs that is measured.
    pub(super) fn harmless(&self) -> bool {
        let key = |line: &String| {
            let key = line.split('=').next().unwrap_or_default().trim();
            HARMLESS.contains(&key.rsplit('.').next().unwrap_or(key))
        };
        self.before.iter().chain(&self.after).all(key)
    }
}

/// Lines without comments, blanks and runs of spaces.
fn lines(text: &str) -> Vec<String> {
    let bare = |line: &str| {
        // A `#` inside a string is no comment; one after an even number of quotes is.
        let mut quotes = 0;
        let end = line.char_indices().find_map(|(at, c)| {
            quotes += usize::from(c == '"');
            (c == '#' && quotes % 2 == 0).then_some(at)
        });
        let words: Vec<&str> = line[..end.unwrap_or(line.len())].split_whitespace().collect();
        words.join(" ")
    };
    let mut of_model = false;
    let kept = text.lines().map(bare).filter(|line| {
        if line.starts_with('[') {
            of_model = line.starts_with("[[model]]");
        }
        !line.is_empty() && !of_model
    });
    kept.collect()
}

/// Lengths of the longest common subsequences of all pairs of tails.
fn table(a: &[String], b: &[String]) -> Vec<Vec<u32>> {
    let mut lengths = vec![vec![0_u32; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            lengths[i][j] = if a[i] == b[j] {
                lengths[i + 1][j + 1] + 1
            } else {
                lengths[i + 1][j].max(lengths[i][j + 1])
            };
        }
    }
    lengths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_told_and_comments_are_not() {
        let before = "# one\ntitle = \"a # b\"\nseed = 1\nlatency   = \"5ms\" # short\n";
        let after = "title = \"a # b\"\nlatency = \"8ms\"\nseed = 1\n";
        let diff = Diff::of(before, after);
        assert_eq!(diff.before, ["latency = \"5ms\""]);
        assert_eq!(diff.after, ["latency = \"8ms\""]);
        assert!(!diff.harmless());
        assert_eq!(Diff::of(before, before), Diff::default());
    }

    #[test]
    fn models_are_not_lines() {
        let one = "[[model]]\nkind = \"tokio\"\n[load]\nrepeats = 3\n";
        let two = "[load]\nrepeats = 3\n[[model]]\nkind = \"rayon\"\nthreads = 2\n";
        assert_eq!(Diff::of(one, two), Diff::default());
    }

    #[test]
    fn a_seed_or_a_title_changes_nothing_that_is_measured() {
        assert!(Diff::of("seed = 1\nload.repeats=3", "seed = 2\nload.repeats=5").harmless());
        assert!(Diff::of("load.concurrency=[1]", "sweep.values=[8, 24]").harmless());
        assert!(!Diff::of("[load]\nduration = \"1s\"", "[load]\nduration = \"2s\"").harmless());
    }
}
