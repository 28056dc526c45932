//! What of the generated Verilog the checks reach: which lines are run and which bits change, counted by Verilator's model of an array with everything while
//! hosts of all kinds talk to it and random networks run on it. What the model answers is compared with netsim, byte by byte and clock by clock.
//!
//! ```text
//! cargo run --profile test --package nernst-sim --example coverage -- [--networks 8] [--seed 0] [--model FOLDER] [--report FILE]
//! ```
//! `--model` keeps Verilator's model in a folder, and takes the one that is there if it is of the same Verilog.

#[allow(dead_code, reason = "an example needs a part of it")]
#[path = "../../tests/all/common/mod.rs"]
mod common;
mod holes;
mod nets;
mod points;

use common::hosts;
use common::networks::everything;
use common::systems::Search;
use common::systems::session::sessions;
use common::verilator::Result;
use common::verilator::build::{COVERAGE, build, run};
use common::verilator::script::{self, Command, Phase};
use holes::Coverage;
use nernst_hdl::generate::soc_verilog;
use nets::Nets;
use points::Points;
use rust_hdl_bsp_ecp5::flow::Toolchain;
use rust_hdl_netsim::{Options, Simulator};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

struct Arguments {
    networks: u32,
    seed: u64,
    model: Option<PathBuf>,
    report: Option<PathBuf>,
}

impl Arguments {
    fn parse() -> Result<Self> {
        let mut all = Self { networks: 8, seed: 0, model: None, report: None };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--networks" => all.networks = value()?.parse()?,
                "--seed" => all.seed = value()?.parse()?,
                "--model" => all.model = Some(value()?.into()),
                "--report" => all.report = Some(value()?.into()),
                other => return Err(format!("unknown argument {other}").into()),
            }
        }
        Ok(all)
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse()?;
    let start = Instant::now();
    let config = everything();
    let verilog = soc_verilog(&config)?;
    let temporary = tempfile::tempdir()?;
    let folder = arguments.model.as_deref().unwrap_or(temporary.path());
    fs::create_dir_all(folder)?;
    let is_there = fs::read_to_string(folder.join("top.v")).is_ok_and(|text| text == verilog);
    if !is_there || !folder.join("build/Vtop").exists() {
        fs::write(folder.join("top.v"), &verilog)?;
        eprintln!("built in {:.0?}", build(folder, COVERAGE)?);
    }
    let search = Search { seed: arguments.seed, folder: Path::new("build/counterexamples/coverage") };
    let (seen, networks) = sessions(&search, &config, &verilog, arguments.networks)?;
    let mut all = vec![("random networks", networks)];
    // Payloads of every length are many bytes for few lines of the link.
    for host in hosts::behind_the_uart(&config, &verilog)?.into_iter().filter(|host| host.name != "lengths") {
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
    let nets = Nets::new(&Toolchain::find(None)?.yosys, folder)?;
    let coverage = Coverage::new(&points, points.bits(&nets), &verilog);
    println!("{coverage}");
    if let Some(path) = arguments.report {
        let report = serde_json::json!({
            "config": config.name, "seed": arguments.seed, "seconds": start.elapsed().as_secs(), "sessions": all.len(), "clocks": clocks, "random_networks": seen, "coverage": coverage,
        });
        fs::write(path, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    Ok(())
}
