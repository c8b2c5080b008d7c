//! A comparison of two runs as files.

use std::path::Path;

use super::{Files, chart_files, write_files};
use crate::charts::compared::{self as charts, ComparedChart};
use crate::comparison::RunComparison;
use crate::error::Result;

/// Renders a comparison, and its charts, to files.
type Output = fn(&RunComparison, &[ComparedChart]) -> Result<Files>;

/// Every kind of output: one entry each.
const OUTPUTS: &[Output] = &[
    |compared, _| Ok(vec![("compare.json".to_owned(), compared.to_json()?)]),
    |compared, charts| {
        let text = crate::markdown::compared(compared, charts);
        Ok(vec![("compare.md".to_owned(), text.into_bytes())])
    },
    |compared, charts| {
        let page = crate::html::compared(compared, charts);
        Ok(vec![("compare.html".to_owned(), page.into_bytes())])
    },
    |_, charts| Ok(chart_files(charts.iter().map(|chart| (chart.key, &chart.outcome)))),
];

/// Every file: path relative to the directory, and content. The same two runs under the same names
/// give the same bytes.
pub fn render(compared: &RunComparison) -> Result<Vec<(String, Vec<u8>)>> {
    let charts = charts::all(compared);
    let mut files = Vec::new();
    for output in OUTPUTS {
        files.extend(output(compared, &charts)?);
    }
    Ok(files)
}

/// Writes rendered files into `dir`, which is made if it is not there.
pub fn write(dir: &Path, files: &[(String, Vec<u8>)]) -> Result<()> {
    write_files(dir, files)
}
