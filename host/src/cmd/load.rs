use super::args::{ImageArgs, PortArgs, load};
use std::io::Write;

/// Load a network into a board and verify every word of it.
#[derive(clap::Args)]
pub struct Load {
    #[command(flatten)]
    image: ImageArgs,
    #[command(flatten)]
    port: PortArgs,
}

impl Load {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let image = self.image.image()?;
        let mut session = self.port.open(Some(&image.config))?;
        let report = load(&mut session, &image)?;
        writeln!(
            out,
            "loaded `{}` into {}: {} words, {} of them written, all verified by {} digests",
            image.name,
            session.port_name(),
            report.words,
            report.words_written,
            report.digests
        )?;
        Ok(())
    }
}
