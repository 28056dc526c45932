//! The public face: load a netlist, set inputs, clock it, look at nets, count toggles.

use super::edge::Slot;
use super::error::{Result, SwitchingError};
use super::lanes::{LANES, broadcast, transpose};
use super::lower::{self, Design};
use super::netlist::NetInfo;
use super::program::Program;
use super::toggles::Toggles;

/// Handle of an input port. Belongs to the simulator that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Input(usize);

/// Handle of an output port. Belongs to the simulator that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Output(usize);

/// Handle of a net. Belongs to the simulator that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Net(Slot);

/// Sizes of a loaded netlist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Statistics {
    /// Nets, without those of the clock.
    pub nets: usize,
    /// Multiplexers that the logic became.
    pub muxes: usize,
    /// Flip-flops of slices.
    pub flip_flops: usize,
    /// TRELLIS_DPR16X4.
    pub distributed_rams: usize,
    /// DP16KD and PDPW16KD.
    pub block_rams: usize,
    /// MULT18X18D.
    pub multipliers: usize,
}

/// 64 simulations of a netlist: see the [module](crate::switching).
pub struct Simulator {
    design: Design,
    program: Program,
    values: Vec<u64>,
    /// What the flip-flops take over at an edge.
    next: Vec<u64>,
    /// The logic follows from inputs, registers and memories.
    settled: bool,
    cycle: u64,
    toggles: Option<Toggles>,
}

impl Simulator {
    /// Loads the JSON text that Yosys' `write_json` writes after `synth_ecp5`, the top module flattened.
    ///
    /// # Errors
    /// [`SwitchingError`]: the text is not such a netlist, or has what is not simulated.
    pub fn from_json(text: &str) -> Result<Self> {
        let design = lower::lower(text)?;
        let slots = design.logic.slots();
        let program = Program::new(design.logic.muxes(), &design.rams, &design.multipliers, slots);
        let program = program.map_err(|slots| {
            let nets = slots.iter().filter_map(|slot| design.net(*slot));
            SwitchingError::Loop { nets: nets.map(|net| net.name().to_string()).collect() }
        })?;
        let mut values = vec![0; slots];
        for register in &design.registers {
            values[register.q as usize] = broadcast(register.start);
        }
        let next = vec![0; design.registers.len()];
        Ok(Self { design, program, values, next, settled: false, cycle: 0, toggles: None })
    }

    /// The input port of this name.
    ///
    /// # Errors
    /// There is none, it is the clock, or it is wider than 64 bits.
    pub fn input(&self, name: &str) -> Result<Input> {
        self.port(name, true).map(Input)
    }

    /// The output port of this name.
    ///
    /// # Errors
    /// There is none, or it is wider than 64 bits.
    pub fn output(&self, name: &str) -> Result<Output> {
        self.port(name, false).map(Output)
    }

    fn port(&self, name: &str, input: bool) -> Result<usize> {
        let ports = &self.design.ports;
        match ports.iter().position(|port| port.name == name && port.input == input) {
            Some(index) if ports[index].bits.len() > LANES => {
                Err(SwitchingError::WidePort { name: name.into(), width: ports[index].bits.len() })
            }
            Some(index) => Ok(index),
            None => {
                let names: Vec<&str> = self.ports(input).map(|(name, _)| name).collect();
                let hint = format!("there are {}, and the clock is driven by `clock`", names.join(", "));
                Err(SwitchingError::NoName { kind: if input { "input" } else { "output" }, name: name.into(), hint })
            }
        }
    }

    /// Name and width in bits of each input port but the clock.
    pub fn inputs(&self) -> impl Iterator<Item = (&str, usize)> {
        self.ports(true)
    }

    /// Name and width in bits of each output port.
    pub fn outputs(&self) -> impl Iterator<Item = (&str, usize)> {
        self.ports(false)
    }

    fn ports(&self, input: bool) -> impl Iterator<Item = (&str, usize)> {
        let ports = self.design.ports.iter().filter(move |port| port.input == input);
        ports.map(|port| (port.name.as_str(), port.bits.len()))
    }

    /// Every net but those of the clock.
    pub fn nets(&self) -> impl Iterator<Item = (Net, &NetInfo)> {
        self.design.nets().map(|(slot, net)| (Net(slot), net))
    }

    /// The net that has this name among its names; for many, go through [`Simulator::nets`] once.
    ///
    /// # Errors
    /// There is none.
    pub fn net(&self, name: &str) -> Result<Net> {
        let found = self.nets().find(|(_, net)| net.names.iter().any(|other| other == name));
        found.map(|(net, _)| net).ok_or_else(|| {
            let hint = "`nets` lists all; a bit of a bus has its number in brackets".into();
            SwitchingError::NoName { kind: "net", name: name.into(), hint }
        })
    }

    /// Sets an input from now on, to the same value in all lanes; bits beyond the port's width are dropped.
    pub fn set(&mut self, port: Input, value: u64) {
        self.set_planes(port, |bit| broadcast(value >> bit & 1 == 1));
    }

    /// Sets an input from now on, to one value for each lane.
    pub fn set_lanes(&mut self, port: Input, values: &[u64; LANES]) {
        let mut planes = *values;
        transpose(&mut planes);
        self.set_planes(port, |bit| planes[bit]);
    }

    /// Sets an input of one lane from now on.
    ///
    /// # Panics
    /// `lane` is not below [`LANES`].
    pub fn set_lane(&mut self, port: Input, lane: usize, value: u64) {
        assert!(lane < LANES, "lane {lane} of {LANES}");
        let bits = self.design.ports[port.0].bits.iter().enumerate();
        for (bit, edge) in bits {
            let plane = &mut self.values[edge.slot() as usize];
            *plane = *plane & !(1 << lane) | (value >> bit & 1) << lane;
        }
        self.settled = false;
    }

    fn set_planes(&mut self, port: Input, plane: impl Fn(usize) -> u64) {
        for (bit, edge) in self.design.ports[port.0].bits.iter().enumerate() {
            let value = &mut self.values[edge.slot() as usize];
            if *value != plane(bit) {
                *value = plane(bit);
                self.settled = false;
            }
        }
    }

    /// Value of an output in a lane, after the inputs set so far.
    ///
    /// # Panics
    /// `lane` is not below [`LANES`].
    pub fn get(&mut self, port: Output, lane: usize) -> u64 {
        assert!(lane < LANES, "lane {lane} of {LANES}");
        self.settle();
        let bits = self.design.ports[port.0].bits.iter().rev();
        bits.fold(0, |value, edge| value << 1 | edge.value(&self.values) >> lane & 1)
    }

    /// Value of an output in every lane.
    pub fn get_lanes(&mut self, port: Output) -> [u64; LANES] {
        self.settle();
        let mut planes = [0; LANES];
        let bits = self.design.ports[port.0].bits.iter();
        planes.iter_mut().zip(bits).for_each(|(plane, edge)| *plane = edge.value(&self.values));
        transpose(&mut planes);
        planes
    }

    /// A net in all lanes, lane 0 in the lowest bit, after the inputs set so far.
    pub fn peek(&mut self, net: Net) -> u64 {
        self.settle();
        self.values[net.0 as usize]
    }

    fn settle(&mut self) {
        if !self.settled {
            let Design { rams, multipliers, .. } = &mut self.design;
            self.program.settle(&mut self.values, rams, multipliers);
            self.settled = true;
        }
    }

    /// One rising edge of the clock, in all lanes.
    pub fn clock(&mut self) {
        self.settle();
        let values = &mut self.values;
        if let Some(toggles) = &mut self.toggles {
            toggles.count(values);
        }
        let Design { registers, rams, block_rams, multipliers, .. } = &mut self.design;
        // everything looks at the values before the edge, and then everything changes
        self.next.iter_mut().zip(registers.iter()).for_each(|(next, register)| *next = register.next.value(values));
        rams.iter_mut().for_each(|ram| ram.clock(values));
        block_rams.iter_mut().for_each(|ram| ram.clock(values));
        multipliers.iter_mut().for_each(|multiplier| multiplier.clock(values));

        registers.iter().zip(&self.next).for_each(|(register, next)| values[register.q as usize] = *next);
        block_rams.iter().for_each(|ram| ram.drive(values));
        multipliers.iter().for_each(|multiplier| multiplier.drive(values));
        self.settled = false;
        self.cycle += 1;
    }

    /// Clocks until in every lane at once one of the outputs has the value beside it, which is looked at before each
    /// edge, or for `max_clocks`. Returns the clocks done.
    pub fn run(&mut self, max_clocks: u64, until: &[(Output, u64)]) -> u64 {
        for done in 0..max_clocks {
            if !until.is_empty() {
                self.settle();
                if until.iter().fold(0, |lanes, (port, value)| lanes | self.lanes_with(*port, *value)) == !0 {
                    return done;
                }
            }
            self.clock();
        }
        max_clocks
    }

    /// Lanes in which an output has a value.
    fn lanes_with(&self, port: Output, value: u64) -> u64 {
        let bits = self.design.ports[port.0].bits.iter().enumerate();
        bits.fold(!0, |lanes, (bit, edge)| lanes & edge.invert_if(value >> bit & 1 == 0).value(&self.values))
    }

    /// Clocks since the start.
    pub fn cycle(&self) -> u64 {
        self.cycle
    }

    /// Counts toggles from now on, and starts at 0.
    ///
    /// `shares` tells for each net the groups in which it counts, from 0 on, and with what weight: `vec![(0, 1)]` for
    /// one of all nets, `vec![(0, 1), (1, net.fan_out)]` for a second one by fan-out, groups by the path in its name,
    /// none to leave it out. A weight is added for every toggle; 0 is allowed.
    ///
    /// A net toggles at an edge when its settled value just before that edge differs from that before the edge before
    /// it, or, for the first, from that at the time of this call. So what an edge changes counts with the next edge.
    pub fn count_toggles(&mut self, mut shares: impl FnMut(&NetInfo) -> Vec<(usize, u32)>) {
        self.settle();
        let nets = self.design.nets().map(|(slot, net)| (slot, shares(net)));
        self.toggles = Some(Toggles::new(nets, &self.values));
    }

    /// The sums of the toggles of each group in each lane since [`Simulator::count_toggles`]; empty before it.
    pub fn toggles(&self) -> Vec<[u64; LANES]> {
        self.toggles.as_ref().map_or_else(Vec::new, Toggles::totals)
    }

    /// Clocks, summed over block RAMs and lanes, in which a port read a word that the other was writing, or both
    /// wrote the same bits. On the chip the outcome is undefined, so a design should keep this at 0 where it looks at
    /// the output. Of two writes the second port's remains.
    pub fn collisions(&self) -> u64 {
        self.design.block_rams.iter().map(|ram| ram.collisions).sum()
    }

    /// Sizes of the netlist.
    pub fn statistics(&self) -> Statistics {
        Statistics {
            nets: self.design.nets().count(),
            muxes: self.program.muxes(),
            flip_flops: self.design.registers.len(),
            distributed_rams: self.design.rams.len(),
            block_rams: self.design.block_rams.len(),
            multipliers: self.design.multipliers.len(),
        }
    }
}
