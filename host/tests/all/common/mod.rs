//! Random networks and inputs, repeatable by their seeds.

pub mod command;
pub mod files;
pub mod scripted;

use nernst_spec::memory::Route;
use nernst_spec::tick::{LEAK_ONE, Parameters, Reset};
use nernst_spec::{ArrayConfig, Image};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// An image with random weights on about half of the axons, and routes that lead into all cores and to the host.
pub fn random_image(config: &ArrayConfig, seed: u64) -> Image {
    let mut random = StdRng::seed_from_u64(seed);
    let mut image = Image::empty(&format!("random {seed}"), config);
    let masks = 1..1u16 << config.cores.len();
    for (core, shape) in image.cores.iter_mut().zip(&config.cores) {
        let weights = shape.weight_bits.min_weight() as i8..=shape.weight_bits.max_weight() as i8;
        for axon in 0..512 {
            if random.random_bool(0.5) {
                core.rows.insert(axon, (0..shape.neurons()).map(|_| random.random_range(weights.clone())).collect());
            }
        }
        for neuron in 0..shape.neurons() {
            core.parameters[neuron] = Parameters {
                threshold: random.random_range(1..60),
                leak: random.random_range(0..=LEAK_ONE),
                reset: if random.random_bool(0.5) { Reset::Zero } else { Reset::Subtract },
            };
            core.routes[neuron] = Route {
                cores: random.random_range(masks.clone()),
                axon: random.random_range(0..512),
                delay: random.random_range(1..=15),
                host: random.random_bool(0.5),
            };
        }
    }
    image.inputs = (0..config.inputs)
        .map(|_| Route {
            cores: random.random_range(masks.clone()),
            axon: random.random_range(0..512),
            delay: random.random_range(0..=15),
            host: false,
        })
        .collect();
    image.outputs = (0..config.neurons() as u16).filter(|&n| n % 7 == 0).take(10).collect();
    image.coding = "rate-16".into();
    image.ticks = 16;
    image
}

/// Input lines with a spike in each tick.
pub fn random_spikes(seed: u64, ticks: usize, lines: u16, probability: f64) -> Vec<Vec<u16>> {
    let mut random = StdRng::seed_from_u64(seed);
    (0..ticks).map(|_| (0..lines).filter(|_| random.random_bool(probability)).collect()).collect()
}
