//! The networks that come with Nernst: they read, they fit, and they are as good as they say.

use nernst::data::{Dataset, SPLIT_SEED};
use nernst::mapper;
use nernst::network::Network;
use nernst_spec::ArrayConfig;
use std::path::Path;

/// File, the array it must fit and the least share of test images it must get right.
const NETWORKS: [(&str, &str, f64); 8] = [
    ("mlp-128-rate-int4", "25f", 0.96),
    ("mlp-128-rate-int8", "25f-int8", 0.96),
    ("mlp-128-latency-int4", "25f", 0.93),
    ("mlp-128-latency-int8", "25f-int8", 0.93),
    ("mlp-128-sparse-int4", "25f", 0.96),
    ("mlp-32-rate-int4", "tiny", 0.95),
    ("rnn-128-rate-int4", "25f", 0.96),
    ("conv-8-16-rate-int4", "25f", 0.96),
];

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../networks/digits")
}

#[test]
fn shipped_networks_are_as_good_as_they_say() {
    let data = Dataset::digits().split(SPLIT_SEED);
    let readme = std::fs::read_to_string(folder().join("README.md")).unwrap();
    for (name, config, floor) in NETWORKS {
        let network = Network::load(&folder().join(format!("{name}.json"))).unwrap();
        assert_eq!(network.name, name);
        let integers = network.integers().unwrap();
        let accuracy = |samples| integers.accuracy(samples, network.code);
        let provenance = network.provenance.as_ref().unwrap();
        assert_eq!(accuracy(&data.train), provenance.train_accuracy, "{name}");
        assert_eq!(accuracy(&data.test), provenance.test_accuracy, "{name}");
        assert!(provenance.test_accuracy >= floor, "{name}: {}", provenance.test_accuracy);
        let (train, test) = (100.0 * provenance.train_accuracy, 100.0 * provenance.test_accuracy);
        let row = readme.lines().find(|line| line.contains(&format!("`{name}.json`"))).unwrap();
        assert!(row.contains(&format!("| {train:.2} % | {test:.2} % |")), "the README differs: {row}");

        let config = ArrayConfig::ready(config).unwrap();
        let (image, placement) = mapper::compile(&network, &config).unwrap();
        image.check().unwrap();
        // A spike goes to one core for each core that the next layer lies on, and no layer lies on more than it must.
        for layer in &placement.populations {
            let lanes = config.cores[0].neurons();
            assert_eq!(layer.cores.len(), layer.placed.div_ceil(lanes), "{name}");
        }
    }
}

#[test]
fn every_shipped_network_is_tested() {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let stems = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_string());
    // What NeuroBench measures of them is there, too.
    let mut names: Vec<String> = stems.filter(|name| name != "neurobench").collect();
    names.sort();
    let mut tested: Vec<&str> = NETWORKS.iter().map(|(name, ..)| *name).collect();
    tested.sort();
    assert_eq!(names, tested);
}
