//! Random systems by the thousand: networks on arrays of random shapes in netsim against the reference model, and networks on every ready array in
//! netsim and Verilator. What differs is made small and written as files for `nernst run`.
//!
//! ```text
//! cargo run --profile test --package nernst-sim --example soak -- [--systems 10000] [--seed 0] [--ready 8] [--report FILE]
//! ```
//! `--ready 0` leaves the ready arrays, and Verilator, out.

#[allow(dead_code, reason = "an example needs a part of it")]
#[path = "../../tests/all/common/mod.rs"]
mod common;

use clap::Parser;
use common::networks::everything;
use common::systems::search::on_random_arrays;
use common::systems::session::{VerilatorError, in_verilator};
use common::systems::{Search, Seen};
use common::verilator::Result;
use common::verilator::build::SOON;
use nernst_spec::ArrayConfig;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use std::{fs, thread};

/// Networks that follow each other on one array of a random shape.
const NETWORKS: u32 = 16;

/// Random systems on arrays of random shapes and on all that are ready.
#[derive(Parser)]
struct Arguments {
    /// Networks on random arrays.
    #[arg(long, default_value_t = 10_000)]
    systems: u64,
    /// What is random follows from it.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Networks on each of the ready arrays.
    #[arg(long, default_value_t = 8)]
    ready: u32,
    /// Writes what was compared to this file, as JSON.
    #[arg(long)]
    report: Option<PathBuf>,
}

/// Networks on arrays of random shapes, by all processors.
fn random_arrays(seed: u64, arrays: u64) -> Result<Seen> {
    let next = AtomicU64::new(0);
    let work = |thread: usize| {
        let folder = PathBuf::from(format!("build/counterexamples/{thread}"));
        let search = Search { seed, folder: &folder };
        let mut seen = Seen::default();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= arrays {
                return Ok(seen);
            }
            seen += on_random_arrays(&search, number, NETWORKS)?;
            if number % 50 == 49 {
                eprintln!("{} of {arrays} arrays", number + 1);
            }
        }
    };
    let threads = thread::available_parallelism()?.get();
    let work = &work;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|number| scope.spawn(move || work(number))).collect();
        let mut all = Seen::default();
        for thread in threads {
            // A panic of a comparison is one of this program.
            let seen: std::result::Result<Seen, String> =
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            all += seen?;
        }
        Ok(all)
    })
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let start = Instant::now();
    let arrays = arguments.systems.div_ceil(NETWORKS.into());
    let random = random_arrays(arguments.seed, arrays)?;
    println!("{arrays} arrays of random shapes: {random:?}");
    let mut ready = vec![];
    let all = ArrayConfig::ready_names().map(ArrayConfig::ready).chain([Ok(everything())]);
    for config in all.filter(|_| arguments.ready > 0) {
        let config = config?;
        let search = Search { seed: arguments.seed, folder: Path::new("build/counterexamples/ready") };
        let seen = in_verilator(&search, &config, arguments.ready, SOON).map_err(|error| match error {
            VerilatorError::Missing => "Verilator is not installed: apt install verilator g++ make".to_string(),
            VerilatorError::Failed(reason) => format!("{}: {reason}", config.name),
        })?;
        println!("{} in netsim and in Verilator: {seen:?}", config.name);
        ready.push(json!({ "config": config.name, "seen": seen }));
    }
    if let Some(path) = arguments.report {
        let report = json!({
            "seed": arguments.seed,
            "seconds": start.elapsed().as_secs(),
            "random_arrays": { "arrays": arrays, "seen": random },
            "netsim_and_verilator": ready,
            "differences": 0,
        });
        fs::write(path, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    Ok(())
}
