//! A configuration made for a network: the array on which it costs least, of those that a board has room for.
//!
//! All cores of a precision are alike. Tried are one core, two, and so on, each with as few tiles as the lanes take and some more; first plain ones, then cores
//! whose rows are shared by contexts, banked ones, and chains. Of those that hold the network the one with the fewest destinations of spikes wins, then
//! the shortest tick, then the fewest block RAMs.
//!
//! What a configuration takes of a chip is estimated; [`estimate`] says how. Only place and route tells for sure.

use super::{Options, integers_to_netlist, place};
use crate::mapper::netlist::Netlist;
use crate::mapper::placement::tick_clocks;
use crate::network::{Network, QuantiseError};
use nernst_spec::geometry::{MAX_CORES, MAX_TILES, MAX_TILES_PER_UNIT, route_banks};
use nernst_spec::memory::route_word;
use nernst_spec::{ArrayConfig, Contexts, CoreConfig, WeightBits};
use rust_hdl_bsp_ecp5::device::Resources;

/// Share of the lookup tables that a design may take: beyond, placing and routing becomes a matter of luck.
pub const LUT_SHARE: f64 = 0.85;
/// Block RAMs of the link.
const LINK_BLOCK_RAMS: usize = 2;
/// Multipliers of the ledger and the budget.
const LEDGER_MULTIPLIERS: usize = 2;
/// Lookup tables of link, router, ledger and control, and of a membrane bit with its share of everything else: a line through the reports of `tiny`, `25f` and
/// `85f` in `reports/`.
const BASE_LUTS: f64 = 5_300.0;
const LUTS_A_BIT: f64 = 2.05;
/// More for a lane with the sum of two banks (`25f-banked`), for one with contexts (`25f-contexts`), and for one of a core that can be chained
/// (`25f-chained`).
const LUTS_OF_BANKS: f64 = 8.0;
const LUTS_OF_CONTEXTS: f64 = 4.0;
const LUTS_OF_CHAINS: f64 = 1.0;
/// Input lines come in steps of so many.
const LINES_STEP: usize = 64;

/// A configuration that holds a network, and what it costs there.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    pub config: ArrayConfig,
    /// Rooms that spikes go to, over all sources.
    pub destinations: usize,
    /// Clocks of a tick in which every source fires.
    pub clocks: u64,
    /// What it takes of a chip, estimated.
    pub takes: Resources,
}

/// Why no configuration was found.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum FitError {
    #[error(transparent)]
    Quantise(#[from] QuantiseError),
    #[error(transparent)]
    Loop(#[from] crate::circuit::schedule::LoopError),
    #[error(
        "network `{network}` fits no array on this chip: it needs {neurons} neurons, the widest of which hears {widest} sources, \
         and the chip has block RAMs for {lanes} INT4 or {lanes8} INT8 neurons of 512 sources each"
    )]
    TooLarge { network: String, neurons: usize, widest: usize, lanes: usize, lanes8: usize },
}

/// Kinds of cores, in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Contexts(u8),
    Banked,
    Chains,
}

const KINDS: [Kind; 6] =
    [Kind::Contexts(0), Kind::Chains, Kind::Banked, Kind::Contexts(1), Kind::Contexts(2), Kind::Contexts(3)];

/// What a configuration takes of a chip. Block RAMs and multipliers are those of the design; lookup tables follow from what `25f`, `85f` and `tiny` take,
/// to some percent.
pub fn estimate(config: &ArrayConfig) -> Resources {
    let cores = config.cores.iter();
    let schedulers: usize = cores.clone().map(|core| core.banks).sum();
    let bytes = (route_word::low_bits(config.banks()) as usize + config.cores.len()).div_ceil(9);
    let luts = cores.clone().map(|core| {
        let more = [
            (core.banks > 1, LUTS_OF_BANKS),
            (core.contexts > Contexts::ONE, LUTS_OF_CONTEXTS),
            (core.chain, LUTS_OF_CHAINS),
        ];
        let more: f64 = more.iter().filter(|(has, _)| *has).map(|(_, luts)| luts).sum();
        core.neurons() as f64 * (LUTS_A_BIT * core.membrane_bits() as f64 + more)
    });
    Resources {
        luts: (BASE_LUTS + luts.sum::<f64>()) as usize,
        block_rams: config.block_rams() + schedulers + route_banks(config.routes()) * bytes + LINK_BLOCK_RAMS,
        multipliers: cores.map(CoreConfig::units).sum::<usize>() + LEDGER_MULTIPLIERS,
    }
}

fn has_room(chip: &Resources, takes: &Resources) -> bool {
    takes.luts as f64 <= LUT_SHARE * chip.luts as f64
        && takes.block_rams <= chip.block_rams
        && takes.multipliers <= chip.multipliers
}

/// The configurations that hold a network on a chip, the best first; all of the first kind of cores of which there are any. `base`: name, clock and baud rate.
pub fn fit(network: &Network, chip: &Resources, base: &ArrayConfig, options: Options) -> Result<Vec<Fit>, FitError> {
    let netlist = integers_to_netlist(&network.integers()?, options)?.1;
    for kind in KINDS {
        let mut fits: Vec<Fit> =
            candidates(&netlist, kind, base).filter_map(|config| try_fit(&netlist, config, chip)).collect();
        if !fits.is_empty() {
            fits.sort_by_key(|fit| (fit.destinations, fit.clocks, fit.takes.block_rams, fit.takes.luts));
            return Ok(fits);
        }
    }
    Err(FitError::TooLarge {
        network: network.name.clone(),
        neurons: netlist.cells.len(),
        widest: netlist.cells.iter().map(|cell| cell.heard.len()).max().unwrap_or(0),
        lanes: chip.block_rams * WeightBits::Four.lanes(),
        lanes8: chip.block_rams * WeightBits::Eight.lanes(),
    })
}

fn try_fit(netlist: &Netlist, config: ArrayConfig, chip: &Resources) -> Option<Fit> {
    let takes = estimate(&config);
    if config.check().is_err() || !has_room(chip, &takes) {
        return None;
    }
    let mapped = place(netlist, &config).ok()?;
    let clocks = tick_clocks(&mapped, &config);
    Some(Fit { destinations: mapped.destinations, clocks, takes, config })
}

/// Arrays of so many cores of each precision that the network has, with so many tiles.
fn candidates(netlist: &Netlist, kind: Kind, base: &ArrayConfig) -> impl Iterator<Item = ArrayConfig> {
    let needed = |bits: WeightBits| netlist.cells.iter().filter(|cell| cell.weight_bits == bits).count();
    let four = groups(WeightBits::Four, needed(WeightBits::Four), kind);
    let eight = groups(WeightBits::Eight, needed(WeightBits::Eight), kind);
    let inputs = netlist.lines.next_multiple_of(LINES_STEP);
    let with = move |cores: Vec<CoreConfig>| ArrayConfig { inputs, cores, ..base.clone() };
    four.into_iter()
        .flat_map(move |four| eight.clone().into_iter().map(move |eight| [&four[..], &eight].concat()))
        .map(with)
}

/// Cores of one precision for so many neurons: of every number the fewest tiles, and some more.
fn groups(bits: WeightBits, neurons: usize, kind: Kind) -> Vec<Vec<CoreConfig>> {
    if neurons == 0 {
        return vec![vec![]];
    }
    let (contexts, banks, chain) = match kind {
        Kind::Contexts(log2) => (Contexts::from_log2(log2), 1, false),
        // There is no banked INT8 core.
        Kind::Banked if bits == WeightBits::Eight => return vec![],
        Kind::Banked => (Contexts::ONE, 2, false),
        Kind::Chains => (Contexts::ONE, 1, true),
    };
    let mut groups = vec![];
    for count in 1..=MAX_CORES {
        let fewest = neurons.div_ceil(count * bits.lanes() * contexts.count());
        let whole =
            |tiles: usize| if tiles < MAX_TILES_PER_UNIT { tiles } else { tiles.next_multiple_of(MAX_TILES_PER_UNIT) };
        // In a chain only the last core has neurons.
        let more =
            if chain { vec![fewest, 2 * fewest, 3 * fewest, 4 * fewest] } else { vec![fewest, fewest + 1, fewest + 4] };
        let mut sizes: Vec<usize> = more.into_iter().map(whole).filter(|tiles| *tiles <= MAX_TILES).collect();
        sizes.dedup();
        groups.extend(sizes.into_iter().map(|tiles| {
            let tiles_per_unit = tiles.min(MAX_TILES_PER_UNIT);
            vec![CoreConfig { tiles, tiles_per_unit, weight_bits: bits, contexts, banks, chain }; count]
        }));
    }
    groups
}

impl Fit {
    /// The configuration as the text of its file.
    pub fn to_toml(&self, comment: &str) -> String {
        let ArrayConfig { name, clock_hz, baud, inputs, cores } = &self.config;
        let mut text =
            format!("# {comment}\nname = \"{name}\"\nclock_hz = {clock_hz}\nbaud = {baud}\ninputs = {inputs}\n");
        for group in cores.chunk_by(|a, b| a == b) {
            let CoreConfig { tiles, tiles_per_unit, weight_bits, contexts, banks, chain } = group[0];
            text += &format!(
                "\n[[cores]]\ncount = {}\ntiles = {tiles}\ntiles_per_unit = {tiles_per_unit}\nweight_bits = {}\n",
                group.len(),
                weight_bits.bits()
            );
            if contexts > Contexts::ONE {
                text += &format!("contexts = {}\n", contexts.count());
            }
            if banks > 1 {
                text += &format!("banks = {banks}\n");
            }
            if chain {
                text += "chain = true\n";
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::layers::Layer;
    use crate::coding::{Code, Coding};
    use crate::data::Random;
    use nernst_spec::tick::Reset;
    use rust_hdl_bsp_ecp5::device::resources;
    use std::path::Path;

    fn base() -> ArrayConfig {
        ArrayConfig { name: "fit".into(), ..ArrayConfig::ready("25f").unwrap() }
    }

    fn network(bits: WeightBits, sizes: &[usize]) -> Network {
        let mut random = Random::new(3);
        let mut layer = |pair: &[usize]| Layer {
            threshold: 9.0,
            leak: 480,
            reset: Reset::Zero,
            weights: (0..pair[1]).map(|_| (0..pair[0]).map(|_| 1.0 + random.below(7) as f32).collect()).collect(),
            recurrent: None,
        };
        let layers: Vec<Layer> = sizes.windows(2).map(&mut layer).collect();
        Network::of_layers("net", Code { coding: Coding::Rate, ticks: 16 }, bits, &layers)
    }

    #[test]
    fn estimates_are_near_what_was_placed_and_routed() {
        let mut compared = 0;
        for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../reports")).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let Ok(report) = serde_json::from_str::<serde_json::Value>(&text) else { continue };
            let Some(name) = report["configuration"].as_str() else { continue };
            let Ok(config) = ArrayConfig::ready(name) else { continue };
            let used = |what: &str| report["utilization"][what]["used"].as_u64().unwrap() as usize;
            let takes = estimate(&config);
            assert_eq!(takes.block_rams, used("DP16KD"), "{}", path.display());
            // One report is older than the budget.
            assert!(takes.multipliers - used("MULT18X18D") <= 1, "{}", path.display());
            let luts = takes.luts as f64 / used("TRELLIS_COMB") as f64;
            assert!((0.9..1.1).contains(&luts), "{}: {luts}", path.display());
            compared += 1;
        }
        assert!(compared >= 5, "{compared} reports");
    }

    #[test]
    fn what_fits_is_a_configuration_that_holds_the_network() {
        let chip = resources("LFE5U-25F").unwrap();
        let mut made = vec![];
        for (bits, sizes) in [
            (WeightBits::Four, &[64, 128, 10][..]),
            (WeightBits::Eight, &[64, 90, 10]),
            // More lanes than the chip has: contexts. More sources than a core has axons: chains.
            (WeightBits::Four, &[60, 100, 100, 100, 100, 100, 100, 10]),
            (WeightBits::Eight, &[784, 30, 10]),
        ] {
            let network = network(bits, sizes);
            let fits = fit(&network, &chip, &base(), Options::default()).unwrap();
            let best = &fits[0];
            let config = ArrayConfig::from_toml(&best.to_toml("made")).unwrap();
            assert_eq!(config, best.config);
            let (image, placement) = crate::mapper::compile(&network, &config).unwrap();
            image.check().unwrap();
            assert_eq!(placement.clocks_busiest, best.clocks, "{sizes:?}");
            assert!(fits.iter().all(|fit| has_room(&chip, &fit.takes) && fit.destinations >= best.destinations));
            let Fit { destinations, clocks, takes, .. } = best;
            let comment =
                format!("{destinations} destinations, {clocks} clocks, {takes:?}; of {} that fit", fits.len());
            made.push(best.to_toml(&comment));
        }
        insta::assert_snapshot!(made.join("\n"));
        let error = fit(&network(WeightBits::Eight, &[64, 3000, 10]), &chip, &base(), Options::default()).unwrap_err();
        let error = error.to_string();
        assert!(error.contains("needs 3010 neurons") && error.contains("for 504 INT4 or 224 INT8 neurons"), "{error}");
    }
}
