//! A network as a NIR graph.

use crate::circuit::{Circuit, Neuron, Population, Source, Synapse};
use crate::network::Network;
use nernst_nir::{Affine, Delay, Graph, If, Input, Li, Lif, Linear, Node, Output, Tensor};
use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;
use std::collections::BTreeMap;

/// Time step in seconds that stands in the file, as snnTorch has it: NIR has none of its own.
pub const DT: f64 = 1e-4;

/// The graph of a network: a node of neurons for each population, with its name, and for each projection and delay one of weights.
///
/// R is 1 / (1 - decay) and tau is R [`DT`], so that a step is what it is in snnTorch's files. NIR fires above its threshold and a neuron from it on: where all
/// that it hears is whole that of the file lies half a step lower, which is the same. NIR has no reset by subtraction; that is lost. Spikes within
/// a loop take a step there (see [`super::import`]); longer delays are Delay nodes.
pub fn graph(network: &Network) -> Graph {
    let circuit = &network.circuit;
    let mut graph = Graph::default();
    graph.add("input", Input { shape: vec![network.inputs()] });
    let names = names(circuit);
    let loops = loops(circuit);
    for (number, population) in circuit.populations.iter().enumerate() {
        let whole = hears_whole_numbers(circuit, number);
        graph.add(names[number].as_str(), neurons(population, &whole));
        // A bias is that of the first weights.
        let mut bias: Option<Vec<f64>> = Some(population.neurons.iter().map(|neuron| neuron.bias).collect());
        bias = bias.filter(|bias| bias.iter().any(|value| *value != 0.0));
        for projection in circuit.projections.iter().filter(|projection| projection.to == number) {
            let (from, within) = match projection.from {
                Source::Inputs => ("input", false),
                Source::Population(from) => (names[from].as_str(), loops[from] == loops[number]),
            };
            let mut delays: BTreeMap<u32, Vec<&Synapse>> = BTreeMap::new();
            projection.synapses.iter().for_each(|synapse| delays.entry(synapse.delay).or_default().push(synapse));
            for (delay, synapses) in delays {
                let steps = delay - u32::from(within);
                let suffix = if steps > 0 { format!("_{steps}") } else { String::new() };
                let name = format!("{from}_{}{suffix}", names[number]);
                let shape = [population.neurons.len(), circuit.sources(projection.from)];
                graph.add(name.as_str(), linear(shape, &synapses, bias.take()));
                graph.connect(name.as_str(), names[number].as_str());
                if steps > 0 {
                    let late = format!("{name}_delay");
                    let delay = vec![f64::from(steps) * DT; shape[1]];
                    graph.add(late.as_str(), Delay { delay: Tensor::vector(delay) });
                    graph.connect(from, late.as_str()).connect(late.as_str(), name.as_str());
                } else {
                    graph.connect(from, name.as_str());
                }
            }
        }
    }
    graph.add("output", Output { shape: vec![network.outputs()] }).connect(names[circuit.output].as_str(), "output");
    graph
}

/// Names of the populations, none of which is one of another node.
fn names(circuit: &Circuit) -> Vec<String> {
    let free = |name: &str| if ["input", "output"].contains(&name) { format!("{name}_neurons") } else { name.into() };
    circuit.populations.iter().map(|population| free(&population.name)).collect()
}

/// For each population the number of the loop that it is in; one in no loop is alone with its number, unless it hears itself.
fn loops(circuit: &Circuit) -> Vec<Option<usize>> {
    let mut hearing: DiGraphMap<usize, ()> = DiGraphMap::new();
    for projection in &circuit.projections {
        if let Source::Population(from) = projection.from {
            hearing.add_edge(from, projection.to, ());
        }
    }
    let mut loops = vec![None; circuit.populations.len()];
    for (number, members) in tarjan_scc(&hearing).into_iter().enumerate() {
        members.into_iter().for_each(|member| loops[member] = Some(number));
    }
    loops
}

/// For each neuron of a population whether its weights, bias and threshold are whole.
fn hears_whole_numbers(circuit: &Circuit, number: usize) -> Vec<bool> {
    let whole = |value: f64| value.fract() == 0.0;
    let neurons = circuit.populations[number].neurons.iter();
    let mut all: Vec<bool> = neurons.map(|neuron| whole(neuron.threshold) && whole(neuron.bias)).collect();
    let heard = circuit.projections.iter().filter(|projection| projection.to == number);
    heard.flat_map(|projection| &projection.synapses).for_each(|s| all[s.target as usize] &= whole(s.weight));
    all
}

fn linear(shape: [usize; 2], synapses: &[&Synapse], bias: Option<Vec<f64>>) -> Node {
    let mut values = vec![0.0; shape[0] * shape[1]];
    synapses
        .iter()
        .for_each(|synapse| values[synapse.target as usize * shape[1] + synapse.source as usize] = synapse.weight);
    // As many values as the shape says.
    let weight = Tensor::new(shape, values).expect("a row for each neuron");
    match bias {
        Some(bias) => Affine { weight, bias: Tensor::vector(bias) }.into(),
        None => Linear { weight }.into(),
    }
}

fn neurons(population: &Population, whole: &[bool]) -> Node {
    let each = |value: &dyn Fn(usize, &Neuron) -> f64| {
        Tensor::vector(
            population.neurons.iter().enumerate().map(|(number, neuron)| value(number, neuron)).collect::<Vec<_>>(),
        )
    };
    let zero = || each(&|_, _| 0.0);
    let v_threshold = each(&|number, neuron| neuron.threshold - if whole[number] { 0.5 } else { 0.0 });
    // A decay of 1 would be an R without end: files hold f32, and this is the last that a neuron of theirs can have.
    let r = |neuron: &Neuron| 1.0 / (1.0 - neuron.decay).max(1e-6);
    let of_r = || each(&|_, neuron| r(neuron));
    let tau = || each(&|_, neuron| r(neuron) * DT);
    let mut all = population.neurons.iter();
    if all.clone().all(|neuron| neuron.threshold.is_infinite()) {
        Li { tau: tau(), r: of_r(), v_leak: zero() }.into()
    } else if all.all(|neuron| neuron.decay == 1.0) {
        If { r: each(&|_, _| 1.0 / DT), v_threshold, v_reset: zero() }.into()
    } else {
        Lif { tau: tau(), r: of_r(), v_leak: zero(), v_threshold, v_reset: zero() }.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::import::{Imported, Options};
    use crate::circuit::{Projection, Readout};
    use crate::coding::{Code, Coding};
    use crate::data::{Dataset, SPLIT_SEED};
    use nernst_spec::WeightBits;
    use nernst_spec::tick::Reset;
    use std::path::Path;

    fn shipped(name: &str) -> Network {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../networks/digits").join(name);
        Network::load(&path).unwrap()
    }

    fn read_back(network: &Network, dt: Option<f64>) -> Imported {
        let file = graph(network).to_bytes().unwrap();
        Imported::new(&Graph::from_bytes(&file).unwrap(), &Options { dt, ..Options::default() }).unwrap()
    }

    /// What a circuit that came through a file must be: NIR's thresholds are met when something is above them.
    fn as_in_file(circuit: &Circuit) -> Circuit {
        let mut circuit = circuit.clone();
        for number in 0..circuit.populations.len() {
            let whole = hears_whole_numbers(&circuit, number);
            for (neuron, whole) in circuit.populations[number].neurons.iter_mut().zip(whole) {
                neuron.threshold -= if whole { 0.5 } else { 0.0 };
            }
        }
        circuit
    }

    /// Files hold f32, and a decay is told as 1 / (1 - decay).
    fn assert_alike(found: &Circuit, expected: &Circuit) {
        assert_eq!((found.inputs, found.output, found.readout), (expected.inputs, expected.output, expected.readout));
        let mut found_projections = found.projections.clone();
        found_projections.iter_mut().for_each(|projection| projection.tied = false);
        assert_eq!(found_projections, expected.projections);
        for (found, expected) in found.populations.iter().zip(&expected.populations) {
            assert_eq!((&found.name, found.neurons.len()), (&expected.name, expected.neurons.len()));
            for (a, b) in found.neurons.iter().zip(&expected.neurons) {
                let near = |a: f64, b: f64| a == b || (a - b).abs() <= 1e-4 * b.abs();
                let same = near(a.threshold, b.threshold) && near(a.decay, b.decay) && near(a.bias, b.bias);
                assert!(same, "{}: {a:?} {b:?}", found.name);
            }
        }
    }

    #[test]
    fn what_was_trained_here_comes_back_through_a_file() {
        for name in ["mlp-128-rate-int4.json", "rnn-128-rate-int4.json", "mlp-128-latency-int8.json"] {
            let network = shipped(name);
            // Where no neuron leaks nothing says the step.
            let circuit = read_back(&network, Some(DT)).circuit;
            assert_alike(&circuit, &as_in_file(&network.circuit));
            // The array rounds membranes; in floating point they are what they are. So a few answers may differ.
            let samples = Dataset::digits().split(SPLIT_SEED).test;
            let integers = network.integers().unwrap().accuracy(&samples, network.code);
            let float = circuit.accuracy(&samples, network.code);
            assert!((float - integers).abs() < 0.02, "{name}: {float} in floating point, {integers} in integers");
            // And the integers are the same.
            let again = Network { circuit, ..network.clone() }.integers().unwrap();
            assert_eq!(again.projections, network.integers().unwrap().projections, "{name}");
        }
    }

    #[test]
    fn branches_delays_biases_and_membranes_come_back() {
        let neuron = |threshold, decay, bias| Neuron { threshold, decay, bias, reset: Reset::Zero };
        let synapse = |source, target, weight, delay| Synapse { source, target, weight, delay };
        let way = |from, to, synapses| Projection { from, to, tied: false, synapses };
        let circuit = Circuit {
            inputs: 2,
            populations: vec![
                Population { name: "a".into(), neurons: vec![neuron(1.5, 0.5, 0.25), neuron(2.0, 0.75, -0.5)] },
                Population { name: "b".into(), neurons: vec![neuron(1.25, 0.5, 0.0)] },
                Population { name: "end".into(), neurons: vec![neuron(f64::INFINITY, 0.5, 0.0); 2] },
            ],
            projections: vec![
                way(Source::Inputs, 0, vec![synapse(0, 0, 0.5, 0), synapse(0, 1, 0.75, 2), synapse(1, 0, -1.0, 0)]),
                way(Source::Population(0), 1, vec![synapse(0, 0, 1.0, 1), synapse(1, 0, 2.0, 3)]),
                way(Source::Population(0), 2, vec![synapse(0, 0, 0.25, 0), synapse(1, 1, 0.5, 0)]),
                way(Source::Population(1), 0, vec![synapse(0, 1, -0.5, 1)]),
                way(Source::Population(1), 2, vec![synapse(0, 0, 1.0, 4)]),
            ],
            output: 2,
            readout: Readout::Membranes,
        };
        let code = Code { coding: Coding::Rate, ticks: 16 };
        let network = Network::new("net", code, circuit, WeightBits::Eight);
        assert_alike(&read_back(&network, None).circuit, &network.circuit);
    }

    #[test]
    fn neurons_that_keep_all_or_nothing_come_back() {
        let mut network = shipped("mlp-32-rate-int4.json").with_bits(WeightBits::Eight);
        let decays = [1.0, 0.5];
        for (population, decay) in network.circuit.populations.iter_mut().zip(decays) {
            population.neurons.iter_mut().for_each(|neuron| neuron.decay = decay);
        }
        let circuit = read_back(&network, None).circuit;
        assert_eq!(circuit.populations.iter().map(|p| p.neurons[0].decay).collect::<Vec<_>>(), decays);
    }
}
