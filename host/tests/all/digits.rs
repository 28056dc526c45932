//! Handwritten digits on the RTL of `tiny`: a trained network, its shipped weights, real images.

use nernst::coding::classify;
use nernst::data::{Dataset, SPLIT_SEED, Sample};
use nernst::mapper;
use nernst::network::Network;
use nernst::port::{self, PortName};
use nernst::runner::{Mismatches, Runner};
use nernst::session::Session;
use nernst_spec::{ArrayConfig, Image};
use std::path::Path;

const NETWORK: &str = "mlp-32-rate-int4";

fn network() -> Network {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../networks/digits");
    Network::load(&folder.join(format!("{NETWORK}.json"))).unwrap()
}

fn test_images() -> Vec<Sample> {
    Dataset::digits().split(SPLIT_SEED).test
}

/// Runs images on `tiny` behind a port: how many were classified rightly, and every difference from the reference model.
fn run(port: &str, samples: &[Sample], membranes: bool) -> (usize, Mismatches) {
    let config = ArrayConfig::ready("tiny").unwrap();
    let network = network();
    let (image, _): (Image, _) = mapper::compile(&network, &config).unwrap();
    let name: PortName = port.parse().unwrap();
    let mut session = Session::open(port::open(&name, config.baud, &config).unwrap()).unwrap();
    session.load(&image, |_, _| {}).unwrap();
    let mut runner = Runner::new(&mut session, &image, membranes).unwrap();
    let spikes = samples.iter().map(|sample| network.code.encode(&sample.pixels));
    let mut correct = 0;
    runner
        .run(spikes, |number, run| correct += usize::from(classify(&run.answers) == samples[number].label as usize))
        .unwrap();
    (correct, runner.finish().unwrap().1)
}

#[test]
fn all_test_images_on_the_generated_verilog_are_as_the_model_says() {
    let samples = test_images();
    let (correct, mismatches) = run("virtual-direct", &samples, false);
    assert_eq!(mismatches.total(), 0, "{:?}", mismatches.first);
    let accuracy = network().provenance.unwrap().test_accuracy;
    assert_eq!((samples.len(), correct as f64), (360, accuracy * 360.0));
}

#[test]
fn three_images_in_rust_hdl_are_as_the_model_says_to_the_last_membrane() {
    let (correct, mismatches) = run("rust-hdl", &test_images()[..3], true);
    assert_eq!((mismatches.total(), mismatches.membranes), (0, Some(0)), "{:?}", mismatches.first);
    assert_eq!(correct, 3);
}
