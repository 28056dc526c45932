//! Which neuron sits in which lane.

use crate::network::IntegerNetwork;
use nernst_spec::ArrayConfig;
use nernst_spec::geometry::AXONS;

/// A place of a neuron: core and number within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lane {
    pub core: usize,
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

/// What is left of a core.
struct Room {
    used: usize,
    free: usize,
    /// Source groups that the core hears, by number: 0 the input lines, n + 1 layer n.
    heard: Vec<usize>,
}

/// Lanes for every layer, or the limit that stands against it.
pub(super) fn place(network: &IntegerNetwork, config: &ArrayConfig, strategy: Strategy) -> Result<Vec<Lanes>, String> {
    let group_size = |group: usize| match group {
        0 => network.layers[0].rows.len(),
        layer => network.layers[layer - 1].neurons,
    };
    let room = |core: &nernst_spec::CoreConfig| Room { used: 0, free: core.neurons(), heard: vec![] };
    let mut rooms: Vec<Room> = config.cores.iter().map(room).collect();
    let mut order: Vec<usize> = (0..network.layers.len()).collect();
    if strategy.largest_first {
        order.sort_by_key(|&layer| std::cmp::Reverse(network.layers[layer].neurons));
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
                room.heard.iter().chain(added).map(|&group| group_size(group)).sum::<usize>() <= AXONS
            };
            let fits = |core: &usize| {
                rooms[*core].free > 0 && config.cores[*core].weight_bits == layer.weight_bits && hears(&rooms[*core])
            };
            let candidates = || (0..rooms.len()).filter(fits);
            // The lowest number of equals, in all three.
            let whole = candidates().filter(|&core| rooms[core].free >= rest);
            let core = if strategy.pack {
                whole.min_by_key(|&core| rooms[core].free)
            } else {
                whole.max_by_key(|&core| (rooms[core].free, std::cmp::Reverse(core)))
            };
            let core = core.or_else(|| candidates().max_by_key(|&core| (rooms[core].free, std::cmp::Reverse(core))));
            let Some(core) = core else {
                return Err(format!(
                    "no core has room for {rest} of layer {number}'s {} {} neurons beside the other layers ({AXONS} axons a core)",
                    layer.neurons, layer.weight_bits
                ));
            };
            let room = &mut rooms[core];
            let taken = rest.min(room.free);
            placed[number].0.extend((room.used..room.used + taken).map(|neuron| Lane { core, neuron }));
            room.used += taken;
            room.free -= taken;
            room.heard.extend(groups.iter().filter(|group| !room.heard.contains(group)).collect::<Vec<_>>());
            rest -= taken;
        }
    }
    Ok(placed)
}
