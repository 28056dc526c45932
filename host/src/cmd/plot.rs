use super::Failure;
use anyhow::Context;
use nernst::plot::{self, Run};
use nernst::sweep::Table;
use nernst::trace::{self, Trace};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Draw traces and reports of runs as SVG.
///
/// A trace (`nernst run --trace`) gives NAME-raster.svg, NAME-membranes.svg and NAME-ledger.svg. Reports (`nernst run
/// --json`) together give comparison.svg. A table of place and route (sweep.json of `nernst synth --sweep` or `nernst gather`) gives
/// NAME.svg.
#[derive(clap::Args)]
pub struct Plot {
    /// Traces, reports and tables.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Folder to write to; made if need be.
    #[arg(short, long, default_value = ".")]
    output: PathBuf,
}

/// What a file is.
enum Input {
    Trace(Box<Trace>),
    Run(Run),
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
        let mut runs = vec![];
        for (path, input) in self.files.iter().zip(inputs) {
            match input {
                Input::Run(run) => runs.push(run),
                Input::Sweep(table) => {
                    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                    write(format!("{stem}.svg"), plot::sweep(&table)?)?;
                }
                Input::Trace(trace) => {
                    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                    write(format!("{stem}-raster.svg"), plot::raster(&trace)?)?;
                    if !trace.recorded.is_empty() {
                        write(format!("{stem}-membranes.svg"), plot::membranes(&trace)?)?;
                    }
                    write(format!("{stem}-ledger.svg"), plot::ledger(&trace)?)?;
                }
            }
        }
        if !runs.is_empty() {
            write("comparison.svg".into(), plot::comparison(&runs)?)?;
        }
        Ok(())
    }
}

fn read(path: &Path) -> anyhow::Result<Input> {
    let name = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
    let value: serde_json::Value = serde_json::from_str(&text).with_context(|| format!("{name} is not JSON"))?;
    if value.get("accuracy").is_some() {
        let run = serde_json::from_value(value).with_context(|| format!("{name} is not the report of a run"))?;
        return Ok(Input::Run(run));
    }
    if value.get("runs").is_some_and(serde_json::Value::is_array) {
        let table = serde_json::from_value(value).with_context(|| format!("{name} is not a table of runs"))?;
        return Ok(Input::Sweep(table));
    }
    if value.get("ticks").is_some_and(serde_json::Value::is_array) {
        let trace: Trace = serde_json::from_value(value).with_context(|| format!("{name} is not a trace"))?;
        if trace.version != trace::VERSION {
            let what = format!("{name} is a trace of version {}, expected {}", trace.version, trace::VERSION);
            return Err(Failure { what, help: "write the trace again with this version of Nernst".into() }.into());
        }
        return Ok(Input::Trace(Box::new(trace)));
    }
    let what = format!("{name} is neither a trace nor the report of a run nor a table of runs");
    let help =
        "give what `nernst run --trace`, `nernst run --json`, `nernst synth --sweep` or `nernst gather` wrote".into();
    Err(Failure { what, help }.into())
}
