//! Files that are read by nobody: what is wrong with them is said with file, node and field.

use hdf5_pure::{AttrValue, FileBuilder, GroupBuilder};
use nernst_nir::*;

type Fill<'a> = &'a dyn Fn(&mut GroupBuilder);

/// A graph with one node, `lif`, of this type.
fn graph(kind: &str, fill: Fill) -> Vec<u8> {
    let mut file = FileBuilder::new();
    let mut graph = file.create_group("node");
    graph.create_dataset("type").with_vlen_strings(&["NIRGraph"]).with_shape(&[]);
    graph.create_dataset("edges").with_f64_data(&[]);
    let mut nodes = graph.create_group("nodes");
    let mut node = nodes.create_group("lif");
    node.create_dataset("type").with_vlen_strings(&[kind]).with_shape(&[]);
    fill(&mut node);
    nodes.add_group(node.finish());
    graph.add_group(nodes.finish());
    file.add_group(graph.finish());
    file.finish().unwrap()
}

fn numbers(node: &mut GroupBuilder, names: &[&str]) {
    for name in names {
        node.create_dataset(name).with_f64_data(&[1.0, 1.0]);
    }
}

fn message(bytes: &[u8]) -> String {
    Graph::from_bytes(bytes).unwrap_err().to_string()
}

#[test]
fn the_file_the_node_and_the_field_are_named() {
    const LIF: [&str; 4] = ["tau", "r", "v_leak", "v_threshold"];
    assert!(
        Graph::from_bytes(&graph("LIF", &|node| numbers(node, &LIF))).is_ok(),
        "the others are refused for what they say"
    );
    let cases: [(&str, Fill, &str); 10] = [
        ("Izhikevich", &|_| (), "node `lif` has the type `Izhikevich`. NIR 1.0.8 knows Input, Output, NIRGraph,"),
        ("LIF", &|node| numbers(node, &LIF[1..]), "node `lif` has no `tau`, and LIF needs one; export it again"),
        (
            "LIF",
            &|node| numbers(node, &["tau", "r", "v_leak", "v_threshold", "refractory"]),
            "node `lif` has `refractory`, which LIF does not have",
        ),
        (
            "LIF",
            &|node| {
                numbers(node, &LIF[1..]);
                node.create_dataset("tau").with_vlen_strings(&["fast"]).with_shape(&[]);
            },
            "`tau` of node `lif` (LIF) is the text \"fast\", and must be numbers",
        ),
        (
            "Linear",
            &|node| numbers(node, &["weight"]),
            "`weight` of node `lif` (Linear) is of shape [2], and must be a matrix",
        ),
        (
            "Input",
            &|node| {
                node.create_dataset("shape").with_f64_data(&[1.5]);
            },
            "`shape` of node `lif` (Input) is 1.5, and must be a shape",
        ),
        (
            "Input",
            &|node| {
                node.create_dataset("shape").with_i64_data(&[-1]);
            },
            "`shape` of node `lif` (Input) is -1, and must be a shape",
        ),
        (
            "Input",
            &|node| {
                node.create_dataset("shape").with_i64_data(&[1; 33]);
            },
            "and must be a shape: at most 32 integers of 0 or more",
        ),
        (
            "AvgPool2d",
            &|node| {
                node.create_dataset("kernel_size").with_i64_data(&[1, 2, 3]);
            },
            "`kernel_size` of node `lif` (AvgPool2d) is [1.0, 2.0, 3.0], and must be one or 2 integers",
        ),
        (
            "SumPool2d",
            &|node| {
                node.create_dataset("kernel_size").with_i64_data(&[1]);
                node.create_dataset("stride").with_i64_data(&[1]);
                node.create_dataset("padding").with_vlen_strings(&["full"]).with_shape(&[]);
            },
            "`padding` of node `lif` (SumPool2d) is the text \"full\", and must be one or 2 integers of 0 or more, \"same\" or \"valid\"",
        ),
    ];
    for (kind, fill, expected) in cases {
        let message = message(&graph(kind, fill));
        assert!(message.starts_with("the bytes in memory: ") && message.contains(expected), "{message}");
    }
}

#[test]
fn other_files_say_what_they_are_not() {
    let mut file = FileBuilder::new();
    file.create_dataset("x").with_f64_data(&[1.0]);
    let bytes = file.finish().unwrap();
    assert!(message(&bytes).contains("it is HDF5, but no NIR graph: it has no group `node`"));
    let wrong = Recording::from_bytes(&bytes).unwrap_err().to_string();
    assert!(wrong.contains("it is HDF5, but no NIR data: it has no attribute `__type__`"), "{wrong}");
    assert!(message(b"P5 8 8 255").contains("cannot be read as HDF5"));
    let folder = tempfile::tempdir().unwrap();
    let missing = Graph::read(folder.path().join("missing.nir")).unwrap_err().to_string();
    assert!(missing.contains("missing.nir: cannot read it: "), "{missing}");
    let path = folder.path().join("text.nir");
    std::fs::write(&path, "text").unwrap();
    assert!(Graph::read(&path).unwrap_err().to_string().contains("text.nir cannot be read as HDF5"));
}

#[test]
fn an_edge_to_nowhere_is_refused_when_it_is_read() {
    let mut file = FileBuilder::new();
    let mut graph = file.create_group("node");
    graph.create_dataset("type").with_vlen_strings(&["NIRGraph"]).with_shape(&[]);
    graph.create_dataset("edges").with_vlen_strings(&["lif", "lif1"]).with_shape(&[1, 2]);
    let nodes = graph.create_group("nodes");
    graph.add_group(nodes.finish());
    file.add_group(graph.finish());
    let message = message(&file.finish().unwrap());
    assert!(
        message.contains(
            "the edge `lif` -> `lif1` in the outermost graph names `lif`, but there is no such node, only none"
        ),
        "{message}"
    );
}

#[test]
fn what_a_file_cannot_hold_is_refused_before_memory_is_taken() {
    for (name, reason) in [("huge.nir", "larger than the file can hold"), ("endless.nir", "nested more than 32 deep")] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
        let message = Graph::read(path).unwrap_err().to_string();
        assert!(message.contains(reason), "{message}");
    }
    let rows = graph("Linear", &|node| {
        node.create_dataset("weight").with_f64_data(&[]).with_shape(&[1 << 40, 0]);
    });
    assert!(message(&rows).contains("larger than the file can hold"));
    let past = message(&graph("Delay", &|node| {
        node.create_dataset("delay").with_i64_data(&[(1 << 53) + 1]);
    }));
    assert!(past.contains("dataset `/node/nodes/lif/delay`: the integer 9007199254740993 is past 2^53"), "{past}");
}

#[test]
fn events_without_a_neuron_and_types_that_are_not_known_are_refused() {
    let recording = |kind: &str, idx: &[i64]| {
        let mut file = FileBuilder::new();
        file.set_attr("__type__", AttrValue::VarLenString("NIRGraphData".into()));
        let mut nodes = file.create_group("nodes");
        let mut node = nodes.create_group("lif");
        node.set_attr("__type__", AttrValue::VarLenString("NIRNodeData".into()));
        let mut observables = node.create_group("observables");
        let mut spikes = observables.create_group("spikes");
        spikes.set_attr("__type__", AttrValue::VarLenString(kind.into()));
        spikes.set_attr("n_neurons", AttrValue::I64(2));
        spikes.set_attr("t_max", AttrValue::F64(1.0));
        spikes.create_dataset("idx").with_i64_data(idx).with_shape(&[1, idx.len() as u64]);
        spikes.create_dataset("time").with_f64_data(&vec![0.5; idx.len()]).with_shape(&[1, idx.len() as u64]);
        observables.add_group(spikes.finish());
        node.add_group(observables.finish());
        nodes.add_group(node.finish());
        file.add_group(nodes.finish());
        Recording::from_bytes(&file.finish().unwrap()).map_err(|error| error.to_string())
    };
    assert!(recording("EventData", &[0, 1, -1]).is_ok());
    let message = recording("EventData", &[0, 2]).unwrap_err();
    assert!(message.contains("event 1 of sample 0 is of neuron 2, and there are 2"), "{message}");
    let message = recording("EventData", &[-2]).unwrap_err();
    assert!(
        message.contains("`idx` of `lif/spikes` is -2 in sample 0, and must be the index of a neuron, or -1"),
        "{message}"
    );
    let message = recording("ValuedEventData", &[0]).unwrap_err();
    assert!(message.contains("`lif/spikes` has the type `ValuedEventData`"), "{message}");
}
