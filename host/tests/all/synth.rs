//! `nernst synth` with shell scripts in the place of the tools: what they do depends on the seed alone.
#![cfg(unix)]

use assert_cmd::Command;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const YOSYS: &str = r#"#!/bin/sh
[ "$1" = -V ] && { echo "Yosys 0.1"; exit; }
echo "yosys $2" >> "$(dirname "$0")/calls"
cell='{"type": "PDPW16KD", "connections": {}, "attributes": {}}'
echo '{"modules": {"top": {"attributes": {"top": "1"}, "cells": {' > yosys.json
for i in 1 2 3 4 5 6 7; do echo "\"ram$i\": $cell," >> yosys.json; done
echo "\"ram8\": $cell}}}}" >> yosys.json
"#;

/// Seed n reaches 20 n MHz of 50; seed 13 does not route, seed 14 hangs.
const NEXTPNR: &str = r#"#!/bin/sh
[ "$1" = --version ] && { echo "nextpnr 0.1"; exit; }
echo "nextpnr $*" >> "$(dirname "$0")/calls"
while [ $# -gt 0 ]; do
    case "$1" in --seed) seed=$2;; esac
    shift
done
case $seed in
    13) echo "ERROR: Failed to route"; exit 1;;
    14) sleep 987652;;
esac
echo '{"fmax": {"clk": {"achieved": '$((20 * seed))', "constraint": 50}},
    "utilization": {"TRELLIS_COMB": {"used": 100, "available": 24288}}}' > nextpnr.json
echo config > top.config
"#;

const ECPPACK: &str = r#"#!/bin/sh
[ "$1" = --version ] && { echo "ecppack 0.1"; exit; }
echo bits > top.bit
"#;

struct Bench {
    dir: TempDir,
}

impl Bench {
    fn new() -> Self {
        let bench = Self { dir: tempfile::tempdir().unwrap() };
        for (name, script) in [("yosys", YOSYS), ("nextpnr-ecp5", NEXTPNR), ("ecppack", ECPPACK)] {
            std::fs::write(bench.path(name), script).unwrap();
            std::fs::set_permissions(bench.path(name), PermissionsExt::from_mode(0o755)).unwrap();
        }
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn arguments(&self, folder: &str, more: &[&str]) -> Vec<String> {
        let tools = self.dir.path().to_str().unwrap();
        let folder = self.path(folder).to_str().unwrap().to_string();
        let all = ["synth", "-b", "ulx3s-25f", "-c", "tiny", "--tools", tools, "-o", &folder];
        all.iter().chain(more).map(|argument| argument.to_string()).collect()
    }

    /// Exit code, standard output and standard error.
    fn synth(&self, folder: &str, more: &[&str]) -> (i32, String, String) {
        nernst(&self.arguments(folder, more))
    }
}

fn nernst(arguments: &[String]) -> (i32, String, String) {
    let output = Command::cargo_bin("nernst").unwrap().args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_sweep_keeps_the_best_and_tells_of_all() {
    let bench = Bench::new();
    let arguments =
        ["--sweep", "--seeds", "2,4,13,3", "--vary", "yosys.abc9=off,on", "--vary", "ebr=on", "--jobs", "2"];
    let (code, out, error) = bench.synth("out", &arguments);
    assert_eq!((code, error.as_str()), (0, ""), "{out}");
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[0].contains("achieved") && lines[1].contains("80.0 MHz") && lines[1].contains(" met"), "{out}");
    assert!(lines[8].contains("failed: nextpnr-ecp5 failed: ERROR: Failed to route"), "{out}");
    assert!(out.contains("tiny for ulx3s-25f (LFE5U-25F), seed 4") && out.contains("bitstream: "), "{out}");
    assert_eq!(bench.read("calls").matches("yosys ").count(), 2);
    let report: serde_json::Value = serde_json::from_str(&bench.read("out/report.json")).unwrap();
    assert_eq!((&report["seed"], &report["configuration"]), (&4.into(), &"tiny".into()));
    assert!(report["bitstream"].as_str().unwrap().ends_with("out/top.bit"), "{report}");
    assert_eq!(bench.read("out/sweep.csv").lines().count(), 1 + 8);
    let table = bench.path("out/sweep.json");
    let pictures = bench.path("pictures");
    let plot = ["plot", table.to_str().unwrap(), "-o", pictures.to_str().unwrap()].map(String::from);
    assert_eq!(nernst(&plot).0, 0);
    assert!(bench.read("pictures/sweep.svg").contains("tiny on ulx3s-25f"));

    // again: nothing is left to do, and the result is the same
    let calls = bench.read("calls");
    let (code, again, _) = bench.synth("out", &arguments);
    assert_eq!((code, again), (0, out));
    assert_eq!(bench.read("calls"), calls);
}

#[test]
fn a_sweep_fails_as_one_run_does() {
    let bench = Bench::new();
    let (code, out, error) = bench.synth("out", &["--sweep", "--seeds", "2", "--jobs", "1"]);
    assert_eq!(code, 1, "{out}");
    assert!(error.contains("timing is not met: clk 40.0 MHz of 50.0") && error.contains("help: "), "{error}");
    // the bitstream is there nevertheless, as without a sweep
    assert!(bench.path("out/top.bit").is_file());
    let (code, out, error) = bench.synth("out", &["--sweep", "--seeds", "13,13"]);
    assert_eq!(code, 1);
    assert!(error.contains("none of 1 runs gave a bitstream") && error.contains("Failed to route"), "{error}");
    assert!(out.contains("failed: "), "{out}");
    for (arguments, words) in [
        (["--sweep", "--seeds", "0"], "nothing to try"),
        (["--sweep", "--seeds", "x"], "seed `x`"),
        (["--sweep", "--seeds", "4-1"], "1-4,9"),
    ] {
        let (code, _, error) = bench.synth("none", &arguments);
        assert_eq!(code, 1);
        assert!(error.contains(words), "{error}");
    }
    for arguments in [&["--seeds", "3"][..], &["--sweep", "--vary", "ebr=maybe"], &["--sweep", "--stop-after", "yosys"]]
    {
        assert_eq!(bench.synth("none", arguments).0, 2, "{arguments:?}");
    }
}

#[test]
fn further_seeds_are_tried_until_the_timing_is_met() {
    let bench = Bench::new();
    let (code, out, error) = bench.synth("out", &["--tries", "9"]);
    assert_eq!(code, 0, "{error}");
    assert!(out.contains("tiny for ulx3s-25f (LFE5U-25F), seed 3") && out.contains("bitstream: "), "{out}");
    let calls = bench.read("calls");
    assert_eq!((calls.matches("yosys ").count(), calls.matches("nextpnr ").count()), (1, 3), "{calls}");
    let (code, _, error) = bench.synth("few", &["--tries", "2"]);
    assert!(code == 1 && error.contains("timing is not met: clk 40.0 MHz of 50.0"), "{error}");
    assert_eq!(bench.synth("none", &["--tries", "0"]).0, 2);
}

#[test]
fn a_netlist_is_made_once_and_placed_by_other_processes() {
    let bench = Bench::new();
    let (code, out, error) =
        bench.synth("netlist", &["--stop-after", "yosys", "--yosys-arg", "-abc9", "--yosys-arg=-nowidelut"]);
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(out.contains("netlist/yosys.json"), "{out}");
    // Both parts of the synthesis have them.
    assert_eq!(bench.read("calls").matches("-abc9 -nowidelut -run ").count(), 2, "{}", bench.read("calls"));
    assert!(!bench.read("calls").contains("nextpnr"));
    let netlist = bench.path("netlist");
    let netlist = netlist.to_str().unwrap();
    let (code, ..) = bench.synth("3", &["--netlist", netlist, "--seed", "3", "--nextpnr-arg", "--tmg-ripup"]);
    assert_eq!(code, 0);
    assert!(bench.read("calls").trim_end().ends_with("--freq 50 --tmg-ripup"), "{}", bench.read("calls"));
    assert_eq!(bench.read("calls").matches("yosys ").count(), 1);
    // a record is there whatever becomes of a run
    assert_eq!(bench.synth("2", &["--netlist", netlist, "--seed", "2"]).0, 1);
    assert_eq!(bench.synth("13", &["--netlist", netlist, "--seed", "13"]).0, 1);
    let records = ["13", "2", "3"].map(|run| bench.path(run).join("run.json").to_str().unwrap().to_string());
    let table = bench.path("table").to_str().unwrap().to_string();
    let (code, out, _) = nernst(&[vec!["gather".into(), "-o".into(), table], records.to_vec()].concat());
    assert_eq!(code, 0);
    let clocks: Vec<&str> = out.lines().skip(1).map(|line| line.split_whitespace().nth(4).unwrap()).collect();
    assert_eq!(clocks, ["60.0", "40.0", "-"], "{out}");
    assert!(
        bench
            .read("table/sweep.md")
            .contains("yosys -abc9 -nowidelut, nextpnr --tmg-ripup | 50.0 MHz | 60.0 MHz | met")
    );

    let (code, _, error) = bench.synth("x", &["--netlist", netlist, "--freq", "40"]);
    assert_eq!(code, 1);
    assert!(error.contains("is of other Verilog") && error.contains("help: give the --board"), "{error}");
    let (code, _, error) = bench.synth("x", &["--netlist", bench.path("none").to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(error.contains("no netlist in") && error.contains("--stop-after yosys"), "{error}");
    let wrong = bench.path("3/report.json").to_str().unwrap().to_string();
    let (code, _, error) = nernst(&["gather".into(), wrong]);
    assert_eq!(code, 1);
    assert!(error.contains("report.json") && error.contains("run.json"), "{error}");
}

#[cfg(target_os = "linux")]
/// Processes, zombies not counted, whose command line has this text.
fn processes(text: &str) -> usize {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    lines.filter(|line| String::from_utf8_lossy(line).replace('\0', " ").contains(text)).count()
}

#[cfg(target_os = "linux")]
/// Looks again and again until it holds; `complaint` if it does not within two minutes.
fn wait_until(complaint: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(120), "{complaint}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_kill_leaves_no_tools_behind() {
    let bench = Bench::new();
    let arguments =
        bench.arguments("out", &["--sweep", "--seeds", "14,4", "--vary", "nextpnr.tmg-ripup=on,off", "--jobs", "2"]);
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_nernst"))
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("the tools do not start", || processes("sleep 987652") == 2);
    let killed = std::process::Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    // a killed process leaves the table a moment after the signal was sent
    wait_until("a tool's child outlives it", || processes("sleep 987652") == 0);
}
