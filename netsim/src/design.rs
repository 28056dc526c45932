//! The elaborated design: nets, registers, memories, and a graph of operators of any width between them.

use crate::bitvec::BitVec;
use crate::error::{Error, Result};
use std::collections::HashMap;

pub type NodeId = u32;
pub type NetId = usize;
pub type MemoryId = usize;
pub type ScopeId = usize;

/// `len` bits of a node's value, from bit `lo` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Piece {
    pub node: NodeId,
    pub lo: u32,
    pub len: u32,
}

/// A value put together from pieces, lowest bits first. Slices and concatenations cost nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Bits(Vec<Piece>);

impl Bits {
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    pub fn width(&self) -> u32 {
        self.0.iter().map(|p| p.len).sum()
    }

    pub fn push(&mut self, piece: Piece) {
        match self.0.last_mut() {
            Some(last) if last.node == piece.node && last.lo + last.len == piece.lo => last.len += piece.len,
            _ if piece.len == 0 => {}
            _ => self.0.push(piece),
        }
    }

    /// Puts `high` above the bits so far.
    pub fn extend(&mut self, high: &Bits) {
        high.0.iter().for_each(|&p| self.push(p));
    }

    pub fn slice(&self, lo: u32, len: u32) -> Bits {
        let mut out = Bits::default();
        let mut at = 0;
        for p in &self.0 {
            let (from, to) = (lo.max(at), (lo + len).min(at + p.len));
            if from < to {
                out.push(Piece { node: p.node, lo: p.lo + from - at, len: to - from });
            }
            at += p.len;
        }
        out
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    And,
    Or,
    Xor,
    Not,
    Add,
    Sub,
    Mul,
    Eq,
    Less,
    SignedLess,
    Any,
    All,
    Parity,
    /// Condition, value if true, value if false.
    Mux,
    Shl,
    Shr,
    /// Arithmetic shift right.
    Sar,
    SignExtend,
}

#[derive(Clone, Debug)]
pub enum Node {
    Const(BitVec),
    /// Whatever drives the net.
    Net(NetId),
    /// The net where its process does not assign it: `hold` keeps the register's value, otherwise it is a latch.
    Unassigned {
        net: NetId,
        hold: bool,
    },
    Input(usize),
    Register(usize),
    /// One word of a memory, read without a clock.
    Read {
        memory: MemoryId,
        address: Bits,
    },
    Op {
        op: Op,
        args: Vec<Bits>,
        width: u32,
    },
}

#[derive(Clone, Debug)]
pub struct Net {
    pub scope: ScopeId,
    pub name: String,
    pub line: u32,
    pub node: NodeId,
    pub shape: Shape,
    /// Assigned in processes: keeps its initial value when nothing drives it.
    pub variable: bool,
    pub init: Option<BitVec>,
    pub drivers: Vec<Driver>,
}

/// Width, sign and numbering of a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub width: u32,
    pub signed: bool,
    /// Index of the lowest bit.
    pub right: i64,
    pub descending: bool,
}

#[derive(Clone, Debug)]
pub struct Driver {
    pub lo: u32,
    pub bits: Bits,
    pub line: u32,
}

#[derive(Clone, Debug)]
pub struct Register {
    pub net: NetId,
    pub lo: u32,
    pub width: u32,
    pub next: Bits,
    pub clock: Bits,
    pub line: u32,
}

#[derive(Clone, Debug)]
pub struct Memory {
    pub scope: ScopeId,
    pub name: String,
    pub shape: Shape,
    /// Smallest address.
    pub low: i64,
    pub depth: usize,
    /// Little-endian words of 64 bits, [`Memory::stride`] to an address.
    pub contents: Vec<u64>,
    pub writes: Vec<Write>,
}

impl Memory {
    pub fn stride(&self) -> usize {
        self.shape.width.div_ceil(64) as usize
    }
}

#[derive(Clone, Debug)]
pub struct Write {
    pub enable: Bits,
    pub address: Bits,
    /// Bits that are written; all of them if absent.
    pub mask: Option<Bits>,
    pub data: Bits,
    pub clock: Bits,
    pub line: u32,
}

#[derive(Clone, Debug)]
pub struct Scope {
    /// Instance path with dots; empty for the top.
    pub path: String,
    pub module: String,
    pub nets: Vec<NetId>,
}

#[derive(Clone, Debug)]
pub struct Port {
    pub name: String,
    pub net: NetId,
    pub input: bool,
}

#[derive(Default)]
pub struct Design {
    pub nodes: Vec<Node>,
    pub nets: Vec<Net>,
    pub registers: Vec<Register>,
    pub memories: Vec<Memory>,
    pub scopes: Vec<Scope>,
    pub ports: Vec<Port>,
    constants: HashMap<BitVec, NodeId>,
}

impl Design {
    pub fn error(&self, scope: ScopeId, line: u32, message: String) -> Error {
        Error::Design { module: self.scopes[scope].module.clone(), line, message }
    }

    pub fn node(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        (self.nodes.len() - 1) as NodeId
    }

    /// A node as a value of its whole width.
    pub fn value(&mut self, node: Node, width: u32) -> Bits {
        let node = self.node(node);
        Bits(vec![Piece { node, lo: 0, len: width }])
    }

    pub fn constant(&mut self, value: BitVec) -> Bits {
        let len = value.width();
        if len == 0 {
            return Bits::default();
        }
        let node = match self.constants.get(&value) {
            Some(&node) => node,
            None => {
                let node = self.node(Node::Const(value.clone()));
                self.constants.insert(value, node);
                node
            }
        };
        Bits(vec![Piece { node, lo: 0, len }])
    }

    pub fn number(&mut self, width: u32, value: u64) -> Bits {
        self.constant(BitVec::from_u64(width, value))
    }

    /// The value, if no signal is in it.
    pub fn as_constant(&self, bits: &Bits) -> Option<BitVec> {
        let mut value: Option<BitVec> = None;
        for p in bits.pieces() {
            let Node::Const(c) = &self.nodes[p.node as usize] else { return None };
            let part = if p.lo == 0 && p.len == c.width() { c.clone() } else { c.slice(p.lo, p.len) };
            value = Some(match value {
                None => part,
                Some(low) => low.concat(&part),
            });
        }
        value
    }

    pub fn net_value(&self, net: NetId) -> Bits {
        let n = &self.nets[net];
        Bits(vec![Piece { node: n.node, lo: 0, len: n.shape.width }])
    }

    /// Applies an operator; `width` is that of the result. Constants are computed at once.
    pub fn op(&mut self, op: Op, args: Vec<Bits>, width: u32) -> Bits {
        let constants: Option<Vec<BitVec>> = args.iter().map(|a| self.as_constant(a)).collect();
        if let Some(c) = constants {
            return self.constant(fold(op, &c, width));
        }
        self.value(Node::Op { op, args, width }, width)
    }

    /// Makes `bits` exactly `width` wide.
    pub fn resize(&mut self, bits: &Bits, width: u32, signed: bool) -> Bits {
        let own = bits.width();
        if width <= own {
            return bits.slice(0, width);
        }
        if signed && own > 0 {
            return self.op(Op::SignExtend, vec![bits.clone()], width);
        }
        let mut out = bits.clone();
        let zeros = self.constant(BitVec::zero(width - own));
        out.extend(&zeros);
        out
    }

    /// 1 if any bit is set.
    pub fn truth(&mut self, bits: Bits) -> Bits {
        if bits.width() == 1 { bits } else { self.op(Op::Any, vec![bits], 1) }
    }

    pub fn not(&mut self, bits: Bits) -> Bits {
        let width = bits.width();
        self.op(Op::Not, vec![bits], width)
    }

    /// Chooses between values of one width; bits that do not depend on the condition stay as they are.
    pub fn mux(&mut self, condition: &Bits, then: &Bits, otherwise: &Bits) -> Bits {
        if then == otherwise {
            return then.clone();
        }
        if let Some(c) = self.as_constant(condition) {
            return if c.is_zero() { otherwise } else { then }.clone();
        }
        let mut out = Bits::default();
        let (mut at, mut from) = (0, 0);
        for (len, equal) in common(then, otherwise) {
            if equal {
                self.mux_part(condition, then, otherwise, from, at, &mut out);
                out.extend(&then.slice(at, len));
                from = at + len;
            }
            at += len;
        }
        self.mux_part(condition, then, otherwise, from, at, &mut out);
        out
    }

    fn mux_part(&mut self, condition: &Bits, then: &Bits, otherwise: &Bits, from: u32, to: u32, out: &mut Bits) {
        if from < to {
            let len = to - from;
            let args = vec![condition.clone(), then.slice(from, len), otherwise.slice(from, len)];
            out.extend(&self.value(Node::Op { op: Op::Mux, args, width: len }, len));
        }
    }

    /// Connects `bits` to bits `lo..` of a net, which nothing else may drive.
    pub fn drive(&mut self, net: NetId, lo: u32, bits: Bits, line: u32) -> Result<()> {
        let width = bits.width();
        let n = &self.nets[net];
        if let Some(other) = n.drivers.iter().find(|d| d.lo < lo + width && lo < d.lo + d.bits.width()) {
            let message = format!("net `{}` is driven twice, here and in line {}", n.name, other.line);
            return Err(self.error(n.scope, line, message));
        }
        self.nets[net].drivers.push(Driver { lo, bits, line });
        Ok(())
    }
}

/// Lengths of the runs over which two values have the same pieces, or not.
fn common(a: &Bits, b: &Bits) -> Vec<(u32, bool)> {
    let (mut runs, mut i, mut j, mut di, mut dj) = (Vec::new(), 0, 0, 0, 0);
    while let (Some(p), Some(q)) = (a.0.get(i), b.0.get(j)) {
        let len = (p.len - di).min(q.len - dj);
        runs.push((len, p.node == q.node && p.lo + di == q.lo + dj));
        di += len;
        dj += len;
        if di == p.len {
            (i, di) = (i + 1, 0);
        }
        if dj == q.len {
            (j, dj) = (j + 1, 0);
        }
    }
    runs
}

fn fold(op: Op, c: &[BitVec], width: u32) -> BitVec {
    let bit = |b: bool| BitVec::from_u64(1, b.into());
    let amount = || c[1].to_u64().unwrap_or(u64::MAX);
    match op {
        Op::And => c[0].and(&c[1]),
        Op::Or => c[0].or(&c[1]),
        Op::Xor => c[0].xor(&c[1]),
        Op::Not => c[0].not(),
        Op::Add => c[0].add(&c[1]),
        Op::Sub => c[0].sub(&c[1]),
        Op::Mul => c[0].mul(&c[1]),
        Op::Eq => bit(c[0] == c[1]),
        Op::Less => bit(c[0].less(&c[1], false)),
        Op::SignedLess => bit(c[0].less(&c[1], true)),
        Op::Any => bit(!c[0].is_zero()),
        Op::All => bit(c[0].is_ones()),
        Op::Parity => bit(c[0].parity()),
        Op::Mux => if c[0].is_zero() { &c[2] } else { &c[1] }.clone(),
        Op::Shl => c[0].shl(amount()),
        Op::Shr => c[0].shr(amount()),
        Op::Sar => c[0].sar(amount()),
        Op::SignExtend => c[0].extend(width, true),
    }
}
