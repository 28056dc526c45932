//! Which axon hears which emitter.

use super::netlist::Netlist;
use super::partition::Partition;
use super::rooms::Layout;
use nernst_spec::ArrayConfig;
use nernst_spec::geometry::{AXONS, MAX_AXONS};

/// An emitter for which no axon is free in all of the rooms that hear it.
pub(super) struct NoAxon {
    pub emitter: usize,
    pub rooms: Vec<usize>,
}

/// Axon of each emitter, the same in all cores that hear it, and these cores as a mask.
///
/// Each takes the lowest axon that is free in all of its rooms: in a chain in one of its cores, that which has given out fewest; of two banks in
/// that which has given out fewest. Emitters that a core of one bank hears come first, and among those and the others the ones that more rooms hear,
/// because they have the least choice.
pub(super) fn assign(
    netlist: &Netlist,
    config: &ArrayConfig,
    layout: &Layout,
    partition: &Partition,
) -> Result<Vec<(u16, u16)>, NoAxon> {
    let rooms_of = |emitter: usize| -> Vec<usize> {
        (0..layout.rooms.len()).filter(|&room| partition.hears(room, emitter)).collect()
    };
    let hearers: Vec<Vec<usize>> = (0..netlist.emitters.len()).map(rooms_of).collect();
    let banks = |rooms: &[usize]| rooms.iter().map(|&room| layout.rooms[room].banks).min().unwrap_or(1);
    let mut order: Vec<usize> = (0..netlist.emitters.len()).collect();
    order.sort_by_key(|&emitter| (banks(&hearers[emitter]), std::cmp::Reverse(hearers[emitter].len()), emitter));
    let mut taken = vec![[false; MAX_AXONS]; config.cores.len()];
    let mut given = vec![[0usize; MAX_AXONS / AXONS]; config.cores.len()];
    let mut axons = vec![(0, 0); netlist.emitters.len()];
    for emitter in order {
        let rooms = &hearers[emitter];
        if rooms.is_empty() {
            continue;
        }
        // The core of a room where this axon is free.
        let free = |axon: usize, room: usize| -> Option<usize> {
            let room = &layout.rooms[room];
            let is_free = |core: &usize| {
                let (contexts, shape) = (layout.contexts[*core], &config.cores[*core]);
                !taken[*core][axon] && !contexts.is_state(shape, axon) && contexts.of_row(axon) == room.context
            };
            room.cores.clone().filter(is_free).min_by_key(|&core| given[core][axon / AXONS])
        };
        let in_all = |axon: usize| rooms.iter().map(|&room| free(axon, room)).collect::<Option<Vec<usize>>>();
        let load = |bank: usize| rooms.iter().map(|&room| given[layout.rooms[room].core()][bank]).sum::<usize>();
        let mut choice: Vec<usize> = (0..banks(rooms)).collect();
        choice.sort_by_key(|&bank| load(bank));
        let mut candidates = choice.into_iter().flat_map(|bank| bank * AXONS..(bank + 1) * AXONS);
        let Some((axon, cores)) = candidates.find_map(|axon| Some((axon, in_all(axon)?))) else {
            return Err(NoAxon { emitter, rooms: rooms.clone() });
        };
        let mut mask = 0;
        for core in cores {
            taken[core][axon] = true;
            given[core][axon / AXONS] += 1;
            mask |= 1 << core;
        }
        // Below MAX_AXONS.
        axons[emitter] = (axon as u16, mask);
    }
    Ok(axons)
}
