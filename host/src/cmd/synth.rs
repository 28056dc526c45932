mod sweep;

use super::args::DesignArgs;
use super::{Failure, spinner};
use anyhow::Context;
use nernst_hdl::generate::{self, BoardDesign};
use nernst_spec::ArrayConfig;
use rust_hdl_bsp_ecp5::boards::Board;
use rust_hdl_bsp_ecp5::flow::{self, Design, FlowOptions, Progress, Report, Synthesis, Toolchain};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Make the bitstream of an array for a board with Yosys, nextpnr and ecppack.
///
/// Leaves everything that the tools made in the output folder: Verilog, pins, netlist, logs, `top.bit`, `report.json`, and
/// `run.json`, a record that is there when place and route fails, too. Fails (exit code 1) when the timing is not met, or when a
/// weight memory did not become a block RAM. Ctrl-C or a kill ends the tools, too (exit code 130).
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
    /// Place and route with so many seeds at most, from --seed on, until the timing is met: placement is a matter of chance, and a
    /// clock near the chip's limit is met by some seeds only.
    #[arg(long, value_name = "SEEDS", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..), conflicts_with = "sweep")]
    tries: u32,
    /// Let nextpnr place the block RAMs. Without this they are placed row by row, there and back, in the order of cores and
    /// tiles, before nextpnr places the rest, and a full chip needs that to route.
    #[arg(long)]
    free_ebr: bool,
    /// Leave a part out, to measure what it takes: without `ledger` a board counts nothing and keeps no budget, without `budget` it counts.
    #[arg(long, value_name = "PART", conflicts_with = "report")]
    without: Option<Part>,
    /// One more argument for synth_ecp5 of Yosys, such as -abc9; may be given several times.
    #[arg(long, value_name = "ARG", allow_hyphen_values = true)]
    yosys_arg: Vec<String>,
    /// One more argument for nextpnr-ecp5, such as --tmg-ripup or --placer-heap-alpha=0.05; may be given several times.
    #[arg(long, value_name = "ARG", allow_hyphen_values = true)]
    nextpnr_arg: Vec<String>,
    /// Stop early: `yosys` leaves nothing but the netlist, for --netlist.
    #[arg(long, value_name = "STEP", conflicts_with_all = ["report", "netlist"])]
    stop_after: Option<StopAfter>,
    /// Place and route the netlist in this folder, that of an earlier --stop-after yosys, instead of synthesising.
    #[arg(long, value_name = "FOLDER", conflicts_with = "yosys_arg")]
    netlist: Option<PathBuf>,
    /// Folder of the tools [default: ECP5_TOOLS, then .tools/bin here or above, then PATH].
    #[arg(long, value_name = "FOLDER")]
    tools: Option<PathBuf>,
    /// Stop a tool that runs longer than this many minutes.
    #[arg(long, value_name = "MINUTES")]
    timeout: Option<u64>,
    /// A second place for the report (JSON), such as `reports/ulx3s-25f-25f.json`.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    sweep: sweep::SweepArgs,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum StopAfter {
    Yosys,
}

/// What can be left out.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Part {
    Ledger,
    Budget,
}

impl From<Part> for generate::Part {
    fn from(part: Part) -> Self {
        match part {
            Part::Ledger => Self::Ledger,
            Part::Budget => Self::Budget,
        }
    }
}

impl Synth {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let board = self.design.board()?;
        let config = self.design.config()?;
        let tools = Toolchain::find(self.tools.as_deref())?;
        let spinner = spinner("generating Verilog");
        let made = self.design.make();
        spinner.finish_and_clear();
        let mut made = made?;
        if let Some(part) = self.without {
            made.verilog = generate::without(part.into(), &made.verilog).context("the Verilog has no such part")?;
        }
        let BoardDesign { top, verilog, lpf, .. } = &made;
        let design = Design { configuration: &config.name, top, verilog, lpf };
        let name = format!("{}-{}", board.name, config.name);
        let dir = self.output.clone().unwrap_or_else(|| PathBuf::from("build/synth").join(name));
        let options = FlowOptions {
            freq_mhz: Some(config.clock_hz as f64 / 1e6),
            seed: self.seed,
            place_ebr: !self.free_ebr,
            yosys_args: self.yosys_arg.clone(),
            nextpnr_args: self.nextpnr_arg.clone(),
            timeout: self.timeout.map(|minutes| Duration::from_secs(60 * minutes)),
            stop: Some(stop_signal()?),
        };
        let report = if self.sweep.is_on() {
            self.sweep.run(&tools, &design, board, &dir, &options, out)?
        } else {
            match self.one(&tools, &design, board, &dir, &options)? {
                Made::Bitstream(report) => *report,
                Made::Netlist(synthesis) => {
                    writeln!(out, "netlist: {}", synthesis.netlist().display())?;
                    return Ok(());
                }
            }
        };
        writeln!(out, "{report}")?;
        if let Some(path) = &self.report {
            let text = std::fs::read(dir.join("report.json"))?;
            std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
        writeln!(out, "bitstream: {} ({} bytes)", report.bitstream.display(), report.bitstream_bytes)?;
        check(&report, &config)
    }

    fn one(
        &self,
        tools: &Toolchain,
        design: &Design,
        board: &Board,
        dir: &Path,
        options: &FlowOptions,
    ) -> anyhow::Result<Made> {
        let spinner = spinner("");
        let mut show = |progress: Progress| match progress {
            Progress::Started { step } => spinner.set_message(step),
            Progress::Running { step, line, seconds } => spinner.set_message(format!("{step} {seconds:.0} s: {line}")),
            Progress::Finished { step, seconds } => spinner.println(format!("{step}: {seconds:.1} s")),
        };
        let mut make = || {
            let synthesis = match &self.netlist {
                Some(folder) => netlist(folder, design, board)?,
                None => flow::synthesize(tools, design, dir, options, &mut show)?,
            };
            if self.stop_after.is_some() {
                return Ok(Made::Netlist(synthesis));
            }
            let last = options.seed.saturating_add(self.tries - 1);
            let mut options = options.clone();
            loop {
                let report = flow::place_and_route(tools, &synthesis, design.lpf, board, dir, &options, &mut show)?;
                if report.timing_met || options.seed >= last {
                    return Ok(Made::Bitstream(Box::new(report)));
                }
                spinner.println(format!("seed {}: {}", options.seed, missed(&report)));
                options.seed += 1;
            }
        };
        let made = make();
        spinner.finish_and_clear();
        made
    }
}

enum Made {
    Netlist(Synthesis),
    Bitstream(Box<Report>),
}

/// The netlist of an earlier synthesis, if it was made from the same Verilog.
fn netlist(folder: &Path, design: &Design, board: &Board) -> anyhow::Result<Synthesis> {
    let synthesis = Synthesis::load(folder).map_err(|error| Failure {
        what: format!("no netlist in {}: {error}", folder.display()),
        help: "`nernst synth --stop-after yosys --output FOLDER` makes one".into(),
    })?;
    let digest = flow::sha256(design.verilog);
    if synthesis.verilog_sha256 != digest {
        let what = format!(
            "the netlist in {} is of other Verilog: {:.12} of `{}`, where `{}` for {} is {digest:.12}",
            folder.display(),
            synthesis.verilog_sha256,
            synthesis.configuration,
            design.configuration,
            board.name
        );
        let help = "give the --board, --config and --freq that it was made with, or make it again".into();
        return Err(Failure { what, help }.into());
    }
    Ok(synthesis)
}

/// Becomes true with Ctrl-C or a kill; the flow then ends its tools. A second signal changes nothing: this process has to outlive them.
fn stop_signal() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let seen = stop.clone();
    ctrlc::set_handler(move || seen.store(true, Ordering::Relaxed))?;
    Ok(stop)
}

/// What a bitstream must be before it is worth a board.
fn check(report: &Report, config: &ArrayConfig) -> anyhow::Result<()> {
    let tiles = config.block_rams() as u64;
    let block_rams = report.cells.get("PDPW16KD").copied().unwrap_or(0);
    if block_rams < tiles {
        let what = format!("only {block_rams} of {tiles} weight memories became block RAMs (PDPW16KD)");
        let help =
            "this is a fault of the RTL or of this version of Yosys: use the versions in scripts/tools.txt".into();
        return Err(Failure { what, help }.into());
    }
    if !report.timing_met {
        let help = "try other seeds (--tries, or --sweep), or a lower --freq".into();
        return Err(Failure { what: missed(report), help }.into());
    }
    Ok(())
}

/// That timing was missed, and by which clocks.
fn missed(report: &Report) -> String {
    let clocks = report.clocks.iter().filter(|(_, clock)| clock.achieved_mhz < clock.constraint_mhz);
    let slow: Vec<String> = clocks
        .map(|(name, clock)| format!("{name} {:.1} MHz of {:.1}", clock.achieved_mhz, clock.constraint_mhz))
        .collect();
    format!("timing is not met: {}", slow.join(", "))
}
