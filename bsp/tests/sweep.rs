//! Sweeps with shell scripts in the place of the tools: what they do depends on the seed alone.
#![cfg(unix)]

use rust_hdl_bsp_ecp5::boards::board;
use rust_hdl_bsp_ecp5::flow::{
    Axis, Design, FlowError, FlowOptions, Report, Status, Sweep, SweepOptions, SweepProgress, Synthesis, Toolchain,
    build, place_and_route, sweep, synthesize, vary,
};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const YOSYS: &str = r#"#!/bin/sh
[ "$1" = -V ] && { echo "Yosys 0.1"; exit; }
echo yosys >> "$(dirname "$0")/calls"
case "$2" in *-wrong*) echo "ERROR: Unknown option or option in arguments."; exit 1;; esac
echo '{"modules": {"top": {"attributes": {"top": "1"}, "cells": {}}}}' > yosys.json
"#;

/// Seed n reaches 10 n MHz of 25, with 100 LUTs; seed 13 does not route, seed 14 hangs, seed 15 is killed.
const NEXTPNR: &str = r#"#!/bin/sh
[ "$1" = --version ] && { echo "nextpnr 0.1"; exit; }
lut=100
while [ $# -gt 0 ]; do
    case "$1" in --seed) seed=$2;; --small) lut=90;; esac
    shift
done
echo "nextpnr $seed" >> "$(dirname "$0")/calls"
case $seed in
    13) echo "ERROR: Failed to route"; exit 1;;
    14) sleep 987654;;
    15) kill -9 $$;;
esac
echo '{"fmax": {"clk": {"achieved": '$((10 * seed))', "constraint": 25}},
    "utilization": {"TRELLIS_COMB": {"used": '$lut', "available": 24288}}}' > nextpnr.json
echo config > top.config
"#;

const ECPPACK: &str = r#"#!/bin/sh
[ "$1" = --version ] && { echo "ecppack 0.1"; exit; }
echo bits > top.bit
"#;

struct Bench {
    dir: tempfile::TempDir,
    tools: Toolchain,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, script) in [("yosys", YOSYS), ("nextpnr-ecp5", NEXTPNR), ("ecppack", ECPPACK)] {
            let path = dir.path().join(name);
            std::fs::write(&path, script).unwrap();
            std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
        }
        let tools = Toolchain::find(Some(dir.path())).unwrap();
        Self { dir, tools }
    }

    fn out(&self) -> PathBuf {
        self.dir.path().join("out")
    }

    /// What was run since the last time, sorted.
    fn calls(&self) -> Vec<String> {
        let path = self.dir.path().join("calls");
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let _ = std::fs::remove_file(path);
        let mut calls: Vec<String> = text.lines().map(String::from).collect();
        calls.sort();
        calls
    }

    fn sweep(&self, runs: &[FlowOptions], verilog: &str, fresh: bool) -> Result<Sweep, FlowError> {
        let design = Design { configuration: "mine", top: "top", verilog, lpf: "" };
        let options = SweepOptions { jobs: 2.try_into().unwrap(), fresh };
        sweep(&self.tools, &design, board("ulx3s-25f").unwrap(), &self.out(), runs, &options, &|_| {})
    }
}

fn runs(axes: &[&str]) -> Vec<FlowOptions> {
    let axes: Vec<Axis> = axes.iter().map(|axis| axis.parse().unwrap()).collect();
    let base = FlowOptions { timeout: Some(Duration::from_secs(5)), ..FlowOptions::default() };
    vary(&base, &axes)
}

fn statuses(sweep: &Sweep) -> Vec<Status> {
    sweep.runs.iter().map(|run| run.status).collect()
}

#[test]
fn the_best_run_is_left_as_a_build_would_have_left_it() {
    let bench = Bench::new();
    let runs = runs(&["yosys.abc9=off,on", "nextpnr.small=off,on", "seed=2,5,3"]);
    let result = bench.sweep(&runs, "module top; endmodule", false).unwrap();
    // one synthesis for each set of options, one place and route for each run
    assert_eq!(bench.calls().iter().filter(|call| *call == "yosys").count(), 2);
    use Status::{Met, Missed};
    assert_eq!(statuses(&result), [Missed, Met, Met].repeat(4));
    // of the four with seed 5 the first that has fewer LUTs
    let (index, report) = result.best.unwrap();
    assert_eq!((index, report.inputs.seed, report.lut.used), (4, 5, 90));
    assert_eq!(report.inputs.nextpnr_args, ["--small"]);
    assert_eq!(report.inputs.configuration, "mine");
    assert_eq!(report.inputs.verilog_sha256.len(), 64);
    assert_eq!(report.bitstream, bench.out().join("top.bit"));
    assert_eq!(result.runs[4].clock.unwrap().achieved_mhz, 50.0);

    let names = |dir: PathBuf| {
        let mut names: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.retain(|name| name != "sweep");
        names.sort();
        names
    };
    let plain = bench.dir.path().join("plain");
    let design = Design { configuration: "mine", top: "top", verilog: "module top; endmodule", lpf: "" };
    let built = build(&bench.tools, &design, board("ulx3s-25f").unwrap(), &plain, &runs[4], &mut |_| {}).unwrap();
    assert_eq!(names(bench.out()), names(plain));
    assert_eq!(built.inputs, report.inputs);
    let saved: Report =
        serde_json::from_str(&std::fs::read_to_string(bench.out().join("report.json")).unwrap()).unwrap();
    assert!(saved == report, "report.json differs from the report");
}

#[test]
fn a_run_that_fails_is_recorded_and_the_others_go_on() {
    let bench = Bench::new();
    let mut all = runs(&["seed=13,15,4"]);
    all.extend(vary(
        &FlowOptions { timeout: Some(Duration::from_millis(300)), ..Default::default() },
        &["seed=14".parse().unwrap()],
    ));
    all.extend(runs(&["yosys.wrong=on", "seed=6"]));
    let result = bench.sweep(&all, "", false).unwrap();
    use Status::{Broken, Failed, Met, TimedOut};
    assert_eq!(statuses(&result), [Failed, Broken, Met, TimedOut, Failed]);
    for (index, words) in [(0, "Failed to route"), (1, "signal: 9"), (3, "the limit given"), (4, "Unknown option")] {
        let error = result.runs[index].error.as_ref().unwrap();
        assert!(error.contains(words), "{error}");
    }
    assert_eq!(result.best.unwrap().0, 2);
    let none = bench.sweep(&runs(&["seed=13"]), "", false).unwrap();
    assert!(none.best.is_none());
}

#[test]
fn a_sweep_goes_on_where_it_stopped() {
    let bench = Bench::new();
    let first = bench.sweep(&runs(&["seed=3,13,15"]), "", false).unwrap();
    assert_eq!(bench.calls(), ["nextpnr 13", "nextpnr 15", "nextpnr 3", "yosys"]);
    // what a tool has said it would say again; what was killed is tried again
    let second = bench.sweep(&runs(&["seed=3-4,13,15"]), "", false).unwrap();
    assert_eq!(bench.calls(), ["nextpnr 15", "nextpnr 4"]);
    assert_eq!((&second.runs[0], &second.runs[2]), (&first.runs[0], &first.runs[1]));
    assert_eq!(second.best.unwrap().0, 1);
    // other Verilog, another tool or a lost bitstream is another run
    bench.sweep(&runs(&["seed=3"]), "module top; endmodule", false).unwrap();
    assert_eq!(bench.calls(), ["nextpnr 3", "yosys"]);
    let folder = std::fs::read_dir(bench.out().join("sweep")).unwrap().map(|entry| entry.unwrap().path());
    let folder = folder.into_iter().find(|path| path.to_str().unwrap().contains("seed-3-")).unwrap();
    std::fs::remove_file(folder.join("top.bit")).unwrap();
    bench.sweep(&runs(&["seed=3"]), "module top; endmodule", false).unwrap();
    assert_eq!(bench.calls(), ["nextpnr 3"]);
    std::fs::write(bench.dir.path().join("nextpnr-ecp5"), NEXTPNR.replace("0.1", "0.2")).unwrap();
    let bench = Bench { tools: Toolchain::find(Some(bench.dir.path())).unwrap(), ..bench };
    bench.sweep(&runs(&["seed=3"]), "module top; endmodule", false).unwrap();
    assert_eq!(bench.calls(), ["nextpnr 3"]);
    bench.sweep(&runs(&["seed=3"]), "module top; endmodule", true).unwrap();
    assert_eq!(bench.calls(), ["nextpnr 3", "yosys"]);
}

/// Processes, zombies not counted, whose command line has this text.
fn processes(text: &str) -> usize {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok())
        .filter(|line| String::from_utf8_lossy(line).replace('\0', " ").contains(text))
        .count()
}

/// Looks again and again until it holds; `complaint` if it does not within a minute.
fn wait_until(complaint: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(60), "{complaint}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_stop_ends_the_tools_and_what_they_have_started() {
    let bench = Bench::new();
    // a sleep of this test alone
    let script = NEXTPNR.replace("987654", "987653");
    std::fs::write(bench.dir.path().join("nextpnr-ecp5"), script).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let base = FlowOptions { stop: Some(stop.clone()), ..FlowOptions::default() };
    let runs = vary(&base, &["seed=14,3,4".parse().unwrap(), "nextpnr.small=on,off".parse().unwrap()]);
    let start = Instant::now();
    std::thread::scope(|scope| {
        let sweep = scope.spawn(|| bench.sweep(&runs, "", false));
        wait_until("the tools do not start", || processes("sleep 987653") == 2);
        let error = bench.sweep(&runs, "", false).unwrap_err();
        assert!(matches!(error, FlowError::Busy { .. }), "{error}");
        stop.store(true, Ordering::Relaxed);
        let error = sweep.join().unwrap().unwrap_err();
        assert!(matches!(error, FlowError::Stopped { .. }), "{error}");
    });
    // a killed process leaves the table a moment after the signal was sent
    wait_until("a tool's child outlives it", || processes("sleep 987653") == 0);
    assert!(start.elapsed() < Duration::from_secs(60));
    assert!(!bench.calls().contains(&"nextpnr 3".to_string()));
}

#[test]
fn progress_names_the_run() {
    let bench = Bench::new();
    let seen = Mutex::new(Vec::new());
    let design = Design { configuration: "", top: "top", verilog: "", lpf: "" };
    let options = SweepOptions { jobs: 1.try_into().unwrap(), fresh: false };
    for _ in 0..2 {
        let board = board("ulx3s-25f").unwrap();
        sweep(&bench.tools, &design, board, &bench.out(), &runs(&["seed=3,13"]), &options, &|progress| {
            if let SweepProgress::Finished { index, run, resumed } = progress {
                seen.lock().unwrap().push((index, run.status, resumed));
            }
        })
        .unwrap();
    }
    let (met, failed) = (Status::Met, Status::Failed);
    let expected = [(0, met, false), (1, failed, false), (0, met, true), (1, failed, true)];
    assert_eq!(seen.into_inner().unwrap(), expected);
}

#[test]
fn one_netlist_serves_several_boards_and_processes() {
    let bench = Bench::new();
    let design = Design { configuration: "mine", top: "top", verilog: "module top; endmodule", lpf: "" };
    let folder = bench.dir.path().join("netlist");
    let options = FlowOptions { yosys_args: vec!["-abc9".into()], ..FlowOptions::default() };
    let made = synthesize(&bench.tools, &design, &folder, &options, &mut |_| {}).unwrap();
    let synthesis = Synthesis::load(&folder).unwrap();
    assert_eq!(synthesis, made);
    for name in ["ulx3s-25f", "colorlight-i5"] {
        let out = bench.out().join(name);
        let options = FlowOptions { seed: 4, ..FlowOptions::default() };
        let board = board(name).unwrap();
        let report = place_and_route(&bench.tools, &synthesis, "", board, &out, &options, &mut |_| {}).unwrap();
        assert_eq!((report.inputs.board.as_str(), report.inputs.seed), (name, 4));
        // the options are those of the netlist
        assert_eq!(report.inputs.yosys_args, ["-abc9"]);
        let steps: Vec<&str> = report.steps.iter().map(|step| step.step.as_str()).collect();
        assert_eq!(steps, ["yosys", "nextpnr-ecp5", "ecppack"]);
    }
    assert_eq!(bench.calls(), ["nextpnr 4", "nextpnr 4", "yosys"]);
}
