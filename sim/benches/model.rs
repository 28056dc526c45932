//! Speed of the reference model: time for a tick, by events in it. `ns per event` is the time over the events.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use nernst_sim::ReferenceArray;
use nernst_spec::memory::Route;
use nernst_spec::tick::{Parameters, Reset};
use nernst_spec::{ArrayConfig, Image};
use std::hint::black_box;

/// An array whose input lines each reach one axon of every core, with dense rows.
fn dense(config: &ArrayConfig) -> ReferenceArray {
    let mut image = Image::empty("dense", config);
    let all = ((1u32 << config.cores.len()) - 1) as u16;
    for (core, shape) in image.cores.iter_mut().zip(&config.cores) {
        for axon in 0..config.inputs as u16 {
            let weight = |neuron| ((neuron * 7 + axon as usize * 3) % 15) as i8 - 7;
            core.rows.insert(axon, (0..shape.neurons()).map(weight).collect());
        }
        core.parameters.fill(Parameters { threshold: 200, leak: 480, reset: Reset::Subtract });
    }
    image.inputs = (0..config.inputs as u16).map(|axon| Route { cores: all, axon, delay: 0, host: false }).collect();
    let mut array = ReferenceArray::new(config);
    array.load(&image).expect("the image is for this array");
    array
}

fn ticks(criterion: &mut Criterion) {
    for name in ["tiny", "25f", "85f"] {
        let config = ArrayConfig::ready(name).expect("a ready configuration");
        let mut group = criterion.benchmark_group(name);
        for lines in [0, 8, 64] {
            let mut array = dense(&config);
            // An event is counted in each core.
            group.throughput(Throughput::Elements((lines * config.cores.len()).max(1) as u64));
            group.bench_function(BenchmarkId::new("tick with input spikes", lines), |bencher| {
                bencher.iter(|| {
                    for line in 0..lines {
                        array.input(line as u16).expect("the line exists");
                    }
                    black_box(array.tick())
                })
            });
        }
        group.finish();
    }
}

criterion_group!(benches, ticks);
criterion_main!(benches);
