//! `nernst ledger`: what a run cost.

use super::Failure;
use super::args::{PriceArgs, load_run};
use anyhow::Context;
use nernst::energy::prices;
use nernst::energy::statement::{self, Text, Unit};
use nernst::energy::units::{self, Conditions};
use nernst::energy::{Statement, counters};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Price what a run counted: joules by counter, group and core, each with its grade of evidence.
///
/// Counters are exact; joules are estimates, by prices that others published or that `nernst calibrate` measured. Shows
/// communication against computation beside the cortex, bits about the class for each joule, and published limits of
/// spiking against dense networks.
#[derive(clap::Args)]
pub struct Ledger {
    /// Report of a run, as `nernst run --json FILE` writes it.
    #[arg(required_unless_present = "explain")]
    run: Option<PathBuf>,
    #[command(flatten)]
    prices: PriceArgs,
    /// Units to show energy in, one or several.
    #[arg(short, long, value_delimiter = ',', default_value = "joule")]
    units: Vec<UnitName>,
    /// Emissions of your grid, for grams of CO2.
    #[arg(long, value_name = "G_PER_KWH", value_parser = not_negative)]
    grid_intensity: Option<f64>,
    /// Temperature for kT ln 2.
    #[arg(long, value_name = "KELVIN", default_value_t = units::ROOM, value_parser = positive)]
    temperature: f64,
    /// Write everything as JSON to a file, or to standard output in place of the text.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    json: Option<PathBuf>,
    /// Write the bills as CSV, a row for each counter and core, to a file or to standard output in place of the text.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    csv: Option<PathBuf>,
    /// Print what each counter counts, in a sentence, and the price tables that come with the program; needs no run.
    #[arg(long)]
    explain: bool,
}

/// [`Unit`] on the command line.
#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum UnitName {
    /// Joules with SI prefixes.
    Joule,
    /// Molecules of ATP, at 50 kJ/mol.
    Atp,
    /// Multiples of kT ln 2.
    Landauer,
    /// Grams of CO2; needs --grid-intensity.
    Co2,
}

impl From<UnitName> for Unit {
    fn from(name: UnitName) -> Unit {
        match name {
            UnitName::Joule => Unit::Joule,
            UnitName::Atp => Unit::Atp,
            UnitName::Landauer => Unit::Landauer,
            UnitName::Co2 => Unit::Co2,
        }
    }
}

fn number(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(|| format!("`{text}` is not a number"))
}

fn not_negative(text: &str) -> Result<f64, String> {
    number(text).and_then(|number| if number >= 0.0 { Ok(number) } else { Err("it must be 0 or more".into()) })
}

fn positive(text: &str) -> Result<f64, String> {
    number(text).and_then(|number| if number > 0.0 { Ok(number) } else { Err("it must be more than 0".into()) })
}

impl Ledger {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        if self.explain {
            return explain(out);
        }
        if self.units.contains(&UnitName::Co2) && self.grid_intensity.is_none() {
            let what = "grams of CO2 depend on the grid, and its emissions are not given".into();
            return Err(Failure { what, help: "give them with --grid-intensity, in g/kWh".into() }.into());
        }
        // clap has seen to it that there is a run where nothing is to be explained.
        let path = self.run.as_ref().context("no run report")?;
        let run = load_run(path)?;
        let conditions = Conditions { temperature_kelvin: self.temperature, grid_grams_per_kwh: self.grid_intensity };
        let statement = Statement::new(&run, &self.prices.tables()?, conditions)
            .map_err(|error| Failure { what: error.to_string(), help: error.help().into() })?;
        self.write(out, &statement)
    }

    fn write(&self, out: &mut impl Write, statement: &Statement) -> anyhow::Result<()> {
        let mut quiet = false;
        if let Some(path) = &self.json {
            quiet |= write_to(out, path, &(serde_json::to_string_pretty(statement)? + "\n"))?;
        }
        if let Some(path) = &self.csv {
            quiet |= write_to(out, path, &statement::csv(statement)?)?;
        }
        if !quiet {
            let units: Vec<Unit> = self.units.iter().map(|&unit| unit.into()).collect();
            if self.prices.is_default() {
                let names: Vec<&str> = statement.bills.iter().map(|bill| bill.prices.as_str()).collect();
                writeln!(out, "no --prices given: {}", names.join(", "))?;
            }
            write!(out, "{}", Text { statement, units: &units })?;
        }
        Ok(())
    }
}

/// Writes to a file, or for `-` to `out`. Whether it was `out`.
fn write_to(out: &mut impl Write, path: &Path, text: &str) -> anyhow::Result<bool> {
    if path.as_os_str() == "-" {
        out.write_all(text.as_bytes())?;
        return Ok(true);
    }
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(false)
}

fn explain(out: &mut impl Write) -> anyhow::Result<()> {
    for group in counters::groups() {
        writeln!(out, "{group}")?;
        for counter in counters::all().filter(|counter| counters::group_name(counter.definition.group) == group) {
            let place = if counter.place == counters::Place::Core { "each core" } else { "array" };
            let definition = counter.definition;
            writeln!(out, "  {:<22}{place:<11}{}", definition.name, definition.sentence)?;
        }
    }
    writeln!(out, "price tables")?;
    for name in prices::ready_names() {
        let table = prices::find(name).map_err(|error| Failure { what: error.to_string(), help: error.help() })?;
        writeln!(out, "  {name:<22}{} ({}, {})", table.title, table.scope(), table.grade())?;
    }
    Ok(())
}
