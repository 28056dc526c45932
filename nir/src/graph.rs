//! A graph: nodes by name, and the edges between them.

use crate::{Conv, Error, GraphError, Node, NodePath, Padding, Tensor, file, read, store, write};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// A NIR graph. Signals that arrive at a node by several edges add up.
///
/// Equal graphs compare equal: nodes are in the order of their names and edges are sorted, each there once, whatever
/// the order in the file (which with some exporters differs from run to run).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// Version of the Python package `nir` that wrote the file, if it says so; of the outermost graph only.
    pub version: Option<String>,
    pub nodes: BTreeMap<String, Node>,
    /// From one node to another, by name.
    pub edges: BTreeSet<(String, String)>,
    /// What an exporter noted about the graph.
    pub metadata: Metadata,
    /// What an exporter noted about nodes, by name, for those that have any. Of a nested graph it is in that graph.
    pub node_metadata: BTreeMap<String, Metadata>,
}

/// Notes by name. They have no meaning in NIR.
pub type Metadata = BTreeMap<String, Note>;

/// One entry of [`Metadata`].
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    Text(String),
    Texts(Vec<String>),
    /// Integers and booleans become numbers, too, and are written as such.
    Numbers(Tensor),
    Group(Metadata),
}

impl Graph {
    /// Reads a NIR file (HDF5), and [checks](Graph::check) it.
    ///
    /// Tolerated, because exporters write it: parameters of a neuron that are single values instead of one for each
    /// neuron, `v_reset` (0) and `w_in` (1) that are missing, `padding` as a number, one for each dimension, `"same"`
    /// or `"valid"`, `kernel_size`, `stride`, `dilation` and shapes as a number or several, strings of fixed or
    /// variable length, datasets compressed or not, no `version`, repeated edges. Anything else that is unknown,
    /// missing or of another rank is refused.
    ///
    /// ```
    /// let graph = nernst_nir::Graph::read("tests/data/snntorch_rec.nir")?;
    /// assert!(graph.edges.contains(&("lif1.lif".into(), "lif1.w_rec".into())));
    /// # Ok::<(), nernst_nir::Error>(())
    /// ```
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::from_named(&file::read(path.as_ref())?, &path.as_ref().display().to_string())
    }

    /// The same of bytes in memory.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::from_named(bytes, file::IN_MEMORY)
    }

    fn from_named(bytes: &[u8], file: &str) -> Result<Self, Error> {
        let tree = store::load(bytes).map_err(|reason| Error::Damaged { file: file.into(), reason })?;
        let wrong = |problem| Error::Graph { file: file.into(), problem: Box::new(problem) };
        let graph = read::graph(tree).map_err(wrong)?;
        graph.check().map_err(wrong)?;
        Ok(graph)
    }

    /// Writes a NIR file that `nir.read` of the Python package accepts, after a [check](Graph::check).
    ///
    /// The version written is [`FORMAT`](crate::FORMAT). Parameters are in single precision where that is exact. What
    /// `nir.read` wants and the graph's [shapes](Graph::shapes) say is filled in: a value for each neuron in place of a
    /// single one, the `input_shape` of a convolution. Declared shapes stay as they are, though `nir.read` refuses
    /// wrong ones: correct them by [`Shapes::corrections`](crate::Shapes::corrections). The file appears whole or not
    /// at all: it is written beside and renamed.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let name = path.as_ref().display().to_string();
        file::write(path.as_ref(), &self.to_named(&name)?)
    }

    /// The bytes of that file.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        self.to_named(file::IN_MEMORY)
    }

    fn to_named(&self, file: &str) -> Result<Vec<u8>, Error> {
        let tree = self
            .check()
            .and_then(|()| write::graph(self))
            .map_err(|problem| Error::Graph { file: file.into(), problem: Box::new(problem) })?;
        store::save(&tree).map_err(|reason| Error::Unwritable { file: file.into(), reason })
    }

    /// Adds a node, in place of one that has the name.
    pub fn add(&mut self, name: impl Into<String>, node: impl Into<Node>) -> &mut Self {
        self.nodes.insert(name.into(), node.into());
        self
    }

    /// Adds an edge. That both ends exist is checked later: by [`Graph::check`], and by all that needs it.
    pub fn connect(&mut self, from: impl Into<String>, to: impl Into<String>) -> &mut Self {
        self.edges.insert((from.into(), to.into()));
        self
    }

    /// Whether every edge has its nodes, and every parameter a shape that fits the others of its node. Does not look
    /// along the edges: that is [`Graph::shapes`].
    pub fn check(&self) -> Result<(), GraphError> {
        self.check_at(&NodePath::default())
    }

    fn check_at(&self, path: &NodePath) -> Result<(), GraphError> {
        for (from, to) in &self.edges {
            if let Some(missing) = [from, to].into_iter().find(|name| !self.nodes.contains_key(*name)) {
                let (from, to, missing) = (from.clone(), to.clone(), missing.clone());
                return Err(GraphError::DanglingEdge {
                    graph: path.clone(),
                    from,
                    to,
                    missing,
                    nodes: self.nodes.keys().cloned().collect(),
                });
            }
        }
        for (name, node) in &self.nodes {
            let node_path = path.join(name);
            match node {
                Node::Graph(graph) => graph.check_at(&node_path)?,
                node => check_node(node).map_err(|(field, found, expected)| GraphError::Field {
                    node: node_path,
                    kind: node.kind(),
                    field: field.into(),
                    found,
                    expected,
                })?,
            }
        }
        Ok(())
    }
}

/// The field that is wrong, what it is, and what it must be.
type Mismatch = (&'static str, String, String);

fn check_node(node: &Node) -> Result<(), Mismatch> {
    match node {
        Node::Linear(linear) => check_weight(&linear.weight),
        Node::Affine(affine) => {
            check_weight(&affine.weight)?;
            let (_, outputs) = affine.weight.shape().split_last().unwrap_or((&0, &[]));
            one_for_each("bias", &affine.bias, outputs)
        }
        Node::Conv1d(conv) => check_conv(conv),
        Node::Conv2d(conv) => check_conv(conv),
        Node::SumPool2d(pool) | Node::AvgPool2d(pool) => {
            positive("kernel_size", &pool.kernel_size)?;
            positive("stride", &pool.stride)?;
            check_padding(&pool.padding, &pool.stride)
        }
        node => {
            let parameters = node.elementwise();
            let Some((_, first)) = parameters.iter().find(|(_, tensor)| tensor.single().is_none()) else {
                return Ok(());
            };
            parameters.iter().try_for_each(|(name, tensor)| one_for_each(name, tensor, first.shape()))
        }
    }
}

fn check_weight(weight: &Tensor) -> Result<(), Mismatch> {
    if weight.rank() >= 2 {
        return Ok(());
    }
    Err(("weight", format!("of shape {:?}", weight.shape()), "a matrix of shape (outputs, inputs)".into()))
}

fn check_conv<const D: usize>(conv: &Conv<D>) -> Result<(), Mismatch> {
    let shape = conv.weight.shape();
    if shape.len() != D + 2 || shape.contains(&0) {
        let expected = format!("of rank {} (channels out, channels in / groups, kernel), without a 0", D + 2);
        return Err(("weight", format!("of shape {shape:?}"), expected));
    }
    positive("stride", &conv.stride)?;
    positive("dilation", &conv.dilation)?;
    if conv.groups == 0 || !shape[0].is_multiple_of(conv.groups) {
        return Err((
            "groups",
            conv.groups.to_string(),
            format!("1 or more, and divide the {} channels out", shape[0]),
        ));
    }
    check_padding(&conv.padding, &conv.stride)?;
    one_for_each("bias", &conv.bias, &shape[..1])
}

fn check_padding<const D: usize>(padding: &Padding<D>, stride: &[usize; D]) -> Result<(), Mismatch> {
    if *padding == Padding::Same && *stride != [1; D] {
        return Err(("padding", format!("\"same\" with a stride of {stride:?}"), "a number, or the stride 1".into()));
    }
    Ok(())
}

fn positive(field: &'static str, sizes: &[usize]) -> Result<(), Mismatch> {
    if !sizes.contains(&0) {
        return Ok(());
    }
    Err((field, format!("{sizes:?}"), "1 or more in each dimension".into()))
}

fn one_for_each(field: &'static str, tensor: &Tensor, shape: &[usize]) -> Result<(), Mismatch> {
    if tensor.single().is_some() || tensor.shape() == shape {
        return Ok(());
    }
    Err((
        field,
        format!("of shape {:?}", tensor.shape()),
        format!("of shape {shape:?} like the rest of the node, or a single value"),
    ))
}
