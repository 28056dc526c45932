//! NIR data: files with what the nodes of a graph did.

use crate::{
    DataError, Error, Event, Events, Gridded, Observable, Tensor, file, store,
    tree::{Attribute, Format, Group, Item},
    write::is_name,
};
use std::{collections::BTreeMap, path::Path};

/// The attribute with the type of a group.
const TYPE: &str = "__type__";
/// The place of an event that is none, in samples with fewer events than others.
const NO_EVENT: (f64, f64) = (-1.0, f64::INFINITY);

/// What nodes of a graph did, by the node's name and the observable's, as in `recording.nodes["input"]["spikes"]`
/// (`NIRGraphData`).
///
/// Nodes of nested graphs have names like those of [`Graph::flattened`](crate::Graph::flattened), joined by `/`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    pub nodes: BTreeMap<String, BTreeMap<String, Observable>>,
}

impl Recording {
    /// Reads what `nir.write_data` of the Python package wrote: `EventData` and `TimeGriddedData`.
    ///
    /// ```
    /// use nernst_nir::{Observable, Recording};
    /// let recording = Recording::read("tests/data/digits16_events.h5")?;
    /// let Some(Observable::Events(events)) = recording.get("input", "spikes") else { panic!("no events") };
    /// let steps = events.steps(1e-3).expect("times within the sample");
    /// println!("{} neurons; the first sample begins with {:?}", events.n_neurons, steps[0].first());
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
        let root = store::load(bytes).map_err(|reason| Error::Damaged { file: file.into(), reason })?;
        let mut recording = Self::default();
        let read = match kind(&root) {
            Some("NIRGraphData") => recording.read_graph(root, ""),
            Some(other) => Err(DataError::NotData { found: format!("its type is `{other}`") }),
            None => Err(DataError::NotData { found: format!("it has no attribute `{TYPE}`") }),
        };
        read.map_err(|problem| Error::Data { file: file.into(), problem })?;
        Ok(recording)
    }

    /// Writes a file that `nir.read_data` of the Python package accepts. Whole or not at all: it is written beside and
    /// renamed.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let name = path.as_ref().display().to_string();
        file::write(path.as_ref(), &self.to_named(&name)?)
    }

    /// The bytes of that file.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        self.to_named(file::IN_MEMORY)
    }

    fn to_named(&self, file: &str) -> Result<Vec<u8>, Error> {
        let tree = self.tree().map_err(|problem| Error::Data { file: file.into(), problem })?;
        store::save(&tree).map_err(|reason| Error::Unwritable { file: file.into(), reason })
    }

    /// What a node did, if it was recorded.
    pub fn get(&self, node: &str, observable: &str) -> Option<&Observable> {
        self.nodes.get(node)?.get(observable)
    }

    /// Adds what a node did, in place of what was there.
    pub fn add(
        &mut self,
        node: impl Into<String>,
        observable: impl Into<String>,
        data: impl Into<Observable>,
    ) -> &mut Self {
        self.nodes.entry(node.into()).or_default().insert(observable.into(), data.into());
        self
    }

    fn read_graph(&mut self, group: Group, path: &str) -> Result<(), DataError> {
        for (name, inner) in groups(group, path, "nodes")? {
            let at = if path.is_empty() { name } else { format!("{path}/{name}") };
            match kind(&inner) {
                Some("NIRGraphData") => self.read_graph(inner, &at)?,
                Some("NIRNodeData") => {
                    let observables = groups(inner, &at, "observables")?.into_iter();
                    let observables =
                        observables.map(|(name, group)| Ok((name.clone(), observable(group, format!("{at}/{name}"))?)));
                    let observables = observables.collect::<Result<_, DataError>>()?;
                    self.nodes.insert(at, observables);
                }
                other => return Err(unknown(at, other)),
            }
        }
        Ok(())
    }

    fn tree(&self) -> Result<Group, DataError> {
        let mut root = typed("NIRGraphData");
        root.insert("nodes", Group::default());
        for (path, observables) in &self.nodes {
            let mut inner = Group::default();
            for (name, data) in observables {
                name_of(name)?;
                inner.insert(name, stored(data)?);
            }
            let mut node = typed("NIRNodeData");
            node.insert("observables", inner);
            place(&mut root, path, path, node)?;
        }
        Ok(root)
    }
}

/// Puts a node into its graph, which is made where it is not there yet.
fn place(graph: &mut Group, path: &str, rest: &str, node: Group) -> Result<(), DataError> {
    // Every graph that gets here was made with its nodes; of a node it says that it is none.
    let Some(Item::Group(nodes)) = graph.items.get_mut("nodes") else {
        let found = "inside a node that is not a graph".into();
        return Err(DataError::Field {
            at: path.into(),
            field: "name".into(),
            found,
            expected: "inside graphs only".into(),
        });
    };
    let Some((first, rest)) = rest.split_once('/') else {
        nodes.insert(name_of(rest)?, node);
        return Ok(());
    };
    let inner = nodes.items.entry(name_of(first)?.into()).or_insert_with(|| {
        let mut graph = typed("NIRGraphData");
        graph.insert("nodes", Group::default());
        graph.into()
    });
    match inner {
        Item::Group(inner) => place(inner, path, rest, node),
        // Nothing but groups was put there.
        _ => Ok(()),
    }
}

fn stored(data: &Observable) -> Result<Group, DataError> {
    match data {
        Observable::Events(events) => {
            events.check()?;
            let width = events.samples.iter().map(Vec::len).max().unwrap_or(0);
            let column = |value: fn(&Event) -> f64, none: f64| {
                let padded = |sample: &Vec<Event>| {
                    let values = sample.iter().map(value).chain(std::iter::repeat(none));
                    values.take(width).collect::<Vec<_>>()
                };
                let values: Vec<f64> = events.samples.iter().flat_map(padded).collect();
                // So many samples of so many values each were just made.
                Tensor::new([events.samples.len(), width], values).unwrap_or_else(|| Tensor::vector([]))
            };
            let mut group = typed("EventData");
            group.insert("idx", Item::Numbers(column(|event| event.neuron as f64, NO_EVENT.0), Format::Integer));
            group.insert("time", Item::Numbers(column(|event| event.time, NO_EVENT.1), Format::F64));
            group.attributes.insert("n_neurons".into(), Attribute::Integer(events.n_neurons as i64));
            group.attributes.insert("t_max".into(), Attribute::Float(events.t_max));
            Ok(group)
        }
        Observable::Gridded(gridded) => {
            let mut group = typed("TimeGriddedData");
            if gridded.binary {
                gridded.check_binary()?;
                group.insert("data", Item::Numbers(gridded.data.clone(), Format::Boolean));
            } else {
                group.insert("data", Item::floats(gridded.data.clone()));
            }
            group.attributes.insert("dt".into(), Attribute::Float(gridded.dt));
            Ok(group)
        }
    }
}

fn observable(group: Group, at: String) -> Result<Observable, DataError> {
    let mut source = Source { group, at };
    match kind(&source.group) {
        Some("EventData") => {
            let (idx, time) = (source.numbers("idx", 2)?.0, source.numbers("time", 2)?.0);
            if idx.shape() != time.shape() {
                return Err(source.wrong(
                    "time",
                    format!("of shape {:?}", time.shape()),
                    format!("of shape {:?} like `idx`", idx.shape()),
                ));
            }
            let n_neurons = source.number("n_neurons")?;
            if n_neurons.fract() != 0.0 || !(0.0..9e15).contains(&n_neurons) {
                return Err(source.wrong("n_neurons", n_neurons.to_string(), "an integer of 0 or more".into()));
            }
            let t_max = source.number("t_max")?;
            let width = idx.shape()[1];
            let mut samples = vec![vec![]; idx.shape()[0]];
            for (place, (&idx, &time)) in idx.values().iter().zip(time.values()).enumerate() {
                // Only the index says that there is no event.
                if idx == NO_EVENT.0 {
                    continue;
                }
                if idx.fract() != 0.0 || !(0.0..9e15).contains(&idx) {
                    let found = format!("{idx} in sample {}", place / width);
                    return Err(source.wrong("idx", found, "the index of a neuron, or -1 for no event".into()));
                }
                samples[place / width].push(Event { time, neuron: idx as usize });
            }
            let events = Events { n_neurons: n_neurons as usize, t_max, samples };
            events.check()?;
            Ok(Observable::Events(events))
        }
        Some("TimeGriddedData") => {
            let (data, format) = source.numbers("data", 3)?;
            Ok(Observable::Gridded(Gridded { dt: source.number("dt")?, binary: format == Format::Boolean, data }))
        }
        other => Err(unknown(source.at, other)),
    }
}

/// The group of an observable, and where it is.
struct Source {
    group: Group,
    at: String,
}

impl Source {
    fn numbers(&mut self, field: &str, rank: usize) -> Result<(Tensor, Format), DataError> {
        match self.group.items.remove(field) {
            Some(Item::Numbers(tensor, format)) if tensor.rank() == rank => Ok((tensor, format)),
            Some(other) => Err(self.wrong(field, other.describe(), format!("numbers with {rank} dimensions"))),
            None => Err(DataError::Missing { at: self.at.clone(), field: field.into() }),
        }
    }

    fn number(&self, attribute: &str) -> Result<f64, DataError> {
        match self.group.attributes.get(attribute) {
            Some(Attribute::Integer(value)) => Ok(*value as f64),
            Some(Attribute::Float(value)) => Ok(*value),
            Some(Attribute::Text(text)) => Err(self.wrong(attribute, format!("the text {text:?}"), "a number".into())),
            None => Err(DataError::Missing { at: self.at.clone(), field: attribute.into() }),
        }
    }

    fn wrong(&self, field: &str, found: String, expected: String) -> DataError {
        DataError::Field { at: self.at.clone(), field: field.into(), found, expected }
    }
}

/// The groups in the group of this name.
fn groups(mut group: Group, at: &str, name: &str) -> Result<Vec<(String, Group)>, DataError> {
    let at = if at.is_empty() { "/" } else { at };
    let wrong = |field: String, other: &Item| DataError::Field {
        at: at.into(),
        field,
        found: other.describe(),
        expected: "a group".into(),
    };
    let inner = match group.items.remove(name) {
        Some(Item::Group(inner)) => inner,
        Some(other) => return Err(wrong(name.into(), &other)),
        None => return Err(DataError::Missing { at: at.into(), field: name.into() }),
    };
    let each = |(name, item)| match item {
        Item::Group(group) => Ok((name, group)),
        other => Err(wrong(name, &other)),
    };
    inner.items.into_iter().map(each).collect()
}

fn kind(group: &Group) -> Option<&str> {
    match group.attributes.get(TYPE) {
        Some(Attribute::Text(text)) => Some(text),
        _ => None,
    }
}

fn unknown(at: String, found: Option<&str>) -> DataError {
    match found {
        Some(found) => DataError::UnknownType { at, found: found.into() },
        None => DataError::Missing { at, field: TYPE.into() },
    }
}

fn typed(kind: &str) -> Group {
    let mut group = Group::default();
    group.attributes.insert(TYPE.into(), Attribute::Text(kind.into()));
    group
}

fn name_of(name: &str) -> Result<&str, DataError> {
    if is_name(name) { Ok(name) } else { Err(DataError::Name { name: name.into() }) }
}

impl From<Events> for Observable {
    fn from(events: Events) -> Self {
        Observable::Events(events)
    }
}

impl From<Gridded> for Observable {
    fn from(gridded: Gridded) -> Self {
        Observable::Gridded(gridded)
    }
}
