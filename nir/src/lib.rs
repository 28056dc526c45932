//! Networks of spiking neurons in NIR, the [Neuromorphic Intermediate Representation](https://neuroir.org), and their
//! spikes: read, checked, flattened, and written. Pure Rust: no C library of HDF5, nothing to install.
//!
//! A NIR file is what `nir.write` of the Python package makes, or an exporter of snnTorch, Norse, Sinabs, Rockpool,
//! Nengo and others.
//!
//! ```
//! use nernst_nir::{Graph, Node};
//!
//! let graph = Graph::read("tests/data/snntorch_rec.nir")?.flattened().expect("every edge has its nodes");
//! let shapes = graph.shapes().expect("weights fit each other");
//! for correction in &shapes.corrections {
//!     println!("{correction}");
//! }
//! for (name, node) in &graph.nodes {
//!     match node {
//!         Node::Lif(lif) => println!("{name}: LIF {:?}, R = {:?} ..", shapes.outputs[name], lif.r.of_neuron(0)),
//!         Node::Linear(linear) => println!("{name}: {:?} weights", linear.weight.shape()),
//!         other => println!("{name}: {}", other.kind()),
//!     }
//! }
//! # Ok::<(), nernst_nir::Error>(())
//! ```
//!
//! A network made here:
//!
//! ```
//! use nernst_nir::{Graph, Input, Lif, Linear, Output, Tensor};
//!
//! let (all, each) = (Tensor::scalar, Tensor::vector([1.0, 2.0]));
//! let mut graph = Graph::default();
//! graph.add("input", Input { shape: vec![3] });
//! graph.add("fc", Linear { weight: Tensor::new([2, 3], [0.5, 0.0, 1.0, 1.0, 0.25, 0.0]).expect("2 x 3 values") });
//! graph.add("lif", Lif { tau: all(0.01), r: all(1.0), v_leak: all(0.0), v_threshold: each, v_reset: all(0.0) });
//! graph.add("output", Output { shape: vec![2] });
//! graph.connect("input", "fc").connect("fc", "lif").connect("lif", "output");
//!
//! let bytes = graph.to_bytes()?; // or graph.write("network.nir")?
//! assert_eq!(Graph::from_bytes(&bytes)?.edges, graph.edges);
//! # Ok::<(), nernst_nir::Error>(())
//! ```
//!
//! # What there is
//!
//! | | |
//! |---|---|
//! | [`Graph::read`], [`Graph::from_bytes`] | all 19 types of NIR 1.0.8, as [`Node`]; tolerant of exporters |
//! | [`Graph::write`], [`Graph::to_bytes`] | a file that `nir.read` 1.0.8 accepts, whole or not at all |
//! | [`Graph::check`] | edges have their nodes, parameters fit their node |
//! | [`Graph::flattened`] | nested graphs inlined |
//! | [`Graph::shapes`] | the output shape of every node, from the weights; what was declared wrong |
//! | [`Recording`] | NIR data: [`Events`] and [`Gridded`] signals of nodes, and one from the other |
//!
//! # What there is not
//!
//! * No time step: NIR has none. What a simulator needs besides is its own affair; so is what it does with a neuron.
//! * `ValuedEventData`, and files of a single node that is no graph, are refused by name.
//! * The type of numbers is not kept: all are `f64` here, and are written as `f32` where that is exact.
//! * Metadata keeps text and numbers, and means nothing.
//!
//! # Errors
//!
//! Every [`Error`] says the file; of a graph ([`GraphError`]) also the node by its path (`encoder/lif1`), the field,
//! what it is and what it must be. Whatever the bytes are, reading them ends in a graph or in an error, with memory in
//! proportion to the file: numbers of at most 1,032 times its size (what deflate can make), groups at most 32 deep, a
//! million groups and datasets, shapes of at most 32 dimensions, 65,536 edges where nested graphs multiply them.

mod data;
mod error;
mod file;
mod flatten;
mod graph;
mod node;
mod read;
mod recording;
mod shapes;
mod store;
mod tensor;
mod tree;
mod write;

pub use data::{Event, Events, Gridded, Observable};
pub use error::{DataError, Error, GraphError, NodePath};
pub use graph::{Graph, Metadata, Note};
pub use node::{
    Affine, Conv, CubaLi, CubaLif, Delay, Flatten, I, If, Input, Li, Lif, Linear, Node, Output, Padding, Pool, Scale,
    Threshold,
};
pub use recording::Recording;
pub use shapes::{Correction, Shapes};
pub use tensor::Tensor;
pub use write::FORMAT;
