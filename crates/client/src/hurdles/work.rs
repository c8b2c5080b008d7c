//! CPU work: a chain of dependent arithmetic in registers. It touches no memory and no clock, so
//! that it is the same work however many others run beside it.

use std::hint::black_box;
use std::time::Duration;

use measurement::clock::now_ns;

/// Does so many iterations.
pub fn spin(iterations: u64) {
    let mut state = black_box(0x9e37_79b9_7f4a_7c15_u64);
    for _ in 0..iterations {
        // A step of xorshift64 needs the one before it, and has no closed form a compiler knows.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
    }
    black_box(state);
}

/// So many iterations take this long on a CPU that does so many per microsecond, with nothing
/// else to do. At least one, where any work is asked for.
pub(super) fn iterations(work: Duration, iterations_per_us: f64) -> u64 {
    if work.is_zero() {
        return 0;
    }
    let iterations = work.as_secs_f64() * 1e6 * iterations_per_us;
    (iterations.round() as u64).max(1)
}

/// Does so many iterations; how long it took, interruptions included, nanoseconds.
pub(super) fn timed(iterations: u64) -> u64 {
    let began_ns = now_ns();
    spin(iterations);
    now_ns() - began_ns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_a_count_whatever_the_clock_says() {
        assert_eq!(iterations(Duration::ZERO, 700.0), 0);
        assert_eq!(iterations(Duration::from_micros(200), 700.0), 140_000);
        assert_eq!(iterations(Duration::from_nanos(1), 700.0), 1);
        assert_eq!(iterations(Duration::from_millis(1), 0.0), 1, "asked for, never calibrated");
    }
}
