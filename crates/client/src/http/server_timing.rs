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
        for entry in header.split(|&byte| byte == b',') {
            let entry = entry.trim_ascii();
            let Some(cut) = entry.iter().position(|&byte| byte == b';') else { continue };
            let (name, rest) = entry.split_at(cut);
            let Some(value) = rest.strip_prefix(b";dur=") else { continue };
            let Some(ns) = milliseconds(value) else { continue };
            match name {
                b"requested" => timing.requested_ns = ns,
                b"queued" => timing.queued_ns = ns,
                b"held" => timing.held_ns = ns,
                _ => {}
            }
        }
        timing
    }
}

/// Decimal milliseconds, `80.123`, as nanoseconds, without going through floating point.
fn milliseconds(text: &[u8]) -> Option<u64> {
    let mut ns = 0_u64;
    let mut fraction = None;
    for &byte in text {
        match (byte, fraction) {
            (b'0'..=b'9', None) => {
                ns = ns.checked_mul(10)?.checked_add(u64::from(byte - b'0') * 1_000_000)?;
            }
            (b'0'..=b'9', Some(unit)) => {
                ns = ns.checked_add(u64::from(byte - b'0') * unit)?;
                fraction = Some(unit / 10);
            }
            (b'.', None) => fraction = Some(100_000),
            _ => return None,
        }
    }
    (!text.is_empty()).then_some(ns)
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
