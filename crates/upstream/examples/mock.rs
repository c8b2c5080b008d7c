//! A mock of one upstream for measuring: prints its address, serves until its standard input
//! ends, then prints its ledger.
//!
//! ```text
//! mock [DELAY_MS] [hybrid|timerfd|tokio] [BODY_BYTES] [WORKERS]
//! ```
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

use std::io::Read;
use std::net::Ipv4Addr;

use scenario::{SizeLaw, Timer, Upstream, law};
use upstream::Config;

#[derive(Debug)]
struct Fixed(f64);

impl law::Distribution for Fixed {
    fn quantile_ns(&self, _: f64) -> f64 {
        self.0
    }

    fn cdf(&self, ns: f64) -> f64 {
        if ns >= self.0 { 1.0 } else { 0.0 }
    }

    fn describe(&self) -> String {
        format!("fixed, {} ms", self.0 / 1e6)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |index: usize, default| arguments.get(index).map_or(default, String::as_str);
    let delay_ms: f64 = argument(0, "0").parse()?;
    let timer = match argument(1, "hybrid") {
        "hybrid" => Timer::Hybrid,
        "timerfd" => Timer::Timerfd,
        "tokio" => Timer::Tokio,
        other => return Err(format!("no timer is called {other:?}").into()),
    };
    let upstream = Upstream {
        body: SizeLaw::fixed(argument(2, "1024").parse()?),
        ..Upstream::new("api", law::Law::new(Fixed(delay_ms * 1e6)))
    };
    let config = Config {
        upstreams: vec![upstream],
        seed: 1,
        repeat: 0,
        timer,
        workers: argument(3, "1").parse()?,
        bind: Ipv4Addr::LOCALHOST.into(),
        ports: None,
        keep_log: false,
        long_turn: std::time::Duration::from_millis(1),
    };
    let (ended, end) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        drop(ended);
    });
    let announce = |addresses: &[std::net::SocketAddr]| {
        for address in addresses {
            println!("http://{address}/api");
        }
    };
    let stop = async move {
        let _ = end.await;
    };
    println!("{}", upstream::serve(&config, announce, stop)?.stats);
    Ok(())
}
