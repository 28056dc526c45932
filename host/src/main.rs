//! The `nernst` command.
//!
//! Exit codes: 0 success; 1 the command failed or a run differs from the reference model; 2 wrong usage; 130 stopped
//! with Ctrl-C.

mod cmd;

use clap::Parser;
use std::process::ExitCode;

/// Train, compile, load, run and account for spiking networks on Nernst.
#[derive(Parser)]
#[command(name = "nernst", version)]
struct Cli {
    #[command(subcommand)]
    command: cmd::Command,
}

fn main() -> ExitCode {
    match Cli::parse().command.run(&mut std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", format!("{error:#}").replace('\n', "; "));
            ExitCode::FAILURE
        }
    }
}
