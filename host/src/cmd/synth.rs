use super::args::DesignArgs;
use super::{Failure, spinner};
use anyhow::Context;
use nernst_spec::ArrayConfig;
use rust_hdl_bsp_ecp5::flow::{self, Design, FlowOptions, Progress, Report, Toolchain};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// Make the bitstream of an array for a board with Yosys, nextpnr and ecppack.
///
/// Leaves everything that the tools made in the output folder: Verilog, pins, netlist, logs, `top.bit` and `report.json`. Fails
/// (exit code 1) when the timing is not met, or when a weight memory did not become a block RAM.
#[derive(clap::Args)]
pub struct Synth {
    #[command(flatten)]
    design: DesignArgs,
    /// Folder for what is made [default: build/synth/BOARD-CONFIG].
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Seed of placement: another one gives another layout.
    #[arg(short, long, default_value_t = 1)]
    seed: u32,
    /// Let nextpnr place the block RAMs. Without this they are placed row by row, there and back, in the order of cores and
    /// tiles, before nextpnr places the rest, and a full chip needs that to route.
    #[arg(long)]
    free_ebr: bool,
    /// Folder of the tools [default: ECP5_TOOLS, then .tools/bin here or above, then PATH].
    #[arg(long, value_name = "FOLDER")]
    tools: Option<PathBuf>,
    /// Stop a tool that runs longer than this many minutes.
    #[arg(long, value_name = "MINUTES")]
    timeout: Option<u64>,
    /// A second place for the report (JSON), such as `reports/ulx3s-25f-25f.json`.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

impl Synth {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let board = self.design.board()?;
        let config = self.design.config()?;
        let tools = Toolchain::find(self.tools.as_deref())?;
        let spinner = spinner("generating Verilog");
        let design = self.design.make()?;
        let name = format!("{}-{}", board.name, config.name);
        let dir = self.output.clone().unwrap_or_else(|| PathBuf::from("build/synth").join(name));
        let options = FlowOptions {
            freq_mhz: Some(config.clock_hz as f64 / 1e6),
            seed: self.seed,
            place_ebr: !self.free_ebr,
            timeout: self.timeout.map(|minutes| Duration::from_secs(60 * minutes)),
            ..FlowOptions::default()
        };
        let flow_design = Design { top: design.top, verilog: &design.verilog, lpf: &design.lpf };
        let report = flow::build(&tools, &flow_design, board, &dir, &options, &mut |progress| match progress {
            Progress::Started { step } => spinner.set_message(step),
            Progress::Running { step, line, seconds } => spinner.set_message(format!("{step} {seconds:.0} s: {line}")),
            Progress::Finished { step, seconds } => spinner.println(format!("{step}: {seconds:.1} s")),
        });
        spinner.finish_and_clear();
        let report = report?;
        writeln!(out, "{report}")?;
        if let Some(path) = &self.report {
            let text = std::fs::read(dir.join("report.json"))?;
            std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
        writeln!(out, "bitstream: {} ({} bytes)", report.bitstream.display(), report.bitstream_bytes)?;
        check(&report, &config)
    }
}

/// What a bitstream must be before it is worth a board.
fn check(report: &Report, config: &ArrayConfig) -> anyhow::Result<()> {
    let tiles = config.tiles() as u64;
    let block_rams = report.cells.get("PDPW16KD").copied().unwrap_or(0);
    if block_rams < tiles {
        let what = format!("only {block_rams} of {tiles} weight memories became block RAMs (PDPW16KD)");
        let help =
            "this is a fault of the RTL or of this version of Yosys: use the versions in scripts/tools.txt".into();
        return Err(Failure { what, help }.into());
    }
    if !report.timing_met {
        let clocks = report.clocks.iter().filter(|(_, clock)| clock.achieved_mhz < clock.constraint_mhz);
        let slow: Vec<String> = clocks
            .map(|(name, clock)| format!("{name} {:.1} MHz of {:.1}", clock.achieved_mhz, clock.constraint_mhz))
            .collect();
        let what = format!("timing is not met: {}", slow.join(", "));
        return Err(Failure { what, help: "try another --seed, or a lower --freq".into() }.into());
    }
    Ok(())
}
