//! What an exchange without delay costs the mock, beside nginx's `return 200`.
//!
//! `cargo bench -p upstream --bench exchanges [-- ROUNDS]`: wrk on one CPU, the server on another;
//! nginx and the mock take turns, round by round. Both answer with the same body, and nginx is
//! given the headers that the mock sends. Needs `wrk`, `nginx` and `taskset`. It judges nothing.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[path = "lab/child.rs"]
mod child;
#[path = "lab/machine.rs"]
mod machine;
#[path = "lab/mock.rs"]
mod mock;
#[path = "lab/table.rs"]
mod table;

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{self, Command, Stdio};
use std::time::{Duration, Instant};

use child::Child;
use measurement::account;

const CONNECTIONS: usize = 32;
const SECONDS: u32 = 2;
const PATIENCE: Duration = Duration::from_secs(5);

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(words) = child::words()? {
        debug_assert_eq!(words, ["mock"]);
        mock::serve(["0ms", "1KiB", "hybrid"], false)?;
        return Ok(());
    }
    let missing = missing(&["wrk", "nginx", "taskset"]);
    if !missing.is_empty() {
        return Err(format!("not on the path: {}", missing.join(", ")).into());
    }
    let rounds = std::env::args().find_map(|word| word.parse::<usize>().ok()).unwrap_or(7).max(1);
    let cpus = machine::cpus()?;
    machine::introduce(cpus);
    machine::pin(cpus[0])?;
    let mock = Child::start(cpus[1], &["mock"])?;
    let mock_at: SocketAddr = mock.ready.parse()?;
    let answer = Answer::of(mock_at)?;
    let nginx = Nginx::start(cpus[1], &answer)?;
    let beside = Answer::of(nginx.address)?;
    if beside.body != answer.body {
        return Err(format!("nginx answers {:?}", beside.body).into());
    }
    let (mut of_mock, mut of_nginx) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        // Each goes first as often as the other.
        if round % 2 == 0 {
            of_mock.push(per_cpu_second(mock_at, mock.pid())?);
            of_nginx.push(per_cpu_second(nginx.address, nginx.process.id())?);
        } else {
            of_nginx.push(per_cpu_second(nginx.address, nginx.process.id())?);
            of_mock.push(per_cpu_second(mock_at, mock.pid())?);
        }
    }
    mock.end("")?;
    let mut ratios: Vec<f64> =
        of_mock.iter().zip(&of_nginx).map(|(own, peer)| own / peer).collect();
    println!(
        "Exchanges per second of the server's CPU: no delay, {CONNECTIONS} connections of wrk, \
         {rounds} round(s) of {SECONDS} s each; body of {} bytes, heads of {} (mock) and {} \
         (nginx, which cannot leave out: {}).\n",
        answer.body.len(),
        answer.head.len(),
        beside.head.len(),
        beside.names().difference(&answer.names()).cloned().collect::<Vec<_>>().join(", ")
    );
    let rows = [
        row("mock", &mut of_mock, 0),
        row("nginx, `return 200`", &mut of_nginx, 0),
        row("mock ÷ nginx, same round", &mut ratios, 2),
    ];
    table::print(&["", "min", "median", "max"], &rows);
    Ok(())
}

/// Those of `programs` that are nowhere on the path.
fn missing<'a>(programs: &[&'a str]) -> Vec<&'a str> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let there = |program: &&&str| folders.iter().any(|folder| folder.join(program).is_file());
    programs.iter().filter(|program| !there(program)).copied().collect()
}

fn row(name: &str, values: &mut [f64], decimals: usize) -> Vec<String> {
    let mut cells = vec![name.to_owned()];
    cells.extend([0.0, 0.5, 1.0].map(|q| format!("{:.decimals$}", table::quantile(values, q))));
    cells
}

/// Exchanges that wrk counts, by the CPU time that they took the server.
fn per_cpu_second(address: SocketAddr, pid: u32) -> Result<f64, Box<dyn Error>> {
    let used_ns = || account::cpu_of(pid).ok_or("the server has ended");
    let before_ns = used_ns()?;
    let output = Command::new("wrk")
        .args(["-t1", &format!("-c{CONNECTIONS}"), &format!("-d{SECONDS}s")])
        .arg(format!("http://{address}/api"))
        .output()?;
    let cpu_s = (used_ns()? - before_ns) as f64 / 1e9;
    let said = String::from_utf8_lossy(&output.stdout);
    let exchanges = said
        .lines()
        .find(|line| line.contains("requests in"))
        .and_then(|line| line.split_ascii_whitespace().next()?.parse::<f64>().ok());
    match exchanges {
        Some(exchanges) if !said.contains("errors") && !said.contains("Non-2xx") => {
            Ok(exchanges / cpu_s)
        }
        _ => Err(format!("wrk said: {said}").into()),
    }
}

/// A server's answer.
struct Answer {
    /// With the empty line that ends it.
    head: String,
    server_timing: String,
    body: String,
}

impl Answer {
    fn of(address: SocketAddr) -> Result<Self, Box<dyn Error>> {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(b"GET /api HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        let (head, body) = text.split_once("\r\n\r\n").ok_or("an answer without an end")?;
        let timing = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("server-timing").then(|| value.to_owned())
        });
        Ok(Self {
            head: format!("{head}\r\n\r\n"),
            server_timing: timing.ok_or("no Server-Timing")?,
            body: body.to_owned(),
        })
    }

    /// Names of its headers.
    fn names(&self) -> BTreeSet<String> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.map(|(name, _)| name.to_ascii_lowercase()).collect()
    }
}

/// nginx as one process in a folder of its own. Dropping it ends it and removes the folder.
struct Nginx {
    process: process::Child,
    address: SocketAddr,
    folder: PathBuf,
}

impl Nginx {
    fn start(cpu: usize, answer: &Answer) -> Result<Self, Box<dyn Error>> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let name = format!("nginx-{}", process::id());
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("nginx.conf"), configuration(address, answer))?;
        let process = Command::new("taskset")
            .args(["-c", &cpu.to_string(), "nginx", "-e", "error.log", "-c", "nginx.conf", "-p"])
            .arg(&folder)
            .stdin(Stdio::null())
            .spawn()?;
        let nginx = Self { process, address, folder };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            if began.elapsed() > PATIENCE {
                let log = fs::read_to_string(nginx.folder.join("error.log")).unwrap_or_default();
                return Err(format!("nginx does not listen: {log}").into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// One process that does all the work: its CPU is then that of the exchanges alone.
fn configuration(address: SocketAddr, answer: &Answer) -> String {
    let Answer { server_timing, body, .. } = answer;
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|what| format!("    {what}_temp_path {what};\n"))
        .concat();
    format!(
        "daemon off;
master_process off;
worker_processes 1;
pid nginx.pid;
events {{
    worker_connections 1024;
}}
http {{
    access_log off;
    server_tokens off;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
{temporary}    server {{
        listen {address};
        location / {{
            default_type application/json;
            add_header Server-Timing '{server_timing}';
            return 200 '{body}';
        }}
    }}
}}
"
    )
}
