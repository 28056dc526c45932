//! From values to spikes and ticks.

use crate::array::ValueAccess;
use nernst_spec::ArrayConfig;
use nernst_spec::encoding;
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::DistributedRam;

/// What is being done: one bit is set, or none.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct ValueEncoderState {
    /// A byte comes, and it shows whether it was the last.
    pub fetch: Bit,
    pub load: Bit,
    pub arm: Bit,
    /// The header is there.
    pub aim: Bit,
    /// What holds of the next bit shows; it is taken, and with the last one of a value this is stored.
    pub look: Bit,
    pub act: Bit,
    pub store: Bit,
    /// The first tick is prepared, then each.
    pub begin: Bit,
    pub settle: Bit,
    pub turn: Bit,
    /// Latency: the threshold falls.
    pub dip: Bit,
    pub sink: Bit,
    /// Rate: value by value it is found out which have a spike.
    pub step: Bit,
    pub wrap: Bit,
    pub mark: Bit,
    /// A value is on its way; the first of a tick, once the tick before has ended.
    pub rest: Bit,
    /// Line by line: the value, what holds of it, and whether it has a spike.
    pub take: Bit,
    pub weigh: Bit,
    pub judge: Bit,
    pub decide: Bit,
    /// An event waits to be taken.
    pub spike: Bit,
    pub tick: Bit,
    /// A tick was taken.
    pub pass: Bit,
    pub over: Bit,
}

/// Stores values and makes spikes of them, as `nernst_spec::encoding` says and `nernst_spec::link::values` lays them out.
///
/// Towards [`super::Stream`] it is what [`super::TrainDecoder`] is: `start` begins a payload, whose bytes it `wants` as [`super::Executor`] says;
/// `over` ends it. In between `spike` with its `place`, or `tick`, stays until `resume`, `over` until the next `start`. `stop` ends the
/// payload.
///
/// Values are in the array, which has room for them where its routes are: `access` writes and reads them, `value_here` is the one that was asked
/// for, 5 clocks later. It is asked for in clocks in which the next event is `awaited`, so between ticks.
///
/// A bit of the payload takes 2 clocks, a byte 6 more, a value 1 more. A tick takes 6 for each line and 4 more for each spike, of the last line 4 and 1. In the rate code it takes 3 more for
/// each value below `full`, in groups of four: a sum depends on the value alone, so a table of a bit for each tells which have a spike in
/// this tick, and no line has a sum. In the latency code it takes 2 more for each step of the threshold.
///
/// ```text
/// clock       _/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_
/// state       -<take><weig><judg><deci><rest     ><take>
/// line        -< 5  >< 6                              >< 7
/// value_here  -< of 5                 ><   ..    >< of 6
/// value       ------< of 5                            >< of 6
/// spike       if 5 has one, between decide and a longer rest
/// ```
#[derive(LogicBlock)]
pub struct ValueEncoder {
    pub clock: Signal<In, Clock>,
    pub start: Signal<In, Bit>,
    pub stop: Signal<In, Bit>,
    pub wants: Signal<Out, Bit>,
    pub taken: Signal<In, Bit>,
    pub front: Signal<In, Bits<8>>,
    pub none_left: Signal<In, Bit>,
    pub spike: Signal<Out, Bit>,
    pub place: Signal<Out, Bits<12>>,
    pub tick: Signal<Out, Bit>,
    pub resume: Signal<In, Bit>,
    pub over: Signal<Out, Bit>,
    pub awaited: Signal<In, Bit>,
    pub access: Signal<Out, ValueAccess>,
    pub value_here: Signal<In, Bits<8>>,

    state: DFF<ValueEncoderState>,
    /// From `start` to the end: the array is asked for values.
    awake: DFF<Bit>,
    /// Clocks until a value is there: a one that walks down.
    resting: DFF<Bits<5>>,
    // The header: bytes move through it from its end.
    heading: DFF<Bit>,
    heads: DFF<Bits<4>>,
    code: DFF<Bits<8>>,
    full_less: DFF<Bits<8>>,
    least: DFF<Bits<8>>,
    first: DFF<Bits<16>>,
    count: DFF<Bits<16>>,
    ticks: DFF<Bits<16>>,
    /// What follows from it.
    full: DFF<Bits<9>>,
    fewer: DFF<Bits<16>>,
    no_ticks: DFF<Bit>,
    // Values that come.
    /// Bits that are left, and a 1 above them.
    bits: DFF<Bits<9>>,
    empty: DFF<Bit>,
    coming: DFF<Bits<8>>,
    /// The place of the next bit, and how many come after it.
    weight: DFF<Bits<8>>,
    still: DFF<Bits<3>>,
    last_bit: DFF<Bit>,
    /// The line that is stored, or read next; one behind the last; whether it is that; whether it has a value.
    line: DFF<Bits<14>>,
    bound: DFF<Bits<14>>,
    at_end: DFF<Bit>,
    within_lines: DFF<Bit>,
    /// The value that is stored is of a line that has one.
    writing: DFF<Bit>,
    /// No tick was run yet.
    fresh: DFF<Bit>,
    // Latency: what is due to the threshold, less 1, and what it pays for a step.
    due: DFF<Bits<18>>,
    risen: DFF<Bits<18>>,
    sunk: DFF<Bits<18>>,
    sinks: DFF<Bit>,
    fall: DFF<Bits<16>>,
    /// The threshold after this tick and before it.
    threshold: DFF<Bits<9>>,
    old_threshold: DFF<Bits<9>>,
    // Rate: tick modulo full, a value, its sum, and what becomes of it.
    phase: DFF<Bits<8>>,
    later: DFF<Bits<8>>,
    around: DFF<Bit>,
    number: DFF<Bits<8>>,
    sum: DFF<Bits<8>>,
    raised: DFF<Bits<9>>,
    wrapped: DFF<Bits<10>>,
    crossed: DFF<Bits<9>>,
    fires: DFF<Bit>,
    four: DFF<Bits<4>>,
    last_four: DFF<Bit>,
    /// A bit for each value: it has a spike.
    firing: DistributedRam<4, 6>,
    // The line that is looked at.
    value: DFF<Bits<8>>,
    place_now: DFF<Bits<12>>,
    listed: DFF<Bits<4>>,
    above: DFF<Bit>,
    lit: DFF<Bit>,
    reached: DFF<Bit>,
    below: DFF<Bit>,
    chosen: DFF<Bit>,

    is: Signal<Local, ValueEncoderState>,
    rested: Signal<Local, Bit>,
    latency: Signal<Local, Bit>,
    width_less: Signal<Local, Bits<3>>,
    ends: Signal<Local, Bit>,
    stores: Signal<Local, Bit>,
    shifted: Signal<Local, Bits<4>>,
    digit: Signal<Local, Bits<2>>,
    nowhere: Constant<ValueEncoderState>,
    lines: Constant<Bits<14>>,
}

impl ValueEncoder {
    /// For an array of this shape.
    pub fn new(config: &ArrayConfig) -> Self {
        let lines = encoding::lines(config);
        Self {
            clock: Default::default(),
            start: Default::default(),
            stop: Default::default(),
            wants: Default::default(),
            taken: Default::default(),
            front: Default::default(),
            none_left: Default::default(),
            spike: Default::default(),
            place: Default::default(),
            tick: Default::default(),
            resume: Default::default(),
            over: Default::default(),
            awaited: Default::default(),
            access: Default::default(),
            value_here: Default::default(),
            state: Default::default(),
            awake: Default::default(),
            resting: Default::default(),
            heading: Default::default(),
            heads: Default::default(),
            code: Default::default(),
            full_less: Default::default(),
            least: Default::default(),
            first: Default::default(),
            count: Default::default(),
            ticks: Default::default(),
            full: Default::default(),
            fewer: Default::default(),
            no_ticks: Default::default(),
            bits: Default::default(),
            empty: Default::default(),
            coming: Default::default(),
            weight: Default::default(),
            still: Default::default(),
            last_bit: Default::default(),
            line: Default::default(),
            bound: Default::default(),
            at_end: Default::default(),
            within_lines: Default::default(),
            writing: Default::default(),
            fresh: Default::default(),
            due: Default::default(),
            risen: Default::default(),
            sunk: Default::default(),
            sinks: Default::default(),
            fall: Default::default(),
            threshold: Default::default(),
            old_threshold: Default::default(),
            phase: Default::default(),
            later: Default::default(),
            around: Default::default(),
            number: Default::default(),
            sum: Default::default(),
            raised: Default::default(),
            wrapped: Default::default(),
            crossed: Default::default(),
            fires: Default::default(),
            four: Default::default(),
            last_four: Default::default(),
            firing: Default::default(),
            value: Default::default(),
            place_now: Default::default(),
            listed: Default::default(),
            above: Default::default(),
            lit: Default::default(),
            reached: Default::default(),
            below: Default::default(),
            chosen: Default::default(),
            is: Default::default(),
            rested: Default::default(),
            latency: Default::default(),
            width_less: Default::default(),
            ends: Default::default(),
            stores: Default::default(),
            shifted: Default::default(),
            digit: Default::default(),
            nowhere: Constant::new(ValueEncoderState::default()),
            lines: Constant::new((lines as u64).into()),
        }
    }
}

impl Logic for ValueEncoder {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            state,
            awake,
            resting,
            heading,
            heads,
            code,
            full_less,
            least,
            first,
            count,
            ticks,
            full,
            fewer,
            no_ticks,
            bits,
            empty,
            coming,
            weight,
            still,
            last_bit,
            line,
            bound,
            at_end,
            within_lines,
            writing,
            fresh,
            due,
            risen,
            sunk,
            sinks,
            fall,
            threshold,
            old_threshold,
            phase,
            later,
            around,
            number,
            sum,
            raised,
            wrapped,
            crossed,
            fires,
            four,
            last_four,
            value,
            place_now,
            listed,
            above,
            lit,
            reached,
            below,
            chosen
        );
        clock!(self, clock, firing);
        self.is.next = self.state.q.val();
        self.rested.next = self.resting.q.val().get_bit(0);
        self.latency.next = self.code.q.val().get_bit(3);
        self.width_less.next = bit_cast::<3, 8>(self.code.q.val());

        // What holds a clock later.
        self.full.d.next = bit_cast::<9, 8>(self.full_less.q.val()) + 1;
        self.fewer.d.next = self.ticks.q.val() - 1;
        self.no_ticks.d.next = self.ticks.q.val() == 0;
        self.empty.d.next = self.bits.q.val().get_bits::<8>(1) == 0;
        self.last_bit.d.next = self.still.q.val() == 0;
        self.at_end.d.next = self.line.q.val() == self.bound.q.val();
        self.within_lines.d.next = self.line.q.val() < self.lines.val();
        self.ends.next = self.at_end.q.val() | !self.within_lines.q.val();
        self.stores.next = self.is.val().act & !self.at_end.q.val() & !self.empty.q.val() & self.last_bit.q.val();
        self.writing.d.next = self.stores.val() & self.within_lines.q.val();
        self.risen.d.next = self.due.q.val() + (bit_cast::<18, 9>(self.full.q.val()) << 1);
        self.sunk.d.next = self.due.q.val() - (bit_cast::<18, 16>(self.fall.q.val()) << 1);
        self.sinks.d.next = !self.due.q.val().get_bit(17) & (self.threshold.q.val() != 0);
        self.later.d.next = self.phase.q.val() + 1;
        self.around.d.next = self.phase.q.val() == self.full_less.q.val();
        self.raised.d.next = bit_cast::<9, 8>(self.sum.q.val()) + bit_cast::<9, 8>(self.phase.q.val());
        self.crossed.d.next = bit_cast::<9, 8>(self.sum.q.val()) + bit_cast::<9, 8>(self.number.q.val());
        self.wrapped.d.next = bit_cast::<10, 9>(self.raised.q.val()) - bit_cast::<10, 9>(self.full.q.val());
        self.fires.d.next = self.crossed.q.val() >= self.full.q.val();
        self.last_four.d.next = self.number.q.val().get_bits::<6>(2) == self.full_less.q.val().get_bits::<6>(2);

        // What is done, and what follows.
        self.state.d.next = self.nowhere.val();
        if self.start.val() {
            self.state.d.next.fetch = true;
            self.heading.d.next = true;
            self.heads.d.next = bits::<4>(0);
        }
        if self.is.val().fetch {
            self.state.d.next.begin = self.none_left.val();
            self.state.d.next.load = self.taken.val();
            self.state.d.next.fetch = !self.none_left.val() & !self.taken.val();
        }
        if self.is.val().load {
            self.state.d.next.arm = true;
        }
        if self.is.val().arm {
            self.state.d.next.aim = self.heading.q.val() & (self.heads.q.val() == 9);
            self.state.d.next.fetch = self.heading.q.val() & (self.heads.q.val() != 9);
            self.state.d.next.look = !self.heading.q.val();
        }
        if self.is.val().aim {
            self.state.d.next.look = true;
        }
        if self.is.val().look {
            self.state.d.next.act = true;
        }
        if self.is.val().act {
            self.state.d.next.begin = self.at_end.q.val();
            self.state.d.next.fetch = !self.at_end.q.val() & self.empty.q.val();
            self.state.d.next.store = self.stores.val();
            self.state.d.next.look = !self.at_end.q.val() & !self.empty.q.val() & !self.last_bit.q.val();
        }
        if self.is.val().store {
            self.state.d.next.look = true;
        }
        if self.is.val().begin {
            self.state.d.next.settle = true;
        }
        if self.is.val().settle {
            self.state.d.next.turn = true;
        }
        if self.is.val().turn {
            self.state.d.next.over = self.no_ticks.q.val();
            self.state.d.next.dip = !self.no_ticks.q.val() & self.latency.val();
            self.state.d.next.step = !self.no_ticks.q.val() & !self.latency.val();
        }
        if self.is.val().dip {
            self.state.d.next.sink = true;
        }
        if self.is.val().sink {
            self.state.d.next.dip = self.sinks.q.val();
            self.state.d.next.rest = !self.sinks.q.val();
        }
        if self.is.val().step {
            self.state.d.next.wrap = true;
        }
        if self.is.val().wrap {
            self.state.d.next.mark = true;
        }
        if self.is.val().mark {
            self.state.d.next.step = true;
            if self.last_four.q.val() & self.number.q.val().get_bit(0) & self.number.q.val().get_bit(1) {
                self.state.d.next.step = false;
                self.state.d.next.rest = true;
            }
        }
        if self.is.val().rest {
            self.state.d.next.rest = !self.rested.val();
            self.state.d.next.tick = self.rested.val() & self.ends.val();
            self.state.d.next.take = self.rested.val() & !self.ends.val();
        }
        if self.is.val().take {
            self.state.d.next.weigh = true;
        }
        if self.is.val().weigh {
            self.state.d.next.judge = true;
        }
        if self.is.val().judge {
            self.state.d.next.decide = true;
        }
        if self.is.val().decide {
            self.state.d.next.spike = self.chosen.q.val();
            self.state.d.next.tick = !self.chosen.q.val() & self.ends.val();
            self.state.d.next.rest = !self.chosen.q.val() & !self.ends.val();
        }
        if self.is.val().spike {
            self.state.d.next.spike = !self.resume.val();
            self.state.d.next.tick = self.resume.val() & self.ends.val();
            self.state.d.next.rest = self.resume.val() & !self.ends.val();
        }
        if self.is.val().tick {
            self.state.d.next.pass = self.resume.val();
            self.state.d.next.tick = !self.resume.val();
        }
        if self.is.val().pass {
            self.state.d.next.settle = true;
        }
        if self.is.val().over {
            self.state.d.next.over = !self.start.val();
        }
        if self.stop.val() {
            self.state.d.next = self.nowhere.val();
        }

        // Bytes: the header, then values.
        self.wants.next = self.is.val().fetch & !self.none_left.val();
        if self.is.val().fetch & self.taken.val() {
            self.bits.d.next = bit_cast::<9, 8>(self.front.val()) | 256;
        }
        if self.is.val().load & self.heading.q.val() {
            self.heads.d.next = self.heads.q.val() + 1;
            self.code.d.next = self.full_less.q.val();
            self.full_less.d.next = self.least.q.val();
            self.least.d.next = bit_cast::<8, 16>(self.first.q.val());
            self.first.d.next = (self.first.q.val() >> 8) | (self.count.q.val() << 8);
            self.count.d.next = (self.count.q.val() >> 8) | (self.ticks.q.val() << 8);
            self.ticks.d.next = (self.ticks.q.val() >> 8) | (bit_cast::<16, 9>(self.bits.q.val()) << 8);
        }
        if self.is.val().aim {
            self.heading.d.next = false;
            self.bits.d.next = bits::<9>(1);
            self.line.d.next = bit_cast::<14, 12>(self.first.q.val().get_bits::<12>(0));
            self.bound.d.next = bit_cast::<14, 12>(self.first.q.val().get_bits::<12>(0))
                + bit_cast::<14, 13>(self.count.q.val().get_bits::<13>(0));
        }
        if self.is.val().act & !self.empty.q.val() {
            self.bits.d.next = self.bits.q.val() >> 1;
            self.weight.d.next = self.weight.q.val() << 1;
            self.still.d.next = self.still.q.val() - 1;
            if self.bits.q.val().get_bit(0) {
                self.coming.d.next = self.coming.q.val() | self.weight.q.val();
            }
        }
        if self.is.val().aim | self.is.val().store {
            self.coming.d.next = bits::<8>(0);
            self.weight.d.next = bits::<8>(1);
            self.still.d.next = self.width_less.val();
        }

        // Values, in the array.
        self.access.next.active = self.awake.q.val();
        self.access.next.write = self.writing.q.val();
        self.access.next.line = bit_cast::<12, 14>(self.line.q.val());
        self.access.next.value = self.coming.q.val();
        if self.is.val().over | self.stop.val() {
            self.awake.d.next = false;
        }
        if self.start.val() {
            self.awake.d.next = true;
        }
        // With the next line, or later, when an event was taken in between.
        if self.awaited.val() {
            self.resting.d.next = self.resting.q.val() >> 1;
        }
        if !self.is.val().rest {
            self.resting.d.next = bits::<5>(0x10);
        }
        if self.is.val().decide & !self.chosen.q.val() {
            self.resting.d.next = bits::<5>(0x02);
        }

        // A tick begins.
        if self.is.val().begin {
            self.fresh.d.next = true;
            self.fall.d.next = self.fewer.q.val();
            self.threshold.d.next = self.full.q.val() + 1;
            self.phase.d.next = bits::<8>(0);
        }
        if self.is.val().turn {
            self.line.d.next = bits::<14>(0);
            self.number.d.next = bits::<8>(0);
            self.sum.d.next = self.full.q.val().get_bits::<8>(1);
            self.old_threshold.d.next = self.threshold.q.val();
            self.due.d.next = self.risen.q.val();
            if self.fresh.q.val() {
                self.old_threshold.d.next = bits::<9>(511);
                self.due.d.next = bit_cast::<18, 8>(self.full_less.q.val());
            }
        }
        if self.is.val().pass {
            self.fresh.d.next = false;
            self.ticks.d.next = self.fewer.q.val();
            self.phase.d.next = self.later.q.val();
            if self.around.q.val() {
                self.phase.d.next = bits::<8>(0);
            }
        }

        // Which values have a spike in it.
        if self.is.val().sink & self.sinks.q.val() {
            self.due.d.next = self.sunk.q.val();
            self.threshold.d.next = self.threshold.q.val() - 1;
        }
        self.shifted.next = self.four.q.val() >> 1;
        if self.fires.q.val() {
            self.shifted.next = (self.four.q.val() >> 1) | 8;
        }
        if self.is.val().mark {
            self.number.d.next = self.number.q.val() + 1;
            self.four.d.next = self.shifted.val();
            self.sum.d.next = bit_cast::<8, 10>(self.wrapped.q.val());
            if self.wrapped.q.val().get_bit(9) {
                self.sum.d.next = bit_cast::<8, 9>(self.raised.q.val());
            }
        }
        self.firing.write_enable.next =
            self.is.val().mark & self.number.q.val().get_bit(0) & self.number.q.val().get_bit(1);
        self.firing.write_address.next = self.number.q.val().get_bits::<6>(2);
        self.firing.write_data.next = self.shifted.val();
        self.firing.read_address.next = self.value.q.val().get_bits::<6>(2);

        // Which lines have one.
        if self.is.val().take {
            self.value.d.next = self.value_here.val();
            self.place_now.d.next = bit_cast::<12, 14>(self.line.q.val());
        }
        if self.is.val().take | self.is.val().store {
            self.line.d.next = self.line.q.val() + 1;
        }
        self.listed.d.next = self.firing.read_data.val();
        self.above.d.next = self.value.q.val() > self.full_less.q.val();
        self.lit.d.next = self.value.q.val() >= self.least.q.val();
        self.reached.d.next = bit_cast::<9, 8>(self.value.q.val()) >= self.threshold.q.val();
        self.below.d.next = bit_cast::<9, 8>(self.value.q.val()) < self.old_threshold.q.val();
        self.digit.next = bit_cast::<2, 8>(self.value.q.val());
        self.chosen.d.next = self.above.q.val() | self.listed.q.val().get_bit(self.digit.val().index());
        if self.latency.val() {
            self.chosen.d.next = self.lit.q.val() & self.reached.q.val() & self.below.q.val();
        }

        self.spike.next = self.is.val().spike;
        self.place.next = self.place_now.q.val();
        self.tick.next = self.is.val().tick;
        self.over.next = self.is.val().over;
    }
}
