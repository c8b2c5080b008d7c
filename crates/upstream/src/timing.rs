//! The `Server-Timing` header: what was asked of the delay queue, and what it did.

use hyper::header::HeaderValue;

/// Room for the longest value: fixed words and three times of up to 2^64 ns.
const LONGEST: usize = 128;

/// `requested;dur=80.123, queued;dur=0, held;dur=80.151`: milliseconds, three decimals. An answer
/// that a stall kept back says how long, before `held`, which has all of it: `stalled;dur=920.004`.
///
/// All times are cut, not rounded, to whole microseconds: a held time that is no shorter than
/// the requested one cannot then be printed as shorter.
pub(crate) fn server_timing(requested_ns: u64, stalled_ns: u64, held_ns: u64) -> HeaderValue {
    debug_assert!(held_ns >= requested_ns, "held {held_ns} ns < requested {requested_ns} ns");
    debug_assert!(held_ns >= stalled_ns, "held {held_ns} ns < stalled {stalled_ns} ns");
    let mut text = Text { bytes: [0; LONGEST], len: 0 };
    text.push(b"requested;dur=");
    text.push_ms(requested_ns);
    text.push(b", queued;dur=0");
    if stalled_ns > 0 {
        text.push(b", stalled;dur=");
        text.push_ms(stalled_ns);
    }
    text.push(b", held;dur=");
    text.push_ms(held_ns);
    HeaderValue::from_bytes(&text.bytes[..text.len])
        .unwrap_or_else(|_| HeaderValue::from_static("unprintable"))
}

/// Text on the stack.
struct Text {
    bytes: [u8; LONGEST],
    len: usize,
}

impl Text {
    fn push(&mut self, piece: &[u8]) {
        self.bytes[self.len..self.len + piece.len()].copy_from_slice(piece);
        self.len += piece.len();
    }

    fn push_ms(&mut self, ns: u64) {
        let us = ns / 1_000;
        self.push(itoa::Buffer::new().format(us / 1_000).as_bytes());
        let digit = |scale: u64| b'0' + (us / scale % 10) as u8;
        self.push(&[b'.', digit(100), digit(10), digit(1)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_to_microseconds() {
        let value = server_timing(80_123_999, 0, 80_151_000);
        assert_eq!(value, "requested;dur=80.123, queued;dur=0, held;dur=80.151");
        assert_eq!(server_timing(0, 0, 0), "requested;dur=0.000, queued;dur=0, held;dur=0.000");
        assert_eq!(
            server_timing(7_000, 0, 10_000_005),
            "requested;dur=0.007, queued;dur=0, held;dur=10.000"
        );
    }

    #[test]
    fn a_stall_is_told_apart() {
        assert_eq!(
            server_timing(80_000_000, 920_004_999, 1_000_030_000),
            "requested;dur=80.000, queued;dur=0, stalled;dur=920.004, held;dur=1000.030"
        );
    }

    #[test]
    fn the_longest_value_fits() {
        let value = server_timing(u64::MAX, u64::MAX, u64::MAX);
        assert!(value.len() <= LONGEST);
        assert!(value.to_str().unwrap().ends_with("held;dur=18446744073709.551"));
    }
}
