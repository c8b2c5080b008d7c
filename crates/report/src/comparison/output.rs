//! The comparison as files, and the one edge that writes them.

use std::path::Path;

use super::RunComparison;
use crate::charts::{Outcome, Theme, compared as charts, file};
use crate::error::Result;
use crate::output::{Files, write_files};

/// Every kind of output: one entry each.
const OUTPUTS: &[fn(&RunComparison) -> Result<Files>] = &[
    |compared| Ok(vec![("compare.json".to_owned(), compared.to_json()?)]),
    |compared| {
        Ok(vec![("compare.md".to_owned(), crate::markdown::compared(compared).into_bytes())])
    },
    |compared| Ok(page_and_charts(compared)),
];

/// Every file: path relative to the directory, and content. The same two runs under the same names
/// give the same bytes.
pub fn render(compared: &RunComparison) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for output in OUTPUTS {
        files.extend(output(compared)?);
    }
    Ok(files)
}

/// Writes rendered files into `dir`, which is made if it is not there.
pub fn write(dir: &Path, files: &[(String, Vec<u8>)]) -> Result<()> {
    write_files(dir, files)
}

/// `compare.html` and its charts as files of their own.
fn page_and_charts(compared: &RunComparison) -> Files {
    let charts = charts::all(compared);
    let page = crate::html::compared(compared, &charts);
    let mut files = vec![("compare.html".to_owned(), page.into_bytes())];
    for chart in &charts {
        if let Outcome::Drawn(drawing) = &chart.outcome {
            for (folder, theme) in [("charts", Theme::Light), ("charts/dark", Theme::Dark)] {
                let path = format!("{folder}/{}.svg", chart.key);
                files.push((path, file(chart.key, drawing, theme).into_bytes()));
            }
        }
    }
    files
}
