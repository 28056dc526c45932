use super::*;
use crate::coding::Coding;
use crate::data::Random;
use crate::network::{Layer, Matrix};
use nernst_sim::ReferenceArray;
use nernst_spec::tick::Reset;
use nernst_spec::{Contexts, CoreConfig};
use std::collections::BTreeSet;

fn layer(bits: WeightBits, neurons: usize, sources: usize) -> Layer {
    let weights = vec![vec![1.0; sources]; neurons];
    Layer { weight_bits: bits, threshold: 3.0, leak: 480, reset: Reset::Zero, weights, recurrent: None }
}

fn network(bits: WeightBits, sizes: &[usize]) -> Network {
    let layers = sizes.windows(2).map(|pair| layer(bits, pair[1], pair[0])).collect();
    Network { name: "net".into(), coding: Coding::Rate, ticks: 16, layers, provenance: None }
}

fn ready(name: &str) -> ArrayConfig {
    ArrayConfig::ready(name).unwrap()
}

#[test]
fn a_layer_is_kept_on_as_few_cores_as_it_fits() {
    let (image, placement) = compile(&network(WeightBits::Four, &[64, 128, 10]), &ready("25f")).unwrap();
    image.check().unwrap();
    assert_eq!(placement.layers[0].cores.len(), 2);
    assert_eq!(placement.layers[1].cores.len(), 1);
    assert_eq!((image.ticks, image.coding.as_str()), (17, "rate-16"));
    assert!(image.inputs.iter().all(|route| route.cores.count_ones() == 2 && route.delay == 0));
    let routes = || image.cores.iter().flat_map(|core| &core.routes);
    assert_eq!(routes().filter(|route| route.cores.count_ones() == 1 && route.delay == 1).count(), 128);
    assert_eq!(routes().filter(|route| route.host).count(), 10);
    for &output in &image.outputs {
        let (core, neuron) = image.config.locate(output as usize).unwrap();
        assert!(image.cores[core].routes[neuron].host);
        assert_eq!(image.cores[core].parameters[neuron].threshold, 3);
    }
}

#[test]
fn a_spike_goes_only_where_it_has_a_weight() {
    let mut sparse = network(WeightBits::Four, &[4, 128, 10]);
    // Line 3 reaches the first neuron only, line 2 nobody.
    for (neuron, row) in sparse.layers[0].weights.iter_mut().enumerate() {
        row[2] = 0.0;
        row[3] = (neuron == 0) as u8 as f32;
    }
    let (image, placement) = compile(&sparse, &ready("25f")).unwrap();
    assert_eq!(image.inputs.iter().map(|route| route.cores.count_ones()).collect::<Vec<_>>(), [2, 2, 0, 1]);
    assert_eq!(placement.layers[0].fan_out, 1.25);
}

#[test]
fn small_fan_in_shares_the_rows_of_a_core() {
    // 510 neurons that hear 100 sources or fewer each: more than 432 lanes, and rows for all.
    let deep = network(WeightBits::Four, &[64, 100, 100, 100, 100, 100, 10]);
    assert!(compile(&deep, &ready("25f")).is_err());
    let (image, _) = compile(&deep, &ready("25f-contexts")).unwrap();
    assert!(image.contexts().iter().any(|&contexts| contexts > Contexts::ONE), "{:?}", image.contexts());
    // A small one is not made to take turns.
    let (image, _) = compile(&network(WeightBits::Four, &[64, 128, 10]), &ready("25f-contexts")).unwrap();
    assert!(image.contexts().iter().all(|&contexts| contexts == Contexts::ONE), "{:?}", image.contexts());
}

#[test]
fn two_compilations_are_the_same() {
    let network = network(WeightBits::Eight, &[64, 90, 30, 10]);
    let bytes = || compile(&network, &ready("25f-int8")).unwrap().0.to_bytes();
    assert_eq!(bytes(), bytes());
}

#[test]
fn refusals_name_limit_numbers_and_what_would_fit() {
    let refuse = |network: &Network, config: &str, words: &[&str]| {
        let error = compile(network, &ready(config)).unwrap_err().to_string();
        for word in words {
            assert!(error.contains(word), "`{word}` not in: {error}");
        }
        assert!(!error.contains('\n'));
    };
    let mlp = network(WeightBits::Eight, &[64, 128, 10]);
    refuse(&mlp, "25f", &["needs 138 neurons of INT8, 25f has 0 INT8 lanes", "hold it: 25f-int8"]);
    let four = mlp.with_bits(WeightBits::Four);
    let holding = "hold it: 25f, 25f-contexts, 25f-banked, 25f-chained, 85f";
    refuse(&four, "tiny", &["needs 138 neurons of INT4, tiny has 72 INT4 lanes", holding]);
    refuse(&network(WeightBits::Four, &[65, 4]), "tiny", &["needs 65 input lines, tiny has 64", holding]);
    refuse(
        &network(WeightBits::Eight, &[64, 300, 10]),
        "25f-int8",
        &["needs 310 neurons", "no ready configuration holds it; with --bits 4: 25f, 25f-contexts, 25f-chained, 85f"],
    );
    refuse(
        &network(WeightBits::Four, &[500, 600, 10]),
        "85f",
        &["layer 1 hears 600 sources, a core has 512 axons", "no ready configuration holds it; make"],
    );
    // Each of the three middle layers hears 400 sources and needs two of the four cores.
    refuse(&network(WeightBits::Four, &[400, 190, 10, 4]), "tiny", &["input lines"]);
    let mut recurrent = network(WeightBits::Four, &[500, 20]);
    recurrent.layers[0].recurrent = Some(vec![vec![1.0; 20]; 20]);
    refuse(&recurrent, "25f", &["layer 0 hears 520 sources"]);
    let mut small = ready("tiny");
    small.cores.truncate(1);
    small.inputs = 512;
    let error = compile(&network(WeightBits::Four, &[490, 30, 6]), &small).unwrap_err().to_string();
    assert!(error.contains("no core has room for 6 of layer 1's 6 INT4 neurons"), "{error}");
}

/// A random whole number of `low..=high`.
fn between(random: &mut Random, low: usize, high: usize) -> usize {
    low + random.below(high - low + 1)
}

fn random_matrix(random: &mut Random, neurons: usize, sources: usize, bits: WeightBits, density: usize) -> Matrix {
    let range = (bits.max_weight() - bits.min_weight() + 1) as usize;
    let mut weight = || {
        let value = random.below(range) as i32 + bits.min_weight();
        if random.below(100) < density { value as f32 } else { 0.0 }
    };
    (0..neurons).map(|_| (0..sources).map(|_| weight()).collect()).collect()
}

/// An array of one to six cores, and a network that it probably holds.
fn random_case(random: &mut Random) -> (Network, ArrayConfig) {
    let bits = |random: &mut Random| if random.below(2) == 0 { WeightBits::Four } else { WeightBits::Eight };
    let core = |random: &mut Random| {
        let tiles_per_unit = between(random, 1, 2);
        let contexts = Contexts::from_log2(random.below(4) as u8);
        let weight_bits = bits(random);
        let banks = if weight_bits == WeightBits::Four { between(random, 1, 2) } else { 1 };
        CoreConfig {
            tiles: tiles_per_unit * between(random, 1, 4),
            tiles_per_unit,
            weight_bits,
            contexts: if banks > 1 { Contexts::ONE } else { contexts },
            banks,
            chain: false,
        }
    };
    let count = between(random, 1, 6);
    let cores: Vec<CoreConfig> = (0..count).map(|_| core(random)).collect();
    let config = ArrayConfig { name: "random".into(), clock_hz: 50_000_000, baud: 3_000_000, inputs: 40, cores };
    let layer_count = between(random, 1, 4);
    let mut sources = between(random, 1, 40);
    let mut layers = vec![];
    for _ in 0..layer_count {
        let bits = config.cores[random.below(config.cores.len())].weight_bits;
        let neurons = between(random, 1, 40);
        let density = [10, 50, 100][random.below(3)];
        let recurrent = random.below(3) == 0;
        let limit = bits.max_weight() as usize;
        layers.push(Layer {
            weight_bits: bits,
            threshold: between(random, 1, 3 * limit) as f32,
            leak: [0, 100, 480, 512][random.below(4)],
            reset: if random.below(2) == 0 { Reset::Zero } else { Reset::Subtract },
            weights: random_matrix(random, neurons, sources, bits, density),
            recurrent: recurrent.then(|| random_matrix(random, neurons, neurons, bits, density)),
        });
        sources = neurons;
    }
    (Network { name: "random".into(), coding: Coding::Rate, ticks: 12, layers, provenance: None }, config)
}

/// An INT4, an INT8 and a banked INT4 core.
fn with_banks() -> ArrayConfig {
    let core = |weight_bits, banks| CoreConfig {
        tiles: 4,
        tiles_per_unit: 2,
        weight_bits,
        contexts: Contexts::ONE,
        banks,
        chain: false,
    };
    let cores = vec![core(WeightBits::Four, 1), core(WeightBits::Eight, 1), core(WeightBits::Four, 2)];
    ArrayConfig { name: "banks".into(), clock_hz: 50_000_000, baud: 3_000_000, inputs: 1024, cores }
}

/// Rows of each bank that hold a weight.
fn rows_of_banks(core: &CoreImage) -> [usize; 2] {
    let second = core.rows.keys().filter(|axon| **axon >= 512).count();
    [core.rows.len() - second, second]
}

#[test]
fn nine_hundred_sources_fit_a_banked_core_and_keep_both_banks_busy() {
    let mut random = Random::new(23);
    let mut wide = network(WeightBits::Four, &[900, 20, 16, 10]);
    wide.layers[1].weight_bits = WeightBits::Eight;
    for (number, layer) in wide.layers.iter_mut().enumerate() {
        let (neurons, sources) = (layer.weights.len(), layer.weights[0].len());
        layer.weights = random_matrix(&mut random, neurons, sources, layer.weight_bits, 100);
        // More excitation than inhibition, for else nothing fires.
        let bits = layer.weight_bits;
        let weights = layer.weights.iter_mut().flatten();
        weights.filter(|w| **w < 0.7 * bits.min_weight() as f32).for_each(|w| *w = bits.max_weight() as f32);
        layer.threshold = [2000.0, 300.0, 9.0][number];
    }
    let config = with_banks();
    let (image, placement) = compile(&wide, &config).unwrap();
    image.check().unwrap();
    assert_eq!(placement.layers.iter().map(|layer| layer.cores.clone()).collect::<Vec<_>>(), [[2], [1], [0]]);
    assert_eq!(rows_of_banks(&image.cores[2]), [450, 450]);
    let pixels: Vec<u8> = (0..900).map(|_| random.below(17) as u8).collect();
    let spikes = runs_as_its_network(&wide, &image, &pixels);
    assert!(spikes > 20, "{spikes} spikes show little");

    let text = placement.to_string();
    assert!(text.contains("900 of 1024"), "{text}");
    // Without the banked core it is refused, with the number of axons that the others have.
    let error = compile(&wide, &ArrayConfig { inputs: 1024, ..ready("tiny") }).unwrap_err().to_string();
    assert!(error.contains("needs 16 neurons of INT8"), "{error}");
    let narrow = network(WeightBits::Four, &[900, 10]);
    let error = compile(&narrow, &ArrayConfig { inputs: 1024, ..ready("tiny") }).unwrap_err().to_string();
    assert!(error.contains("layer 0 hears 900 sources, a core has 512 axons"), "{error}");
    assert!(error.contains("hold it: 25f-banked"), "{error}");
}

#[test]
fn sources_that_a_core_of_one_bank_hears_stay_in_its_axons() {
    // One layer over both INT4 cores: its 300 sources have an axon in either. Nothing else needs the second bank.
    let config = with_banks();
    let (image, placement) = compile(&network(WeightBits::Four, &[300, 72]), &config).unwrap();
    image.check().unwrap();
    assert_eq!(placement.layers[0].cores, [0, 2]);
    assert!(image.inputs.iter().all(|route| route.axon < 512));
    // A layer that both hear and one that only the banked core does: the latter finds the second bank emptier.
    let (image, _) = compile(&network(WeightBits::Four, &[500, 30, 42]), &config).unwrap();
    image.check().unwrap();
}

/// Every synapse of the network is in the image, on the axon of its source and in the lane of its neuron, and the image
/// holds nothing else.
#[test]
fn images_hold_exactly_the_synapses_of_their_networks() {
    let mut random = Random::new(7);
    let mut mapped = 0;
    for _ in 0..300 {
        let (network, config) = random_case(&mut random);
        let Ok((image, placement)) = compile(&network, &config) else { continue };
        mapped += 1;
        image.check().unwrap();
        let synapses: usize = placement.layers.iter().map(|layer| layer.synapses).sum();
        let weights = image.cores.iter().flat_map(|core| core.rows.values().flatten());
        assert_eq!(weights.filter(|weight| **weight != 0).count(), synapses);
        // No two sources share an axon of a core.
        let routes = image.inputs.iter().chain(image.cores.iter().flat_map(|core| &core.routes));
        let mut taken = BTreeSet::new();
        for route in routes {
            for core in (0..config.cores.len()).filter(|core| route.cores >> core & 1 == 1) {
                assert!(taken.insert((core, route.axon)), "core {core} axon {} twice", route.axon);
                assert!(image.cores[core].rows.contains_key(&route.axon), "a spike to a core without a weight for it");
            }
        }
        assert_eq!(taken.len(), image.cores.iter().map(|core| core.rows.len()).sum::<usize>());
    }
    assert!(mapped > 100, "only {mapped} of 300 random networks fitted their arrays");
}

/// The reference model of the array, loaded with the image, and the layer-by-layer evaluation give the same output spikes,
/// the former a tick later for every layer after the first. Returns their number.
fn runs_as_its_network(network: &Network, image: &Image, pixels: &[u8]) -> usize {
    let mut array = ReferenceArray::new(&image.config);
    array.load(image).unwrap();
    let input = network.code().encode(pixels);
    let mut found = vec![];
    for tick in 0..image.ticks as usize {
        input.get(tick).into_iter().flatten().for_each(|&line| array.input(line).unwrap());
        let fired = array.tick();
        let class = |neuron: &u16| image.outputs.iter().position(|output| output == neuron).unwrap() as u16;
        let mut classes: Vec<u16> = fired.iter().map(class).collect();
        classes.sort_unstable();
        found.push(classes);
    }
    let delay = network.layers.len() - 1;
    assert!(found[..delay].iter().all(Vec::is_empty));
    let expected = network.integers().unwrap().run(&input);
    assert_eq!(found[delay..], expected, "{network:?} on {:?}", image.config);
    expected.iter().map(Vec::len).sum()
}

#[test]
fn images_compute_what_their_networks_do() {
    let mut random = Random::new(11);
    let (mut mapped, mut spikes) = (0, 0);
    for _ in 0..200 {
        let (network, config) = random_case(&mut random);
        let Ok((image, _)) = compile(&network, &config) else { continue };
        mapped += 1;
        for _ in 0..3 {
            let pixels: Vec<u8> = (0..network.inputs()).map(|_| random.below(17) as u8).collect();
            spikes += runs_as_its_network(&network, &image, &pixels);
        }
    }
    assert!(mapped > 60 && spikes > 1000, "{mapped} networks with {spikes} spikes show little");
}
