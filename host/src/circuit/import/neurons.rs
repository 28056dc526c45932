//! Time constants, resistances and voltages as parameters of a neuron that takes steps.

use super::{AfterSpike, ImportError, Method, Options, has_neurons};
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

    /// What the neuron's own parameters say of the step, if they do: frameworks that tell write R near tau/dt, which is above 1.
    fn steps(&self, neuron: usize) -> Option<Steps> {
        let (tau, r) = (self.tau?.of_neuron(neuron)?, self.r?.of_neuron(neuron)?);
        if r > 1.0 && r.is_finite() {
            return Some(Steps { euler: tau / r, rockpool: tau / rockpool_steps(r) });
        }
        // A membrane without memory has R = 1; its synapse says as much, w_in = tau_syn/dt.
        let (tau_syn, w_in) = self.synapse?;
        let (tau_syn, w_in) = (tau_syn.of_neuron(neuron)?, w_in.of_neuron(neuron)?);
        let step = tau_syn / w_in;
        (w_in > 1.0 && w_in.is_finite()).then_some(Steps { euler: step, rockpool: step })
    }
}

/// The step by either of two readings of R.
#[derive(Clone, Copy)]
struct Steps {
    /// R = tau/dt, as snnTorch writes it.
    euler: f64,
    /// R = tau/dt exp(-dt/tau), as Rockpool writes it.
    rockpool: f64,
}

/// The *u* for which *u exp(-1/u)* is `r`: tau/dt in Rockpool's files.
fn rockpool_steps(r: f64) -> f64 {
    // The function is convex there and its slope at least 1, so that Newton's method from above comes down to it.
    (0..8).fold(r + 1.0, |u, _| u - (u - r * (1.0 / u).exp()) / (1.0 + r * (1.0 / u).exp() / (u * u)))
}

fn is_rockpool(r: f64, tau: f64, dt: f64) -> bool {
    let kept = (-dt / tau).exp();
    // Whoever means no such thing writes 1.
    r != 1.0 && (r * dt / tau - kept).abs() < TOLERANCE * kept && (1.0 - kept) > 10.0 * TOLERANCE
}

/// The step of a graph: as it was given, or as the neurons' own parameters say. `None` where no neuron needs one.
pub fn step(graph: &Graph, options: &Options, remarks: &mut Vec<String>) -> Result<Option<f64>, ImportError> {
    if let Some(dt) = options.dt {
        remarks.push(format!("the time step is {}, as given", short(dt)));
        return Ok(Some(dt));
    }
    let mut found: Option<(Steps, &str, &Node)> = None;
    let mut unknown = None;
    // Neurons that do not leak say nothing of the step, and take that of the others.
    let mut silent = None;
    // The first neuron that contradicts the first of all, by either reading.
    let (mut not_euler, mut not_rockpool) = (None, false);
    let differs = |a: f64, b: f64| (a / b - 1.0).abs() > TOLERANCE;
    for (name, node) in graph.nodes.iter().filter(|(_, node)| has_neurons(node)) {
        let dynamics = Dynamics::of(name, node)?;
        if dynamics.memoryless {
            continue;
        }
        let count = dynamics.tau.or(dynamics.r).map_or(1, |tensor| tensor.values().len());
        for neuron in 0..count {
            match (dynamics.steps(neuron), found) {
                (None, _) => {
                    let r = dynamics.r.and_then(|r| r.of_neuron(neuron)).unwrap_or(1.0);
                    let known = if dynamics.tau.is_some() { &mut unknown } else { &mut silent };
                    known.get_or_insert((name, node.kind(), r));
                }
                (Some(steps), None) => found = Some((steps, name, node)),
                (Some(steps), Some((known, ..))) => {
                    if differs(steps.euler, known.euler) {
                        not_euler.get_or_insert((name, node.kind(), neuron, steps.euler));
                    }
                    not_rockpool |= differs(steps.rockpool, known.rockpool);
                }
            }
        }
    }
    if let Some((name, kind, r)) = unknown.or(silent.filter(|_| found.is_none())) {
        return Err(ImportError::NoStep { node: name.clone(), kind, r });
    }
    let Some((Steps { euler, rockpool }, first, node)) = found else { return Ok(None) };
    if !not_rockpool && (not_euler.is_some() || (is_round(rockpool) && !is_round(euler))) {
        // Whatever the step is, a synapse of Rockpool has a memory, and the neuron will be refused for it.
        if not_euler.is_none() && !matches!(node, Node::CubaLif(_)) {
            let (euler, rockpool) = (short(euler), short(rockpool));
            return Err(ImportError::Step { node: first.into(), kind: node.kind(), euler, rockpool });
        }
        remarks
            .push(format!("the time step is {}, as R = tau/dt exp(-dt/tau) of node `{first}` has it", short(rockpool)));
        return Ok(Some(rockpool));
    }
    if let Some((name, kind, neuron, dt)) = not_euler {
        let (dt, known) = (short(dt), short(euler));
        let what =
            format!("tau/R says a time step of {dt}, and node `{first}` says {known}; give the one that is meant");
        return Err(ImportError::Neuron { node: name.clone(), kind, neuron, what });
    }
    remarks.push(format!("the time step is {} = tau/R, as node `{first}` has it", short(euler)));
    Ok(Some(euler))
}

/// Whether somebody may have typed it: two digits.
fn is_round(step: f64) -> bool {
    format!("{step:.1e}").parse().is_ok_and(|round: f64| (step / round - 1.0).abs() < TOLERANCE / 10.0)
}

/// The neurons of a node, and what each makes of its own spike.
#[derive(Debug, Default)]
pub struct Neurons {
    pub neurons: Vec<Neuron>,
    /// Weight of a synapse of each neuron to itself that arrives one step later, and of another that arrives two steps later.
    pub own: Vec<[f64; 2]>,
    /// What a membrane that is read out counts its input; 1 in neurons with a threshold, where it is in that.
    pub gain: f64,
}

/// The neurons of a node, `count` of them.
pub fn neurons(
    name: &str,
    node: &Node,
    count: usize,
    dt: Option<f64>,
    options: &Options,
    remarks: &mut Vec<String>,
) -> Result<Neurons, ImportError> {
    let dynamics = Dynamics::of(name, node)?;
    let (mut any_rockpool, mut any_other_reset, mut any_without_reset) = (false, false, false);
    let mut read_out = 1.0;
    let mut neuron = |number: usize| {
        let refuse = |what: String| ImportError::Neuron { node: name.into(), kind: node.kind(), neuron: number, what };
        // The shapes were checked: a parameter has a value for every neuron.
        let value = |tensor: Option<&Tensor>, default: f64| tensor.and_then(|t| t.of_neuron(number)).unwrap_or(default);
        let dt = dt.unwrap_or(1.0);
        let v_leak = value(dynamics.v_leak, 0.0);
        // Of the input current, in a step.
        let mut gain = value(dynamics.r, 1.0);
        let mut decay = if dynamics.memoryless { 0.0 } else { 1.0 };
        let mut method = options.method;
        if let Some(tau) = dynamics.tau {
            let tau = value(Some(tau), 1.0);
            let rockpool = is_rockpool(gain, tau, dt);
            if rockpool {
                method = Method::Exponential;
            }
            decay = kept(method, tau, dt).map_err(|what| refuse(format!("tau is {tau:e}, {what}")))?;
            gain *= if rockpool {
                any_rockpool = true;
                // Its LIF adds the input as it is, and its leaky integrator before it decays.
                if dynamics.v_threshold.is_some() { 1.0 / gain } else { decay / gain }
            } else {
                1.0 - decay
            };
        } else if !dynamics.memoryless {
            gain *= dt;
        }
        // The membrane forgets everything, so that nothing is left to reset.
        let mut without_reset = false;
        if let Some((tau_syn, w_in)) = dynamics.synapse {
            let tau_syn = value(Some(tau_syn), 1.0);
            let synapse =
                kept(method, tau_syn, dt).map_err(|what| refuse(format!("tau_syn is {tau_syn:e}, {what}")))?;
            gain *= value(Some(w_in), 1.0) * (1.0 - synapse);
            if synapse > TOLERANCE {
                if decay > TOLERANCE {
                    return Err(refuse(format!(
                        "it has two memories, a synaptic current that keeps {synapse:.4} of itself in a step (tau_syn is {tau_syn:e}, the \
                         time step {dt:e}) and a membrane that keeps {decay:.4}, and a neuron of the array has one state; train with \
                         tau_syn = dt (alpha = 0 in snnTorch), with tau_mem = dt (beta = 0), or with LIF"
                    )));
                }
                (decay, without_reset, any_without_reset) = (synapse, true, true);
            }
        }
        if !(gain.is_finite() && gain > 0.0) {
            return Err(refuse(format!(
                "its input counts {gain:e} times, and must be above 0; turn the sign of the weights"
            )));
        }
        if dynamics.v_threshold.is_none() {
            read_out = gain;
        }
        let v_threshold = dynamics.v_threshold.map_or(f64::INFINITY, |tensor| value(Some(tensor), f64::NAN));
        let threshold = (v_threshold - v_leak) / gain;
        if threshold.is_nan() || threshold <= 0.0 {
            return Err(refuse(format!(
                "v_threshold is {v_threshold:e}, and must be above v_leak, {v_leak:e}: else it fires without input"
            )));
        }
        let late = decay * threshold;
        let mut own = [0.0; 2];
        let reset = match options.after_spike {
            _ if dynamics.v_threshold.is_none() || dynamics.memoryless => Reset::Zero,
            AfterSpike::SubtractLate if without_reset => {
                own = [late - threshold, late];
                Reset::Subtract
            }
            _ if without_reset => {
                own = [late, 0.0];
                Reset::Subtract
            }
            AfterSpike::Zero => {
                let v_reset = (value(dynamics.v_reset, v_leak) - v_leak) / gain;
                if !v_reset.is_finite() {
                    return Err(refuse(format!("v_reset is {v_reset}, and must be a number")));
                }
                // What the leak leaves of it.
                if v_reset.abs() > TOLERANCE * threshold {
                    any_other_reset = true;
                    own = [decay * v_reset, 0.0];
                }
                Reset::Zero
            }
            AfterSpike::Subtract => Reset::Subtract,
            AfterSpike::SubtractLate => {
                own = [late - threshold, 0.0];
                Reset::Subtract
            }
        };
        // NIR fires above a threshold, a neuron of ours from it on.
        Ok((Neuron { threshold: threshold.next_up(), decay, bias: 0.0, reset }, own))
    };
    let (neurons, own) = (0..count).map(&mut neuron).collect::<Result<(Vec<_>, Vec<_>), _>>()?;
    if any_rockpool {
        remarks.push(format!(
            "node `{name}` has R = tau/dt exp(-dt/tau), so it is Rockpool's: it keeps exp(-dt/tau) in a step"
        ));
    }
    for (any, what) in [
        (any_other_reset, "are reset to another voltage than the leak's"),
        (any_without_reset, "have no memory but their synapse's, which no spike resets"),
        (
            options.after_spike == AfterSpike::SubtractLate && own.iter().any(|own| own[0] != 0.0),
            "are reset a step late",
        ),
    ] {
        if any {
            remarks.push(format!("neurons of `{name}` {what}: each has a synapse to itself for it"));
        }
    }
    if let Node::Li(node) = node {
        even(name, node)?;
        if let Some(v_leak) = node.v_leak.of_neuron(0).filter(|v_leak| *v_leak != 0.0) {
            remarks.push(format!("membranes of `{name}` are told from v_leak on, {v_leak:e}"));
        }
    }
    Ok(Neurons { neurons, own, gain: read_out })
}

/// What is left of a state after a step, 0 to 1.
fn kept(method: Method, tau: f64, dt: f64) -> Result<f64, String> {
    let kept = match method {
        Method::Euler => 1.0 - dt / tau,
        Method::Exponential => (-dt / tau).exp(),
    };
    if (0.0..=1.0).contains(&kept) && tau > 0.0 {
        return Ok(kept);
    }
    // Files hold f32.
    if tau > 0.0 && kept > -TOLERANCE {
        return Ok(0.0);
    }
    let norse = "; Norse writes tau times its step: for its files give the square of it";
    let norse = if tau > 0.0 { norse } else { "" };
    Err(format!("less than the time step {dt:e}, so a membrane would swing; check the step{norse}"))
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
