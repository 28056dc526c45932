//! What an engine runs: cells of logic that sleep until something they read changes, then what the clock edge takes over.
//!
//! A cell has a flag. Whoever changes a word or a memory raises the flags of the cells that read it. Settling runs the
//! cells whose flags are up, in an order in which nobody raises the flag of a cell that was passed; the clock edge does
//! the same with the cells that write memories and registers. A design in which nothing moves costs nothing.

use crate::design::ScopeId;
use crate::netlist::{Netlist, Word, WordNode, WordOp, WordWrite};
use std::collections::BTreeMap;

/// Holds when the word is not 0 (`true`) or is 0 (`false`).
pub type Literal = (Word, bool);

/// Conditions from the outermost to the innermost. Each holds when any of its literals does; all have to hold.
pub type Path = Vec<Vec<Literal>>;

/// Work that is done together when the path holds.
#[derive(Clone, Debug)]
pub struct Cell {
    pub path: Path,
    pub work: Work,
}

/// Operators that run, in order, when a path inside their cell's holds.
#[derive(Clone, Debug)]
pub struct Segment {
    pub path: Path,
    pub ops: Vec<Word>,
}

/// Registers (value, next) that take over their next value when a path inside their cell's holds.
#[derive(Clone, Debug)]
pub struct Taking {
    pub path: Path,
    pub moves: Vec<(Word, Word)>,
}

#[derive(Clone, Debug)]
pub enum Work {
    /// Operators, in order, under conditions of their own.
    Compute(Vec<Segment>),
    /// All writes of some memories, in order.
    Write(Vec<WordWrite>),
    /// Registers that take over their next value.
    Take(Vec<Taking>),
}

/// Cells whose flags share a word, at most [`BLOCK`].
pub type Block = Vec<Cell>;

/// Flags in a word.
pub const BLOCK: usize = 64;

/// Flags to raise: which of the words of flags, and its bits.
pub type Flags = Vec<(u32, u64)>;

#[derive(Clone, Copy, Debug)]
pub struct MemoryLayout {
    /// Index of the first word in the state.
    pub base: usize,
    pub stride: usize,
    pub depth: usize,
}

/// The state is one array of 64-bit words: a place for every word of the netlist, then the memories, then the flags.
pub struct Program {
    pub nodes: Vec<WordNode>,
    /// All words, each after its arguments.
    pub order: Vec<Word>,
    /// Blocks to run before the clock edge, then those of the edge.
    pub blocks: Vec<Block>,
    /// Blocks that run before the clock edge.
    pub settling: usize,
    pub memories: Vec<MemoryLayout>,
    pub initial: Vec<u64>,
    /// Index of the first word of flags in the state.
    pub flags: usize,
    /// Cells that read each word where they have not computed it themselves.
    pub readers: Vec<Flags>,
    /// Cells that read each memory.
    pub memory_readers: Vec<Flags>,
    /// Cells that write each memory.
    pub memory_writers: Vec<Flags>,
}

impl Program {
    /// `settle` in an order in which every cell comes after those whose words it reads.
    pub fn new(netlist: &Netlist, order: Vec<Word>, settle: Vec<Cell>, takes: Vec<Cell>, units: &[ScopeId]) -> Program {
        let mut initial: Vec<u64> = netlist.words.iter().map(|w| w.op.compute(0, 0, 0)).collect();
        for w in initial.iter_mut().zip(&netlist.words).filter(|(_, n)| !n.args().is_empty()) {
            *w.0 = 0;
        }
        for r in &netlist.registers {
            initial[r.value as usize] = r.init;
        }
        let mut memories = Vec::with_capacity(netlist.memories.len());
        for m in &netlist.memories {
            memories.push(MemoryLayout { base: initial.len(), stride: m.stride, depth: m.depth });
            initial.extend(&m.contents);
        }
        let mut blocks = in_blocks(settle);
        let settling = blocks.len();
        // What is written into memories is computed from registers, which change last.
        blocks.extend(in_blocks(writes(netlist, units)));
        blocks.extend(in_blocks(takes));
        let flags = initial.len();
        initial.extend(blocks.iter().map(|b| !0 >> (BLOCK - b.len())));
        let mut program = Program {
            nodes: netlist.words.clone(),
            order,
            blocks,
            settling,
            memories,
            initial,
            flags,
            readers: vec![Flags::new(); netlist.words.len()],
            memory_readers: vec![Flags::new(); netlist.memories.len()],
            memory_writers: vec![Flags::new(); netlist.memories.len()],
        };
        program.find_readers();
        program
    }

    fn find_readers(&mut self) {
        let mut home = vec![usize::MAX; self.nodes.len()];
        for (b, block) in self.blocks.iter().enumerate() {
            for (i, cell) in block.iter().enumerate() {
                let (place, flag) = (b as u32, 1 << i);
                let number = b * BLOCK + i;
                let mut read = |w: Word, home: &[usize]| {
                    if home[w as usize] != number {
                        raise(&mut self.readers[w as usize], place, flag);
                    }
                };
                cell.path.iter().flatten().for_each(|l| read(l.0, &home));
                match &cell.work {
                    Work::Compute(segments) => {
                        for segment in segments {
                            segment.path.iter().flatten().for_each(|l| read(l.0, &home));
                            for &w in &segment.ops {
                                let node = &self.nodes[w as usize];
                                node.args().iter().for_each(|&a| read(a, &home));
                                if let WordOp::Read { memory, .. } = node.op {
                                    raise(&mut self.memory_readers[memory as usize], place, flag);
                                }
                                home[w as usize] = number;
                            }
                        }
                    }
                    Work::Write(writes) => {
                        for w in writes {
                            let words = [Some(w.address), Some(w.data), w.enable, w.mask];
                            words.into_iter().flatten().for_each(|w| read(w, &home));
                            raise(&mut self.memory_writers[w.memory as usize], place, flag);
                        }
                    }
                    Work::Take(takings) => {
                        for taking in takings {
                            taking.path.iter().flatten().for_each(|l| read(l.0, &home));
                            taking.moves.iter().for_each(|m| read(m.1, &home));
                        }
                    }
                }
            }
        }
    }

    /// Wakes the cells that read a word that was changed from outside.
    pub fn wake_readers(&self, word: Word, state: &mut [u64]) {
        self.wake(&self.readers[word as usize], state);
    }

    /// Wakes the cells that read or write a memory that was changed from outside.
    pub fn wake_memory(&self, memory: usize, state: &mut [u64]) {
        self.wake(&self.memory_readers[memory], state);
        self.wake(&self.memory_writers[memory], state);
    }

    pub fn wake(&self, flags: &Flags, state: &mut [u64]) {
        flags.iter().for_each(|&(place, bits)| state[self.flags + place as usize] |= bits);
    }

    /// Whether every cell sleeps, so that another clock changes nothing.
    pub fn sleeps(&self, state: &[u64]) -> bool {
        state[self.flags..].iter().all(|&f| f == 0)
    }
}

fn raise(flags: &mut Flags, place: u32, flag: u64) {
    match flags.last_mut() {
        Some(last) if last.0 == place => last.1 |= flag,
        _ => flags.push((place, flag)),
    }
}

fn in_blocks(cells: Vec<Cell>) -> Vec<Block> {
    cells.chunks(BLOCK).map(<[Cell]>::to_vec).collect()
}

/// One cell for the memories of a unit: the writes of one memory depend on each other's order.
fn writes(netlist: &Netlist, units: &[ScopeId]) -> Vec<Cell> {
    let mut writes: BTreeMap<ScopeId, Vec<WordWrite>> = BTreeMap::new();
    for w in &netlist.writes {
        writes.entry(units[netlist.memories[w.memory as usize].scope]).or_default().push(*w);
    }
    writes.into_values().map(|w| Cell { path: Path::new(), work: Work::Write(w) }).collect()
}
