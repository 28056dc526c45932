//! Spikes in, ticks, and spikes out.

use super::reply::Reply;
use nernst_spec::ArrayConfig;
use nernst_spec::link::message::{Kind, MAX_STREAM, Refusal};
use rust_hdl::prelude::*;

/// What is being done: one bit is set, or none.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct StreamState {
    /// The two bytes of a word come, and what holds of them shows.
    pub low: Bit,
    pub high: Bit,
    pub look: Bit,
    pub judge: Bit,
    /// A spike is offered to the array.
    pub offer: Bit,
    /// A tick is begun, and runs.
    pub begin: Bit,
    pub run: Bit,
    /// A word leaves: first of all the kind of a frame, then two bytes.
    pub open: Bit,
    pub put: Bit,
    pub put_high: Bit,
    pub full: Bit,
    pub close: Bit,
    pub over: Bit,
}

/// Executes `Stream` from behind its kind on: spikes and ticks in their order, and what the host is to hear of them.
///
/// `start` begins, `over` ends. Then `refusal` says why nothing more was done, 0 if all was, and `word` is the word that was
/// refused, or 0 if the budget is used up. Replies are written here; one that is full is closed, and the next is begun when `room` allows.
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
    /// Bytes of the command: see [`super::Executor`].
    pub wants: Signal<Out, Bit>,
    pub taken: Signal<In, Bit>,
    pub front: Signal<In, Bits<8>>,
    pub none_left: Signal<In, Bit>,
    pub input_valid: Signal<Out, Bit>,
    pub word: Signal<Out, Bits<16>>,
    pub input_ready: Signal<In, Bit>,
    pub tick_start: Signal<Out, Bit>,
    pub tick_busy: Signal<In, Bit>,
    pub tick_number: Signal<In, Bits<15>>,
    /// The budget is used up: spikes and ticks are refused.
    pub used_up: Signal<In, Bit>,
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
    nearly_full: DFF<Bit>,
    starting: DFF<Bit>,
    used_up_now: DFF<Bit>,
    refused: DFF<Bits<3>>,
    out: DFF<Reply>,

    is: Signal<Local, StreamState>,
    is_tick: Signal<Local, Bit>,
    opening: Signal<Local, Bit>,
    nowhere: Constant<StreamState>,
    inputs: Constant<Bits<16>>,
    last_word: Constant<Bits<7>>,
    stream_kind: Constant<Bits<8>>,
    refuse_input: Constant<Bits<3>>,
    refuse_budget: Constant<Bits<3>>,
}

impl Stream {
    /// For an array of this shape.
    pub fn new(config: &ArrayConfig) -> Self {
        Self {
            clock: Default::default(),
            stop: Default::default(),
            start: Default::default(),
            wants: Default::default(),
            taken: Default::default(),
            front: Default::default(),
            none_left: Default::default(),
            input_valid: Default::default(),
            word: Default::default(),
            input_ready: Default::default(),
            tick_start: Default::default(),
            tick_busy: Default::default(),
            tick_number: Default::default(),
            used_up: Default::default(),
            used_up_now: Default::default(),
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
            nearly_full: Default::default(),
            starting: Default::default(),
            refused: Default::default(),
            out: Default::default(),
            rested: Default::default(),
            frame_open: Default::default(),
            is: Default::default(),
            is_tick: Default::default(),
            opening: Default::default(),
            nowhere: Constant::new(StreamState::default()),
            inputs: Constant::new((config.inputs as u64).into()),
            last_word: Constant::new((MAX_STREAM as u64 - 1).into()),
            stream_kind: Constant::new((Kind::StreamOut as u64).into()),
            refuse_input: Constant::new((Refusal::Input as u64).into()),
            refuse_budget: Constant::new((Refusal::Budget as u64).into()),
        }
    }
}

impl Logic for Stream {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            state,
            pause,
            rested,
            frame_open,
            word_now,
            is_input,
            ticks,
            no_ticks,
            number,
            ticking,
            words,
            nearly_full,
            starting,
            used_up_now,
            refused,
            out
        );
        self.is.next = self.state.q.val();
        self.rested.d.next = (self.pause.q.val() == 0) | (self.pause.q.val() == 1);
        if self.pause.q.val() != 0 {
            self.pause.d.next = self.pause.q.val() - 1;
        }
        // What holds of a register is known a clock later.
        self.is_input.d.next = self.word_now.q.val() < self.inputs.val();
        self.no_ticks.d.next = self.ticks.q.val() == 0;
        self.ticking.d.next = self.tick_busy.val();
        self.frame_open.d.next = self.words.q.val() != 0;
        self.nearly_full.d.next = self.words.q.val() == self.last_word.val();
        self.is_tick.next = self.word_now.q.val().get_bit(15);
        self.opening.next = self.is.val().open & !self.frame_open.q.val() & self.rested.q.val() & self.room.val();

        // What is done, and what follows.
        self.state.d.next = self.nowhere.val();
        if self.start.val() {
            self.state.d.next.low = true;
        }
        if self.is.val().low {
            self.state.d.next.close = self.none_left.val();
            self.state.d.next.high = self.taken.val();
            self.state.d.next.low = !self.none_left.val() & !self.taken.val();
        }
        if self.is.val().high {
            self.state.d.next.look = self.taken.val();
            self.state.d.next.high = !self.taken.val();
        }
        if self.is.val().look {
            self.state.d.next.judge = true;
        }
        if self.is.val().judge {
            self.state.d.next.begin = self.is_tick.val();
            self.state.d.next.offer = !self.is_tick.val() & self.is_input.q.val() & !self.used_up_now.q.val();
            self.state.d.next.close = !self.is_tick.val() & (!self.is_input.q.val() | self.used_up_now.q.val());
        }
        if self.is.val().offer {
            self.state.d.next.low = self.input_ready.val();
            self.state.d.next.offer = !self.input_ready.val();
        }
        if self.is.val().begin {
            self.state.d.next.low = self.no_ticks.q.val();
            self.state.d.next.run = !self.no_ticks.q.val() & !self.used_up_now.q.val();
            self.state.d.next.close = !self.no_ticks.q.val() & self.used_up_now.q.val();
        }
        if self.is.val().run {
            if self.spike_valid.val() | (self.rested.q.val() & !self.ticking.q.val()) {
                self.state.d.next.open = true;
            } else {
                self.state.d.next.run = true;
            }
        }
        if self.is.val().open {
            self.state.d.next.put_high = self.frame_open.q.val();
            self.state.d.next.put = self.opening.val();
            self.state.d.next.open = !self.frame_open.q.val() & !self.opening.val();
        }
        if self.is.val().put {
            self.state.d.next.put_high = true;
        }
        if self.is.val().put_high {
            self.state.d.next.full = self.nearly_full.q.val();
            self.state.d.next.begin = !self.nearly_full.q.val() & self.is_tick.val();
            self.state.d.next.run = !self.nearly_full.q.val() & !self.is_tick.val();
        }
        if self.is.val().full {
            self.state.d.next.begin = self.is_tick.val();
            self.state.d.next.run = !self.is_tick.val();
        }
        if self.is.val().close {
            self.state.d.next.over = true;
        }
        if self.stop.val() {
            self.state.d.next = self.nowhere.val();
        }

        // The word that came, or that leaves.
        self.wants.next = (self.is.val().low & !self.none_left.val()) | self.is.val().high;
        if self.is.val().low & self.taken.val() {
            self.word_now.d.next = bit_cast::<16, 8>(self.front.val());
        }
        if self.is.val().high & self.taken.val() {
            self.word_now.d.next = self.word_now.q.val() | (bit_cast::<16, 8>(self.front.val()) << 8);
        }
        if self.is.val().run {
            self.word_now.d.next = bit_cast::<16, 15>(self.number.q.val()) | 0x8000;
            if self.spike_valid.val() {
                self.word_now.d.next = bit_cast::<16, 15>(self.spike_neuron.val());
            }
        }

        // Ticks.
        self.used_up_now.d.next = self.used_up.val();
        self.starting.d.next = self.is.val().begin & !self.no_ticks.q.val() & !self.used_up_now.q.val();
        if self.is.val().look {
            self.ticks.d.next = self.word_now.q.val().get_bits::<15>(0);
        }
        if self.is.val().full {
            self.pause.d.next = bits::<3>(6);
            self.rested.d.next = false;
        }
        if self.is.val().begin {
            self.ticks.d.next = self.ticks.q.val() - 1;
            self.number.d.next = self.tick_number.val();
            self.pause.d.next = bits::<3>(3);
            self.rested.d.next = false;
        }

        // The reply.
        self.out.d.next.data = bits::<8>(0);
        self.out.d.next.write = (self.is.val().open & self.frame_open.q.val())
            | self.opening.val()
            | self.is.val().put
            | self.is.val().put_high;
        self.out.d.next.close = self.is.val().full | (self.is.val().close & self.frame_open.q.val());
        self.out.d.next.discard = false;
        if self.opening.val() {
            self.out.d.next.data = self.stream_kind.val();
        }
        if (self.is.val().open & self.frame_open.q.val()) | self.is.val().put {
            self.out.d.next.data = self.word_now.q.val().get_bits::<8>(0);
        }
        if self.is.val().put_high {
            self.out.d.next.data = self.word_now.q.val().get_bits::<8>(8);
            self.words.d.next = self.words.q.val() + 1;
        }
        if self.start.val() | self.is.val().full {
            self.words.d.next = bits::<7>(0);
        }

        if self.is.val().judge & !self.is_tick.val() & !self.is_input.q.val() {
            self.refused.d.next = self.refuse_input.val();
        }
        if self.used_up_now.q.val()
            & ((self.is.val().judge & !self.is_tick.val()) | (self.is.val().begin & !self.no_ticks.q.val()))
        {
            self.refused.d.next = self.refuse_budget.val();
            self.word_now.d.next = bits::<16>(0);
        }
        if self.start.val() {
            self.refused.d.next = bits::<3>(0);
        }
        self.input_valid.next = self.is.val().offer;
        self.word.next = self.word_now.q.val();
        self.tick_start.next = self.starting.q.val();
        // What is left of a tick that is stopped is dropped.
        self.spike_ready.next = self.is.val().run | self.stop.val();
        self.reply.next = self.out.q.val();
        self.over.next = self.is.val().over;
        self.refusal.next = self.refused.q.val();
    }
}
