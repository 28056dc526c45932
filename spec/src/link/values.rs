//! Values that a board encodes by itself: the payload of `Encode`.
//!
//! ```text
//! byte  0      1         2      3, 4   5, 6   7, 8   9 ..
//!       code   full - 1  least  first  count  ticks  values
//! ```
//! * Bits 0 to 2 of the code: width of a value in bits - 1. Bit 3: 0 rate, 1 latency. The others are ignored.
//! * `full` and `least`: see [`crate::encoding`].
//! * `first` (12 bits) and `count` (13 bits): lines `first ..` of that number get a value. Upper bits are ignored.
//! * Values follow each other without a gap, the lowest bit first, from the lowest bit of the first byte on. Where the payload ends before the last
//!   value, those that are missing stay what they were; what is behind the last is ignored; and so are values of lines
//!   that have [none](crate::encoding::lines).
//!
//! Then that many ticks are run. Before each the lines `0 .. first + count`, those that have a value, have spikes by the code, which begins anew
//! with each command. Values are 0 after power-up and after a reset of the memory.

use crate::encoding::{Code, Coding, MAX_FULL};

/// Bytes before the values.
pub const HEADER: usize = 9;
const LATENCY_BIT: u8 = 8;
const FIRST_MASK: u16 = (1 << 12) - 1;
const COUNT_MASK: u16 = (1 << 13) - 1;

/// What an `Encode` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values {
    pub code: Code,
    /// Bits of a value: 1 to 8.
    pub width: u8,
    /// The line of the first value: 0 to 4,095.
    pub first: u16,
    /// Lines that get a value: 0 to 8,191.
    pub count: u16,
    /// Ticks that are run.
    pub ticks: u16,
    /// `count` of them, or fewer where the last are missing.
    pub values: Vec<u8>,
}

impl Values {
    /// One behind the last line that has spikes by these values, if the array has it.
    pub fn end(&self) -> usize {
        usize::from(self.first) + usize::from(self.count)
    }

    /// The smallest width that holds all of these.
    pub fn width_of(values: &[u8]) -> u8 {
        values.iter().map(|value| 8 - value.leading_zeros() as u8).max().unwrap_or(1).max(1)
    }

    /// Most values of this width in a payload of so many bytes.
    pub fn most(width: u8, payload: usize) -> usize {
        8 * payload.saturating_sub(HEADER) / usize::from(width)
    }

    /// `None` for a payload that is shorter than its header.
    pub fn from_payload(payload: &[u8]) -> Option<Self> {
        let (&[code, full, least, a, b, c, d, e, f], packed) = payload.split_first_chunk::<HEADER>()?;
        let coding = if code & LATENCY_BIT == 0 { Coding::Rate } else { Coding::Latency };
        let width = (code & 7) + 1;
        let count = u16::from_le_bytes([c, d]) & COUNT_MASK;
        let bit = |at: usize| packed[at / 8] >> (at % 8) & 1;
        let there = usize::from(count).min(8 * packed.len() / usize::from(width));
        let value = |number: usize| {
            (0..width).fold(0, |value, k| value | bit(number * usize::from(width) + usize::from(k)) << k)
        };
        Some(Self {
            code: Code { coding, full: u16::from(full) + 1, least },
            width,
            first: u16::from_le_bytes([a, b]) & FIRST_MASK,
            count,
            ticks: u16::from_le_bytes([e, f]),
            values: (0..there).map(value).collect(),
        })
    }

    /// Bits above the width of a value are left out.
    pub fn payload(&self) -> Vec<u8> {
        let latency = if self.code.coding == Coding::Latency { LATENCY_BIT } else { 0 };
        // 1 to 256.
        let full = (self.code.full.clamp(1, MAX_FULL) - 1) as u8;
        let mut payload = vec![(self.width - 1) | latency, full, self.code.least];
        payload.extend([self.first, self.count, self.ticks].iter().flat_map(|number| number.to_le_bytes()));
        let width = usize::from(self.width);
        let mut packed = vec![0; (width * self.values.len()).div_ceil(8)];
        for (number, value) in self.values.iter().enumerate() {
            for k in 0..width {
                let at = number * width + k;
                packed[at / 8] |= (value >> k & 1) << (at % 8);
            }
        }
        payload.extend(packed);
        payload
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_packed_from_the_lowest_bit_on() {
        let code = Code { coding: Coding::Latency, full: 16, least: 2 };
        let values = Values { code, width: 5, first: 0x102, count: 3, ticks: 0x304, values: vec![1, 31, 4] };
        let payload = vec![0x0c, 15, 2, 2, 1, 3, 0, 4, 3, 0xe1, 0x13];
        assert_eq!(values.payload(), payload);
        assert_eq!(Values::from_payload(&payload), Some(values.clone()));
        // What is ignored.
        let more = [&[0xfc, 15, 2, 2, 0xf1, 3, 0xe0, 4, 3][..], &payload[9..], &[9, 9]].concat();
        assert_eq!(Values::from_payload(&more), Some(values.clone()));
        // The last is missing, then all are.
        let fewer =
            |values: &[u8]| Values { values: values.to_vec(), count: 3, ..Values::from_payload(&payload).unwrap() };
        assert_eq!(Values::from_payload(&payload[..10]), Some(fewer(&[1])));
        assert_eq!(Values::from_payload(&payload[..9]), Some(fewer(&[])));
        assert_eq!(Values::from_payload(&payload[..8]), None);
    }

    #[test]
    fn the_width_is_the_least_that_holds_them() {
        for (values, width) in [(&[][..], 1), (&[0], 1), (&[1], 1), (&[2, 0], 2), (&[16, 3], 5), (&[255], 8)] {
            assert_eq!(Values::width_of(values), width, "{values:?}");
        }
        assert_eq!((Values::most(5, 49), Values::most(8, 9), Values::most(3, 0)), (64, 0, 0));
    }
}
