//! Receiver and transmitter, each by itself, in rust-hdl's simulator and as Verilog in netsim.

use crate::side_by_side::SideBySide;
use nernst_hdl::link::{RX_CLOCKS_PER_BYTE, Receiver, Transmitter};
use nernst_spec::link::frame::{MAX_CODES, MAX_FRAME, MAX_PAYLOAD, room_taken};
use nernst_spec::link::message::Kind;
use nernst_spec::link::{Deframer, FLAG_RESEND, Frame, RECEIVE_BUFFER};
use rust_hdl_bsp_ecp5::cosim::Rng;
use std::collections::VecDeque;

/// So many bytes, zeros among them, or none.
fn bytes(length: u64, rng: &mut Rng) -> Vec<u8> {
    let least = rng.below(2) as u8;
    (0..length).map(|_| (rng.bits::<8>().to_u8() & rng.bits::<8>().to_u8()).max(least)).collect()
}

/// A frame that a host sends, and whether it should be applied if there is room.
fn any_host_frame(count: u8, rng: &mut Rng) -> (Frame, bool) {
    let kind = [Kind::Identify, Kind::Write, Kind::Stream, Kind::Snapshot][rng.below(4) as usize];
    let length = if rng.one_in(4) { MAX_PAYLOAD as u64 } else { rng.below(20) };
    let flags = if rng.one_in(3) { FLAG_RESEND } else { 0 };
    let acknowledge = rng.next_u64() as u8;
    let mut frame = Frame { kind, sequence: count, acknowledge, auxiliary: flags, payload: bytes(length, rng) };
    match rng.below(6) {
        0 => frame.sequence = count.wrapping_add(1 + rng.below(255) as u8),
        1 => frame = Frame { kind: Kind::Acknowledge, sequence: 0, payload: vec![], ..frame },
        _ => return (frame, true),
    }
    (frame, false)
}

#[test]
fn a_receiver_hands_on_every_frame_once_whole_and_in_order() {
    let mut rng = Rng::new(5);
    let mut both = SideBySide::new(Receiver::default(), |u, level| u.clock.next = level.into());
    // Without a frame it is a byte that may just be written.
    both.matters("front", |u| u.front_valid.val());
    let mut reader = Reader::default();
    // Nothing is applied before a session.
    for count in 0..20 {
        let (frame, _) = any_host_frame(0, &mut rng);
        reader.send(&mut both, frame.encode(), &mut rng);
        assert_eq!((both.uut.expected.val().to_u8(), reader.answers, reader.strangers), (0, 0, count + 1), "{frame:?}");
    }
    both.uut.clear.next = true;
    reader.clock(&mut both, &mut rng);
    both.uut.clear.next = false;
    let (mut count, mut applied, mut full, mut damaged) = (0u8, 0, 0, 0);
    // The host was told of a frame that came too early, and how often it was to be told of what is missing.
    let (mut told, mut missing) = (false, 0);
    while applied < 300 || full < 10 || damaged < 30 {
        assert!(both.cycle < 400_000, "{applied} applied, {full} refused for want of room, {damaged} damaged");
        let (frame, right) = any_host_frame(count, &mut rng);
        let mut wire = frame.encode();
        let harm = rng.one_in(8);
        if harm {
            let at = rng.below(wire.len() as u64 - 1) as usize;
            wire[at] = wire[at].wrapping_add(1).max(1);
            damaged += 1;
        }
        let room = RECEIVE_BUFFER - reader.ring.len();
        reader.send(&mut both, wire, &mut rng);
        let u = &both.uut;
        let taken = u.expected.val().to_u8() != count;
        // The ring was emptied while the frame came in, so that there may have been more room than at first, never less.
        let needed = room_taken(frame.payload.len());
        assert!(!taken || (right && !harm), "{frame:?} was applied");
        assert!(taken || !right || harm || needed > room, "{frame:?} was refused, {room} bytes were free");
        if taken {
            reader.ring.push_back(frame.payload.len() as u16);
            reader.ring.push_back(frame.kind as u16);
            reader.ring.extend(frame.payload.iter().map(|&byte| u16::from(byte)));
            told = false;
            count = count.wrapping_add(1);
            assert_eq!(u.expected.val().to_u8(), count);
            applied += 1;
        } else if right && !harm {
            full += 1;
        }
        let early = frame.kind.is_numbered() && (1..128).contains(&frame.sequence.wrapping_sub(count));
        if harm || (early && !told) {
            (told, missing) = (true, missing + 1);
        }
        assert_eq!(reader.missing, missing, "{frame:?}");
        if !harm {
            assert_eq!(u.acknowledge.val().to_u8(), frame.acknowledge);
            assert_eq!(u.resend.val(), frame.auxiliary & FLAG_RESEND != 0);
        }
    }
    assert_eq!(reader.strangers, 20);
}

/// What takes frames out of the receiver, a byte now and then.
#[derive(Default)]
struct Reader {
    /// What the receiver's ring must hold.
    ring: VecDeque<u16>,
    /// Bytes left of the frame in front.
    left: usize,
    /// Clocks without a byte taken: long enough to fill the ring.
    asleep: u32,
    /// Pulses that came.
    answers: u32,
    strangers: u32,
    missing: u32,
}

impl Reader {
    /// The bytes of a frame come in, some of them with a pause before them.
    fn send(&mut self, both: &mut SideBySide<Receiver>, wire: Vec<u8>, rng: &mut Rng) {
        for byte in wire {
            let clocks = RX_CLOCKS_PER_BYTE as u64 + if rng.one_in(6) { rng.below(6) } else { 0 };
            for pause in (0..clocks).rev() {
                both.uut.rx_valid.next = pause == 0;
                both.uut.rx_data.next = u64::from(byte).into();
                self.clock(both, rng);
            }
        }
        both.uut.rx_valid.next = false;
        (0..RX_CLOCKS_PER_BYTE).for_each(|_| self.clock(both, rng));
    }

    /// One clock of the receiver.
    fn clock(&mut self, both: &mut SideBySide<Receiver>, rng: &mut Rng) {
        self.asleep = if self.asleep == 0 && rng.one_in(2_000) { 4_000 } else { self.asleep.saturating_sub(1) };
        both.settle();
        let take = both.uut.front_valid.val() && self.asleep == 0 && !rng.one_in(3);
        if take {
            let byte = both.uut.front.val().to_u16();
            assert_eq!(Some(byte), self.ring.pop_front(), "clock {}", both.cycle);
            // A frame begins with the length of its payload; its kind comes between.
            self.left = if self.left == 0 { byte as usize + 1 } else { self.left - 1 };
        }
        both.uut.take.next = take;
        both.tick();
        self.answers += u32::from(both.uut.answer.val());
        self.strangers += u32::from(both.uut.stranger.val());
        self.missing += u32::from(both.uut.missing.val());
    }
}

/// Bytes that may leave before a frame that is begun now: the stuffer's ring, and the frame that is being built.
const ON_ITS_WAY: usize = 256 + MAX_FRAME + MAX_CODES + 1;
/// Clocks in which it is certainly built, at one and a half for a byte that the line takes and eight for one that the stuffer reads.
const LONGEST_REPEAT: u32 = 10 * ON_ITS_WAY as u32;

#[test]
fn a_transmitter_sends_every_reply_in_order_and_again_when_asked() {
    let mut rng = Rng::new(6);
    let mut both = SideBySide::new(Transmitter::default(), |u, level| u.clock.next = level.into());
    let mut replies: Vec<(Kind, Vec<u8>)> = vec![];
    // What is still to be written of the reply that was begun.
    let mut writing: VecDeque<u8> = VecDeque::new();
    let mut closing = false;
    let (mut since_close, mut since_answer) = (0, 0);
    // Replies that came in order so far, those acknowledged, and the one that was asked for again, with the bytes since.
    let (mut come, mut acknowledged, mut wanted) = (0usize, 0usize, None::<(usize, usize)>);
    let (mut sent_again, mut plain) = (0, 0);
    // A reply that is acknowledged while it is sent again may be overwritten while it is read, and what is read then is undefined.
    let mut since_repeat = u32::MAX;
    let (mut missing, mut told) = (0, 0);
    let mut deframer = Deframer::new();
    while come < 120 || sent_again < 25 || plain == 0 || told < missing {
        assert!(
            both.cycle < 1_000_000,
            "{come} replies came, {sent_again} came again, {plain} answers without a number"
        );
        // The executor's side: kind and payload, then a close.
        since_close += 1;
        let cycle = both.cycle;
        let u = &mut both.uut;
        u.reply.next.write = false;
        u.reply.next.close = closing;
        if closing {
            closing = false;
            since_close = 0;
        } else if let Some(byte) = writing.pop_front() {
            u.reply.next.write = true;
            u.reply.next.data = u64::from(byte).into();
            closing = writing.is_empty();
        } else if since_close > 3
            && u.reply_room.val()
            && rng.one_in(if replies.len().is_multiple_of(4) { 3_000 } else { 20 })
        {
            let kind = [Kind::Done, Kind::Words, Kind::StreamOut][rng.below(3) as usize];
            let payload = {
                let length = rng.below(MAX_PAYLOAD as u64 + 1);
                bytes(length, &mut rng)
            };
            writing = std::iter::once(kind as u8).chain(payload.iter().copied()).collect();
            replies.push((kind, payload));
        }
        // The receiver's side: acknowledgements of what came, now and then with a wish to have the rest again.
        u.answer.next = false;
        since_answer += 1;
        // The shortest frame has nine bytes of four clocks.
        if since_answer > 36 && rng.one_in(300) {
            since_answer = 0;
            if since_repeat > LONGEST_REPEAT {
                acknowledged += rng.below((come - acknowledged) as u64 + 1) as usize;
            }
            // In every other span of time nothing is asked for again, so that now and then nothing is left to send.
            let resend = cycle / 20_000 % 2 == 0 && rng.one_in(3);
            u.answer.next = true;
            u.acknowledge.next = (acknowledged as u64 & 0xff).into();
            u.resend.next = resend;
            wanted = if resend && acknowledged < come { Some((acknowledged, 0)) } else { wanted.filter(|_| !resend) };
            wanted = wanted.filter(|&(first, _)| first >= acknowledged);
        }
        // A frame of the host is missing: told before anything else.
        u.missing.next = come < 90 && missing == told && rng.one_in(3_000);
        missing += u32::from(u.missing.next);
        u.room.next = rng.below(0x80).into();
        u.tx_ready.next = !rng.one_in(3);
        both.settle();
        let u = &both.uut;
        let byte = (u.tx_valid.val() && u.tx_ready.val()).then(|| u.tx_data.val().to_u8());
        both.tick();
        since_repeat = if both.uut.frame_resent.val() { 0 } else { since_repeat.saturating_add(1) };
        if let (Some(_), Some((_, bytes))) = (byte, &mut wanted) {
            *bytes += 1;
        }
        let Some(frame) = byte.and_then(|byte| deframer.push(byte)).map(|frame| frame.unwrap()) else { continue };
        if frame.kind == Kind::Acknowledged {
            plain += 1;
            continue;
        }
        if frame.kind == Kind::Missing {
            told += 1;
            continue;
        }
        // At most 63 replies wait for their acknowledgement, so that the number tells which of them it is.
        let ahead = frame.sequence.wrapping_sub(acknowledged as u8) as i8;
        let number = acknowledged.checked_add_signed(ahead.into()).unwrap();
        assert!(number <= come, "reply {number} came before reply {come}");
        // One that was acknowledged while it was on its way again is nobody's any more.
        if number >= acknowledged {
            assert_eq!((frame.kind, &frame.payload), (replies[number].0, &replies[number].1), "reply {number}");
        }
        sent_again += usize::from(number < come);
        come = come.max(number + 1);
        if let Some((first, bytes)) = wanted {
            // What was on its way, and one in the making.
            assert!(number == first || bytes <= ON_ITS_WAY, "reply {first} was asked for again, {number} came");
            wanted = wanted.filter(|&(first, _)| first != number);
        }
    }
}
