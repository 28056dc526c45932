//! A place for a core of any kind.

use super::bus::{Command, CoreActivity, Event, SUMS_BITS, ToNext, ToPrevious};
use super::core::Core;
use super::optional::Optional;
use nernst_spec::{ArrayConfig, WeightBits};
use rust_hdl::prelude::*;

/// One [`Core`], INT4, INT8 or INT4 with two banks as its configuration says: so an array may mix them. Ports and timing are the core's;
/// where some core of the array can be chained all slots have the ports between neighbours.
#[derive(LogicBlock)]
pub struct CoreSlot {
    pub clock: Signal<In, Clock>,
    pub command: Signal<In, Command>,
    pub write_low: Signal<In, Bits<32>>,
    pub write_high: Signal<In, Bits<4>>,
    pub delivery: Signal<In, Event>,
    pub spike_valid: Signal<Out, Bit>,
    pub spike_neuron: Signal<Out, Bits<12>>,
    pub spike_taken: Signal<In, Bit>,
    pub done: Signal<Out, Bit>,
    pub read_low: Signal<Out, Bits<32>>,
    pub read_high: Signal<Out, Bits<4>>,
    pub captured: Signal<Out, Bit>,
    pub activity: Signal<Out, CoreActivity>,
    pub from_previous: Optional<Signal<In, ToNext>>,
    pub to_next: Optional<Signal<Out, ToNext>>,
    pub from_next: Optional<Signal<In, ToPrevious>>,
    pub to_previous: Optional<Signal<Out, ToPrevious>>,
    pub sums_in: Optional<Signal<In, Bits<SUMS_BITS>>>,
    pub sums_out: Optional<Signal<Out, Bits<SUMS_BITS>>>,
    int4: Vec<Core<9, 4, 15>>,
    int8: Vec<Core<4, 8, 18>>,
    banked: Vec<Core<9, 4, 16>>,
    nothing: Constant<CoreActivity>,
    nothing_to_next: Optional<Constant<ToNext>>,
    nothing_to_previous: Optional<Constant<ToPrevious>>,
    no_sums: Optional<Constant<Bits<SUMS_BITS>>>,
    _int4: usize,
    _int8: usize,
    _banked: usize,
    /// 1 where the array has chains; cores of either kind that can be chained.
    _chains: usize,
    _chain_int4: usize,
    _chain_int8: usize,
}

impl CoreSlot {
    /// Core `number` of this array.
    pub fn new(array: &ArrayConfig, number: usize) -> Self {
        let (config, chains) = (&array.cores[number], array.has_chains());
        let (mut int4, mut int8, mut banked) = (vec![], vec![], vec![]);
        match (config.weight_bits, config.banks) {
            (WeightBits::Four, 1) => int4.push(Core::new(array, number)),
            (WeightBits::Four, _) => banked.push(Core::new(array, number)),
            (WeightBits::Eight, _) => int8.push(Core::new(array, number)),
        }
        Self {
            clock: Default::default(),
            command: Default::default(),
            write_low: Default::default(),
            write_high: Default::default(),
            delivery: Default::default(),
            spike_valid: Default::default(),
            spike_neuron: Default::default(),
            spike_taken: Default::default(),
            done: Default::default(),
            read_low: Default::default(),
            read_high: Default::default(),
            captured: Default::default(),
            activity: Default::default(),
            from_previous: Optional::there_if(chains),
            to_next: Optional::there_if(chains),
            from_next: Optional::there_if(chains),
            to_previous: Optional::there_if(chains),
            sums_in: Optional::there_if(chains),
            sums_out: Optional::there_if(chains),
            nothing: Constant::new(CoreActivity::default()),
            nothing_to_next: Optional::new(Constant::new(ToNext::default()), chains),
            nothing_to_previous: Optional::new(Constant::new(ToPrevious::default()), chains),
            no_sums: Optional::new(Constant::new(0u64.into()), chains),
            _int4: int4.len(),
            _int8: int8.len(),
            _banked: banked.len(),
            _chains: chains as usize,
            _chain_int4: if config.chain { int4.len() } else { 0 },
            _chain_int8: if config.chain { int8.len() } else { 0 },
            int4,
            int8,
            banked,
        }
    }
}

impl Logic for CoreSlot {
    #[hdl_gen]
    fn update(&mut self) {
        self.spike_valid.next = false;
        self.spike_neuron.next = bits::<12>(0);
        self.done.next = false;
        self.read_low.next = bits::<32>(0);
        self.read_high.next = bits::<4>(0);
        self.captured.next = false;
        self.activity.next = self.nothing.val();
        for i in 0..self._int4 {
            self.int4[i].clock.next = self.clock.val();
            self.int4[i].command.next = self.command.val();
            self.int4[i].write_low.next = self.write_low.val();
            self.int4[i].write_high.next = self.write_high.val();
            self.int4[i].delivery.next = self.delivery.val();
            self.int4[i].spike_taken.next = self.spike_taken.val();
            self.spike_valid.next = self.int4[i].spike_valid.val();
            self.spike_neuron.next = self.int4[i].spike_neuron.val();
            self.done.next = self.int4[i].done.val();
            self.read_low.next = self.int4[i].read_low.val();
            self.read_high.next = self.int4[i].read_high.val();
            self.captured.next = self.int4[i].captured.val();
            self.activity.next = self.int4[i].activity.val();
        }
        for i in 0..self._int8 {
            self.int8[i].clock.next = self.clock.val();
            self.int8[i].command.next = self.command.val();
            self.int8[i].write_low.next = self.write_low.val();
            self.int8[i].write_high.next = self.write_high.val();
            self.int8[i].delivery.next = self.delivery.val();
            self.int8[i].spike_taken.next = self.spike_taken.val();
            self.spike_valid.next = self.int8[i].spike_valid.val();
            self.spike_neuron.next = self.int8[i].spike_neuron.val();
            self.done.next = self.int8[i].done.val();
            self.read_low.next = self.int8[i].read_low.val();
            self.read_high.next = self.int8[i].read_high.val();
            self.captured.next = self.int8[i].captured.val();
            self.activity.next = self.int8[i].activity.val();
        }
        for i in 0..self._banked {
            self.banked[i].clock.next = self.clock.val();
            self.banked[i].command.next = self.command.val();
            self.banked[i].write_low.next = self.write_low.val();
            self.banked[i].write_high.next = self.write_high.val();
            self.banked[i].delivery.next = self.delivery.val();
            self.banked[i].spike_taken.next = self.spike_taken.val();
            self.spike_valid.next = self.banked[i].spike_valid.val();
            self.spike_neuron.next = self.banked[i].spike_neuron.val();
            self.done.next = self.banked[i].done.val();
            self.read_low.next = self.banked[i].read_low.val();
            self.read_high.next = self.banked[i].read_high.val();
            self.captured.next = self.banked[i].captured.val();
            self.activity.next = self.banked[i].activity.val();
        }
        for _i in 0..self._chains {
            self.to_next.next = self.nothing_to_next.val();
            self.to_previous.next = self.nothing_to_previous.val();
            self.sums_out.next = self.no_sums.val();
        }
        for i in 0..self._chain_int4 {
            self.int4[i].from_previous.next = self.from_previous.val();
            self.int4[i].from_next.next = self.from_next.val();
            self.int4[i].sums_in.next = self.sums_in.val();
            self.to_next.next = self.int4[i].to_next.val();
            self.to_previous.next = self.int4[i].to_previous.val();
            self.sums_out.next = self.int4[i].sums_out.val();
        }
        for i in 0..self._chain_int8 {
            self.int8[i].from_previous.next = self.from_previous.val();
            self.int8[i].from_next.next = self.from_next.val();
            self.int8[i].sums_in.next = self.sums_in.val();
            self.to_next.next = self.int8[i].to_next.val();
            self.to_previous.next = self.int8[i].to_previous.val();
            self.sums_out.next = self.int8[i].sums_out.val();
        }
    }
}
