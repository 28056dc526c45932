//! What a core did between two sweeps of the ledger.

use super::bus::CoreActivity;
use super::tally::{SumTally, Tally};
use nernst_spec::{Contexts, CoreConfig};
use rust_hdl::prelude::*;

/// Tallies of a core in two chains: one of pulses, with the order events, fetched rows, turns, spikes, busy clocks and, in a core of several
/// contexts, loads or, in one of two banks, events of the second; and one of sums, with the number of weights other than 0. Chains and latency
/// are those of [`Tally`].
#[derive(LogicBlock)]
pub struct CoreTallies {
    pub clock: Signal<In, Clock>,
    pub activity: Signal<In, CoreActivity>,
    pub load: Signal<In, Bit>,
    pub shift: Signal<In, Bit>,
    pub chain_in: Signal<In, Bits<8>>,
    pub chain_out: Signal<Out, Bits<8>>,
    pub shift_sum: Signal<In, Bit>,
    pub sum_in: Signal<In, Bits<16>>,
    pub sum_out: Signal<Out, Bits<16>>,

    /// The head is the first one.
    pulses: Vec<Tally>,
    nonzero: SumTally<8, 16>,

    heads: Signal<Local, Bits<6>>,
    _pulses: usize,
}

impl CoreTallies {
    /// For a core of this shape, when at most 2^`bits` - 2 clocks are between two sweeps.
    pub fn new(core: &CoreConfig, bits: usize) -> Self {
        // No core has both several contexts and two banks.
        let pulses = 5 + (core.contexts > Contexts::ONE || core.banks > 1) as usize;
        Self {
            clock: Default::default(),
            activity: Default::default(),
            load: Default::default(),
            shift: Default::default(),
            chain_in: Default::default(),
            chain_out: Default::default(),
            shift_sum: Default::default(),
            sum_in: Default::default(),
            sum_out: Default::default(),
            pulses: (0..pulses).map(|_| Tally::new(bits)).collect(),
            // A row says its number in eight bits, whatever a host wrote there.
            nonzero: SumTally::new(8 + bits),
            heads: Default::default(),
            _pulses: pulses,
        }
    }
}

impl Logic for CoreTallies {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, nonzero);
        self.heads.next = bit_cast::<6, 1>(self.activity.val().event.into())
            | (bit_cast::<6, 1>(self.activity.val().fetched.into()) << 1)
            | (bit_cast::<6, 1>(self.activity.val().turned.into()) << 2)
            | (bit_cast::<6, 1>(self.activity.val().spiked.into()) << 3)
            | (bit_cast::<6, 1>(self.activity.val().busy.into()) << 4)
            | (bit_cast::<6, 1>(self.activity.val().loaded.into()) << 5)
            | (bit_cast::<6, 1>(self.activity.val().second_event.into()) << 5);
        for i in 0..self._pulses {
            self.pulses[i].clock.next = self.clock.val();
            self.pulses[i].pulse.next = self.heads.val().get_bit(i);
            self.pulses[i].load.next = self.load.val();
            self.pulses[i].shift.next = self.shift.val();
            self.pulses[i].chain_in.next = self.chain_in.val();
        }
        for i in 1..self._pulses {
            self.pulses[i - 1].chain_in.next = self.pulses[i].chain_out.val();
        }
        self.chain_out.next = self.pulses[0].chain_out.val();
        self.nonzero.amount.next = self.activity.val().nonzero;
        self.nonzero.load.next = self.load.val();
        self.nonzero.shift.next = self.shift_sum.val();
        self.nonzero.chain_in.next = self.sum_in.val();
        self.sum_out.next = self.nonzero.chain_out.val();
    }
}
