//! The ledger: every counter of the array, its place and its definition.
//!
//! Counters have 48 bits. One snapshot latches all of them in the same clock; a host then reads the latched values from
//! [`crate::memory::Space::Ledger`] as two words of 24 bits each, low half first, in the order of [`address_map`].
//! What is always the same multiple of another counter, or always 0, has no place there: [`Ledger::from_words`] knows it.
//!
//! A counter whose [`Class`] is [`Class::Activity`] is a function of image and input alone, and the reference model
//! computes the same value. One of [`Class::Time`] depends on when the host's bytes arrive. A core is idle in all clocks that are not
//! its busy clocks.

use crate::{ArrayConfig, CoreConfig};
use serde::{Deserialize, Serialize};
use std::ops::Sub;

/// Bits of a counter.
pub const COUNTER_BITS: u32 = 48;
/// Bits of a counter in one word of the address map.
pub const HALF_BITS: u32 = 24;

/// What a counter's value depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// A function of image and input alone: equal on the reference model, in simulation and on every board.
    Activity,
    /// Depends on when bytes arrive on the link, too.
    Time,
}

/// What kind of cost a counter stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    Communication,
    Computation,
    Time,
}

/// What is written once about a counter.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// Name in reports and JSON.
    pub name: &'static str,
    pub group: Group,
    pub class: Class,
    /// One sentence that says when it increases and by how much.
    pub sentence: &'static str,
}

macro_rules! counters {
    ($(#[$doc:meta])* $kind:ident { $($variant:ident: $name:literal, $group:ident, $class:ident, $sentence:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $kind { $(#[doc = $sentence] $variant),* }
        impl $kind {
            /// All of them, in the order of their addresses.
            pub const ALL: &'static [$kind] = &[$($kind::$variant),*];
            pub const fn definition(self) -> Definition {
                match self {
                    $($kind::$variant => Definition {
                        name: $name, group: Group::$group, class: Class::$class, sentence: $sentence,
                    }),*
                }
            }
            pub const fn name(self) -> &'static str {
                self.definition().name
            }
        }
    };
}

counters! {
    /// Counters of the array and its link.
    ArrayCounter {
        Ticks: "ticks", Time, Activity, "Ticks that were run to their end.";
        BusTransfers: "bus_transfers", Communication, Activity,
            "Spikes of neurons and input lines that were put on the spike bus, one for each whose route names at least one core.";
        BusDestinations: "bus_destinations", Communication, Activity,
            "Cores that these transfers were addressed to: the sum of the set bits in their core masks.";
        HostSpikesIn: "host_spikes_in", Communication, Activity, "Spikes on input lines: that the host put there, or that were made of its values.";
        HostSpikesOut: "host_spikes_out", Communication, Activity, "Spikes of neurons that were sent to the host.";
        LinkBytesIn: "link_bytes_in", Communication, Time, "Bytes that arrived from the host, of good and bad frames.";
        LinkBytesOut: "link_bytes_out", Communication, Time, "Bytes that were handed to the host's line.";
        FramesRefused: "frames_refused", Communication, Time,
            "Frames from the host that were not applied: damaged, out of order, repeated or without room.";
        FramesResent: "frames_resent", Communication, Time, "Frames that were sent to the host again.";
        HostStallClocks: "host_stall_clocks", Time, Time, "Clocks in which a spike to the host waited for room in the link's buffer.";
        BusWaitClocks: "bus_wait_clocks", Time, Time, "Clocks in which a neuron's spike waited in some core for its turn on the bus.";
        TickClocks: "tick_clocks", Time, Time,
            "Clocks in which a tick was under way: from the host's word that runs it until all of its spikes are delivered.";
        Clocks: "clocks", Time, Time, "Clocks since the ledger was cleared.";
    }
}

counters! {
    /// Counters of one core.
    CoreCounter {
        Events: "events", Communication, Activity, "Axons that had an event in a tick, each counted once a tick.";
        RowsFetched: "rows_fetched", Computation, Activity,
            "Rows read from block RAMs to be added: one in every tile for each event, and for each axon without one whose word is dense.";
        SynapticOperations: "synaptic_operations", Computation, Activity,
            "Weights that went through an adder, zero weights and unused lanes included: one in every lane of the core for each row that was fetched in a tile.";
        NonzeroOperations: "nonzero_operations", Computation, Activity,
            "Weights other than 0 added to a membrane for an event, in a core that is loaded to count them; 0 in any other.";
        NeuronUpdates: "neuron_updates", Computation, Activity,
            "Membranes that went through a neuron unit: every neuron of the core in each tick in which the core, or another of its chain, had an event, a dense word or a membrane other than 0; a chained core hands them on there.";
        Spikes: "spikes", Communication, Activity, "Neurons that fired.";
        ContextLoads: "context_loads", Computation, Activity,
            "Contexts whose membranes and parameters were brought from the block RAMs into the lanes, from where they are written back.";
        BusyClocks: "busy_clocks", Time, Activity, "Clocks in which the core walked its due slot or turned its rings in a tick; not those in which it waited for others of its chain.";
    }
}

impl CoreCounter {
    /// Whether a core of this shape has it in the address map. [`CoreCounter::SynapticOperations`] are [`CoreCounter::RowsFetched`] times the
    /// lanes of a tile, and a core that is never loaded with several contexts brings none into its lanes.
    pub const fn is_kept(self, core: &CoreConfig) -> bool {
        match self {
            CoreCounter::SynapticOperations => false,
            CoreCounter::ContextLoads => core.contexts.count() > 1,
            _ => true,
        }
    }
}

/// A counter of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counter {
    Array(ArrayCounter),
    /// Number of the core, and which of its counters.
    Core(usize, CoreCounter),
}

/// The counters that an array keeps, in the order of their addresses: its own in the order of [`ArrayCounter::ALL`], then those of core 0
/// in the order of [`CoreCounter::ALL`], of core 1 and so on.
pub fn address_map(config: &ArrayConfig) -> impl Iterator<Item = Counter> + '_ {
    let cores = config.cores.iter().enumerate().flat_map(|(number, core)| {
        let kept = CoreCounter::ALL.iter().filter(|counter| counter.is_kept(core));
        kept.map(move |&counter| Counter::Core(number, counter))
    });
    ArrayCounter::ALL.iter().map(|&counter| Counter::Array(counter)).chain(cores)
}

/// Words that the ledger of an array has in the address map.
pub fn words(config: &ArrayConfig) -> usize {
    2 * address_map(config).count()
}

/// The values of all counters of an array at one moment, or their increase between two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    array: Vec<u64>,
    cores: Vec<Vec<u64>>,
}

impl Ledger {
    /// All zero, for an array with this many cores.
    pub fn new(cores: usize) -> Self {
        Self { array: vec![0; ArrayCounter::ALL.len()], cores: vec![vec![0; CoreCounter::ALL.len()]; cores] }
    }

    /// From the words of [`crate::memory::Space::Ledger`]; `None` when there are too few or too many.
    pub fn from_words(config: &ArrayConfig, halves: &[u32]) -> Option<Self> {
        if halves.len() != words(config) {
            return None;
        }
        let mut ledger = Self::new(config.cores.len());
        for (counter, half) in address_map(config).zip(halves.chunks(2)) {
            let value = half[0] as u64 | (half[1] as u64) << HALF_BITS;
            match counter {
                Counter::Array(counter) => ledger.count(counter, value),
                Counter::Core(core, counter) => ledger.count_core(core, counter, value),
            }
        }
        for (number, core) in config.cores.iter().enumerate() {
            let rows = ledger.core(number, CoreCounter::RowsFetched);
            ledger.count_core(number, CoreCounter::SynapticOperations, rows * core.lanes() as u64);
        }
        Some(ledger)
    }

    /// One word of [`crate::memory::Space::Ledger`]; `None` past the last.
    pub fn word(&self, config: &ArrayConfig, index: usize) -> Option<u32> {
        let value = match address_map(config).nth(index / 2)? {
            Counter::Array(counter) => self.array(counter),
            Counter::Core(core, counter) => self.core(core, counter),
        };
        Some((value >> (HALF_BITS as usize * (index % 2)) & ((1 << HALF_BITS) - 1)) as u32)
    }

    pub fn cores(&self) -> usize {
        self.cores.len()
    }
    pub fn array(&self, counter: ArrayCounter) -> u64 {
        self.array[counter as usize]
    }
    pub fn core(&self, core: usize, counter: CoreCounter) -> u64 {
        self.cores[core][counter as usize]
    }
    /// Sum over the cores.
    pub fn total(&self, counter: CoreCounter) -> u64 {
        self.cores.iter().map(|core| core[counter as usize]).sum()
    }
    /// Largest value of any core.
    pub fn maximum(&self, counter: CoreCounter) -> u64 {
        self.cores.iter().map(|core| core[counter as usize]).max().unwrap_or(0)
    }
    pub fn count(&mut self, counter: ArrayCounter, amount: u64) {
        wrap(&mut self.array[counter as usize], amount);
    }
    pub fn count_core(&mut self, core: usize, counter: CoreCounter, amount: u64) {
        wrap(&mut self.cores[core][counter as usize], amount);
    }

    /// The counters of [`Class::Activity`] in which two ledgers differ, as (name, self, other).
    pub fn differences(&self, other: &Self) -> Vec<(String, u64, u64)> {
        self.named()
            .zip(other.named())
            .filter(|((_, class, a), (_, _, b))| *class == Class::Activity && a != b)
            .map(|((name, _, a), (_, _, b))| (name, a, b))
            .collect()
    }

    /// Every counter: its name (`core 3 events` for those of a core), class and value, in the order of the addresses.
    pub fn named(&self) -> impl Iterator<Item = (String, Class, u64)> + '_ {
        let array = ArrayCounter::ALL.iter().map(|&counter| (counter.name().to_string(), counter.definition().class));
        let cores = (0..self.cores()).flat_map(|core| {
            CoreCounter::ALL
                .iter()
                .map(move |&counter| (format!("core {core} {}", counter.name()), counter.definition().class))
        });
        array.chain(cores).zip(self.values()).map(|((name, class), value)| (name, class, value))
    }

    fn values(&self) -> impl Iterator<Item = u64> + '_ {
        self.array.iter().chain(self.cores.iter().flatten()).copied()
    }
}

fn wrap(value: &mut u64, amount: u64) {
    *value = (*value + amount) & ((1 << COUNTER_BITS) - 1);
}

/// The increase since an earlier snapshot, right also when a counter has wrapped since.
impl Sub for &Ledger {
    type Output = Ledger;
    fn sub(self, earlier: &Ledger) -> Ledger {
        let increase = |now: &[u64], then: &[u64]| {
            now.iter().zip(then).map(|(a, b)| a.wrapping_sub(*b) & ((1 << COUNTER_BITS) - 1)).collect()
        };
        Ledger {
            array: increase(&self.array, &earlier.array),
            cores: self.cores.iter().zip(&earlier.cores).map(|(now, then)| increase(now, then)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_survives_its_words() {
        for name in ["tiny", "25f-contexts", "25f-banked"] {
            let config = ArrayConfig::ready(name).unwrap();
            let mut ledger = Ledger::new(config.cores.len());
            ledger.count(ArrayCounter::Clocks, 0x0123_4567_89ab);
            ledger.count_core(1, CoreCounter::BusyClocks, (1 << COUNTER_BITS) - 1);
            // Operations follow from rows, across a wrap too.
            let rows = (1 << COUNTER_BITS) - 3;
            ledger.count_core(0, CoreCounter::RowsFetched, rows);
            ledger.count_core(0, CoreCounter::SynapticOperations, rows * config.cores[0].lanes() as u64);
            if config.cores[0].contexts.count() > 1 {
                ledger.count_core(0, CoreCounter::ContextLoads, 7);
            }
            let halves: Vec<u32> = (0..words(&config)).map(|index| ledger.word(&config, index).unwrap()).collect();
            assert_eq!(ledger.word(&config, words(&config)), None);
            assert_eq!(Ledger::from_words(&config, &halves), Some(ledger), "{name}");
            assert_eq!(Ledger::from_words(&config, &halves[1..]), None);
        }
    }

    #[test]
    fn an_increase_is_right_across_a_wrap() {
        let mut before = Ledger::new(1);
        before.count(ArrayCounter::Ticks, (1 << COUNTER_BITS) - 2);
        let mut after = before.clone();
        after.count(ArrayCounter::Ticks, 5);
        assert_eq!(after.array(ArrayCounter::Ticks), 3);
        assert_eq!((&after - &before).array(ArrayCounter::Ticks), 5);
    }

    #[test]
    fn differences_name_activity_only() {
        let mut a = Ledger::new(1);
        let b = a.clone();
        a.count(ArrayCounter::Clocks, 9);
        assert!(a.differences(&b).is_empty());
        a.count_core(0, CoreCounter::Events, 1);
        assert_eq!(a.differences(&b), [("core 0 events".to_string(), 1, 0)]);
    }
}
