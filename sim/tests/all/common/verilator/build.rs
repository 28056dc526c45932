//! Verilator's model of a board, which runs the script of `script.rs`.

use super::Result;
use super::script::{Answer, Measured, Phase};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// How Verilator is called.
pub const ARGUMENTS: &str = "--cc --exe --build -O3 --x-assign fast --x-initial fast --noassert -Wno-fatal -Wno-lint \
     --top-module top --output-split 20000 -Mdir build -j 2";
/// And how its code is compiled: to be fast, or to be there soon.
pub const FAST: &str = "-MAKEFLAGS OPT_FAST=-O3";
pub const SOON: &str = "-MAKEFLAGS OPT_FAST=-O1";
/// Soon, and counting which lines are run and which bits change.
pub const COVERAGE: &str = "--coverage-line --coverage-toggle -MAKEFLAGS OPT_FAST=-O1";

/// Whether Verilator can be started.
pub fn is_installed() -> bool {
    Command::new("verilator").arg("--version").output().is_ok()
}

/// What runs a script in the model of a board.
pub const SCRIPT: &str = include_str!("driver.cpp");

/// Builds Verilator's model of the file `top.v`, with this program in C++ around it; returns how long that took.
pub fn build(folder: &Path, driver: &str, compile: &str) -> Result<Duration> {
    fs::write(folder.join("driver.cpp"), driver)?;
    let start = Instant::now();
    let arguments = [ARGUMENTS, compile].into_iter().flat_map(str::split_whitespace).chain(["driver.cpp", "top.v"]);
    let build = Command::new("verilator").current_dir(folder).args(arguments).output();
    let build = build.map_err(|error| format!("verilator cannot be run ({error}): apt install verilator g++ make"))?;
    match build.status.success() {
        true => Ok(start.elapsed()),
        false => Err(String::from_utf8_lossy(&build.stderr).into()),
    }
}

/// Runs the script in Verilator's model.
pub fn run(folder: &Path, phases: &[Phase]) -> Result<(Vec<Measured>, Answer)> {
    let program = fs::canonicalize(folder.join("build/Vtop"))?;
    let run = Command::new(program).current_dir(folder).args(["script.txt", "answer.txt"]).output()?;
    let mut measured = vec![];
    for line in String::from_utf8_lossy(&run.stdout).lines() {
        if let ["phase", name, clocks, time] = line.split(' ').collect::<Vec<_>>()[..] {
            let processor_time = Duration::from_nanos(time.parse()?);
            measured.push(Measured { name: name.into(), clocks: clocks.parse()?, processor_time });
        }
    }
    if measured.len() != phases.len() {
        return Err(format!("Verilator's model did {} phases of {}", measured.len(), phases.len()).into());
    }
    let mut answer = Answer::new();
    for line in fs::read_to_string(folder.join("answer.txt"))?.lines() {
        let (clock, byte) = line.split_once(' ').ok_or("a line of the answer without a byte")?;
        answer.push((clock.parse()?, byte.parse()?));
    }
    Ok((measured, answer))
}
