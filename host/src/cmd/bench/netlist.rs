use super::{check, write_file};
use crate::cmd::{Failure, progress_bar};
use anyhow::Context;
use nernst::bench::netlist::{self, NetlistReport};
use nernst::bench::{BenchError, Kind, Workload};
use nernst::coding::classify;
use nernst::config;
use nernst::data::{Dataset, SPLIT_SEED};
use nernst::runner::counts;
use rust_hdl_bsp_ecp5::flow::sha256;
use std::io::Write;
use std::path::PathBuf;

/// Digits on the netlist that synthesis made: 64 boards side by side, through their UARTs bit by bit.
///
/// Every spike that the hosts hear is compared with the reference model, and all membranes and activity counters after the last digit of each board; a
/// difference is a failure (exit code 1). The network is the largest shipped one that fits.
#[derive(clap::Args)]
pub struct OfNetlist {
    /// Netlist of a board (`yosys.json` of `nernst synth`, which `--stop-after yosys` ends with).
    #[arg(short, long, value_name = "FILE")]
    netlist: PathBuf,
    /// Array that the netlist was made of: a ready configuration or a TOML file.
    #[arg(short, long)]
    config: String,
    /// Digits, at most 360.
    #[arg(short, long, default_value_t = 360)]
    images: usize,
    /// Write everything as JSON to a file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl OfNetlist {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        if self.images == 0 {
            return Err(Failure { what: "no images to run".into(), help: "give at least one image".into() }.into());
        }
        let config = config::find(&self.config)?;
        let text = std::fs::read_to_string(&self.netlist).map_err(|error| Failure {
            what: format!("cannot read {}: {error}", self.netlist.display()),
            help: "`nernst synth --stop-after yosys` makes a netlist".into(),
        })?;
        let workload = Workload::new(Kind::Digits, &config, self.images, 0)?;
        let labels: Vec<usize> =
            Dataset::digits().split(SPLIT_SEED).test.iter().map(|sample| sample.label.into()).collect();
        let bar = progress_bar("boards", workload.runs.len().min(64));
        let mut correct = 0;
        let measured = netlist::run(
            &text,
            &workload.image,
            &workload.runs,
            |sample, ticks| correct += usize::from(classify(&counts(ticks, &workload.image.outputs)) == labels[sample]),
            |clocks, running| bar.set_message(format!("clock {clocks}, {running} boards")),
        );
        bar.finish_and_clear();
        let measured = measured.map_err(|error| match error {
            BenchError::Netlist(error) => Failure {
                what: error.to_string(),
                help: "give the netlist of `nernst synth` for this --config, made from this version's RTL".into(),
            }
            .into(),
            other => anyhow::Error::from(other),
        })?;
        let report = NetlistReport { netlist_sha256: sha256(&text), correct: Some(correct), ..measured };
        print(out, &report).context("cannot write")?;
        if let Some(path) = &self.json {
            write_file(out, path, &(serde_json::to_string_pretty(&report)? + "\n"))?;
        }
        check(report.mismatches)
    }
}

fn print(out: &mut impl Write, report: &NetlistReport) -> std::io::Result<()> {
    let NetlistReport { config, network, cells, samples, ticks, clocks, .. } = report;
    writeln!(out, "{network} on the netlist of {config}: {cells} cells, {clocks} clocks")?;
    let correct = report.correct.unwrap_or_default();
    writeln!(out, "{samples} digits, {correct} right, {ticks} ticks")?;
    let NetlistReport { spikes, membranes, counters, mismatches, .. } = report;
    writeln!(out, "compared: {spikes} spikes, {membranes} membranes, {counters} counters; mismatches: {mismatches}")?;
    report.first.iter().try_for_each(|first| writeln!(out, "first: {first}"))
}
