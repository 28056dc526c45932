//! Files of the Python package and of exporters, and files written here.

mod common;

use common::{data, every_type, mixed, ramp, recording};
use nernst_nir::*;

#[test]
fn every_field_of_every_type_is_read_as_the_python_package_wrote_it() {
    assert_eq!(Graph::read(data("every_type.nir")).unwrap(), every_type());
}

#[test]
fn what_is_written_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graph.nir");
    every_type().write(&path).unwrap();
    assert_eq!(Graph::read(&path).unwrap(), every_type());
    mixed().write(&path).unwrap();
    let Node::Lif(lif) = &Graph::read(&path).unwrap().nodes["lif"] else { panic!("no LIF") };
    assert_eq!(lif.tau, Tensor::vector([0.5; 3]), "repeated, as the Python package needs it");
    let names: Vec<_> = folder.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["graph.nir"], "nothing is left beside");
    for name in ["snntorch_conv.nir", "snntorch_mlp_fp32.nir", "snntorch_rec.nir"] {
        let graph = Graph::read(data(name)).unwrap();
        assert_eq!(Graph::from_bytes(&graph.to_bytes().unwrap()).unwrap(), graph, "{name}");
    }
    let empty = Graph { version: Some(FORMAT.into()), ..Graph::default() };
    assert_eq!(Graph::from_bytes(&empty.to_bytes().unwrap()).unwrap(), empty);
}

#[test]
fn a_file_that_cannot_be_replaced_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("taken");
    std::fs::create_dir_all(path.join("inner")).unwrap();
    let message = mixed().write(&path).unwrap_err().to_string();
    assert!(message.contains("taken: cannot write it"), "{message}");
    assert_eq!(folder.path().read_dir().unwrap().count(), 1, "nothing is left beside");
}

#[test]
fn what_exporters_really_write_is_tolerated() {
    let graph = Graph::read(data("sloppy.nir")).unwrap();
    assert_eq!(graph.version, None);
    assert_eq!(graph.edges.len(), 8, "the edge that is there twice counts once");
    let Node::Conv2d(conv) = &graph.nodes["conv"] else { panic!("no Conv2d") };
    assert_eq!(
        (conv.input_shape, conv.stride, conv.padding, conv.groups),
        (None, [1, 1], Padding::Explicit([1, 1]), 1)
    );
    assert_eq!(conv.weight, ramp(&[2, 1, 3, 3], 0.0, 1.0), "integers");
    let Node::AvgPool2d(pool) = &graph.nodes["pool"] else { panic!("no AvgPool2d") };
    assert_eq!(*pool, Pool { kernel_size: [2, 2], stride: [2, 2], padding: Padding::Valid });
    let Node::If(neuron) = &graph.nodes["if"] else { panic!("no IF") };
    assert_eq!(neuron.v_reset.of_neuron(7), Some(0.0), "missing before 1.0");
    let Node::Linear(linear) = &graph.nodes["linear"] else { panic!("no Linear") };
    assert_eq!(linear.weight, ramp(&[3, 32], 0.0, 0.25), "in chunks, shuffled and deflated");
    let Node::CubaLif(neuron) = &graph.nodes["cuba"] else { panic!("no CubaLIF") };
    assert_eq!((neuron.w_in.single(), neuron.v_reset.single()), (Some(1.0), Some(0.0)));

    let shapes = graph.shapes().unwrap();
    assert_eq!(shapes.outputs["if"], [2, 4, 4], "single values, and a convolution that says nothing");
    let corrections: Vec<String> = shapes.corrections.iter().map(Correction::to_string).collect();
    assert_eq!(corrections, ["Input `input` declares the shape [1, 1, 8, 8]; the weights say [1, 8, 8]"]);
}

#[test]
fn what_the_shapes_say_is_filled_in_when_it_is_written() {
    let graph = Graph::from_bytes(&common::repaired().to_bytes().unwrap()).unwrap();
    let Node::Conv2d(conv) = &graph.nodes["conv"] else { panic!("no Conv2d") };
    assert_eq!((conv.input_shape, &conv.bias), (Some([8, 8]), &Tensor::vector([0.0, 0.0])));
    let Node::If(neuron) = &graph.nodes["if"] else { panic!("no IF") };
    assert_eq!(neuron.v_threshold, Tensor::filled([2, 4, 4], 0.5).unwrap());
    assert_eq!(graph.shapes().unwrap().corrections, []);
}

#[test]
fn networks_of_snntorch_are_read() {
    let graph = Graph::read(data("snntorch_rec.nir")).unwrap();
    assert_eq!(graph.version.as_deref(), Some("1.0.8"));
    let Node::Lif(lif) = &graph.nodes["lif1.lif"] else { panic!("no LIF") };
    let beta = 1.0 - 1.0 / lif.r.of_neuron(63).unwrap();
    assert!((beta - 15.0 / 16.0).abs() < 1e-6, "{beta}");
    assert!(graph.edges.contains(&("lif1.w_rec".into(), "lif1.lif".into())));
    assert_eq!(graph.shapes().unwrap().outputs["lif2"], [10]);
    let shapes = Graph::read(data("snntorch_conv.nir")).unwrap().shapes().unwrap();
    assert_eq!((&shapes.outputs["2"][..], &shapes.outputs["4"][..]), (&[16, 2, 2][..], &[64][..]));
    assert_eq!(shapes.corrections, []);
}

#[test]
fn recordings_are_read_as_the_python_package_wrote_them_and_again() {
    let read = Recording::read(data("recording.h5")).unwrap();
    assert_eq!(read, recording());
    assert_eq!(Recording::from_bytes(&read.to_bytes().unwrap()).unwrap(), read);
    let Some(Observable::Gridded(grid)) = read.get("grid", "spikes") else { panic!("no grid") };
    let Some(Observable::Events(events)) = read.get("lif", "spikes") else { panic!("no events") };
    assert_eq!(grid.to_events().unwrap().steps(0.001), events.steps(0.001));
}

#[test]
fn sixteen_digits_have_as_many_spikes_as_their_pixels_say() {
    let recording = Recording::read(data("digits16_events.h5")).unwrap();
    let Some(Observable::Events(events)) = recording.get("input", "spikes") else { panic!("no events") };
    let steps = events.steps(1e-3).unwrap();
    assert_eq!((events.samples.len(), events.n_neurons, events.n_steps(1e-3)), (16, 64, Ok(16)));
    assert_eq!(steps.iter().map(Vec::len).max(), Some(383));
    assert_eq!(events.to_gridded(1e-3).unwrap().shape(), [16, 16, 64]);
    let mut again = Recording::default();
    again.add("input", "spikes", events.clone());
    assert_eq!(Recording::from_bytes(&again.to_bytes().unwrap()).unwrap(), recording);
}

#[test]
fn nodes_of_nested_graphs_are_recorded_by_their_path() {
    let mut recording = Recording::default();
    let events = |neuron| Events::from_steps(2, 1, 1.0, &[vec![(0, neuron)]]).unwrap();
    recording.add("encoder/lif", "spikes", events(0)).add("encoder/deep/lif", "spikes", events(1)).add(
        "out",
        "spikes",
        events(0),
    );
    assert_eq!(Recording::from_bytes(&recording.to_bytes().unwrap()).unwrap(), recording);
    recording.add("out/lif", "spikes", events(0));
    assert!(recording.to_bytes().unwrap_err().to_string().contains("`out/lif`"));
    let empty = Recording::default();
    assert_eq!(Recording::from_bytes(&empty.to_bytes().unwrap()).unwrap(), empty);
    let mut silent = Recording::default();
    silent.add("lif", "spikes", Events { n_neurons: 2, t_max: 1.0, samples: vec![vec![], vec![]] });
    assert_eq!(Recording::from_bytes(&silent.to_bytes().unwrap()).unwrap(), silent);
}
