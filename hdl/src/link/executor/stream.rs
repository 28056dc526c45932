//! Spikes in, ticks, and spikes out.

use super::reply::Reply;
use nernst_spec::ArrayConfig;
use nernst_spec::link::message::{Kind, MAX_STREAM, Refusal};
use rust_hdl::prelude::*;

/// What is being done.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum StreamState {
    Idle,
    /// The two bytes of a word come.
    Low,
    High,
    Look,
    Judge,
    /// A spike is offered to the array.
    Offer,
    /// A tick is begun, and runs.
    Begin,
    Run,
    /// A word leaves: first of all the kind of a frame, then two bytes.
    Open,
    Put,
    PutHigh,
    Full,
    Close,
    Over,
}

/// Executes `Stream` from behind its kind on: spikes and ticks in their order, and what the host is to hear of them.
///
/// `start` begins, `over` ends. Then `refusal` says why nothing more was done, 0 if all was, and `word` is the word that was
/// refused. Replies are written here; one that is full is closed, and the next is begun when `room` allows.
///
/// ```text
/// clock       _/~\_/~\_/~\_/~\_/~\_/~\_
/// tick_start  _/~~~\___________________
/// tick_busy   _____/~~~~~~~~~~~~~~~\___
/// spike_valid _________/~~~~~~~\_______
/// spike_ready _/~~~~~~~~~~~\___/~~~~~~~   3 clocks for each spike
/// ```
#[derive(LogicBlock)]
pub struct Stream {
    pub clock: Signal<In, Clock>,
    pub stop: Signal<In, Bit>,
    pub start: Signal<In, Bit>,
    pub front: Signal<In, Bits<8>>,
    pub front_valid: Signal<In, Bit>,
    pub none_left: Signal<In, Bit>,
    pub take: Signal<Out, Bit>,
    pub input_valid: Signal<Out, Bit>,
    pub word: Signal<Out, Bits<16>>,
    pub input_ready: Signal<In, Bit>,
    pub tick_start: Signal<Out, Bit>,
    pub tick_busy: Signal<In, Bit>,
    pub tick_number: Signal<In, Bits<15>>,
    pub spike_valid: Signal<In, Bit>,
    pub spike_neuron: Signal<In, Bits<15>>,
    pub spike_ready: Signal<Out, Bit>,
    pub room: Signal<In, Bit>,
    pub reply: Signal<Out, Reply>,
    pub over: Signal<Out, Bit>,
    pub refusal: Signal<Out, Bits<3>>,

    state: DFF<StreamState>,
    /// Clocks to wait.
    pause: DFF<Bits<3>>,
    rested: DFF<Bit>,
    frame_open: DFF<Bit>,
    word_now: DFF<Bits<16>>,
    is_input: DFF<Bit>,
    ticks: DFF<Bits<15>>,
    no_ticks: DFF<Bit>,
    number: DFF<Bits<15>>,
    ticking: DFF<Bit>,
    /// Words in the frame that is open; 0: none is.
    words: DFF<Bits<7>>,
    offering: DFF<Bit>,
    starting: DFF<Bit>,
    refused: DFF<Bits<3>>,
    out: DFF<Reply>,

    is_tick: Signal<Local, Bit>,
    inputs: Constant<Bits<16>>,
    last_word: Constant<Bits<7>>,
    stream_kind: Constant<Bits<8>>,
    refuse_input: Constant<Bits<3>>,
}

impl Stream {
    /// For an array of this shape.
    pub fn new(config: &ArrayConfig) -> Self {
        Self {
            clock: Default::default(),
            stop: Default::default(),
            start: Default::default(),
            front: Default::default(),
            front_valid: Default::default(),
            none_left: Default::default(),
            take: Default::default(),
            input_valid: Default::default(),
            word: Default::default(),
            input_ready: Default::default(),
            tick_start: Default::default(),
            tick_busy: Default::default(),
            tick_number: Default::default(),
            spike_valid: Default::default(),
            spike_neuron: Default::default(),
            spike_ready: Default::default(),
            room: Default::default(),
            reply: Default::default(),
            over: Default::default(),
            refusal: Default::default(),
            state: Default::default(),
            pause: Default::default(),
            word_now: Default::default(),
            is_input: Default::default(),
            ticks: Default::default(),
            no_ticks: Default::default(),
            number: Default::default(),
            ticking: Default::default(),
            words: Default::default(),
            offering: Default::default(),
            starting: Default::default(),
            refused: Default::default(),
            out: Default::default(),
            rested: Default::default(),
            frame_open: Default::default(),
            is_tick: Default::default(),
            inputs: Constant::new((config.inputs as u64).into()),
            last_word: Constant::new((MAX_STREAM as u64 - 1).into()),
            stream_kind: Constant::new((Kind::StreamOut as u64).into()),
            refuse_input: Constant::new((Refusal::Input as u64).into()),
        }
    }
}

impl Logic for Stream {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, state, pause, rested, frame_open, word_now, is_input, ticks, no_ticks, number, ticking, words,
            offering, starting, refused, out
        );
        self.take.next = false;
        self.over.next = false;
        self.spike_ready.next = self.stop.val();
        self.starting.d.next = false;
        self.out.d.next.data = bits::<8>(0);
        self.out.d.next.write = false;
        self.out.d.next.close = false;
        self.out.d.next.discard = false;
        self.rested.d.next = (self.pause.q.val() == 0) | (self.pause.q.val() == 1);
        if self.pause.q.val() != 0 {
            self.pause.d.next = self.pause.q.val() - 1;
        }
        // What holds of a register is known a clock later.
        self.is_input.d.next = self.word_now.q.val() < self.inputs.val();
        self.no_ticks.d.next = self.ticks.q.val() == 0;
        self.ticking.d.next = self.tick_busy.val();
        self.frame_open.d.next = self.words.q.val() != 0;
        self.is_tick.next = self.word_now.q.val().get_bit(15);

        match self.state.q.val() {
            StreamState::Idle => {
                self.words.d.next = bits::<7>(0);
                self.offering.d.next = false;
                if self.start.val() {
                    self.refused.d.next = bits::<3>(0);
                    self.state.d.next = StreamState::Low;
                }
            }
            StreamState::Low => {
                if self.none_left.val() {
                    self.state.d.next = StreamState::Close;
                } else {
                    if self.front_valid.val() {
                        self.take.next = true;
                        self.word_now.d.next = bit_cast::<16, 8>(self.front.val());
                        self.state.d.next = StreamState::High;
                    }
                }
            }
            StreamState::High => {
                if self.front_valid.val() {
                    self.take.next = true;
                    self.word_now.d.next = self.word_now.q.val() | (bit_cast::<16, 8>(self.front.val()) << 8);
                    self.state.d.next = StreamState::Look;
                }
            }
            StreamState::Look => {
                self.ticks.d.next = self.word_now.q.val().get_bits::<15>(0);
                self.state.d.next = StreamState::Judge;
            }
            StreamState::Judge => {
                if self.is_tick.val() {
                    self.state.d.next = StreamState::Begin;
                } else {
                    if self.is_input.q.val() {
                        self.offering.d.next = true;
                        self.state.d.next = StreamState::Offer;
                    } else {
                        self.refused.d.next = self.refuse_input.val();
                        self.state.d.next = StreamState::Close;
                    }
                }
            }
            StreamState::Offer => {
                if self.input_ready.val() {
                    self.offering.d.next = false;
                    self.state.d.next = StreamState::Low;
                }
            }
            StreamState::Begin => {
                self.state.d.next = StreamState::Low;
                if !self.no_ticks.q.val() {
                    self.starting.d.next = true;
                    self.number.d.next = self.tick_number.val();
                    self.ticks.d.next = self.ticks.q.val() - 1;
                    self.pause.d.next = bits::<3>(3);
                    self.rested.d.next = false;
                    self.state.d.next = StreamState::Run;
                }
            }
            StreamState::Run => {
                self.spike_ready.next = true;
                if self.spike_valid.val() {
                    self.word_now.d.next = bit_cast::<16, 15>(self.spike_neuron.val());
                    self.state.d.next = StreamState::Open;
                } else {
                    if self.rested.q.val() & !self.ticking.q.val() {
                        self.word_now.d.next = bit_cast::<16, 15>(self.number.q.val()) | 0x8000;
                        self.state.d.next = StreamState::Open;
                    }
                }
            }
            StreamState::Open => {
                if self.frame_open.q.val() {
                    self.out.d.next.data = self.word_now.q.val().get_bits::<8>(0);
                    self.out.d.next.write = true;
                    self.state.d.next = StreamState::PutHigh;
                } else {
                    if self.rested.q.val() & self.room.val() {
                        self.out.d.next.data = self.stream_kind.val();
                        self.out.d.next.write = true;
                        self.state.d.next = StreamState::Put;
                    }
                }
            }
            StreamState::Put => {
                self.out.d.next.data = self.word_now.q.val().get_bits::<8>(0);
                self.out.d.next.write = true;
                self.state.d.next = StreamState::PutHigh;
            }
            StreamState::PutHigh => {
                self.out.d.next.data = self.word_now.q.val().get_bits::<8>(8);
                self.out.d.next.write = true;
                self.words.d.next = self.words.q.val() + 1;
                self.state.d.next = StreamState::Run;
                if self.is_tick.val() {
                    self.state.d.next = StreamState::Begin;
                }
                if self.words.q.val() == self.last_word.val() {
                    self.state.d.next = StreamState::Full;
                }
            }
            StreamState::Full => {
                self.out.d.next.close = true;
                self.words.d.next = bits::<7>(0);
                self.pause.d.next = bits::<3>(6);
                self.rested.d.next = false;
                self.state.d.next = StreamState::Run;
                if self.is_tick.val() {
                    self.state.d.next = StreamState::Begin;
                }
            }
            StreamState::Close => {
                self.out.d.next.close = self.frame_open.q.val();
                self.state.d.next = StreamState::Over;
            }
            StreamState::Over => {
                self.over.next = true;
                self.state.d.next = StreamState::Idle;
            }
            _ => {
                self.state.d.next = StreamState::Idle;
            }
        }
        if self.stop.val() {
            self.state.d.next = StreamState::Idle;
        }
        self.input_valid.next = self.offering.q.val();
        self.word.next = self.word_now.q.val();
        self.tick_start.next = self.starting.q.val();
        self.reply.next = self.out.q.val();
        self.refusal.next = self.refused.q.val();
    }
}
