//! The whole link as Verilog, with the stimulus and the answers of rust-hdl's simulator.

use crate::bench::{Bench, random_orders};
use crate::host::Faults;
use crate::side_by_side::SideBySide;
use nernst_hdl::link::Link;
use rust_hdl_bsp_ecp5::cosim::{self, Clock, Rng};

/// A bench with a faulty line, and a second host in the middle of what the first one wanted.
struct Stimulus(Bench);

const CLOCKS: usize = 60_000;

impl Stimulus {
    fn new() -> Self {
        let mut bench = Bench::new(Faults { bytes: 3_000, frames: 30 }, 41);
        bench.host.orders.extend(random_orders(200, &mut Rng::new(41)));
        bench.slowness = 1;
        bench.host.patience = 3_000;
        Self(bench)
    }

    fn drive(&mut self, link: &mut Link, clock: usize) {
        if clock == CLOCKS / 2 {
            self.0.host.begin_anew();
            self.0.host.orders.extend(random_orders(200, &mut Rng::new(42)));
        }
        self.0.drive(link);
    }

    fn assert_busy(&self) {
        let Bench { host, array, .. } = &self.0;
        assert!(host.synchronised && host.replies.len() > 5, "{} replies", host.replies.len());
        assert!(array.refused > 0);
    }
}

#[test]
fn the_link_in_netsim_does_the_same_under_faults() {
    let mut stimulus = Stimulus::new();
    let mut both = SideBySide::new(stimulus.0.link(), |u, level| u.clock.next = level.into());
    for clock in 0..CLOCKS {
        stimulus.drive(&mut both.uut, clock);
        both.tick();
    }
    stimulus.assert_busy();
}

#[test]
fn the_link_in_icarus_does_the_same_under_faults() {
    let mut stimulus = Stimulus::new();
    let link = stimulus.0.link();
    let clock = Clock { port: "clock", set: |u: &mut Link, level| u.clock.next = level.into() };
    let recording = cosim::record("link", link, Some(clock), CLOCKS, |link, step, _| stimulus.drive(link, step));
    let recording = recording.unwrap();
    stimulus.assert_busy();
    recording.compare("generated", &[], &[&recording.verilog]).unwrap().assert_equal();
}
