//! A place for a core of either precision.

use super::core::Core;
use nernst_spec::{CoreConfig, WeightBits};
use rust_hdl::prelude::*;

/// One [`Core`], INT4 or INT8 as its configuration says: so an array may mix them. Ports and timing are the core's.
#[derive(LogicBlock)]
pub struct CoreSlot {
    pub clock: Signal<In, Clock>,
    pub start: Signal<In, Bit>,
    pub slot: Signal<In, Bits<4>>,
    pub done: Signal<Out, Bit>,
    pub set: Signal<In, Bit>,
    pub set_slot: Signal<In, Bits<4>>,
    pub set_axon: Signal<In, Bits<9>>,
    pub spike_valid: Signal<Out, Bit>,
    pub spike_neuron: Signal<Out, Bits<12>>,
    pub spike_ready: Signal<In, Bit>,
    pub unit: Signal<In, Bits<6>>,
    pub row: Signal<In, Bits<9>>,
    pub write_low: Signal<In, Bits<32>>,
    pub write_high: Signal<In, Bits<4>>,
    pub write_tile: Signal<In, Bit>,
    pub write_parameters: Signal<In, Bit>,
    pub write_all: Signal<In, Bit>,
    pub read: Signal<In, Bit>,
    pub select_tile: Signal<In, Bit>,
    pub select_parameters: Signal<In, Bit>,
    pub select_membrane: Signal<In, Bit>,
    pub read_low: Signal<Out, Bits<32>>,
    pub read_high: Signal<Out, Bits<4>>,
    pub captured: Signal<Out, Bit>,
    pub hold_start: Signal<In, Bit>,
    pub zero_start: Signal<In, Bit>,
    pub clear_slots: Signal<In, Bit>,
    pub event_added: Signal<Out, Bit>,
    pub turned: Signal<Out, Bit>,
    pub spiked: Signal<Out, Bit>,
    pub busy: Signal<Out, Bit>,
    int4: Vec<Core<9, 4, 15>>,
    int8: Vec<Core<4, 8, 18>>,
    _int4: usize,
    _int8: usize,
}

impl CoreSlot {
    /// A core of this shape whose first neuron has this number in the array.
    pub fn new(config: &CoreConfig, first_neuron: usize) -> Self {
        let (int4, int8) = match config.weight_bits {
            WeightBits::Four => (vec![Core::new(config, first_neuron)], vec![]),
            WeightBits::Eight => (vec![], vec![Core::new(config, first_neuron)]),
        };
        Self {
            clock: Default::default(),
            start: Default::default(),
            slot: Default::default(),
            done: Default::default(),
            set: Default::default(),
            set_slot: Default::default(),
            set_axon: Default::default(),
            spike_valid: Default::default(),
            spike_neuron: Default::default(),
            spike_ready: Default::default(),
            unit: Default::default(),
            row: Default::default(),
            write_low: Default::default(),
            write_high: Default::default(),
            write_tile: Default::default(),
            write_parameters: Default::default(),
            write_all: Default::default(),
            read: Default::default(),
            select_tile: Default::default(),
            select_parameters: Default::default(),
            select_membrane: Default::default(),
            read_low: Default::default(),
            read_high: Default::default(),
            captured: Default::default(),
            hold_start: Default::default(),
            zero_start: Default::default(),
            clear_slots: Default::default(),
            event_added: Default::default(),
            turned: Default::default(),
            spiked: Default::default(),
            busy: Default::default(),
            _int4: int4.len(),
            _int8: int8.len(),
            int4,
            int8,
        }
    }
}

impl Logic for CoreSlot {
    #[hdl_gen]
    fn update(&mut self) {
        self.done.next = false;
        self.spike_valid.next = false;
        self.spike_neuron.next = bits::<12>(0);
        self.read_low.next = bits::<32>(0);
        self.read_high.next = bits::<4>(0);
        self.event_added.next = false;
        self.turned.next = false;
        self.spiked.next = false;
        self.captured.next = false;
        self.busy.next = false;
        for i in 0..self._int4 {
            self.int4[i].clock.next = self.clock.val();
            self.int4[i].start.next = self.start.val();
            self.int4[i].slot.next = self.slot.val();
            self.done.next = self.int4[i].done.val();
            self.int4[i].set.next = self.set.val();
            self.int4[i].set_slot.next = self.set_slot.val();
            self.int4[i].set_axon.next = self.set_axon.val();
            self.spike_valid.next = self.int4[i].spike_valid.val();
            self.spike_neuron.next = self.int4[i].spike_neuron.val();
            self.int4[i].spike_ready.next = self.spike_ready.val();
            self.int4[i].unit.next = self.unit.val();
            self.int4[i].row.next = self.row.val();
            self.int4[i].write_low.next = self.write_low.val();
            self.int4[i].write_high.next = self.write_high.val();
            self.int4[i].write_tile.next = self.write_tile.val();
            self.int4[i].write_parameters.next = self.write_parameters.val();
            self.int4[i].write_all.next = self.write_all.val();
            self.int4[i].read.next = self.read.val();
            self.int4[i].select_tile.next = self.select_tile.val();
            self.int4[i].select_parameters.next = self.select_parameters.val();
            self.int4[i].select_membrane.next = self.select_membrane.val();
            self.read_low.next = self.int4[i].read_low.val();
            self.read_high.next = self.int4[i].read_high.val();
            self.int4[i].hold_start.next = self.hold_start.val();
            self.int4[i].zero_start.next = self.zero_start.val();
            self.int4[i].clear_slots.next = self.clear_slots.val();
            self.event_added.next = self.int4[i].event_added.val();
            self.turned.next = self.int4[i].turned.val();
            self.spiked.next = self.int4[i].spiked.val();
            self.captured.next = self.int4[i].captured.val();
            self.busy.next = self.int4[i].busy.val();
        }
        for i in 0..self._int8 {
            self.int8[i].clock.next = self.clock.val();
            self.int8[i].start.next = self.start.val();
            self.int8[i].slot.next = self.slot.val();
            self.done.next = self.int8[i].done.val();
            self.int8[i].set.next = self.set.val();
            self.int8[i].set_slot.next = self.set_slot.val();
            self.int8[i].set_axon.next = self.set_axon.val();
            self.spike_valid.next = self.int8[i].spike_valid.val();
            self.spike_neuron.next = self.int8[i].spike_neuron.val();
            self.int8[i].spike_ready.next = self.spike_ready.val();
            self.int8[i].unit.next = self.unit.val();
            self.int8[i].row.next = self.row.val();
            self.int8[i].write_low.next = self.write_low.val();
            self.int8[i].write_high.next = self.write_high.val();
            self.int8[i].write_tile.next = self.write_tile.val();
            self.int8[i].write_parameters.next = self.write_parameters.val();
            self.int8[i].write_all.next = self.write_all.val();
            self.int8[i].read.next = self.read.val();
            self.int8[i].select_tile.next = self.select_tile.val();
            self.int8[i].select_parameters.next = self.select_parameters.val();
            self.int8[i].select_membrane.next = self.select_membrane.val();
            self.read_low.next = self.int8[i].read_low.val();
            self.read_high.next = self.int8[i].read_high.val();
            self.int8[i].hold_start.next = self.hold_start.val();
            self.int8[i].zero_start.next = self.zero_start.val();
            self.int8[i].clear_slots.next = self.clear_slots.val();
            self.event_added.next = self.int8[i].event_added.val();
            self.turned.next = self.int8[i].turned.val();
            self.spiked.next = self.int8[i].spiked.val();
            self.captured.next = self.int8[i].captured.val();
            self.busy.next = self.int8[i].busy.val();
        }
    }
}
