//! The whole array, as the link sees it.

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
const _: () = assert!(Space::ALL.len() == 6, "spaces that the kernel tells apart");

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
    /// A word is read: the neuron's ring is found, then the word is on its way.
    Divide,
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
/// | `address`, `address_exists`, `address_writable` | an address of [`nernst_spec::memory`], and from the second clock after it changed whether it has a word, and one that may be written |
/// | `write`, `write_low`, `write_high` | pulse: writes a word at `address`, which must stay for 4 clocks |
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

    state: DFF<State>,
    count: DFF<Bits<9>>,
    tick: DFF<Bits<15>>,
    finished: DFF<Bit>,
    flags: DFF<Bits<3>>,
    // The address taken apart, and the limits that it is held against.
    limit: DFF<Bits<13>>,
    row_limit: DFF<Bits<10>>,
    rows: DFF<Bit>,
    known: DFF<Bit>,
    may_write: DFF<Bit>,
    exists: DFF<Bit>,
    writable: DFF<Bit>,
    ring: DFF<Bits<13>>,
    // A write.
    write_now: DFF<Bit>,
    low: DFF<Bits<32>>,
    high: DFF<Bits<4>>,
    // A read. A membrane's neuron number becomes ring and place by subtracting.
    place: DFF<Bits<13>>,
    quotient: DFF<Bits<6>>,
    done: DFF<Bit>,
    result_low: DFF<Bits<32>>,
    result_high: DFF<Bits<4>>,

    space: Signal<Local, Bits<4>>,
    core: Signal<Local, Bits<8>>,
    unit: Signal<Local, Bits<10>>,
    row: Signal<Local, Bits<10>>,
    number: Signal<Local, Bits<20>>,
    in_rows: Signal<Local, Bit>,
    is_weight: Signal<Local, Bit>,
    is_parameter: Signal<Local, Bit>,
    is_route: Signal<Local, Bit>,
    is_input: Signal<Local, Bit>,
    is_membrane: Signal<Local, Bit>,
    is_counter: Signal<Local, Bit>,
    start: Signal<Local, Bit>,
    clear_ledger: Signal<Local, Bit>,
    settled: Signal<Local, Bit>,
    hold_start: Signal<Local, Bit>,
    zero_start: Signal<Local, Bit>,
    fetch: Signal<Local, Bit>,
    clearing_slots: Signal<Local, Bit>,
    clearing_memory: Signal<Local, Bit>,
    selecting: Signal<Local, Bit>,
    sample: Signal<Local, Bit>,
    captured: Signal<Local, Bit>,
    cores_done: Signal<Local, Bit>,
    core_unit: Signal<Local, Bits<6>>,
    core_row: Signal<Local, Bits<9>>,
    data_low: Signal<Local, Bits<32>>,
    data_high: Signal<Local, Bits<4>>,
    gathered_low: Signal<Local, Bits<32>>,
    gathered_high: Signal<Local, Bits<4>>,

    routes: Constant<Bits<13>>,
    inputs: Constant<Bits<13>>,
    words: Constant<Bits<13>>,
    read_clocks: Constant<Bits<9>>,
    core_tiles: Vec<Constant<Bits<13>>>,
    core_units: Vec<Constant<Bits<13>>>,
    core_neurons: Vec<Constant<Bits<13>>>,
    core_ring: Vec<Constant<Bits<13>>>,
    core_ring_rows: Vec<Constant<Bits<10>>>,
    _cores: usize,
}

impl Array {
    /// An array of this shape.
    pub fn new(config: &ArrayConfig) -> Self {
        let cores = config.cores.iter().enumerate();
        let each = |value: fn(&CoreConfig) -> usize| -> Vec<_> {
            config.cores.iter().map(|core| Constant::new((value(core) as u64).into())).collect()
        };
        let longest = config.cores.iter().map(CoreConfig::ring).max().unwrap_or_default() as u64;
        // From the start of a turn to the last membrane, and the registers between array, core, ring and back.
        let read_clocks = longest + UNIT_LATENCY + TURN_OVERHEAD + 6;
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
            state: Default::default(),
            count: Default::default(),
            tick: Default::default(),
            finished: Default::default(),
            flags: Default::default(),
            clear_ledger: Default::default(),
            limit: Default::default(),
            row_limit: Default::default(),
            rows: Default::default(),
            known: Default::default(),
            may_write: Default::default(),
            exists: Default::default(),
            writable: Default::default(),
            ring: Default::default(),
            write_now: Default::default(),
            low: Default::default(),
            high: Default::default(),
            place: Default::default(),
            quotient: Default::default(),
            done: Default::default(),
            result_low: Default::default(),
            result_high: Default::default(),
            space: Default::default(),
            core: Default::default(),
            unit: Default::default(),
            row: Default::default(),
            number: Default::default(),
            in_rows: Default::default(),
            is_weight: Default::default(),
            is_parameter: Default::default(),
            is_route: Default::default(),
            is_input: Default::default(),
            is_membrane: Default::default(),
            is_counter: Default::default(),
            start: Default::default(),
            settled: Default::default(),
            hold_start: Default::default(),
            zero_start: Default::default(),
            fetch: Default::default(),
            clearing_slots: Default::default(),
            clearing_memory: Default::default(),
            selecting: Default::default(),
            sample: Default::default(),
            captured: Default::default(),
            cores_done: Default::default(),
            core_unit: Default::default(),
            core_row: Default::default(),
            data_low: Default::default(),
            data_high: Default::default(),
            gathered_low: Default::default(),
            gathered_high: Default::default(),
            cores: cores.map(|(i, core)| CoreSlot::new(core, config.first_neuron(i))).collect(),
            router: Router::new(config.cores.len(), config.neurons(), config.inputs),
            ledger: Ledger::new(config),
            routes: Constant::new((config.neurons() as u64).into()),
            inputs: Constant::new((config.inputs as u64).into()),
            words: Constant::new((words(config.cores.len()) as u64).into()),
            read_clocks: Constant::new(read_clocks.into()),
            core_tiles: each(|core| core.tiles),
            core_units: each(CoreConfig::units),
            core_neurons: each(CoreConfig::neurons),
            core_ring: each(CoreConfig::ring),
            core_ring_rows: config.cores.iter().map(|core| Constant::new((core.ring() as u64).into())).collect(),
            _cores: config.cores.len(),
        }
    }
}

impl Logic for Array {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            state,
            count,
            tick,
            finished,
            flags,
            limit,
            row_limit,
            rows,
            known,
            may_write,
            exists,
            writable,
            ring,
            write_now,
            low,
            high,
            place,
            quotient,
            done,
            result_low,
            result_high
        );
        clock!(self, clock, router, ledger);

        // The address, taken apart.
        self.space.next = self.address.val().get_bits::<4>(28);
        self.core.next = self.address.val().get_bits::<8>(20);
        self.unit.next = self.address.val().get_bits::<10>(10);
        self.row.next = bit_cast::<10, 32>(self.address.val());
        self.number.next = bit_cast::<20, 32>(self.address.val());
        self.is_weight.next = self.space.val() == 0;
        self.is_parameter.next = self.space.val() == 1;
        self.is_route.next = self.space.val() == 2;
        self.is_input.next = self.space.val() == 3;
        self.is_membrane.next = self.space.val() == 4;
        self.is_counter.next = self.space.val() == 5;

        // First clock after a change: its limits.
        self.known.d.next =
            (self.is_route.val() | self.is_input.val() | self.is_counter.val()) & !self.core.val().any();
        self.rows.d.next = self.is_weight.val() | self.is_parameter.val();
        self.may_write.d.next = !self.is_membrane.val() & !self.is_counter.val();
        self.row_limit.d.next = bits::<10>(512);
        self.limit.d.next = self.routes.val();
        self.ring.d.next = bits::<13>(1);
        if self.is_input.val() {
            self.limit.d.next = self.inputs.val();
        }
        if self.is_counter.val() {
            self.limit.d.next = self.words.val();
        }
        for i in 0..self._cores {
            if self.core.val() == i.to_bits() {
                self.ring.d.next = self.core_ring[i].val();
                if self.is_weight.val() {
                    self.known.d.next = true;
                    self.limit.d.next = self.core_tiles[i].val();
                }
                if self.is_parameter.val() {
                    self.known.d.next = true;
                    self.limit.d.next = self.core_units[i].val();
                    self.row_limit.d.next = self.core_ring_rows[i].val();
                }
                if self.is_membrane.val() {
                    self.known.d.next = true;
                    self.limit.d.next = self.core_neurons[i].val();
                }
            }
        }
        // Second clock: the verdict.
        self.in_rows.next =
            (bit_cast::<13, 10>(self.unit.val()) < self.limit.q.val()) & (self.row.val() < self.row_limit.q.val());
        if !self.rows.q.val() {
            self.in_rows.next = self.number.val() < bit_cast::<20, 13>(self.limit.q.val());
        }
        self.exists.d.next = self.known.q.val() & self.in_rows.val();
        self.writable.d.next = self.known.q.val() & self.in_rows.val() & self.may_write.q.val();
        self.address_exists.next = self.exists.q.val();
        self.address_writable.next = self.writable.q.val();

        // Control.
        self.cores_done.next = true;
        self.captured.next = false;
        for i in 0..self._cores {
            self.captured.next = self.captured.val() | self.cores[i].captured.val();
            self.cores_done.next = self.cores_done.val() & self.cores[i].done.val();
        }
        self.settled.next = self.cores_done.val() & self.router.idle.val() & !self.ledger.busy.val();
        self.start.next = false;
        self.hold_start.next = false;
        self.zero_start.next = false;
        self.fetch.next = false;
        self.clearing_slots.next = false;
        self.clearing_memory.next = false;
        self.selecting.next = false;
        self.tick_busy.next = false;
        self.reset_busy.next = false;
        self.idle.next = false;
        self.finished.d.next = false;
        self.clear_ledger.next = false;
        self.sample.next = false;
        self.done.d.next = false;
        self.router.input_valid.next = false;
        self.input_ready.next = false;
        match self.state.q.val() {
            State::Idle => {
                self.idle.next = self.settled.val();
                self.router.input_valid.next = self.input_valid.val() & !self.ledger.busy.val();
                self.input_ready.next = self.router.input_ready.val() & !self.ledger.busy.val();
                self.count.d.next = bits::<9>(0);
                self.quotient.d.next = bits::<6>(0);
                self.place.d.next = bit_cast::<13, 20>(self.number.val());
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
                if self.settled.val() {
                    self.state.d.next = State::Start;
                }
            }
            State::Start => {
                self.tick_busy.next = true;
                self.start.next = true;
                self.state.d.next = State::Run;
            }
            State::Run => {
                self.tick_busy.next = true;
                self.finished.d.next = self.settled.val() & !self.finished.q.val();
                if self.finished.q.val() {
                    self.tick.d.next = self.tick.q.val() + 1;
                    self.state.d.next = State::Idle;
                }
            }
            State::SettleReset => {
                self.reset_busy.next = true;
                if self.settled.val() {
                    self.clear_ledger.next = self.flags.q.val().get_bit(1);
                    self.zero_start.next = self.flags.q.val().get_bit(0);
                    self.state.d.next = State::Reset;
                    if self.flags.q.val().get_bit(0) {
                        self.tick.d.next = bits::<15>(0);
                    }
                }
            }
            State::Reset => {
                self.reset_busy.next = true;
                self.clearing_slots.next = self.flags.q.val().get_bit(0);
                self.clearing_memory.next = self.flags.q.val().get_bit(2);
                self.count.d.next = self.count.q.val() + 1;
                if (self.count.q.val() == 511) | (!self.flags.q.val().get_bit(0) & !self.flags.q.val().get_bit(2)) {
                    self.state.d.next = State::EndReset;
                }
            }
            State::EndReset => {
                self.reset_busy.next = true;
                if self.settled.val() {
                    self.state.d.next = State::Idle;
                }
            }
            State::Divide => {
                // Clocks enough for the address to be taken apart, then one for every ring before the neuron's.
                self.count.d.next = self.count.q.val() + 1;
                if self.is_counter.val() & self.ledger.busy.val() {
                    // The copy that was asked for is not there yet.
                    self.count.d.next = bits::<9>(0);
                }
                if self.count.q.val() == 3 {
                    self.count.d.next = self.count.q.val();
                    if self.is_membrane.val() & (self.place.q.val() >= self.ring.q.val()) {
                        self.place.d.next = self.place.q.val() - self.ring.q.val();
                        self.quotient.d.next = self.quotient.q.val() + 1;
                    } else {
                        self.count.d.next = bits::<9>(0);
                        self.state.d.next = State::Fetch;
                    }
                }
            }
            State::Fetch => {
                self.selecting.next = true;
                self.fetch.next = true;
                self.hold_start.next = self.is_membrane.val();
                self.state.d.next = State::Read;
            }
            State::Read => {
                self.selecting.next = true;
                self.count.d.next = self.count.q.val() + 1;
                self.sample.next = self.captured.val();
                if (!self.is_membrane.val() & (self.count.q.val() == 10))
                    | (self.count.q.val() == self.read_clocks.val())
                {
                    self.sample.next = !self.is_membrane.val();
                    self.done.d.next = true;
                    self.state.d.next = State::Idle;
                }
            }
            _ => {
                self.state.d.next = State::Idle;
            }
        }
        self.tick_number.next = self.tick.q.val();

        // What is written: the host's word, or zeros while the memory is cleared.
        self.write_now.d.next = self.write.val();
        self.low.d.next = self.write_low.val();
        self.high.d.next = self.write_high.val();
        self.data_low.next = self.low.q.val();
        self.data_high.next = self.high.q.val();
        self.core_unit.next = bit_cast::<6, 10>(self.unit.val());
        self.core_row.next = bit_cast::<9, 10>(self.row.val());
        if self.is_membrane.val() {
            self.core_unit.next = self.quotient.q.val();
            self.core_row.next = bit_cast::<9, 13>(self.place.q.val());
        }
        if self.state.q.val() == State::Reset {
            self.data_low.next = bits::<32>(0);
            self.data_high.next = bits::<4>(0);
            self.core_row.next = self.count.q.val();
        }

        // Cores.
        self.gathered_low.next = bits::<32>(0);
        self.gathered_high.next = bits::<4>(0);
        for i in 0..self._cores {
            self.cores[i].clock.next = self.clock.val();
            self.cores[i].start.next = self.start.val();
            self.cores[i].slot.next = bit_cast::<4, 15>(self.tick.q.val());
            self.cores[i].set.next = self.router.event_valid.val() & self.router.event_cores.val().get_bit(i);
            self.cores[i].set_slot.next = self.router.event_slot.val();
            self.cores[i].set_axon.next = self.router.event_axon.val();
            self.cores[i].spike_ready.next = self.router.spike_ready[i].val();
            self.cores[i].unit.next = self.core_unit.val();
            self.cores[i].row.next = self.core_row.val();
            self.cores[i].write_low.next = self.data_low.val();
            self.cores[i].write_high.next = self.data_high.val();
            self.cores[i].write_all.next = self.clearing_memory.val();
            self.cores[i].clear_slots.next = self.clearing_slots.val();
            self.cores[i].zero_start.next = self.zero_start.val();
            self.cores[i].write_tile.next = false;
            self.cores[i].write_parameters.next = false;
            self.cores[i].read.next = false;
            self.cores[i].hold_start.next = false;
            self.cores[i].select_tile.next = false;
            self.cores[i].select_parameters.next = false;
            self.cores[i].select_membrane.next = false;
            if self.core.val() == i.to_bits() {
                self.cores[i].write_tile.next = self.write_now.q.val() & self.is_weight.val() & self.exists.q.val();
                self.cores[i].write_parameters.next =
                    self.write_now.q.val() & self.is_parameter.val() & self.exists.q.val();
                self.cores[i].read.next = self.fetch.val() & self.is_weight.val();
                self.cores[i].hold_start.next = self.hold_start.val();
                self.cores[i].select_tile.next = self.selecting.val() & self.is_weight.val();
                self.cores[i].select_parameters.next = self.selecting.val() & self.is_parameter.val();
                self.cores[i].select_membrane.next = self.selecting.val() & self.is_membrane.val();
            }
            self.gathered_low.next = self.gathered_low.val() | self.cores[i].read_low.val();
            self.gathered_high.next = self.gathered_high.val() | self.cores[i].read_high.val();
            self.router.spike_valid[i].next = self.cores[i].spike_valid.val();
            self.router.spike_neuron[i].next = self.cores[i].spike_neuron.val();
            self.ledger.event_added[i].next = self.cores[i].event_added.val();
            self.ledger.turned[i].next = self.cores[i].turned.val();
            self.ledger.spiked[i].next = self.cores[i].spiked.val();
            self.ledger.core_busy[i].next = self.cores[i].busy.val();
        }

        // Router.
        self.router.tick.next = bit_cast::<4, 15>(self.tick.q.val());
        self.router.input_line.next = bit_cast::<12, 16>(self.input_line.val());
        self.router.host_ready.next = self.spike_ready.val();
        self.router.address.next = bit_cast::<12, 20>(self.number.val());
        self.router.write_route.next = self.write_now.q.val() & self.is_route.val() & self.exists.q.val();
        self.router.write_input.next = self.write_now.q.val() & self.is_input.val() & self.exists.q.val();
        self.router.write_all.next = self.clearing_memory.val();
        self.router.write_word.next = self.data_low.val();
        if self.clearing_memory.val() {
            self.router.address.next = bit_cast::<12, 9>(self.count.q.val());
        }
        self.spike_valid.next = self.router.host_valid.val();
        self.spike_neuron.next = bit_cast::<15, 12>(self.router.host_neuron.val());

        // What is read.
        if self.is_route.val() {
            self.gathered_low.next = self.router.route_word.val();
        }
        if self.is_input.val() {
            self.gathered_low.next = self.router.input_word.val();
        }
        if self.is_counter.val() {
            self.gathered_low.next = bit_cast::<32, 24>(self.ledger.word.val());
        }
        if self.sample.val() {
            self.result_low.d.next = self.gathered_low.val();
            self.result_high.d.next = self.gathered_high.val();
        }
        self.read_done.next = self.done.q.val();
        self.read_low.next = self.result_low.q.val();
        self.read_high.next = self.result_high.q.val();

        // Ledger.
        self.ledger.snapshot.next = self.snapshot.val();
        self.ledger.clear.next = self.clear_ledger.val();
        self.ledger.index.next = bit_cast::<8, 20>(self.number.val());
        self.ledger.tick_ended.next = self.finished.q.val();
        self.ledger.transfer.next = self.router.event_valid.val();
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
