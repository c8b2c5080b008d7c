//! Where the time of sampled requests went, closed: the parts of a request follow each other from
//! its dispatch to its combined answer, so that they add up to its total exactly.
//!
//! The client's stamps and the mock's log share one clock. Of the two fetches the one that ended
//! last is followed: the request had to wait for it. Every fetch's points are looked at for their
//! order all the same, since a part below zero can only come from a wrong stamp.

use super::pairing::Seen;
use super::percentile::{percentile, supports};
use crate::budget::{Budget, BudgetPart};
use crate::exchange::{Exchange, Fate};
use crate::record::{LegOutcome, RequestRecord};
use crate::stamps::{LegStamps, RequestStamps, Sample};

/// Readings of the one clock on two CPUs may be this far out of order.
const CLOCK_NOISE_NS: i64 = 1_000;

/// The parts: name, and what it spans.
const PARTS: [(&str, &str); 9] = [
    ("start", "dispatch to the first instruction of the request's own unit (thread, job or task)"),
    ("fork", "to the first instruction of its fetch, where that is a unit of its own"),
    ("connection", "to a connection in hand: a kept one taken, or a new one opened"),
    ("send", "to the mock's having parsed the request's head"),
    ("held", "deliberately kept back by the mock"),
    ("wake-up", "from the answer leaving the mock to the fetch running again"),
    ("receive", "to the whole body read and the connection given back"),
    ("join", "to the unit that combines having both answers"),
    (
        "combine",
        "parsing both bodies, making one document, and what else the scenario has a request do, to its end",
    ),
];

/// The account of all sampled requests.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// The budget, where any sampled request could be followed.
    pub(super) budget: Option<Budget>,
    /// What is wrong with a request's points, by window id.
    pub(super) problems: Vec<(u64, String)>,
}

/// The parts of one request, in order.
type Parts = [i64; PARTS.len()];

impl Account {
    /// Follows each sampled request.
    pub(super) fn of(sample: &Sample, records: &[RequestRecord], seen: &[Seen; 2]) -> Self {
        let mut account = Self::default();
        let mut followed: Vec<Parts> = Vec::with_capacity(sample.stamps.len());
        let mut left_out = 0;
        for (id, stamps) in sample.iter() {
            // One that was shed is none of the requests.
            let Some(record) = records.get(id as usize).filter(|record| record.is_started()) else {
                continue;
            };
            let exchanges = seen.each_ref().map(|seen| {
                seen.get(id as usize).filter(|exchange| exchange.fate == Fate::Answered)
            });
            match exchanges {
                [Some(first), Some(second)] if both_answered(record) => {
                    match parts(record, stamps, [first, second]) {
                        Ok(parts) => followed.push(parts),
                        Err(problem) => account.problems.push((id, problem)),
                    }
                }
                _ => left_out += 1,
            }
        }
        if !followed.is_empty() {
            account.budget = Some(budget(&followed, sample.every, left_out));
        }
        account
    }
}

/// Whether its end was seen, and both fetches had an answer, whatever its status.
fn both_answered(record: &RequestRecord) -> bool {
    let answered = |outcome| matches!(outcome, LegOutcome::Fetched | LegOutcome::Status);
    record.is_ended() && record.legs.iter().all(|leg| answered(leg.outcome))
}

/// The parts along the fetch that ended last, or which of them is below zero.
fn parts(
    record: &RequestRecord,
    stamps: &RequestStamps,
    exchanges: [&Exchange; 2],
) -> Result<Parts, String> {
    let [first, second] = [0, 1].map(|leg: usize| {
        let points = points(record, stamps, &stamps.legs[leg], exchanges[leg]);
        ordered(&points).map_err(|problem| format!("fetch {}: {problem}", leg + 1))
    });
    let (first, second) = (first?, second?);
    Ok(if stamps.legs[0].ended_ns > stamps.legs[1].ended_ns { first } else { second })
}

/// The points of a request along one of its fetches: the ends of all parts, after the dispatch.
fn points(
    record: &RequestRecord,
    stamps: &RequestStamps,
    leg: &LegStamps,
    exchange: &Exchange,
) -> [u64; PARTS.len() + 1] {
    // A model whose requests have no unit of their own starts with the fetch.
    let began_ns = if stamps.began_ns == 0 { leg.began_ns } else { stamps.began_ns };
    let answered_ns = exchange.received_ns.saturating_add(exchange.held_ns);
    // A fetch that runs for another reason just as its answer comes has nothing to wake up from.
    let awake =
        (leg.connected_ns..answered_ns).contains(&leg.woken_ns) && answered_ns <= leg.ended_ns;
    [
        record.started_ns,
        began_ns,
        leg.began_ns,
        leg.connected_ns,
        exchange.received_ns,
        answered_ns,
        if awake { answered_ns } else { leg.woken_ns },
        leg.ended_ns,
        stamps.joined_ns,
        record.ended_ns,
    ]
}

fn ordered(points: &[u64; PARTS.len() + 1]) -> Result<Parts, String> {
    let parts: Parts = std::array::from_fn(|at| {
        // Points not stamped are 0, and far out of order.
        points[at + 1].wrapping_sub(points[at]).cast_signed()
    });
    let wrong = parts.iter().position(|&part| part < -CLOCK_NOISE_NS);
    match wrong {
        None => Ok(parts),
        Some(at) => Err(format!("{} takes {} ns", PARTS[at].0, parts[at])),
    }
}

fn budget(followed: &[Parts], every: u64, left_out: u64) -> Budget {
    let count = followed.len();
    let mean_us = |sum: i64| sum as f64 / count as f64 / 1e3;
    let part = |(at, (name, doc)): (usize, (&str, &str))| {
        // Within the clock's noise of zero is zero, where the order of values is all that counts.
        let mut sorted: Vec<u64> =
            followed.iter().map(|parts| parts[at].max(0).cast_unsigned()).collect();
        sorted.sort_unstable();
        let at_us = |q: f64| percentile(&sorted, 0, q).map(|ns| ns as f64 / 1e3);
        BudgetPart {
            name: name.to_owned(),
            doc: doc.to_owned(),
            mean_us: mean_us(followed.iter().map(|parts| parts[at]).sum()),
            p50_us: at_us(0.5).unwrap_or(0.0),
            p99_us: supports(count, 0.99).then(|| at_us(0.99)).flatten(),
        }
    };
    Budget {
        sampled: count as u64,
        every,
        left_out,
        total_mean_us: mean_us(followed.iter().flatten().sum()),
        parts: PARTS.into_iter().enumerate().map(part).collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::LegRecord;

    const ANSWERED: LegRecord =
        LegRecord { requested_ns: 0, queued_ns: 0, held_ns: 0, outcome: LegOutcome::Fetched };

    type Request = (RequestRecord, RequestStamps, [Exchange; 2]);

    /// A request whose points follow each other by `gaps`, the first nine along the first fetch,
    /// the others from the fork to the end of the second.
    fn request(gaps: &[u64; 15]) -> Request {
        let started_ns = 1_000_000_000;
        let began_ns = started_ns + gaps[0];
        let leg = |gaps: &[u64], id: u8| {
            let began_ns = began_ns + gaps[0];
            let connected_ns = began_ns + gaps[1];
            let received_ns = connected_ns + gaps[2];
            let woken_ns = received_ns + gaps[3] + gaps[4];
            let ended_ns = woken_ns + gaps[5];
            let exchange = Exchange {
                id: 0,
                received_ns,
                ended_ns: received_ns + gaps[3],
                requested_ns: gaps[3],
                queued_ns: 0,
                stalled_ns: 0,
                held_ns: gaps[3],
                upstream: id,
                fate: Fate::Answered,
                status: 200,
                opened: false,
            };
            (LegStamps { began_ns, connected_ns, woken_ns, ended_ns }, exchange)
        };
        let (first, to_first) = leg(&gaps[1..7], 0);
        let (second, to_second) = leg(&gaps[9..15], 1);
        let joined_ns = first.ended_ns.max(second.ended_ns) + gaps[7];
        let stamps = RequestStamps { began_ns, joined_ns, legs: [first, second] };
        let record = RequestRecord {
            intended_ns: started_ns,
            started_ns,
            ended_ns: joined_ns + gaps[8],
            legs: [ANSWERED; 2],
            ..RequestRecord::default()
        };
        (record, stamps, [to_first, to_second])
    }

    fn account(requests: &[Request]) -> Account {
        let records: Vec<RequestRecord> = requests.iter().map(|(record, ..)| *record).collect();
        let stamps = requests.iter().map(|(_, stamps, _)| *stamps).collect();
        let exchanges: Vec<Exchange> = requests
            .iter()
            .enumerate()
            .flat_map(|(id, (.., both))| both.map(|one| Exchange { id: id as u64, ..one }))
            .collect();
        let seen =
            [0, 1].map(|leg| Seen::of(&exchanges, leg, scenario::Phase::Window, records.len()));
        Account::of(&Sample { every: 1, stamps }, &records, &seen)
    }

    #[test]
    fn each_gap_is_its_part_along_the_later_fetch() {
        let gaps = [10, 20, 30, 40, 50_000, 60, 70, 80, 90, 21, 31, 41, 40_000, 61, 71];
        let account = account(&[request(&gaps)]);
        assert_eq!(account.problems, []);
        let budget = account.budget.expect("one request was followed");
        let ns: Vec<f64> = budget.parts.iter().map(|part| (part.mean_us * 1e3).round()).collect();
        assert_eq!(ns, [10.0, 20.0, 30.0, 40.0, 50_000.0, 60.0, 70.0, 80.0, 90.0]);
        assert_eq!((budget.sampled, budget.left_out), (1, 0));
        assert!((budget.parts[4].p50_us - 50.0).abs() < 1e-9);
        assert_eq!(budget.parts[4].p99_us, None, "one request has no percentile");
    }

    #[test]
    fn a_request_without_a_unit_of_its_own_starts_with_its_fetch() {
        let (record, mut stamps, exchanges) = request(&[100; 15]);
        stamps.began_ns = 0;
        let budget = account(&[(record, stamps, exchanges)]).budget.expect("followed");
        assert_eq!((budget.parts[0].mean_us, budget.parts[1].mean_us), (0.2, 0.0));
    }

    #[test]
    fn a_fetch_that_runs_as_its_answer_comes_does_not_wake_up() {
        let (record, mut stamps, exchanges) = request(&[100; 15]);
        stamps.legs[1].woken_ns -= 150;
        let budget = account(&[(record, stamps, exchanges)]).budget.expect("followed");
        assert_eq!((budget.parts[5].mean_us, budget.parts[6].mean_us), (0.0, 0.2));
    }

    #[test]
    fn a_wrong_stamp_is_found_whichever_it_is() {
        type Edit = fn(&mut Request);
        let edits: [(&str, Edit); 9] = [
            ("started", |(record, ..)| record.started_ns += 50_000),
            ("began", |(_, stamps, _)| stamps.began_ns += 50_000),
            ("leg began", |(_, stamps, _)| stamps.legs[0].began_ns += 50_000),
            ("connected", |(_, stamps, _)| stamps.legs[0].connected_ns += 50_000),
            ("received", |(.., both)| both[1].received_ns -= 50_000),
            ("never woken", |(_, stamps, _)| stamps.legs[0].woken_ns = 0),
            ("woken late", |(_, stamps, _)| stamps.legs[1].woken_ns += 50_000),
            ("never ended", |(_, stamps, _)| stamps.legs[0].ended_ns = 0),
            ("never joined", |(_, stamps, _)| stamps.joined_ns = 0),
        ];
        for (what, edit) in edits {
            let mut sound = request(&[10_000; 15]);
            edit(&mut sound);
            let account = account(&[sound]);
            assert_eq!(account.problems.len(), 1, "{what}");
            assert_eq!(account.budget, None, "{what}");
        }
    }

    #[test]
    fn what_was_not_answered_is_left_out() {
        let mut late = request(&[100; 15]);
        late.0.legs[0].outcome = LegOutcome::Timeout;
        let mut censored = request(&[100; 15]);
        censored.0.ended_ns = 0;
        let mut abandoned = request(&[100; 15]);
        abandoned.2[1].fate = Fate::Abandoned;
        let mut shed = request(&[100; 15]);
        shed.0 = RequestRecord { intended_ns: 1, ..RequestRecord::default() };
        let account = account(&[late, censored, abandoned, shed, request(&[100; 15])]);
        assert_eq!(account.problems, []);
        let budget = account.budget.expect("one is left");
        assert_eq!((budget.sampled, budget.left_out), (1, 3));
    }

    proptest! {
        #[test]
        fn parts_are_not_negative_and_add_up(
            gaps in prop::collection::vec(prop::array::uniform15(0_u64..10_000_000), 1..30),
        ) {
            let requests: Vec<_> = gaps.iter().map(request).collect();
            let account = account(&requests);
            prop_assert_eq!(account.problems, []);
            let budget = account.budget.expect("all are followed");
            prop_assert!(budget.parts.iter().all(|part| part.mean_us >= 0.0));
            let sum: f64 = budget.parts.iter().map(|part| part.mean_us).sum();
            prop_assert!((sum - budget.total_mean_us).abs() < 1e-6 * budget.total_mean_us.max(1.0));
            let total: u64 = requests.iter().map(|(record, ..)| record.latency_ns()).sum();
            let mean_us = total as f64 / requests.len() as f64 / 1e3;
            prop_assert!((mean_us - budget.total_mean_us).abs() < 1e-6 * mean_us.max(1.0));
        }
    }
}
