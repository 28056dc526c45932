//! The counters of the array and of its cores.

use super::budget::Budget;
use super::bus::CoreActivity;
use super::core_tallies::CoreTallies;
use super::delay::Delay;
use super::tally::{SumTally, Tally, counts};
use super::value_table::ValueTable;
use nernst_spec::ledger::{ArrayCounter, CoreCounter, Counter, address_map};
use nernst_spec::{ArrayConfig, Contexts, CoreConfig, budget};
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::{Mult18x18, Rom};

const ARRAY_COUNTERS: usize = ArrayCounter::ALL.len();
const _: () = assert!(ARRAY_COUNTERS == 13 && CoreCounter::ALL.len() == 8, "counters that the kernel connects");
/// Array counters with a tally of pulses: all but the destinations, which may grow by more than one in a clock.
const ARRAY_TALLIES: usize = ARRAY_COUNTERS - 1;
/// Clocks from the last step of a sweep until the budget knows of it, and one more.
const SWEEP_TAIL: usize = 15;

/// One step of a sweep: what is added to which counter.
#[derive(Clone, Copy)]
struct Step {
    /// Place of the counter in the ledger, if it is kept there, and of its price in the budget.
    place: Option<usize>,
    price: usize,
    /// By how much it grows for each that is in the tally.
    weight: usize,
    /// The tally is the head of the chain of sums.
    sum: bool,
    /// It has been used: its chain moves on.
    last: bool,
}

impl Step {
    /// As a word of the table of steps.
    fn word(self) -> u64 {
        // Neurons of a core fit nine bits, counters eight, prices five: so says the check of a configuration.
        let flags =
            ((self.last && !self.sum) as u64) << 9 | (self.sum as u64) << 10 | (self.place.is_some() as u64) << 24;
        let place = self.place.unwrap_or_default() as u64;
        self.weight as u64 | flags | place << 11 | ((budget::FIRST_PRICE + self.price) as u64) << 19
    }

    /// The steps of a sweep, in the order of the tallies: cores first. Between two of the same counter are four or more.
    fn all(config: &ArrayConfig) -> Vec<Step> {
        let cores = config.cores.iter().enumerate().flat_map(|(number, core)| Step::of_core(config, core, number));
        let array = ArrayCounter::ALL.iter().map(|&counter| {
            let sum = counter == ArrayCounter::BusDestinations;
            let place = Step::place_of(config, Counter::Array(counter));
            Step { place, price: budget::of_array(counter), weight: 1, sum, last: true }
        });
        cores.chain(array).collect()
    }

    fn of_core(config: &ArrayConfig, core: &CoreConfig, number: usize) -> Vec<Step> {
        use CoreCounter::*;
        let (tiles, neurons) = (core.tiles, core.neurons());
        let step = |counter: CoreCounter, weight: usize, last: bool| Step {
            place: Step::place_of(config, Counter::Core(number, counter)),
            price: budget::of_cores(counter),
            weight,
            sum: counter == NonzeroOperations,
            last,
        };
        let mut steps = vec![
            step(Events, 1, true),
            step(RowsFetched, tiles, false),
            step(SynapticOperations, neurons, true),
            step(NonzeroOperations, 1, true),
            step(NeuronUpdates, neurons, true),
            step(Spikes, 1, true),
            step(BusyClocks, 1, true),
        ];
        if core.contexts > Contexts::ONE {
            steps.push(step(ContextLoads, 1, true));
        }
        if core.banks > 1 {
            let second_bank = [(Events, 1, false), (RowsFetched, tiles, false), (SynapticOperations, neurons, true)];
            steps.extend(second_bank.map(|(counter, weight, last)| step(counter, weight, last)));
        }
        steps
    }

    fn place_of(config: &ArrayConfig, counter: Counter) -> Option<usize> {
        address_map(config).position(|kept| kept == counter)
    }
}

/// All counters of [`nernst_spec::ledger`], in its order, and the [`Budget`] that pays for them.
///
/// Every input is counted in each clock in which it is high; a row that is fetched counts in every tile and for an addition
/// in every lane, a turn for an update of every neuron. A [`Tally`] each takes what comes; every 196 clocks (100 where a sweep is short), or when a copy is
/// asked for, all tallies are taken in one clock and then added to the values of 48 bits, one after another, in a sweep of
/// counters (three more for each core of two banks) + 15 clocks, at most 188. So a counter costs a few flip-flops and a word of LUT RAM.
///
/// `snapshot` asks for a copy, `clear` for zeros, one at a time (the copy stays), `account` for no more than a sweep. What is asked for holds for one moment, at
/// the start of the next sweep: copied is what was counted before it, and 0 is what counts from there. `busy` is high from
/// the second clock after until it is done, two sweeps at most; nothing but time and bytes may be counted meanwhile if a copy
/// is to be that of the clock of `snapshot`. `word` is word `index` of the copy, three clocks later: low halves are even.
///
/// ```text
/// clock     _/~\_/~\_/~\_  ..  _/~\_/~\_/~\_/~\_/~\_/~\_
/// position  -<n+14>< 0 >< 1 >    < i >
/// load      _/~~~\____________________                       tallies to chains
/// step      ----------<s 0><s 1>                             of the tally at the head
/// code      --------------<c 0><c 1>                         that tally, its number a clock later, times its weight: 3 clocks
/// sum                          6 clocks after code: low half, then the high half, then both are written
/// ```
#[derive(LogicBlock)]
pub struct Ledger {
    pub clock: Signal<In, Clock>,
    pub clear: Signal<In, Bit>,
    pub snapshot: Signal<In, Bit>,
    pub account: Signal<In, Bit>,
    pub busy: Signal<Out, Bit>,
    pub index: Signal<In, Bits<9>>,
    pub word: Signal<Out, Bits<24>>,
    /// The budget: see there.
    pub disarm: Signal<In, Bit>,
    pub write_budget: Signal<In, Bit>,
    pub write_word: Signal<In, Bits<25>>,
    pub budget_word: Signal<Out, Bits<25>>,
    pub armed: Signal<Out, Bit>,
    pub used_up: Signal<Out, Bit>,
    pub tick_ended: Signal<In, Bit>,
    pub transfer: Signal<In, Bit>,
    pub destinations: Signal<In, Bits<5>>,
    pub host_in: Signal<In, Bit>,
    pub host_out: Signal<In, Bit>,
    pub byte_in: Signal<In, Bit>,
    pub byte_out: Signal<In, Bit>,
    pub frame_refused: Signal<In, Bit>,
    pub frame_resent: Signal<In, Bit>,
    pub host_stalled: Signal<In, Bit>,
    pub bus_waits: Signal<In, Bit>,
    pub ticking: Signal<In, Bit>,
    pub activity: Vec<Signal<In, CoreActivity>>,

    // The chains begin with the first core; behind the last core are the tallies of the array.
    cores: Vec<CoreTallies>,
    tallies: Vec<Tally>,
    reached: SumTally<5, 16>,
    budget: Budget,
    // A sweep: position, and what it does besides adding.
    position: DFF<Bits<8>>,
    copy_wanted: DFF<Bit>,
    zero_wanted: DFF<Bit>,
    sweep_wanted: DFF<Bit>,
    /// One of them is wanted, or what is counted must be added up before a tally overflows.
    wanted: DFF<Bit>,
    copying: DFF<Bit>,
    zeroing: DFF<Bit>,
    sweeping: DFF<Bit>,
    steps: Rom<25, 8>,
    /// By code of a tally.
    counts: Rom<8, 8>,
    multiplier: Mult18x18,
    load: DFF<Bit>,
    // Clocks since the tallies were taken, and whether they should be before they are full.
    since_load: DFF<Bits<8>>,
    due: DFF<Bit>,
    step: DFF<Bits<25>>,
    // What the heads of the chains say: one of them 0.
    code: DFF<Bits<8>>,
    sum: DFF<Bits<16>>,
    count_3: DFF<Bits<8>>,
    sum_3: DFF<Bits<16>>,
    factor_2: DFF<Bits<9>>,
    factor_3: DFF<Bits<9>>,
    // The counter at hand, 2 to 8 clocks after its position, whether it is kept, and its price.
    kept: Delay<7>,
    number_2: DFF<Bits<8>>,
    number_3: DFF<Bits<8>>,
    number_4: DFF<Bits<8>>,
    number_5: DFF<Bits<8>>,
    number_6: DFF<Bits<8>>,
    number_7: DFF<Bits<8>>,
    number_8: DFF<Bits<8>>,
    price_2: DFF<Bits<5>>,
    price_3: DFF<Bits<5>>,
    price_4: DFF<Bits<5>>,
    price_5: DFF<Bits<5>>,
    old_low: DFF<Bits<24>>,
    old_high: DFF<Bits<24>>,
    low_sum: DFF<Bits<25>>,
    high: DFF<Bits<24>>,
    new_low: DFF<Bits<24>>,
    new_high: DFF<Bits<24>>,
    read_now: DFF<Bits<24>>,
    snapshot_now: DFF<Bit>,
    clear_now: DFF<Bit>,
    account_now: DFF<Bit>,
    index_now: DFF<Bits<9>>,
    values_low: ValueTable<24>,
    values_high: ValueTable<24>,
    copy_low: ValueTable<24>,
    copy_high: ValueTable<24>,

    pulses: Signal<Local, Bits<12>>,

    last: Constant<Bits<8>>,
    before_last: Constant<Bits<8>>,
    due_bits: Constant<Bits<8>>,
    _cores: usize,
}

/// How the tallies of an array are added up.
pub struct Sweep {
    /// Of each step the counter that it adds to, by its place in the ledger; one that is not kept has none.
    pub places: Vec<Option<usize>>,
    /// Steps, and what the last of them still has to go through.
    pub clocks: usize,
    /// Bits of the tallies, and of the clocks between two sweeps: one is due when the two highest are set.
    pub tally_bits: usize,
}

impl Ledger {
    /// The sweeps of an array.
    pub fn sweep(config: &ArrayConfig) -> Sweep {
        let places: Vec<_> = Step::all(config).into_iter().map(|step| step.place).collect();
        let clocks = places.len() + SWEEP_TAIL;
        Sweep { places, clocks, tally_bits: if clocks <= 96 { 7 } else { 8 } }
    }

    /// The ledger of an array.
    pub fn new(config: &ArrayConfig) -> Self {
        let counters = address_map(config).count();
        let steps = Step::all(config);
        let Sweep { clocks: sweep, tally_bits: bits, .. } = Self::sweep(config);
        let position = |clocks: usize| Constant::new((clocks as u64).into());
        // Behind the last step nothing grows. Positions that there are not repeat the others: their address bits do not matter.
        let word = |position: usize| steps.get(position % sweep.next_power_of_two()).map_or(0, |step| step.word());
        let table: Vec<u64> = (0..256).map(word).collect();
        let most_reached = config.cores.len() * ((1 << bits) - 1);
        Self {
            clock: Default::default(),
            clear: Default::default(),
            snapshot: Default::default(),
            account: Default::default(),
            busy: Default::default(),
            index: Default::default(),
            word: Default::default(),
            disarm: Default::default(),
            write_budget: Default::default(),
            write_word: Default::default(),
            budget_word: Default::default(),
            armed: Default::default(),
            used_up: Default::default(),
            tick_ended: Default::default(),
            transfer: Default::default(),
            destinations: Default::default(),
            host_in: Default::default(),
            host_out: Default::default(),
            byte_in: Default::default(),
            byte_out: Default::default(),
            frame_refused: Default::default(),
            frame_resent: Default::default(),
            host_stalled: Default::default(),
            bus_waits: Default::default(),
            ticking: Default::default(),
            activity: config.cores.iter().map(|_| Default::default()).collect(),
            tallies: (0..ARRAY_TALLIES).map(|_| Tally::new(bits)).collect(),
            reached: SumTally::new(most_reached.ilog2() as usize + 1),
            cores: config.cores.iter().map(|core| CoreTallies::new(core, bits)).collect(),
            budget: Default::default(),
            position: Default::default(),
            copy_wanted: Default::default(),
            zero_wanted: Default::default(),
            sweep_wanted: Default::default(),
            wanted: Default::default(),
            copying: Default::default(),
            zeroing: Default::default(),
            sweeping: Default::default(),
            // 256 words of 25 bits.
            steps: Rom::new(&table).expect("steps fit"),
            counts: Rom::new(&counts(bits)).expect("counts fit"),
            multiplier: Default::default(),
            load: Default::default(),
            since_load: Default::default(),
            due: Default::default(),
            step: Default::default(),
            code: Default::default(),
            sum: Default::default(),
            count_3: Default::default(),
            sum_3: Default::default(),
            factor_2: Default::default(),
            factor_3: Default::default(),
            kept: Default::default(),
            number_2: Default::default(),
            number_3: Default::default(),
            number_4: Default::default(),
            number_5: Default::default(),
            number_6: Default::default(),
            number_7: Default::default(),
            number_8: Default::default(),
            price_2: Default::default(),
            price_3: Default::default(),
            price_4: Default::default(),
            price_5: Default::default(),
            old_low: Default::default(),
            old_high: Default::default(),
            low_sum: Default::default(),
            high: Default::default(),
            new_low: Default::default(),
            new_high: Default::default(),
            read_now: Default::default(),
            snapshot_now: Default::default(),
            clear_now: Default::default(),
            account_now: Default::default(),
            index_now: Default::default(),
            values_low: ValueTable::new(counters),
            values_high: ValueTable::new(counters),
            copy_low: ValueTable::new(counters),
            copy_high: ValueTable::new(counters),
            pulses: Default::default(),
            last: position(sweep - 1),
            before_last: position(sweep - 2),
            due_bits: Constant::new((3u64 << (bits - 2)).into()),
            _cores: config.cores.len(),
        }
    }
}

impl Logic for Ledger {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            position,
            copy_wanted,
            zero_wanted,
            sweep_wanted,
            wanted,
            copying,
            zeroing,
            sweeping,
            load,
            since_load,
            due,
            step,
            code,
            sum,
            count_3,
            sum_3,
            factor_2,
            factor_3,
            number_2,
            number_3,
            number_4,
            number_5,
            number_6,
            number_7,
            number_8,
            price_2,
            price_3,
            price_4,
            price_5,
            old_low,
            old_high,
            low_sum,
            high,
            new_low,
            new_high,
            read_now,
            snapshot_now,
            clear_now,
            account_now,
            index_now
        );
        clock!(self, clock, multiplier, kept, reached, budget, values_low, values_high, copy_low, copy_high);

        // Sweeps.
        self.load.d.next = false;
        self.position.d.next = self.position.q.val() + 1;
        self.since_load.d.next = self.since_load.q.val() + 1;
        self.due.d.next = (self.since_load.q.val() & self.due_bits.val()) == self.due_bits.val();
        self.wanted.d.next =
            self.due.q.val() | self.copy_wanted.q.val() | self.zero_wanted.q.val() | self.sweep_wanted.q.val();
        if self.position.q.val() == self.before_last.val() {
            self.copying.d.next = false;
            self.zeroing.d.next = false;
            self.sweeping.d.next = false;
            if self.wanted.q.val() {
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
            self.sweeping.d.next = self.sweep_wanted.q.val();
            self.copy_wanted.d.next = false;
            self.zero_wanted.d.next = false;
            self.sweep_wanted.d.next = false;
        }
        self.snapshot_now.d.next = self.snapshot.val();
        self.clear_now.d.next = self.clear.val();
        // A budget that is armed begins with a sweep.
        self.account_now.d.next = self.account.val() | self.write_budget.val();
        self.index_now.d.next = self.index.val();
        if self.snapshot_now.q.val() {
            self.copy_wanted.d.next = true;
        }
        if self.clear_now.q.val() {
            self.zero_wanted.d.next = true;
        }
        if self.account_now.q.val() {
            self.sweep_wanted.d.next = true;
        }
        self.busy.next = self.copy_wanted.q.val()
            | self.zero_wanted.q.val()
            | self.sweep_wanted.q.val()
            | self.copying.q.val()
            | self.zeroing.q.val()
            | self.sweeping.q.val();

        // Tallies, in the order of the steps.
        self.steps.address.next = self.position.q.val();
        self.step.d.next = self.steps.data.val();
        self.pulses.next = bit_cast::<12, 1>(self.tick_ended.val().into())
            | (bit_cast::<12, 1>(self.transfer.val().into()) << 1)
            | (bit_cast::<12, 1>(self.host_in.val().into()) << 2)
            | (bit_cast::<12, 1>(self.host_out.val().into()) << 3)
            | (bit_cast::<12, 1>(self.byte_in.val().into()) << 4)
            | (bit_cast::<12, 1>(self.byte_out.val().into()) << 5)
            | (bit_cast::<12, 1>(self.frame_refused.val().into()) << 6)
            | (bit_cast::<12, 1>(self.frame_resent.val().into()) << 7)
            | (bit_cast::<12, 1>(self.host_stalled.val().into()) << 8)
            | (bit_cast::<12, 1>(self.bus_waits.val().into()) << 9)
            | (bit_cast::<12, 1>(self.ticking.val().into()) << 10)
            | bits::<12>(0x800);
        for i in 0..12 {
            self.tallies[i].clock.next = self.clock.val();
            self.tallies[i].pulse.next = self.pulses.val().get_bit(i);
            self.tallies[i].load.next = self.load.q.val();
            self.tallies[i].shift.next = self.step.q.val().get_bit(9);
        }
        for i in 1..12 {
            self.tallies[i - 1].chain_in.next = self.tallies[i].chain_out.val();
        }
        self.tallies[11].chain_in.next = bits::<8>(0);
        self.reached.amount.next = self.destinations.val();
        self.reached.load.next = self.load.q.val();
        self.reached.shift.next = self.step.q.val().get_bit(10);
        self.reached.chain_in.next = bits::<16>(0);
        for i in 0..self._cores {
            self.cores[i].clock.next = self.clock.val();
            self.cores[i].activity.next = self.activity[i].val();
            self.cores[i].load.next = self.load.q.val();
            self.cores[i].shift.next = self.step.q.val().get_bit(9);
            self.cores[i].shift_sum.next = self.step.q.val().get_bit(10);
            self.cores[i].chain_in.next = self.tallies[0].chain_out.val();
            self.cores[i].sum_in.next = self.reached.chain_out.val();
        }
        for i in 1..self._cores {
            self.cores[i - 1].chain_in.next = self.cores[i].chain_out.val();
            self.cores[i - 1].sum_in.next = self.cores[i].sum_out.val();
        }

        // A sum, or what a code stands for, times weight, three clocks. The code 0 stands for 0.
        self.code.d.next = bits::<8>(0);
        self.sum.d.next = bits::<16>(0);
        if self.step.q.val().get_bit(10) {
            self.sum.d.next = self.cores[0].sum_out.val();
        } else {
            self.code.d.next = self.cores[0].chain_out.val();
        }
        self.counts.address.next = self.code.q.val();
        self.count_3.d.next = self.counts.data.val();
        self.sum_3.d.next = self.sum.q.val();
        self.factor_2.d.next = bit_cast::<9, 25>(self.step.q.val());
        self.factor_3.d.next = self.factor_2.q.val();
        self.multiplier.a.next = bit_cast::<18, 16>(self.sum_3.q.val()) | bit_cast::<18, 8>(self.count_3.q.val());
        self.multiplier.b.next = bit_cast::<18, 9>(self.factor_3.q.val());
        self.kept.d.next = self.step.q.val().get_bit(24);
        self.number_2.d.next = self.step.q.val().get_bits::<8>(11);
        self.number_3.d.next = self.number_2.q.val();
        self.number_4.d.next = self.number_3.q.val();
        self.number_5.d.next = self.number_4.q.val();
        self.number_6.d.next = self.number_5.q.val();
        self.number_7.d.next = self.number_6.q.val();
        self.number_8.d.next = self.number_7.q.val();

        // Low half, then high half with the carry, then both are written.
        self.values_low.read_address.next = self.number_4.q.val();
        self.values_high.read_address.next = self.number_4.q.val();
        self.values_low.read.next = true;
        self.values_high.read.next = true;
        self.old_low.d.next = self.values_low.read_word.val();
        self.old_high.d.next = self.values_high.read_word.val();
        self.low_sum.d.next =
            bit_cast::<25, 24>(self.old_low.q.val()) + (bit_cast::<25, 32>(self.multiplier.product.val()) & 0x1_ffff);
        self.high.d.next = self.old_high.q.val();
        self.new_low.d.next = bit_cast::<24, 25>(self.low_sum.q.val());
        self.new_high.d.next = self.high.q.val() + bit_cast::<24, 1>(self.low_sum.q.val().get_bit(24).into());
        if self.zeroing.q.val() {
            self.new_low.d.next = bits::<24>(0);
            self.new_high.d.next = bits::<24>(0);
        }
        self.copy_low.write.next = self.kept.q.val() & self.copying.q.val();
        self.copy_high.write.next = self.kept.q.val() & self.copying.q.val();
        self.copy_low.write_address.next = self.number_8.q.val();
        self.copy_high.write_address.next = self.number_8.q.val();
        self.copy_low.write_word.next = self.new_low.q.val();
        self.copy_high.write_word.next = self.new_high.q.val();
        self.values_low.write.next = self.kept.q.val();
        self.values_high.write.next = self.kept.q.val();
        self.values_low.write_address.next = self.number_8.q.val();
        self.values_high.write_address.next = self.number_8.q.val();
        self.values_low.write_word.next = self.new_low.q.val();
        self.values_high.write_word.next = self.new_high.q.val();

        // What it costs.
        self.price_2.d.next = self.step.q.val().get_bits::<5>(19);
        self.price_3.d.next = self.price_2.q.val();
        self.price_4.d.next = self.price_3.q.val();
        self.price_5.d.next = self.price_4.q.val();
        self.budget.sweep.next = self.load.q.val();
        self.budget.price_of.next = self.price_5.q.val();
        self.budget.count.next = bit_cast::<17, 32>(self.multiplier.product.val());
        self.budget.disarm.next = self.disarm.val();
        self.budget.write.next = self.write_budget.val();
        self.budget.index.next = bit_cast::<5, 9>(self.index_now.q.val());
        self.budget.write_word.next = self.write_word.val();
        self.budget_word.next = self.budget.word.val();
        self.armed.next = self.budget.armed.val();
        self.used_up.next = self.budget.used_up.val();

        // What is read.
        self.copy_low.read_address.next = bit_cast::<8, 9>(self.index_now.q.val() >> 1);
        self.copy_low.read.next = !self.index_now.q.val().get_bit(0);
        self.copy_high.read_address.next = bit_cast::<8, 9>(self.index_now.q.val() >> 1);
        self.copy_high.read.next = self.index_now.q.val().get_bit(0);
        self.read_now.d.next = self.copy_low.read_word.val() | self.copy_high.read_word.val();
        self.word.next = self.read_now.q.val();
    }
}
