//! Chained cores: what a chain computes, beside other ways to compute it.

use crate::common::networks;
use nernst_sim::{ReferenceArray, RtlArray};
use nernst_spec::geometry::AXONS;
use nernst_spec::image::CoreImage;
use nernst_spec::ledger::CoreCounter;
use nernst_spec::link::message::{RESET_LEDGER, RESET_STATE};
use nernst_spec::memory::{Address, Route, Word};
use nernst_spec::settings::CHAINED_BIT;
use nernst_spec::tick::{LEAK_ONE, Parameters, Reset, max_threshold};
use nernst_spec::{ArrayConfig, Contexts, CoreConfig, Image, WeightBits, timing};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// An array of this many equal cores that can be chained.
fn chain_of(cores: usize, tiles: usize, weight_bits: WeightBits, inputs: usize) -> ArrayConfig {
    let core = CoreConfig { tiles, tiles_per_unit: 1, weight_bits, contexts: Contexts::ONE, banks: 1, chain: true };
    ArrayConfig { name: "chain".into(), clock_hz: 50_000_000, baud: 3_000_000, inputs, cores: vec![core; cores] }
}

fn loaded(image: &Image) -> ReferenceArray {
    let mut array = ReferenceArray::new(&image.config);
    array.load(image).unwrap();
    array
}

/// Host spikes of a tick with spikes on these input lines.
fn tick(array: &mut ReferenceArray, lines: impl IntoIterator<Item = u16>) -> Vec<u16> {
    lines.into_iter().for_each(|line| array.input(line).unwrap());
    array.tick()
}

/// All cores of the array as one chain in which every axon of every core has an input line and this weight to every neuron; the
/// neurons have these parameters, and are heard by the host.
fn full(config: &ArrayConfig, weight: i8, parameters: Parameters) -> Image {
    let mut image = Image::empty("full", config);
    let (last, neurons) = (config.cores.len() - 1, config.cores[0].neurons());
    for (number, core) in image.cores.iter_mut().enumerate() {
        core.chained = number < last;
        core.rows = (0..AXONS as u16).map(|axon| (axon, vec![weight; neurons])).collect();
    }
    image.cores[last].parameters.fill(parameters);
    image.cores[last].routes.fill(Route { host: true, ..Route::default() });
    let axons = (0..config.inputs).map(|line| Route {
        cores: 1 << (line / AXONS),
        axon: (line % AXONS) as u16,
        delay: 0,
        host: false,
    });
    image.inputs = axons.collect();
    image.check().unwrap();
    image
}

/// A network of one banked core, and the same one on a chain of two cores with a bank each: lines, neurons, and their recurrence.
fn banked_and_chained(seed: u64) -> (Image, Image) {
    let mut random = StdRng::seed_from_u64(seed);
    let chained = chain_of(2, 2, WeightBits::Four, 200);
    let mut banked = chained.clone();
    banked.cores.truncate(1);
    (banked.cores[0].banks, banked.cores[0].chain) = (2, false);
    let mut one = Image::empty("banked", &banked);
    let neurons = banked.cores[0].neurons();
    let axons: Vec<u16> = (0..250).map(|_| random.random_range(0..2 * AXONS as u16)).collect();
    for &axon in &axons {
        one.cores[0].rows.insert(axon, (0..neurons).map(|_| random.random_range(-8..=7)).collect());
    }
    let route = |random: &mut StdRng, delay| Route {
        cores: 1,
        axon: axons[random.random_range(0..axons.len())],
        delay: random.random_range(delay..=3),
        host: true,
    };
    for neuron in 0..neurons {
        one.cores[0].parameters[neuron] = Parameters {
            threshold: random.random_range(1..40),
            leak: [0, 300, LEAK_ONE][random.random_range(0..3)],
            reset: [Reset::Zero, Reset::Subtract][random.random_range(0..2)],
        };
        one.cores[0].routes[neuron] = route(&mut random, 1);
    }
    one.inputs = (0..banked.inputs).map(|_| route(&mut random, 0)).collect();
    one.check().unwrap();

    let split =
        |route: &Route| Route { cores: 1 << (route.axon as usize / AXONS), axon: route.axon % AXONS as u16, ..*route };
    let mut two = Image::empty("chained", &chained);
    two.cores[0].chained = true;
    for (&axon, row) in &one.cores[0].rows {
        two.cores[axon as usize / AXONS].rows.insert(axon % AXONS as u16, row.clone());
    }
    two.cores[1] = CoreImage {
        parameters: one.cores[0].parameters.clone(),
        routes: one.cores[0].routes.iter().map(split).collect(),
        ..two.cores[1].clone()
    };
    two.inputs = one.inputs.iter().map(split).collect();
    two.check().unwrap();
    (one, two)
}

#[test]
fn a_chain_of_two_computes_what_a_core_of_two_banks_does() {
    let mut spikes_of_all = 0;
    for seed in 0..10 {
        let (one, two) = banked_and_chained(seed);
        let (mut banked, mut chained) = (loaded(&one), loaded(&two));
        let neurons = one.config.cores[0].neurons() as u16;
        for (number, lines) in networks::spikes(&one.config, seed, 60).into_iter().enumerate() {
            let spikes = tick(&mut banked, lines.clone());
            let expected: Vec<u16> = spikes.into_iter().map(|neuron| neuron + neurons).collect();
            assert_eq!(tick(&mut chained, lines), expected, "seed {seed}, tick {number}");
            assert_eq!(chained.membranes(1), banked.membranes(0), "seed {seed}, tick {number}");
            assert_eq!(chained.membranes(0), vec![0; neurons as usize], "seed {seed}, tick {number}");
        }
        let (one, two) = (banked.ledger(), chained.ledger());
        spikes_of_all += one.total(CoreCounter::Spikes);
        for counter in [CoreCounter::Events, CoreCounter::Spikes] {
            assert_eq!(one.total(counter), two.total(counter));
        }
        // Each core turns its own membranes.
        assert_eq!(2 * one.total(CoreCounter::NeuronUpdates), two.total(CoreCounter::NeuronUpdates));
    }
    assert!(spikes_of_all > 500, "{spikes_of_all} spikes: networks that do nothing test nothing");
}

#[test]
fn every_axon_of_four_int4_cores_at_once_is_exact() {
    let config = chain_of(4, 1, WeightBits::Four, 4 * AXONS);
    let parameters = Parameters { threshold: 16_383, leak: LEAK_ONE, reset: Reset::Subtract };
    let all = 0..4 * AXONS as u16;
    let mut array = loaded(&full(&config, -8, parameters));
    // -16,384 is clamped, and -28,672 once more.
    for _ in 0..2 {
        assert!(tick(&mut array, all.clone()).is_empty());
        assert_eq!(array.membranes(3), vec![-12_288; 9]);
    }
    let mut array = loaded(&full(&config, 7, parameters));
    // 14,336, which is clamped to 12,287; with 14,336 more they fire.
    assert!(tick(&mut array, all.clone()).is_empty());
    assert_eq!(array.membranes(3), vec![12_287; 9]);
    assert_eq!(tick(&mut array, all), (27..36).collect::<Vec<_>>());
    assert_eq!(array.membranes(3), vec![12_287 + 14_336 - 16_383; 9]);
    let busy = 2 * (512 + timing::WALK_OVERHEAD + timing::turn_clocks(&config.cores[0]));
    (0..4).for_each(|core| assert_eq!(array.ledger().core(core, CoreCounter::BusyClocks), busy));
}

#[test]
fn int8_chains_saturate_before_they_fire() {
    let config = chain_of(4, 1, WeightBits::Eight, 4 * AXONS);
    let threshold = max_threshold(WeightBits::Eight) - 11;
    let parameters = Parameters { threshold, leak: LEAK_ONE, reset: Reset::Subtract };
    let all = 0..4 * AXONS as u16;
    let mut array = loaded(&full(&config, 127, parameters));
    // 260,096 becomes 131,071: that fires, and 11 is left of it.
    assert_eq!(tick(&mut array, all.clone()), [12, 13, 14, 15]);
    assert_eq!(array.membranes(3), [11; 4]);
    // One core alone is below the threshold.
    assert!(tick(&mut array, 512..1024).is_empty());
    assert_eq!(array.membranes(3), [11 + 65_024; 4]);
    let leak = Parameters { leak: 128, ..parameters };
    let mut array = loaded(&full(&config, -128, leak));
    // -262,144 becomes -131,072, of which a quarter stays.
    tick(&mut array, all);
    assert_eq!(array.membranes(3), [-32_768; 4]);
}

#[test]
fn a_chain_rests_when_none_of_its_cores_has_anything_to_do() {
    let config = chain_of(3, 1, WeightBits::Four, 3 * AXONS);
    let mut array = loaded(&full(&config, 1, Parameters { threshold: 100, leak: 0, reset: Reset::Zero }));
    let updates = |array: &ReferenceArray| [0, 1, 2].map(|core| array.ledger().core(core, CoreCounter::NeuronUpdates));
    tick(&mut array, []);
    assert_eq!(updates(&array), [0; 3]);
    // An event of any core makes all of them turn.
    for core in 0..3 {
        tick(&mut array, [core * AXONS as u16]);
        assert_eq!(updates(&array), [9 * (core as u64 + 1); 3]);
    }
    tick(&mut array, []);
    assert_eq!(updates(&array), [27; 3]);
}

#[test]
fn a_core_takes_only_a_chain_that_it_can_have() {
    let mut config = chain_of(3, 1, WeightBits::Four, 8);
    config.cores[1].contexts = Contexts::MOST;
    config.cores[2].contexts = Contexts::MOST;
    let mut array = ReferenceArray::new(&config);
    // The core behind core 0 has another shape, and none is behind core 2.
    let chained = |array: &mut ReferenceArray, core: usize, contexts: u64| {
        array.write(Address::settings(core), Word::new(contexts | 1 << CHAINED_BIT)).unwrap();
        array.read(Address::settings(core)).unwrap().low() >> CHAINED_BIT == 1
    };
    assert_eq!([0, 1, 2].map(|core| chained(&mut array, core, 0)), [false, true, false]);
    assert!(!chained(&mut array, 1, 1), "one of several contexts");
}

/// Membranes that a chained core has from before are handed on, too, and a core that has several contexts hears no one.
#[test]
fn what_a_host_does_at_other_times_is_defined() {
    let mut config = chain_of(2, 1, WeightBits::Four, 2 * AXONS);
    config.cores.iter_mut().for_each(|core| core.contexts = Contexts::MOST);
    let parameters = Parameters { threshold: 16_000, leak: LEAK_ONE, reset: Reset::Zero };
    let mut image = full(&config, 3, parameters);
    image.cores[0].chained = false;
    image.cores[0].parameters.fill(parameters);
    let mut array = loaded(&image);
    tick(&mut array, [0, 1]);
    assert_eq!((array.membranes(0), array.membranes(1)), (vec![6; 9], vec![0; 9]));
    let chained = Word::new(1 << CHAINED_BIT);
    array.write(Address::settings(0), chained).unwrap();
    tick(&mut array, [512]);
    assert_eq!((array.membranes(0), array.membranes(1)), (vec![0; 9], vec![9; 9]));
    array.write(Address::settings(1), Word::new(1)).unwrap();
    tick(&mut array, [0]);
    assert_eq!(array.membranes(0), vec![3; 9]);
    assert_eq!(array.read(Address::settings(0)), Ok(chained), "as it was loaded");
}

/// The RTL beside the model, with the same words in both.
struct Both {
    rtl: RtlArray,
    model: ReferenceArray,
}

impl Both {
    fn new(config: &ArrayConfig) -> Self {
        Self { rtl: RtlArray::new(config).unwrap(), model: ReferenceArray::new(config) }
    }

    fn load(&mut self, image: &Image) {
        self.rtl.load(image).unwrap();
        self.rtl.reset(RESET_STATE | RESET_LEDGER).unwrap();
        self.model = loaded(image);
    }

    fn write(&mut self, address: Address, word: Word) {
        self.rtl.write(address, word);
        self.model.write(address, word).unwrap();
    }

    /// Runs a tick, and compares spikes and membranes. Returns the spikes.
    fn tick(&mut self, lines: &[u16]) -> Vec<u16> {
        let mut spikes = self.rtl.tick(lines).unwrap().spikes;
        spikes.sort_unstable();
        assert_eq!(spikes, tick(&mut self.model, lines.iter().copied()));
        let config = self.rtl.config().clone();
        for (core, shape) in config.cores.iter().enumerate() {
            let read = |neuron| self.rtl.read(Address::membrane(core, neuron)).unwrap().low() as i32;
            let membranes: Vec<i32> = (0..shape.neurons()).map(read).collect();
            assert_eq!(membranes, self.model.membranes(core), "core {core}");
        }
        spikes
    }

    fn compare_counters(&mut self) {
        assert_eq!(self.rtl.ledger().unwrap().differences(&self.model.ledger()), []);
    }
}

#[test]
fn the_rtl_of_a_chain_computes_what_the_rtl_of_a_core_of_two_banks_does() {
    let (one, two) = banked_and_chained(0);
    let (mut banked, mut chained) = (Both::new(&one.config), Both::new(&two.config));
    let neurons = one.config.cores[0].neurons() as u16;
    for seed in 0..5 {
        let (one, two) = banked_and_chained(seed);
        banked.load(&one);
        chained.load(&two);
        for lines in networks::spikes(&one.config, seed, 40) {
            let expected: Vec<u16> = banked.tick(&lines).into_iter().map(|neuron| neuron + neurons).collect();
            assert_eq!(chained.tick(&lines), expected, "seed {seed}");
        }
        banked.compare_counters();
        chained.compare_counters();
    }
}

#[test]
fn the_rtl_of_the_longest_chains_goes_to_the_ends_of_their_range() {
    for (bits, weights) in [(WeightBits::Four, [-8, 7]), (WeightBits::Eight, [-128, 127])] {
        let config = chain_of(4, 1, bits, 4 * AXONS);
        let mut both = Both::new(&config);
        let all: Vec<u16> = (0..4 * AXONS as u16).collect();
        let parameters = Parameters { threshold: max_threshold(bits) - 5, leak: 400, reset: Reset::Subtract };
        for weight in weights {
            both.load(&full(&config, weight, parameters));
            let spikes = [&all[..], &all[..], &all[3..1700]].map(|lines| both.tick(lines).len());
            assert_eq!(spikes.iter().sum::<usize>() > 0, weight > 0, "{spikes:?}");
            both.compare_counters();
        }
    }
}

/// What no image asks for, but a host can write: chains of more than four cores, and chained cores whose membranes are not 0.
#[test]
fn the_rtl_does_what_the_model_does_with_chains_that_no_image_has() {
    let mut random = StdRng::seed_from_u64(9);
    for bits in [WeightBits::Four, WeightBits::Eight] {
        let mut config = chain_of(7, 1, bits, 7 * AXONS);
        config.cores.iter_mut().for_each(|core| core.contexts = Contexts::from_log2(1));
        let mut both = Both::new(&config);
        let weight = bits.max_weight() as i8;
        let parameters = Parameters { threshold: max_threshold(bits), leak: LEAK_ONE, reset: Reset::Subtract };
        let mut image = full(&chain_of(4, 1, bits, 4 * AXONS), weight, parameters);
        image.cores.resize(7, image.cores[3].clone());
        image.config = config.clone();
        for core in &mut image.cores {
            core.chained = false;
            core.parameters.fill(parameters);
        }
        let line =
            |line: usize| Route { cores: 1 << (line / AXONS), axon: (line % AXONS) as u16, delay: 0, host: false };
        image.inputs = (0..7 * AXONS).map(line).collect();
        both.load(&image);
        for _ in 0..12 {
            let lines: Vec<u16> = (0..7 * AXONS as u16).filter(|_| random.random_bool(0.7)).collect();
            both.tick(&lines);
            for core in 0..7 {
                both.write(Address::settings(core), Word::new((random.random_bool(0.8) as u64) << CHAINED_BIT));
            }
            both.tick(&[]);
        }
        // One of them hears nobody while it has two contexts, of which this one is not looked at.
        both.write(Address::settings(3), Word::new(1));
        both.rtl.tick(&[2 * AXONS as u16]).unwrap();
        both.model.input(2 * AXONS as u16).unwrap();
        both.model.tick();
        both.compare_counters();
    }
}
