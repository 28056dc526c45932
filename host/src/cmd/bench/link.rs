use super::{check, write_file};
use crate::cmd::spinner;
use nernst::bench::link::rate::{LinkRate, Way, rate};
use nernst::bench::link::{LineRate, Uart};
use nernst::config;
use nernst::port::{self, Engine, PortName, Serial};
use std::io::Write;
use std::path::PathBuf;

/// Share of the link that spikes get in both directions at once, and how long a command and its reply take.
///
/// Spikes go to the board and come back from it at the same time. Behind `virtual` the RTL runs with its UART, bit by bit, behind `model` the reference model on a line
/// of the same speed; both in simulated time, so that this machine's speed does not matter. A serial port is measured as it is.
#[derive(clap::Args)]
pub struct Link {
    /// Port of the board, as in `nernst run`.
    #[arg(short, long, env = "NERNST_PORT", default_value = "virtual")]
    port: PortName,
    /// Arrays, for ports that do not say which: ready configurations or TOML files.
    #[arg(short, long, value_delimiter = ',', default_value = "tiny")]
    config: Vec<String>,
    /// Speed of the line in baud [default: that of the configuration].
    #[arg(long)]
    baud: Option<u32>,
    /// Ticks with spikes.
    #[arg(short, long, default_value_t = 2000)]
    ticks: usize,
    /// Write everything as JSON to a file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Link {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let names = match &self.port {
            PortName::Inside { config: Some(config), .. } => vec![config.clone()],
            _ => self.config.clone(),
        };
        let mut rates = vec![];
        for name in &names {
            let spinner = spinner(name);
            let measured = self.measure(name);
            spinner.finish_and_clear();
            let measured = measured?;
            print(out, &measured)?;
            rates.push(measured);
        }
        if let Some(path) = &self.json {
            write_file(out, path, &(serde_json::to_string_pretty(&rates)? + "\n"))?;
        }
        check(rates.iter().map(|rate| rate.mismatches).sum())
    }

    fn measure(&self, name: &str) -> anyhow::Result<LinkRate> {
        let config = config::find(name)?;
        let baud = self.baud.unwrap_or(config.baud);
        let PortName::Inside { engine, .. } = self.port else {
            return Ok(rate(Serial::open(&self.port.to_string(), baud)?, baud, self.ticks)?);
        };
        Ok(match engine {
            Engine::Model => rate(LineRate::new("model", port::model_board(&config), baud), baud, self.ticks)?,
            Engine::Rtl | Engine::RustHdl => {
                let uart = Uart::start(&config, baud)?;
                let baud = uart.baud();
                rate(uart, baud, self.ticks)?
            }
        })
    }
}

fn print(out: &mut impl Write, rate: &LinkRate) -> std::io::Result<()> {
    writeln!(
        out,
        "{} on `{}`: {} baud, 8N1 carries {:.1} kB/s of payload in frames as long as they can be ({:.1} % of them is framing)",
        rate.config,
        rate.port,
        rate.baud,
        rate.capacity / 1e3,
        100.0 * rate.framing
    )?;
    writeln!(out, "{:10}{:>14}{:>16}{:>14}{:>14}", "", "payload kB/s", "of what 8N1", "bytes on the", "payload of a")?;
    writeln!(out, "{:10}{:>14}{:>16}{:>14}{:>14}", "", "of spikes", "carries", "line", "frame, mean")?;
    let row = |out: &mut dyn Write, name: &str, way: &Way| {
        let mean = way.traffic.stream_payload as f64 / way.traffic.stream_frames.max(1) as f64;
        writeln!(
            out,
            "{name:10}{:>14.1}{:>14.1} %{:>12.1} %{mean:>14.1}",
            way.payload_per_second / 1e3,
            100.0 * way.of_capacity,
            100.0 * way.of_line
        )
    };
    row(out, "to board", &rate.to_board)?;
    row(out, "from board", &rate.from_board)?;
    writeln!(
        out,
        "round trip of an empty command: median {:.0} us, worst {:.0} us; {} frames sent again in {} ticks ({:.2} s)",
        1e6 * rate.round_trip_median,
        1e6 * rate.round_trip_worst,
        rate.link.frames_resent,
        rate.ticks,
        rate.seconds
    )?;
    writeln!(out, "spikes that did not come back as they went: {}\n", rate.mismatches)
}
