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
        // Every answer comes by here; the usual form is read in a fraction of the instructions.
        Self::usual(header).unwrap_or_else(|| Self::any(header))
    }

    /// All three in their usual order and spacing.
    fn usual(header: &[u8]) -> Option<Self> {
        let (requested_ns, rest) = plain_milliseconds(after(header, b"requested;dur=")?)?;
        let (queued_ns, rest) = plain_milliseconds(after(rest, b", queued;dur=")?)?;
        let (held_ns, rest) = plain_milliseconds(after(rest, b", held;dur=")?)?;
        rest.is_empty().then_some(Self { requested_ns, queued_ns, held_ns })
    }

    /// Any order, any spacing, others in between.
    fn any(header: &[u8]) -> Self {
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

/// What follows `name`. Of a known length, so that it is compared in a few machine words.
fn after<'a, const LENGTH: usize>(text: &'a [u8], name: &[u8; LENGTH]) -> Option<&'a [u8]> {
    let (head, rest) = text.split_first_chunk::<LENGTH>()?;
    (head == name).then_some(rest)
}

/// Decimal milliseconds of at most 12 digits before the point, as nanoseconds, and what follows.
fn plain_milliseconds(text: &[u8]) -> Option<(u64, &[u8])> {
    const MOST_DIGITS: usize = 12;
    let digit = |at: usize| {
        let digit = text.get(at)?.wrapping_sub(b'0');
        (digit < 10).then_some(u64::from(digit))
    };
    let (mut ms, mut at) = (0_u64, 0);
    while let Some(digit) = digit(at) {
        ms = ms.wrapping_mul(10).wrapping_add(digit);
        at += 1;
    }
    if at == 0 || at > MOST_DIGITS {
        return None;
    }
    let mut ns = ms * 1_000_000;
    if text.get(at) == Some(&b'.') {
        at += 1;
        let mut unit = 100_000;
        while let Some(digit) = digit(at) {
            ns += digit * unit;
            unit /= 10;
            at += 1;
        }
    }
    Some((ns, &text[at..]))
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
    fn the_usual_form_means_the_same_either_way() {
        for ms in ["0", "0.000", "80.123", "1080.151234", "999999999999.9999999", "5."] {
            let header = format!("requested;dur={ms}, queued;dur=0, held;dur={ms}");
            let usual = ServerTiming::usual(header.as_bytes());
            assert_eq!(usual, Some(ServerTiming::any(header.as_bytes())), "{header}");
        }
        let unusual = [
            "requested;dur=1,queued;dur=0, held;dur=1",
            "requested;dur=1, queued;dur=0, held;dur=1, more",
            "requested;dur=1, queued;dur=0, held;dur=",
            "requested;dur=1000000000000, queued;dur=0, held;dur=1",
            "held;dur=1, queued;dur=0, requested;dur=1",
        ];
        for header in unusual {
            assert_eq!(ServerTiming::usual(header.as_bytes()), None, "{header}");
        }
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
