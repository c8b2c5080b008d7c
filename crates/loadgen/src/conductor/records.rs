//! What one trial recorded of every request, as a table: for whoever wants to work something out
//! that no row has. One CSV file per trial, one line per request of its warm-up and window.
//!
//! Times are nanoseconds since the load began, of the clock that client and mock share; an empty
//! cell is a point that was not reached, or of a request that was not sampled for stamps.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use measurement::exchange::{Exchange, Fate, MockLog};
use measurement::output::TrialOutput;
use measurement::record::RequestRecord;
use measurement::stamps::RequestStamps;
use scenario::Phase;

/// The columns of a request.
const COLUMNS: [&str; 7] =
    ["phase", "index", "intended_ns", "started_ns", "begun_ns", "joined_ns", "ended_ns"];

/// The columns of each of its two fetches, after `leg1_` or `leg2_`: the client's word for how it
/// went; delay drawn, what a stall added, and delay held; when the mock had its request and was done with it; when the
/// client began it, had a connection, ran again with the answer's head, and had the whole body.
const LEG_COLUMNS: [&str; 10] = [
    "outcome",
    "requested_ns",
    "stalled_ns",
    "held_ns",
    "received_ns",
    "answered_ns",
    "began_ns",
    "connected_ns",
    "woken_ns",
    "fetched_ns",
];

/// Writes `folder/<order>.csv`.
pub(super) fn keep(folder: &Path, order: usize, output: &TrialOutput, log: &MockLog) -> Result<()> {
    let path = folder.join(format!("{order:04}.csv"));
    let written = fs::create_dir_all(folder).and_then(|()| write(&path, output, log));
    written.with_context(|| format!("cannot write {}", path.display()))
}

fn write(path: &Path, output: &TrialOutput, log: &MockLog) -> std::io::Result<()> {
    let exchanges: HashMap<(u8, u64), &Exchange> =
        log.exchanges.iter().map(|exchange| ((exchange.upstream, exchange.id), exchange)).collect();
    let mut file = BufWriter::new(File::create(path)?);
    let legs = ["leg1", "leg2"]
        .iter()
        .flat_map(|leg| LEG_COLUMNS.iter().map(move |column| format!("{leg}_{column}")));
    let columns: Vec<String> = COLUMNS.iter().map(ToString::to_string).chain(legs).collect();
    writeln!(file, "{}", columns.join(","))?;
    let table = Table { began_ns: output.account.load_ns.0, exchanges };
    for (index, record) in (0..).zip(&output.warmup) {
        writeln!(file, "{}", table.line(Phase::Warmup, index, record, None))?;
    }
    let mut stamps = output.sample.iter().peekable();
    for (index, record) in (0..).zip(&output.window) {
        let own = stamps.next_if(|(id, _)| *id == index).map(|(_, stamps)| stamps);
        writeln!(file, "{}", table.line(Phase::Window, index, record, own))?;
    }
    file.flush()
}

/// What a line is made with.
struct Table<'a> {
    began_ns: u64,
    exchanges: HashMap<(u8, u64), &'a Exchange>,
}

impl Table<'_> {
    fn line(
        &self,
        phase: Phase,
        index: u64,
        record: &RequestRecord,
        stamps: Option<&RequestStamps>,
    ) -> String {
        let name = if phase == Phase::Window { "window" } else { "warm-up" };
        let mut line = format!("{name},{index}");
        let joined_ns = stamps.map_or(0, |stamps| stamps.joined_ns);
        let RequestRecord { intended_ns, started_ns, begun_ns, ended_ns, .. } = *record;
        self.times(&mut line, [intended_ns, started_ns, begun_ns, joined_ns, ended_ns]);
        for (upstream, leg) in (0_u8..).zip(&record.legs) {
            let exchange = self.exchanges.get(&(upstream, phase.id(index)));
            let held_ns = exchange.map_or(leg.held_ns, |exchange| exchange.held_ns);
            let requested_ns = exchange.map_or(leg.requested_ns, |exchange| exchange.requested_ns);
            let stalled_ns = exchange.map_or(0, |exchange| exchange.stalled_ns);
            let outcome = if record.is_ended() { leg.outcome.name() } else { "" };
            // Writing into a string does not fail.
            let _ = write!(line, ",{outcome},{requested_ns},{stalled_ns},{held_ns}");
            let answered = exchange.filter(|exchange| exchange.fate == Fate::Answered);
            let stamps =
                stamps.map(|stamps| stamps.legs[usize::from(upstream)]).unwrap_or_default();
            self.times(
                &mut line,
                [
                    exchange.map_or(0, |exchange| exchange.received_ns),
                    answered.map_or(0, |exchange| exchange.ended_ns),
                    stamps.began_ns,
                    stamps.connected_ns,
                    stamps.woken_ns,
                    stamps.ended_ns,
                ],
            );
        }
        line
    }

    /// Each time since the load began; nothing for 0, which says "not reached".
    fn times<const COUNT: usize>(&self, line: &mut String, times_ns: [u64; COUNT]) {
        for at_ns in times_ns {
            line.push(',');
            if at_ns != 0 {
                let _ = write!(line, "{}", at_ns.saturating_sub(self.began_ns));
            }
        }
    }
}
