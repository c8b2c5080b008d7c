//! Axes: a value to a place, with its ticks; logarithmic but for time and what is drawn over it.
//!
//! `Scale` is a plotters coordinate (`Ranged`), so that grid, bands and lines drawn by plotters and
//! text placed by us agree to the tenth of a pixel. Ranges are never degenerate: plotters hangs on
//! those. Deliberately not here: how a tick is worded.

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use std::ops::Range;

/// A tick on an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Tick {
    /// Where.
    pub(crate) value: f64,
    /// A power of ten, or a level: drawn a shade darker.
    pub(crate) major: bool,
}

/// One axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scale {
    low: f64,
    high: f64,
    linear: bool,
    /// Ticks, ascending.
    pub(crate) ticks: Vec<Tick>,
}

impl Scale {
    /// A log axis over all positive `values`, padded, with 1-2-5 ticks at least `gap` of `length` apart.
    /// `None` without a positive finite value.
    pub(crate) fn log(
        values: impl IntoIterator<Item = f64>,
        length: f64,
        gap: f64,
    ) -> Option<Self> {
        Self::log_above(values, 0.0, length, gap)
    }

    /// The same, with at least `room` of `length` below the least value.
    pub(crate) fn log_above(
        values: impl IntoIterator<Item = f64>,
        room: f64,
        length: f64,
        gap: f64,
    ) -> Option<Self> {
        // Under a factor of 2.5, noise would fill the plot; above a floor, under one of 2.
        let least = if room > 0.0 { 0.3 } else { 0.4 };
        Self::log_over(values, least, (room, 0.0), length, gap)
    }

    /// The same over at least `least` decades, with at least `room.1` of `length` above the greatest
    /// value.
    pub(crate) fn log_over(
        values: impl IntoIterator<Item = f64>,
        least: f64,
        room: (f64, f64),
        length: f64,
        gap: f64,
    ) -> Option<Self> {
        let (low, high) = extent(values.into_iter().filter(|v| *v > 0.0))?;
        let (mut low, mut high) = (low.log10(), high.log10());
        let (room, head) = room;
        if high - low < least && room > 0.0 {
            // Below the least value there is nothing to see.
            high = low + least;
        } else if high - low < least {
            let middle = f64::midpoint(low, high);
            (low, high) = (middle - least / 2.0, middle + least / 2.0);
        }
        let pad = (high - low) * 0.05;
        // With `below` of the whole under the least value: below ÷ (below + span + pad) = room ÷ length.
        let above = pad.max((high - low) * (head / (length - room - head).max(1.0)).min(1.0));
        let share = (room / length).clamp(0.0, 0.5);
        let below = pad.max((high - low + above) * share / (1.0 - share));
        let (low, high) = (10_f64.powf(low - below), 10_f64.powf(high + above));
        let mut scale = Self { low, high, linear: false, ticks: Vec::new() };
        scale.ticks = scale.one_two_five(length, gap);
        Some(scale)
    }

    /// A log axis whose ticks are the load levels, `inset` of `length` away from both ends.
    pub(crate) fn levels(levels: &[f64], length: f64, inset: f64) -> Option<Self> {
        let positive = levels.iter().copied().filter(|v| *v > 0.0 && v.is_finite());
        let (first, last) = extent(positive.clone())?;
        let (mut low, mut high) = (first.log10(), last.log10());
        if high - low < 1e-6 {
            (low, high) = (low - 0.5, high + 0.5);
        }
        let pad = (high - low) * inset / (length - 2.0 * inset).max(1.0);
        let ticks = positive.map(|value| Tick { value, major: true }).collect();
        let (low, high) = (10_f64.powf(low - pad), 10_f64.powf(high + pad));
        Some(Self { low, high, linear: false, ticks })
    }

    /// A linear axis from `low` to the greatest of the values, with about `count` round ticks; `None`
    /// where nothing lies above `low`.
    pub(crate) fn linear(
        low: f64,
        values: impl IntoIterator<Item = f64>,
        count: f64,
    ) -> Option<Self> {
        let (_, most) = extent(values.into_iter())?;
        if !low.is_finite() || most <= low || !(most - low).is_finite() {
            return None;
        }
        let step = round_step(most - low, count);
        let first = (low / step).ceil() * step;
        let ticks = (0..100)
            .map(|n| first + step * f64::from(n))
            .take_while(|value| *value <= most * (1.0 + 1e-9))
            .map(|value| Tick { value, major: false })
            .collect();
        Some(Self { low, high: most, linear: true, ticks })
    }

    /// Whether a value has a place: inside the bounds.
    pub(crate) fn holds(&self, value: f64) -> bool {
        value.is_finite() && value >= self.low * (1.0 - 1e-9) && value <= self.high * (1.0 + 1e-9)
    }

    /// The value moved inside the bounds.
    pub(crate) fn clamp(&self, value: f64) -> f64 {
        value.clamp(self.low, self.high)
    }

    /// Where a value lies, 0 at the low end, 1 at the high end.
    pub(crate) fn share(&self, value: f64) -> f64 {
        if self.linear {
            return (value - self.low) / (self.high - self.low);
        }
        (value.max(f64::MIN_POSITIVE) / self.low).ln() / (self.high / self.low).ln()
    }

    /// The densest of 1-2-5, decades (two of them with the outermost 1-2-5), or three even values, that
    /// keeps `gap`.
    fn one_two_five(&self, length: f64, gap: f64) -> Vec<Tick> {
        let all = |mantissas: &[f64]| -> Vec<Tick> {
            let (from, to) = (self.low.log10().floor() as i32, self.high.log10().ceil() as i32);
            (from..=to)
                .flat_map(|decade| {
                    mantissas.iter().map(move |m| (m * 10_f64.powi(decade), (m - 1.0).abs() < 1e-9))
                })
                .map(|(value, major)| Tick { value, major })
                .filter(|tick| self.holds(tick.value))
                .collect()
        };
        let apart = |ticks: &[Tick]| {
            ticks
                .windows(2)
                .all(|pair| (self.share(pair[1].value) - self.share(pair[0].value)) * length >= gap)
        };
        let dense = all(&[1.0, 2.0, 5.0]);
        if dense.len() < 3 {
            let denser = all(&[1.0, 1.5, 2.0, 3.0, 5.0, 7.0]);
            return match denser.len() {
                0..3 => self.even(length, gap),
                _ if apart(&denser) => denser,
                _ => dense,
            };
        }
        if apart(&dense) {
            return dense;
        }
        let mut decades = all(&[1.0]);
        while !apart(&decades) {
            decades = decades.into_iter().step_by(2).collect();
        }
        // Three decades are even steps, that an odd end would break.
        if decades.len() > 2 { decades } else { self.with_ends(decades, &dense, length, gap) }
    }

    /// Round values at even steps: for a range so short that a log axis looks like a linear one.
    fn even(&self, length: f64, gap: f64) -> Vec<Tick> {
        let step = round_step(self.high - self.low, (length / (2.0 * gap)).clamp(2.0, 6.0));
        let first = (self.low / step).ceil();
        (0..20)
            .map(|n| (first + f64::from(n)) * step)
            .filter(|value| self.holds(*value))
            .map(|value| Tick { value, major: false })
            .collect()
    }

    /// Adds the outermost of `dense` where they keep the gap to what is there.
    fn with_ends(&self, mut ticks: Vec<Tick>, dense: &[Tick], length: f64, gap: f64) -> Vec<Tick> {
        for end in [dense.first(), dense.last()].into_iter().flatten() {
            let free = ticks
                .iter()
                .all(|tick| (self.share(tick.value) - self.share(end.value)).abs() * length >= gap);
            if free {
                ticks.push(*end);
            }
        }
        ticks.sort_by(|a, b| a.value.total_cmp(&b.value));
        ticks
    }
}

/// A round step (1, 2 or 5 × 10^k) that divides `span` into at most about `count` parts.
pub(crate) fn round_step(span: f64, count: f64) -> f64 {
    let raw = (span / count).max(f64::MIN_POSITIVE);
    let decade = 10_f64.powf(raw.log10().floor());
    let step =
        [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * decade).find(|step| *step >= raw * 0.999);
    step.unwrap_or(decade * 10.0)
}

/// Smallest and largest finite value.
fn extent(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.filter(|v| v.is_finite()).fold(None, |range, v| match range {
        None => Some((v, v)),
        Some((low, high)) => Some((low.min(v), high.max(v))),
    })
}

impl Ranged for Scale {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let share = self.share(*value).clamp(-1.0, 2.0);
        limit.0 + (f64::from(limit.1 - limit.0) * share).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _hint: Hint) -> Vec<f64> {
        self.ticks.iter().map(|tick| tick.value).collect()
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn values(scale: &Scale) -> Vec<f64> {
        scale.ticks.iter().map(|tick| tick.value).collect()
    }

    #[test]
    fn a_wide_axis_has_one_two_five() {
        let scale = Scale::log([19.5, 21_000.0], 390.0, 22.0).unwrap();
        assert_eq!(values(&scale), [20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4, 2e4]);
    }

    #[test]
    fn a_short_axis_has_decades_and_two_of_them_the_ends() {
        let scale = Scale::log([19.5, 51_000.0], 200.0, 22.0).unwrap();
        assert_eq!(values(&scale), [100.0, 1e3, 1e4]);
        let scale = Scale::log([19.5, 5_100.0], 150.0, 22.0).unwrap();
        assert_eq!(values(&scale), [20.0, 100.0, 1e3, 5e3]);
    }

    #[test]
    fn a_range_under_a_factor_of_two_has_even_ticks() {
        let scale = Scale::log_over([400.0, 440.0], 0.12, (27.0, 20.0), 350.0, 24.0).unwrap();
        assert_eq!(values(&scale), [400.0, 450.0, 500.0]);
        assert!(!scale.holds(600.0));
    }

    #[test]
    fn levels_sit_inside_by_the_inset() {
        let scale = Scale::levels(&[1.0, 8.0, 2048.0], 700.0, 16.0).unwrap();
        assert!((scale.share(1.0) * 700.0 - 16.0).abs() < 1e-6);
        assert!((scale.share(2048.0) * 700.0 - 684.0).abs() < 1e-6);
    }

    #[test]
    fn one_level_is_in_the_middle() {
        let scale = Scale::levels(&[64.0], 700.0, 16.0).unwrap();
        assert!((scale.share(64.0) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn nothing_positive_has_no_log_axis() {
        assert!(Scale::log([0.0, -1.0, f64::NAN], 100.0, 22.0).is_none());
        assert!(Scale::levels(&[0.0], 100.0, 16.0).is_none());
    }

    proptest! {
        #[test]
        fn ticks_lie_inside_ascend_and_keep_the_gap(low in 1e-9_f64..1e9, factor in 1.0_f64..1e12, length in 80.0_f64..900.0) {
            let scale = Scale::log([low, low * factor], length, 20.0).unwrap();
            prop_assert!(!scale.ticks.is_empty());
            prop_assert!(scale.ticks.iter().all(|t| scale.holds(t.value)));
            for pair in scale.ticks.windows(2) {
                prop_assert!(pair[0].value < pair[1].value);
                if scale.ticks.len() > 2 {
                    prop_assert!((scale.share(pair[1].value) - scale.share(pair[0].value)) * length > 19.9);
                }
            }
        }
    }
}
