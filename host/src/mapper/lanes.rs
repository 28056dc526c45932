//! Which neuron sits in which lane.

use crate::network::IntegerNetwork;
use nernst_spec::{ArrayConfig, Contexts, CoreConfig};
use std::cmp::Reverse;

/// A place of a neuron: core, context and number within that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lane {
    pub core: usize,
    pub context: usize,
    pub neuron: usize,
}

/// The places of a layer's neurons, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lanes(pub Vec<Lane>);

impl Lanes {
    /// Bit `c` set: some of the layer is in core `c`.
    pub fn cores(&self) -> u16 {
        self.0.iter().fold(0, |mask, lane| mask | 1 << lane.core)
    }
}

/// A way to fill cores.
#[derive(Clone, Copy)]
pub(super) struct Strategy {
    /// Layers with most neurons first, instead of in their order.
    largest_first: bool,
    /// A layer goes to the fullest core that it fits, instead of the emptiest.
    pack: bool,
}

pub(super) const STRATEGIES: [Strategy; 4] = [
    Strategy { largest_first: true, pack: true },
    Strategy { largest_first: false, pack: true },
    Strategy { largest_first: true, pack: false },
    Strategy { largest_first: false, pack: false },
];

/// What is left of a context of a core.
struct Room {
    core: usize,
    context: usize,
    axons: usize,
    banks: usize,
    used: usize,
    free: usize,
    /// Source groups that it hears, by number: 0 the input lines, n + 1 layer n.
    heard: Vec<usize>,
}

/// Lanes for every layer in cores of so many contexts each, those left out that cores may be `counting` with; or the limit that stands against it.
///
/// A route has one axon, so of the contexts of a core only one hears a source.
pub(super) fn place(
    network: &IntegerNetwork,
    config: &ArrayConfig,
    contexts: &[Contexts],
    counting: bool,
    strategy: Strategy,
) -> Result<Vec<Lanes>, String> {
    let group_size = |group: usize| match group {
        0 => network.layers[0].rows.len(),
        layer => network.layers[layer - 1].neurons,
    };
    let rooms_of = |(core, shape): (usize, &CoreConfig)| {
        let (axons, banks) = (contexts[core].axons(shape), shape.banks);
        let free = if counting && shape.can_count() { shape.counted_neurons() } else { shape.neurons() };
        (0..contexts[core].count()).map(move |context| Room {
            core,
            context,
            axons,
            banks,
            used: 0,
            free,
            heard: vec![],
        })
    };
    let mut rooms: Vec<Room> = config.cores.iter().enumerate().flat_map(rooms_of).collect();
    let mut order: Vec<usize> = (0..network.layers.len()).collect();
    if strategy.largest_first {
        order.sort_by_key(|&layer| Reverse(network.layers[layer].neurons));
    }
    let mut placed = vec![Lanes(vec![]); network.layers.len()];
    for number in order {
        let layer = &network.layers[number];
        let mut groups = vec![number];
        groups.extend(layer.recurrent.is_some().then_some(number + 1));
        let mut rest = layer.neurons;
        while rest > 0 {
            let hears = |room: &Room| {
                let added = groups.iter().filter(|group| !room.heard.contains(group));
                room.heard.iter().chain(added).map(|&group| group_size(group)).sum::<usize>() <= room.axons
            };
            let alone = |room: &Room| {
                let beside = |other: &&Room| other.core == room.core && other.context != room.context;
                rooms.iter().filter(beside).all(|other| groups.iter().all(|group| !other.heard.contains(group)))
            };
            let fits = |&number: &usize| {
                let room = &rooms[number];
                room.free > 0 && config.cores[room.core].weight_bits == layer.weight_bits && hears(room) && alone(room)
            };
            let candidates = || (0..rooms.len()).filter(fits);
            // A core of one bank where there is one; the lowest number of equals, in all three.
            let whole = candidates().filter(|&room| rooms[room].free >= rest);
            let most_free = |room: &usize| (rooms[*room].banks, Reverse(rooms[*room].free), *room);
            let room = if strategy.pack {
                whole.min_by_key(|&room| (rooms[room].banks, rooms[room].free))
            } else {
                whole.min_by_key(most_free)
            };
            let room = room.or_else(|| candidates().min_by_key(most_free));
            let Some(room) = room else {
                let axons =
                    config.cores.iter().filter(|core| core.weight_bits == layer.weight_bits).map(CoreConfig::axons);
                return Err(format!(
                    "no core has room for {rest} of layer {number}'s {} {} neurons beside the other layers ({} axons a core)",
                    layer.neurons,
                    layer.weight_bits,
                    axons.max().unwrap_or(0)
                ));
            };
            let room = &mut rooms[room];
            let (core, context, taken) = (room.core, room.context, rest.min(room.free));
            placed[number].0.extend((room.used..room.used + taken).map(|neuron| Lane { core, context, neuron }));
            room.used += taken;
            room.free -= taken;
            room.heard.extend(groups.iter().filter(|group| !room.heard.contains(group)).collect::<Vec<_>>());
            rest -= taken;
        }
    }
    Ok(placed)
}
