//! Training of any circuit by back-propagation through time with surrogate gradients, first with real weights, then with the integers of
//! the array.
//!
//! The forward pass is the array's tick: integrate, fire at `v >= threshold`, reset, leak. In the second phase it is that
//! to the bit, with weights and biases rounded to INT4 or INT8 and the leak rounded toward zero, while the gradient passes the rounding
//! as if it were not there (straight-through). So the network that was trained is the network that runs. The step between integers is that of a
//! population or of each neuron ([`Grain`]), found anew before each pass.
//!
//! The loss is the cross entropy of the softmax of the output spike counts (times 16 / ticks), or of the output's membranes after the last step, plus
//! penalties on the activity of the populations before the output and on energy ([`mod@energy`]). The gradient of a spike is that of the fast sigmoid,
//! `1 / (1 + 10 |v / threshold - 1|)^2`; none passes the reset. It goes back along all synapses, with their delays. Adam with a learning rate that falls to 0 along
//! a cosine moves the weights, and biases where there are any. Thresholds, leaks and which synapses there are stay as given. Synapses of a tied projection with
//! equal weights are one weight: its gradient is the sum of theirs.
//!
//! Spikes are sparse and binary, so forward pass and weight gradients are additions of rows, or of lists of synapses where most pairs have none. Every sum has a
//! fixed order and every function is Rust's own, so the same options give the same network wherever f32 is IEEE 754.

mod adam;
pub mod architecture;
mod augment;
mod checkpoint;
pub mod energy;
mod gradient;
mod model;
mod pass;

pub use architecture::{Common, LayerSpec, Layers, LayersError, Shape};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use energy::Prices;
pub use model::Grain;

use crate::data::{Random, Sample, Split, split};
use crate::network::{Network, Provenance, QuantiseError};
use checkpoint::{Best, State};
use energy::Costs;
use gradient::{Case, Penalties, batch_gradient, measure};
use model::{Model, Precision};
use nernst_spec::WeightBits;
use serde::{Deserialize, Serialize};

/// How to train.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Every neuron has a bias to be trained, not only those of populations that come with some.
    pub bias: bool,
    /// Which neurons have a step between integers in common.
    pub grain: Grain,
    /// Passes over the training samples with real weights.
    pub epochs: usize,
    /// Further passes with integers.
    pub quantised_epochs: usize,
    /// Samples between two steps.
    pub batch: usize,
    pub learning_rate: f32,
    /// Loss for a neuron of an inner population that fires in every tick.
    pub activity_penalty: f32,
    /// Loss for a nanojoule of a sample; it grows from 0 to this over the first half of the passes with real weights.
    pub energy_penalty: f32,
    pub prices: Prices,
    /// Share of the training samples, in every pass chosen anew, that are moved by a pixel (square images only).
    pub shift: f32,
    /// Share of the pixels that are not dark, in every pass chosen anew, that become brighter or darker by one.
    pub noise: f32,
    /// Training samples that are kept apart to choose the best of the quantised epochs by; 0: the last is taken.
    pub held_out: usize,
    /// Ends a phase after so many epochs without a lower loss of the held-out samples.
    pub patience: Option<usize>,
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
    /// Mean loss and share of right answers of the samples held out.
    pub held_out: Option<(f32, f64)>,
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
    /// Passes of both phases that were made.
    pub epochs: (usize, usize),
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
    #[error(
        "samples have {inputs} values and {classes} classes, network `{network}` has {lines} inputs and {outputs} outputs"
    )]
    Samples { inputs: usize, classes: usize, network: String, lines: usize, outputs: usize },
    #[error("training diverged: {0}; try a smaller learning rate, or smaller penalties")]
    Diverged(#[from] QuantiseError),
    #[error("{0}")]
    Checkpoint(String),
}

impl Options {
    fn check(&self, inputs: usize) -> Result<(), TrainError> {
        let refuse = |field, value: &dyn ToString, expected| {
            Err(TrainError::Option { field, value: value.to_string(), expected })
        };
        if self.quantised_epochs == 0 {
            return refuse("quantised epochs", &0, "at least 1");
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
        if !(0.0..=1e6).contains(&self.energy_penalty) {
            return refuse("energy penalty", &self.energy_penalty, "0 to 1e6");
        }
        if !(0.0..=1.0).contains(&self.shift) {
            return refuse("shift", &self.shift, "0 to 1");
        }
        if !(0.0..=1.0).contains(&self.noise) {
            return refuse("noise", &self.noise, "0 to 1");
        }
        if self.shift > 0.0 && !Shape::of_inputs(inputs).is_square_image() {
            return refuse("shift", &self.shift, "0, because the samples are no square images");
        }
        if self.patience == Some(0) {
            return refuse("patience", &0, "at least 1");
        }
        if self.patience.is_some() && self.held_out == 0 {
            return refuse("held out", &0, "at least 1, because patience looks at the samples held out");
        }
        Ok(())
    }
}

/// A training run: [`Trainer::epoch`] until it says `None`, then [`Trainer::finish`].
pub struct Trainer<'a> {
    options: Options,
    /// What the run began with: name, code, precision, and the shape of the circuit.
    start: Network,
    model: Model,
    data: &'a Split,
    data_name: String,
    samples: Vec<Sample>,
    held_out: Vec<Case>,
    random: Random,
    draws: u64,
    command: String,
    state: State,
}

impl<'a> Trainer<'a> {
    /// Begins to train a network on `data.train`; `data.test` is only measured. `random`: that of the seed, after what was drawn of it for the network's
    /// weights. `command` is kept in the network as what made it.
    pub fn new(
        options: Options,
        start: Network,
        data_name: &str,
        data: &'a Split,
        command: &str,
        random: Random,
    ) -> Result<Self, TrainError> {
        let (samples, held_out) = split(&data.train, options.held_out, options.seed);
        if samples.is_empty() {
            return Err(TrainError::NoSamples { samples: data.train.len(), held_out: options.held_out });
        }
        let inputs = samples[0].pixels.len();
        options.check(inputs)?;
        let all = data.train.iter().chain(&data.test);
        let classes = all.map(|sample| sample.label as usize + 1).max().unwrap_or(0);
        if inputs != start.inputs() || classes > start.outputs() {
            let (lines, outputs, network) = (start.inputs(), start.outputs(), start.name.clone());
            return Err(TrainError::Samples { inputs, classes, network, lines, outputs });
        }
        let case = |sample: &Sample| (start.code.encode(&sample.pixels), sample.label as usize);
        let held_out = held_out.iter().map(case).collect();
        let model = Model::new(start.circuit.clone(), start.weight_bits.clone(), options.bias);
        Ok(Self {
            draws: draws(options.seed, &random),
            options,
            start,
            model,
            data,
            data_name: data_name.into(),
            samples,
            held_out,
            random,
            command: command.into(),
            state: State::default(),
        })
    }

    /// Goes on where a run was when the checkpoint was made; it ends in the same network as if it had not stopped.
    pub fn resume(checkpoint: &Checkpoint, data: &'a Split) -> Result<Self, TrainError> {
        if checkpoint::digest(&data.train) != checkpoint.digest {
            return Err(CheckpointError::Data(checkpoint.data.clone()).into());
        }
        let options = checkpoint.options.clone();
        let start = checkpoint.network("checkpoint")?;
        let mut random = Random::new(options.seed);
        (0..checkpoint.draws).for_each(|_| _ = random.bits());
        let (name, command) = (&checkpoint.data, &checkpoint.command);
        let mut trainer = Self::new(options, start, name, data, command, random)?;
        trainer.state = checkpoint.state.clone();
        trainer.model.parameters = std::mem::take(&mut trainer.state.parameters);
        trainer.model.adam = std::mem::take(&mut trainer.state.adam);
        // What was drawn for the passes that are done.
        (0..trainer.state.real + trainer.state.quantised).for_each(|_| _ = trainer.draw());
        Ok(trainer)
    }

    /// Where the run stands.
    pub fn checkpoint(&self) -> Checkpoint {
        let mut state = self.state.clone();
        state.parameters = self.model.parameters.clone();
        state.adam = self.model.adam.clone();
        let digest = checkpoint::digest(&self.data.train);
        Checkpoint::new(&self.data_name, digest, &self.command, &self.options, &self.start, self.draws, state)
    }

    /// One pass over the samples; `None` when both phases are over.
    pub fn epoch(&mut self) -> Result<Option<Progress>, TrainError> {
        if !self.state.is_quantised && self.state.real >= self.options.epochs {
            self.begin_quantised();
        }
        if self.state.is_done {
            return Ok(None);
        }
        let loss = if self.state.is_quantised { self.quantised_epoch()? } else { self.real_epoch() };
        Ok(Some(loss))
    }

    fn real_epoch(&mut self) -> Progress {
        let rate = cosine(self.state.real, self.options.epochs);
        let loss = self.pass(Phase::Real, rate);
        self.state.real += 1;
        let held_out = self.measured(&self.model.pass(Precision::Real)).map(|(loss, correct)| {
            if self.state.lowest.is_none_or(|(lowest, _)| loss < lowest) {
                self.state.lowest = Some((loss, self.state.real));
                self.state.lowest_parameters = self.options.patience.map(|_| self.model.parameters.clone());
            }
            (loss, self.share(correct))
        });
        let progress = self.progress(loss, held_out);
        if self.is_out_of_patience(self.state.real) {
            self.begin_quantised();
        }
        progress
    }

    fn begin_quantised(&mut self) {
        if let Some(parameters) = self.state.lowest_parameters.take() {
            self.model.parameters = parameters;
        }
        let real = self.real_network();
        let code = real.code;
        let pass = self.model.pass(Precision::Real);
        let accuracy = |samples: &[Sample]| {
            let cases: Vec<Case> = samples.iter().map(|s| (code.encode(&s.pixels), s.label as usize)).collect();
            measure(&pass, &cases).1 as f64 / samples.len().max(1) as f64
        };
        self.state.real_accuracy = (accuracy(&self.data.train), accuracy(&self.data.test));
        self.state.rounded_accuracy = [WeightBits::Four, WeightBits::Eight].map(|bits| {
            let integers = real.clone().with_bits(bits).integers();
            integers.map_or(0.0, |integers| integers.accuracy(&self.data.test, code))
        });
        self.model.forget_moments();
        self.state.lowest = None;
        self.state.is_quantised = true;
    }

    fn quantised_epoch(&mut self) -> Result<Progress, TrainError> {
        let scales = self.model.scales(self.options.grain);
        let rate = cosine(self.state.quantised, self.options.quantised_epochs) / 3.0;
        let loss = self.pass(Phase::Quantised, rate);
        self.state.quantised += 1;
        let epoch = self.state.quantised;
        // What has no integers is told at once.
        self.integer_network(&self.model.parameters, &scales).integers()?;
        let measured = self.measured(&self.model.pass(Precision::Integer(&scales)));
        let correct = measured.map_or(0, |(_, correct)| correct);
        if measured.is_some_and(|(loss, _)| self.state.lowest.is_none_or(|(lowest, _)| loss < lowest)) {
            self.state.lowest = measured.map(|(loss, _)| (loss, epoch));
        }
        // The later of equals has seen more; without held-out samples that is the last.
        if self.state.best.as_ref().is_none_or(|best| correct >= best.correct) {
            self.state.best = Some(Best { correct, epoch, parameters: self.model.parameters.clone(), scales });
        }
        self.state.is_done = epoch >= self.options.quantised_epochs || self.is_out_of_patience(epoch);
        Ok(self.progress(loss, measured.map(|(loss, correct)| (loss, self.share(correct)))))
    }

    /// The result. Passes that are left to do are made first.
    pub fn finish(mut self) -> Result<Trained, TrainError> {
        while self.epoch()?.is_some() {}
        // At least one quantised epoch was made, and each has a chance to be the best.
        let best = self.state.best.as_ref().expect("an epoch was measured");
        let mut network = self.integer_network(&best.parameters, &best.scales);
        let integers = network.integers()?;
        let accuracy = |samples: &[Sample]| integers.accuracy(samples, network.code);
        let integers = (accuracy(&self.data.train), accuracy(&self.data.test));
        network.provenance = Some(Provenance {
            command: self.command.clone(),
            version: env!("CARGO_PKG_VERSION").into(),
            seed: self.options.seed,
            train_accuracy: integers.0,
            test_accuracy: integers.1,
        });
        let [four, eight] = self.state.rounded_accuracy;
        Ok(Trained {
            network,
            real: self.state.real_accuracy,
            rounded: [(WeightBits::Four, four), (WeightBits::Eight, eight)],
            integers,
            epochs: (self.state.real, self.state.quantised),
            chosen_epoch: best.epoch,
        })
    }

    /// One pass over the samples in random order; returns the mean loss.
    fn pass(&mut self, phase: Phase, rate: f32) -> f32 {
        let drawn = self.draw();
        let options = &self.options;
        let with_energy = options.energy_penalty > 0.0;
        let scales = (phase == Phase::Quantised || with_energy).then(|| self.model.scales(options.grain));
        let prices = options.prices.times(options.energy_penalty * self.warmth(phase));
        let mut total = 0.0;
        for samples in drawn.chunks(options.batch) {
            let case = |(pixels, label): &(Vec<u8>, usize)| (self.start.code.encode(pixels), *label);
            let batch: Vec<Case> = samples.iter().map(case).collect();
            let precision = match (&scales, phase) {
                (Some(scales), Phase::Quantised) => Precision::Integer(scales),
                _ => Precision::Real,
            };
            let costs =
                scales.as_ref().filter(|_| with_energy).map(|scales| (Costs::new(&self.model, scales, prices), scales));
            let penalties = Penalties {
                activity: options.activity_penalty,
                energy: costs.as_ref().map(|(costs, scales)| (costs, *scales)),
            };
            let (loss, mut gradient) = batch_gradient(&self.model, &batch, precision, penalties);
            self.model.step(&mut gradient, options.learning_rate * rate);
            total += loss * batch.len() as f32;
        }
        total / self.samples.len() as f32
    }

    /// The share of the energy penalty that is in force: it grows over the first half of the passes with real weights, so that a network learns before it saves.
    fn warmth(&self, phase: Phase) -> f32 {
        match phase {
            Phase::Real => (2.0 * (self.state.real + 1) as f32 / self.options.epochs as f32).min(1.0),
            Phase::Quantised => 1.0,
        }
    }

    /// The samples of a pass in its order, with what is changed of them.
    fn draw(&mut self) -> Vec<(Vec<u8>, usize)> {
        let mut order: Vec<usize> = (0..self.samples.len()).collect();
        self.random.shuffle(&mut order);
        let sample = |number: usize| {
            let sample = &self.samples[number];
            let mut pixels = augment::shift(&sample.pixels, self.options.shift, &mut self.random);
            augment::noise(&mut pixels, self.options.noise, &mut self.random);
            (pixels, sample.label as usize)
        };
        order.into_iter().map(sample).collect()
    }

    /// Mean loss and right answers of the held-out samples, if there are any.
    fn measured(&self, pass: &pass::Pass) -> Option<(f32, usize)> {
        (!self.held_out.is_empty()).then(|| measure(pass, &self.held_out))
    }

    fn share(&self, correct: usize) -> f64 {
        correct as f64 / self.held_out.len() as f64
    }

    fn is_out_of_patience(&self, epoch: usize) -> bool {
        let since = self.state.lowest.map_or(epoch, |(_, lowest)| epoch - lowest);
        self.options.patience.is_some_and(|patience| since >= patience)
    }

    fn progress(&self, loss: f32, held_out: Option<(f32, f64)>) -> Progress {
        let real = if self.state.is_quantised { self.state.real } else { self.options.epochs };
        Progress {
            epoch: self.state.real + self.state.quantised,
            epochs: real + self.options.quantised_epochs,
            quantised: self.state.is_quantised,
            loss,
            held_out,
        }
    }

    /// The network with the real weights of now.
    fn real_network(&self) -> Network {
        Network { circuit: self.model.circuit(), provenance: None, ..self.start.clone() }
    }

    fn integer_network(&self, parameters: &[f32], scales: &model::Scales) -> Network {
        let mut model = self.model.clone();
        model.parameters = parameters.to_vec();
        Network { circuit: model.integers(scales), provenance: None, ..self.start.clone() }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Real,
    Quantised,
}

/// How many numbers were drawn since the seed. (Two places in the sequence never give the same next number.)
fn draws(seed: u64, random: &Random) -> u64 {
    let next = random.clone().bits();
    let mut from = Random::new(seed);
    (0..).find(|_| from.bits() == next).unwrap_or_default()
}

/// From 1 down to 0 along half a cosine.
fn cosine(epoch: usize, epochs: usize) -> f32 {
    0.5 + 0.5 * libm::cosf(std::f32::consts::PI * epoch as f32 / epochs as f32)
}

#[cfg(test)]
mod tests;
