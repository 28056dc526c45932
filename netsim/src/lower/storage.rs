//! What keeps its value from one clock to the next: registers, memories, and the one clock that they all hang on.

use super::Lower;
use crate::bitvec::BitVec;
use crate::design::{Bits, NetId, Node, Piece};
use crate::error::Result;
use crate::netlist::{Word, WordMemory, WordOp, WordRegister, WordWrite};

impl Lower<'_> {
    pub(super) fn memories(&mut self) {
        for m in &self.design.memories {
            let scope = &self.design.scopes[m.scope].path;
            let path = if scope.is_empty() { m.name.clone() } else { format!("{scope}.{}", m.name) };
            self.net.memories.push(WordMemory {
                scope: m.scope,
                path,
                width: m.shape.width,
                stride: m.stride(),
                depth: m.depth,
                contents: m.contents.clone(),
            });
        }
    }

    pub(super) fn registers(&mut self) -> Result<()> {
        // First all their words, so that feedback ends at them; then what they take over.
        let first: Vec<usize> = (0..self.design.registers.len()).map(|r| self.register(r)).collect();
        for (r, start) in self.design.registers.iter().zip(first) {
            self.check_clock(&r.clock, r.net, r.line)?;
            self.net.scope = self.design.nets[r.net].scope;
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
        self.net.scope = self.design.nets[r.net].scope;
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

    pub(super) fn check_clock_is_no_data(&self) -> Result<()> {
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

    pub(super) fn writes(&mut self) -> Result<()> {
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
}
