//! Networks that snnTorch trained, from their NIR files to the RTL: accuracy at each step, and every spike.

use nernst::circuit::import::{Imported, Options};
use nernst::coding::{Code, Coding, classify};
use nernst::data::{Dataset, Sample};
use nernst::mapper::{self, fit};
use nernst::network::{IntegerSimulation, Network};
use nernst::port::{self, PortName};
use nernst::runner::Runner;
use nernst::session::Session;
use nernst_nir::Graph;
use nernst_spec::{ArrayConfig, WeightBits};
use rust_hdl_bsp_ecp5::device::resources;
use std::path::Path;

const FILES: [&str; 4] = ["snntorch_mlp_fp32", "snntorch_mlp_qat4", "snntorch_conv", "snntorch_rec"];
const CODE: Code = Code { coding: Coding::Rate, ticks: 16 };
/// Images that run on the RTL.
const IMAGES: usize = 10;

fn imported(name: &str, bits: WeightBits) -> Network {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../nir/tests/data").join(format!("{name}.nir"));
    let circuit = Imported::new(&Graph::read(&path).unwrap(), &Options::default()).unwrap().circuit;
    Network::new(name, CODE, circuit, bits)
}

/// The 360 digits that these networks were not trained on.
fn samples() -> Vec<Sample> {
    Dataset::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/digits-sklearn-test.csv.gz")).unwrap().samples
}

/// A ready configuration of this precision, or one made for the network.
fn array(network: &Network, bits: WeightBits) -> ArrayConfig {
    let ready = ArrayConfig::ready(if bits == WeightBits::Four { "25f" } else { "25f-int8" }).unwrap();
    if mapper::compile(network, &ready).is_ok() {
        return ready;
    }
    let chip = resources("LFE5U-45F").unwrap();
    let base = ArrayConfig { name: "fit".into(), ..ready };
    fit::fit(network, &chip, &base, mapper::Options::default()).unwrap().remove(0).config
}

#[test]
fn integers_of_either_precision_are_within_a_point_of_the_floating_point_network() {
    let samples = samples();
    for name in FILES {
        let float = imported(name, WeightBits::Eight).circuit.accuracy(&samples, CODE);
        for bits in [WeightBits::Eight, WeightBits::Four] {
            let integers = imported(name, bits).integers().unwrap().accuracy(&samples, CODE);
            assert!(integers >= float - 0.01, "{name} {bits}: {integers}, in floating point {float}");
        }
    }
}

#[test]
fn on_the_rtl_they_answer_as_their_integers_do() {
    let samples = samples();
    for name in FILES {
        for bits in [WeightBits::Eight, WeightBits::Four] {
            let network = imported(name, bits);
            let config = array(&network, bits);
            let (image, _) = mapper::compile(&network, &config).unwrap();
            let port: PortName = "virtual-direct".parse().unwrap();
            let mut session = Session::open(port::open(&port, config.baud, &config).unwrap()).unwrap();
            session.load(&image, |_, _| {}).unwrap();
            let mut runner = Runner::new(&mut session, &image, true).unwrap();
            let integers = network.integers().unwrap();
            let simulation = IntegerSimulation::new(&integers);
            let spikes = samples[..IMAGES].iter().map(|sample| CODE.encode(&sample.pixels));
            let mut right = 0;
            runner
                .run(spikes, |number, run| {
                    let expected = simulation.answer(&CODE.encode(&samples[number].pixels));
                    assert_eq!(run.answers, expected, "{name} {bits}, image {number}");
                    right += usize::from(classify(&run.answers) == samples[number].label as usize);
                })
                .unwrap();
            assert!(right + 2 >= IMAGES, "{name} {bits}: {right} of {IMAGES}");
            assert_eq!(runner.finish().unwrap().1.total(), 0, "{name} {bits}");
        }
    }
}
