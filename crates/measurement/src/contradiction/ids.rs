//! The account of ids against itself and against the row's own counts.

use crate::ids::IdAccount;
use crate::row::TrialRow;

pub(super) fn contradiction(row: &TrialRow) -> Option<String> {
    row.ids.iter().find_map(|ids| of_account(ids, row)).or_else(|| in_all(row))
}

fn of_account(ids: &IdAccount, row: &TrialRow) -> Option<String> {
    let sum = |a: u64, b: u64| a.saturating_add(b);
    let ended = sum(sum(row.ok, row.degraded), row.failed);
    let window = ids.phase == "window";
    let agree = ids.mismatched == 0;
    let equal = [
        (true, "sent", ids.sent, "recorded + censored", sum(ids.recorded, ids.censored)),
        // What disagrees may be of any kind; the row says so then, and is inconsistent.
        (agree, "sent", ids.sent, "received + unreached", sum(ids.received, ids.unreached)),
        (window, "recorded", ids.recorded, "the row’s ok + degraded + failed", ended),
    ];
    let at_most = [
        ("sent", ids.sent, "planned", ids.planned),
        ("answered", ids.answered, "received", ids.received),
        (
            "the row’s requests",
            if window && row.open.is_none() { row.requests } else { 0 },
            "planned",
            ids.planned,
        ),
    ];
    let unequal = equal.into_iter().find(|&(applies, _, a, _, b)| applies && a != b);
    let unequal = unequal.map(|(_, name, a, of, b)| format!("{name} is {a}, but {of} is {b}"));
    let above = at_most.into_iter().find(|&(_, a, _, b)| a > b);
    let above = above.map(|(name, a, of, b)| format!("{name} is {a}, more than {of}, {b}"));
    let trusted = (ids.mismatched > 0 && row.verdict.trusted()).then(|| {
        format!("mismatched is {}, yet the row is {}", ids.mismatched, row.verdict.name())
    });
    let place = |problem| format!("ids of {}, {}: {problem}", ids.upstream, ids.phase);
    unequal.or(above).or(trusted).map(place)
}

/// Both upstreams together.
fn in_all(row: &TrialRow) -> Option<String> {
    let of_window = |count: fn(&IdAccount) -> u64| {
        let window = row.ids.iter().filter(|ids| ids.phase == "window");
        window.fold(0_u64, |sum, ids| sum.saturating_add(count(ids)))
    };
    let pairs = [
        ("upstream_received", row.upstream_received, of_window(|ids| ids.received)),
        ("upstream_answered", row.upstream_answered, of_window(|ids| ids.answered)),
    ];
    let known = !row.ids.is_empty();
    pairs.into_iter().filter(|_| known).find_map(|(name, stated, counted)| {
        let stated = stated.filter(|&stated| stated != counted)?;
        Some(format!("{name} is {stated}, but the ids of the window add up to {counted}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Verdict;

    fn sound() -> TrialRow {
        let account = |upstream: &str, phase: &str| IdAccount {
            upstream: upstream.to_owned(),
            phase: phase.to_owned(),
            planned: 100,
            sent: 100,
            received: 98,
            answered: 95,
            recorded: 99,
            censored: 1,
            unreached: 2,
            ..IdAccount::default()
        };
        let phases = ["warm-up", "window", "cool-down"];
        TrialRow {
            verdict: Verdict::Valid,
            requests: 100,
            ok: 90,
            degraded: 6,
            failed: 3,
            censored: 1,
            upstream_received: Some(196),
            upstream_answered: Some(190),
            ids: ["a", "b"]
                .iter()
                .flat_map(|upstream| phases.map(|phase| account(upstream, phase)))
                .collect(),
            ..TrialRow::default()
        }
    }

    /// An edit, and what the answer has to name.
    type Edit = (fn(&mut TrialRow), &'static str);

    #[test]
    fn an_edited_account_is_found_and_named() {
        assert_eq!(contradiction(&sound()), None);
        assert_eq!(contradiction(&TrialRow::default()), None);
        let edits: [Edit; 8] = [
            (|row| row.ids[0].sent += 1, "ids of a, warm-up: sent is 101"),
            (|row| row.ids[1].received -= 1, "ids of a, window: sent"),
            (|row| row.ids[1].recorded -= 1, "recorded + censored is 99"),
            (|row| row.ids[2].answered = 99, "ids of a, cool-down: answered is 99"),
            (|row| row.ids[3].planned = 99, "sent is 100, more than planned"),
            (|row| row.ids[4].mismatched = 1, "yet the row is valid"),
            (|row| row.upstream_received = Some(195), "upstream_received is 195"),
            (|row| row.ok -= 1, "ok + degraded + failed is 98"),
        ];
        for (edit, expected) in edits {
            let mut row = sound();
            edit(&mut row);
            let found = contradiction(&row).unwrap_or_default();
            assert!(found.contains(expected), "{expected}: {found}");
        }
    }
}
