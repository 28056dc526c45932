//! Co-simulation: the same random stimulus through a rust-hdl block and through its Verilog under Icarus Verilog.
//!
//! [`record`] runs the block in Rust and keeps stimulus, answers and Verilog; [`Recording::compare`] runs one Verilog form of
//! it and compares every output before and after every clock. A block has as many forms as one likes: as generated, with
//! vendor cells (`SYNTHESIS` defined, [`crate::primitives::CELL_MODELS`] added), as a netlist after synthesis.
//!
//! ```
//! use rust_hdl::prelude::*;
//! use rust_hdl_bsp_ecp5::cosim::{self, Clock};
//!
//! let clock = Clock { port: "clock", set: |u: &mut DFF<Bits<8>>, level| u.clock.next = level.into() };
//! let recording = cosim::record("dff", DFF::<Bits<8>>::default(), Some(clock), 100, |u, _step, rng| u.d.next = rng.bits())?;
//! recording.compare("generated", &[], &[&recording.verilog])?.assert_equal();
//! # Ok::<(), rust_hdl_bsp_ecp5::cosim::CosimError>(())
//! ```

use crate::ports::{Port, ports};
use crate::simulate::{self, SimulateError};
use rust_hdl::prelude::*;
use std::fmt::{Display, Write as _};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

/// Why a co-simulation could not be made. A difference is no error: see [`Outcome`].
#[derive(Debug, thiserror::Error)]
pub enum CosimError {
    /// The block does not simulate in Rust.
    #[error("{name}, step {step}: {source}")]
    Simulate {
        /// Name given to [`record`].
        name: String,
        /// Step in which it happened.
        step: usize,
        /// The reason.
        source: SimulateError,
    },
    /// A file could not be written, or a program not be started.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// The reason.
        source: std::io::Error,
    },
    /// Icarus Verilog refused the Verilog.
    #[error("{name} ({form}): iverilog does not accept the Verilog: {line}")]
    Compile {
        /// Name given to [`record`].
        name: String,
        /// Form given to [`Recording::compare`].
        form: String,
        /// First line of its complaint.
        line: String,
    },
    /// The simulation ended without a verdict.
    #[error("{name} ({form}): the Verilog simulation stopped early: {line}")]
    Stopped {
        /// Name given to [`record`].
        name: String,
        /// Form given to [`Recording::compare`].
        form: String,
        /// Last line that it printed.
        line: String,
    },
}

/// Reproducible random numbers (xorshift64) with more corner values than chance gives.
pub struct Rng(u64);

impl Rng {
    /// A generator for a seed; 0 is a seed like any other.
    ///
    /// The seed is mixed (the finaliser of SplitMix64, a bijection; Steele, Lea, Flood 2014), so that neighbours have nothing in common.
    pub fn new(seed: u64) -> Self {
        let mixed = (seed ^ seed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        // Only 0 has no successor.
        Self((mixed ^ mixed >> 31 ^ 0x9e37_79b9_7f4a_7c15).max(1))
    }

    /// 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `n` (`n > 0`).
    pub fn below(&mut self, n: u64) -> u64 {
        (self.next_u64() >> 11) % n
    }

    /// True one time in `n`.
    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// N random bits; all zeros and all ones one time in eight each.
    pub fn bits<const N: usize>(&mut self) -> Bits<N> {
        match self.below(8) {
            0 => Bits::default(),
            1 => Bits::mask(),
            _ => (0..N).fold(Bits::default(), |b, i| b.replace_bit(i, self.next_u64() >> 40 & 1 == 1)),
        }
    }
}

/// The clock input of a block.
pub struct Clock<B> {
    /// Its name in the Verilog.
    pub port: &'static str,
    /// How it is set in Rust.
    pub set: fn(&mut B, bool),
}

fn values(ports: &[Port], input: bool, clock: Option<&str>) -> String {
    let chosen = ports.iter().filter(|p| p.input == input && Some(p.name.as_str()) != clock);
    chosen.map(|p| p.value.as_str()).collect()
}

/// What a block did in Rust, ready to be compared with Verilog.
pub struct Recording {
    /// Name, for messages.
    pub name: String,
    /// The Verilog that rust-hdl generates for the block; its top module is `top`.
    pub verilog: String,
    /// Number of steps.
    pub steps: usize,
    ports: Vec<Port>,
    clock: Option<&'static str>,
    stimulus: String,
    before: String,
    after: String,
}

/// Runs `steps` steps of a block in Rust: `drive` sets the inputs, the block settles, the clock (if any) rises and falls.
pub fn record<B: Block>(
    name: &str,
    mut uut: B,
    clock: Option<Clock<B>>,
    steps: usize,
    mut drive: impl FnMut(&mut B, usize, &mut Rng),
) -> Result<Recording, CosimError> {
    let at = |step| move |source| CosimError::Simulate { name: name.to_string(), step, source };
    uut.connect_all();
    simulate::check(&uut).map_err(at(0))?;
    let verilog = generate_verilog(&uut);
    let clock_port = clock.as_ref().map(|c| c.port);
    let mut rng = Rng::new(1);
    let (mut stimulus, mut before, mut after) = (String::new(), String::new(), String::new());
    for step in 0..steps {
        drive(&mut uut, step, &mut rng);
        simulate::settle(&mut uut).map_err(at(step))?;
        let now = ports(&uut);
        stimulus += &values(&now, true, clock_port);
        stimulus.push('\n');
        before += &values(&now, false, None);
        before.push('\n');
        if let Some(clock) = &clock {
            (clock.set)(&mut uut, true);
            simulate::settle(&mut uut).map_err(at(step))?;
            after += &values(&ports(&uut), false, None);
            after.push('\n');
            (clock.set)(&mut uut, false);
            simulate::settle(&mut uut).map_err(at(step))?;
        }
    }
    let ports = ports(&uut);
    Ok(Recording { name: name.to_string(), verilog, steps, ports, clock: clock_port, stimulus, before, after })
}

/// The verdict of a comparison.
#[derive(Debug)]
#[must_use]
pub enum Outcome {
    /// Icarus Verilog is not installed.
    NotRun(String),
    /// It ran.
    Ran {
        /// Name and form.
        title: String,
        /// Steps compared.
        steps: usize,
        /// Output values that differ.
        mismatches: usize,
        /// What the simulator printed; the first differences are among it.
        log: String,
    },
}

impl Outcome {
    /// Panics with the first differences unless Rust and Verilog agree; says in one line when nothing was compared.
    pub fn assert_equal(&self) {
        match self {
            Outcome::NotRun(reason) => not_run("co-simulation", reason),
            Outcome::Ran { mismatches: 0, .. } => {}
            Outcome::Ran { title, steps, mismatches, log } => {
                panic!("{title}: {mismatches} outputs differ in {steps} steps\n{log}")
            }
        }
    }
}

/// Says that a check was not made because a tool is missing, in one line on the terminal, even of a test that passes and
/// whose output cargo therefore hides.
///
/// # Panics
/// When the environment variable `REQUIRE_TOOLS` is set: then a missing tool is a failure.
pub fn not_run(check: &str, reason: impl Display) {
    assert!(std::env::var_os("REQUIRE_TOOLS").is_none(), "{check} not run, and REQUIRE_TOOLS is set: {reason}");
    // Not `eprintln!`, which cargo's test harness keeps to itself. A closed terminal is no failure.
    let _ = writeln!(std::io::stderr(), "not run: {check}: {reason}");
}

/// Says in one line what a check compared, and was equal: on standard output, and at the end of the file that the environment variable
/// `COMPARED` names, so that the lines of many test programs come together.
///
/// # Panics
/// When that file cannot be written.
pub fn compared(check: &str, what: impl Display) {
    let line = format!("{check}: {what}");
    println!("{line}");
    if let Some(path) = std::env::var_os("COMPARED") {
        let file = std::fs::OpenOptions::new().append(true).create(true).open(&path);
        // One write, for other programs write there, too.
        let written = file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
        written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

/// Whether a program can be started.
fn installed(program: &str) -> bool {
    Command::new(program).arg("-V").output().is_ok()
}

impl Recording {
    /// Compiles `sources` (one of them has the module `top`) with the macros `defines`, feeds it the recorded stimulus and
    /// compares every output, `x` and `z` included, before and after each rising edge.
    pub fn compare(&self, form: &str, defines: &[&str], sources: &[&str]) -> Result<Outcome, CosimError> {
        if !installed("iverilog") {
            return Ok(Outcome::NotRun(format!("{} ({form}) needs Icarus Verilog (iverilog)", self.name)));
        }
        let dir = tempfile::tempdir().map_err(io("create a temporary folder"))?;
        let write = |file: &str, text: &str| std::fs::write(dir.path().join(file), text).map_err(io(file));
        write("stimulus.txt", &self.stimulus)?;
        write("before.txt", &self.before)?;
        write("after.txt", &self.after)?;
        write("bench.v", &self.bench())?;
        let mut arguments = vec!["-g2005".to_string(), "-o".into(), "bench.vvp".into(), "-s".into(), "bench".into()];
        arguments.extend(defines.iter().map(|d| format!("-D{d}")));
        arguments.push("bench.v".into());
        for (i, source) in sources.iter().enumerate() {
            let file = format!("source{i}.v");
            write(&file, source)?;
            arguments.push(file);
        }
        let compiled = execute(dir.path(), "iverilog", &arguments)?;
        if !compiled.status.success() {
            let log = String::from_utf8_lossy(&compiled.stderr);
            let line = log.lines().next().unwrap_or("no message").to_string();
            return Err(CosimError::Compile { name: self.name.clone(), form: form.into(), line });
        }
        let ran = execute(dir.path(), "vvp", &["-N".to_string(), "bench.vvp".into()])?;
        let log = String::from_utf8_lossy(&ran.stdout).to_string();
        let verdict = log.lines().find_map(|l| l.strip_prefix("mismatches ")).and_then(|n| n.trim().parse().ok());
        let Some(mismatches) = verdict else {
            let line = log.lines().last().unwrap_or("no message").to_string();
            return Err(CosimError::Stopped { name: self.name.clone(), form: form.into(), line });
        };
        Ok(Outcome::Ran { title: format!("{} ({form})", self.name), steps: self.steps, mismatches, log })
    }

    /// The test bench: it reads the vectors from files and reports the first differences by name.
    fn bench(&self) -> String {
        let width = |input| -> usize {
            let chosen = self.ports.iter().filter(|p| p.input == input && Some(p.name.as_str()) != self.clock);
            chosen.map(|p| p.width).sum()
        };
        let (inputs, outputs, last) = (width(true).max(1), width(false).max(1), self.steps.max(1) - 1);
        let mut text = format!(
            "`timescale 1ns/1ps\nmodule bench;\n  reg [{}:0] stimulus [0:{last}];\n  reg [{o}:0] before [0:{last}];\n  \
             reg [{o}:0] after [0:{last}];\n  integer step, bad;\n  reg [{}:0] in;\n  reg [{o}:0] want;\n",
            inputs - 1,
            inputs - 1,
            o = outputs - 1
        );
        let (mut at_in, mut at_out) = (inputs, outputs);
        let mut checks = String::new();
        for p in &self.ports {
            let (name, range) = (&p.name, format!("[{}:0]", p.width - 1));
            if Some(name.as_str()) == self.clock {
                let _ = writeln!(text, "  reg {name};");
            } else if p.input {
                at_in -= p.width;
                let _ = writeln!(text, "  wire {range} {name} = in[{at_in} +: {}];", p.width);
            } else {
                at_out -= p.width;
                let slice = format!("want[{at_out} +: {}]", p.width);
                let _ = writeln!(text, "  wire {range} {name};");
                let _ = writeln!(
                    checks,
                    "    if ({name} !== {slice}) begin\n      bad = bad + 1;\n      if (bad < 6) $display(\"step %0d, {name} %0s the clock: \
                     Verilog %h, rust-hdl %h\", step, edge_name, {name}, {slice});\n    end"
                );
            }
        }
        let list: Vec<String> = self.ports.iter().map(|p| format!(".{0}({0})", p.name)).collect();
        let (tick, low) = match self.clock {
            Some(c) => (
                format!(
                    "      {c} = 1;\n      #1 want = after[step];\n      edge_name = \"after\";\n      check;\n      {c} = 0;\n      #1;\n"
                ),
                format!("    {c} = 0;\n"),
            ),
            None => (String::new(), String::new()),
        };
        let read_after = if self.clock.is_some() { "    $readmemb(\"after.txt\", after);\n" } else { "" };
        let _ = write!(
            text,
            "  reg [8*6:1] edge_name;\n  top uut ({});\n  task check; begin\n{checks}  end endtask\n  initial begin\n    \
             $readmemb(\"stimulus.txt\", stimulus);\n    $readmemb(\"before.txt\", before);\n{read_after}    bad = 0;\n{low}    \
             for (step = 0; step <= {last}; step = step + 1) begin\n      in = stimulus[step];\n      #1 want = before[step];\n      \
             edge_name = \"before\";\n      check;\n{tick}    end\n    $display(\"mismatches %0d\", bad);\n    $finish;\n  end\nendmodule\n",
            list.join(", ")
        );
        text
    }
}

fn io(what: &str) -> impl FnOnce(std::io::Error) -> CosimError {
    let what = what.to_string();
    move |source| CosimError::Io { what, source }
}

fn execute(dir: &Path, program: &str, arguments: &[String]) -> Result<Output, CosimError> {
    Command::new(program).current_dir(dir).args(arguments).output().map_err(io(program))
}
