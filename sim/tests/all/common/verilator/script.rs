//! What is done to a board, clock by clock, and what it says: once in netsim, once in Verilator by `driver.cpp`.

use nernst_hdl::link::{QUIET_LATENCY, RX_CLOCKS_PER_BYTE};
use rust_hdl_netsim::Simulator;
use rustix::time::{ClockId, clock_gettime};
use std::fmt::Write;
use std::time::Duration;

pub enum Command {
    /// Bytes, one a clock; then clocks until the board is quiet and has said everything.
    Send(Vec<u8>),
    /// Clocks until a byte comes, or so many.
    Idle(u64),
}

/// Commands that are measured together.
pub struct Phase {
    pub name: &'static str,
    pub commands: Vec<Command>,
}

/// How long a phase took.
#[derive(Clone, Debug)]
pub struct Measured {
    pub name: String,
    pub clocks: u64,
    pub processor_time: Duration,
}

/// What the board said: each byte with the clock in which it came.
pub type Answer = Vec<(u64, u8)>;

/// The script as `driver.cpp` reads it.
pub fn text(phases: &[Phase]) -> String {
    let mut text = format!("clocks_per_byte {RX_CLOCKS_PER_BYTE}\nquiet_latency {QUIET_LATENCY}\n");
    for phase in phases {
        text += &format!("phase {}\n", phase.name);
        for command in &phase.commands {
            match command {
                Command::Idle(clocks) => text += &format!("idle {clocks}"),
                Command::Send(bytes) => {
                    text += "send ";
                    bytes.iter().for_each(|byte| write!(text, "{byte:02x}").expect("a string takes all"));
                }
            }
            text.push('\n');
        }
    }
    text
}

/// Runs the script in netsim.
pub fn in_netsim(
    simulator: &mut Simulator,
    phases: &[Phase],
) -> Result<(Vec<Measured>, Answer), rust_hdl_netsim::Error> {
    let (rx_data, rx_valid) = (simulator.input("rx_data")?, simulator.input("rx_valid")?);
    let (tx_data, tx_valid) = (simulator.output("tx_data")?, simulator.output("tx_valid")?);
    let (tx_ready, quiet) = (simulator.input("tx_ready")?, simulator.output("quiet")?);
    simulator.set(tx_ready, 1);
    let mut answer = Answer::new();
    let mut clock = |simulator: &mut Simulator| {
        if simulator.get(tx_valid) == 1 {
            answer.push((simulator.cycle(), simulator.get(tx_data) as u8));
        }
        simulator.clock();
    };
    let mut measured = vec![];
    for phase in phases {
        let (start, first) = (processor_time(), simulator.cycle());
        for command in &phase.commands {
            match command {
                Command::Send(bytes) => {
                    for &byte in bytes {
                        simulator.set(rx_data, byte.into());
                        simulator.set(rx_valid, 1);
                        clock(simulator);
                        simulator.set(rx_valid, 0);
                        (1..RX_CLOCKS_PER_BYTE).for_each(|_| clock(simulator));
                    }
                    (0..QUIET_LATENCY).for_each(|_| clock(simulator));
                    loop {
                        simulator.run(u64::MAX, &[(tx_valid, 1), (quiet, 1)]);
                        match simulator.get(tx_valid) {
                            1 => clock(simulator),
                            _ => break,
                        }
                    }
                }
                Command::Idle(clocks) => {
                    simulator.run(*clocks, &[(tx_valid, 1)]);
                }
            }
        }
        let (clocks, processor_time) = (simulator.cycle() - first, processor_time() - start);
        measured.push(Measured { name: phase.name.into(), clocks, processor_time });
    }
    Ok((measured, answer))
}

fn processor_time() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}
