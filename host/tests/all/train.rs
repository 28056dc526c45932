//! `nernst train` and `nernst import --tune`, from outside the process.

use crate::common::command::{nernst, succeeds};
use nernst::circuit::{Circuit, Projection};
use nernst::network::Network;
use std::collections::BTreeSet;
use std::path::Path;

const TEST: &str = "tests/data/digits-sklearn-test.csv.gz";
const TRAIN: &str = "tests/data/digits-sklearn-train.csv.gz";

/// Asserts that a command fails and says these words.
fn fails(arguments: &[&str], words: &[&str]) {
    let (code, out, error) = nernst(arguments);
    assert_ne!(code, 0, "{arguments:?}: {out}");
    words.iter().for_each(|word| assert!(error.contains(word), "`{word}` is not in: {error}"));
}

fn network(path: &str) -> Network {
    Network::load(Path::new(path)).unwrap()
}

#[test]
fn networks_of_snntorch_are_as_good_in_four_bits_as_in_floating_point() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("tuned.json").display().to_string();
    for (file, float, tuned) in [
        ("../nir/tests/data/snntorch_mlp_fp32.nir", "96.67", "96.94"),
        ("../nir/tests/data/snntorch_mlp_qat4.nir", "96.94", "96.94"),
        ("../nir/tests/data/snntorch_conv.nir", "95.00", "96.39"),
        ("../nir/tests/data/snntorch_rec.nir", "96.94", "97.22"),
    ] {
        let data = ["--data", TEST, "--all", "--train-data", TRAIN, "--tune"];
        let told =
            succeeds(&[&["import", file, "--code", "rate-16", "--bits", "4", "--output", &output], &data[..]].concat());
        assert!(told.contains(&format!("floating point: {float} % of 360")), "{told}");
        assert!(told.contains(&format!("INT4 integers, tuned: {tuned} %")), "{told}");
        let network = network(&output);
        assert_eq!(
            network.provenance.as_ref().unwrap().test_accuracy,
            tuned.parse::<f64>().map(|t| (3.6 * t).round() / 360.0).unwrap()
        );
        assert!(network.provenance.unwrap().command.contains(&format!("--tune 30 --train-data {TRAIN}")));
    }
}

#[test]
fn a_convolution_stays_tied_when_it_is_tuned() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("tuned.json").display().to_string();
    let conv = "../nir/tests/data/snntorch_conv.nir";
    let import = ["import", conv, "--code", "rate-16", "--bits", "4", "--output", &output, "--data", TEST, "--all"];
    succeeds(&[&import[..], &["--train-data", TRAIN, "--tune", "1"]].concat());
    let tuned = network(&output).circuit;
    // What shares a weight in the file shares one afterwards.
    let graph = nernst_nir::Graph::read(Path::new(conv)).unwrap();
    let options = nernst::circuit::import::Options::default();
    let given: Circuit = nernst::circuit::import::Imported::new(&graph, &options).unwrap().circuit;
    let tied = given.projections.iter().zip(&tuned.projections).filter(|(projection, _)| projection.tied);
    let mut count = 0;
    for (given, tuned) in tied {
        let pairs = pairs(given, tuned);
        let shared: BTreeSet<u64> = given.synapses.iter().map(|synapse| synapse.weight.to_bits()).collect();
        assert_eq!(pairs.len(), shared.len());
        count += 1;
    }
    assert_eq!(count, 2);
    // A test part cannot train.
    fails(&[&import[..], &["--tune"]].concat(), &["is tested whole, so none of its samples can train", "--train-data"]);
    fails(&[&import[..], &["--train-data", TRAIN]].concat(), &["--tune"]);
}

/// Weights before and after, each pair once; what became 0 is no synapse any more.
fn pairs(given: &Projection, tuned: &Projection) -> BTreeSet<(u64, u64)> {
    let pair = |synapse: &nernst::circuit::Synapse| {
        let now = tuned.synapses.iter().find(|other| (other.source, other.target) == (synapse.source, synapse.target));
        (synapse.weight.to_bits(), now.map_or(0.0, |now| now.weight).to_bits())
    };
    given.synapses.iter().map(pair).collect()
}

#[test]
fn a_run_goes_on_from_its_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let name = |name: &str| folder.path().join(name).display().to_string();
    let (whole, resumed, checkpoint) = (name("whole.json"), name("resumed.json"), name("run.json"));
    let run = ["train", "--layers", "conv 2 3x3 stride 2, 10", "--epochs", "2", "--quantised-epochs", "1", "--bias"];
    let told =
        succeeds(&[&run[..], &["--output", &whole, "--checkpoint", &checkpoint, "--checkpoint-every", "2"]].concat());
    assert!(told.contains("conv-2-rate-int4: 64-18-10, rate-16"), "{told}");
    succeeds(&["train", "--resume", &checkpoint, "--output", &resumed]);
    assert_eq!(std::fs::read(&whole).unwrap(), std::fs::read(&resumed).unwrap());
    fails(&["train", "--resume", &whole, "--output", &resumed], &["whole.json is no checkpoint of a training run"]);
    fails(&["train", "--resume", &checkpoint, "--seed", "1", "--output", &resumed], &["cannot be used with"]);
}

#[test]
fn any_labelled_table_trains_a_network_and_a_network_is_trained_again() {
    let folder = tempfile::tempdir().unwrap();
    let name = |name: &str| folder.path().join(name).display().to_string();
    let (data, output, again) = (name("three.csv"), name("three.json"), name("again.json"));
    // Three values, the largest of which is the class.
    let row = |n: usize| {
        format!("{},{},{},{}\n", [16, n % 7, n % 5][n % 3], [n % 7, 16, n % 6][n % 3], [n % 5, n % 6, 16][n % 3], n % 3)
    };
    std::fs::write(&data, (0..300).map(row).collect::<String>()).unwrap();
    let told = succeeds(&[
        "train", "--data", &data, "--hidden", "12", "--bits", "8", "--epochs", "30", "--batch", "16", "--output",
        &output,
    ]);
    assert!(told.contains("mlp-12-rate-int8: 3-12-3, rate-16"), "{told}");
    assert!(network(&output).provenance.unwrap().test_accuracy > 0.9);
    let told = succeeds(&[
        "train",
        "--from",
        &output,
        "--bits",
        "4",
        "--data",
        &data,
        "--quantised-epochs",
        "5",
        "--output",
        &again,
    ]);
    assert!(told.contains("mlp-12-rate-int8-tuned") && told.contains("trained as INT4"), "{told}");
    fails(
        &["train", "--from", &output, "--output", &again],
        &["samples have 64 values and 10 classes", "3 inputs and 3 outputs"],
    );
    fails(
        &["train", "--data", &data, "--shape", "1x8x8", "--output", &again],
        &["--shape 1x8x8 has 64 values", "has 3"],
    );
    fails(&["train", "--layers", "conv 8, 10", "--output", &again], &["layer 1 (`conv 8`)", "such as 3x3"]);
    fails(
        &["train", "--energy-penalty", "1", "--prices", "copper", "--output", &again],
        &["unknown price table `copper`"],
    );
}
