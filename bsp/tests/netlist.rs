//! The primitives after synthesis: what Yosys and nextpnr make of them, simulated with the crate's own cell models.

use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::cosim::{self, Clock, Recording};
use rust_hdl_bsp_ecp5::flow::Toolchain;
use rust_hdl_bsp_ecp5::primitives::*;
use std::process::Command;

macro_rules! clock {
    () => {
        Some(Clock { port: "clock", set: |u, level| u.clock.next = level.into() })
    };
}

/// Runs Yosys with a script on a Verilog text, which it finds as `top.v`; returns the file that the script writes.
fn yosys(test: &str, verilog: &str, script: &str, output: &str) -> Option<String> {
    let tools = Toolchain::find(None).inspect_err(|missing| cosim::not_run(test, missing)).ok()?;
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("top.v"), verilog).unwrap();
    let run = Command::new(tools.yosys).current_dir(dir.path()).args(["-q", "-p", script]).output().unwrap();
    assert!(run.status.success(), "{test}: {}", String::from_utf8_lossy(&run.stderr));
    Some(std::fs::read_to_string(dir.path().join(output)).unwrap())
}

/// Synthesizes, checks the cells of the netlist, and compares it with the recorded answers.
fn synthesized(recording: &Recording, cells: &[(&str, usize)]) {
    let script = "read_verilog top.v; synth_ecp5 -top top; write_verilog -noattr netlist.v";
    let Some(netlist) = yosys(&recording.name, &recording.verilog, script, "netlist.v") else { return };
    for (cell, count) in cells {
        let instances = netlist.lines().filter(|line| line.trim_start().starts_with(&format!("{cell} "))).count();
        assert_eq!(instances, *count, "{}: {cell}", recording.name);
    }
    recording.compare("netlist", &[], &[&netlist, CELL_MODELS]).unwrap().assert_equal();
}

#[test]
fn add_shift_is_one_lut_a_bit() {
    let recording = cosim::record("add_shift", AddShift::<15, 4>::default(), clock!(), 2000, |u, _, rng| {
        u.enable.next = !rng.one_in(4);
        u.add.next = !rng.one_in(3);
        u.weight.next = rng.bits();
        u.shift_in.next = rng.bits();
    });
    synthesized(&recording.unwrap(), &[("CCU2C", 8), ("TRELLIS_FF", 15), ("LUT4", 0)]);
    let recording = cosim::record("add_shift", AddShift::<18, 8>::default(), clock!(), 2000, |u, _, rng| {
        u.enable.next = !rng.one_in(4);
        u.add.next = !rng.one_in(3);
        u.weight.next = rng.bits();
        u.shift_in.next = rng.bits();
    });
    synthesized(&recording.unwrap(), &[("CCU2C", 10), ("TRELLIS_FF", 18), ("LUT4", 0)]);
}

#[test]
fn gated_sum_is_one_lut_a_bit() {
    let recording = cosim::record("gated_sum", GatedSum::<4, 9>::default(), clock!(), 2000, |u, _, rng| {
        (u.use_a.next, u.use_b.next) = (!rng.one_in(4), !rng.one_in(4));
        (u.a.next, u.b.next) = (rng.bits(), rng.bits());
    });
    synthesized(&recording.unwrap(), &[("CCU2C", 3), ("TRELLIS_FF", 5), ("LUT4", 0)]);
}

#[test]
fn memories_stay_memories() {
    let contents: Vec<u64> = (0..512).map(|i| i * 0x12_3457 % 0x1_0000_0000).collect();
    let uut = BlockRam::<32, 9>::with_contents(&contents).unwrap();
    let recording = cosim::record("block_ram", uut, clock!(), 2000, |u, _, rng| {
        u.write_enable.next = rng.one_in(2);
        u.write_address.next = rng.bits();
        u.write_data.next = rng.bits();
        u.read_address.next = rng.bits();
        if u.read_address.next == u.write_address.next {
            u.write_enable.next = false;
        }
    });
    // this also compares Yosys' own layout of initial contents with that of models/DP16KD.v
    synthesized(&recording.unwrap(), &[("DP16KD", 1), ("TRELLIS_FF", 0), ("LUT4", 0)]);

    let recording = cosim::record("distributed_ram", DistributedRam::<8, 4>::default(), clock!(), 1000, |u, _, rng| {
        u.write_enable.next = rng.one_in(2);
        u.write_address.next = rng.bits();
        u.write_data.next = rng.bits();
        u.read_address.next = rng.bits();
    });
    synthesized(&recording.unwrap(), &[("TRELLIS_DPR16X4", 2), ("TRELLIS_FF", 0)]);

    let recording = cosim::record("bit_set_ram", BitSetRam::default(), clock!(), 3000, |u, _, rng| {
        u.set_enable.next = true;
        u.set_address.next = bits(rng.below(64));
        u.set_value.next = !rng.one_in(3);
        u.word_enable.next = true;
        u.word_address.next = bits(rng.below(4));
        u.word_write.next = rng.one_in(3);
        u.word_in.next = rng.bits();
        u.output_enable.next = !rng.one_in(4);
        if u.word_address.next.index() == u.set_address.next.index() / 16 {
            u.set_enable.next = false;
        }
    });
    synthesized(&recording.unwrap(), &[("DP16KD", 1), ("TRELLIS_FF", 0), ("LUT4", 0)]);
}

#[test]
fn registers_start_as_told() {
    let recording =
        cosim::record("dff_init", DffInit::new(bits::<8>(0xa5)), clock!(), 50, |u, _, rng| u.d.next = rng.bits());
    synthesized(&recording.unwrap(), &[("TRELLIS_FF", 8), ("LUT4", 0)]);
    let table: Vec<u64> = (0..64u64).map(|i| (i * i * 3) & 0xff).collect();
    let recording = cosim::record("rom", Rom::<8, 6>::new(&table).unwrap(), None, 64, |u, step, _| {
        u.address.next = bits(step as u64)
    });
    synthesized(&recording.unwrap(), &[("TRELLIS_FF", 0)]);
}

/// The pin mapping of [`BitSetRam`] is the one that Yosys itself chooses for a memory written by bits and read by words.
#[test]
fn bits_lie_where_yosys_puts_them() {
    let read: Vec<String> = (0..16).rev().map(|bit| format!("mem[{{word, 4'd{bit}}}]")).collect();
    let verilog = format!(
        "module top (input clock, input set, input [13:0] bit_address, input value, input [9:0] word, output reg [15:0] q);\n\
         (* no_rw_check *) reg mem [0:16383];\nalways @(posedge clock) if (set) mem[bit_address] <= value;\n\
         always @(posedge clock) q <= {{{}}};\nendmodule\n",
        read.join(", ")
    );
    let script = "read_verilog top.v; synth_ecp5 -top top -run begin:map_ffs; write_verilog -noattr netlist.v";
    let Some(netlist) = yosys("mapping of bits and words", &verilog, script, "netlist.v") else { return };
    let has = |pin: &str| assert!(netlist.contains(pin), "no {pin} in\n{netlist}");
    for bit in 0..8 {
        has(&format!(".DOB{bit}(q[{bit}])"));
        has(&format!(".DOB{}(q[{}])", bit + 9, bit + 8));
    }
    for bit in 0..14 {
        has(&format!(".ADA{bit}(bit_address[{bit}])"));
    }
    for bit in 0..10 {
        has(&format!(".ADB{}(word[{bit}])", bit + 4));
    }
    has(".DIA0(value)");
}

/// The crate's combinational cell models against those of Yosys, proved for every input; a random sample of INIT values.
#[test]
fn cell_models_are_those_of_yosys() {
    let mut rng = cosim::Rng::new(7);
    let mut verilog = CELL_MODELS.to_string();
    for cell in ["LUT4", "PFUMX", "L6MUX21", "CCU2C"] {
        verilog = verilog.replace(&format!("module {cell} "), &format!("module OUR_{cell} "));
    }
    // the rest clashes with Yosys' modules, too
    for cell in ["DP16KD", "PDPW16KD", "MULT18X18D", "TRELLIS_FF", "TRELLIS_DPR16X4"] {
        verilog = verilog.replace(&format!("module {cell} "), &format!("module UNUSED_{cell} "));
    }
    verilog += "module top (input [8:0] i, output ok);\n";
    let mut equal = Vec::new();
    let mut both = |cell: &str, parameters: &str, pins: &str, outputs: &[&str]| {
        let n = equal.len();
        for (prefix, whose) in [("", "theirs"), ("OUR_", "ours")] {
            let out: String = outputs.iter().enumerate().map(|(k, o)| format!(", .{o}({whose}{n}[{k}])")).collect();
            verilog +=
                &format!("wire [2:0] {whose}{n};\n{prefix}{cell} #({parameters}) {whose}_cell{n} ({pins}{out});\n");
        }
        equal.push(format!("theirs{n}[{last}:0] == ours{n}[{last}:0]", last = outputs.len() - 1));
    };
    both("PFUMX", "", ".ALUT(i[0]), .BLUT(i[1]), .C0(i[2])", &["Z"]);
    both("L6MUX21", "", ".D0(i[0]), .D1(i[1]), .SD(i[2])", &["Z"]);
    let inputs = ".CIN(i[8]), .A0(i[0]), .B0(i[1]), .C0(i[2]), .D0(i[3]), .A1(i[4]), .B1(i[5]), .C1(i[6]), .D1(i[7])";
    for inject in ["NO", "YES"] {
        for k in 0..12 {
            let init = if k == 0 { 0x7b48 } else { rng.below(0x1_0000) };
            both("LUT4", &format!(".INIT(16'h{init:x})"), ".A(i[0]), .B(i[1]), .C(i[2]), .D(i[3])", &["Z"]);
            let other = rng.below(0x1_0000);
            let parameters = format!(
                ".INIT0(16'h{other:x}), .INIT1(16'h{init:x}), .INJECT1_0(\"{inject}\"), .INJECT1_1(\"{inject}\")"
            );
            both("CCU2C", &parameters, inputs, &["S0", "S1", "COUT"]);
        }
    }
    verilog += &format!("assign ok = {};\nendmodule\n", equal.join(" && "));
    let script = "read_verilog -D NO_INCLUDES +/ecp5/cells_sim.v; read_verilog top.v; prep -flatten -top top; \
                  sat -verify -prove ok 1 top; write_verilog proved.v";
    yosys("models of cells", &verilog.replace(" #() ", " "), script, "proved.v");
}

/// A mode that a model does not know must not pass for one that it knows.
#[test]
fn a_model_refuses_what_it_does_not_know() {
    let recording = cosim::record("mult18x18", Mult18x18::default(), clock!(), 1, |_, _, _| {}).unwrap();
    let other = recording.verilog.replace(".RESETMODE(\"SYNC\")", ".RESETMODE(\"ASYNC\")");
    match recording.compare("asynchronous reset", &["SYNTHESIS"], &[&other, CELL_MODELS]) {
        Ok(cosim::Outcome::NotRun(reason)) => cosim::not_run("unknown modes of cells", reason),
        Ok(_) => panic!("the model of MULT18X18D took an asynchronous reset"),
        Err(error) => assert!(error.to_string().contains("MULT18X18D_MODEL_DOES_NOT_KNOW_THIS_MODE"), "{error}"),
    }
}
