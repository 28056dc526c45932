//! Ports by name.

use super::{Direct, Port, PortError, SIMULATED, Serial};
use crate::config;
use crate::stack::with_large_stack;
use nernst_sim::virtual_board::{Options, VirtualBoard, VirtualBoardError};
use nernst_sim::{Board, BoardError, ReferenceBoard, RustHdlBoard};
use nernst_spec::ArrayConfig;
use std::fmt;
use std::str::FromStr;

/// What answers behind a port in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The Verilog of the board's RTL, in netsim.
    Rtl,
    /// The RTL itself, in rust-hdl's simulator.
    RustHdl,
    /// The reference model.
    Model,
}

/// What a port's name says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortName {
    /// A serial port of this machine.
    Serial(String),
    /// A board in this process.
    Inside {
        engine: Engine,
        /// Opened as a serial port, through a pseudo-terminal.
        terminal: bool,
        /// What the board is; absent: whatever its caller needs.
        config: Option<String>,
    },
}

/// Names of boards in this process, without their configuration.
const INSIDE: [(&str, Engine, bool); 5] = [
    ("virtual", Engine::Rtl, true),
    ("virtual-direct", Engine::Rtl, false),
    ("rust-hdl", Engine::RustHdl, false),
    ("model", Engine::Model, false),
    ("model-pty", Engine::Model, true),
];

impl FromStr for PortName {
    type Err = std::convert::Infallible;
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let (kind, config) = match name.split_once(':') {
            Some((kind, config)) => (kind, Some(config.to_string())),
            None => (name, None),
        };
        Ok(match INSIDE.iter().find(|(known, ..)| *known == kind) {
            Some(&(_, engine, terminal)) => Self::Inside { engine, terminal, config },
            None => Self::Serial(name.into()),
        })
    }
}

impl fmt::Display for PortName {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Serial(name) => f.write_str(name),
            Self::Inside { engine, terminal, config } => {
                let kind = INSIDE.iter().find(|(_, e, t)| e == engine && t == terminal).map_or("", |(kind, ..)| kind);
                match config {
                    Some(config) => write!(f, "{kind}:{config}"),
                    None => f.write_str(kind),
                }
            }
        }
    }
}

/// Opens a port. `baud` matters to serial ports; `default` is what a board in this process is whose name does not say.
pub fn open(name: &PortName, baud: u32, default: &ArrayConfig) -> Result<Box<dyn Port>, PortError> {
    let (engine, terminal, config) = match name {
        PortName::Serial(path) => return Ok(Box::new(Serial::open(path, baud)?)),
        PortName::Inside { engine, terminal, config } => (*engine, *terminal, config),
    };
    let name = name.to_string();
    let config = match config {
        None => default.clone(),
        Some(config) => config::find(config).map_err(|source| PortError::Config { name: name.clone(), source })?,
    };
    let failed = |error: &dyn fmt::Display| PortError::Other { name: name.clone(), what: error.to_string() };
    let board = match engine {
        Engine::Model => model_board(&config),
        Engine::Rtl => virtual_board(&config, &Options::default()).map_err(|error| failed(&error))?,
        Engine::RustHdl => rust_hdl_board(&config).map_err(|error| failed(&error))?,
    };
    if terminal { through_terminal(&name, board, baud) } else { Ok(Box::new(Direct::new(&name, board))) }
}

/// The reference model of a configuration as a board.
pub fn model_board(config: &ArrayConfig) -> Box<dyn Board + Send> {
    Box::new(ReferenceBoard::new(config))
}

/// The RTL of a configuration in rust-hdl's simulator as a board.
fn rust_hdl_board(config: &ArrayConfig) -> Result<Box<dyn Board + Send>, StartError> {
    Ok(Box::new(with_large_stack(|| RustHdlBoard::new(config))??))
}

/// Why there is no simulated board.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Virtual(#[from] VirtualBoardError),
    #[error(transparent)]
    RustHdl(#[from] BoardError),
    #[error("no thread to generate the RTL in: {0}")]
    Thread(#[from] std::io::Error),
}

/// The RTL of a configuration as a board.
pub fn virtual_board(config: &ArrayConfig, options: &Options) -> Result<Box<dyn Board + Send>, StartError> {
    Ok(Box::new(with_large_stack(|| VirtualBoard::new(config, options))??))
}

#[cfg(unix)]
fn through_terminal(name: &str, board: Box<dyn Board + Send>, baud: u32) -> Result<Box<dyn Port>, PortError> {
    let failed = |what: String| PortError::Other { name: name.into(), what };
    let board = nernst_sim::PtyBoard::spawn(board, None).map_err(|error| failed(error.to_string()))?;
    let path = board.path().to_str().ok_or_else(|| failed("a path that is not text".into()))?;
    Ok(Box::new(Terminal { name: name.into(), serial: Serial::open(path, baud)?, _board: board }))
}

#[cfg(not(unix))]
fn through_terminal(name: &str, board: Box<dyn Board + Send>, _baud: u32) -> Result<Box<dyn Port>, PortError> {
    // There are no pseudo-terminals here: the board is reached directly.
    Ok(Box::new(Direct::new(name, board)))
}

/// A board in a thread of this process, opened as a serial port.
#[cfg(unix)]
struct Terminal {
    name: String,
    /// Closed before the board ends.
    serial: Serial,
    _board: nernst_sim::PtyBoard,
}

#[cfg(unix)]
impl Port for Terminal {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.serial.write(bytes)
    }
    fn read(&mut self, buffer: &mut [u8], timeout: std::time::Duration) -> std::io::Result<usize> {
        self.serial.read(buffer, timeout)
    }
    fn now(&self) -> std::time::Duration {
        self.serial.now()
    }
    fn bytes_per_second(&self) -> Option<u32> {
        SIMULATED
    }
    fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_and_everything_else_is_a_path() {
        for name in [
            "virtual",
            "model:25f",
            "virtual-direct:some/config.toml",
            "rust-hdl:tiny",
            "model-pty",
            "/dev/ttyUSB0",
            "COM3",
            "modem",
        ] {
            let parsed: PortName = name.parse().unwrap();
            assert_eq!(parsed.to_string(), name);
            assert_eq!(
                matches!(parsed, PortName::Serial(_)),
                ["/dev/ttyUSB0", "COM3", "modem"].contains(&name),
                "{name}"
            );
        }
    }
}
