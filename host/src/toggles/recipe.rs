//! What the workloads have of everything: networks that keep firing by themselves, and commands around them.
//!
//! A network has *drivers*, neurons that each spike makes fire again some ticks later, and *listeners*, all others,
//! that hear the drivers' rows. What they do is drawn at random, factor by factor, so that no counter follows from
//! the others; the first few workloads have one thing each.

use super::workload::{Act, Workload};
use nernst_spec::geometry::AXONS;
use nernst_spec::memory::Route;
use nernst_spec::tick::{LEAK_ONE, Parameters, Reset};
use nernst_spec::{ArrayConfig, Image};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

/// Workloads in all: the lanes of the simulator.
pub const WORKLOADS: usize = 64;
/// Fewest that a price table may rest on.
pub const FEWEST: usize = 30;
/// Axons that drivers are heard on, from 0 on; as many listeners' and input spikes go to.
const DRIVEN: usize = 48;
/// Axons behind these, for spikes of listeners and of further input lines.
const FURTHER: usize = 12;
/// What of everything a workload has.
#[derive(Clone, Copy, Debug)]
struct Recipe {
    /// Neurons that keep firing, in the whole array, and the ticks from one of their spikes to the next.
    drivers: usize,
    period: u8,
    /// Every core hears them, or each is heard in its own core only.
    everywhere: bool,
    /// Probability that a weight is not 0.
    density: f64,
    /// Membranes of listeners outlast a tick.
    remember: bool,
    /// Largest threshold of a listener; 0: none ever fires.
    threshold: u32,
    /// Axons over which spikes of listeners are spread; 0: they go to no core.
    axons: usize,
    /// Neurons of each core that the host hears.
    heard: usize,
    /// Streams, and in each of them ticks and spikes of the host, of which there are no more than input lines without a driver in each tick.
    streams: usize,
    ticks: u16,
    inputs: usize,
    pings: usize,
    reads: usize,
    idle: u64,
}

/// Nothing but some idle clocks.
const NOTHING: Recipe = Recipe {
    drivers: 0,
    period: 1,
    everywhere: true,
    density: 0.0,
    remember: false,
    threshold: 0,
    axons: 0,
    heard: 0,
    streams: 0,
    ticks: 0,
    inputs: 0,
    pings: 0,
    reads: 0,
    idle: 1_000,
};

/// Rows of events without one spike besides.
const ROWS: Recipe = Recipe { drivers: 24, streams: 1, ticks: 60, ..NOTHING };

/// Workloads of one thing each, by name.
const PLAIN: [(&str, Recipe); 9] = [
    ("idle", Recipe { idle: 30_000, ..NOTHING }),
    ("pings", Recipe { pings: 40, ..NOTHING }),
    ("reads", Recipe { reads: 8, ..NOTHING }),
    ("empty ticks", Recipe { streams: 1, ticks: 120, ..NOTHING }),
    ("host spikes", Recipe { streams: 6, ticks: 1, inputs: 40, ..NOTHING }),
    ("rows of zero weights", ROWS),
    ("rows of half the weights", Recipe { density: 0.5, ..ROWS }),
    ("rows of random weights", Recipe { density: 1.0, ..ROWS }),
    ("rows of random weights, remembered", Recipe { density: 1.0, remember: true, ..ROWS }),
];

/// [`WORKLOADS`] of them for an array, the same for the same seed.
pub fn workloads(config: &ArrayConfig, seed: u64) -> Vec<Workload> {
    let plain = PLAIN.iter().map(|(name, recipe)| (name.to_string(), *recipe));
    let drawn = (PLAIN.len()..WORKLOADS).map(|number| {
        let mut random = StdRng::seed_from_u64(seed.wrapping_mul(1_000).wrapping_add(number as u64));
        let recipe = Recipe::draw(&mut random);
        (format!("mixed {number}, {:.0} % weights", 100.0 * recipe.density), recipe)
    });
    // The plain ones are compared with each other: they share their random numbers.
    let all = plain.chain(drawn).enumerate();
    all.map(|(number, (name, recipe))| {
        let own = number.saturating_sub(PLAIN.len() - 1) as u64;
        recipe.workload(name, config, &mut StdRng::seed_from_u64(seed ^ own << 32))
    })
    .collect()
}

impl Recipe {
    fn draw(random: &mut StdRng) -> Self {
        // No list is empty.
        fn one<T: Copy>(random: &mut StdRng, from: &[T]) -> T {
            from[random.random_range(0..from.len())]
        }
        Self {
            drivers: one(random, &[0, 4, 12, 24, 48]),
            period: random.random_range(1..=4),
            everywhere: random.random_bool(0.5),
            density: one(random, &[0.0, 0.2, 0.5, 0.8, 1.0]),
            remember: random.random_bool(0.5),
            threshold: one(random, &[0, 6, 30]),
            axons: one(random, &[0, 1, FURTHER]),
            heard: one(random, &[0, 0, 2, 6]),
            streams: random.random_range(1..=5),
            ticks: one(random, &[1, 2, 10, 40, 80]),
            inputs: one(random, &[0, 0, 20, 100]),
            pings: one(random, &[0, 0, 5, 20]),
            reads: one(random, &[0, 0, 1, 4]),
            idle: one(random, &[0, 10_000, 60_000, 200_000]),
        }
    }

    fn workload(&self, name: String, config: &ArrayConfig, random: &mut StdRng) -> Workload {
        let (cores, inputs) = (config.cores.len(), config.inputs);
        let lanes = config.cores.iter().map(|core| core.neurons() / 2).min().unwrap_or(0);
        let drivers = self.drivers.min(DRIVEN).min(inputs * 3 / 4).min(lanes * cores);
        let mut image = Image::empty(&name, config);
        let all = all_cores(config);
        self.listen(&mut image, drivers, random);
        // Driver d is neuron d / cores of core d % cores, and is heard on axon d.
        for driver in 0..drivers {
            let (core, neuron, axon) = (driver % cores, driver / cores, driver as u16);
            let shape = &config.cores[core];
            let mask = if self.everywhere { all } else { 1 << core };
            let core_image = &mut image.cores[core];
            core_image.parameters[neuron] = Parameters { threshold: 1, leak: 0, reset: Reset::Zero };
            let host = core_image.routes[neuron].host;
            core_image.routes[neuron] = Route { cores: mask, axon, delay: self.period, host };
            if let Some(row) = core_image.rows.get_mut(&axon) {
                row[neuron] = shape.weight_bits.max_weight() as i8;
            }
            image.inputs.push(Route { cores: 1 << core, axon, delay: 0, host: false });
        }
        // The other lines lead to further axons of some cores, or to none.
        for line in drivers..inputs {
            let axon = (DRIVEN + line % FURTHER) as u16;
            let cores = random.random_range(0..=all);
            image.inputs.push(Route { cores, axon, delay: random.random_range(0..=2), host: false });
        }
        let start = |tick: usize| {
            let due = (0..drivers).filter(move |driver| driver % self.period as usize == tick);
            due.map(|driver| driver as u16).collect()
        };
        let warm_up = (0..self.period as usize).map(start).collect();
        Workload { name, image, warm_up, acts: self.acts(drivers as u16..inputs as u16, random) }
    }

    /// Rows of all axons in use, and the listeners that hear them.
    fn listen(&self, image: &mut Image, drivers: usize, random: &mut StdRng) {
        let config = image.config.clone();
        let (cores, all) = (config.cores.len(), all_cores(&config));
        for (number, (core, shape)) in image.cores.iter_mut().zip(&config.cores).enumerate() {
            let bits = shape.weight_bits;
            let own = drivers / cores + usize::from(number < drivers % cores);
            // Weights other than 0 are counted, and the lanes for it stay empty.
            core.counting = shape.can_count();
            let used = if core.counting { shape.counted_neurons() } else { shape.neurons() };
            for axon in (0..drivers).chain(DRIVEN..DRIVEN + FURTHER) {
                let mut row = vec![0; shape.neurons()];
                for weight in &mut row[own..used] {
                    if random.random_bool(self.density) {
                        let magnitude = random.random_range(1..=bits.max_weight());
                        *weight = if random.random_bool(0.5) { magnitude } else { -magnitude } as i8;
                    }
                }
                core.rows.insert(axon as u16, row);
            }
            for neuron in own..used {
                let silent = Parameters::silent(bits);
                let fires = self.threshold > 0;
                let threshold = random.random_range(1..=self.threshold.max(1));
                let leak = random.random_range(LEAK_ONE * 3 / 4..LEAK_ONE);
                let reset = if random.random_bool(0.5) { Reset::Zero } else { Reset::Subtract };
                core.parameters[neuron] = Parameters {
                    threshold: if fires { threshold } else { silent.threshold },
                    leak: if self.remember { leak } else { 0 },
                    reset,
                };
                if self.axons > 0 {
                    let axon = (DRIVEN + neuron % self.axons) as u16;
                    let cores = random.random_range(0..=all);
                    core.routes[neuron] = Route { cores, axon, delay: random.random_range(1..=3), host: false };
                }
            }
            // Half of what the host hears is drivers, if there are so many.
            let first = own.saturating_sub(self.heard.div_ceil(2));
            core.routes[..used].iter_mut().skip(first).take(self.heard).for_each(|route| route.host = true);
        }
    }

    fn acts(&self, lines: std::ops::Range<u16>, random: &mut StdRng) -> Vec<Act> {
        let mut lines: Vec<u16> = lines.collect();
        let mut acts = vec![Act::Idle(self.idle)];
        for _ in 0..self.streams {
            // Each line once in a tick at most, in the first ticks.
            lines.shuffle(random);
            let spikes: Vec<u16> = lines.iter().cycle().take(self.inputs).copied().collect();
            let mut ticks: Vec<Vec<u16>> = spikes.chunks(lines.len().max(1)).map(<[u16]>::to_vec).collect();
            ticks.resize(self.ticks.into(), vec![]);
            acts.push(Act::Stream(ticks));
        }
        acts.extend(std::iter::repeat_n(Act::Ping, self.pings));
        acts.extend(std::iter::repeat_n(Act::Read, self.reads));
        acts
    }
}

/// The mask of all cores.
fn all_cores(config: &ArrayConfig) -> u16 {
    ((1u32 << config.cores.len()) - 1) as u16
}

const _: () = assert!(DRIVEN + FURTHER <= AXONS);

#[cfg(test)]
mod tests {
    use super::*;
    use nernst_spec::Ledger;
    use nernst_spec::ledger::{ArrayCounter, CoreCounter};

    #[test]
    fn every_workload_is_a_valid_network_of_its_array() {
        for name in ArrayConfig::ready_names() {
            let config = ArrayConfig::ready(name).unwrap();
            let all = workloads(&config, 1);
            assert_eq!(all.len(), WORKLOADS);
            assert_eq!(all, workloads(&config, 1), "the same for the same seed");
            for workload in &all {
                workload.image.check().unwrap_or_else(|error| panic!("{name}, {}: {error}", workload.name));
            }
        }
    }

    #[test]
    fn plain_workloads_have_one_thing_each() {
        let all = workloads(&ArrayConfig::ready("tiny").unwrap(), 1);
        let model = |name: &str| all.iter().find(|workload| workload.name == name).unwrap().model().unwrap();
        let operations = |name: &str| model(name).total(CoreCounter::SynapticOperations);
        assert_eq!(model("idle"), Ledger::new(2));
        assert_eq!(model("empty ticks").array(ArrayCounter::Ticks), 120);
        assert_eq!(operations("empty ticks"), 0);
        assert_eq!(model("host spikes").array(ArrayCounter::HostSpikesIn), 240);
        // 24 drivers fire in each of 60 ticks, and each is a row of both cores
        assert_eq!(operations("rows of zero weights"), 24 * 60 * 72);
        assert_eq!(operations("rows of zero weights"), operations("rows of random weights"));
    }

    #[test]
    fn mixed_workloads_cover_what_an_array_does() {
        let all = workloads(&ArrayConfig::ready("tiny").unwrap(), 1);
        let ledgers: Vec<Ledger> = all.iter().map(|workload| workload.model().unwrap()).collect();
        for counter in [ArrayCounter::BusTransfers, ArrayCounter::HostSpikesIn, ArrayCounter::HostSpikesOut] {
            let busy = ledgers.iter().filter(|ledger| ledger.array(counter) > 0).count();
            assert!((10..WORKLOADS - 5).contains(&busy), "{} in {busy}", counter.name());
        }
        // an event may be of several transfers
        let merged = |ledger: &&Ledger| ledger.array(ArrayCounter::BusDestinations) > ledger.total(CoreCounter::Events);
        assert!(ledgers.iter().filter(merged).count() >= 5);
    }
}
