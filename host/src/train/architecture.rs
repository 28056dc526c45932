//! Networks to be trained from nothing: layers, and random weights.
//!
//! ```text
//! conv 8 3x3 stride 2, conv 16 3x3 pad 1, dense 64 recurrent, 10
//! ```
//!
//! | layer | |
//! |---|---|
//! | `conv CHANNELS HxW [stride S] [pad P]` | each channel has one kernel for all places (its weights are tied); stride 1 and padding 0 unless given |
//! | `dense NEURONS [recurrent]` or `NEURONS [recurrent]` | hears all of the layer before; `recurrent`: also its own spikes, a step after they fired |
//!
//! The last layer is dense with a neuron for each class. Inputs are channels of rows of values, `CxHxW`.

use crate::circuit::{Circuit, Neuron, Population, Projection, Readout, Source, Synapse};
use crate::data::Random;
use nernst_spec::tick::{LEAK_ONE, Reset};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// Most neurons of a layer, and most channels, rows or columns of an input.
const MAX_SIZE: usize = 4096;
/// Most synapses of a layer.
const MAX_SYNAPSES: usize = 1 << 24;

/// A layer as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerSpec {
    Conv { channels: usize, kernel: (usize, usize), stride: usize, pad: usize },
    Dense { neurons: usize, recurrent: bool },
}

/// Channels, rows and columns of an input or a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub channels: usize,
    pub height: usize,
    pub width: usize,
}

/// Layers one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layers(pub Vec<LayerSpec>);

/// What all neurons of a new network have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Common {
    /// What membranes keep from step to step, in 512ths.
    pub leak: u16,
    pub reset: Reset,
    pub readout: Readout,
}

/// Why layers make no network.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LayersError {
    #[error("layer {layer} (`{text}`): {what}")]
    Syntax { layer: usize, text: String, what: String },
    #[error("layer {layer} (`{spec}`): {what}")]
    Layer { layer: usize, spec: LayerSpec, what: String },
    #[error("the last layer is `{0}`, expected a dense one with a neuron for each of the {1} classes: `{1}`")]
    Last(LayerSpec, usize),
    #[error("shape {shape} has {} values, the samples have {inputs}", shape.size())]
    Shape { shape: Shape, inputs: usize },
    #[error("the leak is {0}, expected 0 to 512 (512ths that a membrane keeps)")]
    Leak(u16),
}

impl Shape {
    /// Neurons or input lines.
    pub fn size(&self) -> usize {
        self.channels * self.height * self.width
    }

    /// One channel, square where the number is, otherwise a row.
    pub fn of_inputs(inputs: usize) -> Self {
        let side = inputs.isqrt();
        let (height, width) = if side * side == inputs { (side, side) } else { (1, inputs) };
        Self { channels: 1, height, width }
    }

    pub fn is_square_image(&self) -> bool {
        self.channels == 1 && self.height == self.width
    }
}

impl Layers {
    /// Dense layers of these sizes and one for the classes.
    pub fn dense(hidden: &[usize], recurrent: bool, classes: usize) -> Self {
        let layers = hidden.iter().map(|&neurons| LayerSpec::Dense { neurons, recurrent });
        Self(layers.chain([LayerSpec::Dense { neurons: classes, recurrent: false }]).collect())
    }

    /// A circuit with random weights, uniform within ±1 / sqrt(weights of a neuron), and thresholds of 1. Those of a convolution differ from each
    /// other, so that none are one weight by chance.
    pub fn circuit(
        &self,
        input: Shape,
        classes: usize,
        common: Common,
        random: &mut Random,
    ) -> Result<Circuit, LayersError> {
        if common.leak > LEAK_ONE {
            return Err(LayersError::Leak(common.leak));
        }
        let last = self.0.len() - 1;
        match self.0[last] {
            LayerSpec::Dense { neurons, .. } if neurons == classes => {}
            spec => return Err(LayersError::Last(spec, classes)),
        }
        let (mut shape, mut from) = (input, Source::Inputs);
        let (mut populations, mut projections) = (vec![], vec![]);
        for (number, spec) in self.0.iter().enumerate() {
            let refuse = |what: String| LayersError::Layer { layer: number + 1, spec: *spec, what };
            let next = spec.shape(shape).map_err(refuse)?;
            if !(1..=MAX_SIZE).contains(&next.size()) {
                return Err(refuse(format!("{} neurons, expected 1 to {MAX_SIZE}", next.size())));
            }
            if spec.synapses(shape, next) > MAX_SYNAPSES {
                let what = format!("{} synapses, expected at most {MAX_SYNAPSES}", spec.synapses(shape, next));
                return Err(refuse(what));
            }
            projections.extend(spec.projections(from, number, shape, next, random));
            let silent = number == last && common.readout == Readout::Membranes;
            let neuron = Neuron {
                threshold: if silent { f64::INFINITY } else { 1.0 },
                decay: f64::from(common.leak) / f64::from(LEAK_ONE),
                bias: 0.0,
                reset: common.reset,
            };
            populations.push(Population { name: format!("layer{}", number + 1), neurons: vec![neuron; next.size()] });
            (shape, from) = (next, Source::Population(number));
        }
        Ok(Circuit { inputs: input.size(), populations, projections, output: last, readout: common.readout })
    }

    /// Channels and sizes, as in `8-16-10` without the last.
    pub fn title(&self) -> String {
        let size = |spec: &LayerSpec| match spec {
            LayerSpec::Conv { channels, .. } => channels.to_string(),
            LayerSpec::Dense { neurons, .. } => neurons.to_string(),
        };
        let hidden = &self.0[..self.0.len() - 1];
        if hidden.is_empty() { "0".into() } else { hidden.iter().map(size).collect::<Vec<_>>().join("-") }
    }

    /// `conv`, `rnn` or `mlp`.
    pub fn kind(&self) -> &'static str {
        let any = |is: fn(&LayerSpec) -> bool| self.0.iter().any(is);
        if any(|spec| matches!(spec, LayerSpec::Conv { .. })) {
            "conv"
        } else if any(|spec| matches!(spec, LayerSpec::Dense { recurrent: true, .. })) {
            "rnn"
        } else {
            "mlp"
        }
    }
}

impl LayerSpec {
    fn shape(&self, input: Shape) -> Result<Shape, String> {
        match *self {
            LayerSpec::Dense { neurons, .. } => Ok(Shape { channels: 1, height: 1, width: neurons }),
            LayerSpec::Conv { channels, kernel, stride, pad } => {
                let places = |size: usize, kernel: usize| Some((size + 2 * pad).checked_sub(kernel)? / stride + 1);
                let too_large =
                    || format!("a kernel of {}x{} is larger than what it hears, {input}", kernel.0, kernel.1);
                let height = places(input.height, kernel.0).ok_or_else(too_large)?;
                let width = places(input.width, kernel.1).ok_or_else(too_large)?;
                Ok(Shape { channels, height, width })
            }
        }
    }

    /// At most.
    fn synapses(&self, before: Shape, own: Shape) -> usize {
        match *self {
            LayerSpec::Dense { neurons, recurrent } => neurons * (before.size() + if recurrent { neurons } else { 0 }),
            LayerSpec::Conv { kernel, .. } => own.size().saturating_mul(before.channels * kernel.0 * kernel.1),
        }
    }

    fn projections(&self, from: Source, to: usize, before: Shape, own: Shape, random: &mut Random) -> Vec<Projection> {
        match *self {
            LayerSpec::Dense { neurons, recurrent } => {
                let rows = before.size() + if recurrent { neurons } else { 0 };
                let bound = 1.0 / (rows as f32).sqrt();
                let mut matrix = |from: Source, sources: usize, delay: u32| {
                    let mut synapses = Vec::with_capacity(sources * neurons);
                    for source in 0..sources as u32 {
                        for target in 0..neurons as u32 {
                            let weight = f64::from(bound * random.symmetric());
                            synapses.push(Synapse { source, target, weight, delay });
                        }
                    }
                    Projection { from, to, tied: false, synapses }
                };
                let forward = matrix(from, before.size(), 0);
                let own = recurrent.then(|| matrix(Source::Population(to), neurons, 1));
                std::iter::once(forward).chain(own).collect()
            }
            LayerSpec::Conv { channels, kernel, stride, pad } => {
                let weights_of_channel = before.channels * kernel.0 * kernel.1;
                let bound = 1.0 / (weights_of_channel as f32).sqrt();
                let mut taken = BTreeSet::new();
                let mut weight = || loop {
                    let weight = bound * random.symmetric();
                    if taken.insert(weight.to_bits()) {
                        return f64::from(weight);
                    }
                };
                let kernels: Vec<f64> = (0..channels * weights_of_channel).map(|_| weight()).collect();
                let mut synapses = vec![];
                for target in 0..own.size() {
                    let (channel, y, x) = own.place(target);
                    for tap in 0..weights_of_channel {
                        let of_channel = kernel.0 * kernel.1;
                        let (dy, dx) = (tap % of_channel / kernel.1, tap % kernel.1);
                        let row = (y * stride + dy).checked_sub(pad).filter(|row| *row < before.height);
                        let column = (x * stride + dx).checked_sub(pad).filter(|column| *column < before.width);
                        let Some((row, column)) = row.zip(column) else { continue };
                        let source = before.number(tap / of_channel, row, column);
                        let weight = kernels[channel * weights_of_channel + tap];
                        synapses.push(Synapse { source: source as u32, target: target as u32, weight, delay: 0 });
                    }
                }
                synapses.sort_by_key(|synapse| (synapse.source, synapse.target));
                vec![Projection { from, to, tied: true, synapses }]
            }
        }
    }
}

impl Shape {
    fn place(&self, number: usize) -> (usize, usize, usize) {
        let of_channel = self.height * self.width;
        (number / of_channel, number % of_channel / self.width, number % self.width)
    }

    fn number(&self, channel: usize, row: usize, column: usize) -> usize {
        (channel * self.height + row) * self.width + column
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}x{}x{}", self.channels, self.height, self.width)
    }
}

impl FromStr for Shape {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let sizes: Option<Vec<usize>> = text.split('x').map(|part| part.parse().ok()).collect();
        match sizes.as_deref() {
            Some(&[channels, height, width])
                if [channels, height, width].iter().all(|s| (1..=MAX_SIZE).contains(s)) =>
            {
                Ok(Self { channels, height, width })
            }
            _ => Err(format!(
                "`{text}` is no shape: expected CHANNELSxHEIGHTxWIDTH, such as 1x8x8, each 1 to {MAX_SIZE}"
            )),
        }
    }
}

impl fmt::Display for LayerSpec {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            LayerSpec::Conv { channels, kernel, stride, pad } => {
                write!(f, "conv {channels} {}x{}", kernel.0, kernel.1)?;
                if *stride != 1 {
                    write!(f, " stride {stride}")?;
                }
                if *pad != 0 {
                    write!(f, " pad {pad}")?;
                }
                Ok(())
            }
            LayerSpec::Dense { neurons, recurrent } => {
                write!(f, "dense {neurons}{}", if *recurrent { " recurrent" } else { "" })
            }
        }
    }
}

impl FromStr for LayerSpec {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let size = |what: &str, word: Option<&&str>| {
            let value = word.and_then(|word| word.parse::<usize>().ok()).filter(|value| (1..=MAX_SIZE).contains(value));
            value.ok_or_else(|| {
                let found = word.map_or("nothing".into(), |word| format!("`{word}`"));
                format!("{what} is {found}, expected a number from 1 to {MAX_SIZE}")
            })
        };
        match words[..] {
            [] => Err("there is nothing: expected `conv CHANNELS HxW` or `dense NEURONS`".into()),
            ["conv", ..] => {
                let channels = size("the number of channels", words.get(1))?;
                let kernel = words.get(2).and_then(|word| word.split_once('x'));
                let kernel = kernel.ok_or("the third word is no kernel, expected its size, such as 3x3")?;
                let kernel = (size("its height", Some(&kernel.0))?, size("its width", Some(&kernel.1))?);
                let (mut stride, mut pad) = (1, 0);
                for pair in words[3..].chunks(2) {
                    match pair[0] {
                        "stride" => stride = size("the stride", pair.get(1))?,
                        "pad" if pair.get(1) == Some(&"0") => pad = 0,
                        "pad" => pad = size("the padding", pair.get(1))?,
                        other => return Err(format!("`{other}` is not known, expected stride or pad")),
                    }
                }
                Ok(LayerSpec::Conv { channels, kernel, stride, pad })
            }
            _ => {
                let rest = if words[0] == "dense" { &words[1..] } else { &words[..] };
                let neurons = size("the number of neurons", rest.first())?;
                match rest[1..] {
                    [] => Ok(LayerSpec::Dense { neurons, recurrent: false }),
                    ["recurrent"] => Ok(LayerSpec::Dense { neurons, recurrent: true }),
                    _ => Err(format!("`{}` is not known, expected nothing more, or recurrent", rest[1..].join(" "))),
                }
            }
        }
    }
}

impl fmt::Display for Layers {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (number, spec) in self.0.iter().enumerate() {
            write!(f, "{}{spec}", if number > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

impl FromStr for Layers {
    type Err = LayersError;
    fn from_str(text: &str) -> Result<Self, LayersError> {
        let layer = |(number, text): (usize, &str)| {
            let syntax = |what| LayersError::Syntax { layer: number + 1, text: text.trim().into(), what };
            text.parse().map_err(syntax)
        };
        Ok(Self(text.split(',').enumerate().map(layer).collect::<Result<_, _>>()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMON: Common = Common { leak: 480, reset: Reset::Zero, readout: Readout::Spikes };

    fn circuit(layers: &str, input: &str, classes: usize) -> Result<Circuit, LayersError> {
        layers.parse::<Layers>()?.circuit(input.parse().unwrap(), classes, COMMON, &mut Random::new(1))
    }

    #[test]
    fn layers_read_as_they_are_written() {
        let text = "conv 8 3x3 stride 2, conv 16 2x3 stride 2 pad 1, dense 64 recurrent, dense 10";
        assert_eq!(text.parse::<Layers>().unwrap().to_string(), text);
        assert_eq!("64 recurrent,10".parse::<Layers>().unwrap().to_string(), "dense 64 recurrent, dense 10");
    }

    #[test]
    fn a_convolution_is_its_kernel_at_every_place() {
        let circuit = circuit("conv 2 3x3 stride 2 pad 1, 3", "2x4x5", 3).unwrap();
        let sizes: Vec<usize> = circuit.populations.iter().map(|population| population.neurons.len()).collect();
        // Rows at -1 and 1, columns at -1, 1 and 3.
        assert_eq!(sizes, [2 * 2 * 3, 3]);
        let conv = &circuit.projections[0];
        assert!(conv.tied && conv.synapses.is_sorted_by_key(|synapse| (synapse.source, synapse.target)));
        let mut weights: Vec<u64> = conv.synapses.iter().map(|synapse| synapse.weight.to_bits()).collect();
        weights.sort();
        weights.dedup();
        assert_eq!(weights.len(), 2 * 2 * 9);
        // Neuron (1, 1) of either channel hears rows 1 to 3 and columns 1 to 3 of both channels, and all of its taps.
        let weight = |source: u32, target: u32| {
            conv.synapses.iter().find(|s| (s.source, s.target) == (source, target)).map(|s| s.weight)
        };
        let heard = |target: u32| conv.synapses.iter().filter(move |s| s.target == target).map(|s| s.source);
        let expected: Vec<u32> = [6, 11, 16, 26, 31, 36].iter().flat_map(|first| *first..first + 3).collect();
        assert_eq!(heard(4).collect::<Vec<_>>(), expected);
        assert_eq!(heard(10).collect::<Vec<_>>(), expected);
        // The upper left neuron lacks the first row and column of the kernel; its tap at (0, 0) is the centre.
        assert_eq!(heard(0).collect::<Vec<_>>(), [0, 1, 5, 6, 20, 21, 25, 26]);
        assert_eq!(weight(0, 0), weight(12, 4));
        assert_ne!(weight(0, 0), weight(0, 6));
    }

    #[test]
    fn what_makes_no_network_is_named() {
        let refuse = |layers: &str, input: &str, words: &str| {
            let error = circuit(layers, input, 10).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        };
        refuse("conv 8, 10", "1x8x8", "layer 1 (`conv 8`): the third word is no kernel");
        refuse("64, conv x 3x3, 10", "1x8x8", "layer 2 (`conv x 3x3`): the number of channels is `x`");
        refuse("conv 8 3x3 stride, 10", "1x8x8", "the stride is nothing, expected a number");
        refuse("conv 8 3x3 dilation 2, 10", "1x8x8", "`dilation` is not known");
        refuse("dense 8 deep, 10", "1x8x8", "`deep` is not known");
        refuse("8,,10", "1x8x8", "layer 2 (``): there is nothing");
        refuse("conv 8 9x9, 10", "1x8x8", "a kernel of 9x9 is larger than what it hears, 1x8x8");
        refuse("conv 100 3x3 pad 1, 10", "1x8x8", "layer 1 (`conv 100 3x3 pad 1`): 6400 neurons");
        refuse("64, 9", "1x8x8", "a neuron for each of the 10 classes");
        refuse("conv 10 8x8", "1x8x8", "the last layer is `conv 10 8x8`");
        assert!("8x8".parse::<Shape>().unwrap_err().contains("such as 1x8x8"));
    }
}
