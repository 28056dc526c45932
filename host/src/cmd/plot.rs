use super::Failure;
use super::args::{PriceArgs, load_run, load_trace};
use anyhow::Context;
use nernst::energy::Statement;
use nernst::energy::units::{Conditions, ROOM};
use nernst::plot::{self, Run, Sheet};
use nernst::report::RunReport;
use nernst::sweep::Table;
use nernst::trace::Trace;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Draw traces and reports of runs as SVG.
///
/// A trace (`nernst run --trace`) gives NAME-raster.svg, NAME-membranes.svg, NAME-ledger.svg and NAME-energy.svg, its
/// joules by tick. A report (`nernst run --json`) gives NAME-energy.svg, its joules by core and layer, NAME-bits.svg
/// and NAME-ratios.svg; reports together give comparison.svg and energy-accuracy.svg. A table of place and route
/// (sweep.json of `nernst synth --sweep` or `nernst gather`) gives
/// NAME.svg.
#[derive(clap::Args)]
pub struct Plot {
    /// Traces, reports and tables.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    prices: PriceArgs,
    /// Folder to write to; made if need be.
    #[arg(short, long, default_value = ".")]
    output: PathBuf,
}

/// What a file is.
enum Input {
    Trace(Box<Trace>),
    Run(Box<RunReport>),
    Sweep(Table),
}

impl Plot {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let inputs = self.files.iter().map(|path| read(path)).collect::<anyhow::Result<Vec<Input>>>()?;
        std::fs::create_dir_all(&self.output).with_context(|| format!("cannot make {}", self.output.display()))?;
        let mut write = |name: String, svg: String| {
            let path = self.output.join(name);
            std::fs::write(&path, svg).with_context(|| format!("cannot write {}", path.display()))?;
            writeln!(out, "wrote {}", path.display())?;
            anyhow::Ok(())
        };
        let tables = self.prices.tables()?;
        // There is at least one: prices that are not there are an error.
        let table = tables.first().context("no price table")?;
        let mut runs = vec![];
        for (path, input) in self.files.iter().zip(inputs) {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            match input {
                Input::Run(run) => {
                    let conditions = Conditions { temperature_kelvin: ROOM, grid_grams_per_kwh: None };
                    let statement = Statement::new(&run, &tables, conditions)
                        .map_err(|error| Failure { what: error.to_string(), help: error.help().into() })?;
                    write(format!("{stem}-bits.svg"), plot::bits(&run, Sheet::FILE)?)?;
                    write(format!("{stem}-ratios.svg"), plot::ratios(&statement, Sheet::FILE)?)?;
                    // One for each table.
                    let bill = statement.bills.into_iter().next().context("no bill")?;
                    write(format!("{stem}-energy.svg"), plot::energy_places(&run, &bill, Sheet::FILE)?)?;
                    runs.push((run, bill));
                }
                Input::Sweep(table) => write(format!("{stem}.svg"), plot::sweep(&table)?)?,
                Input::Trace(trace) => {
                    write(format!("{stem}-raster.svg"), plot::raster(&trace)?)?;
                    if !trace.recorded.is_empty() {
                        write(format!("{stem}-membranes.svg"), plot::membranes(&trace)?)?;
                    }
                    write(format!("{stem}-ledger.svg"), plot::ledger(&trace)?)?;
                    write(format!("{stem}-energy.svg"), plot::energy_ticks(&trace, table, Sheet::FILE)?)?;
                }
            }
        }
        if !runs.is_empty() {
            let all: Vec<Run> = runs.iter().map(|(run, _)| Run::from(&**run)).collect();
            write("comparison.svg".into(), plot::comparison(&all)?)?;
        }
        let labelled = runs.iter().filter(|(run, _)| run.accuracy.is_some());
        let all: Vec<_> = labelled.map(|(run, bill)| (&**run, bill)).collect();
        if all.len() > 1 {
            write("energy-accuracy.svg".into(), plot::energy_accuracy(&all, Sheet::FILE)?)?;
        }
        Ok(())
    }
}

fn read(path: &Path) -> anyhow::Result<Input> {
    let name = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
    let value: serde_json::Value = serde_json::from_str(&text).with_context(|| format!("{name} is not JSON"))?;
    // An incomplete run has no accuracy; it is refused by name.
    if value.get("accuracy").is_some() || value.get("complete").is_some() {
        return Ok(Input::Run(Box::new(load_run(path)?)));
    }
    if value.get("runs").is_some_and(serde_json::Value::is_array) {
        let table = serde_json::from_value(value).with_context(|| format!("{name} is not a table of runs"))?;
        return Ok(Input::Sweep(table));
    }
    if value.get("ticks").is_some_and(serde_json::Value::is_array) {
        return Ok(Input::Trace(Box::new(load_trace(path)?)));
    }
    let what = format!("{name} is neither a trace nor the report of a run nor a table of runs");
    let help =
        "give what `nernst run --trace`, `nernst run --json`, `nernst synth --sweep` or `nernst gather` wrote".into();
    Err(Failure { what, help }.into())
}
