//! A system that counts further than random ones do.

use super::System;
use nernst_spec::geometry::AXONS;
use nernst_spec::image::CoreImage;
use nernst_spec::ledger::HALF_BITS;
use nernst_spec::memory::Route;
use nernst_spec::{ArrayConfig, Contexts, Image};

/// Events on every axon of every core in every tick, until the rows fetched in the largest core carry into the high half of their counter. Weights and
/// thresholds let nothing fire. Lines are those that the array has.
pub fn long(config: &ArrayConfig) -> System {
    let mut image = Image::empty("long", config);
    image.cores = config.cores.iter().map(|shape| CoreImage::silent(shape, Contexts::ONE)).collect();
    for (shape, core) in config.cores.iter().zip(&mut image.cores) {
        core.counting = shape.can_count();
        let used = if core.counting { shape.counted_neurons() } else { shape.neurons() };
        for axon in 0..AXONS as u16 {
            let weight = |neuron: usize| if neuron < used { (i8::from(axon % 2 == 0) << 1) - 1 } else { 0 };
            core.rows.insert(axon, (0..shape.neurons()).map(weight).collect());
        }
    }
    let cores = (1 << config.cores.len()) - 1;
    let route = |line: usize| Route { cores, axon: (line % AXONS) as u16, delay: 0, host: false };
    image.inputs = (0..config.inputs).map(route).collect();
    image.check().unwrap_or_else(|error| panic!("no image: {error}"));
    let most = config.cores.iter().map(|core| core.tiles).max().unwrap_or(1);
    let ticks = (1usize << HALF_BITS) / (most * config.inputs.min(AXONS)) + 2;
    System { image, samples: vec![vec![(0..config.inputs as u16).collect(); ticks]] }
}
