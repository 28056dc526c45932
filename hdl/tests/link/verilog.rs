//! The whole link as Verilog, with the stimulus and the answers of rust-hdl's simulator.

use crate::bench::{Bench, random_orders};
use crate::host::Faults;
use nernst_hdl::link::Link;
use rust_hdl_bsp_ecp5::cosim::{self, Clock, Rng};

#[test]
fn the_link_as_verilog_does_the_same_under_faults() {
    let mut bench = Bench::new(Faults { bytes: 1_500, frames: 30 }, 21);
    bench.host.orders.extend(random_orders(200, &mut Rng::new(21)));
    bench.pace = 1;
    bench.slowness = 1;
    let link = bench.link();
    let clock = Clock { port: "clock", set: |u: &mut Link, level| u.clock.next = level.into() };
    let recording = cosim::record("link", link, Some(clock), 24_000, |link, step, _| {
        // A second host in the middle of what the first one wanted.
        if step == 12_000 {
            bench.host.begin_anew();
            bench.host.orders.extend(random_orders(200, &mut Rng::new(22)));
        }
        bench.drive(link);
    })
    .unwrap();
    assert!(bench.host.synchronised && bench.host.replies.len() > 5, "{} replies", bench.host.replies.len());
    assert!(bench.array.refused > 0);
    recording.compare("generated", &[], &[&recording.verilog]).unwrap().assert_equal();
}
