//! Subcommands, one a file.

mod args;
mod bench;
mod boards;
mod calibrate;
mod compile;
mod completions;
mod convert;
mod doctor;
mod export;
mod fit;
mod flash;
mod gather;
mod import;
mod info;
mod inspect;
mod ledger;
mod load;
mod monitor;
mod plot;
mod ports;
mod report;
mod rtl;
mod run;
mod samples;
mod spikes;
mod synth;
mod timing;
mod toggles;
mod train;
mod tune;
#[cfg(unix)]
mod vboard;

use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use nernst::bench::BenchError;
use nernst::config::ConfigError;
use nernst::port::PortError;
use nernst::runner::RunError;
use nernst::session::SessionError;
use std::fmt;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// Time from one picture of a spinner to the next.
const SPIN_EVERY: std::time::Duration = std::time::Duration::from_millis(100);

#[derive(Subcommand)]
pub enum Command {
    Train(train::Train),
    Inspect(inspect::Inspect),
    Import(import::Import),
    Export(export::Export),
    Compile(compile::Compile),
    Fit(fit::Fit),
    Run(Box<run::Run>),
    Convert(convert::Convert),
    Monitor(monitor::Monitor),
    Ledger(ledger::Ledger),
    Calibrate(calibrate::Calibrate),
    Bench(bench::Bench),
    Timing(timing::Timing),
    Toggles(toggles::Toggles),
    Report(report::Report),
    Plot(plot::Plot),
    Ports(ports::Ports),
    Doctor(doctor::Doctor),
    Boards(boards::Boards),
    Rtl(rtl::Rtl),
    Synth(synth::Synth),
    Gather(gather::Gather),
    Flash(flash::Flash),
    Info(info::Info),
    Load(load::Load),
    #[cfg(unix)]
    Vboard(vboard::Vboard),
    Completions(completions::Completions),
}

impl Command {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        match self {
            Command::Train(command) => command.run(out),
            Command::Inspect(command) => command.run(out),
            Command::Import(command) => command.run(out),
            Command::Export(command) => command.run(out),
            Command::Compile(command) => command.run(out),
            Command::Fit(command) => command.run(out),
            Command::Run(command) => command.run(out),
            Command::Convert(command) => command.run(out),
            Command::Monitor(command) => command.run(out),
            Command::Ledger(command) => command.run(out),
            Command::Calibrate(command) => command.run(out),
            Command::Bench(command) => command.run(out),
            Command::Timing(command) => command.run(out),
            Command::Toggles(command) => command.run(out),
            Command::Report(command) => command.run(out),
            Command::Plot(command) => command.run(out),
            Command::Boards(command) => command.run(out),
            Command::Rtl(command) => command.run(out),
            Command::Synth(command) => command.run(out),
            Command::Gather(command) => command.run(out),
            Command::Flash(command) => command.run(out),
            Command::Ports(command) => command.run(out),
            Command::Doctor(command) => command.run(out),
            Command::Info(command) => command.run(out),
            Command::Load(command) => command.run(out),
            #[cfg(unix)]
            Command::Vboard(command) => command.run(out),
            Command::Completions(command) => command.run(out),
        }
    }
}

/// A failure of a command itself, with what to do about it.
#[derive(Debug)]
pub struct Failure {
    pub what: String,
    pub help: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Failure {}

/// What a user can do about an error, where one of its causes knows.
pub fn help_for(error: &anyhow::Error) -> Option<String> {
    let help = |cause: &(dyn std::error::Error + 'static)| {
        let failure = cause.downcast_ref().map(|failure: &Failure| failure.help.clone());
        let port = || cause.downcast_ref().and_then(PortError::help);
        let run = || cause.downcast_ref().and_then(RunError::help);
        failure.or_else(port).or_else(run).or_else(|| cause.downcast_ref().and_then(ConfigError::help))
    };
    error.chain().find_map(help).or_else(|| session_error(error)?.help())
}

/// The session's error among the causes of an error.
pub fn session_error(error: &anyhow::Error) -> Option<&SessionError> {
    error.chain().find_map(|cause| match cause.downcast_ref() {
        // A transparent error stands for its only field, which is not a cause of its own.
        Some(RunError::Session(error)) => Some(error),
        _ => match cause.downcast_ref() {
            Some(BenchError::Session(error) | BenchError::Run(RunError::Session(error))) => Some(error),
            _ => cause.downcast_ref(),
        },
    })
}

/// Becomes true with Ctrl-C, so that a port is left as it was found. A second Ctrl-C ends the process at once.
pub fn stop_signal() -> anyhow::Result<Arc<AtomicBool>> {
    static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    if let Some(stop) = STOP.get() {
        return Ok(stop.clone());
    }
    let stop = STOP.get_or_init(Default::default).clone();
    let seen = stop.clone();
    ctrlc::set_handler(move || {
        if seen.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    })?;
    Ok(stop)
}

/// A progress bar on standard error, invisible when that is no terminal.
pub fn progress_bar(what: &str, length: usize) -> ProgressBar {
    let bar = ProgressBar::new(length as u64).with_message(what.to_string());
    // The template is a constant of this line: it parses.
    let style = ProgressStyle::with_template("{msg:8} [{bar:40}] {pos}/{len} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style.progress_chars("=> "))
}

/// A sign of life on standard error while something has no measure, invisible when that is no terminal.
pub fn spinner(what: &str) -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_message(what.to_string());
    spinner.enable_steady_tick(SPIN_EVERY);
    spinner
}
