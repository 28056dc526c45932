//! Executes always and initial blocks symbolically: branches become multiplexers, loops are unrolled.

use crate::ast::{Case, Expr, ExprKind, Statement, StatementKind};
use crate::bitvec::BitVec;
use crate::design::{Bits, Design, MemoryId, NetId, Op, Write};
use crate::error::Result;
use crate::expr::{Context, Entity, Names, Offset};
use crate::process::{Kind, Process};
use std::collections::HashSet;

/// A loop that runs longer than this does not end.
const MAX_ITERATIONS: usize = 1 << 24;
/// Subjects up to this width are checked for cases that cover every value.
const MAX_FULL_CASE: u32 = 16;

pub struct Executor<'x, 'a> {
    pub design: &'x mut Design,
    pub names: &'x Names<'a>,
    pub process: Process,
    /// The clock's value, for memory writes.
    pub clock: Bits,
}

/// What an assignment stores to.
enum Place {
    Net { net: NetId, offset: Offset, len: u32 },
    Word { memory: MemoryId, address: Bits, offset: Offset, len: u32 },
}

impl<'x, 'a> Executor<'x, 'a> {
    fn context(&mut self) -> Context<'_, 'a> {
        Context { design: self.design, names: self.names, process: Some(&self.process) }
    }

    pub fn run(&mut self, s: &Statement<'a>) -> Result<()> {
        match &s.kind {
            StatementKind::Empty => Ok(()),
            StatementKind::Block(statements) => statements.iter().try_for_each(|s| self.run(s)),
            StatementKind::Assign { target, value, blocking } => self.assign(target, value, *blocking),
            StatementKind::If(condition, then, otherwise) => {
                let condition = self.context().eval_truth(condition)?;
                self.branch(condition, |x| x.run(then), |x| otherwise.as_ref().map_or(Ok(()), |s| x.run(s)))
            }
            StatementKind::Case(case) => self.case(case, s.line),
            StatementKind::For { start, condition, step, body } => {
                self.run(start)?;
                for _ in 0..MAX_ITERATIONS {
                    let (more, _) = self.context().constant(condition)?;
                    if more.is_zero() {
                        return Ok(());
                    }
                    self.run(body)?;
                    self.run(step)?;
                }
                self.context().fail(s.line, "this loop does not end")
            }
        }
    }

    fn branch(
        &mut self,
        condition: Bits,
        then: impl FnOnce(&mut Self) -> Result<()>,
        otherwise: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        if let Some(known) = self.design.as_constant(&condition) {
            return if known.is_zero() { otherwise(self) } else { then(self) };
        }
        self.process.open(condition.clone());
        then(self)?;
        let taken = self.process.close();
        let inverse = self.design.not(condition.clone());
        self.process.open(inverse);
        otherwise(self)?;
        let skipped = self.process.close();
        let mut keys: Vec<_> =
            taken.keys().chain(skipped.keys().filter(|k| !taken.contains_key(*k))).copied().collect();
        // Nodes are made in this order; a hash map's own would change from run to run.
        keys.sort_unstable();
        for key in keys {
            let before = self.process.assigned(self.design, key);
            let a = taken.get(&key).unwrap_or(&before);
            let b = skipped.get(&key).unwrap_or(&before);
            let value = self.design.mux(&condition, a, b);
            self.process.set(key, value);
        }
        Ok(())
    }

    fn case(&mut self, case: &Case<'a>, line: u32) -> Result<()> {
        let mut context = self.context();
        let subject_shape = context.shape(&case.subject)?;
        let (mut width, mut signed) = subject_shape;
        for label in case.items.iter().flat_map(|(labels, _)| labels) {
            let shape = context.shape(label)?;
            width = width.max(shape.0);
            signed &= shape.1;
        }
        let subject = context.eval(&case.subject, width, signed)?;
        let mut arms = Vec::with_capacity(case.items.len());
        let mut covered = HashSet::new();
        let mut full = false;
        for (labels, body) in &case.items {
            let mut condition: Option<Bits> = None;
            for label in labels {
                let (hit, exact) = self.matches(&subject, label, case.wild, width, signed)?;
                if let Some(value) = exact
                    && subject_shape.0 <= MAX_FULL_CASE
                    && value.significant() <= subject_shape.0
                {
                    covered.insert(value);
                }
                condition = Some(match condition {
                    None => hit,
                    Some(other) => self.design.op(Op::Or, vec![other, hit], 1),
                });
            }
            full |= subject_shape.0 <= MAX_FULL_CASE && !signed && covered.len() == 1 << subject_shape.0;
            arms.push((condition.unwrap_or_default(), body));
            if full {
                break;
            }
        }
        if arms.iter().any(|(c, _)| c.width() != 1) {
            return self.context().fail(line, "a case item has no value");
        }
        let default = match (full, arms.len()) {
            (true, 1..) => arms.pop().map(|(_, body)| body),
            _ => case.default.as_deref(),
        };
        self.arms(&arms, default)
    }

    /// Runs the first arm whose condition holds, else the default.
    fn arms(&mut self, arms: &[(Bits, &Statement<'a>)], default: Option<&Statement<'a>>) -> Result<()> {
        match arms.split_first() {
            None => default.map_or(Ok(()), |s| self.run(s)),
            Some(((condition, body), rest)) => {
                self.branch(condition.clone(), |x| x.run(body), |x| x.arms(rest, default))
            }
        }
    }

    /// Whether the subject matches a label, and the label's value if it is one constant.
    fn matches(
        &mut self,
        subject: &Bits,
        label: &Expr<'a>,
        wild: bool,
        width: u32,
        signed: bool,
    ) -> Result<(Bits, Option<BitVec>)> {
        if let (true, ExprKind::Number(n)) = (wild, &label.kind)
            && let Some(free) = &n.wild
        {
            let care = self.design.constant(free.extend(width, false).not());
            let value = self.design.constant(n.value.extend(width, false));
            let masked = self.design.op(Op::And, vec![subject.clone(), care], width);
            return Ok((self.design.op(Op::Eq, vec![masked, value], 1), None));
        }
        let value = self.context().eval(label, width, signed)?;
        let exact = self.design.as_constant(&value);
        Ok((self.design.op(Op::Eq, vec![subject.clone(), value], 1), exact))
    }

    fn assign(&mut self, target: &Expr<'a>, value: &Expr<'a>, blocking: bool) -> Result<()> {
        let mut places = Vec::new();
        self.places(target, &mut places)?;
        let width = places.iter().map(Place::len).sum();
        let value = self.context().eval_assigned(value, width)?;
        let mut at = 0;
        for place in places {
            let len = place.len();
            self.store(place, value.slice(at, len), blocking, target.line)?;
            at += len;
        }
        Ok(())
    }

    /// The parts of a target, lowest first.
    fn places(&mut self, target: &Expr<'a>, out: &mut Vec<Place>) -> Result<()> {
        if let ExprKind::Concat(parts) = &target.kind {
            return parts.iter().rev().try_for_each(|p| self.places(p, out));
        }
        if let ExprKind::Index(base, address) = &target.kind
            && let Some(memory) = self.context().memory(base)
        {
            let address = self.context().address(memory, address)?;
            let len = self.design.memories[memory].shape.width;
            out.push(Place::Word { memory, address, offset: Offset::Fixed(0), len });
            return Ok(());
        }
        let (base, select) = match &target.kind {
            ExprKind::Name(_) => (target, None),
            ExprKind::Index(base, _) | ExprKind::Range(base, ..) | ExprKind::Part { base, .. } => {
                (&**base, Some(target))
            }
            _ => return self.context().unsupported(target.line, "this target of an assignment"),
        };
        let mut context = self.context();
        let word = match &base.kind {
            ExprKind::Index(inner, address) => match context.memory(inner) {
                Some(memory) => Some((memory, context.address(memory, address)?)),
                None => None,
            },
            _ => None,
        };
        let (shape, net) = match (&word, &base.kind) {
            (Some((memory, _)), _) => (context.design.memories[*memory].shape, None),
            (None, ExprKind::Name(name)) => match context.lookup(name, base.line)? {
                Entity::Net(net) => (context.design.nets[net].shape, Some(net)),
                Entity::Memory(_) => return context.fail(base.line, format!("memory `{name}` needs an address")),
                Entity::Constant { .. } => return context.fail(base.line, format!("`{name}` is a constant")),
            },
            _ => return context.unsupported(target.line, "this target of an assignment"),
        };
        let (offset, len) = match select.map(|s| &s.kind) {
            Some(ExprKind::Index(_, index)) => (context.offset(index, shape)?, 1),
            Some(ExprKind::Range(_, msb, lsb)) => {
                let (lo, len) = context.range(msb, lsb, shape, target.line)?;
                (Offset::Fixed(lo), len)
            }
            Some(ExprKind::Part { start, width, up, .. }) => {
                let len = context.integer(width)?.clamp(1, 1_000_000) as u32;
                (context.part_offset(start, len, *up, shape)?, len)
            }
            _ => (Offset::Fixed(0), shape.width),
        };
        out.push(match (word, net) {
            (Some((memory, address)), _) => Place::Word { memory, address, offset, len },
            (None, Some(net)) => Place::Net { net, offset, len },
            (None, None) => return Ok(()),
        });
        Ok(())
    }

    fn store(&mut self, place: Place, value: Bits, blocking: bool, line: u32) -> Result<()> {
        match place {
            Place::Net { net, offset, .. } => {
                if !self.design.nets[net].variable {
                    let name = self.design.nets[net].name.clone();
                    return self
                        .context()
                        .fail(line, format!("`{name}` is a wire; a block assigns to variables (reg)"));
                }
                let nonblocking = !blocking && self.process.kind != Kind::Initial;
                let key = (net, nonblocking);
                let old = self.process.assigned(self.design, key);
                let (new, _) = insert(self.design, &old, &offset, &value);
                self.process.set(key, new);
                Ok(())
            }
            Place::Word { memory, address, offset, len } => match self.process.kind {
                Kind::Initial => self.store_initial(memory, &address, &offset, &value, line),
                Kind::Clocked if !blocking => {
                    let whole = len == self.design.memories[memory].shape.width;
                    self.store_clocked(memory, address, (!whole).then_some(offset), value, line);
                    Ok(())
                }
                Kind::Clocked => {
                    self.context().unsupported(line, "a blocking assignment to a memory at a clock edge; use <=, which")
                }
                Kind::Combinational => self.context().unsupported(line, "a memory written without a clock"),
            },
        }
    }

    fn store_initial(
        &mut self,
        memory: MemoryId,
        address: &Bits,
        offset: &Offset,
        value: &Bits,
        line: u32,
    ) -> Result<()> {
        let (Some(address), Some(value)) = (self.design.as_constant(address), self.design.as_constant(value)) else {
            return self.context().fail(line, "an initial block can only assign constants");
        };
        let Offset::Fixed(at) = *offset else {
            return self.context().fail(line, "an initial block can only assign constants");
        };
        let m = &mut self.design.memories[memory];
        let Some(index) = address.to_u64().filter(|&a| a < m.depth as u64) else { return Ok(()) };
        let stride = m.stride();
        let words = &mut m.contents[index as usize * stride..][..stride];
        let width = m.shape.width;
        if at == 0 && value.width() == width {
            words.copy_from_slice(value.words());
            return Ok(());
        }
        for i in 0..value.width() {
            let bit = at + i64::from(i);
            if (0..i64::from(width)).contains(&bit) {
                let (word, shift) = (bit as usize / 64, bit % 64);
                words[word] = words[word] & !(1 << shift) | u64::from(value.bit(i)) << shift;
            }
        }
        Ok(())
    }

    fn store_clocked(&mut self, memory: MemoryId, address: Bits, offset: Option<Offset>, value: Bits, line: u32) {
        let mut enable: Option<Bits> = None;
        for condition in self.process.conditions().to_vec() {
            enable = Some(match enable {
                None => condition,
                Some(e) => self.design.op(Op::And, vec![e, condition], 1),
            });
        }
        let enable = enable.unwrap_or_else(|| self.design.number(1, 1));
        let (mask, data) = match offset {
            None => (None, value),
            Some(offset) => {
                let width = self.design.memories[memory].shape.width;
                let zero = self.design.constant(BitVec::zero(width));
                let ones = self.design.constant(BitVec::ones(value.width()));
                let (data, _) = insert(self.design, &zero, &offset, &value);
                let (mask, _) = insert(self.design, &zero, &offset, &ones);
                (Some(mask), data)
            }
        };
        let clock = self.clock.clone();
        self.process.writes.push((memory, Write { enable, address, mask, data, clock, line }));
    }
}

impl Place {
    fn len(&self) -> u32 {
        match self {
            Place::Net { len, .. } | Place::Word { len, .. } => *len,
        }
    }
}

/// `old` with `value` put in at `offset`; what falls outside is dropped. Also whether anything was put in.
pub fn insert(design: &mut Design, old: &Bits, offset: &Offset, value: &Bits) -> (Bits, bool) {
    let width = old.width();
    match offset {
        Offset::Fixed(at) => {
            let end = (at + i64::from(value.width())).clamp(0, width.into());
            let from = (*at).clamp(0, width.into());
            if from >= end {
                return (old.clone(), false);
            }
            let (from, len) = (from as u32, (end - from) as u32);
            let mut new = old.slice(0, from);
            new.extend(&value.slice((i64::from(from) - at) as u32, len));
            new.extend(&old.slice(from + len, width - from - len));
            (new, true)
        }
        Offset::Dynamic(at) => {
            let ones = design.constant(BitVec::ones(value.width()));
            let mask = design.resize(&ones, width, false);
            let wide = design.resize(value, width, false);
            let mask = design.op(Op::Shl, vec![mask, at.clone()], width);
            let wide = design.op(Op::Shl, vec![wide, at.clone()], width);
            let rest = design.not(mask);
            let kept = design.op(Op::And, vec![old.clone(), rest], width);
            (design.op(Op::Or, vec![kept, wide], width), true)
        }
    }
}
