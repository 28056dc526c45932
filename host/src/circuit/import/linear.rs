//! What lies between neurons: linear maps, applied to values at places.

use super::ImportError;
use super::limits::{self, Budget};
use nernst_nir::{Conv, Node, Padding, Pool, Tensor};
use std::collections::BTreeMap;

/// Values by place and delay in steps: what one spike, or a constant, makes of a node's output. Places count with the last dimension fastest.
pub type Values = BTreeMap<(usize, u32), f64>;

/// A linear node with the shapes of its input and output.
pub struct Linear<'a> {
    pub name: &'a str,
    pub node: &'a Node,
    pub input: &'a [usize],
    pub output: &'a [usize],
    /// Time step, where there is one.
    pub dt: Option<f64>,
    /// Products of values and weights that may still be made.
    pub budget: &'a Budget,
}

impl Linear<'_> {
    /// What the node makes of these values, without its bias.
    pub fn apply(&self, values: &Values) -> Result<Values, ImportError> {
        let mut sums = Values::new();
        for (&(place, delay), &value) in values {
            self.budget.spend(self.most_reached(), self.name)?;
            let mut add = |to: usize, delay: u32, weight: f64| *sums.entry((to, delay)).or_default() += weight * value;
            match self.node {
                Node::Linear(node) => self.matrix(&node.weight, place, |to, weight| add(to, delay, weight))?,
                Node::Affine(node) => self.matrix(&node.weight, place, |to, weight| add(to, delay, weight))?,
                // Shapes were checked: there is a factor for every place.
                Node::Scale(node) => add(place, delay, node.scale.of_neuron(place).unwrap_or_default()),
                Node::Flatten(_) => add(place, delay, 1.0),
                Node::Delay(node) => {
                    let steps = self.steps(place, node.delay.of_neuron(place).unwrap_or_default())?;
                    let delay = delay + steps;
                    if delay > limits::STEPS {
                        let what =
                            format!("a spike takes {delay} steps to get there, and may take {} at most", limits::STEPS);
                        return Err(self.refuse(place, what));
                    }
                    add(place, delay, 1.0);
                }
                Node::Conv1d(node) => self.convolution(node, place, |to, weight| add(to, delay, weight)),
                Node::Conv2d(node) => self.convolution(node, place, |to, weight| add(to, delay, weight)),
                Node::SumPool2d(pool) => self.pool(pool, 1.0, place, |to, weight| add(to, delay, weight)),
                Node::AvgPool2d(pool) => {
                    // Zeros around it count, as in PyTorch.
                    let share = 1.0 / pool.kernel_size.iter().map(|size| *size as f64).product::<f64>();
                    self.pool(pool, share, place, |to, weight| add(to, delay, weight));
                }
                other => {
                    let reason = "it is neither a neuron nor linear: leave it out of the export";
                    return Err(ImportError::unsupported(self.name, other.kind(), reason));
                }
            }
        }
        Ok(sums)
    }

    /// How many places of the output one place of the input can reach, at most.
    fn most_reached(&self) -> usize {
        let reached = |windows: Vec<Window>| windows.iter().map(Window::most_reached).product();
        match self.node {
            Node::Linear(_) | Node::Affine(_) => self.output.last().copied().unwrap_or(1),
            Node::Conv1d(conv) => self.output[0] / conv.groups * reached(self.conv_windows(conv)),
            Node::Conv2d(conv) => self.output[0] / conv.groups * reached(self.conv_windows(conv)),
            Node::SumPool2d(pool) | Node::AvgPool2d(pool) => reached(self.pool_windows(pool)),
            _ => 1,
        }
    }

    fn refuse(&self, place: usize, what: String) -> ImportError {
        ImportError::Neuron { node: self.name.into(), kind: self.node.kind(), neuron: place, what }
    }

    /// What the node adds to every place of its output.
    pub fn bias(&self) -> Values {
        let bias = match self.node {
            Node::Affine(node) => &node.bias,
            Node::Conv1d(node) => &node.bias,
            Node::Conv2d(node) => &node.bias,
            _ => return Values::new(),
        };
        // One for each output, or for each channel.
        let places: usize = self.output.iter().product();
        let each = places / bias.values().len().max(1);
        let value = |place: usize| {
            bias.single().or_else(|| bias.values().get(place / each.max(1)).copied()).unwrap_or_default()
        };
        (0..places).map(|place| ((place, 0), value(place))).filter(|(_, value)| *value != 0.0).collect()
    }

    fn matrix(&self, weight: &Tensor, place: usize, mut add: impl FnMut(usize, f64)) -> Result<(), ImportError> {
        let [outputs, inputs] = *weight.shape() else {
            let reason = format!(
                "its weights have the shape {:?}, and must be a matrix: flatten what comes before",
                weight.shape()
            );
            return Err(ImportError::unsupported(self.name, self.node.kind(), reason));
        };
        (0..outputs).for_each(|output| add(output, weight.values()[output * inputs + place]));
        Ok(())
    }

    fn steps(&self, place: usize, delay: f64) -> Result<u32, ImportError> {
        if delay == 0.0 {
            return Ok(0);
        }
        let Some(dt) = self.dt else {
            return Err(ImportError::NoStep { node: self.name.into(), kind: self.node.kind(), r: 1.0 });
        };
        let steps = delay / dt;
        if !(0.0..=f64::from(limits::STEPS)).contains(&steps) || (steps - steps.round()).abs() > 1e-3 {
            let most = limits::STEPS;
            let what = format!(
                "a delay of {delay:e} is {steps} time steps of {dt:e}, and must be a whole number of them, at most {most}"
            );
            return Err(self.refuse(place, what));
        }
        Ok(steps.round() as u32)
    }

    fn conv_windows<const D: usize>(&self, conv: &Conv<D>) -> Vec<Window> {
        let window = |d: usize| {
            let kernel = conv.weight.shape()[2 + d];
            Window {
                kernel,
                stride: conv.stride[d],
                dilation: conv.dilation[d],
                padding: padding(&conv.padding, d, kernel, conv.dilation[d]),
                outputs: self.output[1 + d],
            }
        };
        (0..D).map(window).collect()
    }

    fn pool_windows(&self, pool: &Pool) -> Vec<Window> {
        let window = |d: usize| Window {
            kernel: pool.kernel_size[d],
            stride: pool.stride[d],
            dilation: 1,
            padding: padding(&pool.padding, d, pool.kernel_size[d], 1),
            outputs: self.output[1 + d],
        };
        (0..2).map(window).collect()
    }

    /// A cross-correlation, with channels, rows and columns (of one dimension: one row).
    fn convolution<const D: usize>(&self, conv: &Conv<D>, place: usize, mut add: impl FnMut(usize, f64)) {
        let kernel = &conv.weight.shape()[2..];
        let (inputs, outputs) = (self.input, self.output);
        let spatial: usize = inputs[1..].iter().product();
        let (channel, at) = (place / spatial, place % spatial);
        let (in_group, out_group) = (inputs[0] / conv.groups, outputs[0] / conv.groups);
        let group = channel / in_group;
        let windows = self.conv_windows(conv);
        let taps: usize = kernel.iter().product();
        reached(&windows, &inputs[1..], at, |to, tap| {
            let out_spatial: usize = outputs[1..].iter().product();
            for output in group * out_group..(group + 1) * out_group {
                let weight = (output * in_group + channel % in_group) * taps + tap;
                add(output * out_spatial + to, conv.weight.values()[weight]);
            }
        });
    }

    fn pool(&self, pool: &Pool, weight: f64, place: usize, mut add: impl FnMut(usize, f64)) {
        let spatial: usize = self.input[1..].iter().product();
        let out_spatial: usize = self.output[1..].iter().product();
        let windows = self.pool_windows(pool);
        reached(&windows, &self.input[1..], place % spatial, |to, _| add(place / spatial * out_spatial + to, weight));
    }
}

/// How a kernel moves along one dimension.
struct Window {
    kernel: usize,
    stride: usize,
    dilation: usize,
    /// Zeros before the first input.
    padding: usize,
    /// Extent of the output.
    outputs: usize,
}

impl Window {
    /// The outputs that an input reaches, each with the place in the kernel by which it does.
    fn reached(&self, input: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let from_first = input + self.padding;
        let span = (self.kernel - 1).saturating_mul(self.dilation);
        let first = from_first.saturating_sub(span).div_ceil(self.stride);
        // One by one through outputs, of which there are few: a file can claim any kernel in as many zeros.
        let after = self.outputs.min(from_first / self.stride + 1);
        (first..after).filter_map(move |output| {
            let within = from_first - output * self.stride;
            within.is_multiple_of(self.dilation).then_some((output, within / self.dilation))
        })
    }

    /// How many outputs one input reaches, at most.
    fn most_reached(&self) -> usize {
        self.kernel.div_ceil(self.stride).min(self.outputs)
    }
}

/// Calls `found` with each output place and the place in the kernel by which the input at `at` reaches it; all of them count with the last
/// dimension fastest.
fn reached(windows: &[Window], extents: &[usize], at: usize, mut found: impl FnMut(usize, usize)) {
    // From the first dimension on: outputs and kernel places so far. The kernel of a pool, whose places nobody needs, can have more than
    // there are numbers.
    let mut so_far: Vec<(usize, usize)> = vec![(0, 0)];
    let mut below: usize = extents.iter().product();
    let mut rest = at;
    for (window, extent) in windows.iter().zip(extents) {
        below /= extent;
        let index = rest / below;
        rest %= below;
        let next = so_far.iter().flat_map(|&(to, taps)| {
            window.reached(index).map(move |(output, tap)| {
                (to * window.outputs + output, taps.wrapping_mul(window.kernel).wrapping_add(tap))
            })
        });
        so_far = next.collect();
    }
    so_far.into_iter().for_each(|(to, tap)| found(to, tap));
}

/// Zeros before the first input of a dimension. Where they are as many as keep the extent, the odd one is behind the last.
fn padding<const D: usize>(padding: &Padding<D>, dimension: usize, kernel: usize, dilation: usize) -> usize {
    match padding {
        Padding::Valid => 0,
        Padding::Same => dilation.saturating_mul(kernel - 1) / 2,
        Padding::Explicit(zeros) => zeros[dimension],
    }
}
