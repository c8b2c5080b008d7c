//! The scenario as the rest of the program sees it: checked, with units resolved.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use crate::checks::Checks;
use crate::combine::Combine;
use crate::kinds::Kinds;
use crate::law::Law;
use crate::load::Load;
use crate::model::ModelSpec;
use crate::size_law::SizeLaw;
use crate::sweep::{Sweep, Swept};
use crate::units::duration_text;

/// A whole scenario, as parsed from its file with every `--set` applied.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Where the text came from; relative paths inside the scenario start at its folder.
    pub path: PathBuf,
    /// The file's stem: names the run directory.
    pub name: String,
    /// The file's text, as read, without overrides.
    pub text: String,
    /// `KEY=VALUE` overrides, in the order given.
    pub overrides: Vec<String>,
    /// Labels of the models that are to run; empty: all. Of the others `levels` are not read.
    pub only: Vec<String>,
    /// One line that names the experiment.
    pub title: String,
    /// Why the run is made; printed in the report.
    pub reason: Option<String>,
    /// Seeds every draw and every shuffle.
    pub seed: u64,
    /// The two upstreams, in file order: `data1`, `data2`.
    pub upstreams: Vec<Upstream>,
    /// What a request does with its two fetches.
    pub combine: Combine,
    /// How much load, how long.
    pub load: Load,
    /// The models to drive, in file order, with labels that do not clash.
    pub models: Vec<ModelSpec>,
    /// How the mock waits.
    pub mock: Mock,
    /// What the service must hold, if stated.
    pub slo: Option<Slo>,
    /// Which CPUs the client and the mock get, if stated.
    pub cpus: Cpus,
    /// When a trial is not to be trusted.
    pub checks: Checks,
    /// What is swept besides the load, if anything.
    pub sweep: Option<Sweep>,
    /// Which value of the sweep this is, where it is one of a sweep's scenarios.
    pub swept: Option<Swept>,
    /// The kinds of models and guards it was parsed with.
    pub kinds: Kinds,
}

/// One mock upstream.
#[derive(Debug, Clone)]
pub struct Upstream {
    /// `[A-Za-z0-9_-]+`; also its path on the wire (`GET /<name>`).
    pub name: String,
    /// How long a response is kept back.
    pub latency: Law,
    /// How large the response bodies are (JSON documents padded to that size).
    pub body: SizeLaw,
    /// How a body's end is told.
    pub framing: Framing,
    /// After how many answers a connection is closed: 1, after every one; `None`, never.
    pub close_after: Option<NonZeroU32>,
    /// What goes wrong, with which probability; checked in this order, at most one applies.
    pub faults: Vec<Fault>,
    /// When it sends nothing, if ever.
    pub stall: Option<Stall>,
}

/// A time in which an upstream sends nothing; what would have gone out goes at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stall {
    /// When it begins, from the start of the measured window.
    pub at: Duration,
    /// How long it lasts.
    pub length: Duration,
}

impl Upstream {
    /// An upstream with this latency, and all else as in a file that states nothing else.
    pub fn new(name: impl Into<String>, latency: Law) -> Self {
        Self {
            name: name.into(),
            latency,
            body: SizeLaw::fixed(1024),
            framing: Framing::ContentLength,
            close_after: None,
            faults: Vec::new(),
            stall: None,
        }
    }

    /// What it does besides, in words, where that is not the usual way: `chunked bodies`.
    pub fn manners(&self) -> Vec<String> {
        let chunked = (self.framing == Framing::Chunked).then(|| "chunked bodies".to_owned());
        let closes = self.close_after.map(|after| match after.get() {
            1 => "closes after every answer".to_owned(),
            after => format!("closes after {after} answers"),
        });
        let stalls = self.stall.map(|stall| {
            let (at, length) = (duration_text(stall.at), duration_text(stall.length));
            format!("stalls for {length}, {at} into the window")
        });
        chunked.into_iter().chain(closes).chain(stalls).collect()
    }
}

/// How the end of a response body is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// By its length, stated in the head.
    ContentLength,
    /// By an empty chunk (`Transfer-Encoding: chunked`): its length is not known beforehand.
    Chunked,
}

/// Something that goes wrong at an upstream with a given probability per request.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// What happens.
    pub kind: crate::FaultKind,
    /// Probability, 0 to 1.
    pub rate: f64,
}

/// `[mock]`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mock {
    /// The delay queue's clockwork; `None`: hybrid when the mock has a CPU of its own, else timerfd.
    pub timer: Option<Timer>,
    /// Whether the mock goes before others on its CPUs, where the OS allows it; `None`: where it
    /// shares none of them with the client.
    pub priority: Option<Priority>,
}

/// Whether the mock goes before others on its CPUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// As every other process.
    Normal,
    /// Before others: on a CPU that it shares, the client then has what the mock leaves.
    High,
}

/// How the mock's delay queue waits for a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    /// timerfd, woken early, then a bounded spin that yields.
    Hybrid,
    /// timerfd alone.
    Timerfd,
    /// `tokio::time::sleep`, for comparison.
    Tokio,
}

/// `[slo]`: what the service must hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Slo {
    /// Highest acceptable p99 of the request latency.
    pub p99: Option<Duration>,
    /// Highest acceptable share of requests that are not `ok`, 0 to 1.
    pub errors: Option<f64>,
}

/// `[cpus]`: CPU lists in the kernel's notation, parsed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cpus {
    /// CPUs of the trial process.
    pub client: Option<Vec<usize>>,
    /// CPUs of the mock.
    pub upstream: Option<Vec<usize>>,
}
