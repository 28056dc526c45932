use super::{Failure, progress_bar};
use anyhow::Context;
use nernst::config;
use nernst::toggles::{self, FitError, Measurement, TogglesError, recipe::FEWEST, table::Table};
use nernst_spec::Ledger;
use rust_hdl_bsp_ecp5::flow::sha256;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Measure what one event of every counter toggles in a netlist, and write it as a price table.
///
/// Runs 64 networks on the netlist of a board, side by side, through its UART; compares their counters with the
/// reference model; and fits the toggles of all nets to the counters by least squares. Joules then follow from a
/// capacitance that is borrowed from another chip: docs/toggles.md.
#[derive(clap::Args)]
pub struct Toggles {
    /// Netlist of a board (`netlist.json` of `nernst synth`).
    #[arg(short, long, value_name = "FILE")]
    netlist: PathBuf,
    /// The same after routing, as nextpnr's `--write` writes it: toggles are counted by wire segments, too.
    #[arg(short, long, value_name = "FILE")]
    placed: Option<PathBuf>,
    /// Array that the netlist was made of: a ready configuration or a TOML file.
    #[arg(short, long)]
    config: String,
    /// Clock that the netlist was made with in MHz, instead of that of its configuration.
    #[arg(short, long, value_name = "MHZ")]
    freq: Option<f64>,
    /// Seed of the workloads.
    #[arg(short, long, default_value_t = 1)]
    seed: u64,
    /// Price table to write, such as `host/prices/ecp5.toml`.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Write counters and toggles of every workload as CSV.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

impl Toggles {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let mut config = config::find(&self.config)?;
        if let Some(mhz) = self.freq {
            config.clock_hz = (mhz * 1e6).round() as u32;
            config.check().map_err(|error| Failure {
                what: error.to_string(),
                help: "give the --freq that the netlist was made with".into(),
            })?;
        }
        let netlist = read(&self.netlist)?;
        let placed = self.placed.as_deref().map(read).transpose()?;
        let workloads = toggles::workloads(&config, self.seed);
        let bar = progress_bar("toggles", workloads.len());
        let measured = toggles::measure(&netlist, placed.as_deref(), &config, &workloads, |clocks, running| {
            bar.set_position((workloads.len() - running) as u64);
            bar.set_message(format!("clock {clocks}"));
        });
        bar.finish_and_clear();
        let measurement = measured.map_err(refused)?;
        if let Some(path) = &self.csv {
            write_csv(path, &measurement)?;
        }
        let ledgers: Vec<Ledger> = measurement.workloads.iter().map(|workload| workload.ledger.clone()).collect();
        let columns = toggles::columns(&ledgers);
        let counters: Vec<(String, Vec<f64>)> =
            columns.priced.iter().map(|column| (column.counter.clone(), column.counts.clone())).collect();
        let fitted = |of: fn(&toggles::Measured) -> u64| {
            let observed: Vec<f64> = measurement.workloads.iter().map(|workload| of(workload) as f64).collect();
            toggles::fit(&counters, &observed, FEWEST).map_err(unfit)
        };
        let fit = fitted(|workload| workload.toggles)?;
        let segments = measurement.routed.map(|_| fitted(|workload| workload.segments)).transpose()?;
        let digests = (sha256(&netlist), placed.as_deref().map(sha256));
        let table = Table {
            command: &format!("nernst toggles --config {} --seed {}", self.config, self.seed),
            config: &config.name,
            netlist_sha256: &digests.0,
            placed_sha256: digests.1.as_deref(),
            measurement: &measurement,
            columns: &columns,
            toggles: &fit,
            segments: segments.as_ref(),
        };
        print(out, &table)?;
        std::fs::write(&self.output, table.to_string())
            .with_context(|| format!("cannot write {}", self.output.display()))?;
        writeln!(out, "wrote {}", self.output.display())?;
        Ok(())
    }
}

fn print(out: &mut impl Write, table: &Table) -> anyhow::Result<()> {
    let Table { measurement, columns, toggles, .. } = table;
    let statistics = measurement.statistics;
    writeln!(
        out,
        "{} workloads, {} clocks; {} nets, {} flip-flops; counters equal to the reference model's",
        measurement.workloads.len(),
        measurement.clocks,
        statistics.nets,
        statistics.flip_flops
    )?;
    writeln!(out, "{:24} {:>12} {:>12} {:>12}", "one of", "toggles", "+-", "segments")?;
    for price in &toggles.prices {
        let segments = table.segments.iter().flat_map(|fit| &fit.prices).find(|other| other.counter == price.counter);
        let segments = segments.map_or(String::new(), |price| format!("{:.2}", price.toggles));
        writeln!(out, "{:24} {:12.2} {:12.2} {segments:>12}", price.counter, price.toggles, price.standard_error)?;
    }
    for column in columns.priced.iter().filter(|column| !column.shared.is_empty()) {
        let shared: Vec<&str> = column.shared.iter().map(|(name, _)| name.as_str()).collect();
        writeln!(out, "in the price of {}, in proportion to it: {}", column.counter, shared.join(", "))?;
    }
    for (why, counters) in [
        ("not to be told from 0", &toggles.free),
        ("0 in every workload", &columns.silent),
        ("durations", &columns.durations),
    ] {
        writeln!(out, "no price, {why}: {}", if counters.is_empty() { "none".into() } else { counters.join(", ") })?;
    }
    writeln!(
        out,
        "residual {:.2} % of a workload's toggles ({:.2} % when it is left out), {:.2} % of what toggles beyond idle; \
         R^2 {:.6}",
        100.0 * toggles.relative_rms,
        100.0 * toggles.left_out_rms,
        100.0 * table.beyond_idle(),
        toggles.r_squared
    )?;
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).map_err(|error| {
        let what = format!("cannot read {}: {error}", path.display());
        let help = "`nernst synth --nextpnr-arg=--write --nextpnr-arg=placed.json` leaves netlist.json and placed.json";
        Failure { what, help: help.into() }.into()
    })
}

fn write_csv(path: &Path, measurement: &Measurement) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_path(path).with_context(|| format!("cannot write {}", path.display()))?;
    let names = measurement.workloads.iter().take(1).flat_map(|workload| workload.ledger.named());
    let names: Vec<String> = names.map(|(name, ..)| name).collect();
    let fixed = ["workload", "toggles", "segments"].map(String::from);
    csv.write_record(fixed.iter().chain(&names))?;
    for workload in &measurement.workloads {
        let counts = workload.ledger.named().map(|(.., count)| count.to_string());
        let fixed = [workload.name.clone(), workload.toggles.to_string(), workload.segments.to_string()];
        csv.write_record(fixed.into_iter().chain(counts))?;
    }
    Ok(csv.flush()?)
}

fn refused(error: TogglesError) -> Failure {
    let help = "give the netlist of `nernst synth` for this --config and --freq, made from this version's RTL";
    Failure { what: error.to_string(), help: help.into() }
}

fn unfit(error: FitError) -> Failure {
    let help = "another --seed draws other workloads; host/src/toggles/recipe.rs says what is varied";
    Failure { what: error.to_string(), help: help.into() }
}
