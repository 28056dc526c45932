use anyhow::Context;
use nernst::mapper;
use nernst::network::Network;
use nernst_spec::WeightBits;
use std::io::Write;
use std::path::PathBuf;

/// Place a network on an array and write its image.
///
/// Prints where every population went: cores, lanes, synapse rows, how many cores a spike must reach, the clocks of a tick, and which limit
/// is nearest. A network that does not fit is refused with the limit it exceeds and the configurations that would hold it.
#[derive(clap::Args)]
pub struct Compile {
    /// Network file, as `nernst train` writes it.
    network: PathBuf,
    /// Array to compile for: a ready configuration (tiny, tiny-int8, 25f, 25f-int8, 25f-contexts, 25f-banked, 25f-chained, 85f) or a TOML file.
    #[arg(short, long, default_value = "25f")]
    config: String,
    /// Precision of the weights, instead of what the network was trained for.
    #[arg(short, long, value_parser = parse_bits)]
    bits: Option<WeightBits>,
    /// Image file to write.
    #[arg(short, long)]
    output: PathBuf,
    /// Place neurons without an effect on the result, too: those that nothing can make fire, that the output does not hear, or that do
    /// what another one does.
    #[arg(long)]
    keep_all: bool,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

impl Compile {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let mut network = Network::load(&self.network)?;
        if let Some(bits) = self.bits {
            network = network.with_bits(bits);
        }
        let config = nernst::config::find(&self.config)?;
        let options = mapper::Options { keep_all: self.keep_all };
        let (image, placement) = mapper::compile_with(&network, &config, options)?;
        let bytes = image.to_bytes();
        std::fs::write(&self.output, &bytes).with_context(|| format!("cannot write {}", self.output.display()))?;
        if self.json {
            serde_json::to_writer_pretty(&mut *out, &placement)?;
            writeln!(out)?;
        } else {
            writeln!(out, "{placement}")?;
            writeln!(out, "wrote {} ({} bytes)", self.output.display(), bytes.len())?;
        }
        Ok(())
    }
}

/// A precision from an argument: `4` or `8`.
pub fn parse_bits(text: &str) -> Result<WeightBits, String> {
    let bits = text.parse::<u8>().map_err(|_| format!("`{text}` is neither 4 nor 8"))?;
    WeightBits::try_from(bits)
}
