//! Random systems: the reference model and the RTL side by side, every spike, membrane and counter.

use crate::common::networks::{everything, everything_and_wide};
use crate::common::systems::long::long;
use crate::common::systems::machine::compare_in_a_hurry;
use crate::common::systems::search::on_random_arrays;
use crate::common::systems::session::{VerilatorError, in_verilator};
use crate::common::systems::{Search, Seen};
use crate::common::verilator::build::SOON;
use nernst_sim::{ReferenceArray, RtlArray};
use nernst_spec::ArrayConfig;
use nernst_spec::ledger::{CoreCounter, HALF_BITS};
use rust_hdl_bsp_ecp5::cosim::{compared, not_run};
use std::path::PathBuf;

/// Arrays of random shapes, and networks on each of them.
const ARRAYS: u64 = 20;
const NETWORKS: u32 = 10;

/// Where counterexamples go.
fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("counterexamples").join(name)
}

#[test]
fn two_hundred_random_systems_run_like_the_model() {
    let folder = folder("netsim");
    let search = Search { seed: 1, folder: &folder };
    let mut seen = Seen::default();
    for number in 0..ARRAYS {
        seen += on_random_arrays(&search, number, NETWORKS).unwrap_or_else(|reason| panic!("{reason}"));
    }
    compared("random systems in netsim, beside the model", format!("{ARRAYS} arrays, {seen}"));
    assert_eq!(seen.systems, ARRAYS * u64::from(NETWORKS));
    // Systems that do nothing test nothing.
    assert!(seen.ticks > 4_000 && seen.spikes > 10_000 && seen.host_spikes > 4_000, "{seen:?}");
}

#[test]
fn counters_carry_into_their_high_halves() {
    let config = everything_and_wide();
    let mut array = RtlArray::new(&config).unwrap();
    compare_in_a_hurry(&long(&config), &mut ReferenceArray::new(&config), &mut array).unwrap();
    // The wide core.
    let rows = array.ledger().unwrap().core(0, CoreCounter::RowsFetched);
    assert!(rows >> HALF_BITS > 0, "{rows}");
}

/// In Verilator, over the link: the smallest ready array, and one that has everything that the large ones have.
#[test]
fn random_systems_in_verilator_say_the_same_bytes_in_the_same_clocks() {
    let arrays = [ArrayConfig::ready("tiny").unwrap(), everything()];
    for config in arrays {
        let folder = folder(&format!("verilator-{}", config.name));
        let search = Search { seed: 1, folder: &folder };
        match in_verilator(&search, &config, 6, SOON) {
            Ok(seen) => {
                compared(
                    "random systems in Verilator, beside netsim and the model",
                    format!("{}: {seen}", config.name),
                );
                assert!(seen.spikes > 200 && seen.host_spikes > 60, "{}: {seen:?}", config.name);
            }
            Err(VerilatorError::Missing) => {
                return not_run("RTL in Verilator", "it is not installed (apt install verilator, 5.006 or later)");
            }
            Err(VerilatorError::Failed(reason)) => panic!("{}: {reason}", config.name),
        }
    }
}
