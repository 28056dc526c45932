//! From Verilog to a bitstream: Yosys, nextpnr-ecp5 and ecppack.
//!
//! ```no_run
//! use rust_hdl_bsp_ecp5::boards::board;
//! use rust_hdl_bsp_ecp5::flow::{Design, FlowOptions, Toolchain, build};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let board = board("ulx3s-85f")?;
//! let verilog = "module top (input clock, output led); assign led = clock; endmodule";
//! let design = Design { top: "top", verilog, lpf: &board.lpf()?.constrain([("clock", 1), ("led", 1)])? };
//! let tools = Toolchain::find(None)?;
//! let report = build(&tools, &design, board, "build/blinky".as_ref(), &FlowOptions::default(), &mut |_| {})?;
//! println!("{}: timing met: {}", report.bitstream.display(), report.timing_met);
//! # Ok(())
//! # }
//! ```

mod floorplan;
mod netlist;
mod process;
mod report;
mod tools;

pub use process::Progress;
pub use report::{Clock, PathSegment, Report, ReportError, StepTime, Usage, Versions};
pub use tools::{ToolMissing, Toolchain};

use crate::boards::Board;
use netlist::Netlist;
use process::Runner;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why no bitstream was made.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// A file of the build folder could not be written or read.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// A tool could not be started.
    #[error("cannot start {tool}: {source}")]
    Start {
        /// The program.
        tool: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// A tool reported an error.
    #[error("{step} failed: {line} (the whole log is {log})", log = log.display())]
    Failed {
        /// yosys, nextpnr-ecp5 or ecppack.
        step: &'static str,
        /// The line of its log that says why.
        line: String,
        /// The log.
        log: PathBuf,
    },
    /// A tool ran longer than [`FlowOptions::timeout`].
    #[error("{step} was stopped after {seconds} s, the limit given (its log is {log})", log = log.display())]
    Timeout {
        /// yosys, nextpnr-ecp5 or ecppack.
        step: &'static str,
        /// The limit.
        seconds: u64,
        /// The log.
        log: PathBuf,
    },
    /// A report of a tool could not be understood.
    #[error(transparent)]
    Report(#[from] ReportError),
}

/// What is built.
#[derive(Clone, Copy, Debug)]
pub struct Design<'a> {
    /// Name of the top module.
    pub top: &'a str,
    /// All of the Verilog, as rust-hdl's `generate_verilog` gives it.
    pub verilog: &'a str,
    /// Pins of every port, as [`crate::lpf::Lpf::constrain`] gives them; a port that is missing here is an error.
    pub lpf: &'a str,
}

/// Choices of a build. The default is what the tools do by themselves, with seed 1.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowOptions {
    /// Frequency to aim at, for clocks that have none of their own in the LPF or from a PLL (nextpnr's `--freq`).
    pub freq_mhz: Option<f64>,
    /// Seed of placement: another one gives another layout, and the same one the same.
    pub seed: u32,
    /// Place the EBRs in the order of their names, row by row, there and back. For a design whose EBRs are most of it and
    /// whose hierarchy follows its data this makes shorter wires than nextpnr finds by itself.
    pub place_ebr: bool,
    /// More options for `synth_ecp5`, such as `-nowidelut`.
    pub yosys_args: Vec<String>,
    /// More options for nextpnr-ecp5.
    pub nextpnr_args: Vec<String>,
    /// Longest time for one tool.
    pub timeout: Option<Duration>,
}

impl Default for FlowOptions {
    fn default() -> Self {
        Self {
            freq_mhz: None,
            seed: 1,
            place_ebr: false,
            yosys_args: Vec::new(),
            nextpnr_args: Vec::new(),
            timeout: None,
        }
    }
}

/// Builds a bitstream in `dir`, which is made if it does not exist.
///
/// The folder then has `top.v`, `top.lpf`, `netlist.json`, `top.config`, `top.bit`, one `.log` per tool, nextpnr's
/// `nextpnr.json` and the returned report as `report.json`. Missing the timing is not an error: see [`Report::timing_met`].
pub fn build(
    tools: &Toolchain,
    design: &Design,
    board: &Board,
    dir: &Path,
    options: &FlowOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, FlowError> {
    std::fs::create_dir_all(dir).map_err(|source| FlowError::Io { path: dir.to_path_buf(), source })?;
    let write = |name: &str, text: &str| {
        let path = dir.join(name);
        std::fs::write(&path, text).map_err(|source| FlowError::Io { path, source })
    };
    write("top.v", design.verilog)?;
    write("top.lpf", design.lpf)?;

    let mut runner = Runner::new(dir, options.timeout, progress);
    runner.run("yosys", &tools.yosys, &yosys_arguments(design, options))?;
    let cells = prepare_netlist(&dir.join("netlist.json"), board, options)?;
    runner.run("nextpnr-ecp5", &tools.nextpnr, &nextpnr_arguments(board, options))?;
    let mut pack: Vec<String> = board.pack_args.iter().map(|arg| arg.to_string()).collect();
    pack.extend(["--input", "top.config", "--bit", "top.bit"].map(String::from));
    runner.run("ecppack", &tools.ecppack, &pack)?;

    let report = Report::read(dir, board, options.seed, tools.versions(), cells, runner.times)?;
    write("report.json", &report.to_json())?;
    Ok(report)
}

/// Changes the netlist for nextpnr in place; returns the number of cells of each type.
fn prepare_netlist(path: &Path, board: &Board, options: &FlowOptions) -> Result<BTreeMap<String, u64>, FlowError> {
    let netlist = Netlist::new(report::json(path)?);
    let mut netlist = netlist.ok_or_else(|| ReportError::NoTop { path: path.to_path_buf() })?;
    netlist.open_carry_ends();
    if options.place_ebr {
        netlist.place_ebr(board.device);
    }
    let text = netlist.json().to_string();
    std::fs::write(path, text).map_err(|source| FlowError::Io { path: path.to_path_buf(), source })?;
    Ok(netlist.count_cells())
}

fn yosys_arguments(design: &Design, options: &FlowOptions) -> Vec<String> {
    let mut synth = format!("synth_ecp5 -top {} -json netlist.json", design.top);
    for argument in &options.yosys_args {
        synth.push(' ');
        synth.push_str(argument);
    }
    vec!["-p".into(), format!("read_verilog top.v; {synth}; stat")]
}

fn nextpnr_arguments(board: &Board, options: &FlowOptions) -> Vec<String> {
    let mut arguments: Vec<String> = vec![
        board.nextpnr_device.into(),
        "--package".into(),
        board.package.into(),
        "--speed".into(),
        board.speed.to_string(),
        "--seed".into(),
        options.seed.to_string(),
        // whether timing is met stands in the report; here it would hide everything else
        "--timing-allow-fail".into(),
    ];
    for (option, file) in
        [("--json", "netlist.json"), ("--lpf", "top.lpf"), ("--textcfg", "top.config"), ("--report", "nextpnr.json")]
    {
        arguments.extend([option.to_string(), file.to_string()]);
    }
    if let Some(mhz) = options.freq_mhz {
        arguments.extend(["--freq".to_string(), mhz.to_string()]);
    }
    arguments.extend(options.nextpnr_args.iter().cloned());
    arguments
}
