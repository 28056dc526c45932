//! One flat graph of nested ones.

use crate::{Graph, GraphError, Metadata, Node, NodePath};
use std::collections::{BTreeMap, BTreeSet};

impl Graph {
    /// The same network without nested graphs.
    ///
    /// A node `lif` of the nested graph `encoder` becomes `encoder/lif`. The Input and Output nodes of nested graphs
    /// vanish, and whatever came to one goes on to where it led; so does the metadata of nested graphs themselves. An
    /// edge to a nested graph needs exactly one Input in it, an edge from it exactly one Output. Names with a `/`
    /// cannot be [written](Graph::write): rename them first.
    ///
    /// Recurrence may be flat (`lif` -> `w_rec` -> `lif`) or within a nested graph; both come out flat.
    pub fn flattened(&self) -> Result<Graph, GraphError> {
        self.check()?;
        let mut flat = Flat::default();
        flat.inline(self, &NodePath::default())?;
        let mut edges = Edges::new(&flat.edges);
        flat.junctions.iter().try_for_each(|junction| edges.bypass(junction))?;
        let edges = edges.all().map(|(from, to)| (from.into(), to.into())).collect();
        let Flat { nodes, node_metadata, .. } = flat;
        Ok(Graph { version: self.version.clone(), nodes, edges, metadata: self.metadata.clone(), node_metadata })
    }
}

#[derive(Default)]
struct Flat {
    nodes: BTreeMap<String, Node>,
    edges: BTreeSet<(String, String)>,
    node_metadata: BTreeMap<String, Metadata>,
    /// Inputs and outputs of nested graphs: ends of edges that are no nodes any more.
    junctions: Vec<String>,
}

impl Flat {
    fn inline(&mut self, graph: &Graph, path: &NodePath) -> Result<(), GraphError> {
        for (name, node) in &graph.nodes {
            let inner = path.join(name);
            match node {
                Node::Graph(nested) => self.inline(nested, &inner)?,
                Node::Input(_) | Node::Output(_) if !path.as_str().is_empty() => self.junctions.push(inner.0),
                node => {
                    if self.nodes.insert(inner.0.clone(), node.clone()).is_some() {
                        return Err(GraphError::Name { graph: path.clone(), name: name.clone() });
                    }
                    if let Some(metadata) = graph.node_metadata.get(name) {
                        self.node_metadata.insert(inner.0, metadata.clone());
                    }
                }
            }
        }
        for (from, to) in &graph.edges {
            let (from, to) = (end(graph, path, from, "Output")?, end(graph, path, to, "Input")?);
            self.edges.insert((from, to));
        }
        Ok(())
    }
}

/// The place that an edge of this graph means by a name: of a nested graph, its only Input or Output, however deep.
fn end(graph: &Graph, path: &NodePath, name: &str, port: &'static str) -> Result<String, GraphError> {
    let path = path.join(name);
    let Some(Node::Graph(nested)) = graph.nodes.get(name) else { return Ok(path.0) };
    let ports: Vec<&String> =
        nested.nodes.iter().filter(|(_, node)| node.kind() == port).map(|(name, _)| name).collect();
    match ports[..] {
        [inner] => Ok(path.join(inner).0),
        _ => Err(GraphError::Ports { graph: path, port, count: ports.len() }),
    }
}

/// Edges of a flat graph: where many meet in the Input of a nested one, each is led on to all that follow it.
const MOST_EDGES: usize = 1 << 16;

/// Edges by both of their ends.
#[derive(Default)]
struct Edges<'a> {
    after: BTreeMap<&'a str, BTreeSet<&'a str>>,
    before: BTreeMap<&'a str, BTreeSet<&'a str>>,
    count: usize,
}

impl<'a> Edges<'a> {
    fn new(edges: &'a BTreeSet<(String, String)>) -> Self {
        let mut all = Self::default();
        edges.iter().for_each(|(from, to)| {
            all.insert(from, to);
        });
        all
    }

    /// Whether it is new.
    fn insert(&mut self, from: &'a str, to: &'a str) -> bool {
        self.before.entry(to).or_default().insert(from);
        let new = self.after.entry(from).or_default().insert(to);
        self.count += usize::from(new);
        new
    }

    fn all(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.after.iter().flat_map(|(from, to)| to.iter().map(|to| (*from, *to)))
    }

    /// Leads every edge that arrives at the junction on to every place that it leads to.
    fn bypass(&mut self, junction: &'a str) -> Result<(), GraphError> {
        let (before, after) =
            (self.before.remove(junction).unwrap_or_default(), self.after.remove(junction).unwrap_or_default());
        self.count -= before.len() + after.len() - usize::from(after.contains(junction));
        for from in before.iter().filter(|from| **from != junction) {
            self.after.get_mut(from).map(|after| after.remove(junction));
        }
        for to in after.iter().filter(|to| **to != junction) {
            self.before.get_mut(to).map(|before| before.remove(junction));
        }
        for from in before.iter().filter(|from| **from != junction) {
            for to in after.iter().filter(|to| **to != junction) {
                if !self.insert(from, to) {
                    return Err(GraphError::ParallelEdges { from: (*from).into(), to: (*to).into() });
                }
                if self.count > MOST_EDGES {
                    return Err(GraphError::TooManyEdges { junction: junction.into(), limit: MOST_EDGES });
                }
            }
        }
        Ok(())
    }
}
