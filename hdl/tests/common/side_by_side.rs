//! A block in rust-hdl's simulator and its generated Verilog in netsim, side by side.

use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::ports::{Port, ports};
use rust_hdl_bsp_ecp5::simulate::Stepper;
use rust_hdl_netsim::{Input, Options, Output, Simulator};

/// Used like a [`Stepper`]; every clock feeds the same inputs to the Verilog and compares every output before and after the
/// edge.
pub struct SideBySide<B: Block> {
    /// The block; set its inputs with `.uut.port.next = ..`, read its outputs with `.uut.port.val()`.
    pub uut: Box<B>,
    set_clock: fn(&mut B, bool),
    verilog: Simulator,
    inputs: Vec<(usize, Input)>,
    outputs: Vec<(usize, Output)>,
    conditions: Vec<Condition<B>>,
    /// Clocks since the start.
    pub cycle: u64,
}

/// An output, and when it is defined.
type Condition<B> = (&'static str, fn(&B) -> bool);

impl<B: Block> SideBySide<B> {
    /// # Panics
    /// When the block does not pass rust-hdl's checks, or its Verilog is not what netsim runs.
    pub fn new(uut: B, set_clock: fn(&mut B, bool)) -> Self {
        let uut = Stepper::new(uut, set_clock).unwrap().uut;
        let verilog = Simulator::from_verilog(&generate_verilog(uut.as_ref()), &Options::default()).unwrap();
        let ports = ports(uut.as_ref());
        let clock = verilog.clock_port().unwrap_or("clock").to_string();
        let chosen = |input: bool| ports.iter().enumerate().filter(move |(_, p)| p.input == input);
        let inputs = chosen(true).filter(|(_, p)| p.name != clock);
        let inputs = inputs.map(|(i, p)| (i, verilog.input(&p.name).unwrap())).collect();
        let outputs = chosen(false).map(|(i, p)| (i, verilog.output(&p.name).unwrap())).collect();
        Self { uut, set_clock, verilog, inputs, outputs, conditions: vec![], cycle: 0 }
    }

    /// Compares an output only while a condition holds: it is undefined otherwise.
    pub fn matters(&mut self, output: &'static str, condition: fn(&B) -> bool) {
        self.conditions.push((output, condition));
    }

    /// Brings inputs that were just set to the outputs that depend on them combinationally.
    pub fn settle(&mut self) {
        assert!(simulate(self.uut.as_mut(), 100), "clock {}: the block does not settle", self.cycle);
    }

    /// One clock.
    ///
    /// # Panics
    /// When an output of the block and of its Verilog differ.
    pub fn tick(&mut self) {
        self.settle();
        self.compare("before");
        for level in [true, false] {
            (self.set_clock)(&mut self.uut, level);
            self.settle();
        }
        self.verilog.clock();
        self.cycle += 1;
        self.compare("after");
    }

    fn compare(&mut self, edge: &str) {
        let ports = ports(self.uut.as_ref());
        for (index, input) in &self.inputs {
            self.verilog.set(*input, ports[*index].number());
        }
        for (index, output) in &self.outputs {
            let (Port { name, .. }, value) = (&ports[*index], ports[*index].number());
            if self.conditions.iter().any(|(output, holds)| output == name && !holds(&self.uut)) {
                continue;
            }
            let verilog = self.verilog.get(*output);
            assert_eq!(value, verilog, "{name} {edge} clock {}: rust-hdl {value:#x}, Verilog {verilog:#x}", self.cycle);
        }
    }
}

/// Runs a block for so many clocks; `drive` sets its inputs before each and may look at its outputs.
pub fn compare<B: Block>(
    uut: B,
    set_clock: fn(&mut B, bool),
    clocks: usize,
    mut drive: impl FnMut(&mut SideBySide<B>, usize),
) {
    let mut both = SideBySide::new(uut, set_clock);
    for clock in 0..clocks {
        drive(&mut both, clock);
        both.tick();
    }
}
