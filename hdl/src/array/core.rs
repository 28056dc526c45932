//! A core: tiles that hear the same axons.

use super::bus::{Command, CoreActivity, Event, SUM_BITS, SUMS_BITS, ToNext, ToPrevious};
use super::chain_link::ChainLink;
use super::context_flags::ContextFlags;
use super::delay::Delay;
use super::optional::Optional;
use super::ring::Ring;
use super::scheduler::Scheduler;
use super::spike_queue::SpikeQueue;
use super::state_rows::StateRows;
use nernst_spec::timing::{TURN_OVERHEAD, UNIT_LATENCY, load_clocks};
use nernst_spec::{ArrayConfig, Contexts};
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::cast::unsigned_cast_ext;
use rust_hdl_bsp_ecp5::primitives::DffInit;

/// What a core does: one bit is set.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct CoreState {
    pub idle: Bit,
    /// Whether the next context has anything to do.
    pub choose: Bit,
    /// It has not.
    pub pass: Bit,
    /// It is brought into the lanes.
    pub load: Bit,
    /// The scheduler walks the due slot, or the context's part of it.
    pub walk: Bit,
    /// The rings turn.
    pub turn: Bit,
    /// The last spikes leave.
    pub emit: Bit,
}

/// Clocks from a command to the word that it selects at `read_low` and `read_high`, except for a membrane.
pub const READ_LATENCY: usize = 7;
/// Clocks from the clock in which the rings are told a place to that in which its membrane is at `read_low`.
const CAPTURE: usize = 14;

/// Clocks from the clock in which the rings are told to add a row to that in which its number of weights is there.
const COUNT: usize = 3;

/// Rings that share the axons of one bank or two, a scheduler for each bank, and the control of a tick.
///
/// **Tick.** A `start` begins the tick whose events are in its slot. The core walks the slot, that of both banks at once, and every ring
/// adds the rows of its events; it then turns its rings once, unless there was no event and every membrane is 0; the array numbers of the
/// neurons that fire leave while the rings turn, on `spike_neuron` with `spike_valid` and `spike_taken`. `done` is low from the
/// clock after `start` until all of them are out. Clocks: [`nernst_spec::timing`].
///
/// **Contexts.** Loaded with several ([`nernst_spec::context`]), the core goes through them in every tick, the first one first: it looks whether one
/// has an event or a membrane other than 0, brings it into the lanes, walks its part of the slot, and turns, which writes it back; or passes it
/// over.
///
/// **Chains.** In a [chain](nernst_spec::chain) the core waits after its walk until all cores of the chain have walked; then they turn one after the
/// other, each two clocks after the one before, or none does. The sum of a ring in `sums_out` enters the same ring of the next core in its `sums_in`.
/// A core that cannot be chained has neither, nor what neighbours tell each other.
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
/// state       -----< walk         >< turn            >< emit >< idle
/// event       _____________/~~..~~\_________________________
/// spike_valid ___________________________/~~~\_/~\______
///             walk: 11 + events and empty groups, turn: ring + 11 clocks
///
/// state       -< choose >< load >< walk >< turn >< emit >< choose >< pass >< emit >< idle     two contexts, the second has nothing to do
///             choose: 2 clocks, the first 4, load: 2 ring + 4, walk: 9 + events and empty groups, pass: 1 + groups
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
    pub activity: Signal<Out, CoreActivity>,
    pub from_previous: Optional<Signal<In, ToNext>>,
    pub to_next: Optional<Signal<Out, ToNext>>,
    pub from_next: Optional<Signal<In, ToPrevious>>,
    pub to_previous: Optional<Signal<Out, ToPrevious>>,
    pub sums_in: Optional<Signal<In, Bits<SUMS_BITS>>>,
    pub sums_out: Optional<Signal<Out, Bits<SUMS_BITS>>>,

    scheduler: Scheduler,
    /// That of the second bank, where there is one.
    second_scheduler: Vec<Scheduler>,
    rings: Vec<Ring<LANES, BITS, W>>,
    queue: SpikeQueue,
    captured_line: Delay<CAPTURE>,
    context_flags: ContextFlags,
    state_rows: StateRows,
    link: Optional<ChainLink>,

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
    write_settings: DFF<Bit>,
    write_dense: DFF<Bit>,
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
    state: DffInit<CoreState>,
    count: DFF<Bits<6>>,
    place: DFF<Bits<5>>,
    // What the rings are told, a clock ahead.
    turn_start: DFF<Bit>,
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
    // Contexts: binary logarithm of their number, the present one and the last group of its axons.
    contexts: DFF<Bits<2>>,
    present: DFF<Bits<3>>,
    last_group: DFF<Bits<3>>,
    in_tick: DFF<Bit>,
    // The other settings, and what rows say of their weights.
    counting: DFF<Bit>,
    dense: DFF<Bits<32>>,
    counted_line: Delay<COUNT>,
    nonzero_added: DFF<Bits<8>>,
    waiting: DFF<Bit>,
    /// Another one follows in this tick.
    more: DFF<Bit>,
    has_turned: DFF<Bit>,
    select_settings: DFF<Bit>,
    select_dense: DFF<Bit>,
    /// State of the context is written back.
    storing: DFF<Bit>,
    /// A context is brought in; that, or one is written back.
    load: DFF<Bit>,
    swap: DFF<Bit>,
    load_over: DFF<Bit>,
    choice_over: DFF<Bit>,
    load_parameters: DFF<Bit>,
    /// The row that is cleared holds membranes that rest.
    zero_row: DFF<Bit>,

    is: Signal<Local, CoreState>,
    still: Signal<Local, Bit>,
    begin_turn: Signal<Local, Bit>,
    chosen: Signal<Local, Bit>,
    loading: Signal<Local, Bit>,
    wanted: Signal<Local, Bit>,
    rewind: Signal<Local, Bit>,
    next_context: Signal<Local, Bit>,
    many: Signal<Local, Bit>,
    groups: Signal<Local, Bits<3>>,
    last_context: Signal<Local, Bits<3>>,
    wanted_contexts: Signal<Local, Bits<2>>,
    passed: Signal<Local, Bit>,
    hearers: Signal<Local, Bits<16>>,
    hears: Signal<Local, Bit>,
    axon: Signal<Local, Bits<10>>,
    whole_row: Signal<Local, Bits<10>>,
    event_set: Signal<Local, Bit>,
    last_count: Signal<Local, Bits<8>>,
    second_event: Signal<Local, Bit>,
    second_row: Signal<Local, Bits<9>>,
    second_walking: Signal<Local, Bit>,
    mine: Signal<Local, Bit>,
    ring_place: Signal<Local, Bits<5>>,
    fetched: Signal<Local, Bit>,
    fetched_row: Signal<Local, Bits<9>>,
    nonzero: Signal<Local, Bit>,
    fired: Signal<Local, Bits<16>>,
    fired_valid: Signal<Local, Bit>,
    gathered_low: Signal<Local, Bits<32>>,
    gathered_high: Signal<Local, Bits<4>>,

    sums: Optional<Signal<Local, Bits<SUMS_BITS>>>,

    no_sums: Optional<Constant<Bits<SUMS_BITS>>>,
    /// Where the sum of each ring begins.
    sum_places: Vec<Constant<Bits<9>>>,
    most_contexts: Constant<Bits<2>>,
    /// A core that cannot have several contexts is never in their states: synthesis leaves them out.
    may_share: Constant<Bit>,
    may_count: Constant<Bit>,
    may_be_dense: Constant<Bits<32>>,
    first_state_row: Constant<Bits<6>>,
    first_parameter_row: Constant<Bits<6>>,
    load_reads: Constant<Bits<6>>,
    load_shifts: Constant<Bits<6>>,
    before_load_last: Constant<Bits<6>>,
    number: Constant<Bits<4>>,
    /// Bits in which tiles differ.
    unit_bits: Constant<Bits<6>>,
    last_place: Constant<Bits<5>>,
    last_valid: Constant<Bits<6>>,
    last_shift: Constant<Bits<6>>,
    before_last_clock: Constant<Bits<6>>,
    _rings: usize,
    /// 1 where there is a second bank.
    _second: usize,
    /// 1 where it can be chained, and the rings that then hand on and hear.
    _chain: usize,
    _chain_rings: usize,
}

impl<const LANES: usize, const BITS: usize, const W: usize> Core<LANES, BITS, W> {
    /// Core `number` of this array.
    ///
    /// # Panics
    /// When the precision or the membrane of the configuration is not that of the type.
    pub fn new(array: &ArrayConfig, number: usize) -> Self {
        let (config, first_neuron) = (&array.cores[number], array.first_neuron(number));
        let (chain, chain_rings) = (config.chain, if config.chain { config.units() } else { 0 });
        let bits = config.weight_bits;
        assert_eq!((bits.lanes(), bits.bits(), config.membrane_bits()), (LANES, BITS, W), "kind of the core");
        let second = config.banks - 1;
        let ring = config.ring() as u64;
        let lanes = config.lanes() as u64;
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
            activity: Default::default(),
            from_previous: Optional::there_if(chain),
            to_next: Optional::there_if(chain),
            from_next: Optional::there_if(chain),
            to_previous: Optional::there_if(chain),
            sums_in: Optional::there_if(chain),
            sums_out: Optional::there_if(chain),
            scheduler: Default::default(),
            second_scheduler: (0..second).map(|_| Default::default()).collect(),
            rings: (0..config.units()).map(|ring| Ring::new(ring, config)).collect(),
            queue: SpikeQueue::new(config, first_neuron),
            captured_line: Default::default(),
            context_flags: Default::default(),
            state_rows: StateRows::new(config),
            link: Optional::new(ChainLink::new(array, number), chain),
            set_now: Default::default(),
            second_set_now: (0..second).map(|_| Default::default()).collect(),
            set_slot: Default::default(),
            set_axon: Default::default(),
            unit: Default::default(),
            row: Default::default(),
            second: Default::default(),
            slot: Default::default(),
            write_weights: Default::default(),
            write_settings: Default::default(),
            write_dense: Default::default(),
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
            state: DffInit::new(CoreState { idle: true, ..CoreState::default() }),
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
            counting: Default::default(),
            dense: Default::default(),
            counted_line: Default::default(),
            nonzero_added: Default::default(),
            waiting: Default::default(),
            more: Default::default(),
            has_turned: Default::default(),
            select_settings: Default::default(),
            select_dense: Default::default(),
            storing: Default::default(),
            load_over: Default::default(),
            choice_over: Default::default(),
            is: Default::default(),
            still: Default::default(),
            begin_turn: Default::default(),
            chosen: Default::default(),
            loading: Default::default(),
            wanted: Default::default(),
            rewind: Default::default(),
            next_context: Default::default(),
            many: Default::default(),
            groups: Default::default(),
            last_context: Default::default(),
            wanted_contexts: Default::default(),
            load: Default::default(),
            swap: Default::default(),
            load_parameters: Default::default(),
            zero_row: Default::default(),
            passed: Default::default(),
            hearers: Default::default(),
            hears: Default::default(),
            axon: Default::default(),
            whole_row: Default::default(),
            event_set: Default::default(),
            last_count: Default::default(),
            second_event: Default::default(),
            second_row: Default::default(),
            second_walking: Default::default(),
            mine: Default::default(),
            hold: Default::default(),
            turn_start: Default::default(),
            shift: Default::default(),
            valid: Default::default(),
            ring_place: Default::default(),
            fetched: Default::default(),
            fetched_row: Default::default(),
            nonzero: Default::default(),
            fired: Default::default(),
            fired_valid: Default::default(),
            gathered_low: Default::default(),
            gathered_high: Default::default(),
            sums: Optional::there_if(chain),
            no_sums: Optional::new(Constant::new(0u64.into()), chain),
            sum_places: (0..chain_rings).map(|ring| Constant::new(((ring * SUM_BITS) as u64).into())).collect(),
            most_contexts: Constant::new(u64::from(config.contexts.log2()).into()),
            may_share: Constant::new(config.contexts > Contexts::ONE),
            may_count: Constant::new(config.banks == 1),
            may_be_dense: Constant::new((if config.banks == 1 { 0xffff_ffffu64 } else { 0 }).into()),
            first_state_row: Constant::new((64 - 2 * lanes).into()),
            first_parameter_row: Constant::new((64 - lanes).into()),
            load_reads: clocks(2 * ring),
            load_shifts: clocks(2 * ring + 2),
            before_load_last: clocks(load_clocks(config) - 2),
            number: Constant::new((number as u64).into()),
            unit_bits: Constant::new((config.tiles.next_power_of_two() as u64 - 1).into()),
            last_place: Constant::new((ring - 1).into()),
            last_valid: clocks(ring - 1),
            last_shift: clocks(ring + UNIT_LATENCY - 1),
            before_last_clock: clocks(ring + UNIT_LATENCY + TURN_OVERHEAD - 2),
            _rings: config.units(),
            _second: second,
            _chain: chain as usize,
            _chain_rings: chain_rings,
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
            write_settings,
            write_dense,
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
            turn_start,
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
            more,
            has_turned,
            select_settings,
            select_dense,
            counting,
            dense,
            nonzero_added,
            waiting,
            storing,
            load,
            swap,
            load_over,
            choice_over,
            load_parameters,
            zero_row
        );
        clock!(self, clock, scheduler, queue, captured_line, counted_line, context_flags, state_rows);

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
        self.unit.d.next = self.command.val().unit & self.unit_bits.val();
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
        // A clock later, from registers: they enable many flip-flops.
        self.write_settings.d.next = self.command.val().write
            & self.mine.val()
            & (self.command.val().space == 3)
            & !self.whole_row.val().get_bit(0);
        self.write_dense.d.next = self.command.val().write
            & self.mine.val()
            & (self.command.val().space == 3)
            & self.whole_row.val().get_bit(0);
        self.wanted_contexts.next = bit_cast::<2, 32>(self.low.q.val());
        if self.wanted_contexts.val() >= self.most_contexts.val() {
            self.wanted_contexts.next = self.most_contexts.val();
        }
        if self.write_dense.q.val() {
            self.dense.d.next = self.low.q.val() & self.may_be_dense.val();
        }
        if self.write_settings.q.val() {
            self.contexts.d.next = self.wanted_contexts.val();
            self.counting.d.next = self.low.q.val().get_bit(2) & self.may_count.val();
        }
        // Cleared with the memory.
        if self.write_all.q.val() {
            self.contexts.d.next = bits::<2>(0);
            self.counting.d.next = false;
            self.dense.d.next = bits::<32>(0);
        }
        self.select_settings.d.next = self.command.val().select
            & self.mine.val()
            & (self.command.val().space == 3)
            & !self.whole_row.val().get_bit(0);
        self.select_dense.d.next = self.command.val().select
            & self.mine.val()
            & (self.command.val().space == 3)
            & self.whole_row.val().get_bit(0);
        self.late_low.d.next = self.low.q.val();
        self.late_high.d.next = self.high.q.val();
        self.scheduler.clear.next = self.clear_slots.q.val();
        self.scheduler.clear_address.next = self.row.q.val();
        self.scheduler.start.next = self.command.val().start;
        self.scheduler.slot.next = self.slot.q.val();
        self.scheduler.contexts.next = self.contexts.q.val();
        self.scheduler.dense.next = self.dense.q.val();
        self.event_set.next = self.scheduler.event_valid.val() & self.scheduler.event_set.val();
        // On with the walk: a context has come, or has nothing to do.
        self.scheduler.resume.next = (self.load.q.val() & self.load_over.q.val())
            | (self.choice_over.q.val() & !self.scheduler.some.val() & !self.context_flags.awake.val());

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
            self.second_scheduler[i].dense.next = bits::<32>(0);
            self.second_scheduler[i].resume.next = false;
            self.second_event.next = self.second_scheduler[i].event_valid.val();
            self.second_row.next = self.second_scheduler[i].event_axon.val();
            self.second_walking.next = self.second_scheduler[i].walking.val();
        }

        // What follows. A word of the host's that is to be read, or zero, makes the rings turn outside a tick.
        self.is.next = self.state.q.val();
        self.queue_idle.d.next = self.queue.idle.val();
        self.awake.d.next = self.events_seen.q.val() | self.context_flags.awake.val();
        self.choice_over.d.next = self.is.val().choose & (self.count.q.val() == 2);
        self.load_over.d.next = self.count.q.val() == self.before_load_last.val();
        self.turn_over.d.next = self.count.q.val() == self.before_last_clock.val();
        self.more.d.next = self.many.val() & self.in_tick.q.val() & (self.present.q.val() != self.last_context.val());
        self.still.next = !self.command.val().start & !self.hold.q.val() & !self.command.val().zero;
        self.begin_turn.next = (self.is.val().idle & (self.hold.q.val() | self.command.val().zero))
            | (self.is.val().walk & !self.scheduler.walking.val() & !self.second_walking.val() & self.awake.q.val());
        // In a chain its cores meet when they have walked, and then turn or not.
        for _i in 0..self._chain {
            self.link.clock.next = self.clock.val();
            self.link.write.next = self.write_settings.q.val();
            self.link.wanted.next = self.low.q.val().get_bit(3) & (self.wanted_contexts.val() == 0);
            self.link.clear.next = self.write_all.q.val();
            self.link.many.next = self.many.val();
            self.link.in_tick.next = self.in_tick.q.val();
            self.link.over.next = self.is.val().walk & !self.scheduler.walking.val() & !self.link.alone.val();
            self.link.awake.next = self.awake.q.val();
            self.link.from_previous.next = self.from_previous.val();
            self.link.from_next.next = self.from_next.val();
            self.to_next.next = self.link.to_next.val();
            self.to_previous.next = self.link.to_previous.val();
            self.begin_turn.next = (self.is.val().idle & (self.hold.q.val() | self.command.val().zero))
                | (self.is.val().walk & !self.scheduler.walking.val() & self.awake.q.val() & self.link.alone.val())
                | self.link.turn.val();
        }
        self.chosen.next = self.is.val().choose & self.choice_over.q.val();
        self.wanted.next = self.scheduler.some.val() | self.context_flags.awake.val();
        self.next_context.next = self.is.val().emit & self.queue_idle.q.val() & self.more.q.val();
        self.state.d.next.idle = (self.is.val().idle & self.still.val())
            | (self.is.val().emit & self.queue_idle.q.val() & !self.more.q.val());
        self.state.d.next.choose = (self.is.val().idle & !self.still.val() & !self.begin_turn.val() & self.many.val())
            | (self.is.val().choose & !self.choice_over.q.val() & self.may_share.val())
            | self.next_context.val();
        self.state.d.next.pass = (self.chosen.val() & !self.wanted.val())
            | (self.is.val().pass & self.scheduler.passing.val() & self.may_share.val());
        self.state.d.next.load = (self.chosen.val() & self.wanted.val())
            | (self.is.val().load & !self.load_over.q.val() & self.may_share.val());
        self.state.d.next.walk = (self.is.val().idle & !self.still.val() & !self.begin_turn.val() & !self.many.val())
            | (self.is.val().load & self.load_over.q.val())
            | (self.is.val().walk & (self.scheduler.walking.val() | self.second_walking.val()));
        self.state.d.next.turn = self.begin_turn.val() | (self.is.val().turn & !self.turn_over.q.val());
        self.state.d.next.emit = (self.is.val().pass & !self.scheduler.passing.val())
            | (self.is.val().walk & !self.scheduler.walking.val() & !self.second_walking.val() & !self.awake.q.val())
            | (self.is.val().turn & self.turn_over.q.val())
            | (self.is.val().emit & !self.queue_idle.q.val());
        for _i in 0..self._chain {
            self.state.d.next.emit = (self.is.val().pass & !self.scheduler.passing.val())
                | (self.is.val().walk & !self.scheduler.walking.val() & !self.awake.q.val() & self.link.alone.val())
                | self.link.rest.val()
                | (self.is.val().turn & self.turn_over.q.val())
                | (self.is.val().emit & !self.queue_idle.q.val());
        }

        // What a tick, or a turn outside one, begins with.
        if self.is.val().idle {
            self.holding.d.next = self.hold.q.val();
            self.zeroing.d.next = self.command.val().zero;
            self.in_tick.d.next = self.command.val().start;
            self.present.d.next = bits::<3>(0);
            self.last_group.d.next = self.groups.val();
            if self.command.val().start {
                self.slot.d.next = self.command.val().slot;
            }
        }
        if self.next_context.val() {
            self.present.d.next = self.present.q.val() + 1;
            self.last_group.d.next = self.last_group.q.val() + self.groups.val() + 1;
        }
        self.nonzero.next = false;
        for i in 0..self._rings {
            self.nonzero.next = self.nonzero.val() | self.rings[i].nonzero.val();
        }
        if self.scheduler.event_valid.val() | self.second_event.val() {
            self.events_seen.d.next = true;
        }
        if self.is.val().turn {
            self.has_turned.d.next = self.in_tick.q.val();
        }
        if self.is.val().idle | self.is.val().choose {
            self.events_seen.d.next = false;
            self.has_turned.d.next = false;
        }
        self.passed.next = self.is.val().emit & self.queue_idle.q.val() & self.has_turned.q.val();

        // Clocks and places, which start anew with every load, walk and turn.
        self.rewind.next = self.is.val().idle | self.chosen.val() | (self.is.val().load & self.load_over.q.val());
        if self.is.val().choose | self.is.val().load | self.is.val().turn {
            self.count.d.next = self.count.q.val() + 1;
        }
        if self.is.val().turn | (self.is.val().load & self.count.q.val().get_bit(0)) {
            self.place.d.next = self.place.q.val() - 1;
        }
        if self.rewind.val() {
            self.count.d.next = bits::<6>(0);
            self.place.d.next = self.last_place.val();
        }
        if self.next_context.val() {
            self.count.d.next = bits::<6>(2);
        }

        // What the rings do. What is written back lies 11 clocks behind its place, one of them in a register.
        self.ring_place.next = bit_cast::<5, 9>(self.row.q.val());
        if self.is.val().turn {
            self.ring_place.next = self.place.q.val();
        }
        self.resting.d.next = self.is.val().idle;
        self.turn_start.d.next = self.begin_turn.val();
        self.shift.d.next = self.begin_turn.val()
            | (self.is.val().turn & (self.count.q.val() < self.last_shift.val()))
            | (self.is.val().load
                & !self.count.q.val().get_bit(0)
                & (self.count.q.val() != 0)
                & (self.count.q.val() < self.load_shifts.val()));
        self.valid.d.next = self.begin_turn.val() | (self.is.val().turn & (self.count.q.val() < self.last_valid.val()));
        self.loading.next = self.many.val()
            & ((self.chosen.val() & self.wanted.val()) | (self.is.val().load & !self.load_over.q.val()));
        self.load.d.next = self.loading.val();
        self.swap.d.next = self.many.val()
            & (self.loading.val()
                | (self.is.val().walk & self.begin_turn.val())
                | (self.is.val().turn & self.swap.q.val() & !self.turn_over.q.val()));
        self.storing.d.next = self.is.val().turn & self.swap.q.val() & (self.count.q.val() > 10);
        self.load_parameters.d.next = self.is.val().load & !self.count.q.val().get_bit(0) & (self.count.q.val() > 3);
        self.state_rows.place.next = self.place.q.val() + 10;
        if self.is.val().load {
            self.state_rows.place.next = self.place.q.val();
            if self.count.q.val().get_bit(0) {
                self.state_rows.place.next = self.place.q.val() - 1;
            }
        }
        if self.chosen.val() {
            self.state_rows.place.next = self.last_place.val();
        }

        // For the ledger and the array.
        self.done.next = self.is.val().idle;
        self.activity.next.event = self.event_set.val();
        self.activity.next.second_event = self.second_event.val();
        self.activity.next.fetched = self.scheduler.event_valid.val();
        self.activity.next.nonzero = self.nonzero_added.q.val();
        self.activity.next.turned =
            self.is.val().turn & self.turn_over.q.val() & !self.holding.q.val() & !self.zeroing.q.val();
        self.activity.next.spiked = self.queue.spiked.val();
        self.activity.next.loaded = self.is.val().load & self.load_over.q.val();
        self.activity.next.busy = self.is.val().choose
            | self.is.val().pass
            | self.is.val().load
            | self.is.val().walk
            | (self.is.val().turn & !self.holding.q.val() & !self.zeroing.q.val());
        self.activity.next.waiting = self.waiting.q.val();
        self.waiting.d.next = self.queue.valid.val() & !self.spike_taken.val();

        // What the rings said when the present context had turned.
        self.context_flags.present.next = self.present.q.val();
        self.context_flags.note.next = self.passed.val();
        self.context_flags.nonzero.next = self.nonzero.val();
        self.context_flags.zero.next = self.command.val().zero;

        // State that comes, a row in each clock, or goes. Its row takes the way of a command's.
        if self.load.q.val() {
            self.late_row.d.next = bit_cast::<9, 5>(self.place.q.val() + 2);
        }
        self.state_rows.parameters.next = self.load.q.val() & self.count.q.val().get_bit(0);
        self.state_rows.loading.next = self.load.q.val();
        self.state_rows.storing.next = self.storing.q.val();
        self.state_rows.clearing.next = self.zero_row.q.val();
        if self.swap.q.val() {
            self.row.d.next =
                (bit_cast::<9, 3>(self.last_group.q.val()) << 6) | bit_cast::<9, 6>(self.state_rows.row.val());
        }
        if self.load.q.val() & (self.count.q.val() < self.load_reads.val()) {
            self.fetch_row.d.next = true;
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
        self.last_count.next = bits::<8>(0);
        self.gathered_low.next = bits::<32>(0);
        self.gathered_high.next = bits::<4>(0);
        for i in 0..self._rings {
            self.rings[i].clock.next = self.clock.val();
            self.rings[i].read.next = self.fetched.val();
            self.rings[i].integrate.next = self.event_set.val();
            self.rings[i].row.next = self.fetched_row.val();
            self.rings[i].second_read.next = self.second_event.val() | self.fetch_row.q.val();
            self.rings[i].second_integrate.next = self.second_event.val();
            self.rings[i].second_row.next = self.second_row.val();
            self.rings[i].second.next = self.second.q.val();
            self.rings[i].turn_start.next = self.turn_start.q.val();
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
            self.rings[i].open.next = self.state_rows.open.val();
            self.rings[i].store.next = self.state_rows.store.val();
            self.rings[i].select_tile.next = self.select_tile.q.val();
            self.rings[i].select_parameters.next = self.select_parameters.q.val();
            self.rings[i].select_membrane.next = self.select_membrane.q.val();
            self.fired.next =
                self.fired.val() | (unsigned_cast_ext::<16, 1>(self.rings[i].spike.val().into()) << i.to_bits::<4>());
            self.fired_valid.next = self.rings[i].spike_valid.val();
            self.last_count.next = self.rings[i].count.val();
            self.gathered_low.next = self.gathered_low.val() | self.rings[i].read_low.val();
            self.gathered_high.next = self.gathered_high.val() | self.rings[i].read_high.val();
        }
        if self.select_settings.q.val() {
            self.gathered_low.next = self.gathered_low.val()
                | bit_cast::<32, 2>(self.contexts.q.val())
                | (bit_cast::<32, 1>(self.counting.q.val().into()) << 2);
        }
        if self.select_dense.q.val() {
            self.gathered_low.next = self.gathered_low.val() | self.dense.q.val();
        }
        for _i in 0..self._chain {
            self.sums.next = self.no_sums.val();
            if self.select_settings.q.val() {
                self.gathered_low.next =
                    self.gathered_low.val() | (bit_cast::<32, 1>(self.link.chained.val().into()) << 3);
            }
        }
        for i in 0..self._chain_rings {
            self.rings[i].zero.next = self.zeroing.q.val() | self.link.hands.val();
            self.rings[i].hears.next = self.link.hears.val();
            self.rings[i].sum_in.next = self.sums_in.val().get_bits::<20>(20 * i);
            self.sums.next = self.sums.val()
                | (unsigned_cast_ext::<SUMS_BITS, 20>(self.rings[i].sum_out.val()) << self.sum_places[i].val());
        }
        for _i in 0..self._chain {
            self.sums_out.next = self.sums.val();
        }
        self.out_low.d.next = self.gathered_low.val();
        self.out_high.d.next = self.gathered_high.val();
        self.read_low.next = self.out_low.q.val();
        self.read_high.next = self.out_high.q.val();
        self.captured_line.d.next =
            self.valid.q.val() & self.holding.q.val() & (self.place.q.val() == bit_cast::<5, 9>(self.row.q.val()));
        self.captured.next = self.captured_line.q.val();

        // What a row that is added says of its weights.
        self.counted_line.d.next = self.event_set.val() & self.counting.q.val();
        self.nonzero_added.d.next = bits::<8>(0);
        if self.counted_line.q.val() {
            self.nonzero_added.d.next = self.last_count.val();
        }

        // Spikes.
        self.queue.present.next = self.present.q.val();
        self.queue.turn_start.next = self.turn_start.q.val();
        self.queue.fired_valid.next = self.fired_valid.val();
        self.queue.fired.next = self.fired.val();
        self.queue.taken.next = self.spike_taken.val();
        self.spike_valid.next = self.queue.valid.val();
        self.spike_neuron.next = self.queue.neuron.val();
    }
}
