//! From a NIR graph to a circuit: which neurons there are, what they hear from each other, and in which unit.
//!
//! Nodes with neurons (IF, LIF, CubaLIF without a synaptic memory, Threshold, and LI at the end) become populations. What lies between
//! them is linear and becomes synapses: Linear, Affine, Scale, Conv1d, Conv2d, SumPool2d, AvgPool2d, Flatten and Delay, composed into one weight
//! (and delay) for each pair of neurons. Everything else is refused by name.
//!
//! NIR has no time step, and the step decides what a membrane keeps. With Euler's method (which snnTorch, Norse and Sinabs mean)
//!
//! ```text
//! tau v' = (v_leak - v) + R I     v <- (1 - dt/tau) v + (R dt/tau) I     from v_leak
//!     v' = R I                    v <- v + R dt I
//! ```
//!
//! so decay = 1 - dt/tau. The factor of *I* goes into the threshold: a neuron with a tenth of the threshold is one with ten
//! times the weights. snnTorch writes R = tau/dt, from which dt follows; where it does not, it has to be given.
//!
//! Spikes within a loop of neurons take a step, all others none, as frameworks run them.

mod assemble;
mod error;
mod linear;
mod neurons;

pub use error::ImportError;

use super::Circuit;
use nernst_nir::{Graph, Node};
use nernst_spec::tick::Reset;

/// What NIR does not say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Time step in the unit of the file's time constants, where it does not follow from them.
    pub dt: Option<f64>,
    /// What a neuron does after a spike. NIR says to 0; snnTorch's default subtracts, and its export does not tell.
    pub reset: Reset,
}

/// A circuit, and what was assumed to make it.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    pub circuit: Circuit,
    /// Time step in the unit of the file; `None` where nothing depends on it.
    pub dt: Option<f64>,
    /// What a user should know: wrong shapes that were corrected, the step, loops.
    pub remarks: Vec<String>,
}

impl Imported {
    /// The circuit of a graph.
    pub fn new(graph: &Graph, options: &Options) -> Result<Self, ImportError> {
        let graph = graph.flattened()?;
        let shapes = graph.shapes()?;
        let mut remarks: Vec<String> = shapes.corrections.iter().map(ToString::to_string).collect();
        let dt = neurons::step(&graph, options, &mut remarks)?;
        let circuit = assemble::circuit(&graph, &shapes, dt, options, &mut remarks)?;
        if circuit.populations.iter().any(|population| population.neurons.iter().any(|n| n.threshold.is_finite())) {
            remarks.push(match options.reset {
                Reset::Zero => "after a spike a membrane is 0, as NIR says".into(),
                Reset::Subtract => "after a spike the threshold is subtracted, as asked; NIR cannot say so".into(),
            });
        }
        Ok(Self { circuit, dt, remarks })
    }
}

/// Whether a node has neurons.
fn has_neurons(node: &Node) -> bool {
    use Node::*;
    matches!(node, I(_) | If(_) | Li(_) | Lif(_) | CubaLi(_) | CubaLif(_) | Threshold(_))
}

#[cfg(test)]
mod tests;
