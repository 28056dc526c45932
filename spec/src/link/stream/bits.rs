//! Bits of a payload: from the lowest of each byte on, and a 1 behind the last.

/// Payload that is written.
#[derive(Clone, Debug, Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
    /// Bits of the byte that is not yet whole.
    byte: u8,
    count: u32,
}

impl Writer {
    pub fn put(&mut self, bit: bool) {
        self.byte |= u8::from(bit) << self.count;
        self.count += 1;
        if self.count == u8::BITS {
            self.bytes.push(std::mem::take(&mut self.byte));
            self.count = 0;
        }
    }
    /// The low bits of a number, highest first.
    pub fn put_number(&mut self, number: usize, bits: u8) {
        (0..bits).rev().for_each(|bit| self.put(number >> bit & 1 == 1));
    }
    /// Nothing was put.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.count == 0
    }
    /// Whole bytes.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }
    /// The payload, and an empty one in its place.
    pub fn take(&mut self) -> Vec<u8> {
        self.put(true);
        if self.count > 0 {
            self.bytes.push(self.byte);
        }
        std::mem::take(self).bytes
    }
}

/// Bits of a payload.
pub(super) fn read(payload: &[u8]) -> impl Iterator<Item = bool> {
    let last = payload.last().map_or(0, |byte| byte.checked_ilog2().unwrap_or(0) as usize);
    let bits = (8 * payload.len()).saturating_sub(8) + last;
    (0..bits).map(|bit| payload[bit / 8] >> (bit % 8) & 1 == 1)
}
