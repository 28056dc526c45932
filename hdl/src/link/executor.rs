//! Commands of the host, executed one after the other.

use super::crc32::Crc32;
use nernst_spec::link::Command;
use nernst_spec::link::message::{Kind, MAX_STREAM, MAX_WORDS, Refusal};
use nernst_spec::{ArrayConfig, Identity};
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::{ContentsError, Rom};

/// Commands, in the order of their codes: the low bits of a code are the place in this list.
const COMMANDS: [Kind; 7] =
    [Kind::Identify, Kind::Reset, Kind::Write, Kind::Read, Kind::Digest, Kind::Stream, Kind::Snapshot];
/// The replies to them; a write has none.
const REPLIES: [Kind; 7] =
    [Kind::Identity, Kind::Done, Kind::Error, Kind::Words, Kind::DigestValue, Kind::StreamOut, Kind::Done];

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
    Check,
    Reset,
    ResetWait,
    TakeAddress,
    TakeWord,
    WriteWord,
    WriteNext,
    TakeCount,
    TakeCountHigh,
    ReadNext,
    ReadWait,
    ReplyWord,
    Reply,
    ReplyCode,
    ReplyCommand,
    ReplyLow,
    ReplyIdentity,
    Close,
    StreamNext,
    TakeEvent,
    Event,
    SpikeIn,
    TickNext,
    TickRun,
    StreamPut,
    StreamLow,
    StreamHigh,
    StreamFull,
    StreamEnd,
    Refuse,
    Skip,
    Finish,
    Abort,
}

/// Takes committed frames from the receiver, does on the array what they say, and writes the replies.
///
/// A command begins when the array is idle and there is room for a reply; only a `Stream` may need more room, and waits for it
/// while the array waits with its spike. Refusals are as `nernst_spec::link::message` says.
///
/// ```text
/// a word is written            a tick runs
/// clock    _/~\_/~\_/~\_/~\    clock       _/~\_/~\_/~\_/~\_/~\_/~\_
/// address  <A  ..  >=5 clocks  tick_start  _/~~~\___________________
/// write    .. ____/~~~\____    tick_busy   _____/~~~~~~~~~~~~~~~\___
///                              spike_valid _________/~~~~~~~\_______
///                              spike_ready _/~~~~~~~~~~~\___/~~~~~~~   3 clocks for each spike
/// ```
/// | command | clocks, besides what the array takes |
/// |---|---|
/// | `Write` | 32 a word |
/// | `Read`, `Digest` | 11 a word |
/// | `Stream` | 10 a spike in, 3 a spike out, 6 a tick |
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
    pub reply_data: Signal<Out, Bits<8>>,
    pub reply_write: Signal<Out, Bit>,
    pub reply_close: Signal<Out, Bit>,
    pub reply_discard: Signal<Out, Bit>,
    pub reply_room: Signal<In, Bit>,

    /// Address of the map, held while the executor works on it.
    pub address: Signal<Out, Bits<32>>,
    /// About `address`, from the third clock after it changed.
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

    state: DFF<ExecutorState>,
    /// Clocks to wait.
    pause: DFF<Bits<4>>,
    kind: DFF<Bits<8>>,
    /// Bytes of the payload not yet taken.
    left: DFF<Bits<8>>,
    refusal: DFF<Bits<3>>,
    address_at: DFF<Bits<32>>,
    low: DFF<Bits<32>>,
    high: DFF<Bits<4>>,
    /// Bytes of an address or word done.
    place: DFF<Bits<3>>,
    /// Words to read, or bytes of the identity sent.
    count: DFF<Bits<16>>,
    word: DFF<Bits<16>>,
    ticks: DFF<Bits<15>>,
    number: DFF<Bits<15>>,
    /// Words in the stream frame that is open; 0: none is.
    words: DFF<Bits<7>>,
    offering: DFF<Bit>,
    writing: DFF<Bit>,
    reading: DFF<Bit>,
    starting: DFF<Bit>,
    resetting: DFF<Bit>,
    flags: DFF<Bits<3>>,
    latching: DFF<Bit>,
    crc: Crc32,
    /// Bit k: a payload of this length is right for command k.
    lengths: Rom<7, 8>,
    identity: Rom<8, 7>,
    replies: Rom<8, 3>,

    command: Signal<Local, Bits<3>>,
    known: Signal<Local, Bit>,
    rested: Signal<Local, Bit>,
    word_byte: Signal<Local, Bits<8>>,
    identity_last: Constant<Bits<16>>,
    inputs: Constant<Bits<16>>,
    most_words: Constant<Bits<8>>,
    last_event: Constant<Bits<7>>,
    error_kind: Constant<Bits<8>>,
    stream_kind: Constant<Bits<8>>,
    refuse_kind: Constant<Bits<3>>,
    refuse_length: Constant<Bits<3>>,
    refuse_address: Constant<Bits<3>>,
    refuse_input: Constant<Bits<3>>,
}

/// For every length of a payload the commands that it is right for. A `Read` of one word stands for all.
fn right_lengths() -> Vec<u64> {
    let right = |length, kind| Command::parse(kind, &vec![1; length]).is_ok();
    (0..256).map(|length| (0..7).map(|k| (right(length, COMMANDS[k]) as u64) << k).sum()).collect()
}

impl Executor {
    /// An executor for an array of this shape, which it identifies as.
    pub fn new(config: &ArrayConfig) -> Result<Self, ContentsError> {
        let identity: Vec<u64> = Identity::new(config).to_bytes().into_iter().map(u64::from).collect();
        let refusal = |refusal: Refusal| Constant::new((refusal as u64).into());
        Ok(Self {
            clock: Default::default(),
            abort: Default::default(),
            clear: Default::default(),
            front: Default::default(),
            front_valid: Default::default(),
            empty: Default::default(),
            take: Default::default(),
            reply_data: Default::default(),
            reply_write: Default::default(),
            reply_close: Default::default(),
            reply_discard: Default::default(),
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
            state: Default::default(),
            pause: Default::default(),
            kind: Default::default(),
            left: Default::default(),
            refusal: Default::default(),
            address_at: Default::default(),
            low: Default::default(),
            high: Default::default(),
            place: Default::default(),
            count: Default::default(),
            word: Default::default(),
            ticks: Default::default(),
            number: Default::default(),
            words: Default::default(),
            offering: Default::default(),
            writing: Default::default(),
            reading: Default::default(),
            starting: Default::default(),
            resetting: Default::default(),
            flags: Default::default(),
            latching: Default::default(),
            crc: Default::default(),
            lengths: Rom::new(&right_lengths())?,
            identity: Rom::new(&identity)?,
            replies: Rom::new(&REPLIES.map(|kind| kind as u64))?,
            command: Default::default(),
            known: Default::default(),
            rested: Default::default(),
            word_byte: Default::default(),
            identity_last: Constant::new((identity.len() as u64 - 1).into()),
            inputs: Constant::new((config.inputs as u64).into()),
            most_words: Constant::new((MAX_WORDS as u64).into()),
            last_event: Constant::new((MAX_STREAM as u64 - 1).into()),
            error_kind: Constant::new((Kind::Error as u64).into()),
            stream_kind: Constant::new((Kind::StreamOut as u64).into()),
            refuse_kind: refusal(Refusal::Kind),
            refuse_length: refusal(Refusal::Length),
            refuse_address: refusal(Refusal::Address),
            refuse_input: refusal(Refusal::Input),
        })
    }
}

impl Logic for Executor {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, state, pause, kind, left, refusal, address_at, low, high, place, count, word, ticks, number,
            words, offering, writing, reading, starting, resetting, flags, latching
        );
        clock!(self, clock, crc);
        self.clear.next = false;
        self.take.next = false;
        self.reply_data.next = self.low.q.val().get_bits::<8>(0);
        self.reply_write.next = false;
        self.reply_close.next = false;
        self.reply_discard.next = false;
        self.spike_ready.next = false;
        self.writing.d.next = false;
        self.reading.d.next = false;
        self.starting.d.next = false;
        self.resetting.d.next = false;
        self.latching.d.next = false;
        self.crc.start.next = false;
        self.crc.enable.next = false;
        self.lengths.address.next = self.left.q.val();
        self.identity.address.next = self.count.q.val().get_bits::<7>(0);
        self.command.next = self.kind.q.val().get_bits::<3>(0);
        self.replies.address.next = self.command.val();
        self.known.next = !(self.kind.q.val().get_bit(6) | self.kind.q.val().get_bit(5) | self.kind.q.val().get_bit(3))
            & (self.command.val() != 7);
        self.rested.next = self.pause.q.val() == 0;
        if !self.rested.val() {
            self.pause.d.next = self.pause.q.val() - 1;
        }
        self.word_byte.next = self.low.q.val().get_bits::<8>(0);
        if self.place.q.val() == 4 {
            self.word_byte.next = bit_cast::<8, 4>(self.high.q.val());
        }
        self.crc.data.next = self.word_byte.val();

        match self.state.q.val() {
            ExecutorState::Idle => {
                self.refusal.d.next = bits::<3>(0);
                self.place.d.next = bits::<3>(0);
                self.words.d.next = bits::<7>(0);
                self.count.d.next = bits::<16>(0);
                self.address_at.d.next = bits::<32>(0);
                if self.front_valid.val() & self.rested.val() & self.idle.val() & self.reply_room.val() {
                    self.left.d.next = self.front.val();
                    self.take.next = true;
                    self.state.d.next = ExecutorState::TakeKind;
                }
            }
            ExecutorState::TakeKind => {
                if self.front_valid.val() {
                    self.kind.d.next = self.front.val();
                    self.take.next = true;
                    self.state.d.next = ExecutorState::Check;
                }
            }
            ExecutorState::Check => {
                self.refusal.d.next = self.refuse_kind.val();
                self.state.d.next = ExecutorState::Refuse;
                if self.known.val() {
                    self.refusal.d.next = self.refuse_length.val();
                    if self.lengths.data.val().get_bit(self.command.val().index()) {
                        self.refusal.d.next = bits::<3>(0);
                        match self.command.val().index() {
                            0 => {
                                self.state.d.next = ExecutorState::Reply;
                            }
                            1 => {
                                self.state.d.next = ExecutorState::Reset;
                            }
                            5 => {
                                self.state.d.next = ExecutorState::StreamNext;
                            }
                            6 => {
                                self.latching.d.next = true;
                                self.state.d.next = ExecutorState::Reply;
                            }
                            _ => {
                                self.state.d.next = ExecutorState::TakeAddress;
                            }
                        }
                    }
                }
            }

            ExecutorState::Reset => {
                if self.front_valid.val() {
                    self.flags.d.next = self.front.val().get_bits::<3>(0);
                    self.resetting.d.next = true;
                    self.pause.d.next = bits::<4>(2);
                    self.state.d.next = ExecutorState::ResetWait;
                }
            }
            ExecutorState::ResetWait => {
                if self.rested.val() & !self.reset_busy.val() {
                    self.state.d.next = ExecutorState::Reply;
                }
            }

            ExecutorState::TakeAddress => {
                if self.front_valid.val() {
                    self.address_at.d.next = (self.address_at.q.val() >> 8) | (bit_cast::<32, 8>(self.front.val()) << 24);
                    self.place.d.next = self.place.q.val() + 1;
                    self.take.next = true;
                    if self.place.q.val() == 3 {
                        self.place.d.next = bits::<3>(0);
                        self.pause.d.next = bits::<4>(4);
                        self.state.d.next = ExecutorState::TakeCount;
                        if self.command.val() == 2 {
                            self.state.d.next = ExecutorState::TakeWord;
                        }
                    }
                }
            }
            ExecutorState::TakeWord => {
                if self.front_valid.val() {
                    self.take.next = true;
                    self.place.d.next = self.place.q.val() + 1;
                    if self.place.q.val() == 4 {
                        self.high.d.next = self.front.val().get_bits::<4>(0);
                        self.place.d.next = bits::<3>(0);
                        self.state.d.next = ExecutorState::WriteWord;
                    } else {
                        self.low.d.next = (self.low.q.val() >> 8) | (bit_cast::<32, 8>(self.front.val()) << 24);
                    }
                }
            }
            ExecutorState::WriteWord => {
                if self.rested.val() {
                    if self.address_exists.val() & self.address_writable.val() {
                        self.writing.d.next = true;
                        self.pause.d.next = bits::<4>(8);
                        self.state.d.next = ExecutorState::WriteNext;
                    } else {
                        self.refusal.d.next = self.refuse_address.val();
                        self.state.d.next = ExecutorState::Refuse;
                    }
                }
            }
            ExecutorState::WriteNext => {
                // The array may use address and word for some clocks after the pulse.
                if self.rested.val() {
                    self.address_at.d.next = self.address_at.q.val() + 1;
                    self.pause.d.next = bits::<4>(4);
                    self.state.d.next = ExecutorState::TakeWord;
                    if self.left.q.val() == 0 {
                        self.state.d.next = ExecutorState::Finish;
                    }
                }
            }

            ExecutorState::TakeCount => {
                if self.front_valid.val() {
                    self.take.next = true;
                    self.count.d.next = bit_cast::<16, 8>(self.front.val());
                    if self.command.val() == 3 {
                        self.state.d.next = ExecutorState::Reply;
                        if (self.front.val() == 0) | (self.front.val() > self.most_words.val()) {
                            self.address_at.d.next = bits::<32>(0);
                            self.refusal.d.next = self.refuse_length.val();
                            self.state.d.next = ExecutorState::Refuse;
                        }
                    } else {
                        self.state.d.next = ExecutorState::TakeCountHigh;
                    }
                }
            }
            ExecutorState::TakeCountHigh => {
                if self.front_valid.val() {
                    self.take.next = true;
                    self.count.d.next = self.count.q.val() | (bit_cast::<16, 8>(self.front.val()) << 8);
                    self.crc.start.next = true;
                    self.state.d.next = ExecutorState::ReadNext;
                }
            }
            ExecutorState::ReadNext => {
                if self.count.q.val() == 0 {
                    self.state.d.next = ExecutorState::Close;
                    if self.command.val() == 4 {
                        self.state.d.next = ExecutorState::Reply;
                    }
                } else {
                    if self.rested.val() {
                        if self.address_exists.val() {
                            self.reading.d.next = true;
                            self.state.d.next = ExecutorState::ReadWait;
                        } else {
                            self.reply_discard.next = true;
                            self.refusal.d.next = self.refuse_address.val();
                            self.state.d.next = ExecutorState::Refuse;
                        }
                    }
                }
            }
            ExecutorState::ReadWait => {
                if self.read_done.val() {
                    self.low.d.next = self.read_low.val();
                    self.high.d.next = self.read_high.val();
                    self.state.d.next = ExecutorState::ReplyWord;
                }
            }
            ExecutorState::ReplyWord => {
                self.reply_data.next = self.word_byte.val();
                self.reply_write.next = self.command.val() == 3;
                self.crc.enable.next = true;
                self.low.d.next = self.low.q.val() >> 8;
                self.place.d.next = self.place.q.val() + 1;
                if self.place.q.val() == 4 {
                    self.place.d.next = bits::<3>(0);
                    self.address_at.d.next = self.address_at.q.val() + 1;
                    self.pause.d.next = bits::<4>(4);
                    self.count.d.next = self.count.q.val() - 1;
                    self.state.d.next = ExecutorState::ReadNext;
                }
            }

            ExecutorState::Reply => {
                self.reply_write.next = true;
                self.reply_data.next = self.replies.data.val();
                self.low.d.next = self.address_at.q.val();
                self.place.d.next = bits::<3>(0);
                match self.command.val().index() {
                    0 => {
                        self.state.d.next = ExecutorState::ReplyIdentity;
                    }
                    3 => {
                        self.state.d.next = ExecutorState::ReplyLow;
                    }
                    4 => {
                        self.low.d.next = !self.crc.value.val();
                        self.state.d.next = ExecutorState::ReplyLow;
                    }
                    _ => {
                        self.state.d.next = ExecutorState::ReplyCommand;
                    }
                }
                if self.refusal.q.val() != 0 {
                    self.reply_data.next = self.error_kind.val();
                    self.low.d.next = self.address_at.q.val();
                    self.state.d.next = ExecutorState::ReplyCode;
                }
            }
            ExecutorState::ReplyCode => {
                self.reply_write.next = true;
                self.reply_data.next = bit_cast::<8, 3>(self.refusal.q.val());
                self.state.d.next = ExecutorState::ReplyCommand;
            }
            ExecutorState::ReplyCommand => {
                self.reply_write.next = true;
                self.reply_data.next = self.kind.q.val();
                self.state.d.next = ExecutorState::Close;
                if self.refusal.q.val() != 0 {
                    self.state.d.next = ExecutorState::ReplyLow;
                }
            }
            ExecutorState::ReplyLow => {
                self.reply_write.next = true;
                self.low.d.next = self.low.q.val() >> 8;
                self.place.d.next = self.place.q.val() + 1;
                if self.place.q.val() == 3 {
                    self.place.d.next = bits::<3>(0);
                    self.state.d.next = ExecutorState::Close;
                    if (self.refusal.q.val() == 0) & (self.command.val() == 3) {
                        self.state.d.next = ExecutorState::ReadNext;
                    }
                }
            }
            ExecutorState::ReplyIdentity => {
                self.reply_write.next = true;
                self.reply_data.next = self.identity.data.val();
                self.count.d.next = self.count.q.val() + 1;
                if self.count.q.val() == self.identity_last.val() {
                    self.state.d.next = ExecutorState::Close;
                }
            }
            ExecutorState::Close => {
                self.reply_close.next = true;
                self.state.d.next = ExecutorState::Skip;
            }

            ExecutorState::StreamNext => {
                if self.left.q.val() == 0 {
                    self.state.d.next = ExecutorState::Finish;
                    if self.words.q.val() != 0 {
                        self.state.d.next = ExecutorState::StreamEnd;
                    }
                } else {
                    if self.front_valid.val() {
                        self.take.next = true;
                        self.word.d.next = bit_cast::<16, 8>(self.front.val());
                        self.state.d.next = ExecutorState::TakeEvent;
                    }
                }
            }
            ExecutorState::TakeEvent => {
                if self.front_valid.val() {
                    self.take.next = true;
                    self.word.d.next = self.word.q.val() | (bit_cast::<16, 8>(self.front.val()) << 8);
                    self.state.d.next = ExecutorState::Event;
                }
            }
            ExecutorState::Event => {
                if self.word.q.val().get_bit(15) {
                    self.ticks.d.next = self.word.q.val().get_bits::<15>(0);
                    self.state.d.next = ExecutorState::TickNext;
                } else {
                    if self.word.q.val() < self.inputs.val() {
                        self.offering.d.next = true;
                        self.state.d.next = ExecutorState::SpikeIn;
                    } else {
                        self.refusal.d.next = self.refuse_input.val();
                        self.address_at.d.next = bit_cast::<32, 16>(self.word.q.val());
                        self.reply_close.next = self.words.q.val() != 0;
                        self.words.d.next = bits::<7>(0);
                        self.pause.d.next = bits::<4>(2);
                        self.state.d.next = ExecutorState::Refuse;
                    }
                }
            }
            ExecutorState::SpikeIn => {
                if self.input_ready.val() {
                    self.offering.d.next = false;
                    self.state.d.next = ExecutorState::StreamNext;
                }
            }
            ExecutorState::TickNext => {
                if self.ticks.q.val() == 0 {
                    self.state.d.next = ExecutorState::StreamNext;
                } else {
                    self.starting.d.next = true;
                    self.number.d.next = self.tick_number.val();
                    self.ticks.d.next = self.ticks.q.val() - 1;
                    self.pause.d.next = bits::<4>(1);
                    self.state.d.next = ExecutorState::TickRun;
                }
            }
            ExecutorState::TickRun => {
                self.spike_ready.next = true;
                if self.spike_valid.val() {
                    self.word.d.next = bit_cast::<16, 15>(self.spike_neuron.val());
                    self.state.d.next = ExecutorState::StreamPut;
                } else {
                    if self.rested.val() & !self.tick_busy.val() {
                        self.word.d.next = bit_cast::<16, 15>(self.number.q.val()) | 0x8000;
                        self.state.d.next = ExecutorState::StreamPut;
                    }
                }
            }
            ExecutorState::StreamPut => {
                self.reply_data.next = self.word.q.val().get_bits::<8>(0);
                if self.words.q.val() != 0 {
                    self.reply_write.next = true;
                    self.state.d.next = ExecutorState::StreamHigh;
                } else {
                    self.reply_data.next = self.stream_kind.val();
                    if self.rested.val() & self.reply_room.val() {
                        self.reply_write.next = true;
                        self.state.d.next = ExecutorState::StreamLow;
                    }
                }
            }
            ExecutorState::StreamLow => {
                self.reply_write.next = true;
                self.reply_data.next = self.word.q.val().get_bits::<8>(0);
                self.state.d.next = ExecutorState::StreamHigh;
            }
            ExecutorState::StreamHigh => {
                self.reply_write.next = true;
                self.reply_data.next = self.word.q.val().get_bits::<8>(8);
                self.words.d.next = self.words.q.val() + 1;
                self.state.d.next = ExecutorState::TickRun;
                if self.word.q.val().get_bit(15) {
                    self.state.d.next = ExecutorState::TickNext;
                }
                if self.words.q.val() == self.last_event.val() {
                    self.state.d.next = ExecutorState::StreamFull;
                }
            }
            ExecutorState::StreamFull => {
                self.reply_close.next = true;
                self.words.d.next = bits::<7>(0);
                self.pause.d.next = bits::<4>(2);
                self.state.d.next = ExecutorState::TickRun;
                if self.word.q.val().get_bit(15) {
                    self.state.d.next = ExecutorState::TickNext;
                }
            }
            ExecutorState::StreamEnd => {
                self.reply_close.next = true;
                self.state.d.next = ExecutorState::Finish;
            }

            ExecutorState::Refuse => {
                if self.rested.val() & self.reply_room.val() {
                    self.state.d.next = ExecutorState::Reply;
                }
            }
            ExecutorState::Skip => {
                if self.left.q.val() == 0 {
                    self.state.d.next = ExecutorState::Finish;
                } else {
                    self.take.next = self.front_valid.val();
                }
            }
            ExecutorState::Finish => {
                self.pause.d.next = bits::<4>(2);
                self.state.d.next = ExecutorState::Idle;
            }
            ExecutorState::Abort => {
                self.spike_ready.next = true;
                self.offering.d.next = false;
                if self.rested.val() & self.idle.val() {
                    self.clear.next = true;
                    self.state.d.next = ExecutorState::Finish;
                }
            }
            _ => {
                self.state.d.next = ExecutorState::Idle;
            }
        }
        // Length and kind do not count.
        if self.take.val()
            & (self.state.q.val() != ExecutorState::Idle)
            & (self.state.q.val() != ExecutorState::TakeKind)
        {
            self.left.d.next = self.left.q.val() - 1;
        }
        if self.abort.val() & (self.state.q.val() != ExecutorState::Abort) {
            // Time for what was just begun to show in `idle`.
            self.pause.d.next = bits::<4>(7);
            self.state.d.next = ExecutorState::Abort;
        }

        self.address.next = self.address_at.q.val();
        self.write.next = self.writing.q.val();
        self.write_low.next = self.low.q.val();
        self.write_high.next = self.high.q.val();
        self.read.next = self.reading.q.val();
        self.input_valid.next = self.offering.q.val();
        self.input_line.next = self.word.q.val();
        self.tick_start.next = self.starting.q.val();
        self.reset_start.next = self.resetting.q.val();
        self.reset_flags.next = self.flags.q.val();
        self.snapshot.next = self.latching.q.val();
        self.quiet.next = (self.state.q.val() == ExecutorState::Idle) & self.empty.val() & self.idle.val();
    }
}
