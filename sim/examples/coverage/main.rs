//! What of the generated Verilog the checks reach: which lines are run and which bits change, counted by Verilator's models of an array with everything:
//! of the array alone, on which random networks run, and of the board, to which hosts of all kinds talk. What the models say is compared with netsim, clock by
//! clock.
//!
//! ```text
//! cargo run --profile test --package nernst-sim --example coverage -- [--networks 30] [--seed 0] [--model FOLDER] [--report FILE]
//! ```
//! `--model` keeps Verilator's models in a folder, and takes those that are there if they are of the same Verilog.

mod array;
#[allow(dead_code, reason = "an example needs a part of it")]
#[path = "../../tests/all/common/mod.rs"]
mod common;
mod holes;
mod nets;
mod points;

use clap::Parser;
use common::hosts;
use common::networks::everything_and_wide;
use common::systems::Search;
use common::verilator::Result;
use common::verilator::build::{COVERAGE, SCRIPT, build, run};
use common::verilator::script::{self, Command, Phase};
use holes::Coverage;
use nernst_hdl::generate::{array_verilog, soc_verilog};
use nernst_sim::RtlArray;
use nets::Nets;
use points::{Part, Points};
use rust_hdl_bsp_ecp5::flow::Toolchain;
use rust_hdl_netsim::{Options, Simulator};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What of the generated Verilog the checks reach, counted by Verilator.
#[derive(Parser)]
struct Arguments {
    /// Random networks on the array alone.
    #[arg(long, default_value_t = 30)]
    networks: u32,
    /// What is random follows from it.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Keeps Verilator's models in this folder, and takes those that are there if they are of the same Verilog.
    #[arg(long)]
    model: Option<PathBuf>,
    /// Writes what was reached to this file, as JSON.
    #[arg(long)]
    report: Option<PathBuf>,
}

/// Verilator's model of a text in this folder, built if it is not there.
fn model(folder: &Path, verilog: &str, driver: &str) -> Result<()> {
    let is_there = fs::read_to_string(folder.join("top.v")).is_ok_and(|text| text == verilog);
    if !is_there || !folder.join("build/Vtop").exists() {
        fs::write(folder.join("top.v"), verilog)?;
        eprintln!("built in {:.0?}", build(folder, driver, COVERAGE)?);
    }
    Ok(())
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let start = Instant::now();
    let config = everything_and_wide();
    let found = (config.cores.len(), config.neurons());
    if found != holes::ARRAY {
        return Err(format!(
            "{} has (cores, neurons) {found:?}: the reasons in holes.rs are of {:?}",
            config.name,
            holes::ARRAY
        )
        .into());
    }
    let (verilog, of_array) = (soc_verilog(&config)?, array_verilog(&config)?);
    let temporary = tempfile::tempdir()?;
    let folder = arguments.model.as_deref().unwrap_or(temporary.path());
    let [board, array] = ["board", "array"].map(|name| folder.join(name));
    [&board, &array].into_iter().try_for_each(fs::create_dir_all)?;
    let mut points = Points::default();

    let search = Search { seed: arguments.seed, folder: Path::new("build/counterexamples/coverage") };
    fs::write(array.join("ports.h"), array::header(&RtlArray::from_verilog(&config, &of_array)?.ports()))?;
    model(&array, &of_array, array::TRACE)?;
    let seen = array::record(&search, &config, &of_array, arguments.networks, &array)?;
    let clocks_of_array = array::play(&array)?;
    println!("random networks on the array: {clocks_of_array} clocks, every output as in netsim; {seen}");
    points.add(&fs::read_to_string(array.join("coverage.dat"))?, &Part::new("array", &of_array, &verilog))?;

    model(&board, &verilog, SCRIPT)?;
    let mut simulator = Simulator::from_verilog(&verilog, &Options::default())?;
    let (mut sessions, mut clocks_of_board) = (0, 0);
    // Payloads of every length are many bytes for few lines of the link.
    for host in hosts::behind_the_uart(&config, &verilog)?.into_iter().filter(|host| host.name != "lengths") {
        let phases = [Phase { name: "host", commands: host.said.into_iter().map(Command::Send).collect() }];
        fs::write(board.join("script.txt"), script::text(&phases))?;
        let (measured, answer) = run(&board, &phases)?;
        simulator.restart();
        let (_, expected) = script::in_netsim(&mut simulator, &phases)?;
        if answer != expected {
            return Err(format!("{}: Verilator and netsim answer differently", host.name).into());
        }
        points.add(&fs::read_to_string(board.join("coverage.dat"))?, &Part::whole())?;
        sessions += 1;
        let clocks: u64 = measured.iter().map(|phase| phase.clocks).sum();
        clocks_of_board += clocks;
        println!("{}: {clocks} clocks, {} bytes answered as in netsim", host.name, answer.len());
    }
    let nets = Nets::new(&Toolchain::find(None)?.yosys, &board)?;
    let coverage = Coverage::new(&points, points.bits(&nets), &verilog);
    println!("{coverage}");
    if let Some(path) = arguments.report {
        let report = serde_json::json!({
            "config": config.name, "seed": arguments.seed, "seconds": start.elapsed().as_secs(), "random_networks": seen,
            "clocks_of_array": clocks_of_array, "sessions": sessions, "clocks_of_board": clocks_of_board, "coverage": coverage,
        });
        fs::write(path, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    Ok(())
}
