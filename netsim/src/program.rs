//! What an engine runs: operators under nested conditions, then what the clock edge takes over.

use crate::netlist::{Netlist, Word, WordNode, WordWrite};

/// Holds when the word is not 0 (`true`) or is 0 (`false`).
pub type Literal = (Word, bool);

/// Conditions from the outermost to the innermost. Each holds when any of its literals does; all have to hold.
pub type Path = Vec<Vec<Literal>>;

/// Operators that run, in order, when their path holds.
#[derive(Clone, Debug)]
pub struct Segment {
    pub path: Path,
    pub ops: Vec<Word>,
}

/// Registers (value, next) that take over their next value when the path holds.
#[derive(Clone, Debug)]
pub struct Group {
    pub path: Path,
    pub moves: Vec<(Word, Word)>,
}

#[derive(Clone, Copy, Debug)]
pub struct MemoryLayout {
    /// Index of the first word in the state.
    pub base: usize,
    pub stride: usize,
    pub depth: usize,
}

/// The state is one array of 64-bit words: a place for every word of the netlist, then the memories.
pub struct Program {
    pub nodes: Vec<WordNode>,
    pub segments: Vec<Segment>,
    /// Applied in order, before the registers change.
    pub writes: Vec<WordWrite>,
    pub groups: Vec<Group>,
    pub memories: Vec<MemoryLayout>,
    pub initial: Vec<u64>,
}

impl Program {
    pub fn new(netlist: &Netlist, segments: Vec<Segment>, groups: Vec<Group>) -> Program {
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
        Program { nodes: netlist.words.clone(), segments, writes: netlist.writes.clone(), groups, memories, initial }
    }
}
