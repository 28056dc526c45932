//! `nernst calibrate`: prices from measured power.

use super::Failure;
use anyhow::Context;
use nernst::energy::calibrate::meter::Meter;
use nernst::energy::calibrate::{self, CalibrateError, Calibration, DEFAULT_COUNTERS, Options, workloads};
use nernst::energy::units::si;
use std::io::Write;
use std::path::PathBuf;

/// Fit prices to power that was measured at a board, and write them as a price table for `nernst ledger --prices`.
///
/// docs/measuring-power.md says how to measure. The energy of every workload is idle power times its duration and a
/// price times each counter; least squares give the prices, with confidence intervals. Workloads that are too few, or
/// counters that grow together in all of them, are refused.
#[derive(clap::Args)]
pub struct Calibrate {
    /// What the meter saw: a CSV with the columns `time` in seconds and `watts`.
    #[arg(short, long, value_name = "CSV")]
    meter: PathBuf,
    /// What ran: a CSV with the columns `run` (a file of `nernst run --json`), `start` and `end` in seconds by the
    /// meter's clock, or empty for the times that the report has.
    #[arg(short, long, value_name = "CSV")]
    workloads: PathBuf,
    /// Price table to write.
    #[arg(short, long, value_name = "TOML")]
    output: PathBuf,
    /// What was measured: board, meter and where the meter sits; every price names it as its source.
    #[arg(short, long)]
    title: String,
    /// Counters to price, besides idle power: `nernst ledger --explain` lists them.
    #[arg(short, long, value_delimiter = ',', default_values = DEFAULT_COUNTERS)]
    counters: Vec<String>,
    /// Probability that an interval holds the true price.
    #[arg(long, default_value_t = 0.95)]
    confidence: f64,
    /// Weigh each workload by the inverse of its duration, as is right for a meter with the same noise at every
    /// reading.
    #[arg(long)]
    weighted: bool,
}

impl Calibrate {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let calibration = self.fit().map_err(|error| Failure { what: error.to_string(), help: error.help() })?;
        let path = self.output.display();
        std::fs::write(&self.output, calibration.table.to_toml()).with_context(|| format!("cannot write {path}"))?;
        self.report(out, &calibration)?;
        writeln!(out, "wrote {path}: nernst ledger RUN.json --prices {path}")?;
        Ok(())
    }

    fn fit(&self) -> Result<Calibration, CalibrateError> {
        let meter = Meter::load(&self.meter)?;
        let workloads = workloads::load(&self.workloads)?;
        let name =
            self.output.file_stem().map_or_else(|| "measured".into(), |stem| stem.to_string_lossy().into_owned());
        let options = Options {
            name,
            title: self.title.clone(),
            counters: self.counters.clone(),
            confidence: self.confidence,
            weighted: self.weighted,
        };
        calibrate::calibrate(&meter, &workloads, &options)
    }

    fn report(&self, out: &mut impl Write, calibration: &Calibration) -> anyhow::Result<()> {
        let percent = 100.0 * calibration.confidence;
        writeln!(
            out,
            "{} workloads, {} degrees of freedom, residual {:.3} % of the energies, R^2 {:.5}",
            calibration.workloads,
            calibration.degrees_of_freedom,
            100.0 * calibration.relative_residual,
            calibration.r_squared
        )?;
        writeln!(
            out,
            "{:<24}{:>14}{:>16}   {percent} % confidence interval (measured)",
            "", "price", "standard error"
        )?;
        for term in &calibration.terms {
            let show = |value| si(value, if term.name == "idle" { "W" } else { "J" });
            let note = if term.low < 0.0 { ", holds 0" } else { "" };
            let (value, error) = (show(term.value), show(term.standard_error));
            let (low, high) = (show(term.low), show(term.high));
            writeln!(out, "{:<24}{value:>14}{error:>16}   {low} to {high}{note}", term.name)?;
        }
        Ok(())
    }
}
