use super::{check, write_file};
use crate::cmd::spinner;
use nernst::bench::growth::{Growth, Series};
use nernst::plot;
use std::io::Write;
use std::path::PathBuf;

/// Clocks of a tick against active axons, neurons, cores, destinations and spikes, with the curve that fits each.
///
/// In each series one thing grows and everything else is held. The curve is `a + b x^p`: an exponent `p` up to 1 is a growth no worse than
/// linear.
#[derive(clap::Args)]
pub struct GrowthOf {
    /// Write everything as JSON to a file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Draw all series as SVG.
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Measure two points of each series only.
    #[arg(long)]
    quick: bool,
}

impl GrowthOf {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let spinner = spinner("growth");
        let growth = Growth::measure(self.quick, |what| spinner.set_message(format!("growth: {what}")));
        spinner.finish_and_clear();
        let growth = growth?;
        growth.series.iter().try_for_each(|series| print(out, series))?;
        if let Some(path) = &self.plot {
            write_file(out, path, &plot::growth(&growth)?)?;
        }
        if let Some(path) = &self.json {
            write_file(out, path, &(serde_json::to_string_pretty(&growth)? + "\n"))?;
        }
        writeln!(out, "mismatches with the reference model: {}", growth.mismatches())?;
        check(growth.mismatches())
    }
}

fn print(out: &mut impl Write, series: &Series) -> anyhow::Result<()> {
    let fit = series.fit;
    let verdict = if fit.is_at_most_linear() { "at most linear" } else { "worse than linear" };
    writeln!(out, "{} ({}; {})", series.name, series.size, series.held)?;
    let points: Vec<String> =
        series.points.iter().map(|point| format!("{}: {:.1}", point.size, point.clocks)).collect();
    writeln!(out, "  clocks of a tick  {}", points.join(", "))?;
    writeln!(out, "  fit               {fit}; off by at most {:.1} clocks: {verdict}", fit.worst)?;
    Ok(())
}
