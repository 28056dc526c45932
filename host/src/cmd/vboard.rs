use super::stop_signal;
use anyhow::Context;
use nernst::{config, port};
use nernst_sim::PtyBoard;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How soon Ctrl-C and a failure of the board are noticed.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Be a board: answer on a pseudo-terminal that any program opens like a serial port.
///
/// Prints `ready PATH` when the port can be opened, and runs until Ctrl-C.
#[derive(clap::Args)]
pub struct Vboard {
    /// What the board is: a ready configuration or a TOML file.
    #[arg(short, long, default_value = "25f")]
    config: String,
    /// What answers.
    #[arg(short, long, value_enum, default_value = "model")]
    engine: Engine,
    /// A symbolic link to make to the port.
    #[arg(short, long, value_name = "PATH")]
    link: Option<PathBuf>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Engine {
    /// The reference model.
    Model,
}

impl Vboard {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let stop = stop_signal()?;
        let config = config::find(&self.config)?;
        let engine = match self.engine {
            Engine::Model => port::Engine::Model,
        };
        let board = port::board(engine, &config);
        let pty = PtyBoard::spawn(board, self.link.as_deref())?;
        let path = self.link.as_deref().unwrap_or(pty.path());
        writeln!(out, "ready {}", path.display())?;
        out.flush()?;
        while pty.is_running() {
            if stop.load(Ordering::Relaxed) {
                return pty.stop().context("virtual board");
            }
            std::thread::sleep(LOOK_EVERY);
        }
        pty.join().context("virtual board")
    }
}
