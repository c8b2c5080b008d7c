//! `loadgen upstream`: only the mock, for curl, wrk and one's own client.

use std::net::IpAddr;
use std::path::Path;

use anyhow::{Context, Result};
use scenario::{Scenario, Timer};
use tokio::signal::unix::{SignalKind, signal};

use crate::exit::{Exit, UsageError};
use crate::terminal::{note, print};

/// Serves until Ctrl-C or SIGTERM, then prints the ledger.
pub(crate) fn upstream(
    path: &Path,
    overrides: &[String],
    bind: IpAddr,
    port: Option<u16>,
) -> Result<Exit> {
    let scenario = Scenario::load(path, overrides, &client::kinds())?;
    measurement::limits::raise_descriptors();
    let cpus = crate::conductor::cpus::allowed()?;
    let config = upstream::Config {
        upstreams: scenario.upstreams.clone(),
        seed: scenario.seed,
        repeat: 0,
        // Alone on the machine as far as anybody knows, but not by design: no spinning.
        timer: scenario.mock.timer.unwrap_or(Timer::Timerfd),
        workers: cpus.len().saturating_sub(1).max(1),
        bind,
        ports: port.map(|first| ports(first, scenario.upstreams.len())).transpose()?,
        keep_log: false,
        long_turn: scenario.checks.turn_p99,
    };
    let names = scenario.upstreams.iter().map(|upstream| upstream.name.clone());
    let names: Vec<String> = names.collect();
    let mut printed = Ok(());
    let report = upstream::serve(
        &config,
        |addresses| {
            let lines = names.iter().zip(addresses);
            let lines: Vec<String> =
                lines.map(|(name, address)| format!("{name} http://{address}")).collect();
            printed = print(&format!("{}\n", lines.join("\n")));
        },
        stopped(),
    )
    .context("the mock cannot serve")?;
    printed?;
    note(&report.stats.to_string());
    Ok(Exit::Done)
}

fn ports(first: u16, count: usize) -> Result<Vec<u16>> {
    (0..count)
        .map(|offset| u16::try_from(offset).ok().and_then(|offset| first.checked_add(offset)))
        .collect::<Option<Vec<u16>>>()
        .ok_or_else(|| {
            UsageError(format!("--port {first}: no port left for {count} upstreams")).into()
        })
}

/// Resolves at Ctrl-C or SIGTERM.
async fn stopped() {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
