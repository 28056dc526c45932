//! DP16KD, and PDPW16KD as nextpnr makes it one: 18 Kbit behind two ports.
//!
//! The layout of words and bits is that of `models/DP16KD.v`.

use super::edge::{Edge, Slot};
use super::lanes::{LANES, each_lane, transpose};

/// A row holds two words of 18 bits.
const ROWS: usize = 512;
const ADDRESS: usize = 14;

/// What a port's output does in a clock in which it writes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum WriteMode {
    /// It stays.
    Normal,
    /// It shows what is written.
    WriteThrough,
    /// It shows what was there.
    ReadBeforeWrite,
}

/// How a port is connected.
pub(super) struct Port {
    /// Bits of an access: 1, 2, 4, 9, 18 or 36.
    pub(super) width: usize,
    /// High to do anything: clock enable and chip selects.
    pub(super) enable: [Edge; 4],
    pub(super) write: Edge,
    pub(super) reset: Edge,
    pub(super) output_enable: Edge,
    /// Bits of an access come first: byte enables at widths 18 and 36, positions in a word below.
    pub(super) address: [Edge; ADDRESS],
    pub(super) data: Vec<Edge>,
    pub(super) mode: WriteMode,
    /// Whether the output register is used.
    pub(super) registered: bool,
    /// Whether it reads the complement of a word that is being written; else what was there, as the model of a DP16KD.
    pub(super) spoils: bool,
    /// Outputs that are connected, by their bit.
    pub(super) outputs: Vec<(usize, Slot)>,
}

/// A port that runs.
struct State {
    port: Port,
    latch: [u64; 36],
    register: [u64; 36],
    access: Access,
}

/// What a port does at an edge.
struct Access {
    /// Lanes that read and that write.
    read: u64,
    write: u64,
    /// For each lane of these, address and data.
    words: [u64; LANES],
}

impl Access {
    fn address(&self, lane: usize) -> usize {
        self.words[lane] as usize & ((1 << ADDRESS) - 1)
    }

    fn data(&self, lane: usize) -> u64 {
        self.words[lane] >> ADDRESS
    }
}

impl Port {
    /// The lowest bit of an access in its row.
    fn shift(&self, address: usize) -> u32 {
        let bit = |k: u32| (address >> k & 1) as u32;
        let half = if self.width < 36 { 18 * bit(4) } else { 0 };
        let byte = if self.width < 18 { 9 * bit(3) } else { 0 };
        let inner = match self.width {
            1 => address & 7,
            2 => address & 6,
            4 => address & 4,
            _ => 0,
        };
        half + byte + inner as u32
    }

    /// Bits of an access.
    fn keep(&self) -> u64 {
        (1 << self.width) - 1
    }

    /// Bits of its data that a write writes: all, or the bytes that the low address bits enable.
    fn written(&self, address: usize) -> u64 {
        if self.width < 18 {
            return self.keep();
        }
        (0..self.width / 9).filter(|byte| address >> byte & 1 == 1).map(|byte| 0x1ff << (9 * byte)).sum()
    }

    fn access(&self, values: &[u64]) -> Access {
        let enabled = self.enable.iter().fold(!0, |lanes, edge| lanes & edge.value(values));
        let write = enabled & self.write.value(values);
        let quiet = self.mode == WriteMode::Normal;
        let reads = !self.outputs.is_empty();
        let read = if reads { enabled & !self.reset.value(values) & !(if quiet { write } else { 0 }) } else { 0 };
        let mut words = [0; LANES];
        if read | write != 0 {
            let pins = self.address.iter().chain(&self.data);
            words.iter_mut().zip(pins).for_each(|(plane, edge)| *plane = edge.value(values));
            transpose(&mut words);
        }
        Access { read, write, words }
    }
}

impl State {
    /// Lanes that read the memory, rather than what they write.
    fn looks_up(&self) -> u64 {
        let through = self.port.mode == WriteMode::WriteThrough;
        self.access.read & !(if through { self.access.write } else { 0 })
    }

    /// Bits of a row that a lane writes.
    fn written(&self, lane: usize) -> u64 {
        let address = self.access.address(lane);
        let bits = self.port.written(address) << self.port.shift(address);
        if self.access.write >> lane & 1 == 1 { bits } else { 0 }
    }

    /// Latch and register at an edge; `read` has what the lanes of the access read.
    fn latch(&mut self, values: &[u64], read: &[u64; LANES]) {
        let reset = self.port.reset.value(values);
        if self.port.registered {
            let enable = self.port.output_enable.value(values);
            for (register, latch) in self.register.iter_mut().zip(&self.latch) {
                *register = (*register ^ (*register ^ latch) & enable) & !reset;
            }
        }
        let lanes = self.access.read;
        if lanes | reset != 0 {
            for (latch, new) in self.latch.iter_mut().zip(read) {
                *latch = (*latch ^ (*latch ^ new) & lanes) & !reset;
            }
        }
    }
}

/// All lanes of one cell.
pub(super) struct BlockRam {
    ports: [State; 2],
    /// Lane by lane.
    rows: Vec<[u64; ROWS]>,
    /// Address bits below which two accesses are to the same word of 18 or 36 bits.
    granule: u32,
    /// Clocks and lanes in which a port read a word that the other was writing, or both wrote the same bits.
    pub(super) collisions: u64,
}

impl BlockRam {
    /// `contents` are words of 18 bits.
    pub(super) fn new(ports: [Port; 2], contents: &[u32]) -> Self {
        let mut rows = [0; ROWS];
        for (row, words) in rows.iter_mut().zip(contents.chunks(2)) {
            *row = words.iter().rev().fold(0, |row, word| row << 18 | u64::from(*word));
        }
        let granule = if ports.iter().any(|port| port.width == 36) { 5 } else { 4 };
        let idle = || Access { read: 0, write: 0, words: [0; LANES] };
        let ports = ports.map(|port| State { port, latch: [0; 36], register: [0; 36], access: idle() });
        Self { ports, rows: vec![rows; LANES], granule, collisions: 0 }
    }

    /// The clock's edge, with the values before it.
    pub(super) fn clock(&mut self, values: &[u64]) {
        for state in &mut self.ports {
            state.access = state.port.access(values);
        }
        let (clashes, writes) = self.clashes();
        self.collisions += u64::from((clashes[0] | clashes[1] | writes).count_ones());
        // both ports read before one of them writes
        let reads = [0, 1].map(|port| self.read(port, clashes[port]));
        for (state, read) in self.ports.iter_mut().zip(&reads) {
            state.latch(values, read);
        }
        (0..2).for_each(|port| self.write(port));
    }

    /// Lanes in which each port reads a word that the other writes, and those in which both write the same bits.
    fn clashes(&self) -> ([u64; 2], u64) {
        let [a, b] = [&self.ports[0], &self.ports[1]];
        let looks_up = [a, b].map(State::looks_up);
        let active = a.access.write & (looks_up[1] | b.access.write) | looks_up[0] & b.access.write;
        let (mut reads, mut writes) = ([0; 2], 0);
        let same_word = |lane: &usize| (a.access.address(*lane) ^ b.access.address(*lane)) >> self.granule == 0;
        for lane in each_lane(active).filter(same_word) {
            let written = [a, b].map(|state| state.written(lane));
            for port in 0..2 {
                reads[port] |= looks_up[port] & u64::from(written[1 - port] != 0) << lane;
            }
            writes |= u64::from(written[0] & written[1] != 0) << lane;
        }
        (reads, writes)
    }

    /// What a port reads, as planes; a word that is undefined in the lanes of `clash` comes inverted, so that a design that
    /// looks at it does not do by chance what its Verilog does.
    fn read(&self, port: usize, clash: u64) -> [u64; LANES] {
        let State { port, access, .. } = &self.ports[port];
        let mut lanes = [0; LANES];
        if access.read != 0 {
            for lane in each_lane(access.read) {
                let address = access.address(lane);
                let through = port.mode == WriteMode::WriteThrough && access.write >> lane & 1 == 1;
                let word =
                    if through { access.data(lane) } else { self.rows[lane][address >> 5] >> port.shift(address) };
                lanes[lane] = word & port.keep();
            }
            transpose(&mut lanes);
            if port.spoils {
                lanes[..port.width].iter_mut().for_each(|plane| *plane ^= clash);
            }
        }
        lanes
    }

    fn write(&mut self, port: usize) {
        let state = &self.ports[port];
        for lane in each_lane(state.access.write) {
            let address = state.access.address(lane);
            let (bits, shift) = (state.written(lane), state.port.shift(address));
            let row = &mut self.rows[lane][address >> 5];
            *row = *row & !bits | (state.access.data(lane) << shift) & bits;
        }
    }

    /// Puts latches or registers on the outputs, after every cell has had the edge.
    pub(super) fn drive(&self, values: &mut [u64]) {
        for State { port, latch, register, .. } in &self.ports {
            let planes = if port.registered { register } else { latch };
            for (bit, slot) in &port.outputs {
                values[*slot as usize] = planes[*bit];
            }
        }
    }
}
