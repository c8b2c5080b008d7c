//! Renders made-up and odd runs, or a run directory, into a directory to look at:
//! `cargo run -p report --features testing --example look -- DIR [RUN_DIR]`.

use std::error::Error;
use std::path::Path;

use report::analysis::Analysis;
use report::charts::{CHARTS, Outcome, Theme, file};
use report::html::page;
use report::load::Run;
use report::testing::odd;
use report::verdict::Verdict;

fn main() -> Result<(), Box<dyn Error>> {
    let out = std::env::args().nth(1).ok_or("usage: look DIR")?;
    if let Some(run) = std::env::args().nth(2) {
        let analysis = Analysis::of_run(Run::read(Path::new(&run))?);
        return render(Path::new(&out), &analysis);
    }
    for (name, fixture) in odd::all() {
        render(&Path::new(&out).join(name), &fixture.analysis())?;
    }
    Ok(())
}

fn render(dir: &Path, analysis: &Analysis) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(dir.join("dark"))?;
    let findings = report::findings::all(analysis);
    let verdict = Verdict::of(analysis, &findings);
    let outcomes: Vec<Outcome> = CHARTS.iter().map(|chart| chart.drawn(analysis)).collect();
    let charts: Vec<_> = CHARTS.iter().zip(&outcomes).collect();
    std::fs::write(dir.join("report.html"), page(analysis, &findings, &verdict, &charts))?;
    for (chart, outcome) in charts {
        let text = match outcome {
            Outcome::Drawn(drawing) => {
                let dark = file(chart.key, drawing, Theme::Dark);
                std::fs::write(dir.join(format!("dark/{}.svg", chart.key)), dark)?;
                file(chart.key, drawing, Theme::Light)
            }
            Outcome::LeftOut(reason) => {
                std::fs::write(dir.join(format!("{}.txt", chart.key)), reason)?;
                continue;
            }
        };
        std::fs::write(dir.join(format!("{}.svg", chart.key)), text)?;
    }
    Ok(())
}
