use super::args::board;
use anyhow::Context;
use nernst::{config, design};
use std::io::Write;
use std::path::PathBuf;

/// Write the Verilog of an array for a board, and the board's pins (LPF).
#[derive(clap::Args)]
pub struct Rtl {
    /// Board: `nernst boards` lists them.
    #[arg(short, long)]
    board: String,
    /// Array: a ready configuration or a TOML file.
    #[arg(short, long)]
    config: String,
    /// Folder to write `top.v` and `top.lpf` to; it is made if it does not exist.
    #[arg(short, long)]
    output: PathBuf,
}

impl Rtl {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let design = design::make(board(&self.board)?, &config::find(&self.config)?)?;
        std::fs::create_dir_all(&self.output).with_context(|| format!("cannot make {}", self.output.display()))?;
        for (name, text) in [("top.v", &design.verilog), ("top.lpf", &design.lpf)] {
            let path = self.output.join(name);
            std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
            writeln!(out, "wrote {} ({} lines)", path.display(), text.lines().count())?;
        }
        Ok(())
    }
}
