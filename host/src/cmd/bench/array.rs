use super::{check, write_file};
use crate::cmd::{Failure, spinner};
use nernst::bench::measure::{Plan, VERSION};
use nernst::bench::{ArrayReport, ConfigReport, Kind, Measurement, targets};
use nernst::{config, plot};
use nernst_sim::rtl_array::Phase;
use std::io::Write;
use std::path::PathBuf;

/// Clocks of a tick by phase, and synaptic operations per clock against the peak, for each workload.
///
/// The columns of clocks are means of a tick. `input`: the host's spikes are taken, one a clock, before the tick. The tick itself is
/// split, each clock counted once: `integrate`, some core adds an event; `fire`, rings turn in some core and none adds an event; `load`, a
/// context is brought into the lanes of some core and none adds or turns; `route`, spikes or events are on their way and none of these;
/// `wait`, all the rest. The columns of percent are synaptic operations per
/// clock as a share of the peak, one in every lane: `integration`, from the first event of a tick to the last, bubbles included; `tick`, over
/// whole ticks; `+input`, with the clocks of input, too.
#[derive(clap::Args)]
pub struct Array {
    /// Arrays: ready configurations or TOML files. An array with fewer than 512 input lines is given 512, which changes no clock.
    #[arg(short, long, value_delimiter = ',', default_value = "25f")]
    config: Vec<String>,
    /// Workloads: `random-K` (K active axons in every core and tick), `contexts-K` (the same in every context), `digits`, `dense` (every neuron fires in every tick, all hear
    /// it), `idle`.
    #[arg(short, long, value_delimiter = ',', default_values_t = Kind::DEFAULT)]
    workload: Vec<Kind>,
    /// Images of the digits, at most 360.
    #[arg(long, default_value_t = 360)]
    images: usize,
    /// Run this many digits through the whole chip and its UART, too, bit by bit, and say how long each takes on the wire.
    #[arg(long, value_name = "IMAGES", default_value_t = 0)]
    end_to_end: usize,
    /// Seed of the random networks.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write everything as JSON to a file, or to standard output in place of the text.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    json: Option<PathBuf>,
    /// Measure random networks of 1 to 512 active axons, too, and draw synaptic operations per clock against events as SVG.
    #[arg(long, value_name = "FILE")]
    roofline: Option<PathBuf>,
}

impl Array {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        if self.images == 0 {
            let help = "give at least one image".into();
            return Err(Failure { what: "no images to run".into(), help }.into());
        }
        let configs = self.config.iter().map(|name| config::find(name)).collect::<Result<Vec<_>, _>>()?;
        let plan = Plan {
            kinds: self.workload.clone(),
            images: self.images,
            seed: self.seed,
            roofline: self.roofline.is_some(),
            end_to_end: self.end_to_end,
        };
        let to_stdout = self.json.as_ref().is_some_and(|path| path.as_os_str() == "-");
        let mut report = ArrayReport { version: VERSION, configurations: vec![] };
        for config in &configs {
            let spinner = spinner(&config.name);
            let measured =
                ConfigReport::measure(config, &plan, |what| spinner.set_message(format!("{}: {what}", config.name)));
            spinner.finish_and_clear();
            report.configurations.push(measured?);
            if !to_stdout {
                print(out, &report.configurations[report.configurations.len() - 1])?;
            }
        }
        if let Some(path) = &self.roofline {
            let svg = plot::roofline(&report)?;
            write_file(
                &mut if to_stdout { Box::new(std::io::sink()) } else { Box::new(&mut *out) as Box<dyn Write> },
                path,
                &svg,
            )?;
        }
        let text = || serde_json::to_string_pretty(&report);
        match &self.json {
            Some(_) if to_stdout => writeln!(out, "{}", text()?)?,
            Some(path) => write_file(out, path, &(text()? + "\n"))?,
            None => {}
        }
        check(report.mismatches())
    }
}

fn print(out: &mut impl Write, report: &ConfigReport) -> anyhow::Result<()> {
    let mhz = f64::from(report.clock_hz) / 1e6;
    let peak = report.peak();
    writeln!(out, "{}: {} cores, peak {peak} synaptic operations a clock, {mhz:.1} MHz", report.config, report.cores)?;
    writeln!(
        out,
        "{:12}{:>10}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}  {:10}{:>12}{:>8}{:>8}",
        "workload",
        "events",
        "spikes",
        "input",
        "tick",
        "integr.",
        "fire",
        "load",
        "route",
        "wait",
        "binds",
        "integration",
        "tick",
        "+input"
    )?;
    report.workloads.iter().try_for_each(|measurement| row(out, measurement))?;
    for measurement in &report.workloads {
        let Some(latency) = measurement.latency else { continue };
        let us = |clocks: f64| clocks / mhz;
        writeln!(
            out,
            "{}: {} images, first event to last output {:.0} clocks ({:.1} us), worst {} ({:.1} us); to the end of the last tick {:.0}, worst {}",
            measurement.workload,
            latency.samples,
            latency.output_mean,
            us(latency.output_mean),
            latency.output_worst,
            us(latency.output_worst as f64),
            latency.end_mean,
            latency.end_worst
        )?;
    }
    if let Some(sum) = &report.end_to_end {
        let us = |clocks: f64| clocks / mhz;
        let per_sample = |bytes: u64| bytes as f64 / sum.samples.max(1) as f64;
        writeln!(
            out,
            "digits over the wire at {:.2} Mbaud: {} images, first bit to the chip to last bit from it {:.0} clocks ({:.0} us), worst {} ({:.0} us); {:.0} bytes there, {:.0} back",
            mhz / f64::from(sum.clocks_per_bit),
            sum.samples,
            sum.mean,
            us(sum.mean),
            sum.worst,
            us(sum.worst as f64),
            per_sample(sum.bytes_out),
            per_sample(sum.bytes_in)
        )?;
    }
    targets::targets(report).iter().try_for_each(|target| writeln!(out, "{target}"))?;
    writeln!(out, "mismatches with the reference model: {}\n", report.mismatches())?;
    Ok(())
}

/// A line of the table: means of a tick, events those of a core.
fn row(out: &mut impl Write, m: &Measurement) -> anyhow::Result<()> {
    write!(
        out,
        "{:12}{:>10.1}{:>8.1}{:>8.1}{:>8.1}",
        m.workload,
        m.events_per_core(),
        m.per_tick(m.spikes),
        m.per_tick(m.input_clocks),
        m.tick_clocks()
    )?;
    for phase in Phase::ALL {
        write!(out, "{:>8.1}", m.per_tick(m.split.of(phase)))?;
    }
    let percent = |rate: f64| 100.0 * m.of_peak(rate);
    writeln!(
        out,
        "  {:10}{:>10.1} %{:>6.1} %{:>6.1} %",
        m.binding(),
        percent(m.integrating()),
        percent(m.over_ticks()),
        percent(m.with_input())
    )?;
    Ok(())
}
