//! The values that an always or initial block has assigned so far, along one path and at its joins.

use crate::bitvec::BitVec;
use crate::design::{Bits, Design, NetId, Node, Piece, Write};
use std::collections::HashMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Initial,
    Combinational,
    Clocked,
}

/// A net, and whether it is meant with its nonblocking assignments, which reads do not see.
pub type Key = (NetId, bool);

/// What one branch assigned: the last value of each key.
pub type Assigned = HashMap<Key, Bits>;

pub struct Process {
    pub kind: Kind,
    values: HashMap<Key, Bits>,
    /// For each open branch, the values it has replaced.
    replaced: Vec<HashMap<Key, Option<Bits>>>,
    /// Conditions of the open branches.
    conditions: Vec<Bits>,
    unassigned: HashMap<NetId, Bits>,
    /// Keys in the order of their first assignment.
    order: Vec<Key>,
    pub writes: Vec<(usize, Write)>,
}

impl Process {
    pub fn new(kind: Kind) -> Self {
        Process {
            kind,
            values: HashMap::new(),
            replaced: Vec::new(),
            conditions: Vec::new(),
            unassigned: HashMap::new(),
            order: Vec::new(),
            writes: Vec::new(),
        }
    }

    /// The net as an expression in the block reads it.
    pub fn read(&self, design: &Design, net: NetId) -> Bits {
        let own = design.net_value(net);
        // An initial block never sets a net before it gives it a whole value: see `assigned`.
        let Some(value) = self.values.get(&(net, false)) else { return own };
        let Some(unassigned) = self.unassigned.get(&net) else { return value.clone() };
        let (marker, node) = (unassigned.pieces()[0].node, own.pieces()[0].node);
        let mut out = Bits::default();
        for p in value.pieces() {
            out.push(Piece { node: if p.node == marker { node } else { p.node }, ..*p });
        }
        out
    }

    /// The value so far; where nothing is assigned, the marker for that.
    pub fn assigned(&mut self, design: &mut Design, key: Key) -> Bits {
        match self.values.get(&key) {
            Some(value) => value.clone(),
            None if self.kind == Kind::Initial => {
                let net = &design.nets[key.0];
                let value = net.init.clone().unwrap_or_else(|| BitVec::zero(net.shape.width));
                design.constant(value)
            }
            None => self.marker(design, key.0),
        }
    }

    pub fn marker(&mut self, design: &mut Design, net: NetId) -> Bits {
        let hold = self.kind == Kind::Clocked;
        let width = design.nets[net].shape.width;
        self.unassigned.entry(net).or_insert_with(|| design.value(Node::Unassigned { net, hold }, width)).clone()
    }

    /// Node that stands for the net where the block does not assign it, if it was needed.
    pub fn unassigned_node(&self, net: NetId) -> Option<crate::design::NodeId> {
        self.unassigned.get(&net).map(|b| b.pieces()[0].node)
    }

    pub fn set(&mut self, key: Key, value: Bits) {
        let old = self.values.insert(key, value);
        if old.is_none() {
            self.order.push(key);
        }
        if let Some(frame) = self.replaced.last_mut() {
            frame.entry(key).or_insert(old);
        }
    }

    pub fn open(&mut self, condition: Bits) {
        self.conditions.push(condition);
        self.replaced.push(HashMap::new());
    }

    /// Undoes the branch and returns what it had assigned.
    pub fn close(&mut self) -> Assigned {
        self.conditions.pop();
        let frame = self.replaced.pop().unwrap_or_default();
        let mut assigned = HashMap::with_capacity(frame.len());
        for (key, old) in frame {
            let new = match old {
                Some(old) => self.values.insert(key, old),
                None => self.values.remove(&key),
            };
            assigned.extend(new.map(|v| (key, v)));
        }
        assigned
    }

    pub fn conditions(&self) -> &[Bits] {
        &self.conditions
    }

    /// All keys with their final values, in the order of their first assignment.
    pub fn results(&self) -> Vec<(Key, Bits)> {
        let mut seen = std::collections::HashSet::new();
        let known = self.order.iter().filter(|&k| seen.insert(*k));
        known.filter_map(|k| Some((*k, self.values.get(k)?.clone()))).collect()
    }
}
