//! The reference engine: runs a program operator by operator, in safe Rust.

use crate::netlist::{Word, WordNode, WordOp, WordWrite};
use crate::program::{self, Cell, Literal, MemoryLayout, Path, Program, Work};
use std::ops::Range;

/// Computes what has to be computed before the clock edge.
pub fn settle(program: &Program, state: &mut [u64]) {
    run(program, 0..program.settling, state);
}

/// The clock edge: memories are written, registers take over.
pub fn commit(program: &Program, state: &mut [u64]) {
    run(program, program.settling..program.blocks.len(), state);
}

fn run(program: &Program, blocks: Range<usize>, state: &mut [u64]) {
    for block in blocks {
        let mut next = 0;
        while let Some(cell) = program::lower_flag(&mut state[program.flags + block], next) {
            run_cell(program, &program.blocks[block][cell], state);
            next = cell + 1;
        }
    }
}

fn run_cell(program: &Program, cell: &Cell, state: &mut [u64]) {
    if !all_hold(&cell.path, state) {
        return;
    }
    match &cell.work {
        Work::Compute { segments, takings } => {
            for segment in segments {
                if all_hold(&segment.path, state) {
                    for &w in &segment.ops {
                        let value = value(&program.nodes[w as usize], &program.memories, state);
                        change(program, w, value, state);
                    }
                }
            }
            for taking in takings {
                if all_hold(&taking.path, state) {
                    for &(register, next) in &taking.moves {
                        change(program, register, state[next as usize], state);
                    }
                }
            }
        }
        Work::Write(writes) => writes.iter().for_each(|w| write(program, w, state)),
    }
}

fn change(program: &Program, word: Word, value: u64, state: &mut [u64]) {
    if std::mem::replace(&mut state[word as usize], value) != value {
        program.wake_readers(word, state);
    }
}

fn write(program: &Program, w: &WordWrite, state: &mut [u64]) {
    if w.enable.is_some_and(|e| state[e as usize] == 0) {
        return;
    }
    let m = program.memories[w.memory as usize];
    let (address, data) = (state[w.address as usize], state[w.data as usize]);
    if address < m.depth as u64 {
        let mask = w.mask.map_or(!0, |m| state[m as usize]);
        let place = &mut state[m.base + address as usize * m.stride + w.limb as usize];
        let new = *place & !mask | data & mask;
        if std::mem::replace(place, new) != new {
            program.wake(&program.memory_readers[w.memory as usize], state);
        }
    }
}

fn all_hold(path: &Path, state: &[u64]) -> bool {
    path.iter().all(|condition| holds(condition, state))
}

fn holds(literals: &[Literal], state: &[u64]) -> bool {
    literals.iter().any(|&(w, sense)| (state[w as usize] != 0) == sense)
}

fn value(node: &WordNode, memories: &[MemoryLayout], state: &[u64]) -> u64 {
    let [a, b, c] = node.args;
    let a = state[a as usize];
    match node.op {
        WordOp::Read { memory, limb } => {
            let m = memories[memory as usize];
            if a < m.depth as u64 { state[m.base + a as usize * m.stride + limb as usize] } else { 0 }
        }
        op => op.compute(a, state[b as usize], state[c as usize]),
    }
}

/// Computes every operator, conditions or not: all words are then what the design says. Before it the state has to be
/// settled. Returns the words that it changed with what they were: these go back before the state is used again, for at the
/// clock edge whoever waits for such a word is woken by its change.
pub fn settle_all(program: &Program, state: &mut [u64]) -> Vec<(Word, u64)> {
    let mut changed = Vec::new();
    for &w in &program.order {
        let node = &program.nodes[w as usize];
        if !node.args().is_empty() {
            let value = value(node, &program.memories, state);
            let old = std::mem::replace(&mut state[w as usize], value);
            if old != value {
                changed.push((w, old));
            }
        }
    }
    changed
}
