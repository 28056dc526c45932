/// Draw a trace or a report as SVG.
#[derive(clap::Args)]
pub struct Plot {}

impl Plot {
    pub fn run(self) -> anyhow::Result<()> {
        anyhow::bail!("`nernst plot` is not in this build")
    }
}
