//! What happens at the clock edge, in an order in which nobody reads what has changed already.
//!
//! Operators that only registers need can wait for the edge: there their registers take over the values at once, and no
//! value needs a place to wait in. Whoever reads a register or a memory comes before whoever changes it:
//!
//! ```text
//! a <= f(a, b)    reads b, so it comes first
//! b <= g(b, c)    changes b
//! ```
//! Where that runs in a ring, as with registers that exchange their values, some registers take over apart from those who
//! compute for them, when all others are done.

use crate::netlist::{Netlist, Word, WordOp};
use crate::program::{Cell, Work};
use crate::schedule::{Takes, take_cells};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What keeps its value until it is changed at the edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kept {
    Register(Word),
    Memory(u32),
}

/// Cells that run before the clock edge and at it, both in order: of all operators, of the registers, of the memories.
pub fn split(netlist: &Netlist, cells: Vec<Cell>, takes: Takes, writes: Vec<Cell>) -> (Vec<Cell>, Vec<Cell>) {
    let late = late(netlist, &cells, &takes, &writes);
    let mut numbers: Vec<usize> = late.values().copied().collect();
    numbers.sort_unstable();
    numbers.dedup();
    let (mut settle, mut edge) = (Vec::new(), Vec::new());
    for (i, cell) in cells.into_iter().enumerate() {
        let side = if numbers.binary_search(&i).is_ok() { &mut edge } else { &mut settle };
        side.push(cell);
    }
    edge.extend(writes);
    let place = |next: &Word| numbers.binary_search(late.get(next)?).ok();

    let reads: Vec<BTreeSet<Kept>> = edge.iter().map(|cell| reads(netlist, cell)).collect();
    let mut changes: Vec<BTreeSet<Kept>> = edge.iter().map(written).collect();
    for (register, next) in takes.values().flatten() {
        if let Some(i) = place(next) {
            changes[i].insert(Kept::Register(*register));
        }
    }
    let (order, apart) = order(&reads, &changes);

    let mut rest = Takes::new();
    for ((unit, path), moves) in takes {
        for (register, next) in moves {
            match place(&next) {
                Some(i) if !apart.contains(&Kept::Register(register)) => edge[i].take(&path, (register, next)),
                _ => rest.entry((unit, path.clone())).or_default().push((register, next)),
            }
        }
    }
    let mut edge: Vec<Option<Cell>> = edge.into_iter().map(Some).collect();
    (settle, order.into_iter().filter_map(|i| edge[i].take()).chain(take_cells(rest)).collect())
}

/// The cell of each next value of a register, where all that the cell computes is for registers alone.
fn late(netlist: &Netlist, cells: &[Cell], takes: &Takes, writes: &[Cell]) -> HashMap<Word, usize> {
    let mut home = HashMap::new();
    for (i, cell) in cells.iter().enumerate() {
        home.extend(cell.segments().iter().flat_map(|s| &s.ops).map(|&w| (w, i)));
    }
    let mut early = vec![false; cells.len()];
    let mut read = |w: Word| {
        if let Some(&i) = home.get(&w) {
            early[i] = true;
        }
    };
    cells.iter().chain(writes).for_each(|c| c.reads(&netlist.words).into_iter().for_each(&mut read));
    netlist.outputs().flat_map(|v| v.pieces()).for_each(|p| read(p.node));
    takes.keys().flat_map(|(_, path)| path).flatten().for_each(|l| read(l.0));
    let moves = takes.values().flatten().filter_map(|m| Some((m.1, *home.get(&m.1)?)));
    moves.filter(|&(_, i)| !early[i]).collect()
}

/// What a cell reads of what changes at the edge.
fn reads(netlist: &Netlist, cell: &Cell) -> BTreeSet<Kept> {
    let memories = cell.segments().iter().flat_map(|s| &s.ops).filter_map(|&w| match netlist.op(w) {
        WordOp::Read { memory, .. } => Some(Kept::Memory(memory)),
        _ => None,
    });
    let registers = cell.reads(&netlist.words).into_iter().filter(|&w| matches!(netlist.op(w), WordOp::Register(_)));
    memories.chain(registers.map(Kept::Register)).collect()
}

fn written(cell: &Cell) -> BTreeSet<Kept> {
    match &cell.work {
        Work::Write(writes) => writes.iter().map(|w| Kept::Memory(w.memory)).collect(),
        Work::Compute { .. } => BTreeSet::new(),
    }
}

/// An order in which each cell comes after all others that read what it changes, but for the registers beside it.
fn order(reads: &[BTreeSet<Kept>], changes: &[BTreeSet<Kept>]) -> (Vec<usize>, BTreeSet<Kept>) {
    let mut readers: HashMap<Kept, Vec<usize>> = HashMap::new();
    for (i, reads) in reads.iter().enumerate() {
        reads.iter().for_each(|&k| readers.entry(k).or_default().push(i));
    }
    // Whom each cell waits for, and why.
    let mut before: Vec<BTreeMap<usize, BTreeSet<Kept>>> = vec![BTreeMap::new(); changes.len()];
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); changes.len()];
    for (i, changes) in changes.iter().enumerate() {
        for &k in changes {
            for &reader in readers.get(&k).into_iter().flatten().filter(|&&reader| reader != i) {
                before[i].entry(reader).or_default().insert(k);
                after[reader].push(i);
            }
        }
    }
    let mut left: BTreeSet<usize> = (0..changes.len()).collect();
    let mut ready: BTreeSet<usize> = left.iter().copied().filter(|&i| before[i].is_empty()).collect();
    let (mut order, mut apart) = (Vec::with_capacity(changes.len()), BTreeSet::new());
    while let Some(&first) = left.first() {
        match ready.pop_first() {
            Some(cell) => {
                left.remove(&cell);
                order.push(cell);
                for &i in &after[cell] {
                    if before[i].remove(&cell).is_some() && before[i].is_empty() {
                        ready.insert(i);
                    }
                }
            }
            None => {
                let (cell, why) = weakest(&before, first);
                before[cell].retain(|_, kept| {
                    kept.retain(|k| !why.contains(k));
                    !kept.is_empty()
                });
                if before[cell].is_empty() {
                    ready.insert(cell);
                }
                apart.extend(why);
            }
        }
    }
    (order, apart)
}

/// The cell in a ring of waiting cells that does so for the fewest registers, and these. All that are left wait for
/// one that is left.
fn weakest(before: &[BTreeMap<usize, BTreeSet<Kept>>], first: usize) -> (usize, BTreeSet<Kept>) {
    let mut way = vec![first];
    let mut seen = vec![false; before.len()];
    let mut last = first;
    while !std::mem::replace(&mut seen[last], true) {
        last = *before[last].keys().next().unwrap_or(&last);
        way.push(last);
    }
    let start = way.iter().position(|&i| i == last).unwrap_or(0);
    let links = way[start..].windows(2).filter_map(|w| Some((w[0], before[w[0]].get(&w[1])?)));
    // Only cells with registers read memories, so there is a link without one in each ring.
    let registers = links.filter(|(_, why)| why.iter().all(|k| matches!(k, Kept::Register(_))));
    let (cell, why) = registers.min_by_key(|(_, why)| why.len()).expect("cells that write memories read none");
    (cell, why.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registers(names: &[Word]) -> BTreeSet<Kept> {
        names.iter().map(|&w| Kept::Register(w)).collect()
    }

    #[test]
    fn who_reads_comes_before_who_changes() {
        let reads = [registers(&[0]), registers(&[0, 1]), registers(&[1, 2])];
        let changes = [registers(&[0]), registers(&[1]), registers(&[2])];
        assert_eq!(order(&reads, &changes), (vec![2, 1, 0], BTreeSet::new()));
    }

    #[test]
    fn of_a_ring_the_fewest_registers_change_apart() {
        let reads = [registers(&[10, 11]), registers(&[20]), registers(&[0, 1])];
        let changes = [registers(&[0, 1]), registers(&[10, 11]), registers(&[20])];
        assert_eq!(order(&reads, &changes), (vec![2, 0, 1], registers(&[20])));
    }

    #[test]
    fn a_memory_is_written_after_it_was_read_whatever_the_writer_reads() {
        let memory: BTreeSet<Kept> = [Kept::Memory(0)].into();
        let reads = [registers(&[5]), memory.clone()];
        let changes = [memory, registers(&[5])];
        assert_eq!(order(&reads, &changes), (vec![1, 0], registers(&[5])));
    }
}
