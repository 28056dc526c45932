use super::Failure;
use anyhow::Context;
use nernst::timing::{Scenario, run, scenarios};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Draw timing diagrams of the array's pipelines from a simulation of its RTL.
///
/// Runs the generated Verilog of small arrays through short scripts and writes NAME.json (WaveJSON, for WaveDrom) and NAME.svg of each: `walk`, a tick with
/// three events; `turn`, a ring turns and a neuron fires; `spike`, from a neuron unit to the scheduler of another core; `write` and `read`, of a
/// word; `context`, one comes into the lanes and goes.
#[derive(clap::Args)]
pub struct Timing {
    /// Diagrams to draw [default: all].
    diagrams: Vec<String>,
    /// Folder to write to; made if need be.
    #[arg(short, long, default_value = ".")]
    output: PathBuf,
}

impl Timing {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let chosen = self.chosen()?;
        std::fs::create_dir_all(&self.output).with_context(|| format!("cannot make {}", self.output.display()))?;
        for scenario in &chosen {
            let diagram = run(scenario)?;
            let path = |extension: &str| self.output.join(format!("{}.{extension}", scenario.name));
            write_file(out, &path("json"), &diagram.wave_json())?;
            write_file(out, &path("svg"), &diagram.svg()?)?;
        }
        Ok(())
    }

    fn chosen(&self) -> anyhow::Result<Vec<Scenario>> {
        let all = scenarios()?;
        if let Some(unknown) = self.diagrams.iter().find(|name| all.iter().all(|scenario| scenario.name != *name)) {
            let names: Vec<&str> = all.iter().map(|scenario| scenario.name).collect();
            let help = format!("diagrams: {}", names.join(", "));
            return Err(Failure { what: format!("unknown diagram `{unknown}`"), help }.into());
        }
        let wanted = |scenario: &Scenario| self.diagrams.is_empty() || self.diagrams.iter().any(|n| n == scenario.name);
        Ok(all.into_iter().filter(wanted).collect())
    }
}

fn write_file(out: &mut impl Write, path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    writeln!(out, "wrote {}", path.display())?;
    Ok(())
}
