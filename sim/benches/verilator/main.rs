//! Speed of netsim beside Verilator, on the Verilog of whole arrays, with the same script and the same answer.
//!
//! ```text
//! cargo bench -p nernst-sim --bench verilator -- [CONFIG ...] [--keep FOLDER] [--netsim-only]
//! ```
//! Builds Verilator's model of each configuration (`25f` if none is named) with g++ -O3, which takes minutes for a large
//! chip, runs a script in both, refuses to go on if one byte or its clock differs, prints a table and writes it to
//! `reports/simulation.json`. Speeds are clocks per second of processor time, the best of the rounds; times to be ready
//! are of the clock on the wall.

#[allow(dead_code, reason = "a benchmark needs a part of it")]
#[path = "../../tests/all/common/mod.rs"]
mod common;
mod workload;

use common::verilator::Result;
use common::verilator::build::{self, ARGUMENTS, FAST, SCRIPT};
use common::verilator::script::{self, Measured};

use nernst_hdl::generate::soc_verilog;
use nernst_sim::VirtualBoard;
use nernst_spec::ArrayConfig;
use rust_hdl_netsim::{Options, Simulator};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// One line of the table.
struct Row {
    config: String,
    workload: &'static str,
    clocks: u64,
    netsim: f64,
    verilator: Option<f64>,
    netsim_ready: Duration,
    verilator_ready: Option<Duration>,
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1).filter(|a| a != "--bench");
    let (mut configs, mut keep, mut netsim_only) = (vec![], None, false);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--keep" => keep = Some(PathBuf::from(arguments.next().ok_or("--keep needs a folder")?)),
            "--netsim-only" => netsim_only = true,
            _ => configs.push(argument),
        }
    }
    if configs.is_empty() {
        configs.push("25f".into());
    }
    let mut rows = vec![];
    for config in &configs {
        let scratch = tempfile::tempdir()?;
        let folder = keep.as_deref().unwrap_or(scratch.path()).join(config);
        fs::create_dir_all(&folder)?;
        rows.extend(compare(&ArrayConfig::ready(config)?, &folder, netsim_only)?);
    }
    print(&rows);
    if !netsim_only {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../reports/simulation.json");
        fs::write(path, serde_json::to_string_pretty(&report(&rows))? + "\n")?;
    }
    Ok(())
}

fn compare(config: &ArrayConfig, folder: &Path, netsim_only: bool) -> Result<Vec<Row>> {
    let verilog = soc_verilog(config)?;
    let phases = workload::script(config, VirtualBoard::from_verilog(&verilog, &Default::default())?);
    let load = || Simulator::from_verilog(&verilog, &Options::default());
    let start = Instant::now();
    let mut simulator = load()?;
    let netsim_ready = start.elapsed();
    let (mut netsim, answer) = script::in_netsim(&mut simulator, &phases)?;
    fs::write(folder.join("top.v"), &verilog)?;
    fs::write(folder.join("script.txt"), script::text(&phases))?;
    println!("{}: {} lines of Verilog, {:?}", config.name, verilog.lines().count(), simulator.statistics());
    let verilator = match netsim_only {
        true => None,
        false => Some(build::build(folder, SCRIPT, FAST)?),
    };
    let mut verilator_measured = vec![];
    if verilator.is_some() {
        // By turns, as other work on the machine comes and goes.
        for _ in 0..2 {
            let (measured, other) = build::run(folder, &phases)?;
            assert!(answer == other, "{}: netsim and Verilator differ", config.name);
            verilator_measured.extend(measured);
            netsim.extend(script::in_netsim(&mut load()?, &phases)?.0);
        }
        println!("{}: the same {} bytes in the same clocks", config.name, answer.len());
    }
    let row = |workload| Row {
        config: config.name.clone(),
        workload,
        clocks: netsim.iter().find(|m| m.name == workload).map_or(0, |m| m.clocks),
        netsim: best(&netsim, workload),
        verilator: verilator.map(|_| best(&verilator_measured, workload)),
        netsim_ready,
        verilator_ready: verilator,
    };
    Ok(["idle", "busy", "load"].map(row).into())
}

/// Clocks per second of the best round.
fn best(measured: &[Measured], workload: &str) -> f64 {
    let rates =
        measured.iter().filter(|m| m.name == workload).map(|m| m.clocks as f64 / m.processor_time.as_secs_f64());
    rates.fold(0.0, f64::max)
}

fn print(rows: &[Row]) {
    println!(
        "| config | workload | clocks | netsim, clocks/s | Verilator, clocks/s | ratio | netsim ready | Verilator built |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for r in rows {
        let verilator = r.verilator.map_or("-".into(), |v| format!("{v:.0}"));
        let ratio = r.verilator.map_or("-".into(), |v| format!("{:.1}", r.netsim / v));
        let built = r.verilator_ready.map_or("-".into(), |t| format!("{:.1} s", t.as_secs_f64()));
        println!(
            "| {} | {} | {} | {:.0} | {verilator} | {ratio} | {:.2} s | {built} |",
            r.config,
            r.workload,
            r.clocks,
            r.netsim,
            r.netsim_ready.as_secs_f64()
        );
    }
}

fn report(rows: &[Row]) -> Value {
    let row = |r: &Row| {
        json!({
            "config": r.config,
            "workload": r.workload,
            "clocks": r.clocks,
            "netsim_clocks_per_second": r.netsim.round(),
            "verilator_clocks_per_second": r.verilator.map(f64::round),
            "ratio": r.verilator.map(|v| (r.netsim / v * 10.0).round() / 10.0),
            "netsim_ready_seconds": (r.netsim_ready.as_secs_f64() * 100.0).round() / 100.0,
            "verilator_build_seconds": r.verilator_ready.map(|t| (t.as_secs_f64() * 10.0).round() / 10.0),
        })
    };
    let mut configs: Vec<&str> = rows.iter().map(|r| r.config.as_str()).collect();
    configs.dedup();
    json!({
        "command": format!("cargo bench -p nernst-sim --bench verilator -- {}", configs.join(" ")),
        "verilator": format!("verilator {ARGUMENTS} {FAST}"),
        "rows": rows.iter().map(row).collect::<Vec<_>>(),
    })
}
