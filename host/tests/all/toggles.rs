//! Toggles per event, on the netlist that synthesis makes of tiny, and from outside the process.

use assert_cmd::Command;
use nernst::bench::{Kind, Workload, netlist as on_netlist};
use nernst::{design, toggles};
use nernst_spec::{ArrayConfig, Ledger};
use rust_hdl_bsp_ecp5::boards;
use rust_hdl_bsp_ecp5::cosim::{compared, not_run};
use rust_hdl_bsp_ecp5::flow::{self, Design, FlowOptions, Toolchain};
use std::fs;
use std::sync::OnceLock;

/// What synthesis makes of tiny, once for all tests; `None` without tools.
fn netlist() -> Option<&'static (ArrayConfig, String)> {
    static NETLIST: OnceLock<Option<(ArrayConfig, String)>> = OnceLock::new();
    NETLIST.get_or_init(synthesise).as_ref()
}

fn synthesise() -> Option<(ArrayConfig, String)> {
    let tools = match Toolchain::find(None) {
        Ok(tools) => tools,
        Err(missing) => {
            not_run("the netlist of tiny", missing);
            return None;
        }
    };
    // A fast line makes a short simulation.
    let config = ArrayConfig { baud: 12_000_000, ..ArrayConfig::ready("tiny").unwrap() };
    let made = design::make(boards::board("ulx3s-25f").unwrap(), &config).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let parts = Design { configuration: "tiny", top: made.top, verilog: &made.verilog, lpf: &made.lpf };
    let synthesis = flow::synthesize(&tools, &parts, folder.path(), &FlowOptions::default(), &mut |_| {}).unwrap();
    Some((config, fs::read_to_string(synthesis.netlist()).unwrap()))
}

#[test]
fn the_netlist_runs_digits_like_the_model() {
    let Some((config, text)) = netlist() else { return };
    let workload = Workload::new(Kind::Digits, config, 64, 0).unwrap();
    let mut answers = vec![];
    let report = on_netlist::run(
        text,
        &workload.image,
        &workload.runs,
        |sample, ticks| answers.push((sample, ticks.len())),
        |_, _| {},
    );
    let report = report.unwrap();
    assert_eq!((report.mismatches, report.first.as_deref(), report.samples), (0, None, 64));
    assert!(report.spikes > 300 && report.membranes == 64 * 72, "{report:?}");
    let on_netlist::NetlistReport { samples, spikes, membranes, counters, .. } = &report;
    compared(
        "digits in the netlist, beside the model",
        format!("tiny: {samples} digits, {spikes} spikes to the host, {membranes} membranes, {counters} counters"),
    );
    assert_eq!(answers, (0..64).map(|sample| (sample, 17)).collect::<Vec<_>>());
}

/// The counters of all workloads are equal to the reference model's: [`toggles::measure`] fails else.
#[test]
fn the_netlist_counts_like_the_model_and_prices_follow_from_its_toggles() {
    let Some((config, netlist)) = netlist() else { return };
    let workloads = toggles::workloads(config, 1);
    let measurement = toggles::measure(netlist, None, config, &workloads, |_, _| {}).unwrap();
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
