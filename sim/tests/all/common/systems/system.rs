//! What a random system is.

use nernst_spec::Image;

/// A network on an array, and what it hears.
#[derive(Clone, Debug, PartialEq)]
pub struct System {
    pub image: Image,
    /// Input lines for every tick of each sample. Before a sample the state of the array is reset.
    pub samples: Vec<Vec<Vec<u16>>>,
}
