//! A network as a NIR graph.

use crate::network::{Layer, Matrix, Network};
use nernst_nir::{Graph, If, Input, Lif, Linear, Node, Output, Tensor};
use nernst_spec::tick::LEAK_ONE;

/// Time step in seconds that stands in the file, as snnTorch has it: NIR has none of its own.
pub const DT: f64 = 1e-4;

/// The graph of a network: nodes `fc1`, `lif1` and, in a layer that hears itself, `rec1`, and so on, between `input` and `output`.
///
/// R is 1 / (1 - decay) and tau is R [`DT`], so that a step is what it is in snnTorch's files. NIR fires above its threshold and a layer from it on: where all weights
/// are whole that of the file lies half a step lower, which is the same. NIR has no reset by subtraction; that is lost.
pub fn graph(network: &Network) -> Graph {
    let mut graph = Graph::default();
    graph.add("input", Input { shape: vec![network.inputs()] });
    let mut before = "input".to_string();
    for (number, layer) in network.layers.iter().enumerate() {
        let name = |kind: &str| format!("{kind}{}", number + 1);
        let (fc, lif, rec) = (name("fc"), name("lif"), name("rec"));
        graph.add(fc.as_str(), linear(&layer.weights)).add(lif.as_str(), neurons(layer));
        graph.connect(before, fc.as_str()).connect(fc.as_str(), lif.as_str());
        if let Some(recurrent) = &layer.recurrent {
            graph.add(rec.as_str(), linear(recurrent));
            graph.connect(lif.as_str(), rec.as_str()).connect(rec.as_str(), lif.as_str());
        }
        before = lif;
    }
    graph.add("output", Output { shape: vec![network.outputs()] }).connect(before, "output");
    graph
}

fn linear(rows: &Matrix) -> Linear {
    let values: Vec<f64> = rows.iter().flatten().map(|&weight| weight.into()).collect();
    let shape = [rows.len(), rows.first().map_or(0, Vec::len)];
    // Rows of a network have equal length.
    Linear { weight: Tensor::new(shape, values).expect("a row for each neuron") }
}

fn neurons(layer: &Layer) -> Node {
    let each = |value: f64| Tensor::vector(vec![value; layer.neurons()]);
    let weights = layer.weights.iter().chain(layer.recurrent.iter().flatten()).flatten();
    let is_whole = layer.threshold.fract() == 0.0 && weights.copied().all(|weight| weight.fract() == 0.0);
    let v_threshold = each(f64::from(layer.threshold) - if is_whole { 0.5 } else { 0.0 });
    if layer.leak == LEAK_ONE {
        return If { r: each(1.0 / DT), v_threshold, v_reset: each(0.0) }.into();
    }
    let r = f64::from(LEAK_ONE) / f64::from(LEAK_ONE - layer.leak);
    Lif { tau: each(r * DT), r: each(r), v_leak: each(0.0), v_threshold, v_reset: each(0.0) }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::import::{Imported, Options};
    use crate::data::{Dataset, SPLIT_SEED};
    use nernst_spec::WeightBits;
    use std::path::Path;

    fn shipped(name: &str) -> Network {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../networks/digits").join(name);
        Network::load(&path).unwrap()
    }

    fn read_back(network: &Network, dt: Option<f64>) -> Imported {
        let file = graph(network).to_bytes().unwrap();
        Imported::new(&Graph::from_bytes(&file).unwrap(), &Options { dt, ..Options::default() }).unwrap()
    }

    #[test]
    fn what_was_trained_here_comes_back_through_a_file() {
        for name in ["mlp-128-rate-int4.json", "rnn-128-rate-int4.json", "mlp-128-latency-int8.json"] {
            let network = shipped(name);
            // Where no neuron leaks nothing says the step.
            let circuit = read_back(&network, Some(DT)).circuit;
            let again = circuit.layers(&network.name, network.code(), network.layers[0].weight_bits).unwrap();
            for (layer, again) in network.layers.iter().zip(&again.layers) {
                assert_eq!(
                    (&layer.weights, &layer.recurrent, layer.leak),
                    (&again.weights, &again.recurrent, again.leak)
                );
                assert_eq!(layer.threshold, again.threshold + 0.5, "{name}");
            }
            // The array rounds membranes; in floating point they are what they are. So a few answers may differ.
            let samples = Dataset::digits().split(SPLIT_SEED).test;
            let integers = network.integers().unwrap().accuracy(&samples, network.code());
            let float = circuit.accuracy(&samples, network.code());
            assert!((float - integers).abs() < 0.02, "{name}: {float} in floating point, {integers} in integers");
        }
    }

    #[test]
    fn neurons_that_keep_all_or_nothing_come_back() {
        let mut network = shipped("mlp-32-rate-int4.json").with_bits(WeightBits::Eight);
        (network.layers[0].leak, network.layers[1].leak) = (LEAK_ONE, 256);
        let decays =
            read_back(&network, None).circuit.populations.iter().map(|p| p.neurons[0].decay).collect::<Vec<_>>();
        assert_eq!(decays, [1.0, 0.5]);
    }
}
