//! The clocks that the executor takes for itself, as its documentation states them.

use crate::bench::Run;
use crate::host::{Faults, Order};
use nernst_hdl::link::Link;
use nernst_spec::link::Command;
use nernst_spec::link::message::MAX_WORDS;
use nernst_spec::link::stream::TICK;
use nernst_spec::memory::{Address, Word};

/// The longest time in clocks from something to something else that comes after it, while some orders are executed.
#[derive(Default)]
struct Watch {
    since: Option<u64>,
    longest: u64,
    times: u32,
}

impl Watch {
    /// `ends` is looked at first, so that an event may end one interval and begin the next.
    fn clock(&mut self, now: u64, begins: bool, ends: bool) {
        if let Some(since) = self.since.take_if(|_| ends) {
            self.longest = self.longest.max(now - since);
            self.times += 1;
        }
        if begins {
            self.since = Some(now);
        }
    }
}

/// Has an order executed, and says how long it takes at most from the last `begins` to the next `ends`.
fn longest(order: Order, at_least: u32, begins: fn(&Link) -> bool, ends: fn(&Link) -> bool) -> u64 {
    let mut run = Run::new(Faults::default(), 1);
    run.until("synchronisation", 2_000, |run| run.bench.host.synchronised);
    let mut watch = Watch::default();
    run.bench.host.orders.push_back(order);
    while !(run.bench.host.is_done() && run.stepper.uut.quiet.val()) {
        let Run { bench, stepper } = &mut run;
        bench.drive(&mut stepper.uut);
        watch.clock(stepper.cycle, begins(&stepper.uut), ends(&stepper.uut));
        stepper.tick();
        assert!(stepper.cycle < 50_000, "{}", bench.host.describe());
    }
    assert!(watch.times >= at_least, "{} times", watch.times);
    watch.longest
}

fn rows() -> Address {
    Address::weights(0, 0, 0)
}

#[test]
fn a_word_is_written_in_34_clocks() {
    let words = (0..MAX_WORDS as u64).map(Word::new).collect();
    let order = Command::Write { address: rows(), words }.into();
    assert_eq!(longest(order, 40, |link| link.write.val(), |link| link.write.val()), 34);
}

#[test]
fn a_word_is_read_or_digested_in_9_clocks_besides_those_of_the_array() {
    for order in
        [Command::Read { address: rows(), count: MAX_WORDS as u8 }, Command::Digest { address: rows(), count: 100 }]
    {
        assert_eq!(longest(order.into(), 40, |link| link.read_done.next, |link| link.read.val()), 9);
    }
}

#[test]
fn a_spike_in_takes_12_clocks() {
    let order = Command::Stream((0..100).map(|k| k % 60).collect()).into();
    let accepted = |link: &Link| link.input_valid.val() && link.input_ready.next;
    assert_eq!(longest(order, 90, accepted, |link| link.input_valid.val()), 12);
}

#[test]
fn a_tick_takes_at_most_8_clocks_besides_those_of_the_array() {
    // 6 if nothing but its own report leaves behind its end. Few enough for all spikes to find room at once.
    let order = Command::Stream(vec![TICK | 60]).into();
    let clocks = longest(order, 50, |link| link.tick_busy.next, |link| link.tick_start.val());
    assert!((6..=8).contains(&clocks), "{clocks} clocks");
}
