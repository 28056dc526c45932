use super::*;
use crate::circuit::{Projection, Source};
use crate::data::{Dataset, SPLIT_SEED};

fn options() -> Options {
    Options {
        name: "small".into(),
        coding: Coding::Rate,
        ticks: 16,
        hidden: vec![24],
        recurrent: false,
        weight_bits: WeightBits::Four,
        leak: 480,
        reset: Reset::Zero,
        epochs: 12,
        quantised_epochs: 4,
        batch: 16,
        learning_rate: 0.005,
        activity_penalty: 0.001,
        shift: 0.3,
        noise: 0.2,
        held_out: 40,
        seed: 3,
    }
}

fn data() -> Split {
    let mut split = Dataset::digits().split(SPLIT_SEED);
    split.train.truncate(400);
    split
}

#[test]
fn the_same_seed_trains_the_same_network() {
    let data = data();
    let mut losses = vec![];
    let first = options().train(&data, "a command", |progress| losses.push(progress.loss)).unwrap();
    assert_eq!(options().train(&data, "a command", |_| ()).unwrap(), first);
    assert_ne!(Options { seed: 4, ..options() }.train(&data, "a command", |_| ()).unwrap().network, first.network);
    assert_eq!(losses.len(), 16);
    assert!(losses[11] < losses[0] / 2.0, "{losses:?}");
    assert!(first.integers.1 > 0.6, "{first:?}");
}

#[test]
fn stored_accuracies_are_those_of_the_integers_in_the_file() {
    let data = data();
    let deep = Options { hidden: vec![20, 12], reset: Reset::Subtract, held_out: 0, ..options() };
    let trained = deep.train(&data, "a command", |_| ()).unwrap();
    let network = Network::from_json("trained", &trained.network.to_json()).unwrap();
    let integers = network.integers().unwrap();
    let accuracies = (integers.accuracy(&data.train, network.code), integers.accuracy(&data.test, network.code));
    let provenance = network.provenance.unwrap();
    assert_eq!(accuracies, (provenance.train_accuracy, provenance.test_accuracy));
    assert_eq!((provenance.command.as_str(), trained.chosen_epoch), ("a command", 4));
    let mut synapses = network.circuit.projections.iter().flat_map(|projection| &projection.synapses);
    assert!(synapses.all(|synapse| synapse.weight.fract() == 0.0));
}

#[test]
fn every_hidden_layer_of_a_recurrent_network_hears_itself() {
    let data = data();
    let options = Options { hidden: vec![20, 12], recurrent: true, ..options() };
    let mut losses = vec![];
    let trained = options.train(&data, "a command", |progress| losses.push(progress.loss)).unwrap();
    assert_eq!(options.train(&data, "a command", |_| ()).unwrap(), trained);
    assert!(losses[11] < losses[0] / 2.0, "{losses:?}");

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
fn the_quantised_pass_is_the_arrays_arithmetic() {
    let data = data();
    for (bits, reset, recurrent) in [
        (WeightBits::Four, Reset::Zero, false),
        (WeightBits::Eight, Reset::Subtract, false),
        (WeightBits::Four, Reset::Zero, true),
        (WeightBits::Eight, Reset::Subtract, true),
    ] {
        let model = Model::new(&[64, 30, 10], recurrent, 333, reset, &mut Random::new(1));
        let scales = model.scales(bits);
        let passes = model.passes(Precision::Integer(bits, &scales));
        let options = Options { weight_bits: bits, leak: 333, reset, recurrent, ..options() };
        let integers = options.network(&model, bits, Some(&scales)).integers().unwrap();
        for sample in &data.train[..50] {
            let input = options.code().encode(&sample.pixels);
            let spikes = passes.iter().fold(input.clone(), |spikes, pass| pass.forward(&spikes).0);
            assert_eq!(spikes, integers.run(&input));
        }
    }
}

#[test]
fn the_gradient_is_the_slope_of_the_loss_without_spikes_in_between() {
    // The counts of the last layer change in steps, so the slope is compared where it is smooth: in the penalty.
    let model = Model::new(&[4, 3, 2], false, 480, Reset::Zero, &mut Random::new(5));
    let batch = vec![(vec![vec![0, 2], vec![1], vec![0, 3]], 1)];
    let (loss, gradients) = batch_gradient(&model, &batch, Precision::Real, 0.0);
    let (penalised, _) = batch_gradient(&model, &batch, Precision::Real, 3.0);
    let passes = model.passes(Precision::Real);
    let hidden: usize = passes[0].forward(&batch[0].0).0.iter().map(Vec::len).sum();
    assert!((penalised - loss - hidden as f32).abs() < 1e-5, "{loss} {penalised} {hidden}");
    assert_eq!(gradients.iter().map(Vec::len).collect::<Vec<_>>(), [12, 6]);
}

#[test]
fn wrong_options_are_named() {
    let refuse = |options: Options, words: &str| {
        let error = options.train(&data(), "", |_| ()).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    };
    refuse(Options { ticks: 0, ..options() }, "ticks is 0, expected 1 to 4096");
    refuse(Options { hidden: vec![8, 0], ..options() }, "hidden is 0");
    refuse(Options { leak: 513, ..options() }, "leak is 513");
    refuse(Options { quantised_epochs: 0, ..options() }, "epochs is 0");
    refuse(Options { batch: 0, ..options() }, "batch is 0");
    refuse(Options { learning_rate: f32::NAN, ..options() }, "learning rate is NaN");
    refuse(Options { activity_penalty: -1.0, ..options() }, "activity penalty is -1");
    refuse(Options { shift: 1.5, ..options() }, "shift is 1.5");
    refuse(Options { noise: -0.5, ..options() }, "noise is -0.5");
    refuse(Options { held_out: 400, ..options() }, "no training samples are left: the data set has 400");
}
