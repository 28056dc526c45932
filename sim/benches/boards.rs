//! Speed of boards in this process: the reference model and the RTL's Verilog in netsim, each behind the host link, with the
//! same random network and one command a tick.

#[allow(dead_code, reason = "a benchmark needs a part of it")]
#[path = "../tests/all/common/client.rs"]
mod client;
#[allow(dead_code, reason = "a benchmark needs a part of it")]
#[path = "../tests/all/common/networks.rs"]
mod networks;

use client::Client;
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime};
use nernst_sim::virtual_board::{Engine, Options};
use nernst_sim::{Board, BoardPort, ReferenceBoard, VirtualBoard};
use nernst_spec::ArrayConfig;
use std::time::Duration;

fn ticks(group: &mut BenchmarkGroup<WallTime>, name: &str, board: impl Board, config: &ArrayConfig) {
    let mut port = BoardPort::new(board);
    port.set_timeout(Duration::from_secs(100));
    let mut client = Client::connect(port);
    client.load(&networks::image(config, 1), false);
    let mut spikes = networks::spikes(config, 1, 200).into_iter().cycle();
    group.bench_function(name, |bencher| bencher.iter(|| client.tick(&spikes.next().expect("it goes round"))));
}

fn boards(criterion: &mut Criterion) {
    for name in ["tiny", "25f"] {
        let config = ArrayConfig::ready(name).expect("a ready configuration");
        let rtl = |engine| VirtualBoard::new(&config, &Options { engine, ..Options::default() }).expect("its RTL runs");
        let mut group = criterion.benchmark_group(format!("tick of {name}"));
        group.sample_size(20);
        ticks(&mut group, "reference model", ReferenceBoard::new(&config), &config);
        ticks(&mut group, "RTL as machine code", rtl(Engine::Jit), &config);
        // The interpreter takes minutes to load a whole chip.
        if name == "tiny" {
            ticks(&mut group, "RTL interpreted", rtl(Engine::Interpreter), &config);
        }
        group.finish();
    }
}

criterion_group!(benches, boards);
criterion_main!(benches);
