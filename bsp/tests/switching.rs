//! The simulator of netlists: every cell against its Verilog model in Icarus Verilog, lanes against each other, toggles
//! against a naive count, and what it refuses.

use rust_hdl_bsp_ecp5::cosim::{Rng, not_run};
use rust_hdl_bsp_ecp5::primitives::CELL_MODELS;
use rust_hdl_bsp_ecp5::switching::{LANES, Simulator, SwitchingError};
use serde_json::{Map, Value, json};
use std::process::Command;

/// Copies of a design in Icarus; copy k is compared with lane 9 k.
const COPIES: usize = 8;
const LANES_PER_COPY: usize = 9;

/// What a pin is connected to.
#[derive(Clone, Copy)]
enum Wire {
    /// 0, 1 or nothing.
    Constant(&'static str),
    Input(usize),
    Output(usize),
    Clock,
}

/// A netlist of cells, as JSON for the simulator and as Verilog for Icarus: inputs `i0`, `i1` .. and outputs `o0`,
/// `o1` ..
#[derive(Default)]
struct Netlist {
    /// How often each input is 1.
    inputs: Vec<Often>,
    outputs: usize,
    cells: Map<String, Value>,
    verilog: String,
}

/// How often an input is 1.
#[derive(Clone, Copy)]
enum Often {
    Half,
    Mostly,
    Seldom,
}

impl Often {
    fn lanes(self, rng: &mut Rng) -> u64 {
        match self {
            Often::Half => rng.next_u64(),
            Often::Mostly => rng.next_u64() | rng.next_u64() | rng.next_u64(),
            Often::Seldom => rng.next_u64() & rng.next_u64() & rng.next_u64(),
        }
    }
}

impl Netlist {
    fn input(&mut self, often: Often) -> Wire {
        self.inputs.push(often);
        Wire::Input(self.inputs.len() - 1)
    }

    fn output(&mut self) -> Wire {
        self.outputs += 1;
        Wire::Output(self.outputs - 1)
    }

    fn bit(&self, wire: Wire) -> Value {
        match wire {
            Wire::Constant("z") => json!("x"),
            Wire::Constant(text) => json!(text),
            Wire::Clock => json!(2),
            Wire::Input(k) => json!(3 + 2 * k),
            Wire::Output(k) => json!(4 + 2 * k),
        }
    }

    fn text(&self, wire: Wire) -> String {
        match wire {
            Wire::Constant(text) => format!("1'b{text}"),
            Wire::Clock => "clock".into(),
            Wire::Input(k) => format!("i{k}"),
            Wire::Output(k) => format!("o{k}"),
        }
    }

    /// Parameters are numbers in binary digits, or words. Pins of several bits have their wires in one list.
    fn cell(
        &mut self,
        kind: &str,
        parameters: &[(String, String)],
        inputs: &[(String, Vec<Wire>)],
        outputs: &[(String, Vec<Wire>)],
    ) {
        let name = format!("cell{}", self.cells.len());
        let is_number = |value: &str| value.len() > 1 && value.chars().all(|digit| matches!(digit, '0' | '1'));
        let for_verilog = |(parameter, value): &(String, String)| match is_number(value) {
            true => format!(".{parameter}({}'b{value})", value.len()),
            false => format!(".{parameter}(\"{value}\")"),
        };
        let list: Vec<String> = parameters.iter().map(for_verilog).collect();
        let pins = inputs.iter().chain(outputs).map(|(pin, wires)| {
            let wires: Vec<String> = wires.iter().rev().map(|wire| self.text(*wire)).collect();
            format!(".{pin}({{{}}})", wires.join(", "))
        });
        let pins: Vec<String> = pins.collect();
        self.verilog += &format!("  {kind} #({}) {name} ({});\n", list.join(", "), pins.join(", ")).replace(" #()", "");
        // as Yosys writes words that could be taken for numbers
        let parameters = parameters.iter().map(|(parameter, value)| {
            let tied = matches!(value.as_str(), "0" | "1");
            (parameter.clone(), if tied { json!(format!("{value} ")) } else { json!(value) })
        });
        let directions = inputs.iter().map(|(pin, _)| (pin.clone(), json!("input")));
        let directions = directions.chain(outputs.iter().map(|(pin, _)| (pin.clone(), json!("output"))));
        let connections = inputs
            .iter()
            .chain(outputs)
            .map(|(pin, wires)| (pin.clone(), wires.iter().map(|wire| self.bit(*wire)).collect()));
        let cell = json!({"type": kind, "parameters": parameters.collect::<Map<_, _>>(),
            "port_directions": directions.collect::<Map<_, _>>(), "connections": connections.collect::<Map<_, _>>()});
        self.cells.insert(name, cell);
    }

    fn value(&self) -> Value {
        let inputs = (0..self.inputs.len()).map(|k| (format!("i{k}"), "input", self.bit(Wire::Input(k))));
        let outputs = (0..self.outputs).map(|k| (format!("o{k}"), "output", self.bit(Wire::Output(k))));
        let all: Vec<_> = inputs.chain(outputs).chain([("clock".into(), "input", json!(2))]).collect();
        let ports: Map<_, _> = all
            .iter()
            .map(|(name, direction, bit)| (name.clone(), json!({"direction": direction, "bits": [bit]})))
            .collect();
        let names: Map<_, _> = all.iter().map(|(name, _, bit)| (name.clone(), json!({"bits": [bit]}))).collect();
        let top = json!({"attributes": {"top": "1"}, "ports": ports, "cells": self.cells, "netnames": names});
        json!({"modules": {"LUT4": {"attributes": {}}, "top": top}})
    }

    fn simulator(&self) -> Result<Simulator, SwitchingError> {
        Simulator::from_json(&self.value().to_string())
    }

    /// The same bits for all lanes of an input, for every input and step.
    fn stimulus(&self, steps: usize, seed: u64) -> Vec<Vec<u64>> {
        let mut rng = Rng::new(seed);
        (0..steps).map(|_| self.inputs.iter().map(|often| often.lanes(&mut rng)).collect()).collect()
    }

    /// The outputs before every edge, each with all lanes, and how many collisions there were.
    fn run(&self, stimulus: &[Vec<u64>]) -> (Vec<Vec<u64>>, u64) {
        let mut simulator = self.simulator().unwrap();
        let inputs: Vec<_> = (0..self.inputs.len()).map(|k| simulator.input(&format!("i{k}")).unwrap()).collect();
        let outputs: Vec<_> = (0..self.outputs).map(|k| simulator.net(&format!("o{k}")).unwrap()).collect();
        let mut answers = Vec::new();
        for step in stimulus {
            for (input, lanes) in inputs.iter().zip(step) {
                simulator.set_lanes(*input, &std::array::from_fn(|lane| lanes >> lane & 1));
            }
            answers.push(outputs.iter().map(|net| simulator.peek(*net)).collect());
            simulator.clock();
        }
        (answers, simulator.collisions())
    }

    /// Compares every output before every edge with the cell models; what is `x` there is anything. Returns the
    /// collisions.
    fn compare(&self, name: &str, steps: usize) -> u64 {
        let stimulus = self.stimulus(steps, 5);
        let (answers, collisions) = self.run(&stimulus);
        let Some(expected) = self.in_icarus(&stimulus) else {
            not_run(name, "it needs Icarus Verilog (iverilog)");
            return collisions;
        };
        assert_eq!(expected.len(), steps, "{name}: Icarus stopped early");
        let (mut known, mut unknown) = (0, 0);
        for (step, (line, nets)) in expected.iter().zip(&answers).enumerate() {
            for (copy, values) in line.as_bytes().chunks(self.outputs).enumerate() {
                // Verilog writes the highest bit first
                for (output, expected) in values.iter().rev().enumerate() {
                    let got = nets[output] >> (copy * LANES_PER_COPY) & 1;
                    match expected {
                        b'0' | b'1' => {
                            let want = u64::from(expected - b'0');
                            assert_eq!(got, want, "{name}: o{output} of copy {copy} in step {step}");
                            known += 1;
                        }
                        _ => unknown += 1,
                    }
                }
            }
        }
        assert!(known > 10 * unknown, "{name}: {unknown} values are unknown beside {known}");
        collisions
    }

    fn in_icarus(&self, stimulus: &[Vec<u64>]) -> Option<Vec<String>> {
        let dir = tempfile::tempdir().unwrap();
        let ports: Vec<String> = (0..self.inputs.len()).map(|k| format!("input i{k}")).collect();
        let outputs: Vec<String> = (0..self.outputs).map(|k| format!("output o{k}")).collect();
        let ports = [vec!["input clock".to_string()], ports, outputs].concat().join(", ");
        let inputs = self.inputs.len().max(1);
        let wires = (0..self.inputs.len()).map(|k| format!(".i{k}(in[k * {inputs} + {k}])"));
        let wires: Vec<String> =
            wires.chain((0..self.outputs).map(|k| format!(".o{k}(out[k * {} + {k}])", self.outputs))).collect();
        // the copies stand side by side in one wide word
        let bench = format!(
            "`timescale 1ns/1ps
module top ({ports});
{}endmodule
module bench;
  reg clock = 0;
  reg [{}:0] in, all [0:{last}];
  wire [{}:0] out;
  integer step;
  genvar k;
  generate for (k = 0; k < {COPIES}; k = k + 1) begin : copies
    top copy (.clock(clock), {});
  end endgenerate
  initial begin
    $readmemb(\"stimulus.txt\", all);
    for (step = 0; step <= {last}; step = step + 1) begin
      in = all[step];
      #1 $display(\"%b\", out);
      clock = 1;
      #1 clock = 0;
    end
    $finish;
  end
endmodule
",
            self.verilog,
            COPIES * inputs - 1,
            COPIES * self.outputs - 1,
            wires.join(", "),
            last = stimulus.len() - 1,
        );
        let line = |step: &Vec<u64>| -> String {
            let copies = (0..COPIES).rev();
            copies
                .flat_map(|copy| step.iter().rev().map(move |lanes| lanes >> (copy * LANES_PER_COPY) & 1))
                .map(|bit| if bit == 1 { '1' } else { '0' })
                .chain(['\n'])
                .collect()
        };
        let stimulus: String = stimulus.iter().map(line).collect();
        for (file, text) in [("bench.v", bench.as_str()), ("cells.v", CELL_MODELS), ("stimulus.txt", &stimulus)] {
            std::fs::write(dir.path().join(file), text).unwrap();
        }
        let arguments = ["-g2005", "-o", "bench.vvp", "-s", "bench", "bench.v", "cells.v"];
        let compiled = Command::new("iverilog").current_dir(dir.path()).args(arguments).output().ok()?;
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
        let ran = Command::new("vvp").current_dir(dir.path()).args(["-N", "bench.vvp"]).output().unwrap();
        // the copy with the highest number comes first
        let reverse = |line: &str| -> String {
            let copies: Vec<&str> = (0..COPIES).map(|copy| &line[copy * self.outputs..][..self.outputs]).collect();
            copies.into_iter().rev().collect()
        };
        Some(String::from_utf8(ran.stdout).unwrap().lines().filter(|line| line.len() > COPIES).map(reverse).collect())
    }
}

fn binary(value: u64, width: usize) -> String {
    (0..width).rev().map(|bit| if value >> bit & 1 == 1 { '1' } else { '0' }).collect()
}

fn parameters(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

fn pin(name: &str, wire: Wire) -> (String, Vec<Wire>) {
    (name.to_string(), vec![wire])
}

/// Logic of all kinds between flip-flops of all kinds, with feedback through these.
fn random_logic(rng: &mut Rng, cells: usize) -> Netlist {
    let mut netlist = Netlist::default();
    let mut wires: Vec<Wire> = (0..12).map(|_| netlist.input(Often::Half)).collect();
    wires.extend([Wire::Constant("0"), Wire::Constant("1")]);
    let registers: Vec<Wire> = (0..cells / 2).map(|_| netlist.output()).collect();
    wires.extend(&registers);
    for _ in 0..cells {
        let mut any = |name: &str| pin(name, wires[rng.below(wires.len() as u64) as usize]);
        let (kind, inputs, outputs): (_, Vec<_>, &[&str]) = match any("").1[0] {
            Wire::Input(0..3) => ("PFUMX", ["ALUT", "BLUT", "C0"].map(&mut any).to_vec(), &["Z"]),
            Wire::Input(3..6) => ("L6MUX21", ["D0", "D1", "SD"].map(&mut any).to_vec(), &["Z"]),
            Wire::Output(k) if k % 3 == 0 => {
                let pins = ["CIN", "A0", "B0", "C0", "D0", "A1", "B1", "C1", "D1"];
                ("CCU2C", pins.map(&mut any).to_vec(), &["S0", "S1", "COUT"])
            }
            _ => ("LUT4", ["A", "B", "C", "D"].map(&mut any).to_vec(), &["Z"]),
        };
        let init = |rng: &mut Rng| binary(rng.below(0x1_0000), 16);
        let parameters = match kind {
            "LUT4" => parameters(&[("INIT", &init(rng))]),
            "CCU2C" => {
                let inject = |rng: &mut Rng| if rng.one_in(3) { "YES" } else { "NO" };
                let modes = [("INJECT1_0", inject(rng)), ("INJECT1_1", inject(rng))];
                let inits = [("INIT0", &*init(rng)), ("INIT1", &*init(rng))];
                parameters(&[inits, modes].concat())
            }
            _ => Vec::new(),
        };
        let outputs: Vec<_> = outputs.iter().map(|name| pin(name, netlist.output())).collect();
        wires.extend(outputs.iter().flat_map(|(_, wires)| wires));
        netlist.cell(kind, &parameters, &inputs, &outputs);
    }
    for q in registers {
        let mut any = |name: &str| pin(name, wires[rng.below(wires.len() as u64) as usize]);
        let mut inputs = vec![pin("CLK", Wire::Clock), any("DI"), any("CE"), any("LSR")];
        let mut choose = |list: &[&str]| list[rng.below(list.len() as u64) as usize].to_string();
        let modes = [
            ("CEMUX", choose(&["1", "0", "CE", "CE", "INV"])),
            ("LSRMUX", choose(&["LSR", "INV"])),
            ("REGSET", choose(&["SET", "RESET"])),
            ("CLKMUX", "CLK".into()),
            ("SRMODE", "LSR_OVER_CE".into()),
        ];
        if choose(&["open", "used"]) == "open" {
            inputs[3] = pin("LSR", Wire::Constant("z"));
        }
        let modes = modes.map(|(name, value)| (name.to_string(), value));
        netlist.cell("TRELLIS_FF", &modes, &inputs, &[pin("Q", q)]);
    }
    netlist
}

#[test]
fn logic_and_flip_flops_are_their_models() {
    for seed in 0..6 {
        random_logic(&mut Rng::new(seed), 60).compare("logic", 100);
    }
}

#[test]
fn distributed_ram_is_its_model() {
    let (mut netlist, mut rng) = (Netlist::default(), Rng::new(2));
    for mode in ["WRE", "INV", "1", "0", "WRE"] {
        let mut bus = |name: &str| (name.to_string(), (0..4).map(|_| netlist.input(Often::Half)).collect());
        let inputs =
            [bus("DI"), bus("WAD"), bus("RAD"), pin("WRE", netlist.input(Often::Half)), pin("WCK", Wire::Clock)];
        let outputs = [("DO".to_string(), (0..4).map(|_| netlist.output()).collect())];
        let contents = binary(rng.next_u64(), 64);
        netlist.cell("TRELLIS_DPR16X4", &parameters(&[("WREMUX", mode), ("INITVAL", &contents)]), &inputs, &outputs);
    }
    netlist.compare("distributed RAM", 600);
}

fn contents(rng: &mut Rng) -> Vec<(String, String)> {
    let mut block = |k: usize| {
        let digits: String = (0..5).map(|_| binary(rng.next_u64(), 64)).collect();
        (format!("INITVAL_{k:02X}"), digits)
    };
    [0, 1, 2, 16, 63].map(&mut block).to_vec()
}

/// Pins `NAME0` .., each an input that is 1 half the time below `half`, and seldom above.
fn numbered(netlist: &mut Netlist, name: &str, count: usize, half: usize) -> Vec<(String, Vec<Wire>)> {
    let often = |k| if k < half { Often::Half } else { Often::Seldom };
    (0..count).map(|k| pin(&format!("{name}{k}"), netlist.input(often(k)))).collect()
}

fn numbered_outputs(netlist: &mut Netlist, name: &str, count: usize) -> Vec<(String, Vec<Wire>)> {
    (0..count).map(|k| pin(&format!("{name}{k}"), netlist.output())).collect()
}

fn dual_port_ram(netlist: &mut Netlist, rng: &mut Rng, widths: [u64; 2], modes: [&str; 2]) {
    let registers = if rng.one_in(2) { "OUTREG" } else { "NOREG" };
    let mut list = parameters(&[("REGMODE_A", registers), ("WRITEMODE_A", modes[0]), ("WRITEMODE_B", modes[1])]);
    let other = if widths[0] == 36 { registers } else { ["NOREG", "OUTREG"][rng.below(2) as usize] };
    list.extend(parameters(&[("REGMODE_B", other), ("RESETMODE", "SYNC"), ("CSDECODE_A", "0b000")]));
    list.extend([("DATA_WIDTH_A".into(), binary(widths[0], 32)), ("DATA_WIDTH_B".into(), binary(widths[1], 32))]);
    list.extend(contents(rng));
    let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
    for port in ["A", "B"] {
        let name = |text: &str| format!("{text}{port}");
        inputs.extend(numbered(netlist, &name("DI"), 18, 18));
        inputs.extend(numbered(netlist, &name("AD"), 14, 8));
        inputs.extend(numbered(netlist, &name("CS"), 3, 0));
        inputs.push(pin(&name("CLK"), Wire::Clock));
        for (text, often) in
            [("CE", Often::Mostly), ("OCE", Often::Mostly), ("WE", Often::Half), ("RST", Often::Seldom)]
        {
            let wire = netlist.input(often);
            inputs.push(pin(&name(text), wire));
        }
        outputs.extend(numbered_outputs(netlist, &name("DO"), 18));
    }
    // What is left of two writes of the same bit is undefined, in the model, too: B writes what A does not, or to
    // another word.
    let wire = |name: &str| inputs.iter().find(|(pin, _)| pin == name).unwrap().1[0];
    let (others, allowed) = (["WEB", "WEA", "ADB4", "ADA4"].map(wire), netlist.output());
    let lut: Vec<_> = ["A", "B", "C", "D"].iter().zip(others).map(|(name, wire)| pin(name, wire)).collect();
    let table = (0..16).filter(|k| k & 1 == 1 && (k & 2 == 0 || (k >> 2 ^ k >> 3) & 1 == 1));
    let init = binary(table.map(|k| 1 << k).sum(), 16);
    netlist.cell("LUT4", &parameters(&[("INIT", &init)]), &lut, &[pin("Z", allowed)]);
    inputs.iter_mut().filter(|(pin, _)| pin == "WEB").for_each(|(_, wires)| *wires = vec![allowed]);
    netlist.cell("DP16KD", &list, &inputs, &outputs);
}

#[test]
fn block_ram_is_its_model() {
    let mut rng = Rng::new(4);
    let modes = ["NORMAL", "WRITETHROUGH", "READBEFOREWRITE"];
    let mut collisions = 0;
    for width in [1, 2, 4, 9, 18, 36] {
        let mut netlist = Netlist::default();
        let others: &[u64] = if width == 36 { &[36, 36] } else { &[1, 2, 4, 9, 18] };
        for (k, other) in others.iter().enumerate() {
            let modes = if width == 36 { ["NORMAL"; 2] } else { [modes[k % 3], modes[rng.below(3) as usize]] };
            dual_port_ram(&mut netlist, &mut rng, [width, *other], modes);
        }
        collisions += netlist.compare(&format!("DP16KD with port A of width {width}"), 250);
    }
    assert!(collisions > 0, "no collision in any of them");
}

/// The chip leaves open what it reads; its Verilog reads what was there, so this must not.
#[test]
fn a_word_that_is_read_while_it_is_written_is_not_what_it_was() {
    let mut netlist = Netlist::default();
    let (write, q) = (netlist.input(Often::Half), netlist.output());
    let one = Wire::Constant("1");
    let pins = ["CER", "OCER", "BE0", "BE1", "BE2", "BE3"].map(|name| pin(name, one));
    let inputs = [&pins[..], &[pin("CLKW", Wire::Clock), pin("CLKR", Wire::Clock), pin("CEW", write)]].concat();
    netlist.cell("PDPW16KD", &parameters(&[("REGMODE", "NOREG")]), &inputs, &[pin("DO0", q)]);
    let mut simulator = netlist.simulator().unwrap();
    let (write, q) = (simulator.input("i0").unwrap(), simulator.output("o0").unwrap());
    simulator.set_lane(write, 3, 1);
    simulator.clock();
    assert_eq!(simulator.get_lanes(q), std::array::from_fn(|lane| u64::from(lane == 3)));
    assert_eq!(simulator.collisions(), 1);
    simulator.set(write, 0);
    simulator.clock();
    assert_eq!(simulator.get_lanes(q), [0; LANES]);
}

#[test]
fn pseudo_dual_port_ram_is_its_model() {
    let (mut netlist, mut rng) = (Netlist::default(), Rng::new(6));
    for mode in ["NOREG", "OUTREG"] {
        let mut inputs = vec![pin("CLKW", Wire::Clock), pin("CLKR", Wire::Clock)];
        for (name, count, half) in
            [("DI", 36, 36), ("ADW", 9, 3), ("BE", 4, 4), ("CSW", 3, 0), ("ADR", 14, 8), ("CSR", 3, 0)]
        {
            inputs.extend(numbered(&mut netlist, name, count, half));
        }
        for (name, often) in
            [("CEW", Often::Half), ("CER", Often::Mostly), ("OCER", Often::Mostly), ("RST", Often::Seldom)]
        {
            let wire = netlist.input(often);
            inputs.push(pin(name, wire));
        }
        let outputs = numbered_outputs(&mut netlist, "DO", 36);
        let list = [parameters(&[("REGMODE", mode), ("RESETMODE", "SYNC")]), contents(&mut rng)].concat();
        netlist.cell("PDPW16KD", &list, &inputs, &outputs);
    }
    netlist.compare("PDPW16KD", 600);
}

#[test]
fn multiplier_is_its_model() {
    let mut netlist = Netlist::default();
    for registers in 0..16 {
        let clock = |bit: usize| if registers >> bit & 1 == 1 { "CLK0" } else { "NONE" };
        let list = parameters(&[
            ("REG_INPUTA_CLK", clock(0)),
            ("REG_INPUTB_CLK", clock(1)),
            ("REG_PIPELINE_CLK", clock(2)),
            ("REG_OUTPUT_CLK", clock(3)),
        ]);
        let mut inputs = vec![pin("CLK0", Wire::Clock)];
        inputs.extend(numbered(&mut netlist, "A", 18, 18));
        inputs.extend(numbered(&mut netlist, "B", 18, 18));
        for (name, often) in
            [("SIGNEDA", Often::Half), ("SIGNEDB", Often::Half), ("CE0", Often::Mostly), ("RST0", Often::Seldom)]
        {
            let wire = netlist.input(often);
            inputs.push(pin(name, wire));
        }
        let mut outputs = numbered_outputs(&mut netlist, "P", 36);
        outputs.push(pin("SIGNEDP", netlist.output()));
        netlist.cell("MULT18X18D", &list, &inputs, &outputs);
    }
    netlist.compare("MULT18X18D", 60);
}

/// 64 stimuli in one run give what each gives alone, in whatever lane.
#[test]
fn lanes_do_not_see_each_other() {
    let mut rng = Rng::new(8);
    let mut netlist = random_logic(&mut rng, 60);
    dual_port_ram(&mut netlist, &mut rng, [9, 18], ["NORMAL", "READBEFOREWRITE"]);
    let stimulus = netlist.stimulus(100, 9);
    let (together, _) = netlist.run(&stimulus);
    for lane in 0..LANES {
        // alone: all lanes do what this one does
        let bit = |lanes: &u64| if lanes >> lane & 1 == 1 { !0 } else { 0 };
        let alone: Vec<Vec<u64>> = stimulus.iter().map(|step| step.iter().map(bit).collect()).collect();
        let (alone, _) = netlist.run(&alone);
        let expected: Vec<Vec<u64>> = together.iter().map(|nets| nets.iter().map(bit).collect()).collect();
        assert_eq!(alone, expected, "lane {lane}");
    }
}

#[test]
fn toggles_are_those_of_a_naive_count() {
    let mut netlist = random_logic(&mut Rng::new(10), 80);
    let unread = netlist.output();
    netlist.cell(
        "LUT4",
        &parameters(&[("INIT", "0101010101010101")]),
        &[pin("A", Wire::Input(0))],
        &[pin("Z", unread)],
    );
    let mut simulator = netlist.simulator().unwrap();
    // all nets, by fan-out, and the flip-flops by themselves
    simulator.count_toggles(|net| {
        let mut shares = vec![(0, 1), (1, net.fan_out)];
        shares.extend((net.kind == "TRELLIS_FF").then_some((3, 1)));
        shares
    });
    let nets: Vec<_> = simulator.nets().map(|(net, info)| (net, info.clone())).collect();
    let inputs: Vec<_> = (0..netlist.inputs.len()).map(|k| simulator.input(&format!("i{k}")).unwrap()).collect();
    let mut expected = vec![[0; LANES]; 4];
    let mut before: Vec<u64> = nets.iter().map(|(net, _)| simulator.peek(*net)).collect();
    for step in netlist.stimulus(200, 11) {
        for (input, lanes) in inputs.iter().zip(step) {
            simulator.set_lanes(*input, &std::array::from_fn(|lane| lanes >> lane & 1));
        }
        for ((net, info), before) in nets.iter().zip(&mut before) {
            let now = simulator.peek(*net);
            for lane in (0..LANES).filter(|lane| (now ^ *before) >> lane & 1 == 1) {
                expected[0][lane] += 1;
                expected[1][lane] += u64::from(info.fan_out);
                expected[3][lane] += u64::from(info.kind == "TRELLIS_FF");
            }
            *before = now;
        }
        simulator.clock();
    }
    assert_eq!(simulator.toggles(), expected);
    let info = |name: &str| &nets.iter().find(|(_, info)| info.name() == name).unwrap().1;
    // every output is a port, too
    assert_eq!(info(&format!("o{}", netlist.outputs - 1)).fan_out, 1);
    assert_eq!((info("i0").kind.as_str(), info("i0").driver.as_str()), ("input", "i0"));
}

#[test]
fn a_value_can_be_set_and_waited_for() {
    let mut netlist = Netlist::default();
    let (a, b, q) = (netlist.input(Often::Half), netlist.input(Often::Half), netlist.output());
    let ff = [pin("CLK", Wire::Clock), pin("DI", a), pin("LSR", b)];
    netlist.cell("TRELLIS_FF", &parameters(&[("CEMUX", "1"), ("REGSET", "RESET")]), &ff, &[pin("Q", q)]);
    let mut simulator = netlist.simulator().unwrap();
    let (a, b, q) = (simulator.input("i0").unwrap(), simulator.input("i1").unwrap(), simulator.output("o0").unwrap());
    simulator.set(a, 3);
    simulator.set_lane(b, 7, 1);
    assert_eq!(simulator.run(10, &[(q, 1)]), 10, "lane 7 stays 0");
    assert_eq!(simulator.get_lanes(q), std::array::from_fn(|lane| u64::from(lane != 7)));
    simulator.set_lane(b, 7, 0);
    assert_eq!((simulator.run(10, &[(q, 1)]), simulator.get(q, 7), simulator.cycle()), (1, 1, 11));
    assert_eq!(simulator.inputs().collect::<Vec<_>>(), [("i0", 1), ("i1", 1)]);
    assert_eq!(simulator.statistics().flip_flops, 1);
    for error in
        [simulator.input("clock").unwrap_err(), simulator.output("i0").unwrap_err(), simulator.net("x").unwrap_err()]
    {
        assert!(matches!(error, SwitchingError::NoName { .. }), "{error}");
    }
}

/// One change of a good netlist, and words that the error must have.
#[test]
fn what_is_not_simulated_is_refused_by_name() {
    let mut netlist = Netlist::default();
    let (a, z, q) = (netlist.input(Often::Half), netlist.output(), netlist.output());
    let init = parameters(&[("INIT", "0110011001100110")]);
    netlist.cell("LUT4", &init, &[pin("A", a), pin("B", q)], &[pin("Z", z)]);
    let ff = [pin("CLK", Wire::Clock), pin("DI", z), pin("CE", a), pin("LSR", Wire::Constant("0"))];
    netlist.cell("TRELLIS_FF", &parameters(&[("CEMUX", "CE"), ("CLKMUX", "CLK")]), &ff, &[pin("Q", q)]);
    assert!(netlist.simulator().is_ok());

    let refused = |change: &dyn Fn(&mut Value), words: &[&str]| {
        let mut value = netlist.value();
        change(&mut value["modules"]["top"]);
        let Err(error) = Simulator::from_json(&value.to_string()) else { panic!("taken, but {words:?} was expected") };
        let error = error.to_string();
        assert!(words.iter().all(|word| error.contains(word)), "{error}, expected {words:?}");
    };
    let z = netlist.bit(z);
    refused(&|top| top["attributes"] = json!({}), &["-top"]);
    refused(&|top| top["cells"] = json!(5), &["not a netlist"]);
    refused(&|top| top["cells"]["cell0"]["type"] = json!("ALU54B"), &["cell0", "ALU54B"]);
    refused(&|top| top["cells"]["cell0"]["parameters"]["INIT"] = json!("012"), &["cell0", "INIT", "012"]);
    refused(&|top| top["cells"]["cell0"]["connections"]["B"] = json!([z]), &["logic depends on itself: o0"]);
    refused(&|top| top["cells"]["cell0"]["connections"]["B"] = json!([2]), &["clock", "pin B of LUT4 `cell0`"]);
    refused(&|top| top["cells"]["cell0"]["connections"]["B"] = json!([99]), &["bit 99", "no driver"]);
    refused(&|top| top["cells"]["cell0"]["connections"]["Z"] = json!([3]), &["`i0`", "LUT4 `cell0`", "input `i0`"]);
    refused(&|top| top["cells"]["cell0"]["port_directions"] = json!({}), &["cell0", "direction"]);
    let ff = |parameter: &'static str, value: &'static str| {
        refused(&|top| top["cells"]["cell1"]["parameters"][parameter] = json!(value), &["cell1", parameter, value]);
    };
    ff("CLKMUX", "INV");
    ff("SRMODE", "ASYNC");
    ff("LSRMODE", "PRLD");
    refused(&|top| top["cells"]["cell1"]["connections"]["M"] = json!([3]), &["cell1", "direction"]);
    refused(&|top| top["cells"]["cell1"]["connections"]["CLK"] = json!(["0"]), &["cell1", "CLK"]);
    refused(&|top| top["cells"]["cell1"]["connections"]["CLK"] = json!([z]), &["`o0`", "clock", "cell0"]);
    refused(&|top| top["ports"]["i0"]["direction"] = json!("inout"), &["i0", "inout"]);
    refused(
        &|top| {
            let mut second = top["cells"]["cell1"].clone();
            second["connections"]["CLK"] = json!([3]);
            second["connections"]["Q"] = json!([98]);
            top["cells"]["cell2"] = second;
        },
        &["cell2", "`i0`", "`clock`", "one clock"],
    );
}

/// A PLL in the way of the clock is the clock.
#[test]
fn the_clock_may_come_out_of_a_pll() {
    let mut netlist = Netlist::default();
    let (lock, q, fast) = (netlist.output(), netlist.output(), netlist.input(Often::Half));
    let ff = [pin("CLK", fast), pin("DI", lock), pin("LSR", Wire::Constant("0"))];
    netlist.cell("TRELLIS_FF", &parameters(&[("CEMUX", "1")]), &ff, &[pin("Q", q)]);
    let pll = [pin("CLKI", Wire::Clock), pin("CLKFB", fast), pin("RST", Wire::Constant("0"))];
    netlist.cell("EHXPLLL", &[], &pll, &[pin("CLKOP", fast), pin("LOCK", lock)]);
    let mut value = netlist.value();
    // the net that stands for the PLL's output is no input
    value["modules"]["top"]["ports"].as_object_mut().unwrap().remove("i0");
    let mut simulator = Simulator::from_json(&value.to_string()).unwrap();
    let q = simulator.output("o1").unwrap();
    assert_eq!((simulator.get(q, 0), simulator.run(5, &[(q, 1)])), (0, 1));
    assert_eq!(simulator.inputs().count(), 0);
    value["modules"]["top"]["cells"]["cell1"]["connections"]["RST"] = json!([netlist.bit(Wire::Output(1))]);
    let error = Simulator::from_json(&value.to_string()).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains("RST") && error.contains("cell1"), "{error}");
}
