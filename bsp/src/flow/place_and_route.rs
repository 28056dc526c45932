//! From a netlist to a bitstream: nextpnr-ecp5 and ecppack.

use super::netlist::Netlist;
use super::process::Runner;
use super::report::{self, Report, ReportError};
use super::run::{self, Inputs, Run};
use super::{FlowError, FlowOptions, Progress, Synthesis, Toolchain, forget, make_dir, write};
use crate::boards::Board;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

/// Places and routes a netlist and packs the bitstream in `dir`, which is made if it does not exist and may be that of the
/// netlist. [`FlowOptions::yosys_args`] have no part in it.
///
/// The folder then has `top.lpf`, `netlist.json` (as nextpnr reads it), `nextpnr.json` (its report), `top.config`, `top.bit`,
/// one `.log` per tool, the returned report as `report.json` and, whether it succeeded or a tool failed, a [`Run`] as `run.json`.
/// Missing the timing is not an error: see [`Report::timing_met`].
///
/// # Errors
/// [`FlowError`] for the first tool that does not start, fails, takes too long or is stopped, and for a file that cannot be
/// read or written.
pub fn place_and_route(
    tools: &Toolchain,
    synthesis: &Synthesis,
    lpf: &str,
    board: &Board,
    dir: &Path,
    options: &FlowOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, FlowError> {
    make_dir(dir)?;
    for record in [run::RECORD, "report.json"] {
        forget(dir, record)?;
    }
    let start = Instant::now();
    let result = make(tools, synthesis, lpf, board, dir, options, progress);
    let inputs = Inputs::new(tools, synthesis, lpf, board, options);
    if let Some(run) = Run::new(inputs, &result, options.timeout, start.elapsed()) {
        write(dir, run::RECORD, &report::to_json(&run))?;
    }
    result
}

fn make(
    tools: &Toolchain,
    synthesis: &Synthesis,
    lpf: &str,
    board: &Board,
    dir: &Path,
    options: &FlowOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, FlowError> {
    write(dir, "top.lpf", lpf)?;
    let cells = prepare_netlist(synthesis, &dir.join("netlist.json"), board, options)?;
    let mut runner = Runner::new(dir, options, progress);
    runner.run("nextpnr-ecp5", &tools.nextpnr, &nextpnr_arguments(board, options))?;
    let mut pack: Vec<String> = board.pack_args.iter().map(|arg| arg.to_string()).collect();
    pack.extend(["--input", "top.config", "--bit", "top.bit"].map(String::from));
    runner.run("ecppack", &tools.ecppack, &pack)?;

    let steps = [synthesis.steps.clone(), runner.times].concat();
    let report = Report::collect(dir, Inputs::new(tools, synthesis, lpf, board, options), cells, steps)?;
    write(dir, "report.json", &report.to_json())?;
    Ok(report)
}

/// Writes the netlist for nextpnr; returns the number of cells of each type.
fn prepare_netlist(
    synthesis: &Synthesis,
    path: &Path,
    board: &Board,
    options: &FlowOptions,
) -> Result<BTreeMap<String, u64>, FlowError> {
    let source = synthesis.netlist();
    let netlist = Netlist::new(report::read(&source)?);
    let mut netlist = netlist.ok_or(ReportError::NoTop { path: source })?;
    netlist.open_carry_ends();
    if options.place_ebr {
        netlist.place_ebr(board.device);
    }
    let text = netlist.json().to_string();
    std::fs::write(path, text).map_err(|source| FlowError::Io { path: path.to_path_buf(), source })?;
    Ok(netlist.count_cells())
}

fn nextpnr_arguments(board: &Board, options: &FlowOptions) -> Vec<String> {
    let mut arguments: Vec<String> = vec![
        board.nextpnr_device.into(),
        "--package".into(),
        board.package.into(),
        "--speed".into(),
        board.speed.to_string(),
        "--seed".into(),
        options.seed.to_string(),
        // whether timing is met stands in the report; here it would hide everything else
        "--timing-allow-fail".into(),
    ];
    for (option, file) in
        [("--json", "netlist.json"), ("--lpf", "top.lpf"), ("--textcfg", "top.config"), ("--report", "nextpnr.json")]
    {
        arguments.extend([option.to_string(), file.to_string()]);
    }
    if let Some(mhz) = options.freq_mhz {
        arguments.extend(["--freq".to_string(), mhz.to_string()]);
    }
    arguments.extend(options.nextpnr_args.iter().cloned());
    arguments
}
