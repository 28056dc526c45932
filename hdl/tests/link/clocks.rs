//! The clocks that the executor takes for itself, as its documentation states them.

use crate::bench::{Run, streams, ticks};
use crate::host::{Faults, Order};
use nernst_hdl::link::Link;
use nernst_spec::link::Command;
use nernst_spec::link::message::MAX_WORDS;
use nernst_spec::link::stream::Event;
use nernst_spec::memory::{Address, Word};

/// The time in clocks from something to something else that comes after it, while some orders are executed.
#[derive(Default)]
struct Watch {
    since: Option<u64>,
    clocks: Vec<u64>,
}

impl Watch {
    /// `ends` is looked at first, so that an event may end one interval and begin the next.
    fn clock(&mut self, now: u64, begins: bool, ends: bool) {
        if let Some(since) = self.since.take_if(|_| ends) {
            self.clocks.push(now - since);
        }
        if begins {
            self.since = Some(now);
        }
    }
}

/// Has an order executed, and says how long it takes at least and at most from the last `begins` to the next `ends`.
fn clocks(order: Order, at_least: usize, begins: fn(&Link) -> bool, ends: fn(&Link) -> bool) -> (u64, u64) {
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
    assert!(watch.clocks.len() >= at_least, "{} times", watch.clocks.len());
    (*watch.clocks.iter().min().unwrap(), *watch.clocks.iter().max().unwrap())
}

fn rows() -> Address {
    Address::weights(0, 0, 0)
}

#[test]
fn a_word_is_written_in_34_clocks() {
    let words = (0..MAX_WORDS as u64).map(Word::new).collect();
    let order = Command::Write { address: rows(), words }.into();
    assert_eq!(clocks(order, 40, |link| link.write.val(), |link| link.write.val()).1, 34);
}

#[test]
fn a_word_is_read_or_digested_in_9_clocks_besides_those_of_the_array() {
    for order in
        [Command::Read { address: rows(), count: MAX_WORDS as u8 }, Command::Digest { address: rows(), count: 100 }]
    {
        assert_eq!(clocks(order.into(), 40, |link| link.read_done.next, |link| link.read.val()).1, 9);
    }
}

#[test]
fn a_spike_in_takes_6_clocks_and_2_for_each_bit_and_6_for_a_byte() {
    // Codes of one bit, eight to a byte.
    let order = streams(0, &(0..64).map(Event::Spike).collect::<Vec<_>>()).remove(0);
    let accepted = |link: &Link| link.input_valid.val() && link.input_ready.next;
    assert_eq!(clocks(order, 60, accepted, |link| link.input_valid.val()), (7 + 3, 7 + 3 + 7));
}

#[test]
fn a_tick_takes_6_clocks_besides_those_of_the_array_and_its_last_spike() {
    // Few enough for all spikes to find room at once.
    let (shortest, longest) = clocks(ticks(60), 50, |link| link.tick_busy.next, |link| link.tick_start.val());
    // A spike out has up to 8 zeros, a 1, a rest of 6 bits and the bit of a row that ends.
    assert_eq!(shortest, 6);
    assert!(longest <= 6 + 8 + 3 * 16 + 20, "{longest} clocks");
}
