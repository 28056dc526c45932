//! Which net has which slot, who drives it, and which is the clock.

use super::edge::{Edge, Slot};
use super::error::{Result, SwitchingError};
use super::lower::Port;
use super::netlist::{self, Bit, Cell, NetInfo, Netlist};
use std::collections::HashMap;

/// Pins through which a cell is clocked.
fn clock_pins(kind: &str) -> &'static [&'static str] {
    match kind {
        "TRELLIS_FF" => &["CLK"],
        "TRELLIS_DPR16X4" => &["WCK"],
        "DP16KD" => &["CLKA", "CLKB"],
        "PDPW16KD" => &["CLKW", "CLKR"],
        "MULT18X18D" => &["CLK0"],
        _ => &[],
    }
}

/// Pins on which a PLL or an oscillator has a clock.
fn is_clock_source(kind: &str, pin: &str) -> bool {
    let pll = ["CLKI", "CLKFB", "CLKINTFB", "CLKOP", "CLKOS", "CLKOS2", "CLKOS3"];
    (kind == "EHXPLLL" && pll.contains(&pin)) || (kind == "OSCG" && pin == "OSC")
}

/// The nets of a netlist.
pub(super) struct Wiring {
    /// Slots of nets that carry data, from 1 on.
    slots: HashMap<u64, Slot>,
    infos: Vec<NetInfo>,
    ports: Vec<netlist::Port>,
    /// The net that clocks everything, if anything is clocked.
    clock: Option<u64>,
    /// That, and other nets of PLLs and oscillators, which may not be read as data, with their drivers.
    clocks: HashMap<u64, Option<NetInfo>>,
    names: HashMap<u64, Vec<String>>,
}

impl Wiring {
    pub(super) fn new(netlist: &Netlist) -> Result<Self> {
        let (ports, names) = (netlist.ports()?, netlist.names());
        let mut wiring =
            Self { slots: HashMap::new(), infos: Vec::new(), ports, clock: None, clocks: HashMap::new(), names };
        wiring.find_clock(netlist)?;
        wiring.find_drivers(netlist)?;
        wiring.check_clock()?;
        wiring.count_readers(netlist)?;
        Ok(wiring)
    }

    fn name(&self, net: u64) -> String {
        self.names.get(&net).map_or_else(|| format!("bit {net}"), |names| names[0].clone())
    }

    fn find_clock(&mut self, netlist: &Netlist) -> Result<()> {
        for cell in netlist.cells() {
            for pin in clock_pins(cell.kind()) {
                match (cell.bit(pin, 0), self.clock) {
                    (Bit::Net(net), None) => self.clock = Some(net),
                    (Bit::Net(net), Some(clock)) if net != clock => {
                        let (net, clock) = (self.name(net), self.name(clock));
                        return Err(SwitchingError::TwoClocks { cell: cell.name.into(), net, clock });
                    }
                    _ => {}
                }
            }
            for pin in cell.pins() {
                let (_, pin, bit) = pin?;
                if let (true, Bit::Net(net)) = (is_clock_source(cell.kind(), pin), bit) {
                    self.clocks.insert(net, None);
                }
            }
        }
        self.clocks.extend(self.clock.map(|clock| (clock, None)));
        Ok(())
    }

    /// Gives slots to nets: first to those of flip-flops, which are all written at once.
    fn find_drivers(&mut self, netlist: &Netlist) -> Result<()> {
        let (registers, others): (Vec<Cell>, Vec<Cell>) = netlist.cells().partition(|cell| cell.kind() == "TRELLIS_FF");
        for cell in registers.into_iter().chain(others) {
            for pin in cell.pins() {
                if let (true, _, Bit::Net(net)) = pin? {
                    self.driven(net, cell.name, cell.kind())?;
                }
            }
        }
        for index in 0..self.ports.len() {
            let port = &self.ports[index];
            let name = port.name.clone();
            for bit in if port.input { port.bits.clone() } else { Vec::new() } {
                match bit {
                    Bit::Net(net) => self.driven(net, &name, "input")?,
                    constant => {
                        return Err(SwitchingError::Form {
                            place: format!("input `{name}`"),
                            found: format!("a bit is {constant:?}"),
                            expected: "a net for every bit".into(),
                        });
                    }
                }
            }
        }
        Ok(())
    }

    fn driven(&mut self, net: u64, driver: &str, kind: &str) -> Result<()> {
        let names = self.names.get(&net).cloned().unwrap_or_else(|| vec![self.name(net)]);
        let info = NetInfo { names, driver: driver.into(), kind: kind.into(), fan_out: 0 };
        let known = match (self.clocks.get(&net), self.slots.get(&net)) {
            (Some(clock), _) => clock.as_ref(),
            (None, slot) => slot.map(|slot| &self.infos[*slot as usize - 1]),
        };
        if let Some(known) = known {
            let [first, second] = [known, &info].map(|info| format!("{} `{}`", info.kind, info.driver));
            return Err(SwitchingError::TwoDrivers { net: self.name(net), first, second });
        }
        match self.clocks.get_mut(&net) {
            Some(clock) => *clock = Some(info),
            None => {
                self.infos.push(info);
                self.slots.insert(net, self.infos.len() as Slot);
            }
        }
        Ok(())
    }

    fn check_clock(&self) -> Result<()> {
        let Some(clock) = self.clock else { return Ok(()) };
        match self.clocks.get(&clock).and_then(Option::as_ref) {
            None => Err(SwitchingError::NoDriver { net: self.name(clock), reader: "every clock pin".into() }),
            Some(info) if matches!(info.kind.as_str(), "input" | "EHXPLLL" | "OSCG") => Ok(()),
            Some(info) => Err(self.clock_in_logic(clock, format!("the output of {} `{}`", info.kind, info.driver))),
        }
    }

    fn clock_in_logic(&self, clock: u64, found: String) -> SwitchingError {
        SwitchingError::ClockInLogic { net: self.name(clock), found }
    }

    /// Checks that whatever is read has a slot.
    fn count_readers(&mut self, netlist: &Netlist) -> Result<()> {
        for cell in netlist.cells() {
            for pin in cell.pins() {
                let (drives, pin, bit) = pin?;
                let clocks = clock_pins(cell.kind()).contains(&pin) || is_clock_source(cell.kind(), pin);
                if let (false, false, Bit::Net(net)) = (drives, clocks, bit) {
                    self.read(net, || format!("pin {pin} of {} `{}`", cell.kind(), cell.name))?;
                }
            }
        }
        let outputs = self.ports.iter().filter(|port| !port.input);
        let outputs: Vec<_> = outputs.map(|port| (port.name.clone(), port.bits.clone())).collect();
        for (name, bits) in outputs {
            for bit in bits {
                if let Bit::Net(net) = bit {
                    self.read(net, || format!("output `{name}`"))?;
                }
            }
        }
        Ok(())
    }

    fn read(&mut self, net: u64, reader: impl Fn() -> String) -> Result<()> {
        if self.clocks.contains_key(&net) {
            return Err(self.clock_in_logic(net, format!("read by {}", reader())));
        }
        let Some(slot) = self.slots.get(&net) else {
            return Err(SwitchingError::NoDriver { net: self.name(net), reader: reader() });
        };
        self.infos[*slot as usize - 1].fan_out += 1;
        Ok(())
    }

    /// Number of nets that carry data; their slots are 1 to this.
    pub(super) fn nets(&self) -> usize {
        self.infos.len()
    }

    /// What a pin reads. An open pin reads 0.
    pub(super) fn edge(&self, bit: Bit) -> Edge {
        match bit {
            // a net that a pin reads has a slot: see `count_readers`
            Bit::Net(net) => self.slots.get(&net).map_or(Edge::ZERO, |slot| Edge::new(*slot)),
            Bit::One => Edge::ONE,
            Bit::Zero | Bit::Open => Edge::ZERO,
        }
    }

    /// The name of a net that a pin reads.
    pub(super) fn name_of(&self, edge: Edge) -> String {
        self.infos.get((edge.slot() as usize).wrapping_sub(1)).map_or_else(String::new, |info| info.name().to_string())
    }

    /// The slot that an output pin drives.
    pub(super) fn output(&self, bit: Bit) -> Option<Slot> {
        match bit {
            Bit::Net(net) => self.slots.get(&net).copied(),
            _ => None,
        }
    }

    /// Ports with their slots, and information on all nets in the order of their slots.
    pub(super) fn finish(self) -> (Vec<Port>, Vec<NetInfo>) {
        let is_clock = |bit: &Bit| matches!(bit, Bit::Net(net) if self.clocks.contains_key(net));
        let ports = self.ports.iter().filter(|port| !port.bits.iter().any(is_clock));
        let ports = ports.map(|port| Port {
            name: port.name.clone(),
            input: port.input,
            bits: port.bits.iter().map(|bit| self.edge(*bit)).collect(),
        });
        (ports.collect(), self.infos)
    }
}
