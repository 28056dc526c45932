//! Spikes in, ticks, and spikes out.

use super::pacer::Pacer;
use super::reply::Reply;
use super::train_decoder::TrainDecoder;
use super::train_encoder::TrainEncoder;
use super::value_encoder::ValueEncoder;
use crate::array::ValueAccess;
use nernst_spec::ArrayConfig;
use nernst_spec::link::message::Refusal;
use nernst_spec::link::stream::Train;
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::ContentsError;

/// What is being done: one bit is set, or none.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct StreamState {
    /// The next spike or tick comes.
    pub read: Bit,
    /// A spike is offered to the array.
    pub offer: Bit,
    /// A tick is begun when it may, and runs.
    pub begin: Bit,
    pub run: Bit,
    /// What was written leaves while a tick waits for its time.
    pub push: Bit,
    pub pushed: Bit,
    /// It is written that the tick was late.
    pub mark: Bit,
    /// Its end is written.
    pub end: Bit,
    /// No more comes: what was written leaves.
    pub finish: Bit,
    pub leave: Bit,
    pub over: Bit,
}

/// Executes `Stream` and `Encode` from behind their kind on: spikes and ticks in their order, and what the host is to hear of them. They come from one
/// of two sources: as they are, or, with `values`, which stays from `start` to `over`, made of values. The source that does not begin is stopped.
///
/// `start` begins, `over` ends. Then `refusal` says why nothing more was done, 0 if all was. Replies are written here, each when `room` allows.
/// The last one stays open, for the next command's spikes: `pending` says so, and `flush` closes it, with `over` when it is done. One that ends in a
/// refusal closes it itself.
/// `restart`: the next payload begins at the start of a row. `pace` sets a `period` in clocks for ticks ([`Pacer`]), `clear` none. While one waits for its time a reply that is open is closed as soon as `line_idle`.
///
/// ```text
/// clock       _/~\_/~\_/~\_/~\_/~\_/~\_
/// tick_start  _/~~~\___________________
/// tick_busy   _____/~~~~~~~~~~~~~~~\___
/// spike_valid _________/~~~~~~~\_______
/// spike_ready _/~~~~~~~~~~~\___________   until the spike is written
/// ```
#[derive(LogicBlock)]
pub struct Stream {
    pub clock: Signal<In, Clock>,
    pub stop: Signal<In, Bit>,
    pub start: Signal<In, Bit>,
    pub values: Signal<In, Bit>,
    pub access: Signal<Out, ValueAccess>,
    pub value: Signal<In, Bits<8>>,
    pub flush: Signal<In, Bit>,
    pub pending: Signal<Out, Bit>,
    pub restart: Signal<In, Bit>,
    pub clear: Signal<In, Bit>,
    pub pace: Signal<In, Bit>,
    pub period: Signal<In, Bits<32>>,
    pub line_idle: Signal<In, Bit>,
    /// Bytes of the command: see [`super::Executor`].
    pub wants: Signal<Out, Bit>,
    pub taken: Signal<In, Bit>,
    pub front: Signal<In, Bits<8>>,
    pub none_left: Signal<In, Bit>,
    pub input_valid: Signal<Out, Bit>,
    pub input_line: Signal<Out, Bits<12>>,
    pub input_ready: Signal<In, Bit>,
    pub tick_start: Signal<Out, Bit>,
    pub tick_busy: Signal<In, Bit>,
    /// The budget is used up: spikes and ticks are refused.
    pub used_up: Signal<In, Bit>,
    pub spike_valid: Signal<In, Bit>,
    pub spike_neuron: Signal<In, Bits<12>>,
    pub spike_ready: Signal<Out, Bit>,
    pub room: Signal<In, Bit>,
    pub reply: Signal<Out, Reply>,
    pub over: Signal<Out, Bit>,
    pub refusal: Signal<Out, Bits<3>>,

    decoder: TrainDecoder,
    value_encoder: ValueEncoder,
    encoder: TrainEncoder,
    pacer: Pacer,
    state: DFF<StreamState>,
    /// Clocks until a tick that was begun is busy.
    pause: DFF<Bits<3>>,
    rested: DFF<Bit>,
    ticking: DFF<Bit>,
    starting: DFF<Bit>,
    used_up_now: DFF<Bit>,
    late: DFF<Bit>,
    pushes: DFF<Bit>,
    refused: DFF<Bits<3>>,

    is: Signal<Local, StreamState>,
    spike: Signal<Local, Bit>,
    tick: Signal<Local, Bit>,
    no_more: Signal<Local, Bit>,
    resume: Signal<Local, Bit>,
    ended: Signal<Local, Bit>,
    refuses: Signal<Local, Bit>,
    nowhere: Constant<StreamState>,
    refuse_budget: Constant<Bits<3>>,
}

impl Stream {
    /// For an array of this shape.
    pub fn new(config: &ArrayConfig) -> Result<Self, ContentsError> {
        Ok(Self {
            clock: Default::default(),
            stop: Default::default(),
            start: Default::default(),
            values: Default::default(),
            access: Default::default(),
            value: Default::default(),
            flush: Default::default(),
            pending: Default::default(),
            restart: Default::default(),
            clear: Default::default(),
            pace: Default::default(),
            period: Default::default(),
            line_idle: Default::default(),
            wants: Default::default(),
            taken: Default::default(),
            front: Default::default(),
            none_left: Default::default(),
            input_valid: Default::default(),
            input_line: Default::default(),
            input_ready: Default::default(),
            tick_start: Default::default(),
            tick_busy: Default::default(),
            used_up: Default::default(),
            spike_valid: Default::default(),
            spike_neuron: Default::default(),
            spike_ready: Default::default(),
            room: Default::default(),
            reply: Default::default(),
            over: Default::default(),
            refusal: Default::default(),
            decoder: TrainDecoder::new(&Train::to_board(config))?,
            value_encoder: ValueEncoder::new(config),
            encoder: TrainEncoder::new(&Train::to_host(config))?,
            pacer: Default::default(),
            state: Default::default(),
            pause: Default::default(),
            rested: Default::default(),
            ticking: Default::default(),
            starting: Default::default(),
            used_up_now: Default::default(),
            late: Default::default(),
            pushes: Default::default(),
            refused: Default::default(),
            is: Default::default(),
            spike: Default::default(),
            tick: Default::default(),
            no_more: Default::default(),
            resume: Default::default(),
            ended: Default::default(),
            refuses: Default::default(),
            nowhere: Constant::new(StreamState::default()),
            refuse_budget: Constant::new((Refusal::Budget as u64).into()),
        })
    }
}

impl Logic for Stream {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, pause, rested, ticking, starting, used_up_now, late, pushes, refused);
        clock!(self, clock, decoder, value_encoder, encoder, pacer);
        self.is.next = self.state.q.val();
        self.rested.d.next = (self.pause.q.val() == 0) | (self.pause.q.val() == 1);
        if self.pause.q.val() != 0 {
            self.pause.d.next = self.pause.q.val() - 1;
        }
        self.ticking.d.next = self.tick_busy.val();
        self.used_up_now.d.next = self.used_up.val();
        self.ended.next = self.is.val().run
            & self.rested.q.val()
            & !self.ticking.q.val()
            & !self.spike_valid.val()
            & self.encoder.ready.val();
        self.spike.next = self.decoder.spike.val() | self.value_encoder.spike.val();
        self.tick.next = self.decoder.tick.val() | self.value_encoder.tick.val();
        self.no_more.next = self.decoder.over.val() | self.value_encoder.over.val();
        self.refuses.next = self.is.val().read & self.used_up_now.q.val() & (self.spike.val() | self.tick.val());

        // What is done, and what follows.
        self.state.d.next = self.nowhere.val();
        self.starting.d.next = false;
        if self.start.val() {
            self.state.d.next.read = true;
            self.refused.d.next = bits::<3>(0);
        }
        if self.is.val().read {
            if self.refuses.val() {
                self.refused.d.next = self.refuse_budget.val();
            }
            self.state.d.next.offer = self.spike.val() & !self.used_up_now.q.val();
            self.state.d.next.begin = self.tick.val() & !self.used_up_now.q.val();
            self.state.d.next.finish = self.refuses.val();
            self.state.d.next.over = self.no_more.val();
            self.state.d.next.read = !self.spike.val() & !self.tick.val() & !self.no_more.val();
        }
        if self.is.val().offer {
            self.state.d.next.read = self.input_ready.val();
            self.state.d.next.offer = !self.input_ready.val();
        }
        self.pushes.d.next = self.encoder.pending.val() & self.line_idle.val();
        if self.is.val().begin {
            if self.pacer.go.val() {
                self.starting.d.next = true;
                self.late.d.next = self.pacer.late.val();
                self.pause.d.next = bits::<3>(3);
                self.rested.d.next = false;
                self.state.d.next.run = true;
            } else {
                self.state.d.next.push = self.pushes.q.val();
                self.state.d.next.begin = !self.pushes.q.val();
            }
        }
        if self.is.val().push {
            self.state.d.next.pushed = self.encoder.ready.val();
            self.state.d.next.push = !self.encoder.ready.val();
        }
        if self.is.val().pushed {
            self.state.d.next.begin = self.encoder.done.val();
            self.state.d.next.pushed = !self.encoder.done.val();
        }
        if self.is.val().run {
            self.state.d.next.mark = self.ended.val() & self.late.q.val();
            self.state.d.next.end = self.ended.val() & !self.late.q.val();
            self.state.d.next.run = !self.ended.val();
        }
        if self.is.val().mark {
            self.late.d.next = false;
            self.state.d.next.run = true;
        }
        if self.is.val().end {
            self.state.d.next.read = true;
        }
        if self.is.val().finish {
            self.state.d.next.leave = self.encoder.ready.val();
            self.state.d.next.finish = !self.encoder.ready.val();
        }
        if self.is.val().leave {
            self.state.d.next.over = self.encoder.done.val();
            self.state.d.next.leave = !self.encoder.done.val();
        }
        if self.flush.val() {
            self.state.d.next.finish = true;
            self.refused.d.next = bits::<3>(0);
        }
        if self.stop.val() {
            self.state.d.next = self.nowhere.val();
        }

        // The payload that comes. An event that is refused is the last of it.
        self.decoder.start.next = self.start.val() & !self.values.val();
        self.decoder.stop.next = self.stop.val() | self.refuses.val() | (self.start.val() & self.values.val());
        self.decoder.restart.next = self.restart.val();
        self.decoder.taken.next = self.taken.val();
        self.decoder.front.next = self.front.val();
        self.decoder.none_left.next = self.none_left.val();
        self.resume.next = (self.is.val().offer & self.input_ready.val()) | (self.is.val().begin & self.pacer.go.val());
        self.decoder.resume.next = self.resume.val();
        self.value_encoder.start.next = self.start.val() & self.values.val();
        self.value_encoder.stop.next = self.stop.val() | self.refuses.val() | (self.start.val() & !self.values.val());
        self.value_encoder.taken.next = self.taken.val();
        self.value_encoder.front.next = self.front.val();
        self.value_encoder.none_left.next = self.none_left.val();
        self.value_encoder.resume.next = self.resume.val();
        self.value_encoder.awaited.next = self.is.val().read;
        self.value_encoder.value_here.next = self.value.val();
        self.access.next = self.value_encoder.access.val();
        self.wants.next = self.decoder.wants.val() | self.value_encoder.wants.val();
        self.input_valid.next = self.is.val().offer;
        self.input_line.next = self.decoder.place.val();
        if self.values.val() {
            self.input_line.next = self.value_encoder.place.val();
        }
        self.tick_start.next = self.starting.q.val();
        self.pacer.clear.next = self.clear.val();
        self.pacer.set.next = self.pace.val();
        self.pacer.period.next = self.period.val();
        self.pacer.ready.next = self.is.val().begin;
        self.pacer.waiting.next = self.is.val().begin | self.is.val().push | self.is.val().pushed;

        // What leaves. What is left of a tick that is stopped is dropped.
        self.spike_ready.next = (self.is.val().run & self.encoder.ready.val()) | self.stop.val();
        self.encoder.stop.next = self.stop.val();
        self.encoder.spike.next = self.is.val().run & self.spike_valid.val();
        self.encoder.place.next = self.spike_neuron.val();
        self.encoder.late.next = self.is.val().mark;
        self.encoder.tick.next = self.is.val().end;
        self.encoder.finish.next = self.is.val().finish | self.is.val().push;
        self.encoder.room.next = self.room.val();
        self.reply.next = self.encoder.reply.val();
        self.pending.next = self.encoder.pending.val();
        self.over.next = self.is.val().over;
        self.refusal.next = self.refused.q.val();
    }
}
