//! Frames from the host: unstuffed, checked, and kept until the executor has read them.

use super::crc32::Crc32;
use nernst_spec::link::frame::{CRC_RESIDUE, HEADER, MAX_FRAME, TRAILER};
use nernst_spec::link::message::Kind;
use nernst_spec::link::{FLAG_RESEND, RECEIVE_BUFFER, ROOM_UNIT};
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::{BlockRam2048x9, DffInit};

const _: () = assert!(RECEIVE_BUFFER == 1 << 11 && ROOM_UNIT == 1 << 4 && FLAG_RESEND == 1);
const _: () = assert!(HEADER == 4 && TRAILER == 4 && Kind::NUMBERED_BIT == 0x10);
/// Bytes of the payload of a `Synchronise` frame.
const SYNCHRONISE_PAYLOAD: usize = 5;

/// What a byte of a frame is: one bit is set, but for the number in a `Synchronise` frame, which is in its rest.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct FrameField {
    pub kind: Bit,
    pub sequence: Bit,
    pub acknowledge: Bit,
    pub flags: Bit,
    pub rest: Bit,
    pub number: Bit,
}

/// Takes the byte stream from the host, a byte in four clocks at most, and cuts it into frames.
///
/// The bytes of a numbered frame go into a ring of 2 KiB as they come. At the delimiter the frame is *committed*, if it is
/// intact, its number is the expected one and all of it found room; if not, the next frame overwrites it, and nothing of it was
/// applied. A committed frame lies in the ring as payload length, kind, payload. Other frames are not stored, so there is always
/// room for them.
///
/// A byte goes through the receiver in steps of a clock, of which each does little: unstuff it, look at it; and if it was a
/// delimiter judge the frame, decide, get ready for the next.
///
/// ```text
/// clock          _/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_
/// rx_valid       _/~~~\___________________________________
/// rx_data        -< 0>------------------------------------
/// byte           -----< 0 >
/// decoded, ended ---------/~~~\
/// judging        -------------/~~~\        and in the next clock what follows is decided
/// answer         _____________________/~~~\_______________   an intact frame came: an acknowledgement is due
/// front_valid    _____________________________________/~~~   ten clocks after the delimiter
/// take           _____________________________________/~~~
/// front          -------------------------------------<length  the next one four clocks after a take
/// ```
/// The ring has places of nine bits, so that a length is one of them.
///
/// `acknowledge` and `resend` are valid with `answer`. `missing` says that something came in a session and was not the frame expected next: bytes that are no frame,
/// or, once until that one is applied, a frame with a later number. A `Synchronise` frame raises `synchronise`, which stays until `clear`;
/// meanwhile all other frames are refused. `clear` empties the ring, makes 0 the expected number and begins a session. Before the first one
/// no frame is applied, and every intact one raises `stranger` instead of `answer`: the host of it speaks to a board that was reset.
/// Whatever bytes come, the first good frame after a zero byte is received.
#[derive(LogicBlock)]
pub struct Receiver {
    pub clock: Signal<In, Clock>,
    pub rx_data: Signal<In, Bits<8>>,
    pub rx_valid: Signal<In, Bit>,
    /// Drops everything and begins to count anew.
    pub clear: Signal<In, Bit>,
    /// Next byte of the oldest committed frame, valid while `front_valid`.
    pub front: Signal<Out, Bits<9>>,
    pub front_valid: Signal<Out, Bit>,
    /// Moves on to the next byte.
    pub take: Signal<In, Bit>,
    /// The ring is empty: no byte will come forward before another frame has come.
    pub empty: Signal<Out, Bit>,
    /// High for one clock for every intact frame of a host.
    pub answer: Signal<Out, Bit>,
    /// The same for every intact frame of a host before the first session, but `Synchronise`.
    pub stranger: Signal<Out, Bit>,
    /// High for one clock when the frame expected next is known to be missing.
    pub missing: Signal<Out, Bit>,
    /// Number that the host expects next.
    pub acknowledge: Signal<Out, Bits<8>>,
    /// The host asks for all that it has not acknowledged.
    pub resend: Signal<Out, Bit>,
    /// Number of the frame expected next.
    pub expected: Signal<Out, Bits<8>>,
    /// Free room in units of 16 bytes.
    pub room: Signal<Out, Bits<8>>,
    /// A `Synchronise` frame has come and `clear` has not.
    pub synchronise: Signal<Out, Bit>,
    /// The number in the last `Synchronise` frame, 0 before the first.
    pub synchronise_number: Signal<Out, Bits<32>>,
    /// High for one clock for every frame that was not applied.
    pub frame_refused: Signal<Out, Bit>,
    /// No byte arrives and no frame waits.
    pub quiet: Signal<Out, Bit>,

    ring: BlockRam2048x9<9>,
    crc: Crc32,
    // The byte that came.
    arrived: DFF<Bit>,
    incoming: DFF<Bits<8>>,
    /// Bytes up to the next COBS code, which is this one if it is 0.
    remaining: DFF<Bits<8>>,
    /// A byte has come since the last delimiter.
    started: DFF<Bit>,
    // Unstuffed.
    decoded: DFF<Bits<8>>,
    decoded_valid: DFF<Bit>,
    ended: DFF<Bit>,
    /// The delimiter came where a code was due, and not after another.
    aligned: DFF<Bit>,
    was_started: DFF<Bit>,
    /// The code before was 255, which no zero follows.
    unbroken: DFF<Bit>,
    // Looked at. Bytes of the frame so far, without COBS codes; stops at 511.
    length: DFF<Bits<9>>,
    due: DFF<FrameField>,
    /// The ring had no room for a byte of the frame.
    overflow: DFF<Bit>,
    numbered: DFF<Bit>,
    is_synchronise: DFF<Bit>,
    is_acknowledge: DFF<Bit>,
    /// How far the frame's number is ahead of the one expected.
    ahead: DFF<Bits<8>>,
    in_order: DFF<Bit>,
    early: DFF<Bit>,
    acknowledged: DFF<Bits<8>>,
    flags: DFF<Bit>,
    /// Last four bytes of the payload of a `Synchronise` frame.
    number: DFF<Bits<32>>,
    // Judged.
    judging: DFF<Bit>,
    sized: DFF<Bit>,
    whole: DFF<Bit>,
    payload: DFF<Bits<9>>,
    deciding: DFF<Bit>,
    /// Bytes that are no frame.
    damaged: DFF<Bit>,
    intact: DFF<Bit>,
    right_length: DFF<Bit>,
    renewing: DFF<Bit>,
    kept_number: DFF<Bits<32>>,
    synchronising: DFF<Bit>,
    count: DFF<Bits<8>>,
    /// A host has begun a session.
    in_session: DFF<Bit>,
    answered: DFF<Bit>,
    strange: DFF<Bit>,
    refused: DFF<Bit>,
    /// A later frame came and was told of.
    told: DFF<Bit>,
    missed: DFF<Bit>,
    // The ring: where the oldest committed frame begins or goes on, where the one that comes in begins, where its next byte goes.
    read_at: DFF<Bits<11>>,
    commit_at: DFF<Bits<11>>,
    store_at: DffInit<Bits<11>>,
    storing: DFF<Bit>,
    stored_at: DFF<Bits<11>>,
    stored: DFF<Bits<9>>,
    /// Clocks that the byte in front has been waited for, at most 3; then it is there.
    age: DFF<Bits<2>>,
    ready: DFF<Bit>,
    full: DFF<Bit>,
    taken: DFF<Bits<11>>,
    nothing: DFF<Bit>,
    room_now: DFF<Bits<8>>,

    code_due: Signal<Local, Bit>,
    kind_is_numbered: Signal<Local, Bit>,
    field: Signal<Local, FrameField>,
    store: Signal<Local, Bit>,
    applied: Signal<Local, Bit>,
    good_synchronise: Signal<Local, Bit>,
    answerable: Signal<Local, Bit>,
    free: Signal<Local, Bits<12>>,
    residue: Constant<Bits<32>>,
    longest: Constant<Bits<9>>,
    shortest: Constant<Bits<9>>,
    synchronise_length: Constant<Bits<9>>,
    synchronise_kind: Constant<Bits<8>>,
    acknowledge_kind: Constant<Bits<8>>,
}

impl Default for Receiver {
    fn default() -> Self {
        let length = |value: usize| Constant::new((value as u64).into());
        let kind = |kind: Kind| Constant::new((kind as u64).into());
        Self {
            clock: Default::default(),
            rx_data: Default::default(),
            rx_valid: Default::default(),
            clear: Default::default(),
            front: Default::default(),
            front_valid: Default::default(),
            take: Default::default(),
            empty: Default::default(),
            answer: Default::default(),
            missing: Default::default(),
            stranger: Default::default(),
            acknowledge: Default::default(),
            resend: Default::default(),
            expected: Default::default(),
            room: Default::default(),
            synchronise: Default::default(),
            synchronise_number: Default::default(),
            frame_refused: Default::default(),
            quiet: Default::default(),
            ring: Default::default(),
            crc: Default::default(),
            arrived: Default::default(),
            incoming: Default::default(),
            remaining: Default::default(),
            started: Default::default(),
            decoded: Default::default(),
            decoded_valid: Default::default(),
            ended: Default::default(),
            aligned: Default::default(),
            was_started: Default::default(),
            unbroken: Default::default(),
            length: Default::default(),
            due: Default::default(),
            overflow: Default::default(),
            numbered: Default::default(),
            is_synchronise: Default::default(),
            is_acknowledge: Default::default(),
            ahead: Default::default(),
            in_order: Default::default(),
            early: Default::default(),
            acknowledged: Default::default(),
            flags: Default::default(),
            number: Default::default(),
            judging: Default::default(),
            sized: Default::default(),
            whole: Default::default(),
            payload: Default::default(),
            deciding: Default::default(),
            damaged: Default::default(),
            intact: Default::default(),
            right_length: Default::default(),
            renewing: Default::default(),
            kept_number: Default::default(),
            synchronising: Default::default(),
            count: Default::default(),
            in_session: Default::default(),
            answered: Default::default(),
            strange: Default::default(),
            refused: Default::default(),
            told: Default::default(),
            missed: Default::default(),
            read_at: Default::default(),
            commit_at: Default::default(),
            store_at: DffInit::new(bits::<11>(1)),
            storing: Default::default(),
            stored_at: Default::default(),
            stored: Default::default(),
            age: Default::default(),
            ready: Default::default(),
            full: Default::default(),
            room_now: Default::default(),
            code_due: Default::default(),
            kind_is_numbered: Default::default(),
            field: Default::default(),
            store: Default::default(),
            applied: Default::default(),
            good_synchronise: Default::default(),
            answerable: Default::default(),
            nothing: Default::default(),
            taken: Default::default(),
            free: Default::default(),
            residue: Constant::new((CRC_RESIDUE as u64).into()),
            longest: length(MAX_FRAME),
            shortest: length(HEADER + TRAILER),
            synchronise_length: length(SYNCHRONISE_PAYLOAD),
            synchronise_kind: kind(Kind::Synchronise),
            acknowledge_kind: kind(Kind::Acknowledge),
        }
    }
}

impl Logic for Receiver {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            arrived,
            incoming,
            remaining,
            started,
            decoded,
            decoded_valid,
            ended,
            aligned,
            was_started,
            unbroken,
            length,
            due,
            overflow,
            numbered,
            is_synchronise,
            is_acknowledge,
            ahead,
            in_order,
            early,
            acknowledged,
            flags,
            number,
            judging,
            sized,
            whole,
            payload,
            deciding,
            damaged,
            intact,
            right_length,
            renewing,
            kept_number,
            synchronising,
            count,
            in_session,
            answered,
            strange,
            refused,
            told,
            missed,
            read_at,
            commit_at,
            store_at,
            storing,
            stored_at,
            stored,
            age,
            ready,
            full,
            taken,
            nothing,
            room_now
        );
        clock!(self, clock, ring, crc);

        // COBS: a code byte stands for the zero before the bytes that it counts; the first one and one behind a code of 255 stand for nothing.
        self.arrived.d.next = self.rx_valid.val();
        self.incoming.d.next = self.rx_data.val();
        self.code_due.next = self.remaining.q.val() == 0;
        self.decoded.d.next = self.incoming.q.val();
        self.decoded_valid.d.next = false;
        self.ended.d.next = false;
        if self.arrived.q.val() {
            if self.incoming.q.val() == 0 {
                self.ended.d.next = true;
                self.aligned.d.next = self.code_due.val();
                self.was_started.d.next = self.started.q.val();
                self.started.d.next = false;
                self.remaining.d.next = bits::<8>(0);
                self.unbroken.d.next = false;
            } else {
                self.started.d.next = true;
                self.remaining.d.next = self.remaining.q.val() - 1;
                self.decoded_valid.d.next = true;
                if self.code_due.val() {
                    self.remaining.d.next = self.incoming.q.val() - 1;
                    self.decoded.d.next = bits::<8>(0);
                    self.decoded_valid.d.next = self.started.q.val() & !self.unbroken.q.val();
                    self.unbroken.d.next = self.incoming.q.val() == 0xff;
                }
            }
        }

        // The bytes of a frame.
        self.crc.start.next = self.deciding.q.val();
        self.crc.enable.next = self.decoded_valid.q.val();
        self.crc.data.next = self.decoded.q.val();
        self.kind_is_numbered.next = !self.decoded.q.val().get_bit(7) & self.decoded.q.val().get_bit(4);
        self.store.next = false;
        self.field.next = self.due.q.val();
        if self.decoded_valid.q.val() {
            if self.length.q.val() != 0x1ff {
                self.length.d.next = self.length.q.val() + 1;
            }
            if self.field.val().kind {
                self.numbered.d.next = self.kind_is_numbered.val();
                self.is_synchronise.d.next = self.decoded.q.val() == self.synchronise_kind.val();
                self.is_acknowledge.d.next = self.decoded.q.val() == self.acknowledge_kind.val();
                self.store.next = self.kind_is_numbered.val();
            }
            if self.field.val().sequence {
                self.ahead.d.next = self.decoded.q.val() - self.count.q.val();
            }
            if self.field.val().acknowledge {
                self.acknowledged.d.next = self.decoded.q.val();
            }
            if self.field.val().flags {
                self.flags.d.next = self.decoded.q.val().get_bit(0);
            }
            if self.field.val().rest {
                self.store.next = self.numbered.q.val();
            }
            if self.field.val().number {
                self.number.d.next = (self.number.q.val() >> 8) | (bit_cast::<32, 8>(self.decoded.q.val()) << 24);
            }
        }
        self.in_order.d.next = self.ahead.q.val() == 0;
        self.early.d.next = (self.ahead.q.val() != 0) & (self.ahead.q.val() < 0x80);
        // Which field the next byte is, known long before it comes.
        self.due.d.next.kind = self.length.q.val() == 0;
        self.due.d.next.sequence = self.length.q.val() == 1;
        self.due.d.next.acknowledge = self.length.q.val() == 2;
        self.due.d.next.flags = self.length.q.val() == 3;
        self.due.d.next.rest = self.length.q.val() > 3;
        self.due.d.next.number = (self.length.q.val() > 4) & (self.length.q.val() < 9);

        // What the frame was, in two steps.
        self.judging.d.next = self.ended.q.val();
        self.payload.d.next = self.length.q.val() - self.shortest.val();
        self.sized.d.next = (self.length.q.val() >= self.shortest.val()) & (self.length.q.val() <= self.longest.val());
        self.whole.d.next = self.crc.value.val() == self.residue.val();
        self.deciding.d.next = self.judging.q.val();
        self.intact.d.next = self.judging.q.val()
            & self.aligned.q.val()
            & self.sized.q.val()
            & self.whole.q.val()
            & (self.numbered.q.val() | self.is_synchronise.q.val() | self.is_acknowledge.q.val());
        self.damaged.d.next = self.judging.q.val()
            & self.was_started.q.val()
            & !(self.aligned.q.val() & self.sized.q.val() & self.whole.q.val());
        self.right_length.d.next = self.payload.q.val() == self.synchronise_length.val();
        self.good_synchronise.next = self.intact.q.val() & self.is_synchronise.q.val() & self.right_length.q.val();
        self.applied.next = self.intact.q.val()
            & !self.synchronising.q.val()
            & self.in_session.q.val()
            & self.numbered.q.val()
            & self.in_order.q.val()
            & !self.overflow.q.val();
        self.answerable.next = self.intact.q.val() & !self.synchronising.q.val() & !self.good_synchronise.val();
        self.answered.d.next = self.answerable.val() & self.in_session.q.val();
        self.strange.d.next = self.answerable.val() & !self.in_session.q.val();
        self.missed.d.next = (self.damaged.q.val()
            | (self.intact.q.val() & self.numbered.q.val() & self.early.q.val() & !self.told.q.val()))
            & self.in_session.q.val()
            & !self.synchronising.q.val();
        if self.missed.q.val() {
            self.told.d.next = true;
        }
        self.refused.d.next = self.deciding.q.val()
            & self.was_started.q.val()
            & !self.applied.val()
            & !self.good_synchronise.val()
            & !(self.intact.q.val() & self.is_acknowledge.q.val() & !self.synchronising.q.val());
        if self.good_synchronise.val() {
            self.synchronising.d.next = true;
            self.kept_number.d.next = self.number.q.val();
        }
        self.renewing.d.next = self.deciding.q.val();
        if self.deciding.q.val() {
            self.overflow.d.next = false;
            self.length.d.next = bits::<9>(0);
        }

        // The ring: bytes go behind the place for the length, which is written last.
        self.storing.d.next = false;
        self.full.d.next = self.store_at.q.val() == self.read_at.q.val();
        self.stored_at.d.next = self.store_at.q.val();
        self.stored.d.next = bit_cast::<9, 8>(self.decoded.q.val());
        if self.store.val() {
            if self.full.q.val() {
                self.overflow.d.next = true;
            } else {
                self.storing.d.next = !self.overflow.q.val();
                self.store_at.d.next = self.store_at.q.val() + 1;
            }
        }
        if self.applied.val() {
            self.storing.d.next = true;
            self.stored_at.d.next = self.commit_at.q.val();
            self.stored.d.next = self.payload.q.val();
            self.commit_at.d.next = self.commit_at.q.val() + bit_cast::<11, 9>(self.payload.q.val()) + 2;
            self.count.d.next = self.count.q.val() + 1;
            self.told.d.next = false;
        }
        if self.renewing.q.val() {
            self.store_at.d.next = self.commit_at.q.val() + 1;
        }
        self.ring.write_enable.next = self.storing.q.val();
        self.ring.write_address.next = self.stored_at.q.val();
        self.ring.write_data.next = self.stored.q.val();
        self.ring.read_enable.next = true;
        self.ring.read_address.next = self.read_at.q.val();

        // Reading: three clocks from the place of a byte to the byte.
        self.nothing.d.next = self.commit_at.q.val() == self.read_at.q.val();
        if self.age.q.val() != 3 {
            self.age.d.next = self.age.q.val() + 1;
        }
        if self.take.val() {
            self.read_at.d.next = self.read_at.q.val() + 1;
        }
        self.ready.d.next = self.age.q.val().get_bit(1);
        if self.take.val() | self.nothing.q.val() {
            self.age.d.next = bits::<2>(0);
            self.ready.d.next = false;
        }

        if self.clear.val() {
            self.read_at.d.next = self.commit_at.q.val();
            self.age.d.next = bits::<2>(0);
            self.ready.d.next = false;
            self.count.d.next = bits::<8>(0);
            self.in_session.d.next = true;
            self.told.d.next = false;
            // A frame that began before is not one of those that are counted from here on.
            self.ahead.d.next = bits::<8>(0xff);
            self.in_order.d.next = false;
            self.synchronising.d.next = self.good_synchronise.val();
        }

        self.taken.d.next = self.commit_at.q.val() - self.read_at.q.val();
        self.free.next = bits::<12>(0x800) - bit_cast::<12, 11>(self.taken.q.val());
        self.room_now.d.next = self.free.val().get_bits::<8>(4);
        self.room.next = self.room_now.q.val();
        self.front.next = self.ring.read_data.val();
        self.front_valid.next = self.ready.q.val();
        self.empty.next = self.nothing.q.val();
        self.answer.next = self.answered.q.val();
        self.stranger.next = self.strange.q.val();
        self.missing.next = self.missed.q.val();
        self.acknowledge.next = self.acknowledged.q.val();
        self.resend.next = self.flags.q.val();
        self.expected.next = self.count.q.val();
        self.synchronise.next = self.synchronising.q.val();
        self.synchronise_number.next = self.kept_number.q.val();
        self.frame_refused.next = self.refused.q.val();
        self.quiet.next = !self.rx_valid.val()
            & !self.arrived.q.val()
            & !self.decoded_valid.q.val()
            & !self.ended.q.val()
            & !self.judging.q.val()
            & !self.deciding.q.val()
            & !self.renewing.q.val()
            & !self.answered.q.val()
            & !self.strange.q.val()
            & !self.missed.q.val()
            & !self.refused.q.val()
            & !self.synchronising.q.val()
            & self.nothing.q.val();
    }
}
