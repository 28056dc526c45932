//! What happened in one sample, tick by tick: written by `nernst run --trace`, read by `nernst plot`.

use nernst_spec::Ledger;
use serde::{Deserialize, Serialize};

/// Version of the trace file.
pub const VERSION: u32 = 1;

/// One sample of a run, as a JSON file.
///
/// Spikes and membranes come from the reference model; `output_spikes` and `ledger` come from the board. A run that ends without a
/// mismatch has shown that both agree wherever both are known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// [`VERSION`]
    pub version: u32,
    /// Name of the network.
    pub network: String,
    /// Name of the array configuration.
    pub config: String,
    /// Number of the sample in the test part of its data set.
    pub sample: usize,
    /// Its class.
    pub label: usize,
    /// The class that the network chose.
    pub decision: usize,
    /// Clock of the array in Hz: turns clocks into seconds.
    pub clock_hz: u32,
    /// Neurons of each core: array numbers count core after core.
    pub core_neurons: Vec<usize>,
    /// Input lines of the network: input spikes lie in `0..inputs`.
    pub inputs: usize,
    /// Array numbers of the output neurons, one for each class.
    pub outputs: Vec<u16>,
    /// Array numbers of the neurons whose membranes were recorded.
    pub recorded: Vec<u16>,
    /// Threshold of each recorded neuron.
    pub thresholds: Vec<u32>,
    /// One entry for each tick.
    pub ticks: Vec<TraceTick>,
}

/// One tick.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TraceTick {
    /// Input lines that the host put a spike on, ascending.
    pub input_spikes: Vec<u16>,
    /// Array numbers of all neurons that fired, ascending.
    pub spikes: Vec<u16>,
    /// Array numbers of the neurons that fired and whose spikes were sent to the host, ascending.
    pub output_spikes: Vec<u16>,
    /// Membrane of each of [`Trace::recorded`] at the end of the tick.
    pub membranes: Vec<i32>,
    /// By how much each counter rose in this tick.
    pub ledger: Ledger,
}
