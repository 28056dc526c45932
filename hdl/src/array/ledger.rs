//! The counters of the array and of its cores.

use super::counter::Counter;
use nernst_spec::ledger::{ArrayCounter, CoreCounter};
use nernst_spec::{ArrayConfig, CoreConfig};
use rust_hdl::prelude::*;

const ARRAY_COUNTERS: usize = ArrayCounter::ALL.len();
const CORE_COUNTERS: usize = CoreCounter::ALL.len();
const _: () = assert!(ARRAY_COUNTERS == 11 && CORE_COUNTERS == 7, "counters that the kernels connect");

/// The counters of one core, in the order of [`CoreCounter::ALL`].
///
/// `event_added`, `turned`, `spiked` and `busy` are counted in every clock in which they are high, with what they stand for:
/// an event reads a row in every tile and adds a weight in every lane, a turn updates every neuron.
#[derive(LogicBlock)]
pub struct CoreLedger {
    pub clock: Signal<In, Clock>,
    pub clear: Signal<In, Bit>,
    pub snapshot: Signal<In, Bit>,
    pub index: Signal<In, Bits<8>>,
    pub event_added: Signal<In, Bit>,
    pub turned: Signal<In, Bit>,
    pub spiked: Signal<In, Bit>,
    pub busy: Signal<In, Bit>,
    pub word: Signal<Out, Bits<24>>,
    counters: Vec<Counter>,
    tiles: Constant<Bits<12>>,
    neurons: Constant<Bits<12>>,
}

impl CoreLedger {
    /// The counters of a core; the first of them is the `first`th of the ledger.
    pub fn new(config: &CoreConfig, first: usize) -> Self {
        Self {
            clock: Default::default(),
            clear: Default::default(),
            snapshot: Default::default(),
            index: Default::default(),
            event_added: Default::default(),
            turned: Default::default(),
            spiked: Default::default(),
            busy: Default::default(),
            word: Default::default(),
            counters: (first..first + CORE_COUNTERS).map(Counter::new).collect(),
            tiles: Constant::new((config.tiles as u64).into()),
            neurons: Constant::new((config.neurons() as u64).into()),
        }
    }
}

impl Logic for CoreLedger {
    #[hdl_gen]
    fn update(&mut self) {
        self.word.next = bits::<24>(0);
        for i in 0..7 {
            self.counters[i].clock.next = self.clock.val();
            self.counters[i].clear.next = self.clear.val();
            self.counters[i].snapshot.next = self.snapshot.val();
            self.counters[i].index.next = self.index.val();
            self.counters[i].amount.next = bits::<12>(0);
            self.word.next = self.word.val() | self.counters[i].word.val();
        }
        if self.event_added.val() {
            self.counters[0].amount.next = bits::<12>(1);
            self.counters[1].amount.next = self.tiles.val();
            self.counters[2].amount.next = self.neurons.val();
        }
        if self.turned.val() {
            self.counters[3].amount.next = self.neurons.val();
        }
        if self.spiked.val() {
            self.counters[4].amount.next = bits::<12>(1);
        }
        if self.busy.val() {
            self.counters[5].amount.next = bits::<12>(1);
        } else {
            self.counters[6].amount.next = bits::<12>(1);
        }
    }
}

/// All counters of [`nernst_spec::ledger`], in its order.
///
/// Every input is counted in each clock in which it is high. `snapshot` copies all counters in one clock, as they were
/// before it; `word` is word `index` of that copy, combinationally. `clear` sets the counters to 0 and leaves the copy.
#[derive(LogicBlock)]
pub struct Ledger {
    pub clock: Signal<In, Clock>,
    pub clear: Signal<In, Bit>,
    pub snapshot: Signal<In, Bit>,
    pub index: Signal<In, Bits<8>>,
    pub word: Signal<Out, Bits<24>>,
    pub tick_ended: Signal<In, Bit>,
    pub transfer: Signal<In, Bit>,
    pub destinations: Signal<In, Bits<5>>,
    pub host_in: Signal<In, Bit>,
    pub host_out: Signal<In, Bit>,
    pub byte_in: Signal<In, Bit>,
    pub byte_out: Signal<In, Bit>,
    pub frame_refused: Signal<In, Bit>,
    pub frame_resent: Signal<In, Bit>,
    pub stalled: Signal<In, Bit>,
    pub event_added: Vec<Signal<In, Bit>>,
    pub turned: Vec<Signal<In, Bit>>,
    pub spiked: Vec<Signal<In, Bit>>,
    pub busy: Vec<Signal<In, Bit>>,
    counters: Vec<Counter>,
    cores: Vec<CoreLedger>,
    _cores: usize,
}

impl Ledger {
    /// The ledger of an array.
    pub fn new(config: &ArrayConfig) -> Self {
        let cores = config.cores.len();
        let core = |(i, core)| CoreLedger::new(core, ARRAY_COUNTERS + i * CORE_COUNTERS);
        Self {
            clock: Default::default(),
            clear: Default::default(),
            snapshot: Default::default(),
            index: Default::default(),
            word: Default::default(),
            tick_ended: Default::default(),
            transfer: Default::default(),
            destinations: Default::default(),
            host_in: Default::default(),
            host_out: Default::default(),
            byte_in: Default::default(),
            byte_out: Default::default(),
            frame_refused: Default::default(),
            frame_resent: Default::default(),
            stalled: Default::default(),
            event_added: (0..cores).map(|_| Default::default()).collect(),
            turned: (0..cores).map(|_| Default::default()).collect(),
            spiked: (0..cores).map(|_| Default::default()).collect(),
            busy: (0..cores).map(|_| Default::default()).collect(),
            counters: (0..ARRAY_COUNTERS).map(Counter::new).collect(),
            cores: config.cores.iter().enumerate().map(core).collect(),
            _cores: cores,
        }
    }
}

impl Logic for Ledger {
    #[hdl_gen]
    fn update(&mut self) {
        self.word.next = bits::<24>(0);
        for i in 0..11 {
            self.counters[i].clock.next = self.clock.val();
            self.counters[i].clear.next = self.clear.val();
            self.counters[i].snapshot.next = self.snapshot.val();
            self.counters[i].index.next = self.index.val();
            self.counters[i].amount.next = bits::<12>(0);
            self.word.next = self.word.val() | self.counters[i].word.val();
        }
        if self.tick_ended.val() {
            self.counters[0].amount.next = bits::<12>(1);
        }
        if self.transfer.val() {
            self.counters[1].amount.next = bits::<12>(1);
        }
        self.counters[2].amount.next = bit_cast::<12, 5>(self.destinations.val());
        if self.host_in.val() {
            self.counters[3].amount.next = bits::<12>(1);
        }
        if self.host_out.val() {
            self.counters[4].amount.next = bits::<12>(1);
        }
        if self.byte_in.val() {
            self.counters[5].amount.next = bits::<12>(1);
        }
        if self.byte_out.val() {
            self.counters[6].amount.next = bits::<12>(1);
        }
        if self.frame_refused.val() {
            self.counters[7].amount.next = bits::<12>(1);
        }
        if self.frame_resent.val() {
            self.counters[8].amount.next = bits::<12>(1);
        }
        if self.stalled.val() {
            self.counters[9].amount.next = bits::<12>(1);
        }
        self.counters[10].amount.next = bits::<12>(1);
        for i in 0..self._cores {
            self.cores[i].clock.next = self.clock.val();
            self.cores[i].clear.next = self.clear.val();
            self.cores[i].snapshot.next = self.snapshot.val();
            self.cores[i].index.next = self.index.val();
            self.cores[i].event_added.next = self.event_added[i].val();
            self.cores[i].turned.next = self.turned[i].val();
            self.cores[i].spiked.next = self.spiked[i].val();
            self.cores[i].busy.next = self.busy[i].val();
            self.word.next = self.word.val() | self.cores[i].word.val();
        }
    }
}
