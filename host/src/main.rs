//! The `nernst` command.
//!
//! Exit codes: 0 success; 1 the command failed, or a run differs from the reference model; 2 wrong usage; 130 stopped
//! with Ctrl-C.

mod cmd;

use clap::Parser;
use nernst::session::SessionError;
use rust_hdl_bsp_ecp5::flow::FlowError;
use std::io::Write;
use std::process::ExitCode;

/// Train, compile, load, run and account for spiking networks on Nernst.
#[derive(Parser)]
#[command(name = "nernst", version)]
struct Cli {
    #[command(subcommand)]
    command: cmd::Command,
}

fn main() -> ExitCode {
    let mut out = std::io::stdout().lock();
    let result = Cli::parse().command.run(&mut out).and_then(|()| Ok(out.flush()?));
    let Err(error) = result else { return ExitCode::SUCCESS };
    if is_broken_pipe(&error) {
        // Whoever read our output has seen enough.
        return ExitCode::SUCCESS;
    }
    eprintln!("error: {}", one_line(&error));
    if let Some(help) = cmd::help_for(&error) {
        eprintln!("help: {help}");
    }
    match cmd::session_error(&error) {
        Some(SessionError::Interrupted) => ExitCode::from(130),
        _ if matches!(error.downcast_ref(), Some(FlowError::Stopped { .. })) => ExitCode::from(130),
        _ => ExitCode::FAILURE,
    }
}

/// An error and its causes in one line; a cause that the text before it quotes is not said twice.
fn one_line(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
