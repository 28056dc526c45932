//! Damage to graphs: fields, shapes, edges, types, names, nesting.

use nernst_nir::*;
use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

/// The graph with one to six kinds of damage.
pub fn damaged(graph: &Graph, random: &mut StdRng) -> Graph {
    let mut graph = graph.clone();
    for _ in 0..random.random_range(1..=6) {
        damage(&mut graph, random);
    }
    graph
}

fn damage(graph: &mut Graph, random: &mut StdRng) {
    let names: Vec<String> = graph.nodes.keys().cloned().collect();
    let Some(name) = names.choose(random) else { return };
    let other = names.choose(random).unwrap_or(name);
    match random.random_range(0..16) {
        0..=7 => {
            if let Some(node) = graph.nodes.get_mut(name) {
                damage_node(node, random);
            }
        }
        8 => {
            graph.connect(name.as_str(), other.as_str());
        }
        9 => {
            let edges: Vec<_> = graph.edges.iter().cloned().collect();
            if let Some((from, to)) = edges.choose(random) {
                graph.edges.remove(&(from.clone(), to.clone()));
                if random.random() {
                    graph.connect(other.as_str(), to.as_str());
                }
            }
        }
        10 => {
            let nowhere = ["nowhere", "", "input/input"].choose(random).copied().unwrap_or_default();
            graph.connect(name.as_str(), nowhere);
        }
        11 => {
            if let Some(node) = graph.nodes.remove(name)
                && random.random()
            {
                graph.nodes.insert(other.clone(), node);
            }
        }
        // Another type in its place, or the same once more under another name.
        12 => {
            if let Some(node) = graph.nodes.get(other).cloned() {
                let twin = ["twin", "a/b", ".", "input"].choose(random).copied().unwrap_or_default();
                graph.nodes.insert(if random.random() { name.clone() } else { twin.into() }, node);
            }
        }
        13 => {
            let node = invented(random);
            graph.nodes.insert(name.clone(), node);
        }
        14 => {
            if let Some(node) = graph.nodes.remove(name) {
                let depth = if random.random_ratio(1, 8) { random.random_range(1..60) } else { 1 };
                let nested = (0..depth).fold(node, |node, _| Node::Graph(around(node)));
                graph.nodes.insert(name.clone(), nested);
            }
        }
        _ => {
            if let Some(Node::Graph(inner)) = graph.nodes.get_mut(name) {
                damage(inner, random);
            } else {
                // The network in itself.
                let whole = graph.clone();
                graph.nodes.insert(name.clone(), Node::Graph(whole));
            }
        }
    }
}

/// A graph of one node between its own input and output.
fn around(node: Node) -> Graph {
    let mut graph = Graph::default();
    graph.add("input", Input { shape: vec![1] }).add("inner", node).add("output", Output { shape: vec![1] });
    graph.connect("input", "inner").connect("inner", "output");
    graph
}

fn damage_node(node: &mut Node, random: &mut StdRng) {
    if let Node::Graph(graph) = node {
        return damage(graph, random);
    }
    let damage_value = random.random_ratio(2, 3);
    let mut tensors = tensors(node);
    if !tensors.is_empty() && random.random_ratio(2, 3) {
        let which = random.random_range(0..tensors.len());
        let tensor = &mut *tensors[which];
        *tensor = if damage_value { with_another_value(tensor, random) } else { of_another_shape(random) };
        return;
    }
    match node {
        Node::Input(Input { shape }) | Node::Output(Output { shape }) => *shape = any_shape(random),
        Node::Conv1d(conv) => damage_conv(conv, random),
        Node::Conv2d(conv) => damage_conv(conv, random),
        Node::SumPool2d(pool) | Node::AvgPool2d(pool) => {
            match random.random_range(0..3) {
                0 => pool.kernel_size = extents(random),
                1 => pool.stride = extents(random),
                _ => pool.padding = padding(random),
            };
        }
        Node::Flatten(flatten) => match random.random_range(0..3) {
            0 => flatten.start_dim = random.random_range(-4..5),
            1 => flatten.end_dim = *[i64::MIN, i64::MAX, -1, 0, 1, 7].choose(random).unwrap_or(&0),
            _ => flatten.input_type = random.random::<bool>().then(|| any_shape(random)),
        },
        _ => {}
    }
}

fn damage_conv<const D: usize>(conv: &mut Conv<D>, random: &mut StdRng) {
    match random.random_range(0..5) {
        0 => conv.input_shape = random.random::<bool>().then(|| extents(random)),
        1 => conv.stride = extents(random),
        2 => conv.padding = padding(random),
        3 => conv.dilation = extents(random),
        _ => conv.groups = size(random),
    }
}

fn extents<const D: usize>(random: &mut StdRng) -> [usize; D] {
    std::array::from_fn(|_| size(random))
}

fn padding<const D: usize>(random: &mut StdRng) -> Padding<D> {
    match random.random_range(0..3) {
        0 => Padding::Same,
        1 => Padding::Valid,
        _ => Padding::Explicit(extents(random)),
    }
}

/// Mostly small; else what no memory holds, or what multiplies past all numbers.
fn size(random: &mut StdRng) -> usize {
    match random.random_range(0..10) {
        0 => *[1 << 16, 1 << 20, 1 << 31, 1 << 40, 8_999_999_999_999_999, usize::MAX].choose(random).unwrap_or(&0),
        1 => random.random_range(0..2000),
        _ => random.random_range(0..9),
    }
}

fn any_shape(random: &mut StdRng) -> Vec<usize> {
    let rank = if random.random_ratio(1, 20) { random.random_range(0..64) } else { random.random_range(0..5) };
    (0..rank).map(|_| size(random)).collect()
}

fn value(random: &mut StdRng) -> f64 {
    let special = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        1e300,
        1e-300,
        f64::MIN_POSITIVE,
        1e-4,
        1e4,
        5e18,
    ];
    special.choose(random).copied().unwrap_or_default()
}

fn with_another_value(tensor: &Tensor, random: &mut StdRng) -> Tensor {
    let mut values = tensor.values().to_vec();
    if random.random_ratio(1, 3) {
        let all = value(random);
        values.fill(all);
    } else if !values.is_empty() {
        let place = random.random_range(0..values.len());
        values[place] = value(random);
    }
    Tensor::new(tensor.shape(), values).unwrap_or_else(|| Tensor::scalar(0.0))
}

/// Of at most some thousand numbers: what a file claims without having them is damage to its bytes.
fn of_another_shape(random: &mut StdRng) -> Tensor {
    let rank = random.random_range(0..6);
    let most = if rank < 3 { 60 } else { 6 };
    let shape: Vec<usize> = (0..rank).map(|_| random.random_range(0..most)).collect();
    let value = if random.random() { random.random_range(-2.0..2.0) } else { value(random) };
    Tensor::filled(shape, value).unwrap_or_else(|| Tensor::scalar(0.0))
}

/// A node of any type, with a single value for all neurons.
fn invented(random: &mut StdRng) -> Node {
    let mut one = || Tensor::scalar(if random.random() { 1.0 } else { value(random) });
    let (a, b, c, d, e, f, g) = (one(), one(), one(), one(), one(), one(), one());
    match random.random_range(0..14) {
        0 => Scale { scale: a }.into(),
        1 => Delay { delay: a }.into(),
        2 => Threshold { threshold: a }.into(),
        3 => I { r: a }.into(),
        4 => If { r: a, v_threshold: b, v_reset: c }.into(),
        5 => Li { tau: a, r: b, v_leak: c }.into(),
        6 => Lif { tau: a, r: b, v_leak: c, v_threshold: d, v_reset: e }.into(),
        7 => CubaLi { tau_syn: a, tau_mem: b, r: c, v_leak: d, w_in: e }.into(),
        8 => CubaLif { tau_syn: a, tau_mem: b, r: c, v_leak: d, v_threshold: e, v_reset: f, w_in: g }.into(),
        9 => Node::SumPool2d(Pool { kernel_size: extents(random), stride: extents(random), padding: padding(random) }),
        10 => Node::AvgPool2d(Pool { kernel_size: extents(random), stride: extents(random), padding: padding(random) }),
        11 => Input { shape: any_shape(random) }.into(),
        12 => Output { shape: any_shape(random) }.into(),
        _ => Flatten { input_type: None, start_dim: 0, end_dim: -1 }.into(),
    }
}

fn tensors(node: &mut Node) -> Vec<&mut Tensor> {
    match node {
        Node::Affine(n) => vec![&mut n.weight, &mut n.bias],
        Node::Linear(n) => vec![&mut n.weight],
        Node::Conv1d(n) => vec![&mut n.weight, &mut n.bias],
        Node::Conv2d(n) => vec![&mut n.weight, &mut n.bias],
        Node::Scale(n) => vec![&mut n.scale],
        Node::Delay(n) => vec![&mut n.delay],
        Node::Threshold(n) => vec![&mut n.threshold],
        Node::I(n) => vec![&mut n.r],
        Node::If(n) => vec![&mut n.r, &mut n.v_threshold, &mut n.v_reset],
        Node::Li(n) => vec![&mut n.tau, &mut n.r, &mut n.v_leak],
        Node::Lif(n) => vec![&mut n.tau, &mut n.r, &mut n.v_leak, &mut n.v_threshold, &mut n.v_reset],
        Node::CubaLi(n) => vec![&mut n.tau_syn, &mut n.tau_mem, &mut n.r, &mut n.v_leak, &mut n.w_in],
        Node::CubaLif(n) => {
            vec![
                &mut n.tau_syn,
                &mut n.tau_mem,
                &mut n.r,
                &mut n.v_leak,
                &mut n.v_threshold,
                &mut n.v_reset,
                &mut n.w_in,
            ]
        }
        _ => vec![],
    }
}
