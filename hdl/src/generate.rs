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

#[cfg(test)]
mod tests {
    use super::*;
    use rust_hdl_bsp_ecp5::boards::boards;

    #[test]
    fn every_board_gets_a_design_with_all_its_ports() {
        let mut config = ArrayConfig::ready("tiny").unwrap();
        for board in boards() {
            // No PLL makes 50 MHz from 12.
            config.clock_hz = if board.clock_hz == 12_000_000 { 48_000_000 } else { 50_000_000 };
            let design = board_verilog(&config, board).unwrap();
            for port in ["clock", "uart_rx", "uart_tx", "led"] {
                assert!(design.lpf.contains(&format!("LOCATE COMP \"{port}")), "{}: {port}", board.name);
            }
            let wifi = design.lpf.contains("wifi_gpio0");
            assert_eq!(wifi, board.name.starts_with("ulx3s"), "{}", board.name);
            assert!(design.verilog.contains("EHXPLLL") && design.verilog.contains("module top("));
        }
    }

    /// Verilator and others read Verilog as SystemVerilog.
    #[test]
    fn no_name_is_a_keyword_of_systemverilog() {
        // What IEEE 1800-2017 reserves and Verilog does not.
        const KEYWORDS: &str = "
            accept_on alias always_comb always_ff always_latch assert assume before bind bins binsof bit break
            byte chandle checker class clocking const constraint context continue cover covergroup coverpoint
            cross dist do endchecker endclass endclocking endgroup endinterface endpackage endprogram
            endproperty endsequence enum event eventually expect export extends extern final first_match foreach
            forkjoin global iff ignore_bins illegal_bins implements implies import inside int interconnect
            interface intersect join_any join_none let local logic longint matches modport nettype new nexttime
            null package packed priority program property protected pure rand randc randcase randsequence ref
            reject_on restrict return s_always s_eventually s_nexttime s_until s_until_with sequence shortint
            shortreal soft solve static string strong struct super sync_accept_on sync_reject_on tagged this
            throughout timeprecision timeunit type typedef union unique unique0 until until_with untyped var
            virtual void wait_order weak wildcard with within";
        let keywords: Vec<&str> = KEYWORDS.split_whitespace().collect();
        // A core of every kind, so that every block is there.
        let config = ArrayConfig::from_toml(
            "name = 'all'\nclock_hz = 50_000_000\nbaud = 3_000_000\ninputs = 1\n\
             [[cores]]\ncount = 1\ntiles = 2\ntiles_per_unit = 2\nweight_bits = 4\nbanks = 2\n\
             [[cores]]\ncount = 1\ntiles = 1\ntiles_per_unit = 1\nweight_bits = 4\ncontexts = 2\n\
             [[cores]]\ncount = 1\ntiles = 1\ntiles_per_unit = 1\nweight_bits = 8\n",
        );
        let verilog = uart_soc_verilog(&config.unwrap()).unwrap();
        // Neither comments nor strings.
        let code = verilog.lines().map(|line| line.split("//").next().unwrap_or_default());
        let code = code.flat_map(|line| line.split('"').step_by(2));
        let words = code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$'));
        let found: Vec<&str> = words.filter(|word| keywords.contains(word)).collect();
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn a_design_without_a_part_is_whole_but_for_that() {
        let config = ArrayConfig::ready("tiny").unwrap();
        let whole = soc_verilog(&config).unwrap();
        for (part, outputs, kept) in
            [(Part::Ledger, &["busy", "used_up"][..], &[][..]), (Part::Budget, &["armed", "used_up"], &["busy"])]
        {
            assert_eq!(without(part, "module top(); endmodule"), None);
            let cut = without(part, &whole).unwrap();
            let is_zero = |name: &&str| cut.contains(&format!("always @(*) {name} = 0;"));
            assert!(outputs.iter().all(is_zero) && !kept.iter().any(is_zero), "{part:?}");
            assert_eq!(cut.matches("endmodule").count(), whole.matches("endmodule").count(), "other modules stay");
            rust_hdl_netsim::Simulator::from_verilog(&cut, &Default::default()).unwrap();
        }
    }

    #[test]
    fn a_rate_that_the_clock_cannot_make_is_refused_by_name() {
        let mut config = ArrayConfig::ready("tiny").unwrap();
        config.baud = config.clock_hz;
        let error = uart_soc_verilog(&config).unwrap_err().to_string();
        assert!(error.contains("configuration `tiny`") && error.contains("at least 4"), "{error}");
    }
}
