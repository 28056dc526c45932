//! Frames from the host: unstuffed, checked, and kept until the executor has read them.

use super::crc32::Crc32;
use nernst_spec::link::frame::{CRC_RESIDUE, HEADER, MAX_FRAME, TRAILER};
use nernst_spec::link::message::Kind;
use nernst_spec::link::{FLAG_RESEND, RECEIVE_BUFFER, ROOM_UNIT};
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::BlockRam;

const _: () = assert!(RECEIVE_BUFFER == 1 << 11 && ROOM_UNIT == 1 << 4 && FLAG_RESEND == 1);
const _: () = assert!(HEADER == 4 && TRAILER == 4 && Kind::NUMBERED_BIT == 0x10);
/// Bytes of the payload of a `Synchronise` frame.
const SYNCHRONISE_PAYLOAD: usize = 5;

/// Takes the byte stream from the host, at most one byte in a clock, and cuts it into frames.
///
/// The bytes of a numbered frame go into a ring of 2 KiB as they come. At the delimiter the frame is *committed*, if it is
/// intact, its number is the expected one and all of it found room; if not, the next frame overwrites it, and nothing of it was
/// applied. A committed frame lies in the ring as payload length, kind, payload. Other frames are not stored, so there is always
/// room for them.
///
/// ```text
/// clock          _/~\_/~\_/~\_/~\_/~\_/~\_/~\_
/// rx_valid       ~~~~~~~~~\___________________
/// rx_data        <crc><crc>< 0>---------------
/// answer         _____________/~~~\___________   an intact frame came: an acknowledgement is due
/// frame_ready    _________________/~~~~~~~~~~~   two clocks after the delimiter
/// take           _____________________/~~~~~~~
/// front          -----------------<length><kind><payload
/// ```
/// `acknowledge` and `resend` are valid with `answer`. A `Synchronise` frame raises `synchronise`, which stays until `clear`;
/// meanwhile all other frames are refused. `clear` empties the ring and makes 0 the expected number.
/// Whatever bytes come, the first good frame after a zero byte is received.
#[derive(LogicBlock)]
pub struct Receiver {
    pub clock: Signal<In, Clock>,
    pub rx_data: Signal<In, Bits<8>>,
    pub rx_valid: Signal<In, Bit>,
    /// Drops everything and begins to count anew.
    pub clear: Signal<In, Bit>,
    /// Next byte of the oldest committed frame, valid from `frame_ready` on and in the clock after each `take`.
    pub front: Signal<Out, Bits<8>>,
    /// Moves on to the next byte.
    pub take: Signal<In, Bit>,
    /// The ring has a committed frame. Its fall comes two clocks after the last `take`.
    pub frame_ready: Signal<Out, Bit>,
    /// High for one clock for every intact frame of a host.
    pub answer: Signal<Out, Bit>,
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
    /// The number in the last `Synchronise` frame.
    pub synchronise_number: Signal<Out, Bits<32>>,
    /// High for one clock for every frame that was not applied.
    pub frame_refused: Signal<Out, Bit>,
    /// No byte arrives and no frame waits.
    pub quiet: Signal<Out, Bit>,

    ring: BlockRam<8, 11>,
    crc: Crc32,
    /// Where the oldest committed frame begins or goes on.
    read_at: DFF<Bits<11>>,
    /// Where the frame that is coming in begins.
    commit_at: DFF<Bits<11>>,
    /// Offset from there of its next byte in the ring, less one: the first byte is left free for the length.
    offset: DFF<Bits<8>>,
    ready: DFF<Bit>,
    /// Bytes up to the next COBS code, which is this one if it is 0.
    remaining: DFF<Bits<8>>,
    /// A byte has come since the last delimiter.
    started: DFF<Bit>,
    /// Bytes of the frame so far, without COBS codes; stops at 255.
    length: DFF<Bits<8>>,
    /// The frame cannot be one: COBS code 255, which no frame has.
    broken: DFF<Bit>,
    /// The ring had no room for a byte of the frame.
    overflow: DFF<Bit>,
    numbered: DFF<Bit>,
    is_synchronise: DFF<Bit>,
    is_acknowledge: DFF<Bit>,
    in_order: DFF<Bit>,
    acknowledged: DFF<Bits<8>>,
    flags: DFF<Bit>,
    /// Last four bytes of the payload of a `Synchronise` frame.
    number: DFF<Bits<32>>,
    kept_number: DFF<Bits<32>>,
    synchronising: DFF<Bit>,
    count: DFF<Bits<8>>,
    answered: DFF<Bit>,
    refused: DFF<Bit>,

    delimiter: Signal<Local, Bit>,
    byte_valid: Signal<Local, Bit>,
    decoded: Signal<Local, Bits<8>>,
    kind_is_numbered: Signal<Local, Bit>,
    intact: Signal<Local, Bit>,
    applied: Signal<Local, Bit>,
    store: Signal<Local, Bit>,
    write_at: Signal<Local, Bits<11>>,
    read_next: Signal<Local, Bits<11>>,
    taken: Signal<Local, Bits<11>>,
    free: Signal<Local, Bits<12>>,
    payload: Signal<Local, Bits<8>>,
    residue: Constant<Bits<32>>,
    longest: Constant<Bits<8>>,
    shortest: Constant<Bits<8>>,
    synchronise_length: Constant<Bits<8>>,
    synchronise_kind: Constant<Bits<8>>,
    acknowledge_kind: Constant<Bits<8>>,
}

impl Default for Receiver {
    fn default() -> Self {
        let byte = |value: usize| Constant::new((value as u64).into());
        Self {
            clock: Default::default(),
            rx_data: Default::default(),
            rx_valid: Default::default(),
            clear: Default::default(),
            front: Default::default(),
            take: Default::default(),
            frame_ready: Default::default(),
            answer: Default::default(),
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
            read_at: Default::default(),
            commit_at: Default::default(),
            offset: Default::default(),
            ready: Default::default(),
            remaining: Default::default(),
            started: Default::default(),
            length: Default::default(),
            broken: Default::default(),
            overflow: Default::default(),
            numbered: Default::default(),
            is_synchronise: Default::default(),
            is_acknowledge: Default::default(),
            in_order: Default::default(),
            acknowledged: Default::default(),
            flags: Default::default(),
            number: Default::default(),
            kept_number: Default::default(),
            synchronising: Default::default(),
            count: Default::default(),
            answered: Default::default(),
            refused: Default::default(),
            delimiter: Default::default(),
            byte_valid: Default::default(),
            decoded: Default::default(),
            kind_is_numbered: Default::default(),
            intact: Default::default(),
            applied: Default::default(),
            store: Default::default(),
            write_at: Default::default(),
            read_next: Default::default(),
            taken: Default::default(),
            free: Default::default(),
            payload: Default::default(),
            residue: Constant::new((CRC_RESIDUE as u64).into()),
            longest: byte(MAX_FRAME),
            shortest: byte(HEADER + TRAILER),
            synchronise_length: byte(SYNCHRONISE_PAYLOAD),
            synchronise_kind: byte(Kind::Synchronise as usize),
            acknowledge_kind: byte(Kind::Acknowledge as usize),
        }
    }
}

impl Logic for Receiver {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            read_at,
            commit_at,
            offset,
            ready,
            remaining,
            started,
            length,
            broken,
            overflow,
            numbered,
            is_synchronise,
            is_acknowledge,
            in_order,
            acknowledged,
            flags,
            number,
            kept_number,
            synchronising,
            count,
            answered,
            refused
        );
        clock!(self, clock, ring, crc);

        // COBS: a code byte stands for the zero before the bytes that it counts; the first one stands for nothing.
        self.delimiter.next = self.rx_valid.val() & (self.rx_data.val() == 0);
        self.byte_valid.next = false;
        self.decoded.next = self.rx_data.val();
        if self.rx_valid.val() & !self.delimiter.val() {
            self.started.d.next = true;
            self.remaining.d.next = self.remaining.q.val() - 1;
            if self.remaining.q.val() == 0 {
                self.remaining.d.next = self.rx_data.val() - 1;
                self.decoded.next = bits::<8>(0);
                self.byte_valid.next = self.started.q.val();
                if self.rx_data.val() == 0xff {
                    self.broken.d.next = true;
                }
            } else {
                self.byte_valid.next = true;
            }
        }

        // The bytes of a frame.
        self.crc.start.next = self.delimiter.val();
        self.crc.enable.next = self.byte_valid.val();
        self.crc.data.next = self.decoded.val();
        self.kind_is_numbered.next = !self.decoded.val().get_bit(7) & self.decoded.val().get_bit(4);
        self.store.next = false;
        if self.byte_valid.val() {
            if self.length.q.val() != 0xff {
                self.length.d.next = self.length.q.val() + 1;
            }
            match self.length.q.val().index() {
                0 => {
                    self.numbered.d.next = self.kind_is_numbered.val();
                    self.is_synchronise.d.next = self.decoded.val() == self.synchronise_kind.val();
                    self.is_acknowledge.d.next = self.decoded.val() == self.acknowledge_kind.val();
                    self.store.next = self.kind_is_numbered.val();
                }
                1 => {
                    self.in_order.d.next = self.decoded.val() == self.count.q.val();
                }
                2 => {
                    self.acknowledged.d.next = self.decoded.val();
                }
                3 => {
                    self.flags.d.next = self.decoded.val().get_bit(0);
                }
                4 => {
                    self.store.next = self.numbered.q.val();
                }
                _ => {
                    self.store.next = self.numbered.q.val();
                    if self.length.q.val() < 9 {
                        self.number.d.next = (self.number.q.val() >> 8) | (bit_cast::<32, 8>(self.decoded.val()) << 24);
                    }
                }
            }
        }

        // What the frame was, at its delimiter.
        self.payload.next = self.length.q.val() - self.shortest.val();
        self.intact.next = self.delimiter.val()
            & !self.broken.q.val()
            & (self.remaining.q.val() == 0)
            & (self.length.q.val() >= self.shortest.val())
            & (self.length.q.val() <= self.longest.val())
            & (self.crc.value.val() == self.residue.val())
            & (self.numbered.q.val() | self.is_synchronise.q.val() | self.is_acknowledge.q.val());
        self.applied.next = false;
        self.refused.d.next = false;
        self.answered.d.next = false;
        if self.delimiter.val() {
            self.started.d.next = false;
            self.broken.d.next = false;
            self.overflow.d.next = false;
            self.remaining.d.next = bits::<8>(0);
            self.length.d.next = bits::<8>(0);
            self.offset.d.next = bits::<8>(0);
            self.refused.d.next = self.started.q.val();
        }
        if self.intact.val() {
            if self.is_synchronise.q.val() {
                if self.payload.val() == self.synchronise_length.val() {
                    self.refused.d.next = false;
                    self.synchronising.d.next = true;
                    self.kept_number.d.next = self.number.q.val();
                } else {
                    self.answered.d.next = !self.synchronising.q.val();
                }
            } else {
                if !self.synchronising.q.val() {
                    self.answered.d.next = true;
                    self.applied.next = self.numbered.q.val() & self.in_order.q.val() & !self.overflow.q.val();
                    self.refused.d.next = self.numbered.q.val() & !self.applied.val();
                }
            }
        }

        // The ring: bytes go behind the place for the length, which is written last.
        self.write_at.next = self.commit_at.q.val() + bit_cast::<11, 8>(self.offset.q.val()) + 1;
        self.ring.write_address.next = self.write_at.val();
        self.ring.write_data.next = self.decoded.val();
        self.ring.write_enable.next = false;
        if self.store.val() {
            self.offset.d.next = self.offset.q.val() + 1;
            if self.write_at.val() == self.read_at.q.val() {
                self.overflow.d.next = true;
            }
            self.ring.write_enable.next = !self.overflow.q.val() & (self.write_at.val() != self.read_at.q.val());
        }
        if self.applied.val() {
            self.ring.write_enable.next = true;
            self.ring.write_address.next = self.commit_at.q.val();
            self.ring.write_data.next = self.payload.val();
            self.commit_at.d.next = self.commit_at.q.val() + bit_cast::<11, 8>(self.payload.val()) + 2;
            self.count.d.next = self.count.q.val() + 1;
        }
        self.read_next.next = self.read_at.q.val();
        if self.take.val() {
            self.read_next.next = self.read_at.q.val() + 1;
        }
        self.read_at.d.next = self.read_next.val();
        self.ring.read_address.next = self.read_next.val();
        self.ready.d.next = self.commit_at.q.val() != self.read_next.val();

        if self.clear.val() {
            self.read_at.d.next = self.commit_at.q.val();
            self.ready.d.next = false;
            self.count.d.next = bits::<8>(0);
            // A frame that began before is not one of those that are counted from here on.
            self.in_order.d.next = false;
            self.synchronising.d.next =
                self.intact.val() & self.is_synchronise.q.val() & (self.payload.val() == self.synchronise_length.val());
        }

        self.taken.next = self.commit_at.q.val() - self.read_at.q.val();
        self.free.next = bits::<12>(0x800) - bit_cast::<12, 11>(self.taken.val());
        self.room.next = self.free.val().get_bits::<8>(4);
        self.front.next = self.ring.read_data.val();
        self.frame_ready.next = self.ready.q.val();
        self.answer.next = self.answered.q.val();
        self.acknowledge.next = self.acknowledged.q.val();
        self.resend.next = self.flags.q.val();
        self.expected.next = self.count.q.val();
        self.synchronise.next = self.synchronising.q.val();
        self.synchronise_number.next = self.kept_number.q.val();
        self.frame_refused.next = self.refused.q.val();
        self.quiet.next = !self.rx_valid.val()
            & !self.answered.q.val()
            & !self.refused.q.val()
            & !self.synchronising.q.val()
            & (self.taken.val() == 0);
    }
}
