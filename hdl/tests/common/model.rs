//! A straightforward model of an array, and random networks for it.

use nernst_spec::chain::chains;
use nernst_spec::geometry::AXONS;
use nernst_spec::image::CoreImage;
use nernst_spec::ledger::{ArrayCounter, CoreCounter};
use nernst_spec::memory::Route;
use nernst_spec::tick::{Parameters, Reset, chain_sum, clamp_limits, max_threshold, update};
use nernst_spec::timing::{
    CHOICE_CLOCKS, CHOICE_START, GROUP_BITS, GROUPS, PASS_OVERHEAD, banks_clocks, context_walk_clocks, group_clocks,
    load_clocks, turn_clocks,
};
use nernst_spec::{ArrayConfig, Contexts, CoreConfig, Image, Ledger};
use rust_hdl_bsp_ecp5::cosim::Rng;
use std::collections::BTreeSet;
use std::ops::Range;

pub struct Model {
    image: Image,
    pub membranes: Vec<Vec<i32>>,
    /// Axons with an event, by core and ticks ahead.
    pending: Vec<Vec<BTreeSet<u16>>>,
    pub ledger: Ledger,
}

impl Model {
    pub fn new(image: &Image) -> Self {
        let cores = &image.config.cores;
        Self {
            image: image.clone(),
            membranes: image.cores.iter().map(|core| vec![0; core.parameters.len()]).collect(),
            pending: cores.iter().map(|_| vec![BTreeSet::new(); 16]).collect(),
            ledger: Ledger::new(cores.len()),
        }
    }

    fn route(&mut self, route: Route) {
        if route.cores == 0 {
            return;
        }
        self.ledger.count(ArrayCounter::BusTransfers, 1);
        self.ledger.count(ArrayCounter::BusDestinations, u64::from(route.cores.count_ones()));
        for core in (0..self.pending.len()).filter(|core| route.cores >> core & 1 == 1) {
            self.pending[core][route.delay as usize].insert(route.axon);
        }
    }

    pub fn input(&mut self, line: usize) {
        self.ledger.count(ArrayCounter::HostSpikesIn, 1);
        self.route(self.image.inputs.get(line).copied().unwrap_or_default());
    }

    /// Of each core, whether it is in a chain of which some core has anything to do.
    fn turning_chains(&self) -> Vec<bool> {
        let has_work = |core: usize| {
            let membranes = self.membranes[core].iter().any(|v| *v != 0);
            membranes || !self.pending[core][0].is_empty() || self.image.cores[core].dense != 0
        };
        let settings: Vec<_> = self.image.cores.iter().map(CoreImage::settings).collect();
        let turns = |chain: Range<usize>| vec![chain.len() > 1 && chain.clone().any(has_work); chain.len()];
        chains(&settings).into_iter().flat_map(turns).collect()
    }

    /// The host's spikes by their places in the order of turns.
    pub fn tick(&mut self) -> Vec<u16> {
        let mut fired = vec![];
        // What the cores of a chain before this one hand on to it.
        let mut handed: Vec<i32> = vec![];
        for (core, chain_turns) in self.turning_chains().into_iter().enumerate() {
            let shape = self.image.config.cores[core];
            let events = std::mem::take(&mut self.pending[core][0]);
            let count = events.len() as u64;
            let mut groups = vec![0u64; shape.banks * GROUPS];
            events.iter().for_each(|axon| groups[*axon as usize / GROUP_BITS] |= 1 << (*axon as usize % GROUP_BITS));
            let dense = |group: usize| {
                if group < GROUPS { (self.image.cores[core].dense >> (4 * group) & 15) as u8 } else { 0 }
            };
            let groups: Vec<u32> =
                groups.iter().enumerate().map(|(group, &events)| group_clocks(events, dense(group))).collect();
            let CoreImage { contexts, counting, .. } = self.image.cores[core];
            let is_dense = |axon: u16| axon < 512 && self.image.cores[core].dense >> (axon / 16) & 1 == 1;
            let fetched =
                (0..shape.axons() as u16).filter(|axon| is_dense(*axon) || events.contains(axon)).count() as u64;
            let mut nonzero = 0;
            let several = contexts > Contexts::ONE;
            let (mut busy, mut spikes, mut turns) = (if several { CHOICE_START } else { banks_clocks(&groups) }, 0, 0);
            for (context, membranes) in self.membranes[core].chunks_mut(shape.neurons()).enumerate() {
                let heard: Vec<_> = events.iter().filter(|&&axon| contexts.of_row(axon as usize) == context).collect();
                let groups = &groups[contexts.rows() / GROUP_BITS * context..][..contexts.rows() / GROUP_BITS];
                let first_row = contexts.rows() * context;
                let any_dense = (first_row..first_row + contexts.rows().min(512)).any(|axon| is_dense(axon as u16));
                let active = chain_turns || !heard.is_empty() || any_dense || membranes.iter().any(|v| *v != 0);
                for axon in heard {
                    if let Some(weights) = self.image.cores[core].rows.get(axon) {
                        membranes.iter_mut().zip(weights).for_each(|(v, w)| *v += i32::from(*w));
                        nonzero +=
                            if counting { weights.iter().filter(|weight| **weight != 0).count() as u64 } else { 0 };
                    }
                }
                if several {
                    busy += CHOICE_CLOCKS;
                    busy += match active {
                        true => load_clocks(&shape) + context_walk_clocks(groups.iter().copied()),
                        false => PASS_OVERHEAD + groups.len() as u64,
                    };
                }
                if !active {
                    continue;
                }
                turns += 1;
                busy += turn_clocks(&shape);
                if chain_turns {
                    handed.resize(membranes.len(), 0);
                    membranes.iter_mut().zip(handed.drain(..)).for_each(|(v, handed)| *v += handed);
                    if self.image.cores[core].chained {
                        handed = membranes.to_vec();
                        membranes.fill(0);
                        continue;
                    }
                    membranes.iter_mut().for_each(|v| *v = chain_sum(*v, shape.weight_bits));
                }
                for (lane, v) in membranes.iter_mut().enumerate() {
                    let n = context * shape.neurons() + lane;
                    let (spike, after) = update(*v, &self.image.cores[core].parameters[n], shape.weight_bits);
                    *v = after;
                    if spike {
                        spikes += 1;
                        fired.push((core, n));
                    }
                }
            }
            let neurons = shape.neurons() as u64;
            for (counter, amount) in [
                (CoreCounter::Events, count),
                (CoreCounter::RowsFetched, fetched * shape.tiles as u64),
                (CoreCounter::SynapticOperations, fetched * neurons),
                (CoreCounter::NonzeroOperations, nonzero),
                (CoreCounter::NeuronUpdates, turns * neurons),
                (CoreCounter::Spikes, spikes),
                (CoreCounter::ContextLoads, if several { turns } else { 0 }),
                (CoreCounter::BusyClocks, busy),
            ] {
                self.ledger.count_core(core, counter, amount);
            }
        }
        let mut host = vec![];
        for (core, n) in fired {
            let route = self.image.cores[core].routes[n];
            self.route(route);
            if route.host {
                host.push(self.image.config.turn_of(self.image.config.first_neuron(core) + n) as u16);
            }
        }
        host.sort_unstable();
        self.ledger.count(ArrayCounter::HostSpikesOut, host.len() as u64);
        self.ledger.count(ArrayCounter::Ticks, 1);
        self.pending.iter_mut().for_each(|slots| slots.rotate_left(1));
        host
    }
}

/// A network that fires: half of the axons have rows, every neuron goes somewhere.
pub fn random_image(config: &ArrayConfig, rng: &mut Rng) -> Image {
    let mut image = Image::empty("random", config);
    let cores = config.cores.len() as u64;
    for (core, shape) in config.cores.iter().enumerate() {
        image.cores[core] = random_core(shape, rng);
    }
    chain(&mut image, rng);
    let all: Vec<(CoreConfig, Contexts)> =
        config.cores.iter().copied().zip(image.cores.iter().map(|core| core.contexts)).collect();
    let banked = (0..config.cores.len()).filter(|&core| config.cores[core].banks > 1);
    let banked = banked.fold(0, |mask, core| mask | 1 << core);
    let route = |rng: &mut Rng, shortest: u64| {
        let cores = rng.below(1 << cores) as u16;
        let axon = axon(rng, |axon| all.iter().all(|(shape, contexts)| !contexts.is_state(shape, axon)));
        // The other bank where all that hear it have one.
        let bank = if banked != 0 && cores & !banked == 0 { AXONS as u16 * rng.below(2) as u16 } else { 0 };
        Route {
            cores,
            axon: axon + bank,
            // Half of the inputs are due in the tick that follows.
            delay: if shortest == 0 && rng.one_in(2) { 0 } else { (shortest + rng.below(16 - shortest)) as u8 },
            host: rng.one_in(2),
        }
    };
    for (core, shape) in image.cores.iter_mut().zip(&config.cores) {
        let silent = Parameters::silent(shape.weight_bits);
        core.routes =
            core.parameters.iter().map(|p| if *p == silent { Route::default() } else { route(rng, 1) }).collect();
    }
    image.inputs = (0..config.inputs).map(|_| route(rng, 0)).collect();
    image.check().unwrap();
    image
}

/// Chains most of the cores that can be: their neurons are silent, and all of a chain count or none.
fn chain(image: &mut Image, rng: &mut Rng) {
    for core in 0..image.cores.len() {
        let one = |core: usize| image.cores[core].contexts == Contexts::ONE;
        let chained = image.config.can_be_chained(core) && one(core) && one(core + 1) && !rng.one_in(4);
        image.cores[core].chained = chained;
        if chained {
            image.cores[core].parameters.fill(Parameters::silent(image.config.cores[core].weight_bits));
        }
    }
    let settings: Vec<_> = image.cores.iter().map(CoreImage::settings).collect();
    for chain in chains(&settings).into_iter().filter(|chain| chain.len() > 1) {
        image.cores[chain].iter_mut().for_each(|core| core.counting = false);
    }
}

/// Few axons, so that events meet; among them those at the ends of a slot's words.
fn axon(rng: &mut Rng, good: impl Fn(usize) -> bool) -> u16 {
    loop {
        let axon = [0, 1, 2, 14, 15, 16, 17, 63, 64, 127, 130, 193, 300, 301, 302, 303, 320, 385, 447, 448, 510, 511]
            [rng.below(22) as usize];
        if good(axon as usize) {
            return axon;
        }
    }
}

fn random_core(shape: &CoreConfig, rng: &mut Rng) -> CoreImage {
    let bits = shape.weight_bits;
    let weight = |rng: &mut Rng| {
        let range = (bits.max_weight() - bits.min_weight() + 1) as u64;
        (bits.min_weight() + rng.below(range) as i32) as i8
    };
    let contexts = Contexts::from_log2(rng.below(u64::from(shape.contexts.log2()) + 1) as u8);
    let counting = shape.can_count() && rng.one_in(2);
    let dense = if shape.banks == 1 && rng.one_in(2) { rng.next_u64() as u32 & rng.next_u64() as u32 } else { 0 };
    // Lanes that count have no weight and no neuron.
    let silent = |n: usize| counting && n % shape.neurons() >= shape.counted_neurons();
    let rows = (0..18 * shape.banks)
        .map(|_| {
            let axon = axon(rng, |axon| !contexts.is_state(shape, axon));
            let bank = if shape.banks > 1 { AXONS as u16 * rng.below(2) as u16 } else { 0 };
            (axon + bank, (0..shape.neurons()).map(|n| if silent(n) { 0 } else { weight(rng) }).collect())
        })
        .collect();
    let parameters = (0..contexts.count() * shape.neurons())
        .map(|n| {
            if silent(n) {
                return Parameters::silent(bits);
            }
            let highest = if rng.one_in(16) { max_threshold(bits) as u64 } else { bits.max_weight() as u64 };
            let threshold = 1 + rng.below(highest) as u32;
            let leak = [0, 256, 500, 511, 512][rng.below(5) as usize];
            Parameters { threshold, leak, reset: if rng.one_in(2) { Reset::Zero } else { Reset::Subtract } }
        })
        .collect();
    CoreImage { contexts, counting, dense, chained: false, rows, parameters, routes: vec![] }
}

/// Every membrane is within the limits that a tick keeps.
pub fn within_limits(shape: &CoreConfig, membranes: &[i32]) -> bool {
    let (low, high) = clamp_limits(shape.weight_bits);
    membranes.iter().all(|v| (low..=high).contains(v))
}
