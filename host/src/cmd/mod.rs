//! Subcommands, one a file.

mod compile;
mod plot;
mod train;

use clap::Subcommand;
use std::io::Write;

#[derive(Subcommand)]
pub enum Command {
    Train(train::Train),
    Compile(compile::Compile),
    Plot(plot::Plot),
}

impl Command {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        match self {
            Command::Train(command) => command.run(),
            Command::Compile(command) => command.run(out),
            Command::Plot(command) => command.run(),
        }
    }
}
