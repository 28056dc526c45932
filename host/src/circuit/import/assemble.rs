//! Populations in their order, and the synapses between them.

use super::limits::Budget;
use super::linear::{Linear, Values};
use super::{ImportError, Options, has_neurons, neurons};
use crate::circuit::{Circuit, Population, Projection, Readout, Source, Synapse};
use nernst_nir::{Graph, Node, Shapes};
use petgraph::algo::{tarjan_scc, toposort};
use petgraph::graphmap::DiGraphMap;
use std::collections::{BTreeMap, BTreeSet};

/// A graph being taken apart.
struct Assembly<'a> {
    graph: &'a Graph,
    shapes: &'a Shapes,
    dt: Option<f64>,
    /// Linear nodes, each before those that it leads to.
    linear: Vec<&'a str>,
    after: BTreeMap<&'a str, Vec<&'a str>>,
    products: Budget,
}

/// What a spike of one source, or a constant, makes of the input of each node with neurons, by name.
type Arrivals<'a> = BTreeMap<&'a str, Values>;

pub fn circuit(
    graph: &Graph,
    shapes: &Shapes,
    dt: Option<f64>,
    options: &Options,
    remarks: &mut Vec<String>,
) -> Result<Circuit, ImportError> {
    let assembly = Assembly::new(graph, shapes, dt)?;
    let input = assembly.port("Input")?;
    let output = assembly.output()?;

    // Which nodes with neurons hear which; inputs by the name of their node.
    let mut heard: BTreeMap<(&str, &str), Vec<Synapse>> = BTreeMap::new();
    let most = Budget::synapses();
    let with_neurons: Vec<&str> = assembly.names(has_neurons).collect();
    for &from in with_neurons.iter().chain([&input]) {
        for source in 0..assembly.places(from) {
            for (to, values) in assembly.spread(from, Values::from([((source, 0), 1.0)]))? {
                most.spend(values.len(), from)?;
                let synapses = values.into_iter().filter(|(_, weight)| *weight != 0.0);
                let synapses = synapses.map(|((target, delay), weight)| Synapse {
                    source: source as u32,
                    target: target as u32,
                    weight,
                    delay,
                });
                heard.entry((from, to)).or_default().extend(synapses);
            }
        }
    }
    let biases = assembly.biases()?;

    // Populations in the order in which spikes run; those that hear themselves, by whatever way, take a step for it.
    let mut hearing: DiGraphMap<&str, ()> = DiGraphMap::new();
    with_neurons.iter().for_each(|name| {
        hearing.add_node(name);
    });
    heard.keys().filter(|(from, _)| *from != input).for_each(|(from, to)| {
        hearing.add_edge(from, to, ());
    });
    // The last comes first.
    let mut loops: Vec<Vec<&str>> = tarjan_scc(&hearing).into_iter().rev().collect();
    loops.iter_mut().for_each(|members| members.sort());
    let loop_of = |name: &str| loops.iter().position(|members| members.contains(&name));
    for members in loops.iter().filter(|members| members.len() > 1 || hearing.contains_edge(members[0], members[0])) {
        remarks.push(format!("spikes within {} take a step", members.join(", ")));
    }
    let order: Vec<&str> = loops.iter().flatten().copied().collect();

    let mut populations = vec![];
    let mut own = vec![];
    let mut gains = vec![];
    for &name in &order {
        let node = &graph.nodes[name];
        let mut neurons = neurons::neurons(name, node, assembly.places(name), dt, options, remarks)?;
        for (&(place, _), value) in biases.get(name).into_iter().flatten() {
            neurons.neurons[place].bias += neurons.gain * value;
        }
        gains.push(neurons.gain);
        populations.push(Population { name: name.into(), neurons: neurons.neurons });
        own.push(neurons.own);
    }
    // Every name is in the order.
    let number = |name: &str| order.iter().position(|other| *other == name).unwrap_or_default();
    let mut tied = BTreeSet::new();
    let projections = heard.into_iter().map(|((from, to), mut synapses)| {
        let within = from != input && loop_of(from) == loop_of(to);
        let gain = gains[number(to)];
        for synapse in &mut synapses {
            synapse.delay += u32::from(within);
            synapse.weight *= gain;
        }
        let convolved = assembly.meets_convolution(from, to);
        let from = if from == input { Source::Inputs } else { Source::Population(number(from)) };
        if convolved {
            tied.insert((from, number(to)));
        }
        ((from, number(to)), synapses)
    });
    let mut projections: BTreeMap<(Source, usize), Vec<Synapse>> = projections.collect();
    for (number, own) in own.into_iter().enumerate() {
        add_own(&mut projections, number, &own);
    }
    let projections = projections.into_iter().filter(|(_, synapses)| !synapses.is_empty());
    let projection = |((from, to), synapses)| Projection { from, to, tied: tied.contains(&(from, to)), synapses };
    let projections = projections.map(projection).collect();

    let readout =
        |name: &str| if matches!(graph.nodes[name], Node::Li(_)) { Readout::Membranes } else { Readout::Spikes };
    if let Some(name) = order.iter().find(|name| **name != output && readout(name) == Readout::Membranes) {
        let reason =
            "it gives its membrane to others, and a neuron of the array gives spikes; use LIF, or LI at the end alone";
        return Err(ImportError::unsupported(name, "LI", reason));
    }
    Ok(Circuit {
        inputs: assembly.places(input),
        populations,
        projections,
        output: number(output),
        readout: readout(output),
    })
}

/// Adds the synapses of the neurons of a population to themselves, which have a delay of one and of two steps.
fn add_own(projections: &mut BTreeMap<(Source, usize), Vec<Synapse>>, number: usize, own: &[[f64; 2]]) {
    if own.iter().all(|weights| *weights == [0.0; 2]) {
        return;
    }
    let synapses = projections.entry((Source::Population(number), number)).or_default();
    let mut by_place: BTreeMap<(u32, u32, u32), f64> = BTreeMap::new();
    let known = synapses.iter().map(|s| ((s.source, s.target, s.delay), s.weight));
    let own = own.iter().enumerate().flat_map(|(neuron, [one, two])| {
        let neuron = neuron as u32;
        [((neuron, neuron, 1), *one), ((neuron, neuron, 2), *two)]
    });
    known.chain(own).for_each(|(place, weight)| *by_place.entry(place).or_default() += weight);
    let all = by_place.into_iter().filter(|(_, weight)| *weight != 0.0);
    *synapses = all.map(|((source, target, delay), weight)| Synapse { source, target, weight, delay }).collect();
}

impl<'a> Assembly<'a> {
    fn new(graph: &'a Graph, shapes: &'a Shapes, dt: Option<f64>) -> Result<Self, ImportError> {
        let is_linear = |name: &str| {
            let node = &graph.nodes[name];
            !has_neurons(node) && !matches!(node, Node::Input(_) | Node::Output(_))
        };
        let mut between: DiGraphMap<&str, ()> = DiGraphMap::new();
        let mut after: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        graph.nodes.keys().filter(|name| is_linear(name)).for_each(|name| {
            between.add_node(name);
        });
        for (from, to) in &graph.edges {
            after.entry(from).or_default().push(to);
            if is_linear(from) && is_linear(to) {
                between.add_edge(from, to, ());
            }
        }
        let linear = toposort(&between, None).map_err(|at| {
            let members = tarjan_scc(&between).into_iter().find(|members| members.contains(&at.node_id()));
            let mut members = members.unwrap_or_default();
            members.sort();
            ImportError::Loop { nodes: members.join(", ") }
        })?;
        Ok(Self { graph, shapes, dt, linear, after, products: Budget::products() })
    }

    fn names(&self, is: impl Fn(&Node) -> bool) -> impl Iterator<Item = &'a str> {
        self.graph.nodes.iter().filter(move |(_, node)| is(node)).map(|(name, _)| name.as_str())
    }

    /// The one node of this type.
    fn port(&self, kind: &'static str) -> Result<&'a str, ImportError> {
        let names: Vec<&str> = self.names(|node| node.kind() == kind).collect();
        match names[..] {
            [name] => Ok(name),
            _ => Err(ImportError::Ports { kind, count: names.len(), names: names.join(", ") }),
        }
    }

    /// The node whose neurons are the output.
    fn output(&self) -> Result<&'a str, ImportError> {
        let port = self.port("Output")?;
        let mut before = self.graph.edges.iter().filter(|(_, to)| to == port).map(|(from, _)| from.as_str());
        let Some(name) = before.next() else { return Err(ImportError::NoOutput { node: port.into() }) };
        if let Some(other) = before.next() {
            let names = format!("{name}, {other}");
            return Err(ImportError::Ports { kind: "last", count: 2 + before.count(), names });
        }
        let node = &self.graph.nodes[name];
        if !has_neurons(node) {
            return Err(ImportError::NoNeuron { node: name.into(), kind: node.kind() });
        }
        Ok(name)
    }

    fn places(&self, name: &str) -> usize {
        self.shapes.outputs[name].iter().product()
    }

    fn linear<'b>(&'b self, name: &'b str) -> Linear<'b> {
        Linear {
            name,
            node: &self.graph.nodes[name],
            input: &self.shapes.inputs[name],
            output: &self.shapes.outputs[name],
            dt: self.dt,
            budget: &self.products,
        }
    }

    /// What these values at the output of a node become at the next neurons.
    fn spread(&self, from: &'a str, values: Values) -> Result<Arrivals<'a>, ImportError> {
        let mut arrivals = Arrivals::new();
        self.hand_on(from, &values, &mut arrivals);
        self.through_linear(arrivals, |_| Values::new())
    }

    /// What the biases become at the next neurons.
    fn biases(&self) -> Result<Arrivals<'a>, ImportError> {
        let biases = self.through_linear(Arrivals::new(), |linear| linear.bias())?;
        for (name, values) in &biases {
            if let Some((&(neuron, _), _)) = values.iter().find(|((_, delay), _)| *delay > 0) {
                let what = "a bias reaches it through a Delay: put the Delay before the weights".into();
                return Err(ImportError::Neuron {
                    node: name.to_string(),
                    kind: self.graph.nodes[*name].kind(),
                    neuron,
                    what,
                });
            }
        }
        Ok(biases)
    }

    fn through_linear(
        &self,
        mut arrivals: Arrivals<'a>,
        more: impl Fn(&Linear) -> Values,
    ) -> Result<Arrivals<'a>, ImportError> {
        for &name in &self.linear {
            let linear = self.linear(name);
            let mut values = match arrivals.remove(name) {
                Some(values) => linear.apply(&values)?,
                None => Values::new(),
            };
            more(&linear).into_iter().for_each(|(place, value)| *values.entry(place).or_default() += value);
            if !values.is_empty() {
                self.hand_on(name, &values, &mut arrivals);
            }
        }
        arrivals.retain(|name, _| has_neurons(&self.graph.nodes[*name]));
        for (name, values) in &arrivals {
            if let Some((&(neuron, _), value)) = values.iter().find(|(_, value)| !value.is_finite()) {
                let what = format!("what it hears has a weight or bias of {value}: was the training stable?");
                let kind = self.graph.nodes[*name].kind();
                return Err(ImportError::Neuron { node: name.to_string(), kind, neuron, what });
            }
        }
        Ok(arrivals)
    }

    /// Whether a convolution lies on a way between two nodes, over linear ones alone.
    fn meets_convolution(&self, from: &str, to: &str) -> bool {
        let mut open = vec![(from, false)];
        let mut seen = BTreeSet::new();
        while let Some((name, convolved)) = open.pop() {
            for &next in self.after.get(name).into_iter().flatten() {
                if next == to && convolved {
                    return true;
                }
                let convolved = convolved || matches!(self.graph.nodes[next], Node::Conv1d(_) | Node::Conv2d(_));
                if self.linear.contains(&next) && seen.insert((next, convolved)) {
                    open.push((next, convolved));
                }
            }
        }
        false
    }

    fn hand_on(&self, from: &str, values: &Values, arrivals: &mut Arrivals<'a>) {
        for &to in self.after.get(from).into_iter().flatten() {
            let sums = arrivals.entry(to).or_default();
            values.iter().for_each(|(&place, value)| *sums.entry(place).or_default() += value);
        }
    }
}
