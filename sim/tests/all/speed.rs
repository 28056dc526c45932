//! How fast boards are, in seconds of processor time: `cargo test -p nernst-sim --release -- --ignored --nocapture speed`.
//! Prints, asserts nothing.

use crate::common::client::Client;
use crate::common::networks;
use nernst_sim::virtual_board::{Engine, Options};
use nernst_sim::{Board, BoardPort, ReferenceBoard, VirtualBoard};
use nernst_spec::ArrayConfig;
use std::time::Duration;

/// Seconds that this thread has run on a processor: on a machine that does other things, too, the honest clock.
fn seconds() -> f64 {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").expect("a Linux kernel");
    let nanoseconds = statistics.split(' ').next().and_then(|first| first.parse::<f64>().ok());
    nanoseconds.expect("nanoseconds on the processor first") / 1e9
}

/// Seconds for a network to load, and for its ticks to run, one command a tick.
fn run<B: Board>(board: B, config: &ArrayConfig, ticks: usize) -> (f64, f64, B) {
    let mut port = BoardPort::new(board);
    port.set_timeout(Duration::from_secs(100));
    let mut client = Client::connect(port);
    let begin = seconds();
    client.load(&networks::image(config, 1), true);
    let loaded = seconds() - begin;
    let begin = seconds();
    for lines in networks::spikes(config, 1, ticks) {
        client.tick(&lines);
    }
    let ran = seconds() - begin;
    (loaded, ran, client.port.into_board())
}

#[test]
#[ignore = "a measurement"]
fn speed() {
    for name in ["tiny", "25f"] {
        let config = ArrayConfig::ready(name).unwrap();
        let ticks = 20_000;
        let (loaded, ran, _) = run(ReferenceBoard::new(&config), &config, ticks);
        println!("{name} reference: load {loaded:.3} s, {:.0} ticks/s", ticks as f64 / ran);
        // The interpreter takes minutes to verify the memory of a whole chip.
        let engines = if name == "tiny" { &[Engine::Interpreter, Engine::Jit][..] } else { &[Engine::Jit] };
        for &engine in engines {
            let begin = seconds();
            let board = VirtualBoard::new(&config, &Options { engine, ..Options::default() }).unwrap();
            let ready = seconds() - begin;
            let ticks = 200;
            let (loaded, ran, board) = run(board, &config, ticks);
            let rate = board.clocks() as f64 / (loaded + ran) / 1e6;
            println!(
                "{name} {engine:?}: ready {ready:.2} s, load {loaded:.2} s, {:.0} ticks/s, {rate:.3} million clocks/s",
                ticks as f64 / ran
            );
        }
    }
}
