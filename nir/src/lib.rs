//! NIR
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
pub use node::*;
pub use recording::Recording;
pub use shapes::{Correction, Shapes};
pub use tensor::Tensor;
pub use write::FORMAT;
