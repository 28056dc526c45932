use super::{Failure, spinner, stop_signal};
use anyhow::Context;
use nernst::{config, port};
use nernst_sim::PtyBoard;
use nernst_sim::virtual_board::{Line, Options, Trace};
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
    #[arg(short, long, value_enum, default_value = "rtl")]
    engine: Engine,
    /// A symbolic link to make to the port.
    #[arg(short, long, value_name = "PATH")]
    link: Option<PathBuf>,
    /// Pass every bit through the RTL's UART, this many clocks long (4 or more), instead of whole bytes behind it: slow.
    #[arg(long, value_name = "CLOCKS")]
    uart_bits: Option<u32>,
    /// Write waveforms of the RTL while it runs (VCD): large.
    #[arg(long, value_name = "FILE")]
    vcd: Option<PathBuf>,
    /// Limit the waveforms to this instance of the RTL and all below it, such as `top$array`; may be repeated.
    #[arg(long, value_name = "INSTANCE", requires = "vcd")]
    vcd_scope: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum Engine {
    /// The RTL that is synthesised for a board, simulated clock by clock.
    Rtl,
    /// The reference model: the same answers, without clocks.
    Model,
}

impl Vboard {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let stop = stop_signal()?;
        let config = config::find(&self.config)?;
        let board = match self.engine {
            Engine::Model => {
                if self.uart_bits.is_some() || self.vcd.is_some() {
                    let help = "leave --uart-bits and --vcd out, or use --engine rtl".into();
                    return Err(
                        Failure { what: "the reference model has neither bits nor waveforms".into(), help }.into()
                    );
                }
                port::model_board(&config)
            }
            Engine::Rtl => {
                let options = Options {
                    line: self.uart_bits.map_or(Line::Bytes, |clocks_per_bit| Line::Uart { clocks_per_bit }),
                    trace: self.vcd.map(|path| Trace { path, scopes: self.vcd_scope }),
                    ..Options::default()
                };
                let spinner = spinner("building the virtual board");
                let board = port::virtual_board(&config, &options);
                spinner.finish_and_clear();
                board?
            }
        };
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
