//! A host that keeps to the protocol, and a line that does not always.

use nernst_spec::link::frame::{DELIMITER, crc32, room_taken};
use nernst_spec::link::{
    Command, Deframer, FLAG_RESEND, Frame, Kind, MAX_UNACKNOWLEDGED, PROTOCOL_VERSION, ROOM_UNIT, Reply,
};
use rust_hdl_bsp_ecp5::cosim::Rng;
use std::collections::VecDeque;

/// Clocks without progress after which the host sends again, unless a test says otherwise.
const PATIENCE: u64 = 12_000;

/// One in how many bytes, or frames, is damaged; 0: none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    pub bytes: u64,
    pub frames: u64,
}

/// A frame of any kind, known or not, as bytes on the wire.
pub fn raw_frame(kind: u8, sequence: u8, acknowledge: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut raw = [&[kind, sequence, acknowledge, flags], payload].concat();
    raw.extend(crc32(&raw).to_le_bytes());
    let mut wire = cobs::encode_vec(&raw);
    wire.push(DELIMITER);
    wire
}

/// A command as the host queues it: also such that a board must refuse.
#[derive(Clone, Debug)]
pub struct Order {
    pub kind: u8,
    pub payload: Vec<u8>,
}

impl From<Command> for Order {
    fn from(command: Command) -> Self {
        Self { kind: command.kind() as u8, payload: command.payload() }
    }
}

pub struct Host {
    pub faults: Faults,
    /// Bytes on their way to the board.
    pub line: VecDeque<u8>,
    /// Orders not sent yet.
    pub orders: VecDeque<Order>,
    /// Intact frames of all kinds, as they came.
    pub frames: Vec<Frame>,
    /// Replies, each once.
    pub replies: Vec<Reply>,
    pub synchronised: bool,
    /// A test may keep the host silent, and deaf to all but what is noted in `frames`.
    pub silent: bool,
    pub room: usize,
    /// Clocks without progress after which it sends again.
    pub patience: u64,
    deframer: Deframer,
    number: u32,
    next: u8,
    waiting: VecDeque<(u8, Order)>,
    expected: u8,
    owes: bool,
    /// The board misses what was sent and not acknowledged.
    missed: bool,
    idle_clocks: u64,
}

impl Host {
    pub fn new(faults: Faults) -> Self {
        Self {
            faults,
            line: VecDeque::new(),
            orders: VecDeque::new(),
            frames: vec![],
            replies: vec![],
            synchronised: false,
            silent: false,
            room: 0,
            patience: PATIENCE,
            deframer: Deframer::new(),
            number: 0x1122_0033,
            next: 0,
            waiting: VecDeque::new(),
            expected: 0,
            owes: false,
            missed: false,
            idle_clocks: PATIENCE,
        }
    }

    /// Begins anew, as another host would: what was queued or under way is forgotten, what is on the line is not.
    pub fn begin_anew(&mut self) {
        self.synchronised = false;
        self.number = self.number.wrapping_mul(0x9e37_79b1).wrapping_add(1);
        self.waiting.clear();
        self.orders.clear();
        self.replies.clear();
        self.missed = false;
        self.idle_clocks = self.patience;
    }

    /// How far it has come, for messages.
    pub fn describe(&self) -> String {
        format!(
            "{} orders to send, {} unacknowledged up to number {}, room {}, {} replies, {} frames came",
            self.orders.len(),
            self.waiting.len(),
            self.next,
            self.room,
            self.replies.len(),
            self.frames.len()
        )
    }

    /// Everything is sent and acknowledged.
    pub fn is_done(&self) -> bool {
        self.synchronised && self.orders.is_empty() && self.waiting.is_empty()
    }

    fn put(&mut self, bytes: Vec<u8>, rng: &mut Rng) {
        let times = match self.faults.frames {
            n if n > 0 && rng.one_in(n) => 2 * rng.below(2),
            _ => 1,
        };
        for _ in 0..times {
            self.line.extend(&bytes);
        }
    }

    fn put_numbered(&mut self, sequence: u8, order: &Order, rng: &mut Rng) {
        self.put(raw_frame(order.kind, sequence, self.expected, 0, &order.payload), rng);
        self.owes = false;
    }

    fn put_again(&mut self, rng: &mut Rng) {
        let again: Vec<(u8, Order)> = self.waiting.iter().cloned().collect();
        again.iter().for_each(|(sequence, order)| self.put_numbered(*sequence, order, rng));
    }

    pub fn put_acknowledge(&mut self, flags: u8, rng: &mut Rng) {
        self.put(raw_frame(Kind::Acknowledge as u8, 0, self.expected, flags, &[]), rng);
        self.owes = false;
    }

    fn take(&mut self, frame: Frame) {
        if !self.synchronised {
            let reply = Reply::parse(frame.kind, &frame.payload);
            self.synchronised = reply == Ok(Reply::Synchronised { version: PROTOCOL_VERSION, number: self.number });
            (self.next, self.expected) = (0, 0);
            if !self.synchronised {
                return;
            }
        }
        self.idle_clocks = 0;
        self.missed |= frame.kind == Kind::Missing;
        self.room = frame.auxiliary as usize * ROOM_UNIT;
        let oldest = self.next.wrapping_sub(self.waiting.len() as u8);
        let acknowledged = frame.acknowledge.wrapping_sub(oldest) as usize;
        assert!(acknowledged <= self.waiting.len(), "acknowledges {} of {}", acknowledged, self.waiting.len());
        self.waiting.drain(..acknowledged);
        if frame.kind.is_numbered() {
            if frame.sequence == self.expected {
                self.expected = self.expected.wrapping_add(1);
                self.replies.push(Reply::parse(frame.kind, &frame.payload).unwrap());
            }
            self.owes = true;
        }
    }

    /// A byte from the board, through the faulty line.
    pub fn receive(&mut self, byte: u8, rng: &mut Rng) {
        for byte in damage(byte, self.faults.bytes, rng) {
            let Some(Ok(frame)) = self.deframer.push(byte) else { continue };
            self.frames.push(frame.clone());
            if self.silent {
                continue;
            }
            let times = match self.faults.frames {
                n if n > 0 && rng.one_in(n) => 2 * rng.below(2),
                _ => 1,
            };
            (0..times).for_each(|_| self.take(frame.clone()));
        }
    }

    /// The next byte for the board, through the faulty line.
    pub fn send(&mut self, rng: &mut Rng) -> Option<u8> {
        let byte = self.line.pop_front()?;
        let bytes = damage(byte, self.faults.bytes, rng);
        bytes.iter().rev().for_each(|&byte| self.line.push_front(byte));
        if bytes.is_empty() { None } else { self.line.pop_front() }
    }

    /// What a host does when time goes by.
    pub fn clock(&mut self, rng: &mut Rng) {
        if self.silent {
            return;
        }
        self.idle_clocks += 1;
        // One frame at a time on the line: what is known when it leaves is fresh.
        if !self.line.is_empty() {
            return;
        }
        if self.idle_clocks > self.patience {
            self.idle_clocks = 0;
            if !self.synchronised {
                self.line.push_back(DELIMITER);
                let frame = Command::Synchronise { version: PROTOCOL_VERSION, number: self.number };
                self.put(raw_frame(frame.kind() as u8, 0, 0, 0, &frame.payload()), rng);
                return;
            }
            self.put_again(rng);
            self.put_acknowledge(FLAG_RESEND, rng);
            return;
        }
        if !self.synchronised {
            return;
        }
        if std::mem::take(&mut self.missed) {
            self.put_again(rng);
            return;
        }
        let size = |order: &Order| room_taken(order.payload.len());
        let used: usize = self.waiting.iter().map(|(_, order)| size(order)).sum();
        let fits = self.orders.front().is_some_and(|order| used + size(order) <= self.room);
        if fits && self.waiting.len() < MAX_UNACKNOWLEDGED {
            if let Some(order) = self.orders.pop_front() {
                self.put_numbered(self.next, &order, rng);
                self.waiting.push_back((self.next, order));
                self.next = self.next.wrapping_add(1);
            }
        } else if self.owes {
            self.put_acknowledge(0, rng);
        }
    }
}

/// A byte after the line: itself, nothing, damaged, twice, or something else before it.
fn damage(byte: u8, one_in: u64, rng: &mut Rng) -> Vec<u8> {
    if one_in == 0 || !rng.one_in(one_in) {
        return vec![byte];
    }
    match rng.below(5) {
        0 => vec![],
        1 => vec![byte ^ 1 << rng.below(8)],
        2 => vec![byte, byte],
        3 => vec![rng.next_u64() as u8, byte],
        _ => vec![DELIMITER],
    }
}

impl Host {
    /// Takes frames that a test has put on the line itself for its own, as if they were not acknowledged yet.
    pub fn adopt(&mut self, orders: &[Order]) {
        self.waiting = orders.iter().cloned().enumerate().map(|(k, order)| (k as u8, order)).collect();
        self.next = orders.len() as u8;
    }
}
