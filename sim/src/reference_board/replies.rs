//! The replies that a board keeps until the host has acknowledged them.

use nernst_spec::link::frame::{MAX_PAYLOAD, room_taken};
use nernst_spec::link::{MAX_UNACKNOWLEDGED, REPLY_BUFFER, Reply};
use std::collections::VecDeque;

#[derive(Clone, Debug, Default)]
pub(super) struct Replies {
    kept: VecDeque<Reply>,
    /// Bytes of the reply buffer that they take.
    taken: usize,
    /// Number of the oldest reply that is kept.
    oldest: u8,
    /// How many of those kept have been sent, and how many of those are to be sent again.
    sent: usize,
    again: usize,
    /// The host is owed an acknowledgement.
    owed: bool,
}

impl Replies {
    /// Whether there is room for any one more.
    pub fn have_room(&self) -> bool {
        self.kept.len() < MAX_UNACKNOWLEDGED && self.taken + room_taken(MAX_PAYLOAD) <= REPLY_BUFFER
    }

    pub fn push(&mut self, reply: Reply) {
        self.taken += room_taken(reply.payload().len());
        self.kept.push_back(reply);
    }

    /// The host expects `number` next: drops all before it. A number that was not sent means nothing.
    pub fn acknowledge(&mut self, number: u8) {
        let count = number.wrapping_sub(self.oldest) as usize;
        if count <= self.sent {
            self.taken -= self.kept.drain(..count).map(|reply| room_taken(reply.payload().len())).sum::<usize>();
            self.oldest = number;
            self.sent -= count;
        }
    }

    /// Sends again all that was sent.
    pub fn resend(&mut self) {
        self.again = self.sent;
        self.sent = 0;
    }

    pub fn owe(&mut self) {
        self.owed = true;
    }
    pub fn take_owed(&mut self) -> bool {
        std::mem::take(&mut self.owed)
    }

    /// The next reply to send, its number, and whether it was sent before.
    pub fn next_to_send(&mut self) -> Option<(u8, Reply, bool)> {
        let reply = self.kept.get(self.sent)?.clone();
        let sequence = self.oldest.wrapping_add(self.sent as u8);
        let again = self.sent < self.again;
        self.sent += 1;
        if self.sent >= self.again {
            self.again = 0;
        }
        Some((sequence, reply, again))
    }
}
