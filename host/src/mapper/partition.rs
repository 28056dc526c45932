//! Which cell is in which room: first grown room by room, then mended cell by cell.
//!
//! What counts is communication: to how many rooms spikes go, summed over all emitters. Each emitter is a net that connects the rooms of those
//! who hear it (its *connectivity*, as hypergraph partitioning has it); a room has lanes for so many cells and axons for so many emitters.

use super::netlist::Netlist;
use super::rooms::Layout;
use std::cmp::Reverse;

/// How a partition is begun.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strategy {
    /// The first cell of a room is the one that hears most, instead of the first.
    pub widest_first: bool,
    /// Rooms are filled to the last lane, instead of evenly.
    pub pack: bool,
    /// Rooms with more axons are filled first, instead of last.
    pub roomy_first: bool,
}

const fn strategy(widest_first: bool, pack: bool, roomy_first: bool) -> Strategy {
    Strategy { widest_first, pack, roomy_first }
}

/// Those that spread are of use where packing meets a limit of axons. Where all rooms are alike the last four are the first four again.
pub(super) const STRATEGIES: [Strategy; 8] = [
    strategy(true, true, false),
    strategy(false, true, false),
    strategy(true, false, false),
    strategy(false, false, false),
    strategy(true, true, true),
    strategy(false, true, true),
    strategy(true, false, true),
    strategy(false, false, true),
];

/// Most rounds of mending.
const ROUNDS: usize = 12;
/// Cells of each of two rooms that are tried as a pair to be swapped.
const SWAP_CANDIDATES: usize = 6;

/// Cells in rooms.
#[derive(Clone, Debug)]
pub(super) struct Partition<'a> {
    netlist: &'a Netlist,
    layout: &'a Layout,
    /// Room of each cell.
    pub room_of: Vec<usize>,
    /// Cells of each room that hear an emitter: `emitter * rooms + room`.
    hearers: Vec<u16>,
    /// Cells, and emitters that are heard, in each room.
    pub used: Vec<usize>,
    pub heard: Vec<usize>,
}

/// A room that a cell has not.
const NOWHERE: usize = usize::MAX;

impl<'a> Partition<'a> {
    fn empty(netlist: &'a Netlist, layout: &'a Layout) -> Self {
        let rooms = layout.rooms.len();
        Self {
            netlist,
            layout,
            room_of: vec![NOWHERE; netlist.cells.len()],
            hearers: vec![0; netlist.emitters.len() * rooms],
            used: vec![0; rooms],
            heard: vec![0; rooms],
        }
    }

    /// Grown by a strategy and mended; or the cell that found no room.
    pub fn new(netlist: &'a Netlist, layout: &'a Layout, strategy: Strategy) -> Result<Self, usize> {
        let mut partition = Self::empty(netlist, layout);
        partition.grow(strategy);
        partition.place_rest()?;
        partition.mend();
        Ok(partition)
    }

    /// Rooms that spikes go to, over all emitters.
    pub fn destinations(&self) -> usize {
        self.heard.iter().sum()
    }

    /// Whether some cell of a room hears an emitter.
    pub fn hears(&self, room: usize, emitter: usize) -> bool {
        self.hearers(emitter, room) > 0
    }

    fn hearers(&self, emitter: usize, room: usize) -> u16 {
        self.hearers[emitter * self.layout.rooms.len() + room]
    }

    fn enter(&mut self, cell: usize, room: usize) {
        let rooms = self.layout.rooms.len();
        self.room_of[cell] = room;
        self.used[room] += 1;
        for &(emitter, _) in &self.netlist.cells[cell].heard {
            let hearers = &mut self.hearers[emitter as usize * rooms + room];
            self.heard[room] += usize::from(*hearers == 0);
            *hearers += 1;
        }
    }

    fn leave(&mut self, cell: usize) {
        let rooms = self.layout.rooms.len();
        let room = std::mem::replace(&mut self.room_of[cell], NOWHERE);
        self.used[room] -= 1;
        for &(emitter, _) in &self.netlist.cells[cell].heard {
            let hearers = &mut self.hearers[emitter as usize * rooms + room];
            *hearers -= 1;
            self.heard[room] -= usize::from(*hearers == 0);
        }
    }

    /// Emitters that a room would hear for this cell and does not yet.
    fn added(&self, cell: usize, room: usize) -> usize {
        let heard = &self.netlist.cells[cell].heard;
        heard.iter().filter(|(emitter, _)| self.hearers(*emitter as usize, room) == 0).count()
    }

    /// Emitters that a room would not hear any more without this cell of it.
    fn freed(&self, cell: usize, room: usize) -> usize {
        let heard = &self.netlist.cells[cell].heard;
        heard.iter().filter(|(emitter, _)| self.hearers(*emitter as usize, room) == 1).count()
    }

    /// Whether a cell that is in no room can enter this one, lanes aside.
    fn fits(&self, cell: usize, room: usize) -> bool {
        let of = &self.layout.rooms[room];
        of.weight_bits == self.netlist.cells[cell].weight_bits
            && self.heard[room] + self.added(cell, room) <= of.axons
            && self.alone(cell, room)
    }

    /// Whether no other room of the room's core hears what the cell hears.
    fn alone(&self, cell: usize, room: usize) -> bool {
        let heard = &self.netlist.cells[cell].heard;
        self.layout
            .beside(room)
            .all(|other| heard.iter().all(|(emitter, _)| self.hearers(*emitter as usize, other) == 0))
    }

    /// Fills one room after the other with the cells that hear most of what it hears already.
    fn grow(&mut self, strategy: Strategy) {
        let cells = &self.netlist.cells;
        // Those with more axons are for cells that need them.
        let mut order: Vec<usize> = (0..self.layout.rooms.len()).collect();
        let axons = |room: usize| self.layout.rooms[room].axons as isize;
        order.sort_by_key(|&room| if strategy.roomy_first { -axons(room) } else { axons(room) });
        let mut open: Vec<bool> = vec![true; cells.len()];
        for (position, &room) in order.iter().enumerate() {
            let of = &self.layout.rooms[room];
            let is_candidate = |cell: usize| cells[cell].weight_bits == of.weight_bits;
            let left = (0..cells.len()).filter(|&cell| open[cell] && is_candidate(cell)).count();
            if left == 0 {
                continue;
            }
            let later = order[position..].iter().map(|&room| &self.layout.rooms[room]);
            let rooms_left = later.filter(|later| later.weight_bits == of.weight_bits && later.axons == of.axons);
            let lanes = if strategy.pack { of.lanes } else { of.lanes.min(left.div_ceil(rooms_left.count().max(1))) };
            let mut overlap = vec![0usize; cells.len()];
            // What the rooms beside it hear does not change meanwhile.
            let alone: Vec<bool> = (0..cells.len()).map(|cell| self.alone(cell, room)).collect();
            while self.used[room] < lanes {
                let empty = self.used[room] == 0;
                let score = |&cell: &usize| {
                    let (heard, shared) = (cells[cell].heard.len(), overlap[cell]);
                    // A room that is empty is begun with a cell that is hard to place.
                    let first = if empty && strategy.widest_first { heard } else { 0 };
                    let gain = if empty { 0 } else { 2 * shared as isize - heard as isize };
                    (first, gain, shared, Reverse(cell))
                };
                let candidates = (0..cells.len()).filter(|&cell| {
                    let cell_heard = cells[cell].heard.len();
                    open[cell]
                        && is_candidate(cell)
                        && self.heard[room] + cell_heard - overlap[cell] <= of.axons
                        && alone[cell]
                });
                let Some(cell) = candidates.max_by_key(score) else { break };
                open[cell] = false;
                let fresh: Vec<u32> =
                    cells[cell].heard.iter().map(|(e, _)| *e).filter(|e| !self.hears(room, *e as usize)).collect();
                self.enter(cell, room);
                for emitter in fresh {
                    self.netlist.emitters[emitter as usize].targets.iter().for_each(|&c| overlap[c as usize] += 1);
                }
            }
        }
    }

    /// Cells that growing left over go where they add least.
    fn place_rest(&mut self) -> Result<(), usize> {
        let mut rest: Vec<usize> = (0..self.room_of.len()).filter(|&cell| self.room_of[cell] == NOWHERE).collect();
        rest.sort_by_key(|&cell| (Reverse(self.netlist.cells[cell].heard.len()), cell));
        for cell in rest {
            let free = |room: &usize| self.used[*room] < self.layout.rooms[*room].lanes && self.fits(cell, *room);
            let room = (0..self.used.len()).filter(free).min_by_key(|&room| (self.added(cell, room), room));
            self.enter(cell, room.ok_or(cell)?);
        }
        Ok(())
    }

    /// Moves cells, and swaps pairs of them, as long as that saves destinations.
    fn mend(&mut self) {
        for _ in 0..ROUNDS {
            if !self.move_cells() && !self.swap_cells() {
                break;
            }
        }
    }

    fn move_cells(&mut self) -> bool {
        let mut moved = false;
        for cell in 0..self.room_of.len() {
            let from = self.room_of[cell];
            let freed = self.freed(cell, from);
            let candidates: Vec<usize> = (0..self.used.len())
                .filter(|&room| room != from && self.used[room] < self.layout.rooms[room].lanes)
                .filter(|&room| self.layout.rooms[room].weight_bits == self.netlist.cells[cell].weight_bits)
                .filter(|&room| self.added(cell, room) < freed)
                .collect();
            if candidates.is_empty() {
                continue;
            }
            self.leave(cell);
            let fitting = candidates.into_iter().filter(|&room| self.fits(cell, room));
            match fitting.min_by_key(|&room| (self.added(cell, room), room)) {
                Some(room) => {
                    self.enter(cell, room);
                    moved = true;
                }
                None => self.enter(cell, from),
            }
        }
        moved
    }

    fn swap_cells(&mut self) -> bool {
        let rooms = self.used.len();
        let mut swapped = false;
        for a in 0..rooms {
            for b in a + 1..rooms {
                let (one, other) = (&self.layout.rooms[a], &self.layout.rooms[b]);
                if one.weight_bits != other.weight_bits || self.used[a] == 0 || self.used[b] == 0 {
                    continue;
                }
                swapped |= self.swap_between(a, b);
            }
        }
        swapped
    }

    /// Swaps the best of a few pairs of cells of two rooms, if that saves anything.
    fn swap_between(&mut self, a: usize, b: usize) -> bool {
        let best = |from: usize, to: usize| -> Vec<usize> {
            let of = (0..self.room_of.len()).filter(|&cell| self.room_of[cell] == from);
            let cost = |cell: usize| self.added(cell, to) as isize - self.freed(cell, from) as isize;
            let mut costs: Vec<(isize, usize)> = of.map(|cell| (cost(cell), cell)).collect();
            costs.sort_unstable();
            costs.into_iter().take(SWAP_CANDIDATES).map(|(_, cell)| cell).collect()
        };
        let (of_a, of_b) = (best(a, b), best(b, a));
        let before = self.heard[a] + self.heard[b];
        for &one in &of_a {
            for &other in &of_b {
                self.leave(one);
                self.leave(other);
                if self.fits(one, b) {
                    self.enter(one, b);
                    if self.fits(other, a) {
                        self.enter(other, a);
                        if self.heard[a] + self.heard[b] < before {
                            return true;
                        }
                        self.leave(other);
                    }
                    self.leave(one);
                }
                self.enter(one, a);
                self.enter(other, b);
            }
        }
        false
    }
}
