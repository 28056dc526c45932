//! Spikes and ticks as a stream of 16-bit words, the same in both directions.
//!
//! | bit 15 | to the board | to the host |
//! |---|---|---|
//! | 0 | a spike on input line `bits 14..0`, before the next tick | neuron `bits 14..0` of the array fired |
//! | 1 | run this many ticks, 1 to 32,767; 0 does nothing | the tick whose number ends in `bits 14..0` has ended |
//!
//! All spikes of a tick come before the word that ends it. Their order within a tick has no meaning: a host that compares
//! runs sorts them.

/// Bit that tells a tick from a spike.
pub const TICK: u16 = 0x8000;
/// Most ticks that one word runs.
pub const MAX_TICKS: u16 = 0x7fff;

/// One word of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Input line or neuron, 0 to 32,767.
    Spike(u16),
    /// To the board: ticks to run. To the host: the low 15 bits of the number of the tick that ended.
    Tick(u16),
}

impl From<u16> for Event {
    fn from(word: u16) -> Self {
        if word & TICK == 0 { Event::Spike(word) } else { Event::Tick(word & !TICK) }
    }
}

impl From<Event> for u16 {
    fn from(event: Event) -> u16 {
        match event {
            Event::Spike(line) => line & !TICK,
            Event::Tick(ticks) => ticks | TICK,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_one_event() {
        for word in 0..=u16::MAX {
            assert_eq!(u16::from(Event::from(word)), word);
        }
    }
}
