//! Random networks that are busy in every way: recurrent, with every delay, negative weights, both resets, silent and
//! eager neurons.

use nernst_spec::chain::{MAX_CHAIN, chains};
use nernst_spec::geometry::{AXONS, MAX_DELAY, MAX_UNITS};
use nernst_spec::image::CoreImage;
use nernst_spec::memory::Route;
use nernst_spec::tick::{LEAK_ONE, Parameters, Reset};
use nernst_spec::{ArrayConfig, Contexts, CoreConfig, Image, WeightBits};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Three cores of both precisions, with one and with two tiles to a neuron unit.
pub fn mixed() -> ArrayConfig {
    let core = |tiles, tiles_per_unit, weight_bits| CoreConfig {
        tiles,
        tiles_per_unit,
        weight_bits,
        contexts: Contexts::ONE,
        banks: 1,
        chain: false,
    };
    ArrayConfig {
        name: "mixed".into(),
        clock_hz: 50_000_000,
        baud: 3_000_000,
        inputs: 24,
        cores: vec![core(2, 2, WeightBits::Four), core(3, 1, WeightBits::Eight), core(2, 1, WeightBits::Four)],
    }
}

/// The same with contexts: at most 8, 4 and 2.
pub fn with_contexts() -> ArrayConfig {
    let mut config = mixed();
    config.name = "contexts".into();
    config.cores.iter_mut().zip([3, 2, 1]).for_each(|(core, log2)| core.contexts = Contexts::from_log2(log2));
    config
}

/// The same with two banks in the first core.
pub fn with_banks() -> ArrayConfig {
    let mut config = mixed();
    config.name = "banks".into();
    config.cores[0].banks = 2;
    config
}

/// Cores of both precisions that can be chained, up to four of them, one after another or apart, with others between and at the end.
/// Some can have contexts, too.
pub fn with_chains() -> ArrayConfig {
    let mut config = mixed();
    config.name = "chains".into();
    let [four, eight, other] = [config.cores[0], config.cores[1], config.cores[2]];
    let chained = |core: CoreConfig| CoreConfig { chain: true, ..core };
    let sharing = CoreConfig { contexts: Contexts::from_log2(1), ..chained(other) };
    config.cores = [vec![chained(four); 5], vec![eight], vec![chained(eight); 4], vec![sharing; 3]].concat();
    config
}

/// Small cores with everything that cores of the ready configurations have: contexts, banks, chains, both precisions, tiles that share a neuron unit.
pub fn everything() -> ArrayConfig {
    let mut config = mixed();
    config.name = "everything".into();
    // More than a core has axons.
    config.inputs = 520;
    let [shared, eight, alone] = [config.cores[0], config.cores[1], config.cores[2]];
    let chained = CoreConfig { contexts: Contexts::from_log2(2), chain: true, ..shared };
    config.cores = vec![
        chained,
        chained,
        chained,
        CoreConfig { banks: 2, ..alone },
        CoreConfig { contexts: Contexts::MOST, ..eight },
        CoreConfig { tiles: 3, tiles_per_unit: 3, ..shared },
    ];
    config
}

/// The same, and before them a core that is as wide as a core can be.
pub fn everything_and_wide() -> ArrayConfig {
    let mut config = everything();
    config.name = "everything-wide".into();
    let wide = CoreConfig {
        tiles: MAX_UNITS,
        tiles_per_unit: 1,
        weight_bits: WeightBits::Four,
        contexts: Contexts::MOST,
        banks: 1,
        chain: false,
    };
    config.cores.insert(0, wide);
    config
}

/// Chains some of the cores that can be, if they and those behind them have one context; all of a chain count, or none.
fn chain(image: &mut Image, random: &mut StdRng) {
    let config = image.config.clone();
    let can_be = |image: &Image, core: usize| {
        let settings: Vec<_> = image.cores.iter().map(CoreImage::settings).collect();
        let longest = chains(&settings).into_iter().map(|chain| chain.len()).max();
        let contexts = [core, core + 1].map(|core| image.cores[core].contexts);
        contexts == [Contexts::ONE; 2] && longest <= Some(MAX_CHAIN)
    };
    for core in (0..config.cores.len()).filter(|&core| config.can_be_chained(core)) {
        image.cores[core].chained = random.random_bool(0.6);
        image.cores[core].chained &= can_be(image, core);
    }
    let settings: Vec<_> = image.cores.iter().map(CoreImage::settings).collect();
    for chain in chains(&settings).into_iter().filter(|chain| chain.len() > 1) {
        let counting = image.cores[chain.start].counting && config.cores[chain.start].can_count_in_chain(chain.len());
        image.cores[chain].iter_mut().for_each(|core| core.counting = counting);
    }
}

/// Of the cores that can have contexts some are loaded with fewer. Of those of one bank some count weights other than 0, and
/// some fetch the rows of some axons in every tick. Of those that can be chained more than half are.
pub fn image(config: &ArrayConfig, seed: u64) -> Image {
    let mut random = StdRng::seed_from_u64(seed);
    let mut image = Image::empty("random", config);
    let cores = config.cores.len();
    // Few axons, so that spikes meet; the first and the last among them.
    for (core, shape) in image.cores.iter_mut().zip(&config.cores) {
        let most = shape.contexts.log2();
        *core = CoreImage::silent(shape, Contexts::from_log2(random.random_range(0..=most)));
        core.counting = shape.can_count() && random.random_bool(0.5);
        if shape.banks == 1 && random.random_bool(0.5) {
            // A fourth of the words.
            core.dense = random.random::<u32>() & random.random::<u32>();
        }
    }
    chain(&mut image, &mut random);
    let is_state = |axon: &u16| {
        image.cores.iter().zip(&config.cores).any(|(core, shape)| core.contexts.is_state(shape, *axon as usize))
    };
    let mut axons: Vec<u16> = [0, AXONS as u16 - 1].into_iter().filter(|axon| !is_state(axon)).collect();
    while axons.len() < 16 {
        axons.push(random.random_range(0..AXONS as u16));
        axons.retain(|axon| !is_state(axon));
    }
    let banked = (0..cores).filter(|&core| config.cores[core].banks > 1).fold(0, |mask, core| mask | 1 << core);
    let route = |random: &mut StdRng, shortest: u8| {
        let cores = random.random_range(0..1u32 << cores) as u16;
        // Where no other core hears it, half the time the same row of the second bank.
        let bank = if cores & !banked == 0 && banked != 0 { random.random_range(0..2) } else { 0 };
        Route {
            cores,
            axon: axons[random.random_range(0..axons.len())] + bank * AXONS as u16,
            delay: random.random_range(shortest..=MAX_DELAY),
            host: random.random_bool(0.7),
        }
    };
    for (core, shape) in image.cores.iter_mut().zip(&config.cores) {
        let bits = shape.weight_bits;
        let (low, high) = (bits.min_weight(), bits.max_weight());
        let used = if core.counting { shape.counted_neurons() } else { shape.neurons() };
        for axon in (0..shape.banks).flat_map(|bank| axons.iter().map(move |axon| axon + (bank * AXONS) as u16)) {
            let mut weights: Vec<i8> = (0..shape.neurons()).map(|_| random.random_range(low..=high) as i8).collect();
            // Nothing in the lanes that count.
            weights[used..].fill(0);
            core.rows.insert(axon, weights);
        }
        if core.chained {
            // Its neurons are those of the next core.
            continue;
        }
        let parameters = core.parameters.chunks_mut(shape.neurons()).flat_map(|context| &mut context[..used]);
        for parameters in parameters {
            *parameters = Parameters {
                threshold: random.random_range(1..=3 * high as u32),
                leak: [0, 256, random.random_range(0..=LEAK_ONE), LEAK_ONE - 1, LEAK_ONE][random.random_range(0..5)],
                reset: if random.random_bool(0.5) { Reset::Zero } else { Reset::Subtract },
            };
        }
        let routes = core.routes.chunks_mut(shape.neurons()).flat_map(|context| &mut context[..used]);
        routes.for_each(|place| *place = route(&mut random, 1));
    }
    image.inputs = (0..config.inputs).map(|_| route(&mut random, 0)).collect();
    image.check().unwrap();
    image
}

/// Input lines for each of `ticks` ticks: bursts, then silence.
pub fn spikes(config: &ArrayConfig, seed: u64, ticks: usize) -> Vec<Vec<u16>> {
    let mut random = StdRng::seed_from_u64(!seed);
    let mut tick = |number: usize| {
        let most = if number % 7 < 4 { 12 } else { 1 };
        let count = random.random_range(0..most);
        let mut lines: Vec<u16> = (0..count).map(|_| random.random_range(0..config.inputs as u16)).collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    };
    (0..ticks).map(&mut tick).collect()
}
