//! Toggles per event, on the netlist that synthesis makes of tiny, and from outside the process.

use assert_cmd::Command;
use nernst::{design, toggles};
use nernst_spec::{ArrayConfig, Ledger};
use rust_hdl_bsp_ecp5::boards;
use rust_hdl_bsp_ecp5::cosim::not_run;
use rust_hdl_bsp_ecp5::flow::{self, Design, FlowOptions, Toolchain};
use std::fs;

/// The counters of all workloads are equal to the reference model's: [`toggles::measure`] fails else.
#[test]
fn the_netlist_counts_like_the_model_and_prices_follow_from_its_toggles() {
    let tools = match Toolchain::find(None) {
        Ok(tools) => tools,
        Err(missing) => return not_run("toggles of the netlist", missing),
    };
    // A fast line makes a short simulation.
    let config = ArrayConfig { baud: 12_000_000, ..ArrayConfig::ready("tiny").unwrap() };
    let made = design::make(boards::board("ulx3s-25f").unwrap(), &config).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let parts = Design { configuration: "tiny", top: made.top, verilog: &made.verilog, lpf: &made.lpf };
    let synthesis = flow::synthesize(&tools, &parts, folder.path(), &FlowOptions::default(), &mut |_| {}).unwrap();
    let netlist = fs::read_to_string(synthesis.netlist()).unwrap();

    let workloads = toggles::workloads(&config, 1);
    let measurement = toggles::measure(&netlist, None, &config, &workloads, |_, _| {}).unwrap();
    let of = |name: &str| measurement.workloads.iter().find(|workload| workload.name == name).unwrap();
    // The same events on the same axons in the same clocks: only the weights differ.
    let (zero, random) = (of("rows of zero weights"), of("rows of random weights"));
    assert_eq!(zero.ledger.differences(&random.ledger).iter().find(|(name, ..)| !name.contains("nonzero")), None);
    assert!(zero.toggles < random.toggles, "{} and {}", zero.toggles, random.toggles);

    let ledgers: Vec<Ledger> = measurement.workloads.iter().map(|workload| workload.ledger.clone()).collect();
    let columns = toggles::columns(&ledgers);
    let counters: Vec<_> =
        columns.priced.iter().map(|column| (column.counter.clone(), column.counts.clone())).collect();
    let observed: Vec<f64> = measurement.workloads.iter().map(|workload| workload.toggles as f64).collect();
    let fit = toggles::fit(&counters, &observed, 30).unwrap();
    for counter in ["clocks", "link_bytes_in", "link_bytes_out"] {
        assert!(fit.prices.iter().any(|price| price.counter == counter && price.toggles > 0.0), "{counter}: {fit:?}");
    }
    assert!(fit.r_squared > 0.95, "{fit:?}");
}

fn failure(netlist: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("netlist.json");
    fs::write(&path, netlist).unwrap();
    let mut command = Command::cargo_bin("nernst").unwrap();
    let output = command.args(["toggles", "--config", "tiny", "--output", "prices.toml", "--netlist"]).arg(&path);
    String::from_utf8(output.assert().failure().code(1).get_output().stderr.clone()).unwrap()
}

#[test]
fn what_is_no_netlist_of_a_board_is_refused_with_what_to_do() {
    let text = failure("weights");
    assert!(text.contains("not a netlist") && text.contains("nernst synth"), "{text}");
    let gate = r#"{"modules": {"top": {"attributes": {"top": "1"}, "ports": {}, "cells": {}, "netnames": {}}}}"#;
    let text = failure(gate);
    assert!(text.contains("uart_rx") && text.contains("help:"), "{text}");
    let mut command = Command::cargo_bin("nernst").unwrap();
    let missing = ["toggles", "--config", "tiny", "--output", "prices.toml", "--netlist", "nowhere/netlist.json"];
    let output = command.args(missing).assert().failure().code(1);
    let text = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert!(text.contains("nowhere/netlist.json") && text.contains("help:"), "{text}");
}
