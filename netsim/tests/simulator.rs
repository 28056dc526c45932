//! The simulator's own interface: looking inside, memories, running until something happens, waveforms.

use rust_hdl_netsim::{Engine, Options, Simulator};
use std::io::Write;
use std::sync::{Arc, Mutex};

const TEXT: &str = "module counter(clock, enable, count); input wire clock, enable; output reg [7:0] count;
  wire [7:0] next = count + 1; wire unused = ^next;
  initial count = 3;
  always @(posedge clock) if (enable) count <= next;
endmodule
module top(clock, enable, done, wide); input wire clock, enable; output wire done; output wire [7:0] wide;
  wire [7:0] count; reg [99:0] history [3:0]; reg [99:0] last;
  integer i; initial begin for (i = 0; i < 4; i = i + 1) history[i] = i; last = 0; end
  counter counter$0(.clock(clock), .enable(enable), .count(count));
  assign done = count == 10; assign wide = history[1][71:64];
  always @(posedge clock) begin history[count[1:0]] <= {count, 92'd0}; last <= history[count[1:0]]; end
endmodule";

fn engines() -> Vec<Engine> {
    if cfg!(feature = "jit") { vec![Engine::Interpreter, Engine::Jit] } else { vec![Engine::Interpreter] }
}

fn load(engine: Engine) -> Simulator {
    Simulator::from_verilog(TEXT, &Options { engine, ..Options::default() }).unwrap()
}

#[test]
fn a_restart_forgets_clocks_registers_memories_and_inputs() {
    for engine in engines() {
        let mut s = load(engine);
        let (enable, wide) = (s.input("enable").unwrap(), s.output("wide").unwrap());
        let (memory, count) = (s.memory("history").unwrap(), s.net("count").unwrap());
        let run = |s: &mut Simulator| {
            s.set(enable, 1);
            (0..9).map(|_| (s.clock(), s.get(wide), s.peek(count)).2).collect::<Vec<_>>()
        };
        let before: Vec<_> = (0..4).map(|address| s.read_memory(memory, address)).collect();
        let first = run(&mut s);
        s.write_memory(memory, 2, &[77]);
        assert_ne!((0..4).map(|address| s.read_memory(memory, address)).collect::<Vec<_>>(), before);
        s.restart();
        assert_eq!((0..4).map(|address| s.read_memory(memory, address)).collect::<Vec<_>>(), before);
        assert_eq!((s.cycle(), s.peek(count)), (0, 3));
        (0..3).for_each(|_| s.clock());
        assert_eq!(s.peek(count), 3, "its input is 0 again");
        s.restart();
        assert_eq!(run(&mut s), first);
    }
}

#[test]
fn runs_until_an_output_has_a_value() {
    for engine in engines() {
        let mut s = load(engine);
        let (enable, done) = (s.input("enable").unwrap(), s.output("done").unwrap());
        assert_eq!(s.run(50, &[(done, 1)]), 50);
        s.set(enable, 1);
        assert_eq!(s.run(50, &[(done, 1)]), 7);
        assert_eq!(s.run(50, &[(done, 1)]), 0);
        assert_eq!((s.get(done), s.cycle()), (1, 57));
    }
}

#[test]
fn every_net_can_be_looked_at_even_behind_a_closed_guard() {
    for engine in engines() {
        let mut s = load(engine);
        let paths: Vec<String> = s.nets().collect();
        for path in ["count", "last", "counter$0.count", "counter$0.next", "counter$0.unused"] {
            assert!(paths.iter().any(|p| p == path), "{path} is not in {paths:?}");
        }
        let (next, last) = (s.net("counter$0.next").unwrap(), s.net("last").unwrap());
        assert_eq!((s.peek(next), s.width(next), s.width(last)), (4, 8, 100));
        let enable = s.input("enable").unwrap();
        s.set(enable, 1);
        s.run(4, &[]);
        // The address 3 was written with 3 at the first clock and read again, as count 7, only later.
        assert_eq!(s.peek(next), 8);
        assert_eq!(s.peek_words(last), [2, 0]);
        s.clock();
        assert_eq!(s.peek_words(last), [0, 3 << 28]);
    }
}

#[test]
fn memories_are_read_and_written_from_outside() {
    for engine in engines() {
        let mut s = load(engine);
        let (m, wide) = (s.memory("history").unwrap(), s.output("wide").unwrap());
        assert_eq!(s.memories().collect::<Vec<_>>(), ["history"]);
        assert_eq!(s.read_memory(m, 2), [2, 0]);
        s.write_memory(m, 1, &[!0, !0]);
        assert_eq!(s.read_memory(m, 1), [!0, (1 << 36) - 1]);
        assert_eq!(s.get(wide), 0xff);
        s.write_memory(m, 1, &[5]);
        assert_eq!(s.get(wide), 0);
    }
}

#[test]
fn statistics_count_the_design() {
    let s = load(Engine::Interpreter);
    let n = s.statistics();
    assert_eq!((n.instances, n.flip_flops, n.memories, n.memory_bits), (2, 108, 1, 400));
    assert_eq!(n.code_bytes, 0);
    assert!(load(Engine::default()).statistics().code_bytes > 0 || !cfg!(feature = "jit"));
}

#[test]
fn defines_choose_the_branch() {
    let text = "module top(y); output wire [7:0] y;
`ifdef SYNTHESIS
VENDOR cell(.Y(y));
`else
assign y = `VALUE;
`endif
endmodule";
    let options = Options { defines: vec!["VALUE=8'd42".into()], ..Options::default() };
    let mut s = Simulator::from_verilog(text, &options).unwrap();
    let y = s.output("y").unwrap();
    assert_eq!(s.get(y), 42);
    let options = Options { defines: vec!["SYNTHESIS".into()], ..Options::default() };
    assert!(Simulator::from_verilog(text, &options).is_err());
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_waveform_shows_the_chosen_instances() {
    let mut s = load(Engine::default());
    let out = Shared::default();
    assert!(s.trace(out.clone(), &["nowhere"]).unwrap_err().to_string().contains("no scope `nowhere`"));
    s.trace(out.clone(), &["counter$0"]).unwrap();
    let enable = s.input("enable").unwrap();
    s.set(enable, 1);
    s.run(3, &[]);
    s.stop_trace().unwrap();
    let bytes = out.0.lock().unwrap().clone();
    let mut parser = vcd::Parser::new(bytes.as_slice());
    let header = parser.parse_header().unwrap();
    assert!(header.find_var(&["top", "last"]).is_none());
    let count = header.find_var(&["top", "counter$0", "count"]).unwrap();
    let clock = header.find_var(&["top", "counter$0", "clock"]).unwrap();
    let (mut time, mut counts, mut edges) = (0, Vec::new(), Vec::new());
    for command in parser {
        match command.unwrap() {
            vcd::Command::Timestamp(t) => time = t,
            vcd::Command::ChangeVector(id, v) if id == count.code => {
                counts.push((time, v.iter().fold(0, |n, b| n * 2 + u32::from(b == vcd::Value::V1))));
            }
            vcd::Command::ChangeScalar(id, vcd::Value::V1) if id == clock.code => edges.push(time),
            _ => {}
        }
    }
    assert_eq!(counts, [(0, 3), (10, 4), (20, 5), (30, 6)]);
    assert_eq!(edges, [10, 20, 30]);
}

#[test]
fn a_simulator_can_go_to_another_thread() {
    let mut s = load(Engine::default());
    let cycles = std::thread::spawn(move || s.run(5, &[])).join().unwrap();
    assert_eq!(cycles, 5);
}

#[test]
fn probes_show_what_a_look_at_any_net_shows() {
    for engine in engines() {
        let probes: Vec<String> = ["counter$0.next", "counter$0.unused", "last", "wide"].map(Into::into).into();
        let options = Options { engine, probes: probes.clone(), ..Options::default() };
        let (mut plain, mut probed) = (load(engine), Simulator::from_verilog(TEXT, &options).unwrap());
        for clock in 0..40 {
            for path in &probes {
                let (a, b) = (plain.net(path).unwrap(), probed.net(path).unwrap());
                assert_eq!(plain.peek_words(a), probed.peek_words(b), "{path} in clock {clock}");
            }
            for s in [&mut plain, &mut probed] {
                let enable = s.input("enable").unwrap();
                s.set(enable, u64::from(clock % 5 != 2));
                s.clock();
            }
        }
        let unknown = Options { engine, probes: vec!["counter$1.next".into()], ..Options::default() };
        assert!(Simulator::from_verilog(TEXT, &unknown).is_err_and(|e| e.to_string().contains("counter$1")));
    }
}
