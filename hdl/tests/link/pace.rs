//! Ticks at the pace of a clock: when they begin, and which of them are told to be late.

use crate::bench::{Run, ticks};
use crate::host::{Faults, Order};
use crate::side_by_side::SideBySide;
use nernst_hdl::link::Pacer;
use nernst_spec::ArrayConfig;
use nernst_spec::link::stream::{Decoder, Event, Train};
use nernst_spec::link::{Command, Reply};
use nernst_spec::memory::{Address, Word};
use nernst_spec::pace::{MAX_DUE, MIN_PERIOD};
use rust_hdl::prelude::generate_verilog;
use rust_hdl_bsp_ecp5::cosim::Rng;
use rust_hdl_bsp_ecp5::simulate::Stepper;
use rust_hdl_netsim::{Options, Simulator};

fn pace(period: u32) -> Order {
    Command::Write { address: Address::PACE, words: vec![Word::new(period.into())] }.into()
}

#[test]
fn a_tick_begins_when_it_is_due_or_late_as_soon_as_it_can() {
    let mut rng = Rng::new(60);
    let mut both = SideBySide::new(Pacer::default(), |u, level| u.clock.next = level.into());
    for period in [0, 1, 15, 16, 17, 40, 200, 1000] {
        both.uut.period.next = u64::from(period).into();
        both.uut.set.next = true;
        both.tick();
        both.uut.set.next = false;
        (0..rng.below(300)).for_each(|_| both.tick());
        let length = if period < MIN_PERIOD { period + MIN_PERIOD } else { period };
        let (mut first, mut on_time, mut late) = (None, 0, 0);
        for number in 0..60 {
            // Now and then the one before takes long.
            let most = u64::from(length) * if rng.one_in(9) { 4 } else { 1 };
            (0..4 + rng.below(most)).for_each(|_| both.tick());
            let waits = both.cycle;
            let due = *first.get_or_insert(waits) + number * u64::from(length);
            both.uut.waiting.next = true;
            // It may be held up for its own reasons.
            let held = if rng.one_in(4) { rng.below(20) } else { 0 };
            loop {
                both.uut.ready.next = both.cycle >= waits + held;
                both.settle();
                if both.uut.go.val() {
                    break;
                }
                assert!(
                    both.cycle < waits + 4 * u64::from(length) + 20,
                    "tick {number} of period {period} does not begin"
                );
                both.tick();
            }
            let (begins, is_late) = (both.cycle, both.uut.late.val());
            both.tick();
            (both.uut.waiting.next, both.uut.ready.next) = (false, false);
            if period == 0 {
                assert_eq!((begins, is_late), (waits + held, false));
                continue;
            }
            assert_eq!(is_late, waits > due, "tick {number} of period {period}");
            assert_eq!(begins, (waits + held).max(due + 2), "tick {number} of period {period}");
            (on_time, late) = (on_time + u32::from(!is_late), late + u32::from(is_late));
        }
        assert!(period == 0 || period < 20 || (on_time > 10 && late > 10), "period {period}: {on_time}, {late}");
    }
    // Without a pace again.
    both.uut.clear.next = true;
    both.tick();
    both.uut.clear.next = false;
    (0..3).for_each(|_| both.tick());
    both.uut.ready.next = true;
    both.settle();
    assert!(both.uut.go.val());
}

#[test]
fn of_more_ticks_than_it_counts_a_board_forgets_when_they_were_due() {
    let stepper = Stepper::new(Pacer::default(), |u, level| u.clock.next = level.into()).unwrap();
    let mut pacer = Simulator::from_verilog(&generate_verilog(stepper.uut.as_ref()), &Options::default()).unwrap();
    let [period, set, waiting, ready] = ["period", "set", "waiting", "ready"].map(|name| pacer.input(name).unwrap());
    let [go, late] = ["go", "late"].map(|name| pacer.output(name).unwrap());
    let hold = |pacer: &mut Simulator, value| [waiting, ready].into_iter().for_each(|port| pacer.set(port, value));
    pacer.set(period, MIN_PERIOD.into());
    pacer.set(set, 1);
    pacer.clock();
    pacer.set(set, 0);
    // The first tick begins, and no other for longer than is counted.
    hold(&mut pacer, 1);
    pacer.run(10, &[(go, 1)]);
    pacer.clock();
    hold(&mut pacer, 0);
    (0..u64::from(MIN_PERIOD) * (MAX_DUE as u64 + 5_000)).for_each(|_| pacer.clock());
    // What was due is caught up with, a tick in four clocks, and what becomes due meanwhile.
    let (mut caught_up, start) = (0, pacer.cycle());
    loop {
        hold(&mut pacer, 1);
        pacer.run(100, &[(go, 1)]);
        if pacer.get(late) == 0 {
            break;
        }
        caught_up += 1;
        pacer.clock();
        hold(&mut pacer, 0);
        (0..3).for_each(|_| pacer.clock());
    }
    let meanwhile = (pacer.cycle() - start) as usize / MIN_PERIOD as usize;
    assert!((caught_up - meanwhile).abs_diff(MAX_DUE) <= 2, "{caught_up}, of which {meanwhile} became due meanwhile");
}

/// When each tick of the next orders begins, and what the host hears of them.
fn begins(run: &mut Run, orders: &[Order]) -> (Vec<u64>, Vec<Event>, usize) {
    run.bench.host.replies.clear();
    run.bench.host.orders.extend(orders.iter().cloned());
    let mut begins = vec![];
    while !(run.bench.host.is_done() && run.stepper.uut.quiet.val()) {
        run.clock();
        if run.stepper.uut.tick_start.val() {
            begins.push(run.stepper.cycle);
        }
        assert!(run.stepper.cycle < 2_000_000, "{}", run.bench.host.describe());
    }
    let mut decoder = Decoder::new(Train::to_host(&ArrayConfig::ready("tiny").unwrap()));
    let mut frames = 0;
    let mut events = vec![];
    for reply in &run.bench.host.replies {
        let Reply::Stream(payload) = reply else { panic!("{reply:?}") };
        events.extend(decoder.read(payload));
        frames += 1;
    }
    (begins, events, frames)
}

fn count(events: &[Event], event: Event) -> usize {
    events.iter().filter(|other| **other == event).count()
}

fn apart(begins: &[u64]) -> Vec<u64> {
    begins.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[test]
fn a_board_keeps_the_pace_and_tells_what_was_late() {
    let mut run = Run::new(Faults::default(), 61);
    run.until("synchronisation", 2_000, |run| run.bench.host.synchronised);
    let (_, events, _) = begins(&mut run, &[ticks(10)]);
    assert_eq!(count(&events, Event::Late), 0);

    // Longer than any tick, and its spikes on a line that takes a byte in a clock or two: each of them leaves before the next tick.
    run.bench.slowness = 2;
    let period = 5_000;
    let (paced, events, frames) = begins(&mut run, &[pace(period as u32), ticks(6)]);
    assert_eq!(apart(&paced), vec![period; 5]);
    assert_eq!((count(&events, Event::Tick), count(&events, Event::Late)), (6, 0));
    assert!(frames >= 5, "{frames} frames");

    // The same schedule goes on when the next command comes, late by then.
    (0..2 * period).for_each(|_| run.clock());
    let (later, events, _) = begins(&mut run, &[ticks(7)]);
    assert_eq!(count(&events, Event::Tick), 7);
    let late = count(&events, Event::Late);
    assert!((2..7).contains(&late), "{late}");
    let phase = |clock: &u64| (clock - paced[0]) % period;
    assert!(later[late..].iter().all(|begin| phase(begin) == 0), "{later:?}");
    // The late ones are the first.
    let is_late: Vec<bool> =
        (events.split(|event| *event == Event::Tick)).map(|tick| tick.last() == Some(&Event::Late)).take(7).collect();
    assert_eq!(is_late, (0..7).map(|tick| tick < late).collect::<Vec<_>>());

    // Shorter than any tick: all but the first are late, and are run as fast as without a pace.
    let (hurried, events, _) = begins(&mut run, &[pace(MIN_PERIOD), ticks(10)]);
    assert_eq!((count(&events, Event::Tick), count(&events, Event::Late)), (10, 9));
    assert!(apart(&hurried).iter().all(|clocks| *clocks < period), "{hurried:?}");

    // Another host begins without one.
    run.bench.host.begin_anew();
    run.until("synchronisation", 20_000, |run| run.bench.host.synchronised);
    let (_, events, _) = begins(&mut run, &[ticks(5)]);
    assert_eq!(count(&events, Event::Late), 0);
}

#[test]
fn the_pace_is_written_only_and_alone() {
    let mut run = Run::new(Faults::default(), 62);
    run.until("synchronisation", 2_000, |run| run.bench.host.synchronised);
    let read = Command::Read { address: Address::PACE, count: 1 };
    let further = Command::Write { address: Address::PACE.offset(1), words: vec![Word::new(1)] };
    run.bench.host.orders.extend([read.into(), further.into()]);
    run.until("replies", 20_000, |run| run.bench.host.replies.len() == 2);
    let refused = |kind, address: Address| Reply::Error { code: 3, kind, address: address.0 };
    assert_eq!(run.bench.host.replies, [refused(0x13, Address::PACE), refused(0x12, Address::PACE.offset(1))]);
}
