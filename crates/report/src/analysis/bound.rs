//! What holds a model back: its CPU and pool ceilings, the OS's limits, or nothing measured.

use measurement::row::{TrialRow, Verdict};

use super::metric::{CPU_PER_REQUEST, THREADS_PEAK, THROUGHPUT};
use super::{Estimate, Point, Series};
use crate::format;
use crate::stats::median;

/// CPU use from which a model counts as bound by it, as for the verdict `saturated`.
const CPU_BUSY: f64 = 0.90;

/// CPU use from which a ceiling follows from the CPU time of a request.
const HALF_BUSY: f64 = 0.5;

/// Share of its pool's ceiling from which a model counts as bound by the pool.
const POOL_FULL: f64 = 0.90;

/// The highest trusted throughput of a model.
#[derive(Debug, Clone)]
pub struct Peak<'a> {
    /// Where.
    pub point: &'a Point,
    /// The throughput there.
    pub throughput: Estimate,
}

/// The throughput at which a model's CPUs would be fully busy: `cores ÷ CPU-seconds per request`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CpuCeiling {
    /// The ceiling, requests per second.
    pub rps: f64,
    /// Cores' worth of CPU that the model could use there.
    pub cores: f64,
    /// CPU time per request at the peak, µs.
    pub cpu_us_per_request: f64,
    /// The level it was measured at.
    pub level: f64,
}

/// What bounds a model's throughput inside the measured range.
#[derive(Debug, Clone, PartialEq)]
pub enum Bound {
    /// Its CPUs are busy.
    Cpu {
        /// CPUs it may use.
        cpus: u32,
        /// Share in use of what it could have of them, 0 to 1.
        busy: f64,
    },
    /// Its threads are busy, and fewer than its CPUs.
    Threads {
        /// How many it has.
        threads: u32,
        /// Share of a core each that is in use, 0 to 1.
        busy: f64,
    },
    /// Every worker of its pool is waiting.
    Pool {
        /// Workers, where known.
        threads: Option<u32>,
        /// The bound: workers ÷ blocked time per request, requests per second.
        ceiling_rps: Option<f64>,
        /// Whether the peak lies above it: a pool this small ends but a handful of requests in a
        /// window, whose own draws and edges move both by several percent.
        few: bool,
    },
    /// The OS would give no more of something at the next level.
    Exhausted {
        /// `threads`, `descriptors` or `ports`.
        resource: String,
        /// How many were in use when admission stopped.
        reached: u64,
    },
    /// The mock did not keep up at the next level: the model reaches at least this.
    Upstream,
    /// The measured levels end before anything bounds it.
    Nothing,
    /// More load brings no more, and no measured bound explains it.
    Unexplained,
    /// No trusted throughput at all.
    Unknown,
}

impl Bound {
    /// The bound in words, for tables.
    pub fn words(&self) -> String {
        match self {
            Self::Cpu { cpus: 1, busy } => {
                format!("CPU: its core {} busy", format::percent(*busy))
            }
            Self::Cpu { cpus, busy } => {
                format!("CPU: its {cpus} cores {} busy", format::percent(*busy))
            }
            Self::Threads { threads: 1, busy } => {
                format!("CPU: its one thread {} busy", format::percent(*busy))
            }
            Self::Threads { threads, busy } => {
                format!("CPU: its {threads} threads {} busy", format::percent(*busy))
            }
            Self::Pool { threads, ceiling_rps, few } => {
                let pool = match threads {
                    Some(threads) => format!("pool of {}", format::count(f64::from(*threads))),
                    None => "its pool".to_owned(),
                };
                match ceiling_rps {
                    Some(rps) if *few => {
                        format!("{pool}: about {} (few requests)", format::rate(*rps))
                    }
                    Some(rps) => format!("{pool}: at most {}", format::rate(*rps)),
                    None => format!("{pool}: no idle worker"),
                }
            }
            Self::Exhausted { resource, reached } => {
                format!("no {resource} beyond {}", format::count(*reached as f64))
            }
            Self::Upstream => "the mock: at least this much".to_owned(),
            Self::Nothing => "nothing within the range".to_owned(),
            Self::Unexplained => "not known: more load brings no more".to_owned(),
            Self::Unknown => format::MISSING.to_owned(),
        }
    }

    /// The word in `verdict.json`.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Cpu { .. } | Self::Threads { .. } => "cpu",
            Self::Pool { .. } => "pool",
            Self::Exhausted { .. } => "exhausted",
            Self::Upstream => "upstream",
            Self::Nothing => "nothing-within-range",
            Self::Unexplained => "unexplained",
            Self::Unknown => "unknown",
        }
    }
}

impl Series {
    /// `cores ÷ CPU-seconds per request`, taken at the peak. `None` below half-busy CPUs: idle
    /// costs are spread over few requests there, and the ceiling would be far off.
    pub fn cpu_ceiling(&self) -> Option<CpuCeiling> {
        let peak = self.peak()?;
        let rps = cpu_ceiling_rps(peak.point)?;
        Some(CpuCeiling {
            rps,
            cores: cores_had(peak.point)?,
            cpu_us_per_request: peak.point.median(&CPU_PER_REQUEST)?,
            level: peak.point.level,
        })
    }

    /// What a pool of blocking workers allows at most, requests per second: the median over the
    /// trusted rows; `None` for a model without a pool.
    pub fn pool_ceiling_rps(&self) -> Option<f64> {
        let ceilings: Vec<f64> = self
            .trusted_points()
            .flat_map(Point::rows_used)
            .filter_map(|row| row.pool_ceiling_rps)
            .collect();
        median(&ceilings)
    }

    /// Workers of its pool; `None` for a model without a pool, and where a sweep varies their
    /// number. Rows that do not tell it are of a pool whose option is `threads`, by default one per
    /// client CPU.
    pub fn pool_threads(&self) -> Option<u32> {
        let rows = || self.points.iter().flat_map(|point| &point.rows);
        if let Some(workers) = rows().find_map(|row| row.pool_workers) {
            let same = rows().all(|row| row.pool_workers.is_none_or(|other| other == workers));
            return u32::try_from(workers).ok().filter(|_| same);
        }
        let row = self.points.iter().flat_map(|point| &point.rows).next()?;
        let pooled = self.points.iter().flat_map(|p| &p.rows).any(|r| r.pool_ceiling_rps.is_some());
        let stated = self.model.options.get("threads").and_then(|text| text.parse().ok());
        match stated {
            Some(threads) => Some(threads),
            None if pooled => Some(row.client_cpus).filter(|cpus| *cpus > 0),
            None => None,
        }
    }

    /// The same at one point: the swept value where a sweep varies its `threads`.
    pub(crate) fn pool_threads_at(&self, point: &Point) -> Option<u32> {
        let swept = point.rows.iter().find_map(|row| row.swept.as_ref())?;
        if swept.key.contains(&self.model.label) && swept.key.ends_with(".threads") {
            return swept.value.replace(',', "").parse().ok();
        }
        self.pool_threads()
    }

    /// What bounds the model inside the measured range.
    pub fn bound(&self) -> Bound {
        let Some(peak) = self.peak() else { return self.bound_without_peak() };
        // Beyond the peak there is more load; beyond a swept value there is another value.
        let beyond = || {
            self.points.iter().filter(|point| {
                if self.swept {
                    point.level.to_bits() == peak.point.level.to_bits()
                } else {
                    point.level >= peak.point.level
                }
            })
        };
        let busiest = beyond().filter(|point| point.trusted()).filter_map(busy).fold(0.0, f64::max);
        let cpus = peak.point.rows.iter().map(|row| row.client_cpus).max().unwrap_or(0);
        if busiest >= CPU_BUSY && cpus > 0 {
            return match peak.point.median(&THREADS_PEAK) {
                Some(threads) if threads < f64::from(cpus) => {
                    Bound::Threads { threads: threads as u32, busy: busiest }
                }
                _ => Bound::Cpu { cpus, busy: busiest },
            };
        }
        let ceiling =
            if self.swept { pool_ceiling_rps(peak.point) } else { self.pool_ceiling_rps() };
        let threads =
            if self.swept { self.pool_threads_at(peak.point) } else { self.pool_threads() };
        if ceiling.is_some_and(|rps| peak.throughput.median >= POOL_FULL * rps)
            || (peak.point.verdict == Verdict::Saturated && self.pool_threads().is_some())
        {
            let few = ceiling.is_some_and(|rps| peak.throughput.median > rps);
            return Bound::Pool { threads, ceiling_rps: ceiling, few };
        }
        if let Some(bound) = beyond().find_map(exhausted) {
            return bound;
        }
        let next = self.points.iter().find(|point| point.level > peak.point.level && !self.swept);
        match next.map(|point| point.verdict) {
            Some(Verdict::UpstreamLimited) => Bound::Upstream,
            Some(verdict) if verdict.trusted() => Bound::Unexplained,
            // The levels, or those to be trusted, end here, still rising.
            _ => Bound::Nothing,
        }
    }

    fn bound_without_peak(&self) -> Bound {
        let with = |verdict| self.points.iter().any(|point| point.verdict == verdict);
        self.points.iter().find_map(exhausted).unwrap_or(
            if with(Verdict::UpstreamLimited) && !self.measured_nothing() {
                Bound::Upstream
            } else {
                Bound::Unknown
            },
        )
    }

    fn measured_nothing(&self) -> bool {
        self.points.iter().all(|point| point.median(&THROUGHPUT).is_none())
    }
}

/// What a pool of blocking workers allows at a point, requests per second.
pub(crate) fn pool_ceiling_rps(point: &Point) -> Option<f64> {
    let ceilings: Vec<f64> = point.rows_used().filter_map(|row| row.pool_ceiling_rps).collect();
    median(&ceilings)
}

/// What its CPUs allow at a point: `cores ÷ CPU-seconds per request`, requests per second; `None`
/// below half-busy CPUs.
pub(crate) fn cpu_ceiling_rps(point: &Point) -> Option<f64> {
    let cost = point.median(&CPU_PER_REQUEST).filter(|us| *us > 0.0)?;
    let enough = busy(point).is_some_and(|share| share >= HALF_BUSY);
    cores_had(point).filter(|_| enough).map(|cores| cores * 1e6 / cost)
}

/// Cores' worth of CPU that the model could use at a point: the CPUs its process may run on, or
/// what the mock left of them, and no more than it has threads.
pub(crate) fn cores_had(point: &Point) -> Option<f64> {
    let cores = |row: &TrialRow| {
        let threads = row.threads_peak.map_or(f64::INFINITY, |threads| threads as f64);
        Some(left(row)?.min(threads)).filter(|cores| *cores > 0.0)
    };
    median(&point.rows_used().filter_map(cores).collect::<Vec<_>>())
}

/// Share in use of the CPU that the model could use.
pub(crate) fn busy(point: &Point) -> Option<f64> {
    let used = |row: &TrialRow| Some(row.cpu_utilisation? * left(row)?);
    let used = median(&point.rows_used().filter_map(used).collect::<Vec<_>>())?;
    Some((used / cores_had(point)?).min(1.0))
}

/// Cores' worth of CPU that were left to the process: those that `cpu_utilisation` is a share of.
fn left(row: &TrialRow) -> Option<f64> {
    let shared = row.client_cpu_had_s.zip(row.duration_s.filter(|seconds| *seconds > 0.0));
    let cores =
        shared.map_or_else(|| f64::from(row.client_cpus), |(had_s, seconds)| had_s / seconds);
    (cores > 0.0).then_some(cores)
}

/// `1 core`, `2 cores`, `1.3 cores`.
pub(crate) fn cores_words(cores: f64) -> String {
    let whole = cores.round();
    let text = if (cores - whole).abs() < 0.01 {
        format::count(whole)
    } else {
        format::number((cores * 100.0).round() / 100.0)
    };
    let plural = if text == "1" { "core" } else { "cores" };
    format!("{text}{}{plural}", format::NBSP)
}

/// The bound that an exhausted point states: the highest count its rows reached.
fn exhausted(point: &Point) -> Option<Bound> {
    let rows = point.rows.iter().filter(|_| point.verdict == Verdict::Exhausted);
    let most = rows
        .filter_map(|row| row.exhausted.as_ref())
        .max_by_key(|out| (out.reached, out.in_flight))?;
    Some(Bound::Exhausted { resource: most.resource.clone(), reached: most.reached })
}
