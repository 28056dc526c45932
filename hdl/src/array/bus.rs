//! What travels on the bus through the cores, besides words of memory, and between the cores of a chain.

use nernst_spec::geometry::MAX_UNITS;
use rust_hdl::prelude::*;

/// A spike on its way to the axons that hear it.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct Event {
    pub valid: Bit,
    /// Bit `c`: for core `c`.
    pub cores: Bits<16>,
    /// Bit 9: its bank.
    pub axon: Bits<10>,
    pub slot: Bits<4>,
}

/// What is wanted of the values of input lines.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct ValueAccess {
    /// The value of `line` is wanted, or is written.
    pub active: Bit,
    pub write: Bit,
    pub line: Bits<12>,
    pub value: Bits<8>,
}

/// What the control of the array tells the cores.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct Command {
    /// All cores begin the tick whose events are in `slot`.
    pub start: Bit,
    /// All cores set their membranes to 0.
    pub zero: Bit,
    /// All cores clear word `row` of their slots.
    pub clear: Bit,
    /// Core `core` writes the word at `unit`, `row` of `space`; with `all` every core writes row `row` everywhere.
    pub write: Bit,
    pub all: Bit,
    /// Core `core` fetches a row, or turns for a membrane.
    pub fetch: Bit,
    /// Core `core` puts out what is at `unit`, `row` of `space`.
    pub select: Bit,
    /// 0: weights, 1: parameters, 2: membranes, 3: settings.
    pub space: Bits<2>,
    pub core: Bits<4>,
    pub unit: Bits<6>,
    /// Bit 9: its bank.
    pub row: Bits<10>,
    pub slot: Bits<4>,
}

/// What a core tells the next one, which may hear it.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct ToNext {
    /// It is loaded to hand its membranes on.
    pub chained: Bit,
    /// It began to turn the clock before, or has nothing to turn for.
    pub turned: Bit,
    pub rested: Bit,
}

/// What a core tells the one before.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct ToPrevious {
    /// It can hear it: it has one context.
    pub hears: Bit,
    /// It and all behind it in its chain have walked; and whether one of them has something to turn for.
    pub ready: Bit,
    pub awake: Bit,
}

/// Bits of a sum of membranes on its way from a ring to the same ring of the next core: see [`nernst_spec::tick::chain_sum`].
pub const SUM_BITS: usize = 20;
/// Bits of those of all rings of a core, the first one's lowest.
pub const SUMS_BITS: usize = MAX_UNITS * SUM_BITS;

/// What a core tells the ledger.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct CoreActivity {
    /// An event of the first bank is added, one of the second.
    pub event: Bit,
    pub second_event: Bit,
    /// A row of every tile is fetched in the first bank, for an event or because its axon is dense.
    pub fetched: Bit,
    /// Weights other than 0 that were added.
    pub nonzero: Bits<8>,
    /// All neurons went through their units.
    pub turned: Bit,
    /// A neuron fired.
    pub spiked: Bit,
    /// A context was brought into the lanes.
    pub loaded: Bit,
    /// It walks or turns in a tick.
    pub busy: Bit,
    /// A spike could not leave.
    pub waiting: Bit,
}
