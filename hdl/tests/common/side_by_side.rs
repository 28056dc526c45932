//! A block in rust-hdl's simulator and its generated Verilog in netsim, side by side.

use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::ports::{Port, ports};
use rust_hdl_bsp_ecp5::simulate::Stepper;
use rust_hdl_netsim::{Input, Options, Output, Simulator};
use std::ops::{Deref, DerefMut};

/// Used like a [`Stepper`]; every clock feeds the same inputs to the Verilog and compares every output before the edge.
pub struct SideBySide<B: Block> {
    stepper: Stepper<B>,
    verilog: Simulator,
    inputs: Vec<(usize, Input)>,
    outputs: Vec<(usize, Output)>,
    conditions: Vec<Condition<B>>,
}

impl<B: Block> Deref for SideBySide<B> {
    type Target = Stepper<B>;

    fn deref(&self) -> &Stepper<B> {
        &self.stepper
    }
}

impl<B: Block> DerefMut for SideBySide<B> {
    fn deref_mut(&mut self) -> &mut Stepper<B> {
        &mut self.stepper
    }
}

/// An output, and when it is defined.
type Condition<B> = (&'static str, fn(&B) -> bool);

impl<B: Block> SideBySide<B> {
    /// # Panics
    /// When the block does not pass rust-hdl's checks, or its Verilog is not what netsim runs.
    pub fn new(uut: B, set_clock: fn(&mut B, bool)) -> Self {
        let stepper = Stepper::new(uut, set_clock).unwrap();
        let verilog = Simulator::from_verilog(&generate_verilog(stepper.uut.as_ref()), &Options::default()).unwrap();
        let ports = ports(stepper.uut.as_ref());
        let clock = verilog.clock_port().unwrap_or("clock").to_string();
        let chosen = |input: bool| ports.iter().enumerate().filter(move |(_, p)| p.input == input);
        let inputs = chosen(true).filter(|(_, p)| p.name != clock);
        let inputs = inputs.map(|(i, p)| (i, verilog.input(&p.name).unwrap())).collect();
        let outputs = chosen(false).map(|(i, p)| (i, verilog.output(&p.name).unwrap())).collect();
        Self { stepper, verilog, inputs, outputs, conditions: vec![] }
    }

    /// Compares an output only while a condition holds: it is undefined otherwise.
    pub fn matters(&mut self, output: &'static str, condition: fn(&B) -> bool) {
        self.conditions.push((output, condition));
    }

    /// One clock.
    ///
    /// # Panics
    /// When an output of the block and of its Verilog differ.
    pub fn tick(&mut self) {
        self.stepper.settle();
        self.compare();
        self.stepper.try_edge().unwrap();
        self.verilog.clock();
    }

    fn compare(&mut self) {
        let (uut, cycle) = (self.stepper.uut.as_ref(), self.stepper.cycle);
        let ports = ports(uut);
        for (index, input) in &self.inputs {
            self.verilog.set(*input, ports[*index].number());
        }
        for (index, output) in &self.outputs {
            let (Port { name, .. }, value) = (&ports[*index], ports[*index].number());
            if self.conditions.iter().any(|(output, holds)| output == name && !holds(uut)) {
                continue;
            }
            let verilog = self.verilog.get(*output);
            assert_eq!(value, verilog, "{name} before clock {cycle}: rust-hdl {value:#x}, Verilog {verilog:#x}");
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
