use super::Failure;
use super::args::board;
use super::compile::parse_bits;
use super::inspect::NirArgs;
use anyhow::Context;
use nernst::coding::{Code, Coding};
use nernst::mapper::Options;
use nernst::mapper::fit::{self, LUT_SHARE};
use nernst::network::Network;
use nernst_spec::identity::MAX_NAME;
use nernst_spec::{ArrayConfig, WeightBits};
use rust_hdl_bsp_ecp5::device::resources;
use std::io::Write;
use std::path::PathBuf;

/// Configurations that are shown.
const SHOWN: usize = 5;

/// Make a configuration for a network: an array that holds it, for a board.
///
/// Takes a network file, or a NIR file. Of the arrays that the board's chip has room for, the one is written on which spikes go to the fewest
/// cores, then that with the shortest tick. Lookup tables are estimated from arrays that were placed and routed; `nernst synth` tells for sure.
#[derive(clap::Args)]
pub struct Fit {
    #[command(flatten)]
    network: NirArgs,
    /// Precision of the weights [default: that of the network file, 8 for a NIR file].
    #[arg(short, long, value_parser = parse_bits)]
    bits: Option<WeightBits>,
    /// Board: `nernst boards` lists them.
    #[arg(long)]
    board: String,
    /// Clock of the array in MHz that the configuration asks for.
    #[arg(short, long, value_name = "MHZ", default_value_t = 100.0)]
    freq: f64,
    /// Make room for neurons without an effect on the result, too.
    #[arg(long)]
    keep_all: bool,
    /// Configuration file to write; without it the best configurations are only shown.
    #[arg(short, long)]
    output: Option<PathBuf>,
}

impl Fit {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let board = board(&self.board)?;
        let chip = resources(board.device).with_context(|| format!("unknown device {}", board.device))?;
        let network = self.network()?;
        // What boards are called in their identity is short: as much of the file's name as it takes.
        let stem = self.output.as_ref().and_then(|path| path.file_stem()).map(|stem| stem.to_string_lossy());
        let name: String =
            stem.iter().flat_map(|stem| stem.chars()).filter(char::is_ascii_graphic).take(MAX_NAME).collect();
        let name = if name.is_empty() { "fit".to_string() } else { name };
        let base = ArrayConfig { name, clock_hz: (self.freq * 1e6).round() as u32, ..ArrayConfig::ready("25f")? };
        base.check().map_err(|error| Failure {
            what: error.to_string(),
            help: "give a --freq that is at least four times 3 MHz".into(),
        })?;
        let options = Options { keep_all: self.keep_all };
        let fits = fit::fit(&network, &chip, &base, options).map_err(|error| Failure {
            what: format!("board {}: {error}", board.name),
            help: "try a larger board, --bits 4, or a smaller network".into(),
        })?;
        writeln!(
            out,
            "{} on {} ({}), the best of {} arrays that hold it:\n",
            network.name,
            board.name,
            board.device,
            fits.len()
        )?;
        writeln!(
            out,
            "cores                                 destinations  clocks of a full tick  block RAMs  LUT4, estimated"
        )?;
        for fit in fits.iter().take(SHOWN) {
            let groups = fit.config.cores.chunk_by(|a, b| a == b).map(|group| {
                let core = group[0];
                let mut text = format!("{} {} of {} tiles", group.len(), core.weight_bits, core.tiles);
                if core.contexts.count() > 1 {
                    text += &format!(", {} contexts", core.contexts.count());
                }
                if core.banks > 1 {
                    text += ", 2 banks";
                }
                text + if core.chain { ", chains" } else { "" }
            });
            let cores = groups.collect::<Vec<_>>().join("; ");
            let takes = &fit.takes;
            writeln!(
                out,
                "{cores:<36}  {:>12}  {:>21}  {:>10}  {:>6} ({:.0} %)",
                fit.destinations,
                fit.clocks,
                format!("{} of {}", takes.block_rams, chip.block_rams),
                takes.luts,
                100.0 * takes.luts as f64 / chip.luts as f64
            )?;
        }
        writeln!(out, "\nat most {:.0} % of the LUT4 are taken; not placed and routed", 100.0 * LUT_SHARE)?;
        // There is at least one.
        if let (Some(path), Some(best)) = (&self.output, fits.first()) {
            let comment = format!("Made by `nernst fit` for network `{}` on {}.", network.name, board.name);
            std::fs::write(path, best.to_toml(&comment)).with_context(|| format!("cannot write {}", path.display()))?;
            writeln!(out, "wrote {}; use it with --config {}", path.display(), path.display())?;
        }
        Ok(())
    }

    fn network(&self) -> anyhow::Result<Network> {
        if !self.network.is_nir() {
            let network = Network::load(self.network.path())?;
            return Ok(match self.bits {
                Some(bits) => network.with_bits(bits),
                None => network,
            });
        }
        let (_, imported) = self.network.import()?;
        let name = self.network.path().file_stem().map_or("network".into(), |stem| stem.to_string_lossy());
        // Where it lies does not depend on the code.
        let code = Code { coding: Coding::Rate, ticks: 16 };
        Ok(Network::new(&name, code, imported.circuit, self.bits.unwrap_or(WeightBits::Eight)))
    }
}
