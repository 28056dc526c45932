//! Logic as multiplexers: each LUT is taken apart into as few as a Shannon expansion needs.

use super::edge::{Edge, Slot};
use std::collections::HashMap;

/// `target = select ? high : low`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mux {
    pub(super) select: Slot,
    pub(super) high: Edge,
    pub(super) low: Edge,
    pub(super) target: Slot,
}

/// Entries of the table of a LUT4 in which input A, B, C or D is 1.
const INPUTS: [u16; 4] = [0xaaaa, 0xcccc, 0xf0f0, 0xff00];

/// The table when an input has a value; it depends on the others only.
fn cofactor(table: u16, input: usize, value: bool) -> u16 {
    let shift = 1 << input;
    if value {
        let entries = table & INPUTS[input];
        entries | entries >> shift
    } else {
        let entries = table & !INPUTS[input];
        entries | entries << shift
    }
}

/// Constants, inputs and inverted inputs need no multiplexer.
fn is_trivial(table: u16) -> bool {
    table == 0 || table == !0 || INPUTS.iter().any(|input| table == *input || table == !input)
}

/// The number of multiplexers that a table needs, and the input that selects in the last of them.
fn cheapest(table: u16) -> (u32, usize) {
    if is_trivial(table) {
        return (0, 0);
    }
    let split = |input| {
        let (high, low) = (cofactor(table, input, true), cofactor(table, input, false));
        if high == low {
            return None;
        }
        // a cofactor and its inverse are made once
        let low_cost = if low == !high { 0 } else { cheapest(low).0 };
        Some((1 + cheapest(high).0 + low_cost, input))
    };
    // a table that is not constant depends on an input
    (0..4).filter_map(split).min().unwrap_or_default()
}

/// Collects multiplexers.
pub(super) struct Logic {
    muxes: Vec<(Edge, Mux)>,
    first_private: Slot,
    next: Slot,
    /// What a private slot is called that turned out to be the value of a net.
    redirected: HashMap<Slot, Edge>,
}

impl Logic {
    /// Slots from `first_private` on are no nets and free to use.
    pub(super) fn new(first_private: Slot) -> Self {
        Self { muxes: Vec::new(), first_private, next: first_private, redirected: HashMap::new() }
    }

    pub(super) fn mux(&mut self, select: Edge, high: Edge, low: Edge) -> Edge {
        match (select, high, low) {
            (Edge::ONE, ..) => high,
            (Edge::ZERO, ..) => low,
            _ if high == low => high,
            (_, Edge::ONE, Edge::ZERO) => select,
            (_, Edge::ZERO, Edge::ONE) => !select,
            _ => {
                let target = self.next;
                self.next += 1;
                self.push(select, high, low, target);
                Edge::new(target)
            }
        }
    }

    fn push(&mut self, select: Edge, high: Edge, low: Edge, target: Slot) {
        self.muxes.push((select, Mux { select: 0, high, low, target }));
    }

    /// A LUT4 with the table `init`, as in its parameter INIT.
    pub(super) fn lut(&mut self, init: u16, inputs: [Edge; 4]) -> Edge {
        let fold = |table, (k, input): (usize, &Edge)| match *input {
            Edge::ZERO => cofactor(table, k, false),
            Edge::ONE => cofactor(table, k, true),
            _ => table,
        };
        let table = inputs.iter().enumerate().fold(init, fold);
        self.expand(table, &inputs)
    }

    fn expand(&mut self, table: u16, inputs: &[Edge; 4]) -> Edge {
        if table == 0 || table == !0 {
            return Edge::constant(table != 0);
        }
        for (entries, input) in INPUTS.iter().zip(inputs) {
            if table == *entries || table == !entries {
                return input.invert_if(table != *entries);
            }
        }
        let (_, select) = cheapest(table);
        let (high, low) = (cofactor(table, select, true), cofactor(table, select, false));
        let high_edge = self.expand(high, inputs);
        let low_edge = if low == !high { !high_edge } else { self.expand(low, inputs) };
        self.mux(inputs[select], high_edge, low_edge)
    }

    /// Makes `value` that of a net.
    pub(super) fn drive(&mut self, net: Slot, value: Edge) {
        if value.slot() >= self.first_private && !self.redirected.contains_key(&value.slot()) {
            // the multiplexer that made it can write to the net itself
            self.redirected.insert(value.slot(), Edge::new(net).invert_if(value.inverted()));
        } else {
            self.push(Edge::ZERO, Edge::ZERO, value, net);
        }
    }

    /// What a value is called in the end.
    pub(super) fn resolve(&self, edge: Edge) -> Edge {
        self.redirected.get(&edge.slot()).map_or(edge, |to| to.invert_if(edge.inverted()))
    }

    /// Slots of nets and of what is in between.
    pub(super) fn slots(&self) -> usize {
        self.next as usize
    }

    /// All multiplexers, in no order.
    pub(super) fn muxes(&self) -> impl Iterator<Item = Mux> {
        self.muxes.iter().map(|(select, mux)| {
            let target = self.resolve(Edge::new(mux.target));
            let (high, low) = (self.resolve(mux.high), self.resolve(mux.low));
            let (high, low) = (high.invert_if(target.inverted()), low.invert_if(target.inverted()));
            let select = self.resolve(*select);
            let (high, low) = if select.inverted() { (low, high) } else { (high, low) };
            Mux { select: select.slot(), high, low, target: target.slot() }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A few functions, and how many multiplexers each needs.
    #[test]
    fn a_lut_is_as_few_multiplexers_as_it_needs() {
        for (table, count) in
            [(0xaaaa, 0), (0x0f0f, 0), (0x8000, 3), (0x6996, 3), (0xcaca, 1), (0x8888, 1), (0xe8e8, 3)]
        {
            assert_eq!(cheapest(table).0, count, "{table:#06x}");
        }
        assert!((0..=u16::MAX).step_by(7).all(|table| cheapest(table).0 <= 7));
    }

    /// Every table on every input; the inputs are planes of 16 lanes, so that the result is the table itself.
    #[test]
    fn a_lut_is_its_table() {
        let mut values = vec![0; 64];
        for (slot, plane) in INPUTS.iter().enumerate() {
            values[slot + 1] = u64::from(*plane);
        }
        let inputs = [1, 2, 3, 4].map(Edge::new);
        for table in (0..=u16::MAX).step_by(11) {
            let mut logic = Logic::new(6);
            let root = logic.lut(table, inputs);
            logic.drive(5, root);
            for mux in logic.muxes() {
                let select = values[mux.select as usize];
                values[mux.target as usize] = select & mux.high.value(&values) | !select & mux.low.value(&values);
            }
            assert_eq!(values[5] as u16, table, "{table:#06x}");
        }
    }
}
