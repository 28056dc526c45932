//! What is written into a reply.

use rust_hdl::prelude::*;

/// A byte of a reply, and what becomes of the reply; see [`crate::link::Transmitter`]. All 0 when there is nothing to write, so
/// that writers are combined by OR.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct Reply {
    pub data: Bits<8>,
    pub write: Bit,
    /// Kind and payload are whole.
    pub close: Bit,
    /// What was written is dropped.
    pub discard: Bit,
}
