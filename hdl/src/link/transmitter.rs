//! Frames to the host: kept until they are acknowledged, sent again when the host asks.

use super::crc32::Crc32;
use super::executor::Reply;
use nernst_spec::link::frame::{HEADER, MAX_FRAME, TRAILER};
use nernst_spec::link::message::Kind;
use nernst_spec::link::{MAX_UNACKNOWLEDGED, PROTOCOL_VERSION, RECEIVE_BUFFER, REPLY_BUFFER, ROOM_UNIT};
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::{BlockRam2048x9, DffInit, DistributedRam};

/// Room that is told when nothing waits in the receive buffer.
const ALL_ROOM: u64 = (RECEIVE_BUFFER / ROOM_UNIT) as u64;
/// Replies are begun below this fill of the ring, so that the longest of them fits.
const FULL: usize = REPLY_BUFFER - 256;

const _: () = assert!(REPLY_BUFFER == 1 << 11 && FULL == 0x700);
const _: () = assert!(MAX_FRAME - HEADER - TRAILER + 2 <= 256);
// Of 64 places in the table one is that of the frame to come.
const _: () = assert!(MAX_UNACKNOWLEDGED >= 63);

/// What the transmitter does.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum TransmitterState {
    Idle,
    Length,
    Kind,
    Sequence,
    Acknowledge,
    Room,
    Payload,
    Crc,
    Patch,
    Send,
    Delimiter,
}

/// Keeps replies in a ring of 2 KiB, and sends them in order of their numbers.
///
/// The executor writes a reply byte by byte (kind, payload) and closes or discards it. It may begin one while `reply_room` is high;
/// the ring then has room for the longest reply, and fewer than 63 wait for their acknowledgement. A frame is built in a staging
/// buffer at a byte in four clocks: header with the newest acknowledgement and room, payload, CRC, all of it stuffed by writing
/// every COBS code when its zero comes. Then it leaves at the pace of `tx_ready`.
///
/// The four clocks of a byte: two for the ring's block RAM, one to choose it, one to look at it and move on. So the control steps
/// in every fourth clock only.
///
/// ```text
/// clock         _/~\_/~\_/~\_/~\_/~\_/~\ .. _/~\_/~\_
/// reply.data    <kind><byte>------------
/// reply.write   _/~~~~~~~~~\____________
/// reply.close   ___________/~~~\________     kind and payload are whole
/// reply_room    ~~~~~~~~~~~~~~~~~~~<new>     three clocks after a close
/// tx_valid      _________________________ .. __/~~~     4 * payload + 50 clocks after the close, at most
/// ```
/// Five clocks after an `answer` the acknowledged replies are forgotten, and with `resend`, too, sending begins again with the oldest that is left.
/// A frame without a number answers when no reply is to be sent, or when room has grown by 16 units or to all there is.
/// `clear` forgets all replies; a `Synchronised` frame is then sent before anything else. A frame that is being sent goes out whole.
#[derive(LogicBlock)]
pub struct Transmitter {
    pub clock: Signal<In, Clock>,
    pub clear: Signal<In, Bit>,
    /// From the receiver.
    pub answer: Signal<In, Bit>,
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

    ring: BlockRam2048x9<8>,
    /// Where the reply of each number, modulo 64, begins in the ring.
    places: DistributedRam<11, 6>,
    /// The lower and the upper half of the staging buffer: so the way to a byte is short.
    staging: [DistributedRam<8, 7>; 2],
    crc: Crc32,
    state: DFF<TransmitterState>,
    /// Numbers: the oldest reply that is kept, the next to send, the next that was never sent, the next to come.
    oldest: DFF<Bits<8>>,
    send: DFF<Bits<8>>,
    fresh: DFF<Bits<8>>,
    next_number: DFF<Bits<8>>,
    oldest_at: DFF<Bits<11>>,
    /// Where the reply that is being written begins, and its bytes so far.
    commit_at: DFF<Bits<11>>,
    offset: DFF<Bits<8>>,
    room_left: DFF<Bit>,
    read_at: DFF<Bits<11>>,
    /// The frame in the staging buffer: without a number, `Synchronised`, its number, bytes of payload left.
    plain: DFF<Bit>,
    synchronised: DFF<Bit>,
    sending: DFF<Bits<8>>,
    left: DFF<Bits<8>>,
    /// Where the next byte goes, and where the COBS code that counts it will go.
    fill: DFF<Bits<8>>,
    code_at: DFF<Bits<8>>,
    index: DFF<Bits<8>>,
    crc_byte: DFF<Bits<2>>,
    acknowledge_due: DFF<Bit>,
    synchronised_due: DFF<Bit>,
    number: DFF<Bits<32>>,
    told: DffInit<Bits<8>>,
    resent: DFF<Bit>,
    // The ring's write port.
    storing: DFF<Bit>,
    stored_at: DFF<Bits<11>>,
    stored: DFF<Bits<8>>,
    // The clock of the byte, and the byte.
    phase: DFF<Bits<2>>,
    raw: DFF<Bits<8>>,
    raw_is_zero: DFF<Bit>,
    putting: DFF<Bit>,
    put_at: DFF<Bits<8>>,
    put: DFF<Bits<8>>,
    out: DFF<Bits<8>>,
    out_valid: DFF<Bit>,
    out_last: DFF<Bit>,
    // An answer, in three steps: what it is, what is behind it, what follows.
    answer_1: DFF<Bit>,
    answer_2: DFF<Bit>,
    answer_3: DFF<Bit>,
    answer_4: DFF<Bit>,
    answered: DFF<Bits<8>>,
    again: DFF<Bit>,
    known: DFF<Bit>,
    passed: DFF<Bit>,
    answered_at: DFF<Bits<11>>,
    grown_now: DFF<Bit>,
    grown_from: DFF<Bits<9>>,
    much_room: DFF<Bit>,
    whole_room: DFF<Bit>,
    whole_told: DFF<Bit>,
    looking: DFF<Bit>,
    waiting: DFF<Bit>,
    step: DFF<Bit>,
    looked_up: DFF<Bits<6>>,
    staged_low: DFF<Bits<8>>,
    staged_high: DFF<Bits<8>>,
    // What holds of the next reply to send.
    more: DFF<Bit>,
    never_sent: DFF<Bit>,
    next_place: DFF<Bits<11>>,
    // The table's write port, the byte that is no reply's, and that which the CRC takes.
    placing: DFF<Bit>,
    placed_number: DFF<Bits<6>>,
    placed_at: DFF<Bits<11>>,
    fixed: DFF<Bits<8>>,
    from_ring: DFF<Bit>,
    checked: DFF<Bits<8>>,
    checking: DFF<Bit>,

    write_at: Signal<Local, Bits<11>>,
    used: DFF<Bits<11>>,
    held: DFF<Bits<8>>,
    acknowledged: DFF<Bits<8>>,
    outstanding: DFF<Bits<8>>,
    behind: DFF<Bits<8>>,
    number_after: Signal<Local, Bits<8>>,
    grown: Signal<Local, Bit>,
    emit: Signal<Local, Bit>,
    chosen: Signal<Local, Bits<8>>,
    candidate: Signal<Local, Bits<8>>,
    check: Signal<Local, Bits<32>>,
    answering: Signal<Local, Bit>,
    full: Constant<Bits<11>>,
    all_room: Constant<Bits<8>>,
    version: Constant<Bits<8>>,
    synchronised_kind: Constant<Bits<8>>,
    acknowledged_kind: Constant<Bits<8>>,
}

impl Default for Transmitter {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            clear: Default::default(),
            answer: Default::default(),
            acknowledge: Default::default(),
            resend: Default::default(),
            expected: Default::default(),
            room: Default::default(),
            synchronise_number: Default::default(),
            reply: Default::default(),
            reply_room: Default::default(),
            tx_data: Default::default(),
            tx_valid: Default::default(),
            tx_ready: Default::default(),
            frame_resent: Default::default(),
            quiet: Default::default(),
            ring: Default::default(),
            places: Default::default(),
            staging: Default::default(),
            crc: Default::default(),
            state: Default::default(),
            oldest: Default::default(),
            send: Default::default(),
            fresh: Default::default(),
            next_number: Default::default(),
            oldest_at: Default::default(),
            commit_at: Default::default(),
            offset: Default::default(),
            room_left: Default::default(),
            read_at: Default::default(),
            plain: Default::default(),
            synchronised: Default::default(),
            sending: Default::default(),
            left: Default::default(),
            fill: Default::default(),
            code_at: Default::default(),
            index: Default::default(),
            crc_byte: Default::default(),
            acknowledge_due: Default::default(),
            synchronised_due: Default::default(),
            number: Default::default(),
            resent: Default::default(),
            storing: Default::default(),
            stored_at: Default::default(),
            stored: Default::default(),
            phase: Default::default(),
            raw: Default::default(),
            raw_is_zero: Default::default(),
            putting: Default::default(),
            put_at: Default::default(),
            put: Default::default(),
            out: Default::default(),
            out_valid: Default::default(),
            out_last: Default::default(),
            answer_1: Default::default(),
            answer_2: Default::default(),
            answer_3: Default::default(),
            answer_4: Default::default(),
            answered: Default::default(),
            again: Default::default(),
            known: Default::default(),
            passed: Default::default(),
            answered_at: Default::default(),
            grown_now: Default::default(),
            much_room: Default::default(),
            whole_room: Default::default(),
            whole_told: Default::default(),
            looking: Default::default(),
            waiting: Default::default(),
            step: Default::default(),
            looked_up: Default::default(),
            staged_low: Default::default(),
            staged_high: Default::default(),
            more: Default::default(),
            never_sent: Default::default(),
            next_place: Default::default(),
            placing: Default::default(),
            placed_number: Default::default(),
            placed_at: Default::default(),
            fixed: Default::default(),
            from_ring: Default::default(),
            checked: Default::default(),
            checking: Default::default(),
            candidate: Default::default(),
            write_at: Default::default(),
            used: Default::default(),
            held: Default::default(),
            acknowledged: Default::default(),
            outstanding: Default::default(),
            behind: Default::default(),
            number_after: Default::default(),
            grown_from: Default::default(),
            grown: Default::default(),
            emit: Default::default(),
            chosen: Default::default(),
            check: Default::default(),
            answering: Default::default(),
            told: DffInit::new(ALL_ROOM.into()),
            full: Constant::new((FULL as u64).into()),
            all_room: Constant::new(ALL_ROOM.into()),
            version: Constant::new((PROTOCOL_VERSION as u64).into()),
            synchronised_kind: Constant::new((Kind::Synchronised as u64).into()),
            acknowledged_kind: Constant::new((Kind::Acknowledged as u64).into()),
        }
    }
}

impl Logic for Transmitter {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            state,
            oldest,
            send,
            fresh,
            next_number,
            oldest_at,
            commit_at,
            offset,
            room_left,
            read_at,
            plain,
            synchronised,
            sending,
            left,
            fill,
            code_at,
            index,
            crc_byte,
            acknowledge_due,
            synchronised_due,
            number,
            told,
            resent,
            storing,
            stored_at,
            stored,
            phase,
            raw,
            raw_is_zero,
            putting,
            put_at,
            put,
            out,
            out_valid,
            out_last,
            answer_1,
            answer_2,
            answer_3,
            answer_4,
            answered,
            again,
            known,
            passed,
            answered_at,
            grown_now,
            grown_from,
            much_room,
            whole_room,
            whole_told,
            looking,
            waiting,
            step,
            looked_up,
            staged_low,
            staged_high,
            more,
            never_sent,
            next_place,
            placing,
            placed_number,
            placed_at,
            fixed,
            from_ring,
            checked,
            checking,
            used,
            held,
            acknowledged,
            outstanding,
            behind
        );
        clock!(self, clock, ring, places, crc);

        // Replies come in behind the place for their length, which is written when they are closed.
        self.write_at.next = self.commit_at.q.val() + bit_cast::<11, 8>(self.offset.q.val()) + 1;
        self.number_after.next = self.next_number.q.val() + 1;
        self.storing.d.next = self.reply.val().write | self.reply.val().close;
        self.stored_at.d.next = self.write_at.val();
        self.stored.d.next = self.reply.val().data;
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
            self.offset.d.next = bits::<8>(0);
            self.next_number.d.next = self.number_after.val();
        }
        if self.reply.val().discard {
            self.offset.d.next = bits::<8>(0);
        }
        self.ring.write_enable.next = self.storing.q.val();
        self.ring.write_address.next = self.stored_at.q.val();
        self.ring.write_data.next = self.stored.q.val();
        self.ring.read_enable.next = true;
        self.ring.read_address.next = self.read_at.q.val();
        self.used.d.next = self.commit_at.q.val() - self.oldest_at.q.val();
        self.held.d.next = self.next_number.q.val() - self.oldest.q.val();
        self.room_left.d.next = (self.used.q.val() < self.full.val()) & (self.held.q.val() < 63);
        self.reply_room.next = self.room_left.q.val();
        self.grown_from.d.next = bit_cast::<9, 8>(self.told.q.val()) + 16;
        self.much_room.d.next = bit_cast::<9, 8>(self.room.val()) >= self.grown_from.q.val();
        self.whole_room.d.next = self.room.val() == self.all_room.val();
        self.whole_told.d.next = self.told.q.val() == self.all_room.val();
        self.grown.next = self.much_room.q.val() | (self.whole_room.q.val() & !self.whole_told.q.val());
        self.grown_now.d.next = self.grown.val();

        // Choose a frame, build it in the staging buffer, send it.
        // The addresses of what is read without a clock come before what reads it: in Verilog this kernel is one block that an
        // event simulator need not run again for a change that it made itself.
        self.looked_up.d.next = self.send.q.val().get_bits::<6>(0);
        if self.answer_1.q.val() {
            self.looked_up.d.next = self.answered.q.val().get_bits::<6>(0);
        }
        self.places.read_address.next = self.looked_up.q.val();
        for half in 0..2 {
            self.staging[half].clock.next = self.clock.val();
            self.staging[half].read_address.next = self.index.q.val().get_bits::<7>(0);
            self.staging[half].write_address.next = self.put_at.q.val().get_bits::<7>(0);
            self.staging[half].write_data.next = self.put.q.val();
        }
        self.staged_low.d.next = self.staging[0].read_data.val();
        self.staged_high.d.next = self.staging[1].read_data.val();
        self.check.next = !self.crc.value.val();
        self.phase.d.next = self.phase.q.val() + 1;
        self.step.d.next = self.phase.q.val() == 2;
        self.resent.d.next = false;
        self.crc.start.next = false;
        self.emit.next = false;
        self.chosen.next = bits::<8>(0);
        self.from_ring.d.next = false;
        self.more.d.next = self.send.q.val() != self.next_number.q.val();
        self.never_sent.d.next = self.send.q.val() == self.fresh.q.val();
        self.next_place.d.next = self.places.read_data.val();
        self.putting.d.next = false;
        if self.tx_ready.val() {
            self.out_valid.d.next = false;
        }
        match self.state.q.val() {
            TransmitterState::Idle => {
                self.fill.d.next = bits::<8>(1);
                self.code_at.d.next = bits::<8>(0);
                self.index.d.next = bits::<8>(0);
                self.crc_byte.d.next = bits::<2>(0);
                self.left.d.next = bits::<8>(0);
                self.sending.d.next = bits::<8>(0);
                self.synchronised.d.next = false;
                self.plain.d.next = true;
                self.crc.start.next = true;
                // With an answer under way the table is read for it, and what is to be sent may change.
                if self.step.q.val() & !self.waiting.q.val() {
                    if self.synchronised_due.q.val() {
                        self.synchronised_due.d.next = false;
                        self.acknowledge_due.d.next = false;
                        self.synchronised.d.next = true;
                        self.left.d.next = bits::<8>(5);
                        self.state.d.next = TransmitterState::Kind;
                    } else {
                        if self.more.q.val() {
                            self.acknowledge_due.d.next = false;
                            self.plain.d.next = false;
                            self.sending.d.next = self.send.q.val();
                            self.send.d.next = self.send.q.val() + 1;
                            self.read_at.d.next = self.next_place.q.val();
                            if self.never_sent.q.val() {
                                self.fresh.d.next = self.fresh.q.val() + 1;
                            } else {
                                self.resent.d.next = true;
                            }
                            self.state.d.next = TransmitterState::Length;
                        } else {
                            if self.acknowledge_due.q.val() | self.grown_now.q.val() {
                                self.acknowledge_due.d.next = false;
                                self.state.d.next = TransmitterState::Kind;
                            }
                        }
                    }
                }
            }
            TransmitterState::Length => {
                self.from_ring.d.next = true;
                if self.step.q.val() {
                    self.left.d.next = self.raw.q.val();
                    self.read_at.d.next = self.read_at.q.val() + 1;
                    self.state.d.next = TransmitterState::Kind;
                }
            }
            TransmitterState::Kind => {
                self.emit.next = self.step.q.val();
                self.from_ring.d.next = !self.plain.q.val();
                if self.plain.q.val() {
                    self.chosen.next = self.acknowledged_kind.val();
                    if self.synchronised.q.val() {
                        self.chosen.next = self.synchronised_kind.val();
                    }
                }
                if self.step.q.val() {
                    self.read_at.d.next = self.read_at.q.val() + 1;
                    self.state.d.next = TransmitterState::Sequence;
                }
            }
            TransmitterState::Sequence => {
                self.emit.next = self.step.q.val();
                self.chosen.next = self.sending.q.val();
                if self.step.q.val() {
                    self.state.d.next = TransmitterState::Acknowledge;
                }
            }
            TransmitterState::Acknowledge => {
                self.emit.next = self.step.q.val();
                self.chosen.next = self.expected.val();
                if self.step.q.val() {
                    self.state.d.next = TransmitterState::Room;
                }
            }
            TransmitterState::Room => {
                self.emit.next = self.step.q.val();
                self.chosen.next = self.room.val();
                if self.step.q.val() {
                    self.told.d.next = self.raw.q.val();
                    self.state.d.next = TransmitterState::Payload;
                    if self.left.q.val() == 0 {
                        self.state.d.next = TransmitterState::Crc;
                    }
                }
            }
            TransmitterState::Payload => {
                self.emit.next = self.step.q.val();
                self.from_ring.d.next = !self.synchronised.q.val();
                if self.synchronised.q.val() {
                    self.chosen.next = self.version.val();
                    if self.left.q.val() != 5 {
                        self.chosen.next = self.number.q.val().get_bits::<8>(0);
                    }
                }
                if self.step.q.val() {
                    if self.synchronised.q.val() & (self.left.q.val() != 5) {
                        self.number.d.next = self.number.q.val() >> 8;
                    }
                    self.read_at.d.next = self.read_at.q.val() + 1;
                    self.left.d.next = self.left.q.val() - 1;
                    if self.left.q.val() == 1 {
                        self.state.d.next = TransmitterState::Crc;
                    }
                }
            }
            TransmitterState::Crc => {
                self.emit.next = self.step.q.val();
                match self.crc_byte.q.val().index() {
                    0 => {
                        self.chosen.next = self.check.val().get_bits::<8>(0);
                    }
                    1 => {
                        self.chosen.next = self.check.val().get_bits::<8>(8);
                    }
                    2 => {
                        self.chosen.next = self.check.val().get_bits::<8>(16);
                    }
                    _ => {
                        self.chosen.next = self.check.val().get_bits::<8>(24);
                    }
                }
                if self.step.q.val() {
                    self.crc_byte.d.next = self.crc_byte.q.val() + 1;
                    if self.crc_byte.q.val() == 3 {
                        self.state.d.next = TransmitterState::Patch;
                    }
                }
            }
            TransmitterState::Patch => {
                // Writes the last code as if a zero came.
                self.chosen.next = bits::<8>(0);
                if self.step.q.val() {
                    self.putting.d.next = true;
                    self.state.d.next = TransmitterState::Send;
                }
            }
            TransmitterState::Send => {
                // The patch is in the buffer by the next step.
                self.out_last.d.next = self.index.q.val() == self.fill.q.val();
                if self.step.q.val() & !self.out_valid.q.val() {
                    self.out.d.next = self.staged_low.q.val();
                    if self.index.q.val().get_bit(7) {
                        self.out.d.next = self.staged_high.q.val();
                    }
                    self.out_valid.d.next = true;
                    self.index.d.next = self.index.q.val() + 1;
                    if self.out_last.q.val() {
                        self.out.d.next = bits::<8>(0);
                        self.state.d.next = TransmitterState::Delimiter;
                    }
                }
            }
            TransmitterState::Delimiter => {
                if !self.out_valid.q.val() {
                    self.state.d.next = TransmitterState::Idle;
                }
            }
            _ => {
                self.state.d.next = TransmitterState::Idle;
            }
        }
        self.tx_valid.next = self.out_valid.q.val();
        self.tx_data.next = self.out.q.val();
        self.fixed.d.next = self.chosen.val();
        self.candidate.next = self.fixed.q.val();
        if self.from_ring.q.val() {
            self.candidate.next = self.ring.read_data.val();
        }
        self.raw.d.next = self.candidate.val();
        self.raw_is_zero.d.next = self.candidate.val() == 0;
        self.checked.d.next = self.raw.q.val();
        self.checking.d.next = self.emit.val() & (self.state.q.val() != TransmitterState::Crc);
        self.crc.data.next = self.checked.q.val();
        self.crc.enable.next = self.checking.q.val();

        // COBS: a zero becomes the code that counts the bytes since the last code.
        if self.emit.val() {
            self.putting.d.next = true;
            self.fill.d.next = self.fill.q.val() + 1;
            if self.raw_is_zero.q.val() {
                self.code_at.d.next = self.fill.q.val();
            }
        }
        self.put_at.d.next = self.fill.q.val();
        self.put.d.next = self.raw.q.val();
        if self.raw_is_zero.q.val() {
            self.put_at.d.next = self.code_at.q.val();
            self.put.d.next = self.fill.q.val() - self.code_at.q.val();
        }
        self.staging[0].write_enable.next = self.putting.q.val() & !self.put_at.q.val().get_bit(7);
        self.staging[1].write_enable.next = self.putting.q.val() & self.put_at.q.val().get_bit(7);

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
            self.acknowledge_due.d.next = true;
            self.answered.d.next = self.acknowledge.val();
            self.again.d.next = self.resend.val();
        }
        self.acknowledged.d.next = self.answered.q.val() - self.oldest.q.val();
        self.outstanding.d.next = self.fresh.q.val() - self.oldest.q.val();
        self.behind.d.next = self.send.q.val() - self.oldest.q.val();
        self.known.d.next = self.acknowledged.q.val() <= self.outstanding.q.val();
        self.passed.d.next = self.behind.q.val() < self.acknowledged.q.val();
        // Until the table shows where what is to be sent now begins.
        self.looking.d.next = self.answer_4.q.val();
        self.waiting.d.next = self.answering.val() | self.looking.q.val() | self.clear.val();
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

        if self.clear.val() {
            self.oldest.d.next = bits::<8>(0);
            self.send.d.next = bits::<8>(0);
            self.fresh.d.next = bits::<8>(0);
            self.next_number.d.next = bits::<8>(0);
            self.oldest_at.d.next = self.commit_at.q.val();
            self.placed_number.d.next = bits::<6>(0);
            self.placed_at.d.next = self.commit_at.q.val();
            self.offset.d.next = bits::<8>(0);
            self.number.d.next = self.synchronise_number.val();
            self.synchronised_due.d.next = true;
        }

        self.frame_resent.next = self.resent.q.val();
        self.quiet.next = (self.state.q.val() == TransmitterState::Idle)
            & !self.synchronised_due.q.val()
            & !self.acknowledge_due.q.val()
            & !self.answering.val()
            & !self.grown.val()
            & !self.grown_now.q.val()
            & (self.send.q.val() == self.next_number.q.val());
    }
}
