//! Renders made-up and odd runs into a directory, to look at: `cargo run -p report --features testing
//! --example look -- DIR`.

use std::error::Error;
use std::path::Path;

use report::charts::{CHARTS, Outcome, Theme, file};
use report::testing::Fixture;
use report::testing::odd;

fn main() -> Result<(), Box<dyn Error>> {
    let out = std::env::args().nth(1).ok_or("usage: look DIR")?;
    for (name, fixture) in odd::all() {
        render(&Path::new(&out).join(name), fixture)?;
    }
    Ok(())
}

fn render(dir: &Path, fixture: Fixture) -> Result<(), Box<dyn Error>> {
    let analysis = fixture.analysis();
    std::fs::create_dir_all(dir.join("dark"))?;
    for chart in CHARTS {
        let text = match (chart.draw)(&analysis) {
            Outcome::Drawn(drawing) => {
                let dark = file(chart.key, &drawing, Theme::Dark);
                std::fs::write(dir.join(format!("dark/{}.svg", chart.key)), dark)?;
                file(chart.key, &drawing, Theme::Light)
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
