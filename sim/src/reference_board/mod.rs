//! The reference model behind the host link: what a board answers, without its clock.
//!
//! Every message is, byte for byte, what the RTL sends for the same commands, but for three things that depend on time:
//! where a stream is cut into frames, the room that a frame advertises, and whether an acknowledgement travels alone
//! or with a reply.

mod executor;
mod replies;
mod wire;

use self::executor::{Executor, Queued};
use self::replies::Replies;
use self::wire::{RawFrame, Wire};
use crate::board::{Activity, Board, BoardError};
use crate::model::ReferenceArray;
use nernst_spec::ArrayConfig;
use nernst_spec::ledger::ArrayCounter;
use nernst_spec::link::frame::room_taken;
use nernst_spec::link::{Command, FLAG_RESEND, Frame, Kind, PROTOCOL_VERSION, RECEIVE_BUFFER, ROOM_UNIT, Reply};
use std::collections::VecDeque;

/// Steps (a tick, or a word of a digest) that the board executes in one call.
const STEPS: usize = 256;
/// Units by which the room must have grown for the board to tell it by itself.
const ROOM_GROWTH: u8 = 16;
/// Bit of the kinds that are from a board.
const FROM_BOARD: u8 = 0x80;

/// A [`ReferenceArray`] that answers the host link.
#[derive(Debug)]
pub struct ReferenceBoard {
    array: ReferenceArray,
    wire: Wire,
    /// A host has begun a session.
    in_session: bool,
    /// Number of the next frame from the host.
    expected: u8,
    /// It is missing, and the host was told, or is about to be.
    told_missing: bool,
    tell_missing: bool,
    /// Those that wait; the first is being executed.
    commands: VecDeque<Queued>,
    executor: Executor,
    replies: Replies,
    /// The room that the host was told last.
    told: u8,
}

impl ReferenceBoard {
    /// A board with a cleared array.
    pub fn new(config: &ArrayConfig) -> Self {
        Self {
            array: ReferenceArray::new(config),
            wire: Wire::default(),
            in_session: false,
            expected: 0,
            told_missing: false,
            tell_missing: false,
            commands: VecDeque::new(),
            executor: Executor::new(config),
            replies: Replies::default(),
            told: (RECEIVE_BUFFER / ROOM_UNIT) as u8,
        }
    }

    /// The model behind the link.
    pub fn array(&self) -> &ReferenceArray {
        &self.array
    }

    /// Free bytes of the receive buffer.
    fn free(&self) -> usize {
        // A command stays in the buffer until it has been executed, and none is taken without room.
        RECEIVE_BUFFER - self.commands.iter().map(|queued| queued.taken).sum::<usize>()
    }

    /// The same in the unit of the link.
    fn room(&self) -> u8 {
        (self.free() / ROOM_UNIT) as u8
    }

    fn send(&mut self, sequence: u8, reply: &Reply, output: &mut VecDeque<u8>) {
        self.told = self.room();
        let frame = Frame {
            kind: reply.kind(),
            sequence,
            acknowledge: self.expected,
            auxiliary: self.told,
            payload: reply.payload(),
        };
        let bytes = frame.encode();
        self.array.count(ArrayCounter::LinkBytesOut, bytes.len() as u64);
        output.extend(bytes);
    }

    /// Takes an intact frame. Returns whether it was applied.
    fn receive(&mut self, frame: RawFrame, output: &mut VecDeque<u8>) -> bool {
        let numbered = frame.kind & Kind::NUMBERED_BIT != 0;
        // What else an acknowledgement may say is ignored.
        let acknowledge = frame.kind == Kind::Acknowledge as u8;
        if frame.kind & FROM_BOARD != 0 || (!numbered && !acknowledge && frame.command().is_err()) {
            return false;
        }
        if let Ok(Command::Synchronise { number, .. }) = frame.command() {
            self.in_session = true;
            self.expected = 0;
            (self.told_missing, self.tell_missing) = (false, false);
            self.commands.clear();
            self.executor.restart(self.array.config());
            self.replies = Replies::default();
            self.send(0, &Reply::Synchronised { version: PROTOCOL_VERSION, number }, output);
            return true;
        }
        if !self.in_session {
            // The host of this frame speaks to a board that was reset.
            self.send(0, &Reply::Synchronised { version: PROTOCOL_VERSION, number: 0 }, output);
            return !numbered;
        }
        self.replies.acknowledge(frame.acknowledge);
        self.replies.owe();
        if frame.auxiliary & FLAG_RESEND != 0 {
            self.replies.resend();
        }
        if !numbered {
            return true;
        }
        let taken = room_taken(frame.payload.len());
        let applied = frame.sequence == self.expected && taken <= self.free();
        if applied {
            self.expected = self.expected.wrapping_add(1);
            self.told_missing = false;
            self.commands.push_back(Queued { kind: frame.kind, command: frame.command(), taken });
        } else if (1..128).contains(&frame.sequence.wrapping_sub(self.expected)) && !self.told_missing {
            (self.told_missing, self.tell_missing) = (true, true);
        }
        applied
    }

    /// Executes commands for a bounded while. A full buffer of replies stops it until the host acknowledges some.
    fn execute(&mut self) -> Activity {
        for _ in 0..STEPS {
            let Some(queued) = self.commands.front() else { return Activity::Quiet };
            if !self.replies.have_room() {
                return Activity::Quiet;
            }
            if self.executor.step(queued, &mut self.array, &mut self.replies) {
                self.commands.pop_front();
            }
        }
        Activity::Busy
    }
}

impl Board for ReferenceBoard {
    fn exchange(&mut self, input: &mut VecDeque<u8>, output: &mut VecDeque<u8>) -> Result<Activity, BoardError> {
        for byte in input.drain(..) {
            self.array.count(ArrayCounter::LinkBytesIn, 1);
            let applied = match self.wire.push(byte) {
                None => continue,
                Some(Ok(frame)) => self.receive(frame, output),
                Some(Err(_)) => {
                    self.told_missing |= self.in_session;
                    self.tell_missing |= self.in_session;
                    false
                }
            };
            if !applied {
                self.array.count(ArrayCounter::FramesRefused, 1);
            }
        }
        let activity = self.execute();
        let owed = self.replies.take_owed();
        let mut sent = std::mem::take(&mut self.tell_missing);
        if sent {
            self.send(0, &Reply::Missing, output);
        }
        while let Some((sequence, reply, again)) = self.replies.next_to_send() {
            self.array.count(ArrayCounter::FramesResent, again as u64);
            self.send(sequence, &reply, output);
            sent = true;
        }
        let grown = self.room().saturating_sub(self.told);
        if !sent && (owed || grown >= ROOM_GROWTH || (grown > 0 && self.commands.is_empty())) {
            self.send(0, &Reply::Acknowledged, output);
        }
        Ok(activity)
    }
}
