//! Random stimulus through netsim and through other Verilog simulators, compared clock by clock.
#![allow(dead_code)]

use rust_hdl_netsim::{Engine, Input, Options, Output, Simulator};
use std::fmt::Write;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program from PATH, or from the folder that the environment variable ECP5_TOOLS names.
pub fn tool(names: &[&str]) -> Option<PathBuf> {
    let folders = std::env::var_os("ECP5_TOOLS").into_iter().chain(std::env::var_os("PATH"));
    let folders: Vec<PathBuf> = folders.flat_map(|v| std::env::split_paths(&v).collect::<Vec<_>>()).collect();
    names.iter().find_map(|n| folders.iter().map(|f| f.join(n)).find(|p| p.is_file()))
}

/// Says on the terminal that a comparison did not run, past cargo's capture of the output of tests that pass. With
/// `REQUIRE_TOOLS` in the environment a missing tool is a failure.
pub fn skipped(test: &str, tool: &str) {
    assert!(std::env::var_os("REQUIRE_TOOLS").is_none(), "{test} not run, and REQUIRE_TOOLS is set: no {tool}");
    let _ = writeln!(std::io::stderr(), "not run: {test}: {tool} is not installed (`make test` installs it)");
}

/// Xorshift: the same numbers everywhere from a seed.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number of `width` bits; corners come often.
    pub fn bits(&mut self, width: u32) -> u64 {
        let mask = if width == 64 { !0 } else { (1 << width) - 1 };
        let value = match self.next() % 8 {
            0 => 0,
            1 => !0,
            2 => 1 << (width - 1),
            3 => mask >> 1,
            4 => self.next() % 4,
            _ => self.next(),
        };
        value & mask
    }
}

/// Values of all inputs in each clock, in the order of the ports.
pub type Stimulus = Vec<Vec<u64>>;
/// Values of all outputs before each clock edge.
pub type Response = Vec<Vec<u64>>;

pub fn load(text: &str, engine: Engine) -> Simulator {
    match Simulator::from_verilog(text, &Options { engine, ..Options::default() }) {
        Ok(s) => s,
        Err(e) => panic!("{e}\n{text}"),
    }
}

/// Inputs that hold still for a while now and then, so that logic falls asleep and is woken.
pub fn stimulus(s: &Simulator, clocks: usize, seed: u64) -> Stimulus {
    let mut random = Random(seed.wrapping_mul(2) + 1);
    let widths: Vec<u32> = s.inputs().map(|(_, w)| w).collect();
    let mut values: Vec<u64> = widths.iter().map(|&w| random.bits(w)).collect();
    let mut next = |clock: usize| {
        // By turns everything moves, one input in four moves, and nothing does.
        let (few, none) = (clock % 64 >= 32, clock % 64 >= 48 && !clock.is_multiple_of(8));
        for (value, &width) in values.iter_mut().zip(&widths).filter(|_| !none) {
            if !few || random.next().is_multiple_of(4) {
                *value = random.bits(width);
            }
        }
        values.clone()
    };
    (0..clocks).map(&mut next).collect()
}

pub fn respond(s: &mut Simulator, stimulus: &Stimulus) -> Response {
    let inputs: Vec<Input> = s.inputs().map(|(n, _)| s.input(n).unwrap()).collect();
    let outputs: Vec<Output> = s.outputs().map(|(n, _)| s.output(n).unwrap()).collect();
    let mut response = Vec::with_capacity(stimulus.len());
    for values in stimulus {
        inputs.iter().zip(values).for_each(|(&i, &v)| s.set(i, v));
        response.push(outputs.iter().map(|&o| s.get(o)).collect());
        s.clock();
    }
    response
}

/// A test bench that prints all outputs in hexadecimal before each clock edge.
fn test_bench(s: &Simulator, clocks: usize) -> String {
    let mut tb = String::from("`timescale 1ns/1ns\nmodule test_bench;\n");
    let total: u32 = s.inputs().map(|(_, w)| w).sum::<u32>().max(1);
    let _ = writeln!(tb, "reg [{}:0] vectors [0:{}];\ninteger i;\nreg clock = 0;", total - 1, clocks - 1);
    let mut at = total;
    let mut assigns = String::new();
    let mut connections = Vec::new();
    for (name, width) in s.inputs() {
        let _ = writeln!(tb, "reg [{}:0] {name}_i;", width - 1);
        at -= width;
        let _ = writeln!(assigns, "    {name}_i = vectors[i][{}:{at}];", at + width - 1);
        connections.push(format!(".{name}({name}_i)"));
    }
    let (mut formats, mut values) = (String::new(), String::new());
    for (name, width) in s.outputs() {
        let _ = writeln!(tb, "wire [{}:0] {name}_o;", width - 1);
        formats += "%h ";
        let _ = write!(values, ", {name}_o");
        connections.push(format!(".{name}({name}_o)"));
    }
    if let Some(clock) = s.clock_port() {
        connections.push(format!(".{clock}(clock)"));
    }
    let _ = writeln!(
        tb,
        "top dut({});\ninitial begin\n  $readmemh(\"vectors.hex\", vectors);\n  for (i = 0; i < {clocks}; i = i + 1) begin\n{assigns}    #5;\n    $display(\"{formats}\"{values});\n    clock = 1; #5; clock = 0;\n  end\n  $finish;\nend\nendmodule",
        connections.join(", ")
    );
    tb
}

fn vectors(s: &Simulator, stimulus: &Stimulus) -> String {
    let widths: Vec<u32> = s.inputs().map(|(_, w)| w).collect();
    let mut text = String::new();
    for values in stimulus {
        let bits: String = values.iter().zip(&widths).map(|(v, &w)| format!("{v:0w$b}", w = w as usize)).collect();
        let bits = if bits.is_empty() { "0".to_string() } else { bits };
        let padded = format!("{bits:0>width$}", width = bits.len().div_ceil(4) * 4);
        for nibble in padded.as_bytes().chunks(4) {
            let digit = nibble.iter().fold(0, |d, &b| d * 2 + u32::from(b - b'0'));
            text.push(char::from_digit(digit, 16).unwrap());
        }
        text.push('\n');
    }
    text
}

pub fn run_command(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}\n{text}\n{}", String::from_utf8_lossy(&output.stderr));
    text
}

/// What another simulator answers; `build` makes a program of the two files and returns the command to run it.
pub fn other(s: &Simulator, text: &str, stimulus: &Stimulus, build: impl Fn(&Path) -> Command) -> Response {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("design.v", text);
    write("test_bench.v", &test_bench(s, stimulus.len()));
    write("vectors.hex", &vectors(s, stimulus));
    let printed = run_command(build(folder.path()).current_dir(folder.path()));
    let number = |w: &str| u64::from_str_radix(w, 16).unwrap_or_else(|_| panic!("{w} is not two-state\n{text}"));
    let count = s.outputs().count();
    // Verilator says "- $finish" on the same channel.
    let lines = printed.lines().filter(|l| !l.starts_with('-'));
    lines.map(|l| l.split_whitespace().map(number).collect::<Vec<_>>()).filter(|l| l.len() == count).collect()
}

pub fn iverilog(s: &Simulator, text: &str, stimulus: &Stimulus) -> Response {
    let program = tool(&["iverilog"]).unwrap();
    other(s, text, stimulus, |folder| {
        // Initial values come when `always @(*)` already waits for changes, or it would miss them and show x.
        let text = format!("`timescale 1ns/1ns\n{}", text.replace("initial ", "initial #1 "));
        std::fs::write(folder.join("design.v"), text).unwrap();
        run_command(
            Command::new(&program).args(["-g2012", "-o", "sim", "design.v", "test_bench.v"]).current_dir(folder),
        );
        let mut c = Command::new("vvp");
        c.arg("sim");
        c
    })
}

/// Panics with clock, port and values at the first difference.
pub fn compare(s: &Simulator, what: &str, ours: &Response, theirs: &Response, stimulus: &Stimulus, text: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}: number of clocks\n{text}");
    for (clock, (a, b)) in ours.iter().zip(theirs).enumerate() {
        for ((name, _), (a, b)) in s.outputs().zip(a.iter().zip(b)) {
            assert!(
                a == b,
                "{what}: clock {clock}, {name}: netsim {a:x}, other {b:x}; inputs {:x?}\n{text}",
                stimulus[clock]
            );
        }
    }
}

/// Runs a design on every engine and simulator that is there and compares all of them.
pub fn check(name: &str, text: &str, clocks: usize) {
    check_seeded(name, text, clocks, 1);
}

pub fn check_seeded(name: &str, text: &str, clocks: usize, seed: u64) {
    let mut s = load(text, Engine::Interpreter);
    let stimulus = stimulus(&s, clocks, seed);
    let ours = respond(&mut s, &stimulus);
    if cfg!(feature = "jit") {
        let mut jit = load(text, Engine::Jit);
        compare(
            &s,
            &format!("{name}: interpreter against machine code"),
            &ours,
            &respond(&mut jit, &stimulus),
            &stimulus,
            text,
        );
    }
    if tool(&["iverilog"]).is_some() {
        let theirs = iverilog(&s, text, &stimulus);
        compare(&s, &format!("{name}: against iverilog"), &ours, &theirs, &stimulus, text);
    } else {
        skipped(name, "iverilog");
    }
}
