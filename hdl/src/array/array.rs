//! The whole array, as the link sees it.

use super::bus::{Command, Event};
use super::core::READ_LATENCY;
use super::core_slot::CoreSlot;
use super::ledger::Ledger;
use super::router::Router;
use nernst_spec::ledger::words;
use nernst_spec::link::message::{RESET_LEDGER, RESET_MEMORY, RESET_STATE};
use nernst_spec::memory::Space;
use nernst_spec::timing::{TURN_OVERHEAD, UNIT_LATENCY};
use nernst_spec::{ArrayConfig, CoreConfig};
use rust_hdl::prelude::*;

const _: () = assert!(RESET_STATE == 1 && RESET_LEDGER == 2 && RESET_MEMORY == 4, "bits that the kernel tests");
const _: () = assert!(Space::ALL.len() == 7, "spaces that the kernel tells apart");

/// What the array is doing.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum State {
    Idle,
    /// A tick is to be run: input spikes settle first.
    Settle,
    Start,
    Run,
    /// A reset is to be done: input spikes settle first.
    SettleReset,
    Reset,
    /// The ledger is still at it.
    EndReset,
    /// A word is read: the neuron's ring and place in it are found, then the word is on its way.
    Divide,
    Subtract,
    Fetch,
    Read,
}

/// Cores, router and ledger, and the control of ticks, resets and memory accesses.
///
/// All ports are synchronous to `clock`. A *pulse* is high for one clock. Pulses of `write`, `read`, `tick_start` and
/// `reset_start` come while `idle`, one at a time.
///
/// | ports | meaning |
/// |---|---|
/// | `address`, `address_exists`, `address_writable` | an address of [`nernst_spec::memory`], and from the fifth clock after it changed whether it has a word, and one that may be written |
/// | `write`, `write_low`, `write_high` | pulse: writes a word at `address`, which must stay for 6 clocks from the write on, and has stayed for 5 before |
/// | `read`, `read_done`, `read_low`, `read_high` | pulse: reads the word at `address`, which must stay; done pulses when it is there, and it stays until the next read. 17 clocks, a membrane up to 110, a counter up to 280 more after a snapshot |
/// | `input_valid`, `input_line`, `input_ready` | a spike on an input line, taken when both are high; only between ticks |
/// | `tick_start`, `tick_busy`, `tick_number` | pulse: runs a tick; busy from the clock after until every spike of it is delivered. The number is that of the tick that runs, or would run next |
/// | `spike_valid`, `spike_neuron`, `spike_ready` | neurons that fired and that the host wants to hear, taken when both are high |
/// | `reset_start`, `reset_flags`, `reset_busy` | pulse: clears what the flags of [`nernst_spec::link::message`] name; busy from the clock after |
/// | `snapshot` | pulse: copies all counters at once; not `idle`, and no input taken, until it is done |
/// | `byte_in`, `byte_out`, `frame_refused`, `frame_resent` | pulses that the ledger counts |
/// | `idle` | nothing under way |
///
/// ```text
/// clock       _/~\_/~\_/~\_  ..  _/~\_/~\_
/// tick_start  _/~~~\_______________________
/// tick_busy   _____/~~~~~~~~~~~~~~~~~\_____
/// tick_number -----t-----------------< t+1
/// ```
#[derive(LogicBlock)]
pub struct Array {
    pub clock: Signal<In, Clock>,
    pub address: Signal<In, Bits<32>>,
    pub address_exists: Signal<Out, Bit>,
    pub address_writable: Signal<Out, Bit>,
    pub write: Signal<In, Bit>,
    pub write_low: Signal<In, Bits<32>>,
    pub write_high: Signal<In, Bits<4>>,
    pub read: Signal<In, Bit>,
    pub read_done: Signal<Out, Bit>,
    pub read_low: Signal<Out, Bits<32>>,
    pub read_high: Signal<Out, Bits<4>>,
    pub input_valid: Signal<In, Bit>,
    pub input_line: Signal<In, Bits<16>>,
    pub input_ready: Signal<Out, Bit>,
    pub tick_start: Signal<In, Bit>,
    pub tick_busy: Signal<Out, Bit>,
    pub tick_number: Signal<Out, Bits<15>>,
    pub spike_valid: Signal<Out, Bit>,
    pub spike_neuron: Signal<Out, Bits<15>>,
    pub spike_ready: Signal<In, Bit>,
    pub reset_start: Signal<In, Bit>,
    pub reset_flags: Signal<In, Bits<3>>,
    pub reset_busy: Signal<Out, Bit>,
    pub snapshot: Signal<In, Bit>,
    pub byte_in: Signal<In, Bit>,
    pub byte_out: Signal<In, Bit>,
    pub frame_refused: Signal<In, Bit>,
    pub frame_resent: Signal<In, Bit>,
    pub idle: Signal<Out, Bit>,

    cores: Vec<CoreSlot>,
    router: Router,
    ledger: Ledger,

    // The bus: a register before each core, all of them in a row, and the same on the way back.
    command: DFF<Command>,
    low: DFF<Bits<32>>,
    high: DFF<Bits<4>>,
    commands: Vec<DFF<Command>>,
    lows: Vec<DFF<Bits<32>>>,
    highs: Vec<DFF<Bits<4>>>,
    events: Vec<DFF<Event>>,
    spikes: Vec<DFF<Bit>>,
    neurons: Vec<DFF<Bits<12>>>,
    words_low: Vec<DFF<Bits<32>>>,
    words_high: Vec<DFF<Bits<4>>>,
    captures: Vec<DFF<Bit>>,
    done: Vec<DFF<Bit>>,

    state: DFF<State>,
    count: DFF<Bits<11>>,
    tick: DFF<Bits<15>>,
    finished: DFF<Bit>,
    flags: DFF<Bits<3>>,
    /// Clocks until what was begun shows, and clocks of silence until everything has certainly arrived.
    beginning: DFF<Bits<6>>,
    settling: DFF<Bits<6>>,
    accepted: DFF<Bit>,
    inputs_left: DFF<Bit>,
    swept: DFF<Bit>,
    read_ended: DFF<Bit>,
    settled: DFF<Bit>,
    ledger_busy: DFF<Bit>,
    /// Settled, and the ledger is not busy.
    at_rest: DFF<Bit>,
    // The address taken apart, and the limits that it is held against.
    address_now: DFF<Bits<32>>,
    is_weight: DFF<Bit>,
    is_parameter: DFF<Bit>,
    is_route: DFF<Bit>,
    is_input: DFF<Bit>,
    is_membrane: DFF<Bit>,
    is_counter: DFF<Bit>,
    is_contexts: DFF<Bit>,
    is_core: DFF<Bit>,
    /// Its core is core i.
    core_is: Vec<DFF<Bit>>,
    no_core: DFF<Bit>,
    limit: DFF<Bits<13>>,
    row_limit: DFF<Bits<11>>,
    rows: DFF<Bit>,
    known: DFF<Bit>,
    may_write: DFF<Bit>,
    unit_fits: DFF<Bit>,
    row_fits: DFF<Bit>,
    number_fits: DFF<Bit>,
    number_small: DFF<Bit>,
    exists: DFF<Bit>,
    writable: DFF<Bit>,
    ring: DFF<Bits<13>>,
    // A write, or a sweep of zeros.
    write_now: DFF<Bit>,
    write_core: DFF<Bit>,
    write_route: DFF<Bit>,
    sweep_slots: DFF<Bit>,
    sweep_memory: DFF<Bit>,
    sweep_row: DFF<Bits<11>>,
    under_way: DFF<Bit>,
    word_low: DFF<Bits<32>>,
    word_high: DFF<Bits<4>>,
    // A read. A membrane's neuron number becomes ring and place by subtracting.
    place: DFF<Bits<13>>,
    remainder: DFF<Bits<13>>,
    subtracted: DFF<Bit>,
    farther: DFF<Bit>,
    judged: DFF<Bit>,
    quotient: DFF<Bits<6>>,
    read_over: DFF<Bit>,
    sampling: DFF<Bit>,
    result_low: DFF<Bits<32>>,
    result_high: DFF<Bits<4>>,
    table_word: DFF<Bits<32>>,

    space: Signal<Local, Bits<4>>,
    core: Signal<Local, Bits<8>>,
    unit: Signal<Local, Bits<10>>,
    row: Signal<Local, Bits<10>>,
    number: Signal<Local, Bits<20>>,
    in_rows: Signal<Local, Bit>,
    start: Signal<Local, Bit>,
    zero: Signal<Local, Bit>,
    fetch: Signal<Local, Bit>,
    clear_ledger: Signal<Local, Bit>,
    selecting: Signal<Local, Bit>,
    core_unit: Signal<Local, Bits<6>>,
    core_row: Signal<Local, Bits<10>>,
    core_space: Signal<Local, Bits<2>>,

    routes: Constant<Bits<13>>,
    inputs: Constant<Bits<13>>,
    words: Constant<Bits<13>>,
    /// Clocks until the cores have begun what they were told and that is known here; until the last event is in its slot.
    begin_clocks: Constant<Bits<6>>,
    settle_clocks: Constant<Bits<6>>,
    read_clocks: Constant<Bits<11>>,
    turn_clocks: Constant<Bits<11>>,
    core_tiles: Vec<Constant<Bits<13>>>,
    core_units: Vec<Constant<Bits<13>>>,
    core_neurons: Vec<Constant<Bits<13>>>,
    core_ring: Vec<Constant<Bits<13>>>,
    core_ring_rows: Vec<Constant<Bits<11>>>,
    core_axons: Vec<Constant<Bits<11>>>,
    _cores: usize,
}

impl Array {
    /// An array of this shape.
    pub fn new(config: &ArrayConfig) -> Self {
        let cores = config.cores.len();
        let hops = cores as u64;
        let each = |value: fn(&CoreConfig) -> usize| -> Vec<_> {
            config.cores.iter().map(|core| Constant::new((value(core) as u64).into())).collect()
        };
        let each_row = |value: fn(&CoreConfig) -> usize| -> Vec<_> {
            config.cores.iter().map(|core| Constant::new((value(core) as u64).into())).collect()
        };
        let longest = config.cores.iter().map(CoreConfig::ring).max().unwrap_or_default() as u64;
        // There and back along the bus, and the registers at its ends.
        let read_clocks = 2 * hops + READ_LATENCY as u64 + 4;
        Self {
            clock: Default::default(),
            address: Default::default(),
            address_exists: Default::default(),
            address_writable: Default::default(),
            write: Default::default(),
            write_low: Default::default(),
            write_high: Default::default(),
            read: Default::default(),
            read_done: Default::default(),
            read_low: Default::default(),
            read_high: Default::default(),
            input_valid: Default::default(),
            input_line: Default::default(),
            input_ready: Default::default(),
            tick_start: Default::default(),
            tick_busy: Default::default(),
            tick_number: Default::default(),
            spike_valid: Default::default(),
            spike_neuron: Default::default(),
            spike_ready: Default::default(),
            reset_start: Default::default(),
            reset_flags: Default::default(),
            reset_busy: Default::default(),
            snapshot: Default::default(),
            byte_in: Default::default(),
            byte_out: Default::default(),
            frame_refused: Default::default(),
            frame_resent: Default::default(),
            idle: Default::default(),
            cores: config
                .cores
                .iter()
                .enumerate()
                .map(|(number, core)| CoreSlot::new(core, number, config.first_neuron(number)))
                .collect(),
            router: Router::new(cores, config.banks(), config.neurons(), config.inputs, cores),
            ledger: Ledger::new(config),
            command: Default::default(),
            low: Default::default(),
            high: Default::default(),
            commands: (0..cores).map(|_| Default::default()).collect(),
            lows: (0..cores).map(|_| Default::default()).collect(),
            highs: (0..cores).map(|_| Default::default()).collect(),
            events: (0..cores).map(|_| Default::default()).collect(),
            spikes: (0..cores).map(|_| Default::default()).collect(),
            neurons: (0..cores).map(|_| Default::default()).collect(),
            words_low: (0..cores).map(|_| Default::default()).collect(),
            words_high: (0..cores).map(|_| Default::default()).collect(),
            captures: (0..cores).map(|_| Default::default()).collect(),
            done: (0..cores).map(|_| Default::default()).collect(),
            state: Default::default(),
            count: Default::default(),
            tick: Default::default(),
            finished: Default::default(),
            flags: Default::default(),
            beginning: Default::default(),
            settling: Default::default(),
            accepted: Default::default(),
            inputs_left: Default::default(),
            swept: Default::default(),
            read_ended: Default::default(),
            ledger_busy: Default::default(),
            at_rest: Default::default(),
            address_now: Default::default(),
            core_is: (0..cores).map(|_| Default::default()).collect(),
            no_core: Default::default(),
            limit: Default::default(),
            row_limit: Default::default(),
            rows: Default::default(),
            known: Default::default(),
            may_write: Default::default(),
            unit_fits: Default::default(),
            row_fits: Default::default(),
            number_fits: Default::default(),
            number_small: Default::default(),
            exists: Default::default(),
            writable: Default::default(),
            ring: Default::default(),
            write_now: Default::default(),
            write_core: Default::default(),
            write_route: Default::default(),
            sweep_slots: Default::default(),
            sweep_memory: Default::default(),
            sweep_row: Default::default(),
            word_low: Default::default(),
            word_high: Default::default(),
            place: Default::default(),
            subtracted: Default::default(),
            farther: Default::default(),
            judged: Default::default(),
            quotient: Default::default(),
            read_over: Default::default(),
            sampling: Default::default(),
            result_low: Default::default(),
            result_high: Default::default(),
            table_word: Default::default(),
            space: Default::default(),
            core: Default::default(),
            unit: Default::default(),
            row: Default::default(),
            number: Default::default(),
            is_weight: Default::default(),
            is_parameter: Default::default(),
            is_route: Default::default(),
            is_input: Default::default(),
            is_membrane: Default::default(),
            is_counter: Default::default(),
            is_contexts: Default::default(),
            is_core: Default::default(),
            remainder: Default::default(),
            in_rows: Default::default(),
            start: Default::default(),
            zero: Default::default(),
            fetch: Default::default(),
            clear_ledger: Default::default(),
            settled: Default::default(),
            selecting: Default::default(),
            under_way: Default::default(),
            core_unit: Default::default(),
            core_row: Default::default(),
            core_space: Default::default(),
            routes: Constant::new((config.neurons() as u64).into()),
            inputs: Constant::new((config.inputs as u64).into()),
            words: Constant::new((words(cores) as u64).into()),
            begin_clocks: Constant::new((2 * hops + 6).into()),
            settle_clocks: Constant::new((hops + 5).into()),
            read_clocks: Constant::new(read_clocks.into()),
            turn_clocks: Constant::new((read_clocks + longest + UNIT_LATENCY + TURN_OVERHEAD + 1).into()),
            core_tiles: each(|core| core.tiles),
            core_units: each(CoreConfig::units),
            core_neurons: each(CoreConfig::neurons),
            core_ring: each(CoreConfig::ring),
            core_ring_rows: each_row(CoreConfig::ring),
            core_axons: each_row(CoreConfig::axons),
            _cores: cores,
        }
    }
}

impl Logic for Array {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            command,
            low,
            high,
            state,
            count,
            tick,
            finished,
            flags,
            beginning,
            settling,
            accepted,
            inputs_left,
            swept,
            read_ended,
            settled,
            ledger_busy,
            at_rest,
            address_now,
            is_weight,
            is_parameter,
            is_route,
            is_input,
            is_membrane,
            is_counter,
            is_contexts,
            is_core,
            no_core,
            limit,
            row_limit,
            rows,
            known,
            may_write,
            unit_fits,
            row_fits,
            number_fits,
            number_small,
            exists,
            writable,
            ring,
            write_now,
            write_core,
            write_route,
            sweep_slots,
            sweep_memory,
            sweep_row,
            under_way,
            word_low,
            word_high,
            place,
            remainder,
            subtracted,
            farther,
            judged,
            quotient,
            read_over,
            sampling,
            result_low,
            result_high,
            table_word
        );
        clock!(self, clock, router, ledger);

        // The address, taken apart.
        self.address_now.d.next = self.address.val();
        self.space.next = self.address_now.q.val().get_bits::<4>(28);
        self.core.next = self.address_now.q.val().get_bits::<8>(20);
        self.unit.next = self.address_now.q.val().get_bits::<10>(10);
        self.row.next = bit_cast::<10, 32>(self.address_now.q.val());
        self.number.next = bit_cast::<20, 32>(self.address_now.q.val());
        self.is_weight.d.next = self.space.val() == 0;
        self.is_parameter.d.next = self.space.val() == 1;
        self.is_route.d.next = self.space.val() == 2;
        self.is_input.d.next = self.space.val() == 3;
        self.is_membrane.d.next = self.space.val() == 4;
        self.is_counter.d.next = self.space.val() == 5;
        self.is_contexts.d.next = self.space.val() == 6;
        self.is_core.d.next =
            (self.space.val() == 0) | (self.space.val() == 1) | (self.space.val() == 4) | (self.space.val() == 6);

        self.no_core.d.next = !self.core.val().any();
        for i in 0..self._cores {
            self.core_is[i].clock.next = self.clock.val();
            self.core_is[i].d.next = self.core.val() == i.to_bits();
        }

        // Third clock after a change: its limits.
        self.known.d.next =
            (self.is_route.q.val() | self.is_input.q.val() | self.is_counter.q.val()) & self.no_core.q.val();
        self.rows.d.next = self.is_weight.q.val() | self.is_parameter.q.val();
        self.may_write.d.next = !self.is_membrane.q.val() & !self.is_counter.q.val();
        self.row_limit.d.next = bits::<11>(512);
        self.limit.d.next = self.routes.val();
        self.ring.d.next = bits::<13>(1);
        if self.is_input.q.val() {
            self.limit.d.next = self.inputs.val();
        }
        if self.is_counter.q.val() {
            self.limit.d.next = self.words.val();
        }
        for i in 0..self._cores {
            if self.core_is[i].q.val() {
                self.ring.d.next = self.core_ring[i].val();
                if self.is_core.q.val() {
                    self.known.d.next = true;
                }
                if self.is_weight.q.val() {
                    self.limit.d.next = self.core_tiles[i].val();
                    self.row_limit.d.next = self.core_axons[i].val();
                }
                if self.is_parameter.q.val() {
                    self.limit.d.next = self.core_units[i].val();
                    self.row_limit.d.next = self.core_ring_rows[i].val();
                }
                if self.is_membrane.q.val() {
                    self.limit.d.next = self.core_neurons[i].val();
                }
                if self.is_contexts.q.val() {
                    self.limit.d.next = bits::<13>(1);
                }
            }
        }
        // Fourth clock: what holds. Fifth: the verdict.
        self.unit_fits.d.next = bit_cast::<13, 10>(self.unit.val()) < self.limit.q.val();
        self.row_fits.d.next = bit_cast::<11, 10>(self.row.val()) < self.row_limit.q.val();
        self.number_fits.d.next = bit_cast::<13, 20>(self.number.val()) < self.limit.q.val();
        self.number_small.d.next = self.number.val().get_bits::<7>(13) == 0;
        self.in_rows.next = self.number_fits.q.val() & self.number_small.q.val();
        if self.rows.q.val() {
            self.in_rows.next = self.unit_fits.q.val() & self.row_fits.q.val();
        }
        self.exists.d.next = self.known.q.val() & self.in_rows.val();
        self.writable.d.next = self.known.q.val() & self.in_rows.val() & self.may_write.q.val();
        self.address_exists.next = self.exists.q.val();
        self.address_writable.next = self.writable.q.val();

        // Control.
        // Between ticks only input spikes are in the router.
        self.under_way.d.next = (!self.router.idle.val() & (self.state.q.val() == State::Run)) | !self.done[0].q.val();
        for i in 0..self._cores {
            if self.spikes[i].q.val() {
                self.under_way.d.next = true;
            }
        }
        self.ledger_busy.d.next = self.ledger.busy.val();
        self.settled.d.next = (self.beginning.q.val() == 0) & (self.settling.q.val() == 0);
        self.at_rest.d.next = (self.beginning.q.val() == 0)
            & (self.settling.q.val() == 0)
            & !self.under_way.q.val()
            & !self.ledger.busy.val();
        if self.beginning.q.val() != 0 {
            self.beginning.d.next = self.beginning.q.val() - 1;
        }
        if self.settling.q.val() != 0 {
            self.settling.d.next = self.settling.q.val() - 1;
        }
        if self.under_way.q.val() {
            self.settling.d.next = self.settle_clocks.val();
            self.settled.d.next = false;
            self.at_rest.d.next = false;
        }
        // Events travel as fast as commands: what comes behind an input spike must only wait until its event has left the router.
        self.accepted.d.next = self.router.input_valid.val() & self.router.input_ready.val();
        self.inputs_left.d.next = self.router.idle.val()
            & !self.accepted.q.val()
            & !(self.router.input_valid.val() & self.router.input_ready.val());
        self.start.next = false;
        self.zero.next = false;
        self.fetch.next = false;
        self.sweep_slots.d.next = false;
        self.sweep_memory.d.next = false;
        self.selecting.next = false;
        self.tick_busy.next = false;
        self.reset_busy.next = false;
        self.idle.next = false;
        self.finished.d.next = false;
        self.clear_ledger.next = false;
        self.read_over.d.next = false;
        self.read_ended.d.next = false;
        // All rows of 512, or all words of the routes' block RAMs; a clock later than the count says so.
        self.swept.d.next = (self.count.q.val().get_bits::<9>(0) == 510)
            & ((self.count.q.val().get_bits::<2>(9) == 3) | !self.flags.q.val().get_bit(2));
        self.router.input_valid.next = false;
        self.input_ready.next = false;
        self.remainder.d.next = self.place.q.val() - self.ring.q.val();
        self.subtracted.d.next = false;
        self.judged.d.next = false;
        self.farther.d.next = self.is_membrane.q.val() & !self.remainder.q.val().get_bit(12);
        match self.state.q.val() {
            State::Idle => {
                self.idle.next = self.at_rest.q.val() & self.inputs_left.q.val();
                self.router.input_valid.next = self.input_valid.val() & !self.ledger_busy.q.val();
                self.input_ready.next = self.router.input_ready.val() & !self.ledger_busy.q.val();
                self.count.d.next = bits::<11>(0);
                self.quotient.d.next = bits::<6>(0);
                self.flags.d.next = self.reset_flags.val();
                if self.tick_start.val() {
                    self.state.d.next = State::Settle;
                }
                if self.reset_start.val() {
                    self.state.d.next = State::SettleReset;
                }
                if self.read.val() {
                    self.state.d.next = State::Divide;
                }
            }
            State::Settle => {
                self.tick_busy.next = true;
                if self.at_rest.q.val() & self.inputs_left.q.val() {
                    self.state.d.next = State::Start;
                }
            }
            State::Start => {
                self.tick_busy.next = true;
                self.start.next = true;
                self.beginning.d.next = self.begin_clocks.val();
                self.settled.d.next = false;
                self.at_rest.d.next = false;
                self.state.d.next = State::Run;
            }
            State::Run => {
                self.tick_busy.next = true;
                self.finished.d.next = self.settled.q.val() & !self.finished.q.val();
                if self.finished.q.val() {
                    self.tick.d.next = self.tick.q.val() + 1;
                    self.state.d.next = State::Idle;
                }
            }
            State::SettleReset => {
                self.reset_busy.next = true;
                if self.at_rest.q.val() & self.inputs_left.q.val() {
                    self.clear_ledger.next = self.flags.q.val().get_bit(1);
                    self.zero.next = self.flags.q.val().get_bit(0);
                    self.beginning.d.next = self.begin_clocks.val();
                    self.settled.d.next = false;
                    self.at_rest.d.next = false;
                    self.state.d.next = State::Reset;
                    if self.flags.q.val().get_bit(0) {
                        self.tick.d.next = bits::<15>(0);
                    }
                }
            }
            State::Reset => {
                self.reset_busy.next = true;
                self.sweep_slots.d.next = self.flags.q.val().get_bit(0);
                self.sweep_memory.d.next = self.flags.q.val().get_bit(2);
                self.count.d.next = self.count.q.val() + 1;
                if self.swept.q.val() | (!self.flags.q.val().get_bit(0) & !self.flags.q.val().get_bit(2)) {
                    self.beginning.d.next = self.begin_clocks.val();
                    self.settled.d.next = false;
                    self.at_rest.d.next = false;
                    self.state.d.next = State::EndReset;
                }
            }
            State::EndReset => {
                self.reset_busy.next = true;
                if self.at_rest.q.val() {
                    self.state.d.next = State::Idle;
                }
            }
            State::Divide => {
                // Clocks enough for the address to be taken apart.
                self.count.d.next = self.count.q.val() + 1;
                self.place.d.next = bit_cast::<13, 20>(self.number.val());
                if self.count.q.val() == 4 {
                    self.state.d.next = State::Subtract;
                }
                if self.is_counter.q.val() & self.ledger_busy.q.val() {
                    // The copy that was asked for is not there yet.
                    self.count.d.next = bits::<11>(0);
                    self.state.d.next = State::Divide;
                }
            }
            State::Subtract => {
                // One step for every ring before the neuron's: the difference, whether it was one too many, what follows.
                self.count.d.next = bits::<11>(0);
                self.subtracted.d.next = !self.subtracted.q.val() & !self.judged.q.val();
                self.judged.d.next = self.subtracted.q.val();
                if self.judged.q.val() {
                    if self.farther.q.val() {
                        self.place.d.next = self.remainder.q.val();
                        self.quotient.d.next = self.quotient.q.val() + 1;
                    } else {
                        self.state.d.next = State::Fetch;
                    }
                }
            }
            State::Fetch => {
                self.selecting.next = true;
                self.fetch.next = true;
                self.beginning.d.next = self.begin_clocks.val();
                self.settled.d.next = false;
                self.at_rest.d.next = false;
                self.state.d.next = State::Read;
            }
            State::Read => {
                self.selecting.next = true;
                self.count.d.next = self.count.q.val() + 1;
                // A clock later than the count says so.
                self.read_ended.d.next = (!self.is_membrane.q.val() & (self.count.q.val() == self.read_clocks.val()))
                    | (self.count.q.val() == self.turn_clocks.val());
                if self.read_ended.q.val() {
                    self.read_over.d.next = true;
                    self.state.d.next = State::Idle;
                }
            }
            _ => {
                self.state.d.next = State::Idle;
            }
        }
        self.tick_number.next = self.tick.q.val();

        // What the cores are told: the host's word, or zeros while the memory is cleared.
        self.write_now.d.next = self.write.val();
        self.word_low.d.next = self.write_low.val();
        self.word_high.d.next = self.write_high.val();
        self.write_core.d.next =
            self.write_now.q.val() & self.exists.q.val() & (self.rows.q.val() | self.is_contexts.q.val());
        self.write_route.d.next =
            self.write_now.q.val() & self.exists.q.val() & (self.is_route.q.val() | self.is_input.q.val());
        self.sweep_row.d.next = self.count.q.val();
        self.low.d.next = self.word_low.q.val();
        self.high.d.next = self.word_high.q.val();
        self.core_unit.next = bit_cast::<6, 10>(self.unit.val());
        self.core_row.next = self.row.val();
        self.core_space.next = bits::<2>(0);
        if self.is_parameter.q.val() {
            self.core_space.next = bits::<2>(1);
        }
        if self.is_contexts.q.val() {
            self.core_space.next = bits::<2>(3);
        }
        if self.is_membrane.q.val() {
            self.core_space.next = bits::<2>(2);
            self.core_unit.next = self.quotient.q.val();
            self.core_row.next = bit_cast::<10, 13>(self.place.q.val());
        }
        if self.sweep_slots.q.val() | self.sweep_memory.q.val() {
            self.low.d.next = bits::<32>(0);
            self.high.d.next = bits::<4>(0);
            self.core_row.next = bit_cast::<10, 11>(self.sweep_row.q.val()) & 0x1ff;
        }
        self.command.d.next.start = self.start.val();
        self.command.d.next.zero = self.zero.val();
        self.command.d.next.clear = self.sweep_slots.q.val();
        self.command.d.next.write = self.write_core.q.val() | self.sweep_memory.q.val();
        self.command.d.next.all = self.sweep_memory.q.val();
        self.command.d.next.fetch = self.fetch.val() & self.is_core.q.val();
        self.command.d.next.select = self.selecting.val() & self.is_core.q.val();
        self.command.d.next.space = self.core_space.val();
        self.command.d.next.core = bit_cast::<4, 8>(self.core.val());
        self.command.d.next.unit = self.core_unit.val();
        self.command.d.next.row = self.core_row.val();
        self.command.d.next.slot = bit_cast::<4, 15>(self.tick.q.val());

        // The bus, there: from core to core.
        for i in 0..self._cores {
            self.commands[i].clock.next = self.clock.val();
            self.lows[i].clock.next = self.clock.val();
            self.highs[i].clock.next = self.clock.val();
            self.events[i].clock.next = self.clock.val();
            self.cores[i].clock.next = self.clock.val();
            self.cores[i].command.next = self.commands[i].q.val();
            self.cores[i].write_low.next = self.lows[i].q.val();
            self.cores[i].write_high.next = self.highs[i].q.val();
            self.cores[i].delivery.next = self.events[i].q.val();
        }
        self.commands[0].d.next = self.command.q.val();
        self.lows[0].d.next = self.low.q.val();
        self.highs[0].d.next = self.high.q.val();
        self.events[0].d.next = self.router.delivery.val();
        for i in 1..self._cores {
            self.commands[i].d.next = self.commands[i - 1].q.val();
            self.lows[i].d.next = self.lows[i - 1].q.val();
            self.highs[i].d.next = self.highs[i - 1].q.val();
            self.events[i].d.next = self.events[i - 1].q.val();
        }
        // And back: a core's spike leaves when none comes from the cores behind it.
        for i in 0..self._cores {
            self.spikes[i].clock.next = self.clock.val();
            self.neurons[i].clock.next = self.clock.val();
            self.words_low[i].clock.next = self.clock.val();
            self.words_high[i].clock.next = self.clock.val();
            self.captures[i].clock.next = self.clock.val();
            self.done[i].clock.next = self.clock.val();
            self.spikes[i].d.next = self.cores[i].spike_valid.val() & self.router.room.val();
            self.neurons[i].d.next = self.cores[i].spike_neuron.val();
            self.words_low[i].d.next = self.cores[i].read_low.val();
            self.words_high[i].d.next = self.cores[i].read_high.val();
            self.captures[i].d.next = self.cores[i].captured.val();
            self.done[i].d.next = self.cores[i].done.val();
            self.cores[i].spike_taken.next = self.router.room.val();
            self.ledger.event_added[i].next = self.cores[i].event_added.val();
            self.ledger.second_event_added[i].next = self.cores[i].second_event_added.val();
            self.ledger.turned[i].next = self.cores[i].turned.val();
            self.ledger.spiked[i].next = self.cores[i].spiked.val();
            self.ledger.loaded[i].next = self.cores[i].loaded.val();
            self.ledger.core_busy[i].next = self.cores[i].busy.val();
        }
        for i in 1..self._cores {
            if self.spikes[i].q.val() {
                self.spikes[i - 1].d.next = true;
                self.neurons[i - 1].d.next = self.neurons[i].q.val();
                self.cores[i - 1].spike_taken.next = false;
            }
            self.words_low[i - 1].d.next = self.cores[i - 1].read_low.val() | self.words_low[i].q.val();
            self.words_high[i - 1].d.next = self.cores[i - 1].read_high.val() | self.words_high[i].q.val();
            self.captures[i - 1].d.next = self.cores[i - 1].captured.val() | self.captures[i].q.val();
            self.done[i - 1].d.next = self.cores[i - 1].done.val() & self.done[i].q.val();
        }

        // Router.
        self.router.tick.next = bit_cast::<4, 15>(self.tick.q.val());
        self.router.spike_valid.next = self.spikes[0].q.val();
        self.router.spike_neuron.next = self.neurons[0].q.val();
        self.router.input_line.next = bit_cast::<12, 16>(self.input_line.val());
        self.router.host_ready.next = self.spike_ready.val();
        self.router.address.next = bit_cast::<12, 20>(self.number.val());
        self.router.address_input.next = self.is_input.q.val();
        self.router.write_route.next = self.write_route.q.val();
        self.router.write_all.next = self.sweep_memory.q.val();
        self.router.write_word.next = self.word_low.q.val();
        if self.sweep_memory.q.val() {
            self.router.address.next = bit_cast::<12, 11>(self.sweep_row.q.val());
            self.router.write_word.next = bits::<32>(0);
        }
        self.spike_valid.next = self.router.host_valid.val();
        self.spike_neuron.next = bit_cast::<15, 12>(self.router.host_neuron.val());

        // What is read: from the tables and the ledger after a while, from the cores meanwhile or in one clock.
        self.table_word.d.next = self.router.route_word.val();
        if self.is_counter.q.val() {
            self.table_word.d.next = bit_cast::<32, 24>(self.ledger.word.val());
        }
        self.sampling.d.next = self.state.q.val() == State::Read;
        if self.sampling.q.val() {
            if !self.is_membrane.q.val() | self.captures[0].q.val() {
                self.result_low.d.next = self.words_low[0].q.val();
                self.result_high.d.next = self.words_high[0].q.val();
            }
            if !self.is_core.q.val() {
                self.result_low.d.next = self.table_word.q.val();
            }
        }
        self.read_done.next = self.read_over.q.val();
        self.read_low.next = self.result_low.q.val();
        self.read_high.next = self.result_high.q.val();

        // Ledger.
        self.ledger.snapshot.next = self.snapshot.val();
        self.ledger.clear.next = self.clear_ledger.val();
        self.ledger.index.next = bit_cast::<9, 20>(self.number.val());
        self.ledger.tick_ended.next = self.finished.q.val();
        self.ledger.transfer.next = self.router.transfer.val();
        self.ledger.destinations.next = self.router.destinations.val();
        self.ledger.host_in.next = self.router.input_valid.val() & self.router.input_ready.val();
        self.ledger.host_out.next = self.router.host_valid.val() & self.spike_ready.val();
        self.ledger.stalled.next = self.router.host_valid.val() & !self.spike_ready.val();
        self.ledger.byte_in.next = self.byte_in.val();
        self.ledger.byte_out.next = self.byte_out.val();
        self.ledger.frame_refused.next = self.frame_refused.val();
        self.ledger.frame_resent.next = self.frame_resent.val();
    }
}
