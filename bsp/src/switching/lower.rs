//! From cells to multiplexers, registers, memories and multipliers.

use super::block_ram::{self, BlockRam, WriteMode};
use super::distributed_ram::DistributedRam;
use super::edge::{Edge, Slot};
use super::error::{Result, SwitchingError};
use super::logic::Logic;
use super::multiplier::{Multiplier, Pins, Registers};
use super::netlist::{Bit, Cell, NetInfo, Netlist};
use super::wiring::Wiring;

/// A flip-flop.
pub(super) struct Register {
    pub(super) q: Slot,
    pub(super) next: Edge,
    /// Its value at power-up.
    pub(super) start: bool,
}

/// A port of the top module, least significant bit first.
pub(super) struct Port {
    pub(super) name: String,
    pub(super) input: bool,
    pub(super) bits: Vec<Edge>,
}

/// A netlist in parts that run.
pub(super) struct Design {
    pub(super) ports: Vec<Port>,
    nets: Vec<NetInfo>,
    pub(super) logic: Logic,
    pub(super) registers: Vec<Register>,
    pub(super) rams: Vec<DistributedRam>,
    pub(super) block_rams: Vec<BlockRam>,
    pub(super) multipliers: Vec<Multiplier>,
}

impl Design {
    /// Every net with its slot; slot 0 is no net.
    pub(super) fn nets(&self) -> impl Iterator<Item = (Slot, &NetInfo)> {
        (1..).zip(&self.nets)
    }

    pub(super) fn net(&self, slot: Slot) -> Option<&NetInfo> {
        self.nets.get((slot as usize).wrapping_sub(1))
    }
}

pub(super) fn lower(text: &str) -> Result<Design> {
    let netlist = Netlist::read(text)?;
    let wiring = Wiring::new(&netlist)?;
    let mut lowering = Lowering {
        wiring: &wiring,
        logic: Logic::new(wiring.nets() as Slot + 1),
        registers: Vec::new(),
        rams: Vec::new(),
        block_rams: Vec::new(),
        multipliers: Vec::new(),
    };
    for cell in netlist.cells() {
        lowering.cell(cell)?;
    }
    let Lowering { logic, mut registers, rams, block_rams, multipliers, .. } = lowering;
    for register in &mut registers {
        register.next = logic.resolve(register.next);
    }
    let (ports, nets) = wiring.finish();
    Ok(Design { ports, nets, logic, registers, rams, block_rams, multipliers })
}

struct Lowering<'a> {
    wiring: &'a Wiring,
    logic: Logic,
    registers: Vec<Register>,
    rams: Vec<DistributedRam>,
    block_rams: Vec<BlockRam>,
    multipliers: Vec<Multiplier>,
}

impl Lowering<'_> {
    fn cell(&mut self, cell: Cell) -> Result<()> {
        match cell.kind() {
            "LUT4" => {
                let z = self.lut(cell, "INIT", "")?;
                self.drive(cell, "Z", z);
            }
            "PFUMX" => self.pair(cell, "C0", "ALUT", "BLUT"),
            "L6MUX21" => self.pair(cell, "SD", "D1", "D0"),
            "CCU2C" => self.carry(cell)?,
            "TRELLIS_FF" => self.flip_flop(cell)?,
            "TRELLIS_DPR16X4" => self.distributed_ram(cell)?,
            "DP16KD" => self.dual_port_ram(cell)?,
            "PDPW16KD" => self.pseudo_dual_port_ram(cell)?,
            "MULT18X18D" => self.multiplier(cell)?,
            "EHXPLLL" => {
                self.quiet(cell, &["RST", "STDBY"], "a PLL that always runs")?;
                self.drive(cell, "LOCK", Edge::ONE);
            }
            "OSCG" => {}
            kind => {
                return Err(SwitchingError::UnknownCell { cell: cell.name.into(), kind: kind.into() });
            }
        }
        Ok(())
    }

    fn pin(&self, cell: Cell, pin: &str) -> Edge {
        self.wiring.edge(cell.bit(pin, 0))
    }

    /// Pins `NAME0`, `NAME1` and so on.
    fn pins<const N: usize>(&self, cell: Cell, pin: &str) -> [Edge; N] {
        std::array::from_fn(|k| self.pin(cell, &format!("{pin}{k}")))
    }

    /// The first bits of one wide pin.
    fn bus<const N: usize>(&self, cell: Cell, pin: &str) -> [Edge; N] {
        std::array::from_fn(|k| self.wiring.edge(cell.bit(pin, k)))
    }

    /// A pin that a parameter may invert or tie; an open one is 0.
    fn control(&self, cell: Cell, pin: &str, parameter: &str, known: &[&'static str]) -> Result<Edge> {
        Ok(match cell.mode(parameter, known)? {
            "0" => Edge::ZERO,
            "1" => Edge::ONE,
            "INV" if cell.bit(pin, 0) != Bit::Open => !self.pin(cell, pin),
            _ => self.pin(cell, pin),
        })
    }

    fn drive(&mut self, cell: Cell, pin: &str, value: Edge) {
        if let Some(slot) = self.wiring.output(cell.bit(pin, 0)) {
            self.logic.drive(slot, value);
        }
    }

    /// Outputs that are connected; `name` gives the pin of each bit.
    fn outputs(&self, cell: Cell, count: usize, name: impl Fn(usize) -> String) -> Vec<(usize, Slot)> {
        let output = |bit| self.wiring.output(cell.bit(&name(bit), 0)).map(|slot| (bit, slot));
        (0..count).filter_map(output).collect()
    }

    /// Refuses a cell if a net drives one of these pins.
    fn quiet(&self, cell: Cell, pins: &[&str], known: &str) -> Result<()> {
        for pin in pins {
            let edge = self.pin(cell, pin);
            if edge != Edge::ZERO {
                let net = match edge {
                    Edge::ONE => "1".to_string(),
                    _ => self.wiring.name_of(edge),
                };
                let pin = format!("{}.{pin}", cell.kind());
                return Err(SwitchingError::Pin { cell: cell.name.to_string(), pin, net, known: known.to_string() });
            }
        }
        Ok(())
    }

    /// Whether a net clocks the cell through this pin, at its rising edge.
    fn clocked(&self, cell: Cell, pin: &str, parameter: &str, rising: &'static str) -> Result<bool> {
        cell.mode(parameter, &[rising])?;
        Ok(matches!(cell.bit(pin, 0), Bit::Net(_)))
    }

    fn must_be_clocked(&self, cell: Cell, pin: &str, parameter: &str, rising: &'static str) -> Result<()> {
        if self.clocked(cell, pin, parameter, rising)? {
            return Ok(());
        }
        Err(SwitchingError::Form {
            place: format!("cell `{}` ({}), pin {pin}", cell.name, cell.kind()),
            found: "no net".into(),
            expected: "the clock".into(),
        })
    }

    /// The LUT4 with inputs A, B, C and D, or A0 .. D0 with the suffix 0.
    fn lut(&mut self, cell: Cell, parameter: &str, suffix: &str) -> Result<Edge> {
        let inputs = ["A", "B", "C", "D"].map(|pin| self.pin(cell, &format!("{pin}{suffix}")));
        Ok(self.logic.lut(cell.number(parameter, 16, 0)? as u16, inputs))
    }

    fn pair(&mut self, cell: Cell, select: &str, high: &str, low: &str) {
        let [select, high, low] = [select, high, low].map(|pin| self.pin(cell, pin));
        let z = self.logic.mux(select, high, low);
        self.drive(cell, "Z", z);
    }

    /// Two bits of a carry chain: see `models/logic.v`.
    fn carry(&mut self, cell: Cell) -> Result<()> {
        let mut carry = self.pin(cell, "CIN");
        let mut sums = [Edge::ZERO; 2];
        for (sum, half) in sums.iter_mut().zip(["0", "1"]) {
            let parameter = format!("INIT{half}");
            let pass = self.lut(cell, &parameter, half)?;
            let none = cell.mode(&format!("INJECT1_{half}"), &["YES", "NO"])? == "YES";
            let [a, b] = ["A", "B"].map(|pin| self.pin(cell, &format!("{pin}{half}")));
            let init = if none { 0 } else { cell.number(&parameter, 16, 0)? as u16 };
            let make = self.logic.lut(init, [a, b, Edge::ZERO, Edge::ZERO]);
            *sum = if none { pass } else { self.logic.mux(carry, !pass, pass) };
            carry = self.logic.mux(pass, carry, make);
        }
        self.drive(cell, "S0", sums[0]);
        self.drive(cell, "S1", sums[1]);
        self.drive(cell, "COUT", carry);
        Ok(())
    }

    fn flip_flop(&mut self, cell: Cell) -> Result<()> {
        self.must_be_clocked(cell, "CLK", "CLKMUX", "CLK")?;
        cell.mode("SRMODE", &["LSR_OVER_CE"])?;
        cell.mode("LSRMODE", &["LSR"])?;
        self.quiet(cell, &["M"], "data on DI")?;
        let set = cell.mode("REGSET", &["RESET", "SET"])? == "SET";
        let enable = self.control(cell, "CE", "CEMUX", &["1", "0", "CE", "INV"])?;
        let reset = self.control(cell, "LSR", "LSRMUX", &["LSR", "INV"])?;
        let data = self.pin(cell, "DI");
        if let Some(q) = self.wiring.output(cell.bit("Q", 0)) {
            let next = self.logic.mux(enable, data, Edge::new(q));
            let next = self.logic.mux(reset, Edge::constant(set), next);
            self.registers.push(Register { q, next, start: set });
        }
        Ok(())
    }

    fn distributed_ram(&mut self, cell: Cell) -> Result<()> {
        let clocked = self.clocked(cell, "WCK", "WCKMUX", "WCK")?;
        let write = self.control(cell, "WRE", "WREMUX", &["WRE", "1", "0", "INV"])?;
        let write = if clocked { write } else { Edge::ZERO };
        let contents = cell.number("INITVAL", 64, 0)?;
        let (data, write_address) = (self.bus(cell, "DI"), self.bus(cell, "WAD"));
        let mut ram = DistributedRam::new(contents, data, write_address, write);
        ram.read_address = self.bus(cell, "RAD");
        ram.outputs = std::array::from_fn(|k| self.wiring.output(cell.bit("DO", k)));
        self.rams.push(ram);
        Ok(())
    }

    /// Words of 18 bits: blocks of 320 bits hold sixteen, each in a field of 20.
    fn contents(&self, cell: Cell) -> Result<Vec<u32>> {
        let mut words = Vec::new();
        for block in 0..64 {
            let bits = cell.bits(&format!("INITVAL_{block:02X}"), 320)?.unwrap_or_else(|| vec![false; 320]);
            let word = |field: &[bool]| field[..18].iter().rev().fold(0, |word, bit| word << 1 | u32::from(*bit));
            words.extend(bits.chunks(20).map(word));
        }
        Ok(words)
    }

    /// One of the ports of a DP16KD, `A` or `B`, as a port of at most 18 bits.
    fn port(&self, cell: Cell, name: &str) -> Result<block_ram::Port> {
        let width = cell.number(&format!("DATA_WIDTH_{name}"), 32, 18)? as usize;
        if ![1, 2, 4, 9, 18, 36].contains(&width) {
            let parameter = format!("DATA_WIDTH_{name}");
            return Err(cell.unknown_mode(&parameter, width.to_string(), "1, 2, 4, 9, 18, 36"));
        }
        let clock = format!("CLK{name}");
        let clocked = match name {
            "A" => self.clocked(cell, &clock, "CLKAMUX", "CLKA")?,
            _ => self.clocked(cell, &clock, "CLKBMUX", "CLKB")?,
        };
        cell.mode(&format!("CSDECODE_{name}"), &["0b000"])?;
        let mode = match cell.mode(&format!("WRITEMODE_{name}"), &["NORMAL", "WRITETHROUGH", "READBEFOREWRITE"])? {
            "NORMAL" => WriteMode::Normal,
            "WRITETHROUGH" => WriteMode::WriteThrough,
            _ => WriteMode::ReadBeforeWrite,
        };
        let reset = format!("RST{name}");
        if cell.mode("RESETMODE", &["SYNC", "ASYNC"])? == "ASYNC" {
            self.quiet(cell, &[&reset], "a synchronous reset (RESETMODE SYNC)")?;
        }
        let [a, b, c] = self.pins(cell, &format!("CS{name}"));
        let enable = self.pin(cell, &format!("CE{name}"));
        let data: [Edge; 18] = self.pins(cell, &format!("DI{name}"));
        Ok(block_ram::Port {
            width,
            enable: [if clocked { enable } else { Edge::ZERO }, !a, !b, !c],
            write: self.pin(cell, &format!("WE{name}")),
            reset: if clocked { self.pin(cell, &reset) } else { Edge::ZERO },
            output_enable: if clocked { self.pin(cell, &format!("OCE{name}")) } else { Edge::ZERO },
            address: self.pins(cell, &format!("AD{name}")),
            data: data.to_vec(),
            mode,
            spoils: false,
            registered: cell.mode(&format!("REGMODE_{name}"), &["NOREG", "OUTREG"])? == "OUTREG",
            outputs: self.outputs(cell, 18, |bit| format!("DO{name}{bit}")),
        })
    }

    fn dual_port_ram(&mut self, cell: Cell) -> Result<()> {
        let [mut a, mut b] = [self.port(cell, "A")?, self.port(cell, "B")?];
        match (a.width, b.width) {
            (36, 36) if a.registered == b.registered => {
                // A writes with the data pins of both, B reads on the outputs of both
                a.data.append(&mut b.data);
                a.mode = WriteMode::Normal;
                b.mode = WriteMode::Normal;
                b.write = Edge::ZERO;
                let upper = b.outputs.drain(..).map(|(bit, slot)| (bit + 18, slot));
                let lower = a.outputs.drain(..);
                b.outputs = lower.chain(upper.collect::<Vec<_>>()).collect();
            }
            (36, 36) => {
                return Err(cell.unknown_mode(
                    "REGMODE_B",
                    "another than port A".into(),
                    "the same on both ports of width 36",
                ));
            }
            (36, _) | (_, 36) => {
                return Err(cell.unknown_mode("DATA_WIDTH_B", b.width.to_string(), "36 on both ports or on none"));
            }
            _ => {}
        }
        let ram = BlockRam::new([a, b], &self.contents(cell)?);
        self.block_rams.push(ram);
        Ok(())
    }

    /// As nextpnr-ecp5 makes a DP16KD of it: the halves of the output change places.
    fn pseudo_dual_port_ram(&mut self, cell: Cell) -> Result<()> {
        for parameter in ["DATA_WIDTH_W", "DATA_WIDTH_R"] {
            let width = cell.number(parameter, 32, 36)?;
            if width != 36 {
                return Err(cell.unknown_mode(parameter, width.to_string(), "36"));
            }
        }
        cell.mode("RESETMODE", &["SYNC"])?;
        cell.mode("CSDECODE_W", &["0b000"])?;
        cell.mode("CSDECODE_R", &["0b000"])?;
        self.must_be_clocked(cell, "CLKW", "CLKWMUX", "CLKW")?;
        self.must_be_clocked(cell, "CLKR", "CLKRMUX", "CLKR")?;
        let [a, b, c] = self.pins(cell, "CSW");
        let bytes: [Edge; 4] = self.pins(cell, "BE");
        let row: [Edge; 9] = self.pins(cell, "ADW");
        let data: [Edge; 36] = self.pins(cell, "DI");
        let write = block_ram::Port {
            width: 36,
            enable: [self.pin(cell, "CEW"), !a, !b, !c],
            write: Edge::ONE,
            reset: Edge::ZERO,
            output_enable: Edge::ZERO,
            address: std::array::from_fn(|k| match k {
                0..4 => bytes[k],
                4 => Edge::ZERO,
                _ => row[k - 5],
            }),
            data: data.to_vec(),
            mode: WriteMode::Normal,
            registered: false,
            spoils: false,
            outputs: Vec::new(),
        };
        let [a, b, c] = self.pins(cell, "CSR");
        let read = block_ram::Port {
            width: 36,
            enable: [self.pin(cell, "CER"), !a, !b, !c],
            write: Edge::ZERO,
            reset: self.pin(cell, "RST"),
            output_enable: self.pin(cell, "OCER"),
            address: self.pins(cell, "ADR"),
            data: Vec::new(),
            mode: WriteMode::Normal,
            spoils: true,
            registered: cell.mode("REGMODE", &["NOREG", "OUTREG"])? == "OUTREG",
            outputs: self.outputs(cell, 36, |bit| format!("DO{}", (bit + 18) % 36)),
        };
        let ram = BlockRam::new([write, read], &self.contents(cell)?);
        self.block_rams.push(ram);
        Ok(())
    }

    fn multiplier(&mut self, cell: Cell) -> Result<()> {
        let register = |name: &str| -> Result<bool> {
            cell.mode(&format!("REG_{name}_CE"), &["CE0"])?;
            cell.mode(&format!("REG_{name}_RST"), &["RST0"])?;
            Ok(cell.mode(&format!("REG_{name}_CLK"), &["NONE", "CLK0"])? == "CLK0")
        };
        let registers = Registers {
            a: register("INPUTA")?,
            b: register("INPUTB")?,
            pipeline: register("PIPELINE")?,
            output: register("OUTPUT")?,
        };
        for (parameter, known) in
            [("REG_INPUTC_CLK", "NONE"), ("HIGHSPEED_CLK", "NONE"), ("MULT_BYPASS", "DISABLED"), ("RESETMODE", "SYNC")]
        {
            cell.mode(parameter, &[known])?;
        }
        self.quiet(cell, &["SOURCEA", "SOURCEB"], "operands from the pins A and B")?;
        let clocked = matches!(cell.bit("CLK0", 0), Bit::Net(_));
        let enable = match (clocked, cell.bit("CE0", 0)) {
            (false, _) => Edge::ZERO,
            // unlike other pins, an open enable is 1
            (true, Bit::Open) => Edge::ONE,
            (true, bit) => self.wiring.edge(bit),
        };
        let signed = [self.pin(cell, "SIGNEDA"), self.pin(cell, "SIGNEDB")];
        let pins = Pins {
            a: self.pins(cell, "A"),
            b: self.pins(cell, "B"),
            signed,
            enable,
            reset: if clocked { self.pin(cell, "RST0") } else { Edge::ZERO },
            outputs: self.outputs(cell, 36, |bit| format!("P{bit}")),
        };
        let either = self.logic.mux(signed[0], Edge::ONE, signed[1]);
        self.drive(cell, "SIGNEDP", either);
        self.multipliers.push(Multiplier::new(pins, registers));
        Ok(())
    }
}
