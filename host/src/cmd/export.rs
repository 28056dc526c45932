use nernst::circuit::export;
use nernst::network::Network;
use nernst_spec::tick::Reset;
use std::io::Write;
use std::path::PathBuf;

/// Make a NIR file of a network file, for snnTorch and others.
///
/// It has the weights as the network file has them: whole numbers where it was trained here. NIR says nothing of codes and ticks.
#[derive(clap::Args)]
pub struct Export {
    /// Network file, as `nernst train` and `nernst import` write it.
    network: PathBuf,
    /// NIR file to write.
    #[arg(short, long)]
    output: PathBuf,
}

impl Export {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let network = Network::load(&self.network)?;
        export::graph(&network).write(&self.output)?;
        if network.circuit.populations.iter().flat_map(|p| &p.neurons).any(|neuron| neuron.reset == Reset::Subtract) {
            writeln!(
                out,
                "NIR cannot say that a spike subtracts the threshold: set it where the file is read (reset_mechanism=\"subtract\")"
            )?;
        }
        writeln!(
            out,
            "wrote {}, to be run with {} in time steps of {:e} s",
            self.output.display(),
            network.code,
            export::DT
        )?;
        Ok(())
    }
}
