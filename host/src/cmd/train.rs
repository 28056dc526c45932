/// Train a network on a data set.
#[derive(clap::Args)]
pub struct Train {}

impl Train {
    pub fn run(self) -> anyhow::Result<()> {
        anyhow::bail!("`nernst train` is not in this build")
    }
}
