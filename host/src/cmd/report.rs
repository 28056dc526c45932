//! `nernst report`: runs as one HTML file.

use super::Failure;
use super::args::{PriceArgs, load_run, load_trace};
use anyhow::Context;
use nernst::energy::Statement;
use nernst::energy::units::{Conditions, ROOM};
use nernst::html::Page;
use std::io::Write;
use std::path::PathBuf;

/// Write what runs gave and cost as one HTML file with pictures.
///
/// The file needs nothing else: no network, no script. It holds accuracy and mismatches, energy by tick (of a trace),
/// by core and by layer, where the bits went, communication against computation, the bill with the grade and source of
/// every price, and the definitions of all counters. Several runs are set beside each other, energy against accuracy.
#[derive(clap::Args)]
pub struct Report {
    /// Reports of runs, as `nernst run --json FILE` writes them.
    #[arg(required = true)]
    runs: Vec<PathBuf>,
    /// A sample of one of the runs tick by tick, as `nernst run --trace FILE` writes it.
    #[arg(short, long, value_name = "TRACE")]
    trace: Option<PathBuf>,
    #[command(flatten)]
    prices: PriceArgs,
    /// File to write.
    #[arg(short, long, value_name = "FILE", default_value = "report.html")]
    output: PathBuf,
}

impl Report {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let tables = self.prices.tables()?;
        let conditions = Conditions { temperature_kelvin: ROOM, grid_grams_per_kwh: None };
        let run = |path: &PathBuf| {
            let run = load_run(path)?;
            let statement = Statement::new(&run, &tables, conditions)
                .map_err(|error| Failure { what: format!("{}: {error}", path.display()), help: error.help().into() })?;
            anyhow::Ok((run, statement))
        };
        let runs = self.runs.iter().map(run).collect::<anyhow::Result<Vec<_>>>()?;
        let trace = self.trace.as_deref().map(load_trace).transpose()?;
        let page = Page { runs: &runs, trace: trace.as_ref(), tables: &tables };
        let html = page.html().map_err(|error| Failure { what: error.to_string(), help: error.help().into() })?;
        std::fs::write(&self.output, html).with_context(|| format!("cannot write {}", self.output.display()))?;
        writeln!(out, "wrote {}", self.output.display())?;
        Ok(())
    }
}
