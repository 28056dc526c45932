//! What an engine runs: cells of logic that sleep until something they read changes, then what the clock edge takes over.
//!
//! A cell has a flag. Whoever changes a word or a memory raises the flags of the cells that read it. Settling runs the
//! cells whose flags are up, in an order in which nobody raises the flag of a cell that was passed; the clock edge does
//! the same with the cells that change memories and registers, where flags of those that were passed are for the next
//! clock. A design in which nothing moves costs nothing.

use crate::netlist::{Netlist, Word, WordNode, WordOp, WordWrite};
use std::collections::BTreeSet;

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
    /// Operators, in order, under conditions of their own; then registers that take over their next value.
    Compute { segments: Vec<Segment>, takings: Vec<Taking> },
    /// All writes of some memories, in order.
    Write(Vec<WordWrite>),
}

impl Cell {
    pub fn segments(&self) -> &[Segment] {
        if let Work::Compute { segments, .. } = &self.work { segments } else { &[] }
    }

    pub fn takings(&self) -> &[Taking] {
        if let Work::Compute { takings, .. } = &self.work { takings } else { &[] }
    }

    /// Has a register (value, next) take over under a path, which is also that of the cell if it has one.
    pub fn take(&mut self, path: &Path, taken: (Word, Word)) {
        let path = path.strip_prefix(&self.path[..]).unwrap_or(path);
        if let Work::Compute { takings, .. } = &mut self.work {
            match takings.last_mut() {
                Some(last) if last.path == path => last.moves.push(taken),
                _ => takings.push(Taking { path: path.to_vec(), moves: vec![taken] }),
            }
        }
    }

    /// Words that the cell reads and has not computed itself.
    pub fn reads(&self, nodes: &[WordNode]) -> BTreeSet<Word> {
        let segments = self.segments();
        let paths = segments.iter().map(|s| &s.path).chain(self.takings().iter().map(|t| &t.path));
        let mut read: BTreeSet<Word> = paths.chain([&self.path]).flatten().flatten().map(|l| l.0).collect();
        let ops = || segments.iter().flat_map(|s| &s.ops);
        read.extend(ops().flat_map(|&w| nodes[w as usize].args()));
        read.extend(self.takings().iter().flat_map(|t| &t.moves).map(|m| m.1));
        if let Work::Write(writes) = &self.work {
            read.extend(writes.iter().flat_map(WordWrite::words));
        }
        ops().for_each(|w| {
            read.remove(w);
        });
        read
    }
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
    /// `settle` in an order in which every cell comes after those whose words it reads, `edge` in one in which every
    /// cell comes before those that change what it reads.
    pub fn new(netlist: &Netlist, order: Vec<Word>, settle: Vec<Cell>, edge: Vec<Cell>) -> Program {
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
        blocks.extend(in_blocks(edge));
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
        for (b, block) in self.blocks.iter().enumerate() {
            for (i, cell) in block.iter().enumerate() {
                let (place, flag) = (b as u32, 1 << i);
                for w in cell.reads(&self.nodes) {
                    raise(&mut self.readers[w as usize], place, flag);
                }
                for &w in cell.segments().iter().flat_map(|s| &s.ops) {
                    if let WordOp::Read { memory, .. } = self.nodes[w as usize].op {
                        raise(&mut self.memory_readers[memory as usize], place, flag);
                    }
                }
                if let Work::Write(writes) = &cell.work {
                    writes.iter().for_each(|w| raise(&mut self.memory_writers[w.memory as usize], place, flag));
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

/// Lowers the first flag from a cell on; flags before it are for the next clock.
#[inline]
pub fn lower_flag(flags: &mut u64, from: usize) -> Option<usize> {
    let up = if from < BLOCK { *flags >> from } else { 0 };
    if up == 0 {
        return None;
    }
    let cell = from + up.trailing_zeros() as usize;
    *flags &= !(1 << cell);
    Some(cell)
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
