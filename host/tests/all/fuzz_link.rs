//! Bytes that nobody should send: a short run of `examples/fuzz_link`, the same each time. `make fuzz` runs ten million.

#[path = "../../examples/fuzz_link/decode.rs"]
mod decode;
#[path = "../../examples/fuzz_link/execution.rs"]
mod execution;
#[path = "../../examples/fuzz_link/wire.rs"]
mod wire;

use std::collections::BTreeMap;
use std::time::Duration;

/// Numbers of a run that `make fuzz` does not do.
const SEED: u64 = 1;
const EXECUTIONS: u64 = 100_000;

#[test]
fn no_bytes_do_harm() {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let (mut faults, mut longest) = (vec![], Duration::ZERO);
    for number in 0..EXECUTIONS {
        let outcome = execution::execute(SEED, number);
        outcome.counts.into_iter().for_each(|(what, count)| *counts.entry(what).or_default() += count);
        faults.extend(outcome.fault);
        longest = longest.max(outcome.time);
    }
    assert!(faults.is_empty(), "{faults:?}, longest {longest:?}");
    // That every way out is taken, and sessions end in several.
    for what in
        ["frame: short", "frame: long", "frame: COBS", "frame: CRC", "frame: kind", "message", "message: length"]
    {
        assert!(counts.get(what).is_some_and(|count| *count > 20), "`{what}`: {counts:?}");
    }
    assert!(counts.keys().filter(|what| what.starts_with("session: ")).count() >= 3, "{counts:?}");
}
