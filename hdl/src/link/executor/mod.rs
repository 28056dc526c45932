//! Commands of the host, executed one after the other.
//!
//! ```text
//!              ┌────────┐ memory of the array
//!           ┌─▶│ Memory │◀────────────────▶
//!           │  └────────┘
//! ┌────────┐│  ┌────────┐ spikes and ticks
//! │Executor│┼─▶│ Stream │◀────────────────▶
//! └────────┘│  └────────┘
//!           │  ┌────────┐
//!           └─▶│ Answer │   replies of a few bytes
//!              └────────┘
//! ```

mod address;
mod answer;
mod memory;
mod pacer;
mod reply;
mod step_table;
mod stream;
mod train_decoder;
mod train_encoder;
mod value_encoder;
mod word;

pub use address::AddressRegister;
pub use answer::{Answer, AnswerState};
pub use memory::{Memory, MemoryState};
pub use pacer::Pacer;
pub use reply::Reply;
pub use step_table::{STEP_BITS, StepTable};
pub use stream::{Stream, StreamState};
pub use train_decoder::{TrainDecoder, TrainDecoderState};
pub use train_encoder::{TrainEncoder, TrainEncoderState};
pub use value_encoder::{ValueEncoder, ValueEncoderState};
pub use word::WordShifter;

use crate::array::ValueAccess;
use nernst_spec::ArrayConfig;
use nernst_spec::link::Command;
use nernst_spec::link::message::{Kind, Refusal};
use nernst_spec::memory::Address;
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::{ContentsError, DffInit, Rom};
use std::ops::Range;

/// Commands, in the order of their codes: the low bits of a code are the place in this list.
const COMMANDS: [Kind; 8] =
    [Kind::Identify, Kind::Reset, Kind::Write, Kind::Read, Kind::Digest, Kind::Stream, Kind::Snapshot, Kind::Encode];

const _: () = assert!(Address::PACE.0 & 0xffff == 0, "halves that the kernel looks at");
const _: () = {
    let mut place = 0;
    while place < COMMANDS.len() {
        assert!(COMMANDS[place] as usize == 0x10 + place);
        place += 1;
    }
};

/// What the executor does: one bit is set.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct ExecutorState {
    /// Between two commands: the length of a payload comes, then the kind.
    pub idle: Bit,
    pub kind: Bit,
    /// The length of the payload is looked up.
    pub look: Bit,
    pub check: Bit,
    /// An open reply of the stream is closed, and room for another one waited for.
    pub flush: Bit,
    pub settle: Bit,
    /// The flags of a reset come, and it is done.
    pub reset: Bit,
    pub resetting: Bit,
    pub done: Bit,
    /// Memory or stream is at it.
    pub run: Bit,
    pub refuse: Bit,
    /// The answer is at it.
    pub answer: Bit,
    /// What is left of the payload is taken.
    pub skip: Bit,
    pub finish: Bit,
    pub abort: Bit,
}

/// Takes committed frames from the receiver, does on the array what they say, and writes the replies.
///
/// A command begins when the array is idle and there is room for a reply; only a `Stream` or an `Encode` may need more room, and waits for it
/// while the array waits with its spike. A reply of it that is not full stays open for the next of them, until `line_idle` says that the
/// line has nothing else to carry, or another command comes: so a busy line gets full frames, and an idle one all that there is. Refusals are as `nernst_spec::link::message` says.
///
/// The executor takes length and kind of a frame and judges them; what comes then is done by [`Memory`], [`Stream`] or, for the
/// commands of a byte or none, by itself; [`Answer`] writes short replies. All of them take bytes from the same front and write
/// into the same reply, one at a time. Who `wants` a byte sees it in front in the clock in which it is `taken`:
///
/// ```text
/// clock  _/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_
/// here   _/~~~\___________________/~~~\___    a byte in front, in every sixth clock at most
/// wants  _/~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\_
/// taken  _____/~~~\___________________/~~~\
/// front  -----<b0 >-------------------<b1 >
/// ```
///
/// | command | clocks, besides what the array takes |
/// |---|---|
/// | `Write` | 34 a word |
/// | `Read`, `Digest` | 9 a word |
/// | `Stream` | 3 a bit of spikes in or out, 7 a byte in, 7 a spike in, 8 a spike out, 6 a tick |
/// | `Encode` | as `Stream`, and what [`ValueEncoder`] takes |
///
/// The word at [`Address::PACE`] is the executor's own: to the array there is nothing at its address.
///
/// `abort` ends the command: what runs in the array is waited for and its spikes are dropped; then comes one clock of `clear`.
#[derive(LogicBlock)]
pub struct Executor {
    pub clock: Signal<In, Clock>,
    pub abort: Signal<In, Bit>,
    pub clear: Signal<Out, Bit>,
    /// From the receiver: see there.
    pub front: Signal<In, Bits<9>>,
    pub front_valid: Signal<In, Bit>,
    pub empty: Signal<In, Bit>,
    pub take: Signal<Out, Bit>,
    /// To the transmitter: see there.
    pub reply: Signal<Out, Reply>,
    pub reply_room: Signal<In, Bit>,
    /// Nothing is being sent or waits to be.
    pub line_idle: Signal<In, Bit>,

    /// Address of the map, held while the executor works on it.
    pub address: Signal<Out, Bits<32>>,
    /// About `address`, from the fifth clock after it changed.
    pub address_exists: Signal<In, Bit>,
    pub address_writable: Signal<In, Bit>,
    /// Writes one word; pulses are at least eight clocks apart.
    pub write: Signal<Out, Bit>,
    pub write_low: Signal<Out, Bits<32>>,
    pub write_high: Signal<Out, Bits<4>>,
    /// Reads one word, which is there with `read_done`.
    pub read: Signal<Out, Bit>,
    pub read_done: Signal<In, Bit>,
    pub read_low: Signal<In, Bits<32>>,
    pub read_high: Signal<In, Bits<4>>,
    /// A spike on an input line, between ticks.
    pub input_valid: Signal<Out, Bit>,
    pub input_line: Signal<Out, Bits<12>>,
    pub input_ready: Signal<In, Bit>,
    /// Runs a tick; `tick_busy` is high from the next clock to its end.
    pub tick_start: Signal<Out, Bit>,
    pub tick_busy: Signal<In, Bit>,
    /// The budget is used up.
    pub used_up: Signal<In, Bit>,
    /// A neuron's spike to the host.
    pub spike_valid: Signal<In, Bit>,
    pub spike_neuron: Signal<In, Bits<12>>,
    pub spike_ready: Signal<Out, Bit>,
    /// Clears what the flags say; `reset_busy` is high from the next clock to its end.
    pub reset_start: Signal<Out, Bit>,
    pub reset_flags: Signal<Out, Bits<3>>,
    pub reset_busy: Signal<In, Bit>,
    /// Latches all counters.
    pub snapshot: Signal<Out, Bit>,
    /// Values of input lines, which the array keeps.
    pub values: Signal<Out, ValueAccess>,
    pub value: Signal<In, Bits<8>>,
    /// The array has nothing under way.
    pub idle: Signal<In, Bit>,
    /// Nothing is executed or waits to be.
    pub quiet: Signal<Out, Bit>,

    memory: Memory,
    stream: Stream,
    answer: Answer,
    state: DffInit<ExecutorState>,
    /// Clocks to wait.
    pause: DFF<Bits<3>>,
    rested: DFF<Bit>,
    kind: DFF<Bits<8>>,
    /// Bytes of the payload not yet taken.
    left: DFF<Bits<9>>,
    none_left: DFF<Bit>,
    taken: DFF<Bit>,
    may_begin: DFF<Bit>,
    idle_now: DFF<Bit>,
    /// Bit k of a word: a payload of this length is right for command k. In quarters of 128 lengths.
    lengths_0: Rom<8, 7>,
    lengths_1: Rom<8, 7>,
    lengths_2: Rom<8, 7>,
    lengths_3: Rom<8, 7>,
    right_0: DFF<Bits<8>>,
    right_1: DFF<Bits<8>>,
    right_2: DFF<Bits<8>>,
    right_3: DFF<Bits<8>>,
    right_low: DFF<Bits<8>>,
    right_high: DFF<Bits<8>>,
    right: DFF<Bits<8>>,
    known: DFF<Bit>,
    fits: DFF<Bit>,
    refusal: DFF<Bits<3>>,
    refused_at: DFF<Bits<32>>,
    resetting: DFF<Bit>,
    reset_over: DFF<Bit>,
    flags: DFF<Bits<3>>,
    latching: DFF<Bit>,
    length: DFF<Bits<9>>,
    here: DFF<Bit>,
    // The address is that of the pace, half by half.
    pace_high: DFF<Bit>,
    pace_low: DFF<Bit>,
    at_pace: DFF<Bit>,
    setting_pace: DFF<Bit>,
    is_digest: DFF<Bit>,
    is_stream: DFF<Bit>,
    interrupted: DFF<Bit>,
    clearing: DFF<Bit>,
    unit_over: DFF<Bit>,
    stopping: DFF<Bit>,
    starting_memory: DFF<Bit>,
    starting_stream: DFF<Bit>,
    flushing: DFF<Bit>,
    /// A reply is open; it is to be closed, for want of anything else to do.
    pending: DFF<Bit>,
    idle_flush: DFF<Bit>,
    /// What is closed is closed between two commands.
    between: DFF<Bit>,
    line_idle_now: DFF<Bit>,
    // The answer that is asked for.
    asking: DFF<Bit>,
    answer_kind: DFF<Bits<8>>,
    answer_head: DFF<Bits<16>>,
    answer_tail: DFF<Bits<32>>,
    answer_count: DFF<Bits<3>>,
    out: DFF<Reply>,

    is: Signal<Local, ExecutorState>,
    command: Signal<Local, Bits<3>>,
    fine: Signal<Local, Bit>,
    wants: Signal<Local, Bit>,
    take_now: Signal<Local, Bit>,
    unit_refusal: Signal<Local, Bits<3>>,
    nowhere: Constant<ExecutorState>,
    pace_space: Constant<Bits<16>>,
    done_kind: Constant<Bits<8>>,
    error_kind: Constant<Bits<8>>,
    identity_kind: Constant<Bits<8>>,
    digest_kind: Constant<Bits<8>>,
    refuse_kind: Constant<Bits<3>>,
    refuse_length: Constant<Bits<3>>,
}

/// For each of these lengths of a payload the commands that it is right for. A `Read` of one word stands for all.
fn right_lengths(lengths: Range<usize>) -> Vec<u64> {
    let right = |length, kind| Command::parse(kind, &vec![1; length]).is_ok();
    lengths.map(|length| (0..COMMANDS.len()).map(|k| (right(length, COMMANDS[k]) as u64) << k).sum()).collect()
}

impl Executor {
    /// An executor for an array of this shape, which it identifies as.
    pub fn new(config: &ArrayConfig) -> Result<Self, ContentsError> {
        let refusal = |refusal: Refusal| Constant::new((refusal as u64).into());
        let kind = |kind: Kind| Constant::new((kind as u64).into());
        Ok(Self {
            clock: Default::default(),
            abort: Default::default(),
            clear: Default::default(),
            front: Default::default(),
            front_valid: Default::default(),
            empty: Default::default(),
            take: Default::default(),
            reply: Default::default(),
            reply_room: Default::default(),
            line_idle: Default::default(),
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
            used_up: Default::default(),
            spike_valid: Default::default(),
            spike_neuron: Default::default(),
            spike_ready: Default::default(),
            reset_start: Default::default(),
            reset_flags: Default::default(),
            reset_busy: Default::default(),
            snapshot: Default::default(),
            values: Default::default(),
            value: Default::default(),
            idle: Default::default(),
            quiet: Default::default(),
            memory: Default::default(),
            stream: Stream::new(config)?,
            answer: Answer::new(config)?,
            state: DffInit::new(ExecutorState { idle: true, ..ExecutorState::default() }),
            pause: Default::default(),
            rested: Default::default(),
            kind: Default::default(),
            left: Default::default(),
            none_left: Default::default(),
            taken: Default::default(),
            may_begin: Default::default(),
            idle_now: Default::default(),
            lengths_0: Rom::new(&right_lengths(0..128))?,
            lengths_1: Rom::new(&right_lengths(128..256))?,
            lengths_2: Rom::new(&right_lengths(256..384))?,
            lengths_3: Rom::new(&right_lengths(384..512))?,
            right_0: Default::default(),
            right_1: Default::default(),
            right_2: Default::default(),
            right_3: Default::default(),
            right_low: Default::default(),
            right_high: Default::default(),
            right: Default::default(),
            known: Default::default(),
            fits: Default::default(),
            refusal: Default::default(),
            refused_at: Default::default(),
            resetting: Default::default(),
            reset_over: Default::default(),
            flags: Default::default(),
            latching: Default::default(),
            length: Default::default(),
            pace_high: Default::default(),
            pace_low: Default::default(),
            at_pace: Default::default(),
            setting_pace: Default::default(),
            is_digest: Default::default(),
            is_stream: Default::default(),
            interrupted: Default::default(),
            clearing: Default::default(),
            unit_over: Default::default(),
            stopping: Default::default(),
            starting_memory: Default::default(),
            starting_stream: Default::default(),
            flushing: Default::default(),
            pending: Default::default(),
            idle_flush: Default::default(),
            between: Default::default(),
            line_idle_now: Default::default(),
            asking: Default::default(),
            answer_kind: Default::default(),
            answer_head: Default::default(),
            answer_tail: Default::default(),
            answer_count: Default::default(),
            out: Default::default(),
            is: Default::default(),
            command: Default::default(),
            fine: Default::default(),
            here: Default::default(),
            wants: Default::default(),
            take_now: Default::default(),
            unit_refusal: Default::default(),
            nowhere: Constant::new(ExecutorState::default()),
            pace_space: Constant::new((u64::from(Address::PACE.0) >> 16).into()),
            done_kind: kind(Kind::Done),
            error_kind: kind(Kind::Error),
            identity_kind: kind(Kind::Identity),
            digest_kind: kind(Kind::DigestValue),
            refuse_kind: refusal(Refusal::Kind),
            refuse_length: refusal(Refusal::Length),
        })
    }
}

impl Logic for Executor {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            state,
            pause,
            rested,
            kind,
            left,
            none_left,
            taken,
            may_begin,
            idle_now,
            right_0,
            right_1,
            right_2,
            right_3,
            right_low,
            right_high,
            right,
            known,
            fits,
            refusal,
            refused_at,
            resetting,
            reset_over,
            flags,
            latching,
            length,
            here,
            pace_high,
            pace_low,
            at_pace,
            setting_pace,
            is_digest,
            is_stream,
            interrupted,
            clearing,
            unit_over,
            stopping,
            starting_memory,
            starting_stream,
            flushing,
            pending,
            idle_flush,
            between,
            line_idle_now,
            asking,
            answer_kind,
            answer_head,
            answer_tail,
            answer_count,
            out
        );
        clock!(self, clock, memory, stream, answer);
        self.is.next = self.state.q.val();
        self.rested.d.next = (self.pause.q.val() == 0) | (self.pause.q.val() == 1);
        if self.pause.q.val() != 0 {
            self.pause.d.next = self.pause.q.val() - 1;
        }
        self.idle_now.d.next = self.idle.val();
        self.reset_over.d.next = !self.reset_busy.val();
        self.may_begin.d.next =
            self.is.val().idle & self.rested.q.val() & self.idle_now.q.val() & self.reply_room.val();

        // What holds of length and kind.
        self.command.next = self.kind.q.val().get_bits::<3>(0);
        self.length.d.next = self.left.q.val();
        self.is_digest.d.next = self.command.val() == 4;
        // Of values, too.
        self.is_stream.d.next = self.command.val().get_bit(2) & self.command.val().get_bit(0);
        self.lengths_0.address.next = self.length.q.val().get_bits::<7>(0);
        self.lengths_1.address.next = self.length.q.val().get_bits::<7>(0);
        self.lengths_2.address.next = self.length.q.val().get_bits::<7>(0);
        self.lengths_3.address.next = self.length.q.val().get_bits::<7>(0);
        self.right_0.d.next = self.lengths_0.data.val();
        self.right_1.d.next = self.lengths_1.data.val();
        self.right_2.d.next = self.lengths_2.data.val();
        self.right_3.d.next = self.lengths_3.data.val();
        self.right_low.d.next = self.right_0.q.val();
        self.right_high.d.next = self.right_2.q.val();
        if self.length.q.val().get_bit(7) {
            self.right_low.d.next = self.right_1.q.val();
            self.right_high.d.next = self.right_3.q.val();
        }
        self.right.d.next = self.right_low.q.val();
        if self.length.q.val().get_bit(8) {
            self.right.d.next = self.right_high.q.val();
        }
        self.known.d.next =
            !(self.kind.q.val().get_bit(6) | self.kind.q.val().get_bit(5) | self.kind.q.val().get_bit(3));
        self.fits.d.next = self.right.q.val().get_bit(self.command.val().index());
        self.fine.next = self.known.q.val() & self.fits.q.val();

        // What is done, and what follows.
        self.unit_over.d.next = self.memory.over.val() | self.stream.over.val();
        self.state.d.next = self.nowhere.val();
        self.flushing.d.next = false;
        self.pending.d.next = self.stream.pending.val();
        self.line_idle_now.d.next = self.line_idle.val();
        // When the receiver is empty, no byte of it is in front before three clocks have gone.
        self.idle_flush.d.next = self.is.val().idle
            & self.rested.q.val()
            & self.empty.val()
            & self.line_idle_now.q.val()
            & self.pending.q.val();
        if self.is.val().idle {
            self.between.d.next = self.idle_flush.q.val();
            self.flushing.d.next = self.idle_flush.q.val();
            self.state.d.next.flush = self.idle_flush.q.val();
            self.state.d.next.kind = self.taken.q.val();
            self.state.d.next.idle = !self.taken.q.val() & !self.idle_flush.q.val();
        }
        if self.is.val().flush {
            self.state.d.next.flush = !self.unit_over.q.val();
            self.state.d.next.finish = self.unit_over.q.val() & self.between.q.val();
            self.state.d.next.settle = self.unit_over.q.val() & !self.between.q.val();
        }
        if self.is.val().settle {
            self.state.d.next.check = self.rested.q.val() & self.reply_room.val();
            self.state.d.next.settle = !(self.rested.q.val() & self.reply_room.val());
        }
        if self.is.val().kind {
            self.state.d.next.look = self.taken.q.val();
            self.state.d.next.kind = !self.taken.q.val();
        }
        if self.is.val().look {
            self.state.d.next.check = true;
        }
        self.starting_memory.d.next = false;
        self.starting_stream.d.next = false;
        self.latching.d.next = false;
        self.asking.d.next = false;
        if self.is.val().check {
            if self.pending.q.val() & !(self.is_stream.q.val() & self.fine.val()) {
                self.flushing.d.next = true;
                self.state.d.next.flush = true;
            } else if self.fine.val() {
                match self.command.val().index() {
                    0 => {
                        self.asking.d.next = true;
                        self.state.d.next.answer = true;
                    }
                    1 => {
                        self.state.d.next.reset = true;
                    }
                    5 => {
                        self.starting_stream.d.next = true;
                        self.state.d.next.run = true;
                    }
                    6 => {
                        self.latching.d.next = true;
                        self.state.d.next.done = true;
                    }
                    7 => {
                        self.starting_stream.d.next = true;
                        self.state.d.next.run = true;
                    }
                    _ => {
                        self.starting_memory.d.next = true;
                        self.state.d.next.run = true;
                    }
                }
            } else {
                self.state.d.next.refuse = true;
            }
        }
        if self.is.val().reset {
            self.state.d.next.resetting = self.taken.q.val();
            self.state.d.next.reset = !self.taken.q.val();
        }
        if self.is.val().resetting {
            if self.rested.q.val() & self.reset_over.q.val() {
                self.state.d.next.done = true;
            } else {
                self.state.d.next.resetting = true;
            }
        }
        if self.is.val().done {
            self.asking.d.next = true;
            self.state.d.next.answer = true;
        }
        if self.is.val().run {
            if self.unit_over.q.val() {
                if self.refusal.q.val().any() {
                    self.state.d.next.refuse = true;
                } else {
                    self.asking.d.next = self.is_digest.q.val();
                    self.state.d.next.answer = self.is_digest.q.val();
                    self.state.d.next.skip = !self.is_digest.q.val();
                }
            } else {
                self.state.d.next.run = true;
            }
        }
        if self.is.val().refuse {
            if self.rested.q.val() & self.reply_room.val() {
                self.asking.d.next = true;
                self.state.d.next.answer = true;
            } else {
                self.state.d.next.refuse = true;
            }
        }
        if self.is.val().answer {
            self.state.d.next.skip = self.answer.over.val();
            self.state.d.next.answer = !self.answer.over.val();
        }
        if self.is.val().skip {
            self.state.d.next.finish = self.none_left.q.val();
            self.state.d.next.skip = !self.none_left.q.val();
        }
        if self.is.val().finish {
            self.state.d.next.idle = true;
        }
        self.clearing.d.next = false;
        if self.is.val().abort {
            self.clearing.d.next = self.rested.q.val() & self.idle_now.q.val();
            self.state.d.next.finish = self.rested.q.val() & self.idle_now.q.val();
            self.state.d.next.abort = !(self.rested.q.val() & self.idle_now.q.val());
        }
        self.stopping.d.next = self.is.val().abort;
        // While `clear` is out `abort` still stands from before it.
        self.interrupted.d.next = self.abort.val() & !self.is.val().abort & !self.clearing.q.val();
        if self.interrupted.q.val() {
            self.clearing.d.next = false;
            self.state.d.next = self.nowhere.val();
            self.state.d.next.abort = true;
        }

        // Time for what was just begun, or written, to show in `idle` or in the room for replies.
        if self.taken.q.val() | self.is.val().run | self.is.val().flush {
            self.pause.d.next = bits::<3>(6);
            self.rested.d.next = false;
        }
        if self.is.val().finish {
            self.pause.d.next = bits::<3>(5);
            self.rested.d.next = false;
        }
        if self.interrupted.q.val() {
            self.pause.d.next = bits::<3>(7);
            self.rested.d.next = false;
        }

        // A byte is taken a clock after somebody wanted it; the next one is there a clock after the receiver has it.
        self.wants.next = (self.is.val().idle & self.may_begin.q.val())
            | self.is.val().kind
            | self.is.val().reset
            | (self.is.val().skip & !self.none_left.q.val());
        self.take_now.next = self.here.q.val() & (self.wants.val() | self.memory.wants.val() | self.stream.wants.val());
        self.taken.d.next = self.take_now.val();
        self.here.d.next = self.front_valid.val() & !self.taken.q.val() & !self.take_now.val();
        self.take.next = self.taken.q.val();
        self.resetting.d.next = self.is.val().reset & self.taken.q.val();
        if self.taken.q.val() {
            self.left.d.next = self.left.q.val() - 1;
            self.flags.d.next = self.front.val().get_bits::<3>(0);
        }
        // Length and kind do not count.
        if self.is.val().idle {
            self.left.d.next = self.front.val();
        }
        if self.is.val().kind {
            self.left.d.next = self.left.q.val();
            self.kind.d.next = self.front.val().get_bits::<8>(0);
        }
        self.none_left.d.next = self.left.q.val() == 0;

        // What is refused, and where.
        self.unit_refusal.next = self.memory.refusal.val();
        if self.is_stream.q.val() {
            self.unit_refusal.next = self.stream.refusal.val();
        }
        if self.is.val().check {
            self.refused_at.d.next = bits::<32>(0);
            self.refusal.d.next = self.refuse_length.val();
            if !self.known.q.val() {
                self.refusal.d.next = self.refuse_kind.val();
            }
        }
        if self.is.val().run {
            self.refusal.d.next = self.unit_refusal.val();
            self.refused_at.d.next = self.memory.address.val();
            if self.is_stream.q.val() {
                self.refused_at.d.next = bits::<32>(0);
            }
        }

        // What is answered: a refusal, unless something else is said.
        self.answer_kind.d.next = self.error_kind.val();
        self.answer_head.d.next = bit_cast::<16, 3>(self.refusal.q.val()) | (bit_cast::<16, 8>(self.kind.q.val()) << 8);
        self.answer_tail.d.next = self.refused_at.q.val();
        self.answer_count.d.next = bits::<3>(6);
        if self.is.val().check {
            self.answer_kind.d.next = self.identity_kind.val();
        }
        if self.is.val().done {
            self.answer_kind.d.next = self.done_kind.val();
            self.answer_head.d.next = bit_cast::<16, 8>(self.kind.q.val());
            self.answer_count.d.next = bits::<3>(1);
        }
        if self.is.val().run {
            self.answer_kind.d.next = self.digest_kind.val();
            self.answer_head.d.next = bit_cast::<16, 32>(self.memory.digest.val());
            self.answer_tail.d.next = self.memory.digest.val() >> 16;
            self.answer_count.d.next = bits::<3>(4);
        }

        // The units.
        self.clear.next = self.clearing.q.val();
        self.memory.start.next = self.starting_memory.q.val();
        self.stream.start.next = self.starting_stream.q.val();
        self.stream.values.next = self.command.val().get_bit(1);
        self.values.next = self.stream.access.val();
        self.stream.value.next = self.value.val();
        self.stream.flush.next = self.flushing.q.val();
        self.stream.restart.next = self.resetting.q.val() & self.flags.q.val().get_bit(0);
        self.memory.stop.next = self.stopping.q.val();
        self.memory.command.next = self.command.val();
        self.memory.taken.next = self.taken.q.val();
        self.memory.front.next = self.front.val().get_bits::<8>(0);
        self.memory.none_left.next = self.none_left.q.val();
        self.pace_high.d.next = self.memory.address.val().get_bits::<16>(16) == self.pace_space.val();
        self.pace_low.d.next = !self.memory.address.val().get_bits::<16>(0).any();
        // It is written only.
        self.at_pace.d.next = self.pace_high.q.val() & self.pace_low.q.val() & (self.command.val() == 2);
        self.setting_pace.d.next = self.memory.write.val() & self.at_pace.q.val();
        self.memory.address_exists.next = self.address_exists.val() | self.at_pace.q.val();
        self.memory.address_writable.next = self.address_writable.val() | self.at_pace.q.val();
        self.memory.read_done.next = self.read_done.val();
        self.memory.read_low.next = self.read_low.val();
        self.memory.read_high.next = self.read_high.val();
        self.address.next = self.memory.address.val();
        self.write.next = self.memory.write.val() & !self.at_pace.q.val();
        self.write_low.next = self.memory.write_low.val();
        self.write_high.next = self.memory.write_high.val();
        self.read.next = self.memory.read.val();
        self.stream.clear.next = self.clearing.q.val();
        self.stream.pace.next = self.setting_pace.q.val();
        self.stream.period.next = self.memory.write_low.val();
        self.stream.line_idle.next = self.line_idle_now.q.val();
        self.stream.stop.next = self.stopping.q.val();
        self.stream.taken.next = self.taken.q.val();
        self.stream.front.next = self.front.val().get_bits::<8>(0);
        self.stream.none_left.next = self.none_left.q.val();
        self.stream.input_ready.next = self.input_ready.val();
        self.stream.tick_busy.next = self.tick_busy.val();
        self.stream.used_up.next = self.used_up.val();
        self.stream.spike_valid.next = self.spike_valid.val();
        self.stream.spike_neuron.next = self.spike_neuron.val();
        self.stream.room.next = self.reply_room.val();
        self.input_valid.next = self.stream.input_valid.val();
        self.input_line.next = self.stream.input_line.val();
        self.tick_start.next = self.stream.tick_start.val();
        self.spike_ready.next = self.stream.spike_ready.val();
        self.answer.stop.next = self.stopping.q.val();
        self.answer.start.next = self.asking.q.val();
        self.answer.kind.next = self.answer_kind.q.val();
        self.answer.head.next = self.answer_head.q.val();
        self.answer.tail.next = self.answer_tail.q.val();
        self.answer.count.next = self.answer_count.q.val();
        self.out.d.next.data =
            self.memory.reply.val().data | self.stream.reply.val().data | self.answer.reply.val().data;
        self.out.d.next.write =
            self.memory.reply.val().write | self.stream.reply.val().write | self.answer.reply.val().write;
        self.out.d.next.close =
            self.memory.reply.val().close | self.stream.reply.val().close | self.answer.reply.val().close;
        self.out.d.next.discard =
            self.memory.reply.val().discard | self.stream.reply.val().discard | self.answer.reply.val().discard;
        self.reply.next = self.out.q.val();

        self.reset_start.next = self.resetting.q.val();
        self.reset_flags.next = self.flags.q.val();
        self.snapshot.next = self.latching.q.val();
        self.quiet.next = self.is.val().idle & self.empty.val() & self.idle.val() & !self.pending.q.val();
    }
}
