//! The account of ids: what the client recorded against what the mock logged, per upstream and
//! phase of the trial, as sets.
//!
//! The client keeps a record of every request of warm-up and window. Of the cool-down it only
//! counts starts and ends: its ids are checked for having been sent, and sent once.

use scenario::{Phase, Scenario};

use super::pairing::Seen;
use crate::exchange::{Exchange, Fate, MockLog};
use crate::ids::IdAccount;
use crate::output::{Account, TrialOutput};
use crate::record::{LegOutcome, RequestRecord};

/// At most so many mismatches are named.
const NAMED: usize = 5;

/// The phases in the order they pass, with their names in the account.
const PHASES: [(Phase, &str); 3] =
    [(Phase::Warmup, "warm-up"), (Phase::Window, "window"), (Phase::Cooldown, "cool-down")];

/// The accounts of every upstream, each phase by phase.
pub(super) fn accounts(scenario: &Scenario, output: &TrialOutput, log: &MockLog) -> Vec<IdAccount> {
    let timeout_ns = scenario.combine.timeout.as_nanos() as u64;
    let of = |upstream: usize, number: usize| {
        let (phase, name) = PHASES[number];
        let records: &[RequestRecord] = match phase {
            Phase::Warmup => &output.warmup,
            Phase::Window => &output.window,
            _ => &[],
        };
        let part = Part { account: &output.account, number, phase, upstream, timeout_ns };
        let mut account = part.account(records, log);
        account.upstream.clone_from(&scenario.upstreams[upstream].name);
        name.clone_into(&mut account.phase);
        account
    };
    let legs = 0..scenario.upstreams.len();
    legs.flat_map(|leg| (0..PHASES.len()).map(move |number| (leg, number)))
        .map(|(leg, number)| of(leg, number))
        .collect()
}

/// One upstream in one phase.
struct Part<'a> {
    account: &'a Account,
    /// Of the phase, in the order they pass.
    number: usize,
    phase: Phase,
    upstream: usize,
    timeout_ns: u64,
}

impl Part<'_> {
    fn account(&self, records: &[RequestRecord], log: &MockLog) -> IdAccount {
        let started = self.account.started[self.number];
        // An arrival that was shed has a number and a record, though it never started.
        let arrived = started + self.account.shed[self.number];
        let planned = arrived.max(records.len() as u64);
        let seen = Seen::of(&log.exchanges, self.upstream, self.phase, planned as usize);
        let mut sum = IdAccount {
            planned,
            received: seen.exchanges().count() as u64,
            answered: seen.exchanges().filter(|seen| seen.fate == Fate::Answered).count() as u64,
            ..IdAccount::default()
        };
        let mut wrong: Vec<(u64, String)> = self.strangers(&seen);
        if self.phase == Phase::Cooldown {
            // Ended ones were sent, and of the others those that arrived.
            sum.recorded = self.account.ended[self.number].min(started);
            sum.sent = sum.recorded.max(sum.received);
            sum.censored = sum.sent - sum.recorded;
            sum.unreached = sum.sent - sum.received;
        } else {
            for id in 0..planned as usize {
                self.add(id, records.get(id), seen.get(id), &mut sum, &mut wrong);
            }
            sum.sent = sum.recorded + sum.censored;
        }
        sum.mismatched = wrong.len() as u64;
        sum.mismatches =
            wrong.into_iter().take(NAMED).map(|(id, what)| format!("id {id}: {what}")).collect();
        sum
    }

    /// Ids that should not be there, or not so often.
    fn strangers(&self, seen: &Seen) -> Vec<(u64, String)> {
        // Where the trial broke off, its last starts came after its account.
        let known = self.account.exhausted.is_none();
        let unknown = seen.unknown.iter().filter(|_| known);
        let unknown = unknown.map(|&id| (Phase::index(id), "received, never sent".to_owned()));
        let twice = seen.repeated.iter();
        unknown.chain(twice.map(|&id| (Phase::index(id), "received twice".to_owned()))).collect()
    }

    /// Adds one id of a phase that has records.
    fn add(
        &self,
        id: usize,
        record: Option<&RequestRecord>,
        seen: Option<&Exchange>,
        sum: &mut IdAccount,
        wrong: &mut Vec<(u64, String)>,
    ) {
        if record.is_some_and(|record| !record.is_started()) && seen.is_some() {
            wrong.push((id as u64, "received, though it never started".to_owned()));
            return;
        }
        let Some(record) = record.filter(|record| record.is_ended()) else {
            // Nothing was recorded of its end; that it was sent is known where it arrived.
            sum.censored += u64::from(seen.is_some());
            return;
        };
        sum.recorded += 1;
        sum.unreached += u64::from(seen.is_none());
        if let Some(problem) = disagreement(record, self.upstream, seen, self.timeout_ns) {
            wrong.push((id as u64, problem));
        }
    }
}

/// What the client recorded of a request that ended against what the mock logged, for one fetch;
/// `None`: they agree.
fn disagreement(
    record: &RequestRecord,
    leg: usize,
    exchange: Option<&Exchange>,
    timeout_ns: u64,
) -> Option<String> {
    let outcome = record.legs[leg].outcome;
    let Some(exchange) = exchange else {
        let never_sent = matches!(outcome, LegOutcome::Connect)
            || outcome == LegOutcome::Timeout && record.latency_ns() >= timeout_ns;
        return (!never_sent).then(|| format!("recorded as {}, never received", outcome.name()));
    };
    let agrees = match outcome {
        LegOutcome::Fetched => exchange.fate == Fate::Answered && exchange.status == 200,
        LegOutcome::Status => exchange.fate == Fate::Answered && exchange.status != 200,
        // A late answer and an abandoned one both look like a timeout here.
        LegOutcome::Timeout => record.latency_ns() >= timeout_ns,
        LegOutcome::Connect
        | LegOutcome::Reset
        | LegOutcome::Closed
        | LegOutcome::Malformed
        | LegOutcome::Mismatch => false,
    };
    let logged = || match exchange.fate {
        Fate::Answered => format!("answered with {}", exchange.status),
        Fate::Abandoned => "abandoned".to_owned(),
        Fate::Pending => "still held".to_owned(),
    };
    (!agrees).then(|| format!("recorded as {}, logged as {}", outcome.name(), logged()))
}
