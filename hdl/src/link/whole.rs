//! Receiver, executor and transmitter together.

use super::{Executor, Receiver, Transmitter};
use crate::array::ValueAccess;
use nernst_spec::ArrayConfig;
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::ContentsError;

/// The host link between a byte stream and the array.
///
/// `rx_valid` may be high in one clock of four; there is no way to refuse a byte, because a host that keeps to the credits never
/// sends one without room. Bytes leave when `tx_valid` and `tx_ready` are both high. The signals to the array are described at
/// [`Executor`].
#[derive(LogicBlock)]
pub struct Link {
    pub clock: Signal<In, Clock>,
    pub rx_data: Signal<In, Bits<8>>,
    pub rx_valid: Signal<In, Bit>,
    pub tx_data: Signal<Out, Bits<8>>,
    pub tx_valid: Signal<Out, Bit>,
    pub tx_ready: Signal<In, Bit>,
    /// Nothing arrives, waits, is executed or is about to be sent: without another byte nothing will change.
    pub quiet: Signal<Out, Bit>,

    pub address: Signal<Out, Bits<32>>,
    pub address_exists: Signal<In, Bit>,
    pub address_writable: Signal<In, Bit>,
    pub write: Signal<Out, Bit>,
    pub write_low: Signal<Out, Bits<32>>,
    pub write_high: Signal<Out, Bits<4>>,
    pub read: Signal<Out, Bit>,
    pub read_done: Signal<In, Bit>,
    pub read_low: Signal<In, Bits<32>>,
    pub read_high: Signal<In, Bits<4>>,
    pub input_valid: Signal<Out, Bit>,
    pub input_line: Signal<Out, Bits<12>>,
    pub input_ready: Signal<In, Bit>,
    pub tick_start: Signal<Out, Bit>,
    pub tick_busy: Signal<In, Bit>,
    pub used_up: Signal<In, Bit>,
    pub spike_valid: Signal<In, Bit>,
    pub spike_neuron: Signal<In, Bits<12>>,
    pub spike_ready: Signal<Out, Bit>,
    pub reset_start: Signal<Out, Bit>,
    pub reset_flags: Signal<Out, Bits<3>>,
    pub reset_busy: Signal<In, Bit>,
    pub snapshot: Signal<Out, Bit>,
    pub values: Signal<Out, ValueAccess>,
    pub value: Signal<In, Bits<8>>,
    pub idle: Signal<In, Bit>,
    /// Pulses for the ledger, one for each byte or frame.
    pub byte_in: Signal<Out, Bit>,
    pub byte_out: Signal<Out, Bit>,
    pub frame_refused: Signal<Out, Bit>,
    pub frame_resent: Signal<Out, Bit>,

    receiver: Receiver,
    executor: Executor,
    transmitter: Transmitter,
    came: DFF<Bit>,
    went: DFF<Bit>,
}

impl Link {
    /// The link of an array of this shape.
    pub fn new(config: &ArrayConfig) -> Result<Self, ContentsError> {
        Ok(Self {
            clock: Default::default(),
            rx_data: Default::default(),
            rx_valid: Default::default(),
            tx_data: Default::default(),
            tx_valid: Default::default(),
            tx_ready: Default::default(),
            quiet: Default::default(),
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
            byte_in: Default::default(),
            byte_out: Default::default(),
            frame_refused: Default::default(),
            frame_resent: Default::default(),
            receiver: Default::default(),
            executor: Executor::new(config)?,
            transmitter: Default::default(),
            came: Default::default(),
            went: Default::default(),
        })
    }
}

impl Logic for Link {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, receiver, executor, transmitter, came, went);

        self.receiver.rx_data.next = self.rx_data.val();
        self.receiver.rx_valid.next = self.rx_valid.val();
        self.receiver.clear.next = self.executor.clear.val();
        self.receiver.take.next = self.executor.take.val();

        self.executor.abort.next = self.receiver.synchronise.val();
        self.executor.front.next = self.receiver.front.val();
        self.executor.front_valid.next = self.receiver.front_valid.val();
        self.executor.empty.next = self.receiver.empty.val();
        self.executor.reply_room.next = self.transmitter.reply_room.val();
        self.executor.line_idle.next = self.transmitter.quiet.val();

        self.transmitter.clear.next = self.executor.clear.val();
        self.transmitter.answer.next = self.receiver.answer.val();
        self.transmitter.missing.next = self.receiver.missing.val();
        self.transmitter.stranger.next = self.receiver.stranger.val();
        self.transmitter.acknowledge.next = self.receiver.acknowledge.val();
        self.transmitter.resend.next = self.receiver.resend.val();
        self.transmitter.expected.next = self.receiver.expected.val();
        self.transmitter.room.next = self.receiver.room.val();
        self.transmitter.synchronise_number.next = self.receiver.synchronise_number.val();
        self.transmitter.reply.next = self.executor.reply.val();
        self.transmitter.tx_ready.next = self.tx_ready.val();
        self.tx_data.next = self.transmitter.tx_data.val();
        self.tx_valid.next = self.transmitter.tx_valid.val();

        self.address.next = self.executor.address.val();
        self.executor.address_exists.next = self.address_exists.val();
        self.executor.address_writable.next = self.address_writable.val();
        self.write.next = self.executor.write.val();
        self.write_low.next = self.executor.write_low.val();
        self.write_high.next = self.executor.write_high.val();
        self.read.next = self.executor.read.val();
        self.executor.read_done.next = self.read_done.val();
        self.executor.read_low.next = self.read_low.val();
        self.executor.read_high.next = self.read_high.val();
        self.input_valid.next = self.executor.input_valid.val();
        self.input_line.next = self.executor.input_line.val();
        self.executor.input_ready.next = self.input_ready.val();
        self.tick_start.next = self.executor.tick_start.val();
        self.executor.tick_busy.next = self.tick_busy.val();
        self.executor.used_up.next = self.used_up.val();
        self.executor.spike_valid.next = self.spike_valid.val();
        self.executor.spike_neuron.next = self.spike_neuron.val();
        self.spike_ready.next = self.executor.spike_ready.val();
        self.reset_start.next = self.executor.reset_start.val();
        self.reset_flags.next = self.executor.reset_flags.val();
        self.executor.reset_busy.next = self.reset_busy.val();
        self.snapshot.next = self.executor.snapshot.val();
        self.values.next = self.executor.values.val();
        self.executor.value.next = self.value.val();
        self.executor.idle.next = self.idle.val();

        self.came.d.next = self.rx_valid.val();
        self.went.d.next = self.transmitter.tx_valid.val() & self.tx_ready.val();
        self.byte_in.next = self.came.q.val();
        self.byte_out.next = self.went.q.val();
        self.frame_refused.next = self.receiver.frame_refused.val();
        self.frame_resent.next = self.transmitter.frame_resent.val();
        self.quiet.next = self.receiver.quiet.val()
            & self.executor.quiet.val()
            & self.transmitter.quiet.val()
            & !self.came.q.val()
            & !self.went.q.val();
    }
}
