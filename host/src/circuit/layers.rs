//! A circuit that is a chain of layers, as the network that the mapper takes.

use super::{Circuit, Neuron, Population, Projection, Readout, Source};
use crate::coding::Code;
use crate::network::{Layer, Matrix, Network};
use nernst_spec::WeightBits;
use nernst_spec::tick::LEAK_ONE;

/// Why a circuit is no chain of layers.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum LayersError {
    #[error("the result is the membranes of `{population}`; an image gives spikes: end the network with a LIF")]
    Membranes { population: String },
    #[error("`{population}` is heard by {others}, and must be heard by the next layer alone, or by itself")]
    Branch { population: String, others: String },
    #[error("`{population}` hears `{source_name}` after {delay} steps, and layers have no delays")]
    Delay { population: String, source_name: String, delay: u32 },
    #[error("neuron {neuron} of `{population}` has {what} than neuron 0, and the neurons of a layer have the same")]
    Uneven { population: String, neuron: usize, what: &'static str },
    #[error(
        "neuron {neuron} of `{population}` has a bias of {bias}, and layers have none: train without one (bias=False)"
    )]
    Bias { population: String, neuron: usize, bias: f64 },
}

impl Circuit {
    /// The same network as layers with weights of this precision. A membrane keeps whole 512ths there; all else stays.
    pub fn layers(&self, name: &str, code: Code, weight_bits: WeightBits) -> Result<Network, LayersError> {
        let last = &self.populations[self.output];
        if self.readout == Readout::Membranes {
            return Err(LayersError::Membranes { population: last.name.clone() });
        }
        let layer = |(number, population): (usize, &Population)| {
            let before = number.checked_sub(1).map_or(Source::Inputs, Source::Population);
            let neuron = even(population)?;
            Ok(Layer {
                weight_bits,
                threshold: neuron.threshold as f32,
                leak: (neuron.decay * f64::from(LEAK_ONE)).round() as u16,
                reset: neuron.reset,
                weights: self.matrix(before, number, 0)?.unwrap_or_else(|| self.zeros(before, number)),
                recurrent: self.matrix(Source::Population(number), number, 1)?,
            })
        };
        self.check_chain()?;
        Ok(Network {
            name: name.into(),
            coding: code.coding,
            ticks: code.ticks,
            layers: self.populations.iter().enumerate().map(layer).collect::<Result<_, _>>()?,
            provenance: None,
        })
    }

    /// Each population is heard by the next, or by itself, and the last one is the result.
    fn check_chain(&self) -> Result<(), LayersError> {
        for projection in &self.projections {
            let next = match projection.from {
                Source::Inputs => 0,
                Source::Population(number) => number + 1,
            };
            if projection.to != next && projection.from != Source::Population(projection.to) {
                let others = format!("`{}`", self.populations[projection.to].name);
                return Err(LayersError::Branch { population: self.name_of(projection.from), others });
            }
        }
        if self.output + 1 < self.populations.len() {
            let population = self.populations[self.output].name.clone();
            return Err(LayersError::Branch { population, others: "others beside the output".into() });
        }
        Ok(())
    }

    fn name_of(&self, source: Source) -> String {
        match source {
            Source::Inputs => "the inputs".into(),
            Source::Population(number) => self.populations[number].name.clone(),
        }
    }

    fn sources(&self, source: Source) -> usize {
        match source {
            Source::Inputs => self.inputs,
            Source::Population(number) => self.populations[number].neurons.len(),
        }
    }

    fn zeros(&self, from: Source, to: usize) -> Matrix {
        vec![vec![0.0; self.sources(from)]; self.populations[to].neurons.len()]
    }

    /// The weights of a projection, all of which have this delay; `None` where there is none.
    fn matrix(&self, from: Source, to: usize, delay: u32) -> Result<Option<Matrix>, LayersError> {
        let between = |projection: &&Projection| projection.from == from && projection.to == to;
        let Some(projection) = self.projections.iter().find(between) else { return Ok(None) };
        let mut matrix = self.zeros(from, to);
        for synapse in &projection.synapses {
            if synapse.delay != delay {
                let population = self.populations[to].name.clone();
                let source_name = self.name_of(from);
                return Err(LayersError::Delay { population, source_name, delay: synapse.delay });
            }
            matrix[synapse.target as usize][synapse.source as usize] = synapse.weight as f32;
        }
        Ok(Some(matrix))
    }
}

/// The parameters that all neurons of a population have.
fn even(population: &Population) -> Result<Neuron, LayersError> {
    let first = population.neurons[0];
    let name = || population.name.clone();
    for (neuron, parameters) in population.neurons.iter().enumerate() {
        if parameters.bias != 0.0 {
            return Err(LayersError::Bias { population: name(), neuron, bias: parameters.bias });
        }
        // Files hold f32: what differs less is the same.
        let differs = |a: f64, b: f64| (a - b).abs() > 1e-5 * b.abs();
        let what = if differs(parameters.threshold, first.threshold) {
            "another threshold"
        } else if differs(parameters.decay, first.decay) {
            "another time constant"
        } else {
            continue;
        };
        return Err(LayersError::Uneven { population: name(), neuron, what });
    }
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::Synapse;
    use crate::coding::Coding;
    use nernst_spec::tick::Reset;

    const CODE: Code = Code { coding: Coding::Rate, ticks: 16 };

    /// Two inputs, two neurons that hear themselves crosswise, one neuron.
    fn chain() -> Circuit {
        let neuron = Neuron { threshold: 1.0, decay: 0.9375, bias: 0.0, reset: Reset::Subtract };
        let population = |name: &str, count| Population { name: name.into(), neurons: vec![neuron; count] };
        let synapse = |source, target, weight, delay| Synapse { source, target, weight, delay };
        Circuit {
            inputs: 2,
            populations: vec![population("hidden", 2), population("last", 1)],
            projections: vec![
                Projection {
                    from: Source::Inputs,
                    to: 0,
                    synapses: vec![synapse(0, 0, 0.5, 0), synapse(1, 0, -1.0, 0)],
                },
                Projection { from: Source::Population(0), to: 0, synapses: vec![synapse(0, 1, 2.0, 1)] },
                Projection { from: Source::Population(0), to: 1, synapses: vec![synapse(1, 0, 3.0, 0)] },
            ],
            output: 1,
            readout: Readout::Spikes,
        }
    }

    #[test]
    fn a_chain_is_layers() {
        let network = chain().layers("net", CODE, WeightBits::Eight).unwrap();
        assert_eq!((network.name.as_str(), network.code(), network.layers.len()), ("net", CODE, 2));
        let [hidden, last] = &network.layers[..] else { panic!("two layers") };
        assert_eq!((hidden.threshold, hidden.leak, hidden.reset), (1.0, 480, Reset::Subtract));
        assert_eq!(hidden.weights, [[0.5, -1.0], [0.0, 0.0]]);
        assert_eq!(hidden.recurrent.as_ref().unwrap(), &[[0.0, 0.0], [2.0, 0.0]]);
        assert_eq!((last.weights.clone(), &last.recurrent), (vec![vec![0.0, 3.0]], &None));
    }

    #[test]
    fn what_is_no_chain_is_refused_by_name() {
        type Change = fn(&mut Circuit);
        let refuse = |change: Change| {
            let mut circuit = chain();
            change(&mut circuit);
            circuit.layers("net", CODE, WeightBits::Four).unwrap_err().to_string()
        };
        let cases: [(Change, &str); 7] = [
            (|c| c.projections[0].to = 1, "`the inputs` is heard by `last`"),
            (|c| c.output = 0, "`hidden` is heard by others beside the output"),
            (|c| c.readout = Readout::Membranes, "the result is the membranes of `last`"),
            (|c| c.projections[2].synapses[0].delay = 2, "`last` hears `hidden` after 2 steps"),
            (|c| c.populations[0].neurons[1].bias = 0.5, "neuron 1 of `hidden` has a bias of 0.5"),
            (|c| c.populations[0].neurons[1].threshold = 2.0, "neuron 1 of `hidden` has another threshold"),
            (|c| c.populations[0].neurons[1].decay = 0.5, "neuron 1 of `hidden` has another time constant"),
        ];
        for (change, expected) in cases {
            let refusal = refuse(change);
            assert!(refusal.starts_with(expected), "{refusal}");
        }
    }
}
