use super::Failure;
use super::samples::PartArgs;
use anyhow::Context;
use nernst::circuit::import::{AfterSpike, ImportError, Imported, Method, Options};
use nernst::circuit::{Circuit, Simulation};
use nernst::coding::Code;
use nernst_nir::Graph;
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
    /// What becomes of a membrane after a spike, which no file tells: `zero` as NIR says (Norse, SpikingJelly), `subtract` (Sinabs, Rockpool,
    /// snnTorch with reset_delay=False) or `subtract-late` (snnTorch's default).
    #[arg(long, default_value = "zero")]
    reset: AfterSpike,
    /// How a time constant becomes what is kept in a step: `euler` 1 - dt/tau (snnTorch, Norse, SpikingJelly), `exponential` exp(-dt/tau)
    /// (Sinabs; Rockpool's files tell).
    #[arg(long, default_value = "euler")]
    method: Method,
}

impl NirArgs {
    /// The graph, and the circuit that it is.
    pub fn import(&self) -> anyhow::Result<(Graph, Imported)> {
        let graph = Graph::read(&self.file).context("no NIR graph")?;
        let options = Options { dt: self.dt, after_spike: self.reset, method: self.method };
        let imported = Imported::new(&graph, &options).map_err(|error| {
            let help = match error {
                ImportError::NoStep { .. } | ImportError::Step { .. } => "give --dt".to_string(),
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
    /// Run these spikes: JSON, a list of samples, each a list of steps, each a list of the input lines that fire. Prints what each output
    /// answers: its spikes in all steps, or its membrane after the last.
    #[arg(long, conflicts_with = "data")]
    spikes: Option<PathBuf>,
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
    /// Of the outputs to each sample of `--spikes`, in floating point.
    answers: Option<Vec<Vec<f64>>>,
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
        let answers = self.spikes.as_deref().map(|path| answers(path, circuit)).transpose()?;
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
                answers,
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
        for (sample, answers) in answers.iter().flatten().enumerate() {
            let answers: Vec<String> = answers.iter().map(ToString::to_string).collect();
            writeln!(out, "sample {sample}: {}", answers.join(" "))?;
        }
        Ok(())
    }
}

/// What the circuit answers to the samples of a file.
fn answers(path: &Path, circuit: &Circuit) -> anyhow::Result<Vec<Vec<f64>>> {
    let name = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
    let samples: Vec<Vec<Vec<u16>>> = serde_json::from_str(&text)
        .with_context(|| format!("{name} is no list of samples, each a list of steps, each a list of lines"))?;
    let inputs = circuit.inputs;
    for (sample, steps) in samples.iter().enumerate() {
        for (step, lines) in steps.iter().enumerate() {
            if let Some(line) = lines.iter().find(|line| usize::from(**line) >= inputs) {
                let what = format!("{name}: line {line} fires in step {step} of sample {sample}");
                let help = format!("there are {inputs} input lines, of which the last is {}", inputs.saturating_sub(1));
                return Err(Failure { what, help }.into());
            }
        }
    }
    let simulation = Simulation::new(circuit);
    Ok(samples.iter().map(|steps| simulation.answer(steps)).collect())
}
