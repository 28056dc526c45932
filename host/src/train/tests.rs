use super::*;
use crate::circuit::{Circuit, Projection, Source};
use crate::coding::{Code, Coding};
use crate::data::{Dataset, SPLIT_SEED};
use crate::network::IntegerSimulation;
use nernst_spec::image::Readout;
use nernst_spec::tick::Reset;

const CODE: Code = Code { coding: Coding::Rate, ticks: 16 };
const COMMON: Common = Common { leak: 480, reset: Reset::Zero, readout: Readout::Spikes };

fn options() -> Options {
    Options {
        bias: false,
        grain: Grain::Layer,
        epochs: 12,
        quantised_epochs: 4,
        batch: 16,
        learning_rate: 0.005,
        activity_penalty: 0.001,
        energy_penalty: 0.0,
        prices: Prices::default(),
        shift: 0.3,
        noise: 0.2,
        held_out: 40,
        patience: None,
        seed: 3,
    }
}

fn data() -> Split {
    let mut split = Dataset::digits().split(SPLIT_SEED);
    split.train.truncate(400);
    split
}

fn new_network(layers: &str, common: Common, random: &mut Random) -> Network {
    let layers: Layers = layers.parse().unwrap();
    let circuit = layers.circuit(Shape::of_inputs(64), 10, common, random).unwrap();
    Network::new("small", CODE, circuit, WeightBits::Four)
}

fn trainer<'a>(options: &Options, layers: &str, data: &'a Split) -> Result<Trainer<'a>, TrainError> {
    let mut random = Random::new(options.seed);
    let network = new_network(layers, COMMON, &mut random);
    Trainer::new(options.clone(), network, "digits", data, "a command", random)
}

fn train(options: &Options, layers: &str, data: &Split) -> Trained {
    trainer(options, layers, data).unwrap().finish().unwrap()
}

fn losses(options: &Options, layers: &str, data: &Split) -> Vec<f32> {
    let mut trainer = trainer(options, layers, data).unwrap();
    std::iter::from_fn(|| trainer.epoch().unwrap()).map(|progress| progress.loss).collect()
}

#[test]
fn the_same_seed_trains_the_same_network() {
    let data = data();
    let first = train(&options(), "24, 10", &data);
    assert_eq!(train(&options(), "24, 10", &data), first);
    assert_ne!(train(&Options { seed: 4, ..options() }, "24, 10", &data).network, first.network);
    assert!(first.integers.1 > 0.6, "{first:?}");
    let losses = losses(&options(), "24, 10", &data);
    assert_eq!(losses.len(), 16);
    assert!(losses[11] < losses[0] / 2.0, "{losses:?}");
}

#[test]
fn stored_accuracies_are_those_of_the_integers_in_the_file() {
    let data = data();
    for options in [Options { held_out: 0, ..options() }, Options { bias: true, grain: Grain::Neuron, ..options() }] {
        let trained = train(&options, "20, 12, 10", &data);
        let network = Network::from_json("trained", &trained.network.to_json()).unwrap();
        let integers = network.integers().unwrap();
        let accuracies = (integers.accuracy(&data.train, network.code), integers.accuracy(&data.test, network.code));
        let provenance = network.provenance.unwrap();
        assert_eq!(accuracies, (provenance.train_accuracy, provenance.test_accuracy));
        assert_eq!(provenance.command, "a command");
        let mut synapses = network.circuit.projections.iter().flat_map(|projection| &projection.synapses);
        assert!(synapses.all(|synapse| synapse.weight.fract() == 0.0));
        let biased = network.circuit.populations.iter().flat_map(|p| &p.neurons).any(|neuron| neuron.bias != 0.0);
        assert_eq!(biased, options.bias);
    }
}

#[test]
fn every_hidden_layer_of_a_recurrent_network_hears_itself() {
    let data = data();
    let layers = "20 recurrent, 12 recurrent, 10";
    let losses = losses(&options(), layers, &data);
    assert!(losses[11] < losses[0] / 2.0, "{losses:?}");
    let trained = train(&options(), layers, &data);
    let network = Network::from_json("trained", &trained.network.to_json()).unwrap();
    let hears_itself = |projection: &Projection| projection.from == Source::Population(projection.to);
    let own: Vec<usize> =
        network.circuit.projections.iter().filter(|p| hears_itself(p)).map(|projection| projection.to).collect();
    assert_eq!(own, [0, 1]);
    let accuracy = |network: &Network| network.integers().unwrap().accuracy(&data.train, network.code);
    assert_eq!(accuracy(&network), trained.integers.0);
    // It was trained to hear itself: deaf to itself it is another network, and a worse one.
    let mut deaf = network.clone();
    deaf.circuit.projections.retain(|projection| !hears_itself(projection));
    assert!(accuracy(&deaf) < accuracy(&network), "{} {}", accuracy(&deaf), accuracy(&network));
}

#[test]
fn a_convolution_stays_one_kernel_at_every_place() {
    let data = data();
    for grain in [Grain::Layer, Grain::Neuron] {
        let options = Options { epochs: 6, quantised_epochs: 2, bias: true, grain, ..options() };
        let layers = "conv 4 3x3 stride 2 pad 1, 10";
        let losses = losses(&options, layers, &data);
        assert!(losses[5] < 0.8 * losses[0], "{losses:?}");
        let circuit = train(&options, layers, &data).network.circuit;
        // Before training, equal weights say which synapses share a tap of the kernel.
        let given = new_network(layers, COMMON, &mut Random::new(options.seed)).circuit;
        let mut taps = std::collections::BTreeMap::new();
        for synapse in &given.projections[0].synapses {
            let is_it = |s: &&crate::circuit::Synapse| (s.source, s.target) == (synapse.source, synapse.target);
            let now = circuit.projections[0].synapses.iter().find(is_it).map_or(0.0, |synapse| synapse.weight);
            let tap: &mut Vec<f64> = taps.entry(synapse.weight.to_bits()).or_default();
            tap.push(now);
        }
        assert_eq!(taps.len(), 36);
        assert!(taps.values().all(|tap| tap.iter().all(|weight| weight == &tap[0])), "{grain:?}: {taps:?}");
        // Nor do neurons of a channel differ in threshold or bias.
        let neurons = &circuit.populations[0].neurons;
        assert!(neurons.chunks(16).all(|channel| channel.iter().all(|neuron| neuron == &channel[0])));
    }
}

/// A circuit with everything: branches, delays, loops, biases, ties, thresholds and leaks of each neuron, parts without synapses.
pub(super) fn everything(readout: Readout, reset: Reset, seed: u64) -> Circuit {
    use crate::circuit::{Neuron, Population, Synapse};
    let mut random = Random::new(seed);
    let mut population = |name: &str, size: usize| {
        let neuron = |_| Neuron {
            threshold: f64::from(1.0 + 0.4 * random.symmetric()),
            decay: f64::from(0.8 + 0.2 * random.symmetric()),
            bias: f64::from(0.2 * random.symmetric()),
            reset,
        };
        Population { name: name.into(), neurons: (0..size).map(neuron).collect() }
    };
    let mut populations = vec![population("a", 9), population("b", 6), population("c", 4)];
    if readout == Readout::Membranes {
        populations[2].neurons.iter_mut().for_each(|neuron| neuron.threshold = f64::INFINITY);
    }
    let mut random = Random::new(seed + 1);
    let mut projection = |from, to: usize, sources: u32, targets: u32, delays: &[u32], tied: bool, share: usize| {
        let mut synapses = vec![];
        let kernel: Vec<f64> = (0..3).map(|_| f64::from(random.symmetric())).collect();
        for source in 0..sources {
            for target in 0..targets {
                for &delay in delays {
                    let weight =
                        if tied { kernel[(source + target) as usize % 3] } else { f64::from(0.7 * random.symmetric()) };
                    if random.below(100) < share {
                        synapses.push(Synapse { source, target, weight, delay });
                    }
                }
            }
        }
        Projection { from, to, tied, synapses }
    };
    let projections = vec![
        projection(Source::Inputs, 0, 8, 9, &[0], true, 60),
        projection(Source::Inputs, 2, 8, 4, &[2], false, 100),
        projection(Source::Population(0), 0, 9, 9, &[1, 3], false, 40),
        projection(Source::Population(0), 1, 9, 6, &[0, 2], true, 70),
        projection(Source::Population(0), 2, 9, 4, &[0], false, 80),
        projection(Source::Population(1), 0, 6, 9, &[2], false, 100),
        projection(Source::Population(1), 1, 6, 6, &[1], false, 100),
        projection(Source::Population(1), 2, 6, 4, &[1], false, 100),
    ];
    Circuit { inputs: 8, populations, projections, output: 2, readout }
}

#[test]
fn the_quantised_pass_is_the_arrays_arithmetic() {
    for (bits, reset, readout, grain) in [
        (WeightBits::Four, Reset::Zero, Readout::Spikes, Grain::Layer),
        (WeightBits::Eight, Reset::Subtract, Readout::Spikes, Grain::Neuron),
        (WeightBits::Four, Reset::Subtract, Readout::Membranes, Grain::Neuron),
        (WeightBits::Eight, Reset::Zero, Readout::Membranes, Grain::Layer),
    ] {
        let circuit = everything(readout, reset, 7);
        let model = Model::new(circuit.clone(), vec![bits; 3], true);
        let scales = model.scales(grain);
        let pass = model.pass(Precision::Integer(&scales));
        let network = Network { circuit: model.integers(&scales), ..Network::new("net", CODE, circuit, bits) };
        let integers = Network::from_json("net", &network.to_json()).unwrap().integers().unwrap();
        let mut random = Random::new(1);
        let mut fired = 0;
        for _ in 0..20 {
            let input: Vec<Vec<u16>> = (0..30).map(|_| (0..8).filter(|_| random.below(3) == 0).collect()).collect();
            let trace = pass.forward(input.clone());
            let (spikes, membranes) = IntegerSimulation::new(&integers).run(&input);
            assert_eq!(trace.spikes[3], spikes);
            assert_eq!(trace.last.iter().map(|v| *v as i32).collect::<Vec<_>>(), membranes);
            fired += trace.spikes[1..].iter().flatten().map(Vec::len).sum::<usize>();
        }
        assert!(fired > 500, "{fired}");
    }
}

#[test]
fn a_circuit_that_is_trained_keeps_its_shape() {
    let circuit = everything(Readout::Spikes, Reset::Zero, 3);
    let mut model = Model::new(circuit.clone(), vec![WeightBits::Four; 3], false);
    let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
    for (found, given) in model.circuit().projections.iter().zip(&circuit.projections) {
        let pairs = found.synapses.iter().zip(&given.synapses);
        assert!(pairs.clone().all(|(a, b)| (a.source, a.target, a.delay) == (b.source, b.target, b.delay)));
        assert!(pairs.clone().all(|(a, b)| near(a.weight, b.weight)));
    }
    // Pairs without a synapse have none after any step.
    let input: Vec<Vec<u16>> = (0..20).map(|step| (0..8).filter(|line| (line + step) % 3 > 0).collect()).collect();
    let (_, mut gradient) = batch_gradient(&model, &[(input, 1)], Precision::Real, Penalties::default());
    model.step(&mut gradient, 0.1);
    let before = circuit.projections.iter().map(|projection| projection.synapses.len());
    let dense: Vec<&model::Way> =
        model.ways.iter().filter(|way| matches!(way.links, model::Links::Rows { .. })).collect();
    assert!(dense.len() > 1);
    let pass = model.pass(Precision::Real);
    let nonzero = pass.values.iter().filter(|value| **value != 0.0).count();
    let shared: usize = circuit.projections.iter().filter(|p| p.tied).map(|p| p.synapses.len() - 3).sum();
    assert_eq!(nonzero, before.sum::<usize>() - shared + 9 + 6 + 4);
}

#[test]
fn a_run_that_was_resumed_ends_in_the_same_network() {
    let data = data();
    let options = Options { epochs: 4, quantised_epochs: 3, bias: true, patience: Some(3), ..options() };
    for layers in ["16 recurrent, 10", "conv 2 3x3 stride 2, 10"] {
        let whole = train(&options, layers, &data);
        for stop in [2, 4, 6] {
            let mut first = trainer(&options, layers, &data).unwrap();
            (0..stop).for_each(|_| _ = first.epoch().unwrap());
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("run.json");
            first.checkpoint().save(&path).unwrap();
            let checkpoint = Checkpoint::load(&path).unwrap();
            assert_eq!(checkpoint, first.checkpoint());
            assert_eq!(Trainer::resume(&checkpoint, &data).unwrap().finish().unwrap(), whole, "{layers}, {stop}");
        }
    }
}

#[test]
fn a_checkpoint_is_for_the_same_samples() {
    let mut data = data();
    let mut first = trainer(&options(), "8, 10", &data).unwrap();
    first.epoch().unwrap();
    let checkpoint = first.checkpoint();
    data.train.pop();
    let error = Trainer::resume(&checkpoint, &data).err().unwrap().to_string();
    assert!(error.contains("other training samples of `digits`"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.json");
    let refuse = |text: &str, words: &str| {
        std::fs::write(&path, text).unwrap();
        let error = Checkpoint::load(&path).unwrap_err().to_string();
        assert!(error.contains(words) && error.contains("run.json"), "{error}");
    };
    refuse("{}", "no checkpoint of a training run");
    let text = serde_json::to_string(&checkpoint).unwrap();
    refuse(&text.replace("nernst checkpoint 1", "nernst checkpoint 0"), "expected `nernst checkpoint 1`");
    refuse(&text.replacen("\"parameters\":[", "\"parameters\":[0.5,", 1), "its lists have other lengths");
}

#[test]
fn patience_ends_a_phase_that_gets_no_better() {
    let data = data();
    // So fast that it gets worse.
    let options = Options { epochs: 40, quantised_epochs: 40, learning_rate: 0.2, patience: Some(2), ..options() };
    let trained = train(&options, "12, 10", &data);
    assert!(trained.epochs.0 < 40 && trained.epochs.1 < 40, "{:?}", trained.epochs);
}

#[test]
fn energy_falls_with_its_penalty() {
    let data = data();
    let prices = Prices { lane: 0.02, weight: 0.02, ..Prices::default() };
    let of = |energy_penalty| {
        let trained = train(&Options { energy_penalty, prices, ..options() }, "24, 10", &data);
        let network = trained.network.integers().unwrap();
        (network.projections.iter().map(|projection| projection.synapses.len()).sum::<usize>(), trained.integers.1)
    };
    let ((many, _), (few, accuracy)) = (of(0.0), of(0.001));
    assert!(4 * few < 3 * many && accuracy > 0.5, "{few} of {many} weights, {accuracy}");
}

#[test]
fn the_gradient_is_the_slope_of_the_loss_without_spikes_in_between() {
    // The counts of the last layer change in steps, so the slope is compared where it is smooth: in the penalty.
    let layers = Layers::dense(&[3], false, 2);
    let shape = Shape { channels: 1, height: 1, width: 4 };
    let circuit = layers.circuit(shape, 2, COMMON, &mut Random::new(5)).unwrap();
    let model = Model::new(circuit, vec![WeightBits::Four; 2], false);
    let batch = vec![(vec![vec![0, 2], vec![1], vec![0, 3]], 1)];
    let (loss, gradient) = batch_gradient(&model, &batch, Precision::Real, Penalties::default());
    let penalties = Penalties { activity: 3.0, energy: None };
    let (penalised, _) = batch_gradient(&model, &batch, Precision::Real, penalties);
    let hidden: usize = model.pass(Precision::Real).forward(batch[0].0.clone()).spikes[1].iter().map(Vec::len).sum();
    assert!((penalised - loss - hidden as f32).abs() < 1e-5, "{loss} {penalised} {hidden}");
    assert_eq!(gradient.len(), 12 + 6);
}

#[test]
fn wrong_options_are_named() {
    let data = data();
    let refuse = |options: Options, words: &str| {
        let error = trainer(&options, "8, 10", &data).err().unwrap().to_string();
        assert!(error.contains(words), "{error}");
    };
    refuse(Options { quantised_epochs: 0, ..options() }, "quantised epochs is 0");
    refuse(Options { batch: 0, ..options() }, "batch is 0");
    refuse(Options { learning_rate: f32::NAN, ..options() }, "learning rate is NaN");
    refuse(Options { activity_penalty: -1.0, ..options() }, "activity penalty is -1");
    refuse(Options { energy_penalty: -1.0, ..options() }, "energy penalty is -1");
    refuse(Options { shift: 1.5, ..options() }, "shift is 1.5");
    refuse(Options { noise: -0.5, ..options() }, "noise is -0.5");
    refuse(Options { held_out: 400, ..options() }, "no training samples are left: the data set has 400");
    refuse(Options { patience: Some(0), ..options() }, "patience is 0");
    refuse(Options { patience: Some(3), held_out: 0, ..options() }, "patience looks at the samples held out");
    let circuit = everything(Readout::Spikes, Reset::Zero, 1);
    let network = Network::new("other", CODE, circuit, WeightBits::Four);
    let error = Trainer::new(options(), network, "digits", &data, "", Random::new(3)).err().unwrap().to_string();
    assert!(error.contains("64 values and 10 classes, network `other` has 8 inputs and 4 outputs"), "{error}");
}
