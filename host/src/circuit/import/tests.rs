use super::limits::Budget;
use super::linear::Values;
use super::*;
use crate::circuit::{Neuron, Population, Projection, Readout, Simulation, Source, Synapse};
use crate::coding::{Code, Coding};
use crate::data::Dataset;
use nernst_nir::{
    Affine, Conv, CubaLif, Delay, I, If, Input, Li, Lif, Linear, Output, Padding, Pool, Scale, Tensor, Threshold,
};
use nernst_spec::tick::Reset;
use proptest::prelude::*;
use std::path::Path;

const ZERO: Options = Options { dt: None, after_spike: AfterSpike::Zero, method: Method::Euler };

fn import(graph: &Graph) -> Circuit {
    Imported::new(graph, &ZERO).unwrap().circuit
}

fn refusal(graph: &Graph) -> String {
    Imported::new(graph, &ZERO).unwrap_err().to_string()
}

fn file(name: &str) -> Imported {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../nir/tests/data").join(name);
    Imported::new(&Graph::read(&path).unwrap(), &ZERO).unwrap()
}

/// LIF as snnTorch writes it: dt = 1e-4, beta = 1 - 1/r.
fn lif(count: usize, beta: f64) -> Lif {
    let all = |value: f64| Tensor::filled([count], value).unwrap();
    let r = 1.0 / (1.0 - beta);
    Lif { tau: all(1e-4 * r), r: all(r), v_leak: all(0.0), v_threshold: all(1.0), v_reset: all(0.0) }
}

fn linear(rows: &[&[f64]]) -> Linear {
    Linear { weight: Tensor::new([rows.len(), rows[0].len()], rows.concat()).unwrap() }
}

/// Nodes one after another, named by their number; Input first and Output last.
fn chain(inputs: &[usize], nodes: Vec<Node>) -> Graph {
    let mut graph = Graph::default();
    let last = nodes.len();
    graph.add("input", Input { shape: inputs.to_vec() });
    for (number, node) in nodes.into_iter().enumerate() {
        graph.add(number.to_string(), node);
        let before = number.checked_sub(1).map_or("input".to_string(), |before| before.to_string());
        graph.connect(before, number.to_string());
    }
    graph.add("output", Output { shape: vec![1] });
    graph.connect((last - 1).to_string(), "output");
    graph
}

fn weights(projection: &Projection) -> Vec<(u32, u32, f64, u32)> {
    projection.synapses.iter().map(|s| (s.source, s.target, s.weight, s.delay)).collect()
}

/// How many of the 360 test digits of the split that these networks were not trained on are classified rightly.
fn right(imported: &Imported) -> usize {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/digits-sklearn-test.csv.gz");
    let samples = Dataset::load(&path).unwrap().samples;
    let accuracy = imported.circuit.accuracy(&samples, Code { coding: Coding::Rate, ticks: 16 });
    (accuracy * samples.len() as f64).round() as usize
}

#[test]
fn networks_of_snntorch_classify_as_they_did_there() {
    for (name, expected) in [("snntorch_mlp_fp32.nir", 348), ("snntorch_conv.nir", 342), ("snntorch_rec.nir", 349)] {
        assert_eq!(right(&file(name)), expected, "{name}");
    }
}

#[test]
fn what_was_assumed_is_said() {
    let imported = file("snntorch_rec.nir");
    assert!((imported.dt.unwrap() / 1e-4 - 1.0).abs() < 1e-6);
    let remarks = imported.remarks.join("; ");
    assert!(remarks.contains("= tau/R") && remarks.contains("spikes within lif1.lif take a step"), "{remarks}");
    let subtract = Options { after_spike: AfterSpike::Subtract, ..ZERO };
    let graph = chain(&[1], vec![linear(&[&[1.0]]).into(), lif(1, 0.5).into()]);
    let imported = Imported::new(&graph, &subtract).unwrap();
    assert!(imported.remarks.last().unwrap().contains("subtracted"), "{:?}", imported.remarks);
    assert_eq!(imported.circuit.populations[0].neurons[0].reset, Reset::Subtract);
}

#[test]
fn the_factor_of_the_input_is_in_the_threshold() {
    // tau = 4 steps and R = 2: a current counts half.
    let all = Tensor::scalar;
    let slow = Lif { tau: all(4.0), r: all(2.0), v_leak: all(-1.0), v_threshold: all(2.0), v_reset: all(-1.0) };
    let graph = chain(&[2], vec![linear(&[&[1.0, 0.0], &[-2.0, 3.0]]).into(), slow.into()]);
    let options = Options { dt: Some(1.0), ..ZERO };
    let circuit = Imported::new(&graph, &options).unwrap().circuit;
    let neuron = Neuron { threshold: 6f64.next_up(), decay: 0.75, bias: 0.0, reset: Reset::Zero };
    assert_eq!(circuit.populations[0].neurons, [neuron; 2]);
    // What is 0 is no synapse.
    assert_eq!(weights(&circuit.projections[0]), [(0, 0, 1.0, 0), (0, 1, -2.0, 0), (1, 1, 3.0, 0)]);
    let integrate = If { r: all(0.5), v_threshold: all(1.0), v_reset: all(0.0) };
    let graph = chain(&[1], vec![linear(&[&[1.0]]).into(), integrate.into()]);
    let neuron = Imported::new(&graph, &options).unwrap().circuit.populations[0].neurons[0];
    assert_eq!((neuron.threshold, neuron.decay), (2f64.next_up(), 1.0));
    // Without memory there is nothing that a step could change.
    let graph = chain(&[1], vec![linear(&[&[1.0]]).into(), Threshold { threshold: all(0.5) }.into()]);
    assert_eq!(import(&graph).populations[0].neurons[0].decay, 0.0);
}

#[test]
fn linear_nodes_become_one_synapse_for_each_pair() {
    let first = linear(&[&[1.0, 2.0], &[0.0, 3.0]]);
    let scale = Scale { scale: Tensor::vector([10.0, -1.0]) };
    let second = Affine { weight: Tensor::new([1, 2], [1.0, 1.0]).unwrap(), bias: Tensor::vector([0.25]) };
    let circuit = import(&chain(&[2], vec![first.into(), scale.into(), second.into(), lif(1, 0.5).into()]));
    assert_eq!(weights(&circuit.projections[0]), [(0, 0, 10.0, 0), (1, 0, 17.0, 0)]);
    assert_eq!(circuit.populations[0].neurons[0].bias, 0.25);
    // Two ways add up; a delay keeps them apart.
    let mut graph = chain(&[1], vec![linear(&[&[1.0]]).into(), lif(1, 0.5).into()]);
    graph.add("beside", linear(&[&[0.5]]));
    graph.connect("input", "beside").connect("beside", "1");
    assert_eq!(weights(&import(&graph).projections[0]), [(0, 0, 1.5, 0)]);
    graph.add("late", Delay { delay: Tensor::scalar(3e-4) });
    graph.edges.remove(&("beside".into(), "1".into()));
    graph.connect("beside", "late").connect("late", "1");
    assert_eq!(weights(&import(&graph).projections[0]), [(0, 0, 1.0, 0), (0, 0, 0.5, 3)]);
}

#[test]
fn spikes_in_a_loop_take_a_step() {
    let mut graph =
        chain(&[1], vec![linear(&[&[2.0]]).into(), lif(1, 0.5).into(), linear(&[&[2.0]]).into(), lif(1, 0.5).into()]);
    graph.add("back", linear(&[&[-1.5]]));
    graph.connect("1", "back").connect("back", "1");
    let circuit = import(&graph);
    let delays =
        circuit.projections.iter().map(|projection| (projection.from, projection.to, projection.synapses[0].delay));
    let expected = [(Source::Inputs, 0, 0), (Source::Population(0), 0, 1), (Source::Population(0), 1, 0)];
    assert_eq!(delays.collect::<Vec<_>>(), expected);
    // Fires in the steps 0 and 2; in step 1 it holds itself back. What it sends forth arrives in the same step.
    let input = vec![vec![0], vec![0], vec![0], vec![], vec![]];
    assert_eq!(Simulation::new(&circuit).answer(&input), [2.0]);
}

#[test]
fn the_end_can_be_a_membrane() {
    let all = Tensor::scalar;
    let li = Li { tau: all(2e-4), r: all(2.0), v_leak: all(0.0) };
    let circuit = import(&chain(&[1], vec![linear(&[&[1.0], &[-2.0]]).into(), li.into()]));
    assert_eq!(circuit.readout, Readout::Membranes);
    assert_eq!(Simulation::new(&circuit).answer(&[vec![0], vec![], vec![0]]), [1.25, -2.5]);
}

/// In which of these steps a neuron behind a weight of 1 fires, by an equation with as many states as it likes.
fn steps_of(input: &[f64], mut step: impl FnMut(f64) -> bool) -> Vec<bool> {
    input.iter().map(|input| step(*input)).collect()
}

/// The same of the circuit, through which each input goes as it is.
fn fires(graph: &Graph, options: &Options, input: &[f64]) -> Vec<bool> {
    let circuit = Imported::new(graph, options).unwrap().circuit;
    // Line 0 counts a quarter, line 1 a half, line 2 one.
    let lines = |value: f64| (0..3).filter(|line| (value * 4.0) as u32 >> line & 1 == 1).collect::<Vec<u16>>();
    let input: Vec<Vec<u16>> = input.iter().map(|value| lines(*value)).collect();
    let until = |steps: usize| Simulation::new(&circuit).answer(&input[..steps])[0];
    (0..input.len()).map(|step| until(step + 1) > until(step)).collect()
}

#[test]
fn resets_that_the_array_does_not_have_are_made_of_a_synapse() {
    let all = Tensor::scalar;
    let ends = |node: Node| chain(&[3], vec![linear(&[&[0.25, 0.5, 1.0]]).into(), node]);
    let input: Vec<f64> = (0..60).map(|step| f64::from(step * step * 5 % 8) / 4.0).collect();
    let given = Options { dt: Some(1.0), ..ZERO };
    let late = Options { after_spike: AfterSpike::SubtractLate, ..given };

    // To another voltage than the leak's.
    let other = Lif { tau: all(4.0), r: all(4.0), v_leak: all(0.0), v_threshold: all(1.85), v_reset: all(-0.7) };
    let mut v = 0.0;
    let expected = steps_of(&input, |input| {
        v = 0.75 * v + input;
        let fires = v > 1.85;
        v = if fires { -0.7 } else { v };
        fires
    });
    assert!(expected.contains(&true));
    assert_eq!(fires(&ends(other.clone().into()), &given, &input), expected);

    // By subtraction, after the leak of the next step.
    let (mut v, mut before) = (0.0, false);
    let expected = steps_of(&input, |input| {
        v = 0.75 * v + input - if before { 1.85 } else { 0.0 };
        before = v > 1.85;
        before
    });
    assert_eq!(fires(&ends(Lif { v_reset: all(0.0), ..other }.into()), &late, &input), expected);

    // A synapse that remembers, before a membrane that does not.
    let cuba = CubaLif {
        tau_syn: all(2.0),
        tau_mem: all(1.0),
        r: all(1.0),
        v_leak: all(0.0),
        v_threshold: all(1.85),
        v_reset: all(0.0),
        w_in: all(2.0),
    };
    for options in [given, late] {
        let (mut i, mut before) = (0.0, false);
        let expected = steps_of(&input, |input| {
            i = 0.5 * i + input;
            let subtracted = if before && options == late { 1.85 } else { 0.0 };
            before = i - subtracted > 1.85;
            before
        });
        assert_eq!(fires(&ends(cuba.clone().into()), &options, &input), expected);
    }
}

#[test]
fn time_constants_become_what_the_framework_means() {
    let all = Tensor::scalar;
    let ends = |tau: f64, r: f64| {
        let neuron = Lif { tau: all(tau), r: all(r), v_leak: all(0.0), v_threshold: all(1.0), v_reset: all(0.0) };
        chain(&[1], vec![linear(&[&[1.0]]).into(), neuron.into()])
    };
    let neuron = |graph: &Graph, options: Options| {
        let imported = Imported::new(graph, &options).unwrap();
        (imported.circuit.populations[0].neurons[0], imported.dt.unwrap())
    };
    let kept = (-0.1f64).exp();
    // Sinabs: one step is 1, and what is kept of the input is what is lost of the membrane.
    let exact = Options { dt: Some(1.0), method: Method::Exponential, ..ZERO };
    let (sinabs, _) = neuron(&ends(10.0, 1.0), exact);
    assert!((sinabs.decay - kept).abs() < 1e-12 && (sinabs.threshold * (1.0 - kept) - 1.0).abs() < 1e-12);
    // Rockpool, which R tells once there is a step, or several time constants.
    let r = |tau: f64| tau / 1e-3 * (-1e-3 / tau).exp();
    let rockpool = ends(0.01, r(0.01));
    let refusal = refusal(&rockpool);
    assert!(refusal.contains("as Rockpool does, 1e-3"), "{refusal}");
    let (known, _) = neuron(&rockpool, Options { dt: Some(1e-3), ..ZERO });
    assert!((known.decay - kept).abs() < 1e-9 && (known.threshold - 1.0).abs() < 1e-9, "{known:?}");
    let (mut two, taus) = (chain(&[1], vec![linear(&[&[1.0], &[1.0]]).into(), lif(2, 0.5).into()]), [0.01, 0.02]);
    let Some(Node::Lif(both)) = two.nodes.get_mut("1") else { unreachable!() };
    (both.tau, both.r) = (Tensor::vector(taus), Tensor::vector(taus.map(r)));
    let (first, dt) = neuron(&two, ZERO);
    assert!((first.decay - kept).abs() < 1e-6 && (dt / 1e-3 - 1.0).abs() < 1e-6, "{first:?} {dt}");
}

#[test]
fn what_a_small_file_claims_is_held_against_limits() {
    let all = Tensor::scalar;
    let conv = |input_shape, kernel: usize| Conv {
        input_shape: Some(input_shape),
        weight: Tensor::filled([8, 1, kernel, kernel], 1.0).unwrap(),
        stride: [1, 1],
        padding: Padding::Same,
        dilation: [1, 1],
        groups: 1,
        bias: all(0.0),
    };
    let net = |conv: Conv<2>| chain(&[1], vec![conv.into(), Threshold { threshold: all(1.0) }.into()]);
    let refusal = refusal(&net(conv([1 << 20, 1 << 20], 1)));
    assert!(refusal.contains("node `0` takes the network past 1048576 places"), "{refusal}");
    let refusal = self::refusal(&net(conv([200, 200], 15)));
    assert!(refusal.contains("with what it connects node"), "{refusal}");
    // A kernel of 10^15 in as many zeros covers one input from one place.
    let pool = Pool {
        kernel_size: [1_000_000_000_000_001; 2],
        stride: [1; 2],
        padding: Padding::Explicit([500_000_000_000_000; 2]),
    };
    let graph = chain(&[1, 1, 1], vec![Node::SumPool2d(pool), Threshold { threshold: all(0.5) }.into()]);
    assert_eq!(weights(&import(&graph).projections[0]), [(0, 0, 1.0, 0)]);
    // Half of a kernel with so much between its places is more than there are numbers.
    let spread = Conv { dilation: [usize::MAX / 8; 2], ..conv([9, 9], 3) };
    import(&net(spread));
    for dt in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let refusal = Imported::new(&graph, &Options { dt: Some(dt), ..ZERO }).unwrap_err().to_string();
        assert!(refusal.contains("must be above 0 and finite"), "{refusal}");
    }
}

#[test]
fn what_the_array_cannot_be_is_refused_by_name() {
    let all = Tensor::scalar;
    let one = || Node::from(linear(&[&[1.0]]));
    let ends = |node: Node| chain(&[1], vec![one(), node]);
    let cuba = |tau_syn: f64| CubaLif {
        tau_syn: all(tau_syn),
        tau_mem: all(1e-3),
        r: all(10.0),
        v_leak: all(0.0),
        v_threshold: all(1.0),
        v_reset: all(0.0),
        w_in: all(2.0),
    };
    let neuron = import(&ends(cuba(1e-4).into())).populations[0].neurons[0];
    assert!((neuron.threshold - 0.5).abs() < 1e-9 && (neuron.decay - 0.9).abs() < 1e-9, "{neuron:?}");
    let mut two_inputs = ends(lif(1, 0.5).into());
    two_inputs.add("another", Input { shape: vec![1] });
    two_inputs.connect("another", "0");
    let mut silent = ends(lif(1, 0.5).into());
    silent.edges.remove(&("1".into(), "output".into()));
    let mut endless = ends(lif(1, 0.5).into());
    endless.add("a", linear(&[&[1.0]])).add("b", linear(&[&[1.0]]));
    endless.connect("a", "b").connect("b", "a").connect("input", "a").connect("b", "1");
    let mut apart = chain(&[1], vec![one(), lif(1, 0.5).into(), one(), lif(1, 0.5).into()]);
    let Some(Node::Lif(other)) = apart.nodes.get_mut("3") else { unreachable!() };
    other.tau = all(7.0);
    let eager = Lif { v_threshold: all(0.0), ..lif(1, 0.5) };
    let swinging = Lif { tau: all(0.5), r: all(1.0), ..lif(1, 0.5) };
    let late = Delay { delay: all(2.5e-4) };
    let li = || Node::from(Li { tau: all(2e-4), r: all(2.0), v_leak: all(0.0) });
    let slow = Lif { r: all(1.0), ..lif(1, 0.5) };
    for (graph, expected) in [
        (
            ends(cuba(3e-4).into()),
            "neuron 0 of node `1` (CubaLIF): it has two memories, a synaptic current that keeps 0.6667",
        ),
        (ends(I { r: all(1.0) }.into()), "node `1` (I): no neuron of the array gives its membrane"),
        (ends(one()), "the output is that of node `1` (Linear), which is no neuron"),
        (ends(slow.into()), "node `1` (LIF) has time constants without a step"),
        (ends(eager.into()), "neuron 0 of node `1` (LIF): v_threshold is 0e0"),
        (
            chain(&[1], vec![one(), late.into(), lif(1, 0.5).into()]),
            "neuron 0 of node `1` (Delay): a delay of 2.5e-4 is 2.5 time steps",
        ),
        (chain(&[1], vec![one(), li(), one(), lif(1, 0.5).into()]), "node `1` (LI): it gives its membrane to others"),
        (
            chain(&[1], vec![linear(&[&[1.0], &[f64::NAN]]).into(), lif(2, 0.5).into()]),
            "neuron 1 of node `1` (LIF): what it hears has a weight or bias of NaN",
        ),
        (
            chain(&[1], vec![one(), Delay { delay: all(1.0) }.into(), lif(1, 0.5).into()]),
            "neuron 0 of node `1` (Delay): a delay of 1e0 is",
        ),
        (two_inputs, "there are 2 Input nodes (another, input)"),
        (silent, "nothing leads to Output `output`"),
        (endless, "nodes a, b are a loop without a neuron"),
        (apart, "neuron 0 of node `3` (LIF): tau/R says a time step of 3.5e0, and node `1` says 1e-4"),
    ] {
        let refusal = refusal(&graph);
        assert!(refusal.starts_with(expected), "{refusal}");
    }
    let refusal = Imported::new(&ends(swinging.into()), &Options { dt: Some(1.0), ..ZERO }).unwrap_err().to_string();
    assert!(refusal.contains("less than the time step 1e0"), "{refusal}");
}

/// What a convolution gives at a place: the sum over its kernel, as its definition says it.
fn convolved(
    conv: &Conv<2>,
    input: &[f64],
    extents: [usize; 2],
    channel: usize,
    at: [usize; 2],
    zeros: [usize; 2],
) -> f64 {
    let shape = conv.weight.shape();
    let in_group = shape[1];
    let first = channel / (shape[0] / conv.groups) * in_group;
    let mut sum = 0.0;
    for c in 0..in_group {
        for (ky, kx) in (0..shape[2]).flat_map(|ky| (0..shape[3]).map(move |kx| (ky, kx))) {
            let y = (at[0] * conv.stride[0] + ky * conv.dilation[0]).checked_sub(zeros[0]).filter(|y| *y < extents[0]);
            let x = (at[1] * conv.stride[1] + kx * conv.dilation[1]).checked_sub(zeros[1]).filter(|x| *x < extents[1]);
            if let (Some(y), Some(x)) = (y, x) {
                let weight = conv.weight.get(&[channel, c, ky, kx]).unwrap();
                sum += weight * input[((first + c) * extents[0] + y) * extents[1] + x];
            }
        }
    }
    sum
}

proptest! {
    #[test]
    fn a_convolution_is_what_its_definition_says(
        groups in 1usize..3, per_group in (1usize..3, 1usize..3), kernel in (1usize..4, 1usize..4), extents in (5usize..8, 5usize..8),
        stride in (1usize..3, 1usize..3), dilation in (1usize..3, 1usize..3), zeros in (0usize..3, 0usize..3), seed: u64,
    ) {
        let (inputs, outputs) = (groups * per_group.0, groups * per_group.1);
        let mut state = seed;
        let mut number = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            ((state >> 40) % 21) as f64 - 10.0
        };
        let count = outputs * per_group.0 * kernel.0 * kernel.1;
        let values: Vec<f64> = (0..count).map(|_| number()).collect();
        let conv = Conv {
            input_shape: Some([extents.0, extents.1]),
            weight: Tensor::new([outputs, per_group.0, kernel.0, kernel.1], values).unwrap(),
            stride: [stride.0, stride.1],
            padding: Padding::Explicit([zeros.0, zeros.1]),
            dilation: [dilation.0, dilation.1],
            groups,
            bias: Tensor::scalar(0.0),
        };
        let extent = |d: usize, n: usize, k: usize, s: usize, z: usize| (n + 2 * z).checked_sub(d * (k - 1) + 1).map(|room| room / s + 1);
        let out = extent(dilation.0, extents.0, kernel.0, stride.0, zeros.0).zip(extent(dilation.1, extents.1, kernel.1, stride.1, zeros.1));
        prop_assume!(out.is_some());
        let (rows, columns) = out.unwrap();
        let input: Vec<f64> = (0..inputs * extents.0 * extents.1).map(|_| number()).collect();
        let node = Node::Conv2d(conv.clone());
        let linear = super::linear::Linear {
            name: "conv",
            node: &node,
            input: &[inputs, extents.0, extents.1],
            output: &[outputs, rows, columns],
            dt: None,
            budget: &Budget::products(),
        };
        let values = input.iter().enumerate().map(|(place, value)| ((place, 0), *value)).collect();
        let found = linear.apply(&values).unwrap();
        for (channel, y, x) in (0..outputs).flat_map(|c| (0..rows).flat_map(move |y| (0..columns).map(move |x| (c, y, x)))) {
            let expected = convolved(&conv, &input, [extents.0, extents.1], channel, [y, x], [zeros.0, zeros.1]);
            let value = found.get(&((channel * rows + y) * columns + x, 0)).copied().unwrap_or_default();
            prop_assert!((value - expected).abs() < 1e-9, "channel {channel} at {y}, {x}: {value}, not {expected}");
        }
    }
}

#[test]
fn pools_add_and_average_their_windows() {
    let pool = Pool { kernel_size: [2, 2], stride: [2, 2], padding: Padding::Valid };
    for (node, weight) in [(Node::SumPool2d(pool.clone()), 1.0), (Node::AvgPool2d(pool), 0.25)] {
        let linear = super::linear::Linear {
            name: "pool",
            node: &node,
            input: &[2, 4, 5],
            output: &[2, 2, 2],
            dt: None,
            budget: &Budget::products(),
        };
        // The last column is in no window.
        for (place, expected) in [(0, Some(0)), (8, Some(1)), (4, None), (20 + 15, Some(4 + 2))] {
            let found = linear.apply(&Values::from([((place, 0), 1.0)])).unwrap();
            assert_eq!(found, expected.map(|to| ((to, 0), weight)).into_iter().collect(), "place {place}");
        }
    }
}

#[test]
fn a_synapse_is_heard_after_its_delay() {
    let neuron = Neuron { threshold: 0.5, decay: 0.0, bias: 0.0, reset: Reset::Zero };
    let synapses = (0..3).map(|delay| Synapse { source: 0, target: delay, weight: 1.0, delay }).collect();
    let circuit = Circuit {
        inputs: 1,
        populations: vec![Population { name: "late".into(), neurons: vec![neuron; 3] }],
        projections: vec![Projection { from: Source::Inputs, to: 0, tied: true, synapses }],
        output: 0,
        readout: Readout::Spikes,
    };
    assert_eq!(Simulation::new(&circuit).answer(&[vec![0], vec![]]), [1.0, 1.0, 0.0]);
}
