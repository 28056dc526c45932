use super::*;
use crate::circuit::layers::{Layer, Matrix};
use crate::circuit::{Circuit, Neuron, Population, Projection, Readout, Source, Synapse};
use crate::coding::{Code, Coding};
use crate::data::Random;
use crate::network::IntegerSimulation;
use nernst_sim::ReferenceArray;
use nernst_spec::CoreConfig;
use nernst_spec::image::CoreImage;
use nernst_spec::link::frame::crc32;
use nernst_spec::memory::Route;
use nernst_spec::tick::Reset;
use proptest::prelude::*;
use std::collections::BTreeSet;

const CODE: Code = Code { coding: Coding::Rate, ticks: 16 };

/// Neurons of which no two do the same.
fn layer(neurons: usize, sources: usize) -> Layer {
    let mut random = Random::new((neurons * sources) as u64);
    let mut row = |_| (0..sources).map(|_| 1.0 + random.below(7) as f32).collect();
    Layer {
        threshold: 3.0,
        leak: 480,
        reset: Reset::Zero,
        weights: (0..neurons).map(&mut row).collect(),
        recurrent: None,
    }
}

fn layers(sizes: &[usize]) -> Vec<Layer> {
    sizes.windows(2).map(|pair| layer(pair[1], pair[0])).collect()
}

fn network(bits: WeightBits, sizes: &[usize]) -> Network {
    Network::of_layers("net", CODE, bits, &layers(sizes))
}

fn ready(name: &str) -> ArrayConfig {
    ArrayConfig::ready(name).unwrap()
}

/// As [`compile`], or the limit: who does not fit is not asked where else it might.
fn fitting(network: &Network, config: &ArrayConfig) -> Result<(Image, Placement), String> {
    lay_out(network, config, Options::default()).map_err(|error| error.to_string())?
}

fn keep_all(network: &Network, config: &ArrayConfig) -> Result<(Image, Placement), String> {
    lay_out(network, config, Options { keep_all: true }).map_err(|error| error.to_string())?
}

#[test]
fn a_layer_is_kept_on_as_few_cores_as_it_fits() {
    let (image, placement) = compile(&network(WeightBits::Four, &[64, 128, 10]), &ready("25f")).unwrap();
    image.check().unwrap();
    assert_eq!(placement.populations[0].cores.len(), 2);
    assert_eq!(placement.populations[1].cores.len(), 1);
    assert_eq!((image.ticks, image.latency, image.coding.as_str()), (17, 1, "rate-16"));
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
    let mut layers = layers(&[4, 128, 10]);
    // Line 3 reaches the first neuron only, line 2 nobody.
    for (neuron, row) in layers[0].weights.iter_mut().enumerate() {
        row[2] = 0.0;
        row[3] = (neuron == 0) as u8 as f32;
    }
    let sparse = Network::of_layers("net", CODE, WeightBits::Four, &layers);
    let (image, placement) = keep_all(&sparse, &ready("25f")).unwrap();
    assert_eq!(image.inputs.iter().map(|route| route.cores.count_ones()).collect::<Vec<_>>(), [2, 2, 0, 1]);
    assert_eq!((placement.populations[0].sources, placement.populations[0].fan_out), (3, 5.0 / 3.0));
}

#[test]
fn neurons_without_an_effect_have_no_place_unless_asked_for() {
    let mut layers = layers(&[4, 20, 3]);
    layers[0].weights[7] = vec![-1.0; 4];
    layers[1].weights.iter_mut().for_each(|row| row[11] = 0.0);
    layers[0].weights[3] = layers[0].weights[2].clone();
    layers[1].weights.iter_mut().for_each(|row| (row[2], row[3]) = (4.0, -2.0));
    let idle = Network::of_layers("net", CODE, WeightBits::Four, &layers);
    let (image, placement) = compile(&idle, &ready("tiny")).unwrap();
    assert_eq!((placement.silent, placement.unheard, placement.merged), (1, 1, 1));
    assert_eq!((placement.populations[0].neurons, placement.populations[0].placed), (20, 17));
    assert!(placement.to_string().contains("left out: 1 neurons that nothing can make fire"), "{placement}");
    let (all, placement) = keep_all(&idle, &ready("tiny")).unwrap();
    assert_eq!((placement.silent, placement.populations[0].placed), (0, 20));
    let pixels: Vec<u8> = vec![9, 4, 13, 16];
    assert_eq!(answers(&image, &CODE.encode(&pixels)), answers(&all, &CODE.encode(&pixels)));
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
    let holding = "hold it: 25f, 25f-contexts, 25f-banked";
    refuse(&four, "tiny", &["needs 138 neurons of INT4, 4 cores of such, tiny has 72 INT4 lanes in 2 cores", holding]);
    refuse(&network(WeightBits::Four, &[65, 4]), "tiny", &["needs 65 input lines, tiny has 64", holding]);
    refuse(
        &network(WeightBits::Eight, &[64, 300, 10]),
        "25f-int8",
        &["needs 310 neurons", "no ready configuration holds it; with --bits 4: 25f, 25f-contexts"],
    );
    let mut small = ready("tiny");
    small.cores.truncate(1);
    small.inputs = 512;
    let error = compile(&network(WeightBits::Four, &[490, 30, 6]), &small).unwrap_err().to_string();
    assert!(
        error.contains("no core has a lane and 30 axons left for neuron 0 of `layer2` (6 INT4 neurons)"),
        "{error}"
    );
}

/// A random whole number of `low..=high`.
fn between(random: &mut Random, low: usize, high: usize) -> usize {
    low + random.below(high - low + 1)
}

fn random_weight(random: &mut Random, bits: WeightBits) -> f64 {
    let range = (bits.max_weight() - bits.min_weight() + 1) as usize;
    f64::from(random.below(range) as i32 + bits.min_weight())
}

fn random_matrix(random: &mut Random, neurons: usize, sources: usize, bits: WeightBits) -> Matrix {
    (0..neurons).map(|_| (0..sources).map(|_| random_weight(random, bits) as f32).collect()).collect()
}

fn random_array(random: &mut Random) -> ArrayConfig {
    let core = |random: &mut Random| {
        let tiles_per_unit = between(random, 1, 2);
        let contexts = Contexts::from_log2(random.below(4) as u8);
        let weight_bits = if random.below(2) == 0 { WeightBits::Four } else { WeightBits::Eight };
        let banks = if weight_bits == WeightBits::Four { between(random, 1, 2) } else { 1 };
        CoreConfig {
            tiles: tiles_per_unit * between(random, 1, 4),
            tiles_per_unit,
            weight_bits,
            contexts: if banks > 1 { Contexts::ONE } else { contexts },
            banks,
            chain: banks == 1 && random.below(2) == 0,
        }
    };
    let count = between(random, 1, 6);
    let mut cores: Vec<CoreConfig> = vec![];
    for _ in 0..count {
        let again = cores.last().copied().filter(|_| random.below(2) == 0);
        cores.push(again.unwrap_or_else(|| core(random)));
    }
    ArrayConfig { name: "random".into(), clock_hz: 50_000_000, baud: 3_000_000, inputs: 120, cores }
}

/// Populations of all kinds with synapses of all delays between them, whole numbers all of it. The output fires, or is read as membranes.
fn random_circuit(random: &mut Random, bits: &[WeightBits]) -> Circuit {
    let populations = bits.len();
    let readout = if random.below(4) == 0 { Readout::Membranes } else { Readout::Spikes };
    let sizes: Vec<usize> = (0..populations).map(|_| between(random, 1, 24)).collect();
    let inputs = between(random, 1, 30);
    let population = |number: usize, random: &mut Random| {
        let limit = bits[number].max_weight() as usize;
        let neuron = |random: &mut Random| Neuron {
            threshold: if readout == Readout::Membranes && number + 1 == populations {
                f64::INFINITY
            } else {
                between(random, 1, 2 * limit) as f64
            },
            decay: [0.0, 0.25, 0.9375, 1.0][random.below(4)],
            bias: if random.below(4) == 0 { between(random, 0, 4 * limit) as f64 - 2.0 * limit as f64 } else { 0.0 },
            reset: if random.below(2) == 0 { Reset::Zero } else { Reset::Subtract },
        };
        // Some neurons are what others are: they may be merged.
        let first = neuron(random);
        let neurons = (0..sizes[number]).map(|_| if random.below(3) == 0 { first } else { neuron(random) }).collect();
        Population { name: format!("p{number}"), neurons }
    };
    let numbers = 0..populations;
    let made: Vec<Population> = numbers.map(|number| population(number, random)).collect();
    let mut projections = vec![];
    for to in 0..populations {
        for from in std::iter::once(Source::Inputs).chain((0..populations).map(Source::Population)) {
            let (sources, forward) = match from {
                Source::Inputs => (inputs, true),
                Source::Population(from) => (sizes[from], from < to),
            };
            let next = from == Source::Inputs && to == 0 || matches!(from, Source::Population(from) if from + 1 == to);
            if !next && random.below(3) > 0 {
                continue;
            }
            let density = [10, 40, 100][random.below(3)];
            let longest = [0, 2, 20][random.below(3)];
            let mut synapses = vec![];
            for source in 0..sources as u32 {
                for target in 0..sizes[to] as u32 {
                    if random.below(100) < density {
                        // A loop has a step for each of its populations.
                        let delay = u32::from(!forward) * populations as u32 + random.below(longest + 1) as u32;
                        let weight = random_weight(random, bits[to]);
                        if weight != 0.0 {
                            synapses.push(Synapse { source, target, weight, delay });
                        }
                    }
                }
            }
            projections.push(Projection { from, to, tied: false, synapses });
        }
    }
    projections.sort_by_key(|projection| (projection.from, projection.to));
    Circuit { inputs, populations: made, projections, output: populations - 1, readout }
}

/// An array of one to six cores, and a network that it perhaps holds.
fn random_case(seed: u64) -> (Network, ArrayConfig) {
    let mut random = Random::new(seed);
    let config = random_array(&mut random);
    let bits: Vec<WeightBits> =
        (0..between(&mut random, 1, 4)).map(|_| config.cores[random.below(config.cores.len())].weight_bits).collect();
    let circuit = random_circuit(&mut random, &bits);
    (Network { name: "random".into(), code: CODE, circuit, weight_bits: bits, provenance: None }, config)
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
    let bits = [WeightBits::Four, WeightBits::Eight, WeightBits::Four];
    let mut layers = layers(&[900, 20, 16, 10]);
    for (number, layer) in layers.iter_mut().enumerate() {
        layer.weights = random_matrix(&mut random, layer.neurons(), layer.sources(), bits[number]);
        // More excitation than inhibition, for else nothing fires.
        let bits = bits[number];
        let weights = layer.weights.iter_mut().flatten();
        weights.filter(|w| **w < 0.7 * bits.min_weight() as f32).for_each(|w| *w = bits.max_weight() as f32);
        layer.threshold = [2000.0, 300.0, 9.0][number];
    }
    let wide = Network { weight_bits: bits.into(), ..Network::of_layers("net", CODE, WeightBits::Four, &layers) };
    let config = with_banks();
    let (image, placement) = keep_all(&wide, &config).unwrap();
    image.check().unwrap();
    assert_eq!(placement.populations.iter().map(|p| p.cores.clone()).collect::<Vec<_>>(), [[2], [1], [0]]);
    let [first, second] = rows_of_banks(&image.cores[2]);
    assert!(first + second == 900 && first.abs_diff(second) < 2, "{first} {second}");
    let pixels: Vec<u8> = (0..900).map(|_| random.below(17) as u8).collect();
    let spikes = runs_as_its_network(&wide, &image, &CODE.encode(&pixels));
    assert!(spikes > 20, "{spikes} spikes show little");

    let text = placement.to_string();
    assert!(text.contains("900 of 1024"), "{text}");
    // Without the banked core it is refused, with the number of axons that the others have.
    let error = compile(&wide, &ArrayConfig { inputs: 1024, ..ready("tiny") }).unwrap_err().to_string();
    assert!(error.contains("a core has 512 axons"), "{error}");
    let narrow = network(WeightBits::Four, &[900, 10]);
    let error = compile(&narrow, &ArrayConfig { inputs: 1024, ..ready("tiny") }).unwrap_err().to_string();
    assert!(error.contains("of `layer1` hears 900 sources, a core has 512 axons"), "{error}");
    assert!(error.contains("hold it: 25f-banked"), "{error}");
}

/// Two chains of two INT8 cores and a chain of three INT4 cores can be made of it.
fn with_chains() -> ArrayConfig {
    let core = |weight_bits| CoreConfig {
        tiles: 6,
        tiles_per_unit: 3,
        weight_bits,
        contexts: Contexts::ONE,
        banks: 1,
        chain: true,
    };
    let cores = [vec![core(WeightBits::Eight); 4], vec![core(WeightBits::Four); 3]].concat();
    ArrayConfig { name: "chains".into(), clock_hz: 50_000_000, baud: 3_000_000, inputs: 2048, cores }
}

#[test]
fn rows_of_a_neuron_are_split_over_a_chain_of_cores() {
    let mut random = Random::new(5);
    let config = with_chains();
    for (bits, inputs, chain) in [(WeightBits::Four, 1400, 3), (WeightBits::Eight, 784, 2)] {
        let mut layers = layers(&[inputs, 18, 10]);
        layers[0].weights = random_matrix(&mut random, 18, inputs, bits);
        layers[0].weights.iter_mut().flatten().for_each(|w| *w = if *w == 0.0 { 1.0 } else { w.abs() });
        layers[0].threshold = inputs as f32 * if bits == WeightBits::Four { 1.0 } else { 14.0 };
        let wide = Network::of_layers("wide", CODE, bits, &layers);
        let (image, placement) = compile(&wide, &config).unwrap();
        image.check().unwrap();
        let chained = placement.cores.iter().filter(|core| core.chained_to.is_some()).count();
        assert_eq!(chained, chain - 1);
        let rows: Vec<usize> = image.cores.iter().map(|core| core.rows.len()).filter(|rows| *rows > 300).collect();
        assert!(rows.len() == chain && rows.iter().max().unwrap() - rows.iter().min().unwrap() < 20, "{rows:?}");
        // A spike still goes to one core of it.
        assert!(image.inputs.iter().all(|route| route.cores.count_ones() == 1));
        let pixels: Vec<u8> = (0..inputs).map(|_| random.below(17) as u8).collect();
        let spikes = runs_as_its_network(&wide, &image, &CODE.encode(&pixels));
        assert!(spikes > 20, "{spikes} spikes show little");
    }
    let error = compile(&network(WeightBits::Eight, &[1600, 10]), &config);
    assert!(error.is_ok(), "four INT8 cores are a chain, too");
    let error = compile(&network(WeightBits::Four, &[1600, 10]), &config).unwrap_err().to_string();
    assert!(
        error.contains("hears 1600 sources, a chain of cores has 1536 axons") && error.contains("of `layer1`"),
        "{error}"
    );
}

#[test]
fn sources_that_a_core_of_one_bank_hears_stay_in_its_axons() {
    // One layer over both INT4 cores: its 300 sources have an axon in either. Nothing else needs the second bank.
    let config = with_banks();
    let (image, placement) = compile(&network(WeightBits::Four, &[300, 72]), &config).unwrap();
    image.check().unwrap();
    assert_eq!(placement.populations[0].cores, [0, 2]);
    assert!(image.inputs.iter().all(|route| route.axon < 512));
    // A layer that both hear and one that only the banked core does: the latter finds the second bank emptier.
    let (image, _) = compile(&network(WeightBits::Four, &[500, 30, 42]), &config).unwrap();
    image.check().unwrap();
}

/// Every synapse of the netlist is in the image and the image holds nothing else; no two sources share an axon of a core.
#[test]
fn images_hold_exactly_the_synapses_of_their_networks() {
    let mut mapped = 0;
    for seed in 0..300 {
        let (network, config) = random_case(seed);
        let Ok((image, placement)) = fitting(&network, &config) else { continue };
        mapped += 1;
        image.check().unwrap();
        let synapses: usize = placement.populations.iter().map(|population| population.synapses).sum();
        let weights = image.cores.iter().flat_map(|core| core.rows.values().flatten());
        assert_eq!(weights.filter(|weight| **weight != 0).count(), synapses);
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

/// Numbers of the outputs that fire in each tick of the reference model under this image, and the outputs' membranes at the end.
fn answers(image: &Image, input: &[Vec<u16>]) -> (Vec<Vec<u16>>, Vec<i32>) {
    let mut array = ReferenceArray::new(&image.config);
    array.load(image).unwrap();
    let mut ticks = vec![];
    for lines in image.lines(input) {
        lines.iter().for_each(|&line| array.input(line).unwrap());
        let class = |neuron: &u16| image.outputs.iter().position(|output| output == neuron).unwrap() as u16;
        let mut classes: Vec<u16> = array.tick().iter().map(class).collect();
        classes.sort_unstable();
        ticks.push(classes);
    }
    let membrane = |&output: &u16| {
        let (core, neuron) = image.config.locate(output as usize).unwrap();
        array.membranes(core)[neuron]
    };
    let membranes = image.outputs.iter().map(membrane).collect();
    (ticks, membranes)
}

/// The reference model of the array, loaded with the image, and the network of integers give the same output spikes, tick for tick, the former its
/// latency later, and the same membranes of the outputs at the end. Returns the number of spikes.
fn runs_as_its_network(network: &Network, image: &Image, input: &[Vec<u16>]) -> usize {
    let (found, membranes) = answers(image, input);
    let latency = image.latency as usize;
    assert!(found[..latency].iter().all(Vec::is_empty));
    let integers = network.integers().unwrap();
    let (expected, expected_membranes) = IntegerSimulation::new(&integers).run(input);
    assert_eq!(found[latency..], expected, "{network:?} on {:?}", image.config);
    assert_eq!(membranes, expected_membranes, "{network:?} on {:?}", image.config);
    expected.iter().map(Vec::len).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, max_global_rejects: 20_000, ..ProptestConfig::default() })]

    /// Only networks that fit count.
    #[test]
    fn images_compute_what_their_networks_do(seed: u64) {
        let (network, config) = random_case(seed);
        let mapped = fitting(&network, &config);
        prop_assume!(mapped.is_ok());
        let (image, _) = mapped.unwrap();
        image.check().unwrap();
        let mut random = Random::new(seed ^ 1);
        for _ in 0..2 {
            let input: Vec<Vec<u16>> = (0..30).map(|_| (0..network.inputs() as u16).filter(|_| random.below(3) == 0).collect()).collect();
            runs_as_its_network(&network, &image, &input);
        }
        let (all, placement) = match keep_all(&network, &config) {
            Ok(mapped) => mapped,
            // More neurons may be too many.
            Err(_) => return Ok(()),
        };
        prop_assert_eq!(placement.silent + placement.unheard + placement.merged, 0);
        runs_as_its_network(&network, &all, &CODE.encode(&vec![9; network.inputs()]));
    }
}

#[test]
fn random_networks_say_something() {
    // What the comparison above rests on: many fit, fire, and use every means of the mapper.
    let (mut mapped, mut spikes, mut twins, mut relays, mut biases, mut left_out) = (0, 0, 0, 0, 0, 0);
    for seed in 0..200 {
        let (network, config) = random_case(seed);
        let Ok((image, placement)) = fitting(&network, &config) else { continue };
        mapped += 1;
        twins += placement.twins;
        relays += placement.relays;
        biases += placement.constant_lines;
        left_out += placement.silent + placement.unheard + placement.merged;
        spikes += runs_as_its_network(&network, &image, &CODE.encode(&vec![11; network.inputs()]));
    }
    let all = [mapped, spikes / 50, twins, relays, biases, left_out];
    assert!(all.iter().all(|count| *count > 20), "mapped, spikes / 50, twins, relays, biases, left out: {all:?}");
}

#[test]
fn a_route_without_cores_leads_nowhere() {
    let (image, _) = compile(&network(WeightBits::Four, &[4, 3]), &ready("tiny")).unwrap();
    let speaks = |core: &CoreImage| core.routes.iter().filter(|route| route.host).count();
    assert_eq!(image.cores.iter().map(speaks).sum::<usize>(), 3);
    let silent = Route { host: true, ..Route::default() };
    assert!(
        image.cores.iter().flat_map(|core| &core.routes).all(|route| *route == silent || *route == Route::default())
    );
}

/// Networks for which arrays are used in every way: several cores to a layer, contexts, chains, two banks, and what delays and biases take.
fn placed_in_every_way() -> Vec<(Network, ArrayConfig)> {
    let deep = [64, 100, 100, 100, 100, 100, 10];
    let mut cases = vec![
        (network(WeightBits::Four, &[64, 128, 10]), ready("25f")),
        (network(WeightBits::Four, &deep), ready("25f-contexts")),
        (network(WeightBits::Eight, &[784, 30, 10]), with_chains()),
        (network(WeightBits::Four, &[900, 30, 10]), with_banks()),
    ];
    // Random ones with what these have not: all of it, and what delays take alone.
    let first = |has: fn(&Placement) -> bool| {
        let mut random = (0..1000).map(random_case);
        let found =
            random.find(|(network, config)| fitting(network, config).is_ok_and(|(_, placement)| has(&placement)));
        found.expect("a random network that has it")
    };
    cases.push(first(|p| [p.twins, p.relays, p.constant_lines, p.merged].iter().all(|count| *count > 0)));
    cases.push(first(|p| p.twins > 0 && p.relays == 0));
    cases.push(first(|p| p.relays > 0 && p.twins == 0));
    cases
}

#[test]
fn a_placement_says_where_everything_went_and_what_it_costs() {
    let said = placed_in_every_way().into_iter().map(|(network, config)| {
        let (_, placement) = compile(&network, &config).unwrap();
        placement.to_string()
    });
    insta::assert_snapshot!(said.collect::<Vec<_>>().join("\n"));
}

/// Figures that somebody published are got again: a network has the image that it had. Where the mapper has become better, the table shows by how much.
#[test]
fn random_networks_are_placed_as_ever() {
    let line = |seed: u64| {
        let (network, config) = random_case(seed);
        match fitting(&network, &config) {
            Ok((image, placement)) => format!(
                "{seed}: to {:.3} cores, {} to {} clocks, {} of {} {}, image {:08x}",
                placement.fan_out,
                placement.clocks_silent,
                placement.clocks_busiest,
                placement.binding.used,
                placement.binding.available,
                placement.binding.resource,
                crc32(&image.to_bytes())
            ),
            Err(limit) => format!("{seed}: {limit}"),
        }
    };
    insta::assert_snapshot!((0..200).map(line).collect::<Vec<_>>().join("\n"));
}

#[test]
fn arrays_are_divided_such_that_few_cores_are_given_up_first() {
    let given_up: Vec<usize> = divisions(&with_chains(), &[WeightBits::Four, WeightBits::Eight])
        .iter()
        .map(|chains| chains.iter().map(|chain| chain.len() - 1).sum())
        .collect();
    assert!(given_up.is_sorted() && given_up[0] == 0 && given_up.last() == Some(&5), "{given_up:?}");
}
