//! Random expressions over nets of random width and sign, and random registers under nested conditions, compared with
//! Icarus Verilog: a module of many at a time, so that one process checks thousands of cases.

mod common;

use common::{Random, check_seeded};
use std::fmt::Write;

struct Net {
    name: String,
    width: u32,
}

struct Maker {
    random: Random,
    nets: Vec<Net>,
}

impl Maker {
    fn pick(&mut self, n: u64) -> u64 {
        self.random.next() % n
    }

    fn leaf(&mut self) -> String {
        match self.pick(8) {
            0 => format!("{}", self.pick(300)),
            1 => {
                let width = 1 + self.pick(40) as u32;
                let value = self.random.bits(width);
                let sign = if self.pick(2) == 0 { "s" } else { "" };
                format!("{width}'{sign}h{value:x}")
            }
            2 => {
                let n = self.pick(self.nets.len() as u64) as usize;
                let (hi, name) = (self.pick(self.nets[n].width.into()), self.nets[n].name.clone());
                let lo = self.pick(hi + 1);
                format!("{name}[{hi}:{lo}]")
            }
            _ => {
                let n = self.pick(self.nets.len() as u64) as usize;
                self.nets[n].name.clone()
            }
        }
    }

    fn expr(&mut self, depth: u32) -> String {
        if depth == 0 {
            return self.leaf();
        }
        let d = depth - 1;
        match self.pick(22) {
            0..=2 => self.leaf(),
            3..=11 => {
                let op = ["+", "-", "*", "&", "|", "^", "~^", "+", "-"][self.pick(9) as usize];
                format!("({} {op} {})", self.expr(d), self.expr(d))
            }
            12 | 13 => {
                let op = ["==", "!=", "<", "<=", ">", ">=", "&&", "||"][self.pick(8) as usize];
                format!("({} {op} {})", self.expr(d), self.expr(d))
            }
            14 => {
                let op = ["<<", ">>", "<<<", ">>>"][self.pick(4) as usize];
                // A short amount: shifts by millions of bits are nobody's test.
                format!("({} {op} ({} & 5'h1f))", self.expr(d), self.leaf())
            }
            15 => format!("({} >>> {})", self.expr(d), self.pick(70)),
            16 => {
                let op = ["~", "-", "!", "&", "|", "^", "~&", "~|", "~^", "+"][self.pick(10) as usize];
                format!("({op} {})", self.expr(d))
            }
            17 => format!("({} ? {} : {})", self.expr(d), self.expr(d), self.expr(d)),
            18 => format!("$signed({})", self.expr(d)),
            19 => format!("$unsigned({})", self.expr(d)),
            20 => {
                let n = self.pick(self.nets.len() as u64) as usize;
                let width = self.nets[n].width;
                let (name, len) = (self.nets[n].name.clone(), 1 + self.pick(width.into()));
                // In range always: outside, iverilog answers x.
                let start = self.leaf();
                let room = u64::from(width) - len + 1;
                let bits = if room.is_power_of_two() { room } else { room.next_power_of_two() / 2 };
                format!("{name}[({start} & 64'd{}) +: {len}]", bits - 1)
            }
            _ => {
                // Numbers without a width may not stand in a concatenation.
                let n = self.pick(self.nets.len() as u64) as usize;
                let (a, b) = (self.expr(d), self.nets[n].name.clone());
                let times = 1 + self.pick(3);
                format!("{{{{{times}{{{b}}}}}, ({a} != 8'd3), {b}}}")
            }
        }
    }
}

/// A module of many expressions of the same nets.
fn module(seed: u64, expressions: usize) -> String {
    let mut m = Maker { random: Random(seed * 2 + 1), nets: Vec::new() };
    let (mut ports, mut body) = (vec!["clock".to_string()], String::from("input wire clock;\n"));
    for i in 0..8 {
        let width = [1, 4, 8, 15, 32, 33, 64, 7][i] + (m.pick(3) as u32).min(if i == 6 { 0 } else { 2 });
        let signed = if m.pick(2) == 0 { "signed " } else { "" };
        let name = format!("n{i}");
        let _ = writeln!(body, "input wire {signed}[{}:0] {name};", width - 1);
        ports.push(name.clone());
        m.nets.push(Net { name, width });
    }
    for i in 0..expressions {
        let width = 1 + m.pick(64);
        let signed = if m.pick(2) == 0 { "signed " } else { "" };
        let expr = m.expr(3);
        let _ = writeln!(body, "output wire {signed}[{}:0] y{i};\nassign y{i} = {expr};", width - 1);
        ports.push(format!("y{i}"));
    }
    format!("module top({});\n{body}endmodule\n", ports.join(", "))
}

/// Statements that assign some of the registers under some of the conditions.
fn statements(m: &mut Maker, registers: &[(String, u32)], depth: u32, out: &mut String) {
    for _ in 0..1 + m.pick(3) {
        match m.pick(if depth == 0 { 3 } else { 6 }) {
            0..=2 => {
                let n = m.pick(registers.len() as u64) as usize;
                let (name, width) = &registers[n];
                let value = m.expr(2);
                match m.pick(6) {
                    0 => {
                        let lo = m.pick((*width).into());
                        let _ = writeln!(out, "{name}[{}:{lo}] <= {value};", lo + m.pick(u64::from(*width) - lo));
                    }
                    1 => {
                        let address = m.expr(1);
                        let _ = writeln!(out, "mem[({address}) & 64'd15] <= {value};");
                    }
                    _ => {
                        let _ = writeln!(out, "{name} <= {value};");
                    }
                }
            }
            3 | 4 => {
                let condition = m.expr(1);
                let _ = writeln!(out, "if ({condition}) begin");
                statements(m, registers, depth - 1, out);
                if m.pick(2) == 0 {
                    out.push_str("end else begin\n");
                    statements(m, registers, depth - 1, out);
                }
                out.push_str("end\n");
            }
            _ => {
                let subject = m.leaf();
                let _ = writeln!(out, "case ({subject})");
                for label in 0..1 + m.pick(5) {
                    let _ = writeln!(out, "{label}: begin");
                    statements(m, registers, depth - 1, out);
                    out.push_str("end\n");
                }
                out.push_str("default: ;\nendcase\n");
            }
        }
    }
}

/// A module of registers and a memory that change under nested conditions.
fn machine(seed: u64) -> String {
    let mut m = Maker { random: Random(seed * 2 + 1), nets: Vec::new() };
    let mut body = String::from("input wire clock;\n");
    let mut ports = vec!["clock".to_string()];
    for (i, width) in [1, 1, 3, 8, 20].into_iter().enumerate() {
        let name = format!("n{i}");
        let _ = writeln!(body, "input wire [{}:0] {name};", width - 1);
        ports.push(name.clone());
        m.nets.push(Net { name, width });
    }
    let mut registers = Vec::new();
    for i in 0..10 {
        let width = [1, 2, 4, 9, 16, 32, 40, 64][m.pick(8) as usize];
        let signed = if m.pick(2) == 0 { "signed " } else { "" };
        let (name, init) = (format!("r{i}"), m.random.bits(width));
        let _ = writeln!(body, "output reg {signed}[{}:0] {name}; initial {name} = {width}'h{init:x};", width - 1);
        ports.push(name.clone());
        m.nets.push(Net { name: name.clone(), width });
        registers.push((name, width));
    }
    body += "reg [21:0] mem [15:0]; integer i; initial for (i = 0; i < 16; i = i + 1) mem[i] = i * 77;\n\
             output wire [21:0] read; assign read = mem[r0[0] ? n3[3:0] : n4[7:4]];\n";
    ports.push("read".into());
    m.nets.push(Net { name: "read".into(), width: 22 });
    // Each block has registers of its own, and reads all.
    for mine in registers.chunks(4) {
        let mut text = String::new();
        statements(&mut m, mine, 3, &mut text);
        // One block writes the memory: of two writes to a word in one clock, the order would be nobody's promise.
        let text = if mine[0].0 == "r0" {
            text
        } else {
            text.replace("mem[", &format!("{} <= {}; // ", mine[0].0, mine[0].0))
        };
        let _ = writeln!(body, "always @(posedge clock) begin\n{text}end");
    }
    format!("module top({});\n{body}endmodule\n", ports.join(", "))
}

#[test]
fn random_registers_under_nested_conditions() {
    for seed in 1..=30 {
        check_seeded(&format!("registers, seed {seed}"), &machine(seed), 150, seed);
    }
}

#[test]
fn random_expressions() {
    for seed in 1..=12 {
        check_seeded(&format!("expressions, seed {seed}"), &module(seed, 60), 60, seed);
    }
}
