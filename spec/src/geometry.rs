//! The shape of an array: cores made of tiles made of lanes, and the numbering of neurons.
//!
//! ```text
//! array ── core 0..16 ── unit (1 to 3 tiles and one neuron unit) ── tile (a 512 x 36 block RAM for each bank) ── lane (one neuron)
//! ```
//!
//! A neuron's number within its core is `context * neurons + tile * lanes + lane`, see [`crate::context`]. Its number in the array
//! counts the neurons of all contexts of the cores before it, too.
//!
//! A core has one bank of 512 axons, or two: axon `a` is row `a % 512` of the block RAMs of bank `a / 512`. Both banks are read in the same
//! clock, and a lane adds the sum of two weights. So a banked core has twice the axons for the same lanes.

use crate::context::Contexts;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Axons of a bank: rows of its block RAMs.
pub const AXONS: usize = 512;
/// Most banks of a core.
pub const MAX_BANKS: usize = 2;
/// Most axons of a core.
pub const MAX_AXONS: usize = MAX_BANKS * AXONS;
/// Bits of a synapse row in one tile: the width of an ECP5 block RAM.
pub const ROW_BITS: usize = 36;
/// Delay slots of a scheduler: the due slot and 15 ahead of it.
pub const DELAY_SLOTS: usize = 16;
/// Longest delay of a route, in ticks.
pub const MAX_DELAY: u8 = 15;
/// Most cores of an array: the width of a route's core mask.
pub const MAX_CORES: usize = 16;
/// Most tiles that share a neuron unit.
pub const MAX_TILES_PER_UNIT: usize = 3;
/// Most neuron units of a core.
pub const MAX_UNITS: usize = 16;
/// Most tiles of a core.
pub const MAX_TILES: usize = MAX_UNITS * MAX_TILES_PER_UNIT;
/// Most neurons of an array.
pub const MAX_NEURONS: usize = 4096;
/// Routes that a block RAM of bytes holds.
pub const ROUTE_BANK: usize = 2048;
/// Most input lines of an array.
pub const MAX_INPUTS: usize = 4096;

/// Precision of the weights of a core, fixed when its RTL is generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum WeightBits {
    /// INT4: nine lanes a tile, membranes of 15 bits.
    Four,
    /// INT8: four lanes a tile, membranes of 18 bits.
    Eight,
}

impl WeightBits {
    /// 4 or 8.
    pub const fn bits(self) -> usize {
        match self {
            WeightBits::Four => 4,
            WeightBits::Eight => 8,
        }
    }
    /// Neurons of one tile.
    pub const fn lanes(self) -> usize {
        ROW_BITS / self.bits()
    }
    /// Bits of a membrane: enough for every axon of one bank firing with the largest weight in one tick on top of the range
    /// to which [`crate::tick`] clamps, and no wider than the 18-bit multiplier that leaks it.
    pub const fn membrane_bits(self) -> usize {
        match self {
            WeightBits::Four => 15,
            WeightBits::Eight => 18,
        }
    }
    /// Smallest weight: -8 or -128.
    pub const fn min_weight(self) -> i32 {
        -(1 << (self.bits() - 1))
    }
    /// Largest weight: 7 or 127.
    pub const fn max_weight(self) -> i32 {
        (1 << (self.bits() - 1)) - 1
    }
}

impl From<WeightBits> for u8 {
    fn from(bits: WeightBits) -> u8 {
        bits.bits() as u8
    }
}

impl TryFrom<u8> for WeightBits {
    type Error = String;
    fn try_from(bits: u8) -> Result<Self, String> {
        match bits {
            4 => Ok(WeightBits::Four),
            8 => Ok(WeightBits::Eight),
            other => Err(format!("weights of {other} bits do not exist: choose 4 or 8")),
        }
    }
}

impl fmt::Display for WeightBits {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "INT{}", self.bits())
    }
}

/// Shape of one core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CoreConfig {
    /// Sets of lanes, each with one block RAM of weights for every bank, 1 to [`MAX_TILES`].
    pub tiles: usize,
    /// Tiles that share one neuron unit (and its multiplier): 1 to [`MAX_TILES_PER_UNIT`].
    pub tiles_per_unit: usize,
    pub weight_bits: WeightBits,
    /// Most contexts that it can be loaded with.
    pub contexts: Contexts,
    /// Banks of [`AXONS`] axons each, 1 or [`MAX_BANKS`].
    pub banks: usize,
    /// It can be chained with neighbours of the same shape: see [`crate::chain`].
    pub chain: bool,
}

impl CoreConfig {
    pub const fn lanes(&self) -> usize {
        self.weight_bits.lanes()
    }
    /// Axons that it can hear when it is loaded with one context.
    pub const fn axons(&self) -> usize {
        self.banks * AXONS
    }
    /// Bits of a membrane: one more than [`WeightBits::membrane_bits`] where a second bank doubles what a tick can add.
    pub const fn membrane_bits(&self) -> usize {
        self.weight_bits.membrane_bits() + self.banks - 1
    }
    /// Block RAMs that hold its weights.
    pub const fn block_rams(&self) -> usize {
        self.tiles * self.banks
    }
    /// Neurons of one context: those that the lanes hold at a time.
    pub const fn neurons(&self) -> usize {
        self.tiles * self.lanes()
    }
    /// Neurons of as many contexts as it can be loaded with.
    pub const fn all_neurons(&self) -> usize {
        self.contexts.count() * self.neurons()
    }
    /// Neurons that turn through one neuron unit: the length of its ring.
    pub const fn ring(&self) -> usize {
        self.tiles_per_unit * self.lanes()
    }
    /// Place of a neuron, by its number in the core, in the order in which neurons turn and spikes leave the core: context after
    /// context; in each the last places of all rings, in the order of rings, then those before, and so on.
    pub const fn turn_of(&self, neuron: usize) -> usize {
        let (context, lane) = (neuron / self.neurons(), neuron % self.neurons());
        let (unit, place) = (lane / self.ring(), lane % self.ring());
        context * self.neurons() + (self.ring() - 1 - place) * self.units() + unit
    }
    /// The neuron with this place in the order of turns.
    pub const fn at_turn(&self, turn: usize) -> usize {
        let (context, turn) = (turn / self.neurons(), turn % self.neurons());
        let (unit, place) = (turn % self.units(), self.ring() - 1 - turn / self.units());
        context * self.neurons() + unit * self.ring() + place
    }
    /// Neuron units of the core.
    pub const fn units(&self) -> usize {
        self.tiles / self.tiles_per_unit
    }
}

/// An array as it is generated: its cores and what surrounds them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrayConfig {
    /// Name under which it is chosen, at most [`crate::identity::MAX_NAME`] bytes of ASCII.
    pub name: String,
    /// Clock of the array in Hz, made by the board's PLL.
    pub clock_hz: u32,
    /// Speed of the UART in baud.
    pub baud: u32,
    /// Input lines: entries of the table that sends a host's spike to cores and axon.
    pub inputs: usize,
    pub cores: Vec<CoreConfig>,
}

/// A group of equal cores in a configuration file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CoreGroup {
    count: usize,
    tiles: usize,
    tiles_per_unit: usize,
    weight_bits: WeightBits,
    #[serde(default)]
    contexts: Contexts,
    #[serde(default = "one_bank")]
    banks: usize,
    #[serde(default)]
    chain: bool,
}

fn one_bank() -> usize {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigFile {
    name: String,
    clock_hz: u32,
    baud: u32,
    inputs: usize,
    cores: Vec<CoreGroup>,
}

/// Why a configuration cannot be.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum ConfigError {
    #[error("unknown configuration `{name}`: ready ones are {}; or give the path of a TOML file", .known.join(", "))]
    Unknown { name: String, known: Vec<&'static str> },
    #[error("configuration does not parse: {0}")]
    Parse(String),
    #[error("configuration `{name}`: {what}")]
    Limit { name: String, what: String },
}

/// The ready configurations: name and TOML text.
const READY: [(&str, &str); 8] = [
    ("tiny", include_str!("../configs/tiny.toml")),
    ("tiny-int8", include_str!("../configs/tiny-int8.toml")),
    ("25f", include_str!("../configs/25f.toml")),
    ("25f-int8", include_str!("../configs/25f-int8.toml")),
    ("25f-contexts", include_str!("../configs/25f-contexts.toml")),
    ("25f-banked", include_str!("../configs/25f-banked.toml")),
    ("25f-chained", include_str!("../configs/25f-chained.toml")),
    ("85f", include_str!("../configs/85f.toml")),
];

/// Block RAMs of [`ROUTE_BANK`] places one above the other that hold so many routes: a power of two, so that the upper bits of a place can be ignored.
pub const fn route_banks(routes: usize) -> usize {
    routes.div_ceil(ROUTE_BANK).next_power_of_two()
}

impl ArrayConfig {
    /// Names of the configurations that come with Nernst.
    pub fn ready_names() -> impl Iterator<Item = &'static str> {
        READY.iter().map(|(name, _)| *name)
    }

    /// One of the configurations that come with Nernst.
    pub fn ready(name: &str) -> Result<Self, ConfigError> {
        let text = READY.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
        let text =
            text.ok_or_else(|| ConfigError::Unknown { name: name.into(), known: Self::ready_names().collect() })?;
        Self::from_toml(text)
    }

    /// A configuration from the text of a TOML file; see `configs/25f.toml` for one with every key.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        let file: ConfigFile = toml::from_str(text).map_err(|e| {
            let line = e.span().map(|span| text[..span.start.min(text.len())].lines().count().max(1));
            let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
            ConfigError::Parse(format!("{place}{}", e.message().replace('\n', "; ")))
        })?;
        let group = |g: &CoreGroup| {
            let CoreGroup { tiles, tiles_per_unit, weight_bits, contexts, banks, chain, .. } = *g;
            let core = CoreConfig { tiles, tiles_per_unit, weight_bits, contexts, banks, chain };
            // A count over the limit is refused below; repeating it no further than that keeps a typing error cheap.
            std::iter::repeat_n(core, g.count.min(MAX_CORES + 1))
        };
        let config = Self {
            cores: file.cores.iter().flat_map(group).collect(),
            name: file.name,
            clock_hz: file.clock_hz,
            baud: file.baud,
            inputs: file.inputs,
        };
        config.check()?;
        Ok(config)
    }

    /// Checks every limit; the message names the one that is exceeded.
    pub fn check(&self) -> Result<(), ConfigError> {
        let fail = |what: String| Err(ConfigError::Limit { name: self.name.clone(), what });
        if self.name.is_empty() || self.name.len() > crate::identity::MAX_NAME || !self.name.is_ascii() {
            return fail(format!("its name must be 1 to {} ASCII characters", crate::identity::MAX_NAME));
        }
        if self.cores.is_empty() || self.cores.len() > MAX_CORES {
            return fail(format!("{} cores: an array has 1 to {MAX_CORES}", self.cores.len()));
        }
        for (number, core) in self.cores.iter().enumerate() {
            if !(1..=MAX_TILES).contains(&core.tiles) {
                return fail(format!("core {number} has {} tiles: a core has 1 to {MAX_TILES}", core.tiles));
            }
            if !(1..=MAX_TILES_PER_UNIT).contains(&core.tiles_per_unit) || core.tiles % core.tiles_per_unit != 0 {
                return fail(format!(
                    "core {number}: {} tiles with {} to a neuron unit; a unit serves 1 to {MAX_TILES_PER_UNIT} and the tiles must divide",
                    core.tiles, core.tiles_per_unit
                ));
            }
            if core.units() > MAX_UNITS {
                return fail(format!(
                    "core {number} has {} neuron units: a core has at most {MAX_UNITS}; give a unit more tiles",
                    core.units()
                ));
            }
            if !(1..=MAX_BANKS).contains(&core.banks) {
                return fail(format!("core {number} has {} banks: a core has 1 or {MAX_BANKS}", core.banks));
            }
            if core.banks > 1 && core.weight_bits != WeightBits::Four {
                return fail(format!(
                    "core {number} has {} banks of {}: banked cores are INT4; wider membranes do not fit the neuron unit's multiplier",
                    core.banks, core.weight_bits
                ));
            }
            if core.banks > 1 && core.contexts > Contexts::ONE {
                return fail(format!(
                    "core {number} has {} banks and up to {} contexts: choose one of the two, more axons or more neurons",
                    core.banks, core.contexts
                ));
            }
            if core.banks > 1 && core.chain {
                return fail(format!(
                    "core {number} has {} banks and chain = true: choose one of the two, banks or chains, for more axons",
                    core.banks
                ));
            }
        }
        if self.neurons() > MAX_NEURONS {
            return fail(format!("{} neurons: an array has at most {MAX_NEURONS}", self.neurons()));
        }
        if !(1..=MAX_INPUTS).contains(&self.inputs) {
            return fail(format!("{} input lines: an array has 1 to {MAX_INPUTS}", self.inputs));
        }
        if self.baud == 0 || self.baud > self.clock_hz / 4 {
            return fail(format!(
                "{} baud at a clock of {} Hz: the receiver needs at least 4 clocks a bit",
                self.baud, self.clock_hz
            ));
        }
        Ok(())
    }

    /// Array numbers of neurons: those of all contexts that the cores can be loaded with.
    pub fn neurons(&self) -> usize {
        self.cores.iter().map(CoreConfig::all_neurons).sum()
    }
    /// Routes of the array: one for each neuron and each input line.
    pub fn routes(&self) -> usize {
        self.neurons() + self.inputs
    }
    /// Places of the block RAMs that hold the routes.
    pub fn route_places(&self) -> usize {
        route_banks(self.routes()) * ROUTE_BANK
    }
    /// Lanes of the array: neurons that it holds at a time.
    pub fn lanes(&self) -> usize {
        self.cores.iter().map(CoreConfig::neurons).sum()
    }
    /// Block RAMs that hold weights.
    pub fn block_rams(&self) -> usize {
        self.cores.iter().map(CoreConfig::block_rams).sum()
    }
    /// Most synaptic operations of a clock: one in every lane for each bank.
    pub fn peak(&self) -> usize {
        self.cores.iter().map(|core| core.banks * core.neurons()).sum()
    }
    /// Most banks of any core.
    pub fn banks(&self) -> usize {
        self.cores.iter().map(|core| core.banks).max().unwrap_or(1)
    }
    /// Array number of the first neuron of `core`.
    pub fn first_neuron(&self, core: usize) -> usize {
        self.cores[..core].iter().map(CoreConfig::all_neurons).sum()
    }
    /// Place of an array neuron in the order of turns: that of [`CoreConfig::turn_of`], core after core. Past the last neuron, its number.
    pub fn turn_of(&self, neuron: usize) -> usize {
        self.locate(neuron).map_or(neuron, |(core, local)| self.first_neuron(core) + self.cores[core].turn_of(local))
    }
    /// The array neuron with this place in the order of turns. Past the last, the place.
    pub fn at_turn(&self, turn: usize) -> usize {
        self.locate(turn).map_or(turn, |(core, local)| self.first_neuron(core) + self.cores[core].at_turn(local))
    }
    /// Core and number within it of an array neuron; `None` past the last.
    pub fn locate(&self, mut neuron: usize) -> Option<(usize, usize)> {
        for (number, core) in self.cores.iter().enumerate() {
            if neuron < core.all_neurons() {
                return Some((number, neuron));
            }
            neuron -= core.all_neurons();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_configurations_hold_their_promised_lanes() {
        for name in ArrayConfig::ready_names() {
            assert_eq!(ArrayConfig::ready(name).unwrap().name, name);
        }
        let lanes = |name| ArrayConfig::ready(name).unwrap().lanes();
        assert!(lanes("25f") >= 432);
        assert!(lanes("85f") >= 1710);
        let banked = ArrayConfig::ready("25f-banked").unwrap();
        assert_eq!((banked.lanes(), banked.block_rams(), banked.peak()), (216, 48, 432));
        assert!(banked.cores.iter().all(|core| core.axons() == 1024));
    }

    #[test]
    fn neurons_are_numbered_core_after_core() {
        let config = ArrayConfig::ready("25f").unwrap();
        for neuron in 0..config.neurons() {
            let (core, local) = config.locate(neuron).unwrap();
            assert_eq!(config.first_neuron(core) + local, neuron);
            assert_eq!(config.at_turn(config.turn_of(neuron)), neuron);
        }
        let mut turns: Vec<usize> = (0..config.neurons()).map(|neuron| config.turn_of(neuron)).collect();
        turns.sort_unstable();
        assert!(turns.into_iter().eq(0..config.neurons()));
        assert_eq!(config.locate(config.neurons()), None);
    }

    #[test]
    fn limits_are_named() {
        let refuse = |from: &str, to: &str| {
            let text = READY[0].1.replace(from, to);
            assert_ne!(text, READY[0].1, "nothing replaced");
            ArrayConfig::from_toml(&text).unwrap_err().to_string()
        };
        assert!(refuse("count = 2", "count = 17").contains("1 to 16"));
        assert!(refuse("weight_bits = 4", "weight_bits = 5").contains("choose 4 or 8"));
        assert!(refuse("tiles = 4", "tiles = 49").contains("core 0 has 49 tiles"));
        assert!(refuse("inputs = ", "inputz = ").contains("line"));
        assert!(refuse("weight_bits = 4", "weight_bits = 4\nbanks = 3").contains("core 0 has 3 banks"));
        assert!(refuse("weight_bits = 4", "weight_bits = 8\nbanks = 2").contains("banked cores are INT4"));
        assert!(
            refuse("weight_bits = 4", "weight_bits = 4\nbanks = 2\ncontexts = 2").contains("choose one of the two")
        );
        assert!(refuse("weight_bits = 4", "weight_bits = 4\nbanks = 2\nchain = true").contains("banks or chains"));
        assert!(ArrayConfig::ready("26f").unwrap_err().to_string().contains("tiny, tiny-int8, 25f"));
    }
}
