//! Training a network from elsewhere again, with the array's integers.

use super::train::{TUNE_EPOCHS, show};
use super::{Failure, progress_bar};
use nernst::data::{Dataset, Random, SPLIT_SEED, Sample, Split};
use nernst::network::Network;
use nernst::train::{Grain, Options, Prices, Shape, Trained, Trainer};

/// Whether and how to train a network again.
#[derive(clap::Args)]
pub struct TuneArgs {
    /// Train the network again with the array's integers in the forward pass, so many times over the training samples [default: 30]: the four fifths of --data that are
    /// no test part, or --train-data. Convolutions stay convolutions.
    #[arg(long, value_name = "EPOCHS", num_args = 0..=1, default_missing_value = "30", requires = "data")]
    tune: Option<usize>,
    /// Train with all samples of this data set: for --data that is a test part itself.
    #[arg(long, value_name = "DATA", requires = "tune")]
    train_data: Option<String>,
    /// Learning rate of Adam at the start; it begins with a third of it, as `nernst train` does with integers.
    #[arg(long, default_value_t = 0.003, requires = "tune")]
    learning_rate: f32,
    /// Which neurons have a step between integers in common: those of a layer, or each neuron (of a convolution: each channel) has its own.
    #[arg(long, value_enum, default_value_t = Grain::Neuron, requires = "tune")]
    grain: Grain,
    /// Share of the training images that are moved by a pixel (square images).
    #[arg(long, default_value_t = 0.0, requires = "tune")]
    shift: f32,
    /// Share of the pixels of training images that become brighter or darker by one.
    #[arg(long, default_value_t = 0.7, requires = "tune")]
    noise: f32,
    /// Seed of everything random.
    #[arg(long, default_value_t = 0, requires = "tune")]
    seed: u64,
}

impl TuneArgs {
    /// The network trained again, if that was asked for; `samples` of the data set `data` are the test.
    pub fn tune(
        &self,
        network: &Network,
        data: &str,
        samples: &[Sample],
        file: &str,
    ) -> anyhow::Result<Option<Trained>> {
        let Some(epochs) = self.tune else { return Ok(None) };
        let train = self.training_samples(data, samples)?;
        let split = Split { train, test: samples.to_vec() };
        let square = Shape::of_inputs(network.inputs()).is_square_image();
        let options = Options {
            bias: false,
            grain: self.grain,
            epochs: 0,
            quantised_epochs: epochs,
            batch: 96,
            learning_rate: self.learning_rate,
            activity_penalty: 0.0,
            energy_penalty: 0.0,
            prices: Prices::default(),
            shift: if square { self.shift } else { 0.0 },
            noise: self.noise,
            held_out: 0,
            patience: None,
            seed: self.seed,
        };
        let grain = if self.grain == Grain::Layer { "layer" } else { "neuron" };
        let train_data = self.train_data.as_ref().map(|name| format!(" --train-data {name}")).unwrap_or_default();
        let command = format!(
            "nernst import {file} --code {} --bits {} --data {data} --tune {epochs}{train_data} --learning-rate {} --grain {grain} --shift {} --noise {} --seed {}",
            network.code,
            network.weight_bits[0].bits(),
            options.learning_rate,
            options.shift,
            options.noise,
            options.seed
        );
        let random = Random::new(self.seed);
        let mut trainer = Trainer::new(options, network.clone(), data, &split, &command, random)?;
        let bar = progress_bar("tune", epochs);
        while let Some(progress) = trainer.epoch()? {
            show(&bar, &progress);
        }
        bar.finish_and_clear();
        Ok(Some(trainer.finish()?))
    }

    fn training_samples(&self, data: &str, tested: &[Sample]) -> anyhow::Result<Vec<Sample>> {
        if let Some(name) = &self.train_data {
            return Ok(Dataset::open(name)?.samples);
        }
        let split = Dataset::open(data)?.split(SPLIT_SEED);
        if !split.test.starts_with(tested) {
            let what = format!("`{data}` is tested whole, so none of its samples can train the network");
            let help = "give the training samples by --train-data, or leave out --all".into();
            return Err(Failure { what, help }.into());
        }
        Ok(split.train)
    }
}

// What clap has as text is what the other command has as a number.
const _: () = assert!(TUNE_EPOCHS == 30);
