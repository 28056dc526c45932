//! From Verilog to a bitstream: Yosys, nextpnr-ecp5 and ecppack.
//!
//! ```no_run
//! use rust_hdl_bsp_ecp5::boards::board;
//! use rust_hdl_bsp_ecp5::flow::{Design, FlowOptions, Toolchain, build};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let board = board("ulx3s-85f")?;
//! let verilog = "module top (input clock, output led); assign led = clock; endmodule";
//! let design = Design { configuration: "", top: "top", verilog, lpf: &board.lpf()?.constrain([("clock", 1), ("led", 1)])? };
//! let tools = Toolchain::find(None)?;
//! let report = build(&tools, &design, board, "build/blinky".as_ref(), &FlowOptions::default(), &mut |_| {})?;
//! println!("{}: timing met: {}", report.bitstream.display(), report.timing_met);
//! # Ok(())
//! # }
//! ```

mod axis;
mod floorplan;
mod netlist;
mod place_and_route;
mod process;
mod report;
mod run;
mod sweep;
mod synthesis;
mod tools;

pub use axis::{Axis, AxisError, vary};
pub use place_and_route::place_and_route;
pub use process::Progress;
pub use report::{Clock, PathSegment, Report, ReportError, StepTime, Usage, Versions};
pub use run::{Inputs, Run, Status};
pub use sweep::{Sweep, SweepOptions, SweepProgress, sweep};
pub use synthesis::{Synthesis, sha256, synthesize};
pub use tools::{ToolMissing, Toolchain};

use crate::boards::Board;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
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
    /// A tool was ended from outside, for instance because the machine had no memory left.
    #[error("{step} was ended from outside ({status}; its log is {log})", log = log.display())]
    Killed {
        /// yosys, nextpnr-ecp5 or ecppack.
        step: &'static str,
        /// How it ended.
        status: std::process::ExitStatus,
        /// The log.
        log: PathBuf,
    },
    /// [`FlowOptions::stop`] became true.
    #[error("{step} was stopped on request")]
    Stopped {
        /// yosys, nextpnr-ecp5 or ecppack.
        step: &'static str,
    },
    /// Another sweep works in the same folder.
    #[error("another sweep works in {dir}: give another folder or wait for its end", dir = dir.display())]
    Busy {
        /// The folder.
        dir: PathBuf,
    },
    /// A report of a tool could not be understood.
    #[error(transparent)]
    Report(#[from] ReportError),
}

/// What is built.
#[derive(Clone, Copy, Debug)]
pub struct Design<'a> {
    /// Name of the set of parameters that the design was generated with; only for reports, and may be empty.
    pub configuration: &'a str,
    /// Name of the top module.
    pub top: &'a str,
    /// All of the Verilog, as rust-hdl's `generate_verilog` gives it.
    pub verilog: &'a str,
    /// Pins of every port, as [`crate::lpf::Lpf::constrain`] gives them; a port that is missing here is an error.
    pub lpf: &'a str,
}

/// Choices of a build. The default is what the tools do by themselves, with seed 1.
#[derive(Clone, Debug)]
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
    /// More options for nextpnr-ecp5, such as `--tmg-ripup` or `--placer-heap-alpha=0.05`.
    pub nextpnr_args: Vec<String>,
    /// Longest time for one tool.
    pub timeout: Option<Duration>,
    /// When this becomes true, the running tool is ended within half a second, and what it started with it.
    ///
    /// On Unix, tools then run in process groups of their own, which a Ctrl-C at the terminal does not reach: whoever sets
    /// this has to handle the signal. Without it, Ctrl-C ends the tools itself.
    pub stop: Option<Arc<AtomicBool>>,
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
            stop: None,
        }
    }
}

/// Builds a bitstream in `dir`, which is made if it does not exist: [`synthesize`] and [`place_and_route`] in one folder.
///
/// The folder then has all files of both. Missing the timing is not an error: see [`Report::timing_met`].
///
/// # Errors
/// [`FlowError`] for the first tool that does not start, fails, takes too long or is stopped, and for a file that cannot be
/// read or written.
pub fn build(
    tools: &Toolchain,
    design: &Design,
    board: &Board,
    dir: &Path,
    options: &FlowOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, FlowError> {
    let synthesis = synthesize(tools, design, dir, options, progress)?;
    place_and_route(tools, &synthesis, design.lpf, board, dir, options, progress)
}

fn make_dir(dir: &Path) -> Result<(), FlowError> {
    std::fs::create_dir_all(dir).map_err(|source| FlowError::Io { path: dir.to_path_buf(), source })
}

fn write(dir: &Path, name: &str, text: &str) -> Result<(), FlowError> {
    let path = dir.join(name);
    std::fs::write(&path, text).map_err(|source| FlowError::Io { path, source })
}

/// Removes the record of an earlier result before a new one is worked on.
fn forget(dir: &Path, name: &str) -> Result<(), FlowError> {
    let path = dir.join(name);
    match std::fs::remove_file(&path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(FlowError::Io { path, source }),
        _ => Ok(()),
    }
}
