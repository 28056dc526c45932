//! How long mapping takes when `85f` is 80 % full of synapses: 707,789 of its 884,736.
//!
//! Two networks: every neuron hears 410 of 512 inputs at random; and 512 inputs and 1,300 neurons in layers that hear each other.

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use nernst::circuit::layers::Layer;
use nernst::coding::{Code, Coding};
use nernst::data::Random;
use nernst::mapper;
use nernst::network::Network;
use nernst_spec::tick::Reset;
use nernst_spec::{ArrayConfig, WeightBits};
use std::hint::black_box;

/// Whole weights, of which this share is 0.
fn layer(random: &mut Random, neurons: usize, sources: usize, per_mille: usize) -> Layer {
    let mut weight =
        || if random.below(1000) < per_mille { [-3.0, -2.0, -1.0, 1.0, 2.0, 3.0][random.below(6)] } else { 0.0 };
    let weights = (0..neurons).map(|_| (0..sources).map(|_| weight()).collect()).collect();
    Layer { threshold: 9.0, leak: 480, reset: Reset::Zero, weights, recurrent: None }
}

fn network(name: &str, layers: &[Layer]) -> Network {
    Network::of_layers(name, Code { coding: Coding::Rate, ticks: 16 }, WeightBits::Four, layers)
}

fn mapping(c: &mut Criterion) {
    let config = ArrayConfig::ready("85f").expect("a ready configuration");
    let rows: usize = config.cores.iter().map(|core| core.neurons() * core.axons()).sum();
    let mut random = Random::new(1);
    let scattered = network("scattered", &[layer(&mut random, 1728, 512, 800)]);
    let sizes = [(430, 512), (430, 430), (430, 430), (430, 430)];
    let layers: Vec<Layer> =
        sizes.iter().map(|&(neurons, sources)| layer(&mut random, neurons, sources, 1000)).collect();
    let mut group = c.benchmark_group("map_85f");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    for network in [scattered, network("layers", &layers)] {
        let share = 100 * network.circuit.synapses() / rows;
        let mapped = mapper::compile_with(&network, &config, mapper::Options { keep_all: true });
        assert!(mapped.is_ok(), "{:?}", mapped.err());
        group.bench_function(format!("{} ({share} % of the synapses)", network.name), |b| {
            b.iter(|| black_box(mapper::compile_with(&network, &config, mapper::Options { keep_all: true })).is_ok())
        });
    }
    group.finish();
}

criterion_group!(benches, mapping);
criterion_main!(benches);
