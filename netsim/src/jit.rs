//! The fast engine: a program as machine code, by Cranelift.
//!
//! The code works on the same state array as the interpreter. A value that only its own cell needs stays in a register; the
//! others have their place in the array, and cells that read them are woken when they change. Cells of one shape have one
//! function. It is told by a table where the values of the cell at hand are: for each group of places that move alike from
//! cell to cell how far they have moved, then the flags to raise.

use crate::error::{Error, Result};
use crate::netlist::{Word, WordNode, WordOp, WordWrite};
use crate::program::{BLOCK, Cell, Literal, MemoryLayout, Program, Segment, Taking, Work, lower_flag};
use crate::shape::{Places, Shape, shape};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{AbiParam, Block, InstBuilder, MemFlagsData, Value};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{FuncId, Module, default_libcall_names};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

/// A function that has to look up more distances than this costs more than one for each cell.
const MAX_GROUPS: usize = 6;

/// Takes the state array and the cell's table.
type Compiled = unsafe extern "C" fn(*mut u64, *const u64);

pub struct Jit {
    /// Code of each cell and where its table begins, [`BLOCK`] to a block of the program.
    cells: Vec<(Compiled, usize)>,
    tables: Vec<u64>,
    /// Length of the state the code was made for.
    length: usize,
    /// Index of the first word of flags in the state.
    flags: usize,
    settling: usize,
    pub code_bytes: usize,
    /// Owns the code.
    _module: JITModule,
}

impl Jit {
    pub fn new(program: &Program, outputs: &[Word]) -> Result<Jit> {
        let mut compiler = Compiler::new(program, outputs)?;
        let mut known: HashMap<Shape, usize> = HashMap::new();
        let mut classes: Vec<Vec<Member>> = Vec::new();
        for (block, cells) in program.blocks.iter().enumerate() {
            for (i, cell) in cells.iter().enumerate() {
                let (shape, places) = shape(program, cell, &compiler.outputs);
                let class = *known.entry(shape).or_insert(classes.len());
                if class == classes.len() {
                    classes.push(Vec::new());
                }
                classes[class].push(Member { number: block * BLOCK + i, cell, places });
            }
        }
        let mut ids = Vec::with_capacity(classes.len());
        let mut tables = Vec::new();
        let mut places = vec![None; program.blocks.len() * BLOCK];
        for members in classes.iter().flat_map(|members| shared(members)) {
            let groups = Groups::new(members);
            ids.push(compiler.function(&members[0], &groups)?);
            for (i, member) in members.iter().enumerate() {
                places[member.number] = Some((ids.len() - 1, tables.len()));
                tables.extend(groups.moved.iter().map(|m| (8 * m[i]) as u64));
                let flags = member.places.flags.iter();
                tables.extend(flags.flat_map(|&(place, bits)| [8 * (program.flags + place as usize) as u64, bits]));
            }
        }
        compiler.module.finalize_definitions().map_err(failed)?;
        let codes: Vec<Compiled> =
            ids.into_iter().map(|id| to_function(compiler.module.get_finalized_function(id))).collect();
        // Flags without a cell are never raised.
        let cells = places.into_iter().map(|p| p.map_or((codes[0], 0), |(class, table)| (codes[class], table)));
        Ok(Jit {
            cells: if codes.is_empty() { Vec::new() } else { cells.collect() },
            tables,
            length: program.initial.len(),
            flags: program.flags,
            settling: program.settling,
            code_bytes: compiler.code_bytes,
            _module: compiler.module,
        })
    }

    /// Computes what has to be computed before the clock edge.
    pub fn settle(&self, state: &mut [u64]) {
        self.run(0..self.settling, state);
    }

    /// The clock edge: memories are written, registers take over.
    pub fn commit(&self, state: &mut [u64]) {
        self.run(self.settling..self.cells.len() / BLOCK, state);
    }

    #[allow(unsafe_code)]
    fn run(&self, blocks: Range<usize>, state: &mut [u64]) {
        assert_eq!(state.len(), self.length);
        for block in blocks {
            let mut next = 0;
            while let Some(cell) = lower_flag(&mut state[self.flags + block], next) {
                let (code, table) = self.cells[block * BLOCK + cell];
                // SAFETY: the code lives as long as `_module`, and reads and writes only places below `length`: words
                // and flags have theirs by number, memory addresses are checked against the depth. The table is the
                // one that was made for the cell.
                unsafe { code(state.as_mut_ptr(), self.tables.as_ptr().add(table)) }
                next = cell + 1;
            }
        }
    }
}

#[allow(unsafe_code)]
fn to_function(pointer: *const u8) -> Compiled {
    // SAFETY: Cranelift made a function of this signature at this address.
    unsafe { std::mem::transmute::<*const u8, Compiled>(pointer) }
}

fn failed(e: impl std::fmt::Display) -> Error {
    Error::Jit(e.to_string())
}

/// A cell of a shape.
struct Member<'p> {
    number: usize,
    cell: &'p Cell,
    places: Places,
}

/// Words that wake the same cells: how many are still to come, and the differences of those that came.
#[derive(Default)]
struct Together {
    left: usize,
    differences: Option<Value>,
}

/// Cells of a shape that share one function: all of them, or each has its own if too little lies alike.
fn shared<'m, 'p>(members: &'m [Member<'p>]) -> std::slice::Chunks<'m, Member<'p>> {
    let alike = Groups::new(members).moved.len() <= MAX_GROUPS;
    members.chunks(if alike { members.len() } else { 1 })
}

/// How the places of a shape move from its first cell to the others.
struct Groups {
    /// Distance to each cell, for each group.
    moved: Vec<Vec<i64>>,
    /// Group of each place; none where it is the same for all.
    of: Vec<Option<usize>>,
}

impl Groups {
    fn new(members: &[Member]) -> Groups {
        let mut groups = Groups { moved: Vec::new(), of: Vec::new() };
        let mut known: HashMap<Vec<i64>, usize> = HashMap::new();
        for (place, &first) in members[0].places.indices.iter().enumerate() {
            let moved: Vec<i64> = members.iter().map(|m| m.places.indices[place] as i64 - first as i64).collect();
            if moved.iter().all(|&m| m == 0) {
                groups.of.push(None);
                continue;
            }
            let next = groups.moved.len();
            let group = *known.entry(moved.clone()).or_insert(next);
            if group == next {
                groups.moved.push(moved);
            }
            groups.of.push(Some(group));
        }
        groups
    }
}

struct Compiler<'p> {
    program: &'p Program,
    module: JITModule,
    code_bytes: usize,
    /// Words of the output ports: they have readers outside.
    outputs: Vec<bool>,
}

impl<'p> Compiler<'p> {
    fn new(program: &'p Program, outputs: &[Word]) -> Result<Self> {
        if program.initial.len() > i32::MAX as usize / 8 {
            return Err(failed("the state is larger than 2 GiB"));
        }
        let mut flags = settings::builder();
        flags.set("opt_level", "none").map_err(failed)?;
        flags.set("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }).map_err(failed)?;
        flags.set("is_pic", "false").map_err(failed)?;
        flags.set("use_colocated_libcalls", "false").map_err(failed)?;
        let isa = cranelift_native::builder().map_err(failed)?;
        let isa = isa.finish(settings::Flags::new(flags)).map_err(failed)?;
        let module = JITModule::new(JITBuilder::with_isa(isa, default_libcall_names()));
        let mut shown = vec![false; program.nodes.len()];
        outputs.iter().for_each(|&w| shown[w as usize] = true);
        Ok(Compiler { program, module, code_bytes: 0, outputs: shown })
    }

    /// The function of all cells of a shape, of which this is the first.
    fn function(&mut self, first: &Member, groups: &Groups) -> Result<FuncId> {
        let mut context = self.module.make_context();
        let mut builder_context = FunctionBuilderContext::new();
        context.func.signature.params.extend([AbiParam::new(I64); 2]);
        let id = self.module.declare_anonymous_function(&context.func.signature).map_err(failed)?;
        let mut builder = FunctionBuilder::new(&mut context.func, &mut builder_context);
        let entry = builder.create_block();
        builder.append_block_params_for_function_params(entry);
        builder.switch_to_block(entry);
        let (state, table) = (builder.block_params(entry)[0], builder.block_params(entry)[1]);
        let end = builder.create_block();
        let mut emitter = Emitter {
            b: builder,
            state,
            table,
            program: self.program,
            places: &first.places,
            groups,
            bases: Vec::new(),
            scopes: vec![Scope::default()],
            exported: BTreeMap::new(),
            together: HashMap::new(),
            end,
        };
        emitter.cell(first.cell);
        emitter.b.seal_all_blocks();
        emitter.b.finalize(self.module.target_config());
        self.module.define_function(id, &mut context).map_err(failed)?;
        self.code_bytes += context.compiled_code().map_or(0, |c| c.code_info().total_size as usize);
        Ok(id)
    }
}

fn common(a: &[Vec<Literal>], b: &[Vec<Literal>]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// Words of a cell that are used outside the condition under which they are computed.
fn exported(nodes: &[WordNode], segments: &[Segment], takings: &[Taking]) -> BTreeSet<Word> {
    let mut home: HashMap<Word, u32> = HashMap::new();
    let mut exported = BTreeSet::new();
    let (mut scopes, mut path, mut next): (Vec<u32>, &[Vec<Literal>], u32) = (vec![0], &[], 1);
    let mut used = |w: Word, home: &HashMap<Word, u32>, scopes: &[u32]| {
        if home.get(&w).is_some_and(|h| !scopes.contains(h)) {
            exported.insert(w);
        }
    };
    for segment in segments {
        let same = common(path, &segment.path);
        scopes.truncate(same + 1);
        for condition in &segment.path[same..] {
            condition.iter().for_each(|l| used(l.0, &home, &scopes));
            scopes.push(next);
            next += 1;
        }
        path = &segment.path;
        for &w in &segment.ops {
            nodes[w as usize].args().iter().for_each(|&a| used(a, &home, &scopes));
            home.insert(w, scopes[scopes.len() - 1]);
        }
    }
    takings.iter().flat_map(|t| &t.moves).for_each(|m| used(m.1, &home, &[0]));
    exported
}

/// Values known where the code stands, and where it goes on when the condition does not hold.
#[derive(Default)]
struct Scope {
    values: HashMap<Word, Value>,
    after: Option<Block>,
}

struct Emitter<'c> {
    b: FunctionBuilder<'c>,
    state: Value,
    table: Value,
    program: &'c Program,
    places: &'c Places,
    groups: &'c Groups,
    /// The state as each group of places sees it.
    bases: Vec<Value>,
    scopes: Vec<Scope>,
    /// Words of the cell that are used where their condition may not have held; they are 0 then.
    exported: BTreeMap<Word, Variable>,
    /// Words of the segment at hand by the flags that they raise.
    together: HashMap<Range<usize>, Together>,
    end: Block,
}

impl Emitter<'_> {
    fn number(&mut self, value: u64) -> Value {
        self.b.ins().iconst(I64, value as i64)
    }

    /// Where a place is: a pointer and a distance in bytes.
    fn at(&self, place: u32) -> (Value, i32) {
        let base = self.groups.of[place as usize].map_or(self.state, |g| self.bases[g]);
        (base, (self.places.indices[place as usize] * 8) as i32)
    }

    fn load(&mut self, w: Word) -> Value {
        let (base, offset) = self.at(self.places.of_word[&w]);
        self.b.ins().load(I64, MemFlagsData::trusted(), base, offset)
    }

    fn store(&mut self, w: Word, value: Value) {
        let (base, offset) = self.at(self.places.of_word[&w]);
        self.b.ins().store(MemFlagsData::trusted(), value, base, offset);
    }

    fn entry(&mut self, index: usize) -> Value {
        self.b.ins().load(I64, MemFlagsData::trusted(), self.table, (8 * index) as i32)
    }

    fn get(&mut self, w: Word) -> Value {
        if let WordOp::Const(value) = self.program.nodes[w as usize].op {
            return self.number(value);
        }
        if let Some(&value) = self.scopes.iter().rev().find_map(|s| s.values.get(&w)) {
            return value;
        }
        let value = match self.exported.get(&w) {
            Some(&variable) => self.b.use_var(variable),
            None => self.load(w),
        };
        self.know(w, value);
        value
    }

    fn know(&mut self, w: Word, value: Value) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.values.insert(w, value);
        }
    }

    fn cell(&mut self, cell: &Cell) {
        for group in 0..self.groups.moved.len() {
            let moved = self.entry(group);
            let base = self.b.ins().iadd(self.state, moved);
            self.bases.push(base);
        }
        for condition in &cell.path {
            let holds = self.any(condition);
            let body = self.b.create_block();
            let end = self.end;
            self.b.ins().brif(holds, body, &[], end, &[]);
            self.b.switch_to_block(body);
        }
        match &cell.work {
            Work::Compute { segments, takings } => {
                self.compute(segments, takings);
                takings.iter().for_each(|t| self.take(t));
            }
            Work::Write(writes) => writes.iter().for_each(|w| self.write(w)),
        }
        let end = self.end;
        self.b.ins().jump(end, &[]);
        self.b.switch_to_block(end);
        self.b.ins().return_(&[]);
    }

    fn compute(&mut self, segments: &[Segment], takings: &[Taking]) {
        let mut exported = exported(&self.program.nodes, segments, takings);
        let mut open: &[Vec<Literal>] = &[];
        for (i, segment) in segments.iter().enumerate() {
            let same = common(open, &segment.path);
            (same..open.len()).for_each(|_| self.close());
            if let Some(opened) = segment.path.get(..same + 1) {
                let inside = segments[i..].iter().take_while(|s| s.path.starts_with(opened)).flat_map(|s| &s.ops);
                inside.filter(|w| exported.remove(w)).for_each(|&w| self.export(w));
            }
            for condition in &segment.path[same..] {
                let holds = self.any(condition);
                self.open(holds);
            }
            open = &segment.path;
            self.expect(segment.ops.iter().copied());
            segment.ops.iter().for_each(|&w| self.operator(w));
        }
        open.iter().for_each(|_| self.close());
    }

    /// Makes a word 0 where the condition that comes next does not hold.
    fn export(&mut self, w: Word) {
        let variable = self.b.declare_var(I64);
        let zero = self.number(0);
        self.b.def_var(variable, zero);
        self.exported.insert(w, variable);
    }

    /// Counts the words that are going to change here by the cells that they wake.
    fn expect(&mut self, words: impl Iterator<Item = Word>) {
        self.together.clear();
        for w in words {
            if let Some(flags) = self.places.word_flags.get(&w) {
                self.together.entry(flags.clone()).or_default().left += 1;
            }
        }
    }

    /// Gives a word its value, and wakes its readers if that is a new one. Words with the same readers ask once, the last of them.
    fn change(&mut self, w: Word, value: Value) {
        let flags = self.places.word_flags[&w].clone();
        if flags.is_empty() {
            self.store(w, value);
            return;
        }
        let old = self.load(w);
        let together = self.together.entry(flags.clone()).or_default();
        together.left = together.left.saturating_sub(1);
        let (last, before) = (together.left == 0, together.differences.take());
        if last && before.is_none() {
            let changed = self.b.ins().icmp(IntCC::NotEqual, value, old);
            self.rarely(changed, |e| {
                e.store(w, value);
                e.wake(flags);
            });
            return;
        }
        self.store(w, value);
        let mut differences = self.b.ins().bxor(value, old);
        if let Some(before) = before {
            differences = self.b.ins().bor(before, differences);
        }
        if last {
            self.rarely(differences, |e| e.wake(flags));
        } else {
            self.together.entry(flags).or_default().differences = Some(differences);
        }
    }

    /// Code for what does not happen most often: it is out of the way.
    fn rarely(&mut self, happens: Value, what: impl FnOnce(&mut Self)) {
        let (rare, after) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(happens, rare, &[], after, &[]);
        self.b.set_cold_block(rare);
        self.b.switch_to_block(rare);
        what(self);
        self.b.ins().jump(after, &[]);
        self.b.switch_to_block(after);
    }

    /// Registers take over their next values.
    fn take(&mut self, taking: &Taking) {
        for condition in &taking.path {
            let holds = self.any(condition);
            self.open(holds);
        }
        self.expect(taking.moves.iter().map(|m| m.0));
        for &(register, next) in &taking.moves {
            let value = self.get(next);
            self.change(register, value);
        }
        taking.path.iter().for_each(|_| self.close());
    }

    /// Raises flags from the table.
    fn wake(&mut self, flags: Range<usize>) {
        for i in flags {
            let index = self.groups.moved.len() + 2 * i;
            let (place, bits) = (self.entry(index), self.entry(index + 1));
            let at = self.b.ins().iadd(self.state, place);
            let up = self.b.ins().load(I64, MemFlagsData::trusted(), at, 0);
            let up = self.b.ins().bor(up, bits);
            self.b.ins().store(MemFlagsData::trusted(), up, at, 0);
        }
    }

    fn open(&mut self, holds: Value) {
        let (body, after) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(holds, body, &[], after, &[]);
        self.b.switch_to_block(body);
        self.scopes.push(Scope { values: HashMap::new(), after: Some(after) });
    }

    fn close(&mut self) {
        if let Some(after) = self.scopes.pop().and_then(|s| s.after) {
            self.b.ins().jump(after, &[]);
            self.b.switch_to_block(after);
        }
    }

    fn any(&mut self, condition: &[Literal]) -> Value {
        let mut all: Option<Value> = None;
        for &(w, sense) in condition {
            let value = self.get(w);
            let zero = self.number(0);
            let holds = self.b.ins().icmp(if sense { IntCC::NotEqual } else { IntCC::Equal }, value, zero);
            all = Some(match all {
                None => holds,
                Some(others) => self.b.ins().bor(others, holds),
            });
        }
        match all {
            Some(value) => value,
            None => self.number(1),
        }
    }

    fn masked(&mut self, value: Value, mask: u64) -> Value {
        if mask == !0 {
            return value;
        }
        let mask = self.number(mask);
        self.b.ins().band(value, mask)
    }

    fn shifted(&mut self, value: Value, left: bool, by: u8) -> Value {
        if by == 0 {
            return value;
        }
        let by = self.number(by.into());
        if left { self.b.ins().ishl(value, by) } else { self.b.ins().ushr(value, by) }
    }

    fn compared(&mut self, how: IntCC, a: Value, b: Value) -> Value {
        let bit = self.b.ins().icmp(how, a, b);
        self.b.ins().uextend(I64, bit)
    }

    /// `value` if `amount` is below 64, else 0.
    fn within(&mut self, amount: Value, value: Value) -> Value {
        let (limit, zero) = (self.number(64), self.number(0));
        let inside = self.b.ins().icmp(IntCC::UnsignedLessThan, amount, limit);
        self.b.ins().select(inside, value, zero)
    }

    fn operator(&mut self, w: Word) {
        let node = self.program.nodes[w as usize];
        let mut values = [self.state; 3];
        for (value, &a) in values.iter_mut().zip(node.args()) {
            *value = self.get(a);
        }
        let [a, b, c] = values;
        let result = match node.op {
            WordOp::Const(_) | WordOp::Input { .. } | WordOp::Register(_) => return,
            WordOp::Copy => a,
            WordOp::Slice { shift, mask } => {
                let value = self.shifted(a, false, shift);
                // What the shift leaves may already be all there is.
                let left = u32::from(self.program.nodes[node.args[0] as usize].bits).saturating_sub(shift.into());
                if mask == crate::netlist::mask(left) { value } else { self.masked(value, mask) }
            }
            WordOp::Shl { by } => self.shifted(a, true, by),
            WordOp::OrShl { by } => {
                let high = self.shifted(b, true, by);
                self.b.ins().bor(a, high)
            }
            WordOp::SignExtend { by } => {
                let by = self.number(by.into());
                let top = self.b.ins().ishl(a, by);
                self.b.ins().sshr(top, by)
            }
            WordOp::And => self.b.ins().band(a, b),
            WordOp::Or => self.b.ins().bor(a, b),
            WordOp::Xor => self.b.ins().bxor(a, b),
            WordOp::Not { mask } => {
                let mask_value = self.number(mask);
                if u32::from(self.program.nodes[node.args[0] as usize].bits) <= 64 - mask.leading_zeros() {
                    self.b.ins().bxor(a, mask_value)
                } else {
                    let turned = self.b.ins().bnot(a);
                    self.b.ins().band(turned, mask_value)
                }
            }
            WordOp::Add { mask } => {
                let sum = self.b.ins().iadd(a, b);
                let bits = node.args().iter().map(|&a| self.program.nodes[a as usize].bits).max().unwrap_or(64);
                // The carry fits below the mask.
                if u32::from(bits) < 64 - mask.leading_zeros() { sum } else { self.masked(sum, mask) }
            }
            WordOp::Sub { mask } => {
                let difference = self.b.ins().isub(a, b);
                self.masked(difference, mask)
            }
            WordOp::Mul { mask } => {
                let product = self.b.ins().imul(a, b);
                self.masked(product, mask)
            }
            WordOp::Eq => self.compared(IntCC::Equal, a, b),
            WordOp::Ne => self.compared(IntCC::NotEqual, a, b),
            WordOp::Less => self.compared(IntCC::UnsignedLessThan, a, b),
            WordOp::LessEq => self.compared(IntCC::UnsignedLessThanOrEqual, a, b),
            WordOp::SignedLess => self.compared(IntCC::SignedLessThan, a, b),
            WordOp::SignedLessEq => self.compared(IntCC::SignedLessThanOrEqual, a, b),
            WordOp::Parity => {
                let ones = self.b.ins().popcnt(a);
                self.masked(ones, 1)
            }
            WordOp::Mux => {
                let zero = self.number(0);
                let holds = self.b.ins().icmp(IntCC::NotEqual, a, zero);
                self.b.ins().select(holds, b, c)
            }
            WordOp::ShlBy { mask } => {
                let moved = self.b.ins().ishl(a, b);
                let moved = self.masked(moved, mask);
                self.within(b, moved)
            }
            WordOp::ShrBy => {
                let moved = self.b.ins().ushr(a, b);
                self.within(b, moved)
            }
            WordOp::SarBy => {
                let limit = self.number(63);
                let inside = self.b.ins().icmp(IntCC::UnsignedLessThan, b, limit);
                let by = self.b.ins().select(inside, b, limit);
                self.b.ins().sshr(a, by)
            }
            WordOp::Read { memory, limb } => self.read(memory, limb, node.args[0], a),
        };
        self.know(w, result);
        if let Some(&variable) = self.exported.get(&w) {
            self.b.def_var(variable, result);
        }
        if self.places.word_flags.contains_key(&w) {
            self.change(w, result);
        }
    }

    /// Whether an address of this word can be out of the memory.
    fn can_miss(&self, layout: MemoryLayout, address: Word) -> bool {
        let bits = self.program.nodes[address as usize].bits;
        bits >= 63 || 1 << bits > layout.depth
    }

    fn place(&mut self, memory: u32, limb: u32, address: Value) -> (Value, i32) {
        let layout = self.program.memories[memory as usize];
        let size = self.number(8 * layout.stride as u64);
        let distance =
            if layout.stride == 1 { self.shifted(address, true, 3) } else { self.b.ins().imul(address, size) };
        let (base, offset) = self.at(self.places.of_memory[&memory]);
        (self.b.ins().iadd(base, distance), offset + (limb * 8) as i32)
    }

    fn read(&mut self, memory: u32, limb: u32, address: Word, at: Value) -> Value {
        let layout = self.program.memories[memory as usize];
        if !self.can_miss(layout, address) {
            let (at, offset) = self.place(memory, limb, at);
            return self.b.ins().load(I64, MemFlagsData::trusted(), at, offset);
        }
        let (depth, zero) = (self.number(layout.depth as u64), self.number(0));
        let inside = self.b.ins().icmp(IntCC::UnsignedLessThan, at, depth);
        let safe = self.b.ins().select(inside, at, zero);
        let (place, offset) = self.place(memory, limb, safe);
        let value = self.b.ins().load(I64, MemFlagsData::trusted(), place, offset);
        self.b.ins().select(inside, value, zero)
    }

    fn write(&mut self, w: &WordWrite) {
        let layout = self.program.memories[w.memory as usize];
        if let Some(enable) = w.enable {
            let holds = self.any(&[(enable, true)]);
            self.open(holds);
        }
        let address = self.get(w.address);
        let checked = self.can_miss(layout, w.address);
        if checked {
            let depth = self.number(layout.depth as u64);
            let inside = self.b.ins().icmp(IntCC::UnsignedLessThan, address, depth);
            self.open(inside);
        }
        let mut data = self.get(w.data);
        let (at, offset) = self.place(w.memory, w.limb, address);
        let old = self.b.ins().load(I64, MemFlagsData::trusted(), at, offset);
        if let Some(mask) = w.mask {
            let mask = self.get(mask);
            let kept = self.b.ins().band_not(old, mask);
            let new = self.b.ins().band(data, mask);
            data = self.b.ins().bor(kept, new);
        }
        let changed = self.b.ins().icmp(IntCC::NotEqual, data, old);
        self.open(changed);
        self.b.ins().store(MemFlagsData::trusted(), data, at, offset);
        self.wake(self.places.memory_flags[&w.memory].clone());
        self.close();
        if checked {
            self.close();
        }
        if w.enable.is_some() {
            self.close();
        }
    }
}
