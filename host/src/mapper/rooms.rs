//! Where cells can be: the lanes of a core in one of its contexts.

use nernst_spec::{ArrayConfig, Contexts, WeightBits};

/// Lanes that hear the same axons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    pub core: usize,
    pub context: usize,
    pub weight_bits: WeightBits,
    pub lanes: usize,
    /// Axons of all banks.
    pub axons: usize,
    pub banks: usize,
}

/// How an array is divided.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    /// For every core.
    pub contexts: Vec<Contexts>,
    pub rooms: Vec<Room>,
}

impl Layout {
    /// Cores of so many contexts. `counting`: the lanes are left out that cores can count weights other than 0 with.
    pub fn new(config: &ArrayConfig, contexts: &[Contexts], counting: bool) -> Self {
        let rooms = config.cores.iter().enumerate().flat_map(|(core, shape)| {
            let lanes = if counting && shape.can_count() { shape.counted_neurons() } else { shape.neurons() };
            (0..contexts[core].count()).map(move |context| Room {
                core,
                context,
                weight_bits: shape.weight_bits,
                lanes,
                axons: contexts[core].axons(shape),
                banks: shape.banks,
            })
        });
        Self { contexts: contexts.to_vec(), rooms: rooms.collect() }
    }

    /// The other rooms of a room's core. A route has one axon, so an emitter reaches at most one of them.
    pub fn beside(&self, room: usize) -> impl Iterator<Item = usize> + '_ {
        let core = self.rooms[room].core;
        (0..self.rooms.len()).filter(move |&other| other != room && self.rooms[other].core == core)
    }
}
