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
    #[error("neuron {neuron} of node `{node}` ({kind}): {what}")]
    Neuron { node: String, kind: &'static str, neuron: usize, what: String },
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
