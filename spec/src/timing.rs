//! Clocks that the phases of a tick take in a core: the same in the RTL and in the reference model.
//!
//! A core integrates by walking its due slot, one clock for each event and one for each group of axons without an event, all banks at
//! once, and then turns its rings once. Both are [`crate::ledger::CoreCounter::BusyClocks`]; a core that has no event, no dense word and only zero
//! membranes does not turn.

use crate::geometry::{AXONS, CoreConfig};

/// Axons in one word of a scheduler's slot.
pub const SLOT_WORD_BITS: usize = 16;
/// Axons in a group: four words. A walk spends one clock on a group without an event.
pub const GROUP_BITS: usize = 64;
/// Groups of a bank's slot.
pub const GROUPS: usize = AXONS / GROUP_BITS;
/// Clocks of a walk besides those for its groups and events: from the start to the first event, and until the last is out.
pub const WALK_OVERHEAD: u64 = 11;
/// Clocks that a membrane spends in a neuron unit.
pub const UNIT_LATENCY: u64 = 9;
/// Clocks of a turn besides those of ring and neuron unit.
pub const TURN_OVERHEAD: u64 = 2;

/// Clocks of a walk for one group with these events, bit by bit, where bit w of `dense` says that the w-th word of 16 axons is dense: one for each
/// event, in a dense word for each axon, there at least one for those with and one for those without; one if there is nothing to do.
pub fn group_clocks(events: u64, dense: u8) -> u32 {
    let clocks = (0..GROUP_BITS / SLOT_WORD_BITS).map(|word| {
        let events = (events >> (word * SLOT_WORD_BITS) & ((1 << SLOT_WORD_BITS) - 1)).count_ones();
        let silent = SLOT_WORD_BITS as u32 - events;
        if dense >> word & 1 == 1 { events.max(1) + silent.max(1) } else { events }
    });
    clocks.sum::<u32>().max(1)
}

/// Clocks to walk a bank's slot whose groups take these [`group_clocks`].
pub fn walk_clocks(groups: impl IntoIterator<Item = u32>) -> u64 {
    WALK_OVERHEAD + groups.into_iter().map(u64::from).sum::<u64>()
}

/// Clocks to walk the slots of all banks of a core, whose groups take these [`group_clocks`]: those of the bank that takes longest. The sum
/// of two weights is in the lane a clock after a single weight would be; the turn begins late enough for either.
pub fn banks_clocks(groups: &[u32]) -> u64 {
    groups.chunks(GROUPS).map(|bank| walk_clocks(bank.iter().copied())).max().unwrap_or(0)
}

/// Clocks of one turn of a core's rings.
pub fn turn_clocks(core: &CoreConfig) -> u64 {
    core.ring() as u64 + UNIT_LATENCY + TURN_OVERHEAD
}

/// Clocks that every core of a chain turns after the one before it: so long its membrane is under way, which is added where the next core's enters the
/// neuron unit. Each turns in [`turn_clocks`].
pub const CHAIN_OFFSET: u64 = 2;

/// Clocks from the start of a tick until a core of several contexts looks at the first of them.
pub const CHOICE_START: u64 = 2;
/// Clocks to see whether a context has anything to do.
pub const CHOICE_CLOCKS: u64 = 2;
/// Clocks to pass one over that has not, besides one for each of its groups.
pub const PASS_OVERHEAD: u64 = 1;
/// Clocks of a walk through one of several contexts besides those for its groups and events.
pub const CONTEXT_WALK_OVERHEAD: u64 = 9;
/// Clocks to bring a context into the lanes besides two for every neuron of a ring.
pub const LOAD_OVERHEAD: u64 = 4;

/// Clocks to walk one of several contexts whose groups take these [`group_clocks`].
pub fn context_walk_clocks(groups: impl IntoIterator<Item = u32>) -> u64 {
    walk_clocks(groups) - WALK_OVERHEAD + CONTEXT_WALK_OVERHEAD
}

/// Clocks to bring a context into the lanes.
pub fn load_clocks(core: &CoreConfig) -> u64 {
    2 * core.ring() as u64 + LOAD_OVERHEAD
}
