//! How exactly the mock holds: held − requested, with each timer, at several delays and levels.
//!
//! `cargo bench -p upstream --bench hold [-- --quick]`: the mock on one CPU, an async client on
//! another, a fresh pair for every figure, the timers in turn at each level. Then the same from
//! outside: what a plain blocking client sees beyond the delay. It judges nothing.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[path = "lab/child.rs"]
mod child;
#[path = "lab/client.rs"]
mod client;
#[path = "lab/machine.rs"]
mod machine;
#[path = "lab/mock.rs"]
mod mock;
#[path = "lab/table.rs"]
mod table;

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread::sleep;
use std::time::{Duration, Instant};

use child::Child;
use measurement::account;
use measurement::clock::now_ns;
use measurement::exchange::{Fate, LoopSlot};
use upstream::Report;

const TIMERS: [&str; 3] = ["hybrid", "timerfd", "tokio"];
/// Delays in ms, with the requests in flight at each.
const LEVELS: [(u64, &[u32]); 3] =
    [(5, &[1, 10, 100, 250]), (100, &[1, 100, 1_000, 4_000]), (1_000, &[9_000])];
/// The delay from outside, in ms.
const OUTSIDE_MS: u64 = 5;
const BODY: &str = "128B";
/// Fewer samples than this have no 99th percentile to speak of.
const LEAST_FOR_P99: usize = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(words) = child::words()? {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        return match words[..] {
            ["mock", latency, timer] => {
                let (report, window) = mock::serve([latency, BODY, timer], true)?;
                tell(&report, &window)
            }
            ["client", address, connections, spread_ms] => {
                client::drive([address, connections, spread_ms])
            }
            _ => Err(format!("no child is called {words:?}").into()),
        };
    }
    let quick = std::env::args().any(|word| word == "--quick");
    let pace = if quick {
        Pace { rounds: 1, least: Duration::from_millis(500) }
    } else {
        Pace { rounds: 2, least: Duration::from_secs(2) }
    };
    let cpus = machine::cpus()?;
    machine::introduce(cpus);
    machine::pin(cpus[0])?;
    inside(cpus, &pace)?;
    outside(cpus, &pace)
}

/// How often and how long.
struct Pace {
    rounds: usize,
    least: Duration,
}

impl Pace {
    /// The length of one window: a single request in flight gives few samples in it.
    fn window(&self, delay: Duration, in_flight: u32) -> Duration {
        let least = if in_flight == 1 { self.least * 3 / 2 } else { self.least };
        least.max(delay * 3)
    }
}

/// What was seen of one timer at one level, over all rounds.
#[derive(Default)]
struct Cell {
    late_us: Vec<f64>,
    outside_us: Vec<f64>,
    cpu_s: f64,
    spin_s: f64,
    window_s: f64,
}

impl Cell {
    /// CPU of the mock in percent of its CPU, spinning included, and the spinning alone.
    fn cpu(&self) -> String {
        let percent = |seconds: f64| 100.0 * seconds / self.window_s;
        format!("{:.0} ({:.0})", percent(self.cpu_s), percent(self.spin_s))
    }
}

fn median_and_p99(values: &mut [f64]) -> [String; 2] {
    let median = format!("{:.1}", table::quantile(values, 0.5));
    if values.len() < LEAST_FOR_P99 {
        return [median, format!("max {:.0}", table::quantile(values, 1.0))];
    }
    [median, format!("{:.0}", table::quantile(values, 0.99))]
}

/// The table of hold errors.
fn inside(cpus: [usize; 2], pace: &Pace) -> Result<(), Box<dyn Error>> {
    let levels = LEVELS.iter().flat_map(|&(ms, levels)| levels.iter().map(move |&n| (ms, n)));
    let mut cells: Vec<(u64, u32, [Cell; 3])> =
        levels.map(|(ms, in_flight)| (ms, in_flight, Default::default())).collect();
    for _ in 0..pace.rounds {
        for (ms, in_flight, of_timers) in &mut cells {
            for (timer, cell) in TIMERS.into_iter().zip(of_timers) {
                hold(cpus, pace, timer, (*ms, *in_flight), cell)?;
            }
        }
    }
    println!(
        "Hold error: held − requested, us. CPU: the mock's, % of one CPU, of which spinning in \
         brackets. {} round(s); under {LEAST_FOR_P99} samples the maximum stands for the p99.\n",
        pace.rounds
    );
    let mut head = vec!["delay × in flight".to_owned()];
    head.extend(TIMERS.iter().flat_map(|timer| {
        [format!("{timer} p50"), "p99".to_owned(), "CPU".to_owned(), "exchanges/s".to_owned()]
    }));
    let rows = cells.iter_mut().map(|(ms, in_flight, of_timers)| {
        let mut row = vec![format!("{ms} ms × {in_flight}")];
        for cell in of_timers {
            row.extend(median_and_p99(&mut cell.late_us));
            row.push(cell.cpu());
            row.push(format!("{:.0}", cell.late_us.len() as f64 / cell.window_s));
        }
        row
    });
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    table::print(&head, &rows.collect::<Vec<_>>());
    Ok(())
}

/// One window of load.
fn hold(
    [load, measured]: [usize; 2],
    pace: &Pace,
    timer: &str,
    (ms, in_flight): (u64, u32),
    into: &mut Cell,
) -> Result<(), Box<dyn Error>> {
    let mock = Child::start(measured, &["mock", &format!("{ms}ms"), timer])?;
    let words = ["client", &mock.ready, &in_flight.to_string(), &ms.to_string()];
    let client = Child::start(load, &words)?;
    let delay = Duration::from_millis(ms);
    // The starts are spread over one delay, and half of another lets them settle.
    sleep(delay * 3 / 2 + Duration::from_millis(200));
    let window = pace.window(delay, in_flight);
    // The mock goes first, so that no request of the window ends with its client.
    watched(mock, into, || {
        sleep(window);
        Ok(())
    })?;
    client.end("")?;
    Ok(())
}

/// Ends the mock after `work`, and notes what it did meanwhile.
fn watched(
    mock: Child,
    into: &mut Cell,
    work: impl FnOnce() -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let pid = mock.pid();
    let cpu_ns = || account::cpu_of(pid).ok_or("the mock has ended");
    let (from_ns, cpu_before_ns) = (now_ns(), cpu_ns()?);
    work()?;
    let (until_ns, cpu_after_ns) = (now_ns(), cpu_ns()?);
    let said = mock.end(&format!("{from_ns} {until_ns}"))?;
    let mut figures = said.split_ascii_whitespace().map(str::parse::<f64>);
    into.spin_s += figures.next().ok_or("the mock said nothing")?? / 1e9;
    for late_ns in figures {
        into.late_us.push(late_ns? / 1e3);
    }
    into.cpu_s += (cpu_after_ns - cpu_before_ns) as f64 / 1e9;
    into.window_s += (until_ns - from_ns) as f64 / 1e9;
    Ok(())
}

/// The mock's last words: ns spent spinning, then held − requested of each answer, in ns, all
/// inside the window it is told (`FROM UNTIL`, in ns of the shared clock).
fn tell(report: &Report, window: &str) -> Result<(), Box<dyn Error>> {
    let (from, until) = window.split_once(' ').ok_or("the mock was told no window")?;
    let (from, until): (u64, u64) = (from.parse()?, until.parse()?);
    let slots = from / LoopSlot::LENGTH_NS..until / LoopSlot::LENGTH_NS;
    let inside = report.log.loop_slots.iter().filter(|slot| slots.contains(&slot.slot));
    let mut said = inside.map(|slot| slot.spin_ns).sum::<u64>().to_string();
    let answered = report.log.exchanges.iter().filter(|exchange| {
        exchange.fate == Fate::Answered && (from..until).contains(&exchange.ended_ns)
    });
    for exchange in answered {
        said.push(' ');
        said.push_str(&exchange.held_ns.saturating_sub(exchange.requested_ns).to_string());
    }
    println!("{said}");
    Ok(())
}

/// The table of what a blocking client sees.
fn outside([_, measured]: [usize; 2], pace: &Pace) -> Result<(), Box<dyn Error>> {
    let delay = Duration::from_millis(OUTSIDE_MS);
    let mut cells: [Cell; 3] = Default::default();
    for _ in 0..pace.rounds {
        for (timer, cell) in TIMERS.into_iter().zip(&mut cells) {
            let mock = Child::start(measured, &["mock", &format!("{OUTSIDE_MS}ms"), timer])?;
            let mut stream = TcpStream::connect(&mock.ready)?;
            stream.set_nodelay(true)?;
            exchange(&mut stream)?;
            let mut seen_us = Vec::new();
            watched(mock, cell, || {
                let began = Instant::now();
                while began.elapsed() < pace.window(delay, 1) {
                    let took = exchange(&mut stream)?;
                    seen_us.push(took.saturating_sub(delay).as_nanos() as f64 / 1e3);
                }
                Ok(())
            })?;
            cell.outside_us.append(&mut seen_us);
        }
    }
    println!(
        "From outside: a blocking client, one connection, {OUTSIDE_MS} ms; us beyond the delay \
         from before its write until after its read, and the hold error of the same exchanges.\n"
    );
    let rows = TIMERS.iter().zip(&mut cells).map(|(timer, cell)| {
        let mut row = vec![(*timer).to_owned()];
        row.extend(median_and_p99(&mut cell.outside_us));
        row.extend(median_and_p99(&mut cell.late_us));
        row
    });
    let head = ["timer", "outside p50", "outside p99", "held p50", "held p99"];
    table::print(&head, &rows.collect::<Vec<_>>());
    Ok(())
}

/// One exchange, and how long it took.
fn exchange(stream: &mut TcpStream) -> Result<Duration, Box<dyn Error>> {
    let mut buffer = [0; client::LONGEST];
    let mut filled = 0;
    let began = Instant::now();
    stream.write_all(client::REQUEST)?;
    while client::response_len(&buffer[..filled]).is_none() {
        match stream.read(&mut buffer[filled..])? {
            0 => return Err("the mock closed the connection".into()),
            got => filled += got,
        }
    }
    Ok(began.elapsed())
}
