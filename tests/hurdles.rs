//! What a request does besides fetching, through the whole program: CPU work that is calibrated
//! once, blocking calls that hold up others or do not.

use crate::bench::{Place, alone, assert_status_fits, rows, run_info};

const BUSY: &str = r#"# Work and blocking calls on one event loop.
title = "Busy"

[upstream.api1]
latency = { uniform = { min = "5ms", max = "15ms" } }

[upstream.api2]
latency = { uniform = { min = "5ms", max = "15ms" } }

[combine]
timeout  = "10s"
work     = "50us"
blocking = { every = 20, duration = "20ms", via = "inline" }

[sweep]
key    = "combine.blocking.via"
values = ["inline", "spawn-blocking"]

[mock]
priority = "high"

[load]
concurrency = [8]
warmup = "100ms"
duration = "500ms"
repeats = 1
reruns = 0

[[model]]
kind = "tokio"

[[model]]
kind = "thread-per-request"
"#;

#[test]
fn work_and_blocking_calls_come_to_the_row() {
    let place = Place::new();
    place.file("busy.toml", BUSY);
    let ended = {
        let _alone = alone();
        place.loadgen(&["busy.toml", "--out", "run"])
    };
    let dir = place.path().join("run");
    let (rows, run) = (rows(&dir), run_info(&dir));
    assert_status_fits(&ended, &rows);
    assert_eq!(rows.len(), 4, "{ended:?}");
    let rate = run.work_rate.expect("it was measured");
    for row in &rows {
        let hurdles = row.hurdles.as_ref().expect("there are some");
        let work = hurdles.work.as_ref().expect("asked for");
        let iterations = (50.0 * rate.iterations_per_us).round() as u64;
        assert_eq!(work.iterations, iterations, "the same for every trial of the run");
        assert!(work.mean_us.is_some_and(|mean_us| mean_us > 0.0), "{work:?}");
        let blocking = hurdles.blocking.as_ref().expect("asked for");
        assert_eq!((blocking.every, blocking.blocked), (20, row.requests.div_ceil(20)));
        // Only what is made in place on the one event loop must hold up others, and some it must.
        let expected = row.model == "tokio" && blocking.via == "inline";
        assert_eq!(blocking.expected_share.is_some_and(|share| share > 0.0), expected, "{row:?}");
        assert_eq!(blocking.expected_mean_ms.is_some(), expected, "{row:?}");
    }
}
