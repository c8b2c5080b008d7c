//! The open loop's generator under what goes wrong with load generators (wrk2's list): one that
//! sleeps too long, a schedule that cannot be kept, a target that stops answering. Whatever
//! happens, everybody who was due is accounted for at the time planned, and waits count.

use std::thread::sleep;
use std::time::Duration;

use measurement::open::OpenFigures;
use measurement::row::{CheckOutcome, TrialRow, Verdict};
use rustix::process::Signal;

use crate::bench::{Ended, Place, alone, assert_status_fits, rows, until};
use crate::processes::{children, signal};

/// One trial of tokio in open loop. The mock is not judged.
fn scenario(upstream: &str, timeout: &str, load: &str) -> String {
    format!(
        "# One model on a schedule.\ntitle = \"Schedule\"\n\
         [upstream.api1]\n{upstream}\n[upstream.api2]\n{upstream}\n\
         [combine]\ntimeout = \"{timeout}\"\n\
         [load]\n{load}\nrepeats = 1\nreruns = 0\n[[model]]\nkind = \"tokio\"\n\
         [checks]\nhold_error = \"100%\"\nupstream_cpu = \"100%\"\nturn_p99 = \"10s\"\n"
    )
}

/// The one row, and that it accounts for everybody who was due, each at its time.
fn only_row(place: &Place, ended: &Ended) -> TrialRow {
    let rows = rows(&place.path().join("run"));
    assert_status_fits(ended, &rows);
    let [row] = &rows[..] else { panic!("one trial: {ended:?}") };
    let check =
        row.checks.iter().find(|check| check.name == "generator: every request that was due");
    assert_eq!(check.expect("was checked").outcome, CheckOutcome::Passed, "{row:?}");
    let open = figures(row);
    assert_eq!(open.due, row.requests + open.shed, "due = requests + shed");
    row.clone()
}

fn figures(row: &TrialRow) -> &OpenFigures {
    row.open.as_ref().expect("an open loop has them")
}

fn run(text: &str) -> TrialRow {
    let place = Place::new();
    place.file("schedule.toml", text);
    let ended = {
        let _alone = alone();
        place.loadgen(&["schedule.toml", "--out", "run"])
    };
    only_row(&place, &ended)
}

#[test]
fn a_generator_that_sleeps_too_long_counts_what_was_due_meanwhile() {
    const SLEPT: Duration = Duration::from_millis(400);
    let place = Place::new();
    let load = "rate = \"200/s\"\narrivals = \"constant\"\nwarmup = \"200ms\"\nduration = \"2s\"";
    place.file("schedule.toml", &scenario("latency = \"10ms\"", "5s", load));
    let ended = {
        let _alone = alone();
        let running = place.start(&["schedule.toml", "--out", "run"]);
        let client =
            until("the client is there", || children(&place, "child-trial").first().copied());
        // Past its start and the warm-up, well before the window's end.
        sleep(Duration::from_millis(900));
        signal(client, Signal::STOP);
        sleep(SLEPT);
        signal(client, Signal::CONT);
        running.wait()
    };
    let row = only_row(&place, &ended);
    assert_eq!(figures(&row).due, 400);
    assert!(!row.verdict.trusted(), "{}: {}", row.verdict.name(), row.reason);
    if row.censored > 0 {
        return;
    }
    // Who was due first in the sleep waited for nearly all of it, and the response says so. A
    // stop takes a moment to take hold.
    let slept_ms = SLEPT.as_millis() as f64 - 50.0;
    let lag_ms = figures(&row).lag.max_ms.expect("nobody is missing");
    assert!(lag_ms >= slept_ms, "{lag_ms}");
    assert!(row.latency_max_ms.is_some_and(|ms| ms >= slept_ms + 10.0), "{row:?}");
    // Some eighty were due in it, a fifth of all: it is no outlier.
    assert!(figures(&row).lag.p90_ms.is_some_and(|ms| ms > 100.0), "{:?}", figures(&row).lag);
}

#[test]
fn a_schedule_that_cannot_be_kept_is_told_and_loses_nobody() {
    let load = "rate = \"100000/s\"\nmax_in_flight = 32\nwarmup = \"20ms\"\nduration = \"200ms\"";
    let row = run(&scenario("latency = \"20ms\"", "5s", load));
    let open = figures(&row);
    // 32 places for 20 ms each take 1,600 a second.
    assert!(open.due > 15_000, "{} due", open.due);
    assert!(row.ok < open.due / 4, "{} of {} ok", row.ok, open.due);
    assert!(row.throughput_rps.is_some_and(|rps| rps < 1_700.0), "{row:?}");
    // `saturated`, where nothing worse has happened.
    assert_ne!(row.verdict, Verdict::Valid, "{row:?}");
    assert!(open.shed + open.undispatched + row.ok + row.censored >= open.due, "{row:?}");
}

#[test]
fn a_target_that_stops_answering_fails_some_and_sheds_the_rest() {
    let load = "rate = \"200/s\"\nmax_in_flight = 10\nwarmup = \"100ms\"\nduration = \"1s\"";
    let row = run(&scenario("latency = \"10ms\"\nhangs = \"100%\"", "250ms", load));
    assert_eq!((row.ok, row.degraded), (0, 0));
    // Ten places for 250 ms each take 40 a second, a fifth of what is due.
    assert!(figures(&row).shed > row.requests, "{row:?}");
    assert_eq!(row.failed + row.censored, row.requests);
    assert_eq!(row.errors.get("timeout"), Some(&(2 * row.failed)), "{:?}", row.errors);
    assert!(row.latency_p50_ms.is_none_or(|ms| ms >= 250.0), "{row:?}");
    assert_ne!(row.verdict, Verdict::Valid, "shed, and yet valid");
}
