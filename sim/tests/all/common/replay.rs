//! The same bytes at the same clocks into the Verilog of a board, in netsim and in other simulators.

use super::client::Client;
use super::networks;
use super::recorder::Recorder;
use nernst_hdl::link::{QUIET_LATENCY, RX_CLOCKS_PER_BYTE};
use nernst_sim::{BoardPort, VirtualBoard};
use nernst_spec::ArrayConfig;
use rust_hdl_bsp_ecp5::switching;
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

/// A host, clock by clock: feeds each chunk as fast as the link takes bytes, then waits until the board is quiet.
struct Host<'a> {
    chunks: &'a [Vec<u8>],
    bytes: &'a [u8],
    /// Clocks until it looks at the board again.
    pause: u64,
    answer: Answer,
}

impl<'a> Host<'a> {
    fn new(chunks: &'a [Vec<u8>]) -> Self {
        let (bytes, chunks) = chunks.split_first().expect("a session says something");
        Self { chunks, bytes, pause: 0, answer: Answer { bytes: vec![], clocks: 0 } }
    }

    /// What it sends in the next clock, if anything; nothing at all after the end.
    fn send(&mut self, busy: bool) -> Option<Option<u8>> {
        if self.pause > 0 || (self.bytes.is_empty() && busy) {
            self.pause = self.pause.saturating_sub(1);
            return Some(None);
        }
        if self.bytes.is_empty() {
            (self.bytes, self.chunks) = self.chunks.split_first()?;
        }
        let (&byte, rest) = self.bytes.split_first().expect("no chunk is empty");
        self.bytes = rest;
        self.pause = RX_CLOCKS_PER_BYTE as u64 - 1 + if rest.is_empty() { QUIET_LATENCY as u64 } else { 0 };
        Some(Some(byte))
    }

    /// What it hears in that clock.
    fn hear(&mut self, byte: Option<u8>) {
        self.answer.bytes.extend(byte);
        self.answer.clocks += 1;
    }
}

/// The session in netsim.
pub fn in_netsim(verilog: &str, chunks: &[Vec<u8>]) -> Answer {
    let mut simulator = Simulator::from_verilog(verilog, &Options::default()).unwrap();
    let input = |simulator: &Simulator, name| simulator.input(name).unwrap();
    let output = |simulator: &Simulator, name| simulator.output(name).unwrap();
    let (rx_data, rx_valid) = (input(&simulator, "rx_data"), input(&simulator, "rx_valid"));
    let (tx_data, tx_valid) = (output(&simulator, "tx_data"), output(&simulator, "tx_valid"));
    let quiet = output(&simulator, "quiet");
    simulator.set(input(&simulator, "tx_ready"), 1);
    let mut host = Host::new(chunks);
    while let Some(byte) = host.send(simulator.get(tx_valid) == 1 || simulator.get(quiet) == 0) {
        simulator.set(rx_data, byte.unwrap_or(0).into());
        simulator.set(rx_valid, byte.is_some().into());
        host.hear((simulator.get(tx_valid) == 1).then(|| simulator.get(tx_data) as u8));
        simulator.clock();
    }
    host.answer
}

/// A session in each lane of the netlist that Yosys wrote.
pub fn in_netlist(json: &str, sessions: &[Vec<Vec<u8>>]) -> Vec<Answer> {
    let mut simulator = switching::Simulator::from_json(json).unwrap();
    let input = |simulator: &switching::Simulator, name| simulator.input(name).unwrap();
    let output = |simulator: &switching::Simulator, name| simulator.output(name).unwrap();
    let (rx_data, rx_valid) = (input(&simulator, "rx_data"), input(&simulator, "rx_valid"));
    let (tx_data, tx_valid) = (output(&simulator, "tx_data"), output(&simulator, "tx_valid"));
    let quiet = output(&simulator, "quiet");
    simulator.set(input(&simulator, "tx_ready"), 1);
    let mut hosts: Vec<Host> = sessions.iter().map(|chunks| Host::new(chunks)).collect();
    loop {
        let [valid, quiet] = [tx_valid, quiet].map(|port| simulator.get_lanes(port));
        let busy = |lane: usize| valid[lane] == 1 || quiet[lane] == 0;
        let sent: Vec<_> = hosts.iter_mut().enumerate().map(|(lane, host)| host.send(busy(lane))).collect();
        if sent.iter().all(Option::is_none) {
            return hosts.into_iter().map(|host| host.answer).collect();
        }
        let byte = |lane: usize| sent.get(lane).copied().flatten().flatten();
        simulator.set_lanes(rx_data, &std::array::from_fn(|lane| byte(lane).unwrap_or(0).into()));
        simulator.set_lanes(rx_valid, &std::array::from_fn(|lane| byte(lane).is_some().into()));
        let [valid, data] = [tx_valid, tx_data].map(|port| simulator.get_lanes(port));
        for (lane, host) in hosts.iter_mut().enumerate().filter(|(lane, _)| sent[*lane].is_some()) {
            host.hear((valid[lane] == 1).then_some(data[lane] as u8));
        }
        simulator.clock();
    }
}

/// A bench that does the same, for any simulator of Verilog. It says when an output is unknown.
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
    if (^{{tx_valid, quiet, tx_valid ? tx_data : 8'h0}} === 1'bx)
      $display(\"unknown: clock %0d: tx_valid %b, tx_data %b, quiet %b\", clocks, tx_valid, tx_data, quiet);
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
