//! Time constants, resistances and voltages as parameters of a neuron that takes steps.

use super::{ImportError, Options, has_neurons};
use crate::circuit::Neuron;
use nernst_nir::{Graph, Node, Tensor};
use nernst_spec::tick::Reset;

/// How far two figures may be apart that should be equal: files hold `f32`.
const TOLERANCE: f64 = 1e-4;

/// The parameters of one node's neurons, before there is a step.
struct Dynamics<'a> {
    /// `None` in a neuron that does not leak.
    tau: Option<&'a Tensor>,
    r: Option<&'a Tensor>,
    /// 0 where there is none.
    v_leak: Option<&'a Tensor>,
    /// `None` in a neuron that is read out.
    v_threshold: Option<&'a Tensor>,
    v_reset: Option<&'a Tensor>,
    /// Of a synaptic current: its time constant and the weight of what it takes in.
    synapse: Option<(&'a Tensor, &'a Tensor)>,
    /// It forgets everything from step to step.
    memoryless: bool,
}

impl<'a> Dynamics<'a> {
    const NOTHING: Self =
        Self { tau: None, r: None, v_leak: None, v_threshold: None, v_reset: None, synapse: None, memoryless: false };

    fn of(name: &str, node: &'a Node) -> Result<Self, ImportError> {
        Ok(match node {
            Node::If(n) => {
                Self { r: Some(&n.r), v_threshold: Some(&n.v_threshold), v_reset: Some(&n.v_reset), ..Self::NOTHING }
            }
            Node::Li(n) => Self { tau: Some(&n.tau), r: Some(&n.r), v_leak: Some(&n.v_leak), ..Self::NOTHING },
            Node::Lif(n) => Self {
                tau: Some(&n.tau),
                r: Some(&n.r),
                v_leak: Some(&n.v_leak),
                v_threshold: Some(&n.v_threshold),
                v_reset: Some(&n.v_reset),
                ..Self::NOTHING
            },
            Node::CubaLif(n) => Self {
                tau: Some(&n.tau_mem),
                r: Some(&n.r),
                v_leak: Some(&n.v_leak),
                v_threshold: Some(&n.v_threshold),
                v_reset: Some(&n.v_reset),
                synapse: Some((&n.tau_syn, &n.w_in)),
                memoryless: false,
            },
            Node::Threshold(n) => Self { v_threshold: Some(&n.threshold), memoryless: true, ..Self::NOTHING },
            other => {
                let reason = "no neuron of the array gives its membrane to others; use LIF or IF, or LI at the end";
                return Err(ImportError::unsupported(name, other.kind(), reason));
            }
        })
    }

    /// What the neuron's own parameters say of the step, if they do: snnTorch writes R = tau/dt, which is above 1.
    fn step(&self, neuron: usize) -> Option<f64> {
        let (tau, r) = (self.tau?.of_neuron(neuron)?, self.r?.of_neuron(neuron)?);
        (r > 1.0).then_some(tau / r)
    }
}

/// The step of a graph: as it was given, or as the neurons' own parameters say. `None` where no neuron needs one.
pub fn step(graph: &Graph, options: &Options, remarks: &mut Vec<String>) -> Result<Option<f64>, ImportError> {
    let mut found: Option<(f64, &str)> = None;
    let mut unknown = None;
    // Neurons that do not leak say nothing of the step, and take that of the others.
    let mut silent = None;
    for (name, node) in graph.nodes.iter().filter(|(_, node)| has_neurons(node)) {
        let dynamics = Dynamics::of(name, node)?;
        if dynamics.memoryless {
            continue;
        }
        let count = dynamics.tau.or(dynamics.r).map_or(1, |tensor| tensor.values().len());
        for neuron in 0..count {
            match (dynamics.step(neuron), found) {
                (None, _) => {
                    let r = dynamics.r.and_then(|r| r.of_neuron(neuron)).unwrap_or(1.0);
                    let known = if dynamics.tau.is_some() { &mut unknown } else { &mut silent };
                    known.get_or_insert((name, node.kind(), r));
                }
                (Some(dt), None) => found = Some((dt, name)),
                (Some(dt), Some((known, first))) if (dt / known - 1.0).abs() > TOLERANCE && options.dt.is_none() => {
                    let (dt, known) = (short(dt), short(known));
                    let what = format!(
                        "tau/R says a time step of {dt}, and node `{first}` says {known}; give the one that is meant"
                    );
                    return Err(ImportError::Neuron { node: name.clone(), kind: node.kind(), neuron, what });
                }
                _ => {}
            }
        }
    }
    let unknown = unknown.or(silent.filter(|_| found.is_none()));
    match (options.dt, found, unknown) {
        (Some(dt), ..) => {
            remarks.push(format!("the time step is {}, as given", short(dt)));
            Ok(Some(dt))
        }
        (None, _, Some((name, kind, r))) => Err(ImportError::NoStep { node: name.clone(), kind, r }),
        (None, Some((dt, name)), None) => {
            remarks.push(format!("the time step is {} = tau/R, as node `{name}` has it", short(dt)));
            Ok(Some(dt))
        }
        (None, None, None) => Ok(None),
    }
}

/// The neurons of a node, `count` of them.
pub fn neurons(
    name: &str,
    node: &Node,
    count: usize,
    dt: Option<f64>,
    reset: Reset,
) -> Result<Vec<Neuron>, ImportError> {
    let dynamics = Dynamics::of(name, node)?;
    let neuron = |number: usize| {
        let refuse = |what: String| ImportError::Neuron { node: name.into(), kind: node.kind(), neuron: number, what };
        // The shapes were checked: a parameter has a value for every neuron.
        let value = |tensor: Option<&Tensor>, default: f64| tensor.and_then(|t| t.of_neuron(number)).unwrap_or(default);
        let dt = dt.unwrap_or(1.0);
        let v_leak = value(dynamics.v_leak, 0.0);
        // Of the input current, in a step.
        let mut gain = value(dynamics.r, 1.0);
        let mut decay = if dynamics.memoryless { 0.0 } else { 1.0 };
        if let Some(tau) = dynamics.tau {
            let tau = value(Some(tau), 1.0);
            if tau.is_nan() || tau < dt {
                return Err(refuse(format!(
                    "tau is {tau:e}, less than the time step {dt:e}, so a membrane would swing; check the step"
                )));
            }
            decay = 1.0 - dt / tau;
            gain *= dt / tau;
        } else if !dynamics.memoryless {
            gain *= dt;
        }
        if let Some((tau_syn, w_in)) = dynamics.synapse {
            let tau_syn = value(Some(tau_syn), 1.0);
            if (tau_syn / dt - 1.0).abs() > TOLERANCE {
                return Err(refuse(format!(
                    "its synaptic current has a memory (tau_syn is {tau_syn:e}, the time step {dt:e}), and a neuron of the array has one \
                     state, its membrane; train with tau_syn = dt, or with LIF"
                )));
            }
            gain *= value(Some(w_in), 1.0);
        }
        if !(gain.is_finite() && gain > 0.0) {
            return Err(refuse(format!(
                "its input counts {gain:e} times, and must be above 0; turn the sign of the weights"
            )));
        }
        let v_reset = value(dynamics.v_reset, v_leak);
        let v_threshold = dynamics.v_threshold.map_or(f64::INFINITY, |tensor| value(Some(tensor), f64::NAN));
        if dynamics.v_reset.is_some() && (v_reset - v_leak).abs() > TOLERANCE * (v_threshold - v_leak).abs() {
            return Err(refuse(format!(
                "v_reset is {v_reset:e}, and must be v_leak, {v_leak:e}, where the array resets to"
            )));
        }
        let threshold = (v_threshold - v_leak) / gain;
        if threshold.is_nan() || threshold <= 0.0 {
            return Err(refuse(format!(
                "v_threshold is {v_threshold:e}, and must be above v_leak, {v_leak:e}: else it fires without input"
            )));
        }
        // NIR fires above a threshold, a neuron of ours from it on.
        Ok(Neuron { threshold: threshold.next_up(), decay, bias: 0.0, reset })
    };
    let neurons = (0..count).map(neuron).collect::<Result<Vec<_>, _>>()?;
    if let Node::Li(node) = node {
        even(name, node)?;
    }
    Ok(neurons)
}

/// As many digits as files have: theirs are `f32`.
fn short(time: f64) -> String {
    format!("{:e}", time as f32)
}

/// Membranes that are compared must have one unit and one rest.
fn even(name: &str, node: &nernst_nir::Li) -> Result<(), ImportError> {
    for (field, tensor) in [("tau", &node.tau), ("r", &node.r), ("v_leak", &node.v_leak)] {
        let values = tensor.values();
        if let Some(neuron) = values.iter().position(|value| *value != values[0]) {
            let what = format!(
                "`{field}` is {:e}, and that of neuron 0 is {:e}: membranes of different units cannot be compared as a result",
                values[neuron], values[0]
            );
            return Err(ImportError::Neuron { node: name.into(), kind: "LI", neuron, what });
        }
    }
    Ok(())
}
