//! Frames to the host: kept until they are acknowledged, sent again when the host asks.
//!
//! ```text
//!  replies ┌───────────┐ ┌──────────────┐ ┌─────────┐
//!  ───────▶│ ReplyRing │▶│ FrameBuilder │▶│ Stuffer │──▶ line
//!          └───────────┘ └──────────────┘ └─────────┘
//! ```

mod frame_builder;
mod reply_ring;
mod stuffer;

pub use frame_builder::{FrameBuilder, FrameState};
pub use reply_ring::ReplyRing;
pub use stuffer::Stuffer;

use super::executor::Reply;
use rust_hdl::prelude::*;

/// Keeps replies and sends them in order of their numbers; answers, too, when there is no reply to send.
///
/// [`ReplyRing`] keeps the replies until the host has acknowledged them, [`FrameBuilder`] makes a frame of one, [`Stuffer`] takes
/// the zeros out of it and sends it.
/// The executor may begin a reply while `reply_room` is high; the ring then has room for the longest, and fewer than 63 wait for
/// their acknowledgement.
///
/// ```text
/// clock         _/~\_/~\_/~\_/~\_/~\_/~\ .. _/~\_/~\_
/// reply.data    <kind><byte>------------
/// reply.write   _/~~~~~~~~~\____________
/// reply.close   ___________/~~~\________     kind and payload are whole
/// reply_room    ~~~~~~~~~~~~~~~~~~~<new>     three clocks after a close
/// tx_valid      _________________________ .. __/~~~     4 * payload + 60 clocks after the close, at most
/// ```
/// `clear` forgets all replies; a `Synchronised` frame is then sent before anything else, and one after each `stranger`. A frame that is being sent goes out whole.
#[derive(LogicBlock, Default)]
pub struct Transmitter {
    pub clock: Signal<In, Clock>,
    pub clear: Signal<In, Bit>,
    /// From the receiver.
    pub answer: Signal<In, Bit>,
    pub missing: Signal<In, Bit>,
    pub stranger: Signal<In, Bit>,
    pub acknowledge: Signal<In, Bits<8>>,
    pub resend: Signal<In, Bit>,
    pub expected: Signal<In, Bits<8>>,
    pub room: Signal<In, Bits<8>>,
    pub synchronise_number: Signal<In, Bits<32>>,
    /// From the executor.
    pub reply: Signal<In, Reply>,
    /// A reply may be begun.
    pub reply_room: Signal<Out, Bit>,
    /// To the line.
    pub tx_data: Signal<Out, Bits<8>>,
    pub tx_valid: Signal<Out, Bit>,
    pub tx_ready: Signal<In, Bit>,
    /// High for one clock for every reply that is sent again.
    pub frame_resent: Signal<Out, Bit>,
    /// Nothing is being sent or about to be.
    pub quiet: Signal<Out, Bit>,

    ring: ReplyRing,
    builder: FrameBuilder,
    stuffer: Stuffer,
}

impl Logic for Transmitter {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, ring, builder, stuffer);
        self.ring.clear.next = self.clear.val();
        self.ring.answer.next = self.answer.val();
        self.ring.acknowledge.next = self.acknowledge.val();
        self.ring.resend.next = self.resend.val();
        self.ring.reply.next = self.reply.val();
        self.ring.start.next = self.builder.start.val();
        self.ring.step.next = self.builder.step.val();

        self.builder.clear.next = self.clear.val();
        self.builder.synchronise_number.next = self.synchronise_number.val();
        self.builder.answer.next = self.answer.val();
        self.builder.missing.next = self.missing.val();
        self.builder.stranger.next = self.stranger.val();
        self.builder.expected.next = self.expected.val();
        self.builder.room.next = self.room.val();
        self.builder.due.next = self.ring.due.val();
        self.builder.waiting.next = self.ring.waiting.val();
        self.builder.number.next = self.ring.number.val();
        self.builder.data.next = self.ring.data.val();
        self.builder.stuffer_room.next = self.stuffer.room.val();
        self.builder.stuffer_low.next = self.stuffer.low.val();

        self.stuffer.put.next = self.builder.put.val();
        self.stuffer.data.next = self.builder.raw.val();
        self.stuffer.finish.next = self.builder.finish.val();
        self.stuffer.tx_ready.next = self.tx_ready.val();

        self.reply_room.next = self.ring.reply_room.val();
        self.tx_data.next = self.stuffer.tx_data.val();
        self.tx_valid.next = self.stuffer.tx_valid.val();
        self.frame_resent.next = self.ring.resent.val();
        self.quiet.next = self.ring.quiet.val() & self.builder.quiet.val() & !self.stuffer.busy.val();
    }
}
