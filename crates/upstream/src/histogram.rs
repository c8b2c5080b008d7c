//! A histogram of nanoseconds in fixed memory, written by one thread and readable by any.
//!
//! Logarithmic with linear steps inside each octave: every value is kept within 1/64 of itself.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Linear steps in an octave.
const STEPS: u64 = 64;
const STEP_BITS: u32 = STEPS.trailing_zeros();
/// Values from here on share the last cell: 2^40 ns, 18 minutes.
const TOP_BITS: u32 = 40;
const CELLS: usize = ((TOP_BITS - STEP_BITS + 1) as u64 * STEPS) as usize;

/// Counts by value.
pub(crate) struct Histogram {
    cells: Vec<AtomicU64>,
    max: AtomicU64,
}

impl Histogram {
    pub(crate) fn new() -> Self {
        Self { cells: (0..CELLS).map(|_| AtomicU64::new(0)).collect(), max: AtomicU64::new(0) }
    }

    /// Counts one value. Only the owning thread may call this: a plain load and store, no
    /// locked instruction, is what keeps it free.
    pub(crate) fn record(&self, value: u64) {
        let cell = &self.cells[cell_of(value)];
        cell.store(cell.load(Relaxed) + 1, Relaxed);
        if value > self.max.load(Relaxed) {
            self.max.store(value, Relaxed);
        }
    }
}

/// Several histograms read together.
pub(crate) struct Merged {
    cells: Vec<u64>,
    count: u64,
    max: u64,
}

impl Merged {
    pub(crate) fn of<'a>(histograms: impl Iterator<Item = &'a Histogram>) -> Self {
        let mut merged = Self { cells: vec![0; CELLS], count: 0, max: 0 };
        for histogram in histograms {
            for (sum, cell) in merged.cells.iter_mut().zip(&histogram.cells) {
                *sum += cell.load(Relaxed);
            }
            merged.max = merged.max.max(histogram.max.load(Relaxed));
        }
        merged.count = merged.cells.iter().sum();
        merged
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn max(&self) -> u64 {
        self.max
    }

    /// The value that a share `q` of the counts does not exceed; `None` without counts.
    pub(crate) fn quantile(&self, q: f64) -> Option<u64> {
        let rank = ((self.count as f64 * q).ceil() as u64).max(1);
        let mut seen = 0;
        for (index, count) in self.cells.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return Some(highest_in(index).min(self.max));
            }
        }
        None
    }
}

/// The first octave counts single values below [`STEPS`]; each later one doubles its steps.
fn cell_of(value: u64) -> usize {
    if value < STEPS {
        return value as usize;
    }
    let value = value.min((1 << TOP_BITS) - 1);
    let shift = value.ilog2() - STEP_BITS;
    (u64::from(shift + 1) * STEPS + (value >> shift) - STEPS) as usize
}

fn highest_in(cell: usize) -> u64 {
    let (octave, step) = (cell as u64 / STEPS, cell as u64 % STEPS);
    match octave {
        0 => step,
        _ => ((STEPS + step + 1) << (octave - 1)) - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_its_cell() {
        let mut below = None;
        for cell in 0..CELLS {
            let top = highest_in(cell);
            assert_eq!(cell_of(top), cell, "the highest of cell {cell}");
            let lowest = below.map_or(0, |highest: u64| highest + 1);
            assert_eq!(cell_of(lowest), cell, "the lowest of cell {cell}");
            assert!(top - lowest <= lowest / STEPS, "cell {cell} is wider than 1/64");
            below = Some(top);
        }
        assert_eq!(cell_of(u64::MAX), CELLS - 1);
    }

    #[test]
    fn quantiles_over_two_histograms() {
        let (low, high) = (Histogram::new(), Histogram::new());
        (1..=50).for_each(|value| low.record(value));
        (51..=100).for_each(|value| high.record(value * 1_000));
        let merged = Merged::of([&low, &high].into_iter());
        assert_eq!(merged.count(), 100);
        assert_eq!(merged.quantile(0.5), Some(50));
        assert_eq!(merged.quantile(1.0), Some(100_000));
        assert_eq!(merged.max(), 100_000);
        let p99 = merged.quantile(0.99).unwrap();
        assert!((99_000..=99_000 + 99_000 / STEPS).contains(&p99), "{p99}");
        assert_eq!(Merged::of(std::iter::empty()).quantile(0.5), None);
    }
}
