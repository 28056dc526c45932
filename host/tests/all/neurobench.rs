//! The reference model and the RTL do what NeuroBench measures on a torch model of the same network, sample by sample.
//!
//! `make neurobench` writes networks/digits/neurobench.json. It holds what NeuroBench defines; the ledger counts what the
//! array does:
//!
//! - `Effective_ACs`, additions of a weight other than 0 because of a spike: the ledger's `nonzero_operations`, in the
//!   RTL, too. Its `synaptic_operations` count weights that are 0 and lanes without a neuron, too.
//! - `Dense`, all connections in every tick: the same, but nothing that the array would do.
//! - `MembraneUpdates`, all neurons in the first tick, then those whose membrane a tick changed: the same. `neuron_updates`
//!   count all lanes of a core that is awake.
//! - `ActivationSparsity`, share of neurons and ticks without a spike, input lines not counted: from the ledger's `spikes`.
//! - `ConnectionSparsity`, share of weights that are 0, to four decimals: the same, of the connections that the network
//!   has and not of lanes and axons.
//! - `Footprint`, bytes of the torch model, four a weight: nothing here, for the array holds 4 or 8 bits a weight.

use nernst::circuit::Projection;
use nernst::data::{Dataset, SPLIT_SEED, Sample};
use nernst::mapper::{self, Options};
use nernst::network::Network;
use nernst::session::{RESET_LEDGER, RESET_STATE};
use nernst_sim::{ReferenceArray, RtlArray};
use nernst_spec::image::Image;
use nernst_spec::ledger::CoreCounter;
use nernst_spec::{ArrayConfig, Ledger};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
struct File {
    samples: usize,
    networks: BTreeMap<String, Measured>,
}

/// Results of NeuroBench under its own names; counts are means over the samples.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Measured {
    connection_sparsity: f64,
    classification_accuracy: f64,
    activation_sparsity: f64,
    membrane_updates: f64,
    #[serde(rename = "Effective_MACs")]
    effective_macs: f64,
    #[serde(rename = "Effective_ACs")]
    effective_acs: f64,
    dense: f64,
    #[serde(rename = "Effective_ACs_by_sample")]
    effective_acs_by_sample: Vec<u64>,
}

/// What the reference model does in some samples.
#[derive(Default)]
struct Activity {
    nonzero_operations: Vec<u64>,
    membrane_updates: u64,
    spikes: u64,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../networks/digits")
}

fn measured() -> File {
    serde_json::from_str(&std::fs::read_to_string(folder().join("neurobench.json")).unwrap()).unwrap()
}

/// NeuroBench counts what neurons without an effect on the result do, too.
const ALL: Options = Options { keep_all: true };

/// For the first ready array that holds it: what NeuroBench measures does not depend on where the network lies.
fn compile(network: &Network) -> Image {
    let configs = ArrayConfig::ready_names().map(|name| ArrayConfig::ready(name).unwrap());
    let mut fitting = configs.filter_map(|config| Some(mapper::compile_with(network, &config, ALL).ok()?.0));
    fitting.next().unwrap_or_else(|| panic!("no ready configuration holds {}", network.name))
}

/// Input lines with a spike in each tick of a sample.
fn spikes(network: &Network, image: &Image, sample: &Sample) -> Vec<Vec<u16>> {
    image.lines(&network.code.encode(&sample.pixels))
}

fn activity(network: &Network, image: &Image) -> Activity {
    let mut model = ReferenceArray::new(&image.config);
    model.load(image).unwrap();
    let mut all = Activity::default();
    for sample in Dataset::digits().split(SPLIT_SEED).test {
        let spikes = spikes(network, image, &sample);
        model.reset(RESET_STATE | RESET_LEDGER);
        let mut before = membranes(&model);
        for (tick, lines) in spikes.iter().enumerate() {
            lines.iter().for_each(|&line| model.input(line).unwrap());
            model.tick();
            let after = membranes(&model);
            all.membrane_updates += match tick {
                0 => network.neurons() as u64,
                _ => before.iter().zip(&after).filter(|(before, after)| before != after).count() as u64,
            };
            before = after;
        }
        all.nonzero_operations.push(model.ledger().total(CoreCounter::NonzeroOperations));
        all.spikes += model.ledger().total(CoreCounter::Spikes);
    }
    all
}

fn nonzero<'a>(rows: impl Iterator<Item = &'a Vec<i8>>) -> u64 {
    rows.flatten().filter(|weight| **weight != 0).count() as u64
}

fn membranes(model: &ReferenceArray) -> Vec<i32> {
    (0..model.config().cores.len()).flat_map(|core| model.membranes(core)).collect()
}

/// Weights of a network, those that are 0 among them.
fn connections(network: &Network) -> u64 {
    let circuit = &network.circuit;
    let targets = |projection: &Projection| circuit.populations[projection.to].neurons.len();
    circuit.projections.iter().map(|p| (circuit.sources(p.from) * targets(p)) as u64).sum()
}

#[test]
fn the_model_does_what_neurobench_measures() {
    let file = measured();
    for (name, measured) in &file.networks {
        let network = Network::load(&folder().join(format!("{name}.json"))).unwrap();
        let image = compile(&network);
        let activity = activity(&network, &image);
        assert_eq!(activity.nonzero_operations, measured.effective_acs_by_sample, "{name}");

        let samples = file.samples as f64;
        let mean = |total: u64| total as f64 / samples;
        assert_eq!(mean(activity.nonzero_operations.iter().sum()), measured.effective_acs, "{name}");
        assert_eq!(mean(activity.membrane_updates), measured.membrane_updates, "{name}");
        // Spikes are 0 or 1: nothing is multiplied.
        assert_eq!(measured.effective_macs, 0.0, "{name}");

        let connections = connections(&network);
        assert_eq!((image.ticks as u64 * connections) as f64, measured.dense, "{name}");
        let places = (network.neurons() * image.ticks as usize) as f64 * samples;
        let sparsity = 1.0 - activity.spikes as f64 / places;
        assert!((sparsity - measured.activation_sparsity).abs() < 1e-12, "{name}: {sparsity}");
        let stored: u64 = image.cores.iter().map(|core| nonzero(core.rows.values())).sum();
        let zeros = 1.0 - stored as f64 / connections as f64;
        assert!((zeros - measured.connection_sparsity).abs() <= 0.5e-4 + 1e-7, "{name}: {zeros}");
        // NeuroBench takes the mean in f32.
        let accuracy = network.provenance.unwrap().test_accuracy;
        assert!((accuracy - measured.classification_accuracy).abs() < 1e-6, "{name}: {accuracy}");
    }
}

/// Images of each network that run on the RTL: all of the test images.
const IMAGES: usize = 360;
/// Of these, so many run a second time as on hardware that does not skip zeros.
const DENSE_IMAGES: usize = 20;

/// Spikes for the host in each tick of a sample, and what was counted.
fn run_on_rtl(array: &mut RtlArray, spikes: &[Vec<u16>]) -> (Vec<Vec<u16>>, Ledger) {
    array.reset(RESET_STATE | RESET_LEDGER).unwrap();
    let mut tick = |lines: &Vec<u16>| {
        let mut spikes = array.tick(lines).unwrap().spikes;
        spikes.sort_unstable();
        spikes
    };
    let told = spikes.iter().map(&mut tick).collect();
    (told, array.ledger().unwrap())
}

#[test]
fn the_rtl_does_what_neurobench_measures_whether_it_skips_zeros_or_not() {
    let (file, samples) = (measured(), Dataset::digits().split(SPLIT_SEED).test);
    let config = ArrayConfig::ready("25f").unwrap();
    let mut array = RtlArray::new(&config).unwrap();
    for name in ["mlp-128-rate-int4", "mlp-128-sparse-int4", "rnn-128-rate-int4"] {
        let network = Network::load(&folder().join(format!("{name}.json"))).unwrap();
        let image = mapper::compile_with(&network, &config, ALL).unwrap().0;
        let expected = &file.networks[name].effective_acs_by_sample;
        array.load(&image).unwrap();
        let mut run = |sample: &Sample| run_on_rtl(&mut array, &spikes(&network, &image, sample));
        let sparse: Vec<(Vec<Vec<u16>>, Ledger)> = samples[..IMAGES].iter().map(&mut run).collect();
        for (number, ((_, ledger), expected)) in sparse.iter().zip(expected).enumerate() {
            assert_eq!(ledger.total(CoreCounter::NonzeroOperations), *expected, "{name}, image {number}");
        }

        array.load(&image.dense()).unwrap();
        for (number, ((told, ledger), sample)) in sparse.iter().zip(&samples[..DENSE_IMAGES]).enumerate() {
            let (also_told, dense) = run_on_rtl(&mut array, &spikes(&network, &image, sample));
            assert!(told.iter().any(|spikes| !spikes.is_empty()), "{name}, image {number}: no spike came to the host");
            assert_eq!(also_told, *told, "{name}, image {number}");
            for counter in [CoreCounter::NonzeroOperations, CoreCounter::Events, CoreCounter::Spikes] {
                assert_eq!(dense.total(counter), ledger.total(counter), "{name}, image {number}: {}", counter.name());
            }
            let [more, less] = [&dense, ledger].map(|ledger| ledger.total(CoreCounter::RowsFetched));
            assert!(more > less, "{name}, image {number}: {more} rows instead of {less}");
        }
    }
}

#[test]
fn every_shipped_network_is_measured() {
    let paths = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    // The torch model is of matrices, so convolutions are left out.
    let dense = |network: &Network| network.circuit.projections.iter().all(|projection| !projection.tied);
    let networks = paths.filter_map(|path| Network::load(&path).ok()).filter(dense).map(|network| network.name);
    let mut names: Vec<String> = networks.collect();
    names.sort();
    assert_eq!(names, measured().networks.into_keys().collect::<Vec<_>>(), "run `make neurobench`");
}
