use super::compile::parse_bits;
use super::{Failure, progress_bar};
use anyhow::Context;
use indicatif::ProgressBar;
use nernst::coding::{Code, Coding};
use nernst::config;
use nernst::data::{Dataset, Random, SPLIT_SEED, Split};
use nernst::energy::prices;
use nernst::network::Network;
use nernst::train::{Checkpoint, Common, Grain, Layers, Options, Prices, Progress, Shape, Trained, Trainer};
use nernst_spec::WeightBits;
use nernst_spec::image::Readout;
use nernst_spec::tick::Reset;
use std::io::Write;
use std::path::PathBuf;

/// Passes with integers over the samples, where a trained network is trained again.
pub const TUNE_EPOCHS: usize = 30;

/// Train a network on a data set.
///
/// Trains leaky integrate-and-fire neurons with real weights, then with the integers of the array, and writes the
/// integers. A fifth of the data, the same for every network, is the test part: it is only measured. The same command
/// makes the same file.
///
/// Layers are written one after the other, as in --layers "conv 8 3x3 stride 2, conv 16 3x3 pad 1, dense 64 recurrent, 10".
#[derive(clap::Args)]
pub struct Train {
    /// Neurons of each dense layer between inputs and classes, such as 128 or 64,32 [default: 128].
    #[arg(long, value_delimiter = ',')]
    hidden: Vec<usize>,
    /// Each hidden layer also hears its own spikes, a tick after they fired.
    #[arg(long)]
    recurrent: bool,
    /// Layers of any kind, the last with a neuron for each class: `conv CHANNELS HxW [stride S] [pad P]` or `[dense] NEURONS [recurrent]`, separated by commas.
    #[arg(long, conflicts_with_all = ["hidden", "recurrent"])]
    layers: Option<String>,
    /// Channels, rows and columns of a sample's values [default: a square image where their number is a square, otherwise a row].
    #[arg(long)]
    shape: Option<Shape>,
    /// Train a network file again, instead of a new network. Of a convolution, weights that are equal in the file stay equal.
    #[arg(long, value_name = "NETWORK", conflicts_with_all = ["hidden", "recurrent", "layers", "coding", "ticks", "leak", "reset", "readout"])]
    from: Option<PathBuf>,
    /// How samples become spikes [default: rate].
    #[arg(long, value_enum)]
    coding: Option<Coding>,
    /// Ticks in which the spikes of a sample arrive [default: 16 with rate, 8 with latency].
    #[arg(long)]
    ticks: Option<u32>,
    /// Precision of the weights: 4 or 8 [default: 4, or that of --from].
    #[arg(short, long, value_parser = parse_bits)]
    bits: Option<WeightBits>,
    /// Which neurons have a step between integers in common: those of a layer, or each neuron (of a convolution: each channel) has its own [default: layer, with
    /// --from neuron].
    #[arg(long, value_enum)]
    grain: Option<Grain>,
    /// Train a bias for each neuron.
    #[arg(long)]
    bias: bool,
    /// What a membrane keeps from tick to tick in 512ths [default: 480 with rate, 512 with latency].
    #[arg(long)]
    leak: Option<u16>,
    /// What a membrane becomes when its neuron fires: zero, or subtract (the threshold) [default: zero].
    #[arg(long, value_parser = parse_reset)]
    reset: Option<Reset>,
    /// What of the last layer is the answer: spikes, or membranes (it then never fires) [default: spikes].
    #[arg(long, value_parser = parse_readout)]
    readout: Option<Readout>,
    /// Passes over the training samples with real weights [default: 60 with rate, 150 with latency, 0 with --from].
    #[arg(long)]
    epochs: Option<usize>,
    /// Further passes with integers [default: half as many, 30 with --from].
    #[arg(long)]
    quantised_epochs: Option<usize>,
    /// End a phase after so many epochs without a lower loss of the samples held out.
    #[arg(long, value_name = "EPOCHS")]
    patience: Option<usize>,
    /// Samples between two steps.
    #[arg(long, default_value_t = 96)]
    batch: usize,
    /// Learning rate of Adam at the start.
    #[arg(long, default_value_t = 0.003)]
    learning_rate: f32,
    /// Loss for a hidden neuron that fires in every tick: more makes spikes rarer.
    #[arg(long, default_value_t = 0.001)]
    activity_penalty: f32,
    /// Loss for a nanojoule of a sample, as --prices has it: more makes spikes, weights and the sources that are heard fewer.
    #[arg(long, default_value_t = 0.0)]
    energy_penalty: f32,
    /// Prices of --energy-penalty: ecp5, loihi, horowitz-45nm, cortex, truenorth, or a TOML file.
    #[arg(long, default_value = prices::DEFAULT)]
    prices: String,
    /// Array whose cores and routes --energy-penalty takes prices by the bit for: a ready configuration or a TOML file.
    #[arg(short, long, default_value = "25f")]
    config: String,
    /// Share of the training images that are moved by a pixel [default: 0.4 for square images with rate, else 0; values that were
    /// scaled are no image].
    #[arg(long)]
    shift: Option<f32>,
    /// Share of the pixels of training images that become brighter or darker by one.
    #[arg(long, default_value_t = 0.7)]
    noise: f32,
    /// Training samples kept apart to choose among the quantised epochs; 0 takes the last.
    #[arg(long, default_value_t = 0)]
    held_out: usize,
    /// Seed of everything random.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Data set: `digits`, `iris`, or a CSV file (plain or gzipped) with values, and the class last in each row; docs/data.md says
    /// how values become 0 to 16.
    #[arg(short, long, default_value = "digits")]
    data: String,
    /// Name of the network [default: made of its layers, coding and precision].
    #[arg(long)]
    name: Option<String>,
    /// Go on with a run where its checkpoint was made, with the options it had.
    #[arg(
        long,
        value_name = "CHECKPOINT",
        conflicts_with_all = ["hidden", "recurrent", "layers", "shape", "from", "coding", "ticks", "bits", "grain", "bias", "leak", "reset", "readout", "epochs",
            "quantised_epochs", "patience", "batch", "learning_rate", "activity_penalty", "energy_penalty", "prices", "config", "shift", "noise", "held_out",
            "seed", "data", "name"]
    )]
    resume: Option<PathBuf>,
    /// File to keep the state of training in, to be resumed from.
    #[arg(long)]
    checkpoint: Option<PathBuf>,
    /// Epochs between two checkpoints.
    #[arg(long, value_name = "EPOCHS", default_value_t = 10, requires = "checkpoint", value_parser = clap::value_parser!(u64).range(1..))]
    checkpoint_every: u64,
    /// Network file to write.
    #[arg(short, long)]
    output: PathBuf,
    /// Show no progress.
    #[arg(short, long)]
    quiet: bool,
}

impl Train {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        if let Some(path) = &self.resume {
            let checkpoint = Checkpoint::load(path)?;
            let data = Dataset::open(&checkpoint.data)?;
            let split = data.split(SPLIT_SEED);
            let trainer = Trainer::resume(&checkpoint, &split)?;
            return self.train(trainer, &checkpoint.options, &data, &split, out);
        }
        let data = Dataset::open(&self.data)?;
        let (inputs, classes) = (data.inputs(), data.classes());
        let split = data.split(SPLIT_SEED);
        let mut random = Random::new(self.seed);
        let network = match &self.from {
            Some(path) => self.known(path)?,
            None => self.new_network(inputs, classes, &mut random)?,
        };
        // Scaled values are measurements, not pixels, however many there are.
        let options = self.options(network.code.coding, inputs, !data.scaled)?;
        let command = self.command(&options, &network);
        let trainer = Trainer::new(options.clone(), network, &self.data, &split, &command, random)?;
        self.train(trainer, &options, &data, &split, out)
    }

    fn train(
        &self,
        mut trainer: Trainer,
        options: &Options,
        data: &Dataset,
        split: &Split,
        out: &mut impl Write,
    ) -> anyhow::Result<()> {
        let bar = if self.quiet { ProgressBar::hidden() } else { progress_bar("train", 0) };
        while let Some(progress) = trainer.epoch()? {
            show(&bar, &progress);
            if let Some(path) = &self.checkpoint
                && (progress.epoch as u64).is_multiple_of(self.checkpoint_every)
            {
                trainer.checkpoint().save(path)?;
            }
        }
        bar.finish_and_clear();
        let trained = trainer.finish()?;
        trained.network.save(&self.output)?;
        let network = &trained.network;
        let circuit = &network.circuit;
        let sizes: Vec<String> = circuit.populations.iter().map(|p| p.neurons.len().to_string()).collect();
        writeln!(out, "{}: {}-{}, {}", network.name, circuit.inputs, sizes.join("-"), network.code)?;
        if data.scaled {
            writeln!(out, "values were scaled to 0..16 by the training part")?;
        }
        if !data.class_names.is_empty() {
            let names = data.class_names.iter().enumerate().map(|(class, name)| format!("{class} {name}"));
            writeln!(out, "classes: {}", names.collect::<Vec<_>>().join(", "))?;
        }
        tell(&trained, options, split, out)?;
        writeln!(out, "wrote {}", self.output.display())?;
        Ok(())
    }

    /// A network file, in another precision where that was asked for.
    fn known(&self, path: &std::path::Path) -> anyhow::Result<Network> {
        let network = Network::load(path)?;
        let name = self.name.clone().unwrap_or(format!("{}-tuned", network.name));
        let network = Network { name, provenance: None, ..network };
        Ok(match self.bits {
            Some(bits) => network.with_bits(bits),
            None => network,
        })
    }

    fn new_network(&self, inputs: usize, classes: usize, random: &mut Random) -> anyhow::Result<Network> {
        let coding = self.coding.unwrap_or(Coding::Rate);
        let (ticks, leak) = match coding {
            Coding::Rate => (16, 480),
            Coding::Latency => (8, 512),
        };
        let bits = self.bits.unwrap_or(WeightBits::Four);
        let code = Code { coding, ticks: self.ticks.unwrap_or(ticks) };
        let refuse = |what: String, help: &str| Failure { what, help: help.into() };
        if !(1..=4096).contains(&code.ticks) {
            return Err(refuse(format!("ticks is {}, expected 1 to 4096", code.ticks), "16 is a good number").into());
        }
        let layers = self.architecture(classes)?;
        let shape = self.shape.unwrap_or(Shape::of_inputs(inputs));
        if shape.size() != inputs {
            let what = format!("--shape {shape} has {} values, data set `{}` has {inputs}", shape.size(), self.data);
            return Err(refuse(what, "give channels, rows and columns whose product is the number of values").into());
        }
        let common = Common {
            leak: self.leak.unwrap_or(leak),
            reset: self.reset.unwrap_or(Reset::Zero),
            readout: self.readout.unwrap_or(Readout::Spikes),
        };
        let help = "--layers takes such as \"conv 8 3x3 stride 2, dense 64, 10\"";
        let circuit =
            layers.circuit(shape, classes, common, random).map_err(|error| refuse(error.to_string(), help))?;
        let name = format!("{}-{}-{coding}-int{}", layers.kind(), layers.title(), bits.bits());
        Ok(Network::new(self.name.as_ref().unwrap_or(&name), code, circuit, bits))
    }

    fn hidden(&self) -> &[usize] {
        if self.hidden.is_empty() { &[128] } else { &self.hidden }
    }

    fn architecture(&self, classes: usize) -> anyhow::Result<Layers> {
        match &self.layers {
            None => Ok(Layers::dense(self.hidden(), self.recurrent, classes)),
            Some(text) => text.parse().context("--layers"),
        }
    }

    fn options(&self, coding: Coding, inputs: usize, images: bool) -> anyhow::Result<Options> {
        // Chosen on a part of the training digits.
        let (epochs, shift) = match coding {
            Coding::Rate => (60, 0.4),
            Coding::Latency => (150, 0.0),
        };
        let tuning = self.from.is_some();
        let epochs = self.epochs.unwrap_or(if tuning { 0 } else { epochs });
        let square = images && self.shape.unwrap_or(Shape::of_inputs(inputs)).is_square_image();
        let quantised = self.quantised_epochs.unwrap_or(if tuning { TUNE_EPOCHS } else { epochs / 2 });
        Ok(Options {
            bias: self.bias,
            grain: self.grain.unwrap_or(if tuning { Grain::Neuron } else { Grain::Layer }),
            epochs,
            quantised_epochs: quantised,
            batch: self.batch,
            learning_rate: self.learning_rate,
            activity_penalty: self.activity_penalty,
            energy_penalty: self.energy_penalty,
            prices: self.prices()?,
            shift: self.shift.unwrap_or(if square { shift } else { 0.0 }),
            noise: self.noise,
            held_out: self.held_out,
            patience: self.patience,
            seed: self.seed,
        })
    }

    fn prices(&self) -> anyhow::Result<Prices> {
        if self.energy_penalty == 0.0 {
            return Ok(Prices::default());
        }
        let table =
            prices::find(&self.prices).map_err(|error| Failure { what: error.to_string(), help: error.help() })?;
        Ok(Prices::new(&table, &config::find(&self.config)?))
    }

    /// The command with every option spelt out, but for the file's name: what makes the same network again. Options that say nothing where they are not given
    /// are left out.
    fn command(&self, options: &Options, network: &Network) -> String {
        let layers = match (&self.from, &self.layers) {
            (Some(path), _) => format!("--from {}", path.display()),
            (None, Some(layers)) => format!("--layers \"{layers}\""),
            (None, None) => {
                let hidden: Vec<String> = self.hidden().iter().map(usize::to_string).collect();
                format!("--hidden {}{}", hidden.join(","), if self.recurrent { " --recurrent" } else { "" })
            }
        };
        let bits = network.weight_bits[0].bits();
        let code = match self.from {
            Some(_) => self.bits.map(|bits| format!(" --bits {}", bits.bits())).unwrap_or_default(),
            None => {
                let neuron = &network.circuit.populations[0].neurons[0];
                let leak = neuron.decay * f64::from(nernst_spec::tick::LEAK_ONE);
                let reset = if neuron.reset == Reset::Zero { "zero" } else { "subtract" };
                let (coding, ticks) = (network.code.coding, network.code.ticks);
                format!(" --coding {coding} --ticks {ticks} --bits {bits} --leak {leak} --reset {reset}")
            }
        };
        let mut more = String::new();
        let mut add = |is_given: bool, option: String| {
            if is_given {
                more = format!("{more} {option}");
            }
        };
        let grain = if options.grain == Grain::Layer { "layer" } else { "neuron" };
        add(self.shape.is_some(), self.shape.map(|shape| format!("--shape {shape}")).unwrap_or_default());
        add(self.readout == Some(Readout::Membranes), "--readout membranes".into());
        add(options.bias, "--bias".into());
        add((options.grain == Grain::Neuron) != self.from.is_some(), format!("--grain {grain}"));
        let energy =
            format!("--energy-penalty {} --prices {} --config {}", options.energy_penalty, self.prices, self.config);
        add(options.energy_penalty > 0.0, energy);
        add(options.patience.is_some(), format!("--patience {}", options.patience.unwrap_or_default()));
        format!(
            "nernst train --data {} --name {} {layers}{code} --epochs {} --quantised-epochs {} --batch {} --learning-rate {} \
             --activity-penalty {} --shift {} --noise {} --held-out {} --seed {}{more}",
            self.data,
            network.name,
            options.epochs,
            options.quantised_epochs,
            options.batch,
            options.learning_rate,
            options.activity_penalty,
            options.shift,
            options.noise,
            options.held_out,
            options.seed
        )
    }
}

/// Shows how far training has come.
pub fn show(bar: &ProgressBar, progress: &Progress) {
    bar.set_length(progress.epochs as u64);
    bar.set_position(progress.epoch as u64);
    let phase = if progress.quantised { "integers" } else { "real" };
    let held_out = progress.held_out.map(|(loss, share)| format!(", held out {loss:.4}, {:.2} % right", 100.0 * share));
    bar.set_message(format!("{phase}, loss {:.4}{}", progress.loss, held_out.unwrap_or_default()));
}

/// Tells how good the result is.
fn tell(trained: &Trained, options: &Options, split: &Split, out: &mut impl Write) -> std::io::Result<()> {
    let samples = (split.train.len(), split.test.len());
    writeln!(out, "                     {:>9}  {:>9}", "training", "test")?;
    writeln!(out, "samples              {:>9}  {:>9}", samples.0, samples.1)?;
    writeln!(out, "real weights         {:>7.2} %  {:>7.2} %", 100.0 * trained.real.0, 100.0 * trained.real.1)?;
    for (bits, accuracy) in trained.rounded {
        writeln!(out, "rounded to {bits}      {:>9}  {:>7.2} %", "", 100.0 * accuracy)?;
    }
    let bits = trained.network.weight_bits[0];
    let (train, test) = trained.integers;
    writeln!(out, "trained as {bits}      {:>7.2} %  {:>7.2} %", 100.0 * train, 100.0 * test)?;
    let (real, quantised) = trained.epochs;
    if options.patience.is_some() {
        writeln!(
            out,
            "ended after {real} of {} epochs, and {quantised} of {}",
            options.epochs, options.quantised_epochs
        )?;
    }
    if options.held_out > 0 {
        let (held_out, chosen) = (options.held_out, trained.chosen_epoch);
        writeln!(out, "chosen by {held_out} held-out training samples: quantised epoch {chosen} of {quantised}")?;
    }
    Ok(())
}

pub fn parse_reset(text: &str) -> Result<Reset, String> {
    match text {
        "zero" => Ok(Reset::Zero),
        "subtract" => Ok(Reset::Subtract),
        _ => Err(format!("`{text}` is neither zero nor subtract")),
    }
}

fn parse_readout(text: &str) -> Result<Readout, String> {
    match text {
        "spikes" => Ok(Readout::Spikes),
        "membranes" => Ok(Readout::Membranes),
        _ => Err(format!("`{text}` is neither spikes nor membranes")),
    }
}
