//! What travels on the bus through the cores, besides words of memory.

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
    /// 0: weights, 1: parameters, 2: membranes, 3: contexts.
    pub space: Bits<2>,
    pub core: Bits<4>,
    pub unit: Bits<6>,
    /// Bit 9: its bank.
    pub row: Bits<10>,
    pub slot: Bits<4>,
}
