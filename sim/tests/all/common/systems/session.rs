//! Systems as sessions of a host: what it says to a board that runs them, for other simulators to hear.

use super::super::client::Client;
use super::super::recorder::Recorder;
use super::super::verilator::build::{SCRIPT, build, is_installed, run};
use super::super::verilator::script::{self, Command, Phase};
use super::{Search, Seen, compare};
use nernst_hdl::generate::soc_verilog;
use nernst_sim::{Board, BoardPort, ReferenceBoard, VirtualBoard};
use nernst_spec::ArrayConfig;
use rust_hdl_netsim::{Options, Simulator};
use std::error::Error;
use std::fs;
use std::time::Duration;

/// Runs so many networks on a virtual board and on the reference board, over the link, and compares them: also the counters of the link. The
/// sessions are those of the virtual board, one phase for each network.
pub fn sessions(
    search: &Search,
    config: &ArrayConfig,
    verilog: &str,
    networks: u32,
) -> Result<(Seen, Vec<Phase>), String> {
    let board = VirtualBoard::from_verilog(verilog, &Default::default()).map_err(|error| error.to_string())?;
    let mut rtl = client(board);
    let mut model = client(ReferenceBoard::new(config));
    let mut phases = vec![];
    let seen = search.on_array(config, 0, networks, 2, 8, |system| {
        let seen = compare(system, &mut model, &mut rtl)?;
        let said = rtl.port.chunks.drain(..).filter(|chunk| !chunk.is_empty());
        phases.push(Phase { name: "network", commands: said.map(Command::Send).collect() });
        rtl.port.chunks.push(vec![]);
        Ok(seen)
    });
    Ok((seen.map_err(|difference| search.tell(difference))?, phases))
}

/// Why there is nothing to compare, or what is not equal.
#[derive(Debug)]
pub enum VerilatorError {
    /// Verilator is not installed.
    Missing,
    Failed(String),
}

impl<E: Into<Box<dyn Error>>> From<E> for VerilatorError {
    fn from(error: E) -> Self {
        Self::Failed(error.into().to_string())
    }
}

/// Runs so many networks on an array: the RTL in netsim against the reference board, spike by spike, membrane by membrane and counter by counter, then
/// in Verilator against netsim, byte by byte and clock by clock.
pub fn in_verilator(
    search: &Search,
    config: &ArrayConfig,
    networks: u32,
    compile: &str,
) -> Result<Seen, VerilatorError> {
    let verilog = soc_verilog(config)?;
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    fs::write(folder.join("top.v"), &verilog)?;
    if !is_installed() {
        return Err(VerilatorError::Missing);
    }
    build(folder, SCRIPT, compile)?;
    let (seen, phases) = sessions(search, config, &verilog, networks)?;
    fs::write(folder.join("script.txt"), script::text(&phases))?;
    let (_, answer) = run(folder, &phases)?;
    let mut simulator = Simulator::from_verilog(&verilog, &Options::default())?;
    let (_, expected) = script::in_netsim(&mut simulator, &phases)?;
    match answer.iter().zip(&expected).position(|(one, other)| one != other) {
        None if answer.len() == expected.len() => Ok(seen),
        place => {
            let place = place.unwrap_or(answer.len().min(expected.len()));
            let ((found, bytes), expected) = ((answer.get(place), expected.len()), expected.get(place));
            Err(format!("byte {place} of {bytes} is {found:?} (clock, byte) in Verilator, {expected:?} in netsim")
                .into())
        }
    }
}

fn client<B: Board>(board: B) -> Client<Recorder<BoardPort<B>>> {
    let mut port = BoardPort::new(board);
    // A simulated board on a busy machine takes its time.
    port.set_timeout(Duration::from_secs(1000));
    Client::connect(Recorder::new(port))
}
