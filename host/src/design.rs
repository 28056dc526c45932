//! The design of an array for a board: Verilog and pins.

use crate::stack::with_large_stack;
use nernst_hdl::board::TopError;
use nernst_hdl::generate::{BoardDesign, GenerateError, board_verilog};
use nernst_spec::ArrayConfig;
use rust_hdl_bsp_ecp5::boards::Board;
use rust_hdl_bsp_ecp5::primitives::PllError;

/// Why there is no design.
#[derive(Debug, thiserror::Error)]
pub enum DesignError {
    #[error("the RTL cannot be generated: {0}")]
    Generate(#[from] GenerateError),
    #[error("no thread to generate the RTL in: {0}")]
    Thread(#[from] std::io::Error),
}

impl DesignError {
    /// The frequency nearest to the wanted one, when the board's PLL cannot make that.
    pub fn nearest_mhz(&self) -> Option<f64> {
        match self {
            Self::Generate(GenerateError::Top {
                source: TopError::Pll(PllError::NotReachable { nearest_mhz, .. }),
                ..
            }) => Some(*nearest_mhz),
            _ => None,
        }
    }
}

/// Generates the Verilog of an array and its pins on a board.
pub fn make(board: &Board, config: &ArrayConfig) -> Result<BoardDesign, DesignError> {
    Ok(with_large_stack(|| board_verilog(config, board))??)
}
