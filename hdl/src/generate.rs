//! From a configuration to Verilog.

use crate::array::Array;
use crate::board::{BoardTop, TopError, Ulx3sTop};
use crate::soc::{Soc, SocError, UartSoc};
use nernst_spec::ArrayConfig;
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::boards::Board;
use rust_hdl_bsp_ecp5::lpf::LpfError;
use rust_hdl_bsp_ecp5::ports::ports;
use rust_hdl_bsp_ecp5::simulate::{SimulateError, check};

/// Name of the top module of everything that is generated.
pub const TOP: &str = "top";

/// Why there is no Verilog.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    #[error("configuration `{name}`: {source}")]
    Soc { name: String, source: SocError },
    #[error("configuration `{name}` on board `{board}`: {source}")]
    Top { name: String, board: &'static str, source: TopError },
    #[error("configuration `{name}`: {source}")]
    Check { name: String, source: SimulateError },
    #[error("board `{board}`: {source}")]
    Pins { board: &'static str, source: LpfError },
}

/// A design for a board, ready for synthesis.
#[derive(Clone, Debug)]
pub struct BoardDesign {
    /// Name of the top module.
    pub top: &'static str,
    pub verilog: String,
    /// Pins and clock of the ports.
    pub lpf: String,
}

/// Verilog of an [`Array`] alone; its ports are those of the block.
pub fn array_verilog(config: &ArrayConfig) -> Result<String, GenerateError> {
    Ok(generate(Array::new(config), config)?.0)
}

/// Verilog of a [`Soc`]: ports `clock, rx_data, rx_valid, tx_data, tx_valid, tx_ready, quiet, ticking`.
pub fn soc_verilog(config: &ArrayConfig) -> Result<String, GenerateError> {
    let soc = Soc::new(config).map_err(|error| soc_error(config, error.into()))?;
    Ok(generate(soc, config)?.0)
}

/// Verilog of a [`UartSoc`]: ports `clock, rxd, txd, quiet, ticking`.
pub fn uart_soc_verilog(config: &ArrayConfig) -> Result<String, GenerateError> {
    let soc = UartSoc::new(config).map_err(|error| soc_error(config, error))?;
    Ok(generate(soc, config)?.0)
}

/// Verilog and pins of a configuration for a board: ports `clock, uart_rx, uart_tx, led`, and `wifi_gpio0` where the board has it.
pub fn board_verilog(config: &ArrayConfig, board: &Board) -> Result<BoardDesign, GenerateError> {
    let pins = |source| GenerateError::Pins { board: board.name, source };
    let top = |source| GenerateError::Top { name: config.name.clone(), board: board.name, source };
    let lpf = board.lpf().map_err(pins)?;
    let (verilog, ports) = if lpf.width("wifi_gpio0") > 0 {
        generate(Ulx3sTop::new(config, board).map_err(top)?, config)?
    } else if lpf.width("led") >= 8 {
        generate(BoardTop::<8>::new(config, board).map_err(top)?, config)?
    } else {
        generate(BoardTop::<1>::new(config, board).map_err(top)?, config)?
    };
    Ok(BoardDesign { top: TOP, verilog, lpf: board.constrain(&ports).map_err(pins)? })
}

/// What a design can do without, to measure what it takes of a chip: not for use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The whole ledger: nothing is counted, no budget is kept.
    Ledger,
    /// The budget alone: the ledger counts.
    Budget,
}

/// The same design without a part, whose outputs are 0. `None` if it is not in it.
pub fn without(part: Part, verilog: &str) -> Option<String> {
    let instance = match part {
        Part::Ledger => "$array$ledger(",
        Part::Budget => "$array$ledger$budget(",
    };
    let begin = verilog.find(instance).and_then(|at| verilog[..at].rfind("module "))?;
    let end = begin + verilog[begin..].find("endmodule")?;
    let is_port = |line: &&str| line.starts_with("input") || line.starts_with("output");
    let (head, body) = verilog[begin..end].split_once(';')?;
    let ports: Vec<&str> = body.lines().map(str::trim).filter(is_port).collect();
    let names = ports
        .iter()
        .filter(|line| line.starts_with("output"))
        .filter_map(|line| line.split([' ', ';']).rfind(|w| !w.is_empty()));
    let zeros: Vec<String> = names.map(|name| format!("always @(*) {name} = 0;")).collect();
    Some([&verilog[..begin], head, ";\n", &ports.join("\n"), "\n", &zeros.join("\n"), "\n", &verilog[end..]].concat())
}

fn soc_error(config: &ArrayConfig, source: SocError) -> GenerateError {
    GenerateError::Soc { name: config.name.clone(), source }
}

/// Checks a block and generates its Verilog.
fn generate<B: Block>(
    block: B,
    config: &ArrayConfig,
) -> Result<(String, Vec<rust_hdl_bsp_ecp5::ports::Port>), GenerateError> {
    // On the heap: a chip is too large to be moved about on the stack.
    let mut block = Box::new(block);
    block.connect_all();
    check(block.as_ref()).map_err(|source| GenerateError::Check { name: config.name.clone(), source })?;
    Ok((generate_verilog(block.as_ref()), ports(block.as_ref())))
}
