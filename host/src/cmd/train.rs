use super::compile::parse_bits;
use super::progress_bar;
use indicatif::ProgressBar;
use nernst::coding::Coding;
use nernst::data::{Dataset, SPLIT_SEED};
use nernst::train::{Options, Progress};
use nernst_spec::WeightBits;
use nernst_spec::tick::Reset;
use std::io::Write;
use std::path::PathBuf;

/// Train a network on a data set.
///
/// Trains layers of leaky integrate-and-fire neurons with real weights, then with the integers of the array, and writes the
/// integers. A fifth of the data, the same for every network, is the test part: it is only measured. The same command
/// makes the same file.
#[derive(clap::Args)]
pub struct Train {
    /// Neurons of each layer between inputs and classes, such as 128 or 64,32.
    #[arg(long, default_value = "128", value_delimiter = ',')]
    hidden: Vec<usize>,
    /// Each hidden layer also hears its own spikes, a tick after they fired.
    #[arg(long)]
    recurrent: bool,
    /// How samples become spikes.
    #[arg(long, value_enum, default_value_t = Coding::Rate)]
    coding: Coding,
    /// Ticks in which the spikes of a sample arrive [default: 16 with rate, 8 with latency].
    #[arg(long)]
    ticks: Option<u32>,
    /// Precision of the weights: 4 or 8.
    #[arg(short, long, default_value = "4", value_parser = parse_bits)]
    bits: WeightBits,
    /// What a membrane keeps from tick to tick in 512ths [default: 480 with rate, 512 with latency].
    #[arg(long)]
    leak: Option<u16>,
    /// What a membrane becomes when its neuron fires: zero, or subtract (the threshold).
    #[arg(long, default_value = "zero", value_parser = parse_reset)]
    reset: Reset,
    /// Passes over the training samples with real weights [default: 60 with rate, 150 with latency].
    #[arg(long)]
    epochs: Option<usize>,
    /// Further passes with integers [default: half as many].
    #[arg(long)]
    quantised_epochs: Option<usize>,
    /// Samples between two steps.
    #[arg(long, default_value_t = 96)]
    batch: usize,
    /// Learning rate of Adam at the start.
    #[arg(long, default_value_t = 0.003)]
    learning_rate: f32,
    /// Loss for a hidden neuron that fires in every tick: more makes spikes rarer.
    #[arg(long, default_value_t = 0.001)]
    activity_penalty: f32,
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
    /// Name of the network [default: made of its sizes, coding and precision].
    #[arg(long)]
    name: Option<String>,
    /// Network file to write.
    #[arg(short, long)]
    output: PathBuf,
    /// Show no progress.
    #[arg(short, long)]
    quiet: bool,
}

impl Train {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let data = Dataset::open(&self.data)?;
        // Scaled values are measurements, not pixels, however many there are.
        let options = self.options(data.inputs(), !data.scaled);
        let (inputs, classes) = (data.inputs(), data.classes());
        let split = data.split(SPLIT_SEED);
        let names: Vec<String> =
            data.class_names.iter().enumerate().map(|(class, name)| format!("{class} {name}")).collect();
        let bar = if self.quiet { ProgressBar::hidden() } else { progress_bar("train", 0) };
        let trained = options.train(&split, &self.command(&options), |progress: Progress| {
            bar.set_length(progress.epochs as u64);
            bar.set_position(progress.epoch as u64);
            let phase = if progress.quantised { options.weight_bits.to_string() } else { "real".into() };
            bar.set_message(format!("{phase} loss {:.4}", progress.loss));
        })?;
        bar.finish_and_clear();
        trained.network.save(&self.output)?;

        let hidden: Vec<String> = options.hidden.iter().map(usize::to_string).collect();
        writeln!(out, "{}: {inputs}-{}-{classes}, {}", options.name, hidden.join("-"), trained.network.code)?;
        if data.scaled {
            writeln!(out, "values were scaled to 0..16 by the training part")?;
        }
        if !names.is_empty() {
            writeln!(out, "classes: {}", names.join(", "))?;
        }
        writeln!(out, "                     {:>9}  {:>9}", "training", "test")?;
        let samples = (split.train.len(), split.test.len());
        writeln!(out, "samples              {:>9}  {:>9}", samples.0, samples.1)?;
        writeln!(out, "real weights         {:>7.2} %  {:>7.2} %", 100.0 * trained.real.0, 100.0 * trained.real.1)?;
        for (bits, accuracy) in trained.rounded {
            writeln!(out, "rounded to {bits}      {:>9}  {:>7.2} %", "", 100.0 * accuracy)?;
        }
        let bits = options.weight_bits;
        let (train, test) = trained.integers;
        writeln!(out, "trained as {bits}      {:>7.2} %  {:>7.2} %", 100.0 * train, 100.0 * test)?;
        if options.held_out > 0 {
            let (chosen, all) = (trained.chosen_epoch, options.quantised_epochs);
            writeln!(
                out,
                "chosen by {} held-out training samples: quantised epoch {chosen} of {all}",
                options.held_out
            )?;
        }
        writeln!(out, "wrote {}", self.output.display())?;
        Ok(())
    }

    fn options(&self, inputs: usize, images: bool) -> Options {
        // Chosen on a part of the training digits.
        let (ticks, leak, epochs, shift) = match self.coding {
            Coding::Rate => (16, 480, 60, 0.4),
            Coding::Latency => (8, 512, 150, 0.0),
        };
        let epochs = self.epochs.unwrap_or(epochs);
        let shift = if images && inputs.isqrt().pow(2) == inputs { shift } else { 0.0 };
        let hidden: Vec<String> = self.hidden.iter().map(usize::to_string).collect();
        let kind = if self.recurrent { "rnn" } else { "mlp" };
        let name = format!("{kind}-{}-{}-int{}", hidden.join("-"), self.coding, self.bits.bits());
        Options {
            name: self.name.clone().unwrap_or(name),
            coding: self.coding,
            ticks: self.ticks.unwrap_or(ticks),
            hidden: self.hidden.clone(),
            recurrent: self.recurrent,
            weight_bits: self.bits,
            leak: self.leak.unwrap_or(leak),
            reset: self.reset,
            epochs,
            quantised_epochs: self.quantised_epochs.unwrap_or(epochs / 2),
            batch: self.batch,
            learning_rate: self.learning_rate,
            activity_penalty: self.activity_penalty,
            shift: self.shift.unwrap_or(shift),
            noise: self.noise,
            held_out: self.held_out,
            seed: self.seed,
        }
    }

    /// The command with every option spelt out, but for the file's name: what makes the same network again.
    fn command(&self, options: &Options) -> String {
        let hidden: Vec<String> = options.hidden.iter().map(usize::to_string).collect();
        let recurrent = if options.recurrent { " --recurrent" } else { "" };
        let reset = if options.reset == Reset::Zero { "zero" } else { "subtract" };
        format!(
            "nernst train --data {} --name {} --hidden {}{recurrent} --coding {} --ticks {} --bits {} --leak {} --reset {reset} --epochs {} \
             --quantised-epochs {} --batch {} --learning-rate {} --activity-penalty {} --shift {} --noise {} --held-out {} --seed {}",
            self.data,
            options.name,
            hidden.join(","),
            options.coding,
            options.ticks,
            options.weight_bits.bits(),
            options.leak,
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

pub fn parse_reset(text: &str) -> Result<Reset, String> {
    match text {
        "zero" => Ok(Reset::Zero),
        "subtract" => Ok(Reset::Subtract),
        _ => Err(format!("`{text}` is neither zero nor subtract")),
    }
}
