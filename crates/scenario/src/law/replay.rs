//! Latencies as recorded: one column of a CSV file, each row equally likely.

use std::fs::File;
use std::io::Read;

use super::read::section;
use super::{Context, Distribution, LONGEST_NS, Law, LawKind, text};
use crate::diagnostic::{Class, listed, nearest};
use crate::error::Result;
use crate::keys::{Key, Shape};
use crate::tree::Node;
use crate::units::parse_duration;

pub(super) const KIND: LawKind = LawKind {
    name: "replay",
    summary: "recorded latencies: a column of a CSV file with a header line, each row equally likely",
    parameters: &[
        Key::required(
            "file",
            Shape::Text,
            "the CSV file; a relative path starts at the scenario's folder",
        ),
        Key::required("column", Shape::Text, "the column's name in the header line"),
        Key::optional(
            "unit",
            Shape::Word(UNITS),
            "unit of bare numbers; by default what the column's name ends with: latency_ms",
        ),
    ],
    example: r#"{ replay = { file = "recorded.csv", column = "latency_ms" } }"#,
    parse,
    schema: crate::schema::parameters,
};

const UNITS: &[&str] = &["ns", "us", "ms", "s"];

/// Longest file read.
const MAX_BYTES: u64 = 256 << 20;

#[derive(Debug)]
struct Replay {
    /// Ascending; at least one.
    sorted_ns: Vec<f64>,
    words: String,
}

impl Distribution for Replay {
    fn quantile_ns(&self, u: f64) -> f64 {
        // The least recorded latency that a share `u` of the rows does not exceed.
        let last = self.sorted_ns.len() - 1;
        let rank = (u * self.sorted_ns.len() as f64).ceil() as usize;
        self.sorted_ns[rank.saturating_sub(1).min(last)]
    }

    fn cdf(&self, ns: f64) -> f64 {
        self.sorted_ns.partition_point(|row| *row <= ns) as f64 / self.sorted_ns.len() as f64
    }

    fn mean_ns(&self) -> Option<f64> {
        Some(self.sorted_ns.iter().sum::<f64>() / self.sorted_ns.len() as f64)
    }

    fn describe(&self) -> String {
        self.words.clone()
    }
}

fn parse(node: &Node, context: &Context<'_>) -> Result<Law> {
    let section = section(node, &KIND)?;
    let (file, column) = (section.need("file")?, section.need("column")?);
    let column_name = column.line("the name of a column")?;
    let unit = match section.get("unit") {
        Some(unit) => Some(unit.word("a unit", UNITS)?),
        None => column_name
            .rsplit_once('_')
            .and_then(|(_, end)| UNITS.iter().find(|unit| **unit == end).copied()),
    };
    let name = file.line("the path of a file")?;
    let bytes = read_file(&context.folder.join(&name)).map_err(|problem| {
        file.place
            .error(Class::File, format!("cannot read {name}: {problem}"))
            .label("this file")
            .help("a relative path starts at the scenario's folder")
    })?;
    let mut csv = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes.as_slice());
    let header = csv.byte_headers().map_err(|error| {
        file.place.error(Class::File, format!("{name} is not CSV: {error}")).label("this file")
    })?;
    let names: Vec<String> =
        header.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect();
    let Some(index) = names.iter().position(|name| *name == column_name) else {
        let known = names.iter().map(String::as_str);
        let label = nearest(&column_name, known.clone())
            .map_or("not in the header line".to_owned(), |near| format!("did you mean `{near}`?"));
        return Err(column
            .place
            .error(Class::File, format!("{name} has no column `{column_name}`"))
            .label(label)
            .help(format!("its columns are {}", listed(known)))
            .into());
    };
    let mut sorted_ns = Vec::new();
    for (row, record) in csv.byte_records().enumerate() {
        let line = row + 2;
        let record = record.map_err(|error| {
            file.place.error(Class::File, format!("{name} is not CSV: {error}")).label("this file")
        })?;
        let field = String::from_utf8_lossy(record.get(index).unwrap_or_default());
        if field.is_empty() {
            continue;
        }
        let ns = latency_ns(&field, unit).map_err(|problem| {
            column
                .place
                .error(
                    Class::File,
                    format!(
                        "{name}, row {line}: `{}` is not a latency: {problem}",
                        field.escape_debug()
                    ),
                )
                .label("this column")
        })?;
        sorted_ns.push(ns);
    }
    if sorted_ns.is_empty() {
        return Err(column
            .place
            .error(Class::File, format!("{name} has no latency in column `{column_name}`"))
            .label("this column")
            .into());
    }
    sorted_ns.sort_by(f64::total_cmp);
    let median = sorted_ns[(sorted_ns.len() - 1) / 2];
    let words =
        format!("replay of {} latencies of {name}, median {}", sorted_ns.len(), text(median));
    Ok(Law::new(Replay { sorted_ns, words }))
}

fn read_file(path: &std::path::Path) -> std::result::Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    match read {
        Ok(length) if length as u64 > MAX_BYTES => {
            Err(format!("it is longer than {MAX_BYTES} bytes"))
        }
        Ok(_) => Ok(bytes),
        Err(error) => Err(error.to_string()),
    }
}

fn latency_ns(field: &str, unit: Option<&str>) -> std::result::Result<f64, String> {
    let ns = match field.parse::<f64>() {
        Ok(number) => {
            let unit_ns = match unit {
                Some("ns") => 1.0,
                Some("us") => 1e3,
                Some("ms") => 1e6,
                Some("s") => 1e9,
                _ => return Err("it has no unit; state `unit`".to_owned()),
            };
            number * unit_ns
        }
        Err(_) => parse_duration(field).map_err(|refusal| refusal.problem)?.as_nanos() as f64,
    };
    // Not a number fails this too.
    if (0.0..=LONGEST_NS).contains(&ns) {
        Ok(ns)
    } else {
        Err("it is not between 0 and a day".to_owned())
    }
}
