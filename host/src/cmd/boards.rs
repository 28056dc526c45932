use rust_hdl_bsp_ecp5::boards::boards;
use std::io::Write;

/// List the boards that Nernst knows.
#[derive(clap::Args)]
pub struct Boards {}

impl Boards {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        for board in boards() {
            let clock = board.clock_hz as f64 / 1e6;
            writeln!(out, "{:<16}{:<16}{clock:>4} MHz  {}", board.name, board.device, board.description)?;
            if !board.serial_note.is_empty() {
                writeln!(out, "{:<16}{}", "", board.serial_note)?;
            }
        }
        Ok(())
    }
}
