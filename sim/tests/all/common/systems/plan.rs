//! What random systems are made of.
//!
//! Parts of a plan do not depend on each other, so that each shrinks alone: whatever the numbers are, [`Plan::config`] makes an array that exists of
//! them, and [`Plan::on`] an image that fits its array. A number that is too high for its place counts from there again.

use super::System;
use nernst_spec::chain::{MAX_CHAIN, chains};
use nernst_spec::geometry::{AXONS, MAX_DELAY};
use nernst_spec::image::CoreImage;
use nernst_spec::memory::Route;
use nernst_spec::tick::{LEAK_ONE, Parameters, Reset, max_threshold};
use nernst_spec::{ArrayConfig, Contexts, CoreConfig, Image, WeightBits};
use proptest::collection::vec;
use proptest::prelude::*;
use std::ops::RangeInclusive;

/// Cores of an array whose shape is drawn, too.
const MOST_CORES: usize = 4;
const MOST_TILES: usize = 4;

/// A system before it is built.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Input lines of the array, where its shape is drawn.
    lines: usize,
    cores: Vec<CorePlan>,
    /// Axons that routes lead to and rows are of: few, so that spikes meet.
    axons: Vec<u16>,
    /// Routes of input lines, one after the other and from the first again, then to the next axon each.
    inputs: Vec<RoutePlan>,
    samples: Vec<Vec<TickPlan>>,
}

/// Input lines of a tick.
#[derive(Clone, Debug)]
enum TickPlan {
    Lines(Vec<u16>),
    /// As many as there are.
    All,
}

#[derive(Clone, Debug)]
struct CorePlan {
    shape: Shape,
    /// Binary logarithm of the contexts that it is loaded with.
    contexts: u8,
    counting: bool,
    chained: bool,
    dense: u32,
    /// Weights, of which each row takes those from another one on.
    weights: Vec<i8>,
    neurons: Vec<NeuronPlan>,
}

#[derive(Clone, Debug)]
struct Shape {
    tiles: usize,
    tiles_per_unit: usize,
    eight_bits: bool,
    contexts: u8,
    two_banks: bool,
    chain: bool,
}

#[derive(Clone, Debug)]
struct NeuronPlan {
    /// Below 300, as for most neurons: within reach of a few events, in weights of eight bits. Others: anywhere up to the highest.
    threshold: u32,
    leak: u16,
    subtract: bool,
    route: RoutePlan,
}

#[derive(Clone, Debug)]
struct RoutePlan {
    cores: u16,
    axon: usize,
    other_bank: bool,
    delay: u8,
    host: bool,
}

fn route() -> impl Strategy<Value = RoutePlan> {
    let delay = prop_oneof![3 => 0..4u8, 1 => 0..=MAX_DELAY];
    (any::<u16>(), 0..AXONS, any::<bool>(), delay, prop::bool::weighted(0.6))
        .prop_map(|(cores, axon, other_bank, delay, host)| RoutePlan { cores, axon, other_bank, delay, host })
}

fn neuron() -> impl Strategy<Value = NeuronPlan> {
    let threshold = prop_oneof![6 => 1..300u32, 1 => Just(u32::MAX), 1 => any::<u32>()];
    let leak = prop_oneof![Just(0), Just(LEAK_ONE), Just(LEAK_ONE - 1), Just(1), 0..=LEAK_ONE];
    (threshold, leak, any::<bool>(), route()).prop_map(|(threshold, leak, subtract, route)| NeuronPlan {
        threshold,
        leak,
        subtract,
        route,
    })
}

fn shape() -> impl Strategy<Value = Shape> {
    let contexts = prop_oneof![2 => Just(0), 1 => 1..4u8];
    (1..=MOST_TILES, 1..4usize, any::<bool>(), contexts, prop::bool::weighted(0.3), any::<bool>()).prop_map(
        |(tiles, tiles_per_unit, eight_bits, contexts, two_banks, chain)| Shape {
            tiles,
            tiles_per_unit,
            eight_bits,
            contexts,
            two_banks,
            chain,
        },
    )
}

fn core(flood: bool) -> impl Strategy<Value = CorePlan> {
    let extreme = || prop_oneof![Just(i8::MIN), Just(i8::MAX)];
    let any_weight = prop_oneof![4 => any::<i8>(), 1 => extreme(), 1 => Just(0)];
    // Sparse ones leave rings, tiles and cores at rest.
    let sparse = prop_oneof![12 => Just(0), 1 => any::<i8>()];
    let weights = match flood {
        true => vec(extreme(), 1..4).boxed(),
        false => prop_oneof![2 => vec(any_weight, 1..60), 1 => vec(sparse, 1..100)].boxed(),
    };
    let dense = prop_oneof![2 => Just(0), 1 => any::<u32>()];
    (shape(), 0..4u8, any::<bool>(), prop::bool::weighted(0.7), dense, weights, vec(neuron(), 1..30)).prop_map(
        |(shape, contexts, counting, chained, dense, weights, neurons)| CorePlan {
            shape,
            contexts,
            counting,
            chained,
            dense,
            weights,
            neurons,
        },
    )
}

/// Any system.
pub fn plan() -> impl Strategy<Value = Plan> {
    network(1..=MOST_CORES, 3, 15)
}

/// Any network with its spikes, for an array that is there.
pub fn network_for(config: &ArrayConfig, samples: usize, ticks: usize) -> impl Strategy<Value = Plan> + use<> {
    network(config.cores.len()..=config.cores.len(), samples, ticks)
}

fn network(cores: RangeInclusive<usize>, samples: usize, ticks: usize) -> impl Strategy<Value = Plan> {
    prop_oneof![
        4 => network_of(cores.clone(), samples, ticks, false),
        1 => network_of(cores, samples, ticks, true)
    ]
}

/// A flood goes to all axons of an array at once, with weights that take membranes to the ends of their range; other networks have few axons, on which
/// spikes meet.
fn network_of(cores: RangeInclusive<usize>, samples: usize, ticks: usize, flood: bool) -> impl Strategy<Value = Plan> {
    let axon = prop_oneof![Just(0), Just(AXONS as u16 - 1), 0..AXONS as u16];
    let axons = if flood { Just((0..AXONS as u16).collect()).boxed() } else { vec(axon, 1..16).boxed() };
    let lines = if flood { (400..1_000usize).boxed() } else { (1..40usize).boxed() };
    // Bursts, and silence in which cores come to rest.
    let all = if flood { 12 } else { 1 };
    let tick = prop_oneof![
        12 => vec(any::<u16>(), 0..10).prop_map(TickPlan::Lines),
        4 => Just(TickPlan::Lines(vec![])),
        all => Just(TickPlan::All),
    ];
    let samples = vec(vec(tick, 0..=ticks), 1..=samples);
    (lines, vec(core(flood), cores), axons, vec(route(), 1..24), samples)
        .prop_map(|(lines, cores, axons, inputs, samples)| Plan { lines, cores, axons, inputs, samples })
}

impl Shape {
    fn build(&self) -> CoreConfig {
        let weight_bits = if self.eight_bits { WeightBits::Eight } else { WeightBits::Four };
        let two_banks = self.two_banks && !self.eight_bits;
        let shared = (1..=self.tiles_per_unit).rev().find(|shared| self.tiles.is_multiple_of(*shared));
        CoreConfig {
            tiles: self.tiles,
            tiles_per_unit: shared.unwrap_or(1),
            weight_bits,
            contexts: if two_banks { Contexts::ONE } else { Contexts::from_log2(self.contexts) },
            banks: 1 + two_banks as usize,
            chain: self.chain && !two_banks,
        }
    }
}

impl Plan {
    /// The array whose shape the plan says.
    pub fn config(&self) -> ArrayConfig {
        let mut cores: Vec<CoreConfig> = self.cores.iter().map(|core| core.shape.build()).collect();
        // Only cores of one shape are chained: one that is to be has the shape of the one before.
        for core in 1..cores.len() {
            if cores[core - 1].chain && self.cores[core - 1].chained {
                cores[core] = cores[core - 1];
            }
        }
        ArrayConfig { name: "random".into(), clock_hz: 50_000_000, baud: 3_000_000, inputs: self.lines, cores }
    }

    /// The system on an array, as far as that can have it.
    pub fn on(&self, config: &ArrayConfig) -> System {
        let mut image = Image::empty("random", config);
        let plans = || self.cores.iter().cycle().zip(&config.cores);
        for ((plan, shape), core) in plans().zip(&mut image.cores) {
            let contexts = Contexts::from_log2(plan.contexts).min(shape.contexts);
            *core = CoreImage::silent(shape, contexts);
            core.counting = plan.counting && shape.can_count();
            core.dense = if shape.banks == 1 { plan.dense } else { 0 };
        }
        self.chain(&mut image);

        let is_state = |image: &Image, axon: usize| {
            image.cores.iter().zip(&config.cores).any(|(core, shape)| core.contexts.is_state(shape, axon))
        };
        let mut axons = self.axons.clone();
        axons.retain(|axon| !is_state(&image, *axon as usize));
        if axons.is_empty() {
            axons.push(0);
        }
        for ((plan, shape), core) in plans().zip(&mut image.cores) {
            plan.fill(shape, core, &axons);
        }
        let route = |plan: &RoutePlan, shortest: u8, round: usize| plan.build(config, &axons, shortest, round);
        for ((plan, shape), core) in plans().zip(&mut image.cores).filter(|(_, core)| !core.chained) {
            for neuron in core.used(shape) {
                core.routes[neuron] =
                    route(&plan.neurons[neuron % plan.neurons.len()].route, 1, neuron / plan.neurons.len());
            }
        }
        let lines = config.inputs;
        let count = self.inputs.len();
        image.inputs = (0..lines).map(|line| route(&self.inputs[line % count], 0, line / count)).collect();
        image.check().unwrap_or_else(|error| panic!("a plan makes an image that is none: {error}\n{self:?}"));
        let tick = |spikes: &TickPlan| {
            let mut spikes: Vec<u16> = match spikes {
                TickPlan::Lines(spikes) => spikes.iter().map(|line| line % lines as u16).collect(),
                TickPlan::All => (0..lines as u16).collect(),
            };
            spikes.sort_unstable();
            spikes.dedup();
            spikes
        };
        let samples = self.samples.iter().map(|ticks| ticks.iter().map(tick).collect()).collect();
        System { image, samples }
    }

    /// Chains what wants to be and can be. The cores of a chain count all or none.
    fn chain(&self, image: &mut Image) {
        let config = image.config.clone();
        let settings = |image: &Image| image.cores.iter().map(CoreImage::settings).collect::<Vec<_>>();
        for (core, plan) in (0..config.cores.len()).zip(self.cores.iter().cycle()) {
            if plan.chained && config.can_be_chained(core) {
                image.cores[core].chained = true;
                let alone = [core, core + 1].iter().all(|&core| image.cores[core].contexts == Contexts::ONE);
                let longest = chains(&settings(image)).into_iter().map(|chain| chain.len()).max();
                image.cores[core].chained = alone && longest <= Some(MAX_CHAIN);
            }
        }
        for chain in chains(&settings(image)).into_iter().filter(|chain| chain.len() > 1) {
            let first = chain.start;
            let counting = image.cores[first].counting && config.cores[first].can_count_in_chain(chain.len());
            image.cores[chain].iter_mut().for_each(|core| core.counting = counting);
        }
    }
}

/// Neurons of a core that a network can use.
trait Used {
    fn used(&self, shape: &CoreConfig) -> Vec<usize>;
}

impl Used for CoreImage {
    fn used(&self, shape: &CoreConfig) -> Vec<usize> {
        let used = if self.counting { shape.counted_neurons() } else { shape.neurons() };
        (0..self.parameters.len()).filter(|neuron| neuron % shape.neurons() < used).collect()
    }
}

impl CorePlan {
    /// Rows and parameters.
    fn fill(&self, shape: &CoreConfig, core: &mut CoreImage, axons: &[u16]) {
        let bits = shape.weight_bits;
        let used = if core.counting { shape.counted_neurons() } else { shape.neurons() };
        for (number, axon) in (0..shape.banks * axons.len()).map(|n| (n, axons[n % axons.len()])) {
            let bank = (number / axons.len() * AXONS) as u16;
            let weight = |neuron: usize| match neuron < used {
                true => self.weights[(7 * number + neuron) % self.weights.len()] >> (8 - bits.bits()),
                false => 0,
            };
            core.rows.insert(bank + axon, (0..shape.neurons()).map(weight).collect());
        }
        if core.chained {
            // Its neurons are those of the next core.
            return;
        }
        for neuron in core.used(shape) {
            let plan = &self.neurons[neuron % self.neurons.len()];
            core.parameters[neuron] = Parameters {
                // INT4 has smaller weights.
                threshold: match plan.threshold {
                    low @ 0..300 => (low >> (8 - bits.bits())).max(1),
                    high => 1 + high % max_threshold(bits),
                },
                leak: plan.leak,
                reset: if plan.subtract { Reset::Subtract } else { Reset::Zero },
            };
        }
    }
}

impl RoutePlan {
    fn build(&self, config: &ArrayConfig, axons: &[u16], shortest: u8, round: usize) -> Route {
        let mut cores = self.cores & ((1u32 << config.cores.len()) - 1) as u16;
        let of_banks = config.cores.iter().enumerate().map(|(core, shape)| u16::from(shape.banks > 1) << core);
        let banked = cores & of_banks.sum::<u16>();
        // Only cores of two banks hear an axon of the second.
        let other_bank = self.other_bank && banked != 0;
        if other_bank {
            cores = banked;
        }
        let axon = axons[(self.axon + round) % axons.len()] + if other_bank { AXONS as u16 } else { 0 };
        Route { cores, axon, delay: self.delay.max(shortest), host: self.host }
    }
}
