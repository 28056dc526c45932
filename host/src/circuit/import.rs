//! From a NIR graph to a circuit: which neurons there are, what they hear from each other, and in which unit.
//!
//! Nodes with neurons (IF, LIF, CubaLIF with one memory only, Threshold, and LI at the end) become populations. What lies between
//! them is linear and becomes synapses: Linear, Affine, Scale, Conv1d, Conv2d, SumPool2d, AvgPool2d, Flatten and Delay, composed into one weight
//! (and delay) for each pair of neurons. Everything else is refused by name.
//!
//! NIR has no time step, and the step decides what a membrane keeps. With Euler's method (which snnTorch, Norse and SpikingJelly mean)
//!
//! ```text
//! tau v' = (v_leak - v) + R I     v <- (1 - dt/tau) v + (R dt/tau) I     from v_leak
//!     v' = R I                    v <- v + R dt I
//! ```
//!
//! so decay = 1 - dt/tau. Sinabs means the [exact solution](Method::Exponential), decay = exp(-dt/tau), and so does Rockpool. The factor
//! of *I* goes into the threshold: a neuron with a tenth of the threshold is one with ten times the weights. snnTorch writes R = tau/dt, from
//! which dt follows; where it does not, it has to be given.
//!
//! Spikes within a loop of neurons take a step, all others none, as frameworks run them.
//!
//! A neuron of the array has one state and two resets, to zero and by subtraction. Four others are the same with a synapse of each neuron
//! to itself that arrives a step later (*d* is the decay, *h* the threshold):
//!
//! | reset | array | synapse to itself |
//! |---|---|---|
//! | to another voltage *v* than the leak's | to zero | *d v* |
//! | [by subtraction, a step late](AfterSpike::SubtractLate) | by subtraction | -(1 - *d*) *h* |
//! | none: CubaLIF with tau_mem = dt, whose only memory is its synapse | by subtraction | *d h* |
//! | of that one, by subtraction, a step late | by subtraction | (*d* - 1) *h*, and *d h* after two steps |
//!
//! What a file claims is held against [limits] before it is computed.

mod assemble;
mod error;
pub mod limits;
mod linear;
mod neurons;

pub use error::ImportError;

use super::Circuit;
use nernst_nir::{Graph, Node};
use std::str::FromStr;

/// What NIR does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Options {
    /// Time step in the unit of the file's time constants, where it does not follow from them.
    pub dt: Option<f64>,
    pub after_spike: AfterSpike,
    pub method: Method,
}

/// What becomes of a membrane after a spike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AfterSpike {
    /// It is `v_reset`, as NIR says.
    #[default]
    Zero,
    /// The threshold is subtracted: Sinabs, Rockpool, and snnTorch with `reset_delay=False`, none of whose files tell.
    Subtract,
    /// The threshold is subtracted a step later, after the leak: snnTorch's default, which its files do not tell.
    SubtractLate,
}

impl FromStr for AfterSpike {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "zero" => Ok(Self::Zero),
            "subtract" => Ok(Self::Subtract),
            "subtract-late" => Ok(Self::SubtractLate),
            _ => Err(format!("unknown reset `{text}`: expected zero, subtract or subtract-late")),
        }
    }
}

/// How a step is made of an equation in continuous time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Keeps 1 - dt/tau: snnTorch, Norse, SpikingJelly.
    #[default]
    Euler,
    /// Keeps exp(-dt/tau), which is exact for an input that is constant during the step: Sinabs.
    Exponential,
}

impl FromStr for Method {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "euler" => Ok(Self::Euler),
            "exponential" => Ok(Self::Exponential),
            _ => Err(format!("unknown method `{text}`: expected euler or exponential")),
        }
    }
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
        if let Some(dt) = options.dt.filter(|dt| !(dt.is_finite() && *dt > 0.0)) {
            return Err(ImportError::GivenStep { dt });
        }
        let graph = graph.flattened()?;
        let shapes = graph.shapes()?;
        limits::check(&shapes)?;
        let mut remarks: Vec<String> = shapes.corrections.iter().map(ToString::to_string).collect();
        let dt = neurons::step(&graph, options, &mut remarks)?;
        let circuit = assemble::circuit(&graph, &shapes, dt, options, &mut remarks)?;
        if circuit.populations.iter().any(|population| population.neurons.iter().any(|n| n.threshold.is_finite())) {
            let after_spike = match options.after_spike {
                AfterSpike::Zero => "after a spike a membrane is v_reset, as NIR says",
                AfterSpike::Subtract => "after a spike the threshold is subtracted, as asked; NIR cannot say so",
                AfterSpike::SubtractLate => {
                    "a step after a spike the threshold is subtracted, as asked; NIR cannot say so"
                }
            };
            remarks.push(after_spike.into());
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
