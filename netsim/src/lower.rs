//! From operators of any width to machine words.
//!
//! Follows only what is asked for, bit by bit through nets, so that wires that run back and forth between modules
//! make no false loops. Wide operators are taken apart; nothing is wider than 64 bits afterwards.

use crate::bitvec::BitVec;
use crate::design::{Bits, Design, NetId, Node, NodeId, Op, Piece};
use crate::error::{Error, Result};
use crate::netlist::{Netlist, Word, WordMemory, WordNet, WordOp, WordRegister, WordWrite, mask};

/// More wires than this in a row without an operator between them is a ring.
const MAX_HOPS: u32 = 4096;
/// Limbs of multi-word arithmetic: half a word, so that the carry fits.
const LIMB: u32 = 32;

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
    fn memories(&mut self) {
        for m in &self.design.memories {
            let scope = &self.design.scopes[m.scope].path;
            let path = if scope.is_empty() { m.name.clone() } else { format!("{scope}.{}", m.name) };
            self.net.memories.push(WordMemory {
                path,
                width: m.shape.width,
                stride: m.stride(),
                depth: m.depth,
                contents: m.contents.clone(),
            });
        }
    }

    fn registers(&mut self) -> Result<()> {
        // First all their words, so that feedback ends at them; then what they take over.
        let first: Vec<usize> = (0..self.design.registers.len()).map(|r| self.register(r)).collect();
        for (r, start) in self.design.registers.iter().zip(first) {
            self.check_clock(&r.clock, r.net, r.line)?;
            let next = self.bits(&r.next)?;
            let mut at = 0;
            for index in start.. {
                let len = 64.min(r.width - at);
                let word = self.net.word(&next.slice(at, len));
                self.net.registers[index].next = word;
                at += len;
                if at == r.width {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Makes the words of a register; returns the number of the first.
    fn register(&mut self, index: usize) -> usize {
        let r = &self.design.registers[index];
        let zero = BitVec::zero(r.width);
        let init = self.design.nets[r.net].init.as_ref().map_or(zero, |i| i.slice(r.lo, r.width));
        let first = self.net.registers.len();
        let mut bits = Bits::default();
        for (i, &word) in init.words().iter().enumerate() {
            let len = 64.min(r.width - 64 * i as u32);
            let id = self.net.registers.len() as u32;
            let value = self.net.add(WordOp::Register(id), [0; 3], len as u8);
            self.net.registers.push(WordRegister { value, next: value, enable: None, init: word });
            bits.push(Piece { node: value, lo: 0, len });
        }
        if let Some(node) = self.design.nets[r.net].drivers.iter().find_map(|d| match d.bits.pieces() {
            [p] if matches!(self.design.nodes[p.node as usize], Node::Register(i) if i == index) => Some(p.node),
            _ => None,
        }) {
            self.done[node as usize] = Some(bits);
        }
        first
    }

    /// Every register and every memory write hangs on one top-level input.
    fn check_clock(&mut self, clock: &Bits, net: NetId, line: u32) -> Result<()> {
        let value = self.bits(clock)?;
        let n = &self.design.nets[net];
        let fail = |what: String| Err(self.design.error(n.scope, line, format!("the clock of `{}` {what}", n.name)));
        let input = match value.pieces() {
            [p] if p.len == 1 => match self.net.op(p.node) {
                WordOp::Input { port, .. } if self.net.bits(p.node) == 1 => Some(port as usize),
                _ => None,
            },
            _ => None,
        };
        match (input, self.clock) {
            (None, _) => fail("does not come from a one-bit input of the top module (gated or divided?)".into()),
            (Some(port), Some(other)) if port != other => {
                let name = |p: usize| self.design.ports[p].name.clone();
                fail(format!("is `{}`, that of others is `{}`: one clock domain is supported", name(port), name(other)))
            }
            (Some(port), _) => {
                self.clock = Some(port);
                Ok(())
            }
        }
    }

    fn check_clock_is_no_data(&self) -> Result<()> {
        let Some(port) = self.clock else { return Ok(()) };
        let is_clock = |w: &Word| matches!(self.net.op(*w), WordOp::Input { port: p, .. } if p as usize == port);
        let used = self.net.words.iter().any(|w| w.args().iter().any(is_clock))
            || self.net.registers.iter().any(|r| is_clock(&r.next))
            || self.net.writes.iter().any(|w| [w.address, w.data].iter().any(is_clock));
        if !used {
            return Ok(());
        }
        let net = &self.design.nets[self.design.ports[port].net];
        let message = format!("the clock `{}` is also used as data", net.name);
        Err(self.design.error(net.scope, net.line, message))
    }

    fn writes(&mut self) -> Result<()> {
        for (id, m) in self.design.memories.iter().enumerate() {
            for w in &m.writes {
                self.check_memory_clock(m.scope, &m.name, w.line, &w.clock)?;
                let address = self.operand(&w.address)?;
                let enable = self.operand(&w.enable)?;
                let enable = match self.net.value(enable) {
                    Some(0) => continue,
                    Some(_) => None,
                    None => Some(enable),
                };
                let data = self.bits(&w.data)?;
                let select = w.mask.as_ref().map(|m| self.bits(m)).transpose()?;
                for limb in 0..m.stride() as u32 {
                    let len = 64.min(m.shape.width - 64 * limb);
                    let data = self.net.word(&data.slice(64 * limb, len));
                    let select = select.as_ref().map(|s| self.net.word(&s.slice(64 * limb, len)));
                    if let Some(s) = select
                        && self.net.value(s) == Some(0)
                    {
                        continue;
                    }
                    self.net.writes.push(WordWrite { memory: id as u32, limb, address, enable, mask: select, data });
                }
            }
        }
        Ok(())
    }

    fn check_memory_clock(&mut self, scope: usize, name: &str, line: u32, clock: &Bits) -> Result<()> {
        let value = self.bits(clock)?;
        let input = match value.pieces() {
            [p] => match self.net.op(p.node) {
                WordOp::Input { port, .. } => Some(port as usize),
                _ => None,
            },
            _ => None,
        };
        match input {
            Some(port) if self.clock.is_none_or(|c| c == port) => {
                self.clock = Some(port);
                Ok(())
            }
            _ => {
                let message = format!(
                    "memory `{name}` has another clock than the registers, or a gated one; one clock domain is supported"
                );
                Err(self.design.error(scope, line, message))
            }
        }
    }

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

    fn mux(&mut self, args: &[Bits], width: u32) -> Result<Bits> {
        let condition = self.operand(&args[0])?;
        // A branch that is never taken is not followed: it may be a latch or a loop in appearance only.
        match self.net.value(condition) {
            Some(0) => return self.bits(&args[2]),
            Some(_) => return self.bits(&args[1]),
            None => {}
        }
        let (a, b) = (self.bits(&args[1])?, self.bits(&args[2])?);
        Ok(self.choose(condition, &a, &b, width))
    }

    fn choose(&mut self, condition: Word, a: &Bits, b: &Bits, width: u32) -> Bits {
        self.chunked(width, &[a, b], |net, w, _| net.apply(WordOp::Mux, condition, w[0], w[1]))
    }

    /// Applies a bitwise operator to each 64 bits.
    fn chunked(&mut self, width: u32, args: &[&Bits], f: impl Fn(&mut Netlist, &[Word], u64) -> Word) -> Bits {
        let mut out = Bits::default();
        let mut at = 0;
        while at < width {
            let len = 64.min(width - at);
            let words: Vec<Word> = args.iter().map(|a| self.net.word(&a.slice(at, len))).collect();
            let node = f(&mut self.net, &words, mask(len));
            out.push(Piece { node, lo: 0, len });
            at += len;
        }
        out
    }

    fn one(node: Word, len: u32) -> Bits {
        let mut bits = Bits::default();
        bits.push(Piece { node, lo: 0, len });
        bits
    }

    fn operator(&mut self, op: Op, args: &[Bits], width: u32) -> Result<Bits> {
        let own = args[0].width();
        Ok(match op {
            Op::And => self.chunked(width, &[&args[0], &args[1]], |n, w, _| n.apply(WordOp::And, w[0], w[1], 0)),
            Op::Or => self.chunked(width, &[&args[0], &args[1]], |n, w, _| n.apply(WordOp::Or, w[0], w[1], 0)),
            Op::Xor => self.chunked(width, &[&args[0], &args[1]], |n, w, _| n.apply(WordOp::Xor, w[0], w[1], 0)),
            Op::Not => self.chunked(width, &[&args[0]], |n, w, mask| n.apply(WordOp::Not { mask }, w[0], 0, 0)),
            Op::Add | Op::Sub | Op::Mul if width <= 64 => {
                let (a, b) = (self.net.word(&args[0]), self.net.word(&args[1]));
                let mask = mask(width);
                let op = match op {
                    Op::Add => WordOp::Add { mask },
                    Op::Sub => WordOp::Sub { mask },
                    _ => WordOp::Mul { mask },
                };
                Self::one(self.net.apply(op, a, b, 0), width)
            }
            Op::Add => self.wide_add(&args[0], &args[1], false, width).0,
            Op::Sub => self.wide_add(&args[0], &args[1], true, width).0,
            Op::Mul => self.wide_multiply(&args[0], &args[1], width),
            Op::Eq => {
                let ones = self.chunked(own, &[&args[0], &args[1]], |n, w, _| n.apply(WordOp::Eq, w[0], w[1], 0));
                self.reduce(&ones, WordOp::And)
            }
            Op::Less | Op::SignedLess => Self::one(self.less(&args[0], &args[1], op == Op::SignedLess), 1),
            Op::Any => Self::one(self.any(&args[0]), 1),
            Op::All => {
                let ones = self.chunked(own, &[&args[0]], |n, w, mask| {
                    let all = n.constant(mask);
                    n.apply(WordOp::Eq, w[0], all, 0)
                });
                self.reduce(&ones, WordOp::And)
            }
            Op::Parity => {
                let bits = self.chunked(own, &[&args[0]], |n, w, _| n.apply(WordOp::Parity, w[0], 0, 0));
                self.reduce(&bits, WordOp::Xor)
            }
            Op::Shl | Op::Shr | Op::Sar => self.shift(op, &args[0], &args[1], width),
            Op::SignExtend => self.sign_extend(&args[0], width),
            Op::Mux => return self.mux(args, width),
        })
    }

    /// Combines one-bit words, each in the lowest bit of its 64.
    fn reduce(&mut self, bits: &Bits, op: WordOp) -> Bits {
        let words: Vec<Word> = bits.pieces().iter().map(|p| p.node).collect();
        let mut result = words[0];
        for &w in &words[1..] {
            result = self.net.apply(op, result, w, 0);
        }
        Self::one(result, 1)
    }

    fn any(&mut self, value: &Bits) -> Word {
        let zero = self.net.constant(0);
        let bits = self.chunked(value.width(), &[value], |n, w, _| n.apply(WordOp::Ne, w[0], zero, 0));
        self.reduce(&bits, WordOp::Or).pieces()[0].node
    }

    /// Sum or difference, and the carry (no borrow) out of it.
    fn wide_add(&mut self, a: &Bits, b: &Bits, subtract: bool, width: u32) -> (Bits, Word) {
        let mut out = Bits::default();
        let mut carry = self.net.constant(subtract.into());
        let mut at = 0;
        while at < width {
            let len = LIMB.min(width - at);
            let x = self.net.word(&a.slice(at, len));
            let mut y = self.net.word(&b.slice(at, len));
            if subtract {
                y = self.net.apply(WordOp::Not { mask: mask(len) }, y, 0, 0);
            }
            let sum = self.net.apply(WordOp::Add { mask: !0 }, x, y, 0);
            let sum = self.net.apply(WordOp::Add { mask: !0 }, sum, carry, 0);
            let low = self.net.apply(WordOp::Slice { shift: 0, mask: mask(len) }, sum, 0, 0);
            carry = self.net.apply(WordOp::Slice { shift: len as u8, mask: 1 }, sum, 0, 0);
            out.push(Piece { node: low, lo: 0, len });
            at += len;
        }
        (out, carry)
    }

    /// School multiplication by limbs, kept to `width`.
    fn wide_multiply(&mut self, a: &Bits, b: &Bits, width: u32) -> Bits {
        let mut sum = self.constant(&BitVec::zero(width));
        for i in (0..width).step_by(LIMB as usize) {
            for j in (0..width - i).step_by(LIMB as usize) {
                let x = self.net.word(&a.slice(i, LIMB.min(width - i)));
                let y = self.net.word(&b.slice(j, LIMB.min(width - j)));
                let product = self.net.apply(WordOp::Mul { mask: !0 }, x, y, 0);
                let mut shifted = self.constant(&BitVec::zero(i + j));
                shifted.extend(&Self::one(product, 64));
                let rest = self.constant(&BitVec::zero(width));
                shifted.extend(&rest);
                sum = self.wide_add(&sum, &shifted.slice(0, width), false, width).0;
            }
        }
        sum
    }

    fn less(&mut self, a: &Bits, b: &Bits, signed: bool) -> Word {
        let width = a.width();
        if width <= 64 {
            let (mut x, mut y) = (self.net.word(a), self.net.word(b));
            if signed {
                x = self.sign(x, width);
                y = self.sign(y, width);
            }
            return self.net.apply(if signed { WordOp::SignedLess } else { WordOp::Less }, x, y, 0);
        }
        // Turning the sign bits over makes an unsigned comparison of it.
        let turn = |l: &mut Self, v: &Bits| {
            let top = l.net.word(&v.slice(width - 1, 1));
            let top = l.net.apply(WordOp::Not { mask: 1 }, top, 0, 0);
            let mut turned = v.slice(0, width - 1);
            turned.extend(&Self::one(top, 1));
            turned
        };
        let carry = if signed {
            let (a, b) = (turn(self, a), turn(self, b));
            self.wide_add(&a, &b, true, width).1
        } else {
            self.wide_add(a, b, true, width).1
        };
        self.net.apply(WordOp::Not { mask: 1 }, carry, 0, 0)
    }

    /// A value of `width` bits as a signed word of 64.
    fn sign(&mut self, word: Word, width: u32) -> Word {
        if width >= 64 || u32::from(self.net.bits(word)) < width {
            return word;
        }
        self.net.apply(WordOp::SignExtend { by: (64 - width) as u8 }, word, 0, 0)
    }

    fn sign_extend(&mut self, value: &Bits, width: u32) -> Bits {
        let own = value.width();
        if width <= 64 {
            let word = self.net.word(value);
            let word = self.sign(word, own);
            return Self::one(word, width);
        }
        let top = self.net.word(&value.slice(own - 1, 1));
        let fill = self.sign(top, 1);
        let mut out = value.clone();
        while out.width() < width {
            out.extend(&Self::one(fill, 64.min(width - out.width())));
        }
        out
    }

    fn shift(&mut self, op: Op, value: &Bits, amount: &Bits, width: u32) -> Bits {
        let by = self.clamp(amount);
        if width <= 64 {
            let word = self.net.word(value);
            return match op {
                Op::Shl => Self::one(self.net.apply(WordOp::ShlBy { mask: mask(width) }, word, by, 0), width),
                Op::Shr => Self::one(self.net.apply(WordOp::ShrBy, word, by, 0), width),
                _ => {
                    let word = self.sign(word, width);
                    Self::one(self.net.apply(WordOp::SarBy, word, by, 0), width)
                }
            };
        }
        // One stage for each bit of the amount, then everything out if the amount is larger still.
        let fill = match op {
            Op::Sar => self.sign_extend(&value.slice(width - 1, 1), width),
            _ => self.constant(&BitVec::zero(width)),
        };
        let mut out = value.clone();
        let stages = 32 - (width - 1).leading_zeros();
        for stage in (0..stages).rev() {
            let bit = self.net.apply(WordOp::Slice { shift: stage as u8, mask: 1 }, by, 0, 0);
            let distance = 1 << stage;
            let mut moved;
            if op == Op::Shl {
                moved = fill.slice(0, distance);
                moved.extend(&out.slice(0, width - distance));
            } else {
                moved = out.slice(distance, width - distance);
                moved.extend(&fill.slice(0, distance));
            }
            out = self.choose(bit, &moved, &out, width);
        }
        let limit = self.net.constant(1 << stages);
        let inside = self.net.apply(WordOp::Less, by, limit, 0);
        self.choose(inside, &out, &fill, width)
    }
}
