//! Reading and writing the network file.

use super::json::{RowsOnLines, without_nan};
use super::{Network, Provenance};
use crate::circuit::layers::Matrix;
use crate::circuit::{Circuit, Neuron, Population, Projection, Readout, Source, Synapse};
use crate::coding::{Code, Coding};
use nernst_spec::WeightBits;
use nernst_spec::tick::{LEAK_ONE, Reset};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

const FORMAT: &str = "nernst network 2";
/// Most ticks of a sample.
const MAX_TICKS: u32 = 65_536;
/// Most inputs, and most neurons of all populations: far more than an array has.
const MAX_PLACES: usize = 1 << 16;
/// Longest delay of a synapse, in steps.
pub(super) const MAX_DELAY: u32 = 1000;

/// Why a file is not a network.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    #[error("{path}: {source}")]
    File { path: String, source: io::Error },
    #[error("{path}: {what}")]
    Content { path: String, what: String },
}

/// The file as it is written. Numbers that JSON does not have (null, NaN) read as `None`, to be refused by place.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    name: String,
    coding: Coding,
    ticks: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(default)]
    provenance: Option<Provenance>,
    inputs: usize,
    populations: Vec<FilePopulation>,
    projections: Vec<FileProjection>,
    output: String,
    #[serde(skip_serializing_if = "is_spikes")]
    #[serde(default)]
    readout: Readout,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FilePopulation {
    name: String,
    neurons: usize,
    weight_bits: WeightBits,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(default)]
    threshold: Option<Values>,
    leak: Values,
    reset: Reset,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(default)]
    bias: Option<Values>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileProjection {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(default)]
    from: Option<String>,
    to: String,
    #[serde(skip_serializing_if = "is_zero")]
    #[serde(default)]
    delay: u32,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[serde(default)]
    tied: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(default)]
    weights: Option<Vec<Vec<Option<Number>>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(default)]
    sparse: Option<Vec<Vec<Option<Number>>>>,
}

fn is_zero(delay: &u32) -> bool {
    *delay == 0
}

fn is_spikes(readout: &Readout) -> bool {
    *readout == Readout::Spikes
}

/// One number for all neurons of a population, or a list with one for each.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Values {
    All(Number),
    Each(Vec<Option<Number>>),
    /// What is neither, to be refused by place.
    Other(serde_json::Value),
}

impl Values {
    fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let first = values.clone().next().unwrap_or_default();
        if values.clone().all(|value| value == first) {
            return Values::All(Number(first));
        }
        Values::Each(values.map(|value| Some(Number(value))).collect())
    }

    /// One for each neuron, all of which are as `fits` says.
    fn each(self, field: &str, neurons: usize, expected: &str, fits: impl Fn(f64) -> bool) -> Result<Vec<f64>, String> {
        let values = match self {
            Values::All(Number(value)) => vec![Some(Number(value)); neurons],
            Values::Each(values) if values.len() == neurons => values,
            Values::Each(values) => {
                return Err(format!("field `{field}` has {} values, expected one or {neurons}", values.len()));
            }
            Values::Other(_) => vec![None; 1],
        };
        let checked = values.into_iter().enumerate().map(|(neuron, value)| match value {
            Some(Number(value)) if fits(value) => Ok(value),
            Some(Number(value)) => Err(format!("field `{field}` of neuron {neuron} is {value}, expected {expected}")),
            None => Err(format!("field `{field}` of neuron {neuron} is not a finite number, expected {expected}")),
        });
        checked.collect()
    }
}

/// A number that is written without a point when it is whole.
#[derive(Clone, Copy, Deserialize)]
#[serde(transparent)]
struct Number(f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let single = self.0 as f32;
        if self.0.fract() == 0.0 && self.0.abs() < 1e9 {
            serializer.serialize_i64(self.0 as i64)
        } else if f64::from(single) == self.0 {
            // Most weights are f32: their own shortest text, not that of the f64 next to them.
            serializer.serialize_f32(single)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

impl Network {
    /// A network from a file.
    pub fn load(path: &Path) -> Result<Self, NetworkError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| NetworkError::File { path: name.clone(), source })?;
        Self::from_json(&name, &text)
    }

    /// Writes the network to a file.
    pub fn save(&self, path: &Path) -> Result<(), NetworkError> {
        let failed = |source| NetworkError::File { path: path.display().to_string(), source };
        std::fs::write(path, self.to_json()).map_err(failed)
    }

    /// From the text of a file; `path` stands in errors.
    pub fn from_json(path: &str, text: &str) -> Result<Self, NetworkError> {
        let wrong = |what: String| NetworkError::Content { path: path.into(), what };
        let file: File = serde_json::from_str(text)
            // Python writes NaN and Infinity, which are not JSON.
            .or_else(|error| serde_json::from_str(&without_nan(text)).map_err(|_| error))
            .map_err(|error| wrong(format!("not a network file: {error}")))?;
        file.check().map_err(wrong)
    }

    /// The text of a file; a row of weights is a line.
    pub fn to_json(&self) -> String {
        let circuit = &self.circuit;
        let population = |(population, &weight_bits): (&Population, &WeightBits)| {
            let neurons = population.neurons.iter();
            let biased = neurons.clone().any(|neuron| neuron.bias != 0.0);
            let spiking = neurons.clone().all(|neuron| neuron.threshold.is_finite());
            FilePopulation {
                name: population.name.clone(),
                neurons: neurons.len(),
                weight_bits,
                threshold: spiking.then(|| Values::of(neurons.clone().map(|neuron| neuron.threshold))),
                leak: Values::of(neurons.clone().map(|neuron| neuron.decay * f64::from(LEAK_ONE))),
                reset: population.neurons[0].reset,
                bias: biased.then(|| Values::of(neurons.map(|neuron| neuron.bias))),
            }
        };
        let file = File {
            format: FORMAT.into(),
            name: self.name.clone(),
            coding: self.code.coding,
            ticks: self.code.ticks,
            provenance: self.provenance.clone(),
            inputs: circuit.inputs,
            populations: circuit.populations.iter().zip(&self.weight_bits).map(population).collect(),
            projections: circuit.projections.iter().flat_map(|p| FileProjection::of(circuit, p)).collect(),
            output: circuit.populations[circuit.output].name.clone(),
            readout: circuit.readout,
        };
        let mut text = vec![];
        let mut serializer = serde_json::Serializer::with_formatter(&mut text, RowsOnLines::default());
        // Plain data has no map with keys that are not text, and a vector takes every byte.
        file.serialize(&mut serializer).expect("plain data serializes");
        text.push(b'\n');
        String::from_utf8(text).expect("JSON is UTF-8")
    }
}

impl FileProjection {
    /// One for each delay of a projection: a matrix where most pairs have a synapse, a list otherwise.
    fn of(circuit: &Circuit, projection: &Projection) -> Vec<Self> {
        let (sources, targets) = (circuit.sources(projection.from), circuit.populations[projection.to].neurons.len());
        let mut delays: BTreeMap<u32, Vec<&Synapse>> = BTreeMap::new();
        projection.synapses.iter().for_each(|synapse| delays.entry(synapse.delay).or_default().push(synapse));
        let of_delay = |(delay, synapses): (u32, Vec<&Synapse>)| {
            let dense = 2 * synapses.len() >= sources * targets;
            let number = |value: f64| Some(Number(value));
            let matrix = || {
                let mut rows = vec![vec![number(0.0); sources]; targets];
                synapses.iter().for_each(|s| rows[s.target as usize][s.source as usize] = number(s.weight));
                rows
            };
            let lists = || {
                let of_source = |synapses: &[&Synapse]| {
                    let pairs = synapses.iter().flat_map(|s| [number(s.target.into()), number(s.weight)]);
                    std::iter::once(number(synapses[0].source.into())).chain(pairs).collect()
                };
                synapses.chunk_by(|a, b| a.source == b.source).map(of_source).collect()
            };
            Self {
                from: match projection.from {
                    Source::Inputs => None,
                    Source::Population(number) => Some(circuit.populations[number].name.clone()),
                },
                to: circuit.populations[projection.to].name.clone(),
                delay,
                tied: projection.tied,
                weights: dense.then(matrix),
                sparse: (!dense).then(lists),
            }
        };
        delays.into_iter().map(of_delay).collect()
    }

    /// Its synapses in the order of sources and targets.
    fn synapses(self, sources: usize, targets: usize) -> Result<Vec<Synapse>, String> {
        if self.delay > MAX_DELAY {
            return Err(format!("field `delay` is {}, expected 0 to {MAX_DELAY} steps", self.delay));
        }
        match (self.weights, self.sparse) {
            (Some(rows), None) => {
                let matrix = matrix(rows, targets, sources)?;
                Ok(Projection::of_matrix(Source::Inputs, 0, &matrix, self.delay).synapses)
            }
            (None, Some(lists)) => sparse(lists, sources, targets, self.delay),
            _ => Err("expected one of the fields `weights` and `sparse`".into()),
        }
    }
}

impl File {
    fn check(self) -> Result<Network, String> {
        if self.format != FORMAT {
            return Err(format!("field `format` is `{}`, expected `{FORMAT}`", self.format));
        }
        if !(1..=MAX_TICKS).contains(&self.ticks) {
            return Err(format!("field `ticks` is {}, expected 1 to {MAX_TICKS}", self.ticks));
        }
        if !(1..=MAX_PLACES).contains(&self.inputs) {
            return Err(format!("field `inputs` is {}, expected 1 to {MAX_PLACES}", self.inputs));
        }
        if self.populations.is_empty() {
            return Err("field `populations` is empty, expected at least one".into());
        }
        let (mut populations, mut weight_bits, mut names): (Vec<Population>, _, BTreeMap<String, usize>) =
            (vec![], vec![], BTreeMap::new());
        for (number, population) in self.populations.into_iter().enumerate() {
            let name = population.name.clone();
            if names.insert(name.clone(), number).is_some() {
                return Err(format!("population {number}: another one is called `{name}`, too"));
            }
            weight_bits.push(population.weight_bits);
            let population = population.check().map_err(|what| format!("population {number} (`{name}`): {what}"))?;
            populations.push(population);
        }
        let all: usize = populations.iter().map(|population| population.neurons.len()).sum();
        if all > MAX_PLACES {
            return Err(format!("{all} neurons in all populations, expected at most {MAX_PLACES}"));
        }
        let find = |field: &str, name: &str| {
            let known = || populations.iter().map(|p| format!("`{}`", p.name)).collect::<Vec<_>>().join(", ");
            names.get(name).copied().ok_or_else(|| {
                format!("field `{field}` names `{name}`, and no population is called so; there are {}", known())
            })
        };
        let mut projections: BTreeMap<(Source, usize), Projection> = BTreeMap::new();
        for (number, projection) in self.projections.into_iter().enumerate() {
            let wrong = |what: String| format!("projection {number}: {what}");
            let from = match &projection.from {
                None => Source::Inputs,
                Some(name) => Source::Population(find("from", name).map_err(wrong)?),
            };
            let to = find("to", &projection.to).map_err(wrong)?;
            let (delay, tied) = (projection.delay, projection.tied);
            if let Source::Population(from) = from
                && delay == 0
                && from >= to
            {
                return Err(wrong(format!(
                    "with a delay of 0 `{}` must stand before `{}` in the list of populations",
                    populations[from].name, populations[to].name
                )));
            }
            let sources = match from {
                Source::Inputs => self.inputs,
                Source::Population(from) => populations[from].neurons.len(),
            };
            let synapses = projection.synapses(sources, populations[to].neurons.len()).map_err(wrong)?;
            let all = projections.entry((from, to)).or_insert(Projection { from, to, tied, synapses: vec![] });
            if all.synapses.iter().any(|synapse| synapse.delay == delay) {
                return Err(wrong("another one has the same source, target and delay".into()));
            }
            if all.tied != tied {
                return Err(wrong("one between the same populations is `tied`, the other is not".into()));
            }
            all.synapses.extend(synapses);
        }
        let mut projections: Vec<Projection> = projections.into_values().collect();
        let order = |synapse: &Synapse| (synapse.source, synapse.target, synapse.delay);
        projections.iter_mut().for_each(|projection| projection.synapses.sort_by_key(order));
        let output = find("output", &self.output)?;
        let spiking = populations[output].neurons.iter().all(|neuron| neuron.threshold.is_finite());
        if spiking != (self.readout == Readout::Spikes) {
            let what = if spiking { "has thresholds" } else { "never fires, because it has no `threshold`" };
            return Err(format!("field `readout` does not fit the output: `{}` {what}", self.output));
        }
        Ok(Network {
            name: self.name,
            code: Code { coding: self.coding, ticks: self.ticks },
            circuit: Circuit { inputs: self.inputs, populations, projections, output, readout: self.readout },
            weight_bits,
            provenance: self.provenance,
        })
    }
}

impl FilePopulation {
    fn check(self) -> Result<Population, String> {
        let count = self.neurons;
        if !(1..=MAX_PLACES).contains(&count) {
            return Err(format!("field `neurons` is {count}, expected 1 to {MAX_PLACES}"));
        }
        let thresholds = match self.threshold {
            None => vec![f64::INFINITY; count],
            Some(values) => {
                values.each("threshold", count, "a number above 0", |value| value.is_finite() && value > 0.0)?
            }
        };
        let within = |value: f64| (0.0..=f64::from(LEAK_ONE)).contains(&value);
        let leaks = self.leak.each("leak", count, "0 to 512 (512ths that a membrane keeps)", within)?;
        let biases = match self.bias {
            None => vec![0.0; count],
            Some(values) => values.each("bias", count, "a number", f64::is_finite)?,
        };
        let neurons = thresholds.into_iter().zip(leaks).zip(biases).map(|((threshold, leak), bias)| Neuron {
            threshold,
            decay: leak / f64::from(LEAK_ONE),
            bias,
            reset: self.reset,
        });
        Ok(Population { name: self.name, neurons: neurons.collect() })
    }
}

fn matrix(rows: Vec<Vec<Option<Number>>>, neurons: usize, sources: usize) -> Result<Matrix, String> {
    if rows.len() != neurons {
        return Err(format!("field `weights` has {} rows, expected {neurons}, one for each target", rows.len()));
    }
    let mut matrix = vec![];
    for (row, weights) in rows.into_iter().enumerate() {
        if weights.len() != sources {
            return Err(format!("`weights` row {row} has {} weights, expected {sources}", weights.len()));
        }
        let values: Vec<f32> = weights.iter().map(|w| w.map_or(f32::NAN, |Number(value)| value as f32)).collect();
        if let Some(column) = values.iter().position(|w| !w.is_finite()) {
            return Err(format!("`weights` row {row} column {column} is not a finite number"));
        }
        matrix.push(values);
    }
    Ok(matrix)
}

fn sparse(lists: Vec<Vec<Option<Number>>>, sources: usize, targets: usize, delay: u32) -> Result<Vec<Synapse>, String> {
    let mut taken = BTreeSet::new();
    let mut synapses = vec![];
    for (row, list) in lists.iter().enumerate() {
        let place = |at: usize, end: usize, kind: &str| match list.get(at).copied().flatten() {
            Some(Number(value)) if value.fract() == 0.0 && value >= 0.0 && value < end as f64 => Ok(value as u32),
            _ => Err(format!("`sparse` row {row} column {at} is not a {kind}, a whole number below {end}")),
        };
        let source = place(0, sources, "source")?;
        if list.len() % 2 == 0 {
            return Err(format!("`sparse` row {row} ends with a target without a weight"));
        }
        for at in (1..list.len()).step_by(2) {
            let target = place(at, targets, "target")?;
            let weight = list[at + 1].map_or(f64::NAN, |Number(value)| value);
            if !(weight as f32).is_finite() {
                return Err(format!("`sparse` row {row} column {} is not a finite number", at + 1));
            }
            if !taken.insert((source, target)) {
                return Err(format!("`sparse` row {row} column {at}: a second synapse from {source} to {target}"));
            }
            if weight != 0.0 {
                synapses.push(Synapse { source, target, weight, delay });
            }
        }
    }
    Ok(synapses)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{
  "format": "nernst network 2",
  "name": "a \"NaN\" name",
  "coding": "rate",
  "ticks": 16,
  "inputs": 3,
  "populations": [
    {
      "name": "hidden",
      "neurons": 2,
      "weight_bits": 4,
      "threshold": 5,
      "leak": 480,
      "reset": "zero"
    },
    {
      "name": "out",
      "neurons": 1,
      "weight_bits": 8,
      "threshold": 0.1,
      "leak": 512,
      "reset": "subtract",
      "bias": -0.75
    }
  ],
  "projections": [
    {
      "to": "hidden",
      "weights": [
        [7,-7,0.25],
        [-7,1.5e-7,7]
      ]
    },
    {
      "from": "hidden",
      "to": "hidden",
      "delay": 1,
      "tied": true,
      "weights": [
        [0,1],
        [1,0]
      ]
    },
    {
      "from": "hidden",
      "to": "out",
      "weights": [
        [6,6]
      ]
    },
    {
      "from": "out",
      "to": "hidden",
      "delay": 3,
      "sparse": [
        [0,1,-2]
      ]
    }
  ],
  "output": "out"
}
"#;

    #[test]
    fn a_network_survives_its_file() {
        let mut network = Network::from_json("good", GOOD).unwrap();
        assert_eq!((network.inputs(), network.outputs(), network.neurons(), network.total_ticks()), (3, 1, 3, Ok(17)));
        // What is a list of one synapse of two is written as a matrix.
        let text = GOOD.replace("\"sparse\": [\n        [0,1,-2]", "\"weights\": [\n        [0],\n        [-2]");
        assert_eq!(network.to_json(), text);
        assert_eq!(Network::from_json("again", &text).unwrap(), network);

        // Neurons that differ, delays that do, and a membrane as the result.
        network.circuit.populations[0].neurons[1].threshold = 7.5;
        network.circuit.populations[0].neurons[0].decay = 0.3;
        network.circuit.populations[1].neurons[0].threshold = f64::INFINITY;
        network.circuit.readout = Readout::Membranes;
        network.circuit.projections[1].synapses[0].delay = 2;
        let text = network.to_json();
        assert!(text.contains("\"threshold\": [") && text.contains("\"sparse\": ["), "{text}");
        assert_eq!(Network::from_json("again", &text).unwrap(), network);
    }

    #[test]
    fn errors_name_the_place_on_one_line() {
        let refuse = |from: &str, to: &str, words: &str| {
            assert!(GOOD.contains(from), "nothing to replace: {from}");
            let error = Network::from_json("net.json", &GOOD.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.starts_with("net.json: ") && error.contains(words) && !error.contains('\n'), "{error}");
        };
        refuse("0.25", "NaN", "projection 0: `weights` row 0 column 2 is not a finite number");
        refuse("1.5e-7", "-Infinity", "projection 0: `weights` row 1 column 1");
        refuse("[1,0]", "[1,null]", "projection 1: `weights` row 1 column 1");
        refuse("[6,6]", "[6,1e300]", "projection 2: `weights` row 0 column 1");
        refuse("[6,6]", "[6,6,6]", "projection 2: `weights` row 0 has 3 weights, expected 2");
        refuse("[-7,1.5e-7,7]", "[-7]", "projection 0: `weights` row 1 has 1 weights, expected 3");
        refuse("[0,1],", "", "projection 1: field `weights` has 1 rows, expected 2");
        refuse("[0,1,-2]", "[1,1,-2]", "projection 3: `sparse` row 0 column 0 is not a source, a whole number below 1");
        refuse("[0,1,-2]", "[0,2,-2]", "projection 3: `sparse` row 0 column 1 is not a target");
        refuse("[0,1,-2]", "[0,1,-2,1]", "projection 3: `sparse` row 0 ends with a target without a weight");
        refuse("[0,1,-2]", "[0,1,-2,1,3]", "a second synapse from 0 to 1");
        refuse("[0,1,-2]", "[0,1,null]", "projection 3: `sparse` row 0 column 2 is not a finite number");
        refuse("[0,1,-2]", "[]", "projection 3: `sparse` row 0 column 0");
        refuse("\"delay\": 3", "\"delay\": 0", "projection 3: with a delay of 0 `out` must stand before `hidden`");
        refuse("\"delay\": 3", "\"delay\": 3000", "field `delay` is 3000, expected 0 to 1000");
        refuse("\"delay\": 3,", "\"delay\": 3, \"weights\": [],", "one of the fields `weights` and `sparse`");
        refuse("\"from\": \"out\"", "\"from\": \"in\"", "projection 3: field `from` names `in`");
        refuse(
            "\"from\": \"out\",\n      \"to\": \"hidden\",\n      \"delay\": 3",
            "\"from\": \"hidden\", \"to\": \"hidden\", \"delay\": 1",
            "projection 3: another one has the same source, target and delay",
        );
        refuse("\"output\": \"out\"", "\"output\": \"in\"", "there are `hidden`, `out`");
        refuse("\"name\": \"out\"", "\"name\": \"hidden\"", "population 1: another one is called `hidden`");
        refuse("\"leak\": 480", "\"leak\": 513", "population 0 (`hidden`): field `leak` of neuron 0 is 513");
        refuse("\"leak\": 480", "\"leak\": [480]", "field `leak` has 1 values, expected one or 2");
        refuse("\"threshold\": 5", "\"threshold\": 0", "field `threshold` of neuron 0 is 0");
        refuse("\"threshold\": 5", "\"threshold\": [5, NaN]", "field `threshold` of neuron 1 is not a finite number");
        refuse("\"threshold\": 5", "\"threshold\": \"5\"", "field `threshold`");
        refuse("\"threshold\": 0.1,", "", "field `readout` does not fit the output: `out` never fires");
        refuse("\"output\": \"out\"", "\"output\": \"out\", \"readout\": \"membranes\"", "`out` has thresholds");
        refuse(
            "\"bias\": -0.75",
            "\"bias\": [1, 2]",
            "population 1 (`out`): field `bias` has 2 values, expected one or 1",
        );
        refuse("\"neurons\": 2", "\"neurons\": 0", "field `neurons` is 0");
        refuse("\"neurons\": 2", "\"neurons\": 99999999", "field `neurons` is 99999999");
        refuse("\"inputs\": 3", "\"inputs\": 0", "field `inputs` is 0");
        refuse("\"ticks\": 16", "\"ticks\": 0", "field `ticks` is 0");
        refuse("network 2", "network 9", "expected `nernst network 2`");
        refuse("\"weight_bits\": 4", "\"weight_bits\": 5", "choose 4 or 8");
        refuse("\"coding\": \"rate\"", "\"coding\": \"phase\"", "line 4");
        refuse("\"ticks\": 16", "\"tocks\": 16", "unknown field `tocks`");
        refuse("\"leak\": 480,", "", "missing field `leak` at line");
        refuse("\"populations\": [", "\"populations\": [[", "line");
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Network::load(Path::new("no/such.json")).unwrap_err().to_string();
        assert!(error.starts_with("no/such.json: "), "{error}");
    }
}
