//! The virtual board: the Verilog that is synthesised for a real board, run clock by clock.
//!
//! Bytes of the host reach the RTL either where its UART hands them on, one a clock ([`Line::Bytes`]), or bit by bit through the UART
//! itself ([`Line::Uart`]). When the RTL says that it is quiet and no byte waits, the clock stops: virtual time stands still,
//! nothing is computed, and counters of clocks do not depend on how long a host thinks.

mod byte_line;
mod uart_line;

use self::byte_line::ByteLine;
use self::uart_line::UartLine;
use crate::board::{Activity, Board, BoardError};
use nernst_hdl::generate;
use nernst_spec::ArrayConfig;
use rust_hdl_netsim::{Options as SimulatorOptions, Output, Simulator};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::PathBuf;

pub use rust_hdl_netsim::Engine;

/// Clocks that one call runs at most.
const BURST: u64 = 20_000;
/// Clocks without a byte in either direction after which a board that is not quiet is taken to wait for its host: for
/// acknowledgements that make room for replies. More than the longest silent command, a digest of 65,535 membranes, needs.
const PATIENCE: u64 = 10_000_000;

/// How bytes reach the RTL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Line {
    /// Whole bytes behind the UART: the fast way.
    #[default]
    Bytes,
    /// Bits on the pins of the UART, each this many clocks long: 4 or more. The UART is generated for that speed.
    Uart { clocks_per_bit: u32 },
}

/// Waveforms that are written while the board runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// VCD file to write.
    pub path: PathBuf,
    /// Instances whose nets are written, with all below them, as `link` or `array.router`; `""` is the whole design, and
    /// so is an empty list.
    pub scopes: Vec<String>,
}

/// Choices of a virtual board.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    pub engine: Engine,
    pub line: Line,
    pub trace: Option<Trace>,
}

/// Why there is no virtual board.
#[derive(Debug, thiserror::Error)]
pub enum VirtualBoardError {
    #[error("the RTL cannot be generated: {0}")]
    Generate(#[from] generate::GenerateError),
    #[error("the RTL cannot be simulated: {0}")]
    Simulator(#[from] rust_hdl_netsim::Error),
    #[error("trace {path}: {source}; choose a file that can be written")]
    Trace { path: PathBuf, source: io::Error },
    #[error("{clocks_per_bit} clocks a bit at {clock_hz} Hz: the UART needs at least 4 clocks a bit, and 1 baud")]
    ClocksPerBit { clocks_per_bit: u32, clock_hz: u32 },
}

/// The RTL of an array and its link, running.
pub struct VirtualBoard {
    simulator: Simulator,
    quiet: Output,
    line: AnyLine,
    /// Clocks since the last byte in either direction.
    silent: u64,
    last_byte: u64,
}

enum AnyLine {
    Bytes(ByteLine),
    Uart(UartLine),
}

impl VirtualBoard {
    /// Generates the RTL of an array and loads it.
    pub fn new(config: &ArrayConfig, options: &Options) -> Result<Self, VirtualBoardError> {
        let text = match options.line {
            Line::Bytes => generate::soc_verilog(config)?,
            Line::Uart { clocks_per_bit } => {
                let baud = config.clock_hz.checked_div(clocks_per_bit).filter(|&baud| baud > 0 && clocks_per_bit >= 4);
                let failed = VirtualBoardError::ClocksPerBit { clocks_per_bit, clock_hz: config.clock_hz };
                generate::uart_soc_verilog(&ArrayConfig { baud: baud.ok_or(failed)?, ..config.clone() })?
            }
        };
        Self::from_verilog(&text, options)
    }

    /// Loads RTL that was generated before.
    pub fn from_verilog(text: &str, options: &Options) -> Result<Self, VirtualBoardError> {
        let simulator_options = SimulatorOptions { engine: options.engine, ..SimulatorOptions::default() };
        let mut simulator = Simulator::from_verilog(text, &simulator_options)?;
        let line = match options.line {
            Line::Bytes => AnyLine::Bytes(ByteLine::new(&mut simulator)?),
            Line::Uart { clocks_per_bit } => AnyLine::Uart(UartLine::new(&mut simulator, clocks_per_bit)?),
        };
        let quiet = simulator.output("quiet")?;
        if let Some(trace) = &options.trace {
            let failed = |source| VirtualBoardError::Trace { path: trace.path.clone(), source };
            let file = BufWriter::new(File::create(&trace.path).map_err(failed)?);
            let scopes: Vec<&str> = trace.scopes.iter().map(String::as_str).collect();
            simulator.trace(file, if scopes.is_empty() { &[""] } else { &scopes })?;
        }
        Ok(Self { simulator, quiet, line, silent: 0, last_byte: 0 })
    }

    /// Clocks since the start.
    pub fn clocks(&self) -> u64 {
        self.simulator.cycle()
    }

    /// Clocks until the last byte from the board was whole. With [`Line::Bytes`] until the end of the call that brought it.
    pub fn last_byte(&self) -> u64 {
        self.last_byte
    }

    /// The simulator that runs the RTL, to look inside. Clocking it past the board loses bytes.
    pub fn simulator(&mut self) -> &mut Simulator {
        &mut self.simulator
    }

    /// Ends the trace and says whether all of it was written.
    pub fn finish_trace(&mut self) -> Result<(), VirtualBoardError> {
        Ok(self.simulator.stop_trace()?)
    }
}

impl Board for VirtualBoard {
    fn exchange(&mut self, input: &mut VecDeque<u8>, output: &mut VecDeque<u8>) -> Result<Activity, BoardError> {
        let (start, waiting, said) = (self.simulator.cycle(), input.len(), output.len());
        let activity = match &mut self.line {
            AnyLine::Bytes(line) => line.exchange(&mut self.simulator, self.quiet, start + BURST, input, output),
            AnyLine::Uart(line) => line.exchange(&mut self.simulator, self.quiet, start + BURST, input, output),
        };
        if output.len() != said {
            self.last_byte = self.simulator.cycle();
        }
        let moved = input.len() != waiting || output.len() != said;
        self.silent = if moved { 0 } else { self.silent + self.simulator.cycle() - start };
        Ok(if input.is_empty() && self.silent >= PATIENCE { Activity::Quiet } else { activity })
    }
}
