//! Why a network has no place on an array.

use crate::network::{IntegerNetwork, QuantiseError};
use nernst_spec::{ArrayConfig, CoreConfig, WeightBits};

#[derive(Debug, thiserror::Error, PartialEq)]
pub enum MapError {
    #[error(transparent)]
    Quantise(#[from] QuantiseError),
    /// A limit of the array, with numbers.
    #[error("network `{network}` does not fit configuration {config}: {limit}; {help}")]
    DoesNotFit { network: String, config: String, limit: String, help: String },
}

/// The limits that no placement can get round.
pub(super) fn check_limits(network: &IntegerNetwork, config: &ArrayConfig) -> Result<(), String> {
    let inputs = network.layers[0].rows.len();
    if inputs > config.inputs {
        return Err(format!("it needs {inputs} input lines, {} has {}", config.name, config.inputs));
    }
    for bits in [WeightBits::Four, WeightBits::Eight] {
        let layers = network.layers.iter().filter(|layer| layer.weight_bits == bits);
        let needed: usize = layers.map(|layer| layer.neurons).sum();
        let cores = config.cores.iter().filter(|core| core.weight_bits == bits);
        let lanes: usize = cores.map(|core| core.all_neurons()).sum();
        if needed > lanes {
            return Err(format!("it needs {needed} neurons of {bits}, {} has {lanes} {bits} lanes", config.name));
        }
    }
    for (number, layer) in network.layers.iter().enumerate() {
        let own = layer.recurrent.as_ref().map_or(0, Vec::len);
        let sources = layer.rows.len() + own;
        let cores = config.cores.iter().filter(|core| core.weight_bits == layer.weight_bits);
        let axons = cores.map(CoreConfig::axons).max().unwrap_or(0);
        if sources > axons {
            return Err(format!("layer {number} hears {sources} sources, a core has {axons} axons"));
        }
    }
    Ok(())
}
