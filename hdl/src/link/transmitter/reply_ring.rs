//! Replies, kept until they are acknowledged.

use crate::link::executor::Reply;
use nernst_spec::link::frame::MAX_PAYLOAD;
use nernst_spec::link::{MAX_UNACKNOWLEDGED, REPLY_BUFFER};
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::{BlockRam2048x9, DistributedRam};

/// Replies are begun below this fill of the ring, so that the longest of them fits.
const FULL: usize = REPLY_BUFFER - 384;

const _: () = assert!(REPLY_BUFFER == 1 << 11 && MAX_PAYLOAD + 2 <= REPLY_BUFFER - FULL && MAX_PAYLOAD < 1 << 9);
// Of 64 places in the table one is that of the frame to come.
const _: () = assert!(MAX_UNACKNOWLEDGED >= 63);

/// Keeps replies in a ring of 2 KiB, and a table of where each of them begins; hands them out in order of their numbers, and
/// again when the host asks.
///
/// The executor writes a reply byte by byte (kind, payload) and closes or discards it. In the ring it lies as length, kind, payload, in places of nine bits,
/// so that a length is one of them.
/// `due` says that a reply is to be sent, and `number` which; `start` goes to its length and on to the next number, `step` goes
/// to the next byte. While what is due may change, `waiting` is high.
///
/// ```text
/// clock   _/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_
/// start   _/~~~\_______________________________
/// step    _________________/~~~\_______________
/// number  -<n  >< n+1
/// data    -------------<length         ><kind      three clocks after start or step
/// ```
/// Five clocks after an `answer` the acknowledged replies are forgotten, and with `resend`, too, sending begins again with the oldest
/// that is left. `clear` forgets all replies.
#[derive(LogicBlock)]
pub struct ReplyRing {
    pub clock: Signal<In, Clock>,
    pub clear: Signal<In, Bit>,
    /// From the receiver.
    pub answer: Signal<In, Bit>,
    pub acknowledge: Signal<In, Bits<8>>,
    pub resend: Signal<In, Bit>,
    /// From the executor.
    pub reply: Signal<In, Reply>,
    /// A reply may be begun.
    pub reply_room: Signal<Out, Bit>,
    /// To the frame builder.
    pub due: Signal<Out, Bit>,
    pub waiting: Signal<Out, Bit>,
    pub number: Signal<Out, Bits<8>>,
    pub start: Signal<In, Bit>,
    pub step: Signal<In, Bit>,
    pub data: Signal<Out, Bits<9>>,
    /// High for one clock for every reply that is sent again.
    pub resent: Signal<Out, Bit>,
    /// Nothing is to be sent.
    pub quiet: Signal<Out, Bit>,

    ring: BlockRam2048x9<9>,
    /// Where the reply of each number, modulo 64, begins in the ring.
    places: DistributedRam<11, 6>,
    /// Numbers: the oldest reply that is kept, the next to send, the next that was never sent, the next to come.
    oldest: DFF<Bits<8>>,
    send: DFF<Bits<8>>,
    fresh: DFF<Bits<8>>,
    next_number: DFF<Bits<8>>,
    oldest_at: DFF<Bits<11>>,
    /// Where the reply that is being written begins, and its bytes so far.
    commit_at: DFF<Bits<11>>,
    offset: DFF<Bits<9>>,
    used: DFF<Bits<11>>,
    kept: DFF<Bits<8>>,
    room_left: DFF<Bit>,
    read_at: DFF<Bits<11>>,
    // The ring's write port, and that of the table.
    storing: DFF<Bit>,
    stored_at: DFF<Bits<11>>,
    stored: DFF<Bits<9>>,
    placing: DFF<Bit>,
    placed_number: DFF<Bits<6>>,
    placed_at: DFF<Bits<11>>,
    // What holds of the next reply to send.
    more: DFF<Bit>,
    never_sent: DFF<Bit>,
    looked_up: DFF<Bits<6>>,
    next_place: DFF<Bits<11>>,
    sent_again: DFF<Bit>,
    // An answer, in steps: what it is, what is behind it, where that begins, what follows.
    answer_1: DFF<Bit>,
    answer_2: DFF<Bit>,
    answer_3: DFF<Bit>,
    answer_4: DFF<Bit>,
    answered: DFF<Bits<8>>,
    again: DFF<Bit>,
    acknowledged: DFF<Bits<8>>,
    outstanding: DFF<Bits<8>>,
    behind: DFF<Bits<8>>,
    known: DFF<Bit>,
    passed: DFF<Bit>,
    answered_at: DFF<Bits<11>>,
    looking: DFF<Bit>,
    unsettled: DFF<Bit>,

    write_at: Signal<Local, Bits<11>>,
    number_after: Signal<Local, Bits<8>>,
    answering: Signal<Local, Bit>,
    full: Constant<Bits<11>>,
}

impl Default for ReplyRing {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            clear: Default::default(),
            answer: Default::default(),
            acknowledge: Default::default(),
            resend: Default::default(),
            reply: Default::default(),
            reply_room: Default::default(),
            due: Default::default(),
            waiting: Default::default(),
            number: Default::default(),
            start: Default::default(),
            step: Default::default(),
            data: Default::default(),
            resent: Default::default(),
            quiet: Default::default(),
            ring: Default::default(),
            places: Default::default(),
            oldest: Default::default(),
            send: Default::default(),
            fresh: Default::default(),
            next_number: Default::default(),
            oldest_at: Default::default(),
            commit_at: Default::default(),
            offset: Default::default(),
            used: Default::default(),
            kept: Default::default(),
            room_left: Default::default(),
            read_at: Default::default(),
            storing: Default::default(),
            stored_at: Default::default(),
            stored: Default::default(),
            placing: Default::default(),
            placed_number: Default::default(),
            placed_at: Default::default(),
            more: Default::default(),
            never_sent: Default::default(),
            looked_up: Default::default(),
            next_place: Default::default(),
            sent_again: Default::default(),
            answer_1: Default::default(),
            answer_2: Default::default(),
            answer_3: Default::default(),
            answer_4: Default::default(),
            answered: Default::default(),
            again: Default::default(),
            acknowledged: Default::default(),
            outstanding: Default::default(),
            behind: Default::default(),
            known: Default::default(),
            passed: Default::default(),
            answered_at: Default::default(),
            looking: Default::default(),
            unsettled: Default::default(),
            write_at: Default::default(),
            number_after: Default::default(),
            answering: Default::default(),
            full: Constant::new((FULL as u64).into()),
        }
    }
}

impl Logic for ReplyRing {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            oldest,
            send,
            fresh,
            next_number,
            oldest_at,
            commit_at,
            offset,
            used,
            kept,
            room_left,
            read_at,
            storing,
            stored_at,
            stored,
            placing,
            placed_number,
            placed_at,
            more,
            never_sent,
            looked_up,
            next_place,
            sent_again,
            answer_1,
            answer_2,
            answer_3,
            answer_4,
            answered,
            again,
            acknowledged,
            outstanding,
            behind,
            known,
            passed,
            answered_at,
            looking,
            unsettled
        );
        clock!(self, clock, ring, places);

        // Replies come in behind the place for their length, which is written when they are closed.
        self.write_at.next = self.commit_at.q.val() + bit_cast::<11, 9>(self.offset.q.val()) + 1;
        self.number_after.next = self.next_number.q.val() + 1;
        self.storing.d.next = self.reply.val().write | self.reply.val().close;
        self.stored_at.d.next = self.write_at.val();
        self.stored.d.next = bit_cast::<9, 8>(self.reply.val().data);
        self.placing.d.next = self.reply.val().close | self.clear.val();
        self.placed_number.d.next = self.number_after.val().get_bits::<6>(0);
        self.placed_at.d.next = self.write_at.val();
        self.places.write_enable.next = self.placing.q.val();
        self.places.write_address.next = self.placed_number.q.val();
        self.places.write_data.next = self.placed_at.q.val();
        if self.reply.val().write {
            self.offset.d.next = self.offset.q.val() + 1;
        }
        if self.reply.val().close {
            self.stored_at.d.next = self.commit_at.q.val();
            // The kind is not counted.
            self.stored.d.next = self.offset.q.val() - 1;
            self.commit_at.d.next = self.write_at.val();
            self.offset.d.next = bits::<9>(0);
            self.next_number.d.next = self.number_after.val();
        }
        if self.reply.val().discard {
            self.offset.d.next = bits::<9>(0);
        }
        self.ring.write_enable.next = self.storing.q.val();
        self.ring.write_address.next = self.stored_at.q.val();
        self.ring.write_data.next = self.stored.q.val();
        self.ring.read_enable.next = true;
        self.ring.read_address.next = self.read_at.q.val();
        self.used.d.next = self.commit_at.q.val() - self.oldest_at.q.val();
        self.kept.d.next = self.next_number.q.val() - self.oldest.q.val();
        self.room_left.d.next = (self.used.q.val() < self.full.val()) & (self.kept.q.val() < 63);
        self.reply_room.next = self.room_left.q.val();

        // The next reply to send.
        // The addresses of what is read without a clock come before what reads it: in Verilog this kernel is one block that an
        // event simulator need not run again for a change that it made itself.
        self.looked_up.d.next = self.send.q.val().get_bits::<6>(0);
        if self.answer_1.q.val() {
            self.looked_up.d.next = self.answered.q.val().get_bits::<6>(0);
        }
        self.places.read_address.next = self.looked_up.q.val();
        self.next_place.d.next = self.places.read_data.val();
        self.never_sent.d.next = self.send.q.val() == self.fresh.q.val();
        self.sent_again.d.next = self.start.val() & !self.never_sent.q.val();
        if self.start.val() {
            self.read_at.d.next = self.next_place.q.val();
            self.send.d.next = self.send.q.val() + 1;
            if self.never_sent.q.val() {
                self.fresh.d.next = self.fresh.q.val() + 1;
            }
        }
        if self.step.val() {
            self.read_at.d.next = self.read_at.q.val() + 1;
        }

        // Acknowledgements, and the wish to hear all again that is not acknowledged. When a reply is acknowledged while it is
        // sent for a second time its place may be overwritten; the host drops it by its number.
        self.answer_1.d.next = self.answer.val() & !self.clear.val();
        self.answer_2.d.next = self.answer_1.q.val() & !self.clear.val();
        self.answer_3.d.next = self.answer_2.q.val() & !self.clear.val();
        self.answer_4.d.next = self.answer_3.q.val() & !self.clear.val();
        self.answering.next = self.answer.val()
            | self.answer_1.q.val()
            | self.answer_2.q.val()
            | self.answer_3.q.val()
            | self.answer_4.q.val();
        if self.answer.val() {
            self.answered.d.next = self.acknowledge.val();
            self.again.d.next = self.resend.val();
        }
        self.acknowledged.d.next = self.answered.q.val() - self.oldest.q.val();
        self.outstanding.d.next = self.fresh.q.val() - self.oldest.q.val();
        self.behind.d.next = self.send.q.val() - self.oldest.q.val();
        self.known.d.next = self.acknowledged.q.val() <= self.outstanding.q.val();
        self.passed.d.next = self.behind.q.val() < self.acknowledged.q.val();
        if self.answer_3.q.val() {
            self.answered_at.d.next = self.next_place.q.val();
        }
        if self.answer_4.q.val() & self.known.q.val() {
            self.oldest.d.next = self.answered.q.val();
            self.oldest_at.d.next = self.answered_at.q.val();
            if self.again.q.val() | self.passed.q.val() {
                self.send.d.next = self.answered.q.val();
            }
        }
        // Until the table shows where what is to be sent now begins.
        self.looking.d.next = self.answer_4.q.val();
        self.unsettled.d.next = self.answering.val() | self.looking.q.val() | self.clear.val();
        self.more.d.next = self.send.q.val() != self.next_number.q.val();

        if self.clear.val() {
            self.oldest.d.next = bits::<8>(0);
            self.send.d.next = bits::<8>(0);
            self.fresh.d.next = bits::<8>(0);
            self.next_number.d.next = bits::<8>(0);
            self.oldest_at.d.next = self.commit_at.q.val();
            self.placed_number.d.next = bits::<6>(0);
            self.placed_at.d.next = self.commit_at.q.val();
            self.offset.d.next = bits::<9>(0);
        }

        self.due.next = self.more.q.val();
        self.waiting.next = self.unsettled.q.val();
        self.number.next = self.send.q.val();
        self.data.next = self.ring.read_data.val();
        self.resent.next = self.sent_again.q.val();
        self.quiet.next = !self.answering.val() & (self.send.q.val() == self.next_number.q.val());
    }
}
