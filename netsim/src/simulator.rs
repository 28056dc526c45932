//! The public face: load a design, set inputs, clock it, look inside.

use crate::design::Piece;
use crate::error::{Error, Result};
use crate::interpret;
#[cfg(feature = "jit")]
use crate::jit::Jit;
use crate::netlist::{Netlist, Word, mask};
use crate::program::Program;
use crate::trace::{self, Trace};
use crate::{elaborate, lower, parse, preprocess, schedule};
use std::collections::HashMap;
use std::io::Write;

/// Elaboration follows logic as deep as it is; this is more than any design that fits a chip needs.
const STACK: usize = 1 << 28;

/// What to load and how to run it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Name of the top module; rust-hdl always calls it `top`.
    pub top: String,
    /// Macros that are defined, as `NAME` or `NAME=value`. `SYNTHESIS` is not defined unless it stands here.
    pub defines: Vec<String>,
    /// How to run.
    pub engine: Engine,
    /// Paths of nets, as [`Simulator::net`] takes them, that are looked at in many clocks: they are computed like outputs, and
    /// a [`Simulator::peek`] at one of them costs no more than reading an output. Ports need not be among them.
    pub probes: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Options { top: "top".into(), defines: Vec::new(), engine: Engine::default(), probes: Vec::new() }
    }
}

/// How a design is run. Both give the same values in every clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Operator by operator: the reference, starts at once.
    Interpreter,
    /// Compiled to machine code when loaded: several times faster. Needs the crate's feature `jit`.
    Jit,
}

impl Default for Engine {
    fn default() -> Self {
        if cfg!(feature = "jit") { Engine::Jit } else { Engine::Interpreter }
    }
}

/// Handle of an input port of the top module. Belongs to the simulator that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Input {
    word: u32,
    mask: u64,
}

/// Handle of an output port of the top module. Belongs to the simulator that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Output(u32);

/// Handle of a net anywhere in the design. Belongs to the simulator that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Net {
    scope: u32,
    index: u32,
    probe: bool,
}

/// Handle of a memory anywhere in the design. Belongs to the simulator that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Memory(u32);

/// Sizes of a loaded design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Statistics {
    /// Module instances, the top included.
    pub instances: usize,
    /// Bits of registers.
    pub flip_flops: usize,
    /// Registers, as words of at most 64 bits.
    pub registers: usize,
    /// Memories.
    pub memories: usize,
    /// Bits of memory.
    pub memory_bits: usize,
    /// Operators computed when something that they need has changed.
    pub unconditional: usize,
    /// Operators computed only when a condition holds, too.
    pub guarded: usize,
    /// Groups of operators, memory writes or registers that sleep and wake together.
    pub cells: usize,
    /// Bytes of machine code; 0 when interpreted.
    pub code_bytes: usize,
}

/// A design that runs.
pub struct Simulator {
    netlist: Netlist,
    program: Program,
    state: Vec<u64>,
    engine: Running,
    scopes: HashMap<String, usize>,
    /// The state's operators follow from inputs, registers and memories: those that are needed, or all of them.
    settled: Settled,
    /// Words that were computed for show only, and what they are.
    shown: Vec<(Word, u64)>,
    cycle: u64,
    trace: Option<Trace>,
    top: String,
}

enum Running {
    Interpreter,
    #[cfg(feature = "jit")]
    Jit(Box<Jit>),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Settled {
    No,
    Needed,
    All,
}

impl Simulator {
    /// Loads the Verilog text of a whole design, for example what rust-hdl's `generate_verilog` returns.
    ///
    /// # Errors
    /// Whatever the text has that is wrong or outside what the crate runs, with module and line.
    pub fn from_verilog(text: &str, options: &Options) -> Result<Simulator> {
        let load = || -> Result<Netlist> {
            let text = preprocess::preprocess(text, &options.defines)?;
            let modules = parse::parse(&text)?;
            let design = elaborate::elaborate(&modules, &options.top)?;
            lower::lower(&design)
        };
        let mut netlist = on_large_stack(load)?;
        let scopes = netlist.scopes.iter().enumerate().map(|(i, s)| (s.path.clone(), i)).collect();
        let probe = |path: &String| find_net(&netlist, &scopes, path);
        netlist.probes = options.probes.iter().map(probe).collect::<Result<_>>()?;
        let program = schedule::plan(&mut netlist);
        let engine = match options.engine {
            Engine::Interpreter => Running::Interpreter,
            #[cfg(feature = "jit")]
            Engine::Jit => Running::Jit(Box::new(Jit::new(&program, &outputs(&netlist))?)),
            #[cfg(not(feature = "jit"))]
            Engine::Jit => return Err(Error::Jit("the crate was built without its feature `jit`".into())),
        };
        let state = program.initial.clone();
        Ok(Simulator {
            netlist,
            program,
            state,
            engine,
            scopes,
            settled: Settled::No,
            shown: Vec::new(),
            cycle: 0,
            trace: None,
            top: options.top.clone(),
        })
    }

    /// The input port of this name.
    ///
    /// # Errors
    /// There is none, it is the clock, or it is wider than 64 bits.
    pub fn input(&self, name: &str) -> Result<Input> {
        let index = self.port(name, true)?;
        if self.netlist.clock == Some(index) {
            let hint = "it is the clock, which `clock` drives".into();
            return Err(Error::NoName { kind: "input", name: name.into(), hint });
        }
        let Piece { node, len, .. } = self.one_word(name, index)?;
        Ok(Input { word: node, mask: mask(len) })
    }

    /// The output port of this name.
    ///
    /// # Errors
    /// There is none, or it is wider than 64 bits.
    pub fn output(&self, name: &str) -> Result<Output> {
        let index = self.port(name, false)?;
        Ok(Output(self.one_word(name, index)?.node))
    }

    fn port(&self, name: &str, input: bool) -> Result<usize> {
        let ports = &self.netlist.ports;
        ports.iter().position(|p| p.name == name && p.input == input).ok_or_else(|| {
            let names: Vec<&str> = ports.iter().filter(|p| p.input == input).map(|p| p.name.as_str()).collect();
            let kind = if input { "input" } else { "output" };
            Error::NoName { kind, name: name.into(), hint: format!("there are {}", names.join(", ")) }
        })
    }

    fn one_word(&self, name: &str, port: usize) -> Result<Piece> {
        match self.netlist.port_values[port].pieces() {
            [piece] => Ok(*piece),
            pieces => Err(Error::WidePort { name: name.into(), width: pieces.iter().map(|p| p.len).sum() }),
        }
    }

    /// Name and width in bits of each input port but the clock.
    pub fn inputs(&self) -> impl Iterator<Item = (&str, u32)> {
        let clock = self.netlist.clock;
        self.ports(true).filter(move |(index, ..)| Some(*index) != clock).map(|(_, name, width)| (name, width))
    }

    /// Name and width in bits of each output port.
    pub fn outputs(&self) -> impl Iterator<Item = (&str, u32)> {
        self.ports(false).map(|(_, name, width)| (name, width))
    }

    /// Name of the input port that clocks the design, if it has registers or memories that are written.
    pub fn clock_port(&self) -> Option<&str> {
        self.netlist.clock.map(|c| self.netlist.ports[c].name.as_str())
    }

    fn ports(&self, input: bool) -> impl Iterator<Item = (usize, &str, u32)> {
        let ports = self.netlist.ports.iter().zip(&self.netlist.port_values).enumerate();
        ports.filter(move |(_, (p, _))| p.input == input).map(|(i, (p, v))| (i, p.name.as_str(), v.width()))
    }

    /// The net of this instance path and name, such as `core$0.tile$3.q`; one of the top module is just `q`.
    ///
    /// # Errors
    /// There is none.
    pub fn net(&self, path: &str) -> Result<Net> {
        let place @ (scope, index) = find_net(&self.netlist, &self.scopes, path)?;
        let is_port = self.netlist.ports.iter().any(|port| port.name == path);
        let probe = is_port || self.netlist.probes.contains(&place);
        Ok(Net { scope: scope as u32, index: index as u32, probe })
    }

    /// Paths of all nets. Every net that the text declares can be looked at; none is optimised away.
    pub fn nets(&self) -> impl Iterator<Item = String> + '_ {
        let scopes = self.netlist.scopes.iter().zip(&self.netlist.nets);
        scopes.flat_map(|(scope, nets)| {
            nets.iter()
                .map(|n| if scope.path.is_empty() { n.name.clone() } else { format!("{}.{}", scope.path, n.name) })
        })
    }

    /// The memory of this instance path and name.
    ///
    /// # Errors
    /// There is none.
    pub fn memory(&self, path: &str) -> Result<Memory> {
        let memories = &self.netlist.memories;
        match memories.iter().position(|m| m.path == path) {
            Some(index) => Ok(Memory(index as u32)),
            None => Err(Error::NoName {
                kind: "memory",
                name: path.into(),
                hint: match memories.first() {
                    Some(m) => format!("there are {}, the first is `{}`", memories.len(), m.path),
                    None => "the design has no memory".into(),
                },
            }),
        }
    }

    /// Paths of all memories.
    pub fn memories(&self) -> impl Iterator<Item = &str> {
        self.netlist.memories.iter().map(|m| m.path.as_str())
    }

    /// Sets an input from now on; bits beyond the port's width are dropped.
    pub fn set(&mut self, port: Input, value: u64) {
        let place = &mut self.state[port.word as usize];
        let value = value & port.mask;
        if *place != value {
            *place = value;
            self.program.wake_readers(port.word, &mut self.state);
            self.settled = Settled::No;
        }
    }

    /// Value of an output, after the inputs set so far.
    pub fn get(&mut self, port: Output) -> u64 {
        self.settle();
        self.state[port.0 as usize]
    }

    /// Value of a net, after the inputs set so far: its low 64 bits.
    pub fn peek(&mut self, net: Net) -> u64 {
        self.settle_for(net);
        let value = &self.netlist.nets[net.scope as usize][net.index as usize].value;
        trace::words(value, &self.state)[0]
    }

    /// Value of a net of any width, as little-endian words of 64 bits.
    pub fn peek_words(&mut self, net: Net) -> Vec<u64> {
        self.settle_for(net);
        let value = &self.netlist.nets[net.scope as usize][net.index as usize].value;
        trace::words(value, &self.state)
    }

    /// Width of a net in bits.
    pub fn width(&self, net: Net) -> u32 {
        self.netlist.nets[net.scope as usize][net.index as usize].value.width()
    }

    /// A word of a memory, counted from its lowest address, as little-endian words of 64 bits.
    ///
    /// # Panics
    /// The address is beyond the memory's depth.
    pub fn read_memory(&self, memory: Memory, address: usize) -> Vec<u64> {
        let m = self.program.memories[memory.0 as usize];
        assert!(address < m.depth, "address {address} is beyond the memory's {} words", m.depth);
        self.state[m.base + address * m.stride..][..m.stride].to_vec()
    }

    /// Overwrites a word of a memory from now on; missing words are 0, bits beyond the width are dropped.
    ///
    /// # Panics
    /// The address is beyond the memory's depth.
    pub fn write_memory(&mut self, memory: Memory, address: usize, value: &[u64]) {
        let m = self.program.memories[memory.0 as usize];
        let width = self.netlist.memories[memory.0 as usize].width;
        assert!(address < m.depth, "address {address} is beyond the memory's {} words", m.depth);
        for limb in 0..m.stride {
            let keep = mask(width - 64 * limb as u32);
            self.state[m.base + address * m.stride + limb] = value.get(limb).copied().unwrap_or(0) & keep;
        }
        self.program.wake_memory(memory.0 as usize, &mut self.state);
        self.settled = Settled::No;
    }

    /// Takes back what was computed for show only.
    fn hide(&mut self) {
        for (word, value) in self.shown.drain(..) {
            self.state[word as usize] = value;
        }
    }

    fn settle(&mut self) {
        if self.settled == Settled::No {
            self.hide();
            match &self.engine {
                Running::Interpreter => interpret::settle(&self.program, &mut self.state),
                #[cfg(feature = "jit")]
                Running::Jit(jit) => jit.settle(&mut self.state),
            }
            self.settled = Settled::Needed;
        }
    }

    fn settle_for(&mut self, net: Net) {
        if net.probe { self.settle() } else { self.settle_all() }
    }

    fn settle_all(&mut self) {
        self.settle();
        if self.settled != Settled::All {
            self.shown = interpret::settle_all(&self.program, &mut self.state);
            self.settled = Settled::All;
        }
    }

    /// One rising edge of the clock. The clock's port is found in the design; nobody drives it.
    pub fn clock(&mut self) {
        if self.trace.is_some() {
            self.sample();
        }
        self.settle();
        self.hide();
        match &self.engine {
            Running::Interpreter => interpret::commit(&self.program, &mut self.state),
            #[cfg(feature = "jit")]
            Running::Jit(jit) => jit.commit(&mut self.state),
        }
        self.settled = Settled::No;
        self.cycle += 1;
    }

    /// Clocks until one of the outputs has the value beside it, which is looked at before each edge, or for
    /// `max_clocks`. Returns the clocks done. Clocks in which nothing at all can change are counted, not run.
    pub fn run(&mut self, max_clocks: u64, until: &[(Output, u64)]) -> u64 {
        for done in 0..max_clocks {
            if !until.is_empty() {
                self.settle();
                if until.iter().any(|&(port, value)| self.state[port.0 as usize] == value) {
                    return done;
                }
            }
            // A trace shows every clock.
            if self.trace.is_none() && self.program.sleeps(&self.state) {
                self.cycle = self.cycle.saturating_add(max_clocks - done);
                return max_clocks;
            }
            self.clock();
        }
        max_clocks
    }

    /// Back to how it was when it was loaded: every register and memory, inputs 0, no clock. Far cheaper than to load the text again. A trace goes on.
    pub fn restart(&mut self) {
        self.state.clone_from(&self.program.initial);
        self.shown.clear();
        self.settled = Settled::No;
        self.cycle = 0;
    }

    /// Clocks since the start.
    pub fn cycle(&self) -> u64 {
        self.cycle
    }

    fn sample(&mut self) {
        self.settle_all();
        if let Some(trace) = &mut self.trace {
            trace.sample(&self.state);
        }
    }

    /// Writes the ports and nets of these instances, and of all below them, as a value change dump from now on; `""`
    /// is the whole design. A clock is shown as 10 ns. Tracing runs every operator in the interpreter and is slow.
    ///
    /// # Errors
    /// There is no instance of one of these paths, or the header cannot be written.
    pub fn trace(&mut self, vcd: impl Write + Send + 'static, scopes: &[&str]) -> Result<()> {
        for scope in scopes {
            if !self.scopes.contains_key(*scope) {
                let hint = "the part of a path in `nets` before its last dot is one".into();
                return Err(Error::NoName { kind: "scope", name: scope.to_string(), hint });
            }
        }
        self.stop_trace()?;
        self.trace = Some(Trace::new(&self.netlist, Box::new(vcd), scopes, &self.top)?);
        Ok(())
    }

    /// Ends the trace with the current clock; without one it does nothing.
    ///
    /// # Errors
    /// Writing failed, now or at any clock since the trace began.
    pub fn stop_trace(&mut self) -> Result<()> {
        if self.trace.is_some() {
            self.sample();
        }
        match self.trace.take() {
            Some(trace) => Ok(trace.finish()?),
            None => Ok(()),
        }
    }

    /// Sizes of the design.
    pub fn statistics(&self) -> Statistics {
        let p = &self.program;
        let cells = || p.blocks.iter().flatten();
        let count = |guarded: bool| {
            let segments = cells().flat_map(|c| c.segments().iter().map(|s| (&c.path, s)));
            let chosen = segments.filter(|(path, s)| (path.is_empty() && s.path.is_empty()) != guarded);
            chosen.map(|(_, s)| s.ops.len()).sum()
        };
        Statistics {
            instances: self.netlist.scopes.len(),
            flip_flops: self.netlist.registers.iter().map(|r| usize::from(self.netlist.bits(r.value))).sum(),
            registers: self.netlist.registers.len(),
            memories: self.netlist.memories.len(),
            memory_bits: self.netlist.memories.iter().map(|m| m.depth * m.width as usize).sum(),
            unconditional: count(false),
            guarded: count(true),
            cells: cells().count(),
            code_bytes: match &self.engine {
                Running::Interpreter => 0,
                #[cfg(feature = "jit")]
                Running::Jit(jit) => jit.code_bytes,
            },
        }
    }
}

/// Scope of a net, and its place there.
fn find_net(netlist: &Netlist, scopes: &HashMap<String, usize>, path: &str) -> Result<(usize, usize)> {
    let (scope, name) = path.rsplit_once('.').unwrap_or(("", path));
    let fail = |hint: String| Err(Error::NoName { kind: "net", name: path.into(), hint });
    let Some(&scope) = scopes.get(scope) else {
        return fail(format!("there is no instance `{scope}`; `nets` lists all"));
    };
    match netlist.nets[scope].iter().position(|n| n.name == name) {
        Some(index) => Ok((scope, index)),
        None => fail("`nets` lists all".into()),
    }
}

/// Words that outputs show.
#[cfg(feature = "jit")]
fn outputs(netlist: &Netlist) -> Vec<u32> {
    netlist.outputs().flat_map(|v| v.pieces().iter().map(|p| p.node)).collect()
}

/// Runs `work` on a thread of its own, whose stack is as deep as the design's logic may need.
fn on_large_stack<T: Send>(work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work)?;
        match thread.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}
