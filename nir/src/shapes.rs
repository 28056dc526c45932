//! What shape the output of each node has.
//!
//! Weights and parameters of each neuron are sure. What they say is carried along the edges, in both directions; only
//! where nothing is sure a declared shape is believed, of an Input before that of a Flatten before that of an Output.
//! At last every edge and every node is checked.

use crate::{Conv, Flatten, Graph, GraphError, Node, Padding, Tensor, tensor::places};
use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
};

/// Shapes of one time step, without batch or time.
#[derive(Clone, Debug, PartialEq)]
pub struct Shapes {
    /// Of what arrives at each node of the flattened graph, by name.
    pub inputs: BTreeMap<String, Vec<usize>>,
    /// Of what leaves it.
    pub outputs: BTreeMap<String, Vec<usize>>,
    /// Declared shapes that the weights contradict.
    pub corrections: Vec<Correction>,
}

/// A declared shape that is not the true one. Exporters put batch and time in it, as in (1, 64) and (1, 5, 64).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    pub node: String,
    /// The type of the node.
    pub kind: &'static str,
    pub declared: Vec<usize>,
    pub used: Vec<usize>,
}

impl fmt::Display for Correction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} `{}` declares the shape {:?}; the weights say {:?}",
            self.kind, self.node, self.declared, self.used
        )
    }
}

impl Graph {
    /// The shapes that follow from the weights, of the [flattened](Graph::flattened) graph. Refused where they
    /// contradict each other, or where nothing says what a shape is.
    ///
    /// The declared shape of an Input counts only if nothing else says it; of an Input before a convolution without
    /// `input_shape`, as many of its last dimensions as the convolution takes.
    pub fn shapes(&self) -> Result<Shapes, GraphError> {
        let graph = self.flattened()?;
        let mut inference = Inference::new(&graph);
        inference.spread()?;
        for kind in ["Input", "Flatten", "Output"] {
            for (name, node) in graph.nodes.iter().filter(|(_, node)| node.kind() == kind) {
                inference.believe(name, node)?;
            }
        }
        inference.finish()
    }
}

struct Inference<'a> {
    graph: &'a Graph,
    inputs: BTreeMap<&'a str, Vec<usize>>,
    outputs: BTreeMap<&'a str, Vec<usize>>,
    after: BTreeMap<&'a str, Vec<&'a str>>,
    before: BTreeMap<&'a str, Vec<&'a str>>,
    /// Nodes of which something became known that was not yet carried on.
    news: VecDeque<&'a str>,
}

impl<'a> Inference<'a> {
    fn new(graph: &'a Graph) -> Self {
        let (mut after, mut before) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, Vec<_>>::new());
        for (from, to) in &graph.edges {
            after.entry(from.as_str()).or_default().push(to.as_str());
            before.entry(to.as_str()).or_default().push(from.as_str());
        }
        let (inputs, outputs, news) = (BTreeMap::new(), BTreeMap::new(), VecDeque::new());
        let mut inference = Self { graph, inputs, outputs, after, before, news };
        for (name, node) in &graph.nodes {
            if let Some(shape) = sure_input(node) {
                inference.arrives(name, shape);
            }
        }
        inference
    }

    fn arrives(&mut self, name: &'a str, shape: Vec<usize>) {
        self.inputs.insert(name, shape);
        self.news.push_back(name);
    }

    fn leaves(&mut self, name: &'a str, shape: Vec<usize>) {
        self.outputs.insert(name, shape);
        self.news.push_back(name);
    }

    /// Carries what is known along nodes and edges until nothing new comes of it. Each node is looked at twice at most.
    fn spread(&mut self) -> Result<(), GraphError> {
        while let Some(name) = self.news.pop_front() {
            let node = &self.graph.nodes[name];
            match (self.inputs.get(name), self.outputs.get(name)) {
                (Some(input), None) => {
                    let output = output(name, node, input)?;
                    self.leaves(name, output);
                }
                (None, Some(output)) if keeps_shape(node) => {
                    let input = output.clone();
                    self.arrives(name, input);
                }
                _ => {}
            }
            if let Some(shape) = self.outputs.get(name).cloned() {
                let known = &self.inputs;
                let next = self.after.get(name).into_iter().flatten().copied();
                for to in next.filter(|to| !known.contains_key(to)).collect::<Vec<_>>() {
                    self.arrives(to, shape.clone());
                }
            }
            if let Some(shape) = self.inputs.get(name).cloned() {
                let known = &self.outputs;
                let last = self.before.get(name).into_iter().flatten().copied();
                for from in last.filter(|from| !known.contains_key(from)).collect::<Vec<_>>() {
                    self.leaves(from, shape.clone());
                }
            }
        }
        Ok(())
    }

    /// Takes a declared shape where nothing else is known, and what follows from it.
    fn believe(&mut self, name: &'a str, node: &Node) -> Result<(), GraphError> {
        let Some(mut shape) = declared(node) else { return Ok(()) };
        if self.inputs.contains_key(name) {
            return Ok(());
        }
        if let Some(rank) = self.rank_after(name) {
            shape.drain(..shape.len().saturating_sub(rank));
        }
        self.arrives(name, shape);
        self.spread()
    }

    /// How many dimensions a convolution or pooling takes that follows directly.
    fn rank_after(&self, name: &str) -> Option<usize> {
        let after = self.after.get(name).into_iter().flatten();
        after.filter_map(|to| self.graph.nodes.get(*to)).find_map(|node| match node {
            Node::Conv1d(_) => Some(2),
            Node::Conv2d(_) | Node::SumPool2d(_) | Node::AvgPool2d(_) => Some(3),
            _ => None,
        })
    }

    fn finish(self) -> Result<Shapes, GraphError> {
        let missing =
            |name: &&String| !self.outputs.contains_key(name.as_str()) || !self.inputs.contains_key(name.as_str());
        let nodes: Vec<String> = self.graph.nodes.keys().filter(missing).cloned().collect();
        if !nodes.is_empty() {
            return Err(GraphError::Unresolved { nodes });
        }
        for (from, to) in &self.graph.edges {
            let (gives, takes) = (&self.outputs[from.as_str()], &self.inputs[to.as_str()]);
            if gives != takes {
                let (from, to, from_shape, to_shape) = (from.clone(), to.clone(), gives.clone(), takes.clone());
                return Err(GraphError::ShapeConflict { from, from_shape, to, to_shape });
            }
        }
        let mut corrections = vec![];
        for (name, node) in &self.graph.nodes {
            let input = &self.inputs[name.as_str()];
            let (from_shape, to_shape) = (output(name, node, input)?, &self.outputs[name.as_str()]);
            if from_shape != *to_shape {
                // The node's own output, and what is taken from it by all that follow: they agree with each other.
                let to = self.graph.edges.iter().find(|(from, _)| from == name).map_or(name, |(_, to)| to);
                return Err(GraphError::ShapeConflict {
                    from: name.clone(),
                    from_shape,
                    to: to.clone(),
                    to_shape: to_shape.clone(),
                });
            }
            if let Some(declared) = declared(node).filter(|declared| declared != input) {
                corrections.push(Correction { node: name.clone(), kind: node.kind(), declared, used: input.clone() });
            }
        }
        let owned = |shapes: BTreeMap<&str, Vec<usize>>| {
            shapes.into_iter().map(|(name, shape)| (name.to_owned(), shape)).collect()
        };
        Ok(Shapes { inputs: owned(self.inputs), outputs: owned(self.outputs), corrections })
    }
}

/// What a node declares of its input without needing it.
fn declared(node: &Node) -> Option<Vec<usize>> {
    match node {
        Node::Input(input) => Some(input.shape.clone()),
        Node::Output(output) => Some(output.shape.clone()),
        Node::Flatten(flatten) => flatten.input_type.clone(),
        _ => None,
    }
}

/// The shape that a node takes, where its parameters say it.
fn sure_input(node: &Node) -> Option<Vec<usize>> {
    let of_weight = |weight: &Tensor| {
        let (inputs, rest) = weight.shape().split_last()?;
        let (_, batch) = rest.split_last()?;
        Some([batch, &[*inputs]].concat())
    };
    match node {
        Node::Linear(linear) => of_weight(&linear.weight),
        Node::Affine(affine) => of_weight(&affine.weight),
        Node::Conv1d(conv) => Some([&[channels_in(conv)?][..], &conv.input_shape?].concat()),
        Node::Conv2d(conv) => Some([&[channels_in(conv)?][..], &conv.input_shape?].concat()),
        // A single value holds for any number of neurons.
        node => node
            .elementwise()
            .iter()
            .find(|(_, tensor)| tensor.single().is_none())
            .map(|(_, tensor)| tensor.shape().to_vec()),
    }
}

fn channels_in<const D: usize>(conv: &Conv<D>) -> Option<usize> {
    conv.weight.shape().get(1)?.checked_mul(conv.groups)
}

/// Whether what leaves has the shape of what arrives.
fn keeps_shape(node: &Node) -> bool {
    matches!(node, Node::Input(_) | Node::Output(_)) || !node.elementwise().is_empty()
}

/// The shape that leaves when this one arrives.
fn output(name: &str, node: &Node, input: &[usize]) -> Result<Vec<usize>, GraphError> {
    let of_weight = |weight: &Tensor| match weight.shape() {
        [batch @ .., outputs, _] => Ok([batch, &[*outputs]].concat()),
        _ => Err("its weight is no matrix".into()),
    };
    let shape = match node {
        Node::Linear(linear) => of_weight(&linear.weight),
        Node::Affine(affine) => of_weight(&affine.weight),
        Node::Conv1d(conv) => convolved(conv, input),
        Node::Conv2d(conv) => convolved(conv, input),
        Node::SumPool2d(pool) | Node::AvgPool2d(pool) => match *input {
            [channels, height, width] => windows([height, width], pool.kernel_size, pool.stride, [1; 2], pool.padding)
                .map(|extents| [&[channels][..], &extents].concat()),
            _ => Err("it takes (channels, height, width)".into()),
        },
        Node::Flatten(flatten) => flattened(flatten, input),
        _ => Ok(input.to_vec()),
    };
    let incompatible =
        |reason| GraphError::Incompatible { node: name.into(), kind: node.kind(), shape: input.to_vec(), reason };
    shape.map_err(incompatible)
}

fn convolved<const D: usize>(conv: &Conv<D>, input: &[usize]) -> Result<Vec<usize>, String> {
    let weight = conv.weight.shape();
    let expected = channels_in(conv).ok_or("its channels overflow")?;
    let Some((&channels, Ok(extents))) =
        input.split_first().map(|(channels, rest)| (channels, <[usize; D]>::try_from(rest)))
    else {
        return Err(format!("it takes {} dimensions, the first of them {expected} channels", D + 1));
    };
    if channels != expected {
        return Err(format!("it takes {expected} channels"));
    }
    let (Some(&out), Some(Ok(kernel))) = (weight.first(), weight.get(2..).map(<[usize; D]>::try_from)) else {
        return Err(format!("its weight has not the rank {}", D + 2));
    };
    let extents = windows(extents, kernel, conv.stride, conv.dilation, conv.padding)?;
    Ok([&[out][..], &extents].concat())
}

/// How many windows there are along each dimension, as PyTorch counts them: those that fit, from the beginning of the
/// padding.
fn windows<const D: usize>(
    extents: [usize; D],
    kernel: [usize; D],
    stride: [usize; D],
    dilation: [usize; D],
    padding: Padding<D>,
) -> Result<[usize; D], String> {
    let zeros = match padding {
        Padding::Same => return Ok(extents),
        Padding::Valid => [0; D],
        Padding::Explicit(zeros) => zeros,
    };
    let mut counts = [0; D];
    for d in 0..D {
        let count = || {
            let padded = zeros[d].checked_mul(2)?.checked_add(extents[d])?;
            let window = kernel[d].checked_sub(1)?.checked_mul(dilation[d])?.checked_add(1)?;
            padded.checked_sub(window)?.checked_div(stride[d])?.checked_add(1)
        };
        counts[d] = count().ok_or_else(|| {
            format!(
                "a kernel of {} with dilation {} does not fit in {} with {} zeros on both sides",
                kernel[d], dilation[d], extents[d], zeros[d]
            )
        })?;
    }
    Ok(counts)
}

fn flattened(flatten: &Flatten, input: &[usize]) -> Result<Vec<usize>, String> {
    let rank = input.len();
    let index = |dim: i64| {
        let index = if dim < 0 {
            rank.checked_sub(usize::try_from(dim.unsigned_abs()).ok()?)?
        } else {
            usize::try_from(dim).ok()?
        };
        (index < rank).then_some(index)
    };
    match (index(flatten.start_dim), index(flatten.end_dim)) {
        (Some(start), Some(end)) if start <= end => {
            let merged = places(&input[start..=end]).ok_or("so many places overflow")?;
            Ok([&input[..start], &[merged], &input[end + 1..]].concat())
        }
        _ => Err(format!("it merges dimensions {} to {}", flatten.start_dim, flatten.end_dim)),
    }
}
