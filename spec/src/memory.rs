//! The address map that a host loads and reads, and the words in it.
//!
//! An address has 32 bits; a word has 36 (the width of a block RAM) and travels as five bytes, least significant first.
//!
//! ```text
//!  31..28   27..20   19..10   9..0
//!  space    core     unit     row
//! ```
//!
//! | space | core | unit | row | word |
//! |---|---|---|---|---|
//! | [`Space::Weights`] | core | tile | axon | lane `i`'s weight in bits `i * weight_bits ..`, two's complement |
//! | [`Space::Parameters`] | core | neuron unit | place in its ring (`tile % tiles_per_unit * lanes + lane`) | [`Parameters`] |
//! | [`Space::Routes`] | 0 | bits 19..0: place of the neuron in the [order of turns](crate::ArrayConfig::turn_of) | | [`Route`] |
//! | [`Space::Inputs`] | 0 | bits 19..0: number of the input line | | [`Route`] |
//! | [`Space::Membranes`] | core | bits 19..0: neuron in the core | | membrane, two's complement in 32 bits; read only |
//! | [`Space::Ledger`] | 0 | bits 19..0: see [`crate::ledger`] | | 24 bits of the last snapshot; read only |
//! | [`Space::Settings`] | core | bits 19..0: see [`crate::settings`] | | contexts, counting, dense axons |
//! | [`Space::Budget`] | 0 | bits 19..0: see [`crate::budget`] | | what is left, prices |
//! | [`Space::Pace`] | 0 | 0 | | period of ticks: see [`crate::pace`]; written only |
//!
//! Several words that travel together have addresses that count up by one.

use crate::geometry::{AXONS, ArrayConfig, DELAY_SLOTS, MAX_AXONS, MAX_CORES, WeightBits};
use crate::tick::{LEAK_ONE, Parameters, Reset, max_threshold};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Bytes of a word on the wire.
pub const WORD_BYTES: usize = 5;

/// A 36-bit word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Word(u64);

impl Word {
    /// The low 36 bits of `bits`.
    pub const fn new(bits: u64) -> Self {
        Self(bits & ((1 << 36) - 1))
    }
    pub const fn bits(self) -> u64 {
        self.0
    }
    pub const fn low(self) -> u32 {
        self.0 as u32
    }
    /// Bits 35..32.
    pub const fn high(self) -> u8 {
        (self.0 >> 32) as u8
    }
    pub const fn to_bytes(self) -> [u8; WORD_BYTES] {
        let [a, b, c, d, e, ..] = self.0.to_le_bytes();
        [a, b, c, d, e]
    }
    /// The four bits above the word are ignored.
    pub const fn from_bytes([a, b, c, d, e]: [u8; WORD_BYTES]) -> Self {
        Self::new(u64::from_le_bytes([a, b, c, d, e, 0, 0, 0]))
    }

    /// A tile's synapse row from the weights of its lanes.
    ///
    /// # Panics
    /// When there are more weights than lanes.
    pub fn from_weights(weights: &[i8], bits: WeightBits) -> Self {
        assert!(weights.len() <= bits.lanes(), "{} weights for {} lanes", weights.len(), bits.lanes());
        let mask = (1u64 << bits.bits()) - 1;
        let word = weights.iter().enumerate().map(|(lane, &weight)| (weight as u64 & mask) << (lane * bits.bits()));
        Self(word.sum())
    }
    /// The weight of one lane.
    pub const fn weight(self, lane: usize, bits: WeightBits) -> i32 {
        let unused = 32 - bits.bits();
        ((self.0 >> (lane * bits.bits())) as i32) << unused >> unused
    }
}

/// What an address points into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Space {
    Weights = 0,
    Parameters = 1,
    Routes = 2,
    Inputs = 3,
    Membranes = 4,
    Ledger = 5,
    Settings = 6,
    Budget = 7,
    Pace = 8,
}

impl Space {
    pub const ALL: [Space; 9] = [
        Space::Weights,
        Space::Parameters,
        Space::Routes,
        Space::Inputs,
        Space::Membranes,
        Space::Ledger,
        Space::Settings,
        Space::Budget,
        Space::Pace,
    ];

    pub const fn is_writable(self) -> bool {
        !matches!(self, Space::Membranes | Space::Ledger)
    }
}

/// An address of the map.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address(pub u32);

impl Address {
    pub const SPACE_SHIFT: u32 = 28;
    pub const CORE_SHIFT: u32 = 20;
    pub const UNIT_SHIFT: u32 = 10;
    /// Bits of the index of the spaces that have no units.
    pub const INDEX_BITS: u32 = 20;
    /// The one word of [`Space::Pace`], which no array has, but every board.
    pub const PACE: Self = Self::new(Space::Pace, 0, 0);
    pub const ROW_BITS: u32 = 10;

    const fn new(space: Space, core: usize, index: usize) -> Self {
        Self(
            (space as u32) << Self::SPACE_SHIFT
                | (core as u32 & 0xff) << Self::CORE_SHIFT
                | index as u32 & ((1 << Self::INDEX_BITS) - 1),
        )
    }
    pub const fn weights(core: usize, tile: usize, axon: usize) -> Self {
        Self::new(Space::Weights, core, tile << Self::UNIT_SHIFT | axon)
    }
    pub const fn parameters(core: usize, unit: usize, place: usize) -> Self {
        Self::new(Space::Parameters, core, unit << Self::UNIT_SHIFT | place)
    }
    /// Of the neuron with this place in the [order of turns](crate::ArrayConfig::turn_of).
    pub const fn route(turn: usize) -> Self {
        Self::new(Space::Routes, 0, turn)
    }
    pub const fn input(line: usize) -> Self {
        Self::new(Space::Inputs, 0, line)
    }
    pub const fn membrane(core: usize, neuron: usize) -> Self {
        Self::new(Space::Membranes, core, neuron)
    }
    pub const fn settings(core: usize) -> Self {
        Self::new(Space::Settings, core, 0)
    }
    pub const fn budget(word: usize) -> Self {
        Self::new(Space::Budget, 0, word)
    }
    pub const fn ledger(word: usize) -> Self {
        Self::new(Space::Ledger, 0, word)
    }

    pub fn space(self) -> Option<Space> {
        Space::ALL.get((self.0 >> Self::SPACE_SHIFT) as usize).copied()
    }
    pub const fn core(self) -> usize {
        (self.0 >> Self::CORE_SHIFT & 0xff) as usize
    }
    /// Bits 19..10: tile or neuron unit.
    pub const fn unit(self) -> usize {
        (self.0 >> Self::UNIT_SHIFT & 0x3ff) as usize
    }
    /// Bits 9..0: axon or place.
    pub const fn row(self) -> usize {
        (self.0 & 0x3ff) as usize
    }
    /// Bits 19..0.
    pub const fn index(self) -> usize {
        (self.0 & ((1 << Self::INDEX_BITS) - 1)) as usize
    }
    /// The address `words` further on.
    pub const fn offset(self, words: usize) -> Self {
        Self(self.0.wrapping_add(words as u32))
    }

    /// Whether an array of this shape has a word there.
    pub fn exists(self, config: &ArrayConfig) -> bool {
        let core = config.cores.get(self.core());
        match self.space() {
            Some(Space::Weights) => core.is_some_and(|core| self.unit() < core.tiles && self.row() < core.axons()),
            Some(Space::Parameters) => core.is_some_and(|core| self.unit() < core.units() && self.row() < core.ring()),
            Some(Space::Membranes) => core.is_some_and(|core| self.index() < core.neurons()),
            Some(Space::Settings) => core.is_some() && self.index() < crate::settings::WORDS,
            Some(Space::Budget) => self.core() == 0 && self.index() < crate::budget::WORDS,
            Some(Space::Routes) => self.core() == 0 && self.index() < config.neurons(),
            Some(Space::Inputs) => self.core() == 0 && self.index() < config.inputs,
            Some(Space::Ledger) => self.core() == 0 && self.index() < crate::ledger::words(config),
            // The pace is the board's.
            Some(Space::Pace) | None => false,
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.space() {
            Some(space @ (Space::Weights | Space::Parameters)) => {
                write!(f, "{space:?} core {} unit {} row {}", self.core(), self.unit(), self.row())
            }
            Some(space) => write!(f, "{space:?} core {} index {}", self.core(), self.index()),
            None => write!(f, "address {:#010x}", self.0),
        }
    }
}

/// Fields of a parameter word: `threshold` in bits 17..0, `leak` in 27..18, reset by subtraction in 28.
pub mod parameter_word {
    pub const THRESHOLD_BITS: u32 = 18;
    pub const LEAK_SHIFT: u32 = 18;
    pub const LEAK_BITS: u32 = 10;
    pub const SUBTRACT_BIT: u32 = 28;
}

impl From<Parameters> for Word {
    fn from(p: Parameters) -> Word {
        use parameter_word::*;
        let threshold = p.threshold as u64 & ((1 << THRESHOLD_BITS) - 1);
        let leak = (p.leak as u64 & ((1 << LEAK_BITS) - 1)) << LEAK_SHIFT;
        Word::new(threshold | leak | ((p.reset == Reset::Subtract) as u64) << SUBTRACT_BIT)
    }
}

impl From<Word> for Parameters {
    fn from(word: Word) -> Parameters {
        use parameter_word::*;
        Parameters {
            threshold: (word.0 & ((1 << THRESHOLD_BITS) - 1)) as u32,
            leak: (word.0 >> LEAK_SHIFT & ((1 << LEAK_BITS) - 1)) as u16,
            reset: if word.0 >> SUBTRACT_BIT & 1 == 1 { Reset::Subtract } else { Reset::Zero },
        }
    }
}

impl Parameters {
    /// Whether a neuron unit of this precision can have these parameters.
    pub fn fit(&self, bits: WeightBits) -> bool {
        (1..=max_threshold(bits)).contains(&self.threshold) && self.leak <= LEAK_ONE
    }
}

/// Where a spike goes: to one axon of each core in a mask after a delay, and to the host or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Route {
    /// Bit `c` set: to core `c`. No bit set: to no core.
    pub cores: u16,
    /// The axon, the same in all of these cores. One that a core does not have is nothing to it.
    pub axon: u16,
    /// Ticks until the event is due: 1 to 15 for a neuron; 0 to 15 for an input line, whose 0 means the tick that the
    /// host is about to run.
    pub delay: u8,
    /// Sent to the host, too. An input line ignores it.
    pub host: bool,
}

/// Fields of a route word: the row of `axon` in bits 8..0, `delay` in 12..9, `host` in 13, the bank of `axon` in 14, a bit for each core
/// from 16 on.
pub mod route_word {
    /// Bits of the row.
    pub const AXON_BITS: u32 = 9;
    pub const BANK_BIT: u32 = 14;
    pub const DELAY_SHIFT: u32 = 9;
    pub const DELAY_BITS: u32 = 4;
    pub const HOST_BIT: u32 = 13;
    pub const CORES_SHIFT: u32 = 16;
    /// Bits of `axon`, `delay` and `host` in an array whose cores have so many banks at most: one more for two.
    pub const fn low_bits(banks: usize) -> u32 {
        HOST_BIT + banks as u32
    }
    /// The bits that an array of so many cores keeps; the others read 0.
    pub const fn kept(cores: usize, banks: usize) -> u32 {
        ((1 << low_bits(banks)) - 1) | (((1u64 << cores) - 1) << CORES_SHIFT) as u32
    }
}

const _: () = assert!(1 << route_word::AXON_BITS == AXONS && 2 << route_word::AXON_BITS == MAX_AXONS);
const _: () = assert!(1 << route_word::DELAY_BITS == DELAY_SLOTS);
const _: () = assert!(MAX_CORES <= 16);

impl From<Route> for Word {
    fn from(route: Route) -> Word {
        use route_word::*;
        Word::new(
            (route.axon as u64 & ((1 << AXON_BITS) - 1))
                | (route.delay as u64 & ((1 << DELAY_BITS) - 1)) << DELAY_SHIFT
                | (route.host as u64) << HOST_BIT
                | (route.axon as u64 >> AXON_BITS & 1) << BANK_BIT
                | (route.cores as u64) << CORES_SHIFT,
        )
    }
}

impl From<Word> for Route {
    fn from(word: Word) -> Route {
        use route_word::*;
        Route {
            axon: (word.0 & ((1 << AXON_BITS) - 1) | (word.0 >> BANK_BIT & 1) << AXON_BITS) as u16,
            delay: (word.0 >> DELAY_SHIFT & ((1 << DELAY_BITS) - 1)) as u8,
            host: word.0 >> HOST_BIT & 1 == 1,
            cores: (word.0 >> CORES_SHIFT) as u16,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn weights_survive_a_row(weights in proptest::collection::vec(-8i8..=7, 9)) {
            let word = Word::from_weights(&weights, WeightBits::Four);
            for (lane, &weight) in weights.iter().enumerate() {
                prop_assert_eq!(word.weight(lane, WeightBits::Four), weight as i32);
            }
            prop_assert_eq!(Word::from_bytes(word.to_bytes()), word);
        }

        #[test]
        fn wide_weights_survive_a_row(weights in proptest::collection::vec(any::<i8>(), 4)) {
            let word = Word::from_weights(&weights, WeightBits::Eight);
            for (lane, &weight) in weights.iter().enumerate() {
                prop_assert_eq!(word.weight(lane, WeightBits::Eight), weight as i32);
            }
        }

        #[test]
        fn routes_and_parameters_survive_their_words(
            (cores, axon, delay, host) in (any::<u16>(), 0u16..1024, 0u8..16, any::<bool>()),
            (threshold, leak, subtract) in (0u32..1 << 18, 0u16..1024, any::<bool>())
        ) {
            let route = Route { cores, axon, delay, host };
            prop_assert_eq!(Route::from(Word::from(route)), route);
            let reset = if subtract { Reset::Subtract } else { Reset::Zero };
            let parameters = Parameters { threshold, leak, reset };
            prop_assert_eq!(Parameters::from(Word::from(parameters)), parameters);
        }
    }

    #[test]
    fn addresses_exist_up_to_the_shape_of_the_array() {
        let config = ArrayConfig::ready("tiny").unwrap();
        let banked = ArrayConfig::ready("25f-banked").unwrap();
        assert!(Address::weights(1, 11, 1023).exists(&banked) && !Address::weights(1, 12, 0).exists(&banked));
        for (address, exists) in [
            (Address::weights(1, 3, 511), true),
            (Address::weights(1, 4, 0), false),
            (Address::weights(2, 0, 0), false),
            (Address::weights(0, 0, 512), false),
            (Address::parameters(0, 1, 17), true),
            (Address::parameters(0, 1, 18), false),
            (Address::parameters(0, 2, 0), false),
            (Address::route(71), true),
            (Address::route(72), false),
            (Address::input(63), true),
            (Address::input(64), false),
            (Address::membrane(1, 35), true),
            (Address::membrane(1, 36), false),
            (Address(0xf000_0000), false),
        ] {
            assert_eq!(address.exists(&config), exists, "{address}");
        }
    }
}
