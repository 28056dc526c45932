//! A host's end of a UART, in clocks of the board: one start bit, eight data bits from the least significant on, one
//! stop bit.

/// Bits of a byte on the line.
const BITS: u64 = 10;

/// Clocks of a bit, as a fraction: a bit rarely lasts a whole number of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct BitTime {
    pub(super) clock_hz: u64,
    pub(super) baud: u64,
}

impl BitTime {
    /// The clock, counted from the start of a byte, in which bit `number` begins.
    fn begins(self, number: u64) -> u64 {
        number * self.clock_hz / self.baud
    }

    /// That in the middle of it.
    fn middle(self, number: u64) -> u64 {
        (2 * number + 1) * self.clock_hz / (2 * self.baud)
    }
}

/// Sends bytes, one after the other.
#[derive(Debug, Default)]
pub(super) struct Sender {
    /// What is on the line, start and stop bit included, and the clock in which it began.
    sending: Option<(u64, u64)>,
}

impl Sender {
    /// Whether the last byte's stop bit has ended.
    pub(super) fn is_free(&self) -> bool {
        self.sending.is_none()
    }

    pub(super) fn send(&mut self, byte: u8, clock: u64) {
        self.sending = Some((1 << (BITS - 1) | u64::from(byte) << 1, clock));
    }

    /// Level of the line in this clock.
    pub(super) fn level(&mut self, clock: u64, time: BitTime) -> bool {
        let Some((bits, start)) = self.sending else { return true };
        let passed = clock - start;
        // bit n begins at the clock that is n bit times later, rounded down
        let bit = (0..BITS).rev().find(|bit| time.begins(*bit) <= passed).unwrap_or(0);
        if passed + 1 >= time.begins(BITS) {
            self.sending = None;
        }
        bits >> bit & 1 == 1
    }
}

/// Receives bytes.
#[derive(Debug, Default)]
pub(super) struct Receiver {
    /// The bits so far, the next one's number, and the clock in which the start bit began.
    receiving: Option<(u64, u64, u64)>,
}

impl Receiver {
    /// Takes the level of the line in this clock; returns a byte that is whole. What has no stop bit is no byte.
    pub(super) fn hear(&mut self, level: bool, clock: u64, time: BitTime) -> Option<u8> {
        let Some((bits, number, start)) = &mut self.receiving else {
            self.receiving = (!level).then_some((0, 0, clock));
            return None;
        };
        if clock - *start < time.middle(*number) {
            return None;
        }
        *bits |= u64::from(level) << *number;
        *number += 1;
        if *number < BITS {
            return None;
        }
        let bits = *bits;
        self.receiving = None;
        (bits & 1 == 0 && level).then_some((bits >> 1) as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_pass_at_every_ratio_of_clock_and_baud() {
        for (clock_hz, baud) in [(50_000_000, 3_000_000), (170_000_000, 3_000_000), (48_000_000, 12_000_000)] {
            let time = BitTime { clock_hz, baud };
            let (mut sender, mut receiver, mut clock) = (Sender::default(), Receiver::default(), 7);
            for byte in 0..=255 {
                sender.send(byte, clock);
                let mut heard = None;
                while !sender.is_free() {
                    heard = heard.or(receiver.hear(sender.level(clock, time), clock, time));
                    clock += 1;
                }
                assert_eq!(heard, Some(byte), "{clock_hz} Hz, {baud} baud");
            }
            // 256 bytes of ten bits, each begun at a whole clock
            assert_eq!(clock - 7, 256 * (10 * clock_hz / baud));
        }
    }
}
