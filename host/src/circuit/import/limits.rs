//! How large a network may be, far above what any array holds: a small file can claim shapes that multiply into billions of synapses.

use super::ImportError;
use nernst_nir::Shapes;
use std::cell::Cell;

/// Places of all nodes together: inputs, neurons, and what lies between. The largest array takes 4,096 inputs and has 1,728 neurons.
pub const PLACES: usize = 1 << 20;

/// Synapses. The weights of the largest array (`85f`) are 884,736.
pub const SYNAPSES: usize = 1 << 22;

/// Products of a value and a weight on the way from neurons to neurons. One for each synapse would do where a single node lies between.
pub const PRODUCTS: usize = 1 << 25;

/// Steps that a spike may be on its way. The array has delays of up to 15.
pub const STEPS: u32 = 1000;

/// Whether all nodes together are small enough.
pub(super) fn check(shapes: &Shapes) -> Result<(), ImportError> {
    let mut places = 0usize;
    for (node, shape) in &shapes.outputs {
        let own = shape.iter().try_fold(1usize, |places, size| places.checked_mul(*size));
        places = own.and_then(|own| places.checked_add(own)).filter(|places| *places <= PLACES).ok_or_else(|| {
            ImportError::TooLarge {
                node: node.clone(),
                what: format!("its output of shape {shape:?}"),
                limit: PLACES,
                of: "places",
            }
        })?;
    }
    Ok(())
}

/// What is left of a limit.
pub(super) struct Budget {
    left: Cell<usize>,
    limit: usize,
    of: &'static str,
}

impl Budget {
    pub fn products() -> Self {
        Self { left: Cell::new(PRODUCTS), limit: PRODUCTS, of: "products of values and weights" }
    }

    pub fn synapses() -> Self {
        Self { left: Cell::new(SYNAPSES), limit: SYNAPSES, of: "synapses" }
    }

    /// Takes so many for this node, if they are left.
    pub fn spend(&self, count: usize, node: &str) -> Result<(), ImportError> {
        let left = self.left.get().checked_sub(count).ok_or_else(|| ImportError::TooLarge {
            node: node.into(),
            what: "what it connects".into(),
            limit: self.limit,
            of: self.of,
        })?;
        self.left.set(left);
        Ok(())
    }
}
