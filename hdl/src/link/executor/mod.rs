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

mod answer;
mod memory;
mod reply;
mod stream;

pub use answer::{Answer, AnswerState};
pub use memory::{Memory, MemoryState};
pub use reply::Reply;
pub use stream::{Stream, StreamState};

use nernst_spec::ArrayConfig;
use nernst_spec::link::Command;
use nernst_spec::link::message::{Kind, Refusal};
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::{ContentsError, Rom};

/// Commands, in the order of their codes: the low bits of a code are the place in this list.
const COMMANDS: [Kind; 7] =
    [Kind::Identify, Kind::Reset, Kind::Write, Kind::Read, Kind::Digest, Kind::Stream, Kind::Snapshot];

const _: () = {
    let mut place = 0;
    while place < COMMANDS.len() {
        assert!(COMMANDS[place] as usize == 0x10 + place);
        place += 1;
    }
};

/// What the executor does.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum ExecutorState {
    Idle,
    TakeKind,
    /// The length of the payload is looked up.
    Look,
    Check,
    Reset,
    ResetWait,
    Done,
    /// Memory or stream is at it.
    Run,
    Refuse,
    /// The answer is at it.
    Answer,
    /// What is left of the payload is taken.
    Skip,
    Finish,
    Abort,
}

/// Takes committed frames from the receiver, does on the array what they say, and writes the replies.
///
/// A command begins when the array is idle and there is room for a reply; only a `Stream` may need more room, and waits for it
/// while the array waits with its spike. Refusals are as `nernst_spec::link::message` says.
///
/// The executor takes length and kind of a frame and judges them; what comes then is done by [`Memory`], [`Stream`] or, for the
/// commands of a byte or none, by itself; [`Answer`] writes short replies. All of them take bytes from the same front and write
/// into the same reply, one at a time.
///
/// | command | clocks, besides what the array takes |
/// |---|---|
/// | `Write` | 35 a word |
/// | `Read`, `Digest` | 13 a word |
/// | `Stream` | 13 a spike in, 3 a spike out, 8 a tick |
///
/// `abort` ends the command: what runs in the array is waited for and its spikes are dropped; then comes one clock of `clear`.
#[derive(LogicBlock)]
pub struct Executor {
    pub clock: Signal<In, Clock>,
    pub abort: Signal<In, Bit>,
    pub clear: Signal<Out, Bit>,
    /// From the receiver: see there.
    pub front: Signal<In, Bits<8>>,
    pub front_valid: Signal<In, Bit>,
    pub empty: Signal<In, Bit>,
    pub take: Signal<Out, Bit>,
    /// To the transmitter: see there.
    pub reply: Signal<Out, Reply>,
    pub reply_room: Signal<In, Bit>,

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
    pub input_line: Signal<Out, Bits<16>>,
    pub input_ready: Signal<In, Bit>,
    /// Runs a tick; `tick_busy` is high from the next clock to its end.
    pub tick_start: Signal<Out, Bit>,
    pub tick_busy: Signal<In, Bit>,
    pub tick_number: Signal<In, Bits<15>>,
    /// A neuron's spike to the host.
    pub spike_valid: Signal<In, Bit>,
    pub spike_neuron: Signal<In, Bits<15>>,
    pub spike_ready: Signal<Out, Bit>,
    /// Clears what the flags say; `reset_busy` is high from the next clock to its end.
    pub reset_start: Signal<Out, Bit>,
    pub reset_flags: Signal<Out, Bits<3>>,
    pub reset_busy: Signal<In, Bit>,
    /// Latches all counters.
    pub snapshot: Signal<Out, Bit>,
    /// The array has nothing under way.
    pub idle: Signal<In, Bit>,
    /// Nothing is executed or waits to be.
    pub quiet: Signal<Out, Bit>,

    memory: Memory,
    stream: Stream,
    answer: Answer,
    state: DFF<ExecutorState>,
    /// Clocks to wait.
    pause: DFF<Bits<3>>,
    kind: DFF<Bits<8>>,
    /// Bytes of the payload not yet taken.
    left: DFF<Bits<8>>,
    none_left: DFF<Bit>,
    taking: DFF<Bit>,
    counting: DFF<Bit>,
    may_begin: DFF<Bit>,
    idle_now: DFF<Bit>,
    /// Bit k of a word: a payload of this length is right for command k.
    lengths: Rom<7, 8>,
    right: DFF<Bits<8>>,
    known: DFF<Bit>,
    fits: DFF<Bit>,
    refusal: DFF<Bits<3>>,
    refused_at: DFF<Bits<32>>,
    resetting: DFF<Bit>,
    flags: DFF<Bits<3>>,
    latching: DFF<Bit>,
    length: DFF<Bits<8>>,
    here: DFF<Bit>,
    is_digest: DFF<Bit>,
    clearing: DFF<Bit>,
    unit_over: DFF<Bit>,
    stopping: DFF<Bit>,
    starting_memory: DFF<Bit>,
    starting_stream: DFF<Bit>,
    // The answer that is asked for.
    asking: DFF<Bit>,
    answer_kind: DFF<Bits<8>>,
    answer_head: DFF<Bits<16>>,
    answer_tail: DFF<Bits<32>>,
    answer_count: DFF<Bits<3>>,
    out: DFF<Reply>,

    command: Signal<Local, Bits<3>>,
    rested: Signal<Local, Bit>,
    take_now: Signal<Local, Bit>,
    unit_refusal: Signal<Local, Bits<3>>,
    done_kind: Constant<Bits<8>>,
    error_kind: Constant<Bits<8>>,
    identity_kind: Constant<Bits<8>>,
    digest_kind: Constant<Bits<8>>,
    refuse_kind: Constant<Bits<3>>,
    refuse_length: Constant<Bits<3>>,
}

/// For every length of a payload the commands that it is right for. A `Read` of one word stands for all.
fn right_lengths() -> Vec<u64> {
    let right = |length, kind| Command::parse(kind, &vec![1; length]).is_ok();
    (0..256).map(|length| (0..7).map(|k| (right(length, COMMANDS[k]) as u64) << k).sum()).collect()
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
            idle: Default::default(),
            quiet: Default::default(),
            memory: Default::default(),
            stream: Stream::new(config),
            answer: Answer::new(config)?,
            state: Default::default(),
            pause: Default::default(),
            kind: Default::default(),
            left: Default::default(),
            none_left: Default::default(),
            taking: Default::default(),
            counting: Default::default(),
            may_begin: Default::default(),
            idle_now: Default::default(),
            lengths: Rom::new(&right_lengths())?,
            right: Default::default(),
            known: Default::default(),
            fits: Default::default(),
            refusal: Default::default(),
            refused_at: Default::default(),
            resetting: Default::default(),
            flags: Default::default(),
            latching: Default::default(),
            length: Default::default(),
            is_digest: Default::default(),
            clearing: Default::default(),
            unit_over: Default::default(),
            stopping: Default::default(),
            starting_memory: Default::default(),
            starting_stream: Default::default(),
            asking: Default::default(),
            answer_kind: Default::default(),
            answer_head: Default::default(),
            answer_tail: Default::default(),
            answer_count: Default::default(),
            out: Default::default(),
            command: Default::default(),
            rested: Default::default(),
            here: Default::default(),
            take_now: Default::default(),
            unit_refusal: Default::default(),
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
            kind,
            left,
            none_left,
            taking,
            counting,
            may_begin,
            idle_now,
            right,
            known,
            fits,
            refusal,
            refused_at,
            resetting,
            flags,
            latching,
            length,
            here,
            is_digest,
            clearing,
            unit_over,
            stopping,
            starting_memory,
            starting_stream,
            asking,
            answer_kind,
            answer_head,
            answer_tail,
            answer_count,
            out
        );
        clock!(self, clock, memory, stream, answer);
        self.clearing.d.next = false;
        self.stopping.d.next = false;
        self.take_now.next = self.memory.take.val() | self.stream.take.val();
        self.resetting.d.next = false;
        self.latching.d.next = false;
        self.asking.d.next = false;
        self.starting_memory.d.next = false;
        self.starting_stream.d.next = false;
        self.rested.next = self.pause.q.val() == 0;
        if !self.rested.val() {
            self.pause.d.next = self.pause.q.val() - 1;
        }
        self.idle_now.d.next = self.idle.val();
        self.may_begin.d.next = (self.state.q.val() == ExecutorState::Idle)
            & self.rested.val()
            & self.idle_now.q.val()
            & self.reply_room.val();

        // What holds of length and kind.
        self.command.next = self.kind.q.val().get_bits::<3>(0);
        self.length.d.next = self.left.q.val();
        self.is_digest.d.next = self.command.val() == 4;
        self.lengths.address.next = self.length.q.val();
        self.right.d.next = bit_cast::<8, 7>(self.lengths.data.val());
        self.known.d.next =
            !(self.kind.q.val().get_bit(6) | self.kind.q.val().get_bit(5) | self.kind.q.val().get_bit(3))
                & (self.command.val() != 7);
        self.fits.d.next = self.right.q.val().get_bit(self.command.val().index());

        // What is answered, unless something else is said below.
        self.answer_kind.d.next = self.error_kind.val();
        self.answer_head.d.next = bit_cast::<16, 3>(self.refusal.q.val()) | (bit_cast::<16, 8>(self.kind.q.val()) << 8);
        self.answer_tail.d.next = self.refused_at.q.val();
        self.answer_count.d.next = bits::<3>(6);
        self.unit_over.d.next = self.memory.over.val() | self.stream.over.val();
        self.unit_refusal.next = self.memory.refusal.val();
        if self.command.val() == 5 {
            self.unit_refusal.next = self.stream.refusal.val();
        }

        match self.state.q.val() {
            ExecutorState::Idle => {
                self.refused_at.d.next = bits::<32>(0);
                if self.here.q.val() & self.may_begin.q.val() {
                    self.left.d.next = self.front.val();
                    self.take_now.next = true;
                    self.state.d.next = ExecutorState::TakeKind;
                }
            }
            ExecutorState::TakeKind => {
                self.pause.d.next = bits::<3>(3);
                if self.here.q.val() {
                    self.kind.d.next = self.front.val();
                    self.take_now.next = true;
                    self.state.d.next = ExecutorState::Look;
                }
            }
            ExecutorState::Look => {
                if self.rested.val() {
                    self.state.d.next = ExecutorState::Check;
                }
            }
            ExecutorState::Check => {
                if self.known.q.val() & self.fits.q.val() {
                    match self.command.val().index() {
                        0 => {
                            self.asking.d.next = true;
                            self.answer_kind.d.next = self.identity_kind.val();
                            self.state.d.next = ExecutorState::Answer;
                        }
                        1 => {
                            self.state.d.next = ExecutorState::Reset;
                        }
                        5 => {
                            self.starting_stream.d.next = true;
                            self.state.d.next = ExecutorState::Run;
                        }
                        6 => {
                            self.latching.d.next = true;
                            self.state.d.next = ExecutorState::Done;
                        }
                        _ => {
                            self.starting_memory.d.next = true;
                            self.state.d.next = ExecutorState::Run;
                        }
                    }
                } else {
                    self.refusal.d.next = self.refuse_length.val();
                    if !self.known.q.val() {
                        self.refusal.d.next = self.refuse_kind.val();
                    }
                    self.state.d.next = ExecutorState::Refuse;
                }
            }
            ExecutorState::Reset => {
                self.flags.d.next = self.front.val().get_bits::<3>(0);
                self.pause.d.next = bits::<3>(4);
                if self.here.q.val() {
                    self.resetting.d.next = true;
                    self.state.d.next = ExecutorState::ResetWait;
                }
            }
            ExecutorState::ResetWait => {
                if self.rested.val() & !self.reset_busy.val() {
                    self.state.d.next = ExecutorState::Done;
                }
            }
            ExecutorState::Done => {
                self.asking.d.next = true;
                self.answer_kind.d.next = self.done_kind.val();
                self.answer_head.d.next = bit_cast::<16, 8>(self.kind.q.val());
                self.answer_count.d.next = bits::<3>(1);
                self.state.d.next = ExecutorState::Answer;
            }
            ExecutorState::Run => {
                self.pause.d.next = bits::<3>(6);
                self.refused_at.d.next = self.memory.address.val();
                if self.command.val() == 5 {
                    self.refused_at.d.next = bit_cast::<32, 16>(self.stream.word.val());
                }
                self.refusal.d.next = self.unit_refusal.val();
                if self.is_digest.q.val() {
                    self.answer_kind.d.next = self.digest_kind.val();
                    self.answer_head.d.next = bit_cast::<16, 32>(self.memory.digest.val());
                    self.answer_tail.d.next = self.memory.digest.val() >> 16;
                    self.answer_count.d.next = bits::<3>(4);
                }
                if self.unit_over.q.val() {
                    self.state.d.next = ExecutorState::Skip;
                    if self.refusal.q.val() != 0 {
                        self.state.d.next = ExecutorState::Refuse;
                    } else {
                        if self.is_digest.q.val() {
                            self.asking.d.next = true;
                            self.state.d.next = ExecutorState::Answer;
                        }
                    }
                }
            }
            ExecutorState::Refuse => {
                if self.rested.val() & self.reply_room.val() {
                    self.asking.d.next = true;
                    self.state.d.next = ExecutorState::Answer;
                }
            }
            ExecutorState::Answer => {
                self.pause.d.next = bits::<3>(4);
                if self.answer.over.val() {
                    self.state.d.next = ExecutorState::Skip;
                }
            }
            ExecutorState::Skip => {
                if self.rested.val() {
                    if self.none_left.q.val() {
                        self.state.d.next = ExecutorState::Finish;
                    } else {
                        if self.here.q.val() {
                            self.pause.d.next = bits::<3>(4);
                            self.take_now.next = true;
                        }
                    }
                }
            }
            ExecutorState::Finish => {
                self.pause.d.next = bits::<3>(5);
                self.state.d.next = ExecutorState::Idle;
            }
            ExecutorState::Abort => {
                self.stopping.d.next = true;
                if self.rested.val() & self.idle_now.q.val() {
                    self.clearing.d.next = true;
                    self.state.d.next = ExecutorState::Finish;
                }
            }
            _ => {
                self.state.d.next = ExecutorState::Idle;
            }
        }
        // A byte is taken a clock after somebody wanted it; the next one is there a clock after the receiver has it.
        self.here.d.next = self.front_valid.val() & !self.taking.q.val() & !self.take_now.val();
        // Length and kind do not count.
        self.taking.d.next = self.take_now.val();
        self.counting.d.next =
            (self.state.q.val() != ExecutorState::Idle) & (self.state.q.val() != ExecutorState::TakeKind);
        if self.taking.q.val() & self.counting.q.val() {
            self.left.d.next = self.left.q.val() - 1;
        }
        self.none_left.d.next = self.left.q.val() == 0;
        // While `clear` is out `abort` still stands from before it.
        if self.abort.val() & !self.clearing.q.val() & (self.state.q.val() != ExecutorState::Abort) {
            // Time for what was just begun to show in `idle`.
            self.pause.d.next = bits::<3>(7);
            self.state.d.next = ExecutorState::Abort;
        }
        self.take.next = self.taking.q.val();

        // The units.
        self.clear.next = self.clearing.q.val();
        self.memory.start.next = self.starting_memory.q.val();
        self.stream.start.next = self.starting_stream.q.val();
        self.memory.stop.next = self.stopping.q.val();
        self.memory.command.next = self.command.val();
        self.memory.front.next = self.front.val();
        self.memory.front_valid.next = self.here.q.val();
        self.memory.none_left.next = self.none_left.q.val();
        self.memory.address_exists.next = self.address_exists.val();
        self.memory.address_writable.next = self.address_writable.val();
        self.memory.read_done.next = self.read_done.val();
        self.memory.read_low.next = self.read_low.val();
        self.memory.read_high.next = self.read_high.val();
        self.address.next = self.memory.address.val();
        self.write.next = self.memory.write.val();
        self.write_low.next = self.memory.write_low.val();
        self.write_high.next = self.memory.write_high.val();
        self.read.next = self.memory.read.val();
        self.stream.stop.next = self.stopping.q.val();
        self.stream.front.next = self.front.val();
        self.stream.front_valid.next = self.here.q.val();
        self.stream.none_left.next = self.none_left.q.val();
        self.stream.input_ready.next = self.input_ready.val();
        self.stream.tick_busy.next = self.tick_busy.val();
        self.stream.tick_number.next = self.tick_number.val();
        self.stream.spike_valid.next = self.spike_valid.val();
        self.stream.spike_neuron.next = self.spike_neuron.val();
        self.stream.room.next = self.reply_room.val();
        self.input_valid.next = self.stream.input_valid.val();
        self.input_line.next = self.stream.word.val();
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
        self.quiet.next = (self.state.q.val() == ExecutorState::Idle) & self.empty.val() & self.idle.val();
    }
}
