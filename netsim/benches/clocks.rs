//! Clocks per second of arrays like those in tests/common/array.rs, idle and busy, on each engine.

#[path = "../tests/common/array.rs"]
mod array;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use rust_hdl_netsim::{Engine, Options, Simulator};
use std::time::Duration;

/// Clocks of one measured iteration.
const CLOCKS: u64 = 1000;

fn designs() -> Vec<(&'static str, String)> {
    vec![("1 core of 24 tiles", array::verilog::<1, 24>()), ("8 cores of 24 tiles", array::verilog::<8, 24>())]
}

fn load(text: &str, engine: Engine) -> Simulator {
    Simulator::from_verilog(text, &Options { engine, ..Options::default() }).expect("the array loads")
}

fn busy(s: &mut Simulator, busy: bool) {
    let mut set = |name: &str, value: u64| {
        let port = s.input(name).expect("a port of the array");
        s.set(port, value);
    };
    set("mask", 0xff);
    set("arrive", busy.into());
    set("axon", 5);
}

fn clocks(c: &mut Criterion) {
    for (name, text) in designs() {
        let mut group = c.benchmark_group(name);
        group.sample_size(10).warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));
        for engine in [Engine::Interpreter, Engine::Jit] {
            for work in [false, true] {
                let mut s = load(&text, engine);
                busy(&mut s, work);
                s.run(10, &[]);
                group.throughput(Throughput::Elements(CLOCKS));
                let label = format!("{engine:?}, {}", if work { "busy" } else { "idle" });
                group.bench_function(label, |b| b.iter(|| s.run(CLOCKS, &[])));
            }
        }
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function("load", |b| {
            b.iter_batched(|| (), |()| load(&text, Engine::default()), BatchSize::PerIteration)
        });
        println!("{name}: {} bytes of Verilog, {:?}", text.len(), load(&text, Engine::default()).statistics());
        group.finish();
    }
}

criterion_group!(benches, clocks);
criterion_main!(benches);
