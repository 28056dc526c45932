//! Chains: cores whose membranes are summed, so that a neuron hears more axons than one core has.
//!
//! A core is *chained* when it is loaded so ([`crate::Settings::chained`]): its membranes go to the core whose number is one higher. Chained
//! cores one after another and the first after them that is not chained form a chain of at most [`MAX_CHAIN`] cores. Neuron `n` of a
//! chain so hears the axons of all its cores, 512 each: every core holds a part of the rows.
//!
//! ```text
//! core 0, chained          core 1, chained          core 2
//! 512 axons ─► rows        512 axons ─► rows        512 axons ─► rows
//!              membrane n ────────────► + membrane n ──────────► + membrane n ─► fire, reset, leak ─► spikes
//!              becomes 0                  becomes 0                of core 2     by the parameters of core 2
//! ```
//!
//! In a tick each core of the chain walks its own slot and adds its own rows, as ever. If one of them had an event, a dense word or a membrane other
//! than 0, the rings of all turn: V is the sum of their membranes of neuron `n` as [`crate::tick::chain_sum`] has it; the last core fires, resets,
//! leaks and clamps V, keeps it, and routes its spikes. In the chained cores the membranes become 0 and nothing fires, whatever their
//! parameters are. A core does not count the clocks in which it waits for others of its chain as [`crate::ledger::CoreCounter::BusyClocks`].
//!
//! Which cores can be chained is fixed when the array is generated: those of one bank with [`CoreConfig::chain`] whose next core has the
//! same shape. A chained core has one context; if the next core is loaded with several, it hears no one, and the core is as if it were not chained.
//!
//! The membranes of a chained core are 0 between ticks from a reset of the state on. If they are not, because it became chained later, or if a host
//! makes a longer chain, all of this holds as well; the sum alone then may not be exact.

use crate::geometry::{ArrayConfig, CoreConfig};
use crate::{Contexts, Settings};
use std::ops::Range;

/// Most cores of a chain.
pub const MAX_CHAIN: usize = 4;

impl ArrayConfig {
    /// Whether this core can be chained to the next one.
    pub fn can_be_chained(&self, core: usize) -> bool {
        let next = self.cores.get(core + 1);
        self.cores.get(core).is_some_and(|shape| shape.chain && shape.banks == 1 && next == Some(shape))
    }

    /// Whether the cores of any group can be chained.
    pub fn has_chains(&self) -> bool {
        self.cores.iter().any(|core| core.chain)
    }

    /// Whether the core before this one can be chained to it.
    pub fn can_end_a_chain(&self, core: usize) -> bool {
        core > 0 && self.can_be_chained(core - 1)
    }
}

/// The cores of every chain of an array, single cores among them, where the cores are loaded so: their numbers, the last one that which fires.
pub fn chains(cores: &[Settings]) -> Vec<Range<usize>> {
    let mut chains: Vec<Range<usize>> = vec![];
    for (core, settings) in cores.iter().enumerate() {
        let heard = core > 0 && cores[core - 1].chained && settings.contexts == Contexts::ONE;
        match chains.last_mut() {
            Some(chain) if heard => chain.end = core + 1,
            _ => chains.push(core..core + 1),
        }
    }
    chains
}

impl CoreConfig {
    /// Whether cores of this shape can count weights other than 0 ([`crate::settings`]) in a chain of so many. What their counting lanes
    /// add up to must stay below the threshold of a silent neuron.
    pub const fn can_count_in_chain(&self, cores: usize) -> bool {
        let highest = self.weight_bits.max_weight() as usize * crate::geometry::AXONS;
        self.can_count() && cores * highest < crate::tick::max_threshold(self.weight_bits) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::WeightBits;

    fn array(text: &str) -> ArrayConfig {
        ArrayConfig::from_toml(&format!("name = 'c'\nclock_hz = 50_000_000\nbaud = 3_000_000\ninputs = 1\n{text}"))
            .unwrap()
    }

    #[test]
    fn every_core_with_an_equal_one_behind_it_can_be_chained() {
        let group = |count, tiles, more: &str| {
            format!("[[cores]]\ncount = {count}\ntiles = {tiles}\ntiles_per_unit = 1\nweight_bits = 4\n{more}\n")
        };
        let config = array(
            &[group(2, 2, "chain = true"), group(2, 3, "chain = true"), group(2, 3, ""), group(1, 3, "chain = true")]
                .concat(),
        );
        let chained: Vec<bool> = (0..7).map(|core| config.can_be_chained(core)).collect();
        assert_eq!(chained, [true, false, true, false, false, false, false]);
        assert!((0..7).all(|core| config.can_end_a_chain(core) == [1, 3].contains(&core)));
    }

    #[test]
    fn a_chain_ends_with_the_first_core_that_is_not_chained() {
        let chained = |chained| Settings { chained, ..Settings::default() };
        let mut cores = [true, true, false, false, true, false, true, false].map(chained);
        assert_eq!(chains(&cores), [0..3, 3..4, 4..6, 6..8]);
        // A core of several contexts hears no other one.
        cores[5].contexts = Contexts::MOST;
        assert_eq!(chains(&cores), [0..3, 3..4, 4..5, 5..6, 6..8]);
    }

    #[test]
    fn lanes_that_count_stay_silent_in_a_chain() {
        let shape = |weight_bits| CoreConfig {
            tiles: 4,
            tiles_per_unit: 1,
            weight_bits,
            contexts: Contexts::ONE,
            banks: 1,
            chain: true,
        };
        let longest = |bits| (1..=MAX_CHAIN).filter(|&cores| shape(bits).can_count_in_chain(cores)).max();
        assert_eq!([WeightBits::Four, WeightBits::Eight].map(longest), [Some(4), Some(2)]);
    }
}
