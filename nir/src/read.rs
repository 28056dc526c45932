//! From the tree of a file to a graph.

use crate::{
    Affine, Conv, CubaLi, CubaLif, Delay, Flatten, Graph, GraphError, I, If, Input, Li, Lif, Linear, Metadata, Node,
    NodePath, Note, Output, Padding, Pool, Scale, Tensor, Threshold,
    tensor::places,
    tree::{Group, Item, Text},
};
use std::collections::BTreeMap;

/// Dimensions of a shape: as many as HDF5 has. A shape is carried to every node that it reaches.
const MOST_RANK: usize = 32;

/// The graph of a whole file.
pub(crate) fn graph(mut file: Group) -> Result<Graph, GraphError> {
    let node = match file.items.remove("node") {
        Some(Item::Group(node)) => node,
        Some(other) => return Err(GraphError::NotNir { found: format!("`node` is {}", other.describe()) }),
        None => return Err(GraphError::NotNir { found: "it has no group `node`".into() }),
    };
    let version = match file.items.remove("version") {
        Some(Item::Text(text)) => text.strings.into_iter().next(),
        _ => None,
    };
    let mut fields = Fields::new(NodePath::default(), node)?;
    if fields.kind != "NIRGraph" {
        // A node alone, which `nir.write` takes, too: it is no network.
        return Err(GraphError::NotNir { found: format!("`node` is a single {}, not a NIRGraph", fields.kind) });
    }
    let metadata = fields.metadata()?;
    let graph = nested(&mut fields)?;
    fields.finish()?;
    Ok(Graph { version, metadata, ..graph })
}

/// What `NIRGraph` has besides its metadata.
fn nested(fields: &mut Fields) -> Result<Graph, GraphError> {
    let mut graph = Graph::default();
    let nodes = match fields.take("nodes")? {
        Item::Group(nodes) => nodes,
        other => return Err(fields.wrong("nodes", other.describe(), "a group of nodes")),
    };
    for (name, item) in nodes.items {
        let path = fields.path.join(&name);
        let Item::Group(group) = item else {
            return Err(fields.wrong(&format!("nodes/{name}"), item.describe(), "a node, which is a group"));
        };
        let mut inner = Fields::new(path, group)?;
        let metadata = inner.metadata()?;
        let node = match node(&mut inner)? {
            Node::Graph(graph) => Node::Graph(Graph { metadata, ..graph }),
            node => {
                if !metadata.is_empty() {
                    graph.node_metadata.insert(name.clone(), metadata);
                }
                node
            }
        };
        inner.finish()?;
        graph.nodes.insert(name, node);
    }
    let expected = "pairs of names: text of shape (edges, 2)";
    match fields.take("edges")? {
        Item::Text(Text { shape, strings }) if matches!(shape[..], [_, 2]) => {
            for pair in strings.chunks_exact(2) {
                graph.edges.insert((pair[0].clone(), pair[1].clone()));
            }
        }
        // No edges at all: numpy makes an array of numbers of an empty list.
        Item::Numbers(tensor, _) if tensor.values().is_empty() => {}
        Item::Text(text) if text.strings.is_empty() => {}
        other => return Err(fields.wrong("edges", other.describe(), expected)),
    }
    Ok(graph)
}

fn node(fields: &mut Fields) -> Result<Node, GraphError> {
    Ok(match fields.kind {
        "NIRGraph" => nested(fields)?.into(),
        "Input" => Input { shape: fields.sizes("shape")? }.into(),
        "Output" => Output { shape: fields.sizes("shape")? }.into(),
        "Affine" => Affine { weight: fields.tensor("weight")?, bias: fields.tensor("bias")? }.into(),
        "Linear" => Linear { weight: fields.tensor("weight")? }.into(),
        "Conv1d" => conv::<1>(fields)?.into(),
        "Conv2d" => conv::<2>(fields)?.into(),
        "SumPool2d" => Node::SumPool2d(pool(fields)?),
        "AvgPool2d" => Node::AvgPool2d(pool(fields)?),
        "Flatten" => Flatten {
            start_dim: fields.integer("start_dim")?,
            end_dim: fields.integer("end_dim")?,
            input_type: if fields.has("input_type") { Some(fields.sizes("input_type")?) } else { None },
        }
        .into(),
        Scale::KIND => Scale::from_parameters(fields.parameters())?.into(),
        Delay::KIND => Delay::from_parameters(fields.parameters())?.into(),
        Threshold::KIND => Threshold::from_parameters(fields.parameters())?.into(),
        I::KIND => I::from_parameters(fields.parameters())?.into(),
        If::KIND => If::from_parameters(fields.parameters())?.into(),
        Li::KIND => Li::from_parameters(fields.parameters())?.into(),
        Lif::KIND => Lif::from_parameters(fields.parameters())?.into(),
        CubaLi::KIND => CubaLi::from_parameters(fields.parameters())?.into(),
        CubaLif::KIND => CubaLif::from_parameters(fields.parameters())?.into(),
        other => return Err(GraphError::UnknownType { node: fields.path.clone(), found: other.into() }),
    })
}

fn conv<const D: usize>(fields: &mut Fields) -> Result<Conv<D>, GraphError> {
    Ok(Conv {
        input_shape: if fields.has("input_shape") { Some(fields.extents("input_shape")?) } else { None },
        weight: fields.tensor("weight")?,
        stride: fields.extents("stride")?,
        padding: fields.padding()?,
        dilation: fields.extents("dilation")?,
        groups: fields.extents::<1>("groups")?[0],
        bias: fields.tensor("bias")?,
    })
}

fn pool(fields: &mut Fields) -> Result<Pool, GraphError> {
    Ok(Pool {
        kernel_size: fields.extents("kernel_size")?,
        stride: fields.extents("stride")?,
        padding: fields.padding()?,
    })
}

/// The fields of one node, taken out one by one, so that at the end those are left that nobody knows.
struct Fields {
    path: NodePath,
    kind: &'static str,
    items: BTreeMap<String, Item>,
}

impl Fields {
    fn new(path: NodePath, group: Group) -> Result<Self, GraphError> {
        let mut items = group.items;
        let found = match items.remove("type") {
            Some(Item::Text(text)) if text.strings.len() == 1 => text.strings[0].clone(),
            Some(other) => {
                let (field, found) = ("type".into(), other.describe());
                return Err(GraphError::Field {
                    node: path,
                    kind: "a node",
                    field,
                    found,
                    expected: "the name of a type".into(),
                });
            }
            None => return Err(GraphError::MissingField { node: path, kind: "a node", field: "type".into() }),
        };
        match crate::node::TYPES.into_iter().find(|kind| *kind == found) {
            Some(kind) => Ok(Self { path, kind, items }),
            None => Err(GraphError::UnknownType { node: path, found }),
        }
    }

    fn finish(self) -> Result<(), GraphError> {
        match self.items.into_keys().next() {
            None => Ok(()),
            Some(field) => Err(GraphError::UnknownField { node: self.path, kind: self.kind, field }),
        }
    }

    fn has(&self, field: &str) -> bool {
        self.items.contains_key(field)
    }

    fn take(&mut self, field: &str) -> Result<Item, GraphError> {
        let missing = || GraphError::MissingField { node: self.path.clone(), kind: self.kind, field: field.into() };
        self.items.remove(field).ok_or_else(missing)
    }

    fn wrong(&self, field: &str, found: String, expected: impl Into<String>) -> GraphError {
        GraphError::Field {
            node: self.path.clone(),
            kind: self.kind,
            field: field.into(),
            found,
            expected: expected.into(),
        }
    }

    fn tensor(&mut self, field: &str) -> Result<Tensor, GraphError> {
        match self.take(field)? {
            Item::Numbers(tensor, _) => Ok(tensor),
            other => Err(self.wrong(field, other.describe(), "numbers")),
        }
    }

    /// For the constructors of nodes that have nothing but tensors.
    fn parameters(&mut self) -> impl FnMut(&'static str, Option<f64>) -> Result<Tensor, GraphError> {
        |field, default| match default {
            Some(value) if !self.has(field) => Ok(Tensor::scalar(value)),
            _ => self.tensor(field),
        }
    }

    fn integer(&mut self, field: &str) -> Result<i64, GraphError> {
        let expected = "one integer";
        match self.take(field)? {
            Item::Numbers(tensor, _) => {
                let whole = tensor.single().filter(|value| value.fract() == 0.0 && value.abs() < 9e15);
                whole.map(|value| value as i64).ok_or_else(|| self.wrong(field, show(&tensor), expected))
            }
            other => Err(self.wrong(field, other.describe(), expected)),
        }
    }

    /// A shape: any number of sizes; a scalar is one of them.
    fn sizes(&mut self, field: &str) -> Result<Vec<usize>, GraphError> {
        let expected =
            format!("a shape: at most {MOST_RANK} integers of 0 or more, and not more places than memory has");
        match self.take(field)? {
            Item::Numbers(tensor, _) if tensor.rank() <= 1 => sizes(&tensor)
                .filter(|sizes| sizes.len() <= MOST_RANK && places(sizes).is_some())
                .ok_or_else(|| self.wrong(field, show(&tensor), expected)),
            other => Err(self.wrong(field, other.describe(), expected)),
        }
    }

    /// One size for each dimension, or one for all of them.
    fn extents<const D: usize>(&mut self, field: &str) -> Result<[usize; D], GraphError> {
        let item = self.take(field)?;
        self.extents_of(field, item, "")
    }

    fn extents_of<const D: usize>(&self, field: &str, item: Item, or: &str) -> Result<[usize; D], GraphError> {
        let expected = if D == 1 {
            format!("one integer of 0 or more{or}")
        } else {
            format!("one or {D} integers of 0 or more{or}")
        };
        let Item::Numbers(tensor, _) = item else { return Err(self.wrong(field, item.describe(), expected)) };
        let extents = sizes(&tensor).filter(|_| tensor.rank() <= 1).and_then(|sizes| match sizes[..] {
            [size] => Some([size; D]),
            _ => sizes.try_into().ok(),
        });
        extents.ok_or_else(|| self.wrong(field, show(&tensor), expected))
    }

    fn padding<const D: usize>(&mut self) -> Result<Padding<D>, GraphError> {
        match self.take("padding")? {
            Item::Text(text) if text.strings == ["same"] => Ok(Padding::Same),
            Item::Text(text) if text.strings == ["valid"] => Ok(Padding::Valid),
            item => Ok(Padding::Explicit(self.extents_of("padding", item, ", \"same\" or \"valid\"")?)),
        }
    }

    fn metadata(&mut self) -> Result<Metadata, GraphError> {
        match self.items.remove("metadata") {
            None => Ok(Metadata::new()),
            Some(Item::Group(group)) => notes(group).map_err(|(name, found)| {
                self.wrong(&format!("metadata/{name}"), found, "text, numbers or a group of these")
            }),
            Some(other) => Err(self.wrong("metadata", other.describe(), "a group")),
        }
    }
}

/// The metadata, or the entry that is not understood and what it is.
fn notes(group: Group) -> Result<Metadata, (String, String)> {
    let mut metadata = Metadata::new();
    for (name, item) in group.items {
        let note = match item {
            Item::Text(Text { shape, mut strings }) if shape.is_empty() => {
                Note::Text(strings.pop().unwrap_or_default())
            }
            Item::Text(text) => Note::Texts(text.strings),
            Item::Numbers(tensor, _) => Note::Numbers(tensor),
            Item::Group(group) => {
                Note::Group(notes(group).map_err(|(inner, found)| (format!("{name}/{inner}"), found))?)
            }
            Item::Other(_) => return Err((name, item.describe())),
        };
        metadata.insert(name, note);
    }
    Ok(metadata)
}

fn sizes(tensor: &Tensor) -> Option<Vec<usize>> {
    let size = |value: &f64| (value.fract() == 0.0 && (0.0..9e15).contains(value)).then_some(*value as usize);
    tensor.values().iter().map(size).collect()
}

fn show(tensor: &Tensor) -> String {
    match tensor.values() {
        [value] => format!("{value}"),
        values if tensor.rank() == 1 && values.len() <= 8 => format!("{values:?}"),
        _ => format!("numbers of shape {:?}", tensor.shape()),
    }
}
