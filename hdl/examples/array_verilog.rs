//! Prints the Verilog of the array of a ready configuration, or of one block.
use nernst_hdl::array::*;
use nernst_spec::ArrayConfig;
use rust_hdl::prelude::*;
fn print<B: Block>(mut block: B) {
    block.connect_all();
    println!("{}", generate_verilog(&block));
}
fn main() {
    let name = std::env::args().nth(1).expect("name of a configuration");
    let what = std::env::args().nth(2).unwrap_or_default();
    let config = ArrayConfig::ready(&name).unwrap();
    match what.as_str() {
        "unit" => print(neuron_unit::NeuronUnit::<15>::default()),
        "tile" => print(tile::Tile::<9, 4, 15>::default()),
        "ring" => print(ring::Ring::<9, 4, 15>::new(2)),
        "core" => print(core::Core::<9, 4, 15>::new(&config.cores[0], 0)),
        "scheduler" => print(scheduler::Scheduler::default()),
        "router" => print(router::Router::new(config.cores.len(), config.neurons(), config.inputs)),
        "ledger" => print(ledger::Ledger::new(&config)),
        _ => print(Array::new(&config)),
    }
}
