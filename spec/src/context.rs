//! Contexts: sets of neurons that take turns in the lanes of a core and share the rows of its block RAMs.
//!
//! A core of k contexts (1, 2, 4 or 8, chosen when it is loaded) divides its 512 rows between them: context `c` hears the axons
//! `c * 512 / k ..` and holds k times the neurons in all. What a context leaves behind when another has the lanes rests in the last rows
//! of its own share, in every tile, two rows for each lane:
//!
//! ```text
//! row (c + 1) * 512 / k - 2 * lanes + lane    the membrane, two's complement in 32 bits
//! row (c + 1) * 512 / k - lanes + lane        the parameter word
//! ```
//!
//! So a context has `512 / k - 2 * lanes` axons. A core of one context has no such rows, and all its axons; only such a core has two banks.
//!
//! In a tick the contexts follow each other, the first one first. One without an event and with only zero membranes is passed over. Any
//! other is brought into the lanes, hears its events, turns, and is written back while it turns.

use crate::geometry::{AXONS, CoreConfig};
use crate::memory::Address;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Most contexts of a core.
pub const MAX_CONTEXTS: usize = 8;

/// The number of contexts of a core: 1, 2, 4 or 8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "usize", into = "usize")]
pub struct Contexts {
    log2: u8,
}

impl Contexts {
    /// One context: a core without sharing.
    pub const ONE: Self = Self { log2: 0 };
    /// As many as there can be: [`MAX_CONTEXTS`].
    pub const MOST: Self = Self { log2: MAX_CONTEXTS.ilog2() as u8 };

    /// From the low two bits of a word: the binary logarithm of the number.
    pub const fn from_log2(log2: u8) -> Self {
        Self { log2: log2 & 3 }
    }
    pub const fn log2(self) -> u8 {
        self.log2
    }
    /// 1, 2, 4 or 8.
    pub const fn count(self) -> usize {
        1 << self.log2
    }
    /// Rows of each context, those of its state included.
    pub const fn rows(self) -> usize {
        AXONS >> self.log2
    }
    /// Axons of each context.
    pub const fn axons(self, core: &CoreConfig) -> usize {
        if self.log2 == 0 { core.axons() } else { self.rows() - 2 * core.lanes() }
    }
    /// The axon of the core (and row) that is axon `axon` of context `context`.
    pub const fn axon(self, context: usize, axon: usize) -> usize {
        context * self.rows() + axon
    }
    /// The context whose row this is.
    pub const fn of_row(self, row: usize) -> usize {
        if self.log2 == 0 { 0 } else { row / self.rows() }
    }
    /// The row with the membrane of a lane, where there are several contexts.
    pub const fn membrane_row(self, core: &CoreConfig, context: usize, lane: usize) -> usize {
        (context + 1) * self.rows() - 2 * core.lanes() + lane
    }
    /// The row with the parameters of a lane, where there are several contexts.
    pub const fn parameter_row(self, core: &CoreConfig, context: usize, lane: usize) -> usize {
        (context + 1) * self.rows() - core.lanes() + lane
    }
    /// Where the membranes of core `number`, of this shape, are read, in the order of its neurons: addresses that count up, and how many.
    pub fn membranes(self, number: usize, core: &CoreConfig) -> Vec<(Address, usize)> {
        if self == Self::ONE {
            return vec![(Address::membrane(number, 0), core.neurons())];
        }
        let tiles = (0..self.count()).flat_map(|context| (0..core.tiles).map(move |tile| (context, tile)));
        tiles.map(|(c, tile)| (Address::weights(number, tile, self.membrane_row(core, c, 0)), core.lanes())).collect()
    }
    /// Whether a row holds state instead of weights.
    pub const fn is_state(self, core: &CoreConfig, row: usize) -> bool {
        self.log2 > 0 && row % self.rows() >= self.axons(core)
    }
}

impl TryFrom<usize> for Contexts {
    type Error = String;
    fn try_from(count: usize) -> Result<Self, String> {
        match count {
            1 | 2 | 4 | 8 => Ok(Self { log2: count.trailing_zeros() as u8 }),
            other => Err(format!("{other} contexts: a core has 1, 2, 4 or {MAX_CONTEXTS}")),
        }
    }
}

impl From<Contexts> for usize {
    fn from(contexts: Contexts) -> usize {
        contexts.count()
    }
}

impl fmt::Display for Contexts {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::WeightBits;

    #[test]
    fn every_row_is_an_axon_or_the_state_of_one_neuron() {
        for weight_bits in [WeightBits::Four, WeightBits::Eight] {
            let core = CoreConfig {
                tiles: 1,
                tiles_per_unit: 1,
                weight_bits,
                contexts: Contexts::from_log2(3),
                banks: 1,
                chain: false,
            };
            for contexts in [1, 2, 4, 8].map(|count| Contexts::try_from(count).unwrap()) {
                let mut uses = [0; AXONS];
                for context in 0..contexts.count() {
                    (0..contexts.axons(&core)).for_each(|axon| uses[contexts.axon(context, axon)] += 1);
                    for lane in 0..core.lanes() * (contexts.count() > 1) as usize {
                        for row in
                            [contexts.membrane_row(&core, context, lane), contexts.parameter_row(&core, context, lane)]
                        {
                            assert!(contexts.is_state(&core, row));
                            assert_eq!(contexts.of_row(row), context);
                            uses[row] += 1;
                        }
                    }
                }
                assert_eq!(uses, [1; AXONS], "{contexts} contexts of {weight_bits}");
            }
        }
        assert!(Contexts::try_from(3).unwrap_err().contains("1, 2, 4 or 8"));
    }
}
