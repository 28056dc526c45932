//! The whole array, as the link sees it.

use super::address_decoder::{AddressDecoder, AddressSpace};
use super::bus::{Command, CoreActivity, Event, SUMS_BITS, ToNext, ToPrevious, ValueAccess};
use super::core::READ_LATENCY;
use super::core_slot::CoreSlot;
use super::ledger::Ledger;
use super::optional::Optional;
use super::router::Router;
use nernst_spec::link::message::{RESET_LEDGER, RESET_MEMORY, RESET_STATE};
use nernst_spec::timing::{TURN_OVERHEAD, UNIT_LATENCY};
use nernst_spec::{ArrayConfig, CoreConfig};
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::DffInit;

const _: () = assert!(RESET_STATE == 1 && RESET_LEDGER == 2 && RESET_MEMORY == 4, "bits that the kernel tests");

/// What the array does: one bit is set.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct ArrayState {
    pub idle: Bit,
    /// A tick is to be run: input spikes settle first.
    pub settle: Bit,
    pub start: Bit,
    pub run: Bit,
    /// The tick is over, and the budget pays for it.
    pub account: Bit,
    /// A reset is to be done: input spikes settle first.
    pub settle_reset: Bit,
    pub reset: Bit,
    /// The ledger is still at it.
    pub end_reset: Bit,
    /// A word is read: the neuron's ring and place in it are found, then the word is on its way.
    pub divide: Bit,
    pub subtract: Bit,
    pub fetch: Bit,
    pub read: Bit,
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
/// | `tick_start`, `tick_busy`, `tick_number` | pulse: runs a tick; busy from the clock after until every spike of it is delivered and, with a budget, paid for. The number is that of the tick that runs, or would run next |
/// | `spike_valid`, `spike_neuron`, `spike_ready` | neurons that fired and that the host wants to hear, taken when both are high |
/// | `used_up` | the [budget](super::budget) was used up when the last tick ended: no more spikes and ticks, please |
/// | `reset_start`, `reset_flags`, `reset_busy` | pulse: clears what the flags of [`nernst_spec::link::message`] name; busy from the clock after |
/// | `snapshot` | pulse: copies all counters at once; not `idle`, and no input taken, until it is done |
/// | `byte_in`, `byte_out`, `frame_refused`, `frame_resent` | pulses that the ledger counts |
/// | `values`, `value` | between ticks: the value of an input line, kept for whoever makes spikes of it; 5 clocks after the line, or after the last input spike. A reset of memory sets all to 0 |
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
    pub input_line: Signal<In, Bits<12>>,
    pub input_ready: Signal<Out, Bit>,
    pub tick_start: Signal<In, Bit>,
    pub tick_busy: Signal<Out, Bit>,
    pub tick_number: Signal<Out, Bits<15>>,
    pub used_up: Signal<Out, Bit>,
    pub spike_valid: Signal<Out, Bit>,
    pub spike_neuron: Signal<Out, Bits<12>>,
    pub spike_ready: Signal<In, Bit>,
    pub reset_start: Signal<In, Bit>,
    pub reset_flags: Signal<In, Bits<3>>,
    pub reset_busy: Signal<Out, Bit>,
    pub snapshot: Signal<In, Bit>,
    pub byte_in: Signal<In, Bit>,
    pub byte_out: Signal<In, Bit>,
    pub frame_refused: Signal<In, Bit>,
    pub frame_resent: Signal<In, Bit>,
    pub values: Signal<In, ValueAccess>,
    pub value: Signal<Out, Bits<8>>,
    pub idle: Signal<Out, Bit>,

    address_decoder: AddressDecoder,
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

    state: DffInit<ArrayState>,
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
    taken_apart: DFF<Bit>,
    read_ended: DFF<Bit>,
    settled: DFF<Bit>,
    ledger_busy: DFF<Bit>,
    /// Settled, and the ledger is not busy.
    at_rest: DFF<Bit>,
    // A write, or a sweep of zeros.
    write_now: DFF<Bit>,
    write_core: DFF<Bit>,
    write_route: DFF<Bit>,
    write_budget: DFF<Bit>,
    stopped: DFF<Bit>,
    bus_waits: DFF<Bit>,
    ticking: DFF<Bit>,
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

    is: Signal<Local, ArrayState>,
    at: Signal<Local, AddressSpace>,
    number: Signal<Local, Bits<20>>,
    inputs_settled: Signal<Local, Bit>,
    begin_reset: Signal<Local, Bit>,
    sweep_over: Signal<Local, Bit>,
    apart: Signal<Local, Bit>,
    copying: Signal<Local, Bit>,
    found: Signal<Local, Bit>,
    start: Signal<Local, Bit>,
    zero: Signal<Local, Bit>,
    fetch: Signal<Local, Bit>,
    clear_ledger: Signal<Local, Bit>,
    account: Signal<Local, Bit>,
    tick_over: Signal<Local, Bit>,
    activity: Signal<Local, CoreActivity>,
    selecting: Signal<Local, Bit>,
    core_unit: Signal<Local, Bits<6>>,
    core_row: Signal<Local, Bits<10>>,
    core_space: Signal<Local, Bits<2>>,

    /// Clocks until the cores have begun what they were told and that is known here; until the last event is in its slot.
    begin_clocks: Constant<Bits<6>>,
    settle_clocks: Constant<Bits<6>>,
    read_clocks: Constant<Bits<11>>,
    turn_clocks: Constant<Bits<11>>,
    // Nobody is before the first core, nor behind the last one.
    nothing_to_next: Optional<Constant<ToNext>>,
    nothing_to_previous: Optional<Constant<ToPrevious>>,
    no_sums: Optional<Constant<Bits<SUMS_BITS>>>,
    _cores: usize,
    /// The cores, where some can be chained.
    _chain_cores: usize,
}

impl Array {
    /// An array of this shape.
    pub fn new(config: &ArrayConfig) -> Self {
        let cores = config.cores.len();
        let hops = cores as u64;
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
            used_up: Default::default(),
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
            values: Default::default(),
            value: Default::default(),
            idle: Default::default(),
            address_decoder: AddressDecoder::new(config),
            cores: (0..cores).map(|number| CoreSlot::new(config, number)).collect(),
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
            state: DffInit::new(ArrayState { idle: true, ..ArrayState::default() }),
            count: Default::default(),
            tick: Default::default(),
            finished: Default::default(),
            flags: Default::default(),
            beginning: Default::default(),
            settling: Default::default(),
            accepted: Default::default(),
            inputs_left: Default::default(),
            swept: Default::default(),
            taken_apart: Default::default(),
            read_ended: Default::default(),
            ledger_busy: Default::default(),
            at_rest: Default::default(),
            write_now: Default::default(),
            write_core: Default::default(),
            write_route: Default::default(),
            write_budget: Default::default(),
            stopped: Default::default(),
            bus_waits: Default::default(),
            ticking: Default::default(),
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
            remainder: Default::default(),
            is: Default::default(),
            at: Default::default(),
            number: Default::default(),
            inputs_settled: Default::default(),
            begin_reset: Default::default(),
            sweep_over: Default::default(),
            apart: Default::default(),
            copying: Default::default(),
            found: Default::default(),
            start: Default::default(),
            zero: Default::default(),
            fetch: Default::default(),
            clear_ledger: Default::default(),
            account: Default::default(),
            tick_over: Default::default(),
            activity: Default::default(),
            settled: Default::default(),
            selecting: Default::default(),
            under_way: Default::default(),
            core_unit: Default::default(),
            core_row: Default::default(),
            core_space: Default::default(),
            begin_clocks: Constant::new((2 * hops + 6).into()),
            settle_clocks: Constant::new((hops + 5).into()),
            read_clocks: Constant::new(read_clocks.into()),
            turn_clocks: Constant::new((read_clocks + longest + UNIT_LATENCY + TURN_OVERHEAD + 1).into()),
            nothing_to_next: Optional::new(Constant::new(ToNext::default()), config.has_chains()),
            nothing_to_previous: Optional::new(Constant::new(ToPrevious::default()), config.has_chains()),
            no_sums: Optional::new(Constant::new(0u64.into()), config.has_chains()),
            _cores: cores,
            _chain_cores: if config.has_chains() { cores } else { 0 },
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
            taken_apart,
            read_ended,
            settled,
            ledger_busy,
            at_rest,
            write_now,
            write_core,
            write_route,
            write_budget,
            stopped,
            bus_waits,
            ticking,
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
        clock!(self, clock, address_decoder, router, ledger);

        self.address_decoder.address.next = self.address.val();
        self.address_exists.next = self.address_decoder.exists.val();
        self.address_writable.next = self.address_decoder.writable.val();
        self.at.next = self.address_decoder.is.val();
        self.number.next = self.address_decoder.number.val();

        // Control.
        self.is.next = self.state.q.val();
        // Between ticks only input spikes are in the router.
        self.under_way.d.next = (!self.router.idle.val() & self.is.val().run) | !self.done[0].q.val();
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
        // All rows of 512, or all words of the routes' block RAMs; a clock later than the count says so.
        self.swept.d.next = (self.count.q.val().get_bits::<9>(0) == 510)
            & ((self.count.q.val().get_bits::<2>(9) == 3) | !self.flags.q.val().get_bit(2));
        // One step for every ring before the neuron's: the difference, whether it was one too many, what follows.
        self.remainder.d.next = self.place.q.val() - self.address_decoder.ring.val();
        self.farther.d.next = self.at.val().membranes & !self.remainder.q.val().get_bit(12);
        self.subtracted.d.next = self.is.val().subtract & !self.subtracted.q.val() & !self.judged.q.val();
        self.judged.d.next = self.is.val().subtract & self.subtracted.q.val();
        // Clocks enough for the address to be taken apart, and for the copy of the counters that was asked for.
        self.copying.next = self.at.val().ledger & self.ledger_busy.q.val();
        self.taken_apart.d.next = (self.count.q.val() == 3) & !self.copying.val();
        // A clock later than the count says so.
        self.read_ended.d.next = self.is.val().read
            & ((!self.at.val().membranes & (self.count.q.val() == self.read_clocks.val()))
                | (self.count.q.val() == self.turn_clocks.val()));
        self.finished.d.next = self.is.val().run & self.settled.q.val() & !self.finished.q.val();

        // What follows.
        self.inputs_settled.next = self.at_rest.q.val() & self.inputs_left.q.val();
        self.begin_reset.next = self.is.val().settle_reset & self.inputs_settled.val();
        self.sweep_over.next = self.is.val().reset
            & (self.swept.q.val() | (!self.flags.q.val().get_bit(0) & !self.flags.q.val().get_bit(2)));
        self.apart.next = self.taken_apart.q.val() & !self.copying.val();
        self.tick_over.next = self.is.val().run & self.finished.q.val();
        self.account.next = self.tick_over.val() & self.ledger.armed.val();
        self.found.next = self.is.val().subtract & self.judged.q.val() & !self.farther.q.val();
        self.state.d.next.idle =
            (self.is.val().idle & !self.tick_start.val() & !self.reset_start.val() & !self.read.val())
                | (self.tick_over.val() & !self.ledger.armed.val())
                | (self.is.val().account & self.at_rest.q.val())
                | (self.is.val().end_reset & self.at_rest.q.val())
                | (self.is.val().read & self.read_ended.q.val());
        self.state.d.next.settle =
            (self.is.val().idle & self.tick_start.val()) | (self.is.val().settle & !self.inputs_settled.val());
        self.state.d.next.start = self.is.val().settle & self.inputs_settled.val();
        self.state.d.next.run = self.is.val().start | (self.is.val().run & !self.finished.q.val());
        self.state.d.next.account = self.account.val() | (self.is.val().account & !self.at_rest.q.val());
        self.state.d.next.settle_reset =
            (self.is.val().idle & self.reset_start.val()) | (self.is.val().settle_reset & !self.inputs_settled.val());
        self.state.d.next.reset = self.begin_reset.val() | (self.is.val().reset & !self.sweep_over.val());
        self.state.d.next.end_reset = self.sweep_over.val() | (self.is.val().end_reset & !self.at_rest.q.val());
        self.state.d.next.divide = (self.is.val().idle & self.read.val()) | (self.is.val().divide & !self.apart.val());
        self.state.d.next.subtract =
            (self.is.val().divide & self.apart.val()) | (self.is.val().subtract & !self.found.val());
        self.state.d.next.fetch = self.found.val();
        self.state.d.next.read = self.is.val().fetch | (self.is.val().read & !self.read_ended.q.val());

        self.count.d.next = bits::<11>(0);
        if self.is.val().reset | self.is.val().read | (self.is.val().divide & !self.copying.val()) {
            self.count.d.next = self.count.q.val() + 1;
        }
        if self.is.val().idle {
            self.quotient.d.next = bits::<6>(0);
            self.flags.d.next = self.reset_flags.val();
        }
        if self.is.val().divide {
            self.place.d.next = bit_cast::<13, 20>(self.number.val());
        }
        if self.is.val().subtract & self.judged.q.val() & self.farther.q.val() {
            self.place.d.next = self.remainder.q.val();
            self.quotient.d.next = self.quotient.q.val() + 1;
        }
        if self.finished.q.val() {
            self.tick.d.next = self.tick.q.val() + 1;
        }
        if self.begin_reset.val() & self.flags.q.val().get_bit(0) {
            self.tick.d.next = bits::<15>(0);
        }
        // Until what is begun here shows.
        if self.is.val().start
            | self.begin_reset.val()
            | self.sweep_over.val()
            | self.is.val().fetch
            | self.account.val()
        {
            self.beginning.d.next = self.begin_clocks.val();
            self.settled.d.next = false;
            self.at_rest.d.next = false;
        }

        self.start.next = self.is.val().start;
        self.zero.next = self.begin_reset.val() & self.flags.q.val().get_bit(0);
        self.clear_ledger.next = self.begin_reset.val() & self.flags.q.val().get_bit(1);
        self.sweep_slots.d.next = self.is.val().reset & self.flags.q.val().get_bit(0);
        self.sweep_memory.d.next = self.is.val().reset & self.flags.q.val().get_bit(2);
        self.fetch.next = self.is.val().fetch;
        self.selecting.next = self.is.val().fetch | self.is.val().read;
        self.read_over.d.next = self.is.val().read & self.read_ended.q.val();
        self.tick_busy.next = self.is.val().settle | self.is.val().start | self.is.val().run | self.is.val().account;
        self.reset_busy.next = self.is.val().settle_reset | self.is.val().reset | self.is.val().end_reset;
        self.idle.next = self.is.val().idle & self.inputs_settled.val();
        self.router.input_valid.next = self.is.val().idle & self.input_valid.val() & !self.ledger_busy.q.val();
        self.input_ready.next = self.is.val().idle & self.router.input_ready.val() & !self.ledger_busy.q.val();
        self.tick_number.next = self.tick.q.val();
        if self.is.val().account & self.at_rest.q.val() {
            self.stopped.d.next = self.ledger.used_up.val();
        }
        if self.write_budget.q.val() | self.sweep_memory.q.val() {
            self.stopped.d.next = false;
        }
        self.used_up.next = self.stopped.q.val();

        // What the cores are told: the host's word, or zeros while the memory is cleared.
        self.write_now.d.next = self.write.val();
        self.word_low.d.next = self.write_low.val();
        self.word_high.d.next = self.write_high.val();
        self.write_core.d.next =
            self.write_now.q.val() & self.address_decoder.exists.val() & (self.at.val().rows | self.at.val().settings);
        self.write_route.d.next =
            self.write_now.q.val() & self.address_decoder.exists.val() & (self.at.val().routes | self.at.val().inputs);
        self.write_budget.d.next = self.write_now.q.val() & self.address_decoder.exists.val() & self.at.val().budget;
        self.sweep_row.d.next = self.count.q.val();
        self.low.d.next = self.word_low.q.val();
        self.high.d.next = self.word_high.q.val();
        self.core_unit.next = bit_cast::<6, 10>(self.address_decoder.unit.val());
        self.core_row.next = self.address_decoder.row.val();
        self.core_space.next = bits::<2>(0);
        if self.at.val().parameters {
            self.core_space.next = bits::<2>(1);
        }
        if self.at.val().settings {
            self.core_space.next = bits::<2>(3);
        }
        if self.at.val().membranes {
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
        self.command.d.next.fetch = self.fetch.val() & self.at.val().of_core;
        self.command.d.next.select = self.selecting.val() & self.at.val().of_core;
        self.command.d.next.space = self.core_space.val();
        self.command.d.next.core = bit_cast::<4, 8>(self.address_decoder.core.val());
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
        self.bus_waits.d.next = false;
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
            self.activity.next = self.cores[i].activity.val();
            self.ledger.activity[i].next = self.activity.val();
            if self.activity.val().waiting {
                self.bus_waits.d.next = true;
            }
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

        // Neighbours, which may be of one chain.
        for i in 0..self._chain_cores {
            self.cores[i].from_previous.next = self.nothing_to_next.val();
            self.cores[i].from_next.next = self.nothing_to_previous.val();
            self.cores[i].sums_in.next = self.no_sums.val();
        }
        for i in 1..self._chain_cores {
            self.cores[i].from_previous.next = self.cores[i - 1].to_next.val();
            self.cores[i - 1].from_next.next = self.cores[i].to_previous.val();
            self.cores[i].sums_in.next = self.cores[i - 1].sums_out.val();
        }

        // Router.
        self.router.tick.next = bit_cast::<4, 15>(self.tick.q.val());
        self.router.spike_valid.next = self.spikes[0].q.val();
        self.router.spike_neuron.next = self.neurons[0].q.val();
        self.router.input_line.next = self.input_line.val();
        self.router.host_ready.next = self.spike_ready.val();
        self.router.address.next = bit_cast::<12, 20>(self.number.val());
        self.router.address_input.next = self.at.val().inputs;
        self.router.write_route.next = self.write_route.q.val();
        self.router.write_all.next = self.sweep_memory.q.val();
        self.router.write_word.next = self.word_low.q.val();
        if self.sweep_memory.q.val() {
            self.router.address.next = bit_cast::<12, 11>(self.sweep_row.q.val());
            self.router.write_word.next = bits::<32>(0);
        }
        self.router.values.next = self.values.val();
        self.value.next = bit_cast::<8, 32>(self.router.route_word.val());
        self.spike_valid.next = self.router.host_valid.val();
        self.spike_neuron.next = self.router.host_neuron.val();

        // What is read: from the tables and the ledger after a while, from the cores meanwhile or in one clock.
        self.table_word.d.next = self.router.route_word.val();
        if self.at.val().ledger {
            self.table_word.d.next = bit_cast::<32, 24>(self.ledger.word.val());
        }
        if self.at.val().budget {
            self.table_word.d.next = bit_cast::<32, 25>(self.ledger.budget_word.val());
        }
        self.sampling.d.next = self.is.val().read;
        if self.sampling.q.val() {
            if !self.at.val().membranes | self.captures[0].q.val() {
                self.result_low.d.next = self.words_low[0].q.val();
                self.result_high.d.next = self.words_high[0].q.val();
            }
            if !self.at.val().of_core {
                self.result_low.d.next = self.table_word.q.val();
            }
        }
        self.read_done.next = self.read_over.q.val();
        self.read_low.next = self.result_low.q.val();
        self.read_high.next = self.result_high.q.val();

        // Ledger.
        self.ledger.snapshot.next = self.snapshot.val();
        self.ledger.clear.next = self.clear_ledger.val();
        self.ledger.account.next = self.account.val();
        self.ledger.disarm.next = self.sweep_memory.q.val();
        self.ledger.write_budget.next = self.write_budget.q.val();
        self.ledger.write_word.next = bit_cast::<25, 32>(self.word_low.q.val());
        self.ledger.bus_waits.next = self.bus_waits.q.val();
        self.ticking.d.next = self.is.val().settle | self.is.val().start | self.is.val().run;
        self.ledger.ticking.next = self.ticking.q.val();
        self.ledger.index.next = bit_cast::<9, 20>(self.number.val());
        self.ledger.tick_ended.next = self.finished.q.val();
        self.ledger.transfer.next = self.router.transfer.val();
        self.ledger.destinations.next = self.router.destinations.val();
        self.ledger.host_in.next = self.router.input_valid.val() & self.router.input_ready.val();
        self.ledger.host_out.next = self.router.host_valid.val() & self.spike_ready.val();
        self.ledger.host_stalled.next = self.router.host_valid.val() & !self.spike_ready.val();
        self.ledger.byte_in.next = self.byte_in.val();
        self.ledger.byte_out.next = self.byte_out.val();
        self.ledger.frame_refused.next = self.frame_refused.val();
        self.ledger.frame_resent.next = self.frame_resent.val();
    }
}
