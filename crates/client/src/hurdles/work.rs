//! CPU work: a chain of dependent arithmetic in registers. It touches no memory and no clock, so
//! that it is the same work however many others run beside it.

use std::hint::black_box;

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

/// Does so many iterations; how long it took, interruptions included, nanoseconds.
pub(super) fn timed(iterations: u64) -> u64 {
    let began_ns = now_ns();
    spin(iterations);
    now_ns() - began_ns
}
