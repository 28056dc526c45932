use super::args::DesignArgs;
use anyhow::Context;
use std::io::Write;
use std::path::PathBuf;

/// Write the Verilog of an array for a board, and the board's pins (LPF).
#[derive(clap::Args)]
pub struct Rtl {
    #[command(flatten)]
    design: DesignArgs,
    /// Folder to write `top.v` and `top.lpf` to; it is made if it does not exist.
    #[arg(short, long)]
    output: PathBuf,
}

impl Rtl {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let design = self.design.make()?;
        std::fs::create_dir_all(&self.output).with_context(|| format!("cannot make {}", self.output.display()))?;
        for (name, text) in [("top.v", &design.verilog), ("top.lpf", &design.lpf)] {
            let path = self.output.join(name);
            std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
            writeln!(out, "wrote {} ({} lines)", path.display(), text.lines().count())?;
        }
        Ok(())
    }
}
