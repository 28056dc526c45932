//! Logic in the order of its dependencies.

use super::distributed_ram::DistributedRam;
use super::edge::{Edge, Slot};
use super::logic::Mux;
use super::multiplier::Multiplier;

/// What is computed between two edges, besides multiplexers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// The read port of a distributed RAM.
    Read(usize),
    /// A multiplier without a register before its outputs.
    Multiply(usize),
}

/// Multiplexers, and the block that comes after them.
struct Section {
    muxes: Vec<Mux>,
    then: Option<Block>,
}

/// All logic of a design.
pub(super) struct Program(Vec<Section>);

enum Step {
    Mux(Mux),
    Block(Block),
}

/// A step with what it reads and writes.
struct Node {
    step: Step,
    inputs: Vec<Slot>,
    outputs: Vec<Slot>,
}

fn slots(edges: impl IntoIterator<Item = Edge>) -> Vec<Slot> {
    edges.into_iter().map(Edge::slot).collect()
}

fn nodes(muxes: impl Iterator<Item = Mux>, rams: &[DistributedRam], multipliers: &[Multiplier]) -> Vec<Node> {
    let muxes = muxes.map(|mux| Node {
        step: Step::Mux(mux),
        inputs: vec![mux.select, mux.high.slot(), mux.low.slot()],
        outputs: vec![mux.target],
    });
    let reads = rams.iter().enumerate().map(|(index, ram)| Node {
        step: Step::Block(Block::Read(index)),
        inputs: slots(ram.read_address),
        outputs: ram.outputs.iter().flatten().copied().collect(),
    });
    let products = multipliers.iter().enumerate().filter(|(_, multiplier)| multiplier.is_logic());
    let products = products.map(|(index, multiplier)| Node {
        step: Step::Block(Block::Multiply(index)),
        inputs: slots(multiplier.logic_inputs()),
        outputs: multiplier.pins.outputs.iter().map(|(_, slot)| *slot).collect(),
    });
    muxes.chain(reads).chain(products).collect()
}

impl Program {
    /// Orders the logic of a design with `slots` slots; the error is the slots of a loop, in the direction of the
    /// signal.
    pub(super) fn new(
        muxes: impl Iterator<Item = Mux>,
        rams: &[DistributedRam],
        multipliers: &[Multiplier],
        slots: usize,
    ) -> Result<Self, Vec<Slot>> {
        let nodes = nodes(muxes, rams, multipliers);
        let mut maker = vec![None; slots];
        for (index, node) in nodes.iter().enumerate() {
            node.outputs.iter().for_each(|slot| maker[*slot as usize] = Some(index));
        }
        let makers = |index: usize| nodes[index].inputs.iter().filter_map(|slot| maker[*slot as usize]);
        let mut readers = vec![Vec::new(); nodes.len()];
        let mut missing: Vec<usize> = (0..nodes.len()).map(|index| makers(index).count()).collect();
        (0..nodes.len()).for_each(|index| makers(index).for_each(|maker| readers[maker].push(index)));

        let mut program = vec![Section { muxes: Vec::new(), then: None }];
        let mut ready: Vec<usize> = (0..nodes.len()).filter(|index| missing[*index] == 0).collect();
        let mut done = 0;
        // last in, first out: what has just been computed is read soon
        while let Some(index) = ready.pop() {
            done += 1;
            match (&nodes[index].step, program.last_mut()) {
                (Step::Mux(mux), Some(section)) => section.muxes.push(*mux),
                (Step::Block(block), Some(section)) => {
                    section.then = Some(*block);
                    program.push(Section { muxes: Vec::new(), then: None });
                }
                // there is always a section
                (_, None) => {}
            }
            for reader in &readers[index] {
                missing[*reader] -= 1;
                if missing[*reader] == 0 {
                    ready.push(*reader);
                }
            }
        }
        if done < nodes.len() {
            return Err(find_loop(&nodes, &missing, &maker));
        }
        Ok(Self(program))
    }

    /// Multiplexers in all.
    pub(super) fn muxes(&self) -> usize {
        self.0.iter().map(|section| section.muxes.len()).sum()
    }

    /// Computes all logic.
    pub(super) fn settle(&self, values: &mut [u64], rams: &mut [DistributedRam], multipliers: &mut [Multiplier]) {
        for section in &self.0 {
            for mux in &section.muxes {
                let (high, low) = (mux.high.value(values), mux.low.value(values));
                values[mux.target as usize] = low ^ (low ^ high) & values[mux.select as usize];
            }
            match section.then {
                Some(Block::Read(index)) => rams[index].settle(values),
                Some(Block::Multiply(index)) => multipliers[index].settle(values),
                None => {}
            }
        }
    }
}

/// Goes back from a step that could not be ordered, along others of the kind, until one comes again.
fn find_loop(nodes: &[Node], missing: &[usize], maker: &[Option<usize>]) -> Vec<Slot> {
    let waits = |slot: &Slot| maker[*slot as usize].filter(|maker| missing[*maker] > 0);
    let back = |index: usize| nodes[index].inputs.iter().find_map(|slot| waits(slot).map(|maker| (*slot, maker)));
    let mut path: Vec<(Slot, usize)> = Vec::new();
    let mut next = (0..nodes.len()).find(|index| missing[*index] > 0).and_then(back);
    while let Some((slot, index)) = next {
        if let Some(start) = path.iter().position(|(_, other)| *other == index) {
            return path[start..].iter().rev().map(|(slot, _)| *slot).collect();
        }
        path.push((slot, index));
        next = back(index);
    }
    Vec::new()
}
