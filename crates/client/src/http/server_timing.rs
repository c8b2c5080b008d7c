//! Reads what an upstream says of its own delay.

/// Delays named by a `Server-Timing` header, nanoseconds; 0 where a name is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_field_names, reason = "the unit belongs to each name")]
pub(super) struct ServerTiming {
    pub(super) requested_ns: u64,
    pub(super) queued_ns: u64,
    pub(super) held_ns: u64,
}

impl ServerTiming {
    /// Parses `requested;dur=80.123, queued;dur=0, held;dur=80.151` (milliseconds). What is not
    /// understood is passed over: the upstream's log is the authority.
    pub(super) fn parse(header: &[u8]) -> Self {
        let mut timing = Self::default();
        let mut rest = header;
        while !rest.is_empty() {
            rest = rest.trim_ascii_start();
            let named = [
                (b"requested;dur=".as_slice(), &mut timing.requested_ns),
                (b"queued;dur=", &mut timing.queued_ns),
                (b"held;dur=", &mut timing.held_ns),
            ];
            for (name, slot) in named {
                if let Some(value) = rest.strip_prefix(name) {
                    let (ns, after) = milliseconds(value);
                    *slot = ns.unwrap_or(0);
                    rest = after;
                    break;
                }
            }
            let next = rest.iter().position(|&byte| byte == b',');
            rest = next.map_or(&[], |comma| &rest[comma + 1..]);
        }
        timing
    }
}

/// Decimal milliseconds, `80.123`, as nanoseconds, without going through floating point; and what
/// follows. `None` for what is no such number, or too large for one.
fn milliseconds(text: &[u8]) -> (Option<u64>, &[u8]) {
    let mut ns = Some(0_u64);
    let mut fraction = None;
    let mut length = 0;
    for &byte in text {
        match (byte, fraction) {
            (b'0'..=b'9', None) => {
                let digit = u64::from(byte - b'0') * 1_000_000;
                ns = ns.and_then(|ns| ns.checked_mul(10)?.checked_add(digit));
            }
            (b'0'..=b'9', Some(unit)) => {
                ns = ns.and_then(|ns| ns.checked_add(u64::from(byte - b'0') * unit));
                fraction = Some(unit / 10);
            }
            (b'.', None) => fraction = Some(100_000),
            _ => break,
        }
        length += 1;
    }
    let after = &text[length..];
    let whole = length > 0 && after.first().is_none_or(|&byte| matches!(byte, b',' | b' '));
    (ns.filter(|_| whole), after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_all_three() {
        let timing =
            ServerTiming::parse(b"requested;dur=80.123, queued;dur=0,held;dur=1080.151234");
        assert_eq!(timing.requested_ns, 80_123_000);
        assert_eq!(timing.queued_ns, 0);
        assert_eq!(timing.held_ns, 1_080_151_234);
    }

    #[test]
    fn passes_over_what_it_does_not_know() {
        let timing = ServerTiming::parse(b"cache;desc=hit, held;dur=x, requested;dur=2.5, ;dur=1");
        assert_eq!(timing, ServerTiming { requested_ns: 2_500_000, ..ServerTiming::default() });
        assert_eq!(ServerTiming::parse(b""), ServerTiming::default());
        assert_eq!(
            ServerTiming::parse(b"held;dur=99999999999999999999999"),
            ServerTiming::default()
        );
    }
}
