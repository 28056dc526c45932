//! Settings of a core that are chosen when it is loaded.
//!
//! | index in [`crate::memory::Space::Settings`] | word |
//! |---|---|
//! | 0 | bits 1..0: binary logarithm of the number of [`Contexts`]; bit 2: `counting`, bit 3: `chained` |
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
//!
//! **Chained.** The membranes of the core are added to those of the next one: [`crate::chain`]. Cores of a chain count all or none of them, for their
//! lanes are the same neurons.

use crate::context::Contexts;
use crate::geometry::{AXONS, ArrayConfig, CoreConfig};
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
/// Bit of the first word that says `chained`.
pub const CHAINED_BIT: u32 = 3;

/// Settings of a core.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Sets of neurons that take turns in the lanes.
    pub contexts: Contexts,
    /// Each row holds the number of its weights other than 0.
    pub counting: bool,
    /// Words of 16 axons whose rows are fetched in every tick: bit `w` for axons `16 * w ..`.
    pub dense: u32,
    /// Its membranes go to the next core.
    pub chained: bool,
}

impl Settings {
    /// The words of the address map.
    pub const fn words(self) -> [Word; WORDS] {
        let flags = (self.counting as u64) << COUNTING_BIT | (self.chained as u64) << CHAINED_BIT;
        let first = self.contexts.log2() as u64 | flags;
        [Word::new(first), Word::new(self.dense as u64)]
    }
    /// What core `number` of an array makes of a word that is written there: what it cannot do it does not take.
    pub fn write(&mut self, config: &ArrayConfig, number: usize, index: usize, word: Word) {
        let core = &config.cores[number];
        let bit = |bit: u32| word.low() >> bit & 1 == 1;
        if index == 0 {
            self.contexts = Contexts::from_log2(word.low() as u8).min(core.contexts);
            self.counting = bit(COUNTING_BIT) && core.banks == 1;
            self.chained = bit(CHAINED_BIT) && config.can_be_chained(number) && self.contexts == Contexts::ONE;
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
        let core = |banks, contexts, chain| CoreConfig {
            tiles: 2,
            tiles_per_unit: 2,
            weight_bits: WeightBits::Four,
            contexts: Contexts::from_log2(contexts),
            banks,
            chain,
        };
        let all = Settings { contexts: Contexts::MOST, counting: true, dense: u32::MAX, chained: false };
        let chained = Settings { contexts: Contexts::ONE, chained: true, ..all };
        // In the first of two such cores.
        let written = |core: CoreConfig, wanted: Settings| {
            let mut config = ArrayConfig::ready("tiny").unwrap();
            config.cores.fill(core);
            let mut settings = Settings::default();
            let words = wanted.words().into_iter().enumerate();
            words.for_each(|(index, word)| settings.write(&config, 0, index, word));
            settings
        };
        assert_eq!(written(core(1, 3, false), all), all);
        assert_eq!(written(core(1, 1, false), all), Settings { contexts: Contexts::from_log2(1), ..all });
        assert_eq!(written(core(2, 0, false), all), Settings::default());
        assert_eq!(written(core(1, 0, true), chained), chained);
        assert_eq!(written(core(1, 0, false), chained), Settings { chained: false, ..chained });
        assert_eq!(written(core(1, 3, true), Settings { chained: true, ..all }), all, "one of several contexts");
    }

    #[test]
    fn a_row_has_bits_for_the_number_of_its_weights() {
        for (weight_bits, lanes, shift) in [(WeightBits::Four, 2, 28), (WeightBits::Eight, 1, 24)] {
            let core = |tiles| CoreConfig {
                tiles,
                tiles_per_unit: 1,
                weight_bits,
                contexts: Contexts::ONE,
                banks: 1,
                chain: false,
            };
            assert_eq!((core(1).counting_lanes(), core(1).count_shift()), (lanes, shift));
            assert!(core(12).can_count() && !core(65).can_count());
        }
    }
}
