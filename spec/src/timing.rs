//! Clocks that the phases of a tick take in a core: the same in the RTL and in the reference model.
//!
//! A core integrates by walking the words of its due slot, one clock for each word or for each of its events if there are
//! more, and then turns its rings once. Both are [`crate::ledger::CoreCounter::BusyClocks`]; a core that has no event and
//! only zero membranes does not turn.

use crate::geometry::{AXONS, CoreConfig};

/// Axons in one word of a scheduler's slot.
pub const SLOT_WORD_BITS: usize = 16;
/// Words of a slot.
pub const SLOT_WORDS: usize = AXONS / SLOT_WORD_BITS;
/// Clocks of a walk besides those for its words and events: the scheduler's read latency and the pipeline from the last
/// event to the lanes.
pub const WALK_OVERHEAD: u64 = 6;
/// Clocks that a membrane spends in a neuron unit.
pub const UNIT_LATENCY: u64 = 8;
/// Clocks of a turn besides those of ring and neuron unit.
pub const TURN_OVERHEAD: u64 = 2;

/// Clocks to walk a slot whose words hold this many events each.
pub fn walk_clocks(events: impl IntoIterator<Item = u32>) -> u64 {
    WALK_OVERHEAD + events.into_iter().map(|events| events.max(1) as u64).sum::<u64>()
}

/// Clocks of one turn of a core's rings.
pub fn turn_clocks(core: &CoreConfig) -> u64 {
    core.ring() as u64 + UNIT_LATENCY + TURN_OVERHEAD
}
