//! From the bits of a payload to spikes and ticks.

use super::step_table::{STEP_BITS, StepTable};
use nernst_spec::link::stream::Train;
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::ContentsError;

/// What is being done: one bit is set, or none.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct TrainDecoderState {
    /// A byte comes, and it shows whether it was the last.
    pub fetch: Bit,
    pub load: Bit,
    pub arm: Bit,
    /// The first step of a code is looked up.
    pub settle: Bit,
    pub begin: Bit,
    /// What holds of the next bit shows.
    pub look: Bit,
    pub weigh: Bit,
    pub act: Bit,
    /// An event waits to be taken.
    pub tick: Bit,
    pub spike: Bit,
    pub over: Bit,
}

/// Reads the code of `nernst_spec::link::stream` to the board.
///
/// `start` begins a payload, whose bytes it `wants` as [`super::Executor`] says; `over` ends it. In between `spike` with its `place`, or `tick`,
/// stays until `resume`, `over` until the next `start`. `restart` sets the position to 0, `stop` too, and ends the payload.
///
/// A bit takes 3 clocks, a byte 7 more, a spike 6 more and a tick 4 more, those included in which they are resumed at once.
///
/// ```text
/// clock     _/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_
/// bit       -< 0        >< 1        ><rest 0    >
/// position  -< p        >< p+2
/// spike     _____________________________________________/~~~
/// ```
#[derive(LogicBlock)]
pub struct TrainDecoder {
    pub clock: Signal<In, Clock>,
    pub start: Signal<In, Bit>,
    pub stop: Signal<In, Bit>,
    pub restart: Signal<In, Bit>,
    pub wants: Signal<Out, Bit>,
    pub taken: Signal<In, Bit>,
    pub front: Signal<In, Bits<8>>,
    pub none_left: Signal<In, Bit>,
    pub spike: Signal<Out, Bit>,
    pub place: Signal<Out, Bits<12>>,
    pub tick: Signal<Out, Bit>,
    pub resume: Signal<In, Bit>,
    pub over: Signal<Out, Bit>,

    state: DFF<TrainDecoderState>,
    steps: StepTable,
    /// Bits that are left, and a 1 above them.
    bits: DFF<Bits<9>>,
    empty: DFF<Bit>,
    /// The next byte is the first.
    first: DFF<Bit>,
    position: DFF<Bits<13>>,
    /// What it is a step further on.
    further: DFF<Bits<13>>,
    /// What it is behind the end of the row, negative if it is not; counts when it was `moved`.
    behind: DFF<Bits<13>>,
    moved: DFF<Bit>,
    /// Of the code, then of its rest, then 1: the next code begins behind the spike.
    step: DFF<Bits<13>>,
    zeros: DFF<Bits<4>>,
    /// Within the rest of a code; at its end.
    resting: DFF<Bit>,
    landing: DFF<Bit>,

    // What is to be done, one of these in `act`: the row ends, the code, the byte or the payload, or a bit is taken: a zero, or another.
    ends_row: DFF<Bit>,
    ends_code: DFF<Bit>,
    ends_byte: DFF<Bit>,
    ends_payload: DFF<Bit>,
    zero: DFF<Bit>,
    other: DFF<Bit>,
    /// The other is a 1 of the rest; the payload ends within a code.
    adds: DFF<Bit>,
    cuts: DFF<Bit>,
    /// The spike was taken a clock ago; the position is to be 0.
    passed: DFF<Bit>,
    restarts: DFF<Bit>,
    /// A zero makes the step grow.
    grows: DFF<Bit>,

    is: Signal<Local, TrainDecoderState>,
    ended: Signal<Local, Bit>,
    weighs: Signal<Local, Bit>,
    more: Signal<Local, Bit>,
    nowhere: Constant<TrainDecoderState>,
    places: Constant<Bits<13>>,
    limit: Constant<Bits<STEP_BITS>>,
}

impl TrainDecoder {
    /// For trains of this shape, which must be ordered.
    pub fn new(train: &Train) -> Result<Self, ContentsError> {
        Ok(Self {
            clock: Default::default(),
            start: Default::default(),
            stop: Default::default(),
            restart: Default::default(),
            wants: Default::default(),
            taken: Default::default(),
            front: Default::default(),
            none_left: Default::default(),
            spike: Default::default(),
            place: Default::default(),
            tick: Default::default(),
            resume: Default::default(),
            over: Default::default(),
            state: Default::default(),
            steps: StepTable::new(train)?,
            bits: Default::default(),
            empty: Default::default(),
            first: Default::default(),
            position: Default::default(),
            further: Default::default(),
            behind: Default::default(),
            moved: Default::default(),
            step: Default::default(),
            zeros: Default::default(),
            resting: Default::default(),
            landing: Default::default(),
            ends_row: Default::default(),
            ends_code: Default::default(),
            ends_byte: Default::default(),
            ends_payload: Default::default(),
            zero: Default::default(),
            other: Default::default(),
            adds: Default::default(),
            cuts: Default::default(),
            passed: Default::default(),
            restarts: Default::default(),
            grows: Default::default(),
            is: Default::default(),
            ended: Default::default(),
            weighs: Default::default(),
            more: Default::default(),
            nowhere: Constant::new(TrainDecoderState::default()),
            places: Constant::new((train.places as u64).into()),
            limit: Constant::new(StepTable::largest(train).into()),
        })
    }
}

impl Logic for TrainDecoder {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            state,
            bits,
            empty,
            first,
            position,
            further,
            behind,
            moved,
            step,
            zeros,
            resting,
            landing,
            ends_row,
            ends_code,
            ends_byte,
            ends_payload,
            zero,
            other,
            adds,
            cuts,
            passed,
            restarts,
            grows
        );
        clock!(self, clock, steps);
        self.is.next = self.state.q.val();
        self.empty.d.next = self.bits.q.val().get_bits::<8>(1) == 0;
        self.behind.d.next = self.position.q.val() - self.places.val();
        self.further.d.next = self.position.q.val() + self.step.q.val();
        self.ended.next = self.moved.q.val() & !self.behind.q.val().get_bit(12);
        self.weighs.next = self.is.val().weigh & !self.ended.val() & !self.landing.q.val();
        self.more.next = self.weighs.val() & !self.empty.q.val();
        self.ends_row.d.next = self.is.val().weigh & self.ended.val();
        self.ends_code.d.next = self.is.val().weigh & !self.ended.val() & self.landing.q.val();
        self.ends_byte.d.next = self.weighs.val() & self.empty.q.val() & !self.none_left.val();
        self.ends_payload.d.next = self.weighs.val() & self.empty.q.val() & self.none_left.val();
        self.zero.d.next = self.more.val() & !self.resting.q.val() & !self.bits.q.val().get_bit(0);
        self.other.d.next = self.more.val() & (self.resting.q.val() | self.bits.q.val().get_bit(0));
        self.adds.d.next = self.more.val() & self.resting.q.val() & self.bits.q.val().get_bit(0);
        self.cuts.d.next = self.resting.q.val() | (self.zeros.q.val() != 0);
        self.grows.d.next =
            (self.zeros.q.val().get_bit(3) | (self.zeros.q.val() == 7)) & !(self.step.q.val() & self.limit.val()).any();
        self.steps.payload_begins.next = false;
        self.steps.exponent.next = self.bits.q.val().get_bits::<4>(0);
        self.steps.zeros.next = self.zeros.q.val();
        self.steps.code_ends.next = false;

        // What is done, and what follows.
        self.state.d.next = self.nowhere.val();
        if self.start.val() {
            self.state.d.next.fetch = true;
            self.first.d.next = true;
        }
        if self.is.val().fetch {
            self.state.d.next.over = self.none_left.val();
            self.state.d.next.load = self.taken.val();
            self.state.d.next.fetch = !self.none_left.val() & !self.taken.val();
        }
        if self.is.val().load {
            self.state.d.next.arm = true;
        }
        if self.is.val().arm {
            self.state.d.next.settle = self.first.q.val();
            self.state.d.next.look = !self.first.q.val();
            self.first.d.next = false;
        }
        if self.is.val().settle {
            self.state.d.next.begin = true;
        }
        if self.is.val().begin {
            self.state.d.next.look = true;
        }
        if self.is.val().look {
            self.state.d.next.weigh = true;
        }
        if self.is.val().weigh {
            self.state.d.next.act = true;
        }
        if self.is.val().act {
            self.state.d.next.tick = self.ends_row.q.val();
            self.state.d.next.spike = self.ends_code.q.val();
            self.state.d.next.over = self.ends_payload.q.val();
            self.state.d.next.fetch = self.ends_byte.q.val();
            self.state.d.next.look = self.zero.q.val() | self.other.q.val();
        }
        if self.is.val().tick {
            self.state.d.next.look = self.resume.val();
            self.state.d.next.tick = !self.resume.val();
        }
        if self.is.val().over {
            self.state.d.next.over = !self.start.val();
        }
        if self.is.val().spike {
            self.state.d.next.settle = self.resume.val();
            self.state.d.next.spike = !self.resume.val();
        }
        if self.stop.val() {
            self.state.d.next = self.nowhere.val();
        }

        // Bytes. The last one brings the 1 above its bits with it; the first one begins with the exponent.
        self.wants.next = self.is.val().fetch & !self.none_left.val();
        if self.is.val().fetch & self.taken.val() {
            self.bits.d.next = bit_cast::<9, 8>(self.front.val());
        }
        if self.is.val().load {
            self.steps.payload_begins.next = self.first.q.val();
        }
        if self.is.val().arm {
            if self.first.q.val() {
                self.bits.d.next = bit_cast::<9, 4>(self.bits.q.val().get_bits::<4>(4));
                if !self.none_left.val() {
                    self.bits.d.next = bit_cast::<9, 4>(self.bits.q.val().get_bits::<4>(4)) | 16;
                }
            } else {
                if !self.none_left.val() {
                    self.bits.d.next = self.bits.q.val() | 256;
                }
            }
        }

        // Bits.
        if self.is.val().begin {
            self.step.d.next = self.steps.step.val();
            self.zeros.d.next = bits::<4>(0);
            self.moved.d.next = false;
            self.resting.d.next = false;
        }
        if self.ends_row.q.val() {
            self.moved.d.next = false;
        }
        if self.zero.q.val() | self.other.q.val() {
            self.bits.d.next = self.bits.q.val() >> 1;
        }
        if self.other.q.val() {
            // A rest without its last bit moves nothing on.
            self.step.d.next = (self.step.q.val() >> 1) | bit_cast::<13, 1>(self.step.q.val().get_bit(0).into());
            self.resting.d.next = true;
            self.landing.d.next = self.step.q.val().get_bit(0);
            self.moved.d.next = self.step.q.val().get_bit(0);
        }
        if self.zero.q.val() {
            self.moved.d.next = true;
            if !self.zeros.q.val().get_bit(3) {
                self.zeros.d.next = self.zeros.q.val() + 1;
            }
            if self.grows.q.val() {
                self.step.d.next = self.step.q.val() << 1;
            }
        }
        if self.ends_code.q.val() {
            self.landing.d.next = false;
            self.steps.code_ends.next = true;
        }

        // The position: whatever sets it to 0 is long before the next payload.
        self.passed.d.next = self.is.val().spike & self.resume.val();
        self.restarts.d.next = (self.ends_payload.q.val() & self.cuts.q.val()) | self.stop.val() | self.restart.val();
        if self.zero.q.val() | self.adds.q.val() | self.passed.q.val() {
            self.position.d.next = self.further.q.val();
        }
        if self.ends_row.q.val() {
            self.position.d.next = self.behind.q.val();
        }
        if self.restarts.q.val() {
            self.position.d.next = bits::<13>(0);
        }
        if self.stop.val() {
            self.landing.d.next = false;
        }

        self.spike.next = self.is.val().spike;
        self.place.next = self.position.q.val().get_bits::<12>(0);
        self.tick.next = self.is.val().tick;
        self.over.next = self.is.val().over;
    }
}
