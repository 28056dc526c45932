//! What a network has in each core of an array.

use crate::mapper::Placement;
use nernst_spec::image::CoreImage;
use nernst_spec::{CoreConfig, Image};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A core and what the network has in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoreReport {
    /// Shape of the core in the array.
    pub shape: CoreConfig,
    /// Neurons that have a weight other than 0: those that can ever fire.
    pub neurons: u64,
    /// Axons that have a row of weights.
    pub axons: u64,
    /// Weights that those axons add, zeros and unused lanes included: what one event on each of them counts as synaptic
    /// operations.
    pub weights: u64,
    /// Weights other than 0.
    pub synapses: u64,
    /// Populations of the network with neurons here; `None` where the run was of an image, which does not know them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub populations: Option<Vec<String>>,
}

impl CoreReport {
    /// All cores of an image; with their populations where the mapper's report of it is at hand.
    pub fn of(image: &Image, placement: Option<&Placement>) -> Vec<Self> {
        let core = |(number, (core, shape)): (usize, (&CoreImage, &CoreConfig))| {
            let others = || core.rows.iter().flat_map(|(axon, row)| row.iter().enumerate().map(move |w| (axon, w)));
            let nonzero = || others().filter(|(_, (_, weight))| **weight != 0);
            // The same lane is another neuron in each context.
            let neuron = |(axon, (lane, _)): (&u16, (usize, _))| (core.contexts.of_row(*axon as usize), lane);
            let axons = core.rows.len() as u64;
            Self {
                shape: *shape,
                neurons: nonzero().map(neuron).collect::<BTreeSet<_>>().len() as u64,
                axons,
                weights: axons * shape.neurons() as u64,
                synapses: nonzero().count() as u64,
                populations: placement.and_then(|placement| Some(placement.cores.get(number)?.populations.clone())),
            }
        };
        image.cores.iter().zip(&image.config.cores).enumerate().map(core).collect()
    }
}
