//! Under limits of the OS: trials end as `exhausted` with the count reached, nothing aborts.

use std::io::Write;
use std::process::{Command, Stdio};

use measurement::row::{TrialRow, Verdict};
use rustix::process::{Pid, Resource, Rlimit, prlimit};

use crate::bench::{
    Ended, Place, Running, TINY, alone, assert_sound, assert_status_fits, may_open, rows,
};
use crate::processes::threads_of_user;

/// Runs the program under a limit. A shell waits while it is set, then becomes the program.
fn limited(place: &Place, resource: Resource, limit: u64, arguments: &[&str]) -> Ended {
    let mut shell = Command::new("sh");
    shell.args(["-c", "read -r go; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_loadgen")]);
    shell.args(arguments);
    place.settle(&mut shell);
    let mut child = shell.stdin(Stdio::piped()).spawn().expect("there is a shell");
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let wanted = Rlimit { current: Some(limit), maximum: Some(limit) };
    prlimit(pid, resource, wanted).expect("a limit can be lowered");
    let mut stdin = child.stdin.take().expect("is a pipe");
    stdin.write_all(b"go\n").expect("the shell reads");
    drop(stdin);
    Running::of(child).wait()
}

/// Many in flight after few, so that each model has a row that fits the limit and one that does
/// not. Delays long enough for all places to be open at once.
fn crowded(levels: &str) -> String {
    TINY.replace("[2, 16]", levels).replace("\"20ms\"", "\"150ms\"")
}

fn assert_exhausted(row: &TrialRow, resource: &str, limit_name: &str) {
    assert_eq!(row.verdict, Verdict::Exhausted, "{}: {}", row.model, row.reason);
    let exhausted = row.exhausted.as_ref().expect("says what ran out");
    assert_eq!(exhausted.resource, resource, "{exhausted:?}");
    assert!(exhausted.because.contains(limit_name), "{exhausted:?}");
    // A limit of zero: others on this machine had used it up already.
    assert!(exhausted.reached > 0 || exhausted.limit == 0, "{exhausted:?}");
    assert!(exhausted.reached <= exhausted.limit, "{exhausted:?}");
    assert!(row.reason.contains(&exhausted.reached.to_string()), "{}", row.reason);
}

#[test]
fn descriptors_run_out() {
    let place = Place::new();
    place.file("crowded.toml", &crowded("[2, 200]"));
    let ended = {
        let _alone = alone();
        limited(&place, Resource::Nofile, 100, &["crowded.toml", "--out", "run"])
    };
    let rows = rows(&place.path().join("run"));
    assert_status_fits(&ended, &rows);
    assert_eq!(rows.len(), 6, "{ended:?}");
    for row in &rows {
        // A pool of 64 never has more than 64 sockets in use.
        if row.concurrency == Some(200) && row.kind != "rayon" {
            assert_exhausted(row, "descriptors", "ulimit -n");
        } else if row.concurrency == Some(2) {
            assert_sound(row);
            assert_ne!(row.verdict, Verdict::Exhausted, "{}: {}", row.model, row.reason);
        }
    }
}

/// A pool of more threads than there may be is never started.
#[test]
fn a_pool_beyond_the_limit_is_refused() {
    let options = [
        ("thread-pool", "threads"),
        ("rayon", "threads"),
        ("tokio", "workers"),
        ("thread-per-core", "workers"),
        ("tokio-blocking", "workers"),
        ("tokio-spawn-blocking", "workers"),
        ("tokio-rayon", "cpu_threads"),
    ];
    let models = options.map(|(kind, key)| format!("[[model]]\nkind = \"{kind}\"\n{key} = 400\n"));
    let (head, _) = TINY.split_once("[[model]]").expect("models come last");
    let place = Place::new();
    place.file("pools.toml", &(head.replace("[2, 16]", "[2]") + &models.concat()));
    let (ended, limit) = {
        let _alone = alone();
        let limit = threads_of_user() + 250;
        (limited(&place, Resource::Nproc, limit, &["pools.toml", "--out", "run"]), limit)
    };
    let rows = rows(&place.path().join("run"));
    assert_status_fits(&ended, &rows);
    assert_eq!(rows.len(), options.len(), "under {limit} processes: {ended:?}");
    for row in &rows {
        assert_eq!(row.verdict, Verdict::Exhausted, "{}: {}", row.model, row.reason);
        let exhausted = row.exhausted.as_ref().expect("says what ran out");
        assert_eq!(exhausted.resource, "threads", "{}", row.model);
        assert!(exhausted.because.contains("ulimit -u"), "{exhausted:?}");
        assert!(exhausted.limit < 400 && exhausted.reached <= exhausted.limit, "{exhausted:?}");
        assert_eq!(row.requests, 0, "{}", row.model);
    }
}

#[test]
fn threads_run_out() {
    // Of 300 in flight, two sockets each: else those run out first.
    if !may_open(1_000) {
        return;
    }
    let place = Place::new();
    let pool = "[[model]]\nkind = \"tokio-spawn-blocking\"\n";
    place.file("crowded.toml", &(crowded("[300]") + "\n" + pool));
    let (ended, limit) = {
        let _alone = alone();
        let limit = threads_of_user() + 250;
        let models = ["thread-per-request", "tokio-spawn-blocking", "tokio"];
        let models: Vec<&str> = models.into_iter().flat_map(|label| ["--model", label]).collect();
        let arguments = [&["crowded.toml", "--out", "run"], &models[..]].concat();
        (limited(&place, Resource::Nproc, limit, &arguments), limit)
    };
    let rows = rows(&place.path().join("run"));
    assert_status_fits(&ended, &rows);
    assert_eq!(rows.len(), 3, "under {limit} processes: {ended:?}");
    for row in &rows {
        if row.kind == "tokio" {
            assert_sound(row);
            assert_ne!(row.verdict, Verdict::Exhausted, "{}", row.reason);
        } else {
            assert_exhausted(row, "threads", "ulimit -u");
        }
    }
}
