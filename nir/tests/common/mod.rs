//! The graphs and recordings that `tests/python/roundtrip.py` builds, too, field by field.

// Each file of tests uses a part of it.
#![allow(dead_code)]

use nernst_nir::*;

pub fn data(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// Numbers that differ from each other and are exact in binary.
pub fn ramp(shape: &[usize], start: f64, step: f64) -> Tensor {
    let values: Vec<f64> = (0..shape.iter().product()).map(|place: usize| start + step * place as f64).collect();
    Tensor::new(shape, values).unwrap()
}

pub fn chain(graph: &mut Graph, names: &[&str]) {
    for pair in names.windows(2) {
        graph.connect(pair[0], pair[1]);
    }
}

/// A graph with all 19 types, in shapes that fit.
pub fn every_type() -> Graph {
    let mut nested = Graph::default();
    nested.add("input", Input { shape: vec![3] }).add("output", Output { shape: vec![3] });
    nested.add(
        "lif",
        Lif {
            tau: ramp(&[3], 0.25, 0.5),
            r: ramp(&[3], 1.0, 1.0),
            v_leak: ramp(&[3], 0.0, 0.125),
            v_threshold: ramp(&[3], 1.0, 0.5),
            v_reset: ramp(&[3], -1.0, 0.25),
        },
    );
    nested.add("w_rec", Affine { weight: ramp(&[3, 3], -1.0, 0.25), bias: ramp(&[3], 0.5, 0.5) });
    chain(&mut nested, &["input", "lif", "w_rec", "lif", "output"]);
    nested.metadata.insert("author".into(), Note::Text("inner".into()));

    let mut graph = Graph { version: Some(FORMAT.into()), ..Graph::default() };
    graph.add("input", Input { shape: vec![2, 6, 6] });
    graph.add(
        "conv",
        Conv {
            input_shape: Some([6, 6]),
            weight: ramp(&[4, 2, 3, 3], -2.0, 0.125),
            stride: [1, 1],
            padding: Padding::Explicit([1, 1]),
            dilation: [1, 1],
            groups: 1,
            bias: ramp(&[4], 0.0, 0.5),
        },
    );
    let pool = |kernel_size, stride, zeros| Pool { kernel_size, stride, padding: Padding::Explicit(zeros) };
    graph.add("sum", Node::SumPool2d(pool([2, 2], [2, 2], [0, 0])));
    graph.add("avg", Node::AvgPool2d(pool([3, 3], [1, 1], [1, 1])));
    graph.add("flatten", Flatten { input_type: Some(vec![4, 3, 3]), start_dim: 0, end_dim: -1 });
    graph.add("linear", Linear { weight: ramp(&[5, 36], -0.9, 0.01) });
    graph.add("scale", Scale { scale: ramp(&[5], 1.0, 0.5) });
    graph.add("delay", Delay { delay: ramp(&[5], 0.0, 0.125) });
    graph.add("threshold", Threshold { threshold: ramp(&[5], 0.5, 0.25) });
    graph.add("i", I { r: ramp(&[5], 1.0, 1.0) });
    graph.add("if", If { r: ramp(&[5], 1.0, 0.5), v_threshold: ramp(&[5], 1.0, 0.25), v_reset: ramp(&[5], 0.0, -0.5) });
    graph.add("li", Li { tau: ramp(&[5], 1.0, 0.5), r: ramp(&[5], 2.0, 1.0), v_leak: ramp(&[5], 0.0, 0.25) });
    graph.add("affine", Affine { weight: ramp(&[3, 5], -1.0, 0.25), bias: ramp(&[3], 0.0, 1.0) });
    let from = |start| ramp(&[3], start, 1.0);
    graph.add(
        "cuba_li",
        CubaLi { tau_syn: from(1.0), tau_mem: from(2.0), r: from(3.0), v_leak: from(4.0), w_in: from(5.0) },
    );
    graph.add(
        "cuba_lif",
        CubaLif {
            tau_syn: from(1.0),
            tau_mem: from(2.0),
            r: from(3.0),
            v_leak: from(4.0),
            v_threshold: from(5.0),
            v_reset: from(6.0),
            w_in: from(7.0),
        },
    );
    graph.add("nested", nested).add("output", Output { shape: vec![3] });
    graph.add("line_input", Input { shape: vec![1, 10] }).add("line_output", Output { shape: vec![2, 4] });
    graph.add(
        "line_conv",
        Conv {
            input_shape: Some([10]),
            weight: ramp(&[2, 1, 3], 0.0, 0.5),
            stride: [2],
            padding: Padding::Valid,
            dilation: [1],
            groups: 1,
            bias: ramp(&[2], 0.0, 1.0),
        },
    );
    let names =
        ["input", "conv", "sum", "avg", "flatten", "linear", "scale", "delay", "threshold", "i", "if", "li", "affine"];
    chain(&mut graph, &names);
    chain(&mut graph, &["affine", "cuba_li", "cuba_lif", "nested", "output"]);
    chain(&mut graph, &["line_input", "line_conv", "line_output"]);
    let note = [("note".into(), Note::Text("of a node".into())), ("ramp".into(), Note::Numbers(ramp(&[2], 0.0, 1.0)))];
    graph.node_metadata.insert("cuba_lif".into(), note.into());
    let deep = Note::Group([("answer".into(), Note::Numbers(Tensor::scalar(42.0)))].into());
    graph.metadata = [("author".into(), Note::Text("outer".into())), ("deep".into(), deep)].into();
    graph
}

/// One neuron parameter for each neuron, the others single values.
pub fn mixed() -> Graph {
    let mut graph = Graph::default();
    graph.add("input", Input { shape: vec![3] }).add("output", Output { shape: vec![3] });
    graph.add(
        "lif",
        Lif {
            tau: Tensor::scalar(0.5),
            r: Tensor::vector([2.0]),
            v_leak: Tensor::scalar(0.0),
            v_threshold: ramp(&[3], 1.0, 0.5),
            v_reset: Tensor::scalar(0.0),
        },
    );
    chain(&mut graph, &["input", "lif", "output"]);
    graph
}

/// `sloppy.nir` with the true shape of its Input.
pub fn repaired() -> Graph {
    let mut graph = Graph::read(data("sloppy.nir")).unwrap();
    for correction in graph.shapes().unwrap().corrections {
        graph.add(correction.node, Input { shape: correction.used });
    }
    graph
}

pub fn recording() -> Recording {
    let event = |time, neuron| Event { time, neuron };
    let first = vec![event(0.0005, 2), event(0.0035, 0), event(0.0035, 1)];
    let spikes = Events { n_neurons: 3, t_max: 0.004, samples: vec![first, vec![event(0.0025, 1)]] };
    let grid = spikes.to_gridded(0.001).unwrap();
    let mut recording = Recording::default();
    recording.add("lif", "spikes", spikes);
    recording.add("lif", "v", Gridded { dt: 0.001, binary: false, data: ramp(&[2, 4, 3], -1.0, 0.125) });
    recording.add("grid", "spikes", grid);
    recording
}
