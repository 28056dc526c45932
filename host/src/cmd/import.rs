use super::Failure;
use super::compile::parse_bits;
use super::inspect::NirArgs;
use super::samples::PartArgs;
use super::tune::TuneArgs;
use anyhow::Context;
use nernst::coding::Code;
use nernst::network::Network;
use nernst::{config, mapper};
use nernst_spec::WeightBits;
use std::io::Write;
use std::path::PathBuf;

/// Make a network file, or an image, of a NIR file.
///
/// Says how the file was understood, and what the rounding to the array's integers changed. With --data the accuracy of each step is
/// shown: in floating point as the file has it, and of the integers that the array computes with. With --tune it is then trained
/// again, with these integers.
#[derive(clap::Args)]
pub struct Import {
    #[command(flatten)]
    nir: NirArgs,
    /// How a sample becomes spikes, and in how many ticks: rate-16, latency-8.
    #[arg(long)]
    code: Code,
    /// Precision of the weights.
    #[arg(short, long, default_value = "8", value_parser = parse_bits)]
    bits: WeightBits,
    /// Try these samples: `digits`, `iris`, or a CSV file (plain or gzipped) with values, and the class last in each row.
    #[arg(short, long)]
    data: Option<String>,
    #[command(flatten)]
    part: PartArgs,
    #[command(flatten)]
    tune: TuneArgs,
    /// Network file to write.
    #[arg(short, long, required_unless_present = "image")]
    output: Option<PathBuf>,
    /// Image file to write.
    #[arg(short, long)]
    image: Option<PathBuf>,
    /// Array to compile the image for: a ready configuration or a TOML file.
    #[arg(short, long, default_value = "25f", requires = "image")]
    config: String,
}

impl Import {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let (_, imported) = self.nir.import()?;
        let written = self.output.as_ref().or(self.image.as_ref());
        let name = written.and_then(|path| path.file_stem()).map_or("network".into(), |stem| stem.to_string_lossy());
        let mut network = Network::new(&name, self.code, imported.circuit, self.bits);
        let refuse = |what: String| Failure {
            what: format!("{}: {what}", self.nir.name()),
            help: "`nernst inspect` shows what the file holds".into(),
        };
        // Before anything is written.
        let quantised = network.quantised().map_err(|error| refuse(error.to_string()))?;
        network.total_ticks().map_err(|error| refuse(error.to_string()))?;
        imported.remarks.iter().try_for_each(|remark| writeln!(out, "{remark}"))?;
        quantised.losses.iter().try_for_each(|loss| writeln!(out, "{loss}"))?;
        if let Some(data) = &self.data {
            let samples = self.part.of(data, &network.name, network.inputs(), network.outputs())?;
            let accuracy = 100.0 * network.circuit.accuracy(&samples, self.code);
            writeln!(out, "accuracy in floating point: {accuracy:.2} % of {} samples", samples.len())?;
            let integers = 100.0 * quantised.network.accuracy(&samples, self.code);
            writeln!(out, "accuracy of the {} integers: {integers:.2} %", self.bits)?;
            if let Some(tuned) = self.tune.tune(&network, data, &samples, &self.nir.name())? {
                writeln!(out, "accuracy of the {} integers, tuned: {:.2} %", self.bits, 100.0 * tuned.integers.1)?;
                network = tuned.network;
            }
        }
        let compiled = match &self.image {
            Some(_) => Some(mapper::compile(&network, &config::find(&self.config)?)?),
            None => None,
        };
        if let Some(path) = &self.output {
            std::fs::write(path, network.to_json()).with_context(|| format!("cannot write {}", path.display()))?;
            writeln!(out, "wrote {}", path.display())?;
        }
        if let Some((path, (image, placement))) = self.image.as_ref().zip(compiled) {
            std::fs::write(path, image.to_bytes()).with_context(|| format!("cannot write {}", path.display()))?;
            writeln!(out, "\n{placement}\nwrote {}", path.display())?;
        }
        Ok(())
    }
}
