//! Logic sleeps until something that it reads changes: what wakes it, and that clocks in which nothing happens count.

mod common;

use common::check;
use rust_hdl_netsim::{Engine, Options, Simulator};

const TIMER: &str = "module top(clock, start, address, write, data, left, ring, word, ticks);
  input wire clock, start, write; input wire [1:0] address; input wire [7:0] data;
  output reg [3:0] left; output wire ring; output wire [7:0] word; output reg [7:0] ticks;
  reg [7:0] words [3:0]; integer i;
  initial begin left = 0; ticks = 0; for (i = 0; i < 4; i = i + 1) words[i] = 8'd16 * i; end
  assign ring = left == 1; assign word = words[address];
  always @(posedge clock) begin
    if (start) left <= 9; else if (left != 0) left <= left - 1;
    if (ring) ticks <= ticks + 1;
    if (write) words[address] <= data;
  end
endmodule";

fn load(text: &str) -> Vec<Simulator> {
    let engines =
        if cfg!(feature = "jit") { vec![Engine::Interpreter, Engine::Jit] } else { vec![Engine::Interpreter] };
    let load = |engine| Simulator::from_verilog(text, &Options { engine, ..Options::default() }).unwrap();
    engines.into_iter().map(load).collect()
}

#[test]
fn an_input_wakes_what_slept_and_every_clock_counts() {
    for mut s in load(TIMER) {
        let (start, ring, ticks) = (s.input("start").unwrap(), s.output("ring").unwrap(), s.output("ticks").unwrap());
        assert_eq!(s.run(1 << 40, &[]), 1 << 40);
        assert_eq!(s.run(1 << 40, &[(ring, 1)]), 1 << 40);
        assert_eq!((s.cycle(), s.get(ticks)), (1 << 41, 0));
        s.set(start, 1);
        s.clock();
        s.set(start, 0);
        assert_eq!(s.run(100, &[(ring, 1)]), 8);
        assert_eq!(s.run(100, &[]), 100);
        assert_eq!((s.cycle(), s.get(ticks)), ((1 << 41) + 109, 1));
    }
}

#[test]
fn a_memory_changed_from_outside_wakes_its_readers() {
    for mut s in load(TIMER) {
        let (address, word) = (s.input("address").unwrap(), s.output("word").unwrap());
        s.set(address, 3);
        s.run(1000, &[]);
        assert_eq!(s.get(word), 48);
        let words = s.memory("words").unwrap();
        s.write_memory(words, 3, &[7]);
        assert_eq!(s.get(word), 7);
        s.run(1000, &[]);
        s.write_memory(words, 2, &[9]);
        s.set(address, 2);
        assert_eq!(s.get(word), 9);
    }
}

#[test]
fn a_write_that_goes_on_wins_over_a_change_from_outside() {
    for mut s in load(TIMER) {
        let input = |name| s.input(name).unwrap();
        let (write, data, address) = (input("write"), input("data"), input("address"));
        let word = s.output("word").unwrap();
        [(write, 1), (data, 5), (address, 1)].into_iter().for_each(|(port, value)| s.set(port, value));
        s.run(1000, &[]);
        assert_eq!(s.get(word), 5);
        let words = s.memory("words").unwrap();
        s.write_memory(words, 1, &[6]);
        assert_eq!(s.get(word), 6);
        s.clock();
        assert_eq!(s.get(word), 5);
    }
}

#[test]
fn looking_at_everything_disturbs_nothing() {
    for mut s in load(TIMER) {
        let nets: Vec<_> = s.nets().map(|path| s.net(&path).unwrap()).collect();
        let (start, ticks) = (s.input("start").unwrap(), s.output("ticks").unwrap());
        for clock in 0..200 {
            s.set(start, u64::from(clock % 40 == 30));
            nets.iter().for_each(|&net| drop(s.peek_words(net)));
            s.clock();
        }
        assert_eq!(s.get(ticks), 5);
    }
}

#[test]
fn a_timer_and_its_memory_are_as_in_verilog() {
    check("timer", TIMER, 2000);
}

/// Equal instances share their code; these are awake at different times.
#[test]
fn equal_instances_do_not_mix_up_their_values() {
    let worker = "module worker(clock, go, seed, busy, sum); input wire clock, go; input wire [7:0] seed;
      output wire busy; output reg [15:0] sum;
      reg [3:0] step; reg [7:0] value; reg [15:0] seen [15:0]; reg [15:0] last; integer i;
      initial begin step = 0; value = 0; sum = 0; last = 0; for (i = 0; i < 16; i = i + 1) seen[i] = i; end
      assign busy = step != 0;
      always @(posedge clock) begin
        last <= seen[step];
        if (go && !busy) begin step <= 15; value <= seed; end
        else if (busy) begin step <= step - 1; value <= value * 5 + 1; sum <= sum + (value ^ last); seen[step] <= sum; end
      end
    endmodule\n";
    let mut top = String::from(
        "module top(clock, go, seed, busy, sums); input wire clock; input wire [5:0] go;
      input wire [7:0] seed; output wire [5:0] busy; output wire [15:0] sums;\n",
    );
    for i in 0..6 {
        top += &format!(
            "wire [15:0] sum{i}; worker w{i}(.clock(clock), .go(go[{i}]), .seed(seed ^ {i}), .busy(busy[{i}]), .sum(sum{i}));\n"
        );
    }
    top += "assign sums = sum0 ^ sum1 ^ sum2 + sum3 ^ sum4 ^ sum5; endmodule";
    check("workers", &format!("{worker}{top}"), 1500);
}

/// What one register takes over is another's old value, in every order.
#[test]
fn a_ring_of_registers_turns() {
    check(
        "ring",
        "module top(clock, turn, x, a, b, c, d); input wire clock, turn; input wire [3:0] x;
         output reg [3:0] a, b, c, d;
         initial begin a = 1; b = 2; c = 3; d = 4; end
         always @(posedge clock) begin if (turn) begin a <= b; b <= c; c <= a; end d <= a ^ x; end
         endmodule",
        500,
    );
}

/// The sum is computed for the product only under `enable`, and for the register that copies it always.
#[test]
fn what_a_register_takes_is_computed_where_other_readers_sleep() {
    for take in ["copy <= sum", "if (hold) copy <= sum", "if (sum[3]) copy <= copy + 1"] {
        let text = format!(
            "module top(clock, enable, hold, a, b, product, copy);
             input wire clock, enable, hold; input wire [7:0] a, b; output reg [15:0] product; output reg [7:0] copy;
             wire [7:0] sum = a + b;
             initial begin product = 0; copy = 0; end
             always @(posedge clock) begin
               if (enable) product <= (((sum * 16'd3) ^ (product >> 1)) + (sum << 2) - b) * ((sum ^ a) + (product & b) - (a | b)) + (b - a) * 16'd5;
               {take};
             end
             endmodule"
        );
        check(take, &text, 1000);
    }
}
