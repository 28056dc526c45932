//! From spikes and ticks to the bits of payloads.

use super::reply::Reply;
use super::step_table::{STEP_BITS, StepTable};
use nernst_spec::link::message::Kind;
use nernst_spec::link::stream::{CUT, Train};
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::{ContentsError, DffInit};

/// What is being done: one bit is set.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct TrainEncoderState {
    pub idle: Bit,
    pub arrive: Bit,
    /// Whether the payload still has room, and there is one, shows.
    pub check: Bit,
    pub open: Bit,
    pub sort: Bit,
    /// How far it is: to the spike, or to the end of the row.
    pub gap: Bit,
    pub wrap: Bit,
    pub begin: Bit,
    /// The next bit.
    pub look: Bit,
    pub weigh: Bit,
    pub act: Bit,
    /// Whether the row has ended.
    pub compare: Bit,
    pub judge: Bit,
    /// The bit that says how.
    pub mark: Bit,
    pub end: Bit,
    /// Behind the last code.
    pub tail: Bit,
    pub settle: Bit,
    pub pad: Bit,
    pub close: Bit,
    pub done: Bit,
}

/// Writes the code of `nernst_spec::link::stream` to the host into replies, bit for bit as its `Encoder`.
///
/// While `ready`, one of `spike` (with its `place`), `late`, `tick` and `finish` is taken. A reply is opened when `room` allows and there is
/// something to say; one that is full is closed. `finish` closes the last one, after which comes `done`. `stop` forgets what was begun.
///
/// A bit takes 3 clocks and a spike 8 more; a spike behind the end of a row 2 more for each zero up to there and 1 for the bit behind it. The end of a
/// tick takes 4, if one was due before it 9 and its zeros. Opening a reply takes 1, closing it up to 45.
///
/// ```text
/// clock  _/~\_/~\_/~\_/~\_  ..  _/~\_/~\_
/// ready  ~~~~~\_____________    __/~~~~~~
/// spike  _/~~~\_____________    _________
/// ```
#[derive(LogicBlock)]
pub struct TrainEncoder {
    pub clock: Signal<In, Clock>,
    pub stop: Signal<In, Bit>,
    pub spike: Signal<In, Bit>,
    pub place: Signal<In, Bits<12>>,
    pub late: Signal<In, Bit>,
    pub tick: Signal<In, Bit>,
    pub finish: Signal<In, Bit>,
    pub ready: Signal<Out, Bit>,
    /// Something was taken that no closed reply tells yet.
    pub pending: Signal<Out, Bit>,
    pub done: Signal<Out, Bit>,
    pub room: Signal<In, Bit>,
    pub reply: Signal<Out, Reply>,

    state: DffInit<TrainEncoderState>,
    steps: StepTable,
    /// Clocks to wait until room shows what was closed.
    pause: DFF<Bits<3>>,
    rested: DFF<Bit>,
    // What is written.
    is_spike: DFF<Bit>,
    is_late: DFF<Bit>,
    is_finish: DFF<Bit>,
    place_now: DFF<Bits<13>>,
    /// Behind the last spike, or where the row was entered.
    position: DFF<Bits<13>>,
    /// A row has ended and is not yet written, and whether a tick with it.
    row_due: DFF<Bit>,
    tick_due: DFF<Bit>,
    // The code.
    /// From the position to the spike, negative if it is not in this row, or to the last place.
    apart: DFF<Bits<14>>,
    /// A row more.
    row_apart: DFF<Bits<14>>,
    gap: DFF<Bits<14>>,
    /// The gap behind the next step, negative if it is too short.
    behind: DFF<Bits<14>>,
    /// Places from the last step on to the spike's, negative if the row has not ended.
    entered: DFF<Bits<14>>,
    step: DFF<Bits<STEP_BITS>>,
    zeros: DFF<Bits<4>>,
    resting: DFF<Bit>,
    /// Zeros up to the end of the row.
    silent: DFF<Bit>,
    ending: DFF<Bit>,
    // The payload.
    reply_open: DFF<Bit>,
    put: DFF<Bit>,
    next_bit: DFF<Bit>,
    /// Bits from the highest down, behind a 1.
    bits: DffInit<Bits<8>>,
    bits_empty: DFF<Bit>,
    count: DFF<Bits<9>>,
    full: DFF<Bit>,
    out: DFF<Reply>,

    // What is to be done in `act`: a zero or another bit is put, which is a 1, or not; the gap gets smaller by the step; what follows a zero.
    zero: DFF<Bit>,
    other: DFF<Bit>,
    one: DFF<Bit>,
    takes: DFF<Bit>,
    to_compare: DFF<Bit>,
    to_look: DFF<Bit>,
    to_mark: DFF<Bit>,
    /// A zero makes the step grow.
    grows: DFF<Bit>,

    is: Signal<Local, TrainEncoderState>,
    weighs_zero: Signal<Local, Bit>,
    fits: Signal<Local, Bit>,
    opening: Signal<Local, Bit>,
    aim: Signal<Local, Bits<13>>,
    whole: Signal<Local, Bits<8>>,
    nowhere: Constant<TrainEncoderState>,
    places: Constant<Bits<14>>,
    last_place: Constant<Bits<13>>,
    largest: Constant<Bits<STEP_BITS>>,
    cut: Constant<Bits<9>>,
    no_bits: Constant<Bits<8>>,
    stream_kind: Constant<Bits<8>>,
}

/// A byte without a bit.
const NO_BITS: u64 = 0x80;

impl TrainEncoder {
    /// For trains of this shape, which must be unordered.
    pub fn new(train: &Train) -> Result<Self, ContentsError> {
        Ok(Self {
            clock: Default::default(),
            stop: Default::default(),
            spike: Default::default(),
            place: Default::default(),
            late: Default::default(),
            tick: Default::default(),
            finish: Default::default(),
            ready: Default::default(),
            pending: Default::default(),
            done: Default::default(),
            room: Default::default(),
            reply: Default::default(),
            state: DffInit::new(TrainEncoderState { idle: true, ..TrainEncoderState::default() }),
            steps: StepTable::new(train)?,
            pause: Default::default(),
            rested: Default::default(),
            is_spike: Default::default(),
            is_late: Default::default(),
            is_finish: Default::default(),
            place_now: Default::default(),
            position: Default::default(),
            row_due: Default::default(),
            tick_due: Default::default(),
            apart: Default::default(),
            row_apart: Default::default(),
            gap: Default::default(),
            behind: Default::default(),
            entered: Default::default(),
            step: Default::default(),
            zeros: Default::default(),
            resting: Default::default(),
            silent: Default::default(),
            ending: Default::default(),
            reply_open: Default::default(),
            put: Default::default(),
            next_bit: Default::default(),
            bits: DffInit::new(NO_BITS.into()),
            bits_empty: Default::default(),
            count: Default::default(),
            full: Default::default(),
            out: Default::default(),
            zero: Default::default(),
            other: Default::default(),
            one: Default::default(),
            takes: Default::default(),
            to_compare: Default::default(),
            to_look: Default::default(),
            to_mark: Default::default(),
            grows: Default::default(),
            is: Default::default(),
            weighs_zero: Default::default(),
            fits: Default::default(),
            opening: Default::default(),
            aim: Default::default(),
            whole: Default::default(),
            nowhere: Constant::new(TrainEncoderState::default()),
            places: Constant::new((train.places as u64).into()),
            last_place: Constant::new((train.places as u64 - 1).into()),
            largest: Constant::new(StepTable::largest(train).into()),
            cut: Constant::new((CUT as u64).into()),
            no_bits: Constant::new(NO_BITS.into()),
            stream_kind: Constant::new((Kind::StreamOut as u64).into()),
        })
    }
}

impl Logic for TrainEncoder {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, state, pause, rested, is_spike, is_late, is_finish, place_now, position, row_due, tick_due,
            apart, row_apart, gap, behind, entered, step, zeros, resting, silent, ending, reply_open, put, next_bit,
            bits, bits_empty, count, full, out, zero, other, one, takes, to_compare, to_look, to_mark, grows
        );
        clock!(self, clock, steps);
        self.is.next = self.state.q.val();
        self.rested.d.next = (self.pause.q.val() == 0) | (self.pause.q.val() == 1);
        if self.pause.q.val() != 0 {
            self.pause.d.next = self.pause.q.val() - 1;
        }
        self.full.d.next = self.count.q.val() >= self.cut.val();
        self.bits_empty.d.next = self.bits.q.val() == self.no_bits.val();
        self.behind.d.next = self.gap.q.val() - bit_cast::<14, STEP_BITS>(self.step.q.val());
        self.aim.next = self.place_now.q.val();
        if self.silent.q.val() {
            self.aim.next = self.last_place.val();
        }
        self.apart.d.next = bit_cast::<14, 13>(self.aim.val()) - bit_cast::<14, 13>(self.position.q.val());
        self.row_apart.d.next = self.apart.q.val() + self.places.val();
        self.entered.d.next = bit_cast::<14, 13>(self.place_now.q.val()) - self.gap.q.val();
        self.fits.next = !self.behind.q.val().get_bit(13);
        self.weighs_zero.next = self.is.val().weigh & !self.resting.q.val() & (self.fits.val() | self.silent.q.val());
        self.zero.d.next = self.weighs_zero.val();
        self.other.d.next = self.is.val().weigh & (self.resting.q.val() | (!self.fits.val() & !self.silent.q.val()));
        self.one.d.next = !self.resting.q.val() | self.fits.val();
        self.takes.d.next = self.weighs_zero.val() | (self.is.val().weigh & self.resting.q.val() & self.fits.val());
        self.to_compare.d.next = !self.silent.q.val() & self.row_due.q.val();
        self.to_look.d.next = (!self.silent.q.val() & !self.row_due.q.val()) | (self.silent.q.val() & self.fits.val());
        self.to_mark.d.next = self.silent.q.val() & !self.fits.val();
        self.grows.d.next = (self.zeros.q.val().get_bit(3) | (self.zeros.q.val() == 7))
            & !(self.step.q.val() & self.largest.val()).any();
        self.opening.next = self.is.val().open & self.rested.q.val() & self.room.val();
        self.put.d.next = false;
        self.next_bit.d.next = false;
        self.steps.payload_begins.next = self.opening.val();
        self.steps.exponent.next = self.steps.now.val();
        self.steps.code_ends.next = self.is.val().end;
        self.steps.zeros.next = self.zeros.q.val();

        // What is done, and what follows.
        self.state.d.next = self.nowhere.val();
        if self.is.val().idle {
            self.is_spike.d.next = self.spike.val();
            self.is_late.d.next = self.late.val();
            self.is_finish.d.next = self.finish.val();
            self.place_now.d.next = bit_cast::<13, 12>(self.place.val());
            if self.spike.val() | self.late.val() | self.tick.val() | self.finish.val() {
                self.state.d.next.arrive = true;
            } else {
                self.state.d.next.idle = true;
            }
        }
        if self.is.val().arrive {
            self.state.d.next.check = true;
        }
        if self.is.val().check {
            if self.reply_open.q.val() {
                self.ending.d.next = self.full.q.val() & !self.is_finish.q.val();
                self.state.d.next.tail = self.full.q.val() & !self.is_finish.q.val();
                self.state.d.next.sort = !self.full.q.val() | self.is_finish.q.val();
            } else {
                self.state.d.next.done = self.is_finish.q.val() & !self.row_due.q.val();
                self.state.d.next.open = !self.is_finish.q.val() | self.row_due.q.val();
            }
        }
        if self.is.val().open {
            self.state.d.next.sort = self.opening.val();
            self.state.d.next.open = !self.opening.val();
        }
        if self.is.val().sort {
            self.silent.d.next = !self.is_spike.q.val();
            self.resting.d.next = false;
            if self.is_spike.q.val() | self.row_due.q.val() {
                self.state.d.next.gap = true;
            } else {
                self.row_due.d.next = !self.is_finish.q.val();
                self.tick_due.d.next = !self.is_late.q.val();
                self.state.d.next.idle = !self.is_finish.q.val();
                self.state.d.next.tail = self.is_finish.q.val();
            }
        }
        // Zeros to the end of a row stop with the step that is longer than all places left but one.
        if self.is.val().gap {
            self.state.d.next.wrap = true;
        }
        if self.is.val().wrap {
            self.state.d.next.begin = true;
            if self.zeros.q.val() == 0 {
                self.step.d.next = self.steps.step.val();
            }
        }
        if self.is.val().begin {
            self.state.d.next.look = true;
            self.gap.d.next = self.apart.q.val();
            if !self.silent.q.val() & (self.row_due.q.val() | self.apart.q.val().get_bit(13)) {
                self.gap.d.next = self.row_apart.q.val();
                self.row_due.d.next = true;
                self.tick_due.d.next = self.row_due.q.val() & self.tick_due.q.val();
            }
        }
        if self.is.val().look {
            self.state.d.next.weigh = true;
        }
        if self.is.val().weigh {
            self.state.d.next.act = true;
        }
        if self.takes.q.val() {
            self.gap.d.next = self.behind.q.val();
        }
        if self.zero.q.val() {
            self.put.d.next = true;
            if !self.zeros.q.val().get_bit(3) {
                self.zeros.d.next = self.zeros.q.val() + 1;
            }
            if self.grows.q.val() {
                self.step.d.next = self.step.q.val() << 1;
            }
            self.state.d.next.compare = self.to_compare.q.val();
            self.state.d.next.look = self.to_look.q.val();
            self.state.d.next.mark = self.to_mark.q.val();
        }
        if self.other.q.val() {
            self.put.d.next = true;
            self.next_bit.d.next = self.one.q.val();
            self.step.d.next = self.step.q.val() >> 1;
            self.resting.d.next = true;
            self.state.d.next.end = self.step.q.val().get_bit(0);
            self.state.d.next.look = !self.step.q.val().get_bit(0);
        }
        if self.is.val().compare {
            self.state.d.next.judge = true;
        }
        if self.is.val().judge {
            self.state.d.next.mark = !self.entered.q.val().get_bit(13);
            self.state.d.next.look = self.entered.q.val().get_bit(13);
        }
        if self.is.val().mark {
            self.put.d.next = true;
            self.next_bit.d.next = self.tick_due.q.val();
            self.row_due.d.next = false;
            if self.silent.q.val() {
                // What the step went on behind the end of the row.
                self.position.d.next = !self.gap.q.val().get_bits::<13>(0);
                self.state.d.next.sort = true;
            } else {
                self.state.d.next.look = true;
            }
        }
        if self.is.val().end {
            self.position.d.next = self.place_now.q.val() + 1;
            self.zeros.d.next = bits::<4>(0);
            self.resting.d.next = false;
            self.put.d.next = self.row_due.q.val();
            self.next_bit.d.next = self.tick_due.q.val();
            self.row_due.d.next = false;
            self.state.d.next.idle = true;
        }
        // A 1 behind the last bit, and zeros up to a whole byte.
        if self.is.val().tail {
            self.put.d.next = true;
            self.next_bit.d.next = true;
            if self.zeros.q.val() != 0 {
                self.position.d.next = bits::<13>(0);
            }
            self.zeros.d.next = bits::<4>(0);
            self.state.d.next.settle = true;
        }
        if self.is.val().settle {
            self.pause.d.next = bits::<3>(3);
            self.rested.d.next = false;
            self.state.d.next.pad = true;
        }
        if self.is.val().pad {
            self.state.d.next.pad = true;
            if self.rested.q.val() {
                self.put.d.next = !self.bits_empty.q.val();
                self.state.d.next.settle = !self.bits_empty.q.val();
                self.state.d.next.close = self.bits_empty.q.val();
                self.state.d.next.pad = false;
            }
        }
        if self.is.val().close {
            self.pause.d.next = bits::<3>(6);
            self.rested.d.next = false;
            self.reply_open.d.next = false;
            self.ending.d.next = false;
            self.state.d.next.check = self.ending.q.val();
            self.state.d.next.done = !self.ending.q.val();
        }
        if self.is.val().done {
            self.state.d.next.idle = true;
        }

        // Bytes.
        self.whole.next = self.bits.q.val() >> 1;
        if self.next_bit.q.val() {
            self.whole.next = (self.bits.q.val() >> 1) | self.no_bits.val();
        }
        self.out.d.next.data = bits::<8>(0);
        self.out.d.next.write = self.opening.val() | (self.put.q.val() & self.bits.q.val().get_bit(0));
        self.out.d.next.close = self.is.val().close;
        self.out.d.next.discard = false;
        if self.put.q.val() {
            self.bits.d.next = self.whole.val();
            if self.bits.q.val().get_bit(0) {
                self.out.d.next.data = self.whole.val();
                self.bits.d.next = self.no_bits.val();
                self.count.d.next = self.count.q.val() + 1;
            }
        }
        if self.opening.val() {
            self.reply_open.d.next = true;
            self.count.d.next = bits::<9>(0);
            self.out.d.next.data = self.stream_kind.val();
            self.bits.d.next = (bit_cast::<8, 4>(self.steps.now.val()) << 4) | 8;
        }

        if self.stop.val() {
            self.state.d.next = self.nowhere.val();
            self.state.d.next.idle = true;
            self.reply_open.d.next = false;
            self.put.d.next = false;
            self.bits.d.next = self.no_bits.val();
            self.row_due.d.next = false;
            self.ending.d.next = false;
            self.zeros.d.next = bits::<4>(0);
            self.position.d.next = bits::<13>(0);
        }
        self.ready.next = self.is.val().idle;
        self.pending.next = self.reply_open.q.val() | self.row_due.q.val();
        self.done.next = self.is.val().done;
        self.reply.next = self.out.q.val();
    }
}
