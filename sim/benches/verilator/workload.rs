//! What the benchmark measures.

use crate::common::client::Client;
use crate::common::networks;
use crate::common::recorder::Recorder;
use crate::common::verilator::script::{Command, Phase};
use nernst_sim::{BoardPort, VirtualBoard};
use nernst_spec::ArrayConfig;
use std::time::Duration;

/// How often the workloads take turns; the best round counts.
const ROUNDS: usize = 3;
/// Ticks of one round.
const TICKS: usize = 20;
/// Clocks of one round of nothing.
const IDLE: u64 = 50_000;

/// A random network is loaded; then nothing and ticks with spikes take turns.
pub fn script(config: &ArrayConfig, board: VirtualBoard) -> Vec<Phase> {
    let mut port = BoardPort::new(board);
    // A simulated board on a busy machine takes its time.
    port.set_timeout(Duration::from_secs(1000));
    let mut client = Client::connect(Recorder::new(port));
    client.load(&networks::image(config, 1), false);
    let take = |client: &mut Client<Recorder<BoardPort<VirtualBoard>>>| -> Vec<Command> {
        client.port.chunks.drain(..).map(Command::Send).collect()
    };
    let mut phases = vec![Phase { name: "load", commands: take(&mut client) }];
    client.port.chunks.push(vec![]);
    let spikes = networks::spikes(config, 1, ROUNDS * TICKS);
    for round in spikes.chunks(TICKS) {
        for lines in round {
            client.tick(lines);
        }
        phases.push(Phase { name: "idle", commands: vec![Command::Idle(IDLE)] });
        phases.push(Phase { name: "busy", commands: take(&mut client) });
        client.port.chunks.push(vec![]);
    }
    client.ledger(config);
    phases.push(Phase { name: "ledger", commands: take(&mut client) });
    phases
}
