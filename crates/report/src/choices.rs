//! What whoever renders a report may choose: the baseline, the level of charts of one level, the
//! charts, pictures. The same choices on the same run directory give the same bytes.

use crate::analysis::Analysis;
use crate::charts::{CHARTS, Chart};
use crate::error::{Error, Result};
use crate::format;

/// What to render; the default is all of it, as the data has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// Label of the model that others are compared with, instead of the one with the highest peak.
    pub baseline: Option<String>,
    /// The level that charts and findings of one level are of: as the axis words it (`1,024`,
    /// `800/s`, `5 ms`), or the bare number.
    pub level: Option<String>,
    /// Keys of the charts to draw, in the report's order; empty: all.
    pub charts: Vec<String>,
    /// Whether to write PNGs beside the SVGs.
    pub png: bool,
}

impl Choices {
    /// Applies baseline and level, and notes what was chosen; what does not exist is an error that
    /// lists what does.
    pub(crate) fn apply(&self, analysis: &mut Analysis) -> Result<()> {
        if let Some(label) = &self.baseline {
            analysis.compare_with(label).map_err(|known| unknown("--baseline", label, &known))?;
        }
        if let Some(word) = &self.level {
            analysis.look_at(word).map_err(|known| unknown("--level", word, &known))?;
        }
        self.charts()?;
        let chosen = self.words();
        if !chosen.is_empty() {
            analysis.notes.push(format!("Rendered with {chosen}."));
        }
        Ok(())
    }

    /// The charts to draw, in the report's order.
    pub(crate) fn charts(&self) -> Result<Vec<&'static Chart>> {
        let known = |key: &&String| CHARTS.iter().all(|chart| chart.key != key.as_str());
        if let Some(key) = self.charts.iter().find(known) {
            let keys: Vec<String> = CHARTS.iter().map(|chart| chart.key.to_owned()).collect();
            return Err(unknown("--charts", key, &keys));
        }
        let wanted =
            |chart: &&Chart| self.charts.is_empty() || self.charts.iter().any(|k| k == chart.key);
        Ok(CHARTS.iter().filter(wanted).collect())
    }

    /// The flags that were given, as they were; pictures change nothing in the report.
    fn words(&self) -> String {
        let mut flags = Vec::new();
        flags.extend(self.baseline.as_ref().map(|label| format!("--baseline {label}")));
        flags.extend(self.level.as_ref().map(|level| format!("--level {level}")));
        if !self.charts.is_empty() {
            flags.push(format!("--charts {}", self.charts.join(",")));
        }
        flags.join(" ")
    }
}

fn unknown(flag: &'static str, given: &str, known: &[String]) -> Error {
    let known: Vec<String> = known.iter().map(|word| format::plain(word)).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Error::Choice { flag, given: given.to_owned(), known }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn baseline_and_level_follow_the_choice_and_are_noted() {
        let mut analysis = Fixture::high_latency().analysis();
        let choices = Choices {
            baseline: Some("rayon-256".to_owned()),
            level: Some("64".to_owned()),
            ..Choices::default()
        };
        choices.apply(&mut analysis).expect("both exist");
        assert_eq!(analysis.baseline().expect("chosen").model.label, "rayon-256");
        assert!(
            analysis.comparisons().iter().all(|c| analysis.series[c.of].model.label == "rayon-256")
        );
        assert_eq!(analysis.single_levels(), [64.0]);
        assert_eq!(
            analysis.notes.last().expect("noted"),
            "Rendered with --baseline rayon-256 --level 64."
        );
    }

    #[test]
    fn levels_are_taken_as_the_axis_words_them() {
        for (fixture, word, level) in [
            (Fixture::high_latency(), "1,024", 1024.0),
            (Fixture::open(), "1,000/s", 1000.0),
            (Fixture::open(), "1000", 1000.0),
            (Fixture::swept(), "5 ms", 5.0),
            (Fixture::guards(), "rwlock", 4.0),
        ] {
            let mut analysis = fixture.analysis();
            let choices = Choices { level: Some(word.to_owned()), ..Choices::default() };
            choices.apply(&mut analysis).expect("exists");
            assert_eq!(analysis.single_levels(), [level], "{word}");
        }
    }

    #[test]
    fn what_does_not_exist_is_an_error_that_lists_what_does() {
        let refused = |choices: Choices| {
            let error = choices.apply(&mut Fixture::swept().analysis());
            error.expect_err("refused").to_string()
        };
        let baseline = Choices { baseline: Some("tokyo".to_owned()), ..Choices::default() };
        assert_eq!(
            refused(baseline),
            "--baseline tokyo: the run has none of this name; expected one of tokio, thread-per-request, rayon-256"
        );
        let level = Choices { level: Some("64".to_owned()), ..Choices::default() };
        assert_eq!(
            refused(level),
            "--level 64: the run has none of this name; expected one of 200 µs, 1 ms, 5 ms, 20 ms, 100 ms"
        );
        let charts = Choices { charts: vec!["pie".to_owned()], ..Choices::default() };
        assert!(
            refused(charts)
                .starts_with("--charts pie: the run has none of this name; expected one of")
        );
    }
}
