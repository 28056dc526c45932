//! A budget that the array itself keeps: so that a host that dies does not matter.
//!
//! The array has what is `left`, and a price for every counter of the [ledger](crate::ledger). Whatever a counter grows by takes its
//! price off. A tick after whose end less than nothing is left is the last one: the array then refuses spikes and ticks
//! ([`crate::link::message::Refusal::Budget`]) until a new budget is written or the memory is cleared. So a budget is overdrawn by one tick at most.
//!
//! | index in [`crate::memory::Space::Budget`] | word |
//! |---|---|
//! | 0 | low 24 bits of what is left |
//! | 1 | high 24 bits, two's complement; bit 24: the budget is armed |
//! | 2.. | price of a counter of the array, in the order of [`ArrayCounter::ALL`], then of a core (of all cores the same), of [`CoreCounter::ALL`]; 15 bits; read as 0 |
//!
//! Every write here disarms the budget but that of word 1, which arms it if its bit says so: write prices first, then word 0, then word 1. From then
//! on what is counted is paid for. What is left is right at the end of each tick and after a
//! [`Snapshot`](crate::link::message::Kind::Snapshot); in between it may not yet know of the last clocks. Unit and scale of the prices are the host's.

use crate::ledger::{ArrayCounter, CoreCounter, HALF_BITS, Ledger};
use crate::memory::Word;

/// Prices: one for each kind of counter.
pub const PRICES: usize = ArrayCounter::ALL.len() + CoreCounter::ALL.len();
/// Bits of a price.
pub const PRICE_BITS: u32 = 15;
/// Highest price.
pub const MAX_PRICE: u16 = (1 << PRICE_BITS) - 1;
/// Largest budget.
pub const MAX_LEFT: i64 = (1 << (2 * HALF_BITS - 1)) - 1;
/// Index of the first price.
pub const FIRST_PRICE: usize = 2;
/// Words of [`crate::memory::Space::Budget`].
pub const WORDS: usize = FIRST_PRICE + PRICES;
/// Bit of word 1 that arms the budget.
pub const ARMED_BIT: u32 = 24;

/// Place of the price of a counter of the array.
pub const fn of_array(counter: ArrayCounter) -> usize {
    counter as usize
}
/// Place of the price of a counter of the cores.
pub const fn of_cores(counter: CoreCounter) -> usize {
    ArrayCounter::ALL.len() + counter as usize
}

/// A budget: prices in the order of the words, and what is left of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    pub prices: [u16; PRICES],
    pub left: i64,
    pub armed: bool,
}

impl Default for Budget {
    /// None: nothing is paid for.
    fn default() -> Self {
        Self { prices: [0; PRICES], left: 0, armed: false }
    }
}

impl Budget {
    /// All words, in the order of their addresses; prices as they are written.
    pub fn words(&self) -> [Word; WORDS] {
        std::array::from_fn(|index| match index {
            0 | 1 => self.word(index),
            _ => Word::new(self.prices[index - FIRST_PRICE].into()),
        })
    }
    /// A word as it is read.
    pub fn word(&self, index: usize) -> Word {
        let half = (1u64 << HALF_BITS) - 1;
        match index {
            0 => Word::new(self.left as u64 & half),
            1 => Word::new((self.left >> HALF_BITS) as u64 & half | (self.armed as u64) << ARMED_BIT),
            _ => Word::default(),
        }
    }
    /// What a write of a word does.
    pub fn write(&mut self, index: usize, word: Word) {
        let half = i64::from(word.low() & ((1 << HALF_BITS) - 1));
        self.armed = index == 1 && word.low() >> ARMED_BIT & 1 == 1;
        match index {
            0 => self.left = (self.left >> HALF_BITS) << HALF_BITS | half,
            1 => self.left = (half << (64 - HALF_BITS) >> (64 - 2 * HALF_BITS)) | self.left & ((1 << HALF_BITS) - 1),
            _ => self.prices[index - FIRST_PRICE] = word.low() as u16 & MAX_PRICE,
        }
    }
    /// What these counts cost.
    pub fn price(&self, counts: &Ledger) -> i64 {
        let array = ArrayCounter::ALL.iter().map(|&counter| (of_array(counter), counts.array(counter)));
        let cores = CoreCounter::ALL.iter().map(|&counter| (of_cores(counter), counts.total(counter)));
        array.chain(cores).map(|(place, count)| (u64::from(self.prices[place]).wrapping_mul(count)) as i64).sum()
    }
    /// Pays for these counts, if it is armed.
    pub fn pay(&mut self, counts: &Ledger) {
        if self.armed {
            let unused = 64 - 2 * HALF_BITS;
            self.left = self.left.wrapping_sub(self.price(counts)) << unused >> unused;
        }
    }
    /// Less than nothing is left.
    pub fn is_used_up(&self) -> bool {
        self.armed && self.left < 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_survives_its_words_and_pays() {
        for left in [MAX_LEFT, 0, -1, -MAX_LEFT - 1, 0x1234_5678_9abc] {
            let mut prices = [0; PRICES];
            prices[of_array(ArrayCounter::HostSpikesIn)] = 3;
            prices[of_cores(CoreCounter::Events)] = MAX_PRICE;
            let budget = Budget { prices, left, armed: true };
            let mut written = Budget::default();
            let words = budget.words();
            (2..WORDS).chain([0, 1]).for_each(|index| written.write(index, words[index]));
            assert_eq!(written, budget);
            let mut counts = Ledger::new(2);
            counts.count(ArrayCounter::HostSpikesIn, 2);
            counts.count_core(0, CoreCounter::Events, 1);
            counts.count_core(1, CoreCounter::Events, 1);
            written.left = 10;
            written.pay(&counts);
            assert_eq!(written.left, 10 - 6 - 2 * i64::from(MAX_PRICE));
            assert!(written.is_used_up());
            written.write(0, Word::default());
            assert!(!written.is_used_up(), "a write disarms");
        }
    }
}
