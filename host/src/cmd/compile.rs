/// Place a network on an array write its image.
#[derive(clap::Args)]
pub struct Compile {}

impl Compile {
    pub fn run(self) -> anyhow::Result<()> {
        anyhow::bail!("`nernst compile` is not in this build")
    }
}
