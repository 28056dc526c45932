//! Flattening, shapes, and what is refused with which words.

mod common;

use common::{chain, every_type, ramp};
use nernst_nir::*;

fn input(size: usize) -> Input {
    Input { shape: vec![size] }
}

fn output(size: usize) -> Output {
    Output { shape: vec![size] }
}

fn linear(outputs: usize, inputs: usize) -> Linear {
    Linear { weight: ramp(&[outputs, inputs], 0.0, 1.0) }
}

/// With single values for all neurons.
fn lif() -> Lif {
    let value = Tensor::scalar;
    Lif { tau: value(0.01), r: value(1.0), v_leak: value(0.0), v_threshold: value(1.0), v_reset: value(0.0) }
}

fn conv(channels: [usize; 2], groups: usize) -> Conv<2> {
    Conv {
        input_shape: None,
        weight: ramp(&[channels[1], channels[0] / groups, 3, 5], 0.0, 1.0),
        stride: [2, 1],
        padding: Padding::Explicit([1, 0]),
        dilation: [1, 1],
        groups,
        bias: Tensor::scalar(0.0),
    }
}

fn edges(graph: &Graph) -> Vec<String> {
    graph.edges.iter().map(|(from, to)| format!("{from} -> {to}")).collect()
}

fn sequence(nodes: &[(&str, Node)]) -> Graph {
    let mut graph = Graph::default();
    for (name, node) in nodes {
        graph.add(*name, node.clone());
    }
    chain(&mut graph, &nodes.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    graph
}

/// Recurrence in a graph of its own, as some exporters write it.
fn recurrent() -> Graph {
    let mut inner = sequence(&[("input", input(3).into()), ("lif", lif().into()), ("output", output(3).into())]);
    inner.add("w_rec", Affine { weight: ramp(&[3, 3], 0.0, 1.0), bias: Tensor::scalar(0.5) });
    chain(&mut inner, &["lif", "w_rec", "lif"]);
    inner
}

#[test]
fn nested_recurrence_becomes_flat() {
    let graph = sequence(&[
        ("input", input(2).into()),
        ("fc", linear(3, 2).into()),
        ("rnn", recurrent().into()),
        ("output", output(3).into()),
    ]);
    let flat = graph.flattened().unwrap();
    assert_eq!(
        edges(&flat),
        ["fc -> rnn/lif", "input -> fc", "rnn/lif -> output", "rnn/lif -> rnn/w_rec", "rnn/w_rec -> rnn/lif"]
    );
    assert_eq!(flat.nodes.keys().collect::<Vec<_>>(), ["fc", "input", "output", "rnn/lif", "rnn/w_rec"]);
    assert_eq!(flat.flattened().unwrap(), flat);
    assert_eq!(graph.shapes().unwrap().outputs["rnn/lif"], [3]);
    let message = flat.to_bytes().unwrap_err().to_string();
    assert!(message.contains("\"rnn/lif\"") && message.contains("rename it"), "{message}");
}

#[test]
fn graphs_in_graphs_and_graphs_with_nothing_in_them_are_followed_through() {
    let through = sequence(&[("in", input(3).into()), ("out", output(3).into())]);
    let deep = sequence(&[
        ("in", input(3).into()),
        ("rnn", recurrent().into()),
        ("wire", through.into()),
        ("out", output(3).into()),
    ]);
    let mut graph = sequence(&[("input", input(3).into()), ("deep", deep.into()), ("output", output(3).into())]);
    let flat = graph.flattened().unwrap();
    assert_eq!(
        edges(&flat),
        [
            "deep/rnn/lif -> deep/rnn/w_rec",
            "deep/rnn/lif -> output",
            "deep/rnn/w_rec -> deep/rnn/lif",
            "input -> deep/rnn/lif"
        ]
    );
    graph.node_metadata.insert("input".into(), Metadata::new());
    assert!(graph.flattened().unwrap().node_metadata.contains_key("input"));
}

#[test]
fn several_edges_fan_in_and_out_of_a_nested_graph() {
    let mut graph = sequence(&[("a", input(3).into()), ("rnn", recurrent().into()), ("x", output(3).into())]);
    graph.add("b", input(3)).add("y", output(3)).connect("b", "rnn").connect("rnn", "y");
    let flat = graph.flattened().unwrap();
    for edge in ["a -> rnn/lif", "b -> rnn/lif", "rnn/lif -> x", "rnn/lif -> y"] {
        assert!(edges(&flat).contains(&edge.into()), "{edge}");
    }
}

#[test]
fn what_an_edge_cannot_say_is_refused() {
    let mut two = recurrent();
    two.add("other", input(3)).connect("other", "lif");
    let graph = sequence(&[("input", input(3).into()), ("rnn", two.into())]);
    let message = graph.flattened().unwrap_err().to_string();
    assert!(message.starts_with("node `rnn` has 2 Input nodes, and an edge to it needs exactly one"), "{message}");

    let through = sequence(&[("in", input(3).into()), ("out", output(3).into())]);
    let mut graph = sequence(&[("input", input(3).into()), ("wire", through.into()), ("lif", lif().into())]);
    graph.connect("input", "lif");
    let message = graph.flattened().unwrap_err().to_string();
    assert!(message.starts_with("`input` reaches `lif` twice"), "{message}");
}

#[test]
fn a_dangling_edge_is_refused_by_node_and_edge() {
    let mut inner = recurrent();
    inner.nodes.remove("lif");
    inner.add("lif1", lif());
    let graph = sequence(&[("input", input(3).into()), ("encoder", inner.into())]);
    for error in [graph.check().unwrap_err(), graph.flattened().unwrap_err(), graph.shapes().unwrap_err()] {
        assert_eq!(
            error.to_string(),
            "the edge `input` -> `lif` in node `encoder` names `lif`, but there is no such node, only `input`, `lif1`, `output`, `w_rec`; \
             rename it or the node and export again"
        );
    }
}

#[test]
fn shapes_follow_from_weights_in_both_directions() {
    let shapes = every_type().shapes().unwrap();
    let expected = [
        ("conv", &[4, 6, 6][..]),
        ("sum", &[4, 3, 3]),
        ("avg", &[4, 3, 3]),
        ("flatten", &[36]),
        ("line_conv", &[2, 4]),
    ];
    for (name, shape) in expected {
        assert_eq!(shapes.outputs[name], shape, "{name}");
    }
    assert_eq!(shapes.corrections, []);

    // The neurons before the weights have no shape of their own.
    let graph = sequence(&[
        ("input", Input { shape: vec![1, 5, 64] }.into()),
        ("lif", lif().into()),
        ("fc", linear(10, 64).into()),
        ("out", lif().into()),
        ("output", Output { shape: vec![1, 10] }.into()),
    ]);
    let shapes = graph.shapes().unwrap();
    assert_eq!((&shapes.outputs["lif"][..], &shapes.outputs["out"][..]), (&[64][..], &[10][..]));
    let corrections: Vec<String> = shapes.corrections.iter().map(Correction::to_string).collect();
    assert_eq!(
        corrections,
        [
            "Input `input` declares the shape [1, 5, 64]; the weights say [64]",
            "Output `output` declares the shape [1, 10]; the weights say [10]"
        ]
    );
}

#[test]
fn a_convolution_takes_what_arrives_or_what_it_says() {
    let mut graph = sequence(&[
        ("input", Input { shape: vec![2, 9, 9] }.into()),
        ("conv", conv([2, 4], 2).into()),
        ("lif", lif().into()),
        ("pool", Node::SumPool2d(Pool { kernel_size: [2, 2], stride: [2, 2], padding: Padding::Valid })),
        ("flatten", Flatten { input_type: None, start_dim: -3, end_dim: 2 }.into()),
        ("output", output(16).into()),
    ]);
    let shapes = graph.shapes().unwrap();
    // (9 + 2 - 3) / 2 + 1 rows, (9 - 5) + 1 columns; of these 2 x 2 windows.
    assert_eq!((&shapes.outputs["lif"][..], &shapes.outputs["flatten"][..]), (&[4, 5, 5][..], &[16][..]));

    graph.nodes.remove("input");
    graph.edges.remove(&("input".into(), "conv".into()));
    let message = graph.shapes().unwrap_err().to_string();
    assert!(message.starts_with("nothing says what shape `conv`, `flatten`, `lif`, `pool` have"), "{message}");
    graph.add("conv", Conv { input_shape: Some([9, 9]), ..conv([2, 4], 2) });
    assert_eq!(graph.shapes().unwrap().outputs["pool"], [4, 2, 2]);

    let same =
        Conv { padding: Padding::Same, stride: [1, 1], dilation: [3, 2], input_shape: Some([4, 7]), ..conv([1, 2], 1) };
    assert_eq!(sequence(&[("conv", same.into())]).shapes().unwrap().outputs["conv"], [2, 4, 7]);
}

#[test]
fn shapes_that_contradict_are_refused_by_name() {
    let message = |nodes: &[(&str, Node)]| sequence(nodes).shapes().unwrap_err().to_string();
    assert!(
        message(&[
            ("input", input(3).into()),
            ("fc1", linear(4, 3).into()),
            ("lif", lif().into()),
            ("fc2", linear(2, 5).into())
        ])
        .starts_with("`lif` gives the shape [4], and `fc2` takes [5]")
    );
    assert!(
        message(&[("fc1", linear(4, 3).into()), ("fc2", linear(2, 5).into())])
            .starts_with("`fc1` gives the shape [4], and `fc2` takes [5]")
    );
    let channels = message(&[("input", Input { shape: vec![3, 9, 9] }.into()), ("conv", conv([2, 4], 1).into())]);
    assert!(
        channels.starts_with("node `conv` (Conv2d) cannot take the shape [3, 9, 9]: it takes 2 channels"),
        "{channels}"
    );
    let small = message(&[("input", Input { shape: vec![2, 9, 4] }.into()), ("conv", conv([2, 4], 1).into())]);
    assert!(small.contains("a kernel of 5 with dilation 1 does not fit in 4"), "{small}");
    let flatten = Flatten { input_type: Some(vec![4, 4]), start_dim: 1, end_dim: 2 };
    let flatten = message(&[("flatten", flatten.into()), ("output", output(1).into())]);
    assert!(
        flatten.contains("node `flatten` (Flatten) cannot take the shape [4, 4]: it merges dimensions 1 to 2"),
        "{flatten}"
    );
    let huge = Input { shape: vec![usize::MAX, 3] };
    assert!(
        message(&[("input", huge.into()), ("f", Flatten { input_type: None, start_dim: 0, end_dim: -1 }.into())])
            .contains("overflow")
    );
}

#[test]
fn parameters_that_do_not_fit_their_node_are_refused_by_field() {
    let message = |node: Node| sequence(&[("n", node)]).check().unwrap_err().to_string();
    let neuron = Lif { tau: ramp(&[3], 1.0, 1.0), v_threshold: ramp(&[4], 1.0, 1.0), ..lif() };
    assert_eq!(
        message(neuron.into()),
        "`v_threshold` of node `n` (LIF) is of shape [4], and must be of shape [3] like the rest of the node, or a single value; \
         correct it where the graph is exported"
    );
    assert!(
        message(Linear { weight: Tensor::vector([1.0]) }.into())
            .contains("`weight` of node `n` (Linear) is of shape [1]")
    );
    let affine = Affine { weight: ramp(&[2, 3], 0.0, 1.0), bias: ramp(&[3], 0.0, 1.0) };
    assert!(message(affine.into()).contains("must be of shape [2]"));
    let wrong: [(Conv<2>, &str); 5] = [
        (Conv { stride: [0, 1], ..conv([2, 4], 1) }, "`stride`"),
        (Conv { dilation: [1, 0], ..conv([2, 4], 1) }, "`dilation`"),
        (
            Conv { groups: 3, ..conv([2, 4], 1) },
            "`groups` of node `n` (Conv2d) is 3, and must be 1 or more, and divide the 4",
        ),
        (Conv { padding: Padding::Same, ..conv([2, 4], 1) }, "\"same\" with a stride of [2, 1]"),
        (Conv { weight: ramp(&[4, 2, 3], 0.0, 1.0), ..conv([2, 4], 1) }, "of rank 4"),
    ];
    for (conv, expected) in wrong {
        let message = message(conv.into());
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn an_absurd_shape_takes_no_memory_when_it_is_written() {
    let graph = sequence(&[("input", Input { shape: vec![1 << 20, 1 << 20] }.into()), ("lif", lif().into())]);
    assert_eq!(Graph::from_bytes(&graph.to_bytes().unwrap()).unwrap().nodes, graph.nodes);
}

#[test]
fn what_the_python_package_would_not_read_is_not_written() {
    let graph = sequence(&[("conv", conv([2, 4], 1).into())]);
    let message = graph.to_bytes().unwrap_err().to_string();
    assert!(
        message.contains("`input_shape` of node `conv` (Conv2d) is not set, and must be the extent of what arrives"),
        "{message}"
    );
    for name in ["", ".", "a/b"] {
        assert!(sequence(&[(name, lif().into())]).to_bytes().unwrap_err().to_string().contains("rename it"), "{name}");
    }
}

#[test]
fn a_junction_that_multiplies_edges_is_refused() {
    // All of 300 nodes go to a nested graph, whose input goes to 300 others.
    let mut nested = Graph::default();
    nested.add("input", input(1));
    let mut graph = Graph::default();
    for number in 0..300 {
        nested.add(format!("inner{number}"), lif()).connect("input", format!("inner{number}"));
        graph.add(format!("outer{number}"), lif()).connect(format!("outer{number}"), "nested");
    }
    graph.add("nested", nested);
    let refusal = graph.flattened().unwrap_err().to_string();
    assert!(refusal.starts_with("more than 65536 edges once nested graphs are inlined"), "{refusal}");
    assert!(refusal.contains("`nested/input`"), "{refusal}");
}

#[test]
fn shapes_run_along_long_chains_against_the_order_of_their_names() {
    // Looked at name by name, again and again, this would take the square of their number.
    let mut graph = Graph::default();
    let names: Vec<String> = (0..30_000).rev().map(|number| format!("n{number:05}")).collect();
    graph.add("input", input(3)).connect("input", names[0].as_str());
    names.iter().for_each(|name| {
        graph.add(name.as_str(), lif());
    });
    names.windows(2).for_each(|pair| {
        graph.connect(pair[0].as_str(), pair[1].as_str());
    });
    assert_eq!(graph.shapes().unwrap().outputs["n00000"], [3]);
}
