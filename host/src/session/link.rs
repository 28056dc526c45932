//! Frames to and from a board: numbering, acknowledgement, credits, resending. See [`nernst_spec::link`] for the rules.
//!
//! ```text
//!   post()──► waiting ──(room, at most 64 under way)──► flying ──(acknowledged)──► gone
//!   take() ◄── replies ◄──(intact, next in number)──── deframer ◄── port
//! ```

use super::error::SessionError;
use crate::port::{FaultCounts, Port};
use nernst_spec::link::frame::{DELIMITER, room_taken};
use nernst_spec::link::{
    Command, Deframer, FLAG_RESEND, Frame, Kind, MAX_UNACKNOWLEDGED, PROTOCOL_VERSION, RECEIVE_BUFFER, REPLY_BUFFER,
    ROOM_UNIT, Reply,
};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Least time without progress after which a host assumes that something was lost: an FTDI bridge keeps bytes back for 16 ms
/// in each direction, and a busy machine may not run a program for as long again.
const LEAST_TIMEOUT: Duration = Duration::from_millis(60);
/// The same on a line that has lost something and whose round trips are known: whatever a bridge keeps back is in those.
const LEAST_MEASURED_TIMEOUT: Duration = Duration::from_millis(10);
/// Most time between two attempts: what a user may still take for progress.
const MOST_TIMEOUT: Duration = Duration::from_secs(1);
/// How often a timeout is doubled at most.
const MOST_DOUBLED: u32 = 5;
/// Silence after which a board counts as gone. A board acknowledges whatever it executes, so that it need not be
/// longer for long commands, only for a virtual board that crawls.
const GIVE_UP: Duration = Duration::from_secs(5);
/// Attempts at least before a board counts as gone: a line that spoils most frames still lets some of these through.
const ATTEMPTS: u32 = 12;
/// Attempts without one new acknowledgement after which a board that still says something counts as gone.
const MOST_ATTEMPTS: u32 = 100;
/// How long to try to synchronise: enough for a bridge that has just been plugged in.
const SYNCHRONISE_FOR: Duration = Duration::from_millis(2500);
/// Time between two attempts to synchronise.
const SYNCHRONISE_EVERY: Duration = Duration::from_millis(150);
/// Bytes of replies that may lie unacknowledged before the host acknowledges them with a frame of its own: a quarter of the
/// board's buffer, so that it never waits for room.
const ACKNOWLEDGE_AFTER: usize = REPLY_BUFFER / 4;
/// Numbered replies likewise.
const ACKNOWLEDGE_FRAMES: usize = MAX_UNACKNOWLEDGED / 4;
/// Frames that may wait to be sent before a caller waits, too.
const MOST_WAITING: usize = 2 * MAX_UNACKNOWLEDGED;
/// Intact frames in a row that cannot be of this session after which it is over: one that the CRC let through damaged comes once in
/// four thousand million damaged ones, three in a row do not come.
const STRANGE_FRAMES: u32 = 3;
/// Frames without a loss after which the host trusts the line again and uses all of the board's room.
const TRUST_AFTER: u32 = 2000;
/// Longest wait in the operating system: how soon Ctrl-C is noticed.
const SLICE: Duration = Duration::from_millis(50);

/// What went over the link in one session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkStatistics {
    pub bytes_out: u64,
    pub bytes_in: u64,
    /// Frames sent, repeated ones included.
    pub frames_out: u64,
    /// Intact frames received.
    pub frames_in: u64,
    /// Frames sent again because the board missed them, or no acknowledgement came.
    pub frames_resent: u64,
    /// Requests to the board to send replies again.
    pub resends_asked: u64,
    /// Damaged frames, and numbered ones that were not the next.
    pub frames_refused: u64,
}

impl std::ops::Sub for LinkStatistics {
    type Output = Self;
    /// What went over the link since `before`.
    fn sub(self, before: Self) -> Self {
        Self {
            bytes_out: self.bytes_out - before.bytes_out,
            bytes_in: self.bytes_in - before.bytes_in,
            frames_out: self.frames_out - before.frames_out,
            frames_in: self.frames_in - before.frames_in,
            frames_resent: self.frames_resent - before.frames_resent,
            resends_asked: self.resends_asked - before.resends_asked,
            frames_refused: self.frames_refused - before.frames_refused,
        }
    }
}

/// A frame under way.
struct Flying {
    frame: Frame,
    sent: Duration,
    /// When its last copy has left, at the speed of the line.
    leaves: Duration,
    /// Sent more than once: its acknowledgement does not tell a round trip.
    again: bool,
}

pub(super) struct Link {
    port: Box<dyn Port>,
    deframer: Deframer,
    waiting: VecDeque<Frame>,
    flying: VecDeque<Flying>,
    replies: VecDeque<Reply>,
    /// Number of the next new frame.
    next: u8,
    /// Number of the next reply.
    expected: u8,
    /// Number of the synchronisation of this session.
    session: u32,
    /// Intact frames in a row that a board in this session does not send.
    strange: u32,
    /// Room that the board told last, in bytes.
    room: usize,
    /// Replies that no frame of ours has acknowledged yet: frames and bytes.
    unacknowledged: (usize, usize),
    /// A reply is missing and was asked for.
    asked: bool,
    /// When something last went forward: frames were sent, acknowledged or received.
    moved: Duration,
    /// When the last intact frame came.
    heard: Duration,
    /// When all that was written has left, at the speed of the line.
    line_free: Duration,
    /// Attempts since something went forward.
    attempts: u32,
    /// How often the timeout has been doubled: taken back only by a frame that was acknowledged without being repeated, so that
    /// a board that is slow, not deaf, is soon no longer disturbed (Karn's rule).
    doubled: u32,
    /// Frames that must be acknowledged before the line is trusted again; 0 while it is.
    distrust: u32,
    /// A reply is missing: how far ahead of it the last one was that came.
    ahead: usize,
    /// Least time from a frame to its acknowledgement.
    least_round_trip: Option<Duration>,
    /// Smoothed time from a frame to its acknowledgement.
    round_trip: Option<Duration>,
    least_timeout: Duration,
    stop: Arc<AtomicBool>,
    pub(super) statistics: LinkStatistics,
}

impl Link {
    /// Synchronises with the board on this port. What arrives before its answer is dropped.
    pub(super) fn open(port: Box<dyn Port>, stop: Arc<AtomicBool>) -> Result<Self, SessionError> {
        // Time in which both buffers of the board travel once.
        let buffers = (RECEIVE_BUFFER + REPLY_BUFFER) as f64;
        let wire = port.bytes_per_second().map_or(0.0, |bytes| buffers / bytes.max(1) as f64);
        let mut link = Self {
            deframer: Deframer::new(),
            waiting: VecDeque::new(),
            flying: VecDeque::new(),
            replies: VecDeque::new(),
            next: 0,
            expected: 0,
            // 0 is what a board says that is in no session.
            session: rand::random_range(1..=u32::MAX),
            strange: 0,
            room: 0,
            unacknowledged: (0, 0),
            asked: false,
            moved: port.now(),
            heard: port.now(),
            line_free: port.now(),
            attempts: 0,
            doubled: 0,
            distrust: 0,
            ahead: 0,
            least_round_trip: None,
            round_trip: None,
            least_timeout: LEAST_TIMEOUT + Duration::from_secs_f64(wire),
            stop,
            statistics: LinkStatistics::default(),
            port,
        };
        link.synchronise()?;
        Ok(link)
    }

    pub(super) fn faults(&self) -> Option<FaultCounts> {
        self.port.faults()
    }

    pub(super) fn port_name(&self) -> String {
        self.port.name().to_string()
    }

    fn synchronise(&mut self) -> Result<(), SessionError> {
        let begun = self.port.now();
        let number = self.session;
        let mut own_frames = false;
        while self.port.now() - begun < SYNCHRONISE_FOR {
            // The same number in every attempt: an answer to an earlier one is as good, for the board has both before the
            // first numbered frame.
            self.transmit_unnumbered(&Command::Synchronise { version: PROTOCOL_VERSION, number }, 0)?;
            let attempt = self.port.now();
            while self.port.now() - attempt < SYNCHRONISE_EVERY.max(self.least_timeout) {
                for frame in self.receive(SLICE)? {
                    own_frames |= !frame.kind.is_from_board();
                    match Reply::parse(frame.kind, &frame.payload) {
                        Ok(Reply::Synchronised { version, number: echoed }) if echoed == number => {
                            if version != PROTOCOL_VERSION {
                                return Err(SessionError::Version { port: self.port_name(), board: version });
                            }
                            self.room = frame.auxiliary as usize * ROOM_UNIT;
                            return Ok(());
                        }
                        // Left over from an earlier session.
                        _ => continue,
                    }
                }
            }
        }
        let waited = self.port.now() - begun;
        let port = self.port_name();
        let statistics = self.statistics;
        Err(match (statistics.bytes_in, own_frames, statistics.frames_in) {
            (0, ..) => SessionError::NoAnswer { port, waited },
            (bytes, true, _) => SessionError::Foreign { port, waited, bytes, what: "an echo of what was sent" },
            (bytes, false, 0) => SessionError::Foreign { port, waited, bytes, what: "no intact frame" },
            (bytes, false, _) => {
                SessionError::Foreign { port, waited, bytes, what: "but no answer to synchronisation" }
            }
        })
    }

    /// Queues a numbered command. Waits only when very much is queued already.
    pub(super) fn post(&mut self, command: &Command) -> Result<(), SessionError> {
        debug_assert!(command.kind().is_numbered());
        let sequence = self.next.wrapping_add(self.waiting.len() as u8);
        let payload = command.payload();
        self.waiting.push_back(Frame { kind: command.kind(), sequence, acknowledge: 0, auxiliary: 0, payload });
        self.transmit()?;
        while self.waiting.len() > MOST_WAITING {
            self.step("takes commands")?;
        }
        Ok(())
    }

    /// The next reply, in the order of the commands.
    pub(super) fn take(&mut self) -> Result<Reply, SessionError> {
        loop {
            if let Some(reply) = self.replies.pop_front() {
                return Ok(reply);
            }
            self.step("was to reply")?;
        }
    }

    /// Waits until the board has acknowledged everything.
    pub(super) fn flush(&mut self) -> Result<(), SessionError> {
        while !(self.waiting.is_empty() && self.flying.is_empty()) {
            self.step("takes commands")?;
        }
        Ok(())
    }

    /// Sends what may be sent, takes what has come, and repeats what seems lost.
    fn step(&mut self, doing: &'static str) -> Result<(), SessionError> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(SessionError::Interrupted);
        }
        self.transmit()?;
        let patience = self.timeout().saturating_sub(self.port.now().saturating_sub(self.moved));
        let frames = self.receive(patience.min(SLICE))?;
        for frame in frames {
            self.accept(frame)?;
        }
        if self.unacknowledged.0 >= ACKNOWLEDGE_FRAMES || self.unacknowledged.1 >= ACKNOWLEDGE_AFTER {
            self.transmit_unnumbered(&Command::Acknowledge, 0)?;
        }
        let now = self.port.now();
        if now.saturating_sub(self.moved) >= self.timeout() {
            let silence = now.saturating_sub(self.heard);
            let gone = silence >= GIVE_UP && self.attempts >= ATTEMPTS;
            if gone {
                return Err(SessionError::Stopped { port: self.port_name(), silence, doing });
            }
            if !self.flying.is_empty() && self.attempts >= MOST_ATTEMPTS {
                return Err(SessionError::Stuck { port: self.port_name(), attempts: self.attempts, doing });
            }
            self.repeat()?;
        }
        Ok(())
    }

    /// Time without progress after which something is assumed to be lost.
    fn timeout(&self) -> Duration {
        let least = if self.distrust > 0 { LEAST_MEASURED_TIMEOUT } else { self.least_timeout };
        let usual = self.round_trip.map_or(self.least_timeout, |time| least.max(4 * time));
        (usual * 2u32.pow(self.doubled)).min(MOST_TIMEOUT.max(usual))
    }

    /// Bytes under way up to which another frame may follow. All that come behind a lost frame are lost with it, so on a line that loses frames there are no
    /// more than keep it busy: the frame that is acknowledged next, what travels in a round trip, and one more.
    fn window(&self) -> usize {
        let oldest = self.flying.front().map_or(0, |flying| room_taken(flying.frame.payload.len()));
        match (self.distrust, self.port.bytes_per_second(), self.least_round_trip) {
            (1.., Some(rate), Some(time)) => oldest + (f64::from(rate) * time.as_secs_f64()) as usize,
            _ => usize::MAX,
        }
    }

    /// Sends new frames as long as the board has room for them.
    fn transmit(&mut self) -> Result<(), SessionError> {
        let mut bytes = vec![];
        let mut taken: usize = self.flying.iter().map(|flying| room_taken(flying.frame.payload.len())).sum();
        while let Some(frame) = self.waiting.front() {
            if taken > self.window() {
                break;
            }
            taken += room_taken(frame.payload.len());
            if taken > self.room || self.flying.len() >= MAX_UNACKNOWLEDGED {
                break;
            }
            let Some(mut frame) = self.waiting.pop_front() else { break };
            frame.acknowledge = self.expected;
            bytes.extend(frame.encode());
            self.next = self.next.wrapping_add(1);
            let leaves = self.left_after(bytes.len());
            self.flying.push_back(Flying { frame, sent: self.port.now(), leaves, again: false });
            self.statistics.frames_out += 1;
        }
        if bytes.is_empty() {
            return Ok(());
        }
        self.unacknowledged = (0, 0);
        self.moved = self.port.now();
        self.write(&bytes)
    }

    fn transmit_unnumbered(&mut self, command: &Command, flags: u8) -> Result<(), SessionError> {
        let frame = Frame {
            kind: command.kind(),
            sequence: 0,
            acknowledge: self.expected,
            auxiliary: flags,
            payload: command.payload(),
        };
        self.unacknowledged = (0, 0);
        self.statistics.frames_out += 1;
        // The delimiter ends whatever is left of a frame that broke off.
        let bytes = [&[DELIMITER][..], &frame.encode()].concat();
        self.write(&bytes)
    }

    /// After a time without progress: sends all unacknowledged frames again, and asks for missing replies and for room.
    fn repeat(&mut self) -> Result<(), SessionError> {
        self.attempts += 1;
        self.doubled = (self.doubled + 1).min(MOST_DOUBLED);
        self.send_again()?;
        self.ask()?;
        self.moved = self.port.now();
        Ok(())
    }

    /// Sends all unacknowledged frames again.
    fn send_again(&mut self) -> Result<(), SessionError> {
        let mut bytes = vec![DELIMITER];
        let now = self.port.now();
        let free = self.line_free.max(now);
        let rate = self.port.bytes_per_second();
        for flying in &mut self.flying {
            flying.again = true;
            flying.sent = now;
            flying.frame.acknowledge = self.expected;
            bytes.extend(flying.frame.encode());
            flying.leaves = free + travels(bytes.len(), rate);
        }
        if !self.flying.is_empty() {
            self.distrust = TRUST_AFTER;
        }
        self.statistics.frames_out += self.flying.len() as u64;
        self.statistics.frames_resent += self.flying.len() as u64;
        self.unacknowledged = (0, 0);
        self.write(&bytes)
    }

    /// The board misses the frame that it expects next, and so all behind it: they are sent again without waiting for a timeout. Before the last copy
    /// of it has left, or less than a round trip after it was written, this was said of what was sent before.
    fn hear_of_loss(&mut self) -> Result<(), SessionError> {
        let Some(missing) = self.flying.front() else { return Ok(()) };
        let now = self.port.now();
        let since = now.saturating_sub(missing.sent);
        if missing.again && (now < missing.leaves || self.least_round_trip.is_some_and(|least| since < least)) {
            return Ok(());
        }
        self.send_again()?;
        self.moved = self.port.now();
        Ok(())
    }

    fn ask(&mut self) -> Result<(), SessionError> {
        self.statistics.resends_asked += 1;
        self.transmit_unnumbered(&Command::Acknowledge, FLAG_RESEND)
    }

    /// Takes one intact frame.
    fn accept(&mut self, frame: Frame) -> Result<(), SessionError> {
        if !frame.kind.is_from_board() {
            return Ok(());
        }
        if let Ok(Reply::Synchronised { number, .. }) = Reply::parse(frame.kind, &frame.payload) {
            // The answer to this session's own came more than once, or the board is in another session or in none.
            return if number == self.session { Ok(()) } else { Err(self.lost()) };
        }
        let oldest = self.next.wrapping_sub(self.flying.len() as u8);
        let acknowledged = frame.acknowledge.wrapping_sub(oldest) as usize;
        if acknowledged > self.flying.len() || self.is_strange(&frame) {
            self.statistics.frames_refused += 1;
            self.strange += 1;
            return if self.strange < STRANGE_FRAMES { Ok(()) } else { Err(self.lost()) };
        }
        self.strange = 0;
        let now = self.port.now();
        self.heard = now;
        let room = frame.auxiliary as usize * ROOM_UNIT;
        self.room = room;
        self.distrust = self.distrust.saturating_sub(acknowledged as u32);
        for flying in self.flying.drain(..acknowledged) {
            if !flying.again {
                self.doubled = 0;
                let sample = now.saturating_sub(flying.sent);
                self.least_round_trip = Some(self.least_round_trip.map_or(sample, |least| least.min(sample)));
                self.round_trip = Some(self.round_trip.map_or(sample, |smooth| (smooth * 7 + sample) / 8));
            }
        }
        let mut progress = acknowledged > 0;
        if frame.kind.is_numbered() {
            if frame.sequence == self.expected {
                let reply = Reply::parse(frame.kind, &frame.payload).map_err(|error| SessionError::Unexpected {
                    port: self.port_name(),
                    expected: "a reply",
                    found: error.to_string(),
                })?;
                self.expected = self.expected.wrapping_add(1);
                self.unacknowledged.0 += 1;
                self.unacknowledged.1 += room_taken(frame.payload.len());
                self.replies.push_back(reply);
                self.asked = false;
                self.ahead = 0;
                progress = true;
            } else {
                self.statistics.frames_refused += 1;
                // Ahead of what is due: one in between is missing. Behind: a repeated one, which says nothing. When what comes was ahead
                // and is less so now, the board has begun again from the missing one, which was lost again.
                let ahead = frame.sequence.wrapping_sub(self.expected) as usize;
                if ahead <= MAX_UNACKNOWLEDGED {
                    if !self.asked || ahead <= self.ahead {
                        self.asked = true;
                        self.ask()?;
                    }
                    self.ahead = ahead;
                }
            }
        }
        if frame.kind == Kind::Missing {
            self.hear_of_loss()?;
        }
        if progress {
            self.attempts = 0;
            self.moved = now;
        }
        Ok(())
    }

    /// Whether a numbered frame cannot be a reply of this session: a board keeps no more than so many, so that the one that is due is among
    /// those that it sends, or next to them.
    fn is_strange(&self, frame: &Frame) -> bool {
        let ahead = frame.sequence.wrapping_sub(self.expected) as usize;
        frame.kind.is_numbered() && (MAX_UNACKNOWLEDGED + 1..256 - MAX_UNACKNOWLEDGED).contains(&ahead)
    }

    fn lost(&self) -> SessionError {
        SessionError::Lost { port: self.port_name() }
    }

    /// When so many bytes that are written now have left.
    fn left_after(&self, bytes: usize) -> Duration {
        self.line_free.max(self.port.now()) + travels(bytes, self.port.bytes_per_second())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), SessionError> {
        self.line_free = self.left_after(bytes.len());
        self.statistics.bytes_out += bytes.len() as u64;
        self.port.write(bytes).map_err(|source| SessionError::Port { port: self.port_name(), source })
    }

    /// Intact frames among what has come, waiting at most this long for anything.
    fn receive(&mut self, timeout: Duration) -> Result<Vec<Frame>, SessionError> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(SessionError::Interrupted);
        }
        let mut buffer = [0; 4096];
        let count = self
            .port
            .read(&mut buffer, timeout)
            .map_err(|source| SessionError::Port { port: self.port_name(), source })?;
        self.statistics.bytes_in += count as u64;
        let mut frames = vec![];
        for &byte in &buffer[..count] {
            match self.deframer.push(byte) {
                Some(Ok(frame)) => {
                    self.statistics.frames_in += 1;
                    frames.push(frame);
                }
                Some(Err(_)) => self.statistics.frames_refused += 1,
                None => {}
            }
        }
        Ok(frames)
    }
}

/// Time that bytes take on a line of this speed; none where it has none.
fn travels(bytes: usize, bytes_per_second: Option<u32>) -> Duration {
    bytes_per_second.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(bytes as f64 / f64::from(rate.max(1))))
}
