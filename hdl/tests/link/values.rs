//! Values that become spikes: the block that makes them against `nernst_spec::encoding`, in rust-hdl's simulator and as Verilog in netsim.

use crate::side_by_side::SideBySide;
use nernst_hdl::array::ValueAccess;
use nernst_hdl::link::ValueEncoder;
use nernst_spec::encoding::{self, Code, Coding, MAX_FULL};
use nernst_spec::link::Values;
use nernst_spec::link::frame::MAX_PAYLOAD;
use nernst_spec::link::stream::Event;
use nernst_spec::{ArrayConfig, encoding::Encoder};
use rust_hdl_bsp_ecp5::cosim::Rng;
use std::collections::VecDeque;

/// An encoder, and the executor's side of it: bytes of a payload that come at any time.
struct Bench {
    both: SideBySide<ValueEncoder>,
    bytes: VecDeque<u8>,
    left: usize,
    /// Clocks until the next byte may be in front.
    until_here: u64,
    /// The next byte comes, and an event is taken, after less than so many clocks.
    slowness: u64,
    rng: Rng,
    /// The array's side: values of lines, what was wanted of them, and for how many clocks the next event has been waited for.
    values: Vec<u8>,
    accesses: VecDeque<ValueAccess>,
    awaited: usize,
    ticking: u64,
}

/// Clocks from a line to its value.
const LATENCY: usize = 5;

impl Bench {
    fn new(config: &ArrayConfig, seed: u64) -> Self {
        let both = SideBySide::new(ValueEncoder::new(config), |u, level| u.clock.next = level.into());
        Self {
            both,
            bytes: VecDeque::new(),
            left: 0,
            until_here: 0,
            slowness: 1,
            rng: Rng::new(seed),
            values: vec![0; encoding::lines(config)],
            accesses: VecDeque::new(),
            awaited: 0,
            ticking: 0,
        }
    }

    fn clock(&mut self) {
        self.both.settle();
        let u = &mut self.both.uut;
        let taken = u.taken.val();
        let take = self.until_here == 0 && u.wants.val();
        assert!(!(u.wants.val() && self.left == 0), "wants a byte behind the last");
        let none_left = self.left == 0;
        let access = u.access.val();
        self.accesses.push_front(access);
        self.accesses.truncate(LATENCY + 1);
        if access.write {
            self.values[access.line.index()] = access.value.to_u8();
        }
        // An event is waited for, but for a while after the end of a tick. A value is right when it has been for long enough.
        let awaited = !u.spike.val() && !u.tick.val() && self.ticking == 0;
        self.ticking = self.ticking.saturating_sub(1);
        if u.tick.val() {
            self.ticking = self.rng.below(self.slowness);
        }
        self.awaited = if awaited { self.awaited + 1 } else { 0 };
        u.awaited.next = awaited;
        let wanted = self.accesses.get(LATENCY).filter(|wanted| wanted.active && self.awaited >= LATENCY);
        let value = wanted.and_then(|wanted| self.values.get(wanted.line.index()));
        u.value_here.next = value.map_or(self.rng.bits(), |&value| u64::from(value).into());
        self.both.tick();
        let u = &mut self.both.uut;
        // As `left` and `none_left` of the executor.
        u.none_left.next = none_left;
        self.left -= usize::from(taken);
        u.taken.next = take;
        u.front.next = self.rng.bits();
        self.until_here = self.until_here.saturating_sub(1);
        if take {
            u.front.next = u64::from(self.bytes.pop_front().unwrap()).into();
            self.until_here = 2 + self.rng.below(self.slowness);
        }
    }

    fn start(&mut self, payload: &[u8]) {
        self.bytes = payload.iter().copied().collect();
        self.left = payload.len();
        (0..3).for_each(|_| self.clock());
        self.both.uut.start.next = true;
        self.clock();
        self.both.uut.start.next = false;
    }
    fn stop(&mut self) {
        self.both.uut.stop.next = true;
        (0..2).for_each(|_| self.clock());
        self.both.uut.stop.next = false;
        self.clock();
        let u = &self.both.uut;
        assert!(!u.wants.val() && !u.spike.val() && !u.tick.val() && !u.over.val(), "it goes on when stopped");
    }

    /// Up to so many events of the payload that was started, and whether it is over.
    fn events(&mut self, most: usize) -> (Vec<Event>, bool) {
        let (mut events, end) = (vec![], self.both.cycle + 1_000_000);
        loop {
            assert!(self.both.cycle < end, "{} events, the payload does not end", events.len());
            let u = &self.both.uut;
            assert!(u8::from(u.spike.val()) + u8::from(u.tick.val()) + u8::from(u.over.val()) < 2);
            if u.over.val() {
                return (events, true);
            }
            if !u.spike.val() && !u.tick.val() {
                self.clock();
                continue;
            }
            if events.len() == most {
                return (events, false);
            }
            let event = |u: &ValueEncoder| match u.spike.val() {
                true => Event::Spike(u.place.val().to_u16()),
                false => Event::Tick,
            };
            let first = event(u);
            for _ in 0..self.rng.below(self.slowness) {
                self.clock();
                let u = &self.both.uut;
                assert!((u.spike.val() || u.tick.val()) && event(u) == first, "{first:?} does not wait");
            }
            self.both.uut.resume.next = true;
            self.clock();
            self.both.uut.resume.next = false;
            // The end of the tick may come at once.
            let u = &self.both.uut;
            let stays = if first == Event::Tick { u.spike.val() || u.tick.val() } else { u.spike.val() };
            assert!(!stays, "{first:?} stays");
            events.push(first);
        }
    }
}

/// What a board does with a payload, and keeps of it in `lines`.
fn expected(payload: &[u8], lines: &mut [u8]) -> Vec<Event> {
    let values = Values::from_payload(payload).unwrap();
    let to = lines.iter_mut().skip(values.first.into());
    to.zip(&values.values).for_each(|(line, &value)| *line = value);
    let lines = &lines[..values.end().min(lines.len())];
    let mut encoder = Encoder::new(values.code, values.ticks);
    let ticks = std::iter::from_fn(|| encoder.tick(lines));
    ticks.flat_map(|spikes| spikes.into_iter().map(Event::Spike).chain([Event::Tick])).collect()
}

/// Any code, lines within the array and beyond it, bytes that are missing and such as are too many.
fn any_payload(lines: usize, rng: &mut Rng) -> Vec<u8> {
    let coding = if rng.one_in(2) { Coding::Rate } else { Coding::Latency };
    let fulls = [1, 2, 16, MAX_FULL, 1 + rng.below(MAX_FULL.into()) as u16, 1 + rng.below(20) as u16];
    let full = fulls[rng.below(6) as usize];
    let width = 1 + rng.below(8) as u8;
    let first = if rng.one_in(3) { rng.below(lines as u64 + 40) } else { 0 } as u16;
    let count = [0, rng.below(20), lines as u64, lines as u64 + 30, 8_000][rng.below(5) as usize] as u16;
    // Long ones fall by less than a step a tick.
    let ticks = [0, 1, 2, 16, rng.below(40), rng.below(40)][rng.below(6) as usize] as u16;
    let code = Code { coding, full, least: [0, 2, 40, rng.next_u64() as u8][rng.below(4) as usize] };
    let values = 0..usize::from(count).min(Values::most(width, MAX_PAYLOAD));
    let values = values.map(|_| rng.next_u64() as u8 & (u8::MAX >> (8 - width))).collect();
    let mut payload = Values { code, width, first, count, ticks, values }.payload();
    // Bits without a meaning.
    payload[0] |= (rng.next_u64() as u8) << 4;
    payload[4] |= (rng.next_u64() as u8) << 4;
    payload[6] |= (rng.next_u64() as u8) << 5;
    match rng.below(4) {
        0 => payload.truncate(9 + rng.below(payload.len() as u64 - 8) as usize),
        1 if payload.len() < MAX_PAYLOAD => payload.push(rng.next_u64() as u8),
        _ => {}
    }
    payload
}

#[test]
fn any_values_become_the_spikes_that_the_definition_says() {
    for (seed, inputs, rounds) in [(1, 1, 20), (2, 40, 20), (3, 64, 24), (4, 300, 4), (5, 600, 4)] {
        let config = ArrayConfig { inputs, ..ArrayConfig::ready("tiny").unwrap() };
        let mut bench = Bench::new(&config, seed);
        let mut rng = Rng::new(60 + seed);
        let mut lines = vec![0; encoding::lines(&config)];
        let (mut spikes, mut ticks) = (0, 0);
        for _ in 0..rounds {
            bench.slowness = if rng.one_in(2) { 1 } else { 20 };
            let payload = any_payload(lines.len(), &mut rng);
            if rng.one_in(8) && payload.len() == 9 {
                // Without a value nothing is kept, so that it may be stopped anywhere.
                let expected = expected(&payload, &mut lines);
                bench.start(&payload);
                let (events, _) = bench.events(rng.below(expected.len() as u64 + 1) as usize);
                assert_eq!(events, expected[..events.len()], "{inputs} inputs, {payload:02x?}");
                bench.stop();
                continue;
            }
            let expected = expected(&payload, &mut lines);
            bench.start(&payload);
            assert_eq!(bench.events(usize::MAX), (expected.clone(), true), "{inputs} inputs, {payload:02x?}");
            ticks += expected.iter().filter(|event| **event == Event::Tick).count();
            spikes += expected.iter().filter(|event| **event != Event::Tick).count();
        }
        assert!(spikes > 20 && ticks >= 20, "{inputs} inputs: {spikes} spikes, {ticks} ticks");
    }
}

#[test]
fn the_threshold_of_a_long_run_falls_as_slowly_as_it_must() {
    let mut bench = Bench::new(&ArrayConfig::ready("tiny").unwrap(), 9);
    for (full, ticks) in [(3, 2_000), (256, 700), (7, 65_535)] {
        let code = Code { coding: Coding::Latency, full, least: 1 };
        let values = Values { code, width: 3, first: 0, count: 4, ticks, values: vec![7, 3, 2, 1] };
        let payload = values.payload();
        // The longest one up to the first that is not full.
        let most = if ticks > 5_000 { 6 } else { usize::MAX };
        let expected = expected(&payload, &mut [0; 64]);
        bench.start(&payload);
        let (events, _) = bench.events(most);
        assert_eq!(events, expected[..events.len()]);
        bench.stop();
    }
}

#[test]
fn clocks_are_as_documented() {
    let mut bench = Bench::new(&ArrayConfig::ready("tiny").unwrap(), 10);
    let mut clocks = |coding, full, ticks, values: &[u8]| {
        let code = Code { coding, full, least: 0 };
        let values = Values { code, width: 8, first: 0, count: values.len() as u16, ticks, values: values.to_vec() };
        bench.start(&values.payload());
        let start = bench.both.cycle;
        bench.events(usize::MAX);
        bench.both.cycle - start
    };
    for count in 0..5u64 {
        let values = vec![0; count as usize];
        let none = clocks(Coding::Rate, 16, 0, &values);
        assert_eq!(none - clocks(Coding::Rate, 16, 0, &[]), count * (6 + 8 * 2 + 1), "{count} values");
        for ticks in 1..4 {
            // Between the ticks there are some more.
            let rate = clocks(Coding::Rate, 16, ticks, &values) - none;
            assert_eq!(rate, u64::from(ticks) * (9 + 3 * 16 + (6 * count).saturating_sub(2)), "{ticks} ticks");
        }
    }
    let silent = clocks(Coding::Rate, 8, 3, &[0, 0]);
    assert_eq!(
        clocks(Coding::Rate, 8, 3, &[255, 8]) - silent,
        3 * (4 + 1),
        "four clocks for a spike, one for the last"
    );
    // 17 steps of the threshold in both.
    assert_eq!(clocks(Coding::Latency, 16, 4, &[]) - clocks(Coding::Latency, 16, 3, &[]), 9 + 2);
    assert_eq!(clocks(Coding::Latency, 16, 1, &[]) - clocks(Coding::Latency, 15, 1, &[]), 2);
}
