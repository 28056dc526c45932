use super::{check, write_file};
use crate::cmd::{Failure, spinner};
use nernst::bench::link::{FaultMatrix, MatrixPlan};
use nernst::config;
use nernst::port::Fault;
use std::io::Write;
use std::path::PathBuf;

/// Digits through a line with every kind of fault at every rate: nothing may be wrong, and what it costs in time.
///
/// Each kind of fault by itself, at each probability for each byte, through the whole host on the reference model or the RTL behind a line of the configuration's speed, in
/// simulated time. A run that cannot go on must say so; a spike or counter that differs from the reference model is a failure (exit code 1).
#[derive(clap::Args)]
pub struct OfFaults {
    /// Array: a ready configuration or a TOML file.
    #[arg(short, long, default_value = "25f")]
    config: String,
    /// Run the board's RTL instead of the reference model.
    #[arg(long)]
    rtl: bool,
    /// Probabilities for each byte.
    #[arg(short, long, value_delimiter = ',', default_value = "1e-5,1e-4,1e-3,1e-2")]
    rates: Vec<f64>,
    /// Digits in each run up to a rate of 1e-4; each power of ten beyond takes a fifth of them.
    #[arg(short, long, default_value_t = 1000)]
    images: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write everything as JSON to a file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the table in Markdown to a file.
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,
}

impl OfFaults {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        if let Some(rate) = self.rates.iter().find(|rate| !(0.0..=1.0).contains(*rate)) {
            let what = format!("{rate} is no probability");
            return Err(Failure { what, help: "give --rates from 0 to 1, such as 1e-4".into() }.into());
        }
        let plan = MatrixPlan {
            config: config::find(&self.config)?,
            rtl: self.rtl,
            faults: Fault::ALL.to_vec(),
            rates: self.rates.clone(),
            images: self.images,
            seed: self.seed,
        };
        let spinner = spinner("faults");
        let matrix = FaultMatrix::measure(&plan, |what| spinner.set_message(what.to_string()));
        spinner.finish_and_clear();
        let matrix = matrix?;
        for cell in &matrix.cells {
            let lost = cell.lost.map_or(String::new(), |lost| format!("{:.1} %", 100.0 * lost));
            let rate = format!("{:e}", cell.rate);
            writeln!(
                out,
                "{:12}{rate:>8}{:>6} of {:<6}{:>8} faults{:>8} sent again{:>8} asked again{lost:>10}{:>4} mismatches  {}",
                cell.fault,
                cell.samples,
                cell.images,
                cell.faults,
                cell.link.frames_resent,
                cell.link.resends_asked,
                cell.mismatches,
                cell.ended.as_deref().unwrap_or_default()
            )?;
        }
        if let Some(path) = &self.json {
            write_file(out, path, &(serde_json::to_string_pretty(&matrix)? + "\n"))?;
        }
        if let Some(path) = &self.table {
            write_file(out, path, &page(&matrix))?;
        }
        check(matrix.mismatches())
    }
}

/// The table with what it says, as a page.
fn page(matrix: &FaultMatrix) -> String {
    let board = if matrix.board == "RTL" { "the board's RTL" } else { "the reference model" };
    format!(
        "# What a bad line costs\n\nDigits by `{}` on {board} of `{}`, through the whole host and a line of {} baud with one kind of fault, in simulated time. *Lost*: of \
         the throughput without faults. A delay takes 20 ms by itself and a stall 300 ms, whatever the host does. *Gave up*: the run ended with an error that says so. Differences from the reference model in all of them together: {}. Made by `make link`, \
         which keeps [more](../reports/link-faults.json); what the kinds are: [the link](link.md#rehearsing-a-bad-line).\n\n{}",
        matrix.network,
        matrix.config,
        matrix.baud,
        matrix.mismatches(),
        matrix.table()
    )
}
