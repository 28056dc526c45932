//! A core: tiles that hear the same axons.

use super::bus::{Command, Event};
use super::delay::Delay;
use super::ring::Ring;
use super::scheduler::Scheduler;
use super::spike_queue::SpikeQueue;
use nernst_spec::CoreConfig;
use nernst_spec::context::MAX_CONTEXTS;
use nernst_spec::timing::{TURN_OVERHEAD, UNIT_LATENCY, load_clocks};
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::cast::unsigned_cast_ext;
use rust_hdl_bsp_ecp5::primitives::Rom;

/// What a core is doing.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum State {
    Idle,
    /// Whether the next context has anything to do.
    Choose,
    /// It has not.
    Pass,
    /// It is brought into the lanes.
    Load,
    /// The scheduler walks the due slot, or the context's part of it.
    Walk,
    /// The rings turn.
    Turn,
    /// The last spikes leave.
    Emit,
}

/// Clocks from a command to the word that it selects at `read_low` and `read_high`, except for a membrane.
pub const READ_LATENCY: usize = 7;
/// Clocks from the clock in which the rings are told a place to that in which its membrane is at `read_low`.
const CAPTURE: usize = 14;

/// Rings that share the axons of one bank or two, a scheduler for each bank, and the control of a tick.
///
/// **Tick.** A `start` begins the tick whose events are in its slot. The core walks the slot, that of both banks at once, and every ring
/// adds the rows of its events; it then turns its rings once, unless there was no event and every membrane is 0; the array numbers of the
/// neurons that fire leave while the rings turn, on `spike_neuron` with `spike_valid` and `spike_taken`. `done` is low from the
/// clock after `start` until all of them are out. Clocks: [`nernst_spec::timing`].
///
/// **Contexts.** Loaded with several ([`nernst_spec::context`]), the core goes through them in every tick, the first one first: it looks whether one
/// has an event or a membrane other than 0, brings it into the lanes, walks its part of the slot, and turns, which writes it back; or passes it
/// over. `loaded` pulses for each that is brought in.
///
/// **Events.** An event for this core sets its axon in its slot, at any time. One on an axon that it does not have is nothing to it.
///
/// **Memory**, while the core is idle. A `write` to this core writes the word that is at `write_low` and `write_high` with it. A
/// `fetch` reads a row; what is selected is at `read_low` and `read_high` [`READ_LATENCY`] clocks later and stays, and what is not
/// is 0 there. To read a membrane the rings turn, which changes nothing, and `captured` tells the one clock in which it is there,
/// at most ring + 17 clocks after the `fetch`.
///
/// ```text
/// clock       _/~\_/~\_   ..   _/~\_/~\_   ..   _/~\_/~\_/~\_
/// start       _/~~~\________________________________________
/// state       -----< Walk         >< Turn            >< Emit >< Idle
/// event       _____________/~~..~~\_________________________
/// spike_valid ___________________________/~~~\_/~\______
///             Walk: 11 + events and empty groups, Turn: ring + 11 clocks
///
/// state       -< Choose >< Load >< Walk >< Turn >< Emit >< Choose >< Pass >< Emit >< Idle     two contexts, the second has nothing to do
///             Choose: 2 clocks, the first 4, Load: 2 ring + 4, Walk: 9 + events and empty groups, Pass: 1 + groups
/// ```
#[derive(LogicBlock)]
pub struct Core<const LANES: usize, const BITS: usize, const W: usize> {
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
    /// For the ledger: an event of the first or the second bank is added, the rings have turned in a tick, a spike leaves, clocks of walk and turn.
    pub event_added: Signal<Out, Bit>,
    pub second_event_added: Signal<Out, Bit>,
    pub turned: Signal<Out, Bit>,
    pub spiked: Signal<Out, Bit>,
    pub loaded: Signal<Out, Bit>,
    pub busy: Signal<Out, Bit>,

    scheduler: Scheduler,
    /// That of the second bank, where there is one.
    second_scheduler: Vec<Scheduler>,
    rings: Vec<Ring<LANES, BITS, W>>,
    queue: SpikeQueue,
    captured_line: Delay<CAPTURE>,
    /// Where the state of a place lies: bits 5..0 and 11..6 the end of the rows of its membrane and its parameters, 14..12 its tile.
    state_rows: Rom<15, 5>,

    // Events from the bus.
    set_now: DFF<Bit>,
    second_set_now: Vec<DFF<Bit>>,
    set_slot: DFF<Bits<4>>,
    set_axon: DFF<Bits<9>>,
    // A command for this core, and its word one clock later still, when the rings know whether it is theirs.
    unit: DFF<Bits<6>>,
    row: DFF<Bits<9>>,
    second: DFF<Bit>,
    slot: DFF<Bits<4>>,
    write_weights: DFF<Bit>,
    write_parameters: DFF<Bit>,
    write_all: DFF<Bit>,
    clear_slots: DFF<Bit>,
    fetch_row: DFF<Bit>,
    select_tile: DFF<Bit>,
    select_parameters: DFF<Bit>,
    select_membrane: DFF<Bit>,
    low: DFF<Bits<32>>,
    high: DFF<Bits<4>>,
    late_row: DFF<Bits<9>>,
    late_low: DFF<Bits<32>>,
    late_high: DFF<Bits<4>>,
    // What is read.
    out_low: DFF<Bits<32>>,
    out_high: DFF<Bits<4>>,
    // Control.
    state: DFF<State>,
    count: DFF<Bits<6>>,
    place: DFF<Bits<5>>,
    // What the rings are told, a clock ahead.
    shift: DFF<Bit>,
    valid: DFF<Bit>,
    hold: DFF<Bit>,
    holding: DFF<Bit>,
    zeroing: DFF<Bit>,
    events_seen: DFF<Bit>,
    /// There was an event, or some membrane is not 0.
    awake: DFF<Bit>,
    turn_over: DFF<Bit>,
    resting: DFF<Bit>,
    queue_idle: DFF<Bit>,
    // Contexts: binary logarithm of their number, the present one and the last group of its axons, which have a membrane other than 0.
    contexts: DFF<Bits<2>>,
    present: DFF<Bits<3>>,
    last_group: DFF<Bits<3>>,
    in_tick: DFF<Bit>,
    has_turned: DFF<Bit>,
    nonzero_contexts: [DFF<Bit>; MAX_CONTEXTS],
    was_nonzero: DFF<Bit>,
    select_contexts: DFF<Bit>,
    // The state of a place on its way: its tile, that of the clock before, and whether it is written.
    state_place: DFF<Bits<5>>,
    state_tile: DFF<Bits<3>>,
    tile_before: DFF<Bits<3>>,
    storing: DFF<Bit>,
    /// A context is brought in; that, or one is written back.
    load: DFF<Bit>,
    swap: DFF<Bit>,
    load_over: DFF<Bit>,
    choice_over: DFF<Bit>,
    load_parameters: DFF<Bit>,
    /// The row that is cleared holds membranes that rest.
    zero_row: DFF<Bit>,

    many: Signal<Local, Bit>,
    groups: Signal<Local, Bits<3>>,
    last_context: Signal<Local, Bits<3>>,
    wanted_contexts: Signal<Local, Bits<2>>,
    state_row: Signal<Local, Bits<6>>,
    store: Signal<Local, Bits<3>>,
    open: Signal<Local, Bits<3>>,
    passed: Signal<Local, Bit>,
    hearers: Signal<Local, Bits<16>>,
    hears: Signal<Local, Bit>,
    axon: Signal<Local, Bits<10>>,
    whole_row: Signal<Local, Bits<10>>,
    second_event: Signal<Local, Bit>,
    second_row: Signal<Local, Bits<9>>,
    second_walking: Signal<Local, Bit>,
    mine: Signal<Local, Bit>,
    turn_start: Signal<Local, Bit>,
    ring_place: Signal<Local, Bits<5>>,
    fetched: Signal<Local, Bit>,
    fetched_row: Signal<Local, Bits<9>>,
    nonzero: Signal<Local, Bit>,
    fired: Signal<Local, Bits<16>>,
    fired_valid: Signal<Local, Bit>,
    gathered_low: Signal<Local, Bits<32>>,
    gathered_high: Signal<Local, Bits<4>>,

    most_contexts: Constant<Bits<2>>,
    first_state_row: Constant<Bits<6>>,
    first_parameter_row: Constant<Bits<6>>,
    load_reads: Constant<Bits<6>>,
    load_shifts: Constant<Bits<6>>,
    before_load_last: Constant<Bits<6>>,
    all_tiles: Constant<Bits<3>>,
    number: Constant<Bits<4>>,
    last_place: Constant<Bits<5>>,
    last_valid: Constant<Bits<6>>,
    last_shift: Constant<Bits<6>>,
    before_last_clock: Constant<Bits<6>>,
    _rings: usize,
    /// 1 where there is a second bank.
    _second: usize,
}

impl<const LANES: usize, const BITS: usize, const W: usize> Core<LANES, BITS, W> {
    /// Core `number` of an array, of this shape, whose first neuron has this number in the array.
    ///
    /// # Panics
    /// When the precision or the membrane of the configuration is not that of the type.
    pub fn new(config: &CoreConfig, number: usize, first_neuron: usize) -> Self {
        let bits = config.weight_bits;
        assert_eq!((bits.lanes(), bits.bits(), config.membrane_bits()), (LANES, BITS, W), "kind of the core");
        let second = config.banks - 1;
        let ring = config.ring() as u64;
        let lanes = config.lanes() as u64;
        let state_rows: Vec<u64> = (0..ring)
            .map(|place| {
                let (tile, membrane) = (place / lanes, 64 - 2 * lanes + place % lanes);
                membrane | (membrane + lanes) << 6 | 1 << (12 + tile)
            })
            .collect();
        let clocks = |clocks: u64| Constant::new(clocks.into());
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
            event_added: Default::default(),
            second_event_added: Default::default(),
            turned: Default::default(),
            spiked: Default::default(),
            loaded: Default::default(),
            busy: Default::default(),
            scheduler: Default::default(),
            second_scheduler: (0..second).map(|_| Default::default()).collect(),
            rings: (0..config.units()).map(|ring| Ring::new(ring, config.tiles_per_unit, config.banks)).collect(),
            queue: SpikeQueue::new(config, first_neuron),
            captured_line: Default::default(),
            // A ring has at most 27 places.
            state_rows: Rom::new(&state_rows).expect("places of a ring"),
            set_now: Default::default(),
            second_set_now: (0..second).map(|_| Default::default()).collect(),
            set_slot: Default::default(),
            set_axon: Default::default(),
            unit: Default::default(),
            row: Default::default(),
            second: Default::default(),
            slot: Default::default(),
            write_weights: Default::default(),
            write_parameters: Default::default(),
            write_all: Default::default(),
            clear_slots: Default::default(),
            fetch_row: Default::default(),
            select_tile: Default::default(),
            select_parameters: Default::default(),
            select_membrane: Default::default(),
            low: Default::default(),
            high: Default::default(),
            late_row: Default::default(),
            late_low: Default::default(),
            late_high: Default::default(),
            out_low: Default::default(),
            out_high: Default::default(),
            state: Default::default(),
            count: Default::default(),
            place: Default::default(),
            holding: Default::default(),
            zeroing: Default::default(),
            events_seen: Default::default(),
            awake: Default::default(),
            turn_over: Default::default(),
            resting: Default::default(),
            queue_idle: Default::default(),
            contexts: Default::default(),
            present: Default::default(),
            last_group: Default::default(),
            in_tick: Default::default(),
            has_turned: Default::default(),
            nonzero_contexts: std::array::from_fn(|_| Default::default()),
            was_nonzero: Default::default(),
            select_contexts: Default::default(),
            state_place: Default::default(),
            state_tile: Default::default(),
            tile_before: Default::default(),
            storing: Default::default(),
            load_over: Default::default(),
            choice_over: Default::default(),
            many: Default::default(),
            groups: Default::default(),
            last_context: Default::default(),
            wanted_contexts: Default::default(),
            load: Default::default(),
            swap: Default::default(),
            load_parameters: Default::default(),
            state_row: Default::default(),
            zero_row: Default::default(),
            store: Default::default(),
            open: Default::default(),
            passed: Default::default(),
            hearers: Default::default(),
            hears: Default::default(),
            axon: Default::default(),
            whole_row: Default::default(),
            second_event: Default::default(),
            second_row: Default::default(),
            second_walking: Default::default(),
            mine: Default::default(),
            hold: Default::default(),
            shift: Default::default(),
            valid: Default::default(),
            turn_start: Default::default(),
            ring_place: Default::default(),
            fetched: Default::default(),
            fetched_row: Default::default(),
            nonzero: Default::default(),
            fired: Default::default(),
            fired_valid: Default::default(),
            gathered_low: Default::default(),
            gathered_high: Default::default(),
            most_contexts: Constant::new(u64::from(config.contexts.log2()).into()),
            first_state_row: Constant::new((64 - 2 * lanes).into()),
            first_parameter_row: Constant::new((64 - lanes).into()),
            load_reads: clocks(2 * ring),
            load_shifts: clocks(2 * ring + 2),
            before_load_last: clocks(load_clocks(config) - 2),
            all_tiles: Constant::new(((1u64 << config.tiles_per_unit) - 1).into()),
            number: Constant::new((number as u64).into()),
            last_place: Constant::new((ring - 1).into()),
            last_valid: clocks(ring - 1),
            last_shift: clocks(ring + UNIT_LATENCY - 1),
            before_last_clock: clocks(ring + UNIT_LATENCY + TURN_OVERHEAD - 2),
            _rings: config.units(),
            _second: second,
        }
    }
}

impl<const LANES: usize, const BITS: usize, const W: usize> Logic for Core<LANES, BITS, W> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            set_now,
            set_slot,
            set_axon,
            unit,
            row,
            second,
            slot,
            write_weights,
            write_parameters,
            write_all,
            clear_slots,
            fetch_row,
            select_tile,
            select_parameters,
            select_membrane,
            low,
            high,
            late_row,
            late_low,
            late_high,
            out_low,
            out_high,
            state,
            count,
            place,
            shift,
            valid,
            hold,
            holding,
            zeroing,
            events_seen,
            awake,
            turn_over,
            resting,
            queue_idle,
            contexts,
            present,
            last_group,
            in_tick,
            has_turned,
            was_nonzero,
            select_contexts,
            state_tile,
            state_place,
            tile_before,
            storing,
            load,
            swap,
            load_over,
            choice_over,
            load_parameters,
            zero_row
        );
        clock!(self, clock, scheduler, queue, captured_line);

        // Contexts: several, groups of each less one, the last one's number.
        self.many.next = self.contexts.q.val() != 0;
        self.groups.next = bits::<3>(7) >> self.contexts.q.val();
        self.last_context.next = !(bits::<3>(7) << self.contexts.q.val());

        // Events into the scheduler.
        self.hearers.next = self.delivery.val().cores;
        self.axon.next = self.delivery.val().axon;
        self.hears.next = self.delivery.val().valid & self.hearers.val().get_bit(self.number.val().index());
        self.set_now.d.next = self.hears.val() & !self.axon.val().get_bit(9);
        self.set_slot.d.next = self.delivery.val().slot;
        self.set_axon.d.next = bit_cast::<9, 10>(self.axon.val());
        self.scheduler.set.next = self.set_now.q.val();
        self.scheduler.set_slot.next = self.set_slot.q.val();
        self.scheduler.set_axon.next = self.set_axon.q.val();

        // A command, taken apart.
        self.mine.next = self.command.val().core == self.number.val();
        self.unit.d.next = self.command.val().unit;
        self.whole_row.next = self.command.val().row;
        self.row.d.next = bit_cast::<9, 10>(self.whole_row.val());
        self.second.d.next = self.whole_row.val().get_bit(9);
        self.write_all.d.next = self.command.val().write & self.command.val().all;
        self.write_weights.d.next = self.command.val().write & self.mine.val() & (self.command.val().space == 0);
        self.write_parameters.d.next = self.command.val().write & self.mine.val() & (self.command.val().space == 1);
        self.clear_slots.d.next = self.command.val().clear;
        // While slots are cleared the membranes that rest are, too.
        self.zero_row.d.next = self.command.val().clear
            & self.many.val()
            & ((self.whole_row.val().get_bits::<3>(6) & self.groups.val()) == self.groups.val())
            & (self.whole_row.val().get_bits::<6>(0) >= self.first_state_row.val())
            & (self.whole_row.val().get_bits::<6>(0) < self.first_parameter_row.val());
        self.fetch_row.d.next = self.command.val().fetch & self.mine.val() & (self.command.val().space == 0);
        self.hold.d.next = self.command.val().fetch & self.mine.val() & (self.command.val().space == 2);
        self.select_tile.d.next = self.command.val().select & self.mine.val() & (self.command.val().space == 0);
        self.select_parameters.d.next = self.command.val().select & self.mine.val() & (self.command.val().space == 1);
        self.select_membrane.d.next = self.command.val().select & self.mine.val() & (self.command.val().space == 2);
        self.low.d.next = self.write_low.val();
        self.high.d.next = self.write_high.val();
        self.late_row.d.next = self.row.q.val();
        self.wanted_contexts.next = bit_cast::<2, 32>(self.write_low.val());
        if self.wanted_contexts.val() >= self.most_contexts.val() {
            self.wanted_contexts.next = self.most_contexts.val();
        }
        if self.command.val().write & self.mine.val() & (self.command.val().space == 3) {
            self.contexts.d.next = self.wanted_contexts.val();
        }
        // Cleared with the memory.
        if self.command.val().write & self.command.val().all {
            self.contexts.d.next = bits::<2>(0);
        }
        self.select_contexts.d.next = self.command.val().select & self.mine.val() & (self.command.val().space == 3);
        self.late_low.d.next = self.low.q.val();
        self.late_high.d.next = self.high.q.val();
        self.scheduler.clear.next = self.clear_slots.q.val();
        self.scheduler.clear_address.next = self.row.q.val();
        self.scheduler.start.next = self.command.val().start;
        self.scheduler.slot.next = self.slot.q.val();
        self.scheduler.contexts.next = self.contexts.q.val();
        // On with the walk: a context has come, or has nothing to do.
        self.scheduler.resume.next = (self.load.q.val() & self.load_over.q.val())
            | (self.choice_over.q.val() & !self.scheduler.some.val() & !self.was_nonzero.q.val());

        // The second bank, which has no contexts: its scheduler does what the first one does, with its own events.
        self.second_event.next = false;
        self.second_row.next = bits::<9>(0);
        self.second_walking.next = false;
        for i in 0..self._second {
            self.second_set_now[i].clock.next = self.clock.val();
            self.second_set_now[i].d.next = self.hears.val() & self.axon.val().get_bit(9);
            self.second_scheduler[i].clock.next = self.clock.val();
            self.second_scheduler[i].set.next = self.second_set_now[i].q.val();
            self.second_scheduler[i].set_slot.next = self.set_slot.q.val();
            self.second_scheduler[i].set_axon.next = self.set_axon.q.val();
            self.second_scheduler[i].clear.next = self.clear_slots.q.val();
            self.second_scheduler[i].clear_address.next = self.row.q.val();
            self.second_scheduler[i].start.next = self.scheduler.start.val();
            self.second_scheduler[i].slot.next = self.slot.q.val();
            self.second_scheduler[i].contexts.next = self.contexts.q.val();
            self.second_scheduler[i].resume.next = false;
            self.second_event.next = self.second_scheduler[i].event_valid.val();
            self.second_row.next = self.second_scheduler[i].event_axon.val();
            self.second_walking.next = self.second_scheduler[i].walking.val();
        }

        // Nothing of a context comes or goes.
        self.load.d.next = false;
        self.swap.d.next = false;
        self.load_parameters.d.next = false;
        self.choice_over.d.next = false;
        self.passed.next = false;
        self.loaded.next = false;
        self.storing.d.next = false;

        // A tick.
        self.queue_idle.d.next = self.queue.idle.val();
        self.turn_start.next = false;
        self.shift.d.next = false;
        self.valid.d.next = false;
        self.turned.next = false;
        self.busy.next = false;
        self.done.next = false;
        self.ring_place.next = bit_cast::<5, 9>(self.row.q.val());
        self.nonzero.next = false;
        for i in 0..self._rings {
            self.nonzero.next = self.nonzero.val() | self.rings[i].nonzero.val();
        }
        if self.scheduler.event_valid.val() | self.second_event.val() {
            self.events_seen.d.next = true;
        }
        self.awake.d.next = self.events_seen.q.val() | self.was_nonzero.q.val();
        self.turn_over.d.next = self.count.q.val() == self.before_last_clock.val();
        self.load_over.d.next = self.count.q.val() == self.before_load_last.val();
        // What is written back lies 11 clocks behind its place, one of them in this register.
        self.state_place.d.next = self.place.q.val() + 10;
        self.resting.d.next = false;
        match self.state.q.val() {
            State::Idle => {
                self.done.next = true;
                self.resting.d.next = true;
                self.count.d.next = bits::<6>(0);
                self.place.d.next = self.last_place.val();
                self.holding.d.next = self.hold.q.val();
                self.zeroing.d.next = self.command.val().zero;
                self.events_seen.d.next = false;
                self.has_turned.d.next = false;
                self.in_tick.d.next = self.command.val().start;
                self.present.d.next = bits::<3>(0);
                self.last_group.d.next = self.groups.val();
                if self.command.val().start {
                    self.slot.d.next = self.command.val().slot;
                    self.state.d.next = State::Walk;
                    if self.many.val() {
                        self.state.d.next = State::Choose;
                    }
                }
                if self.hold.q.val() | self.command.val().zero {
                    self.shift.d.next = true;
                    self.valid.d.next = true;
                    self.state.d.next = State::Turn;
                }
            }
            State::Choose => {
                self.busy.next = true;
                self.events_seen.d.next = false;
                self.has_turned.d.next = false;
                self.count.d.next = self.count.q.val() + 1;
                self.choice_over.d.next = self.count.q.val() == 2;
                if self.choice_over.q.val() {
                    self.count.d.next = bits::<6>(0);
                    self.place.d.next = self.last_place.val();
                    self.state_place.d.next = self.last_place.val();
                    if self.scheduler.some.val() | self.was_nonzero.q.val() {
                        self.load.d.next = self.many.val();
                        self.swap.d.next = self.many.val();
                        self.state.d.next = State::Load;
                    } else {
                        self.state.d.next = State::Pass;
                    }
                }
            }
            State::Pass => {
                self.busy.next = true;
                if !self.scheduler.passing.val() {
                    self.state.d.next = State::Emit;
                }
            }
            State::Load => {
                self.busy.next = true;
                self.load.d.next = self.many.val();
                self.swap.d.next = self.many.val();
                self.shift.d.next = !self.count.q.val().get_bit(0)
                    & (self.count.q.val() != 0)
                    & (self.count.q.val() < self.load_shifts.val());
                self.load_parameters.d.next = !self.count.q.val().get_bit(0) & (self.count.q.val() > 3);
                self.count.d.next = self.count.q.val() + 1;
                self.state_place.d.next = self.place.q.val();
                if self.count.q.val().get_bit(0) {
                    self.place.d.next = self.place.q.val() - 1;
                    self.state_place.d.next = self.place.q.val() - 1;
                }
                if self.load_over.q.val() {
                    self.loaded.next = true;
                    self.count.d.next = bits::<6>(0);
                    self.place.d.next = self.last_place.val();
                    self.load.d.next = false;
                    self.swap.d.next = false;
                    self.state.d.next = State::Walk;
                }
            }
            State::Walk => {
                self.busy.next = true;
                if !self.scheduler.walking.val() & !self.second_walking.val() {
                    self.state.d.next = State::Emit;
                    if self.awake.q.val() {
                        self.swap.d.next = self.many.val();
                        self.shift.d.next = true;
                        self.valid.d.next = true;
                        self.state.d.next = State::Turn;
                    }
                }
            }
            State::Turn => {
                self.busy.next = !self.holding.q.val() & !self.zeroing.q.val();
                self.turn_start.next = self.count.q.val() == 0;
                self.shift.d.next = self.count.q.val() < self.last_shift.val();
                self.valid.d.next = self.count.q.val() < self.last_valid.val();
                self.swap.d.next = self.swap.q.val();
                self.storing.d.next = self.swap.q.val() & (self.count.q.val() > 10);
                self.has_turned.d.next = self.in_tick.q.val();
                self.ring_place.next = self.place.q.val();
                self.place.d.next = self.place.q.val() - 1;
                self.count.d.next = self.count.q.val() + 1;
                if self.turn_over.q.val() {
                    self.turned.next = !self.holding.q.val() & !self.zeroing.q.val();
                    self.swap.d.next = false;
                    self.state.d.next = State::Emit;
                }
            }
            State::Emit => {
                if self.queue_idle.q.val() {
                    self.passed.next = self.has_turned.q.val();
                    self.state.d.next = State::Idle;
                    if self.many.val() & self.in_tick.q.val() & (self.present.q.val() != self.last_context.val()) {
                        self.present.d.next = self.present.q.val() + 1;
                        self.last_group.d.next = self.last_group.q.val() + self.groups.val() + 1;
                        self.count.d.next = bits::<6>(2);
                        self.state.d.next = State::Choose;
                    }
                }
            }
            _ => {
                self.state.d.next = State::Idle;
            }
        }
        self.event_added.next = self.scheduler.event_valid.val();
        self.second_event_added.next = self.second_event.val();

        // Which contexts have a membrane other than 0: what the rings said when the present one had turned.
        self.was_nonzero.d.next = false;
        for i in 0..MAX_CONTEXTS {
            self.nonzero_contexts[i].clock.next = self.clock.val();
            self.nonzero_contexts[i].d.next = self.nonzero_contexts[i].q.val();
            if self.present.q.val() == i.to_bits() {
                if self.passed.val() {
                    self.nonzero_contexts[i].d.next = self.nonzero.val();
                }
                if self.nonzero_contexts[i].q.val() {
                    self.was_nonzero.d.next = true;
                }
            }
            if self.command.val().zero {
                self.nonzero_contexts[i].d.next = false;
            }
        }

        // State that comes, a row in each clock, or goes. Its row takes the way of a command's.
        self.state_rows.address.next = self.state_place.q.val();
        if self.load.q.val() {
            self.late_row.d.next = bit_cast::<9, 5>(self.place.q.val() + 2);
        }
        self.state_row.next = self.state_rows.data.val().get_bits::<6>(0);
        if self.load.q.val() & self.count.q.val().get_bit(0) {
            self.state_row.next = self.state_rows.data.val().get_bits::<6>(6);
        }
        self.state_tile.d.next = self.state_rows.data.val().get_bits::<3>(12);
        self.tile_before.d.next = self.state_tile.q.val();
        if self.swap.q.val() {
            self.row.d.next = (bit_cast::<9, 3>(self.last_group.q.val()) << 6) | bit_cast::<9, 6>(self.state_row.val());
        }
        if self.load.q.val() & (self.count.q.val() < self.load_reads.val()) {
            self.fetch_row.d.next = true;
        }
        self.open.next = bits::<3>(0);
        if self.load.q.val() {
            self.open.next = self.state_tile.q.val() | self.tile_before.q.val();
        }
        self.store.next = bits::<3>(0);
        if self.storing.q.val() {
            self.store.next = self.state_tile.q.val();
        }
        if self.zero_row.q.val() {
            self.store.next = self.all_tiles.val();
        }

        // Rings.
        self.fetched.next = self.scheduler.event_valid.val() | self.fetch_row.q.val();
        self.fetched_row.next = self.scheduler.event_axon.val();
        if self.fetch_row.q.val() {
            self.fetched_row.next = self.row.q.val();
            self.second_row.next = self.row.q.val();
        }
        self.fired.next = bits::<16>(0);
        self.fired_valid.next = false;
        self.gathered_low.next = bits::<32>(0);
        self.gathered_high.next = bits::<4>(0);
        for i in 0..self._rings {
            self.rings[i].clock.next = self.clock.val();
            self.rings[i].read.next = self.fetched.val();
            self.rings[i].integrate.next = self.scheduler.event_valid.val();
            self.rings[i].row.next = self.fetched_row.val();
            self.rings[i].second_read.next = self.second_event.val() | self.fetch_row.q.val();
            self.rings[i].second_integrate.next = self.second_event.val();
            self.rings[i].second_row.next = self.second_row.val();
            self.rings[i].second.next = self.second.q.val();
            self.rings[i].turn_start.next = self.turn_start.val();
            self.rings[i].shift.next = self.shift.q.val();
            self.rings[i].valid.next = self.valid.q.val();
            self.rings[i].place.next = self.ring_place.val();
            self.rings[i].hold.next = self.holding.q.val();
            self.rings[i].zero.next = self.zeroing.q.val();
            self.rings[i].unit.next = self.unit.q.val();
            self.rings[i].write.next = self.write_weights.q.val();
            self.rings[i].write_parameters.next = self.write_parameters.q.val();
            self.rings[i].write_all.next = self.write_all.q.val();
            self.rings[i].write_row.next = self.late_row.q.val();
            self.rings[i].write_low.next = self.late_low.q.val();
            self.rings[i].write_high.next = self.late_high.q.val();
            self.rings[i].resting.next = self.resting.q.val();
            self.rings[i].swap.next = self.swap.q.val();
            self.rings[i].load.next = self.load.q.val();
            self.rings[i].load_parameters.next = self.load_parameters.q.val();
            self.rings[i].open.next = self.open.val();
            self.rings[i].store.next = self.store.val();
            self.rings[i].select_tile.next = self.select_tile.q.val();
            self.rings[i].select_parameters.next = self.select_parameters.q.val();
            self.rings[i].select_membrane.next = self.select_membrane.q.val();
            self.fired.next =
                self.fired.val() | (unsigned_cast_ext::<16, 1>(self.rings[i].spike.val().into()) << i.to_bits::<4>());
            self.fired_valid.next = self.rings[i].spike_valid.val();
            self.gathered_low.next = self.gathered_low.val() | self.rings[i].read_low.val();
            self.gathered_high.next = self.gathered_high.val() | self.rings[i].read_high.val();
        }
        if self.select_contexts.q.val() {
            self.gathered_low.next = self.gathered_low.val() | bit_cast::<32, 2>(self.contexts.q.val());
        }
        self.out_low.d.next = self.gathered_low.val();
        self.out_high.d.next = self.gathered_high.val();
        self.read_low.next = self.out_low.q.val();
        self.read_high.next = self.out_high.q.val();
        self.captured_line.d.next =
            self.valid.q.val() & self.holding.q.val() & (self.place.q.val() == bit_cast::<5, 9>(self.row.q.val()));
        self.captured.next = self.captured_line.q.val();

        // Spikes.
        self.queue.present.next = self.present.q.val();
        self.queue.turn_start.next = self.turn_start.val();
        self.queue.fired_valid.next = self.fired_valid.val();
        self.queue.fired.next = self.fired.val();
        self.queue.taken.next = self.spike_taken.val();
        self.spike_valid.next = self.queue.valid.val();
        self.spike_neuron.next = self.queue.neuron.val();
        self.spiked.next = self.queue.spiked.val();
    }
}
