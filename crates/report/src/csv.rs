//! `trials.csv`: one row per trial, tidy, for spreadsheets and notebooks.
//!
//! The columns up to `send_lag_p99_ms` and their order are a contract; what follows may grow. An
//! empty cell is "not measured". Figures are the row's own, unrounded, in the shortest form that
//! reads back to the same number.

use measurement::hurdles::SharedFigures;
use measurement::open::OpenFigures;
use measurement::row::TrialRow;

use crate::error::{Error, Result};

/// A column: its heading, and its cell in a row.
pub type Column = (&'static str, fn(&TrialRow) -> String);

/// Every column, in order.
pub const COLUMNS: &[Column] = &[
    ("scenario", |row| row.scenario.clone()),
    ("model", |row| row.model.clone()),
    ("load", |row| row.load.name().to_owned()),
    ("concurrency", |row| cell(row.concurrency)),
    ("offered_rps", |row| cell(row.offered_rps)),
    ("repeat", |row| row.repeat.to_string()),
    ("order", |row| row.order.to_string()),
    ("verdict", |row| row.verdict.name().to_owned()),
    ("reason", |row| row.reason.clone()),
    ("duration_s", |row| cell(row.duration_s)),
    ("requests", |row| row.requests.to_string()),
    ("ok", |row| row.ok.to_string()),
    ("degraded", |row| row.degraded.to_string()),
    ("failed", |row| row.failed.to_string()),
    ("censored", |row| row.censored.to_string()),
    ("throughput_rps", |row| cell(row.throughput_rps)),
    ("goodput_rps", |row| cell(row.goodput_rps)),
    ("ideal_rps", |row| cell(row.ideal_rps)),
    ("efficiency", |row| cell(row.efficiency)),
    ("latency_mean_ms", |row| cell(row.latency_mean_ms)),
    ("latency_p50_ms", |row| cell(row.latency_p50_ms)),
    ("latency_p90_ms", |row| cell(row.latency_p90_ms)),
    ("latency_p99_ms", |row| cell(row.latency_p99_ms)),
    ("latency_p999_ms", |row| cell(row.latency_p999_ms)),
    ("latency_max_ms", |row| cell(row.latency_max_ms)),
    ("added_mean_ms", |row| cell(row.added_mean_ms)),
    ("added_p50_ms", |row| cell(row.added_p50_ms)),
    ("added_p99_ms", |row| cell(row.added_p99_ms)),
    ("cpu_user_s", |row| cell(row.cpu_user_s)),
    ("cpu_system_s", |row| cell(row.cpu_system_s)),
    ("cpu_us_per_request", |row| cell(row.cpu_us_per_request)),
    ("cpu_utilisation", |row| cell(row.cpu_utilisation)),
    ("rss_peak_bytes", |row| cell(row.rss_peak_bytes)),
    ("threads_peak", |row| cell(row.threads_peak)),
    ("threads_spawned", |row| cell(row.threads_spawned)),
    ("ctx_voluntary", |row| cell(row.ctx_voluntary)),
    ("ctx_involuntary", |row| cell(row.ctx_involuntary)),
    ("inflight_mean", |row| cell(row.inflight_mean)),
    ("little_residual", |row| cell(row.little_residual)),
    ("upstream_received", |row| cell(row.upstream_received)),
    ("upstream_answered", |row| cell(row.upstream_answered)),
    ("upstream_cpu_s", |row| cell(row.upstream_cpu_s)),
    ("hold_error_p50_us", |row| cell(row.hold_error_p50_us)),
    ("hold_error_p99_us", |row| cell(row.hold_error_p99_us)),
    ("send_lag_p99_ms", |row| cell(row.send_lag_p99_ms)),
    // From here on columns may be added.
    ("kind", |row| row.kind.clone()),
    ("client_cpus", |row| row.client_cpus.to_string()),
    ("pool_ceiling_rps", |row| cell(row.pool_ceiling_rps)),
    ("floor_mean_ms", |row| cell(row.floor_mean_ms)),
    ("floor_p50_ms", |row| cell(row.floor_p50_ms)),
    ("floor_p99_ms", |row| cell(row.floor_p99_ms)),
    ("kernel_memory_bytes", |row| cell(row.kernel_memory_bytes)),
    ("kernel_forks", |row| cell(row.kernel_forks)),
    ("connects", |row| row.connects.to_string()),
    ("stale_connections", |row| row.stale_connections.to_string()),
    ("steal", |row| cell(row.steal)),
    ("join_depth_max", |row| cell(row.join_depth_max)),
    ("thread_running_ms", |row| cell(row.thread_running_ms)),
    ("thread_runnable_ms", |row| cell(row.thread_runnable_ms)),
    ("thread_waiting_ms", |row| cell(row.thread_waiting_ms)),
    ("exhausted_resource", |row| cell(row.exhausted.as_ref().map(|out| &out.resource))),
    ("exhausted_reached", |row| cell(row.exhausted.as_ref().map(|out| out.reached))),
    ("sweep_key", |row| cell(row.swept.as_ref().map(|swept| &swept.key))),
    ("sweep_value", |row| cell(row.swept.as_ref().map(|swept| &swept.value))),
    ("pool_workers", |row| cell(row.pool_workers)),
    ("held_mean", |row| cell(row.held_mean)),
    ("upstream_connects", |row| cell(row.upstream_connects)),
    ("shared_wait_mean_us", |row| cell(shared(row).and_then(|shared| shared.wait_mean_us))),
    ("shared_wait_p99_us", |row| cell(shared(row).and_then(|shared| shared.wait_p99_us))),
    ("join_nested_ms", |row| cell(row.join_nested_ms)),
    ("due", |row| cell(row.open.as_ref().map(|open| open.due))),
    ("shed", |row| cell(row.open.as_ref().map(|open| open.shed))),
    ("service_p50_ms", |row| clock(row, |open| open.service.p50_ms)),
    ("service_p99_ms", |row| clock(row, |open| open.service.p99_ms)),
    ("uncorrected_p50_ms", |row| clock(row, |open| open.uncorrected.p50_ms)),
    ("uncorrected_p99_ms", |row| clock(row, |open| open.uncorrected.p99_ms)),
    ("attempt", |row| row.attempt.to_string()),
];

/// The bytes of `trials.csv` (RFC 4180 quoting, lines ended by `\n`).
pub fn render(rows: &[TrialRow]) -> Result<Vec<u8>> {
    let refused = |problem: String| Error::Render { output: "trials.csv".to_owned(), problem };
    let mut writer = ::csv::WriterBuilder::new().from_writer(Vec::new());
    let headings = COLUMNS.iter().map(|(name, _)| *name);
    writer.write_record(headings).map_err(|error| refused(error.to_string()))?;
    for row in rows {
        let cells = COLUMNS.iter().map(|(_, cell)| cell(row));
        writer.write_record(cells).map_err(|error| refused(error.to_string()))?;
    }
    writer.into_inner().map_err(|error| refused(error.to_string()))
}

/// What requests did with a table they share, where there is one.
fn shared(row: &TrialRow) -> Option<&SharedFigures> {
    row.hurdles.as_ref()?.shared.as_ref()
}

fn clock(row: &TrialRow, of: fn(&OpenFigures) -> Option<f64>) -> String {
    cell(row.open.as_ref().and_then(of))
}

fn cell<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::testing::Fixture;

    /// The contract, as the design states it.
    const CONTRACT: &str = "scenario,model,load,concurrency,offered_rps,repeat,order,verdict,reason,\
        duration_s,requests,ok,degraded,failed,censored,throughput_rps,goodput_rps,ideal_rps,\
        efficiency,latency_mean_ms,latency_p50_ms,latency_p90_ms,latency_p99_ms,latency_p999_ms,\
        latency_max_ms,added_mean_ms,added_p50_ms,added_p99_ms,cpu_user_s,cpu_system_s,\
        cpu_us_per_request,cpu_utilisation,rss_peak_bytes,threads_peak,threads_spawned,\
        ctx_voluntary,ctx_involuntary,inflight_mean,little_residual,upstream_received,\
        upstream_answered,upstream_cpu_s,hold_error_p50_us,hold_error_p99_us,send_lag_p99_ms";

    #[test]
    fn columns_start_with_the_contract_and_are_unique() {
        let names: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
        let contract: Vec<&str> = CONTRACT.split(',').collect();
        assert_eq!(names[..contract.len()], contract);
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }

    #[test]
    fn every_cell_holds_the_field_its_heading_names() {
        // Over the JSON form of a row: a column that reads the wrong field differs from its key.
        for row in Fixture::flaky().rows {
            let json = serde_json::to_value(&row).expect("a row serialises");
            for (name, cell) in COLUMNS {
                let Some(field) = json.get(name) else { continue };
                let expected = match field {
                    serde_json::Value::Null => String::new(),
                    serde_json::Value::String(text) => text.clone(),
                    other => other.as_f64().map_or_else(String::new, |number| number.to_string()),
                };
                assert_eq!(cell(&row), expected, "{name}");
            }
        }
    }

    #[test]
    fn reads_back_as_written_also_with_commas_and_quotes() {
        let mut rows = Fixture::high_latency().rows;
        rows[0].reason = "a \"quoted\", comma\nand line".to_owned();
        let bytes = render(&rows).expect("renders");
        let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
        let reason = reader.headers().expect("headings").iter().position(|name| name == "reason");
        let records: Vec<_> = reader.records().collect::<Result<_, _>>().expect("well-formed");
        assert_eq!(records.len(), rows.len());
        assert_eq!(&records[0][reason.expect("a column")], rows[0].reason);
        let headings = String::from_utf8(render(&[]).expect("renders")).expect("is text");
        assert_eq!(headings.lines().count(), 1);
    }
}
