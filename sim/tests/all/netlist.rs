//! The same bytes at the same clocks in the netlist that synthesis makes.
//!
//! Every byte of the answers and the number of clocks must be equal to netsim's; the answers have every host spike, every
//! membrane and every counter in them, those of clocks too.

use crate::common::replay::{self, execute};
use nernst_hdl::generate::soc_verilog;
use nernst_spec::ArrayConfig;
use rust_hdl_bsp_ecp5::cosim::{compared, not_run};
use rust_hdl_bsp_ecp5::flow::Toolchain;
use std::fs;
use std::process::Output;

fn assert_success(what: &str, output: &Output) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(4000)]).into_owned();
    assert!(output.status.success(), "{what}: {}\n{}", text(&output.stdout), text(&output.stderr));
}

/// Sessions that run in the netlist side by side. It has lanes for 64, but each must be made and run in netsim, too.
const SESSIONS: u64 = 16;

/// One session in each lane: other networks, other spikes. What simulates the netlist is compared with Icarus in `bsp`.
#[test]
fn the_netlist_gives_the_same_bytes_in_the_same_clocks() {
    let config = ArrayConfig::ready("tiny").unwrap();
    let verilog = soc_verilog(&config).unwrap();
    let tools = match Toolchain::find(None) {
        Ok(tools) => tools,
        Err(missing) => return not_run("netlist", missing),
    };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("top.v"), &verilog).unwrap();
    let script = "read_verilog top.v; synth_ecp5 -top top -json netlist.json";
    let synthesis = execute(folder, &tools.yosys, &["-q", "-p", script]).expect("Yosys was found");
    assert_success("yosys", &synthesis);
    let netlist = fs::read_to_string(folder.join("netlist.json")).unwrap();
    let sessions: Vec<_> = (0..SESSIONS).map(|seed| replay::session(&config, 100 + seed, 20)).collect();
    for (lane, (answer, chunks)) in replay::in_netlist(&netlist, &sessions).iter().zip(&sessions).enumerate() {
        assert_eq!(*answer, replay::in_netsim(&verilog, chunks), "lane {lane}");
    }
    compared(
        "sessions in the netlist, beside netsim",
        format!("tiny: {SESSIONS} networks, every byte in the same clock"),
    );
}
