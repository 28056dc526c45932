//! Damaged NIR files and graphs: a short run of `examples/fuzz`, the same each time. `make fuzz` runs a million.

#[path = "../../examples/fuzz/bytes.rs"]
mod bytes;
#[path = "../../examples/fuzz/execution.rs"]
mod execution;
#[path = "../../examples/fuzz/graphs.rs"]
mod graphs;
#[path = "../../examples/fuzz/summary.rs"]
mod summary;

/// Numbers of a run that `make fuzz` does not do.
const SEED: u64 = 1;
const EXECUTIONS: u64 = 3000;

#[test]
fn no_damage_does_harm() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = execution::Corpus::load();
    let mut all = summary::Summary::default();
    for number in 0..EXECUTIONS {
        all.add(number, corpus.execute(SEED, number, folder.path()));
    }
    // That it is neither refused at the door nor left as it was.
    assert!(all.errors() >= 15 && all.outcomes["understood"] >= EXECUTIONS / 20, "{all}");
    assert!(all.faults.is_empty(), "{all}");
}
