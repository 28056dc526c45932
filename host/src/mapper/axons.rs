//! Which axon hears which emitter.

use super::netlist::Netlist;
use super::partition::Partition;
use super::rooms::Layout;
use nernst_spec::ArrayConfig;
use nernst_spec::geometry::{AXONS, MAX_AXONS};

/// Axon of each emitter, the same in all cores that hear it, and these cores as a mask; or the emitter that has none, and the cores.
///
/// Each takes the lowest axon that is free in all of its cores, in the bank that has given out fewest there. Emitters that a core of one bank
/// hears come first, and among those and the others the ones that more cores hear, because they have the least choice.
pub(super) fn assign(
    netlist: &Netlist,
    config: &ArrayConfig,
    layout: &Layout,
    partition: &Partition,
) -> Result<Vec<(u16, u16)>, (usize, u16)> {
    let rooms_of = |emitter: usize| -> Vec<usize> {
        (0..layout.rooms.len()).filter(|&room| partition.hears(room, emitter)).collect()
    };
    let hearers: Vec<Vec<usize>> = (0..netlist.emitters.len()).map(rooms_of).collect();
    let banks = |rooms: &[usize]| rooms.iter().map(|&room| layout.rooms[room].banks).min().unwrap_or(1);
    let mut order: Vec<usize> = (0..netlist.emitters.len()).collect();
    order.sort_by_key(|&emitter| (banks(&hearers[emitter]), std::cmp::Reverse(hearers[emitter].len()), emitter));
    let mut taken = vec![[false; MAX_AXONS]; config.cores.len()];
    let mut given = vec![[0usize; MAX_AXONS / AXONS]; config.cores.len()];
    // Below these all axons of a core are taken, in each bank.
    let mut axons = vec![(0, 0); netlist.emitters.len()];
    for emitter in order {
        let rooms = &hearers[emitter];
        if rooms.is_empty() {
            continue;
        }
        let free = |axon: usize| {
            rooms.iter().all(|&room| {
                let room = &layout.rooms[room];
                let (contexts, shape) = (layout.contexts[room.core], &config.cores[room.core]);
                !taken[room.core][axon] && !contexts.is_state(shape, axon) && contexts.of_row(axon) == room.context
            })
        };
        let load = |bank: usize| rooms.iter().map(|&room| given[layout.rooms[room].core][bank]).sum::<usize>();
        let mut choice: Vec<usize> = (0..banks(rooms)).collect();
        choice.sort_by_key(|&bank| load(bank));
        let cores = rooms.iter().fold(0u16, |mask, &room| mask | 1 << layout.rooms[room].core);
        let axon = choice.into_iter().flat_map(|bank| bank * AXONS..(bank + 1) * AXONS).find(|&axon| free(axon));
        let Some(axon) = axon else { return Err((emitter, cores)) };
        for &room in rooms {
            taken[layout.rooms[room].core][axon] = true;
            given[layout.rooms[room].core][axon / AXONS] += 1;
        }
        // Below MAX_AXONS.
        axons[emitter] = (axon as u16, cores);
    }
    Ok(axons)
}
