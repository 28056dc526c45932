//! The parameter of the code, as it follows the gaps.

use super::Train;

/// Largest exponent of any train: a row has up to 4,096 places.
pub const MAX_EXPONENT: u8 = 12;
/// With this many zeros in a code its steps begin to grow.
pub const GROWING: u8 = 8;
/// Bits of the exponent's fraction.
const FRACTION: u8 = 3;

/// Exponent of the steps of a code. Both ends of a line have the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adaptation {
    limit: u8,
    eighths: u8,
    exponent: u8,
    zeros: u8,
}

impl Adaptation {
    /// As a payload with this exponent begins.
    pub fn new(train: &Train, exponent: u8) -> Self {
        let mut new = Self { limit: Self::limit(train), eighths: 0, exponent: 0, zeros: 0 };
        new.begin_payload(exponent);
        new
    }
    /// Largest exponent: that of the largest power of two that is no more than the places of a row.
    pub fn limit(train: &Train) -> u8 {
        (train.places.max(1).ilog2() as u8).min(MAX_EXPONENT)
    }

    pub fn begin_payload(&mut self, exponent: u8) {
        self.eighths = (exponent.min(self.limit) << FRACTION) + (1 << (FRACTION - 1));
        self.begin_code();
    }
    fn begin_code(&mut self) {
        self.exponent = self.starts_with();
        self.zeros = 0;
    }

    /// Exponent at the start of a code.
    pub fn starts_with(&self) -> u8 {
        (self.eighths >> FRACTION).min(self.limit)
    }
    /// Exponent of the next step, and bits of the rest.
    pub fn exponent(&self) -> u8 {
        self.exponent
    }
    /// Places that a `0` moves on.
    pub fn step(&self) -> usize {
        1 << self.exponent
    }
    /// A code was begun and not ended.
    pub fn within_code(&self) -> bool {
        self.zeros > 0
    }

    /// A `0` was taken.
    pub fn zero(&mut self) {
        self.zeros = (self.zeros + 1).min(GROWING);
        if self.zeros == GROWING {
            self.exponent = (self.exponent + 1).min(self.limit);
        }
    }
    /// The code has ended.
    pub fn end(&mut self) {
        match self.zeros {
            0 => self.eighths = self.eighths.saturating_sub(1),
            1 => {}
            zeros if self.starts_with() < self.limit => self.eighths += (zeros - 1).min(3),
            _ => {}
        }
        self.begin_code();
    }
}
