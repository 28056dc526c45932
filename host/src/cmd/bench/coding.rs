use super::write_file;
use nernst::bench::coding::{Coding, coding};
use std::io::Write;
use std::path::PathBuf;

/// Bits that a spike takes on the link, against the entropy of its train, for random trains of several rates.
///
/// Each place of each tick has a spike with the same probability. The bits are those of `Stream` payloads; frames come on top.
/// The board's RTL writes the same bits as the model does that is measured here. Beside it what addresses of 16 bits take.
#[derive(clap::Args)]
pub struct OfCoding {
    /// Input lines, or neurons, 1 to 4,096.
    #[arg(long, default_value_t = 512, value_parser = clap::value_parser!(u16).range(1..=4096))]
    places: u16,
    /// Ticks of each train.
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..))]
    ticks: u32,
    /// Probabilities of a spike, above 0 and below 1.
    #[arg(long, value_delimiter = ',', default_value = "0.001,0.01,0.05,0.2,0.5", value_parser = probability)]
    rates: Vec<f64>,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write everything as JSON to a file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

fn probability(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate < 1.0 => Ok(rate),
        _ => Err("expected a probability above 0 and below 1".into()),
    }
}

impl OfCoding {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let measure = |rate: &f64| coding(self.places.into(), self.ticks as usize, *rate, self.seed);
        let all: Vec<Coding> = self.rates.iter().flat_map(measure).collect();
        writeln!(out, "| spike in a tick | direction | bits a spike | entropy | ratio | ratio of 16-bit addresses |")?;
        writeln!(out, "|---:|---|---:|---:|---:|---:|")?;
        for coding in &all {
            writeln!(
                out,
                "| {} % | {} | {:.3} | {:.3} | {:.3} | {:.2} |",
                100.0 * coding.probability,
                coding.direction,
                coding.bits_per_spike,
                coding.entropy_per_spike,
                coding.ratio,
                coding.ratio_of_addresses
            )?;
        }
        if let Some(path) = &self.json {
            write_file(out, path, &(serde_json::to_string_pretty(&all)? + "\n"))?;
        }
        Ok(())
    }
}
