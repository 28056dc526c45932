//! The counters of the array and of its cores.

use super::delay::Delay;
use super::tally::Tally;
use super::value_table::ValueTable;
use nernst_spec::ArrayConfig;
use nernst_spec::ledger::{ArrayCounter, CoreCounter};
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::cast::unsigned_cast_ext;
use rust_hdl_bsp_ecp5::primitives::{Mult18x18, Rom};

const ARRAY_COUNTERS: usize = ArrayCounter::ALL.len();
const CORE_COUNTERS: usize = CoreCounter::ALL.len();
const _: () = assert!(ARRAY_COUNTERS == 11 && CORE_COUNTERS == 8, "counters that the kernel connects");
/// Position in the ledger of the one counter that may grow by more than its step in a clock.
const DESTINATIONS: usize = ArrayCounter::BusDestinations as usize;
/// Array counters with a tally: all but [`DESTINATIONS`].
const ARRAY_TALLIES: usize = ARRAY_COUNTERS - 1;
/// Tallies of a core: the first three counters stand for the same events.
const CORE_TALLIES: usize = CORE_COUNTERS - 2;
/// Clocks from the last counter of a sweep to its last write, and one more.
const SWEEP_TAIL: usize = 9;

/// All counters of [`nernst_spec::ledger`], in its order.
///
/// Every input is counted in each clock in which it is high; an event counts for a row in every tile and for an addition
/// in every lane, a turn for an update of every neuron. A core with two banks may have an event in each of them in a clock, so the
/// second banks' have tallies of their own, in a second chain, and are added to the first banks' in the sweep. A [`Tally`] each takes the pulses; every 195 clocks, or when a copy is
/// asked for, all tallies are taken in one clock and then added to the values of 48 bits, one after another, in a sweep of
/// counters + 9 clocks (at most 148). So a counter costs a few flip-flops and a word of LUT RAM.
///
/// `snapshot` asks for a copy, `clear` for zeros (the copy stays). What is asked for holds for one moment, at
/// the start of the next sweep: copied is what was counted before it, and 0 is what counts from there. `busy` is high from
/// the second clock after until it is done, two sweeps at most; nothing but time and bytes may be counted meanwhile if a copy
/// is to be that of the clock of `snapshot`. `word` is word `index` of the copy, five clocks later: low halves are even.
///
/// ```text
/// clock     _/~\_/~\_/~\_  ..  _/~\_/~\_/~\_/~\_/~\_/~\_
/// position  -<n+8>< 0 >< 1 >     < i >
/// load      _/~~~\____________________                       tallies to chain
/// step      ----------<s 0><s 1>                             of the counter at the chain's head
/// amount    --------------<c 0><c 1>                         chain's head, times its step: 3 clocks
/// sum                          5 clocks after amount: low half, then the high half, then both are written
/// ```
#[derive(LogicBlock)]
pub struct Ledger {
    pub clock: Signal<In, Clock>,
    pub clear: Signal<In, Bit>,
    pub snapshot: Signal<In, Bit>,
    pub busy: Signal<Out, Bit>,
    pub index: Signal<In, Bits<9>>,
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
    pub second_event_added: Vec<Signal<In, Bit>>,
    pub turned: Vec<Signal<In, Bit>>,
    pub spiked: Vec<Signal<In, Bit>>,
    pub loaded: Vec<Signal<In, Bit>>,
    pub core_busy: Vec<Signal<In, Bit>>,

    tallies: Vec<Tally>,
    /// Events of the second banks, one for each core if any core has one.
    second_tallies: Vec<Tally>,
    // Destinations have a tally of their own, with more bits.
    reached: DFF<Bits<12>>,
    reached_held: DFF<Bits<12>>,
    // A sweep: position, and what it does besides adding.
    position: DFF<Bits<8>>,
    copy_wanted: DFF<Bit>,
    zero_wanted: DFF<Bit>,
    copying: DFF<Bit>,
    zeroing: DFF<Bit>,
    // Bits 11..0 the step of a counter, bit 12: the chain moves on behind it, bit 13: it counts events, for which there is a second chain.
    steps: Rom<14, 8>,
    multiplier: Mult18x18,
    load: DFF<Bit>,
    // Clocks since the tallies were taken, and whether they should be before they are full.
    since_load: DFF<Bits<8>>,
    due: DFF<Bit>,
    step: DFF<Bits<14>>,
    factor: DFF<Bits<12>>,
    amount: DFF<Bits<12>>,
    // The counter at hand, 1 to 7 clocks after its position.
    valid: Delay<7>,
    number_1: DFF<Bits<8>>,
    number_2: DFF<Bits<8>>,
    number_3: DFF<Bits<8>>,
    number_4: DFF<Bits<8>>,
    number_5: DFF<Bits<8>>,
    number_6: DFF<Bits<8>>,
    number_7: DFF<Bits<8>>,
    old_low: DFF<Bits<24>>,
    old_high: DFF<Bits<24>>,
    low_sum: DFF<Bits<25>>,
    high: DFF<Bits<24>>,
    new_low: DFF<Bits<24>>,
    new_high: DFF<Bits<24>>,
    read_low: DFF<Bits<24>>,
    read_high: DFF<Bits<24>>,
    read_now: DFF<Bits<24>>,
    snapshot_now: DFF<Bit>,
    clear_now: DFF<Bit>,
    index_now: DFF<Bits<9>>,
    index_later: DFF<Bits<9>>,
    values_low: ValueTable,
    values_high: ValueTable,
    copy_low: ValueTable,
    copy_high: ValueTable,

    second_count: Signal<Local, Bits<12>>,

    behind_last: Constant<Bits<8>>,
    last: Constant<Bits<8>>,
    before_last: Constant<Bits<8>>,
    destinations_at: Constant<Bits<8>>,
    _tallies: usize,
    _second_tallies: usize,
    /// 1 where there is a second chain.
    _second_heads: usize,
    _cores: usize,
}

impl Ledger {
    /// The ledger of an array.
    pub fn new(config: &ArrayConfig) -> Self {
        let cores = config.cores.len();
        let counters = ARRAY_COUNTERS + cores * CORE_COUNTERS;
        let tallies = ARRAY_TALLIES + cores * CORE_TALLIES;
        let second_tallies = if config.cores.iter().any(|core| core.banks > 1) { cores } else { 0 };
        const MOVES_ON: u64 = 1 << 12;
        const EVENTS: u64 = 1 << 13;
        let mut steps = vec![1 | MOVES_ON; ARRAY_COUNTERS];
        steps[DESTINATIONS] = 1;
        for core in &config.cores {
            let (tiles, neurons) = (core.tiles as u64, core.neurons() as u64);
            let rest = [neurons, 1, 1, 1, 1].map(|step| step | MOVES_ON);
            let of_events = [1, tiles, neurons | MOVES_ON].map(|step| step | EVENTS);
            steps.extend(of_events.into_iter().chain(rest));
        }
        // Neurons of a core fit 12 bits, and counters 7: so says the check of a configuration.
        let steps = Rom::new(&steps).expect("steps fit");
        Self {
            clock: Default::default(),
            clear: Default::default(),
            snapshot: Default::default(),
            busy: Default::default(),
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
            reached: Default::default(),
            reached_held: Default::default(),
            position: Default::default(),
            copy_wanted: Default::default(),
            zero_wanted: Default::default(),
            copying: Default::default(),
            zeroing: Default::default(),
            multiplier: Default::default(),
            load: Default::default(),
            since_load: Default::default(),
            due: Default::default(),
            step: Default::default(),
            factor: Default::default(),
            amount: Default::default(),
            valid: Default::default(),
            number_1: Default::default(),
            number_2: Default::default(),
            number_3: Default::default(),
            number_4: Default::default(),
            number_5: Default::default(),
            number_6: Default::default(),
            number_7: Default::default(),
            old_low: Default::default(),
            old_high: Default::default(),
            low_sum: Default::default(),
            high: Default::default(),
            new_low: Default::default(),
            new_high: Default::default(),
            read_low: Default::default(),
            read_high: Default::default(),
            read_now: Default::default(),
            snapshot_now: Default::default(),
            clear_now: Default::default(),
            index_now: Default::default(),
            index_later: Default::default(),
            event_added: (0..cores).map(|_| Default::default()).collect(),
            second_event_added: (0..cores).map(|_| Default::default()).collect(),
            turned: (0..cores).map(|_| Default::default()).collect(),
            spiked: (0..cores).map(|_| Default::default()).collect(),
            loaded: (0..cores).map(|_| Default::default()).collect(),
            core_busy: (0..cores).map(|_| Default::default()).collect(),
            tallies: (0..tallies).map(|_| Default::default()).collect(),
            second_tallies: (0..second_tallies).map(|_| Default::default()).collect(),
            second_count: Default::default(),
            steps,
            values_low: ValueTable::new(counters),
            values_high: ValueTable::new(counters),
            copy_low: ValueTable::new(counters),
            copy_high: ValueTable::new(counters),
            behind_last: Constant::new((counters as u64).into()),
            last: Constant::new(((counters + SWEEP_TAIL - 1) as u64).into()),
            before_last: Constant::new(((counters + SWEEP_TAIL - 2) as u64).into()),
            destinations_at: Constant::new((DESTINATIONS as u64).into()),
            _tallies: tallies,
            _second_tallies: second_tallies,
            _second_heads: second_tallies.min(1),
            _cores: cores,
        }
    }
}

impl Logic for Ledger {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            reached,
            reached_held,
            position,
            copy_wanted,
            zero_wanted,
            copying,
            zeroing,
            load,
            since_load,
            due,
            step,
            factor,
            amount,
            number_1,
            number_2,
            number_3,
            number_4,
            number_5,
            number_6,
            number_7,
            old_low,
            old_high,
            low_sum,
            high,
            new_low,
            new_high,
            read_low,
            read_high,
            read_now,
            snapshot_now,
            clear_now,
            index_now,
            index_later
        );
        clock!(self, clock, multiplier, valid, values_low, values_high, copy_low, copy_high);

        // Sweeps.
        self.load.d.next = false;
        self.position.d.next = self.position.q.val() + 1;
        self.since_load.d.next = self.since_load.q.val() + 1;
        self.due.d.next = self.since_load.q.val().get_bit(7) & self.since_load.q.val().get_bit(6);
        if self.position.q.val() == self.before_last.val() {
            self.copying.d.next = false;
            self.zeroing.d.next = false;
            if self.due.q.val() | self.copy_wanted.q.val() | self.zero_wanted.q.val() {
                self.load.d.next = true;
            } else {
                self.position.d.next = self.position.q.val();
            }
        }
        if self.position.q.val() == self.last.val() {
            self.since_load.d.next = bits::<8>(0);
            self.due.d.next = false;
            self.position.d.next = bits::<8>(0);
            self.copying.d.next = self.copy_wanted.q.val();
            self.zeroing.d.next = self.zero_wanted.q.val();
            self.copy_wanted.d.next = false;
            self.zero_wanted.d.next = false;
        }
        self.snapshot_now.d.next = self.snapshot.val();
        self.clear_now.d.next = self.clear.val();
        self.index_now.d.next = self.index.val();
        if self.snapshot_now.q.val() {
            self.copy_wanted.d.next = true;
        }
        if self.clear_now.q.val() {
            self.zero_wanted.d.next = true;
        }
        self.busy.next =
            self.copy_wanted.q.val() | self.zero_wanted.q.val() | self.copying.q.val() | self.zeroing.q.val();

        // Tallies: a chain whose head is tally 0.
        self.steps.address.next = self.position.q.val();
        self.step.d.next = self.steps.data.val();
        for i in 0..self._tallies {
            self.tallies[i].clock.next = self.clock.val();
            self.tallies[i].load.next = self.load.q.val();
            self.tallies[i].shift.next = self.step.q.val().get_bit(12);
            self.tallies[i].chain_in.next = bits::<8>(0);
        }
        for i in 1..self._tallies {
            self.tallies[i - 1].chain_in.next = self.tallies[i].chain_out.val();
        }
        self.tallies[0].pulse.next = self.tick_ended.val();
        self.tallies[1].pulse.next = self.transfer.val();
        self.tallies[2].pulse.next = self.host_in.val();
        self.tallies[3].pulse.next = self.host_out.val();
        self.tallies[4].pulse.next = self.byte_in.val();
        self.tallies[5].pulse.next = self.byte_out.val();
        self.tallies[6].pulse.next = self.frame_refused.val();
        self.tallies[7].pulse.next = self.frame_resent.val();
        self.tallies[8].pulse.next = self.stalled.val();
        self.tallies[9].pulse.next = true;
        for i in 0..self._cores {
            self.tallies[10 + 6 * i].pulse.next = self.event_added[i].val();
            self.tallies[11 + 6 * i].pulse.next = self.turned[i].val();
            self.tallies[12 + 6 * i].pulse.next = self.spiked[i].val();
            self.tallies[13 + 6 * i].pulse.next = self.loaded[i].val();
            self.tallies[14 + 6 * i].pulse.next = self.core_busy[i].val();
            self.tallies[15 + 6 * i].pulse.next = !self.core_busy[i].val();
        }
        self.second_count.next = bits::<12>(0);
        for i in 0..self._second_tallies {
            self.second_tallies[i].clock.next = self.clock.val();
            self.second_tallies[i].pulse.next = self.second_event_added[i].val();
            self.second_tallies[i].load.next = self.load.q.val();
            self.second_tallies[i].shift.next = self.step.q.val().get_bit(12) & self.step.q.val().get_bit(13);
            self.second_tallies[i].chain_in.next = bits::<8>(0);
        }
        for i in 1..self._second_tallies {
            self.second_tallies[i - 1].chain_in.next = self.second_tallies[i].chain_out.val();
        }
        if self.step.q.val().get_bit(13) {
            for i in 0..self._second_heads {
                self.second_count.next = unsigned_cast_ext::<12, 8>(self.second_tallies[i].chain_out.val());
            }
        }
        self.reached.d.next = self.reached.q.val() + bit_cast::<12, 5>(self.destinations.val());
        if self.load.q.val() {
            self.reached_held.d.next = self.reached.q.val();
            self.reached.d.next = bit_cast::<12, 5>(self.destinations.val());
        }

        // Count times step, three clocks.
        self.number_1.d.next = self.position.q.val();
        self.amount.d.next = bit_cast::<12, 8>(self.tallies[0].chain_out.val()) + self.second_count.val();
        if self.number_1.q.val() == self.destinations_at.val() {
            self.amount.d.next = self.reached_held.q.val();
        }
        self.factor.d.next = bit_cast::<12, 14>(self.step.q.val());
        self.multiplier.a.next = bit_cast::<18, 12>(self.amount.q.val());
        self.multiplier.b.next = bit_cast::<18, 12>(self.factor.q.val());
        self.valid.d.next = self.position.q.val() < self.behind_last.val();
        self.number_2.d.next = self.number_1.q.val();
        self.number_3.d.next = self.number_2.q.val();
        self.number_4.d.next = self.number_3.q.val();
        self.number_5.d.next = self.number_4.q.val();
        self.number_6.d.next = self.number_5.q.val();
        self.number_7.d.next = self.number_6.q.val();

        // Low half, then high half with the carry, then both are written.
        self.values_low.read_address.next = self.number_3.q.val();
        self.values_high.read_address.next = self.number_3.q.val();
        self.old_low.d.next = self.values_low.read_word.val();
        self.old_high.d.next = self.values_high.read_word.val();
        self.low_sum.d.next =
            bit_cast::<25, 24>(self.old_low.q.val()) + (bit_cast::<25, 32>(self.multiplier.product.val()) & 0xff_ffff);
        self.high.d.next = self.old_high.q.val();
        self.new_low.d.next = bit_cast::<24, 25>(self.low_sum.q.val());
        self.new_high.d.next = self.high.q.val() + bit_cast::<24, 1>(self.low_sum.q.val().get_bit(24).into());
        self.copy_low.write.next = self.valid.q.val() & self.copying.q.val();
        self.copy_high.write.next = self.valid.q.val() & self.copying.q.val();
        self.copy_low.write_address.next = self.number_7.q.val();
        self.copy_high.write_address.next = self.number_7.q.val();
        self.copy_low.write_word.next = self.new_low.q.val();
        self.copy_high.write_word.next = self.new_high.q.val();
        self.values_low.write.next = self.valid.q.val();
        self.values_high.write.next = self.valid.q.val();
        self.values_low.write_address.next = self.number_7.q.val();
        self.values_high.write_address.next = self.number_7.q.val();
        self.values_low.write_word.next = self.new_low.q.val();
        self.values_high.write_word.next = self.new_high.q.val();
        if self.zeroing.q.val() {
            self.values_low.write_word.next = bits::<24>(0);
            self.values_high.write_word.next = bits::<24>(0);
        }

        // What is read.
        self.copy_low.read_address.next = bit_cast::<8, 9>(self.index_now.q.val() >> 1);
        // A clock later, so that each has the copy of the index that stands beside it.
        self.index_later.d.next = self.index_now.q.val();
        self.copy_high.read_address.next = bit_cast::<8, 9>(self.index_later.q.val() >> 1);
        self.read_low.d.next = self.copy_low.read_word.val();
        self.read_high.d.next = self.copy_high.read_word.val();
        self.read_now.d.next = self.read_low.q.val();
        if self.index_later.q.val().get_bit(0) {
            self.read_now.d.next = self.read_high.q.val();
        }
        self.word.next = self.read_now.q.val();
    }
}
