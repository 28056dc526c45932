//! Expressions, with Verilog's rules of width and sign (IEEE 1364-2005, 5.4 and 5.5).
//!
//! A *self-determined* operand has its own width. A *context-determined* one takes the widest width of the whole
//! expression, assignment target included, and is signed only if every such operand is; it is extended before the
//! operator works on it. That is why `(a + 8'd1) >> 1` keeps the carry and `~flag == 0` surprises.

use crate::ast::{Expr, ExprKind};
use crate::bitvec::BitVec;
use crate::design::{Bits, Design, MemoryId, NetId, Node, Op, ScopeId, Shape};
use crate::error::{Error, Result};
use crate::process::Process;
use std::collections::HashMap;

/// What a name stands for.
#[derive(Clone, Debug)]
pub enum Entity {
    Net(NetId),
    Memory(MemoryId),
    Constant { value: BitVec, signed: bool },
}

/// The names visible at one place: the module's, then those of the generate blocks around it.
pub struct Names<'a> {
    pub scope: ScopeId,
    pub layers: Vec<HashMap<&'a str, Entity>>,
}

impl<'a> Names<'a> {
    pub fn get(&self, name: &str) -> Option<&Entity> {
        self.layers.iter().rev().find_map(|l| l.get(name))
    }
}

/// Evaluates expressions at one place of the design.
pub struct Context<'x, 'a> {
    pub design: &'x mut Design,
    pub names: &'x Names<'a>,
    /// Set inside an always or initial block: the values assigned so far.
    pub process: Option<&'x Process>,
}

/// Offset of a select in bits.
pub enum Offset {
    Fixed(i64),
    Dynamic(Bits),
}

/// Amounts that are computed use this width, so that negative ones are out of any range.
const OFFSET_WIDTH: u32 = 64;

impl<'x, 'a> Context<'x, 'a> {
    pub fn fail<T>(&self, line: u32, message: impl Into<String>) -> Result<T> {
        Err(self.design.error(self.names.scope, line, message.into()))
    }

    pub fn unsupported<T>(&self, line: u32, construct: impl Into<String>) -> Result<T> {
        let module = self.design.scopes[self.names.scope].module.clone();
        Err(Error::Unsupported { module, line, construct: construct.into() })
    }

    pub fn lookup(&self, name: &str, line: u32) -> Result<Entity> {
        match self.names.get(name) {
            Some(entity) => Ok(entity.clone()),
            None => self.fail(line, format!("`{name}` is not declared")),
        }
    }

    /// Self-determined width and sign.
    pub fn shape(&mut self, e: &Expr<'a>) -> Result<(u32, bool)> {
        Ok(match &e.kind {
            ExprKind::Number(n) => (n.value.width(), n.signed),
            ExprKind::Text => return self.unsupported(e.line, "a string in an expression"),
            ExprKind::Name(name) => match self.lookup(name, e.line)? {
                Entity::Net(net) => (self.design.nets[net].shape.width, self.design.nets[net].shape.signed),
                Entity::Constant { value, signed } => (value.width(), signed),
                Entity::Memory(_) => return self.fail(e.line, format!("memory `{name}` needs an address")),
            },
            ExprKind::Index(base, _) => match self.memory(base) {
                Some(memory) => {
                    let shape = self.design.memories[memory].shape;
                    (shape.width, shape.signed)
                }
                None => (1, false),
            },
            ExprKind::Range(_, msb, lsb) => {
                let (msb, lsb) = (self.integer(msb)?, self.integer(lsb)?);
                ((msb - lsb).unsigned_abs() as u32 + 1, false)
            }
            ExprKind::Part { width, .. } => (self.width(width)?, false),
            ExprKind::Concat(parts) => (self.total(parts)?, false),
            ExprKind::Repeat(times, parts) => {
                let times = self.integer(times)?;
                if !(0..=1_000_000).contains(&times) {
                    return self.fail(e.line, format!("a replication cannot be made {times} times"));
                }
                (self.total(parts)? * times as u32, false)
            }
            ExprKind::Unary(op, a) => match *op {
                "~" | "-" | "+" => self.shape(a)?,
                _ => (1, false),
            },
            ExprKind::Binary(op, a, b) => match *op {
                "+" | "-" | "*" | "/" | "%" | "&" | "|" | "^" | "~^" | "^~" => self.common_shape(a, b)?,
                "<<" | ">>" | "<<<" | ">>>" | "**" => self.shape(a)?,
                _ => (1, false),
            },
            ExprKind::Ternary(_, a, b) => self.common_shape(a, b)?,
            ExprKind::Call(name, arguments) => match (*name, arguments.as_slice()) {
                ("$signed", [a]) => (self.shape(a)?.0, true),
                ("$unsigned", [a]) => (self.shape(a)?.0, false),
                ("$clog2", [_]) => (32, true),
                _ => return self.unsupported(e.line, format!("the call {name}")),
            },
        })
    }

    fn common_shape(&mut self, a: &Expr<'a>, b: &Expr<'a>) -> Result<(u32, bool)> {
        let (a, b) = (self.shape(a)?, self.shape(b)?);
        Ok((a.0.max(b.0), a.1 && b.1))
    }

    fn total(&mut self, parts: &[Expr<'a>]) -> Result<u32> {
        parts.iter().try_fold(0, |sum, p| Ok(sum + self.shape(p)?.0))
    }

    /// The memory that `base` names, if it is one.
    pub fn memory(&self, base: &Expr<'a>) -> Option<MemoryId> {
        match base.kind {
            ExprKind::Name(name) => match self.names.get(name) {
                Some(Entity::Memory(id)) => Some(*id),
                _ => None,
            },
            _ => None,
        }
    }

    /// Self-determined value with its sign.
    pub fn eval_self(&mut self, e: &Expr<'a>) -> Result<(Bits, bool)> {
        let (width, signed) = self.shape(e)?;
        Ok((self.eval(e, width, signed)?, signed))
    }

    /// The value as an assignment to `width` bits gives it.
    pub fn eval_assigned(&mut self, e: &Expr<'a>, width: u32) -> Result<Bits> {
        let (own, signed) = self.shape(e)?;
        Ok(self.eval(e, own.max(width), signed)?.slice(0, width))
    }

    /// One bit: whether the value is not zero.
    pub fn eval_truth(&mut self, e: &Expr<'a>) -> Result<Bits> {
        let (bits, _) = self.eval_self(e)?;
        Ok(self.design.truth(bits))
    }

    pub fn constant(&mut self, e: &Expr<'a>) -> Result<(BitVec, bool)> {
        let (bits, signed) = self.eval_self(e)?;
        match self.design.as_constant(&bits) {
            Some(value) => Ok((value, signed)),
            None => self.fail(e.line, "a constant is expected here"),
        }
    }

    pub fn integer(&mut self, e: &Expr<'a>) -> Result<i64> {
        let (value, signed) = self.constant(e)?;
        match value.to_i64(signed).filter(|v| v.unsigned_abs() <= 1 << 31) {
            Some(v) => Ok(v),
            None => self.fail(e.line, "this constant is out of range"),
        }
    }

    fn width(&mut self, e: &Expr<'a>) -> Result<u32> {
        match self.integer(e)? {
            w @ 1..=1_000_000 => Ok(w as u32),
            w => self.fail(e.line, format!("a part select cannot be {w} bits wide")),
        }
    }

    /// Value in a context of `width` bits (not below the expression's own) that is signed or not.
    pub fn eval(&mut self, e: &Expr<'a>, width: u32, signed: bool) -> Result<Bits> {
        let value = match &e.kind {
            ExprKind::Number(n) if n.wild.is_some() => {
                return self.unsupported(e.line, "a number with z or ? outside a casez item");
            }
            ExprKind::Number(n) => return Ok(self.design.constant(n.value.extend(width, signed))),
            ExprKind::Text => return self.unsupported(e.line, "a string in an expression"),
            ExprKind::Name(name) => self.read(name, e.line)?.0,
            ExprKind::Index(base, index) => match self.memory(base) {
                Some(memory) => self.read_memory(memory, index)?,
                None => {
                    let (value, shape) = self.selectable(base)?;
                    let offset = self.offset(index, shape)?;
                    self.select(&value, offset, 1)
                }
            },
            ExprKind::Range(base, msb, lsb) => {
                let (value, shape) = self.selectable(base)?;
                let (lo, len) = self.range(msb, lsb, shape, e.line)?;
                self.select(&value, Offset::Fixed(lo), len)
            }
            ExprKind::Part { base, start, width: len, up } => {
                let (value, shape) = self.selectable(base)?;
                let len = self.width(len)?;
                let offset = self.part_offset(start, len, *up, shape)?;
                self.select(&value, offset, len)
            }
            ExprKind::Concat(parts) => self.concat(parts)?,
            ExprKind::Repeat(times, parts) => {
                let times = self.integer(times)?;
                let once = self.concat(parts)?;
                let mut all = Bits::default();
                (0..times).for_each(|_| all.extend(&once));
                all
            }
            ExprKind::Unary(op, a) => return self.unary(op, a, width, signed, e.line),
            ExprKind::Binary(op, a, b) => return self.binary(op, a, b, width, signed, e.line),
            ExprKind::Ternary(c, a, b) => {
                let c = self.eval_truth(c)?;
                let (a, b) = (self.eval(a, width, signed)?, self.eval(b, width, signed)?);
                return Ok(self.design.mux(&c, &a, &b));
            }
            ExprKind::Call(name, arguments) => match (*name, arguments.as_slice()) {
                ("$signed" | "$unsigned", [a]) => self.eval_self(a)?.0,
                ("$clog2", [a]) => {
                    let n = self.integer(a)?.max(1) as u64;
                    self.design.number(32, u64::from(n.next_power_of_two().trailing_zeros()))
                }
                _ => return self.unsupported(e.line, format!("the call {name}")),
            },
        };
        Ok(self.design.resize(&value, width, signed))
    }

    fn concat(&mut self, parts: &[Expr<'a>]) -> Result<Bits> {
        let mut all = Bits::default();
        for part in parts.iter().rev() {
            all.extend(&self.eval_self(part)?.0);
        }
        Ok(all)
    }

    fn unary(&mut self, op: &str, a: &Expr<'a>, width: u32, signed: bool, line: u32) -> Result<Bits> {
        match op {
            "+" => return self.eval(a, width, signed),
            "~" => {
                let a = self.eval(a, width, signed)?;
                return Ok(self.design.not(a));
            }
            "-" => {
                let a = self.eval(a, width, signed)?;
                let zero = self.design.number(width, 0);
                return Ok(self.design.op(Op::Sub, vec![zero, a], width));
            }
            _ => {}
        }
        let (a, _) = self.eval_self(a)?;
        let (reduce, invert) = match op {
            "|" => (Op::Any, false),
            "~|" | "!" => (Op::Any, true),
            "&" => (Op::All, false),
            "~&" => (Op::All, true),
            "^" => (Op::Parity, false),
            "~^" | "^~" => (Op::Parity, true),
            _ => return self.unsupported(line, format!("the operator {op}")),
        };
        let mut bit = if a.width() == 1 { a } else { self.design.op(reduce, vec![a], 1) };
        if invert {
            bit = self.design.not(bit);
        }
        Ok(self.design.resize(&bit, width, false))
    }

    fn binary(&mut self, op: &str, a: &Expr<'a>, b: &Expr<'a>, width: u32, signed: bool, line: u32) -> Result<Bits> {
        let word = match op {
            "+" => Op::Add,
            "-" => Op::Sub,
            "*" => Op::Mul,
            "&" => Op::And,
            "|" => Op::Or,
            "^" | "~^" | "^~" => Op::Xor,
            "<<" | "<<<" => Op::Shl,
            ">>" => Op::Shr,
            ">>>" => {
                if signed {
                    Op::Sar
                } else {
                    Op::Shr
                }
            }
            "/" | "%" | "**" => return self.integer_only(op, a, b, width, signed, line),
            "&&" | "||" => {
                let args = vec![self.eval_truth(a)?, self.eval_truth(b)?];
                let bit = self.design.op(if op == "&&" { Op::And } else { Op::Or }, args, 1);
                return Ok(self.design.resize(&bit, width, false));
            }
            _ => {
                let bit = self.compare(op, a, b, line)?;
                return Ok(self.design.resize(&bit, width, false));
            }
        };
        let left = self.eval(a, width, signed)?;
        let right = match word {
            Op::Shl | Op::Shr | Op::Sar => self.eval_self(b)?.0,
            _ => self.eval(b, width, signed)?,
        };
        let value = self.design.op(word, vec![left, right], width);
        Ok(if matches!(op, "~^" | "^~") { self.design.not(value) } else { value })
    }

    fn compare(&mut self, op: &str, a: &Expr<'a>, b: &Expr<'a>, line: u32) -> Result<Bits> {
        let (width, signed) = self.common_shape(a, b)?;
        let (a, b) = (self.eval(a, width, signed)?, self.eval(b, width, signed)?);
        let less = if signed { Op::SignedLess } else { Op::Less };
        let (op, args, invert) = match op {
            "==" | "===" => (Op::Eq, vec![a, b], false),
            "!=" | "!==" => (Op::Eq, vec![a, b], true),
            "<" => (less, vec![a, b], false),
            ">" => (less, vec![b, a], false),
            ">=" => (less, vec![a, b], true),
            "<=" => (less, vec![b, a], true),
            "~&" | "~|" => return self.unsupported(line, format!("the operator {op} between two operands")),
            _ => return self.unsupported(line, format!("the operator {op}")),
        };
        let bit = self.design.op(op, args, 1);
        Ok(if invert { self.design.not(bit) } else { bit })
    }

    /// Division and powers exist in constants only.
    fn integer_only(
        &mut self,
        op: &str,
        a: &Expr<'a>,
        b: &Expr<'a>,
        width: u32,
        signed: bool,
        line: u32,
    ) -> Result<Bits> {
        let a = self.eval(a, width, signed)?;
        let (b, b_signed) = if op == "**" { self.eval_self(b)? } else { (self.eval(b, width, signed)?, signed) };
        let integer = |d: &Design, v: &Bits, s| d.as_constant(v).and_then(|v| v.to_i64(s));
        let (Some(x), Some(y)) = (integer(self.design, &a, signed), integer(self.design, &b, b_signed)) else {
            return self.unsupported(line, format!("the operator {op} on signals"));
        };
        let value = match op {
            "/" => x.checked_div(y),
            "%" => x.checked_rem(y),
            _ => u32::try_from(y).ok().and_then(|y| x.checked_pow(y)),
        };
        match value {
            Some(v) => Ok(self.design.constant(BitVec::from_u64(64, v as u64).extend(width, signed))),
            None => self.fail(line, format!("{x} {op} {y} has no value")),
        }
    }

    fn read(&mut self, name: &str, line: u32) -> Result<(Bits, Shape)> {
        match self.lookup(name, line)? {
            Entity::Net(net) => {
                let value = match self.process {
                    Some(process) => process.read(self.design, net),
                    None => self.design.net_value(net),
                };
                Ok((value, self.design.nets[net].shape))
            }
            Entity::Constant { value, signed } => {
                let shape = Shape { width: value.width(), signed, right: 0, descending: true };
                Ok((self.design.constant(value), shape))
            }
            Entity::Memory(_) => self.fail(line, format!("memory `{name}` needs an address")),
        }
    }

    /// A value that bits can be selected from.
    fn selectable(&mut self, base: &Expr<'a>) -> Result<(Bits, Shape)> {
        match &base.kind {
            ExprKind::Name(name) => self.read(name, base.line),
            ExprKind::Index(inner, address) if self.memory(inner).is_some() => {
                let memory = self.memory(inner).unwrap_or_default();
                Ok((self.read_memory(memory, address)?, self.design.memories[memory].shape))
            }
            _ => self.unsupported(base.line, "a select of anything but a vector or a memory word"),
        }
    }

    fn read_memory(&mut self, memory: MemoryId, address: &Expr<'a>) -> Result<Bits> {
        let address = self.address(memory, address)?;
        let width = self.design.memories[memory].shape.width;
        Ok(self.design.value(Node::Read { memory, address }, width))
    }

    /// Address counted from the lowest word.
    pub fn address(&mut self, memory: MemoryId, address: &Expr<'a>) -> Result<Bits> {
        let low = self.design.memories[memory].low;
        let (bits, signed) = self.eval_self(address)?;
        Ok(if low == 0 && !signed { bits } else { self.minus(&bits, signed, low) })
    }

    fn minus(&mut self, bits: &Bits, signed: bool, value: i64) -> Bits {
        let bits = self.design.resize(bits, OFFSET_WIDTH, signed);
        if value == 0 {
            return bits;
        }
        let value = self.design.number(OFFSET_WIDTH, value as u64);
        self.design.op(Op::Sub, vec![bits, value], OFFSET_WIDTH)
    }

    /// Distance of the bit with this index from the lowest bit.
    pub fn offset(&mut self, index: &Expr<'a>, shape: Shape) -> Result<Offset> {
        let (bits, signed) = self.eval_self(index)?;
        if let Some(value) = self.design.as_constant(&bits) {
            let Some(i) = value.to_i64(signed).filter(|i| i.unsigned_abs() < 1 << 31) else {
                return Ok(Offset::Fixed(i64::from(shape.width)));
            };
            return Ok(Offset::Fixed(if shape.descending { i - shape.right } else { shape.right - i }));
        }
        Ok(Offset::Dynamic(if !shape.descending {
            let right = self.design.number(OFFSET_WIDTH, shape.right as u64);
            let index = self.design.resize(&bits, OFFSET_WIDTH, signed);
            self.design.op(Op::Sub, vec![right, index], OFFSET_WIDTH)
        } else if shape.right == 0 && !signed {
            bits
        } else {
            self.minus(&bits, signed, shape.right)
        }))
    }

    /// Offset of the lowest bit of `[start +: len]` or `[start -: len]`.
    pub fn part_offset(&mut self, start: &Expr<'a>, len: u32, up: bool, shape: Shape) -> Result<Offset> {
        let below = i64::from(len) - 1;
        // The start is the lowest bit when the part goes the way the vector counts.
        let starts_low = up == shape.descending;
        Ok(match self.offset(start, shape)? {
            offset if starts_low => offset,
            Offset::Fixed(at) => Offset::Fixed(at - below),
            Offset::Dynamic(at) => Offset::Dynamic(self.minus(&at, false, below)),
        })
    }

    /// Offset and length of `[msb:lsb]`.
    pub fn range(&mut self, msb: &Expr<'a>, lsb: &Expr<'a>, shape: Shape, line: u32) -> Result<(i64, u32)> {
        let (left, right) = (self.integer(msb)?, self.integer(lsb)?);
        if left != right && (left > right) != shape.descending {
            return self.fail(line, format!("the range [{left}:{right}] runs against that of the declaration"));
        }
        let lo = if shape.descending { right - shape.right } else { shape.right - right };
        Ok((lo, (left - right).unsigned_abs() as u32 + 1))
    }

    /// `len` bits from `offset` on; those outside the value are 0.
    fn select(&mut self, value: &Bits, offset: Offset, len: u32) -> Bits {
        let width = value.width();
        match offset {
            Offset::Fixed(at) => {
                let mut out = Bits::default();
                let (from, to) = (at.clamp(0, width.into()), (at + i64::from(len)).clamp(0, width.into()));
                let below = (from - at).clamp(0, len.into()) as u32;
                let below = if to <= from { len } else { below };
                out.extend(&self.design.constant(BitVec::zero(below)));
                if to > from {
                    out.extend(&value.slice(from as u32, (to - from) as u32));
                }
                self.design.resize(&out, len, false)
            }
            Offset::Dynamic(at) => {
                let shifted = self.design.op(Op::Shr, vec![value.clone(), at], width);
                self.design.resize(&shifted, len, false)
            }
        }
    }

    /// A parameter's value: with the declared type, or with the type of its expression.
    pub fn parameter(&mut self, value: &Expr<'a>, range: Option<u32>, signed: bool) -> Result<(BitVec, bool)> {
        match range {
            Some(width) => {
                let bits = self.eval_assigned(value, width)?;
                match self.design.as_constant(&bits) {
                    Some(v) => Ok((v, signed)),
                    None => self.fail(value.line, "a constant is expected here"),
                }
            }
            None => {
                let (v, own) = self.constant(value)?;
                Ok((v, own || signed))
            }
        }
    }
}
