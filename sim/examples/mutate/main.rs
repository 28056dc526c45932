//! Do the checks bite? Puts single faults into the generated Verilog, and looks whether the checks see them. An array with a fault runs random systems
//! beside the reference model, as the tests do. A board with one must answer as the RTL does in sessions of the kinds that the tests have: networks,
//! commands right and wrong, noise, replies that are asked for again, ticks at a pace; through the UART, bit by bit. Of a block with properties that are proved
//! no longer all may be proved.
//!
//! ```text
//! cargo run --profile test --package nernst-sim --example mutate -- [--mutants 500] [--seed 0] [--report FILE] [--again REPORT]
//! ```
//! `--again` takes the survivors of a report instead of new mutants, after checks were added, and adds the others of that report to its own. What survives is proved
//! by Yosys to be the same module, or it is listed.

#[allow(dead_code, reason = "an example needs a part of it")]
#[path = "../../tests/all/common/mod.rs"]
mod common;
mod equivalence;
mod explained;
mod mutants;
mod proofs;
mod report;
mod sessions;
mod systems;

use clap::Parser;
use common::hosts;
use common::networks::everything_and_wide;
use common::verilator::Result;
use mutants::{Design, Fault, Mutant};
use nernst_hdl::generate::{array_verilog, soc_verilog, uart_soc_verilog};
use nernst_spec::ArrayConfig;
use proofs::Proofs;
use report::Before;
use rust_hdl_bsp_ecp5::flow::Toolchain;
use serde_json::json;
use sessions::{Board, Found, Line, Session};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Instant;
use std::{fs, thread};
use systems::Systems;

/// The fastest line that a UART takes.
const CLOCKS_PER_BIT: u32 = 4;

/// Single faults in the generated Verilog, and whether the checks see them.
#[derive(Parser)]
struct Arguments {
    /// Faults to try.
    #[arg(long, default_value_t = 500)]
    mutants: usize,
    /// What is random follows from it.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Writes what was found to this file, as JSON.
    #[arg(long)]
    report: Option<PathBuf>,
    /// Takes the survivors of this report instead of new faults, and adds its others to the report.
    #[arg(long)]
    again: Option<PathBuf>,
}

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    /// It is no Verilog, or has a loop: no design.
    Stillborn,
    Killed(Found),
    /// Nothing answers differently, but a property of its block is no longer proved.
    Unproved,
    /// Proved to be the same.
    Same,
    Survived,
}

/// Everything that looks for faults.
struct Checks {
    /// Of the board with its UART.
    verilog: Design,
    /// Of the board without.
    without_uart: Design,
    systems: Systems,
    sessions: Vec<Session>,
    uart: Vec<Session>,
    proofs: Proofs,
    tools: Toolchain,
}

impl Checks {
    fn new() -> Result<Self> {
        let tools = Toolchain::find(None)?;
        let config = everything_and_wide();
        let config = ArrayConfig { baud: config.clock_hz / CLOCKS_PER_BIT, ..config };
        let (verilog, without_uart) = (uart_soc_verilog(&config)?, soc_verilog(&config)?);
        let systems = Systems::new(&config, array_verilog(&config)?)?;
        let sessions = hosts::behind_the_uart(&config, &without_uart)?.into_iter().map(|host| {
            let line = Line::Bytes { pace: host.pace };
            Session::record(host, line, &without_uart)
        });
        let sessions = sessions.collect::<std::result::Result<_, _>>()?;
        let line = Line::Uart { clocks_per_bit: CLOCKS_PER_BIT };
        let uart = vec![Session::record(hosts::with_a_uart(&config), line, &verilog)?];
        let [verilog, without_uart] = [verilog, without_uart].map(Design::new);
        Ok(Self { verilog, without_uart, systems, sessions, uart, proofs: Proofs::new()?, tools })
    }

    fn fate(&self, mutant: &Mutant) -> Result<Fate> {
        let of_array = self.systems.verilog.part(mutant, "top$soc$array");
        if let Some(of_array) = &of_array {
            match self.systems.find(of_array) {
                Err(_) => return Ok(Fate::Stillborn),
                Ok(true) => return Ok(Fate::Killed(Found::Answer)),
                Ok(false) => {}
            }
        }
        let (text, sessions) = match self.without_uart.part(mutant, "top$soc") {
            Some(mutant) => (self.without_uart.with(&mutant), &self.sessions),
            None => (self.verilog.with(mutant), &self.uart),
        };
        let mut late = false;
        let Ok(mut board) = Board::new(&text, sessions[0].line) else { return Ok(Fate::Stillborn) };
        // What is sent to the link alone says nothing of the array.
        for session in sessions.iter().filter(|session| of_array.is_none() || !session.of_link) {
            match session.find(&mut board) {
                Err(error) => return Err(error.into()),
                Ok(Some(Found::Clocks)) => late = true,
                Ok(Some(found)) => return Ok(Fate::Killed(found)),
                Ok(None) => {}
            }
        }
        if late {
            return Ok(Fate::Killed(Found::Clocks));
        }
        let folder = tempfile::tempdir()?;
        let same = equivalence::is_equivalent(&self.tools.yosys, &self.verilog, mutant, folder.path())?;
        Ok(match same {
            true => Fate::Same,
            false if self.proofs.find(&self.verilog, mutant) => Fate::Unproved,
            false => Fate::Survived,
        })
    }
}

/// The fates of all of them, by all processors.
fn fates(checks: &Checks, chosen: &[Mutant]) -> Result<Vec<Fate>> {
    let next = Mutex::new(0..chosen.len());
    let fates = Mutex::new(vec![Fate::Stillborn; chosen.len()]);
    let work = || -> std::result::Result<(), String> {
        loop {
            // Nothing in here panics with the lock.
            let Some(number) = next.lock().unwrap().next() else { return Ok(()) };
            let fate = checks.fate(&chosen[number]).map_err(|error| error.to_string())?;
            if fate == Fate::Survived {
                let mutant = &chosen[number];
                eprintln!("{}:{}\n  was {}\n  is  {}", mutant.module, mutant.line, mutant.was.trim(), mutant.is.trim());
            }
            fates.lock().unwrap()[number] = fate;
            if number % 10 == 9 {
                eprintln!("{} of {}", number + 1, chosen.len());
            }
        }
    };
    let work = &work;
    thread::scope(|scope| -> Result<()> {
        let threads: Vec<_> = (0..thread::available_parallelism()?.get()).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            // A panic of the simulator is one of this program.
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        }
        Ok(())
    })?;
    Ok(fates.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()))
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let start = Instant::now();
    let checks = Checks::new()?;
    println!("systems: {:?}", checks.systems.seen);
    for session in checks.sessions.iter().chain(&checks.uart) {
        let (said, heard, clocks) = session.size();
        println!("{}: {said} bytes to the board, {heard} from it, {clocks} clocks", session.name);
    }
    let before = arguments.again.as_deref().map(Before::read).transpose()?;
    let chosen = match &before {
        Some(before) => before.survivors()?,
        None => checks.verilog.choose(arguments.mutants, arguments.seed),
    };
    let fates = fates(&checks, &chosen)?;
    let mut rows = report::rows(&chosen, &fates);
    let mut seconds = start.elapsed().as_secs();
    if let Some(before) = &before {
        rows = before.then(&rows)?;
        seconds += before.seconds();
    }
    for row in &rows {
        println!("{}", json!(row));
    }
    if let Some(path) = arguments.report {
        let report = json!({
            "seed": arguments.seed, "seconds": seconds, "systems": checks.systems.seen, "sessions": checks.sessions.len() + checks.uart.len(),
            "faults": rows[..Fault::ALL.len()], "all": rows[Fault::ALL.len()], "survivors": report::survivors(&chosen, &fates),
        });
        fs::write(path, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    Ok(())
}
