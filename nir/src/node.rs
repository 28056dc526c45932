//! The computational units of NIR 1.0.8, as types.
//!
//! Symbols: *I* is the input, *v* the membrane potential, *z* the output spikes; times are in the unit of the file,
//! which NIR does not state (exporters mean seconds, Sinabs steps). Equations are those of the reference implementation
//! (Python package `nir` 1.0.8) and of J. E. Pedersen et al., "Neuromorphic intermediate representation", Nature
//! Communications 15, 8122 (2024), doi 10.1038/s41467-024-52259-9.

use crate::{Graph, Tensor};

/// The names of all types, as files have them.
pub(crate) const TYPES: [&str; 19] = [
    "Input",
    "Output",
    "NIRGraph",
    "Affine",
    "Linear",
    "Scale",
    "Conv1d",
    "Conv2d",
    "SumPool2d",
    "AvgPool2d",
    "Flatten",
    "Delay",
    "Threshold",
    "I",
    "IF",
    "LI",
    "LIF",
    "CubaLI",
    "CubaLIF",
];

/// One node of a graph.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Node {
    Input(Input),
    Output(Output),
    /// A graph within the graph, with an Input and an Output of its own (`NIRGraph`).
    Graph(Graph),
    Affine(Affine),
    Linear(Linear),
    Scale(Scale),
    Conv1d(Conv<1>),
    Conv2d(Conv<2>),
    /// The sum over each window.
    SumPool2d(Pool),
    /// The mean over each window.
    AvgPool2d(Pool),
    Flatten(Flatten),
    Delay(Delay),
    Threshold(Threshold),
    I(I),
    If(If),
    Li(Li),
    Lif(Lif),
    CubaLi(CubaLi),
    CubaLif(CubaLif),
}

impl Node {
    /// The name of its type, as files have it.
    pub fn kind(&self) -> &'static str {
        match self {
            Node::Input(_) => "Input",
            Node::Output(_) => "Output",
            Node::Graph(_) => "NIRGraph",
            Node::Affine(_) => "Affine",
            Node::Linear(_) => "Linear",
            Node::Scale(_) => Scale::KIND,
            Node::Conv1d(_) => "Conv1d",
            Node::Conv2d(_) => "Conv2d",
            Node::SumPool2d(_) => "SumPool2d",
            Node::AvgPool2d(_) => "AvgPool2d",
            Node::Flatten(_) => "Flatten",
            Node::Delay(_) => Delay::KIND,
            Node::Threshold(_) => Threshold::KIND,
            Node::I(_) => I::KIND,
            Node::If(_) => If::KIND,
            Node::Li(_) => Li::KIND,
            Node::Lif(_) => Lif::KIND,
            Node::CubaLi(_) => CubaLi::KIND,
            Node::CubaLif(_) => CubaLif::KIND,
        }
    }

    /// The parameters of a node that treats each place of its input alone, by name; empty for any other.
    pub(crate) fn elementwise(&self) -> Vec<(&'static str, &Tensor)> {
        match self {
            Node::Scale(node) => node.parameters(),
            Node::Delay(node) => node.parameters(),
            Node::Threshold(node) => node.parameters(),
            Node::I(node) => node.parameters(),
            Node::If(node) => node.parameters(),
            Node::Li(node) => node.parameters(),
            Node::Lif(node) => node.parameters(),
            Node::CubaLi(node) => node.parameters(),
            Node::CubaLif(node) => node.parameters(),
            _ => vec![],
        }
    }
}

/// Where the input comes in.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Of one time step, without batch or time. Exporters get it wrong: see [`Graph::shapes`].
    pub shape: Vec<usize>,
}

/// Where the output leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Of one time step, without batch or time.
    pub shape: Vec<usize>,
}

/// *y = W x + b*.
#[derive(Clone, Debug, PartialEq)]
pub struct Affine {
    /// Shape (.., outputs, inputs).
    pub weight: Tensor,
    /// Shape (.., outputs), or a single value.
    pub bias: Tensor,
}

/// *y = W x*.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    /// Shape (.., outputs, inputs).
    pub weight: Tensor,
}

/// Convolution over `D` dimensions, as PyTorch's `Conv1d` and `Conv2d` (a cross-correlation).
#[derive(Clone, Debug, PartialEq)]
pub struct Conv<const D: usize> {
    /// Extent of what arrives, without its channels; in files of some exporters it is missing.
    pub input_shape: Option<[usize; D]>,
    /// Shape (channels out, channels in / groups, kernel..).
    pub weight: Tensor,
    /// 1 or more.
    pub stride: [usize; D],
    pub padding: Padding<D>,
    /// 1 or more.
    pub dilation: [usize; D],
    /// 1 or more; divides the channels out.
    pub groups: usize,
    /// Shape (channels out), or a single value.
    pub bias: Tensor,
}

/// Zeros around the input of a convolution or pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding<const D: usize> {
    /// As many as keep the extent; only with a stride of 1.
    Same,
    /// None.
    Valid,
    /// This many on both sides of each dimension.
    Explicit([usize; D]),
}

/// Pooling over windows of height and width.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool {
    /// Height and width, 1 or more.
    pub kernel_size: [usize; 2],
    /// 1 or more.
    pub stride: [usize; 2],
    pub padding: Padding<2>,
}

/// Makes one dimension of several.
#[derive(Clone, Debug, PartialEq)]
pub struct Flatten {
    /// Of what arrives, where the file says it.
    pub input_type: Option<Vec<usize>>,
    /// The first dimension that is merged; negative ones count from the end.
    pub start_dim: i64,
    /// The last dimension that is merged; negative ones count from the end.
    pub end_dim: i64,
}

/// Nodes whose parameters are one for each neuron, or one for all of them.
macro_rules! elementwise {
    ($(
        $(#[$doc:meta])*
        $name:ident $kind:literal { $($(#[$field_doc:meta])* $field:ident $(= $default:literal)?,)* }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name { $($(#[$field_doc])* pub $field: Tensor,)* }
        impl $name {
            pub(crate) const KIND: &'static str = $kind;
            pub(crate) fn parameters(&self) -> Vec<(&'static str, &Tensor)> {
                vec![$((stringify!($field), &self.$field)),*]
            }
            /// `take` gives the parameter of this name, or the default.
            pub(crate) fn from_parameters<E>(
                mut take: impl FnMut(&'static str, Option<f64>) -> Result<Tensor, E>,
            ) -> Result<Self, E> {
                Ok(Self { $($field: take(stringify!($field), elementwise!(@default $($default)?))?,)* })
            }
        }
    )*};
    (@default) => { None };
    (@default $default:literal) => { Some($default) };
}

elementwise! {
    /// *y = s x*, place by place.
    Scale "Scale" {
        /// *s*.
        scale,
    }
    /// *y(t) = x(t - d)*.
    Delay "Delay" {
        /// *d*, a time.
        delay,
    }
    /// *z = 1* where *x > threshold*, else 0.
    Threshold "Threshold" {
        threshold,
    }
    /// Integrator: *v' = R I*; gives *v*.
    I "I" {
        /// *R*.
        r,
    }
    /// Integrate and fire: *v' = R I*; a spike where *v > v_threshold* (strict), then *v = v_reset*.
    If "IF" {
        /// *R*.
        r,
        v_threshold,
        /// 0 in files before NIR 1.0, which do not have it.
        v_reset = 0.0,
    }
    /// Leaky integrator: *tau v' = (v_leak - v) + R I*; gives *v*.
    Li "LI" {
        /// A time.
        tau,
        /// *R*.
        r,
        v_leak,
    }
    /// Leaky integrate and fire: *tau v' = (v_leak - v) + R I*; a spike where *v > v_threshold* (strict), then *v =
    /// v_reset*.
    ///
    /// NIR states no time step. snnTorch writes *r = tau / dt*, so that its *beta* is *1 - 1/r*; others write *r = 1*.
    Lif "LIF" {
        /// A time.
        tau,
        /// *R*.
        r,
        v_leak,
        v_threshold,
        /// 0 in files before NIR 1.0, which do not have it.
        v_reset = 0.0,
    }
    /// Leaky integrator with a synaptic current: *tau_syn I' = -I + w_in S*, *tau_mem v' = (v_leak - v) + R I*; gives
    /// *v*. *S* is the input.
    CubaLi "CubaLI" {
        /// A time.
        tau_syn,
        /// A time.
        tau_mem,
        /// *R*.
        r,
        v_leak,
        /// 1 where the file does not have it.
        w_in = 1.0,
    }
    /// Leaky integrate and fire with a synaptic current: *tau_syn I' = -I + w_in S*, *tau_mem v' = (v_leak - v) + R I*;
    /// a spike where *v > v_threshold* (strict), then *v = v_reset*. *S* is the input.
    CubaLif "CubaLIF" {
        /// A time.
        tau_syn,
        /// A time.
        tau_mem,
        /// *R*.
        r,
        v_leak,
        v_threshold,
        /// 0 in files before NIR 1.0, which do not have it.
        v_reset = 0.0,
        /// 1 where the file does not have it.
        w_in = 1.0,
    }
}

/// From a node's own struct to the enum, for [`Graph::add`].
macro_rules! into_node {
    ($($type:ty => $variant:ident),* $(,)?) => {$(
        impl From<$type> for Node {
            fn from(node: $type) -> Self {
                Node::$variant(node)
            }
        }
    )*};
}

into_node! {
    Input => Input, Output => Output, Graph => Graph, Affine => Affine, Linear => Linear, Scale => Scale,
    Conv<1> => Conv1d, Conv<2> => Conv2d, Flatten => Flatten, Delay => Delay, Threshold => Threshold, I => I, If => If,
    Li => Li, Lif => Lif, CubaLi => CubaLi, CubaLif => CubaLif,
}
