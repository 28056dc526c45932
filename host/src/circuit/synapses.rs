//! Synapses, and finding those of a source.

/// Where spikes come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    Inputs,
    /// Number of the population.
    Population(usize),
}

/// Synapses from one place to one population, with weights of type `W`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projection<W = f64> {
    pub from: Source,
    /// Number of the population.
    pub to: usize,
    /// Synapses with equal weights are one weight, as in a convolution: training keeps them equal.
    pub tied: bool,
    /// In the order of sources and targets; no two have the same source, target and delay.
    pub synapses: Vec<Synapse<W>>,
}

/// One synapse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synapse<W = f64> {
    /// Line, or neuron of the population.
    pub source: u32,
    /// Neuron of the target population.
    pub target: u32,
    pub weight: W,
    /// In steps.
    pub delay: u32,
}

/// The synapses of a projection by their source.
pub struct Outgoing<'a, W> {
    /// Number of the target population.
    pub to: usize,
    of_source: Vec<&'a [Synapse<W>]>,
}

impl<'a, W> Outgoing<'a, W> {
    /// `sources`: lines, or neurons of the population where the projection begins.
    pub fn new(projection: &'a Projection<W>, sources: usize) -> Self {
        let mut of_source = vec![&[][..]; sources];
        for synapses in projection.synapses.chunk_by(|a, b| a.source == b.source) {
            of_source[synapses[0].source as usize] = synapses;
        }
        Self { to: projection.to, of_source }
    }

    pub fn of(&self, source: usize) -> &'a [Synapse<W>] {
        self.of_source[source]
    }
}
