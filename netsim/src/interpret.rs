//! The reference engine: runs a program operator by operator, in safe Rust.

use crate::netlist::{Word, WordNode, WordOp};
use crate::program::{Literal, MemoryLayout, Path, Program};

/// One step of the flattened program.
#[derive(Clone, Copy, Debug)]
enum Step {
    Run {
        node: WordNode,
        target: Word,
    },
    /// Continues at `to` unless one of the literals holds.
    Skip {
        first: u32,
        count: u32,
        to: u32,
    },
}

pub struct Interpreter {
    steps: Vec<Step>,
    literals: Vec<Literal>,
}

impl Interpreter {
    pub fn new(program: &Program) -> Self {
        let mut i = Interpreter { steps: Vec::new(), literals: Vec::new() };
        let mut open: Path = Vec::new();
        let mut skips: Vec<usize> = Vec::new();
        for segment in &program.segments {
            let same = open.iter().zip(&segment.path).take_while(|(a, b)| a == b).count();
            i.close(&mut skips, same);
            open.truncate(same);
            for condition in &segment.path[same..] {
                let first = i.literals.len() as u32;
                i.literals.extend(condition);
                skips.push(i.steps.len());
                i.steps.push(Step::Skip { first, count: condition.len() as u32, to: 0 });
                open.push(condition.clone());
            }
            i.steps.extend(segment.ops.iter().map(|&w| Step::Run { node: program.nodes[w as usize], target: w }));
        }
        i.close(&mut skips, 0);
        i
    }

    fn close(&mut self, skips: &mut Vec<usize>, keep: usize) {
        let here = self.steps.len() as u32;
        for at in skips.drain(keep..) {
            if let Step::Skip { to, .. } = &mut self.steps[at] {
                *to = here;
            }
        }
    }

    /// Computes every operator whose conditions hold.
    pub fn settle(&self, memories: &[MemoryLayout], state: &mut [u64]) {
        let mut at = 0;
        while let Some(step) = self.steps.get(at) {
            at += 1;
            match *step {
                Step::Run { node, target } => run(&node, target, memories, state),
                Step::Skip { first, count, to } => {
                    let literals = &self.literals[first as usize..][..count as usize];
                    if !holds(literals, state) {
                        at = to as usize;
                    }
                }
            }
        }
    }
}

fn holds(literals: &[Literal], state: &[u64]) -> bool {
    literals.iter().any(|&(w, sense)| (state[w as usize] != 0) == sense)
}

fn run(node: &WordNode, target: Word, memories: &[MemoryLayout], state: &mut [u64]) {
    let [a, b, c] = node.args;
    let a = state[a as usize];
    state[target as usize] = match node.op {
        WordOp::Read { memory, limb } => {
            let m = memories[memory as usize];
            if a < m.depth as u64 { state[m.base + a as usize * m.stride + limb as usize] } else { 0 }
        }
        op => op.compute(a, state[b as usize], state[c as usize]),
    };
}

/// Computes every operator, conditions or not: all words are then what the design says.
pub fn settle_all(program: &Program, state: &mut [u64]) {
    for (w, node) in program.nodes.iter().enumerate() {
        if !node.args().is_empty() {
            run(node, w as Word, &program.memories, state);
        }
    }
}

/// The clock edge: memories are written, registers take over.
pub fn commit(program: &Program, state: &mut [u64]) {
    for w in &program.writes {
        if w.enable.is_some_and(|e| state[e as usize] == 0) {
            continue;
        }
        let m = program.memories[w.memory as usize];
        let (address, data) = (state[w.address as usize], state[w.data as usize]);
        if address < m.depth as u64 {
            let mask = w.mask.map_or(!0, |m| state[m as usize]);
            let place = &mut state[m.base + address as usize * m.stride + w.limb as usize];
            *place = *place & !mask | data & mask;
        }
    }
    for group in &program.groups {
        if group.path.iter().all(|condition| holds(condition, state)) {
            for &(value, next) in &group.moves {
                state[value as usize] = state[next as usize];
            }
        }
    }
}
