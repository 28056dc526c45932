//! What of the generated Verilog the checks reach: which lines are run and which bits change, counted by Verilator's model of an array with everything while
//! hosts of all kinds talk to it and random networks run on it. What the model answers is compared with netsim, byte by byte and clock by clock.
//!
//! ```text
//! cargo run --profile test --package nernst-sim --example coverage -- [--networks 40] [--seed 0] [--report FILE] [--points FILE]
//! ```
//! `--points` writes every point with its count, a line each.

#[allow(dead_code, reason = "an example needs a part of it")]
#[path = "../../tests/all/common/mod.rs"]
mod common;
mod points;

use common::hosts;
use common::networks::everything;
use common::systems::Search;
use common::systems::session::sessions;
use common::verilator::Result;
use common::verilator::build::{COVERAGE, build, run};
use common::verilator::script::{self, Command, Phase};
use nernst_hdl::generate::soc_verilog;
use points::Points;
use rust_hdl_netsim::{Options, Simulator};
use std::fs;
use std::path::{Path, PathBuf};

struct Arguments {
    networks: u32,
    seed: u64,
    report: Option<PathBuf>,
    points: Option<PathBuf>,
}

impl Arguments {
    fn parse() -> Result<Self> {
        let mut all = Self { networks: 40, seed: 0, report: None, points: None };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--networks" => all.networks = value()?.parse()?,
                "--seed" => all.seed = value()?.parse()?,
                "--report" => all.report = Some(value()?.into()),
                "--points" => all.points = Some(value()?.into()),
                other => return Err(format!("unknown argument {other}").into()),
            }
        }
        Ok(all)
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse()?;
    let config = everything();
    let verilog = soc_verilog(&config)?;
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    fs::write(folder.join("top.v"), &verilog)?;
    eprintln!("built in {:.0?}", build(folder, COVERAGE)?);
    let search = Search { seed: arguments.seed, folder: Path::new("build/counterexamples/coverage") };
    let (seen, networks) = sessions(&search, &config, &verilog, arguments.networks)?;
    let mut all = vec![("random networks", networks)];
    for host in hosts::behind_the_uart(&config, &verilog)? {
        all.push((
            host.name,
            vec![Phase { name: "host", commands: host.said.into_iter().map(Command::Send).collect() }],
        ));
    }
    let mut simulator = Simulator::from_verilog(&verilog, &Options::default())?;
    let mut points = Points::default();
    let mut clocks = 0;
    for (name, phases) in &all {
        fs::write(folder.join("script.txt"), script::text(phases))?;
        let (measured, answer) = run(folder, phases)?;
        simulator.restart();
        let (_, expected) = script::in_netsim(&mut simulator, phases)?;
        if answer != expected {
            return Err(format!("{name}: Verilator and netsim answer differently").into());
        }
        points.add(&fs::read_to_string(folder.join("coverage.dat"))?)?;
        let of_session: u64 = measured.iter().map(|phase| phase.clocks).sum();
        clocks += of_session;
        println!("{name}: {of_session} clocks, {} bytes answered as in netsim", answer.len());
    }
    let summary = points.summary();
    println!("{summary}");
    if let Some(path) = arguments.points {
        fs::write(path, points.list())?;
    }
    if let Some(path) = arguments.report {
        let report = serde_json::json!({
            "config": config.name, "seed": arguments.seed, "sessions": all.len(), "clocks": clocks, "random_networks": seen, "coverage": summary,
        });
        fs::write(path, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    Ok(())
}
