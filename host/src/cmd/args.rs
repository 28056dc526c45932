//! Arguments that several subcommands share.

use super::{Failure, progress_bar, spinner, stop_signal};
use anyhow::Context;
use nernst::energy::PriceTable;
use nernst::energy::prices::{self, PriceError};
use nernst::mapper::Placement;
use nernst::network::Network;
use nernst::port::{self, FaultPlan, Faulty, PortName};
use nernst::report::{InjectedFaults, ReportError, RunReport};
use nernst::session::Session;
use nernst::trace::{Trace, TraceError};
use nernst::{config, design, mapper};
use nernst_hdl::generate::BoardDesign;
use nernst_spec::{ArrayConfig, Image};
use rust_hdl_bsp_ecp5::boards::{self, Board};
use std::path::{Path, PathBuf};

/// Speed of a serial port when nothing says another.
pub const DEFAULT_BAUD: u32 = 3_000_000;

/// Which board.
#[derive(clap::Args)]
pub struct PortArgs {
    /// Port of the board: a serial port (`nernst ports` lists them), `virtual` for the board's RTL in simulation
    /// (`rust-hdl`: in rust-hdl's own simulator, slowly), or `model` for the reference model; those take a configuration, as in
    /// `virtual:25f`.
    #[arg(short, long, env = "NERNST_PORT", default_value = "virtual")]
    port: PortName,
    /// Speed of a serial port in baud [default: that of the image's configuration, or 3000000].
    #[arg(long, env = "NERNST_BAUD")]
    baud: Option<u32>,
    /// Rehearse a bad cable: put faults on the line, as in `drop=1e-4,flip=1e-4,seed=7` or `disconnect@5000`. Kinds: insert, drop, flip,
    /// duplicate, delay, tear, stall, disconnect; `KIND=RATE` for each byte, `KIND@BYTES` once after so many (`KIND@to:BYTES`: to the board;
    /// `KIND@from:BYTES`: from it). docs/link.md says more.
    #[arg(long, value_name = "SPEC")]
    faults: Option<FaultPlan>,
}

impl PortArgs {
    /// Opens the port and synchronises. `config` is what a board in this process is, unless its port names another.
    pub fn open(&self, config: Option<&ArrayConfig>) -> anyhow::Result<Session> {
        let baud = self.baud.or(config.map(|config| config.baud)).unwrap_or(DEFAULT_BAUD);
        let default = match config {
            Some(config) => config.clone(),
            None => ArrayConfig::ready("tiny")?,
        };
        let spinner = spinner("building the virtual board");
        let port = port::open(&self.port, baud, &default);
        spinner.finish_and_clear();
        let mut port = port?;
        if let Some(plan) = &self.faults {
            port = Box::new(Faulty::with_plan(port, plan.clone()));
        }
        Ok(Session::open_until(port, stop_signal()?)?)
    }

    /// What came of the faults that were asked for.
    pub fn injected(&self, session: &Session) -> Option<InjectedFaults> {
        Some(InjectedFaults::new(self.faults.as_ref()?, session.faults()?))
    }
}

/// Which network: an image, or a network to be compiled.
#[derive(clap::Args)]
#[group(required = true, multiple = false, id = "source")]
pub struct ImageSource {
    /// Image file, as `nernst compile` writes it.
    #[arg(short, long)]
    image: Option<PathBuf>,
    /// Network file, as `nernst train` writes it; it is compiled first.
    #[arg(short, long)]
    network: Option<PathBuf>,
}

#[derive(clap::Args)]
pub struct ImageArgs {
    #[command(flatten)]
    source: ImageSource,
    /// Array to compile a network for: a ready configuration or a TOML file.
    #[arg(short, long, default_value = "25f", conflicts_with = "image")]
    config: String,
}

impl ImageArgs {
    pub fn image(&self) -> anyhow::Result<Image> {
        Ok(self.placed()?.0)
    }

    /// The image, and where the mapper put the network; `None` for an image from a file, which does not know it.
    pub fn placed(&self) -> anyhow::Result<(Image, Option<Placement>)> {
        if let Some(path) = &self.source.image {
            return Ok((read_image(path)?, None));
        }
        // clap has seen to it that one of them is there.
        let path = self.source.network.as_ref().context("neither image nor network")?;
        let network = Network::load(path)?;
        let (image, placement) = mapper::compile(&network, &config::find(&self.config)?)?;
        Ok((image, Some(placement)))
    }
}

/// An image from a file, checked.
pub fn read_image(path: &Path) -> anyhow::Result<Image> {
    let bytes = std::fs::read(path).map_err(|error| Failure {
        what: format!("cannot read image {}: {error}", path.display()),
        help: "`nernst compile` writes images".into(),
    })?;
    Image::from_bytes(&bytes).map_err(|error| {
        let what = format!("{}: {error}", path.display());
        Failure { what, help: "make it again with `nernst compile`".into() }.into()
    })
}

/// Loads an image with a progress bar, and says what was loaded.
pub fn load(session: &mut Session, image: &Image) -> anyhow::Result<nernst::session::LoadReport> {
    let bar = progress_bar("loading", 0);
    let report = session.load(image, |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    Ok(report?)
}

/// What is to be built for which board.
#[derive(clap::Args)]
pub struct DesignArgs {
    /// Board: `nernst boards` lists them.
    #[arg(short, long)]
    board: String,
    /// Array: a ready configuration or a TOML file.
    #[arg(short, long)]
    config: String,
    /// Clock of the array in MHz, instead of that of its configuration.
    #[arg(short, long, value_name = "MHZ")]
    freq: Option<f64>,
}

impl DesignArgs {
    pub fn board(&self) -> anyhow::Result<&'static Board> {
        board(&self.board)
    }

    pub fn config(&self) -> anyhow::Result<ArrayConfig> {
        let mut config = config::find(&self.config)?;
        if let Some(mhz) = self.freq {
            config.clock_hz = (mhz * 1e6).round() as u32;
            config.check().map_err(|error| Failure {
                what: error.to_string(),
                help: "give a --freq that is at least four times the baud rate".into(),
            })?;
        }
        Ok(config)
    }

    /// Generates the Verilog and the pins.
    pub fn make(&self) -> anyhow::Result<BoardDesign> {
        design::make(self.board()?, &self.config()?).map_err(|error| {
            let what = error.to_string();
            match error.nearest_mhz() {
                Some(mhz) => {
                    let help = format!("give --freq {mhz}, or a configuration whose `clock_hz` this board can make");
                    Failure { what, help }.into()
                }
                None => error.into(),
            }
        })
    }
}

/// A board by its name.
pub fn board(name: &str) -> anyhow::Result<&'static Board> {
    boards::board(name).map_err(|error| {
        let help = format!("boards: {}", error.known);
        Failure { what: format!("unknown board `{}`", error.name), help }.into()
    })
}

/// Which prices.
#[derive(clap::Args)]
pub struct PriceArgs {
    /// Price table: the name of one that comes with the program, or a TOML file. Several give a range [default: `ecp5`].
    #[arg(short, long, value_name = "NAME|FILE")]
    prices: Vec<String>,
}

impl PriceArgs {
    /// Whether no tables are named.
    pub fn is_default(&self) -> bool {
        self.prices.is_empty()
    }

    /// The tables named, or the default ones.
    pub fn tables(&self) -> anyhow::Result<Vec<PriceTable>> {
        let tables = match self.prices.as_slice() {
            [] => prices::find(prices::DEFAULT).map(|table| vec![table]),
            names => names.iter().map(|name| prices::find(name)).collect(),
        };
        tables.map_err(|error: PriceError| Failure { what: error.to_string(), help: error.help() }.into())
    }
}

/// The report of a run, or what to do about it.
pub fn load_run(path: &Path) -> anyhow::Result<RunReport> {
    let failure = |error: ReportError| Failure { what: error.to_string(), help: error.help().into() };
    Ok(RunReport::load(path).map_err(failure)?)
}

/// A trace from a file.
pub fn load_trace(path: &Path) -> anyhow::Result<Trace> {
    let failure = |error: TraceError| Failure { what: error.to_string(), help: error.help().into() };
    Ok(Trace::load(path).map_err(failure)?)
}
