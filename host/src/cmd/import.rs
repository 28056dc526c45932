use super::Failure;
use super::compile::parse_bits;
use super::inspect::NirArgs;
use super::samples::PartArgs;
use anyhow::Context;
use nernst::coding::Code;
use nernst_spec::WeightBits;
use std::io::Write;
use std::path::PathBuf;

/// Make a network file of a NIR file.
///
/// Takes chains of layers whose neurons have the same threshold and time constant: what `nernst compile` and `nernst run` take. With
/// --data the accuracy of each step is shown: in floating point as the file has it, and of the integers that the array computes with.
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
    /// Network file to write.
    #[arg(short, long)]
    output: PathBuf,
}

impl Import {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let (_, imported) = self.nir.import()?;
        let circuit = &imported.circuit;
        let name = self.output.file_stem().map_or("network".into(), |stem| stem.to_string_lossy());
        let network = circuit.layers(&name, self.code, self.bits).map_err(|error| {
            let what = format!("{}: {error}", self.nir.name());
            Failure {
                what,
                help: "other networks can be looked at with `nernst inspect`, and not be mapped yet".into(),
            }
        })?;
        // Before anything is written.
        let integers = network.integers()?;
        imported.remarks.iter().try_for_each(|remark| writeln!(out, "{remark}"))?;
        for ((layer, integers), population) in network.layers.iter().zip(&integers.layers).zip(&circuit.populations) {
            let kept = population.neurons[0].decay;
            writeln!(
                out,
                "`{}`: {} neurons, keeps {kept:.4} -> {}/512, threshold {} -> {} weight steps",
                population.name,
                layer.neurons(),
                layer.leak,
                layer.threshold,
                integers.parameters.threshold
            )?;
        }
        if let Some(data) = &self.data {
            let samples = self.part.of(data, &network.name, network.inputs(), network.outputs())?;
            let accuracy = 100.0 * circuit.accuracy(&samples, self.code);
            writeln!(out, "accuracy in floating point: {accuracy:.2} % of {} samples", samples.len())?;
            let integers = 100.0 * integers.accuracy(&samples, self.code);
            writeln!(out, "accuracy of the {} integers: {integers:.2} %", self.bits)?;
        }
        let path = self.output.display();
        std::fs::write(&self.output, network.to_json()).with_context(|| format!("cannot write {path}"))?;
        writeln!(out, "wrote {path}")?;
        Ok(())
    }
}
