//! What a graph can have that no circuit has.

use nernst_nir::GraphError;

/// Why a graph cannot be imported. Each says the node, its type and what to do.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Graph(#[from] GraphError),
    #[error("node `{node}` ({kind}): {reason}")]
    Unsupported { node: String, kind: &'static str, reason: String },
    #[error(
        "node `{node}` ({kind}) has time constants without a step: NIR has none, and R = {r} does not tell it. Give it in the unit of the \
         file's time constants: 1 for Sinabs, 1e-4 for snnTorch, what the model was run with for others"
    )]
    NoStep { node: String, kind: &'static str, r: f64 },
    #[error("the time step given is {dt}, and must be above 0 and finite")]
    GivenStep { dt: f64 },
    /// Two readings of R and tau that both make sense.
    #[error(
        "node `{node}` ({kind}) does not tell its time step for certain: R = tau/dt, as snnTorch writes it, would make it {euler}, and \
         R = tau/dt exp(-dt/tau), as Rockpool does, {rockpool}, which is rounder. Give the one that is meant"
    )]
    Step { node: String, kind: &'static str, euler: String, rockpool: String },
    #[error("neuron {neuron} of node `{node}` ({kind}): {what}")]
    Neuron { node: String, kind: &'static str, neuron: usize, what: String },
    #[error(
        "with {what} node `{node}` takes the network past {limit} {of}, which no array comes near: was the right network exported? Else \
         import a part of it"
    )]
    TooLarge { node: String, what: String, limit: usize, of: &'static str },
    #[error("there are {count} {kind} nodes ({names}), and exactly one can be imported: export one network at a time")]
    Ports { kind: &'static str, count: usize, names: String },
    #[error("nodes {nodes} are a loop without a neuron in it: its values would never settle")]
    Loop { nodes: String },
    #[error("the output is that of node `{node}` ({kind}), which is no neuron: end the network with a LIF, IF or LI")]
    NoNeuron { node: String, kind: &'static str },
    #[error("nothing leads to Output `{node}`: connect the last layer of neurons with it")]
    NoOutput { node: String },
}

impl ImportError {
    pub(super) fn unsupported(node: &str, kind: &'static str, reason: impl Into<String>) -> Self {
        Self::Unsupported { node: node.into(), kind, reason: reason.into() }
    }
}
