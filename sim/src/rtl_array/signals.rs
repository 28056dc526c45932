//! Paths of the nets that are looked at inside the array's RTL: every name of an instance or a signal that this crate relies on
//! stands here, and nowhere else.
//!
//! Whoever renames one in the RTL mends it here; a path that does not exist is an error when the RTL is loaded.

use nernst_spec::geometry::MAX_BANKS;
use nernst_spec::{ArrayConfig, WeightBits};
use rust_hdl::prelude::{Synth, TypeKind};

/// The part of a core that is of its kind.
pub fn core(config: &ArrayConfig, core: usize) -> String {
    let shape = &config.cores[core];
    let kind = match (shape.weight_bits, shape.banks) {
        (WeightBits::Four, 1) => "int4",
        (WeightBits::Four, _) => "banked",
        (WeightBits::Eight, _) => "int8",
    };
    format!("cores${core}.{kind}$0")
}

/// High in each clock in which the scheduler of a bank of a core hands an event to its rings, which add its row.
pub fn event_added(config: &ArrayConfig, number: usize) -> [String; MAX_BANKS] {
    ["event_set", "second_event"].map(|name| format!("{}.{name}", core(config, number)))
}

/// High in each clock in which the rings of a core are told to shift.
pub fn shift(config: &ArrayConfig, number: usize) -> String {
    format!("{}.shift.q", core(config, number))
}

/// High in each clock in which a context is brought into the lanes of a core.
pub fn load(config: &ArrayConfig, number: usize) -> String {
    format!("{}.load.q", core(config, number))
}

/// High while a spike of a core waits at its exit for the bus.
pub fn spike_at_exit(core: usize) -> String {
    format!("cores${core}.spike_valid")
}

/// High while a spike is on the bus at a core, on its way to the router.
pub fn spike_on_bus(core: usize) -> String {
    format!("spikes${core}.q")
}

/// Low while the router has a spike, for the cores or for the host.
pub const ROUTER_IDLE: &str = "router.idle";

/// What is on the bus at a core on its way from the router; bit 0 is `valid`.
pub fn event_on_bus(core: usize) -> String {
    format!("events${core}.q")
}

/// High in each clock in which a core writes an event into the scheduler of a bank.
pub fn event_stored(config: &ArrayConfig, number: usize) -> Vec<String> {
    let banks = &["set_now", "second_set_now$0"][..config.cores[number].banks];
    banks.iter().map(|name| format!("{}.{name}.q", core(config, number))).collect()
}

/// Ports and registers of the array itself, besides those above.
pub mod array {
    use super::states_of;

    pub const STATE: &str = "state.q";
    pub const ADDRESS_EXISTS: &str = "address_exists";
    pub const WRITE: &str = "write";
    pub const WRITE_NOW: &str = "write_now.q";
    pub const WRITE_CORE: &str = "write_core.q";
    pub const READ: &str = "read";
    pub const READ_DONE: &str = "read_done";
    pub const READ_LOW: &str = "read_low";
    pub const FETCH: &str = "fetch";
    pub const RESULT_LOW: &str = "result_low.q";
    pub const INPUT_VALID: &str = "input_valid";
    pub const TICK_START: &str = "tick_start";
    pub const TICK_BUSY: &str = "tick_busy";
    pub const TICK_NUMBER: &str = "tick_number";
    pub const SPIKE_VALID: &str = "spike_valid";
    pub const SPIKE_NEURON: &str = "spike_neuron";

    /// Array number of the spike that is on the bus at a core.
    pub fn neuron_on_bus(core: usize) -> String {
        format!("neurons${core}.q")
    }
    /// What a core puts out to be read, on the bus at that core.
    pub fn word_on_bus(core: usize) -> String {
        format!("words_low${core}.q")
    }
    /// Names of the bits of [`STATE`], of which one is set.
    pub fn states() -> Vec<String> {
        states_of::<nernst_hdl::array::array::ArrayState>()
    }
}

/// Of the router.
pub mod router {
    /// A spike is in the stages that address the route table, wait for its block RAM (two clocks) and have its word; its event is made.
    pub const STAGES: [&str; 5] =
        ["router.a_valid.q", "router.b_valid.q", "router.c_valid.q", "router.d_valid.q", "router.e_event.q"];
    pub const AXON: &str = "router.e_axon.q";
}

/// Of a core, below [`core`](fn@core): its control.
pub mod control {
    use super::states_of;

    pub const STATE: &str = "state.q";
    pub const COUNT: &str = "count.q";
    pub const PLACE: &str = "place.q";
    pub const SHIFT: &str = "shift.q";
    pub const LOAD: &str = "load.q";
    pub const STORED_AXON: &str = "set_axon.q";
    pub const STORED: &str = "set_now.q";
    pub const WRITE_WEIGHTS: &str = "write_weights.q";
    pub const FETCH_ROW: &str = "fetch_row.q";
    pub const OUT_LOW: &str = "out_low.q";

    /// Names of the bits of [`STATE`], of which one is set.
    pub fn states() -> Vec<String> {
        states_of::<nernst_hdl::array::core::CoreState>()
    }
}

/// Of a core, below [`core`](fn@core): the scheduler of its first bank.
pub mod scheduler {
    pub const START: &str = "scheduler.start";
    pub const LOADING: &str = "scheduler.loading.q";
    pub const ASKED: &str = "scheduler.asked_word.q";
    pub const ASKED_NUMBER: &str = "scheduler.asked_number.q";
    pub const LATCHED: &str = "scheduler.latched_word.q";
    pub const OUT: &str = "scheduler.out_word.q";
    pub const WORD: &str = "scheduler.slots.word_out";
    pub const WORD_HERE: &str = "scheduler.unpacker.word_here.q";
    pub const NIBBLE_HERE: &str = "scheduler.unpacker.nibble_here.q";
    pub const EVENT_VALID: &str = "scheduler.event_valid";
    pub const EVENT_AXON: &str = "scheduler.event_axon";
    pub const WALKING: &str = "scheduler.walking";
}

/// Of a core, below [`core`](fn@core): its first ring, with its first tile and its neuron unit.
pub mod ring {
    pub const READ: &str = "rings$0.read_now.q";
    pub const ROW: &str = "rings$0.row_now.q";
    pub const SHIFT: &str = "rings$0.shift_now.q";
    pub const VALID: &str = "rings$0.valid_now.q";
    pub const PLACE: &str = "rings$0.place_now.q";
    pub const WRITE: &str = "rings$0.write_now$0.q";
    pub const WRITE_ROW: &str = "rings$0.write_row";
    pub const WRITE_PARAMETERS: &str = "rings$0.write_parameters_now.q";
    pub const FIRED_VALID: &str = "rings$0.fired_valid.q";
    pub const FIRED: &str = "rings$0.fired.q";
    pub const LOW: &str = "rings$0.low.q";
    pub const LATCHED: &str = "rings$0.tiles$0.latched.q";
    pub const ADD: &str = "rings$0.tiles$0.add.q";
    pub const ENABLE: &str = "rings$0.tiles$0.enable.q";
    pub const TILE_WORD: &str = "rings$0.tiles$0.read_low";
    pub const UNIT_IN: &str = "rings$0.neuron_unit.v";
    pub const UNIT_ABOVE: &str = "rings$0.neuron_unit.above.q";
    pub const UNIT_FIRED: &str = "rings$0.neuron_unit.fired.q";
    pub const UNIT_OUT_VALID: &str = "rings$0.neuron_unit.q_valid";
    pub const UNIT_OUT: &str = "rings$0.neuron_unit.q";

    /// Membrane of a lane of the first tile.
    pub fn membrane(lane: usize) -> String {
        format!("rings$0.tiles$0.lanes${lane}.q")
    }
}

/// Of a core, below [`core`](fn@core): its spike queue.
pub mod queue {
    pub const WORD_VALID: &str = "queue.word_valid.q";
    pub const STORE: &str = "queue.store";
    pub const FILLED: &str = "queue.filled";
    pub const WORD_HERE: &str = "queue.unpacker.word_here.q";
    pub const NIBBLE_HERE: &str = "queue.unpacker.nibble_here.q";
    pub const INDEX_VALID: &str = "queue.unpacker.valid";
    pub const VALID: &str = "queue.valid";
    pub const NEURON: &str = "queue.neuron";
    pub const IDLE: &str = "queue.idle";
}

/// Names of the bits of a register that holds the state of a control.
fn states_of<S: Synth>() -> Vec<String> {
    match S::descriptor().kind {
        TypeKind::Composite(fields) => fields.into_iter().map(|field| field.fieldname).collect(),
        _ => vec![],
    }
}
