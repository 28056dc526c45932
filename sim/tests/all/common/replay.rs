//! The same bytes at the same clocks into the Verilog of a board, in netsim and in other simulators.

use super::client::Client;
use super::networks;
use super::recorder::Recorder;
use nernst_hdl::link::{QUIET_LATENCY, RX_CLOCKS_PER_BYTE};
use nernst_sim::{BoardPort, VirtualBoard};
use nernst_spec::ArrayConfig;
use rust_hdl_netsim::{Options, Simulator};
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

/// What came back, and in how many clocks.
#[derive(Debug, PartialEq)]
pub struct Answer {
    pub bytes: Vec<u8>,
    pub clocks: u64,
}

/// What a host says that loads a random network, runs it for some ticks and reads membranes and ledger; cut where it waits.
pub fn session(config: &ArrayConfig, seed: u64, ticks: usize) -> Vec<Vec<u8>> {
    let board = VirtualBoard::new(config, &Default::default()).unwrap();
    let mut port = BoardPort::new(board);
    // A simulated board on a busy machine takes its time.
    port.set_timeout(Duration::from_secs(100));
    let mut client = Client::connect(Recorder::new(port));
    client.load(&networks::image(config, seed), false);
    for lines in networks::spikes(config, seed, ticks) {
        client.tick(&lines);
    }
    client.membranes(config);
    client.ledger(config);
    client.port.chunks
}

/// Feeds each chunk as fast as the link takes bytes, then clocks until the board is quiet.
pub fn in_netsim(verilog: &str, chunks: &[Vec<u8>]) -> Answer {
    let mut simulator = Simulator::from_verilog(verilog, &Options::default()).unwrap();
    let input = |simulator: &Simulator, name| simulator.input(name).unwrap();
    let output = |simulator: &Simulator, name| simulator.output(name).unwrap();
    let (rx_data, rx_valid) = (input(&simulator, "rx_data"), input(&simulator, "rx_valid"));
    let (tx_data, tx_valid) = (output(&simulator, "tx_data"), output(&simulator, "tx_valid"));
    let quiet = output(&simulator, "quiet");
    simulator.set(input(&simulator, "tx_ready"), 1);
    let mut bytes = vec![];
    let mut clock = |simulator: &mut Simulator| {
        if simulator.get(tx_valid) == 1 {
            bytes.push(simulator.get(tx_data) as u8);
        }
        simulator.clock();
    };
    for chunk in chunks {
        for &byte in chunk {
            simulator.set(rx_data, byte as u64);
            simulator.set(rx_valid, 1);
            clock(&mut simulator);
            simulator.set(rx_valid, 0);
            (1..RX_CLOCKS_PER_BYTE).for_each(|_| clock(&mut simulator));
        }
        (0..QUIET_LATENCY).for_each(|_| clock(&mut simulator));
        while simulator.get(tx_valid) == 1 || simulator.get(quiet) == 0 {
            clock(&mut simulator);
        }
    }
    Answer { bytes, clocks: simulator.cycle() }
}

/// A bench that does the same, for any simulator of Verilog.
pub fn bench(chunks: &[Vec<u8>]) -> (String, String) {
    let mut stimulus = String::new();
    for chunk in chunks {
        for (place, byte) in chunk.iter().enumerate() {
            // Bit 8 ends a chunk.
            let last = (place + 1 == chunk.len()) as u16;
            stimulus.push_str(&format!("{:x}\n", (last << 8) | *byte as u16));
        }
    }
    let count: usize = chunks.iter().map(Vec::len).sum();
    let text = format!(
        "`timescale 1ns/1ps
module bench;
  reg clock, rx_valid;
  reg [7:0] rx_data;
  wire [7:0] tx_data;
  wire tx_valid, quiet;
  reg [8:0] stimulus [0:{last}];
  integer place, clocks, settle;
  top uut (.clock(clock), .rx_data(rx_data), .rx_valid(rx_valid), .tx_data(tx_data), .tx_valid(tx_valid),
           .tx_ready(1'b1), .quiet(quiet));
  task tick; begin
    #1 if (tx_valid) $display(\"%02x\", tx_data);
    clock = 1;
    #1 clock = 0;
    clocks = clocks + 1;
  end endtask
  initial begin
    $readmemh(\"stimulus.hex\", stimulus);
    clock = 0;
    clocks = 0;
    rx_valid = 0;
    for (place = 0; place < {count}; place = place + 1) begin
      rx_data = stimulus[place][7:0];
      rx_valid = 1;
      tick;
      rx_valid = 0;
      for (settle = 1; settle < {RX_CLOCKS_PER_BYTE}; settle = settle + 1) tick;
      if (stimulus[place][8]) begin
        for (settle = 0; settle < {QUIET_LATENCY}; settle = settle + 1) tick;
        #1;
        while ((tx_valid || !quiet) && clocks < 10000000) begin
          tick;
          #1;
        end
      end
    end
    $display(\"clocks %0d\", clocks);
    $finish;
  end
endmodule
",
        last = count - 1
    );
    (text, stimulus)
}

/// What the bench printed.
pub fn answer(output: &Output) -> Answer {
    let text = String::from_utf8_lossy(&output.stdout);
    let value = |line: &str| line.strip_prefix("clocks ").map(|clocks| clocks.trim().parse().unwrap());
    let bytes = text.lines().filter(|line| line.len() == 2);
    Answer {
        bytes: bytes.map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect(),
        clocks: text.lines().find_map(value).unwrap_or_else(|| panic!("no end of the simulation: {output:?}")),
    }
}

/// Runs a program in a folder; nothing when it is not installed.
pub fn execute(folder: &Path, program: &Path, arguments: &[&str]) -> Option<Output> {
    match Command::new(program).current_dir(folder).args(arguments).output() {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => panic!("{}: {error}", program.display()),
    }
}
