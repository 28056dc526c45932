//! Networks.

use crate::arrays;
use crate::failure::{Failure, guarded};
use crate::image::{Image, Placement};
use crate::run::{Answers, Run};
use crate::tables::{self, weight_bits};
use crate::watch::attend;
use nernst::circuit::import::{Imported, Options};
use nernst::circuit::{Projection, Readout, Source};
use nernst::network::{IntegerNetwork, IntegerPopulation, IntegerSimulation, Network as Inner};
use nernst::{config, mapper};
use nernst_nir::Graph;
use nernst_spec::tick::{self, Reset};
use numpy::{PyArray3, ToPyArray};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use std::path::PathBuf;
use std::sync::Arc;

/// A network, as its file holds it.
#[pyclass(frozen, module = "nernst")]
pub struct Network {
    inner: Inner,
    /// What was assumed to make it.
    remarks: Vec<String>,
}

impl Network {
    fn of(inner: Inner) -> Self {
        Self { inner, remarks: vec![] }
    }
}

#[pymethods]
impl Network {
    /// A network from a network file (JSON).
    #[staticmethod]
    fn load(py: Python, path: PathBuf) -> PyResult<Self> {
        Ok(Self::of(py.detach(|| guarded(|| Ok(Inner::load(&path)?)))?))
    }

    /// A network from the text of a network file.
    #[staticmethod]
    fn from_json(py: Python, text: &str) -> PyResult<Self> {
        Ok(Self::of(py.detach(|| guarded(|| Ok(Inner::from_json("text", text)?)))?))
    }

    /// A network from a NIR file, as `nernst import` makes it; `remarks` says how the file was understood.
    #[staticmethod]
    #[pyo3(signature = (path, code, *, bits = 8, reset = "zero", method = "euler", dt = None, name = None))]
    #[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
    fn from_nir(
        py: Python,
        path: PathBuf,
        code: &str,
        bits: u8,
        reset: &str,
        method: &str,
        dt: Option<f64>,
        name: Option<String>,
    ) -> PyResult<Self> {
        let (code, bits) = (tables::code(code)?, weight_bits(bits)?);
        let options = Options {
            dt,
            after_spike: reset.parse().map_err(|what: String| Failure::new(what, "see `nernst import --help`"))?,
            method: method.parse().map_err(|what: String| Failure::new(what, "see `nernst import --help`"))?,
        };
        let read = || {
            let graph = Graph::read(&path)?;
            let refuse = |failure: Failure| failure.of_file(&path);
            let imported = Imported::new(&graph, &options).map_err(|error| refuse(error.into()))?;
            let stem = || path.file_stem().map_or("network".into(), |stem| stem.to_string_lossy().into_owned());
            let inner = Inner::new(&name.unwrap_or_else(stem), code, imported.circuit, bits);
            // As the command does: what has no integers, or no time, is no network of an array.
            inner.integers().map_err(|error| refuse(error.into()))?;
            inner.total_ticks().map_err(|error| refuse(error.into()))?;
            Ok(Self { inner, remarks: imported.remarks })
        };
        Ok(py.detach(|| guarded(read))?)
    }

    /// Writes the network to a network file.
    fn save(&self, path: PathBuf) -> PyResult<()> {
        Ok(self.inner.save(&path).map_err(Failure::from)?)
    }

    /// The text of a network file.
    fn to_json(&self) -> String {
        self.inner.to_json()
    }

    #[getter]
    fn name(&self) -> &str {
        &self.inner.name
    }
    /// How a sample becomes spikes, and in how many steps: `rate-16`.
    #[getter]
    fn code(&self) -> String {
        self.inner.code.to_string()
    }
    /// Steps of a sample.
    #[getter]
    fn steps(&self) -> u32 {
        self.inner.code.ticks
    }
    #[getter]
    fn inputs(&self) -> usize {
        self.inner.inputs()
    }
    #[getter]
    fn outputs(&self) -> usize {
        self.inner.outputs()
    }
    /// Neurons of all populations.
    #[getter]
    fn neurons(&self) -> usize {
        self.inner.neurons()
    }
    /// Synapses of all projections.
    #[getter]
    fn synapses(&self) -> usize {
        self.inner.circuit.synapses()
    }
    /// `spikes` or `membranes`: what of the outputs is the result.
    #[getter]
    fn readout(&self) -> &'static str {
        readout(self.inner.circuit.readout)
    }
    /// What was assumed to make the network of a NIR file.
    #[getter]
    fn remarks(&self) -> Vec<String> {
        self.remarks.clone()
    }

    /// The same network for weights of another precision (4 or 8).
    fn with_bits(&self, bits: u8) -> PyResult<Self> {
        Ok(Self { inner: self.inner.clone().with_bits(weight_bits(bits)?), remarks: self.remarks.clone() })
    }

    /// What the rounding to the array's integers changes, a line for each population.
    fn losses(&self, py: Python) -> PyResult<Vec<String>> {
        let losses = || Ok(self.inner.quantised()?.losses.iter().map(ToString::to_string).collect());
        Ok(py.detach(|| guarded(losses))?)
    }

    /// The integers that the array computes with, as a dict: `inputs`, `output` and `readout`; `populations`, each with `name`, `weight_bits` and arrays
    /// `threshold`, `leak` (512ths), `subtract` (reset) and `bias` with a value for each neuron; `projections`, each with `source` (None: the inputs),
    /// `target`, `tied` and arrays `sources`, `targets`, `weights` and `delays` with a value for each synapse.
    fn integers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let network = py.detach(|| guarded(|| Ok(self.inner.integers()?)))?;
        let name = |number: usize| network.populations[number].name.as_str();
        let populations: Vec<_> = network.populations.iter().map(|of| population(py, of)).collect::<PyResult<_>>()?;
        let projections: Vec<_> = network
            .projections
            .iter()
            .map(|of| {
                let source = match of.from {
                    Source::Inputs => None,
                    Source::Population(number) => Some(name(number)),
                };
                projection(py, of, source, name(of.to))
            })
            .collect::<PyResult<_>>()?;
        let all = PyDict::new(py);
        all.set_item("inputs", network.inputs)?;
        all.set_item("output", name(network.output))?;
        all.set_item("readout", readout(network.readout))?;
        all.set_item("populations", PyList::new(py, populations)?)?;
        all.set_item("projections", PyList::new(py, projections)?)?;
        Ok(all)
    }

    /// Spikes of samples by the network's code: (samples, steps, inputs) of bool from (samples, inputs) of uint8, each 0 to 16.
    fn encode<'py>(&self, pixels: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyArray3<bool>>> {
        tables::encoded(pixels, self.inner.code)
    }

    /// Places the network on an array: a ready configuration or the path of a TOML file.
    #[pyo3(signature = (config = "25f", *, keep_all = false))]
    fn compile(&self, py: Python, config: &str, keep_all: bool) -> PyResult<Image> {
        let compile = || {
            let config = config::find(config)?;
            Ok(mapper::compile_with(&self.inner, &config, mapper::Options { keep_all })?)
        };
        let (image, placement) = py.detach(|| guarded(compile))?;
        Ok(Image::new(image, Some(Placement::new(placement))))
    }

    /// Runs samples on the network's integers, step by step and without an array: (samples, steps, inputs) of bool or uint8, as many steps as you like.
    #[pyo3(signature = (spikes, *, progress = None))]
    fn run(&self, py: Python, spikes: &Bound<PyAny>, progress: Option<&Bound<PyAny>>) -> PyResult<Run> {
        let samples = arrays::spikes(spikes, self.inner.inputs())?;
        let integers = || {
            let network = self.inner.integers()?;
            check_range(&network)?;
            Ok(network)
        };
        let network = py.detach(|| guarded(integers))?;
        let answers = attend(py, progress, &Arc::default(), |watch| {
            let simulation = IntegerSimulation::new(&network);
            let mut answers = Answers::new(network.outputs(), network.readout);
            for (number, sample) in samples.iter().enumerate() {
                watch.go_on()?;
                let (spikes, membranes) = simulation.run(sample);
                answers.add(spikes, Some(membranes));
                watch.progress(number + 1, samples.len());
            }
            Ok(answers)
        })?;
        Ok(Run::of_integers(answers, steps_of(spikes)?))
    }

    fn __repr__(&self) -> String {
        let Self { inner, .. } = self;
        format!(
            "<nernst.Network {}: {} inputs, {} neurons, {} synapses, {} outputs, {}>",
            inner.name,
            inner.inputs(),
            inner.neurons(),
            inner.circuit.synapses(),
            inner.outputs(),
            inner.code
        )
    }
    /// Populations and projections as text.
    fn __str__(&self) -> String {
        self.inner.circuit.to_string()
    }
}

/// Membranes from here on times a leak are no i32.
const MEMBRANE_END: i64 = i32::MAX as i64 / tick::LEAK_ONE as i64;

/// Refuses neurons that hear so much that their membranes could leave i32; in a core no neuron hears a hundredth of it.
fn check_range(network: &IntegerNetwork) -> Result<(), Failure> {
    for (number, population) in network.populations.iter().enumerate() {
        let (low, high) = tick::clamp_limits(population.weight_bits);
        let rest = i64::from(high.max(-low));
        let mut most: Vec<i64> = population.neurons.iter().map(|neuron| rest + i64::from(neuron.bias.abs())).collect();
        for projection in network.projections.iter().filter(|projection| projection.to == number) {
            let synapses = projection.synapses.iter();
            synapses.for_each(|synapse| most[synapse.target as usize] += i64::from(synapse.weight.unsigned_abs()));
        }
        if let Some(neuron) = most.iter().position(|&most| most >= MEMBRANE_END) {
            let what = format!(
                "neuron {neuron} of `{}` hears weights of {} in all, and a membrane ends at {MEMBRANE_END}",
                population.name, most[neuron]
            );
            return Err(Failure::new(what, "make the network smaller: no array has so many axons for a neuron"));
        }
    }
    Ok(())
}

/// Ticks of spikes that were checked.
pub fn steps_of(spikes: &Bound<PyAny>) -> PyResult<usize> {
    spikes.getattr("shape")?.get_item(1)?.extract()
}

pub fn readout(readout: Readout) -> &'static str {
    match readout {
        Readout::Spikes => "spikes",
        Readout::Membranes => "membranes",
    }
}

fn population<'py>(py: Python<'py>, of: &IntegerPopulation) -> PyResult<Bound<'py, PyDict>> {
    let parameters = || of.neurons.iter().map(|neuron| neuron.parameters);
    let dict = PyDict::new(py);
    dict.set_item("name", &of.name)?;
    dict.set_item("weight_bits", of.weight_bits.bits())?;
    dict.set_item("threshold", parameters().map(|p| p.threshold as i32).collect::<Vec<_>>().to_pyarray(py))?;
    dict.set_item("leak", parameters().map(|p| i32::from(p.leak)).collect::<Vec<_>>().to_pyarray(py))?;
    dict.set_item("subtract", parameters().map(|p| p.reset == Reset::Subtract).collect::<Vec<_>>().to_pyarray(py))?;
    dict.set_item("bias", of.neurons.iter().map(|neuron| neuron.bias).collect::<Vec<_>>().to_pyarray(py))?;
    Ok(dict)
}

fn projection<'py>(
    py: Python<'py>,
    of: &Projection<i8>,
    source: Option<&str>,
    target: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let synapses = || of.synapses.iter();
    let dict = PyDict::new(py);
    dict.set_item("source", source)?;
    dict.set_item("target", target)?;
    dict.set_item("tied", of.tied)?;
    dict.set_item("sources", synapses().map(|synapse| synapse.source as i32).collect::<Vec<_>>().to_pyarray(py))?;
    dict.set_item("targets", synapses().map(|synapse| synapse.target as i32).collect::<Vec<_>>().to_pyarray(py))?;
    dict.set_item("weights", synapses().map(|synapse| synapse.weight).collect::<Vec<_>>().to_pyarray(py))?;
    dict.set_item("delays", synapses().map(|synapse| synapse.delay as i32).collect::<Vec<_>>().to_pyarray(py))?;
    Ok(dict)
}
