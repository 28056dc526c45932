//! Bytes on their way in one direction.

use std::collections::VecDeque;
use std::time::Duration;

/// Bytes that are kept back until their time, in order.
#[derive(Default)]
pub(super) struct Line {
    held: VecDeque<Held>,
    /// Nothing put on the line leaves it before.
    not_before: Duration,
    /// Bytes that were put on it.
    counted: u64,
}

enum Held {
    Byte {
        due: Duration,
        byte: u8,
    },
    /// A transfer ends here.
    Break,
}

impl Line {
    pub fn push(&mut self, now: Duration, byte: u8) {
        self.held.push_back(Held::Byte { due: now.max(self.not_before), byte });
    }
    /// All that is put on the line from now on leaves it at `until` or later.
    pub fn delay(&mut self, until: Duration) {
        self.not_before = self.not_before.max(until);
    }
    pub fn tear(&mut self) {
        self.held.push_back(Held::Break);
    }

    pub fn count(&mut self) {
        self.counted += 1;
    }
    pub fn counted(&self) -> u64 {
        self.counted
    }

    /// The bytes that are due, at most so many and up to a break.
    pub fn take(&mut self, now: Duration, most: usize) -> Vec<u8> {
        let mut taken = vec![];
        while taken.len() < most {
            match self.held.front() {
                Some(&Held::Byte { due, byte }) if due <= now => taken.push(byte),
                // A break with nothing before it is behind us.
                Some(Held::Break) if taken.is_empty() => {}
                _ => break,
            }
            self.held.pop_front();
        }
        taken
    }

    /// When the next byte is due.
    pub fn next_due(&self) -> Option<Duration> {
        self.held.iter().find_map(|held| match held {
            Held::Byte { due, .. } => Some(*due),
            Held::Break => None,
        })
    }
}
