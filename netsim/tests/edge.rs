//! Registers that take over a value at the clock edge while others still read the old one: in rings, chains and through
//! memories, between instances large enough to be cells of their own. Compared with Icarus Verilog, clock by clock.

mod common;

use common::check;
use rust_hdl_netsim::{Engine, Options, Simulator};

/// An instance that mixes what comes from two sides, keeps a delay line and a memory that it writes and reads at once.
const STATION: &str = "
module station(clock, go, left, right, out, line, word);
  input wire clock, go; input wire [7:0] left, right; output wire [7:0] out, line, word;
  reg [7:0] a, b, c, d, e, f, now; reg [7:0] words [7:0]; integer i;
  initial begin a = 1; b = 2; c = 3; d = 4; e = 5; f = 6; now = 7; for (i = 0; i < 8; i = i + 1) words[i] = 8'd9 * i; end
  assign out = a; assign line = f; assign word = now;
  always @(posedge clock) begin
    a <= left ^ b; b <= right + f; c <= a; d <= c;
    if (go) begin e <= d + left; f <= e; end
    now <= words[a[2:0]];
    if (go | b[0]) words[a[2:0]] <= now + b;
  end
endmodule";

/// Stations in a ring; each reads the next one's `from` and the one's before.
fn ring(name: &str, stations: usize, from: &str) {
    let mut top = format!(
        "{STATION}\nmodule top(clock, go, x, all); input wire clock, go; input wire [7:0] x; output wire [7:0] all;\n"
    );
    let mut all = "x".to_string();
    for i in 0..stations {
        let (next, before) = ((i + 1) % stations, (i + stations - 1) % stations);
        top += &format!(
            "wire [7:0] out{i}, line{i}, word{i};\nstation s{i}(.clock(clock), .go(go ^ x[{}]), .left({from}{before}), \
             .right(out{next}), .out(out{i}), .line(line{i}), .word(word{i}));\n",
            i % 8
        );
        all += &format!(" ^ (out{i} + word{i})");
    }
    check(name, &(top + &format!("assign all = {all};\nendmodule")), 600);
}

#[test]
fn instances_that_read_each_other() {
    ring("pair", 2, "out");
    ring("ring", 7, "out");
}

#[test]
fn instances_that_read_each_others_delay_lines_and_memories() {
    ring("lines", 5, "line");
    ring("words", 5, "word");
}

#[test]
fn a_long_chain_moves_one_place_a_clock() {
    let stages = 200;
    let moves: String = (1..stages).map(|i| format!("r{i} <= r{} + {};\n", i - 1, i % 3)).collect();
    let names: Vec<String> = (0..stages).map(|i| format!("r{i}")).collect();
    let zeros: String = names.iter().map(|n| format!("{n} = 0;\n")).collect();
    let text = format!(
        "module top(clock, x, q, m); input wire clock; input wire [7:0] x; output wire [7:0] q, m;\nreg [7:0] {};\n\
         initial begin {zeros} end\nassign q = r{}; assign m = r{} ^ r3;\n\
         always @(posedge clock) begin r0 <= x ^ r{};\n{moves} end\nendmodule",
        names.join(", "),
        stages - 1,
        stages / 2,
        stages - 1
    );
    check("chain", &text, 600);
}

/// What is looked at is computed for show; at the edge everybody is woken all the same.
#[test]
fn looking_inside_changes_nothing() {
    let mut text = format!(
        "{STATION}\nmodule top(clock, go, x, all); input wire clock, go; input wire [7:0] x; output wire [7:0] all;\n"
    );
    for i in 0..5 {
        text += &format!(
            "wire [7:0] out{i}, line{i}, word{i};\nstation s{i}(.clock(clock), .go(go ^ x[{i}]), .left(line{}), .right(out{}), \
             .out(out{i}), .line(line{i}), .word(word{i}));\n",
            (i + 4) % 5,
            (i + 1) % 5
        );
    }
    // Operators that only registers need, in stages of their own.
    text += "reg [7:0] p, q, r; initial begin p = 0; q = 0; r = 0; end\n\
             wire [7:0] sum = (p ^ out0) + word1; wire [7:0] next = sum + (sum ^ q);\n\
             always @(posedge clock) begin p <= next; if (next[0]) q <= sum + 1; r <= r + (next ^ sum); end\n\
             assign all = line0 ^ word3 ^ p ^ q ^ r;\nendmodule";
    let load = |engine| Simulator::from_verilog(&text, &Options { engine, ..Options::default() }).unwrap();
    for engine in if cfg!(feature = "jit") { vec![Engine::Interpreter, Engine::Jit] } else { vec![Engine::Interpreter] }
    {
        let (mut alone, mut watched) = (load(engine), load(engine));
        let nets: Vec<_> = watched.nets().collect::<Vec<_>>().iter().map(|path| watched.net(path).unwrap()).collect();
        let (go, x, all) = (alone.input("go").unwrap(), alone.input("x").unwrap(), alone.output("all").unwrap());
        for clock in 0..400u64 {
            for simulator in [&mut alone, &mut watched] {
                simulator.set(go, (clock / 3) & 1);
                simulator.set(x, (clock * 37) & 0xff);
            }
            if clock % 4 != 3 {
                nets.iter().for_each(|&net| _ = watched.peek(net));
            }
            assert_eq!(alone.get(all), watched.get(all), "clock {clock}");
            alone.clock();
            watched.clock();
        }
    }
}
