use super::Failure;
use super::args::board;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::Command;

const LOADER: &str = "openFPGALoader";
const GET_LOADER: &str = "install openFPGALoader: `apt install openfpgaloader`, `brew install openfpgaloader`, or see \
     https://trabucayre.github.io/openFPGALoader/guide/install.html";

/// Put a bitstream into a board with openFPGALoader.
#[derive(clap::Args)]
pub struct Flash {
    /// Bitstream, as `nernst synth` writes it.
    bitstream: PathBuf,
    /// Board: `nernst boards` lists them.
    #[arg(short, long)]
    board: String,
    /// Write the board's flash memory, which outlasts a power cycle, instead of the FPGA's own.
    #[arg(long)]
    permanent: bool,
    /// More options for openFPGALoader, after `--`.
    #[arg(last = true)]
    options: Vec<String>,
}

impl Flash {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let board = board(&self.board)?;
        let path = self.bitstream.display();
        if !self.bitstream.is_file() {
            let help = format!("`nernst synth --board {}` makes one", board.name);
            return Err(Failure { what: format!("there is no bitstream {path}"), help }.into());
        }
        let mut command = Command::new(LOADER);
        command.args(["--board", board.loader_board]).args(self.permanent.then_some("--write-flash"));
        command.args(&self.options).arg(&self.bitstream);
        writeln!(out, "{LOADER} --board {} {path}", board.loader_board)?;
        out.flush()?;
        let status = command.status().map_err(|error| match error.kind() {
            ErrorKind::NotFound => Failure { what: format!("{LOADER} is not installed"), help: GET_LOADER.into() },
            _ => Failure { what: format!("{LOADER} does not start: {error}"), help: GET_LOADER.into() },
        })?;
        if !status.success() {
            let help = "its output is above; check the cable, and that this user may use the USB device".into();
            return Err(Failure { what: format!("{LOADER} failed with {status}"), help }.into());
        }
        writeln!(out, "{path} is in the {}", board.name)?;
        Ok(())
    }
}
