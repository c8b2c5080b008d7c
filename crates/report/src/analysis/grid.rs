//! A grid of loads and swept values: which series may stand beside each other, and one value alone.

use super::{Analysis, Series, compare, pairs};

impl Analysis {
    /// Whether two series differ in one thing only: in the model, at one value; or, where the
    /// grid has a single model, in the value.
    pub(crate) fn comparable(&self, a: &Series, b: &Series) -> bool {
        let same = a.value == b.value || a.value.is_none() || b.value.is_none();
        let others = |series: &Series| {
            self.distinct().any(|other| {
                other.index != series.index
                    && (other.value == series.value || other.value.is_none())
            })
        };
        same || (!others(a) && !others(b))
    }

    /// The value that a grid's titles are of: the baseline's, where other models stand beside it.
    pub(crate) fn title_value(&self) -> Option<usize> {
        let base = self.baseline()?;
        let value = base.value?;
        let beside = |rival: &&Series| rival.value.is_none_or(|other| other == value);
        self.rivals().iter().any(beside).then_some(value)
    }

    /// A title's opening at a value of the sweep: `With 200 µs of CPU work`.
    pub(crate) fn value_opening(&self, value: usize) -> Option<String> {
        let sweep = self.run.scenario.sweep.as_ref()?;
        let labels: Vec<&str> =
            self.run.scenario.models.iter().map(|model| model.label.as_str()).collect();
        let key = super::axis::KeyWords::of(sweep, &labels);
        Some(key.opening(&key.value(sweep.values.get(value)?)))
    }

    /// What a run without the other values would be: models go by their own labels.
    pub(crate) fn at_value(&self, value: usize) -> Self {
        let mut one = self.clone();
        let here = |at: Option<usize>| at.is_none_or(|at| at == value);
        one.series.retain(|series| here(series.value));
        one.rows.retain(|row| here(row.swept.as_ref().map(|swept| swept.index as usize)));
        for (index, series) in one.series.iter_mut().enumerate() {
            let own = series.points.iter().flat_map(|point| &point.rows).next();
            if let Some(row) = own {
                series.model.label.clone_from(&row.model);
            }
            (series.index, series.value, series.again) = (index, None, None);
            series.look.index = index;
        }
        one.run.scenario.sweep = None;
        pairs::mark(&mut one.series);
        one.baseline = one.best();
        one.comparisons = compare::primary(&one);
        one.a_a = pairs::compared(&one);
        one
    }
}

#[cfg(test)]
mod tests {
    use crate::analysis::metric::THROUGHPUT;
    use crate::testing::Fixture;

    #[test]
    fn models_are_compared_at_one_value() {
        let grid = Fixture::grid().analysis();
        assert_eq!(grid.series.len(), 4);
        let base = grid.baseline().map(|series| series.value);
        let rivals = grid.rivals();
        assert_eq!(rivals.len(), 1);
        assert_eq!(Some(rivals[0].value), base);
        let value = grid.title_value();
        assert_eq!(value, base.flatten());
        assert!(grid.comparisons().iter().all(|c| grid.series[c.over].value == value));

        let one = grid.at_value(1);
        assert_eq!(one.series.len(), 2);
        assert!(one.series.iter().all(|series| !series.model.label.contains(',')));
        assert!(one.rows.iter().all(|row| row.swept.as_ref().is_some_and(|s| s.index == 1)));
        assert!(one.comparisons().iter().any(|c| c.metric.key == THROUGHPUT.key));
        assert_eq!(one.rivals().len(), 1);
    }
}
