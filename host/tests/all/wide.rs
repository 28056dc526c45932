//! A network of fan-in 784 whose rows are split over cores of a chain: digits of 28 x 28 pixels.

use nernst::circuit::Readout;
use nernst::coding::{Code, Coding, classify};
use nernst::data::{Dataset, Random, SPLIT_SEED, Sample, Split};
use nernst::network::IntegerSimulation;
use nernst::port::{self, PortName};
use nernst::runner::Runner;
use nernst::session::Session;
use nernst::train::{Common, Grain, Layers, Options, Prices, Shape, Trainer};
use nernst::{mapper, network::Network};
use nernst_spec::tick::Reset;
use nernst_spec::{ArrayConfig, WeightBits};

/// Pixels of a side of the digits, and of what they are made to.
const SMALL: usize = 8;
const LARGE: usize = 28;
/// Images that run on the RTL.
const IMAGES: usize = 12;

fn upsampled(sample: &Sample) -> Sample {
    let pixel = |at: usize| sample.pixels[at / LARGE * SMALL / LARGE * SMALL + at % LARGE * SMALL / LARGE];
    Sample { pixels: (0..LARGE * LARGE).map(pixel).collect(), label: sample.label }
}

fn trained(data: &Split) -> Network {
    let options = Options {
        bias: false,
        grain: Grain::Layer,
        epochs: 10,
        quantised_epochs: 6,
        batch: 32,
        learning_rate: 0.005,
        activity_penalty: 0.0,
        energy_penalty: 0.0,
        prices: Prices::default(),
        shift: 0.0,
        noise: 0.0,
        held_out: 0,
        patience: None,
        seed: 0,
    };
    let mut random = Random::new(0);
    let common = Common { leak: 480, reset: Reset::Zero, readout: Readout::Spikes };
    let layers = Layers::dense(&[24], false, 10);
    let circuit = layers.circuit(Shape::of_inputs(LARGE * LARGE), 10, common, &mut random).unwrap();
    let code = Code { coding: Coding::Rate, ticks: 8 };
    let network = Network::new("wide", code, circuit, WeightBits::Four);
    let mut trainer = Trainer::new(options, network, "digits of 28 x 28", data, "a test", random).unwrap();
    while trainer.epoch().unwrap().is_some() {}
    trainer.finish().unwrap().network
}

#[test]
fn rows_split_over_cores_give_what_the_unsplit_network_gives() {
    let Split { train, test } = Dataset::digits().split(SPLIT_SEED);
    let large = |samples: &[Sample]| samples.iter().map(upsampled).collect::<Vec<_>>();
    let data = Split { train: large(&train), test: large(&test) };
    let network = trained(&data);
    let integers = network.integers().unwrap();
    let heard = integers.projections[0].synapses.iter().filter(|synapse| synapse.target == 0).count();
    assert!(heard > 512, "neuron 0 hears {heard} pixels");
    let accuracy = integers.accuracy(&data.test, network.code);
    assert!(accuracy > 0.85, "{accuracy}");

    // A core has 512 axons: two of them share the rows.
    let config = ArrayConfig::ready("25f-chained").unwrap();
    let (image, placement) = mapper::compile(&network, &config).unwrap();
    assert!(placement.cores.iter().any(|core| core.chained_to.is_some()), "{placement}");
    let name: PortName = "virtual-direct".parse().unwrap();
    let mut session = Session::open(port::open(&name, config.baud, &config).unwrap()).unwrap();
    session.load(&image, |_, _| {}).unwrap();
    let mut runner = Runner::new(&mut session, &image, true).unwrap();
    let unsplit = IntegerSimulation::new(&integers);
    let samples = &data.test[..IMAGES];
    let spikes = samples.iter().map(|sample| network.code.encode(&sample.pixels));
    let mut right = 0;
    runner
        .run(spikes, |number, run| {
            assert_eq!(run.answers, unsplit.answer(&network.code.encode(&samples[number].pixels)), "image {number}");
            right += usize::from(classify(&run.answers) == samples[number].label as usize);
        })
        .unwrap();
    assert!(right > IMAGES / 2, "{right} of {IMAGES}");
    assert_eq!(runner.finish().unwrap().1.total(), 0);
}
