//! From text to [`Scenario`]: the top of the file, and the sections below it.

mod combine;
mod load;
mod model_levels;
mod models;
mod precision;
mod rates;
mod shared_state;
mod sweep;
mod upstreams;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::checks;
use crate::diagnostic::{Class, Place, Source};
use crate::error::{Error, Result};
use crate::keys::{Key, ROOT, Section, Shape};
use crate::kinds::Kinds;
use crate::overrides;
use crate::tree::Node;
use crate::types::{Cpus, Mock, Priority, Scenario, Slo, Timer};

pub(crate) use models::model_keys;
pub(crate) use shared_state::guard_schema;
pub(crate) use upstreams::{NAME_PATTERN, UPSTREAM};

/// Longest scenario file read.
const MAX_BYTES: u64 = 4 << 20;

/// The top of the file.
pub(crate) const TOP: &[Key] = &[
    Key::optional(
        "title",
        Shape::Text,
        "one line that names the experiment; default: the file's name",
    ),
    Key::optional("reason", Shape::Text, "why the run is made; printed in the report"),
    Key::optional(
        "seed",
        Shape::Count { min: 0, max: MAX_SEED },
        "seeds every draw and every shuffle; default 1",
    ),
    Key::required(
        "upstream",
        Shape::Schema(crate::schema::upstreams),
        "[upstream.NAME], exactly two: data1 and data2 in file order",
    ),
    Key::optional(
        "combine",
        Shape::Schema(combine::schema),
        "what a request does with its two fetches",
    ),
    Key::required(
        "load",
        Shape::Schema(load::schema),
        "[load]: how much load, how long; for example concurrency = [1, 8, 64]",
    ),
    // Filled in by the schema's builder, which knows the models.
    Key::required(
        "model",
        Shape::Schema(|| serde_json::json!({})),
        "[[model]]: the models to drive",
    ),
    Key::optional("mock", Shape::Schema(|| crate::schema::section(MOCK)), "how the mock waits"),
    Key::optional(
        "slo",
        Shape::Schema(|| crate::schema::section(SLO)),
        "what the service must hold",
    ),
    Key::optional(
        "cpus",
        Shape::Schema(|| crate::schema::section(CPUS)),
        "which CPUs client and mock get",
    ),
    Key::optional(
        "checks",
        Shape::Schema(|| crate::schema::section(&checks::keys())),
        "when a trial is not to be trusted",
    ),
    Key::optional(
        "sweep",
        Shape::Schema(sweep::schema),
        "[sweep]: one thing varied besides the load; false: nothing, whatever the file says",
    ),
];

/// Greatest seed: TOML promises integers up to here.
const MAX_SEED: u64 = i64::MAX as u64;

const MOCK: &[Key] = &[
    Key::optional(
        "timer",
        Shape::Word(&["hybrid", "timerfd", "tokio"]),
        "clockwork of the mock's delays; default hybrid where the mock has a CPU of its own, else timerfd",
    ),
    Key::optional(
        "priority",
        Shape::Word(&["normal", "high"]),
        "high: the mock goes before others on its CPUs, if the OS allows it; default high where the mock has a CPU of its own, else normal",
    ),
];

const SLO: &[Key] = &[
    Key::optional("p99", Shape::Duration, "highest acceptable p99 of the request latency"),
    Key::optional(
        "errors",
        Shape::Percentage,
        "highest acceptable share of requests that are not ok",
    ),
];

const CPUS: &[Key] = &[
    Key::optional("client", Shape::CpuList, "CPUs of the trial process"),
    Key::optional("upstream", Shape::CpuList, "CPUs of the mock"),
];

/// What a scenario is made of besides the tree of its values.
#[derive(Debug, Clone, Copy)]
struct Given<'a> {
    path: &'a Path,
    text: &'a str,
    overrides: &'a [String],
    only: &'a [String],
    kinds: &'a Kinds,
}

impl Scenario {
    /// Reads and parses a scenario file.
    ///
    /// `overrides` are `KEY=VALUE` texts (`--set`), applied in order. `kinds` are the models and
    /// guards that it may name.
    pub fn load(path: &Path, overrides: &[String], kinds: &Kinds) -> Result<Self> {
        Self::load_only(path, overrides, &[], kinds)
    }

    /// [`Self::load`] for a run of the models with these labels alone (none: of all). What the
    /// others say of the load is not read: levels that only they run at need not be there.
    pub fn load_only(
        path: &Path,
        overrides: &[String],
        only: &[String],
        kinds: &Kinds,
    ) -> Result<Self> {
        let text = read_text(path)?;
        Self::parse_only(path, &text, overrides, only, kinds)
    }

    /// Parses the text of a scenario file. `path` names it in messages, and is where relative
    /// paths inside the scenario start; the file itself is not read again.
    pub fn parse(path: &Path, text: &str, overrides: &[String], kinds: &Kinds) -> Result<Self> {
        Self::parse_only(path, text, overrides, &[], kinds)
    }

    /// [`Self::parse`] for a run of the models with these labels alone, as [`Self::load_only`].
    pub fn parse_only(
        path: &Path,
        text: &str,
        overrides: &[String],
        only: &[String],
        kinds: &Kinds,
    ) -> Result<Self> {
        let shown = text.strip_prefix('\u{feff}').unwrap_or(text);
        let source =
            Arc::new(Source { origin: path.display().to_string(), text: shown.to_owned() });
        let mut root = Node::parse(&source)?;
        for text in overrides {
            overrides::apply(&mut root, text)?;
        }
        sweep::read(&root, &Given { path, text, overrides, only, kinds })
    }

    /// The scenario that a tree says, whatever its `[sweep]` says.
    fn of(root: &Node, given: &Given<'_>) -> Result<Self> {
        let Given { path, text, overrides, only, kinds } = *given;
        let top = Section::open(root, ROOT, &[TOP])?;
        let name = path
            .file_stem()
            .map_or_else(|| "scenario".to_owned(), |stem| stem.to_string_lossy().into_owned());
        let folder = path.parent().unwrap_or(Path::new(""));
        let title = match top.get("title") {
            Some(title) => title.line("the title")?,
            None => name.clone(),
        };
        let reason = top.get("reason").map(|reason| reason.line("the reason")).transpose()?;
        let seed = top.get("seed").map_or(Ok(1), |seed| seed.count("a seed", 0, MAX_SEED))?;
        let upstreams = upstreams::read(top.need("upstream")?, folder)?;
        let combine = combine::read(top.get("combine"), &kinds.guards)?;
        let load = load::read(top.need("load")?)?;
        let scenario = Self {
            path: path.to_owned(),
            title,
            name,
            text: text.to_owned(),
            overrides: overrides.to_vec(),
            only: only.to_vec(),
            reason,
            seed,
            upstreams,
            combine,
            models: models::read(top.need("model")?, &kinds.models, &load, only)?,
            load,
            mock: mock(top.get("mock"))?,
            slo: top.get("slo").map(slo).transpose()?,
            cpus: cpus(top.get("cpus"), kinds.cpus.as_deref())?,
            checks: checks::read(top.get("checks"))?,
            sweep: None,
            swept: None,
            kinds: kinds.clone(),
        };
        load::refuse_too_large(&scenario, top.need("load")?)?;
        upstreams::refuse_late_stall(top.need("upstream")?, &scenario.upstreams, &scenario.load)?;
        Ok(scenario)
    }
}

fn mock(node: Option<&Node>) -> Result<Mock> {
    let Some(node) = node else { return Ok(Mock::default()) };
    let section = Section::open(node, "[mock]", &[MOCK])?;
    let timer = match section.get("timer") {
        None => None,
        Some(timer) => Some(match timer.word("timer", &["hybrid", "timerfd", "tokio"])? {
            "hybrid" => Timer::Hybrid,
            "timerfd" => Timer::Timerfd,
            _ => Timer::Tokio,
        }),
    };
    let priority = match section.get("priority") {
        None => None,
        Some(priority) => Some(match priority.word("priority", &["normal", "high"])? {
            "high" => Priority::High,
            _ => Priority::Normal,
        }),
    };
    Ok(Mock { timer, priority })
}

fn slo(node: &Node) -> Result<Slo> {
    let section = Section::open(node, "[slo]", &[SLO])?;
    Ok(Slo {
        p99: section
            .get("p99")
            .map(|p99| p99.duration_from(Duration::from_nanos(1)))
            .transpose()?,
        errors: section.get("errors").map(Node::percentage).transpose()?,
    })
}

fn cpus(node: Option<&Node>, allowed: Option<&[usize]>) -> Result<Cpus> {
    let Some(node) = node else { return Ok(Cpus::default()) };
    let section = Section::open(node, "[cpus]", &[CPUS])?;
    let list = |side| section.get(side).map(|list| list.cpu_list(allowed)).transpose();
    Ok(Cpus { client: list("client")?, upstream: list("upstream")? })
}

fn read_text(path: &Path) -> Result<String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    if let Err(source) = read {
        return Err(match source.kind() {
            io::ErrorKind::NotFound => Error::NotFound { path: path.to_owned() },
            io::ErrorKind::IsADirectory => Error::Folder { path: path.to_owned() },
            _ => Error::Unreadable { path: path.to_owned(), source },
        });
    }
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Error::TooLong { path: path.to_owned(), limit_bytes: MAX_BYTES });
    }
    String::from_utf8(bytes).map_err(|error| not_utf8(path, &error))
}

fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> Error {
    let start = error.utf8_error().valid_up_to();
    let byte = error.as_bytes().get(start).copied().unwrap_or_default();
    let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
    let source = Arc::new(Source { origin: path.display().to_string(), text });
    Place::new(source, start..start + char::REPLACEMENT_CHARACTER.len_utf8())
        .error(Class::Syntax, "the scenario file is not UTF-8 text")
        .label(format!("the byte 0x{byte:02x} here is not UTF-8"))
        .help("save the file as UTF-8")
        .into()
}
