//! Where cells can be: the lanes of a core in one of its contexts, or those of a chain of cores.

use nernst_spec::chain::MAX_CHAIN;
use nernst_spec::{ArrayConfig, Contexts, WeightBits};
use std::ops::Range;

/// Lanes that hear the same axons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Room {
    /// One core, or those of a chain. The neurons are in the last.
    pub cores: Range<usize>,
    pub context: usize,
    pub weight_bits: WeightBits,
    pub lanes: usize,
    /// Axons of all banks and cores.
    pub axons: usize,
    pub banks: usize,
}

impl Room {
    /// The core that has the neurons.
    pub fn core(&self) -> usize {
        self.cores.end - 1
    }
}

/// How an array is divided.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    /// For every core.
    pub contexts: Vec<Contexts>,
    pub rooms: Vec<Room>,
}

impl Layout {
    /// Cores of so many contexts, or of one in these chains. `counting`: the lanes are left out that cores can count weights other than 0 with.
    pub fn new(config: &ArrayConfig, contexts: &[Contexts], chains: &[Range<usize>], counting: bool) -> Self {
        let mut contexts = contexts.to_vec();
        let mut rooms = vec![];
        let mut core = 0;
        while core < config.cores.len() {
            let chain = chains.iter().find(|chain| chain.start == core).cloned().unwrap_or(core..core + 1);
            let shape = &config.cores[core];
            if chain.len() > 1 {
                contexts[chain.clone()].fill(Contexts::ONE);
            }
            let counts = counting && shape.can_count() && shape.can_count_in_chain(chain.len());
            for context in 0..contexts[core].count() {
                rooms.push(Room {
                    cores: chain.clone(),
                    context,
                    weight_bits: shape.weight_bits,
                    lanes: if counts { shape.counted_neurons() } else { shape.neurons() },
                    axons: chain.len() * contexts[core].axons(shape),
                    banks: shape.banks,
                });
            }
            core = chain.end;
        }
        Self { contexts, rooms }
    }

    /// The other rooms of a room's core. A route has one axon, so an emitter reaches at most one of them.
    pub fn beside(&self, room: usize) -> impl Iterator<Item = usize> + '_ {
        let core = self.rooms[room].core();
        (0..self.rooms.len()).filter(move |&other| other != room && self.rooms[other].core() == core)
    }
}

/// The ways to chain cores with weights of these precisions, the one first that gives up fewest cores: no chain; then of each precision so many of
/// so many cores each.
pub(super) fn divisions(config: &ArrayConfig, precisions: &[WeightBits]) -> Vec<Vec<Range<usize>>> {
    let mut all = vec![vec![]];
    for &bits in precisions {
        let of_bits = chains(config, bits);
        let with =
            |chains: &Vec<Range<usize>>| of_bits.iter().map(|more| [&chains[..], more].concat()).collect::<Vec<_>>();
        let more: Vec<_> = all.iter().flat_map(with).collect();
        all.extend(more);
    }
    all.sort_by_key(|chains| chains.iter().map(|chain| chain.len() - 1).sum::<usize>());
    all
}

/// Of every length one chain of cores of a precision, two, and so on.
fn chains(config: &ArrayConfig, bits: WeightBits) -> Vec<Vec<Range<usize>>> {
    let mut all = vec![];
    for length in 2..=MAX_CHAIN {
        let mut chains = vec![];
        let mut core = 0;
        while core + length <= config.cores.len() {
            let chainable = (core..core + length - 1).all(|core| config.can_be_chained(core));
            if chainable && config.cores[core].weight_bits == bits {
                chains.push(core..core + length);
                all.push(chains.clone());
                core += length;
            } else {
                core += 1;
            }
        }
    }
    all
}
