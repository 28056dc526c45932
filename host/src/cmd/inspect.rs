use super::Failure;
use super::samples::PartArgs;
use super::train::parse_reset;
use anyhow::Context;
use nernst::circuit::import::{ImportError, Imported, Options};
use nernst::coding::Code;
use nernst_nir::Graph;
use nernst_spec::tick::Reset;
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Which network, and what its file does not say.
#[derive(clap::Args)]
pub struct NirArgs {
    /// NIR file, as snnTorch, Norse, Sinabs, Rockpool and others export it.
    file: PathBuf,
    /// Time step in the unit of the file's time constants, where it does not follow from them (1 for Sinabs, 1e-4 for snnTorch).
    #[arg(long)]
    dt: Option<f64>,
    /// What a neuron does after a spike: `zero`, as NIR says, or `subtract`, which is snnTorch's default and not in its files.
    #[arg(long, default_value = "zero", value_parser = parse_reset)]
    reset: Reset,
}

impl NirArgs {
    /// The graph, and the circuit that it is.
    pub fn import(&self) -> anyhow::Result<(Graph, Imported)> {
        let graph = Graph::read(&self.file).context("no NIR graph")?;
        let options = Options { dt: self.dt, reset: self.reset };
        let imported = Imported::new(&graph, &options).map_err(|error| {
            let help = match error {
                ImportError::NoStep { .. } => "give --dt".to_string(),
                _ => "change the model and export it again".to_string(),
            };
            Failure { what: format!("{}: {error}", self.name()), help }
        })?;
        Ok((graph, imported))
    }

    /// Whether the file is one of NIR by its name, and not a network file.
    pub fn is_nir(&self) -> bool {
        self.file.extension().is_none_or(|extension| extension != "json")
    }

    pub fn path(&self) -> &Path {
        &self.file
    }

    /// Name of the file.
    pub fn name(&self) -> String {
        self.file.display().to_string()
    }
}

/// Show what a NIR file holds, as neurons that take steps.
///
/// Prints populations and the synapses between them, with everything that NIR leaves open and how it was understood: the
/// time step, the reset, loops. What no neuron of the array can be is refused by node and type. With --data it also runs them, in
/// floating point.
#[derive(clap::Args)]
pub struct Inspect {
    #[command(flatten)]
    nir: NirArgs,
    /// Run these samples: `digits`, `iris`, or a CSV file (plain or gzipped) with values, and the class last in each row.
    #[arg(short, long, requires = "code")]
    data: Option<String>,
    #[command(flatten)]
    part: PartArgs,
    /// How a sample becomes spikes, and in how many ticks: rate-16, latency-8.
    #[arg(long)]
    code: Option<Code>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// The JSON of `nernst inspect --json`.
#[derive(Serialize)]
struct Report {
    file: String,
    dt: Option<f64>,
    remarks: Vec<String>,
    inputs: usize,
    outputs: usize,
    neurons: usize,
    synapses: usize,
    /// Of all samples, in floating point.
    accuracy: Option<f64>,
}

impl Inspect {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let (graph, imported) = self.nir.import()?;
        let file = self.nir.name();
        let circuit = &imported.circuit;
        let tried = match self.data.as_deref().zip(self.code) {
            Some((data, code)) => {
                let samples = self.part.of(data, &file, circuit.inputs, circuit.outputs())?;
                Some((circuit.accuracy(&samples, code), samples.len()))
            }
            None => None,
        };
        if self.json {
            let report = Report {
                file,
                dt: imported.dt,
                inputs: circuit.inputs,
                outputs: circuit.outputs(),
                neurons: circuit.neurons(),
                synapses: circuit.synapses(),
                accuracy: tried.map(|(accuracy, _)| accuracy),
                remarks: imported.remarks,
            };
            serde_json::to_writer_pretty(&mut *out, &report)?;
            writeln!(out)?;
            return Ok(());
        }
        writeln!(out, "{file}, NIR {}", graph.version.as_deref().unwrap_or("of unknown version"))?;
        imported.remarks.iter().try_for_each(|remark| writeln!(out, "  {remark}"))?;
        writeln!(out, "\n{circuit}")?;
        if let Some((accuracy, samples)) = tried {
            writeln!(out, "accuracy in floating point: {:.2} % of {samples} samples", 100.0 * accuracy)?;
        }
        Ok(())
    }
}
