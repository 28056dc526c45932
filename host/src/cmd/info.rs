use super::args::PortArgs;
use nernst::report::{LedgerReport, LedgerTable};
use nernst_spec::Identity;
use serde::Serialize;
use std::io::Write;

/// Show what a board is and what its ledger holds.
#[derive(clap::Args)]
pub struct Info {
    #[command(flatten)]
    port: PortArgs,
    /// Print JSON: `port`, `identity`, `ledger`.
    #[arg(long)]
    json: bool,
}

/// The JSON of `nernst info --json`.
#[derive(Serialize)]
struct InfoReport<'a> {
    port: String,
    identity: &'a Identity,
    ledger: LedgerReport,
}

impl Info {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let mut session = self.port.open(None)?;
        let ledger = session.ledger()?;
        let identity = session.identity();
        if self.json {
            let ledger = LedgerReport::from(&ledger);
            let report = InfoReport { port: session.port_name(), identity, ledger };
            serde_json::to_writer_pretty(&mut *out, &report)?;
            writeln!(out)?;
            return Ok(());
        }
        let config = &identity.config;
        writeln!(out, "port        {}", session.port_name())?;
        writeln!(out, "config      {}, build {:08x}, protocol {}", config.name, identity.build, identity.protocol)?;
        writeln!(out, "clock       {} MHz, {} baud", config.clock_hz as f64 / 1e6, config.baud)?;
        writeln!(out, "array       {} neurons, {} input lines", config.neurons(), config.inputs)?;
        for (number, core) in config.cores.iter().enumerate() {
            let chained = if config.can_be_chained(number) { ", can be chained to the next" } else { "" };
            writeln!(
                out,
                "core {number:<6} {} neurons in {} tiles, {} to a neuron unit, {}, {} axons{chained}",
                core.neurons(),
                core.tiles,
                core.tiles_per_unit,
                core.weight_bits,
                core.axons()
            )?;
        }
        writeln!(out, "{}", LedgerTable { ledger: &ledger, per: 0 })?;
        Ok(())
    }
}
