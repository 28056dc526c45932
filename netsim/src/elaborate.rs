//! Builds the flat design: one pass per instance over its module's items.

use crate::ast::*;
use crate::bitvec::BitVec;
use crate::design::*;
use crate::error::{Error, Result};
use crate::execute::Executor;
use crate::expr::{Context, Entity, Names, Offset};
use crate::process::{Kind, Process};
use std::collections::{HashMap, HashSet};

/// Deeper than any real hierarchy: a module that contains itself.
const MAX_DEPTH: usize = 200;
/// Widest vector and deepest memory accepted, so that a wrong range is an error and not a lack of memory.
const MAX_WIDTH: u64 = 1 << 20;
const MAX_MEMORY_BITS: u64 = 1 << 33;

pub struct Elaborator<'x, 'a> {
    modules: HashMap<&'a str, &'x Module<'a>>,
    design: Design,
}

/// Elaborates the module `top` with everything below it.
pub fn elaborate(modules: &[Module<'_>], top: &str) -> Result<Design> {
    let table: HashMap<_, _> = modules.iter().map(|m| (m.name, m)).collect();
    let Some(module) = table.get(top).copied() else {
        return Err(Error::NoTop {
            top: top.into(),
            count: modules.len(),
            first: modules.first().map_or("none", |m| m.name).into(),
        });
    };
    let mut e = Elaborator { modules: table, design: Design::default() };
    let (_, ports) = e.module(module, String::new(), &[], 0)?;
    for (name, net, direction) in ports {
        let input = match direction {
            Direction::Input => true,
            Direction::Output => false,
            Direction::Inout => return Err(e.unsupported(0, module.line, format!("the inout port `{name}`"))),
        };
        if input {
            let index = e.design.ports.len();
            let (width, line) = (e.design.nets[net].shape.width, e.design.nets[net].line);
            let value = e.design.value(Node::Input(index), width);
            e.design.drive(net, 0, value, line)?;
        }
        e.design.ports.push(Port { name: name.to_string(), net, input });
    }
    Ok(e.design)
}

/// Name, net and direction of a module's ports.
type Ports<'a> = Vec<(&'a str, NetId, Direction)>;

impl<'x, 'a> Elaborator<'x, 'a> {
    fn unsupported(&self, scope: ScopeId, line: u32, construct: String) -> Error {
        Error::Unsupported { module: self.design.scopes[scope].module.clone(), line, construct }
    }

    fn context<'c>(&'c mut self, names: &'c Names<'a>) -> Context<'c, 'a> {
        Context { design: &mut self.design, names, process: None }
    }

    fn new_scope(&mut self, path: String, module: &str) -> ScopeId {
        self.design.scopes.push(Scope { path, module: module.into(), nets: Vec::new() });
        self.design.scopes.len() - 1
    }

    fn module(
        &mut self,
        module: &'x Module<'a>,
        path: String,
        overrides: &[(&'a str, BitVec, bool)],
        depth: usize,
    ) -> Result<(Names<'a>, Ports<'a>)> {
        let scope = self.new_scope(path, module.name);
        if depth > MAX_DEPTH {
            return Err(self.design.error(scope, module.line, "this module contains itself".into()));
        }
        let mut names = Names { scope, layers: vec![HashMap::new()] };
        let mut directions = HashMap::new();
        self.declare(&module.items, &mut names, overrides, &mut directions)?;
        let mut ports = Vec::with_capacity(module.ports.len());
        for &port in &module.ports {
            match (names.get(port), directions.get(port)) {
                (Some(Entity::Net(net)), Some(&direction)) => ports.push((port, *net, direction)),
                _ => {
                    let message = format!("port `{port}` has no direction");
                    return Err(self.design.error(scope, module.line, message));
                }
            }
        }
        self.items(&module.items, &mut names, depth)?;
        Ok((names, ports))
    }

    fn declare(
        &mut self,
        items: &'x [Item<'a>],
        names: &mut Names<'a>,
        overrides: &[(&'a str, BitVec, bool)],
        directions: &mut HashMap<&'a str, Direction>,
    ) -> Result<()> {
        for item in items {
            match item {
                Item::Parameter(p) => {
                    let over = overrides.iter().find(|o| !p.local && o.0 == p.name);
                    let range = match &p.range {
                        Some(range) => Some(self.shape(range, p.signed, names, p.line)?.width),
                        None => None,
                    };
                    let (value, signed) = match over {
                        Some((_, value, signed)) => match range {
                            Some(width) => (value.extend(width, *signed), p.signed),
                            None => (value.clone(), *signed),
                        },
                        None => self.context(names).parameter(&p.value, range, p.signed)?,
                    };
                    self.bind(names, p.name, Entity::Constant { value, signed });
                }
                Item::Declare(d) => {
                    if let Some(direction) = d.direction {
                        directions.insert(d.name, direction);
                    }
                    self.declaration(d, names)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn bind(&self, names: &mut Names<'a>, name: &'a str, entity: Entity) {
        if let Some(layer) = names.layers.last_mut() {
            layer.insert(name, entity);
        }
    }

    fn shape(&mut self, range: &Range<'a>, signed: bool, names: &Names<'a>, line: u32) -> Result<Shape> {
        let mut context = self.context(names);
        let (left, right) = (context.integer(&range.0)?, context.integer(&range.1)?);
        let width = (left - right).unsigned_abs() + 1;
        if width > MAX_WIDTH {
            return context
                .fail(line, format!("a range of {width} bits or words is more than the {MAX_WIDTH} accepted"));
        }
        Ok(Shape { width: width as u32, signed, right, descending: left >= right })
    }

    fn declaration(&mut self, d: &'x Declaration<'a>, names: &mut Names<'a>) -> Result<()> {
        let mut shape = match &d.range {
            Some(range) => self.shape(range, d.signed, names, d.line)?,
            None => Shape { width: 1, signed: d.signed, right: 0, descending: true },
        };
        if let Some(words) = &d.words {
            let mut context = self.context(names);
            let (a, b) = (context.integer(&words.0)?, context.integer(&words.1)?);
            let depth = (a - b).unsigned_abs() + 1;
            if depth * u64::from(shape.width) > MAX_MEMORY_BITS {
                return context.fail(d.line, format!("memory `{}` has {depth} words: too many", d.name));
            }
            let mut memory = Memory {
                scope: names.scope,
                name: d.name.into(),
                shape,
                low: a.min(b),
                depth: depth as usize,
                contents: Vec::new(),
                writes: Vec::new(),
            };
            memory.contents = vec![0; memory.depth * memory.stride()];
            self.design.memories.push(memory);
            self.bind(names, d.name, Entity::Memory(self.design.memories.len() - 1));
            return Ok(());
        }
        // A port may be declared twice: `output y; reg [3:0] y;`.
        if let Some(Entity::Net(net)) = names.layers.last().and_then(|l| l.get(d.name)).cloned() {
            let n = &mut self.design.nets[net];
            n.variable |= d.variable;
            shape.signed |= n.shape.signed;
            if d.range.is_some() || n.shape.width == 1 {
                n.shape = shape;
            }
        } else {
            let id = self.design.nets.len();
            let node = self.design.node(Node::Net(id));
            self.design.nets.push(Net {
                scope: names.scope,
                name: d.name.into(),
                line: d.line,
                node,
                shape,
                variable: d.variable,
                init: None,
                drivers: Vec::new(),
            });
            self.design.scopes[names.scope].nets.push(id);
            self.bind(names, d.name, Entity::Net(id));
        }
        Ok(())
    }

    fn items(&mut self, items: &'x [Item<'a>], names: &mut Names<'a>, depth: usize) -> Result<()> {
        for item in items {
            match item {
                Item::Parameter(_) | Item::Genvar => {}
                Item::Declare(d) => self.declared_value(d, names)?,
                Item::Assign { line, target, value } => self.assign(target, value, *line, names)?,
                Item::Initial(body) => self.process(Kind::Initial, body, Bits::default(), 0, names)?,
                Item::Combinational(body) => {
                    self.process(Kind::Combinational, body, Bits::default(), body.line, names)?;
                }
                Item::Clocked { line, clock, body } => {
                    let Entity::Net(net) = self.context(names).lookup(clock, *line)? else {
                        return self.context(names).fail(*line, format!("the clock `{clock}` is not a net"));
                    };
                    let clock = self.design.net_value(net).slice(0, 1);
                    self.process(Kind::Clocked, body, clock, *line, names)?;
                }
                Item::Instance(instance) => self.instance(instance, names, depth)?,
                Item::GenerateFor { line, variable, start, condition, step, block } => {
                    let mut index = self.context(names).integer(start)?;
                    for _ in 0..MAX_WIDTH {
                        let value = BitVec::from_u64(32, index as u64);
                        names.layers.push(HashMap::from([(*variable, Entity::Constant { value, signed: true })]));
                        if self.context(names).constant(condition)?.0.is_zero() {
                            names.layers.pop();
                            break;
                        }
                        if step.0 != *variable {
                            return self.context(names).fail(*line, "a generate loop has to step its own variable");
                        }
                        let next = self.context(names).integer(&step.1)?;
                        let label = format!("{}[{index}]", block.label.unwrap_or("genblk"));
                        self.generate(block, &label, names, depth)?;
                        names.layers.pop();
                        index = next;
                    }
                }
                Item::GenerateIf { condition, then, otherwise } => {
                    let holds = !self.context(names).constant(condition)?.0.is_zero();
                    if let Some(block) = if holds { Some(then) } else { otherwise.as_ref() } {
                        self.generate(block, block.label.unwrap_or("genblk"), names, depth)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn generate(&mut self, block: &'x Generate<'a>, label: &str, names: &mut Names<'a>, depth: usize) -> Result<()> {
        let outer = names.scope;
        let module = self.design.scopes[outer].module.clone();
        names.scope = self.new_scope(join(&self.design.scopes[outer].path, label), &module);
        names.layers.push(HashMap::new());
        self.declare(&block.items, names, &[], &mut HashMap::new())?;
        self.items(&block.items, names, depth)?;
        names.layers.pop();
        names.scope = outer;
        Ok(())
    }

    /// `wire a = b;` is an assignment, `reg a = 1;` an initial value.
    fn declared_value(&mut self, d: &'x Declaration<'a>, names: &Names<'a>) -> Result<()> {
        let (Some(value), Some(Entity::Net(net))) = (&d.value, names.get(d.name)) else { return Ok(()) };
        let net = *net;
        let width = self.design.nets[net].shape.width;
        let bits = self.context(names).eval_assigned(value, width)?;
        if !d.variable {
            return self.design.drive(net, 0, bits, d.line);
        }
        match self.design.as_constant(&bits) {
            Some(value) => {
                self.design.nets[net].init = Some(value);
                Ok(())
            }
            None => self.context(names).fail(d.line, format!("the initial value of `{}` is not a constant", d.name)),
        }
    }

    /// The nets that a continuous assignment or an output port drives: net, lowest bit, width; lowest first.
    fn targets(&mut self, target: &Expr<'a>, names: &Names<'a>, out: &mut Vec<(NetId, u32, u32)>) -> Result<()> {
        let mut context = self.context(names);
        let (base, select) = match &target.kind {
            ExprKind::Concat(parts) => {
                return parts.iter().rev().try_for_each(|p| self.targets(p, names, out));
            }
            ExprKind::Name(_) => (target, None),
            ExprKind::Index(base, _) | ExprKind::Range(base, ..) | ExprKind::Part { base, .. } => {
                (&**base, Some(&target.kind))
            }
            _ => return context.unsupported(target.line, "this target of an assignment"),
        };
        let ExprKind::Name(name) = base.kind else {
            return context.unsupported(target.line, "this target of an assignment");
        };
        let Entity::Net(net) = context.lookup(name, target.line)? else {
            return context.fail(target.line, format!("`{name}` cannot be assigned without a clock"));
        };
        let shape = context.design.nets[net].shape;
        let (offset, len) = match select {
            Some(ExprKind::Index(_, index)) => (context.offset(index, shape)?, 1),
            Some(ExprKind::Range(_, msb, lsb)) => {
                let (lo, len) = context.range(msb, lsb, shape, target.line)?;
                (Offset::Fixed(lo), len)
            }
            Some(ExprKind::Part { start, width, up, .. }) => {
                let len = context.integer(width)?.clamp(1, MAX_WIDTH as i64) as u32;
                (context.part_offset(start, len, *up, shape)?, len)
            }
            _ => (Offset::Fixed(0), shape.width),
        };
        match offset {
            Offset::Fixed(lo) if lo >= 0 && lo + i64::from(len) <= i64::from(shape.width) => {
                out.push((net, lo as u32, len));
                Ok(())
            }
            Offset::Fixed(_) => context.fail(target.line, format!("this select is outside `{name}`")),
            Offset::Dynamic(_) => context.unsupported(target.line, "a continuous assignment to a computed index"),
        }
    }

    fn drive(&mut self, targets: &[(NetId, u32, u32)], value: &Bits, line: u32) -> Result<()> {
        let mut at = 0;
        for &(net, lo, len) in targets {
            self.design.drive(net, lo, value.slice(at, len), line)?;
            at += len;
        }
        Ok(())
    }

    fn assign(&mut self, target: &'x Expr<'a>, value: &'x Expr<'a>, line: u32, names: &Names<'a>) -> Result<()> {
        let mut targets = Vec::new();
        self.targets(target, names, &mut targets)?;
        let width = targets.iter().map(|t| t.2).sum();
        let value = self.context(names).eval_assigned(value, width)?;
        self.drive(&targets, &value, line)
    }

    fn instance(&mut self, instance: &'x Instance<'a>, names: &Names<'a>, depth: usize) -> Result<()> {
        let line = instance.line;
        let Some(module) = self.modules.get(instance.module).copied() else {
            let message = format!(
                "instance `{}` is of module `{}`, which is not in the text; give its Verilog, or a model of it where SYNTHESIS is not defined",
                instance.name, instance.module
            );
            return self.context(names).fail(line, message);
        };
        let overrides = self.overrides(instance, module, names)?;
        let path = join(&self.design.scopes[names.scope].path, instance.name);
        let (_, ports) = self.module(module, path, &overrides, depth + 1)?;
        for (index, connection) in instance.ports.iter().enumerate() {
            let port = match connection.name {
                Some(name) => ports.iter().find(|p| p.0 == name),
                None => ports.get(index),
            };
            let Some(&(name, net, direction)) = port else {
                let which = connection.name.map_or_else(|| format!("number {index}"), |n| format!("`{n}`"));
                return self
                    .context(names)
                    .fail(connection.line, format!("module `{}` has no port {which}", module.name));
            };
            let Some(value) = &connection.value else { continue };
            let shape = self.design.nets[net].shape;
            match direction {
                Direction::Input => {
                    let bits = self.context(names).eval_assigned(value, shape.width)?;
                    self.design.drive(net, 0, bits, connection.line)?;
                }
                Direction::Output => {
                    let mut targets = Vec::new();
                    self.targets(value, names, &mut targets)?;
                    let width = targets.iter().map(|t| t.2).sum();
                    let bits = self.design.net_value(net);
                    let bits = self.design.resize(&bits, width, shape.signed);
                    self.drive(&targets, &bits, connection.line)?;
                }
                Direction::Inout => {
                    return Err(self.unsupported(names.scope, connection.line, format!("the inout port `{name}`")));
                }
            }
        }
        Ok(())
    }

    fn overrides(
        &mut self,
        instance: &'x Instance<'a>,
        module: &Module<'a>,
        names: &Names<'a>,
    ) -> Result<Vec<(&'a str, BitVec, bool)>> {
        let declared: Vec<_> = module
            .items
            .iter()
            .filter_map(|i| match i {
                Item::Parameter(p) if !p.local => Some(p.name),
                _ => None,
            })
            .collect();
        let mut overrides = Vec::new();
        for (index, p) in instance.parameters.iter().enumerate() {
            let name = p.name.map_or_else(|| declared.get(index), |n| declared.iter().find(|d| **d == n));
            let mut context = self.context(names);
            let Some(&name) = name else {
                let which = p.name.map_or_else(|| format!("number {index}"), |n| format!("`{n}`"));
                return context.fail(p.line, format!("module `{}` has no parameter {which}", module.name));
            };
            if let Some(value) = &p.value {
                let (value, signed) = context.constant(value)?;
                overrides.push((name, value, signed));
            }
        }
        Ok(overrides)
    }

    fn process(
        &mut self,
        kind: Kind,
        body: &'x Statement<'a>,
        clock: Bits,
        line: u32,
        names: &Names<'a>,
    ) -> Result<()> {
        let mut executor =
            Executor { design: &mut self.design, names, process: Process::new(kind), clock: clock.clone() };
        executor.run(body)?;
        let process = executor.process;
        let results = process.results();
        let blocking: HashSet<NetId> = results.iter().filter(|(k, _)| !k.1).map(|(k, _)| k.0).collect();
        for ((net, nonblocking), value) in &results {
            if *nonblocking && blocking.contains(net) {
                let message =
                    format!("`{}` is assigned both with = and with <= in one block", self.design.nets[*net].name);
                return self.context(names).fail(line, message);
            }
            if kind == Kind::Initial {
                self.initial_value(*net, value, line, names)?;
            } else {
                let clock = (kind == Kind::Clocked).then_some(&clock);
                self.finish(*net, value, process.unassigned_node(*net), clock, line)?;
            }
        }
        for (memory, write) in process.writes {
            self.design.memories[memory].writes.push(write);
        }
        Ok(())
    }

    fn initial_value(&mut self, net: NetId, value: &Bits, line: u32, names: &Names<'a>) -> Result<()> {
        match self.design.as_constant(value) {
            Some(value) => {
                self.design.nets[net].init = Some(value);
                Ok(())
            }
            None => {
                let message = format!("the initial value of `{}` is not a constant", self.design.nets[net].name);
                self.context(names).fail(line, message)
            }
        }
    }

    /// Connects what an always block computed: through registers if it has a clock.
    fn finish(
        &mut self,
        net: NetId,
        value: &Bits,
        marker: Option<NodeId>,
        clock: Option<&Bits>,
        line: u32,
    ) -> Result<()> {
        // Bits that the block never assigns belong to others.
        let (mut at, mut start, mut run) = (0, 0, Bits::default());
        let mut runs = Vec::new();
        for p in value.pieces() {
            if Some(p.node) == marker && p.lo == at {
                runs.push((start, std::mem::take(&mut run)));
                start = at + p.len;
            } else {
                run.push(*p);
            }
            at += p.len;
        }
        runs.push((start, run));
        for (lo, bits) in runs.into_iter().filter(|(_, b)| b.width() > 0) {
            let width = bits.width();
            let driver = if let Some(clock) = clock {
                let register = Register { net, lo, width, next: bits, clock: clock.clone(), line };
                self.design.registers.push(register);
                let id = self.design.registers.len() - 1;
                self.design.value(Node::Register(id), width)
            } else {
                bits
            };
            self.design.drive(net, lo, driver, line)?;
        }
        Ok(())
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_string() } else { format!("{path}.{name}") }
}
