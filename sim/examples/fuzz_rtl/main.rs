//! Sends bytes that nobody should send to the RTL's end of the link, and begins a session after each burst of them, which must go as on the
//! reference model: no spike that was not sent, no weight changed, the same frames refused. Then Verilator runs the same bytes at the same
//! clocks, and must say the same bytes in the same clocks.
//!
//! ```text
//! cargo run --profile test --package nernst-sim --example fuzz_rtl -- [--bytes 10000000] [--seed 0] [--netsim-only] [--report FILE]
//! ```

#[allow(dead_code, reason = "an example needs a part of it")]
#[path = "../../tests/all/common/mod.rs"]
mod common;
use clap::Parser;
use common::noise::Noisy;
use common::verilator::Result;
use common::verilator::build::{FAST, SCRIPT, build, run};
use common::verilator::script::{self, Command as Step, Phase};
use nernst_hdl::generate::soc_verilog;
use nernst_spec::ArrayConfig;
use rust_hdl_netsim::{Options, Simulator};
use serde_json::json;
use std::fs;
use std::path::PathBuf;

/// Bytes of noise in a phase of the script, which is measured as one.
const PHASE: usize = 1_000_000;

/// Noise for the link of `tiny`, and sessions behind it.
#[derive(Parser)]
struct Arguments {
    /// Bytes of noise.
    #[arg(long, default_value_t = 10_000_000)]
    bytes: usize,
    /// What is random follows from it.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Does without Verilator.
    #[arg(long)]
    netsim_only: bool,
    /// Writes what was sent to this file, as JSON.
    #[arg(long)]
    report: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let config = ArrayConfig::ready("tiny")?;
    let verilog = soc_verilog(&config)?;
    let mut noisy = Noisy::new(&config, &verilog, arguments.seed);
    let mut phases = vec![];
    while noisy.bytes < arguments.bytes {
        let until = arguments.bytes.min(noisy.bytes + PHASE);
        while noisy.bytes < until {
            noisy = noisy.round()?;
        }
        phases.push(Phase { name: "noise", commands: noisy.take_chunks().into_iter().map(Step::Send).collect() });
        eprintln!("{} bytes of noise, {} sessions", noisy.bytes, noisy.rounds);
    }
    println!(
        "{} bytes of noise in {} bursts, {} frames refused, a session after each as on the reference model",
        noisy.bytes, noisy.rounds, noisy.frames_refused
    );

    let mut clocks = None;
    if !arguments.netsim_only {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("top.v"), &verilog)?;
        fs::write(folder.path().join("script.txt"), script::text(&phases))?;
        build(folder.path(), SCRIPT, FAST)?;
        let (_, other) = run(folder.path(), &phases)?;
        let mut simulator = Simulator::from_verilog(&verilog, &Options::default())?;
        let (measured, answer) = script::in_netsim(&mut simulator, &phases)?;
        if answer != other {
            return Err("netsim and Verilator differ".into());
        }
        clocks = Some(measured.iter().map(|phase| phase.clocks).sum::<u64>());
        println!("Verilator: the same {} bytes in the same clocks", answer.len());
    }
    if let Some(path) = arguments.report {
        let report = json!({
            "config": config.name,
            "seed": arguments.seed,
            "bytes": noisy.bytes,
            "sessions": noisy.rounds,
            "frames_refused": noisy.frames_refused,
            "clocks_in_verilator": clocks,
            "faults": 0,
        });
        fs::write(path, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    Ok(())
}
