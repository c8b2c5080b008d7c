//! The mock as a child process.

use std::error::Error;
use std::io::Read;
use std::net::Ipv4Addr;
use std::path::Path;

use scenario::{ModelKind, Scenario};
use upstream::{Config, Report};

/// A scenario has a model; a mock takes no notice of it.
const NO_MODEL: ModelKind = ModelKind { kind: "none", summary: "", options: &[] };

/// Serves one upstream, called `api`, until standard input ends; returns what the mock handed over
/// and what standard input said. `latency`, `body` and `timer` are words of a scenario file.
pub(crate) fn serve(
    [latency, body, timer]: [&str; 3],
    keep_log: bool,
) -> Result<(Report, String), Box<dyn Error>> {
    let text = format!(
        "title = \"Bench\"\n\
         [upstream.api]\nlatency = \"{latency}\"\nbody = \"{body}\"\n\
         [upstream.other]\nlatency = \"0ms\"\n\
         [combine]\ntimeout = \"5s\"\n\
         [load]\nconcurrency = [1]\nwarmup = \"1s\"\nduration = \"1s\"\nrepeats = 1\n\
         [[model]]\nkind = \"none\"\n\
         [mock]\ntimer = \"{timer}\"\n"
    );
    let scenario = Scenario::parse(
        Path::new("bench.toml"),
        &text,
        &[],
        &scenario::Kinds::of_models(&[NO_MODEL]),
    )?;
    let config = Config {
        upstreams: scenario.upstreams.into_iter().take(1).collect(),
        seed: scenario.seed,
        repeat: 0,
        timer: scenario.mock.timer.ok_or("the timer is stated")?,
        workers: 1,
        bind: Ipv4Addr::LOCALHOST.into(),
        ports: None,
        keep_log,
        long_turn: scenario.checks.turn_p99,
    };
    let (ended, end) = tokio::sync::oneshot::channel::<()>();
    let reader = std::thread::spawn(move || {
        let mut said = String::new();
        let read = std::io::stdin().read_to_string(&mut said);
        drop(ended);
        read.map(|_| said)
    });
    let announce = |addresses: &[std::net::SocketAddr]| {
        for address in addresses {
            println!("{address}");
        }
    };
    let stop = async move {
        let _ = end.await;
    };
    let report = upstream::serve(&config, announce, stop)?;
    let said = reader.join().map_err(|_| "the reader of stdin panicked")??;
    Ok((report, said))
}
