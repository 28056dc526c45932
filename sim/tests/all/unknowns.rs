//! What the memories hold when the power comes does not matter.

use crate::common::client::connect;
use crate::common::networks::everything;
use crate::common::replay::{self, answer, bench, execute};
use nernst_hdl::generate::soc_verilog;
use nernst_sim::VirtualBoard;
use nernst_spec::memory::Address;
use nernst_spec::{ArrayConfig, CoreConfig};
use rust_hdl_bsp_ecp5::cosim::{compared, not_run};
use std::fs;
use std::path::Path;

/// The same Verilog, with something else in the place of the line that fills a memory with zeros, and how many memories it has. Tables that are never
/// written keep what they hold.
fn filled(verilog: &str, fill: impl Fn(&str) -> String) -> (String, usize) {
    let (mut text, mut memories, mut table) = (String::new(), 0, false);
    for line in verilog.lines() {
        table = (table || line.contains("rom_style")) && !line.contains("endmodule");
        if line.contains("mem[i] = ") && !table {
            memories += 1;
            text.push_str(&fill(line));
        } else {
            text.push_str(line);
        }
        text.push('\n');
    }
    (text, memories)
}

/// At least the weights, the scheduler, the routes, and the buffers of the link.
fn fewest_memories(config: &ArrayConfig) -> usize {
    config.block_rams() + 2 * config.cores.len() + 4
}

#[test]
fn a_session_goes_the_same_whatever_the_memories_hold_at_first() {
    for config in [everything(), ArrayConfig::ready("25f").unwrap()] {
        let verilog = soc_verilog(&config).unwrap();
        let chunks = replay::session(&config, 5, 12);
        let expected = replay::in_netsim(&verilog, &chunks);
        for garbage in [u64::MAX, 0xa123_4567_89ab_cdef] {
            let fill = |line: &str| {
                let (before, zeros) = line.split_once("mem[i] = ").expect("it fills a memory");
                let width: u32 = zeros.split_once("'h0;").expect("with zeros").0.parse().expect("of a width");
                format!("{before}mem[i] = {width}'h{:x};", garbage >> (64 - width))
            };
            let (text, memories) = filled(&verilog, fill);
            assert!(memories > fewest_memories(&config), "{memories} memories");
            // It is there, before a host clears it.
            let board = VirtualBoard::from_verilog(&text, &Default::default()).unwrap();
            assert_ne!(connect(board).read(Address::weights(0, 0, 0), 1), [0]);
            assert_eq!(replay::in_netsim(&text, &chunks), expected, "{} with {garbage:x}", config.name);
        }
        compared(
            "other values in the memories at first",
            format!("{}: 2, a session each, the same bytes in the same clocks", config.name),
        );
    }
}

/// A simulator that knows unknown values: every bit of a memory is one until it is written.
#[test]
fn no_unknown_value_of_a_memory_reaches_an_output() {
    // Icarus runs some hundred clocks of a second.
    let mut config = ArrayConfig::ready("tiny").unwrap();
    config.inputs = 8;
    config.cores.truncate(1);
    config.cores[0] = CoreConfig { tiles: 1, tiles_per_unit: 1, ..config.cores[0] };
    let verilog = soc_verilog(&config).unwrap();
    let (unknown, memories) = filled(&verilog, |_| String::new());
    assert!(memories > fewest_memories(&config), "{memories} memories");
    let chunks = replay::session(&config, 3, 3);
    let (bench, stimulus) = bench(&chunks);
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("top.v"), unknown).unwrap();
    fs::write(folder.join("bench.v"), bench).unwrap();
    fs::write(folder.join("stimulus.hex"), stimulus).unwrap();
    let arguments = ["-g2005-sv", "-o", "bench.vvp", "bench.v", "top.v"];
    let Some(build) = execute(folder, Path::new("iverilog"), &arguments) else {
        return not_run("unknown values", "iverilog is not installed (apt install iverilog)");
    };
    assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));
    let run = execute(folder, Path::new("vvp"), &["bench.vvp"]).expect("it comes with iverilog");
    let text = String::from_utf8_lossy(&run.stdout);
    let unknown: Vec<&str> = text.lines().filter(|line| line.starts_with("unknown")).take(10).collect();
    assert_eq!(unknown, [""; 0]);
    assert_eq!(answer(&run), replay::in_netsim(&verilog, &chunks));
    compared(
        "unknown values in the memories at first",
        format!("{memories} memories, {} clocks, none at an output", answer(&run).clocks),
    );
}
