//! From a graph to the tree of a file.

use crate::{
    Conv, Graph, GraphError, Metadata, Node, NodePath, Note, Padding, Pool, Tensor,
    tensor::places,
    tree::{Format, Group, Item, Text},
};
use std::collections::BTreeMap;

/// The version of the Python package whose layout is written.
pub const FORMAT: &str = "1.0.8";

/// Neurons that a single value is repeated for; more have the shape of a damaged file, and are not worth their memory.
const MOST_NEURONS: usize = 1 << 24;

/// The tree of a whole file, from a graph that was checked.
pub(crate) fn graph(graph: &Graph) -> Result<Group, GraphError> {
    let mut file = Group::default();
    file.insert("version", FORMAT);
    // Where shapes contradict each other they cannot help; what is there is written all the same.
    let arriving = graph.shapes().map(|shapes| shapes.inputs).unwrap_or_default();
    file.insert("node", nested(graph, &NodePath::default(), &arriving)?);
    Ok(file)
}

/// `arriving` has the shape of what arrives at a node, by its path.
fn nested(graph: &Graph, path: &NodePath, arriving: &BTreeMap<String, Vec<usize>>) -> Result<Group, GraphError> {
    let mut group = with_type("NIRGraph");
    let mut nodes = Group::default();
    for (name, node) in &graph.nodes {
        if !is_name(name) {
            return Err(GraphError::Name { graph: path.clone(), name: name.clone() });
        }
        let path = path.join(name);
        let mut inner = match node {
            Node::Graph(graph) => nested(graph, &path, arriving)?,
            node => fields(node, &path, arriving.get(path.as_str()).map(Vec::as_slice))?,
        };
        if let Some(notes) = graph.node_metadata.get(name).filter(|notes| !notes.is_empty()) {
            inner.insert("metadata", metadata(notes, &path, node.kind())?);
        }
        nodes.insert(name, inner);
    }
    group.insert("nodes", nodes);
    let strings = graph.edges.iter().flat_map(|(from, to)| [from.clone(), to.clone()]).collect();
    group.insert("edges", Item::Text(Text { shape: vec![graph.edges.len(), 2], strings }));
    if !graph.metadata.is_empty() {
        group.insert("metadata", metadata(&graph.metadata, path, "NIRGraph")?);
    }
    Ok(group)
}

/// Whether HDF5 can have it as one name.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && name != "." && !name.contains(['/', '\0'])
}

fn with_type(kind: &str) -> Group {
    let mut group = Group::default();
    group.insert("type", kind);
    group
}

fn fields(node: &Node, path: &NodePath, arriving: Option<&[usize]>) -> Result<Group, GraphError> {
    let mut group = with_type(node.kind());
    match node {
        Node::Input(input) => group.insert("shape", Item::integers(&input.shape)),
        Node::Output(output) => group.insert("shape", Item::integers(&output.shape)),
        Node::Linear(linear) => group.insert("weight", Item::floats(linear.weight.clone())),
        Node::Affine(affine) => {
            let (_, outputs) = affine.weight.shape().split_last().unwrap_or((&0, &[]));
            group.insert("bias", Item::floats(expanded(&affine.bias, outputs)));
            group.insert("weight", Item::floats(affine.weight.clone()));
        }
        Node::Conv1d(conv) => convolution(&mut group, conv, node.kind(), path, arriving)?,
        Node::Conv2d(conv) => convolution(&mut group, conv, node.kind(), path, arriving)?,
        Node::SumPool2d(pool) | Node::AvgPool2d(pool) => pooling(&mut group, pool),
        Node::Flatten(flatten) => {
            group.insert("start_dim", Item::integer(flatten.start_dim));
            group.insert("end_dim", Item::integer(flatten.end_dim));
            if let Some(shape) = &flatten.input_type {
                group.insert("input_type", Item::integers(shape));
            }
        }
        node => {
            let parameters = node.elementwise();
            let tensors = || parameters.iter().map(|(_, tensor)| *tensor);
            let arriving = arriving.filter(|shape| places(shape).is_some_and(|neurons| neurons <= MOST_NEURONS));
            let own = tensors().find(|tensor| tensor.single().is_none()).map(Tensor::shape);
            // If all are single values and nothing says how many neurons there are, they stay so, in one of their
            // shapes.
            let shape = own
                .or(arriving)
                .or_else(|| tensors().map(Tensor::shape).max_by_key(|shape| shape.len()))
                .unwrap_or(&[]);
            for (name, tensor) in &parameters {
                group.insert(*name, Item::floats(expanded(tensor, shape)));
            }
        }
    }
    Ok(group)
}

fn convolution<const D: usize>(
    group: &mut Group,
    conv: &Conv<D>,
    kind: &'static str,
    path: &NodePath,
    arriving: Option<&[usize]>,
) -> Result<(), GraphError> {
    let extent = || arriving?.get(1..)?.try_into().ok();
    let Some(input_shape) = conv.input_shape.or_else(extent) else {
        let (field, found) = ("input_shape".into(), "not set".into());
        let expected = "the extent of what arrives, which `nir.read` wants and the graph does not say".into();
        return Err(GraphError::Field { node: path.clone(), kind, field, found, expected });
    };
    group.insert("input_shape", extents(&input_shape));
    group.insert("weight", Item::floats(conv.weight.clone()));
    group.insert("stride", extents(&conv.stride));
    group.insert("padding", padding(&conv.padding));
    group.insert("dilation", extents(&conv.dilation));
    group.insert("groups", extents(&[conv.groups]));
    group.insert("bias", Item::floats(expanded(&conv.bias, &conv.weight.shape()[..1])));
    Ok(())
}

fn pooling(group: &mut Group, pool: &Pool) {
    group.insert("kernel_size", extents(&pool.kernel_size));
    group.insert("stride", extents(&pool.stride));
    group.insert("padding", padding(&pool.padding));
}

fn padding<const D: usize>(padding: &Padding<D>) -> Item {
    match padding {
        Padding::Same => "same".into(),
        Padding::Valid => "valid".into(),
        Padding::Explicit(zeros) => extents(zeros),
    }
}

/// Along one dimension `nir` has numbers, along two it has arrays.
fn extents(sizes: &[usize]) -> Item {
    match sizes {
        [size] => Item::Numbers(Tensor::scalar(*size as f64), Format::Integer),
        _ => Item::integers(sizes),
    }
}

/// In the shape, which a check found it to fit.
fn expanded(tensor: &Tensor, shape: &[usize]) -> Tensor {
    tensor.expanded(shape).unwrap_or_else(|| tensor.clone())
}

fn metadata(notes: &Metadata, path: &NodePath, kind: &'static str) -> Result<Group, GraphError> {
    let mut group = Group::default();
    for (name, note) in notes {
        if !is_name(name) {
            let (field, found) = ("metadata".into(), format!("an entry with the name {name:?}"));
            let expected = "entries with names that are not empty, not `.` and have no `/`".into();
            return Err(GraphError::Field { node: path.clone(), kind, field, found, expected });
        }
        let item = match note {
            Note::Text(text) => text.as_str().into(),
            Note::Texts(strings) => Item::Text(Text { shape: vec![strings.len()], strings: strings.clone() }),
            Note::Numbers(tensor) => Item::floats(tensor.clone()),
            Note::Group(notes) => metadata(notes, path, kind)?.into(),
        };
        group.insert(name, item);
    }
    Ok(group)
}
