//! Settings of a core that are chosen when it is loaded.
//!
//! | index in [`crate::memory::Space::Settings`] | word |
//! |---|---|
//! | 0 | bits 1..0: binary logarithm of the number of [`Contexts`]; bit 2: `counting` |
//! | 1 | `dense`, one bit for each word of 16 axons |
//!
//! **Counting.** How many weights of a row are other than 0 is known when the row is written, so the row says it itself: in a core that is
//! `counting`, the last [`COUNT_BITS`] bits of the lanes of the last tile are that number, and with every event it is added to
//! [`crate::ledger::CoreCounter::NonzeroOperations`]. For this the core gives up the lanes that these bits would be weights of
//! ([`CoreConfig::counting_lanes`]): two of INT4, one of INT8. To the arithmetic of a tick they are lanes as any other; their neurons
//! are silent ([`crate::tick::Parameters::silent`]), which keeps their membranes at 0 between ticks and below every threshold in one.
//! A core with two banks reads two rows at once and cannot count.
//!
//! **Dense.** In a word of 16 axons whose bit of `dense` is set, the rows of all axons are fetched in every tick, and those without an
//! event are added zero times: what hardware does that does not skip zeros. Spikes and membranes stay what they are. It needs a core of one bank.

use crate::context::Contexts;
use crate::geometry::{AXONS, CoreConfig};
use crate::memory::Word;
use crate::timing::SLOT_WORD_BITS;

/// Bits of a row that hold its number of weights other than 0.
pub const COUNT_BITS: usize = 8;
/// Words of axons that `dense` has a bit for.
pub const DENSE_WORDS: usize = AXONS / SLOT_WORD_BITS;
/// Words of a core in [`crate::memory::Space::Settings`].
pub const WORDS: usize = 2;
/// Bit of the first word that says `counting`.
pub const COUNTING_BIT: u32 = 2;

/// Settings of a core.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Sets of neurons that take turns in the lanes.
    pub contexts: Contexts,
    /// Each row holds the number of its weights other than 0.
    pub counting: bool,
    /// Words of 16 axons whose rows are fetched in every tick: bit `w` for axons `16 * w ..`.
    pub dense: u32,
}

impl Settings {
    /// The words of the address map.
    pub const fn words(self) -> [Word; WORDS] {
        let first = self.contexts.log2() as u64 | (self.counting as u64) << COUNTING_BIT;
        [Word::new(first), Word::new(self.dense as u64)]
    }
    /// What a core of this shape makes of a word that is written there: what it cannot do it does not take.
    pub fn write(&mut self, core: &CoreConfig, index: usize, word: Word) {
        if index == 0 {
            self.contexts = Contexts::from_log2(word.low() as u8).min(core.contexts);
            self.counting = word.low() >> COUNTING_BIT & 1 == 1 && core.banks == 1;
        } else {
            self.dense = if core.banks == 1 { word.low() } else { 0 };
        }
    }
}

impl CoreConfig {
    /// Lanes of the last tile that a counting core gives up.
    pub const fn counting_lanes(&self) -> usize {
        COUNT_BITS / self.weight_bits.bits()
    }
    /// Whether it can count: it has one bank, and no row has more weights than its bits can say.
    pub const fn can_count(&self) -> bool {
        self.banks == 1 && self.neurons() - self.counting_lanes() < 1 << COUNT_BITS
    }
    /// Neurons of a context whose weights are counted, and that a network can use, when the core is counting.
    pub const fn counted_neurons(&self) -> usize {
        self.neurons() - self.counting_lanes()
    }
    /// The lowest bit of a row's number in the word of the last tile.
    pub const fn count_shift(&self) -> usize {
        self.lanes() * self.weight_bits.bits() - COUNT_BITS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::WeightBits;

    #[test]
    fn settings_survive_their_words_as_far_as_the_core_can() {
        let core = |banks, contexts| CoreConfig {
            tiles: 2,
            tiles_per_unit: 2,
            weight_bits: WeightBits::Four,
            contexts: Contexts::from_log2(contexts),
            banks,
        };
        let all = Settings { contexts: Contexts::MOST, counting: true, dense: u32::MAX };
        let written = |core: CoreConfig| {
            let mut settings = Settings::default();
            all.words().into_iter().enumerate().for_each(|(index, word)| settings.write(&core, index, word));
            settings
        };
        assert_eq!(written(core(1, 3)), all);
        assert_eq!(written(core(1, 1)), Settings { contexts: Contexts::from_log2(1), ..all });
        assert_eq!(written(core(2, 0)), Settings::default());
    }

    #[test]
    fn a_row_has_bits_for_the_number_of_its_weights() {
        for (weight_bits, lanes, shift) in [(WeightBits::Four, 2, 28), (WeightBits::Eight, 1, 24)] {
            let core = |tiles| CoreConfig { tiles, tiles_per_unit: 1, weight_bits, contexts: Contexts::ONE, banks: 1 };
            assert_eq!((core(1).counting_lanes(), core(1).count_shift()), (lanes, shift));
            assert!(core(12).can_count() && !core(65).can_count());
        }
    }
}
