//! What can be wrong, where, and what to do about it.

use std::fmt;

/// An error of a file. Each begins with its name.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused.
    #[error("{file}: cannot {action}: {source}")]
    Io { file: String, action: &'static str, source: std::io::Error },
    /// The bytes are not HDF5, or damaged.
    #[error("{file} cannot be read as HDF5: {reason}. Was it copied whole? `h5dump` tells more; else export it again")]
    Damaged { file: String, reason: String },
    /// The content cannot be stored as HDF5.
    #[error("{file} cannot be written as HDF5: {reason}")]
    Unwritable { file: String, reason: String },
    /// The content is no NIR graph.
    #[error("{file}: {problem}")]
    Graph { file: String, problem: Box<GraphError> },
    /// The content is no NIR data.
    #[error("{file}: {problem}")]
    Data { file: String, problem: DataError },
}

/// The place of a node: its name behind those of the graphs that it lies in, as in `encoder/lif1`. Empty for the
/// outermost graph.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodePath(pub(crate) String);

impl NodePath {
    pub fn as_str(&self) -> &str {
        &self.0
    }
    pub(crate) fn join(&self, name: &str) -> Self {
        if self.0.is_empty() { Self(name.into()) } else { Self(format!("{}/{name}", self.0)) }
    }
}

impl fmt::Display for NodePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("the outermost graph") } else { write!(f, "node `{}`", self.0) }
    }
}

/// An error of a graph, wherever it came from.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GraphError {
    /// HDF5, but not NIR.
    #[error(
        "it is HDF5, but no NIR graph: {found}. A NIR graph is what `nir.write` makes; spikes (`nir.write_data`) are \
         read as `Recording`"
    )]
    NotNir { found: String },
    #[error(
        "{node} has the type `{found}`. NIR 1.0.8 knows {known}; export the model with these",
        known = crate::node::TYPES.join(", ")
    )]
    UnknownType { node: NodePath, found: String },
    #[error("{node} has no `{field}`, and {kind} needs one; export it again with nir 1.0 or later")]
    MissingField { node: NodePath, kind: &'static str, field: String },
    #[error(
        "{node} has `{field}`, which {kind} does not have in NIR 1.0.8; it may mean something that would be ignored: \
         remove it, or export it again"
    )]
    UnknownField { node: NodePath, kind: &'static str, field: String },
    #[error("`{field}` of {node} ({kind}) is {found}, and must be {expected}; correct it where the graph is exported")]
    Field { node: NodePath, kind: &'static str, field: String, found: String, expected: String },
    #[error(
        "the edge `{from}` -> `{to}` in {graph} names `{missing}`, but there is no such node, only {nodes}; rename it or \
         the node and export again",
        nodes = list(nodes)
    )]
    DanglingEdge { graph: NodePath, from: String, to: String, missing: String, nodes: Vec<String> },
    #[error("{graph} has a node with the name {name:?}; a name is not empty, not `.` and has no `/`: rename it")]
    Name { graph: NodePath, name: String },
    /// An edge of a nested graph does not say to which of its inputs or from which of its outputs it goes.
    #[error(
        "{graph} has {count} {port} nodes, and an edge {direction} it needs exactly one: make a graph of each, or \
         replace it by its nodes",
        direction = if *port == "Input" { "to" } else { "from" }
    )]
    Ports { graph: NodePath, port: &'static str, count: usize },
    /// Two ways between the same nodes, with nothing between: the sum would count the same spikes twice.
    #[error(
        "`{from}` reaches `{to}` twice once nested graphs are inlined, which an edge cannot say: remove one way, or \
         scale the weights"
    )]
    ParallelEdges { from: String, to: String },
    #[error(
        "more than {limit} edges once nested graphs are inlined: all that arrives at `{junction}` goes on to all that \
         follows it; put a node between"
    )]
    TooManyEdges { junction: String, limit: usize },
    #[error(
        "`{from}` gives the shape {from_shape:?}, and `{to}` takes {to_shape:?}: one of them has the wrong weights, or \
         the edge is wrong"
    )]
    ShapeConflict { from: String, from_shape: Vec<usize>, to: String, to_shape: Vec<usize> },
    #[error("node `{node}` ({kind}) cannot take the shape {shape:?}: {reason}")]
    Incompatible { node: String, kind: &'static str, shape: Vec<usize>, reason: String },
    #[error(
        "nothing says what shape {nodes} have: give one of them parameters of each neuron, a convolution its \
         `input_shape`, or add an Input before them",
        nodes = list(nodes)
    )]
    Unresolved { nodes: Vec<String> },
}

/// An error of NIR data.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DataError {
    /// HDF5, but not NIR data.
    #[error(
        "it is HDF5, but no NIR data: {found}. NIR data is what `nir.write_data` makes; a graph (`nir.write`) is read \
         as `Graph`"
    )]
    NotData { found: String },
    #[error("`{at}` has no `{field}`; write it again with nir 1.0.8 or later")]
    Missing { at: String, field: String },
    #[error("`{field}` of `{at}` is {found}, and must be {expected}")]
    Field { at: String, field: String, found: String, expected: String },
    #[error(
        "`{at}` has the type `{found}`; this version reads EventData and TimeGriddedData: convert it with \
         `to_time_gridded`"
    )]
    UnknownType { at: String, found: String },
    #[error("a name is not empty, not `.` and has no `/`, but one is {name:?}")]
    Name { name: String },
    #[error("event {event} of sample {sample} {reason}")]
    Event { sample: usize, event: usize, reason: String },
    #[error(
        "sample {sample} has the value {value} in step {step} for neuron {neuron}; only 0 and 1 are spikes: threshold \
         it first"
    )]
    NotBinary { sample: usize, step: usize, neuron: usize, value: f64 },
    #[error(
        "a time step of {dt} does not divide a recording of {t_max} into steps: it must be positive, finite and leave \
         fewer than 2^32 of them"
    )]
    TimeStep { dt: f64, t_max: f64 },
    #[error("{samples} samples of {steps} steps and {neurons} neurons do not fit in memory: use a longer time step")]
    TooLarge { samples: usize, steps: usize, neurons: usize },
}

fn list(names: &[String]) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match names.len() {
        0 => "none".into(),
        more if more > SHOWN => format!("{} and {} more", shown.join(", "), more - SHOWN),
        _ => shown.join(", "),
    }
}
