//! From operators of any width to machine words.
//!
//! Follows only what is asked for, bit by bit through nets, so that wires that run back and forth between modules
//! make no false loops. Wide operators are taken apart; nothing is wider than 64 bits afterwards.

mod operators;
mod storage;

use crate::bitvec::BitVec;
use crate::design::{Bits, Design, NetId, Node, NodeId, Op, Piece};
use crate::error::{Error, Result};
use crate::netlist::{Netlist, Word, WordNet, WordOp};

/// More wires than this in a row without an operator between them is a ring.
const MAX_HOPS: u32 = 4096;

pub struct Lower<'d> {
    design: &'d Design,
    net: Netlist,
    done: Vec<Option<Bits>>,
    active: Vec<bool>,
    /// Nets passed on the way to the current node, for messages.
    trail: Vec<NetId>,
    hops: u32,
    clock: Option<usize>,
}

pub fn lower(design: &Design) -> Result<Netlist> {
    let nodes = design.nodes.len();
    let mut l = Lower {
        design,
        net: Netlist { ports: design.ports.clone(), scopes: design.scopes.clone(), ..Netlist::default() },
        done: vec![None; nodes],
        active: vec![false; nodes],
        trail: Vec::new(),
        hops: 0,
        clock: None,
    };
    l.memories();
    l.registers()?;
    l.writes()?;
    for port in &design.ports {
        let mut value = l.bits(&design.net_value(port.net))?;
        let width = value.width();
        if width <= 64 {
            value = Lower::one(l.net.word(&value), width);
        }
        l.net.port_values.push(value);
    }
    l.names()?;
    l.net.clock = l.clock;
    l.check_clock_is_no_data()?;
    Ok(l.net)
}

impl Lower<'_> {
    /// Every net by its name. Bits that nothing drives read 0 here; using them is an error.
    fn names(&mut self) -> Result<()> {
        for scope in &self.design.scopes {
            let mut nets = Vec::with_capacity(scope.nets.len());
            for &id in &scope.nets {
                let net = &self.design.nets[id];
                let mut value = Bits::default();
                let mut drivers: Vec<_> = net.drivers.iter().collect();
                drivers.sort_by_key(|d| d.lo);
                for d in drivers {
                    self.fill(net.init.as_ref(), d.lo, &mut value);
                    self.trail.push(id);
                    let bits = self.bits(&d.bits)?;
                    self.trail.pop();
                    value.extend(&bits);
                }
                self.fill(net.init.as_ref(), net.shape.width, &mut value);
                nets.push(WordNet { name: net.name.clone(), value });
            }
            self.net.nets.push(nets);
        }
        Ok(())
    }

    /// Extends `value` to `width` with the initial value or zeros.
    fn fill(&mut self, init: Option<&BitVec>, width: u32, value: &mut Bits) {
        let from = value.width();
        if from < width {
            let rest = init.map_or(BitVec::zero(width - from), |i| i.slice(from, width - from));
            let rest = self.constant(&rest);
            value.extend(&rest);
        }
    }

    fn constant(&mut self, value: &BitVec) -> Bits {
        let mut bits = Bits::default();
        for (i, &word) in value.words().iter().enumerate() {
            let len = 64.min(value.width() - 64 * i as u32);
            let node = self.net.constant(word);
            // Pushed one by one: two equal words in a row are not one long piece.
            bits.push(Piece { node, lo: 0, len });
        }
        bits
    }

    fn bits(&mut self, value: &Bits) -> Result<Bits> {
        let mut out = Bits::default();
        for &p in value.pieces() {
            let part = self.piece(p)?;
            out.extend(&part);
        }
        Ok(out)
    }

    fn piece(&mut self, p: Piece) -> Result<Bits> {
        match &self.design.nodes[p.node as usize] {
            Node::Const(c) => Ok(self.constant(&c.slice(p.lo, p.len))),
            Node::Net(net) => self.net_bits(*net, p.lo, p.len),
            Node::Unassigned { net, hold: true } => self.net_bits(*net, p.lo, p.len),
            Node::Unassigned { net, hold: false } => {
                let n = &self.design.nets[*net];
                let message = format!("`{}` is not assigned on every path of its always block: a latch", n.name);
                Err(self.design.error(n.scope, n.line, message))
            }
            _ => Ok(self.node(p.node)?.slice(p.lo, p.len)),
        }
    }

    fn net_bits(&mut self, net: NetId, lo: u32, len: u32) -> Result<Bits> {
        let design = self.design;
        let n = &design.nets[net];
        self.hops += 1;
        if self.hops > MAX_HOPS {
            return Err(self.loop_error());
        }
        self.trail.push(net);
        let outside = std::mem::replace(&mut self.net.scope, n.scope);
        let mut out = Bits::default();
        while out.width() < len {
            let at = lo + out.width();
            match n.drivers.iter().find(|d| d.lo <= at && at < d.lo + d.bits.width()) {
                Some(d) => {
                    let part = d.bits.slice(at - d.lo, (lo + len - at).min(d.lo + d.bits.width() - at));
                    let bits = self.bits(&part)?;
                    out.extend(&bits);
                }
                None => match &n.init {
                    Some(init) if n.variable => {
                        let next = n.drivers.iter().map(|d| d.lo).filter(|&d| d > at).min();
                        let end = next.unwrap_or(lo + len).min(lo + len);
                        let bits = self.constant(&init.slice(at, end - at));
                        out.extend(&bits);
                    }
                    _ => {
                        let bit =
                            if n.shape.width > 1 { format!(" (bit {at} of {})", n.shape.width) } else { String::new() };
                        let message = format!("nothing drives `{}`{bit}, but it is used", n.name);
                        return Err(design.error(n.scope, n.line, message));
                    }
                },
            }
        }
        self.trail.pop();
        self.net.scope = outside;
        self.hops -= 1;
        Ok(out)
    }

    fn loop_error(&self) -> Error {
        let Some(&net) = self.trail.last() else {
            return self.design.error(0, 0, "combinational loop".into());
        };
        let n = &self.design.nets[net];
        self.design.error(n.scope, n.line, format!("combinational loop through `{}`", n.name))
    }

    /// All bits of an operator, register, input or memory word.
    fn node(&mut self, id: NodeId) -> Result<Bits> {
        if let Some(done) = &self.done[id as usize] {
            return Ok(done.clone());
        }
        if std::mem::replace(&mut self.active[id as usize], true) {
            return Err(self.loop_error());
        }
        let hops = std::mem::take(&mut self.hops);
        let bits = self.new_node(id)?;
        self.hops = hops;
        self.active[id as usize] = false;
        self.done[id as usize] = Some(bits.clone());
        Ok(bits)
    }

    fn new_node(&mut self, id: NodeId) -> Result<Bits> {
        let design = self.design;
        match &design.nodes[id as usize] {
            Node::Input(port) => {
                let width = design.nets[design.ports[*port].net].shape.width;
                let mut bits = Bits::default();
                for limb in 0..width.div_ceil(64) {
                    let len = 64.min(width - 64 * limb);
                    let node = self.net.add(WordOp::Input { port: *port as u32, limb }, [0; 3], len as u8);
                    bits.push(Piece { node, lo: 0, len });
                }
                Ok(bits)
            }
            Node::Read { memory, address } => {
                let address = self.operand(address)?;
                let m = &design.memories[*memory];
                let mut bits = Bits::default();
                for limb in 0..m.stride() as u32 {
                    let len = 64.min(m.shape.width - 64 * limb);
                    let op = WordOp::Read { memory: *memory as u32, limb };
                    let node = self.net.add(op, [address, 0, 0], len as u8);
                    bits.push(Piece { node, lo: 0, len });
                }
                Ok(bits)
            }
            Node::Op { op, args, width } => {
                if *op == Op::Mux {
                    return self.mux(args, *width);
                }
                let args = args.iter().map(|a| self.bits(a)).collect::<Result<Vec<_>>>()?;
                self.operator(*op, &args, *width)
            }
            // The others are handled where they are met.
            Node::Const(_) | Node::Net(_) | Node::Unassigned { .. } | Node::Register(_) => Err(self.loop_error()),
        }
    }

    /// An address or a condition: anything from 2^63 on is out of range all the same.
    fn operand(&mut self, value: &Bits) -> Result<Word> {
        let bits = self.bits(value)?;
        Ok(self.clamp(&bits))
    }

    fn clamp(&mut self, bits: &Bits) -> Word {
        let width = bits.width();
        if width <= 64 {
            return self.net.word(bits);
        }
        let low = self.net.word(&bits.slice(0, 63));
        let high = self.any(&bits.slice(63, width - 63));
        let top = self.net.apply(WordOp::Shl { by: 63 }, high, 0, 0);
        self.net.apply(WordOp::Or, low, top, 0)
    }
}
