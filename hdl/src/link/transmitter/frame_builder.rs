//! Frames to the host, byte by byte.

use crate::link::Crc32;
use nernst_spec::link::frame::{HEADER, MAX_FRAME, TRAILER};
use nernst_spec::link::message::Kind;
use nernst_spec::link::{PROTOCOL_VERSION, RECEIVE_BUFFER, ROOM_UNIT};
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::DffInit;

/// Room that is told when nothing waits in the receive buffer.
const ALL_ROOM: u64 = (RECEIVE_BUFFER / ROOM_UNIT) as u64;

const _: () = assert!(MAX_FRAME - HEADER - TRAILER < 1 << 9);

/// The part of a frame that is being built: one bit is set.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct FrameState {
    pub idle: Bit,
    pub length: Bit,
    pub kind: Bit,
    pub sequence: Bit,
    pub acknowledge: Bit,
    pub room: Bit,
    pub payload: Bit,
    pub crc: Bit,
    pub finish: Bit,
}

/// Chooses the next frame and builds it: header with the newest acknowledgement and room, payload, CRC.
///
/// In order of precedence: `Synchronised` after a `clear`; `Missing`, when a frame of the host is `missing`; the reply that is due; a frame without a number that
/// answers, when an `answer` came or room has grown by 16 units or to all there is. While `waiting` is high none is begun but `Missing`.
///
/// A byte takes four clocks: the control steps in every fourth only. In the clocks between, the byte comes out of the reply
/// ring's block RAM, or out of header and CRC in two registers; and what the step is to do is decided, so that the step itself
/// comes from registers. While the stuffer has no `room` the control stands still. A frame is begun when the stuffer is `low`, so that the line does not wait for it, and what it acknowledges is
/// not old when it leaves.
///
/// ```text
/// clock     _/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_
/// state     -<kind          ><sequence      ><acknow.
/// step      _____________/~~~\___________/~~~\_______     in the ring: the next byte
/// raw       -------------<b0            ><b1
/// emit      _____________/~~~\___________/~~~\_______
/// ```
#[derive(LogicBlock)]
pub struct FrameBuilder {
    pub clock: Signal<In, Clock>,
    /// A `Synchronised` frame is due, with this number.
    pub clear: Signal<In, Bit>,
    pub synchronise_number: Signal<In, Bits<32>>,
    /// From the receiver.
    pub answer: Signal<In, Bit>,
    /// The frame expected next is missing.
    pub missing: Signal<In, Bit>,
    /// A `Synchronised` frame is due, with the number that there is.
    pub stranger: Signal<In, Bit>,
    pub expected: Signal<In, Bits<8>>,
    pub room: Signal<In, Bits<8>>,
    /// From and to the reply ring: see there.
    pub due: Signal<In, Bit>,
    pub waiting: Signal<In, Bit>,
    pub number: Signal<In, Bits<8>>,
    pub start: Signal<Out, Bit>,
    pub step: Signal<Out, Bit>,
    pub data: Signal<In, Bits<9>>,
    /// To the stuffer: see there.
    pub put: Signal<Out, Bit>,
    pub raw: Signal<Out, Bits<8>>,
    pub finish: Signal<Out, Bit>,
    pub stuffer_room: Signal<In, Bit>,
    pub stuffer_low: Signal<In, Bit>,
    /// No frame is being built or about to be; replies do not count.
    pub quiet: Signal<Out, Bit>,

    state: DffInit<FrameState>,
    crc: Crc32,
    // What there is to send, and what will be.
    acknowledge_due: DFF<Bit>,
    missing_due: DFF<Bit>,
    synchronised_due: DFF<Bit>,
    synchronised_number: DFF<Bits<32>>,
    synchronised_next: DFF<Bit>,
    missing_next: DFF<Bit>,
    reply_next: DFF<Bit>,
    answer_next: DFF<Bit>,
    // Room that was told, and whether what there is now is worth a frame.
    told: DffInit<Bits<8>>,
    grown_from: DffInit<Bits<9>>,
    much_room: DFF<Bit>,
    whole_room: DFF<Bit>,
    whole_told: DFF<Bit>,
    grown_now: DFF<Bit>,
    /// The frame: a reply, `Synchronised`, its number, bytes of payload left.
    is_reply: DFF<Bit>,
    is_synchronised: DFF<Bit>,
    is_missing: DFF<Bit>,
    frame_number: DFF<Bits<8>>,
    left: DFF<Bits<9>>,
    none_left: DFF<Bit>,
    last_left: DFF<Bit>,
    /// What is left of the payload of `Synchronised`.
    payload: DFF<Bits<40>>,
    crc_byte: DFF<Bits<2>>,
    // The clock of the byte, and what its last does.
    phase: DFF<Bits<2>>,
    now: DFF<Bit>,
    stepping: DFF<Bit>,
    emitting: DFF<Bit>,
    checking: DFF<Bit>,
    finishing: DFF<Bit>,
    // The byte.
    header: DFF<Bits<8>>,
    check_byte: DFF<Bits<8>>,
    fixed: DFF<Bits<8>>,
    from_ring: DFF<Bit>,
    /// A length has nine bits.
    raw_byte: DFF<Bits<9>>,

    is: Signal<Local, FrameState>,
    told_now: Signal<Local, Bit>,
    grown: Signal<Local, Bit>,
    early: Signal<Local, Bit>,
    in_header: Signal<Local, Bit>,
    own_kind: Signal<Local, Bits<8>>,
    check: Signal<Local, Bits<32>>,
    nowhere: Constant<FrameState>,
    all_room: Constant<Bits<8>>,
    version: Constant<Bits<40>>,
    synchronised_kind: Constant<Bits<8>>,
    missing_kind: Constant<Bits<8>>,
    acknowledged_kind: Constant<Bits<8>>,
}

impl Default for FrameBuilder {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            clear: Default::default(),
            synchronise_number: Default::default(),
            answer: Default::default(),
            missing: Default::default(),
            stranger: Default::default(),
            expected: Default::default(),
            room: Default::default(),
            due: Default::default(),
            waiting: Default::default(),
            number: Default::default(),
            start: Default::default(),
            step: Default::default(),
            data: Default::default(),
            put: Default::default(),
            raw: Default::default(),
            finish: Default::default(),
            stuffer_room: Default::default(),
            stuffer_low: Default::default(),
            quiet: Default::default(),
            state: DffInit::new(FrameState { idle: true, ..FrameState::default() }),
            crc: Default::default(),
            acknowledge_due: Default::default(),
            missing_due: Default::default(),
            synchronised_due: Default::default(),
            synchronised_number: Default::default(),
            synchronised_next: Default::default(),
            missing_next: Default::default(),
            reply_next: Default::default(),
            answer_next: Default::default(),
            told: DffInit::new(ALL_ROOM.into()),
            grown_from: DffInit::new((ALL_ROOM + 16).into()),
            much_room: Default::default(),
            whole_room: Default::default(),
            whole_told: Default::default(),
            grown_now: Default::default(),
            is_reply: Default::default(),
            is_synchronised: Default::default(),
            is_missing: Default::default(),
            frame_number: Default::default(),
            left: Default::default(),
            none_left: Default::default(),
            last_left: Default::default(),
            payload: Default::default(),
            crc_byte: Default::default(),
            phase: Default::default(),
            now: Default::default(),
            stepping: Default::default(),
            emitting: Default::default(),
            checking: Default::default(),
            finishing: Default::default(),
            header: Default::default(),
            check_byte: Default::default(),
            fixed: Default::default(),
            from_ring: Default::default(),
            raw_byte: Default::default(),
            is: Default::default(),
            told_now: Default::default(),
            grown: Default::default(),
            early: Default::default(),
            in_header: Default::default(),
            own_kind: Default::default(),
            check: Default::default(),
            nowhere: Constant::new(FrameState::default()),
            all_room: Constant::new(ALL_ROOM.into()),
            version: Constant::new((PROTOCOL_VERSION as u64).into()),
            missing_kind: Constant::new((Kind::Missing as u64).into()),
            synchronised_kind: Constant::new((Kind::Synchronised as u64).into()),
            acknowledged_kind: Constant::new((Kind::Acknowledged as u64).into()),
        }
    }
}

impl Logic for FrameBuilder {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            state,
            acknowledge_due,
            missing_due,
            synchronised_due,
            synchronised_number,
            synchronised_next,
            missing_next,
            reply_next,
            answer_next,
            told,
            grown_from,
            much_room,
            whole_room,
            whole_told,
            grown_now,
            is_reply,
            is_synchronised,
            is_missing,
            frame_number,
            left,
            none_left,
            last_left,
            payload,
            crc_byte,
            phase,
            now,
            stepping,
            emitting,
            checking,
            finishing,
            header,
            check_byte,
            fixed,
            from_ring,
            raw_byte
        );
        clock!(self, clock, crc);
        self.is.next = self.state.q.val();

        // What there is to send.
        self.grown_from.d.next = bit_cast::<9, 8>(self.told.q.val()) + 16;
        self.much_room.d.next = bit_cast::<9, 8>(self.room.val()) >= self.grown_from.q.val();
        self.whole_room.d.next = self.room.val() == self.all_room.val();
        self.whole_told.d.next = self.told.q.val() == self.all_room.val();
        self.grown.next = self.much_room.q.val() | (self.whole_room.q.val() & !self.whole_told.q.val());
        self.grown_now.d.next = self.grown.val();
        self.synchronised_next.d.next = self.synchronised_due.q.val() & !self.waiting.val() & !self.clear.val();
        self.missing_next.d.next = self.missing_due.q.val() & !self.synchronised_due.q.val() & !self.clear.val();
        self.reply_next.d.next = self.due.val()
            & !self.missing_due.q.val()
            & !self.synchronised_due.q.val()
            & !self.waiting.val()
            & !self.clear.val();
        self.answer_next.d.next = (self.acknowledge_due.q.val() | self.grown_now.q.val())
            & !self.due.val()
            & !self.missing_due.q.val()
            & !self.synchronised_due.q.val()
            & !self.waiting.val()
            & !self.clear.val();

        // The clocks of a byte: the state stands for four, so what the last of them does is known before.
        self.phase.d.next = self.phase.q.val() + 1;
        self.early.next =
            (self.phase.q.val() == 2) & self.stuffer_room.val() & (!self.is.val().idle | self.stuffer_low.val());
        self.in_header.next = self.is.val().kind
            | self.is.val().sequence
            | self.is.val().acknowledge
            | self.is.val().room
            | self.is.val().payload;
        self.now.d.next = self.early.val();
        self.stepping.d.next = self.early.val() & (self.is.val().length | self.is.val().kind | self.is.val().payload);
        self.emitting.d.next = self.early.val() & (self.in_header.val() | self.is.val().crc);
        self.checking.d.next = self.early.val() & self.in_header.val();
        self.finishing.d.next = self.early.val() & self.is.val().finish;
        self.none_left.d.next = self.left.q.val() == 0;
        self.last_left.d.next = self.left.q.val() == 1;

        // What is done, and what follows.
        self.start.next = self.now.q.val() & self.is.val().idle & self.reply_next.q.val();
        if self.now.q.val() {
            self.state.d.next = self.nowhere.val();
            if self.is.val().idle {
                self.state.d.next.length = self.reply_next.q.val();
                self.state.d.next.kind =
                    self.synchronised_next.q.val() | self.missing_next.q.val() | self.answer_next.q.val();
                self.state.d.next.idle = !(self.synchronised_next.q.val()
                    | self.missing_next.q.val()
                    | self.reply_next.q.val()
                    | self.answer_next.q.val());
            }
            if self.is.val().length {
                self.state.d.next.kind = true;
            }
            if self.is.val().kind {
                self.state.d.next.sequence = true;
            }
            if self.is.val().sequence {
                self.state.d.next.acknowledge = true;
            }
            if self.is.val().acknowledge {
                self.state.d.next.room = true;
            }
            if self.is.val().room {
                self.state.d.next.crc = self.none_left.q.val();
                self.state.d.next.payload = !self.none_left.q.val();
            }
            if self.is.val().payload {
                self.state.d.next.crc = self.last_left.q.val();
                self.state.d.next.payload = !self.last_left.q.val();
            }
            if self.is.val().crc {
                self.state.d.next.finish = self.crc_byte.q.val() == 3;
                self.state.d.next.crc = self.crc_byte.q.val() != 3;
            }
            if self.is.val().finish {
                self.state.d.next.idle = true;
            }
        }

        // The frame.
        if self.is.val().idle {
            self.is_reply.d.next = self.reply_next.q.val();
            self.is_synchronised.d.next = self.synchronised_next.q.val();
            self.is_missing.d.next = self.missing_next.q.val();
            self.frame_number.d.next = bits::<8>(0);
            if self.reply_next.q.val() {
                self.frame_number.d.next = self.number.val();
            }
            self.left.d.next = bits::<9>(0);
            if self.synchronised_next.q.val() {
                self.left.d.next = bits::<9>(5);
            }
            self.payload.d.next = self.version.val() | (bit_cast::<40, 32>(self.synchronised_number.q.val()) << 8);
            self.crc_byte.d.next = bits::<2>(0);
        }
        if self.now.q.val() & self.is.val().length {
            self.left.d.next = self.raw_byte.q.val();
        }
        if self.now.q.val() & self.is.val().room {
            self.told.d.next = self.raw_byte.q.val().get_bits::<8>(0);
        }
        if self.now.q.val() & self.is.val().payload {
            self.left.d.next = self.left.q.val() - 1;
            self.payload.d.next = self.payload.q.val() >> 8;
        }
        if self.now.q.val() & self.is.val().crc {
            self.crc_byte.d.next = self.crc_byte.q.val() + 1;
        }

        // The byte.
        self.own_kind.next = self.acknowledged_kind.val();
        if self.is_missing.q.val() {
            self.own_kind.next = self.missing_kind.val();
        }
        if self.is_synchronised.q.val() {
            self.own_kind.next = self.synchronised_kind.val();
        }
        self.header.d.next = bits::<8>(0);
        if self.is.val().kind {
            self.header.d.next = self.own_kind.val();
        }
        if self.is.val().sequence {
            self.header.d.next = self.frame_number.q.val();
        }
        if self.is.val().acknowledge {
            self.header.d.next = self.expected.val();
        }
        if self.is.val().room {
            self.header.d.next = self.room.val();
        }
        if self.is.val().payload {
            self.header.d.next = self.payload.q.val().get_bits::<8>(0);
        }
        self.check.next = !self.crc.value.val();
        match self.crc_byte.q.val().index() {
            0 => {
                self.check_byte.d.next = self.check.val().get_bits::<8>(0);
            }
            1 => {
                self.check_byte.d.next = self.check.val().get_bits::<8>(8);
            }
            2 => {
                self.check_byte.d.next = self.check.val().get_bits::<8>(16);
            }
            _ => {
                self.check_byte.d.next = self.check.val().get_bits::<8>(24);
            }
        }
        self.fixed.d.next = self.header.q.val();
        if self.is.val().crc {
            self.fixed.d.next = self.check_byte.q.val();
        }
        self.from_ring.d.next =
            self.is.val().length | (self.is_reply.q.val() & (self.is.val().kind | self.is.val().payload));
        self.raw_byte.d.next = bit_cast::<9, 8>(self.fixed.q.val());
        if self.from_ring.q.val() {
            self.raw_byte.d.next = self.data.val();
        }
        self.crc.start.next = self.is.val().idle;
        self.crc.data.next = self.raw_byte.q.val().get_bits::<8>(0);
        self.crc.enable.next = self.checking.q.val();

        // The number that the frame carries is the one of the first of the four clocks: what is answered by then is answered with it,
        // so that no second answer without news follows, which a host would take for a loss.
        self.told_now.next = self.is.val().acknowledge & (self.phase.q.val() == 0);
        if self.answer.val() {
            self.acknowledge_due.d.next = true;
        }
        if self.told_now.val() {
            self.acknowledge_due.d.next = false;
        }
        if self.now.q.val() & self.is.val().idle & self.missing_next.q.val() {
            self.missing_due.d.next = false;
        }
        if self.missing.val() {
            self.missing_due.d.next = true;
        }
        if self.now.q.val() & self.is.val().idle & self.synchronised_next.q.val() {
            self.synchronised_due.d.next = false;
        }
        if self.stranger.val() {
            self.synchronised_due.d.next = true;
        }
        if self.clear.val() {
            self.missing_due.d.next = false;
            self.synchronised_due.d.next = true;
            self.synchronised_number.d.next = self.synchronise_number.val();
        }

        self.step.next = self.stepping.q.val();
        self.put.next = self.emitting.q.val();
        self.raw.next = self.raw_byte.q.val().get_bits::<8>(0);
        self.finish.next = self.finishing.q.val();
        self.quiet.next = self.is.val().idle
            & !self.missing_due.q.val()
            & !self.synchronised_due.q.val()
            & !self.acknowledge_due.q.val()
            & !self.grown.val()
            & !self.grown_now.q.val();
    }
}
