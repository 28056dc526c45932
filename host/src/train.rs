//! Training by back-propagation through time with surrogate gradients, first with real weights, then with the integers of
//! the array.
//!
//! The forward pass is the array's tick: integrate, fire at `v >= threshold`, reset, leak. In the second phase it is that
//! to the bit, with weights rounded to INT4 or INT8 and the leak rounded toward zero, while the gradient passes the rounding
//! as if it were not there (straight-through). So the network that was trained is the network that runs.
//!
//! The loss is the cross entropy of the softmax of the output spike counts (times 16 / ticks), plus a penalty on the
//! activity of the layers before. The gradient of a spike is that of the fast sigmoid, `1 / (1 + 10 |v / threshold - 1|)^2`;
//! none passes the reset. A recurrent layer hears its own spikes a tick after they fired, and the gradient goes back the
//! same way. Adam with a learning rate that falls to 0 along a cosine moves the weights.
//!
//! Spikes are sparse and binary, so forward pass and weight gradients are additions of rows. Every sum has a fixed order
//! and every function is Rust's own, so the same options give the same network wherever f32 is IEEE 754.

mod adam;
mod augment;
mod gradient;
mod model;

use crate::coding::{Code, Coding};
use crate::data::{Random, Sample, Split, split};
use crate::network::{Network, Provenance, QuantiseError};
use gradient::batch_gradient;
use model::{Model, Precision};
use nernst_spec::WeightBits;
use nernst_spec::tick::Reset;

/// What to train and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    pub name: String,
    pub coding: Coding,
    /// Ticks in which a sample's spikes arrive.
    pub ticks: u32,
    /// Neurons of each layer before the last.
    pub hidden: Vec<usize>,
    /// Each of these layers also hears its own spikes, a tick after they fired.
    pub recurrent: bool,
    pub weight_bits: WeightBits,
    /// What membranes keep from tick to tick, in 512ths.
    pub leak: u16,
    pub reset: Reset,
    /// Passes over the training samples with real weights.
    pub epochs: usize,
    /// Further passes with integers.
    pub quantised_epochs: usize,
    /// Samples between two steps.
    pub batch: usize,
    pub learning_rate: f32,
    /// Loss for a neuron of an inner layer that fires in every tick.
    pub activity_penalty: f32,
    /// Share of the training samples, in every pass chosen anew, that are moved by a pixel (square images only).
    pub shift: f32,
    /// Share of the pixels that are not dark, in every pass chosen anew, that become brighter or darker by one.
    pub noise: f32,
    /// Training samples that are kept apart to choose the best of the quantised epochs by; 0: the last is taken.
    pub held_out: usize,
    pub seed: u64,
}

/// What a training run is doing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Passes done, of both phases.
    pub epoch: usize,
    pub epochs: usize,
    pub quantised: bool,
    /// Mean loss of the pass.
    pub loss: f32,
}

/// A trained network and how well it does. Accuracies are shares of samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    pub network: Network,
    /// Of the real weights before the second phase: training and test samples.
    pub real: (f64, f64),
    /// Of these weights rounded to INT4 and INT8 without further training: test samples.
    pub rounded: [(WeightBits, f64); 2],
    /// Of the network's integers: training and test samples.
    pub integers: (f64, f64),
    /// The quantised epoch that was chosen, from 1.
    pub chosen_epoch: usize,
}

/// Why training stopped.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum TrainError {
    #[error("{field} is {value}, expected {expected}")]
    Option { field: &'static str, value: String, expected: &'static str },
    #[error("no training samples are left: the data set has {samples}, {held_out} are held out")]
    NoSamples { samples: usize, held_out: usize },
    #[error("training diverged: {0}; try a smaller learning rate")]
    Diverged(#[from] QuantiseError),
}

impl Options {
    fn check(&self, inputs: usize) -> Result<(), TrainError> {
        let refuse = |field, value: &dyn ToString, expected| {
            Err(TrainError::Option { field, value: value.to_string(), expected })
        };
        if !(1..=4096).contains(&self.ticks) {
            return refuse("ticks", &self.ticks, "1 to 4096");
        }
        if let Some(size) = self.hidden.iter().find(|size| !(1..=4096).contains(*size)) {
            return refuse("hidden", size, "layers of 1 to 4096 neurons");
        }
        if self.leak > 512 {
            return refuse("leak", &self.leak, "0 to 512 (512ths)");
        }
        if self.epochs == 0 || self.quantised_epochs == 0 {
            return refuse("epochs", &0, "at least 1 in both phases");
        }
        if self.batch == 0 {
            return refuse("batch", &0, "at least 1");
        }
        if !(self.learning_rate > 0.0 && self.learning_rate <= 1.0) {
            return refuse("learning rate", &self.learning_rate, "above 0, at most 1");
        }
        if !(0.0..=100.0).contains(&self.activity_penalty) {
            return refuse("activity penalty", &self.activity_penalty, "0 to 100");
        }
        if !(0.0..=1.0).contains(&self.shift) {
            return refuse("shift", &self.shift, "0 to 1");
        }
        if !(0.0..=1.0).contains(&self.noise) {
            return refuse("noise", &self.noise, "0 to 1");
        }
        if self.shift > 0.0 && inputs.isqrt().pow(2) != inputs {
            return refuse("shift", &self.shift, "0, because the samples are no square images");
        }
        Ok(())
    }

    fn code(&self) -> Code {
        Code { coding: self.coding, ticks: self.ticks }
    }

    /// Trains on `data.train`; `data.test` is only measured. `command` is kept in the network as what made it.
    pub fn train(
        &self,
        data: &Split,
        command: &str,
        mut progress: impl FnMut(Progress),
    ) -> Result<Trained, TrainError> {
        let (samples, held_out) = split(&data.train, self.held_out, self.seed);
        let inputs = samples.first().map_or(0, |sample| sample.pixels.len());
        if inputs == 0 {
            return Err(TrainError::NoSamples { samples: data.train.len(), held_out: self.held_out });
        }
        self.check(inputs)?;
        let classes = data.train.iter().chain(&data.test).map(|sample| sample.label as usize + 1).max().unwrap_or(1);
        let sizes: Vec<usize> = [&[inputs], &self.hidden[..], &[classes]].concat();
        let mut random = Random::new(self.seed);
        let mut model = Model::new(&sizes, self.recurrent, self.leak, self.reset, &mut random);

        let epochs = self.epochs + self.quantised_epochs;
        let report = |epoch, loss, quantised| Progress { epoch, epochs, quantised, loss };
        for epoch in 0..self.epochs {
            let loss = self.pass(&mut model, &samples, Precision::Real, cosine(epoch, self.epochs), &mut random);
            progress(report(epoch + 1, loss, false));
        }
        let code = self.code();
        let real = (model.accuracy(&data.train, code), model.accuracy(&data.test, code));
        let rounded = [WeightBits::Four, WeightBits::Eight].map(|bits| {
            let integers = self.network(&model, bits, None).integers();
            (bits, integers.map_or(0.0, |integers| integers.accuracy(&data.test, code)))
        });

        model.forget_moments();
        let mut best: Option<(usize, usize, Network)> = None;
        for epoch in 0..self.quantised_epochs {
            let scales = model.scales(self.weight_bits);
            let precision = Precision::Integer(self.weight_bits, &scales);
            let rate = cosine(epoch, self.quantised_epochs) / 3.0;
            let loss = self.pass(&mut model, &samples, precision, rate, &mut random);
            let last = epoch + 1 == self.quantised_epochs;
            if last || !held_out.is_empty() {
                let network = self.network(&model, self.weight_bits, Some(&scales));
                let correct = network.integers()?.correct(&held_out, code);
                // The later of equals has seen more.
                if best.as_ref().is_none_or(|(most, ..)| correct >= *most) {
                    best = Some((correct, epoch + 1, network));
                }
            }
            progress(report(self.epochs + epoch + 1, loss, true));
        }
        // There is at least one quantised epoch, and the last is always looked at.
        let (_, chosen_epoch, mut network) = best.expect("an epoch was measured");
        let integers = network.integers()?;
        let integers = (integers.accuracy(&data.train, code), integers.accuracy(&data.test, code));
        network.provenance = Some(Provenance {
            command: command.into(),
            version: env!("CARGO_PKG_VERSION").into(),
            seed: self.seed,
            train_accuracy: integers.0,
            test_accuracy: integers.1,
        });
        Ok(Trained { network, real, rounded, integers, chosen_epoch })
    }

    /// One pass over the samples in random order; returns the mean loss.
    fn pass(&self, model: &mut Model, samples: &[Sample], precision: Precision, rate: f32, random: &mut Random) -> f32 {
        let mut order: Vec<usize> = (0..samples.len()).collect();
        random.shuffle(&mut order);
        let mut total = 0.0;
        for numbers in order.chunks(self.batch) {
            let batch: Vec<(Vec<Vec<u16>>, usize)> = numbers
                .iter()
                .map(|&number| {
                    let sample = &samples[number];
                    let mut pixels = augment::shift(&sample.pixels, self.shift, random);
                    augment::noise(&mut pixels, self.noise, random);
                    (self.coding.encode(&pixels, self.ticks), sample.label as usize)
                })
                .collect();
            let (loss, gradients) = batch_gradient(model, &batch, precision, self.activity_penalty);
            model.step(&gradients, self.learning_rate * rate);
            total += loss * batch.len() as f32;
        }
        total / samples.len() as f32
    }

    /// The model as a network: with its real weights, or with the integers of `scales`.
    fn network(&self, model: &Model, bits: WeightBits, scales: Option<&[f32]>) -> Network {
        Network::of_layers(&self.name, self.code(), bits, &model.layers(bits, scales))
    }
}

/// From 1 down to 0 along half a cosine.
fn cosine(epoch: usize, epochs: usize) -> f32 {
    0.5 + 0.5 * libm::cosf(std::f32::consts::PI * epoch as f32 / epochs as f32)
}

#[cfg(test)]
mod tests;
