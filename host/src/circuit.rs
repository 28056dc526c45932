//! Networks of any shape in floating point: populations of leaky integrate-and-fire neurons and the synapses between them.
//!
//! Time goes in steps. In step *t* a neuron does
//!
//! ```text
//! v <- decay v + bias + sum of the weights of synapses whose source fired in step t - delay
//! fires if v >= threshold, and then v <- 0 or v - threshold
//! ```
//!
//! A synapse with a delay of 0 is heard in the step in which its source fires, as frameworks that go through their layers one after the
//! other have it; so the populations are in an order in which each comes before those that it has such synapses to. On the array nothing is
//! heard in the tick in which it fires: there each population runs some ticks behind the inputs, see [`schedule`].

pub(crate) mod engine;
pub mod export;
pub mod import;
pub mod layers;
mod run;
pub mod schedule;
mod synapses;
mod text;

pub use run::Simulation;
pub(crate) use synapses::Outgoing;
pub use synapses::{Projection, Source, Synapse};

use crate::coding::Code;
use crate::data::Sample;
use nernst_spec::tick::Reset;

pub use nernst_spec::image::Readout;

/// A network.
#[derive(Clone, Debug, PartialEq)]
pub struct Circuit {
    /// Input lines.
    pub inputs: usize,
    /// In an order in which synapses without a delay lead on: see above.
    pub populations: Vec<Population>,
    pub projections: Vec<Projection>,
    /// Number of the population that is the result.
    pub output: usize,
    pub readout: Readout,
}

/// Neurons that have a name together.
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    pub name: String,
    pub neurons: Vec<Neuron>,
}

/// Parameters of a neuron, in the unit of the weights that it hears.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neuron {
    /// Fires from it on; above 0, and infinite in a neuron that is read out as a membrane.
    pub threshold: f64,
    /// What a membrane keeps from step to step, 0 to 1.
    pub decay: f64,
    /// Added in every step.
    pub bias: f64,
    pub reset: Reset,
}

impl Circuit {
    /// Neurons of all populations.
    pub fn neurons(&self) -> usize {
        self.populations.iter().map(|population| population.neurons.len()).sum()
    }
    /// Synapses of all projections.
    pub fn synapses(&self) -> usize {
        self.projections.iter().map(|projection| projection.synapses.len()).sum()
    }
    /// Share of the samples whose strongest output, the lowest of equals, is their label.
    pub fn accuracy(&self, samples: &[Sample], code: Code) -> f64 {
        Simulation::new(self).accuracy(samples, code)
    }
    /// Input lines, or neurons of a population.
    pub fn sources(&self, source: Source) -> usize {
        match source {
            Source::Inputs => self.inputs,
            Source::Population(number) => self.populations[number].neurons.len(),
        }
    }
    /// Neurons of the output population.
    pub fn outputs(&self) -> usize {
        self.populations[self.output].neurons.len()
    }
}
