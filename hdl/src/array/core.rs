//! A core: tiles that hear the same axons.

use super::delay::Delay;
use super::lowest_bit::LowestBit;
use super::ring::Ring;
use super::scheduler::Scheduler;
use nernst_spec::CoreConfig;
use nernst_spec::timing::{TURN_OVERHEAD, UNIT_LATENCY};
use rust_hdl::prelude::*;

/// What a core is doing.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum State {
    Idle,
    /// The scheduler walks the due slot.
    Walk,
    /// The last event is on its way to the lanes.
    Drain,
    /// The rings turn.
    Turn,
    /// Spikes leave, and the slot is cleared.
    Emit,
}

/// Rings that share 512 axons, their scheduler, and the control of a tick.
///
/// **Tick.** `start` begins the tick whose events are in `slot`. The core walks the slot, and every ring adds the rows of
/// its events; it then turns its rings once, unless there was no event and every membrane is 0; it then puts out the array
/// numbers of the neurons that fired, in rising order, on `spike_neuron` with `spike_valid` and `spike_ready`. `done` is low
/// from the clock after `start` until spikes are out and the slot is cleared. Clocks: [`nernst_spec::timing`].
///
/// **Events.** `set` stores an event on `set_axon` in `set_slot`, at any time.
///
/// **Memory**, while the core is idle. `unit`, `row` and the words are taken in every clock; `write_tile`,
/// `write_parameters` write one clock later, `write_all` writes row `row` of all tiles and place `row` of all parameter
/// tables. `read` fetches a row. What is selected is at `read_low` and `read_high` some clocks later, and what is not is 0 there:
/// a row 7 clocks after `read`, parameters 6 clocks after `row`, a membrane in the one clock of `captured`, at most
/// ring + 12 clocks after `hold_start`.
///
/// **State.** `zero_start` turns the rings to set all membranes to 0; `clear_slots` clears word `row` (of 512) of the
/// scheduler.
///
/// ```text
/// clock  _/~\_/~\_   ..   _/~\_/~\_/~\_/~\_   ..   _/~\_/~\_
/// start  _/~~~\________________________________________________
/// state  -----< Walk         >< Drain    >< Turn       >< Emit >< Idle
/// busy   _____/~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\_______
///        Walk: 4 + words and events, Drain: 2, Turn: ring + 10 clocks
/// ```
#[derive(LogicBlock)]
pub struct Core<const LANES: usize, const BITS: usize, const W: usize> {
    pub clock: Signal<In, Clock>,
    pub start: Signal<In, Bit>,
    pub slot: Signal<In, Bits<4>>,
    pub done: Signal<Out, Bit>,
    pub set: Signal<In, Bit>,
    pub set_slot: Signal<In, Bits<4>>,
    pub set_axon: Signal<In, Bits<9>>,
    pub spike_valid: Signal<Out, Bit>,
    pub spike_neuron: Signal<Out, Bits<12>>,
    pub spike_ready: Signal<In, Bit>,
    pub unit: Signal<In, Bits<6>>,
    pub row: Signal<In, Bits<9>>,
    pub write_low: Signal<In, Bits<32>>,
    pub write_high: Signal<In, Bits<4>>,
    pub write_tile: Signal<In, Bit>,
    pub write_parameters: Signal<In, Bit>,
    pub write_all: Signal<In, Bit>,
    pub read: Signal<In, Bit>,
    pub select_tile: Signal<In, Bit>,
    pub select_parameters: Signal<In, Bit>,
    pub select_membrane: Signal<In, Bit>,
    pub read_low: Signal<Out, Bits<32>>,
    pub read_high: Signal<Out, Bits<4>>,
    pub captured: Signal<Out, Bit>,
    pub hold_start: Signal<In, Bit>,
    pub zero_start: Signal<In, Bit>,
    pub clear_slots: Signal<In, Bit>,
    /// For the ledger: an event is added, the rings have turned in a tick, a spike leaves, clocks of walk and turn.
    pub event_added: Signal<Out, Bit>,
    pub turned: Signal<Out, Bit>,
    pub spiked: Signal<Out, Bit>,
    pub busy: Signal<Out, Bit>,

    scheduler: Scheduler,
    rings: Vec<Ring<LANES, BITS, W>>,
    lowest: LowestBit<18, 5>,
    captured_line: Delay<11>,

    // Events from the bus.
    set_now: DFF<Bit>,
    set_slot_now: DFF<Bits<4>>,
    set_axon_now: DFF<Bits<9>>,
    // The memory's side of the rings.
    unit_now: DFF<Bits<6>>,
    row_now: DFF<Bits<9>>,
    low_now: DFF<Bits<32>>,
    high_now: DFF<Bits<4>>,
    write_tile_now: DFF<Bit>,
    write_parameters_now: DFF<Bit>,
    write_all_now: DFF<Bit>,
    read_now: DFF<Bit>,
    clear_slots_now: DFF<Bit>,
    low: DFF<Bits<32>>,
    high: DFF<Bits<4>>,
    // Control.
    state: DFF<State>,
    count: DFF<Bits<6>>,
    place: DFF<Bits<5>>,
    holding: DFF<Bit>,
    zeroing: DFF<Bit>,
    events_seen: DFF<Bit>,
    // Spikes of the ring that is being emptied, and the array number of its first neuron.
    firing: DFF<Bits<18>>,
    first: DFF<Bits<12>>,
    out_valid: DFF<Bit>,
    out_neuron: DFF<Bits<12>>,

    idle: Signal<Local, Bit>,
    shift: Signal<Local, Bit>,
    valid: Signal<Local, Bit>,
    turn_start: Signal<Local, Bit>,
    ring_place: Signal<Local, Bits<5>>,
    tile_ring: Signal<Local, Bits<6>>,
    tile_bit: Signal<Local, Bits<2>>,
    nonzero: Signal<Local, Bit>,
    gathered_low: Signal<Local, Bits<32>>,
    gathered_high: Signal<Local, Bits<4>>,
    hand_over: Signal<Local, Bit>,
    refill: Signal<Local, Bit>,
    found: Signal<Local, Bit>,
    refill_spikes: Signal<Local, Bits<18>>,
    refill_first: Signal<Local, Bits<12>>,

    /// The sign of a membrane, and the bits of a 32-bit word above it.
    sign: Constant<Bits<32>>,
    extension: Constant<Bits<32>>,
    /// Two tiles in a ring.
    paired: Constant<Bit>,
    last_place: Constant<Bits<5>>,
    valid_clocks: Constant<Bits<6>>,
    shift_clocks: Constant<Bits<6>>,
    last_clock: Constant<Bits<6>>,
    /// Array number of the first neuron of each ring.
    ring_first: Vec<Constant<Bits<12>>>,
    _rings: usize,
}

impl<const LANES: usize, const BITS: usize, const W: usize> Core<LANES, BITS, W> {
    /// A core of this shape whose first neuron has this number in the array.
    ///
    /// # Panics
    /// When the precision of the configuration is not that of the type.
    pub fn new(config: &CoreConfig, first_neuron: usize) -> Self {
        let bits = config.weight_bits;
        assert_eq!((bits.lanes(), bits.bits(), bits.membrane_bits()), (LANES, BITS, W), "precision of the core");
        let ring = config.ring() as u64;
        let clocks = |clocks: u64| Constant::new(clocks.into());
        Self {
            clock: Default::default(),
            start: Default::default(),
            slot: Default::default(),
            done: Default::default(),
            set: Default::default(),
            set_slot: Default::default(),
            set_axon: Default::default(),
            spike_valid: Default::default(),
            spike_neuron: Default::default(),
            spike_ready: Default::default(),
            unit: Default::default(),
            row: Default::default(),
            write_low: Default::default(),
            write_high: Default::default(),
            write_tile: Default::default(),
            write_parameters: Default::default(),
            write_all: Default::default(),
            read: Default::default(),
            select_tile: Default::default(),
            select_parameters: Default::default(),
            select_membrane: Default::default(),
            read_low: Default::default(),
            read_high: Default::default(),
            captured: Default::default(),
            hold_start: Default::default(),
            zero_start: Default::default(),
            clear_slots: Default::default(),
            event_added: Default::default(),
            turned: Default::default(),
            spiked: Default::default(),
            busy: Default::default(),
            scheduler: Default::default(),
            lowest: Default::default(),
            captured_line: Default::default(),
            set_now: Default::default(),
            set_slot_now: Default::default(),
            set_axon_now: Default::default(),
            unit_now: Default::default(),
            row_now: Default::default(),
            low_now: Default::default(),
            high_now: Default::default(),
            write_tile_now: Default::default(),
            write_parameters_now: Default::default(),
            write_all_now: Default::default(),
            read_now: Default::default(),
            clear_slots_now: Default::default(),
            low: Default::default(),
            high: Default::default(),
            state: Default::default(),
            count: Default::default(),
            place: Default::default(),
            holding: Default::default(),
            zeroing: Default::default(),
            events_seen: Default::default(),
            firing: Default::default(),
            first: Default::default(),
            out_valid: Default::default(),
            out_neuron: Default::default(),
            idle: Default::default(),
            shift: Default::default(),
            valid: Default::default(),
            turn_start: Default::default(),
            ring_place: Default::default(),
            tile_ring: Default::default(),
            tile_bit: Default::default(),
            nonzero: Default::default(),
            gathered_low: Default::default(),
            gathered_high: Default::default(),
            hand_over: Default::default(),
            refill: Default::default(),
            found: Default::default(),
            refill_spikes: Default::default(),
            refill_first: Default::default(),
            rings: (0..config.units()).map(|_| Ring::new(config.tiles_per_unit)).collect(),
            sign: Constant::new((1u64 << (W - 1)).into()),
            extension: Constant::new((0xffff_ffffu64 << W & 0xffff_ffff).into()),
            paired: Constant::new(config.tiles_per_unit == 2),
            last_place: Constant::new((ring - 1).into()),
            valid_clocks: clocks(ring),
            shift_clocks: clocks(ring + UNIT_LATENCY),
            last_clock: clocks(ring + UNIT_LATENCY + TURN_OVERHEAD - 1),
            ring_first: (0..config.units() as u64)
                .map(|u| Constant::new((first_neuron as u64 + u * ring).into()))
                .collect(),
            _rings: config.units(),
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
            set_slot_now,
            set_axon_now,
            unit_now,
            row_now,
            low_now,
            high_now,
            write_tile_now,
            write_parameters_now,
            write_all_now,
            read_now,
            clear_slots_now,
            low,
            high,
            state,
            count,
            place,
            holding,
            zeroing,
            events_seen,
            firing,
            first,
            out_valid,
            out_neuron
        );
        clock!(self, clock, scheduler, captured_line);

        // Events into the scheduler.
        self.set_now.d.next = self.set.val();
        self.set_slot_now.d.next = self.set_slot.val();
        self.set_axon_now.d.next = self.set_axon.val();
        self.scheduler.set.next = self.set_now.q.val();
        self.scheduler.set_slot.next = self.set_slot_now.q.val();
        self.scheduler.set_axon.next = self.set_axon_now.q.val();
        self.clear_slots_now.d.next = self.clear_slots.val();
        self.scheduler.clear.next = self.clear_slots_now.q.val();
        self.scheduler.clear_address.next = self.row_now.q.val();
        self.scheduler.start.next = self.start.val();
        self.scheduler.slot.next = self.slot.val();

        // Spikes: lowest neuron of the lowest ring first. The next ring is loaded in the clock in which the last spike of
        // one leaves; a ring without spikes takes no clock.
        self.lowest.word.next = self.firing.q.val();
        self.hand_over.next = self.lowest.any.val() & (!self.out_valid.q.val() | self.spike_ready.val());
        self.spiked.next = self.hand_over.val();
        if self.spike_ready.val() {
            self.out_valid.d.next = false;
        }
        if self.hand_over.val() {
            self.out_valid.d.next = true;
            self.out_neuron.d.next = self.first.q.val() + bit_cast::<12, 5>(self.lowest.index.val());
            self.firing.d.next = self.lowest.rest.val();
        }
        self.spike_valid.next = self.out_valid.q.val();
        self.spike_neuron.next = self.out_neuron.q.val();
        self.refill.next = (self.state.q.val() == State::Emit)
            & (!self.lowest.any.val() | (self.hand_over.val() & self.lowest.last.val()));
        self.found.next = false;
        self.refill_spikes.next = bits::<18>(0);
        self.refill_first.next = bits::<12>(0);
        for i in 0..self._rings {
            self.rings[i].take.next = self.refill.val() & self.rings[i].any_spike.val() & !self.found.val();
            if self.rings[i].any_spike.val() & !self.found.val() {
                self.found.next = true;
                self.refill_spikes.next = self.rings[i].spikes.val();
                self.refill_first.next = self.ring_first[i].val();
            }
        }
        if self.refill.val() {
            self.firing.d.next = self.refill_spikes.val();
            self.first.d.next = self.refill_first.val();
        }

        // A tick.
        self.idle.next = false;
        self.turn_start.next = false;
        self.shift.next = false;
        self.valid.next = false;
        self.turned.next = false;
        self.busy.next = false;
        self.ring_place.next = bit_cast::<5, 9>(self.row_now.q.val());
        self.nonzero.next = false;
        for i in 0..self._rings {
            self.nonzero.next = self.nonzero.val() | self.rings[i].nonzero.val();
        }
        if self.scheduler.event_valid.val() {
            self.events_seen.d.next = true;
        }
        match self.state.q.val() {
            State::Idle => {
                self.idle.next = true;
                self.count.d.next = bits::<6>(0);
                self.place.d.next = self.last_place.val();
                self.holding.d.next = self.hold_start.val();
                self.zeroing.d.next = self.zero_start.val();
                self.events_seen.d.next = false;
                if self.start.val() {
                    self.state.d.next = State::Walk;
                }
                if self.hold_start.val() | self.zero_start.val() {
                    self.state.d.next = State::Turn;
                }
            }
            State::Walk => {
                self.busy.next = true;
                if !self.scheduler.walking.val() {
                    self.state.d.next = State::Drain;
                }
            }
            State::Drain => {
                self.busy.next = true;
                self.count.d.next = self.count.q.val() + 1;
                if self.count.q.val() == 1 {
                    self.count.d.next = bits::<6>(0);
                    self.state.d.next = State::Emit;
                    if self.events_seen.q.val() | self.nonzero.val() {
                        self.state.d.next = State::Turn;
                    }
                }
            }
            State::Turn => {
                self.busy.next = !self.holding.q.val() & !self.zeroing.q.val();
                self.turn_start.next = self.count.q.val() == 0;
                self.shift.next = self.count.q.val() < self.shift_clocks.val();
                self.valid.next = self.count.q.val() < self.valid_clocks.val();
                self.ring_place.next = self.place.q.val();
                self.place.d.next = self.place.q.val() - 1;
                self.count.d.next = self.count.q.val() + 1;
                if self.count.q.val() == self.last_clock.val() {
                    self.state.d.next = State::Idle;
                    if !self.holding.q.val() & !self.zeroing.q.val() {
                        self.turned.next = true;
                        self.state.d.next = State::Emit;
                    }
                }
            }
            State::Emit => {
                if !self.found.val() & !self.lowest.any.val() & !self.out_valid.q.val() & !self.scheduler.busy.val() {
                    self.state.d.next = State::Idle;
                }
            }
            _ => {
                self.state.d.next = State::Idle;
            }
        }
        self.done.next = self.idle.val();
        self.event_added.next = self.scheduler.event_valid.val();

        // The membrane that is wanted leaves its unit 9 clocks after its place was named, and two registers follow.
        self.captured_line.d.next =
            self.valid.val() & (self.ring_place.val() == bit_cast::<5, 9>(self.row_now.q.val()));

        // Memory: one register, then all rings, each told whether it is meant.
        self.unit_now.d.next = self.unit.val();
        self.row_now.d.next = self.row.val();
        self.low_now.d.next = self.write_low.val();
        self.high_now.d.next = self.write_high.val();
        self.write_tile_now.d.next = self.write_tile.val();
        self.write_parameters_now.d.next = self.write_parameters.val();
        self.write_all_now.d.next = self.write_all.val();
        self.read_now.d.next = self.read.val();
        self.tile_ring.next = self.unit_now.q.val();
        self.tile_bit.next = bits::<2>(1);
        if self.paired.val() {
            self.tile_ring.next = self.unit_now.q.val() >> 1;
            if self.unit_now.q.val().get_bit(0) {
                self.tile_bit.next = bits::<2>(2);
            }
        }
        self.gathered_low.next = bits::<32>(0);
        self.gathered_high.next = bits::<4>(0);
        for i in 0..self._rings {
            self.rings[i].clock.next = self.clock.val();
            self.rings[i].read.next = self.scheduler.event_valid.val() | self.read_now.q.val();
            self.rings[i].integrate.next = self.scheduler.event_valid.val();
            self.rings[i].row.next = self.scheduler.event_axon.val();
            if self.read_now.q.val() {
                self.rings[i].row.next = self.row_now.q.val();
            }
            self.rings[i].turn_start.next = self.turn_start.val();
            self.rings[i].shift.next = self.shift.val();
            self.rings[i].valid.next = self.valid.val();
            self.rings[i].place.next = self.ring_place.val();
            self.rings[i].hold.next = self.holding.q.val();
            self.rings[i].zero.next = self.zeroing.q.val();
            self.rings[i].write_row.next = self.row_now.q.val();
            self.rings[i].write_low.next = self.low_now.q.val();
            self.rings[i].write_high.next = self.high_now.q.val();
            self.rings[i].write_tile.next = bits::<2>(0);
            self.rings[i].write_parameters.next = self.write_all_now.q.val();
            self.rings[i].select_tile.next = bits::<2>(0);
            self.rings[i].select_parameters.next = false;
            self.rings[i].select_membrane.next = false;
            if self.tile_ring.val() == i.to_bits() {
                if self.write_tile_now.q.val() {
                    self.rings[i].write_tile.next = self.tile_bit.val();
                }
                if self.select_tile.val() {
                    self.rings[i].select_tile.next = self.tile_bit.val();
                }
            }
            if self.unit_now.q.val() == i.to_bits() {
                self.rings[i].write_parameters.next = self.write_parameters_now.q.val() | self.write_all_now.q.val();
                self.rings[i].select_parameters.next = self.select_parameters.val();
                self.rings[i].select_membrane.next = self.select_membrane.val();
            }
            if self.write_all_now.q.val() {
                self.rings[i].write_tile.next = bits::<2>(3);
            }
            self.gathered_low.next = self.gathered_low.val() | self.rings[i].read_low.val();
            self.gathered_high.next = self.gathered_high.val() | self.rings[i].read_high.val();
        }
        self.captured.next = self.captured_line.q.val();
        self.low.d.next = self.gathered_low.val();
        if self.select_membrane.val() & (self.gathered_low.val() & self.sign.val()).any() {
            self.low.d.next = self.gathered_low.val() | self.extension.val();
        }
        self.high.d.next = self.gathered_high.val();
        self.read_low.next = self.low.q.val();
        self.read_high.next = self.high.q.val();
    }
}
