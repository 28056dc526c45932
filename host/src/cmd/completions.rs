use clap::CommandFactory;
use clap_complete::Shell;
use std::io::Write;

/// Print a completion script for a shell.
#[derive(clap::Args)]
pub struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let mut script = vec![];
        clap_complete::generate(self.shell, &mut crate::Cli::command(), "nernst", &mut script);
        out.write_all(&script)?;
        Ok(())
    }
}
