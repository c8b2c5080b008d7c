//! Every guard under threads and under tasks: nothing is torn, nothing lost.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use measurement::limits::Limit;
use proptest::prelude::*;
use tokio::runtime::Builder;

use super::*;
use crate::admission::Exhaustion;

const KEYS: usize = 5;
/// Requests that ask at the same time, and how often each does.
const ASKERS: u64 = 8;
const VISITS: u64 = 1_500;

fn threads() -> Threads {
    let limit = || Limit { limit: 100, because: "for tests".to_owned() };
    Threads::new(limit(), Arc::new(Exhaustion::new(limit())))
}

fn guard(kind: &GuardKind, keys: usize) -> AnyGuard {
    AnyGuard::of(kind.name, keys, &threads()).expect("is in the registry")
}

/// What asker `asker` does the `number`-th time: every third visit writes. An answer is the same
/// number in all its words, so that parts of two are told from one.
fn planned(asker: u64, number: u64) -> Visit {
    let id = asker * VISITS + number + 1;
    Visit {
        key: (number % KEYS as u64) as usize,
        write: number.is_multiple_of(3).then_some(Answer { id, held_ns: [id; 2], written: 0 }),
        hold: Hold(number % 7 * 50),
    }
}

/// Every entry seen is whole; every write counted once, in a place of its own.
fn assert_sound(kind: &GuardKind, guard: &AnyGuard, seen: &[(Visit, Visited)]) {
    let name = kind.name;
    let mut counts: Vec<BTreeSet<u64>> = vec![BTreeSet::new(); KEYS];
    for (visit, visited) in seen {
        let Answer { id, held_ns, written } = visited.answer;
        assert_eq!(held_ns, [id; 2], "{name}: a torn entry");
        assert_eq!(visited.wrote, visit.write.is_some(), "{name}");
        if visit.write.is_some() && name != "none" {
            assert!(counts[visit.key].insert(written), "{name}: write {written} twice");
        }
    }
    assert_eq!(seen.len() as u64, ASKERS * VISITS);
    if name == "none" {
        return;
    }
    for (key, counts) in counts.into_iter().enumerate() {
        let look = Visit { key, write: None, hold: Hold(0) };
        let left = guard.visit(&look).answer;
        assert_eq!(left.written, counts.len() as u64, "{name}: writes lost at key {key}");
        assert_eq!(counts.last(), Some(&left.written), "{name}");
    }
}

#[test]
fn names_are_unique_and_explained() {
    let names: BTreeSet<&str> = KINDS.iter().map(|kind| kind.name).collect();
    assert_eq!(names.len(), KINDS.len());
    assert!(KINDS.iter().all(|kind| kind.summary.len() > 20));
    assert!(AnyGuard::of("moat", 1, &threads()).is_err());
}

#[test]
fn threads_meet_whole_entries_and_lose_no_write() {
    for kind in KINDS {
        let guard = guard(kind, KEYS);
        let seen: Vec<_> = std::thread::scope(|scope| {
            let asking = (0..ASKERS).map(|asker| {
                let guard = &guard;
                scope.spawn(move || {
                    let visits = (0..VISITS).map(|number| planned(asker, number));
                    visits.map(|visit| (visit, guard.visit(&visit))).collect::<Vec<_>>()
                })
            });
            let asking: Vec<_> = asking.collect();
            asking.into_iter().flat_map(|asker| asker.join().expect("no panic")).collect()
        });
        assert_sound(kind, &guard, &seen);
    }
}

#[test]
fn tasks_meet_whole_entries_and_lose_no_write() {
    for kind in KINDS {
        for mut builder in [Builder::new_current_thread(), Builder::new_multi_thread()] {
            let runtime = builder.worker_threads(2).build().expect("starts");
            let guard = Arc::new(guard(kind, KEYS));
            let seen = runtime.block_on(async {
                let asking: Vec<_> = (0..ASKERS)
                    .map(|asker| {
                        let guard = Arc::clone(&guard);
                        runtime.spawn(async move {
                            let mut seen = Vec::new();
                            for number in 0..VISITS {
                                let visit = planned(asker, number);
                                seen.push((visit, guard.visit_async(&visit).await));
                                tokio::task::yield_now().await;
                            }
                            seen
                        })
                    })
                    .collect();
                let mut seen = Vec::new();
                for asker in asking {
                    seen.extend(asker.await.expect("no panic"));
                }
                seen
            });
            assert_sound(kind, &guard, &seen);
        }
    }
}

#[test]
fn a_visit_holds_for_the_work_it_is_told() {
    // Some machine may one day do a step in a third of a nanosecond; none does ten.
    let (steps, least_ns) = (100_000, 10_000);
    for kind in KINDS {
        let guard = guard(kind, 1);
        for write in [None, Some(Answer::default())] {
            let visited = guard.visit(&Visit { key: 0, write, hold: Hold(steps) });
            assert!(visited.hold_ns >= least_ns, "{}: {visited:?}", kind.name);
        }
    }
}

/// While one request holds the table, another waits for it, unless the guard lets it pass.
#[test]
fn who_waits_for_whom() {
    let write = Some(Answer::default());
    for kind in KINDS {
        let guard = guard(kind, 64);
        let all = matches!(kind.name, "mutex" | "rwlock" | "channel" | "async-mutex");
        for (key, waits) in [(0, all || kind.name == "sharded"), (1, all)] {
            if waits {
                assert!(has_to_wait(&guard, key, write), "{}: a write to {key}", kind.name);
                assert!(has_to_wait(&guard, key, None), "{}: a read of {key}", kind.name);
            }
        }
    }
}

/// Whether a visit to `key` waits for one that holds key 0; where the machine starts that one too
/// late, it is tried again.
fn has_to_wait(guard: &AnyGuard, key: usize, write: Option<Answer>) -> bool {
    let short = Visit { key, write, hold: Hold(0) };
    // From some 20 ms of work up.
    (0..50_u64).any(|attempt| {
        let hold = Hold(10_000_000 + attempt * 1_000_000);
        let long = Visit { key: 0, write: Some(Answer::default()), hold };
        std::thread::scope(|scope| {
            scope.spawn(|| guard.visit(&long));
            std::thread::sleep(Duration::from_millis(5));
            guard.visit(&short).wait_ns > 2_000_000
        })
    })
}

#[test]
fn without_a_guard_each_thread_has_its_own() {
    let guard = guard(&none::Unshared::KIND, KEYS);
    let look = Visit { key: 1, write: None, hold: Hold(0) };
    let write = Visit { write: Some(Answer { id: 9, ..Answer::default() }), ..look };
    assert_eq!(guard.visit(&write).answer.id, 9);
    assert_eq!(guard.visit(&look).answer.id, 9);
    let seen = std::thread::scope(|scope| scope.spawn(|| guard.visit(&look).answer).join());
    assert_eq!(seen.expect("no panic"), Answer::default());
}

#[test]
fn a_table_of_any_size_has_all_its_keys() {
    for kind in KINDS {
        for keys in [1, 2, 63, 64, 65, 1_000] {
            let guard = guard(kind, keys);
            for key in 0..keys {
                let write = Some(Answer { id: key as u64, ..Answer::default() });
                let visit = Visit { key, write, hold: Hold(0) };
                assert!(guard.visit(&visit).wrote, "{} {keys}", kind.name);
            }
        }
    }
}

fn table(write_ratio: f64, keys: u32, seed: u64) -> SharedTable {
    let state = SharedState { guard: "none".to_owned(), hold: Duration::ZERO, write_ratio, keys };
    SharedTable::of(&state, seed, 0, &threads()).expect("is valid")
}

#[test]
fn writes_and_keys_come_as_asked() {
    const REQUESTS: u64 = 40_000;
    for share in [0.0, 0.2, 1.0] {
        let table = table(share, 64, 7);
        let mut writes = 0_u64;
        let mut by_key = [0_u64; 64];
        for id in 0..REQUESTS {
            let visit = table.planned(id, &<[LegRecord; 2]>::default());
            writes += u64::from(visit.write.is_some());
            by_key[visit.key] += 1;
        }
        let (seen, expected) = (writes as f64, share * REQUESTS as f64);
        // Five standard deviations.
        assert!((seen - expected).abs() <= 5.0 * (expected * (1.0 - share)).sqrt(), "{seen}");
        let each = REQUESTS as f64 / 64.0;
        let chi: f64 = by_key.iter().map(|&n| (n as f64 - each).powi(2) / each).sum();
        // 63 degrees of freedom: mean 63, standard deviation 11.2.
        assert!(chi < 63.0 + 5.0 * 11.2, "{chi}");
    }
}

proptest! {
    #[test]
    fn what_a_request_does_is_a_function_of_seed_and_id(
        seed: u64, id: u64, share in 0.0..=1.0, keys in 1_u32..5_000,
    ) {
        let planned = || table(share, keys, seed).planned(id, &<[LegRecord; 2]>::default());
        let (one, two) = (planned(), planned());
        prop_assert_eq!((one.key, one.write), (two.key, two.write));
        prop_assert!(one.key < keys as usize);
    }
}
