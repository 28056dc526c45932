use super::Failure;
use anyhow::Context;
use nernst::sweep::Table;
use rust_hdl_bsp_ecp5::flow::Run;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Put records of place and route together into one table.
///
/// Every `nernst synth` leaves such a record, `run.json`, whether it met its timing or not. Writes sweep.json, sweep.csv and
/// sweep.md, and prints the table: boards and configurations one after the other, of each the best run first. `nernst plot` draws
/// sweep.json.
#[derive(clap::Args)]
pub struct Gather {
    /// Records (run.json).
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Folder to write to; made if need be.
    #[arg(short, long, default_value = ".")]
    output: PathBuf,
}

impl Gather {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let load = |path: &PathBuf| {
            Run::load(path).map_err(|error| {
                let help = "give files named run.json, as `nernst synth` writes them".into();
                anyhow::Error::from(Failure { what: error.to_string(), help })
            })
        };
        let table = Table::new(self.files.iter().map(load).collect::<anyhow::Result<Vec<Run>>>()?);
        std::fs::create_dir_all(&self.output).with_context(|| format!("cannot make {}", self.output.display()))?;
        write_table(&table, &self.output)?;
        write!(out, "{table}")?;
        Ok(())
    }
}

/// Writes sweep.json, sweep.csv and sweep.md.
pub fn write_table(table: &Table, dir: &Path) -> anyhow::Result<()> {
    let files = [("sweep.json", table.to_json()?), ("sweep.csv", table.to_csv()?), ("sweep.md", table.to_markdown())];
    for (name, text) in files {
        let path = dir.join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
